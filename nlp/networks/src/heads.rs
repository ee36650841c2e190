//! What is read off the encoder's states: feelings, syntax and mentions.
//!
//! Shapes: `b` windows of `t` pieces and `w` words (the most that any of them has), `h` the
//! width of a state.

use burn::tensor::activation::tanh;
use burn::tensor::{Int, Tensor, TensorData};

use crate::encoder::Linear;
use crate::kernels::Kernels;
use crate::weights::{Weights, WeightsError};

/// A learned average over the depths of the encoder.
struct Mix(Vec<f32>);

impl Mix {
    fn load(weights: &Weights, name: &str, depths: usize) -> Result<Self, WeightsError> {
        let logits = weights.vector(&format!("{name}.mix.weights"), depths)?;
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
        let sum: f32 = powers.iter().sum();
        Ok(Self(powers.iter().map(|power| power / sum).collect()))
    }

    /// The average state of the pieces `first`: `[first, h]`.
    fn words<B: Kernels>(
        &self,
        states: &[Tensor<B, 2>],
        first: &Tensor<B, 1, Int>,
    ) -> Tensor<B, 2> {
        let mut parts = states
            .iter()
            .zip(&self.0)
            .map(|(state, share)| state.clone().select(0, first.clone()) * *share);
        let start = parts.next().unwrap_or_else(|| states[0].clone());
        parts.fold(start, |sum, part| sum + part)
    }
}

/// Where the words of a batch begin, in pieces.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The most words that a window has.
    pub most: usize,
    /// The first piece of each word, in the batch's rows, `[b * w]`; padded with row 0.
    pub first: Vec<u32>,
    /// How many words each window has.
    pub counts: Vec<usize>,
}

impl Words {
    fn tensor<B: Kernels>(&self, device: &B::Device) -> Tensor<B, 1, Int> {
        let rows: Vec<i32> = self.first.iter().map(|row| row.cast_signed()).collect();
        Tensor::from_data(TensorData::new(rows, [self.first.len()]), device)
    }
}

/// Which feelings output to read: they were trained on different texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// Narration and speech of stories.
    Story,
    /// Forum posts, for comparison with published figures.
    Forum,
}

/// Feelings of stretches of pieces.
pub struct Feelings<B: Kernels> {
    hidden: Linear<B>,
    story: Linear<B>,
    forum: Linear<B>,
}

/// The number of feelings.
pub const FEELINGS: usize = 7;

impl<B: Kernels> Feelings<B> {
    /// Loads the head for states of width `hidden`.
    pub fn load(
        weights: &Weights,
        hidden: usize,
        device: &B::Device,
    ) -> Result<Self, WeightsError> {
        let linear = |name: &str, outputs| {
            Linear::load(
                weights,
                &format!("feelings.{name}"),
                hidden,
                outputs,
                device,
            )
        };
        Ok(Self {
            hidden: linear("hidden", hidden)?,
            story: linear("outputs.story", FEELINGS)?,
            forum: linear("outputs.forum", FEELINGS)?,
        })
    }

    /// Logits `[spans, 7]` of stretches given as `(window, first piece, end piece)`, from last
    /// states `[b * t, h]`.
    pub fn forward(
        &self,
        state: &Tensor<B, 2>,
        windows: usize,
        spans: &[(usize, usize, usize)],
        register: Register,
    ) -> Tensor<B, 2> {
        let pooled = mean_states(state, windows, spans);
        let hidden = tanh(self.hidden.forward(pooled));
        match register {
            Register::Story => self.story.forward(hidden),
            Register::Forum => self.forum.forward(hidden),
        }
    }
}

/// The mean states `[spans, h]` of stretches given as `(window, first piece, end piece)`, from
/// states `[b * t, h]`.
pub(crate) fn mean_states<B: Kernels>(
    state: &Tensor<B, 2>,
    windows: usize,
    spans: &[(usize, usize, usize)],
) -> Tensor<B, 2> {
    let [rows, hidden] = state.dims();
    let length = rows / windows.max(1);
    let mut seats = vec![0; windows];
    let seated: Vec<usize> = spans
        .iter()
        .map(|(window, ..)| {
            seats[*window] += 1;
            seats[*window] - 1
        })
        .collect();
    let most = seats.iter().copied().max().unwrap_or(0).max(1);
    let mut shares = vec![0.0; windows * most * length];
    for ((window, from, to), seat) in spans.iter().zip(&seated) {
        let row = (window * most + seat) * length;
        shares[row + from..row + to].fill(1.0 / (to - from).max(1) as f32);
    }
    let device = state.device();
    let shares =
        Tensor::<B, 1>::from_data(TensorData::new(shares, [windows * most * length]), &device)
            .reshape([windows, most, length]);
    let pooled = shares.matmul(state.clone().reshape([windows, length, hidden]));
    let rows: Vec<i32> = spans
        .iter()
        .zip(&seated)
        .map(|((window, ..), seat)| row_number(window * most + seat))
        .collect();
    let rows = Tensor::<B, 1, Int>::from_data(TensorData::new(rows, [spans.len()]), &device);
    pooled.reshape([windows * most, hidden]).select(0, rows)
}

