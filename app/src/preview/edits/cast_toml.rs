//! A change of a story: an entry of `cast.toml` that says what is different from what was read.
//! Comments, order and spacing of the file stay as a person wrote them.

use fabula_story::{Corrections, Story};
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::{CharacterEdit, Edit, LineEdit, SceneEdit, word};

/// So many words name a scene or a line, if they stand nowhere else.
const FEWEST_WORDS: usize = 5;
/// More are not tried.
const MOST_WORDS: usize = 16;

/// The text of the corrections after a change, or why there is none. `read` is the story as it was
/// read, without any corrections.
pub fn with(text: &str, read: &Story, edit: &Edit) -> Result<String, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let story = corrected(text, read)?;
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| one_line(error.message()))?;
    match edit {
        Edit::Character(id, edit) => character(&mut document, read, &story, id, edit)?,
        Edit::Scene(index, edit) => scene(&mut document, read, *index, edit)?,
        Edit::Line(index, edit) => line(&mut document, read, &story, *index, edit)?,
    }
    let text = document.to_string();
    // Another entry of the file may stand against it.
    if says(&corrected(&text, read)?, edit) {
        Ok(text)
    } else {
        Err("another entry in it says otherwise; change that by hand".to_owned())
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The story as a text of corrections puts it right.
fn corrected(text: &str, read: &Story) -> Result<Story, String> {
    let corrections = Corrections::from_toml(text).map_err(|error| error.to_string())?;
    let mut story = read.clone();
    corrections.apply(&mut story);
    story.check().map_err(|error| error.to_string())?;
    Ok(story)
}

/// Whether a story is as a change wants it.
fn says(story: &Story, edit: &Edit) -> bool {
    match edit {
        Edit::Character(id, edit) => story.character(id).is_some_and(|it| match edit {
            CharacterEdit::Name(name) => it.name == name.trim(),
            CharacterEdit::Being(being) => it.being == being.trim(),
            CharacterEdit::Age(age) => it.age == *age,
            CharacterEdit::Gender(gender) => it.gender == *gender,
            CharacterEdit::Trait(key, words) => {
                it.traits.get(key).map_or("", String::as_str) == words.trim()
            }
            _ => false,
        }),
        Edit::Scene(index, edit) => story.scenes.get(*index).is_some_and(|it| match edit {
            SceneEdit::Place(place) => it.place == place.trim(),
            SceneEdit::Time(time) => it.time == *time,
            SceneEdit::Weather(weather) => it.weather == *weather,
            SceneEdit::Indoor(indoor) => it.indoor == *indoor,
            SceneEdit::Emotion(emotion) => it.emotion == *emotion,
            SceneEdit::Transition(kind) => it.transition == *kind,
        }),
        Edit::Line(index, edit) => story.quotes.get(*index).is_some_and(|it| match edit {
            LineEdit::Speaker(id) => it.speaker == *id,
            LineEdit::Emotion(emotion) => it.emotion == *emotion,
        }),
    }
}

fn character(
    document: &mut DocumentMut,
    read: &Story,
    story: &Story,
    id: &str,
    edit: &CharacterEdit,
) -> Result<(), String> {
    let nobody = || format!("nobody in the story has the id `{id}`");
    let before = read.character(id).ok_or_else(nobody)?;
    let is = |story: &Story, name: &str| {
        let found = story.character_called(name);
        found.is_some_and(|index| story.characters[index].id == id)
    };
    let entry = entry(
        document,
        "character",
        "name",
        |name| is(read, name) || is(story, name),
        || {
            let names = std::iter::once(&before.name).chain(&before.aliases);
            let name = names.into_iter().find(|name| is(read, name));
            name.cloned()
                .ok_or_else(|| format!("somebody else in the story is called {}, too", before.name))
        },
    )?;
    match edit {
        CharacterEdit::Name(name) => set(entry, "rename", name.trim(), &before.name),
        CharacterEdit::Being(being) => set(entry, "being", being.trim(), &before.being),
        CharacterEdit::Age(age) => set(entry, "age", &word(age)?, &word(&before.age)?),
        CharacterEdit::Gender(gender) => {
            set(entry, "gender", &word(gender)?, &word(&before.gender)?);
        }
        CharacterEdit::Trait(key, words) => {
            let told = before.traits.get(key).map_or("", String::as_str);
            set_trait(entry, key, words.trim(), told)?;
        }
        _ => return Err("looks are told in words here".to_owned()),
    }
    tidy(document, "character", "name");
    Ok(())
}

fn scene(
    document: &mut DocumentMut,
    read: &Story,
    index: usize,
    edit: &SceneEdit,
) -> Result<(), String> {
    let before = read.scenes.get(index);
    let before = before.ok_or_else(|| format!("the story has no scene {}", index + 1))?;
    let is = |words: &str| read.scene_with(words) == Some(index);
    let entry = entry(document, "scene", "words", is, || {
        let text = read.text.get(before.start..before.end).unwrap_or_default();
        telling_words(text, is)
            .ok_or_else(|| format!("scene {} has no words of its own", index + 1))
    })?;
    match edit {
        SceneEdit::Place(place) => set(entry, "place", place.trim(), &before.place),
        SceneEdit::Time(time) => set(entry, "time", &word(time)?, &word(&before.time)?),
        SceneEdit::Weather(weather) => {
            set(entry, "weather", &word(weather)?, &word(&before.weather)?);
        }
        SceneEdit::Indoor(indoor) if *indoor == before.indoor => {
            entry.remove("indoor");
        }
        SceneEdit::Indoor(indoor) => exchange(entry, "indoor", Value::from(*indoor)),
        SceneEdit::Emotion(emotion) => {
            set(entry, "emotion", &word(emotion)?, &word(&before.emotion)?);
        }
        SceneEdit::Transition(kind) if *kind == before.transition => {
            entry.remove("transition");
        }
        SceneEdit::Transition(Some(kind)) => {
            exchange(entry, "transition", Value::from(word(kind)?));
        }
        SceneEdit::Transition(None) => return Err("the story itself says how".to_owned()),
    }
    tidy(document, "scene", "words");
    Ok(())
}

fn line(
    document: &mut DocumentMut,
    read: &Story,
    story: &Story,
    index: usize,
    edit: &LineEdit,
) -> Result<(), String> {
    let before = read.quotes.get(index);
    let before = before.ok_or_else(|| format!("the story has no line {}", index + 1))?;
    let is = |words: &str| read.line_with(words) == Some(index);
    let entry = entry(document, "line", "words", is, || {
        let said = read.text.get(before.start..before.end).unwrap_or_default();
        let said = said.trim_matches(|c: char| !c.is_alphanumeric());
        telling_words(said, is)
            .ok_or_else(|| format!("\"{said}\" is said before, and the first time counts"))
    })?;
    match edit {
        LineEdit::Speaker(id) if *id == before.speaker => {
            entry.remove("speaker");
        }
        LineEdit::Speaker(Some(id)) => {
            let nobody = || format!("nobody in the story has the id `{id}`");
            let speaker = story.character(id).ok_or_else(nobody)?;
            exchange(entry, "speaker", Value::from(speaker.name.as_str()));
        }
        LineEdit::Speaker(None) => {
            return Err("somebody has to say what is said aloud".to_owned());
        }
        LineEdit::Emotion(emotion) => {
            set(entry, "emotion", &word(emotion)?, &word(&before.emotion)?);
        }
    }
    tidy(document, "line", "words");
    Ok(())
}

/// The entry of a kind whose `key` is right, the last one where there are several; or a new one.
fn entry<'a>(
    document: &'a mut DocumentMut,
    kind: &str,
    key: &str,
    is: impl Fn(&str) -> bool,
    name: impl FnOnce() -> Result<String, String>,
) -> Result<&'a mut Table, String> {
    let entries = document
        .as_table_mut()
        .entry(kind)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let entries = entries.as_array_of_tables_mut().ok_or_else(|| {
        format!("its `{kind}` is written as a list in one line; write [[{kind}]] instead")
    })?;
    let found = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.get(key).and_then(Item::as_str).is_some_and(&is))
        .map(|(index, _)| index)
        .last();
    let index = if let Some(index) = found {
        index
    } else {
        let mut entry = Table::new();
        entry.insert(key, toml_edit::value(name()?));
        entries.push(entry);
        entries.len() - 1
    };
    entries
        .get_mut(index)
        .ok_or_else(|| "an entry has gone".to_owned())
}

