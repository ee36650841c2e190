//! The command with a double of NVIDIA's driver, which checks how it is called.

use std::path::Path;
use std::process::Command;

use fabula_render::{Gpu, GpuChoice};
use nvenc_double::{Double, LOG_VARIABLE, SCENARIO_VARIABLE, Scenario, UUID_VARIABLE};
use serde_json::Value;

use crate::films::{long_board, probe};
use crate::run::{Folder, Outcome, can_draw, command, outcome_of, tool};

const PICTURE: [&str; 4] = ["--size", "low", "--fps", "15"];
/// A frame in the middle of a segment that is not the first: see `board`.
const LOST_AT: u64 = 130;

/// Twenty seconds of film in a handful of segments.
fn board() -> String {
    long_board(4)
}

/// A command that meets the double in the place of a driver.
pub fn with_double(folder: &Folder, scenario: Scenario, args: &[&str]) -> Command {
    let mut command = command(args);
    command
        .env(fabula_encode::CUDA_LIBRARY_VARIABLE, Double::library())
        .env(fabula_encode::NVENC_LIBRARY_VARIABLE, Double::library())
        // What comes after NVENC is openh264 on every machine.
        .env(fabula_encode::VULKAN_LIBRARY_VARIABLE, "none")
        .env(SCENARIO_VARIABLE, scenario.name())
        .env(LOG_VARIABLE, folder.path("double.log"));
    command
}

fn run(folder: &Folder, scenario: Scenario, args: &[&str]) -> Outcome {
    outcome_of(with_double(folder, scenario, args))
}

fn render<'a>(board: &'a str, film: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    [&["render", board, "-o", film], &PICTURE[..], options].concat()
}

/// Lines of the double's log, none of which is a fault.
#[track_caller]
fn log(folder: &Folder) -> Vec<String> {
    let log = std::fs::read_to_string(folder.path("double.log")).unwrap_or_default();
    assert!(!log.contains("fault"), "{log}");
    log.lines().map(str::to_owned).collect()
}

/// Checks that another program decodes every frame, and that none is shown out of order.
#[track_caller]
fn assert_whole(film: &Path, frames: &str) {
    let video = &probe(film)["streams"][0];
    assert_eq!(video["nb_read_frames"], frames);
    assert_eq!(video["has_b_frames"], 0);
    assert_eq!(video["color_space"], "bt709");
    assert_eq!(video["color_range"], "tv");
    let args = [
        "-v",
        "error",
        "-show_entries",
        "frame=pict_type",
        "-of",
        "csv=p=0",
        "FILE",
    ];
    let types = String::from_utf8(tool("ffprobe", &args, film)).unwrap();
    assert!(!types.contains('B'), "{types}");
}

/// A digest of each decoded picture.
fn pictures(film: &Path) -> Vec<String> {
    let args = ["-v", "error", "-i", "FILE", "-f", "framemd5", "-"];
    let text = String::from_utf8(tool("ffmpeg", &args, film)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit(' ').next().unwrap().to_owned())
        .collect()
}

