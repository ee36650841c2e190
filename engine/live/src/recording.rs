//! What a camera shows, at the clock of a film.
//!
//! A film is drawn faster or slower than a camera shows what it sees. So what comes is written
//! down as it is, coded, in a file without a name, and decoded when the film gets there: drawing
//! that is slow misses nothing, drawing that is fast waits.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::CameraUrl;
use crate::decode::{Unit, UnitDecoder};
use crate::link::{Link, Shared, Sink, State};
use crate::picture::Picture;
use crate::problem::{LiveError, Problem};
use crate::session::Patience;

/// How often a wait looks whether it is still wanted.
const HEARTBEAT: Duration = Duration::from_millis(100);
/// More than an hour of the most that cameras send.
const MAX_BYTES: u64 = 8 << 30;
/// Pictures that H.264 lets come before one that is shown earlier.
const MAX_REORDERED: usize = 16;

/// A camera that is recorded from its first picture on, for as long as a film is.
#[derive(Debug)]
pub struct Recording {
    camera: CameraUrl,
    shared: Arc<Shared<Spool>>,
    link: Link,
    grace: Duration,
    decoder: UnitDecoder,
    /// Where the next unit to decode begins.
    position: u64,
    shown: Option<Arc<Picture>>,
    /// The time that was asked for last.
    asked: Duration,
    /// What is wrong with the pictures that come.
    undecodable: Option<Problem>,
}

/// The file, and what is known of it.
#[derive(Debug)]
struct Spool {
    file: File,
    written: u64,
    /// The latest time in it.
    newest: Duration,
    /// When its first picture came.
    start: Option<Instant>,
    state: State,
    failure: Option<Failure>,
}

#[derive(Debug)]
enum Failure {
    File(io::Error),
    TooMuch,
}

impl Recording {
    /// Begins to record, into a file without a name in `folder`: it needs as much room as the
    /// camera sends in `length`, and goes with the process.
    pub fn open(camera: CameraUrl, folder: &Path, length: Duration) -> Result<Self, LiveError> {
        Self::open_with(camera, folder, length, Patience::default())
    }

    pub(crate) fn open_with(
        camera: CameraUrl,
        folder: &Path,
        length: Duration,
        patience: Patience,
    ) -> Result<Self, LiveError> {
        let file = tempfile::tempfile_in(folder).map_err(|source| LiveError::Spool {
            camera: Box::new(camera.clone()),
            source,
        })?;
        let shared = Shared::new(Spool {
            file,
            written: 0,
            newest: Duration::ZERO,
            start: None,
            state: State::Connecting,
            failure: None,
        });
        let sink = SpoolSink {
            shared: Arc::clone(&shared),
            length,
        };
        let link =
            Link::open(camera.clone(), patience, sink).map_err(|source| LiveError::System {
                camera: Box::new(camera.clone()),
                source,
            })?;
        Ok(Self {
            camera,
            shared,
            link,
            grace: patience.grace,
            decoder: UnitDecoder::default(),
            position: 0,
            shown: None,
            asked: Duration::ZERO,
            undecodable: None,
        })
    }

    /// Which camera it is.
    pub fn camera(&self) -> &CameraUrl {
        &self.camera
    }

    /// How the camera is doing.
    pub fn state(&self) -> State {
        self.shared.lock().state.clone()
    }

    /// When its first picture came: the film's clock is at 0 then.
    pub fn started(&self) -> Option<Instant> {
        self.shared.lock().start
    }

    /// Whether nothing more will be received.
    pub fn is_over(&self) -> bool {
        self.link.is_over()
    }

