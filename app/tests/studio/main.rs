//! The studio as it runs: the real program, its films, and the page in a real browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod browser;
mod looks;
mod program;
mod uploads;
mod walk;

use serde_json::{Value, json};

use program::{Program, STORY, can_draw};

#[test]
fn a_studio_that_is_killed_makes_every_film_when_it_is_started_again() {
    if !can_draw("a_studio_that_is_killed") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Program::start(folder.path());
    let analysis = studio.post("/api/analyses", &json!({"text": STORY}));
    let options = json!({"size": "low", "fps": 30, "quality": "draft"});
    let order = json!({"analysis": analysis["id"], "options": options});
    let ids = [(); 3].map(|()| studio.post("/api/films", &order)["id"].clone());
    let path = |id: &Value| format!("/api/films/{}", id.as_str().unwrap());
    // Each is drawn once until the studio is killed.
    for id in &ids {
        studio.wait(&path(id), |film| film["frames"]["done"].as_u64() > Some(2));
        studio.kill();
        studio = Program::start(folder.path());
    }
    for id in &ids {
        let film = path(id);
        let made = studio.wait(&film, |film| {
            film["state"] != "queued" && film["state"] != "rendering"
        });
        assert_eq!(made["state"], "done", "{made}");
        let video = studio.bytes(&format!("{film}/film.mp4"));
        assert_eq!(&video[4..8], b"ftyp");
        assert_eq!(made["size_bytes"], video.len());
    }
    // None is lost, and none is there twice.
    let films = studio.get("/api/films")["films"].clone();
    let mut listed: Vec<_> = films
        .as_array()
        .unwrap()
        .iter()
        .map(|film| &film["id"])
        .collect();
    let mut ordered: Vec<_> = ids.iter().collect();
    listed.sort_by_key(|id| id.as_str());
    ordered.sort_by_key(|id| id.as_str());
    assert_eq!(listed, ordered);
    let kept = std::fs::read_dir(folder.path().join("films")).unwrap();
    assert_eq!(kept.count(), 3);
}

/// A story of words that are in no message of the program, with a place that has no set and somebody
/// who has no drawing.
const SECRET: &str = "Zebulina and the Marzipan\n\nZebulina the wombat trudged through the quagmire. \
    \"Whoever swallowed my marzipan?\" bellowed Zebulina. \"Honestly, nobody,\" giggled Thaddeus \
    the armadillo, and munched.\n";

