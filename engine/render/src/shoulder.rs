//! The dark shoulder of somebody in the foreground, past which another is seen.
//!
//! The figure is drawn large, into few pixels, and laid over the picture as a soft dark shape in the
//! colours of its hair and clothes, with light along its edge: so near to the camera nobody is in
//! focus, and nobody has a face from behind. Being so soft, it is shaded in fewer pixels than a large
//! picture has.

use fabula_story::{Color, Look, Role};
use glam::{Vec2, vec2, vec4};

use crate::camera::Camera;
use crate::figure::FigureStage;
use crate::frame::{FrameUniform, Grade};
use crate::gpu::Gpu;
use crate::layer::{FULL_CLIP_FROM_UV, Layer, LayerPipelines, LayerUniform, Target, Uniform, pass};
use crate::picture::FrameSize;
use crate::recording::{Recording, Stroke};
use crate::set::Light;
use crate::tiles::Area;

/// Rows of the shape, few enough that it is as soft in every size of picture.
const SHAPE_ROWS: f32 = 64.0;
/// Rows in which it is shaded at least, of as many as the picture has: some for each row of the shape.
const SHADED_ROWS: u32 = 270;
/// Pixels of the shape around the figure into which smoothing spreads it: two, and one for its edges.
const REACH_PX: f32 = 3.0;

/// Somebody in the foreground of a shot.
#[derive(Debug)]
pub(crate) struct Shoulder {
    /// Id of the role.
    pub role: String,
    camera: Camera,
    size: FrameSize,
    /// Of the head and of what is below it.
    colors: [Color; 2],
    shape: (Target, Layer),
    /// The same as it is seen, with more pixels.
    shaded: (Target, Layer),
    /// Pixels of the picture, in both directions, that are shaded as one.
    shaded_px: u32,
}

impl Shoulder {
    pub fn new(
        gpu: &Gpu,
        layers: &LayerPipelines,
        size: FrameSize,
        role: &Role,
        camera: Camera,
    ) -> Self {
        let drawn = |size_px, label| {
            let target = Target::new(gpu, size_px, label);
            let layer = layers.layer(gpu, &target.view, label);
            (target, layer)
        };
        let shape_px = [SHAPE_ROWS * size.aspect(), SHAPE_ROWS].map(|side| side.ceil() as u32);
        let shaded_px = (size.height() / SHADED_ROWS).max(1);
        let shaded_size_px = [size.width(), size.height()].map(|side| side.div_ceil(shaded_px));
        let shaded = drawn(shaded_size_px, "shaded shoulder");
        shaded.1.place(gpu, LayerUniform::FULL);
        Self {
            role: role.id.clone(),
            camera,
            size,
            colors: colors(&role.look),
            shape: drawn(shape_px, "shoulder"),
            shaded,
            shaded_px,
        }
    }

    /// What the figure is to be prepared for.
    pub fn frame(&self, light: &Light, ground_y: f32, grade: Grade) -> FrameUniform {
        let mut frame = FrameUniform::new(self.camera, self.size, light, ground_y, grade);
        // The edges of the figure are as soft as the shape has room for.
        frame.px *= self.size.height() as f32 / self.shape.0.texture.height() as f32;
        frame
    }

    /// Draws the prepared figure into the shape. Gives the part of the picture in which it is seen.
    pub fn draw_shape(
        &self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        figures: &mut FigureStage,
        frame: &Uniform,
    ) -> Area {
        let mut recording = Recording::new(gpu, &self.shape.0);
        recording.pass(Stroke::Other, true);
        figures.draw_figures(gpu, layers, &mut recording, &frame.group);
        recording.submit();
        self.area_around(figures.corners().unwrap_or([-Vec2::ONE, Vec2::ONE]))
    }

    /// The pixels of the picture that show something between these corners, in clip space, once it is
    /// smoothed.
    fn area_around(&self, [min, max]: [Vec2; 2]) -> Area {
        let shape = self.shape.0.texture.size();
        let reach = 2.0 * REACH_PX / vec2(shape.width as f32, shape.height as f32);
        let size = vec2(self.size.width() as f32, self.size.height() as f32);
        let to_px = |clip: Vec2| (clip * vec2(0.5, -0.5) + 0.5).clamp(Vec2::ZERO, Vec2::ONE) * size;
        let (min, max) = (min - reach, max + reach);
        let left_top = to_px(vec2(min.x, max.y)).floor().as_uvec2();
        let right_bottom = to_px(vec2(max.x, min.y)).ceil().as_uvec2();
        let extent = right_bottom.saturating_sub(left_top);
        [left_top.x, left_top.y, extent.x, extent.y]
    }

