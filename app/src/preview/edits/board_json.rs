//! A change of a storyboard: the value that changes is exchanged in the text, which otherwise
//! stays as it is to the last byte.

use std::collections::BTreeMap;
use std::ops::Range;

use fabula_story::{Cue, CueKind, Emotion, Storyboard};
use serde_json::value::RawValue;

use super::{CharacterEdit, Edit, LineEdit, SceneEdit};

/// A face that is given a feeling feels it at least as much.
const LEAST_INTENSITY: f32 = 0.7;

/// One step into a document.
#[derive(Clone, Copy, Debug)]
enum Step {
    Field(&'static str),
    Item(usize),
}

use Step::{Field, Item};

/// Where a value stands in a text.
enum Place {
    /// Here.
    There(Range<usize>),
    /// Nowhere; in the object that should have it, this field can be put in here.
    Missing(usize, &'static str),
}

/// The text of a storyboard after a change, or why there is none.
pub fn with(text: &str, edit: &Edit) -> Result<String, String> {
    let board = Storyboard::from_json(text).map_err(|error| error.to_string())?;
    let mut text = text.to_owned();
    for (path, value) in exchanges(&board, edit)? {
        text = exchanged(&text, &path, &value)?;
    }
    Storyboard::from_json(&text).map_err(|error| error.to_string())?;
    Ok(text)
}

type Exchange = (Vec<Step>, String);

/// What is to be exchanged, as paths and JSON.
fn exchanges(board: &Storyboard, edit: &Edit) -> Result<Vec<Exchange>, String> {
    match edit {
        Edit::Character(id, edit) => {
            let index = board.cast.iter().position(|role| role.id == *id);
            let index = index.ok_or_else(|| format!("nobody in it has the id `{id}`"))?;
            Ok(vec![character(index, edit)?])
        }
        Edit::Scene(index, edit) => {
            let found = board.scenes.get(*index);
            found.ok_or_else(|| format!("it has no scene {}", index + 1))?;
            Ok(vec![scene(*index, edit)?])
        }
        Edit::Line(index, edit) => line(board, *index, edit),
    }
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

fn character(index: usize, edit: &CharacterEdit) -> Result<Exchange, String> {
    let role = [Field("cast"), Item(index)];
    let look = |field| vec![role[0], role[1], Field("look"), Field(field)];
    Ok(match edit {
        CharacterEdit::Name(name) => (vec![role[0], role[1], Field("name")], json(name.trim())?),
        CharacterEdit::Being(being) => (look("being"), json(being)?),
        CharacterEdit::Age(age) => (look("age"), json(age)?),
        CharacterEdit::Color(field, color) => (look(field), json(color)?),
        CharacterEdit::Part(field, part) => (look(field), json(part)?),
        CharacterEdit::Accessories(worn) => (look("accessories"), json(worn)?),
        CharacterEdit::Build(build) => (look("build"), json(build)?),
        // To a hundredth, as a person would write it.
        CharacterEdit::Height(height) => {
            let hundredths = (f64::from(*height) * 100.0).round();
            (look("height"), json(&(hundredths / 100.0))?)
        }
        CharacterEdit::Gender(_) | CharacterEdit::Trait(..) => {
            return Err("a storyboard says how everybody looks, not what is told of them".into());
        }
    })
}

fn scene(index: usize, edit: &SceneEdit) -> Result<Exchange, String> {
    let scene = [Field("scenes"), Item(index)];
    let setting = |field| vec![scene[0], scene[1], Field("setting"), Field(field)];
    Ok(match edit {
        SceneEdit::Place(place) => (setting("place"), json(place.trim())?),
        SceneEdit::Time(time) => (setting("time"), json(time)?),
        SceneEdit::Weather(weather) => (setting("weather"), json(weather)?),
        SceneEdit::Indoor(indoor) => (setting("indoor"), json(indoor)?),
        SceneEdit::Transition(Some(kind)) => (
            vec![scene[0], scene[1], Field("transition"), Field("kind")],
            json(kind)?,
        ),
        SceneEdit::Transition(None) => {
            return Err("a storyboard says how each scene appears".into());
        }
        SceneEdit::Emotion(_) => {
            return Err("a scene of a storyboard feels what its shots feel".into());
        }
    })
}

/// Position of a line: of its scene, its shot there, and the speech in that.
pub fn line_at(board: &Storyboard, index: usize) -> Option<(usize, usize, usize)> {
    let scenes = board.scenes.iter().enumerate();
    let shots = scenes.flat_map(|(scene, it)| {
        let shots = it.shots.iter().enumerate();
        shots.flat_map(move |(shot, it)| (0..it.speech.len()).map(move |line| (scene, shot, line)))
    });
    shots.into_iter().nth(index)
}

fn line(board: &Storyboard, index: usize, edit: &LineEdit) -> Result<Vec<Exchange>, String> {
    let found = line_at(board, index);
    let (scene, number, speech) = found.ok_or_else(|| format!("it has no line {}", index + 1))?;
    let shot = &board.scenes[scene].shots[number];
    let spoken = &shot.speech[speech];
    let at = vec![Field("scenes"), Item(scene), Field("shots"), Item(number)];
    let within = |steps: &[Step]| [at.as_slice(), steps].concat();
    let mut exchanges = Vec::new();
    match edit {
        LineEdit::Speaker(id) => {
            let value = json(id)?;
            exchanges.push((
                within(&[Field("speech"), Item(speech), Field("role")]),
                value.clone(),
            ));
            // Captions of the line name who speaks.
            for (number, caption) in shot.captions.iter().enumerate() {
                let ends_s = spoken.start_s + spoken.duration_s;
                let meanwhile = caption.start_s < ends_s
                    && spoken.start_s < caption.start_s + caption.duration_s;
                if meanwhile && caption.role == spoken.role {
                    let role = within(&[Field("captions"), Item(number), Field("role")]);
                    exchanges.push((role, value.clone()));
                }
            }
        }
        LineEdit::Emotion(emotion) => {
            exchanges.push((within(&[Field("mood"), Field("emotion")]), json(emotion)?));
            if let Some((actor, cues)) = felt(shot, speech, *emotion) {
                let path = within(&[Field("actors"), Item(actor), Field("cues")]);
                exchanges.push((
                    path,
                    serde_json::to_string(&cues).map_err(|e| e.to_string())?,
                ));
            }
            if *emotion != Emotion::Neutral && shot.mood.intensity < LEAST_INTENSITY {
                exchanges.push((
                    within(&[Field("mood"), Field("intensity")]),
                    LEAST_INTENSITY.to_string(),
                ));
            }
        }
    }
    Ok(exchanges)
}

/// Position of the cue that gives a speaker the face with which a line begins.
fn cue_of(cues: &[Cue], start_s: f64) -> Option<usize> {
    cues.iter()
        .rposition(|cue| cue.at_s <= start_s + 1e-3 && matches!(cue.kind, CueKind::Feel { .. }))
}

/// What a line is said with: the speaker's face, or else the mood of the shot.
pub fn emotion_of(shot: &fabula_story::Shot, speech: usize) -> Emotion {
    let spoken = &shot.speech[speech];
    let actor = shot
        .actors
        .iter()
        .find(|actor| Some(&actor.role) == spoken.role.as_ref());
    let face = actor.and_then(|actor| {
        let cue = &actor.cues[cue_of(&actor.cues, spoken.start_s)?];
        match cue.kind {
            CueKind::Feel { emotion, .. } => Some(emotion),
            _ => None,
        }
    });
    face.unwrap_or(shot.mood.emotion)
}

/// The speaker of a line and its cues, with the feeling in its face from the line on.
fn felt(shot: &fabula_story::Shot, speech: usize, emotion: Emotion) -> Option<(usize, Vec<Cue>)> {
    let spoken = &shot.speech[speech];
    let is_speaker = |actor: &fabula_story::Actor| Some(&actor.role) == spoken.role.as_ref();
    let actor = shot.actors.iter().position(is_speaker)?;
    let mut cues = shot.actors[actor].cues.clone();
    let face = |before: f32| CueKind::Feel {
        emotion,
        intensity: before.max(LEAST_INTENSITY),
    };
    if let Some(at) = cue_of(&cues, spoken.start_s) {
        let before = match cues[at].kind {
            CueKind::Feel { intensity, .. } => intensity,
            _ => 0.0,
        };
        cues[at].kind = face(before);
    } else {
        let at = cues.partition_point(|cue| cue.at_s <= spoken.start_s);
        let cue = Cue {
            at_s: spoken.start_s,
            kind: face(0.0),
        };
        cues.insert(at, cue);
    }
    Some((actor, cues))
}

/// The text with another value at this path.
fn exchanged(text: &str, path: &[Step], value: &str) -> Result<String, String> {
    let mut changed = text.to_owned();
    match place(text, path)? {
        Place::There(range) => changed.replace_range(range, value),
        // Objects of a storyboard all have other fields.
        Place::Missing(at, name) => changed.insert_str(at, &format!("\"{name}\": {value}, ")),
    }
    Ok(changed)
}

/// Where the value at a path stands in a text.
fn place(text: &str, path: &[Step]) -> Result<Place, String> {
    let body = text.trim_start_matches('\u{feff}');
    let mark = text.len() - body.len();
    let unreadable = |error: serde_json::Error| error.to_string();
    let begins = |raw: &RawValue| mark + raw.get().as_ptr().addr() - body.as_ptr().addr();
    let mut at: &RawValue = serde_json::from_str(body).map_err(unreadable)?;
    for (number, step) in path.iter().enumerate() {
        at = match *step {
            Field(name) => {
                let fields: BTreeMap<String, &RawValue> =
                    serde_json::from_str(at.get()).map_err(unreadable)?;
                match fields.get(name) {
                    Some(field) => field,
                    // After the brace.
                    None if number + 1 == path.len() => {
                        return Ok(Place::Missing(begins(at) + 1, name));
                    }
                    None => return Err(format!("it has no `{name}`")),
                }
            }
            Item(index) => {
                let items: Vec<&RawValue> = serde_json::from_str(at.get()).map_err(unreadable)?;
                let item = items.get(index).copied();
                item.ok_or_else(|| format!("a list in it has no item {index}"))?
            }
        };
    }
    let begins = begins(at);
    Ok(Place::There(begins..begins + at.get().len()))
}

#[cfg(test)]
mod tests {
    use fabula_story::{Age, Build, Color, DayTime, TransitionKind, Weather};
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = include_str!("../../../../engine/story/tests/samples/storyboard.json");

    fn board(text: &str) -> Storyboard {
        Storyboard::from_json(text).unwrap()
    }

    /// Lines of the text that an edit has changed.
    fn changed_lines(edit: &Edit) -> Vec<String> {
        let after = with(SAMPLE, edit).unwrap();
        assert_eq!(after.lines().count(), SAMPLE.lines().count());
        let lines = SAMPLE.lines().zip(after.lines());
        lines
            .filter(|(before, after)| before != after)
            .map(|(_, after)| after.trim().to_owned())
            .collect()
    }

    fn fox(edit: CharacterEdit) -> Edit {
        Edit::Character("c1".to_owned(), edit)
    }

    #[test]
    fn a_build_that_an_older_storyboard_lacks_is_put_in() {
        assert_eq!(board(SAMPLE).cast[0].look.build, Build::Ordinary);
        let after = with(SAMPLE, &fox(CharacterEdit::Build(Build::Stout))).unwrap();
        assert_eq!(board(&after).cast[0].look.build, Build::Stout);
    }

    #[test]
    fn a_change_changes_its_own_line_and_nothing_else() {
        for (edit, line) in [
            (
                fox(CharacterEdit::Name(" R\"ena ".into())),
                r#""name": "R\"ena","#,
            ),
            (
                fox(CharacterEdit::Being("wolf".into())),
                r#""being": "wolf","#,
            ),
            (fox(CharacterEdit::Age(Age::Child)), r#""age": "child","#),
            (
                fox(CharacterEdit::Color("skin", Color::rgb(1, 2, 3))),
                r##""skin": "#010203","##,
            ),
            (
                fox(CharacterEdit::Part("outfit", "cloak".into())),
                r#""outfit": "cloak","#,
            ),
            (fox(CharacterEdit::Height(1.234)), r#""height": 1.23"#),
            (
                Edit::Scene(0, SceneEdit::Place("cave".into())),
                r#""place": "cave","#,
            ),
            (
                Edit::Scene(0, SceneEdit::Time(DayTime::Night)),
                r#""time": "night","#,
            ),
            (
                Edit::Scene(0, SceneEdit::Weather(Weather::Storm)),
                r#""weather": "storm","#,
            ),
            (Edit::Scene(0, SceneEdit::Indoor(true)), r#""indoor": true"#),
            (
                Edit::Scene(0, SceneEdit::Transition(Some(TransitionKind::Wipe))),
                r#""kind": "wipe","#,
            ),
        ] {
            let changed = changed_lines(&edit);
            assert_eq!(changed.len(), 1, "{edit:?}: {changed:?}");
            assert_eq!(changed[0].trim_end_matches(','), line.trim_end_matches(','));
        }
    }

    #[test]
    fn a_list_is_exchanged_as_a_whole() {
        let worn = vec!["hat".to_owned(), "scarf".to_owned()];
        let after = with(SAMPLE, &fox(CharacterEdit::Accessories(worn.clone()))).unwrap();
        let mut expected = board(SAMPLE);
        expected.cast[0].look.accessories = worn;
        assert_eq!(board(&after), expected);
    }

    #[test]
    fn a_field_that_was_left_out_is_added() {
        let bare = SAMPLE.replacen("\"accessories\": [\n          \"scarf\"\n        ],", "", 1);
        assert!(board(&bare).cast[0].look.accessories.is_empty());
        let edit = fox(CharacterEdit::Accessories(vec!["hat".to_owned()]));
        let after = with(&bare, &edit).unwrap();
        assert_eq!(board(&after).cast[0].look.accessories, ["hat"]);
    }

    #[test]
    fn a_line_gets_another_speaker_in_its_captions_too() {
        let before = board(SAMPLE);
        let (scene, shot, speech) = line_at(&before, 0).unwrap();
        let other = before.cast.iter().find(|role| {
            Some(&role.id)
                != before.scenes[scene].shots[shot].speech[speech]
                    .role
                    .as_ref()
        });
        let other = other.unwrap().id.clone();
        let edit = Edit::Line(0, LineEdit::Speaker(Some(other.clone())));
        let after = board(&with(SAMPLE, &edit).unwrap());
        let shot = &after.scenes[scene].shots[shot];
        assert_eq!(shot.speech[speech].role.as_ref(), Some(&other));
        assert!(
            shot.captions
                .iter()
                .any(|it| it.role.as_ref() == Some(&other))
        );
    }

    #[test]
    fn a_line_gets_another_feeling_in_its_speakers_face_and_in_its_light() {
        for emotion in Emotion::ALL {
            let edit = Edit::Line(0, LineEdit::Emotion(emotion));
            let after = board(&with(SAMPLE, &edit).unwrap());
            let (scene, shot, speech) = line_at(&after, 0).unwrap();
            let shot = &after.scenes[scene].shots[shot];
            assert_eq!(emotion_of(shot, speech), emotion);
            assert_eq!(shot.mood.emotion, emotion);
        }
    }

    #[test]
    fn what_makes_no_storyboard_is_refused() {
        for (edit, says) in [
            (
                Edit::Character("c9".into(), CharacterEdit::Age(Age::Child)),
                "c9",
            ),
            (fox(CharacterEdit::Height(9.0)), "height"),
            (
                fox(CharacterEdit::Trait("hair".to_owned(), "red".into())),
                "looks",
            ),
            (Edit::Scene(9, SceneEdit::Indoor(true)), "scene 10"),
            (Edit::Line(99, LineEdit::Emotion(Emotion::Joy)), "line 100"),
            (Edit::Line(0, LineEdit::Speaker(Some("c9".into()))), "c9"),
        ] {
            let error = with(SAMPLE, &edit).unwrap_err();
            assert!(error.contains(says), "{edit:?}: {error}");
        }
        assert!(with("{\"format\": 1}", &fox(CharacterEdit::Age(Age::Child))).is_err());
    }

    proptest! {
        #[test]
        fn any_name_gets_into_the_file_as_it_is(name in "\\PC{1,60}") {
            for text in [SAMPLE.to_owned(), format!("\u{feff}{SAMPLE}"), SAMPLE.replace('\n', "\r\n")] {
                let after = with(&text, &fox(CharacterEdit::Name(name.clone()))).unwrap();
                let mut expected = board(&text);
                name.trim().clone_into(&mut expected.cast[0].name);
                prop_assert_eq!(board(&after), expected);
            }
        }
    }
}
