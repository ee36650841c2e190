//! `fabula batch`: many stories become films, on one GPU and with one set of networks.
//!
//! A film that fails does not stop the others. What became of each stands in `report.json` and
//! `report.html` beside the films, which are written anew whenever a film is done.

mod inputs;
mod report;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use fabula::Views;
use fabula_encode::EncoderChoice;
use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuKind};
use fabula_story::Storyboard;

use crate::backdrops::Backdrops;
use crate::cli::{BatchArgs, StoryArg};
use crate::commands::{pictures, render};
use crate::console::{BatchProgress, Console};
use crate::failure::{Cause, Failure};
use crate::interrupt::{self, UnfinishedOutput};
use crate::output;
use crate::source::{Networks, Source};
use inputs::Item;
use report::{Entry, Made, Report, State};

/// Where the pictures of the report are, beside it.
const PICTURES: &str = "report";
/// Longer side of such a picture in pixels.
const PICTURE_SIDE_PX: u32 = 480;
/// Which picture of a film stands for it, as a share of its length.
const PICTURE_AT: f64 = 0.4;

pub fn run(args: &BatchArgs, console: &Console) -> Result<(), Failure> {
    let encoder = render::encoder_choice(args.film.encoder);
    let art = args.art.read()?;
    let items = inputs::items(args)?;
    fs::create_dir_all(args.output.join(PICTURES))
        .map_err(|error| Failure::output(&args.output, &error))?;
    let gpu = Gpu::open(&args.gpu.choice)?.with_art(art);
    // From here on Ctrl-C lets the report be written.
    let unfinished = UnfinishedOutput::begin();
    let batch = Batch {
        args,
        encoder,
        gpu: &gpu,
        networks: Networks::default(),
        progress: console.batch(items.len()),
        entries: Mutex::new(items.iter().map(waiting).collect()),
        next: AtomicUsize::new(0),
        items: &items,
    };
    thread::scope(|scope| {
        for _ in 0..batch.workers() {
            scope.spawn(|| batch.work());
        }
    });
    let report = batch.write_report()?;
    drop((batch, unfinished));

    let page = args.output.join("report.html");
    let line = format!("{}; see {}", report.summary(), page.display());
    if interrupt::requested() && report.waiting > 0 {
        return Err(Failure::interrupted_with_segments().and(&line));
    }
    // The gravest of the codes that `fabula render` would have ended with.
    let failures: BTreeSet<Cause> = report.films.iter().filter_map(cause_of).collect();
    match failures.last() {
        None => {
            let software = match gpu.description().kind {
                GpuKind::Cpu => "; drawn in software",
                _ => "",
            };
            console.summary(&format!("{line}{software}"));
            Ok(())
        }
        Some(cause) => Err(Failure {
            cause: *cause,
            message: line,
        }),
    }
}

fn cause_of(entry: &Entry) -> Option<Cause> {
    Cause::ALL
        .into_iter()
        .find(|cause| *cause as u8 == entry.exit_code)
}

/// What the threads of a batch share.
struct Batch<'a> {
    args: &'a BatchArgs,
    encoder: EncoderChoice,
    gpu: &'a Gpu,
    networks: Networks,
    progress: BatchProgress<'a>,
    items: &'a [Item],
    /// The item that nobody has begun.
    next: AtomicUsize,
    entries: Mutex<Vec<Entry>>,
}

