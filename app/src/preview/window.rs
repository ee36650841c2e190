//! The window: it hands keys, mouse and sizes to the stage, and does what only a window can.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use fabula_render::{FrameSize, RenderError, Screen};
use winit::application::ApplicationHandler;
use winit::dpi::{LogicalSize, PhysicalPosition};
use winit::event::{ElementState, MouseButton, MouseScrollDelta, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoopProxy};
use winit::keyboard::ModifiersState;
#[cfg(target_os = "linux")]
use winit::platform::x11::WindowAttributesExtX11;
use winit::window::{Fullscreen, Window, WindowId};

use super::Order;
use super::album::Subject;
use super::interface::Interface;
use super::jobs::{Job, export_film, save_still};
use super::keys::{Wish, wish};
use super::panels::Wanted;
use super::player::Action;
use super::projector::{Plan, Played, Shared, run};
use super::stage::{Exporting, Request, Stage};
use crate::failure::Failure;

/// Longest sides of a new window, in points.
const LARGEST_WINDOW: [f64; 2] = [1280.0, 720.0];
/// Smallest sides of any window, in points.
const SMALLEST_WINDOW: [f64; 2] = [160.0, 90.0];
/// Seconds of film for one notch of the wheel.
const WHEEL_S: f64 = 1.0;
/// Pixels that a touchpad scrolls for one notch of a wheel.
const NOTCH_PX: f64 = 40.0;

/// The thread that shows pictures may take events of the window off the connection to an X server,
/// and nothing wakes the window for them: it looks again after this time.
const LOOKS_AGAIN: Duration = Duration::from_millis(100);

/// The remedy where there is no display.
pub const WITHOUT: &str = "`fabula render` makes the film without one";

/// What other threads tell the window.
#[derive(Debug)]
pub enum Message {
    /// The projector has come to its end.
    Ended,
    /// Something has changed that the window shows: another film is loaded, a small picture drawn,
    /// the GPU lost together with what the panels had there.
    Changed,
}

/// The window and what it starts.
pub struct App<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    shared: &'env Shared,
    plan: &'env Plan,
    messages: EventLoopProxy<Message>,
    /// Name of the story's file without folder and extension.
    name: &'env str,
    window: Option<Arc<Window>>,
    projector: Option<Projector<'scope>>,
    failure: Option<Failure>,
    modifiers: ModifiersState,
    pointer_hidden: bool,
    interface: Option<Interface>,
    /// To the thread that writes changes, and to the one that draws small pictures.
    orders: Sender<Order>,
    wishes: Sender<Subject>,
}

type Projector<'scope> = ScopedJoinHandle<'scope, Result<Played, RenderError>>;

/// What the projector leaves when it ends, in whatever way.
struct Farewell(EventLoopProxy<Message>);

impl Drop for Farewell {
    fn drop(&mut self) {
        // Without an event loop there is nobody left to be told.
        let _ = self.0.send_event(Message::Ended);
    }
}

