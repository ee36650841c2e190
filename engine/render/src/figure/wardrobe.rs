//! Puts a character together: chooses the parts that its look names and recolours them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use fabula_story::{Color, Role};
use glam::{Affine2, Vec2, Vec3, Vec4, vec3};

use super::art::{Contour, Detail, Group, Outline, PaintKind, Part, Shape, Slot, Stop, read_part};
use super::mesh::{Binding, Mesh, Vertex, contains};
use super::physique::Physique;
use super::rig::{Rig, Skeleton};
use crate::{Art, RenderError};

/// The paint of a path in a character's own colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FigurePaint {
    /// From canvas to the gradient's x and y.
    pub x_row: Vec3,
    pub y_row: Vec3,
    /// The progress from one colour to the other is x plus this, or, where it is radial, the
    /// distance from 0 plus this.
    pub bias: f32,
    pub radial: bool,
    /// sRGB encoded, straight alpha.
    pub colors: [Vec4; 2],
    /// It covers a big form.
    pub form: bool,
}

/// A character ready to be drawn.
#[derive(Debug)]
pub(crate) struct Costume {
    pub rig: Rig,
    /// What it is made of for each [`Detail`].
    pub cuts: [Cut; Detail::COUNT],
}

/// What of a wardrobe makes up one character.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut {
    pub vertices: Range<u32>,
    pub indices: Range<u32>,
    pub paints: Range<u32>,
}

/// The drawings of the project and everything that was made of them.
#[derive(Debug)]
pub(crate) struct Wardrobe<'a> {
    families: [Family<'a>; 2],
    pub mesh: Mesh,
    pub paints: Vec<FigurePaint>,
}

#[derive(Debug)]
struct Family<'a> {
    folder: &'static str,
    skeleton: Skeleton,
    files: BTreeMap<&'a str, &'a str>,
    parts: BTreeMap<(Detail, String), Part>,
}

const FAMILIES: [&str; 2] = ["assets/characters/human/", "assets/characters/animal/"];

/// A small, stable number from a text (FNV-1a).
pub(crate) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// The skeleton of a family and the beings that its heads are of.
pub(super) fn skeleton(
    folder: &str,
    files: &BTreeMap<&str, &str>,
) -> Result<Skeleton, RenderError> {
    let manifest = format!("{folder}manifest.toml");
    let text = files.get(manifest.as_str()).copied().unwrap_or_default();
    let mut skeleton = Skeleton::read(&manifest, text)?;
    for (file, text) in files {
        let name = file
            .strip_prefix(folder)
            .and_then(|name| name.strip_prefix("head-"));
        if let Some(name) = name.and_then(|name| name.strip_suffix(".toml")) {
            skeleton.add_being(name, file, text)?;
        }
    }
    Ok(skeleton)
}

/// Whether all drawings of somebody's own can be used.
pub(crate) fn check_drawings(art: &Art) -> Result<(), RenderError> {
    let wardrobe = Wardrobe::open(art)?;
    for (path, svg) in art.own() {
        let mut families = wardrobe.families.iter();
        if let Some(family) = families.find(|family| path.starts_with(family.folder))
            && std::path::Path::new(path).extension() == Some("svg".as_ref())
        {
            let part = read_part(path, svg, Detail::Fine)?;
            for group in &part.groups {
                for bone in std::iter::once(&group.bone).chain(&group.second_bone) {
                    bone_of(&part, &family.skeleton, bone)?;
                }
            }
        }
    }
    Ok(())
}

