//! Documents of each kind, good, bad and hostile.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::Value;

use crate::browser::Browser;
use crate::program::{Program, STORY};

/// How many documents are sent that are hostile or broken.
const HOSTILE: usize = 1000;
/// More than any part of a document may unpack to.
const BOMB_BYTES: usize = 300_000_000;

/// A story of the repository. Chromium reads no file whose path goes up and down again.
pub fn sample(name: &str) -> PathBuf {
    let stories = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/stories");
    stories.join(name).canonicalize().unwrap()
}

/// A ZIP archive of these files.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A PDF of one page, with or without a password that nobody knows.
fn pdf(page: &[u8], filter: &str, is_protected: bool) -> Vec<u8> {
    let length = page.len();
    let stream = format!("<<{filter}/Length {length}>>stream\n");
    let digest = "5a".repeat(32);
    let lock = format!("<</Filter/Standard/V 1/R 2/P -4/O<{digest}>/U<{digest}>>>");
    let objects = [
        &b"<</Type/Catalog/Pages 2 0 R>>"[..],
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        &[stream.as_bytes(), page, b"\nendstream "].concat(),
        lock.as_bytes(),
    ];
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut places = vec!["xref\n0 6\n0000000000 65535 f \n".to_owned()];
    for (number, object) in (1..).zip(objects) {
        places.push(format!("{:010} 00000 n \n", pdf.len()));
        pdf.extend(format!("{number} 0 obj").bytes());
        pdf.extend(object);
        pdf.extend(b"endobj\n");
    }
    let start = pdf.len();
    let locked = if is_protected {
        "/ID[<00><00>]/Encrypt 5 0 R"
    } else {
        ""
    };
    let end = format!("trailer<</Root 1 0 R/Size 6{locked}>>\nstartxref\n{start}\n%%EOF");
    places.push(end);
    pdf.extend(places.concat().bytes());
    pdf
}

/// A Word document that unpacks to much more than it is.
fn docx_bomb() -> Vec<u8> {
    let spaces = vec![b' '; BOMB_BYTES];
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", &spaces),
    ])
}

/// A PDF whose page does.
fn pdf_bomb() -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&vec![b' '; BOMB_BYTES]).unwrap();
    pdf(&packed.finish().unwrap(), "/Filter/FlateDecode", false)
}

/// What a Word document of the nineties begins with.
fn old_word_document() -> Vec<u8> {
    let mut document = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    document.resize(512, 0);
    document.extend("WordDocument".encode_utf16().flat_map(u16::to_le_bytes));
    document
}

