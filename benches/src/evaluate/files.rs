//! Files of labelled texts, and errors that say where in them something is wrong.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::EvaluateError;

/// The largest of the data sets, the training part of a treebank, has 14 MB.
const LIMIT_MB: u64 = 64;

/// A file's text; `expected` says what the file should be.
pub(super) fn read(path: &Path, expected: &'static str) -> Result<String, EvaluateError> {
    let unreadable = |source| EvaluateError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let limit = LIMIT_MB * 1_000_000;
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(unreadable)?
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(EvaluateError::TooLarge {
            path: path.to_owned(),
            limit_mb: LIMIT_MB,
            expected,
        });
    }
    decode(path, bytes, expected)
}

fn decode(path: &Path, bytes: Vec<u8>, expected: &'static str) -> Result<String, EvaluateError> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        Source { path, expected }.wrong(line, "it is not UTF-8")
    })
}

/// A file as its parser needs it for errors.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// What it should be.
    pub expected: &'static str,
}

impl Source<'_> {
    /// An error in a line, counted from 1.
    pub fn wrong(&self, line: usize, problem: impl Into<String>) -> EvaluateError {
        EvaluateError::Line {
            path: self.path.to_owned(),
            line,
            problem: problem.into(),
            expected: self.expected,
        }
    }

    /// The columns of a line, if they are as many as they should be.
    pub fn columns<'t, const N: usize>(
        &self,
        line: usize,
        text: &'t str,
    ) -> Result<[&'t str; N], EvaluateError> {
        let columns: Vec<&str> = text.split('\t').collect();
        let count = columns.len();
        columns
            .try_into()
            .map_err(|_| self.wrong(line, format!("columns: {count} instead of {N}")))
    }

    /// A number in a line.
    pub fn number(&self, line: usize, text: &str) -> Result<usize, EvaluateError> {
        text.parse()
            .map_err(|_| self.wrong(line, format!("{} is no number", quoted(text))))
    }

    /// The texts, unless there are none.
    pub fn some<T>(&self, texts: Vec<T>) -> Result<Vec<T>, EvaluateError> {
        if texts.is_empty() {
            return Err(EvaluateError::Empty {
                path: self.path.to_owned(),
                expected: self.expected,
            });
        }
        Ok(texts)
    }
}

/// The lines of a text that are not blank, with their numbers from 1.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
}

/// The beginning of a text in quotation marks, fit for a terminal.
pub(super) fn quoted(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
        None => format!("{text:?}"),
    }
}

/// A file name for titles.
pub(super) fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_placed_by_their_line() {
        let error =
            decode(Path::new("dev.tsv"), b"one\ntwo\n\xff".to_vec(), "a table").unwrap_err();
        assert_eq!(
            error.to_string(),
            "dev.tsv, line 3: it is not UTF-8; give a table"
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = read(Path::new("no/such/file.tsv"), "a table").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("no/such/file.tsv cannot be read")
        );
    }

    #[test]
    fn quotes_are_short_and_show_control_characters_by_name() {
        assert_eq!(quoted("a\u{1b}[2Jb"), r#""a\u{1b}[2Jb""#);
        assert_eq!(quoted(&"é".repeat(99)).chars().count(), 43);
    }
}
