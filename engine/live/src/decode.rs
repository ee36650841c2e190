//! From access units to pictures.

use std::time::Duration;

use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::rbsp::{BitReader, decode_nal};
use openh264::decoder::{DecodeOptions, Decoder, Flush};
use openh264::formats::YUVSource;

use crate::picture::{Colours, Picture};
use crate::problem::Problem;

/// Pixels of the largest film, and of the largest picture that is received.
const MAX_PIXELS: u32 = 3840 * 2160;
/// Pictures that H.264 lets wait for others that are shown before them.
const MAX_REORDERED: usize = 16;
/// Rows from which BT.709 is meant where a stream does not say.
const HD_ROWS: u32 = 720;

const NAL_SPS: u8 = 7;

/// One coded picture: NAL units with start codes, parameter sets before each key frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Whether decoding can begin here.
    pub(crate) key: bool,
    /// When it is shown, counted from the first one.
    pub(crate) time: Duration,
    pub(crate) data: Vec<u8>,
}

/// Decodes one stream after another, whatever is missing of them.
#[derive(Default)]
pub(crate) struct UnitDecoder {
    /// None until a key frame comes.
    running: Option<Running>,
    decoded: u64,
}

struct Running {
    decoder: Decoder,
    /// The sequence parameter set, as it came.
    sps: Vec<u8>,
    stream: StreamFacts,
    /// Times of what was given and not yet shown.
    times: Vec<Duration>,
}

impl std::fmt::Debug for UnitDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnitDecoder")
            .field(
                "stream",
                &self.running.as_ref().map(|running| running.stream),
            )
            .field("decoded", &self.decoded)
            .finish_non_exhaustive()
    }
}

/// What a sequence parameter set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StreamFacts {
    colours: Colours,
    /// Whether pictures come in the order in which they are shown, and are shown at once.
    in_order: bool,
}

impl UnitDecoder {
    /// The picture that is ready after `unit`, if one is. After an error nothing is ready until a
    /// key frame; only a key frame that cannot be decoded is told as a problem.
    pub(crate) fn decode(&mut self, unit: &Unit) -> Result<Option<Picture>, Problem> {
        if unit.key {
            self.begin(&unit.data)?;
        }
        let Some(running) = &mut self.running else {
            return Ok(None);
        };
        match running.decode(unit, self.decoded) {
            Ok(picture) => {
                self.decoded += u64::from(picture.is_some());
                Ok(picture)
            }
            Err(problem) => {
                self.running = None;
                if unit.key { Err(problem) } else { Ok(None) }
            }
        }
    }

    /// Forgets what came, so that decoding can begin at any key frame. Pictures are counted on.
    pub(crate) fn restart(&mut self) {
        self.running = None;
    }

    /// A new decoder where the stream is another one.
    fn begin(&mut self, data: &[u8]) -> Result<(), Problem> {
        let sps = nal_units(data)
            .find(|nal| nal[0] & 0x1f == NAL_SPS)
            .ok_or(Problem::Undecodable)?;
        if self.running.as_ref().is_some_and(|old| old.sps == sps) {
            return Ok(());
        }
        self.running = None;
        self.running = Some(Running {
            stream: StreamFacts::read(sps)?,
            sps: sps.to_vec(),
            decoder: Decoder::new().map_err(|_| Problem::Undecodable)?,
            times: Vec::new(),
        });
        Ok(())
    }
}

