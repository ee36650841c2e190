//! What is made ready between frames before it is seen: the next shots, and the sets that they play on.

use std::thread::{self, JoinHandle};

use fabula_story::{Segment, View};

use super::{Film, ReadyShot, SetKey, ShotKey};
use crate::RenderError;
use crate::pace::{Pace, Paced, finish, go_on};
use crate::set::{CompiledSet, DrawnSet};

/// A shot as short as this leaves too little time to make the one after it ready: both are made ready
/// before it. After longer ones they are not, for the plates of a shot take much memory.
const SHORT_S: f64 = 2.5;

/// What is made ready.
#[derive(Default)]
pub(super) struct Ahead<'a> {
    shots: Vec<(ShotKey, Progress<'a>)>,
    set: Option<SetAhead>,
}

enum Progress<'a> {
    Making(Paced<'a, ReadyShot>),
    Ready(Box<ReadyShot>),
}

/// A set that is compiled by a thread of its own, as that takes longer than a frame has time.
struct SetAhead {
    key: SetKey,
    /// Until it is taken.
    compiling: Option<JoinHandle<Result<DrawnSet, RenderError>>>,
}

impl Drop for SetAhead {
    fn drop(&mut self) {
        // A driver that compiles while the program ends may crash.
        if let Some(compiling) = self.compiling.take() {
            let _ = compiling.join();
        }
    }
}

impl<'a> Ahead<'a> {
    /// Whether a shot is ready.
    fn has(&self, key: ShotKey) -> bool {
        let mut shots = self.shots.iter();
        shots.any(|(ahead, progress)| *ahead == key && matches!(progress, Progress::Ready(_)))
    }

    fn take(&mut self, key: ShotKey) -> Option<Progress<'a>> {
        let at = self.shots.iter().position(|(ahead, _)| *ahead == key)?;
        Some(self.shots.remove(at).1)
    }

    /// A shot of which at least a part was drawn; the rest is.
    pub fn take_shot(&mut self, key: ShotKey) -> Result<Option<ReadyShot>, RenderError> {
        Ok(match self.take(key) {
            Some(Progress::Ready(shot)) => Some(*shot),
            Some(Progress::Making(making)) => Some(finish(making)?),
            None => None,
        })
    }

    /// A set, as soon as it is compiled, if it is the one that is.
    pub fn take_set(&mut self, key: &SetKey) -> Option<Result<CompiledSet, RenderError>> {
        let mut set = self.set.take_if(|set| set.key == *key)?;
        let compiling = set.compiling.take()?;
        let compiled = compiling
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Some(compiled.map(CompiledSet::from))
    }

    fn is_compiling(&self) -> bool {
        let compiling = self.set.as_ref().and_then(|set| set.compiling.as_ref());
        compiling.is_some_and(|compiling| !compiling.is_finished())
    }
}

