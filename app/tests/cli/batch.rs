//! Many films at once.

use serde_json::Value;

use crate::run::{Folder, SAMPLE_BOARD, can_draw, command, fabula};

const PICTURE: [&str; 4] = ["--size", "low", "--fps", "15"];

fn batch(inputs: &[&str], out: &str, options: &[&str]) -> crate::run::Outcome {
    fabula(&[&["batch"], inputs, &["-o", out], &PICTURE[..], options].concat())
}

fn report(folder: &Folder) -> Value {
    let text = std::fs::read_to_string(folder.path("out/report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn states(report: &Value) -> Vec<&str> {
    let films = report["films"].as_array().unwrap();
    films
        .iter()
        .map(|film| film["state"].as_str().unwrap())
        .collect()
}

#[test]
fn a_batch_makes_each_film_as_render_does_and_a_failure_stays_alone() {
    if !can_draw("a_batch_makes_each_film_as_render_does_and_a_failure_stays_alone") {
        return;
    }
    let folder = Folder::new();
    std::fs::create_dir(folder.path("tales")).unwrap();
    let board = folder.with("tales/one.json", SAMPLE_BOARD);
    folder.with("tales/empty.txt", "");
    let other = SAMPLE_BOARD.replacen("\"seed\": 7", "\"seed\": 8", 1);
    folder.with("tales/two.json", other);
    let (tales, out) = (folder.arg("tales"), folder.arg("out"));
    let outcome = batch(&[&tales], &out, &["--jobs", "2", "--progress", "json"]);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    let last = outcome.last_line();
    assert!(
        last.contains("3 films: 2 made, 1 failed") && last.contains("report.html"),
        "{last}"
    );
    let wholes: Vec<Value> = outcome
        .stderr
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let stage = |name: &'static str| wholes.iter().filter(move |line| line["stage"] == name);
    let last = stage("batch").next_back().unwrap();
    assert_eq!((&last["done"], &last["failed"]), (&3.into(), &1.into()));
    for film in ["one.mp4", "two.mp4"] {
        let mut frames = stage("render").filter(|line| line["film"] == film);
        let last = frames.next_back().unwrap();
        assert_eq!((&last["done"], &last["items"]), (&last["total"], &3.into()));
    }

    let told = report(&folder);
    assert_eq!(told["format"], "fabula.batch/1");
    assert_eq!(states(&told), ["failed", "made", "made"]);
    assert_eq!(told["films"][0]["exit_code"], 3);
    assert!(
        told["films"][0]["error"]
            .as_str()
            .unwrap()
            .contains("empty.txt")
    );
    let page = std::fs::read_to_string(folder.path("out/report.html")).unwrap();
    for stem in ["one", "two"] {
        assert!(page.contains(&format!("href=\"{stem}.mp4\"")), "{page}");
        let (width, height, _) =
            crate::pictures::read_png(&folder.path(&format!("out/report/{stem}.png")));
        assert_eq!((width, height), (320, 240));
    }

    let alone = folder.arg("alone.mp4");
    fabula(&[&["render", &board, "-o", &alone], &PICTURE[..]].concat()).assert_success();
    let bytes = std::fs::read(folder.path("out/one.mp4")).unwrap();
    assert!(
        bytes == std::fs::read(&alone).unwrap(),
        "a batch makes another film"
    );

    // What is there is refused without being asked for, kept with --resume, and never made twice.
    let refused = batch(&[&board], &out, &[]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("one.mp4 exists already"),
        "{refused:?}"
    );
    let list = "[[films]]\nstory = \"tales/one.json\"\n[[films]]\nstory = \"tales/one.json\"\n\
        title = \"Again\"\noutput = \"again\"\ncaptions = \"sidecar\"\n";
    let list = folder.with("list.toml", list);
    let resumed = batch(&[&list], &out, &["--resume"]);
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert_eq!(states(&report(&folder)), ["kept", "made"]);
    assert!(
        resumed.last_line().contains("1 made, 1 there already"),
        "{resumed:?}"
    );
    assert!(folder.path("out/again.srt").is_file());
    // Captions are someone's work, too.
    std::fs::remove_file(folder.path("out/again.mp4")).unwrap();
    let refused = batch(&[&list], &out, &[]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("again.srt exists already"),
        "{refused:?}"
    );
    assert!(bytes == std::fs::read(folder.path("out/one.mp4")).unwrap());
}

#[cfg(unix)]
#[test]
fn an_interrupted_batch_leaves_a_report_of_what_is_still_to_do() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    if !can_draw("an_interrupted_batch_leaves_a_report_of_what_is_still_to_do") {
        return;
    }
    let folder = Folder::new();
    let long = folder.with("long.json", crate::films::long_board(40));
    let short = folder.with("short.json", SAMPLE_BOARD);
    let out = folder.arg("out");
    let inputs = ["batch", &short, &long, "-o", &out, "--progress", "json"];
    let mut child = command(&[&inputs, &PICTURE[..]].concat())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("long.mp4") {
        line.clear();
        assert!(
            stderr.read_line(&mut line).unwrap() > 0,
            "it ended too early"
        );
    }
    let pid = child.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(kill.unwrap().success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    let last = rest.lines().last().unwrap();
    assert!(
        last.contains("--resume") && last.contains("1 made, 1 not made yet"),
        "{last}"
    );
    assert_eq!(states(&report(&folder)), ["made", "waiting"]);
}

#[test]
fn a_batch_of_nothing_is_refused_before_anything_is_made() {
    let folder = Folder::new();
    let out = folder.arg("out");
    fabula(&["batch", "-o", &out]).assert_failure(2, &["INPUT"]);
    let nothing = folder.arg("*.txt");
    fabula(&["batch", &nothing, "-o", &out]).assert_failure(3, &["no file fits"]);
    let list = folder.with("list.toml", "[[films]]\nstory = \"a.txt\"\nfps = 23\n");
    fabula(&["batch", &list, "-o", &out]).assert_failure(2, &["a.txt", "fps"]);
    assert_eq!(folder.names(), ["list.toml"]);
}
