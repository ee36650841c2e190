//! What the readers of the two documents refuse, and that each refusal names the place.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use fabula_story::{Story, Storyboard};
use serde_json::{Value, json};

const STORY: &str = include_str!("samples/story.json");
const BOARD: &str = include_str!("samples/storyboard.json");

/// The error for `sample` with the value at `pointer` replaced; `null` takes the field away.
fn refusal(
    sample: &str,
    pointer: &str,
    value: Value,
    read: impl Fn(&str) -> Result<(), String>,
) -> String {
    let mut document: Value = serde_json::from_str(sample).unwrap();
    if value.is_null() {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        document
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(field)
            .unwrap();
    } else {
        *document
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{pointer}")) = value;
    }
    match read(&document.to_string()) {
        Ok(()) => panic!("{pointer} was accepted"),
        Err(error) => error,
    }
}

fn story_refusal(pointer: &str, value: Value) -> String {
    refusal(STORY, pointer, value, |text| {
        Story::from_json(text)
            .map(drop)
            .map_err(|error| error.to_string())
    })
}

fn board_refusal(pointer: &str, value: Value) -> String {
    refusal(BOARD, pointer, value, |text| {
        Storyboard::from_json(text)
            .map(drop)
            .map_err(|error| error.to_string())
    })
}

