//! All that one character can be on one sheet: its feelings, the shapes of its mouth, its ages and
//! builds.

use fabula_story::{Color, Emotion, Look, MouthCue, MouthShape, Role, Shot, Speech};

use super::portrait::{
    HALF_FIGURE, Studio, View, head_camera, light, posed, posed_s, straighten, whole_camera,
};
use crate::RenderError;
use crate::camera::Stature;
use crate::gpu::Gpu;
use crate::layer::{Target, pass};
use crate::lettering::Lettering;
use crate::picture::{FrameSize, Picture};
use crate::set::FORMAT;
use crate::sheet::{Sheet, SheetLabel, SheetShape};
use crate::yuv_frame::read_rgba;

/// How strongly each feeling is shown, a row each.
const INTENSITIES: [f32; 3] = [0.35, 0.65, 1.0];
/// Feelings in the order of the sheet.
const FEELINGS: [Emotion; 7] = [
    Emotion::Neutral,
    Emotion::Joy,
    Emotion::Sadness,
    Emotion::Anger,
    Emotion::Fear,
    Emotion::Surprise,
    Emotion::Disgust,
];
/// Faces in a row: as many as there are mouth shapes. Beside the feelings the whole figure stands.
const COLUMNS: usize = MouthShape::ALL.len();
const FIGURE_COLUMNS: usize = COLUMNS - FEELINGS.len();

// Measures, in sides of a face.
const MARGIN: f32 = 0.3;
const GAP: f32 = 0.14;
const TITLE: f32 = 0.5;
const TITLE_FONT: f32 = 0.34;
const LABEL: f32 = 0.24;
const LABEL_FONT: f32 = 0.125;
const PANEL_INSET: f32 = 0.04;
const PANEL_RADIUS: f32 = 0.12;
/// Height of the figures of the last row, and how far their shadows reach into the next column.
const FIGURE: f32 = 2.1;
const SHADOW: f32 = 0.28;
/// Room at the sides of the figure beside the feelings, in its widths.
const ROOM: f32 = 1.3;
/// How much of a portrait a face shows.
const SEEN: f32 = 0.9;

const WORDS: Color = Color::rgb(250, 240, 222);
const PANEL: Color = Color::rgb(255, 236, 210);
const PANEL_OPACITY: f32 = 0.09;
/// The ground, from the upper left corner to the lower right one.
const GROUND: [[f32; 3]; 2] = [[46.0, 52.0, 92.0], [112.0, 78.0, 118.0]];

/// The sheet of a role whose faces are `face_px` wide and high, and in its last row the role in
/// other looks, each with what it is called. Of a group it shows the first.
///
/// # Errors
/// If the size is not one that can be drawn, art is broken or the device refuses.
pub fn character_sheet(
    gpu: &Gpu,
    role: &Role,
    others: &[(String, Look)],
    face_px: u32,
) -> Result<Picture, RenderError> {
    gpu.drawing(|| draw(gpu, role, others, face_px))
}

/// A picture of the sheet.
struct Cell {
    /// Left, top, width and height in sides of a face.
    area: [f32; 4],
    shot: Shot,
    seen: Seen,
    label: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Head,
    Whole,
}

/// What is where on a sheet.
struct Plan {
    cells: Vec<Cell>,
    /// Left, top, width and height of the panels that cells lie on.
    panels: Vec<[f32; 4]>,
    size: [f32; 2],
}

