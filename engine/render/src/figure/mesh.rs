//! Turns flattened paths into triangles whose edges the shader softens by a pixel.
//!
//! Each contour point becomes an inner vertex (covered) and an outer one (not covered); the shader
//! moves both along the outline's normal by a fraction of a pixel, so edges are crisp at every zoom.
//! Big forms get a strip along the inside of their outline, on which the rim of light is drawn.

use glam::Vec2;
use lyon::path::{EndpointId, IdEvent};
use lyon::tessellation::{
    FillGeometryBuilder, FillOptions, FillRule, FillTessellator, FillVertex, GeometryBuilder,
    GeometryBuilderError, VertexId, VertexSource,
};

use super::art::{Contour, Ink, Outline, Shape};
use super::rig::Blend;

/// A vertex as the shader reads it; see `shaders/figure.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(crate) struct Vertex {
    pub position: [f32; 2],
    /// Outward, of length 1, or 0 away from outlines.
    pub normal: [f32; 2],
    /// How far it is through the area from here, in canvas units.
    pub thickness: f32,
    /// One of [`INNER`], [`OUTER`], [`INSIDE`], [`BAND`].
    pub edge: f32,
    /// 1 on the outline, 0 on the inner edge of a rim of light; -1 off rims.
    pub rim: f32,
    /// How much the second bone carries the vertex.
    pub second_weight: f32,
    /// First bone, second bone in the next byte, number of deltas in the upper half.
    pub bones: u32,
    pub paint: u32,
    pub first_delta: u32,
}

/// An edge vertex that moves inwards and is covered.
pub(crate) const INNER: f32 = -1.0;
/// An edge vertex that moves outwards and is not covered.
pub(crate) const OUTER: f32 = 1.0;
/// A vertex that stays.
pub(crate) const INSIDE: f32 = 0.0;
/// A vertex on the inner edge of a rim of light.
pub(crate) const BAND: f32 = -2.0;

/// How far outside of an edge another form must reach to take the rim of light from it.
const BACKING_REACH: f32 = 5.0;

/// What a blend target adds to a vertex.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(crate) struct Delta {
    pub position: [f32; 2],
    pub normal: [f32; 2],
    pub thickness: f32,
    pub target: u32,
}

/// Triangles of one or many characters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mesh {
    pub vertices: Vec<Vertex>,
    pub indices: Vec<u32>,
    pub deltas: Vec<Delta>,
}

/// What carries a path.
#[derive(Clone, Copy)]
pub(crate) struct Binding<'a> {
    /// Index of a bone.
    pub bone: u32,
    /// Index of another bone.
    pub second_bone: u32,
    /// How much the second bone carries a point.
    pub second_weight: &'a dyn Fn(Vec2) -> f32,
    /// Whether a point lies on a form drawn before that moves with this one: no light falls past
    /// it onto an edge there.
    pub backed: &'a dyn Fn(Vec2) -> bool,
}

/// One variant of a path with what the shader needs at its points.
struct Form {
    points: Vec<Vec2>,
    normals: Vec<Vec2>,
    thickness: Vec<f32>,
}

