//! The neural networks that read a story, for any backend of Burn.
//!
//! One small shared [`encoder`] reads the words of a text in windows; every task is a head on
//! the same states. The weights are trained by `models/training` and described in
//! `models/README.md`. `fabula-devices` runs them on CUDA, wgpu or the CPU.

pub mod coreference;
pub mod encoder;
pub mod foreign;
pub mod heads;
pub mod kernels;
pub mod lemma;
mod links;
pub mod pieces;
pub mod settings;
pub mod story;
pub mod tokens;
pub mod tree;
pub mod trial;
pub mod weights;
