//! One file a command, or a few that belong together.

pub mod analyze;
pub mod batch;
pub mod bench;
pub mod doctor;
pub mod phones;
pub mod pictures;
pub mod render;
pub mod serve;
pub mod storyboard;
