//! Painting what the panels look like: the window works it out, the projector paints it.

use std::sync::Arc;

use egui::epaint::ClippedPrimitive;
use egui::{TextureId, TexturesDelta};
use egui_wgpu::{Renderer, RendererOptions, ScreenDescriptor, wgpu};
use fabula_render::Canvas;

/// What the panels look like.
#[derive(Clone, Debug, Default)]
pub struct Painting {
    pub primitives: Vec<ClippedPrimitive>,
    pub pixels_per_point: f32,
}

/// The newest painting on its way from the window to the projector.
#[derive(Debug, Default)]
pub struct Layer {
    painting: Arc<Painting>,
    /// Changes of textures that are not with the GPU yet, in order.
    textures: Vec<TexturesDelta>,
    /// Counts the paintings that look another way.
    serial: u64,
}

impl Layer {
    /// Takes the place of the painting before.
    pub fn put(&mut self, painting: Painting, textures: TexturesDelta) {
        let both_empty = painting.primitives.is_empty() && self.painting.primitives.is_empty();
        if !textures.is_empty() {
            self.textures.push(textures);
        }
        if !both_empty {
            self.painting = Arc::new(painting);
            self.serial += 1;
        }
    }

    /// Forgets everything, together with the GPU that had the textures.
    pub fn clear(&mut self) {
        self.textures.clear();
        self.painting = Arc::default();
        self.serial += 1;
    }

    pub fn serial(&self) -> u64 {
        self.serial
    }

    pub fn take(&mut self) -> (Arc<Painting>, Vec<TexturesDelta>) {
        (
            Arc::clone(&self.painting),
            std::mem::take(&mut self.textures),
        )
    }
}

/// Paints on one GPU.
#[derive(Default)]
pub struct Painter {
    renderer: Option<Renderer>,
}

impl Painter {
    pub fn paint(
        &mut self,
        canvas: Canvas<'_>,
        size_px: [u32; 2],
        painting: &Painting,
        textures: &[TexturesDelta],
    ) {
        if painting.primitives.is_empty() && textures.is_empty() {
            return;
        }
        let Canvas {
            device,
            queue,
            format,
            view,
            encoder,
        } = canvas;
        let renderer = self
            .renderer
            .get_or_insert_with(|| Renderer::new(device, format, RendererOptions::default()));
        let mut gone: Vec<TextureId> = Vec::new();
        for delta in textures {
            for (id, image) in &delta.set {
                gone.retain(|freed| freed != id);
                renderer.update_texture(device, queue, *id, image);
            }
            gone.extend(&delta.free);
        }
        if !painting.primitives.is_empty() {
            let screen = ScreenDescriptor {
                size_in_pixels: size_px,
                pixels_per_point: painting.pixels_per_point,
            };
            // Panels have nothing that prepares commands of its own.
            renderer.update_buffers(device, queue, encoder, &painting.primitives, &screen);
            let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("panels"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Load,
                        store: wgpu::StoreOp::Store,
                    },
                })],
                ..wgpu::RenderPassDescriptor::default()
            });
            let mut pass = pass.forget_lifetime();
            renderer.render(&mut pass, &painting.primitives, &screen);
        }
        for id in gone {
            renderer.free_texture(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_that_stay_closed_cause_no_pictures() {
        let mut layer = Layer::default();
        layer.put(Painting::default(), TexturesDelta::default());
        assert_eq!(layer.serial(), 0);
    }

    #[test]
    fn no_texture_is_lost_when_several_paintings_come_between_two_pictures() {
        let mut layer = Layer::default();
        let freeing = |id| TexturesDelta {
            free: vec![TextureId::Managed(id)],
            ..TexturesDelta::default()
        };
        layer.put(Painting::default(), freeing(1));
        layer.put(Painting::default(), freeing(2));
        let (_, textures) = layer.take();
        assert_eq!(textures.len(), 2);
        assert!(layer.take().1.is_empty());
    }
}
