//! How long each sound of a line takes: the clock of the film.
//!
//! Durations after Klatt (1976): each sound has its own length, stressed vowels are longer,
//! clustered consonants shorter, and the last syllable of a phrase is drawn out. The whole is
//! set so that an ordinary story is told at about 183 words, or 640 sounds, a minute.

use std::ops::Range;

use fabula_story::Emotion;

use crate::pronounce::{Item, Pause};
use crate::sound::Sound;

/// Stretches Klatt's durations to the pace of a storyteller.
const PACE: f64 = 1.13;
/// A breath, as at a comma.
const BREATH_S: f64 = 0.17;
/// Keeps a closed mouth closed long enough to be seen.
const SHORTEST_CLOSURE_S: f64 = 0.072;
/// Keeps a vowel between two closed mouths long enough to be seen.
const SHORTEST_OPEN_VOWEL_S: f64 = 0.115;

/// A sound and when it is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TimedSound {
    pub sound: Sound,
    pub start_s: f64,
    pub end_s: f64,
}

/// A word and when it is heard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimedWord {
    /// Where it stands in the text.
    pub span: Range<usize>,
    pub start_s: f64,
}

/// A line with the time of each sound.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimedLine {
    pub sounds: Vec<TimedSound>,
    pub words: Vec<TimedWord>,
    pub duration_s: f64,
}

impl TimedLine {
    /// The same line, faster or slower.
    pub(crate) fn stretched_to(mut self, duration_s: f64) -> Self {
        if self.duration_s <= 0.0 {
            return self;
        }
        let factor = duration_s / self.duration_s;
        for sound in &mut self.sounds {
            sound.start_s *= factor;
            sound.end_s *= factor;
        }
        for word in &mut self.words {
            word.start_s *= factor;
        }
        self.duration_s = duration_s;
        self
    }

    /// When the word that holds this byte of the text is heard.
    pub(crate) fn time_of(&self, byte: usize) -> f64 {
        let next = self.words.partition_point(|word| word.span.start <= byte);
        next.checked_sub(1)
            .map_or(0.0, |index| self.words[index].start_s)
    }
}

/// How much longer speech takes in this feeling.
pub(crate) fn slowness(emotion: Emotion) -> f64 {
    match emotion {
        Emotion::Sadness => 1.16,
        Emotion::Disgust => 1.05,
        Emotion::Neutral => 1.0,
        Emotion::Joy => 0.97,
        Emotion::Fear => 0.94,
        Emotion::Surprise => 0.91,
        Emotion::Anger => 0.88,
    }
}

/// How long a silence lasts, without regard to feeling.
pub(crate) fn pause_s(pause: Pause) -> f64 {
    match pause {
        Pause::Comma => BREATH_S,
        Pause::Dash => 1.5 * BREATH_S,
        Pause::Stop => 2.0 * BREATH_S,
    }
}

/// Gives each sound of a line its time; the line begins and ends with a sound.
pub(crate) fn time(items: &[Item], emotion: Emotion) -> TimedLine {
    let factor = PACE * slowness(emotion);
    let mut line = TimedLine {
        sounds: Vec::new(),
        words: Vec::new(),
        duration_s: 0.0,
    };
    let mut now_s = 0.0;
    for (index, item) in items.iter().enumerate() {
        match item {
            Item::Pause(_) if index + 1 == items.len() => {}
            Item::Pause(pause) => now_s += pause_s(*pause) * slowness(emotion),
            Item::Word { span, sounds } => {
                line.words.push(TimedWord {
                    span: span.clone(),
                    start_s: now_s,
                });
                let finality = match items.get(index + 1) {
                    None | Some(Item::Pause(Pause::Stop)) => 1.35,
                    Some(Item::Pause(_)) => 1.2,
                    Some(Item::Word { .. }) => 1.0,
                };
                let last_vowel = sounds
                    .iter()
                    .rposition(|sound| sound.is_vowel())
                    .unwrap_or(sounds.len());
                let neighbour = |item: Option<&Item>, first: bool| match item? {
                    Item::Word { sounds, .. } if first => sounds.first().copied(),
                    Item::Word { sounds, .. } => sounds.last().copied(),
                    Item::Pause(_) => None,
                };
                let before_word =
                    neighbour(index.checked_sub(1).and_then(|at| items.get(at)), false);
                let after_word = neighbour(items.get(index + 1), true);
                for (at, sound) in sounds.iter().enumerate() {
                    let before = at.checked_sub(1).map_or(before_word, |at| Some(sounds[at]));
                    let after = sounds.get(at + 1).copied().or(after_word);
                    let mut duration_s = inherent_s(*sound) * factor;
                    if at >= last_vowel {
                        duration_s *= finality;
                    }
                    let is_consonant = |sound: Option<Sound>| sound.is_some_and(|s| !s.is_vowel());
                    if !sound.is_vowel() && (is_consonant(before) || is_consonant(after)) {
                        duration_s *= 0.88;
                    }
                    let closes = |sound: Option<Sound>| {
                        sound.is_some_and(|s| s.meets_lips() || s.touches_teeth())
                    };
                    if sound.is_vowel() && closes(before) && closes(after) {
                        duration_s = duration_s.max(SHORTEST_OPEN_VOWEL_S);
                    }
                    if closes(Some(*sound)) {
                        duration_s = duration_s.max(SHORTEST_CLOSURE_S);
                    }
                    let end_s = now_s + duration_s;
                    line.sounds.push(TimedSound {
                        sound: *sound,
                        start_s: now_s,
                        end_s,
                    });
                    now_s = end_s;
                }
            }
        }
    }
    line.duration_s = now_s;
    line
}

