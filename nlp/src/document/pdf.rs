//! PDF: the glyphs of each page with their places, from which [`pdf_layout`](super::pdf_layout)
//! rebuilds paragraphs.

use pdf_extract::{Document as Pdf, MediaBox, OutputDev, OutputError, Transform};

use super::contain::{self, Cancel, Failure};
use super::pdf_layout::{Glyph, Page};
use super::pdf_sanitize::{self, Unsafe};
use super::{DocumentError, Draft, MAX_TEXT_CHARS, pdf_layout};

const KIND: &str = "PDF";
/// More glyphs than a text of the longest accepted length needs, furniture included.
const MAX_GLYPHS: usize = MAX_TEXT_CHARS + MAX_TEXT_CHARS / 4;

enum Problem {
    Encrypted,
    Scanned,
    TooLong,
    Stopped,
    Unsafe(Unsafe),
    Page(u32),
    Broken(String),
}

/// Takes the title and the paragraphs out of a PDF.
pub fn read(bytes: &[u8], name: &str) -> Result<Draft, DocumentError> {
    let owned = bytes.to_vec();
    let name = name.to_owned();
    let damaged = |name, cause: String| DocumentError::Damaged {
        name,
        kind: KIND,
        cause: cause.replace(['\n', '\r'], " "),
    };
    match contain::run(move |cancel| extract(&owned, cancel)) {
        Ok(Ok(draft)) => Ok(draft),
        Ok(Err(problem)) => Err(match problem {
            Problem::Encrypted => DocumentError::Encrypted { name, kind: KIND },
            Problem::Scanned => DocumentError::Scanned { name },
            Problem::TooLong => DocumentError::TextTooLong { name },
            Problem::Stopped => DocumentError::TooSlow { name, kind: KIND },
            Problem::Unsafe(Unsafe::Inflated) => DocumentError::Inflated { name, kind: KIND },
            Problem::Unsafe(Unsafe::Broken(cause)) => damaged(name, cause.to_owned()),
            Problem::Page(number) => damaged(name, format!("page {number} cannot be read")),
            Problem::Broken(cause) => damaged(name, cause),
        }),
        Err(Failure::TimedOut) => Err(DocumentError::TooSlow { name, kind: KIND }),
        Err(Failure::Panicked) => Err(damaged(
            name,
            "its objects contradict each other".to_owned(),
        )),
    }
}

fn extract(bytes: &[u8], cancel: &Cancel) -> Result<Draft, Problem> {
    pdf_sanitize::check_streams(bytes).map_err(Problem::Unsafe)?;
    let mut pdf = Pdf::load_mem(bytes).map_err(|error| {
        if super::sniff::position(bytes, b"/Encrypt").is_some() {
            Problem::Encrypted
        } else {
            Problem::Broken(error.to_string())
        }
    })?;
    if pdf.is_encrypted() {
        return Err(Problem::Encrypted);
    }
    let page_numbers = pdf_sanitize::prepare(&mut pdf).map_err(Problem::Unsafe)?;
    let mut glyphs = Glyphs {
        pages: Vec::new(),
        count: 0,
        cancel,
    };
    for number in page_numbers {
        let done = pdf_extract::output_doc_page(&pdf, &mut glyphs, number);
        if cancel.is_requested() {
            return Err(Problem::Stopped);
        }
        if glyphs.count > MAX_GLYPHS {
            return Err(Problem::TooLong);
        }
        done.map_err(|_| Problem::Page(number))?;
    }
    if glyphs.pages.iter().all(|page| page.glyphs.is_empty()) {
        return Err(Problem::Scanned);
    }
    Ok(pdf_layout::read(&glyphs.pages))
}

/// Collects the glyphs that `pdf-extract` reports.
struct Glyphs<'a> {
    pages: Vec<Page>,
    count: usize,
    cancel: &'a Cancel,
}

impl OutputDev for Glyphs<'_> {
    fn begin_page(
        &mut self,
        _: u32,
        media_box: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.pages.push(Page {
            top: media_box.ury,
            glyphs: Vec::new(),
        });
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.count += 1;
        if self.count > MAX_GLYPHS || self.cancel.is_requested() {
            return Err(OutputError::FormatError(std::fmt::Error));
        }
        let is_level = place.m11 > 0.0 && place.m12.abs() < 0.2 * place.m11;
        let size = font_size.abs() * place.m21.hypot(place.m22);
        let advance = width * font_size.abs() * place.m11;
        let finite = [place.m31, place.m32, size, advance]
            .iter()
            .all(|value| value.is_finite());
        if let Some(page) = self.pages.last_mut()
            && is_level
            && finite
            && size > 0.0
        {
            page.glyphs.push(Glyph {
                x: place.m31,
                y: page.top - place.m32,
                size,
                advance,
                text: text.to_owned(),
            });
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_bytes;
    use proptest::prelude::*;

    const SAMPLE: &[u8] = include_bytes!("../../../assets/stories/the-fox-and-the-lantern.pdf");
    const TEXT: &[u8] = include_bytes!("../../../assets/stories/the-fox-and-the-lantern.txt");

    #[test]
    fn a_typeset_story_reads_like_its_plain_text() {
        let typeset = read_bytes(SAMPLE, "a.pdf").unwrap();
        let plain = read_bytes(TEXT, "a.txt").unwrap();
        assert_eq!(typeset.title, plain.title);
        assert_eq!(
            typeset.text.replace(['“', '”'], "\"").replace('’', "'"),
            plain.text
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_damaged_pdf_never_panics(
            cut in 0.0..1.0_f64,
            changes in proptest::collection::vec((0.0..1.0_f64, any::<u8>()), 1..20),
        ) {
            let mut bytes = SAMPLE.to_vec();
            for (at, byte) in changes {
                let at = (at * bytes.len() as f64) as usize;
                bytes[at] = byte;
            }
            let _ = read_bytes(&bytes, "a.pdf");
            bytes.truncate((cut * bytes.len() as f64) as usize);
            let _ = read_bytes(&bytes, "a.pdf");
        }
    }
}
