//! The finished command, run as a person or a script would run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod backdrops;
mod batch;
mod bench;
mod cameras;
mod captions;
mod display;
mod films;
mod inputs;
mod nvenc;
mod pictures;
mod preview;
mod resume;
mod run;
mod usage;
