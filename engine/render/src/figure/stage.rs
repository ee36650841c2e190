//! Draws actors on a device.

use std::collections::BTreeMap;
use std::ops::Range;

use bytemuck::{Pod, Zeroable, cast_slice};
use fabula_story::{Actor, CueKind, Framing, Pose, Role, Shot};
use glam::{Affine2, Vec2};
use rayon::prelude::*;

use super::acting::{Scene, perform};
use super::art::Detail;
use super::cel::Cel;
use super::company::Company;
use super::crowd::{Player, players};
use super::light::Lit;
use super::mesh::Mesh;
use super::posing::{Figure, Posed, is_seen};
use super::raster::{Figures, Triangles};
use super::rig::{Blend, Bounds, Joint, MOST_BONES, Performance, Rig};
use super::wardrobe::{Costume, Cut, FigurePaint, Wardrobe};
use crate::RenderError;
use crate::camera::Stature;
use crate::frame::FrameUniform;
use crate::gpu::{Gpu, GpuDescription};
use crate::layer::LayerPipelines;
use crate::pipeline::{OVER, Program};
use crate::recording::{Recording, Stroke};

/// How much lower the eyes of a body are that sits, and how high those of one that lies, as a share
/// of its height.
const SEATED: f32 = 0.26;
const LYING_EYES: f32 = 0.13;

/// Actors of a cast on a device.
#[derive(Debug)]
pub(crate) struct FigureStage {
    costumes: Vec<Costume>,
    /// How far each one reaches from its middle to a side, and from the ground up.
    extents: Vec<Vec2>,
    /// How far behind the actors' line each one stands, in frame heights.
    backs: Vec<f32>,
    by_role: BTreeMap<String, usize>,
    paints: Vec<FigurePaint>,
    /// The rim, then the paints of prepared figures in their light.
    lit: Vec<Lit>,
    geometry: Geometry,
    shared: Shared,
    layout: wgpu::BindGroupLayout,
    shadows: wgpu::RenderPipeline,
    slots: Slots,
    /// How much the corners of the picture darken the prepared figures.
    vignette: f32,
    /// The prepared figures, in drawing order.
    prepared: Vec<Prepared>,
    /// Those of the prepared figures, with their positions in the cast.
    bodies: Vec<(usize, Body)>,
}

/// Who poses the vertices and fills the triangles.
#[derive(Debug)]
enum Geometry {
    /// The GPU does.
    AtRest {
        vertices: wgpu::Buffer,
        indices: wgpu::Buffer,
        posing: wgpu::ComputePipeline,
        drawing: wgpu::RenderPipeline,
        room: Room,
    },
    /// The CPU does, and leaves out triangles that nobody sees.
    Posed {
        mesh: Mesh,
        /// Those of the prepared figures.
        posed: Vec<Posed>,
        seen: Triangles,
        /// For pictures of the sizes that were drawn last.
        cels: Vec<Cel>,
    },
}

/// Room for the vertices of one picture in their places.
#[derive(Debug)]
struct Room {
    layout: wgpu::BindGroupLayout,
    vertices: wgpu::Buffer,
    group: wgpu::BindGroup,
}

/// `Posed` of `shaders/figure.wgsl` as it lies in a buffer, in bytes.
const POSED_BYTES: u64 = 32;
/// Invocations in a work group of `pose` there.
const POSED_TOGETHER: u32 = 64;

/// What all figures read.
#[derive(Debug)]
struct Shared {
    gradients: wgpu::Buffer,
    deltas: wgpu::Buffer,
    /// The rim, then one for each paint.
    lit: wgpu::Buffer,
}

/// Where a prepared figure is on the stage, in frame heights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    /// Where it stands.
    pub x: f32,
    /// Middle and half of the size of what it covers.
    pub middle: Vec2,
    pub half_size: Vec2,
    /// From the ground to the crown when it stands.
    pub height: f32,
    /// 1 looking to the right, -1 to the left.
    pub turn: f32,
}

