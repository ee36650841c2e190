//! The thread that owns the GPU: it draws the frame that the film clock asks for and shows it.
//!
//! It always takes what is wanted now. When a frame has taken too long, those that came due
//! meanwhile are left out; nothing is queued.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fabula::Views;
use fabula_render::{
    Area, Art, Film, FilmKit, FilmOptions, FrameSize, Gpu, GpuChoice, Presenter, RenderError,
    Screen, Sheet,
};

use super::fit::{Detail, letterbox};
use super::gauge::{Sample, memory_bytes};
use super::painter::Painter;
use super::player::Tally;
use super::recovery::{Losses, draw_with, open_again};
use super::stage::{Loaded, Stage};

/// A window that is being resized, or a film that was paused, shows the old picture, larger or
/// smaller, until it rests.
const SIZE_SETTLES: Duration = Duration::from_millis(200);
/// When a window that could not show anything is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(50);
/// Shots that come next are drawn while there is this much time before the next frame: as much as most of
/// their strips take. A frame that begins a little late is still on screen in time.
const TIME_FOR_STRIP: Duration = Duration::from_millis(6);
/// How often a check takes note of what playing takes.
const SAMPLES: usize = 10;
/// A check that nobody can see ends this much later.
const UNSEEN_CHECK_ENDS: Duration = Duration::from_secs(30);

/// The stage, as threads share it.
#[derive(Debug)]
pub struct Shared {
    stage: Mutex<Stage>,
    wake: Condvar,
    opened: Instant,
    /// What stands behind the actors of live backdrops.
    pub cameras: Views,
}

impl Shared {
    pub fn new(stage: Stage) -> Self {
        Self {
            stage: Mutex::new(stage),
            wake: Condvar::new(),
            opened: Instant::now(),
            cameras: Views::default(),
        }
    }

    /// Time since the window was opened.
    pub fn now(&self) -> Duration {
        self.opened.elapsed()
    }

    pub fn lock(&self) -> MutexGuard<'_, Stage> {
        // Each change of the stage is whole by itself, also before a panic.
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the stage and lets the projector see it.
    pub fn change<T>(&self, change: impl FnOnce(&mut Stage, Duration) -> T) -> T {
        let mut stage = self.lock();
        let outcome = change(&mut stage, self.now());
        drop(stage);
        self.wake.notify_all();
        outcome
    }
}

/// What is played, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    pub gpu: GpuChoice,
    pub options: FilmOptions,
    /// The film begins by itself.
    pub plays: bool,
    /// The story comes from standard input.
    pub is_input: bool,
    /// After this time of playing everything ends.
    pub check: Option<Duration>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Played {
    pub tally: Tally,
    /// From the opening of the window to the first frame, if there was one.
    pub first_frame: Option<Duration>,
    /// From the first frame to the last.
    pub lasted: Duration,
    pub gpu: String,
    /// What the last frames were drawn in.
    pub size: Option<FrameSize>,
    /// What playing took at the end of each tenth of a check.
    pub samples: Vec<Sample>,
}

/// Shows the film until everything ends. `told` hears that the GPU was lost.
pub fn run(
    shared: &Shared,
    mut screen: Screen,
    plan: &Plan,
    told: impl Fn(),
) -> Result<Played, RenderError> {
    let mut progress = Progress::default();
    let mut losses = Losses::default();
    let mut opened = Some(screen.open_gpu(&plan.gpu)?);
    while let Some(gpu) = opened {
        let gpu = Arc::new(gpu);
        progress.gpu = gpu.description().to_string();
        shared.change(|stage, _| stage.gpu = Some(Arc::clone(&gpu)));
        let projector = Projector {
            shared,
            plan,
            gpu: &gpu,
            screen: &screen,
            progress: &mut progress,
            area: Area::default(),
            wanted: None,
            wanted_since: Duration::ZERO,
            detail: Detail::default(),
            nothing_ahead: None,
            not_before: Duration::ZERO,
            painter: Painter::default(),
        };
        opened = match draw_with(&gpu, || projector.run()) {
            Ok(()) => None,
            Err(RenderError::Lost(cause)) if losses.bear(shared.now()) => {
                tracing::warn!("the GPU stopped working ({cause}); it is opened again");
                shared.change(|stage, now| {
                    stage.gpu = None;
                    // What panels had with it has gone.
                    stage.layer.clear();
                    stage.losses += 1;
                    stage.remark("The GPU stopped working and was opened again", now);
                });
                told();
                drop(gpu);
                open_again(shared, &mut screen, &plan.gpu)?
            }
            Err(error) => return Err(error),
        };
    }
    let now = shared.now();
    if plan.check.is_some() && !shared.lock().quit {
        // The last frame may have come too early for some; no other object has been made since.
        let last = progress.samples.last();
        let sample = Sample {
            memory_bytes: memory_bytes(),
            gpu_objects: last.map_or_else(|| screen.gpu_objects(), |last| last.gpu_objects),
        };
        progress.samples.resize(SAMPLES, sample);
    }
    Ok(Played {
        tally: shared.lock().player.tally(),
        first_frame: progress.began,
        lasted: progress
            .began
            .map_or(Duration::ZERO, |began| now.saturating_sub(began)),
        gpu: progress.gpu,
        size: progress.size,
        samples: progress.samples,
    })
}

