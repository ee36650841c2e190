//! The database and the files beside it agree, whenever the studio ends, and what is deleted is gone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fabula_studio::{OpenError, Studio};
use serde_json::json;
use tempfile::TempDir;

use crate::client::{Client, STORY_WORDS, config};
use crate::restart::snapshot;
use crate::toy::{Toy, film_bytes};

const STRANGER: &str = "0123456789abcdef0123456789abcdef";

fn film_folder(folder: &TempDir, film: &str) -> PathBuf {
    folder.path().join(film.trim_start_matches("/api/"))
}

fn folders_of_films(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("films")).unwrap().count()
}

#[tokio::test]
async fn files_that_no_record_knows_of_are_removed() {
    let client = Client::new(Toy::eager());
    let known = client.order("Known").await;
    client.finished(&known).await;
    let folder = snapshot(&client.folder);
    let stranger = folder.path().join("films").join(STRANGER);
    std::fs::create_dir(&stranger).unwrap();
    std::fs::write(stranger.join("film.mp4"), film_bytes()).unwrap();
    let notes = folder.path().join("films/notes.txt");
    std::fs::write(&notes, "not ours").unwrap();
    let again = Client::on(folder, Toy::eager(), |_| {});
    assert!(!stranger.exists() && notes.exists());
    let film = format!("/api/films/{STRANGER}");
    again.get(&film).await.assert_problem(404, "no such film");
    let video = again.get(&format!("{known}/film.mp4")).await;
    assert_eq!(video.body, film_bytes());
}

#[tokio::test]
async fn a_film_whose_file_is_gone_or_cut_short_is_reported_and_can_be_deleted() {
    let client = Client::new(Toy::eager());
    let mut films = Vec::new();
    for title in ["Gone", "Short", "Whole"] {
        let film = client.order(title).await;
        client.finished(&film).await;
        films.push(film);
    }
    let folder = snapshot(&client.folder);
    // So it is, too, when the studio ends while it deletes one.
    std::fs::remove_dir_all(film_folder(&folder, &films[0])).unwrap();
    let short = film_folder(&folder, &films[1]).join("film.mp4");
    std::fs::write(&short, &film_bytes()[..500]).unwrap();
    let again = Client::on(folder, Toy::eager(), |_| {});
    for film in &films[..2] {
        let reported = again.get(film).await.json();
        assert_eq!(reported["state"], "failed");
        let why = reported["error"].as_str().unwrap();
        assert!(why.contains("make the film again"), "{why}");
        let video = again.get(&format!("{film}/film.mp4")).await;
        video.assert_problem(409, "failed");
    }
    assert_eq!(again.finished(&films[2]).await["state"], "done");
    assert_eq!(folders_of_films(again.folder.path()), 1);
    for film in &films {
        assert_eq!(again.delete(film).await.status, 204);
    }
    assert_eq!(folders_of_films(again.folder.path()), 0);
}

#[tokio::test]
async fn a_film_that_is_whole_but_not_yet_recorded_is_made_again_in_its_place() {
    let client = Client::new(Arc::default());
    let film = client.order("Nearly").await;
    client
        .film_when(&film, |film| film["stage"] == "drawing")
        .await;
    let folder = snapshot(&client.folder);
    let video = film_folder(&folder, &film).join("film.mp4");
    std::fs::write(video, "made, but not recorded").unwrap();
    let again = Client::on(folder, Toy::eager(), |_| {});
    assert_eq!(again.finished(&film).await["state"], "done");
    let video = again.get(&format!("{film}/film.mp4")).await;
    assert_eq!(video.body, film_bytes());
    assert_eq!(folders_of_films(again.folder.path()), 1);
}

#[tokio::test]
async fn of_what_is_deleted_no_word_is_left_in_any_file() {
    let client = Client::new(Toy::eager());
    let film = client.order("Zebulina").await;
    client.finished(&film).await;
    let waiting = client.order("Thaddeus").await;
    client.finished(&waiting).await;
    let mut stories = Vec::new();
    for film in [&film, &waiting] {
        let id = client.get(film).await.json()["analysis"].clone();
        stories.push(format!("/api/analyses/{}", id.as_str().unwrap()));
    }
    // What a correction replaced is in the log.
    client
        .patch(&stories[0], &json!({"title": "Jabberwock"}))
        .await;
    let board = format!("{}/storyboard", stories[0]);
    client
        .patch(&board, &json!({"closing": {"title": "Quagmire"}}))
        .await;
    let titles = ["Zebulina", "Thaddeus", "Jabberwock", "Quagmire"];
    for words in titles.iter().chain(&STORY_WORDS) {
        assert!(client.keeps(words), "{words}");
    }
    for place in [&film, &stories[0]] {
        assert_eq!(client.delete(place).await.status, 204);
    }
    for words in ["Zebulina", "Jabberwock", "Quagmire"] {
        assert!(!client.keeps(words), "{words}");
    }
    assert!(client.keeps("Thaddeus"));
    for place in [&stories[1], &waiting] {
        assert_eq!(client.delete(place).await.status, 204);
    }
    for words in titles.iter().chain(&STORY_WORDS) {
        assert!(!client.keeps(words), "{words}");
    }
}

#[test]
fn a_studio_does_not_begin_on_damaged_records() {
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("films").join(STRANGER);
    std::fs::create_dir_all(&film).unwrap();
    let file = folder.path().join("studio.sqlite");
    std::fs::write(
        &file,
        "no database at all, but a note of somebody".repeat(100),
    )
    .unwrap();
    let refused = Studio::open(config(&folder), Toy::eager()).unwrap_err();
    assert!(matches!(refused, OpenError::Records(_)), "{refused:?}");
    let sentence = refused.to_string();
    for part in [file.to_str().unwrap(), "damaged", "copy", "--data"] {
        assert!(sentence.contains(part), "{sentence}");
    }
    // Nothing is swept away that a copy of the records would know of.
    assert!(film.exists());
}
