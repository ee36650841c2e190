//! The plates of one shot, put together behind and before the actors.
//!
//! Neighbouring plates that move alike are drawn once into one texture, a *group*, and coloured by
//! the mood once; in every frame the group is copied or laid in. When the camera stands still, all
//! plates behind the actors are one group. On a software GPU that costs a tenth of drawing them;
//! there, what lives on a set is drawn into the picture that was held, and nothing around it.

use std::rc::Rc;

use fabula_story::{BoardScene, CameraMove, Framing, Shot};
use glam::{Vec2, Vec4, vec2, vec4};

use crate::RenderError;
use crate::backdrop::BackdropTexture;
use crate::camera::{CameraPath, Rect};
use crate::effects::{Effect, EffectPipeline, EffectView};
use crate::frame::{FrameUniform, Grade};
use crate::gpu::Gpu;
use crate::layer::{
    FULL_CLIP_FROM_UV, Layer, LayerBlends, LayerPipelines, LayerUniform, Quads, Target, Uniform,
    constant, pass,
};
use crate::pace::Pace;
use crate::picture::FrameSize;
use crate::recording::{Recording, Stroke};
use crate::set::{CompiledPlate, CompiledSet, PlaceUniform, SetLayouts, SetManifest};
use crate::sketch::{Subject, shown_areas};
use crate::tiles::{Area, Cover, Placed, Tiles, covered, in_whole_tiles, joined, overlap};
use crate::yuv_frame::read_pixels;

/// Plates of a moving camera stay in one group up to this difference in depth.
const GROUP_DEPTH: f32 = 0.46;
/// The largest side of a group's texture: wide enough for 4K with room to pan.
const LARGEST_SIDE_PX: f32 = 4608.0;
/// Plates this much softer than the picture are drawn with fewer pixels.
const SOFT: f32 = 1.2;

/// What lives on a set moves on twos where pixels are drawn by the CPU and the camera stands still:
/// every other frame is then copied.
const AMBIENT_FPS: f32 = 12.0;

/// What a staging needs to draw.
#[derive(Clone, Copy)]
pub(crate) struct StagingContext<'a> {
    pub gpu: &'a Gpu,
    pub layouts: &'a SetLayouts,
    pub layers: &'a LayerPipelines,
    pub effects: &'a EffectPipeline,
}

/// A shot that is to be staged.
pub(crate) struct StagingPlan<'a> {
    pub set: Rc<CompiledSet>,
    pub moods: Moods,
    /// Those that lie behind the actors.
    pub effects: Vec<Effect>,
    pub size: FrameSize,
    pub path: CameraPath,
    pub place: PlaceUniform,
    pub scene: &'a BoardScene,
    pub shot: &'a Shot,
    /// Seconds since the scene began when the shot begins.
    pub shot_start_s: f32,
}

/// The grade that a shot comes from, and its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moods {
    pub from: Grade,
    pub own: Grade,
}

/// One drawing of a staging into a picture.
pub(crate) struct StagingDraw<'a, 'r> {
    pub context: StagingContext<'a>,
    pub recording: &'a mut Recording<'r>,
    pub frame: &'a wgpu::BindGroup,
    /// How far the shot's own mood has been reached. Once it is 1 the other grade is not kept.
    pub mood_progress: f32,
    pub shot_s: f64,
    pub scene_s: f32,
}

/// The plates of one shot.
#[derive(Debug)]
pub(crate) struct Staging {
    manifest: Rc<SetManifest>,
    /// What the set shows that is not drawn.
    backdrop: Option<Rc<BackdropTexture>>,
    size: FrameSize,
    path: CameraPath,
    place: PlaceUniform,
    /// In drawing order.
    elements: Vec<Element>,
    /// Index of the first element before the actors.
    front: usize,
    moods: Moods,
    /// Seconds since the scene began when the shot began.
    shot_start_s: f32,
    /// Where all that is behind the actors is kept for the next frame.
    held: Option<Target>,
    /// What `held` shows.
    held_view: Option<HeldView>,
}

/// What decides a picture that was held.
#[derive(Clone, Copy, Debug, PartialEq)]
struct HeldView {
    ambient: Ambient,
    mood_progress: f32,
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
    Live(Box<Live>),
    /// Small things between the plates.
    Effect(Box<Effect>),
}

/// A plate that is drawn anew in every picture.
#[derive(Debug)]
struct Live {
    /// Its index in the set.
    index: usize,
    plate: CompiledPlate,
    place: Uniform,
    /// Where it is drawn with fewer pixels than the picture, being out of focus.
    soft: Option<(Target, Layer)>,
}

/// Plates that move alike, in one texture.
#[derive(Debug)]
struct Group {
    depth: f32,
    /// Frame heights a second that it moves to the right.
    drift: f32,
    /// What of the set at `depth` the texture shows when the shot begins.
    area: Rect,
    size_px: [u32; 2],
    /// In the shot's own mood.
    own: Shown,
    /// In the mood that the shot comes from, until its own has been reached.
    before: Option<Shown>,
    /// How its tiles cover the picture.
    tiles: Tiles,
    /// Parts that hide what is behind them, in pixels of the texture.
    opaque: Vec<Area>,
    /// The same for drawing.
    opaque_quads: Quads,
    /// The parts that are blended.
    partial_quads: Quads,
    kind: GroupKind,
}

