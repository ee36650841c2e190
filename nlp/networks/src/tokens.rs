//! Words of English text, split as Universal Dependencies' English treebanks split them.
//!
//! The twin of `models/training/tokens.py`: the networks were trained on its words. Both are
//! checked against `nlp/networks/tests/data/tokens.txt`.

use std::ops::Range;

const CLITICS: [&str; 7] = ["n't", "'s", "'ll", "'ve", "'re", "'m", "'d"];
const LEADING_CONTRACTIONS: [&str; 10] = [
    "'em", "'tis", "'twas", "'twere", "'twill", "'til", "'cause", "'bout", "'un", "'n",
];
const SPLIT_WORDS: [(&str, usize); 30] = [
    ("cannot", 3),
    ("gonna", 3),
    ("gotta", 3),
    ("wanna", 3),
    ("outta", 3),
    ("lemme", 3),
    ("gimme", 3),
    // Written without their apostrophe
    ("dont", 2),
    ("didnt", 3),
    ("doesnt", 4),
    ("isnt", 2),
    ("wasnt", 3),
    ("havent", 4),
    ("hasnt", 3),
    ("hadnt", 3),
    ("arent", 3),
    ("couldnt", 5),
    ("wouldnt", 5),
    ("shouldnt", 6),
    ("cant", 2),
    ("im", 1),
    ("ive", 1),
    ("youre", 3),
    ("theyre", 4),
    ("thats", 4),
    ("whats", 4),
    ("theres", 5),
    ("wont", 2),
    ("aint", 2),
    ("alot", 1),
];
const ABBREVIATIONS: [&str; 49] = [
    "mr.", "mrs.", "ms.", "dr.", "st.", "jr.", "sr.", "prof.", "rev.", "hon.", "capt.", "col.",
    "gen.", "lt.", "sgt.", "maj.", "cmdr.", "gov.", "sen.", "rep.", "pres.", "messrs.", "mme.",
    "mlle.", "esq.", "co.", "inc.", "ltd.", "corp.", "bros.", "vs.", "etc.", "ft.", "mt.", "jan.",
    "feb.", "mar.", "apr.", "aug.", "sept.", "sep.", "oct.", "nov.", "dec.", "no.", "vol.", "fig.",
    "dept.", "est.",
];
const PREFIXES: [&str; 21] = [
    "e", "co", "pre", "non", "anti", "re", "un", "post", "ex", "semi", "multi", "inter", "sub",
    "counter", "mid", "over", "under", "ultra", "vice", "bi", "tri",
];
const EMOTICONS: [&str; 15] = [
    ":)", ":(", ";)", ":D", ":P", ":-)", ":-(", ";-)", ":-D", ";D", ":'(", "<3", "^_^", "=)", "=(",
];

/// Letters that are a word of their own behind a number: 5 pm, 35 mm
const UNITS: [&str; 22] = [
    "am", "pm", "a.m", "p.m", "mm", "cm", "km", "kg", "k", "m", "ft", "gb", "mb", "lb", "lbs",
    "hrs", "hr", "min", "p", "yr", "yrs", "mph",
];

/// A character and where it begins, in bytes.
#[derive(Clone, Copy)]
struct Letter {
    sign: char,
    at: usize,
}

impl Letter {
    fn is_word(self) -> bool {
        self.sign.is_alphanumeric()
    }

    fn is_digit(self) -> bool {
        self.sign.is_numeric()
    }
}

/// The words of `text` as byte ranges, in order. Nothing but white space lies between them.
pub fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut chunk = Vec::new();
    for (at, sign) in text.char_indices() {
        if !sign.is_whitespace() {
            chunk.push(Letter { sign, at });
            continue;
        }
        if !chunk.is_empty() {
            Splitter {
                letters: &chunk,
                end: at,
                found: &mut found,
            }
            .split(text);
            chunk.clear();
        }
    }
    if !chunk.is_empty() {
        Splitter {
            letters: &chunk,
            end: text.len(),
            found: &mut found,
        }
        .split(text);
    }
    found
}

/// Whether two marks that stand next to each other are one word: `...`, `--`, `$$$`, `''`, `?!`.
fn belong_together(mark: char, other: char) -> bool {
    match mark {
        '.' | '-' | '*' | '=' | '_' | '~' | '$' | '<' | '>' | '+' | '/' | '\\' | '\'' | '’'
        | '‘' | '`' => other == mark,
        '!' | '?' => matches!(other, '!' | '?'),
        _ => false,
    }
}

/// Splits what stands between two spaces. Positions are indexes into `letters`.
struct Splitter<'a> {
    letters: &'a [Letter],
    /// Where the last letter ends, in bytes.
    end: usize,
    found: &'a mut Vec<Range<usize>>,
}

