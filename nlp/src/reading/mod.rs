//! From a document to a [`Story`]: who is in it, who speaks, what is felt, where it happens.
//!
//! A row of layers, each a function from the text and the layers before it to plain data, all
//! called in one place, [`Reader::read`]. Feelings, entities and tokens come from the network of
//! [`fabula_networks`]; the other layers are rules: word lists and a little grammar, for which they
//! ask the network's trees and chains. Without a network the rules do all of it, less well
//! ([`Reader::rules`]):
//!
//! | layer | function | gives |
//! |---|---|---|
//! | words, paragraphs | `text::Text::new` | words with byte offsets |
//! | quotations | `quotes::find` | word ranges of speech |
//! | sentences | `sentences::find` | word ranges |
//! | links | `links::Links::read` | what units that read the whole text make of its words |
//! | mentions | `mentions::Ground::mentions` | noun phrases for beings |
//! | figures | `figures::Figures::gather` | which mentions are one |
//! | likeness | `likeness::join` | which figures are one |
//! | voices | `voices::resolve` | pronouns, speakers, addressees by rules |
//! | talk | `likeness::join_speakers` | which more are one, as speakers tell; then voices anew |
//! | clues | `speakers::gather` | what speaks for whom at each quotation |
//! | choice | `choice::speakers` | speakers and addressees by learnt weights |
//! | looks | `looks::find` | traits of figures |
//! | ages | `ages::find` | ages of whom no word tells it |
//! | feelings | `networks::read`, else `feelings` | scores, emotions |
//! | settings | `scenes::find`, with `whereabouts` | scenes with place, time, weather |
//! | cast | `cast::choose` | the figures that get a part |
//! | entities | `networks::read`, else `things` | people, places, vehicles |
//! | tokens | `networks::read` | words, tags, lemmas, trees |
//!
//! Models of someone else's may take the place of the network for feelings and entities
//! ([`ForeignModels`]). What the rules know of words is in `words/*.txt`.

mod ages;
mod cast;
mod choice;
mod feelings;
mod figures;
mod foreign;
mod grammar;
mod layers;
mod lexicon;
mod likeness;
mod links;
mod looks;
mod mentions;
mod networks;
mod people;
mod quotes;
mod scenes;
mod sentences;
mod speakers;
mod tags;
mod talk;
mod text;
mod things;
mod voices;
mod whereabouts;

use std::collections::BTreeMap;
use std::ops::Range;

use fabula_devices::StoryReader;
pub use fabula_devices::{Candidate, DeviceChoice, OpenError, candidates};
use fabula_networks::weights::{Weights, WeightsError};
use fabula_story::{DocumentError, PLACES, Quote, Scene, Sentence, Story};
use serde::Serialize;
use thiserror::Error;

use crate::document::Document;
pub use foreign::ForeignModels;
use foreign::ForeignReaders;
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

/// The weights that this build carries, or none if it was built without them.
///
/// # Errors
/// If they are damaged.
pub fn shipped() -> Result<Option<Weights>, WeightsError> {
    let read = |file, bytes: Option<&[u8]>| {
        let bytes = bytes?;
        Some(Weights::read(file, bytes))
    };
    let story = read("models/story.safetensors", fabula_models::STORY).transpose()?;
    let settings = read("models/settings.safetensors", fabula_models::SETTINGS).transpose()?;
    let links = read("models/links.safetensors", fabula_models::LINKS).transpose()?;
    let further = settings.iter().chain(&links);
    Ok(story.map(|story| further.fold(story, Weights::with)))
}

/// What speakers and addressees are chosen by, for the fitting of weights.
#[derive(Debug, Serialize)]
pub struct VoiceClues {
    /// The text that the offsets are of.
    pub text: String,
    /// Everybody who was found, with the bytes of what names or means them.
    pub figures: Vec<FigureTraces>,
    lines: Vec<VoiceClue>,
    words: Vec<links::Word>,
    mentions: Vec<MentionClue>,
    traces: Vec<speakers::Trace>,
}

/// A mention, and who it means before figures are joined.
#[derive(Debug, Serialize)]
struct MentionClue {
    figure: usize,
    #[serde(flatten)]
    seen: links::Seen,
}

/// Someone's traces in a text.
#[derive(Debug, Serialize)]
pub struct FigureTraces {
    /// The number that lines call them by.
    pub figure: usize,
    /// Who tells the story in the first person.
    pub narrator: bool,
    /// Bytes of names and nouns.
    pub named: Vec<(usize, usize)>,
    /// Bytes of pronouns.
    pub meant: Vec<(usize, usize)>,
}

