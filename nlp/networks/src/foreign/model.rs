//! Foreign models on a device: an encoder as ours, and the head that their task has.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, tanh};

use super::config::Architecture;
use super::labels::{self, NEUTRAL, Tag};
use super::tokenizer::{ForeignTokenizer, Pieces};
use super::{Folder, ForeignError};
use crate::encoder::{Batch, Embeddings, Encoder, Layer, Linear, Norm};
use crate::heads::FEELINGS;
use crate::kernels::Kernels;
use crate::story::{Lanes, in_batches, values};
use crate::weights::{Table, Weights, WeightsError};

/// No more pieces are read together, however many positions a model has.
const LONGEST: usize = 512;

/// What the arrays of a layer are called.
struct LayerNames {
    layers: &'static str,
    query_key_value: [&'static str; 3],
    attended: &'static str,
    attention_norm: &'static str,
    up: &'static str,
    down: &'static str,
    norm: &'static str,
}

const BERT: LayerNames = LayerNames {
    layers: "encoder.layer",
    query_key_value: [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
    ],
    attended: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    up: "intermediate.dense",
    down: "output.dense",
    norm: "output.LayerNorm",
};

const DISTILBERT: LayerNames = LayerNames {
    layers: "transformer.layer",
    query_key_value: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
    attended: "attention.out_lin",
    attention_norm: "sa_layer_norm",
    up: "ffn.lin1",
    down: "ffn.lin2",
    norm: "output_layer_norm",
};

/// A product that gives queries, keys and values from three that give one of them each.
fn joined<B: Kernels>(
    weights: &Weights,
    names: &[String; 3],
    hidden: usize,
    device: &B::Device,
) -> Result<Linear<B>, WeightsError> {
    let part = |name: &String| weights.linear(&format!("{name}.weight"), hidden, hidden);
    let parts = [part(&names[0])?, part(&names[1])?, part(&names[2])?];
    let mut weight = Vec::with_capacity(3 * hidden * hidden);
    for row in 0..hidden {
        for part in &parts {
            weight.extend_from_slice(&part.values[row * hidden..(row + 1) * hidden]);
        }
    }
    let mut bias = Vec::with_capacity(3 * hidden);
    for name in names {
        bias.extend(weights.vector(&format!("{name}.bias"), hidden)?);
    }
    Ok(Linear::from_parts(
        weight,
        [hidden, 3 * hidden],
        Some(bias),
        device,
    ))
}

fn encoder<B: Kernels>(folder: &Folder, device: &B::Device) -> Result<Encoder<B>, ForeignError> {
    let (config, weights) = (&folder.config, &folder.weights);
    let shape = config.shape;
    let (base, names) = match config.architecture {
        Architecture::Bert => ("bert", BERT),
        Architecture::Roberta => ("roberta", BERT),
        Architecture::DistilBert => ("distilbert", DISTILBERT),
    };
    let norm = |name: &str| Norm::load(weights, name, shape.hidden, shape.epsilon, device);
    let embedding = |name: &str| format!("{base}.embeddings.{name}");
    let mut positions = weights.matrix(&embedding("position_embeddings.weight"))?;
    // Shows whether its rows have the width of a state.
    weights.table(&embedding("position_embeddings.weight"), shape.hidden)?;
    if positions.shape[0] < config.first_position + 3 {
        return Err(ForeignError::Unsuitable {
            file: weights.file().to_owned(),
            found: format!("there are {} positions", positions.shape[0]),
            expected: "a text needs more; fetch the model again".to_owned(),
        });
    }
    if config.architecture != Architecture::DistilBert {
        let types = weights.table(&embedding("token_type_embeddings.weight"), shape.hidden)?;
        for row in positions.values.chunks_exact_mut(shape.hidden) {
            types.add_row(0, row);
        }
    }
    let layers = (0..shape.layers)
        .map(|number| {
            let name = |part: &str| format!("{base}.{}.{number}.{part}", names.layers);
            let linear = |part: &str, inputs, outputs| {
                Linear::load(weights, &name(part), inputs, outputs, device)
            };
            Ok(Layer {
                qkv: joined(
                    weights,
                    &names.query_key_value.map(name),
                    shape.hidden,
                    device,
                )?,
                attended: linear(names.attended, shape.hidden, shape.hidden)?,
                attention_norm: norm(&name(names.attention_norm))?,
                up: linear(names.up, shape.hidden, shape.intermediate)?,
                activation: config.activation,
                down: linear(names.down, shape.intermediate, shape.hidden)?,
                norm: norm(&name(names.norm))?,
            })
        })
        .collect::<Result<_, WeightsError>>()?;
    Ok(Encoder {
        shape,
        embeddings: Embeddings {
            pieces: weights.table(&embedding("word_embeddings.weight"), shape.hidden)?,
            positions: Table::from(positions),
            casings: None,
            first_position: config.first_position,
        },
        embedding_norm: norm(&embedding("LayerNorm"))?,
        layers,
        device: device.clone(),
    })
}

/// What makes logits of the last states.
enum Head<B: Kernels> {
    /// Two products over the state of the first piece.
    First {
        hidden: Linear<B>,
        /// What comes between them: `ReLU` in `DistilBERT`, else tanh.
        rectified: bool,
        output: Linear<B>,
    },
    /// A product over the state of each piece.
    Each(Linear<B>),
}

/// A foreign network on one device.
struct Network<B: Kernels> {
    encoder: Encoder<B>,
    head: Head<B>,
    tokenizer: Arc<ForeignTokenizer>,
    labels: usize,
    /// The most pieces of a text, those at its ends included.
    longest: usize,
    lanes: Lanes,
}

impl<B: Kernels> Network<B> {
    fn load(
        folder: &Folder,
        first: bool,
        device: &B::Device,
        lanes: usize,
    ) -> Result<Self, ForeignError> {
        let (config, weights) = (&folder.config, &folder.weights);
        let (hidden, labels) = (config.shape.hidden, config.labels.len());
        let linear = |name, outputs| Linear::load(weights, name, hidden, outputs, device);
        let head = if first {
            let (dense, output) = match config.architecture {
                Architecture::Bert => ("bert.pooler.dense", "classifier"),
                Architecture::Roberta => ("classifier.dense", "classifier.out_proj"),
                Architecture::DistilBert => ("pre_classifier", "classifier"),
            };
            Head::First {
                hidden: linear(dense, hidden)?,
                rectified: config.architecture == Architecture::DistilBert,
                output: linear(output, labels)?,
            }
        } else {
            Head::Each(linear("classifier", labels)?)
        };
        let encoder = encoder(folder, device)?;
        let positions = encoder.embeddings.positions.shape[0];
        let network = Self {
            longest: (positions - config.first_position).min(LONGEST),
            encoder,
            head,
            tokenizer: folder.tokenizer.clone(),
            labels,
            lanes: Lanes::new(lanes),
        };
        let trial = network.tokenizer.pieces("The fox ran home.");
        let row = network.cut_row(&trial);
        let logits = network.forward(&[&row]);
        if logits.iter().flatten().all(|value| value.is_finite()) {
            Ok(network)
        } else {
            Err(ForeignError::Unreadable {
                file: weights.file().to_owned(),
                cause: "its numbers lead to no result".to_owned(),
            })
        }
    }

