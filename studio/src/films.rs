//! Films: they wait, one at a time is made, and they are kept for a day.
//!
//! A thread of its own makes them. What happens to a film is written to its record before anyone
//! learns of it, so a studio that was killed finds each film again: one that waited waits in its
//! old place, and one that was being made is made again, three times at most.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use fabula_story::Storyboard;
use serde::Serialize;
use thiserror::Error;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::analyses::Analysis;
use crate::folder::{DataFolder, FolderError, sync_folder};
use crate::id::Id;
use crate::records::{FilmRecord, Records, State};
use crate::workshop::{CaptionFormat, Made, Order, Refusal, Workshop};
use crate::{FilmOptions, Limits, lock, now_s};

/// The video in the folder of a film.
const VIDEO: &str = "film.mp4";
/// How often a film is begun before it is given up: whatever ends the whole studio each time
/// would otherwise do so for ever.
const MOST_ATTEMPTS: u32 = 3;
/// Films that are kept; beyond it, none is taken until some are deleted or out of date.
const MOST_FILMS: usize = 1000;

/// How far the film is that is being made.
#[derive(Clone, Copy, Debug)]
struct Progress {
    done: u64,
    total: u64,
    /// When the first frames came, and how many: what came before is no measure of speed.
    first: Option<(Instant, u64)>,
    fps: f64,
}

#[derive(Debug)]
struct Entry {
    record: FilmRecord,
    progress: Option<Progress>,
    /// Asks the maker to stop.
    called_off: bool,
    /// Counts changes, for those who watch.
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    films: BTreeMap<Id, Entry>,
    queue: VecDeque<Id>,
    next_turn: u64,
    closing: bool,
}

/// What a person sees of a film.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    pub id: Id,
    pub analysis: Id,
    pub title: String,
    pub state: State,
    /// `waiting`, `preparing`, `drawing`, `finishing` or, in the end, the state.
    pub stage: &'static str,
    /// How many films are made before this one, the one under way included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames: Option<Frames>,
    pub options: FilmOptions,
    pub width: u32,
    pub height: u32,
    pub created_s: u64,
    pub expires_s: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How far a film is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Frames {
    pub done: u64,
    pub total: u64,
    /// Frames a second, or 0 as long as that is not known.
    pub per_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_s: Option<f64>,
}

/// Why a film is not taken, or not changed.
#[derive(Debug, Error)]
pub enum FilmError {
    #[error("there is no such film; it may have been deleted, or a day is over")]
    Unknown,
    #[error("{0} films wait already; try again when some of them are done")]
    QueueFull(usize),
    #[error("{MOST_FILMS} films are kept already; delete some of them")]
    TooMany,
    #[error("the studio is closing; try again in a moment")]
    Closing,
    #[error(transparent)]
    Disk(#[from] io::Error),
}

/// Why a film was not made; the sentence is for the person who ordered it.
#[derive(Debug, Error)]
enum Setback {
    #[error("the film's record cannot be kept: {0}; make room, and make the film again")]
    Record(io::Error),
    #[error("the film's storyboard cannot be read: {0}")]
    Board(io::Error),
    #[error("the film's folder cannot be used: {0}")]
    Folder(io::Error),
    #[error("fabula has a defect and could not make this film; please report it")]
    Panic,
    #[error(
        "the film was not ready after {0} minutes; choose a smaller size or fewer frames a second"
    )]
    Late(u64),
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Setback {
    /// A word for the log. The sentence may name what the story is about.
    fn kind(&self) -> &'static str {
        match self {
            Self::Record(_) => "record",
            Self::Board(_) => "storyboard",
            Self::Folder(_) => "folder",
            Self::Panic => "panic",
            Self::Late(_) => "time",
            Self::Refused(Refusal::Input(_)) => "input",
            Self::Refused(Refusal::Machine(_)) => "machine",
            Self::Refused(Refusal::BrokenOff) => "broken off",
        }
    }
}

/// All films, and the thread that makes them.
#[derive(Debug)]
pub struct Films {
    shared: Arc<Shared>,
    maker: Mutex<Option<JoinHandle<()>>>,
    /// The storyboard that was last asked for.
    last_board: Mutex<Option<(Id, Arc<Storyboard>)>>,
}

