//! What is made beside playing: pictures as PNG and the film as MP4, each on a thread of its own,
//! in the film's size. Files get names that nothing else has, in the current folder.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fabula::{ExportPlan, export};
use fabula_encode::{EncoderChoice, Quality, VideoSettings};
use fabula_render::{Film, FilmOptions, FrameSize, Gpu};

use super::projector::Shared;
use super::stage::Loaded;
use crate::commands::pictures::write_png;
use crate::commands::render::export_failure;
use crate::failure::Failure;

/// What both need.
#[derive(Clone, Debug)]
pub struct Job {
    pub gpu: Arc<Gpu>,
    pub loaded: Arc<Loaded>,
    pub size: FrameSize,
    pub options: FilmOptions,
    /// Name of the story's file without folder and extension.
    pub name: String,
}

/// Saves the picture at a time.
pub fn save_still(shared: &Shared, job: &Job, time_s: f64) {
    let path = free_name(&format!("{}-{time_s:.2}s", job.name), "png");
    let gpu = job.gpu.with_art(job.loaded.art.clone());
    let drawn = Film::new(&gpu, &job.loaded.board, job.size, job.options)
        .and_then(|mut film| {
            film.set_backdrops(job.loaded.backdrops.clone());
            shared.cameras.stand_by(&mut film);
            film.still(time_s)
        })
        .map_err(Failure::from);
    let said = match drawn.and_then(|picture| write_png(&path, &picture)) {
        Ok(()) => format!("Saved {}", path.display()),
        Err(failure) => failure.message,
    };
    tracing::info!("{said}");
    shared.change(|stage, now| stage.remark(said, now));
}

/// Exports the film. Closing the window, or cancelling it in the panels, leaves no file.
pub fn export_film(shared: &Shared, job: &Job) {
    let path = free_name(&job.name, "mp4");
    let outcome = try_export(shared, job, &path);
    let cancelled = shared.lock().export.as_ref().is_some_and(|it| it.cancelled);
    let said = match outcome {
        Ok(()) => format!("Exported {}", path.display()),
        Err(_) if cancelled => "The export was cancelled; no file is left of it".to_owned(),
        Err(failure) => failure.message,
    };
    tracing::info!("{said}");
    shared.change(|stage, now| {
        stage.export = None;
        stage.remark(said, now);
    });
}

fn try_export(shared: &Shared, job: &Job, path: &Path) -> Result<(), Failure> {
    let fps = job.loaded.reel.fps;
    let (width, height) = (job.size.width(), job.size.height());
    let gpu = job.gpu.with_art(job.loaded.art.clone());
    let mut film = Film::new(&gpu, &job.loaded.board, job.size, job.options)?;
    film.set_backdrops(job.loaded.backdrops.clone());
    let total = film.frame_count(fps);
    let plan = ExportPlan {
        path,
        video: VideoSettings::new(width, height, fps, Quality::Standard),
        encoder: EncoderChoice::Auto,
        title: &job.loaded.board.title,
        overwrite: false,
        resume: false,
        cameras: true,
        films_at_once: 1,
        zero_copy: false,
    };
    let exported = export(&mut film, &plan, |done| {
        shared.change(|stage, _| {
            let export = stage.export.get_or_insert_default();
            export.done = done as f32 / total.max(1) as f32;
            if stage.quit || export.cancelled {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
    });
    if exported.is_err() {
        // Nobody would know of it here.
        fabula::discard_begun(path).map_err(|error| export_failure(error.into()))?;
    }
    exported.map(drop).map_err(export_failure)
}

/// `name.extension`, or `name-2.extension` and so on if that is taken.
fn free_name(name: &str, extension: &str) -> PathBuf {
    let first = PathBuf::from(format!("{name}.{extension}"));
    if !first.exists() {
        return first;
    }
    let mut number = 2u32;
    loop {
        let path = PathBuf::from(format!("{name}-{number}.{extension}"));
        if !path.exists() {
            return path;
        }
        number += 1;
    }
}
