//! Reads documents and understands the stories in them.

pub mod document;
