//! Making a film of a storyboard: drawing on one thread, encoding on others, and writing.
//!
//! The `fabula` command is built on [`export()`], and so is [`mod@bench`], so that what is measured is
//! what runs.

pub mod bench;
mod cameras;
mod chapters;
mod export;
mod lanes;
pub mod memory;
mod segments;

pub use cameras::{Views, check_cameras};
pub use export::{ExportError, ExportPlan, Exported, export};
pub use fabula_encode::{discard_begun, is_begun};