#[test]
fn a_log_tells_what_is_done_and_no_word_of_what_the_story_is_about() {
    if !can_draw("a_log_tells_what_is_done") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Program::start_with(folder.path(), &["-vv"]);
    let (status, answer) = studio.upload("Zebulina.txt", SECRET.as_bytes());
    assert_eq!(status, 201);
    let analysis: Value = serde_json::from_slice(&answer).unwrap();
    let place = format!("/api/analyses/{}", analysis["id"].as_str().unwrap());
    let corrections = json!({"scenes": [{"index": 0, "place": "quagmire"}]});
    studio.patch(&place, &corrections);
    let board = format!("{place}/storyboard");
    let mut cast = studio.get(&board)["cast"].clone();
    cast[0]["look"]["being"] = "jabberwock".into();
    cast[0]["look"]["accessories"] = json!(["stovepipe"]);
    studio.patch(&board, &json!({"cast": cast}));
    let role = cast[0]["id"].as_str().unwrap();
    studio.bytes(&format!("{place}/portraits/{role}"));
    let options = json!({"size": "low", "fps": 15, "quality": "draft"});
    let order = json!({"analysis": analysis["id"], "options": options});
    let film = studio.post("/api/films", &order)["id"].clone();
    let film = format!("/api/films/{}", film.as_str().unwrap());
    let made = studio.wait(&film, |film| film["state"] == "done");
    assert_eq!(made["title"], "Zebulina and the Marzipan");
    // What went wrong with it is told, and not what it is about.
    studio.kill();
    let file = film.replacen("/api", ".", 1) + "/film.mp4";
    std::fs::remove_file(folder.path().join(file)).unwrap();
    let studio = Program::start_with(folder.path(), &["-vv"]);
    assert_eq!(studio.get(&film)["state"], "failed");
    let log = std::fs::read_to_string(folder.path().join("logs/fabula.log")).unwrap();
    for part in [
        "nlp.processing",
        "video.generation",
        "web.interface",
        "system.performance",
        "error.handling",
        // What could name the place and the being.
        "a place has no set",
        "drawn as the generic creature",
    ] {
        assert!(log.contains(part), "{part} is not in {log}");
    }
    let log = log.to_lowercase();
    let words = SECRET.split(|c: char| !c.is_alphabetic());
    let words = words.filter(|word| word.chars().count() > 4);
    for secret in words.chain(["jabberwock", "stovepipe", "127.0.0.1"]) {
        assert!(
            !log.contains(&secret.to_lowercase()),
            "{secret} is in {log}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_studio_that_is_asked_to_end_ends_in_good_order_and_its_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("studio.toml");
    std::fs::write(&config, "log_dir = \"kept\"\nqueue = 5\n").unwrap();
    let options = ["--config", config.to_str().unwrap()];
    let data = folder.path().join("data");
    let mut studio = Program::start_with(&data, &options);
    studio.get("/api/limits");
    assert!(studio.end().success());
    let log = std::fs::read_to_string(folder.path().join("kept/fabula.log")).unwrap();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.iter().all(|line| line["timestamp"].is_string()));
    let targets: Vec<_> = lines.iter().map(|line| &line["target"]).collect();
    for target in ["web.interface", "system.performance"] {
        assert!(targets.contains(&&Value::from(target)), "{log}");
    }
    assert!(log.contains("the studio is closed"), "{log}");
}

#[test]
fn containers_are_named_by_this_version_of_the_program() {
    let name = concat!("fabula-studio:", env!("CARGO_PKG_VERSION"));
    for (file, text) in [
        ("Dockerfile", include_str!("../../../deploy/Dockerfile")),
        ("compose.yaml", include_str!("../../../deploy/compose.yaml")),
        (
            "kubernetes.yaml",
            include_str!("../../../deploy/kubernetes.yaml"),
        ),
        (
            "studio-operation.md",
            include_str!("../../../docs/studio-operation.md"),
        ),
    ] {
        assert!(text.contains(name), "{file} does not name {name}");
    }
}

/// What `deploy/` sets of the studio.
const DEPLOYED: [&str; 4] = [
    include_str!("../../../deploy/Dockerfile"),
    include_str!("../../../deploy/compose.yaml"),
    include_str!("../../../deploy/compose.clamav.yaml"),
    include_str!("../../../deploy/kubernetes.yaml"),
];

#[test]
fn containers_set_only_what_can_be_set() {
    let help = Program::command(&["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let mut settings = 0;
    for part in DEPLOYED
        .iter()
        .flat_map(|text| text.split("FABULA_STUDIO_").skip(1))
    {
        let name = part
            .split(|c: char| !c.is_ascii_uppercase() && c != '_')
            .next()
            .unwrap();
        let option = format!("--{} <", name.to_lowercase().replace('_', "-"));
        assert!(help.contains(&option), "{option} is no option of {help}");
        settings += 1;
    }
    assert!(settings > 4, "{settings}");
}

#[test]
fn an_image_is_built_of_all_that_the_workspace_is_made_of() {
    let manifest: toml::Table = include_str!("../../../Cargo.toml").parse().unwrap();
    let kept: Vec<_> = include_str!("../../../deploy/Dockerfile.dockerignore")
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    let members = members.iter().map(|member| member.as_str().unwrap());
    // What crates include, and how they are compiled.
    for path in members.chain(["assets", "shaders", ".cargo", "Cargo.lock"]) {
        let top = path.split('/').next().unwrap();
        assert!(kept.contains(&top), "{top} is left out");
    }
}

#[test]
fn settings_that_are_misspelt_are_refused_with_those_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("studio.toml");
    std::fs::write(&config, "qeue = 5\n").unwrap();
    let refused = Program::command(&["serve", "--config", config.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(3));
    let sentence = String::from_utf8(refused.stderr).unwrap();
    assert!(
        sentence.contains("`qeue`") && sentence.contains("queue, document_mb"),
        "{sentence}"
    );
}

#[test]
fn a_studio_without_a_key_does_not_open_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let refused = Program::command(&["serve", "--host", "0.0.0.0", "--data", data])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let sentence = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(sentence.lines().count(), 1);
    assert!(sentence.contains("--token-file"), "{sentence}");
}