/// What outlives a lost GPU.
#[derive(Debug, Default)]
struct Progress {
    /// The GPU, as people know it.
    gpu: String,
    /// What the last picture was drawn with.
    art: Option<Art>,
    /// When the first frame was on screen.
    began: Option<Duration>,
    size: Option<FrameSize>,
    samples: Vec<Sample>,
}

/// What the window shows.
#[derive(Clone, Debug, PartialEq)]
struct Look {
    frame: u64,
    /// How many pictures of cameras had come, where they are seen although the film stands.
    cameras: u64,
    sheet: Sheet,
    size_px: [u32; 2],
    area: Area,
    exposures: u64,
    /// Which painting of the panels.
    layer: u64,
}

/// What is to be done next.
enum Turn {
    Show(Look),
    /// There is time to draw for what comes after this frame.
    DrawAhead(u64),
    /// Another film, or another resolution.
    Rebuild,
    End,
}

struct Projector<'a> {
    shared: &'a Shared,
    plan: &'a Plan,
    gpu: &'a Gpu,
    screen: &'a Screen,
    progress: &'a mut Progress,
    /// Where the picture is.
    area: Area,
    /// What it is to be drawn in, if there is room for any, and since when.
    wanted: Option<FrameSize>,
    wanted_since: Duration,
    detail: Detail,
    /// The frame after which nothing can be drawn ahead, as a picture there is broken.
    nothing_ahead: Option<u64>,
    /// When a window that could not show anything is tried again.
    not_before: Duration,
    painter: Painter,
}