/// The number of a row as backends take it; a batch has far fewer than `i32` counts.
fn row_number(row: usize) -> i32 {
    i32::try_from(row).unwrap_or(i32::MAX)
}

/// `x` with a column of ones.
fn with_one<B: Kernels>(x: Tensor<B, 2>) -> Tensor<B, 2> {
    let [rows, _] = x.dims();
    let ones = Tensor::ones([rows, 1], &x.device());
    Tensor::cat(vec![x, ones], 1)
}

/// Loads a product over `x` with a one at its end as a product with a bias.
fn load_with_one<B: Kernels>(
    weights: &Weights,
    name: &str,
    inputs: usize,
    outputs: usize,
    device: &B::Device,
) -> Result<Linear<B>, WeightsError> {
    let mut matrix = weights.linear(&format!("{name}.weight"), inputs + 1, outputs)?;
    let bias = matrix.values.split_off(inputs * outputs);
    Ok(Linear::from_parts(
        matrix.values,
        [inputs, outputs],
        Some(bias),
        device,
    ))
}

const ARC: usize = 192;
const RELATION: usize = 96;
const SPAN: usize = 128;
/// The number of widths that mentions are told apart by.
pub const WIDTHS: usize = 16;

/// Tags, lemma rules, sentence ends, and the arcs of dependency trees.
pub struct Syntax<B: Kernels> {
    mix: Mix,
    tags: Linear<B>,
    lemmas: Linear<B>,
    ends: Linear<B>,
    arc_child: Linear<B>,
    arc_parent: Linear<B>,
    arc: Linear<B>,
    relation_child: Linear<B>,
    relation_parent: Linear<B>,
    relation: Linear<B>,
    root: Tensor<B, 2>,
    relations: usize,
}

/// What the syntax head says of the words of a batch; rows as in [`Words`].
pub struct SyntaxScores<B: Kernels> {
    /// `[b * w, tags]`.
    pub tags: Tensor<B, 2>,
    /// `[b * w, lemma rules]`.
    pub lemmas: Tensor<B, 2>,
    /// `[b * w, 1]`: above 0 where a sentence ends.
    pub ends: Tensor<B, 2>,
    /// `[b, w, w + 1]`: each word's parent; column 0 is the root.
    pub arcs: Tensor<B, 3>,
    words: Tensor<B, 2>,
}

impl<B: Kernels> Syntax<B> {
    /// Loads the head for so many tags, lemma rules and relations.
    pub fn load(
        weights: &Weights,
        hidden: usize,
        depths: usize,
        counts: [usize; 3],
        device: &B::Device,
    ) -> Result<Self, WeightsError> {
        let [tags, lemmas, relations] = counts;
        let linear = |name: &str, outputs| {
            Linear::load(weights, &format!("syntax.{name}"), hidden, outputs, device)
        };
        let root = weights.vector("syntax.root", hidden)?;
        Ok(Self {
            mix: Mix::load(weights, "syntax", depths)?,
            tags: linear("tags", tags)?,
            lemmas: linear("lemmas", lemmas)?,
            ends: linear("ends", 1)?,
            arc_child: linear("arc_child", ARC)?,
            arc_parent: linear("arc_parent", ARC)?,
            arc: load_with_one(weights, "syntax.arc", ARC, ARC, device)?,
            relation_child: linear("relation_child", RELATION)?,
            relation_parent: linear("relation_parent", RELATION)?,
            relation: load_with_one(
                weights,
                "syntax.relation",
                RELATION,
                relations * (RELATION + 1),
                device,
            )?,
            root: Tensor::from_data(TensorData::new(root, [1, hidden]), device),
            relations,
        })
    }