/// A line of speech, its clues and what was chosen.
#[derive(Debug, Serialize)]
struct VoiceClue {
    start: usize,
    end: usize,
    speaker: Option<usize>,
    addressee: Option<usize>,
    #[serde(flatten)]
    line: speakers::Line,
}

/// Reads stories.
pub struct Reader {
    network: Option<Box<dyn StoryReader>>,
    /// Tells place and time from the network's states.
    whereabouts: Option<whereabouts::Head>,
    /// Tells who is one with whom and who speaks, likewise.
    links: Option<links::Head>,
    foreign: ForeignReaders,
    /// What reads, and where.
    method: Method,
}

/// What a sentence tells of where and when it happens.
#[derive(Clone, Debug)]
pub struct SettingEvidence {
    /// The sentence, in bytes.
    pub range: Range<usize>,
    /// What its words tell, in the order in which the head takes it.
    pub words: Vec<f32>,
    /// What of it tells, in bytes: what is narrated, or all if nothing is; nothing of headings.
    pub telling: Vec<Range<usize>>,
}

/// What a reader works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Where the network runs; none if only rules read.
    pub device: Option<Candidate>,
    /// What would be better and does not work, with the reasons.
    pub passed_over: Vec<Candidate>,
}

impl Method {
    /// Takes note of where one more network runs.
    fn add(&mut self, device: Candidate, passed_over: Vec<Candidate>) {
        self.device.get_or_insert(device);
        for candidate in passed_over {
            if !self.passed_over.contains(&candidate) {
                self.passed_over.push(candidate);
            }
        }
    }
}

impl Reader {
    /// A reader that works by rules and word lists alone.
    pub fn rules() -> Self {
        Self {
            network: None,
            whereabouts: None,
            links: None,
            foreign: ForeignReaders::default(),
            method: Method {
                device: None,
                passed_over: Vec::new(),
            },
        }
    }

    /// A reader with the network that this build carries, on the asked-for device; if the build
    /// carries none, rules alone.
    ///
    /// # Errors
    /// If the weights are damaged, or a device was asked for by name and does not work.
    pub fn open(choice: DeviceChoice) -> Result<Self, OpenError> {
        let Some(weights) = shipped()? else {
            return Ok(Self::rules());
        };
        let whereabouts = whereabouts::Head::load(&weights)?;
        let links = links::Head::load(&weights)?;
        let opened = fabula_devices::open(&weights, choice)?;
        Ok(Self {
            network: Some(opened.network),
            whereabouts,
            links,
            method: Method {
                device: Some(opened.device),
                passed_over: opened.passed_over,
            },
            ..Self::rules()
        })
    }

    /// As [`Self::open`], with models of someone else's for what they find.
    ///
    /// # Errors
    /// As [`Self::open`], and if a folder cannot be used.
    pub fn open_with(choice: DeviceChoice, models: &ForeignModels) -> Result<Self, OpenError> {
        let mut reader = Self::open(choice)?;
        if let Some(folder) = &models.emotion {
            let opened = fabula_devices::open_feelings(folder, choice)?;
            reader.foreign.feelings = Some(opened.network);
            reader.method.add(opened.device, opened.passed_over);
        }
        if let Some(folder) = &models.entities {
            let opened = fabula_devices::open_entities(folder, choice)?;
            reader.foreign.entities = Some(opened.network);
            reader.method.add(opened.device, opened.passed_over);
        }
        Ok(reader)
    }

    /// A reader with a network of the caller's.
    #[cfg(test)]
    fn with(network: Box<dyn StoryReader>) -> Self {
        Self {
            network: Some(network),
            ..Self::rules()
        }
    }

