//! How fast films are made here: each stage by itself, and all of them at once.
//!
//! A stage that is measured has the machine to itself, and the pipeline is the very [`export()`]
//! that makes films. What the stages allow together, when nothing waits for anything, tells how
//! well the pipeline overlaps them.

use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::time::{Duration, Instant};

use fabula_encode::{
    EncoderChoice, Encoders, FilmSettings, I420, Mp4Writer, Packet, Segment, VideoSettings,
};
use fabula_render::{Film, Picture, RenderError};
use fabula_story::{Card, Storyboard, Transition, TransitionKind};
use yuv::{
    YuvConversionMode, YuvError, YuvPlanarImageMut, YuvRange, YuvStandardMatrix, rgba_to_yuv420,
};

use crate::segments::segments;
use crate::{ExportError, ExportPlan, Exported, export};

/// How often all frames are gone through: by the pipeline, to draw them, and to encode them.
pub const ROUNDS: u64 = 3;
/// Pictures over which the time of a conversion is averaged.
const CONVERSIONS: u32 = 20;
/// Frames are encoded in batches of at most so many bytes, so that a film of any length needs the
/// same memory.
const BATCH_BYTES: usize = 128 << 20;
/// What is left of the cards of an excerpt: the shortest that a storyboard may have.
const CARD_S: f64 = 0.5;
/// An excerpt ends with the shot before if only less than this is left for one.
const SHORTEST_SHOT_S: f64 = 0.5;

/// What something took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Time on the clock.
    pub wall: Duration,
    /// Time of all cores together, where the system tells.
    pub cpu: Option<Duration>,
}

impl Cost {
    /// What `work` takes, and what it gives.
    pub fn of<T>(work: impl FnOnce() -> T) -> (T, Self) {
        let meter = Meter::start();
        let done = work();
        (done, meter.read())
    }

    fn plus(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            cpu: self.cpu.zip(other.cpu).map(|(one, two)| one + two),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            wall: self.wall.saturating_sub(other.wall),
            cpu: self
                .cpu
                .zip(other.cpu)
                .map(|(one, two)| one.saturating_sub(two)),
        }
    }
}

struct Meter {
    wall: Instant,
    cpu: Option<Duration>,
}

impl Meter {
    fn start() -> Self {
        Self {
            cpu: cpu_time(),
            wall: Instant::now(),
        }
    }

    fn read(&self) -> Cost {
        Cost {
            wall: self.wall.elapsed(),
            cpu: cpu_time()
                .zip(self.cpu)
                .map(|(now, then)| now.saturating_sub(then)),
        }
    }
}

/// The time that all threads of this process have spent on the processor.
fn cpu_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::try_from(time).ok()
    }
    #[cfg(not(unix))]
    None
}

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct BenchPlan<'a> {
    /// Size, frame rate and bits.
    pub video: VideoSettings,
    /// What encodes.
    pub encoder: EncoderChoice,
    /// An empty folder for the films that are made.
    pub folder: &'a Path,
    /// Whether the CPU draws: then conversion is a stage of its own.
    pub software: bool,
}

/// What the stages and the pipeline took, for the same frames.
#[derive(Clone, Debug)]
pub struct Measured {
    /// How many frames were made each time.
    pub frame_count: u64,
    /// Loading art and compiling shaders.
    pub opening: Cost,
    /// Drawing and reading back; where a GPU draws, conversion too.
    pub drawing: Cost,
    /// From RGBA to YUV, where the CPU does that.
    pub conversion: Option<Cost>,
    /// From YUV to H.264, in one encoder after another.
    pub encoding: Cost,
    /// The part of `encoding` that the longest lane takes: all of it where there is one lane.
    pub longest_lane: f64,
    /// From H.264 to a file.
    pub muxing: Cost,
    /// All of it at once.
    pub pipeline: Cost,
    /// What the pipeline made, and the time that each of its threads was busy.
    pub exported: Exported,
    /// Size of the film.
    pub size_bytes: u64,
    /// The most memory that the process had taken when the pipeline was through, in MB, where the
    /// system tells.
    pub peak_memory_mb: Option<u64>,
}

