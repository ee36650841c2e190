use std::path::Path;

use crate::run::{Folder, SAMPLE_BOARD, can_draw, fabula};

/// Size and RGBA bytes of a PNG.
pub fn read_png(path: &Path) -> (u32, u32, Vec<u8>) {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let mut decoder = png::Decoder::new(file);
    decoder.set_transformations(png::Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let mut rgba = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgba).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgba);
    (info.width, info.height, rgba)
}

#[test]
fn a_portrait_stands_on_a_transparent_ground() {
    if !can_draw("a_portrait_stands_on_a_transparent_ground") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let face = folder.arg("face.png");
    fabula(&[
        "avatar", &board, "--name", "old owl", "-o", &face, "--size", "200",
    ])
    .assert_success();
    let (width, height, rgba) = read_png(&folder.path("face.png"));
    assert_eq!((width, height), (200, 200));
    assert_eq!(rgba[3], 0, "the corner is empty");
    assert_eq!(rgba[(100 * 200 + 100) * 4 + 3], 255, "the middle is not");
}

#[test]
fn emotions_change_a_portrait() {
    if !can_draw("emotions_change_a_portrait") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let mut faces = Vec::new();
    for emotion in ["joy", "anger"] {
        let face = folder.arg("face.png");
        let args = [
            "avatar",
            &board,
            "--name",
            "Vix",
            "-o",
            &face,
            "--size",
            "128",
            "--emotion",
            emotion,
        ];
        fabula(&args).assert_success();
        faces.push(read_png(&folder.path("face.png")).2);
    }
    assert_ne!(faces[0], faces[1]);
}

#[test]
fn a_sheet_shows_all_that_a_character_can_be() {
    if !can_draw("a_sheet_shows_all_that_a_character_can_be") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let sheet = folder.arg("sheet.png");
    let args = [
        "avatar", &board, "--name", "Vix", "--sheet", "-o", &sheet, "--size", "64",
    ];
    fabula(&args).assert_success();
    let (width, height, rgba) = read_png(&folder.path("sheet.png"));
    // Nine faces in a row with a margin, and more rows than columns of them are wide.
    assert!((9 * 64..11 * 64).contains(&width), "{width}");
    assert!((7 * 64..10 * 64).contains(&height), "{height}");
    assert_eq!(rgba[3], 255, "the ground is not transparent");
    let large = folder.arg("large.png");
    fabula(&[
        "avatar", &board, "--name", "Vix", "--sheet", "-o", &large, "--size", "900",
    ])
    .assert_failure(2, &["400"]);
    fabula(&[&args[..], &["--emotion", "joy"]].concat()).assert_failure(2, &["--sheet"]);
}

#[test]
fn a_name_nobody_has_is_answered_with_the_names_there_are() {
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let face = folder.arg("face.png");
    fabula(&["avatar", &board, "--name", "Bob", "-o", &face])
        .assert_failure(3, &["Bob", "Vix, Old Owl"]);
    assert_eq!(folder.names(), ["board.json"]);
}

#[test]
fn the_cast_stands_on_one_sheet() {
    if !can_draw("the_cast_stands_on_one_sheet") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let sheet = folder.arg("sheet.png");
    fabula(&["cast", &board, "-o", &sheet]).assert_success();
    let (width, height, _) = read_png(&folder.path("sheet.png"));
    assert!(width >= 200 && height >= 200, "{width}x{height}");
}

#[test]
fn a_frame_after_the_end_is_wrong_usage() {
    if !can_draw("a_frame_after_the_end_is_wrong_usage") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let frame = folder.arg("frame.png");
    fabula(&["frame", &board, "--at", "1000", "-o", &frame]).assert_failure(2, &["1000", "long"]);
    fabula(&[
        "frame", &board, "--at", "2.5", "--size", "low", "-o", &frame,
    ])
    .assert_success();
    let (width, height, rgba) = read_png(&folder.path("frame.png"));
    assert_eq!((width, height), (320, 240));
    assert!(
        rgba.chunks(4).all(|pixel| pixel[3] == 255),
        "a frame is opaque"
    );
}