#[test]
fn each_kind_of_document_is_read_and_each_bad_one_refused_with_its_reason() {
    let Some(mut browser) = Browser::open("each_kind_of_document") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let studio = Program::start(&folder.path().join("data"));
    browser.size(768, 1024);
    browser.go(&format!("http://{}/", studio.address));

    let odd = folder.path().join("<img src=x onerror=pwned=1>.txt");
    let script = format!(
        "{STORY}She wrote <img src=x onerror=pwned=1> on the wall of the cave, and Odo read it twice.\n"
    );
    std::fs::write(&odd, script).unwrap();
    for (document, title) in [
        (
            sample("two-goats-on-the-bridge.txt"),
            "Two Goats on the Bridge",
        ),
        (
            sample("the-mouse-who-painted-the-moon.md"),
            "The Mouse Who Painted the Moon",
        ),
        (
            sample("the-fox-and-the-lantern.pdf"),
            "The Fox and the Lantern",
        ),
        (
            sample("the-fox-and-the-lantern.docx"),
            "The Fox and the Lantern",
        ),
        (odd, "The Red Lantern"),
    ] {
        browser.evaluate("window.before = analysis?.id");
        browser.upload("#file", &document);
        browser.wait_for("$('reading').hidden && (analysis && analysis.id !== window.before || !$('story-error').hidden)");
        assert_eq!(
            browser.evaluate(
                "$('story-error').hidden ? analysis.title : $('story-error').textContent"
            ),
            title
        );
        assert_ne!(browser.evaluate("analysis.cast.length"), 0, "{title}");
    }
    assert_eq!(browser.evaluate("typeof pwned"), "undefined");

    let read = |name| std::fs::read(sample(name)).unwrap();
    let fox_pdf = read("the-fox-and-the-lantern.pdf");
    let fox_docx = read("the-fox-and-the-lantern.docx");
    for (name, document, part) in [
        (
            "program.txt",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0".to_vec(),
            "program.txt",
        ),
        (
            "half.pdf",
            fox_pdf[..fox_pdf.len() / 3].to_vec(),
            "half.pdf",
        ),
        (
            "noise.pdf",
            b"%PDF-1.7\nnothing else that a PDF has".to_vec(),
            "noise.pdf",
        ),
        (
            "half.docx",
            fox_docx[..fox_docx.len() / 2].to_vec(),
            "half.docx",
        ),
        ("protected.pdf", pdf(b"BT ET", "", true), "encrypted PDF"),
        (
            "scanned.pdf",
            pdf(b"0 0 9 9 re f", "", false),
            "a PDF without text",
        ),
        (
            "letter.odt",
            zip(&[("content.xml", b"<office:text/>")]),
            "an OpenDocument file",
        ),
        ("letter.doc", old_word_document(), "an old Word document"),
        (
            "letter.rtf",
            b"{\\rtf1 Dear Mia}".to_vec(),
            "an RTF document",
        ),
        (
            "letter.docx",
            zip(&[("a.txt", b"Dear Mia")]),
            "a ZIP archive",
        ),
        ("bomb.docx", docx_bomb(), "bomb.docx"),
        ("bomb.pdf", pdf_bomb(), "bomb.pdf"),
        (
            "drawing.png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
            "drawing.png",
        ),
        ("nothing.txt", Vec::new(), "nothing.txt is empty"),
        (
            "endless.txt",
            vec![b'a'; (10 << 20) + 1],
            "endless.txt is larger than 10 MB",
        ),
        (
            "short.txt",
            b"Hi.".to_vec(),
            "short.txt holds too few words",
        ),
        (
            "long.txt",
            STORY.repeat(100).into_bytes(),
            "characters; write between 10",
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, document).unwrap();
        browser.evaluate("show($('story-error'), false)");
        browser.upload("#file", &path);
        browser.wait_for("$('reading').hidden && !$('story-error').hidden");
        let said = browser.evaluate("$('story-error').textContent");
        let said = said.as_str().unwrap();
        assert!(
            said.contains(part) && said.ends_with('.') && said.len() > 20,
            "{name}: {said}"
        );
    }
    assert_eq!(browser.complaints, [""; 0]);
}

/// A sequence of numbers that look like no sequence.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % sides
    }
}

/// A document that was damaged in one of the ways that hurt.
fn damaged(documents: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut document = documents[dice.throw(documents.len())].clone();
    for _ in 0..=dice.throw(6) {
        let at = dice.throw(document.len().max(1));
        match dice.throw(5) {
            0 => document.truncate(at),
            1 => {
                if let Some(byte) = document.get_mut(at) {
                    *byte ^= 1 << dice.throw(8);
                }
            }
            2 => {
                let other = &documents[dice.throw(documents.len())];
                let from = dice.throw(other.len());
                document.truncate(at);
                document.extend_from_slice(&other[from..]);
            }
            3 => {
                let part = [
                    &b"\0"[..],
                    b"9999999999",
                    b"<<",
                    b"stream\n",
                    b"\xff\xfe",
                    b"/Length -1",
                    b"<!DOCTYPE x [<!ENTITY a \"&a;\">]>",
                ][dice.throw(7)];
                document.splice(at..at, part.iter().copied());
            }
            _ => {
                let end = (at + dice.throw(4000)).min(document.len());
                document.drain(at..end);
            }
        }
    }
    document
}