/// A prepared figure in the buffers.
#[derive(Clone, Debug)]
struct Prepared {
    indices: Range<u32>,
    /// Its first vertex, and their number.
    first: u32,
    count: u32,
    /// Where its first vertex is kept in its place.
    posed: u32,
}

/// Room for the figures of one picture.
#[derive(Debug)]
struct Slots {
    capacity: usize,
    figures: wgpu::Buffer,
    bones: wgpu::Buffer,
    weights: wgpu::Buffer,
    group: wgpu::BindGroup,
}

/// `Figure` of `shaders/figure.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub(super) struct FigureUniform {
    body: [f32; 4],
    stand: [f32; 4],
    ground: [f32; 4],
    span: [u32; 4],
}

impl FigureUniform {
    pub fn new(rig: &Rig, performance: &Performance, ground_y: f32) -> Self {
        let bounds = rig.bounds();
        let lift = performance.lift;
        let hips = performance.joints[Joint::Hips as usize];
        // A body that lies or swims is as wide as it was high, and one that sits is lower.
        let (sin, cos) = (hips.rotation.sin(), hips.rotation.cos().abs());
        let sunk = (hips.offset.y * rig.scale()).clamp(0.0, 0.4 * bounds.crown);
        let upright = (bounds.crown - sunk) / 2.0;
        let half_width = cos * bounds.half_width + sin.abs() * bounds.crown / 2.0;
        let half_height = cos * upright + sin.abs() * 0.7 * bounds.half_width;
        let ahead = hips.offset.x * rig.scale() * sin.abs() + sin * 0.125 * bounds.crown;
        let x = performance.x + performance.turn * ahead;
        Self {
            body: [x, ground_y + lift + half_height, half_width, half_height],
            stand: [x, lift, half_width, rig.scale()],
            ground: [ground_y, 0.0, 0.0, 0.0],
            span: [0; 4],
        }
    }

    /// The same with its first vertex at rest, their number, and where its first one in place is kept.
    pub fn with_span(self, [first, count, posed]: [u32; 3]) -> Self {
        Self {
            span: [first, count, posed, 0],
            ..self
        }
    }

    /// Middle of the body on the stage.
    pub fn middle(&self) -> Vec2 {
        Vec2::new(self.body[0], self.body[1])
    }

    /// Half of the size of the body.
    pub fn half_size(&self) -> Vec2 {
        Vec2::new(self.body[2], self.body[3])
    }
}

/// `Gradient` of `shaders/figure.wgsl`.
type GpuGradient = [[f32; 4]; 2];

/// A bone's matrix as the shader reads it.
type GpuBone = [[f32; 4]; 2];

/// More are a crowd, of whom each is small: they act on all cores, and are drawn with less detail.
const CROWD: usize = 16;
/// Figures that fit before the buffers grow.
const FIRST_CAPACITY: usize = 8;
/// Sizes of pictures that are drawn by turns: a shot's, and that of a shoulder in it.
const CELS: usize = 2;

