//! `fabula preview`: the film plays in a window while the story is being written.
//!
//! What the player does is worked out without a window: `reel` knows what happens when, `player`
//! is the film clock, `keys` says what keys ask for, `overlay` what lies over the picture, `fit`
//! how the picture fits, `watch` whether a file has changed, and `stage` holds it all together. Beside
//! the picture stand the `panels`; what is changed there `edits` writes into the file, `gauge`
//! knows what the inspector shows, and `painter` paints it all. Four threads share the stage:
//! `window` hands on what a person does and works out the panels (`interface`), `projector` draws, `album` draws
//! small pictures, and the one below writes changes and reads the story again when it changes.
//! `jobs` saves pictures and exports the film; `recovery` opens a GPU again that was lost.

mod album;
mod edits;
mod fit;
mod gauge;
mod interface;
mod jobs;
mod keys;
mod overlay;
mod painter;
mod panels;
mod player;
mod projector;
mod recovery;
mod reel;
mod stage;
mod watch;
mod window;

use std::ffi::OsStr;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use fabula_render::{Art, FilmOptions};
use fabula_story::Storyboard;
use serde::Serialize;
use winit::event_loop::{EventLoop, EventLoopProxy};

use crate::backdrops::Backdrops;
use crate::cli::{PreviewArgs, StoryArg, stand_before};
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::{self, UnfinishedOutput};
use crate::output;
use crate::source::{self, Networks, Source};
use edits::{Desk, Edit, Target};
use player::{AtEnd, Player};
use projector::{Plan, Played, Shared};
use stage::{Loaded, Reading, Stage};
use watch::{Finding, LOOK_EVERY, Sight, Watch};
use window::{App, Message, WITHOUT};

/// What `--check` prints.
#[derive(Serialize)]
struct Report {
    /// From the start of the program to the first frame on screen.
    first_frame_s: Option<f64>,
    fps: f64,
    frames: u64,
    dropped: u64,
    gpu: String,
    size: String,
    /// At the end of each tenth of the time; empty where the system does not tell.
    memory_bytes: Vec<u64>,
    gpu_objects: Vec<usize>,
}

