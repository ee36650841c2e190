//! What a file is, by its first bytes.

use super::DocumentError;

/// The documents that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Portable Document Format.
    Pdf,
    /// A ZIP archive, which should be a Word document.
    Docx,
    /// Markdown, by its extension.
    Markdown,
    /// Any other text.
    Text,
}

const SAVE_AS_TEXT: &str = "save its text as .txt or .docx";
const GIVE_A_DOCUMENT: &str = "give a .txt, .md, .pdf or .docx file";

/// First bytes of what is recognised and refused.
const SIGNATURES: &[(&[u8], &str, &str)] = &[
    (b"{\\rtf", "an RTF document", SAVE_AS_TEXT),
    (b"%!PS", "a PostScript document", SAVE_AS_TEXT),
    (b"\x89PNG", "a PNG picture", GIVE_A_DOCUMENT),
    (b"\xff\xd8\xff", "a JPEG picture", GIVE_A_DOCUMENT),
    (b"GIF87a", "a GIF picture", GIVE_A_DOCUMENT),
    (b"GIF89a", "a GIF picture", GIVE_A_DOCUMENT),
    (b"II*\0", "a TIFF picture", GIVE_A_DOCUMENT),
    (b"MM\0*", "a TIFF picture", GIVE_A_DOCUMENT),
    (b"RIFF", "a sound, film or picture", GIVE_A_DOCUMENT),
    (b"ID3", "a sound", GIVE_A_DOCUMENT),
    (b"OggS", "a sound or film", GIVE_A_DOCUMENT),
    (b"fLaC", "a sound", GIVE_A_DOCUMENT),
    (b"\x1aE\xdf\xa3", "a film", GIVE_A_DOCUMENT),
    (
        b"\x1f\x8b",
        "a gzip archive",
        "unpack it and give the story in it",
    ),
    (
        b"BZh",
        "a bzip2 archive",
        "unpack it and give the story in it",
    ),
    (
        b"\xfd7zXZ",
        "an xz archive",
        "unpack it and give the story in it",
    ),
    (
        b"7z\xbc\xaf\x27\x1c",
        "a 7z archive",
        "unpack it and give the story in it",
    ),
    (
        b"Rar!",
        "a RAR archive",
        "unpack it and give the story in it",
    ),
    (b"\x7fELF", "a program", GIVE_A_DOCUMENT),
    (b"MZ\x90", "a program", GIVE_A_DOCUMENT),
    (b"SQLite format 3", "a database", GIVE_A_DOCUMENT),
    (b"\0asm", "a program", GIVE_A_DOCUMENT),
];

/// First words of markup that is refused, in lower case.
const MARKUP: &[(&[u8], &str)] = &[
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<head", "a web page"),
    (b"<body", "a web page"),
    (b"<?xml", "an XML file"),
    (b"<svg", "an SVG picture"),
];

const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// A PDF's header may stand this far into the file.
const PDF_HEADER_WITHIN: usize = 1024;

/// Tells what `bytes` are, or refuses them as something that is no story.
pub fn kind(bytes: &[u8], name: &str) -> Result<Kind, DocumentError> {
    let unsupported = |kind, remedy| {
        Err(DocumentError::Unsupported {
            name: name.to_owned(),
            kind,
            remedy,
        })
    };
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let trimmed = body.trim_ascii_start();
    if trimmed.is_empty() {
        return Err(DocumentError::Empty {
            name: name.to_owned(),
        });
    }
    let extension = name
        .rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase())
        .unwrap_or_default();
    let head = bytes.get(..PDF_HEADER_WITHIN).unwrap_or(bytes);
    if trimmed.starts_with(b"%PDF-") || (extension == "pdf" && position(head, b"%PDF-").is_some()) {
        return Ok(Kind::Pdf);
    }
    if [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"]
        .iter()
        .any(|mark| bytes.starts_with(*mark))
    {
        return Ok(Kind::Docx);
    }
    if bytes.starts_with(OLE) {
        if contains_utf16(bytes, "EncryptedPackage") {
            return Err(DocumentError::Encrypted {
                name: name.to_owned(),
                kind: "Office document",
            });
        }
        let kind = if contains_utf16(bytes, "WordDocument") {
            "an old Word document (.doc)"
        } else {
            "an old Office document"
        };
        return unsupported(kind, "save it as .docx");
    }
    for &(signature, kind, remedy) in SIGNATURES {
        if bytes.starts_with(signature) {
            return unsupported(kind, remedy);
        }
    }
    if bytes.get(4..8) == Some(b"ftyp".as_slice()) {
        return unsupported("a film, sound or picture", GIVE_A_DOCUMENT);
    }
    for &(start, kind) in MARKUP {
        if trimmed
            .get(..start.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(start))
        {
            return unsupported(kind, SAVE_AS_TEXT);
        }
    }
    Ok(if matches!(extension.as_str(), "md" | "markdown") {
        Kind::Markdown
    } else {
        Kind::Text
    })
}

/// What follows the last dot of `name`, in lower case.
pub fn extension(name: &str) -> String {
    name.rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase())
        .unwrap_or_default()
}

/// Where `needle` first occurs in `bytes`.
pub fn position(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

/// How often `needle` occurs in `bytes`.
pub fn occurrences(bytes: &[u8], needle: &[u8]) -> usize {
    bytes
        .windows(needle.len())
        .filter(|window| *window == needle)
        .count()
}

fn contains_utf16(bytes: &[u8], text: &str) -> bool {
    let needle: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    position(bytes, &needle).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_and_not_the_extension() {
        assert_eq!(kind(b"%PDF-1.7\n", "story.txt").unwrap(), Kind::Pdf);
        assert_eq!(kind(b"PK\x03\x04rest", "story.txt").unwrap(), Kind::Docx);
        assert_eq!(kind(b"Once upon a time", "story.pdf").unwrap(), Kind::Text);
        assert_eq!(kind(b"# Once", "story.MD").unwrap(), Kind::Markdown);
    }

    #[test]
    fn what_is_no_text_is_refused_by_its_kind() {
        for (bytes, word) in [
            (&b"\x89PNG\r\n\x1a\n"[..], "PNG"),
            (b"{\\rtf1 hello}", "RTF"),
            (b"  <!DOCTYPE HTML><p>", "web page"),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0",
                ".docx",
            ),
            (b" \n\t ", "empty"),
        ] {
            let message = kind(bytes, "story.txt").unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
    }
}
