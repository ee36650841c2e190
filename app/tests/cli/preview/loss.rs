//! What becomes of the window when its GPU goes away.

use super::panels::{head, place};
use super::{Preview, TOLERANCE, frame, key, ready};
use crate::display::{Capture, wait_for};
use crate::run::{Folder, SAMPLE_BOARD};

#[test]
fn a_gpu_that_is_lost_is_opened_again_and_film_and_panels_are_drawn_anew() {
    let Some(display) = ready("a_gpu_that_is_lost") else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let args = [
        "preview",
        &board,
        "--paused",
        "--at",
        "1.5",
        "--size",
        "1280x720",
        "--lose-gpu",
        "4",
    ];
    let mut preview = Preview::start(&display, &folder, &args);
    let window = display.window();
    display.type_key(key::TAB);
    display.wait_until(window, "the panels", |seen| head(seen).contrast() > 80);
    // A shot that is repeated is drawn without end.
    display.type_key(key::R);
    display.type_key(key::SPACE);
    wait_for("the loss", || {
        (preview.times_said("opened again") > 0).then_some(())
    });
    display.type_key(key::K);
    display.type_key(key::HOME);
    display.type_key(key::DOWN);
    let size = format!("{}x{}", place::PICTURE[0], place::PICTURE[1]);
    let expected = frame(&folder, &board, "1.0", &size).inside([0, 40]);
    display.wait_until(window, "another frame beside the panels", |seen| {
        let picture = seen.part(place::PICTURE_AT, place::PICTURE);
        picture.inside([0, 40]).difference(&expected) <= TOLERANCE && head(seen).contrast() > 80
    });
    let [x, y] = place::MEMBER;
    let card = |seen: &Capture| seen.part([1000, y as usize + 40], [200, 60]);
    let closed = card(&display.capture(window));
    display.click(x, y);
    display.wait_until(window, "an open card", |seen| {
        card(seen).difference(&closed) > 20
    });
    assert_eq!(preview.times_said("opened again"), 1);
    display.type_key(key::ESCAPE);
    display.type_key(key::ESCAPE);
    assert_eq!(preview.code(), Some(0));
}
