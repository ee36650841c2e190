//! Lemmas as rules that a class of the network names, or a lexicon of words that are known. The twin
//! of `models/training/lemma.py`.

use ahash::AHashMap;

/// What to do to a word to get its lemma.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Drop `cut` letters at the end and put `suffix` there.
    Ending {
        /// Whether the word is written small first.
        lower: bool,
        /// How many letters go.
        cut: usize,
        /// What takes their place.
        suffix: String,
    },
    /// The lemma itself.
    Word(String),
}

impl Rule {
    /// Reads `lower|1|y`, `keep|0|` or `=be`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(word) = text.strip_prefix('=') {
            return Some(Self::Word(word.to_owned()));
        }
        let mut parts = text.split('|');
        let lower = match parts.next()? {
            "lower" => true,
            "keep" => false,
            _ => return None,
        };
        let cut = parts.next()?.parse().ok()?;
        let suffix = parts.next()?.to_owned();
        Some(Self::Ending { lower, cut, suffix })
    }

    /// The lemma of `word`. A rule that does not fit leaves the word in lower case.
    pub fn apply(&self, word: &str) -> String {
        match self {
            Self::Word(lemma) => lemma.clone(),
            Self::Ending { lower, cut, suffix } => {
                let source = if *lower {
                    word.to_lowercase()
                } else {
                    word.to_owned()
                };
                let length = source.chars().count();
                if *cut > 0 && *cut >= length {
                    return source;
                }
                source
                    .chars()
                    .take(length - cut)
                    .chain(suffix.chars())
                    .collect()
            }
        }
    }
}

/// The rules of words that are known, by their spelling and part of speech.
#[derive(Clone, Debug, Default)]
pub struct Lexicon(AHashMap<Box<str>, Vec<(usize, usize)>>);

impl Lexicon {
    /// Reads lines of a word, the number of its tag and the number of its rule, apart by tabs. A
    /// number has to be below that of `tags` or `rules`.
    ///
    /// # Errors
    /// The line that is not so.
    pub fn parse(text: &str, tags: usize, rules: usize) -> Result<Self, String> {
        let mut entries: AHashMap<Box<str>, Vec<(usize, usize)>> = AHashMap::new();
        for line in text.lines() {
            let mut columns = line.split('\t');
            let word = columns.next().unwrap_or_default();
            let mut number = |limit: usize| {
                let number: usize = columns.next()?.parse().ok()?;
                (number < limit).then_some(number)
            };
            let (Some(tag), Some(rule)) = (number(tags), number(rules)) else {
                return Err(line.to_owned());
            };
            entries.entry(word.into()).or_default().push((tag, rule));
        }
        Ok(Self(entries))
    }

    /// The rule of a word with a tag, if it is known.
    pub fn rule(&self, word: &str, tag: usize) -> Option<usize> {
        let of_word = self.0.get(word)?;
        of_word
            .iter()
            .find(|(known, _)| *known == tag)
            .map(|(_, rule)| *rule)
    }
}

#[cfg(test)]
mod tests {
    use super::{Lexicon, Rule};

    #[test]
    fn a_word_has_a_rule_for_each_part_of_speech_that_it_is_known_as() {
        let lexicon = Lexicon::parse("left\t1\t5\nleft\t0\t2\nmen\t0\t3", 2, 6).unwrap();
        assert_eq!(lexicon.rule("left", 0), Some(2));
        assert_eq!(lexicon.rule("left", 1), Some(5));
        assert_eq!(lexicon.rule("men", 1), None);
        assert_eq!(lexicon.rule("man", 0), None);
    }

    #[test]
    fn a_lexicon_that_does_not_fit_is_refused_with_its_line() {
        for line in ["left", "left\t0", "left\t2\t0", "left\t0\t6", "left\tx\t0"] {
            assert_eq!(Lexicon::parse(line, 2, 6).unwrap_err(), line);
        }
        assert!(Lexicon::parse("", 0, 0).is_ok());
    }

    #[test]
    fn rules_make_lemmas() {
        let made = |rule: &str, word: &str| Rule::parse(rule).map(|rule| rule.apply(word));
        assert_eq!(made("lower|3|y", "Ponies").as_deref(), Some("pony"));
        assert_eq!(made("keep|0|", "Alice").as_deref(), Some("Alice"));
        assert_eq!(made("=be", "was").as_deref(), Some("be"));
        assert_eq!(made("lower|9|y", "Fox").as_deref(), Some("fox"));
        assert_eq!(made("other|0|", "fox"), None);
    }
}
