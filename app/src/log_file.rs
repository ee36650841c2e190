//! Logs in a folder: `fabula.log`, and older ones as `fabula.log.1` and so on.
//!
//! A new file is begun each day (UTC) and after 100 MB. A file is removed before anything in it is
//! seven days old, and the oldest are removed when all together would take more than 500 MB.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracing_subscriber::fmt::MakeWriter;

const NAME: &str = "fabula.log";
const DAY: Duration = Duration::from_hours(24);
/// How long a file is kept after its last line: its first is up to a day older.
const KEPT: Duration = Duration::from_hours(6 * 24);
/// Time between two looks for files that are out of date.
const TIDYING_INTERVAL: Duration = Duration::from_hours(1);

/// How much is kept.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    file_bytes: u64,
    all_bytes: u64,
}

const SIZES: Sizes = Sizes {
    file_bytes: 100_000_000,
    all_bytes: 500_000_000,
};

/// A folder of logs, of which one is written; clones write the same one.
#[derive(Clone, Debug)]
pub struct LogFile(Arc<Mutex<Open>>);

#[derive(Debug)]
struct Open {
    folder: PathBuf,
    sizes: Sizes,
    file: File,
    size_bytes: u64,
    /// The day that the file is of, counted from 1970.
    day: u64,
    tidied: SystemTime,
}

impl LogFile {
    /// Goes on with the log in a folder, which is made for this user alone if there is none.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Self::with(folder, SIZES, SystemTime::now())
    }

    fn with(folder: &Path, sizes: Sizes, now: SystemTime) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        let file = open_in(folder)?;
        let metadata = file.metadata()?;
        let last = metadata.modified()?;
        let mut open = Open {
            folder: folder.to_owned(),
            sizes,
            file,
            size_bytes: metadata.len(),
            day: day(if metadata.len() == 0 { now } else { last }),
            tidied: now,
        };
        if open.day != day(now) {
            open.begin_new(now)?;
        }
        open.tidy(now)?;
        Ok(Self(Arc::new(Mutex::new(open))))
    }

    fn write_line(&self, line: &[u8], now: SystemTime) -> io::Result<()> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = open.size_bytes + line.len() as u64 > open.sizes.file_bytes;
        if (is_full && open.size_bytes > 0) || open.day != day(now) {
            open.begin_new(now)?;
            open.tidy(now)?;
        } else if now
            .duration_since(open.tidied)
            .is_ok_and(|since| since > TIDYING_INTERVAL)
        {
            open.tidy(now)?;
        }
        open.file.write_all(line)?;
        open.size_bytes += line.len() as u64;
        Ok(())
    }
}

impl Open {
    fn numbered(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{NAME}.{number}"))
    }

    /// How many older files there are.
    fn older(&self) -> usize {
        let mut count = 0;
        while self.numbered(count + 1).exists() {
            count += 1;
        }
        count
    }

    fn begin_new(&mut self, now: SystemTime) -> io::Result<()> {
        for number in (1..=self.older()).rev() {
            fs::rename(self.numbered(number), self.numbered(number + 1))?;
        }
        fs::rename(self.folder.join(NAME), self.numbered(1))?;
        self.file = open_in(&self.folder)?;
        self.size_bytes = 0;
        self.day = day(now);
        Ok(())
    }

    /// Removes what is too old, or too much.
    fn tidy(&mut self, now: SystemTime) -> io::Result<()> {
        self.tidied = now;
        // Room for the file that is written, when it is full.
        let mut all_bytes = self.sizes.file_bytes;
        let mut is_surplus = false;
        for number in 1..=self.older() {
            let path = self.numbered(number);
            let metadata = fs::metadata(&path)?;
            all_bytes += metadata.len();
            let age = now.duration_since(metadata.modified()?).unwrap_or_default();
            // What is older than one that goes, goes too, so that no number is left out.
            is_surplus |= age > KEPT || all_bytes > self.sizes.all_bytes;
            if is_surplus {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

fn open_in(folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(folder.join(NAME))
}

fn day(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() / DAY.as_secs()
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.write_line(line, SystemTime::now())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogFile {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Sizes = Sizes {
        file_bytes: 10,
        all_bytes: 50,
    };

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_full_file_is_followed_by_another_and_five_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let log = LogFile::with(folder.path(), SMALL, now).unwrap();
        for number in 0..20 {
            log.write_line(format!("line {number:03}\n").as_bytes(), now)
                .unwrap();
        }
        let kept = [
            "fabula.log",
            "fabula.log.1",
            "fabula.log.2",
            "fabula.log.3",
            "fabula.log.4",
        ];
        assert_eq!(names(folder.path()), kept);
        let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("fabula.log"), "line 019\n");
        assert_eq!(read("fabula.log.4"), "line 015\n");
    }

    #[test]
    fn a_log_goes_on_where_the_last_studio_ended() {
        let folder = tempfile::tempdir().unwrap();
        for line in ["one\n", "two\n"] {
            let mut log = LogFile::open(folder.path()).unwrap();
            log.write_all(line.as_bytes()).unwrap();
        }
        let text = fs::read_to_string(folder.path().join(NAME)).unwrap();
        assert_eq!(text, "one\ntwo\n");
    }

    #[test]
    fn each_day_has_a_file_and_none_is_kept_for_longer_than_a_week() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let log = LogFile::with(folder.path(), SIZES, now).unwrap();
        log.write_line(b"today\n", now).unwrap();
        log.write_line(b"tomorrow\n", now + DAY).unwrap();
        assert_eq!(names(folder.path()), ["fabula.log", "fabula.log.1"]);
        // The files were written now; the log is told that it is later.
        log.write_line(b"in five days\n", now + 5 * DAY).unwrap();
        assert_eq!(names(folder.path()).len(), 3);
        log.write_line(b"in a week\n", now + 7 * DAY).unwrap();
        assert_eq!(names(folder.path()), ["fabula.log"]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_a_log() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        LogFile::open(&logs).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&logs), 0o700);
        assert_eq!(mode(&logs.join(NAME)), 0o600);
    }
}
