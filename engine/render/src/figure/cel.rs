//! The transparent sheet on which figures lie that the CPU draws.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::raster::{Band, Figures, Raster};
use crate::gpu::Gpu;
use crate::layer::{Layer, LayerPipelines, LayerUniform, Quads, Target};
use crate::recording::{Recording, Stroke};
use crate::tiles::Area;

/// Figures as a texture, for pictures of one size.
#[derive(Debug)]
pub(super) struct Cel {
    size_px: [u32; 2],
    raster: Raster,
    /// Bands that nothing is drawn into now.
    bands: Mutex<Vec<Band>>,
    target: Target,
    layer: Layer,
    /// What was painted last.
    touched: Vec<Area>,
}

impl Cel {
    pub fn new(gpu: &Gpu, layers: &LayerPipelines, size_px: [u32; 2]) -> Self {
        let target = Target::new(gpu, size_px, "cel");
        let layer = layers.layer(gpu, &target.view, "cel");
        layer.place(gpu, LayerUniform::FULL);
        Self {
            size_px,
            raster: Raster::new(size_px),
            bands: Mutex::default(),
            target,
            layer,
            touched: Vec::new(),
        }
    }

    pub fn size_px(&self) -> [u32; 2] {
        self.size_px
    }

    /// Draws triangles of figures, three indices into the posed vertices each.
    pub fn paint(&mut self, gpu: &Gpu, figures: &Figures<'_>, triangles: &[[u32; 3]]) {
        let (raster, bands, texture) = (&self.raster, &self.bands, &self.target.texture);
        let free = || bands.lock().unwrap_or_else(PoisonError::into_inner);
        let places = raster.places(figures.posed);
        let in_bands = raster.in_bands(&places, triangles);
        let filled = in_bands.par_iter().enumerate();
        let filled = filled.filter(|(_, triangles)| !triangles.is_empty());
        self.touched = filled
            .flat_map_iter(|(number, triangles)| {
                let band = free().pop();
                let mut band = band.unwrap_or_else(|| raster.band());
                band.draw(number, raster, &places, triangles, figures);
                let touched = band.touched();
                upload(gpu, texture, &band, &touched);
                free().push(band);
                touched
            })
            .collect();
    }

    /// Lays what was painted over the picture.
    pub fn lay(
        &self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        recording: &mut Recording<'_>,
        frame: &wgpu::BindGroup,
    ) {
        if self.touched.is_empty() {
            return;
        }
        let quads = Quads::new(gpu, &self.touched, self.size_px);
        let pass = recording.pass(Stroke::Rows, false);
        self.layer
            .draw_quads(pass, &layers.rows.over, frame, &quads);
    }
}

/// Writes what was drawn into a band.
fn upload(gpu: &Gpu, texture: &wgpu::Texture, band: &Band, touched: &[Area]) {
    for [left, top, width, height] in apart(touched.to_vec()) {
        let origin = wgpu::Origin3d {
            x: left,
            y: top,
            z: 0,
        };
        gpu.queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                origin,
                ..texture.as_image_copy()
            },
            band.bytes(),
            wgpu::TexelCopyBufferLayout {
                offset: band.offset_bytes(left, top),
                bytes_per_row: Some(band.stride_bytes()),
                rows_per_image: None,
            },
            wgpu::Extent3d {
                width,
                // The last band may be longer than the picture.
                height: height.min(texture.height() - top),
                depth_or_array_layers: 1,
            },
        );
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
