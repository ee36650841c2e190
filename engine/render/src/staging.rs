//! The plates of one shot, put together behind and before the actors.
//!
//! Neighbouring plates that move alike are drawn once into one texture, a *group*, and coloured by
//! the mood once; in every frame the group is copied or laid in. When the camera stands still, all
//! plates behind the actors are one group. On a software GPU that costs a tenth of drawing them.

use std::rc::Rc;

use fabula_story::{BoardScene, CameraMove, Framing, Shot};
use glam::{Vec2, Vec4, vec2, vec4};

use crate::RenderError;
use crate::camera::{CameraPath, Rect};
use crate::frame::Grade;
use crate::gpu::Gpu;
use crate::layer::{
    FULL_CLIP_FROM_UV, Layer, LayerPipelines, LayerUniform, Target, Tile, Uniform, pass,
};
use crate::picture::FrameSize;
use crate::set::{CompiledSet, PlaceUniform, PlateManifest, SetLayouts};
use crate::yuv_frame::read_rgba;

/// Plates of a moving camera stay in one group up to this difference in depth.
const GROUP_DEPTH: f32 = 0.46;
/// The largest side of a group's texture: wide enough for 4K with room to pan.
const LARGEST_SIDE_PX: f32 = 4608.0;
/// Empty tiles of this size are left out when a group is laid in.
const TILE_PX: u32 = 64;

/// What lives on a set moves on twos where pixels are drawn by the CPU and the camera stands still:
/// every other frame is then copied.
const AMBIENT_FPS: f32 = 12.0;

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
    /// The grade stays as it is until the shot ends: the ungraded plates are not kept.
    pub settled: bool,
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
    /// Seconds since the scene began when the shot began.
    shot_start_s: f32,
    /// Where all that is behind the actors is kept for the next frame.
    held: Option<Target>,
    /// What `held` shows.
    held_ambient: Option<Ambient>,
}

/// The time that what lives on a set is drawn at, in seconds since the scene and the shot began.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ambient {
    scene_s: f32,
    shot_s: f32,
}

