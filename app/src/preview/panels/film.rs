//! The film as a whole: making a file of it, and how it plays on this machine.

use egui::{
    Align, CornerRadius, Layout, ProgressBar, Rect, RichText, Sense, Stroke, Ui, pos2, vec2,
};

use super::{Panels, Wanted, card, theme};

const GRAPH_HEIGHT: f32 = 56.0;

/// What the inspector shows.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// What each of the last frames cost, in milliseconds, the newest last.
    pub costs_ms: Vec<f32>,
    /// Half cost less, and the most.
    pub typical_and_worst_ms: Option<(f32, f32)>,
    /// Time for a frame, in milliseconds.
    pub budget_ms: f32,
    /// Frames of the last second.
    pub fps: u32,
    pub shown: u64,
    pub dropped: u64,
    /// What the picture is drawn in.
    pub drawn: Option<String>,
    /// What films are exported as: size and frames a second.
    pub exported: String,
    pub gpu: String,
    pub kind: String,
    pub backend: String,
    pub driver: String,
    pub memory_bytes: Option<u64>,
}

pub fn show(ui: &mut Ui, panels: &mut Panels, wanted: &mut Vec<Wanted>) {
    card(ui, false, |ui| export(ui, panels, wanted));
    card(ui, false, |ui| playing(ui, &panels.inspection));
    card(ui, false, |ui| machine(ui, &panels.inspection));
}

fn title(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).size(15.0));
}

fn export(ui: &mut Ui, panels: &Panels, wanted: &mut Vec<Wanted>) {
    title(ui, "Make a file");
    ui.label(
        RichText::new(format!("MP4, {}", panels.inspection.exported))
            .size(12.0)
            .color(theme::FADED),
    );
    if let Some(done) = panels.exporting {
        let bar = ProgressBar::new(done)
            .desired_height(10.0)
            .corner_radius(CornerRadius::same(5))
            .fill(theme::AMBER);
        ui.add(bar);
        ui.horizontal(|ui| {
            ui.label(format!("{:.0} %", done * 100.0));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button("Cancel").clicked() {
                    wanted.push(Wanted::CancelExport);
                }
            });
        });
        return;
    }
    ui.horizontal(|ui| {
        let export = egui::Button::new(RichText::new("Export the film").color(theme::INK))
            .fill(theme::AMBER)
            .min_size(vec2(0.0, 32.0));
        if ui.add(export).clicked() {
            wanted.push(Wanted::Export);
        }
        let still = egui::Button::new("Save this picture").min_size(vec2(0.0, 32.0));
        if ui.add(still).clicked() {
            wanted.push(Wanted::Still);
        }
    });
}

fn fact(ui: &mut Ui, label: &str, value: &str) {
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(vec2(104.0, 18.0), Layout::left_to_right(Align::Min), |ui| {
            ui.set_min_width(104.0);
            ui.label(RichText::new(label).color(theme::FADED));
        });
        ui.add(egui::Label::new(value).wrap());
    });
}

fn playing(ui: &mut Ui, inspection: &Inspection) {
    title(ui, "How it plays");
    graph(ui, inspection);
    ui.spacing_mut().item_spacing.y = 4.0;
    fact(ui, "Frames a second", &inspection.fps.to_string());
    if let Some((typical, worst)) = inspection.typical_and_worst_ms {
        fact(
            ui,
            "Frame time",
            &format!(
                "{typical:.1} ms, at worst {worst:.0} of {:.1} ms",
                inspection.budget_ms
            ),
        );
    }
    let (shown, dropped) = (inspection.shown, inspection.dropped);
    fact(ui, "Frames", &format!("{shown} shown, {dropped} left out"));
    if let Some(drawn) = &inspection.drawn {
        fact(ui, "Drawn in", drawn);
    }
}

fn machine(ui: &mut Ui, inspection: &Inspection) {
    title(ui, "What draws it");
    ui.spacing_mut().item_spacing.y = 4.0;
    for (label, value) in [
        ("GPU", &inspection.gpu),
        ("Kind", &inspection.kind),
        ("Backend", &inspection.backend),
        ("Driver", &inspection.driver),
    ] {
        fact(ui, label, value);
    }
    if let Some(bytes) = inspection.memory_bytes {
        fact(ui, "Memory", &format!("{} MB", bytes / 1_000_000));
    }
}

/// A stroke for each of the last frames, against the time that there is for one.
fn graph(ui: &mut Ui, inspection: &Inspection) {
    let size = vec2(ui.available_width(), GRAPH_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, CornerRadius::same(6), theme::GROUND);
    let budget = inspection.budget_ms.max(1.0);
    let height = |cost: f32| rect.bottom() - (cost / (2.0 * budget)).min(1.0) * rect.height();
    let step = rect.width() / 120.0;
    for (number, cost) in inspection.costs_ms.iter().rev().enumerate() {
        let right = rect.right() - step * number as f32;
        let bar = Rect::from_min_max(
            pos2(right - step + 0.6, height(*cost)),
            pos2(right, rect.bottom()),
        );
        let color = if *cost > budget {
            theme::CORAL
        } else {
            theme::AMBER.gamma_multiply(0.8)
        };
        painter.rect_filled(bar, 0, color);
    }
    let line = Stroke::new(1.0, theme::PAPER.gamma_multiply(0.35));
    painter.hline(rect.x_range(), height(budget), line);
    response.on_hover_text("What each of the last 120 frames cost; the line is the time for one");
}
