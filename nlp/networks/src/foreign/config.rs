//! `config.json`: which architecture, how large, and what its labels are.

use serde_json::{Map, Value};

use super::{ForeignError, Task};
use crate::encoder::{Activation, Shape};

/// No measure of a model that can be used is larger.
const LARGEST_MEASURE: u64 = 1 << 16;
/// No model that can be used has more labels.
const MOST_LABELS: usize = 1000;
/// BERT's, where the configuration does not say.
const EPSILON: f64 = 1e-12;

/// The architectures that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// BERT.
    Bert,
    /// `RoBERTa`, `DistilRoBERTa` included.
    Roberta,
    /// `DistilBERT`.
    DistilBert,
}

/// What is known of a model before its weights are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The file that says so.
    pub file: String,
    /// Its architecture.
    pub architecture: Architecture,
    /// What it is for.
    pub task: Task,
    /// The measures of its encoder.
    pub shape: Shape,
    /// What comes between the products of a layer.
    pub activation: Activation,
    /// The row of the first position.
    pub first_position: usize,
    /// Its labels, in the order of its logits.
    pub labels: Vec<String>,
    /// Whether a text may have several labels at once.
    pub several: bool,
}

impl Config {
    /// Understands a configuration; `file` is the name that errors give it.
    ///
    /// # Errors
    /// If it is no JSON, lacks something, or describes another kind of model.
    pub fn parse(file: &str, bytes: &[u8], task: Task) -> Result<Self, ForeignError> {
        let object: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|error| ForeignError::Unreadable {
                file: file.to_owned(),
                cause: format!("it is no configuration in JSON ({error})"),
            })?;
        Source { file, object }.config(task)
    }
}

struct Source<'a> {
    file: &'a str,
    object: Map<String, Value>,
}

