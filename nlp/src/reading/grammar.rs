//! What the network says of each word, in the words of the rules: part of speech and place in the
//! tree of its sentence.

use std::ops::Range;

use super::text::Text;

/// A word as the network sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// Universal part of speech.
    pub tag: String,
    /// Universal dependency relation to its parent.
    pub relation: String,
    /// The word that it depends on.
    pub parent: Option<usize>,
}

/// The network's words. Without a network it is empty and says nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Grammar {
    nodes: Vec<Node>,
}

/// A word of the network, in bytes and in its own numbers.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub range: Range<usize>,
    pub tag: String,
    pub relation: String,
    pub parent: Option<usize>,
}

impl Grammar {
    /// Seats the network's tokens on the words of a text.
    pub fn new(text: &Text, tokens: &[Token]) -> Self {
        let words = &text.words;
        let seat = |token: usize| {
            let start = tokens.get(token)?.range.start;
            let word = words.partition_point(|word| word.end <= start);
            words
                .get(word)
                .is_some_and(|it| it.start <= start)
                .then_some(word)
        };
        let mut nodes = vec![Node::default(); words.len()];
        for (index, token) in tokens.iter().enumerate() {
            let Some(word) = seat(index) else { continue };
            // "don't" is one word here and two there, of which the first tells what it does.
            if !nodes[word].tag.is_empty() {
                continue;
            }
            // A word is cut into very few parts.
            let mut parent = token.parent;
            for _ in 0..4 {
                match parent {
                    Some(above) if seat(above) == Some(word) => parent = tokens[above].parent,
                    _ => break,
                }
            }
            let parent = parent.and_then(seat).filter(|it| *it != word);
            nodes[word] = Node {
                tag: token.tag.clone(),
                relation: token.relation.clone(),
                parent,
            };
        }
        Self { nodes }
    }

    /// The word between `first` and `last` that depends on one outside.
    pub fn head(&self, first: usize, last: usize) -> usize {
        (first..=last)
            .rev()
            .find(|word| {
                self.nodes.get(*word).is_some_and(|node| {
                    node.tag != "PUNCT"
                        && node
                            .parent
                            .is_none_or(|parent| parent < first || parent > last)
                })
            })
            .unwrap_or(last)
    }

    /// Whether there is anything to ask.
    pub fn is_known(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// The part of speech of a word, or nothing.
    pub fn tag(&self, word: usize) -> &str {
        self.nodes.get(word).map_or("", |node| node.tag.as_str())
    }

    /// The relation of a word to its parent, or nothing.
    pub fn relation(&self, word: usize) -> &str {
        self.nodes
            .get(word)
            .map_or("", |node| node.relation.as_str())
    }

    /// The word that a word depends on.
    pub fn parent(&self, word: usize) -> Option<usize> {
        self.nodes.get(word)?.parent
    }

    /// Whether a verb is that of a main clause.
    pub fn is_main(&self, verb: usize) -> bool {
        let mut at = verb;
        for _ in 0..8 {
            match (self.relation(at), self.parent(at)) {
                (_, None) => return true,
                ("conj" | "parataxis", Some(parent)) => at = parent,
                _ => return false,
            }
        }
        false
    }

    /// The verb whose subject a word is, itself or as one of several: in "Ann and Tom ran", both.
    pub fn verb_of(&self, word: usize) -> Option<usize> {
        let mut at = word;
        for _ in 0..6 {
            let relation = self.relation(at);
            if relation.starts_with("nsubj") {
                return self.parent(at);
            }
            if relation != "conj" {
                return None;
            }
            at = self.parent(at)?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grammar(text: &Text, source: &str, words: &[(&str, &str, &str, Option<usize>)]) -> Grammar {
        let mut at = 0;
        let tokens: Vec<Token> = words
            .iter()
            .map(|(written, tag, relation, parent)| {
                let start = at + source[at..].find(written).unwrap();
                at = start + written.len();
                Token {
                    range: start..at,
                    tag: (*tag).to_owned(),
                    relation: (*relation).to_owned(),
                    parent: *parent,
                }
            })
            .collect();
        Grammar::new(text, &tokens)
    }

    #[test]
    fn both_of_a_pair_do_what_the_pair_does() {
        let source = "Ann and Tom ran.";
        let text = Text::new(source);
        let grammar = grammar(
            &text,
            source,
            &[
                ("Ann", "PROPN", "nsubj", Some(3)),
                ("and", "CCONJ", "cc", Some(2)),
                ("Tom", "PROPN", "conj", Some(0)),
                ("ran", "VERB", "root", None),
                (".", "PUNCT", "punct", Some(3)),
            ],
        );
        assert_eq!((grammar.verb_of(0), grammar.verb_of(2)), (Some(3), Some(3)));
        assert_eq!(grammar.verb_of(1), None);
        assert_eq!(grammar.head(0, 2), 0);
        assert!(grammar.is_main(3));
    }

    #[test]
    fn the_head_of_a_phrase_is_the_word_that_depends_on_one_outside() {
        let source = "A thin woman with a wooden foot ran.";
        let text = Text::new(source);
        let grammar = grammar(
            &text,
            source,
            &[
                ("A", "DET", "det", Some(2)),
                ("thin", "ADJ", "amod", Some(2)),
                ("woman", "NOUN", "nsubj", Some(7)),
                ("with", "ADP", "case", Some(6)),
                ("a", "DET", "det", Some(6)),
                ("wooden", "ADJ", "amod", Some(6)),
                ("foot", "NOUN", "nmod", Some(2)),
                ("ran", "VERB", "root", None),
                (".", "PUNCT", "punct", Some(7)),
            ],
        );
        assert_eq!((grammar.head(0, 6), grammar.head(3, 6)), (2, 6));
        assert_eq!((grammar.tag(2), Grammar::default().tag(2)), ("NOUN", ""));
    }

    #[test]
    fn a_word_that_the_network_cuts_in_two_is_its_first_part() {
        let source = "She didn't go because he ran.";
        let text = Text::new(source);
        let grammar = grammar(
            &text,
            source,
            &[
                ("She", "PRON", "nsubj", Some(3)),
                ("did", "AUX", "aux", Some(3)),
                ("n't", "PART", "advmod", Some(3)),
                ("go", "VERB", "root", None),
                ("because", "SCONJ", "mark", Some(6)),
                ("he", "PRON", "nsubj", Some(6)),
                ("ran", "VERB", "advcl", Some(3)),
            ],
        );
        assert_eq!((grammar.relation(1), grammar.verb_of(0)), ("aux", Some(2)));
        assert!(grammar.is_main(2) && !grammar.is_main(5));
    }
}
