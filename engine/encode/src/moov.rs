//! The index of an MP4 file: what every player reads before the first picture.

use std::num::NonZeroU32;

use shiguredo_mp4::bitstream::h264::{H264SampleEntryConfig, LengthSize, build_avc1_box};
use shiguredo_mp4::boxes::{
    Avc1Box, Co64Box, DinfBox, HdlrBox, MdhdBox, MdiaBox, MediaHeader, MinfBox, MoovBox, MvhdBox,
    SampleEntry, StblBox, StcoBox, StscBox, StscEntry, StsdBox, StssBox, StszBox, SttsBox,
    SttsEntry, TkhdBox, TrakBox, UnknownBox, VmhdBox,
};
use shiguredo_mp4::{
    BoxSize, BoxType, Either, Encode, FixedPointNumber, LanguageCode, Mp4FileTime,
};

use crate::segment::{Finished, Hex};

/// Ticks of the film's clock in a frame; any frame rate then divides the clock exactly.
const TICKS_PER_FRAME: u32 = 512;

/// Colour primaries, transfer and matrix of BT.709, in limited range.
const COLOUR_BT709_LIMITED: &[u8] = b"nclx\x00\x01\x00\x01\x00\x01\x00";

const OTHER_PARAMETERS: &str = "its size, profile or level differs from the film's; encode all \
     frames with the same settings";

/// Bytes of a sequence and a picture parameter set before its id.
const SPS_HEAD_LEN: usize = 4;
const PPS_HEAD_LEN: usize = 1;

/// What players show in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    pub title: Option<String>,
    pub chapters: Vec<Chapter>,
}

/// A place in a film that players list and go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// The frame that it begins with.
    pub frame: u64,
    /// What players call it; its first 255 bytes are kept.
    pub title: String,
}

/// Where each frame of the film lies and how the decoder is set up.
pub struct SampleTable {
    fps: NonZeroU32,
    /// Ticks of the film's clock in a second.
    timescale: NonZeroU32,
    labels: Labels,
    /// Size and all parameter sets, known with the first frame.
    avc1: Option<Avc1Box>,
    /// The parameter sets of the latest key frame.
    current: ParameterSets,
    frame_lens: Vec<u32>,
    /// Numbers of the key frames, counted from one.
    key_frames: Vec<NonZeroU32>,
    /// Each key frame starts a chunk; its offset counts from the start of the media data.
    chunk_offsets: Vec<u64>,
    data_len: u64,
}

/// The sequence and picture parameters that a decoder needs before the first frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParameterSets {
    /// Sequence parameter sets, without start codes.
    pub sps: Vec<Vec<u8>>,
    /// Picture parameter sets, without start codes.
    pub pps: Vec<Vec<u8>>,
}

impl SampleTable {
    /// An empty table; `None` for a frame rate that no clock can keep.
    pub fn new(fps: u32, labels: Labels) -> Option<Self> {
        Some(Self {
            fps: NonZeroU32::new(fps)?,
            timescale: NonZeroU32::new(fps.checked_mul(TICKS_PER_FRAME)?)?,
            labels,
            avc1: None,
            current: ParameterSets::default(),
            frame_lens: Vec::new(),
            key_frames: Vec::new(),
            chunk_offsets: Vec::new(),
            data_len: 0,
        })
    }

    pub fn frame_count(&self) -> u64 {
        self.frame_lens.len() as u64
    }

    pub fn data_len(&self) -> u64 {
        self.data_len
    }

    /// Keeps the parameter sets of a key frame. Those of another encoder may join them, if they
    /// have the same size and ids of their own: a film may go on with it from a key frame on.
    pub fn accept(&mut self, sets: &ParameterSets) -> Result<(), String> {
        let none = sets.sps.is_empty() && sets.pps.is_empty();
        if self.avc1.is_some() && (none || *sets == self.current) {
            return Ok(());
        }
        let entry = sample_entry(sets)?;
        self.avc1 = Some(match &self.avc1 {
            Some(known) => joined(known, &entry).ok_or(OTHER_PARAMETERS)?,
            None => entry,
        });
        self.current = sets.clone();
        Ok(())
    }

    /// Adds the next frame; `None` when the format has no number for it.
    pub fn push(&mut self, len: u64, key: bool) -> Option<()> {
        let number = NonZeroU32::new(u32::try_from(self.frame_lens.len()).ok()?.checked_add(1)?)?;
        let len = u32::try_from(len).ok()?;
        if key {
            self.key_frames.push(number);
            self.chunk_offsets.push(self.data_len);
        }
        self.frame_lens.push(len);
        self.data_len += u64::from(len);
        Some(())
    }

