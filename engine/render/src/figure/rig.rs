//! The skeleton of a family of characters, read from its `manifest.toml`, and what bends it.

use std::collections::BTreeMap;
use std::fmt;

use fabula_story::{Age, Build, Color, Look};
use glam::{Affine2, Mat2, Vec2};
use serde::Deserialize;

use super::physique::Physique;
use crate::RenderError;

/// Height of a grown human on the stage, in frame heights.
pub(crate) const GROWN_HEIGHT: f32 = 0.46;

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum $type {
            $($variant,)*
        }

        impl $type {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];
            pub(crate) const COUNT: usize = Self::ALL.len();

            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            pub(crate) fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == name)
            }

        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

names! {
    /// The bones that acting moves; a manifest may leave some out.
    Joint {
        Root = "root",
        Hips = "hips",
        Torso = "torso",
        Neck = "neck",
        Head = "head",
        Hair = "hair",
        Face = "face",
        Gaze = "gaze",
        UpperArmNear = "upper_arm_n",
        ForearmNear = "forearm_n",
        HandNear = "hand_n",
        UpperArmFar = "upper_arm_f",
        ForearmFar = "forearm_f",
        HandFar = "hand_f",
        ThighNear = "thigh_n",
        ShinNear = "shin_n",
        FootNear = "foot_n",
        ThighFar = "thigh_f",
        ShinFar = "shin_f",
        FootFar = "foot_f",
        Skirt = "skirt",
        EarNear = "ear_n",
        EarFar = "ear_f",
        Tail = "tail",
        TailTip = "tail_tip",
        WingNear = "wing_n",
        WingFar = "wing_f",
        WheelRear = "wheel_rear",
        WheelFront = "wheel_front",
    }
}

names! {
    /// The blend targets that acting uses; the mouth at rest is the path itself.
    Blend {
        Blink = "blink",
        Wide = "wide",
        Squint = "squint",
        Happy = "happy",
        Up = "up",
        Angry = "angry",
        Sad = "sad",
        Worried = "worried",
        A = "A",
        B = "B",
        C = "C",
        D = "D",
        E = "E",
        F = "F",
        G = "G",
        H = "H",
        Smile = "smile",
        Frown = "frown",
        Grin = "grin",
        Grimace = "grimace",
        Jaw = "jaw",
        Blush = "blush",
        Wrinkle = "wrinkle",
        Sit = "sit",
        Item = "item",
        Cup = "cup",
    }
}

impl Blend {
    /// All names, for people.
    pub(crate) fn names() -> String {
        Self::ALL
            .iter()
            .map(|blend| blend.name())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// How a bone is moved away from its place at rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct JointPose {
    /// Clockwise on screen for a figure that looks to the right: positive leans forward.
    pub rotation: f32,
    /// In canvas units, y down.
    pub offset: Vec2,
    pub scale: Vec2,
}

impl Default for JointPose {
    fn default() -> Self {
        Self {
            rotation: 0.0,
            offset: Vec2::ZERO,
            scale: Vec2::ONE,
        }
    }
}

/// Everything that a figure does at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Performance {
    /// Where the feet stand on the stage, in frame heights from the middle.
    pub x: f32,
    /// Height of the feet above the ground, in frame heights.
    pub lift: f32,
    /// 1 looking to the right, -1 to the left, between while it turns round.
    pub turn: f32,
    pub joints: [JointPose; Joint::COUNT],
    /// Weights of the blend targets.
    pub weights: [f32; Blend::COUNT],
}

impl Default for Performance {
    fn default() -> Self {
        Self {
            x: 0.0,
            lift: 0.0,
            turn: 1.0,
            joints: [JointPose::default(); Joint::COUNT],
            weights: [0.0; Blend::COUNT],
        }
    }
}

impl Performance {
    pub(crate) fn joint(&mut self, joint: Joint) -> &mut JointPose {
        &mut self.joints[joint as usize]
    }