/// A texture, and a layer that shows it.
#[derive(Debug)]
struct Shown {
    target: Target,
    layer: Layer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GroupKind {
    /// Lies on the pixels of the picture, this many rows below its upper edge: it can be copied.
    Exact { top: u32 },
    /// Is filtered.
    Sampled,
}

impl Staging {
    /// Draws the plates that are kept.
    pub async fn new(
        context: StagingContext<'_>,
        mut plan: StagingPlan<'_>,
        frame: &wgpu::BindGroup,
        pace: Pace,
    ) -> Result<Self, RenderError> {
        let mut effects = std::mem::take(&mut plan.effects);
        let manifest = Rc::clone(&plan.set.manifest);
        let moving = plan.shot.camera != CameraMove::Hold;
        let weather = plan.scene.setting.weather;
        let mut elements = Vec::new();
        let mut front = None;
        let mut run: Vec<usize> = Vec::new();
        let end_run = async |run: &mut Vec<usize>, elements: &mut Vec<Element>| {
            if !run.is_empty() {
                let back = elements.is_empty();
                let group = draw_group(context, &plan, run, back, frame, pace).await?;
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
            // An effect lies before all plates that are as far away as it is, and before the first.
            let passed = |effect: &mut Effect| index > 0 && effect.manifest.depth < plate.depth;
            let passed: Vec<Effect> = effects.extract_if(.., passed).collect();
            if !joins || !passed.is_empty() {
                end_run(&mut run, &mut elements).await?;
            }
            elements.extend(
                passed
                    .into_iter()
                    .map(|effect| Element::Effect(Box::new(effect))),
            );
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
                // Plates before the actors are drawn in one pass with them.
                let softness = softness(plan.shot.framing, plate.depth);
                let soft = (softness >= SOFT && plate.depth <= 1.0).then(|| {
                    let sides = [plan.size.width(), plan.size.height()];
                    let size_px = sides.map(|side| (side as f32 / softness).ceil() as u32);
                    let target = Target::new(context.gpu, size_px, &plate.name);
                    let layer = context.layers.layer(context.gpu, &target.view, &plate.name);
                    layer.place(context.gpu, LayerUniform::FULL);
                    (target, layer)
                });
                elements.push(Element::Live(Box::new(Live {
                    index,
                    plate: plan.set.plates[index].clone(),
                    place,
                    soft,
                })));
            } else {
                run.push(index);
            }
        }
        end_run(&mut run, &mut elements).await?;
        pace.rest().await;
        leave_out_hidden(context.gpu, &mut elements, &plan);
        pace.rest().await;
        color_groups(context, &mut elements, &plan, pace).await?;
        let plan_start_s = plan.shot_start_s;
        let StagingPlan {
            set,
            moods,
            size,
            path,
            place,
            ..
        } = plan;
        let front = front.unwrap_or(elements.len());
        let lives = elements[..front].iter().any(|element| match element {
            Element::Group(group) => group.drift != 0.0,
            Element::Live(_) | Element::Effect(_) => true,
        });
        // What a camera shows does not move on twos.
        let holds = lives && !set.films_camera && path.is_still() && context.gpu.is_software();
        let held = holds.then(|| Target::new(context.gpu, [size.width(), size.height()], "held"));
        Ok(Self {
            shot_start_s: plan_start_s,
            held,
            held_view: None,
            moods,
            manifest,
            backdrop: set.backdrop.clone(),
            size,
            path,
            place,
            elements,
            front,
        })
    }

    fn size_px(&self) -> Vec2 {
        vec2(self.size.width() as f32, self.size.height() as f32)
    }

    pub fn path(&self) -> &CameraPath {
        &self.path
    }

    pub fn manifest(&self) -> &SetManifest {
        &self.manifest
    }

    /// What the set shows that is not drawn.
    pub fn backdrop(&self) -> Option<&BackdropTexture> {
        self.backdrop.as_deref()
    }

    /// Puts all plates behind the actors into the target, which they cover completely.
    pub fn draw_back(&mut self, draw: &mut StagingDraw<'_, '_>) {
        if draw.mood_progress >= 1.0 {
            for element in &mut self.elements {
                if let Element::Group(group) = element {
                    group.before = None;
                }
            }
        }
        let ambient = self.ambient(draw);
        let view = HeldView {
            ambient,
            mood_progress: draw.mood_progress,
        };
        let target = draw.recording.target;
        let whole = target.texture.size();
        let whole = [0, 0, whole.width, whole.height];
        let areas = match (&self.held, self.held_view) {
            (Some(held), Some(shown)) if shown.mood_progress == view.mood_progress => {
                copy_area(draw.recording.encoder(), held, target, whole);
                self.changed_areas(shown.ambient, ambient)
            }
            _ => vec![whole],
        };
        if !areas.is_empty() {
            self.prepare_live(&self.elements[..self.front], draw, ambient);
            self.draw_behind(draw, ambient, &areas);
        }
        if let Some(held) = &self.held {
            for area in areas {
                copy_area(draw.recording.encoder(), target, held, area);
            }
        }
        self.held_view = self.held.is_some().then_some(view);
    }

