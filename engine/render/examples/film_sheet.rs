//! Draws contact sheets of what films are made of, to be looked at after a change and for the
//! pictures in `docs`. Run it in the root of the repository:
//!
//! `film_sheet out/sheets` draws all of them into a folder, `film_sheet out/sheets times seeds` those
//! that are named. What a sheet shows stands in [`SHEETS`]; long ones have several pages.

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;

use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice, Picture};
use fabula_story::{PLACES, Storyboard};
use serde_json::{Value, json};

type Failure = Box<dyn Error>;

/// Pixels between pictures, and their colour.
const GAP_PX: usize = 8;
const GROUND: [u8; 4] = [24, 21, 32, 255];

/// The sets of scenes inside of a castle and of a ship.
const INTERIORS: [&str; 2] = ["hall", "cabin"];
const HOURS: [&str; 4] = ["dawn", "day", "dusk", "night"];

/// Rows of pictures.
type Rows = Vec<Vec<Picture>>;

/// A sheet: its name, the most rows of a page, and what draws it.
type Sheet = (&'static str, usize, fn(&Gpu) -> Result<Rows, Failure>);

const SHEETS: [Sheet; 10] = [
    ("transitions", 6, transitions),
    ("aspects", 1, aspects),
    ("framings", 2, framings),
    ("marks", 5, marks),
    ("moods", 2, moods),
    ("captions", 1, captions),
    // Every set at dawn, by day, at dusk and by night.
    ("times", 5, |gpu| {
        sets(gpu, &PLACES, [320, 180], |place| {
            HOURS.map(|time| scene(place, time, "clear", 7)).into()
        })
    }),
    ("interiors", 2, |gpu| {
        sets(gpu, &INTERIORS, [320, 180], |place| {
            HOURS.map(|time| scene(place, time, "clear", 7)).into()
        })
    }),
    // Every set in clear weather, rain, snow, fog, wind and a storm.
    ("weathers", 10, |gpu| {
        let weathers = ["clear", "rain", "snow", "fog", "wind", "storm"];
        sets(gpu, &PLACES, [208, 116], |place| {
            weathers
                .map(|weather| scene(place, "day", weather, 7))
                .into()
        })
    }),
    // Every set four times: the seed of a scene varies it.
    ("seeds", 10, |gpu| {
        let seeds = [7, 1_000_000_007, 2_345_678_901, 3_900_000_011];
        sets(gpu, &PLACES, [320, 180], |place| {
            seeds.map(|seed| scene(place, "day", "clear", seed)).into()
        })
    }),
];

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("usage: film_sheet FOLDER [SHEET...]")?;
    let wanted: Vec<String> = arguments.collect();
    let known = |name: &String| SHEETS.iter().any(|sheet| sheet.0 == name);
    if let Some(name) = wanted.iter().find(|name| !known(name)) {
        return Err(format!("there is no sheet `{name}`").into());
    }
    fs::create_dir_all(&folder)?;
    let gpu = Gpu::open(&GpuChoice::Auto)?;
    for (name, rows_of_page, draw) in SHEETS {
        if !wanted.is_empty() && !wanted.iter().any(|it| it == name) {
            continue;
        }
        let rows = draw(&gpu)?;
        let is_long = rows.len() > rows_of_page;
        for (page, rows) in rows.chunks(rows_of_page).enumerate() {
            let number = if is_long {
                format!("-{}", page + 1)
            } else {
                String::new()
            };
            write(&format!("{folder}/{name}{number}.png"), &joined(rows))?;
        }
    }
    Ok(())
}

/// A girl, and a fox on her left, who tell nothing yet.
fn scene(place: &str, time: &str, weather: &str, seed: u32) -> Value {
    let actor = |role: &str, x: f32, facing: &str| json!({"role": role, "x": x, "facing": facing, "pose": "stand", "cues": []});
    json!({
        "id": "s1",
        "setting": {"place": place, "time": time, "weather": weather, "indoor": place == "indoor"},
        "backdrop": {"kind": "scene_based"},
        "seed": seed,
        "transition": {"kind": "cut", "duration_s": 0.0},
        "shots": [{
            "id": "s1.1", "duration_s": 6.0, "framing": "wide", "focus": [], "camera": "hold",
            "mood": {"emotion": "neutral", "intensity": 0.0},
            "actors": [actor("girl", -0.34, "right"), actor("fox", 0.34, "left")],
            "speech": [], "captions": []
        }]
    })
}

