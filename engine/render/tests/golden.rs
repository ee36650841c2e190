//! Small golden pictures of every place, every emotion and every transition.
//!
//! `FABULA_UPDATE=1 cargo test -p fabula-render --test golden` draws them anew; look at them
//! before you commit them. A picture that differs is written to `target/golden` beside the
//! difference.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice, Picture};
use fabula_story::Storyboard;

/// Software drivers round differently between versions and processors, and edges then move by a
/// fraction of a pixel: a few strong differences along edges, hardly any on average. The limits are
/// a judgement, made with one driver (Mesa 22.3) on one processor, where the same picture comes
/// out the same; measure them anew when another driver is at hand.
const MEAN_LIMIT: f64 = 0.8;
const STRONG: u8 = 24;
const STRONG_SHARE_LIMIT: f64 = 0.006;

const PLACES: [(&str, &str, &str); 21] = [
    ("forest", "dusk", "clear"),
    ("sky", "day", "clear"),
    ("night", "night", "clear"),
    ("indoor", "night", "rain"),
    ("water", "dawn", "clear"),
    ("field", "day", "wind"),
    ("gradient", "day", "clear"),
    ("village", "dusk", "clear"),
    ("city", "day", "rain"),
    ("castle", "night", "clear"),
    ("garden", "day", "clear"),
    ("mountain", "dawn", "clear"),
    ("road", "day", "wind"),
    ("river", "dusk", "clear"),
    ("snow", "day", "snow"),
    ("cave", "day", "clear"),
    ("desert", "day", "clear"),
    ("ship", "day", "clear"),
    ("school", "day", "clear"),
    ("hall", "dusk", "clear"),
    ("cabin", "dawn", "rain"),
];

const TRANSITIONS: [&str; 6] = ["dissolve", "fade", "wipe", "iris", "push", "page_turn"];

const EMOTIONS: [&str; 7] = [
    "joy", "sadness", "anger", "fear", "surprise", "disgust", "neutral",
];

#[test]
fn every_place_looks_as_it_did() {
    let Some(gpu) = device() else { return };
    let pictures = PLACES.map(|(place, time, weather)| {
        (
            format!("place-{place}"),
            draw(&gpu, place, time, weather, "neutral", "wide"),
        )
    });
    check(&pictures);
}

#[test]
fn every_emotion_looks_as_it_did() {
    let Some(gpu) = device() else { return };
    let pictures = EMOTIONS.map(|emotion| {
        (
            format!("emotion-{emotion}"),
            draw(&gpu, "forest", "day", "clear", emotion, "medium"),
        )
    });
    check(&pictures);
}

#[test]
fn every_transition_looks_as_it_did() {
    let Some(gpu) = device() else { return };
    let pictures = TRANSITIONS.map(|kind| {
        let mut board: serde_json::Value =
            serde_json::from_str(&board("village", "dusk", "clear", "neutral", "wide")).unwrap();
        let mut second = board["scenes"][0].clone();
        second["id"] = "s2".into();
        second["shots"][0]["id"] = "s2.1".into();
        second["setting"]["place"] = "forest".into();
        second["transition"] = serde_json::json!({"kind": kind, "duration_s": 1.0});
        board["scenes"].as_array_mut().unwrap().push(second);
        let board = Storyboard::from_json(&board.to_string()).unwrap();
        let size = FrameSize::new(320, 180).unwrap();
        let mut film = Film::new(&gpu, &board, size, FilmOptions::default()).unwrap();
        (format!("transition-{kind}"), film.still(8.45).unwrap())
    });
    check(&pictures);
}

