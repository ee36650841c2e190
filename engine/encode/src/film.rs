//! The film as a file: under a temporary name while it grows, under its own when it is whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::Packet;
use crate::mux::{Mux, MuxError};

/// What a film file is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilmSettings {
    /// Frames per second.
    pub fps: u32,
    /// The title that players show.
    pub title: Option<String>,
    /// How many frames the film will have; a good guess saves moving the data at the end.
    pub expected_frames: u64,
    /// Whether a film of the same name is replaced.
    pub overwrite: bool,
}

impl FilmSettings {
    /// A film without a title that replaces no other.
    pub fn new(fps: u32) -> Self {
        Self {
            fps,
            title: None,
            expected_frames: 0,
            overwrite: false,
        }
    }
}

/// What a finished film turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilmSummary {
    /// Where it is.
    pub path: PathBuf,
    /// How many frames it has.
    pub frame_count: u64,
    /// How many bytes it has.
    pub size_bytes: u64,
}

/// Why a film could not be written.
#[derive(Debug, Error)]
pub enum Mp4Error {
    /// There is a film of that name.
    #[error("{} exists already: choose another name, or ask for it to be replaced", .path.display())]
    Exists {
        /// The film's path.
        path: PathBuf,
    },
    /// The path names something that no film can replace.
    #[error("{} is not the name of a file: choose another name", .path.display())]
    NotAFile {
        /// The film's path.
        path: PathBuf,
    },
    /// Another run is writing the same film.
    #[error(
        "{} is being written by another run: wait for it, or choose another name",
        .path.display()
    )]
    InUse {
        /// The film's path.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{} cannot be {action}: {source}; {}", .path.display(), remedy(.source))]
    Io {
        /// The film's path.
        path: PathBuf,
        /// What was being done to it: `created`, `written`, `finished`.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A film needs at least one frame.
    #[error("{} was not written: the film has no frames", .path.display())]
    NoFrames {
        /// The film's path.
        path: PathBuf,
    },
    /// A packet does not belong into this film.
    #[error("{}: frame {index} cannot be added: {problem}", .path.display())]
    Stream {
        /// The film's path.
        path: PathBuf,
        /// Which frame.
        index: u64,
        /// What is wrong with it.
        problem: String,
    },
}

impl Mp4Error {
    /// Whether the file system stands in the way, not the film itself.
    pub fn is_io(&self) -> bool {
        matches!(
            self,
            Self::Io { .. } | Self::InUse { .. } | Self::NotAFile { .. }
        )
    }
}

/// What a person can do about a file system's answer.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space, or choose another disk"
        }
        ErrorKind::FileTooLarge => "choose a disk whose file system takes larger files",
        ErrorKind::PermissionDenied => "choose a folder that you may write to",
        ErrorKind::ReadOnlyFilesystem => "choose a folder on a disk that can be written",
        ErrorKind::NotFound => "create the folder first",
        ErrorKind::NotADirectory => "choose another folder",
        _ => "check the disk, then try again",
    }
}

/// A growing film: `NAME.part` in the film's folder until [`Mp4Writer::finish`] renames it.
/// Dropped before that, it leaves nothing behind.
pub struct Mp4Writer {
    // Closed before the guard below removes the file, as Windows needs it.
    mux: Mux<File>,
    part: PartFile,
    path: PathBuf,
    overwrite: bool,
}

/// Removes the file when dropped, unless it has been renamed.
struct PartFile {
    path: PathBuf,
    renamed: bool,
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.renamed {
            // Nobody is left to be told; a film that was never named does not count as one.
            drop(fs::remove_file(&self.path));
        }
    }
}

impl Mp4Writer {
    /// Starts a film that will appear at `path`.
    pub fn create(path: &Path, settings: &FilmSettings) -> Result<Self, Mp4Error> {
        let path = target(path, settings.overwrite)?;
        let failed = |source| Mp4Error::Io {
            path: path.clone(),
            action: "created",
            source,
        };
        let part_path =
            part_path(&path).ok_or_else(|| Mp4Error::NotAFile { path: path.clone() })?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&part_path)
            .map_err(failed)?;
        // File systems without locks are trusted to have one writer.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(Mp4Error::InUse { path });
        }
        let part = PartFile {
            path: part_path,
            renamed: false,
        };
        // What an earlier run may have left behind.
        file.set_len(0).map_err(failed)?;
        let mux = Mux::new(
            file,
            settings.fps,
            settings.title.clone(),
            settings.expected_frames,
        )
        .map_err(|error| mux_error(&path, "created", error))?;
        Ok(Self {
            mux,
            part,
            path,
            overwrite: settings.overwrite,
        })
    }

    /// Appends the next frame; frames count from 0 and the first is a key frame.
    pub fn write(&mut self, packet: &Packet) -> Result<(), Mp4Error> {
        self.mux
            .write(packet)
            .map_err(|error| mux_error(&self.path, "written", error))
    }

    /// Completes the film and gives it its name.
    pub fn finish(self) -> Result<FilmSummary, Mp4Error> {
        let Self {
            mux,
            mut part,
            path,
            overwrite,
        } = self;
        let failed = |source| Mp4Error::Io {
            path: path.clone(),
            action: "finished",
            source,
        };
        let (file, frame_count) = mux
            .finish()
            .map_err(|error| mux_error(&path, "finished", error))?;
        file.sync_all().map_err(failed)?;
        let size_bytes = file.metadata().map_err(failed)?.len();
        drop(file);

        // Something may have taken the name while the film grew.
        target(&path, overwrite)?;
        fs::rename(&part.path, &path).map_err(failed)?;
        part.renamed = true;
        Ok(FilmSummary {
            path,
            frame_count,
            size_bytes,
        })
    }
}

fn mux_error(path: &Path, action: &'static str, error: MuxError) -> Mp4Error {
    let path = path.to_owned();
    match error {
        MuxError::Io(source) => Mp4Error::Io {
            path,
            action,
            source,
        },
        MuxError::Stream { index, problem } => Mp4Error::Stream {
            path,
            index,
            problem,
        },
        MuxError::NoFrames => Mp4Error::NoFrames { path },
    }
}

/// The path to rename to: a link's target, so that a link to a film stays one.
fn target(path: &Path, overwrite: bool) -> Result<PathBuf, Mp4Error> {
    let owned = || path.to_owned();
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(Mp4Error::NotAFile { path: owned() }),
        Ok(_) if !overwrite => Err(Mp4Error::Exists { path: owned() }),
        Ok(_) => path.canonicalize().map_err(|source| Mp4Error::Io {
            path: owned(),
            action: "replaced",
            source,
        }),
        // A missing folder is reported by the attempt to create the file.
        Err(_) => Ok(owned()),
    }
}

fn part_path(path: &Path) -> Option<PathBuf> {
    let mut name = path.file_name()?.to_owned();
    name.push(".part");
    Some(path.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_names_the_film_the_cause_and_the_remedy() {
        let error = mux_error(
            Path::new("out/film.mp4"),
            "written",
            MuxError::Io(ErrorKind::StorageFull.into()),
        );
        assert!(error.is_io());
        assert_eq!(
            error.to_string(),
            "out/film.mp4 cannot be written: no storage space; \
             free some space, or choose another disk"
        );
    }
}
