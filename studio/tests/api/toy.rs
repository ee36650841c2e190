//! A workshop that reads every text as the sample story and draws as far as a test lets it.

use std::ops::ControlFlow;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fabula_story::{Role, Story, Storyboard};
use fabula_studio::{CaptionFormat, Made, Manuscript, Order, Refusal, Workshop};

/// Frames of every film.
pub const FRAMES: u64 = 10;
/// The smallest thing that is a PNG by its first bytes.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What a film file holds.
pub fn film_bytes() -> Vec<u8> {
    (0..1000_u32).map(|number| (number % 251) as u8).collect()
}

#[derive(Debug, Default)]
pub struct Toy {
    /// How many frames may be drawn, of all films together; none at first.
    allowed: Mutex<u64>,
    /// Titles of the films that were begun, in order.
    pub begun: Mutex<Vec<String>>,
    /// Titles of those that had been begun before.
    pub resumed: Mutex<Vec<String>>,
    /// What happens instead of a film.
    pub accident: Mutex<Option<Accident>>,
    /// The next reading ends when the other end of this is gone.
    pub long_reading: Mutex<Option<Receiver<()>>>,
}

#[derive(Clone, Copy, Debug)]
pub enum Accident {
    Panic,
    DiskFull,
}

impl Toy {
    /// A workshop that draws whatever comes.
    pub fn eager() -> Arc<Self> {
        let toy = Self::default();
        toy.allow(u64::MAX);
        Arc::new(toy)
    }

    pub fn allow(&self, frames: u64) {
        *self.allowed.lock().unwrap() = frames;
    }

    pub fn begun(&self) -> usize {
        self.begun.lock().unwrap().len()
    }

    fn take_frame(&self) -> bool {
        let mut allowed = self.allowed.lock().unwrap();
        let may = *allowed > 0;
        *allowed = allowed.saturating_sub(1);
        may
    }
}

impl Workshop for Toy {
    fn open(&self, document: &[u8], name: &str) -> Result<Manuscript, Refusal> {
        let text = std::str::from_utf8(document)
            .map_err(|_| Refusal::Input(format!("{name} is no text")))?;
        if text.contains('\0') {
            return Err(Refusal::Input(format!("{name} is no text")));
        }
        Ok(Manuscript {
            title: None,
            text: text.to_owned(),
        })
    }

    fn read(&self, manuscript: &Manuscript) -> Result<Story, Refusal> {
        let sample = include_str!("../../../engine/story/tests/samples/story.json");
        let long = self.long_reading.lock().unwrap().take();
        if let Some(end) = long {
            let _ = end.recv();
        }
        let mut story = Story::from_json(sample).unwrap();
        if let Some(title) = &manuscript.title {
            story.title.clone_from(title);
        }
        Ok(story)
    }

    fn portrait(&self, _: &Role, _: u32) -> Result<Vec<u8>, Refusal> {
        Ok(PNG.to_vec())
    }

    fn still(&self, _: &Arc<Storyboard>, _: f32, _: f64) -> Result<Vec<u8>, Refusal> {
        Ok(PNG.to_vec())
    }

    fn film(
        &self,
        order: &Order<'_>,
        on_frame: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Made, Refusal> {
        let title = &order.board.title;
        self.begun.lock().unwrap().push(title.clone());
        let unfinished = order.path.with_file_name(".film.mp4.part");
        if unfinished.exists() {
            self.resumed.lock().unwrap().push(title.clone());
        }
        std::fs::create_dir_all(&unfinished).unwrap();
        std::fs::write(unfinished.join("film"), "half").unwrap();
        let accident = *self.accident.lock().unwrap();
        match accident {
            Some(Accident::Panic) => panic!("an accident"),
            Some(Accident::DiskFull) => {
                return Err(Refusal::Machine("the disk is full; make room".into()));
            }
            None => {}
        }
        let mut done = 0;
        while done < FRAMES {
            if on_frame(done, FRAMES).is_break() {
                return Err(Refusal::BrokenOff);
            }
            if self.take_frame() {
                done += 1;
            } else {
                // Drawing takes time, and a test may change its mind meanwhile.
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        if on_frame(done, FRAMES).is_break() {
            return Err(Refusal::BrokenOff);
        }
        std::fs::write(order.path, film_bytes()).unwrap();
        std::fs::remove_dir_all(unfinished).unwrap();
        Ok(Made {
            length_s: 6.0,
            gpu: "a pencil".into(),
            encoder: "a stapler".into(),
        })
    }

    fn captions(&self, board: &Storyboard, format: CaptionFormat) -> String {
        format!("{format:?} of {}", board.title)
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}
