//! What a film may be made as.

use serde::{Deserialize, Serialize};

/// How large the picture is, by its shorter side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// 240 pixels.
    Low,
    /// 480 pixels.
    Standard,
    /// 720 pixels.
    #[default]
    Hd,
    /// 1080 pixels.
    FullHd,
}

/// What shape the picture has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// 16:9.
    #[default]
    Wide,
    /// 4:3.
    Classic,
    /// 1:1.
    Square,
    /// 9:16, for telephones held upright.
    Tall,
}

/// How much care each frame gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Quality {
    Draft,
    #[default]
    Standard,
    High,
    Maximum,
}

/// Where captions are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Captions {
    /// In the picture.
    #[default]
    Burned,
    /// In files beside the film.
    Sidecar,
    /// In the picture and beside it.
    Both,
    /// Nowhere.
    None,
}

impl Captions {
    /// Whether they are in the picture.
    pub fn burned(self) -> bool {
        matches!(self, Self::Burned | Self::Both)
    }

    /// Whether they are in files beside the film.
    pub fn sidecar(self) -> bool {
        matches!(self, Self::Sidecar | Self::Both)
    }
}

/// What a film is made as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilmOptions {
    /// Size of the picture.
    pub size: Size,
    /// Shape of the picture.
    pub aspect: Aspect,
    /// Frames a second: 15, 24, 25, 30 or 60.
    #[serde(deserialize_with = "frame_rate")]
    pub fps: u32,
    /// Care for each frame.
    pub quality: Quality,
    /// Where captions are.
    pub captions: Captions,
}

impl Default for FilmOptions {
    fn default() -> Self {
        Self {
            size: Size::default(),
            aspect: Aspect::default(),
            fps: 24,
            quality: Quality::default(),
            captions: Captions::default(),
        }
    }
}

impl Aspect {
    /// Width and height in the smallest whole numbers.
    const fn ratio(self) -> (u32, u32) {
        match self {
            Self::Wide => (16, 9),
            Self::Classic => (4, 3),
            Self::Square => (1, 1),
            Self::Tall => (9, 16),
        }
    }
}

impl FilmOptions {
    /// Width and height in pixels, both even.
    pub fn size_px(&self) -> (u32, u32) {
        let shorter = match self.size {
            Size::Low => 240,
            Size::Standard => 480,
            Size::Hd => 720,
            Size::FullHd => 1080,
        };
        let (width, height) = self.aspect.ratio();
        let (from, to) = (width.min(height), width.max(height));
        let longer = (shorter * to).div_ceil(from).next_multiple_of(2);
        if width >= height {
            (longer, shorter)
        } else {
            (shorter, longer)
        }
    }
}

fn frame_rate<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        fps @ (15 | 24 | 25 | 30 | 60) => Ok(fps),
        _ => Err(serde::de::Error::custom("write 15, 24, 25, 30 or 60")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_and_shape_has_even_sides() {
        let size_px = |size, aspect| {
            FilmOptions {
                size,
                aspect,
                ..FilmOptions::default()
            }
            .size_px()
        };
        assert_eq!(size_px(Size::Low, Aspect::Classic), (320, 240));
        assert_eq!(size_px(Size::Low, Aspect::Wide), (428, 240));
        assert_eq!(size_px(Size::Standard, Aspect::Wide), (854, 480));
        assert_eq!(size_px(Size::Hd, Aspect::Wide), (1280, 720));
        assert_eq!(size_px(Size::Hd, Aspect::Tall), (720, 1280));
        assert_eq!(size_px(Size::FullHd, Aspect::Square), (1080, 1080));
        assert_eq!(size_px(Size::FullHd, Aspect::Wide), (1920, 1080));
    }

    #[test]
    fn what_is_left_out_has_a_default_and_what_is_unknown_is_refused() {
        let read = |text: &str| serde_json::from_str::<FilmOptions>(text);
        assert_eq!(read("{}").unwrap(), FilmOptions::default());
        for wrong in [
            r#"{"fps":23}"#,
            r#"{"fps":-24}"#,
            r#"{"size":"huge"}"#,
            r#"{"colour":"red"}"#,
            r#"{"captions":null}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