impl Running {
    fn decode(&mut self, unit: &Unit, number: u64) -> Result<Option<Picture>, Problem> {
        if self.stream.in_order {
            self.times.clear();
        }
        self.times.push(unit.time);
        if self.times.len() > MAX_REORDERED {
            return Err(Problem::Undecodable);
        }
        let flush = if self.stream.in_order {
            Flush::Flush
        } else {
            Flush::NoFlush
        };
        let options = DecodeOptions::new().flush_after_decode(flush);
        let decoded = self.decoder.decode_with_options(&unit.data, options);
        let Some(decoded) = decoded.map_err(|_| Problem::Undecodable)? else {
            return Ok(None);
        };
        // Pictures are shown in the order of their times, whatever order they come in.
        let earliest = (0..self.times.len()).min_by_key(|&index| self.times[index]);
        let time = earliest.map_or(unit.time, |index| self.times.swap_remove(index));
        let (width, height) = decoded.dimensions();
        let (width, height) = (width & !1, height & !1);
        if width == 0 || height == 0 || width * height > MAX_PIXELS as usize {
            return Err(Problem::TooLarge(width as u32, height as u32));
        }
        let mut planes = Vec::with_capacity(width * height * 3 / 2);
        let (y_stride, u_stride, v_stride) = decoded.strides();
        for (plane, stride, width, height) in [
            (decoded.y(), y_stride, width, height),
            (decoded.u(), u_stride, width / 2, height / 2),
            (decoded.v(), v_stride, width / 2, height / 2),
        ] {
            for row in plane.chunks(stride).take(height) {
                planes.extend_from_slice(row.get(..width).ok_or(Problem::Undecodable)?);
            }
        }
        if planes.len() != width * height * 3 / 2 {
            return Err(Problem::Undecodable);
        }
        Ok(Some(Picture {
            width: width as u32,
            height: height as u32,
            planes,
            colours: self.stream.colours,
            time,
            number,
        }))
    }
}

impl StreamFacts {
    fn read(sps: &[u8]) -> Result<Self, Problem> {
        let bits = decode_nal(sps).map_err(|_| Problem::Undecodable)?;
        // Some cameras send a byte too many, and all that is needed comes before it.
        let sps = SeqParameterSet::from_bits(BitReader::new(&*bits))
            .ok()
            .or_else(|| {
                let shorter = bits.get(..bits.len().checked_sub(1)?)?;
                SeqParameterSet::from_bits(BitReader::new(shorter)).ok()
            })
            .ok_or(Problem::Undecodable)?;
        let (width, height) = sps.pixel_dimensions().map_err(|_| Problem::Undecodable)?;
        if width.saturating_mul(height) > MAX_PIXELS {
            return Err(Problem::TooLarge(width, height));
        }
        let vui = sps.vui_parameters.as_ref();
        let signal = vui.and_then(|vui| vui.video_signal_type.as_ref());
        let matrix = signal
            .and_then(|signal| signal.colour_description.as_ref())
            .map(|colours| colours.matrix_coefficients);
        let reordered = vui.and_then(|vui| vui.bitstream_restrictions.as_ref());
        Ok(Self {
            colours: Colours {
                // Table E-5: 1 is BT.709, 2 unspecified, 5 and 6 BT.601.
                bt709: match matrix {
                    Some(1) => true,
                    Some(4..=7) => false,
                    _ => height >= HD_ROWS,
                },
                full_range: signal.is_some_and(|signal| signal.video_full_range_flag),
            },
            // Baseline has no pictures that wait for later ones.
            in_order: u8::from(sps.profile_idc) == 66
                || reordered.is_some_and(|limits| limits.max_num_reorder_frames == 0),
        })
    }
}

/// The NAL units between start codes, none of them empty.
fn nal_units(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = data;
    std::iter::from_fn(move || {
        loop {
            let start = position(rest, &[0, 0, 1])? + 3;
            let after = &rest[start..];
            let end = position(after, &[0, 0, 1]).unwrap_or(after.len());
            rest = &after[end..];
            if let Some(last) = after[..end].iter().rposition(|&byte| byte != 0) {
                return Some(&after[..=last]);
            }
        }
    })
}

fn position(data: &[u8], pattern: &[u8]) -> Option<usize> {
    data.windows(pattern.len()).position(|part| part == pattern)
}

#[cfg(test)]
mod tests {
    use openh264::encoder::Encoder;
    use openh264::formats::YUVBuffer;
    use proptest::prelude::*;

    use super::*;

