//! The cast: portraits, and what each one is and looks like.

use egui::{Align2, Color32, CornerRadius, FontId, Id, Pos2, Rect, RichText, Sense, Ui, vec2};
use fabula_story::{Age, Build, Color, Gender};

use super::super::edits::{CharacterEdit, Edit};
use super::fields::{chip, choice, plain, row, swatch, words};
use super::model::{Member, Origin, Told};
use super::pictures::Pictures;
use super::{Panels, Wanted, card, theme};

const PORTRAIT: f32 = 60.0;
const AGES: [Age; 4] = [Age::Child, Age::Adult, Age::Elder, Age::Unknown];
const GENDERS: [Gender; 4] = [
    Gender::Female,
    Gender::Male,
    Gender::Neutral,
    Gender::Unknown,
];
/// Words for colours that a story may use, with what they look like here.
type Tint = (&'static str, Color32);
const HAIR_TINTS: [Tint; 6] = [
    ("golden", Color32::from_rgb(226, 184, 96)),
    ("red", Color32::from_rgb(165, 62, 42)),
    ("brown", Color32::from_rgb(139, 69, 19)),
    ("black", Color32::from_rgb(38, 30, 34)),
    ("grey", Color32::from_rgb(158, 156, 160)),
    ("white", Color32::from_rgb(232, 230, 226)),
];
const CLOTH_TINTS: [Tint; 10] = [
    ("red", Color32::from_rgb(196, 48, 46)),
    ("orange", Color32::from_rgb(226, 124, 48)),
    ("yellow", Color32::from_rgb(234, 196, 76)),
    ("green", Color32::from_rgb(72, 138, 84)),
    ("turquoise", Color32::from_rgb(64, 160, 164)),
    ("blue", Color32::from_rgb(60, 106, 176)),
    ("purple", Color32::from_rgb(126, 78, 152)),
    ("pink", Color32::from_rgb(222, 138, 164)),
    ("brown", Color32::from_rgb(126, 82, 52)),
    ("white", Color32::from_rgb(236, 232, 224)),
];
const FUR_TINTS: [Tint; 8] = [
    ("red", Color32::from_rgb(190, 92, 50)),
    ("golden", Color32::from_rgb(218, 168, 92)),
    ("cream", Color32::from_rgb(232, 214, 186)),
    ("chestnut", Color32::from_rgb(144, 82, 50)),
    ("brown", Color32::from_rgb(130, 86, 56)),
    ("grey", Color32::from_rgb(132, 133, 140)),
    ("white", Color32::from_rgb(236, 231, 222)),
    ("black", Color32::from_rgb(58, 54, 61)),
];
const SKIN_TINTS: [Tint; 2] = [
    ("pale", Color32::from_rgb(255, 220, 177)),
    ("dark", Color32::from_rgb(161, 102, 94)),
];
const EYE_TINTS: [Tint; 4] = [
    ("brown", Color32::from_rgb(112, 66, 30)),
    ("green", Color32::from_rgb(46, 110, 62)),
    ("blue", Color32::from_rgb(58, 104, 168)),
    ("grey", Color32::from_rgb(116, 122, 130)),
];
const SIZES: [&str; 4] = ["tiny", "small", "tall", "giant"];
/// Words for builds that a story may use, one for each that is not the ordinary one.
const BUILDS: [&str; 3] = ["slim", "stout", "broad"];

pub fn show(ui: &mut Ui, panels: &mut Panels, pictures: &mut Pictures, wanted: &mut Vec<Wanted>) {
    if panels.model.cast.is_empty() {
        ui.label(RichText::new("Nobody plays in this film.").color(theme::FADED));
    }
    let origin = panels.model.origin;
    for member in panels.model.cast.clone() {
        let id = member.role.id.clone();
        let open = panels.open_member.as_deref() == Some(id.as_str());
        card(ui, open, |ui| {
            if head(ui, &member, open, pictures) {
                panels.open_member = (!open).then(|| id.clone());
            }
            if !open {
                return;
            }
            ui.add_space(2.0);
            ui.add_enabled_ui(origin != Origin::Input, |ui| {
                let mut edits = Vec::new();
                match &member.told {
                    Some(told) => told_fields(ui, &member, told, &mut edits),
                    None => look_fields(ui, &member, &mut edits),
                }
                let edits = edits.into_iter();
                wanted.extend(edits.map(|it| Wanted::Edit(Edit::Character(id.clone(), it))));
            });
        });
    }
}

/// Portrait, name and what one is; says whether it was clicked.
fn head(ui: &mut Ui, member: &Member, open: bool, pictures: &mut Pictures) -> bool {
    let size = vec2(ui.available_width(), PORTRAIT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::selected(
            egui::WidgetType::CollapsingHeader,
            true,
            open,
            member.name(),
        )
    });
    let face = Rect::from_min_size(rect.min, vec2(PORTRAIT, PORTRAIT));
    portrait(ui, face, member, pictures);
    let left = face.right() + 12.0;
    let painter = ui.painter();
    let letters = |size| FontId::proportional(size);
    painter.text(
        Pos2::new(left, rect.center().y - 10.0),
        Align2::LEFT_CENTER,
        member.name(),
        letters(16.0),
        theme::PAPER,
    );
    painter.text(
        Pos2::new(left, rect.center().y + 11.0),
        Align2::LEFT_CENTER,
        summary(member),
        letters(12.0),
        theme::FADED,
    );
    let color = if response.hovered() {
        theme::PAPER
    } else {
        theme::FADED
    };
    super::chevron(painter, rect.right_center() - vec2(10.0, 0.0), open, color);
    response.clicked()
}

