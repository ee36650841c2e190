//! The neural networks that read a story, on CUDA, wgpu or the CPU.
//!
//! One small shared [`encoder`] reads the words of a text in windows; every task is a head on
//! the same states. The weights are trained by `models/training` and described in
//! `models/README.md`.

pub mod device;
pub mod encoder;
pub mod heads;
pub mod kernels;
pub mod lemma;
pub mod pieces;
pub mod story;
pub mod tokens;
pub mod tree;
pub mod weights;

use weights::{Weights, WeightsError};

/// A digest of the weights that this build carries, if it carries any.
pub const SHIPPED: Option<&str> = option_env!("FABULA_STORY_WEIGHTS_DIGEST");

/// The weights that this build carries, or none if it was built without `models/story.safetensors`.
///
/// # Errors
/// If the file that was built in is damaged.
pub fn shipped() -> Result<Option<Weights>, WeightsError> {
    #[cfg(shipped_weights)]
    {
        const BYTES: &[u8] = include_bytes!(env!("FABULA_STORY_WEIGHTS"));
        Weights::read("models/story.safetensors", BYTES).map(Some)
    }
    #[cfg(not(shipped_weights))]
    {
        Ok(None)
    }
}