    /// What of the picture changes from one ambient time to another while the camera stands still, in
    /// whole tiles: rows are rounded by where in a tile they begin.
    fn changed_areas(&self, shown: Ambient, wanted: Ambient) -> Vec<Area> {
        let camera = self.path.middle();
        let seen = |depth: f32| camera.view(depth, self.size.aspect());
        let area = |element: &Element| match element {
            Element::Group(group) if self.drifted(group, shown) == self.drifted(group, wanted) => {
                None
            }
            Element::Live(_) | Element::Effect(_) if shown == wanted => None,
            Element::Effect(effect) => {
                /// Particles are as large, and stray as far.
                const MARGIN: f32 = 0.04;
                let [left, low, right, high] = effect.manifest.area;
                let x = [left - MARGIN, right + MARGIN];
                let y = [low - MARGIN, high + MARGIN];
                covered(x, y, seen(effect.manifest.depth), self.size_px())
            }
            Element::Group(group) => {
                let (view, height) = (seen(group.depth), self.size.height());
                // One row more than it covers is touched by filtering.
                let row = |y: f32| (view.max.y - y) / view.size().y * height as f32;
                let top = (row(group.area.max.y) - 1.0).floor().max(0.0) as u32;
                let bottom = (row(group.area.min.y) + 1.0).ceil().max(0.0) as u32;
                let rows = bottom.min(height).saturating_sub(top);
                (rows > 0).then_some([0, top, self.size.width(), rows])
            }
            Element::Live(live) => {
                let plate = &self.manifest.plates[live.index];
                covered(plate.x, plate.y, seen(plate.depth), self.size_px())
            }
        };
        let size = [self.size.width(), self.size.height()];
        let changed = self.elements[..self.front].iter().filter_map(area);
        joined(changed.map(|area| in_whole_tiles(area, size)))
    }

    /// Puts the plates before the actors into the target.
    pub fn draw_front(&self, draw: &mut StagingDraw<'_, '_>) {
        let ambient = self.ambient(draw);
        self.prepare_live(&self.elements[self.front..], draw, ambient);
        let whole = [[0, 0, self.size.width(), self.size.height()]];
        for element in &self.elements[self.front..] {
            self.draw_element(element, draw, ambient, &whole, false);
        }
    }

    /// How far a group has drifted to the right since the shot began, in frame heights. Where the
    /// picture is held it goes by whole pixels: clouds drift a few of them a second.
    fn drifted(&self, group: &Group, ambient: Ambient) -> f32 {
        let drifted = group.drift * ambient.shot_s;
        if self.held.is_none() {
            return drifted;
        }
        let view = self.path.middle().view(group.depth, self.size.aspect());
        let px = view.size().y / self.size.height() as f32;
        (drifted / px).round() * px
    }

