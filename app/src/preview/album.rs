//! Small pictures beside the film: portraits, and what is on screen at other times. They are drawn
//! by the same renderer on a device of their own, by a thread that the film does not wait for.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use fabula::Views;
use fabula_render::{
    Art, Film, FilmKit, FilmOptions, FrameSize, Gpu, GpuChoice, GpuKind, Picture, RenderError,
    portrait,
};
use fabula_story::{Emotion, Role};
use winit::event_loop::EventLoopProxy;

use super::projector::Shared;
use super::stage::Loaded;
use super::window::Message;

/// The longer side of a picture of the film.
const STILL_PX: f32 = 256.0;
/// Sides of a portrait.
const PORTRAIT_PX: u32 = 192;
/// Wishes that wait; the oldest of more is forgotten, and made again if it is still of use.
const MOST_WISHES: usize = 64;
/// A processor that draws both has the film to itself again for at most this long.
const LONGEST_REST: Duration = Duration::from_millis(200);

/// What a picture shows.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Someone's face, in this art.
    Portrait(Box<Role>, Art),
    /// The film at a time, in milliseconds.
    Still {
        film: Arc<Loaded>,
        at_ms: u64,
        /// The mouse is on the timeline there: of such wishes only the newest counts.
        pointed: bool,
    },
}

/// A picture that was drawn.
#[derive(Debug)]
pub struct Sketch {
    pub subject: Subject,
    pub picture: Picture,
}

/// Draws what is wished for, the newest wish first, until nobody can wish any more.
pub fn draw(
    wishes: &Receiver<Subject>,
    shared: &Shared,
    messages: &EventLoopProxy<Message>,
    choice: &GpuChoice,
) {
    let mut waiting: Vec<Subject> = Vec::new();
    let mut device = None;
    loop {
        if waiting.is_empty() {
            match wishes.recv() {
                Ok(wish) => line_up(&mut waiting, wish),
                Err(_) => return,
            }
        }
        loop {
            match wishes.try_recv() {
                Ok(wish) => line_up(&mut waiting, wish),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return,
            }
        }
        let Some(subject) = waiting.pop() else {
            continue;
        };
        let size = {
            let stage = shared.lock();
            if stage.quit {
                return;
            }
            if is_stale(&subject, &stage.loaded) {
                continue;
            }
            still_size(stage.film_size)
        };
        let began = Instant::now();
        let mut opened = match device.take() {
            Some(opened) => opened,
            None => match Gpu::open(choice) {
                Ok(gpu) => Device { gpu, kit: None },
                Err(error) => {
                    tracing::warn!("there are no small pictures in the preview: {error}");
                    return;
                }
            },
        };
        match opened.draw(&subject, size, &shared.cameras) {
            Ok(picture) => {
                shared.lock().sketches.push(Sketch { subject, picture });
                // Nobody needs to know once the window is closed.
                let _ = messages.send_event(Message::Changed);
            }
            // Another one is opened for the next wish.
            Err(RenderError::Lost(_)) => continue,
            Err(error) => tracing::debug!("a small picture could not be drawn: {error}"),
        }
        if opened.gpu.description().kind == GpuKind::Cpu && shared.lock().player.playing() {
            thread::sleep(began.elapsed().min(LONGEST_REST));
        }
        device = Some(opened);
    }
}

/// Puts a wish at the end, where the next one is taken from.
fn line_up(waiting: &mut Vec<Subject>, wish: Subject) {
    if is_pointed(&wish) {
        waiting.retain(|other| !is_pointed(other));
    }
    if waiting.len() == MOST_WISHES {
        waiting.remove(0);
    }
    waiting.push(wish);
}

fn is_pointed(wish: &Subject) -> bool {
    matches!(wish, Subject::Still { pointed: true, .. })
}

/// Whether a wish is about a film that has been replaced.
fn is_stale(wish: &Subject, now: &Arc<Loaded>) -> bool {
    matches!(wish, Subject::Still { film, .. } if !Arc::ptr_eq(film, now))
}