    /// Waits for the first picture, for so long, while `wanted`, or until it is clear that
    /// somebody has to put something right. The film's clock begins with that picture.
    pub fn wait(
        &mut self,
        limit: Duration,
        mut wanted: impl FnMut() -> bool,
    ) -> Result<Arc<Picture>, LiveError> {
        let limit = Instant::now() + limit;
        while self.shown.is_none() {
            let beat = limit.min(Instant::now() + HEARTBEAT);
            let first = self.shared.wait(beat, |spool| {
                if spool.written > self.position {
                    return Some(Ok(()));
                }
                match &spool.state {
                    State::Lost { problem, .. } if problem.needs_a_hand() => {
                        Some(Err(problem.clone()))
                    }
                    _ => None,
                }
            });
            match first {
                Some(Ok(())) => {
                    self.advance(Duration::ZERO)?;
                    if self.shown.is_none() {
                        let newest = self.shared.lock().newest;
                        self.advance(newest)?;
                    }
                }
                Some(Err(problem)) => return Err(self.error(problem)),
                None if Instant::now() >= limit || !wanted() => break,
                None => {}
            }
        }
        self.first_or_problem()
    }

    fn first_or_problem(&self) -> Result<Arc<Picture>, LiveError> {
        self.shown.clone().ok_or_else(|| {
            let undecodable = self.undecodable.clone();
            let problem = match self.state() {
                State::Lost { problem, .. } => problem,
                State::Connecting | State::Playing => undecodable.unwrap_or(Problem::NoKeyFrame),
            };
            self.error(problem)
        })
    }

    /// The picture that the camera showed `time` after the first one. Waits, while `wanted`, until
    /// the camera has got there; then, if it was lost, the last picture before that is held. Going
    /// back to an earlier time takes a look through all that was recorded.
    pub fn picture_at(
        &mut self,
        time: Duration,
        mut wanted: impl FnMut() -> bool,
    ) -> Result<Arc<Picture>, LiveError> {
        loop {
            let now = Instant::now();
            let there = self.shared.wait(now + HEARTBEAT, |spool| {
                let passed = |start: Instant| now.duration_since(start) >= time + self.grace;
                let there = spool.newest >= time || spool.start.is_some_and(passed);
                (there || spool.failure.is_some()).then_some(())
            });
            if there.is_some() || self.is_over() || !wanted() {
                break;
            }
        }
        if let Some(failure) = self.shared.lock().failure.as_ref().map(Failure::again) {
            return Err(self.failed(failure));
        }
        if time < self.asked {
            self.go_back(time)?;
        } else {
            self.advance(time)?;
        }
        self.asked = time;
        self.first_or_problem()
    }

    /// Decodes up to an earlier time than before, from the last key frame that came by then.
    fn go_back(&mut self, time: Duration) -> Result<(), LiveError> {
        self.decoder.restart();
        self.position = 0;
        self.shown = None;
        self.advance(time)?;
        // Some decoders keep a picture back until more of them have come.
        while self.shown.is_none() && self.position < self.shared.lock().written {
            self.decode_next()?;
        }
        Ok(())
    }

    /// Decodes up to `time`, from the last key frame before it if that spares some work.
    fn advance(&mut self, time: Duration) -> Result<(), LiveError> {
        let due = self.shared.change(|spool| spool.due(self.position, time));
        let due = due.map_err(|failure| self.failed(failure))?;
        self.position = due.start;
        while self.position < due.end {
            self.decode_next()?;
        }
        Ok(())
    }

    fn decode_next(&mut self) -> Result<(), LiveError> {
        let read = self.shared.change(|spool| spool.read(self.position));
        let (unit, end) = read.map_err(|failure| self.failed(failure))?;
        self.position = end;
        match self.decoder.decode(&unit) {
            Ok(Some(picture)) => self.shown = Some(Arc::new(picture)),
            Ok(None) => {}
            Err(problem) => self.undecodable = Some(problem),
        }
        Ok(())
    }

    fn error(&self, problem: Problem) -> LiveError {
        LiveError::Camera {
            camera: Box::new(self.camera.clone()),
            problem,
        }
    }

