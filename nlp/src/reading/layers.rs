//! Small layers that are computed with as plain numbers, on the processor.

use fabula_networks::weights::{Weights, WeightsError};

/// A layer, its weights in a row an output.
pub(super) struct Dense {
    pub inputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    pub fn load(weights: &Weights, name: &str) -> Result<Self, WeightsError> {
        let matrix = weights.matrix(&format!("{name}.weight"))?;
        Ok(Self {
            inputs: matrix.shape[1],
            bias: if weights.has(&format!("{name}.bias")) {
                weights.vector(&format!("{name}.bias"), matrix.shape[0])?
            } else {
                vec![0.0; matrix.shape[0]]
            },
            weights: matrix.values,
        })
    }

    /// The weights of an output.
    pub fn row(&self, output: usize) -> &[f32] {
        let mut rows = self.weights.chunks_exact(self.inputs.max(1));
        rows.nth(output).unwrap_or(&[])
    }

    pub fn forward(&self, input: &[f32]) -> Vec<f32> {
        self.weights
            .chunks_exact(self.inputs.max(1))
            .zip(&self.bias)
            .map(|(row, bias)| row.iter().zip(input).map(|(a, b)| a * b).sum::<f32>() + bias)
            .collect()
    }
}

/// A gated recurrent unit as `PyTorch` computes it: the gates for reset, update and the new state are
/// stacked in this order.
pub(super) struct Recurrent {
    input: Dense,
    state: Dense,
}

impl Recurrent {
    pub fn load(weights: &Weights, name: &str) -> Result<Self, WeightsError> {
        Ok(Self {
            input: Dense::load(weights, &format!("{name}.input"))?,
            state: Dense::load(weights, &format!("{name}.state"))?,
        })
    }

    /// The state after each of the inputs.
    pub fn states<'a>(&self, inputs: impl Iterator<Item = &'a Vec<f32>>) -> Vec<Vec<f32>> {
        let size = self.state.inputs;
        let mut state = vec![0.0; size];
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        inputs
            .map(|input| {
                let [new, old] = [self.input.forward(input), self.state.forward(&state)];
                let gate = |at: usize| sigmoid(new[at] + old[at]);
                state = (0..size)
                    .map(|at| {
                        let wanted = (new[2 * size + at] + gate(at) * old[2 * size + at]).tanh();
                        let kept = gate(size + at);
                        (1.0 - kept) * wanted + kept * state[at]
                    })
                    .collect();
                state.clone()
            })
            .collect()
    }
}

/// Rows that are looked up.
pub(super) struct Table {
    width: usize,
    rows: Vec<f32>,
}

impl Table {
    pub fn load(weights: &Weights, name: &str) -> Result<Self, WeightsError> {
        let matrix = weights.matrix(&format!("{name}.weight"))?;
        Ok(Self {
            width: matrix.shape[1],
            rows: matrix.values,
        })
    }

    /// Adds a row to what it is added to.
    pub fn add(&self, row: usize, to: &mut [f32]) {
        let row = self.rows.chunks_exact(self.width.max(1)).nth(row);
        for (sum, value) in to.iter_mut().zip(row.into_iter().flatten()) {
            *sum += value;
        }
    }
}
