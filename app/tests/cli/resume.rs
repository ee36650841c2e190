//! Films that are broken off and taken up again.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Stdio};
use std::sync::OnceLock;

use fabula_story::Storyboard;
use serde_json::Value;

use crate::films::long_board;
use crate::run::{Folder, Outcome, can_draw, command, fabula};

const PICTURE: [&str; 4] = ["--size", "low", "--fps", "15"];

fn render<'a>(board: &'a str, film: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    [&["render", board, "-o", film], &PICTURE[..], options].concat()
}

/// Twenty seconds of film in a handful of segments.
fn board() -> String {
    long_board(4)
}

/// The film of [`board`] that was never disturbed.
fn expected() -> &'static [u8] {
    static FILM: OnceLock<Vec<u8>> = OnceLock::new();
    FILM.get_or_init(|| undisturbed(&Folder::new().with("board.json", board())))
}

/// What a render without disturbance makes of a board.
fn undisturbed(board: &str) -> Vec<u8> {
    let folder = Folder::new();
    let film = folder.arg("film.mp4");
    fabula(&render(board, &film, &[])).assert_success();
    assert_eq!(folder.names(), ["film.mp4"]);
    std::fs::read(film).unwrap()
}

fn assert_same(folder: &Folder, expected: &[u8]) {
    let found = std::fs::read(folder.path("film.mp4")).unwrap();
    assert!(
        found == expected,
        "the film differs from the undisturbed one"
    );
    assert!(!folder.names().contains(&".film.mp4.part".to_owned()));
}

type Stderr = BufReader<ChildStderr>;

/// Reads progress until `stop`, which is told how many frames are done; `false` if the run ended.
fn watch(child: &mut Child, mut stop: impl FnMut(u64) -> bool) -> (bool, Stderr) {
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    loop {
        let mut line = String::new();
        if stderr.read_line(&mut line).unwrap() == 0 {
            return (false, stderr);
        }
        let progress: Value = serde_json::from_str(&line).unwrap_or_default();
        if progress["done"].as_u64().is_some_and(&mut stop) {
            return (true, stderr);
        }
    }
}

#[test]
fn a_render_that_is_killed_again_and_again_ends_in_the_same_film() {
    if !can_draw("a_render_that_is_killed_again_and_again_ends_in_the_same_film") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", board());
    let expected = expected();
    let film = folder.arg("film.mp4");
    let args = render(&board, &film, &["--resume", "--progress", "json"]);
    let mut seed = 20_261_126_u64;
    for _ in 0..4 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let moment = seed >> 57;
        let mut child = command(&args).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = None;
        let (running, _) = watch(&mut child, |done| {
            done >= *first.get_or_insert(done) + moment
        });
        child.kill().unwrap();
        child.wait().unwrap();
        eprintln!("killed {moment} frames after its first line: {running}");
    }
    fabula(&args).assert_success();
    assert_same(&folder, expected);
}

#[cfg(unix)]
#[test]
fn after_an_interruption_the_finished_segments_are_kept_for_resume() {
    if !can_draw("after_an_interruption_the_finished_segments_are_kept_for_resume") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", long_board(40));
    let film = folder.arg("film.mp4");
    let args = render(&board, &film, &["--progress", "json"]);
    let mut child = command(&args).stderr(Stdio::piped()).spawn().unwrap();
    let manifest = folder.path(".film.mp4.part/manifest.jsonl");
    let lines = || std::fs::read_to_string(&manifest).map_or(0, |text| text.lines().count());
    let (running, mut rest) = watch(&mut child, |_| lines() >= 3);
    assert!(running, "it ended too early");
    let pid = child.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(kill.unwrap().success());
    let mut stderr = String::new();
    rest.read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{stderr}");
    let last = stderr.lines().last().unwrap();
    assert!(
        last.starts_with("fabula: interrupted") && last.contains("--resume"),
        "{last}"
    );
    assert_eq!(folder.names(), [".film.mp4.part", "board.json"]);
    assert!(lines() >= 3);

    // Another film is not mixed with what is there, and the old one not gone on with unasked.
    let short = folder.with("short.json", long_board(1));
    fabula(&render(&short, &film, &[])).assert_success();
    assert_same(&folder, &undisturbed(&short));
}