/// A film of these scenes between two short cards.
fn board(scenes: &[Value]) -> Result<Storyboard, Failure> {
    let mut scenes = scenes.to_vec();
    for (index, scene) in scenes.iter_mut().enumerate() {
        scene["id"] = json!(format!("s{index}"));
        scene["shots"][0]["id"] = json!(format!("s{index}.1"));
    }
    let card =
        json!({"title": " ", "duration_s": 1.0, "transition": {"kind": "cut", "duration_s": 0.0}});
    let look = |being: &str, age: &str, skin: &str, hair: &str, outfit: &str| {
        json!({"being": being, "age": age, "skin": skin, "hair": hair, "eyes": "#5b4a2e",
            "hair_style": "braids", "outfit": outfit, "outfit_color": "#b8433a",
            "accent_color": "#f2b84b", "accessories": [], "height": 1.0})
    };
    let role = |id: &str, name: &str, color: &str, look: Value| json!({"id": id, "name": name, "color": color, "look": look});
    let board = json!({
        "format": Storyboard::FORMAT,
        "title": "Sheet",
        "cast": [
            role("girl", "Nell", "#ff9d8a", look("human", "child", "#f4cfa5", "#7a3f16", "dress")),
            role("fox", "Fox", "#ffb050", look("fox", "adult", "#dd7729", "#fff0dc", "none")),
            role("woman", "Ada", "#9fc4ff", look("human", "adult", "#c98d5f", "#2b1d18", "dress")),
        ],
        "opening": card,
        "scenes": scenes,
        "closing": card,
    });
    Ok(Storyboard::from_json(&board.to_string())?)
}

/// The pictures of a film of these scenes at these times.
fn stills(
    gpu: &Gpu,
    scenes: &[Value],
    size: [u32; 2],
    times_s: &[f64],
) -> Result<Vec<Picture>, Failure> {
    let board = board(scenes)?;
    let size = FrameSize::new(size[0], size[1])?;
    let mut film = Film::new(gpu, &board, size, FilmOptions::default())?;
    let pictures = times_s.iter().map(|time_s| film.still(*time_s));
    Ok(pictures.collect::<Result<_, _>>()?)
}

/// One row for each kind, from one place to another.
fn transitions(gpu: &Gpu) -> Result<Rows, Failure> {
    let kinds = ["dissolve", "fade", "wipe", "iris", "push", "page_turn"];
    let row = |kind: &str| {
        let mut scenes = [
            scene("village", "dusk", "clear", 7),
            scene("forest", "day", "clear", 7),
        ];
        scenes[1]["transition"] = json!({"kind": kind, "duration_s": 1.0});
        // The second scene begins a second before the first ends, at 7 s.
        let times_s = [0.08, 0.25, 0.42, 0.58, 0.75, 0.92].map(|part| 6.0 + part);
        stills(gpu, &scenes, [320, 180], &times_s)
    };
    kinds.into_iter().map(row).collect()
}

/// The same moment in pictures of four shapes, each of the same height.
fn aspects(gpu: &Gpu) -> Result<Rows, Failure> {
    let mut scene = scene("garden", "dusk", "clear", 7);
    scene["shots"][0]["captions"] = json!([
        {"start_s": 0.0, "duration_s": 6.0, "role": "fox", "text": "“Look, the first star is out,\nand nobody has wished on it yet.”"}
    ]);
    // 16:9, 4:5, 1:1 and 9:16.
    let sizes = [[640, 360], [288, 360], [360, 360], [202, 360]];
    let mut row = Vec::new();
    for size in sizes {
        row.extend(stills(gpu, std::slice::from_ref(&scene), size, &[4.0])?);
    }
    Ok(vec![row])
}

/// A caption that lights up its words, one after the other.
fn captions(gpu: &Gpu) -> Result<Rows, Failure> {
    let mut scene = scene("garden", "dusk", "clear", 7);
    scene["shots"][0]["captions"] = json!([
        {"start_s": 0.0, "duration_s": 6.0, "role": "fox", "text": "“Look, the first star is out,\nand nobody has wished on it yet.”"}
    ]);
    let mut board = board(&[scene])?;
    board.highlight_words = true;
    let size = FrameSize::new(640, 360)?;
    let mut film = Film::new(gpu, &board, size, FilmOptions::default())?;
    let pictures = [1.5, 4.2].map(|time_s| film.still(1.0 + time_s));
    Ok(vec![pictures.into_iter().collect::<Result<_, _>>()?])
}

