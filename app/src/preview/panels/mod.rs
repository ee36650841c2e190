//! The panels beside the picture: cast, scenes, lines, and the film as a whole.
//!
//! `model` is what they show, `show` draws them and says what the person wants. They know no
//! window, no GPU and no file, so tests press what they have.

mod cast;
mod fields;
mod film;
mod lines;
mod model;
mod pictures;
mod scenes;
#[cfg(test)]
mod tests;
mod theme;

use egui::{
    Align2, CornerRadius, FontId, Frame, Id, Margin, Painter, Panel, Pos2, Rect, RichText,
    ScrollArea, Sense, Stroke, Ui, pos2, vec2,
};

use super::edits::Edit;
use super::overlay::clock;

pub use film::Inspection;
pub use model::Model;
pub use pictures::Pictures;
pub use theme::dress;

/// Picture over the timeline, in points.
const HOVER_PICTURE: f32 = 176.0;
/// Round the button that opens the panels.
const HANDLE: [f32; 2] = [26.0, 64.0];

/// Which panel is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Cast,
    Scenes,
    Lines,
    Film,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Cast, Self::Scenes, Self::Lines, Self::Film];

    fn name(self) -> &'static str {
        match self {
            Self::Cast => "Cast",
            Self::Scenes => "Scenes",
            Self::Lines => "Lines",
            Self::Film => "Film",
        }
    }
}

/// What a person wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    Edit(Edit),
    Undo,
    Redo,
    /// To this second of the film.
    Seek(f64),
    Export,
    CancelExport,
    Still,
    /// The panels open, or closed.
    Panels(bool),
}

/// The panels as they stand.
#[derive(Clone, Debug, Default)]
pub struct Panels {
    pub model: Model,
    pub inspection: Inspection,
    pub can_undo: bool,
    pub can_redo: bool,
    /// How far an export has come, from 0 to 1.
    pub exporting: Option<f32>,
    /// What is wrong with the file.
    pub trouble: Option<String>,
    /// Where the film is.
    pub time_s: f64,
    pub playing: bool,
    tab: Tab,
    open_member: Option<String>,
    /// The line that was seen last.
    line_shown: Option<usize>,
}

/// What is around the panels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    /// Width of the panels in points, if they are open.
    pub panels: Option<f32>,
    /// How visible the controls over the picture are, from 0 to 1.
    pub strength: f32,
    /// A time on the timeline under the mouse, and where that is, in points.
    pub pointed: Option<(f64, Pos2)>,
    /// Width of the film by its height.
    pub aspect: f32,
}

/// Draws everything that egui draws; gives back what the person wants.
pub fn show(
    ui: &mut Ui,
    panels: &mut Panels,
    around: &Around,
    pictures: &mut Pictures,
) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let whole = ui.max_rect();
    let mut room = whole;
    if let Some(width) = around.panels {
        room.max.x -= width;
        let frame = Frame::new().fill(theme::GROUND);
        Panel::right("panels")
            .exact_size(width)
            .resizable(false)
            .show_separator_line(false)
            .frame(frame)
            .show(ui, |ui| side(ui, panels, pictures, &mut wanted));
    } else if around.strength > 0.0 {
        handle(ui, room, around.strength, &mut wanted);
    }
    if let Some((time_s, at)) = around.pointed {
        hovered(ui, room, around.aspect, time_s, at, pictures);
    }
    for one in &wanted {
        if let Wanted::Edit(edit) = one {
            panels.model.apply(edit);
        }
    }
    wanted
}

fn side(ui: &mut Ui, panels: &mut Panels, pictures: &mut Pictures, wanted: &mut Vec<Wanted>) {
    let margin = |top, bottom| Margin {
        left: 16,
        right: 16,
        top,
        bottom,
    };
    Frame::new().inner_margin(margin(14, 10)).show(ui, |ui| {
        header(ui, panels, wanted);
        ui.add_space(6.0);
        tabs(ui, &mut panels.tab);
    });
    ScrollArea::vertical()
        .id_salt(panels.tab.name())
        .auto_shrink(false)
        .show(ui, |ui| {
            Frame::new().inner_margin(margin(2, 16)).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                match panels.tab {
                    Tab::Cast => cast::show(ui, panels, pictures, wanted),
                    Tab::Scenes => scenes::show(ui, panels, pictures, wanted),
                    Tab::Lines => lines::show(ui, panels, pictures, wanted),
                    Tab::Film => film::show(ui, panels, wanted),
                }
            });
        });
}