impl<'a> Wardrobe<'a> {
    /// Opens the drawings.
    pub(crate) fn open(art: &'a Art) -> Result<Self, RenderError> {
        let family = |folder: &'static str| {
            let files = art.files_in(folder);
            let skeleton = skeleton(folder, &files)?;
            Ok::<_, RenderError>(Family {
                folder,
                skeleton,
                files,
                parts: BTreeMap::new(),
            })
        };
        let [human, animal] = FAMILIES;
        Ok(Self {
            families: [family(human)?, family(animal)?],
            mesh: Mesh::default(),
            paints: Vec::new(),
        })
    }

    /// Adds a single character to the mesh.
    #[cfg(test)]
    pub(crate) fn dress(&mut self, role: &Role) -> Result<Costume, RenderError> {
        self.dress_in(role, Detail::SINGLE)
    }

    /// Adds a character to the mesh, drawn in these details.
    pub(crate) fn dress_in(
        &mut self,
        role: &Role,
        details: [Detail; Detail::COUNT],
    ) -> Result<Costume, RenderError> {
        let look = &role.look;
        let human = look.being == "human";
        let [humans, animals] = &mut self.families;
        let family = if human { humans } else { animals };
        if !human && !family.skeleton.knows_being(&look.being) {
            // What it is is a word of the story, and those stay out of logs.
            tracing::warn!(role = role.id, "drawn as the generic creature");
        }
        let worn: Vec<(&str, String)> = if human {
            let faces = family.names("head");
            let face = faces
                .get(hash(&role.name) as usize % faces.len().max(1))
                .cloned();
            let mut worn = vec![
                ("body", String::new()),
                ("head", face.unwrap_or_default()),
                ("hair", look.hair_style.clone()),
                ("outfit", look.outfit.clone()),
            ];
            worn.extend(
                look.accessories
                    .iter()
                    .map(|name| ("accessory", name.clone())),
            );
            worn
        } else {
            let being = family.skeleton.being(&look.being);
            let (head, body) =
                being.map_or_else(Default::default, |b| (b.head.clone(), b.body.clone()));
            let mut worn = vec![("body", body), ("head", head)];
            let known = |slot: &str, name: &str| {
                family.files.contains_key(family.path(slot, name).as_str())
            };
            if known("outfit", &look.outfit) {
                worn.push(("outfit", look.outfit.clone()));
            }
            let fitting = look
                .accessories
                .iter()
                .filter(|name| known("accessory", name));
            worn.extend(fitting.map(|name| ("accessory", name.clone())));
            worn
        };
        let mut rig = Rig::new(&family.skeleton, look);
        let paths: Vec<String> = worn
            .iter()
            .filter_map(|(slot, name)| family.choose(slot, name, &role.id))
            .collect();
        let shifts = Shifts::new(&family.skeleton, role);
        let mut cuts = details.map(|_| Cut::default());
        for (number, detail) in details.into_iter().enumerate() {
            let before = details.iter().position(|other| *other == detail);
            if let Some(same) = before.filter(|before| *before < number) {
                cuts[number] = cuts[same].clone();
                continue;
            }
            let first = ends(&self.mesh, &self.paints);
            for path in &paths {
                family.load(path, detail)?;
            }
            let parts = paths
                .iter()
                .filter_map(|path| family.parts.get(&(detail, path.clone())));
            add_parts(
                &mut self.mesh,
                &mut self.paints,
                parts,
                &Body {
                    drawn: &family.skeleton,
                    physique: family.skeleton.physique(look.build),
                    built: rig.skeleton(),
                },
                &shifts,
            )?;
            let ends = ends(&self.mesh, &self.paints);
            cuts[number] = Cut {
                vertices: first[0]..ends[0],
                indices: first[1]..ends[1],
                paints: first[2]..ends[2],
            };
        }
        if cuts[0].indices.is_empty() {
            return Err(RenderError::art(
                family.folder,
                format!(
                    "nothing is drawn for `{}`; add body and head parts",
                    look.being
                ),
            ));
        }
        let [Cut { vertices, .. }, ..] = &cuts;
        let vertices = vertices.start as usize..vertices.end as usize;
        let carried = |vertex: &Vertex| {
            let bone = if vertex.second_weight < 0.5 {
                vertex.bones & 255
            } else {
                vertex.bones >> 8 & 255
            };
            (bone as usize, Vec2::from(vertex.position))
        };
        let vertices = self.mesh.vertices.get(vertices).unwrap_or_default();
        rig.set_outline(vertices.iter().map(carried));
        Ok(Costume { rig, cuts })
    }
}

/// Numbers of vertices, indices and paints.
fn ends(mesh: &Mesh, paints: &[FigurePaint]) -> [u32; 3] {
    [mesh.vertices.len(), mesh.indices.len(), paints.len()].map(|count| count as u32)
}

/// The body that parts are put on.
struct Body<'a> {
    /// The skeleton that they are drawn for.
    drawn: &'a Skeleton,
    /// How the build differs from what is drawn, where it does.
    physique: Option<&'a Physique>,
    /// The skeleton of the build.
    built: &'a Skeleton,
}