impl FigureStage {
    /// Dresses the whole cast, each member of its groups alone, and compiles the shaders.
    pub fn new(
        gpu: &Gpu,
        cast: &[Role],
        frame: &wgpu::BindGroupLayout,
    ) -> Result<Self, RenderError> {
        let mut wardrobe = Wardrobe::open(gpu.art())?;
        let players = players(cast);
        let limits = gpu.device.limits();
        let (buffer, binding) = (
            limits.max_buffer_size,
            limits.max_storage_buffer_binding_size,
        );
        let mut costumes = Vec::with_capacity(players.len());
        for player in &players {
            let details = match player.in_group {
                true => Detail::OF_GROUP,
                false if players.len() > CROWD => Detail::OF_MANY,
                false => Detail::SINGLE,
            };
            costumes.push(wardrobe.dress_in(&player.role, details)?);
            // A cast that is far too large is not dressed to its end.
            let mesh = &wardrobe.mesh;
            // Vertices that the CPU poses are in no buffer at all.
            let bound = if gpu.is_software() { buffer } else { binding };
            for (bytes, most) in [
                (size_of_val(&mesh.vertices[..]), bound),
                (size_of_val(&mesh.indices[..]), buffer),
                (size_of_val(&mesh.deltas[..]), binding),
            ] {
                check_fits(bytes as u64, most, costumes.len(), gpu.description())?;
            }
        }
        let Wardrobe { mesh, paints, .. } = &wardrobe;
        let extents = costumes
            .iter()
            .map(|costume| drawn_extent(costume, mesh))
            .collect();
        let layout = layout(gpu);
        let storage = wgpu::BufferUsages::STORAGE;
        let lit = vec![Lit::zeroed(); paints.len() + 1];
        let shared = Shared {
            gradients: filled(
                gpu,
                "figure gradients",
                storage,
                cast_slice(&gpu_gradients(paints)),
            ),
            deltas: filled(gpu, "figure deltas", storage, cast_slice(&mesh.deltas)),
            lit: filled(gpu, "figure light", storage, cast_slice(&lit)),
        };
        let slots = Slots::new(gpu, &layout, &shared, FIRST_CAPACITY);
        let Wardrobe { mesh, paints, .. } = wardrobe;
        let program = program(gpu, frame, &layout)?;
        let strip = wgpu::PrimitiveTopology::TriangleStrip;
        let shadows = program.pipeline("shadow_vertex", &[], strip, "shadow_fragment", OVER);
        let geometry = if gpu.is_software() {
            Geometry::Posed {
                mesh,
                posed: Vec::new(),
                seen: Vec::new(),
                cels: Vec::new(),
            }
        } else {
            Geometry::at_rest(gpu, (frame, &layout), &program, &mesh)
        };
        Ok(Self {
            costumes,
            extents,
            backs: players.iter().map(|player| player.back).collect(),
            by_role: (0..)
                .zip(players)
                .map(|(i, Player { role, .. })| (role.id, i))
                .collect(),
            paints,
            lit,
            geometry,
            shared,
            layout,
            shadows,
            slots,
            vignette: 0.0,
            prepared: Vec::new(),
            bodies: Vec::new(),
        })
    }

    /// Stature of each actor of a shot, in the shot's order.
    pub fn statures(&self, shot: &Shot) -> Vec<Stature> {
        shot.actors
            .iter()
            .map(|actor| {
                let index = self.by_role.get(&actor.role).copied().unwrap_or_default();
                let bounds = self.costumes.get(index).map(|costume| costume.rig.bounds());
                let bounds = bounds.unwrap_or_default();
                let usual = Vec2::new(bounds.half_width, bounds.crown);
                let extent = self.extents.get(index).copied().unwrap_or(usual);
                let stays = !actor
                    .cues
                    .iter()
                    .any(|cue| matches!(cue.kind, CueKind::Pose { .. } | CueKind::Walk { .. }));
                let pose = if stays { actor.pose } else { Pose::Stand };
                let eyes = match pose {
                    Pose::Stand => bounds.eyes,
                    Pose::Sit => bounds.eyes - SEATED * bounds.crown,
                    Pose::Lie | Pose::LieAwake => LYING_EYES * bounds.crown,
                };
                Stature {
                    height: extent.y,
                    eyes,
                    half_width: extent.x,
                    lies: pose.lies(),
                }
            })
            .collect()
    }

    /// Heights of a standing role.
    pub fn bounds(&self, role: &str) -> Bounds {
        let costume = self
            .by_role
            .get(role)
            .and_then(|index| self.costumes.get(*index));
        costume
            .map(|costume| costume.rig.bounds())
            .unwrap_or_default()
    }

    /// Where the prepared figure of a role is.
    pub fn body(&self, role: &str) -> Option<Body> {
        let own = self.by_role.get(role)?;
        let body = self.bodies.iter().find(|(index, _)| index == own)?;
        Some(body.1)
    }

