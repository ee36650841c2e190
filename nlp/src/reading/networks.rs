//! What the networks read, in the terms of a [`Story`](fabula_story::Story).

use std::ops::Range;

use fabula_devices::StoryReader;
use fabula_networks::story::{Analysis, Labels, Passage};
use fabula_story::{Emotion, Entity, EntityKind, EntityLabel, Scores, Token};

use super::grammar::{self, Grammar};
use super::links;
use super::people::{Form, People, Person};
use super::text::{ParagraphKind, Text};

/// One reading of a whole text by the network.
pub(super) struct Reading {
    analysis: Analysis,
    sentences: usize,
    senses: Vec<Vec<f32>>,
    /// Where each feeling of the network lies among ours.
    feelings: Vec<Option<Emotion>>,
    labels: Labels,
}

/// Lets the network read a text whose sentences and quotations are known, as ranges of words; so are
/// the stretches of each sentence that tell where it happens.
pub(super) fn read(
    network: &dyn StoryReader,
    source: &str,
    text: &Text,
    sentences: &[Range<usize>],
    quotations: &[Range<usize>],
    telling: &[Vec<Range<usize>>],
) -> Reading {
    let known = text.spans(sentences.iter().cloned());
    let paragraphs = text.paragraphs.iter();
    let paragraphs = text.spans(
        paragraphs
            .filter(|paragraph| paragraph.kind != ParagraphKind::Break)
            .map(|paragraph| paragraph.first..paragraph.end),
    );
    let spans = known
        .iter()
        .cloned()
        .chain(text.spans(quotations.iter().cloned()))
        .collect();
    let mut analysis = network.analyze(&Passage {
        text: source,
        paragraphs,
        sentences: Some(known),
        spans,
        settings: text.spans(telling.iter().flatten().cloned()),
        chains: true,
        links: text.words.len() <= links::LONGEST,
        quotations: text.spans(quotations.iter().cloned()),
    });
    let senses = senses(std::mem::take(&mut analysis.settings), telling);
    let labels = network.labels().clone();
    let feelings = labels
        .feelings
        .iter()
        .map(|name| {
            Emotion::ALL
                .into_iter()
                .find(|emotion| emotion.name() == name)
        })
        .collect();
    Reading {
        analysis,
        sentences: sentences.len(),
        senses,
        feelings,
        labels,
    }
}

/// The trees of a text and the people in it, as far as a network read them.
pub(super) fn known(reading: Option<&Reading>, text: &Text) -> (Grammar, People) {
    let Some(reading) = reading else {
        return Default::default();
    };
    let grammar = reading.grammar(text);
    let people = reading.people(text, &grammar);
    (grammar, people)
}

/// The mean of what the stretches of each sentence tell, by their words.
fn senses(found: Vec<Vec<f32>>, telling: &[Vec<Range<usize>>]) -> Vec<Vec<f32>> {
    let mut found = found.into_iter();
    telling
        .iter()
        .map(|stretches| {
            let all: usize = stretches.iter().map(Range::len).sum();
            let mut mean = Vec::new();
            for (words, sense) in stretches.iter().zip(found.by_ref()) {
                mean.resize(sense.len().max(mean.len()), 0.0);
                let share = words.len() as f32 / all.max(1) as f32;
                for (sum, value) in mean.iter_mut().zip(sense) {
                    *sum += value * share;
                }
            }
            mean
        })
        .collect()
}

impl Reading {
    fn scores(&self, span: usize) -> Scores {
        let mut values = [0.0; 7];
        let shares = self
            .analysis
            .feelings
            .get(span)
            .copied()
            .unwrap_or_default();
        for (share, emotion) in shares.into_iter().zip(&self.feelings) {
            if let Some(emotion) = emotion {
                values[*emotion as usize] = share;
            }
        }
        Scores::from_array(values)
    }

    /// The feelings of each sentence.
    pub(super) fn sentences(&self) -> Vec<Scores> {
        (0..self.sentences)
            .map(|index| self.scores(index))
            .collect()
    }

