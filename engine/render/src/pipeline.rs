//! Shaders that draw into pictures, and the pipelines made from them.

use crate::gpu::Gpu;
use crate::set::FORMAT;

/// Colours with premultiplied opacity, laid over what is there.
pub(crate) const OVER: Option<wgpu::BlendState> =
    Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING);

/// A compiled shader and the layout of what is bound to it.
pub(crate) struct Program<'a> {
    device: &'a wgpu::Device,
    module: wgpu::ShaderModule,
    layout: wgpu::PipelineLayout,
}

impl<'a> Program<'a> {
    /// Compiles the WGSL `source`, whose bind groups are `groups` in order.
    pub fn new(gpu: &'a Gpu, label: &str, source: &str, groups: &[&wgpu::BindGroupLayout]) -> Self {
        let device = &gpu.device;
        let groups: Vec<_> = groups.iter().map(|group| Some(*group)).collect();
        Self {
            device,
            module: device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(label),
                source: wgpu::ShaderSource::Wgsl(source.into()),
            }),
            layout: device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(label),
                bind_group_layouts: &groups,
                immediate_size: 0,
            }),
        }
    }

    /// A pipeline from the entry point `vertex` to the entry point `fragment`, by which it is
    /// labelled. Without `blend` it replaces what is there.
    pub fn pipeline(
        &self,
        vertex: &str,
        buffers: &[wgpu::VertexBufferLayout<'_>],
        topology: wgpu::PrimitiveTopology,
        fragment: &str,
        blend: Option<wgpu::BlendState>,
    ) -> wgpu::RenderPipeline {
        self.pipeline_into(FORMAT, vertex, buffers, topology, fragment, blend)
    }

    /// A pipeline that computes from the entry point `compute`, by which it is labelled, with these
    /// bind groups.
    pub fn compute(
        &self,
        compute: &str,
        groups: &[&wgpu::BindGroupLayout],
    ) -> wgpu::ComputePipeline {
        let groups: Vec<_> = groups.iter().map(|group| Some(*group)).collect();
        let layout = self
            .device
            .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(compute),
                bind_group_layouts: &groups,
                immediate_size: 0,
            });
        self.device
            .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(compute),
                layout: Some(&layout),
                module: &self.module,
                entry_point: Some(compute),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
    }

    /// The same for pictures of another format.
    pub fn pipeline_into(
        &self,
        format: wgpu::TextureFormat,
        vertex: &str,
        buffers: &[wgpu::VertexBufferLayout<'_>],
        topology: wgpu::PrimitiveTopology,
        fragment: &str,
        blend: Option<wgpu::BlendState>,
    ) -> wgpu::RenderPipeline {
        self.device
            .create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(fragment),
                layout: Some(&self.layout),
                vertex: wgpu::VertexState {
                    module: &self.module,
                    entry_point: Some(vertex),
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                    buffers,
                },
                primitive: wgpu::PrimitiveState {
                    topology,
                    ..wgpu::PrimitiveState::default()
                },
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module: &self.module,
                    entry_point: Some(fragment),
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                    targets: &[Some(wgpu::ColorTargetState {
                        format,
                        blend,
                        write_mask: wgpu::ColorWrites::ALL,
                    })],
                }),
                multiview_mask: None,
                cache: None,
            })
    }
}
