//! Lanes: segments of a film that grow at once, each in an encoder on a core of its own.
//!
//! A frame of full HD takes openh264 ten times as long as a GPU, and one encoder hardly gains from
//! more cores; segments stand alone, so that each may have an encoder. The drawing thread draws a
//! frame for one lane, then one for another: whole segments drawn ahead would fill the memory.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::sync::mpsc::{Receiver, Sender};
use std::thread;

use fabula_encode::{Encoders, I420, VideoSettings};
use fabula_render::{Film, PictureOnGpu, YuvFrame};

use crate::export::ExportPlan;

/// The most lanes: so many draw level with a GPU.
const LANES_MAX: usize = 8;
/// The most memory that all lanes take.
const LANES_BYTES_MAX: u64 = 256 << 20;
/// Frames of a lane: two waiting, one being encoded.
const FRAMES_IN_LANE: usize = 3;
/// Frames beside those of the lanes, for whichever of them falls behind.
const FRAMES_BESIDE: usize = 1;

/// A frame on its way.
pub struct Filled {
    /// Its number.
    pub index: u64,
    /// Its three planes, one after the other; nothing if it lies on the GPU.
    pub planes: Vec<u8>,
    /// Where it lies on the GPU, if it stayed there.
    pub on_gpu: Option<PictureOnGpu>,
}
/// The lane that a buffer comes back from; none comes back from a lane that has ended.
pub type Emptied = (usize, Option<Vec<u8>>);