    /// What each sentence tells of where it happens; empty for headings.
    pub(super) fn senses(&self) -> &[Vec<f32>] {
        &self.senses
    }

    /// The feelings of a quotation.
    pub(super) fn quotation(&self, index: usize) -> Scores {
        self.scores(self.sentences + index)
    }

    /// Parts of speech and trees, in the words of a text.
    pub(super) fn grammar(&self, text: &Text) -> Grammar {
        let name = |names: &[String], index: usize| names.get(index).cloned().unwrap_or_default();
        let tokens: Vec<grammar::Token> = self
            .analysis
            .tokens
            .iter()
            .map(|token| grammar::Token {
                range: token.range.clone(),
                tag: name(&self.labels.tags, token.tag),
                relation: name(&self.labels.relations, token.relation),
                parent: token.parent,
            })
            .collect();
        Grammar::new(text, &tokens)
    }

    /// What the network holds of each word of a text for telling who is one with whom; nothing where its
    /// weights have no such head.
    pub(super) fn links(&self, text: &Text) -> Option<Vec<Vec<f32>>> {
        let width = self.analysis.links.len() / self.analysis.tokens.len().max(1);
        if width == 0 {
            return None;
        }
        let mut found = vec![vec![0.0; width]; text.words.len()];
        let rows = self.analysis.links.chunks_exact(width);
        // Of a word that is cut in two the first part tells.
        for (token, row) in self.analysis.tokens.iter().zip(rows).rev() {
            let start = token.range.start;
            let word = text.words.partition_point(|word| word.end <= start);
            if text.words.get(word).is_some_and(|it| it.start <= start) {
                found[word] = row.to_vec();
            }
        }
        Some(found)
    }

    /// Whom the network finds mentioned, in the words of a text.
    pub(super) fn people(&self, text: &Text, grammar: &Grammar) -> People {
        let words = &text.words;
        let seat = |token: usize| {
            let start = self.analysis.tokens.get(token)?.range.start;
            let word = words.partition_point(|word| word.end <= start);
            words
                .get(word)
                .is_some_and(|it| it.start <= start)
                .then_some(word)
        };
        let people = self.analysis.mentions.iter().filter_map(|mention| {
            let (label, form) = self.labels.mentions.get(mention.class)?.split_once('_')?;
            let form = match form {
                "PROP" => Form::Name,
                "NOM" => Form::Noun,
                "PRON" => Form::Pronoun,
                _ => return None,
            };
            let first = seat(mention.tokens.start)?;
            let last = seat(mention.tokens.end.checked_sub(1)?)?;
            Some(Person {
                first,
                last,
                head: grammar.head(first, last),
                form,
                somebody: label == "PER",
                chain: mention.chain,
            })
        });
        People::new(people.collect())
    }

    /// People, places and vehicles that are spoken of.
    pub(super) fn entities(&self) -> Vec<Entity> {
        let mut entities: Vec<Entity> = self
            .analysis
            .mentions
            .iter()
            .filter_map(|mention| {
                let (label, form) = self.labels.mentions.get(mention.class)?.split_once('_')?;
                let words = self.analysis.tokens.get(mention.tokens.clone())?;
                Some(Entity {
                    start: words.first()?.range.start,
                    end: words.last()?.range.end,
                    label: label_of(label)?,
                    kind: kind_of(form)?,
                })
            })
            .collect();
        entities.sort_by_key(|entity| (entity.start, entity.end));
        entities.dedup();
        entities
    }

    /// Every word with its place in the tree of its sentence; `sentences` are byte ranges.
    pub(super) fn tokens(&self, source: &str, sentences: &[(usize, usize)]) -> Vec<Token> {
        let name = |names: &[String], index: usize| names.get(index).cloned().unwrap_or_default();
        self.analysis
            .tokens
            .iter()
            .map(|token| Token {
                start: token.range.start,
                end: token.range.end,
                text: source
                    .get(token.range.clone())
                    .unwrap_or_default()
                    .to_owned(),
                lemma: token.lemma.clone(),
                upos: name(&self.labels.tags, token.tag),
                head: token
                    .parent
                    .and_then(|parent| i64::try_from(parent).ok())
                    .unwrap_or(-1),
                deprel: name(&self.labels.relations, token.relation),
                sentence: sentences
                    .partition_point(|(_, end)| *end <= token.range.start)
                    .min(sentences.len().saturating_sub(1)),
            })
            .collect()
    }
}

