//! What a film's video stream is to be: size, speed, quality and the bits to spend.

use crate::EncodeError;

/// How much of bits and time a film may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Quality {
    /// To look at the course of the film.
    Draft,
    /// To show.
    #[default]
    Standard,
    /// To keep.
    High,
    /// To edit further.
    Maximum,
}

impl Quality {
    /// Share of the bit rate, in fifths of the standard one.
    const fn bitrate_level(self) -> u64 {
        match self {
            Self::Draft => 3,
            Self::Standard => 5,
            Self::High => 8,
            Self::Maximum => 10,
        }
    }
}

/// Seconds from one key frame to the next at most.
pub(crate) const KEY_INTERVAL_S: u32 = 2;

/// The largest side and the largest shorter side that H.264 level 5.2 encoders take.
const LONGER_SIDE_MAX_PX: u32 = 3840;
const SHORTER_SIDE_MAX_PX: u32 = 2160;
/// One macroblock.
const SIDE_MIN_PX: u32 = 16;
/// openh264 reckons with at most 60 frames a second.
const FPS_MAX: u32 = 60;
/// The largest bit rate of level 5.2, and one below which no picture is left.
const BITRATE_MAX_BPS: u32 = 240_000_000;
const BITRATE_MIN_BPS: u32 = 10_000;

/// Bit rates at standard quality by the number of pixels: 320x240, 640x480, 1280x720, 1920x1080.
const STANDARD_BITRATES: [(u64, u64); 4] = [
    (76_800, 500_000),
    (307_200, 1_000_000),
    (921_600, 2_500_000),
    (2_073_600, 5_000_000),
];

/// What an encoder is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoSettings {
    /// Width in pixels; even.
    pub width: u32,
    /// Height in pixels; even.
    pub height: u32,
    /// Frames per second, 1 to 60.
    pub fps: u32,
    /// The bit rate that the whole film should come to at most, in bits per second.
    pub bitrate_bps: u32,
    /// How much care each frame gets.
    pub quality: Quality,
}

impl VideoSettings {
    /// Settings with the default bit rate of the size and the quality.
    pub fn new(width: u32, height: u32, fps: u32, quality: Quality) -> Self {
        let bitrate_bps = Self::default_bitrate_bps(width, height, quality);
        Self {
            width,
            height,
            fps,
            bitrate_bps,
            quality,
        }
    }

    /// The bit rate for a size and quality, interpolated by the number of pixels.
    pub fn default_bitrate_bps(width: u32, height: u32, quality: Quality) -> u32 {
        let pixels = u64::from(width) * u64::from(height);
        let [first, second, third, fourth] = STANDARD_BITRATES;
        let (from, to) = if pixels < second.0 {
            (first, second)
        } else if pixels < third.0 {
            (second, third)
        } else {
            (third, fourth)
        };
        let slope = (to.1 - from.1) as f64 / (to.0 - from.0) as f64;
        let standard_bps = from.1 as f64 + slope * (pixels as f64 - from.0 as f64);
        let bitrate_bps = standard_bps * quality.bitrate_level() as f64 / 5.0;
        bitrate_bps.clamp(f64::from(BITRATE_MIN_BPS), f64::from(BITRATE_MAX_BPS)) as u32
    }

    pub(crate) fn check(&self) -> Result<(), EncodeError> {
        let Self {
            width,
            height,
            fps,
            bitrate_bps,
            ..
        } = *self;
        if width % 2 != 0 || height % 2 != 0 {
            return Err(EncodeError::OddSize { width, height });
        }
        let (shorter, longer) = (width.min(height), width.max(height));
        if !(SIDE_MIN_PX..=SHORTER_SIDE_MAX_PX).contains(&shorter) || longer > LONGER_SIDE_MAX_PX {
            return Err(EncodeError::Size { width, height });
        }
        if fps == 0 || fps > FPS_MAX {
            return Err(EncodeError::FrameRate { fps });
        }
        if !(BITRATE_MIN_BPS..=BITRATE_MAX_BPS).contains(&bitrate_bps) {
            return Err(EncodeError::BitRate { bitrate_bps });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard(width: u32, height: u32) -> u32 {
        VideoSettings::default_bitrate_bps(width, height, Quality::Standard)
    }

    #[test]
    fn named_sizes_have_the_bit_rates_of_the_specification() {
        assert_eq!(standard(320, 240), 500_000);
        assert_eq!(standard(640, 480), 1_000_000);
        assert_eq!(standard(1280, 720), 2_500_000);
        assert_eq!(standard(1920, 1080), 5_000_000);
    }

    #[test]
    fn bit_rates_grow_with_the_size_and_do_not_mind_its_direction() {
        let sizes = [
            (16, 16),
            (320, 180),
            (800, 600),
            (1600, 900),
            (2560, 1440),
            (3840, 2160),
        ];
        let rates: Vec<u32> = sizes.iter().map(|&(w, h)| standard(w, h)).collect();
        assert!(rates.is_sorted(), "{rates:?}");
        assert_eq!(standard(1080, 1920), standard(1920, 1080));
    }

    #[test]
    fn quality_scales_the_bit_rate_by_its_level() {
        let at = |quality| VideoSettings::default_bitrate_bps(1920, 1080, quality);
        assert_eq!(at(Quality::Draft), 3_000_000);
        assert_eq!(at(Quality::High), 8_000_000);
        assert_eq!(at(Quality::Maximum), 10_000_000);
    }

    #[test]
    fn impossible_settings_are_refused_with_a_remedy() {
        let fine = VideoSettings::new(1920, 1080, 24, Quality::Standard);
        assert!(fine.check().is_ok());
        assert!(
            VideoSettings::new(2160, 3840, 60, Quality::Maximum)
                .check()
                .is_ok()
        );
        for broken in [
            VideoSettings {
                width: 1921,
                ..fine
            },
            VideoSettings {
                width: 3842,
                ..fine
            },
            VideoSettings {
                width: 3000,
                height: 3000,
                ..fine
            },
            VideoSettings { height: 0, ..fine },
            VideoSettings { fps: 0, ..fine },
            VideoSettings { fps: 61, ..fine },
            VideoSettings {
                bitrate_bps: 0,
                ..fine
            },
            VideoSettings {
                bitrate_bps: u32::MAX,
                ..fine
            },
        ] {
            let message = broken.check().unwrap_err().to_string();
            assert!(message.contains("choose"), "{message}");
        }
    }
}
