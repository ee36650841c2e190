//! Single members of a cast, on a transparent ground: portraits and the sheet of a cast.

use fabula_story::{
    Actor, CameraMove, Color, Cue, CueKind, Emotion, Facing, Framing, Mood, Pose, Role, Shot,
    Storyboard,
};
use glam::vec2;

use super::crowd::played;
use super::face::blinking;
use super::rig::Bounds;
use super::stage::FigureStage;
use super::wardrobe::hash;
use crate::RenderError;
use crate::camera::Camera;
use crate::frame::{FrameUniform, Grade};
use crate::gpu::Gpu;
use crate::layer::{LayerPipelines, Target, Uniform};
use crate::picture::{FrameSize, Picture};
use crate::recording::{Recording, Stroke};
use crate::set::{Light, uniform_layout};
use crate::yuv_frame::read_rgba;

/// Canvas units from the crown of a head to its chin, and the side of a portrait.
const HEAD_UNITS: f32 = 155.0;
const PORTRAIT_UNITS: f32 = 400.0;
/// How far the middle of a portrait lies under the eyes.
const BELOW_EYES_UNITS: f32 = 18.0;
/// How much more is seen of the first of a group and those beside it.
const GROUP_PORTRAIT: f32 = 1.8;
/// From the middle of a figure to its elbow and a little room, in frame heights.
pub(super) const HALF_FIGURE: f32 = 0.15;
/// One figure of a sheet, in pixels, and the most in a row.
const CELL_PX: [u32; 2] = [320, 480];
const MOST_COLUMNS: usize = 6;
/// From this moment of a shot on, feelings have settled.
const POSED_S: f64 = 0.5;

/// Head and shoulders of a role that feels something, `size_px` wide and high, on a transparent
/// ground.
///
/// # Errors
/// If the size is not one that can be drawn, art is broken or the device refuses.
pub fn portrait(
    gpu: &Gpu,
    role: &Role,
    size_px: u32,
    emotion: Emotion,
) -> Result<Picture, RenderError> {
    gpu.drawing(|| draw_portrait(gpu, role, size_px, emotion))
}

fn draw_portrait(
    gpu: &Gpu,
    role: &Role,
    size_px: u32,
    emotion: Emotion,
) -> Result<Picture, RenderError> {
    let size = FrameSize::new(size_px, size_px)?;
    // The same look and name make the same portrait, whatever number a story gives to the role.
    let role = &Role {
        id: "portrait".to_owned(),
        ..role.clone()
    };
    let mut studio = Studio::new(gpu, std::slice::from_ref(role))?;
    let shot = played(&posed(role, emotion, 1.0), std::slice::from_ref(role));
    let seen = if role.members.is_empty() {
        1.0
    } else {
        GROUP_PORTRAIT
    };
    let camera = head_camera(&studio.figures.bounds(&role.id), seen);
    let rgba = studio.draw(
        &shot,
        posed_s(&shot),
        &View {
            camera,
            size,
            light: light(),
            ground: false,
        },
    )?;
    Ok(Picture {
        width: size_px,
        height: size_px,
        rgba,
    })
}

/// A view of head and shoulders, or of so many times as much.
pub(super) fn head_camera(bounds: &Bounds, seen: f32) -> Camera {
    let unit = seen * (bounds.crown - bounds.chin) / HEAD_UNITS;
    Camera {
        center: vec2(0.0, bounds.eyes - BELOW_EYES_UNITS * unit),
        zoom: 1.0 / (PORTRAIT_UNITS * unit).max(1e-3),
    }
}

/// A view from head to foot of somebody so tall who reaches so far to each side.
pub(super) fn whole_camera(height: f32, reach: f32, size: FrameSize) -> Camera {
    let zoom = (0.86 / height).min(size.aspect() / (2.0 * reach));
    Camera {
        center: vec2(0.0, 0.42 / zoom),
        zoom,
    }
}

/// The whole cast of a storyboard from head to foot, in rows, on a transparent ground.
///
/// # Errors
/// If art is broken or the device refuses.
pub fn cast_sheet(gpu: &Gpu, board: &Storyboard) -> Result<Picture, RenderError> {
    gpu.drawing(|| draw_sheet(gpu, board))
}

