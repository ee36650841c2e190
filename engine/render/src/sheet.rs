//! What a window lays over a picture: flat shapes and words, placed by whoever knows the window.

use fabula_story::Color;
use glam::{Vec4, vec4};
use glyphon::cosmic_text::Align;

use crate::RenderError;
use crate::gpu::Gpu;
use crate::lettering::{Block, Lettering, PanelShape, Wording, extent};

/// Shapes, then words over them, in pixels from the left upper corner of the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// From the back to the front.
    pub shapes: Vec<SheetShape>,
    /// Before all shapes.
    pub labels: Vec<SheetLabel>,
}

/// A rectangle with round corners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SheetShape {
    /// Left, top, right and lower edge.
    pub edges_px: [f32; 4],
    /// Radius of the corners.
    pub radius_px: f32,
    /// How far its edge reaches to both sides; half a pixel is sharp.
    pub softness_px: f32,
    /// Colour.
    pub color: Color,
    /// Between 0 and 1.
    pub opacity: f32,
}

/// Words in one colour, in lines no longer than `width_px`.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetLabel {
    /// The words; line breaks are kept.
    pub text: String,
    /// A point of the window.
    pub at_px: [f32; 2],
    /// Which point of the words lies there: 0 their left or upper edge, 1 the right or lower one.
    pub anchor: [f32; 2],
    /// Height of the letters.
    pub font_px: f32,
    /// Where lines are broken.
    pub width_px: f32,
    /// Colour.
    pub color: Color,
    /// Between 0 and 1, of the ground too.
    pub opacity: f32,
    /// What the words stand on.
    pub ground: Option<SheetGround>,
}

/// A panel around words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SheetGround {
    /// Colour.
    pub color: Color,
    /// Between 0 and 1.
    pub opacity: f32,
    /// Room at the sides, and above and below.
    pub pad_px: [f32; 2],
    /// Radius of the corners.
    pub radius_px: f32,
}

impl Sheet {
    /// Makes the sheet ready to be drawn by `lettering` in a window of this size.
    pub(crate) fn prepare(
        &self,
        gpu: &Gpu,
        lettering: &mut Lettering,
        size_px: [u32; 2],
    ) -> Result<(), RenderError> {
        let [width, height] = size_px.map(|side| side as f32);
        let panel = |edges_px: [f32; 4], radius_px, softness_px, color, opacity| PanelShape {
            edges: Vec4::from(edges_px),
            color: rgba(color, opacity),
            params: vec4(radius_px, softness_px, width, height),
        };
        let mut panels: Vec<_> = self
            .shapes
            .iter()
            .map(|shape| {
                panel(
                    shape.edges_px,
                    shape.radius_px,
                    shape.softness_px,
                    shape.color,
                    shape.opacity,
                )
            })
            .collect();
        let mut blocks = Vec::with_capacity(self.labels.len());
        for label in &self.labels {
            let buffer = lettering.shape(&Wording {
                spans: &[(&label.text, label.color)],
                font_px: label.font_px,
                width_px: label.width_px,
                align: match label.anchor[0] {
                    x if x < 0.25 => Align::Left,
                    x if x > 0.75 => Align::Right,
                    _ => Align::Center,
                },
                opacity: label.opacity,
            });
            let (words_width, words_height) = extent(&buffer);
            let [x, y] = label.at_px;
            let left = x - label.anchor[0] * words_width;
            let top = y - label.anchor[1] * words_height;
            if let Some(ground) = label.ground {
                let [pad_x, pad_y] = ground.pad_px;
                panels.push(panel(
                    [
                        left - pad_x,
                        top - pad_y,
                        left + words_width + pad_x,
                        top + words_height + pad_y,
                    ],
                    ground.radius_px,
                    1.0,
                    ground.color,
                    ground.opacity * label.opacity,
                ));
            }
            blocks.push(Block {
                buffer,
                left: x - label.anchor[0] * label.width_px,
                top,
                opacity: label.opacity,
            });
        }
        lettering.prepare(gpu, &blocks, &panels)
    }
}

fn rgba(color: Color, opacity: f32) -> Vec4 {
    let [r, g, b] = color.to_f32();
    vec4(r, g, b, opacity)
}
