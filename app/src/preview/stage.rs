//! Everything that the window, the projector and the reader have in common: the player, the film
//! that is loaded, and what is said over it. Like the player it is given the time.

use std::sync::Arc;
use std::time::Duration;

use fabula_render::{Art, FrameSize, Gpu, Sheet};
use fabula_story::{Story, Storyboard};

use super::album::Sketch;
use super::fit::letterbox;
use super::gauge::Gauge;
use super::keys::Wish;
use super::overlay::{self, Bar, View};
use super::painter::Layer;
use super::player::{Action, Player};
use super::reel::Reel;
use crate::backdrops::Backdrops;

/// The controls stay this long after the mouse or a key was used, and then fade.
const CONTROLS_STAY: Duration = Duration::from_millis(2500);
const CONTROLS_FADE: Duration = Duration::from_millis(240);
/// How long something is said.
const REMARK_STAYS: Duration = Duration::from_secs(5);
/// A second click within this time, and this near, makes a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(350);
const DOUBLE_CLICK_PX: f32 = 8.0;
/// Time between two pictures while something fades.
const FADE_STEP: Duration = Duration::from_millis(16);
/// Width of the panels, in points.
const PANELS_WIDTH: f32 = 384.0;
/// The share of a small window that is left to the picture.
const PICTURE_SHARE: f32 = 0.45;

/// A film as it was read from its file.
#[derive(Debug)]
pub struct Loaded {
    pub board: Storyboard,
    pub backdrops: Arc<Backdrops>,
    pub reel: Reel,
    /// What it is drawn with.
    pub art: Art,
}

impl Loaded {
    /// Whether a scene shows a camera.
    pub fn has_cameras(&self) -> bool {
        let mut scenes = self.board.scenes.iter();
        scenes.any(|scene| scene.backdrop.camera().is_some())
    }

    pub fn new(board: Storyboard, backdrops: Arc<Backdrops>, fps: u32) -> Arc<Self> {
        let reel = Reel::of(&board, fps);
        Arc::new(Self {
            board,
            backdrops,
            reel,
            art: Art::default(),
        })
    }

    /// The same film in other art.
    pub fn in_art(&self, art: Art) -> Arc<Self> {
        Arc::new(Self {
            board: self.board.clone(),
            backdrops: Arc::clone(&self.backdrops),
            reel: self.reel.clone(),
            art,
        })
    }
}

/// A story as it was read, and as its corrections put it right.
#[derive(Debug)]
pub struct Reading {
    pub read: Story,
    pub corrected: Story,
}

/// A film that is being exported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exporting {
    /// From 0 to 1.
    pub done: f32,
    /// It is to be broken off.
    pub cancelled: bool,
}

/// What only the window can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    Fullscreen,
    /// Out of the whole screen, or else the end.
    Leave,
    Still,
    Export,
    /// Take the last change in the panels back, or make it again.
    Undo,
    Redo,
    Quit,
}

/// The common state.
#[derive(Debug)]
pub struct Stage {
    pub player: Player,
    pub loaded: Arc<Loaded>,
    /// Shape of the film, and size of what is exported and saved.
    pub film_size: FrameSize,
    /// Size of the window.
    pub size_px: [u32; 2],
    /// Pixels of a point.
    pub scale: f32,
    /// Nobody can see the window.
    pub hidden: bool,
    /// Counts how often the system has forgotten what the window showed.
    pub exposures: u64,
    /// What the picture is drawn in, if the GPU is too slow for the window's own pixels.
    pub lowered: Option<FrameSize>,
    /// What the picture is drawn in.
    pub drawn: Option<FrameSize>,
    /// What is drawn with, once it is open.
    pub gpu: Option<Arc<Gpu>>,
    /// What the panels draw, and their textures that are not with the GPU yet.
    pub layer: Layer,
    /// How often the GPU was lost and opened again.
    pub losses: u32,
    /// How fast pictures are drawn.
    pub gauge: Gauge,
    pub export: Option<Exporting>,
    /// The story behind the film, if it was not a storyboard.
    pub reading_of: Option<Arc<Reading>>,
    /// Counts how often the film or the story behind it was read, well or not.
    pub revision: u64,
    /// Whether there is a change to take back, and one to make again.
    pub can_undo: bool,
    pub can_redo: bool,
    /// Small pictures that nobody has fetched yet.
    pub sketches: Vec<Sketch>,
    /// The panels are open.
    pub panels: bool,
    /// The file is being read again.
    pub reading: bool,
    /// Everything ends.
    pub quit: bool,
    help: bool,
    trouble: Option<String>,
    /// What is wrong with the art.
    art_trouble: Option<String>,
    /// What is wrong with a picture behind the actors that was fit to be used when it was read.
    pub picture_trouble: Option<String>,
    /// What is wrong with a camera.
    pub camera_trouble: Option<String>,
    remark: Option<(String, Duration)>,
    /// When the mouse or a key was used last.
    touched: Option<Duration>,
    pointer_px: Option<[f32; 2]>,
    scrub: Option<Scrub>,
    last_click: Option<(Duration, [f32; 2])>,
}

