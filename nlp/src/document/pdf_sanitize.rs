//! Makes a PDF safe for `pdf-extract`, which trusts what it reads.
//!
//! Before loading, compressed streams are unpacked once into nothing to see how large they
//! grow. After loading, each page's content is reduced to well-formed text operators, and
//! pages no longer refer to parents, pictures or forms that contain themselves: these would
//! overflow the stack, which no thread can contain.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;
use pdf_extract::content::{Content, Operation};
use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

/// Why a PDF is not handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsafe {
    /// Its streams unpack to more than any story needs.
    Inflated,
    /// Its pages cannot be found or make no sense.
    Broken(&'static str),
}

/// Unpacked bytes of all streams but pictures.
const MAX_UNPACKED_BYTES: u64 = 96 * 1024 * 1024;
/// Content of one page; a text page has some ten thousand bytes.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;
/// Content of all pages.
const MAX_CONTENT_BYTES: usize = 64 * 1024 * 1024;
/// How much of a stream's dictionary is looked at before the stream begins.
const DICTIONARY_BYTES: usize = 512;
const MAX_PAGES: usize = 5000;
const MAX_PARENTS: usize = 64;
const MAX_FORM_DEPTH: usize = 8;
/// Operators that all forms of a page may run together, nested calls counted each time.
const MAX_FORM_OPERATIONS: u64 = 500_000;
/// US Letter in points, for pages that do not say how large they are.
const DEFAULT_MEDIA_BOX: [f32; 4] = [0.0, 0.0, 612.0, 792.0];

/// Refuses a PDF whose streams unpack to far more than a story.
pub fn check_streams(bytes: &[u8]) -> Result<(), Unsafe> {
    const KEYWORD: &[u8] = b"stream";
    let mut unpacked = 0;
    let mut consumed = 0;
    let mut from = 0;
    while let Some(found) = bytes
        .get(from..)
        .and_then(|rest| super::sniff::position(rest, KEYWORD))
    {
        let at = from + found;
        from = at + KEYWORD.len();
        if at >= 3 && bytes.get(at - 3..at) == Some(b"end".as_slice()) {
            continue;
        }
        let dictionary = dictionary_before(bytes, at);
        let has = |name: &[u8]| super::sniff::position(dictionary, name).is_some();
        if has(b"/Image") {
            continue;
        }
        let filters = [
            "FlateDecode",
            "LZWDecode",
            "ASCII85Decode",
            "ASCIIHexDecode",
        ]
        .iter()
        .map(|name| super::sniff::occurrences(dictionary, name.as_bytes()))
        .sum::<usize>();
        if filters > 1 && has(b"/ObjStm") {
            return Err(Unsafe::Inflated);
        }
        let data = bytes.get(from..).unwrap_or_default();
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        if data.first().is_some_and(|first| first & 0x0f == 8) {
            let mut decoder = ZlibDecoder::new(data);
            unpacked += unpacked_len(&mut decoder, MAX_UNPACKED_BYTES + 1);
            consumed += decoder.total_in();
        }
        // Streams that overlap are read again and again.
        if unpacked > MAX_UNPACKED_BYTES || consumed > 2 * bytes.len() as u64 {
            return Err(Unsafe::Inflated);
        }
    }
    Ok(())
}

/// The bytes before `at` that belong to the same object.
fn dictionary_before(bytes: &[u8], at: usize) -> &[u8] {
    let window = bytes
        .get(at.saturating_sub(DICTIONARY_BYTES)..at)
        .unwrap_or_default();
    let start = window
        .windows(4)
        .rposition(|part| part == b" obj")
        .unwrap_or(0);
    window.get(start..).unwrap_or_default()
}

fn unpacked_len(decoder: &mut impl Read, limit: u64) -> u64 {
    let mut buffer = [0; 16 * 1024];
    let mut len = 0;
    while len < limit {
        match decoder.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => len += read as u64,
        }
    }
    len
}

