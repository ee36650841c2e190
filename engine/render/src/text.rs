//! Words in the picture: captions, the title and the end card.

use bytemuck::{Pod, Zeroable};
use fabula_story::{Caption, Card, Color, Role};
use glam::{Vec4, vec4};
use glyphon::{
    Attrs, Buffer, Cache, ColorMode, Family, FontSystem, Metrics, Resolution, Shaping, SwashCache,
    TextArea, TextAtlas, TextBounds, TextRenderer, Viewport, Weight, Wrap, fontdb,
};

use crate::RenderError;
use crate::gpu::Gpu;
use crate::layer::Uniform;
use crate::picture::FrameSize;
use crate::pipeline::{OVER, Program};
use crate::set::{FORMAT, shader, uniform_layout};

/// Quicksand by The Quicksand Project Authors, SIL Open Font License 1.1.
const FONT: &[u8] = include_bytes!("../../../assets/fonts/Quicksand-Bold.ttf");

/// Room around the picture where no words stand, as a share of its sides.
const SAFE_AREA: f32 = 0.05;
/// Captions fade in and out in this time.
const FADE_S: f64 = 0.14;
/// Most panels of one picture.
const PANELS: usize = 8;

/// A rounded rectangle, `Panel` of `shaders/panel.wgsl`.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Panel {
    edges: Vec4,
    color: Vec4,
    params: Vec4,
}

/// Shaped words and where they stand.
struct Block {
    buffer: Buffer,
    left: f32,
    top: f32,
    opacity: f32,
}

/// Shapes words and draws them.
pub(crate) struct Words {
    fonts: FontSystem,
    glyphs: SwashCache,
    viewport: Viewport,
    atlas: TextAtlas,
    renderer: TextRenderer,
    panel_pipeline: wgpu::RenderPipeline,
    panels: Uniform,
    panel_count: u32,
    size: FrameSize,
}

impl Words {
    pub fn new(gpu: &Gpu, size: FrameSize) -> Result<Self, RenderError> {
        let device = &gpu.device;
        let mut database = fontdb::Database::new();
        database.load_font_data(FONT.to_vec());
        // A fixed locale and only our own fonts: the same words look the same everywhere.
        let fonts = FontSystem::new_with_locale_and_db("en-US".to_owned(), database);
        let cache = Cache::new(device);
        let mut viewport = Viewport::new(device, &cache);
        viewport.update(
            &gpu.queue,
            Resolution {
                width: size.width(),
                height: size.height(),
            },
        );
        let mut atlas =
            TextAtlas::with_color_mode(device, &gpu.queue, &cache, FORMAT, ColorMode::Web);
        let renderer =
            TextRenderer::new(&mut atlas, device, wgpu::MultisampleState::default(), None);

        let layout = uniform_layout(gpu, "panels");
        let program = Program::new(gpu, "panel", shader("panel")?, &[&layout]);
        let strip = wgpu::PrimitiveTopology::TriangleStrip;
        let panel_pipeline = program.pipeline("vs_panel", &[], strip, "fs_panel", OVER);
        let panels = Uniform::new(gpu, &layout, &[Panel::zeroed(); PANELS], "panels");
        Ok(Self {
            fonts,
            glyphs: SwashCache::new(),
            viewport,
            atlas,
            renderer,
            panel_pipeline,
            panels,
            panel_count: 0,
            size,
        })
    }

    /// Size of caption letters in pixels: readable on tall and wide pictures alike.
    fn caption_px(&self) -> f32 {
        let (width, height) = (self.size.width() as f32, self.size.height() as f32);
        (height * 0.044).min(width * (1.0 - 2.0 * SAFE_AREA) / 25.0)
    }

    fn shape(&mut self, spans: &[(&str, Color)], font_px: f32, opacity: f32) -> Buffer {
        let metrics = Metrics::new(font_px, font_px * 1.28);
        let mut buffer = Buffer::new(&mut self.fonts, metrics);
        let width = self.size.width() as f32 * (1.0 - 2.0 * SAFE_AREA) - 1.6 * font_px;
        buffer.set_size(&mut self.fonts, Some(width), None);
        buffer.set_wrap(&mut self.fonts, Wrap::WordOrGlyph);
        let alpha = (opacity * 255.0).round() as u8;
        let attrs = Attrs::new()
            .family(Family::Name("Quicksand"))
            .weight(Weight::BOLD);
        let spans = spans.iter().map(|(text, color)| {
            let color = glyphon::Color::rgba(color.r, color.g, color.b, alpha);
            (*text, attrs.clone().color(color))
        });
        buffer.set_rich_text(
            &mut self.fonts,
            spans,
            &attrs,
            Shaping::Advanced,
            Some(glyphon::cosmic_text::Align::Center),
        );
        buffer.shape_until_scroll(&mut self.fonts, false);
        buffer
    }

