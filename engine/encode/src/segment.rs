//! Segments: stretches of a film that stand alone, and what is kept about a finished one.

use std::io::{self, Read};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::moov::ParameterSets;

/// Bytes read at once where a segment is copied or checked.
const BLOCK_LEN: usize = 1 << 18;

/// What decides how a segment looks: two with the same id have the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentId(pub [u8; 32]);

/// A stretch of a film that begins with a key frame and needs nothing before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// What decides its pictures and how they are encoded.
    pub id: SegmentId,
    /// How many frames it has.
    pub frame_count: u64,
}

impl Segment {
    /// The frame at which each segment of a film ends.
    pub fn ends(film: &[Self]) -> Vec<u64> {
        let ends = film.iter().scan(0, |end, segment| {
            *end += segment.frame_count;
            Some(*end)
        });
        ends.collect()
    }
}

/// Bytes that are written as hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hex(pub Vec<u8>);

/// A finished segment: what the index has to say about it, and a digest over that and its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finished {
    pub id: Hex,
    pub sha256: Hex,
    /// Length of each frame in bytes.
    pub frames: Vec<u32>,
    /// Which of them are key frames, counted from 0.
    pub keys: Vec<u32>,
    /// The sequence and picture parameter sets that it was encoded with.
    pub sps: Vec<Hex>,
    pub pps: Vec<Hex>,
}

impl Finished {
    /// What there is to say of a segment whose bytes nobody vouches for yet.
    pub fn new(id: SegmentId, frames: Vec<u32>, keys: Vec<u32>, sets: &ParameterSets) -> Self {
        let hex = |sets: &[Vec<u8>]| sets.iter().cloned().map(Hex).collect();
        Self {
            id: Hex(id.0.to_vec()),
            sha256: Hex(Vec::new()),
            frames,
            keys,
            sps: hex(&sets.sps),
            pps: hex(&sets.pps),
        }
    }

    /// The id, if it is one.
    pub fn id(&self) -> Option<SegmentId> {
        self.id.0.as_slice().try_into().ok().map(SegmentId)
    }

    pub fn len(&self) -> u64 {
        self.frames.iter().map(|len| u64::from(*len)).sum()
    }

    /// Whether this is what `segment` asks for, and hangs together.
    pub fn is(&self, segment: &Segment) -> bool {
        let frame_count = self.frames.len() as u64;
        self.id.0 == segment.id.0
            && frame_count == segment.frame_count
            && self.keys.first() == Some(&0)
            && self.keys.is_sorted_by(|a, b| a < b)
            && self
                .keys
                .last()
                .is_some_and(|key| u64::from(*key) < frame_count)
    }

    /// Vouches for bytes of this digest.
    pub fn seal(self, bytes: &[u8]) -> Self {
        Self {
            sha256: Hex(self.digest_with(bytes)),
            ..self
        }
    }

    /// Whether bytes of this digest, and all that is said about them, are what was sealed.
    pub fn is_sealed(&self, bytes: &[u8]) -> bool {
        self.sha256.0 == self.digest_with(bytes)
    }

    fn digest_with(&self, bytes: &[u8]) -> Vec<u8> {
        let said = (&self.id, &self.frames, &self.keys, &self.sps, &self.pps);
        let mut digest = Sha256::new();
        digest.update(bytes);
        // Plain data: it cannot fail to become JSON.
        digest.update(serde_json::to_vec(&said).unwrap_or_default());
        digest.finalize().to_vec()
    }

    /// Whether the next bytes of `source` are this segment.
    pub fn is_next_in(&self, source: &mut impl Read) -> io::Result<bool> {
        let mut digest = Sha256::new();
        let len = copy(source, self.len(), |block| {
            digest.update(block);
            Ok(())
        })?;
        Ok(len == self.len() && self.is_sealed(&digest.finalize()))
    }
}

/// Hands on at most `len` bytes, block by block; gives how many there were.
pub(crate) fn copy(
    source: &mut impl Read,
    len: u64,
    mut sink: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    let mut block = vec![0; BLOCK_LEN];
    let mut done = 0;
    while done < len {
        let wanted = (len - done).min(BLOCK_LEN as u64) as usize;
        let found = match source.read(&mut block[..wanted]) {
            Ok(0) => break,
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        sink(&block[..found])?;
        done += found as u64;
    }
    Ok(done)
}

impl SegmentId {
    pub(crate) fn hex(&self) -> String {
        hex_digits(&self.0)
    }
}

fn hex_digits(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| {
        [
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]
    };
    bytes.iter().flat_map(digits).map(char::from).collect()
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex_digits(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        let bytes: Option<Vec<u8>> = (text.len() % 2 == 0)
            .then(|| text.as_bytes().chunks_exact(2))
            .and_then(|pairs| {
                pairs
                    .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
                    .collect()
            });
        bytes
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not an even number of hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_segment_survives_its_json() {
        let finished = Finished {
            id: Hex((0..32).collect()),
            sha256: Hex(vec![0xff; 32]),
            frames: vec![10, 2, 3],
            keys: vec![0, 2],
            sps: vec![Hex(vec![0x67, 1])],
            pps: vec![Hex(vec![0x68])],
        };
        let json = serde_json::to_string(&finished).unwrap();
        assert!(json.contains("\"00010203"), "{json}");
        assert_eq!(serde_json::from_str::<Finished>(&json).unwrap(), finished);
        for wrong in ["\"0\"", "\"0g\"", "\"é\"", "7"] {
            assert!(serde_json::from_str::<Hex>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_record_that_contradicts_itself_is_no_segment() {
        let segment = Segment {
            id: SegmentId([1; 32]),
            frame_count: 3,
        };
        let right = Finished {
            id: Hex(vec![1; 32]),
            sha256: Hex(Vec::new()),
            frames: vec![1, 2, 3],
            keys: vec![0, 2],
            sps: Vec::new(),
            pps: Vec::new(),
        }
        .seal(&Sha256::digest(b"abcdef"));
        assert!(right.is(&segment));
        for keys in [vec![], vec![1], vec![0, 0], vec![0, 2, 1], vec![0, 3]] {
            let wrong = Finished {
                keys,
                ..right.clone()
            };
            assert!(!wrong.is(&segment), "{wrong:?}");
        }
        assert!(right.is_next_in(&mut &b"abcdefg"[..]).unwrap());
        for wrong in ["abcdeF", "abcde", ""] {
            assert!(!right.is_next_in(&mut wrong.as_bytes()).unwrap(), "{wrong}");
        }
        let wrong = Finished {
            keys: vec![0, 1],
            ..right
        };
        assert!(!wrong.is_next_in(&mut &b"abcdef"[..]).unwrap());
    }
}
