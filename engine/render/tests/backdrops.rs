//! Pictures of one's own behind the actors.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;

use fabula_render::{
    BackdropPicture, BackdropSource, CameraSource, Film, FilmOptions, FrameSize, Gpu, GpuChoice,
    Picture, RenderError,
};
use fabula_story::{Backdrop, CameraMove, DayTime, Storyboard, StreamUrl};

const SAMPLE: &str = include_str!("../../story/tests/samples/storyboard.json");
const FPS: u32 = 15;

fn device() -> Option<Gpu> {
    match Gpu::open(&GpuChoice::Auto) {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    }
}

/// The sample with a picture behind its first scene, and nobody before it.
fn board(file: &str) -> Storyboard {
    let mut board = Storyboard::from_json(SAMPLE).unwrap();
    board.scenes[0].backdrop = Backdrop::Textured {
        file: file.to_owned(),
    };
    board.scenes[0].setting.time = DayTime::Day;
    for shot in &mut board.scenes[0].shots {
        shot.mood.intensity = 0.0;
        shot.actors.clear();
        shot.focus.clear();
        shot.speech.clear();
        shot.captions.clear();
    }
    board
}

/// Red on the left and blue on the right, 90 by 40 pixels.
fn halves() -> Picture {
    let row = [[220, 40, 40, 255].repeat(45), [40, 40, 220, 255].repeat(45)].concat();
    Picture {
        width: 90,
        height: 40,
        rgba: row.repeat(40),
    }
}

fn plain(pixel: [u8; 4]) -> Picture {
    Picture {
        width: 16,
        height: 9,
        rgba: pixel.repeat(16 * 9),
    }
}

fn source(pictures: &[(&str, Picture)]) -> Arc<dyn BackdropSource> {
    let ready = pictures.iter().map(|(name, picture)| {
        let picture = BackdropPicture::new(picture.clone()).unwrap();
        ((*name).to_owned(), Arc::new(picture))
    });
    Arc::new(ready.collect::<BTreeMap<_, _>>())
}

fn film<'a>(gpu: &'a Gpu, board: &'a Storyboard) -> Film<'a> {
    let size = FrameSize::new(320, 180).unwrap();
    Film::new(gpu, board, size, FilmOptions::default()).unwrap()
}

/// Red, green and blue at a place in the picture, 0 to 1 in both directions.
fn color(picture: &Picture, x: f32, y: f32) -> [u8; 3] {
    let column = (x * picture.width as f32) as u32;
    let row = (y * picture.height as f32) as u32;
    let at = (row * picture.width + column) as usize * 4;
    [at, at + 1, at + 2].map(|at| picture.rgba[at])
}

#[test]
fn a_picture_of_ones_own_fills_the_film_behind_the_actors() {
    let Some(gpu) = device() else { return };
    let board = board("halves.png");
    let mut film = film(&gpu, &board);
    film.set_backdrops(source(&[("halves.png", halves())]));
    let still = film.still(2.9).unwrap();
    for y in [0.02, 0.5, 0.97] {
        for (x, red) in [(0.01, true), (0.4, true), (0.6, false), (0.99, false)] {
            let [r, _, b] = color(&still, x, y);
            assert_eq!(r > b, red, "{r} {b} at {x} {y}");
        }
    }
}

#[test]
fn a_picture_takes_on_the_time_of_day() {
    let Some(gpu) = device() else { return };
    let mut board = board("plain.png");
    let backdrops = source(&[("plain.png", plain([200, 200, 200, 255]))]);
    let mut seen = Vec::new();
    for time in [DayTime::Day, DayTime::Night] {
        board.scenes[0].setting.time = time;
        let mut film = film(&gpu, &board);
        film.set_backdrops(Arc::clone(&backdrops));
        seen.push(color(&film.still(2.9).unwrap(), 0.5, 0.4));
    }
    let [[day_r, _, day_b], [night_r, _, night_b]] = seen[..] else {
        panic!("{seen:?}")
    };
    assert!(night_r < day_r / 2 && night_b > night_r, "{seen:?}");
    assert!(day_r.abs_diff(day_b) < 20, "{seen:?}");
}

#[test]
fn a_picture_that_nobody_has_is_named() {
    let Some(gpu) = device() else { return };
    let board = board("lost.png");
    let mut film = film(&gpu, &board);
    for with_source in [false, true] {
        if with_source {
            film.set_backdrops(source(&[("other.png", halves())]));
        }
        let refused = film.draw(2.9).unwrap_err();
        assert!(matches!(refused, RenderError::Backdrop { .. }));
        assert!(refused.to_string().contains("lost.png"), "{refused}");
    }
}

