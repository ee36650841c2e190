//! The transparent sheet on which figures lie that the CPU draws.

use super::light::Lit;
use super::posing::Posed;
use super::raster::Raster;
use crate::gpu::Gpu;
use crate::layer::{Layer, LayerPipelines, LayerUniform, Quads, Target};
use crate::recording::{Recording, Stroke};
use crate::tiles::Area;

/// Figures as a texture, for pictures of one size.
#[derive(Debug)]
pub(super) struct Cel {
    size_px: [u32; 2],
    raster: Raster,
    target: Target,
    layer: Layer,
}

impl Cel {
    pub fn new(gpu: &Gpu, layers: &LayerPipelines, size_px: [u32; 2]) -> Self {
        let target = Target::new(gpu, size_px, "cel");
        let layer = layers.layer(gpu, &target.view, "cel");
        layer.place(gpu, LayerUniform::FULL);
        Self {
            size_px,
            raster: Raster::new(size_px),
            target,
            layer,
        }
    }

    pub fn size_px(&self) -> [u32; 2] {
        self.size_px
    }

    /// Draws triangles, three indices into `posed` each. Corners of the picture darken them by up to
    /// `vignette`.
    pub fn paint(
        &mut self,
        gpu: &Gpu,
        posed: &[Posed],
        triangles: &[u32],
        lit: &[Lit],
        vignette: f32,
    ) {
        self.raster.clear();
        self.raster.draw(posed, triangles, lit, vignette);
        for [left, top, width, height] in apart(self.raster.touched()) {
            let origin = wgpu::Origin3d {
                x: left,
                y: top,
                z: 0,
            };
            gpu.queue.write_texture(
                wgpu::TexelCopyTextureInfo {
                    origin,
                    ..self.target.texture.as_image_copy()
                },
                self.raster.bytes(),
                wgpu::TexelCopyBufferLayout {
                    offset: self.raster.offset_bytes(left, top),
                    bytes_per_row: Some(self.raster.stride_bytes()),
                    rows_per_image: None,
                },
                wgpu::Extent3d {
                    width,
                    height,
                    depth_or_array_layers: 1,
                },
            );
        }
    }

    /// Lays what was painted over the picture.
    pub fn lay(
        &self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        recording: &mut Recording<'_>,
        frame: &wgpu::BindGroup,
    ) {
        let touched = self.raster.touched();
        if touched.is_empty() {
            return;
        }
        let quads = Quads::new(gpu, &touched, self.size_px);
        let pass = recording.pass(Stroke::Rows, false);
        self.layer
            .draw_quads(pass, &layers.rows.over, frame, &quads);
    }
}

/// What encloses the areas that stand above one another, from left to right.
fn apart(mut areas: Vec<Area>) -> Vec<Area> {
    areas.sort_unstable();
    let mut apart: Vec<Area> = Vec::new();
    for area in areas {
        match apart.last_mut() {
            Some(last) if area[0] < last[0] + last[2] => {
                let right = (last[0] + last[2]).max(area[0] + area[2]);
                let bottom = (last[1] + last[3]).max(area[1] + area[3]);
                let top = last[1].min(area[1]);
                *last = [last[0], top, right - last[0], bottom - top];
            }
            _ => apart.push(area),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_apart_is_enclosed_apart() {
        let areas = vec![
            [100, 0, 20, 10],
            [0, 40, 30, 10],
            [110, 90, 20, 10],
            [20, 60, 20, 40],
        ];
        assert_eq!(apart(areas), [[0, 40, 40, 60], [100, 0, 30, 100]]);
        assert_eq!(apart(Vec::new()), [] as [Area; 0]);
    }
}