/// What would be the fastest way through the pipeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// Where it comes from: the name of a stage, or `cpu`.
    pub by: &'static str,
    /// In what time the frames would be made.
    pub time: Duration,
}

impl Measured {
    /// The stages that overlap in the pipeline, by name.
    pub fn stages(&self) -> Vec<(&'static str, Cost)> {
        let conversion = self.conversion.map(|cost| ("convert", cost));
        [("draw", self.drawing)]
            .into_iter()
            .chain(conversion)
            .chain([("encode", self.encoding), ("mux", self.muxing)])
            .collect()
    }

    /// What the stages allow: where the CPU draws, all their work shared out among its `cores`;
    /// otherwise as much as the slowest of them.
    pub fn bound(&self, software: bool, cores: usize) -> Bound {
        let stages = self.stages();
        let work: Option<Duration> = stages.iter().map(|(_, cost)| cost.cpu).sum();
        if let Some(work) = work.filter(|_| software) {
            return Bound {
                by: "cpu",
                time: work.div_f64(cores.max(1) as f64),
            };
        }
        // Stages of one thread follow one another.
        let drawing = self.drawing.plus(self.conversion.unwrap_or_default());
        let encoding = self.encoding.wall.mul_f64(self.longest_lane);
        let threads = [
            ("draw", drawing.wall),
            ("encode", encoding),
            ("mux", self.muxing.wall),
        ];
        let slowest = threads.into_iter().max_by_key(|(_, time)| *time);
        let (by, time) = slowest.unwrap_or_default();
        Bound { by, time }
    }

    /// Speed of the pipeline as a share of what the stages allow.
    pub fn efficiency(&self, bound: Bound) -> f64 {
        bound.time.as_secs_f64() / self.pipeline.wall.as_secs_f64().max(1e-9)
    }
}

/// Makes the film that `open` opens as a whole, and then stage by stage. `on_frame` learns how
/// many frames are finished, of [`ROUNDS`] times those of the film, and may break off.
pub fn measure<'a>(
    open: impl Fn() -> Result<Film<'a>, RenderError>,
    plan: &BenchPlan<'_>,
    mut on_frame: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Measured, ExportError> {
    let (film, opening) = Cost::of(&open);
    let mut film = film?;
    let frame_count = film.frame_count(plan.video.fps);
    let conversion = warm_up(&mut film, plan.software, || on_frame(0))?.map(|cost| Cost {
        wall: cost.wall.mul_f64(frame_count as f64),
        cpu: cost.cpu.map(|cpu| cpu.mul_f64(frame_count as f64)),
    });

    // Each round draws all from the start, what stands still included.
    let mut film = again(film, &open)?;
    let target = plan.folder.join("pipeline.mp4");
    let order = ExportPlan {
        path: &target,
        video: plan.video,
        encoder: plan.encoder,
        title: "",
        overwrite: true,
        resume: false,
        cameras: false,
        films_at_once: 1,
        zero_copy: false,
    };
    let (exported, pipeline) = Cost::of(|| export(&mut film, &order, &mut on_frame));
    let exported = exported?;
    let peak_memory_mb = crate::memory::peak_mb();
    let size_bytes = std::fs::metadata(&target).map_or(0, |file| file.len());

    let mut film = again(film, &open)?;
    let mut done = frame_count;
    let mut flow = ControlFlow::Continue(());
    let (drawn, drawing) = Cost::of(|| {
        film.export(plan.video.fps, 0..frame_count, |_| {
            done += 1;
            flow = on_frame(done);
            flow
        })
    });
    drawn?;
    if flow.is_break() {
        return Err(ExportError::BrokenOff);
    }
    let drawing = conversion.map_or(drawing, |conversion| drawing.minus(conversion));

    let mut film = again(film, &open)?;
    let Encoded {
        encoding,
        muxing,
        segments,
    } = encode(&mut film, plan, |encoded| {
        on_frame(2 * frame_count + encoded)
    })?;
    Ok(Measured {
        longest_lane: longest_lane(&segments, exported.lanes),
        frame_count,
        opening,
        drawing,
        conversion,
        encoding,
        muxing,
        pipeline,
        exported,
        size_bytes,
        peak_memory_mb,
    })
}

