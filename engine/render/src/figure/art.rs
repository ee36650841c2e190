//! Reads character parts: SVG files whose ids say what bone carries a path, how it is recoloured
//! and which blend targets it has (see `assets/characters/README.md`).

use glam::{Affine2, Vec2};
use usvg::tiny_skia_path::PathSegment;

use super::rig::Blend;
use crate::RenderError;

/// One SVG file.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub file: String,
    pub groups: Vec<Group>,
}

/// Paths that are drawn together, carried by one bone or bent by two.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub order: u8,
    pub bone: String,
    pub second_bone: Option<String>,
    pub shapes: Vec<Shape>,
}

/// One filled area or one stroke, flattened to lines, with its blend targets.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub slot: Option<Slot>,
    /// Takes the scene's light as a gradient and a rim.
    pub form: bool,
    pub ink: Ink,
    pub paint: Paint,
    pub rest: Outline,
    /// Same number of contours and points as `rest`.
    pub targets: Vec<(Blend, Outline)>,
}

/// How a path becomes an area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ink {
    Fill,
    Stroke { width: f32 },
}

/// Contours of lines.
pub(crate) type Outline = Vec<Contour>;

/// Points joined by lines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contour {
    pub points: Vec<Vec2>,
    pub closed: bool,
}

/// Which colour of a character recolours a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    Skin,
    Hair,
    Outfit,
    Accent,
    Eyes,
}

impl Slot {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "skin" => Self::Skin,
            "hair" => Self::Hair,
            "outfit" => Self::Outfit,
            "accent" => Self::Accent,
            "eyes" => Self::Eyes,
            _ => return None,
        })
    }
}

/// Colours of an area, in canvas units.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Paint {
    pub kind: PaintKind,
    /// Maps canvas units to the gradient's own space: x is the offset of a linear gradient, the
    /// distance from 0 that of a radial one.
    pub gradient_from_canvas: Affine2,
    /// From, to; the same twice for one plain colour.
    pub stops: [Stop; 2],
}

/// Kinds of paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaintKind {
    Plain,
    Linear,
    Radial,
}

/// A colour of a gradient: sRGB encoded, straight alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stop {
    pub offset: f32,
    pub rgba: [f32; 4],
}

/// How finely curves become lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// For figures seen as a whole.
    Coarse,
    /// For figures seen from the knees up.
    Middle,
    /// For heads that fill the picture.
    Fine,
    /// For one of many: without seams and buttons.
    Crowd,
}

impl Detail {
    pub(crate) const COUNT: usize = 4;
    /// What a figure is drawn in, for each of them: a single one, one of many roles, and one of a group.
    pub(crate) const SINGLE: [Self; Self::COUNT] =
        [Self::Coarse, Self::Middle, Self::Fine, Self::Coarse];
    pub(crate) const OF_MANY: [Self; Self::COUNT] =
        [Self::Coarse, Self::Middle, Self::Fine, Self::Crowd];
    pub(crate) const OF_GROUP: [Self; Self::COUNT] = [Self::Crowd; Self::COUNT];

    /// How far a line may lie from the true curve, in canvas units: about half a pixel of a
    /// full-HD picture.
    const fn tolerance(self) -> f32 {
        match self {
            Self::Coarse => 0.55,
            Self::Middle => 0.25,
            Self::Fine => 0.1,
            Self::Crowd => 1.5,
        }
    }
}

