//! Tokenizers of foreign models: texts as numbers of pieces, with their places in the text.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use ahash::AHashMap;
use serde_json::{Map, Value};
use tokenizers::models::bpe::BPE;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{ModelWrapper, Tokenizer};

use crate::trial::caught;

use super::{
    BYTE_PAIRS, ForeignError, LARGEST_TEXT_BYTES, MERGES, TOKENIZER, TOKENIZER_CONFIG, WORD_PIECES,
    name, read,
};

/// The pieces of a text, without those at its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// Their numbers.
    pub ids: Vec<u32>,
    /// Where they stand, in bytes, without white space around them.
    pub spans: Vec<Range<usize>>,
    /// The word that each belongs to.
    pub words: Vec<Option<u32>>,
}

/// A tokenizer and its special pieces.
pub struct ForeignTokenizer {
    tokenizer: Tokenizer,
    /// The piece before each text.
    pub start: u32,
    /// The piece after each text.
    pub end: u32,
    /// The piece that fills short texts.
    pub pad: u32,
}

impl ForeignTokenizer {
    /// Reads the tokenizer in a folder, or none if it holds none.
    ///
    /// # Errors
    /// If its files are damaged.
    pub fn read(folder: &Path) -> Result<Option<Self>, ForeignError> {
        let load = |file: &'static str| read(folder, file, LARGEST_TEXT_BYTES);
        let (file, made) = if let Some(json) = load(TOKENIZER)? {
            let made = caught(|| Tokenizer::from_bytes(&json).map_err(|error| error.to_string()));
            (TOKENIZER, made)
        } else if let Some(vocabulary) = load(WORD_PIECES)? {
            let settings = settings(folder, load(TOKENIZER_CONFIG)?)?;
            (WORD_PIECES, caught(|| word_pieces(&vocabulary, &settings)))
        } else if let Some(vocabulary) = load(BYTE_PAIRS)? {
            let merges = load(MERGES)?.ok_or_else(|| ForeignError::MissingFile {
                folder: folder.display().to_string(),
                file: MERGES,
                remedy: "fetch the file of this name that belongs to vocab.json",
            })?;
            let settings = settings(folder, load(TOKENIZER_CONFIG)?)?;
            (
                BYTE_PAIRS,
                caught(|| byte_pairs(&vocabulary, &merges, &settings)),
            )
        } else {
            return Ok(None);
        };
        let unreadable = |cause: String| ForeignError::Unreadable {
            file: name(folder, file),
            cause,
        };
        let mut tokenizer = made.and_then(|made| made).map_err(unreadable)?;
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|error| unreadable(error.to_string()))?;
        let ends = caught(|| tokenizer.encode("", true).map(|it| it.get_ids().to_vec()));
        let ends = match ends.map_err(unreadable)?.unwrap_or_default().as_slice() {
            [start, end] => Some((*start, *end)),
            _ => None,
        };
        let id = |names: [&str; 2]| names.iter().find_map(|name| tokenizer.token_to_id(name));
        let ends = ends.or_else(|| Some((id(["[CLS]", "<s>"])?, id(["[SEP]", "</s>"])?)));
        let (start, end) = ends.ok_or_else(|| {
            unreadable(
                "it has no pieces for the ends of a text, [CLS] and [SEP] or <s> and </s>".into(),
            )
        })?;
        let pad = id(["[PAD]", "<pad>"]).unwrap_or(0);
        Ok(Some(Self {
            tokenizer,
            start,
            end,
            pad,
        }))
    }

    /// The pieces of a text; none of what the tokenizer fails at.
    pub fn pieces(&self, text: &str) -> Pieces {
        let Ok(Ok(encoding)) = caught(|| self.tokenizer.encode(text, false)) else {
            return Pieces::default();
        };
        let spans = encoding
            .get_offsets()
            .iter()
            .map(|(start, end)| trimmed(text, *start, *end));
        Pieces {
            ids: encoding.get_ids().to_vec(),
            spans: spans.collect(),
            words: encoding.get_word_ids().to_vec(),
        }
    }

    /// Pieces with those at the ends, as the encoder takes them.
    pub fn row(&self, pieces: &[u32]) -> Vec<u32> {
        let mut row = Vec::with_capacity(pieces.len() + 2);
        row.push(self.start);
        row.extend_from_slice(pieces);
        row.push(self.end);
        row
    }
}

