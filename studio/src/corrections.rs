//! What a person corrects in what was understood, before the film is made.

use std::collections::BTreeMap;

use fabula_story::{Age, DayTime, Emotion, Gender, Story, Weather};
use serde::{Deserialize, Deserializer};

/// The longest title, in characters.
const LONGEST_TITLE: usize = 120;
/// The longest name, place or description of looks, in characters.
const LONGEST_NAME: usize = 60;

/// Changes to a story; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Corrections {
    title: Option<String>,
    characters: Vec<CharacterCorrection>,
    lines: Vec<LineCorrection>,
    scenes: Vec<SceneCorrection>,
}

/// Changes to someone in the story.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CharacterCorrection {
    id: String,
    name: Option<String>,
    being: Option<String>,
    gender: Option<Gender>,
    age: Option<Age>,
    /// What the text says of looks; `null` takes it away.
    #[serde(default)]
    traits: BTreeMap<String, Option<String>>,
}

/// Changes to something that is said aloud, by its number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineCorrection {
    index: usize,
    #[serde(default)]
    speaker: Speaker,
    emotion: Option<Emotion>,
}

/// Changes to a scene, by its number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SceneCorrection {
    index: usize,
    place: Option<String>,
    time: Option<DayTime>,
    weather: Option<Weather>,
    indoor: Option<bool>,
    emotion: Option<Emotion>,
}

/// Who says a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Speaker {
    /// The one who was found: nothing is said of it.
    #[default]
    AsFound,
    /// Nobody who is known: `null`.
    Nobody,
    /// The character with this id.
    Character(String),
}

impl<'de> Deserialize<'de> for Speaker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            None => Self::Nobody,
            Some(id) => Self::Character(id),
        })
    }
}

impl Corrections {
    /// The corrected story, or a sentence that says which correction does not fit it.
    pub fn apply(&self, story: &Story) -> Result<Story, String> {
        let mut story = story.clone();
        if let Some(title) = &self.title {
            story.title = self::title(title)?;
        }
        for (number, correction) in self.characters.iter().enumerate() {
            let path = format!("characters[{number}]");
            correction.apply(&path, &mut story)?;
        }
        for (number, correction) in self.lines.iter().enumerate() {
            let path = format!("lines[{number}]");
            correction.apply(&path, &mut story)?;
        }
        for (number, correction) in self.scenes.iter().enumerate() {
            let path = format!("scenes[{number}]");
            correction.apply(&path, &mut story)?;
        }
        story.check().map_err(|error| error.to_string())?;
        Ok(story)
    }
}

impl CharacterCorrection {
    fn apply(&self, path: &str, story: &mut Story) -> Result<(), String> {
        let id = &self.id;
        let found = story.characters.iter_mut().find(|it| it.id == *id);
        let character = found.ok_or_else(|| format!("{path}.id: nobody in the story is `{id}`"))?;
        if let Some(name) = &self.name {
            character.name = words(&format!("{path}.name"), name, LONGEST_NAME)?;
        }
        if let Some(being) = &self.being {
            character.being = word(&format!("{path}.being"), being)?;
        }
        character.gender = self.gender.unwrap_or(character.gender);
        character.age = self.age.unwrap_or(character.age);
        for (key, value) in &self.traits {
            let path = format!("{path}.traits");
            let key = word(&path, key)?;
            let value = match value.as_deref().map(str::trim) {
                None | Some("") => String::new(),
                Some(value) => words(&format!("{path}.{key}"), value, LONGEST_NAME)?,
            };
            character.set_trait(&key, &value);
        }
        Ok(())
    }
}

impl LineCorrection {
    fn apply(&self, path: &str, story: &mut Story) -> Result<(), String> {
        if let Speaker::Character(speaker) = &self.speaker
            && story.character(speaker).is_none()
        {
            return Err(format!(
                "{path}.speaker: nobody in the story is `{speaker}`"
            ));
        }
        let quote = nth(path, "line", &mut story.quotes, self.index)?;
        quote.emotion = self.emotion.unwrap_or(quote.emotion);
        match &self.speaker {
            Speaker::AsFound => {}
            Speaker::Nobody => story.set_speaker(self.index, None),
            Speaker::Character(id) => story.set_speaker(self.index, Some(id)),
        }
        Ok(())
    }
}

