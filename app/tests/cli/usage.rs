use crate::run::{Folder, SAMPLE_BOARD, SHORT_STORY, command, fabula, outcome_of};

#[test]
fn wrong_usage_ends_with_code_2_and_one_sentence() {
    for (args, part) in [
        (&[] as &[&str], "command"),
        (&["fly"], "fly"),
        (&["render"], "-o"),
        (&["render", "a.txt"], "--output"),
        (
            &["render", "a.txt", "-o", "a.mp4", "--size", "huge"],
            "huge",
        ),
        (
            &["render", "a.txt", "-o", "a.mp4", "--size", "641x480"],
            "641x480",
        ),
        (
            &["render", "a.txt", "-o", "a.mp4", "--size", "8000x8000"],
            "8000x8000",
        ),
        (&["render", "a.txt", "-o", "a.mp4", "--fps", "23"], "24"),
        (
            &["render", "a.txt", "-o", "a.mp4", "--quality", "best"],
            "maximum",
        ),
        (
            &["render", "a.txt", "-o", "a.mp4", "--bitrate", "fast"],
            "5000k",
        ),
        (
            &["render", "a.txt", "-o", "a.mp4", "--encoder", "x264"],
            "openh264",
        ),
        (
            &["render", "a.txt", "-o", "a.mp4", "--captions", "big"],
            "sidecar",
        ),
        (&["render", "a.txt", "-o", "a.mp4", "--gpu", ""], "--gpu"),
        (&["render", "a.txt", "-o", "a.mp4", "--fsp", "24"], "--fsp"),
        (
            &["render", "a.txt", "-o", "a.mp4", "--progress", "loud"],
            "json",
        ),
        (&["render", "a.txt", "b.txt", "-o", "a.mp4"], "b.txt"),
        (&["frame", "a.txt", "-o", "a.png"], "--at"),
        (&["frame", "a.txt", "-o", "a.png", "--at", "-1"], "-1"),
        (&["frame", "a.txt", "-o", "a.png", "--at", "NaN"], "seconds"),
        (&["avatar", "a.txt", "-o", "a.png"], "--name"),
        (
            &[
                "avatar", "a.txt", "-o", "a.png", "--name", "A", "--size", "9",
            ],
            "16",
        ),
        (
            &[
                "avatar",
                "a.txt",
                "-o",
                "a.png",
                "--name",
                "A",
                "--emotion",
                "envy",
            ],
            "disgust",
        ),
        (&["phones"], "TEXT"),
        (&["doctor", "-q", "-v"], "--quiet"),
    ] {
        let outcome = fabula(args);
        outcome.assert_failure(2, &[part, "fabula --help"]);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for args in [
        &["--help"] as &[&str],
        &["render", "--help"],
        &["--version"],
        &["help"],
    ] {
        let outcome = fabula(args);
        outcome.assert_success();
        assert!(
            outcome.stdout.contains("fabula") && outcome.stderr.is_empty(),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_film_or_storyboard_that_exists_is_not_replaced_unasked() {
    let folder = Folder::new();
    let story = folder.with("a.txt", SHORT_STORY);
    let board = folder.with("board.json", "edited by hand");
    let film = folder.with("film.mp4", "dear");
    fabula(&["storyboard", &story, "-o", &board]).assert_failure(2, &[&board, "--force"]);
    fabula(&["render", &story, "-o", &film]).assert_failure(2, &[&film, "--force"]);
    assert_eq!(std::fs::read_to_string(&board).unwrap(), "edited by hand");
    assert_eq!(std::fs::read_to_string(&film).unwrap(), "dear");
    fabula(&["storyboard", &story, "-o", &board, "--force"]).assert_success();
    assert!(
        std::fs::read_to_string(&board)
            .unwrap()
            .contains("fabula.storyboard/1")
    );
}

#[test]
fn captions_that_exist_are_not_replaced_unasked() {
    let folder = Folder::new();
    let story = folder.with("a.json", SAMPLE_BOARD);
    let captions = folder.with("film.srt", "edited by hand");
    let film = folder.arg("film.mp4");
    fabula(&["render", &story, "-o", &film, "--captions", "sidecar"])
        .assert_failure(2, &[&captions, "--force"]);
    assert_eq!(folder.names(), ["a.json", "film.srt"]);
}

#[test]
fn an_output_that_cannot_be_written_ends_with_code_5() {
    let folder = Folder::new();
    let story = folder.with("a.txt", SHORT_STORY);
    let nowhere = folder.arg("no/such/folder/out");
    let itself = folder.arg("");
    for path in [&nowhere, &itself] {
        fabula(&["render", &story, "-o", path]).assert_failure(5, &[path]);
        fabula(&["storyboard", &story, "-o", path]).assert_failure(5, &[path]);
        fabula(&["frame", &story, "--at", "1", "-o", path]).assert_failure(5, &[path]);
    }
    assert_eq!(folder.names(), ["a.txt"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_file_is_never_replaced() {
    let folder = Folder::new();
    let story = folder.with("a.txt", SHORT_STORY);
    fabula(&["storyboard", &story, "-o", "/dev/null", "--force"]).assert_failure(5, &["/dev/null"]);
    fabula(&["frame", &story, "--at", "1", "-o", "/dev/null"]).assert_failure(5, &["/dev/null"]);
}

#[test]
fn an_encoder_or_gpu_that_is_not_here_ends_with_code_4() {
    let folder = Folder::new();
    let story = folder.with("a.txt", SHORT_STORY);
    let film = folder.arg("film.mp4");
    fabula(&["render", &story, "-o", &film, "--gpu", "Voodoo 9000"])
        .assert_failure(4, &["Voodoo 9000", "--gpu"]);
    assert_eq!(folder.names(), ["a.txt"]);
    let mut by_vulkan = command(&["render", &story, "-o", &film, "--encoder", "vulkan"]);
    by_vulkan.env(fabula_encode::VULKAN_LIBRARY_VARIABLE, "none");
    let parts = ["vulkan cannot be used", "choose the encoder openh264"];
    outcome_of(by_vulkan).assert_failure(4, &parts);
    assert_eq!(folder.names(), ["a.txt"]);
}

#[test]
fn errors_become_json_when_logs_do() {
    let outcome = fabula(&["--log-format", "json", "analyze", "no-such-file.txt"]);
    assert_eq!(outcome.code, Some(3));
    let line: serde_json::Value = serde_json::from_str(outcome.last_line()).unwrap();
    assert_eq!(line["level"], "ERROR");
    assert!(
        line["message"]
            .as_str()
            .unwrap()
            .contains("no-such-file.txt"),
        "{line}"
    );
}

#[test]
fn the_doctor_gives_a_reason_for_every_choice() {
    let outcome = fabula(&["doctor", "--json"]);
    outcome.assert_success();
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    for list in ["gpus", "encoders"] {
        let entries = report[list].as_array().unwrap();
        let used = entries.iter().filter(|entry| entry["used"] == true).count();
        assert_eq!(used, usize::from(!entries.is_empty()), "{report:#}");
        for entry in entries {
            assert!(!entry["reason"].as_str().unwrap().is_empty(), "{entry}");
        }
    }
    assert_eq!(report["reading"]["method"], "networks");
    assert!(report["cpu"]["threads"].as_u64().unwrap() > 0);

    let text = fabula(&["doctor"]);
    text.assert_success();
    assert!(text.stdout.contains("openh264"), "{}", text.stdout);
}

#[test]
fn a_line_of_speech_is_told_in_phones_and_mouths() {
    let outcome = fabula(&["phones", "Bob", "--json"]);
    outcome.assert_success();
    let line: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(line["phones"][0]["phone"], "B");
    assert_eq!(line["shapes"][0]["shape"], "A");
    let table = fabula(&["phones", "Bob"]);
    table.assert_success();
    assert!(table.stdout.contains("AA1"), "{}", table.stdout);
}