/// Reads one file.
pub(crate) fn read_part(file: &str, svg: &str, detail: Detail) -> Result<Part, RenderError> {
    let refuse = |cause: String| RenderError::art(file, cause);
    let options = usvg::Options {
        // Targets may be hidden or unpainted in the file: they count for their coordinates.
        style_sheet: Some(
            "#targets { display: inline } #targets path { display: inline; fill: #000 }".to_owned(),
        ),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options)
        .map_err(|error| refuse(format!("is not a readable SVG: {error}")))?;
    let mut targets = Vec::new();
    let mut groups = Vec::new();
    for node in tree.root().children() {
        let usvg::Node::Group(group) = node else {
            return Err(refuse(format!(
                "`{}` lies outside of any group; put it into a top-level group named ZZ-part@bone",
                node.id()
            )));
        };
        if group.id() == "targets" {
            targets = drawn_paths(group, 1.0);
        } else {
            groups.push(group);
        }
    }
    let mut used = vec![false; targets.len()];
    let mut part = Part {
        file: file.to_owned(),
        groups: Vec::new(),
    };
    for group in groups {
        let (order, bone, second_bone) = group_name(group.id()).ok_or_else(|| {
            refuse(format!(
                "group `{}`: name it ZZ-part@bone or ZZ-part@bone+bone",
                group.id()
            ))
        })?;
        let mut shapes = Vec::new();
        for (path, opacity) in drawn_paths(group, 1.0) {
            let place = format!("group `{}`, path `{}`", group.id(), path.id());
            let refuse = |cause: String| refuse(format!("{place}: {cause}"));
            if !path.abs_transform().is_identity() {
                return Err(refuse(
                    "has a transform; apply it to the coordinates".to_owned(),
                ));
            }
            let name = PathName::parse(path.id()).map_err(&refuse)?;
            let base = commands(path);
            let mut variants = vec![base];
            let mut blends = Vec::new();
            for ((target, _), used) in targets.iter().zip(&mut used) {
                let Some((owner, blend)) = target.id().rsplit_once('.') else {
                    continue;
                };
                if owner != path.id() {
                    continue;
                }
                *used = true;
                let blend = Blend::named(blend).ok_or_else(|| {
                    refuse(format!(
                        "`{blend}` is no blend target; known are {}",
                        Blend::names()
                    ))
                })?;
                let variant = commands(target);
                same_commands(&variants[0], &variant)
                    .map_err(|cause| refuse(format!("target `{blend}` differs {cause}")))?;
                blends.push(blend);
                variants.push(variant);
            }
            let mut outlines = flatten(&variants, detail.tolerance()).into_iter();
            let rest = outlines.next().unwrap_or_default();
            let targets: Vec<_> = blends.into_iter().zip(outlines).collect();
            if detail == Detail::Crowd && !is_face(order) && targets.is_empty() && is_slight(&rest)
            {
                continue;
            }
            let shape = |ink, paint| Shape {
                slot: name.slot,
                form: name.form && ink == Ink::Fill,
                ink,
                paint,
                rest: rest.clone(),
                targets: targets.clone(),
            };
            if let Some(fill) = path.fill() {
                let paint = read_paint(fill.paint(), fill.opacity().get() * opacity);
                shapes.push(shape(Ink::Fill, paint.map_err(&refuse)?));
            }
            if let Some(stroke) = path.stroke() {
                let paint = read_paint(stroke.paint(), stroke.opacity().get() * opacity);
                let ink = Ink::Stroke {
                    width: stroke.width().get(),
                };
                shapes.push(shape(ink, paint.map_err(&refuse)?));
            }
        }
        part.groups.push(Group {
            order,
            bone,
            second_bone,
            shapes,
        });
    }
    if let Some(((orphan, _), _)) = targets.iter().zip(&used).find(|(_, used)| !**used) {
        return Err(refuse(format!(
            "group `targets`, path `{}`: there is no path of that name without its ending",
            orphan.id()
        )));
    }
    Ok(part)
}

/// Whether a group in this drawing order is part of a face.
fn is_face(order: u8) -> bool {
    (45..70).contains(&order)
}

/// Whether an outline is no more than a seam, a strand or a button.
fn is_slight(outline: &Outline) -> bool {
    /// In canvas units.
    const SLIGHT: f32 = 14.0;
    let points = outline.iter().flat_map(|contour| &contour.points);
    let bounds = points.fold((Vec2::MAX, Vec2::MIN), |(low, high), point| {
        (low.min(*point), high.max(*point))
    });
    (bounds.1 - bounds.0).min_element() < SLIGHT
}

