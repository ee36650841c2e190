//! Actors: SVG parts put together, bent by a skeleton, acting, and drawn under the scene's light.
//!
//! `art` reads the parts, `mesh` makes triangles of them, `wardrobe` chooses and recolours those
//! of a character; `rig` is its skeleton, `physique` how stout or slim it is. `acting` says what a figure does at a time: a pure
//! function from storyboard and time to a [`rig::Performance`]; `gait` carries it from place to place,
//! and `acts` holds what it does once; `company` is what those on a stage know of each other; `crowd` lets several play a group,
//! and `gathering` lets all stand closer in narrow pictures. `light` mixes the paints. Where there
//! is no GPU, `posing` moves the vertices, `raster` fills the triangles and `cel` lays them over the
//! picture. `stage` draws performances, `portrait` those of one role without a set, and
//! `character_sheet` all that one can be.

mod acting;
mod acts;
mod art;
mod cel;
mod character_sheet;
mod company;
mod crowd;
mod face;
mod gait;
mod gathering;
mod light;
mod mesh;
mod physique;
mod portrait;
mod posing;
mod raster;
mod rig;
#[cfg(test)]
mod sheets;
mod stage;
mod wardrobe;

pub use character_sheet::character_sheet;
pub(crate) use crowd::group_of;
pub(crate) use gathering::played_in;
pub use portrait::{cast_sheet, portrait};
pub(crate) use stage::{Body, FigureStage};
pub(crate) use wardrobe::check_drawings;
