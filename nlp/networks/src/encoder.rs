//! The shared encoder: BERT's transformer with a casing feature among its embeddings.
//!
//! Shapes: `b` windows of `t` pieces each, `h` the width of a state. Inside, all windows lie
//! below each other in one matrix `[b * t, h]`.

use burn::tensor::{Tensor, TensorData};

use crate::kernels::Kernels;
use crate::weights::{Table, Weights, WeightsError};

/// The measures of an encoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// The width of a state.
    pub hidden: usize,
    /// The number of layers.
    pub layers: usize,
    /// The number of attention heads a layer.
    pub heads: usize,
    /// The width between the two products of a layer.
    pub intermediate: usize,
    /// What is added to a variance before its root is taken.
    pub epsilon: f32,
}

impl Shape {
    /// The encoder that is shipped: `MiniLM`'s measures.
    pub const STORY: Self = Self {
        hidden: 384,
        layers: 6,
        heads: 12,
        intermediate: 1536,
        epsilon: 1e-12,
    };
}

/// What is done to each number between the two products of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// The exact (erf) GELU.
    #[default]
    Gelu,
    /// GELU by tanh, as GPT-2 has it.
    GeluTanh,
    /// Nothing below zero.
    Relu,
}

/// A matrix product with a bias.
pub struct Linear<B: Kernels> {
    /// `[inputs, outputs]`.
    weight: Tensor<B, 2>,
    bias: Option<Tensor<B, 1>>,
}

impl<B: Kernels> Linear<B> {
    /// Takes `{name}.weight` and, if there is one, `{name}.bias`.
    pub fn load(
        weights: &Weights,
        name: &str,
        inputs: usize,
        outputs: usize,
        device: &B::Device,
    ) -> Result<Self, WeightsError> {
        let weight = weights.linear(&format!("{name}.weight"), inputs, outputs)?;
        let bias = format!("{name}.bias");
        let bias = if weights.has(&bias) {
            Some(weights.vector(&bias, outputs)?)
        } else {
            None
        };
        Ok(Self::from_parts(
            weight.values,
            [inputs, outputs],
            bias,
            device,
        ))
    }

    /// A product from its parts: a weight of `[inputs, outputs]` and a bias.
    pub fn from_parts(
        weight: Vec<f32>,
        shape: [usize; 2],
        bias: Option<Vec<f32>>,
        device: &B::Device,
    ) -> Self {
        Self {
            weight: Tensor::from_data(TensorData::new(weight, shape), device),
            bias: bias.map(|bias| Tensor::from_data(TensorData::new(bias, [shape[1]]), device)),
        }
    }

    /// `x W + b` of each row.
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        let product = x.matmul(self.weight.clone());
        match &self.bias {
            Some(bias) => B::add_bias(product, bias),
            None => product,
        }
    }

    /// GELU of [`Self::forward`].
    pub fn forward_gelu(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        let product = x.matmul(self.weight.clone());
        match &self.bias {
            Some(bias) => B::bias_gelu(product, bias),
            None => burn::tensor::activation::gelu(product),
        }
    }

    /// An activation of [`Self::forward`].
    pub fn forward_activated(&self, x: Tensor<B, 2>, activation: Activation) -> Tensor<B, 2> {
        match activation {
            Activation::Gelu => self.forward_gelu(x),
            Activation::GeluTanh => burn::tensor::activation::gelu_approximate(self.forward(x)),
            Activation::Relu => burn::tensor::activation::relu(self.forward(x)),
        }
    }
}

/// A layer norm.
pub struct Norm<B: Kernels> {
    scale: Tensor<B, 1>,
    shift: Tensor<B, 1>,
    epsilon: f32,
}

impl<B: Kernels> Norm<B> {
    /// Takes `{name}.weight` and `{name}.bias`.
    pub fn load(
        weights: &Weights,
        name: &str,
        width: usize,
        epsilon: f32,
        device: &B::Device,
    ) -> Result<Self, WeightsError> {
        let vector = |part: &str| weights.vector(&format!("{name}.{part}"), width);
        Ok(Self::from_parts(
            vector("weight")?,
            vector("bias")?,
            epsilon,
            device,
        ))
    }

