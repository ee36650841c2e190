//! Stories come in, are looked at and corrected.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;

use crate::client::{Client, STORY, STORY_WORDS};
use crate::toy::{PNG, Toy};

#[tokio::test]
async fn a_story_comes_as_json_as_a_file_or_as_a_form() {
    let client = Client::new(Toy::eager());
    let form = format!(
        "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nMine\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n{STORY}\r\n--x--\r\n"
    );
    let written = json!({"text": STORY, "title": "Mine"}).to_string();
    for (path, kind, body) in [
        ("/api/analyses", "application/json", written),
        (
            "/api/analyses?name=a.txt&title=Mine",
            "text/plain",
            STORY.to_owned(),
        ),
        (
            "/api/analyses?title=Mine",
            "application/octet-stream",
            STORY.to_owned(),
        ),
        ("/api/analyses", "multipart/form-data; boundary=x", form),
    ] {
        let answer = client.call("POST", path, kind, body).await;
        assert_eq!(answer.status, 201, "{kind}: {}", answer.text());
        assert_eq!(answer.json()["title"], "Mine", "{kind}");
        let place = answer.header("location").to_owned();
        assert_eq!(client.get(&place).await.json(), answer.json());
    }
}

#[tokio::test]
async fn of_a_story_that_takes_too_long_to_read_nothing_is_kept() {
    let toy = Toy::eager();
    let (end, long_reading) = mpsc::channel();
    *toy.long_reading.lock().unwrap() = Some(long_reading);
    let client = Client::with(toy, |config| {
        config.limits.reading = Duration::from_millis(20);
    });
    let story = json!({"text": STORY});
    let answer = client.post("/api/analyses", &story).await;
    answer.assert_problem(503, "takes too long to read");
    drop(end);
    while !client
        .get("/metrics")
        .await
        .text()
        .contains("fabula_reading_seconds_count 1")
    {
        tokio::task::yield_now().await;
    }
    assert!(!client.keeps(STORY_WORDS[0]));
}

