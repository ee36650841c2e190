//! The dark shoulder of somebody in the foreground, past which another is seen.
//!
//! The figure is drawn large, into few pixels, and laid over the picture as a soft dark shape in the
//! colours of its hair and clothes, with light along its edge: so near to the camera nobody is in
//! focus, and nobody has a face from behind.

use fabula_story::{Color, Look, Role};
use glam::vec4;

use crate::camera::Camera;
use crate::figure::FigureStage;
use crate::frame::{FrameUniform, Grade};
use crate::gpu::Gpu;
use crate::layer::{FULL_CLIP_FROM_UV, Layer, LayerPipelines, LayerUniform, Target, Uniform, pass};
use crate::picture::FrameSize;
use crate::set::Light;

/// Rows of the shape, few enough that it is as soft in every size of picture.
const SHAPE_ROWS: f32 = 64.0;

/// Somebody in the foreground of a shot.
#[derive(Debug)]
pub(crate) struct Shoulder {
    /// Id of the role.
    pub role: String,
    camera: Camera,
    size: FrameSize,
    /// Of the head and of what is below it.
    colors: [Color; 2],
    target: Target,
    layer: Layer,
}

impl Shoulder {
    pub fn new(
        gpu: &Gpu,
        layers: &LayerPipelines,
        size: FrameSize,
        role: &Role,
        camera: Camera,
    ) -> Self {
        let size_px = [SHAPE_ROWS * size.aspect(), SHAPE_ROWS].map(|side| side.ceil() as u32);
        let target = Target::new(gpu, size_px, "shoulder");
        let layer = layers.layer(gpu, &target.view, "shoulder");
        Self {
            role: role.id.clone(),
            camera,
            size,
            colors: colors(&role.look),
            target,
            layer,
        }
    }

    /// What the figure is to be prepared for.
    pub fn frame(&self, light: &Light, ground_y: f32, grade: Grade) -> FrameUniform {
        let mut frame = FrameUniform::new(self.camera, self.size, light, ground_y, grade);
        // The edges of the figure are as soft as the shape has room for.
        frame.px *= self.size.height() as f32 / self.target.texture.height() as f32;
        frame
    }

    /// Draws the prepared figure into the shape.
    pub fn draw_shape(&self, gpu: &Gpu, figures: &FigureStage, frame: &Uniform) {
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("shoulder"),
            });
        let mut pass = pass(&mut encoder, &self.target.view, true, "shoulder");
        figures.draw_figures(&mut pass, &frame.group);
        drop(pass);
        gpu.queue.submit([encoder.finish()]);
    }

    /// Lays the shape over the picture.
    pub fn draw(
        &self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        pass: &mut wgpu::RenderPass<'_>,
        frame: &wgpu::BindGroup,
    ) {
        let size = self.target.texture.size();
        let [head, body] = self.colors.map(packed);
        let params = vec4(
            1.0 / size.width as f32,
            1.0 / size.height as f32,
            head,
            body,
        );
        self.layer.place(
            gpu,
            LayerUniform {
                clip_from_uv: FULL_CLIP_FROM_UV,
                params,
            },
        );
        self.layer.draw(pass, &layers.shoulder, frame);
    }
}

/// The colours of somebody's head from behind, and of the body.
fn colors(look: &Look) -> [Color; 2] {
    let head = if look.being == "human" {
        look.hair
    } else {
        look.skin
    };
    let body = if look.outfit == "none" {
        look.skin
    } else {
        look.outfit_color
    };
    [head, body]
}

/// A colour as one number, which 32 bits of float hold exactly.
fn packed(color: Color) -> f32 {
    let [r, g, b] = [color.r, color.g, color.b].map(u32::from);
    ((r << 16) | (g << 8) | b) as f32
}
