//! Ctrl-C: stop at once while nothing is being written, otherwise tidy up first.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::failure::{Cause, Failure};

static REQUESTED: AtomicBool = AtomicBool::new(false);
static UNFINISHED_OUTPUTS: AtomicUsize = AtomicUsize::new(0);

/// Listens to Ctrl-C and to requests to end. The second one ends the process as it stands.
pub fn listen() -> Result<(), Failure> {
    ctrlc::set_handler(|| {
        let again = REQUESTED.swap(true, Ordering::SeqCst);
        let failure = if UNFINISHED_OUTPUTS.load(Ordering::SeqCst) == 0 {
            Failure::interrupted()
        } else if again {
            Failure::interrupted_at_once()
        } else {
            return;
        };
        eprintln!("fabula: {}", failure.message);
        std::process::exit(i32::from(Cause::Interrupted as u8));
    })
    .map_err(|error| Failure::internal(format!("Ctrl-C cannot be handled: {error}")))
}

/// Whether the work under way should end.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Stops here if that was asked for.
pub fn check() -> Result<(), Failure> {
    if requested() {
        Err(Failure::interrupted())
    } else {
        Ok(())
    }
}

/// While one exists, Ctrl-C only sets [`requested`], so that its owner can tidy up.
#[derive(Debug)]
pub struct UnfinishedOutput(());

impl UnfinishedOutput {
    pub fn begin() -> Self {
        UNFINISHED_OUTPUTS.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for UnfinishedOutput {
    fn drop(&mut self) {
        UNFINISHED_OUTPUTS.fetch_sub(1, Ordering::SeqCst);
    }
}
