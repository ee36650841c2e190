//! The way from a film to its file: one thread draws, the other encodes and writes.
//!
//! The film is made in segments that stand alone, each with an encoder of its own. A run that is
//! broken off leaves those that it finished, and the next one goes on from there: what it makes is
//! the same film to the last byte. In the same way the film goes on where hardware that encodes
//! fails: the segment that it left unfinished is drawn again for the next kind of encoder.

use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use fabula_encode::{
    EncodeError, Encoder, EncoderChoice, Encoders, FilmSettings, I420, Mp4Error, Mp4Writer,
    Segment, VideoSettings, finished_film,
};
use fabula_live::LiveError;
use fabula_render::{Film, RenderError};

use crate::cameras::Recordings;
use crate::chapters::chapters;
use crate::segments::segments;

/// Frames between the two threads: one being filled, two waiting, one being encoded.
const FRAMES_IN_FLIGHT: usize = 4;

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
    /// Name of the encoder; `nvenc, then openh264` if one took over from the other.
    pub encoder: String,
    /// Why no better encoder was taken, and what failed on the way, a sentence each.
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
/// [`discard_begun`](fabula_encode::discard_begun). Where hardware that encodes fails, `on_frame`
/// learns that there are fewer frames again.
pub fn export(
    film: &mut Film<'_>,
    plan: &ExportPlan<'_>,
    mut on_frame: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Exported, ExportError> {
    let fps = plan.video.fps;
    let frame_count = film.frame_count(fps);
    let mut encoders = Encoders::choose(plan.encoder, &plan.video)?;
    let planned = segments(film, &plan.video, plan.encoder, &encoders.identity());
    let mut settings = FilmSettings {
        fps,
        title: Some(plan.title.to_owned()),
        chapters: chapters(film.board(), fps),
        expected_frames: frame_count,
        overwrite: plan.overwrite,
        segments: planned,
        resume: plan.resume,
    };
    let mut exported = Exported {
        frame_count,
        kept_frames: frame_count,
        encoder: encoders.name().to_owned(),
        fallbacks: encoders.reasons().to_vec(),
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
    let mut first_missing = None;
    loop {
        let writer = Mp4Writer::create(plan.path, &settings)?;
        let missing = writer.missing().to_vec();
        let to_draw: u64 = missing.iter().map(|range| range.end - range.start).sum();
        let kept_frames = frame_count - to_draw;
        if first_missing.is_none() {
            first_missing = missing.first().map(|range| range.start);
            exported.kept_frames = kept_frames;
        }
        let mut run = Run {
            plan,
            missing: &missing,
            kept_frames,
            ends: ends(&settings.segments),
            clock,
            times: &mut exported,
        };
        let Some(failed) = run.make(film, writer, &mut encoders, &mut on_frame)? else {
            return Ok(exported);
        };

        // What is finished stays as it is, and the next kind of encoder makes the rest.
        let before = encoders.name();
        encoders.step_down(failed.error)?;
        let start = segment_start(&settings.segments, failed.frame);
        replan(
            &mut settings.segments,
            segments(film, &plan.video, plan.encoder, &encoders.identity()),
            &missing,
            start,
        );
        settings.resume = true;
        exported.encoder = if first_missing == Some(start) {
            encoders.name().to_owned()
        } else {
            format!("{before}, then {}", encoders.name())
        };
        exported.fallbacks = encoders.reasons().to_vec();
    }
}

/// The hardware that encodes failed at this frame.
struct Failed {
    frame: u64,
    error: EncodeError,
}

/// One try to make all frames that are missing.
struct Run<'a> {
    plan: &'a ExportPlan<'a>,
    missing: &'a [Range<u64>],
    kept_frames: u64,
    /// The frame at which each segment ends.
    ends: Vec<u64>,
    /// When the film's clock is at 0 for its cameras, if it has any.
    clock: Option<Instant>,
    times: &'a mut Exported,
}

impl Run<'_> {
    /// Gives what failed, if the film can go on with another encoder.
    fn make(
        &mut self,
        film: &mut Film<'_>,
        writer: Mp4Writer,
        encoders: &mut Encoders,
        on_frame: &mut impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Option<Failed>, ExportError> {
        let VideoSettings {
            width, height, fps, ..
        } = self.plan.video;
        let to_draw: u64 = self
            .missing
            .iter()
            .map(|range| range.end - range.start)
            .sum();
        let mut encoding = Encoding {
            video: self.plan.video,
            ends: std::mem::take(&mut self.ends),
            encoders,
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
            let in_software = film.is_drawn_in_software();
            let second = scope.spawn(move || {
                if in_software {
                    give_way();
                }
                let encoded = encoding.encode_frames(&to_encode, &emptied);
                // The other thread has nobody to hand frames to any more.
                drop((to_encode, emptied));
                match encoded {
                    // Without all frames there is no film.
                    Ok(done) if done < to_draw => Ok(Ended::Early(encoding.work)),
                    Ok(_) => encoding.finish().map(Ended::Whole),
                    Err((frame, ExportError::Encode(error @ EncodeError::Hardware { .. }))) => {
                        Ok(Ended::Failed(encoding.work, Failed { frame, error }))
                    }
                    Err((_, error)) => Err(error),
                }
            });
            let started = Instant::now();
            let mut outside = Duration::ZERO;
            let mut done = self.kept_frames;
            let mut wanted = on_frame(done);
            let mut flow = wanted;
            let mut drawn = Ok(());
            for range in self.missing {
                if flow.is_break() || drawn.is_err() {
                    break;
                }
                if let Some(clock) = self.clock
                    && film.films_camera(fps, range.clone())
                {
                    let left = Instant::now();
                    let begin = Duration::from_secs_f64(range.start as f64 / f64::from(fps));
                    wanted = wait_until(clock + begin, || on_frame(done));
                    flow = wanted;
                    outside += left.elapsed();
                    if flow.is_break() {
                        break;
                    }
                }
                drawn = film.export(fps, range.clone(), |frame| {
                    let left = Instant::now();
                    flow = hand_over(&frame, &to_fill, &filled);
                    outside += left.elapsed();
                    flow?;
                    done += 1;
                    wanted = on_frame(done);
                    flow = wanted;
                    flow
                });
            }
            self.times.drawing += started.elapsed().saturating_sub(outside);
            drop(filled);
            // A panic of the other thread goes on here, as if it had drawn and encoded in one.
            let encoded: Result<_, ExportError> = second
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let ended = encoded?;
            let (Ended::Whole(work) | Ended::Early(work) | Ended::Failed(work, _)) = &ended;
            self.times.encoding += work.encoding;
            self.times.writing += work.writing;
            match ended {
                // Broken off after the last frame, it is whole all the same.
                Ended::Whole(_) => Ok(None),
                Ended::Failed(_, failed) if wanted.is_continue() => Ok(Some(failed)),
                Ended::Early(_) | Ended::Failed(..) => Err(drawn
                    .err()
                    .map_or(ExportError::BrokenOff, ExportError::Render)),
            }
        })
    }
}

