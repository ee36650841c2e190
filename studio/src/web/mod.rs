//! The outside of the studio: its routes, and what stands between them and the world.

mod analyses;
mod bodies;
mod connections;
mod events;
mod films;
mod guard;
mod metrics;
mod page;
mod problem;
mod rates;
mod session;
mod stall;
mod video;

use std::fmt::Write as _;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::analyses::Analyses;
use crate::films::Films;
use crate::workshop::Workshop;
use crate::{Config, Limits, now_s};
use connections::Connections;
use metrics::Metrics;
use problem::Problem;
use rates::Rates;
pub use session::Tokens;
use stall::Unstalled;

/// Stories that are received, or have come and wait to be read, at the same time, of all clients
/// together: each may take ten megabytes.
const RECEIVINGS: usize = 16;
/// Stories that are read at the same time: each may take a core.
const READINGS: usize = 4;
/// Pictures that are drawn at the same time.
const DRAWINGS: usize = 4;
/// The largest head of a request.
const HEAD_BYTES: usize = 32 * 1024;

/// What all requests share.
pub struct Service {
    pub config: Config,
    pub workshop: Arc<dyn Workshop>,
    pub analyses: Analyses,
    pub films: Films,
    pub tokens: Tokens,
    pub rates: Arc<Rates>,
    pub metrics: Metrics,
    pub receivings: Semaphore,
    pub readings: Arc<Semaphore>,
    pub drawings: Semaphore,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

impl Service {
    pub fn new(
        config: Config,
        workshop: Arc<dyn Workshop>,
        analyses: Analyses,
        films: Films,
        tokens: Tokens,
    ) -> Self {
        Self {
            rates: Arc::new(Rates::new(config.limits)),
            config,
            workshop,
            analyses,
            films,
            tokens,
            metrics: Metrics::new(),
            receivings: Semaphore::new(RECEIVINGS),
            readings: Arc::new(Semaphore::new(READINGS)),
            drawings: Semaphore::new(DRAWINGS),
        }
    }

    pub fn close(&self) {
        self.films.close();
    }

    /// Removes what is older than it may become.
    pub fn expire(&self) {
        let oldest_s = now_s().saturating_sub(self.config.limits.lifetime.as_secs());
        for expired in [self.films.expire(oldest_s), self.analyses.expire(oldest_s)] {
            if let Err(error) = expired {
                tracing::warn!(target: "error.handling", %error, "what is out of date cannot be found");
            }
        }
    }
}

/// A method and the path that takes it, with parameters in braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteDescription {
    /// As in a request.
    pub method: &'static str,
    /// From the root.
    pub path: &'static str,
}

type Route = (
    &'static str,
    &'static [&'static str],
    MethodRouter<Arc<Service>>,
);

fn table() -> Vec<Route> {
    vec![
        ("/", &["GET"], get(page::index)),
        ("/studio.css", &["GET"], get(page::style)),
        ("/studio.js", &["GET"], get(page::script)),
        ("/icon.svg", &["GET"], get(page::icon)),
        ("/quicksand.ttf", &["GET"], get(page::font)),
        ("/health", &["GET"], get(health)),
        ("/ready", &["GET"], get(ready)),
        ("/metrics", &["GET"], get(metrics_text)),
        ("/api/openapi.json", &["GET"], get(page::openapi)),
        (
            "/api/session",
            &["GET", "POST"],
            get(session::show).post(session::open),
        ),
        ("/api/examples", &["GET"], get(page::examples)),
        ("/api/limits", &["GET"], get(page::limits)),
        ("/api/analyses", &["POST"], post(analyses::create)),
        (
            "/api/analyses/{id}",
            &["GET", "PATCH", "DELETE"],
            get(analyses::show)
                .patch(analyses::correct)
                .delete(analyses::remove),
        ),
        ("/api/analyses/{id}/story", &["GET"], get(analyses::story)),
        (
            "/api/analyses/{id}/storyboard",
            &["GET", "PATCH"],
            get(analyses::storyboard).patch(analyses::edit),
        ),
        (
            "/api/analyses/{id}/portraits/{role}",
            &["GET"],
            get(analyses::portrait),
        ),
        (
            "/api/analyses/{id}/picture",
            &["GET"],
            get(analyses::picture),
        ),
        (
            "/api/films",
            &["GET", "POST"],
            get(films::list).post(films::create),
        ),
        (
            "/api/films/{id}",
            &["GET", "DELETE"],
            get(films::show).merge(delete(films::remove)),
        ),
        ("/api/films/{id}/cancel", &["POST"], post(films::cancel)),
        ("/api/films/{id}/events", &["GET"], get(films::events)),
        ("/api/films/{id}/picture", &["GET"], get(films::picture)),
        ("/api/films/{id}/film.mp4", &["GET"], get(films::video)),
        (
            "/api/films/{id}/captions.srt",
            &["GET"],
            get(films::captions_srt),
        ),
        (
            "/api/films/{id}/captions.vtt",
            &["GET"],
            get(films::captions_vtt),
        ),
        (
            "/api/films/{id}/storyboard.json",
            &["GET"],
            get(films::storyboard),
        ),
    ]
}

