//! The API as clients see it, in process, with a workshop that makes films at a test's command.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod analyses;
mod client;
mod description;
mod films;
mod hostile;
mod records;
mod restart;
mod safety;
mod scanner;
mod socket;
mod toy;
