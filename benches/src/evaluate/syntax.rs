//! Parts of speech, lemmas and dependencies against a treebank: its sentences, our own words.
//!
//! A word is found if one of ours covers the same characters; all figures are F1 over words,
//! after the `CoNLL` 2018 shared task, relations without their subtypes.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use fabula_devices::StoryReader;
use fabula_networks::story::Analysis;

use super::conllu::{self, without_subtype};
use super::report::{Report, Table, Value};
use super::sentences::RunningText;
use super::tally::Tally;

/// What the network reads at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// Each sentence by itself, as the figures during training.
    Sentence,
    /// Whole documents, their sentences known.
    Document,
}

/// Measures a treebank that was read from `name`.
pub fn measure(
    network: &dyn StoryReader,
    name: &str,
    documents: &[conllu::Document],
    context: Context,
) -> Report {
    let labels = network.labels();
    let mut scores = Scores::default();
    let mut sentences = 0;
    let mut read = |running: &RunningText, gold: &[conllu::Sentence]| {
        let analysis = network.analyze(&running.passage(true));
        let found = of_analysis(&analysis, &labels.tags, &labels.relations);
        scores.add(&found, &of_treebank(gold, &running.starts));
        sentences += gold.len();
    };
    for document in documents {
        match context {
            Context::Document => read(&RunningText::of_document(document), document),
            Context::Sentence => {
                for sentence in document.chunks(1) {
                    read(&RunningText::of_sentence(&sentence[0]), sentence);
                }
            }
        }
    }
    let read = match context {
        Context::Sentence => "sentence by sentence",
        Context::Document => "document by document",
    };
    scores.report(format!("Syntax of {name}, read {read}"), sentences)
}

/// A word in bytes of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word<'a> {
    range: Range<usize>,
    tag: &'a str,
    lemma: &'a str,
    /// Where the word stands that it depends on; none for the root.
    parent: Option<Range<usize>>,
    relation: &'a str,
}

fn of_treebank<'a>(sentences: &'a [conllu::Sentence], starts: &[usize]) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    for (sentence, start) in sentences.iter().zip(starts) {
        let moved = |word: &conllu::Word| start + word.range.start..start + word.range.end;
        words.extend(sentence.words.iter().map(|word| {
            Word {
                range: moved(word),
                tag: &word.tag,
                lemma: &word.lemma,
                parent: word
                    .parent
                    .checked_sub(1)
                    .and_then(|at| sentence.words.get(at))
                    .map(moved),
                relation: &word.relation,
            }
        }));
    }
    words
}

fn of_analysis<'a>(
    analysis: &'a Analysis,
    tags: &'a [String],
    relations: &'a [String],
) -> Vec<Word<'a>> {
    let name = |names: &'a [String], index: usize| names.get(index).map_or("", String::as_str);
    let word = |token: &'a fabula_networks::story::Token| Word {
        range: token.range.clone(),
        tag: name(tags, token.tag),
        lemma: &token.lemma,
        parent: token
            .parent
            .and_then(|at| analysis.tokens.get(at))
            .map(|parent| parent.range.clone()),
        relation: without_subtype(name(relations, token.relation)),
    };
    analysis.tokens.iter().map(word).collect()
}

#[derive(Default)]
struct Scores {
    found: usize,
    gold: usize,
    words: usize,
    upos: usize,
    lemma: usize,
    uas: usize,
    las: usize,
    tags: BTreeMap<String, Tally>,
}

impl Scores {
    fn add(&mut self, found: &[Word], gold: &[Word]) {
        self.found += found.len();
        self.gold += gold.len();
        for word in found {
            self.tally(word.tag).found += 1;
        }
        for word in gold {
            self.tally(word.tag).gold += 1;
        }
        let there: HashMap<_, _> = gold.iter().map(|word| (&word.range, word)).collect();
        for word in found {
            let Some(gold) = there.get(&word.range) else {
                continue;
            };
            self.words += 1;
            if word.tag == gold.tag {
                self.upos += 1;
                self.tally(word.tag).right += 1;
            }
            let attached = word.parent == gold.parent;
            self.lemma += usize::from(word.lemma == gold.lemma);
            self.uas += usize::from(attached);
            self.las += usize::from(attached && word.relation == gold.relation);
        }
    }

