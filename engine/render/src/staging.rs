//! The plates of one shot, put together behind and before the actors.
//!
//! Neighbouring plates that move alike are drawn once into one texture, a *group*, and coloured by
//! the mood once; in every frame the group is copied or laid in. When the camera stands still, all
//! plates behind the actors are one group. On a software GPU that costs a tenth of drawing them.

use std::rc::Rc;

use fabula_story::{BoardScene, CameraMove, Framing, Shot};
use glam::{Vec2, Vec4, vec2, vec4};

use crate::camera::{CameraPath, Rect};
use crate::frame::Grade;
use crate::gpu::Gpu;
use crate::layer::{
    FULL_CLIP_FROM_UV, Layer, LayerPipelines, LayerUniform, Target, Tile, Uniform, pass,
};
use crate::picture::FrameSize;
use crate::set::{CompiledSet, PlaceUniform, PlateManifest, SetLayouts};
use crate::yuv_frame::read_rgba;
use crate::RenderError;

/// Plates of a moving camera stay in one group up to this difference in depth.
const GROUP_DEPTH: f32 = 0.46;
/// The largest side of a group's texture: wide enough for 4K with room to pan.
const LARGEST_SIDE_PX: f32 = 4608.0;
/// Empty tiles of this size are left out when a group is laid in.
const TILE_PX: u32 = 64;

/// What a staging needs to draw.
#[derive(Clone, Copy)]
pub(crate) struct StagingContext<'a> {
    pub gpu: &'a Gpu,
    pub layouts: &'a SetLayouts,
    pub layers: &'a LayerPipelines,
}

/// A shot that is to be staged.
pub(crate) struct StagingPlan<'a> {
    pub set: Rc<CompiledSet>,
    pub size: FrameSize,
    pub path: CameraPath,
    pub place: PlaceUniform,
    pub scene: &'a BoardScene,
    pub shot: &'a Shot,
    /// Seconds since the scene began when the shot begins.
    pub shot_start_s: f32,
}

/// One drawing of a staging into a picture.
pub(crate) struct StagingDraw<'a> {
    pub context: StagingContext<'a>,
    pub encoder: &'a mut wgpu::CommandEncoder,
    pub target: &'a Target,
    pub frame: &'a wgpu::BindGroup,
    pub grade: Grade,
    pub shot_s: f64,
    pub scene_s: f32,
}

/// The plates of one shot.
#[derive(Debug)]
pub(crate) struct Staging {
    set: Rc<CompiledSet>,
    size: FrameSize,
    path: CameraPath,
    place: PlaceUniform,
    /// In drawing order.
    elements: Vec<Element>,
    /// Index of the first element before the actors.
    front: usize,
    /// The grade that the groups have; they are coloured again when it changes.
    grade: Option<Grade>,
}

#[derive(Debug)]
enum Element {
    Group(Group),
    Live { plate: usize, place: Uniform },
}

/// Plates that move alike, in one texture.
#[derive(Debug)]
struct Group {
    depth: f32,
    /// Frame heights a second that it moves to the right.
    drift: f32,
    /// What of the set at `depth` the texture shows when the shot begins.
    area: Rect,
    graded: Target,
    /// Shows the ungraded plates.
    raw_layer: Layer,
    graded_layer: Layer,
    kind: GroupKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GroupKind {
    /// Covers the whole picture pixel by pixel: it can be copied.
    Cover,
    /// Lies on the pixels of the picture.
    Exact,
    /// Is filtered.
    Sampled,
    /// Is filtered, and covers the whole picture.
    SampledCover,
}

impl Staging {
    /// Draws the plates that are kept.
    pub fn new(context: StagingContext<'_>, plan: StagingPlan<'_>, frame: &wgpu::BindGroup) -> Result<Self, RenderError> {
        let manifest = &plan.set.manifest;
        let moving = plan.shot.camera != CameraMove::Hold;
        let weather = plan.scene.setting.weather;
        let mut elements = Vec::new();
        let mut front = None;
        let mut run: Vec<usize> = Vec::new();
        let end_run = |run: &mut Vec<usize>, elements: &mut Vec<Element>| {
            if !run.is_empty() {
                let back = elements.is_empty();
                let group = draw_group(context, &plan, run, back, frame)?;
                elements.extend(group.map(Element::Group));
                run.clear();
            }
            Ok::<_, RenderError>(())
        };
        for (index, plate) in manifest.plates.iter().enumerate() {
            if !plate.is_drawn_in(weather) {
                continue;
            }
            let joins = run.first().is_some_and(|first| {
                let first = &manifest.plates[*first];
                !plate.live
                    && plate.drift == first.drift
                    && (plate.blur > 0.0) == (first.blur > 0.0)
                    && (plate.depth > 1.0) == (first.depth > 1.0)
                    && (!moving || plate.depth - first.depth < GROUP_DEPTH)
            });
            if !joins {
                end_run(&mut run, &mut elements)?;
            }
            if plate.depth > 1.0 && front.is_none() {
                front = Some(elements.len());
            }
            if plate.live {
                let place = Uniform::new(context.gpu, &context.layouts.place, &plan.place, &plate.name);
                elements.push(Element::Live { plate: index, place });
            } else {
                run.push(index);
            }
        }
        end_run(&mut run, &mut elements)?;
        let StagingPlan { set, size, path, place, .. } = plan;
        let front = front.unwrap_or(elements.len());
        Ok(Self { set, size, path, place, elements, front, grade: None })
    }

