//! Each control of the panels, pressed as a person does it.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Pos2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fabula_story::{Age, DayTime, Emotion, Gender, Story, Storyboard, TransitionKind, Weather};

use super::super::edits::{CharacterEdit, LineEdit, SceneEdit};
use super::super::stage::{Loaded, Reading};
use super::*;

#[derive(Default)]
struct Desk {
    panels: Panels,
    around: Around,
    pictures: Pictures,
    wanted: Vec<Wanted>,
    dressed: bool,
}

type Test = Harness<'static, Desk>;

fn open(model: Model) -> Test {
    let desk = Desk {
        panels: Panels {
            model,
            ..Panels::default()
        },
        around: Around {
            panels: Some(384.0),
            aspect: 16.0 / 9.0,
            ..Around::default()
        },
        ..Desk::default()
    };
    let show_all = |ui: &mut Ui, desk: &mut Desk| {
        if !std::mem::replace(&mut desk.dressed, true) {
            dress(ui.ctx());
        }
        let wanted = show(ui, &mut desk.panels, &desk.around, &mut desk.pictures);
        desk.wanted.extend(wanted);
    };
    // Everything is in view, so that nothing has to be scrolled to.
    let mut test = Harness::builder()
        .with_size(vec2(1280.0, 3000.0))
        .build_ui_state(show_all, desk);
    test.run();
    test
}

fn film(board: Storyboard) -> Arc<Loaded> {
    Loaded::new(board, Arc::default(), 24)
}

fn board() -> Model {
    let board = include_str!("../../../../engine/story/tests/samples/storyboard.json");
    Model::of(&film(Storyboard::from_json(board).unwrap()), None, false)
}

fn told(is_input: bool) -> Model {
    let story = include_str!("../../../../engine/story/tests/samples/story.json");
    let story = Story::from_json(story).unwrap();
    let board = fabula_direct::direct(&story, &fabula_direct::Options::default());
    let reading = Reading {
        read: story.clone(),
        corrected: story,
    };
    Model::of(&film(board), Some(&reading), is_input)
}

impl Desk {
    #[track_caller]
    fn only_edit(&mut self) -> Edit {
        let mut wanted = std::mem::take(&mut self.wanted);
        assert_eq!(wanted.len(), 1, "{wanted:?}");
        match wanted.remove(0) {
            Wanted::Edit(edit) => edit,
            other => panic!("{other:?}"),
        }
    }
}

#[track_caller]
fn click(test: &mut Test, role: Role, label: &str) {
    test.get_by_role_and_label(role, label).click();
    test.run();
}

/// Opens a list and takes a word of it.
#[track_caller]
fn choose(test: &mut Test, list: &str, word: &str) -> Edit {
    click(test, Role::ComboBox, list);
    click(test, Role::Button, word);
    test.state_mut().only_edit()
}

fn write(test: &mut Test, field: &str, words: &str, end: Key) {
    test.get_by_role_and_label(Role::TextInput, field).click();
    test.run();
    test.key_press_modifiers(Modifiers::COMMAND, Key::A);
    test.event(Event::Text(words.to_owned()));
    test.run();
    test.key_press(end);
    test.run();
}

fn of_fox(edit: CharacterEdit) -> Edit {
    Edit::Character("c1".to_owned(), edit)
}

#[test]
fn each_panel_shows_what_the_film_has() {
    let mut test = open(board());
    assert!(test.query_by_label("The Fox at Dusk").is_some());
    for name in ["Vix", "Old Owl"] {
        test.get_by_label(name);
    }
    click(&mut test, Role::RadioButton, "Scenes");
    test.get_by_label("1. Forest");
    click(&mut test, Role::RadioButton, "Lines");
    test.get_by_role_and_label(Role::ComboBox, "Speaker of line 1");
    click(&mut test, Role::RadioButton, "Film");
    test.get_by_label("Export the film");
    assert!(test.state().wanted.is_empty());
}