/// A face on a ground in the colour of its name.
pub fn portrait(ui: &Ui, rect: Rect, member: &Member, pictures: &mut Pictures) {
    let radius = CornerRadius::same((rect.width() * 0.26) as u8);
    let ground = theme::shown(member.role.color).lerp_to_gamma(theme::GROUND, 0.62);
    ui.painter().rect_filled(rect, radius, ground);
    if let Some(texture) = pictures.portrait(&member.role) {
        // Faces fill it, as they leave room around them for horns and hats.
        let face = Rect::from_min_max(Pos2::new(0.13, 0.05), Pos2::new(0.87, 0.79));
        let image = egui::Image::new((texture, rect.size()));
        image.uv(face).corner_radius(radius).paint_at(ui, rect);
    }
}

/// "Fox · adult · scarf".
fn summary(member: &Member) -> String {
    let look = &member.role.look;
    let being = member.told.as_ref().map_or(&look.being, |told| &told.being);
    let mut parts = vec![plain(being)];
    parts.push(age_word(look.age).to_lowercase());
    let worn = look.accessories.iter().filter(|worn| *worn != "wrinkles");
    parts.extend(worn.cloned());
    if look.outfit != "none" {
        parts.push(look.outfit.clone());
    }
    parts.truncate(4);
    parts.join(" · ")
}

fn age_word(age: Age) -> String {
    match age {
        Age::Child => "Child",
        Age::Adult => "Adult",
        Age::Elder => "Elder",
        Age::Unknown => "As told",
    }
    .to_owned()
}

fn gender_word(gender: Gender) -> String {
    match gender {
        Gender::Female => "She",
        Gender::Male => "He",
        Gender::Neutral => "It",
        Gender::Unknown => "Not told",
    }
    .to_owned()
}

fn field(member: &Member, name: &str) -> Id {
    Id::new(("member", &member.role.id, name))
}

/// The being as words, with those that the art has to choose from.
fn being(ui: &mut Ui, member: &Member, value: &str, edits: &mut Vec<CharacterEdit>) {
    row(ui, "Being", |ui| {
        let values: Vec<String> = fabula_direct::beings().map(str::to_owned).collect();
        let id = field(member, "being");
        let width = ui.available_width();
        let chosen = choice(ui, "Being", id, width, &value.to_owned(), &values, |it| {
            plain(it)
        });
        edits.extend(chosen.map(CharacterEdit::Being));
    });
}