    pub(crate) fn weight(&mut self, blend: Blend) -> &mut f32 {
        &mut self.weights[blend as usize]
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    ground: [f32; 2],
    grown: f32,
    bend: f32,
    crown_y: f32,
    eye_y: f32,
    chin_y: f32,
    reference: Reference,
    bone: Vec<ManifestBone>,
    #[serde(default)]
    age: BTreeMap<String, Proportions>,
    #[serde(default)]
    build: BTreeMap<String, Physique>,
    #[serde(default)]
    body: BTreeMap<String, Habits>,
}

/// What a body does otherwise than others.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Habits {
    /// Its arms are wings: they beat, and it pecks what it eats.
    wings: bool,
    /// It cannot lie on its back, and sleeps as it sits.
    upright: bool,
    /// The middles of its wheels, on which it rolls, rear and front.
    wheels: Option<[[f32; 2]; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestBone {
    name: String,
    parent: Option<String>,
    pivot: [f32; 2],
    axis: Option<[f32; 2]>,
}

/// The colours that the parts of a family are drawn in.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    pub skin: Color,
    pub hair: Color,
    pub outfit: Color,
    pub accent: Color,
    pub eyes: Color,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proportions {
    height: f32,
    #[serde(default)]
    bone: BTreeMap<String, AgedBone>,
}

/// How age changes a bone at rest.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AgedBone {
    rotation_degrees: f32,
    offset: [f32; 2],
    scale: [f32; 2],
}

impl Default for AgedBone {
    fn default() -> Self {
        Self {
            rotation_degrees: 0.0,
            offset: [0.0; 2],
            scale: [1.0; 2],
        }
    }
}

/// What a being is drawn with, as the file beside the drawing of its head says it. The rest of that
/// file is for whoever casts.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Being {
    #[serde(skip)]
    pub head: String,
    pub body: String,
    height: f32,
    /// How often wings on its back beat in a second of flight.
    #[serde(default = "Being::usual_beats")]
    beats: f32,
    words: Vec<String>,
    #[serde(default)]
    plays: Vec<String>,
}

impl Being {
    fn usual_beats() -> f32 {
        3.0
    }
}

#[derive(Clone, Debug)]
struct Bone {
    name: String,
    parent: Option<usize>,
    pivot: Vec2,
    /// From the pivot along the bone.
    axis: Vec2,
    joint: Option<Joint>,
}

/// A family's skeleton and proportions.
#[derive(Clone, Debug)]
pub(crate) struct Skeleton {
    file: String,
    bones: Vec<Bone>,
    ground: Vec2,
    grown: f32,
    bend: f32,
    crown_y: f32,
    eye_y: f32,
    chin_y: f32,
    pub reference: Reference,
    ages: BTreeMap<String, Proportions>,
    builds: BTreeMap<String, Physique>,
    bodies: BTreeMap<String, Habits>,
    beings: Vec<Being>,
}

/// Bones that the shader has room for.
pub(crate) const MOST_BONES: usize = 40;

impl Skeleton {
    /// Reads a manifest.
    pub(crate) fn read(file: &str, text: &str) -> Result<Self, RenderError> {
        let refuse = |cause: String| RenderError::art(file, cause);
        let manifest: Manifest = toml::from_str(text).map_err(|e| refuse(e.to_string()))?;
        let mut bones: Vec<Bone> = Vec::new();
        for bone in &manifest.bone {
            let parent = match &bone.parent {
                None => None,
                Some(parent) => Some(bones.iter().position(|b| b.name == *parent).ok_or_else(
                    || {
                        refuse(format!(
                            "bone `{}`: its parent `{parent}` must stand before it",
                            bone.name
                        ))
                    },
                )?),
            };
            if bones.iter().any(|known| known.name == bone.name) {
                return Err(refuse(format!("bone `{}` is there twice", bone.name)));
            }
            bones.push(Bone {
                name: bone.name.clone(),
                parent,
                pivot: Vec2::from(bone.pivot),
                axis: Vec2::ZERO,
                joint: Joint::named(&bone.name),
            });
        }
        if bones.len() > MOST_BONES {
            return Err(refuse(format!(
                "{} bones; at most {MOST_BONES} fit",
                bones.len()
            )));
        }
        for index in 0..bones.len() {
            let pivot = bones[index].pivot;
            let child = bones
                .iter()
                .find(|b| b.parent == Some(index))
                .map(|b| b.pivot - pivot);
            let parent = bones[index]
                .parent
                .map(|parent| pivot - bones[parent].pivot);
            let axis = manifest.bone[index]
                .axis
                .map(Vec2::from)
                .or(child)
                .or(parent);
            bones[index].axis = axis.unwrap_or(Vec2::Y).try_normalize().unwrap_or(Vec2::Y);
        }
        for (age, proportions) in &manifest.age {
            for bone in proportions.bone.keys() {
                if !bones.iter().any(|known| known.name == *bone) {
                    return Err(refuse(format!("age.{age}: there is no bone `{bone}`")));
                }
            }
        }
        for (name, physique) in &manifest.build {
            let known = Build::ALL.iter().any(|build| build.name() == name);
            let fault = if known {
                physique.fault()
            } else {
                Some("there is no such build; there are slim, ordinary, stout and broad")
            };
            if let Some(fault) = fault {
                return Err(refuse(format!("build.{name}: {fault}")));
            }
        }
        Ok(Self {
            file: file.to_owned(),
            bones,
            ground: Vec2::from(manifest.ground),
            grown: manifest.grown,
            bend: manifest.bend,
            crown_y: manifest.crown_y,
            eye_y: manifest.eye_y,
            chin_y: manifest.chin_y,
            reference: manifest.reference,
            ages: manifest.age,
            builds: manifest.build,
            bodies: manifest.body,
            beings: Vec::new(),
        })
    }

