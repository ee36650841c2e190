//! What lies over the picture: the timeline with its scenes and feelings, the clock, the help, and
//! what there is to say. All of it is worked out from the player and the size of the window.

use fabula_render::{Area, FrameSize, Sheet, SheetGround, SheetLabel, SheetShape};
use fabula_story::{Color, Emotion};

use super::keys::HELP;
use super::player::Player;

/// Words and the played part of the timeline.
const PAPER: Color = Color::rgb(255, 247, 232);
/// What is said in passing.
const FADED: Color = Color::rgb(214, 203, 190);
/// Grounds, as captions have them.
const NIGHT: Color = Color::rgb(19, 15, 28);
/// What went wrong.
const CORAL: Color = Color::rgb(255, 158, 138);
const GROUND_OPACITY: f32 = 0.66;

/// Lengths in points, which are pixels unless the display has small ones.
const MARGIN: f32 = 16.0;
const FONT: f32 = 14.0;
const BAR_HEIGHT: f32 = 4.0;
const BAR_HEIGHT_TOUCHED: f32 = 8.0;
const BAR_FROM_BOTTOM: f32 = 12.0;
/// How far from the bar the mouse still touches it.
const BAR_REACH: f32 = 12.0;
/// The lines that are said, below the bar.
const LINE_BELOW: f32 = 2.0;
const LINE_HEIGHT: f32 = 2.0;
/// Between two scenes.
const SCENE_GAP: f32 = 3.0;
const HELP_WIDTH: f32 = 456.0;

/// What the overlay is made from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Size of the window in pixels.
    pub size_px: [u32; 2],
    /// Where the picture is.
    pub area: Area,
    /// Pixels of a point.
    pub scale: f32,
    pub player: &'a Player,
    /// The frame on screen.
    pub frame: u64,
    /// How visible the timeline and the clock are, 0 to 1.
    pub strength: f32,
    /// Where the mouse is.
    pub pointer_px: Option<[f32; 2]>,
    /// Whether the bar is being dragged.
    pub scrubbing: bool,
    pub help: bool,
    /// What the picture is drawn in, if that is less than the window has room for.
    pub lowered: Option<FrameSize>,
    /// What is wrong with the file, until it is mended.
    pub trouble: Option<&'a str>,
    /// What is said for a while.
    pub remark: Option<&'a str>,
    /// What is being done beside playing.
    pub work: Option<&'a str>,
}

/// Everything over the picture.
pub fn sheet(view: &View<'_>) -> Sheet {
    let mut sheet = Sheet::default();
    if view.strength > 0.0 {
        timeline(view, &mut sheet);
        corners(view, &mut sheet);
    }
    remarks(view, &mut sheet);
    if view.help {
        help(view, &mut sheet);
    }
    sheet
}

/// The bar along the lower edge, in pixels of the window: below captions, which keep off that edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    left: f32,
    right: f32,
    middle_y: f32,
    reach: f32,
}

impl Bar {
    pub fn new([width, height]: [u32; 2], area: Area, scale: f32) -> Self {
        let edge = (area.left + area.width).min(width) as f32;
        let lower = (area.top + area.height).min(height) as f32;
        // In the dark below the picture, if there is any.
        let lower = (lower + 2.0 * BAR_FROM_BOTTOM * scale).min(height as f32);
        Self {
            left: area.left as f32 + MARGIN * scale,
            right: edge - MARGIN * scale,
            middle_y: lower - BAR_FROM_BOTTOM * scale,
            reach: BAR_REACH * scale,
        }
    }

    /// Where it lies.
    pub fn middle_y(&self) -> f32 {
        self.middle_y
    }

    /// Whether the bar is meant by a click here.
    pub fn is_at(&self, [x, y]: [f32; 2]) -> bool {
        (self.left - self.reach..=self.right + self.reach).contains(&x)
            && (y - self.middle_y).abs() <= self.reach
    }

    /// The time that belongs to a place on the bar, or beside it.
    pub fn time_at(&self, x: f32, duration_s: f64) -> f64 {
        let share = (x - self.left) / (self.right - self.left).max(1.0);
        f64::from(share.clamp(0.0, 1.0)) * duration_s
    }

