//! Models of someone else's in place of ours: their feelings or entities, in the terms of a
//! [`Story`](fabula_story::Story).

use std::fmt::Write as _;
use std::ops::Range;
use std::path::PathBuf;

use fabula_devices::{EntityReader, FeelingsReader};
use fabula_networks::foreign::fingerprint;
use fabula_networks::foreign::labels::FEELING_NAMES;
use fabula_story::{Emotion, Entity, EntityKind, Scores};

use super::networks::label_of;

/// Folders of models that are to read in place of what fabula has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignModels {
    /// What finds the feelings of sentences and lines of speech.
    pub emotion: Option<PathBuf>,
    /// What finds people, places and vehicles that are named.
    pub entities: Option<PathBuf>,
}

impl ForeignModels {
    /// A text that is another when other models, or changed ones, would read.
    pub fn id(&self) -> String {
        let mut id = String::new();
        for (task, folder) in [("emotion", &self.emotion), ("entities", &self.entities)] {
            if let Some(folder) = folder {
                let _ = write!(id, "; {task} {}", fingerprint(folder));
            }
        }
        id
    }
}

/// The opened models.
#[derive(Default)]
pub(super) struct ForeignReaders {
    pub feelings: Option<Box<dyn FeelingsReader>>,
    pub entities: Option<Box<dyn EntityReader>>,
}

impl ForeignReaders {
    /// The feelings of stretches of the text, if a model for them was named.
    pub fn scores(&self, source: &str, stretches: &[Range<usize>]) -> Option<Vec<Scores>> {
        let reader = self.feelings.as_deref()?;
        let found = reader.feelings(&texts(source, stretches));
        let places =
            FEELING_NAMES.map(|name| Emotion::ALL.into_iter().find(|it| it.name() == name));
        let scores = found.into_iter().map(|shares| {
            let mut values = [0.0; 7];
            for (share, emotion) in shares.into_iter().zip(places) {
                if let Some(emotion) = emotion {
                    values[emotion as usize] = share;
                }
            }
            Scores::from_array(values)
        });
        Some(scores.collect())
    }

    /// What is named in the sentences, if a model for it was named.
    pub fn entities(&self, source: &str, sentences: &[Range<usize>]) -> Option<Vec<Entity>> {
        let reader = self.entities.as_deref()?;
        let found = reader.entities(&texts(source, sentences));
        let entities = found
            .into_iter()
            .zip(sentences)
            .flat_map(|(found, sentence)| {
                found.into_iter().filter_map(|entity| {
                    Some(Entity {
                        start: sentence.start + entity.range.start,
                        end: sentence.start + entity.range.end,
                        label: label_of(entity.class)?,
                        kind: EntityKind::Proper,
                    })
                })
            });
        Some(entities.collect())
    }
}

fn texts<'t>(source: &'t str, stretches: &[Range<usize>]) -> Vec<&'t str> {
    stretches
        .iter()
        .map(|stretch| source.get(stretch.clone()).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fabula_networks::foreign::model::NamedEntity;
    use fabula_networks::heads::FEELINGS;
    use fabula_story::EntityLabel;

    use super::*;
    use crate::document;
    use crate::reading::{DeviceChoice, Reader};

    /// Finds fear where a growl is and joy elsewhere, and a person called Mia.
    struct Scripted;

    impl FeelingsReader for Scripted {
        fn feelings(&self, texts: &[&str]) -> Vec<[f32; FEELINGS]> {
            texts
                .iter()
                .map(|text| {
                    let found = if text.contains("growl") {
                        "fear"
                    } else {
                        "joy"
                    };
                    FEELING_NAMES.map(|name| if name == found { 1.0 } else { 0.0 })
                })
                .collect()
        }
    }

    impl EntityReader for Scripted {
        fn entities(&self, texts: &[&str]) -> Vec<Vec<NamedEntity>> {
            texts
                .iter()
                .map(|text| {
                    text.match_indices("Mia")
                        .map(|(at, name)| NamedEntity {
                            range: at..at + name.len(),
                            class: "PER",
                        })
                        .collect()
                })
                .collect()
        }
    }

    #[test]
    fn feelings_and_entities_are_those_of_the_foreign_models() {
        let text = "The fox went home through the wood. Soon Mia heard how it growled. \
                    \"What a growl!\" said Mia.";
        let document = document::read_bytes(text.as_bytes(), "story.txt").unwrap();
        let reader = Reader {
            foreign: ForeignReaders {
                feelings: Some(Box::new(Scripted)),
                entities: Some(Box::new(Scripted)),
            },
            ..Reader::rules()
        };
        let story = reader.read(&document).unwrap();
        let feelings: Vec<Emotion> = story.sentences.iter().map(|it| it.emotion).collect();
        assert_eq!(feelings, [Emotion::Joy, Emotion::Fear, Emotion::Fear]);
        assert_eq!(story.quotes[0].emotion, Emotion::Fear);
        let named: Vec<_> = story
            .entities
            .iter()
            .map(|it| (&text[it.start..it.end], it.label, it.kind))
            .collect();
        let mia = ("Mia", EntityLabel::Per, EntityKind::Proper);
        assert_eq!(named, [mia, mia]);
    }

    #[test]
    fn a_model_reads_without_weights_of_ours_and_a_wrong_folder_is_an_error() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("networks/tests/data/foreign");
        let models = ForeignModels {
            emotion: Some(data.join("bert-emotion")),
            entities: Some(data.join("roberta-entities")),
        };
        let reader = Reader::open_with(DeviceChoice::Cpu, &models).unwrap();
        assert!(reader.method().device.is_some());
        let text = "The fox ran home. \"Who is there?\" asked Mia.";
        let document = document::read_bytes(text.as_bytes(), "story.txt").unwrap();
        let story = reader.read(&document).unwrap();
        let sum: f32 = story.sentences[0].scores.to_array().iter().sum();
        assert!((sum - 1.0).abs() < 1e-4);
        let models = ForeignModels {
            emotion: Some(data),
            entities: None,
        };
        let error = Reader::open_with(DeviceChoice::Cpu, &models).err().unwrap();
        assert!(error.to_string().contains("lacks config.json"), "{error}");
    }

    #[test]
    fn other_models_have_another_id() {
        let of = |emotion: Option<&str>, entities: Option<&str>| {
            ForeignModels {
                emotion: emotion.map(PathBuf::from),
                entities: entities.map(PathBuf::from),
            }
            .id()
        };
        let ids = [
            of(None, None),
            of(Some("a"), None),
            of(None, Some("a")),
            of(Some("b"), None),
            of(Some("a"), Some("b")),
        ];
        assert_eq!(ids[0], "");
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id), "{id}");
        }
    }
}
