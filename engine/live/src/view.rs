//! The newest picture of a camera.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::CameraUrl;
use crate::decode::{Unit, UnitDecoder};
use crate::link::{Link, Shared, Sink, State};
use crate::picture::Picture;
use crate::problem::{LiveError, Problem};
use crate::session::Patience;

/// Coded pictures between the two threads. When decoding is later than that, pictures are left
/// out up to the next key frame: a view shows what is, not what was.
const WAITING_UNITS: usize = 4;

/// A camera that is looked at: only its newest picture is kept, and held when the stream is lost.
#[derive(Debug)]
pub struct LiveView {
    camera: CameraUrl,
    shared: Arc<Shared<Seen>>,
    // Dropped before the decoder: with its sink goes what the decoder waits for.
    link: Option<Link>,
    decoder: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Seen {
    state: State,
    newest: Option<Arc<Picture>>,
    /// What is wrong with the pictures that come.
    undecodable: Option<Problem>,
    left_out: u64,
}

impl LiveView {
    /// Begins to receive, and goes on until the view is dropped.
    pub fn open(camera: CameraUrl) -> Result<Self, LiveError> {
        Self::open_with(camera, Patience::default())
    }

    pub(crate) fn open_with(camera: CameraUrl, patience: Patience) -> Result<Self, LiveError> {
        let shared = Shared::new(Seen {
            state: State::Connecting,
            newest: None,
            undecodable: None,
            left_out: 0,
        });
        let (units, to_decode) = mpsc::sync_channel(WAITING_UNITS);
        let sink = ViewSink {
            shared: Arc::clone(&shared),
            units,
            waiting_for_key: false,
        };
        let system = |source| LiveError::System {
            camera: Box::new(camera.clone()),
            source,
        };
        let seen = Arc::clone(&shared);
        let decoder = thread::Builder::new()
            .name("camera pictures".into())
            .spawn(move || decode(&to_decode, &seen))
            .map_err(system)?;
        let link = Link::open(camera.clone(), patience, sink).map_err(system)?;
        Ok(Self {
            camera,
            shared,
            link: Some(link),
            decoder: Some(decoder),
        })
    }

    /// Which camera it is.
    pub fn camera(&self) -> &CameraUrl {
        &self.camera
    }

    /// The newest picture; none until the first one came. It costs no copy.
    pub fn newest(&self) -> Option<Arc<Picture>> {
        self.shared.lock().newest.clone()
    }

    /// How the camera is doing.
    pub fn state(&self) -> State {
        self.shared.lock().state.clone()
    }

    /// How many coded pictures were left out because decoding was late.
    pub fn left_out(&self) -> u64 {
        self.shared.lock().left_out
    }

    /// Waits for a first picture, for so long or until it is clear that somebody has to put
    /// something right.
    pub fn wait(&self, limit: Duration) -> Result<Arc<Picture>, LiveError> {
        let looked = self.shared.wait(Instant::now() + limit, |seen| {
            match (&seen.newest, seen.problem()) {
                (Some(picture), _) => Some(Ok(Arc::clone(picture))),
                (None, Some(problem)) if problem.needs_a_hand() => Some(Err(problem)),
                _ => None,
            }
        });
        looked
            .unwrap_or_else(|| Err(self.shared.lock().problem().unwrap_or(Problem::NoKeyFrame)))
            .map_err(|problem| LiveError::Camera {
                camera: Box::new(self.camera.clone()),
                problem,
            })
    }
}

impl Drop for LiveView {
    fn drop(&mut self) {
        drop(self.link.take());
        if let Some(decoder) = self.decoder.take() {
            // If it has panicked, it has said so.
            let _ = decoder.join();
        }
    }
}

impl Seen {
    fn problem(&self) -> Option<Problem> {
        match &self.state {
            State::Lost { problem, .. } => Some(problem.clone()),
            State::Connecting | State::Playing => self.undecodable.clone(),
        }
    }
}

struct ViewSink {
    shared: Arc<Shared<Seen>>,
    units: SyncSender<Unit>,
    waiting_for_key: bool,
}

impl Sink for ViewSink {
    fn take(&mut self, unit: Unit) -> ControlFlow<()> {
        if self.waiting_for_key && !unit.key {
            self.shared.change(|seen| seen.left_out += 1);
            return ControlFlow::Continue(());
        }
        match self.units.try_send(unit) {
            Ok(()) => self.waiting_for_key = false,
            Err(TrySendError::Full(_)) => {
                self.waiting_for_key = true;
                self.shared.change(|seen| seen.left_out += 1);
            }
            Err(TrySendError::Disconnected(_)) => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    fn state(&mut self, state: State) {
        self.shared.change(|seen| seen.state = state);
    }
}

fn decode(units: &Receiver<Unit>, shared: &Shared<Seen>) {
    let mut decoder = UnitDecoder::default();
    for unit in units {
        match decoder.decode(&unit) {
            Ok(Some(picture)) => shared.change(|seen| {
                seen.newest = Some(Arc::new(picture));
                seen.undecodable = None;
            }),
            Ok(None) => {}
            Err(problem) => shared.change(|seen| seen.undecodable = Some(problem)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_pictures_are_left_out_up_to_a_key_frame() {
        let shared = Shared::new(Seen {
            state: State::Playing,
            newest: None,
            undecodable: None,
            left_out: 0,
        });
        let (units, to_decode) = mpsc::sync_channel(WAITING_UNITS);
        let mut sink = ViewSink {
            shared: Arc::clone(&shared),
            units,
            waiting_for_key: false,
        };
        let unit = |number: usize| Unit {
            key: number.is_multiple_of(10),
            time: Duration::from_secs(number as u64),
            data: Vec::new(),
        };
        // Nobody decodes: what finds no room is left out, and all that builds on it.
        for number in 0..8 {
            assert!(sink.take(unit(number)).is_continue());
        }
        let waiting: Vec<_> = to_decode
            .try_iter()
            .map(|unit| unit.time.as_secs())
            .collect();
        assert_eq!(waiting, [0, 1, 2, 3]);
        for number in 8..12 {
            assert!(sink.take(unit(number)).is_continue());
        }
        let waiting: Vec<_> = to_decode
            .try_iter()
            .map(|unit| unit.time.as_secs())
            .collect();
        assert_eq!(waiting, [10, 11]);
        assert_eq!(shared.lock().left_out, 6);
        drop(to_decode);
        assert!(sink.take(unit(20)).is_break());
    }
}
