//! Damaged, hostile and misnamed documents: each gives one clear sentence or a sensible text.
#![expect(
    clippy::expect_used,
    reason = "an archive written to memory cannot fail"
)]

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use fabula_nlp::document::read_bytes;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

const PDF: &[u8] = include_bytes!("../../assets/stories/the-fox-and-the-lantern.pdf");
const DOCX: &[u8] = include_bytes!("../../assets/stories/the-fox-and-the-lantern.docx");
const TEXT: &[u8] = include_bytes!("../../assets/stories/the-fox-and-the-lantern.txt");
const SENTENCE: &str = "The fox slept under the old tree. ";

/// Reads the document and checks what must hold of any answer; whether it was a story.
fn is_story(name: &str, bytes: &[u8]) -> bool {
    match read_bytes(bytes, name) {
        Ok(document) => {
            assert!(document.text.contains(' '), "{name}: {:?}", document.text);
            assert!(!document.text.contains("\n\n\n"), "{name}");
            assert!(
                document.text.chars().all(|c| c == '\n' || !c.is_control()),
                "{name}"
            );
            true
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains(name), "{message}");
            assert!(!message.contains('\n') && message.len() < 400, "{message}");
            assert!(
                message.contains(';') && !message.ends_with('.'),
                "{message}"
            );
            false
        }
    }
}

fn assert_refused(name: &str, bytes: &[u8]) {
    assert!(!is_story(name, bytes), "{name} was accepted");
}

fn archive(parts: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).expect("an entry");
        zip.write_all(content).expect("its bytes");
    }
    zip.finish().expect("an archive").into_inner()
}

fn word_document(xml: &[u8]) -> Vec<u8> {
    archive(&[("word/document.xml", xml)], CompressionMethod::Deflated)
}

