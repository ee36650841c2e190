//! `film-memory [MINUTES [FPS [STORY]]]`: the memory that a film of an hour takes, and one of a
//! minute.
//!
//! The text of a story, or else of all sample stories, again and again until it is long enough, is
//! read, staged, drawn in full HD and encoded by the code of the command, in a process of its own
//! for each of the two lengths. At one frame a second, unless it is said, that is done in
//! reasonable time: everything that could grow with the length is there (words, shots, segments;
//! with all stories cast and sets too), only the sample table, four bytes a frame, is shorter than
//! at 24.

use std::error::Error;
use std::ops::ControlFlow;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use fabula::bench::excerpt;
use fabula::{ExportPlan, export, memory};
use fabula_encode::{EncoderChoice, Quality, VideoSettings};
use fabula_nlp::document;
use fabula_nlp::reading::{DeviceChoice, Reader};
use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice};
use fabula_story::{Storyboard, Timeline};

const STORIES: [&str; 9] = [
    include_str!("../../../assets/stories/the-fox-and-the-lantern.txt"),
    include_str!("../../../assets/stories/two-goats-on-the-bridge.txt"),
    include_str!("../../../assets/stories/the-knocking-at-midnight.txt"),
    include_str!("../../../assets/stories/the-mouse-who-painted-the-moon.md"),
    include_str!("../../../assets/stories/the-boat-called-patience.txt"),
    include_str!("../../../assets/stories/pancakes-for-the-headmaster.txt"),
    include_str!("../../../assets/stories/the-princess-and-the-last-apple.txt"),
    include_str!("../../../assets/stories/the-robot-and-the-snowdrop.txt"),
    include_str!("../../../assets/stories/the-summer-i-spoke-to-the-mountain.txt"),
];
/// Words that certainly last for a minute of film.
const WORDS_A_MINUTE: usize = 180;
/// How often the memory is looked at in the course of a film.
const LOOKS: u64 = 6;
/// First argument of the process that makes a film.
const ONE: &str = "--one";

fn main() -> ExitCode {
    memory::give_large_buffers_back();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let made = match args.split_first() {
        Some((first, rest)) if first == ONE => Order::of(rest).and_then(|order| one(&order)),
        _ => Order::of(&args).and_then(|order| compare(&order)),
    };
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("film-memory: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What film is made.
struct Order {
    minutes: f64,
    fps: u32,
    /// The file with the story; all sample stories without it.
    story: Option<String>,
}

impl Order {
    fn of(args: &[String]) -> Result<Self, Box<dyn Error>> {
        if args.len() > 3 {
            return Err("give minutes, frames a second and a story, or less".into());
        }
        Ok(Self {
            minutes: args.first().map_or(Ok(60.0), |text| text.parse())?,
            fps: args.get(1).map_or(Ok(1), |text| text.parse())?,
            story: args.get(2).cloned(),
        })
    }
}

/// Makes a film of a minute and one of so many, each in a process of its own, whose last line is
/// its peak.
fn compare(order: &Order) -> Result<(), Box<dyn Error>> {
    let mut peaks_mb = Vec::new();
    for minutes in [1.0, order.minutes] {
        let output = Command::new(std::env::current_exe()?)
            .args([ONE, &minutes.to_string(), &order.fps.to_string()])
            .args(&order.story)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let (report, peak_mb) = text
            .trim_end()
            .rsplit_once('\n')
            .filter(|_| output.status.success())
            .ok_or("a film was not made")?;
        println!("{report}");
        peaks_mb.push(peak_mb.parse::<f64>()?);
    }
    let [short_mb, long_mb] = peaks_mb[..] else {
        return Err("two films were to be made".into());
    };
    println!(
        "\n{} minutes take {long_mb} MB, one minute takes {short_mb} MB: {:+.1} %",
        order.minutes,
        100.0 * (long_mb / short_mb - 1.0)
    );
    Ok(())
}

fn one(order: &Order) -> Result<(), Box<dyn Error>> {
    let fps = order.fps;
    let started = Instant::now();
    let target = std::env::temp_dir().join(format!("film-memory-{}.mp4", std::process::id()));
    let board = board(order)?;
    let read_mb = memory::peak_mb().ok_or("this system does not tell how much memory is taken")?;

    let gpu = Gpu::open(&GpuChoice::Auto)?;
    let size = FrameSize::FULL_HD;
    let mut film = Film::new(&gpu, &board, size, FilmOptions { captions: true })?;
    let plan = ExportPlan {
        path: &target,
        video: VideoSettings::new(size.width(), size.height(), fps, Quality::Standard),
        encoder: EncoderChoice::Auto,
        title: &board.title,
        overwrite: true,
        resume: false,
        cameras: false,
        films_at_once: 1,
        zero_copy: false,
    };
    let frame_count = film.frame_count(fps);
    let every = (frame_count / LOOKS).max(1);
    let mut taken_mb = Vec::new();
    export(&mut film, &plan, |done| {
        if done > 0 && done % every == 0 {
            taken_mb.push(memory::taken_mb().unwrap_or_default());
        }
        ControlFlow::Continue(())
    })?;
    std::fs::remove_file(&target)?;
    let peak_mb = memory::peak_mb().unwrap_or_default();
    let shots: usize = board.scenes.iter().map(|scene| scene.shots.len()).sum();
    println!(
        "{:.1} minutes at {fps} frames/s: {frame_count} frames of {}x{}, {} scenes, {shots} shots, \
         {} roles, in {:.0} s\n  peak {peak_mb} MB, {read_mb} MB of it when the story was read; \
         in the course of the film {taken_mb:?} MB\n{peak_mb}",
        film.duration_s() / 60.0,
        size.width(),
        size.height(),
        board.scenes.len(),
        board.cast.len(),
        started.elapsed().as_secs_f64(),
    );
    Ok(())
}

/// The plan of a film of the length that is ordered.
fn board(order: &Order) -> Result<Storyboard, Box<dyn Error>> {
    let minutes = order.minutes;
    let words_wanted = (minutes * WORDS_A_MINUTE as f64) as usize;
    let own = match &order.story {
        Some(path) => Some(std::fs::read_to_string(path)?),
        None => None,
    };
    let stories = own.as_deref().map_or(STORIES.to_vec(), |story| vec![story]);
    let mut text = String::new();
    let mut words = 0;
    for story in stories.iter().cycle() {
        if words >= words_wanted {
            break;
        }
        if story.trim().is_empty() {
            return Err("the story is empty".into());
        }
        text.push_str(story);
        text.push_str("\n\n");
        words += story.split_whitespace().count();
    }
    let document = document::read_bytes(text.as_bytes(), "long.txt")?;
    let story = Reader::open(DeviceChoice::Auto)?.read(&document)?;
    memory::give_back();
    let board = fabula_direct::direct(&story, &fabula_direct::Options { title: None });
    let length_s = Timeline::new(&board).duration_s();
    if length_s < minutes * 60.0 {
        return Err(format!("the text lasts for {length_s:.0} s only").into());
    }
    let board = excerpt(board, minutes * 60.0);
    board.check()?;
    Ok(board)
}