/// Lets other threads of this process go first from now on.
///
/// A software GPU draws on all cores, and by turns on one: encoding then fills the gaps instead of
/// holding drawing up, which takes 8 % less time on two cores. Only Linux knows priorities of
/// single threads under POSIX's name; elsewhere nothing is done.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        /// Of 19 steps down; at the last, encoding falls behind where others need the machine too.
        const STEPS_DOWN: i32 = 10;
        // Refused or not, the film is the same.
        let _ = rustix::process::setpriority_process(None, STEPS_DOWN);
    }
}

/// How the second thread ended.
enum Ended {
    Whole(Work),
    Early(Work),
    Failed(Work, Failed),
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
pub(crate) fn ends(segments: &[Segment]) -> Vec<u64> {
    let ends = segments.iter().scan(0, |end, segment| {
        *end += segment.frame_count;
        Some(*end)
    });
    ends.collect()
}

/// The frame at which the segment of a frame begins.
fn segment_start(segments: &[Segment], frame: u64) -> u64 {
    let ends = ends(segments);
    let number = ends.partition_point(|end| *end <= frame);
    number.checked_sub(1).map_or(0, |before| ends[before])
}

/// Takes over, from the segment at `start` on, the new form of those that were `missing`.
fn replan(segments: &mut [Segment], new: Vec<Segment>, missing: &[Range<u64>], start: u64) {
    let mut at = 0;
    for (segment, new) in segments.iter_mut().zip(new) {
        if at >= start && missing.iter().any(|range| range.contains(&at)) {
            *segment = new;
        }
        at += segment.frame_count;
    }
}

/// What the second thread does.
struct Encoding<'a> {
    video: VideoSettings,
    ends: Vec<u64>,
    encoders: &'a mut Encoders,
    writer: Mp4Writer,
    work: Work,
}

