//! A thousand requests from someone who means no good.

use std::path::Path;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::json;

use crate::client::Client;
use crate::toy::Toy;

const REQUESTS: usize = 1000;

/// A request with everything in it that could be believed too much.
#[derive(Clone, Debug)]
struct Hostile {
    method: &'static str,
    path: String,
    kind: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

fn hostile(ids: Vec<String>) -> impl Strategy<Value = Hostile> {
    let method = select(vec![
        "GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "TRACE",
    ]);
    let id = prop_oneof![
        4 => select(ids),
        1 => "[0-9a-f]{32}",
        2 => select(vec!["..", "%2e%2e%2f", "%00", "..%5c", "a b", "%ff%fe", "{id}", "'", "\u{202e}"])
            .prop_map(str::to_owned),
    ];
    let tail = select(vec![
        "",
        "/story",
        "/storyboard",
        "/portraits/c1",
        "/portraits/..%2f..",
        "/picture?at=-0",
        "/picture?at=1e308",
        "/film.mp4",
        "/film.mp4?download=%0d%0aX:%20y",
        "/captions.vtt",
        "/storyboard.json",
        "/cancel",
        "/picture",
        "/picture?at=%",
        "/../../lock",
        "/film.json",
        "/board.json",
    ]);
    let path = (
        select(vec!["/api/analyses", "/api/films"]),
        id,
        tail,
        any::<bool>(),
    )
        .prop_map(|(shelf, id, tail, bare)| {
            if bare {
                shelf.to_owned()
            } else {
                format!("{shelf}/{id}{tail}")
            }
        });
    let kind = prop_oneof![
        3 => select(vec!["application/json", "multipart/form-data; boundary=x", "multipart/form-data; boundary=",
            "application/octet-stream", "application/merge-patch+json", "text/plain; charset=utf-7", ""])
            .prop_map(str::to_owned),
        1 => "[ -~]{0,40}",
    ];
    let header = prop_oneof![
        (
            Just("range"),
            "(bytes=)?[0-9,-]{0,40}".prop_map(String::into_bytes)
        ),
        (
            Just("cookie"),
            "(fabula_session=)?[ -~]{0,60}".prop_map(String::into_bytes)
        ),
        (Just("if-range"), "[ -~]{0,20}".prop_map(String::into_bytes)),
        (Just("authorization"), vec(0x80_u8..=0xff, 0..20)),
        (
            Just("content-length"),
            "[0-9]{1,25}".prop_map(String::into_bytes)
        ),
        (
            Just("x-forwarded-for"),
            "[ -~]{0,30}".prop_map(String::into_bytes)
        ),
    ];
    let part = prop_oneof![
        select(vec![
            "--x\r\n",
            "--x--",
            "\r\n\r\n",
            "Content-Disposition: form-data; name=\"file\"; filename=\"../../a.txt\"\r\n",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a\\\"\r\nX: y\"\r\n",
            "%PDF-1.7\n",
            "PK\u{3}\u{4}",
            "{",
            "}",
            "[[[[[[[[[[[[[[[[",
            "\"text\":",
            "\"analysis\":\"",
            "null",
            "1e999",
            "\\ud800",
            "{\"scenes\":[{\"index\":18446744073709551615}]}",
            "{\"text\":\"Once upon a time there was nothing.\"}",
            "{\"title\":\"\u{202e}<script>alert(1)</script>\"}",
            "\0",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        vec(any::<u8>(), 0..60),
    ];
    let body = vec(part, 0..8).prop_map(|parts| parts.concat());
    (method, path, kind, vec(header, 0..3), body).prop_map(|(method, path, kind, headers, body)| {
        Hostile {
            method,
            path,
            kind,
            headers,
            body,
        }
    })
}

/// All files below a folder whose names the studio would not give.
fn strangers(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let is_id = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_id && !matches!(name.as_str(), "films" | "analyses") {
                found.push(name.clone());
            }
            found.extend(strangers(&entry.path()));
        } else if !matches!(
            name.as_str(),
            "lock" | "film.json" | "board.json" | "film.mp4" | "analysis.json"
        ) {
            found.push(name);
        }
    }
    found
}

#[tokio::test]
async fn nothing_that_is_sent_makes_the_studio_stumble() {
    let home = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir_in(home.path()).unwrap();
    let client = Client::on(folder, Toy::eager(), |_| {});
    let film = client.order("A film").await;
    client.finished(&film).await;
    let analysis = client.analysis().await;
    let ids = [&film, &analysis].map(|path| path.rsplit('/').next().unwrap().to_owned());
    let rng = TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = hostile(ids.to_vec());
    let mut sent = 0;
    while sent < REQUESTS {
        let hostile = strategy.new_tree(&mut runner).unwrap().current();
        let mut request = Request::builder()
            .method(hostile.method)
            .uri(&hostile.path)
            .header("host", "localhost")
            .header("x-fabula", "1")
            .header("content-type", hostile.kind.as_str());
        for (name, value) in &hostile.headers {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request = request.header(HeaderName::from_static(name), value);
            }
        }
        // What no client can send is no attack.
        let Ok(request) = request.body(Body::from(hostile.body.clone())) else {
            continue;
        };
        sent += 1;
        let answer = client.send(request).await;
        let status = answer.status.as_u16();
        assert!(
            status < 500 || status == 503,
            "{status} for {hostile:?}: {}",
            answer.text()
        );
    }
    assert_eq!(strangers(client.folder.path()), [""; 0]);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    // It is as well as before.
    let fresh = client.analysis().await;
    let fresh = client.get(&fresh).await.json()["id"].clone();
    let answer = client.post("/api/films", &json!({"analysis": fresh})).await;
    let place = answer.header("location").to_owned();
    assert_eq!(client.finished(&place).await["state"], "done");
}
