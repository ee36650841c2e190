//! Words in the picture: captions, the title and the end card.

use fabula_story::{Caption, Card, Color, Role};
use glam::vec4;
use glyphon::Buffer;
use glyphon::cosmic_text::Align;

use crate::RenderError;
use crate::gpu::Gpu;
use crate::lettering::{Block, Lettering, PanelShape, Wording, extent};
use crate::picture::FrameSize;
use crate::set::FORMAT;

/// Room around the picture where no words stand, as a share of its sides.
const SAFE_AREA: f32 = 0.05;
/// Captions fade in and out in this time.
const FADE_S: f64 = 0.14;

/// The words of a film, in pictures of one size.
pub(crate) struct Words {
    lettering: Lettering,
    size: FrameSize,
}

impl Words {
    pub fn new(gpu: &Gpu, size: FrameSize) -> Result<Self, RenderError> {
        let mut words = Self {
            lettering: Lettering::new(gpu, FORMAT)?,
            size,
        };
        words.resize(gpu, size);
        Ok(words)
    }

    /// Sets the size of the pictures that follow.
    pub fn resize(&mut self, gpu: &Gpu, size: FrameSize) {
        self.lettering.resize(gpu, [size.width(), size.height()]);
        self.size = size;
    }

    /// Size of caption letters in pixels: readable on tall and wide pictures alike.
    fn caption_px(&self) -> f32 {
        let (width, height) = (self.size.width() as f32, self.size.height() as f32);
        (height * 0.044).min(width * (1.0 - 2.0 * SAFE_AREA) / 25.0)
    }

    fn shape(&mut self, spans: &[(&str, Color)], font_px: f32, opacity: f32) -> Buffer {
        self.lettering.shape(&Wording {
            spans,
            font_px,
            width_px: self.size.width() as f32 * (1.0 - 2.0 * SAFE_AREA) - 1.6 * font_px,
            align: Align::Center,
            opacity,
        })
    }

    /// Makes ready the caption of a shot at `shot_s`; `role` is who speaks.
    pub fn prepare_caption(
        &mut self,
        gpu: &Gpu,
        caption: Option<(&Caption, Option<&Role>)>,
        shot_s: f64,
    ) -> Result<(), RenderError> {
        let Some((caption, role)) = caption else {
            return self.lettering.prepare(gpu, &[], &[]);
        };
        let since_s = shot_s - caption.start_s;
        let left_s = caption.duration_s - since_s;
        let opacity = (since_s.min(left_s) / FADE_S).clamp(0.0, 1.0) as f32;
        let font_px = self.caption_px();
        let paper = Color::rgb(255, 247, 232);
        let name = role.map(|role| (format!("{} ", role.name), role.color));
        let mut spans: Vec<(&str, Color)> = Vec::with_capacity(2);
        if let Some((name, color)) = &name {
            spans.push((name, *color));
        }
        spans.push((&caption.text, paper));
        let buffer = self.shape(&spans, font_px, opacity);
        let (width, height) = extent(&buffer);
        let (frame_width, frame_height) = (self.size.width() as f32, self.size.height() as f32);
        let pad = [font_px * 0.8, font_px * 0.34];
        let bottom = frame_height * (1.0 - SAFE_AREA * 0.6) - pad[1];
        let top = bottom - height;
        let left = (frame_width - buffer.size().0.unwrap_or(width)) / 2.0;
        let middle = frame_width / 2.0;
        let panel = PanelShape {
            edges: vec4(
                middle - width / 2.0 - pad[0],
                top - pad[1],
                middle + width / 2.0 + pad[0],
                bottom + pad[1],
            ),
            color: vec4(0.075, 0.06, 0.11, 0.62 * opacity),
            params: vec4(font_px * 0.55, 1.0, frame_width, frame_height),
        };
        self.lettering.prepare(
            gpu,
            &[Block {
                buffer,
                left,
                top,
                opacity,
            }],
            &[panel],
        )
    }

    /// Makes ready the words of a card at `card_s`.
    pub fn prepare_card(&mut self, gpu: &Gpu, card: &Card, card_s: f64) -> Result<(), RenderError> {
        let (frame_width, frame_height) = (self.size.width() as f32, self.size.height() as f32);
        let rise = |delay_s: f64| {
            let t = ((card_s - delay_s) / 0.9).clamp(0.0, 1.0) as f32;
            1.0 - (1.0 - t).powi(3)
        };
        let (shown, below) = (rise(0.25), rise(0.6));
        let paper = Color::rgb(255, 246, 228);
        let letters = card.title.chars().count().max(1) as f32;
        let title_px = (frame_height * 0.115).min(frame_width * 1.55 / letters.max(11.0));
        let title_px = title_px.max(self.caption_px());
        let title = self.shape(&[(&card.title, paper)], title_px, shown);
        let (title_width, title_height) = extent(&title);
        let side = (frame_width - title.size().0.unwrap_or(title_width)) / 2.0;
        let title_top = frame_height * 0.46 - title_height * 0.5 + (1.0 - shown) * title_px * 0.18;
        let mut blocks = vec![Block {
            buffer: title,
            left: side,
            top: title_top,
            opacity: shown,
        }];
        let middle = frame_width / 2.0;
        let rule_y = title_top + title_height + title_px * 0.30;
        let unit = frame_height / 1080.0;
        let half = frame_width.min(frame_height * 1.6) * 0.16 * below;
        let params = |radius: f32| vec4(radius, 0.7, frame_width, frame_height);
        let gold = |opacity: f32| vec4(0.98, 0.80, 0.50, opacity);
        let gap = 16.0 * unit;
        let bar = |x0: f32, x1: f32| PanelShape {
            edges: vec4(x0, rule_y - 1.3 * unit, x1, rule_y + 1.3 * unit),
            color: gold(0.75 * below),
            params: params(1.3 * unit),
        };
        let dot = 5.0 * unit;
        let mut panels = vec![
            // A soft dark ground keeps the words readable on any set.
            PanelShape {
                edges: vec4(
                    middle - title_width * 0.5,
                    title_top + title_height * 0.1,
                    middle + title_width * 0.5,
                    title_top + title_height * 0.9,
                ),
                color: vec4(0.04, 0.03, 0.09, 0.42 * shown),
                params: vec4(title_px, title_px * 1.1, frame_width, frame_height),
            },
            PanelShape {
                edges: vec4(middle - dot, rule_y - dot, middle + dot, rule_y + dot),
                color: gold(below),
                params: params(dot),
            },
        ];
        if half > gap {
            panels.push(bar(middle - half, middle - gap));
            panels.push(bar(middle + gap, middle + half));
        }
        if let Some(subtitle) = &card.subtitle {
            let font_px = self.caption_px();
            let buffer = self.shape(&[(subtitle, Color::rgb(236, 214, 178))], font_px, below);
            let left = (frame_width - buffer.size().0.unwrap_or(0.0)) / 2.0;
            let top = rule_y + font_px * 0.75;
            blocks.push(Block {
                buffer,
                left,
                top,
                opacity: below,
            });
        }
        self.lettering.prepare(gpu, &blocks, &panels)
    }

    /// Draws what has been made ready.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>) -> Result<(), RenderError> {
        self.lettering.draw(pass)
    }
}