#[test]
fn what_is_typed_counts_when_it_is_finished_and_not_when_it_is_given_up() {
    for model in [board(), told(false)] {
        let name = model.cast[0].name().to_owned();
        let id = model.cast[0].role.id.clone();
        let mut test = open(model);
        test.get_by_label(&name).click();
        test.run();
        write(&mut test, "Name", "Rena", Key::Enter);
        let edit = CharacterEdit::Name("Rena".to_owned());
        assert_eq!(test.state_mut().only_edit(), Edit::Character(id, edit));
        test.get_by_label("Rena");
        write(&mut test, "Name", "Nobody", Key::Escape);
        write(&mut test, "Name", "", Key::Enter);
        assert!(test.state().wanted.is_empty(), "{:?}", test.state().wanted);
    }
}

#[test]
fn looks_of_a_storyboard_are_chosen_from_what_the_art_has() {
    let mut test = open(board());
    test.get_by_label("Vix").click();
    test.run();
    let edit = choose(&mut test, "Being", "Human");
    assert_eq!(edit, of_fox(CharacterEdit::Being("human".to_owned())));
    let edit = choose(&mut test, "Hair style", "Braids");
    assert_eq!(
        edit,
        of_fox(CharacterEdit::Part("hair_style", "braids".to_owned()))
    );
    let edit = choose(&mut test, "Outfit", "Cloak");
    assert_eq!(
        edit,
        of_fox(CharacterEdit::Part("outfit", "cloak".to_owned()))
    );
    click(&mut test, Role::Button, "Child");
    assert_eq!(
        test.state_mut().only_edit(),
        of_fox(CharacterEdit::Age(Age::Child))
    );
    click(&mut test, Role::Button, "hat");
    let worn = vec!["scarf".to_owned(), "hat".to_owned()];
    assert_eq!(
        test.state_mut().only_edit(),
        of_fox(CharacterEdit::Accessories(worn))
    );
    click(&mut test, Role::Button, "scarf");
    let worn = vec!["hat".to_owned()];
    assert_eq!(
        test.state_mut().only_edit(),
        of_fox(CharacterEdit::Accessories(worn))
    );
}

