//! egui on the window: it gets the events that are meant for the panels, works out what they look
//! like when something has changed, and leaves that to the projector.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use egui::epaint::ClippedShape;
use egui::{Context, Order, Popup, Pos2, ViewportId};
use egui_winit::State;
use fabula_render::FrameSize;
use winit::event::{ElementState, WindowEvent};
use winit::window::Window;

use super::album::Subject;
use super::gauge;
use super::painter::Painting;
use super::panels::{self, Around, Inspection, Model, Panels, Pictures, Wanted};
use super::projector::Shared;
use super::stage::{Loaded, Stage};

/// Time between two looks at what plays and is exported, while the panels show it.
const LOOK_EVERY: Duration = Duration::from_millis(125);
/// No two paintings come nearer to one another.
const SHORTEST: Duration = Duration::from_millis(16);

/// The panels on their window.
pub struct Interface {
    context: Context,
    state: State,
    panels: Panels,
    pictures: Pictures,
    /// The story comes from standard input.
    is_input: bool,
    /// What the panels were made from.
    seen: Option<(Arc<Loaded>, u64)>,
    losses: u32,
    /// What was painted last.
    shapes: Vec<ClippedShape>,
    strength: f32,
    /// Something has happened since.
    changed: bool,
    /// When to paint again in any case.
    next: Option<Duration>,
}

impl Interface {
    pub fn new(window: &Window, wishes: Sender<Subject>, is_input: bool) -> Self {
        let (context, state) = open(window);
        Self {
            context,
            state,
            panels: Panels::default(),
            pictures: Pictures::new(wishes),
            is_input,
            seen: None,
            losses: 0,
            shapes: Vec::new(),
            strength: 0.0,
            changed: true,
            next: None,
        }
    }

    /// Something else than an event has happened.
    pub fn wake(&mut self) {
        self.changed = true;
    }

    /// Takes note of an event; says whether it was meant for the panels and not for the film.
    pub fn event(&mut self, window: &Window, event: &WindowEvent, stage: &Stage) -> bool {
        let popup = Popup::is_any_open(&self.context);
        let typing = self.context.egui_wants_keyboard_input() || popup;
        let over = self.is_over(stage, self.state.egui_input()) || popup;
        let taken = match event {
            WindowEvent::KeyboardInput { .. } | WindowEvent::Ime(_) if !typing => return false,
            WindowEvent::KeyboardInput { .. } | WindowEvent::Ime(_) => true,
            WindowEvent::MouseInput {
                state: ElementState::Pressed,
                ..
            }
            | WindowEvent::MouseWheel { .. } => over,
            WindowEvent::CursorMoved { position, .. } => {
                let at = [position.x as f32, position.y as f32];
                let dragging = self.context.egui_is_using_pointer();
                !stage.scrubbing() && (dragging || self.is_at(stage, at))
            }
            WindowEvent::MouseInput { .. }
            | WindowEvent::CursorLeft { .. }
            | WindowEvent::ModifiersChanged(_)
            | WindowEvent::Focused(_)
            | WindowEvent::ScaleFactorChanged { .. }
            | WindowEvent::Resized(_) => false,
            _ => return false,
        };
        let _ = self.state.on_window_event(window, event);
        self.changed = true;
        taken
    }

    fn is_over(&self, stage: &Stage, input: &egui::RawInput) -> bool {
        let moved = input.events.iter().rev().find_map(|event| match event {
            egui::Event::PointerMoved(at) => Some(*at),
            _ => None,
        });
        let at = moved.or_else(|| self.context.pointer_latest_pos());
        at.is_some_and(|at| self.is_at(stage, [at.x, at.y].map(|it| it * stage.scale)))
    }