/// The bar is being dragged.
#[derive(Clone, Copy, Debug)]
struct Scrub {
    play_afterwards: bool,
}

impl Stage {
    pub fn new(player: Player, loaded: Arc<Loaded>, film_size: FrameSize) -> Self {
        Self {
            player,
            loaded,
            film_size,
            size_px: [0, 0],
            scale: 1.0,
            hidden: false,
            exposures: 0,
            lowered: None,
            drawn: None,
            gpu: None,
            layer: Layer::default(),
            losses: 0,
            gauge: Gauge::default(),
            export: None,
            reading_of: None,
            revision: 0,
            can_undo: false,
            can_redo: false,
            sketches: Vec::new(),
            panels: false,
            reading: false,
            quit: false,
            help: false,
            trouble: None,
            art_trouble: None,
            picture_trouble: None,
            camera_trouble: None,
            remark: None,
            touched: None,
            pointer_px: None,
            scrub: None,
            last_click: None,
        }
    }

    /// Does what a key asks for, unless only the window can do it.
    pub fn wish(&mut self, wish: Wish, now: Duration) -> Option<Request> {
        self.touched = Some(now);
        match wish {
            Wish::Film(action) => {
                self.player.act(action, now);
                None
            }
            Wish::Help => {
                self.help = !self.help;
                None
            }
            Wish::Leave if self.help => {
                self.help = false;
                None
            }
            Wish::Leave if self.panels => {
                self.panels = false;
                None
            }
            Wish::Leave => Some(Request::Leave),
            Wish::Panels => {
                self.panels = !self.panels;
                None
            }
            Wish::Undo => Some(Request::Undo),
            Wish::Redo => Some(Request::Redo),
            Wish::Fullscreen => Some(Request::Fullscreen),
            Wish::Quit => Some(Request::Quit),
            Wish::Still => Some(Request::Still),
            Wish::Export => Some(Request::Export),
        }
    }

    /// The mouse is somewhere else now.
    pub fn point(&mut self, at_px: [f32; 2], now: Duration) {
        if self.pointer_px == Some(at_px) {
            return;
        }
        self.pointer_px = Some(at_px);
        self.touched = Some(now);
        if self.scrub.is_some() {
            self.seek_to(at_px, now);
        }
    }

    /// The mouse has left the window.
    pub fn point_away(&mut self) {
        if self.scrub.is_none() {
            self.pointer_px = None;
        }
    }

    /// Whether the bar is being dragged.
    pub fn scrubbing(&self) -> bool {
        self.scrub.is_some()
    }

    /// The button of the mouse goes down.
    pub fn press(&mut self, now: Duration) -> Option<Request> {
        let at_px = self.pointer_px?;
        self.touched = Some(now);
        if self.help {
            self.help = false;
            return None;
        }
        if self.bar().is_at(at_px) {
            let play_afterwards = self.player.playing();
            self.player.act(Action::Hold, now);
            self.scrub = Some(Scrub { play_afterwards });
            self.seek_to(at_px, now);
            return None;
        }
        self.player.act(Action::Toggle, now);
        let twice = self.last_click.is_some_and(|(when, where_px)| {
            let [x, y] = [at_px[0] - where_px[0], at_px[1] - where_px[1]];
            now.saturating_sub(when) <= DOUBLE_CLICK && x.hypot(y) <= DOUBLE_CLICK_PX * self.scale
        });
        self.last_click = (!twice).then_some((now, at_px));
        twice.then_some(Request::Fullscreen)
    }

    /// The button of the mouse goes up.
    pub fn release(&mut self, now: Duration) {
        if self.scrub.take().is_some_and(|scrub| scrub.play_afterwards) {
            self.player.play(now);
        }
    }

