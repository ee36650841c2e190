//! How one scene gives way to the next, by what lies between them.

use fabula_story::{DayTime, Emotion, Scene, TransitionKind};

use crate::actions::bare;
use crate::script::Line;

/// Words at the head of a scene that tell of time gone by.
const LATER: &[&str] = &[
    "morning",
    "evening",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "later",
    "hours",
    "meanwhile",
    "soon",
    "after",
    "next",
    "winter",
    "spring",
    "summer",
    "autumn",
    "dawn",
    "noon",
];
/// Those of them that tell of so much time that another chapter begins.
const LONG_AFTER: &[&str] = &[
    "week", "weeks", "month", "months", "year", "years", "winter", "spring", "summer", "autumn",
];
/// Words at the head of a scene that tell of a way gone.
const JOURNEY: &[&str] = &[
    "walked",
    "went",
    "ran",
    "rode",
    "travelled",
    "traveled",
    "journey",
    "road",
    "path",
    "set",
    "sailed",
    "followed",
    "reached",
    "arrived",
    "came",
    "crossed",
    "climbed",
    "way",
    "flew",
    "hurried",
    "entered",
    "miles",
];
/// How many words of a scene are its head.
const HEAD: usize = 14;

/// The transition from a scene into the next one, which begins with these lines.
pub(crate) fn between(before: &Scene, after: &Scene, lines: &[Line]) -> TransitionKind {
    let head: Vec<String> = lines
        .iter()
        .flat_map(|line| &line.words)
        .take(HEAD)
        .map(|word| bare(&word.text))
        .collect();
    let tells = |list: &[&str]| head.iter().any(|word| list.contains(&word.as_str()));
    let falls = |test: fn(&Scene) -> bool| test(after) && !test(before);
    if falls(|scene| scene.time == DayTime::Night)
        || falls(|scene| scene.emotion == Emotion::Sadness)
    {
        return TransitionKind::Fade;
    }
    let moves = before.place != after.place || before.indoor != after.indoor;
    let passes = before.time != after.time
        && before.time != DayTime::Unknown
        && after.time != DayTime::Unknown;
    if passes || (tells(LATER) && !(moves && tells(JOURNEY))) {
        return if tells(LONG_AFTER) {
            TransitionKind::PageTurn
        } else {
            TransitionKind::Dissolve
        };
    }
    if before.indoor != after.indoor {
        // Through a door: the next room lies beside this one.
        TransitionKind::Push
    } else if moves {
        TransitionKind::Wipe
    } else {
        TransitionKind::Dissolve
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sample, script};

    fn kind(text: &str, change: impl Fn(&mut Scene, &mut Scene)) -> TransitionKind {
        let story = sample::story(&format!("One. *** {text}"));
        let lines = script::lines(&story);
        let [mut before, mut after] = [story.scenes[0].clone(), story.scenes[0].clone()];
        change(&mut before, &mut after);
        between(&before, &after, &lines[1])
    }

    #[test]
    fn time_dissolves() {
        assert_eq!(
            kind("Soon after it was quiet.", |_, _| ()),
            TransitionKind::Dissolve
        );
        let dusk = |_: &mut Scene, after: &mut Scene| after.time = DayTime::Dusk;
        assert_eq!(kind("It was quiet.", dusk), TransitionKind::Dissolve);
    }

    #[test]
    fn long_after_a_page_is_turned() {
        assert_eq!(
            kind("Years later it was quiet.", |_, _| ()),
            TransitionKind::PageTurn
        );
        let night = |_: &mut Scene, after: &mut Scene| after.time = DayTime::Night;
        assert_eq!(
            kind("One winter it was quiet.", night),
            TransitionKind::Fade
        );
    }

    #[test]
    fn who_goes_through_a_door_pushes_the_picture() {
        let inside = |_: &mut Scene, after: &mut Scene| after.indoor = true;
        assert_eq!(kind("They walked in.", inside), TransitionKind::Push);
    }

    #[test]
    fn a_journey_wipes() {
        let village = |_: &mut Scene, after: &mut Scene| after.place = "village".into();
        assert_eq!(kind("They walked on.", village), TransitionKind::Wipe);
    }

    #[test]
    fn night_and_grief_fade() {
        let night = |_: &mut Scene, after: &mut Scene| after.time = DayTime::Night;
        assert_eq!(kind("It was quiet.", night), TransitionKind::Fade);
        let grief = |_: &mut Scene, after: &mut Scene| after.emotion = Emotion::Sadness;
        assert_eq!(kind("It was quiet.", grief), TransitionKind::Fade);
    }
}
