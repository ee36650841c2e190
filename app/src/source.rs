//! What a command is given: a story to read or a storyboard to take as it is.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fabula_nlp::document::{self, Document};
use fabula_nlp::reading::{ForeignModels, OpenError, Reader};
use fabula_story::{Corrections, Story, Storyboard};

use crate::cache::Cache;
use crate::cli::StoryArg;
use crate::console::Console;
use crate::failure::Failure;

/// The largest storyboard or standard input that is read.
const LARGEST_INPUT_BYTES: u64 = 64 * 1024 * 1024;

/// A story as it was understood, or a film as it was planned.
#[derive(Debug)]
pub enum Source {
    Story(Box<Story>),
    Board(Box<Storyboard>),
}

/// The networks that read, loaded when a story first needs them.
#[derive(Default)]
pub struct Networks(Mutex<Option<Arc<Reader>>>);

impl Networks {
    /// What reads; who asks first decides on what device and with what models.
    fn reader(&self, story: &StoryArg, models: &ForeignModels) -> Result<Arc<Reader>, Failure> {
        let mut loaded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = loaded.as_ref() {
            return Ok(Arc::clone(reader));
        }
        let reader = Reader::open_with(story.device, models).map_err(|error| match error {
            OpenError::Device { .. } => Failure::device(error),
            OpenError::Foreign(_) => Failure::input(error),
            OpenError::Weights(_) => Failure::internal(error),
        })?;
        for candidate in &reader.method().passed_over {
            tracing::debug!(
                "networks do not run on {}: {}",
                candidate.choice,
                candidate.reason
            );
        }
        Ok(Arc::clone(loaded.insert(Arc::new(reader))))
    }
}

impl Drop for Networks {
    fn drop(&mut self) {
        drop(
            self.0
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        fabula::memory::give_back();
    }
}

impl Source {
    /// Reads a file, or standard input for `-`.
    pub fn read(story: &StoryArg, console: &Console) -> Result<Self, Failure> {
        let _wait = console.wait("reading the story");
        Self::read_with(story, &Networks::default())
    }

    /// The same as one of several, with networks that are loaded once.
    pub fn read_with(story: &StoryArg, networks: &Networks) -> Result<Self, Failure> {
        match Self::read_uncorrected(story, networks)? {
            Self::Story(read) => Ok(Self::Story(Box::new(corrected(*read, story)?))),
            board @ Self::Board(_) => Ok(board),
        }
    }

    /// The same without the corrections of a story.
    pub fn read_uncorrected(story: &StoryArg, networks: &Networks) -> Result<Self, Failure> {
        let path = story.path.as_path();
        let document = if path.as_os_str() == "-" {
            let bytes = take(std::io::stdin(), "standard input")?;
            if looks_like_json(&bytes) {
                return board("standard input", bytes);
            }
            document::read_bytes(&bytes, "standard input").map_err(Failure::input)?
        } else if is_board(path) {
            let name = path.display().to_string();
            let file = std::fs::File::open(path)
                .map_err(|error| Failure::input(format!("{name} cannot be read: {error}")))?;
            let bytes = take(file, &name)?;
            return board(&name, bytes);
        } else {
            document::read(path).map_err(Failure::input)?
        };
        let read = understand(&document, story, networks)?;
        Ok(Self::Story(Box::new(read)))
    }

    /// Reads a story, and nothing but a story.
    pub fn read_story(story: &StoryArg, console: &Console) -> Result<Story, Failure> {
        match Self::read(story, console)? {
            Self::Story(story) => Ok(*story),
            Self::Board(_) => Err(Failure::input(format!(
                "{} is a storyboard, but this needs the story itself",
                story.path.display()
            ))),
        }
    }