    /// Lets the actors of a shot act at a time, those that `seen` picks ready for [`Self::draw`] into
    /// a picture of `frame`.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        shot: &Shot,
        shot_s: f64,
        scene_s: f64,
        frame: &FrameUniform,
        seen: impl Fn(&Actor) -> bool,
    ) {
        let costume = |role: &str| {
            let index = *self.by_role.get(role)?;
            Some((index, self.costumes.get(index)?))
        };
        let eye_height =
            |role: &str| costume(role).map_or(0.4, |(_, costume)| costume.rig.bounds().eyes);
        let company = Company::of(shot);
        let act = |actor: &&Actor| {
            let (index, costume) = costume(&actor.role)?;
            let scene = Scene {
                rig: &costume.rig,
                actor,
                company: &company,
                before_shot_s: scene_s - shot_s,
                eye_height: &eye_height,
            };
            Some((index, perform(&scene, shot_s)))
        };
        let actors: Vec<_> = shot.actors.iter().filter(|actor| seen(actor)).collect();
        let performances: Vec<_> = if actors.len() <= CROWD {
            actors.iter().filter_map(act).collect()
        } else {
            actors.par_iter().filter_map(act).collect()
        };
        let detail = match shot.framing {
            _ if performances.len() > CROWD => Detail::Crowd,
            Framing::Close => Detail::Fine,
            Framing::Medium | Framing::OverShoulder => Detail::Middle,
            Framing::Full | Framing::Wide => Detail::Coarse,
        };
        self.upload(gpu, &performances, detail, frame);
    }

    fn upload(
        &mut self,
        gpu: &Gpu,
        performances: &[(usize, Performance)],
        detail: Detail,
        frame: &FrameUniform,
    ) {
        self.prepared.clear();
        self.bodies.clear();
        if performances.len() > self.slots.capacity {
            let capacity = performances.len().next_power_of_two();
            self.slots = Slots::new(gpu, &self.layout, &self.shared, capacity);
        }
        let mut figures = Vec::with_capacity(performances.len());
        let mut standing = Vec::with_capacity(performances.len());
        let mut painted = Vec::with_capacity(performances.len());
        let mut posed = 0;
        for (index, performance) in performances {
            let Some(costume) = self.costumes.get(*index) else {
                continue;
            };
            let cut = &costume.cuts[detail as usize];
            let ground_y = frame.ground_y + self.backs[*index];
            let (first, count) = (cut.vertices.start, cut.vertices.len() as u32);
            let figure = FigureUniform::new(&costume.rig, performance, ground_y)
                .with_span([first, count, posed]);
            let stage_from_bones = costume.rig.stage_from_bones(performance, ground_y);
            self.prepared.push(Prepared {
                indices: cut.indices.clone(),
                first,
                count,
                posed,
            });
            posed += count;
            let body = Body {
                x: performance.x,
                middle: figure.middle(),
                half_size: figure.half_size(),
                height: costume.rig.bounds().crown,
                turn: performance.turn,
            };
            self.bodies.push((*index, body));
            figures.push(figure);
            painted.push(cut.paints.clone());
            standing.push(Standing {
                cut,
                bones: stage_from_bones,
                weights: &performance.weights,
                figure,
            });
        }
        match &mut self.geometry {
            Geometry::AtRest { vertices, room, .. } => room.hold(gpu, vertices, posed),
            Geometry::Posed { .. } => self.geometry.pose(&standing, &self.paints, frame),
        }
        self.vignette = frame.actor_vignette();
        if figures.is_empty() {
            return;
        }
        light(&mut self.lit, &self.paints, &painted, frame);
        let write = |buffer, bytes| gpu.queue.write_buffer(buffer, 0, bytes);
        write(&self.slots.figures, cast_slice(&figures));
        if let Geometry::AtRest { .. } = &self.geometry {
            let bones: Vec<_> = standing
                .iter()
                .flat_map(|it| gpu_bones(&it.bones))
                .collect();
            let weights: Vec<f32> = standing.iter().flat_map(|it| it.weights).copied().collect();
            write(&self.slots.bones, cast_slice(&bones));
            write(&self.slots.weights, cast_slice(&weights));
            // Those between are written as they were: one copy costs less than many.
            let end = painted.iter().map(|paints| paints.end).max();
            let end = end.unwrap_or_default() as usize;
            write(&self.shared.lit, cast_slice(&self.lit[..=end]));
        }
    }

    /// The corners of what the prepared figures cover, in clip space, where that is known because the
    /// CPU posed them.
    pub fn corners(&self) -> Option<[Vec2; 2]> {
        let Geometry::Posed { posed, .. } = &self.geometry else {
            return None;
        };
        let places = posed.iter().map(|vertex| {
            let [x, y, ..] = vertex.place;
            [Vec2::new(x, y); 2]
        });
        places.reduce(|[min, max], [low, high]| [min.min(low), max.max(high)])
    }

    /// Draws the prepared figures and their shadows.
    pub fn draw(
        &mut self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        recording: &mut Recording<'_>,
        frame: &wgpu::BindGroup,
    ) {
        self.draw_shadows(recording, frame);
        self.draw_figures(gpu, layers, recording, frame);
    }

    /// Draws the shadows of the prepared figures.
    pub fn draw_shadows(&self, recording: &mut Recording<'_>, frame: &wgpu::BindGroup) {
        if self.prepared.is_empty() {
            return;
        }
        let pass = recording.pass(Stroke::Other, false);
        pass.set_pipeline(&self.shadows);
        pass.set_bind_group(0, frame, &[]);
        pass.set_bind_group(1, &self.slots.group, &[]);
        pass.draw(0..4, 0..self.prepared.len() as u32);
    }

    /// Draws the prepared figures without shadows.
    pub fn draw_figures(
        &mut self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        recording: &mut Recording<'_>,
        frame: &wgpu::BindGroup,
    ) {
        if self.prepared.is_empty() {
            return;
        }
        match &mut self.geometry {
            Geometry::AtRest {
                indices,
                posing,
                drawing,
                room,
                ..
            } => {
                let most = self.prepared.iter().map(|it| it.count).max();
                let descriptor = wgpu::ComputePassDescriptor {
                    label: Some("pose"),
                    timestamp_writes: None,
                };
                let mut pass = recording.encoder().begin_compute_pass(&descriptor);
                pass.set_pipeline(posing);
                for (index, group) in [frame, &self.slots.group, &room.group]
                    .into_iter()
                    .enumerate()
                {
                    pass.set_bind_group(index as u32, group, &[]);
                }
                let groups = most.unwrap_or_default().div_ceil(POSED_TOGETHER);
                pass.dispatch_workgroups(groups, self.prepared.len() as u32, 1);
                drop(pass);
                let pass = recording.pass(Stroke::Other, false);
                pass.set_pipeline(drawing);
                pass.set_bind_group(0, frame, &[]);
                pass.set_bind_group(1, &self.slots.group, &[]);
                pass.set_vertex_buffer(0, room.vertices.slice(..));
                pass.set_index_buffer(indices.slice(..), wgpu::IndexFormat::Uint32);
                for own in &self.prepared {
                    let base = own.posed.cast_signed() - own.first.cast_signed();
                    pass.draw_indexed(own.indices.clone(), base, 0..1);
                }
            }
            Geometry::Posed {
                posed, seen, cels, ..
            } => {
                let size = recording.target.texture.size();
                let size_px = [size.width, size.height];
                let known = cels.iter().position(|cel| cel.size_px() == size_px);
                let mut cel = match known {
                    Some(at) => cels.remove(at),
                    None => Cel::new(gpu, layers, size_px),
                };
                let figures = Figures {
                    posed,
                    lit: &self.lit,
                    vignette: self.vignette,
                };
                cel.paint(gpu, &figures, seen);
                cel.lay(gpu, layers, recording, frame);
                cels.truncate(CELS - 1);
                cels.insert(0, cel);
            }
        }
    }
}