fn draw_sheet(gpu: &Gpu, board: &Storyboard) -> Result<Picture, RenderError> {
    let mut studio = Studio::new(gpu, &board.cast)?;
    let [cell_width, cell_height] = CELL_PX;
    let size = FrameSize::new(cell_width, cell_height)?;
    let columns = board.cast.len().clamp(1, MOST_COLUMNS);
    let rows = board.cast.len().div_ceil(columns).max(1);
    let width = columns * cell_width as usize;
    let height = rows * cell_height as usize;
    let mut rgba = vec![0; width * height * 4];
    // Everybody at the same scale, with room over the tallest ears.
    let statures = board
        .cast
        .iter()
        .flat_map(|role| studio.figures.statures(&posed(role, Emotion::Neutral, 0.0)));
    let tallest = statures.map(|stature| stature.height).fold(0.5, f32::max);
    for (index, role) in board.cast.iter().enumerate() {
        // A group is drawn smaller where it is wider than its cell.
        let reach = role.members.iter().map(|member| member.x.abs());
        let reach = reach.fold(0.0, f32::max) + HALF_FIGURE;
        let view = View {
            camera: whole_camera(tallest, reach, size),
            size,
            light: light(),
            ground: true,
        };
        let shot = played(&posed(role, Emotion::Neutral, 0.0), &board.cast);
        let cell = studio.draw(&shot, posed_s(&shot), &view)?;
        let left = index % columns * cell_width as usize;
        let top = index / columns * cell_height as usize;
        for (row, line) in cell.chunks_exact(cell_width as usize * 4).enumerate() {
            let at = ((top + row) * width + left) * 4;
            rgba[at..at + line.len()].copy_from_slice(line);
        }
    }
    Ok(Picture {
        width: width as u32,
        height: height as u32,
        rgba,
    })
}

/// A moment at which nobody of a shot blinks.
pub(super) fn posed_s(shot: &Shot) -> f64 {
    let moments = (0..32).map(|step| POSED_S + 0.1 * f64::from(step));
    let mut open = moments.filter(|at_s| {
        let mut seeds = shot.actors.iter().map(|actor| hash(&actor.role));
        seeds.all(|seed| blinking(seed, *at_s) == 0.0)
    });
    open.next().unwrap_or(POSED_S)
}

/// A role that stands, feels something and looks at whoever looks at the picture.
pub(super) fn posed(role: &Role, emotion: Emotion, intensity: f32) -> Shot {
    let feel = Cue {
        at_s: 0.0,
        kind: CueKind::Feel { emotion, intensity },
    };
    let look = Cue {
        at_s: 0.0,
        kind: CueKind::Look { role: None },
    };
    Shot {
        id: "portrait".to_owned(),
        duration_s: 1.0,
        framing: Framing::Close,
        focus: Vec::new(),
        camera: CameraMove::Hold,
        mood: Mood {
            emotion: Emotion::Neutral,
            intensity: 0.0,
        },
        actors: vec![Actor {
            role: role.id.clone(),
            x: 0.0,
            facing: Facing::Right,
            pose: Pose::Stand,
            cues: vec![feel, look],
        }],
        speech: Vec::new(),
        captions: Vec::new(),
    }
}

/// Soft light from the upper left.
pub(super) fn light() -> Light {
    Light {
        position: [-0.8, 1.3],
        key: Color::rgb(255, 240, 214),
        shade: Color::rgb(112, 112, 168),
        rim: 0.5,
        ambient: 1.0,
        fog: Color::rgb(255, 255, 255),
    }
}

/// How a studio is seen.
pub(super) struct View {
    pub camera: Camera,
    pub size: FrameSize,
    pub light: Light,
    /// Shadows fall on the ground.
    pub ground: bool,
}

/// A cast before a camera, without a set.
pub(super) struct Studio<'a> {
    gpu: &'a Gpu,
    pub figures: FigureStage,
    layers: LayerPipelines,
    frame: Uniform,
}