/// The size of a picture of a film of this shape.
fn still_size(film: FrameSize) -> FrameSize {
    let (width, height) = (film.width() as f32, film.height() as f32);
    let share = (STILL_PX / width.max(height)).min(1.0);
    let even = |length: f32| (length * share / 2.0).round() as u32 * 2;
    // A film of an extreme shape would have a side too short for any picture.
    FrameSize::new(even(width), even(height)).unwrap_or(film)
}

struct Device {
    gpu: Gpu,
    /// What the next picture of the film can use again.
    kit: Option<FilmKit>,
}

impl Device {
    fn draw(
        &mut self,
        subject: &Subject,
        size: FrameSize,
        cameras: &Views,
    ) -> Result<Picture, RenderError> {
        match subject {
            Subject::Portrait(role, art) => {
                let gpu = self.gpu.with_art(art.clone());
                portrait(&gpu, role, PORTRAIT_PX, Emotion::Neutral)
            }
            Subject::Still { film, at_ms, .. } => {
                let gpu = self.gpu.with_art(film.art.clone());
                let options = FilmOptions { captions: false };
                let (board, backdrops) = (&film.board, film.backdrops.clone());
                let mut film = match self.kit.take() {
                    Some(kit) => Film::with_kit(&gpu, kit, board, size, options)?,
                    None => Film::new(&gpu, board, size, options)?,
                };
                film.set_backdrops(backdrops);
                cameras.stand_by(&mut film);
                let picture = film.still(*at_ms as f64 / 1e3)?;
                self.kit = Some(film.into_kit());
                Ok(picture)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use fabula_story::Storyboard;

    use super::*;

    fn film() -> Arc<Loaded> {
        let board = include_str!("../../../engine/story/tests/samples/storyboard.json");
        Loaded::new(Storyboard::from_json(board).unwrap(), Arc::default(), 24)
    }

    fn still(film: &Arc<Loaded>, at_ms: u64, pointed: bool) -> Subject {
        Subject::Still {
            film: Arc::clone(film),
            at_ms,
            pointed,
        }
    }

    #[test]
    fn a_mouse_that_has_gone_on_is_not_followed_everywhere() {
        let film = film();
        let mut waiting = vec![still(&film, 7, false)];
        for at_ms in 0..200 {
            line_up(&mut waiting, still(&film, at_ms, true));
        }
        assert_eq!(waiting.len(), 2);
        assert!(matches!(waiting[1], Subject::Still { at_ms: 199, .. }));
        for at_ms in 0..200 {
            line_up(&mut waiting, still(&film, at_ms, false));
        }
        assert_eq!(waiting.len(), MOST_WISHES);
    }

    #[test]
    fn pictures_of_a_film_that_was_replaced_are_not_drawn() {
        let film = film();
        assert!(!is_stale(&still(&film, 0, true), &film));
        assert!(is_stale(&still(&film, 0, true), &self::film()));
        let role = Box::new(film.board.cast[0].clone());
        assert!(!is_stale(&Subject::Portrait(role, Art::default()), &film));
    }

    #[test]
    fn small_pictures_have_the_shape_of_the_film() {
        for (width, height, expected) in [
            (1920, 1080, [256, 144]),
            (1080, 1920, [144, 256]),
            (160, 90, [160, 90]),
        ] {
            let size = still_size(FrameSize::new(width, height).unwrap());
            assert_eq!([size.width(), size.height()], expected);
        }
    }

    #[test]
    fn what_is_drawn_is_the_picture_of_the_film() {
        let gpu = match Gpu::open(&GpuChoice::Cpu) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        let film = film();
        let size = FrameSize::new(160, 90).unwrap();
        let mut device = Device { gpu, kit: None };
        for at_ms in [3000, 1500] {
            let still = still(&film, at_ms, true);
            let drawn = device.draw(&still, size, &Views::default()).unwrap();
            let options = FilmOptions { captions: false };
            let mut whole = Film::new(&device.gpu, &film.board, size, options).unwrap();
            assert!(drawn.rgba == whole.still(at_ms as f64 / 1e3).unwrap().rgba);
        }
        let role = Box::new(film.board.cast[0].clone());
        let portrait = Subject::Portrait(role, Art::default());
        let face = device.draw(&portrait, size, &Views::default()).unwrap();
        assert_eq!([face.width, face.height], [PORTRAIT_PX; 2]);
    }
}