#[derive(Debug)]
enum Element {
    Group(Box<Group>),
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
    /// The ungraded plates have fewer pixels than the graded ones.
    soft: bool,
    graded: Target,
    /// Shows the ungraded plates, until the mood has settled.
    raw_layer: Option<Layer>,
    /// Shows the graded plates: all of them, or the tiles that are left when `opaque` are copied.
    graded_layer: Layer,
    /// Parts that hide what is behind them, in pixels of the texture: left, top, width, height.
    opaque: Vec<[u32; 4]>,
    kind: GroupKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GroupKind {
    /// Covers the whole picture pixel by pixel: it can be copied.
    Cover,
    /// Lies on the pixels of the picture, this many rows below its upper edge.
    Exact { top: u32 },
    /// Is filtered.
    Sampled,
    /// Is filtered, and covers the whole picture.
    SampledCover,
}

impl Staging {
    /// Draws the plates that are kept.
    pub fn new(
        context: StagingContext<'_>,
        plan: StagingPlan<'_>,
        frame: &wgpu::BindGroup,
    ) -> Result<Self, RenderError> {
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
                elements.extend(group.map(|group| Element::Group(Box::new(group))));
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
                let place = Uniform::new(
                    context.gpu,
                    &context.layouts.place,
                    &plan.place,
                    &plate.name,
                );
                elements.push(Element::Live {
                    plate: index,
                    place,
                });
            } else {
                run.push(index);
            }
        }
        end_run(&mut run, &mut elements)?;
        let plan_start_s = plan.shot_start_s;
        let StagingPlan {
            set,
            size,
            path,
            place,
            ..
        } = plan;
        let front = front.unwrap_or(elements.len());
        let lives = elements[..front].iter().any(|element| match element {
            Element::Group(group) => group.drift != 0.0,
            Element::Live { .. } => true,
        });
        let held = (lives && path.is_still() && context.gpu.is_software())
            .then(|| Target::new(context.gpu, [size.width(), size.height()], "held"));
        Ok(Self {
            shot_start_s: plan_start_s,
            held,
            held_ambient: None,
            set,
            size,
            path,
            place,
            elements,
            front,
            grade: None,
        })
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
            self.held_ambient = None;
        }
        let ambient = self.ambient(draw);
        let Some(held) = &self.held else {
            self.draw_behind(draw, ambient);
            return;
        };
        let whole = held.texture.size();
        let (held, target) = (
            held.texture.as_image_copy(),
            draw.target.texture.as_image_copy(),
        );
        if self.held_ambient == Some(ambient) {
            draw.encoder.copy_texture_to_texture(held, target, whole);
        } else {
            self.draw_behind(draw, ambient);
            draw.encoder.copy_texture_to_texture(target, held, whole);
            self.held_ambient = Some(ambient);
        }
    }

    /// Puts the plates before the actors into a pass that draws the target.
    pub fn draw_front(&self, draw: &StagingDraw<'_>, pass: &mut wgpu::RenderPass<'_>) {
        let ambient = self.ambient(draw);
        for element in &self.elements[self.front..] {
            self.draw_element(element, draw, ambient, pass);
        }
    }

    /// The time that what lives on the set is drawn at.
    fn ambient(&self, draw: &StagingDraw<'_>) -> Ambient {
        let scene_s = match &self.held {
            // A hair is added, so that rounding never moves a frame to the step before.
            Some(_) => ((draw.scene_s * AMBIENT_FPS + 1e-3).floor() / AMBIENT_FPS).max(0.0),
            None => draw.scene_s,
        };
        Ambient {
            scene_s,
            shot_s: (scene_s - self.shot_start_s).max(0.0),
        }
    }

    fn draw_behind(&self, draw: &mut StagingDraw<'_>, ambient: Ambient) {
        let mut open: Option<wgpu::RenderPass<'static>> = None;
        let mut clear = true;
        for element in &self.elements[..self.front] {
            if let Element::Group(group) = element
                && !group.opaque.is_empty()
            {
                // Copies cannot be part of a pass.
                open = None;
                group.copy_opaque(draw.encoder, &draw.target.texture);
                clear &= group.kind != GroupKind::Cover;
                if group.kind == GroupKind::Cover {
                    continue;
                }
            }
            let pass = open.get_or_insert_with(|| {
                pass(draw.encoder, &draw.target.view, clear, "plates").forget_lifetime()
            });
            clear = false;
            self.draw_element(element, draw, ambient, pass);
        }
        if clear {
            drop(pass(draw.encoder, &draw.target.view, true, "no plates"));
        }
    }

    fn draw_element(
        &self,
        element: &Element,
        draw: &StagingDraw<'_>,
        ambient: Ambient,
        pass: &mut wgpu::RenderPass<'_>,
    ) {
        let StagingContext { gpu, layers, .. } = draw.context;
        let camera = self.path.at(draw.shot_s);
        match element {
            Element::Group(group) => {
                let pipeline = match group.kind {
                    GroupKind::Cover | GroupKind::Exact { .. } => &layers.exact,
                    GroupKind::Sampled => &layers.sampled,
                    GroupKind::SampledCover => &layers.sampled_opaque,
                };
                let view = camera.view(group.depth, self.size.aspect());
                let clip_from_uv = group.clip_from_uv(view, ambient.shot_s);
                let params = vec4(1.0, 0.0, 0.0, 0.0);
                group.graded_layer.place(
                    gpu,
                    LayerUniform {
                        clip_from_uv,
                        params,
                    },
                );
                group.graded_layer.draw(pass, pipeline, draw.frame);
            }
            Element::Live { plate, place } => {
                let manifest = &self.set.manifest.plates[*plate];
                let view = camera.view(manifest.depth, self.size.aspect());
                if let Some([left, top, width, height]) = covered(manifest, view, self.size) {
                    let px = view.size().y / self.size.height() as f32;
                    place.write(gpu, &self.place.looking_at(view, px, ambient.scene_s));
                    pass.set_scissor_rect(left, top, width, height);
                    self.set.draw(pass, *plate, &place.group, draw.frame);
                    pass.set_scissor_rect(0, 0, self.size.width(), self.size.height());
                }
            }
        }
    }

    /// Colours all groups by the mood, as if the camera stood halfway.
    fn color_groups(&mut self, draw: &mut StagingDraw<'_>) {
        let StagingContext { gpu, layers, .. } = draw.context;
        for element in &mut self.elements {
            let Element::Group(group) = element else {
                continue;
            };
            let Some(raw_layer) = &group.raw_layer else {
                continue;
            };
            let view = self.path.middle().view(group.depth, self.size.aspect());
            let params = group.clip_from_uv(view, 0.0);
            let uniform = LayerUniform {
                clip_from_uv: FULL_CLIP_FROM_UV,
                params,
            };
            raw_layer.place(gpu, uniform);
            let mut pass = pass(draw.encoder, &group.graded.view, true, "grade");
            let pipeline = if group.soft {
                &layers.grade_soft
            } else {
                &layers.grade
            };
            raw_layer.draw(&mut pass, pipeline, draw.frame);
            drop(pass);
            if draw.settled {
                group.raw_layer = None;
            }
        }
        self.grade = Some(draw.grade);
    }

    /// Whether the plates can still be given this grade.
    pub fn can_have(&self, grade: Grade) -> bool {
        let kept = self.elements.iter().all(|element| match element {
            Element::Group(group) => group.raw_layer.is_some(),
            Element::Live { .. } => true,
        });
        kept || self.grade == Some(grade)
    }
}

