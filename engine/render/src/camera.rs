//! Where the camera looks during a shot, and what each depth of a set moves by.

use fabula_story::{Act, Actor, CameraMove, CueKind, Facing, Framing, Shot};
use glam::{Vec2, vec2};

/// What is to be seen stays this far inside of the sides of a picture, as a share of its width.
const SAFE: f32 = 0.05;
/// A wide picture steps back as far as this to show everyone; a narrow one farther where it must.
const FAR: f32 = 0.6;
const FARTHEST: f32 = 0.4;
/// How far a camera moves to a side, in heights of its picture, and by how much it comes nearer.
const PAN: f32 = 0.045;
const PUSH: f32 = 1.08;

/// The middle of a wide shot, in frame heights.
const HOME: Vec2 = Vec2::new(0.0, 0.5);

/// A view of the stage: what is in the middle, and how many times larger than in a wide shot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Camera {
    pub center: Vec2,
    pub zoom: f32,
}

/// A rectangle of the stage or of a set, in frame heights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub min: Vec2,
    pub max: Vec2,
}

impl Rect {
    pub fn around(center: Vec2, half_size: Vec2) -> Self {
        Self {
            min: center - half_size,
            max: center + half_size,
        }
    }

    pub fn center(self) -> Vec2 {
        (self.min + self.max) / 2.0
    }

    pub fn size(self) -> Vec2 {
        self.max - self.min
    }

    /// The same rectangle as seen when `from` is laid onto `to`.
    pub fn mapped(self, from: Self, to: Self) -> Self {
        let scale = to.size() / from.size();
        Self {
            min: to.min + (self.min - from.min) * scale,
            max: to.min + (self.max - from.min) * scale,
        }
    }

    pub fn union(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }
}

impl Camera {
    /// What the camera sees at a depth: 0 is the sky, 1 the actors' ground, more lies before them.
    ///
    /// Far things move and grow less than near ones.
    pub fn view(self, depth: f32, aspect: f32) -> Rect {
        let center = HOME + (self.center - HOME) * follows(depth);
        let zoom = self.zoom.powf(0.5 + 0.5 * depth);
        let half_height = 0.5 / zoom;
        Rect::around(center, vec2(half_height * aspect, half_height))
    }

    fn mix(self, other: Self, t: f32) -> Self {
        Self {
            center: self.center.lerp(other.center, t),
            zoom: self.zoom * (other.zoom / self.zoom).powf(t),
        }
    }
}

/// How far what is seen of a depth goes with the camera.
fn follows(depth: f32) -> f32 {
    0.35 + 0.65 * depth
}

/// The move of a camera through a shot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CameraPath {
    pub start: Camera,
    pub end: Camera,
    duration_s: f64,
}

/// Where an actor stands and how tall it is, in frame heights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stature {
    /// From the ground to the top of the head, ears and hats included.
    pub height: f32,
    /// Height of the eyes over the ground.
    pub eyes: f32,
    /// From its middle to the farthest that it reaches to a side while it stands.
    pub half_width: f32,
    /// It lies on its back, as long as it is high.
    pub lies: bool,
}

impl Stature {
    /// The stretch of ground that a body covers which lies at `x`; of its head alone in a close
    /// shot.
    fn lying(self, x: f32, facing: Facing, framing: Framing) -> (f32, f32) {
        // The head lies away from where the body looks while it stands.
        let feet = match facing {
            Facing::Left => -1.0,
            Facing::Right => 1.0,
        };
        let head = x - 0.42 * self.height * feet;
        let end = match framing {
            Framing::Close | Framing::OverShoulder => head,
            Framing::Wide | Framing::Full | Framing::Medium => x + 0.45 * self.height * feet,
        };
        (head.min(end), head.max(end))
    }
}

