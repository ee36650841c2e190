//! The published JSON Schemas under `docs/schema`: up to date, and in agreement with what the
//! readers accept. `FABULA_UPDATE=1 cargo test -p fabula-story` writes them anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::Path;

use fabula_story::{Story, Storyboard, story_schema, storyboard_schema};
use serde_json::{Value, json};

const STORY: &str = include_str!("samples/story.json");
const BOARD: &str = include_str!("samples/storyboard.json");

fn assert_published(name: &str, schema: &schemars::Schema) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/schema")
        .join(name);
    let mut current = serde_json::to_string_pretty(schema).unwrap();
    current.push('\n');
    if std::env::var_os("FABULA_UPDATE").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == current,
        "docs/schema/{name} is out of date; run FABULA_UPDATE=1 cargo test -p fabula-story"
    );
}

fn validator(schema: schemars::Schema) -> jsonschema::Validator {
    jsonschema::validator_for(&Value::from(schema)).unwrap()
}

fn complaints(validator: &jsonschema::Validator, document: &Value) -> Vec<String> {
    validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    assert_published("story.json", &story_schema());
    assert_published("storyboard.json", &storyboard_schema());
}

#[test]
fn the_schemas_keep_to_the_json_schema_standard() {
    for schema in [story_schema(), storyboard_schema()] {
        jsonschema::meta::validate(&Value::from(schema)).unwrap();
    }
}

#[test]
fn the_samples_fit_their_schemas_and_are_read() {
    let story: Value = serde_json::from_str(STORY).unwrap();
    assert_eq!(
        complaints(&validator(story_schema()), &story),
        [] as [String; 0]
    );
    Story::from_json(STORY).unwrap();

    let board: Value = serde_json::from_str(BOARD).unwrap();
    assert_eq!(
        complaints(&validator(storyboard_schema()), &board),
        [] as [String; 0]
    );
    Storyboard::from_json(BOARD).unwrap();
}

#[test]
fn what_is_written_fits_the_schema_it_was_published_under() {
    let story = Story::from_json(STORY).unwrap().to_json();
    let story: Value = serde_json::from_str(&story).unwrap();
    assert_eq!(
        complaints(&validator(story_schema()), &story),
        [] as [String; 0]
    );

    let board = Storyboard::from_json(BOARD).unwrap().to_json();
    let board: Value = serde_json::from_str(&board).unwrap();
    assert_eq!(
        complaints(&validator(storyboard_schema()), &board),
        [] as [String; 0]
    );
}

#[test]
fn what_the_types_refuse_the_schemas_refuse_too() {
    let board: Value = serde_json::from_str(BOARD).unwrap();
    let validator = validator(storyboard_schema());
    for (pointer, wrong) in [
        ("/cast/0/look/skin", json!("orange")),
        ("/cast/0/look/age", json!("old")),
        ("/cast/0/look/height", json!("tall")),
        ("/opening/duration_s", json!("long")),
        ("/opening/transition/kind", json!("swirl")),
        ("/scenes/0/setting/weather", json!("hail")),
        ("/scenes/0/shots/0/framing", json!("huge")),
        ("/scenes/0/shots/0/actors/0/cues/0/kind", json!("dance")),
        ("/scenes/0/shots/0/actors", json!({})),
        ("/scenes/0/shots/0/speech/0/mouth/0/shape", json!("Z")),
    ] {
        let mut broken = board.clone();
        *broken.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&broken), "{pointer}");
        assert!(
            Storyboard::from_json(&broken.to_string()).is_err(),
            "{pointer}"
        );
    }
}
