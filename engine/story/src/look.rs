use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Color;

/// How old a character is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Age {
    Child,
    Adult,
    Elder,
    #[default]
    Unknown,
}

/// Grammatical gender of a character, as the text shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Gender {
    Female,
    Male,
    Neutral,
    #[default]
    Unknown,
}

/// How wide a body is for its height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Build {
    Slim,
    #[default]
    Ordinary,
    Stout,
    Broad,
}

impl Build {
    /// All four, from the narrowest on.
    pub const ALL: [Self; 4] = [Self::Slim, Self::Ordinary, Self::Stout, Self::Broad];

    /// As it stands in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slim => "slim",
            Self::Ordinary => "ordinary",
            Self::Stout => "stout",
            Self::Broad => "broad",
        }
    }
}

/// How a character looks in every shot.
///
/// Names of styles and outfits are those of the parts under `assets/characters`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// `human`, or a being such as `fox` or `kettle` that has a drawing: `head-<being>.svg`.
    pub being: String,
    /// Proportions of the body.
    pub age: Age,
    /// Skin of a human, main colour of a coat or of feathers otherwise.
    pub skin: Color,
    /// Hair of a human, second colour of an animal (belly, muzzle, tail tip).
    pub hair: Color,
    /// Iris.
    pub eyes: Color,
    /// Hair style, such as `bob`; without meaning for animals.
    pub hair_style: String,
    /// Clothes, such as `dress`, or `none`.
    pub outfit: String,
    /// Main colour of the clothes.
    pub outfit_color: Color,
    /// Second colour of the clothes and of accessories.
    pub accent_color: Color,
    /// What is worn on top: `glasses`, `beard`, `hat`, `crown`, `scarf`, `hood`, …
    #[serde(default)]
    pub accessories: Vec<String>,
    /// Width of body and face.
    #[serde(default)]
    pub build: Build,
    /// Height as a multiple of what is usual for the being and age, 0.5 to 1.5.
    pub height: f32,
}