/// The film as it is before its first picture; the one before is gone by then.
fn again<'a>(
    film: Film<'a>,
    open: &impl Fn() -> Result<Film<'a>, RenderError>,
) -> Result<Film<'a>, RenderError> {
    drop(film);
    open()
}

/// Draws a picture of each shot, so that the first round compiles no more than those that follow.
/// Gives what the conversion of a picture takes.
fn warm_up(
    film: &mut Film<'_>,
    software: bool,
    mut on_picture: impl FnMut() -> ControlFlow<()>,
) -> Result<Option<Cost>, ExportError> {
    for cut_s in film.cuts_s() {
        film.still(cut_s)?;
        if on_picture().is_break() {
            return Err(ExportError::BrokenOff);
        }
    }
    let picture = film.still(film.duration_s() / 2.0)?;
    if !software {
        return Ok(None);
    }
    let mut planes = empty_planes(picture.width, picture.height);
    let (converted, cost) =
        Cost::of(|| (0..CONVERSIONS).try_for_each(|_| convert(&picture, &mut planes)));
    // The sizes are those of a picture that was drawn, so they fit; else nothing is told.
    Ok(converted.ok().map(|()| Cost {
        wall: cost.wall / CONVERSIONS,
        cpu: cost.cpu.map(|cpu| cpu / CONVERSIONS),
    }))
}

/// The part of all frames that come to the longest lane, where each lane takes the next segment as
/// soon as it is through with the one before.
fn longest_lane(segments: &[Segment], lanes: usize) -> f64 {
    let mut lens = vec![0; lanes.max(1)];
    for segment in segments {
        if let Some(shortest) = lens.iter_mut().min() {
            *shortest += segment.frame_count;
        }
    }
    let longest = lens.iter().max().copied().unwrap_or_default();
    let all: u64 = lens.iter().sum();
    longest as f64 / all.max(1) as f64
}

/// What encoding and writing took, and the segments that were made.
struct Encoded {
    encoding: Cost,
    muxing: Cost,
    segments: Vec<Segment>,
}