impl Mesh {
    /// Adds a path.
    pub(crate) fn add(&mut self, shape: &Shape, binding: Binding<'_>, paint: u32) {
        let outlines: Vec<Outline> = std::iter::once(&shape.rest)
            .chain(shape.targets.iter().map(|(_, outline)| outline))
            .map(|outline| match shape.ink {
                Ink::Fill => outline.clone(),
                Ink::Stroke { width } => outline.iter().map(|c| stroked(c, width)).collect(),
            })
            .collect();
        let Some(rest) = outlines.first() else { return };
        // A mouth at rest is no more than a line: the widest variant says which side is outside.
        let widest = outlines.iter().fold(rest, |best, outline| {
            if area(outline).abs() > area(best).abs() {
                outline
            } else {
                best
            }
        });
        let sides = outward_sides(widest);
        let forms: Vec<Form> = outlines
            .iter()
            .map(|outline| {
                let width = match shape.ink {
                    Ink::Fill => None,
                    Ink::Stroke { width } => Some(width),
                };
                Form::new(outline, &sides, width)
            })
            .collect();
        let (triangles, crossings) = match shape.ink {
            Ink::Fill => best_triangles(&outlines),
            Ink::Stroke { .. } => (stroke_triangles(&shape.rest), Vec::new()),
        };
        let Some(base) = forms.first() else { return };
        if triangles.is_empty() {
            return;
        }

        let template = |position: Vec2| Vertex {
            position: position.into(),
            normal: [0.0; 2],
            thickness: 0.0,
            edge: INSIDE,
            rim: -1.0,
            second_weight: (binding.second_weight)(position),
            bones: binding.bone | binding.second_bone << 8,
            paint,
            first_delta: 0,
        };
        let targets: Vec<Blend> = shape.targets.iter().map(|(blend, _)| *blend).collect();
        let mut points = Vec::with_capacity(base.points.len());
        for index in 0..base.points.len() {
            let mut vertex = template(base.points[index]);
            vertex.normal = base.normals[index].into();
            vertex.thickness = base.thickness[index];
            self.add_deltas(&mut vertex, &targets, |target| {
                let form = &forms[target + 1];
                Delta {
                    position: (form.points[index] - base.points[index]).into(),
                    normal: (form.normals[index] - base.normals[index]).into(),
                    thickness: form.thickness[index] - base.thickness[index],
                    target: 0,
                }
            });
            points.push(vertex);
        }
        let first = self.vertices.len() as u32;
        let count = points.len() as u32;
        self.vertices
            .extend(points.iter().map(|v| Vertex { edge: INNER, ..*v }));
        let outer = first + count;
        self.vertices
            .extend(points.iter().map(|v| Vertex { edge: OUTER, ..*v }));
        for crossing in &crossings {
            let at =
                |form: &Form| form.points[crossing.from].lerp(form.points[crossing.to], crossing.t);
            let mut vertex = template(at(base));
            self.add_deltas(&mut vertex, &targets, |target| Delta {
                position: (at(&forms[target + 1]) - at(base)).into(),
                normal: [0.0; 2],
                thickness: 0.0,
                target: 0,
            });
            self.vertices.push(vertex);
        }
        // Crossings are numbered after the points; in the buffer the outer ring lies between.
        self.indices.extend(
            triangles
                .iter()
                .map(|&i| if i < count { first + i } else { outer + i }),
        );
        let rings = rings(rest);
        for &(a, b) in &rings {
            let (c, d) = (outer + a, outer + b);
            let (a, b) = (first + a, first + b);
            self.indices.extend([a, b, c, b, d, c]);
        }
        if shape.form {
            // The rim ends as softly as the area does: outer edge, inner edge, inner end of the light.
            let strips = [(OUTER, 1.0), (INNER, 1.0), (BAND, 0.0)];
            let first = self.vertices.len() as u32;
            for (edge, rim) in strips {
                self.vertices
                    .extend(points.iter().map(|v| Vertex { edge, rim, ..*v }));
            }
            let bare: Vec<bool> = base
                .points
                .iter()
                .zip(&base.normals)
                .map(|(point, normal)| !(binding.backed)(*point + *normal * BACKING_REACH))
                .collect();
            for &(a, b) in rings
                .iter()
                .filter(|(a, b)| bare[*a as usize] && bare[*b as usize])
            {
                for strip in [first, first + count] {
                    let (a, b) = (strip + a, strip + b);
                    self.indices
                        .extend([a, b, a + count, b, b + count, a + count]);
                }
            }
        }
    }

    fn add_deltas(
        &mut self,
        vertex: &mut Vertex,
        targets: &[Blend],
        delta: impl Fn(usize) -> Delta,
    ) {
        vertex.first_delta = self.deltas.len() as u32;
        for (index, target) in targets.iter().enumerate() {
            let delta = Delta {
                target: *target as u32,
                ..delta(index)
            };
            let [x, y] = delta.position;
            if x.abs() + y.abs() > 1e-3 || delta.thickness.abs() > 1e-2 {
                self.deltas.push(delta);
            }
        }
        let count = self.deltas.len() as u32 - vertex.first_delta;
        vertex.bones |= count << 16;
    }
}

impl Form {
    fn new(outline: &Outline, sides: &[f32], stroke_width: Option<f32>) -> Self {
        let mut form = Self {
            points: Vec::new(),
            normals: Vec::new(),
            thickness: Vec::new(),
        };
        for (contour, side) in outline.iter().zip(sides) {
            form.points.extend(&contour.points);
            form.normals.extend(normals(&contour.points, *side));
        }
        form.thickness = match stroke_width {
            Some(width) => vec![width; form.points.len()],
            None => thickness(&form.points, &form.normals, &rings(outline)),
        };
        form
    }
}

/// Pairs of neighbouring points over all contours, each treated as closed.
fn rings(outline: &Outline) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    let mut first = 0;
    for contour in outline {
        let count = contour.points.len() as u32;
        pairs.extend((0..count).map(|i| (first + i, first + (i + 1) % count)));
        first += count;
    }
    pairs
}

