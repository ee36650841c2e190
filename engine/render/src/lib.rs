//! Draws films: `(Storyboard, time)` becomes a picture, by wgpu, on a GPU or in software.
//!
//! [`Gpu::open`] chooses a device, [`Film::new`] makes a storyboard ready on it, then
//! [`Film::still`] draws the picture at one time and [`Film::export`] all frames in turn, as the
//! planes that an encoder takes; with [`Film::frames`] several places of the film are drawn by turns,
//! for as many encoders. A picture is a function of the storyboard and the time alone, so
//! frames may be asked for in any order.
//!
//! In a window, [`Film::draw`] draws the same picture and a [`Presenter`] shows it on a [`Screen`].
//!
//! From back to front a picture is made of the *plates* of a set (`set`, `staging`), effects
//! (`effects`), actors (`figure`), plates before them, and words (`text`). `camera` decides what
//! is seen and `frame` how light and mood colour it. Pictures of one's own (`backdrop`) take the
//! place of a set, and so does what a camera shows; a [`BackdropSource`] and a [`CameraSource`] hand
//! them over.

mod art;
mod backdrop;
mod camera;
mod effects;
mod embedded;
mod error;
mod figure;
mod film;
mod frame;
mod gpu;
mod identity;
mod layer;
mod lettering;
mod marks;
mod pace;
mod page_turn;
mod picture;
mod pipeline;
mod recording;
mod screen;
mod set;
mod shared;
mod sheet;
mod shoulder;
mod sketch;
mod staging;
mod text;
mod tiles;
mod yuv_frame;

pub use art::Art;
pub use backdrop::{BackdropPicture, BackdropSource, CameraSource};
pub use error::RenderError;
pub use figure::{cast_sheet, character_sheet, portrait};
pub use film::{Film, FilmKit, FilmOptions, Frames};
pub use gpu::{Gpu, GpuChoice, GpuDescription, GpuKind};
pub use picture::{FrameSize, Picture};
pub use screen::{Area, Canvas, Presenter, Screen};
pub use shared::{PictureOnGpu, SharedMemory, SharedPictures};
pub use sheet::{Sheet, SheetGround, SheetLabel, SheetShape};
pub use text::{CaptionLine, CaptionRuler};
pub use yuv_frame::YuvFrame;
