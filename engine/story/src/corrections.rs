//! What a person puts right in a reading, in a small TOML file beside the story.
//!
//! A correction names what it is about by words of the story, not by numbers or ids, so it stays
//! true when the story is read again, or is changed elsewhere.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use thiserror::Error;

use crate::{Age, Character, DayTime, Emotion, Gender, Story, TransitionKind, Weather};

/// Corrections of a reading: the file `cast.toml`.
///
/// ```toml
/// [[character]]
/// name = "Mrs. Gray"                # as she was understood, by name or alias
/// rename = "Grandmother Gray"
/// merge = ["the old lady"]          # others who are the same person
/// age = "elder"
/// traits = { hair = "white", wears = "glasses" }
///
/// [[scene]]
/// words = "the boughs closed overhead"   # words that stand in it
/// place = "forest"
/// time = "dusk"
///
/// [[line]]
/// words = "Who is there"            # words that are said in it
/// speaker = "Tom"
/// emotion = "fear"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corrections {
    /// The title, if it is another.
    pub title: Option<String>,
    /// Who is who.
    #[serde(default, rename = "character")]
    pub characters: Vec<CharacterCorrection>,
    /// Where and when.
    #[serde(default, rename = "scene")]
    pub scenes: Vec<SceneCorrection>,
    /// Who says what, and how.
    #[serde(default, rename = "line")]
    pub lines: Vec<LineCorrection>,
}

/// What is different about a character.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharacterCorrection {
    /// The character's name or one of its aliases, as it was read.
    pub name: String,
    /// What it is called instead.
    pub rename: Option<String>,
    /// Names of others who are the same.
    #[serde(default)]
    pub merge: Vec<String>,
    /// It gets no part.
    #[serde(default)]
    pub leave_out: bool,
    /// `human`, a species such as `fox`, what a thing that lives is called, such as `kettle`, or
    /// `creature`.
    pub being: Option<String>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Age.
    pub age: Option<Age>,
    /// Looks, such as `hair = "red"`; an empty text takes away what was read.
    #[serde(default)]
    pub traits: BTreeMap<String, String>,
}

/// What is different about a scene.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneCorrection {
    /// Words that stand in it; where they stand more than once, the first of them count.
    pub words: String,
    /// Where it is, such as `forest`.
    pub place: Option<String>,
    /// Time of day.
    pub time: Option<DayTime>,
    /// Weather.
    pub weather: Option<Weather>,
    /// Under a roof.
    pub indoor: Option<bool>,
    /// What the scene as a whole feels.
    pub emotion: Option<Emotion>,
    /// How it appears.
    pub transition: Option<TransitionKind>,
}

/// What is different about a line of speech.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineCorrection {
    /// Words of it; where they are said more than once, the first line counts.
    pub words: String,
    /// Who says it: a name or alias.
    pub speaker: Option<String>,
    /// To whom: a name or alias.
    pub to: Option<String>,
    /// How.
    pub emotion: Option<Emotion>,
}

/// Why corrections could not be understood.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}: {message}")]
pub struct CorrectionsError {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl Corrections {
    /// Reads corrections from TOML.
    ///
    /// # Errors
    /// With the line, if the text is not TOML or says what no correction can say.
    pub fn from_toml(text: &str) -> Result<Self, CorrectionsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let before = text.get(..at).unwrap_or_default();
            CorrectionsError {
                line: before.matches('\n').count() + 1,
                message: error.message().replace('\n', " "),
            }
        })
    }

    /// Puts a story right. What could not be applied, such as a name that nobody has any more, is
    /// left out and told, a sentence each.
    pub fn apply(&self, story: &mut Story) -> Vec<String> {
        let mut untold = Vec::new();
        if let Some(title) = &self.title {
            title.clone_into(&mut story.title);
        }
        for correction in &self.characters {
            correction.apply(story, &mut untold);
        }
        for correction in &self.scenes {
            correction.apply(story, &mut untold);
        }
        for correction in &self.lines {
            correction.apply(story, &mut untold);
        }
        untold
    }
}

impl CharacterCorrection {
    fn apply(&self, story: &mut Story, untold: &mut Vec<String>) {
        let Some(index) = story.character_called(&self.name) else {
            untold.push(nobody(story, &self.name));
            return;
        };
        let id = story.characters[index].id.clone();
        for name in &self.merge {
            match story.character_called(name) {
                Some(other) if story.characters[other].id == id => {}
                Some(other) => merge(story, other, &id),
                None => untold.push(nobody(story, name)),
            }
        }
        if self.leave_out {
            story.characters.retain(|it| it.id != id);
            replace(story, &id, None);
            return;
        }
        let Some(character) = story.characters.iter_mut().find(|it| it.id == id) else {
            return;
        };
        if let Some(name) = &self.rename {
            let before = std::mem::replace(&mut character.name, name.clone());
            character.aliases.retain(|alias| alias != name);
            if before != *name {
                character.aliases.insert(0, before);
            }
        }
        if let Some(being) = &self.being {
            being.clone_into(&mut character.being);
        }
        character.gender = self.gender.unwrap_or(character.gender);
        character.age = self.age.unwrap_or(character.age);
        for (key, value) in &self.traits {
            character.set_trait(key, value);
        }
    }
}

