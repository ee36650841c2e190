//! The labels of foreign models in our terms.

use super::ForeignError;
use crate::heads::FEELINGS;

/// The feelings in the order of [`FeelingsModel::feelings`](super::model::FeelingsModel::feelings).
pub const FEELING_NAMES: [&str; FEELINGS] = [
    "joy", "sadness", "anger", "fear", "surprise", "disgust", "neutral",
];

/// The feeling that has no other.
pub const NEUTRAL: usize = FEELINGS - 1;

/// For each feeling, what it is called elsewhere: synonyms, and the names of `GoEmotions` in the
/// groups that its authors publish.
const SYNONYMS: [&[&str]; FEELINGS] = [
    &[
        "joy",
        "joyful",
        "happy",
        "happiness",
        "love",
        "fun",
        "enthusiasm",
        "admiration",
        "amusement",
        "approval",
        "caring",
        "desire",
        "excitement",
        "gratitude",
        "optimism",
        "pride",
        "relief",
    ],
    &[
        "sadness",
        "sad",
        "pessimism",
        "disappointment",
        "embarrassment",
        "grief",
        "remorse",
    ],
    &["anger", "angry", "mad", "hate", "annoyance", "disapproval"],
    &[
        "fear",
        "fearful",
        "afraid",
        "scared",
        "worry",
        "nervousness",
    ],
    &[
        "surprise",
        "surprised",
        "confusion",
        "curiosity",
        "realization",
    ],
    &["disgust", "disgusted"],
    &[
        "neutral",
        "no emotion",
        "no_emotion",
        "none",
        "other",
        "others",
        "calm",
        "empty",
        "boredom",
        "anticipation",
        "trust",
    ],
];

/// The feeling of each label.
///
/// # Errors
/// If a label names no feeling, or all of them the same.
pub fn feelings(file: &str, labels: &[String]) -> Result<Vec<usize>, ForeignError> {
    let found = labels
        .iter()
        .map(|label| {
            let plain = label.trim().to_lowercase();
            SYNONYMS
                .iter()
                .position(|names| names.contains(&plain.as_str()))
                .ok_or_else(|| ForeignError::Unsuitable {
                    file: file.to_owned(),
                    found: format!("`{label}` under `id2label`"),
                    expected: format!(
                        "a feeling is needed there, such as {}; choose a model for emotions or \
                         rename its labels",
                        FEELING_NAMES.join(", ")
                    ),
                })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if found.iter().all(|feeling| Some(feeling) == found.first()) {
        return Err(ForeignError::Unsuitable {
            file: file.to_owned(),
            found: format!("{} under `id2label`", labels.join(", ")),
            expected: "several feelings are needed there; choose a model for emotions".to_owned(),
        });
    }
    Ok(found)
}

/// What a label says of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Whether an entity begins here, whatever came before.
    pub begins: bool,
    /// Which entity: `PER`, `FAC`, `GPE`, `LOC`, `VEH` or `ORG`; none for all others.
    pub class: Option<&'static str>,
}

/// The tag of each label.
///
/// # Errors
/// If no label is one of our entities.
pub fn tags(file: &str, labels: &[String]) -> Result<Vec<Tag>, ForeignError> {
    let tags: Vec<Tag> = labels.iter().map(|label| tag(label)).collect();
    if tags.iter().all(|tag| tag.class.is_none()) {
        return Err(ForeignError::Unsuitable {
            file: file.to_owned(),
            found: format!("{} under `id2label`", labels.join(", ")),
            expected: "labels such as B-PER, I-PER and B-LOC are needed there; choose a model \
                       for named entities or rename its labels"
                .to_owned(),
        });
    }
    Ok(tags)
}

fn tag(label: &str) -> Tag {
    let label = label.trim().to_uppercase();
    let (mark, class) = match label.split_once(['-', '_']) {
        Some((mark, class)) if "BIESLUM".contains(mark) && mark.len() == 1 => (mark, class),
        _ => ("I", label.as_str()),
    };
    let class = match class {
        "PER" | "PERS" | "PERSON" | "PEOPLE" => Some("PER"),
        "FAC" | "FACILITY" => Some("FAC"),
        "GPE" => Some("GPE"),
        "LOC" | "LOCATION" => Some("LOC"),
        "VEH" | "VEHICLE" => Some("VEH"),
        "ORG" | "ORGANIZATION" | "ORGANISATION" | "CORPORATION" => Some("ORG"),
        _ => None,
    };
    Tag {
        begins: matches!(mark, "B" | "S" | "U"),
        class,
    }
}
