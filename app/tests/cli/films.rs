use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use fabula_story::{Storyboard, Timeline};
use serde_json::Value;

use crate::pictures::read_png;
use crate::run::{Folder, SAMPLE_BOARD, SHORT_STORY, can_draw, command, fabula, tool};

const FPS: u32 = 15;

/// The sample with its scenes told so many times over.
pub fn long_board(times: usize) -> String {
    let mut board = Storyboard::from_json(SAMPLE_BOARD).unwrap();
    let scenes = board.scenes.clone();
    for round in 1..times {
        for scene in &scenes {
            let mut scene = scene.clone();
            scene.id = format!("r{round}.{}", scene.id);
            scene.transition.duration_s = 0.5;
            for shot in &mut scene.shots {
                shot.id = format!("r{round}.{}", shot.id);
            }
            board.scenes.push(scene);
        }
    }
    board.check().unwrap();
    board.to_json()
}

pub fn probe(film: &Path) -> Value {
    let args = [
        "-v",
        "error",
        "-count_frames",
        "-show_streams",
        "-show_format",
        "-of",
        "json",
    ];
    let mut args = args.to_vec();
    args.push("FILE");
    serde_json::from_slice(&tool("ffprobe", &args, film)).unwrap()
}

#[test]
fn a_story_becomes_a_film_that_other_programs_play() {
    if !can_draw("a_story_becomes_a_film_that_other_programs_play") {
        return;
    }
    let folder = Folder::new();
    let story = folder.with("story.txt", SHORT_STORY);
    let film = folder.arg("film.mp4");
    let args = [
        "render", &story, "-o", &film, "--size", "low", "--fps", "15",
    ];
    let outcome = fabula(&args);
    outcome.assert_success();
    for part in ["film.mp4", "x real time", "GPU", "openh264"] {
        assert!(
            outcome.last_line().contains(part),
            "`{part}` is missing: {outcome:?}"
        );
    }
    assert_eq!(folder.names(), ["film.mp4", "story.txt"]);

    let plan = fabula(&["storyboard", &story, "-o", "-"]);
    let board = Storyboard::from_json(&plan.stdout).unwrap();
    let timeline = Timeline::new(&board);
    let report = probe(&folder.path("film.mp4"));
    let video = &report["streams"][0];
    let frames = timeline.frame_count(FPS);
    assert_eq!(video["nb_read_frames"], frames.to_string());
    assert_eq!(video["codec_name"], "h264");
    assert_eq!(
        (&video["width"], &video["height"]),
        (&Value::from(320), &Value::from(240))
    );
    assert_eq!(video["avg_frame_rate"], "15/1");
    assert_eq!(video["color_space"], "bt709");
    assert_eq!(video["color_range"], "tv");
    let duration_s: f64 = report["format"]["duration"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        (duration_s - frames as f64 / f64::from(FPS)).abs() < 0.002,
        "{duration_s}"
    );
    tool(
        "ffmpeg",
        &["-v", "error", "-i", "FILE", "-f", "null", "-"],
        &folder.path("film.mp4"),
    );

    // The index stands before the frames, so that playing can begin before all is there.
    let bytes = std::fs::read(folder.path("film.mp4")).unwrap();
    let place = |name: &[u8]| bytes.windows(4).position(|window| window == name).unwrap();
    assert!(place(b"moov") < place(b"mdat"));
}

#[test]
fn the_same_film_has_the_same_bytes() {
    if !can_draw("the_same_film_has_the_same_bytes") {
        return;
    }
    let folder = Folder::new();
    let story = folder.with("story.txt", SHORT_STORY);
    let board = folder.arg("board.json");
    fabula(&["storyboard", &story, "-o", &board]).assert_success();
    let mut films = Vec::new();
    // From the story, and twice from its storyboard: one name, because nothing else may differ.
    for input in [&story, &board, &board] {
        let film = folder.arg("film.mp4");
        let args = [
            "render", input, "-o", &film, "--size", "low", "--fps", "15", "--force", "-q",
        ];
        let outcome = fabula(&args);
        outcome.assert_success();
        assert_eq!(outcome.stderr, "", "-q says nothing");
        films.push(std::fs::read(&film).unwrap());
    }
    assert!(
        films[1] == films[2],
        "two renderings of a storyboard differ"
    );
    assert!(films[0] == films[1], "a story and its storyboard differ");
}

#[test]
fn a_frame_is_the_frame_of_the_film() {
    /// What compression may change, in steps of 255: at the highest quality the mean stays far
    /// below one step in a frame that is right, and a frame a tenth of a second away differs by
    /// several.
    const MEAN_TOLERANCE: f64 = 3.0;

    if !can_draw("a_frame_is_the_frame_of_the_film") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let film = folder.arg("film.mp4");
    let size = ["--size", "640x480"];
    let mut args = vec![
        "render",
        &board,
        "-o",
        &film,
        "--fps",
        "15",
        "--quality",
        "maximum",
    ];
    args.extend(size);
    fabula(&args).assert_success();
    for number in [0u32, 20, 33, 50, 70] {
        let at_s = (f64::from(number) / f64::from(FPS)).to_string();
        let frame = folder.arg("frame.png");
        let mut args = vec!["frame", &board, "--at", &at_s, "-o", &frame];
        args.extend(size);
        fabula(&args).assert_success();
        let (_, _, drawn) = read_png(&folder.path("frame.png"));

        let select = format!("select=eq(n\\,{number}),scale=in_color_matrix=bt709:in_range=tv");
        let args = [
            "-v",
            "error",
            "-i",
            "FILE",
            "-vf",
            &select,
            "-frames:v",
            "1",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgba",
            "-",
        ];
        let filmed = tool("ffmpeg", &args, &folder.path("film.mp4"));
        assert_eq!(drawn.len(), filmed.len());
        let sum: u64 = drawn
            .iter()
            .zip(&filmed)
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        let mean = sum as f64 / (drawn.len() / 4 * 3) as f64;
        eprintln!("frame {number}: mean difference {mean:.2}");
        assert!(
            mean < MEAN_TOLERANCE,
            "frame {number}: mean difference {mean:.2}"
        );
    }
}