impl Group {
    /// Copies what needs no blending: on a software GPU that is many times faster than drawing.
    fn copy_opaque(&self, encoder: &mut wgpu::CommandEncoder, target: &wgpu::Texture) {
        let rows_down = match self.kind {
            GroupKind::Cover => 0,
            GroupKind::Exact { top } => top,
            GroupKind::Sampled | GroupKind::SampledCover => return,
        };
        for [x, y, width, height] in self.opaque.iter().copied() {
            let at = |y| wgpu::TexelCopyTextureInfo {
                texture: &self.graded.texture,
                mip_level: 0,
                origin: wgpu::Origin3d { x, y, z: 0 },
                aspect: wgpu::TextureAspect::All,
            };
            encoder.copy_texture_to_texture(
                at(y),
                wgpu::TexelCopyTextureInfo {
                    texture: target,
                    ..at(y + rows_down)
                },
                wgpu::Extent3d {
                    width,
                    height,
                    depth_or_array_layers: 1,
                },
            );
        }
    }

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
    let (left, right) = (
        column(plate.x[0]).floor() as u32,
        column(plate.x[1]).ceil() as u32,
    );
    let (top, bottom) = (
        row(plate.y[1]).floor() as u32,
        row(plate.y[0]).ceil() as u32,
    );
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
    let StagingContext {
        gpu,
        layouts,
        layers,
    } = context;
    let plates = || {
        run.iter()
            .map(|index| (*index, &plan.set.manifest.plates[*index]))
    };
    let Some((_, first)) = plates().next() else {
        return Ok(None);
    };
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
    let (start, end) = (
        plan.path.start.view(depth, aspect),
        plan.path.end.view(depth, aspect),
    );
    let mut area = start.union(end);
    let frame_px = view.size().y / plan.size.height() as f32;
    let blur = plates().map(|(_, plate)| plate.blur).fold(0.0, f32::max);
    let soft_px =
        if still { frame_px } else { frame_px * 1.02 } * softness(plan.shot.framing, depth);
    let px = soft_px.max(blur / 3.0);
    let travel = first.drift * plan.shot.duration_s as f32;
    area.min.x -= travel.max(0.0);
    area.max.x -= travel.min(0.0);
    // Only the rows that any of the plates covers, beginning on a whole pixel.
    let (mut low, mut high) = (f32::MAX, f32::MIN);
    for (_, plate) in plates() {
        let own = middle.view(plate.depth, aspect);
        let band = Rect {
            min: vec2(0.0, plate.y[0]),
            max: vec2(0.0, plate.y[1]),
        }
        .mapped(own, view);
        low = low.min(band.min.y);
        high = high.max(band.max.y);
    }
    let (low, high) = (low.max(area.min.y), high.min(area.max.y));
    if low >= high {
        return Ok(None);
    }
    // A still group ends up on the pixels of the picture, however soft its plates are.
    let grid_px = if still { frame_px } else { px };
    let whole_px = |length: f32| {
        ((length / grid_px) - 0.01)
            .ceil()
            .clamp(1.0, LARGEST_SIDE_PX)
    };
    let low = area.min.y + ((low - area.min.y) / grid_px).floor() * grid_px;
    let min = vec2(area.min.x, low);
    let pixels = vec2(whole_px(area.max.x - min.x), whole_px(high - min.y));
    let area = Rect {
        min,
        max: min + pixels * grid_px,
    };
    let size_px = [pixels.x as u32, pixels.y as u32];
    let raw_pixels = (pixels * grid_px / px).ceil().max(Vec2::ONE);
    let raw_size_px = [raw_pixels.x as u32, raw_pixels.y as u32];

