//! Documents in: txt, Markdown, PDF and Word files become a title and clean paragraphs.
//!
//! [`read`] opens a file, [`read_bytes`] takes what is already in memory. The kind of document
//! is told from its content, not from its name. Each format has a module that produces a
//! draft of paragraphs; `normalize` cleans their characters and `plausible` refuses what is
//! no story. Plays are told as stories (`play`). PDF and Word files are taken apart on a thread of
//! their own (`contain`), because a damaged one may make the libraries that read them panic or run
//! on.
//!
//! In the result, paragraphs are separated by one blank line, lines that were wrapped to a
//! width are joined again, and a scene break is a paragraph of its own: [`SCENE_BREAK`].

mod contain;
mod docx;
mod encoding;
mod error;
mod language;
mod markdown;
mod normalize;
mod pdf;
mod pdf_layout;
mod pdf_sanitize;
mod plain;
mod plausible;
mod play;
mod sniff;

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use error::DocumentError;
use sniff::Kind;

/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// Longest text that is accepted, in characters.
pub const MAX_TEXT_CHARS: usize = 1_000_000;
/// The paragraph that stands for a scene break.
pub const SCENE_BREAK: &str = "* * *";

/// A story's text as it was read from a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The title, where the document shows one; it is not part of `text`.
    pub title: Option<String>,
    /// Paragraphs separated by one blank line, without line breaks inside them.
    pub text: String,
}

impl Document {
    /// Whether the text can be English, the only language that stories are read in. A text of a few
    /// words always can.
    pub fn may_be_english(&self) -> bool {
        language::may_be_english(&self.text)
    }
}

/// What a format's reader found, before its characters are cleaned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Draft {
    title: Option<String>,
    paragraphs: Vec<String>,
}

/// Reads the document in the file at `path`.
pub fn read(path: &Path) -> Result<Document, DocumentError> {
    let name = error::display_name(&path.to_string_lossy());
    let unreadable = |source| DocumentError::Unreadable {
        name: name.clone(),
        source,
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(DocumentError::Unsupported {
            name,
            kind: "a folder",
            remedy: "name a .txt, .md, .pdf or .docx file in it",
        });
    }
    if metadata.len() > MAX_FILE_BYTES as u64 {
        return Err(DocumentError::FileTooLarge { name });
    }
    let mut bytes = Vec::new();
    (&mut file)
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    read_bytes(&bytes, &name)
}

/// Reads the document in `bytes`; `name` appears in messages, and its extension tells Markdown
/// from plain text.
pub fn read_bytes(bytes: &[u8], name: &str) -> Result<Document, DocumentError> {
    let name = error::display_name(name);
    if bytes.len() > MAX_FILE_BYTES {
        return Err(DocumentError::FileTooLarge { name });
    }
    let draft = match sniff::kind(bytes, &name)? {
        Kind::Pdf => pdf::read(bytes, &name)?,
        Kind::Docx => docx::read(bytes, &name)?,
        Kind::Markdown => markdown::read(&decode_text(bytes, &name)?),
        Kind::Text => plain::read(&decode_text(bytes, &name)?),
    };
    finish(draft, &name)
}

fn decode_text(bytes: &[u8], name: &str) -> Result<String, DocumentError> {
    let name = || name.to_owned();
    let text = encoding::decode(bytes).ok_or_else(|| match sniff::extension(&name()).as_str() {
        "pdf" => DocumentError::headless(name(), "PDF"),
        "docx" => DocumentError::headless(name(), "Word document"),
        _ => DocumentError::NotAStory {
            name: name(),
            reason: "binary data",
        },
    })?;
    // Marks of Markdown do not count in the end, so this only stops what is hopeless.
    if text
        .chars()
        .filter(|c| !c.is_whitespace())
        .nth(2 * MAX_TEXT_CHARS)
        .is_some()
    {
        return Err(DocumentError::TextTooLong { name: name() });
    }
    Ok(normalize::lines(&text))
}

