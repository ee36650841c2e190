//! Lemmas as rules that the network scores, and a lexicon that chooses among them. The twin of
//! `models/training/lemma.py`.

use ahash::{AHashMap, AHashSet};

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

/// How much a rule gains, in logits, if it makes a lemma that the treebank or the vocabulary knows.
const KNOWN_LEMMA: f32 = 3.0;
const KNOWN_WORD: f32 = 2.0;
const OPEN_CLASSES: [&str; 5] = ["ADJ", "ADV", "AUX", "NOUN", "VERB"];

/// What the treebank tells of words: the rules of each spelling and part of speech, and the lemmas
/// of each part of speech. It chooses among the rules that the network scores.
#[derive(Clone, Debug)]
pub struct Lexicon {
    rules: Vec<Rule>,
    seen: AHashMap<Box<str>, Vec<Seen>>,
    /// The lemmas of each tag.
    lemmas: Vec<AHashSet<Box<str>>>,
    open: Vec<bool>,
    words: AHashSet<Box<str>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    tag: usize,
    rule: usize,
    /// The natural logarithm of how often.
    often: f32,
}

impl Lexicon {
    /// Reads lines of a word, the numbers of its tag and of its rule, and how often it was seen so,
    /// apart by tabs. `vocabulary` are BERT's word pieces.
    ///
    /// # Errors
    /// The line that is not so, or that has a number that no tag or rule has.
    pub fn parse<'a>(
        lines: &str,
        tags: &[String],
        rules: Vec<Rule>,
        vocabulary: impl Iterator<Item = &'a str>,
    ) -> Result<Self, String> {
        let mut lexicon = Self {
            seen: AHashMap::new(),
            lemmas: vec![AHashSet::new(); tags.len()],
            open: tags
                .iter()
                .map(|tag| OPEN_CLASSES.contains(&tag.as_str()))
                .collect(),
            words: vocabulary
                .filter(|piece| piece.chars().all(char::is_alphabetic))
                .map(Into::into)
                .collect(),
            rules,
        };
        for line in lines.lines() {
            let mut columns = line.split('\t');
            let word = columns.next().unwrap_or_default();
            let mut number = || columns.next()?.parse::<u16>().ok();
            let (Some(tag), Some(rule), Some(count)) = (number(), number(), number()) else {
                return Err(line.to_owned());
            };
            let (tag, rule) = (usize::from(tag), usize::from(rule));
            let (Some(lemmas), Some(made)) = (lexicon.lemmas.get_mut(tag), lexicon.rules.get(rule))
            else {
                return Err(line.to_owned());
            };
            lemmas.insert(made.apply(word).into());
            lexicon.seen.entry(word.into()).or_default().push(Seen {
                tag,
                rule,
                often: f32::from(count).ln(),
            });
        }
        Ok(lexicon)
    }

    /// How many rules there are.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// The lemma of a word with a tag. `scores` are the network's logits of all rules.
    pub fn lemma(&self, word: &str, tag: usize, scores: &[f32]) -> String {
        let seen = self.seen.get(word).map_or(&[][..], Vec::as_slice);
        let seen = seen
            .iter()
            .filter(|seen| seen.tag == tag)
            .max_by(|a, b| (scores[a.rule] + a.often).total_cmp(&(scores[b.rule] + b.often)));
        if let Some(seen) = seen {
            return self.rules[seen.rule].apply(word);
        }
        let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let open = self.open[tag] && word.chars().all(char::is_alphabetic);
        let margin = if open { KNOWN_LEMMA } else { 0.0 };
        self.rules
            .iter()
            .zip(scores)
            .filter(|(_, score)| **score >= highest - margin)
            .map(|(rule, score)| {
                let lemma = rule.apply(word);
                let bonus = if open { self.bonus(&lemma, tag) } else { 0.0 };
                (score + bonus, lemma)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map_or_else(|| word.to_lowercase(), |(_, lemma)| lemma)
    }

    fn bonus(&self, lemma: &str, tag: usize) -> f32 {
        if self.lemmas[tag].contains(lemma) {
            KNOWN_LEMMA
        } else if self.words.contains(lemma.to_lowercase().as_str()) {
            KNOWN_WORD
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lexicon, Rule};

    fn lexicon(lines: &str) -> Result<Lexicon, String> {
        let tags = ["ADJ", "PROPN", "VERB"].map(str::to_owned);
        let rules = ["lower|0|", "lower|3|", "lower|3|e", "=good", "keep|0|"];
        let rules = rules.iter().filter_map(|rule| Rule::parse(rule)).collect();
        Lexicon::parse(lines, &tags, rules, ["dance", "##ing"].into_iter())
    }

    #[test]
    fn a_word_that_is_known_as_a_part_of_speech_gets_a_rule_that_it_was_seen_with() {
        let lexicon = lexicon("best\t0\t3\t9\nsaving\t2\t2\t4\nSaving\t0\t0\t1").unwrap();
        assert_eq!(lexicon.lemma("best", 0, &[9.0, 0.0, 0.0, 0.0, 0.0]), "good");
        assert_eq!(lexicon.lemma("best", 1, &[9.0, 0.0, 0.0, 0.0, 0.0]), "best");
    }

    #[test]
    fn the_network_decides_between_rules_that_were_seen_unless_one_is_far_more_frequent() {
        let lexicon = lexicon("her\t0\t0\t3\nher\t0\t3\t3\nhis\t0\t0\t100\nhis\t0\t3\t1").unwrap();
        assert_eq!(lexicon.lemma("her", 0, &[1.0, 9.0, 9.0, 2.0, 9.0]), "good");
        assert_eq!(lexicon.lemma("her", 0, &[2.0, 9.0, 9.0, 1.0, 9.0]), "her");
        assert_eq!(lexicon.lemma("his", 0, &[1.0, 9.0, 9.0, 2.0, 9.0]), "his");
    }

    #[test]
    fn of_rules_for_an_unknown_word_one_that_makes_a_known_lemma_is_preferred() {
        let lexicon = lexicon("save\t2\t0\t1").unwrap();
        let torn = [0.0, 5.0, 4.0, 0.0, 0.0];
        // A lemma of verbs, a word of the vocabulary, and neither.
        assert_eq!(lexicon.lemma("Saving", 2, &torn), "save");
        assert_eq!(lexicon.lemma("dancing", 2, &torn), "dance");
        assert_eq!(lexicon.lemma("zorving", 2, &torn), "zorv");
        // Names are what the network says, and so is whatever it is sure of.
        assert_eq!(lexicon.lemma("Dancing", 1, &torn), "danc");
        assert_eq!(
            lexicon.lemma("dancing", 2, &[0.0, 8.0, 4.0, 0.0, 0.0]),
            "danc"
        );
    }

    #[test]
    fn a_lexicon_that_does_not_fit_is_refused_with_its_line() {
        for line in [
            "left",
            "left\t0",
            "left\t0\t0",
            "left\t3\t0\t1",
            "left\t0\t5\t1",
            "left\tx\t0\t1",
        ] {
            assert_eq!(lexicon(line).unwrap_err(), line);
        }
        assert!(lexicon("").is_ok());
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