    /// A text as the encoder takes it, without what is too long.
    fn cut_row(&self, pieces: &Pieces) -> Vec<u32> {
        let kept = pieces.ids.len().min(self.longest - 2);
        self.tokenizer.row(&pieces.ids[..kept])
    }

    /// The logits of each row: one set, or one a piece.
    fn forward(&self, rows: &[&[u32]]) -> Vec<Vec<f32>> {
        let most = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let casings = vec![0; most];
        let windows: Vec<(&[u32], &[u8])> = rows
            .iter()
            .map(|row| (*row, &casings[..row.len()]))
            .collect();
        let batch = Batch::new(&windows, self.tokenizer.pad);
        let states = self.encoder.forward(&batch);
        let Some(last) = states.last() else {
            return vec![Vec::new(); rows.len()];
        };
        let (logits, width) = match &self.head {
            Head::First {
                hidden,
                rectified,
                output,
            } => {
                let inner = hidden.forward(first_states(last, &batch));
                let inner = if *rectified { relu(inner) } else { tanh(inner) };
                (values(output.forward(inner)), self.labels)
            }
            Head::Each(output) => (
                values(output.forward(last.clone())),
                self.labels * batch.length,
            ),
        };
        let mut all: Vec<Vec<f32>> = logits.chunks_exact(width).map(<[f32]>::to_vec).collect();
        if matches!(self.head, Head::Each(_)) {
            for (logits, row) in all.iter_mut().zip(rows) {
                logits.truncate(row.len() * self.labels);
            }
        }
        all.resize(rows.len(), Vec::new());
        all
    }

