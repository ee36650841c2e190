//! `fabula render`: a story or a storyboard becomes a film.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use fabula::{ExportError, ExportPlan, Exported, export};
use fabula_encode::{EncodeError, EncoderChoice, Mp4Error, VideoSettings};
use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice, GpuDescription, GpuKind};
use fabula_story::Storyboard;

use crate::backdrops::Backdrops;
use crate::captions;
use crate::cli::{EncoderArg, FilmArgs, RenderArgs, stand_before};
use crate::console::Console;
use crate::failure::{Cause, Failure};
use crate::interrupt::{self, UnfinishedOutput};
use crate::output;
use crate::source::Source;

pub fn run(args: &RenderArgs, console: &Console) -> Result<(), Failure> {
    let started = Instant::now();
    let encoder = encoder_choice(args.film.encoder);
    let camera = args.backdrop.camera()?;
    // With --resume, what is there may be the very film that is asked for.
    let replace = args.force || args.resume;
    output::check_target(&args.output, replace, &args.story.path)?;
    if args.film.captions.sidecar() {
        for path in sidecars(&args.output) {
            output::check_target(&path, replace, &args.story.path)?;
        }
    }

    let art = args.picture.art.read()?;
    let source = Source::read(&args.story, console)?;
    let mut board = source.into_board(args.picture.title.as_deref());
    args.film.highlight.apply(&mut board);
    stand_before(&mut board, camera);
    let backdrops = Backdrops::open(&board, &args.story.path)?;
    let gpu = Gpu::open(&args.picture.gpu.choice)?.with_art(art);
    let order = Order {
        board: &board,
        backdrops: &backdrops,
        path: &args.output,
        size: args.picture.size,
        args: &args.film,
        encoder,
        force: args.force,
        resume: args.resume,
        films_at_once: 1,
    };
    let mut progress = None;
    let exported = order.make(&gpu, |done, total| {
        progress
            .get_or_insert_with(|| console.frames(total))
            .show(done);
    })?;
    drop(progress);

    let fps = f64::from(args.film.fps);
    let length_s = exported.frame_count as f64 / fps;
    let made = exported.frame_count - exported.kept_frames;
    let speed = made as f64 / fps / started.elapsed().as_secs_f64().max(1e-3);
    tracing::info!(
        lanes = exported.lanes,
        drawing_s = exported.drawing.as_secs_f64(),
        encoding_s = exported.encoding.as_secs_f64(),
        writing_s = exported.writing.as_secs_f64(),
        "finished"
    );
    console.summary(&format!(
        "{}: {} of film{}, {speed:.2}x real time; GPU {}; encoder {}{}",
        args.output.display(),
        clock(length_s),
        match exported.kept_frames {
            0 => String::new(),
            kept => format!(" ({} of it made earlier)", clock(kept as f64 / fps)),
        },
        gpu.description(),
        exported.encoder,
        fallbacks(&exported, gpu.description(), &args.picture.gpu.choice),
    ));
    Ok(())
}

/// A film that is to be made of a storyboard.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    pub board: &'a Storyboard,
    pub backdrops: &'a Arc<Backdrops>,
    pub path: &'a Path,
    pub size: FrameSize,
    pub args: &'a FilmArgs,
    pub encoder: EncoderChoice,
    pub force: bool,
    pub resume: bool,
    /// How many films are made at once.
    pub films_at_once: usize,
}

