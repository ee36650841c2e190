//! Errors as RFC 9457 says: `application/problem+json`.

use std::io::{self, ErrorKind};

use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::analyses::AnalysisError;
use crate::clamd::ScanError;
use crate::films::FilmError;
use crate::workshop::Refusal;

/// How soon to try again when the queue or the disk is full.
const FULL_RETRY_S: u64 = 60;
/// How soon to try again when the studio is busy or closing.
const BUSY_RETRY_S: u64 = 5;

/// Why a request is not answered as asked. The detail is one sentence for a person; it may name
/// what was sent, so it is not logged.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    /// Stable word for programs, in `type`.
    kind: &'static str,
    title: &'static str,
    detail: String,
    retry_after_s: Option<u64>,
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

impl Problem {
    fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            title,
            detail: detail.into(),
            retry_after_s: None,
            header: None,
        }
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    /// The body or a parameter is not what the description says.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "The request cannot be read",
            detail,
        )
    }

    /// The story or a change to it cannot be used.
    pub fn unfit(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unfit",
            "This cannot be used",
            detail,
        )
    }

    /// The document holds a virus.
    pub fn infected(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "infected",
            "The document holds a virus",
            detail,
        )
    }

    pub fn no_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "no-key",
            "The studio needs a key",
            "send the studio's key as a bearer token, or enter it on the page",
        )
        .with_header(
            HeaderName::from_static("www-authenticate"),
            HeaderValue::from_static("Bearer"),
        )
    }

    pub fn foreign_page() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "foreign-page",
            "Only the studio's own page may do this",
            "load the studio's page anew; a program sends the header X-Fabula: 1, and neither cookies nor \
             an Origin",
        )
    }

    pub fn wrong_host() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "wrong-host",
            "The studio does not go by that name",
            "open it as 127.0.0.1 or localhost",
        )
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    pub fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "wrong-method",
            "That method is not for this address",
            "the header Allow names those that are",
        )
    }

    /// It is there, but not in a state for this.
    pub fn not_yet(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "not-yet", "Not in this state", detail)
    }

    pub fn too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "too-slow",
            "The request took too long to arrive",
            "send it again over a faster line",
        )
    }

    pub fn too_large(limit_bytes: usize) -> Self {
        let limit = match limit_bytes >> 20 {
            0 => format!("{} KB", limit_bytes >> 10),
            mb => format!("{mb} MB"),
        };
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "Too large",
            format!("send at most {limit}"),
        )
    }

    pub fn wrong_type(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "wrong-type",
            "That kind of body is not read here",
            detail,
        )
    }

    pub fn wrong_range(length: u64) -> Self {
        let value = HeaderValue::try_from(format!("bytes */{length}"));
        let problem = Self::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "wrong-range",
            "The film has no such part",
            format!("ask for bytes below {length}"),
        );
        match value {
            Ok(value) => problem.with_header(HeaderName::from_static("content-range"), value),
            Err(_) => problem,
        }
    }

    pub fn too_many_requests(retry_after_s: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "Too many requests",
            format!("wait {retry_after_s} s before the next one"),
        )
        .retry_after(retry_after_s)
    }

    pub fn busy(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "The studio is busy",
            detail,
        )
        .retry_after(BUSY_RETRY_S)
    }

    /// What the machine refused: no GPU, or a defect.
    pub fn machine(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "machine",
            "The studio could not do this",
            detail,
        )
    }

    /// There is no room to keep anything.
    fn full_disk() -> Self {
        tracing::warn!(target: "error.handling", "the data folder's disk is full");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "The studio has no room left",
            "the studio's disk is full, so nothing was kept; delete films that are no longer \
             needed, or tell whoever runs the studio",
        )
        .retry_after(FULL_RETRY_S)
    }

    /// Something that must not happen; the person learns that, the log learns what.
    pub fn defect(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(target: "error.handling", %error, "something went wrong");
        Self::machine("something went wrong in the studio; its log says what")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": format!("urn:fabula:problem:{}", self.kind),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(header) = self.header {
            headers.insert(header.0, header.1);
        }
        response
    }
}

impl From<AnalysisError> for Problem {
    fn from(error: AnalysisError) -> Self {
        match error {
            AnalysisError::Unknown => Self::not_found(error.to_string()),
            AnalysisError::Unfit(detail) => Self::unfit(detail),
            AnalysisError::Disk(error) => error.into(),
        }
    }
}

impl From<FilmError> for Problem {
    fn from(error: FilmError) -> Self {
        match error {
            FilmError::Unknown => Self::not_found(error.to_string()),
            FilmError::QueueFull(_) | FilmError::TooMany => {
                Self::busy(error.to_string()).retry_after(FULL_RETRY_S)
            }
            FilmError::Closing => Self::busy(error.to_string()),
            FilmError::Disk(error) => error.into(),
        }
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::full_disk(),
            _ => Self::defect(&error),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Input(detail) => Self::unfit(detail),
            Refusal::Machine(detail) => Self::machine(detail),
            Refusal::BrokenOff => Self::busy("the studio is closing; try again in a moment"),
        }
    }
}

impl From<ScanError> for Problem {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Infected(_) => Self::infected(error.to_string()),
            ScanError::Failed(why) => {
                tracing::warn!(target: "error.handling", %why, "a document was not scanned");
                Self::busy(
                    "the document could not be checked for viruses, so it was not read; try again \
                     in a moment",
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_defect_and_says_what_helps() {
        let full = || io::Error::from(ErrorKind::StorageFull);
        for problem in [
            Problem::from(full()),
            AnalysisError::Disk(full()).into(),
            FilmError::Disk(full()).into(),
        ] {
            assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(problem.detail.contains("delete films"), "{problem:?}");
            assert!(problem.retry_after_s.is_some(), "{problem:?}");
        }
        let other = Problem::from(io::Error::from(ErrorKind::PermissionDenied));
        assert_eq!(other.status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
