//! Reads documents and understands the stories in them.

pub mod document;
pub mod reading;
