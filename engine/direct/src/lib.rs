//! Stages a story: shots, timing, captions and mouth shapes. Pure and deterministic.

mod dictionary;
mod letters;
mod mouths;
mod numbers;
pub mod phones;
mod pronounce;
mod sound;
mod timing;
