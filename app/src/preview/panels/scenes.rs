//! The scenes: where and when each one plays, and how it comes in.

use egui::{Align2, CornerRadius, FontId, Id, Pos2, Rect, Sense, Ui, vec2};
use fabula_story::{DayTime, Emotion, PLACES, TransitionKind, Weather};

use super::super::edits::{Edit, SceneEdit};
use super::fields::{chip, choice, plain, row};
use super::model::{Origin, SceneEntry};
use super::pictures::Pictures;
use super::{Panels, Wanted, card, theme};

const PICTURE: [f32; 2] = [107.0, 60.0];
const TIMES: [DayTime; 5] = [
    DayTime::Dawn,
    DayTime::Day,
    DayTime::Dusk,
    DayTime::Night,
    DayTime::Unknown,
];
const WEATHERS: [Weather; 6] = [
    Weather::Clear,
    Weather::Rain,
    Weather::Snow,
    Weather::Fog,
    Weather::Wind,
    Weather::Storm,
];
/// None leaves it to the director, which only a story can.
const TRANSITIONS: [Option<TransitionKind>; 8] = [
    None,
    Some(TransitionKind::Cut),
    Some(TransitionKind::Dissolve),
    Some(TransitionKind::Fade),
    Some(TransitionKind::Wipe),
    Some(TransitionKind::Iris),
    Some(TransitionKind::Push),
    Some(TransitionKind::PageTurn),
];

pub fn show(ui: &mut Ui, panels: &mut Panels, pictures: &mut Pictures, wanted: &mut Vec<Wanted>) {
    let now = panels.model.scene_at(panels.time_s);
    let origin = panels.model.origin;
    for (index, scene) in panels.model.scenes.clone().iter().enumerate() {
        card(ui, now == Some(index), |ui| {
            if head(ui, index, scene, pictures) {
                wanted.push(Wanted::Seek(scene.start_s));
            }
            ui.add_space(2.0);
            let mut edits = Vec::new();
            ui.add_enabled_ui(origin != Origin::Input, |ui| {
                fields(ui, index, scene, origin, &mut edits);
            });
            let edits = edits.into_iter();
            wanted.extend(edits.map(|edit| Wanted::Edit(Edit::Scene(index, edit))));
        });
    }
}

/// A picture of the scene, its number and place; says whether it was clicked.
fn head(ui: &mut Ui, index: usize, scene: &SceneEntry, pictures: &mut Pictures) -> bool {
    let [width, height] = PICTURE;
    let size = vec2(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let title = format!("{}. {}", index + 1, plain(&scene.place));
    response
        .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, title.as_str()));
    let picture = Rect::from_min_size(rect.min, vec2(width, height));
    let radius = CornerRadius::same(theme::RADIUS);
    ui.painter().rect_filled(picture, radius, theme::FIELD);
    if ui.is_rect_visible(picture) {
        // Where everybody has come in and the shot after the transition stands.
        let at_s = scene.start_s + (scene.end_s - scene.start_s).min(5.0) / 2.0;
        if let Some(texture) = pictures.still(at_s, false) {
            // Films of other shapes are cut to that of the frame.
            let image = egui::Image::new((texture, picture.size())).corner_radius(radius);
            image.paint_at(ui, picture);
        }
    }
    let left = picture.right() + 12.0;
    let painter = ui.painter();
    painter.text(
        Pos2::new(left, rect.center().y - 10.0),
        Align2::LEFT_CENTER,
        title,
        FontId::proportional(15.0),
        if response.hovered() {
            theme::AMBER
        } else {
            theme::PAPER
        },
    );
    let length = format!(
        "{} · {:.0} s",
        super::clock(scene.start_s),
        scene.end_s - scene.start_s
    );
    painter.text(
        Pos2::new(left, rect.center().y + 11.0),
        Align2::LEFT_CENTER,
        length,
        FontId::proportional(12.0),
        theme::FADED,
    );
    response.on_hover_text("Go there").clicked()
}

fn fields(
    ui: &mut Ui,
    index: usize,
    scene: &SceneEntry,
    origin: Origin,
    edits: &mut Vec<SceneEdit>,
) {
    let id = |name: &str| Id::new(("scene", index, name));
    row(ui, "Place", |ui| {
        let mut places: Vec<String> = PLACES.map(str::to_owned).to_vec();
        places.sort_unstable();
        let width = ui.available_width();
        let name = format!("Place of scene {}", index + 1);
        let chosen = choice(ui, &name, id("place"), width, &scene.place, &places, |it| {
            plain(it)
        });
        edits.extend(chosen.map(SceneEdit::Place));
    });
    row(ui, "When", |ui| {
        ui.horizontal(|ui| {
            let width = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
            let name = format!("Time of scene {}", index + 1);
            let time = choice(ui, &name, id("time"), width, &scene.time, &TIMES, |it| {
                time_word(*it)
            });
            edits.extend(time.map(SceneEdit::Time));
            let name = format!("Weather of scene {}", index + 1);
            let weather = choice(
                ui,
                &name,
                id("weather"),
                width,
                &scene.weather,
                &WEATHERS,
                |it| format!("{it:?}"),
            );
            edits.extend(weather.map(SceneEdit::Weather));
        });
    });
    if let Some(emotion) = scene.emotion {
        row(ui, "Feels", |ui| {
            let width = ui.available_width();
            let name = format!("Feeling of scene {}", index + 1);
            let chosen = choice(
                ui,
                &name,
                id("emotion"),
                width,
                &emotion,
                &Emotion::ALL,
                |it| plain(it.name()),
            );
            edits.extend(chosen.map(SceneEdit::Emotion));
        });
    }
    row(ui, "Comes in", |ui| {
        let name = format!("Transition of scene {}", index + 1);
        let kinds = &TRANSITIONS[usize::from(origin == Origin::Board)..];
        let told = scene.transition_is_told.then_some(scene.transition);
        let word = |it: &Option<TransitionKind>| match it {
            Some(kind) => transition_word(*kind).to_owned(),
            None if told.is_none() => format!("Decided: {}", transition_word(scene.transition)),
            None => "Decided by the story".to_owned(),
        };
        let width = ui.available_width();
        let chosen = choice(ui, &name, id("transition"), width, &told, kinds, word);
        edits.extend(chosen.map(SceneEdit::Transition));
    });
    row(ui, "", |ui| {
        if chip(ui, "Under a roof", scene.indoor, true).clicked() {
            edits.push(SceneEdit::Indoor(!scene.indoor));
        }
    });
}

fn time_word(time: DayTime) -> String {
    match time {
        DayTime::Unknown => "Any time".to_owned(),
        other => format!("{other:?}"),
    }
}

fn transition_word(kind: TransitionKind) -> &'static str {
    match kind {
        TransitionKind::Cut => "At once",
        TransitionKind::Dissolve => "Dissolve",
        TransitionKind::Fade => "Fade through black",
        TransitionKind::Wipe => "Wipe",
        TransitionKind::Iris => "Iris",
        TransitionKind::Push => "Push",
        TransitionKind::PageTurn => "Page turn",
    }
}