impl Plan {
    fn new(role: &Role, others: &[(Role, &str)]) -> Self {
        let (columns, row) = (COLUMNS as f32, 1.0 + LABEL);
        let mut cells = Vec::new();
        let mut panels = Vec::new();
        let mut top = MARGIN + TITLE;

        let feelings_height = row * INTENSITIES.len() as f32;
        let beside = FIGURE_COLUMNS as f32;
        cells.push(Cell {
            area: [MARGIN, top, beside, feelings_height],
            shot: posed(role, Emotion::Neutral, 1.0),
            seen: Seen::Whole,
            label: String::new(),
        });
        panels.push([MARGIN, top, beside, feelings_height]);
        let left = MARGIN + beside;
        panels.push([left, top, columns - beside, feelings_height]);
        for (line, intensity) in INTENSITIES.into_iter().enumerate() {
            for (column, emotion) in FEELINGS.into_iter().enumerate() {
                cells.push(Cell {
                    area: [left + column as f32, top + line as f32 * row, 1.0, 1.0],
                    shot: posed(role, emotion, intensity),
                    seen: Seen::Head,
                    label: format!("{} {intensity}", emotion.name()),
                });
            }
        }
        top += feelings_height + GAP;

        panels.push([MARGIN, top, columns, row]);
        for (column, shape) in MouthShape::ALL.into_iter().enumerate() {
            cells.push(Cell {
                area: [MARGIN + column as f32, top, 1.0, 1.0],
                shot: speaking(role, shape),
                seen: Seen::Head,
                label: sounds(shape).to_owned(),
            });
        }
        top += row + GAP;

        if !others.is_empty() {
            panels.push([MARGIN, top, columns, FIGURE + LABEL]);
            let width = columns / others.len() as f32;
            for (column, (other, label)) in others.iter().enumerate() {
                cells.push(Cell {
                    area: [MARGIN + column as f32 * width, top, width, FIGURE],
                    shot: posed(other, Emotion::Neutral, 1.0),
                    seen: Seen::Whole,
                    label: (*label).to_owned(),
                });
            }
            top += FIGURE + LABEL + GAP;
        }
        Self {
            cells,
            panels,
            size: [columns + 2.0 * MARGIN, top - GAP + MARGIN],
        }
    }

    /// Panels and words, in pixels.
    fn sheet(&self, name: &str, face_px: f32) -> Sheet {
        let shapes = self.panels.iter().map(|[left, top, width, height]| {
            let inset = PANEL_INSET;
            let edges = [
                left + inset,
                top + inset,
                left + width - inset,
                top + height - inset,
            ];
            SheetShape {
                edges_px: edges.map(|edge| edge * face_px),
                radius_px: PANEL_RADIUS * face_px,
                softness_px: 0.5,
                color: PANEL,
                opacity: PANEL_OPACITY,
            }
        });
        let label =
            |text: &str, at: [f32; 2], anchor: [f32; 2], font: f32, width: f32| SheetLabel {
                text: text.to_owned(),
                at_px: at.map(|side| side * face_px),
                anchor,
                font_px: font * face_px,
                width_px: width * face_px,
                color: WORDS,
                opacity: 1.0,
                ground: None,
            };
        let title = label(
            name,
            [MARGIN + 2.0 * PANEL_INSET, MARGIN + 0.4 * TITLE],
            [0.0, 0.5],
            TITLE_FONT,
            COLUMNS as f32,
        );
        let under = self.cells.iter().map(|cell| {
            let [left, top, width, height] = cell.area;
            let at = [left + width / 2.0, top + height + 0.42 * LABEL];
            label(&cell.label, at, [0.5, 0.5], LABEL_FONT, width)
        });
        Sheet {
            shapes: shapes.collect(),
            labels: std::iter::once(title).chain(under).collect(),
        }
    }
}

/// A mouth shape and the sounds that it is for.
pub(super) const fn sounds(shape: MouthShape) -> &'static str {
    match shape {
        MouthShape::A => "A: p b m",
        MouthShape::B => "B: ee s t",
        MouthShape::C => "C: eh ae",
        MouthShape::D => "D: aa",
        MouthShape::E => "E: ao er",
        MouthShape::F => "F: oo w",
        MouthShape::G => "G: f v",
        MouthShape::H => "H: long l",
        MouthShape::X => "X: rest",
    }
}

/// A role whose mouth keeps a shape.
fn speaking(role: &Role, shape: MouthShape) -> Shot {
    let mut shot = posed(role, Emotion::Neutral, 1.0);
    shot.speech.push(Speech {
        role: Some(role.id.clone()),
        text: String::new(),
        start_s: 0.0,
        duration_s: 4.0,
        mouth: vec![MouthCue { at_s: 0.0, shape }],
    });
    shot
}