/// All paths below a group with the opacity that they inherit.
fn drawn_paths(group: &usvg::Group, opacity: f32) -> Vec<(&usvg::Path, f32)> {
    let mut paths = Vec::new();
    let opacity = opacity * group.opacity().get();
    for node in group.children() {
        match node {
            usvg::Node::Path(path) => paths.push((&**path, opacity)),
            usvg::Node::Group(group) => paths.extend(drawn_paths(group, opacity)),
            usvg::Node::Image(_) | usvg::Node::Text(_) => {}
        }
    }
    paths
}

/// `ZZ-part@bone[+bone]`.
fn group_name(id: &str) -> Option<(u8, String, Option<String>)> {
    let (head, bones) = id.split_once('@')?;
    let (order, _) = head.split_once('-')?;
    let order = order.parse().ok()?;
    let (bone, second) = match bones.split_once('+') {
        Some((bone, second)) => (bone, Some(second.to_owned())),
        None => (bones, None),
    };
    Some((order, bone.to_owned(), second))
}

/// `name[~slot]`.
struct PathName {
    slot: Option<Slot>,
    form: bool,
}

impl PathName {
    fn parse(id: &str) -> Result<Self, String> {
        let (name, slot) = match id.split_once('~') {
            Some((name, slot)) => (name, Some(slot)),
            None => (id, None),
        };
        let known = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(known) {
            return Err(
                "name it `name` or `name~slot`, of letters, digits, `_` and `-`".to_owned(),
            );
        }
        let slot = match slot {
            None => None,
            Some(slot) => Some(Slot::named(slot).ok_or_else(|| {
                format!("`{slot}` is no slot; use skin, hair, outfit, accent or eyes")
            })?),
        };
        Ok(Self {
            slot,
            form: name.ends_with("_form"),
        })
    }
}

fn read_paint(paint: &usvg::Paint, opacity: f32) -> Result<Paint, String> {
    let rgba = |color: usvg::Color, alpha: f32| {
        let [r, g, b] = [color.red, color.green, color.blue].map(|c| f32::from(c) / 255.0);
        [r, g, b, alpha * opacity]
    };
    let stops = |gradient: &usvg::BaseGradient| {
        let stop = |stop: &usvg::Stop| Stop {
            offset: stop.offset().get(),
            rgba: rgba(stop.color(), stop.opacity().get()),
        };
        match gradient.stops() {
            [from, to] => Ok([stop(from), stop(to)]),
            stops => Err(format!("its gradient has {} stops; use two", stops.len())),
        }
    };
    let affine =
        |t: usvg::Transform| Affine2::from_cols_array(&[t.sx, t.ky, t.kx, t.sy, t.tx, t.ty]);
    match paint {
        usvg::Paint::Color(color) => Ok(Paint {
            kind: PaintKind::Plain,
            gradient_from_canvas: Affine2::IDENTITY,
            stops: [Stop {
                offset: 0.0,
                rgba: rgba(*color, 1.0),
            }; 2],
        }),
        usvg::Paint::LinearGradient(gradient) => {
            let from = Vec2::new(gradient.x1(), gradient.y1());
            let along = Vec2::new(gradient.x2(), gradient.y2()) - from;
            let unit = Affine2::from_cols(along, along.perp(), from);
            Ok(Paint {
                kind: PaintKind::Linear,
                gradient_from_canvas: inverse(affine(gradient.transform()) * unit),
                stops: stops(gradient)?,
            })
        }
        usvg::Paint::RadialGradient(gradient) => {
            let unit = Affine2::from_scale_angle_translation(
                Vec2::splat(gradient.r().get()),
                0.0,
                Vec2::new(gradient.cx(), gradient.cy()),
            );
            Ok(Paint {
                kind: PaintKind::Radial,
                gradient_from_canvas: inverse(affine(gradient.transform()) * unit),
                stops: stops(gradient)?,
            })
        }
        usvg::Paint::Pattern(_) => {
            Err("is painted with a pattern; use a colour or a gradient".to_owned())
        }
    }
}