impl CameraPath {
    /// The path of a shot on ground at `ground_y`, with the stature of each of its actors.
    pub fn of(shot: &Shot, statures: &[Stature], ground_y: f32, aspect: f32) -> Self {
        let near = over_shoulder(shot, statures);
        let framed = || {
            shot.actors.iter().zip(statures).filter(|(actor, _)| {
                let is_past = near.is_some_and(|near| shot.actors[near].role == actor.role);
                !is_past && (shot.focus.is_empty() || shot.focus.contains(&actor.role))
            })
        };
        // Who lies down in a near shot would leave the picture.
        let framing = match shot.framing {
            Framing::Medium | Framing::Close | Framing::OverShoulder
                if framed().any(|(actor, _)| sinks(actor)) =>
            {
                Framing::Full
            }
            Framing::OverShoulder if near.is_none() => Framing::Close,
            framing => framing,
        };
        let mut span: Option<(f32, f32)> = None;
        let (mut top, mut eyes, mut all_lie) = (0.0f32, 0.0f32, true);
        for (actor, stature) in framed() {
            let (left, right) = if stature.lies {
                stature.lying(actor.x, actor.facing, framing)
            } else {
                reach(actor)
            };
            let (low, high) = span.unwrap_or((left, right));
            span = Some((low.min(left), high.max(right)));
            top = top.max(stature.height);
            // The tallest head decides, so that none is cut.
            eyes = eyes.max(stature.eyes);
            all_lie &= stature.lies;
        }
        let wide = Self::wide(shot, statures, aspect);
        let Some((left, right)) = span.filter(|_| framing != Framing::Wide) else {
            return Self::moved(wide, shot);
        };
        let middle = f32::midpoint(left, right);
        // Width is limited by the group and room to its sides, height by how near the shot is.
        let (margin, height, eye_line) = match framing {
            Framing::Wide | Framing::Full => (0.42, top / 0.68, None),
            Framing::Medium => (0.65 * top, top * 0.95, Some(0.63)),
            Framing::Close => (0.5 * top, top * 0.66, Some(0.60)),
            Framing::OverShoulder => (0.5 * top, top * 0.78, Some(0.62)),
        };
        // A face on the ground is seen over the ground before it, where the captions are.
        let eye_line = eye_line.map(|line| if all_lie { 0.46 } else { line });
        let zoom = (1.0 / height)
            .min(aspect / (right - left + 2.0 * margin))
            .clamp(FAR, 3.4);
        let others = shot.actors.iter().filter(|actor| {
            eye_line.is_some() && !shot.focus.is_empty() && !shot.focus.contains(&actor.role)
        });
        let zoom = others.fold(zoom, |zoom, other| {
            zoom.max(zoom_without(reach(other), middle, zoom, aspect))
        });
        let zoom = zoom.max(wide.zoom);
        let figures = framed().filter(|(_, stature)| !stature.lies);
        let outline = figures.flat_map(|(actor, stature)| outline_of(actor, stature));
        let ends = enclosed(outline);
        let (middle, zoom) = match ends {
            // Where all cannot be inside of a picture around them, it looks at them alone.
            Some(ends) if nearest_zoom(shot, ends, middle, aspect) < zoom => {
                let middle = f32::midpoint(ends.0, ends.1);
                let fitting = nearest_zoom(shot, ends, middle, aspect);
                (middle, zoom.min(fitting.max(FARTHEST)))
            }
            _ => (middle, zoom),
        };
        let away = ends.map_or(0.0, |ends| {
            let past = near.map(|near| &shot.actors[near].role);
            let others = shot.actors.iter().zip(statures).filter(|(actor, stature)| {
                let framed = shot.focus.is_empty() || shot.focus.contains(&actor.role);
                !framed && !stature.lies && past != Some(&actor.role)
            });
            let others = others.flat_map(|(actor, stature)| outline_of(actor, stature));
            shift_without(others, ends, middle, 0.5 * aspect / zoom)
        });
        let middle = middle + away;
        // The feet stand a little over the lower edge, with room for captions.
        let on_feet = ground_y + (0.5 - 0.17) / zoom;
        let center_y = match eye_line {
            // The eyes stand at this height of the picture.
            Some(line) => {
                let on_eyes = ground_y + eyes - (line - 0.5) / zoom;
                // A narrow picture of two has room for all of them, and none to give to the ground.
                if all_lie {
                    on_eyes
                } else {
                    on_eyes.max(on_feet)
                }
            }
            None => on_feet,
        };
        // The shoulder fills one side of the picture; who is seen past it stands on the other.
        let aside = near
            .filter(|_| framing == Framing::OverShoulder)
            .map_or(0.0, |near| {
                let room = (aspect / zoom).min(0.8);
                0.15 * room * (shot.actors[near].x - middle).signum()
            });
        let camera = Camera {
            center: vec2(middle + aside, center_y),
            zoom,
        };
        Self::moved(camera, shot)
    }

