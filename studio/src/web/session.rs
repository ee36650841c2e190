//! Sessions of browsers: the cookies that tell them apart, and the tokens that their changes need.
//!
//! A token is made of the session and of a secret that only this run of the studio holds, so there
//! is nothing to keep: a page that shows one of an earlier run asks for another.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

use super::problem::Problem;
use super::{Service, guard, json_answer};
use crate::id::Id;

/// How long a browser remembers whose films these are: longer than any film lasts.
const COOKIE_AGE_S: u32 = 30 * 24 * 3600;
/// Bytes of the secret: a block of the hash.
const SECRET_BYTES: usize = 64;

/// Gives each session a token that nobody else can work out.
pub struct Tokens {
    secret: [u8; SECRET_BYTES],
}

impl Tokens {
    /// With a new secret; it fails only where the system has no source of randomness.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret)?;
        Ok(Self { secret })
    }

    /// The token of a session.
    pub fn of(&self, session: Id) -> String {
        let digest = Hmac::<Sha256>::new((&self.secret).into())
            .chain_update(session.to_string())
            .finalize();
        format!("{:x}", digest.into_bytes())
    }
}

/// Gives the page the token of its session, which begins with it where there is none.
pub async fn show(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (session, cookie) = session_of(&headers)?;
    let token = json!({"token": service.tokens.of(session)});
    let mut response = json_answer(StatusCode::OK, &token);
    response.headers_mut().extend(cookie);
    Ok(response)
}

/// Gives the page a cookie for the key that it shows; without a key there is nothing to give.
pub async fn open(State(service): State<Arc<Service>>) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(key) = &service.config.token {
        let key = guard::key_cookie(key);
        headers.extend(cookie(guard::KEY_COOKIE, &key, SameSite::Strict));
    }
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// A header of an answer.
pub type Header = (axum::http::HeaderName, HeaderValue);

/// The session of a browser. One that shows none begins one, with the cookie that comes with it.
pub fn session_of(headers: &HeaderMap) -> Result<(Id, Option<Header>), Problem> {
    if let Some(session) = guard::session(headers) {
        return Ok((session, None));
    }
    let session = Id::random().map_err(|error| Problem::defect(&error))?;
    // Strict, a link from elsewhere would begin a new session in place of the old one.
    let cookie = cookie(guard::SESSION_COOKIE, &session.to_string(), SameSite::Lax);
    Ok((session, cookie))
}

/// Which requests that another site brings about carry a cookie.
#[derive(Clone, Copy, Debug)]
enum SameSite {
    /// None.
    Strict,
    /// Those that open the page by a link.
    Lax,
}

/// A cookie that scripts cannot read.
fn cookie(name: &str, value: &str, same_site: SameSite) -> Option<Header> {
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={COOKIE_AGE_S}; HttpOnly; SameSite={same_site:?}");
    Some((SET_COOKIE, HeaderValue::try_from(cookie).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_session_and_of_one_run() {
        let [run, next_run] = [(); 2].map(|()| Tokens::new().unwrap());
        let [mine, theirs] = [(); 2].map(|()| Id::random().unwrap());
        assert_eq!(run.of(mine), run.of(mine));
        assert_eq!(run.of(mine).len(), 64);
        assert_ne!(run.of(mine), run.of(theirs));
        assert_ne!(run.of(mine), next_run.of(mine));
    }
}
