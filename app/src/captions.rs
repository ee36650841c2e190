//! Captions beside the film, as `SubRip` (`.srt`) and `WebVTT` (`.vtt`).

use std::borrow::Cow;
use std::fmt::Write;

use fabula_story::{Role, Storyboard, Timeline};

/// A caption with its times from the start of the film.
struct Cue<'a> {
    start_s: f64,
    end_s: f64,
    speaker: Option<Cow<'a, str>>,
    text: &'a str,
}

/// The captions of a film as `SubRip` text.
pub fn srt(board: &Storyboard) -> String {
    let mut out = String::new();
    for (index, cue) in cues(board).iter().enumerate() {
        let (start, end) = (clock(cue.start_s, ','), clock(cue.end_s, ','));
        // Where the words begin on the second line, the name has the first.
        let gap = if cue.text.starts_with('\n') {
            '\n'
        } else {
            ' '
        };
        let speaker = cue
            .speaker
            .as_ref()
            .map_or(String::new(), |name| format!("{name}:{gap}"));
        let text = lines(cue.text).replace("-->", "→");
        let _ = write!(out, "{}\n{start} --> {end}\n{speaker}{text}\n\n", index + 1);
    }
    out
}

/// The captions of a film as `WebVTT` text, with the speakers as voices.
pub fn vtt(board: &Storyboard) -> String {
    let mut out = String::from("WEBVTT\n\n");
    for cue in cues(board) {
        let (start, end) = (clock(cue.start_s, '.'), clock(cue.end_s, '.'));
        let voice = cue
            .speaker
            .map_or(String::new(), |name| format!("<v {}>", escape(&name)));
        let _ = write!(
            out,
            "{start} --> {end}\n{voice}{}\n\n",
            escape(&lines(cue.text))
        );
    }
    out
}

fn cues(board: &Storyboard) -> Vec<Cue<'_>> {
    let timeline = Timeline::new(board);
    let mut cues = Vec::new();
    for (index, scene) in board.scenes.iter().enumerate() {
        let mut shot_start_s = timeline.segment_start_s(index + 1).unwrap_or_default();
        for shot in &scene.shots {
            let shot_end_s = shot_start_s + shot.duration_s;
            for caption in &shot.captions {
                let start_s = shot_start_s + caption.start_s;
                let end_s = (start_s + caption.duration_s).min(shot_end_s);
                let text = caption.text.trim_end();
                if end_s > start_s && !text.trim().is_empty() {
                    let role = caption.role.as_deref().and_then(|id| board.role(id));
                    let speaker = role.map(Role::caption_name);
                    cues.push(Cue {
                        start_s,
                        end_s,
                        speaker,
                        text,
                    });
                }
            }
            shot_start_s = shot_end_s;
        }
    }
    cues.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    cues
}

/// Without blank lines, which end a caption in both formats.
fn lines(text: &str) -> String {
    let lines: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn clock(time_s: f64, point: char) -> String {
    let ms = (time_s * 1000.0).round().max(0.0) as u64;
    let (s, m, h) = (ms / 1000, ms / 60_000, ms / 3_600_000);
    format!("{h:02}:{:02}:{:02}{point}{:03}", m % 60, s % 60, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../engine/story/tests/samples/storyboard.json");

    #[test]
    fn captions_carry_their_time_in_the_film_and_their_speaker() {
        let board = Storyboard::from_json(SAMPLE).unwrap();
        // The opening card lasts 2 s, of which 1 s is the transition into the first scene.
        assert_eq!(
            srt(&board),
            "1\n00:00:01,400 --> 00:00:03,200\nOld Owl: Who is there?\n\n\
             2\n00:00:03,600 --> 00:00:04,900\nThey laughed together.\n\n"
        );
        assert_eq!(
            vtt(&board),
            "WEBVTT\n\n00:00:01.400 --> 00:00:03.200\n<v Old Owl>Who is there?\n\n\
             00:00:03.600 --> 00:00:04.900\nThey laughed together.\n\n"
        );
    }

    #[test]
    fn marks_that_mean_something_to_the_formats_are_written_as_words() {
        let mut board = Storyboard::from_json(SAMPLE).unwrap();
        board.cast[1].name = "Owl & <Co>".into();
        board.scenes[0].shots[0].captions[0].text = "a --> b\n\n<i>c".into();
        assert!(
            srt(&board).contains("Owl & <Co>: a → b\n<i>c\n\n"),
            "{}",
            srt(&board)
        );
        assert!(vtt(&board).contains("<v Owl &amp; &lt;Co&gt;>a --&gt; b\n&lt;i&gt;c\n\n"));
    }

    #[test]
    fn a_name_that_fills_a_line_has_it_to_itself() {
        let mut board = Storyboard::from_json(SAMPLE).unwrap();
        board.scenes[0].shots[0].captions[0].text = "\n“Heavens!”".into();
        assert!(srt(&board).contains("\nOld Owl:\n“Heavens!”\n\n"));
        assert!(vtt(&board).contains("<v Old Owl>“Heavens!”\n\n"));
    }

    #[test]
    fn a_caption_ends_with_its_shot() {
        let mut board = Storyboard::from_json(SAMPLE).unwrap();
        board.scenes[0].shots[0].captions[0].duration_s = 600.0;
        assert!(srt(&board).starts_with("1\n00:00:01,400 --> 00:00:03,500\n"));
    }

    #[test]
    fn long_films_have_hours() {
        assert_eq!(clock(3661.0625, ','), "01:01:01,063");
    }
}
