use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An opaque sRGB colour, written `"#rrggbb"` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color {
    /// Red, 0–255, sRGB encoded.
    pub r: u8,
    /// Green, 0–255, sRGB encoded.
    pub g: u8,
    /// Blue, 0–255, sRGB encoded.
    pub b: u8,
}

impl Color {
    /// A colour from its three sRGB bytes.
    pub const fn rgb(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }

    /// The three channels as sRGB-encoded values between 0 and 1.
    pub fn to_f32(self) -> [f32; 3] {
        [self.r, self.g, self.b].map(|c| f32::from(c) / 255.0)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }
}

impl FromStr for Color {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is not a colour; write it as #rrggbb");
        let hex = text.strip_prefix('#').ok_or_else(wrong)?;
        if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let value = u32::from_str_radix(hex, 16).map_err(|_| wrong())?;
        let [_, r, g, b] = value.to_be_bytes();
        Ok(Self { r, g, b })
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for Color {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Color".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^#[0-9a-fA-F]{6}$",
            "description": "An opaque sRGB colour, #rrggbb."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_survives_writing_and_reading() {
        let fox = Color::rgb(226, 120, 41);
        assert_eq!(fox.to_string().parse(), Ok(fox));
    }

    #[test]
    fn what_is_not_a_colour_is_refused() {
        for text in [
            "", "#", "#12345", "#1234567", "#+12345", "red", "#ggg000", "#ää00",
        ] {
            assert!(text.parse::<Color>().is_err(), "{text}");
        }
    }
}