fn assert_places(
    refuse: impl Fn(&str, Value) -> String,
    cases: impl IntoIterator<Item = (&'static str, Value, &'static str)>,
) {
    for (pointer, value, path) in cases {
        let error = refuse(pointer, value);
        let expected = format!("at {path}: ");
        assert!(
            error.starts_with(&expected),
            "{pointer}: `{error}` does not name `{path}`"
        );
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn a_story_error_names_the_path() {
    assert_places(
        story_refusal,
        [
            ("/format", json!("fabula.story/2"), "format"),
            ("/format", json!(null), "format"),
            ("/format", json!(7), "format"),
            ("/title", json!(7), "title"),
            ("/title", json!(null), "."),
            ("/text", json!(null), "."),
            ("/text", json!("Vix"), "characters[0].mentions[1]"),
            ("/sentences/0/start", json!(-1), "sentences[0].start"),
            ("/sentences/0/end", json!(0), "sentences[0]"),
            ("/sentences/0/end", json!(9999), "sentences[0]"),
            ("/sentences/1/start", json!(3), "sentences[1].start"),
            (
                "/sentences/1/emotion",
                json!("envy"),
                "sentences[1].emotion",
            ),
            (
                "/sentences/1/scores/joy",
                json!(1.5),
                "sentences[1].scores.joy",
            ),
            (
                "/sentences/1/scores/fear",
                json!("much"),
                "sentences[1].scores.fear",
            ),
            ("/entities/0/label", json!("per"), "entities[0].label"),
            ("/entities/0/kind", json!("PROPER"), "entities[0].kind"),
            ("/entities/0/end", json!(100_000), "entities[0]"),
            ("/characters/0/id", json!(""), "characters[0].id"),
            ("/characters/1/id", json!("c1"), "characters[1].id"),
            (
                "/characters/1/name",
                json!(["Old Owl"]),
                "characters[1].name",
            ),
            ("/characters/1/gender", json!("f"), "characters[1].gender"),
            ("/characters/0/age", json!(7), "characters[0].age"),
            (
                "/characters/0/traits/color",
                json!(3),
                "characters[0].traits.color",
            ),
            (
                "/characters/0/mentions/0/end",
                json!(100_000),
                "characters[0].mentions[0]",
            ),
            ("/quotes/0/speaker", json!("c9"), "quotes[0].speaker"),
            ("/quotes/0/addressee", json!("c9"), "quotes[0].addressee"),
            ("/quotes/0/end", json!(1), "quotes[0]"),
            ("/scenes/0/present/1", json!("c9"), "scenes[0].present[1]"),
            ("/scenes/0/weather", json!("hail"), "scenes[0].weather"),
            ("/scenes/0/indoor", json!("no"), "scenes[0].indoor"),
            ("/scenes/0/end", json!(100_000), "scenes[0]"),
            ("/tokens/0/head", json!(-2), "tokens[0].head"),
            ("/tokens/0/head", json!(2), "tokens[0].head"),
            ("/tokens/1/end", json!(100_000), "tokens[1]"),
        ],
    );
}

#[test]
fn a_storyboard_error_names_the_path() {
    assert_places(
        board_refusal,
        [
            ("/format", json!("fabula.story/1"), "format"),
            ("/title", json!({}), "title"),
            ("/cast/0/id", json!(""), "cast[0].id"),
            ("/cast/1/id", json!("c1"), "cast[1].id"),
            ("/cast/0/color", json!("red"), "cast[0].color"),
            ("/cast/0/look/skin", json!("#12345"), "cast[0].look.skin"),
            ("/cast/0/look/age", json!("teen"), "cast[0].look.age"),
            ("/cast/0/look/height", json!(4.0), "cast[0].look.height"),
            ("/cast/0/look/outfit", json!(null), "cast[0].look"),
            ("/opening/duration_s", json!(0.0), "opening.duration_s"),
            (
                "/opening/transition/kind",
                json!("swirl"),
                "opening.transition.kind",
            ),
            ("/closing/duration_s", json!(1e9), "closing.duration_s"),
            (
                "/closing/transition/duration_s",
                json!(4.5),
                "closing.transition.duration_s",
            ),
            ("/scenes/0/id", json!(""), "scenes[0].id"),
            ("/scenes/0/shots", json!([]), "scenes[0].shots"),
            ("/scenes/0/seed", json!(-1), "scenes[0].seed"),
            (
                "/scenes/0/setting/time",
                json!("noon"),
                "scenes[0].setting.time",
            ),
            (
                "/scenes/0/backdrop/kind",
                json!("photo"),
                "scenes[0].backdrop.kind",
            ),
            (
                "/scenes/0/backdrop",
                json!({"kind": "textured", "file": "../secret.png"}),
                "scenes[0].backdrop.file",
            ),
            (
                "/scenes/0/backdrop",
                json!({"kind": "live", "url": "http://ann:secret@camera.local/"}),
                "scenes[0].backdrop",
            ),
            (
                "/scenes/0/transition/duration_s",
                json!(-1.0),
                "scenes[0].transition.duration_s",
            ),
            ("/scenes/0/shots/0/id", json!("s1"), "scenes[0].shots[0].id"),
            (
                "/scenes/0/shots/0/duration_s",
                json!(0.0),
                "scenes[0].shots[0].duration_s",
            ),
            (
                "/scenes/0/shots/0/framing",
                json!("huge"),
                "scenes[0].shots[0].framing",
            ),
            (
                "/scenes/0/shots/0/camera",
                json!("spin"),
                "scenes[0].shots[0].camera",
            ),
            (
                "/scenes/0/shots/0/focus/0",
                json!("c9"),
                "scenes[0].shots[0].focus[0]",
            ),
            (
                "/scenes/0/shots/0/mood/intensity",
                json!(2.0),
                "scenes[0].shots[0].mood.intensity",
            ),
            (
                "/scenes/0/shots/0/actors/0/role",
                json!("c9"),
                "scenes[0].shots[0].actors[0].role",
            ),
            (
                "/scenes/0/shots/0/actors/1/role",
                json!("c1"),
                "scenes[0].shots[0].actors[1].role",
            ),
            (
                "/scenes/0/shots/0/actors/0/x",
                json!(40.0),
                "scenes[0].shots[0].actors[0].x",
            ),
            (
                "/scenes/0/shots/0/actors/0/pose",
                json!("kneel"),
                "scenes[0].shots[0].actors[0].pose",
            ),
            (
                "/scenes/0/shots/0/actors/0/cues/0/kind",
                json!("dance"),
                "scenes[0].shots[0].actors[0].cues[0]",
            ),
            (
                "/scenes/0/shots/0/actors/0/cues/1/at_s",
                json!(0.0),
                "scenes[0].shots[0].actors[0].cues[1].at_s",
            ),
            (
                "/scenes/0/shots/0/actors/0/cues/0/intensity",
                json!(3.0),
                "scenes[0].shots[0].actors[0].cues[0].intensity",
            ),
            (
                "/scenes/0/shots/0/actors/0/cues/1/role",
                json!("c9"),
                "scenes[0].shots[0].actors[0].cues[1].role",
            ),
            (
                "/scenes/0/shots/0/actors/0/cues/3/to_x",
                json!(9.0),
                "scenes[0].shots[0].actors[0].cues[3].to_x",
            ),
            (
                "/scenes/0/shots/0/speech/0/role",
                json!("c9"),
                "scenes[0].shots[0].speech[0].role",
            ),
            (
                "/scenes/0/shots/0/speech/0/start_s",
                json!(-0.1),
                "scenes[0].shots[0].speech[0].start_s",
            ),
            (
                "/scenes/0/shots/0/speech/0/mouth/1/at_s",
                json!(0.0),
                "scenes[0].shots[0].speech[0].mouth[1].at_s",
            ),
            (
                "/scenes/0/shots/0/speech/0/mouth/0/shape",
                json!("Z"),
                "scenes[0].shots[0].speech[0].mouth[0].shape",
            ),
            (
                "/scenes/0/shots/0/captions/0/role",
                json!("c9"),
                "scenes[0].shots[0].captions[0].role",
            ),
            (
                "/scenes/0/shots/0/captions/0/duration_s",
                json!(-2.0),
                "scenes[0].shots[0].captions[0].duration_s",
            ),
        ],
    );
}

#[test]
fn an_unknown_field_is_named_with_its_place() {
    for (parent, path) in [
        ("", "colour"),
        ("/scenes/0", "scenes[0].colour"),
        ("/sentences/0/scores", "sentences[0].scores.colour"),
    ] {
        let error = Story::from_json(&with_unknown_field(STORY, parent)).unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("at {path}: ")),
            "{error}"
        );
    }
    for (parent, path) in [
        ("", "colour"),
        ("/cast/0/look", "cast[0].look.colour"),
        ("/scenes/0/setting", "scenes[0].setting.colour"),
        ("/scenes/0/shots/0", "scenes[0].shots[0].colour"),
    ] {
        let error = Storyboard::from_json(&with_unknown_field(BOARD, parent)).unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("at {path}: ")),
            "{error}"
        );
    }
}