    /// Goes on with what the file says now, from the same time and in the same art.
    pub fn load(&mut self, loaded: &Loaded, reading: Option<Arc<Reading>>, now: Duration) {
        self.reading = false;
        self.trouble = None;
        self.reading_of = reading;
        self.revision += 1;
        // One that could not be used when it was wanted is wanted again.
        let has_other_pictures = self.picture_trouble.take().is_some()
            || !loaded.backdrops.is_like(&self.loaded.backdrops);
        if loaded.board != self.loaded.board || has_other_pictures {
            self.player.replace(loaded.reel.clone(), now);
            self.camera_trouble = None;
            self.loaded = loaded.in_art(self.loaded.art.clone());
        }
    }

    /// Goes on in other art.
    pub fn wear(&mut self, art: Art) {
        self.art_trouble = None;
        self.revision += 1;
        if art != self.loaded.art {
            self.loaded = self.loaded.in_art(art);
        }
    }

    /// The art on disk cannot be used; the film stays in that which it has.
    pub fn refuse_art(&mut self, why: String) {
        self.art_trouble = Some(why);
        self.revision += 1;
    }

    /// The file cannot be used; the film stays as it is.
    pub fn refuse(&mut self, why: String) {
        self.reading = false;
        self.trouble = Some(why);
        self.revision += 1;
    }

    /// What is wrong with the file, or else with the art.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref().or(self.art_trouble.as_deref())
    }

    /// Width of the panels at the right edge, in pixels.
    pub fn panels_px(&self) -> u32 {
        if !self.panels {
            return 0;
        }
        let width = self.size_px[0] as f32;
        (PANELS_WIDTH * self.scale).min(width * (1.0 - PICTURE_SHARE)) as u32
    }

    /// Size of the window's left part, in which the picture is, in pixels.
    pub fn room_px(&self) -> [u32; 2] {
        let [width, height] = self.size_px;
        [width.saturating_sub(self.panels_px()), height]
    }

    /// The time under the mouse if it is on the bar, and where on the bar that is.
    pub fn pointed_s(&self) -> Option<(f64, [f32; 2])> {
        let at_px = self.pointer_px?;
        let bar = self.bar();
        let meant = self.scrub.is_some() || bar.is_at(at_px);
        let duration_s = self.player.reel().duration_s;
        meant.then(|| {
            (
                bar.time_at(at_px[0], duration_s),
                [at_px[0], bar.middle_y()],
            )
        })
    }

    /// Says something for a while.
    pub fn remark(&mut self, text: impl Into<String>, now: Duration) {
        self.remark = Some((text.into(), now + REMARK_STAYS));
    }

    /// What lies over the picture when this frame is shown at `now`.
    pub fn sheet(&self, frame: u64, now: Duration) -> Sheet {
        let work = match (&self.export, self.reading) {
            (Some(export), _) => Some(format!("Exporting   {:.0} %", export.done * 100.0)),
            (None, true) => Some("Reading the story again".to_owned()),
            (None, false) => None,
        };
        let remark = self.remark.as_ref().filter(|(_, until)| now < *until);
        overlay::sheet(&View {
            size_px: self.room_px(),
            area: letterbox(self.room_px(), self.film_size),
            scale: self.scale,
            player: &self.player,
            frame,
            strength: self.strength(now),
            pointer_px: self.pointer_px,
            scrubbing: self.scrub.is_some(),
            help: self.help,
            lowered: self.lowered,
            trouble: self
                .trouble()
                .or(self.picture_trouble.as_deref())
                .or(self.camera_trouble.as_deref()),
            remark: remark.map(|(text, _)| text.as_str()),
            work: work.as_deref(),
        })
    }

    /// When the sheet changes without anybody's doing.
    pub fn next_change_at(&self, now: Duration) -> Option<Duration> {
        let remark_ends = self.remark.as_ref().map(|(_, until)| *until);
        let fades = self.touched.filter(|_| self.scrub.is_none());
        let fades = fades.map(|touched| touched + CONTROLS_STAY);
        let fading = fades.and_then(|at| {
            if now < at {
                Some(at)
            } else if now < at + CONTROLS_FADE {
                Some(now + FADE_STEP)
            } else {
                None
            }
        });
        [remark_ends.filter(|at| *at > now), fading]
            .into_iter()
            .flatten()
            .min()
    }

    /// Whether the mouse is of no use to anybody and may be hidden.
    pub fn is_quiet(&self, now: Duration) -> bool {
        self.strength(now) == 0.0 && !self.help && !self.panels
    }

    /// How visible the controls are, from 0 to 1.
    pub fn strength(&self, now: Duration) -> f32 {
        // Who looks at a time of the bar has the picture of it also without moving.
        if self.pointed_s().is_some() {
            return 1.0;
        }
        let Some(touched) = self.touched else {
            return 0.0;
        };
        let over = now.saturating_sub(touched + CONTROLS_STAY);
        let faded = over.as_secs_f32() / CONTROLS_FADE.as_secs_f32();
        (1.0 - faded).clamp(0.0, 1.0)
    }

    fn bar(&self) -> Bar {
        let room_px = self.room_px();
        Bar::new(room_px, letterbox(room_px, self.film_size), self.scale)
    }

    fn seek_to(&mut self, [x, _]: [f32; 2], now: Duration) {
        let time_s = self.bar().time_at(x, self.player.reel().duration_s);
        self.player.act(Action::Seek(time_s), now);
    }
}

