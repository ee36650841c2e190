//! Cisco's openh264: constrained baseline, on one core of the CPU.
//!
//! Its wrapper's defaults are made for video calls. For a film each setting was chosen by
//! encoding a dark dithered gradient with a moving figure, a slow pan and a dissolve at
//! 1920x1080 and 5 Mbit/s, and measuring the decoded pictures:
//!
//! | setting | instead of | because |
//! |---|---|---|
//! | background detection off | on | on, bright specks stay behind moving figures; with the smallest quantiser of 18 it saves no time either |
//! | timestamp rate control | bit rate | carries bits that still pictures left over into dissolves: 48.5 dB in the worst frame of one, 45.8 dB otherwise |
//! | smallest quantiser 18 | 12 | half the bytes in half the time for 1.6 dB at 50 dB, 0.7 dB in the gradient |
//! | largest quantiser 38 | 51 | at 1 Mbit/s a dissolve falls to 38 dB, not 29 dB, and the film stays as large |
//! | low complexity | medium | dissolves encode at 95 frames/s, not 55, for 0.3 dB |
//! | frame skipping off | on | a film has every frame |
//! | key frame every two seconds | never | players can seek; each is an IDR, so groups stand alone |
//! | scene change detection on | on | a cut becomes a key frame, for 5 % of the time |
//! | adaptive quantisation off | on | without effect: the library switches it off by itself |
//!
//! Dither of one level does not survive any of these; what remains of a smooth gradient are steps
//! of one level, at 53 dB.

use ::openh264::encoder::{
    BitRate, Complexity, Encoder as Codec, EncoderConfig, FrameRate, FrameType, IntraFramePeriod,
    Profile, QpRange, RateControlMode, UsageType, VuiConfig,
};
use ::openh264::formats::YUVSlices;
use ::openh264::{OpenH264API, Timestamp};

use crate::encoder::Progress;
use crate::settings::KEY_INTERVAL_S;
use crate::{EncodeError, Encoder, I420, Packet, Quality, VideoSettings, openh264_build};

/// As a person types it.
pub const NAME: &str = "openh264";

/// Above this, fifty times the bit rate overflows the 32-bit sums of the codec's rate control, and
/// the film gets worse.
const LARGEST_BITRATE_BPS: u32 = 42_000_000;

/// An opened openh264 encoder.
pub struct OpenH264 {
    codec: Codec,
    fps: u32,
    progress: Progress,
}

impl OpenH264 {
    pub fn open(settings: &VideoSettings) -> Result<Self, EncodeError> {
        Self::with_config(settings, config(settings))
    }

    fn with_config(settings: &VideoSettings, config: EncoderConfig) -> Result<Self, EncodeError> {
        let mut codec = Codec::with_api_config(OpenH264API::from_source(), config)
            .map_err(|error| codec_error(0, &error))?;
        openh264_build::silence(&mut codec);
        Ok(Self {
            codec,
            fps: settings.fps,
            progress: Progress::new(settings),
        })
    }
}

fn config(settings: &VideoSettings) -> EncoderConfig {
    let (complexity, qp_min, qp_max) = match settings.quality {
        Quality::Draft => (Complexity::Low, 22, 42),
        Quality::Standard => (Complexity::Low, 18, 38),
        Quality::High => (Complexity::Medium, 16, 36),
        Quality::Maximum => (Complexity::High, 12, 34),
    };
    EncoderConfig::new()
        .profile(Profile::Baseline)
        .usage_type(UsageType::CameraVideoRealTime)
        .bitrate(BitRate::from_bps(codec_bitrate_bps(settings)))
        .rate_control_mode(RateControlMode::Timestamp)
        .qp(QpRange::new(qp_min, qp_max))
        .complexity(complexity)
        .skip_frames(false)
        .max_frame_rate(FrameRate::from_hz(settings.fps as f32))
        .intra_frame_period(IntraFramePeriod::from_num_frames(
            settings.fps * KEY_INTERVAL_S,
        ))
        .scene_change_detect(true)
        .background_detection(false)
        .adaptive_quantization(false)
        .vui(VuiConfig::bt709())
}

