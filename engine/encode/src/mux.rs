//! Packets into the bytes of an MP4 file, in one pass, with the index at the front.
//!
//! Room for the index is kept before the media data. Should it not suffice, the media data are
//! moved back by what is missing, block by block, so that the index is at the front all the same.

use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use shiguredo_mp4::Encode;
use shiguredo_mp4::bitstream::h264::{H264NalUnitType, parse_annexb_nal_units};
use shiguredo_mp4::boxes::{Brand, FtypBox};

use sha2::{Digest, Sha256};

use crate::Packet;
use crate::moov::{Labels, ParameterSets, SampleTable};
use crate::segment::{self, Finished, SegmentId};

/// Length of the header of the media data: size 1, kind, and the size in 64 bits.
const MDAT_HEADER_LEN: u64 = 16;
/// The smallest box: its size and kind.
const BOX_HEADER_LEN: u64 = 8;
/// Bytes written to the file at once, and moved at once should the index not fit.
const BLOCK_LEN: usize = 1 << 20;

/// Why a packet or the whole film could not be written.
#[derive(Debug)]
pub enum MuxError {
    /// The file system's answer.
    Io(io::Error),
    /// What is wrong with a packet.
    Stream { index: u64, problem: String },
    /// Finished before the first frame.
    NoFrames,
}

impl From<io::Error> for MuxError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A film that is being written to `F`.
pub struct Mux<F: Read + Write + Seek> {
    out: BufWriter<F>,
    table: SampleTable,
    file_type: Vec<u8>,
    data_start: u64,
    /// The first frame of the segment that is being written, and the digest of its bytes so far.
    segment_start: u64,
    digest: Sha256,
}

/// A film whose index has been written.
pub struct Muxed<F> {
    pub file: F,
    pub frame_count: u64,
    /// Where the media data ended up.
    pub data_start: u64,
}

impl<F: Read + Write + Seek> Mux<F> {
    /// Starts a film in a file, with room for the index of `expected_frames`.
    pub fn new(
        mut file: F,
        fps: u32,
        labels: Labels,
        expected_frames: u64,
    ) -> Result<Self, MuxError> {
        let table = SampleTable::new(fps, labels).ok_or_else(|| MuxError::Stream {
            index: 0,
            problem: format!("a film cannot have {fps} frames per second; choose 1 to 60"),
        })?;
        let file_type = file_type()?;
        let data_start =
            file_type.len() as u64 + table.expected_moov_len(expected_frames) + MDAT_HEADER_LEN;
        file.seek(SeekFrom::Start(data_start))?;
        let out = BufWriter::with_capacity(BLOCK_LEN, file);
        Ok(Self {
            out,
            table,
            file_type,
            data_start,
            segment_start: 0,
            digest: Sha256::new(),
        })
    }

    /// Where the media data begin, unless the index needs more room in the end.
    pub fn data_start(&self) -> u64 {
        self.data_start
    }

    pub fn frame_count(&self) -> u64 {
        self.table.frame_count()
    }

    /// Counts a segment that stands in the file already, right after the ones before.
    pub fn place(&mut self, finished: &Finished) -> Result<(), MuxError> {
        self.register(finished)?;
        let end = self.data_start + self.table.data_len();
        self.out.seek(SeekFrom::Start(end))?;
        self.begin_segment();
        Ok(())
    }