impl Order<'_> {
    /// Makes the film and its caption files, unless Ctrl-C comes. `on_frame` learns how many
    /// frames there are, and of how many.
    pub fn make(&self, gpu: &Gpu, mut on_frame: impl FnMut(u64, u64)) -> Result<Exported, Failure> {
        let captions = self.captions();
        for (path, text) in &captions {
            self.check_captions(path, text)?;
        }
        let options = FilmOptions {
            captions: self.args.captions.burned(),
        };
        let mut film = Film::new(gpu, self.board, self.size, options)?;
        film.set_backdrops(self.backdrops.clone());
        let (width, height) = (self.size.width(), self.size.height());
        let mut video = VideoSettings::new(width, height, self.args.fps, self.args.quality.into());
        if let Some(bitrate_bps) = self.args.bitrate {
            video.bitrate_bps = bitrate_bps;
        }
        let plan = ExportPlan {
            path: self.path,
            video,
            encoder: self.encoder,
            title: &self.board.title,
            overwrite: self.force,
            resume: self.resume,
            cameras: true,
            films_at_once: self.films_at_once,
            zero_copy: self.args.zero_copy,
        };
        let total = film.frame_count(self.args.fps);
        let unfinished = UnfinishedOutput::begin();
        let exported = export(&mut film, &plan, |done| {
            on_frame(done, total);
            if interrupt::requested() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let exported = exported.map_err(|error| failure(error, fabula::is_begun(self.path)))?;
        drop(unfinished);
        for (path, text) in &captions {
            output::write(path, text.as_bytes())?;
        }
        Ok(exported)
    }

    /// The caption files that belong to the film, with their text.
    fn captions(&self) -> Vec<(PathBuf, String)> {
        if !self.args.captions.sidecar() {
            return Vec::new();
        }
        let [srt, vtt] = sidecars(self.path);
        vec![
            (srt, captions::srt(self.board)),
            (vtt, captions::vtt(self.board)),
        ]
    }

    /// Refuses to replace a caption file, unless that was asked for or changes nothing.
    fn check_captions(&self, path: &Path, text: &str) -> Result<(), Failure> {
        let is_same = || std::fs::read(path).is_ok_and(|old| old == text.as_bytes());
        if self.force || (self.resume && is_same()) {
            return Ok(());
        }
        output::check_target(path, false, Path::new("-"))
    }
}

/// The encoder that is asked for.
pub fn encoder_choice(encoder: EncoderArg) -> EncoderChoice {
    match encoder {
        EncoderArg::Auto => EncoderChoice::Auto,
        EncoderArg::Nvenc => EncoderChoice::Nvenc,
        EncoderArg::Vulkan => EncoderChoice::Vulkan,
        EncoderArg::Openh264 => EncoderChoice::OpenH264,
    }
}

/// What was not possible, after a semicolon each.
fn fallbacks(exported: &Exported, gpu: &GpuDescription, choice: &GpuChoice) -> String {
    let mut reasons = exported.fallbacks.clone();
    if gpu.kind == GpuKind::Cpu && *choice == GpuChoice::Auto {
        reasons.insert(0, "drawn in software: no hardware GPU was found".to_owned());
    }
    reasons.iter().flat_map(|reason| ["; ", reason]).collect()
}

/// The caption files of a film.
fn sidecars(film: &Path) -> [PathBuf; 2] {
    [film.with_extension("srt"), film.with_extension("vtt")]
}

/// What the person at the terminal is told; `begun` says that finished segments are kept.
fn failure(error: ExportError, begun: bool) -> Failure {
    if matches!(error, ExportError::BrokenOff) {
        return if begun {
            Failure::interrupted_with_segments()
        } else {
            Failure::interrupted()
        };
    }
    let failure = export_failure(error);
    if begun && failure.cause != Cause::Usage {
        failure.and("what is finished is kept, and the same command with --resume goes on")
    } else {
        failure
    }
}

/// Why there is no film, as the person at the terminal sees it.
pub fn export_failure(error: ExportError) -> Failure {
    match error {
        ExportError::Render(error) => error.into(),
        ExportError::Camera(error) => Failure::input(error),
        ExportError::Encode(EncodeError::Unavailable { .. } | EncodeError::Hardware { .. }) => {
            Failure::device(format!("{error}, with --encoder"))
        }
        ExportError::Encode(
            EncodeError::OddSize { .. }
            | EncodeError::Size { .. }
            | EncodeError::FrameRate { .. }
            | EncodeError::BitRate { .. },
        ) => Failure::usage(error),
        ExportError::Encode(error) => Failure::internal(error),
        ExportError::File(error @ Mp4Error::Exists { .. }) => {
            Failure::usage(format!("{error}, with --force"))
        }
        ExportError::File(error) if error.is_io() => Failure::write(error),
        ExportError::File(error) => Failure::internal(error),
        ExportError::BrokenOff => Failure::interrupted(),
    }
}

/// `12.5 s`, `3:05` or `1:02:03`.
pub fn clock(length_s: f64) -> String {
    let whole = length_s.round() as u64;
    let (s, m, h) = (whole % 60, whole / 60 % 60, whole / 3600);
    match (h, m) {
        (0, 0) => format!("{length_s:.1} s"),
        (0, _) => format!("{m}:{s:02} min"),
        _ => format!("{h}:{m:02}:{s:02} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_as_people_tell_them() {
        assert_eq!(clock(12.54), "12.5 s");
        assert_eq!(clock(185.2), "3:05 min");
        assert_eq!(clock(3723.0), "1:02:03 h");
    }

    #[test]
    fn captions_stand_beside_their_film() {
        let [srt, vtt] = sidecars(Path::new("out/my.film.mp4"));
        assert_eq!(
            (srt, vtt),
            ("out/my.film.srt".into(), "out/my.film.vtt".into())
        );
    }
}