    /// [`Self::forward`] of any number of rows, in batches of like length on all lanes.
    fn forward_all(&self, rows: &[Vec<u32>]) -> Vec<Vec<f32>> {
        let batches = in_batches(rows, Vec::len);
        let found: Vec<Mutex<Vec<f32>>> = rows.iter().map(|_| Mutex::default()).collect();
        self.lanes.for_each(batches.len(), |index| {
            let members = &batches[index];
            let rows: Vec<&[u32]> = members.iter().map(|row| rows[*row].as_slice()).collect();
            for (member, logits) in members.iter().zip(self.forward(&rows)) {
                if let Ok(mut seat) = found[*member].lock() {
                    *seat = logits;
                }
            }
        });
        found
            .into_iter()
            .map(|seat| seat.into_inner().unwrap_or_default())
            .collect()
    }
}

/// The states of the first pieces, `[b, h]`.
fn first_states<B: Kernels>(states: &Tensor<B, 2>, batch: &Batch) -> Tensor<B, 2> {
    let [_, hidden] = states.dims();
    states
        .clone()
        .reshape([batch.windows, batch.length, hidden])
        .narrow(1, 0, 1)
        .reshape([batch.windows, hidden])
}

/// The pieces of texts and what a foreign network says of them, before anything is decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    /// The pieces, those at the ends included.
    pub pieces: Vec<u32>,
    /// A value a label, or for entities `[pieces, labels]`.
    pub values: Vec<f32>,
}

fn logits<B: Kernels>(network: &Network<B>, texts: &[&str]) -> Vec<Logits> {
    let rows: Vec<Vec<u32>> = texts
        .iter()
        .map(|text| network.cut_row(&network.tokenizer.pieces(text)))
        .collect();
    let borrowed: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
    let all = network.forward(&borrowed);
    rows.into_iter()
        .zip(all)
        .map(|(pieces, values)| Logits { pieces, values })
        .collect()
}

/// A model that finds the feeling of a text.
pub struct FeelingsModel<B: Kernels> {
    network: Network<B>,
    /// The feeling of each label.
    meanings: Vec<usize>,
    several: bool,
}

impl<B: Kernels> FeelingsModel<B> {
    /// Loads a model to a device. `lanes` is how many batches are read side by side.
    ///
    /// # Errors
    /// If arrays are missing or do not fit, or labels are not feelings.
    pub fn load(folder: &Folder, device: &B::Device, lanes: usize) -> Result<Self, ForeignError> {
        let config = &folder.config;
        Ok(Self {
            meanings: labels::feelings(&config.file, &config.labels)?,
            network: Network::load(folder, true, device, lanes)?,
            several: config.several,
        })
    }

    /// What the model says of texts in one batch: to compare with where it was trained.
    pub fn logits(&self, texts: &[&str]) -> Vec<Logits> {
        logits(&self.network, texts)
    }

    /// The shares of the feelings in each text, in the order of
    /// [`FEELING_NAMES`](labels::FEELING_NAMES); they sum to 1. Of a text too long, the beginning
    /// counts.
    pub fn feelings(&self, texts: &[&str]) -> Vec<[f32; FEELINGS]> {
        let rows: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| self.network.cut_row(&self.network.tokenizer.pieces(text)))
            .collect();
        self.network
            .forward_all(&rows)
            .iter()
            .map(|logits| shares(logits, &self.meanings, self.several))
            .collect()
    }
}

/// The shares of feelings from logits. Labels that exclude each other add up; of those that do
/// not, the most probable stands for its feeling.
fn shares(logits: &[f32], meanings: &[usize], several: bool) -> [f32; FEELINGS] {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut shares = [0.0_f32; FEELINGS];
    for (logit, meaning) in logits.iter().zip(meanings) {
        let share = &mut shares[*meaning];
        if several {
            *share = share.max(1.0 / (1.0 + (-logit).exp()));
        } else {
            *share += (logit - highest).exp();
        }
    }
    let sum: f32 = shares.iter().sum();
    if sum > 0.0 && sum.is_finite() {
        shares.map(|share| (share / sum).clamp(0.0, 1.0))
    } else {
        std::array::from_fn(|feeling| if feeling == NEUTRAL { 1.0 } else { 0.0 })
    }
}

/// Someone or something that is named in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedEntity {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// `PER`, `FAC`, `GPE`, `LOC`, `VEH` or `ORG`.
    pub class: &'static str,
}

/// A model that finds the named entities of a text.
pub struct EntityModel<B: Kernels> {
    network: Network<B>,
    /// The tag of each label.
    tags: Vec<Tag>,
}

impl<B: Kernels> EntityModel<B> {
    /// Loads a model to a device. `lanes` is how many batches are read side by side.
    ///
    /// # Errors
    /// If arrays are missing or do not fit, or no label is an entity.
    pub fn load(folder: &Folder, device: &B::Device, lanes: usize) -> Result<Self, ForeignError> {
        let config = &folder.config;
        Ok(Self {
            tags: labels::tags(&config.file, &config.labels)?,
            network: Network::load(folder, false, device, lanes)?,
        })
    }

    /// What the model says of texts in one batch: to compare with where it was trained.
    pub fn logits(&self, texts: &[&str]) -> Vec<Logits> {
        logits(&self.network, texts)
    }

