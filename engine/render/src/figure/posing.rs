//! Poses vertices on the CPU, with the arithmetic of `posed` in `shaders/figure.wgsl`.
//!
//! A GPU poses them itself. Software Vulkan runs the loops and scattered reads of that shader ten
//! times slower than the same code compiled for the CPU.

use glam::{Affine2, Mat2, Vec2, vec2};

use super::light::RIM_FADE;
use super::mesh::{BAND, INNER, Mesh, OUTER, Vertex};
use super::wardrobe::FigurePaint;
use crate::frame::FrameUniform;

/// Half of the width of a soft edge, in pixels.
const FEATHER: f32 = 0.6;
/// Width of the rim of light, in canvas units.
const RIM_WIDTH: f32 = 9.0;

/// `Posed` of `shaders/figure.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Posed {
    /// Clip space, then the place in the gradient.
    pub place: [f32; 4],
    pub coverage: f32,
    pub light: f32,
    /// Index of what is lit.
    pub lit: u32,
}

/// One figure at one moment.
pub(crate) struct Figure<'a> {
    pub mesh: &'a Mesh,
    pub paints: &'a [FigurePaint],
    pub frame: &'a FrameUniform,
    /// From canvas to the stage.
    pub bones: &'a [Affine2],
    pub weights: &'a [f32],
    /// Middle of the body on the stage, and half of its size.
    pub middle: Vec2,
    pub half_size: Vec2,
}

/// A vertex on the stage.
struct Placed {
    stage: Vec2,
    /// Before its move along the normal.
    outline: Vec2,
    /// Outward from the outline, of length 1 or 0.
    outward: Vec2,
    /// After morphing, in canvas units.
    canvas: Vec2,
    coverage: f32,
}

impl Figure<'_> {
    fn placed(&self, vertex: &Vertex) -> Placed {
        let mut position = Vec2::from(vertex.position);
        let mut normal = Vec2::from(vertex.normal);
        let mut thickness = vertex.thickness;
        let first = vertex.first_delta as usize;
        for delta in &self.mesh.deltas[first..first + (vertex.bones >> 16) as usize] {
            let weight = self.weights[delta.target as usize];
            position += weight * Vec2::from(delta.position);
            normal += weight * Vec2::from(delta.normal);
            thickness += weight * delta.thickness;
        }
        let [a, b] =
            [vertex.bones & 255, vertex.bones >> 8 & 255].map(|bone| self.bones[bone as usize]);
        let t = vertex.second_weight;
        let matrix: Mat2 = a.matrix2 * (1.0 - t) + b.matrix2 * t;
        let offset = a.translation.lerp(b.translation, t);
        let determinant = matrix.determinant();
        let scale = determinant.abs().max(1e-12).sqrt();
        // Normals follow the cofactors of the matrix, whatever it scales or mirrors.
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
        let outline = matrix * position + offset;
        // An area thinner than its soft edges fades instead of turning inside out.
        let px = self.frame.px;
        let thick_px = thickness.max(0.0) * scale / px;
        let (along_normal, coverage) = if vertex.edge == OUTER {
            (FEATHER * px, 0.0)
        } else if vertex.edge == INNER {
            let coverage = (thick_px / (0.5 * thick_px + FEATHER)).min(1.0);
            (-FEATHER.min(0.5 * thick_px) * px, coverage)
        } else if vertex.edge == BAND {
            (-RIM_WIDTH.min(0.45 * thickness.max(0.0)) * scale, 1.0)
        } else {
            (0.0, 1.0)
        };
        Placed {
            stage: outline + outward * along_normal,
            outline,
            outward,
            canvas: position,
            coverage,
        }
    }

    pub fn posed(&self, vertex: &Vertex) -> Posed {
        let placed = self.placed(vertex);
        let to_light = self.frame.light_position - self.middle;
        let to_light = to_light / to_light.length().max(1e-4);
        let extent = (to_light * self.half_size).length();
        let side = (placed.outline - self.middle).dot(to_light) / extent;
        let (mut stage, mut coverage) = (placed.stage, placed.coverage);
        let (gradient, lit) = if vertex.rim < 0.0 {
            let paint = &self.paints[vertex.paint as usize];
            let canvas = placed.canvas.extend(1.0);
            let at = vec2(paint.x_row.dot(canvas), paint.y_row.dot(canvas));
            (at, vertex.paint + 1)
        } else {
            // An edge that faces the light but lies on the far side of the body has the body
            // before it.
            let facing = placed.outward.dot(to_light).max(0.0) * smoothstep(-0.05, 0.3, side);
            if facing <= 0.0 {
                stage = placed.outline;
            }
            coverage *= facing * facing.sqrt();
            (vec2(vertex.rim / RIM_FADE, 0.0), 0)
        };
        let [scale_x, scale_y, x, y] = self.frame.clip_from_stage.to_array();
        Posed {
            place: [
                stage.x * scale_x + x,
                stage.y * scale_y + y,
                gradient.x,
                gradient.y,
            ],
            coverage,
            light: (side + 1.15) / 2.2,
            lit,
        }
    }
}