/// Everything that the studio answers to, in the order of its description.
pub fn routes() -> Vec<RouteDescription> {
    let describe = |(path, methods, _): Route| {
        methods
            .iter()
            .map(move |method| RouteDescription { method, path })
    };
    table().into_iter().flat_map(describe).collect()
}

pub fn router(service: Arc<Service>) -> Router {
    let routes = table()
        .into_iter()
        .fold(Router::new(), |router, (path, _, methods)| {
            router.route(path, methods)
        });
    routes
        .fallback(async || Problem::not_found("there is nothing at this address"))
        .method_not_allowed_fallback(async || Problem::wrong_method())
        // Each body is read up to a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(
            Arc::clone(&service),
            guard::guard,
        ))
        .with_state(service)
}

/// Answers connections until `ending`; then, after `close`, waits for open answers, but not for
/// longer than `farewell`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    ending: impl Future<Output = ()>,
    close: impl FnOnce() + Send,
    farewell: Duration,
) {
    let connections = Arc::new(Semaphore::new(limits.connections));
    let per_client = Arc::new(Connections::new(limits.connections_per_client));
    let graceful = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES);
    let mut ending = std::pin::pin!(ending);
    loop {
        let accepted = async {
            let permit = Arc::clone(&connections).acquire_owned().await;
            (listener.accept().await, permit)
        };
        let ((stream, address), permit) = tokio::select! {
            () = &mut ending => break,
            (accepted, permit) = accepted => match accepted {
                Ok(connection) => (connection, permit),
                Err(error) => {
                    tracing::warn!(target: "web.interface", %error, "a connection was not accepted");
                    // Out of file handles, most likely: some will be free soon.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let Some(client) = per_client.open(address.ip()) else {
            continue;
        };
        let answering = router.clone();
        let service = tower::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request
                .extensions_mut()
                .insert(ConnectInfo::<SocketAddr>(address));
            answering.clone().oneshot(request)
        });
        let stream = TokioIo::new(Unstalled::new(stream, limits.stall));
        let connection = http.serve_connection(stream, TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that breaks off is no error of ours.
            let _ = connection.await;
            drop((client, permit));
        });
    }
    drop(listener);
    // It waits for the maker, so other tasks must go on elsewhere.
    tokio::task::block_in_place(close);
    let _ = tokio::time::timeout(farewell, graceful.shutdown()).await;
}

/// Runs what may wait for a disk, a lock or a GPU away from the threads that answer.
async fn away<T: Send + 'static>(
    service: &Arc<Service>,
    work: impl FnOnce(&Service) -> T + Send + 'static,
) -> Result<T, Problem> {
    let service = Arc::clone(service);
    tokio::task::spawn_blocking(move || work(&service))
        .await
        // What a panic says may quote a story.
        .map_err(|_| Problem::defect(&"a task panicked"))
}