/// Encodes and writes all frames as one lane of the pipeline does, while nothing is drawn.
fn encode(
    film: &mut Film<'_>,
    plan: &BenchPlan<'_>,
    mut on_frame: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Encoded, ExportError> {
    let video = &plan.video;
    let frame_count = film.frame_count(video.fps);
    let (mut encoding, mut muxing) = (Cost::default(), Cost::default());
    for cost in [&mut encoding, &mut muxing] {
        cost.cpu = cpu_time().map(|_| Duration::ZERO);
    }

    let meter = Meter::start();
    let mut encoders = Encoders::choose(plan.encoder, video)?;
    encoding = encoding.plus(meter.read());
    let segments = segments(film, video, plan.encoder, &encoders.identity());
    let ends = Segment::ends(&segments);
    let meter = Meter::start();
    let mut writer = writer(&plan.folder.join("stages.mp4"), video.fps, &segments)?;
    muxing = muxing.plus(meter.read());

    let mut encoder = None;
    let frame_len = I420::packed_len(video.width, video.height);
    let batch = (BATCH_BYTES / frame_len).max(1) as u64;
    let mut start = 0;
    while start < frame_count {
        let range = start..(start + batch).min(frame_count);
        start = range.end;
        let frames = drawn(film, video.fps, range.clone())?;
        let meter = Meter::start();
        let mut packets: Vec<Packet> = Vec::with_capacity(frames.len());
        for (planes, index) in frames.iter().zip(range.clone()) {
            let mut current = match encoder.take() {
                Some(current) => current,
                None => encoders.open_at(index)?,
            };
            let frame = I420::from_packed(video.width, video.height, planes)?;
            packets.extend(current.encode(frame, index)?);
            if ends.binary_search(&(index + 1)).is_ok() {
                packets.extend(current.finish()?);
            } else {
                encoder = Some(current);
            }
        }
        encoding = encoding.plus(meter.read());
        let meter = Meter::start();
        for packet in &packets {
            writer.write(packet)?;
        }
        muxing = muxing.plus(meter.read());
        if on_frame(range.end).is_break() {
            return Err(ExportError::BrokenOff);
        }
    }
    let (finished, cost) = Cost::of(|| writer.finish());
    finished?;
    Ok(Encoded {
        encoding,
        muxing: muxing.plus(cost),
        segments,
    })
}

fn writer(path: &Path, fps: u32, segments: &[Segment]) -> Result<Mp4Writer, ExportError> {
    let settings = FilmSettings {
        segments: segments.to_vec(),
        ..FilmSettings::new(fps)
    };
    Ok(Mp4Writer::create(path, &settings)?)
}

/// The planes of some frames, one after the other.
fn drawn(film: &mut Film<'_>, fps: u32, range: Range<u64>) -> Result<Vec<Vec<u8>>, RenderError> {
    let mut frames = Vec::with_capacity((range.end - range.start) as usize);
    film.export(fps, range, |frame| {
        frames.push(std::mem::take(frame.planes));
        ControlFlow::Continue(())
    })?;
    Ok(frames)
}

/// An empty frame of planar YUV 4:2:0, to be filled by [`convert`].
pub fn empty_planes(width: u32, height: u32) -> YuvPlanarImageMut<'static, u8> {
    YuvPlanarImageMut::alloc(width, height, yuv::YuvChromaSubsampling::Yuv420)
}

/// RGBA to I420, BT.709 in limited range: the renderer's own way with software GPUs.
pub fn convert(picture: &Picture, planes: &mut YuvPlanarImageMut<'_, u8>) -> Result<(), YuvError> {
    rgba_to_yuv420(
        planes,
        &picture.rgba,
        picture.width * 4,
        YuvRange::Limited,
        YuvStandardMatrix::Bt709,
        YuvConversionMode::Balanced,
    )
}

/// The beginning of a film, of about this length, without its cards. A film that is shorter stays
/// as it is, and one of cards only too.
pub fn excerpt(mut board: Storyboard, length_s: f64) -> Storyboard {
    let whole_s = fabula_story::Timeline::new(&board).duration_s();
    if whole_s <= length_s || board.scenes.is_empty() {
        return board;
    }
    for card in [&mut board.opening, &mut board.closing] {
        *card = Card {
            duration_s: CARD_S,
            transition: Transition {
                kind: TransitionKind::Cut,
                duration_s: 0.0,
            },
            ..card.clone()
        };
    }
    let mut left_s = (length_s - 2.0 * CARD_S).max(SHORTEST_SHOT_S);
    let mut before_s = CARD_S;
    for scene in &mut board.scenes {
        scene.shots.retain_mut(|shot| {
            shot.duration_s = shot.duration_s.min(left_s);
            let is_seen = left_s >= SHORTEST_SHOT_S;
            left_s -= if is_seen { shot.duration_s } else { left_s };
            is_seen
        });
        let scene_s: f64 = scene.shots.iter().map(|shot| shot.duration_s).sum();
        let longest_s = before_s.min(scene_s) / 2.0;
        scene.transition.duration_s = scene.transition.duration_s.min(longest_s);
        before_s = scene_s;
    }
    board.scenes.retain(|scene| !scene.shots.is_empty());
    board
}

#[cfg(test)]
mod tests {
    use super::*;
    use fabula_story::Timeline;