fn contour_area(points: &[Vec2]) -> f32 {
    let Some(last) = points.last() else {
        return 0.0;
    };
    let mut before = *last;
    let mut sum = 0.0;
    for &point in points {
        sum += before.perp_dot(point);
        before = point;
    }
    sum / 2.0
}

fn area(outline: &Outline) -> f32 {
    outline
        .iter()
        .map(|contour| contour_area(&contour.points))
        .sum()
}

/// Whether a point lies inside of a closed line.
pub(crate) fn contains(points: &[Vec2], p: Vec2) -> bool {
    let Some(last) = points.last() else {
        return false;
    };
    let mut before = *last;
    let mut inside = false;
    for &point in points {
        if (point.y > p.y) != (before.y > p.y)
            && p.x < (before.x - point.x) * (p.y - point.y) / (before.y - point.y) + point.x
        {
            inside = !inside;
        }
        before = point;
    }
    inside
}

/// For each contour 1 or -1: which side of its lines is outside. Holes are turned round.
fn outward_sides(outline: &Outline) -> Vec<f32> {
    let sign = |contour: &Contour| {
        if contour_area(&contour.points) < 0.0 {
            -1.0
        } else {
            1.0
        }
    };
    outline
        .iter()
        .enumerate()
        .map(|(index, contour)| {
            let own = sign(contour);
            let hole = contour.points.first().is_some_and(|&point| {
                outline.iter().enumerate().any(|(other, around)| {
                    other != index && sign(around) != own && contains(&around.points, point)
                })
            });
            if hole { -own } else { own }
        })
        .collect()
}

fn normals(points: &[Vec2], side: f32) -> Vec<Vec2> {
    let count = points.len();
    let direction = |from: usize, to: usize| (points[to] - points[from]).normalize_or_zero();
    (0..count)
        .map(|i| {
            let before = direction((i + count - 1) % count, i);
            let after = direction(i, (i + 1) % count);
            let along = (before + after).try_normalize().unwrap_or(before);
            Vec2::new(along.y, -along.x) * side
        })
        .collect()
}

/// Distance from each point through the area to the other side of the outline.
fn thickness(points: &[Vec2], normals: &[Vec2], rings: &[(u32, u32)]) -> Vec<f32> {
    points
        .iter()
        .zip(normals)
        .enumerate()
        .map(|(index, (&origin, &normal))| {
            let ray = -normal;
            let mut nearest = f32::INFINITY;
            for &(a, b) in rings {
                if a as usize == index || b as usize == index {
                    continue;
                }
                let (a, b) = (points[a as usize], points[b as usize]);
                let edge = b - a;
                let across = ray.perp_dot(edge);
                if across.abs() < 1e-6 {
                    continue;
                }
                let t = (a - origin).perp_dot(edge) / across;
                let u = (a - origin).perp_dot(ray) / across;
                if t > -0.3 && (-1e-3..=1.001).contains(&u) {
                    nearest = nearest.min(t.max(0.0));
                }
            }
            if nearest.is_finite() { nearest } else { 0.0 }
        })
        .collect()
}

/// Points of half a circle at the end of a stroke.
const CAP_POINTS: usize = 3;

/// The outline of a line with round ends: left side, end, right side back, start.
fn stroked(contour: &Contour, width: f32) -> Contour {
    let mut line = contour.points.clone();
    if contour.closed
        && let Some(first) = line.first().copied()
    {
        line.push(first);
    }
    let count = line.len();
    let half = width / 2.0;
    let direction = |i: usize| {
        let before = line[i.saturating_sub(1)];
        let after = line[(i + 1).min(count - 1)];
        (after - before).try_normalize().unwrap_or(Vec2::X)
    };
    let left: Vec<Vec2> = (0..count).map(|i| direction(i).perp() * half).collect();
    let mut points: Vec<Vec2> = line.iter().zip(&left).map(|(p, n)| *p + *n).collect();
    let cap = |center: Vec2, from: Vec2| {
        (1..=CAP_POINTS).map(move |i| {
            let angle = -std::f32::consts::PI * i as f32 / (CAP_POINTS + 1) as f32;
            center + Vec2::from_angle(angle).rotate(from)
        })
    };
    if let (Some(&end), Some(&side)) = (line.last(), left.last()) {
        points.extend(cap(end, side));
    }
    points.extend(line.iter().zip(&left).rev().map(|(p, n)| *p - *n));
    if let (Some(&start), Some(&side)) = (line.first(), left.first()) {
        points.extend(cap(start, -side));
    }
    Contour {
        points,
        closed: true,
    }
}