impl Body<'_> {
    /// A shape that a bone carries, in the build.
    fn fit<'s>(&self, shape: &'s Shape, bone: usize) -> Cow<'s, Shape> {
        let Some(physique) = self.physique else {
            return Cow::Borrowed(shape);
        };
        let place = |point: Vec2| self.drawn.built(physique, bone, point);
        let moved = |outline: &Outline| -> Outline {
            let contours = outline.iter();
            contours
                .map(|contour| Contour {
                    points: contour.points.iter().copied().map(place).collect(),
                    closed: contour.closed,
                })
                .collect()
        };
        let mut fitted = Shape {
            rest: moved(&shape.rest),
            targets: (shape.targets.iter())
                .map(|(blend, outline)| (*blend, moved(outline)))
                .collect(),
            ..shape.clone()
        };
        // Shadings lie where they did on the form: there it is stretched along x alone.
        let points = || shape.rest.iter().flat_map(|contour| &contour.points);
        let middle = points().sum::<Vec2>() / points().count().max(1) as f32;
        let origin = place(middle);
        let stretch = (place(middle + Vec2::X) - origin).x.max(0.1);
        let drawn_from_built = Affine2::from_translation(middle)
            * Affine2::from_scale(Vec2::new(1.0 / stretch, 1.0))
            * Affine2::from_translation(-origin);
        fitted.paint.gradient_from_canvas = shape.paint.gradient_from_canvas * drawn_from_built;
        Cow::Owned(fitted)
    }
}

/// Adds the groups of all parts in drawing order.
fn add_parts<'a>(
    mesh: &mut Mesh,
    paints: &mut Vec<FigurePaint>,
    parts: impl Iterator<Item = &'a Part>,
    on: &Body<'_>,
    shifts: &Shifts,
) -> Result<(), RenderError> {
    let skeleton = on.built;
    let mut groups: Vec<(&Part, &Group)> = parts
        .flat_map(|part| part.groups.iter().map(move |group| (part, group)))
        .collect();
    groups.sort_by_key(|(_, group)| group.order);
    let mut forms: Vec<(&str, Cow<'_, Shape>)> = Vec::new();
    for (part, group) in groups {
        let index_of = |name: &str| bone_of(part, skeleton, name);
        let bone = index_of(&group.bone)?;
        let second = group.second_bone.as_deref().map(index_of).transpose()?;
        let second_weight =
            |point: Vec2| second.map_or(0.0, |second| skeleton.second_weight(second, point));
        let body = rigid_body(&group.bone);
        for drawn in &group.shapes {
            let shape = on.fit(drawn, bone);
            let backed = |point: Vec2| {
                forms.iter().any(|(other, form)| {
                    *other == body && form.rest.iter().any(|c| contains(&c.points, point))
                })
            };
            let binding = Binding {
                bone: bone as u32,
                second_bone: second.unwrap_or(bone) as u32,
                second_weight: &second_weight,
                backed: &backed,
            };
            let paint = paints.len() as u32;
            paints.push(shifts.paint(&shape));
            mesh.add(&shape, binding, paint);
            if shape.form {
                forms.push((body, shape));
            }
        }
    }
    Ok(())
}

fn bone_of(part: &Part, skeleton: &Skeleton, name: &str) -> Result<usize, RenderError> {
    skeleton.bone(name).ok_or_else(|| {
        let cause = format!("there is no bone `{name}` in {}", skeleton.file());
        RenderError::art(&part.file, cause)
    })
}

/// Bones that hardly move against each other count as one.
fn rigid_body(bone: &str) -> &str {
    match bone {
        "hair" | "face" | "gaze" => "head",
        "skirt" | "hips" => "torso",
        bone => bone,
    }
}

impl Family<'_> {
    fn path(&self, slot: &str, name: &str) -> String {
        format!("{}{slot}-{name}.svg", self.folder)
    }

    /// Names of the parts of a slot, sorted.
    fn names(&self, slot: &str) -> Vec<String> {
        let prefix = self.path(slot, "");
        let prefix = prefix.trim_end_matches(".svg");
        let name = |path: &&str| {
            path.strip_prefix(prefix)?
                .strip_suffix(".svg")
                .map(str::to_owned)
        };
        self.files.keys().filter_map(name).collect()
    }

    /// The file of a part; another of its slot if there is none of that name.
    fn choose(&self, slot: &str, name: &str, role: &str) -> Option<String> {
        let path = self.path(slot, name);
        if self.files.contains_key(path.as_str()) {
            return Some(path);
        }
        if slot == "hair" && matches!(name, "none" | "bald") {
            return None;
        }
        // Nothing is better than the wrong hat.
        if slot == "accessory" {
            tracing::warn!(role, slot, "there is no such part; nothing is drawn");
            return None;
        }
        let names = self.names(slot);
        let other = names.first()?;
        if !name.is_empty() {
            tracing::warn!(role, slot, drawn = other, "there is no such part");
        }
        Some(self.path(slot, other))
    }

    fn load(&mut self, path: &str, detail: Detail) -> Result<(), RenderError> {
        let key = (detail, path.to_owned());
        if !self.parts.contains_key(&key) {
            let svg = self.files.get(path).copied().unwrap_or_default();
            self.parts.insert(key, read_part(path, svg, detail)?);
        }
        Ok(())
    }
}