    /// A norm from its parts, which are of the same length.
    pub fn from_parts(scale: Vec<f32>, shift: Vec<f32>, epsilon: f32, device: &B::Device) -> Self {
        let vector = |values: Vec<f32>| {
            let width = values.len();
            Tensor::from_data(TensorData::new(values, [width]), device)
        };
        Self {
            scale: vector(scale),
            shift: vector(shift),
            epsilon,
        }
    }

    /// The norm of each row.
    pub fn forward(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        B::row_norm(x, &self.scale, &self.shift, self.epsilon)
    }

    fn after_sum(&self, x: Tensor<B, 2>, residual: Tensor<B, 2>) -> Tensor<B, 2> {
        B::add_row_norm(x, residual, &self.scale, &self.shift, self.epsilon)
    }
}

/// The parts of one transformer layer, normed after each sum.
pub struct Layer<B: Kernels> {
    /// Queries, keys and values in one product, `[h, 3 h]`.
    pub qkv: Linear<B>,
    /// What is made of the attended values.
    pub attended: Linear<B>,
    /// The norm after the attention.
    pub attention_norm: Norm<B>,
    /// The first product of the feed-forward part.
    pub up: Linear<B>,
    /// What comes between it and the second.
    pub activation: Activation,
    /// Its second product.
    pub down: Linear<B>,
    /// The norm at the end.
    pub norm: Norm<B>,
}

impl<B: Kernels> Layer<B> {
    /// Takes the arrays whose names begin with `{name}.`.
    pub fn load(
        weights: &Weights,
        name: &str,
        shape: Shape,
        device: &B::Device,
    ) -> Result<Self, WeightsError> {
        let Shape {
            hidden,
            intermediate,
            epsilon,
            ..
        } = shape;
        let linear = |part: &str, inputs, outputs| {
            Linear::load(weights, &format!("{name}.{part}"), inputs, outputs, device)
        };
        let norm =
            |part: &str| Norm::load(weights, &format!("{name}.{part}"), hidden, epsilon, device);
        Ok(Self {
            qkv: linear("qkv", hidden, 3 * hidden)?,
            attended: linear("attended", hidden, hidden)?,
            attention_norm: norm("attention_norm")?,
            up: linear("up", hidden, intermediate)?,
            activation: Activation::Gelu,
            down: linear("down", intermediate, hidden)?,
            norm: norm("norm")?,
        })
    }

    pub(crate) fn forward(
        &self,
        x: Tensor<B, 2>,
        windows: usize,
        heads: usize,
        mask: Option<&Tensor<B, 4>>,
    ) -> Tensor<B, 2> {
        let [rows, hidden] = x.dims();
        let length = rows / windows;
        let width = hidden / heads;
        let qkv = self
            .qkv
            .forward(x.clone())
            .reshape([windows, length, 3 * heads, width])
            .swap_dims(1, 2);
        let part = |from: usize| qkv.clone().narrow(1, from * heads, heads);
        let scores = part(0).matmul(part(1).transpose());
        let weights = B::attention_weights(scores, (width as f32).sqrt().recip(), mask.cloned());
        let values = weights
            .matmul(part(2))
            .swap_dims(1, 2)
            .reshape([rows, hidden]);
        let x = self
            .attention_norm
            .after_sum(self.attended.forward(values), x);
        let up = self.up.forward_activated(x.clone(), self.activation);
        self.norm.after_sum(self.down.forward(up), x)
    }
}

/// What windows are made of: piece ids and casings, padded to the same length.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The number of windows.
    pub windows: usize,
    /// The length that all were padded to.
    pub length: usize,
    /// Piece ids, `[windows, length]`.
    pub pieces: Vec<u32>,
    /// Casings, `[windows, length]`.
    pub casings: Vec<u8>,
    /// How many pieces of each window are real.
    pub lengths: Vec<usize>,
}

impl Batch {
    /// Pads windows of pieces and casings with `pad`.
    pub fn new(windows: &[(&[u32], &[u8])], pad: u32) -> Self {
        let length = windows
            .iter()
            .map(|(pieces, _)| pieces.len())
            .max()
            .unwrap_or(0);
        let mut batch = Self {
            windows: windows.len(),
            length,
            pieces: vec![pad; windows.len() * length],
            casings: vec![0; windows.len() * length],
            lengths: Vec::with_capacity(windows.len()),
        };
        for (row, (pieces, casings)) in windows.iter().enumerate() {
            let at = row * length;
            batch.pieces[at..at + pieces.len()].copy_from_slice(pieces);
            batch.casings[at..at + casings.len()].copy_from_slice(casings);
            batch.lengths.push(pieces.len());
        }
        batch
    }