impl Source<'_> {
    fn config(&self, task: Task) -> Result<Config, ForeignError> {
        let architecture = match self.text("model_type")? {
            "bert" => Architecture::Bert,
            "roberta" => Architecture::Roberta,
            "distilbert" => Architecture::DistilBert,
            other => {
                return Err(self.unsuitable(
                    format!("`model_type` is `{other}`"),
                    "bert, roberta and distilbert are understood; choose a model of these",
                ));
            }
        };
        self.check_task(task)?;
        let positions = self.object.get("position_embedding_type");
        if positions.is_some_and(|kind| !kind.is_null() && kind != "absolute") {
            return Err(self.unsuitable(
                "its positions are relative".to_owned(),
                "only absolute ones are understood; choose another model",
            ));
        }
        let [hidden, layers, heads, intermediate, activation] = match architecture {
            Architecture::DistilBert => ["dim", "n_layers", "n_heads", "hidden_dim", "activation"],
            Architecture::Bert | Architecture::Roberta => [
                "hidden_size",
                "num_hidden_layers",
                "num_attention_heads",
                "intermediate_size",
                "hidden_act",
            ],
        };
        let shape = Shape {
            hidden: self.measure(hidden)?,
            layers: self.measure(layers)?,
            heads: self.measure(heads)?,
            intermediate: self.measure(intermediate)?,
            epsilon: self.epsilon(architecture)?,
        };
        if !shape.hidden.is_multiple_of(shape.heads) {
            return Err(self.unsuitable(
                format!("`{heads}` is {}", shape.heads),
                &format!(
                    "it has to divide `{hidden}`, {}; fetch the model again",
                    shape.hidden
                ),
            ));
        }
        let activation = match self.text(activation)? {
            "gelu" | "gelu_python" => Activation::Gelu,
            "gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" => Activation::GeluTanh,
            "relu" => Activation::Relu,
            other => {
                return Err(self.unsuitable(
                    format!("`{activation}` is `{other}`"),
                    "gelu, gelu_new and relu are understood; choose another model",
                ));
            }
        };
        let first_position = match (architecture, self.object.get("pad_token_id")) {
            (Architecture::Roberta, Some(pad)) if !pad.is_null() => {
                self.whole("pad_token_id", pad, 0)? + 1
            }
            // The padding of RoBERTa, where the configuration does not say.
            (Architecture::Roberta, _) => 2,
            _ => 0,
        };
        Ok(Config {
            file: self.file.to_owned(),
            architecture,
            task,
            shape,
            activation,
            first_position,
            labels: self.labels()?,
            several: self
                .object
                .get("problem_type")
                .is_some_and(|kind| kind == "multi_label_classification"),
        })
    }

    fn unsuitable(&self, found: String, expected: &str) -> ForeignError {
        ForeignError::Unsuitable {
            file: self.file.to_owned(),
            found,
            expected: expected.to_owned(),
        }
    }

    fn value(&self, key: &str) -> Result<&Value, ForeignError> {
        self.object
            .get(key)
            .filter(|value| !value.is_null())
            .ok_or_else(|| ForeignError::MissingKey {
                file: self.file.to_owned(),
                key: key.to_owned(),
                remedy: match key {
                    "id2label" => {
                        "it is not the configuration of a classifier; choose a model that was \
                         fine-tuned for emotions or entities"
                    }
                    _ => "fetch the configuration that belongs to the model",
                },
            })
    }

    fn text(&self, key: &str) -> Result<&str, ForeignError> {
        let value = self.value(key)?;
        value.as_str().ok_or_else(|| {
            self.unsuitable(
                format!("`{key}` is {}", shortened(value)),
                "a word is needed there; fetch the model again",
            )
        })
    }

    fn whole(&self, key: &str, value: &Value, least: u64) -> Result<usize, ForeignError> {
        value
            .as_u64()
            .filter(|number| (least..=LARGEST_MEASURE).contains(number))
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| {
                self.unsuitable(
                    format!("`{key}` is {}", shortened(value)),
                    &format!(
                        "a whole number from {least} to {LARGEST_MEASURE} is needed there; fetch \
                         the model again"
                    ),
                )
            })
    }

    fn measure(&self, key: &str) -> Result<usize, ForeignError> {
        self.whole(key, self.value(key)?, 1)
    }

    fn epsilon(&self, architecture: Architecture) -> Result<f32, ForeignError> {
        const KEY: &str = "layer_norm_eps";
        let epsilon = match self.object.get(KEY) {
            Some(value) if architecture != Architecture::DistilBert => value
                .as_f64()
                .filter(|epsilon| (0.0..1.0).contains(epsilon))
                .ok_or_else(|| {
                    self.unsuitable(
                        format!("`{KEY}` is {}", shortened(value)),
                        "a small number is needed there; fetch the model again",
                    )
                })?,
            _ => EPSILON,
        };
        Ok(epsilon as f32)
    }

    fn check_task(&self, task: Task) -> Result<(), ForeignError> {
        let class = self
            .object
            .get("architectures")
            .and_then(|classes| classes.get(0)?.as_str());
        let (suffix, flag) = match task {
            Task::Feelings => ("ForSequenceClassification", "--emotion-model"),
            Task::Entities => ("ForTokenClassification", "--ner-model"),
        };
        match class {
            Some(class) if !class.ends_with(suffix) => Err(self.unsuitable(
                format!("the model is a `{}`", class.escape_default()),
                &format!("{flag} needs one whose name ends in {suffix}; choose another model"),
            )),
            _ => Ok(()),
        }
    }

    fn labels(&self) -> Result<Vec<String>, ForeignError> {
        let value = self.value("id2label")?;
        let labels: Option<Vec<String>> = value.as_object().and_then(|object| {
            (0..object.len())
                .map(|id| Some(object.get(&id.to_string())?.as_str()?.to_owned()))
                .collect()
        });
        let labels = labels
            .filter(|labels| (1..=MOST_LABELS).contains(&labels.len()))
            .ok_or_else(|| {
                self.unsuitable(
                    format!("`id2label` is {}", shortened(value)),
                    "names for the labels 0, 1, 2 and so on are needed there; fetch the model \
                     again",
                )
            })?;
        let unnamed = |label: &String| {
            label
                .strip_prefix("LABEL_")
                .is_some_and(|number| number.parse::<usize>().is_ok())
        };
        if labels.iter().all(unnamed) {
            return Err(self.unsuitable(
                format!("its labels are {}", shortened(value)),
                "what they mean is not said; write it under `id2label`, such as \
                 {\"0\": \"joy\", \"1\": \"fear\"}",
            ));
        }
        Ok(labels)
    }
}

/// The beginning of a value, for an error.
fn shortened(value: &Value) -> String {
    const SIGNS: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(SIGNS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
