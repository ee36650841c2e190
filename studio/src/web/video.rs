//! A film's bytes, whole or in part, so that players can seek (RFC 9110, section 14).

use std::io::SeekFrom;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName,
    IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::problem::Problem;

/// How much is read at a time.
const CHUNK_BYTES: u64 = 64 * 1024;

/// What a `Range` header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// All of it, also where the header is not understood, as the standard wants it.
    Whole,
    /// From the first to the last byte, both inclusive.
    Bytes(u64, u64),
    /// Nothing that is there.
    Nothing,
}

/// Answers with the film at `path`; `tag` changes when the film does.
pub async fn answer(path: &Path, tag: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let mut file = match File::open(path).await {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Problem::not_found("the film's file is gone"));
        }
        file => file?,
    };
    let length = file.metadata().await?.len();
    let tag = format!("\"{tag}-{length:x}\"");
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let mut answer = HeaderMap::new();
    let mut put = |name, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.insert(name, value);
        }
    };
    put(ETAG, tag.clone());
    put(ACCEPT_RANGES, "bytes".to_owned());
    put(CACHE_CONTROL, "private, no-cache".to_owned());
    if text(IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|it| it.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    let is_same = text(IF_RANGE).is_none_or(|seen| seen == tag);
    let part = match text(RANGE) {
        Some(range) if is_same => part(range, length),
        _ => Part::Whole,
    };
    let (status, first, count) = match part {
        Part::Nothing => return Err(Problem::wrong_range(length)),
        Part::Whole => (StatusCode::OK, 0, length),
        Part::Bytes(first, last) => {
            put(CONTENT_RANGE, format!("bytes {first}-{last}/{length}"));
            (StatusCode::PARTIAL_CONTENT, first, last - first + 1)
        }
    };
    put(CONTENT_TYPE, "video/mp4".to_owned());
    put(CONTENT_LENGTH, count.to_string());
    file.seek(SeekFrom::Start(first)).await?;
    let chunks = stream::try_unfold((file, count), |(mut file, left)| async move {
        if left == 0 {
            return Ok::<_, std::io::Error>(None);
        }
        let mut chunk = vec![0; left.min(CHUNK_BYTES) as usize];
        file.read_exact(&mut chunk).await?;
        let left = left - chunk.len() as u64;
        Ok(Some((Bytes::from(chunk), (file, left))))
    });
    Ok((status, answer, Body::from_stream(chunks)).into_response())
}

/// The part that a header asks for. Several parts at once are answered with the whole.
fn part(range: &str, length: u64) -> Part {
    let Some(range) = range.trim().strip_prefix("bytes=") else {
        return Part::Whole;
    };
    let Some((first, last)) = range.trim().split_once('-') else {
        return Part::Whole;
    };
    let number = |text: &str| -> Option<u64> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number beyond all films is as good as the largest.
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let part = match (first, last) {
        ("", last) => match number(last) {
            None => return Part::Whole,
            Some(0) => None,
            Some(count) => Some((length.saturating_sub(count), length)),
        },
        (first, "") => match number(first) {
            None => return Part::Whole,
            Some(first) => Some((first, length)),
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Some((first, last)),
            _ => return Part::Whole,
        },
    };
    match part {
        Some((first, last)) if first < length => Part::Bytes(first, last.min(length - 1)),
        _ => Part::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_what_the_standard_says() {
        for (range, expected) in [
            ("bytes=0-9", Part::Bytes(0, 9)),
            ("bytes=90-", Part::Bytes(90, 99)),
            ("bytes=-10", Part::Bytes(90, 99)),
            ("bytes=-1000", Part::Bytes(0, 99)),
            ("bytes=50-1000", Part::Bytes(50, 99)),
            ("bytes=99-99", Part::Bytes(99, 99)),
            ("bytes=0-99999999999999999999999999", Part::Bytes(0, 99)),
            ("bytes=100-", Part::Nothing),
            ("bytes=99999999999999999999999999-", Part::Nothing),
            ("bytes=-0", Part::Nothing),
            ("bytes=9-0", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=--5", Part::Whole),
            ("bytes=", Part::Whole),
            ("items=0-9", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(part(range, 100), expected, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Part::Nothing);
    }

    proptest! {
        #[test]
        fn no_part_goes_beyond_the_film(range in "(bytes=)?[0-9a-z,=-]{0,24}", length in 0_u64..2000) {
            if let Part::Bytes(first, last) = part(&range, length) {
                prop_assert!(first <= last && last < length);
            }
        }
    }
}
