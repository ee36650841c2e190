//! Textures laid into pictures: plates, and whole pictures over one another.

use std::cell::Cell;

use bytemuck::{Pod, Zeroable};
use glam::{Vec4, vec4};
use wgpu::BlendFactor as Factor;

use crate::RenderError;
use crate::gpu::Gpu;
use crate::page_turn::PageTurn;
use crate::picture::FrameSize;
use crate::pipeline::{OVER, Program};
use crate::set::{FORMAT, picture_layout};
use crate::tiles::Area;

/// The uniform of `shaders/layer.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct LayerUniform {
    /// Scale (xy) and offset (zw).
    pub clip_from_uv: Vec4,
    pub params: Vec4,
}

/// Texture coordinates begin at the left upper corner, clip space in the middle.
pub(crate) const FULL_CLIP_FROM_UV: Vec4 = Vec4::new(2.0, -2.0, -1.0, 1.0);

impl LayerUniform {
    /// Fills the picture.
    pub const FULL: Self = Self {
        clip_from_uv: FULL_CLIP_FROM_UV,
        params: Vec4::X,
    };

    /// Fills this area of a picture, in pixels.
    pub fn at([left, top, width, height]: Area, size: FrameSize) -> Self {
        let [left, top, width, height] = [left, top, width, height].map(|px| px as f32);
        let (x, y) = (2.0 / size.width() as f32, 2.0 / size.height() as f32);
        Self {
            clip_from_uv: vec4(width * x, -height * y, left * x - 1.0, 1.0 - top * y),
            params: Vec4::X,
        }
    }
}

/// A part of a texture, in texture coordinates: left, top, right, lower edge.
type Quad = [f32; 4];

/// Parts of a texture that are drawn together.
#[derive(Clone, Debug)]
pub(crate) struct Quads {
    buffer: wgpu::Buffer,
    count: u32,
}

impl Quads {
    /// These parts of a texture of `size_px`.
    pub fn new(gpu: &Gpu, areas: &[Area], size_px: [u32; 2]) -> Self {
        let [width, height] = size_px.map(|side| side as f32);
        let quads: Vec<Quad> = areas
            .iter()
            .map(|area| area.map(|px| px as f32))
            .map(|[left, top, w, h]| {
                [
                    left / width,
                    top / height,
                    (left + w) / width,
                    (top + h) / height,
                ]
            })
            .collect();
        let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("quads"),
            size: size_of_val(quads.as_slice()).max(size_of::<Quad>()) as u64,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        gpu.queue
            .write_buffer(&buffer, 0, bytemuck::cast_slice(&quads));
        Self {
            buffer,
            count: quads.len() as u32,
        }
    }
}

/// Draws textures into pictures.
#[derive(Debug)]
pub(crate) struct LayerPipelines {
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    whole: Quads,
    pub grade: wgpu::RenderPipeline,
    pub grade_soft: wgpu::RenderPipeline,
    /// For [`Stroke::Rows`](crate::recording::Stroke::Rows).
    pub rows: LayerBlends,
    /// Lays a texture over what is there, among other strokes.
    pub over: wgpu::RenderPipeline,
    wipe: wgpu::RenderPipeline,
    iris: wgpu::RenderPipeline,
    page_turn: wgpu::RenderPipeline,
    pub shoulder: wgpu::RenderPipeline,
    dark: wgpu::RenderPipeline,
}

/// The ways in which a texture meets what is there.
#[derive(Debug)]
pub(crate) struct LayerBlends {
    /// Replaces what is there, which is not read.
    pub opaque: wgpu::RenderPipeline,
    pub over: wgpu::RenderPipeline,
    /// Takes the place of what is there by as much as the blend constant says.
    pub mixed: wgpu::RenderPipeline,
    /// Makes what is there as dark as the texture would that is laid over it.
    pub veil: wgpu::RenderPipeline,
    /// Adds as much of the texture as the blend constant says.
    pub added: wgpu::RenderPipeline,
}

impl LayerPipelines {
    pub fn new(gpu: &Gpu, frame: &wgpu::BindGroupLayout) -> Result<Self, RenderError> {
        let device = &gpu.device;
        let layout = picture_layout(gpu, "layer");
        let source = gpu.art().shader("layer")?;
        let program = Program::new(gpu, "layer", &source.text, &[frame, &layout]);
        let quads = [wgpu::VertexBufferLayout {
            array_stride: size_of::<Quad>() as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &wgpu::vertex_attr_array![0 => Float32x4],
        }];
        let strip = wgpu::PrimitiveTopology::TriangleStrip;
        let pipeline =
            |fragment, blend| program.pipeline("vs_layer", &quads, strip, fragment, blend);
        let blend = |src_factor, dst_factor| {
            let component = wgpu::BlendComponent {
                src_factor,
                dst_factor,
                operation: wgpu::BlendOperation::Add,
            };
            Some(wgpu::BlendState {
                color: component,
                alpha: component,
            })
        };
        let rows = |blend| pipeline("fs_rows", blend);
        let blends = LayerBlends {
            opaque: rows(None),
            over: rows(OVER),
            mixed: rows(blend(Factor::Constant, Factor::OneMinusConstant)),
            veil: rows(blend(Factor::Zero, Factor::OneMinusSrcAlpha)),
            added: rows(blend(Factor::Constant, Factor::One)),
        };
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("smooth"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            // With something to choose between, lavapipe does not draw in rows.
            lod_max_clamp: 0.0,
            ..wgpu::SamplerDescriptor::default()
        });
        Ok(Self {
            grade: pipeline("fs_grade", None),
            grade_soft: pipeline("fs_grade_soft", None),
            rows: blends,
            over: pipeline("fs_smooth", OVER),
            wipe: pipeline("fs_wipe", OVER),
            iris: pipeline("fs_iris", OVER),
            page_turn: pipeline("fs_page_turn", OVER),
            shoulder: pipeline("fs_shoulder", OVER),
            dark: pipeline("fs_dark", OVER),
            whole: Quads::new(gpu, &[[0, 0, 1, 1]], [1, 1]),
            layout,
            sampler,
        })
    }

    /// A layer that shows `view`.
    pub fn layer(&self, gpu: &Gpu, view: &wgpu::TextureView, label: &str) -> Layer {
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
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: uniform.as_entire_binding(),
                },
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
        Layer {
            uniform,
            written: Cell::new(None),
            group,
            whole: self.whole.clone(),
        }
    }
}

