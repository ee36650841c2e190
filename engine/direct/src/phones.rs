//! A line of speech as phones and mouth shapes, each with its time.

use fabula_story::{Emotion, MouthCue, MouthShape};
use serde::Serialize;

use crate::timing::TimedLine;
use crate::{mouths, pronounce, timing};

/// A line of speech, sound by sound.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Utterance {
    /// The sounds in order; silences are the gaps between them.
    pub phones: Vec<Phone>,
    /// The mouth shapes in order, without gaps.
    pub shapes: Vec<Shape>,
}

/// A sound and when it is heard, in seconds from the start of the line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Phone {
    /// Arpabet symbol, such as `B` or `AH`.
    #[serde(rename = "phone")]
    pub symbol: &'static str,
    /// Stress of a vowel: 0 none, 1 primary, 2 secondary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stress: Option<u8>,
    /// When it begins.
    pub start_s: f64,
    /// When it ends.
    pub end_s: f64,
}

/// A mouth shape and when it is seen, in seconds from the start of the line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shape {
    /// The shape.
    pub shape: MouthShape,
    /// When it begins.
    pub start_s: f64,
    /// When it ends.
    pub end_s: f64,
}

/// The sounds and mouth shapes of a line, spoken calmly.
pub fn pronounce(text: &str) -> Utterance {
    let line = timing::time(&pronounce::items(text), Emotion::Neutral);
    let cues = mouths::shapes(&line.sounds);
    let phones = line.sounds.iter().map(|timed| Phone {
        symbol: timed.sound.symbol(),
        stress: timed.sound.stress(),
        start_s: round_ms(timed.start_s),
        end_s: round_ms(timed.end_s),
    });
    let shapes = cues.windows(2).map(|two| Shape {
        shape: two[0].shape,
        start_s: round_ms(two[0].at_s),
        end_s: round_ms(two[1].at_s),
    });
    Utterance {
        phones: phones.collect(),
        shapes: shapes.collect(),
    }
}

/// A line with the time of each word and sound.
pub(crate) fn spoken(text: &str, emotion: Emotion) -> TimedLine {
    timing::time(&pronounce::items(text), emotion)
}

/// The mouth shapes of a line that takes this long.
pub(crate) fn mouth(line: TimedLine, duration_s: f64) -> Vec<MouthCue> {
    let mut cues = mouths::shapes(&line.stretched_to(duration_s).sounds);
    for cue in &mut cues {
        cue.at_s = round_ms(cue.at_s);
    }
    cues
}

/// Whole milliseconds: finer than any frame, and short to read in a storyboard.
pub(crate) fn round_ms(time_s: f64) -> f64 {
    (time_s * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_in_phones_and_shapes() {
        let line = pronounce("Bob");
        let symbols: Vec<&str> = line.phones.iter().map(|phone| phone.symbol).collect();
        assert_eq!(symbols, ["B", "AA", "B"]);
        assert_eq!(line.phones[1].stress, Some(1));
        let shapes: Vec<MouthShape> = line.shapes.iter().map(|shape| shape.shape).collect();
        assert_eq!(shapes, [MouthShape::A, MouthShape::D, MouthShape::A]);
        assert_eq!(line.shapes[0].start_s, 0.0);
    }

    #[test]
    fn the_json_has_the_names_that_scripts_read() {
        let json = serde_json::to_value(pronounce("Bob")).unwrap();
        assert_eq!(json["phones"][0]["phone"], "B");
        assert!(json["phones"][0]["end_s"].as_f64().unwrap() > 0.0);
        assert_eq!(json["shapes"][0]["shape"], "A");
    }

    #[test]
    fn silence_has_neither_phones_nor_shapes() {
        assert_eq!(pronounce("…"), Utterance::default());
    }
}
