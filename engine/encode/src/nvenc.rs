//! NVIDIA's encoder: high profile, on a part of the GPU that draws nothing.
//!
//! Quality is asked for in the terms of openh264, so that a film looks much the same whichever of
//! them encodes it: the same bounds of the quantiser, a key frame every two seconds, no picture
//! out of order. What NVENC does with them was not measured: no GPU that has it was at hand.

use std::collections::VecDeque;
use std::sync::Arc;

use nvenc_sys::{
    Device, EncodedPicture, NvencError, Preset, Session, SessionSettings, SharedPictures,
};

use crate::encoder::Progress;
use crate::settings::KEY_INTERVAL_S;
use crate::{EncodeError, Encoder, I420, Packet, PictureOnGpu, Quality, VideoSettings};

/// As a person types it.
pub const NAME: &str = "nvenc";

/// Not openh264's 0: their streams can follow on each other in one film.
const PARAMETER_SET_ID: u32 = 1;
/// How much of the mean bit rate a second of film may take.
const PEAK_FACTOR: u32 = 2;

/// An opened NVENC session.
pub struct Nvenc {
    session: Session,
    progress: Progress,
    /// What keeps the pictures on their way from being drawn over; dropped after the session.
    held: VecDeque<Box<dyn Send>>,
}

impl Nvenc {
    /// Takes pictures where they lie, if there are `pictures`, and copies otherwise.
    pub fn open(
        device: &Device,
        pictures: Option<&Arc<SharedPictures>>,
        settings: &VideoSettings,
    ) -> Result<Self, NvencError> {
        let of_session = session_settings(settings);
        Ok(Self {
            session: match pictures {
                Some(pictures) => Session::open_shared(device, &of_session, pictures)?,
                None => Session::open(device, &of_session)?,
            },
            progress: Progress::new(settings),
            held: VecDeque::new(),
        })
    }

    fn packet(&mut self, picture: EncodedPicture) -> Packet {
        self.held.pop_front();
        Packet {
            data: picture.data,
            index: self.progress.first() + picture.number,
            key: picture.idr,
        }
    }
}

fn session_settings(settings: &VideoSettings) -> SessionSettings {
    let (preset, qp_min, qp_max) = match settings.quality {
        Quality::Draft => (Preset::P2, 22, 42),
        Quality::Standard => (Preset::P4, 18, 38),
        Quality::High => (Preset::P6, 16, 36),
        Quality::Maximum => (Preset::P7, 12, 34),
    };
    SessionSettings {
        width: settings.width,
        height: settings.height,
        fps: settings.fps,
        preset,
        bitrate_bps: settings.bitrate_bps,
        max_bitrate_bps: settings.bitrate_bps * PEAK_FACTOR,
        qp_min,
        qp_max,
        gop_length: settings.fps * KEY_INTERVAL_S,
        parameter_set_id: PARAMETER_SET_ID,
    }
}

/// What the driver said of a frame.
pub fn failure(index: u64, error: &NvencError) -> EncodeError {
    EncodeError::Hardware {
        encoder: NAME,
        index,
        message: error.to_string(),
    }
}

impl Encoder for Nvenc {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&mut self, frame: I420<'_>, index: u64) -> Result<Option<Packet>, EncodeError> {
        self.progress.check(&frame, index)?;
        let done = self
            .session
            .encode(frame.y, frame.u, frame.v)
            .map_err(|error| failure(index, &error))?;
        self.progress.advance(index);
        Ok(done.map(|picture| self.packet(picture)))
    }

    fn encode_on_gpu(
        &mut self,
        picture: PictureOnGpu,
        index: u64,
    ) -> Result<Option<Packet>, EncodeError> {
        self.progress.check_order(index)?;
        self.held.push_back(picture.hold);
        let done = self
            .session
            .encode_shared(picture.place)
            .map_err(|error| failure(index, &error))?;
        self.progress.advance(index);
        Ok(done.map(|picture| self.packet(picture)))
    }

    fn finish(&mut self) -> Result<Vec<Packet>, EncodeError> {
        let last = self.progress.next().saturating_sub(1);
        let rest = self
            .session
            .finish()
            .map_err(|error| failure(last, &error))?;
        Ok(rest
            .into_iter()
            .map(|picture| self.packet(picture))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_quality_never_means_a_faster_preset_or_a_coarser_quantiser() {
        let qualities = [
            Quality::Draft,
            Quality::Standard,
            Quality::High,
            Quality::Maximum,
        ];
        let all =
            qualities.map(|quality| session_settings(&VideoSettings::new(1920, 1080, 24, quality)));
        for pair in all.windows(2) {
            assert!((pair[0].preset as u8) < pair[1].preset as u8);
            assert!(pair[0].qp_min > pair[1].qp_min && pair[0].qp_max > pair[1].qp_max);
            assert!(pair[0].bitrate_bps < pair[1].bitrate_bps);
        }
    }

    #[test]
    fn the_largest_bit_rate_has_a_peak_that_can_be_said() {
        let settings = VideoSettings {
            bitrate_bps: 240_000_000,
            ..VideoSettings::new(3840, 2160, 60, Quality::Maximum)
        };
        assert!(settings.check().is_ok());
        assert_eq!(session_settings(&settings).max_bitrate_bps, 480_000_000);
    }
}