#[test]
fn a_transition_begins_with_the_old_picture_and_ends_with_the_new_one() {
    let Some(gpu) = device() else { return };
    for kind in TRANSITIONS {
        let mut board: serde_json::Value =
            serde_json::from_str(&board("snow", "day", "clear", "neutral", "wide")).unwrap();
        board["scenes"][0]["shots"][0]["actors"] = serde_json::json!([]);
        board["scenes"][0]["shots"][0]["speech"] = serde_json::json!([]);
        board["scenes"][0]["shots"][0]["captions"] = serde_json::json!([]);
        let mut second = board["scenes"][0].clone();
        second["id"] = "s2".into();
        second["shots"][0]["id"] = "s2.1".into();
        second["setting"]["place"] = "cave".into();
        second["transition"] = serde_json::json!({"kind": kind, "duration_s": 1.0});
        board["scenes"].as_array_mut().unwrap().push(second);
        let board = Storyboard::from_json(&board.to_string()).unwrap();
        let size = FrameSize::new(320, 180).unwrap();
        let mut film = Film::new(&gpu, &board, size, FilmOptions::default()).unwrap();
        let mut mean = |one: f64, other: f64| {
            let pair = [one, other].map(|time_s| film.still(time_s).unwrap().rgba);
            let differences = pair[0]
                .iter()
                .zip(&pair[1])
                .map(|(a, b)| u64::from(a.abs_diff(*b)));
            differences.sum::<u64>() as f64 / pair[0].len() as f64
        };
        assert!(mean(7.9, 8.0) < 3.0, "{kind} begins with a jump");
        assert!(mean(9.0, 8.9999) < 3.0, "{kind} ends with a jump");
        assert!(mean(7.9, 9.1) > 20.0, "the places are too much alike");
    }
}

#[test]
fn a_picture_does_not_depend_on_those_drawn_before_it() {
    let Some(gpu) = device() else { return };
    let size = FrameSize::new(320, 180).unwrap();
    for (place, time, weather, framing) in [
        ("indoor", "night", "storm", "wide"),
        ("indoor", "day", "snow", "medium"),
        ("water", "day", "clear", "wide"),
        ("field", "dawn", "clear", "full"),
    ] {
        let board = Storyboard::from_json(&board(place, time, weather, "joy", framing)).unwrap();
        let film = || Film::new(&gpu, &board, size, FilmOptions::default()).unwrap();
        let mut played = film();
        // From the easing of the mood into its rest, past what lives on the set.
        for frame in 36..54 {
            let time_s = f64::from(frame) / 24.0;
            let picture = played.still(time_s).unwrap();
            if frame % 7 == 0 || frame == 53 {
                let alone = film().still(time_s).unwrap();
                let same = picture.rgba == alone.rgba;
                assert!(same, "{place} {weather} {framing} at {time_s} s");
            }
        }
    }
}

#[test]
fn what_drifts_into_the_picture_of_a_camera_that_holds_is_drawn() {
    let Some(gpu) = device() else { return };
    let size = FrameSize::new(320, 180).unwrap();
    let mut long =
        Storyboard::from_json(&board("ship", "day", "clear", "neutral", "wide")).unwrap();
    let shot = &mut long.scenes[0].shots[0];
    shot.duration_s = 12.0;
    shot.actors.clear();
    shot.speech.clear();
    shot.captions.clear();
    // The same, as two shots: the second begins when most has drifted.
    let mut cut = long.clone();
    let shots = &mut cut.scenes[0].shots;
    let mut second = shots[0].clone();
    (second.id, second.duration_s) = ("s1.2".to_owned(), 1.0);
    shots[0].duration_s = 11.0;
    shots.push(second);
    let still = |board: &Storyboard| {
        let mut film = Film::new(&gpu, board, size, FilmOptions::default()).unwrap();
        film.still(12.5).unwrap()
    };
    let share = compare(&still(&cut), &still(&long)).strong_share;
    assert!(share < 0.0015, "{share}");
}