impl ApplicationHandler<Message> for App<'_, '_> {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.window.is_some() {
            return;
        }
        if let Err(failure) = self.open(event_loop) {
            self.failure = Some(failure);
            event_loop.exit();
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, message: Message) {
        match message {
            Message::Ended => event_loop.exit(),
            Message::Changed => {
                if let Some(window) = &self.window {
                    window.set_title(&title(&self.shared.lock()));
                }
                if let Some(interface) = &mut self.interface {
                    interface.wake();
                }
            }
        }
    }

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let shared = self.shared;
        if let (Some(window), Some(interface)) = (&self.window, &mut self.interface) {
            let taken = interface.event(window, &event, &shared.lock());
            match event {
                // Whoever clicks into a field and types at once is understood.
                WindowEvent::MouseInput { .. } => self.run_interface(),
                WindowEvent::CursorMoved { .. } if taken => {
                    shared.change(|stage, _| stage.point_away());
                }
                _ => {}
            }
            if taken {
                return;
            }
        }
        match event {
            WindowEvent::CloseRequested | WindowEvent::Destroyed => self.end(),
            WindowEvent::Resized(size) => {
                shared.change(|stage, _| stage.size_px = [size.width, size.height]);
            }
            WindowEvent::ScaleFactorChanged { scale_factor, .. } => {
                shared.change(|stage, _| stage.scale = scale_factor as f32);
            }
            WindowEvent::Occluded(hidden) => shared.change(|stage, _| {
                stage.hidden = hidden;
                stage.exposures += 1;
            }),
            WindowEvent::RedrawRequested => shared.change(|stage, _| stage.exposures += 1),
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            WindowEvent::KeyboardInput { event, .. } if event.state == ElementState::Pressed => {
                if let Some(wish) = wish(&event.logical_key, self.modifiers, event.repeat) {
                    self.wish(wish);
                }
            }
            WindowEvent::CursorMoved { position, .. } => {
                let PhysicalPosition { x, y } = position;
                shared.change(|stage, now| stage.point([x as f32, y as f32], now));
            }
            WindowEvent::CursorLeft { .. } => shared.change(|stage, _| stage.point_away()),
            WindowEvent::MouseInput {
                state,
                button: MouseButton::Left,
                ..
            } => {
                let request = shared.change(|stage, now| match state {
                    ElementState::Pressed => stage.press(now),
                    ElementState::Released => {
                        stage.release(now);
                        None
                    }
                });
                self.answer(request);
            }
            WindowEvent::MouseWheel { delta, .. } => {
                let notches = match delta {
                    MouseScrollDelta::LineDelta(_, lines) => f64::from(lines),
                    MouseScrollDelta::PixelDelta(by) => by.y / NOTCH_PX,
                };
                self.wish(Wish::Film(Action::Skip(notches * WHEEL_S)));
            }
            _ => {}
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        self.run_interface();
        let Some(window) = &self.window else { return };
        let now = self.shared.now();
        let stage = self.shared.lock();
        let hidden = stage.is_quiet(now) && window.fullscreen().is_some();
        let interface = self.interface.as_ref();
        let next = stage
            .next_change_at(now)
            .into_iter()
            .chain(interface.and_then(|interface| interface.next_at(&stage, now)))
            .min();
        drop(stage);
        if hidden != self.pointer_hidden {
            self.pointer_hidden = hidden;
            window.set_cursor_visible(!hidden);
        }
        let next = next.map(|at| at.saturating_sub(now));
        let longest = cfg!(target_os = "linux").then_some(LOOKS_AGAIN);
        let wait = next.into_iter().chain(longest).min();
        event_loop.set_control_flow(wait.map_or(ControlFlow::Wait, ControlFlow::wait_duration));
    }
}

impl<'scope, 'env> App<'scope, 'env> {
    pub fn new(
        scope: &'scope Scope<'scope, 'env>,
        shared: &'env Shared,
        plan: &'env Plan,
        messages: EventLoopProxy<Message>,
        name: &'env str,
        orders: Sender<Order>,
        wishes: Sender<Subject>,
    ) -> Self {
        Self {
            scope,
            shared,
            plan,
            messages,
            name,
            window: None,
            projector: None,
            failure: None,
            modifiers: ModifiersState::empty(),
            pointer_hidden: false,
            interface: None,
            orders,
            wishes,
        }
    }

    /// Lets everything end, waits for it, and says how it went.
    pub fn finish(mut self) -> Result<Played, Failure> {
        self.end();
        match (self.projector.take(), self.failure.take()) {
            (Some(projector), _) => match projector.join() {
                Ok(played) => Ok(played?),
                // A panic of the other thread goes on here.
                Err(panic) => std::panic::resume_unwind(panic),
            },
            (None, Some(failure)) => Err(failure),
            (None, None) => Err(Failure::device(format!("no window was opened; {WITHOUT}"))),
        }
    }

    /// Opens the window and starts the projector.
    fn open(&mut self, event_loop: &ActiveEventLoop) -> Result<(), Failure> {
        let (title, film_size) = {
            let stage = self.shared.lock();
            (title(&stage), stage.film_size)
        };
        let attributes = Window::default_attributes()
            .with_title(title)
            .with_inner_size(first_size(film_size))
            .with_min_inner_size(LogicalSize::<f64>::from(SMALLEST_WINDOW));
        // By this name desktops know which program a window belongs to.
        #[cfg(target_os = "linux")]
        let attributes = WindowAttributesExtX11::with_name(attributes, "fabula", "fabula");
        let window = event_loop.create_window(attributes).map_err(|error| {
            Failure::device(format!("no window can be opened: {error}; {WITHOUT}"))
        })?;
        let window = Arc::new(window);
        let screen = Screen::new(Arc::clone(&window))?;
        self.shared.change(|stage, _| {
            let size = window.inner_size();
            stage.size_px = [size.width, size.height];
            stage.scale = window.scale_factor() as f32;
        });
        let wishes = self.wishes.clone();
        self.interface = Some(Interface::new(&window, wishes, self.plan.is_input));
        self.window = Some(window);
        let (shared, plan) = (self.shared, self.plan);
        let farewell = Farewell(self.messages.clone());
        self.projector = Some(self.scope.spawn(move || {
            // Without an event loop there is nobody left to be told.
            let told = || drop(farewell.0.send_event(Message::Changed));
            run(shared, screen, plan, told)
        }));
        Ok(())
    }