impl Splitter<'_> {
    fn split(&mut self, text: &str) {
        let all = self.letters.len();
        if EMOTICONS.contains(&self.slice(text, 0, all)) {
            self.push(0, all);
            return;
        }
        let start = self.leading_marks();
        if start == all {
            return;
        }
        if self.letters[all - 1].sign == '/' && is_address(self.slice(text, start, all)) {
            self.push(start, all);
            return;
        }
        let (end, tail) = self.trailing_marks(text, start);
        if is_address(self.slice(text, start, end)) {
            self.push(start, end);
        } else {
            self.core(start, end);
        }
        for (from, to) in tail.into_iter().rev() {
            self.push(from, to);
        }
    }

    fn byte(&self, position: usize) -> usize {
        self.letters
            .get(position)
            .map_or(self.end, |letter| letter.at)
    }

    fn slice<'t>(&self, text: &'t str, from: usize, to: usize) -> &'t str {
        text.get(self.byte(from)..self.byte(to)).unwrap_or_default()
    }

    fn push(&mut self, from: usize, to: usize) {
        self.found.push(self.byte(from)..self.byte(to));
    }

    /// The letters `from..to` in lower case, with every apostrophe written the same way.
    fn plain(&self, from: usize, to: usize) -> String {
        self.letters[from..to]
            .iter()
            .flat_map(|letter| {
                let sign = if is_apostrophe(letter.sign) {
                    '\''
                } else {
                    letter.sign
                };
                sign.to_lowercase()
            })
            .collect()
    }

    /// The end of the run of marks that belong together from `at` on: `...`, `--`, `?!`.
    fn run_end(&self, at: usize, end: usize) -> usize {
        let sign = self.letters[at].sign;
        let mut stop = at + 1;
        while stop < end && belong_together(sign, self.letters[stop].sign) {
            stop += 1;
        }
        stop
    }

    fn leading_marks(&mut self) -> usize {
        let end = self.letters.len();
        let mut start = 0;
        while start < end && !self.letters[start].is_word() {
            if is_apostrophe(self.letters[start].sign) {
                let rest = self.plain(start, end.min(start + 8));
                let opens = |word: &&str| {
                    rest.strip_prefix(*word)
                        .is_some_and(|after| !after.starts_with(char::is_alphanumeric))
                };
                if CLITICS.iter().chain(&LEADING_CONTRACTIONS).any(opens) {
                    break;
                }
            }
            let stop = self.run_end(start, end);
            self.push(start, stop);
            start = stop;
        }
        start
    }

    /// The end of the chunk without its last marks, and those marks from the last to the first.
    fn trailing_marks(&self, text: &str, start: usize) -> (usize, Vec<(usize, usize)>) {
        let mut end = self.letters.len();
        let mut tail = Vec::new();
        while end > start && !self.letters[end - 1].is_word() {
            let mark = self.letters[end - 1].sign;
            if mark == '.' && keeps_period(self.slice(text, start, end)) {
                break;
            }
            let mut at = end - 1;
            while at > start + 1 && self.belongs_before(text, start, at, mark) {
                at -= 1;
            }
            tail.push((at, end));
            end = at;
        }
        (end, tail)
    }

    /// Whether the mark before `at` is one word with the `mark` behind it: `??`, `:?`, `..!`.
    fn belongs_before(&self, text: &str, start: usize, at: usize, mark: char) -> bool {
        let before = self.letters[at - 1].sign;
        if !matches!(mark, '!' | '?') {
            return belong_together(mark, before);
        }
        match before {
            '.' => !keeps_period(self.slice(text, start, at)),
            _ => matches!(before, '!' | '?' | ':' | ',' | ';'),
        }
    }

    /// Splits a stretch that begins with a word, and ends with one or with its own period.
    fn core(&mut self, start: usize, end: usize) {
        let mut at = start;
        let mut i = start;
        while i < end {
            if self.letters[i].is_word() || i == start {
                i += 1;
                continue;
            }
            let stop = self.run_end(i, end);
            if stop < end && self.breaks(at, i, stop) {
                self.word(at, i);
                self.push(i, stop);
                at = stop;
                while at < end && !self.letters[at].is_word() {
                    let stop = self.run_end(at, end);
                    self.push(at, stop);
                    at = stop;
                }
                i = at + 1;
            } else {
                i = stop;
            }
        }
        if at < end {
            self.word(at, end);
        }
    }

    /// Whether the marks `i..stop` inside a chunk stand between two words.
    fn breaks(&self, at: usize, i: usize, stop: usize) -> bool {
        let (before, mark, after) = (
            self.letters[i - 1],
            self.letters[i].sign,
            self.letters[stop],
        );
        if is_apostrophe(mark) || matches!(mark, '&' | '@' | '_') {
            return false;
        }
        if !after.is_word() {
            return true;
        }
        let digits = before.is_digit() && after.is_digit();
        match mark {
            '-' if stop - i > 1 => true,
            '-' => !digits && !PREFIXES.contains(&self.plain(at, i).as_str()),
            '.' if stop - i == 1 => before.sign.is_lowercase() && after.sign.is_uppercase(),
            '/' | ',' | ':' | '.' => !digits,
            _ => true,
        }
    }

    /// A word, its clitic apart: do n't, fox 's, can not.
    fn word(&mut self, start: usize, end: usize) {
        if start == end {
            return;
        }
        let length = end - start;
        if length <= 8 {
            let plain = self.plain(start, end);
            if let Some((_, cut)) = SPLIT_WORDS.iter().find(|(word, _)| *word == plain) {
                self.push(start, start + cut);
                self.push(start + cut, end);
                return;
            }
        }
        if self.letters[start].sign.is_ascii_digit() {
            let number = self.letters[start..end]
                .iter()
                .take_while(|letter| matches!(letter.sign, '0'..='9' | '.' | ',' | ':'))
                .count();
            let behind = self.plain(start + number, end.min(start + number + 8));
            if behind == "'s" && start + number + 2 == end {
                // The 60's
                self.push(start, end);
                return;
            }
            if start + number + 8 >= end && UNITS.contains(&behind.trim_end_matches('.')) {
                self.push(start, start + number);
                self.push(start + number, end);
                return;
            }
        }
        let tail = self.plain(end.saturating_sub(3).max(start), end);
        let clitic = CLITICS
            .iter()
            .find(|clitic| tail.ends_with(**clitic) && length > clitic.len());
        if let Some(clitic) = clitic {
            self.push(start, end - clitic.len());
            self.push(end - clitic.len(), end);
            return;
        }
        self.push(start, end);
    }
}