    /// The time that what lives on the set is drawn at.
    fn ambient(&self, draw: &StagingDraw<'_, '_>) -> Ambient {
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

    /// Draws these areas of all that is behind the actors.
    fn draw_behind(&self, draw: &mut StagingDraw<'_, '_>, ambient: Ambient, areas: &[Area]) {
        // A part is drawn over what was there: a set covers every pixel. Where its last plate does so by
        // itself, nothing need be cleared, which software is slow at.
        let covers = matches!(self.elements.first(), Some(Element::Group(_)));
        let whole = areas == [[0, 0, self.size.width(), self.size.height()]];
        let mut clear = whole && !(covers && draw.context.gpu.is_software());
        for (index, element) in self.elements[..self.front].iter().enumerate() {
            if let Element::Group(group) = element
                && group.can_be_copied()
                && !group.opaque.is_empty()
            {
                let texture = &draw.recording.target.texture;
                for area in areas {
                    group.copy_opaque(draw.recording.encoder(), texture, *area);
                }
                clear = false;
                // What lies behind everything has nothing that is blended.
                if index == 0 && group.before.is_none() {
                    continue;
                }
            }
            self.draw_element(element, draw, ambient, areas, clear);
            clear = false;
        }
        if clear {
            draw.recording.pass(Stroke::Other, true);
        }
    }

    /// Sets the time of live plates, and draws those that are drawn with fewer pixels.
    fn prepare_live(&self, elements: &[Element], draw: &mut StagingDraw<'_, '_>, ambient: Ambient) {
        let camera = self.path.at(draw.shot_s);
        for element in elements {
            let live = match element {
                Element::Group(_) => continue,
                Element::Effect(effect) => {
                    let seen = EffectView {
                        camera,
                        aspect: self.size.aspect(),
                        scene_s: ambient.scene_s,
                    };
                    effect.prepare(draw.context.gpu, seen);
                    continue;
                }
                Element::Live(live) => live,
            };
            let manifest = &self.manifest.plates[live.index];
            let view = camera.view(manifest.depth, self.size.aspect());
            let size_px = live.soft.as_ref().map_or(self.size_px(), |(target, _)| {
                let size = target.texture.size();
                vec2(size.width as f32, size.height as f32)
            });
            let Some([left, top, width, height]) = covered(manifest.x, manifest.y, view, size_px)
            else {
                continue;
            };
            let px = view.size().y / size_px.y;
            let place = self.place.looking_at(view, px, ambient.scene_s);
            live.place.write(draw.context.gpu, &place);
            if let Some((target, _)) = &live.soft {
                let encoder = draw.recording.encoder();
                let mut pass = pass(encoder, &target.view, true, &manifest.name);
                pass.set_scissor_rect(left, top, width, height);
                live.plate.draw(&mut pass, &live.place.group, draw.frame);
            }
        }
    }

    /// Draws areas of an element into the target, which is cleared before if `clear`.
    fn draw_element(
        &self,
        element: &Element,
        draw: &mut StagingDraw<'_, '_>,
        ambient: Ambient,
        areas: &[Area],
        clear: bool,
    ) {
        let StagingContext {
            gpu,
            layers,
            effects,
            ..
        } = draw.context;
        let frame = draw.frame;
        let camera = self.path.at(draw.shot_s);
        let stroke = match element {
            Element::Group(_) => Stroke::Rows,
            Element::Live(live) if live.soft.is_some() => Stroke::Rows,
            Element::Live(_) | Element::Effect(_) => Stroke::Other,
        };
        if let Element::Group(group) = element {
            let view = camera.view(group.depth, self.size.aspect());
            group.place(gpu, group.clip_from_uv(view, self.drifted(group, ambient)));
        }
        let pass = draw.recording.pass(stroke, clear);
        for area in areas {
            match element {
                Element::Group(group) => {
                    scissor(pass, *area);
                    group.draw(pass, &layers.rows, frame, draw.mood_progress);
                }
                Element::Effect(effect) => {
                    scissor(pass, *area);
                    effect.draw(effects, pass, frame);
                }
                Element::Live(live) => {
                    let plate = &self.manifest.plates[live.index];
                    let view = camera.view(plate.depth, self.size.aspect());
                    let covered = covered(plate.x, plate.y, view, self.size_px());
                    let Some(seen) = covered.and_then(|covered| overlap(covered, *area)) else {
                        continue;
                    };
                    scissor(pass, seen);
                    match &live.soft {
                        Some((_, layer)) => layer.draw(pass, &layers.rows.over, frame),
                        None => live.plate.draw(pass, &live.place.group, frame),
                    }
                }
            }
        }
        scissor(pass, [0, 0, self.size.width(), self.size.height()]);
    }

    /// Whether these moods can still be shown.
    pub fn can_have(&self, moods: Moods, progress: f32) -> bool {
        let kept = self.elements.iter().all(|element| match element {
            Element::Group(group) => group.before.is_some(),
            Element::Live(_) | Element::Effect(_) => true,
        });
        self.moods == moods && (kept || progress >= 1.0 || moods.from == moods.own)
    }
}

impl Group {
    /// Draws only these tiles from now on.
    fn keep_tiles(&mut self, gpu: &Gpu, tiles: Tiles) {
        self.opaque = tiles.areas(Cover::Opaque);
        self.opaque_quads = Quads::new(gpu, &self.opaque, self.size_px);
        self.partial_quads = Quads::new(gpu, &tiles.areas(Cover::Partial), self.size_px);
        self.tiles = tiles;
    }

    /// Whether its opaque parts are copied. Plates before the actors are drawn in one pass with
    /// them.
    fn can_be_copied(&self) -> bool {
        matches!(self.kind, GroupKind::Exact { .. }) && self.depth <= 1.0
    }