#[test]
fn the_identity_of_frames_changes_with_the_picture_and_only_where_it_is_seen() {
    let Some(gpu) = device() else { return };
    let board = board("a.png");
    let identities = |pixel| {
        let mut film = film(&gpu, &board);
        film.set_backdrops(source(&[("a.png", plain(pixel))]));
        let count = film.frame_count(FPS);
        [
            film.identity(FPS, 0..1),
            film.identity(FPS, count / 2 - 4..count / 2),
            film.identity(FPS, count - 1..count),
        ]
    };
    let [one, other] = [[9, 9, 9, 255], [9, 9, 10, 255]].map(identities);
    assert_eq!(one, identities([9, 9, 9, 255]));
    assert_ne!(one[0], other[0], "it stands behind the title");
    assert_ne!(one[1], other[1]);
    assert_eq!(one[2], other[2], "the end has a place of its own");
}

#[test]
fn another_film_with_the_same_kit_shows_its_own_pictures() {
    let Some(gpu) = device() else { return };
    let board = board("a.png");
    let size = FrameSize::new(320, 180).unwrap();
    let mut first = film(&gpu, &board);
    first.set_backdrops(source(&[("a.png", plain([200, 20, 20, 255]))]));
    first.draw(2.9).unwrap();
    let mut second =
        Film::with_kit(&gpu, first.into_kit(), &board, size, FilmOptions::default()).unwrap();
    second.set_backdrops(source(&[("a.png", plain([20, 200, 20, 255]))]));
    let [r, g, _] = color(&second.still(2.9).unwrap(), 0.5, 0.4);
    assert!(g > r, "{r} {g}");
}

/// Shows red in even frames and blue in odd ones, from the third second on in another size.
struct Blinking;

impl CameraSource for Blinking {
    fn picture(
        &mut self,
        camera: &StreamUrl,
        film_s: f64,
    ) -> Result<Arc<BackdropPicture>, RenderError> {
        assert_eq!(camera.with_secrets(), CAMERA);
        let frame = (film_s * f64::from(FPS)).round() as u32;
        let pixel = match frame % 2 {
            0 => [200, 30, 30, 255],
            _ => [30, 30, 200, 255],
        };
        let mut picture = plain(pixel);
        if film_s >= 3.0 {
            picture = Picture {
                width: 40,
                height: 30,
                rgba: pixel.repeat(40 * 30),
            };
        }
        BackdropPicture::of_camera(picture).map(Arc::new)
    }
}

const CAMERA: &str = "rtsp://ann:secret@camera.local/door";

fn filmed_board() -> Storyboard {
    let mut board = board("unused.png");
    board.scenes[0].backdrop = Backdrop::Live {
        url: CAMERA.parse().unwrap(),
    };
    board
}

#[test]
fn what_a_camera_shows_is_new_in_every_frame_whether_the_film_s_camera_moves_or_not() {
    let Some(gpu) = device() else { return };
    for camera in [CameraMove::Hold, CameraMove::PushIn] {
        let mut board = filmed_board();
        for shot in &mut board.scenes[0].shots {
            shot.camera = camera;
        }
        let mut film = film(&gpu, &board);
        film.set_cameras(Box::new(Blinking));
        let mut wrong = Vec::new();
        // From before the change of size to after it.
        film.export(FPS, 42..48, |frame| {
            // The last of the planes, V, is a sixth of all, and high where it is red.
            let middle = frame.planes.len() * 11 / 12;
            if (frame.planes[middle] > 140) != (frame.index % 2 == 0) {
                wrong.push(frame.index);
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(wrong, [0; 0], "{camera:?}");
    }
}

#[test]
fn a_camera_that_nobody_receives_is_told_without_its_address() {
    let Some(gpu) = device() else { return };
    let board = filmed_board();
    let refused = film(&gpu, &board).draw(2.9).unwrap_err();
    assert!(matches!(refused, RenderError::Camera(_)));
    assert!(!refused.to_string().contains("secret"), "{refused}");
}

#[test]
fn frames_that_show_a_camera_are_never_the_same_again() {
    let Some(gpu) = device() else { return };
    let board = filmed_board();
    let film = film(&gpu, &board);
    let count = film.frame_count(FPS);
    let filmed = count / 2 - 4..count / 2;
    assert_ne!(
        film.identity(FPS, filmed.clone()),
        film.identity(FPS, filmed)
    );
    let end = count - 1..count;
    assert_eq!(film.identity(FPS, end.clone()), film.identity(FPS, end));
    assert_eq!(film.cameras().len(), 1);
}
