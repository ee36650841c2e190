//! What happens when files change while the film is open.

use std::path::Path;
use std::time::Instant;

use fabula_story::{Storyboard, Timeline};

use super::{Preview, SIZE, TOLERANCE, frame, key, played, ready};
use crate::backdrops::{board as board_over, board_before, plain};
use crate::cameras::hue;
use crate::display::{Capture, wait_for};
use crate::pictures::read_png;
use crate::run::{Folder, SAMPLE_BOARD, SHORT_STORY, fabula};

/// Whether something is said over a picture that stays: words about a file with a long path fill
/// several lines, but never the lowest third.
fn below_words(seen: &Capture, picture: &Capture) -> bool {
    let lowest = |capture: &Capture| {
        let third = capture.height / 3;
        capture.part([0, capture.height - third], [capture.width, third])
    };
    seen.difference(picture) > 100 && lowest(seen).difference(&lowest(picture)) <= TOLERANCE
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
    display.wait_until(window, "what is wrong", |seen| below_words(seen, &before));
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
    let board = folder.with("board.json", board_over("wall.png"));
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
    let says = |what: &str, picture: &Capture| {
        display.wait_until(window, what, |seen| below_words(seen, picture));
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
    std::fs::create_dir_all(folder.path("art/assets/sets")).unwrap();
    let set = "assets/sets/forest.toml";
    let raised = art_file(set).replacen("ground_y = 0.16", "ground_y = 0.2", 1);
    folder.with(&format!("art/{set}"), raised);
    let raised = frame_in_art(&folder, &board, at_s, &art);
    assert!(raised.difference(&before) > 60, "the ground is higher");
    shows("the raised ground", &raised);
    std::fs::remove_file(folder.path("art").join(set)).unwrap();
    shows("the ground as it was", &before);

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

/// What the director makes of a story.
fn storyboard(folder: &Folder, story: &str) -> Storyboard {
    let path = folder.arg("directed.json");
    fabula(&["storyboard", story, "-o", &path, "--force"]).assert_success();
    Storyboard::from_json(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_new_word_is_in_the_caption_while_the_film_plays_on() {
    /// So slowly that a busy machine has time to see the shot.
    const SPEED: f64 = 0.25;
    /// How far a busy machine may lag behind the film clock.
    const LAG_S: f64 = 1.0;

    let Some(display) = ready("a_new_word_is_in_the_caption") else {
        return;
    };
    let folder = Folder::new();
    // The caption has a second line then.
    let changed = SHORT_STORY.replacen("walked", "wandered-and-wandered", 1);
    let changed_film = storyboard(&folder, &folder.with("changed.txt", &changed));
    let story = folder.with("story.txt", SHORT_STORY);
    let film = storyboard(&folder, &story);
    let [before, after] = [&film, &changed_film].map(Timeline::new);
    let shot = &film.scenes[0].shots[0];
    let shot_s = before.segment_start_s(1).unwrap();
    let at_s = format!("{}", shot_s + shot.captions[0].start_s + 0.2);
    let speed = format!("{SPEED}");
    let args = [
        "preview", &story, "--paused", "--at", &at_s, "--speed", &speed,
    ];
    let mut preview = Preview::start(
        &display,
        &folder,
        &[&args[..], &["--size", "640x360"]].concat(),
    );
    let window = display.window();
    display.point(620, 348);
    let upper_line = |seen: &Capture| {
        let line = seen.part([195, 300], [240, 14]);
        let is_bright = |pixel: &&[u8; 3]| pixel.iter().all(|it| *it > 155);
        line.pixels().iter().filter(is_bright).count() > 80
    };
    let place = |seen: &Capture, film: &Timeline| Some(played(seen)? * film.duration_s());
    let look = || Some((display.capture(window), Instant::now()));
    display.type_key(key::R);
    let (seen, _) = wait_for("the film", || {
        look().filter(|(seen, _)| played(seen).is_some())
    });
    assert!(!upper_line(&seen));
    let stood_s = place(&seen, &before).unwrap();
    display.type_key(key::SPACE);
    let (first_s, began) = wait_for("the film, playing", || {
        let (seen, now) = look()?;
        let at_s = place(&seen, &before)?;
        (at_s > stood_s + 0.02).then_some((at_s, now))
    });

    folder.with("story.txt", &changed);
    let written = Instant::now();
    let (seen, now) = wait_for("the new caption", || {
        look().filter(|(seen, _)| played(seen).is_some() && upper_line(seen))
    });
    eprintln!("the new caption came {:?} after its word", now - written);
    let passed_s = (now - began).as_secs_f64() * SPEED;
    let at_s = place(&seen, &after).unwrap();
    let shot_ends_s = shot_s + shot.duration_s;
    if first_s + passed_s < shot_ends_s {
        assert!(
            (at_s - first_s - passed_s).abs() < LAG_S,
            "{first_s} {passed_s} {at_s}"
        );
    } else {
        // It has begun again meanwhile.
        assert!(
            (shot_s - 0.1..shot_ends_s + LAG_S).contains(&at_s),
            "{at_s}"
        );
    }
    display.type_key(key::Q);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn a_storyboard_that_is_changed_by_hand_is_shown_as_it_is_then() {
    let Some(display) = ready("a_storyboard_that_is_changed_by_hand") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let at_s = "3";
    let args = ["preview", &board, "--paused", "--at", at_s, "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let shows = |what: &str, expected: &Capture| {
        display.wait_until(window, what, |seen| seen.difference(expected) <= TOLERANCE);
    };
    let before = frame(&folder, &board, at_s, SIZE);
    shows("the frame", &before);
    folder.with("board.json", SAMPLE_BOARD.replace("\"forest\"", "\"cave\""));
    let after = frame(&folder, &board, at_s, SIZE);
    assert!(after.difference(&before) > 60);
    shows("the frame in a cave", &after);
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

/// Whether something is said over the upper edge, between what the controls say there.
fn says(seen: &Capture) -> bool {
    seen.part([140, 16], [110, 32]).contrast() > 80
}

/// The colour of the wall behind everybody.
fn wall(seen: &Capture) -> Option<usize> {
    hue(&seen.part([4, 120], [9, 9]).middle())
}

#[test]
fn a_picture_that_breaks_on_the_way_is_told_and_the_last_one_stays() {
    let Some(display) = ready("a_picture_that_breaks_on_the_way") else {
        return;
    };
    let folder = Folder::new();
    // Two are kept ready, so that the second is read again when its scene comes.
    let walls = [
        ("a.png", [200, 30, 20]),
        ("b.png", [20, 200, 30]),
        ("c.png", [20, 30, 200]),
    ];
    for (name, color) in walls {
        folder.with(name, plain(color));
    }
    let film = board_before(&walls.map(|(name, _)| name));
    let begin_s = Timeline::new(&film).segment_start_s(1).unwrap();
    let board = folder.with("board.json", film.to_json());
    let begin_s = format!("{begin_s}");
    let args = [
        "preview", &board, "--paused", "--at", &begin_s, "--size", SIZE,
    ];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let shows = |what: &str, color: usize, told: bool| {
        display.wait_until(window, what, |seen| {
            wall(seen) == Some(color) && says(seen) == told
        });
    };
    shows("the first wall", 0, false);
    folder.with("b.png", "no picture at all");
    shows("that the second is broken", 0, true);
    let told = "neither PNG nor JPEG";
    assert_eq!(preview.times_said(told), 1);
    display.type_key(key::DOWN);
    wait_for("that it cannot be drawn", || {
        (preview.times_said(told) > 1).then_some(())
    });
    shows("the first wall, still", 0, true);
    folder.with("b.png", plain(walls[1].1));
    shows("the second wall", 1, false);
    display.type_key(key::DOWN);
    shows("the third wall", 2, false);
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn a_picture_that_was_missing_is_shown_as_soon_as_it_is_there() {
    let Some(display) = ready("a_picture_that_was_missing") else {
        return;
    };
    let folder = Folder::new();
    folder.with("wall.png", plain([20, 200, 30]));
    let board = folder.with("board.json", board_over("wall.png"));
    let args = ["preview", &board, "--paused", "--at", "3", "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let shows = |what: &str, color: usize, told: bool| {
        display.wait_until(window, what, |seen| {
            wall(seen) == Some(color) && says(seen) == told
        });
    };
    shows("the green wall", 1, false);
    folder.with("board.json", board_over("later.png"));
    shows("that its picture is missing", 1, true);
    folder.with("later.png", plain([20, 30, 200]));
    shows("the blue wall", 2, false);
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}