impl<'a> Film<'a> {
    /// What is seen next after the picture at a time, and is not at hand yet.
    fn upcoming(&self, time_s: f64) -> Vec<View<'a>> {
        let mut views = Vec::new();
        // Some transitions show what comes in only after a while.
        views.extend(self.timeline.moment(time_s).incoming.map(|it| it.view));
        let next = self.timeline.next(time_s);
        views.extend(next);
        let after = next.filter(is_short);
        let after = after.and_then(|view| self.timeline.after(view));
        // Of somebody's pictures no more than two are kept, and one of them is on screen.
        views.extend(after.filter(|view| self.opening(*view).1.backdrop.file().is_none()));
        views.retain(|view| {
            let (key, scene, _) = self.opening(*view);
            // What a camera will show is not known.
            scene.backdrop.camera().is_none() && !self.shots.iter().any(|(ready, _)| *ready == key)
        });
        views
    }

    /// Whether something can be made ready now for what comes after the picture at a time.
    pub fn has_more_ahead(&self, time_s: f64) -> bool {
        let is_missing = |view: &View<'a>| !self.ahead.has(self.opening(*view).0);
        !self.ahead.is_compiling() && self.upcoming(time_s).iter().any(is_missing)
    }

    /// Goes on making ready what comes after the picture at a time, so that it need not be waited for
    /// when it is seen. Each call draws little more than a strip of a plate, or begins to compile a set.
    ///
    /// # Errors
    /// If art is broken or the device refuses.
    pub fn draw_ahead(&mut self, time_s: f64) -> Result<(), RenderError> {
        let gpu = self.gpu;
        gpu.drawing(|| self.draw_strip_ahead(time_s))
    }

    fn draw_strip_ahead(&mut self, time_s: f64) -> Result<(), RenderError> {
        if self.ahead.is_compiling() {
            return Ok(());
        }
        let views = self.upcoming(time_s);
        let keys: Vec<_> = views.iter().map(|view| self.opening(*view).0).collect();
        // Those that do not come after all.
        self.ahead.shots.retain(|(key, _)| keys.contains(key));
        let missing = views.into_iter().zip(keys);
        let Some((view, key)) = missing.into_iter().find(|(_, key)| !self.ahead.has(*key)) else {
            return Ok(());
        };
        let making = match self.ahead.take(key) {
            Some(Progress::Making(making)) => Some(making),
            _ => self.begin(view)?,
        };
        if let Some(mut making) = making {
            let progress = match go_on(&mut making) {
                Some(shot) => Progress::Ready(Box::new(shot?)),
                None => Progress::Making(making),
            };
            self.ahead.shots.push((key, progress));
        }
        Ok(())
    }

    /// Begins to draw a shot, unless its set is to be compiled first.
    fn begin(&mut self, view: View<'a>) -> Result<Option<Paced<'a, ReadyShot>>, RenderError> {
        let (key, scene, moods) = self.opening(view);
        let set = self.set_key(&scene)?;
        let is_at_hand = |known: &SetKey| *known == set;
        let compiled = self.kit.sets.iter().map(|(known, _)| known);
        let ahead = self.ahead.set.as_ref().map(|ahead| &ahead.key);
        // One that shows somebody's picture has a single plate.
        let waits = set.file.is_none() && !compiled.chain(ahead).any(is_at_hand);
        if waits {
            let gpu = self.gpu.with_art(self.gpu.art().clone());
            let layouts = self.kit.pipelines.layouts.clone();
            let name = set.name.clone();
            let compile = move || gpu.drawing(|| DrawnSet::new(&gpu, &layouts, &name));
            self.ahead.set = Some(SetAhead {
                key: set,
                compiling: Some(thread::spawn(compile)),
            });
            return Ok(None);
        }
        self.making(key, &scene, moods, None, Pace::InStrips)
            .map(Some)
    }
}

fn is_short(view: &View<'_>) -> bool {
    matches!(view.segment, Segment::Shot { shot, .. } if shot.duration_s <= SHORT_S)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use fabula_story::{Storyboard, TransitionKind};

    use super::*;
    use crate::{FilmOptions, FrameSize, Gpu, GpuChoice};

    /// A scene in a forest that fades into another one by the water.
    fn board() -> Storyboard {
        let board = include_str!("../../../story/tests/samples/storyboard.json");
        let mut board = Storyboard::from_json(board).unwrap();
        let mut second = board.scenes[0].clone();
        second.id = "second".to_owned();
        second.setting.place = "water".to_owned();
        second.transition.kind = TransitionKind::Fade;
        second.transition.duration_s = 1.0;
        board.scenes.truncate(1);
        board.scenes.push(second);
        board
    }

    /// Makes ready all that comes after the picture at a time.
    fn make_ready(film: &mut Film<'_>, time_s: f64) {
        let began = Instant::now();
        loop {
            let compiles = film.ahead.is_compiling();
            if film.has_more_ahead(time_s) {
                film.draw_ahead(time_s).unwrap();
            } else if compiles {
                assert!(began.elapsed() < Duration::from_mins(2));
                thread::sleep(Duration::from_millis(1));
            } else {
                break;
            }
        }
    }

    #[test]
    fn a_scene_on_another_set_is_ready_before_it_comes_in_and_until_a_fade_shows_it() {
        let gpu = match Gpu::open(&GpuChoice::Cpu) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        let board = board();
        let size = FrameSize::new(160, 90).unwrap();
        let film = || Film::new(&gpu, &board, size, FilmOptions::default()).unwrap();
        let (mut played, mut alone) = (film(), film());
        let fade_s = played.timeline.segment_start_s(2).unwrap();
        let second = (2, 0);
        for time_s in [fade_s - 0.5, fade_s + 0.25] {
            played.still(time_s).unwrap();
            make_ready(&mut played, time_s);
            assert!(played.ahead.has(second), "at {time_s} s");
        }
        let shown = played.still(fade_s + 0.75).unwrap();
        assert!(!played.ahead.has(second), "it is taken");
        assert!(shown == alone.still(fade_s + 0.75).unwrap());
    }
}