    /// The entities of each text, in order. A word is what its first piece is, as such models are
    /// trained; a text too long is read in parts.
    pub fn entities(&self, texts: &[&str]) -> Vec<Vec<NamedEntity>> {
        let texts: Vec<Pieces> = texts
            .iter()
            .map(|text| self.network.tokenizer.pieces(text))
            .collect();
        let parts: Vec<(usize, Range<usize>)> = texts
            .iter()
            .enumerate()
            .flat_map(|(text, pieces)| {
                parts(&pieces.words, self.network.longest - 2)
                    .into_iter()
                    .map(move |part| (text, part))
            })
            .collect();
        let rows: Vec<Vec<u32>> = parts
            .iter()
            .map(|(text, part)| self.network.tokenizer.row(&texts[*text].ids[part.clone()]))
            .collect();
        let mut tags: Vec<Vec<Tag>> = vec![Vec::new(); texts.len()];
        for ((text, part), logits) in parts.iter().zip(self.network.forward_all(&rows)) {
            let width = self.tags.len();
            tags[*text].extend((1..=part.len()).map(|piece| {
                let row = logits.get(piece * width..(piece + 1) * width);
                self.tags[best(row.unwrap_or_default())]
            }));
        }
        texts
            .iter()
            .zip(&tags)
            .map(|(pieces, tags)| entities(pieces, tags))
            .collect()
    }
}

/// The index of the highest value, the first if there is none.
fn best(row: &[f32]) -> usize {
    let mut best = 0;
    for (index, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = index;
        }
    }
    best
}

/// Pieces in parts of at most `most`, cut between words where that can be had.
fn parts(words: &[Option<u32>], most: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    while words.len() - start > most {
        let cut = (start + 1..=start + most)
            .rev()
            .find(|at| words[*at] != words[*at - 1]);
        let end = cut.unwrap_or(start + most);
        parts.push(start..end);
        start = end;
    }
    if start < words.len() {
        parts.push(start..words.len());
    }
    parts
}

/// Neighbouring words with the same class, as one entity.
fn entities(pieces: &Pieces, tags: &[Tag]) -> Vec<NamedEntity> {
    let mut found: Vec<NamedEntity> = Vec::new();
    let mut open = None;
    let mut word = None;
    for ((span, id), tag) in pieces.spans.iter().zip(&pieces.words).zip(tags) {
        let goes_on = id.is_some() && *id == word;
        word = *id;
        if span.is_empty() {
            continue;
        }
        if goes_on {
            if let (Some(_), Some(last)) = (open, found.last_mut()) {
                last.range.end = last.range.end.max(span.end);
            }
            continue;
        }
        match found.last_mut() {
            Some(last) if open.is_some() && open == tag.class && !tag.begins => {
                last.range.end = last.range.end.max(span.end);
            }
            _ => {
                if let Some(class) = tag.class {
                    found.push(NamedEntity {
                        range: span.clone(),
                        class,
                    });
                }
            }
        }
        open = tag.class;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_between_words_or_else_when_they_are_full() {
        let words: Vec<Option<u32>> = [0, 0, 1, 1, 1, 2, 2, 2, 2, 2].map(Some).to_vec();
        assert_eq!(parts(&words, 4), [0..2, 2..5, 5..9, 9..10]);
        assert_eq!(parts(&words, 10).len(), 1);
        assert!(parts(&[], 4).is_empty());
    }

    #[test]
    fn words_take_the_tag_of_their_first_piece_and_join_with_their_neighbours() {
        // Old Ow|l met Mia Zoë in London
        let spans = [0..3, 4..6, 6..7, 8..11, 12..15, 16..20, 21..23, 24..30];
        let words = [0, 1, 1, 2, 3, 4, 5, 6].map(Some);
        let tag = |begins, class| Tag { begins, class };
        let (o, b) = (tag(false, None), tag(true, Some("PER")));
        let (i, l) = (tag(false, Some("PER")), tag(false, Some("LOC")));
        let pieces = Pieces {
            ids: vec![0; 8],
            spans: spans.to_vec(),
            words: words.to_vec(),
        };
        let found = entities(&pieces, &[b, i, o, o, b, b, o, l]);
        let found: Vec<_> = found.into_iter().map(|it| (it.range, it.class)).collect();
        assert_eq!(
            found,
            [
                (0..7, "PER"),
                (12..15, "PER"),
                (16..20, "PER"),
                (24..30, "LOC")
            ]
        );
    }

    #[test]
    fn shares_of_labels_with_the_same_feeling_are_joined() {
        let one = shares(&[1.0, 1.0, 1.0, 1.0], &[0, 0, 1, NEUTRAL], false);
        assert_eq!(one, [0.5, 0.25, 0.0, 0.0, 0.0, 0.0, 0.25]);
        let several = shares(&[0.0, 0.0, 0.0], &[0, 0, 1], true);
        assert_eq!(several, [0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let broken = shares(&[f32::NAN, 1.0], &[0, 1], false);
        assert_eq!(broken, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    }
}
