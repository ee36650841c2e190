//! Small things that move on a set: fireflies, dust, rain. Each is a function of its number and
//! the time, worked out on the GPU.

use bytemuck::{Pod, Zeroable};
use fabula_story::{BoardScene, Weather};
use glam::{Vec4, vec4};

use crate::RenderError;
use crate::camera::Camera;
use crate::frame::clip_from;
use crate::gpu::Gpu;
use crate::layer::Uniform;
use crate::pipeline::{OVER, Program};
use crate::set::{EffectKind, EffectManifest, Light, SetManifest, buffer_layout, drawn_time, rgb};

/// `Effect` of `shaders/effects.wgsl`.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct EffectUniform {
    area: Vec4,
    color: Vec4,
    params: Vec4,
    clip_from_set: Vec4,
    light: Vec4,
}

/// Draws the effects of all scenes.
#[derive(Debug)]
pub(crate) struct EffectPipeline {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
}

impl EffectPipeline {
    pub fn new(gpu: &Gpu, frame: &wgpu::BindGroupLayout) -> Result<Self, RenderError> {
        let storage = wgpu::BufferBindingType::Storage { read_only: true };
        let layout = buffer_layout(gpu, "effect", storage);
        let source = gpu.art().shader("effects")?;
        let program = Program::new(gpu, "effects", &source.text, &[frame, &layout]);
        let triangles = wgpu::PrimitiveTopology::TriangleList;
        let pipeline = program.pipeline("vs_effect", &[], triangles, "fs_effect", OVER);
        Ok(Self { pipeline, layout })
    }
}

/// The effects of a scene that the set's manifest and the weather ask for.
pub(crate) fn scene_effects(scene: &BoardScene, set: &SetManifest) -> Vec<EffectManifest> {
    let time = drawn_time(&scene.setting);
    let outdoors = !scene.setting.indoor && !set.indoors;
    let weather = match scene.setting.weather {
        Weather::Rain => Some((EffectKind::Rain, 260)),
        Weather::Storm => Some((EffectKind::Rain, 420)),
        Weather::Snow => Some((EffectKind::Snow, 220)),
        Weather::Wind => Some((EffectKind::Leaves, 14)),
        Weather::Clear | Weather::Fog => None,
    };
    let weather = weather
        .filter(|_| outdoors)
        .map(|(kind, count)| EffectManifest::weather(kind, count));
    let own = set.effects.iter().filter(|effect| effect.is_seen_at(time));
    own.cloned().chain(weather).collect()
}

/// One effect of a scene on a device.
#[derive(Debug)]
pub(crate) struct Effect {
    pub manifest: EffectManifest,
    uniform: EffectUniform,
    buffer: Uniform,
}

/// More particles than this are not drawn, whatever a manifest asks for.
const MOST_PARTICLES: u32 = 2000;

impl Effect {
    pub fn new(
        gpu: &Gpu,
        pipeline: &EffectPipeline,
        scene: &BoardScene,
        light: &Light,
        manifest: EffectManifest,
    ) -> Self {
        let weather = scene.setting.weather;
        let wind = match weather {
            Weather::Clear | Weather::Fog => 0.0,
            Weather::Rain => 0.1,
            Weather::Snow => 0.2,
            Weather::Storm => 0.8,
            Weather::Wind => 1.0,
        };
        let clear = match weather {
            Weather::Clear | Weather::Wind => 1.0,
            Weather::Rain | Weather::Snow | Weather::Fog | Weather::Storm => 0.15,
        };
        let seed = (scene.seed % 65_536) as f32;
        let [light_x, light_y] = light.position;
        let uniform = EffectUniform {
            area: Vec4::from(manifest.area),
            color: rgb(manifest.color, 1.0),
            params: vec4(manifest.kind as u32 as f32, seed, wind, 0.0),
            clip_from_set: Vec4::ZERO,
            light: vec4(light_x, light_y, clear, 0.0),
        };
        let buffer = Uniform::new(
            gpu,
            &pipeline.layout,
            &uniform,
            &format!("{:?}", manifest.kind),
        );
        Self {
            manifest,
            uniform,
            buffer,
        }
    }

    /// Sets from where and when it is seen, before it is drawn.
    pub fn prepare(&self, gpu: &Gpu, seen: EffectView) {
        let mut uniform = self.uniform;
        uniform.params.w = seen.scene_s;
        uniform.clip_from_set = clip_from(seen.camera.view(self.manifest.depth, seen.aspect));
        self.buffer.write(gpu, &uniform);
    }

    pub fn draw(
        &self,
        pipeline: &EffectPipeline,
        pass: &mut wgpu::RenderPass<'_>,
        frame: &wgpu::BindGroup,
    ) {
        pass.set_pipeline(&pipeline.pipeline);
        pass.set_bind_group(0, frame, &[]);
        pass.set_bind_group(1, &self.buffer.group, &[]);
        pass.draw(0..6 * self.manifest.count.min(MOST_PARTICLES), 0..1);
    }
}

/// From where and when effects are seen.
#[derive(Clone, Copy)]
pub(crate) struct EffectView {
    pub camera: Camera,
    pub aspect: f32,
    pub scene_s: f32,
}
