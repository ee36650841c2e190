//! A stable hash: the same seed for the same words on every machine and in every version.

/// FNV-1a over the bytes, then a final mix so that near words lie far apart.
pub(crate) fn hash(text: &str) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    mixed(state)
}

/// Another number for each `salt`, as if from another hash.
pub(crate) fn salted(hash: u64, salt: u64) -> u64 {
    mixed(hash ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The finish of `SplitMix64`.
fn mixed(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_name_never_changes() {
        assert_eq!(hash("Rusk"), 1_307_474_783_242_050_228);
    }

    #[test]
    fn salts_give_different_numbers() {
        assert_ne!(salted(hash("Rusk"), 1), salted(hash("Rusk"), 2));
    }
}
