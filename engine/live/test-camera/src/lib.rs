//! A camera on loopback for tests: it speaks RTSP over TCP and shows a made-up picture in H.264,
//! or misbehaves in one of the ways that cameras do.

mod digest;
mod rtp;
mod server;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Red, green and blue of a picture, which has one colour everywhere.
pub type Colour = [u8; 3];

/// What the camera shows, one after the other, each for [`Manner::each_shown`].
pub const COLOURS: [Colour; 4] = [[200, 40, 40], [40, 180, 60], [50, 70, 210], [220, 200, 60]];

/// What it does, and what it does not do.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Pixels of a row and rows; even.
    pub size: (usize, usize),
    /// Pictures a second.
    pub fps: u32,
    /// How long each of [`COLOURS`] is shown, counted from the camera's start.
    pub each_shown: Duration,
    /// Name and password that it asks for, and how.
    pub account: Option<(String, String, Scheme)>,
    /// Its fault.
    pub fault: Fault,
}

/// How a name and a password are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Basic,
    /// As an MD5 digest.
    Digest,
}

/// What is wrong with a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It takes the connection and says nothing.
    Mute,
    /// It plays, and after so many pictures says no more, with the connection open.
    StallsAfter(u64),
    /// It answers with bytes that are not RTSP.
    Garbage,
    /// It answers with a head that never ends.
    EndlessHead,
    /// It plays RTP whose payload is not H.264.
    GarbageMedia,
    /// It sends one picture whose packets never end.
    EndlessPicture,
    /// What it offers is H.265.
    H265,
    /// It offers sound alone.
    SoundOnly,
    /// It has no such stream.
    NotFound,
    /// It is too busy.
    Busy,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            size: (320, 192),
            fps: 25,
            each_shown: Duration::from_secs(1),
            account: None,
            fault: Fault::None,
        }
    }
}

/// A camera that is switched on until it is dropped.
#[derive(Debug)]
pub struct TestCamera {
    address: SocketAddr,
    works: Arc<Works>,
    listening: Option<JoinHandle<()>>,
}

/// What all threads of a camera know.
#[derive(Debug)]
struct Works {
    manner: Manner,
    started: Instant,
    off: AtomicBool,
    clients: Mutex<Vec<TcpStream>>,
    requests: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

impl TestCamera {
    /// Switches a camera on, at a free port of the loopback interface.
    pub fn start(manner: Manner) -> io::Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), manner)
    }

    /// Switches a camera on at an address that another one has had.
    pub fn start_at(address: SocketAddr, manner: Manner) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let works = Arc::new(Works {
            manner,
            started: Instant::now(),
            off: AtomicBool::new(false),
            clients: Mutex::default(),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let address = listener.local_addr()?;
        let at_work = Arc::clone(&works);
        let listening = thread::spawn(move || listen(&listener, &at_work));
        Ok(Self {
            address,
            works,
            listening: Some(listening),
        })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of its stream.
    pub fn url(&self) -> String {
        format!("rtsp://{}/door", self.address)
    }

    /// The address of its stream with a name and a password in it, as they are.
    pub fn url_with(&self, account: &str) -> String {
        format!("rtsp://{account}@{}/door", self.address)
    }

    /// How many connections it has taken.
    pub fn connections(&self) -> usize {
        self.works.connections.load(Ordering::Relaxed)
    }

    /// The requests that came, each with its headers.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.works.requests).clone()
    }

    /// When it was switched on: its first colour is shown from then on.
    pub fn started(&self) -> Instant {
        self.works.started
    }
}

impl Drop for TestCamera {
    /// Switches it off: connections break, and its port is free.
    fn drop(&mut self) {
        self.works.off.store(true, Ordering::Relaxed);
        for client in lock(&self.works.clients).drain(..) {
            let _ = client.shutdown(std::net::Shutdown::Both);
        }
        // Wakes who listens.
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(listener: &TcpListener, works: &Arc<Works>) {
    for client in listener.incoming() {
        if works.off.load(Ordering::Relaxed) {
            return;
        }
        let Ok(client) = client else { continue };
        works.connections.fetch_add(1, Ordering::Relaxed);
        if let Ok(copy) = client.try_clone() {
            lock(&works.clients).push(copy);
        }
        let works = Arc::clone(works);
        // A client that goes away is no failure of the camera.
        thread::spawn(move || server::serve(&client, &works).ok());
    }
}

impl Works {
    /// What is shown so long after the start.
    fn colour_at(&self, time: Duration) -> Colour {
        let index = time.as_millis() / self.manner.each_shown.as_millis().max(1);
        COLOURS[index as usize % COLOURS.len()]
    }
}