    pub fn path(&self) -> &CameraPath {
        &self.path
    }

    pub fn set(&self) -> &CompiledSet {
        &self.set
    }

    /// Puts all plates behind the actors into the target, which they cover completely.
    pub fn draw_back(&mut self, draw: &mut StagingDraw<'_>) {
        if self.grade != Some(draw.grade) {
            self.color_groups(draw);
        }
        let copied = match self.elements.first() {
            Some(Element::Group(group)) if group.kind == GroupKind::Cover => {
                draw.encoder.copy_texture_to_texture(
                    group.graded.texture.as_image_copy(),
                    draw.target.texture.as_image_copy(),
                    group.graded.texture.size(),
                );
                1
            }
            _ => 0,
        };
        self.draw_elements(draw, copied..self.front, copied == 0);
    }

    /// Puts the plates before the actors into the target.
    pub fn draw_front(&self, draw: &mut StagingDraw<'_>) {
        self.draw_elements(draw, self.front..self.elements.len(), false);
    }

    fn draw_elements(
        &self,
        draw: &mut StagingDraw<'_>,
        range: std::ops::Range<usize>,
        clear: bool,
    ) {
        if range.is_empty() && !clear {
            return;
        }
        let StagingContext { gpu, layers, .. } = draw.context;
        let camera = self.path.at(draw.shot_s);
        let mut pass = pass(draw.encoder, &draw.target.view, clear, "plates");
        for element in &self.elements[range] {
            match element {
                Element::Group(group) => {
                    let pipeline = match group.kind {
                        GroupKind::Cover | GroupKind::Exact => &layers.exact,
                        GroupKind::Sampled => &layers.sampled,
                        GroupKind::SampledCover => &layers.sampled_opaque,
                    };
                    let view = camera.view(group.depth, self.size.aspect());
                    let clip_from_uv = group.clip_from_uv(view, draw.shot_s as f32);
                    let params = vec4(1.0, 0.0, 0.0, 0.0);
                    group.graded_layer.place(gpu, LayerUniform { clip_from_uv, params });
                    group.graded_layer.draw(&mut pass, pipeline, draw.frame);
                }
                Element::Live { plate, place } => {
                    let manifest = &self.set.manifest.plates[*plate];
                    let view = camera.view(manifest.depth, self.size.aspect());
                    if let Some([left, top, width, height]) = covered(manifest, view, self.size) {
                        let px = view.size().y / self.size.height() as f32;
                        place.write(gpu, &self.place.looking_at(view, px, draw.scene_s));
                        pass.set_scissor_rect(left, top, width, height);
                        self.set.draw(&mut pass, *plate, &place.group, draw.frame);
                        pass.set_scissor_rect(0, 0, self.size.width(), self.size.height());
                    }
                }
            }
        }
    }

