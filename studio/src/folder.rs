//! The data folder: the records' database, `films/<id>/` with the files of a film, and nothing
//! outside it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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

/// The folder of the films' folders.
const FILMS: &str = "films";
/// Where stories lay before there was a database: nothing else would delete their words there.
const EARLIER_STORIES: &str = "analyses";
/// What a folder has to take to be called writable.
const PROBE_BYTES: usize = 16 * 1024;
/// The file that takes room for the time when there is none.
const RESERVE: &str = "reserve";
/// Enough to delete any story but the longest that were edited by hand.
const RESERVE_BYTES: usize = 4 << 20;

/// The folder, locked against other studios as long as this lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates what is missing, for this user alone, and removes the stories of earlier studios.
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
        create_private(&path.join(FILMS)).map_err(unusable)?;
        let stories = path.join(EARLIER_STORIES);
        if stories.is_dir() {
            remove_other(&stories, |_| false).map_err(unusable)?;
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

    /// The folder of a film, which need not be there.
    pub fn film(&self, id: Id) -> PathBuf {
        self.path.join(FILMS).join(id.to_string())
    }

    /// Makes the folder of a film, where there is none.
    pub fn create_film(&self, id: Id) -> io::Result<()> {
        create_private(&self.film(id))?;
        sync_folder(&self.path.join(FILMS))
    }

    /// Removes all files of a film.
    pub fn remove_film(&self, id: Id) -> io::Result<()> {
        match fs::remove_dir_all(self.film(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Removes the folders of all other films.
    pub fn keep_films(&self, is_kept: impl Fn(Id) -> bool) -> io::Result<()> {
        remove_other(&self.path.join(FILMS), is_kept)
    }

    /// Takes room for the time when there is none, unless it has some, or there is none already.
    pub fn keep_reserve(&self) {
        let path = self.path.join(RESERVE);
        let is_kept = fs::metadata(&path).is_ok_and(|file| file.len() == RESERVE_BYTES as u64);
        if !is_kept && fill(&path).is_err() {
            let _ = fs::remove_file(path);
        }
    }

    /// Gives that room to whatever is written next.
    pub fn give_up_reserve(&self) -> io::Result<()> {
        fs::remove_file(self.path.join(RESERVE))
    }

    /// Whether something can be written.
    pub fn check_writable(&self) -> io::Result<()> {
        tempfile::tempfile_in(&self.path)?.write_all(&[0; PROBE_BYTES])
    }
}

/// Removes what has an id for its name, unless it is kept.
fn remove_other(folder: &Path, is_kept: impl Fn(Id) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let id = entry.file_name().to_str().and_then(Id::parse);
        if id.is_some_and(|id| !is_kept(id)) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Fills a file with what no file system makes smaller.
fn fill(path: &Path) -> io::Result<()> {
    let mut content = vec![0; RESERVE_BYTES];
    getrandom::fill(&mut content).map_err(io::Error::other)?;
    let mut file = File::create(path)?;
    file.write_all(&content)?;
    file.sync_all()
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// What came into a folder survives a power cut only once the folder is on the disk too.
pub fn sync_folder(path: &Path) -> io::Result<()> {
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
    fn the_stories_of_earlier_studios_go_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let story = Id::random().unwrap().to_string();
        let stories = place.path().join("analyses");
        for name in [&*story, "of my own"] {
            fs::create_dir_all(stories.join(name)).unwrap();
            fs::write(stories.join(name).join("analysis.json"), "words").unwrap();
        }
        DataFolder::open(place.path()).unwrap();
        assert!(!stories.join(story).exists());
        assert!(stories.join("of my own/analysis.json").exists());
    }

    #[test]
    fn only_films_that_are_known_stay() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(place.path()).unwrap();
        let [known, unknown] = [(); 2].map(|()| Id::random().unwrap());
        for id in [known, unknown] {
            folder.create_film(id).unwrap();
            fs::write(folder.film(id).join("film.mp4"), "film").unwrap();
        }
        let notes = place.path().join("films/notes.txt");
        fs::write(&notes, "not ours").unwrap();
        folder.keep_films(|id| id == known).unwrap();
        assert!(folder.film(known).join("film.mp4").exists() && notes.exists());
        assert!(!folder.film(unknown).exists());
        folder.remove_film(known).unwrap();
        folder.remove_film(known).unwrap();
        assert!(!folder.film(known).exists());
    }
}