/// Says what is different from what was read, or nothing where nothing is.
fn set(entry: &mut Table, key: &str, wanted: &str, read: &str) {
    if wanted == read {
        entry.remove(key);
    } else {
        exchange(entry, key, Value::from(wanted));
    }
}

/// Puts a value in the place of another one, with the comment that stands behind it.
fn exchange(entry: &mut Table, key: &str, mut value: Value) {
    match entry.get_mut(key) {
        Some(Item::Value(there)) => {
            *value.decor_mut() = there.decor().clone();
            *there = value;
        }
        _ => {
            entry.insert(key, Item::Value(value));
        }
    }
}

fn set_trait(entry: &mut Table, key: &str, wanted: &str, read: &str) -> Result<(), String> {
    let traits = entry
        .entry("traits")
        .or_insert_with(|| toml_edit::value(InlineTable::new()));
    let traits = traits
        .as_table_like_mut()
        .ok_or("its `traits` is no table")?;
    if wanted == read {
        traits.remove(key);
    } else {
        traits.insert(key, toml_edit::value(wanted));
    }
    let is_empty = traits.is_empty();
    if is_empty {
        entry.remove("traits");
    } else if let Some(in_one_line) = entry.get_mut("traits").and_then(Item::as_inline_table_mut) {
        in_one_line.fmt();
    }
    Ok(())
}

