//! What the studio has done for it here: reading, drawing and making films on this machine.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use fabula::{ExportPlan, export};
use fabula_encode::{EncoderChoice, VideoSettings};
use fabula_nlp::document::{self, Document};
use fabula_nlp::reading::{DeviceChoice, Reader};
use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice, RenderError, portrait};
use fabula_story::{Emotion, Role, Story, Storyboard};
use fabula_studio::{CaptionFormat, Made, Manuscript, Order, Quality, Refusal, Workshop};

use crate::captions;
use crate::commands::{pictures, render};
use crate::failure::{Cause, Failure};

/// The shorter side of a picture to look at.
const STILL_PX: f32 = 360.0;
/// Wishes for pictures that wait; a further one is refused.
const MOST_WISHES: usize = 8;
/// How long a picture may take. A driver that is stuck is waited for no longer, nor by more than those
/// whose wishes wait.
const PICTURE_TIME: Duration = Duration::from_mins(2);

/// This machine.
pub struct Machine {
    gpu: GpuChoice,
    device: DeviceChoice,
    /// Opened when the first story comes; one story is read at a time.
    reader: Mutex<Option<Reader>>,
    pictures: Mutex<Option<SyncSender<Wish>>>,
}

impl Machine {
    pub fn new(gpu: GpuChoice, device: DeviceChoice) -> Self {
        Self {
            gpu,
            device,
            reader: Mutex::default(),
            pictures: Mutex::default(),
        }
    }

    /// Has a picture drawn by the thread that draws them. If it has ended, because its GPU was
    /// lost or a drawing panicked, another one takes its place.
    fn draw(&self, subject: Subject, time: Duration) -> Result<Vec<u8>, Refusal> {
        let (reply, answer) = mpsc::sync_channel(1);
        let mut wish = Wish { subject, reply };
        for _ in 0..2 {
            let sender = self.draughtsman().map_err(|error| {
                Refusal::Machine(format!("no thread could be started to draw: {error}"))
            })?;
            match sender.try_send(wish) {
                Ok(()) => {
                    return answer
                        .recv_timeout(time)
                        .unwrap_or_else(|error| match error {
                            RecvTimeoutError::Timeout => Err(stuck()),
                            RecvTimeoutError::Disconnected => Err(undrawn()),
                        });
                }
                Err(TrySendError::Full(_)) => return Err(stuck()),
                Err(TrySendError::Disconnected(unsent)) => {
                    wish = unsent;
                    *self.pictures.lock().unwrap_or_else(PoisonError::into_inner) = None;
                }
            }
        }
        Err(undrawn())
    }

    fn draughtsman(&self) -> std::io::Result<SyncSender<Wish>> {
        let mut pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = &*pictures {
            return Ok(sender.clone());
        }
        let (sender, wishes) = mpsc::sync_channel(MOST_WISHES);
        let choice = self.gpu.clone();
        thread::Builder::new()
            .name("pictures".to_owned())
            .spawn(move || draw_wishes(&wishes, &choice))?;
        *pictures = Some(sender.clone());
        Ok(sender)
    }
}

impl Workshop for Machine {
    fn open(&self, bytes: &[u8], name: &str) -> Result<Manuscript, Refusal> {
        let document =
            document::read_bytes(bytes, name).map_err(|error| Refusal::Input(error.to_string()))?;
        Ok(Manuscript {
            title: document.title,
            text: document.text,
        })
    }

    fn read(&self, manuscript: &Manuscript) -> Result<Story, Refusal> {
        let document = Document {
            title: manuscript.title.clone(),
            text: manuscript.text.clone(),
        };
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = match &mut *reader {
            Some(reader) => reader,
            closed => closed.insert(
                Reader::open(self.device).map_err(|error| Refusal::Machine(error.to_string()))?,
            ),
        };
        reader
            .read(&document)
            .map_err(|error| Refusal::Input(error.to_string()))
    }

    fn portrait(&self, role: &Role, size_px: u32) -> Result<Vec<u8>, Refusal> {
        let subject = Subject::Portrait {
            role: Box::new(role.clone()),
            size_px,
        };
        self.draw(subject, PICTURE_TIME)
    }

