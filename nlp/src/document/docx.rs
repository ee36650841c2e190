//! Word documents: the paragraphs of the main part, without what was deleted or floats beside.
//!
//! The archive is unpacked as a stream with a limit, since the sizes that a ZIP file declares
//! cannot be trusted. Entities defined in the document are never expanded.

use std::collections::BTreeSet;
use std::io::{BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::contain::{self, Cancel, Failure};
use super::{DocumentError, Draft, MAX_TEXT_CHARS, SCENE_BREAK, plain, sniff};

const KIND: &str = "Word document";
/// More unpacked bytes than any story's text needs with its markup.
const MAX_PART_BYTES: u64 = 64 * 1024 * 1024;
/// More entries than any Word document has.
const MAX_ENTRIES: usize = 4096;
/// Elements whose text is not part of the story.
const SKIPPED: [&[u8]; 12] = [
    b"del",
    b"moveFrom",
    b"txbxContent",
    b"drawing",
    b"pict",
    b"object",
    b"Fallback",
    b"instrText",
    b"delText",
    b"footnote",
    b"tabs",
    b"annotation",
];

enum Problem {
    Archive(ZipError),
    Xml(String),
    Inflated,
    TooLong,
    Stopped,
    NotWord(&'static str),
}

impl From<ZipError> for Problem {
    fn from(error: ZipError) -> Self {
        Self::Archive(error)
    }
}

/// Takes the title and the paragraphs out of a Word document.
pub fn read(bytes: &[u8], name: &str) -> Result<Draft, DocumentError> {
    let owned = bytes.to_vec();
    let name = name.to_owned();
    let damaged = |name, cause: &str| DocumentError::Damaged {
        name,
        kind: KIND,
        cause: cause.replace(['\n', '\r'], " "),
    };
    match contain::run(move |cancel| extract(owned, cancel)) {
        Ok(Ok(draft)) => Ok(draft),
        Ok(Err(problem)) => Err(match problem {
            Problem::Archive(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                DocumentError::Encrypted { name, kind: KIND }
            }
            Problem::Archive(error) => damaged(name, &error.to_string()),
            Problem::Xml(cause) => damaged(name, &cause),
            Problem::Inflated => DocumentError::Inflated { name, kind: KIND },
            Problem::TooLong => DocumentError::TextTooLong { name },
            Problem::Stopped => DocumentError::TooSlow { name, kind: KIND },
            Problem::NotWord(kind) => DocumentError::Unsupported {
                name,
                kind,
                remedy: "save its text as .txt or .docx",
            },
        }),
        Err(Failure::TimedOut) => Err(DocumentError::TooSlow { name, kind: KIND }),
        Err(Failure::Panicked) => Err(damaged(name, "its parts contradict each other")),
    }
}

type Archive = ZipArchive<Cursor<Vec<u8>>>;

fn extract(bytes: Vec<u8>, cancel: &Cancel) -> Result<Draft, Problem> {
    // The directory of a broken archive is at its end, so it is counted before it is read.
    if sniff::occurrences(&bytes, b"PK\x01\x02") > MAX_ENTRIES {
        return Err(Problem::Inflated);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let main = main_part(&mut archive)?;
    let styles = match part(&mut archive, "word/styles.xml") {
        Ok(part) => Styles::read(part)?,
        Err(ZipError::FileNotFound) => Styles::default(),
        Err(error) => return Err(error.into()),
    };
    let mut body = Body::new(styles);
    body.read(part(&mut archive, &main)?, cancel)?;
    let core_title = match part(&mut archive, "docProps/core.xml") {
        Ok(part) => core_title(part)?,
        Err(_) => None,
    };
    Ok(body.finish(core_title))
}

fn part<'a>(archive: &'a mut Archive, name: &str) -> Result<impl Read + use<'a>, ZipError> {
    Ok(archive.by_name(name)?.take(MAX_PART_BYTES + 1))
}

/// The name of the part with the text, by the package's relationships.
fn main_part(archive: &mut Archive) -> Result<String, Problem> {
    let mut target = None;
    if let Ok(part) = part(archive, "_rels/.rels") {
        for_each_event(part, |event| {
            if let Event::Start(element) | Event::Empty(element) = event
                && attribute(element, b"Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
            {
                target = attribute(element, b"Target");
            }
            Ok(())
        })?;
    }
    let name = target.map_or("word/document.xml".to_owned(), |t| {
        t.trim_start_matches('/').into()
    });
    let has = |name: &str| archive.index_for_name(name).is_some();
    if has("xl/workbook.xml") {
        Err(Problem::NotWord("a spreadsheet"))
    } else if has("ppt/presentation.xml") {
        Err(Problem::NotWord("a presentation"))
    } else if has("META-INF/container.xml") {
        Err(Problem::NotWord("an e-book"))
    } else if has("content.xml") {
        Err(Problem::NotWord("an OpenDocument file"))
    } else if has(&name) {
        Ok(name)
    } else {
        Err(Problem::NotWord(
            "a ZIP archive without a Word document in it",
        ))
    }
}

/// Reads a part to its end and hands over each event.
fn for_each_event(
    part: impl Read,
    mut handle: impl FnMut(&Event<'_>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    let mut depth = 0_usize;
    loop {
        buffer.clear();
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|error| Problem::Xml(error.to_string()))?;
        if reader.buffer_position() > MAX_PART_BYTES {
            return Err(Problem::Inflated);
        }
        match event {
            Event::Eof if depth > 0 => return Err(Problem::Xml("its text breaks off".to_owned())),
            Event::Eof => return Ok(()),
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        handle(&event)?;
    }
}

fn attribute(element: &BytesStart<'_>, local_name: &[u8]) -> Option<String> {
    let attribute = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == local_name)?;
    attribute
        .unescape_value()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// The identifiers of the styles that are titles and headings in any language of Word.
#[derive(Default)]
struct Styles {
    titles: BTreeSet<String>,
    headings: BTreeSet<String>,
}

impl Styles {
    fn read(part: impl Read) -> Result<Self, Problem> {
        let mut styles = Self::default();
        let mut id = String::new();
        for_each_event(part, |event| {
            let (Event::Start(element) | Event::Empty(element)) = event else {
                return Ok(());
            };
            match element.local_name().as_ref() {
                b"style" => id = attribute(element, b"styleId").unwrap_or_default(),
                b"name" => {
                    let name = attribute(element, b"val")
                        .unwrap_or_default()
                        .to_lowercase();
                    if name == "title" {
                        styles.titles.insert(id.clone());
                    } else if name.starts_with("heading ") {
                        styles.headings.insert(id.clone());
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(styles)
    }

    fn is_title(&self, id: &str) -> bool {
        id == "Title" || self.titles.contains(id)
    }

    fn is_heading(&self, id: &str) -> bool {
        id.starts_with("Heading") || self.headings.contains(id)
    }
}

fn core_title(part: impl Read) -> Result<Option<String>, Problem> {
    let mut title = String::new();
    let mut inside = false;
    for_each_event(part, |event| {
        match event {
            Event::Start(element) => inside = element.local_name().as_ref() == b"title",
            Event::End(_) => inside = false,
            Event::Text(text) if inside => title.push_str(&text.decode().unwrap_or_default()),
            _ => {}
        }
        Ok(())
    })?;
    Ok(Some(title.trim().to_owned()).filter(|title| !title.is_empty()))
}

/// Collects paragraphs while the main part goes by.
struct Body {
    styles: Styles,
    draft: Draft,
    open: String,
    style: String,
    chars: usize,
    skip_depth: usize,
    in_text: bool,
    in_run: bool,
    hidden: bool,
}

impl Body {
    fn new(styles: Styles) -> Self {
        Self {
            styles,
            draft: Draft::default(),
            open: String::new(),
            style: String::new(),
            chars: 0,
            skip_depth: 0,
            in_text: false,
            in_run: false,
            hidden: false,
        }
    }

    fn read(&mut self, part: impl Read, cancel: &Cancel) -> Result<(), Problem> {
        for_each_event(part, |event| {
            if cancel.is_requested() {
                return Err(Problem::Stopped);
            }
            match event {
                Event::Start(element) => {
                    if self.skip_depth > 0 || SKIPPED.contains(&element.local_name().as_ref()) {
                        self.skip_depth += 1;
                    } else {
                        self.start(element);
                    }
                }
                Event::Empty(element) if self.skip_depth == 0 => self.empty(element),
                Event::End(_) if self.skip_depth > 0 => self.skip_depth -= 1,
                Event::End(element) => self.end(element.local_name().as_ref()),
                Event::Text(text) if self.takes_text() => {
                    let text = text
                        .decode()
                        .map_err(|error| Problem::Xml(error.to_string()))?;
                    self.push(&text)?;
                }
                Event::CData(text) if self.takes_text() => {
                    let text = text
                        .decode()
                        .map_err(|error| Problem::Xml(error.to_string()))?;
                    self.push(&text)?;
                }
                Event::GeneralRef(reference) if self.takes_text() => {
                    if let Ok(Some(c)) = reference.resolve_char_ref() {
                        self.push(c.encode_utf8(&mut [0; 4]))?;
                    } else if let Ok(name) = reference.decode()
                        && let Some(text) = quick_xml::escape::resolve_predefined_entity(&name)
                    {
                        self.push(text)?;
                    }
                }
                _ => {}
            }
            Ok(())
        })
    }

    fn takes_text(&self) -> bool {
        self.in_text && !self.hidden && self.skip_depth == 0
    }

    fn push(&mut self, text: &str) -> Result<(), Problem> {
        self.chars += text.chars().count();
        // Markup between the words is cleaned later, so this only stops what is hopeless.
        if self.chars > 2 * MAX_TEXT_CHARS {
            return Err(Problem::TooLong);
        }
        self.open.push_str(text);
        Ok(())
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            b"p" => {
                self.open.clear();
                self.style.clear();
            }
            b"r" => {
                self.in_run = true;
                self.hidden = false;
            }
            b"t" => self.in_text = true,
            _ => self.empty(element),
        }
    }

    fn empty(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            b"pStyle" => self.style = attribute(element, b"val").unwrap_or_default(),
            b"vanish" if self.in_run => {
                self.hidden = attribute(element, b"val").is_none_or(|v| v != "0" && v != "false");
            }
            b"tab" if self.in_run => self.open.push(' '),
            b"br" | b"cr" if self.in_run => self.open.push('\n'),
            b"noBreakHyphen" => self.open.push('-'),
            _ => {}
        }
    }

    fn end(&mut self, local_name: &[u8]) {
        match local_name {
            b"t" => self.in_text = false,
            b"r" => {
                self.in_run = false;
                self.hidden = false;
            }
            b"p" => self.close_paragraph(),
            _ => {}
        }
    }

    fn close_paragraph(&mut self) {
        let text = std::mem::take(&mut self.open);
        if text.trim().is_empty() {
            return;
        }
        let is_title = self.styles.is_title(&self.style);
        if is_title || self.styles.is_heading(&self.style) {
            let is_first = self.draft.paragraphs.is_empty();
            match &mut self.draft.title {
                None if is_first => self.draft.title = Some(text),
                Some(title) if is_first && is_title => {
                    title.push(' ');
                    title.push_str(&text);
                }
                _ => self.draft.paragraphs.push(SCENE_BREAK.to_owned()),
            }
            return;
        }
        let mut paragraph = String::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if plain::is_scene_break(line) || plain::ends_sentence(&paragraph) {
                self.draft.paragraphs.push(std::mem::take(&mut paragraph));
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
        self.draft.paragraphs.push(paragraph);
    }

    fn finish(self, core_title: Option<String>) -> Draft {
        let mut draft = self.draft;
        draft.paragraphs.retain(|paragraph| !paragraph.is_empty());
        if draft.title.is_none() && draft.paragraphs.len() > 1 {
            let first = draft.paragraphs.first().map_or("", |first| first.trim());
            if plain::is_title(first) || core_title.as_deref() == Some(first) {
                draft.title = Some(draft.paragraphs.remove(0));
            } else {
                draft.title = core_title;
            }
        }
        if draft
            .paragraphs
            .first()
            .is_some_and(|first| plain::is_byline(first.trim()))
        {
            draft.paragraphs.remove(0);
        }
        draft
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_bytes;
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn document(body: &str) -> Vec<u8> {
        let xml = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
        archive(&[("word/document.xml", &xml)])
    }

    fn run(text: &str) -> String {
        format!("<w:r><w:t>{text}</w:t></w:r>")
    }

    #[test]
    fn paragraphs_entities_breaks_and_deletions_are_understood() {
        let body = format!(
            "<w:p><w:pPr><w:pStyle w:val=\"Title\"/><w:tabs><w:tab/></w:tabs></w:pPr>{}</w:p>\
             <w:p>{}<w:del>{}</w:del><w:r><w:tab/><w:t>the owl.</w:t><w:br/><w:t>It sat.</w:t></w:r></w:p>\
             <w:p><w:r><w:drawing>{}</w:drawing></w:r>{}</w:p>",
            run("The Fox"),
            run("A fox &amp; a crow &#x201C;met&#x201D;"),
            run("nobody"),
            run("a text box"),
            run("They spoke."),
        );
        let story = read_bytes(&document(&body), "a.docx").unwrap();
        assert_eq!(story.title.as_deref(), Some("The Fox"));
        assert_eq!(
            story.text,
            "A fox & a crow “met” the owl.\n\nIt sat.\n\nThey spoke."
        );
    }

    #[test]
    fn entities_of_the_document_itself_are_never_expanded() {
        let xml = "<!DOCTYPE d [<!ENTITY a \"boom\"><!ENTITY b \"&a;&a;&a;\">]>\
                   <w:document xmlns:w=\"w\"><w:p><w:r><w:t>The fox slept &b; well.</w:t></w:r></w:p></w:document>";
        let story = read_bytes(&archive(&[("word/document.xml", xml)]), "a.docx").unwrap();
        assert!(!story.text.contains("boom"), "{}", story.text);
    }

    #[test]
    fn what_is_no_word_document_is_named() {
        for (part, word) in [
            ("xl/workbook.xml", "spreadsheet"),
            ("content.xml", "OpenDocument"),
            ("a.txt", "ZIP"),
        ] {
            let message = read_bytes(&archive(&[(part, "x")]), "a.docx")
                .unwrap_err()
                .to_string();
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn a_bomb_is_refused_while_it_unpacks() {
        let body = format!("<w:p>{}</w:p>", " ".repeat(MAX_PART_BYTES as usize + 10));
        let message = read_bytes(&document(&body), "a.docx")
            .unwrap_err()
            .to_string();
        assert!(message.contains("unpacks"), "{message}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_damaged_document_never_panics(cut in 0.0..1.0_f64, at in 0.0..1.0_f64, byte: u8) {
            let mut bytes = document(&format!("<w:p>{}</w:p>", run("The fox slept well.")));
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
            let _ = read_bytes(&bytes, "a.docx");
            bytes.truncate((cut * bytes.len() as f64) as usize);
            let _ = read_bytes(&bytes, "a.docx");
        }
    }
}
