//! H.264 as the double makes it: openh264's, with the ids of parameter sets that were asked for.

use nvenc_sys::abi::{Config, InitializeParams};
use openh264::encoder::{
    BitRate, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, QpRange,
    RateControlMode, UsageType, VuiConfig,
};
use openh264::formats::YUVSlices;
use openh264::{OpenH264API, Timestamp};
use openh264_sys2::{ENCODER_OPTION_TRACE_LEVEL, WELS_LOG_QUIET};

use crate::state::Registered;

const NAL_SLICE: u8 = 1;
const NAL_IDR_SLICE: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_PPS: u8 = 8;

/// An encoder of the size and settings that a session was initialised with.
pub struct Codec {
    encoder: Encoder,
    fps: u32,
    parameter_set_id: u32,
    pub size_px: (usize, usize),
}

impl Codec {
    /// `None` if openh264 does not take the settings.
    pub fn open(params: &InitializeParams, config: &Config) -> Option<Self> {
        let fps = params.frame_rate_num / params.frame_rate_den;
        let qp = |value: u32| u8::try_from(value).ok();
        let settings = EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            .bitrate(BitRate::from_bps(config.rc.average_bit_rate))
            .rate_control_mode(RateControlMode::Timestamp)
            .qp(QpRange::new(
                qp(config.rc.min_qp.inter_p)?,
                qp(config.rc.max_qp.inter_p)?,
            ))
            .skip_frames(false)
            .max_frame_rate(FrameRate::from_hz(fps as f32))
            .intra_frame_period(IntraFramePeriod::from_num_frames(config.gop_length))
            .vui(VuiConfig::bt709());
        let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), settings).ok()?;
        let mut level = WELS_LOG_QUIET;
        // SAFETY: the option takes a pointer to an integer, which it copies during the call.
        unsafe {
            encoder
                .raw_api()
                .set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut level).cast());
        }
        Some(Self {
            encoder,
            fps,
            parameter_set_id: config.h264.sps_id,
            size_px: (params.encode_width as usize, params.encode_height as usize),
        })
    }

    /// Encodes a picture in NV12; gives the stream and whether it is an IDR picture.
    pub fn encode(
        &mut self,
        memory: &[u8],
        picture: Registered,
        number: u64,
    ) -> Option<(Vec<u8>, bool)> {
        let Registered {
            width,
            height,
            pitch,
            ..
        } = picture;
        let (luma, chroma) = memory.split_at_checked(pitch * height)?;
        let pairs = chroma
            .chunks(pitch)
            .take(height / 2)
            .flat_map(|row| row[..width].chunks_exact(2));
        let (u, v): (Vec<u8>, Vec<u8>) = pairs.map(|pair| (pair[0], pair[1])).unzip();
        let half = width / 2;
        let planes = YUVSlices::new((luma, &u, &v), (width, height), (pitch, half, half));
        let time = Timestamp::from_millis(number * 1000 / u64::from(self.fps));
        let stream = self.encoder.encode_at(&planes, time).ok()?;
        let idr = stream.frame_type() == FrameType::IDR;
        let mut data = Vec::new();
        for layer in (0..stream.num_layers()).filter_map(|number| stream.layer(number)) {
            for unit in (0..layer.nal_count()).filter_map(|number| layer.nal_unit(number)) {
                let unit = unit
                    .strip_prefix(&[0, 0, 0, 1])
                    .or_else(|| unit.strip_prefix(&[0, 0, 1]))?;
                data.extend_from_slice(&[0, 0, 0, 1]);
                data.extend(with_id(unit, self.parameter_set_id)?);
            }
        }
        Some((data, idr))
    }
}

/// A NAL unit of a stream whose parameter sets have the id 0, as it is with another id.
fn with_id(unit: &[u8], id: u32) -> Option<Vec<u8>> {
    let (&header, payload) = unit.split_first()?;
    let kind = header & 0x1f;
    if !matches!(kind, NAL_SLICE | NAL_IDR_SLICE | NAL_SPS | NAL_PPS) {
        return Some(unit.to_vec());
    }
    let mut from = Bits::of(payload);
    let mut to = Vec::new();
    match kind {
        NAL_SPS => {
            // Profile, constraints and level.
            to.extend(from.by_ref().take(24));
            from.exp_golomb()?;
        }
        NAL_PPS => {
            from.exp_golomb()?;
            push_exp_golomb(&mut to, id);
            from.exp_golomb()?;
        }
        _ => {
            // The first macroblock and the kind of slice.
            for _ in 0..2 {
                push_exp_golomb(&mut to, from.exp_golomb()?);
            }
            from.exp_golomb()?;
        }
    }
    push_exp_golomb(&mut to, id);
    to.extend(from);
    // The rest ends with a one and zeros up to a whole byte.
    let end = to.iter().rposition(|bit| *bit)?;
    to.truncate(end + 1);
    to.resize(to.len().next_multiple_of(8), false);

    let mut unit = vec![header];
    for byte in to.chunks(8) {
        let byte = byte.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        if byte <= 3 && unit.ends_with(&[0, 0]) {
            unit.push(3);
        }
        unit.push(byte);
    }
    Some(unit)
}

/// Bits of a NAL unit's payload, without the bytes that keep start codes out of it.
struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn of(payload: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(payload.len());
        let mut zeros = 0;
        for &byte in payload {
            if zeros >= 2 && byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            bytes.push(byte);
        }
        Self { bytes, at: 0 }
    }

    /// `ue(v)` of H.264, section 9.1.
    fn exp_golomb(&mut self) -> Option<u32> {
        let zeros = self.by_ref().take_while(|bit| !bit).count();
        let rest = self.by_ref().take(zeros);
        let value = rest.fold(1_u64, |value, bit| value << 1 | u64::from(bit));
        u32::try_from(value - 1).ok()
    }
}

impl Iterator for Bits {
    type Item = bool;

    fn next(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1 == 1;
        self.at += 1;
        Some(bit)
    }
}

fn push_exp_golomb(to: &mut Vec<bool>, value: u32) {
    let value = u64::from(value) + 1;
    let len = value.ilog2();
    to.extend(std::iter::repeat_n(false, len as usize));
    to.extend((0..=len).rev().map(|bit| value >> bit & 1 == 1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_their_code() {
        for value in [0, 1, 2, 3, 6, 7, 255, 8159] {
            let mut bits = Vec::new();
            push_exp_golomb(&mut bits, value);
            bits.resize(bits.len().next_multiple_of(8), false);
            let bytes = bits
                .chunks(8)
                .map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)))
                .collect();
            assert_eq!(Bits { bytes, at: 0 }.exp_golomb(), Some(value));
        }
    }

    #[test]
    fn an_id_that_is_there_already_changes_nothing() {
        // Two parameter sets of openh264, the first with a byte that keeps a start code out.
        let sps = [
            0x67, 0x42, 0xc0, 0x0d, 0x8c, 0x68, 0x14, 0x1f, 0, 0, 3, 1, 0x80,
        ];
        let pps = [0x68, 0xce, 0x3c, 0x80];
        for unit in [&sps[..], &pps] {
            assert_eq!(with_id(unit, 0).unwrap(), unit);
            assert_ne!(with_id(unit, 1).unwrap(), unit);
        }
    }
}
