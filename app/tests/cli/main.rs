//! The finished command, run as a person or a script would run it.

mod films;
mod inputs;
mod pictures;
mod run;
mod usage;
