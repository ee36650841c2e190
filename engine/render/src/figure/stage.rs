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
use crate::set::{FORMAT, shader, vertex_state};

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
        let costumes =
            cast.iter().map(|role| wardrobe.dress(role)).collect::<Result<Vec<_>, _>>()?;
        let Wardrobe { mesh, paints, .. } = &wardrobe;
        let heights = costumes.iter().map(|costume| drawn_height(costume, mesh)).collect();
        let storage = wgpu::BufferUsages::STORAGE;
        // A binding may not be empty, though a film may well have no cast.
        let no_paint = [0_u8; size_of::<GpuPaint>()];
        let paints = if paints.is_empty() { &no_paint[..] } else { cast_slice(paints) };
        let no_delta = [0_u8; size_of::<Delta>()];
        let deltas = if mesh.deltas.is_empty() { &no_delta[..] } else { cast_slice(&mesh.deltas) };
        let layout = layout(gpu);
        let paints = filled(gpu, "figure paints", storage, paints);
        let deltas = filled(gpu, "figure deltas", storage, deltas);
        let vertices =
            filled(gpu, "figure vertices", wgpu::BufferUsages::VERTEX, cast_slice(&mesh.vertices));
        let indices =
            filled(gpu, "figure indices", wgpu::BufferUsages::INDEX, cast_slice(&mesh.indices));
        let [figures, shadows] = pipelines(gpu, frame, &layout)?;
        let slots = Slots::new(gpu, &layout, &paints, &deltas, FIRST_CAPACITY);
        Ok(Self {
            costumes,
            heights,
            by_role: cast.iter().enumerate().map(|(i, role)| (role.id.clone(), i)).collect(),
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
                Stature { height, eyes: bounds.eyes }
            })
            .collect()
    }

    /// Heights of a standing role.
    pub fn bounds(&self, role: &str) -> Bounds {
        let costume = self.by_role.get(role).and_then(|index| self.costumes.get(*index));
        costume.map(|costume| costume.rig.bounds()).unwrap_or_default()
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
                    scene_offset_s: scene_s - shot_s,
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
            let Some(costume) = self.costumes.get(*index) else { continue };
            let bounds = costume.rig.bounds();
            let feet = ground_y + performance.lift;
            figures.push(FigureUniform {
                body: [
                    performance.x,
                    feet + bounds.crown / 2.0,
                    bounds.half_width,
                    bounds.crown / 2.0,
                ],
                stand: [performance.x, performance.lift, bounds.half_width, costume.rig.scale()],
            });
            bones.extend(gpu_bones(costume, performance, ground_y));
            weights.extend(performance.weights);
            self.prepared.push(*index);
        }
        if !figures.is_empty() {
            gpu.queue.write_buffer(&self.slots.figures, 0, cast_slice(&figures));
            gpu.queue.write_buffer(&self.slots.bones, 0, cast_slice(&bones));
            gpu.queue.write_buffer(&self.slots.weights, 0, cast_slice(&weights));
        }
    }

    /// Draws the prepared figures and their shadows.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, frame: &wgpu::BindGroup) {
        self.draw_shadows(pass, frame);
        self.draw_figures(pass, frame);
    }

    fn draw_shadows(&self, pass: &mut wgpu::RenderPass<'_>, frame: &wgpu::BindGroup) {
        if self.prepared.is_empty() {
            return;
        }
        pass.set_pipeline(&self.shadows);
        pass.set_bind_group(0, frame, &[]);
        pass.set_bind_group(1, &self.slots.group, &[]);
        pass.draw(0..4, 0..self.prepared.len() as u32);
    }

    /// Draws the prepared figures without shadows: portraits.
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
    let vertices = mesh.indices.get(start as usize..end as usize).unwrap_or_default().iter();
    vertices
        .filter_map(|&index| mesh.vertices.get(index as usize))
        .filter_map(|vertex| {
            let bone = bones.get((vertex.bones & 255) as usize)?;
            Some(bone.transform_point2(Vec2::from(vertex.position)).y)
        })
        .fold(0.0, f32::max)
}