fn with_unknown_field(sample: &str, parent: &str) -> String {
    let mut document: Value = serde_json::from_str(sample).unwrap();
    let fields = document
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap();
    fields.insert("colour".into(), json!(1));
    document.to_string()
}

#[test]
fn an_offset_inside_a_letter_is_refused() {
    let mut story: Value = serde_json::from_str(STORY).unwrap();
    let text = story["text"].as_str().unwrap().replacen("Old", "Öld", 1);
    let inside = text.find('Ö').unwrap() + 1;
    story["text"] = json!(text);
    story["entities"] = json!([{"start": inside, "end": inside + 4, "label": "PER",
        "kind": "common"}]);
    story["characters"] = json!([]);
    story["sentences"] = json!([]);
    story["quotes"] = json!([]);
    story["scenes"] = json!([]);
    story["tokens"] = json!([]);
    let error = Story::from_json(&story.to_string())
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("at entities[0]: "), "{error}");
}

#[test]
fn text_that_is_no_json_is_refused_in_one_line() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        "Once upon a time.",
        "{\"format\": \"fabula.story/1\"",
        "{\"format\": \"fabula.story/1\"} and more",
        "\u{feff}",
        "\0\0\0\0",
        "{\"format\": \"fabula.story/1\", \"title\": \"\\ud800\"}",
    ] {
        for error in [
            Story::from_json(text).unwrap_err().to_string(),
            Storyboard::from_json(text).unwrap_err().to_string(),
        ] {
            assert!(
                error.starts_with("at ") && !error.contains('\n'),
                "{text}: {error}"
            );
        }
    }
    let deep = "[".repeat(100_000);
    assert!(Story::from_json(&deep).is_err());
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    assert!(Story::from_json(&format!("\u{feff}{STORY}")).is_ok());
    assert!(Storyboard::from_json(&format!("\u{feff}{BOARD}")).is_ok());
}

