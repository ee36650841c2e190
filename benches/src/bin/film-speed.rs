//! `film-speed STORY`: renders a story in full HD as the command does, and says where the time
//! went.
//!
//! Drawing and encoding run at the same time, so the stages together take longer than the film.

use std::error::Error;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fabula::{ExportPlan, export};
use fabula_benches::memory;
use fabula_encode::{EncoderChoice, Quality, VideoSettings};
use fabula_nlp::document;
use fabula_nlp::reading::{DeviceChoice, Reader};
use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice, GpuKind};

const FPS: u32 = 24;
/// Pictures over which the time of a conversion is averaged.
const CONVERSIONS: u32 = 20;

fn main() -> ExitCode {
    fabula::memory::give_large_buffers_back();
    let mut args = std::env::args_os().skip(1);
    let (Some(story), None) = (args.next(), args.next()) else {
        eprintln!("film-speed: give one story, such as assets/stories/the-fox-and-the-lantern.txt");
        return ExitCode::from(2);
    };
    match measure(Path::new(&story)) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("film-speed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(path: &Path) -> Result<String, Box<dyn Error>> {
    let started = Instant::now();
    let story = Reader::open(DeviceChoice::Auto)?.read(&document::read(path)?)?;
    fabula::memory::give_back();
    let reading = started.elapsed();

    let began = Instant::now();
    let board = fabula_direct::direct(&story, &fabula_direct::Options { title: None });
    let directing = began.elapsed();

    let began = Instant::now();
    let gpu = Gpu::open(&GpuChoice::Auto)?;
    let size = FrameSize::FULL_HD;
    let mut film = Film::new(&gpu, &board, size, FilmOptions { captions: true })?;
    let opening = began.elapsed();

    let target = std::env::temp_dir().join(format!("film-speed-{}.mp4", std::process::id()));
    let plan = ExportPlan {
        path: &target,
        video: VideoSettings::new(size.width(), size.height(), FPS, Quality::Standard),
        encoder: EncoderChoice::Auto,
        title: &board.title,
        overwrite: true,
        resume: false,
        cameras: false,
        films_at_once: 1,
        zero_copy: false,
    };
    let exported = export(&mut film, &plan, |_| ControlFlow::Continue(()))?;
    let whole = started.elapsed();
    let peak_memory = memory::peak();
    let file_mb = std::fs::metadata(&target)?.len() as f64 / 1e6;
    std::fs::remove_file(&target)?;

    let frames = exported.frame_count;
    let length_s = frames as f64 / f64::from(FPS);
    // A hardware GPU converts as it draws; in software the drawing thread does it afterwards,
    // and what that takes is measured with one frame of the film.
    let converting = if gpu.description().kind == GpuKind::Cpu {
        let picture = film.still(length_s / 2.0)?;
        let mut planes = fabula::bench::empty_planes(picture.width, picture.height);
        let began = Instant::now();
        for _ in 0..CONVERSIONS {
            fabula::bench::convert(&picture, &mut planes)?;
        }
        (began.elapsed() / CONVERSIONS)
            .mul_f64(frames as f64)
            .min(exported.drawing)
    } else {
        Duration::ZERO
    };
    let stages = [
        ("read", reading),
        ("direct", directing),
        ("open the GPU", opening),
        ("draw", exported.drawing.saturating_sub(converting)),
        ("convert", converting),
        ("encode", exported.encoding),
        ("write", exported.writing),
    ];
    let sum: Duration = stages.iter().map(|(_, time)| *time).sum();
    let mut report = format!(
        "{}: {length_s:.1} s, {frames} frames of {}x{} at {FPS} fps, {file_mb:.1} MB\n\
         GPU {}; encoder {}\n\n",
        path.display(),
        size.width(),
        size.height(),
        gpu.description(),
        exported.encoder,
    );
    for (stage, time) in stages {
        let share = 100.0 * time.as_secs_f64() / sum.as_secs_f64();
        writeln!(
            report,
            "{stage:<14}{:>9.3} s {share:>5.1} %",
            time.as_secs_f64()
        )?;
    }
    let whole_s = whole.as_secs_f64();
    writeln!(
        report,
        "\n{whole_s:.2} s in all: {:.1} frames/s, {:.2}x real time, {peak_memory}",
        frames as f64 / whole_s,
        length_s / whole_s,
    )?;
    Ok(report)
}