    /// Whether a place of the window belongs to the panels.
    fn is_at(&self, stage: &Stage, [x, y]: [f32; 2]) -> bool {
        let beside = stage.panels && x >= stage.room_px()[0] as f32;
        let at = Pos2::new(x / stage.scale, y / stage.scale);
        let layer = self.context.layer_id_at(at);
        beside || layer.is_some_and(|layer| layer.order != Order::Background)
    }

    /// When to look again.
    pub fn next_at(&self, stage: &Stage, now: Duration) -> Option<Duration> {
        let is_moving = stage.panels && (stage.player.playing() || stage.export.is_some());
        let look = is_moving.then(|| now + LOOK_EVERY);
        self.next.into_iter().chain(look).min()
    }

    /// Paints the panels anew, if anything has changed; gives back what the person wants.
    pub fn run(&mut self, window: &Window, shared: &Shared) -> Vec<Wanted> {
        let now = shared.now();
        let mut stage = shared.lock();
        let strength = stage.strength(now);
        let due = self.next.is_some_and(|next| now >= next);
        let is_moving = stage.panels && (stage.player.playing() || stage.export.is_some());
        let is_lost = stage.losses != self.losses;
        if !self.changed && !due && !is_moving && !is_lost && strength == self.strength {
            return Vec::new();
        }
        (self.changed, self.next, self.strength) = (false, None, strength);
        if is_lost {
            // The new GPU has none of the textures that the one before had.
            self.losses = stage.losses;
            self.pictures.clear();
            self.shapes.clear();
            (self.context, self.state) = open(window);
        }
        self.look_at(&mut stage, now);
        let around = around(&stage, strength);
        drop(stage);

        let input = self.state.take_egui_input(window);
        let mut wanted = Vec::new();
        let output = self.context.run_ui(input, |ui| {
            let more = panels::show(ui, &mut self.panels, &around, &mut self.pictures);
            wanted.extend(more);
        });
        let delay = output.viewport_output.get(&ViewportId::ROOT);
        let delay = delay.map_or(Duration::MAX, |viewport| viewport.repaint_delay);
        self.next = now.checked_add(delay.max(SHORTEST));
        let textures = output.textures_delta;
        if output.shapes != self.shapes || !textures.is_empty() {
            let pixels_per_point = output.pixels_per_point;
            self.shapes.clone_from(&output.shapes);
            let painting = Painting {
                primitives: self.context.tessellate(output.shapes, pixels_per_point),
                pixels_per_point,
            };
            shared.change(|stage, _| {
                // Otherwise it is for a GPU that has gone, and comes again for the new one.
                if stage.losses == self.losses {
                    stage.layer.put(painting, textures);
                }
            });
        }
        self.state
            .handle_platform_output(window, output.platform_output);
        wanted
    }

    /// Brings the panels up to date.
    fn look_at(&mut self, stage: &mut Stage, now: Duration) {
        for sketch in std::mem::take(&mut stage.sketches) {
            self.pictures.take(&self.context, sketch);
        }
        self.pictures.set_film(&stage.loaded);
        let is_seen = self.seen.as_ref().is_some_and(|(film, revision)| {
            Arc::ptr_eq(film, &stage.loaded) && *revision == stage.revision
        });
        if !is_seen {
            let reading = stage.reading_of.as_deref();
            self.panels.model = Model::of(&stage.loaded, reading, self.is_input);
            self.seen = Some((Arc::clone(&stage.loaded), stage.revision));
        }
        self.panels.time_s = stage.player.time_s(now);
        self.panels.playing = stage.player.playing();
        self.panels.trouble = stage.trouble().map(str::to_owned);
        self.panels.exporting = stage.export.as_ref().map(|export| export.done);
        (self.panels.can_undo, self.panels.can_redo) = (stage.can_undo, stage.can_redo);
        if stage.panels {
            self.panels.inspection = inspection(stage, now);
        }
    }
}

/// egui for a window.
fn open(window: &Window) -> (Context, State) {
    let context = Context::default();
    panels::dress(&context);
    context.options_mut(|options| options.zoom_with_keyboard = false);
    let scale = Some(window.scale_factor() as f32);
    let state = State::new(context.clone(), ViewportId::ROOT, window, scale, None, None);
    (context, state)
}

