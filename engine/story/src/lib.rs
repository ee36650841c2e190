//! The vocabulary of fabula: plain data that every other crate speaks.
//!
//! A [`Story`] is what was read: who is in it, who speaks, what each sentence feels and where
//! it happens. A [`Storyboard`] is what a film shows of it: scenes, shots, actors, captions and
//! mouths, each with its time. Both are JSON documents with a version in their `format` field,
//! checked when they are read ([`Story::from_json`], [`Storyboard::from_json`]) so that whoever
//! holds one may rely on it. [`Corrections`] is what a person puts right in a reading. [`Timeline`] answers what is on screen at a given second.

mod color;
mod corrections;
mod document;
mod edits;
mod emotion;
mod look;
mod schema;
mod story;
mod storyboard;
mod stream_url;
mod timeline;

pub use color::Color;
pub use corrections::{
    CharacterCorrection, Corrections, CorrectionsError, LineCorrection, SceneCorrection,
};
pub use document::DocumentError;
pub use emotion::{Emotion, Scores};
pub use look::{Age, Build, Gender, Look};
pub use schema::{story_schema, storyboard_schema};
pub use story::{
    Character, DayTime, Entity, EntityKind, EntityLabel, Mention, PLACES, Quote, Scene, Sentence,
    Story, Token, Weather,
};
pub use storyboard::{
    Act, Actor, Backdrop, BoardScene, CameraMove, Caption, Card, Cue, CueKind, Facing, Framing,
    Gait, Mark, Member, Mood, MouthCue, MouthShape, Pose, Role, Setting, Shot, Speech, Storyboard,
    Transition, TransitionKind,
};
pub use stream_url::StreamUrl;
pub use timeline::{Incoming, Moment, Segment, Timeline, View};