    /// A wide view; on narrow pictures it steps back until everyone is in it, and where that is too
    /// far it looks at them instead of at the middle of the stage.
    fn wide(shot: &Shot, statures: &[Stature], aspect: f32) -> Camera {
        /// From the middle of a figure to its outline and a little room, in frame heights.
        const ROOM: f32 = 0.22;
        let on_stage = shot.actors.iter().map(|actor| actor.x);
        let on_stage = on_stage.filter(|x| x.abs() + ROOM < 1.1);
        let half_width = on_stage.map(|x| x.abs() + ROOM).fold(0.3, f32::max);
        let wanted = aspect / (2.0 * half_width);
        let outline = shot.actors.iter().zip(statures);
        let outline = outline.flat_map(|(actor, stature)| outline_of(actor, stature));
        let (x, zoom) = match enclosed(outline) {
            Some(ends)
                if wanted < FAR || nearest_zoom(shot, ends, 0.0, aspect) < wanted.min(1.0) =>
            {
                let x = f32::midpoint(ends.0, ends.1);
                let fitting = nearest_zoom(shot, ends, x, aspect);
                (x, fitting.clamp(FARTHEST, wanted.clamp(FAR, 1.0)))
            }
            _ => (0.0, wanted.clamp(FAR, 1.0)),
        };
        Camera {
            center: vec2(x, 0.5 / zoom),
            zoom,
        }
    }

    fn moved(camera: Camera, shot: &Shot) -> Self {
        let shift = vec2(PAN / camera.zoom, 0.0);
        let (start, end) = match shot.camera {
            CameraMove::Hold => (camera, camera),
            CameraMove::PushIn => (
                camera,
                Camera {
                    zoom: camera.zoom * PUSH,
                    ..camera
                },
            ),
            CameraMove::PullOut => (
                Camera {
                    zoom: camera.zoom * PUSH,
                    ..camera
                },
                camera,
            ),
            CameraMove::PanLeft | CameraMove::PanRight => {
                let toward = if shot.camera == CameraMove::PanLeft {
                    -shift
                } else {
                    shift
                };
                (
                    Camera {
                        center: camera.center - toward,
                        ..camera
                    },
                    Camera {
                        center: camera.center + toward,
                        ..camera
                    },
                )
            }
        };
        Self {
            start,
            end,
            duration_s: shot.duration_s,
        }
    }

    /// The same path where it sees nothing of a plate at `depth` but `area`, as far as that is large
    /// enough.
    pub fn within(self, area: Rect, depth: f32, aspect: f32) -> Self {
        let kept = |camera: Camera| {
            let seen = camera.view(depth, aspect);
            let room = ((area.size() - seen.size()) / 2.0).max(Vec2::ZERO);
            let wanted = seen
                .center()
                .clamp(area.center() - room, area.center() + room);
            Camera {
                center: camera.center + (wanted - seen.center()) / follows(depth),
                ..camera
            }
        };
        Self {
            start: kept(self.start),
            end: kept(self.end),
            ..self
        }
    }

    /// The camera at a time of the shot.
    pub fn at(&self, shot_s: f64) -> Camera {
        // Mixed with itself, it would be rounded a little differently at each time.
        if self.is_still() {
            return self.start;
        }
        let t = (shot_s / self.duration_s).clamp(0.0, 1.0) as f32;
        self.start.mix(self.end, t * t * (3.0 - 2.0 * t))
    }

    /// The camera halfway.
    pub fn middle(&self) -> Camera {
        self.at(self.duration_s / 2.0)
    }

    pub fn is_still(&self) -> bool {
        self.start == self.end
    }
}

