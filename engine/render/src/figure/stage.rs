//! Draws actors on a device.

use std::collections::BTreeMap;
use std::ops::Range;

use bytemuck::{Pod, Zeroable, cast_slice};
use fabula_story::{Framing, Role, Shot};
use glam::Vec2;

use super::acting::{Scene, perform};
use super::art::Detail;
use super::mesh::{Delta, Mesh, Vertex};
use super::rig::{Blend, Bounds, MOST_BONES, Performance};
use super::wardrobe::{Costume, GpuPaint, Wardrobe};
use crate::RenderError;
use crate::camera::Stature;
use crate::gpu::Gpu;
use crate::pipeline::{OVER, Program};
use crate::set::shader;

/// Actors of a cast on a device.
#[derive(Debug)]
pub(crate) struct FigureStage {
    costumes: Vec<Costume>,
    heights: Vec<f32>,
    by_role: BTreeMap<String, usize>,
    vertices: wgpu::Buffer,
    indices: wgpu::Buffer,
    paints: wgpu::Buffer,
    deltas: wgpu::Buffer,
    layout: wgpu::BindGroupLayout,
    figures: wgpu::RenderPipeline,
    shadows: wgpu::RenderPipeline,
    slots: Slots,
    /// Costumes of the prepared figures, in drawing order.
    prepared: Vec<usize>,
    detail: Detail,
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
struct FigureUniform {
    body: [f32; 4],
    stand: [f32; 4],
}

/// A bone's matrix as the shader reads it.
type GpuBone = [[f32; 4]; 2];

/// Figures that fit before the buffers grow.
const FIRST_CAPACITY: usize = 8;

impl FigureStage {
    /// Dresses the whole cast and compiles the shaders.
    pub fn new(
        gpu: &Gpu,
        cast: &[Role],
        frame: &wgpu::BindGroupLayout,
    ) -> Result<Self, RenderError> {
        let mut wardrobe = Wardrobe::open()?;
        let costumes = cast
            .iter()
            .map(|role| wardrobe.dress(role))
            .collect::<Result<Vec<_>, _>>()?;
        let Wardrobe { mesh, paints, .. } = &wardrobe;
        let heights = costumes
            .iter()
            .map(|costume| drawn_height(costume, mesh))
            .collect();
        let storage = wgpu::BufferUsages::STORAGE;
        // A binding may not be empty, though a film may well have no cast.
        let no_paint = [0_u8; size_of::<GpuPaint>()];
        let paints = if paints.is_empty() {
            &no_paint[..]
        } else {
            cast_slice(paints)
        };
        let no_delta = [0_u8; size_of::<Delta>()];
        let deltas = if mesh.deltas.is_empty() {
            &no_delta[..]
        } else {
            cast_slice(&mesh.deltas)
        };
        let layout = layout(gpu);
        let paints = filled(gpu, "figure paints", storage, paints);
        let deltas = filled(gpu, "figure deltas", storage, deltas);
        let vertices = filled(
            gpu,
            "figure vertices",
            wgpu::BufferUsages::VERTEX,
            cast_slice(&mesh.vertices),
        );
        let indices = filled(
            gpu,
            "figure indices",
            wgpu::BufferUsages::INDEX,
            cast_slice(&mesh.indices),
        );
        let [figures, shadows] = pipelines(gpu, frame, &layout)?;
        let slots = Slots::new(gpu, &layout, &paints, &deltas, FIRST_CAPACITY);
        Ok(Self {
            costumes,
            heights,
            by_role: cast
                .iter()
                .enumerate()
                .map(|(i, role)| (role.id.clone(), i))
                .collect(),
            vertices,
            indices,
            paints,
            deltas,
            layout,
            figures,
            shadows,
            slots,
            prepared: Vec::new(),
            detail: Detail::Fine,
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
                let height = self.heights.get(index).copied().unwrap_or(bounds.crown);
                Stature {
                    height,
                    eyes: bounds.eyes,
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

    /// Lets the actors of a shot act at a time, ready for [`Self::draw`].
    pub fn prepare(&mut self, gpu: &Gpu, shot: &Shot, shot_s: f64, scene_s: f64, ground_y: f32) {
        let costume = |role: &str| {
            let index = *self.by_role.get(role)?;
            Some((index, self.costumes.get(index)?))
        };
        let eye_height =
            |role: &str| costume(role).map_or(0.4, |(_, costume)| costume.rig.bounds().eyes);
        let performances: Vec<_> = shot
            .actors
            .iter()
            .filter_map(|actor| {
                let (index, costume) = costume(&actor.role)?;
                let scene = Scene {
                    rig: &costume.rig,
                    actor,
                    shot,
                    before_shot_s: scene_s - shot_s,
                    eye_height: &eye_height,
                };
                Some((index, perform(&scene, shot_s)))
            })
            .collect();
        self.detail = match shot.framing {
            Framing::Close => Detail::Fine,
            Framing::Medium => Detail::Middle,
            Framing::Full | Framing::Wide => Detail::Coarse,
        };
        self.upload(gpu, &performances, ground_y);
    }

    fn upload(&mut self, gpu: &Gpu, performances: &[(usize, Performance)], ground_y: f32) {
        self.prepared.clear();
        if performances.len() > self.slots.capacity {
            let capacity = performances.len().next_power_of_two();
            self.slots = Slots::new(gpu, &self.layout, &self.paints, &self.deltas, capacity);
        }
        let mut figures = Vec::with_capacity(performances.len());
        let mut bones = Vec::with_capacity(performances.len() * MOST_BONES);
        let mut weights: Vec<f32> = Vec::with_capacity(performances.len() * Blend::COUNT);
        for (index, performance) in performances {
            let Some(costume) = self.costumes.get(*index) else {
                continue;
            };
            let bounds = costume.rig.bounds();
            let feet = ground_y + performance.lift;
            figures.push(FigureUniform {
                body: [
                    performance.x,
                    feet + bounds.crown / 2.0,
                    bounds.half_width,
                    bounds.crown / 2.0,
                ],
                stand: [
                    performance.x,
                    performance.lift,
                    bounds.half_width,
                    costume.rig.scale(),
                ],
            });
            bones.extend(gpu_bones(costume, performance, ground_y));
            weights.extend(performance.weights);
            self.prepared.push(*index);
        }
        if !figures.is_empty() {
            gpu.queue
                .write_buffer(&self.slots.figures, 0, cast_slice(&figures));
            gpu.queue
                .write_buffer(&self.slots.bones, 0, cast_slice(&bones));
            gpu.queue
                .write_buffer(&self.slots.weights, 0, cast_slice(&weights));
        }
    }

    /// Draws the prepared figures and their shadows.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, frame: &wgpu::BindGroup) {
        self.draw_shadows(pass, frame);
        self.draw_figures(pass, frame);
    }

    /// Draws the shadows of the prepared figures.
    pub fn draw_shadows(&self, pass: &mut wgpu::RenderPass<'_>, frame: &wgpu::BindGroup) {
        if self.prepared.is_empty() {
            return;
        }
        pass.set_pipeline(&self.shadows);
        pass.set_bind_group(0, frame, &[]);
        pass.set_bind_group(1, &self.slots.group, &[]);
        pass.draw(0..4, 0..self.prepared.len() as u32);
    }

    /// Draws the prepared figures without shadows.
    pub fn draw_figures(&self, pass: &mut wgpu::RenderPass<'_>, frame: &wgpu::BindGroup) {
        if self.prepared.is_empty() {
            return;
        }
        pass.set_pipeline(&self.figures);
        pass.set_bind_group(0, frame, &[]);
        pass.set_bind_group(1, &self.slots.group, &[]);
        pass.set_vertex_buffer(0, self.vertices.slice(..));
        pass.set_index_buffer(self.indices.slice(..), wgpu::IndexFormat::Uint32);
        for (slot, index) in self.prepared.iter().enumerate() {
            if let Some(costume) = self.costumes.get(*index) {
                let range = &costume.indices[self.detail as usize];
                pass.draw_indexed(range.clone(), 0, slot as u32..slot as u32 + 1);
            }
        }
    }
}

/// Height of the highest point at rest, hats and ears included, in frame heights.
fn drawn_height(costume: &Costume, mesh: &Mesh) -> f32 {
    let bones = costume.rig.stage_from_bones(&Performance::default(), 0.0);
    let [Range { start, end }, ..] = costume.indices;
    let vertices = mesh
        .indices
        .get(start as usize..end as usize)
        .unwrap_or_default()
        .iter();
    vertices
        .filter_map(|&index| mesh.vertices.get(index as usize))
        .filter_map(|vertex| {
            let bone = bones.get((vertex.bones & 255) as usize)?;
            Some(bone.transform_point2(Vec2::from(vertex.position)).y)
        })
        .fold(0.0, f32::max)
}

pub(super) fn gpu_bones(
    costume: &Costume,
    performance: &Performance,
    ground_y: f32,
) -> Vec<GpuBone> {
    let mut bones: Vec<GpuBone> = costume
        .rig
        .stage_from_bones(performance, ground_y)
        .iter()
        .map(|bone| {
            let (columns, t) = (bone.matrix2.to_cols_array(), bone.translation);
            [columns, [t.x, t.y, 0.0, 0.0]]
        })
        .collect();
    bones.resize(MOST_BONES, GpuBone::default());
    bones
}

impl Slots {
    fn new(
        gpu: &Gpu,
        layout: &wgpu::BindGroupLayout,
        paints: &wgpu::Buffer,
        deltas: &wgpu::Buffer,
        capacity: usize,
    ) -> Self {
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
        let entry = |binding, buffer: &'_ wgpu::Buffer| (binding, buffer.clone());
        let buffers = [
            entry(0, paints),
            entry(1, deltas),
            entry(2, &figures),
            entry(3, &bones),
            entry(4, &weights),
        ];
        let entries = buffers
            .each_ref()
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding: *binding,
                resource: buffer.as_entire_binding(),
            });
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("figures"),
            layout,
            entries: &entries,
        });
        Self {
            capacity,
            figures,
            bones,
            weights,
            group,
        }
    }
}

