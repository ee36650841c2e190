//! What the encoder asks of a backend beyond Burn's own operations.
//!
//! GPUs use Burn's own operations. On the CPU each of them is a
//! pass over memory, and Burn 0.21's GELU costs as much as the matrix product before it; there,
//! the same formulas run in place, one row after the other, in vector instructions.

#![allow(
    clippy::inline_always,
    reason = "vector instructions reach only what is compiled into the dispatched function"
)]

use burn::tensor::activation::{gelu, softmax};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorPrimitive};
use burn_cuda::Cuda;
use burn_flex::{Flex, FlexTensor};
use burn_wgpu::Wgpu;

/// A backend on which networks run.
pub trait Kernels: Backend {
    /// `x + bias`, the bias on the last dimension.
    fn add_bias(x: Tensor<Self, 2>, bias: &Tensor<Self, 1>) -> Tensor<Self, 2> {
        x + bias.clone().unsqueeze()
    }

    /// The exact (erf) GELU of `x + bias`.
    fn bias_gelu(x: Tensor<Self, 2>, bias: &Tensor<Self, 1>) -> Tensor<Self, 2> {
        gelu(Self::add_bias(x, bias))
    }

    /// Layer norm of each row of `x`.
    fn row_norm(
        x: Tensor<Self, 2>,
        scale: &Tensor<Self, 1>,
        shift: &Tensor<Self, 1>,
        epsilon: f32,
    ) -> Tensor<Self, 2> {
        let mean = x.clone().mean_dim(1);
        let centred = x - mean;
        let variance = centred.clone().powf_scalar(2.0).mean_dim(1);
        let unit = centred / (variance + epsilon).sqrt();
        unit * scale.clone().unsqueeze() + shift.clone().unsqueeze()
    }

    /// Layer norm of `x + residual`.
    fn add_row_norm(
        x: Tensor<Self, 2>,
        residual: Tensor<Self, 2>,
        scale: &Tensor<Self, 1>,
        shift: &Tensor<Self, 1>,
        epsilon: f32,
    ) -> Tensor<Self, 2> {
        Self::row_norm(x + residual, scale, shift, epsilon)
    }

    /// Attention weights: softmax over the last dimension of `scores * factor + bias`.
    fn attention_weights(
        scores: Tensor<Self, 4>,
        factor: f32,
        bias: Option<Tensor<Self, 4>>,
    ) -> Tensor<Self, 4> {
        let scores = scores * factor;
        softmax(
            match bias {
                Some(bias) => scores + bias,
                None => scores,
            },
            3,
        )
    }
}

impl Kernels for Cuda {}
impl Kernels for Wgpu {}

impl Kernels for Flex {
    fn add_bias(x: Tensor<Self, 2>, bias: &Tensor<Self, 1>) -> Tensor<Self, 2> {
        let bias = contiguous(bias.clone());
        in_rows(x, |rows, width| {
            for row in rows.chunks_exact_mut(width) {
                for (x, bias) in row.iter_mut().zip(bias.storage::<f32>()) {
                    *x += bias;
                }
            }
        })
    }

    fn bias_gelu(x: Tensor<Self, 2>, bias: &Tensor<Self, 1>) -> Tensor<Self, 2> {
        let bias = contiguous(bias.clone());
        in_rows(x, |rows, width| {
            for row in rows.chunks_exact_mut(width) {
                for (x, bias) in row.iter_mut().zip(bias.storage::<f32>()) {
                    *x = gelu_of(*x + bias);
                }
            }
        })
    }

    fn row_norm(
        x: Tensor<Self, 2>,
        scale: &Tensor<Self, 1>,
        shift: &Tensor<Self, 1>,
        epsilon: f32,
    ) -> Tensor<Self, 2> {
        let (scale, shift) = (contiguous(scale.clone()), contiguous(shift.clone()));
        in_rows(x, |rows, width| {
            for row in rows.chunks_exact_mut(width) {
                normalize(row, scale.storage(), shift.storage(), epsilon);
            }
        })
    }

