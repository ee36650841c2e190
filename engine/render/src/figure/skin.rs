//! The arithmetic of `placed` in `shaders/figure.wgsl` on the CPU, to test the shader against.

use glam::{Affine2, Mat2, Vec2};

use super::mesh::{BAND, Delta, INNER, OUTER, Vertex};

/// Half of the width of a soft edge, in pixels.
const FEATHER: f32 = 0.6;
/// Width of the rim of light, in canvas units.
const RIM_WIDTH: f32 = 9.0;

/// Place on the stage and coverage of a vertex, with `px` stage units a pixel.
fn placed(
    vertex: &Vertex,
    deltas: &[Delta],
    weights: &[f32],
    bones: &[Affine2],
    px: f32,
) -> (Vec2, f32) {
    let mut position = Vec2::from(vertex.position);
    let mut normal = Vec2::from(vertex.normal);
    let mut thickness = vertex.thickness;
    let first = vertex.first_delta as usize;
    for delta in &deltas[first..first + (vertex.bones >> 16) as usize] {
        let weight = weights[delta.target as usize];
        position += weight * Vec2::from(delta.position);
        normal += weight * Vec2::from(delta.normal);
        thickness += weight * delta.thickness;
    }
    let [a, b] = [vertex.bones & 255, vertex.bones >> 8 & 255].map(|index| bones[index as usize]);
    let t = vertex.second_weight;
    let matrix: Mat2 = a.matrix2 * (1.0 - t) + b.matrix2 * t;
    let offset = a.translation.lerp(b.translation, t);
    let determinant = matrix.determinant();
    let scale = determinant.abs().max(1e-12).sqrt();
    let cofactors = Mat2::from_cols_array(&[
        matrix.y_axis.y,
        -matrix.y_axis.x,
        -matrix.x_axis.y,
        matrix.x_axis.x,
    ]);
    let outward = if normal.length_squared() < 0.25 {
        Vec2::ZERO
    } else {
        (cofactors * normal).normalize_or_zero() * determinant.signum()
    };
    let stage = matrix * position + offset;
    let thick_px = thickness.max(0.0) * scale / px;
    if vertex.edge == OUTER {
        (stage + outward * FEATHER * px, 0.0)
    } else if vertex.edge == INNER {
        let inset_px = FEATHER.min(0.5 * thick_px);
        (
            stage - outward * inset_px * px,
            (thick_px / (0.5 * thick_px + FEATHER)).min(1.0),
        )
    } else if vertex.edge == BAND {
        (
            stage - outward * RIM_WIDTH.min(0.45 * thickness.max(0.0)) * scale,
            1.0,
        )
    } else {
        (stage, 1.0)
    }
}

mod tests {
    use bytemuck::cast_slice;
    use fabula_story::Age;
    use glam::vec2;

    use super::super::rig::{Blend, Joint, Performance};
    use super::super::stage::{filled, gpu_bones, source};
    use super::super::wardrobe::{Wardrobe, tests::role};
    use super::*;
    use crate::frame::FrameUniform;
    use crate::gpu::{Gpu, GpuChoice};
    use crate::picture::FrameSize;
    use crate::yuv_frame::{PendingMap, staging_buffer};

    /// Runs `placed` of the shader over all vertices: x and y on the stage, coverage.
    const PROBE: &str = "
        struct Stored { place: vec4f, edge: vec4f, links: vec4u }
        @group(2) @binding(0) var<storage, read> stored: array<Stored>;
        @group(2) @binding(1) var<storage, read_write> found: array<vec4f>;
        @compute @workgroup_size(64)
        fn probe(@builtin(global_invocation_id) id: vec3u) {
            if id.x >= arrayLength(&stored) { return; }
            let vertex = placed(VertexIn(0u, stored[id.x].place, stored[id.x].edge, stored[id.x].links));
            found[id.x] = vec4f(vertex.stage, vertex.coverage, 0.0);
        }";