    fn failed(&self, failure: Failure) -> LiveError {
        match failure {
            Failure::TooMuch => self.error(Problem::TooMuch),
            Failure::File(source) => LiveError::Spool {
                camera: Box::new(self.camera.clone()),
                source,
            },
        }
    }
}

/// What stands before each unit in the file: time in nanoseconds, length, whether it is a key.
const HEADER_LEN: usize = 13;

struct Header {
    time: Duration,
    len: u32,
    key: bool,
}

impl Spool {
    fn append(&mut self, unit: &Unit) -> Result<(), Failure> {
        let len = u32::try_from(unit.data.len()).map_err(|_| Failure::TooMuch)?;
        let end = self.written + HEADER_LEN as u64 + u64::from(len);
        if end > MAX_BYTES {
            return Err(Failure::TooMuch);
        }
        let nanoseconds = u64::try_from(unit.time.as_nanos()).unwrap_or(u64::MAX);
        let mut bytes = Vec::with_capacity(HEADER_LEN + unit.data.len());
        bytes.extend(nanoseconds.to_le_bytes());
        bytes.extend(len.to_le_bytes());
        bytes.push(u8::from(unit.key));
        bytes.extend(&unit.data);
        self.file.seek(SeekFrom::Start(self.written))?;
        self.file.write_all(&bytes)?;
        self.written = end;
        self.newest = self.newest.max(unit.time);
        Ok(())
    }

    fn header(&mut self, position: u64) -> Result<Header, Failure> {
        let mut bytes = [0; HEADER_LEN];
        self.file.seek(SeekFrom::Start(position))?;
        self.file.read_exact(&mut bytes)?;
        let [a, b, c, d, e, f, g, h, len @ .., key] = bytes;
        Ok(Header {
            time: Duration::from_nanos(u64::from_le_bytes([a, b, c, d, e, f, g, h])),
            len: u32::from_le_bytes(len),
            key: key != 0,
        })
    }

    /// The unit at `position`, and where it ends.
    fn read(&mut self, position: u64) -> Result<(Unit, u64), Failure> {
        let header = self.header(position)?;
        let mut data = vec![0; header.len as usize];
        self.file.read_exact(&mut data)?;
        let unit = Unit {
            key: header.key,
            time: header.time,
            data,
        };
        Ok((unit, header.end(position)))
    }

    /// What has to be decoded after `position` for the picture at `time`.
    fn due(&mut self, position: u64, time: Duration) -> Result<Range<u64>, Failure> {
        let mut due = position..position;
        let (mut scanned, mut later) = (position, 0);
        // Pictures that are shown later may come before the one that is due.
        while scanned < self.written && later < MAX_REORDERED {
            let header = self.header(scanned)?;
            let end = header.end(scanned);
            if header.time <= time {
                if header.key {
                    due.start = scanned;
                }
                due.end = end;
                later = 0;
            } else {
                later += 1;
            }
            scanned = end;
        }
        Ok(due)
    }
}

impl Header {
    /// Where a unit that begins at `position` ends.
    fn end(&self, position: u64) -> u64 {
        position + HEADER_LEN as u64 + u64::from(self.len)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Failure {
    fn again(&self) -> Self {
        match self {
            Self::File(error) => Self::File(io::Error::new(error.kind(), error.to_string())),
            Self::TooMuch => Self::TooMuch,
        }
    }
}

struct SpoolSink {
    shared: Arc<Shared<Spool>>,
    length: Duration,
}

impl Sink for SpoolSink {
    fn take(&mut self, unit: Unit) -> ControlFlow<()> {
        self.shared.change(|spool| {
            spool.start.get_or_insert_with(Instant::now);
            if let Err(failure) = spool.append(&unit) {
                spool.failure = Some(failure);
                return ControlFlow::Break(());
            }
            if unit.time > self.length {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
    }

    fn state(&mut self, state: State) {
        self.shared.change(|spool| spool.state = state);
    }
}
