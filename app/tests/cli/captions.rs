//! The captions of all sample stories, measured in pictures of every shape. They are read by rules
//! alone, so that it takes no networks.

use std::fs;
use std::path::Path;

use fabula_nlp::document;
use fabula_nlp::reading::Reader;
use fabula_render::{CaptionRuler, FrameSize};
use fabula_story::{Caption, Role, Storyboard, Timeline};

const LONGEST_LINE: usize = 42;
const FASTEST_PER_S: f64 = 17.0;
const SHORTEST_S: f64 = 1.0;
/// Room around the picture where no words stand, as a share of its sides.
const SAFE_AREA: f32 = 0.05;
/// 16:9, 9:16, 1:1, 4:5, and the smallest size that has a name.
const SIZES: [(u32, u32); 5] = [
    (1920, 1080),
    (1080, 1920),
    (1080, 1080),
    (864, 1080),
    (320, 240),
];

fn boards() -> Vec<(String, Storyboard)> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/stories"));
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("README.md"))
        .collect();
    paths.sort();
    let board = |path: &Path| {
        let document = document::read(path).unwrap();
        let story = Reader::rules().read(&document).unwrap();
        fabula_direct::direct(&story, &fabula_direct::Options::default())
    };
    paths
        .iter()
        .map(|path| (path.display().to_string(), board(path)))
        .collect()
}

/// Every caption with its speaker, where it is in the film and in the documents.
fn captions(board: &Storyboard) -> Vec<(String, f64, f64, &Caption, Option<&Role>)> {
    let timeline = Timeline::new(board);
    let mut captions = Vec::new();
    for (index, scene) in board.scenes.iter().enumerate() {
        let mut shot_start_s = timeline.segment_start_s(index + 1).unwrap();
        for shot in &scene.shots {
            let shot_end_s = shot_start_s + shot.duration_s;
            for caption in &shot.captions {
                let role = caption.role.as_deref().and_then(|id| board.role(id));
                let start_s = shot_start_s + caption.start_s;
                let end_s = (start_s + caption.duration_s).min(shot_end_s);
                let place = format!("{}: {:?}", shot.id, caption.text);
                captions.push((place, start_s, end_s, caption, role));
            }
            shot_start_s = shot_end_s;
        }
    }
    captions
}

#[test]
fn captions_of_the_sample_stories_can_be_read() {
    let mut count = 0;
    for (story, board) in boards() {
        let mut last_end_s = 0.0;
        for (place, start_s, end_s, caption, role) in captions(&board) {
            count += 1;
            let place = format!("{story}, {place}");
            // As the file beside the film has it: `Name: words`.
            let name = role.map_or(0, |role| role.caption_name().chars().count() + 2);
            let lines: Vec<&str> = caption.text.split('\n').collect();
            assert!((1..=2).contains(&lines.len()), "{place}");
            assert!(!caption.text.trim().is_empty(), "{place}");
            for (number, line) in lines.iter().enumerate() {
                let before = if number == 0 { name } else { 0 };
                let length = before + line.chars().count();
                assert!(length <= LONGEST_LINE, "{place}: {length} characters");
            }
            // Clocks of films count milliseconds.
            let shown_s = ((end_s - start_s) * 1000.0).round() / 1000.0;
            assert!(shown_s >= SHORTEST_S, "{place}: {shown_s} s");
            let characters = name + caption.text.chars().count();
            let speed = characters as f64 / shown_s;
            assert!(
                speed <= FASTEST_PER_S,
                "{place}: {speed} characters a second"
            );
            assert!(start_s >= last_end_s - 1e-6, "{place} meets the one before");
            last_end_s = end_s;
        }
    }
    assert!(count > 200, "only {count} captions");
}

#[test]
fn captions_of_the_sample_stories_stay_in_the_safe_area_of_every_picture() {
    let boards = boards();
    for (width, height) in SIZES {
        let mut ruler = CaptionRuler::new(FrameSize::new(width, height).unwrap());
        let (width, height) = (width as f32, height as f32);
        let (left, right) = (width * SAFE_AREA, width * (1.0 - SAFE_AREA));
        let bottom = height * (1.0 - SAFE_AREA);
        for (story, board) in &boards {
            for (place, _, _, caption, role) in captions(board) {
                let place = format!("{story}, {place}, {width}x{height}");
                let (lines, panel_px) = ruler.measure(caption, role);
                assert!(
                    (1..=2).contains(&lines.len()),
                    "{place}: {} lines",
                    lines.len()
                );
                for line in &lines {
                    let length = line.text.chars().count();
                    assert!(length <= LONGEST_LINE, "{place}: {}", line.text);
                }
                let lines = lines.iter().map(|line| line.edges_px);
                for edges in lines.chain([panel_px]) {
                    assert!(
                        edges[0] >= left - 0.01 && edges[2] <= right + 0.01,
                        "{place}: {edges:?}"
                    );
                    // Captions are a lower third: what is above belongs to the faces.
                    assert!(edges[1] >= height * 0.6, "{place}: {edges:?}");
                    assert!(edges[3] <= bottom + 0.01, "{place}: {edges:?}");
                }
            }
        }
    }
}