impl Geometry {
    fn at_rest(
        gpu: &Gpu,
        (frame, figures): (&wgpu::BindGroupLayout, &wgpu::BindGroupLayout),
        program: &Program<'_>,
        mesh: &Mesh,
    ) -> Self {
        let (vertices, indices) = (cast_slice(&mesh.vertices), cast_slice(&mesh.indices));
        let attributes = wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x2, 2 => Uint32];
        let buffers = [wgpu::VertexBufferLayout {
            array_stride: POSED_BYTES,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &attributes,
        }];
        let triangles = wgpu::PrimitiveTopology::TriangleList;
        let vertices = filled(
            gpu,
            "figure vertices",
            wgpu::BufferUsages::STORAGE,
            vertices,
        );
        let room = Room::new(gpu, room_layout(gpu), &vertices, 1);
        Self::AtRest {
            vertices,
            indices: filled(gpu, "figure indices", wgpu::BufferUsages::INDEX, indices),
            posing: program.compute("pose", &[frame, figures, &room.layout]),
            drawing: program.pipeline("vertex", &buffers, triangles, "fragment", OVER),
            room,
        }
    }

    /// Poses the figures of a picture, if that is not left to the GPU.
    fn pose(&mut self, standing: &[Standing<'_>], paints: &[FigurePaint], frame: &FrameUniform) {
        let Self::Posed {
            mesh, posed, seen, ..
        } = self
        else {
            return;
        };
        let mesh = &*mesh;
        let all: Vec<_> = standing
            .par_iter()
            .map(|it| it.posed(mesh, paints, frame))
            .collect();
        posed.clear();
        seen.clear();
        for (own, triangles) in all {
            let first = posed.len() as u32;
            posed.extend(own);
            let triangles = triangles.into_iter();
            seen.extend(triangles.map(|triangle| triangle.map(|corner| first + corner)));
        }
    }
}

