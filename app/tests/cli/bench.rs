use serde_json::Value;

use crate::run::{Folder, SAMPLE_BOARD, SHORT_STORY, can_draw, command, outcome_of};

/// `fabula bench` on a short stretch of small film, with its temporary files in `folder`.
fn bench(folder: &Folder, args: &[&str]) -> crate::run::Outcome {
    let mut args = args.to_vec();
    args.extend(["--seconds", "2", "--size", "low", "--fps", "15"]);
    let mut command = command(&[&["bench"], args.as_slice()].concat());
    command.env("TMPDIR", folder.path("tmp"));
    outcome_of(command)
}

#[test]
fn each_stage_and_the_pipeline_are_measured_and_nothing_is_left() {
    if !can_draw("each_stage_and_the_pipeline_are_measured_and_nothing_is_left") {
        return;
    }
    let folder = Folder::new();
    let story = folder.with("story.txt", SHORT_STORY);
    std::fs::create_dir(folder.path("tmp")).unwrap();
    let outcome = bench(&folder, &[&story, "--json", "--encoder", "openh264"]);
    outcome.assert_success();
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["format"], "fabula.bench/1");
    assert_eq!(report["size"], "320x240");
    assert_eq!(report["encoder"], "openh264");
    assert_eq!(report["reading"]["words"], 22);
    let frames = report["frames"].as_u64().unwrap();
    assert!((15..=30).contains(&frames), "{frames}");

    let number = |value: &Value| value.as_f64().unwrap();
    let stages = report["stages"].as_array().unwrap();
    let names: Vec<&str> = stages.iter().map(|s| s["name"].as_str().unwrap()).collect();
    // A GPU converts as it draws.
    if report["bound"]["by"] == "cpu" {
        assert_eq!(names, ["draw", "convert", "encode", "mux"]);
        let work: f64 = stages.iter().map(|stage| number(&stage["cpu_s"])).sum();
        let allowed = frames as f64 * number(&report["cores"]) / work;
        let told = number(&report["bound"]["frames_per_s"]);
        assert!((told / allowed - 1.0).abs() < 0.05, "{told}, {allowed}");
    }
    let pipeline = &report["pipeline"];
    let speed = number(&pipeline["frames_per_s"]);
    let efficiency = speed / number(&report["bound"]["frames_per_s"]);
    assert!((number(&report["efficiency"]) / efficiency - 1.0).abs() < 0.01);
    assert!(number(&pipeline["size_bytes"]) > 1000.0);
    assert!(
        std::fs::read_dir(folder.path("tmp"))
            .unwrap()
            .next()
            .is_none()
    );
}

#[test]
fn a_storyboard_is_measured_without_a_reading() {
    if !can_draw("a_storyboard_is_measured_without_a_reading") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    std::fs::create_dir(folder.path("tmp")).unwrap();
    let outcome = bench(&folder, &[&board]);
    outcome.assert_success();
    for part in [
        "320x240",
        "draw",
        "encode",
        "mux",
        "efficiency",
        "real time",
    ] {
        assert!(outcome.stdout.contains(part), "`{part}`: {outcome:?}");
    }
    assert!(!outcome.stdout.contains("words/s"), "{outcome:?}");
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("tmp")).unwrap();
    let missing = folder.arg("gone.txt");
    bench(&folder, &[&missing]).assert_failure(3, &["gone.txt"]);
    let outcome = outcome_of(command(&["bench", "--seconds", "0.5"]));
    outcome.assert_failure(2, &["seconds from 1 to 36000"]);
    std::fs::remove_dir(folder.path("tmp")).unwrap();
    bench(&folder, &[]).assert_failure(5, &["tmp"]);
}