/// How many frames a film of [`board`] has.
fn frames_of(folder: &Folder, film: &str) -> String {
    let probed = probe(&folder.path(film));
    probed["streams"][0]["nb_frames"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_film_is_encoded_by_nvenc_where_it_is() {
    if !can_draw("a_film_is_encoded_by_nvenc_where_it_is") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", board());
    let (film, again) = (folder.arg("film.mp4"), folder.arg("again.mp4"));
    for (film, choice) in [(&film, "auto"), (&again, "auto")] {
        let args = render(&board, film, &["--encoder", choice]);
        let outcome = run(&folder, Scenario::Encodes, &args);
        outcome.assert_success();
        let line = outcome.last_line();
        assert!(line.contains("encoder nvenc"), "{line}");
        assert!(!line.contains("openh264"), "{line}");
    }
    let frames = frames_of(&folder, "film.mp4");
    assert_whole(&folder.path("film.mp4"), &frames);
    let bytes = |name: &str| std::fs::read(folder.path(name)).unwrap();
    assert!(bytes("film.mp4") == bytes("again.mp4"), "two films differ");
    let log = log(&folder);
    let pictures: u64 = log
        .iter()
        .filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok())
        .sum();
    assert_eq!(pictures, 2 * frames.parse::<u64>().unwrap(), "{log:?}");
}

#[test]
fn a_film_goes_on_with_openh264_when_the_device_is_lost() {
    if !can_draw("a_film_goes_on_with_openh264_when_the_device_is_lost") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", board());
    let (film, other) = (folder.arg("film.mp4"), folder.arg("other.mp4"));
    let args = render(&board, &film, &[]);
    let outcome = run(&folder, Scenario::DeviceLost(LOST_AT), &args);
    outcome.assert_success();
    let line = outcome.last_line();
    assert!(line.contains("encoder nvenc, then openh264; "), "{line}");
    let failed = format!("nvenc failed at frame {LOST_AT} (");
    assert!(line.contains(&failed), "{line}");
    assert!(line.contains("the double has lost its device"), "{line}");
    log(&folder);
    assert_eq!(folder.names(), ["board.json", "double.log", "film.mp4"]);

    let all_openh264 = render(&board, &other, &["--encoder", "openh264"]);
    run(&folder, Scenario::Encodes, &all_openh264).assert_success();
    let frames = frames_of(&folder, "other.mp4");
    assert_whole(&folder.path("film.mp4"), &frames);
    // From the frame of the failure on it is the film that openh264 makes, and before it is not.
    let [found, expected] = ["film.mp4", "other.mp4"].map(|film| pictures(&folder.path(film)));
    let (before, after) = found.split_at(LOST_AT as usize);
    assert_eq!(after, &expected[LOST_AT as usize..]);
    assert_ne!(before, &expected[..LOST_AT as usize]);

    // The same failure makes the same film.
    let bytes = std::fs::read(&film).unwrap();
    let args = render(&board, &film, &["--force"]);
    run(&folder, Scenario::DeviceLost(LOST_AT), &args).assert_success();
    assert!(std::fs::read(&film).unwrap() == bytes);

    // Lost at the first frame, nothing of nvenc is in the film.
    let args = render(&board, &film, &["--force"]);
    let outcome = run(&folder, Scenario::DeviceLost(0), &args);
    outcome.assert_success();
    let line = outcome.last_line();
    assert!(line.contains("encoder openh264; "), "{line}");
    assert!(line.contains("nvenc failed at frame 0 ("), "{line}");
    assert_whole(&folder.path("film.mp4"), &frames);
}

#[test]
fn a_session_limit_that_is_reached_on_the_way_costs_no_film() {
    if !can_draw("a_session_limit_that_is_reached_on_the_way_costs_no_film") {
        return;
    }
    let folder = Folder::new();
    let stories = folder.with("board.json", board());
    let out = folder.arg("out");
    let args = [&["batch", &stories, "-o", &out][..], &PICTURE].concat();
    // One proves the device, one makes the first segment.
    run(&folder, Scenario::Sessions(2), &args).assert_success();
    let report = std::fs::read_to_string(folder.path("out/report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let film = &report["films"][0];
    assert_eq!(film["encoder"], "nvenc, then openh264");
    let reason = film["fallbacks"][0].as_str().unwrap();
    assert!(reason.contains("no further encode session"), "{reason}");
    assert!(reason.contains("openh264 went on"), "{reason}");
    assert_whole(
        &folder.path("out/board.mp4"),
        &film["frames"].as_u64().unwrap().to_string(),
    );
    log(&folder);
}

#[test]
fn nvenc_that_was_asked_for_is_not_replaced_and_its_film_can_be_resumed() {
    if !can_draw("nvenc_that_was_asked_for_is_not_replaced_and_its_film_can_be_resumed") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", board());
    let (film, other) = (folder.arg("film.mp4"), folder.arg("other.mp4"));
    let args = render(&board, &film, &["--encoder", "nvenc", "--progress", "none"]);
    run(&folder, Scenario::DeviceLost(LOST_AT), &args).assert_failure(
        4,
        &[
            "nvenc failed at frame 130",
            "choose the encoder openh264",
            "--resume",
        ],
    );
    assert!(folder.names().contains(&".film.mp4.part".to_owned()));

    let args = [&args[..], &["--resume"]].concat();
    let outcome = run(&folder, Scenario::Encodes, &args);
    outcome.assert_success();
    assert!(outcome.last_line().contains("made earlier"), "{outcome:?}");
    let undisturbed = render(&board, &other, &["--encoder", "nvenc"]);
    run(&folder, Scenario::Encodes, &undisturbed).assert_success();
    assert!(std::fs::read(&film).unwrap() == std::fs::read(&other).unwrap());
    log(&folder);
}

#[test]
fn nvenc_that_was_asked_for_and_is_missing_ends_before_anything_is_drawn() {
    if !can_draw("nvenc_that_was_asked_for_and_is_missing_ends_before_anything_is_drawn") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", board());
    let film = folder.arg("film.mp4");
    let args = render(&board, &film, &["--encoder", "nvenc", "--progress", "none"]);
    for (scenario, part) in [
        (Scenario::NoDevice, "finds no GPU"),
        (Scenario::TooOld, "is too old"),
        (Scenario::Unsupported, "has no video encoder"),
        (Scenario::SessionLimit, "no further encode session"),
    ] {
        run(&folder, scenario, &args).assert_failure(
            4,
            &[
                "nvenc cannot be used",
                part,
                "choose the encoder openh264, with --encoder",
            ],
        );
    }
    assert_eq!(folder.names(), ["board.json"]);
}

#[test]
fn doctor_says_what_was_found_of_nvenc() {
    let folder = Folder::new();
    for (scenario, usable, part) in [
        (
            Scenario::Encodes,
            true,
            "Double 0 encodes H.264; its driver speaks NVENC 12.2",
        ),
        (Scenario::SecondDevice, true, "Double 1 encodes H.264"),
        (Scenario::NoDevice, false, "the NVIDIA driver finds no GPU"),
        (
            Scenario::TooOld,
            false,
            "it speaks NVENC 9.1, 11.1 is needed",
        ),
        (
            Scenario::Unsupported,
            false,
            "Double 0 has no video encoder",
        ),
        (
            Scenario::SessionLimit,
            false,
            "gives no further encode session",
        ),
    ] {
        let outcome = run(&folder, scenario, &["doctor", "--json"]);
        outcome.assert_success();
        let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
        let [nvenc, vulkan, openh264] = [0, 1, 2].map(|place| &report["encoders"][place]);
        assert_eq!(nvenc["name"], "nvenc");
        assert_eq!(nvenc["available"], usable, "{scenario:?}");
        assert_eq!(nvenc["used"], usable);
        assert_eq!(vulkan["available"], false, "{vulkan}");
        assert_eq!(openh264["used"], !usable);
        let reason = nvenc["reason"].as_str().unwrap();
        assert!(reason.contains(part), "{reason}");
    }
    log(&folder);
}

/// The film of a command that may leave pictures on the software GPU, where the double sees them
/// unless it says that it is another device; `None` where that GPU does not share its memory.
fn without_copies(folder: &Folder, scenario: Scenario, is_same: bool) -> Option<Outcome> {
    let uuid = Gpu::open(&GpuChoice::Cpu).ok()?.uuid()?;
    let uuid = format!("{:032x}", u128::from_be_bytes(uuid));
    let board = folder.with("board.json", board());
    let film = folder.arg("film.mp4");
    let options = ["--gpu", "cpu", "--zero-copy", "--force"];
    let mut command = with_double(folder, scenario, &render(&board, &film, &options));
    if is_same {
        command.env(UUID_VARIABLE, uuid);
    }
    Some(outcome_of(command))
}

#[test]
fn a_film_whose_pictures_stay_on_the_gpu_is_whole_and_looks_like_the_one_of_copies() {
    let name = "a_film_whose_pictures_stay_on_the_gpu_is_whole_and_looks_like_the_one_of_copies";
    if !can_draw(name) {
        return;
    }
    let folder = Folder::new();
    let Some(outcome) = without_copies(&folder, Scenario::Encodes, true) else {
        return println!("skipped: software Vulkan does not share its memory");
    };
    outcome.assert_success();
    let line = outcome.last_line();
    assert!(line.ends_with("encoder nvenc"), "{line}");
    let frames = frames_of(&folder, "film.mp4");
    assert_whole(&folder.path("film.mp4"), &frames);
    log(&folder);
    let [board, copied] = ["board.json", "copied.mp4"].map(|name| folder.arg(name));
    let args = render(&board, &copied, &["--gpu", "cpu"]);
    run(&folder, Scenario::Encodes, &args).assert_success();
    let args = [
        "-v", "error", "-i", "FILE", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-",
    ];
    let [found, expected] =
        ["film.mp4", "copied.mp4"].map(|name| tool("ffmpeg", &args, &folder.path(name)));
    assert_eq!(found.len(), expected.len());
    let steps = found
        .iter()
        .zip(&expected)
        .map(|(a, b)| u64::from(a.abs_diff(*b)));
    let mean = steps.sum::<u64>() as f64 / found.len() as f64;
    // The processor rounds colours in another way than the GPU, by a step; encoding differs then.
    assert!(mean < 1.0, "{mean}");
}

#[test]
fn pictures_are_copied_where_they_cannot_stay_on_the_gpu_and_the_reason_is_told() {
    let name = "pictures_are_copied_where_they_cannot_stay_on_the_gpu_and_the_reason_is_told";
    if !can_draw(name) {
        return;
    }
    let folder = Folder::new();
    for (scenario, is_same, encoder, reason) in [
        (Scenario::Encodes, false, "nvenc", "another GPU draws them"),
        (
            Scenario::ImportsNothing,
            true,
            "nvenc",
            "cuImportExternalMemory",
        ),
        (
            Scenario::NoDevice,
            true,
            "openh264",
            "openh264 takes copies alone",
        ),
    ] {
        let Some(outcome) = without_copies(&folder, scenario, is_same) else {
            return println!("skipped: software Vulkan does not share its memory");
        };
        outcome.assert_success();
        let line = outcome.last_line();
        assert!(line.contains(&format!("encoder {encoder}")), "{line}");
        assert!(line.contains("pictures are copied: "), "{line}");
        assert!(line.contains(reason), "{line}");
        log(&folder);
    }
    // One whose device is lost goes on with copies, for another encoder.
    let outcome = without_copies(&folder, Scenario::DeviceLost(LOST_AT), true).unwrap();
    outcome.assert_success();
    let line = outcome.last_line();
    assert!(line.contains("encoder nvenc, then openh264; "), "{line}");
    let frames = frames_of(&folder, "film.mp4");
    assert_whole(&folder.path("film.mp4"), &frames);
    log(&folder);
}