#[test]
fn a_document_of_the_other_kind_is_named_as_such() {
    let error = Storyboard::from_json(STORY).unwrap_err().to_string();
    assert!(
        error.contains("fabula.story/1") && error.contains("fabula.storyboard/1"),
        "{error}"
    );
}

#[test]
fn what_bodies_do_is_written_plainly() {
    let mut board: Value = serde_json::from_str(BOARD).unwrap();
    let actor = board.pointer_mut("/scenes/0/shots/0/actors/0").unwrap();
    actor["pose"] = json!("lie");
    actor["cues"] = json!([
        {"at_s": 0.0, "kind": "pose", "pose": "stand"},
        {"at_s": 0.5, "kind": "walk", "to_x": 0.1, "duration_s": 1.0},
        {"at_s": 1.6, "kind": "walk", "to_x": 0.4, "duration_s": 1.0, "gait": "run"},
        {"at_s": 2.8, "kind": "act", "act": "give", "duration_s": 1.0, "to": "c2"},
    ]);
    let written = Storyboard::from_json(&board.to_string()).unwrap().to_json();
    let written: Value = serde_json::from_str(&written).unwrap();
    let pointer = "/scenes/0/shots/0/actors/0/cues";
    assert_eq!(written.pointer(pointer), board.pointer(pointer));
}

#[test]
fn an_unknown_act_is_refused_with_those_that_are_known() {
    let mut board: Value = serde_json::from_str(BOARD).unwrap();
    let cue = board.pointer_mut("/scenes/0/shots/0/actors/0/cues/0");
    *cue.unwrap() = json!({"at_s": 0.0, "kind": "act", "act": "juggle", "duration_s": 1.0});
    let refused = Storyboard::from_json(&board.to_string()).unwrap_err();
    let told = refused.to_string();
    for act in ["juggle", "shake_head", "hug", "swim"] {
        assert!(told.contains(act), "{act}: {told}");
    }
    let pointer = "/scenes/0/shots/0/actors/0/cues/0";
    *board.pointer_mut(pointer).unwrap() =
        json!({"at_s": 0.0, "kind": "act", "act": "hug", "duration_s": 1.0, "to": "c9"});
    let refused = Storyboard::from_json(&board.to_string()).unwrap_err();
    assert!(refused.to_string().contains("cues[0].to"), "{refused}");
}

#[test]
fn an_unknown_backdrop_is_refused_with_those_that_are_known() {
    let told = board_refusal("/scenes/0/backdrop", json!({"kind": "photo"}));
    for kind in ["scene_based", "gradient", "solid_color", "textured", "live"] {
        assert!(told.contains(kind), "{kind}: {told}");
    }
}

#[test]
fn a_shot_over_a_shoulder_needs_who_is_seen_and_whose_shoulder_it_is() {
    let read = |focus: Value| {
        let mut board: Value = serde_json::from_str(BOARD).unwrap();
        board["scenes"][0]["shots"][0]["framing"] = json!("over_shoulder");
        board["scenes"][0]["shots"][0]["focus"] = focus;
        Storyboard::from_json(&board.to_string())
    };
    assert!(read(json!(["c1", "c2"])).is_ok());
    for focus in [
        json!([]),
        json!(["c1"]),
        json!(["c1", "c1"]),
        json!(["c1", "c2", "c1"]),
    ] {
        let refused = read(focus).unwrap_err().to_string();
        assert!(
            refused.starts_with("at scenes[0].shots[0].focus: ") && refused.contains("two roles"),
            "{refused}"
        );
    }
}

#[test]
fn an_unknown_mark_is_refused_with_those_that_are_known() {
    let told = board_refusal(
        "/scenes/0/shots/0/actors/0/cues/0",
        json!({"at_s": 0.0, "kind": "mark", "mark": "sparks", "duration_s": 1.0}),
    );
    for mark in ["hearts", "sweat", "exclamation", "splash", "speed_lines"] {
        assert!(told.contains(mark), "{mark}: {told}");
    }
}

