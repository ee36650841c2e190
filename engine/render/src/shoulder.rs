//! The dark shoulder of somebody in the foreground, past which another is seen.
//!
//! The figure is drawn large, into few pixels, and laid over the picture as a soft dark shape with
//! light along its edge: so near to the camera nobody is in focus, and nobody has a face from behind.

use glam::vec4;

use crate::camera::Camera;
use crate::figure::FigureStage;
use crate::frame::{FrameUniform, Grade};
use crate::gpu::Gpu;
use crate::layer::{FULL_CLIP_FROM_UV, Layer, LayerPipelines, LayerUniform, Target, Uniform, pass};
use crate::picture::FrameSize;
use crate::set::Light;

/// Pixels of the picture that one pixel of the shape is wide.
const SOFTNESS: u32 = 7;

/// Somebody in the foreground of a shot.
#[derive(Debug)]
pub(crate) struct Shoulder {
    /// Id of the role.
    pub role: String,
    camera: Camera,
    size: FrameSize,
    target: Target,
    layer: Layer,
}

impl Shoulder {
    pub fn new(
        gpu: &Gpu,
        layers: &LayerPipelines,
        size: FrameSize,
        role: &str,
        camera: Camera,
    ) -> Self {
        let size_px = [size.width(), size.height()].map(|side| side.div_ceil(SOFTNESS));
        let target = Target::new(gpu, size_px, "shoulder");
        let layer = layers.layer(gpu, &target.view, "shoulder");
        Self {
            role: role.to_owned(),
            camera,
            size,
            target,
            layer,
        }
    }

    /// What the figure is to be prepared for.
    pub fn frame(&self, light: &Light, ground_y: f32, grade: Grade) -> FrameUniform {
        FrameUniform::new(self.camera, self.size, light, ground_y, grade)
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
        let params = vec4(1.0 / size.width as f32, 1.0 / size.height as f32, 0.0, 0.0);
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
