//! What every request passes before it is answered, and every answer before it leaves.
//!
//! - A studio on the loopback interface answers to its own names alone: a site that makes its
//!   name point here (DNS rebinding) gets nothing.
//! - Clients are held to their rates, before anything is read of what they send.
//! - A change is made only for the studio's own page or a program: it takes the header `X-Fabula`,
//!   which another site's page cannot send without being allowed to, and nobody is (no CORS);
//!   where the browser says which site asks, it has to be this one; and what comes from a browser
//!   shows the token of its session there.
//! - With a key, everything but the page itself and its health needs it, as a bearer token or as
//!   the cookie that the page got for it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::Service;
use super::problem::Problem;
use super::rates::{Turn, Weight};
use super::session::Tokens;
use crate::id::Id;

/// The header that only the studio's own page and programs send.
const OWN_PAGE: &str = "x-fabula";
/// The header in which a browser says which site asks.
const SITE: &str = "sec-fetch-site";
/// The cookie that stands for the key.
pub const KEY_COOKIE: &str = "fabula_key";
/// The cookie that tells one person's films from another's.
pub const SESSION_COOKIE: &str = "fabula_session";
/// Addresses that need no key: the page says that one is needed, and machines ask for health.
const OPEN_PATHS: [&str; 8] = [
    "/",
    "/studio.css",
    "/studio.js",
    "/icon.svg",
    "/quicksand.ttf",
    "/health",
    "/ready",
    // Whoever enters the key on the page needs a token to send it with.
    "/api/session",
];

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' \
    blob:; media-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Headers of every answer.
const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

/// Lets a request through or answers it with a problem.
pub async fn guard(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("other", MatchedPath::as_str)
        .to_owned();
    let mut response = match admit(&service, &request) {
        Ok(turn) => hold(next.run(request).await, turn),
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers
        .entry(HeaderName::from_static("cache-control"))
        .or_insert(HeaderValue::from_static("no-store"));
    let status = response.status().as_u16();
    let took = began.elapsed();
    service.metrics.request(&method, &route, status, took);
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::warn!(target: "error.handling", %method, route, status, "a request failed");
    }
    tracing::debug!(
        target: "web.interface",
        %method,
        route,
        status,
        took_ms = took.as_millis() as u64,
        "answered"
    );
    response
}

fn admit(service: &Arc<Service>, request: &Request) -> Result<Turn, Problem> {
    let headers = request.headers();
    if service.config.address.ip().is_loopback() && !names_this_machine(request) {
        return Err(Problem::wrong_host());
    }
    let client = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip());
    let path = request.uri().path();
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let weight = match (looks, path) {
        (true, path) if path.ends_with("/events") => Weight::Stream,
        (true, _) => Weight::Look,
        (false, "/api/analyses") => Weight::Document,
        (false, _) => Weight::Work,
    };
    let turn = service
        .rates
        .enter(client, weight, Instant::now())
        .map_err(Problem::too_many_requests)?;
    if !looks && !may_change(headers, &service.tokens) {
        return Err(Problem::foreign_page());
    }
    if let Some(token) = &service.config.token
        && !(looks && OPEN_PATHS.contains(&path))
        && !shows_key(headers, token)
    {
        return Err(Problem::no_key());
    }
    Ok(turn)
}

/// The answer, whose client is held to have an open request until it has all of it.
fn hold(response: Response, turn: Turn) -> Response {
    response.map(|body| Body::new(HeldBody { body, _turn: turn }))
}

struct HeldBody {
    body: Body,
    _turn: Turn,
}

impl http_body::Body for HeldBody {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

/// Whether a request means this machine by a name that only this machine has.
fn names_this_machine(request: &Request) -> bool {
    let mut in_header = request.headers().get_all(HOST).iter();
    let (first, second) = (in_header.next(), in_header.next());
    if second.is_some() {
        return false;
    }
    let host = match (request.uri().host(), first.map(HeaderValue::to_str)) {
        (Some(host), _) => host,
        (None, Some(Ok(host))) => host_name(host),
        _ => return false,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The host without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether a change is asked for by a program, or by the studio's own page with its token.
fn may_change(headers: &HeaderMap, tokens: &Tokens) -> bool {
    let Some(shown) = headers.get(OWN_PAGE) else {
        return false;
    };
    if !is_from_browser(headers) {
        return true;
    }
    let shows_token = || {
        let (shown, session) = (shown.to_str().ok()?, session(headers)?);
        Some(same(shown, &tokens.of(session)))
    };
    is_same_origin(headers) && shows_token().unwrap_or_default()
}

/// Programs have none of our cookies, and say nothing of sites.
fn is_from_browser(headers: &HeaderMap) -> bool {
    let has_cookie = |name| cookie(headers, name).is_some();
    headers.contains_key(SITE)
        || headers.contains_key(ORIGIN)
        || has_cookie(SESSION_COOKIE)
        || has_cookie(KEY_COOKIE)
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text(SITE) {
        return matches!(site, "same-origin" | "none");
    }
    match (text(ORIGIN.as_str()), text(HOST.as_str())) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, from)| from.eq_ignore_ascii_case(host)),
        (Some(_), None) => false,
    }
}

