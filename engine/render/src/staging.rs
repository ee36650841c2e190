//! The plates of one shot, put together behind and before the actors.
//!
//! When the camera stands still, all plates between two that move are merged into one picture,
//! graded once and copied in every frame: on a software GPU that costs a tenth of drawing them.

use std::rc::Rc;

use bytemuck::{Pod, Zeroable};
use fabula_story::{Framing, Shot};
use glam::{Vec2, Vec4, vec4};

use crate::camera::{Camera, CameraPath, Rect};
use crate::frame::{FrameUniform, Grade};
use crate::gpu::Gpu;
use crate::picture::FrameSize;
use crate::set::{
    CompiledSet, FORMAT, KeptPlate, PlaceUniform, SetLayouts, plate_area, shader, vertex_state,
};
use crate::RenderError;

/// The uniform of `shaders/layer.wgsl`.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct LayerUniform {
    clip: Vec4,
    uv: Vec4,
    params: Vec4,
}

const FULL_CLIP: Vec4 = Vec4::new(-1.0, -1.0, 1.0, 1.0);
const FULL_UV: Vec4 = Vec4::new(0.0, 0.0, 1.0, 1.0);

/// Draws textures into pictures.
#[derive(Debug)]
pub(crate) struct LayerPipelines {
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    sampled: wgpu::RenderPipeline,
    exact: wgpu::RenderPipeline,
    wipe: wgpu::RenderPipeline,
    iris: wgpu::RenderPipeline,
    dark: wgpu::RenderPipeline,
}

impl LayerPipelines {
    pub fn new(gpu: &Gpu, frame: &wgpu::BindGroupLayout) -> Result<Self, RenderError> {
        let device = &gpu.device;
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
            ty,
            count: None,
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("layer"),
            entries: &[
                entry(
                    0,
                    wgpu::BindingType::Buffer {
                        ty: wgpu::BufferBindingType::Uniform,
                        has_dynamic_offset: false,
                        min_binding_size: None,
                    },
                ),
                entry(
                    1,
                    wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: true },
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                ),
                entry(2, wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering)),
            ],
        });
        let source =
            [shader("shared/frame")?, shader("shared/grade")?, shader("layer")?].concat();
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("layer"),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("layer"),
            bind_group_layouts: &[Some(frame), Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = |entry: &str| {
            device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(entry),
                layout: Some(&pipeline_layout),
                vertex: vertex_state(&module, "vs_layer", &[]),
                primitive: wgpu::PrimitiveState {
                    topology: wgpu::PrimitiveTopology::TriangleStrip,
                    ..wgpu::PrimitiveState::default()
                },
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module: &module,
                    entry_point: Some(entry),
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
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("smooth"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..wgpu::SamplerDescriptor::default()
        });
        Ok(Self {
            sampled: pipeline("fs_layer"),
            exact: pipeline("fs_exact"),
            wipe: pipeline("fs_wipe"),
            iris: pipeline("fs_iris"),
            dark: pipeline("fs_dark"),
            layout,
            sampler,
        })
    }

    fn bind(&self, gpu: &Gpu, view: &wgpu::TextureView, label: &str) -> Layer {
        let uniform = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: size_of::<LayerUniform>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(label),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: uniform.as_entire_binding() },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(view),
                },
                wgpu::BindGroupEntry {
                    binding: 2,
                    resource: wgpu::BindingResource::Sampler(&self.sampler),
                },
            ],
        });
        Layer { uniform, group }
    }
}

/// A texture ready to be put into a picture.
#[derive(Debug)]
struct Layer {
    uniform: wgpu::Buffer,
    group: wgpu::BindGroup,
}

impl Layer {
    fn place(&self, gpu: &Gpu, uniform: LayerUniform) {
        gpu.queue.write_buffer(&self.uniform, 0, bytemuck::bytes_of(&uniform));
    }

    fn draw(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        pipeline: &wgpu::RenderPipeline,
        frame: &wgpu::BindGroup,
    ) {
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, frame, &[]);
        pass.set_bind_group(1, &self.group, &[]);
        pass.draw(0..4, 0..1);
    }
}

/// A picture of the film's size that can be drawn to, read and copied.
pub(crate) fn frame_texture(gpu: &Gpu, size: FrameSize, label: &str) -> wgpu::Texture {
    texture(gpu, [size.width(), size.height()], label)
}