fn draw(
    gpu: &Gpu,
    role: &Role,
    others: &[(String, Look)],
    face_px: u32,
) -> Result<Picture, RenderError> {
    let alone = |id: String, look: &Look| Role {
        id,
        look: look.clone(),
        members: Vec::new(),
        ..role.clone()
    };
    let own = alone("portrait".to_owned(), &role.look);
    let others: Vec<(Role, &str)> = others
        .iter()
        .enumerate()
        .map(|(index, (label, look))| (alone(format!("look {index}"), look), label.as_str()))
        .collect();
    let cast: Vec<Role> = std::iter::once(own.clone())
        .chain(others.iter().map(|(role, _)| role.clone()))
        .collect();
    let plan = Plan::new(&own, &others);
    let mut studio = Studio::new(gpu, &cast)?;

    let unit = face_px as f32;
    let size_px = plan.size.map(|side| (side * unit).round() as u32);
    let mut rgba = ground(size_px);
    lay(
        &mut rgba,
        size_px,
        &words(gpu, &plan, role, size_px, unit)?,
        [0, 0],
        size_px,
    );
    let even = |side: f32| ((side * unit / 2.0).round() as u32).max(8) * 2;
    let statures = cast.iter().flat_map(|role| {
        let shot = posed(role, Emotion::Neutral, 1.0);
        studio.figures.statures(&shot)
    });
    let statures: Vec<Stature> = statures.collect();
    let tallest = statures.iter().map(|it| it.height).fold(0.1, f32::max);
    for (number, cell) in plan.cells.iter().enumerate() {
        let [mut left, top, mut width, height] = cell.area;
        if cell.seen == Seen::Whole && number > 0 {
            (left, width) = (left - SHADOW, width + 2.0 * SHADOW);
        }
        let size = FrameSize::new(even(width), even(height))?;
        let camera = match cell.seen {
            Seen::Head => head_camera(&studio.figures.bounds(&own.id), SEEN),
            // The last row shows all in one scale.
            Seen::Whole if number > 0 => whole_camera(tallest, HALF_FIGURE, size),
            Seen::Whole => whole_camera(statures[0].height, ROOM * statures[0].half_width, size),
        };
        let view = View {
            camera,
            size,
            light: light(),
            ground: cell.seen == Seen::Whole,
        };
        let drawn = studio.draw(&cell.shot, posed_s(&cell.shot), &view)?;
        let at = [left, top].map(|side| (side * unit).round() as u32);
        lay(
            &mut rgba,
            size_px,
            &drawn,
            at,
            [size.width(), size.height()],
        );
    }
    let [width, height] = size_px;
    Ok(Picture {
        width,
        height,
        rgba,
    })
}

/// The ground of a sheet.
fn ground([width, height]: [u32; 2]) -> Vec<u8> {
    let [from, to] = GROUND;
    let pixel = |x: u32, y: u32| {
        let t = f32::midpoint(x as f32 / width as f32, y as f32 / height as f32);
        let [r, g, b] = [0, 1, 2].map(|c| (from[c] + (to[c] - from[c]) * t).round() as u8);
        [r, g, b, u8::MAX]
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)))
        .collect()
}

/// Panels and words of a sheet, straight alpha.
fn words(
    gpu: &Gpu,
    plan: &Plan,
    role: &Role,
    size_px: [u32; 2],
    face_px: f32,
) -> Result<Vec<u8>, RenderError> {
    let target = Target::new(gpu, size_px, "character sheet");
    let mut lettering = Lettering::new(gpu, FORMAT)?;
    lettering.resize(gpu, size_px);
    let sheet = plan.sheet(&role.name, face_px);
    sheet.prepare(gpu, &mut lettering, size_px)?;
    let mut encoder = gpu
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor {
            label: Some("character sheet"),
        });
    let mut over = pass(&mut encoder, &target.view, true, "character sheet");
    lettering.draw(&mut over)?;
    drop(over);
    gpu.queue.submit([encoder.finish()]);
    let mut rgba = read_rgba(gpu, &target.texture, size_px)?;
    straighten(&mut rgba);
    Ok(rgba)
}