fn around(stage: &Stage, strength: f32) -> Around {
    let points = |px: f32| px / stage.scale;
    let film = stage.film_size;
    Around {
        panels: stage.panels.then(|| points(stage.panels_px() as f32)),
        strength,
        pointed: stage
            .pointed_s()
            .filter(|_| strength > 0.0)
            .map(|(time_s, [x, y])| (time_s, Pos2::new(points(x), points(y)))),
        aspect: film.width() as f32 / film.height() as f32,
    }
}

fn inspection(stage: &Stage, now: Duration) -> Inspection {
    let size = |size: FrameSize| format!("{}x{}", size.width(), size.height());
    let fps = stage.player.reel().fps;
    let tally = stage.player.tally();
    let gpu = stage.gpu.as_ref().map(|gpu| gpu.description());
    let told = |what: Option<String>| what.unwrap_or_else(|| "not open".to_owned());
    Inspection {
        costs_ms: stage.gauge.costs_ms().collect(),
        typical_and_worst_ms: stage.gauge.typical_and_worst_ms(),
        budget_ms: 1e3 / fps as f32,
        fps: stage.gauge.fps(now),
        shown: tally.shown,
        dropped: tally.dropped,
        drawn: stage.drawn.map(size),
        exported: format!("{} at {fps} frames a second", size(stage.film_size)),
        gpu: told(gpu.map(|gpu| gpu.name.clone())),
        kind: told(gpu.map(|gpu| gpu.kind.to_string())),
        backend: told(gpu.map(|gpu| gpu.backend.clone())),
        driver: told(gpu.map(|gpu| gpu.driver.clone())),
        memory_bytes: gauge::memory_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use fabula_render::{Gpu, GpuChoice};
    use fabula_story::Storyboard;

    use super::super::player::{AtEnd, Player};
    use super::*;

    #[test]
    fn the_inspector_has_what_was_drawn_last_by_what_and_at_what_cost() {
        let board = include_str!("../../../engine/story/tests/samples/storyboard.json");
        let loaded = Loaded::new(Storyboard::from_json(board).unwrap(), Arc::default(), 25);
        let player = Player::new(loaded.reel.clone(), 0.0, AtEnd::Hold);
        let mut stage = Stage::new(player, loaded, FrameSize::FULL_HD);
        let at = Duration::from_millis;
        assert_eq!(inspection(&stage, at(0)).drawn, None);
        assert_eq!(inspection(&stage, at(0)).gpu, "not open");

        stage.drawn = FrameSize::new(640, 360).ok();
        stage.player.play(at(0));
        for (frame, cost_ms) in [(0, 9), (1, 10), (4, 30)] {
            stage.player.shown(frame);
            stage.gauge.note(at(cost_ms), at(40 * frame));
        }
        let seen = inspection(&stage, at(200));
        assert_eq!((seen.shown, seen.dropped, seen.fps), (3, 2, 3));
        assert_eq!(seen.typical_and_worst_ms, Some((10.0, 30.0)));
        assert_eq!(
            (seen.costs_ms, seen.budget_ms),
            (vec![9.0, 10.0, 30.0], 40.0)
        );
        assert_eq!(seen.drawn.as_deref(), Some("640x360"));
        assert_eq!(seen.exported, "1920x1080 at 25 frames a second");
        if let Ok(gpu) = Gpu::open(&GpuChoice::Auto) {
            let known = gpu.description().clone();
            stage.gpu = Some(Arc::new(gpu));
            let seen = inspection(&stage, at(200));
            assert_eq!((seen.gpu, seen.backend), (known.name, known.backend));
            assert_eq!(
                (seen.kind, seen.driver),
                (known.kind.to_string(), known.driver)
            );
        }
    }
}