    fn is_padded(&self) -> bool {
        self.lengths.iter().any(|length| *length < self.length)
    }
}

/// The embeddings of pieces, looked up on the CPU: three rows are added for each piece.
pub struct Embeddings {
    /// One row a piece.
    pub pieces: Table,
    /// One row a position.
    pub positions: Table,
    /// One row a [`crate::tokens::Casing`]; foreign models have none.
    pub casings: Option<Table>,
    /// The row of the first position.
    pub first_position: usize,
}

impl Embeddings {
    fn sum<B: Kernels>(&self, batch: &Batch, device: &B::Device) -> Tensor<B, 2> {
        let width = self.pieces.shape[1];
        let mut values = vec![0.0; batch.pieces.len() * width];
        for (index, row) in values.chunks_exact_mut(width.max(1)).enumerate() {
            let position = index % batch.length.max(1);
            if position >= batch.lengths[index / batch.length.max(1)] {
                continue;
            }
            self.pieces.add_row(batch.pieces[index] as usize, row);
            self.positions.add_row(self.first_position + position, row);
            if let Some(casings) = &self.casings {
                casings.add_row(usize::from(batch.casings[index]), row);
            }
        }
        Tensor::from_data(TensorData::new(values, [batch.pieces.len(), width]), device)
    }
}

/// An encoder on one device.
pub struct Encoder<B: Kernels> {
    /// Its measures.
    pub shape: Shape,
    /// Its embeddings.
    pub embeddings: Embeddings,
    /// The norm of the embeddings.
    pub embedding_norm: Norm<B>,
    /// Its layers.
    pub layers: Vec<Layer<B>>,
    /// Where it runs.
    pub device: B::Device,
}

impl<B: Kernels> Encoder<B> {
    /// Loads an encoder that `models/training` made.
    pub fn load(weights: &Weights, shape: Shape, device: &B::Device) -> Result<Self, WeightsError> {
        let hidden = shape.hidden;
        let layers = (0..shape.layers)
            .map(|i| Layer::load(weights, &format!("encoder.layers.{i}"), shape, device))
            .collect::<Result<_, WeightsError>>()?;
        let norm = "encoder.embedding_norm";
        Ok(Self {
            shape,
            embeddings: Embeddings {
                pieces: weights.table("encoder.pieces.weight", hidden)?,
                positions: weights.table("encoder.positions.weight", hidden)?,
                casings: Some(weights.table("encoder.casings.weight", hidden)?),
                first_position: 0,
            },
            embedding_norm: Norm::load(weights, norm, hidden, shape.epsilon, device)?,
            layers,
            device: device.clone(),
        })
    }

    /// What is added to the scores of pieces that are attended to, `[b, 1, 1, t]`; nothing if all
    /// windows are full.
    pub(crate) fn mask(&self, batch: &Batch) -> Option<Tensor<B, 4>> {
        batch.is_padded().then(|| {
            let mut bias = vec![0.0; batch.windows * batch.length];
            for (row, length) in bias.chunks_exact_mut(batch.length).zip(&batch.lengths) {
                row[*length..].fill(-1e9);
            }
            Tensor::<B, 1>::from_data(
                TensorData::new(bias, [batch.windows * batch.length]),
                &self.device,
            )
            .reshape([batch.windows, 1, 1, batch.length])
        })
    }

    /// The embeddings of all pieces, `[b * t, h]`.
    pub(crate) fn embed(&self, batch: &Batch) -> Tensor<B, 2> {
        self.embedding_norm
            .forward(self.embeddings.sum::<B>(batch, &self.device))
    }

    /// The states of every depth, from the embeddings to the last layer: `layers + 1` times
    /// `[b * t, h]`.
    pub fn forward(&self, batch: &Batch) -> Vec<Tensor<B, 2>> {
        let mask = self.mask(batch);
        let mut x = self.embed(batch);
        let mut states = vec![x.clone()];
        for layer in &self.layers {
            x = layer.forward(x, batch.windows, self.shape.heads, mask.as_ref());
            states.push(x.clone());
        }
        states
    }
}