#[tokio::test]
async fn what_is_no_story_is_refused_with_the_reason() {
    let client = Client::new(Toy::eager());
    let long = json!({"text": "a".repeat(10_001)}).to_string();
    let huge = "a".repeat(10 * 1024 * 1024 + 1);
    let json = "application/json";
    for (kind, body, status, part) in [
        (
            json,
            r#"{"text":"short"}"#.to_owned(),
            422,
            "5 characters; write between 10 and 10000",
        ),
        (json, long, 422, "10001 characters"),
        (
            json,
            r#"{"text":"Long enough, it is.","title":"a\u0007"}"#.to_owned(),
            422,
            "title",
        ),
        (json, "{".to_owned(), 400, "does not fit"),
        (json, r#"{"text":7}"#.to_owned(), 400, "text"),
        (json, r#"{"words":"Long enough."}"#.to_owned(), 400, "words"),
        (
            json,
            format!(r#"{{"text":"{}"}}"#, "a".repeat(300_000)),
            413,
            "256 KB",
        ),
        ("application/pdf", huge, 413, "10 MB"),
        (
            "application/pdf",
            "a\0binary thing".to_owned(),
            422,
            "the story is no text",
        ),
        (
            "application/x-www-form-urlencoded",
            "text=hello".to_owned(),
            415,
            "JSON",
        ),
        ("multipart/form-data", String::new(), 400, "boundary"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\n".to_owned(),
            400,
            "form",
        ),
        (
            "multipart/form-data; boundary=x",
            "--x--\r\n".to_owned(),
            400,
            "no part",
        ),
    ] {
        let answer = client.call("POST", "/api/analyses", kind, body).await;
        answer.assert_problem(status, part);
    }
    assert!(!client.keeps(STORY_WORDS[0]));
}

#[tokio::test]
async fn corrections_change_what_the_film_shows() {
    let client = Client::new(Toy::eager());
    let place = client.analysis().await;
    let before = client.get(&place).await.json();
    let owl = before["cast"][1]["id"].as_str().unwrap();
    let vix = before["cast"][0]["id"].as_str().unwrap();
    let answer = client
        .patch(
            &place,
            &json!({
                "title": "Owl's Story",
                "characters": [{"id": owl, "name": "Ms Owl", "traits": {"wears": "glasses"}}],
                "lines": [{"index": 0, "speaker": vix, "emotion": "fear"}],
                "scenes": [{"index": 0, "place": "castle", "time": "night"}],
            }),
        )
        .await;
    let after = answer.json();
    assert_eq!(after["revision"], 2);
    assert_eq!(after["cast"][1]["name"], "Ms Owl");
    assert_eq!(after["lines"][0]["speaker"], vix);
    let board = client.get(&format!("{place}/storyboard")).await.json();
    assert_eq!(board["title"], "Owl's Story");
    assert_eq!(board["scenes"][0]["setting"]["place"], "castle");
    let speech = board["scenes"][0]["shots"].as_array().unwrap().iter();
    let speakers: Vec<_> = speech
        .flat_map(|shot| shot["speech"].as_array().cloned().unwrap_or_default())
        .filter_map(|speech| speech["role"].as_str().map(str::to_owned))
        .collect();
    assert!(speakers.contains(&vix.to_owned()), "{speakers:?}");
    let story = client.get(&format!("{place}/story")).await.json();
    assert_eq!(story["quotes"][0]["emotion"], "fear");
    client
        .patch(&place, &json!({"lines": [{"index": 99}]}))
        .await
        .assert_problem(422, "lines[0].index");
    client
        .patch(&place, &json!({"lines": [{"index": "one"}]}))
        .await
        .assert_problem(400, "lines[0].index");
    client
        .call("PATCH", &place, "text/plain", "{}")
        .await
        .assert_problem(415, "application/json");
    assert_eq!(client.get(&place).await.json(), after);
}

#[tokio::test]
async fn a_storyboard_is_edited_by_a_patch_and_saved_as_a_file() {
    let client = Client::new(Toy::eager());
    let place = client.analysis().await;
    let board = format!("{place}/storyboard");
    let patch = json!({"closing": {"title": "Fin"}, "opening": {"duration_s": 5.0}});
    let kind = "application/merge-patch+json";
    let answer = client.call("PATCH", &board, kind, patch.to_string()).await;
    assert_eq!(answer.json()["closing"]["title"], "Fin");
    assert_eq!(client.get(&place).await.json()["edited"], true);
    for (wrong, part) in [
        (json!({"opening": {"duration_s": 0}}), "opening"),
        (
            json!({"opening": {"duration_s": 3600}, "closing": {"duration_s": 3600}, "scenes": null}),
            "scenes",
        ),
        (json!([]), "expected"),
    ] {
        client.patch(&board, &wrong).await.assert_problem(422, part);
    }
    let saved = client.get(&format!("{board}?download")).await;
    let name = saved.header("content-disposition");
    assert_eq!(name, "attachment; filename=\"the-fox-at-dusk.json\"");
    assert_eq!(saved.json()["closing"]["title"], "Fin");
}

#[tokio::test]
async fn people_and_places_are_seen_before_the_film_is_made() {
    let client = Client::new(Toy::eager());
    let place = client.analysis().await;
    let role = client.get(&place).await.json()["cast"][0]["id"].clone();
    for picture in [
        format!("{place}/portraits/{}", role.as_str().unwrap()),
        format!("{place}/picture"),
        format!("{place}/picture?at=2.5&v=1"),
    ] {
        let answer = client.get(&picture).await;
        assert_eq!(answer.header("content-type"), "image/png");
        assert_eq!(answer.body, PNG);
    }
    client
        .get(&format!("{place}/portraits/nobody"))
        .await
        .assert_problem(404, "nobody");
    for at in ["x", "-1", "NaN", "inf", "1e400", "%zz"] {
        let answer = client.get(&format!("{place}/picture?at={at}")).await;
        assert_eq!(answer.status, 400, "{at}");
    }
}

#[tokio::test]
async fn a_deleted_analysis_is_gone_from_the_disk_too() {
    let client = Client::new(Toy::eager());
    let place = client.analysis().await;
    assert_eq!(client.delete(&place).await.status, 204);
    client.get(&place).await.assert_problem(404, "deleted");
    client.delete(&place).await.assert_problem(404, "deleted");
    assert!(!client.keeps(STORY_WORDS[0]));
}

#[tokio::test]
async fn examples_are_stories_that_fit() {
    let client = Client::new(Toy::eager());
    let examples = client.get("/api/examples").await.json();
    for example in examples["examples"].as_array().unwrap() {
        let answer = client
            .post("/api/analyses", &json!({"text": example["text"]}))
            .await;
        assert_eq!(answer.status, 201, "{}", example["title"]);
    }
}
