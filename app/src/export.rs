//! The way from a film to its file: one thread draws, the other encodes and writes.
//!
//! The film is made in segments that stand alone, each with an encoder of its own. A run that is
//! broken off leaves those that it finished, and the next one goes on from there: what it makes is
//! the same film to the last byte.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use fabula_encode::{
    EncodeError, Encoder, EncoderChoice, FilmSettings, I420, Mp4Error, Mp4Writer, Segment,
    VideoSettings, finished_film,
};
use fabula_live::LiveError;
use fabula_render::{Film, RenderError};

use crate::cameras::Recordings;
use crate::segments::segments;

/// Frames between the two threads: one being filled, one waiting, one being encoded.
const FRAMES_IN_FLIGHT: usize = 3;

/// What a film is exported as.
#[derive(Clone, Copy, Debug)]
pub struct ExportPlan<'a> {
    /// Where the film appears when it is whole.
    pub path: &'a Path,
    /// Size, frame rate and bits.
    pub video: VideoSettings,
    /// What encodes.
    pub encoder: EncoderChoice,
    /// The title that players show.
    pub title: &'a str,
    /// Whether a film of the same name is replaced.
    pub overwrite: bool,
    /// Whether what an earlier run has finished is taken over: from its unfinished film, or from
    /// the film of the same name. Otherwise an unfinished film is discarded.
    pub resume: bool,
    /// Whether the cameras of live backdrops are received. Whoever takes storyboards from
    /// strangers refuses that: it is their address that is connected to from here.
    pub cameras: bool,
}

/// A finished film.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Number of frames.
    pub frame_count: u64,
    /// How many of them were taken over from an earlier run.
    pub kept_frames: u64,
    /// Name of the encoder.
    pub encoder: String,
    /// Why no better encoder was taken, a sentence each.
    pub fallbacks: Vec<String>,
    /// Time in which the drawing thread drew and converted.
    pub drawing: Duration,
    /// Time in which the other thread encoded.
    pub encoding: Duration,
    /// Time in which it wrote the file.
    pub writing: Duration,
}

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A frame could not be drawn.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A frame could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] Mp4Error),
    /// A camera shows nothing.
    #[error(transparent)]
    Camera(#[from] LiveError),
    /// The caller broke it off.
    #[error("the film was broken off")]
    BrokenOff,
}

/// Draws all frames of a film into an MP4 file. `on_frame` learns how many frames there are, at
/// first with those that were taken over, and may break off. Then, and after an error, the
/// finished segments stay for a run with `resume`, until
/// [`discard_begun`](fabula_encode::discard_begun).
pub fn export(
    film: &mut Film<'_>,
    plan: &ExportPlan<'_>,
    mut on_frame: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Exported, ExportError> {
    let VideoSettings {
        width, height, fps, ..
    } = plan.video;
    let frame_count = film.frame_count(fps);
    let opened = fabula_encode::open(plan.encoder, &plan.video)?;
    let encoder = opened.encoder.name().to_owned();
    let settings = FilmSettings {
        fps,
        title: Some(plan.title.to_owned()),
        expected_frames: frame_count,
        overwrite: plan.overwrite,
        segments: segments(film, &plan.video, plan.encoder, &encoder),
        resume: plan.resume,
    };
    let mut exported = Exported {
        frame_count,
        kept_frames: frame_count,
        encoder,
        fallbacks: opened.reasons,
        drawing: Duration::ZERO,
        encoding: Duration::ZERO,
        writing: Duration::ZERO,
    };
    if plan.resume && finished_film(plan.path, &settings).is_some() {
        fabula_encode::discard_begun(plan.path)?;
        // Nothing is left to be broken off.
        let _ = on_frame(frame_count);
        return Ok(exported);
    }
    let clock = film_cameras(film, plan, || on_frame(0).is_continue())?;
    let writer = Mp4Writer::create(plan.path, &settings)?;
    let missing = writer.missing().to_vec();
    let to_draw: u64 = missing.iter().map(|range| range.end - range.start).sum();
    exported.kept_frames = frame_count - to_draw;
    let mut encoding = Encoding {
        plan,
        ends: ends(&settings.segments),
        first: Some(opened.encoder),
        writer,
        work: Work::default(),
    };

    let (filled, to_encode) = mpsc::sync_channel(FRAMES_IN_FLIGHT);
    let (emptied, to_fill) = mpsc::sync_channel(FRAMES_IN_FLIGHT);
    for _ in 0..FRAMES_IN_FLIGHT {
        // The channel has room for all of them and its other end is below.
        let _ = emptied.send(Vec::with_capacity(I420::packed_len(width, height)));
    }
    thread::scope(|scope| {
        let second = scope.spawn(move || {
            let done = encoding.encode_frames(&to_encode, &emptied)?;
            // Without all frames there is no film.
            if done < to_draw {
                return Ok(None);
            }
            encoding.finish().map(Some)
        });
        let started = Instant::now();
        let mut outside = Duration::ZERO;
        let mut done = exported.kept_frames;
        let mut flow = on_frame(done);
        let mut drawn = Ok(());
        for range in missing {
            if let Some(clock) = clock
                && film.films_camera(fps, range.clone())
            {
                let begin = Duration::from_secs_f64(range.start as f64 / f64::from(fps));
                flow = wait_until(clock + begin, || on_frame(done));
            }
            if flow.is_break() || drawn.is_err() {
                break;
            }
            drawn = film.export(fps, range, |frame| {
                let left = Instant::now();
                flow = hand_over(&frame, &to_fill, &filled);
                outside += left.elapsed();
                flow?;
                done += 1;
                flow = on_frame(done);
                flow
            });
        }
        exported.drawing = started.elapsed().saturating_sub(outside);
        drop(filled);
        // A panic of the other thread goes on here, as if it had drawn and encoded in one.
        let encoded: Result<_, ExportError> = second
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match encoded? {
            // Broken off after the last frame, it is whole all the same.
            Some(work) => {
                exported.encoding = work.encoding;
                exported.writing = work.writing;
                Ok(exported)
            }
            None => Err(drawn
                .err()
                .map_or(ExportError::BrokenOff, ExportError::Render)),
        }
    })
}

/// Lets the cameras of a film be recorded from now on, and gives the moment at which its clock is
/// at 0: when the first of them showed its first picture.
fn film_cameras(
    film: &mut Film<'_>,
    plan: &ExportPlan<'_>,
    mut wanted: impl FnMut() -> bool,
) -> Result<Option<Instant>, ExportError> {
    let cameras = film.cameras();
    if cameras.is_empty() || !plan.cameras {
        return Ok(None);
    }
    let folder = match plan.path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let length = Duration::from_secs_f64(film.duration_s());
    let mut goes_on = true;
    let recordings = Recordings::open(&cameras, folder, length, || {
        goes_on = wanted();
        goes_on
    });
    let recordings = match recordings {
        Err(_) if !goes_on => return Err(ExportError::BrokenOff),
        recordings => recordings?,
    };
    let clock = recordings.clock();
    film.set_cameras(Box::new(recordings));
    Ok(clock)
}

/// Waits while `wanted`: what is taken over from an earlier run takes no time, and the cameras'
/// time passes all the same.
fn wait_until(end: Instant, mut wanted: impl FnMut() -> ControlFlow<()>) -> ControlFlow<()> {
    const HEARTBEAT: Duration = Duration::from_millis(200);
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        wanted()?;
        thread::sleep(left.min(HEARTBEAT));
    }
    ControlFlow::Continue(())
}

