//! The studio as it runs: the real program, its films, and the page in a real browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod browser;
mod program;
mod walk;

use serde_json::json;

use program::{Program, STORY, can_draw};

#[test]
fn a_studio_that_is_killed_makes_every_film_when_it_is_started_again() {
    if !can_draw("a_studio_that_is_killed") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Program::start(folder.path());
    let analysis = studio.post("/api/analyses", &json!({"text": STORY}));
    let options = json!({"size": "low", "fps": 15, "quality": "draft"});
    let order = json!({"analysis": analysis["id"], "options": options});
    let films: Vec<_> = (0..3)
        .map(|_| studio.post("/api/films", &order)["id"].clone())
        .map(|id| format!("/api/films/{}", id.as_str().unwrap()))
        .collect();
    studio.wait(&films[0], |film| film["frames"]["done"].as_u64() > Some(2));
    studio.kill();

    let studio = Program::start(folder.path());
    let listed = studio.get("/api/films")["films"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 3);
    for film in &films {
        let made = studio.wait(film, |film| {
            film["state"] != "queued" && film["state"] != "rendering"
        });
        assert_eq!(made["state"], "done", "{made}");
        let video = studio.bytes(&format!("{film}/film.mp4"));
        assert_eq!(&video[4..8], b"ftyp");
        assert_eq!(made["size_bytes"], video.len());
    }
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