fn inverse(affine: Affine2) -> Affine2 {
    if affine.matrix2.determinant().abs() < 1e-9 {
        Affine2::ZERO
    } else {
        affine.inverse()
    }
}

fn commands(path: &usvg::Path) -> Vec<PathSegment> {
    path.data().segments().collect()
}

fn letter(segment: PathSegment) -> char {
    match segment {
        PathSegment::MoveTo(_) => 'M',
        PathSegment::LineTo(_) => 'L',
        PathSegment::QuadTo(..) => 'Q',
        PathSegment::CubicTo(..) => 'C',
        PathSegment::Close => 'Z',
    }
}

fn same_commands(rest: &[PathSegment], target: &[PathSegment]) -> Result<(), String> {
    for (index, (a, b)) in rest.iter().zip(target).enumerate() {
        let (a, b) = (letter(*a), letter(*b));
        if a != b {
            return Err(format!(
                "at command {index}: it is {b} where the path at rest has {a}"
            ));
        }
    }
    if rest.len() == target.len() {
        return Ok(());
    }
    Err(format!(
        "from command {} on: it has {} commands, the path at rest {}",
        rest.len().min(target.len()),
        target.len(),
        rest.len()
    ))
}

fn vec(point: usvg::tiny_skia_path::Point) -> Vec2 {
    Vec2::new(point.x, point.y)
}

/// Lines for several variants of a path, with the same points for all of them.
fn flatten(variants: &[Vec<PathSegment>], tolerance: f32) -> Vec<Outline> {
    let mut steps = vec![1_usize; variants.first().map_or(0, Vec::len)];
    for variant in variants {
        let mut from = Vec2::ZERO;
        for (step, segment) in steps.iter_mut().zip(variant) {
            let bend = match *segment {
                PathSegment::MoveTo(p) | PathSegment::LineTo(p) => {
                    from = vec(p);
                    0.0
                }
                PathSegment::QuadTo(a, p) => {
                    let bend = (from - 2.0 * vec(a) + vec(p)).length() / 3.0;
                    from = vec(p);
                    bend
                }
                PathSegment::CubicTo(a, b, p) => {
                    let (a, b, p) = (vec(a), vec(b), vec(p));
                    let bend = (from - 2.0 * a + b)
                        .length()
                        .max((a - 2.0 * b + p).length());
                    from = p;
                    bend
                }
                PathSegment::Close => 0.0,
            };
            *step = (*step).max(((0.75 * bend / tolerance).sqrt().ceil() as usize).clamp(1, 24));
        }
    }
    let mut outlines: Vec<_> = variants
        .iter()
        .map(|variant| lines(variant, &steps))
        .collect();
    drop_repeated_points(&mut outlines);
    outlines
}

fn lines(variant: &[PathSegment], steps: &[usize]) -> Outline {
    let mut outline = Outline::new();
    let mut from = Vec2::ZERO;
    for (segment, &steps) in variant.iter().zip(steps) {
        if let PathSegment::MoveTo(p) = *segment {
            from = vec(p);
            outline.push(Contour {
                points: vec![from],
                closed: false,
            });
            continue;
        }
        let Some(contour) = outline.last_mut() else {
            continue;
        };
        let ts = (1..=steps).map(|step| step as f32 / steps as f32);
        match *segment {
            PathSegment::LineTo(p) => {
                from = vec(p);
                contour.points.push(from);
            }
            PathSegment::QuadTo(a, p) => {
                let (a, p) = (vec(a), vec(p));
                contour
                    .points
                    .extend(ts.map(|t| from.lerp(a, t).lerp(a.lerp(p, t), t)));
                from = p;
            }
            PathSegment::CubicTo(a, b, p) => {
                let (a, b, p) = (vec(a), vec(b), vec(p));
                contour.points.extend(ts.map(|t| {
                    let (ab, bc, cd) = (from.lerp(a, t), a.lerp(b, t), b.lerp(p, t));
                    ab.lerp(bc, t).lerp(bc.lerp(cd, t), t)
                }));
                from = p;
            }
            PathSegment::Close => contour.closed = true,
            PathSegment::MoveTo(_) => {}
        }
    }
    outline
}