pub(super) fn gpu_bones(costume: &Costume, performance: &Performance, ground_y: f32) -> Vec<GpuBone> {
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
        let entries = buffers.each_ref().map(|(binding, buffer)| wgpu::BindGroupEntry {
            binding: *binding,
            resource: buffer.as_entire_binding(),
        });
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("figures"),
            layout,
            entries: &entries,
        });
        Self { capacity, figures, bones, weights, group }
    }
}

pub(super) fn filled(gpu: &Gpu, label: &str, usage: wgpu::BufferUsages, content: &[u8]) -> wgpu::Buffer {
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
        visibility: if binding == 0 {
            wgpu::ShaderStages::VERTEX_FRAGMENT
        } else {
            wgpu::ShaderStages::VERTEX
        },
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Storage { read_only: true },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    });
    gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
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
    let device = &gpu.device;
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("figure"),
        source: wgpu::ShaderSource::Wgsl(source()?.into()),
    });
    let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("figure"),
        bind_group_layouts: &[Some(frame), Some(layout)],
        immediate_size: 0,
    });
    let attributes = wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Uint32x4];
    let buffers = [wgpu::VertexBufferLayout {
        array_stride: size_of::<Vertex>() as u64,
        step_mode: wgpu::VertexStepMode::Vertex,
        attributes: &attributes,
    }];
    let pipeline = |label, vertex, fragment, buffers: &[_], topology| {
        device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(label),
            layout: Some(&pipeline_layout),
            vertex: vertex_state(&module, vertex, buffers),
            primitive: wgpu::PrimitiveState { topology, ..wgpu::PrimitiveState::default() },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(fragment),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format: FORMAT,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            multiview_mask: None,
            cache: None,
        })
    };
    let triangles = wgpu::PrimitiveTopology::TriangleList;
    let strip = wgpu::PrimitiveTopology::TriangleStrip;
    Ok([
        pipeline("figure", "vertex", "fragment", &buffers, triangles),
        pipeline("figure shadow", "shadow_vertex", "shadow_fragment", &[], strip),
    ])
}

#[cfg(test)]
mod tests {
    use fabula_story::{
        Act, Actor, Age, CameraMove, Color, Cue, CueKind, Emotion, Facing, Look, Mood,
        MouthCue, MouthShape, Pose, Speech,
    };
    use glam::vec2;

    use super::*;
    use crate::camera::Camera;
    use crate::frame::{FrameUniform, Grade};
    use crate::gpu::GpuChoice;
    use crate::picture::FrameSize;
    use crate::set::{Light, uniform_layout};
    use crate::layer::{Target, Uniform, pass};
    use crate::yuv_frame::read_rgba;