    /// The words' states with the root's before each window's: `[b * (w + 1), h]`.
    fn with_root(&self, words: &Tensor<B, 2>, windows: usize) -> Tensor<B, 2> {
        let [rows, hidden] = words.dims();
        let most = rows / windows;
        let root = self
            .root
            .clone()
            .reshape([1, 1, hidden])
            .repeat_dim(0, windows);
        let words = words.clone().reshape([windows, most, hidden]);
        Tensor::cat(vec![root, words], 1).reshape([windows * (most + 1), hidden])
    }

    /// Scores for the words of a batch.
    pub fn forward(&self, states: &[Tensor<B, 2>], words: &Words) -> SyntaxScores<B> {
        let device = states[0].device();
        let windows = words.counts.len();
        let states = self.mix.words(states, &words.tensor::<B>(&device));
        let child = self
            .arc
            .forward(self.arc_child.forward_gelu(states.clone()));
        let parent = self
            .arc_parent
            .forward_gelu(self.with_root(&states, windows));
        let arcs = child
            .reshape([windows, words.most, ARC])
            .matmul(parent.reshape([windows, words.most + 1, ARC]).transpose());
        SyntaxScores {
            tags: self.tags.forward(states.clone()),
            lemmas: self.lemmas.forward(states.clone()),
            ends: self.ends.forward(states.clone()),
            arcs,
            words: states,
        }
    }

    /// Scores `[b * w, relations]` of the arcs to the given parents: columns of
    /// [`SyntaxScores::arcs`], `[b * w]`.
    pub fn relations(
        &self,
        scores: &SyntaxScores<B>,
        windows: usize,
        parents: &[usize],
    ) -> Tensor<B, 2> {
        let device = scores.words.device();
        let rows = parents.len();
        let most = rows / windows.max(1);
        let index: Vec<i32> = parents
            .iter()
            .enumerate()
            .map(|(row, parent)| row_number(row / most.max(1) * (most + 1) + parent))
            .collect();
        let index = Tensor::<B, 1, Int>::from_data(TensorData::new(index, [rows]), &device);
        let child = self
            .relation
            .forward(self.relation_child.forward_gelu(scores.words.clone()));
        let parent = self
            .relation_parent
            .forward_gelu(self.with_root(&scores.words, windows));
        let parent = with_one(parent.select(0, index));
        child
            .reshape([rows, self.relations, RELATION + 1])
            .matmul(parent.reshape([rows, RELATION + 1, 1]))
            .reshape([rows, self.relations])
    }
}

/// Nested mentions: a score a class for every stretch of words.
pub struct Mentions<B: Kernels> {
    mix: Mix,
    start: Linear<B>,
    end: Linear<B>,
    product: Linear<B>,
    /// What the width of a mention adds to each class, `[widths, classes]`.
    pub widths: Vec<f32>,
    /// The number of classes; class 0 is no mention.
    pub classes: usize,
}

impl<B: Kernels> Mentions<B> {
    /// Loads the head for so many classes.
    pub fn load(
        weights: &Weights,
        hidden: usize,
        depths: usize,
        classes: usize,
        device: &B::Device,
    ) -> Result<Self, WeightsError> {
        let linear =
            |name: &str| Linear::load(weights, &format!("mentions.{name}"), hidden, SPAN, device);
        Ok(Self {
            mix: Mix::load(weights, "mentions", depths)?,
            start: linear("start")?,
            end: linear("end")?,
            product: load_with_one(
                weights,
                "mentions.product",
                SPAN,
                classes * (SPAN + 1),
                device,
            )?,
            widths: weights.matrix("mentions.widths.weight")?.values,
            classes,
        })
    }

    /// Scores `[b, w * classes, w]`: start and class by end, without what the width adds.
    pub fn forward(&self, states: &[Tensor<B, 2>], words: &Words) -> Tensor<B, 3> {
        let device = states[0].device();
        let windows = words.counts.len();
        let states = self.mix.words(states, &words.tensor::<B>(&device));
        let start = self
            .product
            .forward(self.start.forward_gelu(states.clone()));
        let end = with_one(self.end.forward_gelu(states));
        start
            .reshape([windows, words.most * self.classes, SPAN + 1])
            .matmul(end.reshape([windows, words.most, SPAN + 1]).transpose())
    }
}

/// The row of the widths' table for a mention of `words` words: one to eight alone, then in
/// growing ranges.
pub fn width_row(words: usize) -> usize {
    let beyond = words.saturating_sub(1);
    if beyond < 8 {
        return beyond;
    }
    let coarse = 8 + ((beyond as f32 / 8.0).log2() * 2.0) as usize;
    coarse.min(WIDTHS - 1)
}
