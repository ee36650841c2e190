//! Films are ordered, watched, called off, played and deleted.

use axum::http::Request;
use serde_json::json;

use crate::client::{Client, assert_valid};
use crate::toy::{Accident, FRAMES, Toy, film_bytes};

#[tokio::test]
async fn a_film_is_made_and_can_be_kept() {
    let client = Client::new(Toy::eager());
    let path = client.order("Owls\r\n\"and\" Foxes").await;
    let film = client.finished(&path).await;
    assert_eq!(film["state"], "done");
    assert_eq!(film["title"], "Owls \"and\" Foxes");
    assert_eq!(film["size_bytes"], 1000);
    assert_eq!(
        (&film["width"], &film["height"]),
        (&1280.into(), &720.into())
    );
    let answer = client.get(&format!("{path}/film.mp4")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "video/mp4");
    assert_eq!(answer.header("accept-ranges"), "bytes");
    assert_eq!(answer.header("content-length"), "1000");
    assert_eq!(answer.body, film_bytes());
    for (file, name) in [
        ("film.mp4", "owls-and-foxes.mp4"),
        ("captions.srt", "owls-and-foxes.srt"),
        ("captions.vtt", "owls-and-foxes.vtt"),
        ("storyboard.json", "owls-and-foxes.json"),
    ] {
        let answer = client.get(&format!("{path}/{file}?download")).await;
        assert_eq!(answer.status, 200, "{file}");
        let disposition = format!("attachment; filename=\"{name}\"");
        assert_eq!(answer.header("content-disposition"), disposition);
    }
    let captions = client.get(&format!("{path}/captions.vtt")).await;
    assert!(captions.text().starts_with("Vtt of Owls"));
    assert_eq!(client.get(&format!("{path}/picture")).await.status, 200);
}