fn is_apostrophe(sign: char) -> bool {
    matches!(sign, '\'' | '’' | '‘' | '`')
}

/// Whether the period at the end of `word` is part of it.
fn keeps_period(word: &str) -> bool {
    if word.len() > 24 {
        return false;
    }
    let lower = word.to_lowercase();
    if ABBREVIATIONS.contains(&lower.as_str()) {
        return true;
    }
    let Some(body) = word.strip_suffix('.') else {
        return false;
    };
    let single = |part: &str| {
        let mut letters = part.chars();
        matches!((letters.next(), letters.next()), (Some(letter), None) if letter.is_alphabetic())
    };
    if single(body) {
        return body.chars().all(char::is_uppercase) && body != "I";
    }
    // U.S., a.m., C.C.H.
    body.contains('.') && body.split('.').all(single)
}

fn is_address(word: &str) -> bool {
    if word.contains("://")
        || word
            .get(..4)
            .is_some_and(|head| head.eq_ignore_ascii_case("www."))
    {
        return true;
    }
    word.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && word
                .chars()
                .all(|sign| sign.is_alphanumeric() || "@._-+".contains(sign))
    })
}

/// How a word is written, which an uncased vocabulary does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Casing {
    /// No letters that have a case.
    None,
    /// All letters small.
    Lower,
    /// The first letter large, the others small.
    Capital,
    /// Two or more letters, all large.
    Upper,
    /// Anything else.
    Mixed,
}

impl Casing {
    /// How many casings there are.
    pub const COUNT: usize = 5;

    /// How `word` is written.
    pub fn of(word: &str) -> Self {
        let mut letters = word
            .chars()
            .filter(|c| c.is_uppercase() || c.is_lowercase());
        let Some(first) = letters.next() else {
            return Self::None;
        };
        let (mut lower, mut upper) = (true, true);
        for letter in letters {
            lower &= letter.is_lowercase();
            upper &= letter.is_uppercase();
        }
        match (first.is_uppercase(), lower, upper) {
            (false, true, _) => Self::Lower,
            (true, true, _) => Self::Capital,
            (true, false, true) => Self::Upper,
            _ => Self::Mixed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIST: &str = include_str!("../tests/data/tokens.txt");

    #[test]
    fn words_are_those_that_the_networks_were_trained_on() {
        for line in LIST.lines().filter(|line| !line.starts_with('#')) {
            let (text, expected) = line.split_once('\t').unwrap_or((line, ""));
            let found: Vec<&str> = words(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found.join(" "), expected, "in {text:?}");
        }
    }

    #[test]
    fn casings_tell_how_a_word_is_written() {
        use Casing::{Capital, Lower, Mixed, None, Upper};

        let casings: Vec<Casing> = ["fox", "Fox", "I", "FOX", "McFox", "7", "eBook"]
            .map(Casing::of)
            .into();
        assert_eq!(
            casings,
            [Lower, Capital, Capital, Upper, Mixed, None, Mixed]
        );
    }

    proptest! {
        #[test]
        fn words_hold_everything_but_white_space_in_order(text in "[ \n\\PC]{0,80}") {
            let mut end = 0;
            for word in words(&text) {
                prop_assert!(text[end..word.start].chars().all(char::is_whitespace));
                prop_assert!(word.start < word.end);
                prop_assert!(!text[word.clone()].contains(char::is_whitespace));
                end = word.end;
            }
            prop_assert!(text[end..].chars().all(char::is_whitespace));
        }
    }
}
