//! `fabula preview`: the film plays in a window while the story is being written.
//!
//! What the player does is worked out without a window: `reel` knows what happens when, `player`
//! is the film clock, `keys` says what keys ask for, `overlay` what lies over the picture, `fit`
//! how the picture fits, `watch` whether a file has changed, and `stage` holds it all together. Three
//! threads share the stage: `window` hands on what a person does, `projector` draws, and the one
//! below reads the story again when it changes. `jobs` saves pictures and exports the film.

mod fit;
mod jobs;
mod keys;
mod overlay;
mod player;
mod projector;
mod reel;
mod stage;
mod watch;
mod window;

use std::ffi::OsStr;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use fabula_render::FilmOptions;
use serde::Serialize;
use winit::event_loop::{EventLoop, EventLoopProxy};

use crate::backdrops::Backdrops;
use crate::cli::{PreviewArgs, StoryArg, stand_before};
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::{self, UnfinishedOutput};
use crate::output;
use crate::source::{self, Networks, Source};
use player::{AtEnd, Player};
use projector::{Plan, Played, Shared};
use stage::{Loaded, Stage};
use watch::{Finding, LOOK_EVERY, Sight, Watch};
use window::{App, Message, WITHOUT};

/// What `--check` prints.
#[derive(Serialize)]
struct Report {
    fps: f64,
    frames: u64,
    dropped: u64,
    gpu: String,
    size: String,
}

pub fn run(args: &PreviewArgs, console: &Console) -> Result<(), Failure> {
    let path = args.story.path.as_path();
    let first_sight = sights(&args.story);
    let networks = Networks::default();
    let loaded = {
        let _wait = console.wait("reading the story");
        load(args, &networks)?
    };
    if args.at_s > loaded.reel.duration_s {
        return Err(Failure::usage(format!(
            "there is no picture at {} s: the film is {:.2} s long",
            args.at_s, loaded.reel.duration_s
        )));
    }
    let event_loop = open_event_loop()?;

    let at_end = if args.check_s.is_some() {
        AtEnd::Again
    } else {
        AtEnd::Hold
    };
    let player = Player::new(loaded.reel.clone(), args.at_s, at_end);
    let shared = Shared::new(Stage::new(player, loaded, args.picture.size));
    let plan = Plan {
        gpu: args.picture.gpu.choice.clone(),
        options: FilmOptions {
            captions: args.captions.burned(),
        },
        plays: !args.paused,
        check: args.check_s.map(Duration::from_secs_f64),
    };
    let name = path.file_stem().map(OsStr::to_string_lossy);
    let name = name.filter(|stem| stem != "-");
    let name = name.as_deref().unwrap_or("film");

    // Ctrl-C closes the window in good order: drivers do not bear to be torn away while they draw.
    let _window = UnfinishedOutput::begin();
    let (stop, stopped) = mpsc::channel::<()>();
    let messages = event_loop.create_proxy();
    let played = thread::scope(|scope| {
        let watch = (path.as_os_str() != "-").then(|| Watch::new(first_sight));
        let (watcher, told, networks) = (&shared, messages.clone(), &networks);
        scope.spawn(move || follow(args, networks, watcher, &told, watch, &stopped));
        let mut app = App::new(scope, &shared, &plan, messages, name);
        let ran = event_loop.run_app(&mut app);
        let played = app.finish();
        drop(stop);
        ran.map_err(|error| Failure::device(format!("the display has gone: {error}; {WITHOUT}")))?;
        played
    })?;
    interrupt::check()?;
    tracing::info!(
        frames = played.tally.shown,
        dropped = played.tally.dropped,
        "played"
    );
    if args.check_s.is_some() {
        print_report(&played)?;
    }
    Ok(())
}

fn open_event_loop() -> Result<EventLoop<Message>, Failure> {
    // Winit panics where a library is missing that keyboards need.
    let opened = panic::catch_unwind(|| EventLoop::with_user_event().build());
    match opened {
        Ok(opened) => opened.map_err(|error| no_display(&error.to_string())),
        Err(_) => Err(Failure::device(format!(
            "no window can be opened without the libraries libxkbcommon and libxkbcommon-x11; \
             install them, or {WITHOUT}"
        ))),
    }
}

fn no_display(error: &str) -> Failure {
    // An error of the system begins with the place in winit's source that met it.
    let cause = match error.split_once(".rs:") {
        Some((_, place_and_cause)) => place_and_cause
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .trim_start_matches(": "),
        None => error,
    };
    let cause = cause.trim_end_matches('.');
    Failure::device(format!(
        "there is no display to open a window on: {cause}; {WITHOUT}"
    ))
}

fn load(args: &PreviewArgs, networks: &Networks) -> Result<Arc<Loaded>, Failure> {
    let source = Source::read_with(&args.story, networks)?;
    let mut board = source.into_board(args.picture.title.as_deref());
    stand_before(&mut board, args.backdrop.camera()?);
    let backdrops = Backdrops::open(&board, &args.story.path)?;
    Ok(Loaded::new(board, backdrops, args.fps))
}

/// What a film follows: the story, and its corrections.
type Sights = (Sight, Option<(PathBuf, Sight)>);

fn sights(story: &StoryArg) -> Sights {
    let corrections = source::corrections_of(story).map(|path| {
        let sight = Sight::of(&path);
        (path, sight)
    });
    (Sight::of(&story.path), corrections)
}

/// Reads the story again whenever it or its corrections change, and ends everything on Ctrl-C, until
/// the window is closed.
fn follow(
    args: &PreviewArgs,
    networks: &Networks,
    shared: &Shared,
    messages: &EventLoopProxy<Message>,
    mut watch: Option<Watch<Sights>>,
    stopped: &Receiver<()>,
) {
    while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        if interrupt::requested() {
            shared.change(|stage, _| stage.quit = true);
            return;
        }
        let finding = watch.as_mut().map(|watch| watch.look(sights(&args.story)));
        if finding != Some(Finding::Changed) {
            continue;
        }
        let began = Instant::now();
        shared.change(|stage, _| stage.reading = true);
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| load(args, networks)));
        match outcome.unwrap_or_else(|panic| Err(Failure::of_panic(panic.as_ref()))) {
            Ok(loaded) => {
                tracing::info!(took_s = began.elapsed().as_secs_f64(), "read again");
                shared.change(|stage, now| stage.load(loaded, now));
                // Nobody needs to know once the window is closed.
                let _ = messages.send_event(Message::Loaded);
            }
            Err(failure) => {
                tracing::warn!("{}", failure.message);
                shared.change(|stage, _| stage.refuse(failure.message));
            }
        }
    }
}

fn print_report(played: &Played) -> Result<(), Failure> {
    let lasted_s = played.lasted.as_secs_f64().max(1e-3);
    let report = Report {
        fps: (played.tally.shown as f64 / lasted_s * 10.0).round() / 10.0,
        frames: played.tally.shown,
        dropped: played.tally.dropped,
        gpu: played.gpu.clone(),
        size: played.size.map_or_else(String::new, |size| {
            format!("{}x{}", size.width(), size.height())
        }),
    };
    let line = serde_json::to_string(&report).map_err(Failure::internal)?;
    output::print(&(line + "\n"))
}