impl SceneCorrection {
    fn apply(&self, path: &str, story: &mut Story) -> Result<(), String> {
        let scene = nth(path, "scene", &mut story.scenes, self.index)?;
        if let Some(place) = &self.place {
            scene.set_place(&word(&format!("{path}.place"), place)?);
        }
        scene.time = self.time.unwrap_or(scene.time);
        scene.weather = self.weather.unwrap_or(scene.weather);
        scene.indoor = self.indoor.unwrap_or(scene.indoor);
        scene.emotion = self.emotion.unwrap_or(scene.emotion);
        Ok(())
    }
}

fn nth<'a, T>(path: &str, what: &str, all: &'a mut [T], index: usize) -> Result<&'a mut T, String> {
    let count = all.len();
    all.get_mut(index)
        .ok_or_else(|| format!("{path}.index: there is no {what} {index}, only {count} from 0 on"))
}

/// A title as it may stand on a film's first card.
pub fn title(text: &str) -> Result<String, String> {
    words("title", text, LONGEST_TITLE)
}

/// A few words on one line.
fn words(path: &str, text: &str, longest: usize) -> Result<String, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(format!("{path}: write at least one letter"));
    }
    if text.chars().count() > longest {
        return Err(format!("{path}: write at most {longest} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("{path}: leave out control characters"));
    }
    Ok(text)
}

/// A word such as `fox` or `castle`.
fn word(path: &str, text: &str) -> Result<String, String> {
    let text = words(path, text, LONGEST_NAME)?.to_lowercase();
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    if text.chars().all(is_plain) {
        Ok(text)
    } else {
        Err(format!("{path}: write a plain word"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story() -> Story {
        let sample = include_str!("../../engine/story/tests/samples/story.json");
        Story::from_json(sample).unwrap()
    }

    fn apply(json: &str) -> Result<Story, String> {
        let corrections: Corrections =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        corrections.apply(&story())
    }

    #[test]
    fn a_person_may_correct_who_says_what_where_and_how() {
        let ids: Vec<_> = story().characters.iter().map(|it| it.id.clone()).collect();
        let corrected = apply(&format!(
            r#"{{"title":"  Vix and \n the Owl ",
                "characters":[{{"id":"{0}","name":"Vixen","age":"elder","traits":{{"color":"white","wears":null}}}}],
                "lines":[{{"index":0,"speaker":"{0}","emotion":"anger"}}],
                "scenes":[{{"index":0,"place":"Castle","time":"night","weather":"rain","indoor":true,"emotion":"fear"}}]}}"#,
            ids[0]
        ))
        .unwrap();
        assert_eq!(corrected.title, "Vix and the Owl");
        assert_eq!(corrected.characters[0].name, "Vixen");
        assert_eq!(corrected.characters[0].age, Age::Elder);
        assert_eq!(corrected.characters[0].traits["color"], "white");
        assert_eq!(
            corrected.quotes[0].speaker.as_deref(),
            Some(ids[0].as_str())
        );
        assert_eq!(corrected.quotes[0].emotion, Emotion::Anger);
        assert_eq!(corrected.scenes[0].place, "castle");
        assert!(corrected.scenes[0].indoor);
        assert_eq!(apply("{}").unwrap(), story());
        let unknown = apply(r#"{"lines":[{"index":0,"speaker":null}]}"#).unwrap();
        assert_eq!(unknown.quotes[0].speaker, None);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        for (wrong, place) in [
            (r#"{"title":" "}"#, "title"),
            (r#"{"title":"a\u0000b"}"#, "title"),
            (r#"{"characters":[{"id":"c99"}]}"#, "characters[0].id"),
            (r#"{"lines":[{"index":99}]}"#, "lines[0].index"),
            (
                r#"{"lines":[{"index":0,"speaker":"x"}]}"#,
                "lines[0].speaker",
            ),
            (r#"{"scenes":[{"index":0},{"index":7}]}"#, "scenes[1].index"),
            (
                r#"{"scenes":[{"index":0,"place":"../etc"}]}"#,
                "scenes[0].place",
            ),
            (r#"{"lines":[{"index":0,"emotion":"bored"}]}"#, "bored"),
            (r#"{"colour":1}"#, "colour"),
        ] {
            let error = apply(wrong).unwrap_err();
            assert!(error.contains(place), "{wrong}: {error}");
        }
        let long = format!(r#"{{"title":"{}"}}"#, "a".repeat(121));
        assert!(apply(&long).unwrap_err().contains("120"));
    }
}