fn texture(gpu: &Gpu, [width, height]: [u32; 2], label: &str) -> wgpu::Texture {
    gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT
            | wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::COPY_SRC
            | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

/// A uniform buffer and its bind group.
#[derive(Debug)]
pub(crate) struct Uniform {
    pub buffer: wgpu::Buffer,
    pub group: wgpu::BindGroup,
}

impl Uniform {
    pub fn new<T: Pod>(gpu: &Gpu, layout: &wgpu::BindGroupLayout, value: &T, label: &str) -> Self {
        let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: size_of::<T>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        gpu.queue.write_buffer(&buffer, 0, bytemuck::bytes_of(value));
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(label),
            layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: buffer.as_entire_binding() }],
        });
        Self { buffer, group }
    }

    pub fn write<T: Pod>(&self, gpu: &Gpu, value: &T) {
        gpu.queue.write_buffer(&self.buffer, 0, bytemuck::bytes_of(value));
    }
}

/// Begins a pass that draws into `view`, cleared to transparent or kept as it is.
pub(crate) fn pass<'e>(
    encoder: &'e mut wgpu::CommandEncoder,
    view: &wgpu::TextureView,
    clear: bool,
    label: &str,
) -> wgpu::RenderPass<'e> {
    let load =
        if clear { wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT) } else { wgpu::LoadOp::Load };
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some(label),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
        })],
        ..wgpu::RenderPassDescriptor::default()
    })
}

/// What is behind or before the actors, in drawing order.
#[derive(Debug)]
enum Element {
    Kept { plate: KeptPlate, layer: Layer },
    Live { plate: usize, y: [f32; 2], depth: f32, place: Uniform },
}

/// Neighbouring plates that do not move in a still shot, as one graded picture.
#[derive(Debug)]
struct Merged {
    elements: std::ops::Range<usize>,
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    layer: Layer,
    /// Rows of the picture that it covers, from the top.
    rows: [u32; 2],
}

/// The plates of one shot.
#[derive(Debug)]
pub(crate) struct Staging {
    set: Rc<CompiledSet>,
    size: FrameSize,
    path: CameraPath,
    place: PlaceUniform,
    elements: Vec<Element>,
    /// Index of the first element before the actors.
    front: usize,
    /// In a still shot, the runs of elements that are merged.
    merged: Vec<Merged>,
    /// The grade that the merged pictures have; they are made again when it changes.
    merged_grade: Option<Grade>,
}

/// What a staging needs to draw.
#[derive(Clone, Copy)]
pub(crate) struct StagingContext<'a> {
    pub gpu: &'a Gpu,
    pub layouts: &'a SetLayouts,
    pub layers: &'a LayerPipelines,
}

