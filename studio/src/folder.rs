//! The data folder: `analyses/<id>/` and `films/<id>/`, and nothing outside it.
//!
//! There is no database. Each film is a folder that holds its record, its storyboard and its
//! video, so that the record cannot disagree with the files: to delete a film is to remove its
//! folder. A record is replaced as a whole, by a new file that takes its name once it is on the
//! disk; a new folder is filled under a hidden name first. After a power cut each film is there
//! as it was before or after the last step, and hidden folders are swept away.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::id::Id;

/// Why the data folder cannot be used.
#[derive(Debug, Error)]
pub enum FolderError {
    /// The operating system refused.
    #[error("the studio's data folder {path} cannot be used: {source}; choose another with --data")]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another studio works in it.
    #[error(
        "another studio is at work in {path}; end it, or choose another data folder with --data"
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
}

/// A kind of thing that is kept.
#[derive(Clone, Copy, Debug)]
pub enum Shelf {
    Analyses,
    Films,
}

impl Shelf {
    const ALL: [Self; 2] = [Self::Analyses, Self::Films];

    const fn name(self) -> &'static str {
        match self {
            Self::Analyses => "analyses",
            Self::Films => "films",
        }
    }
}

/// The largest record that is read back.
const LARGEST_RECORD_BYTES: u64 = 64 * 1024 * 1024;