    fn still(&self, board: &Arc<Storyboard>, aspect: f32, at_s: f64) -> Result<Vec<u8>, Refusal> {
        let even = |length: f32| (length / 2.0).round() as u32 * 2;
        let longer = even(STILL_PX * aspect.max(1.0 / aspect));
        let (width, height) = if aspect < 1.0 {
            (even(STILL_PX), longer)
        } else {
            (longer, even(STILL_PX))
        };
        let size = FrameSize::new(width, height).map_err(refusal)?;
        let subject = Subject::Still {
            board: Arc::clone(board),
            size,
            at_s,
        };
        self.draw(subject, PICTURE_TIME)
    }

    fn film(
        &self,
        order: &Order<'_>,
        on_frame: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Made, Refusal> {
        let fps = order.options.fps;
        let (width, height) = order.options.size_px();
        let size = FrameSize::new(width, height).map_err(refusal)?;
        let gpu = Gpu::open(&self.gpu).map_err(refusal)?;
        let options = FilmOptions {
            captions: order.options.captions.burned(),
        };
        let mut film = Film::new(&gpu, order.board, size, options).map_err(refusal)?;
        let total = film.frame_count(fps);
        if on_frame(0, total).is_break() {
            return Err(Refusal::BrokenOff);
        }
        let quality = match order.options.quality {
            Quality::Draft => fabula_encode::Quality::Draft,
            Quality::Standard => fabula_encode::Quality::Standard,
            Quality::High => fabula_encode::Quality::High,
            Quality::Maximum => fabula_encode::Quality::Maximum,
        };
        let plan = ExportPlan {
            path: order.path,
            video: VideoSettings::new(width, height, fps, quality),
            encoder: EncoderChoice::Auto,
            title: &order.board.title,
            overwrite: true,
            resume: true,
            cameras: false,
            films_at_once: 1,
            zero_copy: false,
        };
        let exported = export(&mut film, &plan, |done| on_frame(done, total))
            .map_err(|error| without_path(refusal(render::export_failure(error)), order.path))?;
        Ok(Made {
            length_s: exported.frame_count as f64 / f64::from(fps),
            gpu: gpu.description().name.clone(),
            encoder: exported.encoder,
        })
    }

    fn captions(&self, board: &Storyboard, format: CaptionFormat) -> String {
        match format {
            CaptionFormat::Srt => captions::srt(board),
            CaptionFormat::Vtt => captions::vtt(board),
        }
    }

    fn ready(&self) -> Result<(), String> {
        if Gpu::available().is_empty() {
            return Err("there is no Vulkan driver, so nothing can be drawn".to_owned());
        }
        Ok(())
    }
}

/// A refusal is what a failure is to someone who is not at the terminal.
fn refusal(error: impl Into<Failure>) -> Refusal {
    let failure = error.into();
    match failure.cause {
        Cause::Interrupted => Refusal::BrokenOff,
        Cause::Input | Cause::Usage => Refusal::Input(failure.message),
        Cause::Device | Cause::Output | Cause::Internal => Refusal::Machine(failure.message),
    }
}

/// A refusal that says nothing of where films are kept: whoever ordered one may be elsewhere.
fn without_path(refusal: Refusal, path: &Path) -> Refusal {
    match refusal {
        Refusal::Machine(why) => {
            Refusal::Machine(why.replace(&path.display().to_string(), "the film"))
        }
        other => other,
    }
}

fn undrawn() -> Refusal {
    Refusal::Machine("the picture could not be drawn".into())
}

fn stuck() -> Refusal {
    Refusal::Machine(
        "pictures take too long here; start the studio anew if that does not change".into(),
    )
}

/// A picture that someone wants.
#[derive(Debug)]
struct Wish {
    subject: Subject,
    reply: SyncSender<Result<Vec<u8>, Refusal>>,
}

#[derive(Debug)]
enum Subject {
    Portrait {
        role: Box<Role>,
        size_px: u32,
    },
    Still {
        board: Arc<Storyboard>,
        size: FrameSize,
        at_s: f64,
    },
}

/// Draws what is wished for. A film that was made ready stays so as long as pictures of it are
/// wanted. Returns when nobody can wish any more, or the GPU is lost.
fn draw_wishes(wishes: &Receiver<Wish>, choice: &GpuChoice) {
    let gpu = match Gpu::open(choice) {
        Ok(gpu) => gpu,
        Err(error) => {
            let refusal = refusal(error);
            // This thread is of no use; the next wish starts another one, which tries again.
            if let Ok(wish) = wishes.recv() {
                let _ = wish.reply.send(Err(refusal));
            }
            return;
        }
    };
    let mut next = wishes.recv().ok();
    while let Some(wish) = next.take() {
        let drawn = match &wish.subject {
            Subject::Portrait { role, size_px } => portrait(&gpu, role, *size_px, Emotion::Neutral),
            Subject::Still { board, size, at_s } => {
                let options = FilmOptions { captions: true };
                match Film::new(&gpu, board, *size, options) {
                    Err(error) => Err(error),
                    Ok(mut film) => {
                        let first = film.still(*at_s);
                        if first.is_ok() {
                            answer(&wish, first);
                            next = draw_stills(&mut film, board, *size, wishes);
                            continue;
                        }
                        first
                    }
                }
            }
        };
        let is_lost = matches!(drawn, Err(RenderError::Lost(_)));
        answer(&wish, drawn);
        if is_lost {
            return;
        }
        next = wishes.recv().ok();
    }
}

/// Draws pictures of one film; gives back the first wish for something else.
fn draw_stills(
    film: &mut Film<'_>,
    board: &Arc<Storyboard>,
    size: FrameSize,
    wishes: &Receiver<Wish>,
) -> Option<Wish> {
    while let Ok(wish) = wishes.recv() {
        match &wish.subject {
            Subject::Still {
                board: of,
                size: in_size,
                at_s,
            } if Arc::ptr_eq(of, board) && *in_size == size => {
                let drawn = film.still(*at_s);
                let is_broken = drawn.is_err();
                answer(&wish, drawn);
                if is_broken {
                    return wishes.recv().ok();
                }
            }
            _ => return Some(wish),
        }
    }
    None
}

fn answer(wish: &Wish, drawn: Result<fabula_render::Picture, RenderError>) {
    let picture = drawn
        .map_err(refusal)
        .and_then(|picture| pictures::png(&picture).map_err(refusal));
    // Whoever wished may have gone.
    let _ = wish.reply.send(picture);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_of_without_the_place_where_films_are_kept() {
        let path = Path::new("/home/somebody/films/0123/film.mp4");
        let source = std::io::ErrorKind::StorageFull.into();
        let full = fabula_encode::Mp4Error::Io {
            path: path.to_owned(),
            action: "written",
            source,
        };
        let full = render::export_failure(fabula::ExportError::File(full));
        let Refusal::Machine(why) = without_path(refusal(full), path) else {
            panic!("the machine is at fault");
        };
        assert!(why.starts_with("the film cannot be written"), "{why}");
        assert!(!why.contains("somebody"), "{why}");
    }

    #[test]
    fn a_driver_that_is_stuck_is_not_waited_for() {
        let machine = Machine::new(GpuChoice::default(), DeviceChoice::default());
        // Somebody who takes a wish and never draws.
        let (sender, wishes) = mpsc::sync_channel(1);
        *machine.pictures.lock().unwrap() = Some(sender);
        let sample = include_str!("../../engine/story/tests/samples/storyboard.json");
        let board = Arc::new(Storyboard::from_json(sample).unwrap());
        let wish = || Subject::Still {
            board: Arc::clone(&board),
            size: FrameSize::new(64, 36).unwrap(),
            at_s: 0.0,
        };
        let moment = Duration::from_millis(1);
        assert_eq!(machine.draw(wish(), moment), Err(stuck()));
        // What waits is as much as may wait, so this one is refused at once.
        assert_eq!(machine.draw(wish(), Duration::MAX), Err(stuck()));
        drop(wishes);
    }
}