    /// Copies what needs no blending: on a software GPU that is many times faster than drawing.
    fn copy_opaque(&self, encoder: &mut wgpu::CommandEncoder, target: &wgpu::Texture, area: Area) {
        let GroupKind::Exact { top: rows_down } = self.kind else {
            return;
        };
        let from = &self.before.as_ref().unwrap_or(&self.own).target.texture;
        let [left, top, width, height] = area;
        // Where the area lies in the texture.
        let rows_cut = rows_down.saturating_sub(top);
        let area = [
            left,
            top.saturating_sub(rows_down),
            width,
            height.saturating_sub(rows_cut),
        ];
        let parts = self.opaque.iter().filter_map(|part| overlap(*part, area));
        for [x, y, width, height] in parts {
            let at = |y| wgpu::TexelCopyTextureInfo {
                texture: from,
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

    /// Says where it is drawn.
    fn place(&self, gpu: &Gpu, clip_from_uv: Vec4) {
        let uniform = LayerUniform {
            clip_from_uv,
            params: Vec4::ZERO,
        };
        for shown in self.before.iter().chain([&self.own]) {
            shown.layer.place(gpu, uniform);
        }
    }

    /// Draws what was not copied.
    fn draw(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        blends: &LayerBlends,
        frame: &wgpu::BindGroup,
        mood_progress: f32,
    ) {
        let own = &self.own.layer;
        let opaque = |layer: &Layer, pass: &mut wgpu::RenderPass<'_>| {
            if !self.can_be_copied() {
                layer.draw_quads(pass, &blends.opaque, frame, &self.opaque_quads);
            }
        };
        let Some(before) = &self.before else {
            opaque(own, pass);
            own.draw_quads(pass, &blends.over, frame, &self.partial_quads);
            return;
        };
        let before = &before.layer;
        opaque(before, pass);
        pass.set_blend_constant(constant(mood_progress));
        own.draw_quads(pass, &blends.mixed, frame, &self.opaque_quads);
        before.draw_quads(pass, &blends.veil, frame, &self.partial_quads);
        own.draw_quads(pass, &blends.added, frame, &self.partial_quads);
        pass.set_blend_constant(constant(1.0 - mood_progress));
        before.draw_quads(pass, &blends.added, frame, &self.partial_quads);
    }

    /// Where the texture lies in a picture that shows `view`, when it has drifted this far.
    fn clip_from_uv(&self, view: Rect, drifted: f32) -> Vec4 {
        let min = self.area.min + vec2(drifted, 0.0);
        let scale = 2.0 / view.size();
        let size = self.area.size() * scale;
        // v runs down, the set's y runs up.
        let left_top = (vec2(min.x, min.y + self.area.size().y) - view.min) * scale - Vec2::ONE;
        vec4(size.x, -size.y, left_top.x, left_top.y)
    }
}

/// The pixels of a texture with fewer pixels that show in an area when they are filtered.
fn scaled_around([left, top, width, height]: Area, scale: Vec2, size_px: [u32; 2]) -> Area {
    let from = (vec2(left as f32, top as f32) * scale - 1.0).max(Vec2::ZERO);
    let to = vec2((left + width) as f32, (top + height) as f32) * scale + 1.0;
    let (left, top) = (from.x.floor() as u32, from.y.floor() as u32);
    let right = (to.x.ceil() as u32).min(size_px[0]);
    let bottom = (to.y.ceil() as u32).min(size_px[1]);
    [left, top, right - left, bottom - top]
}

fn scissor(pass: &mut wgpu::RenderPass<'_>, [left, top, width, height]: Area) {
    pass.set_scissor_rect(left, top, width, height);
}

/// Copies an area from one picture to the same place in another.
fn copy_area(encoder: &mut wgpu::CommandEncoder, from: &Target, to: &Target, area: Area) {
    let [x, y, width, height] = area;
    let origin = wgpu::Origin3d { x, y, z: 0 };
    let (mut from, mut to) = (from.texture.as_image_copy(), to.texture.as_image_copy());
    (from.origin, to.origin) = (origin, origin);
    encoder.copy_texture_to_texture(
        from,
        to,
        wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
    );
}

/// How many pixels of the picture one pixel of a plate is wide: backgrounds of near shots are out
/// of focus.
fn softness(framing: Framing, depth: f32) -> f32 {
    let far = 1.0 - depth.clamp(0.0, 1.0);
    match framing {
        Framing::Wide => 1.0,
        Framing::Full => 1.0 + 0.5 * far,
        Framing::Medium => 1.0 + 1.2 * far,
        Framing::OverShoulder => 1.0 + 2.0 * far,
        Framing::Close => 1.0 + 2.6 * far,
    }
}

/// Draws a run of plates into one texture, as the camera sees them halfway through the shot.
async fn draw_group(
    context: StagingContext<'_>,
    plan: &StagingPlan<'_>,
    run: &[usize],
    back: bool,
    frame: &wgpu::BindGroup,
    pace: Pace,
) -> Result<Option<Group>, RenderError> {
    let StagingContext {
        gpu,
        layouts,
        layers,
        ..
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
        // However many stand at one of them.
        let mut depths: Vec<f32> = plates().map(|(_, plate)| plate.depth).collect();
        depths.sort_by(f32::total_cmp);
        depths.dedup();
        depths.iter().sum::<f32>() / depths.len() as f32
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
    drop(pass(&mut encoder, &raw.view, true, label));
    // What of the set at the depth of each plate the texture shows.
    let seen: Vec<(usize, Rect)> = plates()
        .map(|(index, plate)| {
            let seen = area.mapped(view, middle.view(plate.depth, aspect));
            let drifted = vec2(plate.drift * plan.shot_start_s, 0.0);
            let (min, max) = (seen.min - drifted, seen.max - drifted);
            (index, Rect { min, max })
        })
        .collect();
    let subject = Subject {
        set: &plan.set,
        place: plan.place,
        frame,
        plates: &seen,
        size_px: raw_size_px,
    };
    let shown = shown_areas(gpu, layouts, &subject, pace).await?;
    let mut soft = None;
    for ((index, seen), areas) in seen.into_iter().zip(shown) {
        if areas.is_empty() {
            continue;
        }
        let plate = &plan.set.manifest.plates[index];
        let draw = async |encoder: &mut wgpu::CommandEncoder, target: &Target, areas: &[Area]| {
            let size = target.texture.size();
            let size = vec2(size.width as f32, size.height as f32);
            let Some(covered) = covered(plate.x, plate.y, seen, size) else {
                return Ok(());
            };
            let place = plan.place.looking_at(seen, seen.size().y / size.y, 0.0);
            let place = Uniform::new(gpu, &layouts.place, &place, &plate.name);
            let areas = areas.iter().filter_map(|area| overlap(*area, covered));
            let mut open = None;
            for area in areas.flat_map(|area| pace.strips(gpu, area)) {
                let strip = open.get_or_insert_with(|| {
                    pass(encoder, &target.view, false, label).forget_lifetime()
                });
                scissor(strip, area);
                plan.set.plates[index].draw(strip, &place.group, frame);
                if pace.pauses() {
                    open = None;
                    pace.pause(gpu, encoder).await?;
                }
            }
            Ok::<_, RenderError>(())
        };
        let softness = softness(plan.shot.framing, plate.depth);
        if px > frame_px || softness < SOFT {
            draw(&mut encoder, &raw, &areas).await?;
        } else {
            // Fewer pixels, laid over the others as if seen through a lens.
            let soft_pixels = (raw_pixels / softness).ceil();
            let soft_size_px = [soft_pixels.x as u32, soft_pixels.y as u32];
            // Plates as far away follow one another through the same texture.
            let (soft, layer) = match &mut soft {
                Some((size_px, target, layer)) if *size_px == soft_size_px => (&*target, &*layer),
                other => {
                    let target = Target::new(gpu, soft_size_px, "soft");
                    let layer = layers.layer(gpu, &target.view, "soft");
                    layer.place(gpu, LayerUniform::FULL);
                    let (_, target, layer) = other.insert((soft_size_px, target, layer));
                    (&*target, &*layer)
                }
            };
            drop(pass(&mut encoder, &soft.view, true, &plate.name));
            let scale = soft_pixels / raw_pixels;
            let soft_areas: Vec<Area> = areas
                .iter()
                .map(|area| scaled_around(*area, scale, soft_size_px))
                .collect();
            // What is half transparent must not be drawn twice where they meet.
            let soft_areas = Tiles::opaque(soft_size_px).touched_by(&soft_areas);
            draw(&mut encoder, soft, &soft_areas).await?;
            let quads = Quads::new(gpu, &areas, raw_size_px);
            let mut pass = pass(&mut encoder, &raw.view, false, label);
            layer.draw_quads(&mut pass, &layers.over, frame, &quads);
        }
    }
    gpu.queue.submit([encoder.finish()]);

    let top = ((view.max.y - area.max.y) / grid_px).round().max(0.0) as u32;
    let inside = size_px[0] <= plan.size.width() && top + size_px[1] <= plan.size.height();
    let kind = if still && inside {
        GroupKind::Exact { top }
    } else {
        GroupKind::Sampled
    };
    // What lies behind everything has no gaps.
    let tiles = if back {
        Tiles::opaque(size_px)
    } else {
        let reach = u32::from(kind == GroupKind::Sampled);
        read_pixels(gpu, &raw.texture, raw_size_px, |pixels, stride| {
            Tiles::of(pixels, stride, raw_size_px, size_px, reach)
        })?
    };
    Ok(Some(Group {
        depth,
        drift: first.drift,
        area,
        size_px,
        own: Shown {
            layer: layers.layer(gpu, &raw.view, label),
            target: raw,
        },
        before: None,
        opaque: Vec::new(),
        opaque_quads: Quads::new(gpu, &[], size_px),
        partial_quads: Quads::new(gpu, &[], size_px),
        tiles,
        kind,
    }))
}

/// Puts the plates of each group, as they were drawn, into the colours of both moods, as if the camera
/// stood halfway.
async fn color_groups(
    context: StagingContext<'_>,
    elements: &mut [Element],
    plan: &StagingPlan<'_>,
    pace: Pace,
) -> Result<(), RenderError> {
    let StagingContext {
        gpu,
        layouts,
        layers,
        ..
    } = context;
    let Moods { from, own } = plan.moods;
    let [from_frame, own_frame] = [from, own].map(|grade| {
        let uniform = FrameUniform::plain(plan.size).with_grade(grade);
        Uniform::new(gpu, &layouts.frame, &uniform, "grade")
    });
    let groups = elements.iter_mut().filter_map(|element| match element {
        Element::Group(group) => Some(group),
        Element::Live(_) | Element::Effect(_) => None,
    });
    for group in groups {
        let shown = || Shown::new(context, group.size_px, "graded");
        let raw = std::mem::replace(&mut group.own, shown());
        let before = (from != own).then(shown);
        let view = plan.path.middle().view(group.depth, plan.size.aspect());
        raw.layer.place(
            gpu,
            LayerUniform {
                clip_from_uv: FULL_CLIP_FROM_UV,
                params: group.clip_from_uv(view, 0.0),
            },
        );
        let raw_size = raw.target.texture.size();
        let pipeline = if [raw_size.width, raw_size.height] == group.size_px {
            &layers.grade
        } else {
            &layers.grade_soft
        };
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("grade"),
            });
        let mut color = |shown: &Shown, frame: &Uniform| {
            let mut pass = pass(&mut encoder, &shown.target.view, true, "grade");
            for quads in [&group.opaque_quads, &group.partial_quads] {
                raw.layer
                    .draw_quads(&mut pass, pipeline, &frame.group, quads);
            }
        };
        color(&group.own, &own_frame);
        if let Some(before) = &before {
            color(before, &from_frame);
        }
        group.before = before;
        // Waiting gives the memory of the raw plates back before the next group needs some.
        let submission = gpu.queue.submit([encoder.finish()]);
        drop(raw);
        gpu.wait_for(submission)?;
        pace.rest().await;
    }
    Ok(())
}

impl Shown {
    fn new(
        StagingContext { gpu, layers, .. }: StagingContext<'_>,
        size_px: [u32; 2],
        label: &str,
    ) -> Self {
        let target = Target::new(gpu, size_px, label);
        let layer = layers.layer(gpu, &target.view, label);
        Self { target, layer }
    }
}

/// Chooses what of each group is drawn: tiles that stay hidden behind others, or outside of the
/// picture, for the whole shot are left out.
fn leave_out_hidden(gpu: &Gpu, elements: &mut [Element], plan: &StagingPlan<'_>) {
    /// Steps in which a shot is looked at whose camera moves.
    const CAMERA_STEPS: u32 = 16;
    /// More than anything moves against another in one of these, in frame heights.
    const SLACK: f32 = 0.005;
    let size = vec2(plan.size.width() as f32, plan.size.height() as f32);
    let aspect = plan.size.aspect();
    let duration_s = plan.shot.duration_s;
    // What drifts comes out from behind others, however still the camera is.
    let steps = |group: &Group| {
        let view = plan.path.middle().view(group.depth, aspect);
        let drifted = group.drift.abs() * duration_s as f32 / view.size().y;
        let camera = if plan.path.is_still() {
            0
        } else {
            CAMERA_STEPS
        };
        camera + (drifted / SLACK).ceil() as u32
    };
    // From the pixels of a texture to those of the picture.
    let place = |group: &Group, shot_s: f64| {
        let view = plan.path.at(shot_s).view(group.depth, aspect);
        let clip = group.clip_from_uv(view, group.drift * shot_s as f32);
        let [width, height] = group.size_px.map(|side| side as f32);
        let half = size / 2.0;
        vec4(
            clip.x * half.x / width,
            -clip.y * half.y / height,
            (clip.z + 1.0) * half.x,
            (1.0 - clip.w) * half.y,
        )
    };
    for at in 0..elements.len() {
        let Some((Element::Group(group), nearer)) = elements[at..].split_first_mut() else {
            continue;
        };
        let before = || {
            nearer.iter().filter_map(|element| match element {
                Element::Group(group) if group.drift == 0.0 => Some(group),
                _ => None,
            })
        };
        let steps = steps(group);
        let placed: Vec<Placed<'_>> = (0..=steps)
            .map(|step| duration_s * f64::from(step) / f64::from(steps.max(1)))
            .map(|shot_s| Placed {
                place: place(group, shot_s),
                before: before()
                    .map(|nearer| (&nearer.tiles, place(nearer, shot_s)))
                    .collect(),
            })
            .collect();
        let slack_px = if steps > 0 { SLACK * size.y } else { 0.5 };
        let seen = group.tiles.without_hidden(&placed, size, slack_px);
        group.keep_tiles(gpu, seen);
    }
}

#[cfg(test)]
mod tests {
    use fabula_story::{Backdrop, DayTime, Setting, Transition, TransitionKind, Weather};