/// How long a sound takes by itself, its stress included.
fn inherent_s(sound: Sound) -> f64 {
    let duration_ms = match sound.symbol() {
        "OY" => 150.0,
        "AW" => 140.0,
        "AY" => 135.0,
        "AA" | "AE" | "AO" | "OW" => 120.0,
        "EY" => 115.0,
        "ER" | "UW" => 105.0,
        "SH" => 100.0,
        "IY" | "CH" | "S" => 95.0,
        "EH" => 90.0,
        "F" => 85.0,
        "UH" | "JH" | "TH" => 80.0,
        "AH" | "IH" | "K" | "NG" | "P" | "Z" | "ZH" => 75.0,
        "M" => 70.0,
        "B" | "G" | "L" | "T" => 65.0,
        "N" | "R" | "V" | "W" => 60.0,
        "D" | "Y" => 55.0,
        "HH" => 50.0,
        _ => 45.0,
    };
    let stress = match sound.stress() {
        Some(1) => 1.15,
        Some(2) | None => 1.0,
        Some(_) => 0.78,
    };
    duration_ms / 1000.0 * stress
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pronounce::items;

    const STORY: &str = "Once upon a time, in a deep green forest, there lived a young fox \
        named Rusk. Every morning he walked to the river, and every evening he came home with \
        wet paws and a new song. One day the river was gone. Rusk sat down on a stone and \
        listened. Far away, behind the hills, somebody was crying.";

    fn spoken(text: &str, emotion: Emotion) -> TimedLine {
        time(&items(text), emotion)
    }

    fn duration_of(text: &str, symbol: &str) -> f64 {
        let line = spoken(text, Emotion::Neutral);
        let found = line
            .sounds
            .iter()
            .find(|timed| timed.sound.symbol() == symbol)
            .unwrap();
        found.end_s - found.start_s
    }

    #[test]
    fn a_story_is_told_at_about_183_words_a_minute() {
        let line = spoken(STORY, Emotion::Neutral);
        let words_a_minute = line.words.len() as f64 / line.duration_s * 60.0;
        let sounds_a_second = line.sounds.len() as f64 / line.duration_s;
        assert!((176.0..190.0).contains(&words_a_minute), "{words_a_minute}");
        assert!((9.9..11.5).contains(&sounds_a_second), "{sounds_a_second}");
    }

    #[test]
    fn sadness_is_slower_and_anger_and_surprise_are_faster() {
        let calm_s = spoken(STORY, Emotion::Neutral).duration_s;
        assert!(spoken(STORY, Emotion::Sadness).duration_s > 1.1 * calm_s);
        assert!(spoken(STORY, Emotion::Anger).duration_s < 0.95 * calm_s);
        assert!(spoken(STORY, Emotion::Surprise).duration_s < 0.95 * calm_s);
    }

    #[test]
    fn a_breath_is_taken_at_a_comma_and_two_at_a_full_stop() {
        let none_s = spoken("go home", Emotion::Neutral).duration_s;
        let silence = |text| {
            let line = spoken(text, Emotion::Neutral);
            line.sounds
                .windows(2)
                .map(|two| two[1].start_s - two[0].end_s)
                .sum::<f64>()
        };
        assert!(none_s > 0.0 && silence("go home").abs() < 1e-9);
        assert!((silence("go, home") - BREATH_S).abs() < 1e-9);
        assert!((silence("Go. Home.") - 2.0 * BREATH_S).abs() < 1e-9);
    }

    #[test]
    fn stressed_and_final_vowels_are_longer() {
        assert!(duration_of("above us", "AH") < duration_of("up to us", "AH"));
        assert!(duration_of("tree house", "IY") < duration_of("tree", "IY"));
    }

    #[test]
    fn a_word_is_found_by_any_of_its_letters() {
        let line = spoken("the fox ran", Emotion::Neutral);
        assert_eq!(line.time_of(0), 0.0);
        assert_eq!(line.time_of(5), line.words[1].start_s);
        assert_eq!(line.time_of(99), line.words[2].start_s);
    }

    proptest! {
        #[test]
        fn sounds_follow_one_another_and_fill_the_line(text in any::<String>()) {
            let line = spoken(&text, Emotion::Joy);
            let mut last_s = 0.0;
            for timed in &line.sounds {
                prop_assert!(timed.start_s >= last_s && timed.end_s > timed.start_s);
                last_s = timed.end_s;
            }
            prop_assert_eq!(last_s, line.duration_s);
        }
    }
}