/// What a story tells, in its words.
fn told_fields(ui: &mut Ui, member: &Member, told: &Told, edits: &mut Vec<CharacterEdit>) {
    row(ui, "Name", |ui| {
        let name = words(ui, "Name", field(member, "name"), &told.name, "");
        edits.extend(
            name.filter(|name| !name.is_empty())
                .map(CharacterEdit::Name),
        );
    });
    being(ui, member, &told.being, edits);
    row(ui, "Age", |ui| {
        ui.horizontal_wrapped(|ui| {
            for age in AGES {
                if chip(ui, &age_word(age), told.age == age, true).clicked() && told.age != age {
                    edits.push(CharacterEdit::Age(age));
                }
            }
        });
    });
    row(ui, "Spoken of as", |ui| {
        ui.horizontal_wrapped(|ui| {
            for gender in GENDERS {
                let on = told.gender == gender;
                if chip(ui, &gender_word(gender), on, true).clicked() && !on {
                    edits.push(CharacterEdit::Gender(gender));
                }
            }
        });
    });
    let is_human = member.role.look.being == "human";
    if is_human {
        tinted(
            ui,
            member,
            told,
            ("Hair", "hair", "red, in braids"),
            &HAIR_TINTS,
            edits,
        );
        tinted(
            ui,
            member,
            told,
            ("Skin", "skin", "pale or dark"),
            &SKIN_TINTS,
            edits,
        );
    } else {
        tinted(
            ui,
            member,
            told,
            ("Coat", "color", "a colour"),
            &FUR_TINTS,
            edits,
        );
    }
    tinted(
        ui,
        member,
        told,
        ("Eyes", "eyes", "a colour"),
        &EYE_TINTS,
        edits,
    );
    tinted(
        ui,
        member,
        told,
        ("Clothes", "clothes", "a blue coat"),
        &CLOTH_TINTS,
        edits,
    );
    row(ui, "Wears", |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
            // What one word tells.
            let choices = fabula_direct::accessories(is_human).filter(|it| !it.contains('-'));
            for worn in choices {
                let on = member.role.look.accessories.iter().any(|it| it == worn);
                // What no words tell comes from the name and the age.
                let teller = told.traits.iter().find(|(_, words)| tells(words, worn));
                let told_words = told.traits.get("wears").map_or("", String::as_str);
                let response = chip(ui, worn, on, !on || teller.is_some());
                if response.clicked() {
                    edits.push(match teller {
                        Some((key, words)) => trait_edit(key, &without(words, worn)),
                        None => trait_edit("wears", &with(told_words, worn)),
                    });
                } else if on && teller.is_none() {
                    response.on_disabled_hover_text("The name or the age says so");
                }
            }
        });
    });
    for (label, key, choices) in [("Size", "size", &SIZES[..]), ("Build", "build", &BUILDS)] {
        row(ui, label, |ui| {
            ui.horizontal_wrapped(|ui| {
                let told = told.traits.get(key).map_or("", String::as_str);
                for choice in choices {
                    let on = tells(told, choice);
                    if chip(ui, choice, on, true).clicked() {
                        edits.push(trait_edit(key, if on { "" } else { choice }));
                    }
                }
            });
        });
    }
}

/// Words for a part of the looks, and colours that are words.
fn tinted(
    ui: &mut Ui,
    member: &Member,
    told: &Told,
    (label, key, hint): (&str, &'static str, &str),
    tints: &[Tint],
    edits: &mut Vec<CharacterEdit>,
) {
    let value = told.traits.get(key).map_or("", String::as_str);
    row(ui, label, |ui| {
        let written = words(ui, label, field(member, key), value, hint);
        edits.extend(written.map(|words| trait_edit(key, &words)));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
            ui.spacing_mut().interact_size.y = 22.0;
            for (tint, color) in tints {
                let on = tells(value, tint);
                if swatch(ui, &format!("{label}: {tint}"), *color, on).clicked() {
                    let others = tints.iter().map(|(other, _)| *other);
                    let bare = others.fold(value.to_owned(), |words, other| without(&words, other));
                    let words = if on { bare } else { first(tint, &bare) };
                    edits.push(trait_edit(key, &words));
                }
            }
        });
    });
}

/// How a storyboard says that someone looks.
fn look_fields(ui: &mut Ui, member: &Member, edits: &mut Vec<CharacterEdit>) {
    let look = &member.role.look;
    let is_human = look.being == "human";
    row(ui, "Name", |ui| {
        let name = words(ui, "Name", field(member, "name"), &member.role.name, "");
        edits.extend(
            name.filter(|name| !name.is_empty())
                .map(CharacterEdit::Name),
        );
    });
    being(ui, member, &look.being, edits);
    row(ui, "Age", |ui| {
        ui.horizontal_wrapped(|ui| {
            for age in [Age::Child, Age::Adult, Age::Elder] {
                let on = look.age == age;
                if chip(ui, &age_word(age), on, true).clicked() && !on {
                    edits.push(CharacterEdit::Age(age));
                }
            }
        });
    });
    row(ui, "Build", |ui| {
        ui.horizontal_wrapped(|ui| {
            for build in Build::ALL {
                let on = look.build == build;
                if chip(ui, build.name(), on, true).clicked() && !on {
                    edits.push(CharacterEdit::Build(build));
                }
            }
        });
    });
    row(ui, "Height", |ui| {
        let id = field(member, "height");
        let mut height = ui
            .data(|data| data.get_temp::<f32>(id))
            .unwrap_or(look.height);
        let slider = egui::Slider::new(&mut height, 0.5..=1.5).step_by(0.01);
        let response = ui.add(slider);
        if response.drag_stopped() || response.lost_focus() {
            ui.data_mut(|data| data.remove::<f32>(id));
            if (height - look.height).abs() > 5e-3 {
                edits.push(CharacterEdit::Height(height));
            }
        } else if response.changed() {
            ui.data_mut(|data| data.insert_temp(id, height));
        }
    });
    let skin = if is_human { "Skin" } else { "Coat" };
    let hair = if is_human { "Hair" } else { "Second coat" };
    row(ui, "Colours", |ui| {
        ui.horizontal_wrapped(|ui| {
            for (label, key, color) in [
                (skin, "skin", look.skin),
                (hair, "hair", look.hair),
                ("Eyes", "eyes", look.eyes),
                ("Clothes", "outfit_color", look.outfit_color),
                ("Accents", "accent_color", look.accent_color),
            ] {
                let picked = picker(ui, label, field(member, key), color);
                edits.extend(picked.map(|color| CharacterEdit::Color(key, color)));
            }
        });
    });
    let styles: Vec<_> = fabula_direct::hair_styles().collect();
    let outfits: Vec<_> = fabula_direct::outfits().collect();
    for (label, key, value, parts) in [
        ("Hair style", "hair_style", &look.hair_style, styles),
        ("Outfit", "outfit", &look.outfit, outfits),
    ] {
        if key == "hair_style" && !is_human {
            continue;
        }
        row(ui, label, |ui| {
            let values: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            let width = ui.available_width();
            let chosen = choice(ui, label, field(member, key), width, value, &values, |it| {
                plain(it)
            });
            edits.extend(chosen.map(|part| CharacterEdit::Part(key, part)));
        });
    }
    row(ui, "Wears", |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
            let aged = is_human.then_some("wrinkles");
            for worn in fabula_direct::accessories(is_human).chain(aged) {
                let on = look.accessories.iter().any(|it| it == worn);
                if chip(ui, worn, on, true).clicked() {
                    let mut all = look.accessories.clone();
                    if on {
                        all.retain(|it| it != worn);
                    } else {
                        all.push((*worn).to_owned());
                    }
                    edits.push(CharacterEdit::Accessories(all));
                }
            }
        });
    });
}

