//! What appears on standard error: log lines, progress, errors and the summary.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::{ConsoleArgs, LogFormat, ProgressKind};
use crate::log_file::LogFile;

/// Time between two lines of JSON progress.
const JSON_INTERVAL: Duration = Duration::from_millis(250);

/// What fabula itself says: by crate, and by what the studio is about.
const LOG_TARGETS: [&str; 10] = [
    "fabula",
    "fabula_live",
    "fabula_nlp",
    "fabula_render",
    "fabula_encode",
    "nlp.processing",
    "video.generation",
    "web.interface",
    "system.performance",
    "error.handling",
];

/// Standard error as this run uses it.
#[derive(Debug)]
pub struct Console {
    log_format: LogFormat,
    progress: ProgressKind,
    quiet: bool,
    verbose: u8,
    terminal: bool,
    bars: MultiProgress,
}

impl Console {
    /// Decides how progress is shown.
    pub fn open(args: &ConsoleArgs) -> Self {
        let terminal = io::stderr().is_terminal();
        let progress = match args.progress {
            ProgressKind::Auto if args.quiet || !terminal => ProgressKind::None,
            ProgressKind::Auto => ProgressKind::Bar,
            chosen => chosen,
        };
        let bars = MultiProgress::with_draw_target(match progress {
            ProgressKind::Bar => ProgressDrawTarget::stderr(),
            _ => ProgressDrawTarget::hidden(),
        });
        Self {
            log_format: args.log_format,
            progress,
            quiet: args.quiet,
            verbose: args.verbose,
            terminal,
            bars,
        }
    }

    /// Begins the log, on standard error and, if there is one, in a file.
    pub fn begin_log(&self, file: Option<LogFile>) {
        let shown = match (self.quiet, self.verbose) {
            (true, _) => levels("off", "off"),
            (false, 0) => levels("error", "warn"),
            (false, 1) => levels("warn", "info"),
            (false, _) => levels("info", "debug"),
        };
        // Who draws the frames of windows on Wayland complains of desktops without a portal.
        let shown = shown
            + if self.verbose == 0 {
                ",sctk_adwaita=off"
            } else {
                ""
            };
        let layer = fmt::layer().with_writer(LogWriter(self.bars.clone()));
        let layer = match self.log_format {
            LogFormat::Text => layer
                .without_time()
                .with_target(false)
                .with_ansi(self.terminal)
                .boxed(),
            LogFormat::Json => layer.json().boxed(),
        };
        let kept = match self.verbose {
            0 | 1 => levels("warn", "info"),
            _ => levels("info", "debug"),
        };
        let in_file = file.map(|file| {
            let layer = fmt::layer().with_writer(file).json();
            layer.with_filter(EnvFilter::new(kept))
        });
        // A logger can be set only once in a process, and nothing else sets one.
        let _ = tracing_subscriber::registry()
            .with(layer.with_filter(EnvFilter::new(shown)))
            .with(in_file)
            .try_init();
    }

    /// The last line of a command that went well.
    pub fn summary(&self, line: &str) {
        if self.quiet {
            return;
        }
        match self.log_format {
            LogFormat::Text => eprintln!("{line}"),
            LogFormat::Json => eprintln!("{}", json_line("INFO", line)),
        }
    }

    /// The one sentence of a command that failed.
    pub fn error(&self, sentence: &str) {
        match self.log_format {
            LogFormat::Text => eprintln!("fabula: {sentence}"),
            LogFormat::Json => eprintln!("{}", json_line("ERROR", sentence)),
        }
    }

    /// A wait of unknown length, such as reading; shown as a spinner on a terminal.
    pub fn wait(&self, what: &'static str) -> Wait {
        let bar = self.bars.add(ProgressBar::new_spinner().with_message(what));
        if self.progress == ProgressKind::Bar {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Wait(bar)
    }

    /// Progress through so many films.
    pub fn batch(&self, total: usize) -> BatchProgress<'_> {
        let style = ProgressStyle::with_template("{bar:32} film {pos}/{len}  {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(total as u64).with_style(style);
        BatchProgress {
            console: self,
            bar: self.bars.add(bar),
            state: Mutex::new(BatchState::default()),
            total,
        }
    }

    /// A line about something that is done while other things go on.
    fn note(&self, line: &str, is_error: bool) {
        if self.quiet && !is_error {
            return;
        }
        self.bars.suspend(|| match (self.log_format, is_error) {
            (LogFormat::Text, true) => eprintln!("fabula: {line}"),
            (LogFormat::Text, false) => eprintln!("{line}"),
            (LogFormat::Json, true) => eprintln!("{}", json_line("ERROR", line)),
            (LogFormat::Json, false) => eprintln!("{}", json_line("INFO", line)),
        });
    }

    /// A count of frames towards `total`.
    pub fn frames(&self, total: u64) -> Frames {
        self.frames_of(None, total)
    }

    /// The same for one film of several.
    fn frames_of(&self, item: Option<ItemOf>, total: u64) -> Frames {
        let style = ProgressStyle::with_template(
            "{bar:32} {percent:>3}%  frame {pos}/{len}  {per_sec}  {eta} left  {msg}",
        )
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key(
            "per_sec",
            |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{:.1} fps", state.per_sec());
            },
        );
        let name = item
            .as_ref()
            .map_or(String::new(), |item| item.film.clone());
        let bar = ProgressBar::new(total).with_style(style).with_message(name);
        let now = Instant::now();
        Frames {
            bar: self.bars.add(bar),
            item,
            json: self.progress == ProgressKind::Json,
            total,
            kept: None,
            started: now,
            last_line: now,
        }
    }
}