    let label = first.name.as_str();
    let raw = Target::new(gpu, raw_size_px, label);
    let mut encoder = gpu
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor {
            label: Some("plates"),
        });
    let mut plate_pass = pass(&mut encoder, &raw.view, true, label);
    for (index, plate) in plates() {
        let own = middle.view(plate.depth, aspect);
        let seen = area.mapped(view, own);
        let drifted = vec2(plate.drift * plan.shot_start_s, 0.0);
        let seen = Rect {
            min: seen.min - drifted,
            max: seen.max - drifted,
        };
        let own_px = seen.size().y / raw_pixels.y;
        let place = plan.place.looking_at(seen, own_px, 0.0);
        let place = Uniform::new(gpu, &layouts.place, &place, &plate.name);
        plan.set.draw(&mut plate_pass, index, &place.group, frame);
    }
    drop(plate_pass);
    gpu.queue.submit([encoder.finish()]);

    let frame_sized = size_px == [plan.size.width(), plan.size.height()];
    let top = ((view.max.y - area.max.y) / grid_px).round().max(0.0) as u32;
    let inside = size_px[0] <= plan.size.width() && top + size_px[1] <= plan.size.height();
    let kind = match (back, still) {
        (true, true) if frame_sized => GroupKind::Cover,
        (_, true) if inside => GroupKind::Exact { top },
        (true, _) => GroupKind::SampledCover,
        (false, _) => GroupKind::Sampled,
    };
    let graded = Target::new(gpu, size_px, label);
    let raw_layer = layers.layer(gpu, &raw.view, label);
    let mut graded_layer = layers.layer(gpu, &graded.view, label);
    let mut opaque = Vec::new();
    if kind == GroupKind::Cover {
        opaque.push([0, 0, size_px[0], size_px[1]]);
    } else if !back {
        let pixels = read_rgba(gpu, &raw.texture, raw_size_px)?;
        let tiles = |keep: fn(Cover) -> bool| tiles_where(&pixels, raw_size_px, size_px, keep);
        // Plates before the actors are drawn in one pass with them.
        let drawn = if matches!(kind, GroupKind::Exact { .. }) && depth <= 1.0 {
            opaque = tiles(|cover| cover == Cover::Opaque);
            tiles(|cover| cover == Cover::Partial)
        } else {
            tiles(|cover| cover != Cover::Empty)
        };
        let [width, height] = size_px.map(|side| side as f32);
        let uv = drawn.iter().map(|[x, y, w, h]| {
            let (x, y, w, h) = (*x as f32, *y as f32, *w as f32, *h as f32);
            [x / width, y / height, (x + w) / width, (y + h) / height]
        });
        graded_layer.keep_tiles(gpu, &uv.collect::<Vec<Tile>>());
    }
    Ok(Some(Group {
        depth,
        drift: first.drift,
        area,
        soft: raw_size_px != size_px,
        graded,
        raw_layer: Some(raw_layer),
        graded_layer,
        opaque,
        kind,
    }))
}

