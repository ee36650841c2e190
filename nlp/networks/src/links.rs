//! What the words of a text hold for telling which mentions are one and who says a line.
//!
//! Whoever asks reads them on, over the whole text: a window ends after a page.

use burn::tensor::{Int, Tensor, TensorData};

use crate::encoder::Linear;
use crate::kernels::Kernels;
use crate::weights::{Weights, WeightsError};

/// Depths of the encoder whose states are averaged.
const DEPTHS: [usize; 4] = [3, 4, 5, 6];

/// The head: an average over depths, and a layer.
pub struct Links<B: Kernels> {
    mix: [f32; DEPTHS.len()],
    word: Linear<B>,
    /// How many numbers tell of a word.
    pub width: usize,
}

impl<B: Kernels> Links<B> {
    /// Loads the head for states of width `hidden`, if the weights have it.
    ///
    /// # Errors
    /// If some of its arrays are missing or do not fit.
    pub fn load(
        weights: &Weights,
        hidden: usize,
        device: &B::Device,
    ) -> Result<Option<Self>, WeightsError> {
        if !weights.has("links.word.weight") {
            return Ok(None);
        }
        let width = weights.matrix("links.word.weight")?.shape[0];
        let logits = weights.vector("links.mix", DEPTHS.len())?;
        let powers: [f32; DEPTHS.len()] = std::array::from_fn(|i| logits[i].exp());
        let sum: f32 = powers.iter().sum();
        Ok(Some(Self {
            mix: powers.map(|power| power / sum),
            word: Linear::load(weights, "links.word", hidden, width, device)?,
            width,
        }))
    }

    /// The numbers of words, `[words, width]`, from the states of a batch at every depth, `[b * t, h]`,
    /// of which `rows` are those of the words' first pieces.
    pub fn forward(&self, states: &[Tensor<B, 2>], rows: &[i32]) -> Tensor<B, 2> {
        let device = states[0].device();
        let rows = TensorData::new(rows.to_vec(), [rows.len()]);
        let rows = Tensor::<B, 1, Int>::from_data(rows, &device);
        let [first, rest @ ..] = DEPTHS;
        let of = |depth: usize, share: f32| states[depth].clone().select(0, rows.clone()) * share;
        let mixed = rest
            .into_iter()
            .zip(&self.mix[1..])
            .fold(of(first, self.mix[0]), |sum, (depth, share)| {
                sum + of(depth, *share)
            });
        self.word.forward(mixed)
    }
}
