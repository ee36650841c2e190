//! The lines: what is said, by whom and how.

use egui::{Id, Label, Rect, RichText, Sense, Ui, vec2};
use fabula_story::Emotion;

use super::super::edits::{Edit, LineEdit};
use super::fields::{choice, plain};
use super::model::{Line, Origin};
use super::pictures::Pictures;
use super::{Panels, Wanted, card, cast, theme};

const FACE: f32 = 28.0;
const EMOTION_WIDTH: f32 = 104.0;

pub fn show(ui: &mut Ui, panels: &mut Panels, pictures: &mut Pictures, wanted: &mut Vec<Wanted>) {
    if panels.model.lines.is_empty() {
        ui.label(RichText::new("Nothing is said aloud in this film.").color(theme::FADED));
    }
    let now = panels.model.line_at(panels.time_s);
    for (index, line) in panels.model.lines.clone().iter().enumerate() {
        let frame = card(ui, now == Some(index), |ui| {
            said(ui, line, wanted);
            let enabled = panels.model.origin != Origin::Input;
            ui.add_enabled_ui(enabled, |ui| {
                ui.horizontal(|ui| fields(ui, panels, index, line, pictures, wanted));
            });
        });
        // The one that is being said stays in view while the film plays.
        if now == Some(index) && panels.line_shown != now && panels.playing {
            ui.scroll_to_rect(frame, None);
        }
    }
    panels.line_shown = now;
}

fn said(ui: &mut Ui, line: &Line, wanted: &mut Vec<Wanted>) {
    let words = RichText::new(format!("“{}”", line.words)).size(14.0);
    let sense = if line.spoken_s.is_some() {
        Sense::click()
    } else {
        Sense::hover()
    };
    let response = ui.add(Label::new(words).wrap().sense(sense));
    if let Some((start_s, _)) = line.spoken_s {
        let when = super::clock(start_s);
        if response.on_hover_text(format!("Go to {when}")).clicked() {
            wanted.push(Wanted::Seek(start_s));
        }
    } else {
        response.on_hover_text("The film does not say it");
    }
}

fn fields(
    ui: &mut Ui,
    panels: &Panels,
    index: usize,
    line: &Line,
    pictures: &mut Pictures,
    wanted: &mut Vec<Wanted>,
) {
    let cast = &panels.model.cast;
    let named = |id: &str| cast.iter().find(|member| member.role.id == id);
    let speaker = line.speaker.as_deref().and_then(named);
    let (face, _) = ui.allocate_exact_size(vec2(FACE, FACE), Sense::hover());
    match speaker {
        Some(member) => cast::portrait(ui, face, member, pictures),
        None => {
            ui.painter()
                .circle_filled(face.center(), FACE / 2.0, theme::FIELD);
        }
    }
    let mut speakers: Vec<Option<String>> =
        cast.iter().map(|it| Some(it.role.id.clone())).collect();
    if panels.model.origin == Origin::Board {
        speakers.push(None);
    }
    let width = ui.available_width() - EMOTION_WIDTH - ui.spacing().item_spacing.x;
    let chosen = choice(
        ui,
        &format!("Speaker of line {}", index + 1),
        Id::new(("line", index, "speaker")),
        width,
        &line.speaker,
        &speakers,
        |id| {
            let member = id.as_deref().and_then(named);
            member.map_or_else(|| "A narrator".to_owned(), |it| it.name().to_owned())
        },
    );
    let edit = |edit| Wanted::Edit(Edit::Line(index, edit));
    wanted.extend(chosen.map(|id| edit(LineEdit::Speaker(id))));
    let chosen = choice(
        ui,
        &format!("Feeling of line {}", index + 1),
        Id::new(("line", index, "emotion")),
        ui.available_width(),
        &line.emotion,
        &Emotion::ALL,
        |emotion| plain(emotion.name()),
    );
    wanted.extend(chosen.map(|emotion| edit(LineEdit::Emotion(emotion))));
    // A thread of the feeling's colour, as on the timeline.
    let below = ui.min_rect();
    let thread = Rect::from_min_max(
        below.right_bottom() + vec2(-EMOTION_WIDTH + 4.0, 3.0),
        below.right_bottom() + vec2(-4.0, 5.0),
    );
    ui.painter()
        .rect_filled(thread, 1, theme::emotion(line.emotion));
}
