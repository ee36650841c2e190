//! The picture that encoders take.

use crate::EncodeError;

/// A picture in BT.709 limited range: a full plane of luma and two planes of chroma at half the
/// width and height, rows tightly packed.
#[derive(Debug, Clone, Copy)]
pub struct I420<'a> {
    /// Width of the luma plane in pixels; even.
    pub width: u32,
    /// Height of the luma plane in pixels; even.
    pub height: u32,
    /// Luma, 16 (black) to 235 (white).
    pub y: &'a [u8],
    /// Blue-difference chroma, 128 is none.
    pub u: &'a [u8],
    /// Red-difference chroma, 128 is none.
    pub v: &'a [u8],
}

impl<'a> I420<'a> {
    /// Takes three planes whose lengths fit the size.
    pub fn new(
        width: u32,
        height: u32,
        y: &'a [u8],
        u: &'a [u8],
        v: &'a [u8],
    ) -> Result<Self, EncodeError> {
        let picture = Self {
            width,
            height,
            y,
            u,
            v,
        };
        picture.check()?;
        Ok(picture)
    }

    /// Cuts a buffer that holds the three planes one after the other.
    pub fn from_packed(width: u32, height: u32, planes: &'a [u8]) -> Result<Self, EncodeError> {
        let luma_len = width as usize * height as usize;
        let chroma_len = luma_len / 4;
        let (y, chroma) = planes.split_at_checked(luma_len).unwrap_or((planes, &[]));
        let (u, v) = chroma.split_at_checked(chroma_len).unwrap_or((chroma, &[]));
        Self::new(width, height, y, u, v)
    }

    /// Bytes that the three planes of a picture of this size take together.
    pub const fn packed_len(width: u32, height: u32) -> usize {
        width as usize * height as usize * 3 / 2
    }

    pub(crate) fn check(&self) -> Result<(), EncodeError> {
        let Self { width, height, .. } = *self;
        if width == 0 || height == 0 || width % 2 != 0 || height % 2 != 0 {
            return Err(EncodeError::OddSize { width, height });
        }
        let luma_len = width as usize * height as usize;
        for (plane, found, expected) in [
            ("y", self.y.len(), luma_len),
            ("u", self.u.len(), luma_len / 4),
            ("v", self.v.len(), luma_len / 4),
        ] {
            if found != expected {
                return Err(EncodeError::PlaneLength {
                    plane,
                    width,
                    height,
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_that_fit_the_size_are_taken() {
        let planes = [7; I420::packed_len(4, 2)];
        let picture = I420::from_packed(4, 2, &planes).unwrap();
        assert_eq!(
            (picture.y.len(), picture.u.len(), picture.v.len()),
            (8, 2, 2)
        );
    }

    #[test]
    fn odd_and_empty_sizes_are_refused() {
        for (width, height) in [(3, 2), (2, 3), (0, 2), (2, 0)] {
            let error = I420::from_packed(width, height, &[0; 100]).unwrap_err();
            assert!(matches!(error, EncodeError::OddSize { .. }), "{error}");
        }
    }

    #[test]
    fn planes_of_the_wrong_length_are_refused_by_name() {
        let error = I420::new(4, 2, &[0; 8], &[0; 2], &[0; 3]).unwrap_err();
        assert!(matches!(
            error,
            EncodeError::PlaneLength {
                plane: "v",
                expected: 2,
                found: 3,
                ..
            }
        ));
        assert!(I420::from_packed(4, 2, &[0; 11]).is_err());
        assert!(I420::from_packed(4, 2, &[0; 13]).is_err());
        assert!(I420::from_packed(4, 2, &[]).is_err());
    }
}
