use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{self, DocumentError};
use crate::{Age, Emotion, Gender, Scores, TransitionKind};

/// What was read in a text: the document `fabula.story/1`.
///
/// Every `start` and `end` is a UTF-8 byte offset into [`text`](Self::text), end exclusive, on
/// character boundaries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// Always [`Story::FORMAT`].
    pub format: String,
    /// The title, from the document or from its first words.
    pub title: String,
    /// The cleaned text that all offsets refer to.
    pub text: String,
    /// Sentences in order; they do not overlap.
    pub sentences: Vec<Sentence>,
    /// Mentions of people, places and things; they may nest.
    pub entities: Vec<Entity>,
    /// Who is in the story, most important first.
    pub characters: Vec<Character>,
    /// What is said aloud, in order.
    pub quotes: Vec<Quote>,
    /// Where and when it happens, in order; scenes do not overlap.
    pub scenes: Vec<Scene>,
    /// The token layer; empty unless it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<Token>,
}

/// A sentence and what it feels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The strongest feeling.
    pub emotion: Emotion,
    /// A calibrated score for each feeling.
    pub scores: Scores,
}

/// A mention of a person, place or thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// What kind of thing is mentioned.
    pub label: EntityLabel,
    /// By name, by noun or by pronoun.
    pub kind: EntityKind,
}

/// The six entity types of `LitBank`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum EntityLabel {
    /// A person or a figure that acts like one.
    Per,
    /// A building or room.
    Fac,
    /// A country, city or village.
    Gpe,
    /// A place in nature.
    Loc,
    /// A vehicle.
    Veh,
    /// An organisation.
    Org,
}

/// How something is mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// By name: "Alice".
    Proper,
    /// By noun: "the old woman".
    Common,
    /// By pronoun: "she".
    Pronoun,
}

/// Someone in the story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Character {
    /// Unique in the story, such as `c1`.
    pub id: String,
    /// What the character is called.
    pub name: String,
    /// Other names in the text.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// `human`, a species such as `fox`, what a thing that lives is called, such as `kettle`, or
    /// `creature`.
    pub being: String,
    /// As pronouns, titles and nouns show it.
    pub gender: Gender,
    /// As words show it.
    pub age: Age,
    /// What the text says of looks: keys such as `hair`, `clothes`, `size`, `color`, `wears`.
    #[serde(default)]
    pub traits: std::collections::BTreeMap<String, String>,
    /// Where the character is mentioned, in order.
    pub mentions: Vec<Mention>,
}

/// One mention of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mention {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// By name, by noun or by pronoun.
    pub kind: EntityKind,
}

/// Something said aloud, the quotation marks included in the span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Id of the character who speaks, if known.
    pub speaker: Option<String>,
    /// Id of the character spoken to, if known.
    pub addressee: Option<String>,
    /// How it is said.
    pub emotion: Emotion,
}

/// A stretch of the story in one place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// One of [`PLACES`], or another word for which the nearest set is taken.
    pub place: String,
    /// Time of day.
    pub time: DayTime,
    /// Weather.
    pub weather: Weather,
    /// Under a roof.
    pub indoor: bool,
    /// What the scene as a whole feels.
    pub emotion: Emotion,
    /// Ids of the characters who are there.
    pub present: Vec<String>,
    /// How it appears, where a person has said so; otherwise that is decided from the story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transition: Option<TransitionKind>,
}

/// Places that every reader of a story document knows.
pub const PLACES: [&str; 19] = [
    "forest", "sky", "night", "indoor", "water", "field", "village", "city", "castle", "mountain",
    "desert", "snow", "cave", "sea", "garden", "road", "river", "ship", "school",
];

/// Time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum DayTime {
    Dawn,
    Day,
    Dusk,
    Night,
    #[default]
    Unknown,
}

/// Weather.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Weather {
    #[default]
    Clear,
    Rain,
    Snow,
    Fog,
    Wind,
    Storm,
}

/// One word or mark, in Universal Dependencies terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The word as written.
    pub text: String,
    /// Its dictionary form.
    pub lemma: String,
    /// Universal part of speech, such as `NOUN`.
    pub upos: String,
    /// Index of the head token, -1 for a root.
    pub head: i64,
    /// Relation to the head, such as `nsubj`.
    pub deprel: String,
    /// Index of the sentence.
    pub sentence: usize,
}