    use super::*;
    use crate::camera::Camera;
    use crate::embedded;
    use crate::gpu::GpuChoice;
    use crate::set::uniform_layout;
    use crate::yuv_frame::read_rgba;

    /// What is drawn of each plate.
    enum Parts {
        Whole,
        Bands,
        /// The band of one of them; all of the others.
        Band(usize),
        Sketched,
    }

    /// All plates of a set over one another.
    fn composed(
        gpu: &Gpu,
        layouts: &SetLayouts,
        set: &CompiledSet,
        scene: &BoardScene,
        camera: Camera,
        (size_px, parts): ([u32; 2], &Parts),
        frame: &wgpu::BindGroup,
    ) -> Vec<u8> {
        let Setting { time, weather, .. } = scene.setting;
        let light = set.manifest.light(time, weather);
        let place = PlaceUniform::new(scene, &light, Vec4::ZERO);
        let target = Target::new(gpu, size_px, "composed");
        let size = Vec2::from(size_px.map(|side| side as f32));
        let whole = [0, 0, size_px[0], size_px[1]];
        let plates: Vec<(usize, Rect)> = (set.manifest.plates.iter().enumerate())
            .filter(|(_, plate)| plate.is_drawn_in(weather))
            .map(|(index, plate)| (index, camera.view(plate.depth, size.x / size.y)))
            .collect();
        let shown = match parts {
            Parts::Whole => vec![vec![whole]; plates.len()],
            Parts::Bands | Parts::Band(_) => plates
                .iter()
                .map(|(index, view)| {
                    if matches!(parts, Parts::Band(only) if only != index) {
                        return vec![whole];
                    }
                    let plate = &set.manifest.plates[*index];
                    covered(plate.x, plate.y, *view, size).into_iter().collect()
                })
                .collect(),
            Parts::Sketched => {
                let lives = |index: usize| set.manifest.plates[index].live;
                let kept: Vec<(usize, Rect)> = (plates.iter().copied())
                    .filter(|(index, _)| !lives(*index))
                    .collect();
                let subject = Subject {
                    set,
                    place,
                    frame,
                    plates: &kept,
                    size_px,
                };
                let shown = shown_areas(gpu, layouts, &subject, Pace::AtOnce);
                let mut shown = pollster::block_on(shown).unwrap().into_iter();
                plates
                    .iter()
                    .map(|(index, _)| {
                        if lives(*index) {
                            vec![whole]
                        } else {
                            shown.next().unwrap()
                        }
                    })
                    .collect()
            }
        };
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = pass(&mut encoder, &target.view, true, "composed");
        for ((index, view), areas) in plates.into_iter().zip(shown) {
            let place = place.looking_at(view, view.size().y / size.y, 0.0);
            let place = Uniform::new(gpu, &layouts.place, &place, "plate");
            for area in areas {
                scissor(&mut pass, area);
                set.plates[index].draw(&mut pass, &place.group, frame);
            }
        }
        drop(pass);
        gpu.queue.submit([encoder.finish()]);
        read_rgba(gpu, &target.texture, size_px).unwrap()
    }