    /// Adds all frames of a segment; `Err` says why they do not belong into this film.
    pub fn push_all(&mut self, finished: &Finished) -> Result<(), String> {
        let bytes = |sets: &[Hex]| sets.iter().map(|set| set.0.clone()).collect();
        self.accept(&ParameterSets {
            sps: bytes(&finished.sps),
            pps: bytes(&finished.pps),
        })?;
        let mut keys = finished.keys.iter().peekable();
        for (number, len) in (0..).zip(&finished.frames) {
            let key = keys.next_if_eq(&&number).is_some();
            self.push(u64::from(*len), key)
                .ok_or("the film is too long")?;
        }
        Ok(())
    }

    /// Lengths of the frames from `first` on, and which of them, counted from 0, are key frames.
    pub fn since(&self, first: u64) -> (Vec<u32>, Vec<u32>) {
        let lens = self.frame_lens.get(first as usize..).unwrap_or_default();
        let numbers = self
            .key_frames
            .iter()
            .map(|number| u64::from(number.get()) - 1);
        let keys = numbers.filter_map(|number| number.checked_sub(first));
        (lens.to_vec(), keys.map(|number| number as u32).collect())
    }

    /// The parameter sets that the latest key frame brought.
    pub fn parameter_sets(&self) -> &ParameterSets {
        &self.current
    }

    /// Bytes that the index of a film of that many frames should fit in, with a key frame each
    /// second.
    pub fn expected_moov_len(&self, frame_count: u64) -> u64 {
        /// Four days of film: more than that is no guess to keep room for.
        const FRAME_COUNT_MAX: u64 = 10_000_000;
        const FIXED_LEN: u64 = 1024;
        const LEN_PER_FRAME: u64 = 4;
        /// A key frame's number, a chunk's offset and a run of chunks of another length.
        const LEN_PER_KEY_FRAME: u64 = 4 + 8 + 12;
        let frame_count = frame_count.min(FRAME_COUNT_MAX);
        let labels_len = self
            .labels_box()
            .map_or(0, |labels| labels.payload.len() as u64);
        let key_frames = frame_count / u64::from(self.fps.get()) + 1;
        FIXED_LEN + labels_len + frame_count * LEN_PER_FRAME + key_frames * LEN_PER_KEY_FRAME
    }

    /// The encoded index of a film whose media data start at `data_start`.
    pub fn moov(&self, data_start: u64) -> Result<Vec<u8>, String> {
        let avc1 = self
            .avc1
            .clone()
            .ok_or("a film without frames has no index")?;
        let frame_count = self.frame_lens.len() as u32;
        let timescale = self.timescale;
        let duration = self.frame_count() * u64::from(TICKS_PER_FRAME);

        // The index carries no dates, so that the same film has the same bytes.
        let epoch = Mp4FileTime::default();
        let track = TrakBox {
            tkhd_box: track_header(&avc1, duration, epoch)?,
            edts_box: None,
            mdia_box: MdiaBox {
                mdhd_box: MdhdBox {
                    creation_time: epoch,
                    modification_time: epoch,
                    timescale,
                    duration,
                    language: LanguageCode::UNDEFINED,
                },
                hdlr_box: HdlrBox {
                    handler_type: HdlrBox::HANDLER_TYPE_VIDE,
                    name: b"Video\0".to_vec(),
                },
                minf_box: MinfBox {
                    media_header: Some(MediaHeader::Vmhd(VmhdBox::default())),
                    dinf_box: DinfBox::LOCAL_FILE,
                    stbl_box: self.sample_boxes(avc1, frame_count, data_start),
                    unknown_boxes: Vec::new(),
                },
                unknown_boxes: Vec::new(),
            },
            unknown_boxes: Vec::new(),
        };
        MoovBox {
            mvhd_box: MvhdBox {
                creation_time: epoch,
                modification_time: epoch,
                timescale,
                duration,
                rate: MvhdBox::DEFAULT_RATE,
                volume: MvhdBox::DEFAULT_VOLUME,
                matrix: MvhdBox::DEFAULT_MATRIX,
                next_track_id: 2,
            },
            trak_boxes: vec![track],
            mvex_box: None,
            unknown_boxes: self.labels_box().into_iter().collect(),
        }
        .encode_to_vec()
        .map_err(|error| error.to_string())
    }