#[cfg(test)]
mod tests {
    use winit::keyboard::{Key, ModifiersState, NamedKey};

    use super::super::keys::wish;
    use super::super::player::AtEnd;
    use super::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn sample_board() -> Storyboard {
        let board = include_str!("../../../engine/story/tests/samples/storyboard.json");
        Storyboard::from_json(board).unwrap()
    }

    fn stage() -> Stage {
        let loaded = Loaded::new(sample_board(), Arc::default(), 24);
        let player = Player::new(loaded.reel.clone(), 0.0, AtEnd::Hold);
        let mut stage = Stage::new(player, loaded, FrameSize::FULL_HD);
        stage.size_px = [1280, 720];
        stage
    }

    fn says(stage: &Stage, now: Duration, text: &str) -> bool {
        let sheet = stage.sheet(0, now);
        sheet.labels.iter().any(|label| label.text.contains(text))
    }

    /// Presses a key of a name as the help has it; a capital letter means Shift, `^` Control.
    fn type_keys(stage: &mut Stage, keys: &str) -> Option<Request> {
        let mut request = None;
        for key in keys.split(' ') {
            let mut modifiers = ModifiersState::empty();
            modifiers.set(ModifiersState::CONTROL, key.starts_with('^'));
            let key = key.trim_start_matches('^');
            let named = |key| Key::Named(key);
            let key = match key {
                "Space" => named(NamedKey::Space),
                "Left" => named(NamedKey::ArrowLeft),
                "Right" => named(NamedKey::ArrowRight),
                "Up" => named(NamedKey::ArrowUp),
                "Down" => named(NamedKey::ArrowDown),
                "Home" => named(NamedKey::Home),
                "End" => named(NamedKey::End),
                "Backspace" => named(NamedKey::Backspace),
                "Tab" => named(NamedKey::Tab),
                "Esc" => named(NamedKey::Escape),
                letter => {
                    let is_capital = letter.chars().all(char::is_uppercase);
                    modifiers.set(ModifiersState::SHIFT, is_capital);
                    Key::Character(letter.into())
                }
            };
            let wish = wish(&key, modifiers, false).unwrap();
            request = stage.wish(wish, Duration::ZERO);
        }
        request
    }

    #[test]
    fn every_key_does_what_the_help_says() {
        let frame_s = 1.0 / 24.0;
        for (keys, playing, at_s) in [
            ("Space", true, 0.0),
            ("Space Space", false, 0.0),
            ("l k", false, 0.0),
            ("Right", false, 5.0),
            ("Right Left", false, 0.0),
            (". . ,", false, frame_s),
            ("Down", false, 1.0),
            ("Down Right Up", false, 4.5),
            ("Right Home", false, 0.0),
            ("End", false, 7.5 - frame_s),
        ] {
            let mut stage = stage();
            assert_eq!(type_keys(&mut stage, keys), None, "{keys}");
            assert_eq!(stage.player.playing(), playing, "{keys}");
            let time_s = stage.player.time_s(Duration::ZERO);
            assert!((time_s - at_s).abs() < 0.03, "{keys}: {time_s}");
        }
        for (keys, speed, backwards) in [
            ("l", 1.0, false),
            ("l l l", 4.0, false),
            ("End j", 1.0, true),
            ("End j j", 2.0, true),
            ("] ] ]", 3.0, false),
            ("[ [", 0.5, false),
            ("] ] Backspace", 1.0, false),
        ] {
            let mut stage = stage();
            type_keys(&mut stage, keys);
            assert_eq!(stage.player.speed(), speed, "{keys}");
            assert_eq!(stage.player.backwards(), backwards, "{keys}");
        }
        let mut stage = stage();
        type_keys(&mut stage, "Right r");
        assert!(stage.player.repeated().is_some());
        type_keys(&mut stage, "r");
        assert!(stage.player.repeated().is_none());
        type_keys(&mut stage, "Tab");
        assert!(stage.panels);
        type_keys(&mut stage, "Tab ?");
        assert!(!stage.panels && stage.help);
        for (key, request) in [
            ("f", Request::Fullscreen),
            ("s", Request::Still),
            ("e", Request::Export),
            ("^z", Request::Undo),
            ("^Z", Request::Redo),
            ("q", Request::Quit),
            ("Esc Esc", Request::Leave),
        ] {
            assert_eq!(type_keys(&mut stage, key), Some(request), "{key}");
        }
    }

