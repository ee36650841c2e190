//! A decoded picture, and its colours.

use std::time::Duration;

use yuv::{YuvPlanarImage, YuvRange, YuvStandardMatrix, yuv420_to_rgba};

/// A picture of a camera: I420, its planes one after the other without gaps.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) planes: Vec<u8>,
    pub(crate) colours: Colours,
    pub(crate) time: Duration,
    pub(crate) number: u64,
}

/// How the samples of a stream become colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colours {
    pub(crate) bt709: bool,
    pub(crate) full_range: bool,
}

impl Picture {
    /// Pixels of a row; even.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows; even.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// When the camera showed it, counted from the first picture.
    pub fn time(&self) -> Duration {
        self.time
    }

    /// How many pictures were decoded before it: a new number is a new picture.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Writes it as opaque sRGB, four bytes a pixel, row by row from the top; `rgba` gets the
    /// length that this needs.
    pub fn write_rgba(&self, rgba: &mut Vec<u8>) {
        let (width, height) = (self.width as usize, self.height as usize);
        let (luma, chroma) = (width * height, width / 2 * (height / 2));
        rgba.resize(luma * 4, 0);
        let image = YuvPlanarImage {
            y_plane: &self.planes[..luma],
            y_stride: self.width,
            u_plane: &self.planes[luma..luma + chroma],
            u_stride: self.width / 2,
            v_plane: &self.planes[luma + chroma..],
            v_stride: self.width / 2,
            width: self.width,
            height: self.height,
        };
        let range = if self.colours.full_range {
            YuvRange::Full
        } else {
            YuvRange::Limited
        };
        let matrix = if self.colours.bt709 {
            YuvStandardMatrix::Bt709
        } else {
            YuvStandardMatrix::Bt601
        };
        // It fails only for planes of other sizes.
        let converted = yuv420_to_rgba(&image, rgba, self.width * 4, range, matrix);
        debug_assert!(converted.is_ok(), "{converted:?}");
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("time", &self.time)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
