//! A studio that ends, in good order or not, finishes each film when it is started again.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;

use crate::client::Client;
use crate::toy::Toy;

/// What would be on the disk if the machine stopped now.
pub fn snapshot(of: &TempDir) -> TempDir {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let (entry, to) = (entry.unwrap(), to);
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &to);
            } else {
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let copied = tempfile::tempdir().unwrap();
    copy(of.path(), copied.path());
    copied
}

#[tokio::test]
async fn a_killed_studio_goes_on_with_each_film_when_it_is_started_again() {
    let client = Client::new(Arc::default());
    let mut paths = Vec::new();
    for title in ["One", "Two", "Three"] {
        paths.push(client.order(title).await);
    }
    client.toy.allow(4);
    client
        .film_when(&paths[0], |film| film["frames"]["done"] == 4)
        .await;
    let folder = snapshot(&client.folder);
    let again = Client::on(folder, Toy::eager(), |_| {});
    for path in &paths {
        assert_eq!(again.finished(path).await["state"], "done");
        let video = again.get(&format!("{path}/film.mp4")).await;
        assert_eq!(video.body.len(), 1000);
    }
    assert_eq!(*again.toy.begun.lock().unwrap(), ["One", "Two", "Three"]);
    assert_eq!(*again.toy.resumed.lock().unwrap(), ["One"]);
    let listed = again.get("/api/films").await.json();
    assert_eq!(listed["films"].as_array().unwrap().len(), 3);
}

/// Whether anything lies in the folder of a film.
fn has_files(folder: &TempDir, film: &str) -> bool {
    folder
        .path()
        .join(film.trim_start_matches("/api/"))
        .exists()
}

#[tokio::test]
async fn a_film_that_was_cancelled_leaves_nothing_of_its_pictures() {
    let client = Client::new(Arc::default());
    let path = client.order("Cancelled").await;
    client
        .film_when(&path, |film| film["stage"] == "drawing")
        .await;
    assert!(has_files(&client.folder, &path));
    client.post(&format!("{path}/cancel"), &json!({})).await;
    assert_eq!(client.finished(&path).await["state"], "cancelled");
    assert!(!has_files(&client.folder, &path));
}

#[tokio::test]
async fn a_closed_studio_leaves_its_films_to_the_next_one() {
    let client = Client::new(Arc::default());
    let path = client.order("Begun").await;
    client
        .film_when(&path, |film| film["stage"] == "drawing")
        .await;
    client.studio.close();
    assert_eq!(client.get(&path).await.json()["state"], "queued");
    let analysis = client.get(&path).await.json()["analysis"].clone();
    client
        .post("/api/films", &json!({"analysis": analysis}))
        .await
        .assert_problem(503, "closing");
    let Client { studio, folder, .. } = client;
    drop(studio);
    let again = Client::on(folder, Toy::eager(), |_| {});
    assert_eq!(again.finished(&path).await["state"], "done");
}

#[tokio::test]
async fn a_film_that_ends_the_studio_each_time_is_given_up() {
    let client = Client::new(Arc::default());
    let path = client.order("Cursed").await;
    client
        .film_when(&path, |film| film["stage"] == "drawing")
        .await;
    let mut folder = snapshot(&client.folder);
    for _ in 0..2 {
        let again = Client::on(folder, Arc::default(), |_| {});
        again
            .film_when(&path, |film| film["stage"] == "drawing")
            .await;
        folder = snapshot(&again.folder);
    }
    let last = Client::on(folder, Toy::eager(), |_| {});
    let film = last.finished(&path).await;
    assert_eq!(film["state"], "failed");
    assert!(
        film["error"].as_str().unwrap().contains("3 times"),
        "{film}"
    );
    assert_eq!(last.toy.begun(), 0);
    assert!(!has_files(&last.folder, &path));
}