#[test]
fn a_changed_line_makes_only_its_segments_again() {
    if !can_draw("a_changed_line_makes_only_its_segments_again") {
        return;
    }
    let folder = Folder::new();
    let mut story = Storyboard::from_json(&board()).unwrap();
    let board = folder.with("board.json", story.to_json());
    let film = folder.arg("film.mp4");
    fabula(&render(&board, &film, &[])).assert_success();
    // The same once more: nothing is left to do, and nothing is replaced.
    let again = fabula(&render(&board, &film, &["--resume"]));
    again.assert_success();
    assert!(
        again.last_line().contains("of it made earlier), 0.00x"),
        "{again:?}"
    );

    let caption = story
        .scenes
        .iter_mut()
        .rev()
        .flat_map(|scene| &mut scene.shots)
        .find_map(|shot| shot.captions.first_mut())
        .unwrap();
    "Altogether different words".clone_into(&mut caption.text);
    let board = folder.with("board.json", story.to_json());
    fabula(&render(&board, &film, &["--resume"])).assert_failure(2, &["film.mp4", "--force"]);
    let changed = fabula(&render(
        &board,
        &film,
        &["--resume", "--force", "--progress", "json"],
    ));
    changed.assert_success();
    assert!(
        changed.last_line().contains("of it made earlier"),
        "{changed:?}"
    );
    let done: Vec<u64> = changed
        .stderr
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["done"].as_u64())
        .collect();
    let (first, last) = (done[0], done[done.len() - 1]);
    assert!(first * 2 > last, "most of it was there: {first} of {last}");
    assert_same(&folder, &undisturbed(&board));
}

/// Runs under a limit for the size of files, which acts as a disk that is full.
#[cfg(unix)]
fn limited(args: &[&str], limit_bytes: usize) -> Outcome {
    const BLOCK_BYTES: usize = 512;
    let binary = env!("CARGO_BIN_EXE_fabula");
    let script = format!(
        "trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"",
        limit_bytes / BLOCK_BYTES
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script, binary])
        .args(args)
        .env("XDG_RUNTIME_DIR", std::env::temp_dir())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_what_is_finished() {
    if !can_draw("a_full_disk_keeps_what_is_finished") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", board());
    let expected = expected();
    let film = folder.arg("film.mp4");
    let args = render(&board, &film, &["--resume"]);
    // At the half, and where no more than the manifest at the end is missing.
    for limit_bytes in [expected.len() / 2, expected.len() - 2000] {
        let outcome = limited(&args, limit_bytes);
        outcome.assert_failure(5, &["film.mp4", "--resume goes on"]);
        assert_eq!(folder.names(), [".film.mp4.part", "board.json"]);
    }
    let outcome = fabula(&args);
    outcome.assert_success();
    assert!(outcome.last_line().contains("made earlier"), "{outcome:?}");
    assert_same(&folder, expected);
}

#[cfg(unix)]
#[test]
fn a_folder_that_vanishes_ends_the_render() {
    if !can_draw("a_folder_that_vanishes_ends_the_render") {
        return;
    }
    let folder = Folder::new();
    let board = folder.with("board.json", long_board(40));
    std::fs::create_dir(folder.path("films")).unwrap();
    let film = folder.arg("films/film.mp4");
    let args = render(&board, &film, &["--progress", "json"]);
    let mut child = command(&args).stderr(Stdio::piped()).spawn().unwrap();
    let (running, mut rest) = watch(&mut child, |_| true);
    assert!(running, "it ended too early");
    std::fs::remove_dir_all(folder.path("films")).unwrap();
    let mut stderr = String::new();
    rest.read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5), "{stderr}");
    assert!(
        stderr
            .lines()
            .last()
            .unwrap()
            .contains("its folder was removed"),
        "{stderr}"
    );
}