impl Story {
    /// The value of the `format` field.
    pub const FORMAT: &'static str = "fabula.story/1";

    /// Reads and checks a story document.
    ///
    /// # Errors
    /// If the text is not JSON, is not of this format, or contradicts itself; the error names
    /// the path inside the document.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        let story: Self = document::parse(text, Self::FORMAT)?;
        story.check()?;
        Ok(story)
    }

    /// The document as indented JSON.
    pub fn to_json(&self) -> String {
        // Plain structs with string keys: serde_json has no way to fail on them.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The character with this id.
    pub fn character(&self, id: &str) -> Option<&Character> {
        self.characters.iter().find(|character| character.id == id)
    }

    /// Checks what the types cannot say: spans inside the text, order, and known ids.
    pub fn check(&self) -> Result<(), DocumentError> {
        let mut ids = HashSet::new();
        for (index, character) in self.characters.iter().enumerate() {
            let path = format!("characters[{index}]");
            if character.id.is_empty() || !ids.insert(character.id.as_str()) {
                return Err(DocumentError::at(
                    format!("{path}.id"),
                    format!("`{}` is empty or used twice", character.id),
                ));
            }
            for (number, mention) in character.mentions.iter().enumerate() {
                self.check_span(
                    &format!("{path}.mentions[{number}]"),
                    mention.start,
                    mention.end,
                )?;
            }
        }
        let mut last_end = 0;
        for (index, sentence) in self.sentences.iter().enumerate() {
            let path = format!("sentences[{index}]");
            self.check_span(&path, sentence.start, sentence.end)?;
            check_order(&path, sentence.start, &mut last_end, sentence.end)?;
            for (emotion, score) in Emotion::ALL.iter().zip(sentence.scores.to_array()) {
                let field = format!("scores.{emotion}");
                document::check_range(&path, &field, f64::from(score), 0.0..=1.0)?;
            }
        }
        for (index, entity) in self.entities.iter().enumerate() {
            self.check_span(&format!("entities[{index}]"), entity.start, entity.end)?;
        }
        let known = |path: String, id: &str| {
            if ids.contains(id) {
                return Ok(());
            }
            Err(DocumentError::at(
                path,
                format!("no character has the id `{id}`"),
            ))
        };
        last_end = 0;
        for (index, quote) in self.quotes.iter().enumerate() {
            let path = format!("quotes[{index}]");
            self.check_span(&path, quote.start, quote.end)?;
            check_order(&path, quote.start, &mut last_end, quote.end)?;
            if let Some(id) = &quote.speaker {
                known(format!("{path}.speaker"), id)?;
            }
            if let Some(id) = &quote.addressee {
                known(format!("{path}.addressee"), id)?;
            }
        }
        last_end = 0;
        for (index, scene) in self.scenes.iter().enumerate() {
            let path = format!("scenes[{index}]");
            self.check_span(&path, scene.start, scene.end)?;
            check_order(&path, scene.start, &mut last_end, scene.end)?;
            for (number, id) in scene.present.iter().enumerate() {
                known(format!("{path}.present[{number}]"), id)?;
            }
        }
        for (index, token) in self.tokens.iter().enumerate() {
            let path = format!("tokens[{index}]");
            self.check_span(&path, token.start, token.end)?;
            if token.head < -1 || token.head >= self.tokens.len().cast_signed() as i64 {
                return Err(DocumentError::at(
                    format!("{path}.head"),
                    format!("{} is not the index of a token, nor -1", token.head),
                ));
            }
        }
        Ok(())
    }

    fn check_span(&self, path: &str, start: usize, end: usize) -> Result<(), DocumentError> {
        if start < end && self.text.get(start..end).is_some() {
            return Ok(());
        }
        Err(DocumentError::at(
            path,
            format!(
                "{start}..{end} is not a stretch of the text, which has {} bytes",
                self.text.len()
            ),
        ))
    }
}

fn check_order(
    path: &str,
    start: usize,
    last_end: &mut usize,
    end: usize,
) -> Result<(), DocumentError> {
    if start < *last_end {
        return Err(DocumentError::at(
            format!("{path}.start"),
            format!("{start} lies before the end of the one before, {last_end}"),
        ));
    }
    *last_end = end;
    Ok(())
}