/// The entity of this name.
pub(super) fn label_of(name: &str) -> Option<EntityLabel> {
    Some(match name {
        "PER" => EntityLabel::Per,
        "FAC" => EntityLabel::Fac,
        "GPE" => EntityLabel::Gpe,
        "LOC" => EntityLabel::Loc,
        "VEH" => EntityLabel::Veh,
        "ORG" => EntityLabel::Org,
        _ => return None,
    })
}

fn kind_of(name: &str) -> Option<EntityKind> {
    Some(match name {
        "PROP" => EntityKind::Proper,
        "NOM" => EntityKind::Common,
        "PRON" => EntityKind::Pronoun,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use fabula_networks::heads::{FEELINGS, Register};
    use fabula_networks::story::{Mention, Token as Word};

    use super::*;
    use crate::document;
    use crate::reading::Reader;

    /// A network that finds fear where a growl is, and joy elsewhere.
    struct Scripted {
        labels: Labels,
    }

    fn scripted() -> Scripted {
        let labels = r#"{"feelings":["anger","disgust","fear","joy","sadness","surprise","neutral"],
            "tags":["NOUN","PUNCT"],"relations":["root","dep"],"mentions":["none","PER_NOM"],
            "lemmas":[],"bias":[],"temperature":1.0}"#;
        Scripted {
            labels: serde_json::from_str(labels).unwrap(),
        }
    }

    impl StoryReader for Scripted {
        fn analyze(&self, passage: &Passage<'_>) -> Analysis {
            let tokens: Vec<Word> = fabula_networks::tokens::words(passage.text)
                .into_iter()
                .enumerate()
                .map(|(index, range)| Word {
                    lemma: passage.text[range.clone()].to_lowercase(),
                    range,
                    tag: 0,
                    parent: index.checked_sub(1),
                    relation: 1,
                })
                .collect();
            Analysis {
                mentions: vec![Mention {
                    tokens: 0..2,
                    class: 1,
                    score: 0.9,
                    chain: 0,
                }],
                tokens,
                feelings: passage
                    .spans
                    .iter()
                    .map(|span| {
                        let fear = passage.text[span.clone()].contains("growl");
                        std::array::from_fn(|i| f32::from(u8::from(i == if fear { 2 } else { 3 })))
                    })
                    .collect(),
                ..Analysis::default()
            }
        }

        fn feelings(&self, texts: &[&str], _: Register) -> Vec<[f32; FEELINGS]> {
            vec![[0.0; FEELINGS]; texts.len()]
        }

        fn labels(&self) -> &Labels {
            &self.labels
        }
    }

    #[test]
    fn a_story_takes_feelings_entities_and_tokens_from_the_network() {
        let text = "The fox went home through the wood. A growl rose behind her. \"What a growl!\" \
                    said the fox.";
        let document = document::read_bytes(text.as_bytes(), "story.txt").unwrap();
        let reader = Reader::with(Box::new(scripted()));
        let story = reader.read(&document).unwrap();
        let feelings: Vec<Emotion> = story.sentences.iter().map(|it| it.emotion).collect();
        assert_eq!(feelings, [Emotion::Joy, Emotion::Fear, Emotion::Fear]);
        assert_eq!(story.quotes[0].emotion, Emotion::Fear);
        assert_eq!(
            &text[story.entities[0].start..story.entities[0].end],
            "The fox"
        );
        assert_eq!(story.entities[0].label, EntityLabel::Per);
        let growl = story
            .tokens
            .iter()
            .find(|token| token.text == "growl")
            .unwrap();
        assert_eq!(
            (growl.lemma.as_str(), growl.upos.as_str(), growl.sentence),
            ("growl", "NOUN", 1)
        );
        assert_eq!(story.tokens[0].head, -1);
    }
}
