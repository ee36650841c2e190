//! Tells a story from numbers, program code and noise that happen to be text.

use super::{DocumentError, MAX_TEXT_CHARS};

/// Fewer letters than this are no sentence.
const MIN_LETTERS: usize = 10;
/// Fewer words than this are no sentence.
const MIN_WORDS: usize = 3;
/// Longer words than this are no words.
const MAX_WORD_CHARS: usize = 40;

/// Refuses `text` when it is too short, too long or no prose.
pub fn check(text: &str, name: &str) -> Result<(), DocumentError> {
    let name = || name.to_owned();
    if text.trim().is_empty() {
        return Err(DocumentError::Empty { name: name() });
    }
    if text.chars().nth(MAX_TEXT_CHARS).is_some() {
        return Err(DocumentError::TextTooLong { name: name() });
    }
    let not_a_story = |reason| {
        Err(DocumentError::NotAStory {
            name: name(),
            reason,
        })
    };
    let counts = Counts::of(text);
    if looks_like_data(text) {
        return not_a_story("data or markup");
    }
    if counts.letters * 10 < counts.visible * 6 {
        return not_a_story("mostly digits or symbols");
    }
    if counts.code_symbols * 100 > counts.visible * 5 {
        return not_a_story("program code or data");
    }
    if counts.letters_in_long_words * 2 > counts.letters {
        return not_a_story("encoded data or one endless word");
    }
    if counts.letters < MIN_LETTERS || (counts.words < MIN_WORDS && counts.ascii_letters > 0) {
        return Err(DocumentError::TooShort { name: name() });
    }
    if counts.jumbled_words * 10 > counts.words * 3 {
        return not_a_story("jumbled letters");
    }
    // English has about 38 vowels in 100 letters; Welsh and Polish names stay well above 20.
    if counts.ascii_letters * 2 > counts.letters && counts.vowels * 100 < counts.ascii_letters * 18
    {
        return not_a_story("letters without words");
    }
    Ok(())
}

fn looks_like_data(text: &str) -> bool {
    let ends = (text.chars().next(), text.chars().next_back());
    matches!(
        ends,
        (Some('{'), Some('}')) | (Some('['), Some(']')) | (Some('<'), Some('>'))
    )
}

#[derive(Default)]
struct Counts {
    visible: usize,
    letters: usize,
    ascii_letters: usize,
    vowels: usize,
    code_symbols: usize,
    words: usize,
    jumbled_words: usize,
    letters_in_long_words: usize,
}

impl Counts {
    fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for word in text.split_whitespace() {
            let (mut chars, mut letters, mut jumbled) = (0, 0, false);
            let mut after_lower = false;
            let mut is_ascii = true;
            for c in word.chars() {
                chars += 1;
                letters += usize::from(c.is_alphabetic());
                is_ascii &= c.is_ascii();
                counts.ascii_letters += usize::from(c.is_ascii_alphabetic());
                counts.vowels += usize::from(matches!(
                    c.to_ascii_lowercase(),
                    'a' | 'e' | 'i' | 'o' | 'u' | 'y'
                ));
                counts.code_symbols += usize::from("{}<>;=[]|\\$&@#^~`".contains(c));
                jumbled |= after_lower && (c.is_uppercase() || c.is_ascii_digit());
                after_lower = c.is_lowercase();
            }
            counts.visible += chars;
            counts.letters += letters;
            counts.words += usize::from(letters > 0);
            counts.jumbled_words += usize::from(jumbled);
            if chars > MAX_WORD_CHARS && is_ascii {
                counts.letters_in_long_words += letters;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_accepted() {
        for text in [
            "The fox slept.",
            "STOP! CRIED THE OLD OWL. NOBODY STOPPED.",
            "Il était une fois une petite fille.",
            "Жила-была лиса в лесу.",
        ] {
            check(text, "a.txt").unwrap();
        }
    }

    #[test]
    fn what_is_no_prose_is_refused() {
        for text in [
            "",
            "Hi.",
            "12 44 98 1200 44.5 19,3 and 7 8 9 11 14 20",
            "*** !!! ??? --- *** +++ ///",
            "fn main() { let x = [1, 2]; println!(\"{x:?}\"); }",
            "{ \"title\": \"The fox\", \"text\": \"Once upon a time there was\" }",
            "UmFuZG9tIGJ5dGVzIGVuY29kZWQgaW4gYmFzZTY0IGFyZSBubyBzdG9yeSBhdCBhbGw",
            "aK3jf Lp9Qz wErt7Y Zx4Cv bNm8K qWe3R tYu1I",
            "xkcd qwrt zxcv bnmp lkjh gfds qwrt",
        ] {
            assert!(check(text, "a.txt").is_err(), "{text}");
        }
    }
}
