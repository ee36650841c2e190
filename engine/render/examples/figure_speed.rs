//! What figures cost in full HD: the time of a frame with none, one, four and more of them on the
//! same ground, and what each number adds to the empty place. Run it with nothing else running; other
//! numbers may be named:
//!
//! `cargo run --release -p fabula-render --example figure_speed -- 2 8`
//!
//! The picture is read back and converted for the encoder as in an export. Processor time counts
//! all threads, so that it says something on a busy machine, too; it is known on Linux alone.

mod timing;

use std::env;
use std::error::Error;

use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice};
use fabula_story::Storyboard;
use serde_json::{Value, json};
use timing::{FPS, timed};

/// Frames over which the time of one is averaged.
const FRAMES: u64 = 96;
/// The best of so many runs counts; the others were disturbed by something.
const RUNS: usize = 5;
const SET: &str = "field";
/// Numbers of figures; the crowds only where a GPU draws.
const FIGURES: [usize; 3] = [1, 4, 12];
const CROWDS: [usize; 2] = [50, 200];
/// What the crowd is made of.
const BEINGS: [&str; 4] = ["human", "fox", "human", "rabbit"];

fn main() -> Result<(), Box<dyn Error>> {
    let gpu = Gpu::open(&GpuChoice::Auto)?;
    println!("{}\n", gpu.description());
    println!("| figures | frame, ms | more than none | of processor time, ms | more than none |");
    println!("|--:|--:|--:|--:|--:|");
    let mut counts = vec![0];
    for number in env::args().skip(1) {
        counts.push(number.parse()?);
    }
    if counts.len() == 1 {
        counts.extend(FIGURES);
        if gpu.description().kind != fabula_render::GpuKind::Cpu {
            counts.extend(CROWDS);
        }
    }
    let boards = counts
        .iter()
        .map(|&count| Storyboard::from_json(&board(count).to_string()))
        .collect::<Result<Vec<_>, _>>()?;
    let mut films = boards
        .iter()
        .map(|board| Film::new(&gpu, board, FrameSize::FULL_HD, FilmOptions::default()))
        .collect::<Result<Vec<_>, _>>()?;
    // Past the dark of the opening and its card.
    let start = u64::from(2 * FPS);
    let mut best = vec![(f64::INFINITY, f64::INFINITY); films.len()];
    for film in &mut films {
        timed(film, start..start + 1)?;
    }
    for run in 0..RUNS as u64 {
        for (film, best) in films.iter_mut().zip(&mut best) {
            let start = start + 1 + run * FRAMES;
            let (wall_ms, processor_ms) = timed(film, start..start + FRAMES)?;
            best.0 = best.0.min(wall_ms / FRAMES as f64);
            best.1 = best.1.min(processor_ms.unwrap_or(f64::NAN) / FRAMES as f64);
        }
    }
    for (count, (wall_ms, processor_ms)) in counts.iter().zip(&best) {
        println!(
            "| {count} | {wall_ms:.2} | {:.2} | {processor_ms:.2} | {:.2} |",
            wall_ms - best[0].0,
            processor_ms - best[0].1,
        );
    }
    Ok(())
}

/// So many people and animals, seen from head to foot, who stand and breathe and look about.
fn board(count: usize) -> Value {
    let cut = json!({"kind": "cut", "duration_s": 0.0});
    let card = json!({"title": " ", "duration_s": 1.0, "transition": cut});
    let being = |at: usize| BEINGS[at % BEINGS.len()];
    let cast: Vec<Value> = (0..count)
        .map(|at| {
            let look = json!({"being": being(at), "age": "adult", "skin": "#f4cfa5", "hair": "#7a3f16",
                "eyes": "#5b4a2e", "hair_style": "braids", "outfit": "dress", "outfit_color": "#b8433a",
                "accent_color": "#f2b84b", "accessories": [], "height": 1.0});
            let id = format!("c{at}");
            json!({"id": id, "name": id, "color": "#ff9d8a", "look": look})
        })
        .collect();
    let actors: Vec<Value> = (0..count)
        .map(|at| {
            let x = (at as f64 + 0.5) / count as f64 * 1.8 - 0.9;
            json!({"role": format!("c{at}"), "x": x, "facing": "right", "pose": "stand", "cues": []})
        })
        .collect();
    let shot = json!({
        "id": "s1.1", "duration_s": 60.0,
        "framing": "wide", "focus": [], "camera": "hold",
        "mood": {"emotion": "neutral", "intensity": 0.0},
        "actors": actors, "speech": [], "captions": []
    });
    json!({
        "format": Storyboard::FORMAT, "title": "Figures", "cast": cast,
        "opening": card, "closing": card,
        "scenes": [{
            "id": "s1",
            "setting": {"place": SET, "time": "day", "weather": "clear", "indoor": false},
            "backdrop": {"kind": "scene_based"}, "seed": 7, "transition": cut,
            "shots": [shot]
        }]
    })
}
