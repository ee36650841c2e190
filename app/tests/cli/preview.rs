use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use fabula_test_camera::{Manner, TestCamera};
use serde_json::Value;

use crate::backdrops::{self, plain};
use crate::cameras::hue;
use crate::display::{Capture, Display, wait_for};
use crate::pictures::read_png;
use crate::run::{Folder, SAMPLE_BOARD, SHORT_STORY, can_draw, command, fabula};

/// The window shows the very bytes of `fabula frame`; a driver may round the last bit otherwise.
const TOLERANCE: u8 = 1;
const SIZE: &str = "480x270";
/// What controls lie over at most, in pixels from the edges.
const CONTROLS: [usize; 2] = [0, 60];

mod key {
    pub const BACKSPACE: u32 = 0xff08;
    pub const ESCAPE: u32 = 0xff1b;
    pub const HOME: u32 = 0xff50;
    pub const LEFT: u32 = 0xff51;
    pub const UP: u32 = 0xff52;
    pub const RIGHT: u32 = 0xff53;
    pub const DOWN: u32 = 0xff54;
    pub const END: u32 = 0xff57;
    pub const SPACE: u32 = ' ' as u32;
    pub const PERIOD: u32 = '.' as u32;
    pub const COMMA: u32 = ',' as u32;
    pub const SLOWER: u32 = '[' as u32;
    pub const FASTER: u32 = ']' as u32;
    pub const QUESTION: u32 = '?' as u32;
    pub const TAB: u32 = 0xff09;
    pub const RETURN: u32 = 0xff0d;
    pub const A: u32 = 'a' as u32;
    pub const E: u32 = 'e' as u32;
    pub const F: u32 = 'f' as u32;
    pub const J: u32 = 'j' as u32;
    pub const K: u32 = 'k' as u32;
    pub const L: u32 = 'l' as u32;
    pub const Q: u32 = 'q' as u32;
    pub const R: u32 = 'r' as u32;
    pub const S: u32 = 's' as u32;
    pub const Z: u32 = 'z' as u32;
    pub const LARGE_Z: u32 = 'Z' as u32;
}

/// A window on a display, ended with the test.
struct Preview {
    child: Child,
}

impl Preview {
    fn start(display: &Display, folder: &Folder, args: &[&str]) -> Self {
        Self::start_with(display, folder, args, &[])
    }

    fn start_with(
        display: &Display,
        folder: &Folder,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = command(args);
        command
            .current_dir(folder.path(""))
            .env("DISPLAY", &display.name)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped());
        let child = command.spawn().unwrap();
        Self { child }
    }

    fn code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `fabula frame` draws.
fn frame(folder: &Folder, story: &str, at_s: &str, size: &str) -> Capture {
    let png = folder.arg("expected.png");
    fabula(&["frame", story, "--at", at_s, "--size", size, "-o", &png]).assert_success();
    Capture::of(read_png(Path::new(&png)))
}

fn frame_without_captions(folder: &Folder, story: &str, at_s: &str, size: &str) -> Capture {
    let png = folder.arg("expected.png");
    let args = ["frame", story, "--at", at_s, "--size", size, "-o", &png];
    fabula(&[&args[..], &["--captions", "none"]].concat()).assert_success();
    Capture::of(read_png(Path::new(&png)))
}

fn ready(test: &str) -> Option<Display> {
    can_draw(test).then(|| Display::open(test)).flatten()
}

#[test]
fn without_a_display_it_ends_with_code_4_and_one_sentence() {
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    for (story, code, part) in [
        (board.as_str(), 4, "display"),
        ("/nowhere/story.txt", 3, "/nowhere/story.txt"),
    ] {
        let output = command(&["preview", story])
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.starts_with("fabula: ") && said.contains(part),
            "{said}"
        );
    }
}