/// How many segments of a film are encoded at once.
///
/// More than one help where a GPU draws and the processor encodes. In software both already share
/// all cores; hardware that encodes is faster than drawing and may be opened only so often; and
/// what cameras show comes in the order of time.
pub fn lane_count(film: &Film<'_>, encoders: &Encoders, plan: &ExportPlan<'_>) -> usize {
    let is_live = !film.cameras().is_empty();
    if film.is_drawn_in_software() || !encoders.are_software() || is_live {
        return 1;
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let in_memory = LANES_BYTES_MAX / lane_bytes(&plan.video);
    let lanes = (cores - 1).min(in_memory as usize).min(LANES_MAX);
    lanes / plan.films_at_once.max(1)
}

/// What a lane takes: its encoder, its frames, and what is encoded of a segment before its turn.
fn lane_bytes(video: &VideoSettings) -> u64 {
    /// Of openh264, measured in full HD and 4K.
    const ENCODER_BYTES_A_PIXEL: u64 = 11;
    /// Most segments are no longer.
    const SEGMENT_S: u64 = 8;
    let pixels = u64::from(video.width) * u64::from(video.height);
    let frames = (FRAMES_IN_LANE * I420::packed_len(video.width, video.height)) as u64;
    pixels * ENCODER_BYTES_A_PIXEL + frames + u64::from(video.bitrate_bps) / 8 * SEGMENT_S
}

/// Whose turn it is to be drawn, and the buffers that frames are handed over in.
pub struct Turns {
    /// Segments that no lane has begun, in order.
    segments: VecDeque<Range<u64>>,
    lanes: Vec<Lane>,
    to_fill: Receiver<Emptied>,
    empty: Vec<Vec<u8>>,
    /// A lane has ended before its last frame.
    is_over: bool,
}

/// A lane as the drawing thread sees it.
struct Lane {
    /// What is left to draw of its segment.
    frames: Range<u64>,
    /// Frames that were drawn and not yet encoded.
    under_way: usize,
    to_encode: Sender<Filled>,
}

impl Turns {
    /// Shares the segments out among lanes that take frames at `to_encode` and give their buffers
    /// back at `to_fill`.
    pub fn new(
        segments: Vec<Range<u64>>,
        to_encode: Vec<Sender<Filled>>,
        to_fill: Receiver<Emptied>,
    ) -> Self {
        let buffers = FRAMES_IN_LANE * to_encode.len() + FRAMES_BESIDE;
        let lane = |to_encode| Lane {
            frames: 0..0,
            under_way: 0,
            to_encode,
        };
        Self {
            segments: segments.into(),
            lanes: to_encode.into_iter().map(lane).collect(),
            to_fill,
            empty: vec![Vec::new(); buffers],
            is_over: false,
        }
    }

    /// The lane that is to be drawn for, and the number of its next frame: the lane with the
    /// fewest frames under way, since it soonest has none to encode. `None` where nothing is left
    /// to draw.
    pub fn next(&mut self) -> Option<(usize, u64)> {
        while let Ok(emptied) = self.to_fill.try_recv() {
            self.take_back(emptied);
        }
        if self.is_over {
            return None;
        }
        for lane in &mut self.lanes {
            if lane.frames.is_empty()
                && let Some(segment) = self.segments.pop_front()
            {
                lane.frames = segment;
            }
        }
        let lanes = self.lanes.iter_mut().enumerate();
        let (number, lane) = lanes
            .filter(|(_, lane)| !lane.frames.is_empty())
            .min_by_key(|(_, lane)| (lane.under_way, lane.frames.start))?;
        lane.under_way += 1;
        Some((number, lane.frames.next()?))
    }

    /// Hands a frame over to its lane, and an empty buffer back in its place as soon as there is one.
    /// Breaks where a lane has ended.
    pub fn hand_over(&mut self, lane: usize, frame: &mut YuvFrame<'_>) -> ControlFlow<()> {
        let mut planes = loop {
            if self.is_over {
                return ControlFlow::Break(());
            }
            if let Some(planes) = self.empty.pop() {
                break planes;
            }
            match self.to_fill.recv() {
                Ok(emptied) => self.take_back(emptied),
                Err(_) => self.is_over = true,
            }
        };
        std::mem::swap(frame.planes, &mut planes);
        let filled = Filled {
            index: frame.index,
            planes,
            on_gpu: frame.on_gpu.take(),
        };
        match self.lanes[lane].to_encode.send(filled) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn take_back(&mut self, (lane, planes): Emptied) {
        match planes {
            Some(planes) => {
                self.lanes[lane].under_way -= 1;
                self.empty.push(planes);
            }
            None => self.is_over = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fabula_encode::Quality;
    use fabula_render::FrameSize;
    use std::sync::mpsc;

    /// Turns of so many lanes, and the other ends of their channels.
    fn turns(
        segments: &[Range<u64>],
        lanes: usize,
    ) -> (Turns, Vec<Receiver<Filled>>, Sender<Emptied>) {
        let (emptied, to_fill) = mpsc::channel();
        let (to_encode, frames): (Vec<_>, Vec<_>) = (0..lanes).map(|_| mpsc::channel()).unzip();
        let turns = Turns::new(segments.to_vec(), to_encode, to_fill);
        (turns, frames, emptied)
    }

    fn hand_over(turns: &mut Turns, lane: usize, index: u64) -> ControlFlow<()> {
        let mut frame = YuvFrame {
            index,
            size: FrameSize::new(16, 16).unwrap(),
            planes: &mut vec![0; 384],
            on_gpu: None,
        };
        turns.hand_over(lane, &mut frame)
    }

    #[test]
    fn the_lane_with_the_fewest_frames_is_next_and_each_takes_one_segment_after_the_other() {
        let (mut turns, frames, emptied) = turns(&[0..2, 2..9, 9..12], 2);
        let mut drawn = Vec::new();
        for _ in 0..4 {
            let (lane, index) = turns.next().unwrap();
            assert!(hand_over(&mut turns, lane, index).is_continue());
            drawn.push((lane, index));
        }
        assert_eq!(drawn, [(0, 0), (1, 2), (0, 1), (1, 3)]);
        // The second lane is quicker.
        for _ in 0..2 {
            let planes = frames[1].recv().unwrap().planes;
            emptied.send((1, Some(planes))).unwrap();
        }
        let next: Vec<_> = (0..4).map_while(|_| turns.next()).collect();
        assert_eq!(next, [(1, 4), (1, 5), (1, 6), (0, 9)]);
    }

    #[test]
    fn all_frames_come_once_and_then_nothing() {
        let (mut turns, ..) = turns(&[3..5, 7..8], 4);
        let mut all: Vec<_> = std::iter::from_fn(|| turns.next())
            .map(|(_, index)| index)
            .collect();
        all.sort_unstable();
        assert_eq!(all, [3, 4, 7]);
    }

    #[test]
    fn when_one_lane_ends_nothing_more_is_drawn_for_any() {
        let (mut turns, _frames, emptied) = turns(&[0..9, 9..18], 2);
        assert_eq!(turns.next(), Some((0, 0)));
        emptied.send((1, None)).unwrap();
        assert_eq!(turns.next(), None);
        assert!(hand_over(&mut turns, 0, 0).is_break());
    }

    #[test]
    fn lanes_of_larger_pictures_take_more_memory() {
        let bytes =
            |width, height| lane_bytes(&VideoSettings::new(width, height, 24, Quality::Standard));
        let in_memory = |width, height| LANES_BYTES_MAX / bytes(width, height);
        assert!((6..=8).contains(&in_memory(1920, 1080)));
        assert!((1..=3).contains(&in_memory(3840, 2160)));
        assert!(in_memory(640, 360) > 20);
    }
}