impl Room {
    fn new(
        gpu: &Gpu,
        layout: wgpu::BindGroupLayout,
        at_rest: &wgpu::Buffer,
        vertices: u32,
    ) -> Self {
        let in_place = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("figure vertices in place"),
            size: u64::from(vertices) * POSED_BYTES,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::VERTEX,
            mapped_at_creation: false,
        });
        let group = bound(gpu, "figure vertices", &layout, &[at_rest, &in_place]);
        Self {
            layout,
            vertices: in_place,
            group,
        }
    }

    /// Grows for so many vertices.
    fn hold(&mut self, gpu: &Gpu, at_rest: &wgpu::Buffer, vertices: u32) {
        if u64::from(vertices) * POSED_BYTES > self.vertices.size() {
            *self = Self::new(gpu, self.layout.clone(), at_rest, vertices);
        }
    }
}

/// What `pose` reads of all vertices, and writes.
fn room_layout(gpu: &Gpu) -> wgpu::BindGroupLayout {
    let entries = [true, false].map(|read_only| wgpu::BindGroupLayoutEntry {
        binding: u32::from(!read_only),
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Storage { read_only },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    });
    gpu.device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("figure vertices"),
            entries: &entries,
        })
}

/// A figure as it stands.
struct Standing<'a> {
    cut: &'a Cut,
    /// From canvas to the stage.
    bones: Vec<Affine2>,
    weights: &'a [f32],
    figure: FigureUniform,
}

impl Standing<'_> {
    /// Its vertices, and its triangles that are seen.
    fn posed(
        &self,
        mesh: &Mesh,
        paints: &[FigurePaint],
        frame: &FrameUniform,
    ) -> (Vec<Posed>, Triangles) {
        let figure = Figure {
            mesh,
            paints,
            frame,
            bones: &self.bones,
            weights: self.weights,
            middle: self.figure.middle(),
            half_size: self.figure.half_size(),
        };
        let Cut {
            vertices, indices, ..
        } = self.cut;
        let own = vertices.start as usize..vertices.end as usize;
        let own = mesh.vertices.get(own).unwrap_or_default();
        let posed: Vec<Posed> = own.iter().map(|vertex| figure.posed(vertex)).collect();
        let triangles = indices.start as usize..indices.end as usize;
        let triangles = mesh.indices.get(triangles).unwrap_or_default();
        let triangles = triangles.as_chunks::<3>().0.iter();
        let own = triangles.map(|triangle| triangle.map(|corner| corner - vertices.start));
        let seen = own.filter(|triangle| is_seen(triangle.map(|corner| &posed[corner as usize])));
        let seen = seen.collect();
        (posed, seen)
    }
}

