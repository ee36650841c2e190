//! Signs beside actors: hearts, drops of sweat, an exclamation mark, a splash, streaks of speed. Each
//! is a function of where its actor is and of the time since it began.

use bytemuck::{Pod, Zeroable};
use fabula_story::{CueKind, Mark, Shot};
use glam::{Vec4, vec4};

use crate::RenderError;
use crate::figure::{Body, FigureStage, group_of};
use crate::gpu::Gpu;
use crate::layer::Uniform;
use crate::pipeline::{OVER, Program};
use crate::set::buffer_layout;

/// More than these are not drawn at once.
const MOST_MARKS: usize = 12;
/// Parts that each mark may have, as `marks.wgsl` counts them.
const PARTS: u32 = 12;
/// Marks are drawn in proportion to their actor, within these heights.
const SMALLEST: f32 = 0.24;
const LARGEST: f32 = 0.5;

/// `Mark` of `shaders/marks.wgsl`.
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C)]
struct MarkUniform {
    place: Vec4,
    time: Vec4,
}

/// Draws the marks of a shot.
#[derive(Debug)]
pub(crate) struct Marks {
    pipeline: wgpu::RenderPipeline,
    buffer: Uniform,
    count: u32,
}

impl Marks {
    pub fn new(gpu: &Gpu, frame: &wgpu::BindGroupLayout) -> Result<Self, RenderError> {
        let storage = wgpu::BufferBindingType::Storage { read_only: true };
        let layout = buffer_layout(gpu, "marks", storage);
        let source = gpu.art().shader("marks")?;
        let program = Program::new(gpu, "marks", &source.text, &[frame, &layout]);
        let triangles = wgpu::PrimitiveTopology::TriangleList;
        let empty = [MarkUniform::default(); MOST_MARKS];
        Ok(Self {
            pipeline: program.pipeline("vs_mark", &[], triangles, "fs_mark", OVER),
            buffer: Uniform::new(gpu, &layout, &empty, "marks"),
            count: 0,
        })
    }

    /// Makes ready the marks of a shot at `shot_s`, beside the figures that are prepared.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        shot: &Shot,
        shot_s: f64,
        figures: &FigureStage,
        ground_y: f32,
    ) {
        let mut marks = [MarkUniform::default(); MOST_MARKS];
        let shown = shot.actors.iter().flat_map(|actor| {
            let body = || figures.body(&actor.role);
            actor.cues.iter().filter_map(move |cue| {
                let CueKind::Mark { mark, duration_s } = cue.kind else {
                    return None;
                };
                let age_s = shot_s - cue.at_s;
                if !(0.0..duration_s).contains(&age_s) {
                    return None;
                }
                let own = body()?;
                let (body, top) = match mark {
                    Mark::Exclamation | Mark::Hearts => over_all(shot, &actor.role, own, figures),
                    Mark::Sweat | Mark::Splash | Mark::SpeedLines => (own, top(&own)),
                };
                let unit = body.height.clamp(SMALLEST, LARGEST);
                let kind = mark as u32 as f32;
                Some(MarkUniform {
                    place: vec4(body.x, top, ground_y, unit),
                    time: vec4(kind, age_s as f32, (duration_s - age_s) as f32, body.turn),
                })
            })
        });
        self.count = 0;
        for (slot, mark) in marks.iter_mut().zip(shown) {
            *slot = mark;
            self.count += 1;
        }
        if self.count > 0 {
            self.buffer.write(gpu, &marks);
        }
    }

    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, frame: &wgpu::BindGroup) {
        if self.count == 0 {
            return;
        }
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, frame, &[]);
        pass.set_bind_group(1, &self.buffer.group, &[]);
        pass.draw(0..6 * PARTS, 0..self.count);
    }
}

/// Height of the crown of a body.
fn top(body: &Body) -> f32 {
    body.middle.y + body.half_size.y
}

/// The body of a role and its top; of a group, which feels as one, a body in its middle and the top of
/// the tallest.
fn over_all(shot: &Shot, role: &str, own: Body, figures: &FigureStage) -> (Body, f32) {
    let members = shot.actors.iter();
    let members = members.filter(|actor| group_of(&actor.role) == role);
    let bodies: Vec<Body> = members
        .filter_map(|actor| figures.body(&actor.role))
        .collect();
    let (left, right, highest) =
        bodies
            .iter()
            .fold((own.x, own.x, top(&own)), |(left, right, highest), body| {
                (left.min(body.x), right.max(body.x), highest.max(top(body)))
            });
    let x = f32::midpoint(left, right);
    (Body { x, ..own }, highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shader_knows_every_mark_by_its_number() {
        let art = crate::Art::default();
        let source = art.file("shaders/marks.wgsl").unwrap();
        for mark in Mark::ALL {
            let (number, name) = (mark as u32, format!("{mark:?}").to_lowercase());
            let case = format!("case {number}u: {{ // {name}");
            assert!(source.contains(&case), "{case}");
        }
        assert!(source.contains(&format!("const PARTS = {PARTS}u;")));
    }
}
