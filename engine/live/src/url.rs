//! Where a camera is, with its credentials kept apart from what may be shown.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use retina::client::Credentials;
use url::Url;

/// Longer addresses are refused.
const MAX_LENGTH: usize = 2048;

/// The address of a camera's stream, `rtsp://[USER:PASSWORD@]HOST[:PORT]/PATH`.
///
/// `Display` and `Debug` leave the credentials out, and what of path and query may hold some.
#[derive(Clone, PartialEq, Eq)]
pub struct CameraUrl {
    url: Url,
    credentials: Option<Credentials>,
}

/// Why a text is no address of a camera. It never repeats the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL at all.
    #[error(
        "the address of a camera cannot be read; write it as rtsp://HOST/PATH or \
         rtsp://USER:PASSWORD@HOST/PATH, with %40 for @, %2F for / and %23 for # in the password"
    )]
    Malformed,
    /// Another protocol.
    #[error("the address of a camera has to begin with rtsp://; other protocols are not received")]
    Scheme,
    /// Too long to be one.
    #[error("the address of a camera is longer than {MAX_LENGTH} characters; write a shorter one")]
    TooLong,
}

impl CameraUrl {
    /// The address without credentials, for requests.
    pub(crate) fn request_url(&self) -> Url {
        self.url.clone()
    }

    pub(crate) fn credentials(&self) -> Option<Credentials> {
        self.credentials.clone()
    }
}

impl FromStr for CameraUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if text.len() > MAX_LENGTH {
            return Err(UrlError::TooLong);
        }
        let scheme = text.split_once("://").ok_or(UrlError::Malformed)?.0;
        if !scheme.eq_ignore_ascii_case("rtsp") {
            return Err(UrlError::Scheme);
        }
        let mut url = Url::parse(text).map_err(|_| UrlError::Malformed)?;
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (username, password) => Some(Credentials {
                username: decoded(username)?,
                password: decoded(password.unwrap_or_default())?,
            }),
        };
        url.set_username("").map_err(|()| UrlError::Malformed)?;
        url.set_password(None).map_err(|()| UrlError::Malformed)?;
        // An @ in the rest comes of a / or # in the password that was not written as %2F or %23.
        let misplaced = url.as_str().contains('@');
        if url.host_str().is_none_or(str::is_empty) || misplaced || url.fragment().is_some() {
            return Err(UrlError::Malformed);
        }
        Ok(Self { url, credentials })
    }
}

fn decoded(text: &str) -> Result<String, UrlError> {
    let text = percent_decode_str(text).decode_utf8();
    Ok(text.map_err(|_| UrlError::Malformed)?.into_owned())
}

impl fmt::Display for CameraUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rtsp://{}", self.url.host_str().unwrap_or_default())?;
        if let Some(port) = self.url.port() {
            write!(f, ":{port}")?;
        }
        // Some cameras want user=NAME&password=WORD there.
        if self.url.path().contains('=') || self.url.query().is_some() {
            f.write_str("/…")
        } else {
            f.write_str(self.url.path())
        }
    }
}

impl fmt::Debug for CameraUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CameraUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn credentials_are_taken_out_and_decoded() {
        let camera: CameraUrl = "rtsp://ann:p%40ss%2Fw%C3%B6rd@cam.local:8554/door"
            .parse()
            .unwrap();
        assert_eq!(camera.to_string(), "rtsp://cam.local:8554/door");
        assert_eq!(camera.request_url().as_str(), "rtsp://cam.local:8554/door");
        let credentials = camera.credentials().unwrap();
        assert_eq!(credentials.username, "ann");
        assert_eq!(credentials.password, "p@ss/wörd");
    }

    #[test]
    fn a_password_in_path_or_query_is_not_shown_either() {
        for text in [
            "rtsp://cam/user=ann&password=secret&channel=1.sdp",
            "rtsp://cam/live?user=ann&password=secret",
        ] {
            let camera: CameraUrl = text.parse().unwrap();
            assert_eq!(camera.to_string(), "rtsp://cam/…");
            assert_eq!(format!("{camera:?}"), "CameraUrl(rtsp://cam/…)");
            assert_eq!(camera.request_url().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_address_of_a_camera_is_refused_without_repeating_it() {
        for (text, error) in [
            ("", UrlError::Malformed),
            ("cam.local/door", UrlError::Malformed),
            ("rtsp://", UrlError::Malformed),
            ("rtsp:///door", UrlError::Malformed),
            ("rtsp://cam:99999/", UrlError::Malformed),
            ("rtsp://ann:12/secret@cam/door", UrlError::Malformed),
            ("rtsp://ann:12#secret@cam/door", UrlError::Malformed),
            ("rtsp://ann:12?secret@cam/door", UrlError::Malformed),
            ("rtsp://ann:%ff@cam/door", UrlError::Malformed),
            ("rtsps://cam/door", UrlError::Scheme),
            ("http://ann:secret@cam/door", UrlError::Scheme),
        ] {
            assert_eq!(text.parse::<CameraUrl>(), Err(error), "{text}");
            assert!(!error.to_string().contains("secret"));
        }
        let long = format!("rtsp://cam/{}", "a".repeat(MAX_LENGTH));
        assert_eq!(long.parse::<CameraUrl>(), Err(UrlError::TooLong));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_secret_appear(
            user in "[a-z]{1,8}",
            before in "[a-z0-9/#?@:% ]{0,6}",
            after in "[a-z0-9/#?@:% ]{0,6}",
        ) {
            let text = format!("rtsp://{user}:{before}QSECRETQ{after}@cam.local/door");
            match text.parse::<CameraUrl>() {
                Ok(camera) => {
                    let shown = format!("{camera} {camera:?}");
                    prop_assert!(!shown.to_uppercase().contains("QSECRETQ"), "{shown}");
                }
                Err(error) => prop_assert!(!error.to_string().contains("QSECRETQ")),
            }
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in ".{0,60}") {
            let _ = text.parse::<CameraUrl>();
            let _ = format!("rtsp://{text}").parse::<CameraUrl>();
        }
    }
}