    #[test]
    fn the_controls_come_with_a_touch_and_go_by_themselves() {
        let mut stage = stage();
        assert_eq!(stage.sheet(0, at(1.0)), Sheet::default());
        assert_eq!(stage.next_change_at(at(1.0)), None);
        stage.point([300.0, 300.0], at(1.0));
        assert!(says(&stage, at(1.1), "Paused"));
        let mut now = at(1.1);
        for _ in 0..200 {
            match stage.next_change_at(now) {
                Some(next) => {
                    assert!(next > now);
                    now = next;
                }
                None => break,
            }
        }
        assert_eq!(stage.sheet(0, now), Sheet::default());
        assert!(stage.is_quiet(now));
    }

    #[test]
    fn the_controls_stay_while_the_mouse_rests_on_the_bar() {
        let mut stage = stage();
        stage.point([640.0, 708.0], at(1.0));
        assert!(says(&stage, at(60.0), "Paused") && !stage.is_quiet(at(60.0)));
        stage.point([640.0, 300.0], at(60.0));
        assert!(stage.is_quiet(at(70.0)));
    }

    #[test]
    fn a_click_plays_and_a_double_click_fills_the_screen() {
        let mut stage = stage();
        stage.point([600.0, 300.0], at(0.0));
        assert_eq!(stage.press(at(1.0)), None);
        stage.release(at(1.05));
        assert!(stage.player.playing());
        assert_eq!(stage.press(at(1.2)), Some(Request::Fullscreen));
        assert!(!stage.player.playing(), "as it was before both clicks");
        assert_eq!(stage.press(at(1.3)), None, "a third click is a first one");
    }

    #[test]
    fn dragging_the_bar_scrubs_and_playing_goes_on_afterwards() {
        let mut stage = stage();
        stage.player.play(at(0.0));
        let duration_s = stage.player.reel().duration_s;
        stage.point([640.0, 708.0], at(1.0));
        assert_eq!(stage.press(at(1.0)), None);
        let middle_s = stage.player.time_s(at(3.0));
        assert!((middle_s - duration_s / 2.0).abs() < 0.05, "{middle_s}");
        stage.point([40.0, 200.0], at(3.0));
        assert!(stage.player.time_s(at(4.0)) < 0.2, "far from the bar too");
        stage.release(at(5.0));
        assert!(stage.player.playing());
        stage.point([900.0, 708.0], at(5.0));
        assert!(stage.player.time_s(at(5.0)) < 0.2, "it has been let go");
    }

    #[test]
    fn a_broken_file_is_told_and_the_film_stays() {
        let mut stage = stage();
        let before = Arc::clone(&stage.loaded);
        stage.player.act(Action::Seek(3.0), at(0.0));
        stage.refuse("story.txt is empty".to_owned());
        assert!(says(&stage, at(100.0), "is empty"), "as long as it is so");
        assert!(Arc::ptr_eq(&before, &stage.loaded));
        let mut board = sample_board();
        board.opening.title = "Another".to_owned();
        stage.load(&Loaded::new(board, Arc::default(), 24), None, at(100.0));
        assert!(!says(&stage, at(100.0), "is empty"));
        assert_eq!(stage.loaded.board.opening.title, "Another");
        assert_eq!(stage.player.time_s(at(100.0)), 3.0, "the place is kept");
    }