/// Removes points that coincide with their predecessor in every variant.
fn drop_repeated_points(outlines: &mut [Outline]) {
    let contours = outlines.first().map_or(0, Vec::len);
    for contour in 0..contours {
        let first = &outlines[0][contour];
        let (count, closed) = (first.points.len(), first.closed);
        let repeated = |index: usize, before: usize| {
            outlines.iter().all(|outline| {
                let points = &outline[contour].points;
                points[index].distance_squared(points[before]) < 1e-6
            })
        };
        let mut kept: Vec<usize> = Vec::with_capacity(count);
        for index in 0..count {
            if kept.last().is_none_or(|&before| !repeated(index, before)) {
                kept.push(index);
            }
        }
        while closed && kept.len() > 1 && repeated(kept[kept.len() - 1], kept[0]) {
            kept.pop();
        }
        for outline in outlines.iter_mut() {
            let points = &mut outline[contour].points;
            *points = kept.iter().map(|&index| points[index]).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(body: &str) -> String {
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 400 800' width='400' height='800'>{body}</svg>"
        )
    }

    const MOUTH: &str = "<g id='55-mouth@face'>\
        <path id='mouth' fill='#802030' d='M180 280 C190 284 210 284 220 280 C210 282 190 282 180 280 Z'/></g>";

    #[test]
    fn a_target_with_other_commands_is_refused_with_its_place() {
        let text = svg(&format!(
            "{MOUTH}<g id='targets'><path id='mouth.D' d='M180 280 C190 270 210 270 220 280 L200 320 Z'/></g>"
        ));
        let error = read_part("assets/characters/human/head-x.svg", &text, Detail::Fine)
            .unwrap_err()
            .to_string();
        for word in [
            "head-x.svg",
            "55-mouth@face",
            "`mouth`",
            "`D`",
            "command 2",
            "L",
            "C",
        ] {
            assert!(error.contains(word), "{word} is missing: {error}");
        }
    }

    #[test]
    fn a_target_without_its_path_is_refused() {
        let text = svg(&format!(
            "{MOUTH}<g id='targets'><path id='lips.D' d='M0 0 L1 1 Z'/></g>"
        ));
        let error = read_part("x.svg", &text, Detail::Fine)
            .unwrap_err()
            .to_string();
        assert!(error.contains("lips.D"), "{error}");
    }

    #[test]
    fn unknown_slots_bones_and_targets_are_refused() {
        for (text, word) in [
            (
                "<g id='55-a@face'><path id='a~fur' d='M0 0 L1 1 L0 1 Z'/></g>",
                "fur",
            ),
            (
                "<g id='mouth'><path id='a' d='M0 0 L1 1 L0 1 Z'/></g>",
                "mouth",
            ),
            (
                "<g id='55-a@face'><path id='a' d='M0 0 L1 1 L0 1 Z'/></g>\
                 <g id='targets'><path id='a.wink' d='M0 0 L1 1 L0 1 Z'/></g>",
                "wink",
            ),
        ] {
            let error = read_part("x.svg", &svg(text), Detail::Fine)
                .unwrap_err()
                .to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn every_target_has_as_many_points_as_its_path() {
        let text = svg(&format!(
            "{MOUTH}<g id='targets' display='none'><path id='mouth.D' fill='none' \
             d='M180 270 C190 230 210 230 220 270 C230 360 170 360 180 270 Z'/></g>"
        ));
        let part = read_part("x.svg", &text, Detail::Fine).unwrap();
        let shape = &part.groups[0].shapes[0];
        assert_eq!(shape.targets.len(), 1);
        for (_, outline) in &shape.targets {
            assert_eq!(outline.len(), shape.rest.len());
            for (a, b) in outline.iter().zip(&shape.rest) {
                assert_eq!(a.points.len(), b.points.len());
                assert!(a.points.len() > 10);
            }
        }
    }
}
