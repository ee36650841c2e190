//! What a stretch of text tells of where and when it happens.
//!
//! States that serve all other tasks have lost what a place is told by, which the embeddings still
//! hold: on these lies one layer of its own. It reads each stretch alone, whatever stands around it.

use burn::tensor::Tensor;
use burn::tensor::activation::{softmax, tanh};

use crate::encoder::{Batch, Encoder, Layer, Linear, Shape};
use crate::kernels::Kernels;
use crate::weights::{Weights, WeightsError};

/// The most pieces of a stretch that are read, the two at the ends included.
pub const LONGEST: usize = 128;
/// How often the pieces of a stretch are looked at, each time for something else.
const LOOKS: usize = 4;
/// How many numbers tell of a setting.
const SENSE: usize = 192;

/// The layer, and what is made of its states.
pub struct Settings<B: Kernels> {
    layer: Layer<B>,
    attention: Linear<B>,
    sense: Linear<B>,
}

impl<B: Kernels> Settings<B> {
    /// Loads the head for an encoder of some measures, if the weights have it.
    ///
    /// # Errors
    /// If some of its arrays are missing or do not fit.
    pub fn load(
        weights: &Weights,
        shape: Shape,
        device: &B::Device,
    ) -> Result<Option<Self>, WeightsError> {
        if !weights.has("settings.sense.weight") {
            return Ok(None);
        }
        let linear = |name: &str, inputs, outputs| {
            Linear::load(
                weights,
                &format!("settings.{name}"),
                inputs,
                outputs,
                device,
            )
        };
        Ok(Some(Self {
            layer: Layer::load(weights, "settings.layer", shape, device)?,
            attention: linear("attention", shape.hidden, LOOKS)?,
            sense: linear("sense", LOOKS * shape.hidden, SENSE)?,
        }))
    }

    /// What each of the windows tells, `[windows, SENSE]`, each number between -1 and 1.
    pub fn forward(&self, encoder: &Encoder<B>, batch: &Batch) -> Tensor<B, 2> {
        let mask = encoder.mask(batch);
        let x = encoder.embed(batch);
        let heads = encoder.shape.heads;
        let x = self.layer.forward(x, batch.windows, heads, mask.as_ref());
        let [_, hidden] = x.dims();
        let looks = self
            .attention
            .forward(x.clone())
            .reshape([batch.windows, batch.length, LOOKS])
            .swap_dims(1, 2);
        let looks = match mask {
            Some(mask) => looks + mask.reshape([batch.windows, 1, batch.length]),
            None => looks,
        };
        let seen = softmax(looks, 2).matmul(x.reshape([batch.windows, batch.length, hidden]));
        tanh(
            self.sense
                .forward(seen.reshape([batch.windows, LOOKS * hidden])),
        )
    }
}
