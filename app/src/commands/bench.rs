//! `fabula bench`: how fast films are made here.

use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use fabula::bench::{BenchPlan, Cost, Measured, ROUNDS, excerpt, measure};
use fabula_encode::VideoSettings;
use fabula_render::{Film, FilmOptions, Gpu, GpuKind};
use fabula_story::{Storyboard, Timeline};
use serde::Serialize;

use crate::backdrops::Backdrops;
use crate::cli::{BenchArgs, ModelArgs, StoryArg};
use crate::commands::render::{encoder_choice, export_failure};
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::{self, UnfinishedOutput};
use crate::output;
use crate::source::{Networks, Source};

/// What is measured unless a story is named.
const SAMPLE: &str = include_str!("../../../assets/stories/two-goats-on-the-bridge.txt");
const SAMPLE_NAME: &str = "two-goats-on-the-bridge.txt";

#[derive(Serialize)]
struct Report {
    format: &'static str,
    version: &'static str,
    story: String,
    size: String,
    fps: u32,
    quality: String,
    frames: u64,
    length_s: f64,
    cores: usize,
    gpu: String,
    encoder: String,
    reading: Option<Reading>,
    opening_s: f64,
    stages: Vec<Stage>,
    pipeline: Pipeline,
    bound: BoundReport,
    efficiency: f64,
}

#[derive(Serialize)]
struct Reading {
    wall_s: f64,
    cpu_s: Option<f64>,
    words: usize,
    words_per_s: f64,
}

#[derive(Serialize)]
struct Stage {
    /// `draw`, `convert`, `encode` or `mux`.
    name: &'static str,
    wall_s: f64,
    cpu_s: Option<f64>,
    frames_per_s: f64,
}

/// All stages at once; the three in the middle are how long its threads were busy.
#[derive(Serialize)]
struct Pipeline {
    /// How many segments were encoded at once.
    lanes: usize,
    wall_s: f64,
    cpu_s: Option<f64>,
    frames_per_s: f64,
    times_real_time: f64,
    drawing_s: f64,
    encoding_s: f64,
    writing_s: f64,
    size_bytes: u64,
    peak_memory_mb: Option<u64>,
}

/// What the stages would allow together.
#[derive(Serialize)]
struct BoundReport {
    /// `cpu`, or the stage that is slowest: `draw`, `encode` or `mux`.
    by: &'static str,
    frames_per_s: f64,
}

pub fn run(args: &BenchArgs, console: &Console) -> Result<(), Failure> {
    let encoder = encoder_choice(args.encoder);
    let unfinished = UnfinishedOutput::begin();
    let folder = tempfile::Builder::new()
        .prefix("fabula-bench-")
        .tempdir()
        .map_err(|error| Failure::output(&std::env::temp_dir(), &error))?;
    let path = if let Some(path) = &args.story {
        path.clone()
    } else {
        let path = folder.path().join(SAMPLE_NAME);
        output::write(&path, SAMPLE.as_bytes())?;
        path
    };
    let (board, reading) = read(args, &path, console)?;
    interrupt::check()?;
    let backdrops = Backdrops::open(&board, &path)?;
    let board = excerpt(board, args.seconds);
    let gpu = Gpu::open(&args.gpu.choice)?;
    let software = gpu.description().kind == GpuKind::Cpu;
    let (width, height) = (args.size.width(), args.size.height());
    let plan = BenchPlan {
        video: VideoSettings::new(width, height, args.fps, args.quality.into()),
        encoder,
        folder: folder.path(),
        software,
    };
    let open = || {
        let mut film = Film::new(&gpu, &board, args.size, FilmOptions { captions: true })?;
        film.set_backdrops(backdrops.clone());
        Ok(film)
    };
    let total = ROUNDS * Timeline::new(&board).frame_count(args.fps);
    let mut progress = console.frames(total);
    let measured = measure(open, &plan, |done| {
        progress.show(done);
        if interrupt::requested() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    drop(progress);
    let measured = measured.map_err(export_failure)?;
    // Gone before it is told that all is done; that it could not be removed changes no figure.
    drop(folder);
    drop(unfinished);

    let report = report(args, &gpu, reading, &measured);
    let text = if args.json {
        serde_json::to_string_pretty(&report).map_err(Failure::internal)? + "\n"
    } else {
        table(&report)
    };
    output::print(&text)
}

/// The plan of the film, and what reading its story took, if there is one.
fn read(
    args: &BenchArgs,
    path: &Path,
    console: &Console,
) -> Result<(Storyboard, Option<Reading>), Failure> {
    let story = StoryArg {
        path: path.to_owned(),
        device: args.device,
        models: ModelArgs {
            emotion_model: None,
            ner_model: None,
        },
        no_cache: true,
        cast: None,
    };
    let wait = console.wait("reading the story");
    let (source, cost) = Cost::of(|| Source::read_with(&story, &Networks::default()));
    drop(wait);
    let source = source?;
    let reading = match &source {
        Source::Board(_) => None,
        Source::Story(story) => {
            let words = story.text.split_whitespace().count();
            Some(Reading {
                wall_s: seconds(cost.wall),
                cpu_s: cost.cpu.map(seconds),
                words,
                words_per_s: rate(words as f64, cost.wall),
            })
        }
    };
    Ok((source.into_board(None), reading))
}

fn report(args: &BenchArgs, gpu: &Gpu, reading: Option<Reading>, measured: &Measured) -> Report {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let software = gpu.description().kind == GpuKind::Cpu;
    let frames = measured.frame_count as f64;
    let length_s = frames / f64::from(args.fps);
    let stage = |name, cost: Cost| Stage {
        name,
        wall_s: seconds(cost.wall),
        cpu_s: cost.cpu.map(seconds),
        frames_per_s: rate(frames, cost.wall),
    };
    let bound = measured.bound(software, cores);
    let pipeline = measured.pipeline;
    let exported = &measured.exported;
    Report {
        format: "fabula.bench/1",
        version: env!("CARGO_PKG_VERSION"),
        story: match &args.story {
            Some(path) => path.display().to_string(),
            None => SAMPLE_NAME.to_owned(),
        },
        size: format!("{}x{}", args.size.width(), args.size.height()),
        fps: args.fps,
        quality: format!("{:?}", args.quality).to_lowercase(),
        frames: measured.frame_count,
        length_s,
        cores,
        gpu: gpu.description().to_string(),
        encoder: exported.encoder.clone(),
        reading,
        opening_s: seconds(measured.opening.wall),
        stages: measured
            .stages()
            .into_iter()
            .map(|(name, cost)| stage(name, cost))
            .collect(),
        pipeline: Pipeline {
            lanes: exported.lanes,
            wall_s: seconds(pipeline.wall),
            cpu_s: pipeline.cpu.map(seconds),
            frames_per_s: rate(frames, pipeline.wall),
            times_real_time: rate(length_s, pipeline.wall),
            drawing_s: seconds(exported.drawing),
            encoding_s: seconds(exported.encoding),
            writing_s: seconds(exported.writing),
            size_bytes: measured.size_bytes,
            peak_memory_mb: measured.peak_memory_mb,
        },
        bound: BoundReport {
            by: bound.by,
            frames_per_s: rate(frames, bound.time),
        },
        efficiency: rounded(measured.efficiency(bound)),
    }
}

fn seconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64())
}

