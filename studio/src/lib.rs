//! The web studio: one page where anyone makes a film, and the HTTP API behind it.
//!
//! Whoever starts it gives it a [`Workshop`], which reads stories and makes films; how it does
//! that is nothing the studio knows. [`Studio::open`] takes up the data folder with everything
//! that was under way when the last studio ended, [`Studio::router`] is the service as such, and
//! [`Studio::serve`] puts it on a socket.
//!
//! `records` is the database of both, and `folder` has the files of films beside it.
//! `analyses` keeps what was understood of stories and the corrections of a person, `films` makes
//! one film after another on a thread of its own, `clamd` has documents looked at for viruses,
//! `load` says how busy the machine is, `web` is the outside: routes, limits, safety.

mod analyses;
mod clamd;
mod corrections;
mod films;
mod folder;
mod id;
mod load;
mod options;
mod records;
mod web;
mod workshop;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;

pub use clamd::{Clamd, UnknownClamd};
pub use folder::FolderError;
pub use options::{Aspect, Captions, FilmOptions, Quality, Size};
pub use records::RecordsError;
pub use web::{RouteDescription, routes};
pub use workshop::{CaptionFormat, Made, Manuscript, Order, Refusal, Workshop};

use analyses::Analyses;
use films::Films;
use folder::DataFolder;
use records::Records;
use web::{Service, Tokens};

/// How a studio is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens; off the loopback interface a `token` is needed.
    pub address: SocketAddr,
    /// Where analyses and films are kept.
    pub data: PathBuf,
    /// What clients have to show, if anything.
    pub token: Option<String>,
    /// Who looks at documents for viruses before they are read, if anyone.
    pub clamd: Option<Clamd>,
    /// What clients may ask for.
    pub limits: Limits,
}

/// Bounds on what clients may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a minute and client that make work.
    pub requests_per_minute: u32,
    /// Requests a minute and client that only look.
    pub looks_per_minute: u32,
    /// Requests of one client that are answered at the same time.
    pub concurrent: usize,
    /// Stories of one client that are received or read at the same time.
    pub documents_per_client: usize,
    /// Event streams of one client that are open at the same time.
    pub event_streams: usize,
    /// Connections that are open at the same time; further ones wait to be accepted.
    pub connections: usize,
    /// Connections of one client; further ones are closed at once.
    pub connections_per_client: usize,
    /// Films that wait.
    pub queue: usize,
    /// The largest document.
    pub document_bytes: usize,
    /// The largest JSON: a storyboard of a long story, edited by hand.
    pub json_bytes: usize,
    /// How long a client may take to send the head of a request, or to begin the next one.
    pub head: Duration,
    /// How long a client may take to send a request's body.
    pub upload: Duration,
    /// How long a client may take nothing of its answer.
    pub stall: Duration,
    /// How long the look for viruses may take.
    pub scan: Duration,
    /// How long reading a story may take.
    pub reading: Duration,
    /// How long a film may take to make.
    pub making: Duration,
    /// How long analyses and films are kept.
    pub lifetime: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_minute: 60,
            looks_per_minute: 600,
            concurrent: 10,
            documents_per_client: 2,
            event_streams: 10,
            connections: 512,
            connections_per_client: 128,
            queue: 100,
            document_bytes: 10 << 20,
            json_bytes: 4 << 20,
            head: Duration::from_secs(20),
            upload: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            scan: Duration::from_secs(30),
            reading: Duration::from_mins(2),
            making: Duration::from_hours(2),
            lifetime: Duration::from_hours(24),
        }
    }
}

/// Why a studio cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address can be reached by others, who would need no key.
    #[error(
        "{0} can be reached from other machines, so the studio needs a key there; name a file \
         that holds one with --token-file, or listen on 127.0.0.1"
    )]
    NoToken(SocketAddr),
    /// The key is too easy to guess.
    #[error("the studio's key has fewer than {MIN_TOKEN_CHARS} characters; choose a longer one")]
    ShortToken,
    /// The system has no source of randomness.
    #[error(
        "the studio finds nothing random to make secrets of: {0}; start it where the operating \
         system has a random number generator"
    )]
    NotRandom(#[from] getrandom::Error),
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records in it cannot be used.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

/// The fewest characters of a key.
const MIN_TOKEN_CHARS: usize = 16;
/// How long open requests may take when the studio ends.
const FAREWELL: Duration = Duration::from_secs(10);

/// A studio whose films are being made, ready to be served.
#[derive(Debug)]
pub struct Studio {
    service: Arc<Service>,
}

impl Studio {
    /// Opens the data folder, takes up films that were not finished, and starts making them.
    pub fn open(config: Config, workshop: Arc<dyn Workshop>) -> Result<Self, OpenError> {
        match &config.token {
            None if !config.address.ip().is_loopback() => {
                return Err(OpenError::NoToken(config.address));
            }
            Some(token) if token.chars().count() < MIN_TOKEN_CHARS => {
                return Err(OpenError::ShortToken);
            }
            _ => {}
        }
        let folder = Arc::new(DataFolder::open(&config.data)?);
        let records = Arc::new(Records::open(Arc::clone(&folder))?);
        let analyses = Analyses::new(Arc::clone(&records));
        let films = Films::open(folder, records, Arc::clone(&workshop), config.limits)?;
        let service = Service::new(config, workshop, analyses, films, Tokens::new()?);
        Ok(Self {
            service: Arc::new(service),
        })
    }

    /// The service, to be called without a socket; clients without an address count as one.
    pub fn router(&self) -> axum::Router {
        web::router(Arc::clone(&self.service))
    }

    /// Answers on `listener` until `ending` comes, then finishes open requests; a film that is
    /// being made then is begun again by the next studio on the same data folder.
    pub async fn serve(self, listener: TcpListener, ending: impl Future<Output = ()>) {
        let router = self.router();
        let limits = self.service.config.limits;
        tracing::info!(target: "web.interface", "the studio is open");
        let expiry = tokio::spawn(expire(Arc::clone(&self.service)));
        let sampling = tokio::spawn(sample(Arc::clone(&self.service)));
        web::serve(listener, router, &limits, ending, || self.close(), FAREWELL).await;
        expiry.abort();
        sampling.abort();
        tracing::info!(target: "web.interface", "the studio is closed");
    }

    /// Stops making films, and ends all event streams. What was being made is made by the next
    /// studio.
    pub fn close(&self) {
        self.service.close();
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        self.close();
    }
}

/// Time between two looks for what is out of date.
const EXPIRY_INTERVAL: Duration = Duration::from_mins(1);

async fn expire(service: Arc<Service>) {
    let mut interval = tokio::time::interval(EXPIRY_INTERVAL);
    loop {
        interval.tick().await;
        let service = Arc::clone(&service);
        // It removes files, which may take a while.
        let _ = tokio::task::spawn_blocking(move || service.expire()).await;
    }
}

/// Time between two looks at how busy the machine is.
const SAMPLING_INTERVAL: Duration = Duration::from_mins(1);

async fn sample(service: Arc<Service>) {
    let mut interval = tokio::time::interval(SAMPLING_INTERVAL);
    // After a machine has slept, one look is enough.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sampler = load::Sampler::new(service.config.data.clone());
    loop {
        interval.tick().await;
        // It asks the GPU's driver, which may take a while.
        let sampled = tokio::task::spawn_blocking(move || (sampler.sample(), sampler)).await;
        let Ok((load, same)) = sampled else {
            return;
        };
        sampler = same;
        service.metrics.load(load);
    }
}

/// Seconds since 1970.
fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// What another thread held when it panicked is whole: nothing is half done under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