impl Staging {
    /// Draws the plates that stand still.
    pub fn new(
        context: StagingContext<'_>,
        set: Rc<CompiledSet>,
        size: FrameSize,
        path: CameraPath,
        place: PlaceUniform,
        shot: &Shot,
        shot_start_s: f32,
        frame: &wgpu::BindGroup,
    ) -> Self {
        let StagingContext { gpu, layouts, layers } = context;
        let aspect = size.aspect();
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor {
            label: Some("plates"),
        });
        let mut elements = Vec::new();
        let mut front = None;
        for (index, plate) in set.manifest.plates.iter().enumerate() {
            if plate.depth > 1.0 && front.is_none() {
                front = Some(elements.len());
            }
            if plate.live {
                let place = Uniform::new(gpu, &layouts.place, &place, "live plate");
                elements.push(Element::Live { plate: index, y: plate.y, depth: plate.depth, place });
                continue;
            }
            let softness = softness(shot.framing, plate.depth);
            let duration_s = shot.duration_s as f32;
            let Some((area, size_px, px)) =
                plate_area(plate, &path, size.height(), aspect, duration_s, softness)
            else {
                continue;
            };
            let texture = texture(gpu, size_px, &plate.name);
            let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
            // A drifting plate has moved since the scene began.
            let drifted = Vec2::new(plate.drift * shot_start_s, 0.0);
            let seen = Rect { min: area.min - drifted, max: area.max - drifted };
            let uniform = place.looking_at(seen, px, 0.0);
            let place = Uniform::new(gpu, &layouts.place, &uniform, &plate.name);
            set.draw(&mut pass(&mut encoder, &view, true, &plate.name), index, &place.group, frame);
            let layer = layers.bind(gpu, &view, &plate.name);
            let plate = KeptPlate { area, depth: plate.depth, drift: plate.drift, view };
            elements.push(Element::Kept { plate, layer });
        }
        gpu.queue.submit([encoder.finish()]);
        let front = front.unwrap_or(elements.len());
        let merged = if path.is_still() {
            merge_runs(gpu, layers, size, &elements, front, path.start, aspect)
        } else {
            Vec::new()
        };
        Self { set, size, path, place, elements, front, merged, merged_grade: None }
    }

    pub fn path(&self) -> &CameraPath {
        &self.path
    }

    pub fn set(&self) -> &CompiledSet {
        &self.set
    }

    /// Puts all plates behind the actors into `target`, which they cover completely.
    pub fn draw_back(&mut self, draw: &mut StagingDraw<'_>) {
        self.refresh_merged(draw);
        // An opaque merged picture at the very back is copied: no blending, no shader.
        let copied = match self.merged.first() {
            Some(first) if first.elements.start == 0 && first.elements.end <= self.front => {
                draw.encoder.copy_texture_to_texture(
                    first.texture.as_image_copy(),
                    draw.target.as_image_copy(),
                    first.texture.size(),
                );
                first.elements.end
            }
            _ => 0,
        };
        self.draw_elements(draw, copied..self.front, copied == 0);
    }

    /// Puts the plates before the actors into `target`.
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
        let mut pass = pass(draw.encoder, draw.view, clear, "plates");
        let mut index = range.start;
        while index < range.end {
            if let Some(merged) = self.merged.iter().find(|run| run.elements.start == index) {
                merged.layer.draw(&mut pass, &layers.exact, draw.frame);
                index = merged.elements.end;
                continue;
            }
            match &self.elements[index] {
                Element::Kept { plate, layer } => {
                    if let Some(uniform) = self.kept_uniform(plate, draw.shot_s, true) {
                        layer.place(gpu, uniform);
                        layer.draw(&mut pass, &layers.sampled, draw.frame);
                    }
                }
                Element::Live { plate, y, depth, place } => {
                    let view = self.path.at(draw.shot_s).view(*depth, self.size.aspect());
                    if let Some([top, rows]) = band_rows(view, *y, self.size) {
                        let px = view.size().y / self.size.height() as f32;
                        place.write(gpu, &self.place.looking_at(view, px, draw.scene_s));
                        pass.set_scissor_rect(0, top, self.size.width(), rows);
                        self.set.draw(&mut pass, *plate, &place.group, draw.frame);
                        pass.set_scissor_rect(0, 0, self.size.width(), self.size.height());
                    }
                }
            }
            index += 1;
        }
    }

    /// Where a kept plate lies in the picture at a time of the shot.
    fn kept_uniform(&self, plate: &KeptPlate, shot_s: f64, grade: bool) -> Option<LayerUniform> {
        let view = self.path.at(shot_s).view(plate.depth, self.size.aspect());
        let travel = Vec2::new(plate.drift * shot_s as f32, 0.0);
        let area = Rect { min: plate.area.min + travel, max: plate.area.max + travel };
        layer_uniform(view, area, grade)
    }

    fn refresh_merged(&mut self, draw: &mut StagingDraw<'_>) {
        if self.merged.is_empty() || self.merged_grade == Some(draw.grade) {
            return;
        }
        let StagingContext { gpu, layers, .. } = draw.context;
        for merged in &self.merged {
            let mut pass = pass(draw.encoder, &merged.view, true, "merge");
            for element in &self.elements[merged.elements.clone()] {
                if let Element::Kept { plate, layer } = element
                    && let Some(uniform) = self.kept_uniform(plate, 0.0, true)
                {
                    layer.place(gpu, uniform);
                    layer.draw(&mut pass, &layers.sampled, draw.frame);
                }
            }
            drop(pass);
            let [top, bottom] = merged.rows.map(|row| row as f32 / self.size.height() as f32);
            merged.layer.place(
                gpu,
                LayerUniform {
                    clip: vec4(-1.0, 1.0 - 2.0 * bottom, 1.0, 1.0 - 2.0 * top),
                    uv: vec4(0.0, top, 1.0, bottom),
                    params: vec4(1.0, 0.0, 0.0, 0.0),
                },
            );
        }
        self.merged_grade = Some(draw.grade);
    }
}

/// One drawing of a staging into a picture.
pub(crate) struct StagingDraw<'a> {
    pub context: StagingContext<'a>,
    pub encoder: &'a mut wgpu::CommandEncoder,
    pub target: &'a wgpu::Texture,
    pub view: &'a wgpu::TextureView,
    pub frame: &'a wgpu::BindGroup,
    pub grade: Grade,
    pub shot_s: f64,
    pub scene_s: f32,
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

