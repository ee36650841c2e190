//! The trained weights that a build carries.
//!
//! They are a crate of their own, so that new weights do not compile the networks again; and statics, so
//! that a program holds them once, whichever of its crates names them.

/// The bytes of `models/story.safetensors`, or none if this was built without the file.
#[cfg(shipped_weights)]
pub static STORY: Option<&[u8]> = Some(include_bytes!("../story.safetensors"));
/// The bytes of `models/story.safetensors`, or none if this was built without the file.
#[cfg(not(shipped_weights))]
pub static STORY: Option<&[u8]> = None;

/// The bytes of `models/settings.safetensors`, or none if this was built without the file: a layer on
/// the embeddings of [`STORY`] that tells place and time.
#[cfg(shipped_settings)]
pub static SETTINGS: Option<&[u8]> = Some(include_bytes!("../settings.safetensors"));
/// The bytes of `models/settings.safetensors`, or none if this was built without the file.
#[cfg(not(shipped_settings))]
pub static SETTINGS: Option<&[u8]> = None;

/// The bytes of `models/links.safetensors`, or none if this was built without the file: units on the
/// states of [`STORY`] that tell who is one with whom and who speaks.
#[cfg(shipped_links)]
pub static LINKS: Option<&[u8]> = Some(include_bytes!("../links.safetensors"));
/// The bytes of `models/links.safetensors`, or none if this was built without the file.
#[cfg(not(shipped_links))]
pub static LINKS: Option<&[u8]> = None;

/// A digest of [`STORY`], [`SETTINGS`] and [`LINKS`].
pub const STORY_DIGEST: Option<&str> = option_env!("FABULA_STORY_WEIGHTS_DIGEST");
