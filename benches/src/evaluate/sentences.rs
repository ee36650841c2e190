//! Where sentences end, in running text.

use std::collections::BTreeSet;
use std::ops::Range;

use fabula_devices::StoryReader;
use fabula_networks::story::{Analysis, Passage};
use fabula_nlp::document::Document;
use fabula_nlp::reading::{ReadError, Reader};

use super::EvaluateError;
use super::conllu;
use super::litbank::Work;
use super::report::{Report, Table, Value};
use super::tally::Tally;

/// A text with its paragraphs and sentences. Ranges are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningText {
    /// The text; a blank line stands between paragraphs.
    pub text: String,
    /// Its paragraphs, in order.
    pub paragraphs: Vec<Range<usize>>,
    /// Its sentences, in order.
    pub sentences: Vec<Range<usize>>,
    /// Where the text of each sentence begins, leading spaces included.
    pub starts: Vec<usize>,
}

impl RunningText {
    /// A document of a treebank.
    pub fn of_document(document: &[conllu::Sentence]) -> Self {
        let mut running = Self {
            text: String::new(),
            paragraphs: Vec::new(),
            sentences: Vec::new(),
            starts: Vec::new(),
        };
        let mut is_glued = true;
        for sentence in document {
            if sentence.opens_paragraph && !running.text.is_empty() {
                running.text.push_str("\n\n");
            } else if !is_glued {
                running.text.push(' ');
            }
            is_glued = sentence.is_glued;
            let start = running.text.len();
            running.text.push_str(&sentence.text);
            let end = running.text.len();
            match running.paragraphs.last_mut() {
                Some(last) if !sentence.opens_paragraph => last.end = end,
                _ => running.paragraphs.push(start..end),
            }
            let range = sentence.range();
            running
                .sentences
                .push(start + range.start..start + range.end);
            running.starts.push(start);
        }
        running
    }

    /// A sentence by itself.
    pub fn of_sentence(sentence: &conllu::Sentence) -> Self {
        let all = 0..sentence.text.len();
        Self {
            text: sentence.text.clone(),
            paragraphs: vec![all.clone()],
            sentences: vec![all],
            starts: vec![0],
        }
    }

    /// A work as one paragraph.
    pub fn of_work(work: &Work) -> Self {
        Self {
            text: work.text.clone(),
            paragraphs: std::iter::once(0..work.text.len()).collect(),
            sentences: work.sentences.clone(),
            starts: work
                .sentences
                .iter()
                .map(|sentence| sentence.start)
                .collect(),
        }
    }

    /// What the network is given; with `sentences`, it need not find them.
    pub fn passage(&self, sentences: bool) -> Passage<'_> {
        Passage {
            text: &self.text,
            paragraphs: self.paragraphs.clone(),
            sentences: sentences.then(|| self.sentences.clone()),
            ..Passage::default()
        }
    }
}

/// Measures the sentences that the network and the rules find in `texts`, which were read from
/// `name`.
///
/// # Errors
/// If the rules fail at a text.
pub fn measure(
    network: &dyn StoryReader,
    name: &str,
    texts: &[RunningText],
) -> Result<Report, EvaluateError> {
    let mut by_network = Scores::default();
    let mut by_rules = Scores::default();
    for (number, text) in (1..).zip(texts) {
        by_network.add(&of_analysis(&network.analyze(&text.passage(false))), text);
        let found = of_rules(text).map_err(|source| EvaluateError::Reading {
            name: format!("text {number} of {name}"),
            source,
        })?;
        by_rules.add(&found, text);
    }
    let rows = |of: fn(&Scores) -> Tally| [("network", of(&by_network)), ("rules", of(&by_rules))];
    Ok(Report {
        title: format!("Sentences of running text, {name}"),
        figures: vec![
            (
                "F1 of ends inside paragraphs",
                Value::Share(by_network.ends.f1()),
            ),
            ("F1 of whole sentences", Value::Share(by_network.whole.f1())),
            ("texts", Value::Count(texts.len())),
        ],
        tables: vec![
            Table::of_tallies("ends inside paragraphs", "by", rows(|scores| scores.ends)),
            Table::of_tallies("whole sentences", "by", rows(|scores| scores.whole)),
        ],
    })
}

fn of_analysis(analysis: &Analysis) -> BTreeSet<(usize, usize)> {
    let range = |sentence: &Range<usize>| {
        let tokens = analysis.tokens.get(sentence.clone())?;
        Some((tokens.first()?.range.start, tokens.last()?.range.end))
    };
    analysis.sentences.iter().filter_map(range).collect()
}