    /// Appends a finished segment whose bytes come from elsewhere.
    pub fn append(&mut self, finished: &Finished, source: &mut impl Read) -> Result<(), MuxError> {
        self.register(finished)?;
        let (out, digest) = (&mut self.out, &mut self.digest);
        let len = segment::copy(source, finished.len(), |block| {
            digest.update(block);
            out.write_all(block)
        })?;
        if len != finished.len() || !finished.is_sealed(&digest.finalize_reset()) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a finished segment has changed while it was taken over",
            )
            .into());
        }
        self.out.flush()?;
        self.begin_segment();
        Ok(())
    }

    /// Ends the segment that began after the last one; all of it is in the file then.
    pub fn end_segment(&mut self, id: SegmentId) -> Result<Finished, MuxError> {
        self.out.flush()?;
        let (frames, keys) = self.table.since(self.segment_start);
        let finished = Finished::new(id, frames, keys, self.table.parameter_sets())
            .seal(&self.digest.finalize_reset());
        self.begin_segment();
        Ok(finished)
    }

    /// The file, everything written so far being in it.
    pub fn file(&self) -> &F {
        self.out.get_ref()
    }

    fn begin_segment(&mut self) {
        self.segment_start = self.table.frame_count();
        self.digest.reset();
    }

    fn register(&mut self, finished: &Finished) -> Result<(), MuxError> {
        let index = self.table.frame_count();
        self.table
            .push_all(finished)
            .map_err(|problem| MuxError::Stream { index, problem })
    }

    /// Appends the next frame.
    pub fn write(&mut self, packet: &Packet) -> Result<(), MuxError> {
        let index = packet.index;
        let stream = |problem: String| MuxError::Stream { index, problem };
        let due = self.table.frame_count();
        if index != due {
            return Err(stream(format!("frame {due} is due")));
        }
        if due == 0 && !packet.key {
            return Err(stream("a film must start with a key frame".into()));
        }
        let sample = Sample::of(packet)?;
        self.table.accept(&sample.sets).map_err(stream)?;
        self.table
            .push(sample.len, packet.key)
            .ok_or_else(|| stream("the film is too long".into()))?;
        sample.write(|bytes| {
            self.digest.update(bytes);
            self.out.write_all(bytes)
        })?;
        Ok(())
    }

    /// Writes the index and gives the file back.
    pub fn finish(mut self) -> Result<Muxed<F>, MuxError> {
        let frame_count = self.table.frame_count();
        if frame_count == 0 {
            return Err(MuxError::NoFrames);
        }
        self.out.flush()?;

        let mut data_start = self.data_start;
        // Where the media data start decides how long their offsets are, hence the repetition.
        let head = loop {
            match head(&self.table, &self.file_type, data_start)? {
                Ok(head) => break head,
                Err(later) => data_start = later,
            }
        };
        let data_len = self.table.data_len();
        let mut file = self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        if data_start != self.data_start {
            move_back(&mut file, self.data_start, data_start, data_len)?;
        }
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&head)?;
        file.flush()?;
        Ok(Muxed {
            file,
            frame_count,
            data_start,
        })
    }
}

/// A picture as it stands in a film, and the parameter sets that came with it.
struct Sample<'p> {
    sets: ParameterSets,
    units: Vec<&'p [u8]>,
    len: u64,
}

impl<'p> Sample<'p> {
    fn of(packet: &'p Packet) -> Result<Self, MuxError> {
        let mut sample = Self {
            sets: ParameterSets::default(),
            units: Vec::new(),
            len: 0,
        };
        let units = parse_annexb_nal_units(&packet.data)
            .map_err(|error| stream_error(packet.index, &error))?;
        for unit in units {
            match unit.nal_unit_type {
                H264NalUnitType::Sps => sample.sets.sps.push(unit.data.to_vec()),
                H264NalUnitType::Pps => sample.sets.pps.push(unit.data.to_vec()),
                H264NalUnitType::Aud => {}
                _ => {
                    sample.len += 4 + unit.data.len() as u64;
                    sample.units.push(unit.data);
                }
            }
        }
        if sample.units.is_empty() {
            return Err(MuxError::Stream {
                index: packet.index,
                problem: "the packet holds no picture".into(),
            });
        }
        Ok(sample)
    }

    /// Hands on its bytes: each unit after its length.
    fn write(&self, mut sink: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        for unit in &self.units {
            sink(&(unit.len() as u32).to_be_bytes())?;
            sink(unit)?;
        }
        Ok(())
    }
}

/// A segment that stands by itself: what the index will have to say about it, and its bytes.
pub fn segment_of(id: SegmentId, packets: &[Packet]) -> Result<(Finished, Vec<u8>), MuxError> {
    let mut sets = ParameterSets::default();
    let (mut frames, mut keys) = (Vec::new(), Vec::new());
    let mut bytes = Vec::new();
    for (number, packet) in (0..).zip(packets) {
        let sample = Sample::of(packet)?;
        if sample.sets != ParameterSets::default() {
            sets = sample.sets.clone();
        }
        frames.push(sample.len as u32);
        keys.extend(packet.key.then_some(number));
        sample.write(|part| {
            bytes.extend_from_slice(part);
            Ok(())
        })?;
    }
    let finished = Finished::new(id, frames, keys, &sets).seal(&Sha256::digest(&bytes));
    Ok((finished, bytes))
}