    /// Adds the being whose head is drawn in `head-<name>.svg`, from the file beside it.
    pub(crate) fn add_being(
        &mut self,
        name: &str,
        file: &str,
        text: &str,
    ) -> Result<(), RenderError> {
        let being: Being =
            toml::from_str(text).map_err(|error| RenderError::art(file, error.to_string()))?;
        self.beings.push(Being {
            head: name.to_owned(),
            ..being
        });
        Ok(())
    }

    /// The being of this name, else the one that stands in for it.
    fn known_being(&self, name: &str) -> Option<&Being> {
        let says = |list: &[String]| list.iter().any(|word| word == name);
        let find = |test: &dyn Fn(&Being) -> bool| self.beings.iter().find(|being| test(being));
        find(&|being| being.head == name)
            .or_else(|| find(&|being| says(&being.words)))
            .or_else(|| find(&|being| says(&being.plays)))
    }

    /// The being that is drawn for a name: itself, its nearest relative, or the creature.
    pub(crate) fn being(&self, name: &str) -> Option<&Being> {
        self.known_being(name)
            .or_else(|| self.known_being("creature"))
    }

    /// Whether a being of this name has a drawing of its own or of a relative.
    pub(crate) fn knows_being(&self, name: &str) -> bool {
        self.known_being(name).is_some()
    }

    pub(crate) fn bone(&self, name: &str) -> Option<usize> {
        self.bones.iter().position(|bone| bone.name == name)
    }

    /// How a build differs from what is drawn, where it does.
    pub(crate) fn physique(&self, build: Build) -> Option<&Physique> {
        self.builds.get(build.name())
    }

    /// Where a point that a bone carries is in a build.
    pub(crate) fn built(&self, physique: &Physique, bone: usize, point: Vec2) -> Vec2 {
        let joint = self.bones.get(bone).and_then(|bone| bone.joint);
        // Hair and beards hang from the head, and are as wide as it is wherever they reach.
        let hangs = matches!(joint, Some(Joint::Head | Joint::Hair | Joint::Face));
        let lowest = if hangs { self.chin_y } else { f32::INFINITY };
        let body = |point: Vec2| {
            let level = Vec2::new(point.x, point.y.min(lowest));
            Vec2::new(physique.body(level, self.ground.x).x, point.y)
        };
        let chain: &[Joint] = match joint {
            Some(Joint::UpperArmNear | Joint::ForearmNear | Joint::HandNear) => {
                &[Joint::UpperArmNear, Joint::ForearmNear, Joint::HandNear]
            }
            Some(Joint::UpperArmFar | Joint::ForearmFar | Joint::HandFar) => {
                &[Joint::UpperArmFar, Joint::ForearmFar, Joint::HandFar]
            }
            Some(Joint::Tail | Joint::TailTip) => &[Joint::Tail],
            _ => &[],
        };
        let pivots = chain.iter().filter_map(|joint| self.bone(joint.name()));
        let pivots: Vec<Vec2> = pivots.map(|index| self.bones[index].pivot).collect();
        let Some(root) = pivots.first() else {
            return body(point);
        };
        let shift = body(*root) - *root;
        if matches!(joint, Some(Joint::Tail | Joint::TailTip)) {
            return point + shift;
        }
        physique.arm(point, &pivots, shift)
    }