/// A frame on its way: its number and its three planes, one after the other.
type Filled = (u64, Vec<u8>);

fn hand_over(
    frame: &fabula_render::YuvFrame<'_>,
    to_fill: &Receiver<Vec<u8>>,
    filled: &SyncSender<Filled>,
) -> ControlFlow<()> {
    // Either end is gone only when encoding has failed.
    let Ok(mut planes) = to_fill.recv() else {
        return ControlFlow::Break(());
    };
    planes.clear();
    for plane in [frame.y, frame.u, frame.v] {
        planes.extend_from_slice(plane);
    }
    match filled.send((frame.index, planes)) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Work {
    encoding: Duration,
    writing: Duration,
}

/// The frame at which each segment ends.
fn ends(segments: &[Segment]) -> Vec<u64> {
    let ends = segments.iter().scan(0, |end, segment| {
        *end += segment.frame_count;
        Some(*end)
    });
    ends.collect()
}

/// What the second thread does.
struct Encoding<'a> {
    plan: &'a ExportPlan<'a>,
    ends: Vec<u64>,
    /// The encoder of the first segment.
    first: Option<Box<dyn Encoder>>,
    writer: Mp4Writer,
    work: Work,
}

impl Encoding<'_> {
    /// Encodes and writes what comes, and gives how many frames that were.
    fn encode_frames(
        &mut self,
        to_encode: &Receiver<Filled>,
        emptied: &SyncSender<Vec<u8>>,
    ) -> Result<u64, ExportError> {
        let VideoSettings { width, height, .. } = self.plan.video;
        let mut encoder: Option<Box<dyn Encoder>> = None;
        let mut done = 0;
        for (index, planes) in to_encode {
            let began = Instant::now();
            let mut current = match encoder.take() {
                Some(current) => current,
                None => self.next_encoder()?,
            };
            let packet = current.encode(I420::from_packed(width, height, &planes)?, index)?;
            let encoded = Instant::now();
            if let Some(packet) = packet {
                self.writer.write(&packet)?;
            }
            if self.ends.binary_search(&(index + 1)).is_ok() {
                for packet in current.finish()? {
                    self.writer.write(&packet)?;
                }
            } else {
                encoder = Some(current);
            }
            self.work.encoding += encoded - began;
            self.work.writing += encoded.elapsed();
            done += 1;
            // The drawing thread needs no more buffers after its last frame.
            let _ = emptied.send(planes);
        }
        Ok(done)
    }

    /// An encoder that knows nothing of what came before.
    fn next_encoder(&mut self) -> Result<Box<dyn Encoder>, EncodeError> {
        match self.first.take() {
            Some(first) => Ok(first),
            None => Ok(fabula_encode::open(self.plan.encoder, &self.plan.video)?.encoder),
        }
    }

    fn finish(mut self) -> Result<Work, ExportError> {
        let began = Instant::now();
        self.writer.finish()?;
        self.work.writing += began.elapsed();
        Ok(self.work)
    }
}