/// Who of a shot's actors stands in the foreground with the back to the camera.
pub(crate) fn over_shoulder(shot: &Shot, statures: &[Stature]) -> Option<usize> {
    let stays = |role: &String| {
        let at = shot.actors.iter().position(|actor| actor.role == *role)?;
        let lies = statures.get(at).is_none_or(|stature| stature.lies);
        (!lies && !sinks(&shot.actors[at])).then_some(at)
    };
    match (shot.framing, shot.focus.as_slice()) {
        (Framing::OverShoulder, [seen, past]) => stays(seen).and(stays(past)),
        _ => None,
    }
}

/// The view of somebody in the foreground of whom head and shoulder are seen at the side of the
/// picture. `side` is 1 for the right side and -1 for the left.
pub(crate) fn shoulder_camera(
    actor: &Actor,
    stature: Stature,
    ground_y: f32,
    aspect: f32,
    side: f32,
) -> Camera {
    /// How high the picture is, in heights of the figure; and how wide at least.
    const HEIGHT: f32 = 0.62;
    const WIDTH: f32 = 0.72;
    /// From the middle of the picture to the head, as a share of its width.
    const ASIDE: f32 = 0.39;
    /// How far the eyes are over the middle, as a share of the picture's height.
    const EYES: f32 = -0.02;
    let height = (stature.height * HEIGHT.max(WIDTH / aspect)).max(0.02);
    let walked = actor.cues.iter().rev().find_map(|cue| match cue.kind {
        CueKind::Walk { to_x, .. } => Some(to_x),
        _ => None,
    });
    Camera {
        center: vec2(
            walked.unwrap_or(actor.x) - side * ASIDE * height * aspect,
            ground_y + stature.eyes - EYES * height,
        ),
        zoom: height.recip(),
    }
}

/// The zoom that leaves someone out of the picture who would be cut by its edge: at most a third
/// nearer than `zoom`, and `zoom` itself where that does not help.
fn zoom_without((left, right): (f32, f32), middle: f32, zoom: f32, aspect: f32) -> f32 {
    /// From the middle of a figure to its elbow, in frame heights.
    const HALF_FIGURE: f32 = 0.13;
    let half_width = 0.5 * aspect / zoom;
    let nearest = (left - HALF_FIGURE - middle).max(middle - right - HALF_FIGURE);
    let needed = 0.5 * aspect / nearest;
    if nearest > 0.6 * half_width && nearest < half_width && needed < zoom * 1.34 {
        needed
    } else {
        zoom
    }
}

/// How far a picture whose sides are `half_width` from its middle moves aside to leave out others who
/// would be cut by one of them, if `ends` stay inside of it; 0 where that does not help.
fn shift_without(
    others: impl Iterator<Item = (f32, f32)>,
    ends: (f32, f32),
    middle: f32,
    half_width: f32,
) -> f32 {
    let (low, high) = (middle - half_width, middle + half_width);
    let (mut right, mut left) = (0.0_f32, 0.0_f32);
    for (from, to) in others {
        if from < low && low < to {
            right = right.max(to - low);
        } else if from < high && high < to {
            left = left.max(high - from);
        }
    }
    let shift = right - left;
    let room = 2.0 * SAFE * half_width;
    let stays = ends.0 - room >= low + shift && ends.1 + room <= high + shift;
    // Between two there is no place where neither is cut.
    if stays && (right == 0.0 || left == 0.0) {
        shift
    } else {
        0.0
    }
}

/// Whether the body of an actor goes down, gets up or takes off during a shot.
fn sinks(actor: &Actor) -> bool {
    actor.cues.iter().any(|cue| {
        matches!(
            cue.kind,
            CueKind::Pose { .. }
                | CueKind::Act {
                    act: Act::Fall | Act::Fly | Act::Swim,
                    ..
                }
        )
    })
}

/// The ends of what stands and walks on the stage.
fn enclosed(outline: impl Iterator<Item = (f32, f32)>) -> Option<(f32, f32)> {
    outline.reduce(|(low, high), (left, right)| (low.min(left), high.max(right)))
}

/// Left and right end of an actor at each place of a shot where it is on the stage.
fn outline_of(actor: &Actor, stature: &Stature) -> impl Iterator<Item = (f32, f32)> {
    let half = stature.half_width;
    let walks = actor.cues.iter().filter_map(|cue| match cue.kind {
        CueKind::Walk { to_x, .. } => Some(to_x),
        _ => None,
    });
    std::iter::once(actor.x)
        .chain(walks)
        .filter(|x| x.abs() < 1.1)
        .map(move |x| (x - half, x + half))
}