    fn labels_box(&self) -> Option<UnknownBox> {
        let Labels { title, chapters } = &self.labels;
        let mut content = Vec::new();
        if let Some(title) = title {
            content.extend(title_box(title));
        }
        if !chapters.is_empty() {
            content.extend(chapters_box(chapters, self.fps));
        }
        (!content.is_empty()).then(|| unknown_box(*b"udta", content))
    }

    fn sample_boxes(&self, avc1: Avc1Box, frame_count: u32, data_start: u64) -> StblBox {
        let chunk_offsets: Vec<u64> = self
            .chunk_offsets
            .iter()
            .map(|offset| data_start + offset)
            .collect();
        let short_offsets: Result<Vec<u32>, _> = chunk_offsets
            .iter()
            .map(|&offset| u32::try_from(offset))
            .collect();
        StblBox {
            stsd_box: StsdBox {
                entries: vec![SampleEntry::Avc1(avc1)],
            },
            stts_box: SttsBox {
                entries: vec![SttsEntry {
                    sample_count: frame_count,
                    sample_delta: TICKS_PER_FRAME,
                }],
            },
            ctts_box: None,
            cslg_box: None,
            stsc_box: StscBox {
                entries: self.chunk_runs(frame_count),
            },
            stsz_box: StszBox::Variable {
                entry_sizes: self.frame_lens.clone(),
            },
            stco_or_co64_box: match short_offsets {
                Ok(chunk_offsets) => Either::A(StcoBox { chunk_offsets }),
                Err(_) => Either::B(Co64Box { chunk_offsets }),
            },
            stss_box: Some(StssBox {
                sample_numbers: self.key_frames.clone(),
            }),
            sdtp_box: None,
            unknown_boxes: Vec::new(),
        }
    }

    /// Runs of chunks that hold the same number of frames.
    fn chunk_runs(&self, frame_count: u32) -> Vec<StscEntry> {
        let starts = self.key_frames.iter().map(|number| number.get());
        let ends = starts.clone().skip(1).chain([frame_count + 1]);
        let mut runs: Vec<StscEntry> = Vec::new();
        let mut first_chunk = NonZeroU32::MIN;
        for (start, end) in starts.zip(ends) {
            let sample_per_chunk = end - start;
            if runs
                .last()
                .is_none_or(|run| run.sample_per_chunk != sample_per_chunk)
            {
                runs.push(StscEntry {
                    first_chunk,
                    sample_per_chunk,
                    sample_description_index: NonZeroU32::MIN,
                });
            }
            first_chunk = first_chunk.saturating_add(1);
        }
        runs
    }
}

/// What a decoder of these parameter sets has to know.
fn sample_entry(sets: &ParameterSets) -> Result<Avc1Box, String> {
    let config = H264SampleEntryConfig {
        length_size: LengthSize::FourBytes,
    };
    let mut avc1 =
        build_avc1_box(&sets.sps, &sets.pps, &config).map_err(|error| error.to_string())?;
    avc1.unknown_boxes
        .push(unknown_box(*b"colr", COLOUR_BT709_LIMITED.to_vec()));
    Ok(avc1)
}

/// What a decoder of both has to know; `None` where they contradict each other.
fn joined(known: &Avc1Box, added: &Avc1Box) -> Option<Avc1Box> {
    let size = |avc1: &Avc1Box| (avc1.visual.width, avc1.visual.height);
    if size(known) != size(added) {
        return None;
    }
    let mut sets = ParameterSets {
        sps: joined_sets(
            &known.avcc_box.sps_list,
            &added.avcc_box.sps_list,
            SPS_HEAD_LEN,
        )?,
        pps: joined_sets(
            &known.avcc_box.pps_list,
            &added.avcc_box.pps_list,
            PPS_HEAD_LEN,
        )?,
    };
    // The first speaks for all of them: the highest profile, whose decoders take the others too.
    sets.sps
        .sort_by_key(|sps| std::cmp::Reverse(sps.get(1).copied()));
    let mut avc1 = sample_entry(&sets).ok()?;
    let level = known
        .avcc_box
        .avc_level_indication
        .max(added.avcc_box.avc_level_indication);
    avc1.avcc_box.avc_level_indication = level;
    Some(avc1)
}

/// Both lists without repetitions; `None` where an id has two meanings.
fn joined_sets(known: &[Vec<u8>], added: &[Vec<u8>], head_len: usize) -> Option<Vec<Vec<u8>>> {
    let mut all = known.to_vec();
    for set in added {
        let id = parameter_set_id(set, head_len)?;
        let same = all
            .iter()
            .find(|other| parameter_set_id(other, head_len) == Some(id));
        match same {
            Some(same) if same != set => return None,
            Some(_) => {}
            None => all.push(set.clone()),
        }
    }
    Some(all)
}

