//! Builds of bodies. A drawing becomes stout or slim by moving its points, all by the same rule, so
//! that what is worn still fits and a build costs no triangle more.

use glam::{Vec2, vec2};
use serde::Deserialize;

/// How a build differs from the body that is drawn.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Physique {
    /// Heights on the canvas, from above, and the width there as a share of what is drawn.
    widths: Vec<[f32; 2]>,
    /// The same with how far the body comes forward there, in canvas units.
    #[serde(default)]
    forward: Vec<[f32; 2]>,
    /// Thickness of the arms as a share of what is drawn.
    arms: f32,
}

impl Physique {
    /// What is wrong with it, if anything is.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let ordered = |list: &[[f32; 2]]| list.is_sorted_by(|a, b| a[0] < b[0]);
        if self.widths.is_empty() || !ordered(&self.widths) || !ordered(&self.forward) {
            return Some("`widths` and `forward` are pairs of a height and a value, from above");
        }
        let widths = self.widths.iter().map(|[_, width]| *width);
        let sound = |share: f32| (0.4..=2.5).contains(&share);
        (!widths.chain([self.arms]).all(sound))
            .then_some("widths and arms are between 0.4 and 2.5 times what is drawn")
    }

    /// Where a point of head, trunk or legs comes to, on a canvas whose middle is at `middle_x`.
    pub(crate) fn body(&self, point: Vec2, middle_x: f32) -> Vec2 {
        let width = at(&self.widths, point.y, 1.0);
        let forward = at(&self.forward, point.y, 0.0);
        vec2(middle_x + (point.x - middle_x) * width + forward, point.y)
    }

    /// Where a point of an arm comes to, whose joints these are and whose shoulder moves by `shift`.
    pub(crate) fn arm(&self, point: Vec2, joints: &[Vec2], shift: Vec2) -> Vec2 {
        let axis: Vec<[f32; 2]> = joints.iter().map(|joint| [joint.y, joint.x]).collect();
        let axis_x = at(&axis, point.y, point.x);
        vec2(axis_x + (point.x - axis_x) * self.arms, point.y) + shift
    }

    /// The width of the whole body as a share of what is drawn.
    pub(crate) fn girth(&self) -> f32 {
        let widths = self.widths.iter().map(|[_, width]| *width);
        widths.sum::<f32>() / self.widths.len() as f32
    }
}

/// The value at a height: eased between the pairs, and as the nearest beyond them.
fn at(pairs: &[[f32; 2]], y: f32, otherwise: f32) -> f32 {
    let (Some([first_y, first]), Some([_, last])) = (pairs.first(), pairs.last()) else {
        return otherwise;
    };
    if y <= *first_y {
        return *first;
    }
    let mut between = pairs.windows(2).filter_map(|two| {
        let [[above, from], [below, to]] = [two[0], two[1]];
        (y < below).then(|| {
            let t = (y - above) / (below - above);
            from + (to - from) * t * t * (3.0 - 2.0 * t)
        })
    });
    between.next().unwrap_or(*last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stout() -> Physique {
        Physique {
            widths: vec![[300.0, 1.0], [400.0, 1.5]],
            forward: Vec::new(),
            arms: 1.2,
        }
    }

    #[test]
    fn a_body_grows_to_both_sides_of_its_middle_and_keeps_its_height() {
        let moved = stout().body(vec2(240.0, 500.0), 200.0);
        assert_eq!(moved, vec2(260.0, 500.0));
        assert_eq!(stout().body(vec2(160.0, 500.0), 200.0), vec2(140.0, 500.0));
        assert_eq!(stout().body(vec2(240.0, 200.0), 200.0), vec2(240.0, 200.0));
    }

    #[test]
    fn an_arm_grows_around_its_bones_and_follows_the_shoulder() {
        let joints = [vec2(160.0, 358.0), vec2(150.0, 520.0)];
        let moved = stout().arm(vec2(150.0, 540.0), &joints, vec2(-8.0, 0.0));
        assert_eq!(moved, vec2(142.0, 540.0));
        let moved = stout().arm(vec2(160.0, 540.0), &joints, Vec2::ZERO);
        assert!((moved.x - 162.0).abs() < 1e-4);
    }

    #[test]
    fn broken_builds_are_found() {
        assert_eq!(stout().fault(), None);
        let upside_down = Physique {
            widths: vec![[400.0, 1.0], [300.0, 1.0]],
            ..stout()
        };
        assert!(upside_down.fault().is_some());
        assert!(
            Physique {
                arms: 9.0,
                ..stout()
            }
            .fault()
            .is_some()
        );
    }
}
