//! The chapters of a film: where players go to when somebody looks for a scene.

use fabula_encode::Chapter;
use fabula_story::{BoardScene, DayTime, Storyboard, Timeline};

/// The title card, and each scene from when it begins to be seen.
pub(crate) fn chapters(board: &Storyboard, fps: u32) -> Vec<Chapter> {
    let timeline = Timeline::new(board);
    let opening = Chapter {
        frame: 0,
        title: one_line(&board.opening.title),
    };
    let scene = |(index, scene): (usize, &BoardScene)| {
        let start_s = timeline.segment_start_s(index + 1)?;
        Some(Chapter {
            // The first frame that is not before the scene.
            frame: (start_s * f64::from(fps) - 1e-6).ceil().max(0.0) as u64,
            title: name(scene, index + 1),
        })
    };
    let scenes = board.scenes.iter().enumerate().filter_map(scene);
    let mut chapters: Vec<Chapter> = std::iter::once(opening).chain(scenes).collect();
    // Of two that begin with the same frame the later is there to be seen.
    chapters.reverse();
    chapters.dedup_by_key(|chapter| chapter.frame);
    chapters.reverse();
    chapters
}

/// What a scene is called: `Forest, night`.
fn name(scene: &BoardScene, number: usize) -> String {
    let place = one_line(&scene.setting.place);
    let mut letters = place.chars();
    let Some(first) = letters.next() else {
        return format!("Scene {number}");
    };
    let place: String = first.to_uppercase().chain(letters).collect();
    let time = match scene.setting.time {
        DayTime::Day => "day",
        DayTime::Night => "night",
        DayTime::Dawn => "dawn",
        DayTime::Dusk => "dusk",
        DayTime::Unknown => return place,
    };
    // A set may be called like its hour.
    if place.eq_ignore_ascii_case(time) {
        return place;
    }
    format!("{place}, {time}")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../engine/story/tests/samples/storyboard.json");

    #[test]
    fn every_scene_is_a_chapter_from_its_first_frame() {
        let mut board = Storyboard::from_json(SAMPLE).unwrap();
        let mut last = board.scenes[0].clone();
        last.setting.place = "  ".into();
        board.scenes[0].setting.place = "deep\nforest".into();
        board.scenes[0].setting.time = DayTime::Night;
        board.scenes[1].setting.place = "night".into();
        board.scenes[1].setting.time = DayTime::Night;
        board.scenes.push(last);
        let chapters = chapters(&board, 24);
        let names: Vec<&str> = chapters.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(
            names,
            [
                &*board.opening.title,
                "Deep forest, night",
                "Night",
                "Scene 3"
            ]
        );
        // The opening card lasts 2 s, of which 1 s is the transition into the first scene.
        assert_eq!((chapters[0].frame, chapters[1].frame), (0, 24));
        let timeline = Timeline::new(&board);
        let last_s = chapters[3].frame as f64 / 24.0;
        let start_s = timeline.segment_start_s(3).unwrap();
        assert!((start_s..start_s + 1.0 / 24.0).contains(&last_s));
    }
}