/// A colour with any other to take instead; it counts when the palette is closed.
fn picker(ui: &mut Ui, label: &str, id: Id, color: Color) -> Option<Color> {
    let draft = ui.data(|data| data.get_temp::<[u8; 3]>(id));
    let mut rgb = draft.unwrap_or([color.r, color.g, color.b]);
    let before = rgb;
    let response = ui
        .push_id(id, |ui| ui.color_edit_button_srgb(&mut rgb))
        .inner;
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::WidgetType::ColorButton, ui.is_enabled(), label)
    });
    response.on_hover_text(label);
    if rgb != before {
        ui.data_mut(|data| data.insert_temp(id, rgb));
    }
    let dragging = ui.input(|input| input.pointer.any_down());
    if draft.is_some() && !dragging {
        ui.data_mut(|data| data.remove::<[u8; 3]>(id));
        let [r, g, b] = rgb;
        let picked = Color::rgb(r, g, b);
        return (picked != color).then_some(picked);
    }
    None
}

/// An edit of something that a story tells, under the name that the story has for it.
fn trait_edit(key: &str, words: &str) -> CharacterEdit {
    CharacterEdit::Trait(key.to_owned(), words.to_owned())
}

fn parts(words: &str) -> impl Iterator<Item = &str> {
    words.split(|c: char| !c.is_alphanumeric())
}

/// Whether words contain this one.
fn tells(words: &str, word: &str) -> bool {
    parts(words).any(|part| part.eq_ignore_ascii_case(word))
}

/// Words without one of them, and without the punctuation that is left over.
fn without(words: &str, word: &str) -> String {
    let pieces = words.split([',', ';']).map(|piece| {
        let kept = piece.split_whitespace().filter(|part| {
            let bare = part.trim_matches(|c: char| !c.is_alphanumeric());
            !bare.eq_ignore_ascii_case(word)
        });
        kept.collect::<Vec<_>>().join(" ")
    });
    let is_left = |piece: &String| !matches!(piece.as_str(), "" | "a" | "an" | "the" | "and");
    pieces.filter(is_left).collect::<Vec<_>>().join(", ")
}

/// Words and one more.
fn with(words: &str, word: &str) -> String {
    if words.trim().is_empty() {
        word.to_owned()
    } else {
        format!("{}, {word}", words.trim())
    }
}

/// A colour before what has it: "a coat" becomes "a red coat".
fn first(tint: &str, words: &str) -> String {
    let bare = words.trim();
    let (article, rest) = ["a ", "an ", "the "]
        .iter()
        .find_map(|article| Some((*article, bare.strip_prefix(article)?)))
        .unwrap_or(("", bare));
    format!("{article}{tint} {rest}").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_takes_the_place_of_another_one_in_the_words() {
        assert_eq!(first("red", &without("a blue coat", "blue")), "a red coat");
        assert_eq!(first("red", ""), "red");
        assert_eq!(without("blue coat, straw hat", "hat"), "blue coat, straw");
        assert_eq!(without("glasses, scarf", "glasses"), "scarf");
        assert_eq!(with("", "hat"), "hat");
        assert_eq!(with("scarf", "hat"), "scarf, hat");
        assert!(tells("a Red coat", "red") && !tells("a reddish coat", "red"));
    }
}
