//! From written words to sounds: the dictionary first, then known parts of the word, then
//! letter-to-sound rules.

use std::ops::Range;

use crate::sound::Sound;
use crate::{dictionary, letters, numbers};

/// Longer words are not searched for parts, and sounded out piece by piece.
const LONGEST_WORD: usize = 40;

/// A stretch of a spoken line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// A word and where it stands in the text.
    Word {
        span: Range<usize>,
        sounds: Vec<Sound>,
    },
    /// A silence between two words.
    Pause(Pause),
}

/// Kinds of silence, in breaths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pause {
    /// At a comma: one breath.
    Comma,
    /// At a dash, colon or semicolon.
    Dash,
    /// At the end of a sentence: two breaths.
    Stop,
}

/// The words of a text and the silences between them.
pub(crate) fn items(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = 0;
    while let Some(offset) = text[rest..].find(is_word_char) {
        let start = rest + offset;
        mark_pause(&text[rest..start], &mut items);
        let end = word_end(text, start);
        let token = &text[start..end];
        let sounds = token_sounds(token);
        if !sounds.is_empty() {
            items.push(Item::Word {
                span: start..end,
                sounds,
            });
        }
        rest = end;
        if is_abbreviation(token) && text[rest..].starts_with('.') {
            rest += 1;
        }
    }
    items
}

fn mark_pause(between: &str, items: &mut Vec<Item>) {
    let pause = if between.contains(['.', '!', '?', '…', '。', '！', '？']) {
        Pause::Stop
    } else if between.contains(['—', '–', ';', ':']) || between.contains("--") {
        Pause::Dash
    } else if between.contains([',', '(', ')', '、', '，']) || between.contains(" - ") {
        Pause::Comma
    } else {
        return;
    };
    if matches!(items.last(), Some(Item::Word { .. })) {
        items.push(Item::Pause(pause));
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '&' || c == '%'
}

/// A word goes on through apostrophes between letters, and a number through its points.
fn word_end(text: &str, start: usize) -> usize {
    let is_number = text[start..].starts_with(|c: char| c.is_ascii_digit());
    let mut end = start;
    let mut chars = text[start..].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let goes_on = c.is_alphanumeric()
            || (is_apostrophe(c) && next.is_some_and(char::is_alphabetic))
            || (is_number && matches!(c, ',' | '.') && next.is_some_and(|c| c.is_ascii_digit()));
        if !goes_on && offset > 0 {
            break;
        }
        end = start + offset + c.len_utf8();
        if matches!(c, '&' | '%') {
            break;
        }
    }
    end
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

fn is_abbreviation(token: &str) -> bool {
    expand(&token.to_ascii_lowercase()).is_some()
}

fn expand(word: &str) -> Option<&'static str> {
    Some(match word {
        "mr" => "mister",
        "mrs" => "missus",
        "ms" => "miz",
        "dr" => "doctor",
        "st" => "saint",
        "prof" => "professor",
        "capt" => "captain",
        "sgt" => "sergeant",
        "rev" => "reverend",
        "jr" => "junior",
        "sr" => "senior",
        "etc" => "etcetera",
        "&" => "and",
        "%" => "percent",
        _ => return None,
    })
}

fn token_sounds(token: &str) -> Vec<Sound> {
    if token.starts_with(|c: char| c.is_ascii_digit()) {
        return numbers::read_aloud(token)
            .iter()
            .flat_map(|word| word_sounds(word))
            .collect();
    }
    let is_shouted = token.chars().all(|c| c.is_ascii_uppercase());
    let word = fold(token);
    if is_shouted && (2..=4).contains(&token.len()) && dictionary::look_up(&word).is_none() {
        return word.chars().flat_map(letter_name).collect();
    }
    word_sounds(&word)
}

/// The sounds of a word in small plain letters.
fn word_sounds(word: &str) -> Vec<Sound> {
    let word = expand(word).unwrap_or(word);
    dictionary::look_up(word)
        .or_else(|| known_parts(word))
        .unwrap_or_else(|| rough_sounds(word))
}