/// Triangles of the outlines that [`stroked`] makes of these contours.
fn stroke_triangles(outline: &Outline) -> Vec<u32> {
    let mut triangles = Vec::new();
    let mut first = 0;
    let caps = CAP_POINTS as u32;
    for contour in outline {
        let count = contour.points.len() as u32 + u32::from(contour.closed);
        if contour.points.is_empty() {
            continue;
        }
        let left = |i: u32| first + i;
        let right = |i: u32| first + count + caps + (count - 1 - i);
        for i in 1..count {
            triangles.extend([
                left(i - 1),
                left(i),
                right(i - 1),
                left(i),
                right(i),
                right(i - 1),
            ]);
        }
        let mut fan = |root: u32, from: u32, to: u32| {
            for i in from..to {
                triangles.extend([root, i, i + 1]);
            }
        };
        fan(right(count - 1), left(count - 1), first + count + caps - 1);
        fan(left(0), right(0), right(0) + caps);
        first += 2 * (count + caps);
    }
    triangles
}

/// The triangles of that variant which fit all variants best.
///
/// Those of a closed eyelid, say, may lie over the eye when it opens, those of the thin lid of an
/// open eye fit both.
fn best_triangles(variants: &[Outline]) -> (Vec<u32>, Vec<Crossing>) {
    let mut best: Option<(f32, Vec<u32>, Vec<Crossing>)> = None;
    for variant in variants {
        let (triangles, crossings) = fill_triangles(variant);
        if triangles.is_empty() {
            continue;
        }
        let excess: f32 = variants
            .iter()
            .map(|other| (covered(other, &triangles) - area(other).abs()).abs())
            .sum();
        // Crossings lie at the right place in their own variant only.
        let excess = excess + 1e3 * crossings.len() as f32;
        if best.as_ref().is_none_or(|(least, ..)| excess < *least) {
            best = Some((excess, triangles, crossings));
        }
    }
    best.map(|(_, triangles, crossings)| (triangles, crossings))
        .unwrap_or_default()
}

/// Sum of the areas of triangles, those over crossings left out.
fn covered(outline: &Outline, triangles: &[u32]) -> f32 {
    let points: Vec<Vec2> = outline
        .iter()
        .flat_map(|c| c.points.iter().copied())
        .collect();
    triangles
        .chunks_exact(3)
        .filter_map(|corners| {
            let [a, b, c] = [corners[0], corners[1], corners[2]].map(|i| points.get(i as usize));
            let (a, b, c) = (*a?, *b?, *c?);
            Some(((b - a).perp_dot(c - a) / 2.0).abs())
        })
        .sum()
}

/// A point where an outline crosses itself, between two of its points.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Crossing {
    from: usize,
    to: usize,
    t: f32,
}

/// Triangles over the points of all contours, then over the crossings.
fn fill_triangles(outline: &Outline) -> (Vec<u32>, Vec<Crossing>) {
    let points: Vec<_> = outline
        .iter()
        .flat_map(|contour| contour.points.iter().map(|p| lyon::math::point(p.x, p.y)))
        .collect();
    let controls: [lyon::math::Point; 0] = [];
    let mut events = Vec::with_capacity(points.len() + outline.len());
    let mut first = 0;
    for contour in outline.iter().filter(|contour| !contour.points.is_empty()) {
        let end = first + contour.points.len() as u32;
        events.push(IdEvent::Begin {
            at: EndpointId(first),
        });
        events.extend((first + 1..end).map(|to| IdEvent::Line {
            from: EndpointId(to - 1),
            to: EndpointId(to),
        }));
        let (first_point, last) = (EndpointId(first), EndpointId(end - 1));
        events.push(IdEvent::End {
            last,
            first: first_point,
            close: true,
        });
        first = end;
    }
    let mut output = Triangles {
        count: first,
        ..Triangles::default()
    };
    let options = FillOptions::default()
        .with_fill_rule(FillRule::NonZero)
        .with_tolerance(0.01);
    let result = FillTessellator::new().tessellate_with_ids(
        events,
        &(points.as_slice(), controls.as_slice()),
        None,
        &options,
        &mut output,
    );
    if let Err(error) = result {
        tracing::warn!(%error, "a path of a character could not be filled");
        return (Vec::new(), Vec::new());
    }
    (output.indices, output.crossings)
}

#[derive(Default)]
struct Triangles {
    count: u32,
    /// What lyon's vertices are in the numbering of [`fill_triangles`].
    vertices: Vec<u32>,
    crossings: Vec<Crossing>,
    indices: Vec<u32>,
}

impl GeometryBuilder for Triangles {
    fn add_triangle(&mut self, a: VertexId, b: VertexId, c: VertexId) {
        let vertex = |id: VertexId| self.vertices.get(id.to_usize()).copied();
        if let (Some(a), Some(b), Some(c)) = (vertex(a), vertex(b), vertex(c)) {
            self.indices.extend([a, b, c]);
        }
    }
}