/// Differences, in Oklab, between a character's colours and those the parts are drawn in.
struct Shifts {
    skin: [f32; 3],
    hair: [f32; 3],
    outfit: [f32; 3],
    accent: [f32; 3],
    eyes: [f32; 3],
}

impl Shifts {
    fn new(skeleton: &Skeleton, role: &Role) -> Self {
        let difference = |to: Color, from: Color| {
            let (to, from) = (oklab(to.to_f32()), oklab(from.to_f32()));
            [to[0] - from[0], to[1] - from[1], to[2] - from[2]]
        };
        let (look, reference) = (&role.look, &skeleton.reference);
        Self {
            skin: difference(look.skin, reference.skin),
            hair: difference(look.hair, reference.hair),
            outfit: difference(look.outfit_color, reference.outfit),
            accent: difference(look.accent_color, reference.accent),
            eyes: difference(look.eyes, reference.eyes),
        }
    }

    fn of(&self, slot: Slot) -> [f32; 3] {
        match slot {
            Slot::Skin => self.skin,
            Slot::Hair => self.hair,
            Slot::Outfit => self.outfit,
            Slot::Accent => self.accent,
            Slot::Eyes => self.eyes,
        }
    }

    fn paint(&self, shape: &Shape) -> FigurePaint {
        let Shape {
            paint, slot, form, ..
        } = shape;
        let [from, to] = paint.stops;
        let color = |stop: Stop| {
            let [r, g, b, alpha] = stop.rgba;
            let [r, g, b] = slot.map_or([r, g, b], |slot| moved([r, g, b], self.of(slot)));
            Vec4::new(r, g, b, alpha)
        };
        let m = paint.gradient_from_canvas;
        let (x, y, t) = (m.matrix2.x_axis, m.matrix2.y_axis, m.translation);
        let stretch = match paint.kind {
            PaintKind::Plain => 0.0,
            PaintKind::Linear | PaintKind::Radial => 1.0 / (to.offset - from.offset).max(1e-4),
        };
        FigurePaint {
            x_row: vec3(x.x, y.x, t.x) * stretch,
            y_row: vec3(x.y, y.y, t.y) * stretch,
            bias: -from.offset * stretch,
            radial: paint.kind == PaintKind::Radial,
            colors: [color(from), color(to)],
            form: *form,
        }
    }
}

/// An sRGB colour moved by a difference in Oklab.
fn moved(color: [f32; 3], by: [f32; 3]) -> [f32; 3] {
    let [l, a, b] = oklab(color);
    srgb([(l + by[0]).clamp(0.0, 1.0), a + by[1], b + by[2]])
}

