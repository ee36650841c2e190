//! Words in the picture: captions, the title and the end card.
//!
//! A caption stands still for seconds: it is drawn once, and laid over each picture.

use std::collections::VecDeque;
use std::ops::Range;

use fabula_story::{Caption, Card, Color, Role};
use glam::{Vec4, vec4};
use glyphon::Buffer;
use glyphon::cosmic_text::{Align, LayoutGlyph, LayoutRun};

use crate::RenderError;
use crate::gpu::Gpu;
use crate::layer::{Layer, LayerPipelines, LayerUniform, Target, pass};
use crate::lettering::{Block, Fonts, Lettering, PanelShape, Wording, extent};
use crate::picture::FrameSize;
use crate::recording::{Recording, Stroke};
use crate::set::FORMAT;
use crate::tiles::Area;

/// Room around the picture where no words stand, as a share of its sides.
const SAFE_AREA: f32 = 0.05;
/// Room between the words of a caption and the sides of the panel below them, in letter heights.
const PANEL_PAD: [f32; 2] = [0.8, 0.3];
/// How far the panel below a word that is lit goes beyond it to the sides, and stays within its line
/// above and below, in letter heights.
const LIT_PAD: [f32; 2] = [0.12, 0.06];
/// Captions fade in and out in this time.
const FADE_S: f64 = 0.14;
/// Captions that are kept as they were drawn for each lane: those of two shots that meet in a
/// transition.
const CAPTIONS_KEPT: usize = 2;

/// Colour of what is said and told.
const PAPER: Color = Color::rgb(255, 247, 232);
/// Colour of the word that is heard.
const LIT: Color = Color::rgb(255, 221, 140);

/// Size of caption letters in pixels: readable on tall and wide pictures alike.
fn caption_px(size: FrameSize) -> f32 {
    let (width, height) = (size.width() as f32, size.height() as f32);
    (height * 0.041).min(width * (1.0 - 2.0 * SAFE_AREA) / 25.0)
}

/// Words for pictures of this size; lines are broken so that they and the panel below them stay in
/// the safe area.
fn wording<'a>(
    size: FrameSize,
    spans: &'a [(&'a str, Color)],
    font_px: f32,
    opacity: f32,
) -> Wording<'a> {
    Wording {
        spans,
        font_px,
        width_px: size.width() as f32 * (1.0 - 2.0 * SAFE_AREA) - 2.0 * PANEL_PAD[0] * font_px,
        align: Align::Center,
        opacity,
    }
}

/// A caption with the place of its letters in the picture.
struct SetCaption {
    buffer: Buffer,
    font_px: f32,
    left_px: f32,
    top_px: f32,
    /// Left, top, right and lower edge of the panel below the words.
    panel_px: [f32; 4],
    /// The same below the word that is lit.
    lit_px: Option<[f32; 4]>,
}

impl SetCaption {
    fn new(
        fonts: &mut Fonts,
        size: FrameSize,
        caption: &Caption,
        role: Option<&Role>,
        lit: Option<&Range<usize>>,
        opacity: f32,
    ) -> Self {
        let font_px = caption_px(size);
        let name = role.map(|role| (format!("{} ", role.caption_name()), role.color));
        let mut spans: Vec<(&str, Color)> = Vec::with_capacity(4);
        if let Some((name, color)) = &name {
            spans.push((name, *color));
        }
        let text = caption.text.as_str();
        match lit {
            Some(word) => spans.extend([
                (&text[..word.start], PAPER),
                (&text[word.clone()], LIT),
                (&text[word.end..], PAPER),
            ]),
            None => spans.push((text, PAPER)),
        }
        let buffer = fonts.shape(&wording(size, &spans, font_px, opacity));
        let (width, height) = extent(&buffer);
        let (frame_width, frame_height) = (size.width() as f32, size.height() as f32);
        let pad = PANEL_PAD.map(|pad| pad * font_px);
        let bottom = frame_height * (1.0 - SAFE_AREA) - pad[1];
        let top = bottom - height;
        let middle = frame_width / 2.0;
        let set = Self {
            lit_px: None,
            left_px: (frame_width - buffer.size().0.unwrap_or(width)) / 2.0,
            top_px: top,
            panel_px: [
                middle - width / 2.0 - pad[0],
                top - pad[1],
                middle + width / 2.0 + pad[0],
                bottom + pad[1],
            ],
            font_px,
            buffer,
        };
        let name_len = name.map_or(0, |(name, _)| name.len());
        match lit {
            Some(word) => set.light(&(name_len + word.start..name_len + word.end)),
            None => set,
        }
    }