    #[test]
    fn the_shader_places_vertices_as_the_cpu_does() {
        let Ok(gpu) = Gpu::open(&GpuChoice::Auto) else {
            return;
        };
        let mut wardrobe = Wardrobe::open().unwrap();
        let costume = wardrobe.dress(&role("human", Age::Child)).unwrap();
        let mesh = &wardrobe.mesh;
        let mut performance = Performance {
            x: 0.2,
            turn: -1.0,
            ..Performance::default()
        };
        performance.joint(Joint::Torso).rotation = 0.2;
        performance.joint(Joint::ForearmNear).rotation = -1.1;
        performance.joint(Joint::Head).scale = vec2(1.1, 0.9);
        for (index, weight) in performance.weights.iter_mut().enumerate() {
            *weight = (index % 5) as f32 * 0.24;
        }

        let device = &gpu.device;
        let storage = wgpu::BufferUsages::STORAGE;
        let uniform = FrameUniform::plain(FrameSize::FULL_HD);
        let frame = filled(
            &gpu,
            "frame",
            wgpu::BufferUsages::UNIFORM,
            bytemuck::bytes_of(&uniform),
        );
        let deltas = filled(&gpu, "deltas", storage, cast_slice(&mesh.deltas));
        let bones = gpu_bones(&costume, &performance, 0.1);
        let bones = filled(&gpu, "bones", storage, cast_slice(&bones));
        let weights = filled(&gpu, "weights", storage, cast_slice(&performance.weights));
        let stored = filled(&gpu, "vertices", storage, cast_slice(&mesh.vertices));
        let bytes = (mesh.vertices.len() * 16) as u64;
        let found = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("found"),
            size: bytes,
            usage: storage | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("probe"),
            source: wgpu::ShaderSource::Wgsl((source().unwrap() + PROBE).into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("probe"),
            layout: None,
            module: &module,
            entry_point: Some("probe"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let group = |index: u32, buffers: &[(u32, &wgpu::Buffer)]| {
            let entries: Vec<_> = buffers
                .iter()
                .map(|(binding, buffer)| wgpu::BindGroupEntry {
                    binding: *binding,
                    resource: buffer.as_entire_binding(),
                })
                .collect();
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("probe"),
                layout: &pipeline.get_bind_group_layout(index),
                entries: &entries,
            })
        };
        let groups = [
            group(0, &[(0, &frame)]),
            group(1, &[(1, &deltas), (3, &bones), (4, &weights)]),
            group(2, &[(0, &stored), (1, &found)]),
        ];
        let staging = staging_buffer(&gpu, bytes);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        for (index, group) in groups.iter().enumerate() {
            pass.set_bind_group(index as u32, group, &[]);
        }
        pass.dispatch_workgroups(mesh.vertices.len().div_ceil(64) as u32, 1, 1);
        drop(pass);
        encoder.copy_buffer_to_buffer(&found, 0, &staging, 0, bytes);
        let submission = gpu.queue.submit([encoder.finish()]);
        PendingMap::begin(&staging).wait(&gpu, submission).unwrap();
        let mapped = staging.slice(..).get_mapped_range();
        let found: &[[f32; 4]] = cast_slice(&mapped);

        assert_eq!(performance.weights.len(), Blend::COUNT);
        let bones = costume.rig.stage_from_bones(&performance, 0.1);
        for (vertex, found) in mesh.vertices.iter().zip(found) {
            let (stage, coverage) = placed(
                vertex,
                &mesh.deltas,
                &performance.weights,
                &bones,
                1.0 / 1080.0,
            );
            // A hundredth of a pixel: floats are fused and ordered differently by compilers.
            assert!(
                stage.distance(vec2(found[0], found[1])) < 1e-5,
                "{vertex:?} {found:?} {stage}"
            );
            assert!(
                (coverage - found[2]).abs() < 1e-2,
                "{vertex:?} {found:?} {coverage}"
            );
        }
    }
}
