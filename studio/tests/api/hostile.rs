//! A thousand requests from someone who means no good: 250 of each of four kinds, most of them so
//! nearly right that they come as far as they can.

use std::collections::BTreeMap;
use std::path::Path;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::client::{Client, STORY};
use crate::toy::Toy;

const OF_EACH_KIND: usize = 250;
/// Stands in addresses and bodies for the id of a story, and of a film that is finished.
const ANALYSIS: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";
const FILM: &str = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

/// A request with everything in it that could be believed too much.
#[derive(Clone, Debug)]
struct Hostile {
    method: &'static str,
    path: String,
    kind: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

/// A name or a title.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec![
            "", "a.txt", "a.pdf", "../../a.txt", "..\\..\\a.txt", "C:\\con", "a\0b", "a\r\nX: y",
            "\"; filename=\"b", "%2e%2e%2fa", "\u{202e}txt.exe", "<script>alert(1)</script>",
            "{{7*7}}", "c1", "Vix", ".",
        ])
        .prop_map(str::to_owned),
        1 => "\\PC{0,80}",
        1 => (0_usize..3000).prop_map(|length| "a".repeat(length)),
    ]
}

/// What a file holds.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let text = |text: String| text.into_bytes();
    prop_oneof![
        3 => (1_usize..4).prop_map(move |times| text(STORY.repeat(times))),
        1 => word().prop_map(text),
        1 => (10_000_usize..12_000).prop_map(move |length| text("é".repeat(length))),
        1 => vec(any::<u8>(), 0..200),
        1 => (select(vec!["%PDF-1.7\n", "PK\u{3}\u{4}", "\u{feff}", "{\\rtf1", "\u{7f}ELF"]), vec(any::<u8>(), 0..60))
            .prop_map(|(head, rest)| [head.as_bytes(), &rest].concat()),
    ]
}

/// A request whose body is as it was, or cut short.
fn mostly_whole(request: impl Strategy<Value = Hostile>) -> impl Strategy<Value = Hostile> {
    let cut = option::weighted(0.15, any::<Index>());
    (request, cut).prop_map(|(mut request, cut)| {
        if let Some(cut) = cut {
            let length = request.body.len();
            request.body.truncate(cut.index(length));
        }
        request
    })
}

