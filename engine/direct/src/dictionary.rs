//! The CMU Pronouncing Dictionary, looked up in its packed form: about 126 000 words.
//!
//! `data/pack_cmudict.py` makes the file and describes its layout. It is inflated once, when the
//! first word is looked up; a look-up is a binary search over blocks of sixteen words.

use std::sync::OnceLock;

use crate::sound::Sound;

static PACKED: &[u8] = include_bytes!("../data/cmudict.bin");

struct Dictionary {
    bytes: Vec<u8>,
    blocks: usize,
}

/// The sounds of a word in small letters, if the dictionary has it.
pub(crate) fn look_up(word: &str) -> Option<Vec<Sound>> {
    static DICTIONARY: OnceLock<Dictionary> = OnceLock::new();
    DICTIONARY
        .get_or_init(Dictionary::unpack)
        .look_up(word.as_bytes())
}

impl Dictionary {
    fn unpack() -> Self {
        // The file is part of the program; were it damaged, every word would fall back to the
        // letter-to-sound rules, which the tests below would notice.
        let bytes = miniz_oxide::inflate::decompress_to_vec_zlib(PACKED).unwrap_or_default();
        let mut dictionary = Self { bytes, blocks: 0 };
        dictionary.blocks = dictionary.number(0).unwrap_or(0);
        dictionary
    }

    fn number(&self, index: usize) -> Option<usize> {
        let bytes = self.bytes.get(index * 4..index * 4 + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    }

    fn block(&self, index: usize) -> Option<&[u8]> {
        let base = (self.blocks + 1) * 4;
        let start = base + self.number(index + 1)?;
        let end = if index + 1 < self.blocks {
            base + self.number(index + 2)?
        } else {
            self.bytes.len()
        };
        self.bytes.get(start..end)
    }

    fn look_up(&self, word: &[u8]) -> Option<Vec<Sound>> {
        let (mut low, mut high) = (0, self.blocks);
        while low < high {
            let middle = usize::midpoint(low, high);
            let (first, _, _) = entry(self.block(middle)?, &[])?;
            if first.as_slice() <= word {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut block = self.block(low.checked_sub(1)?)?;
        let mut previous = Vec::new();
        while let Some((found, sounds, rest)) = entry(block, &previous) {
            if found == word {
                return sounds.iter().map(|code| Sound::from_code(*code)).collect();
            }
            previous = found;
            block = rest;
        }
        None
    }
}

/// The word and the sounds at the start of a block, and the rest of the block.
fn entry<'a>(block: &'a [u8], previous: &[u8]) -> Option<(Vec<u8>, &'a [u8], &'a [u8])> {
    let (&[shared, length], rest) = block.split_first_chunk::<2>()?;
    let (suffix, rest) = rest.split_at_checked(length.into())?;
    let (&count, rest) = rest.split_first()?;
    let (sounds, rest) = rest.split_at_checked(count.into())?;
    let mut word = previous.get(..shared.into())?.to_vec();
    word.extend_from_slice(suffix);
    Some((word, sounds, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_everywhere_in_the_alphabet_are_found() {
        for (word, sounds) in [
            ("'tis", "T IH1 Z"),
            ("a", "AH0"),
            ("fox", "F AA1 K S"),
            ("grandmother", "G R AE1 N D M AH2 DH ER0"),
            ("o'clock", "AH0 K L AA1 K"),
            ("zoo", "Z UW1"),
        ] {
            assert_eq!(look_up(word), Some(Sound::parse_all(sounds)), "{word}");
        }
    }

    #[test]
    fn words_that_are_not_in_it_are_not_found() {
        for word in ["", "zzzzzz", "frobnicate", "é", "\u{0}", "Fox"] {
            assert_eq!(look_up(word), None, "{word}");
        }
    }
}
