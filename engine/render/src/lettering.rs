//! Letters and the flat panels under them, drawn into pictures and over them.

use std::borrow::Cow;
use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use fabula_story::Color;
use glam::Vec4;
use glyphon::cosmic_text::Align;
use glyphon::{
    Attrs, Buffer, Cache, ColorMode, Family, Font, FontSystem, Metrics, Resolution, Shaping,
    SwashCache, TextArea, TextAtlas, TextBounds, TextRenderer, Viewport, Weight, Wrap, fontdb,
};

use crate::RenderError;
use crate::gpu::Gpu;
use crate::pipeline::{OVER, Program};

/// Quicksand by The Quicksand Project Authors, SIL Open Font License 1.1.
const FONT: &[u8] = include_bytes!("../../../assets/fonts/Quicksand-Bold.ttf");

/// Height of a line in heights of its letters.
pub(crate) const LINE_HEIGHT: f32 = 1.28;
/// Marks that become one letter with the one before.
const COMBINING_MARKS: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';
/// Characters of one to four bytes that no font shows. Of one byte, all are letters.
const INVISIBLE: [char; 4] = [' ', '\u{ad}', '\u{2060}', '\u{e0001}'];

/// A rounded rectangle, an instance of `shaders/panel.wgsl`.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct PanelShape {
    /// Left, top, right, lower edge in pixels.
    pub edges: Vec4,
    /// Straight colour and opacity.
    pub color: Vec4,
    /// Corner radius in pixels, softness in pixels, size of the picture in pixels.
    pub params: Vec4,
}

/// Shaped words and where they stand, in pixels.
pub(crate) struct Block {
    pub buffer: Buffer,
    pub left: f32,
    pub top: f32,
    pub opacity: f32,
}

/// Words as they are wanted.
pub(crate) struct Wording<'a> {
    /// Pieces of text, each with its colour.
    pub spans: &'a [(&'a str, Color)],
    pub font_px: f32,
    /// Where lines are broken.
    pub width_px: f32,
    pub align: Align,
    pub opacity: f32,
}

/// Shapes words; needs no device.
pub(crate) struct Fonts {
    system: FontSystem,
    /// Which characters there are letters for.
    font: Option<Arc<Font>>,
}

impl Fonts {
    pub fn new() -> Self {
        let mut database = fontdb::Database::new();
        database.load_font_data(FONT.to_vec());
        // A fixed locale and only our own fonts: the same words look the same everywhere.
        let mut system = FontSystem::new_with_locale_and_db("en-US".to_owned(), database);
        let id = system.db().faces().next().map(|face| face.id);
        let font = id.and_then(|id| system.get_font(id, Weight::BOLD));
        Self { system, font }
    }

    /// The text without what there are no letters for, such as emoji, which would be empty boxes.
    /// All else stays at its byte.
    fn drawable<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(font) = &self.font else {
            return Cow::Borrowed(text);
        };
        let letters = font.as_swash().charmap();
        let is_drawn = |c: char| {
            c.is_whitespace()
                || c.is_control()
                || COMBINING_MARKS.contains(&c)
                || letters.map(c) != 0
        };
        if text.chars().all(is_drawn) {
            return Cow::Borrowed(text);
        }
        let drawn = |c: char| {
            if is_drawn(c) {
                c
            } else {
                INVISIBLE[c.len_utf8() - 1]
            }
        };
        Cow::Owned(text.chars().map(drawn).collect())
    }

    pub fn shape(&mut self, wording: &Wording<'_>) -> Buffer {
        let texts: Vec<_> = wording
            .spans
            .iter()
            .map(|(text, _)| self.drawable(text))
            .collect();
        let fonts = &mut self.system;
        let font_px = wording.font_px;
        let metrics = Metrics::new(font_px, font_px * LINE_HEIGHT);
        let mut buffer = Buffer::new(fonts, metrics);
        buffer.set_size(fonts, Some(wording.width_px), None);
        buffer.set_wrap(fonts, Wrap::WordOrGlyph);
        let alpha = (wording.opacity * 255.0).round() as u8;
        let attrs = Attrs::new()
            .family(Family::Name("Quicksand"))
            .weight(Weight::BOLD);
        let spans = texts.iter().zip(wording.spans).map(|(text, (_, color))| {
            let color = glyphon::Color::rgba(color.r, color.g, color.b, alpha);
            (&**text, attrs.clone().color(color))
        });
        buffer.set_rich_text(fonts, spans, &attrs, Shaping::Advanced, Some(wording.align));
        buffer.shape_until_scroll(fonts, false);
        buffer
    }
}