    /// The skeleton with its wheels where a body has them.
    fn on_wheels(&self, middles: Option<[[f32; 2]; 2]>) -> Self {
        let mut skeleton = self.clone();
        let wheels = [Joint::WheelRear, Joint::WheelFront];
        for (joint, middle) in wheels.into_iter().zip(middles.into_iter().flatten()) {
            if let Some(bone) = skeleton.bone(joint.name()) {
                skeleton.bones[bone].pivot = Vec2::from(middle);
            }
        }
        skeleton
    }

    /// The skeleton of a build: its bones turn where the moved drawing has its joints.
    pub(crate) fn of_build(&self, build: Build) -> Self {
        let mut skeleton = self.clone();
        if let Some(physique) = self.physique(build) {
            for (index, bone) in skeleton.bones.iter_mut().enumerate() {
                bone.pivot = self.built(physique, index, bone.pivot);
            }
        }
        skeleton
    }

    /// How much the second of two bones carries a point: 0 before its pivot, 1 after it.
    pub(crate) fn second_weight(&self, second: usize, point: Vec2) -> f32 {
        let Some(bone) = self.bones.get(second) else {
            return 0.0;
        };
        let along = (point - bone.pivot).dot(bone.axis);
        let t = ((along + self.bend) / (2.0 * self.bend)).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    }
}

/// A skeleton with the proportions of one character.
#[derive(Clone, Debug)]
pub(crate) struct Rig {
    skeleton: Skeleton,
    rest: Vec<JointPose>,
    /// Stage units per canvas unit.
    scale: f32,
    /// Its width as a share of the ordinary one.
    girth: f32,
    legs: [Option<Leg>; 2],
    /// Where the hips turn, at rest.
    hips: Vec2,
    /// Its arms are wings.
    pub winged: bool,
    /// It never lies on its back.
    pub upright: bool,
    /// How often wings on its back would beat in a second of flight.
    beats: f32,
    /// Radii of its wheels, rear and front, in canvas units; none for who has legs.
    pub wheels: Option<[f32; 2]>,
    /// Points of the outline that each bone carries, for what rests on the ground.
    outline: Vec<Vec<Vec2>>,
}

/// The bones of a leg at rest, in canvas units and with the character's proportions.
#[derive(Clone, Copy, Debug)]
struct Leg {
    hip: Vec2,
    knee: Vec2,
    ankle: Vec2,
}

/// Heights that a camera frames, in frame heights above the ground.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Bounds {
    pub crown: f32,
    pub eyes: f32,
    pub chin: f32,
    pub half_width: f32,
}