/// Reduces every page to what can be read safely; returns the numbers of the pages.
pub fn prepare(pdf: &mut Document) -> Result<Vec<u32>, Unsafe> {
    let pages = pdf.get_pages();
    if pages.is_empty() {
        return Err(Unsafe::Broken("it has no pages"));
    }
    if pages.len() > MAX_PAGES {
        return Err(Unsafe::Inflated);
    }
    let mut content_bytes = 0;
    let mut forms = Forms::default();
    let mut prepared = Vec::new();
    for &page_id in pages.values() {
        let Ok(page) = pdf.get_dictionary(page_id) else {
            return Err(Unsafe::Broken("a page is missing"));
        };
        let mut clean = Dictionary::new();
        clean.set("Type", Object::Name(b"Page".to_vec()));
        clean.set("MediaBox", Object::Array(media_box(pdf, page)));
        let resources = inherited(pdf, page, b"Resources")
            .and_then(|resources| resources.as_dict().ok())
            .cloned()
            .unwrap_or_default();
        let content = page_content(pdf, page_id)?;
        content_bytes += content.len();
        if content_bytes > MAX_CONTENT_BYTES {
            return Err(Unsafe::Inflated);
        }
        let content = forms.text_operators(pdf, &content, &resources, 0)?.0;
        clean.set("Resources", Object::Dictionary(resources));
        prepared.push((page_id, clean, content));
    }
    for (id, content) in forms.content {
        if let Ok(stream) = pdf.get_object_mut(id).and_then(Object::as_stream_mut) {
            stream.dict.remove(b"Filter");
            stream.dict.remove(b"DecodeParms");
            stream.set_plain_content(content);
        }
    }
    for (page_id, mut page, content) in prepared {
        let content = pdf.add_object(Stream::new(Dictionary::new(), content));
        page.set("Contents", Object::Reference(content));
        pdf.objects.insert(page_id, Object::Dictionary(page));
    }
    Ok(pages.into_keys().collect())
}

/// A page's attribute, its own or that of the nearest parent, dereferenced.
fn inherited<'a>(pdf: &'a Document, page: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let mut node = page;
    for _ in 0..MAX_PARENTS {
        if let Ok(value) = node.get_deref(key, pdf) {
            return Some(value);
        }
        node = node
            .get_deref(b"Parent", pdf)
            .and_then(Object::as_dict)
            .ok()?;
    }
    None
}

fn media_box(pdf: &Document, page: &Dictionary) -> Vec<Object> {
    let given = inherited(pdf, page, b"MediaBox")
        .and_then(|value| value.as_array().ok())
        .map(|values| {
            let number = |value: &Object| match value {
                Object::Reference(id) => pdf.get_object(*id).and_then(Object::as_float).ok(),
                value => value.as_float().ok(),
            };
            values.iter().filter_map(number).collect::<Vec<f32>>()
        })
        .filter(|values| values.len() == DEFAULT_MEDIA_BOX.len());
    given
        .unwrap_or(DEFAULT_MEDIA_BOX.to_vec())
        .into_iter()
        .map(Object::Real)
        .collect()
}

fn page_content(pdf: &Document, page_id: ObjectId) -> Result<Vec<u8>, Unsafe> {
    let mut content = Vec::new();
    for id in pdf.get_page_contents(page_id) {
        if let Ok(stream) = pdf.get_object(id).and_then(Object::as_stream) {
            content.extend_from_slice(&decode(stream)?);
            content.push(b'\n');
        }
        if content.len() > MAX_PAGE_BYTES {
            return Err(Unsafe::Inflated);
        }
    }
    Ok(content)
}