#[test]
fn an_unknown_framing_is_refused_with_those_that_are_known() {
    let told = board_refusal("/scenes/0/shots/0/framing", json!("huge"));
    for framing in ["wide", "full", "medium", "close", "over_shoulder"] {
        assert!(told.contains(framing), "{framing}: {told}");
    }
}

#[test]
fn an_unknown_transition_is_refused_with_those_that_are_known() {
    let told = board_refusal("/scenes/0/transition/kind", json!("swirl"));
    for kind in [
        "cut",
        "dissolve",
        "fade",
        "wipe",
        "iris",
        "push",
        "page_turn",
    ] {
        assert!(told.contains(kind), "{kind}: {told}");
    }
}

#[test]
fn a_backdrop_takes_its_picture_from_the_folder_of_the_storyboard_and_from_nowhere_else() {
    let read = |file: &str| {
        let mut board: Value = serde_json::from_str(BOARD).unwrap();
        board["scenes"][0]["backdrop"] = json!({"kind": "textured", "file": file});
        Storyboard::from_json(&board.to_string())
    };
    for file in ["harbour.png", "pictures/by the sea.jpeg", "a..b.jpg"] {
        assert_eq!(read(file).unwrap().scenes[0].backdrop.file(), Some(file));
    }
    for file in [
        "",
        "/etc/picture.png",
        "../picture.png",
        "pictures/../../picture.png",
        "./picture.png",
        "pictures//picture.png",
        "C:\\picture.png",
        "C:picture.png",
        "pictures\\picture.png",
    ] {
        let refused = read(file).unwrap_err().to_string();
        assert!(
            refused.starts_with("at scenes[0].backdrop.file: ")
                && refused.contains("put the picture"),
            "{refused}"
        );
    }
}

#[test]
fn a_camera_is_kept_whole_in_its_document_and_shown_nowhere_else() {
    let mut board: Value = serde_json::from_str(BOARD).unwrap();
    let camera = json!({"kind": "live", "url": "rtsp://ann:secret@camera.local/stream1"});
    board["scenes"][0]["backdrop"] = camera.clone();
    let read = Storyboard::from_json(&board.to_string()).unwrap();
    assert_eq!(
        serde_json::to_value(&read.scenes[0].backdrop).unwrap(),
        camera
    );
    assert!(!format!("{read:?}").contains("secret"));

    for wrong in [
        json!({"kind": "live", "url": "http://ann:secret@camera.local/"}),
        json!({"kind": "live", "url": "rtsp://ann:secret @camera.local/"}),
        json!({"kind": "live", "url": ["rtsp://ann:secret@camera.local/"]}),
    ] {
        let told = board_refusal("/scenes/0/backdrop", wrong);
        assert!(!told.contains("secret"), "{told}");
    }
}

#[test]
fn a_group_has_a_place_for_each_and_is_no_crowd_without_end() {
    let board: Value = serde_json::from_str(BOARD).unwrap();
    let look = &board["cast"][0]["look"];
    let member = |x: f64, back: f64| json!({"look": look, "x": x, "back": back});
    let read = |members: Vec<Value>| {
        let mut board = board.clone();
        board["cast"][0]["members"] = Value::Array(members);
        Storyboard::from_json(&board.to_string())
            .map(|board| board.cast[0].members.len())
            .map_err(|error| error.to_string())
    };
    assert_eq!(read(vec![member(-0.2, 0.0), member(0.2, 0.05)]), Ok(2));
    for (members, place) in [
        (
            vec![member(0.2, 0.0), member(3.0, 0.0)],
            "cast[0].members[1].x",
        ),
        (vec![member(0.2, -0.1)], "cast[0].members[0].back"),
        (vec![member(0.1, 0.0); 12], "cast[0].members"),
    ] {
        let told = read(members).unwrap_err();
        assert!(told.contains(&format!("{place}:")), "{told}");
    }
}
