//! Where plates show in a texture that they share.
//!
//! Most of a plate is empty or lies behind nearer ones, and on a software GPU its pixels cost the same
//! everywhere. A sketch with few pixels tells where it need not be drawn.

use glam::Vec2;

use crate::RenderError;
use crate::camera::Rect;
use crate::gpu::Gpu;
use crate::layer::{Target, Uniform, pass};
use crate::pace::Pace;
use crate::set::{CompiledSet, PlaceUniform, SetLayouts};
use crate::tiles::{Area, Cover, Tiles, covered};
use crate::yuv_frame::read_pixels;

/// The fewest columns of a sketch: with fewer, small things are overlooked.
const COLUMNS: u32 = 480;
/// Plates that are sketched before they are looked at: each takes half a megabyte, three times over.
const AT_ONCE: usize = 6;
/// The most pixels of the texture to one of the sketch, along each side.
const COARSEST: u32 = 4;
/// Pixels around a tile that count as a part of it: edges of a sketch are not exact, and plates out
/// of focus reach this far beyond their own.
const REACH_PX: u32 = 8;

/// What is to be sketched.
pub(crate) struct Subject<'a> {
    pub set: &'a CompiledSet,
    pub place: PlaceUniform,
    pub frame: &'a wgpu::BindGroup,
    /// Plates from far to near, each with what of the set at its depth the texture shows.
    pub plates: &'a [(usize, Rect)],
    pub size_px: [u32; 2],
}

/// The areas of the texture, in pixels, in which each plate may be seen.
pub(crate) async fn shown_areas(
    gpu: &Gpu,
    layouts: &SetLayouts,
    subject: &Subject<'_>,
    pace: Pace,
) -> Result<Vec<Vec<Area>>, RenderError> {
    let scale = (subject.size_px[0] / COLUMNS).min(COARSEST);
    let [width, height] = subject.size_px.map(|side| side.div_ceil(scale.max(1)));
    let rows = height * AT_ONCE.min(subject.plates.len()) as u32;
    let fits = rows <= gpu.device.limits().max_texture_dimension_2d;
    if !gpu.is_software() || scale < 2 || !fits {
        let [width, height] = subject.size_px;
        return Ok(vec![vec![[0, 0, width, height]]; subject.plates.len()]);
    }
    // One below the other.
    let sketch = Target::new(gpu, [width, rows], "sketch");
    let mut tiles: Vec<Tiles> = Vec::with_capacity(subject.plates.len());
    for plates in subject.plates.chunks(AT_ONCE) {
        draw(gpu, layouts, subject, plates, (&sketch, height), pace).await?;
        read_pixels(gpu, &sketch.texture, [width, rows], |pixels, stride| {
            let drawn = pixels.chunks_exact(stride * height as usize);
            let of = |one| Tiles::of(one, stride, [width, height], subject.size_px, REACH_PX);
            tiles.extend(drawn.take(plates.len()).map(of));
        })?;
    }
    let shown = (0..tiles.len()).map(|at| {
        let (own, nearer) = (&tiles[at], &tiles[at + 1..]);
        let hidden = |tile| nearer.iter().any(|it| it.cover(tile) == Cover::Opaque);
        own.areas_where(|tile| own.cover(tile) != Cover::Empty && !hidden(tile))
    });
    Ok(shown.collect())
}

/// Draws plates one below the other, each as many rows high.
async fn draw(
    gpu: &Gpu,
    layouts: &SetLayouts,
    subject: &Subject<'_>,
    plates: &[(usize, Rect)],
    (sketch, height): (&Target, u32),
    pace: Pace,
) -> Result<(), RenderError> {
    let mut encoder = gpu
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor {
            label: Some("sketch"),
        });
    let mut open = Some(pass(&mut encoder, &sketch.view, true, "sketch").forget_lifetime());
    let size = Vec2::new(sketch.texture.width() as f32, height as f32);
    let mut top = 0;
    for (plate, seen) in plates {
        let place = subject.place.looking_at(*seen, seen.size().y / size.y, 0.0);
        let place = Uniform::new(gpu, &layouts.place, &place, "sketch");
        let edges = &subject.set.manifest.plates[*plate];
        let area = covered(edges.x, edges.y, *seen, size);
        let area = area.map(|[left, down, width, height]| [left, top + down, width, height]);
        for [left, from, width, rows] in area.into_iter().flat_map(|area| pace.strips(gpu, area)) {
            let strip = open.get_or_insert_with(|| {
                pass(&mut encoder, &sketch.view, false, "sketch").forget_lifetime()
            });
            strip.set_viewport(0.0, top as f32, size.x, size.y, 0.0, 1.0);
            strip.set_scissor_rect(left, from, width, rows);
            subject.set.plates[*plate].draw(strip, &place.group, subject.frame);
            if pace.pauses() {
                open = None;
                pace.pause(gpu, &mut encoder).await?;
            }
        }
        top += height;
    }
    drop(open);
    gpu.queue.submit([encoder.finish()]);
    Ok(())
}