    fn tally(&mut self, tag: &str) -> &mut Tally {
        if !self.tags.contains_key(tag) {
            self.tags.insert(tag.to_owned(), Tally::default());
        }
        self.tags.entry(tag.to_owned()).or_default()
    }

    fn of(&self, right: usize) -> Tally {
        Tally {
            right,
            found: self.found,
            gold: self.gold,
        }
    }

    fn report(self, title: String, sentences: usize) -> Report {
        let f1 = |right| Value::Share(self.of(right).f1());
        Report {
            title,
            figures: vec![
                ("UPOS", f1(self.upos)),
                ("lemma", f1(self.lemma)),
                ("UAS", f1(self.uas)),
                ("LAS", f1(self.las)),
                ("words", f1(self.words)),
                ("sentences", Value::Count(sentences)),
                ("words to find", Value::Count(self.gold)),
            ],
            tables: vec![Table::of_tallies("tags", "tag", self.tags)],
        }
    }
}

#[cfg(test)]
mod tests {
    use fabula_networks::story::Token;

    use super::*;

    fn word<'a>(
        range: Range<usize>,
        tag: &'a str,
        parent: Option<Range<usize>>,
        relation: &'a str,
    ) -> Word<'a> {
        Word {
            range,
            tag,
            lemma: "it",
            parent,
            relation,
        }
    }

    #[test]
    fn words_are_matched_by_their_characters() {
        // "do n't go" against "don't go".
        let gold = [
            word(0..2, "AUX", Some(6..8), "aux"),
            word(2..5, "PART", Some(6..8), "advmod"),
            word(6..8, "VERB", None, "root"),
        ];
        let found = [
            word(0..5, "AUX", Some(6..8), "aux"),
            word(6..8, "VERB", None, "root"),
        ];
        let mut scores = Scores::default();
        scores.add(&found, &gold);
        assert_eq!((scores.words, scores.upos, scores.las), (1, 1, 1));
        assert_eq!(scores.of(scores.upos).f1(), 2.0 / 5.0);
        assert_eq!(
            scores.tags["AUX"],
            Tally {
                right: 0,
                found: 1,
                gold: 1
            }
        );
        assert_eq!(
            scores.tags["PART"],
            Tally {
                right: 0,
                found: 0,
                gold: 1
            }
        );
        assert_eq!(
            scores.tags["VERB"],
            Tally {
                right: 1,
                found: 1,
                gold: 1
            }
        );
    }

    #[test]
    fn a_parent_is_right_if_it_is_the_same_word_and_the_root_only_if_both_are() {
        let gold = [
            word(0..2, "X", Some(3..5), "nsubj"),
            word(3..5, "X", None, "root"),
            word(6..8, "X", Some(3..5), "obj"),
        ];
        let found = [
            word(0..2, "X", Some(3..5), "obj"),
            word(3..5, "X", Some(6..8), "root"),
            word(6..8, "X", None, "obj"),
        ];
        let mut scores = Scores::default();
        scores.add(&found, &gold);
        assert_eq!((scores.uas, scores.las), (1, 0));
        assert_eq!(scores.lemma, 3);
    }

    #[test]
    fn sentences_of_a_document_are_scored_where_they_stand_in_it() {
        let of = |text: &str| conllu::Sentence {
            text: text.into(),
            words: vec![
                conllu::Word {
                    range: 0..2,
                    parent: 2,
                    relation: "nsubj".into(),
                    ..conllu::Word::default()
                },
                conllu::Word {
                    range: 3..5,
                    relation: "root".into(),
                    ..conllu::Word::default()
                },
            ],
            ..conllu::Sentence::default()
        };
        let document = [of("he is"), of("it is")];
        let running = RunningText::of_document(&document);
        let words = of_treebank(&document, &running.starts);
        assert_eq!(words[2].range, 6..8);
        assert_eq!(words[2].parent, Some(9..11));
        assert_eq!(words[3].parent, None);

        let token = |range, parent, relation| Token {
            range,
            tag: 0,
            lemma: String::new(),
            parent,
            relation,
        };
        let analysis = Analysis {
            tokens: vec![
                token(0..2, Some(1), 0),
                token(3..5, None, 1),
                token(6..8, Some(3), 0),
                token(9..11, None, 1),
            ],
            ..Analysis::default()
        };
        let relations = ["nsubj:pass".to_owned(), "root".to_owned()];
        let tags = [String::new()];
        let found = of_analysis(&analysis, &tags, &relations);
        assert_eq!(found, words);
    }
}