    fn x_at(&self, time_s: f64, duration_s: f64) -> f32 {
        let share = (time_s / duration_s.max(1e-6)).clamp(0.0, 1.0) as f32;
        self.left + share * (self.right - self.left)
    }
}

fn timeline(view: &View<'_>, sheet: &mut Sheet) {
    let bar = Bar::new(view.size_px, view.area, view.scale);
    if bar.right - bar.left < 40.0 * view.scale {
        return;
    }
    let reel = view.player.reel();
    let pointer = view
        .pointer_px
        .filter(|at| view.scrubbing || bar.is_at(*at));
    let points = view.scale;
    let height = if pointer.is_some() {
        BAR_HEIGHT_TOUCHED * points
    } else {
        BAR_HEIGHT * points
    };
    let [top, bottom] = [bar.middle_y - height / 2.0, bar.middle_y + height / 2.0];
    let mut shape = |edges_px: [f32; 4], radius_px, color, opacity: f32| {
        sheet.shapes.push(SheetShape {
            edges_px,
            radius_px,
            softness_px: 0.7,
            color,
            opacity: opacity * view.strength,
        });
    };
    let pad = 4.0 * points;
    let track = [bar.left - pad, top - pad, bar.right + pad, bottom + pad];
    shape(track, height / 2.0 + pad, NIGHT, GROUND_OPACITY);

    let now_s = view.player.frame_s(view.frame);
    let now_x = bar.x_at(now_s, reel.duration_s);
    for (number, part) in reel.parts.iter().enumerate() {
        let gap = if number > 0 { SCENE_GAP * points } else { 0.0 };
        let part_left = bar.x_at(part.start_s, reel.duration_s) + gap;
        for shot in &part.shots {
            let left = bar.x_at(shot.start_s, reel.duration_s).max(part_left);
            let right = bar.x_at(shot.end_s, reel.duration_s);
            let color = emotion_color(shot.emotion);
            let played = now_x.clamp(left, right.max(left));
            if played > left {
                shape([left, top, played, bottom], 0.8 * points, color, 1.0);
            }
            if right > played {
                shape([played, top, right, bottom], 0.8 * points, color, 0.45);
            }
            let line_top = bottom + LINE_BELOW * points;
            let line_bottom = line_top + LINE_HEIGHT * points;
            for line in &shot.lines {
                let ends = [line.start_s, line.end_s];
                let [left, right] = ends.map(|at_s| bar.x_at(at_s, reel.duration_s));
                let edges = [left, line_top, right, line_bottom];
                shape(edges, LINE_HEIGHT * points / 2.0, line.color, 1.0);
            }
        }
    }
    if let Some((start_s, end_s)) = view.player.repeated() {
        let [left, right] = [start_s, end_s].map(|at_s| bar.x_at(at_s, reel.duration_s));
        let above = top - 4.0 * points;
        let edges = [left, above, right, above + 1.5 * points];
        shape(edges, points, PAPER, 1.0);
    }
    let knob = height / 2.0 + 2.0 * points;
    let around = |radius: f32| {
        [
            now_x - radius,
            bar.middle_y - radius,
            now_x + radius,
            bar.middle_y + radius,
        ]
    };
    shape(around(knob + 1.5 * points), knob + 1.5 * points, NIGHT, 0.8);
    shape(around(knob), knob, PAPER, 1.0);

    if let Some([x, _]) = pointer {
        let time_s = bar.time_at(x, reel.duration_s);
        let mut words = vec![clock(time_s)];
        if let Some(part) = reel.parts.get(reel.part_at(time_s)) {
            words.push(part.name.clone());
        }
        if let Some(shot) = reel.shot_at(time_s) {
            if shot.emotion != Emotion::Neutral {
                words.push(shot.emotion.name().to_owned());
            }
            words.extend(
                shot.speaker_at(time_s)
                    .map(|speaker| format!("{speaker} speaks")),
            );
        }
        // At the ends of the bar the words stay inside the window.
        let anchor_x = match (x - bar.left) / (bar.right - bar.left) {
            share if share < 0.3 => 0.0,
            share if share > 0.7 => 1.0,
            _ => 0.5,
        };
        sheet.labels.push(SheetLabel {
            at_px: [x.clamp(bar.left, bar.right), top - 14.0 * points],
            anchor: [anchor_x, 1.0],
            width_px: bar.right - bar.left,
            ..label(view, words.join("   "), PAPER)
        });
    }
}