/// A stream's bytes, after their size is known to be bearable.
fn decode(stream: &Stream) -> Result<Vec<u8>, Unsafe> {
    let filters = stream.filters().unwrap_or_default();
    let expanding = filters
        .iter()
        .filter(|name| matches!(**name, b"FlateDecode" | b"LZWDecode"))
        .count();
    // LZW packs at most 4096 bytes into 9 bits.
    let is_large_lzw =
        filters.contains(&b"LZWDecode".as_slice()) && stream.content.len() > MAX_PAGE_BYTES / 512;
    if expanding > 1 || (is_large_lzw && stream.content.len() > MAX_PAGE_BYTES / 16) {
        return Err(Unsafe::Inflated);
    }
    if filters.first() == Some(&b"ASCII85Decode".as_slice()) && expanding == 1 {
        let mut outer = stream.clone();
        outer
            .dict
            .set("Filter", Object::Name(b"ASCII85Decode".to_vec()));
        let inner = outer.decompressed_content().unwrap_or_default();
        check_zlib(&inner)?;
    } else if filters.first() == Some(&b"FlateDecode".as_slice()) {
        check_zlib(&stream.content)?;
    }
    Ok(stream
        .decompressed_content()
        .unwrap_or_else(|_| stream.content.clone()))
}

fn check_zlib(data: &[u8]) -> Result<(), Unsafe> {
    let limit = MAX_PAGE_BYTES as u64;
    if unpacked_len(&mut ZlibDecoder::new(data), limit + 1) > limit {
        return Err(Unsafe::Inflated);
    }
    Ok(())
}

/// The forms that pages draw, each reduced to text operators once.
#[derive(Default)]
struct Forms {
    content: BTreeMap<ObjectId, Vec<u8>>,
    /// How many operators drawing the form runs; nothing while it is being looked at.
    cost: BTreeMap<ObjectId, Option<u64>>,
}

impl Forms {
    /// The well-formed text operators of `content`, and how many drawing them runs.
    fn text_operators(
        &mut self,
        pdf: &Document,
        content: &[u8],
        resources: &Dictionary,
        depth: usize,
    ) -> Result<(Vec<u8>, u64), Unsafe> {
        let operations = Content::decode(content)
            .map(|content| content.operations)
            .unwrap_or_default();
        let mut kept: Vec<Operation> = Vec::with_capacity(operations.len());
        let mut cost = 0;
        let mut has_font = false;
        let mut saved_fonts = Vec::new();
        for operation in operations {
            let operands = &operation.operands;
            let numbers =
                |count| operands.len() == count && operands.iter().all(|o| o.as_float().is_ok());
            let keep = match operation.operator.as_str() {
                "BT" | "ET" | "T*" => operands.is_empty(),
                "q" => {
                    saved_fonts.push(has_font);
                    true
                }
                "Q" => {
                    has_font = saved_fonts.pop().unwrap_or(has_font);
                    true
                }
                "cm" | "Tm" => numbers(6),
                "Td" | "TD" => numbers(2),
                "Tc" | "Tw" | "Tz" | "TL" | "Ts" => numbers(1),
                "Tf" => {
                    let known = is_font(pdf, resources, operands);
                    has_font |= known;
                    known
                }
                "Tj" => has_font && matches!(operands.as_slice(), [Object::String(..)]),
                "TJ" => has_font && matches!(operands.as_slice(), [Object::Array(_)]),
                "'" | "\"" => {
                    if has_font && let Some(text @ Object::String(..)) = operands.last() {
                        kept.push(Operation::new("T*", Vec::new()));
                        kept.push(Operation::new("Tj", vec![text.clone()]));
                    }
                    false
                }
                "Do" => match form_cost(self, pdf, resources, operands, depth)? {
                    Some(form) => {
                        cost += form;
                        true
                    }
                    None => false,
                },
                _ => false,
            };
            if keep {
                kept.push(operation);
            }
        }
        cost += kept.len() as u64;
        if depth == 0 && cost > kept.len() as u64 + MAX_FORM_OPERATIONS {
            return Err(Unsafe::Inflated);
        }
        let content = Content { operations: kept }.encode().unwrap_or_default();
        Ok((content, cost))
    }
}

