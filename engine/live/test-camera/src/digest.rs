//! Names and passwords, checked as RFC 2617 says.

use std::fmt::Write as _;

use md5::{Digest, Md5};

use crate::Scheme;

const REALM: &str = "test camera";
const NONCE: &str = "5ca1ab1e0ddba11";

/// What is asked for.
pub(crate) fn challenge(scheme: Scheme) -> String {
    match scheme {
        Scheme::Basic => format!("WWW-Authenticate: Basic realm=\"{REALM}\"\r\n"),
        Scheme::Digest => {
            format!("WWW-Authenticate: Digest realm=\"{REALM}\", nonce=\"{NONCE}\"\r\n")
        }
    }
}

/// Whether the header `Authorization` of a request is right.
pub(crate) fn accepts(
    authorization: &str,
    scheme: Scheme,
    method: &str,
    (name, password): (&str, &str),
) -> bool {
    match scheme {
        Scheme::Basic => {
            let expected = base64(format!("{name}:{password}").as_bytes());
            authorization.strip_prefix("Basic ") == Some(&expected)
        }
        Scheme::Digest => {
            let field = |key: &str| {
                let start = authorization.find(&format!("{key}=\""))? + key.len() + 2;
                authorization[start..].split('"').next()
            };
            let (Some(uri), Some(response)) = (field("uri"), field("response")) else {
                return false;
            };
            let who = md5(&format!("{name}:{REALM}:{password}"));
            let what = md5(&format!("{method}:{uri}"));
            field("username") == Some(name) && response == md5(&format!("{who}:{NONCE}:{what}"))
        }
    }
}

fn md5(text: &str) -> String {
    let mut hex = String::new();
    for byte in Md5::digest(text) {
        // Writing into a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
        let bits = bits << (8 * (3 - group.len()));
        for index in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= group.len() {
                letter as char
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_digests_are_those_of_the_rfcs() {
        assert_eq!(
            base64(b"Aladdin:open sesame"),
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(base64(b"foo"), "Zm9v");
        assert_eq!(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
    }
}