/// The scene at the left, the clock at the right.
fn corners(view: &View<'_>, sheet: &mut Sheet) {
    let player = view.player;
    let reel = player.reel();
    let now_s = player.frame_s(view.frame);
    let points = view.scale;
    let margin = (MARGIN + 6.0) * points;
    let top = view.area.top as f32 + margin;
    let left = view.area.left as f32 + margin;
    let right = (view.area.left + view.area.width) as f32 - margin;
    let width_px = (right - left) / 2.0 - margin;
    if width_px < 60.0 * points {
        return;
    }
    if let Some(part) = reel.parts.get(reel.part_at(now_s)) {
        sheet.labels.push(SheetLabel {
            at_px: [left, top],
            anchor: [0.0, 0.0],
            width_px,
            ..label(view, part.name.clone(), PAPER)
        });
    }
    let mut words = Vec::new();
    if let Some(size) = view.lowered {
        words.push(format!("Drawn in {}x{}", size.width(), size.height()));
    }
    if !player.playing() {
        words.push(format!("Paused at frame {}", view.frame));
    }
    if player.playing() && player.backwards() {
        words.push("Backwards".to_owned());
    }
    if player.speed() != 1.0 {
        words.push(format!("{}×", player.speed()));
    }
    if player.repeated().is_some() {
        words.push("Repeating".to_owned());
    }
    words.push(format!("{} / {}", clock(now_s), clock(reel.duration_s)));
    sheet.labels.push(SheetLabel {
        at_px: [right, top],
        anchor: [1.0, 0.0],
        width_px,
        ..label(view, words.join("   "), PAPER)
    });
}

/// What is wrong, what is being done and what is said, below one another at the top.
fn remarks(view: &View<'_>, sheet: &mut Sheet) {
    let points = view.scale;
    let middle = view.area.left as f32 + view.area.width as f32 / 2.0;
    let line = FONT * points * 2.4;
    let mut top = view.area.top as f32 + (MARGIN + 6.0) * points;
    if view.strength > 0.0 {
        top += line;
    }
    let width_px = (view.area.width as f32 * 0.8).min(620.0 * points);
    let said = [
        (view.remark, PAPER),
        (view.work, FADED),
        (view.trouble, CORAL),
    ];
    for (text, color) in said {
        let Some(text) = text else { continue };
        sheet.labels.push(SheetLabel {
            at_px: [middle, top],
            anchor: [0.5, 0.0],
            width_px,
            opacity: 1.0,
            ..label(view, text.to_owned(), color)
        });
        top += line;
    }
}

fn help(view: &View<'_>, sheet: &mut Sheet) {
    let [width, height] = view.size_px.map(|side| side as f32);
    let rows = HELP.len() as f32;
    // In small windows everything becomes smaller.
    let room = (width / (HELP_WIDTH + 40.0)).min(height / ((rows + 2.0) * FONT * 1.75));
    let points = view.scale.min(room);
    let font_px = FONT * points;
    let row = font_px * 1.75;
    let pad = 22.0 * points;
    let panel_width = HELP_WIDTH * points;
    let panel_height = row * rows - (row - font_px) + 2.0 * pad;
    let left = (width - panel_width) / 2.0;
    let top = (height - panel_height) / 2.0;
    sheet.shapes.push(SheetShape {
        edges_px: [left, top, left + panel_width, top + panel_height],
        radius_px: 12.0 * points,
        softness_px: 0.7,
        color: NIGHT,
        opacity: 0.88,
    });
    let divide = left + pad + 90.0 * points;
    for (number, (keys, meaning)) in HELP.iter().enumerate() {
        let y = top + pad + row * number as f32;
        for (text, x, anchor, color) in [
            (keys, divide - 8.0 * points, 1.0, PAPER),
            (meaning, divide + 12.0 * points, 0.0, FADED),
        ] {
            sheet.labels.push(SheetLabel {
                at_px: [x, y],
                anchor: [anchor, 0.0],
                font_px,
                width_px: panel_width,
                opacity: 1.0,
                ground: None,
                ..label(view, (*text).to_owned(), color)
            });
        }
    }
}

