//! What a person changes values with: words, choices, chips and swatches. Each gives back the new
//! value when it has been chosen, never while it is still being typed.

use egui::{
    Align, Color32, ComboBox, CornerRadius, Id, Key, Layout, Response, RichText, Sense, Stroke,
    TextEdit, Ui, WidgetInfo, WidgetType, vec2,
};

use super::theme;

/// Width of the labels before fields.
const LABEL_WIDTH: f32 = 92.0;
const SWATCH: f32 = 20.0;
/// No field takes more letters.
const MOST_LETTERS: usize = 60;

/// A row with a label and what belongs to it.
pub fn row<T>(ui: &mut Ui, label: &str, contents: impl FnOnce(&mut Ui) -> T) -> T {
    ui.horizontal_top(|ui| {
        let height = ui.spacing().interact_size.y;
        ui.allocate_ui_with_layout(
            vec2(LABEL_WIDTH, height),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(LABEL_WIDTH);
                ui.label(RichText::new(label).color(theme::FADED));
            },
        );
        ui.vertical(contents).inner
    })
    .inner
}

/// Words in one line; they count when the person has gone on to something else.
pub fn words(ui: &mut Ui, name: &str, id: Id, value: &str, hint: &str) -> Option<String> {
    let draft = ui.data(|data| data.get_temp::<String>(id));
    let mut text = draft.unwrap_or_else(|| value.to_owned());
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .hint_text(RichText::new(hint).color(theme::FADED.gamma_multiply(0.55)))
        .char_limit(MOST_LETTERS)
        .margin(vec2(10.0, 6.0))
        .desired_width(f32::INFINITY);
    let response = ui.add(edit);
    response.widget_info(|| {
        let mut info = WidgetInfo::text_edit(true, value, text.as_str(), hint);
        info.label = Some(name.to_owned());
        info
    });
    if response.lost_focus() {
        ui.data_mut(|data| data.remove::<String>(id));
        let given_up = ui.input(|input| input.key_pressed(Key::Escape));
        let text = text.trim();
        return (!given_up && text != value).then(|| text.to_owned());
    }
    if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(id, text));
    }
    None
}

/// One of several values.
pub fn choice<T: PartialEq + Clone>(
    ui: &mut Ui,
    name: &str,
    id: Id,
    width: f32,
    value: &T,
    values: &[T],
    word: impl Fn(&T) -> String,
) -> Option<T> {
    let mut chosen = None;
    let combo = ComboBox::from_id_salt(id)
        .width(width)
        .truncate()
        .selected_text(word(value));
    let shown = combo.show_ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for other in values {
            if ui.selectable_label(other == value, word(other)).clicked() && other != value {
                chosen = Some(other.clone());
            }
        }
    });
    shown.response.widget_info(|| {
        let mut info = WidgetInfo::labeled(WidgetType::ComboBox, true, name);
        info.current_text_value = Some(word(value));
        info
    });
    chosen
}

/// A word that holds or does not.
pub fn chip(ui: &mut Ui, name: &str, on: bool, enabled: bool) -> Response {
    let text = if on { theme::INK } else { theme::PAPER };
    let fill = if on { theme::AMBER } else { theme::FIELD };
    let button = egui::Button::new(RichText::new(name).size(12.5).color(text))
        .fill(fill)
        .corner_radius(CornerRadius::same(13))
        .min_size(vec2(0.0, 26.0))
        .wrap_mode(egui::TextWrapMode::Extend)
        .selected(on);
    // A chosen chip has a colour of its own, whatever the style says of selections.
    // It is not given in a scope: that would have no next line to go on in.
    let before = std::mem::replace(&mut ui.visuals_mut().selection.bg_fill, theme::AMBER);
    let response = ui.add_enabled(enabled, button);
    ui.visuals_mut().selection.bg_fill = before;
    response
}

/// A colour that can be taken.
pub fn swatch(ui: &mut Ui, name: &str, color: Color32, on: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(SWATCH, SWATCH), Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, ui.is_enabled(), on, name));
    let radius = SWATCH / 2.0;
    let painter = ui.painter();
    painter.circle_filled(rect.center(), radius - 2.0, color);
    if on {
        let ring = Stroke::new(2.0, theme::AMBER);
        painter.circle_stroke(rect.center(), radius - 0.5, ring);
    } else if response.hovered() {
        let ring = Stroke::new(1.5, theme::PAPER.gamma_multiply(0.7));
        painter.circle_stroke(rect.center(), radius - 0.5, ring);
    }
    response.on_hover_text(name)
}

/// `snow_storm` as people write it.
pub fn plain(word: &str) -> String {
    let word = word.replace('_', " ");
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => word,
    }
}
