//! What the network says of each word, in the words of the rules: part of speech and place in the
//! tree of its sentence.

use std::ops::Range;

use super::text::Text;

/// A word as the network sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// Universal part of speech.
    pub tag: String,
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
            let mut parent = token.parent;
            while let Some(above) = parent
                && seat(above) == Some(word)
                && tokens[above].parent != parent
            {
                parent = tokens[above].parent;
            }
            let parent = parent.and_then(seat).filter(|it| *it != word);
            nodes[word] = Node {
                tag: token.tag.clone(),
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

    /// The part of speech of a word, or nothing.
    pub fn tag(&self, word: usize) -> &str {
        self.nodes.get(word).map_or("", |node| node.tag.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grammar(text: &Text, source: &str, words: &[(&str, &str, Option<usize>)]) -> Grammar {
        let mut at = 0;
        let tokens: Vec<Token> = words
            .iter()
            .map(|(written, tag, parent)| {
                let start = at + source[at..].find(written).unwrap();
                at = start + written.len();
                Token {
                    range: start..at,
                    tag: (*tag).to_owned(),
                    parent: *parent,
                }
            })
            .collect();
        Grammar::new(text, &tokens)
    }

    #[test]
    fn the_head_of_a_phrase_is_the_word_that_depends_on_one_outside() {
        let source = "A thin woman with a wooden foot ran.";
        let text = Text::new(source);
        let grammar = grammar(
            &text,
            source,
            &[
                ("A", "DET", Some(2)),
                ("thin", "ADJ", Some(2)),
                ("woman", "NOUN", Some(7)),
                ("with", "ADP", Some(6)),
                ("a", "DET", Some(6)),
                ("wooden", "ADJ", Some(6)),
                ("foot", "NOUN", Some(2)),
                ("ran", "VERB", None),
                (".", "PUNCT", Some(7)),
            ],
        );
        assert_eq!((grammar.head(0, 6), grammar.head(3, 6)), (2, 6));
    }

    #[test]
    fn a_word_that_the_network_cuts_in_two_is_its_first_part() {
        let source = "She didn't go.";
        let text = Text::new(source);
        let grammar = grammar(
            &text,
            source,
            &[
                ("She", "PRON", Some(3)),
                ("did", "AUX", Some(3)),
                ("n't", "PART", Some(3)),
                ("go", "VERB", None),
                (".", "PUNCT", Some(3)),
            ],
        );
        assert_eq!((grammar.tag(1), grammar.tag(2)), ("AUX", "VERB"));
        assert_eq!(Grammar::default().tag(1), "");
    }
}