/// How much of a tile is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cover {
    Empty,
    Partial,
    Opaque,
}

/// The tiles of a texture that `keep` likes, joined in each row: left, top, width, height in its
/// pixels. `rgba` is what the texture is drawn from, perhaps with fewer pixels.
fn tiles_where(
    rgba: &[u8],
    [raw_width, raw_height]: [u32; 2],
    [width, height]: [u32; 2],
    keep: impl Fn(Cover) -> bool,
) -> Vec<[u32; 4]> {
    let row_bytes = raw_width as usize * 4;
    // Filtering reaches one pixel further.
    let raw_range = |from: u32, to: u32, side: u32, raw_side: u32| {
        if side == raw_side {
            return from as usize..to as usize;
        }
        let scale = raw_side as f32 / side as f32;
        let (from, to) = ((from as f32 * scale).floor(), (to as f32 * scale).ceil());
        (from as usize).saturating_sub(1)..(to as usize + 1).min(raw_side as usize)
    };
    let mut tiles: Vec<[u32; 4]> = Vec::new();
    for top in (0..height).step_by(TILE_PX as usize) {
        let rows = TILE_PX.min(height - top);
        let raw_rows = raw_range(top, top + rows, height, raw_height);
        let mut run: Option<[u32; 4]> = None;
        for left in (0..width).step_by(TILE_PX as usize) {
            let columns = TILE_PX.min(width - left);
            let raw_columns = raw_range(left, left + columns, width, raw_width);
            let lines = rgba
                .chunks_exact(row_bytes)
                .skip(raw_rows.start)
                .take(raw_rows.len());
            let parts =
                lines.filter_map(|line| line.get(raw_columns.start * 4..raw_columns.end * 4));
            if keep(cover_of(parts)) {
                let joined = run.get_or_insert([left, top, 0, rows]);
                joined[2] += columns;
            } else {
                tiles.extend(run.take());
            }
        }
        tiles.extend(run);
    }
    tiles
}

fn cover_of<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Cover {
    let (mut any, mut all) = (false, true);
    for line in lines {
        for pixel in line.chunks_exact(4) {
            any |= pixel[3] != 0;
            all &= pixel[3] == 255;
        }
        if any && !all {
            return Cover::Partial;
        }
    }
    if !any {
        Cover::Empty
    } else if all {
        Cover::Opaque
    } else {
        Cover::Partial
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_told_apart_by_what_covers_them() {
        let (width, height) = (200u32, 130u32);
        let mut rgba = vec![0u8; (width * height * 4) as usize];
        let everything = |cover| cover != Cover::Empty;
        assert!(tiles_where(&rgba, [width, height], [width, height], everything).is_empty());
        // One pixel in the second tile of the second row, all of the last two tiles of the third.
        rgba[((70 * width + 100) * 4 + 3) as usize] = 1;
        for x in 128..200 {
            for y in 128..130 {
                rgba[((y * width + x) * 4 + 3) as usize] = 255;
            }
        }
        let tiles = tiles_where(&rgba, [width, height], [width, height], everything);
        assert_eq!(tiles, [[64, 64, 64, 64], [128, 128, 72, 2]]);
        let opaque = tiles_where(&rgba, [width, height], [width, height], |cover| {
            cover == Cover::Opaque
        });
        assert_eq!(opaque, [[128, 128, 72, 2]]);
    }
}