struct Shared {
    folder: Arc<DataFolder>,
    records: Arc<Records>,
    workshop: Arc<dyn Workshop>,
    limits: Limits,
    inner: Mutex<Inner>,
    wake: Condvar,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Films {
    /// Takes up all films of the folder and starts making those that wait.
    pub fn open(
        folder: Arc<DataFolder>,
        records: Arc<Records>,
        workshop: Arc<dyn Workshop>,
        limits: Limits,
    ) -> Result<Self, FolderError> {
        let inner = take_up(&records, &folder).map_err(|source| FolderError::Unusable {
            path: folder.path().to_owned(),
            source,
        })?;
        let shared = Arc::new(Shared {
            folder,
            records,
            workshop,
            limits,
            inner: Mutex::new(inner),
            wake: Condvar::new(),
        });
        let making = Arc::clone(&shared);
        let maker = thread::Builder::new()
            .name("films".to_owned())
            .spawn(move || while making.make_next().is_continue() {})
            .map_err(|source| FolderError::Unusable {
                path: shared.folder.path().to_owned(),
                source,
            })?;
        Ok(Self {
            shared,
            maker: Mutex::new(Some(maker)),
            last_board: Mutex::default(),
        })
    }

    /// Puts a film at the end of the queue.
    pub fn add(
        &self,
        analysis: &Analysis,
        session: Option<Id>,
        options: FilmOptions,
    ) -> Result<View, FilmError> {
        let id = Id::random().map_err(io::Error::other)?;
        let mut inner = self.shared.inner();
        if inner.closing {
            return Err(FilmError::Closing);
        }
        if inner.queue.len() >= self.shared.limits.queue {
            return Err(FilmError::QueueFull(inner.queue.len()));
        }
        if inner.films.len() >= MOST_FILMS {
            return Err(FilmError::TooMany);
        }
        let film = FilmRecord {
            session,
            analysis: analysis.id,
            title: analysis.board.title.clone(),
            options,
            state: State::Queued,
            turn: inner.next_turn,
            attempts: 0,
            created_s: now_s(),
            finished_s: None,
            length_s: None,
            size_bytes: None,
            gpu: None,
            encoder: None,
            error: None,
        };
        self.shared.records.add_film(id, &film, &analysis.board)?;
        inner.next_turn += 1;
        inner.films.insert(id, Entry::new(film));
        inner.queue.push_back(id);
        self.shared.wake.notify_all();
        self.shared.view(&inner, id).ok_or(FilmError::Unknown)
    }

    pub fn get(&self, id: Id) -> Result<View, FilmError> {
        let inner = self.shared.inner();
        self.shared.view(&inner, id).ok_or(FilmError::Unknown)
    }

    /// The films of a session, the newest first.
    pub fn list(&self, session: Option<Id>) -> Vec<View> {
        let inner = self.shared.inner();
        let mut views: Vec<_> = inner
            .films
            .iter()
            .filter(|(_, entry)| entry.record.session == session)
            .filter_map(|(id, entry)| Some((entry.record.turn, self.shared.view(&inner, *id)?)))
            .collect();
        views.sort_by_key(|(turn, _)| std::cmp::Reverse(*turn));
        views.into_iter().map(|(_, view)| view).collect()
    }

    /// Tells of changes to a film.
    pub fn watch(&self, id: Id) -> Result<watch::Receiver<u64>, FilmError> {
        let inner = self.shared.inner();
        let entry = inner.films.get(&id).ok_or(FilmError::Unknown)?;
        Ok(entry.changes.subscribe())
    }

    /// Calls a film off; one that is finished stays as it is.
    pub fn cancel(&self, id: Id) -> Result<View, FilmError> {
        let mut inner = self.shared.inner();
        let entry = inner.films.get_mut(&id).ok_or(FilmError::Unknown)?;
        if entry.record.state == State::Queued {
            let mut film = entry.record.clone();
            film.end(State::Cancelled);
            self.shared.records.change_film(id, &film)?;
            entry.record = film;
            entry.tell();
            inner.queue.retain(|waiting| *waiting != id);
        } else if entry.record.state == State::Rendering {
            entry.called_off = true;
            entry.tell();
        }
        self.shared.view(&inner, id).ok_or(FilmError::Unknown)
    }

    /// Removes a film with all its files; one that is being made is called off first.
    pub fn remove(&self, id: Id) -> Result<(), FilmError> {
        let mut inner = self.shared.inner();
        loop {
            let entry = inner.films.get_mut(&id).ok_or(FilmError::Unknown)?;
            if entry.record.state != State::Rendering {
                break;
            }
            entry.called_off = true;
            inner = self.shared.sleep(inner);
        }
        self.shared.folder.remove_film(id)?;
        self.shared.records.remove_films(&[id])?;
        lock(&self.last_board).take_if(|(of, _)| *of == id);
        inner.forget(id);
        Ok(())
    }

    /// Removes finished films that were created before `created_s`. What cannot be removed is logged,
    /// stays a film, and is tried again the next time.
    pub fn expire(&self, created_s: u64) -> io::Result<()> {
        let mut inner = self.shared.inner();
        let is_old = |film: &FilmRecord| film.state.is_final() && film.created_s < created_s;
        let mut gone = Vec::new();
        for (id, _) in inner.films.iter().filter(|(_, it)| is_old(&it.record)) {
            match self.shared.folder.remove_film(*id) {
                Ok(()) => gone.push(*id),
                Err(error) => {
                    warn!(target: "error.handling", %id, %error, "a film that is out of date cannot be removed");
                }
            }
        }
        self.shared.records.remove_films(&gone)?;
        for id in gone {
            inner.forget(id);
        }
        Ok(())
    }

    /// The video of a film, if it is done.
    pub fn video(&self, id: Id) -> Result<Option<PathBuf>, FilmError> {
        let is_done = self.get(id)?.state == State::Done;
        Ok(is_done.then(|| self.shared.folder.film(id).join(VIDEO)))
    }

    /// The storyboard that a film is made of. Whoever asks for the same again soon is given the
    /// same one, so that what is made ready for it need not be made again.
    pub fn board(&self, id: Id) -> Result<Arc<Storyboard>, FilmError> {
        self.get(id)?;
        let mut last = lock(&self.last_board);
        if let Some((of, board)) = &*last
            && *of == id
        {
            return Ok(Arc::clone(board));
        }
        let board = Arc::new(self.shared.records.board(id)?);
        *last = Some((id, Arc::clone(&board)));
        Ok(board)
    }

    /// Whether anything can be kept at all.
    pub fn check_writable(&self) -> io::Result<()> {
        self.shared.folder.check_writable()
    }

    /// The captions of a film.
    pub fn captions(&self, id: Id, format: CaptionFormat) -> Result<String, FilmError> {
        let board = self.board(id)?;
        Ok(self.shared.workshop.captions(&board, format))
    }

    /// How many films are in each state, and how fast the one under way is drawn.
    pub fn counts(&self) -> (BTreeMap<State, usize>, f64) {
        let inner = self.shared.inner();
        let mut counts: BTreeMap<_, _> = State::ALL.iter().map(|state| (*state, 0)).collect();
        for entry in inner.films.values() {
            *counts.entry(entry.record.state).or_default() += 1;
        }
        let per_s = inner.films.values().find_map(|entry| entry.progress);
        (counts, per_s.map_or(0.0, |progress| progress.fps))
    }

    /// Stops the maker; the film under way goes back to the queue. Returns when that is done.
    pub fn close(&self) {
        let mut inner = self.shared.inner();
        inner.closing = true;
        for entry in inner.films.values() {
            entry.tell();
        }
        drop(inner);
        self.shared.wake.notify_all();
        if let Some(maker) = lock(&self.maker).take() {
            // It contains panics, so there is none to pass on.
            let _ = maker.join();
        }
    }

    pub fn is_closing(&self) -> bool {
        self.shared.inner().closing
    }
}

/// Takes up all films that there are records of. Those that were under way wait again, in their old
/// order; files that no film needs are removed.
fn take_up(records: &Records, folder: &DataFolder) -> io::Result<Inner> {
    let mut inner = Inner::default();
    for (id, mut film) in records.films()? {
        let problem = match film.state {
            State::Rendering if film.attempts >= MOST_ATTEMPTS => Some((
                "attempts",
                format!(
                    "the studio ended {MOST_ATTEMPTS} times while it made this film; try a \
                     smaller size, and look at the studio's log"
                ),
            )),
            State::Done if !is_whole(folder, id, &film) => Some((
                "file",
                "the file of this film is gone, or not whole; make the film again".to_owned(),
            )),
            _ => None,
        };
        if let Some((kind, why)) = problem {
            warn!(target: "error.handling", %id, kind, "a film was given up");
            film.fail(why);
            records.change_film(id, &film)?;
        } else if film.state == State::Rendering {
            film.state = State::Queued;
            records.change_film(id, &film)?;
        }
        inner.next_turn = film.turn + 1;
        if film.state == State::Queued {
            inner.queue.push_back(id);
        }
        inner.films.insert(id, Entry::new(film));
    }
    folder.keep_films(|id| {
        let film = inner.films.get(&id).map(|entry| entry.record.state);
        matches!(film, Some(State::Queued | State::Done))
    })?;
    Ok(inner)
}

/// Whether the video of a film is there as it was made.
fn is_whole(folder: &DataFolder, id: Id, film: &FilmRecord) -> bool {
    let file = fs::metadata(folder.film(id).join(VIDEO));
    file.is_ok_and(|file| Some(file.len()) == film.size_bytes)
}

impl FilmRecord {
    fn end(&mut self, state: State) {
        self.state = state;
        self.finished_s = Some(now_s());
    }