    /// Brings the panels up to date, and does what the person wants there.
    fn run_interface(&mut self) {
        let (Some(window), Some(interface)) = (&self.window, &mut self.interface) else {
            return;
        };
        for wanted in interface.run(window, self.shared) {
            match wanted {
                Wanted::Edit(edit) => self.order(Order::Edit(edit)),
                Wanted::Undo => self.order(Order::Undo),
                Wanted::Redo => self.order(Order::Redo),
                Wanted::Seek(time_s) => self.shared.change(|stage, now| {
                    stage.player.act(Action::Seek(time_s), now);
                }),
                Wanted::Export => self.start_export(),
                Wanted::CancelExport => self.shared.change(|stage, _| {
                    if let Some(export) = &mut stage.export {
                        export.cancelled = true;
                    }
                }),
                Wanted::Still => self.start_still(),
                Wanted::Panels(open) => self.shared.change(|stage, _| stage.panels = open),
            }
            if let Some(interface) = &mut self.interface {
                interface.wake();
            }
        }
    }

    fn order(&self, order: Order) {
        // Without anybody to carry it out, everything is about to end.
        let _ = self.orders.send(order);
    }

    fn wish(&mut self, wish: Wish) {
        if let Some(interface) = &mut self.interface {
            interface.wake();
        }
        let request = self.shared.change(|stage, now| stage.wish(wish, now));
        self.answer(request);
    }

    fn answer(&mut self, request: Option<Request>) {
        let Some(window) = &self.window else { return };
        let whole_screen = window.fullscreen().is_some();
        match request {
            None => {}
            Some(Request::Fullscreen) if !whole_screen => {
                window.set_fullscreen(Some(Fullscreen::Borderless(None)));
            }
            Some(Request::Leave) if !whole_screen => self.end(),
            Some(Request::Fullscreen | Request::Leave) => window.set_fullscreen(None),
            Some(Request::Quit) => self.end(),
            Some(Request::Still) => self.start_still(),
            Some(Request::Export) => self.start_export(),
            Some(Request::Undo) => self.order(Order::Undo),
            Some(Request::Redo) => self.order(Order::Redo),
        }
    }

    /// Lets everything end; the projector says when it has.
    fn end(&self) {
        self.shared.change(|stage, _| stage.quit = true);
    }

    fn start_still(&self) {
        let shared = self.shared;
        let (job, time_s) = {
            let stage = shared.lock();
            let frame = stage.player.frame(shared.now());
            (self.job(&stage), stage.player.frame_s(frame))
        };
        if let Some(job) = job {
            self.scope.spawn(move || save_still(shared, &job, time_s));
        }
    }

    fn start_export(&self) {
        let shared = self.shared;
        let job = shared.change(|stage, now| {
            if stage.export.is_some() {
                stage.remark("An export is under way", now);
                return None;
            }
            let job = self.job(stage)?;
            stage.export = Some(Exporting::default());
            Some(job)
        });
        if let Some(job) = job {
            self.scope.spawn(move || export_film(shared, &job));
        }
    }

    /// What is open now, as a job; nothing while there is no GPU.
    fn job(&self, stage: &Stage) -> Option<Job> {
        Some(Job {
            gpu: Arc::clone(stage.gpu.as_ref()?),
            loaded: Arc::clone(&stage.loaded),
            size: stage.film_size,
            options: self.plan.options,
            name: self.name.to_owned(),
        })
    }
}

fn title(stage: &Stage) -> String {
    format!("{} – fabula", stage.loaded.board.title)
}

/// The film's size, or the largest of its shape that fits most displays.
fn first_size(film: FrameSize) -> LogicalSize<f64> {
    let (width, height) = (f64::from(film.width()), f64::from(film.height()));
    let [widest, highest] = LARGEST_WINDOW;
    let share = (widest / width).min(highest / height).min(1.0);
    LogicalSize::new((width * share).round(), (height * share).round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_window_has_the_films_shape_and_fits_a_display() {
        let size = |width, height| first_size(FrameSize::new(width, height).unwrap());
        assert_eq!(size(1920, 1080), LogicalSize::new(1280.0, 720.0));
        assert_eq!(size(320, 240), LogicalSize::new(320.0, 240.0));
        assert_eq!(size(1080, 1920), LogicalSize::new(405.0, 720.0));
    }
}