    /// A word that is another when the same text would be read differently by [`Self::open`].
    pub fn id() -> &'static str {
        Self::weights().unwrap_or("rules")
    }

    /// A digest of the trained weights that this build carries, if it carries any.
    pub fn weights() -> Option<&'static str> {
        fabula_models::STORY_DIGEST
    }

    /// What this reader works with.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// What each sentence tells of where and when it happens: to train the head that judges it.
    pub fn setting_evidence(&self, document: &Document) -> Vec<SettingEvidence> {
        let source = document.text.as_str();
        let text = Text::new(source);
        let quotations = quotes::find(&text);
        let sentences = sentences::find(&text, &quotations);
        let reading = self.network_reading(&text, source, &quotations, &sentences);
        let (grammar, people) = networks::known(reading.as_ref(), &text);
        let mut ground = mentions::Ground::new(&text, &quotations, &sentences, &grammar, &people);
        let senses = reading.as_ref().and_then(|it| it.links(&text));
        if let Some((head, senses)) = self.links.as_ref().zip(senses) {
            ground.links = Some(links::Links::read(head, &ground, &senses));
        }
        let mentions = ground.mentions();
        let telling = scenes::telling(&text, &quotations, &sentences);
        scenes::evidence(&ground, &mentions)
            .into_iter()
            .zip(text.spans(sentences.iter().cloned()))
            .zip(telling)
            .map(|((words, range), telling)| SettingEvidence {
                range,
                words,
                telling: text.spans(telling.into_iter()),
            })
            .collect()
    }

    /// What the choice of speakers and addressees in a document goes by.
    ///
    /// # Errors
    /// If the document has no words.
    pub fn voice_clues(&self, document: &Document) -> Result<VoiceClues, ReadError> {
        let source = document.text.as_str();
        let text = Text::new(source);
        let quotations = quotes::find(&text);
        let sentences = sentences::find(&text, &quotations);
        if sentences.is_empty() {
            return Err(ReadError::NoWords);
        }
        let reading = self.network_reading(&text, source, &quotations, &sentences);
        let (grammar, people) = networks::known(reading.as_ref(), &text);
        let mut ground = mentions::Ground::new(&text, &quotations, &sentences, &grammar, &people);
        let senses = reading.as_ref().and_then(|it| it.links(&text));
        if let Some((head, senses)) = self.links.as_ref().zip(senses) {
            ground.links = Some(links::Links::read(head, &ground, &senses));
        }
        let mentions = ground.mentions();
        let gathered = figures::Figures::gather(&ground, &mentions);
        let (figures, _, voices) = voices_of(&ground, &mentions);
        let mut traces: BTreeMap<usize, FigureTraces> = BTreeMap::new();
        let mut trace = |figure: usize, words: Range<usize>, pronoun: bool| {
            let figure = figures.find(figure);
            let traces = traces.entry(figure).or_insert_with(|| FigureTraces {
                figure,
                narrator: figures.get(figure).is_narrator,
                named: Vec::new(),
                meant: Vec::new(),
            });
            let spans = text.spans(std::iter::once(words));
            let spans = spans.into_iter().map(|span| (span.start, span.end));
            if pronoun {
                traces.meant.extend(spans);
            } else {
                traces.named.extend(spans);
            }
        };
        for (index, mention) in mentions.iter().enumerate() {
            trace(
                figures.of_mention(index),
                mention.first..mention.last + 1,
                false,
            );
        }
        for pronoun in &voices.pronouns {
            trace(pronoun.figure, pronoun.word..pronoun.word + 1, true);
        }
        let spans = text.spans(quotations.iter().map(|it| it.first..it.last + 1));
        let lines = spans
            .into_iter()
            .zip(voices.lines)
            .zip(&voices.voices)
            .map(|((span, mut line), voice)| {
                line.certain = line.certain.map(|it| figures.find(it));
                for candidate in &mut line.candidates {
                    candidate.figure = figures.find(candidate.figure);
                }
                VoiceClue {
                    start: span.start,
                    end: span.end,
                    speaker: voice.speaker,
                    addressee: voice.addressee,
                    line,
                }
            })
            .collect();
        Ok(VoiceClues {
            text: source.to_owned(),
            figures: traces.into_values().collect(),
            lines,
            words: links::words(&ground),
            mentions: mentions
                .iter()
                .enumerate()
                .map(|(index, mention)| MentionClue {
                    figure: gathered.of_mention(index),
                    seen: links::Seen::new(mention),
                })
                .collect(),
            traces: voices
                .traces
                .into_iter()
                .map(|trace| speakers::Trace {
                    figure: figures.find(trace.figure),
                    ..trace
                })
                .collect(),
        })
    }

    /// What the network reads in a text, if there is one.
    fn network_reading(
        &self,
        text: &Text,
        source: &str,
        quotations: &[quotes::Quotation],
        sentences: &[Range<usize>],
    ) -> Option<networks::Reading> {
        let network = self.network.as_deref()?;
        let telling = scenes::telling(text, quotations, sentences);
        let quotations: Vec<_> = quotations.iter().map(|it| it.first..it.last + 1).collect();
        Some(networks::read(
            network,
            source,
            text,
            sentences,
            &quotations,
            &telling,
        ))
    }

    /// Reads a document; the story has passed [`Story::check`].
    ///
    /// # Errors
    /// If the document has no words.
    pub fn read(&self, document: &Document) -> Result<Story, ReadError> {
        let source = document.text.as_str();
        tracing::trace!(bytes = source.len(), "a text");
        let text = Text::new(source);
        let quotations = quotes::find(&text);
        let sentences = sentences::find(&text, &quotations);
        if sentences.is_empty() {
            return Err(ReadError::NoWords);
        }
        let reading = self.network_reading(&text, source, &quotations, &sentences);
        let (grammar, people) = networks::known(reading.as_ref(), &text);
        let mut ground = mentions::Ground::new(&text, &quotations, &sentences, &grammar, &people);
        let senses = reading.as_ref().and_then(|it| it.links(&text));
        if let Some((head, senses)) = self.links.as_ref().zip(senses) {
            ground.links = Some(links::Links::read(head, &ground, &senses));
        }
        let mentions = ground.mentions();
        let (mut figures, likeness, mut voices) = voices_of(&ground, &mentions);
        let traits = looks::find(&ground, &mentions, &mut figures, &voices.pronouns);
        ages::find(&ground, &mentions, &mut figures, &voices);
        let spans = text.spans(sentences.iter().cloned());
        let scores = match (self.foreign.scores(source, &spans), &reading) {
            (Some(scores), _) => scores,
            (None, reading) => {
                let evidence = feelings::of_sentences(&text, &sentences);
                match reading {
                    Some(reading) => {
                        let found = reading.sentences();
                        let pairs = found.iter().zip(&evidence);
                        pairs
                            .map(|(scores, it)| feelings::lean(scores, it))
                            .collect()
                    }
                    None => evidence.iter().map(feelings::scores).collect(),
                }
            }
        };
        let lines = text.spans(quotations.iter().map(|it| it.first..it.last + 1));
        let lines = self.foreign.scores(source, &lines);
        let senses = reading.as_ref().map(networks::Reading::senses);
        let settings = scenes::find(&ground, &mentions, self.whereabouts.as_ref().zip(senses));
        let choose = |figures: &_, voices: &_| {
            cast::choose(
                &ground,
                &mentions,
                figures,
                &likeness,
                voices,
                traits.clone(),
            )
        };
        let mut cast = choose(&figures, &voices);
        if voices.pass_on(&mut figures, |figure| cast.id(figure).is_some()) {
            cast = choose(&figures, &voices);
        }

        let span = |first: usize, last: usize| {
            let start = text.words.get(first).map_or(0, |word| word.start);
            let end = text.words.get(last).map_or(start, |word| word.end);
            (start, end)
        };
        let quotes = quotations
            .iter()
            .zip(&voices.voices)
            .enumerate()
            .map(|(index, (quotation, voice))| {
                let (start, end) = span(quotation.first, quotation.last);
                let sentence = ground.sentence.get(voice.verb.unwrap_or(quotation.last));
                let sentence = sentence.and_then(|number| sentences.get(*number));
                let words = quotation.first..quotation.last + 1;
                let evidence = feelings::of_speech(&text, words, voice.verb, sentence);
                let scores = match (lines.as_ref().and_then(|it| it.get(index)), &reading) {
                    (Some(scores), _) => *scores,
                    (None, Some(reading)) => feelings::lean(&reading.quotation(index), &evidence),
                    (None, None) => feelings::scores(&evidence),
                };
                Quote {
                    start,
                    end,
                    speaker: voice.speaker.and_then(|figure| cast.id(figure)),
                    addressee: voice.addressee.and_then(|figure| cast.id(figure)),
                    emotion: scores.strongest(),
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
                    transition: None,
                }
            })
            .collect();
        let spoken_sentences: Vec<Sentence> = sentences
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
        let bounds: Vec<_> = spoken_sentences
            .iter()
            .map(|it| (it.start, it.end))
            .collect();
        let (entities, tokens) = match &reading {
            Some(reading) => (reading.entities(), reading.tokens(source, &bounds)),
            None => (
                things::entities(&ground, &mentions, &figures, &voices.pronouns),
                Vec::new(),
            ),
        };
        let entities = self.foreign.entities(source, &spans).unwrap_or(entities);
        let story = Story {
            format: Story::FORMAT.to_owned(),
            title: title(document, &text),
            text: source.to_owned(),
            sentences: spoken_sentences,
            entities,
            characters: cast.characters,
            quotes,
            scenes,
            tokens,
        };
        story.check()?;
        Ok(story)
    }
}

/// Who is one, and who speaks. Where a network reads a tale, speakers are chosen twice, since a first
/// choice tells who else is one.
fn voices_of(
    ground: &mentions::Ground,
    mentions: &[mentions::Mention],
) -> (figures::Figures, likeness::Likeness, voices::Voices) {
    let mut figures = figures::Figures::gather(ground, mentions);
    let mut likeness = likeness::join(ground, mentions, &mut figures);
    if likeness::hears_speakers(ground) {
        let mut drafted = figures.clone();
        let voices = voices::resolve(ground, mentions, &mut drafted);
        let draft = (&drafted, &voices);
        likeness = likeness::join_speakers(ground, mentions, &mut figures, draft);
    }
    let voices = voices::resolve(ground, mentions, &mut figures);
    (figures, likeness, voices)
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
