//! The panels beside the picture, and what they do to files.

use super::{Preview, TOLERANCE, frame, key, ready};
use x11rb::protocol::xproto::Window;

use crate::display::{Capture, Display, wait_for};
use crate::run::{Folder, SAMPLE_BOARD, long_board};

/// Places in the panels of a window of 1280x720, at a scale of 1.
pub mod place {
    /// The picture beside them.
    pub const PICTURE: [usize; 2] = [896, 504];
    pub const PICTURE_AT: [usize; 2] = [0, 108];
    /// The first of the cast, and its name when it is open.
    pub const MEMBER: [i16; 2] = [1080, 160];
    pub const NAME: [i16; 2] = [1140, 217];
    /// What the panels are chosen with, and taking the last change back.
    pub const LINES: [i16; 2] = [1131, 85];
    pub const FILM: [i16; 2] = [1217, 85];
    pub const UNDO: [i16; 2] = [1172, 33];
    pub const CLOSE: [i16; 2] = [1248, 33];
    /// The words of the second line.
    pub const SECOND_LINE: [i16; 2] = [1000, 231];
    /// What exports the film, and what breaks that off.
    pub const EXPORT: [i16; 2] = [982, 200];
    pub const CANCEL: [i16; 2] = [1220, 216];
}

/// The upper part of the panels: title, buttons and what the panels are chosen with.
pub fn head(seen: &Capture) -> Capture {
    seen.part([900, 0], [370, 112])
}

/// Clicks, and waits until that shows below: a click is answered before the next one comes.
fn click(display: &Display, window: Window, what: &str, [x, y]: [i16; 2]) {
    let before = content(&display.capture(window));
    display.click(x, y);
    display.wait_until(window, what, |seen| content(seen).difference(&before) > 20);
}

/// Clicks now and then until that has an effect: where a button is about to appear, a click may
/// come too early.
fn click_until(display: &Display, what: &str, [x, y]: [i16; 2], done: impl Fn() -> bool) {
    let mut looks = 0;
    wait_for(what, || {
        if looks % 100 == 0 {
            display.click(x, y);
        }
        looks += 1;
        done().then_some(())
    });
}

/// What is below the first of the cast, or of anything: nothing there shows where the mouse is.
fn content(seen: &Capture) -> Capture {
    seen.part([1040, 197], [200, 40])
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
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let whole = frame(&folder, &board, at_s, "1280x720");
    display.wait_until(window, "the whole frame", |seen| {
        seen.difference(&whole) <= TOLERANCE
    });

    let beside = |what: &str, expected: &Capture| {
        // The controls lie over the upper edge while they are visible.
        let expected = expected.inside([0, 40]);
        display.wait_until(window, what, |seen| {
            let picture = seen.part(place::PICTURE_AT, place::PICTURE);
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
    display.wait_until(window, "the panels", |seen| head(seen).contrast() > 80);
    for (what, at) in [("the open card", place::MEMBER), ("the field", place::NAME)] {
        click(&display, window, what, at);
    }
    display.type_with(key::CONTROL_L, key::A);
    for letter in "rena".chars() {
        display.type_key(letter.into());
    }
    display.type_key(key::RETURN);
    let text = written("the name", &|text| text.contains("\"rena\""));
    let renamed = SAMPLE_BOARD.replacen("\"Vix\"", "\"rena\"", 1);
    assert_eq!(text, renamed);
    display.type_with(key::CONTROL_L, key::Z);
    written("the old name", &|text| text == SAMPLE_BOARD);
    display.type_with(key::CONTROL_L, key::LARGE_Z);
    written("the new name again", &|text| text == renamed);
    click_until(&display, "the old name, once more", place::UNDO, || {
        let text = std::fs::read_to_string(folder.path("board.json"));
        text.is_ok_and(|text| text == SAMPLE_BOARD)
    });
    let [x, y] = place::CLOSE;
    display.click(x, y);
    display.wait_until(window, "the whole frame again", |seen| {
        seen.inside([0, 40]).difference(&whole.inside([0, 40])) <= TOLERANCE
    });
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}

#[test]
fn buttons_of_the_panels_go_to_a_line_and_export_the_film_or_cancel_that() {
    let Some(display) = ready("buttons_of_the_panels") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", long_board());
    let args = [
        "preview", &board, "--paused", "--at", "1.5", "--size", "1280x720", "--fps", "30",
    ];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    let shows = |what: &str, at_s: &str| {
        let expected = frame(&folder, &board, at_s, "896x504").inside([0, 40]);
        display.wait_until(window, what, |seen| {
            let picture = seen.part(place::PICTURE_AT, place::PICTURE);
            picture.inside([0, 40]).difference(&expected) <= TOLERANCE
        });
    };
    display.type_key(key::TAB);
    display.wait_until(window, "the panels", |seen| head(seen).contrast() > 80);
    click(&display, window, "the lines", place::LINES);
    let [x, y] = place::SECOND_LINE;
    display.click(x, y);
    shows("the second line", "301.1");

    let other_files = || {
        let mut names = folder.names();
        names.retain(|name| !["board.json", "expected.png"].contains(&name.as_str()));
        names
    };
    click(&display, window, "the film", place::FILM);
    click_until(&display, "an export", place::EXPORT, || {
        !other_files().is_empty()
    });
    click_until(&display, "an empty folder", place::CANCEL, || {
        other_files().is_empty()
    });
    display.type_key(key::ESCAPE);
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}