#[tokio::test]
async fn players_may_ask_for_any_part_of_a_film() {
    let client = Client::new(Toy::eager());
    let path = client.order("Parts").await;
    client.finished(&path).await;
    let video = format!("{path}/film.mp4");
    let tag = client.get(&video).await.header("etag").to_owned();
    let ask = async |name: &str, value: &str, range: &str| {
        let request = Request::get(&video)
            .header("host", "localhost")
            .header("range", range)
            .header(name, value);
        client.send(request.body("".into()).unwrap()).await
    };
    for (range, from, to) in [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=900-", 900, 999),
        ("bytes=-1", 999, 999),
        ("bytes=0-5000", 0, 999),
    ] {
        let answer = ask("if-range", &tag, range).await;
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(
            answer.header("content-range"),
            format!("bytes {from}-{to}/1000")
        );
        assert_eq!(answer.body, film_bytes()[from..=to]);
    }
    for range in ["bytes=1000-", "bytes=-0"] {
        let answer = ask("if-range", &tag, range).await;
        answer.assert_problem(416, "below 1000");
        assert_eq!(answer.header("content-range"), "bytes */1000");
    }
    for range in ["bytes=5-1", "bytes=0-1,3-4", "lines=0-1", "bytes=x"] {
        assert_eq!(ask("if-range", &tag, range).await.status, 200, "{range}");
    }
    assert_eq!(ask("if-range", "\"old\"", "bytes=0-1").await.status, 200);
    assert_eq!(ask("if-none-match", &tag, "bytes=0-1").await.status, 304);
    let head = client.call("HEAD", &video, "", "").await;
    assert_eq!(head.header("content-length"), "1000");
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn the_way_of_a_film_is_told_as_it_goes() {
    let client = Client::new(std::sync::Arc::default());
    let path = client.order("Slow").await;
    let film = client
        .film_when(&path, |film| film["frames"]["total"] == FRAMES)
        .await;
    assert_eq!(
        (&film["state"], &film["stage"]),
        (&json!("rendering"), &json!("drawing"))
    );
    let next = client.order("Next").await;
    let waiting = client.get(&next).await.json();
    assert_eq!(
        (&waiting["stage"], &waiting["ahead"]),
        (&json!("waiting"), &json!(1))
    );
    client
        .get(&format!("{path}/film.mp4"))
        .await
        .assert_problem(409, "rendering");
    let picture = client.get(&format!("{path}/picture")).await;
    assert_eq!(
        (picture.status.as_u16(), picture.header("cache-control")),
        (200, "no-store")
    );
    client.toy.allow(3);
    client
        .film_when(&path, |film| film["frames"]["done"] == 3)
        .await;
    client.toy.allow(u64::MAX);
    assert_eq!(client.finished(&path).await["state"], "done");
    assert_eq!(client.finished(&next).await["state"], "done");
    assert_eq!(*client.toy.begun.lock().unwrap(), ["Slow", "Next"]);
}

#[tokio::test]
async fn a_film_is_called_off_before_and_while_it_is_made() {
    let client = Client::new(std::sync::Arc::default());
    let first = client.order("First").await;
    let second = client.order("Second").await;
    client
        .film_when(&first, |film| film["stage"] == "drawing")
        .await;
    let cancel = |path: &str| format!("{path}/cancel");
    let answer = client.post(&cancel(&second), &json!({})).await;
    assert_eq!(answer.json()["state"], "cancelled");
    client.post(&cancel(&first), &json!({})).await;
    assert_eq!(client.finished(&first).await["state"], "cancelled");
    // Once more changes nothing.
    assert_eq!(client.post(&cancel(&first), &json!({})).await.status, 200);
    assert_eq!(client.toy.begun(), 1);
    client
        .get(&format!("{first}/film.mp4"))
        .await
        .assert_problem(409, "cancelled");
}

#[tokio::test]
async fn a_film_is_deleted_with_all_its_files_even_while_it_is_made() {
    let client = Client::new(std::sync::Arc::default());
    let under_way = client.order("Under way").await;
    let waiting = client.order("Waiting").await;
    client
        .film_when(&under_way, |film| film["stage"] == "drawing")
        .await;
    for path in [&waiting, &under_way] {
        assert_eq!(client.delete(path).await.status, 204);
        client.get(path).await.assert_problem(404, "deleted");
        client
            .get(&format!("{path}/events"))
            .await
            .assert_problem(404, "deleted");
        client.delete(path).await.assert_problem(404, "deleted");
    }
    let left = std::fs::read_dir(client.folder.path().join("films")).unwrap();
    assert_eq!(left.count(), 0);
    client.toy.allow(u64::MAX);
    let after = client.order("After").await;
    assert_eq!(client.finished(&after).await["state"], "done");
}

#[tokio::test]
async fn what_goes_wrong_is_said_and_the_next_film_is_made() {
    let client = Client::new(Toy::eager());
    for (accident, part) in [
        (Accident::Panic, "defect"),
        (Accident::DiskFull, "make room"),
    ] {
        *client.toy.accident.lock().unwrap() = Some(accident);
        let film = client.finished(&client.order("Bad luck").await).await;
        assert_eq!(film["state"], "failed");
        assert!(film["error"].as_str().unwrap().contains(part), "{film}");
    }
    *client.toy.accident.lock().unwrap() = None;
    let film = client.finished(&client.order("Good luck").await).await;
    assert_eq!(film["state"], "done");
}

#[tokio::test]
async fn a_film_that_takes_too_long_is_given_up() {
    let client = Client::with(std::sync::Arc::default(), |config| {
        config.limits.making = std::time::Duration::ZERO;
    });
    let film = client.finished(&client.order("Endless").await).await;
    assert_eq!(film["state"], "failed");
    assert!(
        film["error"].as_str().unwrap().contains("smaller size"),
        "{film}"
    );
}

#[tokio::test]
async fn a_full_queue_takes_no_more() {
    let client = Client::with(std::sync::Arc::default(), |config| config.limits.queue = 2);
    let first = client.order("Under way").await;
    client
        .film_when(&first, |film| film["stage"] == "drawing")
        .await;
    client.order("One").await;
    let last = client.order("Two").await;
    let analysis = client.get(&last).await.json()["analysis"].clone();
    let answer = client
        .post("/api/films", &json!({"analysis": analysis}))
        .await;
    answer.assert_problem(503, "2 films wait");
    assert_eq!(answer.header("retry-after"), "60");
    client.delete(&last).await;
    let answer = client
        .post("/api/films", &json!({"analysis": analysis}))
        .await;
    assert_eq!(answer.status, 202);
}

#[tokio::test]
async fn orders_that_do_not_fit_are_refused() {
    let client = Client::new(Toy::eager());
    let analysis = client.analysis().await;
    let id = analysis.rsplit('/').next().unwrap();
    for (order, status, part) in [
        (json!({}), 400, "analysis"),
        (json!({"analysis": "../x"}), 400, "analysis"),
        (
            json!({"analysis": "0123456789abcdef0123456789abcdef"}),
            404,
            "no such analysis",
        ),
        (
            json!({"analysis": id, "options": {"fps": 23}}),
            400,
            "options.fps",
        ),
        (
            json!({"analysis": id, "options": {"size": "8k"}}),
            400,
            "options.size",
        ),
        (
            json!({"analysis": id, "options": {"music": true}}),
            400,
            "options.music",
        ),
    ] {
        let answer = client.post("/api/films", &order).await;
        answer.assert_problem(status, part);
    }
    let options = json!({"size": "full_hd", "aspect": "tall", "fps": 60, "quality": "draft", "captions": "both"});
    let order = json!({"analysis": id, "options": options});
    let film = client.post("/api/films", &order).await.json();
    assert_eq!(
        (&film["width"], &film["height"]),
        (&1080.into(), &1920.into())
    );
    assert_eq!(film["options"], options);
}

#[tokio::test]
async fn each_browser_has_a_list_of_its_own() {
    let mut client = Client::new(Toy::eager());
    let (mine, theirs) = (client.begin_session().await, client.begin_session().await);
    assert_ne!(mine, theirs);
    client.session = Some(mine.clone());
    for path in ["/", "/api/session"] {
        assert_eq!(client.get(path).await.header("set-cookie"), "", "{path}");
    }
    client.order("Mine, first").await;
    client.order("Mine, second").await;
    client.session = Some(theirs);
    client.order("Theirs").await;
    client.session = Some(mine);
    let films = client.get("/api/films").await.json()["films"].clone();
    let titles: Vec<_> = films
        .as_array()
        .unwrap()
        .iter()
        .inspect(|film| assert_valid("Film", film))
        .map(|film| film["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Mine, second", "Mine, first"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_people_at_once_get_fifty_films() {
    let client = Client::with(Toy::eager(), |config| {
        config.limits.concurrent = 1000;
        config.limits.documents_per_client = 1000;
        config.limits.event_streams = 1000;
    });
    let people = (0..50).map(|number| {
        let client = &client;
        async move {
            let path = client.order(&format!("Film {number}")).await;
            client.finished(&path).await
        }
    });
    let films = futures_util::future::join_all(people).await;
    assert!(films.iter().all(|film| film["state"] == "done"));
    let mut begun = client.toy.begun.lock().unwrap().clone();
    begun.sort();
    let mut expected: Vec<_> = (0..50).map(|number| format!("Film {number}")).collect();
    expected.sort();
    assert_eq!(begun, expected);
}
