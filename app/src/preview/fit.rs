//! How the picture fits the window: its place, and how many pixels are drawn for it.

use std::time::Duration;

use fabula_render::{Area, FrameSize};

/// Frames whose cost is looked at together: a new set may be slow once without harm, and so may a
/// second in which two pictures are mixed.
const FRAMES_WEIGHED: usize = 60;
/// The part of the time between two frames that most of them may take: the rest is for what comes next.
const SHARE_OF_TIME: f64 = 0.85;
/// Shares of the window's pixels, along each side, that are drawn.
const SHARES: [f32; 4] = [1.0, 0.75, 0.5, 0.375];

/// The largest area of the film's shape in a window, in its middle. Sides are even, as those of
/// films are, so that the picture can have exactly these pixels.
pub fn letterbox([width, height]: [u32; 2], film: FrameSize) -> Area {
    let aspect = f64::from(film.width()) / f64::from(film.height());
    let even = |length: f64| (length / 2.0).round() as u32 * 2;
    let (wide, high) = (width & !1, height & !1);
    let (picture_width, picture_height) = if f64::from(wide) > f64::from(high) * aspect {
        (even(f64::from(high) * aspect).min(wide), high)
    } else {
        (wide, even(f64::from(wide) / aspect).min(high))
    };
    Area {
        left: (width - picture_width) / 2,
        top: (height - picture_height) / 2,
        width: picture_width,
        height: picture_height,
    }
}

/// How much of the window's resolution this GPU can draw in time.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    step: usize,
    costs: Vec<Duration>,
}

impl Detail {
    /// The size that pictures for this area are drawn in, if it is not too small for any.
    pub fn size_for(&self, area: Area) -> Option<FrameSize> {
        let even = |length: f32| (length / 2.0).round() as u32 * 2;
        let mut share = SHARES[self.step];
        // The largest film is the largest picture, too.
        let largest = (3840.0 * 2160.0 / (area.width as f32 * area.height as f32)).sqrt();
        share = share
            .min(largest)
            .min(3840.0 / area.width.max(area.height) as f32);
        FrameSize::new(
            even(area.width as f32 * share),
            even(area.height as f32 * share),
        )
        .ok()
    }

    /// Takes note of what a frame cost that was given `budget`; says whether the detail was
    /// lowered because most frames cost more.
    pub fn weigh(&mut self, cost: Duration, budget: Duration) -> bool {
        self.costs.push(cost);
        if self.costs.len() < FRAMES_WEIGHED {
            return false;
        }
        self.costs.sort_unstable();
        let typical = self.costs[self.costs.len() / 2];
        self.costs.clear();
        let lower = typical > budget.mul_f64(SHARE_OF_TIME) && self.step + 1 < SHARES.len();
        self.step += usize::from(lower);
        lower
    }

    /// Begins anew, for another size of window.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(width: u32, height: u32) -> FrameSize {
        FrameSize::new(width, height).unwrap()
    }

    #[test]
    fn a_window_of_the_films_shape_is_filled() {
        for (window, film) in [
            ([1280, 720], film(1920, 1080)),
            ([320, 240], film(640, 480)),
            ([360, 640], film(1080, 1920)),
        ] {
            let area = letterbox(window, film);
            assert_eq!([area.width, area.height], window);
            assert_eq!((area.left, area.top), (0, 0));
        }
    }

    #[test]
    fn the_film_keeps_its_shape_in_any_window() {
        let film = film(1920, 1080);
        for window in [[1000, 1000], [2000, 500], [641, 479], [3841, 2161]] {
            let area = letterbox(window, film);
            assert!(area.width <= window[0] && area.height <= window[1]);
            assert!(area.width.is_multiple_of(2) && area.height.is_multiple_of(2));
            let off = area.width as f32 / area.height as f32 / film.aspect();
            assert!((off - 1.0).abs() < 0.01, "{window:?} {area:?}");
            let touches = area.width >= window[0] - 1 || area.height >= window[1] - 1;
            assert!(touches, "{window:?} {area:?}");
        }
    }

    #[test]
    fn windows_without_room_have_no_picture() {
        let film = film(1920, 1080);
        for window in [[0, 0], [1, 1], [0, 500], [500, 0], [3, 900], [16, 9]] {
            let area = letterbox(window, film);
            assert_eq!(Detail::default().size_for(area), None, "{window:?}");
        }
    }

    #[test]
    fn pictures_have_the_pixels_of_their_area_but_no_more_than_a_film_may() {
        let size = |window| Detail::default().size_for(letterbox(window, film(1920, 1080)));
        assert_eq!(size([1280, 720]), Some(film(1280, 720)));
        assert_eq!(size([5120, 2880]), Some(film(3840, 2160)));
        let square = Detail::default().size_for(letterbox([5000, 5000], film(1000, 1000)));
        assert!(square.is_some_and(|size| size.width() >= 2800));
    }

    #[test]
    fn a_slow_gpu_draws_fewer_pixels_but_one_slow_frame_changes_nothing() {
        let area = letterbox([1280, 720], film(1920, 1080));
        let budget = Duration::from_millis(41);
        let mut detail = Detail::default();
        for number in 0..200 {
            let cost = if number % 10 == 0 { 900 } else { 20 };
            assert!(!detail.weigh(Duration::from_millis(cost), budget));
        }
        detail.reset();
        let mut lowered = 0;
        for _ in 0..500 {
            lowered += u32::from(detail.weigh(Duration::from_millis(60), budget));
        }
        assert_eq!(lowered, 3);
        assert_eq!(detail.size_for(area), Some(film(480, 270)));
        detail.reset();
        assert_eq!(detail.size_for(area), Some(film(1280, 720)));
    }
}
