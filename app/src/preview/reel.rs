//! The film as the player knows it: how long it is, and what happens when.

use fabula_story::{BoardScene, Color, DayTime, Emotion, Storyboard, Timeline, Weather};

/// When the parts of a film are on screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Reel {
    /// Frames a second.
    pub fps: u32,
    /// Number of frames.
    pub frame_count: u64,
    /// Length in seconds.
    pub duration_s: f64,
    /// The opening card, the scenes and the closing card.
    pub parts: Vec<Part>,
}

/// A card or a scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// When it begins, in seconds.
    pub start_s: f64,
    /// When the next one begins, or the film ends.
    pub end_s: f64,
    /// What it is, in a few words.
    pub name: String,
    /// Its shots; a card is one.
    pub shots: Vec<ShotMark>,
}

/// A shot on the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct ShotMark {
    /// When it begins, in seconds.
    pub start_s: f64,
    /// When the next one begins.
    pub end_s: f64,
    /// What it feels.
    pub emotion: Emotion,
    /// What is said in it.
    pub lines: Vec<LineMark>,
}

/// A line on the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct LineMark {
    /// When it begins, in seconds.
    pub start_s: f64,
    /// When it has been said.
    pub end_s: f64,
    /// Who says it.
    pub speaker: String,
    /// Of the speaker's name in captions.
    pub color: Color,
}

impl Reel {
    pub fn of(board: &Storyboard, fps: u32) -> Self {
        let timeline = Timeline::new(board);
        let duration_s = timeline.duration_s();
        let start_s = |index| timeline.segment_start_s(index).unwrap_or(duration_s);
        let last = board.scenes.len() + 1;
        let parts = (0..=last)
            .map(|index| {
                let (begin_s, end_s) = (start_s(index), start_s(index + 1));
                let scene = index.checked_sub(1).and_then(|at| board.scenes.get(at));
                let (name, shots) = if let Some(scene) = scene {
                    (
                        format!("{index} · {}", setting(scene)),
                        shots(board, scene, begin_s, end_s),
                    )
                } else {
                    let card = if index == 0 {
                        &board.opening
                    } else {
                        &board.closing
                    };
                    let mark = ShotMark {
                        start_s: begin_s,
                        end_s,
                        emotion: Emotion::Neutral,
                        lines: Vec::new(),
                    };
                    (card.title.clone(), vec![mark])
                };
                Part {
                    start_s: begin_s,
                    end_s,
                    name,
                    shots,
                }
            })
            .collect();
        Self {
            fps,
            frame_count: timeline.frame_count(fps),
            duration_s,
            parts,
        }
    }

    /// Position of the part that is on screen at a time.
    pub fn part_at(&self, time_s: f64) -> usize {
        self.parts
            .partition_point(|part| part.start_s <= time_s)
            .saturating_sub(1)
    }

    /// The shot that is on screen at a time.
    pub fn shot_at(&self, time_s: f64) -> Option<&ShotMark> {
        let shots = &self.parts.get(self.part_at(time_s))?.shots;
        let after = shots.partition_point(|shot| shot.start_s <= time_s);
        shots.get(after.saturating_sub(1))
    }
}

impl ShotMark {
    /// Who speaks at a time.
    pub fn speaker_at(&self, time_s: f64) -> Option<&str> {
        let mut lines = self.lines.iter();
        let line = lines.find(|line| (line.start_s..line.end_s).contains(&time_s))?;
        Some(&line.speaker)
    }
}

fn shots(board: &Storyboard, scene: &BoardScene, start_s: f64, end_s: f64) -> Vec<ShotMark> {
    let mut next_s = start_s;
    let mut marks = Vec::with_capacity(scene.shots.len());
    for shot in &scene.shots {
        let start_s = next_s;
        next_s += shot.duration_s;
        let lines = shot.speech.iter().filter_map(|speech| {
            let role = board.role(speech.role.as_deref()?)?;
            let begin_s = start_s + speech.start_s;
            Some(LineMark {
                start_s: begin_s,
                end_s: begin_s + speech.duration_s,
                speaker: role.name.clone(),
                color: role.color,
            })
        });
        marks.push(ShotMark {
            start_s,
            // The next part may begin before this one has ended.
            end_s: next_s.min(end_s),
            emotion: shot.mood.emotion,
            lines: lines.collect(),
        });
    }
    marks.retain(|mark| mark.end_s > mark.start_s);
    marks
}

/// `forest, night, rain`
fn setting(scene: &BoardScene) -> String {
    let setting = &scene.setting;
    let time = match setting.time {
        DayTime::Dawn => ", dawn",
        DayTime::Day => ", day",
        DayTime::Dusk => ", dusk",
        DayTime::Night if setting.place == "night" => "",
        DayTime::Night => ", night",
        DayTime::Unknown => "",
    };
    let weather = match setting.weather {
        Weather::Clear => "",
        Weather::Rain => ", rain",
        Weather::Snow => ", snow",
        Weather::Fog => ", fog",
        Weather::Wind => ", wind",
        Weather::Storm => ", storm",
    };
    format!("{}{time}{weather}", setting.place)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The documented sample: about six seconds, one scene of a forest at dusk.
    pub fn sample() -> Reel {
        let board = include_str!("../../../engine/story/tests/samples/storyboard.json");
        Reel::of(&Storyboard::from_json(board).unwrap(), 24)
    }

    #[test]
    fn parts_and_shots_follow_one_another_without_gaps() {
        let reel = sample();
        let mut next_s = 0.0;
        for part in &reel.parts {
            assert!((part.start_s - next_s).abs() < 1e-9, "{part:?}");
            for shot in &part.shots {
                assert!((shot.start_s - next_s).abs() < 1e-9, "{shot:?}");
                next_s = shot.end_s;
            }
            next_s = part.end_s;
        }
        assert!((next_s - reel.duration_s).abs() < 1e-9);
    }

    #[test]
    fn a_part_says_where_and_when_it_happens() {
        let reel = sample();
        assert!(reel.parts[1].name.starts_with("1 · forest, dusk"));
        assert_eq!(reel.part_at(0.0), 0);
        assert_eq!(reel.part_at(reel.parts[1].start_s), 1);
        assert_eq!(reel.part_at(1e9), reel.parts.len() - 1);
    }

    #[test]
    fn who_speaks_is_known_at_each_time() {
        let reel = sample();
        let shots = || reel.parts.iter().flat_map(|part| &part.shots);
        let line = shots().flat_map(|shot| &shot.lines).next().unwrap();
        let middle_s = f64::midpoint(line.start_s, line.end_s);
        let shot = reel.shot_at(middle_s).unwrap();
        assert_eq!(shot.speaker_at(middle_s), Some(line.speaker.as_str()));
        assert_eq!(shot.speaker_at(line.end_s + 100.0), None);
    }
}