    /// Remembers where a word stands: that many bytes of the name and the text.
    fn light(mut self, word: &Range<usize>) -> Self {
        let mut line_start = 0;
        let mut line_starts = Vec::new();
        for line in &self.buffer.lines {
            line_starts.push(line_start);
            // Each line ended with one line break.
            line_start += line.text().len() + 1;
        }
        let on = |run: LayoutRun<'_>| {
            let line_start = line_starts.get(run.line_i)?;
            let letters = || {
                let of_word = |glyph: &&LayoutGlyph| word.contains(&(line_start + glyph.start));
                run.glyphs.iter().filter(of_word)
            };
            letters().next()?;
            let left = letters().map(|glyph| glyph.x).fold(f32::MAX, f32::min);
            let right = letters().map(|glyph| glyph.x + glyph.w).fold(0.0, f32::max);
            let [beside, above] = LIT_PAD.map(|pad| pad * self.font_px);
            let top = self.top_px + run.line_top;
            Some([
                self.left_px + left - beside,
                top + above,
                self.left_px + right + beside,
                top + run.line_height - above,
            ])
        };
        self.lit_px = self.buffer.layout_runs().find_map(on);
        self
    }

    /// The pixels of a picture that the panel covers, its soft edge included.
    fn area(&self, size: FrameSize) -> Area {
        /// The edge is softened over a pixel to each side.
        const EDGE_PX: f32 = 2.0;
        let [left, top, right, bottom] = self.panel_px;
        let from = |edge: f32| (edge - EDGE_PX).floor().max(0.0) as u32;
        let to = |edge: f32, end: u32| ((edge + EDGE_PX).ceil() as u32).min(end);
        let (left, top) = (from(left), from(top));
        let (right, bottom) = (to(right, size.width()), to(bottom, size.height()));
        let length = |from: u32, to: u32| to.saturating_sub(from).max(1);
        [left, top, length(left, right), length(top, bottom)]
    }

    /// Left, top, right and lower edge of each line of letters, and the line.
    fn lines(&self) -> Vec<CaptionLine> {
        let line = |run: LayoutRun<'_>| {
            let letters = || run.glyphs.iter();
            let left = letters().map(|glyph| glyph.x).fold(f32::MAX, f32::min);
            let right = letters().map(|glyph| glyph.x + glyph.w).fold(0.0, f32::max);
            let start = letters().map(|glyph| glyph.start).min()?;
            let end = letters().map(|glyph| glyph.end).max()?;
            let top = self.top_px + run.line_top;
            Some(CaptionLine {
                text: run.text.get(start..end)?.trim_end().to_owned(),
                edges_px: [
                    self.left_px + left,
                    top,
                    self.left_px + right,
                    top + run.line_height,
                ],
            })
        };
        self.buffer.layout_runs().filter_map(line).collect()
    }
}

/// A line of a caption as it stands in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct CaptionLine {
    /// What it says, the name of who speaks included.
    pub text: String,
    /// Left, top, right and lower edge of its letters.
    pub edges_px: [f32; 4],
}

/// Tells where captions stand in pictures of one size, without drawing them.
pub struct CaptionRuler {
    fonts: Fonts,
    size: FrameSize,
}

impl CaptionRuler {
    /// For pictures of this size.
    pub fn new(size: FrameSize) -> Self {
        Self {
            fonts: Fonts::new(),
            size,
        }
    }

    /// The lines of a caption, and left, top, right and lower edge of the panel below them, in
    /// pixels; `role` is who speaks.
    pub fn measure(
        &mut self,
        caption: &Caption,
        role: Option<&Role>,
    ) -> (Vec<CaptionLine>, [f32; 4]) {
        let set = SetCaption::new(&mut self.fonts, self.size, caption, role, None, 1.0);
        (set.lines(), set.panel_px)
    }
}

/// What decides how a caption looks.
#[derive(Clone, Debug, PartialEq)]
struct CaptionLook {
    /// Name and colour of who speaks.
    speaker: Option<(String, Color)>,
    text: String,
    lit: Option<Range<usize>>,
    opacity: f32,
}

/// A caption as it was drawn, in a texture that holds the panel below it.
struct DrawnCaption {
    look: CaptionLook,
    layer: Layer,
}

/// What was made ready last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ready {
    Nothing,
    /// The last of the captions that are kept.
    Caption,
    Card,
}

/// The words of a film, in pictures of one size.
pub(crate) struct Words {
    lettering: Lettering,
    size: FrameSize,
    /// The newest last.
    captions: VecDeque<DrawnCaption>,
    /// How many of them are kept.
    kept: usize,
    ready: Ready,
}

impl Words {
    pub fn new(gpu: &Gpu, size: FrameSize) -> Result<Self, RenderError> {
        Ok(Self {
            lettering: Lettering::new(gpu, FORMAT)?,
            size,
            captions: VecDeque::new(),
            kept: CAPTIONS_KEPT,
            ready: Ready::Nothing,
        })
    }

    /// Keeps the captions of so many places of the film that are drawn by turns.
    pub fn keep_for(&mut self, lanes: usize) {
        self.kept = CAPTIONS_KEPT * lanes;
    }

