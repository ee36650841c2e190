//! Bodies of requests, up to a length and within a time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use futures_util::StreamExt as _;
use serde::Deserialize;

use super::problem::Problem;
use crate::Limits;

/// What the parts of a form may take besides the document.
const FORM_BYTES: usize = 64 * 1024;
/// The most parts of a form that are looked at.
const FORM_PARTS: usize = 8;
/// What a story is called that came without a file.
const UNNAMED: &str = "the story";

/// A story as it was sent.
#[derive(Debug)]
pub struct Sent {
    pub document: Bytes,
    /// Of its file, for messages and to tell Markdown from plain text.
    pub name: String,
    pub title: Option<String>,
}

/// A story as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    text: String,
    title: Option<String>,
}

/// Reads a story, as JSON, as a form with a file, or as the file itself.
pub async fn story(request: Request, limits: &Limits) -> Result<Sent, Problem> {
    let kind = media_type(request.headers());
    let query = request.uri().query().map(str::to_owned);
    match kind.as_str() {
        "application/json" => {
            // A story of 10,000 characters, however they are escaped, and some room.
            let body = bytes(request.into_body(), 256 * 1024, limits.upload).await?;
            let written: Written = super::from_json(&body)?;
            Ok(Sent {
                document: written.text.into(),
                name: UNNAMED.to_owned(),
                title: written.title,
            })
        }
        "multipart/form-data" => form(request, limits).await,
        "application/x-www-form-urlencoded" => Err(Problem::wrong_type(
            "send the story as JSON, as multipart/form-data, or the file itself",
        )),
        _ => {
            let name = super::parameter(query.as_deref(), "name")?;
            Ok(Sent {
                document: bytes(request.into_body(), limits.document_bytes, limits.upload).await?,
                name: name.unwrap_or_else(|| UNNAMED.to_owned()),
                title: super::parameter(query.as_deref(), "title")?,
            })
        }
    }
}

/// Reads JSON.
pub async fn json(request: Request, limits: &Limits) -> Result<Bytes, Problem> {
    match media_type(request.headers()).as_str() {
        "application/json" | "application/merge-patch+json" => {
            bytes(request.into_body(), limits.json_bytes, limits.upload).await
        }
        _ => Err(Problem::wrong_type("send application/json")),
    }
}

/// The kind of body without its parameters.
fn media_type(headers: &HeaderMap) -> String {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

async fn bytes(body: Body, limit_bytes: usize, time: Duration) -> Result<Bytes, Problem> {
    let read = async {
        let mut all = Vec::new();
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Problem::malformed("the body breaks off"))?;
            if all.len() + chunk.len() > limit_bytes {
                return Err(Problem::too_large(limit_bytes));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(all))
    };
    tokio::time::timeout(time, read)
        .await
        .map_err(|_| Problem::too_slow())?
}

/// Reads a form: the part `file` or `text` is the story, `title` its title.
async fn form(request: Request, limits: &Limits) -> Result<Sent, Problem> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        Problem::malformed(format!("the form cannot be read: {}", error.status()))
    };
    let (parts, body) = request.into_parts();
    let body = bytes(body, limits.document_bytes + FORM_BYTES, limits.upload).await?;
    let request = Request::from_parts(parts, Body::from(body));
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Problem::malformed("the form has no boundary"))?;
    let (mut story, mut title) = (None, None);
    for _ in 0..FORM_PARTS {
        let Some(part) = form.next_field().await.map_err(broken)? else {
            break;
        };
        let part_name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let content = part.bytes().await.map_err(broken)?;
        match part_name.as_str() {
            "file" | "text" if content.is_empty() => {}
            "file" | "text" if content.len() > limits.document_bytes => {
                return Err(Problem::too_large(limits.document_bytes));
            }
            "file" | "text" => {
                story = Some((content, file_name.unwrap_or_else(|| UNNAMED.to_owned())));
            }
            "title" => title = Some(String::from_utf8_lossy(&content).into_owned()),
            _ => {}
        }
    }
    let (document, name) =
        story.ok_or_else(|| Problem::malformed("the form has no part `file` or `text`"))?;
    Ok(Sent {
        document,
        name,
        title,
    })
}