/// The folder, locked against other studios as long as this lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates what is missing, for this user alone, and sweeps away what was never finished.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let unusable = |source| FolderError::Unusable {
            path: path.to_owned(),
            source,
        };
        create_private(path).map_err(unusable)?;
        let lock = File::create(path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(FolderError::InUse {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        for shelf in Shelf::ALL {
            let shelf = path.join(shelf.name());
            create_private(&shelf).map_err(unusable)?;
            for entry in fs::read_dir(&shelf).map_err(unusable)? {
                let entry = entry.map_err(unusable)?;
                if entry.file_name().to_string_lossy().starts_with('.') {
                    fs::remove_dir_all(entry.path()).map_err(unusable)?;
                }
            }
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything on a shelf, in the order of names.
    pub fn list(&self, shelf: Shelf) -> io::Result<Vec<Id>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(self.path.join(shelf.name()))? {
            ids.extend(entry?.file_name().to_str().and_then(Id::parse));
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// Where a file of a thing is.
    pub fn file(&self, shelf: Shelf, id: Id, name: &'static str) -> PathBuf {
        self.place(shelf, id).join(name)
    }

    /// Puts a new thing on a shelf, with all its files or not at all.
    pub fn add(&self, shelf: Shelf, id: Id, files: &[(&'static str, &[u8])]) -> io::Result<()> {
        let hidden = self.hidden(shelf, id);
        let filled = (|| {
            create_private(&hidden)?;
            for (name, content) in files {
                let mut file = File::create_new(hidden.join(name))?;
                file.write_all(content)?;
                file.sync_all()?;
            }
            sync_folder(&hidden)?;
            fs::rename(&hidden, self.place(shelf, id))?;
            sync_folder(&self.path.join(shelf.name()))
        })();
        if filled.is_err() {
            // What cannot be removed now is swept away by the next studio.
            let _ = fs::remove_dir_all(&hidden);
        }
        filled
    }

    /// Replaces a file as a whole.
    pub fn replace(
        &self,
        shelf: Shelf,
        id: Id,
        name: &'static str,
        content: &[u8],
    ) -> io::Result<()> {
        let folder = self.place(shelf, id);
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(&folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(folder.join(name))
            .map_err(|error| error.error)?;
        sync_folder(&folder)
    }

    /// Reads a JSON file of a thing. The error, which is logged, quotes nothing of it.
    pub fn read<T: DeserializeOwned>(
        &self,
        shelf: Shelf,
        id: Id,
        name: &'static str,
    ) -> io::Result<T> {
        let path = self.file(shelf, id, name);
        if fs::metadata(&path)?.len() > LARGEST_RECORD_BYTES {
            return Err(io::Error::other("the record is too large"));
        }
        serde_json::from_slice(&fs::read(path)?).map_err(|error| unreadable(&error))
    }

    /// When something was last put into the folder of a thing, in seconds since 1970: its age, where
    /// its record cannot be read.
    pub fn changed_s(&self, shelf: Shelf, id: Id) -> io::Result<u64> {
        let changed = fs::metadata(self.place(shelf, id))?.modified()?;
        let since = changed.duration_since(UNIX_EPOCH);
        Ok(since.map_or(0, |since| since.as_secs()))
    }

    /// Removes what is out of date, and says whether it is gone; what stays is logged, and is tried
    /// again the next time.
    pub fn expire(&self, shelf: Shelf, id: Id) -> bool {
        let removed = self.remove(shelf, id);
        if let Err(error) = &removed {
            let shelf = shelf.name();
            tracing::warn!(target: "error.handling", shelf, %id, %error, "what is out of date cannot be removed");
        }
        removed.is_ok()
    }

    /// Removes a thing with all its files; it is gone even if the machine stops midway.
    pub fn remove(&self, shelf: Shelf, id: Id) -> io::Result<()> {
        let hidden = self.hidden(shelf, id);
        match fs::rename(self.place(shelf, id), &hidden) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            renamed => renamed?,
        }
        fs::remove_dir_all(hidden)
    }

    /// Whether something can be written.
    pub fn check_writable(&self) -> io::Result<()> {
        tempfile::tempfile_in(&self.path)?.write_all(b"fabula")
    }

    fn place(&self, shelf: Shelf, id: Id) -> PathBuf {
        self.path.join(shelf.name()).join(id.to_string())
    }

    fn hidden(&self, shelf: Shelf, id: Id) -> PathBuf {
        self.path.join(shelf.name()).join(format!(".{id}"))
    }
}

/// Where a record cannot be read: what `serde_json` says of it may quote a story.
fn unreadable(error: &serde_json::Error) -> io::Error {
    let (line, column) = (error.line(), error.column());
    let sentence = format!("the record does not fit from line {line}, column {column} on");
    io::Error::new(io::ErrorKind::InvalidData, sentence)
}

/// A record as it stands in its file.
pub fn record<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(io::Error::from)
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A renamed file survives a power cut only once its folder is on the disk too.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_serves_one_studio_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let first = DataFolder::open(place.path()).unwrap();
        let second = DataFolder::open(place.path());
        assert!(
            matches!(second, Err(FolderError::InUse { .. })),
            "{second:?}"
        );
        drop(first);
        DataFolder::open(place.path()).unwrap();
    }

    #[test]
    fn what_was_never_finished_is_swept_away() {
        let place = tempfile::tempdir().unwrap();
        let half = place.path().join("films/.0123456789abcdef0123456789abcdef");
        fs::create_dir_all(&half).unwrap();
        fs::write(half.join("film.json"), "{").unwrap();
        let folder = DataFolder::open(place.path()).unwrap();
        assert!(!half.exists());
        assert_eq!(folder.list(Shelf::Films).unwrap(), []);
    }

    #[test]
    fn things_come_whole_and_go_whole() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(place.path()).unwrap();
        let id = Id::random().unwrap();
        folder
            .add(
                Shelf::Films,
                id,
                &[("film.json", b"1"), ("board.json", b"2")],
            )
            .unwrap();
        folder.replace(Shelf::Films, id, "film.json", b"3").unwrap();
        assert_eq!(folder.list(Shelf::Films).unwrap(), [id]);
        let read: u32 = folder.read(Shelf::Films, id, "film.json").unwrap();
        assert_eq!(read, 3);
        folder.remove(Shelf::Films, id).unwrap();
        folder.remove(Shelf::Films, id).unwrap();
        assert_eq!(fs::read_dir(place.path().join("films")).unwrap().count(), 0);
    }
}
