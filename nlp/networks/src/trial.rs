//! Trying out what may panic, or hang for ever.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Once, mpsc};
use std::thread;
use std::time::Duration;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` here, without a word of a panic on standard error.
///
/// # Errors
/// A panic becomes a reason, its first line.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or_default();
        let line = text.lines().map(str::trim).find(|line| !line.is_empty());
        line.unwrap_or("it failed without a word").to_owned()
    })
}

/// As [`caught`], on a thread of its own.
///
/// # Errors
/// Also an answer that takes longer than `limit`.
pub fn contained<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let started = thread::Builder::new()
        .name("probe".to_owned())
        .spawn(move || {
            // The receiver is gone when the time was over; nobody needs the result then.
            let _ = sender.send(caught(work));
        });
    if started.is_err() {
        return Err("no thread could be started".to_owned());
    }
    receiver
        .recv_timeout(limit)
        .unwrap_or_else(|_| Err(format!("no answer within {} s", limit.as_secs())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_and_its_words_are_contained() {
        let work = || -> () { panic!("\n   no such library\nmore") };
        assert_eq!(caught(work), Err("no such library".to_owned()));
        assert_eq!(caught(|| 3), Ok(3));
        let text = contained(Duration::from_mins(1), work);
        assert_eq!(text, Err("no such library".to_owned()));
    }

    #[test]
    fn an_answer_that_takes_too_long_becomes_a_reason() {
        let work = || thread::sleep(Duration::from_secs(2));
        let text = contained(Duration::from_millis(20), work);
        assert_eq!(text, Err("no answer within 0 s".to_owned()));
    }
}
