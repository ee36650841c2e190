//! Word pieces: how the encoder sees words.

use std::collections::HashMap;

use ahash::AHashMap;
use tokenizers::Model;
use tokenizers::models::wordpiece::WordPiece;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words beyond this are unknown, as in BERT.
const LONGEST_WORD: usize = 100;

/// Splits words into the pieces of a vocabulary: lower case, no accents, longest piece first.
pub struct Pieces {
    model: WordPiece,
    /// The piece that stands for what no piece fits.
    pub unknown: u32,
    /// The piece before each window.
    pub start: u32,
    /// The piece after each window.
    pub end: u32,
    /// The piece that fills short windows.
    pub pad: u32,
}

impl Pieces {
    /// Pieces of a vocabulary whose numbers are their places in it.
    ///
    /// # Errors
    /// Names the special piece that is missing.
    pub fn new<'a>(vocabulary: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let ids: HashMap<String, u32> = vocabulary
            .into_iter()
            .zip(0..)
            .map(|(piece, id)| (piece.to_owned(), id))
            .collect();
        let special = |piece: &str| {
            ids.get(piece)
                .copied()
                .ok_or_else(|| format!("the vocabulary has no {piece}"))
        };
        let (unknown, start, end, pad) = (
            special("[UNK]")?,
            special("[CLS]")?,
            special("[SEP]")?,
            special("[PAD]")?,
        );
        let model = WordPiece::builder()
            .vocab(ids.into_iter().collect::<AHashMap<_, _>>())
            .unk_token("[UNK]".into())
            .max_input_chars_per_word(LONGEST_WORD)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            model,
            unknown,
            start,
            end,
            pad,
        })
    }

    /// Adds the pieces of one word to `ids`: at least one.
    pub fn push(&self, word: &str, ids: &mut Vec<u32>) {
        let before = ids.len();
        let mut run = String::new();
        let mut mark = [0; 4];
        for sign in word.chars().flat_map(char::to_lowercase).nfd() {
            if is_combining_mark(sign) || is_control(sign) {
                continue;
            }
            if sign.is_alphanumeric() {
                run.push(sign);
            } else {
                self.push_run(&run, ids);
                run.clear();
                self.push_run(sign.encode_utf8(&mut mark), ids);
            }
        }
        self.push_run(&run, ids);
        if ids.len() == before {
            ids.push(self.unknown);
        }
    }

    fn push_run(&self, run: &str, ids: &mut Vec<u32>) {
        if run.is_empty() {
            return;
        }
        match self.model.tokenize(run) {
            Ok(pieces) => ids.extend(pieces.iter().map(|piece| piece.id)),
            Err(_) => ids.push(self.unknown),
        }
    }
}

/// Control and formatting characters, which leave no trace.
fn is_control(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{feff}')
}
