//! Colours, letters and measures of the panels: those of the controls over the picture, on a dark
//! and warm ground.

use std::sync::Arc;

use egui::epaint::Shadow;
use egui::style::{TextCursorStyle, WidgetVisuals};
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Stroke,
    TextStyle, Theme, vec2,
};
use fabula_story::{Color, Emotion};

pub const GROUND: Color32 = Color32::from_rgb(25, 20, 33);
pub const CARD: Color32 = Color32::from_rgb(36, 29, 45);
pub const CARD_LIT: Color32 = Color32::from_rgb(45, 36, 54);
pub const FIELD: Color32 = Color32::from_rgb(54, 44, 64);
pub const FIELD_LIT: Color32 = Color32::from_rgb(70, 57, 80);
pub const LINE: Color32 = Color32::from_rgb(62, 51, 72);
pub const PAPER: Color32 = Color32::from_rgb(255, 247, 232);
pub const FADED: Color32 = Color32::from_rgb(182, 170, 164);
pub const AMBER: Color32 = Color32::from_rgb(244, 184, 96);
pub const CORAL: Color32 = Color32::from_rgb(255, 158, 138);
pub const INK: Color32 = Color32::from_rgb(38, 24, 18);

pub const BODY: f32 = 13.5;
pub const SMALL: f32 = 11.5;
pub const HEADING: f32 = 18.0;
pub const RADIUS: u8 = 8;

/// Makes a context look like the product.
pub fn dress(context: &Context) {
    context.set_fonts(fonts());
    context.set_theme(Theme::Dark);
    context.style_mut_of(Theme::Dark, |style| {
        let sizes = [
            (TextStyle::Heading, HEADING),
            (TextStyle::Body, BODY),
            (TextStyle::Button, BODY),
            (TextStyle::Small, SMALL),
            (TextStyle::Monospace, BODY),
        ];
        style.text_styles = sizes
            .map(|(style, size)| (style, FontId::new(size, FontFamily::Proportional)))
            .into();
        style.spacing.item_spacing = vec2(8.0, 8.0);
        style.spacing.button_padding = vec2(10.0, 5.0);
        style.spacing.interact_size = vec2(30.0, 28.0);
        style.spacing.combo_height = 320.0;
        style.spacing.menu_margin = Margin::same(6);
        style.spacing.scroll = egui::style::ScrollStyle::thin();
        let visuals = &mut style.visuals;
        visuals.panel_fill = GROUND;
        visuals.window_fill = CARD_LIT;
        visuals.window_stroke = Stroke::new(1.0, LINE);
        visuals.window_corner_radius = CornerRadius::same(RADIUS + 2);
        visuals.menu_corner_radius = CornerRadius::same(RADIUS);
        visuals.popup_shadow = Shadow {
            offset: [0, 6],
            blur: 18,
            spread: 0,
            color: Color32::from_black_alpha(110),
        };
        visuals.extreme_bg_color = FIELD;
        visuals.text_edit_bg_color = Some(FIELD);
        visuals.faint_bg_color = CARD;
        visuals.selection.bg_fill = AMBER.gamma_multiply(0.32);
        visuals.selection.stroke = Stroke::new(1.5, AMBER);
        visuals.hyperlink_color = AMBER;
        visuals.error_fg_color = CORAL;
        visuals.warn_fg_color = AMBER;
        visuals.text_cursor = TextCursorStyle {
            stroke: Stroke::new(2.0, AMBER),
            ..visuals.text_cursor
        };
        let state = |fill, text, stroke| WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: stroke,
            corner_radius: CornerRadius::same(RADIUS),
            fg_stroke: Stroke::new(1.5, text),
            expansion: 0.0,
        };
        let widgets = &mut visuals.widgets;
        widgets.noninteractive = state(CARD, PAPER, Stroke::new(1.0, LINE));
        widgets.inactive = state(FIELD, PAPER, Stroke::NONE);
        widgets.hovered = state(FIELD_LIT, PAPER, Stroke::NONE);
        widgets.active = state(FIELD_LIT, AMBER, Stroke::new(1.0, AMBER));
        widgets.open = state(FIELD_LIT, PAPER, Stroke::NONE);
    });
}

/// Our own letters first; those of egui for scripts and signs that they lack.
fn fonts() -> FontDefinitions {
    const OURS: &str = "Quicksand";
    let letters = include_bytes!("../../../../assets/fonts/Quicksand-Bold.ttf");
    let mut fonts = FontDefinitions::default();
    let ours = Arc::new(FontData::from_static(letters));
    fonts.font_data.insert(OURS.to_owned(), ours);
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        let names = fonts.families.entry(family).or_default();
        names.insert(0, OURS.to_owned());
    }
    fonts
}

/// A colour of the storyboard on screen.
pub fn shown(color: Color) -> Color32 {
    Color32::from_rgb(color.r, color.g, color.b)
}

/// A feeling, as on the timeline.
pub fn emotion(emotion: Emotion) -> Color32 {
    shown(super::super::overlay::emotion_color(emotion))
}