    /// Compares pictures of all sets, one in `every` of several places and skies, with those of which only
    /// parts are drawn; gives those that differ.
    fn cut_off(size_px: [u32; 2], parts: &Parts, every: usize) -> Vec<String> {
        let gpu = match Gpu::open(&GpuChoice::Auto) {
            Ok(gpu) => gpu,
            Err(error) => {
                println!("skipped: {error}");
                return Vec::new();
            }
        };
        let layout = uniform_layout(&gpu, "frame");
        let size = FrameSize::new(size_px[0], size_px[1]).unwrap();
        let frame = Uniform::new(&gpu, &layout, &FrameUniform::plain(size), "frame");
        let layouts = SetLayouts::new(&gpu, &layout);
        let cameras = [
            (0.0, 0.5, 1.0),
            (-0.5, 0.45, 1.3),
            (0.5, 0.45, 1.3),
            (-0.35, 0.36, 1.9),
            (0.3, 0.4, 3.2),
        ];
        let skies = [
            (DayTime::Day, Weather::Clear),
            (DayTime::Dusk, Weather::Storm),
            (DayTime::Night, Weather::Clear),
        ];
        let mut wrong = Vec::new();
        for (path, _) in embedded::files_in("assets/sets/") {
            let name = path.strip_prefix("assets/sets/").unwrap();
            let Some(name) = name.strip_suffix(".toml").filter(|n| !n.contains('/')) else {
                continue;
            };
            let set = CompiledSet::new(&gpu, &layouts, name, None, false).unwrap();
            let views = skies
                .iter()
                .flat_map(|sky| cameras.iter().map(move |camera| (*sky, *camera)))
                .step_by(every);
            for (seed, ((time, weather), (x, y, zoom))) in (0..).step_by(4099).zip(views) {
                let scene = BoardScene {
                    id: "scene".to_owned(),
                    setting: Setting {
                        place: name.to_owned(),
                        time,
                        weather,
                        indoor: false,
                    },
                    backdrop: Backdrop::SceneBased,
                    seed,
                    transition: Transition {
                        kind: TransitionKind::Cut,
                        duration_s: 0.0,
                    },
                    shots: Vec::new(),
                };
                let center = vec2(x, y);
                let camera = Camera { center, zoom };
                let composed = |parts: &Parts| {
                    let parts = (size_px, parts);
                    composed(&gpu, &layouts, &set, &scene, camera, parts, &frame.group)
                };
                let whole = composed(&Parts::Whole);
                // Fog and glows end at a few levels.
                let missing = |parts: &Parts| {
                    let pairs = whole.iter().zip(composed(parts));
                    pairs.filter(|(a, b)| a.abs_diff(*b) > 6).count()
                };
                let cut = missing(parts);
                if cut > 0 {
                    let plates = 0..set.manifest.plates.len();
                    let cut_off = plates.filter(|plate| missing(&Parts::Band(*plate)) > 0);
                    let names: Vec<_> = cut_off
                        .map(|plate| &set.manifest.plates[plate].name)
                        .collect();
                    let view = format!("{time:?}, {weather:?}, zoom {zoom}");
                    wrong.push(format!("{name}, {view}: {cut} of {names:?}"));
                }
            }
        }
        wrong
    }

    #[test]
    fn nothing_that_is_seen_lies_outside_of_the_band_of_its_plate() {
        let wrong = cut_off([192, 108], &Parts::Bands, 1);
        assert!(wrong.is_empty(), "cut off: {wrong:#?}");
    }

    #[test]
    fn nothing_that_is_seen_is_overlooked_by_the_sketch() {
        let wrong = cut_off([960, 540], &Parts::Sketched, 8);
        assert!(wrong.is_empty(), "overlooked: {wrong:#?}");
    }
}