impl Batch<'_> {
    /// How many films are made at once.
    fn workers(&self) -> usize {
        usize::from(self.args.jobs).min(self.items.len())
    }

    /// Makes one film after the other until there are none left.
    fn work(&self) {
        while !interrupt::requested() {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = self.items.get(number) else {
                return;
            };
            // A defect that one story brings to light leaves the others alone.
            let outcome = panic::catch_unwind(AssertUnwindSafe(|| self.make(number, item)))
                .unwrap_or_else(|panic| Err(Failure::of_panic(panic.as_ref())));
            if interrupt::requested() && outcome.is_err() {
                return;
            }
            let entry = entry(item, outcome);
            self.progress
                .done(number, &entry_line(&entry), entry.exit_code != 0);
            self.entries.lock().unwrap_or_else(PoisonError::into_inner)[number] = entry;
            // The last report tells if this one cannot be written.
            drop(self.write_report());
        }
    }

    fn make(&self, number: usize, item: &Item) -> Result<Made, Failure> {
        let started = Instant::now();
        let path = self.args.output.join(&item.film);
        output::check_target(&path, self.args.force || self.args.resume, &item.story)?;
        if item.story.as_os_str() == "-" {
            return Err(Failure::usage("a batch reads files, not standard input"));
        }
        let story = StoryArg {
            path: item.story.clone(),
            device: self.args.device,
            models: self.args.models.clone(),
            no_cache: self.args.no_cache,
            cast: None,
        };
        let source = Source::read_with(&story, &self.networks)?;
        let mut board = source.into_board(item.title.as_deref());
        item.args.highlight.apply(&mut board);
        let backdrops = Backdrops::open(&board, &item.story)?;
        let order = render::Order {
            board: &board,
            backdrops: &backdrops,
            path: &path,
            size: item.size,
            args: &item.args,
            encoder: self.encoder,
            force: self.args.force,
            resume: self.args.resume,
            films_at_once: self.workers(),
        };
        let exported = order.make(self.gpu, |done, total| {
            self.progress.show(number, &item.film, done, total);
        })?;
        let size_bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        // A film without a picture of it is a film all the same.
        let picture = self.picture(item, &board, &backdrops);
        if let Err(failure) = &picture {
            tracing::warn!("{} has no picture: {}", item.film, failure.message);
        }
        Ok(Made {
            title: board.title.clone(),
            length_s: exported.frame_count as f64 / f64::from(item.args.fps),
            frames: exported.frame_count,
            kept_frames: exported.kept_frames,
            size_bytes,
            took_s: (started.elapsed().as_secs_f64() * 10.0).round() / 10.0,
            encoder: exported.encoder,
            fallbacks: exported.fallbacks,
            picture: picture.ok(),
        })
    }

    /// Draws the picture that stands for a film in the report.
    fn picture(
        &self,
        item: &Item,
        board: &Storyboard,
        backdrops: &Arc<Backdrops>,
    ) -> Result<String, Failure> {
        let stem = Path::new(&item.film).file_stem().unwrap_or_default();
        let name = format!("{PICTURES}/{}.png", stem.to_string_lossy());
        let captions = item.args.captions.burned();
        let size = small(item.size)?;
        let mut film = Film::new(self.gpu, board, size, FilmOptions { captions })?;
        film.set_backdrops(backdrops.clone());
        Views::waiting().stand_behind(&mut film)?;
        let picture = film.still(film.duration_s() * PICTURE_AT)?;
        pictures::write_png(&self.args.output.join(&name), &picture)?;
        Ok(name)
    }

    fn write_report(&self) -> Result<Report, Failure> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let report = Report::new(entries.clone());
        let path = |name: &str| -> PathBuf { self.args.output.join(name) };
        output::write_last(&path("report.json"), report.to_json().as_bytes())?;
        output::write_last(&path("report.html"), report.to_html().as_bytes())?;
        Ok(report)
    }
}

/// A small size of the same shape.
fn small(size: FrameSize) -> Result<FrameSize, Failure> {
    let longer = size.width().max(size.height());
    let scale = (f64::from(PICTURE_SIDE_PX) / f64::from(longer)).min(1.0);
    let side = |px: u32| ((f64::from(px) * scale / 2.0).round() as u32 * 2).max(16);
    Ok(FrameSize::new(side(size.width()), side(size.height()))?)
}

fn waiting(item: &Item) -> Entry {
    Entry {
        story: item.story.display().to_string(),
        film: item.film.clone(),
        state: State::Waiting,
        exit_code: 0,
        error: None,
        made: None,
    }
}

fn entry(item: &Item, outcome: Result<Made, Failure>) -> Entry {
    match outcome {
        Ok(made) => Entry {
            state: if made.kept_frames == made.frames {
                State::Kept
            } else {
                State::Made
            },
            made: Some(made),
            ..waiting(item)
        },
        Err(failure) => Entry {
            state: State::Failed,
            exit_code: failure.cause as u8,
            error: Some(failure.message),
            ..waiting(item)
        },
    }
}

/// What is said when a film is done.
fn entry_line(entry: &Entry) -> String {
    match (&entry.made, &entry.error) {
        (Some(made), _) if entry.state == State::Kept => {
            format!(
                "{}: {}, there already",
                entry.film,
                render::clock(made.length_s)
            )
        }
        (Some(made), _) => format!(
            "{}: {}, made in {}",
            entry.film,
            render::clock(made.length_s),
            render::clock(made.took_s)
        ),
        (None, error) => format!("{}: {}", entry.film, error.as_deref().unwrap_or_default()),
    }
}