/// So many a second.
fn rate(count: f64, time: Duration) -> f64 {
    rounded(count / time.as_secs_f64().max(1e-9))
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn table(report: &Report) -> String {
    let mut out = format!(
        "{}: {:.1} s, {} frames of {} at {} fps, {} quality\n\
         GPU {}; encoder {}; {} cores\n\n\
         {:<11}{:>10}{:>11}{:>12}\n",
        report.story,
        report.length_s,
        report.frames,
        report.size,
        report.fps,
        report.quality,
        report.gpu,
        report.encoder,
        report.cores,
        "alone",
        "time",
        "CPU time",
        "speed",
    );
    let mut line = |name: &str, wall_s: f64, cpu_s: Option<f64>, speed: f64, unit: &str| {
        let cpu = cpu_s.map_or("?".to_owned(), |cpu_s| format!("{cpu_s:.3} s"));
        let _ = writeln!(
            out,
            "{name:<11}{wall_s:>8.3} s{cpu:>11}{speed:>12.1} {unit}/s"
        );
    };
    if let Some(reading) = &report.reading {
        let Reading {
            wall_s,
            cpu_s,
            words_per_s,
            ..
        } = *reading;
        line("read", wall_s, cpu_s, words_per_s, "words");
    }
    for stage in &report.stages {
        let Stage {
            name,
            wall_s,
            cpu_s,
            frames_per_s,
        } = *stage;
        line(name, wall_s, cpu_s, frames_per_s, "frames");
    }
    let pipeline = &report.pipeline;
    line(
        "all at once",
        pipeline.wall_s,
        pipeline.cpu_s,
        pipeline.frames_per_s,
        "frames",
    );
    let bound = match report.bound.by {
        "cpu" => format!(
            "The CPU work of all stages, shared out among {} cores,",
            report.cores
        ),
        "draw" => "Drawing, the slowest stage,".to_owned(),
        "mux" => "Muxing, the slowest stage,".to_owned(),
        _ if pipeline.lanes > 1 => format!(
            "Encoding {} segments at once, the slowest stage,",
            pipeline.lanes
        ),
        _ => "Encoding, the slowest stage,".to_owned(),
    };
    let memory = pipeline
        .peak_memory_mb
        .map_or(String::new(), |mb| format!(", peak memory {mb} MB"));
    let _ = writeln!(
        out,
        "\n{bound} allows {:.1} frames/s: efficiency {:.2}\n\
         {:.2} times real time, {:.2} MB a second of film{memory}",
        report.bound.frames_per_s,
        report.efficiency,
        pipeline.times_real_time,
        pipeline.size_bytes as f64 / 1e6 / report.length_s.max(1e-9),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_a_story_of_more_than_ten_seconds() {
        let document = fabula_nlp::document::read_bytes(SAMPLE.as_bytes(), SAMPLE_NAME).unwrap();
        let story = fabula_nlp::reading::Reader::rules()
            .read(&document)
            .unwrap();
        let board = fabula_direct::direct(&story, &fabula_direct::Options { title: None });
        let short = excerpt(board.clone(), 10.0);
        short.check().unwrap();
        assert!(Timeline::new(&board).duration_s() > 20.0);
        assert!((7.0..=10.0).contains(&Timeline::new(&short).duration_s()));
    }
}