/// The nearest zoom of a picture around `middle` at which these ends stay inside of it, wherever its
/// camera moves.
fn nearest_zoom(shot: &Shot, (left, right): (f32, f32), middle: f32, aspect: f32) -> f32 {
    let (aside, nearer) = match shot.camera {
        CameraMove::Hold => (0.0, 1.0),
        CameraMove::PushIn | CameraMove::PullOut => (0.0, PUSH),
        CameraMove::PanLeft | CameraMove::PanRight => (PAN, 1.0),
    };
    let reach = (right - middle).max(middle - left).max(1e-3);
    ((0.5 - SAFE) * aspect - aside) / (reach * nearer)
}

/// Where those stand whom a shot is about, with their stature: each at all its places on the stage.
#[cfg(test)]
pub(crate) fn intended<'a>(
    shot: &'a Shot,
    statures: &'a [Stature],
) -> impl Iterator<Item = (f32, &'a Stature)> {
    let near = over_shoulder(shot, statures);
    let about = shot.actors.iter().zip(statures).enumerate();
    about
        .filter(move |(index, (actor, stature))| {
            let all = shot.focus.is_empty() || shot.framing == Framing::Wide;
            !stature.lies && near != Some(*index) && (all || shot.focus.contains(&actor.role))
        })
        .flat_map(|(_, (actor, stature))| {
            outline_of(actor, stature)
                .map(move |(left, right)| (f32::midpoint(left, right), stature))
        })
}