    /// Colours all groups by the mood, as if the camera stood halfway.
    fn color_groups(&mut self, draw: &mut StagingDraw<'_>) {
        let StagingContext { gpu, layers, .. } = draw.context;
        for element in &self.elements {
            let Element::Group(group) = element else { continue };
            let view = self.path.middle().view(group.depth, self.size.aspect());
            let params = group.clip_from_uv(view, 0.0);
            let uniform = LayerUniform { clip_from_uv: FULL_CLIP_FROM_UV, params };
            group.raw_layer.place(gpu, uniform);
            let mut pass = pass(draw.encoder, &group.graded.view, true, "grade");
            group.raw_layer.draw(&mut pass, &layers.grade, draw.frame);
        }
        self.grade = Some(draw.grade);
    }
}

impl Group {
    /// Where the texture lies in a picture that shows `view`, `shot_s` after the shot began.
    fn clip_from_uv(&self, view: Rect, shot_s: f32) -> Vec4 {
        let min = self.area.min + vec2(self.drift * shot_s, 0.0);
        let scale = 2.0 / view.size();
        let size = self.area.size() * scale;
        // v runs down, the set's y runs up.
        let left_top = (vec2(min.x, min.y + self.area.size().y) - view.min) * scale - Vec2::ONE;
        vec4(size.x, -size.y, left_top.x, left_top.y)
    }
}

/// How many pixels of the picture one pixel of a plate is wide: backgrounds of near shots are out
/// of focus.
fn softness(framing: Framing, depth: f32) -> f32 {
    let far = 1.0 - depth.clamp(0.0, 1.0);
    match framing {
        Framing::Wide | Framing::Full => 1.0,
        Framing::Medium => 1.0 + 1.2 * far,
        Framing::Close => 1.0 + 2.6 * far,
    }
}

/// The pixels of the picture that a plate covers: left, top, width and height.
fn covered(plate: &PlateManifest, view: Rect, size: FrameSize) -> Option<[u32; 4]> {
    let (width, height) = (size.width() as f32, size.height() as f32);
    let column = |x: f32| ((x - view.min.x) / view.size().x * width).clamp(0.0, width);
    let row = |y: f32| ((view.max.y - y) / view.size().y * height).clamp(0.0, height);
    let (left, right) = (column(plate.x[0]).floor() as u32, column(plate.x[1]).ceil() as u32);
    let (top, bottom) = (row(plate.y[1]).floor() as u32, row(plate.y[0]).ceil() as u32);
    (left < right && top < bottom).then_some([left, top, right - left, bottom - top])
}

/// Draws a run of plates into one texture, as the camera sees them halfway through the shot.
fn draw_group(
    context: StagingContext<'_>,
    plan: &StagingPlan<'_>,
    run: &[usize],
    back: bool,
    frame: &wgpu::BindGroup,
) -> Result<Option<Group>, RenderError> {
    let StagingContext { gpu, layouts, layers } = context;
    let plates = || run.iter().map(|index| (*index, &plan.set.manifest.plates[*index]));
    let Some((_, first)) = plates().next() else { return Ok(None) };
    let aspect = plan.size.aspect();
    let still = plan.path.is_still() && first.drift == 0.0;
    // The actors' ground must move exactly as the actors do.
    let depth = if plates().any(|(_, plate)| plate.depth == 1.0) {
        1.0
    } else {
        plates().map(|(_, plate)| plate.depth).sum::<f32>() / run.len() as f32
    };
    let middle = plan.path.middle();
    let view = middle.view(depth, aspect);
    let (start, end) = (plan.path.start.view(depth, aspect), plan.path.end.view(depth, aspect));
    let mut area = start.union(end);
    let frame_px = view.size().y / plan.size.height() as f32;
    let blur = plates().map(|(_, plate)| plate.blur).fold(0.0, f32::max);
    let soft_px = if still { frame_px } else { frame_px * 1.02 } * softness(plan.shot.framing, depth);
    let px = soft_px.max(blur / 3.0);
    let travel = first.drift * plan.shot.duration_s as f32;
    area.min.x -= travel.max(0.0);
    area.max.x -= travel.min(0.0);
    // Only the rows that any of the plates covers, beginning on a whole pixel.
    let (mut low, mut high) = (f32::MAX, f32::MIN);
    for (_, plate) in plates() {
        let own = middle.view(plate.depth, aspect);
        let band = Rect { min: vec2(0.0, plate.y[0]), max: vec2(0.0, plate.y[1]) }.mapped(own, view);
        low = low.min(band.min.y);
        high = high.max(band.max.y);
    }
    let (low, high) = (low.max(area.min.y), high.min(area.max.y));
    if low >= high {
        return Ok(None);
    }
    let whole_px = |length: f32| ((length / px) - 0.01).ceil().clamp(1.0, LARGEST_SIDE_PX);
    let low = area.min.y + ((low - area.min.y) / px).floor() * px;
    let min = vec2(area.min.x, low);
    let pixels = vec2(whole_px(area.max.x - min.x), whole_px(high - min.y));
    let area = Rect { min, max: min + pixels * px };
    let size_px = [pixels.x as u32, pixels.y as u32];

    let label = first.name.as_str();
    let raw = Target::new(gpu, size_px, label);
    let mut encoder = gpu
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("plates") });
    let mut plate_pass = pass(&mut encoder, &raw.view, true, label);
    for (index, plate) in plates() {
        let own = middle.view(plate.depth, aspect);
        let seen = area.mapped(view, own);
        let drifted = vec2(plate.drift * plan.shot_start_s, 0.0);
        let seen = Rect { min: seen.min - drifted, max: seen.max - drifted };
        let own_px = seen.size().y / pixels.y;
        let place = plan.place.looking_at(seen, own_px, 0.0);
        let place = Uniform::new(gpu, &layouts.place, &place, &plate.name);
        plan.set.draw(&mut plate_pass, index, &place.group, frame);
    }
    drop(plate_pass);
    gpu.queue.submit([encoder.finish()]);

    let frame_sized = size_px == [plan.size.width(), plan.size.height()];
    let kind = match (back, still && px == frame_px) {
        (true, true) if frame_sized => GroupKind::Cover,
        (_, true) => GroupKind::Exact,
        (true, false) => GroupKind::SampledCover,
        (false, false) => GroupKind::Sampled,
    };
    let graded = Target::new(gpu, size_px, label);
    let raw_layer = layers.layer(gpu, &raw.view, label);
    let mut graded_layer = layers.layer(gpu, &graded.view, label);
    if !back {
        let pixels = read_rgba(gpu, &raw.texture, size_px)?;
        graded_layer.keep_tiles(gpu, &covered_tiles(&pixels, size_px));
    }
    Ok(Some(Group { depth, drift: first.drift, area, graded, raw_layer, graded_layer, kind }))
}