fn header(ui: &mut Ui, panels: &Panels, wanted: &mut Vec<Wanted>) {
    ui.horizontal(|ui| {
        let buttons = 3.0 * (30.0 + ui.spacing().item_spacing.x);
        ui.vertical(|ui| {
            ui.set_width(ui.available_width() - buttons);
            ui.spacing_mut().item_spacing.y = 2.0;
            let title = RichText::new(&panels.model.title).heading();
            ui.add(egui::Label::new(title).truncate());
            let model = &panels.model;
            let many = |count: usize, one: &str, more: &str| {
                format!("{count} {}", if count == 1 { one } else { more })
            };
            let facts = [
                many(model.cast.len(), "character", "characters"),
                many(model.scenes.len(), "scene", "scenes"),
                clock(model.duration_s),
            ];
            let facts = RichText::new(facts.join(" · ")).size(12.0);
            ui.label(facts.color(theme::FADED));
        });
        for (sign, name, enabled, wish) in [
            (Sign::Undo, "Undo (Ctrl+Z)", panels.can_undo, Wanted::Undo),
            (
                Sign::Redo,
                "Redo (Ctrl+Shift+Z)",
                panels.can_redo,
                Wanted::Redo,
            ),
            (Sign::Close, "Close (Tab)", true, Wanted::Panels(false)),
        ] {
            if sign_button(ui, sign, name, enabled) {
                wanted.push(wish);
            }
        }
    });
    if let Some(trouble) = &panels.trouble {
        let trouble = RichText::new(trouble).size(12.0).color(theme::CORAL);
        ui.add(egui::Label::new(trouble).wrap());
    }
    if panels.model.origin == model::Origin::Input {
        let why = "From standard input: nothing can be changed here.";
        ui.label(RichText::new(why).size(12.0).color(theme::FADED));
    }
}

/// The panels side by side, as one control.
fn tabs(ui: &mut Ui, tab: &mut Tab) {
    let size = vec2(ui.available_width(), 34.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let radius = CornerRadius::same(theme::RADIUS + 2);
    ui.painter().rect_filled(rect, radius, theme::CARD);
    let inner = rect.shrink(3.0);
    let width = inner.width() / Tab::ALL.len() as f32;
    for (number, other) in Tab::ALL.into_iter().enumerate() {
        let cell = Rect::from_min_size(
            inner.min + vec2(width * number as f32, 0.0),
            vec2(width, inner.height()),
        );
        let on = *tab == other;
        let response = ui.interact(cell, Id::new(("tab", number)), Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::selected(egui::WidgetType::RadioButton, true, on, other.name())
        });
        let color = if on {
            let radius = CornerRadius::same(theme::RADIUS);
            ui.painter().rect_filled(cell, radius, theme::AMBER);
            theme::INK
        } else if response.hovered() {
            theme::PAPER
        } else {
            theme::FADED
        };
        ui.painter().text(
            cell.center(),
            Align2::CENTER_CENTER,
            other.name(),
            FontId::proportional(theme::BODY),
            color,
        );
        if response.clicked() {
            *tab = other;
        }
    }
}

/// A ground for what belongs together; gives back where it is.
fn card(ui: &mut Ui, lit: bool, contents: impl FnOnce(&mut Ui)) -> Rect {
    let frame = Frame::new()
        .fill(if lit { theme::CARD_LIT } else { theme::CARD })
        .corner_radius(CornerRadius::same(12))
        .inner_margin(Margin::same(12));
    let response = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 8.0;
        contents(ui);
    });
    let rect = response.response.rect;
    if lit {
        let edge = Rect::from_min_max(
            rect.min + vec2(0.0, 14.0),
            pos2(rect.left() + 3.0, rect.bottom() - 14.0),
        );
        ui.painter().rect_filled(edge, 2, theme::AMBER);
    }
    rect
}

#[derive(Clone, Copy, Debug)]
enum Sign {
    Undo,
    Redo,
    Close,
}

