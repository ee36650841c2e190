//! How right the shipped network is, against texts that people labelled.
//!
//! Each task has a module that reads its data, asks the network and counts; what is counted is
//! a [`tally::Tally`], what is shown a [`report::Report`]. The figures are defined as those of
//! `models/training/evaluate.py`, which follows a training run: both may be compared.

pub mod clusters;
pub mod conllu;
pub mod coreference;
pub mod feelings;
mod files;
pub mod litbank;
pub mod mentions;
pub mod novels;
pub mod report;
pub mod sentences;
pub mod syntax;
pub mod tales;
pub mod tally;

use std::path::PathBuf;

use fabula_devices::{DeviceChoice, OpenError, Opened};
use fabula_networks::weights::WeightsError;
use fabula_nlp::reading::ReadError;
use thiserror::Error;

/// Why nothing could be measured.
#[derive(Debug, Error)]
pub enum EvaluateError {
    /// A file or folder could not be read.
    #[error("{} cannot be read ({source}); check the path", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is larger than any of these data sets.
    #[error("{} is larger than {limit_mb} MB; give {expected}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest size that is read.
        limit_mb: u64,
        /// What should be given.
        expected: &'static str,
    },
    /// A line is not as it should be.
    #[error("{}, line {line}: {problem}; give {expected}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
        /// What should be given.
        expected: &'static str,
    },
    /// The gold reading of a tale, or the tale itself, cannot be used.
    #[error("{}: {problem}", path.display())]
    Tale {
        /// The file of the gold reading.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// There is nothing in a file or folder that could be measured.
    #[error("{} holds nothing to measure; give {expected}", path.display())]
    Empty {
        /// The file or folder.
        path: PathBuf,
        /// What should be given.
        expected: &'static str,
    },
    /// This build has no network.
    #[error("this build carries no network; put story.safetensors into models/ and build again")]
    NoWeights,
    /// The network has other classes than are measured.
    #[error("the network knows the {what} {found}, not {wanted}; export it again")]
    Classes {
        /// Which classes.
        what: &'static str,
        /// Those of the network.
        found: String,
        /// Those that are measured.
        wanted: String,
    },
    /// The weights are damaged.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The network could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The reading of a text failed.
    #[error("{name} cannot be read: {source}")]
    Reading {
        /// The text.
        name: String,
        /// Why not.
        source: ReadError,
    },
}

/// Opens the network that this build carries.
///
/// # Errors
/// If there is none, or if it does not run on the device that was asked for.
pub fn open(choice: DeviceChoice) -> Result<Opened, EvaluateError> {
    let weights = fabula_nlp::reading::shipped()?.ok_or(EvaluateError::NoWeights)?;
    Ok(fabula_devices::open(&weights, choice)?)
}