/// A known word with an ending, or two known words written together.
fn known_parts(word: &str) -> Option<Vec<Sound>> {
    const ENDINGS: [(&str, &str); 9] = [
        ("ingly", "IH0 NG L IY0"),
        ("ness", "N AH0 S"),
        ("less", "L AH0 S"),
        ("ing", "IH0 NG"),
        ("ful", "F AH0 L"),
        ("est", "AH0 S T"),
        ("ish", "IH0 SH"),
        ("ly", "L IY0"),
        ("er", "ER0"),
    ];
    if !word.is_ascii() || word.len() > LONGEST_WORD {
        return None;
    }
    for ending in ["'s", "s", "'d", "ed"] {
        if let Some(mut sounds) = word.strip_suffix(ending).and_then(known_stem) {
            sounds.extend(inflection(ending, sounds.last().copied()));
            return Some(sounds);
        }
    }
    for (ending, spoken) in ENDINGS {
        if let Some(mut sounds) = word.strip_suffix(ending).and_then(known_stem) {
            sounds.extend(Sound::parse_all(spoken));
            return Some(sounds);
        }
    }
    (3..word.len().saturating_sub(2)).rev().find_map(|split| {
        let mut sounds = dictionary::look_up(&word[..split])?;
        let second = dictionary::look_up(&word[split..])?;
        sounds.extend(second.iter().map(|sound| match sound.stress() {
            Some(1) => sound.with_stress(2),
            _ => *sound,
        }));
        Some(sounds)
    })
}

/// The stem as it is, with its dropped E, or without its doubled consonant.
fn known_stem(stem: &str) -> Option<Vec<Sound>> {
    if stem.len() < 3 {
        return None;
    }
    dictionary::look_up(stem)
        .or_else(|| dictionary::look_up(&format!("{stem}e")))
        .or_else(|| {
            let bytes = stem.as_bytes();
            let doubled = bytes[bytes.len() - 1] == bytes[bytes.len() - 2];
            dictionary::look_up(&stem[..stem.len() - 1]).filter(|_| doubled)
        })
}

/// How a plural or a past tense sounds after the last sound of its stem.
fn inflection(ending: &str, last: Option<Sound>) -> Vec<Sound> {
    let last = last.map_or("", Sound::symbol);
    let voiceless = matches!(last, "P" | "T" | "K" | "F" | "TH" | "S" | "SH" | "CH");
    let spoken = match (ending.ends_with('s'), last) {
        (true, "S" | "Z" | "SH" | "ZH" | "CH" | "JH") => "IH0 Z",
        (true, _) => {
            if voiceless {
                "S"
            } else {
                "Z"
            }
        }
        (false, "T" | "D") => "IH0 D",
        (false, _) => {
            if voiceless {
                "T"
            } else {
                "D"
            }
        }
    };
    Sound::parse_all(spoken)
}

/// Letter-to-sound rules for Latin letters; a syllable for each sign of other scripts.
fn rough_sounds(word: &str) -> Vec<Sound> {
    let mut sounds = Vec::new();
    let mut latin = String::new();
    for (index, c) in word.chars().enumerate() {
        let is_latin = c.is_ascii_alphabetic() || c == '\'';
        if !is_latin || latin.len() == LONGEST_WORD {
            sounds.extend(letters::sound_out(&latin));
            latin.clear();
        }
        if is_latin {
            latin.push(c);
        } else if c.is_alphabetic() {
            let is_syllable = c >= '\u{2e80}';
            let spoken = match (is_syllable, index % 2) {
                (true, 0) => "D AH1",
                (true, _) => "N IY1",
                (false, 0) => "T",
                (false, _) => "AH1",
            };
            sounds.extend(Sound::parse_all(spoken));
        }
    }
    sounds.extend(letters::sound_out(&latin));
    sounds
}