    fn role(id: &str, being: &str, age: Age, colors: [u32; 5], worn: [&str; 3]) -> Role {
        let color = |hex: u32| Color::rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8);
        let [skin, hair, eyes, outfit, accent] = colors.map(color);
        let [hair_style, outfit_name, accessory] = worn;
        Role {
            id: id.to_owned(),
            name: id.to_owned(),
            color: accent,
            look: Look {
                being: being.to_owned(),
                age,
                skin,
                hair,
                eyes,
                hair_style: hair_style.to_owned(),
                outfit: outfit_name.to_owned(),
                outfit_color: outfit,
                accent_color: accent,
                accessories: vec![accessory.to_owned()],
                height: 1.0,
            },
        }
    }

    fn cast() -> Vec<Role> {
        vec![
            role("girl", "human", Age::Child, [0xf0b8a0, 0x6b3a1e, 0x3f6b2e, 0xb83248, 0xf0d080], ["long", "dress", "hood"]),
            role("boy", "human", Age::Child, [0xc68642, 0x1c1410, 0x8b4513, 0xe0a52a, 0x5a4632], ["short", "coat", "cap"]),
            role("woman", "human", Age::Adult, [0xffdcb1, 0xb05a2a, 0x3f6fa0, 0x3f8f86, 0xf2b84b], ["long", "dress", "scarf"]),
            role("man", "human", Age::Adult, [0xa1665e, 0x201512, 0x4a3020, 0x4a5a8a, 0xc0a060], ["short", "tunic", "beard"]),
            role("granny", "human", Age::Elder, [0xf0b8a0, 0xd8d8d8, 0x6a7a8a, 0x4a6a9a, 0xc89050], ["bun", "dress", "glasses"]),
            role("bear", "bear", Age::Adult, [0x7a5236, 0xd8b48a, 0x3a2414, 0x4a6a3a, 0xd0a050], ["none", "none", "scarf"]),
            role("owl", "owl", Age::Adult, [0x8a6a4a, 0xe8d8b8, 0xd09020, 0x4a6a3a, 0xd0a050], ["none", "none", "none"]),
            role("frog", "frog", Age::Adult, [0x5f9a45, 0xd8e0a0, 0xc09030, 0x4a6a3a, 0xd0a050], ["none", "none", "crown"]),
            role("rabbit", "rabbit", Age::Child, [0xc8b8a8, 0xf8f0e8, 0x5a3d1e, 0x4a6a3a, 0xd0a050], ["none", "none", "none"]),
            role("fox", "fox", Age::Adult, [0xe07b2e, 0xfbe8cf, 0x5a3d1e, 0x4a6a3a, 0xd0a050], ["none", "none", "none"]),
        ]
    }

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

    struct Studio {
        gpu: Gpu,
        figures: FigureStage,
        frame: Uniform,
    }

    impl Studio {
        /// Nothing on a machine without a device.
        fn open(cast: &[Role]) -> Option<Self> {
            let gpu = Gpu::open(&GpuChoice::Auto).ok()?;
            let layout = uniform_layout(&gpu, "frame");
            let size = FrameSize::new(64, 64).unwrap();
            let frame = Uniform::new(&gpu, &layout, &FrameUniform::plain(size), "frame");
            let figures = FigureStage::new(&gpu, cast, &layout).unwrap();
            Some(Self { gpu, figures, frame })
        }

        fn draw(&self, camera: Camera, size: FrameSize, light: &Light, ground_y: f32) -> Vec<u8> {
            let uniform = FrameUniform::new(camera, size, light, ground_y, Grade::NEUTRAL);
            self.frame.write(&self.gpu, &uniform);
            let size_px = [size.width(), size.height()];
            let target = Target::new(&self.gpu, size_px, "test");
            let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
            let mut actors = pass(&mut encoder, &target.view, true, "test");
            self.figures.draw(&mut actors, &self.frame.group);
            drop(actors);
            self.gpu.queue.submit([encoder.finish()]);
            read_rgba(&self.gpu, &target.texture, size_px).unwrap()
        }
    }

    fn light(name: &str) -> Light {
        let text = match name {
            "dusk" => {
                "position = [0.5, 0.45]\nkey = \"#ffd9a0\"\nshade = \"#5a4a80\"\nrim = 0.85\nambient = 0.95\nfog = \"#b08090\""
            }
            "lamp" => {
                "position = [0.0, 0.5]\nkey = \"#ffce80\"\nshade = \"#3a4468\"\nrim = 0.9\nambient = 0.85\nfog = \"#203040\""
            }
            _ => {
                "position = [-0.7, 1.3]\nkey = \"#fff4d6\"\nshade = \"#7a86b0\"\nrim = 0.5\nambient = 1.0\nfog = \"#d8e4f0\""
            }
        };
        toml::from_str(text).unwrap()
    }

    fn shot(actors: Vec<Actor>) -> Shot {
        Shot {
            id: "s".to_owned(),
            duration_s: 8.0,
            framing: Framing::Full,
            focus: Vec::new(),
            camera: CameraMove::Hold,
            mood: Mood { emotion: Emotion::Neutral, intensity: 0.0 },
            actors,
            speech: Vec::new(),
            captions: Vec::new(),
        }
    }

    fn close(actors: Vec<Actor>) -> Shot {
        Shot { framing: Framing::Close, ..shot(actors) }
    }

    fn actor(role: &str, x: f32, cues: Vec<Cue>) -> Actor {
        let facing = if x > 0.01 { Facing::Left } else { Facing::Right };
        Actor { role: role.to_owned(), x, facing, pose: Pose::Stand, cues }
    }

    fn save(path: &str, width: usize, height: usize, rgba: &[u8]) {
        let file = std::fs::File::create(path).unwrap();
        let mut encoder = png::Encoder::new(file, width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder.write_header().unwrap().write_image_data(rgba).unwrap();
    }

    /// A picture of cells over a plain ground.
    struct Sheet {
        cell: [usize; 2],
        columns: usize,
        cells: Vec<Vec<u8>>,
    }

    impl Sheet {
        fn save(&self, path: &str, ground: [u8; 3]) {
            let rows = self.cells.len().div_ceil(self.columns);
            let [width, height] = [self.cell[0] * self.columns, self.cell[1] * rows];
            let mut sheet = vec![255_u8; width * height * 4];
            for (index, cell) in self.cells.iter().enumerate() {
                let left = index % self.columns * self.cell[0];
                let top = index / self.columns * self.cell[1];
                for (row, line) in cell.chunks(self.cell[0] * 4).enumerate() {
                    for (column, pixel) in line.chunks(4).enumerate() {
                        let at = ((top + row) * width + left + column) * 4;
                        for channel in 0..3 {
                            let under = u32::from(ground[channel]) * u32::from(255 - pixel[3]) / 255;
                            sheet[at + channel] = (u32::from(pixel[channel]) + under).min(255) as u8;
                        }
                    }
                }
            }
            save(path, width, height, &sheet);
        }
    }

    #[test]
    #[ignore = "writes sheets of the cast into the folder FABULA_SHEETS, for people to look at"]
    fn sheets_of_the_cast() {
        let folder = std::env::var("FABULA_SHEETS").unwrap();
        let cast = cast();
        let mut studio = Studio::open(&cast).unwrap();
        let gpu_camera = |center, zoom| Camera { center, zoom };
        let feel = |emotion, at_s| Cue { at_s, kind: CueKind::Feel { emotion, intensity: 1.0 } };
        for (role, costume) in cast.iter().zip(&studio.figures.costumes) {
            let [coarse, middle, fine] = costume.indices.each_ref().map(|range| range.len() / 3);
            println!("{}: {coarse}, {middle} or {fine} triangles", role.id);
        }
        let actors = cast.iter().take(3).enumerate();
        let actors = actors.map(|(i, role)| actor(&role.id, -0.4 + 0.4 * i as f32, vec![]));
        let three = shot(actors.collect());
        println!("{} vertices", studio.figures.vertices.size() / size_of::<Vertex>() as u64);
        let aside = Camera { center: vec2(10.0, 0.5), zoom: 1.0 };
        let near = Camera { center: vec2(0.0, 0.3), zoom: 2.5 };
        for (label, camera, shot) in [
            ("nobody", Camera::WIDE, &shot(vec![])),
            ("outside of the picture", aside, &three),
            ("wide", Camera::WIDE, &three),
            ("near", near, &three),
        ] {
            let (mut prepare_s, mut draw_s) = (0.0, 0.0);
            for frame in 0..20 {
                let time_s = f64::from(frame) / 24.0;
                let begin = std::time::Instant::now();
                studio.figures.prepare(&studio.gpu, shot, time_s, time_s, 0.1);
                prepare_s += begin.elapsed().as_secs_f64();
                let begin = std::time::Instant::now();
                studio.draw(camera, FrameSize::FULL_HD, &light("day"), 0.1);
                draw_s += begin.elapsed().as_secs_f64();
            }
            println!("{label}: acting {:.2} ms, drawing {:.2} ms", prepare_s * 50.0, draw_s * 50.0);
        }
        let audience = Cue { at_s: 0.0, kind: CueKind::Look { role: None } };

        // Everybody, from head to foot, in three lights.
        let mut sheet = Sheet { cell: [1600, 500], columns: 1, cells: Vec::new() };
        for name in ["day", "dusk", "lamp"] {
            let actors = cast.iter().enumerate();
            let actors = actors.map(|(i, role)| actor(&role.id, -0.81 + 0.18 * i as f32, vec![]));
            let shot = shot(actors.collect());
            studio.figures.prepare(&studio.gpu, &shot, 0.5, 0.5, 0.1);
            let size = FrameSize::new(1600, 500).unwrap();
            sheet.cells.push(studio.draw(gpu_camera(vec2(0.0, 0.35), 1.7), size, &light(name), 0.1));
        }
        sheet.save(&format!("{folder}/cast.png"), [92, 96, 120]);

        // Faces and mouths.
        for role in &cast {
            let size = FrameSize::new(300, 320).unwrap();
            let mut sheet = Sheet { cell: [300, 320], columns: 8, cells: Vec::new() };
            let eyes = studio.figures.statures(&shot(vec![actor(&role.id, 0.0, vec![])]))[0].eyes;
            let camera = gpu_camera(vec2(0.0, eyes - 0.01), 3.6);
            for emotion in Emotion::ALL {
                let shot = close(vec![actor(&role.id, 0.0, vec![feel(emotion, 0.0)])]);
                studio.figures.prepare(&studio.gpu, &shot, 0.4, 0.4, 0.0);
                sheet.cells.push(studio.draw(camera, size, &light("day"), 0.0));
            }
            for shape in MouthShape::ALL {
                let mut shot = close(vec![actor(&role.id, 0.0, vec![audience.clone()])]);
                shot.speech.push(Speech {
                    role: Some(role.id.clone()),
                    text: String::new(),
                    start_s: 0.0,
                    duration_s: 4.0,
                    mouth: vec![MouthCue { at_s: 0.0, shape }],
                });
                studio.figures.prepare(&studio.gpu, &shot, 0.4, 0.4, 0.0);
                sheet.cells.push(studio.draw(camera, size, &light("day"), 0.0));
            }
            sheet.save(&format!("{folder}/face-{}.png", role.id), [72, 66, 98]);
        }

        // Acts, a walk and sitting.
        for role in &cast {
            let size = FrameSize::new(300, 360).unwrap();
            let mut sheet = Sheet { cell: [300, 360], columns: 8, cells: Vec::new() };
            let camera = gpu_camera(vec2(0.0, 0.26), 1.5);
            let acts = [
                Act::Nod, Act::ShakeHead, Act::Wave, Act::Point, Act::Jump, Act::Shrug, Act::Laugh,
                Act::Cry, Act::Tremble, Act::Cheer,
            ];
            for act in acts {
                let cue = Cue { at_s: 0.0, kind: CueKind::Act { act, duration_s: 2.0 } };
                let shot = shot(vec![actor(&role.id, 0.0, vec![cue])]);
                studio.figures.prepare(&studio.gpu, &shot, 0.96, 0.96, 0.05);
                sheet.cells.push(studio.draw(camera, size, &light("day"), 0.05));
            }
            let mut seated = actor(&role.id, 0.0, vec![]);
            seated.pose = Pose::Sit;
            studio.figures.prepare(&studio.gpu, &shot(vec![seated]), 1.0, 1.0, 0.05);
            sheet.cells.push(studio.draw(camera, size, &light("day"), 0.05));
            for step in 0..5 {
                let cue = Cue { at_s: 0.0, kind: CueKind::Walk { to_x: 0.5, duration_s: 3.0 } };
                let shot = shot(vec![actor(&role.id, -0.5, vec![cue])]);
                let time_s = 1.2 + 0.12 * f64::from(step);
                studio.figures.prepare(&studio.gpu, &shot, time_s, time_s, 0.05);
                let x = -0.5 + (time_s as f32 / 3.0);
                sheet.cells.push(studio.draw(gpu_camera(vec2(x, 0.26), 1.5), size, &light("day"), 0.05));
            }
            sheet.save(&format!("{folder}/acts-{}.png", role.id), [92, 96, 120]);
        }
    }
}