fn sign_button(ui: &mut Ui, sign: Sign, name: &str, enabled: bool) -> bool {
    let sense = if enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(vec2(30.0, 30.0), sense);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, enabled, name));
    let painter = ui.painter();
    if enabled && response.hovered() {
        painter.rect_filled(rect, CornerRadius::same(theme::RADIUS), theme::FIELD);
    }
    let color = match (enabled, response.hovered()) {
        (false, _) => theme::FADED.gamma_multiply(0.35),
        (true, false) => theme::FADED,
        (true, true) => theme::PAPER,
    };
    let stroke = Stroke::new(1.8, color);
    let middle = rect.center();
    match sign {
        Sign::Close => {
            for [x, y] in [[1.0, 1.0], [1.0, -1.0]] {
                let arm = vec2(x, y) * 4.5;
                painter.line_segment([middle - arm, middle + arm], stroke);
            }
        }
        Sign::Undo | Sign::Redo => {
            let side = if matches!(sign, Sign::Undo) {
                1.0
            } else {
                -1.0
            };
            let at = |x: f32, y: f32| middle + vec2(x * side, y);
            // Half a turn that ends in an arrow.
            let turn = (0..=16).map(|step| {
                let angle =
                    -std::f32::consts::FRAC_PI_2 + std::f32::consts::PI * step as f32 / 16.0;
                at(1.5 + 4.0 * angle.cos(), 1.0 + 4.0 * angle.sin())
            });
            let mut points = vec![at(-6.0, -3.0)];
            points.extend(turn);
            points.push(at(-3.0, 5.0));
            painter.line(points, stroke);
            painter.line_segment([at(-6.0, -3.0), at(-2.6, -6.4)], stroke);
            painter.line_segment([at(-6.0, -3.0), at(-2.6, 0.4)], stroke);
        }
    }
    response.on_hover_text(name).clicked()
}

/// Down where something is open, otherwise to the right.
fn chevron(painter: &Painter, at: Pos2, down: bool, color: egui::Color32) {
    let arms = if down {
        [vec2(-4.5, -2.5), vec2(0.0, 2.5), vec2(4.5, -2.5)]
    } else {
        [vec2(-2.5, -4.5), vec2(2.5, 0.0), vec2(-2.5, 4.5)]
    };
    let points = arms.map(|arm| at + arm).to_vec();
    painter.line(points, Stroke::new(1.8, color));
}

/// The button at the edge of the picture that opens the panels.
fn handle(ui: &Ui, room: Rect, strength: f32, wanted: &mut Vec<Wanted>) {
    let [width, height] = HANDLE;
    let rect = Rect::from_min_size(
        pos2(room.right() - width, room.center().y - height / 2.0),
        vec2(width, height),
    );
    if room.height() < 3.0 * height {
        return;
    }
    egui::Area::new(Id::new("handle"))
        .fixed_pos(rect.min)
        .constrain(false)
        .show(ui.ctx(), |ui| {
            let (rect, response) = ui.allocate_exact_size(rect.size(), Sense::click());
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::WidgetType::Button, true, "Panels (Tab)")
            });
            ui.multiply_opacity(strength);
            let fill = if response.hovered() {
                theme::FIELD
            } else {
                theme::GROUND.gamma_multiply(0.78)
            };
            let radius = CornerRadius {
                nw: 10,
                sw: 10,
                ne: 0,
                se: 0,
            };
            ui.painter().rect_filled(rect, radius, fill);
            let points = [vec2(2.5, -5.5), vec2(-3.0, 0.0), vec2(2.5, 5.5)];
            let points = points.map(|arm| rect.center() + arm).to_vec();
            ui.painter().line(points, Stroke::new(2.0, theme::PAPER));
            if response.on_hover_text("Panels (Tab)").clicked() {
                wanted.push(Wanted::Panels(true));
            }
        });
}

/// What is on screen at the time under the mouse, above the timeline.
fn hovered(ui: &Ui, room: Rect, aspect: f32, time_s: f64, at: Pos2, pictures: &mut Pictures) {
    // A longer side of the same length, whatever the shape.
    let size = if aspect >= 1.0 {
        vec2(HOVER_PICTURE, HOVER_PICTURE / aspect)
    } else {
        vec2(HOVER_PICTURE * aspect, HOVER_PICTURE)
    };
    if room.width() < 2.0 * size.x || room.height() < 2.5 * size.y {
        return;
    }
    // To half a second, so that a mouse on its way does not ask for each frame.
    let Some(texture) = pictures.still((time_s * 2.0).round() / 2.0, true) else {
        return;
    };
    let half = size.x / 2.0 + 10.0;
    let x = at.x.clamp(room.left() + half, room.right() - half);
    // Above the words about that time.
    let bottom = at.y - 52.0;
    let rect = Rect::from_min_max(
        pos2(x - size.x / 2.0, bottom - size.y),
        pos2(x + size.x / 2.0, bottom),
    );
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Foreground,
        Id::new("hovered"),
    ));
    let radius = CornerRadius::same(10);
    let shadow = egui::epaint::Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: egui::Color32::from_black_alpha(130),
    };
    painter.add(shadow.as_shape(rect, radius));
    painter.rect_filled(rect.expand(3.0), CornerRadius::same(12), theme::GROUND);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let mut shape = egui::epaint::RectShape::filled(rect, radius, egui::Color32::WHITE);
    shape.brush = Some(std::sync::Arc::new(egui::epaint::Brush {
        fill_texture_id: texture,
        uv,
    }));
    painter.add(shape);
}
