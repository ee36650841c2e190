use schemars::{Schema, schema_for};

use crate::{Story, Storyboard};

/// JSON Schema of `fabula.story/1`, the same as `docs/schema/story.json`.
pub fn story_schema() -> Schema {
    schema_for!(Story)
}

/// JSON Schema of `fabula.storyboard/1`, the same as `docs/schema/storyboard.json`.
pub fn storyboard_schema() -> Schema {
    schema_for!(Storyboard)
}