    /// Sets the size of the pictures that follow.
    pub fn resize(&mut self, size: FrameSize) {
        self.size = size;
        self.captions.clear();
        self.ready = Ready::Nothing;
    }

    fn shape(&mut self, spans: &[(&str, Color)], font_px: f32, opacity: f32) -> Buffer {
        let wording = wording(self.size, spans, font_px, opacity);
        self.lettering.fonts().shape(&wording)
    }

    /// Makes ready the caption of a shot at `shot_s`; `role` is who speaks.
    pub fn prepare_caption(
        &mut self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        caption: Option<(&Caption, Option<&Role>)>,
        shot_s: f64,
        highlights: bool,
    ) -> Result<(), RenderError> {
        self.ready = Ready::Nothing;
        let Some((caption, role)) = caption else {
            return Ok(());
        };
        let since_s = shot_s - caption.start_s;
        let left_s = caption.duration_s - since_s;
        let look = CaptionLook {
            speaker: role.map(|role| (role.caption_name().into_owned(), role.color)),
            text: caption.text.clone(),
            lit: highlights.then(|| caption.word_at(since_s)).flatten(),
            opacity: (since_s.min(left_s) / FADE_S).clamp(0.0, 1.0) as f32,
        };
        if look.opacity == 0.0 {
            return Ok(());
        }
        let kept = self.captions.iter().position(|drawn| drawn.look == look);
        let drawn = match kept.and_then(|at| self.captions.remove(at)) {
            Some(drawn) => drawn,
            None => DrawnCaption {
                layer: self.draw_caption(gpu, layers, caption, role, &look)?,
                look,
            },
        };
        while self.captions.len() >= self.kept {
            self.captions.pop_front();
        }
        self.captions.push_back(drawn);
        self.ready = Ready::Caption;
        Ok(())
    }

    /// Draws a caption into a texture of its own.
    fn draw_caption(
        &mut self,
        gpu: &Gpu,
        layers: &LayerPipelines,
        caption: &Caption,
        role: Option<&Role>,
        CaptionLook { lit, opacity, .. }: &CaptionLook,
    ) -> Result<Layer, RenderError> {
        let fonts = self.lettering.fonts();
        let set = SetCaption::new(fonts, self.size, caption, role, lit.as_ref(), *opacity);
        let [left, top, width, height] = set.area(self.size);
        let (left_px, top_px) = (left as f32, top as f32);
        let panel = |[x0, y0, x1, y1]: [f32; 4], color: Vec4, radius: f32| PanelShape {
            edges: vec4(x0 - left_px, y0 - top_px, x1 - left_px, y1 - top_px),
            color,
            params: vec4(radius, 1.0, width as f32, height as f32),
        };
        let dark = vec4(0.075, 0.06, 0.11, 0.62 * opacity);
        // Words that have no letters here leave no empty panel behind.
        let is_seen = extent(&set.buffer).0 > 0.0;
        let ground = is_seen.then(|| panel(set.panel_px, dark, set.font_px * 0.55));
        let mut panels: Vec<_> = ground.into_iter().collect();
        let light = vec4(1.0, 0.80, 0.42, 0.24 * opacity);
        let lit = set.lit_px.map(|lit| panel(lit, light, set.font_px * 0.3));
        panels.extend(lit);
        let block = Block {
            left: set.left_px - left_px,
            top: set.top_px - top_px,
            buffer: set.buffer,
            opacity: *opacity,
        };
        self.lettering.resize(gpu, [width, height]);
        self.lettering.prepare(gpu, &[block], &panels)?;
        let target = Target::new(gpu, [width, height], "caption");
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("caption"),
            });
        let mut pass = pass(&mut encoder, &target.view, true, "caption");
        self.lettering.draw(&mut pass)?;
        drop(pass);
        gpu.queue.submit([encoder.finish()]);
        let layer = layers.layer(gpu, &target.view, "caption");
        layer.place(gpu, LayerUniform::at([left, top, width, height], self.size));
        Ok(layer)
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
        let title_px = title_px.max(caption_px(self.size));
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
            let font_px = caption_px(self.size);
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
        let size_px = [self.size.width(), self.size.height()];
        self.lettering.resize(gpu, size_px);
        self.ready = Ready::Card;
        self.lettering.prepare(gpu, &blocks, &panels)
    }

    /// Draws what has been made ready.
    pub fn draw(
        &self,
        recording: &mut Recording<'_>,
        layers: &LayerPipelines,
        frame: &wgpu::BindGroup,
    ) -> Result<(), RenderError> {
        match (self.ready, self.captions.back()) {
            (Ready::Card, _) => self.lettering.draw(recording.pass(Stroke::Other, false))?,
            (Ready::Caption, Some(DrawnCaption { layer, .. })) => {
                let pass = recording.pass(Stroke::Rows, false);
                layer.draw(pass, &layers.rows.over, frame);
            }
            (Ready::Nothing | Ready::Caption, _) => {}
        }
        Ok(())
    }
}