    #[test]
    fn a_picture_that_broke_on_the_way_is_told_until_the_film_is_read_again() {
        let mut stage = stage();
        let before = Arc::clone(&stage.loaded);
        stage.picture_trouble = Some("wall.png cannot be used".to_owned());
        assert!(says(&stage, at(100.0), "wall.png"));
        let same = Loaded::new(sample_board(), Arc::default(), 24);
        stage.load(&same, None, at(1.0));
        assert!(!says(&stage, at(100.0), "wall.png"));
        assert!(!Arc::ptr_eq(&before, &stage.loaded), "it is drawn anew");
    }

    #[test]
    fn broken_art_is_told_until_it_is_mended_whatever_becomes_of_the_story() {
        let mut stage = stage();
        let before = Arc::clone(&stage.loaded);
        stage.refuse_art("figure.wgsl, line 3: wrong".to_owned());
        assert!(says(&stage, at(100.0), "line 3"));
        stage.load(
            &Loaded::new(sample_board(), Arc::default(), 24),
            None,
            at(1.0),
        );
        assert!(says(&stage, at(100.0), "line 3"), "the story was not it");
        stage.refuse("story.txt is empty".to_owned());
        assert!(says(&stage, at(100.0), "is empty"));
        stage.load(
            &Loaded::new(sample_board(), Arc::default(), 24),
            None,
            at(1.0),
        );
        stage.wear(Art::default());
        assert!(!says(&stage, at(100.0), "line 3"));
        assert!(Arc::ptr_eq(&before, &stage.loaded), "it looks as before");
    }

    #[test]
    fn a_file_that_was_only_touched_changes_nothing() {
        let mut stage = stage();
        let before = Arc::clone(&stage.loaded);
        stage.load(
            &Loaded::new(sample_board(), Arc::default(), 24),
            None,
            at(1.0),
        );
        assert!(Arc::ptr_eq(&before, &stage.loaded));
    }

    #[test]
    fn remarks_are_said_for_a_while_and_work_until_it_is_done() {
        let mut stage = stage();
        stage.remark("Saved a.png", at(1.0));
        assert!(says(&stage, at(2.0), "Saved a.png"));
        assert_eq!(stage.next_change_at(at(2.0)), Some(at(6.0)));
        assert!(!says(&stage, at(6.0), "Saved"));
        stage.export = Some(Exporting {
            done: 0.43,
            cancelled: false,
        });
        assert!(says(&stage, at(99.0), "43 %"));
    }

    #[test]
    fn the_panels_stand_beside_the_picture_and_not_over_it() {
        let mut stage = stage();
        assert_eq!(stage.room_px(), [1280, 720]);
        assert_eq!(stage.wish(Wish::Panels, at(0.0)), None);
        assert_eq!(stage.room_px(), [1280 - 384, 720]);
        stage.scale = 2.0;
        stage.size_px = [2560, 1440];
        assert_eq!(stage.room_px(), [2560 - 768, 1440]);
        stage.size_px = [600, 400];
        assert!(stage.room_px()[0] >= 269, "half of a small window");
        // The bar has come along, and a click on it is a time of the film.
        let [width, height] = stage.room_px().map(|side| side as f32);
        stage.point([width / 2.0, height - 24.0], at(1.0));
        let area = letterbox(stage.room_px(), stage.film_size);
        let bar_y = (area.top + area.height) as f32 + 24.0;
        stage.point([width / 2.0, bar_y], at(1.0));
        let (pointed_s, _) = stage.pointed_s().unwrap();
        let middle_s = stage.player.reel().duration_s / 2.0;
        assert!((pointed_s - middle_s).abs() < 0.1, "{pointed_s}");
    }

    #[test]
    fn escape_closes_the_panels_before_the_window() {
        let mut stage = stage();
        stage.wish(Wish::Panels, at(0.0));
        assert_eq!(stage.wish(Wish::Leave, at(0.0)), None);
        assert!(!stage.panels);
        assert_eq!(stage.wish(Wish::Leave, at(0.0)), Some(Request::Leave));
    }

    #[test]
    fn escape_closes_the_help_first() {
        let mut stage = stage();
        stage.wish(Wish::Help, at(0.0));
        assert!(says(&stage, at(99.0), "play or pause"));
        assert_eq!(stage.wish(Wish::Leave, at(1.0)), None);
        assert_eq!(stage.wish(Wish::Leave, at(1.0)), Some(Request::Leave));
    }
}