/// A texture ready to be laid into a picture.
#[derive(Debug)]
pub(crate) struct Layer {
    uniform: wgpu::Buffer,
    /// What the uniform holds: it is written only when it changes.
    written: Cell<Option<LayerUniform>>,
    group: wgpu::BindGroup,
    whole: Quads,
}

impl Layer {
    pub fn place(&self, gpu: &Gpu, uniform: LayerUniform) {
        if self.written.replace(Some(uniform)) != Some(uniform) {
            gpu.queue
                .write_buffer(&self.uniform, 0, bytemuck::bytes_of(&uniform));
        }
    }

    pub fn draw(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        pipeline: &wgpu::RenderPipeline,
        frame: &wgpu::BindGroup,
    ) {
        self.draw_quads(pass, pipeline, frame, &self.whole);
    }

    /// Draws only these parts of the texture.
    pub fn draw_quads(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        pipeline: &wgpu::RenderPipeline,
        frame: &wgpu::BindGroup,
        quads: &Quads,
    ) {
        if quads.count == 0 {
            return;
        }
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, frame, &[]);
        pass.set_bind_group(1, &self.group, &[]);
        pass.set_vertex_buffer(0, quads.buffer.slice(..));
        pass.draw(0..4, 0..quads.count);
    }
}

/// A blend constant that is the same for all channels.
pub(crate) fn constant(part: f32) -> wgpu::Color {
    let part = f64::from(part);
    wgpu::Color {
        r: part,
        g: part,
        b: part,
        a: part,
    }
}

/// A texture that can be drawn to, read and copied, and a view of all of it.
#[derive(Debug)]
pub(crate) struct Target {
    pub texture: wgpu::Texture,
    pub view: wgpu::TextureView,
}

impl Target {
    pub fn new(gpu: &Gpu, [width, height]: [u32; 2], label: &str) -> Self {
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some(label),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC
                | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Self { texture, view }
    }
}

/// A small buffer that is written in every frame, and its bind group.
#[derive(Debug)]
pub(crate) struct Uniform {
    buffer: wgpu::Buffer,
    pub group: wgpu::BindGroup,
}

impl Uniform {
    pub fn new<T: Pod>(gpu: &Gpu, layout: &wgpu::BindGroupLayout, value: &T, label: &str) -> Self {
        let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: size_of::<T>() as u64,
            usage: wgpu::BufferUsages::UNIFORM
                | wgpu::BufferUsages::STORAGE
                | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        gpu.queue
            .write_buffer(&buffer, 0, bytemuck::bytes_of(value));
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(label),
            layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: buffer.as_entire_binding(),
            }],
        });
        Self { buffer, group }
    }

    pub fn write<T: Pod>(&self, gpu: &Gpu, value: &T) {
        gpu.queue
            .write_buffer(&self.buffer, 0, bytemuck::bytes_of(value));
    }
}

/// Begins a pass that draws into `view`, cleared to transparent or kept as it is.
pub(crate) fn pass<'e>(
    encoder: &'e mut wgpu::CommandEncoder,
    view: &wgpu::TextureView,
    clear: bool,
    label: &str,
) -> wgpu::RenderPass<'e> {
    let load = if clear {
        wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT)
    } else {
        wgpu::LoadOp::Load
    };
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some(label),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations {
                load,
                store: wgpu::StoreOp::Store,
            },
        })],
        ..wgpu::RenderPassDescriptor::default()
    })
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
    /// The picture is a page that is turned over what is there.
    PageTurn(PageTurn),
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
    pub fn new(
        gpu: &Gpu,
        layers: &LayerPipelines,
        view: &wgpu::TextureView,
        size: FrameSize,
    ) -> Self {
        Self {
            layer: layers.layer(gpu, view, "overlay"),
            aspect: size.aspect(),
        }
    }

    pub fn draw(
        &self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        pass: &mut wgpu::RenderPass<'_>,
        frame: &wgpu::BindGroup,
        blend: Blend,
    ) {
        let common = |opacity, progress| vec4(opacity, progress, self.aspect, 0.0);
        let (pipeline, params) = match blend {
            Blend::Over(opacity) => (&layers.rows.mixed, common(opacity, 0.0)),
            Blend::Wipe(progress) => (&layers.wipe, common(1.0, progress)),
            Blend::Iris(open) => (&layers.iris, common(1.0, open)),
            Blend::PageTurn(page) => (&layers.page_turn, page.params()),
            Blend::Dark(opacity) => (&layers.dark, common(opacity, 0.0)),
        };
        if let Blend::Over(opacity) = blend {
            pass.set_blend_constant(constant(opacity));
        }
        self.layer.place(
            gpu,
            LayerUniform {
                clip_from_uv: FULL_CLIP_FROM_UV,
                params,
            },
        );
        self.layer.draw(pass, pipeline, frame);
    }
}
