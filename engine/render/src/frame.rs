//! What everything drawn into one picture shares: camera, light and grade.

use bytemuck::{Pod, Zeroable};
use fabula_story::{Emotion, Mood};
use glam::{Vec2, Vec3, Vec4, vec2, vec3, vec4};

use crate::camera::{Camera, Rect};
use crate::picture::FrameSize;
use crate::set::{Light, rgb};

/// The uniform of `shaders/shared/frame.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct FrameUniform {
    pub clip_from_stage: Vec4,
    uv_from_px: Vec2,
    /// Stage units per pixel.
    pub px: f32,
    pub ground_y: f32,
    pub light_position: Vec2,
    padding: Vec2,
    pub key: Vec4,
    pub shade: Vec4,
    tint: Vec4,
    grade: Vec4,
}

impl FrameUniform {
    /// The stage as `camera` sees it at depth 1.
    pub fn new(
        camera: Camera,
        size: FrameSize,
        light: &Light,
        ground_y: f32,
        grade: Grade,
    ) -> Self {
        let view = camera.view(1.0, size.aspect());
        Self {
            clip_from_stage: clip_from(view),
            uv_from_px: uv_from_px(size),
            px: view.size().y / size.height() as f32,
            ground_y,
            light_position: Vec2::from(light.position),
            padding: Vec2::ZERO,
            key: rgb(light.key, light.rim),
            shade: rgb(light.shade, light.ambient),
            tint: grade.tint,
            grade: grade.factors(),
        }
    }

    /// Nothing but the identity: clip space is the stage, and colours stay as they are.
    pub fn plain(size: FrameSize) -> Self {
        Self {
            clip_from_stage: vec4(2.0 / size.aspect(), 2.0, 0.0, -1.0),
            uv_from_px: uv_from_px(size),
            px: 1.0 / size.height() as f32,
            ground_y: 0.0,
            light_position: vec2(-0.6, 1.2),
            padding: Vec2::ZERO,
            key: vec4(1.0, 0.95, 0.86, 0.5),
            shade: vec4(0.42, 0.42, 0.62, 1.0),
            tint: vec4(0.5, 0.5, 0.5, 0.0),
            grade: vec4(1.0, 1.0, 0.0, 1.0),
        }
    }

    /// The same in another mood.
    pub fn with_grade(self, grade: Grade) -> Self {
        Self {
            tint: grade.tint,
            grade: grade.factors(),
            ..self
        }
    }

    /// How much the corners of the picture darken actors, as in `shaders/figure.wgsl`.
    pub fn actor_vignette(&self) -> f32 {
        0.6 * self.grade.z
    }

    /// Grade of an actor's colour: that of `shaders/shared/grade.wgsl`, but weaker, so that skin
    /// stays skin.
    pub fn actor_color(&self, color: Vec3) -> Vec3 {
        const STRENGTH: f32 = 0.55;
        let weaker = |factor: f32| 1.0 + (factor - 1.0) * STRENGTH;
        let [saturation, exposure, _, contrast] = self.grade.to_array();
        let grey = Vec3::splat(color.dot(vec3(0.2126, 0.7152, 0.0722)));
        let c = grey.lerp(color, weaker(saturation));
        let t = self.tint.truncate();
        let soft = c * (2.0 * t + c * (1.0 - 2.0 * t));
        let c = c.lerp(soft, self.tint.w * STRENGTH);
        let c = (c - 0.45) * weaker(contrast) + 0.45;
        (c * weaker(exposure)).clamp(Vec3::ZERO, Vec3::ONE)
    }
}

fn uv_from_px(size: FrameSize) -> Vec2 {
    vec2(1.0 / size.width() as f32, 1.0 / size.height() as f32)
}

/// Scale (xy) and offset (zw) that take a view of the stage or of a set to clip space.
pub(crate) fn clip_from(view: Rect) -> Vec4 {
    let scale = vec2(2.0, 2.0) / view.size();
    let offset = -view.center() * scale;
    vec4(scale.x, scale.y, offset.x, offset.y)
}

/// How a mood colours a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grade {
    /// Colour and strength of the tint.
    pub tint: Vec4,
    pub saturation: f32,
    pub exposure: f32,
    pub vignette: f32,
    pub contrast: f32,
}

/// Seed colours of the emotions, sRGB.
fn seed_color(emotion: Emotion) -> [f32; 3] {
    let bytes: [u8; 3] = match emotion {
        Emotion::Joy => [255, 248, 220],
        Emotion::Sadness => [176, 196, 222],
        Emotion::Anger => [255, 160, 122],
        Emotion::Fear => [128, 128, 128],
        Emotion::Surprise => [255, 182, 193],
        Emotion::Disgust => [196, 206, 150],
        Emotion::Neutral => [240, 248, 255],
    };
    bytes.map(|c| f32::from(c) / 255.0)
}

impl Grade {
    pub const NEUTRAL: Self = Self {
        tint: Vec4::new(0.5, 0.5, 0.5, 0.0),
        saturation: 1.0,
        exposure: 1.0,
        vignette: 0.34,
        contrast: 1.0,
    };

    /// The grade of a mood at full or partial intensity.
    pub fn of(mood: Mood) -> Self {
        let (tint, saturation, exposure, vignette, contrast) = match mood.emotion {
            Emotion::Joy => ([0.60, 0.54, 0.42], 1.12, 1.05, 0.26, 1.02),
            Emotion::Sadness => ([0.38, 0.46, 0.58], 0.66, 0.90, 0.48, 0.96),
            Emotion::Anger => ([0.64, 0.42, 0.34], 1.10, 0.93, 0.55, 1.12),
            Emotion::Fear => ([0.42, 0.45, 0.50], 0.50, 0.80, 0.66, 1.08),
            Emotion::Surprise => ([0.60, 0.49, 0.53], 1.08, 1.06, 0.28, 1.04),
            Emotion::Disgust => ([0.50, 0.53, 0.38], 0.80, 0.93, 0.46, 1.02),
            Emotion::Neutral => ([0.5, 0.5, 0.5], 1.0, 1.0, 0.34, 1.0),
        };
        let [r, g, b] = tint;
        let full = Self {
            tint: vec4(r, g, b, 0.8),
            saturation,
            exposure,
            vignette,
            contrast,
        };
        // Even a faint mood is felt; a strong one does not drown the set.
        Self::NEUTRAL.mix(full, 0.25 + 0.75 * mood.intensity)
    }

    /// Saturation, exposure, vignette, contrast.
    fn factors(self) -> Vec4 {
        vec4(self.saturation, self.exposure, self.vignette, self.contrast)
    }

    pub fn mix(self, other: Self, t: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * t;
        Self {
            tint: self.tint.lerp(other.tint, t),
            saturation: mix(self.saturation, other.saturation),
            exposure: mix(self.exposure, other.exposure),
            vignette: mix(self.vignette, other.vignette),
            contrast: mix(self.contrast, other.contrast),
        }
    }

    /// The same, darker and with its corners gone: for words to stand on.
    pub fn dimmed(self) -> Self {
        Self {
            exposure: self.exposure * 0.62,
            vignette: 0.7,
            saturation: self.saturation * 0.9,
            ..self
        }
    }
}

/// The colour of a mood, for backdrops that have no place of their own: rgb and strength.
pub(crate) fn mood_color(mood: Mood) -> Vec4 {
    let [r, g, b] = seed_color(mood.emotion);
    vec4(r, g, b, mood.intensity * 0.9)
}