#[test]
fn a_film_with_the_kit_of_another_looks_the_same() {
    let Some(gpu) = device() else { return };
    let read = |place, emotion| {
        Storyboard::from_json(&board(place, "day", "clear", emotion, "medium")).unwrap()
    };
    let (first, mut second) = (read("forest", "joy"), read("water", "sadness"));
    second.cast.reverse();
    let [small, large] = [(160, 90), (320, 180)].map(|(w, h)| FrameSize::new(w, h).unwrap());
    let options = FilmOptions::default();
    let mut before = Film::new(&gpu, &first, small, options).unwrap();
    before.still(4.5).unwrap();
    let mut reusing = Film::with_kit(&gpu, before.into_kit(), &second, large, options).unwrap();
    let mut alone = Film::new(&gpu, &second, large, options).unwrap();
    for time_s in [1.0, 4.5] {
        let same = reusing.still(time_s).unwrap() == alone.still(time_s).unwrap();
        assert!(same, "at {time_s} s");
    }
}

#[test]
fn what_is_drawn_ahead_between_frames_looks_the_same() {
    let Some(gpu) = device() else { return };
    // Large enough for a sketch of the plates.
    let size = FrameSize::new(960, 540).unwrap();
    for (place, time, weather, framing) in [
        ("indoor", "night", "storm", "wide"),
        ("field", "dawn", "clear", "close"),
    ] {
        let board = Storyboard::from_json(&board(place, time, weather, "joy", framing)).unwrap();
        let film = || Film::new(&gpu, &board, size, FilmOptions::default()).unwrap();
        let mut alone = film();
        let [card, shot] = [0.5, 1.0].map(|time_s| alone.still(time_s).unwrap());
        for stops_after in [0, 9, usize::MAX] {
            let mut played = film();
            assert!(played.still(0.5).unwrap() == card);
            let mut steps = 0;
            while played.has_more_ahead(0.5) && steps < stops_after {
                played.draw_ahead(0.5).unwrap();
                steps += 1;
            }
            assert!(steps == stops_after || steps > 9, "{steps} steps");
            assert!(played.still(0.5).unwrap() == card, "{place}: the card");
            let same = played.still(1.0).unwrap() == shot;
            assert!(same, "{place} {framing}, after {steps} steps");
        }
    }
}

fn device() -> Option<Gpu> {
    match Gpu::open(&GpuChoice::Cpu) {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    }
}

fn draw(
    gpu: &Gpu,
    place: &str,
    time: &str,
    weather: &str,
    emotion: &str,
    framing: &str,
) -> Picture {
    let board = Storyboard::from_json(&board(place, time, weather, emotion, framing)).unwrap();
    let size = FrameSize::new(320, 180).unwrap();
    let mut film = Film::new(gpu, &board, size, FilmOptions::default()).unwrap();
    film.still(4.5).unwrap()
}