/// Takes away entries that say nothing any more.
fn tidy(document: &mut DocumentMut, kind: &str, key: &str) {
    let Some(Item::ArrayOfTables(entries)) = document.get_mut(kind) else {
        return;
    };
    entries.retain(|entry| entry.iter().any(|(name, _)| name != key));
    if entries.is_empty() {
        document.remove(kind);
    }
}

/// The first words of a text that are right, as few as tell it from others.
fn telling_words(text: &str, is: impl Fn(&str) -> bool) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let most = words.len().min(MOST_WORDS);
    let fewest = FEWEST_WORDS.min(most);
    for first in 0..words.len() {
        for count in fewest..=most.min(words.len() - first) {
            let telling = words[first..first + count].join(" ");
            let telling = telling.trim_matches(|c: char| !c.is_alphanumeric());
            if is(telling) {
                return Some(telling.to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabula_story::{
        Age, Character, DayTime, Emotion, Gender, Quote, Scene, TransitionKind, Weather,
    };
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "Tom came home to the hut. “Who is there?” he asked. The old lady sat by the \
                        fire. “Who is there?” said Mrs. Gray. In the morning the sun shone on the hut.";

    fn story() -> Story {
        let character = |id: &str, name: &str, aliases: &[&str]| Character {
            id: id.to_owned(),
            name: name.to_owned(),
            aliases: aliases.iter().map(|it| (*it).to_owned()).collect(),
            being: "human".to_owned(),
            gender: Gender::Unknown,
            age: Age::Unknown,
            traits: BTreeMap::from([("hair".to_owned(), "grey".to_owned())]),
            mentions: Vec::new(),
        };
        let quote = |(start, words): (usize, &str), speaker: &str| Quote {
            start,
            end: start + words.len(),
            speaker: Some(speaker.to_owned()),
            addressee: None,
            emotion: Emotion::Neutral,
        };
        let said: Vec<_> = TEXT.match_indices("“Who is there?”").collect();
        let morning = TEXT.find("In the morning").unwrap();
        let scene = |start, end| Scene {
            start,
            end,
            place: "indoor".to_owned(),
            time: DayTime::Night,
            weather: Weather::Clear,
            indoor: true,
            emotion: Emotion::Neutral,
            present: Vec::new(),
            transition: None,
        };
        let story = Story {
            format: Story::FORMAT.to_owned(),
            title: "Tom".to_owned(),
            text: TEXT.to_owned(),
            sentences: Vec::new(),
            entities: Vec::new(),
            characters: vec![
                character("c1", "Tom", &[]),
                character("c2", "Mrs. Gray", &["the old lady"]),
            ],
            quotes: vec![quote(said[0], "c1"), quote(said[1], "c2")],
            scenes: vec![scene(0, morning), scene(morning, TEXT.len())],
            tokens: Vec::new(),
        };
        story.check().unwrap();
        story
    }

    fn gray(edit: CharacterEdit) -> Edit {
        Edit::Character("c2".to_owned(), edit)
    }

    fn after(text: &str, edits: &[Edit]) -> String {
        let mut text = text.to_owned();
        for edit in edits {
            text = with(&text, &story(), edit).unwrap();
        }
        text
    }

    #[test]
    fn changes_are_entries_as_a_person_would_write_them() {
        let text = after(
            "",
            &[
                gray(CharacterEdit::Name("Granny Gray".to_owned())),
                gray(CharacterEdit::Age(Age::Elder)),
                gray(CharacterEdit::Trait(
                    "wears".to_owned(),
                    "glasses".to_owned(),
                )),
                gray(CharacterEdit::Trait("hair".to_owned(), String::new())),
                Edit::Scene(1, SceneEdit::Time(DayTime::Dawn)),
                Edit::Scene(1, SceneEdit::Indoor(false)),
                Edit::Scene(1, SceneEdit::Transition(Some(TransitionKind::PageTurn))),
                Edit::Line(0, LineEdit::Emotion(Emotion::Fear)),
                Edit::Line(0, LineEdit::Speaker(Some("c2".to_owned()))),
            ],
        );
        assert_eq!(
            text,
            "[[character]]\nname = \"Mrs. Gray\"\nrename = \"Granny Gray\"\nage = \"elder\"\n\
             traits = { wears = \"glasses\", hair = \"\" }\n\n\
             [[scene]]\nwords = \"In the morning the sun\"\ntime = \"dawn\"\nindoor = false\n\
             transition = \"page_turn\"\n\n\
             [[line]]\nwords = \"Who is there\"\nemotion = \"fear\"\nspeaker = \"Granny Gray\"\n"
        );
        let story = corrected(&text, &story()).unwrap();
        assert_eq!(story.quotes[0].speaker.as_deref(), Some("c2"));
        assert!(!story.characters[1].traits.contains_key("hair"));
    }

    #[test]
    fn what_a_person_wrote_stays_with_its_comments_and_order() {
        let text = "# our film\ntitle = 'Tom'   # short\n\n[[character]]   # the old one\n\
                    name = 'the old lady'\nage = 'adult'  # not so old\n\n[character.traits]\n\
                    hair = 'white'\n\n[[scene]]\nwords = 'by the fire'\nplace = 'cave'\n";
        let text = after(
            text,
            &[
                gray(CharacterEdit::Age(Age::Elder)),
                gray(CharacterEdit::Trait("eyes".to_owned(), "green".to_owned())),
                Edit::Scene(0, SceneEdit::Place("castle".to_owned())),
            ],
        );
        assert_eq!(
            text,
            "# our film\ntitle = 'Tom'   # short\n\n[[character]]   # the old one\n\
             name = 'the old lady'\nage = \"elder\"  # not so old\n\n[character.traits]\n\
             hair = 'white'\neyes = \"green\"\n\n[[scene]]\nwords = 'by the fire'\nplace = \"castle\"\n"
        );
    }

    #[test]
    fn a_change_back_takes_the_entry_away() {
        let edits = |age, emotion, indoor, speaker: &str, transition| {
            [
                gray(CharacterEdit::Age(age)),
                Edit::Line(0, LineEdit::Emotion(emotion)),
                Edit::Line(0, LineEdit::Speaker(Some(speaker.to_owned()))),
                Edit::Scene(0, SceneEdit::Indoor(indoor)),
                Edit::Scene(0, SceneEdit::Transition(transition)),
            ]
        };
        let wipe = Some(TransitionKind::Wipe);
        let there = after(
            "# mine\n",
            &edits(Age::Elder, Emotion::Joy, false, "c2", wipe),
        );
        let back = after(
            &there,
            &edits(Age::Unknown, Emotion::Neutral, true, "c1", None),
        );
        assert_eq!(back.trim(), "# mine");
    }

    #[test]
    fn each_kind_of_change_is_an_entry_of_its_name_and_goes_when_it_is_taken_back() {
        let of_scene = |edit| Edit::Scene(0, edit);
        for (edit, back, written) in [
            (
                gray(CharacterEdit::Gender(Gender::Female)),
                gray(CharacterEdit::Gender(Gender::Unknown)),
                "gender = \"female\"",
            ),
            (
                gray(CharacterEdit::Being("cat".to_owned())),
                gray(CharacterEdit::Being("human".to_owned())),
                "being = \"cat\"",
            ),
            (
                of_scene(SceneEdit::Weather(Weather::Storm)),
                of_scene(SceneEdit::Weather(Weather::Clear)),
                "weather = \"storm\"",
            ),
            (
                of_scene(SceneEdit::Emotion(Emotion::Anger)),
                of_scene(SceneEdit::Emotion(Emotion::Neutral)),
                "emotion = \"anger\"",
            ),
            (
                of_scene(SceneEdit::Place("cave".to_owned())),
                of_scene(SceneEdit::Place("indoor".to_owned())),
                "place = \"cave\"",
            ),
        ] {
            let there = after("", std::slice::from_ref(&edit));
            assert!(there.lines().any(|line| line == written), "{there}");
            assert!(says(&corrected(&there, &story()).unwrap(), &edit));
            assert_eq!(after(&there, &[back]).trim(), "", "{edit:?}");
        }
    }

    #[test]
    fn a_line_that_was_said_before_cannot_be_named() {
        let edit = Edit::Line(1, LineEdit::Emotion(Emotion::Joy));
        let error = with("", &story(), &edit).unwrap_err();
        assert!(error.contains("said before"), "{error}");
    }

    #[test]
    fn what_would_have_no_effect_is_refused() {
        // The entries name the same character, and the later one counts.
        let text = "[[character]]\nname = \"Mrs. Gray\"\nrename = \"Ann\"\n\n\
                    [[character]]\nname = \"Ann\"\nage = \"child\"\n";
        let changed = with(text, &story(), &gray(CharacterEdit::Age(Age::Elder))).unwrap();
        assert!(
            changed.contains("name = \"Ann\"\nage = \"elder\""),
            "{changed}"
        );
        let left_out = "[[character]]\nname = \"Tom\"\nleave_out = true\n";
        let tom = Edit::Character("c1".to_owned(), CharacterEdit::Age(Age::Elder));
        assert!(with(left_out, &story(), &tom).is_err());
        let broken = with("[[character]\n", &story(), &tom).unwrap_err();
        assert!(broken.starts_with("line 1"), "{broken}");
        let inline = "character = [{ name = \"Tom\" }]\n";
        assert!(
            with(inline, &story(), &tom)
                .unwrap_err()
                .contains("[[character]]")
        );
        for (edit, says) in [
            (gray(CharacterEdit::Height(1.0)), "words"),
            (Edit::Scene(7, SceneEdit::Indoor(true)), "scene 8"),
            (Edit::Line(7, LineEdit::Emotion(Emotion::Joy)), "line 8"),
            (Edit::Line(0, LineEdit::Speaker(None)), "somebody"),
        ] {
            let error = with("", &story(), &edit).unwrap_err();
            assert!(error.contains(says), "{edit:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_words_get_into_the_file_as_they_are(words in "\\PC{1,40}", name in "\\PC{1,40}") {
            let text = with("", &story(), &gray(CharacterEdit::Trait("wears".to_owned(), words.clone()))).unwrap();
            prop_assert!(says(
                &corrected(&text, &story()).unwrap(),
                &gray(CharacterEdit::Trait("wears".to_owned(), words))
            ));
            if !name.trim().is_empty() {
                let renamed = gray(CharacterEdit::Name(name));
                prop_assert!(with(&text, &story(), &renamed).is_ok());
            }
        }

        #[test]
        fn no_file_makes_it_panic(text in "\\PC{0,80}") {
            let _ = with(&text, &story(), &gray(CharacterEdit::Age(Age::Child)));
        }
    }
}
