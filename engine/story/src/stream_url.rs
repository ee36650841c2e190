use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The address of a camera's stream, such as `rtsp://USER:PASSWORD@camera.local/stream1`.
///
/// `Debug` leaves out all but its scheme, since it may hold a password; there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StreamUrl(String);

impl StreamUrl {
    /// The longest, in bytes.
    pub const MAX_LENGTH: usize = 2048;

    /// The whole address, with the password that it may hold.
    pub fn with_secrets(&self) -> &str {
        &self.0
    }
}

impl FromStr for StreamUrl {
    type Err = &'static str;

    /// What is wrong is told without repeating the text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SCHEME: &str = "rtsp://";
        let scheme = text.get(..SCHEME.len());
        if !scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME)) {
            return Err(
                "this is no address of a camera; write it as rtsp://HOST/PATH or \
                 rtsp://USER:PASSWORD@HOST/PATH",
            );
        }
        if text.len() > Self::MAX_LENGTH {
            return Err("this address of a camera is longer than 2048 bytes; write a shorter one");
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("the address of a camera holds a space; write %20 in its place");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for StreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamUrl(rtsp://…)")
    }
}

impl Serialize for StreamUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for StreamUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for StreamUrl {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StreamUrl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The address of a camera's stream, rtsp://[USER:PASSWORD@]HOST/PATH.",
            "type": "string",
            "pattern": "^[Rr][Tt][Ss][Pp]://\\S+$",
            "maxLength": Self::MAX_LENGTH,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in [
            "",
            "rtsp:/",
            "http://ann:secret@cam/",
            "rtsp://cam/a secret",
            "ö",
        ] {
            let refused = text.parse::<StreamUrl>().unwrap_err();
            assert!(!refused.contains("secret"), "{refused}");
        }
        let long = format!("rtsp://{}", "a".repeat(StreamUrl::MAX_LENGTH));
        assert!(long.parse::<StreamUrl>().is_err());
    }

    #[test]
    fn an_address_is_kept_whole_and_not_shown() {
        let text = "RTSP://ann:secret@cam/door";
        let url: StreamUrl = text.parse().unwrap();
        assert_eq!(url.with_secrets(), text);
        assert_eq!(format!("{url:?}"), "StreamUrl(rtsp://…)");
    }
}
