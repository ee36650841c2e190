//! How long each set takes in full HD: until its first frame is there (compiling its shaders and
//! drawing what stands still), until that of another shot on it is (drawing what stands still alone),
//! and for each frame after that, with two actors before it and the conversion to what an encoder
//! takes. Run it with nothing else running; sets may be named, else all are timed:
//!
//! `cargo run --release -p fabula-render --example set_speed -- indoor river`
//!
//! With `ART=DIR` in the environment, shaders and sets of one's own are timed, as `--art DIR` has them.
//!
//! Processor time counts all threads, so that it says something on a busy machine, too; it is
//! known on Linux alone.

mod timing;

use std::env;
use std::error::Error;
use std::iter;

use fabula_render::{Art, Film, FilmOptions, FrameSize, Gpu, GpuChoice};
use fabula_story::{PLACES, Storyboard};
use serde_json::{Value, json};
use timing::{FPS, timed};

/// Frames over which the time of one is averaged.
const FRAMES: u64 = 48;
/// Shots of a second each that follow a long one.
const SHOTS: u64 = 6;
/// The sets of scenes inside of a castle and of a ship.
const INTERIORS: [&str; 2] = ["hall", "cabin"];
/// Seconds until they begin.
const SHOTS_BEGIN_S: u64 = 11;

fn main() -> Result<(), Box<dyn Error>> {
    let mut gpu = Gpu::open(&GpuChoice::Auto)?;
    if let Some(folder) = env::var_os("ART") {
        gpu = gpu.with_art(Art::open(folder.as_ref())?);
    }
    println!("{}\n", gpu.description());
    println!(
        "| set | first frame, ms | plates of a shot, ms of processor time | frame, ms | of processor time, ms | frames/s |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    let wanted: Vec<String> = env::args().skip(1).collect();
    for place in PLACES.into_iter().chain(INTERIORS) {
        if !wanted.is_empty() && !wanted.iter().any(|it| it == place) {
            continue;
        }
        let board = Storyboard::from_json(&board(place).to_string())?;
        let mut film = Film::new(&gpu, &board, FrameSize::FULL_HD, FilmOptions::default())?;
        // Past the dark of the opening and its card.
        let start = u64::from(2 * FPS);
        let first = timed(&mut film, start..start + 1)?;
        let (wall_ms, processor_ms) = timed(&mut film, start + 1..start + 1 + FRAMES)?;
        let frame_ms = wall_ms / FRAMES as f64;
        let mut shots_ms = Some(0.0);
        for shot in 0..SHOTS {
            let start = (SHOTS_BEGIN_S + shot) * u64::from(FPS);
            let (_, ms) = timed(&mut film, start..start + 1)?;
            shots_ms = shots_ms.zip(ms).map(|(sum, ms)| sum + ms);
        }
        let told = |ms: Option<f64>| ms.map_or("?".to_owned(), |ms| format!("{ms:.1}"));
        let processor_ms = processor_ms.map(|ms| ms / FRAMES as f64);
        let plates_ms = shots_ms.zip(processor_ms);
        let plates_ms = plates_ms.map(|(sum, frame)| sum / SHOTS as f64 - frame);
        println!(
            "| {place} | {:.0} | {} | {frame_ms:.1} | {} | {:.0} |",
            first.0,
            told(plates_ms),
            told(processor_ms),
            1000.0 / frame_ms,
        );
    }
    Ok(())
}

/// A girl and a fox in the whole place by day.
fn board(place: &str) -> Value {
    let cut = json!({"kind": "cut", "duration_s": 0.0});
    let card = json!({"title": " ", "duration_s": 1.0, "transition": cut});
    let look = |being: &str, color: &str| {
        json!({"being": being, "age": "child", "skin": color, "hair": "#7a3f16", "eyes": "#5b4a2e",
            "hair_style": "braids", "outfit": "dress", "outfit_color": "#b8433a",
            "accent_color": "#f2b84b", "accessories": [], "height": 1.0})
    };
    let role =
        |id: &str, look: Value| json!({"id": id, "name": id, "color": "#ff9d8a", "look": look});
    let actor = |role: &str, x: f32, facing: &str| json!({"role": role, "x": x, "facing": facing, "pose": "stand", "cues": []});
    let shot = |number: u64, duration_s: f64| {
        json!({
            "id": format!("s1.{number}"), "duration_s": duration_s,
            "framing": "wide", "focus": [], "camera": "hold",
            "mood": {"emotion": "neutral", "intensity": 0.0},
            "actors": [actor("girl", -0.34, "right"), actor("fox", 0.34, "left")],
            "speech": [], "captions": []
        })
    };
    // The first card takes a second.
    let first = shot(1, SHOTS_BEGIN_S as f64 - 1.0);
    let others = (0..SHOTS).map(|number| shot(number + 2, 1.0));
    let shots: Vec<Value> = iter::once(first).chain(others).collect();
    json!({
        "format": Storyboard::FORMAT, "title": "Speed",
        "cast": [role("girl", look("human", "#f4cfa5")), role("fox", look("fox", "#dd7729"))],
        "opening": card, "closing": card,
        "scenes": [{
            "id": "s1",
            "setting": {"place": place, "time": "day", "weather": "clear", "indoor": place == "indoor"},
            "backdrop": {"kind": "scene_based"}, "seed": 7, "transition": cut,
            "shots": shots
        }]
    })
}