#[test]
fn a_check_plays_and_prints_what_was_measured() {
    let Some(display) = ready("a_check_plays_and_prints_what_was_measured") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let output = command(&["preview", &board, "--check", "1.5", "--size", "low"])
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["frames"].as_u64() > Some(1), "{report}");
    assert!(report["frames"].as_u64() <= Some(38), "{report}");
    assert!(report["dropped"].as_u64() <= Some(36), "{report}");
    assert!(report["fps"].as_f64() > Some(0.5), "{report}");
    assert!(report["fps"].as_f64() <= Some(25.5), "{report}");
    assert_ne!(report["gpu"], "");
    for what in ["memory_bytes", "gpu_objects"] {
        let samples = report[what].as_array().unwrap();
        assert!(samples.len() >= 2, "{report}");
        assert!(samples.iter().all(|it| it.as_u64() > Some(20)), "{report}");
    }
    // A machine with much else to do may draw fewer pixels.
    let size = report["size"].as_str().unwrap();
    assert!(size == "320x240" || said.contains(size), "{report} {said}");
}

#[test]
fn a_paused_window_shows_the_frame_of_the_film_and_keys_go_through_it() {
    let Some(display) = ready("a_paused_window_shows_the_frame_of_the_film") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let expected = |at_s| frame(&folder, &board, at_s, SIZE);
    let first = expected("2.5");
    let args = ["preview", &board, "--paused", "--at", "2.5", "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    assert_eq!(display.title(window), "The Fox at Dusk – fabula");
    let shows = |what: &str, expected: &Capture| {
        let expected = expected.inside(CONTROLS);
        display.wait_until(window, what, |seen| {
            (seen.width, seen.height) == (480, 270)
                && seen.inside(CONTROLS).difference(&expected) <= TOLERANCE
        });
    };
    display.wait_until(window, "the whole frame", |seen| {
        seen.difference(&first) <= TOLERANCE
    });

    display.type_key(key::PERIOD);
    shows("the next frame", &expected("2.5416667"));
    display.type_key(key::END);
    let last = expected("7.4583333");
    shows("the last frame", &last);
    display.type_key(key::HOME);
    display.type_key(key::DOWN);
    shows("the first scene", &expected("1.0"));
    display.type_key(key::RIGHT);
    shows("five seconds later", &expected("6.0"));
    display.type_key(key::SPACE);
    shows("the end of the film, played", &last);

    // It may just be about to stop by itself.
    display.type_key(key::K);
    display.type_key(key::HOME);
    let black = expected("0");
    shows("the beginning", &black);
    display.type_key(key::QUESTION);
    display.wait_until(window, "the help", |seen| {
        seen.inside(CONTROLS).difference(&black.inside(CONTROLS)) > 100
    });
    display.type_key(key::ESCAPE);
    shows("the picture without the help", &black);
    // The bar lies along the lower edge; in its middle is the middle of the film.
    display.click(240, 258);
    display.wait_until(window, "another picture", |seen| {
        seen.inside(CONTROLS).difference(&black.inside(CONTROLS)) > TOLERANCE
    });
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn keys_go_back_and_play_in_both_directions_and_at_other_speeds() {
    let Some(display) = ready("keys_go_back_and_play_in_both_directions") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let expected = |at_s| frame(&folder, &board, at_s, SIZE);
    let args = ["preview", &board, "--paused", "--at", "6.5", "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let shows = |what: &str, expected: &Capture| {
        let expected = expected.inside(CONTROLS);
        display.wait_until(window, what, |seen| {
            seen.inside(CONTROLS).difference(&expected) <= TOLERANCE
        });
    };
    shows("the frame", &expected("6.5"));
    display.type_key(key::LEFT);
    shows("five seconds earlier", &expected("1.5"));
    display.type_key(key::COMMA);
    shows("the frame before", &expected("1.4583334"));
    // So near to the beginning of a scene, it is the one before that is meant.
    display.type_key(key::UP);
    shows("the scene before", &expected("0"));
    // At a quarter and four times of its speed, the film comes to the same ends.
    let (first, last) = (expected("0"), expected("7.4583333"));
    for faster in [key::FASTER; 5] {
        display.type_key(faster);
    }
    display.type_key(key::L);
    shows("the end", &last);
    for slower in [key::SLOWER, key::BACKSPACE] {
        display.type_key(slower);
    }
    display.type_key(key::J);
    display.type_key(key::J);
    shows("the beginning, backwards", &first);
    // It may just be about to stop by itself, and would go on backwards from elsewhere.
    display.type_key(key::K);
    // What is repeated is left by whoever goes elsewhere.
    display.type_key(key::DOWN);
    display.type_key(key::R);
    display.type_key(key::END);
    shows("the end again", &last);

    display.watch_requests();
    let whole_screen = "_NET_WM_STATE_FULLSCREEN";
    display.type_key(key::F);
    display.wait_for_request(window, whole_screen, true);
    display.type_key(key::ESCAPE);
    display.wait_for_request(window, whole_screen, false);
    shows("the end, in a window again", &last);
    display.type_key(key::Q);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn a_window_that_was_hidden_or_carried_elsewhere_goes_on() {
    let Some(display) = ready("a_window_that_was_hidden_or_carried_elsewhere") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let args = ["preview", &board, "--paused", "--at", "6", "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let shows = |what: &str, at_s: &str| {
        let expected = frame(&folder, &board, at_s, SIZE).inside(CONTROLS);
        display.wait_until(window, what, |seen| {
            seen.inside(CONTROLS).difference(&expected) <= TOLERANCE
        });
    };
    shows("the frame", "6");
    display.hide(window);
    display.show(window);
    shows("the frame again", "6");
    display.carry(window, 700, 500);
    display.type_key(key::HOME);
    shows("another frame, elsewhere", "0");
    // The film goes on while nobody sees it.
    display.type_key(key::SPACE);
    display.hide(window);
    display.show(window);
    shows("the end", "7.4583333");
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn a_display_with_fine_pixels_gets_a_picture_of_as_many() {
    let Some(display) = ready("a_display_with_fine_pixels") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let args = [
        "preview", &board, "--paused", "--at", "3", "--size", "320x180",
    ];
    let scale = [("WINIT_X11_SCALE_FACTOR", "2")];
    let mut preview = Preview::start_with(&display, &folder, &args, &scale);
    let window = display.window();
    let expected = frame(&folder, &board, "3", "640x360");
    display.wait_until(window, "the frame", |seen| {
        seen.difference(&expected) <= TOLERANCE
    });
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn pictures_and_the_film_are_saved_under_new_names() {
    let Some(display) = ready("pictures_and_the_film_are_saved_under_new_names") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    folder.with("board.mp4", "dear to somebody");
    let expected = frame(&folder, &board, "3", "160x90");
    let args = [
        "preview", &board, "--paused", "--at", "3", "--size", "160x90", "--fps", "15",
    ];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    display.wait_until(window, "the frame", |seen| {
        seen.difference(&expected) <= TOLERANCE
    });
    display.type_key(key::S);
    let still = folder.path("board-3.00s.png");
    wait_for("the picture", || still.exists().then_some(()));
    assert_eq!(
        expected.difference(&Capture::of(read_png(&still))),
        0,
        "it is the frame itself"
    );
    display.type_key(key::E);
    let film = folder.path("board-2.mp4");
    wait_for("the film", || film.exists().then_some(()));
    let kept = std::fs::read(folder.path("board.mp4")).unwrap();
    assert_eq!(kept, b"dear to somebody");
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn a_window_of_another_shape_shows_the_whole_film_in_its_middle() {
    let Some(display) = ready("a_window_of_another_shape") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let args = ["preview", &board, "--paused", "--at", "3", "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let small = frame(&folder, &board, "3", SIZE);
    display.wait_until(window, "the frame", |seen| {
        seen.difference(&small) <= TOLERANCE
    });
    let wide = frame(&folder, &board, "3", "320x180");
    for _ in 0..2 {
        display.resize(window, 1, 1);
        display.resize(window, 320, 400);
        display.wait_until(window, "the frame between dark bars", |seen| {
            (seen.width, seen.height) == (320, 400)
                && seen.inside([0, 110]).difference(&wide) <= TOLERANCE
        });
    }
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn what_is_written_is_shown_at_once_and_what_is_broken_is_not() {
    let Some(display) = ready("what_is_written_is_shown_at_once") else {
        return;
    };
    let folder = Folder::new();
    let story = folder.with("story.txt", SHORT_STORY);
    let at_s = "6";
    let args = ["preview", &story, "--paused", "--at", at_s, "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let before = frame(&folder, &story, at_s, SIZE);
    display.wait_until(window, "the frame", |seen| {
        seen.difference(&before) <= TOLERANCE
    });

    folder.with("story.txt", "");
    display.wait_until(window, "what is wrong", |seen| {
        let lower = [0, 100];
        seen.difference(&before) > 100 && seen.inside(lower).difference(&before.inside(lower)) == 0
    });
    folder.with("story.txt", SHORT_STORY.replace("walked", "wandered"));
    let after = frame(&folder, &story, at_s, SIZE);
    assert!(after.difference(&before) > 100, "the caption is another");
    display.wait_until(window, "the new caption", |seen| {
        seen.difference(&after) <= TOLERANCE
    });
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn a_correction_shows_in_the_running_preview_and_goes_with_its_file() {
    let Some(display) = ready("a_correction_shows_in_the_running_preview") else {
        return;
    };
    let folder = Folder::new();
    let story = folder.with("story.txt", SHORT_STORY);
    let at_s = "6";
    let args = ["preview", &story, "--paused", "--at", at_s, "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let shows = |what: &str, expected: &Capture| {
        display.wait_until(window, what, |seen| seen.difference(expected) <= TOLERANCE);
    };
    let before = frame(&folder, &story, at_s, SIZE);
    shows("the frame", &before);

    let rabbit = "[[character]]\nname = \"Mia\"\nbeing = \"rabbit\"\n";
    let corrections = folder.with("cast.toml", rabbit);
    let after = frame(&folder, &story, at_s, SIZE);
    assert!(after.difference(&before) > 100, "she is a rabbit");
    shows("the corrected frame", &after);
    std::fs::remove_file(corrections).unwrap();
    shows("the frame without corrections", &before);
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn a_picture_behind_a_scene_is_shown_anew_when_its_file_changes() {
    let Some(display) = ready("a_picture_behind_a_scene_is_shown_anew") else {
        return;
    };
    let folder = Folder::new();
    folder.with("wall.png", plain([20, 200, 30]));
    let board = folder.with("board.json", backdrops::board("wall.png"));
    let at_s = "3";
    let args = ["preview", &board, "--paused", "--at", at_s, "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let shows = |what: &str, expected: &Capture| {
        display.wait_until(window, what, |seen| seen.difference(expected) <= TOLERANCE);
    };
    let green = frame(&folder, &board, at_s, SIZE);
    shows("the green wall", &green);
    folder.with("wall.png", plain([20, 30, 200]));
    let blue = frame(&folder, &board, at_s, SIZE);
    assert!(blue.difference(&green) > 50);
    shows("the blue wall", &blue);
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

/// What is drawn with art of somebody's own.
fn frame_in_art(folder: &Folder, story: &str, at_s: &str, art: &str) -> Capture {
    let png = folder.arg("expected.png");
    let args = ["frame", story, "--at", at_s, "--size", SIZE, "-o", &png];
    fabula(&[&args[..], &["--art", art]].concat()).assert_success();
    Capture::of(read_png(Path::new(&png)))
}

/// A file of fabula's art.
fn art_file(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(name)).unwrap()
}

#[test]
fn shaders_and_drawings_show_when_they_change_and_what_is_broken_is_told() {
    let Some(display) = ready("shaders_and_drawings_show_when_they_change") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let art = folder.arg("art");
    for below in ["shaders/sets", "assets/characters/animal"] {
        std::fs::create_dir_all(folder.path("art").join(below)).unwrap();
    }
    let set = "shaders/sets/forest.wgsl";
    let own_set = format!("art/{set}");
    let forest = art_file(set);
    folder.with(&own_set, &forest);
    let at_s = "3";
    let args = [
        "preview", &board, "--paused", "--at", at_s, "--size", SIZE, "--art", &art,
    ];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let shows = |what: &str, expected: &Capture| {
        display.wait_until(window, what, |seen| seen.difference(expected) <= TOLERANCE);
    };
    // What is said lies over the upper part.
    let says = |what: &str, picture: &Capture| {
        let lower = [0, 100];
        display.wait_until(window, what, |seen| {
            seen.difference(picture) > 100
                && seen.inside(lower).difference(&picture.inside(lower)) == 0
        });
    };
    let before = frame(&folder, &board, at_s, SIZE);
    shows("the frame", &before);

    let sky = "fn plate_sky(p: vec2f) -> vec4f {";
    assert!(forest.contains(sky));
    let green = format!("{sky}\n    if p.x < 90.0 {{ return vec4f(0.1, 0.9, 0.2, 1.0); }}");
    folder.with(&own_set, forest.replace(sky, &green));
    let green = frame_in_art(&folder, &board, at_s, &art);
    assert!(green.difference(&before) > 60);
    shows("a green sky", &green);
    folder.with(&own_set, forest.replace(sky, "fn plate_sky(p: vec2f) -> {"));
    says("where the shader is broken", &green);
    std::fs::remove_file(folder.path(&own_set)).unwrap();
    shows("the frame without it", &before);

    // It is valid, but nothing is bound to what it reads.
    let effects = "shaders/effects.wgsl";
    let misfit = art_file(effects).replace(
        "@fragment\nfn fs_effect(in: Varying) -> @location(0) vec4f {",
        "@group(3) @binding(7) var<uniform> none: vec4f;\n\
         @fragment\nfn fs_effect(in: Varying) -> @location(0) vec4f {\n\
             if none.x > 9.0 { return none; }",
    );
    folder.with(&format!("art/{effects}"), &misfit);
    // The device has much to say about it.
    display.wait_until(window, "that the shader does not fit", |seen| {
        seen.difference(&before) > 100
    });
    std::fs::remove_file(folder.path("art").join(effects)).unwrap();
    shows("the frame again", &before);

    let [scarf, hat] = ["scarf", "hat"].map(|worn| {
        let path = format!("assets/characters/animal/accessory-{worn}.svg");
        assert!(!art_file(&path).is_empty());
        path
    });
    folder.with(&format!("art/{scarf}"), art_file(&hat));
    let hatted = frame_in_art(&folder, &board, at_s, &art);
    assert!(hatted.difference(&before) > 60, "the scarf is a hat");
    shows("a hat", &hatted);
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn art_that_cannot_be_drawn_with_is_told_with_its_file_and_line() {
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let still = folder.arg("still.png");
    std::fs::create_dir_all(folder.path("art/shaders")).unwrap();
    folder.with("art/shaders/panel.wgsl", "\n\nfn broken( {\n");
    for (art, part) in [
        (folder.arg("art"), "art/shaders/panel.wgsl, line 3"),
        (folder.arg("nowhere"), "nowhere"),
    ] {
        let args = ["frame", &board, "--at", "3", "-o", &still, "--art", &art];
        let run = fabula(&args);
        run.assert_failure(3, &[part]);
        assert!(!folder.path("still.png").exists());
    }
}

/// Places in the panels of a window of 1280x720, at a scale of 1.
mod panels {
    /// The picture beside them.
    pub const PICTURE: [usize; 2] = [896, 504];
    pub const PICTURE_AT: [usize; 2] = [0, 108];
    /// The first of the cast, and its name when it is open.
    pub const MEMBER: [i16; 2] = [1080, 160];
    pub const NAME: [i16; 2] = [1140, 217];
}

#[test]
fn panels_open_beside_the_picture_and_what_is_written_there_is_in_the_file() {
    let Some(display) = ready("panels_open_beside_the_picture") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let (at_s, size) = ("4.5", "896x504");
    let args = [
        "preview", &board, "--paused", "--at", at_s, "--size", "1280x720",
    ];
    let _preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let whole = frame(&folder, &board, at_s, "1280x720");
    display.wait_until(window, "the whole frame", |seen| {
        seen.difference(&whole) <= TOLERANCE
    });

    let beside = |what: &str, expected: &Capture| {
        // The controls lie over the upper edge while they are visible.
        let expected = expected.inside([0, 40]);
        display.wait_until(window, what, |seen| {
            let picture = seen.part(panels::PICTURE_AT, panels::PICTURE);
            picture.inside([0, 40]).difference(&expected) <= TOLERANCE
        });
    };
    let before = frame(&folder, &board, at_s, size);
    display.type_key(key::TAB);
    beside("the frame beside the panels", &before);

    let written = |what: &str, right: &dyn Fn(&str) -> bool| {
        wait_for(what, || {
            let text = std::fs::read_to_string(folder.path("board.json")).ok()?;
            right(&text).then_some(text)
        })
    };
    // A click shows before the next one comes.
    let field = |seen: &Capture| {
        let [x, y] = panels::NAME.map(|at| at as usize);
        seen.part([x - 100, y - 20], [200, 40])
    };
    for (what, [x, y]) in [
        ("the open card", panels::MEMBER),
        ("the field", panels::NAME),
    ] {
        let before = field(&display.capture(window));
        display.click(x, y);
        display.wait_until(window, what, |seen| field(seen).difference(&before) > 20);
    }
    display.type_with_control(key::A);
    for letter in "rena".chars() {
        display.type_key(letter.into());
    }
    display.type_key(key::RETURN);
    let text = written("the name", &|text| text.contains("\"rena\""));
    let renamed = SAMPLE_BOARD.replacen("\"Vix\"", "\"rena\"", 1);
    assert_eq!(text, renamed);
    display.type_with_control(key::Z);
    written("the old name", &|text| text == SAMPLE_BOARD);
    display.type_with_control(key::LARGE_Z);
    written("the new name again", &|text| text == renamed);
}

#[test]
fn the_mouse_on_the_timeline_shows_the_film_at_that_time() {
    let Some(display) = ready("the_mouse_on_the_timeline") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let args = [
        "preview",
        &board,
        "--paused",
        "--at",
        "4.5",
        "--size",
        "640x360",
        "--captions",
        "none",
    ];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let expected = frame_without_captions(&folder, &board, "4.5", "640x360");
    display.wait_until(window, "the frame", |seen| {
        seen.difference(&expected) <= TOLERANCE
    });
    // Where the small picture of the middle of the film is to be, a little inside of its edges.
    let (at, size) = ([260, 190], [120, 70]);
    let before = expected.part(at, size);
    display.point(320, 348);
    display.wait_until(window, "a small picture", |seen| {
        seen.part(at, size).difference(&before) > 40
    });
    display.point(320, 60);
    display.wait_until(window, "the picture alone", |seen| {
        seen.part(at, size).difference(&before) <= TOLERANCE
    });
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn a_camera_is_seen_behind_a_film_that_stands_is_held_when_it_is_lost_and_comes_back() {
    let Some(display) = ready("a_camera_is_seen_behind_a_film_that_stands") else {
        return;
    };
    let manner = || Manner {
        each_shown: Duration::from_secs(2),
        ..Manner::default()
    };
    let camera = TestCamera::start(manner()).unwrap();
    let address = camera.address();
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let url = camera.url();
    let film = ["preview", &board, "--paused", "--at", "4.5", "--size", SIZE];
    let args = [&film[..], &["--captions", "none", "--backdrop", &url]].concat();
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    // The camera shows one colour everywhere: at the left edge, and behind what is said above.
    let seen_hue = |seen: &Capture| hue(&seen.part([8, 100], [9, 9]).middle());
    let says = |seen: &Capture| seen.part([60, 16], [360, 24]).contrast() > 80;
    let look = |what: &str, right: &dyn Fn(usize, bool) -> bool| {
        wait_for(what, || {
            let seen = display.capture(window);
            seen_hue(&seen).filter(|hue| right(*hue, says(&seen)))
        })
    };
    let first = look("the camera", &|_, says| !says);
    display.type_key(key::S);
    let still = folder.path("board-4.50s.png");
    wait_for("the picture", || still.exists().then_some(()));
    let saved = Capture::of(read_png(&still))
        .part([8, 100], [9, 9])
        .middle();
    let [least, most] = [saved.iter().min(), saved.iter().max()].map(|it| *it.unwrap());
    assert!(most > 40 + least, "{saved:?} is no colour of the camera");

    look("its next colour", &|hue, _| hue != first);
    drop(camera);
    let said = wait_for("the words about it", || {
        Some(display.capture(window)).filter(says)
    });
    let held = seen_hue(&said).expect("the last picture is held");
    let _returned = wait_for("the same port", || {
        TestCamera::start_at(address, manner()).ok()
    });
    look("another colour, without words", &|hue, says| {
        hue != held && !says
    });
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}