    /// Lays the shape over the picture, where it shows something in `area`.
    pub fn draw(
        &self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        recording: &mut Recording<'_>,
        frame: &wgpu::BindGroup,
        area: Area,
    ) {
        let (shape, layer) = &self.shape;
        let size = shape.texture.size();
        let [head, body] = self.colors.map(packed);
        let params = vec4(
            1.0 / size.width as f32,
            1.0 / size.height as f32,
            head,
            body,
        );
        layer.place(
            gpu,
            LayerUniform {
                clip_from_uv: FULL_CLIP_FROM_UV,
                params,
            },
        );
        let (shaded, soft) = &self.shaded;
        let size = shaded.texture.size();
        let mut pass = pass(recording.encoder(), &shaded.view, true, "shaded shoulder");
        // One more pixel shows at each edge when they are smoothed.
        let [left, top, width, height] = area;
        let (first, end) = (
            [left, top].map(|px| (px / self.shaded_px).saturating_sub(1)),
            [left + width, top + height].map(|px| px.div_ceil(self.shaded_px) + 1),
        );
        let (right, bottom) = (end[0].min(size.width), end[1].min(size.height));
        pass.set_scissor_rect(first[0], first[1], right - first[0], bottom - first[1]);
        layer.draw(&mut pass, &layers.shoulder, frame);
        drop(pass);
        let pass = recording.pass(Stroke::Rows, false);
        pass.set_scissor_rect(left, top, width, height);
        soft.draw(pass, &layers.rows.over, frame);
        pass.set_scissor_rect(0, 0, self.size.width(), self.size.height());
    }
}

/// The colours of somebody's head from behind, and of the body.
fn colors(look: &Look) -> [Color; 2] {
    let head = if look.being == "human" {
        look.hair
    } else {
        look.skin
    };
    let body = if look.outfit == "none" {
        look.skin
    } else {
        look.outfit_color
    };
    [head, body]
}

/// A colour as one number, which 32 bits of float hold exactly.
fn packed(color: Color) -> f32 {
    let [r, g, b] = [color.r, color.g, color.b].map(u32::from);
    ((r << 16) | (g << 8) | b) as f32
}

#[cfg(test)]
mod tests {
    use fabula_story::{DayTime, Storyboard, Weather};

    use super::*;
    use crate::gpu::GpuChoice;
    use crate::set::{SetManifest, uniform_layout};
    use crate::yuv_frame::read_rgba;

    #[test]
    fn all_of_a_shoulder_is_seen_in_its_part_of_the_picture() {
        let gpu = match Gpu::open(&GpuChoice::Cpu) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        let board = include_str!("../../story/tests/samples/storyboard.json");
        let board = Storyboard::from_json(board).unwrap();
        let shot = &board.scenes[0].shots[0];
        let role = board.role(&shot.actors[0].role).unwrap();
        let layout = uniform_layout(&gpu, "frame");
        let mut figures = FigureStage::new(&gpu, &board.cast, &layout).unwrap();
        let layers = LayerPipelines::new(&gpu, &layout).unwrap();
        let set = SetManifest::read(gpu.art(), "field").unwrap();
        let light = set.light(DayTime::Day, Weather::Clear);
        // In the middle of the picture, and cut by its left edge; shaded in all pixels, and in a fourth.
        for (aside, size) in [(0.0, [320, 180]), (0.8, [320, 180]), (0.8, [960, 540])] {
            let size = FrameSize::new(size[0], size[1]).unwrap();
            let whole = [0, 0, size.width(), size.height()];
            let camera = Camera {
                center: vec2(shot.actors[0].x + aside, 0.5),
                zoom: 1.0,
            };
            let shoulder = Shoulder::new(&gpu, &layers, size, role, camera);
            let frame = shoulder.frame(&light, 0.15, Grade::of(shot.mood));
            figures.prepare(&gpu, shot, 0.0, 0.0, &frame, |actor| actor.role == role.id);
            let uniform = Uniform::new(&gpu, &layout, &frame, "test");
            let area = shoulder.draw_shape(&gpu, &layers, &mut figures, &uniform);
            assert!(area[2] < whole[2] / 2, "{area:?}");
            let [drawn, expected] = [area, whole].map(|area| {
                let target = Target::new(&gpu, [size.width(), size.height()], "test");
                let mut recording = Recording::new(&gpu, &target);
                recording.pass(Stroke::Rows, true);
                shoulder.draw(&gpu, &layers, &mut recording, &uniform.group, area);
                recording.submit();
                read_rgba(&gpu, &target.texture, [size.width(), size.height()]).unwrap()
            });
            assert!(expected.iter().any(|byte| *byte != 0));
            // lavapipe rounds a row by where it begins.
            let differences = drawn.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b));
            assert!(differences.max() <= Some(1), "{area:?}");
        }
    }
}