/// The stretch of ground that an actor covers during a shot; entrances from off stage count where
/// they arrive.
fn reach(actor: &Actor) -> (f32, f32) {
    let walks = actor.cues.iter().filter_map(|cue| match cue.kind {
        CueKind::Walk { to_x, .. } => Some(to_x),
        _ => None,
    });
    let mut span: Option<(f32, f32)> = None;
    for x in std::iter::once(actor.x).chain(walks) {
        if x.abs() < 1.1 {
            let (low, high) = span.unwrap_or((x, x));
            span = Some((low.min(x), high.max(x)));
        }
    }
    span.unwrap_or((actor.x, actor.x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_planes_move_and_grow_less_than_near_ones() {
        let camera = Camera {
            center: vec2(0.3, 0.5),
            zoom: 2.0,
        };
        let widths = [0.0, 0.5, 1.0, 1.5].map(|depth| camera.view(depth, 1.6).size().x);
        let centers = [0.0, 0.5, 1.0, 1.5].map(|depth| camera.view(depth, 1.6).center().x);
        assert!(widths.is_sorted_by(|far, near| far > near), "{widths:?}");
        assert!(centers.is_sorted_by(|far, near| far < near), "{centers:?}");
        assert!((camera.view(1.0, 1.6).size().y - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_camera_that_stands_still_is_the_same_to_the_last_bit_at_any_time() {
        let camera = Camera {
            center: vec2(0.137, 0.511),
            zoom: 1.61,
        };
        let path = CameraPath {
            start: camera,
            end: camera,
            duration_s: 3.7,
        };
        for frame in 0..90 {
            assert_eq!(path.at(f64::from(frame) / 24.0), camera, "{frame}");
        }
        assert_eq!(path.middle(), camera);
    }

    #[test]
    fn nobody_is_cut_by_the_edge_of_a_near_shot() {
        let (aspect, zoom) = (16.0 / 9.0, 2.0);
        // Someone stands with one shoulder in the picture: a little nearer and they are out.
        let nearer = zoom_without((0.5, 0.5), 0.0, zoom, aspect);
        assert!(nearer > zoom && 0.5 * aspect / nearer <= 0.5 - 0.13 + 1e-5);
        // In the middle of the picture or far outside, nothing changes.
        assert_eq!(zoom_without((0.2, 0.2), 0.0, zoom, aspect), zoom);
        assert_eq!(zoom_without((-0.9, -0.8), 0.0, zoom, aspect), zoom);
    }

    #[test]
    fn a_picture_moves_aside_from_somebody_whom_its_edge_would_cut() {
        let others = |at: &[f32]| at.iter().map(|x| (x - 0.1, x + 0.1)).collect::<Vec<_>>();
        let shift = |at: &[f32]| {
            let others = others(at).into_iter();
            shift_without(others, (-0.15, 0.15), 0.0, 0.5)
        };
        // Somebody to the left is left out by a move to the right.
        assert!((shift(&[-0.45]) - 0.15).abs() < 1e-5);
        assert!((shift(&[0.55]) + 0.05).abs() < 1e-5);
        // Who is inside or outside already moves nothing, nor do two on both sides.
        assert_eq!(shift(&[-0.3]), 0.0);
        assert_eq!(shift(&[0.7]), 0.0);
        assert_eq!(shift(&[-0.45, 0.45]), 0.0);
        // Whom the picture is about stays inside of it.
        assert_eq!(
            shift_without([(-0.45, 0.2)].into_iter(), (-0.2, 0.2), 0.0, 0.5),
            0.0
        );
    }

    #[test]
    fn over_a_shoulder_the_one_is_seen_aside_and_the_other_is_not_framed() {
        let stature = Stature {
            height: 0.46,
            eyes: 0.4,
            half_width: 0.13,
            lies: false,
        };
        for (seen_x, past_x) in [(0.36, -0.36), (-0.36, 0.36)] {
            let mut shot = lying_shot(Framing::OverShoulder);
            shot.actors[0].pose = fabula_story::Pose::Stand;
            shot.actors[0].x = seen_x;
            let mut past = shot.actors[0].clone();
            past.role = "c2".to_owned();
            past.x = past_x;
            shot.actors.push(past);
            shot.focus.push("c2".to_owned());
            assert_eq!(over_shoulder(&shot, &[stature; 2]), Some(1));
            let aspect = 16.0 / 9.0;
            let path = CameraPath::of(&shot, &[stature; 2], 0.1, aspect);
            let view = path.start.view(1.0, aspect);
            let at = (seen_x - view.min.x) / view.size().x;
            let away = if seen_x > 0.0 { at } else { 1.0 - at };
            assert!((0.6..0.75).contains(&away), "{at}");
            // Who lies has no shoulder to look past.
            let lies = Stature {
                lies: true,
                ..stature
            };
            assert_eq!(over_shoulder(&shot, &[stature, lies]), None);
            let close = CameraPath::of(&shot, &[stature, lies], 0.1, aspect);
            assert!(close.start.zoom > 0.0);
        }
    }

    #[test]
    fn a_camera_before_a_picture_does_not_look_past_its_edge() {
        let area = Rect::around(vec2(0.0, 0.5), vec2(0.93, 0.52));
        let mut shot = lying_shot(Framing::Full);
        for x in [-3.0, -0.6, 0.0, 0.5, 4.0] {
            shot.actors[0].x = x;
            let stature = Stature {
                height: 0.46,
                eyes: 0.06,
                half_width: 0.13,
                lies: true,
            };
            let path = CameraPath::of(&shot, &[stature], 0.1, 16.0 / 9.0);
            let kept = path.within(area, 0.6, 16.0 / 9.0);
            let seen = kept.start.view(0.6, 16.0 / 9.0);
            let inside = Rect::union(seen, area);
            assert!(
                (inside.size() - area.size()).length() < 1e-5,
                "{x}: {seen:?}"
            );
            assert_eq!(kept.start.zoom, path.start.zoom);
        }
    }

    fn lying_shot(framing: Framing) -> Shot {
        Shot {
            id: "s1.1".to_owned(),
            duration_s: 4.0,
            framing,
            focus: vec!["c1".to_owned()],
            camera: CameraMove::Hold,
            mood: fabula_story::Mood {
                emotion: fabula_story::Emotion::Neutral,
                intensity: 0.0,
            },
            actors: vec![Actor {
                role: "c1".to_owned(),
                x: 0.2,
                facing: Facing::Right,
                pose: fabula_story::Pose::Lie,
                cues: Vec::new(),
            }],
            speech: Vec::new(),
            captions: Vec::new(),
        }
    }

    fn lying(framing: Framing) -> CameraPath {
        let stature = Stature {
            height: 0.46,
            eyes: 0.06,
            half_width: 0.13,
            lies: true,
        };
        CameraPath::of(&lying_shot(framing), &[stature], 0.1, 16.0 / 9.0)
    }

    #[test]
    fn a_narrow_wide_shot_looks_at_who_stands_at_the_side() {
        let mut shot = lying_shot(Framing::Wide);
        shot.actors[0].x = -0.62;
        let stature = Stature {
            height: 0.46,
            eyes: 0.4,
            half_width: 0.13,
            lies: false,
        };
        let path = |aspect: f32| CameraPath::of(&shot, &[stature], 0.1, aspect);
        let (narrow, broad) = (9.0 / 16.0, 16.0 / 9.0);
        let view = path(narrow).start.view(1.0, narrow);
        assert!(
            view.min.x < -0.62 - 0.2 && view.max.x > -0.62 + 0.2,
            "{view:?}"
        );
        assert_eq!(path(broad).start.center.x, 0.0);
    }

    #[test]
    fn two_in_a_narrow_picture_stand_on_its_lower_edge() {
        let mut shot = lying_shot(Framing::Medium);
        shot.focus.clear();
        shot.actors[0].pose = fabula_story::Pose::Stand;
        shot.actors.push(Actor {
            x: -0.5,
            ..shot.actors[0].clone()
        });
        let stature = Stature {
            height: 0.46,
            eyes: 0.4,
            half_width: 0.13,
            lies: false,
        };
        let path = CameraPath::of(&shot, &[stature; 2], 0.1, 9.0 / 16.0);
        let view = path.start.view(1.0, 9.0 / 16.0);
        let feet = (0.1 - view.min.y) / view.size().y;
        assert!((feet - 0.17).abs() < 1e-4, "{feet} of {view:?}");
        assert!(view.min.x < -0.5 && view.max.x > 0.2, "{view:?}");
    }

    #[test]
    fn who_lies_down_in_a_near_shot_stays_in_the_picture() {
        let down = fabula_story::Cue {
            at_s: 0.3,
            kind: CueKind::Pose {
                pose: fabula_story::Pose::Lie,
            },
        };
        let stature = Stature {
            height: 0.46,
            eyes: 0.4,
            half_width: 0.13,
            lies: false,
        };
        let mut shot = lying_shot(Framing::Close);
        shot.actors[0].pose = fabula_story::Pose::Stand;
        shot.actors[0].cues = vec![down];
        let view = CameraPath::of(&shot, &[stature], 0.1, 16.0 / 9.0)
            .start
            .view(1.0, 16.0 / 9.0);
        assert!(view.min.y < 0.1 && view.max.y > 0.1 + 0.46, "{view:?}");
        assert!(view.min.x < 0.0 && view.max.x > 0.4, "{view:?}");
    }

    #[test]
    fn who_lies_is_framed_from_head_to_foot_and_close_by_the_head() {
        for framing in [Framing::Full, Framing::Medium] {
            let path = lying(framing);
            let view = path.start.view(1.0, 16.0 / 9.0);
            assert!(view.min.x < -0.08 && view.max.x > 0.48, "{view:?}");
            assert!(view.min.y < 0.1 && view.max.y > 0.3, "{view:?}");
        }
        let path = lying(Framing::Close);
        assert!((path.start.center.x - (0.2 - 0.42 * 0.46)).abs() < 1e-4);
    }

    #[test]
    fn a_camera_starts_and_ends_its_move_where_the_path_does() {
        let start = Camera {
            center: vec2(0.0, 0.5),
            zoom: 1.0,
        };
        let end = Camera {
            center: vec2(0.2, 0.4),
            zoom: 1.5,
        };
        let path = CameraPath {
            start,
            end,
            duration_s: 2.0,
        };
        for (at_s, expected) in [(0.0, start), (2.0, end), (9.0, end)] {
            let camera = path.at(at_s);
            assert!((camera.center - expected.center).length() < 1e-6);
            assert!((camera.zoom - expected.zoom).abs() < 1e-6);
        }
        assert!(!path.is_still());
    }
}