impl Rig {
    pub(crate) fn new(skeleton: &Skeleton, look: &Look) -> Self {
        let age = match look.age {
            Age::Child => "child",
            Age::Elder => "elder",
            Age::Adult | Age::Unknown => "adult",
        };
        let proportions = skeleton.ages.get(age);
        let being = skeleton.being(&look.being);
        let habits = being.and_then(|being| skeleton.bodies.get(&being.body));
        let habits = habits.copied().unwrap_or_default();
        let beats = being.map_or_else(Being::usual_beats, |being| being.beats);
        let own_height = being.map_or(1.0, |being| being.height);
        let height = own_height * look.height * proportions.map_or(1.0, |p| p.height);
        let girth = skeleton.physique(look.build).map_or(1.0, Physique::girth);
        let rest = skeleton
            .bones
            .iter()
            .map(|bone| {
                let build = proportions.and_then(|p| p.bone.get(&bone.name)).copied();
                let build = build.unwrap_or_default();
                JointPose {
                    rotation: build.rotation_degrees.to_radians(),
                    offset: Vec2::from(build.offset),
                    scale: Vec2::from(build.scale),
                }
            })
            .collect();
        let mut rig = Self {
            skeleton: skeleton.on_wheels(habits.wheels).of_build(look.build),
            rest,
            girth,
            scale: GROWN_HEIGHT / skeleton.grown * height,
            legs: [None; 2],
            hips: Vec2::ZERO,
            winged: habits.wings,
            upright: habits.upright,
            beats,
            wheels: habits
                .wheels
                .map(|middles| middles.map(|[_, y]| (skeleton.ground.y - y).max(1.0))),
            outline: Vec::new(),
        };
        let bones = rig.canvas_from_bones(&Performance::default());
        let at = |joint: Joint| {
            let index = rig.skeleton.bone(joint.name())?;
            Some(bones[index].transform_point2(rig.skeleton.bones[index].pivot))
        };
        let leg = |thigh, shin, foot| {
            Some(Leg {
                hip: at(thigh)?,
                knee: at(shin)?,
                ankle: at(foot)?,
            })
        };
        let legs = [
            leg(Joint::ThighNear, Joint::ShinNear, Joint::FootNear),
            leg(Joint::ThighFar, Joint::ShinFar, Joint::FootFar),
        ];
        let hips = at(Joint::Hips).unwrap_or_default();
        rig.legs = legs;
        rig.hips = hips;
        rig
    }

    /// Tells the rig the points that each bone carries, in canvas units at rest.
    pub(crate) fn set_outline(&mut self, points: impl Iterator<Item = (usize, Vec2)>) {
        const DIRECTIONS: usize = 24;
        let directions = (0..DIRECTIONS)
            .map(|step| Vec2::from_angle(step as f32 / DIRECTIONS as f32 * std::f32::consts::TAU));
        let directions: Vec<Vec2> = directions.collect();
        // Only the farthest of each direction can touch the ground.
        let mut farthest = vec![vec![None::<Vec2>; DIRECTIONS]; self.skeleton.bones.len()];
        for (bone, point) in points {
            for (direction, found) in directions.iter().zip(farthest[bone].iter_mut()) {
                if found.is_none_or(|found| found.dot(*direction) < point.dot(*direction)) {
                    *found = Some(point);
                }
            }
        }
        self.outline = farthest
            .into_iter()
            .map(|points| points.into_iter().flatten().collect())
            .collect();
    }

    /// How often wings on its back beat in a second of flight; none without such wings.
    pub(crate) fn wing_beats(&self) -> Option<f32> {
        let is_drawn = |joint: &Joint| {
            let bone = self.skeleton.bone(joint.name());
            let points = bone.and_then(|bone| self.outline.get(bone));
            points.is_some_and(|points| !points.is_empty())
        };
        let wings = [Joint::WingNear, Joint::WingFar];
        wings.iter().any(is_drawn).then_some(self.beats)
    }

    /// How low the outline of some bones comes, on the canvas; none for a rig without an outline.
    pub(crate) fn lowest(&self, performance: &Performance, joints: &[Joint]) -> Option<f32> {
        let bones = self.canvas_from_bones(performance);
        let parts = self.skeleton.bones.iter().zip(&bones).zip(&self.outline);
        parts
            .filter(|((bone, _), _)| bone.joint.is_some_and(|joint| joints.contains(&joint)))
            .flat_map(|((_, placed), points)| {
                points.iter().map(|point| placed.transform_point2(*point).y)
            })
            .reduce(f32::max)
    }

    /// Height of the ground on the canvas.
    pub(crate) fn ground_y(&self) -> f32 {
        self.skeleton.ground.y
    }

    /// Where a point of a bone is on the canvas, and by what angle the bone is turned.
    pub(crate) fn point(
        &self,
        performance: &Performance,
        joint: Joint,
        point: Vec2,
    ) -> Option<(Vec2, f32)> {
        let index = self.skeleton.bone(joint.name())?;
        let placed = self.canvas_from_bones(performance)[index];
        let turned = placed.matrix2.x_axis;
        Some((placed.transform_point2(point), turned.y.atan2(turned.x)))
    }