#[test]
fn captions_stand_in_files_of_their_own_when_asked() {
    if !can_draw("captions_stand_in_files_of_their_own_when_asked") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let film = folder.arg("film.mp4");
    let args = [
        "render", &board, "-o", &film, "--size", "low", "--fps", "15",
    ];
    fabula(&[&args[..], &["--captions", "sidecar"]].concat()).assert_success();
    assert_eq!(
        folder.names(),
        ["board.json", "film.mp4", "film.srt", "film.vtt"]
    );
    let srt = std::fs::read_to_string(folder.path("film.srt")).unwrap();
    assert!(
        srt.contains("00:00:01,400 --> 00:00:03,200\nOld Owl: Who is there?"),
        "{srt}"
    );
    tool(
        "ffprobe",
        &["-v", "error", "FILE"],
        &folder.path("film.srt"),
    );
    tool(
        "ffprobe",
        &["-v", "error", "FILE"],
        &folder.path("film.vtt"),
    );

    let clean = std::fs::read(folder.path("film.mp4")).unwrap();
    fabula(&[&args[..], &["--captions", "burned", "--force"]].concat()).assert_success();
    assert!(
        clean != std::fs::read(folder.path("film.mp4")).unwrap(),
        "captions are not drawn"
    );
}

#[test]
fn progress_is_told_in_lines_of_json() {
    if !can_draw("progress_is_told_in_lines_of_json") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let film = folder.arg("film.mp4");
    let args = [
        "render", &board, "-o", &film, "--size", "low", "--fps", "15",
    ];
    let outcome = fabula(&[&args[..], &["--progress", "json"]].concat());
    outcome.assert_success();
    let lines: Vec<Value> = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["stage"], &last["unit"]),
        (&"render".into(), &"frames".into())
    );
    assert_eq!(last["done"], last["total"]);
    assert_eq!(last["eta_s"], 0.0);
    assert!(last["fps"].as_f64().unwrap() > 0.0);
    assert!(!outcome.last_line().starts_with('{'));
}

/// Ends a render with the signal as soon as it has drawn something.
#[cfg(unix)]
fn interrupted_with(signal: &str) {
    if !can_draw("an_interrupted_render_leaves_nothing_behind") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", long_board(40));
    let film = folder.arg("film.mp4");
    let args = [
        "render",
        &board,
        "-o",
        &film,
        "--size",
        "hd",
        "--progress",
        "json",
    ];
    let mut child = command(&args).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"done\"") {
        line.clear();
        assert!(
            stderr.read_line(&mut line).unwrap() > 0,
            "it ended too early"
        );
    }
    assert!(
        folder.names().iter().any(|name| name == ".film.mp4.part"),
        "{:?}",
        folder.names()
    );
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(
        rest.lines()
            .last()
            .unwrap()
            .starts_with("fabula: interrupted"),
        "{rest}"
    );
    assert_eq!(folder.names(), ["board.json"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_render_leaves_nothing_behind() {
    interrupted_with("-INT");
    interrupted_with("-TERM");
}

/// The largest memory that a render took.
#[cfg(target_os = "linux")]
fn peak_memory_mb(folder: &Folder, board: &str, size: &str) -> u64 {
    let film = folder.arg("film.mp4");
    let args = [
        "render", board, "-o", &film, "--size", size, "--fps", "15", "--force", "-q",
    ];
    let mut child = command(&args).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0;
    let code = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak_kb = number.unwrap_or(0).max(peak_kb);
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    assert!(code.success());
    peak_kb / 1024
}

#[cfg(target_os = "linux")]
#[test]
fn memory_stays_low_in_full_hd() {
    if !can_draw("memory_stays_low_in_full_hd") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let peak_mb = peak_memory_mb(&folder, &board, "full_hd");
    eprintln!("full HD: {peak_mb} MB");
    assert!((1..400).contains(&peak_mb), "{peak_mb} MB");
}

#[cfg(target_os = "linux")]
#[test]
fn a_longer_film_takes_no_more_memory() {
    /// Allocators and drivers round generously; a kept frame of each second would be far more.
    const SLACK_MB: u64 = 24;

    if !can_draw("a_longer_film_takes_no_more_memory") {
        return;
    }
    let folder = Folder::new();
    let short = folder.with("short.json", long_board(3));
    let long = folder.with("long.json", long_board(30));
    let short_mb = peak_memory_mb(&folder, &short, "low");
    let long_mb = peak_memory_mb(&folder, &long, "low");
    eprintln!("short: {short_mb} MB, ten times as long: {long_mb} MB");
    assert!(
        long_mb <= short_mb + SLACK_MB,
        "{short_mb} MB grew to {long_mb} MB"
    );
}