#[test]
#[ignore = "takes minutes; to be run after a change to how documents are taken"]
fn a_thousand_hostile_documents_do_no_harm() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    // With all that it may ever say in its log.
    let options = [
        "-vv",
        "--requests-per-minute",
        "1000000",
        "--looks-per-minute",
        "1000000",
    ];
    let studio = Program::start_with(&data, &options);
    let documents: Vec<_> = [
        "the-fox-and-the-lantern.pdf",
        "the-fox-and-the-lantern.docx",
        "two-goats-on-the-bridge.txt",
    ]
    .into_iter()
    .map(|name| std::fs::read(sample(name)).unwrap())
    .collect();
    let names = [
        "a.pdf",
        "a.docx",
        "a.txt",
        "a.md",
        "../../a.txt",
        "\0",
        "a\r\nX: y.txt",
        "<script>",
    ];
    let mut dice = Dice(7);
    let mut sent = 0;
    let mut answered = BTreeMap::new();
    let mut check = |name: &str, document: &[u8]| {
        let (status, body) = if sent % 2 == 0 {
            studio.upload(name, document)
        } else {
            studio.upload_form(name, document)
        };
        assert!(
            status < 500 || status == 503,
            "{name}: {status}: {}",
            String::from_utf8_lossy(&body)
        );
        sent += 1;
        *answered.entry(status).or_insert(0) += 1;
        if status != 201 {
            return;
        }
        // What could be read is no longer needed.
        let id = serde_json::from_slice::<Value>(&body).unwrap()["id"].clone();
        studio.delete(&format!("/api/analyses/{}", id.as_str().unwrap()));
    };
    for bomb in [docx_bomb(), pdf_bomb()] {
        check("bomb", &bomb);
        check("bomb", &bomb);
    }
    for number in 4..HOSTILE {
        let mut document = damaged(&documents, &mut dice);
        // What is read takes long, and is no attack: the text stays short or becomes too long.
        if number % 10 != 0 && !document.starts_with(b"%PDF") && !document.starts_with(b"PK") {
            document = document.repeat(12_000 / document.len().max(1) + 1);
        }
        check(names[dice.throw(names.len())], &document);
    }
    assert_eq!(sent, HOSTILE);
    println!("statuses of {HOSTILE} documents: {answered:?}");
    for status in [201, 400, 422] {
        assert!(answered.contains_key(&status), "{status}: {answered:?}");
    }
    assert!(answered[&422] > HOSTILE / 2, "{answered:?}");
    let status = String::from_utf8(studio.bytes("/metrics")).unwrap();
    let memory = status
        .lines()
        .find_map(|line| line.strip_prefix("process_resident_memory_bytes "));
    if let Some(bytes) = memory {
        let megabytes = bytes.parse::<u64>().unwrap() >> 20;
        println!("memory at the end: {megabytes} MB");
        assert!(megabytes < 1500, "{megabytes} MB");
    }
    let beside: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert_eq!(beside.len(), 1, "{beside:?}");
    for name in ["studio.sqlite", "studio.sqlite-wal"] {
        let records = std::fs::read(data.join(name)).unwrap();
        let story = b"fabula.story/1";
        assert!(!records.windows(story.len()).any(|part| part == story));
    }
    // It is as well as before, and has told nobody what was in them.
    let (status, _) = studio.upload("a.txt", STORY.as_bytes());
    assert_eq!(status, 201);
    let log = std::fs::read_to_string(data.join("logs/fabula.log")).unwrap();
    assert!(
        log.contains("nlp.processing") && log.contains("web.interface"),
        "{log}"
    );
    for secret in ["lantern", "Lantern", "127.0.0.1", "a.pdf", "script"] {
        assert!(!log.contains(secret), "{secret}");
    }
    assert!(!log.contains("panicked"), "{log}");
}
