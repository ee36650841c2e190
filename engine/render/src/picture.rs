use crate::RenderError;

/// Size of a film's frames in pixels: even numbers, at most 3840x2160 pixels in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameSize {
    width: u32,
    height: u32,
}

impl FrameSize {
    /// 1920x1080.
    pub const FULL_HD: Self = Self {
        width: 1920,
        height: 1080,
    };

    /// A size that can be drawn and encoded.
    pub fn new(width: u32, height: u32) -> Result<Self, RenderError> {
        let side = |length: u32| (16..=3840).contains(&length) && length.is_multiple_of(2);
        if side(width) && side(height) && width * height <= 3840 * 2160 {
            Ok(Self { width, height })
        } else {
            Err(RenderError::Size { width, height })
        }
    }

    /// Width in pixels.
    pub const fn width(self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub const fn height(self) -> u32 {
        self.height
    }

    /// Width divided by height.
    pub fn aspect(self) -> f32 {
        self.width as f32 / self.height as f32
    }
}

/// A picture in memory: rows from the top, RGBA with straight alpha, sRGB encoded, 8 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width * height * 4` bytes.
    pub rgba: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_empty_and_huge_sizes_are_refused() {
        for (width, height) in [(0, 0), (1921, 1080), (1920, 1081), (3842, 16), (3840, 3840)] {
            assert!(FrameSize::new(width, height).is_err(), "{width}x{height}");
        }
    }

    #[test]
    fn portrait_square_and_4k_sizes_are_allowed() {
        for (width, height) in [
            (1080, 1920),
            (1080, 1080),
            (3840, 2160),
            (2160, 3840),
            (320, 240),
        ] {
            assert!(FrameSize::new(width, height).is_ok(), "{width}x{height}");
        }
    }
}