    fn coded(count: u64) -> Vec<Unit> {
        let mut encoder = Encoder::new().unwrap();
        (0..count)
            .map(|index| Unit {
                key: index == 0,
                time: Duration::from_millis(index * 40),
                data: encoder.encode(&YUVBuffer::new(64, 48)).unwrap().to_vec(),
            })
            .collect()
    }

    #[test]
    fn pictures_come_out_with_their_times_and_numbers() {
        let mut decoder = UnitDecoder::default();
        for (number, unit) in coded(5).iter().enumerate() {
            let picture = decoder.decode(unit).unwrap().unwrap();
            assert_eq!((picture.width(), picture.height()), (64, 48));
            assert_eq!(picture.time(), unit.time);
            assert_eq!(picture.number(), number as u64);
        }
    }

    #[test]
    fn nothing_comes_out_before_a_key_frame() {
        let units = coded(3);
        let mut decoder = UnitDecoder::default();
        assert_eq!(decoder.decode(&units[1]), Ok(None));
        assert_eq!(decoder.decode(&units[2]), Ok(None));
        assert!(decoder.decode(&units[0]).unwrap().is_some());
    }

    #[test]
    fn a_missing_picture_is_made_good_by_the_next_key_frame() {
        let (units, again) = (coded(8), coded(2));
        let mut decoder = UnitDecoder::default();
        decoder.decode(&units[0]).unwrap();
        let mut broken = units[1].clone();
        broken.data.truncate(broken.data.len() / 2);
        assert!(decoder.decode(&broken).is_ok());
        for unit in &again {
            assert!(decoder.decode(unit).unwrap().is_some());
        }
    }

    #[test]
    fn a_key_frame_without_parameters_is_no_picture() {
        let mut unit = coded(1).remove(0);
        let slice = unit
            .data
            .windows(5)
            .position(|part| part[..4] == [0, 0, 0, 1] && part[4] & 31 == 5);
        unit.data.drain(..slice.unwrap());
        assert_eq!(
            UnitDecoder::default().decode(&unit),
            Err(Problem::Undecodable)
        );
    }

    /// A sequence parameter set of Baseline profile for so many macroblocks.
    fn sps(columns: u32, rows: u32) -> Vec<u8> {
        let ue = |value: u32| {
            let digits = format!("{:b}", value + 1);
            "0".repeat(digits.len() - 1) + &digits
        };
        let mut bits = [0, 0, 2, 1].map(ue).concat() + "0";
        bits += &[columns - 1, rows - 1].map(ue).concat();
        // Frames only, no cropping, nothing more; the stop bit.
        bits += "11001";
        let bytes = bits.as_bytes().chunks(8).map(|byte| {
            let text: String = byte.iter().map(|&digit| digit as char).collect();
            u8::from_str_radix(&format!("{text:0<8}"), 2).unwrap()
        });
        [0x67, 66, 0, 51].into_iter().chain(bytes).collect()
    }

    #[test]
    fn pictures_larger_than_a_film_are_refused() {
        assert!(StreamFacts::read(&sps(120, 68)).unwrap().in_order);
        assert_eq!(
            StreamFacts::read(&sps(256, 136)),
            Err(Problem::TooLarge(4096, 2176))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damage_is_survived(
            bytes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut decoder = UnitDecoder::default();
            for mut unit in coded(4) {
                for (place, byte) in &bytes {
                    let place = place.index(unit.data.len());
                    unit.data[place] = *byte;
                }
                unit.data.truncate(cut.index(unit.data.len()) + 1);
                let _ = decoder.decode(&unit);
            }
            for unit in coded(2) {
                prop_assert!(decoder.decode(&unit).unwrap().is_some());
            }
        }

        #[test]
        fn any_bytes_are_a_picture_or_none(data in prop::collection::vec(any::<u8>(), 0..300)) {
            let unit = Unit { key: true, time: Duration::ZERO, data: [&[0, 0, 1, 0x67], &data[..]].concat() };
            let _ = UnitDecoder::default().decode(&unit);
        }
    }
}