fn of_rules(text: &RunningText) -> Result<BTreeSet<(usize, usize)>, ReadError> {
    let document = Document {
        title: None,
        text: text.text.clone(),
    };
    match Reader::rules().read(&document) {
        Ok(story) => Ok(story
            .sentences
            .iter()
            .map(|sentence| (sentence.start, sentence.end))
            .collect()),
        // A text of marks alone, of which a treebank may have some.
        Err(ReadError::NoWords) => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

#[derive(Default)]
struct Scores {
    /// Ends of sentences, without those of paragraphs, which are given.
    ends: Tally,
    /// Sentences with both their first and last byte right, as `CoNLL` 2018 counts them.
    whole: Tally,
}

impl Scores {
    fn add(&mut self, found: &BTreeSet<(usize, usize)>, text: &RunningText) {
        let gold: BTreeSet<_> = text
            .sentences
            .iter()
            .map(|sentence| (sentence.start, sentence.end))
            .collect();
        self.whole += Tally::of(found, &gold);
        // The last words of paragraphs, without what space may follow them.
        let last = |paragraph: &Range<usize>| {
            let written = text.text.get(paragraph.clone()).unwrap_or_default();
            paragraph.start + written.trim_end().len()
        };
        let given: BTreeSet<usize> = text.paragraphs.iter().map(last).collect();
        let inside = |sentences: &BTreeSet<(usize, usize)>| -> BTreeSet<usize> {
            sentences
                .iter()
                .map(|(_, end)| *end)
                .filter(|end| !given.contains(end))
                .collect()
        };
        self.ends += Tally::of(&inside(found), &inside(&gold));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::conllu::{Sentence, Word};

    fn sentence(text: &str, opens_paragraph: bool, is_glued: bool) -> Sentence {
        Sentence {
            text: text.into(),
            words: vec![Word {
                range: 0..text.len(),
                ..Word::default()
            }],
            opens_paragraph,
            is_glued,
        }
    }

    fn three_sentences() -> RunningText {
        RunningText::of_document(&[
            sentence("He ran.", true, true),
            sentence("She hid.", false, false),
            sentence("Night fell.", true, false),
        ])
    }

    #[test]
    fn a_document_keeps_its_paragraphs_and_its_missing_spaces() {
        let running = three_sentences();
        assert_eq!(running.text, "He ran.She hid.\n\nNight fell.");
        assert_eq!(running.paragraphs, [0..15, 17..28]);
        assert_eq!(running.sentences, [0..7, 7..15, 17..28]);
    }

    #[test]
    fn ends_of_paragraphs_are_given_and_not_counted_as_found() {
        let running = three_sentences();
        let mut scores = Scores::default();
        scores.add(&BTreeSet::from([(0, 15), (17, 22), (23, 28)]), &running);
        assert_eq!(
            scores.ends,
            Tally {
                right: 0,
                found: 1,
                gold: 1
            }
        );
        assert_eq!(
            scores.whole,
            Tally {
                right: 0,
                found: 3,
                gold: 3
            }
        );
    }

    #[test]
    fn a_sentence_is_right_only_if_it_begins_and_ends_right() {
        let running = three_sentences();
        let mut scores = Scores::default();
        scores.add(&BTreeSet::from([(0, 7), (7, 15), (17, 28)]), &running);
        assert_eq!(
            scores.ends,
            Tally {
                right: 1,
                found: 1,
                gold: 1
            }
        );
        assert_eq!(
            scores.whole,
            Tally {
                right: 3,
                found: 3,
                gold: 3
            }
        );
        scores.add(
            &BTreeSet::from([(0, 4), (4, 7), (7, 15), (17, 28)]),
            &running,
        );
        assert_eq!(
            scores.ends,
            Tally {
                right: 2,
                found: 3,
                gold: 2
            }
        );
        assert_eq!(
            scores.whole,
            Tally {
                right: 5,
                found: 7,
                gold: 6
            }
        );
    }

    #[test]
    fn the_rules_split_plain_sentences_and_pass_over_texts_of_marks() -> Result<(), ReadError> {
        let running = RunningText::of_document(&[
            sentence("The fox ran home.", true, false),
            sentence("It was late.", false, false),
        ]);
        assert_eq!(of_rules(&running)?, BTreeSet::from([(0, 17), (18, 30)]));
        assert_eq!(
            of_rules(&RunningText::of_document(&[sentence("* * *", true, false)]))?,
            BTreeSet::new()
        );
        Ok(())
    }
}