    /// Makes ready the caption of a shot at `shot_s`; `role` is who speaks.
    pub fn prepare_caption(
        &mut self,
        gpu: &Gpu,
        caption: Option<(&Caption, Option<&Role>)>,
        shot_s: f64,
    ) -> Result<(), RenderError> {
        let Some((caption, role)) = caption else {
            return self.prepare(gpu, &[], &[]);
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
        let panel = Panel {
            edges: vec4(
                middle - width / 2.0 - pad[0],
                top - pad[1],
                middle + width / 2.0 + pad[0],
                bottom + pad[1],
            ),
            color: vec4(0.075, 0.06, 0.11, 0.62 * opacity),
            params: vec4(font_px * 0.55, 1.0, frame_width, frame_height),
        };
        self.prepare(
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
        let bar = |x0: f32, x1: f32| Panel {
            edges: vec4(x0, rule_y - 1.3 * unit, x1, rule_y + 1.3 * unit),
            color: gold(0.75 * below),
            params: params(1.3 * unit),
        };
        let dot = 5.0 * unit;
        let mut panels = vec![
            // A soft dark ground keeps the words readable on any set.
            Panel {
                edges: vec4(
                    middle - title_width * 0.5,
                    title_top + title_height * 0.1,
                    middle + title_width * 0.5,
                    title_top + title_height * 0.9,
                ),
                color: vec4(0.04, 0.03, 0.09, 0.42 * shown),
                params: vec4(title_px, title_px * 1.1, frame_width, frame_height),
            },
            Panel {
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
        self.prepare(gpu, &blocks, &panels)
    }

    fn prepare(
        &mut self,
        gpu: &Gpu,
        blocks: &[Block],
        panels: &[Panel],
    ) -> Result<(), RenderError> {
        self.panel_count = panels.len().min(PANELS) as u32;
        if self.panel_count > 0 {
            let mut all = [Panel::zeroed(); PANELS];
            for (slot, panel) in all.iter_mut().zip(panels) {
                *slot = *panel;
            }
            self.panels.write(gpu, &all);
        }
        let bounds = TextBounds {
            left: 0,
            top: 0,
            right: self.size.width().cast_signed(),
            bottom: self.size.height().cast_signed(),
        };
        let areas = blocks
            .iter()
            .filter(|block| block.opacity > 0.0)
            .map(|block| TextArea {
                buffer: &block.buffer,
                left: block.left,
                top: block.top,
                scale: 1.0,
                bounds,
                default_color: glyphon::Color::rgb(255, 255, 255),
                custom_glyphs: &[],
            });
        self.atlas.trim();
        self.renderer
            .prepare(
                &gpu.device,
                &gpu.queue,
                &mut self.fonts,
                &mut self.atlas,
                &self.viewport,
                areas,
                &mut self.glyphs,
            )
            .map_err(|error| {
                RenderError::Lost(format!("the letters do not fit its memory: {error}"))
            })
    }

    /// Draws what has been made ready.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>) -> Result<(), RenderError> {
        if self.panel_count > 0 {
            pass.set_pipeline(&self.panel_pipeline);
            pass.set_bind_group(0, &self.panels.group, &[]);
            pass.draw(0..4, 0..self.panel_count);
        }
        self.renderer
            .render(&self.atlas, &self.viewport, pass)
            .map_err(|error| RenderError::Lost(error.to_string()))
    }
}

/// Width of the longest line and height of all lines, in pixels.
fn extent(buffer: &Buffer) -> (f32, f32) {
    buffer
        .layout_runs()
        .fold((0.0f32, 0.0f32), |(width, height), run| {
            (
                width.max(run.line_w),
                height.max(run.line_top + run.line_height),
            )
        })
}
