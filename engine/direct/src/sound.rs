//! The sounds of English as Arpabet writes them: 15 vowels with a stress, 24 consonants.

/// Symbols of the vowels, in the order of the packed dictionary.
const VOWELS: [&str; 15] = [
    "AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW",
];
/// Symbols of the consonants, in the order of the packed dictionary.
const CONSONANTS: [&str; 24] = [
    "B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T",
    "TH", "V", "W", "Y", "Z", "ZH",
];
/// The code of the first consonant; the vowels take three codes each, one for each stress.
const FIRST_CONSONANT: u8 = 45;

/// One sound, numbered as in the packed dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sound(u8);

impl Sound {
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        (usize::from(code) < usize::from(FIRST_CONSONANT) + CONSONANTS.len()).then_some(Self(code))
    }

    /// The sound written like `AH1` or `B`; a vowel without a digit has no stress.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(index) = CONSONANTS.iter().position(|symbol| *symbol == text) {
            return Some(Self(FIRST_CONSONANT + index as u8));
        }
        let symbol = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let stress = text.get(symbol.len()..)?.parse::<u8>().unwrap_or(0).min(2);
        let index = VOWELS.iter().position(|vowel| *vowel == symbol)?;
        Some(Self(index as u8 * 3 + stress))
    }

    /// Sounds written with spaces between; what is not a sound is left out.
    pub(crate) fn parse_all(text: &str) -> Vec<Self> {
        text.split_ascii_whitespace()
            .filter_map(Self::parse)
            .collect()
    }

    /// The Arpabet symbol without the stress.
    pub(crate) fn symbol(self) -> &'static str {
        if self.is_vowel() {
            VOWELS[usize::from(self.0 / 3)]
        } else {
            CONSONANTS[usize::from(self.0 - FIRST_CONSONANT)]
        }
    }

    pub(crate) fn is_vowel(self) -> bool {
        self.0 < FIRST_CONSONANT
    }

    /// 0 for none, 1 for primary, 2 for secondary; nothing for a consonant.
    pub(crate) fn stress(self) -> Option<u8> {
        self.is_vowel().then_some(self.0 % 3)
    }

    /// The same vowel with this stress; consonants stay as they are.
    pub(crate) fn with_stress(self, stress: u8) -> Self {
        if self.is_vowel() {
            Self(self.0 / 3 * 3 + stress.min(2))
        } else {
            self
        }
    }

    /// The lips meet: P B M.
    pub(crate) fn meets_lips(self) -> bool {
        matches!(self.symbol(), "P" | "B" | "M")
    }

    /// The teeth touch the lip: F V.
    pub(crate) fn touches_teeth(self) -> bool {
        matches!(self.symbol(), "F" | "V")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_dictionary_is_a_sound_with_a_symbol() {
        for code in 0..69 {
            let sound = Sound::from_code(code).unwrap();
            let stress = sound
                .stress()
                .map_or(String::new(), |stress| stress.to_string());
            assert_eq!(
                Sound::parse(&format!("{}{stress}", sound.symbol())),
                Some(sound)
            );
        }
        assert_eq!(Sound::from_code(69), None);
    }
}