#[test]
fn each_colour_of_the_looks_of_a_storyboard_is_taken_from_a_palette() {
    for (label, key) in [
        ("Coat", "skin"),
        ("Second coat", "hair"),
        ("Eyes", "eyes"),
        ("Clothes", "outfit_color"),
        ("Accents", "accent_color"),
    ] {
        let mut test = open(board());
        test.get_by_label("Vix").click();
        test.run();
        let numbers = |test: &Test| -> Vec<_> {
            let all = test.get_all_by_role(Role::SpinButton);
            all.map(|number| number.rect()).collect()
        };
        let before = numbers(&test);
        click(&mut test, Role::ColorWell, label);
        // The palette has three more, for red, green and blue.
        let mut parts = numbers(&test);
        parts.retain(|rect| !before.contains(rect));
        parts.sort_by(|a, b| a.left().total_cmp(&b.left()));
        let red = parts[0].center();
        test.hover_at(red);
        test.drag_at(red);
        test.drop_at(red);
        test.run();
        test.key_press_modifiers(Modifiers::COMMAND, Key::A);
        test.event(Event::Text("99".to_owned()));
        test.run();
        match test.state_mut().only_edit() {
            Edit::Character(id, CharacterEdit::Color(field, color)) => {
                assert_eq!((id.as_str(), field), ("c1", key));
                assert!(color.r.abs_diff(99) <= 1, "{color:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_slider_counts_when_it_is_let_go() {
    let mut test = open(board());
    test.get_by_label("Vix").click();
    test.run();
    let slider = test.get_by_role(Role::Slider).rect();
    let at = |share: f32| pos2(slider.left() + 100.0 * share, slider.center().y);
    drag(&mut test, at(0.5), at(0.9));
    match test.state_mut().only_edit() {
        Edit::Character(id, CharacterEdit::Height(height)) => {
            assert_eq!(id, "c1");
            assert!(height > 1.2, "{height}");
        }
        other => panic!("{other:?}"),
    }
}

fn drag(test: &mut Test, from: Pos2, to: Pos2) {
    test.hover_at(from);
    test.run();
    test.drag_at(from);
    test.run();
    test.hover_at(to);
    test.run();
    assert!(test.state().wanted.is_empty(), "{:?}", test.state().wanted);
    test.drop_at(to);
    test.run();
}

#[test]
fn looks_of_a_story_are_told_in_words_and_swatches_write_them() {
    let model = told(false);
    let member = model.cast[0].clone();
    let id = member.role.id.clone();
    let character = |edit| Edit::Character(id.clone(), edit);
    let mut test = open(model);
    test.get_by_label(member.name()).click();
    test.run();
    for (label, key, words) in [("Eyes", "eyes", "green"), ("Clothes", "clothes", "a coat")] {
        write(&mut test, label, words, Key::Enter);
        let edit = test.state_mut().only_edit();
        assert_eq!(
            edit,
            character(CharacterEdit::Trait(key.to_owned(), words.to_owned()))
        );
    }
    click(&mut test, Role::RadioButton, "Clothes: blue");
    let edit = CharacterEdit::Trait("clothes".to_owned(), "a blue coat".to_owned());
    assert_eq!(test.state_mut().only_edit(), character(edit));
    click(&mut test, Role::RadioButton, "Clothes: red");
    let edit = CharacterEdit::Trait("clothes".to_owned(), "a red coat".to_owned());
    assert_eq!(test.state_mut().only_edit(), character(edit));
    click(&mut test, Role::Button, "giant");
    let edit = CharacterEdit::Trait("size".to_owned(), "giant".to_owned());
    assert_eq!(test.state_mut().only_edit(), character(edit));
    let told = member.told.unwrap();
    let gender = if told.gender == Gender::Female {
        ("He", Gender::Male)
    } else {
        ("She", Gender::Female)
    };
    click(&mut test, Role::Button, gender.0);
    let edit = CharacterEdit::Gender(gender.1);
    assert_eq!(test.state_mut().only_edit(), character(edit));
    let age = if told.age == Age::Elder {
        ("Child", Age::Child)
    } else {
        ("Elder", Age::Elder)
    };
    click(&mut test, Role::Button, age.0);
    assert_eq!(
        test.state_mut().only_edit(),
        character(CharacterEdit::Age(age.1))
    );
}

#[test]
fn what_is_worn_is_a_word_more_or_less() {
    let mut model = told(false);
    let member = &mut model.cast[0];
    member.role.look.accessories = vec!["scarf".to_owned(), "crown".to_owned()];
    let told = member.told.as_mut().unwrap();
    told.traits = [("wears".to_owned(), "a long scarf, a ring".to_owned())].into();
    let (name, id) = (member.name().to_owned(), member.role.id.clone());
    let mut test = open(model);
    test.get_by_label(&name).click();
    test.run();
    let wears = |words: &str| {
        Edit::Character(
            id.clone(),
            CharacterEdit::Trait("wears".to_owned(), words.to_owned()),
        )
    };
    click(&mut test, Role::Button, "hat");
    let edit = test.state_mut().only_edit();
    assert_eq!(edit, wears("a long scarf, a ring, hat"));
    click(&mut test, Role::Button, "scarf");
    let edit = test.state_mut().only_edit();
    assert_eq!(edit, wears("a long, a ring, hat"));
    // It is the name that says so, and words cannot take it away.
    click(&mut test, Role::Button, "crown");
    assert!(test.state().wanted.is_empty());
}

#[test]
fn what_is_told_under_a_word_of_ones_own_is_changed_under_it() {
    let mut model = told(false);
    let member = &mut model.cast[0];
    member.role.look.accessories = vec!["scarf".to_owned()];
    let told = member.told.as_mut().unwrap();
    told.traits = [("round the neck".to_owned(), "a scarf, a ring".to_owned())].into();
    let (name, id) = (member.name().to_owned(), member.role.id.clone());
    let mut test = open(model);
    test.get_by_label(&name).click();
    test.run();
    click(&mut test, Role::Button, "scarf");
    let edit = CharacterEdit::Trait("round the neck".to_owned(), "a ring".to_owned());
    assert_eq!(test.state_mut().only_edit(), Edit::Character(id, edit));
}

#[test]
fn scenes_get_another_place_time_weather_and_way_to_come_in() {
    let mut test = open(board());
    click(&mut test, Role::RadioButton, "Scenes");
    for (list, word, edit) in [
        ("Place", "Cave", SceneEdit::Place("cave".to_owned())),
        ("Time", "Night", SceneEdit::Time(DayTime::Night)),
        ("Weather", "Storm", SceneEdit::Weather(Weather::Storm)),
        (
            "Transition",
            "Wipe",
            SceneEdit::Transition(Some(TransitionKind::Wipe)),
        ),
    ] {
        let list = format!("{list} of scene 1");
        assert_eq!(choose(&mut test, &list, word), Edit::Scene(0, edit));
    }
    test.get_all_by_label("Under a roof")
        .next()
        .unwrap()
        .click();
    test.run();
    let edit = test.state_mut().only_edit();
    assert_eq!(edit, Edit::Scene(0, SceneEdit::Indoor(true)));
}

#[test]
fn scenes_of_a_story_get_another_feeling_and_may_leave_their_transition_to_the_director() {
    let mut test = open(told(false));
    click(&mut test, Role::RadioButton, "Scenes");
    let edit = choose(&mut test, "Feeling of scene 1", "Anger");
    assert_eq!(edit, Edit::Scene(0, SceneEdit::Emotion(Emotion::Anger)));
    let list = "Transition of scene 1";
    let decided = test.get_by_role_and_label(Role::ComboBox, list).value();
    assert_eq!(decided.as_deref(), Some("Decided: Iris"));
    let push = Some(TransitionKind::Push);
    for (word, kind) in [("Push", push), ("Decided by the story", None)] {
        let edit = choose(&mut test, list, word);
        assert_eq!(edit, Edit::Scene(0, SceneEdit::Transition(kind)));
    }
}

#[test]
fn lines_get_another_speaker_and_another_feeling() {
    for model in [board(), told(false)] {
        let now = model.lines[0].speaker.clone();
        let mut others = model
            .cast
            .iter()
            .filter(|it| Some(&it.role.id) != now.as_ref());
        let other = others.next().unwrap().clone();
        let feeling = if model.lines[0].emotion == Emotion::Disgust {
            Emotion::Joy
        } else {
            Emotion::Disgust
        };
        let mut test = open(model);
        click(&mut test, Role::RadioButton, "Lines");
        let edit = choose(&mut test, "Speaker of line 1", other.name());
        let speaker = LineEdit::Speaker(Some(other.role.id.clone()));
        assert_eq!(edit, Edit::Line(0, speaker));
        let word = fields::plain(feeling.name());
        let edit = choose(&mut test, "Feeling of line 1", &word);
        assert_eq!(edit, Edit::Line(0, LineEdit::Emotion(feeling)));
    }
}

#[test]
fn a_scene_and_a_line_are_gone_to_with_a_click() {
    let model = board();
    let scene_s = model.scenes[0].start_s;
    let line_s = model.lines[0].spoken_s.unwrap().0;
    let words = format!("“{}”", model.lines[0].words);
    let mut test = open(model);
    click(&mut test, Role::RadioButton, "Scenes");
    click(&mut test, Role::Button, "1. Forest");
    click(&mut test, Role::RadioButton, "Lines");
    test.get_by_label(&words).click();
    test.run();
    assert_eq!(
        test.state().wanted,
        [Wanted::Seek(scene_s), Wanted::Seek(line_s)]
    );
}

#[test]
fn undo_and_redo_are_there_when_there_is_something_to_undo() {
    let mut test = open(board());
    click(&mut test, Role::Button, "Undo (Ctrl+Z)");
    click(&mut test, Role::Button, "Redo (Ctrl+Shift+Z)");
    assert!(test.state().wanted.is_empty());
    let panels = &mut test.state_mut().panels;
    (panels.can_undo, panels.can_redo) = (true, true);
    test.run();
    click(&mut test, Role::Button, "Undo (Ctrl+Z)");
    click(&mut test, Role::Button, "Redo (Ctrl+Shift+Z)");
    assert_eq!(test.state().wanted, [Wanted::Undo, Wanted::Redo]);
}

#[test]
fn the_film_is_exported_and_an_export_is_cancelled() {
    let mut test = open(board());
    click(&mut test, Role::RadioButton, "Film");
    click(&mut test, Role::Button, "Export the film");
    click(&mut test, Role::Button, "Save this picture");
    assert_eq!(test.state().wanted, [Wanted::Export, Wanted::Still]);
    test.state_mut().wanted.clear();
    test.state_mut().panels.exporting = Some(0.43);
    test.run();
    test.get_by_label("43 %");
    click(&mut test, Role::Button, "Cancel");
    assert_eq!(test.state().wanted, [Wanted::CancelExport]);
}

#[test]
fn the_inspector_tells_what_draws_and_how_fast() {
    let mut test = open(board());
    test.state_mut().panels.inspection = Inspection {
        typical_and_worst_ms: Some((12.34, 80.0)),
        budget_ms: 41.7,
        fps: 24,
        shown: 240,
        dropped: 3,
        drawn: Some("1280x720".to_owned()),
        gpu: "A GPU".to_owned(),
        kind: "software".to_owned(),
        backend: "Vulkan".to_owned(),
        driver: "a driver".to_owned(),
        memory_bytes: Some(345_678_901),
        costs_ms: vec![12.0, 80.0],
        exported: "1920x1080".to_owned(),
    };
    click(&mut test, Role::RadioButton, "Film");
    for told in [
        "24",
        "12.3 ms, at worst 80 of 41.7 ms",
        "240 shown, 3 left out",
        "1280x720",
        "A GPU",
        "software",
        "Vulkan",
        "a driver",
        "345 MB",
    ] {
        test.get_by_label(told);
    }
}

#[test]
fn the_panels_are_closed_and_opened_with_the_mouse() {
    let mut test = open(board());
    click(&mut test, Role::Button, "Close (Tab)");
    assert_eq!(test.state().wanted, [Wanted::Panels(false)]);
    test.state_mut().wanted.clear();
    test.state_mut().around.panels = None;
    test.run();
    let handle = test.query_by_label("Panels (Tab)");
    assert!(handle.is_none(), "nothing lies over the picture");
    test.state_mut().around.strength = 1.0;
    test.run();
    click(&mut test, Role::Button, "Panels (Tab)");
    assert_eq!(test.state().wanted, [Wanted::Panels(true)]);
}

#[test]
fn nothing_of_a_story_from_standard_input_can_be_changed() {
    let model = told(true);
    let name = model.cast[0].name().to_owned();
    let mut test = open(model);
    test.get_by_label("From standard input: nothing can be changed here.");
    test.get_by_label(&name).click();
    test.run();
    write(&mut test, "Name", "Rena", Key::Enter);
    click(&mut test, Role::Button, "Elder");
    click(&mut test, Role::RadioButton, "Clothes: blue");
    assert!(test.state().wanted.is_empty(), "{:?}", test.state().wanted);
}

#[test]
fn what_is_wrong_with_the_file_is_told_in_the_panels_too() {
    let mut test = open(board());
    let trouble = "board.json is no usable storyboard";
    test.state_mut().panels.trouble = Some(trouble.to_owned());
    test.run();
    test.get_by_label(trouble);
}

#[test]
fn each_part_of_the_looks_of_a_story_has_words_and_swatches() {
    for (being, parts) in [
        (
            "human",
            &[
                ("Hair", "hair", "black"),
                ("Skin", "skin", "pale"),
                ("Eyes", "eyes", "grey"),
                ("Clothes", "clothes", "pink"),
            ][..],
        ),
        (
            "fox",
            &[
                ("Coat", "color", "cream"),
                ("Eyes", "eyes", "blue"),
                ("Clothes", "clothes", "white"),
            ][..],
        ),
    ] {
        let mut model = told(false);
        model.cast[0].role.look.being = being.to_owned();
        model.cast[0].told.as_mut().unwrap().traits.clear();
        let (name, id) = (
            model.cast[0].name().to_owned(),
            model.cast[0].role.id.clone(),
        );
        let told = |key: &str, words: &str| {
            let edit = CharacterEdit::Trait(key.to_owned(), words.to_owned());
            Edit::Character(id.clone(), edit)
        };
        let mut test = open(model);
        test.get_by_label(&name).click();
        test.run();
        for (label, key, tint) in parts {
            write(&mut test, label, "as ever", Key::Enter);
            assert_eq!(test.state_mut().only_edit(), told(key, "as ever"));
            let swatch = format!("{label}: {tint}");
            click(&mut test, Role::RadioButton, &swatch);
            let words = format!("{tint} as ever");
            assert_eq!(test.state_mut().only_edit(), told(key, &words));
            click(&mut test, Role::RadioButton, &swatch);
            assert_eq!(test.state_mut().only_edit(), told(key, "as ever"));
        }
        for words in ["tiny", ""] {
            click(&mut test, Role::Button, "tiny");
            assert_eq!(test.state_mut().only_edit(), told("size", words));
        }
        let edit = choose(&mut test, "Being", "Alien");
        let being = CharacterEdit::Being("alien".to_owned());
        assert_eq!(edit, Edit::Character(id.clone(), being));
    }
}

#[test]
fn a_card_is_closed_by_the_click_that_opened_it() {
    let mut test = open(board());
    for is_open in [true, false] {
        test.get_by_label("Vix").click();
        test.run();
        let field = test.query_by_role_and_label(Role::TextInput, "Name");
        assert_eq!(field.is_some(), is_open);
    }
    assert!(test.state().wanted.is_empty());
}

#[test]
fn a_line_of_a_storyboard_may_be_given_to_a_narrator() {
    let mut test = open(board());
    click(&mut test, Role::RadioButton, "Lines");
    let edit = choose(&mut test, "Speaker of line 1", "A narrator");
    assert_eq!(edit, Edit::Line(0, LineEdit::Speaker(None)));
}

#[test]
fn the_line_that_is_being_said_comes_into_view_while_the_film_plays() {
    let mut model = board();
    let first = model.lines[0].clone();
    model.lines = (0..40)
        .map(|number| {
            let mut line = first.clone();
            line.words = format!("Line {number}");
            let start_s = f64::from(number);
            line.spoken_s = Some((start_s, start_s + 0.9));
            line
        })
        .collect();
    let mut test = open(model);
    test.set_size(vec2(1280.0, 720.0));
    test.run();
    click(&mut test, Role::RadioButton, "Lines");
    let is_seen = |test: &Test| {
        let line = test.get_by_label("“Line 30”").rect();
        line.top() > 0.0 && line.bottom() < 720.0
    };
    test.state_mut().panels.time_s = 30.5;
    test.run();
    assert!(!is_seen(&test), "who reads elsewhere is left in peace");
    test.state_mut().panels.time_s = 29.5;
    test.run();
    let panels = &mut test.state_mut().panels;
    (panels.playing, panels.time_s) = (true, 30.5);
    test.run();
    assert!(is_seen(&test));
}