/// A stretch of whole characters without white space around it: byte-level pieces begin with the
/// space before a word, and may end within a character.
fn trimmed(text: &str, start: usize, end: usize) -> Range<usize> {
    let start = text.floor_char_boundary(start);
    let end = text.ceil_char_boundary(end).max(start);
    let stretch = text.get(start..end).unwrap_or_default();
    let from = start + stretch.len() - stretch.trim_start().len();
    from..from + stretch.trim().len()
}

/// What `tokenizer_config.json` says; it may be missing.
fn settings(folder: &Path, json: Option<Vec<u8>>) -> Result<Map<String, Value>, ForeignError> {
    let Some(json) = json else {
        return Ok(Map::new());
    };
    serde_json::from_slice(&json).map_err(|error| ForeignError::Unreadable {
        file: name(folder, TOKENIZER_CONFIG),
        cause: error.to_string(),
    })
}

/// BERT's tokenizer from its vocabulary, one piece a line.
fn word_pieces(vocabulary: &[u8], settings: &Map<String, Value>) -> Result<Tokenizer, String> {
    const UNKNOWN: &str = "[UNK]";
    let text = std::str::from_utf8(vocabulary).map_err(|error| error.to_string())?;
    let ids: AHashMap<String, u32> = text
        .strip_suffix('\n')
        .unwrap_or(text)
        .split('\n')
        .map(|line| line.trim_end_matches('\r').to_owned())
        .zip(0..)
        .collect();
    if !ids.contains_key(UNKNOWN) {
        return Err(format!("it has no piece {UNKNOWN}"));
    }
    let says = |key: &str| settings.get(key).and_then(Value::as_bool);
    let is_cased = ids
        .keys()
        .any(|piece| !piece.starts_with('[') && piece.contains(char::is_uppercase));
    let normalizer = BertNormalizer::new(
        true,
        says("tokenize_chinese_chars").unwrap_or(true),
        says("strip_accents"),
        says("do_lower_case").unwrap_or(!is_cased),
    );
    let model = WordPiece::builder()
        .vocab(ids)
        .unk_token(UNKNOWN.to_owned())
        .build()
        .map_err(|error| error.to_string())?;
    let mut tokenizer = Tokenizer::new(ModelWrapper::WordPiece(model));
    tokenizer.with_normalizer(Some(normalizer));
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    Ok(tokenizer)
}

/// `RoBERTa`'s tokenizer from its vocabulary and the pairs that it merges.
fn byte_pairs(
    vocabulary: &[u8],
    merges: &[u8],
    settings: &Map<String, Value>,
) -> Result<Tokenizer, String> {
    let ids: HashMap<String, u32> =
        serde_json::from_slice(vocabulary).map_err(|error| error.to_string())?;
    let merges = std::str::from_utf8(merges)
        .map_err(|error| format!("{MERGES}: {error}"))?
        .lines()
        .filter(|line| !line.starts_with("#version") && !line.trim().is_empty())
        .map(|line| {
            line.trim()
                .split_once(' ')
                .map(|(left, right)| (left.to_owned(), right.to_owned()))
                .ok_or_else(|| format!("{MERGES}: `{line}` is no pair"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let model = BPE::builder()
        .vocab_and_merges(ids.into_iter().collect::<AHashMap<_, _>>(), merges)
        .build()
        .map_err(|error| error.to_string())?;
    let begins_with_space = settings.get("add_prefix_space").and_then(Value::as_bool);
    let mut tokenizer = Tokenizer::new(ModelWrapper::BPE(model));
    tokenizer.with_pre_tokenizer(Some(ByteLevel::new(
        begins_with_space.unwrap_or(false),
        true,
        true,
    )));
    Ok(tokenizer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_loses_its_spaces_and_keeps_whole_characters() {
        let text = "a  Zoë ";
        assert_eq!(trimmed(text, 1, 5), 3..5);
        assert_eq!(trimmed(text, 2, 6), 3..7);
        assert_eq!(trimmed(text, 6, 8), 5..7);
        assert_eq!(trimmed(text, 1, 3), 3..3);
        assert_eq!(trimmed(text, 90, 99), 8..8);
    }
}
