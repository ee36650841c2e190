//! The shape of a page while it is turned: flat up to a fold, rolled over a cylinder there, and flat
//! again on its back. `fs_page_turn` of `shaders/layer.wgsl` draws it.

use std::f32::consts::PI;
use std::ops::Range;

use glam::{Vec2, Vec4, vec2, vec4};

/// How far shadows reach, in frame heights.
const SHADOW: f32 = 0.42;

/// A page in the middle of being turned; lengths are in frame heights, from the left upper corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PageTurn {
    /// Where the fold meets the lower edge.
    fold_x: f32,
    /// The fold leans to the right by this angle: the lower corner is lifted first.
    lean: f32,
    radius: f32,
    aspect: f32,
}

impl PageTurn {
    /// The page when `progress` of the turn is done, 0 to 1, in pictures of this aspect.
    pub fn at(progress: f32, aspect: f32) -> Self {
        let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
        // A hand lifts it slowly, and it falls quickly.
        let t = progress.clamp(0.0, 1.0);
        let moved = smooth(t).powf(1.15);
        let radius = 0.07 + 0.17 * (PI * t).sin();
        let lean = 0.62 * (1.0 - smooth((t / 0.9).min(1.0)));
        Self {
            fold_x: aspect + (-radius - 0.01 - aspect) * moved,
            lean,
            radius,
            aspect,
        }
    }

    /// `params` of the layer.
    pub fn params(self) -> Vec4 {
        vec4(self.fold_x, self.lean, self.radius, self.aspect)
    }

    /// The columns of a picture this many pixels wide that are neither the flat old page, which lies
    /// to their left, nor the bare new one.
    pub fn columns(self, width_px: u32) -> Range<u32> {
        let away = Vec2::from_angle(self.lean);
        let fold = [
            vec2(self.fold_x, 1.0),
            vec2(self.fold_x + self.lean.tan(), 0.0),
        ];
        let (mut left, mut right) = (fold[0].x, fold[1].x + self.radius / away.x);
        for corner in [vec2(self.aspect, 0.0), vec2(self.aspect, 1.0)] {
            let lifted = (corner - fold[0]).dot(away);
            let over = lifted - PI * self.radius;
            if over > 0.0 {
                left = left.min(corner.x - away.x * (lifted + over));
            }
            right = right.max(corner.x.min(right));
        }
        left -= SHADOW;
        right += SHADOW;
        let column = |x: f32| (x / self.aspect).clamp(0.0, 1.0) * width_px as f32;
        column(left).floor() as u32..column(right).ceil() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_flat_and_ends_out_of_the_picture() {
        for aspect in [16.0 / 9.0, 1.0, 9.0 / 16.0] {
            let begin = PageTurn::at(0.0, aspect);
            assert_eq!(begin.fold_x, aspect);
            let end = PageTurn::at(1.0, aspect);
            assert!(end.fold_x + end.radius < 0.0 && end.lean == 0.0);
        }
    }

    #[test]
    fn a_page_is_turned_steadily() {
        let folds: Vec<f32> = (0..=20)
            .map(|step| PageTurn::at(step as f32 / 20.0, 1.6).fold_x)
            .collect();
        assert!(
            folds.is_sorted_by(|before, after| before > after),
            "{folds:?}"
        );
    }

    #[test]
    fn the_old_page_is_flat_left_of_what_is_drawn_anew() {
        let early = PageTurn::at(0.2, 1.6).columns(1600);
        assert!(early.start > 400 && early.end == 1600, "{early:?}");
        let late = PageTurn::at(0.8, 1.6).columns(1600);
        assert!(late.start == 0 && late.end < 1400, "{late:?}");
    }
}