/// A PDF with the given objects and a correct table of their places.
fn pdf_with(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut out = "%PDF-1.4\n".to_owned();
    let mut table = String::new();
    for (index, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let (start, size) = (out.len(), objects.len() + 1);
    let _ = write!(
        out,
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\n\
         startxref\n{start}\n%%EOF\n"
    );
    out.into_bytes()
}

fn stream(content: &str) -> String {
    format!(
        "<</Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// Bytes without a pattern, the same every time (xorshift).
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(len)
    .collect()
}

#[test]
fn a_pdf_cut_anywhere_is_refused() {
    for part in 1..40 {
        assert_refused(&format!("cut-{part}.pdf"), &PDF[..PDF.len() * part / 40]);
    }
}

#[test]
fn a_word_document_cut_anywhere_is_refused() {
    for part in 1..40 {
        assert_refused(&format!("cut-{part}.docx"), &DOCX[..DOCX.len() * part / 40]);
    }
}

#[test]
fn scrambled_documents_never_panic() {
    for (extension, whole) in [("pdf", PDF), ("docx", DOCX), ("txt", TEXT)] {
        for seed in 0..20 {
            let mut bytes = whole.to_vec();
            for (index, value) in noise(seed, 40).into_iter().enumerate() {
                let at = (index * 7919 + seed as usize * 104_729) % bytes.len();
                bytes[at] = value;
            }
            is_story(&format!("scrambled-{seed}.{extension}"), &bytes);
        }
    }
}

#[test]
fn random_bytes_are_refused_under_any_name() {
    for seed in 0..24 {
        let extension = ["txt", "md", "pdf", "docx"][seed as usize % 4];
        assert_refused(
            &format!("noise-{seed}.{extension}"),
            &noise(seed, 100 << (seed / 2)),
        );
    }
}

#[test]
fn nothing_and_nearly_nothing_is_refused() {
    let nothing: [&[u8]; 8] = [
        b"",
        b" \n\t\r\n ",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff\0",
        b"a",
        b"Hi.",
        b"...\n!!",
    ];
    for bytes in nothing {
        for name in ["empty.txt", "empty.md", "empty.pdf", "empty.docx"] {
            assert_refused(name, bytes);
        }
    }
}

#[test]
fn what_is_no_story_is_refused() {
    let numbers = "1,2.5,17;".repeat(500);
    let code = "fn main() { let x = vec![1, 2]; if x[0] == 1 { return; } }\n".repeat(50);
    let json = format!("{{\"title\": \"A fox\", \"text\": \"{SENTENCE}\"}}");
    let base64 = "QWxsIHRoZSBrbmlnaHRzIGFuZCBmb3hlcw".repeat(300);
    let one_letter = "a".repeat(1_000_000);
    for (name, text) in [
        ("numbers.txt", &numbers),
        ("code.txt", &code),
        ("data.txt", &json),
        ("base64.txt", &base64),
        ("endless.txt", &one_letter),
    ] {
        assert_refused(name, text.as_bytes());
    }
}

#[test]
fn other_formats_are_refused_under_a_storys_name() {
    let files: [&[u8]; 14] = [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"GIF89a\x01\0\x01\0",
        b"{\\rtf1\\ansi The fox slept under the old tree.}",
        b"<!DOCTYPE html><html><p>The fox slept under the old tree.</p></html>",
        b"<?xml version=\"1.0\"?><a>The fox slept under the old tree.</a>",
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
        b"7z\xbc\xaf\x27\x1c\0\x04",
        b"Rar!\x1a\x07\0",
        b"\x7fELF\x02\x01\x01\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0",
        b"%!PS-Adobe-3.0\nThe fox slept under the old tree.",
        b"\0\0\0\x20ftypisom\0\0\x02\0",
        b"SQLite format 3\0",
    ];
    for bytes in files {
        for name in ["story.txt", "story.pdf", "story.docx"] {
            assert_refused(name, bytes);
        }
    }
}

#[test]
fn a_wrong_extension_does_no_harm() {
    for name in [
        "story.txt",
        "story.md",
        "story.pdf",
        "story.docx",
        "story",
        "-",
    ] {
        for bytes in [PDF, DOCX, TEXT] {
            let document = read_bytes(bytes, name).expect("a story");
            assert_eq!(
                document.title.as_deref(),
                Some("The Fox and the Lantern"),
                "{name}"
            );
        }
    }
}

#[test]
fn harmless_damage_leaves_the_story() {
    let long_line = SENTENCE.repeat(20_000);
    let controls = SENTENCE.replace(' ', " \u{1}\u{7}\u{1b}\u{202e}").repeat(3);
    let mut odd: Vec<u8> = SENTENCE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    odd.push(0x41);
    let blank_lines = format!("{}{SENTENCE}", "\n".repeat(300_000));
    let brackets = format!("{SENTENCE}{}", "[".repeat(10)).repeat(10);
    for (name, bytes) in [
        ("line.txt", long_line.as_bytes()),
        ("line.md", long_line.as_bytes()),
        ("controls.txt", controls.as_bytes()),
        ("odd.txt", odd.as_slice()),
        ("blank.txt", blank_lines.as_bytes()),
    ] {
        is_story(name, bytes);
    }
    assert!(is_story("line.txt", long_line.as_bytes()));
    assert!(is_story("controls.txt", controls.as_bytes()));
    assert!(is_story("odd.txt", &odd));
    is_story("brackets.md", brackets.as_bytes());
}

#[test]
fn what_is_too_large_is_refused() {
    assert_refused("file.txt", &vec![b'a'; 10 * 1024 * 1024 + 1]);
    assert_refused("text.txt", SENTENCE.repeat(30_000).as_bytes());
    let xml = format!(
        "<w:document xmlns:w=\"w\"><w:p><w:r><w:t>{}",
        SENTENCE.repeat(90_000)
    );
    assert_refused("text.docx", &word_document(xml.as_bytes()));
}

#[test]
fn archives_that_are_no_word_document_are_refused() {
    let stored = CompressionMethod::Stored;
    let inner = archive(&[("a.txt", SENTENCE.as_bytes())], stored);
    let mut nested = inner.clone();
    for _ in 0..10 {
        nested = archive(&[("inner.zip", &nested)], CompressionMethod::Deflated);
    }
    assert_refused("nested.docx", &nested);
    assert_refused(
        "inner.docx",
        &archive(&[("word/document.xml", &inner)], stored),
    );
    assert_refused("empty.docx", &archive(&[], stored));
    assert_refused(
        "nothing.docx",
        &archive(&[("word/document.xml", b"")], stored),
    );
    assert_refused(
        "sheet.docx",
        &archive(&[("xl/workbook.xml", b"<x/>")], stored),
    );
    let names: Vec<String> = (0..5000).map(|index| format!("part{index}")).collect();
    let many: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &b"x"[..]))
        .collect();
    assert_refused("many.docx", &archive(&many, stored));
}

