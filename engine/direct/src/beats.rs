//! Beats: the stretches of a line that one caption shows, with the time they take.

use fabula_story::Role;

use crate::captions;
use crate::phones::spoken;
use crate::pronounce::Pause;
use crate::script::{Line, Voice, Word};
use crate::timing::{self, TimedLine};

/// No beat takes longer; a caption of digits alone is read faster.
const LONGEST_S: f64 = 7.0;
/// How far speech is drawn out so that its caption can be read.
const DRAWL: f64 = 1.12;
/// A breath that is not heard, where a line is divided without a mark.
const SEAM_S: f64 = 0.05;
/// What a new voice or paragraph adds to the silence before it.
const TURN_S: f64 = 0.15;

/// One caption of a line and the speech below it.
#[derive(Clone, Debug)]
pub(crate) struct Beat<'a> {
    pub line: &'a Line,
    /// Position of the line in its scene.
    pub line_index: usize,
    pub words: &'a [Word],
    /// One or two lines.
    pub caption: String,
    /// The words without quotation marks.
    pub speech: String,
    pub timed: TimedLine,
    /// How long the words are heard.
    pub spoken_s: f64,
    /// How long the caption stays, at least as long as the words.
    pub shown_s: f64,
    /// The silence after it.
    pub gap_s: f64,
    /// The first beat of its line.
    pub is_first: bool,
}

impl Beat<'_> {
    /// The stretch of the story's text that the beat tells.
    pub(crate) fn span(&self) -> std::ops::Range<usize> {
        let start = self.words.first().map_or(0, |word| word.at);
        let end = self
            .words
            .last()
            .map_or(start, |word| word.at + word.text.len());
        start..end
    }

    /// When each word is heard, from the start of the beat, and when the last one ends.
    pub(crate) fn word_times_s(&self) -> Vec<f64> {
        let starts_s = self.words.iter().map(|word| self.time_of(word.at));
        let mut last_s = 0.0;
        starts_s
            .chain([self.spoken_s])
            .map(|time_s| {
                last_s = time_s.max(last_s);
                last_s
            })
            .collect()
    }

    /// When the word at this byte of the story's text is heard, from the start of the beat.
    pub(crate) fn time_of(&self, at: usize) -> f64 {
        let before = self.words.iter().take_while(|word| word.at < at);
        let mut byte: usize = before.map(|word| word.text.len() + 1).sum();
        if self
            .words
            .first()
            .is_some_and(|word| word.text.starts_with('“'))
        {
            byte = byte.saturating_sub('“'.len_utf8());
        }
        let share = if self.timed.duration_s > 0.0 {
            self.timed.time_of(byte) / self.timed.duration_s
        } else {
            0.0
        };
        share * self.spoken_s
    }
}

/// The beats of the lines of a scene; captions of what one of the `cast` says have the name before
/// them.
pub(crate) fn beats<'a>(lines: &'a [Line], cast: &[Role]) -> Vec<Beat<'a>> {
    let mut beats = Vec::new();
    for (line_index, line) in lines.iter().enumerate() {
        let texts: Vec<&str> = line.words.iter().map(|word| word.text.as_str()).collect();
        let next = lines.get(line_index + 1);
        let turns = next.is_some_and(|next| next.opens_paragraph || next.voice != line.voice);
        let speaker = match line.voice {
            Voice::Speaker { who, .. } => who.and_then(|who| cast.get(who)),
            Voice::Narrator => None,
        };
        let lead = speaker.map_or(0, |role| captions::lead(&role.caption_name()));
        for range in captions::divide(&texts, lead) {
            let caption = captions::lay_out(&texts[range.clone()], lead);
            let speech = texts[range.clone()].join(" ");
            let speech = speech
                .trim_start_matches('“')
                .trim_end_matches('”')
                .to_owned();
            let timed = spoken(&speech, line.emotion);
            let natural_s = timed.duration_s.min(LONGEST_S);
            let shown_s = captions::reading_s(&caption, lead).max(natural_s);
            let spoken_s = shown_s.min(natural_s * DRAWL);
            let mut gap_s = silence_s(&speech) * timing::slowness(line.emotion);
            if turns && range.end == texts.len() {
                gap_s += TURN_S;
            }
            beats.push(Beat {
                line,
                line_index,
                words: &line.words[range.clone()],
                caption,
                speech,
                timed,
                spoken_s,
                shown_s,
                gap_s,
                is_first: range.start == 0,
            });
        }
    }
    beats
}

/// The silence that the last mark of a beat asks for.
fn silence_s(speech: &str) -> f64 {
    let end = speech.trim_end_matches(['”', '’', '"', ')']);
    if end.ends_with(['.', '!', '?', '…', '。', '！', '？']) {
        timing::pause_s(Pause::Stop)
    } else if end.ends_with(['—', '–', ':', ';']) {
        timing::pause_s(Pause::Dash)
    } else if end.ends_with([',', '，', '、']) {
        timing::pause_s(Pause::Comma)
    } else {
        SEAM_S
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sample, script};

    #[test]
    fn captions_can_be_read_in_their_time() {
        let story = sample::story(sample::TALE);
        for lines in script::lines(&story) {
            for beat in beats(&lines, &[]) {
                let characters = beat.caption.chars().count() as f64;
                assert!(characters / beat.shown_s <= 17.001, "{}", beat.caption);
                assert!(beat.shown_s >= 1.0 && beat.spoken_s <= beat.shown_s);
            }
        }
    }

    #[test]
    fn a_word_is_heard_where_it_stands() {
        let story = sample::story("The old fox sat by the cold river and laughed.");
        let lines = &script::lines(&story)[0];
        let beat = &beats(lines, &[])[0];
        let at = story.text.find("laughed").unwrap();
        assert_eq!(beat.time_of(0), 0.0);
        assert!(beat.time_of(at) > 0.6 * beat.spoken_s && beat.time_of(at) < beat.spoken_s);
    }

    #[test]
    fn words_are_heard_one_after_the_other() {
        let story = sample::story("The old fox sat by the cold river, and then it laughed.");
        let lines = &script::lines(&story)[0];
        for beat in &beats(lines, &[]) {
            let times_s = beat.word_times_s();
            assert_eq!(times_s.len(), beat.caption.split_whitespace().count() + 1);
            assert_eq!(times_s.first(), Some(&0.0));
            assert_eq!(times_s.last(), Some(&beat.spoken_s));
            assert!(
                times_s.windows(2).all(|pair| pair[0] < pair[1]),
                "{times_s:?}"
            );
        }
    }

    #[test]
    fn a_beat_of_digits_does_not_hold_up_the_film() {
        let story = sample::story(&"987654321098765432109876543210 ".repeat(3));
        let lines = &script::lines(&story)[0];
        assert!(
            beats(lines, &[])
                .iter()
                .all(|beat| beat.shown_s <= LONGEST_S)
        );
    }
}
