//! A client that checks what must hold of every answer.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use fabula_studio::{Config, Limits, Studio};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::toy::Toy;

pub static DESCRIPTION: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../openapi.json")).unwrap());

/// A story that is long enough.
pub const STORY: &str = "Vix the fox met an owl at dusk. \"Who is there?\" asked the owl.";
/// Words of the story that is read of every text.
pub const STORY_WORDS: [&str; 3] = ["into the forest at dusk", "trembling", "laughed together"];
pub const KEY: &str = "a key of more than sixteen letters";

/// A studio on a folder of its own, and its workshop.
pub struct Client {
    pub studio: Studio,
    pub toy: Arc<Toy>,
    pub folder: TempDir,
    /// Sent with every request, as a browser does.
    pub session: Option<Session>,
}

/// What a page sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub cookie: String,
    pub token: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// A problem of this status whose sentence contains `part`.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, part: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        let detail = self.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(part), "{detail}");
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Limits that no test meets by accident.
pub fn wide_limits() -> Limits {
    Limits {
        requests_per_minute: 1_000_000,
        looks_per_minute: 1_000_000,
        ..Limits::default()
    }
}

pub fn config(folder: &TempDir) -> Config {
    Config {
        address: "127.0.0.1:8503".parse().unwrap(),
        data: folder.path().to_owned(),
        token: None,
        clamd: None,
        limits: wide_limits(),
    }
}

impl Client {
    pub fn new(toy: Arc<Toy>) -> Self {
        Self::with(toy, |_| {})
    }

    pub fn with(toy: Arc<Toy>, change: impl FnOnce(&mut Config)) -> Self {
        Self::on(tempfile::tempdir().unwrap(), toy, change)
    }

    pub fn on(folder: TempDir, toy: Arc<Toy>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&folder);
        change(&mut config);
        let workshop: Arc<dyn fabula_studio::Workshop> = Arc::clone(&toy) as _;
        Self {
            studio: Studio::open(config, workshop).unwrap(),
            toy,
            folder,
            session: None,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let method = request.method().as_str().to_lowercase();
        let path = request.uri().path().to_owned();
        let response = self.studio.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        };
        check(&method, &path, &answer);
        answer
    }

    /// A session as a page begins it.
    pub async fn begin_session(&self) -> Session {
        let answer = self.get("/api/session").await;
        let cookie = answer.header("set-cookie");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        Session {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            token: answer.json()["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Sends a request as a program on this machine does, or as a page, where there is a session.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:8503");
        if method != "GET" {
            let session = self.session.as_ref();
            let shown = session.map_or("1", |session| &session.token);
            request = request.header("x-fabula", shown);
        }
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        if let Some(session) = &self.session {
            request = request.header("cookie", &session.cookie);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, "", Body::empty()).await
    }

    pub async fn post(&self, path: &str, json: &Value) -> Answer {
        self.call("POST", path, "application/json", json.to_string())
            .await
    }

    pub async fn patch(&self, path: &str, json: &Value) -> Answer {
        self.call("PATCH", path, "application/json", json.to_string())
            .await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, "", Body::empty()).await
    }

    /// Whether some words stand in any file of the data folder.
    pub fn keeps(&self, words: &str) -> bool {
        fn stands_in(path: &Path, words: &[u8]) -> bool {
            if path.is_dir() {
                let mut entries = std::fs::read_dir(path).unwrap();
                return entries.any(|entry| stands_in(&entry.unwrap().path(), words));
            }
            let bytes = std::fs::read(path).unwrap();
            bytes.windows(words.len()).any(|part| part == words)
        }
        stands_in(self.folder.path(), words.as_bytes())
    }

    /// The path of a new analysis.
    pub async fn analysis(&self) -> String {
        let answer = self.post("/api/analyses", &json!({"text": STORY})).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.header("location").to_owned()
    }

    /// The path of a film that was ordered.
    pub async fn order(&self, title: &str) -> String {
        let analysis = self.analysis().await;
        let id = analysis.rsplit('/').next().unwrap();
        self.patch(&analysis, &json!({"title": title})).await;
        let answer = self.post("/api/films", &json!({"analysis": id})).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        answer.header("location").to_owned()
    }

    /// The film once it fits, by its events.
    pub async fn film_when(&self, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let request = Request::get(format!("{path}/events"))
            .header("host", "localhost")
            .body(Body::empty())
            .unwrap();
        let mut body = self
            .studio
            .router()
            .oneshot(request)
            .await
            .unwrap()
            .into_body();
        let mut text = String::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.unwrap().into_data() {
                text.push_str(std::str::from_utf8(&data).unwrap());
            }
            while let Some((event, rest)) = text.split_once("\n\n") {
                if let Some(data) = event.strip_prefix("event: film\ndata: ") {
                    let film: Value = serde_json::from_str(data).unwrap();
                    assert_valid("Film", &film);
                    if fits(&film) {
                        return film;
                    }
                }
                text = rest.to_owned();
            }
        }
        panic!("the film never came to that");
    }

    pub async fn finished(&self, path: &str) -> Value {
        self.film_when(path, |film| {
            ["done", "failed", "cancelled"].contains(&film["state"].as_str().unwrap())
        })
        .await
    }
}

/// What holds of every answer: safe headers, nothing for other sites, errors as problems, and
/// nothing that the description does not tell.
fn check(method: &str, path: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!answer.header("cache-control").is_empty(), "{path}");
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    let status = answer.status.as_u16();
    if status >= 400 {
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{method} {path}"
        );
        if method != "head" {
            assert_valid("Problem", &answer.json());
            assert_eq!(answer.json()["status"], status);
        }
    }
    if matches!(status, 429 | 503) {
        let seconds: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    let Some(operation) = operation(method, path) else {
        assert!(
            matches!(status, 400 | 401 | 403..=405 | 421 | 429),
            "{method} {path}: {status}"
        );
        return;
    };
    let is_everywhere = matches!(status, 405 | 421);
    assert!(
        is_everywhere || operation["responses"].get(status.to_string()).is_some(),
        "{method} {path} answered {status}, which is not described: {}",
        answer.text()
    );
    let schema =
        &operation["responses"][status.to_string()]["content"]["application/json"]["schema"];
    if let Some(name) = schema["$ref"].as_str() {
        assert_valid(name.rsplit('/').next().unwrap(), &answer.json());
    }
}

/// The description of what a request asks for.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let method = if method == "head" { "get" } else { method };
    let fits = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
    };
    let paths = DESCRIPTION["paths"].as_object().unwrap();
    let (_, operations) = paths.iter().find(|(template, _)| fits(template))?;
    operations.get(method)
}

/// Checks a value against a schema of the description.
#[track_caller]
pub fn assert_valid(schema: &str, value: &Value) {
    let mut root = DESCRIPTION.clone();
    root["$ref"] = format!("#/components/schemas/{schema}").into();
    let validator = jsonschema::validator_for(&root).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{schema}: {errors:?} in {value}");
}