/// Lays a picture with straight alpha over another one, which is opaque.
fn lay(under: &mut [u8], [width, height]: [u32; 2], over: &[u8], at: [u32; 2], size: [u32; 2]) {
    let lines = over.chunks_exact(size[0] as usize * 4);
    for (y, line) in (at[1]..height).zip(lines) {
        let first = (y * width + at[0]) as usize * 4;
        let seen = (width - at[0]).min(size[0]) as usize * 4;
        let under = under[first..first + seen].chunks_exact_mut(4);
        for (under, over) in under.zip(line.chunks_exact(4)) {
            let alpha = u32::from(over[3]);
            for (under, over) in under[..3].iter_mut().zip(over) {
                let mixed = u32::from(*over) * alpha + u32::from(*under) * (255 - alpha);
                *under = ((mixed + 127) / 255) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use fabula_story::{Age, Build};

    use super::super::wardrobe::tests::role;
    use super::*;
    use crate::gpu::GpuChoice;

    #[test]
    fn a_sheet_shows_every_feeling_mouth_and_look_in_a_cell_with_its_name() {
        let own = role("human", Age::Adult);
        let others = Build::ALL.map(|build| (own.clone(), build.name()));
        let plan = Plan::new(&own, &others);
        let labels: Vec<_> = plan.cells.iter().map(|cell| cell.label.as_str()).collect();
        for wanted in ["joy 0.35", "disgust 1", "A: p b m", "X: rest", "stout"] {
            assert!(labels.contains(&wanted), "{wanted} of {labels:?}");
        }
        assert_eq!(plan.cells.len(), 1 + 3 * 7 + 9 + 4);
        for (index, cell) in plan.cells.iter().enumerate() {
            let [left, top, width, height] = cell.area;
            assert!(left >= MARGIN - 1e-3 && left + width <= plan.size[0] - MARGIN + 1e-3);
            assert!(top + height + LABEL <= plan.size[1] + 1e-3);
            for other in &plan.cells[..index] {
                let [x, y, w, h] = other.area;
                let apart = left + 1e-3 >= x + w
                    || x + 1e-3 >= left + width
                    || top + 1e-3 >= y + h
                    || y + 1e-3 >= top + height;
                assert!(apart, "{} and {}", cell.label, other.label);
            }
        }
    }

    #[test]
    fn each_face_of_a_sheet_is_another_one() {
        const FACE: u32 = 128;
        let Ok(gpu) = Gpu::open(&GpuChoice::Auto) else {
            return;
        };
        let own = role("human", Age::Adult);
        let stout = Look {
            build: Build::Stout,
            ..own.look.clone()
        };
        let others = [
            ("ordinary".to_owned(), own.look.clone()),
            ("stout".to_owned(), stout),
        ];
        let picture = character_sheet(&gpu, &own, &others, FACE).unwrap();
        assert!(picture.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255));
        let others = [(own.clone(), "ordinary"), (own.clone(), "stout")];
        let plan = Plan::new(&own, &others);
        let inside = |cell: &Cell| -> Vec<u8> {
            let [left, top, width, height] = cell.area.map(|side| (side * FACE as f32) as u32);
            let rows = top + 2..top + height - 2;
            let row = |y: u32| {
                let first = (y * picture.width + left + 2) as usize * 4;
                picture.rgba[first..first + (width as usize - 4) * 4].to_vec()
            };
            rows.flat_map(row).collect()
        };
        let known = |emotion: &str| !emotion.starts_with("neutral");
        let drawn: Vec<(Vec<u8>, &str)> = plan
            .cells
            .iter()
            .filter(|cell| known(&cell.label))
            .map(|cell| (inside(cell), cell.label.as_str()))
            .collect();
        for (index, (one, label)) in drawn.iter().enumerate() {
            for (other, same) in &drawn[..index] {
                if one.len() == other.len() {
                    let apart = one.iter().zip(other).filter(|(a, b)| a.abs_diff(**b) > 24);
                    assert!(apart.count() > 24, "{label} looks like {same}");
                }
            }
        }
    }
}
