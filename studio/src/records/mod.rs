//! The records of stories and films, in one `SQLite` database in the data folder.
//!
//! Each step of a film and each change to a story is a transaction, which is on the disk before
//! anyone learns of it. What is deleted is overwritten, in the log of the database as well. Videos
//! are files: a film's row is there before the first of its files and goes after the last, so that
//! a row knows of whatever is on the disk, whenever the machine stops.
//!
//! All of it may wait for the disk, so it is called from threads that may.

mod analyses;
mod films;

use std::fs::OpenOptions;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use tracing::warn;

use crate::folder::DataFolder;
use crate::id::Id;
use crate::lock;

pub use analyses::StoryRecord;
pub use films::{FilmRecord, State};

/// The database's name in the data folder; its log has the same with `-wal`.
const FILE: &str = "studio.sqlite";
/// Which schema the file has, in its `user_version`.
const SCHEMA: u32 = 1;

/// Nobody else reads while the studio is open, so that no reader keeps what is deleted in the log,
/// and no memory is shared, which network file systems do not have.
const ALONE: &str = "PRAGMA locking_mode = EXCLUSIVE;";
/// `auto_vacuum` comes before the first table, and has no effect later.
const SETTINGS: &str = "
    PRAGMA auto_vacuum = FULL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
";

/// Why the records cannot be opened.
#[derive(Debug, Error)]
pub enum RecordsError {
    /// The operating system refused.
    #[error(
        "the studio's records {path} cannot be opened: {source}; make room, let this user write \
         there, or choose another data folder with --data"
    )]
    Unusable {
        /// The database.
        path: PathBuf,
        /// What the operating system or `SQLite` said.
        source: io::Error,
    },
    /// They are no database, or not a whole one.
    #[error(
        "the studio's records {path} are damaged: {what}; put back a copy of the data folder, or \
         choose another one with --data"
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A later studio wrote them.
    #[error(
        "the studio's records {path} are of a newer fabula (schema {found}; this one knows \
         {SCHEMA}); start that one, or choose another data folder with --data"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: u32,
    },
}

/// The open database.
#[derive(Debug)]
pub struct Records {
    connection: Mutex<Connection>,
    folder: Arc<DataFolder>,
}

impl Records {
    /// Opens the records, or begins them.
    pub fn open(folder: Arc<DataFolder>) -> Result<Self, RecordsError> {
        let path = folder.path().join(FILE);
        let refused = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => RecordsError::Damaged {
                path: path.clone(),
                what: error.to_string(),
            },
            _ => RecordsError::Unusable {
                path: path.clone(),
                source: disk_error(error, &folder),
            },
        };
        let mut private = OpenOptions::new();
        private.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut private, 0o600);
        private
            .open(&path)
            .map_err(|source| RecordsError::Unusable {
                path: path.clone(),
                source,
            })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags).map_err(refused)?;
        connection.execute_batch(ALONE).map_err(refused)?;
        let found = schema(&connection).map_err(refused)?;
        if found > SCHEMA {
            return Err(RecordsError::Newer { path, found });
        }
        connection.execute_batch(SETTINGS).map_err(refused)?;
        if found == 0 {
            begin(&mut connection).map_err(refused)?;
        }
        let check: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(refused)?;
        if check != "ok" {
            return Err(RecordsError::Damaged { path, what: check });
        }
        let records = Self {
            connection: Mutex::new(connection),
            folder,
        };
        // A studio that was killed may not have come to it.
        records.erase_deleted();
        records.folder.keep_reserve();
        Ok(records)
    }

    /// Empties the log, in which deleted words are left until then. Where that fails it is logged,
    /// and done with the next deletion; the studio looks for what is out of date once a minute.
    fn erase_deleted(&self) {
        let erased = self.read(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        });
        if let Err(error) = erased {
            warn!(target: "error.handling", %error, "what was deleted is not overwritten yet");
        }
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> io::Result<T> {
        work(&lock(&self.connection)).map_err(|error| disk_error(error, &self.folder))
    }

    /// Deletes something for good, on a full disk as well: that takes room, which is kept for it.
    fn delete<T>(&self, work: impl Fn(&Transaction<'_>) -> rusqlite::Result<T>) -> io::Result<T> {
        let mut deleted = self.write(&work);
        if let Err(error) = &deleted
            && error.kind() == io::ErrorKind::StorageFull
            && self.folder.give_up_reserve().is_ok()
        {
            deleted = self.write(&work);
        }
        self.erase_deleted();
        self.folder.keep_reserve();
        deleted
    }

    /// Makes a change as a whole or not at all.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> io::Result<T> {
        let mut connection = lock(&self.connection);
        transact(&mut connection, work).map_err(|error| disk_error(error, &self.folder))
    }
}

fn transact<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