pub(super) fn filled(
    gpu: &Gpu,
    label: &str,
    usage: wgpu::BufferUsages,
    content: &[u8],
) -> wgpu::Buffer {
    let size = content.len().max(4) as u64;
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
    let entries = [0, 1, 2, 3, 4].map(|binding| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::VERTEX,
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

/// The whole WGSL of figures.
pub(super) fn source() -> Result<String, RenderError> {
    let files = ["shared/frame", "shared/grade", "figure"];
    files.into_iter().map(shader).collect()
}

/// The pipelines of figures and of their shadows.
fn pipelines(
    gpu: &Gpu,
    frame: &wgpu::BindGroupLayout,
    layout: &wgpu::BindGroupLayout,
) -> Result<[wgpu::RenderPipeline; 2], RenderError> {
    let program = Program::new(gpu, "figure", &source()?, &[frame, layout]);
    let attributes = wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Uint32x4];
    let buffers = [wgpu::VertexBufferLayout {
        array_stride: size_of::<Vertex>() as u64,
        step_mode: wgpu::VertexStepMode::Vertex,
        attributes: &attributes,
    }];
    let triangles = wgpu::PrimitiveTopology::TriangleList;
    let strip = wgpu::PrimitiveTopology::TriangleStrip;
    Ok([
        program.pipeline("vertex", &buffers, triangles, "fragment", OVER),
        program.pipeline("shadow_vertex", &[], strip, "shadow_fragment", OVER),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shader_is_valid() {
        let module = naga::front::wgsl::parse_str(&source().unwrap()).unwrap();
        let capabilities = naga::valid::Capabilities::empty();
        let mut validator =
            naga::valid::Validator::new(naga::valid::ValidationFlags::all(), capabilities);
        validator.validate(&module).unwrap();
    }

    #[test]
    fn the_shader_has_room_for_all_bones_and_targets() {
        let text = source().unwrap();
        assert!(text.contains(&format!("const MOST_BONES: u32 = {MOST_BONES}u;")));
        assert!(text.contains(&format!("const TARGETS: u32 = {}u;", Blend::COUNT)));
    }
}
