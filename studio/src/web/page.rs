//! The page itself: what a browser needs, carried in the program.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::analyses::STORY_CHARS;
use super::problem::Problem;
use super::session::session_of;
use super::{Service, json_answer};

const INDEX: &str = include_str!("../../page/index.html");
const STYLE: &str = include_str!("../../page/studio.css");
const SCRIPT: &str = include_str!("../../page/studio.js");
const ICON: &str = include_str!("../../page/icon.svg");
const OPENAPI: &str = include_str!("../../openapi.json");
const FONT: &[u8] = include_bytes!("../../../assets/fonts/Quicksand-Bold.ttf");

/// Stories to begin with: a word for each, and its text.
const EXAMPLES: [(&str, &str); 4] = [
    (
        "a fable",
        include_str!("../../../assets/stories/two-goats-on-the-bridge.txt"),
    ),
    (
        "a winter story",
        include_str!("../../../assets/stories/the-robot-and-the-snowdrop.txt"),
    ),
    (
        "a forest at night",
        include_str!("../../../assets/stories/the-fox-and-the-lantern.txt"),
    ),
    (
        "a fairy tale",
        include_str!("../../../assets/stories/the-princess-and-the-last-apple.txt"),
    ),
];

pub async fn index(headers: HeaderMap) -> Result<Response, Problem> {
    let mut response = file(&headers, "text/html; charset=utf-8", INDEX.as_bytes());
    let (_, cookie) = session_of(&headers)?;
    response.headers_mut().extend(cookie);
    Ok(response)
}

pub async fn style(headers: HeaderMap) -> Response {
    file(&headers, "text/css; charset=utf-8", STYLE.as_bytes())
}

pub async fn script(headers: HeaderMap) -> Response {
    file(
        &headers,
        "text/javascript; charset=utf-8",
        SCRIPT.as_bytes(),
    )
}

pub async fn icon(headers: HeaderMap) -> Response {
    file(&headers, "image/svg+xml", ICON.as_bytes())
}

pub async fn font(headers: HeaderMap) -> Response {
    file(&headers, "font/ttf", FONT)
}

pub async fn openapi(headers: HeaderMap) -> Response {
    file(&headers, "application/json", OPENAPI.as_bytes())
}

pub async fn examples() -> Response {
    let examples = EXAMPLES.map(|(kind, text)| {
        let title = text.lines().next().unwrap_or_default();
        json!({"title": title, "kind": kind, "text": text})
    });
    json_answer(StatusCode::OK, &json!({"examples": examples}))
}

/// What the page tells people of what they may send.
pub async fn limits(State(service): State<Arc<Service>>) -> Response {
    let limits = &service.config.limits;
    let limits = json!({
        "story_characters": {"least": STORY_CHARS.start(), "most": STORY_CHARS.end()},
        "document_bytes": limits.document_bytes,
        "kept_s": limits.lifetime.as_secs(),
    });
    json_answer(StatusCode::OK, &limits)
}

/// A file that is asked for again each time, and sent again only when it has changed.
fn file(headers: &HeaderMap, kind: &'static str, content: &'static [u8]) -> Response {
    let digest = Sha256::digest(content);
    let tag = format!("\"{digest:x}\"");
    let is_known = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|it| it.trim() == tag));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, kind)], content).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    response
}