impl SceneCorrection {
    fn apply(&self, story: &mut Story, untold: &mut Vec<String>) {
        let Some(index) = story.scene_with(&self.words) else {
            untold.push(format!("no scene has the words \"{}\"", self.words));
            return;
        };
        let scene = &mut story.scenes[index];
        if let Some(place) = &self.place {
            scene.set_place(place);
        }
        scene.time = self.time.unwrap_or(scene.time);
        scene.weather = self.weather.unwrap_or(scene.weather);
        scene.indoor = self.indoor.unwrap_or(scene.indoor);
        scene.emotion = self.emotion.unwrap_or(scene.emotion);
        scene.transition = self.transition.or(scene.transition);
    }
}

impl LineCorrection {
    fn apply(&self, story: &mut Story, untold: &mut Vec<String>) {
        let Some(index) = story.line_with(&self.words) else {
            untold.push(format!("nobody says \"{}\"", self.words));
            return;
        };
        let mut id_of = |name: &Option<String>| {
            let name = name.as_ref()?;
            let found = story.character_called(name);
            if found.is_none() {
                untold.push(nobody(story, name));
            }
            found.map(|index| story.characters[index].id.clone())
        };
        let (speaker, addressee) = (id_of(&self.speaker), id_of(&self.to));
        if let Some(speaker) = speaker {
            story.set_speaker(index, Some(&speaker));
        }
        let quote = &mut story.quotes[index];
        if addressee.is_some() {
            quote.addressee = addressee;
        }
        quote.emotion = self.emotion.unwrap_or(quote.emotion);
    }
}

/// What corrections name by words of the story, by its position.
impl Story {
    /// The character with this name or, if no one is called so, this alias. Articles and large
    /// letters do not matter.
    pub fn character_called(&self, name: &str) -> Option<usize> {
        let wanted = plain(name);
        let by = |is: &dyn Fn(&Character) -> bool| self.characters.iter().position(is);
        by(&|it| plain(&it.name) == wanted)
            .or_else(|| by(&|it| it.aliases.iter().any(|alias| plain(alias) == wanted)))
    }

    /// The scene in which these words stand first. Large letters, kinds of quotation marks and the
    /// width of spaces do not matter.
    pub fn scene_with(&self, words: &str) -> Option<usize> {
        let at = Folded::of(&self.text).find(words)?;
        let mut scenes = self.scenes.iter();
        scenes.position(|scene| scene.start < at.end && at.start < scene.end)
    }

    /// The first line, of [`quotes`](Self::quotes), in which these words are said.
    pub fn line_with(&self, words: &str) -> Option<usize> {
        self.quotes.iter().position(|quote| {
            let said = self.text.get(quote.start..quote.end).unwrap_or_default();
            Folded::of(said).find(words).is_some()
        })
    }
}

/// A name without what does not matter: large letters, an article, runs of spaces.
fn plain(name: &str) -> String {
    let folded = Folded::of(name.trim()).text;
    let bare = ["the ", "a ", "an "]
        .iter()
        .find_map(|it| folded.strip_prefix(it));
    bare.unwrap_or(&folded).to_owned()
}

fn nobody(story: &Story, name: &str) -> String {
    let names: Vec<&str> = story.characters.iter().map(|it| it.name.as_str()).collect();
    format!(
        "nobody in the story is called \"{name}\"; there are {}",
        names.join(", ")
    )
}

/// Makes one character of two: the one with `id` takes over what the one at `other` has.
fn merge(story: &mut Story, other: usize, id: &str) {
    let other_at = other;
    let other = story.characters.remove(other_at);
    replace(story, &other.id, Some(id));
    let Some(at) = story.characters.iter().position(|it| it.id == id) else {
        return;
    };
    let mut kept = story.characters.remove(at);
    for name in std::iter::once(other.name).chain(other.aliases) {
        if name != kept.name && !kept.aliases.contains(&name) {
            kept.aliases.push(name);
        }
    }
    for (key, value) in other.traits {
        kept.traits.entry(key).or_insert(value);
    }
    if kept.gender == Gender::Unknown {
        kept.gender = other.gender;
    }
    if kept.age == Age::Unknown {
        kept.age = other.age;
    }
    kept.mentions.extend(other.mentions);
    kept.mentions
        .sort_by_key(|mention| (mention.start, mention.end));
    kept.mentions.dedup();
    // It is as important as the more important of both.
    story.characters.insert(at.min(other_at), kept);
}