/// Rows from the top of the picture that a band of a plate covers, first row and count.
fn band_rows(view: Rect, y: [f32; 2], size: FrameSize) -> Option<[u32; 2]> {
    let height = size.height() as f32;
    let row = |y: f32| ((view.max.y - y) / view.size().y * height).clamp(0.0, height);
    let (top, bottom) = (row(y[1]).floor() as u32, row(y[0]).ceil() as u32);
    (bottom > top).then_some([top, bottom - top])
}

/// The part of a texture showing `area` that lies in `view`.
fn layer_uniform(view: Rect, area: Rect, grade: bool) -> Option<LayerUniform> {
    let min = area.min.max(view.min);
    let max = area.max.min(view.max);
    if min.x >= max.x || min.y >= max.y {
        return None;
    }
    let clip = |p: Vec2| (p - view.min) / view.size() * 2.0 - Vec2::ONE;
    let uv = |p: Vec2| {
        let t = (p - area.min) / area.size();
        Vec2::new(t.x, 1.0 - t.y)
    };
    let (clip_min, clip_max) = (clip(min), clip(max));
    let (uv_min, uv_max) = (uv(min), uv(max));
    Some(LayerUniform {
        clip: vec4(clip_min.x, clip_min.y, clip_max.x, clip_max.y),
        uv: vec4(uv_min.x, uv_max.y, uv_max.x, uv_min.y),
        params: vec4(1.0, f32::from(u8::from(grade)), 0.0, 0.0),
    })
}

fn merge_runs(
    gpu: &Gpu,
    layers: &LayerPipelines,
    size: FrameSize,
    elements: &[Element],
    front: usize,
    camera: Camera,
    aspect: f32,
) -> Vec<Merged> {
    let still = |element: &Element| match element {
        Element::Kept { plate, .. } => plate.drift == 0.0,
        Element::Live { .. } => false,
    };
    let mut runs = Vec::new();
    let mut start = 0;
    while start < elements.len() {
        let limit = if start < front { front } else { elements.len() };
        let count = elements[start..limit].iter().take_while(|element| still(element)).count();
        if count == 0 {
            start += 1;
            continue;
        }
        let range = start..start + count;
        let height = size.height();
        let mut rows = [height, 0];
        for element in &elements[range.clone()] {
            if let Element::Kept { plate, .. } = element {
                let y = [plate.area.min.y, plate.area.max.y];
                if let Some([top, count]) = band_rows(camera.view(plate.depth, aspect), y, size) {
                    rows = [rows[0].min(top), rows[1].max(top + count)];
                }
            }
        }
        let texture = frame_texture(gpu, size, "merged plates");
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let layer = layers.bind(gpu, &view, "merged plates");
        runs.push(Merged { elements: range, texture, view, layer, rows });
        start += count;
    }
    runs
}

/// How one picture takes the place of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Blend {
    /// The picture lies over what is there with this opacity.
    Over(f32),
    /// The picture comes in from the left.
    Wipe(f32),
    /// The dark closes around what is there: 0 all dark, 1 all open. The picture is not used.
    Iris(f32),
    /// What is there turns dark by this much. The picture is not used.
    Dark(f32),
}

/// A picture of the film's size that is put over another.
#[derive(Debug)]
pub(crate) struct Overlay {
    layer: Layer,
    aspect: f32,
}

impl Overlay {
    pub fn new(gpu: &Gpu, layers: &LayerPipelines, view: &wgpu::TextureView, size: FrameSize) -> Self {
        Self { layer: layers.bind(gpu, view, "overlay"), aspect: size.aspect() }
    }

    pub fn draw(
        &self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        pass: &mut wgpu::RenderPass<'_>,
        frame: &wgpu::BindGroup,
        blend: Blend,
    ) {
        let (pipeline, opacity, progress) = match blend {
            Blend::Over(opacity) => (&layers.exact, opacity, 0.0),
            Blend::Wipe(progress) => (&layers.wipe, 1.0, progress),
            Blend::Iris(open) => (&layers.iris, 1.0, open),
            Blend::Dark(opacity) => (&layers.dark, opacity, 0.0),
        };
        let params = vec4(opacity, 0.0, progress, self.aspect);
        self.layer.place(gpu, LayerUniform { clip: FULL_CLIP, uv: FULL_UV, params });
        self.layer.draw(pass, pipeline, frame);
    }
}

/// The uniform that all plates and layers of a picture are drawn with.
pub(crate) fn frame_uniform(
    gpu: &Gpu,
    layout: &wgpu::BindGroupLayout,
    size: FrameSize,
) -> Uniform {
    Uniform::new(gpu, layout, &FrameUniform::plain(size), "frame")
}
