use thiserror::Error;

/// Why a document gave no story; each message is one line with file, cause and remedy.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// The operating system refused the file.
    #[error("{name} cannot be read ({source}); check the path and the permissions")]
    Unreadable {
        /// The file.
        name: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file is larger than [`MAX_FILE_BYTES`](super::MAX_FILE_BYTES).
    #[error("{name} is larger than 10 MB; give a smaller file or save its text alone as .txt")]
    FileTooLarge {
        /// The file.
        name: String,
    },
    /// The text is longer than [`MAX_TEXT_CHARS`](super::MAX_TEXT_CHARS).
    #[error("{name} holds more than 1,000,000 characters of text; split it into chapters")]
    TextTooLong {
        /// The file.
        name: String,
    },
    /// There is nothing in the file.
    #[error("{name} is empty; give a file with a story in it")]
    Empty {
        /// The file.
        name: String,
    },
    /// There are too few words for a film.
    #[error("{name} holds too few words for a story; write at least one sentence")]
    TooShort {
        /// The file.
        name: String,
    },
    /// The content is text, but no prose.
    #[error("{name} does not read like a story ({reason}); give a file with sentences in it")]
    NotAStory {
        /// The file.
        name: String,
        /// What it looks like instead.
        reason: &'static str,
    },
    /// The file is of a kind that is not read.
    #[error("{name} is {kind}, which cannot be read as a story; {remedy}")]
    Unsupported {
        /// The file.
        name: String,
        /// What it is.
        kind: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The document needs a password.
    #[error("{name} is an encrypted {kind}; remove its password and save it again")]
    Encrypted {
        /// The file.
        name: String,
        /// `PDF` or `Word document`.
        kind: &'static str,
    },
    /// A PDF has pages, but no text on them.
    #[error("{name} is a PDF without text, probably scanned; run text recognition (OCR) on it")]
    Scanned {
        /// The file.
        name: String,
    },
    /// The document breaks off or contradicts its format.
    #[error("{name} is a damaged or incomplete {kind} ({cause}); save or download it again")]
    Damaged {
        /// The file.
        name: String,
        /// `PDF` or `Word document`.
        kind: &'static str,
        /// What is wrong with it.
        cause: String,
    },
    /// A small file that unpacks to something enormous.
    #[error("{name} is a {kind} that unpacks to far more than a story; save its text as .txt")]
    Inflated {
        /// The file.
        name: String,
        /// `PDF` or `Word document`.
        kind: &'static str,
    },
    /// Reading took longer than a document is given.
    #[error("{name} is a {kind} too intricate to read in time; save its text as .txt")]
    TooSlow {
        /// The file.
        name: String,
        /// `PDF` or `Word document`.
        kind: &'static str,
    },
}

impl DocumentError {
    /// A binary file that does not begin as its extension says it should.
    pub(super) fn headless(name: String, kind: &'static str) -> Self {
        Self::Damaged {
            name,
            kind,
            cause: "its beginning is missing".to_owned(),
        }
    }
}

/// `name` on one line of at most 200 characters.
pub(super) fn display_name(name: &str) -> String {
    const MAX_CHARS: usize = 200;
    let line: String = name
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .take(MAX_CHARS)
        .collect();
    if line.trim().is_empty() {
        "the document".to_owned()
    } else {
        line
    }
}