    fn add_row_norm(
        x: Tensor<Self, 2>,
        residual: Tensor<Self, 2>,
        scale: &Tensor<Self, 1>,
        shift: &Tensor<Self, 1>,
        epsilon: f32,
    ) -> Tensor<Self, 2> {
        let (scale, shift) = (contiguous(scale.clone()), contiguous(shift.clone()));
        let residual = contiguous(residual);
        in_rows(x, |rows, width| {
            let residual = residual.storage::<f32>();
            for (row, residual) in rows
                .chunks_exact_mut(width)
                .zip(residual.chunks_exact(width))
            {
                for (x, y) in row.iter_mut().zip(residual) {
                    *x += y;
                }
                normalize(row, scale.storage(), shift.storage(), epsilon);
            }
        })
    }

    fn attention_weights(
        scores: Tensor<Self, 4>,
        factor: f32,
        bias: Option<Tensor<Self, 4>>,
    ) -> Tensor<Self, 4> {
        let [windows, heads, length, keys] = scores.dims();
        let bias = bias.map(contiguous);
        let per_window = heads * length;
        let flat = scores.reshape([windows * per_window, keys]);
        let weights = in_rows(flat, |rows, width| {
            for (index, row) in rows.chunks_exact_mut(width).enumerate() {
                let window = index / per_window;
                let bias = bias.as_ref().and_then(|bias| {
                    bias.storage::<f32>()
                        .get(window * width..(window + 1) * width)
                });
                softmax_of(row, factor, bias);
            }
        });
        weights.reshape([windows, heads, length, keys])
    }
}

fn contiguous<const D: usize>(x: Tensor<Flex, D>) -> FlexTensor {
    x.into_primitive().tensor().to_contiguous()
}

/// Changes the rows of `x` in place, with the widest vector instructions of this processor.
fn in_rows(x: Tensor<Flex, 2>, change: impl Fn(&mut [f32], usize)) -> Tensor<Flex, 2> {
    let [_, width] = x.dims();
    let mut tensor = contiguous(x);
    if width > 0 {
        let rows = tensor.storage_mut::<f32>();
        pulp::Arch::new().dispatch(|| change(rows, width));
    }
    Tensor::from_primitive(TensorPrimitive::Float(tensor))
}

#[inline(always)]
fn normalize(row: &mut [f32], scale: &[f32], shift: &[f32], epsilon: f32) {
    let width = row.len() as f32;
    let mean = sum(row, |x| x) / width;
    let variance = sum(row, |x| (x - mean) * (x - mean)) / width;
    let inverse = (variance + epsilon).sqrt().recip();
    for ((x, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
        *x = (*x - mean) * inverse * scale + shift;
    }
}

/// A sum in sixteen lanes, which vector instructions can add side by side.
#[inline(always)]
fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; 16];
    let chunks = row.chunks_exact(16);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += of(*x);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|x| of(*x)).sum::<f32>()
}

#[inline(always)]
fn softmax_of(row: &mut [f32], factor: f32, bias: Option<&[f32]>) {
    match bias {
        Some(bias) => {
            for (x, bias) in row.iter_mut().zip(bias) {
                *x = *x * factor + bias;
            }
        }
        None => {
            for x in row.iter_mut() {
                *x *= factor;
            }
        }
    }
    let mut lanes = [f32::NEG_INFINITY; 16];
    let chunks = row.chunks_exact(16);
    for (lane, x) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane = x.max(*lane);
    }
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane = if *x > *lane { *x } else { *lane };
        }
    }
    let highest = lanes.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for x in row.iter_mut() {
        *x = exp_of(*x - highest);
    }
    let share = sum(row, |x| x).recip();
    for x in row.iter_mut() {
        *x *= share;
    }
}

/// 1.5 times 2 to the 23: adding it rounds a small number to a whole one.
const SHIFT: f32 = 12_582_912.0;

