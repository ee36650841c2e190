use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a sentence, a line of speech, a face or a scene feels.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name is the feeling it stands for")]
pub enum Emotion {
    Joy,
    Sadness,
    Anger,
    Fear,
    Surprise,
    Disgust,
    #[default]
    Neutral,
}

impl Emotion {
    /// All seven, in the order of every table in the project.
    pub const ALL: [Self; 7] = [
        Self::Joy,
        Self::Sadness,
        Self::Anger,
        Self::Fear,
        Self::Surprise,
        Self::Disgust,
        Self::Neutral,
    ];

    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Joy => "joy",
            Self::Sadness => "sadness",
            Self::Anger => "anger",
            Self::Fear => "fear",
            Self::Surprise => "surprise",
            Self::Disgust => "disgust",
            Self::Neutral => "neutral",
        }
    }
}

impl fmt::Display for Emotion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A score between 0 and 1 for each emotion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is named after its emotion")]
pub struct Scores {
    pub joy: f32,
    pub sadness: f32,
    pub anger: f32,
    pub fear: f32,
    pub surprise: f32,
    pub disgust: f32,
    pub neutral: f32,
}

impl Scores {
    /// Scores from values in the order of [`Emotion::ALL`].
    pub const fn from_array(values: [f32; 7]) -> Self {
        let [joy, sadness, anger, fear, surprise, disgust, neutral] = values;
        Self {
            joy,
            sadness,
            anger,
            fear,
            surprise,
            disgust,
            neutral,
        }
    }

    /// The values in the order of [`Emotion::ALL`].
    pub const fn to_array(self) -> [f32; 7] {
        let Self {
            joy,
            sadness,
            anger,
            fear,
            surprise,
            disgust,
            neutral,
        } = self;
        [joy, sadness, anger, fear, surprise, disgust, neutral]
    }

    /// The score of one emotion.
    pub const fn get(self, emotion: Emotion) -> f32 {
        self.to_array()[emotion as usize]
    }

    /// The emotion with the highest score; of equals, the first in [`Emotion::ALL`].
    pub fn strongest(self) -> Emotion {
        let values = self.to_array();
        let mut best = Emotion::Joy;
        for emotion in Emotion::ALL {
            if values[emotion as usize] > values[best as usize] {
                best = emotion;
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_emotion_has_the_highest_score() {
        for (index, emotion) in Emotion::ALL.into_iter().enumerate() {
            let mut values = [0.1; 7];
            values[index] = 0.4;
            assert_eq!(Scores::from_array(values).strongest(), emotion);
            assert_eq!(Scores::from_array(values).get(emotion), 0.4);
        }
    }
}
