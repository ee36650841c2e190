//! What cameras show behind the actors.

use fabula_story::{Backdrop, DayTime, Emotion, Storyboard};
use fabula_test_camera::{Manner, Scheme, TestCamera};
use nvenc_double::Scenario;

use crate::nvenc::with_double;
use crate::run::{Folder, SAMPLE_BOARD, can_draw, fabula, outcome_of, tool};

/// The sample storyboard in a light that leaves colours as they are.
fn board() -> Storyboard {
    let mut board = Storyboard::from_json(SAMPLE_BOARD).unwrap();
    for scene in &mut board.scenes {
        scene.setting.time = DayTime::Day;
        for shot in &mut scene.shots {
            shot.mood.emotion = Emotion::Neutral;
            shot.mood.intensity = 0.0;
        }
    }
    board
}

/// A camera that asks for a password.
fn camera() -> TestCamera {
    TestCamera::start(Manner {
        account: Some(("ann".into(), "QSECRETQ".into(), Scheme::Digest)),
        ..Manner::default()
    })
    .unwrap()
}

/// Which of red, green and blue a pixel is.
pub fn hue(pixel: &[u8]) -> Option<usize> {
    (0..3).find(|&channel| {
        let mut others = (0..3).filter(|&other| other != channel);
        others.all(|other| u32::from(pixel[channel]) > 20 + u32::from(pixel[other]) * 5 / 4)
    })
}

/// Which of red, green and blue the upper corners of each frame of a film are.
fn corners(film: &std::path::Path) -> Vec<Option<usize>> {
    const SIDES: (usize, usize) = (32, 24);
    let args = ["-v", "error", "-i", "FILE", "-vf", "scale=32:24:flags=area"];
    let raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
    let pixels = tool("ffmpeg", &[&args[..], &raw].concat(), film);
    let frames = pixels.chunks_exact(SIDES.0 * SIDES.1 * 3);
    let seen = frames.map(|frame| {
        let (left, right) = (hue(&frame[..3]), hue(&frame[(SIDES.0 - 1) * 3..][..3]));
        left.filter(|_| left == right)
    });
    seen.collect()
}

#[test]
fn a_film_shows_what_a_camera_shows_while_it_is_made() {
    if !can_draw("a_film_shows_what_a_camera_shows_while_it_is_made") {
        return;
    }
    let camera = camera();
    let folder = Folder::new();
    let board = folder.with("board.json", board().to_json());
    let film = folder.arg("film.mp4");
    let url = camera.url_with("ann:QSECRETQ");
    let size = ["--size", "low", "--fps", "15", "--captions", "none", "-vv"];
    let args = ["render", &board, "-o", &film, "--backdrop", &url];
    let made = fabula(&[&args[..], &size].concat());
    made.assert_success();
    assert!(!made.stderr.contains("QSECRETQ"), "{made:?}");
    assert!(
        made.stderr.contains("127.0.0.1"),
        "nothing was logged: {made:?}"
    );
    // The camera is red, green, blue and yellow for a second each; the film is six seconds long.
    let seen = corners(&folder.path("film.mp4"));
    for hue in 0..3 {
        let frames = seen.iter().filter(|seen| **seen == Some(hue)).count();
        assert!(frames >= 8, "{frames} of hue {hue}: {seen:?}");
    }
    assert_eq!(folder.names(), ["board.json", "film.mp4"]);

    // It is another film each time, so nothing of it is taken over.
    let again = fabula(&[&args[..], &size[..6], &["--resume", "--force"]].concat());
    again.assert_success();
    assert!(!again.last_line().contains("made earlier"), "{again:?}");
}

#[test]
fn a_film_that_nvenc_leaves_on_the_way_shows_a_camera_at_the_same_times() {
    if !can_draw("a_film_that_nvenc_leaves_on_the_way_shows_a_camera_at_the_same_times") {
        return;
    }
    let camera = camera();
    let folder = Folder::new();
    let board = folder.with("board.json", board().to_json());
    let film = folder.arg("film.mp4");
    let url = camera.url_with("ann:QSECRETQ");
    let size = ["--size", "low", "--fps", "15", "--captions", "none"];
    let args = ["render", &board, "-o", &film, "--backdrop", &url];
    let args = [&args[..], &size].concat();
    let made = outcome_of(with_double(&folder, Scenario::DeviceLost(60), &args));
    made.assert_success();
    let line = made.last_line();
    assert!(line.contains("nvenc failed at frame 60 ("), "{line}");
    assert_eq!(camera.connections(), 1, "it is recorded once");
    // What was drawn again is what was recorded before: each colour stands for its second, on and on.
    let seen = corners(&folder.path("film.mp4"));
    assert!(seen[60..].iter().flatten().count() >= 10, "{seen:?}");
    let strays = |offset: usize| {
        let wrong = |(at, hue): &(usize, &Option<usize>)| {
            hue.is_some_and(|hue| hue != (at + offset) / 15 % 4)
        };
        seen.iter().enumerate().filter(wrong).count()
    };
    assert!((0..60).any(|offset| strays(offset) <= 2), "{seen:?}");
}

#[test]
fn a_scene_of_a_storyboard_may_show_a_camera() {
    if !can_draw("a_scene_of_a_storyboard_may_show_a_camera") {
        return;
    }
    let camera = camera();
    let mut board = Storyboard::from_json(SAMPLE_BOARD).unwrap();
    board.scenes[0].backdrop = Backdrop::Live {
        url: camera.url_with("ann:QSECRETQ").parse().unwrap(),
    };
    let folder = Folder::new();
    let board = folder.with("board.json", board.to_json());
    let frame = folder.arg("frame.png");
    let args = ["frame", &board, "--at", "3", "--size", "low", "-o", &frame];
    fabula(&args).assert_success();
    assert!(camera.connections() > 0);
}

#[test]
fn a_camera_that_shows_nothing_is_told_in_a_sentence_without_its_password() {
    if !can_draw("a_camera_that_shows_nothing_is_told_in_a_sentence_without_its_password") {
        return;
    }
    let camera = camera();
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let film = folder.arg("film.mp4");
    let url = camera.url_with("ann:WRONGWORD");
    let size = ["--size", "low", "--fps", "15"];
    let args = ["render", &board, "-o", &film, "--backdrop", &url];
    let refused = fabula(&[&args[..], &size].concat());
    refused.assert_failure(3, &[&camera.url(), "does not accept", "put them right"]);
    assert!(!refused.stderr.contains("WRONGWORD"), "{refused:?}");
    assert_eq!(folder.names(), ["board.json"]);
}

#[test]
fn what_is_no_address_of_a_camera_is_wrong_usage_and_not_repeated() {
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let film = folder.arg("film.mp4");
    for url in ["http://ann:QSECRETQ@cam/", "rtsp://ann:12/QSECRETQ@cam/"] {
        let refused = fabula(&["render", &board, "-o", &film, "--backdrop", url]);
        refused.assert_failure(2, &["--backdrop", "rtsp://HOST/PATH"]);
        assert!(!refused.stderr.contains("QSECRETQ"), "{refused:?}");
    }
}
