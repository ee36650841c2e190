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
use crate::set::{
    EffectKind, EffectManifest, SetManifest, buffer_layout, drawn_time, rgb, set_name, shader,
};

/// `Effect` of `shaders/effects.wgsl`.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct EffectUniform {
    area: Vec4,
    color: Vec4,
    params: Vec4,
    clip_from_set: Vec4,
}

/// Draws the effects of all scenes.
pub(crate) struct EffectPipeline {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
}

impl EffectPipeline {
    pub fn new(gpu: &Gpu, frame: &wgpu::BindGroupLayout) -> Result<Self, RenderError> {
        let storage = wgpu::BufferBindingType::Storage { read_only: true };
        let layout = buffer_layout(gpu, "effect", storage);
        let source = [
            shader("shared/frame")?,
            shader("shared/grade")?,
            shader("effects")?,
        ]
        .concat();
        let program = Program::new(gpu, "effects", &source, &[frame, &layout]);
        let triangles = wgpu::PrimitiveTopology::TriangleList;
        let pipeline = program.pipeline("vs_effect", &[], triangles, "fs_effect", OVER);
        Ok(Self { pipeline, layout })
    }
}

/// The effects of one scene.
#[derive(Debug)]
pub(crate) struct SceneEffects {
    effects: Vec<SceneEffect>,
}

#[derive(Debug)]
struct SceneEffect {
    effect: EffectUniform,
    count: u32,
    depth: f32,
    buffer: Uniform,
}

impl SceneEffects {
    /// What the set's manifest and the weather ask for.
    pub fn new(
        gpu: &Gpu,
        pipeline: &EffectPipeline,
        scene: &BoardScene,
        set: &SetManifest,
    ) -> Self {
        let time = drawn_time(&scene.setting);
        let outdoors = !scene.setting.indoor && set_name(scene).is_ok_and(|name| name != "indoor");
        let (weather, wind) = match scene.setting.weather {
            Weather::Rain => (Some((EffectKind::Rain, 260)), 0.1),
            Weather::Storm => (Some((EffectKind::Rain, 420)), 0.8),
            Weather::Snow => (Some((EffectKind::Snow, 220)), 0.2),
            Weather::Wind => (Some((EffectKind::Leaves, 14)), 1.0),
            Weather::Clear | Weather::Fog => (None, 0.0),
        };
        let weather = weather
            .filter(|_| outdoors)
            .map(|(kind, count)| EffectManifest::weather(kind, count));
        let own = set.effects.iter().filter(|effect| effect.is_seen_at(time));
        let effects = own
            .chain(weather.iter())
            .map(|effect| {
                let uniform = EffectUniform {
                    area: Vec4::from(effect.area),
                    color: rgb(effect.color, 1.0),
                    params: vec4(
                        effect.kind as u32 as f32,
                        (scene.seed % 65_536) as f32,
                        wind,
                        0.0,
                    ),
                    clip_from_set: Vec4::ZERO,
                };
                let label = format!("{:?}", effect.kind);
                SceneEffect {
                    effect: uniform,
                    count: effect.count.min(2000),
                    depth: effect.depth,
                    buffer: Uniform::new(gpu, &pipeline.layout, &uniform, &label),
                }
            })
            .collect();
        Self { effects }
    }

    /// Draws all effects at a time of the scene, as `camera` sees them.
    pub fn draw(
        &self,
        gpu: &Gpu,
        pipeline: &EffectPipeline,
        pass: &mut wgpu::RenderPass<'_>,
        frame: &wgpu::BindGroup,
        seen: EffectView,
    ) {
        for SceneEffect {
            effect,
            count,
            depth,
            buffer,
        } in &self.effects
        {
            let params = vec4(
                effect.params.x,
                effect.params.y,
                effect.params.z,
                seen.scene_s,
            );
            let clip_from_set = clip_from(seen.camera.view(*depth, seen.aspect));
            buffer.write(
                gpu,
                &EffectUniform {
                    params,
                    clip_from_set,
                    ..*effect
                },
            );
            pass.set_pipeline(&pipeline.pipeline);
            pass.set_bind_group(0, frame, &[]);
            pass.set_bind_group(1, &buffer.group, &[]);
            pass.draw(0..6 * *count, 0..1);
        }
    }
}

/// From where and when effects are seen.
#[derive(Clone, Copy)]
pub(crate) struct EffectView {
    pub camera: Camera,
    pub aspect: f32,
    pub scene_s: f32,
}
