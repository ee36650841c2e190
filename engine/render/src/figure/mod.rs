//! TEMPORARY STUB by the lead so that film.rs compiles: whoever owns `figure` replaces this whole
//! file, keeping these signatures (film.rs calls them): new, statures, prepare, draw.
//! `pub(crate) struct Stature { height, eyes }` lives in camera.rs.
//! Note: film.rs submits after each view, so one instance range per prepare/draw is enough.
use crate::camera::Stature;
use crate::gpu::Gpu;
use crate::RenderError;
use fabula_story::{Role, Shot};

pub(crate) struct FigureStage;

impl FigureStage {
    pub fn new(_gpu: &Gpu, _cast: &[Role], _frame: &wgpu::BindGroupLayout) -> Result<Self, RenderError> {
        Ok(Self)
    }
    /// One for each actor of the shot, in the shot's order.
    pub fn statures(&self, shot: &Shot) -> Vec<Stature> {
        shot.actors.iter().map(|_| Stature { height: 0.46, eyes: 0.40 }).collect()
    }
    /// Uploads what the actors do at this time (pose matrices, weights).
    pub fn prepare(&mut self, _gpu: &Gpu, _shot: &Shot, _shot_s: f64, _scene_s: f64, _ground_y: f32) {}
    /// Contact shadows first, then figures back to front.
    pub fn draw(&self, _pass: &mut wgpu::RenderPass<'_>, _frame: &wgpu::BindGroup) {}
}
