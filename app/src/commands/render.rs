//! `fabula render`: a story or a storyboard becomes a film.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use fabula::{ExportError, ExportPlan, Exported, export};
use fabula_encode::{EncodeError, EncoderChoice, Mp4Error, VideoSettings};
use fabula_render::{Film, FilmOptions, Gpu, GpuChoice, GpuDescription, GpuKind};

use crate::captions;
use crate::cli::{EncoderArg, RenderArgs};
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::{self, UnfinishedOutput};
use crate::output;
use crate::source::Source;

pub fn run(args: &RenderArgs, console: &Console) -> Result<(), Failure> {
    let started = Instant::now();
    let encoder = encoder_choice(args.encoder)?;
    output::check_target(&args.output, args.force, &args.story.path)?;
    if args.captions.sidecar() {
        for path in sidecars(&args.output) {
            output::check_target(&path, args.force, &args.story.path)?;
        }
    }

    let source = Source::read(&args.story, console)?;
    let board = source.into_board(args.picture.title.as_deref());
    let gpu = Gpu::open(&args.picture.gpu.choice)?;
    let size = args.picture.size;
    let options = FilmOptions {
        captions: args.captions.burned(),
    };
    let mut film = Film::new(&gpu, &board, size, options)?;
    let mut video = VideoSettings::new(size.width(), size.height(), args.fps, args.quality.into());
    if let Some(bitrate_bps) = args.bitrate {
        video.bitrate_bps = bitrate_bps;
    }

    let unfinished = UnfinishedOutput::begin();
    let mut progress = console.frames(film.frame_count(args.fps));
    let plan = ExportPlan {
        path: &args.output,
        video,
        encoder,
        title: &board.title,
        overwrite: args.force,
    };
    let exported = export(&mut film, &plan, |done| {
        progress.show(done);
        if interrupt::requested() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .map_err(failure)?;
    drop(unfinished);
    drop(progress);

    if args.captions.sidecar() {
        let [srt, vtt] = sidecars(&args.output);
        output::write(&srt, captions::srt(&board).as_bytes())?;
        output::write(&vtt, captions::vtt(&board).as_bytes())?;
    }
    let length_s = exported.frame_count as f64 / f64::from(args.fps);
    let speed = length_s / started.elapsed().as_secs_f64().max(1e-3);
    tracing::info!(
        drawing_s = exported.drawing.as_secs_f64(),
        encoding_s = exported.encoding.as_secs_f64(),
        writing_s = exported.writing.as_secs_f64(),
        "finished"
    );
    console.summary(&format!(
        "{}: {} of film, {speed:.2}x real time; GPU {}; encoder {}{}",
        args.output.display(),
        clock(length_s),
        gpu.description(),
        exported.encoder,
        fallbacks(&exported, gpu.description(), &args.picture.gpu.choice),
    ));
    Ok(())
}

/// The encoder that is asked for, if this version has it.
fn encoder_choice(encoder: EncoderArg) -> Result<EncoderChoice, Failure> {
    match encoder {
        EncoderArg::Auto => Ok(EncoderChoice::Auto),
        EncoderArg::Nvenc => Ok(EncoderChoice::Nvenc),
        EncoderArg::Openh264 => Ok(EncoderChoice::OpenH264),
        EncoderArg::Vulkan => Err(Failure::device(
            "encoder vulkan is not part of this version; choose another with --encoder, such as \
             openh264",
        )),
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

/// A film that was not exported, as a failure of a command.
pub fn failure(error: ExportError) -> Failure {
    match error {
        ExportError::Render(error) => error.into(),
        ExportError::Encode(EncodeError::Unavailable { .. }) => {
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
fn clock(length_s: f64) -> String {
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