fn schema(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn begin(connection: &mut Connection) -> rusqlite::Result<()> {
    transact(connection, |transaction| {
        transaction.execute_batch(include_str!("schema.sql"))
    })
}

/// What `SQLite` says, as the operating system would.
fn disk_error(error: rusqlite::Error, folder: &DataFolder) -> io::Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => io::Error::new(io::ErrorKind::StorageFull, error),
        // It may be for want of room, which it does not say of quotas and of some file systems.
        Some(ErrorCode::SystemIoFailure) => match folder.check_writable() {
            Ok(()) => io::Error::other(error),
            Err(cause) => cause,
        },
        _ => io::Error::other(error),
    }
}

impl ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// A value in a column of text.
struct Json<T>(T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0);
        let text = text.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(text.into())
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(Self)
            .map_err(|error| FromSqlError::other(unreadable(&error)))
    }
}

/// Where a record cannot be read: what `serde_json` says of it may quote a story.
fn unreadable(error: &serde_json::Error) -> io::Error {
    let (line, column) = (error.line(), error.column());
    let sentence = format!("the record does not fit from line {line}, column {column} on");
    io::Error::new(io::ErrorKind::InvalidData, sentence)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use fabula_story::Story;

    use super::*;

    fn open(place: &Path) -> Result<Records, RecordsError> {
        Records::open(Arc::new(DataFolder::open(place).unwrap()))
    }

    fn story(length: usize) -> StoryRecord {
        let sample = include_str!("../../../engine/story/tests/samples/story.json");
        let mut story = Story::from_json(sample).unwrap();
        story.text = "All is well. ".repeat(length / 13);
        StoryRecord {
            revision: 1,
            created_s: 1,
            story,
            edited: None,
        }
    }

    fn setting(records: &Records, name: &str) -> String {
        let value = records.read(|connection| {
            connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
        });
        match value.unwrap() {
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Integer(number) => number.to_string(),
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn records_are_durable_private_and_open_once() {
        let place = tempfile::tempdir().unwrap();
        let records = open(place.path()).unwrap();
        for (name, value) in [
            ("journal_mode", "wal"),
            ("locking_mode", "exclusive"),
            ("synchronous", "2"),
            ("auto_vacuum", "1"),
            ("secure_delete", "1"),
            ("foreign_keys", "1"),
            ("user_version", "1"),
        ] {
            assert_eq!(setting(&records, name), value, "{name}");
        }
        let file = place.path().join(FILE);
        let other = Connection::open(&file).unwrap();
        assert!(schema(&other).is_err());
        #[cfg(unix)]
        for name in [FILE, "studio.sqlite-wal"] {
            let file = fs::metadata(place.path().join(name)).unwrap();
            let mode = std::os::unix::fs::PermissionsExt::mode(&file.permissions());
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn records_of_a_newer_studio_are_refused_and_left_as_they_are() {
        let place = tempfile::tempdir().unwrap();
        drop(open(place.path()).unwrap());
        let file = place.path().join(FILE);
        let newer = Connection::open(&file).unwrap();
        newer.pragma_update(None, "user_version", 7).unwrap();
        drop(newer);
        let before = fs::read(&file).unwrap();
        let refused = open(place.path()).unwrap_err();
        assert!(
            matches!(refused, RecordsError::Newer { found: 7, .. }),
            "{refused:?}"
        );
        let sentence = refused.to_string();
        for part in ["studio.sqlite", "newer fabula", "--data"] {
            assert!(sentence.contains(part), "{sentence}");
        }
        assert!(fs::read(&file).unwrap() == before);
    }

    #[test]
    fn what_is_no_database_or_a_damaged_one_is_refused_with_its_place() {
        let place = tempfile::tempdir().unwrap();
        let records = open(place.path()).unwrap();
        for _ in 0..5 {
            let id = Id::random().unwrap();
            records.add_story(id, &story(20_000), 10).unwrap();
        }
        drop(records);
        let file = place.path().join(FILE);
        let whole = fs::read(&file).unwrap();
        let mut without_head = whole.clone();
        without_head[..4096].fill(0xa5);
        let mut without_tables = whole.clone();
        without_tables[4096..].fill(0xa5);
        for damaged in [
            b"Once upon a time there was no database. ".repeat(100),
            without_head,
            without_tables,
            whole[..whole.len() / 2].to_vec(),
        ] {
            fs::write(&file, &damaged).unwrap();
            let refused = open(place.path()).unwrap_err();
            assert!(
                matches!(refused, RecordsError::Damaged { .. }),
                "{refused:?}"
            );
            let sentence = refused.to_string();
            for part in ["studio.sqlite", "damaged", "copy of the data folder"] {
                assert!(sentence.contains(part), "{sentence}");
            }
        }
        fs::write(&file, whole).unwrap();
        open(place.path()).unwrap();
    }

    #[test]
    fn records_that_cannot_be_opened_are_named_with_what_helps() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join(FILE)).unwrap();
        let sentence = open(place.path()).unwrap_err().to_string();
        for part in ["studio.sqlite", "directory", "--data"] {
            assert!(sentence.contains(part), "{sentence}");
        }
    }

    #[test]
    fn where_there_is_no_room_nothing_is_changed_and_the_cause_is_told() {
        let place = tempfile::tempdir().unwrap();
        let records = open(place.path()).unwrap();
        let id = Id::random().unwrap();
        records.add_story(id, &story(100), 10).unwrap();
        let pages = setting(&records, "page_count");
        let limit = |pages: &str| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            records.read(|connection| connection.execute_batch(&sql))
        };
        limit(&pages).unwrap();
        let full = records.change_story(id, &story(50_000)).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert_eq!(
            records.story(id).unwrap().unwrap().story.text,
            story(100).story.text
        );
        limit("1000000").unwrap();
        records.change_story(id, &story(50_000)).unwrap();
    }

    #[test]
    fn on_a_full_disk_something_can_be_deleted_in_the_room_that_is_kept_for_it() {
        let place = tempfile::tempdir().unwrap();
        let records = open(place.path()).unwrap();
        let reserve = place.path().join("reserve");
        let has_reserve = || fs::metadata(&reserve).is_ok_and(|file| file.len() > 1_000_000);
        assert!(has_reserve());
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let deleted = records.delete(|_| {
            if has_reserve() {
                return Err(rusqlite::Error::SqliteFailure(full, None));
            }
            Ok("deleted")
        });
        assert_eq!(deleted.unwrap(), "deleted");
        assert!(has_reserve());
    }

    #[test]
    fn what_does_not_fit_is_not_quoted() {
        let place = tempfile::tempdir().unwrap();
        let records = open(place.path()).unwrap();
        let id = Id::random().unwrap();
        records.add_story(id, &story(100), 10).unwrap();
        for damaged in [r#"{"text": Zebulina"#, r#"{"format": "Zebulina"}"#] {
            records
                .write(|transaction| {
                    transaction.execute("UPDATE analyses SET story = ?1", [damaged])
                })
                .unwrap();
            let sentence = records.story(id).unwrap_err().to_string();
            assert!(
                sentence.contains("does not fit") && !sentence.contains("Zebulina"),
                "{sentence}"
            );
        }
    }

    #[test]
    fn what_is_deleted_gives_its_room_back() {
        let place = tempfile::tempdir().unwrap();
        let records = open(place.path()).unwrap();
        let ids = [(); 10].map(|()| Id::random().unwrap());
        for id in ids {
            records.add_story(id, &story(50_000), 10).unwrap();
        }
        records.erase_deleted();
        let bytes = || fs::metadata(place.path().join(FILE)).unwrap().len();
        assert!(bytes() > 500_000);
        for id in ids {
            assert!(records.remove_story(id).unwrap());
            assert!(!records.remove_story(id).unwrap());
        }
        assert!(bytes() < 100_000, "{}", bytes());
        let log = fs::metadata(place.path().join("studio.sqlite-wal")).unwrap();
        assert_eq!(log.len(), 0);
    }

    #[test]
    fn what_a_killed_studio_had_deleted_is_overwritten_by_the_next_one() {
        let [place, copy] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let records = open(place.path()).unwrap();
        let id = Id::random().unwrap();
        records.add_story(id, &story(50_000), 10).unwrap();
        // It came as far as this, and not to the log.
        records
            .write(|transaction| transaction.execute("DELETE FROM analyses", []))
            .unwrap();
        let left = |place: &Path| {
            let files = [FILE, "studio.sqlite-wal"].map(|name| fs::read(place.join(name)).unwrap());
            let words = b"All is well. All is well.";
            files
                .iter()
                .any(|bytes| bytes.windows(words.len()).any(|part| part == words))
        };
        assert!(left(place.path()));
        for name in [FILE, "studio.sqlite-wal"] {
            fs::copy(place.path().join(name), copy.path().join(name)).unwrap();
        }
        let next = open(copy.path()).unwrap();
        assert!(next.story(id).unwrap().is_none());
        assert!(!left(copy.path()));
    }

    #[test]
    fn the_oldest_stories_make_room() {
        let place = tempfile::tempdir().unwrap();
        let records = open(place.path()).unwrap();
        let ids = [(); 4].map(|()| Id::random().unwrap());
        let mut gone = Vec::new();
        for id in ids {
            gone.extend(records.add_story(id, &story(100), 3).unwrap());
        }
        assert_eq!(gone, ids[..1]);
        assert!(records.story(ids[0]).unwrap().is_none());
        assert!(records.story(ids[1]).unwrap().is_some());
    }
}
