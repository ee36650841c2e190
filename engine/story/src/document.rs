//! Reading and checking of the JSON documents, shared by [`Story`](crate::Story) and
//! [`Storyboard`](crate::Storyboard).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Why a JSON document was refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DocumentError {
    /// The text is not JSON, or not of the expected form.
    #[error("at {path}: {message}")]
    Form {
        /// Where in the document, such as `scenes[2].shots[0].framing`.
        path: String,
        /// What is wrong there and what would be right.
        message: String,
    },
    /// The `format` field names another document or version.
    #[error("at format: this is `{found}`, but `{expected}` is needed")]
    Format {
        /// What the field says.
        found: String,
        /// What it should say.
        expected: &'static str,
    },
}

impl DocumentError {
    pub(crate) fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Form {
            path: path.into(),
            message: message.into(),
        }
    }
}

/// Parses `text`, after its `format` field has been compared with `expected`.
pub(crate) fn parse<T: DeserializeOwned>(
    text: &str,
    expected: &'static str,
) -> Result<T, DocumentError> {
    #[derive(Deserialize)]
    struct Head {
        format: Option<String>,
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head: Head = parse_with_path(text)?;
    match head.format {
        Some(found) if found == expected => parse_with_path(text),
        Some(found) => Err(DocumentError::Format { found, expected }),
        None => Err(DocumentError::at(
            "format",
            format!("missing; write \"{expected}\""),
        )),
    }
}

fn parse_with_path<T: DeserializeOwned>(text: &str) -> Result<T, DocumentError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        DocumentError::at(path, error.into_inner().to_string())
    })?;
    json.end()
        .map_err(|error| DocumentError::at(".", error.to_string()))?;
    Ok(value)
}

/// Checks that a time or a length is a finite number within `range`.
pub(crate) fn check_range(
    path: &str,
    field: &str,
    value: f64,
    range: std::ops::RangeInclusive<f64>,
) -> Result<(), DocumentError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(DocumentError::at(
        format!("{path}.{field}"),
        format!(
            "{value} is not between {} and {}",
            range.start(),
            range.end()
        ),
    ))
}