/// Words on their ground, as visible as the controls; where they stand is for the caller to say.
fn label(view: &View<'_>, text: String, color: Color) -> SheetLabel {
    let font_px = FONT * view.scale;
    SheetLabel {
        text,
        at_px: [0.0, 0.0],
        anchor: [0.0, 0.0],
        font_px,
        width_px: 0.0,
        color,
        opacity: view.strength,
        ground: Some(SheetGround {
            color: NIGHT,
            opacity: GROUND_OPACITY,
            pad_px: [font_px * 0.7, font_px * 0.3],
            radius_px: font_px * 0.55,
        }),
    }
}

/// `1:05`, or `1:02:05` from an hour on.
pub fn clock(time_s: f64) -> String {
    let whole = time_s.max(0.0) as u64;
    let (s, m, h) = (whole % 60, whole / 60 % 60, whole / 3600);
    if h == 0 {
        format!("{m}:{s:02}")
    } else {
        format!("{h}:{m:02}:{s:02}")
    }
}

/// A feeling on the timeline.
pub fn emotion_color(emotion: Emotion) -> Color {
    match emotion {
        Emotion::Joy => Color::rgb(250, 204, 118),
        Emotion::Sadness => Color::rgb(122, 156, 214),
        Emotion::Anger => Color::rgb(232, 112, 88),
        Emotion::Fear => Color::rgb(150, 128, 182),
        Emotion::Surprise => Color::rgb(242, 160, 186),
        Emotion::Disgust => Color::rgb(164, 180, 102),
        Emotion::Neutral => Color::rgb(214, 206, 194),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::fit::letterbox;
    use super::super::player::{Action, AtEnd};
    use super::super::reel::tests::sample;
    use super::*;

    const WINDOW: [u32; 2] = [1280, 720];

    fn view(player: &Player, size_px: [u32; 2]) -> View<'_> {
        View {
            size_px,
            area: letterbox(size_px, FrameSize::FULL_HD),
            scale: 1.0,
            player,
            frame: player.frame(Duration::ZERO),
            strength: 1.0,
            pointer_px: None,
            scrubbing: false,
            help: false,
            lowered: None,
            trouble: None,
            remark: None,
            work: None,
        }
    }

    fn player() -> Player {
        Player::new(sample(), 2.0, AtEnd::Hold)
    }

    fn words(sheet: &Sheet) -> String {
        let texts: Vec<_> = sheet.labels.iter().map(|l| l.text.as_str()).collect();
        texts.join("|")
    }

    #[test]
    fn nothing_lies_over_the_picture_when_nobody_asks() {
        let player = player();
        let quiet = View {
            strength: 0.0,
            ..view(&player, WINDOW)
        };
        assert_eq!(sheet(&quiet), Sheet::default());
    }

    #[test]
    fn a_place_on_the_bar_is_a_time_and_back() {
        let bar = Bar::new(WINDOW, letterbox(WINDOW, FrameSize::FULL_HD), 1.0);
        for time_s in [0.0, 1.5, 6.0] {
            let x = bar.x_at(time_s, 6.0);
            assert!((bar.time_at(x, 6.0) - time_s).abs() < 1e-3);
            assert!(bar.is_at([x, 708.0]));
            assert!(!bar.is_at([x, 660.0]));
        }
        assert_eq!(bar.time_at(-50.0, 6.0), 0.0);
        assert_eq!(bar.time_at(5000.0, 6.0), 6.0);
    }

    #[test]
    fn captions_are_left_free() {
        // Captions end 5 % of the height above the lower edge.
        let player = player();
        let sheet = sheet(&view(&player, WINDOW));
        let highest = sheet.shapes.iter().map(|shape| shape.edges_px[1]);
        assert!(highest.fold(f32::MAX, f32::min) >= 720.0 * 0.97);
        assert!(sheet.labels.iter().all(|label| label.at_px[1] < 100.0));
    }

    #[test]
    fn the_bar_stands_in_the_dark_below_a_picture_that_leaves_some() {
        let tall = [1280, 900];
        let area = letterbox(tall, FrameSize::FULL_HD);
        let bar = Bar::new(tall, area, 1.0);
        assert!(bar.is_at([640.0, (area.top + area.height) as f32 + BAR_FROM_BOTTOM]));
    }

    #[test]
    fn every_part_has_its_stretch_of_the_bar_in_the_color_of_its_feeling() {
        let player = player();
        let sheet = sheet(&view(&player, WINDOW));
        for part in &player.reel().parts {
            for shot in &part.shots {
                let color = emotion_color(shot.emotion);
                assert!(sheet.shapes.iter().any(|shape| shape.color == color));
            }
        }
    }

    #[test]
    fn whoever_speaks_is_marked_below_the_bar_for_as_long_in_the_color_of_the_name() {
        let player = player();
        let sheet = sheet(&view(&player, WINDOW));
        let bar = Bar::new(WINDOW, letterbox(WINDOW, FrameSize::FULL_HD), 1.0);
        let reel = player.reel();
        let shots = reel.parts.iter().flat_map(|part| &part.shots);
        let lines: Vec<_> = shots.flat_map(|shot| &shot.lines).collect();
        assert!(!lines.is_empty());
        for line in lines {
            let ends = [line.start_s, line.end_s].map(|at_s| bar.x_at(at_s, reel.duration_s));
            let mark = sheet.shapes.iter().find(|shape| {
                let [left, _, right, _] = shape.edges_px;
                shape.color == line.color && [left, right] == ends
            });
            let [_, top, _, bottom] = mark.unwrap().edges_px;
            assert!(
                top > bar.middle_y() && bottom < WINDOW[1] as f32,
                "{line:?}"
            );
        }
    }

    #[test]
    fn the_clock_says_how_the_film_plays() {
        let mut player = player();
        assert!(words(&sheet(&view(&player, WINDOW))).contains("Paused at frame 48"));
        player.act(Action::Faster, Duration::ZERO);
        player.act(Action::LoopShot, Duration::ZERO);
        player.play(Duration::ZERO);
        let said = words(&sheet(&view(&player, WINDOW)));
        assert!(said.contains("1.5×   Repeating   0:02 / 0:"), "{said}");
        assert!(!said.contains("Paused"), "{said}");
    }

    #[test]
    fn the_mouse_on_the_bar_is_told_what_is_there() {
        let player = player();
        let hovering = View {
            pointer_px: Some([640.0, 708.0]),
            ..view(&player, WINDOW)
        };
        assert!(words(&sheet(&hovering)).contains("1 · forest, dusk"));
        let elsewhere = View {
            pointer_px: Some([640.0, 300.0]),
            ..hovering
        };
        let labels = sheet(&elsewhere).labels.len();
        assert_eq!(labels + 1, sheet(&hovering).labels.len());
    }

    #[test]
    fn trouble_is_said_even_when_the_controls_are_hidden() {
        let player = player();
        let broken = View {
            strength: 0.0,
            trouble: Some("board.json is no usable storyboard"),
            ..view(&player, WINDOW)
        };
        assert!(words(&sheet(&broken)).contains("no usable storyboard"));
    }

    #[test]
    fn the_help_fits_small_windows_and_large_ones() {
        let player = player();
        for (size_px, scale) in [
            ([320, 240], 1.0),
            ([1280, 720], 1.0),
            ([3840, 2160], 2.0),
            ([200, 2000], 1.0),
        ] {
            let view = View {
                help: true,
                strength: 0.0,
                scale,
                ..view(&player, size_px)
            };
            let sheet = sheet(&view);
            let [left, top, right, bottom] = sheet.shapes[0].edges_px;
            assert!(left >= 0.0 && right <= size_px[0] as f32, "{size_px:?}");
            assert!(top >= 0.0 && bottom <= size_px[1] as f32, "{size_px:?}");
            assert_eq!(sheet.labels.len(), HELP.len() * 2);
        }
    }

    #[test]
    fn lengths_are_told_with_hours_only_when_there_are_any() {
        assert_eq!(clock(65.9), "1:05");
        assert_eq!(clock(3725.0), "1:02:05");
        assert_eq!(clock(-1.0), "0:00");
    }
}
