use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use fabula_encode::{
    EncodeError, Encoder, EncoderChoice, FilmSettings, I420, Mp4Error, Mp4Writer, VideoSettings,
};
use fabula_render::{Film, RenderError};

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
}

/// A finished film.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Number of frames.
    pub frame_count: u64,
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
    /// The caller broke it off.
    #[error("the film was broken off")]
    BrokenOff,
}

/// Draws all frames of a film into an MP4 file. `on_frame` learns how many frames are drawn and
/// may break off, which leaves no file behind.
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
    let name = opened.encoder.name().to_owned();
    let settings = FilmSettings {
        fps,
        title: Some(plan.title.to_owned()),
        expected_frames: frame_count,
        overwrite: plan.overwrite,
    };
    let writer = Mp4Writer::create(plan.path, &settings)?;

    let (filled, to_encode) = mpsc::sync_channel(FRAMES_IN_FLIGHT);
    let (emptied, to_fill) = mpsc::sync_channel(FRAMES_IN_FLIGHT);
    for _ in 0..FRAMES_IN_FLIGHT {
        // The channel has room for all of them and its other end is below.
        let _ = emptied.send(Vec::with_capacity(I420::packed_len(width, height)));
    }
    thread::scope(|scope| {
        let second = scope.spawn(move || {
            let size = (width, height);
            encode_frames(
                opened.encoder,
                writer,
                size,
                frame_count,
                &to_encode,
                &emptied,
            )
        });
        let started = Instant::now();
        let mut outside = Duration::ZERO;
        let mut broken_off = false;
        let drawn = film.export(fps, 0..frame_count, |frame| {
            let left = Instant::now();
            let flow = hand_over(&frame, &to_fill, &filled);
            outside += left.elapsed();
            flow?;
            let flow = on_frame(frame.index + 1);
            broken_off |= flow.is_break();
            flow
        });
        let drawing = started.elapsed().saturating_sub(outside);
        drop(filled);
        // A panic of the other thread goes on here, as if it had drawn and encoded in one.
        let encoded = second
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match encoded? {
            Some(work) if !broken_off => Ok(Exported {
                frame_count,
                encoder: name,
                fallbacks: opened.reasons,
                drawing,
                encoding: work.encoding,
                writing: work.writing,
            }),
            _ => Err(drawn
                .err()
                .map_or(ExportError::BrokenOff, ExportError::Render)),
        }
    })
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

#[derive(Debug, Default)]
struct Work {
    encoding: Duration,
    writing: Duration,
}

/// Encodes and writes what comes. Without all frames there is no film, and nothing is given back.
fn encode_frames(
    mut encoder: Box<dyn Encoder>,
    mut writer: Mp4Writer,
    (width, height): (u32, u32),
    frame_count: u64,
    to_encode: &Receiver<Filled>,
    emptied: &SyncSender<Vec<u8>>,
) -> Result<Option<Work>, ExportError> {
    let mut work = Work::default();
    let mut done = 0;
    for (index, planes) in to_encode {
        let began = Instant::now();
        let packet = encoder.encode(I420::from_packed(width, height, &planes)?, index)?;
        let encoded = Instant::now();
        if let Some(packet) = packet {
            writer.write(&packet)?;
        }
        work.encoding += encoded - began;
        work.writing += encoded.elapsed();
        done += 1;
        // The drawing thread needs no more buffers after its last frame.
        let _ = emptied.send(planes);
    }
    if done < frame_count {
        return Ok(None);
    }
    let began = Instant::now();
    for packet in encoder.finish()? {
        writer.write(&packet)?;
    }
    writer.finish()?;
    work.writing += began.elapsed();
    Ok(Some(work))
}