/// All that stands before the media data of a film that consists of these segments, if they can
/// start there.
pub fn head_of(
    fps: u32,
    labels: Labels,
    segments: &[Finished],
    data_start: u64,
) -> Option<Vec<u8>> {
    let mut table = SampleTable::new(fps, labels)?;
    for finished in segments {
        table.push_all(finished).ok()?;
    }
    head(&table, &file_type().ok()?, data_start).ok()?.ok()
}

/// All that stands before the media data; where those have to start instead, if it does not fit.
fn head(
    table: &SampleTable,
    file_type: &[u8],
    data_start: u64,
) -> Result<Result<Vec<u8>, u64>, MuxError> {
    let last = table.frame_count().saturating_sub(1);
    let moov = table
        .moov(data_start)
        .map_err(|error| stream_error(last, &error))?;
    let needed = (file_type.len() + moov.len()) as u64 + MDAT_HEADER_LEN;
    // It fills the room, or leaves enough of it for a box of free space.
    if needed != data_start && needed + BOX_HEADER_LEN > data_start {
        return Ok(Err(needed));
    }
    let mut head = [file_type, &moov].concat();
    let free_len = data_start - needed;
    if free_len > 0 {
        head.extend_from_slice(&(free_len as u32).to_be_bytes());
        head.extend_from_slice(b"free");
        head.resize(head.len() + (free_len - BOX_HEADER_LEN) as usize, 0);
    }
    head.extend_from_slice(b"\0\0\0\x01mdat");
    head.extend_from_slice(&(MDAT_HEADER_LEN + table.data_len()).to_be_bytes());
    Ok(Ok(head))
}

fn file_type() -> Result<Vec<u8>, MuxError> {
    FtypBox {
        major_brand: Brand::ISOM,
        minor_version: 0x200,
        compatible_brands: vec![Brand::ISOM, Brand::ISO2, Brand::AVC1, Brand::MP41],
    }
    .encode_to_vec()
    .map_err(|error| stream_error(0, &error))
}

fn stream_error(index: u64, error: &impl ToString) -> MuxError {
    MuxError::Stream {
        index,
        problem: error.to_string(),
    }
}

