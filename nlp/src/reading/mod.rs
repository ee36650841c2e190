//! From a document to a [`Story`]: who is in it, who speaks, what is felt, where it happens.
//!
//! This is the rule-based reading: word lists and a little grammar, the fallback that works
//! without any network. It is a row of layers, each a function from the text and the layers
//! before it to plain data, all called in one place, [`Reader::read`]:
//!
//! | layer | function | gives |
//! |---|---|---|
//! | words, paragraphs | `text::Text::new` | words with byte offsets |
//! | quotations | `quotes::find` | word ranges of speech |
//! | sentences | `sentences::find` | word ranges |
//! | mentions | `mentions::Ground::mentions` | noun phrases for beings |
//! | figures | `figures::Figures::gather` | which mentions are one |
//! | voices | `voices::resolve` | pronouns, speakers, addressees |
//! | looks | `looks::find` | traits of figures |
//! | feelings | `feelings::sentences`, `feelings::speech` | scores, emotions |
//! | settings | `scenes::find` | scenes with place, time, weather |
//! | cast | `cast::choose` | the figures that get a part |
//! | entities | `things::entities` | people, places, vehicles |
//!
//! A network takes the place of one layer by giving the same data; the layers after it and
//! everything that takes a [`Story`] stay as they are. What the rules know of words is in
//! `words/*.txt`.

mod cast;
mod feelings;
mod figures;
mod lexicon;
mod looks;
mod mentions;
mod quotes;
mod scenes;
mod sentences;
mod text;
mod things;
mod voices;

use fabula_story::{DocumentError, PLACES, Quote, Scene, Sentence, Story};
use thiserror::Error;

use crate::document::Document;
use text::{ParagraphKind, Text};

/// Why a document could not be read as a story.
#[derive(Debug, Error)]
pub enum ReadError {
    /// There is nothing to read aloud.
    #[error("the document holds no words; give one with a story in it")]
    NoWords,
    /// The reading contradicts itself, which is a fault of the reader.
    #[error("the reading of the document does not hold together ({0}); please report it")]
    Inconsistent(#[from] DocumentError),
}

/// Reads stories.
#[derive(Clone, Debug)]
pub struct Reader(());

impl Reader {
    /// A reader that works by rules and word lists alone.
    pub fn rules() -> Self {
        Self(())
    }

    /// Reads a document; the story has passed [`Story::check`].
    ///
    /// # Errors
    /// If the document has no words.
    pub fn read(&self, document: &Document) -> Result<Story, ReadError> {
        let source = document.text.as_str();
        let text = Text::new(source);
        let quotations = quotes::find(&text);
        let sentences = sentences::find(&text, &quotations);
        if sentences.is_empty() {
            return Err(ReadError::NoWords);
        }
        let ground = mentions::Ground::new(&text, &quotations, &sentences);
        let mentions = ground.mentions();
        let mut figures = figures::Figures::gather(&ground, &mentions);
        let voices = voices::resolve(&ground, &mentions, &mut figures);
        let traits = looks::find(&ground, &mentions, &mut figures, &voices.pronouns);
        let scores = feelings::sentences(&text, &sentences);
        let settings = scenes::find(&ground, &mentions);
        let cast = cast::choose(&ground, &mentions, &figures, &voices, traits);

        let span = |first: usize, last: usize| {
            let start = text.words.get(first).map_or(0, |word| word.start);
            let end = text.words.get(last).map_or(start, |word| word.end);
            (start, end)
        };
        let quotes = quotations
            .iter()
            .zip(&voices.voices)
            .map(|(quotation, voice)| {
                let (start, end) = span(quotation.first, quotation.last);
                let sentence = ground.sentence.get(voice.verb.unwrap_or(quotation.last));
                let sentence = sentence.and_then(|number| sentences.get(*number));
                let words = quotation.first..quotation.last + 1;
                Quote {
                    start,
                    end,
                    speaker: voice.speaker.and_then(|figure| cast.id(figure)),
                    addressee: voice.addressee.and_then(|figure| cast.id(figure)),
                    emotion: feelings::speech(&text, words, voice.verb, sentence),
                }
            })
            .collect();
        let scenes = settings
            .iter()
            .map(|setting| {
                let range = &setting.sentences;
                let words = sentences.get(range.clone()).unwrap_or(&[]);
                let first = words.first().map_or(0, |sentence| sentence.start);
                let end = words.last().map_or(first, |sentence| sentence.end);
                let (start, stop) = span(first, end.saturating_sub(1));
                Scene {
                    start,
                    end: stop,
                    place: PLACES
                        .get(setting.place)
                        .copied()
                        .unwrap_or("field")
                        .to_owned(),
                    time: setting.time,
                    weather: setting.weather,
                    indoor: setting.indoor,
                    emotion: feelings::mean(scores.get(range.clone()).unwrap_or(&[])),
                    present: cast.present(first..end),
                }
            })
            .collect();
        let spoken_sentences = sentences
            .iter()
            .zip(&scores)
            .map(|(range, scores)| {
                let (start, end) = span(range.start, range.end.saturating_sub(1));
                Sentence {
                    start,
                    end,
                    emotion: scores.strongest(),
                    scores: *scores,
                }
            })
            .collect();
        let entities = things::entities(&ground, &mentions, &figures, &voices.pronouns);
        let story = Story {
            format: Story::FORMAT.to_owned(),
            title: title(document, &text),
            text: source.to_owned(),
            sentences: spoken_sentences,
            entities,
            characters: cast.characters,
            quotes,
            scenes,
            tokens: Vec::new(),
        };
        story.check()?;
        Ok(story)
    }
}

/// The document's title, else its first heading, else its first words.
fn title(document: &Document, text: &Text) -> String {
    if let Some(title) = document
        .title
        .as_deref()
        .map(str::trim)
        .filter(|it| !it.is_empty())
    {
        return title.to_owned();
    }
    let slice = |first: usize, end: usize| {
        let start = text.words.get(first)?.start;
        let end = text.words.get(end.checked_sub(1)?)?.end;
        document.text.get(start..end)
    };
    let heading = text
        .paragraphs
        .first()
        .filter(|paragraph| paragraph.kind == ParagraphKind::Heading)
        .and_then(|paragraph| slice(paragraph.first, paragraph.end));
    if let Some(heading) = heading {
        return heading.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let words: Vec<&str> = text
        .words
        .iter()
        .filter(|word| word.shape != text::Shape::Mark)
        .map(|word| word.text)
        .take(6)
        .collect();
    format!("{}…", words.join(" "))
}

#[cfg(test)]
mod tests;