fn framings(gpu: &Gpu) -> Result<Rows, Failure> {
    let shot = |framing: &str, focus: &[&str]| {
        let mut scene = scene("garden", "dusk", "clear", 7);
        let shot = &mut scene["shots"][0];
        shot["framing"] = json!(framing);
        shot["focus"] = json!(focus);
        shot["actors"][1]["role"] = json!("woman");
        stills(gpu, &[scene], [480, 270], &[4.0])
    };
    let both = ["girl", "woman"];
    let rows = [
        [("wide", &[][..]), ("full", &both), ("medium", &both)],
        [
            ("close", &["girl"]),
            ("over_shoulder", &both),
            ("over_shoulder", &["woman", "girl"]),
        ],
    ];
    let row = |row: [(&str, &[&str]); 3]| {
        let pictures = row.into_iter().map(|(framing, focus)| shot(framing, focus));
        Ok(pictures.collect::<Result<Vec<_>, Failure>>()?.concat())
    };
    rows.into_iter().map(row).collect()
}

fn marks(gpu: &Gpu) -> Result<Rows, Failure> {
    let kinds = [
        ("hearts", "garden", 1.6),
        ("sweat", "forest", 1.05),
        ("exclamation", "village", 0.7),
        ("splash", "river", 0.45),
        ("speed_lines", "road", 0.8),
    ];
    let row = |(mark, place, age_s): (&str, &str, f64)| {
        let mut row = Vec::new();
        for framing in ["full", "medium"] {
            let mut scene = scene(place, "day", "clear", 7);
            let shot = &mut scene["shots"][0];
            shot["framing"] = json!(framing);
            shot["focus"] = json!(["girl", "fox"]);
            for actor in 0..2 {
                let mut cues =
                    vec![json!({"at_s": 1.0, "kind": "mark", "mark": mark, "duration_s": 3.0})];
                if mark == "speed_lines" {
                    let to_x = if actor == 0 { 0.05 } else { 0.7 };
                    cues.push(json!({"at_s": 1.0, "kind": "walk", "to_x": to_x, "duration_s": 1.4, "gait": "run"}));
                }
                shot["actors"][actor]["cues"] = json!(cues);
            }
            row.extend(stills(gpu, &[scene], [480, 270], &[2.0 + age_s])?);
        }
        Ok(row)
    };
    kinds.into_iter().map(row).collect()
}

/// One set in the grade of each feeling.
fn moods(gpu: &Gpu) -> Result<Rows, Failure> {
    let feelings = [
        "neutral", "joy", "sadness", "anger", "fear", "surprise", "disgust",
    ];
    let row = |feelings: &[&str]| {
        let scenes: Vec<Value> = feelings
            .iter()
            .map(|feeling| {
                let mut scene = scene("forest", "day", "clear", 7);
                scene["shots"][0]["mood"] = json!({"emotion": feeling, "intensity": 0.9});
                scene
            })
            .collect();
        let times_s: Vec<f64> = (0..feelings.len())
            .map(|index| 1.0 + 6.0 * index as f64 + 4.0)
            .collect();
        stills(gpu, &scenes, [320, 180], &times_s)
    };
    feelings.chunks(4).map(row).collect()
}

/// A row for each place.
fn sets(
    gpu: &Gpu,
    places: &[&str],
    size: [u32; 2],
    scenes: impl Fn(&str) -> Vec<Value>,
) -> Result<Rows, Failure> {
    let row = |place: &&str| {
        let scenes = scenes(place);
        let times_s: Vec<f64> = (0..scenes.len())
            .map(|index| 1.0 + 6.0 * index as f64 + 4.0)
            .collect();
        stills(gpu, &scenes, size, &times_s)
    };
    places.iter().map(row).collect()
}

fn joined(rows: &[Vec<Picture>]) -> Picture {
    let side = |length: u32| length as usize + GAP_PX;
    let width = rows
        .iter()
        .map(|row| row.iter().map(|picture| side(picture.width)).sum::<usize>())
        .max()
        .unwrap_or_default()
        + GAP_PX;
    let tall = |row: &[Picture]| {
        row.iter()
            .map(|picture| side(picture.height))
            .max()
            .unwrap_or_default()
    };
    let height = rows.iter().map(|row| tall(row)).sum::<usize>() + GAP_PX;
    let mut rgba = GROUND.repeat(width * height);
    let mut top = GAP_PX;
    for row in rows {
        let mut left = GAP_PX;
        for picture in row {
            let line_bytes = picture.width as usize * 4;
            for (number, line) in picture.rgba.chunks_exact(line_bytes).enumerate() {
                let at = ((top + number) * width + left) * 4;
                rgba[at..at + line_bytes].copy_from_slice(line);
            }
            left += side(picture.width);
        }
        top += tall(row);
    }
    Picture {
        width: width as u32,
        height: height as u32,
        rgba,
    }
}

fn write(path: &str, picture: &Picture) -> Result<(), Failure> {
    let mut encoder = png::Encoder::new(
        BufWriter::new(File::create(path)?),
        picture.width,
        picture.height,
    );
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header()?.write_image_data(&picture.rgba)?;
    Ok(())
}