/// A girl and a fox speaking in one shot, three seconds after a card without words.
fn board(place: &str, time: &str, weather: &str, emotion: &str, framing: &str) -> String {
    let indoor = place == "indoor";
    let feel =
        format!(r#"[{{"at_s": 0.0, "kind": "feel", "emotion": "{emotion}", "intensity": 0.9}}]"#);
    format!(
        r##"{{
  "format": "fabula.storyboard/1",
  "title": "Golden",
  "cast": [
    {{"id": "girl", "name": "Nell", "color": "#ff9d8a", "look": {{
      "being": "human", "age": "child", "skin": "#ffdcb1", "hair": "#8b4513", "eyes": "#3f6b3a",
      "hair_style": "short", "outfit": "dress", "outfit_color": "#c0392b",
      "accent_color": "#f6ae2d", "accessories": [], "height": 1.0}}}},
    {{"id": "fox", "name": "Fox", "color": "#ffb050", "look": {{
      "being": "fox", "age": "adult", "skin": "#e27829", "hair": "#fff0dc", "eyes": "#6b4a1e",
      "hair_style": "short", "outfit": "none", "outfit_color": "#2e86ab",
      "accent_color": "#f6ae2d", "accessories": [], "height": 1.0}}}}
  ],
  "opening": {{"title": " ", "duration_s": 1.0,
    "transition": {{"kind": "cut", "duration_s": 0.0}}}},
  "scenes": [{{
    "id": "s1",
    "setting": {{"place": "{place}", "time": "{time}", "weather": "{weather}", "indoor": {indoor}}},
    "backdrop": {{"kind": "scene_based"}},
    "seed": 7,
    "transition": {{"kind": "cut", "duration_s": 0.0}},
    "shots": [{{
      "id": "s1.1", "duration_s": 8.0, "framing": "{framing}", "camera": "hold",
      "mood": {{"emotion": "{emotion}", "intensity": 0.9}},
      "actors": [
        {{"role": "girl", "x": -0.24, "facing": "right", "pose": "stand", "cues": {feel}}},
        {{"role": "fox", "x": 0.24, "facing": "left", "pose": "stand", "cues": {feel}}}
      ],
      "speech": [{{"role": "fox", "text": "Oh", "start_s": 3.0, "duration_s": 1.5,
        "mouth": [{{"at_s": 0.0, "shape": "E"}}]}}],
      "captions": [{{"start_s": 1.0, "duration_s": 6.0, "role": "fox", "text": "“Oh!”"}}]
    }}]
  }}],
  "closing": {{"title": " ", "duration_s": 1.0,
    "transition": {{"kind": "cut", "duration_s": 0.0}}}}
}}"##
    )
}

fn check(pictures: &[(String, Picture)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("FABULA_UPDATE").is_some();
    let mut failures = Vec::new();
    for (name, picture) in pictures {
        let path = folder.join(format!("{name}.png"));
        if update {
            write_png(&path, picture);
            continue;
        }
        let golden = read_png(&path);
        let difference = compare(&golden, picture);
        println!(
            "{name}: mean difference {:.3}, strong in {:.3}%",
            difference.mean,
            difference.strong_share * 100.0
        );
        if difference.mean > MEAN_LIMIT || difference.strong_share > STRONG_SHARE_LIMIT {
            let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("golden");
            fs::create_dir_all(&out).unwrap();
            write_png(&out.join(format!("{name}.png")), picture);
            write_png(
                &out.join(format!("{name}.difference.png")),
                &difference.picture,
            );
            failures.push(format!("{name} (see {})", out.display()));
        }
    }
    assert!(
        failures.is_empty(),
        "these pictures have changed: {}",
        failures.join(", ")
    );
}

struct Difference {
    mean: f64,
    strong_share: f64,
    picture: Picture,
}

fn compare(golden: &Picture, actual: &Picture) -> Difference {
    assert_eq!((golden.width, golden.height), (actual.width, actual.height));
    let pairs = golden.rgba.iter().zip(&actual.rgba);
    let rgba: Vec<u8> = pairs
        .enumerate()
        .map(|(index, (a, b))| if index % 4 == 3 { 255 } else { a.abs_diff(*b) })
        .collect();
    let colors = || rgba.chunks_exact(4).flat_map(|pixel| &pixel[..3]);
    let count = colors().count() as f64;
    Difference {
        mean: colors().map(|d| f64::from(*d)).sum::<f64>() / count,
        strong_share: colors().filter(|d| **d > STRONG).count() as f64 / count,
        picture: Picture { rgba, ..*golden },
    }
}

fn write_png(path: &Path, picture: &Picture) {
    let file = std::io::BufWriter::new(fs::File::create(path).unwrap());
    let mut encoder = png::Encoder::new(file, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let rgb: Vec<u8> = picture
        .rgba
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&rgb)
        .unwrap();
}

fn read_png(path: &Path) -> Picture {
    let file = fs::File::open(path).unwrap_or_else(|error| {
        panic!("{}: {error}; draw it with FABULA_UPDATE=1", path.display())
    });
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    let rgba = rgb
        .chunks_exact(3)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255])
        .collect();
    Picture {
        width: info.width,
        height: info.height,
        rgba,
    }
}
