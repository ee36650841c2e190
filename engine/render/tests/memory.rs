//! How much memory films take, in a process of their own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice};
use fabula_story::{PLACES, Storyboard};
use serde_json::{Value, json};

const CARD_S: f64 = 2.0;
const SCENE_S: f64 = 3.0;

/// A film without actors, with a scene in each of these places.
fn board<'a>(places: impl Iterator<Item = &'a str>) -> Storyboard {
    let cut = json!({"kind": "cut", "duration_s": 0.0});
    let card = json!({"title": " ", "duration_s": CARD_S, "transition": cut});
    let scene = |(index, place): (usize, &str)| {
        json!({
            "id": format!("s{index}"),
            "setting": {"place": place, "time": "day", "weather": "clear", "indoor": false},
            "backdrop": {"kind": "scene_based"},
            "seed": 7,
            "transition": {"kind": "dissolve", "duration_s": 1.0},
            "shots": [{
                "id": format!("s{index}.1"), "duration_s": SCENE_S,
                "framing": "wide", "camera": "hold",
                "mood": {"emotion": "neutral", "intensity": 0.0},
                "actors": [], "speech": [], "captions": [],
            }],
        })
    };
    let scenes: Vec<Value> = places.enumerate().map(scene).collect();
    let board = json!({
        "format": "fabula.storyboard/1",
        "title": "Places",
        "cast": [],
        "opening": card,
        "scenes": scenes,
        "closing": card,
    });
    Storyboard::from_json(&board.to_string()).unwrap()
}

/// The most memory that this process has taken, in kB.
fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[test]
fn a_film_through_all_places_takes_hardly_more_memory_than_one_in_the_largest() {
    /// As much as one more set of middling size.
    const MOST_KB: u64 = 50_000;
    let gpu = match Gpu::open(&GpuChoice::Cpu) {
        Ok(gpu) => gpu,
        Err(error) => return println!("skipped: {error}"),
    };
    let size = FrameSize::new(320, 180).unwrap();
    let peak_after = |board: &Storyboard| {
        let mut film = Film::new(&gpu, board, size, FilmOptions::default()).unwrap();
        // Twice a second: in each scene, and in each dissolve between two.
        for half in 0..(2.0 * film.duration_s()) as u32 {
            film.still(f64::from(half) / 2.0).unwrap();
        }
        peak_kb()
    };
    let village = board(["village"; 2].into_iter());
    let Some(one_kb) = peak_after(&village) else {
        return println!("skipped: this system does not tell how much memory a process takes");
    };
    let all_kb = peak_after(&board(PLACES.into_iter())).unwrap();
    println!("{one_kb} kB in one place, {all_kb} kB in all");
    assert!(all_kb < one_kb + MOST_KB, "{one_kb} kB, then {all_kb} kB");
}