    /// Where the lips are on the canvas.
    pub(crate) fn mouth(&self, performance: &Performance) -> Vec2 {
        let lips = Vec2::new(218.0, self.skeleton.chin_y - 24.0);
        let found = self.point(performance, Joint::Face, lips);
        found.map_or(lips, |(place, _)| place)
    }

    /// Where a shoulder is on the canvas.
    pub(crate) fn shoulder(&self, performance: &Performance, far: bool) -> Vec2 {
        let joint = if far {
            Joint::UpperArmFar
        } else {
            Joint::UpperArmNear
        };
        let pivot = self.skeleton.bone(joint.name());
        let pivot = pivot.map_or(Vec2::ZERO, |index| self.skeleton.bones[index].pivot);
        let found = self.point(performance, joint, pivot);
        found.map_or(pivot, |(place, _)| place)
    }

    /// Bends an arm so that its wrist comes to a place on the canvas, by a part of the way; the
    /// elbow points down and back.
    pub(crate) fn place_hand(
        &self,
        performance: &mut Performance,
        far: bool,
        place: Vec2,
        part: f32,
    ) {
        let [upper, fore, hand] = if far {
            [Joint::UpperArmFar, Joint::ForearmFar, Joint::HandFar]
        } else {
            [Joint::UpperArmNear, Joint::ForearmNear, Joint::HandNear]
        };
        let pivot = |joint: Joint| {
            let index = self.skeleton.bone(joint.name())?;
            Some(self.skeleton.bones[index].pivot)
        };
        let (Some(shoulder), Some(elbow), Some(wrist)) = (pivot(upper), pivot(fore), pivot(hand))
        else {
            return;
        };
        let carried = performance.joints[upper as usize].rotation;
        let Some((from, turned)) = self.point(performance, upper, shoulder) else {
            return;
        };
        let turned = turned - carried;
        let reach = place - from;
        let (a, b) = (shoulder.distance(elbow), elbow.distance(wrist));
        let length = reach.length().clamp((a - b).abs() + 12.0, a + b - 0.5);
        let angle = |v: Vec2| v.y.atan2(v.x);
        let upper_angle = angle(reach) + corner(a, length, b);
        let fore_angle = upper_angle + corner(a, b, length) - std::f32::consts::PI;
        let upper_turn = upper_angle - angle(elbow - shoulder) - turned;
        let fore_turn = fore_angle - angle(wrist - elbow) - turned - upper_turn;
        let mut bend = |joint: Joint, goal: f32, least: f32| {
            let goal = (goal - least).rem_euclid(std::f32::consts::TAU) + least;
            let now = &mut performance.joint(joint).rotation;
            *now += (goal - *now) * part;
        };
        // Arms are lifted forward, up to over the head, and forearms bend forward.
        bend(upper, upper_turn, -4.1);
        bend(fore, fore_turn, -3.6);
    }

    /// Its bones, in the character's build.
    pub(crate) fn skeleton(&self) -> &Skeleton {
        &self.skeleton
    }

    /// Stage units per canvas unit.
    pub(crate) fn scale(&self) -> f32 {
        self.scale
    }

    /// Length of a leg in canvas units, 0 for a family without legs.
    pub(crate) fn leg_length(&self) -> f32 {
        self.legs[0].map_or(0.0, |leg| {
            leg.hip.distance(leg.knee) + leg.knee.distance(leg.ankle)
        })
    }

    /// The placement of every bone: canvas at rest to canvas as posed.
    fn canvas_from_bones(&self, performance: &Performance) -> Vec<Affine2> {
        let mut bones: Vec<Affine2> = Vec::with_capacity(self.skeleton.bones.len());
        for (bone, rest) in self.skeleton.bones.iter().zip(&self.rest) {
            let pose = bone
                .joint
                .map_or_else(JointPose::default, |j| performance.joints[j as usize]);
            let local = Affine2::from_translation(bone.pivot + rest.offset + pose.offset)
                * Affine2::from_mat2(
                    Mat2::from_angle(rest.rotation + pose.rotation)
                        * Mat2::from_diagonal(rest.scale * pose.scale),
                )
                * Affine2::from_translation(-bone.pivot);
            let parent = bone.parent.and_then(|parent| bones.get(parent)).copied();
            bones.push(parent.unwrap_or(Affine2::IDENTITY) * local);
        }
        bones
    }

