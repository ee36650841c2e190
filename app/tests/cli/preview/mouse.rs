//! What the mouse does on the picture and on the timeline.

use fabula_story::Timeline;

use super::{CONTROLS, Preview, SIZE, TOLERANCE, frame, key, ready};
use crate::backdrops::{board_before, plain};
use crate::cameras::hue;
use crate::display::wait_for;
use crate::run::{Folder, SAMPLE_BOARD};

#[test]
fn the_mouse_on_the_timeline_shows_the_film_at_that_time() {
    let Some(display) = ready("the_mouse_on_the_timeline") else {
        return;
    };
    let folder = Folder::new();
    let walls = [
        ("a.png", [200, 30, 20]),
        ("b.png", [20, 200, 30]),
        ("c.png", [20, 30, 200]),
    ];
    for (name, color) in walls {
        folder.with(name, plain(color));
    }
    let film = board_before(&walls.map(|(name, _)| name));
    let timeline = Timeline::new(&film);
    let board = folder.with("board.json", film.to_json());
    let args = [
        "preview", &board, "--paused", "--at", "0", "--size", "640x360",
    ];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    display.wait_until(window, "the black beginning", |seen| {
        seen.contrast() <= TOLERANCE
    });
    // The small picture is 176 points wide and stands over the mouse; the wall is seen in its
    // upper left corner.
    for scene in [3, 1, 2] {
        let [start_s, end_s] =
            [scene, scene + 1].map(|segment| timeline.segment_start_s(segment).unwrap());
        let share = f64::midpoint(start_s, end_s) / timeline.duration_s();
        let x = 16.0 + share * 608.0;
        display.point(x as i16, 348);
        display.wait_until(window, "the scene there", |seen| {
            hue(&seen.part([x as usize - 70, 228], [9, 9]).middle()) == Some(scene - 1)
        });
    }
    display.point(320, 60);
    display.wait_until(window, "the black picture alone", |seen| {
        seen.inside(CONTROLS).contrast() <= TOLERANCE
    });
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn the_timeline_is_dragged_and_the_wheel_goes_through_the_film() {
    let Some(display) = ready("the_timeline_is_dragged") else {
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
    // The timeline is 448 pixels wide; it follows the mouse also far from it.
    display.press(128, 258);
    display.point(180, 200);
    display.point(240, 120);
    display.release();
    shows("the middle of the film", "3.75");
    // What X has as buttons, winit takes for two notches: one for the press, one for the release.
    display.point(300, 130);
    display.turn_wheel(true);
    shows("two seconds later, as the timeline was let go", "5.75");
    display.turn_wheel(false);
    display.turn_wheel(false);
    shows("four seconds earlier", "1.75");
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn a_click_on_the_picture_plays_and_a_double_click_fills_the_screen() {
    let Some(display) = ready("a_click_on_the_picture_plays") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let args = ["preview", &board, "--paused", "--at", "6.5", "--size", SIZE];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let [before, last] = ["6.5", "7.4583333"].map(|at_s| frame(&folder, &board, at_s, SIZE));
    for (what, expected) in [("the frame", before), ("the end, played", last)] {
        let expected = expected.inside(CONTROLS);
        display.wait_until(window, what, |seen| {
            seen.inside(CONTROLS).difference(&expected) <= TOLERANCE
        });
        display.click(240, 100);
    }
    // On a busy machine the clicks of one pair may come too far apart.
    display.watch_requests();
    wait_for("the wish for the whole screen", || {
        display.click(240, 100);
        display.click(240, 100);
        let asked = display.has_asked(window, "_NET_WM_STATE_FULLSCREEN", true);
        asked.then_some(())
    });
    display.type_key(key::Q);
    assert_eq!(preview.code(), Some(0));
}
