//! Runs a reader that may panic or run on, so that neither harms the program.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once, mpsc};
use std::thread;
use std::time::Duration;

/// How long a document may take.
const TIME_LIMIT: Duration = Duration::from_secs(8);
/// Enough for the deepest nesting that the readers allow.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// Why contained work gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It panicked, or its thread could not be started.
    Panicked,
    /// It was still running when its time was over.
    TimedOut,
}

/// Tells contained work that nobody waits for it any more.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Whether to stop.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` on a thread of its own, without a word when it panics.
///
/// After the time limit its thread is told to stop and no longer waited for.
pub fn run<T: Send + 'static>(
    work: impl FnOnce(&Cancel) -> T + Send + 'static,
) -> Result<T, Failure> {
    keep_quiet_threads_quiet();
    let cancel = Cancel::default();
    let seen_by_work = cancel.clone();
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("document".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            QUIET.set(true);
            let result = panic::catch_unwind(AssertUnwindSafe(|| work(&seen_by_work)));
            // The receiver is gone when the time was over; nobody needs the result then.
            let _ = sender.send(result);
        })
        .map_err(|_| Failure::Panicked)?;
    match receiver.recv_timeout(TIME_LIMIT) {
        Ok(result) => result.map_err(|_| Failure::Panicked),
        Err(mpsc::RecvTimeoutError::Timeout) => {
            cancel.0.store(true, Ordering::Relaxed);
            Err(Failure::TimedOut)
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(Failure::Panicked),
    }
}

/// Wraps the panic hook once, so that other threads keep the one they have.
fn keep_quiet_threads_quiet() {
    static WRAP: Once = Once::new();
    WRAP.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                hook(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure() {
        assert_eq!(run(|_| -> u8 { panic!("no") }), Err(Failure::Panicked));
        assert_eq!(run(|_| 7), Ok(7));
    }
}
