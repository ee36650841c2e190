//! What a studio needs others to do for it.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use fabula_story::{Role, Story, Storyboard};

use crate::FilmOptions;

/// The text of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manuscript {
    /// The title, where the document shows one.
    pub title: Option<String>,
    /// The story.
    pub text: String,
}

/// Why something could not be done, in one sentence for the person who asked for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The document or storyboard cannot be used.
    #[error("{0}")]
    Input(String),
    /// There is nothing to draw or encode with, no room, or a defect.
    #[error("{0}")]
    Machine(String),
    /// The one who asked for it broke it off.
    #[error("broken off")]
    BrokenOff,
}

/// A film to be made.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// What it shows.
    pub board: &'a Storyboard,
    /// As what.
    pub options: &'a FilmOptions,
    /// Where it is to appear when it is whole; what is there is replaced.
    pub path: &'a Path,
}

/// A film that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// How long it runs.
    pub length_s: f64,
    /// What drew it.
    pub gpu: String,
    /// What encoded it.
    pub encoder: String,
}

/// A form of captions beside a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptionFormat {
    /// `SubRip`.
    Srt,
    /// `WebVTT`.
    Vtt,
}

/// Reads stories and makes films. All of it may take long, so the studio calls it from threads
/// that may wait, several at a time; films one after another.
pub trait Workshop: Send + Sync + 'static {
    /// The text of a document, whose kind is told by its content; `name` stands in messages.
    fn open(&self, document: &[u8], name: &str) -> Result<Manuscript, Refusal>;

    /// Understands a story.
    fn read(&self, manuscript: &Manuscript) -> Result<Story, Refusal>;

    /// Head and shoulders of a role on a transparent ground, as PNG.
    fn portrait(&self, role: &Role, size_px: u32) -> Result<Vec<u8>, Refusal>;

    /// The film's picture at a time in a size for looking, as PNG.
    fn still(&self, board: &Arc<Storyboard>, aspect: f32, at_s: f64) -> Result<Vec<u8>, Refusal>;

    /// Makes a film, or goes on with one that was broken off. `on_frame` learns how many frames
    /// are done of how many, and may break off. What is begun then stays beside the film's path.
    fn film(
        &self,
        order: &Order<'_>,
        on_frame: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Made, Refusal>;

    /// The captions of a film.
    fn captions(&self, board: &Storyboard, format: CaptionFormat) -> String;

    /// Whether films can be made here, and if not, why.
    fn ready(&self) -> Result<(), String>;
}
