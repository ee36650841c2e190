//! Actors: SVG parts put together, bent by a skeleton, acting, and drawn under the scene's light.
//!
//! `art` reads the parts, `mesh` makes triangles of them, `wardrobe` chooses and recolours those
//! of a character; `rig` is its skeleton. `acting` says what a figure does at a time: a pure
//! function from storyboard and time to a [`rig::Performance`]; `gait` carries it from place to place,
//! and `acts` holds what it does once; `crowd` lets several play a group. `light` mixes the paints, `posing`
//! moves the vertices where the GPU does not, `stage` draws performances, `portrait` those of one
//! role without a set.

mod acting;
mod acts;
mod art;
mod crowd;
mod face;
mod gait;
mod light;
mod mesh;
mod portrait;
mod posing;
mod rig;
#[cfg(test)]
mod sheets;
mod stage;
mod wardrobe;

pub(crate) use crowd::played;
pub use portrait::{cast_sheet, portrait};
pub(crate) use stage::FigureStage;
pub(crate) use wardrobe::check_drawings;