    /// The placement of the canvas on a stage whose ground is at `ground_y`.
    fn stage_from_canvas(&self, performance: &Performance, ground_y: f32) -> Affine2 {
        Affine2::from_translation(Vec2::new(performance.x, ground_y + performance.lift))
            * Affine2::from_scale(Vec2::new(self.scale * performance.turn, -self.scale))
            * Affine2::from_translation(-self.skeleton.ground)
    }

    /// The placement of every bone on the stage, in the skeleton's order.
    pub(crate) fn stage_from_bones(
        &self,
        performance: &Performance,
        ground_y: f32,
    ) -> Vec<Affine2> {
        let stage = self.stage_from_canvas(performance, ground_y);
        let mut bones = self.canvas_from_bones(performance);
        for bone in &mut bones {
            *bone = stage * *bone;
        }
        bones
    }

    /// Turns a leg so that its ankle stands at an offset from its place at rest, in canvas units
    /// as seen on the ground, whatever the hips do; the knee points forward.
    pub(crate) fn place_foot(
        &self,
        performance: &mut Performance,
        far: bool,
        offset: Vec2,
        pitch: f32,
    ) {
        let Some(leg) = self.legs[usize::from(far)] else {
            return;
        };
        let [thigh, shin, foot] = if far {
            [Joint::ThighFar, Joint::ShinFar, Joint::FootFar]
        } else {
            [Joint::ThighNear, Joint::ShinNear, Joint::FootNear]
        };
        let hips = performance.joints[Joint::Hips as usize];
        let turned = hips.rotation;
        let hip = self.hips + hips.offset + Vec2::from_angle(turned).rotate(leg.hip - self.hips);
        let (upper, lower) = (leg.hip.distance(leg.knee), leg.knee.distance(leg.ankle));
        let reach = leg.ankle + offset - hip;
        let shortest = (upper - lower).abs() + 1.0;
        let length = reach.length().clamp(shortest, upper + lower);
        let angle = |v: Vec2| v.y.atan2(v.x);
        // On a canvas with y down a smaller angle is further forward for a leg that hangs.
        let thigh_angle = angle(reach) - corner(upper, length, lower);
        let shin_angle = thigh_angle + std::f32::consts::PI - corner(upper, lower, length);
        let thigh_turn = thigh_angle - angle(leg.knee - leg.hip) - turned;
        let shin_turn = shin_angle - angle(leg.ankle - leg.knee) - thigh_turn - turned;
        performance.joint(thigh).rotation = thigh_turn;
        performance.joint(shin).rotation = shin_turn;
        performance.joint(foot).rotation = pitch - thigh_turn - shin_turn - turned;
    }

    /// Where the ankles stand on the stage: near, far.
    #[cfg(test)]
    pub(crate) fn ankles(&self, performance: &Performance) -> [Vec2; 2] {
        let bones = self.stage_from_bones(performance, 0.0);
        [Joint::FootNear, Joint::FootFar].map(|joint| {
            let index = self.skeleton.bone(joint.name()).unwrap();
            bones[index].transform_point2(self.skeleton.bones[index].pivot)
        })
    }

    /// Heights of the standing figure.
    pub(crate) fn bounds(&self) -> Bounds {
        let bones = self.stage_from_bones(&Performance::default(), 0.0);
        let head = self
            .skeleton
            .bone(Joint::Head.name())
            .and_then(|index| bones.get(index));
        let head = head.copied().unwrap_or_default();
        let height = |y: f32| {
            head.transform_point2(Vec2::new(self.skeleton.ground.x, y))
                .y
        };
        Bounds {
            crown: height(self.skeleton.crown_y),
            eyes: height(self.skeleton.eye_y),
            chin: height(self.skeleton.chin_y),
            half_width: self.skeleton.grown * 0.2 * self.girth * self.scale,
        }
    }
}

/// The angle between the sides `a` and `b` of a triangle whose third side is `c`.
fn corner(a: f32, b: f32, c: f32) -> f32 {
    ((a * a + b * b - c * c) / (2.0 * a * b))
        .clamp(-1.0, 1.0)
        .acos()
}