/// The id after the head of a parameter set, an unsigned Exp-Golomb code.
fn parameter_set_id(set: &[u8], head_len: usize) -> Option<u32> {
    let mut bytes = [0; 4];
    let found = set.get(head_len..)?;
    let len = found.len().min(bytes.len());
    bytes[..len].copy_from_slice(&found[..len]);
    let bits = u32::from_be_bytes(bytes);
    let zeros = bits.leading_zeros();
    (zeros < 16).then(|| (bits >> (31 - 2 * zeros)) - 1)
}

fn track_header(avc1: &Avc1Box, duration: u64, epoch: Mp4FileTime) -> Result<TkhdBox, String> {
    let pixels = |size: u16| {
        i16::try_from(size)
            .map(|size| FixedPointNumber::new(size, 0))
            .map_err(|_| "the picture is too large for an MP4 track".to_owned())
    };
    Ok(TkhdBox {
        flag_track_enabled: true,
        flag_track_in_movie: true,
        flag_track_in_preview: false,
        flag_track_size_is_aspect_ratio: false,
        creation_time: epoch,
        modification_time: epoch,
        track_id: 1,
        duration,
        layer: TkhdBox::DEFAULT_LAYER,
        alternate_group: TkhdBox::DEFAULT_ALTERNATE_GROUP,
        volume: TkhdBox::DEFAULT_VIDEO_VOLUME,
        matrix: TkhdBox::DEFAULT_MATRIX,
        width: pixels(avc1.visual.width)?,
        height: pixels(avc1.visual.height)?,
    })
}

fn unknown_box(kind: [u8; 4], payload: Vec<u8>) -> UnknownBox {
    let box_type = BoxType::Normal(kind);
    let box_size = BoxSize::with_payload_size(box_type, payload.len() as u64);
    UnknownBox {
        box_type,
        box_size,
        payload,
    }
}

/// The film's title in the form that iTunes introduced and every player reads.
fn title_box(title: &str) -> Vec<u8> {
    const UTF8_TEXT: [u8; 8] = [0, 0, 0, 1, 0, 0, 0, 0];
    const METADATA_HANDLER: &[u8] = b"\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0";
    let data = nested_box(*b"data", &[&UTF8_TEXT, title.as_bytes()]);
    let items = nested_box(*b"ilst", &[&nested_box(*b"\xa9nam", &[&data])]);
    let handler = nested_box(*b"hdlr", &[METADATA_HANDLER]);
    nested_box(*b"meta", &[&[0; 4], &handler, &items])
}

/// Chapters in the form that Nero introduced: start in units of 100 ns, and a name.
fn chapters_box(chapters: &[Chapter], fps: NonZeroU32) -> Vec<u8> {
    const VERSION_AND_FLAGS: [u8; 8] = [1, 0, 0, 0, 0, 0, 0, 0];
    const UNITS_PER_S: u64 = 10_000_000;
    /// Their number and the length of a name have a byte each.
    const MOST: usize = 255;
    let chapters = &chapters[..chapters.len().min(MOST)];
    let mut list = vec![chapters.len() as u8];
    for Chapter { frame, title } in chapters {
        // Rounded up: who goes there sees the first frame of the chapter, not the one before.
        let start = frame
            .saturating_mul(UNITS_PER_S)
            .div_ceil(u64::from(fps.get()));
        let title = &title[..title.floor_char_boundary(MOST)];
        list.extend_from_slice(&start.to_be_bytes());
        list.push(title.len() as u8);
        list.extend_from_slice(title.as_bytes());
    }
    nested_box(*b"chpl", &[&VERSION_AND_FLAGS, &list])
}

fn nested_box(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    let len = payload.len() as u32 + 8;
    [&len.to_be_bytes()[..], &kind, &payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_parameter_sets_are_read_as_they_are_coded() {
        for (code, id) in [
            (0b1000_0000, 0),
            (0b0100_0000, 1),
            (0b0110_0000, 2),
            (0b0001_0000, 7),
        ] {
            assert_eq!(parameter_set_id(&[0x68, code], PPS_HEAD_LEN), Some(id));
            let sps = [0x67, 66, 192, 30, code];
            assert_eq!(parameter_set_id(&sps, SPS_HEAD_LEN), Some(id));
        }
        assert_eq!(parameter_set_id(&[0x68], PPS_HEAD_LEN), None);
        assert_eq!(parameter_set_id(&[0x68, 0, 0, 0, 0], PPS_HEAD_LEN), None);
    }
}
