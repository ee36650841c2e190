//! The thread that receives a camera, and connects again when it is lost.

use std::future::Future;
use std::io;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use retina::client::SessionGroup;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::CameraUrl;
use crate::decode::Unit;
use crate::problem::Problem;
use crate::session::{self, Coded, Patience};

/// RTP counts time for H.264 in these.
const TICKS_A_SECOND: i64 = 90_000;
/// A camera's clock that is this far from ours is set anew: it jumped, or runs at another speed.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);

/// How a camera is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is being connected to for the first time.
    Connecting,
    /// Pictures come.
    Playing,
    /// None come; it is connected to again, unless the problem is one of its credentials.
    Lost {
        /// Why.
        problem: Problem,
        /// Since when.
        since: Instant,
    },
}

/// What the receiving thread and its users share.
#[derive(Debug)]
pub(crate) struct Shared<T> {
    inner: Mutex<T>,
    changed: Condvar,
}

impl<T> Shared<T> {
    pub(crate) fn new(inner: T) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(inner),
            changed: Condvar::new(),
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        // What is shared is whole between any two statements.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits until `look` finds something, or until `limit`.
    pub(crate) fn wait<R>(
        &self,
        limit: Instant,
        mut look: impl FnMut(&mut T) -> Option<R>,
    ) -> Option<R> {
        let mut inner = self.lock();
        loop {
            if let Some(found) = look(&mut inner) {
                return Some(found);
            }
            let left = limit.checked_duration_since(Instant::now())?;
            let waited = self.changed.wait_timeout(inner, left);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// What becomes of what a camera sends.
pub(crate) trait Sink: Send + 'static {
    /// Takes the next coded picture; `Break` when no more is wanted.
    fn take(&mut self, unit: Unit) -> ControlFlow<()>;

    /// Learns how the camera is doing.
    fn state(&mut self, state: State);
}

/// A camera that is being received; dropped, it ends within a second.
#[derive(Debug)]
pub(crate) struct Link {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Link {
    pub(crate) fn open(
        camera: CameraUrl,
        patience: Patience,
        mut sink: impl Sink,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new()
            .name("camera".into())
            .spawn(move || {
                let group = Arc::new(SessionGroup::default());
                let receiving = receive(&camera, &patience, &group, &mut sink);
                runtime.block_on(async {
                    // Sent or dropped, it means the same.
                    let _ = until(stopped, receiving).await;
                    // Sessions say goodbye in the background.
                    let _ = timeout(patience.farewell, group.await_teardown()).await;
                });
                // A name that is being looked up is not waited for.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Whether nothing more will come.
    pub(crate) fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // If it has panicked, it has said so.
            let _ = thread.join();
        }
    }
}

/// What `work` gives, or nothing when it was stopped before.
async fn until<T>(stopped: oneshot::Receiver<()>, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        _ = stopped => None,
        result = work => Some(result),
    }
}

/// Receives until the sink wants no more, or trying again would do harm.
async fn receive(
    camera: &CameraUrl,
    patience: &Patience,
    group: &Arc<SessionGroup>,
    sink: &mut impl Sink,
) {
    sink.state(State::Connecting);
    let mut clock = Clock::default();
    let mut retry = patience.first_retry;
    loop {
        let problem = match session::play(camera, patience, group).await {
            Ok(mut playing) => {
                clock.begin_connection();
                let mut waiting_for_key = true;
                loop {
                    let frame = match playing.next().await {
                        Ok(frame) => frame,
                        Err(problem) => break problem,
                    };
                    if waiting_for_key && !frame.key {
                        continue;
                    }
                    if waiting_for_key {
                        waiting_for_key = false;
                        retry = patience.first_retry;
                        sink.state(State::Playing);
                        tracing::debug!("the camera at {camera} plays");
                    }
                    if sink.take(clock.unit(frame)).is_break() {
                        return;
                    }
                }
            }
            Err(problem) => problem,
        };
        tracing::debug!("the camera at {camera} {problem}");
        let is_final = problem.is_final();
        sink.state(State::Lost {
            problem,
            since: Instant::now(),
        });
        if is_final {
            return;
        }
        sleep(retry).await;
        retry = (retry * 2).min(patience.last_retry);
    }
}

/// Lays the pictures of all connections out on one time line, as far apart as the camera took
/// them: their timestamps count, the moment of their arrival only where a connection begins.
#[derive(Debug, Default)]
struct Clock {
    /// When the first picture of all came.
    start: Option<Instant>,
    /// Where the connection began: its timestamp, and the time that it has.
    anchor: Option<(i64, Duration)>,
    last: Duration,
}

impl Clock {
    fn begin_connection(&mut self) {
        self.anchor = None;
    }

    fn unit(&mut self, frame: Coded) -> Unit {
        Unit {
            key: frame.key,
            time: self.time(frame.ticks, Instant::now()),
            data: frame.data,
        }
    }

    fn time(&mut self, ticks: i64, now: Instant) -> Duration {
        let arrived = now - *self.start.get_or_insert(now);
        let by_stamp = self.anchor.and_then(|(first, at)| {
            let ticks = u64::try_from(ticks.checked_sub(first)?).ok()?;
            at.checked_add(Duration::from_secs_f64(
                ticks as f64 / TICKS_A_SECOND as f64,
            ))
        });
        let time = match by_stamp {
            Some(time) if time.abs_diff(arrived) <= CLOCK_TOLERANCE => time,
            _ => {
                let time = arrived.max(self.last);
                self.anchor = Some((ticks, time));
                time
            }
        };
        self.last = self.last.max(time);
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = TICKS_A_SECOND;

    #[test]
    fn pictures_are_as_far_apart_as_their_timestamps_whenever_they_arrive() {
        let (mut clock, now) = (Clock::default(), Instant::now());
        let at = |ms| now + Duration::from_millis(ms);
        assert_eq!(clock.time(7 * SECOND, at(0)), Duration::ZERO);
        assert_eq!(clock.time(8 * SECOND, at(900)), Duration::from_secs(1));
        assert_eq!(clock.time(9 * SECOND, at(2300)), Duration::from_secs(2));
    }

    #[test]
    fn a_new_connection_goes_on_where_the_time_is() {
        let (mut clock, now) = (Clock::default(), Instant::now());
        let at = |s| now + Duration::from_secs(s);
        clock.time(5 * SECOND, at(0));
        clock.time(6 * SECOND, at(1));
        clock.begin_connection();
        assert_eq!(clock.time(-40 * SECOND, at(9)), Duration::from_secs(9));
        assert_eq!(clock.time(-39 * SECOND, at(10)), Duration::from_secs(10));
    }

    #[test]
    fn a_clock_that_jumps_is_set_anew_and_time_does_not_go_back() {
        let (mut clock, now) = (Clock::default(), Instant::now());
        let at = |s| now + Duration::from_secs(s);
        clock.time(0, at(0));
        assert_eq!(clock.time(SECOND, at(1)), Duration::from_secs(1));
        for jump in [1_000_000 * SECOND, -5 * SECOND, i64::MAX, i64::MIN, 0] {
            let before = clock.last;
            let time = clock.time(jump, at(2));
            assert!(time >= before && time <= Duration::from_secs(2), "{time:?}");
        }
    }
}
