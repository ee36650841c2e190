//! Pictures of one's own behind the actors.

use fabula_story::{Backdrop, Storyboard, Transition, TransitionKind};

use crate::pictures::read_png;
use crate::run::{Folder, SAMPLE_BOARD, can_draw, fabula};

/// The sample storyboard with `file` behind its first scene.
pub fn board(file: &str) -> String {
    let mut board = Storyboard::from_json(SAMPLE_BOARD).unwrap();
    board.scenes[0].backdrop = Backdrop::Textured {
        file: file.to_owned(),
    };
    board.to_json()
}

/// The sample storyboard with its first scene once before each of these pictures.
pub fn board_before(files: &[&str]) -> Storyboard {
    let mut board = Storyboard::from_json(SAMPLE_BOARD).unwrap();
    let scene = board.scenes[0].clone();
    let scenes = files.iter().zip(1..).map(|(file, number)| {
        let mut scene = scene.clone();
        scene.id = format!("s{number}");
        scene.transition = Transition {
            kind: TransitionKind::Cut,
            duration_s: 0.0,
        };
        scene.backdrop = Backdrop::Textured {
            file: (*file).to_owned(),
        };
        for (shot, place) in scene.shots.iter_mut().zip(1..) {
            shot.id = format!("s{number}.{place}");
        }
        scene
    });
    board.scenes = scenes.collect();
    board
}

/// A PNG file of one colour.
pub fn plain(rgb: [u8; 3]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 32, 18);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&rgb.repeat(32 * 18)).unwrap();
    drop(writer);
    bytes
}

#[test]
fn a_picture_beside_the_storyboard_stands_behind_the_actors() {
    if !can_draw("a_picture_beside_the_storyboard_stands_behind_the_actors") {
        return;
    }
    let folder = Folder::new();
    std::fs::create_dir(folder.path("pictures")).unwrap();
    folder.with("pictures/wall.png", plain([20, 200, 30]));
    let board = folder.with("board.json", board("pictures/wall.png"));
    let frame = folder.arg("frame.png");
    fabula(&["frame", &board, "--at", "3", "--size", "low", "-o", &frame]).assert_success();
    let (_, _, rgba) = read_png(&folder.path("frame.png"));
    assert!(rgba[1] > 2 * rgba[0].max(rgba[2]), "{:?}", &rgba[..4]);
}

#[test]
fn a_picture_that_cannot_be_used_is_named_before_anything_is_made() {
    let folder = Folder::new();
    let board = folder.with("board.json", board("wall.png"));
    let film = folder.arg("film.mp4");
    let render = || fabula(&["render", &board, "-o", &film]);
    render().assert_failure(3, &["wall.png", "beside the storyboard"]);
    folder.with("wall.png", "no picture at all");
    render().assert_failure(3, &["wall.png", "neither PNG nor JPEG"]);
    folder.with("wall.png", &plain([9; 3])[..60]);
    render().assert_failure(3, &["wall.png", "damaged", "save it anew"]);
    assert_eq!(folder.names(), ["board.json", "wall.png"]);
}

#[test]
fn a_film_is_taken_up_again_only_where_its_picture_is_the_same() {
    if !can_draw("a_film_is_taken_up_again_only_where_its_picture_is_the_same") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", board("wall.png"));
    let render = |film: &str, options: &[&str]| {
        let picture = ["--size", "low", "--fps", "15", "--captions", "none"];
        let film = folder.arg(film);
        let args = [&["render", &board, "-o", &film], &picture[..], options].concat();
        fabula(&args).assert_success();
        std::fs::read(film).unwrap()
    };
    folder.with("wall.png", plain([20, 200, 30]));
    let green = render("film.mp4", &[]);
    assert!(render("film.mp4", &["--resume"]) == green);
    folder.with("wall.png", plain([20, 30, 200]));
    let blue = render("other.mp4", &[]);
    assert!(blue != green, "the picture is not seen");
    assert!(render("film.mp4", &["--resume", "--force"]) == blue);
}