/// What drawing the named form runs, or nothing if the name is no form that can be drawn.
fn form_cost(
    forms: &mut Forms,
    pdf: &Document,
    resources: &Dictionary,
    operands: &[Object],
    depth: usize,
) -> Result<Option<u64>, Unsafe> {
    let Some(id) = form_id(pdf, resources, operands) else {
        return Ok(None);
    };
    if let Some(&cost) = forms.cost.get(&id) {
        return Ok(cost);
    }
    let Ok(stream) = pdf.get_object(id).and_then(Object::as_stream) else {
        return Ok(None);
    };
    let is_form = stream
        .dict
        .get(b"Subtype")
        .and_then(Object::as_name)
        .is_ok_and(|n| n == b"Form");
    if !is_form || depth >= MAX_FORM_DEPTH {
        return Ok(None);
    }
    forms.cost.insert(id, None);
    let own = stream
        .dict
        .get_deref(b"Resources", pdf)
        .and_then(Object::as_dict);
    let content = decode(stream)?;
    let (content, cost) =
        forms.text_operators(pdf, &content, own.unwrap_or(resources), depth + 1)?;
    forms.content.insert(id, content);
    forms.cost.insert(id, Some(cost));
    Ok(Some(cost))
}

fn form_id(pdf: &Document, resources: &Dictionary, operands: &[Object]) -> Option<ObjectId> {
    let [Object::Name(name)] = operands else {
        return None;
    };
    resources
        .get_deref(b"XObject", pdf)
        .and_then(Object::as_dict)
        .and_then(|forms| forms.get(name))
        .and_then(Object::as_reference)
        .ok()
}

fn is_font(pdf: &Document, resources: &Dictionary, operands: &[Object]) -> bool {
    let [Object::Name(name), size] = operands else {
        return false;
    };
    size.as_float().is_ok()
        && resources
            .get_deref(b"Font", pdf)
            .and_then(Object::as_dict)
            .and_then(|fonts| fonts.get_deref(name, pdf))
            .and_then(Object::as_dict)
            .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use std::io::Write;

    #[test]
    fn a_stream_that_unpacks_to_too_much_is_refused() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        let zeros = vec![0; 1024 * 1024];
        for _ in 0..100 {
            encoder.write_all(&zeros).unwrap();
        }
        let packed = encoder.finish().unwrap();
        let pdf = [
            b"%PDF-1.4\n1 0 obj <</Filter/FlateDecode>>\nstream\n",
            &packed[..],
        ]
        .concat();
        assert_eq!(check_streams(&pdf), Err(Unsafe::Inflated));
    }

    #[test]
    fn a_form_that_draws_itself_is_left_out() {
        let mut pdf = Document::new();
        let font = pdf.add_object(Dictionary::new());
        let form_id = pdf.new_object_id();
        let mut xobjects = Dictionary::new();
        xobjects.set("F", form_id);
        let mut fonts = Dictionary::new();
        fonts.set("A", font);
        let mut resources = Dictionary::new();
        resources.set("XObject", xobjects);
        resources.set("Font", fonts);
        let mut dict = Dictionary::new();
        dict.set("Subtype", Object::Name(b"Form".to_vec()));
        dict.set("Resources", resources.clone());
        let form = Stream::new(dict, b"/A 12 Tf (x) Tj /F Do".to_vec());
        pdf.objects.insert(form_id, Object::Stream(form));
        let mut forms = Forms::default();
        let page = b"(lost) Tj /A 12 Tf (kept) Tj 1 Tj /F Do 1 0 0 RG /X gs";
        let (content, cost) = forms.text_operators(&pdf, page, &resources, 0).unwrap();
        assert_eq!(
            String::from_utf8(content).unwrap(),
            "/A 12 Tf\n(kept) Tj\n/F Do"
        );
        assert_eq!(cost, 5);
        assert!(!String::from_utf8_lossy(&forms.content[&form_id]).contains("Do"));
    }
}