fn letter_name(letter: char) -> Vec<Sound> {
    Sound::parse_all(match letter {
        'a' => "EY1",
        'b' => "B IY1",
        'c' => "S IY1",
        'd' => "D IY1",
        'e' => "IY1",
        'f' => "EH1 F",
        'g' => "JH IY1",
        'h' => "EY1 CH",
        'i' => "AY1",
        'j' => "JH EY1",
        'k' => "K EY1",
        'l' => "EH1 L",
        'm' => "EH1 M",
        'n' => "EH1 N",
        'o' => "OW1",
        'p' => "P IY1",
        'q' => "K Y UW1",
        'r' => "AA1 R",
        's' => "EH1 S",
        't' => "T IY1",
        'u' => "Y UW1",
        'v' => "V IY1",
        'w' => "D AH1 B AH0 L Y UW0",
        'x' => "EH1 K S",
        'y' => "W AY1",
        'z' => "Z IY1",
        _ => "",
    })
}

/// Small letters without accents and with plain apostrophes.
fn fold(token: &str) -> String {
    let mut word = String::with_capacity(token.len());
    for c in token.chars().flat_map(char::to_lowercase) {
        match c {
            '’' => word.push('\''),
            'à'..='å' | 'ā' => word.push('a'),
            'æ' => word.push_str("ae"),
            'ç' | 'č' => word.push('c'),
            'è'..='ë' | 'ē' | 'ě' => word.push('e'),
            'ì'..='ï' | 'ī' => word.push('i'),
            'ñ' | 'ň' => word.push('n'),
            'ò'..='ö' | 'ø' | 'ō' => word.push('o'),
            'œ' => word.push_str("oe"),
            'ř' => word.push('r'),
            'š' => word.push_str("sh"),
            'ß' => word.push_str("ss"),
            'ù'..='ü' | 'ū' | 'ů' => word.push('u'),
            'ý' | 'ÿ' => word.push('y'),
            'ž' => word.push_str("zh"),
            'ł' => word.push('l'),
            'đ' | 'ð' => word.push('d'),
            'þ' => word.push_str("th"),
            _ => word.push(c),
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelled(text: &str) -> String {
        let symbols = |item: &Item| match item {
            Item::Word { sounds, .. } => sounds
                .iter()
                .map(|sound| sound.symbol())
                .collect::<Vec<_>>()
                .join(" "),
            Item::Pause(Pause::Comma) => ",".into(),
            Item::Pause(Pause::Dash) => "-".into(),
            Item::Pause(Pause::Stop) => ".".into(),
        };
        items(text)
            .iter()
            .map(symbols)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn punctuation_becomes_silence_between_words_only() {
        assert_eq!(spelled("“No, no!” he said."), "N OW , N OW . HH IY S EH D");
    }

    #[test]
    fn contractions_titles_and_hyphens_are_read() {
        assert_eq!(spelled("Mr. Fox"), "M IH S T ER F AA K S");
        assert_eq!(spelled("don't"), "D OW N T");
        assert_eq!(spelled("don’t"), "D OW N T");
        assert_eq!(spelled("well-fed"), "W EH L F EH D");
    }

    #[test]
    fn endings_of_unknown_forms_follow_the_sound_before_them() {
        assert_eq!(spelled("moonbeamed"), "M UW N B IY M D");
        assert_eq!(spelled("goosefoots"), "G UW S F UH T S");
    }

    #[test]
    fn words_written_together_are_read_as_two() {
        assert_eq!(spelled("foxwood"), "F AA K S W UH D");
    }

    #[test]
    fn accents_and_capitals_do_not_matter() {
        assert_eq!(spelled("CAFÉ"), spelled("cafe"));
        assert_eq!(spelled("BBC"), "B IY B IY S IY");
    }

    #[test]
    fn numbers_are_words() {
        assert_eq!(spelled("42"), spelled("forty two"));
    }

    #[test]
    fn other_scripts_move_the_mouth_too() {
        for text in ["狐狸", "лиса", "ثعلب"] {
            assert!(!spelled(text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            for item in items(&text) {
                if let Item::Word { span, .. } = item {
                    prop_assert!(text.get(span).is_some());
                }
            }
        }
    }
}