/// Forms with a file or a text.
fn form() -> impl Strategy<Value = Hostile> {
    let name = select(vec!["file", "file", "text", "title", "name", ""]);
    let part = (
        name,
        option::of(word()),
        content(),
        prop::bool::weighted(0.9),
    );
    let parts = vec(part, 1..5).prop_map(|parts| {
        let mut body = Vec::new();
        for (name, file, content, is_escaped) in parts {
            body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"").bytes());
            if let Some(mut file) = file {
                if is_escaped {
                    file = file.replace(['"', '\r', '\n', '\0'], "%");
                }
                body.extend(format!("; filename=\"{file}\"").bytes());
            }
            body.extend(b"\r\n\r\n");
            body.extend(content);
            body.extend(b"\r\n");
        }
        body.extend(b"--x--\r\n");
        body
    });
    let boundary = prop_oneof![9 => Just("x"), 1 => select(vec!["", "y", "\"x", "x; boundary=z"])];
    mostly_whole((boundary, parts).prop_map(|(boundary, body)| Hostile {
        method: "POST",
        path: "/api/analyses".to_owned(),
        kind: format!("multipart/form-data; boundary={boundary}"),
        headers: Vec::new(),
        body,
    }))
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        select(vec![0.0, -1.0, 0.5, 1e300, -1e-300]).prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((word(), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

/// JSON for stories and films that are there, in which one value or another is not what it should be.
fn change() -> impl Strategy<Value = Hostile> {
    let patches = vec![
        json!({"title": "Vix"}),
        json!({"characters": [{"id": "c1", "name": "Vix", "being": "fox", "age": "elder", "traits": {"hair": null}}]}),
        json!({"lines": [{"index": 0, "speaker": "c1", "emotion": "fear"}]}),
        json!({"scenes": [{"index": 0, "place": "castle", "time": "night", "weather": "rain", "indoor": true}]}),
    ];
    let boards = vec![
        json!({"title": "Vix", "closing": {"title": "Fin", "duration_s": 2.0}}),
        json!({"opening": {"duration_s": 4.0, "transition": {"kind": "fade", "duration_s": 0.5}}}),
        json!({"scenes": [{"id": "s1", "shots": []}], "cast": [{"id": "c1", "look": {"height": 1.0}}]}),
        json!({"highlight_words": true, "format": "fabula.storyboard/1"}),
    ];
    let orders = vec![
        json!({"analysis": ANALYSIS, "options": {"size": "low", "fps": 15, "captions": "both"}}),
        json!({"analysis": ANALYSIS}),
    ];
    let analysis = format!("/api/analyses/{ANALYSIS}");
    let board = format!("{analysis}/storyboard");
    let sound = prop_oneof![
        select(patches).prop_map(move |it| ("PATCH", analysis.clone(), it)),
        select(boards).prop_map(move |it| ("PATCH", board.clone(), it)),
        select(orders).prop_map(|it| ("POST", "/api/films".to_owned(), it)),
        any_json().prop_map(|it| (
            "POST",
            "/api/analyses".to_owned(),
            json!({"text": STORY, "title": it})
        )),
    ];
    let damage = option::weighted(0.7, (any::<Index>(), any_json()));
    mostly_whole(
        (sound, damage).prop_map(|((method, path, mut body), damage)| {
            if let Some((at, other)) = damage {
                let mut places = Vec::new();
                pointers(&body, String::new(), &mut places);
                if let Some(place) = body.pointer_mut(at.get::<String>(&places)) {
                    *place = other;
                }
            }
            Hostile {
                method,
                path,
                kind: "application/json".to_owned(),
                headers: Vec::new(),
                body: body.to_string().into_bytes(),
            }
        }),
    )
}

/// Where every value of a document is.
fn pointers(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                pointers(value, format!("{at}/{key}"), places);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}

/// Parts of a finished film.
fn range() -> impl Strategy<Value = Hostile> {
    let number = || {
        prop_oneof![
            6 => (0_u32..1300).prop_map(|number| number.to_string()),
            1 => select(vec!["18446744073709551615", "18446744073709551616", "-1", "a", " 1"])
                .prop_map(str::to_owned),
            1 => Just(String::new()),
        ]
    };
    let last = prop_oneof![1 => number(), 1 => Just(String::new())];
    let part = (number(), last).prop_map(|(first, last)| format!("{first}-{last}"));
    let unit =
        prop_oneof![8 => Just("bytes="), 1 => select(vec!["", "lines=", "bytes", "bytes=,"])];
    let parts = prop_oneof![5 => vec(part.clone(), 1..2), 1 => vec(part, 2..400)];
    let range =
        (unit, parts).prop_map(|(unit, parts)| (unit.to_owned() + &parts.join(",")).into_bytes());
    let header = prop_oneof![
        6 => range.prop_map(|range| ("range", range)),
        1 => vec(0x20_u8..=0xff, 0..40).prop_map(|tag| ("if-range", tag)),
        1 => vec(0x20_u8..=0xff, 0..40).prop_map(|tags| ("if-none-match", tags)),
    ];
    let method = prop_oneof![5 => Just("GET"), 1 => Just("HEAD")];
    (method, vec(header, 1..3)).prop_map(|(method, headers)| Hostile {
        method,
        path: format!("/api/films/{FILM}/film.mp4"),
        kind: String::new(),
        headers,
        body: Vec::new(),
    })
}

/// Documents whose name and title stand in the address, and addresses that are stranger still.
fn address() -> impl Strategy<Value = Hostile> {
    let percent = |word: String| {
        let bytes: Vec<_> = word.bytes().map(|byte| format!("%{byte:02x}")).collect();
        bytes.concat()
    };
    let value = prop_oneof![
        6 => word().prop_map(percent),
        1 => select(vec!["%", "%zz", "%ff%fe", "+", "&name=", "=", "[]", "%00"]).prop_map(str::to_owned),
    ];
    let upload =
        (value.clone(), option::of(value.clone()), content()).prop_map(|(name, title, body)| {
            let title = title
                .map(|title| format!("&title={title}"))
                .unwrap_or_default();
            ("POST", format!("/api/analyses?name={name}{title}"), body)
        });
    let query = (
        select(vec![
            format!("/api/analyses/{ANALYSIS}/picture?at="),
            format!("/api/analyses/{ANALYSIS}/storyboard?download="),
            format!("/api/films/{FILM}/film.mp4?download="),
            format!("/api/films/{FILM}/captions.vtt?download="),
            format!("/api/films/{FILM}/picture?n="),
        ]),
        value,
    )
        .prop_map(|(path, value)| ("GET", path + &value, Vec::new()));
    let id = select(vec![
        ANALYSIS,
        FILM,
        "..",
        "%2e%2e%2f",
        "%00",
        "..%5c",
        "%ff%fe",
        "{id}",
        "'",
    ]);
    let tail = select(vec![
        "",
        "/story",
        "/portraits/c1",
        "/portraits/..%2f..",
        "/cancel",
        "/film.json",
        "/../../lock",
    ]);
    let method = select(vec![
        "GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "TRACE",
    ]);
    let strange = (
        method,
        select(vec!["analyses", "films"]),
        id,
        tail,
        content(),
    )
        .prop_map(|(method, shelf, id, tail, body)| {
            (method, format!("/api/{shelf}/{id}{tail}"), body)
        });
    let header = (
        select(vec![
            "cookie",
            "authorization",
            "x-forwarded-for",
            "content-length",
            "if-range",
        ]),
        vec(0x20_u8..=0xff, 0..60),
    );
    let request = prop_oneof![3 => upload, 1 => query, 1 => strange];
    (request, vec(header, 0..2)).prop_map(|((method, path, body), headers)| Hostile {
        method,
        path,
        kind: "application/octet-stream".to_owned(),
        headers,
        body,
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
            if !is_id && name != "films" {
                found.push(name.clone());
            }
            found.extend(strangers(&entry.path()));
        } else if !matches!(
            name.as_str(),
            "lock" | "reserve" | "studio.sqlite" | "studio.sqlite-wal" | "film.mp4"
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
    let rng = TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let kinds: [BoxedStrategy<Hostile>; 4] = [
        form().boxed(),
        change().boxed(),
        range().boxed(),
        address().boxed(),
    ];
    let mut answered = BTreeMap::new();
    let mut analysis = client.analysis().await;
    let mut film = client.order("A film").await;
    client.finished(&film).await;
    for kind in kinds {
        let mut sent = 0;
        while sent < OF_EACH_KIND {
            // What was deleted is there again for the next one.
            if client.get(&analysis).await.status != 200 {
                analysis = client.analysis().await;
            }
            if client.get(&film).await.status != 200 {
                film = client.order("Another film").await;
                client.finished(&film).await;
            }
            let hostile = kind.new_tree(&mut runner).unwrap().current();
            let Some(request) = request(&hostile, &analysis, &film) else {
                // What no client can send is no attack.
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
            *answered.entry(status).or_insert(0) += 1;
        }
    }
    // They came far enough to be taken, and to be refused for what they hold.
    for status in [200, 201, 202, 206, 400, 416, 422] {
        let count = answered.get(&status).copied().unwrap_or_default();
        assert!(count >= 10, "{status}: {count} of {answered:?}");
    }
    assert_eq!(strangers(client.folder.path()), [""; 0]);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    // It is as well as before.
    let fresh = client.order("After all that").await;
    assert_eq!(client.finished(&fresh).await["state"], "done");
}

/// The request as it is sent, with real ids, if it can be.
fn request(hostile: &Hostile, analysis: &str, film: &str) -> Option<Request<Body>> {
    let real = [(ANALYSIS, analysis), (FILM, film)].map(|(placeholder, path)| {
        let id = path.rsplit('/').next().unwrap_or_default();
        (placeholder, id.to_owned())
    });
    let with_ids = |text: &str| {
        real.iter()
            .fold(text.to_owned(), |text, (placeholder, id)| {
                text.replace(placeholder, id)
            })
    };
    let body = match std::str::from_utf8(&hostile.body) {
        Ok(text) => with_ids(text).into_bytes(),
        Err(_) => hostile.body.clone(),
    };
    let mut request = Request::builder()
        .method(hostile.method)
        .uri(with_ids(&hostile.path))
        .header("host", "localhost")
        .header("x-fabula", "1")
        .header("content-type", hostile.kind.as_str());
    for (name, value) in &hostile.headers {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            request = request.header(HeaderName::from_static(name), value);
        }
    }
    request.body(Body::from(body)).ok()
}