pub fn run(args: &PreviewArgs, console: &Console) -> Result<(), Failure> {
    let started = Instant::now();
    let path = args.story.path.as_path();
    let mut first_sight = sights(&args.story, &[]);
    let networks = Networks::default();
    let folder = args.picture.art.folder.as_deref();
    let first_art = folder.map(art_sights);
    let art = args.picture.art.read()?;
    let (board, reading) = {
        let _wait = console.wait("reading the story");
        read(args, &networks)?
    };
    let pictures = Backdrops::paths(&board, path);
    // Only the storyboard says which there are.
    first_sight.2 = sights_of(&pictures);
    let loaded = load(args, board)?;
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
    let mut player = Player::new(loaded.reel.clone(), args.at_s, at_end);
    player.set_speed(args.speed, Duration::ZERO);
    let loaded = loaded.in_art(art);
    let mut stage = Stage::new(player, loaded, args.picture.size);
    stage.reading_of = reading;
    let before_window = started.elapsed();
    let shared = Shared::new(stage);
    let plan = Plan {
        gpu: args.picture.gpu.choice.clone(),
        options: FilmOptions {
            captions: args.captions.burned(),
        },
        plays: !args.paused,
        is_input: path.as_os_str() == "-",
        check: args.check_s.map(Duration::from_secs_f64),
    };
    let name = path.file_stem().map(OsStr::to_string_lossy);
    let name = name.filter(|stem| stem != "-");
    let name = name.as_deref().unwrap_or("film");

    // Ctrl-C closes the window in good order: drivers do not bear to be torn away while they draw.
    let _window = UnfinishedOutput::begin();
    let (order, orders) = mpsc::channel();
    let (wish, wishes) = mpsc::channel();
    let messages = event_loop.create_proxy();
    let played = thread::scope(|scope| {
        let follower = Follower {
            args,
            networks: &networks,
            shared: &shared,
            messages: messages.clone(),
            watch: (path.as_os_str() != "-").then(|| Watch::new(first_sight)),
            pictures,
            art: folder.zip(first_art.map(Watch::new)),
            desk: Desk::new(target(&args.story)),
        };
        scope.spawn(move || follower.follow(&orders));
        let (album, told) = (&shared, messages.clone());
        scope.spawn(move || album::draw(&wishes, album, &told, &args.picture.gpu.choice));
        if let Some(after_s) = args.lose_gpu_s {
            let (shared, after) = (&shared, Duration::from_secs_f64(after_s));
            scope.spawn(move || recovery::lose(shared, after));
        }
        let mut app = App::new(scope, &shared, &plan, messages, name, order, wish);
        let ran = event_loop.run_app(&mut app);
        let played = app.finish();
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
        print_report(&played, before_window)?;
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

type Read = (Storyboard, Option<Arc<Reading>>);

fn read(args: &PreviewArgs, networks: &Networks) -> Result<Read, Failure> {
    let (source, reading) = match Source::read_uncorrected(&args.story, networks)? {
        Source::Story(read) => {
            let corrected = source::corrected((*read).clone(), &args.story)?;
            let reading = Reading {
                read: *read,
                corrected: corrected.clone(),
            };
            (Source::Story(Box::new(corrected)), Some(Arc::new(reading)))
        }
        board @ Source::Board(_) => (board, None),
    };
    let mut board = source.into_board(args.picture.title.as_deref());
    stand_before(&mut board, args.backdrop.camera()?);
    fabula::check_cameras(&board)?;
    Ok((board, reading))
}

/// The film of a storyboard, with the pictures that it names.
fn load(args: &PreviewArgs, board: Storyboard) -> Result<Arc<Loaded>, Failure> {
    let backdrops = Backdrops::open(&board, &args.story.path)?;
    Ok(Loaded::new(board, backdrops, args.fps))
}

/// The file that changes are written to.
fn target(story: &StoryArg) -> Target {
    if story.path.as_os_str() == "-" {
        Target::Nowhere
    } else if source::is_board(&story.path) {
        Target::Board(story.path.clone())
    } else {
        let there = source::corrections_of(story);
        Target::Cast(there.unwrap_or_else(|| source::own_corrections_of(story)))
    }
}

/// What a film follows: the story, its corrections, and the pictures behind its scenes.
type Sights = (Sight, Option<(PathBuf, Sight)>, Vec<Sight>);

fn sights(story: &StoryArg, pictures: &[PathBuf]) -> Sights {
    let corrections = source::corrections_of(story).map(|path| {
        let sight = Sight::of(&path);
        (path, sight)
    });
    (Sight::of(&story.path), corrections, sights_of(pictures))
}

fn sights_of(pictures: &[PathBuf]) -> Vec<Sight> {
    pictures.iter().map(|path| Sight::of(path)).collect()
}

/// What art is like on disk: its files, or that there are none.
type ArtSights = Option<Vec<(PathBuf, Sight)>>;

fn art_sights(folder: &Path) -> ArtSights {
    let paths = Art::paths(folder).ok()?.into_iter();
    let seen = paths.map(|path| {
        let sight = Sight::of(&path);
        (path, sight)
    });
    Some(seen.collect())
}

/// What is to be done with the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    Edit(Edit),
    Undo,
    Redo,
}

/// The thread that writes changes, and reads story and art again when they change.
struct Follower<'a> {
    args: &'a PreviewArgs,
    networks: &'a Networks,
    shared: &'a Shared,
    messages: EventLoopProxy<Message>,
    watch: Option<Watch<Sights>>,
    /// The pictures that the file named when it could last be read, there or not.
    pictures: Vec<PathBuf>,
    /// The folder of art, if it is not fabula's own.
    art: Option<(&'a Path, Watch<ArtSights>)>,
    desk: Desk,
}

impl Follower<'_> {
    /// Goes on until nobody can order any more, and ends everything on Ctrl-C.
    fn follow(mut self, orders: &Receiver<Order>) {
        loop {
            match orders.recv_timeout(LOOK_EVERY) {
                Ok(order) => self.carry_out(&order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if interrupt::requested() {
                self.shared.change(|stage, _| stage.quit = true);
                return;
            }
            let sights = self.sights();
            let finding = self.watch.as_mut().map(|watch| watch.look(sights));
            if finding == Some(Finding::Changed) {
                self.read_again();
            }
            if let Some((folder, watch)) = &mut self.art
                && watch.look(art_sights(folder)) == Finding::Changed
            {
                let folder = *folder;
                self.read_art(folder);
            }
        }
    }

    fn sights(&self) -> Sights {
        sights(&self.args.story, &self.pictures)
    }

    fn carry_out(&mut self, order: &Order) {
        let reading = self.shared.lock().reading_of.clone();
        let done = match order {
            Order::Edit(edit) => {
                let read = reading.as_ref().map(|reading| &reading.read);
                self.desk.edit(edit, read).map(|()| None)
            }
            Order::Undo => self.desk.undo().map(|done| Some((done, "Undone", "undo"))),
            Order::Redo => self
                .desk
                .redo()
                .map(|done| Some((done, "Made again", "redo"))),
        };
        let (undo, redo) = (self.desk.can_undo(), self.desk.can_redo());
        self.shared.change(|stage, now| {
            (stage.can_undo, stage.can_redo) = (undo, redo);
            match &done {
                Ok(None) => {}
                Ok(Some((true, said, _))) => stage.remark(*said, now),
                Ok(Some((false, _, what))) => {
                    stage.remark(format!("There is nothing to {what}"), now);
                }
                Err(failure) => {
                    // The panels show again what is in the file.
                    stage.revision += 1;
                    stage.remark(failure.message.clone(), now);
                }
            }
        });
        match done {
            Ok(Some((false, ..))) => {}
            Ok(_) => {
                let sights = self.sights();
                if let Some(watch) = &mut self.watch {
                    *watch = Watch::new(sights);
                }
                self.read_again();
            }
            Err(failure) => {
                tracing::warn!("{}", failure.message);
                let _ = self.messages.send_event(Message::Changed);
            }
        }
    }

    fn read_again(&mut self) {
        let began = Instant::now();
        self.shared.change(|stage, _| stage.reading = true);
        let load = || {
            let (board, reading) = read(self.args, self.networks)?;
            self.pictures = Backdrops::paths(&board, &self.args.story.path);
            let pictures = sights_of(&self.pictures);
            if let Some(watch) = &mut self.watch {
                watch.amend(|sights| sights.2.clone_from(&pictures));
            }
            Ok((load(self.args, board)?, reading))
        };
        let outcome = panic::catch_unwind(AssertUnwindSafe(load));
        match outcome.unwrap_or_else(|panic| Err(Failure::of_panic(panic.as_ref()))) {
            Ok((loaded, reading)) => {
                tracing::info!(took_s = began.elapsed().as_secs_f64(), "read again");
                self.shared
                    .change(|stage, now| stage.load(&loaded, reading, now));
            }
            Err(failure) => {
                tracing::warn!("{}", failure.message);
                self.shared.change(|stage, _| stage.refuse(failure.message));
            }
        }
        // Nobody needs to know once the window is closed.
        let _ = self.messages.send_event(Message::Changed);
    }

    fn read_art(&self, folder: &Path) {
        let began = Instant::now();
        let read = || Art::open(folder).map_err(Failure::from);
        let outcome = panic::catch_unwind(AssertUnwindSafe(read));
        match outcome.unwrap_or_else(|panic| Err(Failure::of_panic(panic.as_ref()))) {
            Ok(art) => {
                tracing::info!(took_s = began.elapsed().as_secs_f64(), "art read again");
                self.shared.change(|stage, _| stage.wear(art));
            }
            Err(failure) => {
                tracing::warn!("{}", failure.message);
                self.shared
                    .change(|stage, _| stage.refuse_art(failure.message));
            }
        }
        // Nobody needs to know once the window is closed.
        let _ = self.messages.send_event(Message::Changed);
    }
}

fn print_report(played: &Played, before_window: Duration) -> Result<(), Failure> {
    let lasted_s = played.lasted.as_secs_f64().max(1e-3);
    let first_frame = played.first_frame.map(|after| before_window + after);
    let report = Report {
        first_frame_s: first_frame.map(|after| (after.as_secs_f64() * 1e3).round() / 1e3),
        fps: (played.tally.shown as f64 / lasted_s * 10.0).round() / 10.0,
        frames: played.tally.shown,
        dropped: played.tally.dropped,
        gpu: played.gpu.clone(),
        size: played.size.map_or_else(String::new, |size| {
            format!("{}x{}", size.width(), size.height())
        }),
        memory_bytes: played
            .samples
            .iter()
            .filter_map(|it| it.memory_bytes)
            .collect(),
        gpu_objects: played.samples.iter().map(|it| it.gpu_objects).collect(),
    };
    let line = serde_json::to_string(&report).map_err(Failure::internal)?;
    output::print(&(line + "\n"))
}