/// e to the `x` for `x <= 0`, to about 2 units in the last place; 0 far below.
#[inline(always)]
fn exp_of(x: f32) -> f32 {
    let x = x.max(-87.0);
    // x = n ln 2 + r with |r| <= ln 2 / 2; the shift rounds to the nearest whole number.
    let shifted = x * std::f32::consts::LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.0
        + r * (1.0
            + r * (0.5
                + r * (0.166_666_55
                    + r * (0.041_665_795 + r * (0.008_333_452 + r * 0.001_398_2)))));
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    p * power
}

#[inline(always)]
fn gelu_of(x: f32) -> f32 {
    0.5 * x * (1.0 + erf_of(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// The error function, by the quotient of polynomials that Eigen uses; within 5e-7.
#[inline(always)]
fn erf_of(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let y = x * x;
    let mut over = -2.726_142e-10;
    for factor in [
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ] {
        over = over * y + factor;
    }
    let mut under = -1.456_607_2e-5;
    for factor in [
        -2.133_740_6e-4,
        -1.682_827e-3,
        -7.373_329_2e-3,
        -1.426_473_9e-2,
    ] {
        under = under * y + factor;
    }
    x * over / under
}

#[cfg(test)]
mod tests {
    use burn_flex::FlexDevice;

    use super::*;

    fn sample(rows: usize, width: usize) -> Tensor<Flex, 2> {
        let values: Vec<f32> = (0..rows * width)
            .map(|i| ((i * 7919 % 1013) as f32 / 1013.0 - 0.5) * 14.0)
            .collect();
        Tensor::<Flex, 1>::from_floats(values.as_slice(), &FlexDevice).reshape([rows, width])
    }

    fn vector(width: usize, step: f32) -> Tensor<Flex, 1> {
        let values: Vec<f32> = (0..width).map(|i| (i as f32 * step).sin()).collect();
        Tensor::from_floats(values.as_slice(), &FlexDevice)
    }

    fn close<const D: usize>(ours: Tensor<Flex, D>, burns: Tensor<Flex, D>, tolerance: f32) {
        let difference: f32 = (ours - burns).abs().max().into_scalar();
        assert!(difference < tolerance, "they differ by {difference}");
    }

    #[test]
    fn the_error_function_and_gelu_agree_with_burns() {
        let x = sample(37, 53);
        let bias = vector(53, 0.7);
        let burns = gelu(x.clone() + bias.clone().unsqueeze());
        close(Flex::bias_gelu(x, &bias), burns, 2e-6);
    }

    #[test]
    fn the_exponential_agrees_with_the_standard_librarys() {
        for i in 0..8600 {
            let x = -(i as f32) / 100.0;
            let error = (exp_of(x) - x.exp()).abs() / x.exp();
            assert!(error < 3e-6, "e^{x} is off by {error}");
        }
        assert!(exp_of(-1e9) < 1e-37);
    }

    #[test]
    fn a_sum_is_normalized_as_burn_does() {
        let (x, y) = (sample(19, 384), sample(19, 384).powf_scalar(2.0));
        let (scale, shift) = (vector(384, 0.3), vector(384, 0.9));
        let burns = {
            let x = x.clone() + y.clone();
            let mean = x.clone().mean_dim(1);
            let centred = x - mean;
            let variance = centred.clone().powf_scalar(2.0).mean_dim(1);
            centred / (variance + 1e-12).sqrt() * scale.clone().unsqueeze()
                + shift.clone().unsqueeze()
        };
        close(Flex::add_row_norm(x, y, &scale, &shift, 1e-12), burns, 1e-5);
    }

    #[test]
    fn attention_weights_agree_with_burns_and_leave_out_what_is_masked() {
        let scores = sample(2 * 3 * 5, 21).reshape([2, 3, 5, 21]);
        let mut mask = vec![0.0; 2 * 21];
        mask[21 + 13..].fill(-1e9);
        let mask =
            Tensor::<Flex, 1>::from_floats(mask.as_slice(), &FlexDevice).reshape([2, 1, 1, 21]);
        let burns = softmax(scores.clone() * 0.3 + mask.clone(), 3);
        close(
            Flex::attention_weights(scores, 0.3, Some(mask)),
            burns,
            1e-6,
        );
    }
}
