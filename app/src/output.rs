//! Files that appear under their name only when they are complete.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::interrupt::{self, UnfinishedOutput};

/// Refuses a target before any work is done for it: what stands there and is no file, or is a
/// file that `replace` does not allow to replace, or is the very `input`.
pub fn check_target(path: &Path, replace: bool, input: &Path) -> Result<(), Failure> {
    if let (Ok(target), Ok(input)) = (path.canonicalize(), input.canonicalize())
        && target == input
        && target.is_file()
    {
        return Err(Failure::usage(format!(
            "{} is what is read, and would be lost; name another file to write",
            path.display()
        )));
    }
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => Err(Failure::output(
            path,
            &std::io::Error::other("something that is no file has this name"),
        )),
        Ok(_) if !replace => Err(Failure::usage(format!(
            "{} exists already; add --force to replace it or name another file with -o",
            path.display()
        ))),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let folder = folder_of(path);
            if folder.is_dir() {
                return Ok(());
            }
            let cause = format!("there is no folder {}", folder.display());
            Err(Failure::output(
                path,
                &std::io::Error::new(error.kind(), cause),
            ))
        }
        Err(error) => Err(Failure::output(path, &error)),
    }
}

/// Writes a whole file, or nothing.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let output = Output::filled(path, content)?;
    interrupt::check()?;
    output.commit()
}

/// The same for what is to be there after an interruption, too.
pub fn write_last(path: &Path, content: &[u8]) -> Result<(), Failure> {
    Output::filled(path, content)?.commit()
}

/// Prints to standard output; a reader who has seen enough and closed it is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::output(Path::new("standard output"), &error))
        }
        _ => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A file under a temporary name beside its target; dropped, it disappears.
#[derive(Debug)]
struct Output {
    path: PathBuf,
    file: tempfile::NamedTempFile,
    _unfinished: UnfinishedOutput,
}

impl Output {
    fn create(path: &Path) -> Result<Self, Failure> {
        let unfinished = UnfinishedOutput::begin();
        let mut prefix = OsString::from(".");
        prefix.push(path.file_name().unwrap_or_default());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What the umask leaves of it, as for any new file.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder
            .tempfile_in(folder_of(path))
            .map_err(|error| Failure::output(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            _unfinished: unfinished,
        })
    }

    fn filled(path: &Path, content: &[u8]) -> Result<Self, Failure> {
        let mut output = Self::create(path)?;
        let written = output.file.write_all(content);
        written.map_err(|error| Failure::output(path, &error))?;
        Ok(output)
    }

    fn commit(self) -> Result<(), Failure> {
        self.file
            .persist(&self.path)
            .map(drop)
            .map_err(|error| Failure::output(&self.path, &error.error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Cause;

    #[test]
    fn a_file_appears_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_existing_file_is_replaced_only_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let story = folder.path().join("story.txt");
        check_target(&path, false, &story).unwrap();
        std::fs::write(&path, "dear").unwrap();
        assert_eq!(
            check_target(&path, false, &story).unwrap_err().cause,
            Cause::Usage
        );
        check_target(&path, true, &story).unwrap();
    }

    #[test]
    fn what_is_read_is_never_replaced_by_what_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let story = folder.path().join("story.txt");
        std::fs::write(&story, "dear").unwrap();
        let roundabout = folder.path().join(".").join("story.txt");
        for target in [&story, &roundabout] {
            let failure = check_target(target, true, &story).unwrap_err();
            assert_eq!(failure.cause, Cause::Usage);
        }
        check_target(&folder.path().join("film.mp4"), true, &story).unwrap();
    }

    #[test]
    fn a_folder_or_a_missing_folder_is_no_target() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none/a.txt");
        for path in [folder.path(), missing.as_path()] {
            assert_eq!(
                check_target(path, true, Path::new("-")).unwrap_err().cause,
                Cause::Output
            );
        }
    }
}