impl FillGeometryBuilder for Triangles {
    fn add_fill_vertex(
        &mut self,
        vertex: FillVertex<'_>,
    ) -> Result<VertexId, GeometryBuilderError> {
        let id = VertexId::from_usize(self.vertices.len());
        let index = vertex
            .as_endpoint_id()
            .map(|endpoint| endpoint.0)
            .or_else(|| {
                let crossing = vertex.sources().find_map(|source| match source {
                    VertexSource::Edge { from, to, t } => Some(Crossing {
                        from: from.to_usize(),
                        to: to.to_usize(),
                        t,
                    }),
                    VertexSource::Endpoint { .. } => None,
                })?;
                self.crossings.push(crossing);
                Some(self.count + self.crossings.len() as u32 - 1)
            });
        self.vertices
            .push(index.ok_or(GeometryBuilderError::InvalidVertex)?);
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contour(points: &[[f32; 2]]) -> Contour {
        Contour {
            points: points.iter().map(|p| Vec2::from(*p)).collect(),
            closed: true,
        }
    }

    fn square(corner: f32, size: f32) -> Contour {
        let (a, b) = (corner, corner + size);
        contour(&[[a, a], [b, a], [b, b], [a, b]])
    }

    #[test]
    fn triangles_cover_a_square_with_a_hole() {
        let mut hole = square(3.0, 2.0);
        hole.points.reverse();
        let outline = vec![square(0.0, 10.0), hole];
        let (triangles, crossings) = fill_triangles(&outline);
        assert!(crossings.is_empty());
        assert!((covered(&outline, &triangles) - 96.0).abs() < 1e-3);
    }

    #[test]
    fn triangles_fit_an_eyelid_open_and_closed() {
        let lid = |lower: f32| {
            let arc = |y: f32| {
                (0..=12).map(move |i| {
                    let x = i as f32 / 6.0 - 1.0;
                    [x * 10.0, y * (1.0 - x * x)]
                })
            };
            contour(
                &arc(-10.0)
                    .chain(arc(lower).rev().skip(1).take(11))
                    .collect::<Vec<_>>(),
            )
        };
        let variants = [vec![lid(10.0)], vec![lid(-8.5)], vec![lid(0.0)]];
        let (triangles, _) = best_triangles(&variants);
        for variant in &variants {
            assert!((covered(variant, &triangles) - area(variant).abs()).abs() < 0.5);
        }
    }

    #[test]
    fn outlines_that_cross_themselves_are_filled() {
        let outline = vec![contour(&[
            [0.0, 0.0],
            [10.0, 10.0],
            [10.0, 0.0],
            [0.0, 10.0],
        ])];
        let (triangles, crossings) = fill_triangles(&outline);
        assert!(!triangles.is_empty());
        assert!(!crossings.is_empty());
    }

    #[test]
    fn normals_point_out_of_areas_and_into_holes() {
        let mut hole = square(3.0, 2.0);
        hole.points.reverse();
        for mut outline in [
            vec![square(0.0, 10.0), hole.clone()],
            vec![square(0.0, 10.0)],
        ] {
            for _ in 0..2 {
                let sides = outward_sides(&outline);
                let form = Form::new(&outline, &sides, None);
                assert!(
                    form.normals[0].dot(Vec2::splat(-1.0)) > 1.0,
                    "{}",
                    form.normals[0]
                );
                if outline.len() > 1 {
                    let at = outline[0].points.len();
                    let outward = Vec2::splat(4.0) - form.points[at];
                    assert!(form.normals[at].dot(outward) > 0.0);
                }
                for contour in &mut outline {
                    contour.points.reverse();
                }
                let corner = outline[0]
                    .points
                    .iter()
                    .position(|p| *p == Vec2::ZERO)
                    .unwrap();
                outline[0].points.rotate_left(corner);
            }
        }
    }

    #[test]
    fn a_stroke_is_as_wide_as_it_says_and_round_at_its_ends() {
        let line = Contour {
            points: vec![Vec2::ZERO, Vec2::X * 50.0, Vec2::X * 100.0],
            closed: false,
        };
        let outline = vec![stroked(&line, 10.0)];
        let covered = covered(&outline, &stroke_triangles(&vec![line]));
        let expected = 1000.0 + std::f32::consts::PI * 25.0;
        assert!((covered - expected).abs() < 12.0, "{covered} {expected}");
        assert!((area(&outline).abs() - covered).abs() < 1e-2);
    }
}