impl Projector<'_> {
    fn run(mut self) -> Result<(), RenderError> {
        let mut presenter = Presenter::new(self.gpu, self.screen)?;
        let mut kit = None;
        while let Some((loaded, size)) = self.wait_for_room() {
            match self.play(&mut presenter, &mut kit, &loaded, size) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error @ RenderError::OwnArt { .. }) => self.go_back(&loaded, &error),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Plays one film in one resolution; gives back whether another is to follow.
    fn play(
        &mut self,
        presenter: &mut Presenter<'_>,
        kit: &mut Option<FilmKit>,
        loaded: &Arc<Loaded>,
        size: FrameSize,
    ) -> Result<bool, RenderError> {
        let gpu = self.gpu.with_art(loaded.art.clone());
        let (board, options) = (&loaded.board, self.plan.options);
        let began = Instant::now();
        let mut film = match kit.take() {
            Some(kit) => Film::with_kit(&gpu, kit, board, size, options)?,
            None => Film::new(&gpu, board, size, options)?,
        };
        film.set_backdrops(loaded.backdrops.clone());
        self.shared.cameras.stand_behind(&mut film)?;
        tracing::debug!(took_s = began.elapsed().as_secs_f64(), "film opened");
        self.progress.size = Some(size);
        let mut stage = self.shared.lock();
        stage.drawn = Some(size);
        stage.lowered = (Detail::default().size_for(self.area) != Some(size)).then_some(size);
        drop(stage);
        let goes_on = self.show(presenter, &mut film, loaded)?;
        *kit = Some(film.into_kit());
        Ok(goes_on)
    }

    /// Puts the film into the art of the picture before, for that on disk does not fit to it.
    fn go_back(&self, loaded: &Arc<Loaded>, error: &RenderError) {
        tracing::warn!("{error}");
        let before = self.progress.art.clone();
        let before = before.filter(|art| *art != loaded.art).unwrap_or_default();
        self.shared.change(|stage, _| {
            // Perhaps another came meanwhile.
            if stage.loaded.art == loaded.art {
                stage.wear(before);
                stage.refuse_art(error.to_string());
            }
        });
    }

    /// Shows frames until there is another film or resolution; gives back whether there is one.
    fn show(
        &mut self,
        presenter: &mut Presenter<'_>,
        film: &mut Film<'_>,
        loaded: &Arc<Loaded>,
    ) -> Result<bool, RenderError> {
        let mut drawn = None;
        let mut last = None;
        loop {
            let look = match self.next_turn(loaded, film, last.as_ref()) {
                Turn::Show(look) => look,
                Turn::DrawAhead(frame) => {
                    match film.draw_ahead(frame as f64 / f64::from(loaded.reel.fps)) {
                        // It is told when it is to be seen.
                        Err(RenderError::Backdrop { .. }) => self.nothing_ahead = Some(frame),
                        outcome => outcome?,
                    }
                    continue;
                }
                Turn::Rebuild => return Ok(true),
                Turn::End => return Ok(false),
            };
            let began = Instant::now();
            let is_new = drawn != Some((look.frame, look.cameras));
            if is_new {
                self.draw(film, look.frame as f64 / f64::from(loaded.reel.fps))?;
                drawn = Some((look.frame, look.cameras));
            }
            let drawing = began.elapsed();
            let picture = Some((&*film, look.area));
            let showing = presenter.show(look.size_px, picture, &look.sheet, |canvas| {
                // Taken when it is painted, for a window that cannot be shown loses no textures.
                let (painting, textures) = self.shared.lock().layer.take();
                self.painter
                    .paint(canvas, look.size_px, &painting, &textures);
            })?;
            let Some(showing) = showing else {
                self.not_before = self.shared.now() + TRY_AGAIN;
                last = None;
                continue;
            };
            if is_new && self.progress.art.as_ref() != Some(&loaded.art) {
                self.progress.art = Some(loaded.art.clone());
            }
            self.count(look.frame, is_new.then_some(drawing + showing), look.area);
            self.take_samples();
            last = Some(look);
        }
    }

    /// Draws a moment. Where a picture behind its actors cannot be used, that is told and the last
    /// moment that could be drawn stays.
    fn draw(&self, film: &mut Film<'_>, time_s: f64) -> Result<(), RenderError> {
        let trouble = match film.draw(time_s) {
            Ok(()) => None,
            Err(error @ RenderError::Backdrop { .. }) => Some(error.to_string()),
            Err(error) => return Err(error),
        };
        let mut stage = self.shared.lock();
        if stage.picture_trouble != trouble {
            if let Some(trouble) = &trouble {
                tracing::warn!("{trouble}");
            }
            stage.picture_trouble = trouble;
        }
        Ok(())
    }

    /// Takes note of a frame on screen and of what it cost, if it had to be drawn.
    fn count(&mut self, frame: u64, cost: Option<Duration>, area: Area) {
        let mut stage = self.shared.lock();
        let now = self.shared.now();
        if let Some(cost) = cost {
            stage.gauge.note(cost, now);
        }
        if self.progress.began.is_none() {
            self.progress.began = Some(now);
            if self.plan.plays {
                stage.player.play(now);
            }
            stage.player.shown(frame);
            return;
        }
        stage.player.shown(frame);
        let Some(cost) = cost.filter(|_| stage.player.playing() && stage.player.speed() <= 1.0)
        else {
            return;
        };
        let budget = Duration::from_secs_f64(1.0 / f64::from(stage.player.reel().fps));
        if self.detail.weigh(cost, budget)
            && let Some(size) = self.detail.size_for(area)
        {
            let told = format!(
                "Drawn in {}x{}: this GPU is too slow for more",
                size.width(),
                size.height()
            );
            tracing::warn!(
                "the preview is drawn in {}x{}: {} is too slow for {}x{}",
                size.width(),
                size.height(),
                self.gpu.description(),
                area.width,
                area.height
            );
            stage.remark(told, now);
        }
    }

    /// Takes note, in a check, of what playing takes now if another tenth of the time is over.
    fn take_samples(&mut self) {
        let (Some(length), Some(began)) = (self.plan.check, self.progress.began) else {
            return;
        };
        // The last frame comes just before the end.
        let now = self.shared.now() + length / 100;
        let samples = &mut self.progress.samples;
        while samples.len() < SAMPLES
            && now >= began + length * (samples.len() as u32 + 1) / SAMPLES as u32
        {
            samples.push(Sample {
                memory_bytes: memory_bytes(),
                gpu_objects: self.screen.gpu_objects(),
            });
        }
    }

    /// The film that is loaded and the resolution for it, as soon as the window has room for any.
    fn wait_for_room(&mut self) -> Option<(Arc<Loaded>, FrameSize)> {
        let mut stage = self.shared.lock();
        loop {
            let now = self.shared.now();
            if stage.quit || self.check_is_over(now) {
                return None;
            }
            self.look_at_room(&stage, now);
            if let Some(size) = self.wanted {
                return Some((Arc::clone(&stage.loaded), size));
            }
            stage = self.wait(stage, self.check_ends_at(), now);
        }
    }

    fn next_turn(&mut self, loaded: &Arc<Loaded>, film: &Film<'_>, last: Option<&Look>) -> Turn {
        let (size, fps) = (film.size(), loaded.reel.fps);
        let has_cameras = loaded.has_cameras();
        let mut stage = self.shared.lock();
        loop {
            let now = self.shared.now();
            if stage.quit || self.check_is_over(now) {
                return Turn::End;
            }
            stage.player.settle(now);
            if !Arc::ptr_eq(&stage.loaded, loaded) {
                return Turn::Rebuild;
            }
            self.look_at_room(&stage, now);
            let mut wake_at = [
                self.check_ends_at(),
                stage.next_change_at(now),
                Some(self.not_before).filter(|at| *at > now),
                None,
                None,
                None,
            ];
            if self.wanted.is_some_and(|wanted| wanted != size) {
                let settles = self.wanted_since + SIZE_SETTLES;
                if now >= settles {
                    return Turn::Rebuild;
                }
                wake_at[3] = Some(settles);
            }
            if self.wanted.is_some() && !stage.hidden {
                let frame = stage.player.frame(now);
                if has_cameras {
                    stage.camera_trouble = self.shared.cameras.trouble();
                    wake_at[5] = Some(now + Duration::from_secs_f64(1.0 / f64::from(fps)));
                }
                let stands = has_cameras && !stage.player.playing();
                let seen = stands && film.films_camera(fps, frame..frame + 1);
                let look = Look {
                    frame,
                    cameras: if seen { self.shared.cameras.count() } else { 0 },
                    sheet: stage.sheet(frame, now),
                    size_px: stage.size_px,
                    area: self.area,
                    exposures: stage.exposures,
                    layer: stage.layer.serial(),
                };
                if last != Some(&look) && now >= self.not_before {
                    return Turn::Show(look);
                }
                wake_at[4] = stage.player.next_frame_at(now);
            }
            let soonest = wake_at.into_iter().flatten().min();
            if let Some(look) = last
                && !stage.player.backwards()
                && soonest.is_none_or(|soonest| soonest >= now + TIME_FOR_STRIP)
                && self.nothing_ahead != Some(look.frame)
                && film.has_more_ahead(look.frame as f64 / f64::from(fps))
            {
                return Turn::DrawAhead(look.frame);
            }
            stage = self.wait(stage, soonest, now);
        }
    }

    fn wait<'s>(
        &self,
        stage: MutexGuard<'s, Stage>,
        until: Option<Duration>,
        now: Duration,
    ) -> MutexGuard<'s, Stage> {
        let wake = &self.shared.wake;
        match until {
            None => wake.wait(stage).unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let outcome = wake.wait_timeout(stage, until.saturating_sub(now));
                outcome.unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    fn look_at_room(&mut self, stage: &Stage, now: Duration) {
        let area = letterbox(stage.room_px(), stage.film_size);
        if area != self.area {
            self.area = area;
            // Another size may be drawn in time.
            self.detail.reset();
        }
        // A film that stands has time for all its pixels.
        let wanted = if stage.player.playing() {
            self.detail.size_for(area)
        } else {
            Detail::default().size_for(area)
        };
        if wanted != self.wanted {
            self.wanted = wanted;
            self.wanted_since = now;
        }
    }

    fn check_ends_at(&self) -> Option<Duration> {
        let length = self.plan.check?;
        Some(match self.progress.began {
            Some(began) => began + length,
            None => length + UNSEEN_CHECK_ENDS,
        })
    }

    fn check_is_over(&self, now: Duration) -> bool {
        self.check_ends_at().is_some_and(|end| now >= end)
    }
}