/// Moves `len` bytes from one place of the file to a later one, the last block first.
fn move_back<F: Read + Write + Seek>(file: &mut F, from: u64, to: u64, len: u64) -> io::Result<()> {
    let mut block = vec![0; BLOCK_LEN];
    let mut left = len;
    while left > 0 {
        let block_len = left.min(BLOCK_LEN as u64);
        left -= block_len;
        let Some(bytes) = block.get_mut(..block_len as usize) else {
            break;
        };
        file.seek(SeekFrom::Start(from + left))?;
        file.read_exact(bytes)?;
        file.seek(SeekFrom::Start(to + left))?;
        file.write_all(bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chapter;
    use crate::{EncoderChoice, I420, Quality, VideoSettings, open};
    use std::io::Cursor;
    use std::sync::OnceLock;

    /// A key frame: real parameter sets, and in place of a picture that many bytes.
    fn packet(index: u64, len: usize) -> Packet {
        static HEAD: OnceLock<Vec<u8>> = OnceLock::new();
        let head = HEAD.get_or_init(|| {
            let settings = VideoSettings::new(64, 64, 24, Quality::Standard);
            let planes = [90; I420::packed_len(64, 64)];
            let frame = I420::from_packed(64, 64, &planes).unwrap();
            let mut encoder = open(EncoderChoice::OpenH264, &settings).unwrap().encoder;
            let stream = encoder.encode(frame, 0).unwrap().unwrap().data;
            let mut head = Vec::new();
            for unit in parse_annexb_nal_units(&stream).unwrap() {
                if matches!(
                    unit.nal_unit_type,
                    H264NalUnitType::Sps | H264NalUnitType::Pps
                ) {
                    head.extend_from_slice(&[0, 0, 0, 1]);
                    head.extend_from_slice(unit.data);
                }
            }
            head.extend_from_slice(&[0, 0, 0, 1, 0x65]);
            head
        });
        let mut data = head.clone();
        data.resize(head.len() + len, 0xaa);
        Packet {
            data,
            index,
            key: true,
        }
    }

    fn find(bytes: &[u8], kind: [u8; 4]) -> usize {
        bytes
            .windows(4)
            .position(|window| window == kind)
            .expect("the box is there")
    }

    #[test]
    fn films_beyond_four_gigabytes_have_offsets_of_64_bits() {
        let mut mux = Mux::new(Cursor::new(Vec::new()), 1, Labels::default(), 3).unwrap();
        mux.write(&packet(0, 3)).unwrap();
        // Frames that are in the table without having been written.
        let long = u64::from(u32::MAX);
        mux.table.push(long, true).unwrap();
        mux.table.push(5, true).unwrap();
        let data_start = mux.data_start;
        let film = mux.finish().unwrap();
        assert_eq!(film.frame_count, 3);

        let file = film.file.into_inner();
        let offsets = &file[find(&file, *b"co64") + 8..];
        assert_eq!(offsets[..4], 3_u32.to_be_bytes());
        assert_eq!(offsets[4..12], data_start.to_be_bytes());
        assert_eq!(offsets[12..20], (data_start + 8).to_be_bytes());
        assert_eq!(offsets[20..28], (data_start + 8 + long).to_be_bytes());
        let mdat = find(&file, *b"mdat");
        assert_eq!(
            file[mdat + 4..mdat + 12],
            (MDAT_HEADER_LEN + 8 + long + 5).to_be_bytes()
        );
    }

    #[test]
    fn media_data_are_moved_whole_over_many_blocks() {
        let len = 3 * BLOCK_LEN + 17;
        let bytes: Vec<u8> = (0..len).map(|place| (place * 7 % 251) as u8).collect();
        for distance in [1, 4096, BLOCK_LEN, 2 * BLOCK_LEN] {
            let mut file = Cursor::new([&[0; 5][..], &bytes].concat());
            move_back(&mut file, 5, 5 + distance as u64, len as u64).unwrap();
            assert!(file.into_inner()[5 + distance..] == bytes, "by {distance}");
        }
    }

    #[test]
    fn any_room_for_the_index_leaves_a_file_without_gaps() {
        let write = |title_len: usize, expected: u64| {
            let labels = Labels {
                title: Some("x".repeat(title_len)),
                chapters: vec![Chapter {
                    frame: 0,
                    title: "One".to_owned(),
                }],
            };
            let mut mux = Mux::new(Cursor::new(Vec::new()), 24, labels, expected).unwrap();
            for index in 0..300 {
                mux.write(&packet(index, 3)).unwrap();
            }
            mux.finish().unwrap().file.into_inner()
        };
        for expected in 0..320 {
            let file = write(0, expected);
            let mut at = 0;
            let mut kinds = Vec::new();
            while at < file.len() {
                let len = u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
                kinds.push(file[at + 4..at + 8].to_vec());
                if len == 1 {
                    assert_eq!(file.len() - at, 16 + 300 * 8, "with room for {expected}");
                    break;
                }
                at += len;
            }
            assert_eq!(kinds.first().unwrap(), b"ftyp");
            assert_eq!(kinds[1], b"moov");
            assert_eq!(kinds.last().unwrap(), b"mdat");
        }
        let title = write(900, 300);
        assert!(find(&title, *b"udta") < find(&title, *b"mdat"));
    }

    #[test]
    fn a_full_disk_is_reported_as_the_file_systems_fault() {
        struct Full;
        impl Read for Full {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Ok(0)
            }
        }
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        impl Seek for Full {
            fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
                Ok(0)
            }
        }
        let mut mux = Mux::new(Full, 24, Labels::default(), 0).unwrap();
        let error = mux.write(&packet(0, 2 * BLOCK_LEN)).unwrap_err();
        assert!(matches!(error, MuxError::Io(error) if error.kind() == io::ErrorKind::StorageFull));
    }
}
