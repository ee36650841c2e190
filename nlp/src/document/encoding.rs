//! From bytes to text: UTF-8, UTF-16 and Windows-1252, with or without a byte order mark.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes that are looked at to tell UTF-16 without a mark.
const SAMPLE_BYTES: usize = 4096;

/// The text in `bytes`, or nothing when they are no text in any known encoding.
pub fn decode(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, mark_len)) = Encoding::for_bom(bytes) {
        let body = bytes.get(mark_len..).unwrap_or_default();
        return Some(encoding.decode_without_bom_handling(body).0.into_owned());
    }
    if let Some(encoding) = unmarked_utf16(bytes) {
        return Some(encoding.decode_without_bom_handling(bytes).0.into_owned());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (zero_bytes(bytes) * 100 <= bytes.len()).then(|| text.to_owned());
    }
    if zero_bytes(bytes) * 1000 > bytes.len() {
        return None;
    }
    let encoding = if is_mostly_utf8(bytes) {
        UTF_8
    } else {
        WINDOWS_1252
    };
    Some(encoding.decode_without_bom_handling(bytes).0.into_owned())
}

fn zero_bytes(bytes: &[u8]) -> usize {
    bytes.iter().map(|&byte| usize::from(byte == 0)).sum()
}

/// Western text in UTF-16 has a zero in nearly every second byte.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    let pairs = sample.len() / 2;
    let zeros_at = |offset: usize| {
        sample
            .chunks_exact(2)
            .filter(|pair| pair.get(offset) == Some(&0))
            .count()
    };
    let (first, second) = (zeros_at(0), zeros_at(1));
    if pairs >= 4 && second * 10 > pairs * 6 && first * 20 < pairs {
        Some(UTF_16LE)
    } else if pairs >= 4 && first * 10 > pairs * 6 && second * 20 < pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether a text that is not UTF-8 throughout is still more UTF-8 than anything else.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    valid > 3 * invalid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_utf8_text_cut_inside_a_letter_stays_utf8() {
        let text = "é è ê ë “quoted” ü";
        let cut = &text.as_bytes()[..text.len() - 1];
        assert!(decode(cut).unwrap().starts_with("é è ê ë “quoted” "));
    }

    #[test]
    fn a_lone_accent_is_windows_1252() {
        assert_eq!(decode(b"caf\xe9 \x93hi\x94").as_deref(), Some("café “hi”"));
    }

    #[test]
    fn utf16_with_an_odd_number_of_bytes_is_still_read() {
        let mut bytes: Vec<u8> = "A crow sat."
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        bytes.push(0x41);
        assert!(decode(&bytes).unwrap().starts_with("A crow sat."));
    }

    #[test]
    fn zeros_without_a_pattern_are_no_text() {
        assert_eq!(decode(&[1, 0, 0, 0, 7, 0, 0, 9, 200, 0, 0, 0]), None);
    }
}