fn finish(mut draft: Draft, name: &str) -> Result<Document, DocumentError> {
    if play::is_play(&draft.paragraphs) {
        draft.paragraphs = play::told(draft.paragraphs);
    }
    let mut text = String::new();
    let mut pending_break = false;
    for paragraph in &draft.paragraphs {
        if plain::is_scene_break(paragraph) {
            pending_break = true;
            continue;
        }
        let paragraph = normalize::paragraph(paragraph);
        if paragraph.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str("\n\n");
            if pending_break {
                text.push_str(SCENE_BREAK);
                text.push_str("\n\n");
            }
        }
        pending_break = false;
        text.push_str(&paragraph);
    }
    plausible::check(&text, name)?;
    let title = draft
        .title
        .map(|title| normalize::paragraph(&title))
        .filter(|t| !t.is_empty());
    Ok(Document { title, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STORY: &str = "The Well\n\nA crow was thirsty. \"Water!\" she cried.\n\nShe drank.";

    #[test]
    fn a_title_and_paragraphs_come_out_of_plain_text() {
        let document = read_bytes(STORY.as_bytes(), "well.txt").unwrap();
        assert_eq!(document.title.as_deref(), Some("The Well"));
        assert_eq!(
            document.text,
            "A crow was thirsty. \"Water!\" she cried.\n\nShe drank."
        );
    }

    #[test]
    fn a_play_is_told_whatever_it_is_written_in() {
        let told = "Tom said: “Hello!”\n\nBen said loudly: “Hi!”\n\nTom said: “Bye!”";
        for (play, name) in [
            ("TOM: Hello!\nBEN (loudly): Hi!\nTOM: Bye!", "a.txt"),
            (
                "**TOM:** Hello!\n**BEN** (loudly): Hi!\n**TOM:** Bye!",
                "a.md",
            ),
        ] {
            let document = read_bytes(play.as_bytes(), name).unwrap();
            assert_eq!(
                (document.title, document.text.as_str()),
                (None, told),
                "{name}"
            );
        }
    }

    #[test]
    fn every_encoding_gives_the_same_story() {
        let story = "Zoë's Café\n\n“Où est Zoë?” asked the crow — twice.\n\nNobody knew.";
        let wide = |big: bool| -> Vec<u8> {
            story
                .encode_utf16()
                .flat_map(|unit| {
                    if big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect()
        };
        let with = |mark: &[u8], body: &[u8]| [mark, body].concat();
        let expected = read_bytes(story.as_bytes(), "a.txt").unwrap();
        assert_eq!(expected.title.as_deref(), Some("Zoë's Café"));
        for bytes in [
            with(b"\xef\xbb\xbf", story.as_bytes()),
            with(b"\xff\xfe", &wide(false)),
            with(b"\xfe\xff", &wide(true)),
            wide(false),
            wide(true),
            encoding_rs::WINDOWS_1252.encode(story).0.into_owned(),
            story.replace('\n', "\r\n").into_bytes(),
            story.replace('\n', "\r").into_bytes(),
        ] {
            assert_eq!(read_bytes(&bytes, "a.txt").unwrap(), expected);
        }
    }

    #[test]
    fn a_text_is_read_and_binary_data_refused_whatever_the_name_says() {
        let expected = read_bytes(STORY.as_bytes(), "well.txt").unwrap();
        for name in [
            "well.exe",
            "well.png",
            "well.jpg",
            "well.mp4",
            "well.zip",
            "well.bin",
            "well.rtf",
            "well.html",
            "well.doc",
            "well.json5",
            "well",
            ".well",
            "well.",
            "WELL.TXT",
        ] {
            assert_eq!(
                read_bytes(STORY.as_bytes(), name).unwrap(),
                expected,
                "{name}"
            );
        }
        let noise: Vec<u8> = (0..4000_u32)
            .map(|i| ((i * 7919) >> 3).to_le_bytes()[0])
            .collect();
        for (bytes, word) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "PNG"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
            (b"MZ\x90\0\x03\0\0\0", "program"),
            (b"\x7fELF\x02\x01\x01", "program"),
            (&noise, "binary"),
        ] {
            for name in ["well.txt", "well.md", "well.exe", "well"] {
                let message = read_bytes(bytes, name).unwrap_err().to_string();
                assert!(
                    message.contains(word) && message.contains(name),
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn a_missing_file_and_a_folder_are_refused_by_name() {
        let missing = read(Path::new("no/such/story.txt"))
            .unwrap_err()
            .to_string();
        assert!(missing.contains("no/such/story.txt"), "{missing}");
        let folder = read(&std::env::temp_dir()).unwrap_err().to_string();
        assert!(folder.contains("folder"), "{folder}");
    }

    #[test]
    fn a_long_name_with_line_breaks_stays_on_one_short_line() {
        let name = format!("a\nb{}.txt", "x".repeat(5000));
        let message = read_bytes(b"", &name).unwrap_err().to_string();
        assert!(message.len() < 400 && !message.contains('\n'), "{message}");
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_story_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            for name in ["a.txt", "a.md", "a.pdf", "a.docx", "-"] {
                let _ = read_bytes(&bytes, name);
            }
        }

        #[test]
        fn a_text_that_was_read_reads_the_same_again(words in "[A-Za-z ,.!?\n\"*#>-]{40,400}") {
            if let Ok(first) = read_bytes(words.as_bytes(), "a.txt") {
                prop_assert!(!first.text.contains("\n\n\n"));
                prop_assert!(first.text.split("\n\n").all(|p| !p.contains('\n') && p == p.trim()));
            }
        }
    }
}
