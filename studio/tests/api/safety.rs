//! Who may ask, from where, how often and for what.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use fabula_studio::{Limits, OpenError, Studio};
use futures_util::stream;
use serde_json::json;
use tower::ServiceExt as _;

use crate::client::{Client, KEY, STORY, config};
use crate::toy::Toy;

fn story() -> Body {
    Body::from(json!({"text": STORY}).to_string())
}

#[tokio::test]
async fn a_name_that_is_not_this_machine_gets_nothing() {
    let client = Client::new(Toy::eager());
    for host in [
        "evil.example",
        "localhost.evil.example",
        "192.168.1.5:8503",
        "",
        "[fe80::1]",
    ] {
        for path in ["/", "/api/films", "/health"] {
            let request = Request::get(path).header("host", host).body(Body::empty());
            client
                .send(request.unwrap())
                .await
                .assert_problem(421, "localhost");
        }
    }
    let without = Request::get("/").body(Body::empty()).unwrap();
    client.send(without).await.assert_problem(421, "localhost");
}

#[tokio::test]
async fn pages_of_other_sites_can_change_nothing() {
    let client = Client::new(Toy::eager());
    let attempts: [&[(&str, &str)]; 6] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("x-fabula", "1"), ("origin", "https://evil.example")],
        &[("x-fabula", "1"), ("origin", "null")],
        &[("x-fabula", "1"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("x-fabula", "1")],
    ];
    for headers in attempts {
        for (method, path) in [
            ("POST", "/api/analyses"),
            ("DELETE", "/api/films/x"),
            ("POST", "/api/session"),
        ] {
            let mut request = Request::builder()
                .method(method)
                .uri(path)
                .header("host", "localhost:8503")
                .header("content-type", "application/json");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = client.send(request.body(story()).unwrap()).await;
            answer.assert_problem(403, "X-Fabula");
        }
    }
    // No other site is ever allowed to send the header.
    let preflight = Request::builder()
        .method("OPTIONS")
        .uri("/api/analyses")
        .header("host", "localhost")
        .header("origin", "https://evil.example")
        .header("access-control-request-headers", "x-fabula");
    let answer = client.send(preflight.body(Body::empty()).unwrap()).await;
    assert!(answer.status.is_client_error());
}

#[tokio::test]
async fn a_browser_changes_something_only_with_the_token_of_its_session() {
    let client = Client::new(Toy::eager());
    let (mine, theirs) = (client.begin_session().await, client.begin_session().await);
    let before = Client::new(Toy::eager());
    let another_run = Client {
        session: Some(mine.clone()),
        ..before
    };
    let token_of_another_run = another_run.get("/api/session").await.json()["token"].clone();
    let send = async |cookie: Option<&str>, token: Option<&str>| {
        let mut request = Request::post("/api/analyses")
            .header("host", "localhost:8503")
            .header("origin", "http://localhost:8503")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/json");
        for (name, value) in [("cookie", cookie), ("x-fabula", token)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        client.send(request.body(story()).unwrap()).await
    };
    let cookie = Some(&*mine.cookie);
    for (cookie, token) in [
        (cookie, None),
        (cookie, Some("1")),
        (cookie, Some(&*theirs.token)),
        (cookie, token_of_another_run.as_str()),
        (None, Some(&*mine.token)),
        (Some(&*theirs.cookie), Some(&*mine.token)),
    ] {
        let answer = send(cookie, token).await;
        answer.assert_problem(403, "load the studio's page anew");
        assert_eq!(answer.json()["type"], "urn:fabula:problem:foreign-page");
    }
    assert_eq!(send(cookie, Some(&mine.token)).await.status, 201);
}

#[tokio::test]
async fn a_studio_that_others_can_reach_needs_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let open = |address: &str, token: Option<&str>| {
        let mut config = config(&folder);
        config.address = address.parse().unwrap();
        config.token = token.map(str::to_owned);
        Studio::open(config, Toy::eager())
    };
    assert!(matches!(
        open("0.0.0.0:0", None),
        Err(OpenError::NoToken(_))
    ));
    assert!(matches!(open("[::]:0", None), Err(OpenError::NoToken(_))));
    assert!(matches!(
        open("0.0.0.0:0", Some("short")),
        Err(OpenError::ShortToken)
    ));
    assert!(open("0.0.0.0:0", Some(KEY)).is_ok());
}