/// The parts of a picture that are not empty: runs of tiles in a row, joined.
fn covered_tiles(rgba: &[u8], [width, height]: [u32; 2]) -> Vec<Tile> {
    let row_bytes = width as usize * 4;
    let uv = |px: u32, side: u32| px.min(side) as f32 / side as f32;
    let mut tiles = Vec::new();
    for (row, lines) in rgba.chunks(row_bytes * TILE_PX as usize).enumerate() {
        let top = row as u32 * TILE_PX;
        let mut run: Option<u32> = None;
        let columns = width.div_ceil(TILE_PX);
        for column in 0..=columns {
            let bytes = (column * TILE_PX) as usize * 4..((column + 1).min(columns) * TILE_PX) as usize * 4;
            let used = column < columns
                && lines.chunks(row_bytes).any(|line| {
                    let end = bytes.end.min(line.len());
                    line.get(bytes.start..end)
                        .is_some_and(|part| part.chunks_exact(4).any(|pixel| pixel[3] != 0))
                });
            match (used, run) {
                (true, None) => run = Some(column),
                (false, Some(first)) => {
                    tiles.push([
                        uv(first * TILE_PX, width),
                        uv(top, height),
                        uv(column * TILE_PX, width),
                        uv(top + TILE_PX, height),
                    ]);
                    run = None;
                }
                _ => {}
            }
        }
    }
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tiles_with_something_in_them_are_kept() {
        let (width, height) = (200u32, 130u32);
        let mut rgba = vec![0u8; (width * height * 4) as usize];
        assert!(covered_tiles(&rgba, [width, height]).is_empty());
        // One pixel in the second tile of the second row, one in the last tile of the third.
        rgba[((70 * width + 100) * 4 + 3) as usize] = 1;
        rgba[((129 * width + 199) * 4 + 3) as usize] = 255;
        let tiles = covered_tiles(&rgba, [width, height]);
        let px = |tile: &Tile| {
            [tile[0] * 200.0, tile[1] * 130.0, tile[2] * 200.0, tile[3] * 130.0].map(f32::round)
        };
        assert_eq!(tiles.len(), 2);
        assert_eq!(px(&tiles[0]), [64.0, 64.0, 128.0, 128.0]);
        assert_eq!(px(&tiles[1]), [192.0, 128.0, 200.0, 130.0]);
    }
}