    /// The plan of the film: the storyboard as it is, or the story staged.
    pub fn into_board(self, title: Option<&str>) -> Storyboard {
        match self {
            Self::Story(story) => {
                let options = fabula_direct::Options {
                    title: title.map(str::to_owned),
                };
                fabula_direct::direct(&story, &options)
            }
            Self::Board(mut board) => {
                if let Some(title) = title {
                    title.clone_into(&mut board.title);
                    title.clone_into(&mut board.opening.title);
                }
                fabula_direct::fill_mouths(&mut board);
                *board
            }
        }
    }
}

/// The story in a document: as it was read within the last day, or read now.
fn understand(
    document: &Document,
    story: &StoryArg,
    networks: &Networks,
) -> Result<Story, Failure> {
    if !document.may_be_english() {
        let name = match story.path.to_string_lossy() {
            name if name == "-" => "standard input".into(),
            name => name,
        };
        tracing::warn!(
            "{name} does not look like English, the only language that stories are read in; who \
             speaks, feelings and places will mostly be wrong (translate it first)"
        );
    }
    let cache = Cache::open();
    let models = ForeignModels {
        emotion: story.models.emotion_model.clone(),
        entities: story.models.ner_model.clone(),
    };
    let id = format!("{}{}", Reader::id(), models.id());
    if !story.no_cache
        && let Some(story) = cache.get(&id, document)
    {
        return Ok(story);
    }
    let reader = networks.reader(story, &models)?;
    let read = reader.read(document).map_err(Failure::input)?;
    cache.put(&id, document, &read);
    Ok(read)
}

/// Whether a file is taken for a storyboard, by its name.
pub fn is_board(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// The file with the corrections of a story: the one that was named, or that lies beside it,
/// `fox.cast.toml` for `fox.txt`, else `cast.toml`.
pub fn corrections_of(story: &StoryArg) -> Option<PathBuf> {
    if story.path.as_os_str() == "-" {
        return story.cast.clone();
    }
    let shared = story.path.with_file_name("cast.toml");
    let beside = || {
        [own_corrections_of(story), shared]
            .into_iter()
            .find(|path| path.is_file())
    };
    story.cast.clone().or_else(beside)
}

/// The file for the corrections of a story that has none yet.
pub fn own_corrections_of(story: &StoryArg) -> PathBuf {
    story.path.with_extension("cast.toml")
}

/// A story as its corrections put it right.
pub fn corrected(mut story: Story, argument: &StoryArg) -> Result<Story, Failure> {
    let Some(cast) = corrections_of(argument) else {
        return Ok(story);
    };
    let name = cast.display().to_string();
    let file = std::fs::File::open(&cast)
        .map_err(|error| Failure::input(format!("{name} cannot be read: {error}")))?;
    let text = String::from_utf8(take(file, &name)?)
        .map_err(|_| Failure::input(format!("{name} is not UTF-8, as corrections have to be")))?;
    let corrections = Corrections::from_toml(&text)
        .map_err(|error| Failure::input(format!("{name} is no list of corrections: {error}")))?;
    for untold in corrections.apply(&mut story) {
        tracing::warn!("{name}: {untold}; this correction is left out");
    }
    story
        .check()
        .map_err(|error| Failure::input(format!("{name} makes the story impossible: {error}")))?;
    Ok(story)
}

fn take(input: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    input
        .take(LARGEST_INPUT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::input(format!("{name} cannot be read: {error}")))?;
    if bytes.len() as u64 > LARGEST_INPUT_BYTES {
        return Err(Failure::input(format!(
            "{name} is longer than {} MB; split it",
            LARGEST_INPUT_BYTES >> 20
        )));
    }
    Ok(bytes)
}

fn looks_like_json(bytes: &[u8]) -> bool {
    let bytes = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    let head = &bytes[..bytes.len().min(4096)];
    head.starts_with(b"{") && head.windows(8).any(|window| window == b"\"format\"")
}

fn board(name: &str, bytes: Vec<u8>) -> Result<Source, Failure> {
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::input(format!("{name} is not UTF-8, as a storyboard has to be")))?;
    let board = Storyboard::from_json(&text)
        .map_err(|error| Failure::input(format!("{name} is no usable storyboard: {error}")))?;
    Ok(Source::Board(Box::new(board)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_not_taken_for_a_storyboard() {
        assert!(looks_like_json(
            b"\xef\xbb\xbf \n{\n \"format\": \"fabula.storyboard/1\""
        ));
        for story in [
            "",
            "{",
            "{Once} upon a time",
            "\"format\" was all she said.",
            "PK\x03\x04",
        ] {
            assert!(!looks_like_json(story.as_bytes()), "{story}");
        }
    }
}
