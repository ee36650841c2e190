//! Stages a story: shots, timing, captions and mouth shapes. Pure and deterministic.
//!
//! [`direct`] makes a [`Storyboard`] of a [`Story`]. The way of a sentence through the crate:
//! `script` divides the text into lines, told or spoken; `beats` cuts a line into captions and
//! times them by its sounds (`pronounce`, `timing`); `shots` decides what the camera sees of
//! each beat (`framing`) and what everybody on the set (`staging`) does meanwhile (`actions`, `marks`); `mouths`
//! shapes the lips. `casting` gives each character its look and `crowds` each of a
//! group, `transitions` joins the scenes.

mod actions;
mod beats;
mod captions;
mod casting;
mod crowds;
mod dictionary;
mod framing;
mod hash;
mod letters;
mod marks;
mod mouths;
mod numbers;
mod parts;
pub mod phones;
mod pronounce;
#[cfg(test)]
mod sample;
mod script;
mod shots;
mod sound;
mod staging;
mod syntax;
#[cfg(test)]
mod tests;
mod timing;
mod transitions;

use fabula_story::{
    Backdrop, BoardScene, CameraMove, Card, DayTime, Emotion, Mood, Scene, Setting, Story,
    Storyboard, Transition, TransitionKind, Weather,
};

use shots::{Director, Planned, Task};

pub use casting::at_age;
pub use parts::{accessories, beings, hair_styles, outfits};

/// How long a transition between scenes or cards takes.
const TRANSITION_S: f64 = 1.0;
/// How long the title card stays.
const OPENING_S: f64 = 3.5;
/// How long the end card stays.
const CLOSING_S: f64 = 3.2;
/// The share of the film during which the camera may move.
const MOVING_SHARE: f64 = 0.3;

/// What a person may decide about a film before it is directed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Takes the place of the story's own title.
    pub title: Option<String>,
}

/// The storyboard of a story that has passed [`Story::check`]; the storyboard passes its own.
pub fn direct(story: &Story, options: &Options) -> Storyboard {
    let title = [options.title.as_deref().unwrap_or_default(), &story.title]
        .iter()
        .map(|title| title.trim())
        .find(|title| !title.is_empty())
        .unwrap_or("A Story")
        .to_owned();
    let cast = casting::cast(story);
    let lines = script::lines(story);
    let whole;
    let scenes = if story.scenes.is_empty() {
        whole = [unplaced(story)];
        &whole[..]
    } else {
        &story.scenes[..]
    };
    let mut mentions: Vec<(usize, usize, usize)> = story
        .characters
        .iter()
        .enumerate()
        .flat_map(|(who, character)| {
            character
                .mentions
                .iter()
                .map(move |mention| (mention.start, mention.end, who))
        })
        .collect();
    mentions.sort_unstable();
    let mood = Mood {
        emotion: Emotion::Neutral,
        intensity: 0.0,
    };
    let mut director = Director {
        roles: &cast,
        mentions,
        syntax: syntax::Syntax::new(&story.tokens),
        carried: Vec::new(),
        marked: marks::Marked::default(),
        mood,
    };
    let seed = hash::hash(&title);
    let mut board_scenes = Vec::with_capacity(scenes.len());
    let mut planned: Vec<Vec<Planned>> = Vec::with_capacity(scenes.len());
    for (index, (scene, lines)) in scenes.iter().zip(&lines).enumerate() {
        let kind = scene
            .transition
            .unwrap_or_else(|| match index.checked_sub(1) {
                None => TransitionKind::Iris,
                Some(before) => transitions::between(&scenes[before], scene, lines),
            });
        let id = format!("s{}", index + 1);
        let seed = hash::salted(seed, index as u64 + 1) as u32;
        planned.push(director.shots(&Task {
            id: &id,
            scene,
            beats: &beats::beats(lines, &cast),
            transition_in_s: TRANSITION_S,
            transition_out_s: TRANSITION_S,
            is_first: index == 0,
            is_last: index + 1 == scenes.len(),
            seed,
        }));
        let place = scene.place.trim();
        let is_nowhere = place.is_empty() || place.eq_ignore_ascii_case("unknown");
        board_scenes.push(BoardScene {
            id,
            setting: Setting {
                place: place.to_owned(),
                time: scene.time,
                weather: scene.weather,
                indoor: scene.indoor,
            },
            backdrop: if is_nowhere {
                Backdrop::Gradient
            } else {
                Backdrop::SceneBased
            },
            seed,
            transition: Transition {
                kind,
                duration_s: TRANSITION_S,
            },
            shots: Vec::new(),
        });
    }
    move_camera(&mut planned);
    for (scene, planned) in board_scenes.iter_mut().zip(planned) {
        scene.shots = planned.into_iter().map(|planned| planned.shot).collect();
    }
    let card = |title: String, duration_s, kind| Card {
        title,
        subtitle: None,
        duration_s,
        transition: Transition {
            kind,
            duration_s: TRANSITION_S,
        },
    };
    Storyboard {
        format: Storyboard::FORMAT.to_owned(),
        opening: card(title.clone(), OPENING_S, TransitionKind::Fade),
        closing: card("The End".to_owned(), CLOSING_S, TransitionKind::Iris),
        title,
        cast,
        scenes: board_scenes,
        highlight_words: false,
    }
}

/// Works out the mouth shapes of lines that have none, as after an edit by hand.
pub fn fill_mouths(board: &mut Storyboard) {
    for shot in board.scenes.iter_mut().flat_map(|scene| &mut scene.shots) {
        for speech in &mut shot.speech {
            if speech.role.is_some() && speech.mouth.is_empty() && speech.duration_s > 0.0 {
                let line = phones::spoken(&speech.text, Emotion::Neutral);
                speech.mouth = phones::mouth(line, speech.duration_s);
            }
        }
    }
}

/// A story without scenes plays nowhere in particular, with everybody there.
fn unplaced(story: &Story) -> Scene {
    Scene {
        start: 0,
        end: story.text.len(),
        place: String::new(),
        time: DayTime::Unknown,
        weather: Weather::Clear,
        indoor: false,
        emotion: Emotion::Neutral,
        present: story
            .characters
            .iter()
            .map(|character| character.id.clone())
            .collect(),
        transition: None,
    }
}

/// Gives the camera moves to the shots that ask for them most, while most of the film holds.
fn move_camera(scenes: &mut [Vec<Planned>]) {
    let whole_s: f64 = scenes
        .iter()
        .flatten()
        .map(|planned| planned.shot.duration_s)
        .sum();
    let mut left_s = MOVING_SHARE * whole_s;
    for wish in (1..=4).rev() {
        let mut moved_before = false;
        for planned in scenes.iter_mut().flatten() {
            let fits = planned.wish == wish && !moved_before && planned.shot.duration_s <= left_s;
            if fits {
                planned.shot.camera = planned.camera;
                left_s -= planned.shot.duration_s;
            }
            moved_before = planned.shot.camera != CameraMove::Hold;
        }
    }
}