/// Mixes paints with the light of a picture: after the rim, those in these ranges.
fn light(lit: &mut [Lit], paints: &[FigurePaint], painted: &[Range<u32>], frame: &FrameUniform) {
    lit[0] = Lit::rim(frame);
    for own in painted {
        let own = own.start as usize..own.end as usize;
        let lit = &mut lit[own.start + 1..=own.end];
        for (lit, paint) in lit.iter_mut().zip(&paints[own]) {
            *lit = Lit::of(paint, frame);
        }
    }
}

/// Refuses as many figures as do not fit into the largest buffer.
fn check_fits(
    needed: u64,
    most: u64,
    figures: usize,
    gpu: &GpuDescription,
) -> Result<(), RenderError> {
    if needed <= most {
        return Ok(());
    }
    Err(RenderError::Cast {
        fitting: figures - 1,
        gpu: gpu.name.clone(),
        most_mb: most / 1_000_000,
    })
}

/// Height of the highest point at rest, hats and ears included, in frame heights.
fn drawn_extent(costume: &Costume, mesh: &Mesh) -> Vec2 {
    let bones = costume.rig.stage_from_bones(&Performance::default(), 0.0);
    let [Cut { indices, .. }, ..] = &costume.cuts;
    let vertices = mesh
        .indices
        .get(indices.start as usize..indices.end as usize)
        .unwrap_or_default()
        .iter();
    vertices
        .filter_map(|&index| mesh.vertices.get(index as usize))
        .filter_map(|vertex| {
            let bone = bones.get((vertex.bones & 255) as usize)?;
            let point = bone.transform_point2(Vec2::from(vertex.position));
            Some(Vec2::new(point.x.abs(), point.y))
        })
        .fold(Vec2::ZERO, Vec2::max)
}

pub(super) fn gpu_bones(bones: &[Affine2]) -> Vec<GpuBone> {
    let mut bones: Vec<GpuBone> = bones
        .iter()
        .map(|bone| {
            let (columns, t) = (bone.matrix2.to_cols_array(), bone.translation);
            [columns, [t.x, t.y, 0.0, 0.0]]
        })
        .collect();
    bones.resize(MOST_BONES, GpuBone::default());
    bones
}

pub(super) fn gpu_gradients(paints: &[FigurePaint]) -> Vec<GpuGradient> {
    paints
        .iter()
        .map(|paint| [paint.x_row, paint.y_row].map(|row| row.extend(0.0).into()))
        .collect()
}

impl Slots {
    fn new(gpu: &Gpu, layout: &wgpu::BindGroupLayout, shared: &Shared, capacity: usize) -> Self {
        let buffer = |label, bytes: usize| {
            gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: (bytes * capacity) as u64,
                usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        };
        let figures = buffer("figures", size_of::<FigureUniform>());
        let bones = buffer("figure bones", size_of::<GpuBone>() * MOST_BONES);
        let weights = buffer("figure weights", size_of::<f32>() * Blend::COUNT);
        let buffers = [
            &shared.gradients,
            &shared.deltas,
            &figures,
            &bones,
            &weights,
            &shared.lit,
        ];
        let group = bound(gpu, "figures", layout, &buffers);
        Self {
            capacity,
            figures,
            bones,
            weights,
            group,
        }
    }
}

/// A bind group of whole buffers, numbered in order.
fn bound(
    gpu: &Gpu,
    label: &str,
    layout: &wgpu::BindGroupLayout,
    buffers: &[&wgpu::Buffer],
) -> wgpu::BindGroup {
    let entries: Vec<_> = (0..)
        .zip(buffers)
        .map(|(binding, buffer)| wgpu::BindGroupEntry {
            binding,
            resource: buffer.as_entire_binding(),
        })
        .collect();
    gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(label),
        layout,
        entries: &entries,
    })
}

pub(super) fn filled(
    gpu: &Gpu,
    label: &str,
    usage: wgpu::BufferUsages,
    content: &[u8],
) -> wgpu::Buffer {
    // A binding may not be empty, though a film may well have no cast.
    let size = content.len().max(64) as u64;
    let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size,
        usage: usage | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    if !content.is_empty() {
        gpu.queue.write_buffer(&buffer, 0, content);
    }
    buffer
}

