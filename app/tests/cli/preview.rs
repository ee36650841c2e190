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
    pub const ESCAPE: u32 = 0xff1b;
    pub const HOME: u32 = 0xff50;
    pub const RIGHT: u32 = 0xff53;
    pub const DOWN: u32 = 0xff54;
    pub const END: u32 = 0xff57;
    pub const SPACE: u32 = ' ' as u32;
    pub const PERIOD: u32 = '.' as u32;
    pub const QUESTION: u32 = '?' as u32;
    pub const TAB: u32 = 0xff09;
    pub const RETURN: u32 = 0xff0d;
    pub const A: u32 = 'a' as u32;
    pub const K: u32 = 'k' as u32;
    pub const E: u32 = 'e' as u32;
    pub const S: u32 = 's' as u32;
}

/// A window on a display, ended with the test.
struct Preview {
    child: Child,
}

impl Preview {
    fn start(display: &Display, folder: &Folder, args: &[&str]) -> Self {
        let mut command = command(args);
        command
            .current_dir(folder.path(""))
            .env("DISPLAY", &display.name)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
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
    assert_eq!(text, SAMPLE_BOARD.replacen("\"Vix\"", "\"rena\"", 1));
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
