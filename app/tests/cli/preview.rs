//! The window of the preview, on a display of a test's own.

mod loss;
mod mouse;
mod panels;
mod reload;
mod wayland;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use fabula_test_camera::{Manner, TestCamera};
use serde_json::Value;

use crate::cameras::hue;
use crate::display::{Capture, Display, SHIFT_L, wait_for};
use crate::pictures::read_png;
use crate::run::{Folder, SAMPLE_BOARD, can_draw, command, fabula, long_board};

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
    pub const CONTROL_L: u32 = 0xffe3;
}

/// A window on a display, ended with the test.
struct Preview {
    child: Child,
    /// What it has written to standard error.
    said: Arc<Mutex<String>>,
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
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (lines, heard) = (
            BufReader::new(child.stderr.take().unwrap()),
            Arc::clone(&said),
        );
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                eprintln!("{line}");
                heard.lock().unwrap().extend([&line, "\n"]);
            }
        });
        Self { child, said }
    }

    /// How often it has said something on standard error.
    fn times_said(&self, what: &str) -> usize {
        self.said.lock().unwrap().matches(what).count()
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
    let [frames, dropped] = ["frames", "dropped"].map(|what| report[what].as_u64().unwrap());
    // One and a half seconds of 24 frames each; a slow machine shows few of them.
    assert!(frames >= 1 && frames + dropped <= 38, "{report}");
    assert!(report["fps"].as_f64() <= Some(25.5), "{report}");
    assert!(report["first_frame_s"].as_f64() > Some(0.0), "{report}");
    assert_ne!(report["gpu"], "");
    for what in ["memory_bytes", "gpu_objects"] {
        let samples = report[what].as_array().unwrap();
        assert_eq!(samples.len(), 10, "{report}");
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
    display.type_with(SHIFT_L, key::RIGHT);
    shows("the second frame", &expected("0.0416667"));
    display.type_with(SHIFT_L, key::LEFT);
    let (first, last) = (expected("0"), expected("7.4583333"));
    shows("the first frame", &first);
    display.type_key(key::L);
    shows("the end", &last);
    display.type_key(key::J);
    display.type_key(key::J);
    shows("the beginning, backwards", &first);
    // It may just be about to stop by itself, and would go on backwards from elsewhere.
    display.type_key(key::K);
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

/// Where on the timeline the film is, from 0 to 1; it is seen while the mouse rests there.
fn played(seen: &Capture) -> Option<f64> {
    const MARGIN: usize = 16;
    const FROM_BOTTOM: usize = 12;
    const KNOB: [u8; 3] = [255, 247, 232];
    let width = seen.width - 2 * MARGIN;
    let row = seen.part([MARGIN, seen.height - FROM_BOTTOM], [width, 1]);
    let is_knob = |pixel: &[u8; 3]| KNOB.iter().zip(pixel).all(|(a, b)| a.abs_diff(*b) <= 2);
    let knob = row
        .pixels()
        .iter()
        .enumerate()
        .filter(|(_, it)| is_knob(it));
    let at: Vec<f64> = knob.map(|(x, _)| x as f64 + 0.5).collect();
    let middle = at.iter().sum::<f64>() / at.len() as f64;
    (at.len() > 4).then_some(middle / width as f64)
}

#[test]
fn a_shot_that_is_repeated_begins_again_at_its_end_until_one_leaves_it() {
    let Some(display) = ready("a_shot_that_is_repeated_begins_again") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let args = ["preview", &board, "--paused", "--at", "1.5", "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    display.point(460, 258);
    let place = || wait_for("the timeline", || played(&display.capture(window)));
    assert!((place() - 1.5 / 7.5).abs() < 0.01);
    display.type_key(key::R);
    display.type_key(key::SPACE);
    let (mut before, mut rounds) = (place(), 0);
    wait_for("the shot, again and again", || {
        let now = played(&display.capture(window))?;
        // It is on screen from the first second to the middle of the fourth.
        assert!((0.12..0.48).contains(&now), "{now}");
        rounds += u32::from(now < before - 0.1);
        before = now;
        (rounds == 2).then_some(())
    });
    display.type_key(key::END);
    display.point(240, 60);
    let last = frame(&folder, &board, "7.4583333", SIZE).inside(CONTROLS);
    display.wait_until(window, "the end", |seen| {
        seen.inside(CONTROLS).difference(&last) <= TOLERANCE
    });
    display.type_key(key::Q);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn keys_change_the_speed_and_the_window_says_so() {
    let Some(display) = ready("keys_change_the_speed") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let args = ["preview", &board, "--paused", "--at", "0", "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    // While the mouse rests on the timeline, what is said stays.
    display.point(460, 258);
    let said = |seen: &Capture| seen.part([250, 16], [230, 70]);
    let after = |what: &str, right: &dyn Fn(&Capture) -> bool| {
        wait_for(what, || {
            Some(said(&display.capture(window))).filter(|said| right(said))
        })
    };
    let differs = |from: Capture| move |said: &Capture| said.difference(&from) > 80;
    let normal = after("where it stands", &|said| said.contrast() > 80);
    let is_normal = |said: &Capture| said.difference(&normal) <= TOLERANCE;
    let is_other = differs(normal.clone());
    display.type_key(key::FASTER);
    let faster = after("a higher speed", &is_other);
    display.type_key(key::FASTER);
    after("an even higher speed", &|said| {
        is_other(said) && said.difference(&faster) > 80
    });
    display.type_key(key::SLOWER);
    after("the higher speed again", &|said| {
        said.difference(&faster) <= TOLERANCE
    });
    display.type_key(key::BACKSPACE);
    after("the speed of the film", &is_normal);
    display.type_key(key::SLOWER);
    after("a lower speed", &|said| {
        is_other(said) && said.difference(&faster) > 80
    });
    // The keys that shuttle would begin with the film's own speed.
    for _ in 0..7 {
        display.type_key(key::FASTER);
    }
    display.type_key(key::SPACE);
    display.point(240, 60);
    let last = frame(&folder, &board, "7.4583333", SIZE).inside(CONTROLS);
    display.wait_until(window, "the end", |seen| {
        seen.inside(CONTROLS).difference(&last) <= TOLERANCE
    });
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
fn a_window_that_comes_to_a_monitor_with_fine_pixels_keeps_its_size_and_gains_pixels() {
    let Some(display) = ready("a_window_that_comes_to_a_monitor_with_fine_pixels") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let args = [
        "preview", &board, "--paused", "--at", "3", "--size", "320x180",
    ];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    for (dpi, size) in [(96, "320x180"), (192, "640x360"), (96, "320x180")] {
        let expected = frame(&folder, &board, "3", size);
        display.set_dpi(window, dpi);
        display.wait_until(window, size, |seen| seen.difference(&expected) <= TOLERANCE);
    }
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
fn a_window_that_is_closed_while_it_exports_leaves_no_file() {
    let Some(display) = ready("a_window_that_is_closed_while_it_exports") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", long_board());
    let args = ["preview", &board, "--paused", "--at", "3", "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    display.wait_until(window, "a picture", |seen| seen.contrast() > 80);
    display.type_key(key::E);
    let begun = folder.path(".board.mp4.part");
    wait_for("an unfinished film", || begun.exists().then_some(()));
    display.type_key(key::Q);
    assert_eq!(preview.code(), Some(0));
    assert_eq!(folder.names(), ["board.json"]);
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

    look("its next colour", &|hue, says| hue != first && !says);
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