impl<'a> Studio<'a> {
    pub fn new(gpu: &'a Gpu, cast: &[Role]) -> Result<Self, RenderError> {
        let layout = uniform_layout(gpu, "portrait");
        let figures = FigureStage::new(gpu, cast, &layout)?;
        let plain = FrameUniform::plain(FrameSize::FULL_HD);
        Ok(Self {
            gpu,
            figures,
            layers: LayerPipelines::new(gpu, &layout)?,
            frame: Uniform::new(gpu, &layout, &plain, "portrait"),
        })
    }

    /// A shot of a role that stands, and a view of all of it.
    #[cfg(test)]
    pub fn full_figure(&self, role: &Role, size: FrameSize) -> (Shot, View) {
        let zoom = 0.86 / self.figures.bounds(&role.id).crown.max(0.3);
        let camera = Camera {
            center: vec2(0.0, 0.42 / zoom),
            zoom,
        };
        let view = View {
            camera,
            size,
            light: light(),
            ground: true,
        };
        (posed(role, Emotion::Joy, 1.0), view)
    }

    /// The actors of a shot at a time: straight alpha, rows from the top.
    pub fn draw(&mut self, shot: &Shot, at_s: f64, view: &View) -> Result<Vec<u8>, RenderError> {
        let size_px = [view.size.width(), view.size.height()];
        let grade = Grade {
            vignette: 0.0,
            ..Grade::NEUTRAL
        };
        let uniform = FrameUniform::new(view.camera, view.size, &view.light, 0.0, grade);
        self.frame.write(self.gpu, &uniform);
        self.figures
            .prepare(self.gpu, shot, at_s, at_s, &uniform, |_| true);
        let target = Target::new(self.gpu, size_px, "portrait");
        let mut recording = Recording::new(self.gpu, &target);
        recording.pass(Stroke::Other, true);
        let frame = &self.frame.group;
        if view.ground {
            self.figures.draw_shadows(&mut recording, frame);
        }
        self.figures
            .draw_figures(self.gpu, &self.layers, &mut recording, frame);
        recording.submit();
        let mut rgba = read_rgba(self.gpu, &target.texture, size_px)?;
        straighten(&mut rgba);
        Ok(rgba)
    }
}

/// Makes straight alpha of a picture that was blended onto nothing.
pub(super) fn straighten(rgba: &mut [u8]) {
    for pixel in rgba.chunks_exact_mut(4) {
        let alpha = u32::from(pixel[3]);
        if alpha > 0 && alpha < 255 {
            for channel in &mut pixel[..3] {
                *channel = ((u32::from(*channel) * 255 + alpha / 2) / alpha).min(255) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use fabula_story::Age;

    use super::super::wardrobe::tests::role;
    use super::*;
    use crate::gpu::GpuChoice;

    #[test]
    fn a_portrait_shows_a_head_in_the_middle_on_a_transparent_ground() {
        let Ok(gpu) = Gpu::open(&GpuChoice::Auto) else {
            return;
        };
        for age in [Age::Child, Age::Adult] {
            let picture = portrait(&gpu, &role("human", age), 128, Emotion::Joy).unwrap();
            let alpha = |x: u32, y: u32| picture.rgba[((y * 128 + x) * 4 + 3) as usize];
            assert_eq!(alpha(64, 60), 255);
            assert_eq!(alpha(2, 2), 0);
            assert_eq!(alpha(125, 2), 0);
        }
    }

    #[test]
    fn a_portrait_is_the_same_whatever_number_a_story_gives_to_the_role() {
        let Ok(gpu) = Gpu::open(&GpuChoice::Auto) else {
            return;
        };
        let mina = role("human", Age::Child);
        let elsewhere = Role {
            id: "c7".to_owned(),
            ..mina.clone()
        };
        let draw = |role| portrait(&gpu, role, 96, Emotion::Neutral).unwrap().rgba;
        assert!(draw(&mina) == draw(&elsewhere));
    }

    #[test]
    fn nobody_blinks_on_a_sheet() {
        for number in 0..200 {
            let id = format!("c{number}");
            let role = Role {
                id,
                ..role("human", Age::Adult)
            };
            let shot = posed(&role, Emotion::Neutral, 1.0);
            assert_eq!(blinking(hash(&role.id), posed_s(&shot)), 0.0, "{}", role.id);
        }
    }
}