/// A filter: what others may say, and what fabula itself may. Those that take PDFs apart quote
/// what they read, so they say nothing.
fn levels(others: &str, ours: &str) -> String {
    LOG_TARGETS.iter().fold(
        format!("{others},lopdf=off,pdf_extract=off"),
        |levels, target| format!("{levels},{target}={ours}"),
    )
}

#[derive(Serialize)]
struct Line<'a> {
    level: &'a str,
    message: &'a str,
}

fn json_line(level: &str, message: &str) -> String {
    serde_json::to_string(&Line { level, message }).unwrap_or_default()
}

/// A spinner that goes away with its owner.
#[derive(Debug)]
pub struct Wait(ProgressBar);

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Progress through the frames of a film.
#[derive(Debug)]
pub struct Frames {
    bar: ProgressBar,
    item: Option<ItemOf>,
    json: bool,
    total: u64,
    /// The frames that were there from the start: they tell nothing about the speed.
    kept: Option<u64>,
    started: Instant,
    last_line: Instant,
}

#[derive(Serialize)]
struct ProgressLine<'a> {
    stage: &'static str,
    #[serde(flatten)]
    item: Option<&'a ItemOf>,
    done: u64,
    total: u64,
    unit: &'static str,
    fps: f64,
    eta_s: f64,
}

/// Which film of several it is about.
#[derive(Debug, Serialize)]
struct ItemOf {
    /// Counted from 1.
    item: usize,
    items: usize,
    film: String,
}

/// Progress through many films, some of them at once.
#[derive(Debug)]
pub struct BatchProgress<'a> {
    console: &'a Console,
    bar: ProgressBar,
    total: usize,
    state: Mutex<BatchState>,
}

#[derive(Debug, Default)]
struct BatchState {
    done: usize,
    failed: usize,
    /// By the number of the film.
    running: BTreeMap<usize, Frames>,
}

#[derive(Serialize)]
struct BatchLine {
    stage: &'static str,
    done: usize,
    total: usize,
    unit: &'static str,
    failed: usize,
}

impl BatchProgress<'_> {
    /// Says that so many frames of a film are finished.
    pub fn show(&self, number: usize, film: &str, done: u64, total: u64) {
        let new = || {
            let item = ItemOf {
                item: number + 1,
                items: self.total,
                film: film.to_owned(),
            };
            self.console.frames_of(Some(item), total)
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running.entry(number).or_insert_with(new).show(done);
    }

    /// Says what became of a film.
    pub fn done(&self, number: usize, line: &str, failed: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running.remove(&number);
        state.done += 1;
        state.failed += usize::from(failed);
        self.bar.set_position(state.done as u64);
        self.console.note(line, failed);
        if self.console.progress == ProgressKind::Json {
            let line = BatchLine {
                stage: "batch",
                done: state.done,
                total: self.total,
                unit: "films",
                failed: state.failed,
            };
            if let Ok(line) = serde_json::to_string(&line) {
                eprintln!("{line}");
            }
        }
    }
}

impl Drop for BatchProgress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Frames {
    /// Says that `done` frames are finished; the first time, those that an earlier run left.
    pub fn show(&mut self, done: u64) {
        let kept = *self.kept.get_or_insert_with(|| {
            self.bar.set_position(done);
            self.bar.reset_eta();
            done
        });
        self.bar.set_position(done);
        let now = Instant::now();
        if !self.json || (done < self.total && now - self.last_line < JSON_INTERVAL) {
            return;
        }
        self.last_line = now;
        let elapsed_s = (now - self.started).as_secs_f64().max(1e-3);
        let made = done.saturating_sub(kept);
        let fps = made as f64 / elapsed_s;
        let left = self.total.saturating_sub(done) as f64;
        let line = ProgressLine {
            stage: "render",
            item: self.item.as_ref(),
            done,
            total: self.total,
            unit: "frames",
            fps: round(fps, 10.0),
            eta_s: round(if made == 0 { 0.0 } else { left / fps }, 10.0),
        };
        if let Ok(line) = serde_json::to_string(&line) {
            eprintln!("{line}");
        }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn round(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

/// Log lines that do not tear a progress bar apart.
#[derive(Clone)]
struct LogWriter(MultiProgress);

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write_all(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogWriter {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