fn shows_key(headers: &HeaderMap, token: &str) -> bool {
    bearer(headers).is_some_and(|shown| same(shown, token))
        || cookie(headers, KEY_COOKIE).is_some_and(|shown| same(shown, &key_cookie(token)))
}

/// The bearer token of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// What a browser keeps in place of the key: the key cannot be worked out from it.
pub fn key_cookie(token: &str) -> String {
    let digest = Sha256::new()
        .chain_update("fabula studio cookie\0")
        .chain_update(token)
        .finalize();
    format!("{digest:x}")
}

/// Whether two secrets are the same, in a time that tells nothing about how much of them is.
fn same(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(Sha256::digest);
    one.iter()
        .zip(&other)
        .fold(0, |differences, (a, b)| differences | (a ^ b))
        == 0
}

/// The session of a request, if its client keeps cookies.
pub fn session(headers: &HeaderMap) -> Option<Id> {
    cookie(headers, SESSION_COOKIE).and_then(Id::parse)
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn only_names_of_this_machine_are_its_names() {
        let named = |host: &'static str| {
            let request = Request::builder().uri("/").header(HOST, host);
            names_this_machine(&request.body(Body::empty()).unwrap())
        };
        for own in [
            "localhost",
            "LOCALHOST:8503",
            "127.0.0.1:8503",
            "[::1]:8503",
            "[::1]",
            "127.8.8.8",
        ] {
            assert!(named(own), "{own}");
        }
        for other in [
            "",
            "example.org",
            "localhost.example.org:8503",
            "192.0.2.1",
            "127.0.0.1.example.org",
            "localhost:x",
        ] {
            assert!(!named(other), "{other}");
        }
        let without = Request::builder().uri("/").body(Body::empty()).unwrap();
        assert!(!names_this_machine(&without));
        let two = Request::builder().uri("/").header(HOST, "localhost");
        let two = two.header(HOST, "example.org").body(Body::empty());
        assert!(!names_this_machine(&two.unwrap()));
    }

    #[test]
    fn changes_come_from_the_own_page_or_a_program() {
        let tokens = Tokens::new().unwrap();
        let [mine, theirs] = [(); 2].map(|()| Id::random().unwrap());
        let [token, foreign_token] = [mine, theirs].map(|session| tokens.of(session));
        let earlier = Tokens::new().unwrap().of(mine);
        let session = format!("{SESSION_COOKIE}={mine}");
        let key = format!("{KEY_COOKIE}=0");
        let may_change = |pairs: &[(&'static str, &str)]| {
            let mut headers = headers(&[("host", "localhost:8503")]);
            headers.extend(pairs.iter().map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_str(value).unwrap())
            }));
            may_change(&headers, &tokens)
        };
        let shown = |token| [("cookie", &*session), (OWN_PAGE, token)];
        let page = |site| [&shown(&*token)[..], &[site]].concat();
        let (here, site) = (("origin", "http://localhost:8503"), (SITE, "same-origin"));
        for own in [
            &[(OWN_PAGE, "1")][..],
            &[(OWN_PAGE, "1"), ("authorization", "Bearer key")],
            &shown(&token),
            &page(here),
            &page(site),
            &[&page(here)[..], &[site]].concat(),
        ] {
            assert!(may_change(own), "{own:?}");
        }
        for foreign in [
            &[][..],
            &[site],
            // Whatever a browser brings with it, the token is missing.
            &[(OWN_PAGE, "1"), site],
            &[(OWN_PAGE, "1"), here],
            &[(OWN_PAGE, "1"), ("cookie", &*key)],
            &[(OWN_PAGE, &*token), site],
            // It is none, that of another session or of another run.
            &shown("1"),
            &shown(""),
            &shown(&foreign_token),
            &shown(&earlier),
            // It is shown by another site's page.
            &page((SITE, "cross-site")),
            &page((SITE, "same-site")),
            &page(("origin", "null")),
            &page(("origin", "http://localhost:9000")),
            &[&page(here)[..], &[(SITE, "cross-site")]].concat(),
        ] {
            assert!(!may_change(foreign), "{foreign:?}");
        }
    }

    #[test]
    fn a_key_is_shown_as_a_token_or_as_its_cookie() {
        let token = "a long and secret key";
        let shown = |name: &'static str, value: String| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::try_from(value).unwrap());
            shows_key(&headers, token)
        };
        assert!(shown("authorization", format!("Bearer {token}")));
        assert!(shown(
            "cookie",
            format!("a=b; {KEY_COOKIE}={}", key_cookie(token))
        ));
        for (name, value) in [
            ("authorization", "Bearer another".to_owned()),
            ("authorization", token.to_owned()),
            ("cookie", format!("{KEY_COOKIE}={token}")),
        ] {
            assert!(!shown(name, value.clone()), "{name}: {value}");
        }
        assert!(!shows_key(&HeaderMap::new(), token));
    }
}