    fn fail(&mut self, why: String) {
        self.end(State::Failed);
        self.error = Some(why);
    }
}

impl Inner {
    /// A film that has no record any more.
    fn forget(&mut self, id: Id) {
        self.queue.retain(|waiting| *waiting != id);
        if let Some(entry) = self.films.remove(&id) {
            entry.tell();
        }
    }
}

impl Entry {
    fn new(record: FilmRecord) -> Self {
        Self {
            record,
            progress: None,
            called_off: false,
            changes: watch::Sender::new(0),
        }
    }

    fn tell(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

impl Progress {
    fn step(&mut self, done: u64, total: u64) {
        let now = Instant::now();
        self.done = done;
        self.total = total;
        let (began, at_first) = *self.first.get_or_insert((now, done));
        let elapsed_s = (now - began).as_secs_f64();
        if elapsed_s > 0.2 {
            self.fps = (done - at_first) as f64 / elapsed_s;
        }
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }

    fn sleep<'a>(&self, inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        self.wake
            .wait(inner)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn view(&self, inner: &Inner, id: Id) -> Option<View> {
        let entry = inner.films.get(&id)?;
        let film = &entry.record;
        let is_under_way = inner
            .films
            .values()
            .any(|entry| entry.record.state == State::Rendering);
        let place = inner.queue.iter().position(|waiting| *waiting == id);
        let (width, height) = film.options.size_px();
        Some(View {
            id,
            analysis: film.analysis,
            title: film.title.clone(),
            state: film.state,
            stage: match (film.state, entry.progress) {
                (State::Queued, _) => "waiting",
                (State::Rendering, Some(Progress { done, total, .. })) if total > 0 => {
                    if done < total { "drawing" } else { "finishing" }
                }
                (State::Rendering, _) => "preparing",
                (state, _) => state.name(),
            },
            ahead: place.map(|place| place + usize::from(is_under_way)),
            frames: entry.progress.map(|progress| Frames {
                done: progress.done,
                total: progress.total,
                per_s: (progress.fps * 10.0).round() / 10.0,
                left_s: (progress.fps > 0.0).then(|| {
                    let left = progress.total.saturating_sub(progress.done) as f64;
                    (left / progress.fps * 10.0).round() / 10.0
                }),
            }),
            options: film.options,
            width,
            height,
            created_s: film.created_s,
            expires_s: film.created_s + self.limits.lifetime.as_secs(),
            length_s: film.length_s,
            size_bytes: film.size_bytes,
            gpu: film.gpu.clone(),
            encoder: film.encoder.clone(),
            error: film.error.clone(),
        })
    }

    /// Waits for a film and makes it; breaks when the studio closes.
    fn make_next(&self) -> ControlFlow<()> {
        let mut inner = self.inner();
        let id = loop {
            if inner.closing {
                return ControlFlow::Break(());
            }
            match inner.queue.pop_front() {
                Some(id) => break id,
                None => inner = self.sleep(inner),
            }
        };
        let Some(entry) = inner.films.get_mut(&id) else {
            return ControlFlow::Continue(());
        };
        entry.record.state = State::Rendering;
        entry.record.attempts += 1;
        entry.progress = Some(Progress {
            done: 0,
            total: 0,
            first: None,
            fps: 0.0,
        });
        let options = entry.record.options;
        let saved = self.records.change_film(id, &entry.record);
        entry.tell();
        drop(inner);
        info!(target: "video.generation", %id, "a film is begun");
        let outcome = saved
            .map_err(Setback::Record)
            .and_then(|()| self.make(id, options));
        self.finish(id, outcome);
        ControlFlow::Continue(())
    }

    fn make(&self, id: Id, options: FilmOptions) -> Result<Made, Setback> {
        let board = self.records.board(id).map_err(Setback::Board)?;
        self.folder.create_film(id).map_err(Setback::Folder)?;
        let path = self.folder.film(id).join(VIDEO);
        let order = Order {
            board: &board,
            options: &options,
            path: &path,
        };
        let deadline = Instant::now() + self.limits.making;
        let mut is_late = false;
        let mut on_frame = |done, total| {
            is_late = Instant::now() > deadline;
            if is_late {
                return ControlFlow::Break(());
            }
            self.step(id, done, total)
        };
        let made = catch_unwind(AssertUnwindSafe(|| {
            self.workshop.film(&order, &mut on_frame)
        }));
        match made {
            Err(_) => Err(Setback::Panic),
            Ok(_) if is_late => Err(Setback::Late(self.limits.making.as_secs() / 60)),
            Ok(made) => {
                let made = made?;
                // Its record must not say that it is done before it is there.
                sync_folder(&self.folder.film(id)).map_err(Setback::Folder)?;
                Ok(made)
            }
        }
    }

    fn step(&self, id: Id, done: u64, total: u64) -> ControlFlow<()> {
        let mut inner = self.inner();
        let closing = inner.closing;
        match inner.films.get_mut(&id) {
            Some(entry) if !entry.called_off && !closing => {
                if let Some(progress) = &mut entry.progress {
                    progress.step(done, total);
                }
                entry.tell();
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Break(()),
        }
    }

    fn finish(&self, id: Id, outcome: Result<Made, Setback>) {
        let mut inner = self.inner();
        let closing = inner.closing;
        let Some(entry) = inner.films.get_mut(&id) else {
            return;
        };
        let film = &mut entry.record;
        match outcome {
            // It was finished before anyone could stop it.
            Ok(made) => {
                let path = self.folder.film(id).join(VIDEO);
                film.end(State::Done);
                film.size_bytes = fs::metadata(path).ok().map(|metadata| metadata.len());
                film.length_s = Some(made.length_s);
                film.gpu = Some(made.gpu);
                film.encoder = Some(made.encoder);
            }
            Err(_) if entry.called_off => film.end(State::Cancelled),
            Err(Setback::Refused(Refusal::BrokenOff)) if closing => {
                film.state = State::Queued;
                // Whoever closes a studio has nothing against the film.
                film.attempts -= 1;
            }
            Err(why) => {
                warn!(target: "error.handling", %id, kind = why.kind(), "a film was not made");
                film.fail(why.to_string());
            }
        }
        let state = film.state;
        info!(target: "video.generation", %id, state = state.name(), "a film is finished");
        entry.progress = None;
        // What remains of it goes first: on a full disk it takes the record's room.
        if matches!(state, State::Failed | State::Cancelled)
            && let Err(error) = self.folder.remove_film(id)
        {
            warn!(target: "error.handling", %id, %error, "a film's remains cannot be removed");
        }
        if let Err(error) = self.records.change_film(id, &entry.record) {
            warn!(target: "error.handling", %id, %error, "a film's record cannot be kept");
        }
        entry.tell();
        if state == State::Queued {
            inner.queue.push_front(id);
        }
        drop(inner);
        // Whoever waits to remove it.
        self.wake.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_measured_from_the_first_frame_on() {
        let mut progress = Progress {
            done: 0,
            total: 0,
            first: None,
            fps: 0.0,
        };
        progress.step(1, 100);
        assert_eq!(progress.fps, 0.0);
        progress.first = Instant::now()
            .checked_sub(std::time::Duration::from_secs(2))
            .map(|began| (began, 1));
        progress.step(21, 100);
        assert!((9.0..=10.0).contains(&progress.fps), "{}", progress.fps);
    }
}