impl Skeleton {
    /// Path of the manifest.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn skeleton(family: &str) -> Skeleton {
        let folder = format!("assets/characters/{family}/");
        let files = crate::embedded::files_in(&folder).collect();
        super::super::wardrobe::skeleton(&folder, &files).unwrap()
    }

    pub(crate) fn look(being: &str, age: Age) -> Look {
        Look {
            being: being.to_owned(),
            age,
            skin: Color::rgb(240, 184, 160),
            hair: Color::rgb(139, 69, 19),
            eyes: Color::rgb(0, 100, 0),
            hair_style: "bob".to_owned(),
            outfit: "dress".to_owned(),
            outfit_color: Color::rgb(180, 40, 60),
            accent_color: Color::rgb(240, 200, 80),
            accessories: Vec::new(),
            build: Build::Ordinary,
            height: 1.0,
        }
    }

    #[test]
    fn feet_of_every_age_stand_on_the_ground() {
        for family in ["human", "animal"] {
            let skeleton = skeleton(family);
            for age in [Age::Child, Age::Adult, Age::Elder] {
                let rig = Rig::new(&skeleton, &look(family, age));
                let sole = (skeleton.ground.y - 742.0) * rig.scale;
                for ankle in rig.ankles(&Performance::default()) {
                    assert!(
                        (ankle.y - sole).abs() < 4.0 * rig.scale,
                        "{family} {age:?} {ankle}"
                    );
                }
            }
        }
    }

    #[test]
    fn bodies_of_every_build_are_as_high_and_stand_on_the_ground() {
        for family in ["human", "animal"] {
            let skeleton = skeleton(family);
            let ordinary = Rig::new(&skeleton, &look(family, Age::Adult)).bounds();
            for build in Build::ALL {
                let look = Look {
                    build,
                    ..look(family, Age::Adult)
                };
                let rig = Rig::new(&skeleton, &look);
                assert!((rig.bounds().crown - ordinary.crown).abs() < 1e-4);
                let sole = (skeleton.ground.y - 742.0) * rig.scale;
                for ankle in rig.ankles(&Performance::default()) {
                    assert!(
                        (ankle.y - sole).abs() < 4.0 * rig.scale,
                        "{family} {build:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn shoulders_of_the_broad_are_farther_apart_than_those_of_the_slim() {
        for family in ["human", "animal"] {
            let skeleton = skeleton(family);
            let apart = |build| {
                let look = Look {
                    build,
                    ..look(family, Age::Adult)
                };
                let rig = Rig::new(&skeleton, &look);
                let still = Performance::default();
                rig.shoulder(&still, true).x - rig.shoulder(&still, false).x
            };
            assert!(apart(Build::Slim) < apart(Build::Ordinary));
            assert!(apart(Build::Broad) > 1.1 * apart(Build::Ordinary));
        }
    }

    #[test]
    fn a_grown_human_is_as_high_as_the_stage_expects() {
        let bounds = Rig::new(&skeleton("human"), &look("human", Age::Adult)).bounds();
        assert!((bounds.crown - GROWN_HEIGHT).abs() < 0.02, "{bounds:?}");
    }

    #[test]
    fn a_placed_foot_stands_where_it_was_asked_to() {
        let rig = Rig::new(&skeleton("human"), &look("human", Age::Child));
        let rest = rig.ankles(&Performance::default());
        for offset in [
            Vec2::new(40.0, 0.0),
            Vec2::new(-50.0, -10.0),
            Vec2::new(10.0, -30.0),
        ] {
            let mut performance = Performance::default();
            performance.joint(Joint::Hips).offset.y = 14.0;
            rig.place_foot(&mut performance, false, offset, 0.0);
            let moved = (rig.ankles(&performance)[0] - rest[0]) / rig.scale;
            assert!(
                moved.distance(offset * Vec2::new(1.0, -1.0)) < 0.5,
                "{moved} {offset}"
            );
        }
    }

    #[test]
    fn an_unknown_being_is_drawn_as_a_creature() {
        let skeleton = skeleton("animal");
        assert_eq!(skeleton.being("grumblefoot").unwrap().head, "creature");
        assert_eq!(skeleton.being("sparrow").unwrap().head, "bird");
    }
}
