//! Lemmas as rules that the network scores, and a lexicon that chooses among them. The twin of
//! `models/training/lemma.py`.

use ahash::{AHashMap, AHashSet};

/// What to do to a word to get its lemma.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Write the word so, drop `cut` letters at the end and put `suffix` there.
    Ending {
        /// How the word is written first.
        case: Case,
        /// How many letters go.
        cut: usize,
        /// What takes their place.
        suffix: String,
    },
    /// A number without its commas.
    Bare,
    /// The lemma itself.
    Word(String),
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Small.
    Lower,
    /// As it is.
    Keep,
    /// Its first letter large, the others small.
    Capital,
    /// Large.
    Upper,
}

impl Case {
    fn write(self, word: &str) -> String {
        match self {
            Self::Lower => word.to_lowercase(),
            Self::Keep => word.to_owned(),
            Self::Capital => {
                let mut letters = word.chars();
                let first = letters.next().into_iter().flat_map(char::to_uppercase);
                first
                    .chain(letters.as_str().to_lowercase().chars())
                    .collect()
            }
            Self::Upper => word.to_uppercase(),
        }
    }
}

impl Rule {
    /// Reads `lower|1|y`, `keep|0|`, `capital|0|`, `upper|0|`, `bare|0|` or `=be`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(word) = text.strip_prefix('=') {
            return Some(Self::Word(word.to_owned()));
        }
        let mut parts = text.split('|');
        let case = match parts.next()? {
            "lower" => Case::Lower,
            "keep" => Case::Keep,
            "capital" => Case::Capital,
            "upper" => Case::Upper,
            "bare" => return Some(Self::Bare),
            _ => return None,
        };
        let cut = parts.next()?.parse().ok()?;
        let suffix = parts.next()?.to_owned();
        Some(Self::Ending { case, cut, suffix })
    }

    /// The lemma of `word`. A rule that does not fit leaves the word as its case writes it.
    pub fn apply(&self, word: &str) -> String {
        match self {
            Self::Word(lemma) => lemma.clone(),
            Self::Bare => word.replace(',', ""),
            Self::Ending { case, cut, suffix } => {
                let source = case.write(word);
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

/// How far below the best a rule may lie, in logits.
const WIDTH: f32 = 8.0;
/// How much a rule gains, in logits, if it makes a lemma that the treebank or the vocabulary knows.
const KNOWN_LEMMA: f32 = 3.0;
const KNOWN_WORD: f32 = 2.0;
const OPEN_CLASSES: [&str; 5] = ["ADJ", "ADV", "AUX", "NOUN", "VERB"];
/// Letters of the longest ending that is looked at.
const LONGEST_ENDING: usize = 5;
/// How likely a rule is before any word with the ending is known.
const FLOOR: f32 = 1e-4;

/// What the treebank tells of words: the rules of each spelling and part of speech, the lemmas of
/// each part of speech, and which rules go with which endings. It chooses among the rules that the
/// network scores.
#[derive(Clone, Debug)]
pub struct Lexicon {
    rules: Vec<Rule>,
    seen: AHashMap<Box<str>, Vec<Seen>>,
    /// The lemmas of each tag.
    lemmas: Vec<AHashSet<Box<str>>>,
    endings: Endings,
    open: Vec<bool>,
    words: AHashSet<Box<str>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    tag: usize,
    rule: usize,
    /// How often.
    count: u16,
}

/// For each end of words, in small letters, with their tag and how they are written: for how many
/// words each rule is the most frequent one.
#[derive(Clone, Debug, Default)]
struct Endings {
    /// Sorted by tag, shape and text.
    entries: Vec<Ending>,
    /// The texts of all entries, one after the other.
    text: String,
    /// Rules and their counts, those of an entry side by side.
    counts: Vec<(u16, u16)>,
}

#[derive(Clone, Copy, Debug)]
struct Ending {
    text_start: u32,
    text_len: u8,
    tag: u8,
    shape: Shape,
    first_count: u32,
    count_len: u16,
    total: u16,
}

impl Endings {
    /// Counts ends of words with their tag, how the word is written, and its rule.
    fn count(mut found: Vec<(u8, Shape, &str, u16)>) -> Self {
        found.sort_unstable();
        let mut endings = Self::default();
        for same in found.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)) {
            let (tag, shape, text, _) = same[0];
            let first_count = endings.counts.len();
            for rule in same.chunk_by(|a, b| a.3 == b.3) {
                let count = u16::try_from(rule.len()).unwrap_or(u16::MAX);
                endings.counts.push((rule[0].3, count));
            }
            endings.entries.push(Ending {
                text_start: endings.text.len() as u32,
                text_len: text.len() as u8,
                tag,
                shape,
                first_count: first_count as u32,
                count_len: (endings.counts.len() - first_count) as u16,
                total: u16::try_from(same.len()).unwrap_or(u16::MAX),
            });
            endings.text.push_str(text);
        }
        endings.entries.shrink_to_fit();
        endings.counts.shrink_to_fit();
        endings.text.shrink_to_fit();
        endings
    }

    fn text(&self, ending: &Ending) -> &str {
        let start = ending.text_start as usize;
        &self.text[start..start + usize::from(ending.text_len)]
    }

    fn find(&self, tag: usize, shape: Shape, text: &str) -> Option<&Ending> {
        let at = self.entries.binary_search_by(|it| {
            (usize::from(it.tag), it.shape, self.text(it)).cmp(&(tag, shape, text))
        });
        self.entries.get(at.ok()?)
    }

    /// The share of a rule, with that of a shorter ending mixed in.
    fn share(&self, ending: &Ending, rule: usize, shorter: f32) -> f32 {
        let first = ending.first_count as usize;
        let counts = &self.counts[first..first + usize::from(ending.count_len)];
        let found = counts.iter().find(|(known, _)| usize::from(*known) == rule);
        let count = found.map_or(0.0, |(_, count)| f32::from(*count));
        let kinds = counts.len() as f32;
        (count + kinds * shorter) / (f32::from(ending.total) + kinds)
    }
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Small,
    Mixed,
    Large,
}

impl Shape {
    fn of(word: &str) -> Self {
        if word == word.to_lowercase() {
            Self::Small
        } else if word == word.to_uppercase() && word.chars().nth(1).is_some() {
            Self::Large
        } else {
            Self::Mixed
        }
    }
}

/// The ends of a word in small letters, from none to five letters.
fn endings(lower: &str) -> impl Iterator<Item = &str> {
    let starts = lower.char_indices().rev().map(|(at, _)| at);
    std::iter::once(lower.len())
        .chain(starts.take(LONGEST_ENDING))
        .filter_map(|at| lower.get(at..))
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
            endings: Endings::default(),
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
            let seen = lexicon.seen.entry(word.into()).or_default();
            seen.push(Seen { tag, rule, count });
        }
        lexicon.learn_endings();
        Ok(lexicon)
    }

    /// Counts the most frequent rule of every word and tag for the ends of the word.
    fn learn_endings(&mut self) {
        let words: Vec<(String, Shape, &[Seen])> = self
            .seen
            .iter()
            .map(|(word, seen)| (word.to_lowercase(), Shape::of(word), seen.as_slice()))
            .collect();
        let mut found = Vec::new();
        for (lower, shape, seen) in &words {
            for (index, one) in seen.iter().enumerate() {
                let rank = |it: &Seen| (it.count, std::cmp::Reverse(it.rule));
                let is_best = seen
                    .iter()
                    .enumerate()
                    .all(|(other, it)| other == index || it.tag != one.tag || rank(it) < rank(one));
                if is_best && !matches!(self.rules[one.rule], Rule::Word(_)) {
                    let (tag, rule) = (one.tag as u8, one.rule as u16);
                    found.extend(endings(lower).map(|ending| (tag, *shape, ending, rule)));
                }
            }
        }
        self.endings = Endings::count(found);
    }

    /// How many rules there are.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// The lemma of a word with a tag. `scores` are the network's logits of all rules.
    pub fn lemma(&self, word: &str, tag: usize, scores: &[f32]) -> String {
        let seen = self.seen.get(word).map_or(&[][..], Vec::as_slice);
        let often = |seen: &Seen| scores[seen.rule] + f32::from(seen.count).ln();
        let seen = seen
            .iter()
            .filter(|seen| seen.tag == tag)
            .max_by(|a, b| often(a).total_cmp(&often(b)));
        if let Some(seen) = seen {
            return self.rules[seen.rule].apply(word);
        }
        let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let (lower, shape) = (word.to_lowercase(), Shape::of(word));
        let endings: Vec<&Ending> = endings(&lower)
            .filter_map(|ending| self.endings.find(tag, shape, ending))
            .collect();
        let likely = |rule: usize| {
            let share = endings
                .iter()
                .fold(FLOOR, |it, ending| self.endings.share(ending, rule, it));
            share.ln()
        };
        let open = self.open[tag] && word.chars().all(char::is_alphabetic);
        self.rules
            .iter()
            .zip(scores)
            .enumerate()
            .filter(|(_, (rule, score))| {
                **score >= highest - WIDTH && !matches!(rule, Rule::Word(_))
            })
            .map(|(index, (rule, score))| {
                let lemma = rule.apply(word);
                let bonus = if open { self.bonus(&lemma, tag) } else { 0.0 };
                (score + likely(index) + bonus, lemma)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map_or_else(|| self.only_word(word, scores), |(_, lemma)| lemma)
    }

    /// The best rule's lemma, where nothing but whole lemmas is likely.
    fn only_word(&self, word: &str, scores: &[f32]) -> String {
        self.rules
            .iter()
            .zip(scores)
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map_or_else(|| word.to_lowercase(), |(rule, _)| rule.apply(word))
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
        let lexicon = lexicon("SAVE\t2\t0\t1").unwrap();
        let torn = [0.0, 5.0, 4.0, 0.0, 0.0];
        // A lemma of verbs, a word of the vocabulary, and neither.
        assert_eq!(lexicon.lemma("Saving", 2, &torn), "save");
        assert_eq!(lexicon.lemma("dancing", 2, &torn), "dance");
        assert_eq!(lexicon.lemma("zorving", 2, &torn), "zorv");
        // Names are what the network says, and so is whatever it is sure of.
        assert_eq!(lexicon.lemma("Dancing", 1, &torn), "danc");
        assert_eq!(
            lexicon.lemma("dancing", 2, &[0.0, 18.0, 4.0, 0.0, 0.0]),
            "danc"
        );
    }

    #[test]
    fn of_rules_for_an_unknown_word_one_that_words_with_its_ending_have_is_preferred() {
        let known = [
            "raising", "closing", "losing", "pausing", "teasing", "using",
        ];
        let lines: Vec<String> = known
            .iter()
            .map(|word| format!("{word}\t2\t2\t1"))
            .collect();
        let lexicon = lexicon(&lines.join("\n")).unwrap();
        let torn = [0.0, 5.0, 4.0, 0.0, 0.0];
        assert_eq!(lexicon.lemma("zoosing", 2, &torn), "zoose");
        // As another part of speech, or written large, it may be something else.
        assert_eq!(lexicon.lemma("zoosing", 0, &torn), "zoos");
        assert_eq!(lexicon.lemma("ZOOSING", 2, &torn), "zoos");
    }

    #[test]
    fn a_whole_lemma_is_not_given_to_an_unknown_word_unless_nothing_else_is_likely() {
        let lexicon = lexicon("better\t0\t3\t9").unwrap();
        assert_eq!(lexicon.lemma("fine", 0, &[4.0, 0.0, 0.0, 9.0, 0.0]), "fine");
        assert_eq!(lexicon.lemma("fine", 0, &[0.0, 0.0, 0.0, 9.0, 0.0]), "good");
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
        assert_eq!(made("capital|1|", "foxes").as_deref(), Some("Foxe"));
        assert_eq!(made("capital|0|", "éTÉ").as_deref(), Some("Été"));
        assert_eq!(made("upper|0|", "nasa").as_deref(), Some("NASA"));
        assert_eq!(made("bare|0|", "12,000").as_deref(), Some("12000"));
        assert_eq!(made("lower|9|y", "Fox").as_deref(), Some("fox"));
        assert_eq!(made("other|0|", "fox"), None);
    }
}