/// Draws shaped words into pictures of one size and format.
pub(crate) struct Lettering {
    fonts: Fonts,
    glyphs: SwashCache,
    viewport: Viewport,
    atlas: TextAtlas,
    renderer: TextRenderer,
    panel_pipeline: wgpu::RenderPipeline,
    panels: wgpu::Buffer,
    panel_count: u32,
    size_px: [u32; 2],
}

impl Lettering {
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Result<Self, RenderError> {
        let device = &gpu.device;
        let cache = Cache::new(device);
        let viewport = Viewport::new(device, &cache);
        let mut atlas =
            TextAtlas::with_color_mode(device, &gpu.queue, &cache, format, ColorMode::Web);
        let renderer =
            TextRenderer::new(&mut atlas, device, wgpu::MultisampleState::default(), None);

        let source = gpu.art().shader("panel")?;
        let program = Program::new(gpu, "panel", &source.text, &[]);
        let instances = [wgpu::VertexBufferLayout {
            array_stride: size_of::<PanelShape>() as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Float32x4],
        }];
        let strip = wgpu::PrimitiveTopology::TriangleStrip;
        let panel_pipeline =
            program.pipeline_into(format, "vs_panel", &instances, strip, "fs_panel", OVER);
        Ok(Self {
            fonts: Fonts::new(),
            glyphs: SwashCache::new(),
            viewport,
            atlas,
            renderer,
            panel_pipeline,
            panels: panel_buffer(gpu, 8),
            panel_count: 0,
            size_px: [0, 0],
        })
    }

    /// Sets the size of the pictures that follow.
    pub fn resize(&mut self, gpu: &Gpu, size_px: [u32; 2]) {
        let [width, height] = size_px;
        self.size_px = size_px;
        self.viewport
            .update(&gpu.queue, Resolution { width, height });
    }

    pub fn fonts(&mut self) -> &mut Fonts {
        &mut self.fonts
    }

    pub fn shape(&mut self, wording: &Wording<'_>) -> Buffer {
        self.fonts.shape(wording)
    }

    /// Makes words and the panels below them ready to be drawn.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        blocks: &[Block],
        panels: &[PanelShape],
    ) -> Result<(), RenderError> {
        self.panel_count = panels.len() as u32;
        if !panels.is_empty() {
            if self.panels.size() < size_of_val(panels) as u64 {
                self.panels = panel_buffer(gpu, panels.len().next_power_of_two());
            }
            gpu.queue
                .write_buffer(&self.panels, 0, bytemuck::cast_slice(panels));
        }
        let bounds = TextBounds {
            left: 0,
            top: 0,
            right: self.size_px[0].cast_signed(),
            bottom: self.size_px[1].cast_signed(),
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
                &mut self.fonts.system,
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
            pass.set_vertex_buffer(0, self.panels.slice(..));
            pass.draw(0..4, 0..self.panel_count);
        }
        self.renderer
            .render(&self.atlas, &self.viewport, pass)
            .map_err(|error| RenderError::Lost(error.to_string()))
    }
}

fn panel_buffer(gpu: &Gpu, panels: usize) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("panels"),
        size: (panels * size_of::<PanelShape>()) as u64,
        usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// Width of the longest line and height of all lines, in pixels.
pub(crate) fn extent(buffer: &Buffer) -> (f32, f32) {
    buffer
        .layout_runs()
        .fold((0.0f32, 0.0f32), |(width, height), run| {
            (
                width.max(run.line_w),
                height.max(run.line_top + run.line_height),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each letter's byte and number in the font.
    fn glyphs(text: &str) -> Vec<(usize, u16)> {
        let buffer = Fonts::new().shape(&Wording {
            spans: &[(text, Color::rgb(0, 0, 0))],
            font_px: 20.0,
            width_px: 1000.0,
            align: Align::Left,
            opacity: 1.0,
        });
        let runs = buffer.layout_runs();
        runs.flat_map(|run| run.glyphs.iter().map(|it| (it.start, it.glyph_id)))
            .collect()
    }

    #[test]
    fn what_has_no_letter_leaves_no_box_and_moves_nothing_else() {
        const BOX: u16 = 0;
        for text in [
            "🦊 A fox 👩‍👩‍👧❤️ met Zoë",
            "从前有 a fox",
            "Жили-были лиса",
            "e\u{301} a\u{ad}b",
        ] {
            let glyphs = glyphs(text);
            assert!(
                glyphs.iter().all(|(_, id)| *id != BOX),
                "{text}: {glyphs:?}"
            );
        }
        let (with, without) = (glyphs("🦊 fox"), glyphs("fox"));
        assert_eq!(
            &with[with.len() - 3..],
            without
                .iter()
                .map(|(at, id)| (at + 5, *id))
                .collect::<Vec<_>>()
        );
    }
}