fn layout(gpu: &Gpu) -> wgpu::BindGroupLayout {
    use wgpu::ShaderStages as Stages;
    let (pose, draw) = (Stages::COMPUTE, Stages::VERTEX);
    let stages = [pose, pose, pose | draw, pose, pose, draw];
    let entries = [0, 1, 2, 3, 4, 5].map(|binding| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: stages[binding as usize],
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Storage { read_only: true },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    });
    gpu.device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("figures"),
            entries: &entries,
        })
}

/// The shader of figures and of their shadows.
fn program<'g>(
    gpu: &'g Gpu,
    frame: &wgpu::BindGroupLayout,
    layout: &wgpu::BindGroupLayout,
) -> Result<Program<'g>, RenderError> {
    let source = gpu.art().shader("figure")?;
    Ok(Program::new(gpu, "figure", &source.text, &[frame, layout]))
}

#[cfg(test)]
mod tests {
    use fabula_story::Age;

    use super::super::portrait::Studio;
    use super::super::wardrobe::tests::role;
    use super::*;
    use crate::gpu::{GpuChoice, GpuKind};
    use crate::picture::FrameSize;
    use crate::set::uniform_layout;

    #[test]
    fn a_cast_that_no_buffer_holds_is_refused_with_its_size() {
        let gpu = GpuDescription {
            name: "Some GPU".to_owned(),
            kind: GpuKind::Discrete,
            backend: "Vulkan".to_owned(),
            driver: String::new(),
        };
        assert!(check_fits(268_000_000, 268_000_000, 800, &gpu).is_ok());
        let refused = check_fits(268_539_000, 268_435_456, 869, &gpu).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the figures of the cast take more than the 268 MB that Some GPU gives them: the first 868 fit; \
             leave some out of the storyboard's cast"
        );
    }

    #[test]
    fn figures_that_the_gpu_poses_look_like_those_of_the_cpu() {
        let gpu = match Gpu::open(&GpuChoice::Cpu) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        // The second one's vertices lie behind those of the first, which is not at the beginning either.
        let roles = ["owl", "fox", "human"].map(|being| Role {
            id: being.to_owned(),
            ..role(being, Age::Adult)
        });
        let mut studio = Studio::new(&gpu, &roles).unwrap();
        let (mut shot, view) = studio.full_figure(&roles[2], FrameSize::new(240, 320).unwrap());
        let beside = Actor {
            role: roles[1].id.clone(),
            x: shot.actors[0].x + 0.1,
            ..shot.actors[0].clone()
        };
        shot.actors.push(beside);
        let by_cpu = studio.draw(&shot, 0.5, &view).unwrap();

        let stage = &mut studio.figures;
        let Geometry::Posed { mesh, .. } = &stage.geometry else {
            panic!("a software GPU poses by itself");
        };
        let frame = uniform_layout(&gpu, "portrait");
        let program = program(&gpu, &frame, &stage.layout).unwrap();
        let layouts = (&frame, &stage.layout);
        stage.geometry = Geometry::at_rest(&gpu, layouts, &program, mesh);
        let by_gpu = studio.draw(&shot, 0.5, &view).unwrap();

        let drawn = by_cpu.chunks_exact(4).filter(|pixel| pixel[3] == 255);
        assert!(drawn.count() > 5000);
        // Edges may fall a hundredth of a pixel apart.
        let far = by_cpu
            .iter()
            .zip(&by_gpu)
            .filter(|(a, b)| a.abs_diff(**b) > 4);
        let far = far.count();
        assert!(far < by_cpu.len() / 2000, "{far} of {}", by_cpu.len());
    }

    #[test]
    fn the_shader_has_room_for_all_bones_and_targets() {
        let text = crate::Art::default().shader("figure").unwrap().text;
        assert!(text.contains(&format!("const MOST_BONES: u32 = {MOST_BONES}u;")));
        assert!(text.contains(&format!("const TARGETS: u32 = {}u;", Blend::COUNT)));
    }
}