/// Oklab from sRGB (Ottosson 2020).
fn oklab(color: [f32; 3]) -> [f32; 3] {
    let [r, g, b] = color.map(|c| {
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    });
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

/// sRGB from Oklab, brought into range channel by channel.
fn srgb(lab: [f32; 3]) -> [f32; 3] {
    let [lightness, a, b] = lab;
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ]
    .map(|c| {
        let c = if c <= 0.003_130_8 {
            12.92 * c
        } else {
            1.055 * c.powf(1.0 / 2.4) - 0.055
        };
        c.clamp(0.0, 1.0)
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use fabula_story::{Age, Build};

    use super::super::rig::tests::look;
    use super::*;

    pub(crate) fn role(being: &str, age: Age) -> Role {
        Role {
            id: format!("{being}-{age:?}"),
            name: being.to_owned(),
            color: Color::rgb(255, 180, 80),
            look: look(being, age),
            members: Vec::new(),
        }
    }

    #[test]
    fn oklab_and_back_is_the_same_colour() {
        for color in [
            [0.0, 0.0, 0.0],
            [1.0, 1.0, 1.0],
            [0.9, 0.4, 0.1],
            [0.1, 0.2, 0.8],
        ] {
            for (a, b) in srgb(oklab(color)).into_iter().zip(color) {
                assert!((a - b).abs() < 2e-3, "{color:?}");
            }
        }
    }

    #[test]
    fn the_reference_colour_becomes_the_colour_of_the_character() {
        let skeleton = super::super::rig::tests::skeleton("human");
        let role = role("human", Age::Adult);
        let shifts = Shifts::new(&skeleton, &role);
        let got = moved(skeleton.reference.outfit.to_f32(), shifts.outfit);
        for (a, b) in got.into_iter().zip(role.look.outfit_color.to_f32()) {
            assert!((a - b).abs() < 4e-3, "{got:?}");
        }
    }

    #[test]
    fn one_of_many_takes_far_fewer_triangles_and_a_single_one_is_not_drawn_twice() {
        let art = Art::default();
        let mut wardrobe = Wardrobe::open(&art).unwrap();
        for being in ["human", "fox"] {
            let role = role(being, Age::Adult);
            let single = wardrobe.dress(&role).unwrap();
            let [coarse, middle, _, crowd] = single.cuts;
            assert_eq!(coarse.indices, crowd.indices);
            assert_ne!(coarse.indices, middle.indices);
            let many = wardrobe.dress_in(&role, Detail::OF_MANY).unwrap();
            let [coarse, _, _, crowd] = many.cuts;
            assert!(!crowd.indices.is_empty());
            assert!(
                crowd.indices.len() * 10 < coarse.indices.len() * 7,
                "{being}: {} of {}",
                crowd.indices.len(),
                coarse.indices.len()
            );
        }
    }

    #[test]
    fn a_build_costs_no_triangle() {
        let art = Art::default();
        for being in ["human", "bear"] {
            let sizes = Build::ALL.map(|build| {
                let mut role = role(being, Age::Adult);
                role.look.build = build;
                let mut wardrobe = Wardrobe::open(&art).unwrap();
                wardrobe.dress(&role).unwrap();
                let mesh = &wardrobe.mesh;
                [mesh.vertices.len(), mesh.deltas.len(), mesh.indices.len()]
            });
            // A blend that hardly moves a point there may be left out, and a rim of light where
            // another form lies behind an edge.
            let [vertices, ..] = sizes[1];
            for [all, deltas, indices] in sizes {
                assert_eq!(all, vertices, "{being}");
                assert!(deltas.abs_diff(sizes[1][1]) * 100 < deltas, "{being}");
                assert!(indices.abs_diff(sizes[1][2]) * 50 < indices, "{being}");
            }
        }
    }

    #[test]
    fn every_drawing_of_the_project_can_be_read() {
        let art = Art::default();
        for folder in FAMILIES {
            let wardrobe = Wardrobe::open(&art).unwrap();
            for (path, svg) in crate::embedded::files_in(folder) {
                if std::path::Path::new(path).extension() != Some("svg".as_ref()) {
                    continue;
                }
                let part =
                    read_part(path, svg, Detail::Coarse).unwrap_or_else(|error| panic!("{error}"));
                let family = wardrobe
                    .families
                    .iter()
                    .find(|f| f.folder == folder)
                    .unwrap();
                for group in &part.groups {
                    for bone in std::iter::once(&group.bone).chain(&group.second_bone) {
                        assert!(
                            family.skeleton.bone(bone).is_some(),
                            "{path}: no bone {bone}"
                        );
                    }
                    let count = |outline: &Outline| -> usize {
                        outline.iter().map(|contour| contour.points.len()).sum()
                    };
                    for shape in &group.shapes {
                        for (blend, outline) in &shape.targets {
                            assert_eq!(count(outline), count(&shape.rest), "{path}: {blend}");
                        }
                    }
                }
            }
        }
    }
}