/// Whether a triangle can change a pixel: it has an area, covers something of it, and reaches into
/// the picture.
pub(crate) fn is_seen([a, b, c]: [&Posed; 3]) -> bool {
    let covers = a.coverage > 0.0 || b.coverage > 0.0 || c.coverage > 0.0;
    let [[ax, ay, ..], [bx, by, ..], [cx, cy, ..]] = [a, b, c].map(|corner| corner.place);
    let reaches = |a: f32, b: f32, c: f32| a.min(b).min(c) <= 1.0 && a.max(b).max(c) >= -1.0;
    let area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    covers && reaches(ax, bx, cx) && reaches(ay, by, cy) && area != 0.0
}

fn smoothstep(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use bytemuck::{Pod, Zeroable, cast_slice};
    use fabula_story::Age;

    use super::super::rig::{Blend, Joint, Performance};
    use super::super::stage::{FigureUniform, filled, gpu_bones, gpu_gradients};
    use super::super::wardrobe::{Wardrobe, tests::role};
    use super::*;
    use crate::frame::FrameUniform;
    use crate::gpu::{Gpu, GpuChoice};
    use crate::picture::FrameSize;
    use crate::yuv_frame::{PendingMap, staging_buffer};

    #[test]
    fn a_triangle_is_seen_that_covers_some_of_the_picture() {
        let triangle = |corners: [[f32; 2]; 3], coverage: f32| {
            let posed = corners.map(|[x, y]| Posed {
                place: [x, y, 0.0, 0.0],
                coverage,
                light: 0.0,
                lit: 0,
            });
            is_seen(posed.each_ref())
        };
        let inside = [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]];
        assert!(triangle(inside, 1.0));
        assert!(!triangle(inside, 0.0));
        assert!(triangle([[-5.0, -5.0], [5.0, -5.0], [0.0, 9.0]], 1.0));
        assert!(!triangle([[1.1, 0.0], [1.5, 0.0], [1.1, 0.5]], 1.0));
        assert!(!triangle([[0.0, -1.5], [0.5, -1.1], [0.0, -1.1]], 1.0));
        assert!(!triangle([[0.0, 0.0], [0.5, 0.0], [0.5, 0.0]], 1.0));
    }

    #[test]
    fn the_shader_poses_vertices_as_the_cpu_does() {
        let gpu = match Gpu::open(&GpuChoice::Auto) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        let art = crate::Art::default();
        let mut wardrobe = Wardrobe::open(&art).unwrap();
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
        let gradients = gpu_gradients(&wardrobe.paints);
        let gradients = filled(&gpu, "gradients", storage, cast_slice(&gradients));
        let body = FigureUniform::new(&costume.rig, &performance, 0.1).with_span([
            0,
            mesh.vertices.len() as u32,
            0,
        ]);
        let figures = filled(&gpu, "figures", storage, bytemuck::bytes_of(&body));
        let bones = costume.rig.stage_from_bones(&performance, 0.1);
        let stored_bones = filled(&gpu, "bones", storage, cast_slice(&gpu_bones(&bones)));
        let weights = filled(&gpu, "weights", storage, cast_slice(&performance.weights));
        let stored = filled(&gpu, "vertices", storage, cast_slice(&mesh.vertices));
        let bytes = (mesh.vertices.len() * size_of::<Found>()) as u64;
        let found = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("found"),
            size: bytes,
            usage: storage | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("figure"),
            source: wgpu::ShaderSource::Wgsl(art.shader("figure").unwrap().text.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("pose"),
            layout: None,
            module: &module,
            entry_point: Some("pose"),
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
                label: Some("pose"),
                layout: &pipeline.get_bind_group_layout(index),
                entries: &entries,
            })
        };
        let groups = [
            group(0, &[(0, &frame)]),
            group(
                1,
                &[
                    (0, &gradients),
                    (1, &deltas),
                    (2, &figures),
                    (3, &stored_bones),
                    (4, &weights),
                ],
            ),
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
        let found: &[Found] = cast_slice(&mapped);

        assert_eq!(performance.weights.len(), Blend::COUNT);
        let figure = Figure {
            mesh,
            paints: &wardrobe.paints,
            frame: &uniform,
            bones: &bones,
            weights: &performance.weights,
            middle: body.middle(),
            half_size: body.half_size(),
        };
        let (mut rims, mut paints) = (0, 0);
        for (vertex, found) in mesh.vertices.iter().zip(found) {
            let posed = figure.posed(vertex);
            // A hundredth of a pixel: floats are fused and ordered differently by compilers. The
            // place in a steep gradient may differ by a little more.
            let tolerances = [2e-5, 2e-5, 1e-3, 1e-3];
            for ((a, b), tolerance) in posed.place.iter().zip(found.place).zip(tolerances) {
                assert!((a - b).abs() < tolerance, "{vertex:?} {found:?} {posed:?}");
            }
            let surface = [posed.coverage, posed.light];
            for (a, b) in surface.iter().zip(found.surface) {
                assert!((a - b).abs() < 1e-2, "{vertex:?} {found:?} {posed:?}");
            }
            assert_eq!(posed.lit, found.lit);
            rims += u32::from(posed.lit == 0 && posed.coverage > 0.0);
            paints += u32::from(posed.lit > 0);
        }
        assert!(rims > 100 && paints > 1000, "{rims} {paints}");
    }

    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[repr(C)]
    struct Found {
        place: [f32; 4],
        surface: [f32; 2],
        lit: u32,
        unused: u32,
    }
}
