//! Models that others have trained, in the folders of Hugging Face's `transformers`.
//!
//! A folder holds `config.json`, the weights (`model.safetensors` or `pytorch_model.bin`) and the
//! tokenizer (`tokenizer.json`, or the older `vocab.txt`, or `vocab.json` with `merges.txt`).
//! BERT, `RoBERTa` and `DistilBERT` are understood, with a head that gives feelings to texts or
//! entities to pieces. Whatever is in a folder, reading it ends in a model or in an error.

pub mod config;
pub mod labels;
pub mod model;
pub mod pickle;
pub mod tokenizer;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use crate::trial::caught;
use crate::weights::{Weights, WeightsError};
use config::Config;
use tokenizer::ForeignTokenizer;

/// The largest weights that are read: ten times BERT-base.
const LARGEST_WEIGHTS_BYTES: u64 = 4 << 30;
/// The largest vocabulary or configuration that is read.
const LARGEST_TEXT_BYTES: u64 = 64 << 20;

const CONFIG: &str = "config.json";
const SAFETENSORS: &str = "model.safetensors";
const PICKLE: &str = "pytorch_model.bin";
const TOKENIZER: &str = "tokenizer.json";
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const WORD_PIECES: &str = "vocab.txt";
const BYTE_PAIRS: &str = "vocab.json";
const MERGES: &str = "merges.txt";

/// The files of a folder that decide what a model reads.
pub const FILES: [&str; 8] = [
    CONFIG,
    SAFETENSORS,
    PICKLE,
    TOKENIZER,
    TOKENIZER_CONFIG,
    WORD_PIECES,
    BYTE_PAIRS,
    MERGES,
];

/// Why a folder cannot be used as a model.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// There is no such folder.
    #[error(
        "{folder} is no folder that can be read ({cause}); name the folder that holds a model's \
         config.json"
    )]
    NoFolder {
        /// What was named.
        folder: String,
        /// Why it is none.
        cause: String,
    },
    /// A file that every model has is not in the folder.
    #[error("{folder} lacks {file}; {remedy}")]
    MissingFile {
        /// The folder.
        folder: String,
        /// The file, or those of which one is needed.
        file: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A file is not what its name says.
    #[error("{file} cannot be read: {cause}; fetch the model again")]
    Unreadable {
        /// The file.
        file: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The configuration does not say something that has to be known.
    #[error("{file} lacks `{key}`; {remedy}")]
    MissingKey {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The model is of a kind that cannot be used.
    #[error("{file} says {found}, but {expected}")]
    Unsuitable {
        /// The file.
        file: String,
        /// What it says.
        found: String,
        /// What can be used instead.
        expected: String,
    },
    /// The arrays are not those of the model that the configuration describes.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// What a model is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Feelings of whole texts: sequence classification.
    Feelings,
    /// Entities in texts: token classification.
    Entities,
}

/// A model as it was read from its folder. Cheap to clone.
#[derive(Clone)]
pub struct Folder {
    config: Config,
    weights: Weights,
    tokenizer: Arc<ForeignTokenizer>,
}

impl Folder {
    /// Reads the model in `folder`.
    ///
    /// # Errors
    /// If a file or a part of it is missing, damaged or of a kind that cannot be used for `task`.
    pub fn open(folder: &Path, task: Task) -> Result<Self, ForeignError> {
        let no_folder = |cause: String| ForeignError::NoFolder {
            folder: folder.display().to_string(),
            cause,
        };
        let metadata = fs::metadata(folder).map_err(|error| no_folder(error.to_string()))?;
        if !metadata.is_dir() {
            return Err(no_folder("it is a file".to_owned()));
        }
        let missing = |file, remedy| ForeignError::MissingFile {
            folder: folder.display().to_string(),
            file,
            remedy,
        };
        let text = read(folder, CONFIG, LARGEST_TEXT_BYTES)?.ok_or_else(|| {
            missing(
                CONFIG,
                "name the folder into which the whole model was fetched",
            )
        })?;
        let config = Config::parse(&name(folder, CONFIG), &text, task)?;
        match task {
            Task::Feelings => drop(labels::feelings(&config.file, &config.labels)?),
            Task::Entities => drop(labels::tags(&config.file, &config.labels)?),
        }
        let tokenizer = ForeignTokenizer::read(folder)?.ok_or_else(|| {
            missing(
                "tokenizer.json, vocab.txt or vocab.json with merges.txt",
                "fetch the model's tokenizer into it",
            )
        })?;
        let weights = read_weights(folder)?.ok_or_else(|| {
            missing(
                "model.safetensors or pytorch_model.bin",
                "fetch its weights in one of these forms, in one piece",
            )
        })?;
        Ok(Self {
            config,
            weights,
            tokenizer: Arc::new(tokenizer),
        })
    }
}

/// What tells this folder from another and from itself after a change: its path, and the sizes
/// and times of the files that decide what the model reads.
pub fn fingerprint(folder: &Path) -> String {
    let path = folder
        .canonicalize()
        .unwrap_or_else(|_| folder.to_path_buf());
    let mut print = path.display().to_string();
    for file in FILES {
        let Ok(metadata) = fs::metadata(folder.join(file)) else {
            continue;
        };
        let changed = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .map_or(0, |age| age.as_nanos());
        let _ = write!(print, " {file} {} {changed}", metadata.len());
    }
    print
}

fn name(folder: &Path, file: &str) -> String {
    folder.join(file).display().to_string()
}

/// The bytes of a file, or none if there is no such file.
fn read(folder: &Path, file: &str, limit_bytes: u64) -> Result<Option<Vec<u8>>, ForeignError> {
    let path = folder.join(file);
    let unreadable = |cause: String| ForeignError::Unreadable {
        file: name(folder, file),
        cause,
    };
    // Asked before it is opened: opening a pipe would wait for its other end.
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    if !metadata.is_file() {
        return Err(unreadable("it is no file".to_owned()));
    }
    if metadata.len() > limit_bytes {
        return Err(unreadable(format!(
            "it is longer than {} MB",
            limit_bytes >> 20
        )));
    }
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(limit_bytes).read_to_end(&mut bytes))
        .map_err(|error| unreadable(error.to_string()))?;
    Ok(Some(bytes))
}

fn read_weights(folder: &Path) -> Result<Option<Weights>, ForeignError> {
    if let Some(bytes) = read(folder, SAFETENSORS, LARGEST_WEIGHTS_BYTES)? {
        return Ok(Some(Weights::read(&name(folder, SAFETENSORS), &bytes)?));
    }
    let Some(bytes) = read(folder, PICKLE, LARGEST_WEIGHTS_BYTES)? else {
        return Ok(None);
    };
    let file = name(folder, PICKLE);
    // The file is foreign, and a panic that it causes is its fault.
    let arrays = caught(|| pickle::arrays(&bytes))
        .and_then(|arrays| arrays)
        .map_err(|cause| ForeignError::Unreadable {
            file: file.clone(),
            cause,
        })?;
    Ok(Some(Weights::from_arrays(&file, arrays)))
}