impl Encoding<'_> {
    /// Encodes and writes what comes, and gives how many frames that were, or the frame at which
    /// it failed and why.
    fn encode_frames(
        &mut self,
        to_encode: &Receiver<Filled>,
        emptied: &SyncSender<Vec<u8>>,
    ) -> Result<u64, (u64, ExportError)> {
        let mut encoder: Option<Box<dyn Encoder>> = None;
        let mut done = 0;
        for (index, planes) in to_encode {
            self.encode_frame(&mut encoder, index, &planes)
                .map_err(|error| (index, error))?;
            done += 1;
            // The drawing thread needs no more buffers after its last frame.
            let _ = emptied.send(planes);
        }
        Ok(done)
    }

    /// Encodes a frame with the encoder of its segment, which is there but for the first frame.
    fn encode_frame(
        &mut self,
        encoder: &mut Option<Box<dyn Encoder>>,
        index: u64,
        planes: &[u8],
    ) -> Result<(), ExportError> {
        let VideoSettings { width, height, .. } = self.video;
        let began = Instant::now();
        let mut current = match encoder.take() {
            Some(current) => current,
            None => self.encoders.open_at(index)?,
        };
        let mut packets =
            Vec::from_iter(current.encode(I420::from_packed(width, height, planes)?, index)?);
        if self.ends.binary_search(&(index + 1)).is_ok() {
            packets.extend(current.finish()?);
        } else {
            *encoder = Some(current);
        }
        let encoded = Instant::now();
        for packet in packets {
            self.writer.write(&packet)?;
        }
        self.work.encoding += encoded - began;
        self.work.writing += encoded.elapsed();
        Ok(())
    }

    fn finish(mut self) -> Result<Work, ExportError> {
        let began = Instant::now();
        self.writer.finish()?;
        self.work.writing += began.elapsed();
        Ok(self.work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fabula_encode::SegmentId;

    #[test]
    fn only_what_is_still_missing_is_planned_anew() {
        let segment = |id: u8, frame_count| Segment {
            id: SegmentId([id; 32]),
            frame_count,
        };
        let lens = [100, 120, 96, 150, 110];
        let planned = |id| lens.map(|len| segment(id, len)).to_vec();
        let ids = |segments: &[Segment]| -> Vec<u8> {
            segments.iter().map(|segment| segment.id.0[0]).collect()
        };
        // The fourth was left by an earlier run; the failure is in the third, at its first frame,
        // in its middle and at its last.
        for frame in [220, 260, 315] {
            let mut segments = planned(1);
            let start = segment_start(&segments, frame);
            assert_eq!(start, 220);
            replan(&mut segments, planned(2), &[0..316, 466..576], start);
            assert_eq!(ids(&segments), [1, 1, 2, 1, 2], "at {frame}");
        }
        assert_eq!(segment_start(&planned(1), 0), 0);
        assert_eq!(segment_start(&planned(1), 99), 0);
        assert_eq!(segment_start(&planned(1), 575), 466);
    }
}