/// Puts one character in the place of another, or nobody.
fn replace(story: &mut Story, from: &str, to: Option<&str>) {
    for quote in &mut story.quotes {
        for id in [&mut quote.speaker, &mut quote.addressee] {
            if id.as_deref() == Some(from) {
                *id = to.map(str::to_owned);
            }
        }
        if quote.speaker.is_some() && quote.speaker == quote.addressee {
            quote.addressee = None;
        }
    }
    for scene in &mut story.scenes {
        let there = to.is_some_and(|to| scene.present.iter().any(|id| id == to));
        match to {
            Some(to) if !there => {
                for id in scene.present.iter_mut().filter(|id| *id == from) {
                    to.clone_into(id);
                }
            }
            _ => scene.present.retain(|id| id != from),
        }
    }
}

/// A text in small letters with plain quotation marks and single spaces, which knows where each of
/// its bytes came from.
struct Folded {
    text: String,
    /// Start of the letter in the source, for each byte; one more for the end.
    from: Vec<usize>,
}

impl Folded {
    fn of(source: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(source.len()),
            from: Vec::with_capacity(source.len() + 1),
        };
        for (at, letter) in source.char_indices() {
            let before = folded.text.len();
            match letter {
                '“' | '”' | '„' | '«' | '»' => folded.text.push('"'),
                '‘' | '’' => folded.text.push('\''),
                _ if letter.is_whitespace() => {
                    if !folded.text.ends_with(' ') {
                        folded.text.push(' ');
                    }
                }
                _ => folded.text.extend(letter.to_lowercase()),
            }
            folded.from.resize(folded.text.len().max(before), at);
        }
        folded.from.push(source.len());
        folded
    }

    /// Where these words stand first, as bytes of the source.
    fn find(&self, words: &str) -> Option<Range<usize>> {
        let words = Self::of(words.trim()).text;
        if words.is_empty() {
            return None;
        }
        let at = self.text.find(&words)?;
        Some(*self.from.get(at)?..*self.from.get(at + words.len())?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{EntityKind, Mention, Quote, Scene};

    const TEXT: &str = "Tom came home. “Who is  there?” The old lady sat by the hearth. “It is I, \
                        Tom,” said Mrs. Gray.";

    fn character(id: &str, name: &str, word: &str) -> Character {
        let mentions = TEXT.match_indices(word).map(|(start, _)| Mention {
            start,
            end: start + word.len(),
            kind: EntityKind::Proper,
        });
        Character {
            id: id.to_owned(),
            name: name.to_owned(),
            aliases: Vec::new(),
            being: "human".to_owned(),
            gender: Gender::Unknown,
            age: Age::Unknown,
            traits: BTreeMap::new(),
            mentions: mentions.collect(),
        }
    }

    fn quote(words: &str, speaker: Option<&str>, addressee: Option<&str>) -> Quote {
        let start = TEXT.find(words).unwrap();
        Quote {
            start,
            end: start + words.len(),
            speaker: speaker.map(str::to_owned),
            addressee: addressee.map(str::to_owned),
            emotion: Emotion::Neutral,
        }
    }

    fn story() -> Story {
        let mut lady = character("c2", "The old lady", "The old lady");
        lady.age = Age::Elder;
        lady.traits.insert("hair".to_owned(), "gray".to_owned());
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let scene = Scene {
            start: 0,
            end: TEXT.len(),
            place: "field".to_owned(),
            time: DayTime::Unknown,
            weather: Weather::Clear,
            indoor: false,
            emotion: Emotion::Neutral,
            present: ids(&["c1", "c2", "c3"]),
            transition: None,
        };
        let story = Story {
            format: Story::FORMAT.to_owned(),
            title: "Tom".to_owned(),
            text: TEXT.to_owned(),
            sentences: Vec::new(),
            entities: Vec::new(),
            characters: vec![
                character("c1", "Tom", "Tom"),
                lady,
                character("c3", "Mrs. Gray", "Mrs. Gray"),
            ],
            quotes: vec![
                quote("“Who is  there?”", None, Some("c1")),
                quote("“It is I, Tom,”", Some("c3"), Some("c2")),
            ],
            scenes: vec![scene],
            tokens: Vec::new(),
        };
        story.check().unwrap();
        story
    }

    fn corrected(toml: &str) -> (Story, Vec<String>) {
        let mut story = story();
        let untold = Corrections::from_toml(toml).unwrap().apply(&mut story);
        story.check().unwrap();
        (story, untold)
    }

    #[test]
    fn two_characters_become_one_that_has_what_both_had() {
        let (story, untold) = corrected(
            "[[character]]\nname = \"mrs. gray\"\nmerge = [\"old lady\"]\nrename = \"Granny\"\n\
             traits = { wears = \"glasses\" }",
        );
        assert!(untold.is_empty());
        let names: Vec<&str> = story.characters.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Tom", "Granny"]);
        let granny = &story.characters[1];
        assert_eq!(granny.aliases, ["Mrs. Gray", "The old lady"]);
        assert_eq!(granny.age, Age::Elder);
        assert_eq!(granny.traits["hair"], "gray");
        assert_eq!(granny.traits["wears"], "glasses");
        assert_eq!(granny.mentions.len(), 2);
        assert_eq!(story.scenes[0].present, ["c1", "c3"]);
        // She does not speak to herself.
        assert_eq!(story.quotes[1].speaker.as_deref(), Some("c3"));
        assert_eq!(story.quotes[1].addressee, None);
    }

    #[test]
    fn whoever_is_left_out_neither_speaks_nor_is_there() {
        let (story, untold) = corrected("[[character]]\nname = \"Tom\"\nleave_out = true");
        assert!(untold.is_empty());
        assert!(story.character("c1").is_none());
        assert_eq!(story.quotes[0].addressee, None);
        assert_eq!(story.scenes[0].present, ["c2", "c3"]);
    }

    #[test]
    fn scenes_and_lines_are_found_by_their_words_however_they_are_written() {
        let (story, untold) = corrected(
            "[[scene]]\nwords = \"the old  LADY sat\"\nplace = \"indoor\"\nindoor = true\n\
             time = \"dusk\"\ntransition = \"page_turn\"\n[[line]]\nwords = '\"who is there?\"'\nspeaker = \"Tom\"\n\
             to = \"Mrs. Gray\"\nemotion = \"fear\"",
        );
        assert!(untold.is_empty());
        let scene = &story.scenes[0];
        assert_eq!(
            (scene.place.as_str(), scene.time),
            ("indoor", DayTime::Dusk)
        );
        assert!(scene.indoor);
        assert_eq!(scene.transition, Some(TransitionKind::PageTurn));
        let line = &story.quotes[0];
        assert_eq!(line.speaker.as_deref(), Some("c1"));
        assert_eq!(line.addressee.as_deref(), Some("c3"));
        assert_eq!(line.emotion, Emotion::Fear);
    }

    #[test]
    fn what_the_story_no_longer_has_is_told_and_changes_nothing() {
        let (changed, untold) = corrected(
            "[[character]]\nname = \"Anna\"\nage = \"child\"\n[[scene]]\nwords = \"at sea\"\n\
             place = \"sea\"\n[[line]]\nwords = \"Goodbye\"\nspeaker = \"Tom\"",
        );
        assert_eq!(changed, story());
        assert_eq!(untold.len(), 3);
        assert_eq!(
            untold[0],
            "nobody in the story is called \"Anna\"; there are Tom, The old lady, Mrs. Gray"
        );
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (toml, line) in [
            ("[[character]]\nname = \"Tom\"\nage = \"old\"", 3),
            ("[[character]]\nname = \"Tom\"\nhair = \"red\"", 3),
            ("[[character]]\nage = \"child\"", 1),
            ("\n\n[[line", 3),
        ] {
            let error = Corrections::from_toml(toml).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_corrected_the_story_holds_together(
            name in "Tom|the old lady|Mrs. Gray|Nobody|",
            others in prop::collection::vec("Tom|The Old Lady|mrs. gray|x", 0..4),
            leave_out: bool,
            words in "\\PC{0,12}|Who|is there|İ|hearth",
            speaker in "Tom|Granny|Mrs. Gray",
        ) {
            let corrections = Corrections {
                characters: vec![CharacterCorrection {
                    name,
                    merge: others,
                    leave_out,
                    rename: Some("Granny".to_owned()),
                    ..CharacterCorrection::default()
                }],
                scenes: vec![SceneCorrection {
                    words: words.clone(),
                    place: Some("sea".to_owned()),
                    ..SceneCorrection::default()
                }],
                lines: vec![LineCorrection {
                    words,
                    speaker: Some(speaker),
                    ..LineCorrection::default()
                }],
                ..Corrections::default()
            };
            let mut story = story();
            corrections.apply(&mut story);
            prop_assert!(story.check().is_ok());
        }

        #[test]
        fn words_are_found_where_they_stand(source in "\\PC{0,20}", from in 0_usize..20, length in 1_usize..8) {
            let letters: Vec<char> = source.chars().collect();
            let words: String = letters.iter().skip(from).take(length).collect();
            let found = Folded::of(&source).find(&words);
            prop_assert_eq!(found.is_some(), !words.trim().is_empty());
            if let Some(found) = found {
                prop_assert!(source.get(found).is_some());
            }
        }
    }
}