/// The bit rate that the codec is asked for.
fn codec_bitrate_bps(settings: &VideoSettings) -> u32 {
    settings.bitrate_bps.min(LARGEST_BITRATE_BPS)
}

fn codec_error(index: u64, error: &::openh264::Error) -> EncodeError {
    EncodeError::Codec {
        encoder: NAME,
        index,
        message: error.to_string(),
    }
}

impl Encoder for OpenH264 {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&mut self, frame: I420<'_>, index: u64) -> Result<Option<Packet>, EncodeError> {
        let done = self.progress.check(&frame, index)?;
        let (width, height) = (frame.width as usize, frame.height as usize);
        let picture = YUVSlices::new(
            (frame.y, frame.u, frame.v),
            (width, height),
            (width, width / 2, width / 2),
        );
        let time = Timestamp::from_millis(done.saturating_mul(1000) / u64::from(self.fps));
        let mut packet = self.encode_at(&picture, time, index)?;
        if packet.is_none() {
            // Rate control may leave a picture out; a key frame is never left out.
            self.codec.force_intra_frame();
            packet = self.encode_at(&picture, time, index)?;
        }
        if packet.is_none() {
            return Err(EncodeError::Codec {
                encoder: NAME,
                index,
                message: "it left the frame out twice; choose a higher bit rate".into(),
            });
        }
        self.progress.advance(index);
        Ok(packet)
    }

    fn finish(&mut self) -> Result<Vec<Packet>, EncodeError> {
        Ok(Vec::new())
    }
}

impl OpenH264 {
    /// Encodes one picture; `None` when rate control leaves it out.
    fn encode_at(
        &mut self,
        picture: &YUVSlices<'_>,
        time: Timestamp,
        index: u64,
    ) -> Result<Option<Packet>, EncodeError> {
        let stream = self
            .codec
            .encode_at(picture, time)
            .map_err(|error| codec_error(index, &error))?;
        let key = match stream.frame_type() {
            FrameType::IDR => true,
            FrameType::Skip => return Ok(None),
            _ => false,
        };
        let data = stream.to_vec();
        Ok((!data.is_empty()).then_some(Packet { data, index, key }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_times_any_bit_rate_fits_into_32_bits() {
        for bitrate_bps in [10_000, 5_000_000, 43_000_000, 240_000_000] {
            let settings = VideoSettings {
                bitrate_bps,
                ..VideoSettings::new(320, 240, 24, Quality::Standard)
            };
            let codec_bps = i64::from(codec_bitrate_bps(&settings));
            assert!(codec_bps * 50 <= i64::from(i32::MAX));
            assert!(codec_bps == i64::from(bitrate_bps) || bitrate_bps > 42_000_000);
        }
    }

    #[test]
    fn a_frame_that_rate_control_would_leave_out_becomes_a_key_frame() {
        let settings = VideoSettings {
            bitrate_bps: 10_000,
            ..VideoSettings::new(320, 240, 24, Quality::Standard)
        };
        let skipping = config(&settings)
            .skip_frames(true)
            .rate_control_mode(RateControlMode::Bitrate)
            .qp(QpRange::new(0, 20));
        let mut encoder = OpenH264::with_config(&settings, skipping).unwrap();
        let mut keys = 0;
        for index in 0..24_u64 {
            let planes: Vec<u8> = (0..I420::packed_len(320, 240) as u64)
                .map(|place| (place.wrapping_mul(2_654_435_761 + index * 97) >> 7) as u8)
                .collect();
            let frame = I420::from_packed(320, 240, &planes).unwrap();
            let packet = encoder.encode(frame, index).unwrap().unwrap();
            assert_eq!(packet.index, index);
            keys += u32::from(packet.key);
        }
        assert!(
            keys > 1,
            "noise at 10 kbit/s makes rate control leave frames out"
        );
    }
}