#[test]
fn bombs_are_refused() {
    let spaces = vec![b' '; 80 * 1024 * 1024];
    assert_refused("spaces.docx", &word_document(&spaces));
    let paragraphs = b"<w:p/>".repeat(12 * 1024 * 1024);
    assert_refused("paragraphs.docx", &word_document(&paragraphs));
    let deep = b"<w:p>".repeat(1_000_000);
    assert_refused("deep.docx", &word_document(&deep));
    let mut laughs = "<!DOCTYPE d [<!ENTITY a0 \"ha\">".to_owned();
    for level in 1..30 {
        let _ = write!(
            laughs,
            "<!ENTITY a{level} \"&a{0};&a{0};&a{0};\">",
            level - 1
        );
    }
    laughs.push_str(
        "]><w:document xmlns:w=\"w\"><w:p><w:r><w:t>&a29;</w:t></w:r></w:p></w:document>",
    );
    assert_refused("laughs.docx", &word_document(laughs.as_bytes()));
    let external = "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
                    <w:document xmlns:w=\"w\"><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:document>";
    assert_refused("external.docx", &word_document(external.as_bytes()));
}

#[test]
fn pdfs_without_text_or_sense_are_refused() {
    let catalog = "<</Type/Catalog/Pages 2 0 R>>";
    let pages = "<</Type/Pages/Count 1/Kids[3 0 R]>>";
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Resources<</Font<</F 5 0 R>>\
                /XObject<</X 6 0 R>>>>/Contents 4 0 R>>";
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>";
    let self_drawing = "<</Subtype/Form/Length 5>>\nstream\n/X Do\nendstream";
    let deep = format!("<</A {}{}>>", "[".repeat(50_000), "]".repeat(50_000));
    let looping_parent = "<</Type/Pages/Parent 2 0 R/Count 1/Kids[3 0 R]>>";
    let bare_page = "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>";
    let scanned = stream("q 400 0 0 600 0 0 cm /X Do Q");
    let garbage = stream("BT Tf Tj (a) Tj [ Td 1 2 3 cm Q Q Q /F Tf ET");
    let drawing = stream("/X Do");
    for (name, objects, trailer) in [
        (
            "scanned.pdf",
            vec![catalog, pages, page, &scanned, font],
            "",
        ),
        (
            "garbage.pdf",
            vec![catalog, pages, page, &garbage, font],
            "",
        ),
        (
            "cycle.pdf",
            vec![catalog, pages, page, &drawing, font, self_drawing],
            "",
        ),
        (
            "parents.pdf",
            vec![catalog, looping_parent, bare_page, &garbage],
            "",
        ),
        (
            "kids.pdf",
            vec![catalog, "<</Type/Pages/Count 9/Kids[2 0 R 2 0 R 2 0 R]>>"],
            "",
        ),
        ("deep.pdf", vec![catalog, pages, &deep], ""),
        ("no-pages.pdf", vec![catalog], ""),
        ("no-root.pdf", vec![], ""),
        (
            "encrypted.pdf",
            vec![catalog, pages, page, &garbage, font],
            "/Encrypt 5 0 R",
        ),
    ] {
        assert_refused(name, &pdf_with(&objects, trailer));
    }
}