#[tokio::test]
async fn with_a_key_only_the_page_and_its_health_are_open() {
    let client = Client::with(Toy::eager(), |config| {
        config.address = "0.0.0.0:8503".parse().unwrap();
        config.token = Some(KEY.to_owned());
    });
    for path in ["/", "/studio.css", "/studio.js", "/health", "/ready"] {
        assert_eq!(client.get(path).await.status, 200, "{path}");
    }
    let nobody = "0123456789abcdef0123456789abcdef";
    for route in fabula_studio::routes() {
        let path = route.path.replace("{id}", nobody).replace("{role}", "c1");
        let answer = client.call(route.method, &path, "", "").await;
        let gives_token = (route.method, route.path) == ("GET", "/api/session");
        if !gives_token
            && !matches!(
                path.as_str(),
                "/" | "/studio.css"
                    | "/studio.js"
                    | "/icon.svg"
                    | "/quicksand.ttf"
                    | "/health"
                    | "/ready"
            )
        {
            answer.assert_problem(401, "key");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    let with = |method: &str, path: &str, header: &str, value: String| {
        let request = Request::builder().method(method).uri(path);
        let request = request
            .header("host", "studio.example")
            .header("x-fabula", "1");
        request.header(header, value).body(Body::empty()).unwrap()
    };
    let wrong = with(
        "GET",
        "/api/films",
        "authorization",
        format!("Bearer {KEY}x"),
    );
    assert_eq!(client.send(wrong).await.status, 401);
    let right = with(
        "GET",
        "/api/films",
        "authorization",
        format!("Bearer {KEY}"),
    );
    assert_eq!(client.send(right).await.status, 200);
    let session = with(
        "POST",
        "/api/session",
        "authorization",
        format!("bearer {KEY}"),
    );
    let answer = client.send(session).await;
    assert_eq!(answer.status, 204);
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly; SameSite=Strict") && !cookie.contains(KEY),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let page = with("GET", "/api/films", "cookie", cookie);
    assert_eq!(client.send(page).await.status, 200);
}

#[tokio::test]
async fn a_client_that_asks_too_often_has_to_wait() {
    let client = Client::with(Toy::eager(), |config| config.limits = Limits::default());
    let mut statuses = Vec::new();
    for _ in 0..61 {
        statuses.push(
            client
                .post("/api/session", &json!({}))
                .await
                .status
                .as_u16(),
        );
    }
    assert!(
        statuses[..60].iter().all(|status| *status == 204),
        "{statuses:?}"
    );
    assert_eq!(statuses[60], 429);
    // Looking goes on.
    assert_eq!(client.get("/api/films").await.status, 200);
}

#[tokio::test]
async fn a_client_has_a_few_answers_open_at_the_same_time() {
    let client = Client::with(std::sync::Arc::default(), |config| {
        config.limits.event_streams = 2;
    });
    let path = client.order("Watched").await;
    let open = || {
        let request = Request::get(format!("{path}/events")).header("host", "localhost");
        let request = request.body(Body::empty()).unwrap();
        client.studio.router().oneshot(request)
    };
    let (first, second) = (open().await.unwrap(), open().await.unwrap());
    assert_eq!(
        (first.status(), second.status()),
        (StatusCode::OK, StatusCode::OK)
    );
    let third = client.get(&format!("{path}/events")).await;
    third.assert_problem(429, "wait 1 s");
    assert_eq!(client.get(&path).await.status, 200);
    drop(first);
    assert_eq!(open().await.unwrap().status(), 200);
}

#[tokio::test]
async fn clients_that_send_slowly_keep_nobody_from_being_read() {
    let client = Client::new(Toy::eager());
    let send = |from: u8, body: Body| {
        let request = Request::post("/api/analyses")
            .header("host", "localhost:8503")
            .header("x-fabula", "1")
            .header("content-type", "text/plain")
            .extension(ConnectInfo(SocketAddr::from(([192, 0, 2, from], 9))));
        client.studio.router().oneshot(request.body(body).unwrap())
    };
    let hanging = || Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let mut slow: Vec<_> = [1, 1, 1, 1, 2, 2, 2, 2]
        .map(|from| tokio::spawn(send(from, hanging())))
        .into();
    // Each goes as far as it comes.
    tokio::task::yield_now().await;
    let refused: Vec<_> = slow.extract_if(.., |it| it.is_finished()).collect();
    assert_eq!(refused.len(), 4);
    for refused in refused {
        let status = refused.await.unwrap().unwrap().status();
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    }
    let read = send(3, STORY.into()).await.unwrap();
    assert_eq!(read.status(), StatusCode::CREATED);
    assert!(slow.iter().all(|it| !it.is_finished()));
}

#[tokio::test]
async fn no_path_leads_out_of_the_data_folder() {
    let client = Client::new(Toy::eager());
    let film = client.order("Kept").await;
    client.finished(&film).await;
    std::fs::write(client.folder.path().join("secret"), "secret").unwrap();
    for path in [
        "/api/films/../secret/film.mp4",
        "/api/films/..%2f..%2fsecret/film.mp4",
        "/api/films/%2e%2e/film.mp4",
        "/api/films/....//film.mp4",
        "/api/analyses/..%2ffilms/story",
        "/api/analyses/%00/story",
        "/api/films/0123456789ABCDEF0123456789ABCDEF/film.mp4",
        "/../../etc/passwd",
        "/studio.css/../../Cargo.toml",
        "//etc/passwd",
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("secret\n"), "{path}");
    }
}
