//! Mixes the paints of actors with the light and the mood of a picture, once for all their pixels.

use bytemuck::{Pod, Zeroable};
use glam::{Vec3, Vec4, vec4};

use super::wardrobe::FigurePaint;
use crate::frame::FrameUniform;

/// `Lit` of `shaders/figure.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Lit {
    pub shaded: Vec4,
    pub warm: Vec4,
    pub along: Vec4,
    pub both: Vec4,
}

impl Lit {
    /// The rim of light: full over the outer third, gone at the inner edge.
    pub fn rim(frame: &FrameUniform) -> Self {
        const GONE_AT: f32 = 0.15;
        let color = frame.actor_color(frame.key.truncate());
        Self {
            shaded: color.extend(0.0),
            warm: vec4(0.0, 0.0, 0.0, -GONE_AT / RIM_FADE),
            along: vec4(0.0, 0.0, 0.0, frame.key.w),
            both: Vec4::ZERO,
        }
    }

    pub fn of(paint: &FigurePaint, frame: &FrameUniform) -> Self {
        let [from, to] = paint.colors;
        let color = |color: Vec4, light: f32| {
            let color = color.truncate().clamp(Vec3::ZERO, Vec3::ONE);
            frame.actor_color(in_light(color, light, paint.form, frame))
        };
        let shaded = color(from, 0.0);
        let warm = color(from, 1.0) - shaded;
        let along = color(to, 0.0) - shaded;
        let both = color(to, 1.0) - shaded - warm - along;
        Self {
            shaded: shaded.extend(from.w),
            warm: warm.extend(paint.bias),
            along: along.extend(to.w - from.w),
            both: both.extend(f32::from(u8::from(paint.radial))),
        }
    }
}

/// The part of a rim over which its light fades.
pub(crate) const RIM_FADE: f32 = 0.6;

/// What the light makes of a surface: warm towards the key, cool and dim away from it.
fn in_light(color: Vec3, light: f32, form: bool, frame: &FrameUniform) -> Vec3 {
    let depth = if form { 1.0 } else { 0.5 };
    // Hues of the two lights, apart from how bright they are.
    let hue = |light: Vec4| light.truncate() / light.truncate().max_element().max(0.05);
    let (shade, key) = (hue(frame.shade), hue(frame.key));
    let cool = color * Vec3::ONE.lerp(shade, 0.6 * depth) * (0.92 + (0.76 - 0.92) * depth);
    let warm = color * Vec3::ONE.lerp(key, 0.45) + key * 0.02;
    cool.lerp(warm, light) * frame.shade.w
}