    const BOARD: &str = include_str!("../../engine/story/tests/samples/storyboard.json");

    #[test]
    fn an_excerpt_is_a_film_of_about_its_length() {
        let board = Storyboard::from_json(BOARD).unwrap();
        let whole_s = Timeline::new(&board).duration_s();
        for length_s in [0.1, 1.0, 2.0, 3.3, 4.7, whole_s - 0.1] {
            let excerpt = excerpt(board.clone(), length_s);
            excerpt.check().unwrap();
            let found_s = Timeline::new(&excerpt).duration_s();
            // No shorter than two cards and a shot, and transitions take away what they overlap.
            let longest_s = length_s.max(2.0 * CARD_S + SHORTEST_SHOT_S);
            assert!(
                found_s <= longest_s + 1e-9,
                "{found_s} s instead of {length_s} s"
            );
            assert!(
                found_s > length_s - 2.0,
                "{found_s} s instead of {length_s} s"
            );
            assert_eq!(excerpt.cast, board.cast);
        }
        assert_eq!(excerpt(board.clone(), whole_s), board);
    }

    fn measured(costs_ms: [(u64, u64); 4], pipeline_ms: u64) -> Measured {
        let cost = |(wall, cpu)| Cost {
            wall: Duration::from_millis(wall),
            cpu: Some(Duration::from_millis(cpu)),
        };
        Measured {
            frame_count: 100,
            longest_lane: 1.0,
            opening: Cost::default(),
            drawing: cost(costs_ms[0]),
            conversion: Some(cost(costs_ms[1])),
            encoding: cost(costs_ms[2]),
            muxing: cost(costs_ms[3]),
            pipeline: cost((pipeline_ms, pipeline_ms)),
            exported: Exported {
                frame_count: 100,
                kept_frames: 0,
                encoder: "openh264".to_owned(),
                fallbacks: Vec::new(),
                lanes: 1,
                drawing: Duration::ZERO,
                encoding: Duration::ZERO,
                writing: Duration::ZERO,
            },
            size_bytes: 0,
            peak_memory_mb: None,
        }
    }

    #[test]
    fn on_the_cpu_alone_the_work_of_all_stages_is_shared_out_among_the_cores() {
        let measured = measured([(1000, 1900), (100, 100), (900, 900), (10, 5)], 1600);
        let bound = measured.bound(true, 2);
        assert_eq!((bound.by, bound.time.as_micros()), ("cpu", 1_452_500));
        assert!((measured.efficiency(bound) - 0.9078).abs() < 1e-4);
    }

    #[test]
    fn with_a_gpu_the_slowest_stage_decides() {
        let drawing = measured([(1000, 100), (100, 100), (900, 900), (10, 5)], 1600);
        let bound = drawing.bound(false, 2);
        assert_eq!((bound.by, bound.time.as_millis()), ("draw", 1100));
        let encoding = measured([(100, 100), (0, 0), (1000, 900), (100, 5)], 1250);
        let bound = encoding.bound(false, 2);
        assert_eq!((bound.by, bound.time.as_millis()), ("encode", 1000));
        assert!((encoding.efficiency(bound) - 0.8).abs() < 1e-9);
        let shared = Measured {
            longest_lane: 0.25,
            ..encoding
        };
        let bound = shared.bound(false, 16);
        assert_eq!((bound.by, bound.time.as_millis()), ("encode", 250));
    }

    #[test]
    fn lanes_share_the_segments_out_in_order() {
        let segments = [100, 300, 120, 80, 200].map(|frame_count| Segment {
            id: fabula_encode::SegmentId([0; 32]),
            frame_count,
        });
        let longest = |lanes| (longest_lane(&segments, lanes) * 800.0).round() as u32;
        assert_eq!(longest(1), 800);
        // 100, 120, 80 and 200 beside 300.
        assert_eq!(longest(2), 500);
        assert_eq!(longest(5), 300);
        assert_eq!(longest(8), 300);
    }
}