/// An answer in JSON.
fn json_answer(status: StatusCode, value: &impl serde::Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => (status, [(CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => Problem::defect(&error).into_response(),
    }
}

/// A file with a name, to be saved by whoever asked for it.
fn attachment(title: &str, extension: &str) -> HeaderValue {
    let plain = file_name(title, |c| c.is_ascii_alphanumeric());
    let whole = file_name(title, char::is_alphanumeric);
    let mut header = format!("attachment; filename=\"{plain}.{extension}\"");
    if whole != plain {
        // Letters of all scripts, as RFC 8187 writes them.
        header += "; filename*=UTF-8''";
        for byte in whole.bytes() {
            // Writing to a string cannot fail.
            let _ = match byte {
                b'-' | b'0'..=b'9' | b'a'..=b'z' => write!(header, "{}", char::from(byte)),
                _ => write!(header, "%{byte:02X}"),
            };
        }
        header.extend([".", extension]);
    }
    HeaderValue::try_from(header).unwrap_or(HeaderValue::from_static("attachment"))
}

/// The longest name of a file, without its extension.
const LONGEST_FILE_NAME: usize = 60;

/// What remains of a title when only some letters are left, and a dash for the others between them.
fn file_name(title: &str, is_left: impl Fn(char) -> bool) -> String {
    let mut name = String::new();
    for c in title.chars().take(LONGEST_FILE_NAME) {
        if is_left(c) {
            name.extend(c.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "film" } else { name }.to_owned()
}

async fn health() -> Response {
    json_answer(StatusCode::OK, &json!({"status": "ok"}))
}

async fn ready(State(service): State<Arc<Service>>) -> Result<Response, Problem> {
    let state = away(&service, |service| {
        if service.films.is_closing() {
            return Err("the studio is closing".to_owned());
        }
        service
            .films
            .check_writable()
            .map_err(|error| format!("the data folder cannot be written: {error}"))?;
        service.workshop.ready()
    });
    let mut state = state.await?;
    if let (Ok(()), Some(clamd)) = (&state, &service.config.clamd) {
        let answers = clamd.ping(service.config.limits.scan).await;
        state = answers.map_err(|error| error.to_string());
    }
    match state {
        Ok(()) => Ok(json_answer(StatusCode::OK, &json!({"status": "ready"}))),
        Err(why) => Err(Problem::busy(why)),
    }
}

async fn metrics_text(State(service): State<Arc<Service>>) -> Result<Response, Problem> {
    let text = away(&service, |service| service.metrics.text(&service.films)).await?;
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], text).into_response())
}

/// The JSON of a body as a value of a type; what is wrong is named with its place.
fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| Problem::malformed(format!("the body does not fit: {error}")))?;
    json.end()
        .map_err(|error| Problem::malformed(format!("the body does not end in time: {error}")))?;
    Ok(value)
}

/// Parameters of a path.
struct Params<T>(T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(params)) => Ok(Self(params)),
            // Bytes that are no text name nothing here.
            Err(_) => Err(Problem::not_found("there is nothing at this address")),
        }
    }
}

/// An id in a path.
fn id(text: &str) -> Result<crate::id::Id, Problem> {
    crate::id::Id::parse(text)
        .ok_or_else(|| Problem::not_found("an id has 32 hexadecimal digits, and this is none"))
}

/// The value of a query's parameter.
fn parameter(query: Option<&str>, name: &str) -> Result<Option<String>, Problem> {
    let request = format!("/?{}", query.unwrap_or_default());
    let uri = request
        .parse()
        .map_err(|_| Problem::malformed("the query cannot be read"))?;
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri)
        .map_err(|_| Problem::malformed("the query cannot be read"))?;
    let found = pairs.0.into_iter().find(|(key, _)| key == name);
    Ok(found.map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_title_gives_a_name_that_may_stand_in_a_header() {
        for (title, names) in [
            ("The Fox and the Lantern", "\"the-fox-and-the-lantern.mp4\""),
            (
                "Zoë's Café",
                "\"zo-s-caf.mp4\"; filename*=UTF-8''zo%C3%AB-s-caf%C3%A9.mp4",
            ),
            ("a\r\nSet-Cookie: b=c", "\"a-set-cookie-b-c.mp4\""),
            ("../../etc/passwd", "\"etc-passwd.mp4\""),
            ("\"; filename=\"x.exe", "\"filename-x-exe.mp4\""),
            ("龍", "\"film.mp4\"; filename*=UTF-8''%E9%BE%8D.mp4"),
            ("🦊", "\"film.mp4\""),
            ("", "\"film.mp4\""),
        ] {
            let header = attachment(title, "mp4");
            let expected = format!("attachment; filename={names}");
            assert_eq!(header.to_str().unwrap(), expected, "{title}");
        }
        let long = attachment(&"龍".repeat(500), "mp4");
        assert!(long.len() < 100 + 9 * LONGEST_FILE_NAME, "{long:?}");
    }
}
