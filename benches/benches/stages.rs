//! The speed of each stage by itself, in full HD. Those that need a device are left out, with a
//! word on standard error, where there is none.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should stop"
)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fabula_encode::{EncoderChoice, I420, Quality, VideoSettings};
use fabula_nlp::document;
use fabula_nlp::reading::Reader;
use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice};
use fabula_story::{Actor, Facing, Framing, Pose, Role, Storyboard};

const STORY: &str = include_str!("../../assets/stories/the-fox-and-the-lantern.txt");
const FPS: u32 = 24;
/// One second of film is encoded at a time.
const ENCODED_FRAMES: u64 = 24;

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Bytes(STORY.len() as u64));
    group.bench_function("document", |bencher| {
        bencher.iter(|| document::read_bytes(black_box(STORY.as_bytes()), "story.txt"));
    });
    let document = document::read_bytes(STORY.as_bytes(), "story.txt").unwrap();
    group.bench_function("story", |bencher| {
        bencher.iter(|| Reader::rules().read(black_box(&document)));
    });
    group.finish();
}

fn directing(criterion: &mut Criterion) {
    let document = document::read_bytes(STORY.as_bytes(), "story.txt").unwrap();
    let story = Reader::rules().read(&document).unwrap();
    let options = fabula_direct::Options { title: None };
    criterion.bench_function("direct", |bencher| {
        bencher.iter(|| fabula_direct::direct(black_box(&story), &options));
    });
}

fn pictures(criterion: &mut Criterion) {
    let gpu = match Gpu::open(&GpuChoice::Auto) {
        Ok(gpu) => gpu,
        Err(error) => {
            eprintln!("drawing, converting and encoding are left out: {error}");
            return;
        }
    };
    let document = document::read_bytes(STORY.as_bytes(), "story.txt").unwrap();
    let story = Reader::rules().read(&document).unwrap();
    let board = fabula_direct::direct(&story, &fabula_direct::Options { title: None });
    let size = FrameSize::FULL_HD;
    let mut film = Film::new(&gpu, &board, size, FilmOptions { captions: true }).unwrap();
    let middle = film.frame_count(FPS) / 2;
    let middle_s = middle as f64 / f64::from(FPS);

    let mut group = criterion.benchmark_group("frame");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(8));
    group.throughput(Throughput::Elements(1));
    group.bench_function("draw and read back", |bencher| {
        bencher.iter(|| film.still(black_box(middle_s)));
    });
    let picture = film.still(middle_s).unwrap();
    let mut planes = fabula::bench::empty_planes(picture.width, picture.height);
    group.bench_function("convert", |bencher| {
        bencher.iter(|| fabula::bench::convert(black_box(&picture), &mut planes));
    });

    let mut frames = Vec::new();
    let range = middle..(middle + ENCODED_FRAMES).min(film.frame_count(FPS));
    film.export(FPS, range, |frame| {
        frames.push(std::mem::take(frame.planes));
        ControlFlow::Continue(())
    })
    .unwrap();
    let video = VideoSettings::new(size.width(), size.height(), FPS, Quality::Standard);
    group.throughput(Throughput::Elements(frames.len() as u64));
    group.bench_function("encode a second", |bencher| {
        bencher.iter(|| {
            let mut encoder = fabula_encode::open(EncoderChoice::Auto, &video)
                .unwrap()
                .encoder;
            for (planes, index) in frames.iter().zip(0..) {
                let frame = I420::from_packed(size.width(), size.height(), planes).unwrap();
                black_box(encoder.encode(frame, index).unwrap());
            }
        });
    });
    group.finish();
}

/// A picture of one shot with so many figures, less one of the same shot without any.
fn crowds(criterion: &mut Criterion) {
    let Ok(gpu) = Gpu::open(&GpuChoice::Auto) else {
        return;
    };
    let document = document::read_bytes(STORY.as_bytes(), "story.txt").unwrap();
    let story = Reader::rules().read(&document).unwrap();
    let board = fabula_direct::direct(&story, &fabula_direct::Options { title: None });
    let mut group = criterion.benchmark_group("crowd");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(8));
    for figures in [0, 4, 200] {
        let crowd = crowd(&board, figures);
        let options = FilmOptions { captions: false };
        let mut film = Film::new(&gpu, &crowd, FrameSize::FULL_HD, options).unwrap();
        let middle_s = film.duration_s() / 2.0;
        group.bench_function(format!("{figures} figures"), |bencher| {
            bencher.iter(|| film.still(black_box(middle_s)));
        });
    }
    group.finish();
}

/// The storyboard's first scene with a single shot of so many of its roles, each a role of its own.
fn crowd(board: &Storyboard, figures: usize) -> Storyboard {
    let mut crowd = board.clone();
    let single = board.cast.iter().filter(|role| role.members.is_empty());
    crowd.cast = single
        .cycle()
        .zip(0..figures)
        .map(|(role, number)| Role {
            id: format!("c{number}"),
            name: format!("{} {number}", role.name),
            ..role.clone()
        })
        .collect();
    crowd.scenes.truncate(1);
    let scene = &mut crowd.scenes[0];
    scene.shots.truncate(1);
    let shot = &mut scene.shots[0];
    shot.framing = Framing::Wide;
    shot.focus.clear();
    shot.speech.clear();
    shot.captions.clear();
    let place = |number: usize| 1.6 * (number as f32 + 0.5) / figures as f32 - 0.8;
    shot.actors = (0..figures)
        .map(|number| Actor {
            role: format!("c{number}"),
            x: place(number),
            facing: Facing::Right,
            pose: Pose::Stand,
            cues: Vec::new(),
        })
        .collect();
    crowd
}

criterion_group!(stages, reading, directing, pictures, crowds);
criterion_main!(stages);
