//! Which tiles of a plate's texture are drawn: those that are not empty and not hidden.
//!
//! On a software GPU every pixel that is laid in costs, one that is blended most. Tiles that hide
//! what is behind them are copied, or drawn without blending; those that stay behind such tiles
//! for a whole shot are not drawn at all.

use glam::{Vec2, Vec4, vec2};

use crate::camera::Rect;

/// Side of a tile in pixels: with larger ones more is blended that is opaque or empty, with smaller
/// ones there are more areas to draw.
pub(crate) const TILE_PX: u32 = 16;
/// Side of the tiles in which lavapipe draws, in pixels.
const DRAWN_TILE_PX: u32 = 64;

/// A part of a picture or texture in pixels: left, top, width, height.
pub(crate) type Area = [u32; 4];

/// The pixels of a picture of `view` that lie between these edges of a set.
pub(crate) fn covered(x: [f32; 2], y: [f32; 2], view: Rect, size_px: Vec2) -> Option<Area> {
    let Vec2 {
        x: width,
        y: height,
    } = size_px;
    let column = |x: f32| ((x - view.min.x) / view.size().x * width).clamp(0.0, width);
    let row = |y: f32| ((view.max.y - y) / view.size().y * height).clamp(0.0, height);
    let (left, right) = (column(x[0]).floor() as u32, column(x[1]).ceil() as u32);
    let (top, bottom) = (row(y[1]).floor() as u32, row(y[0]).ceil() as u32);
    (left < right && top < bottom).then_some([left, top, right - left, bottom - top])
}

/// How much of a tile is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cover {
    Empty,
    Partial,
    Opaque,
}

/// The tiles of a texture, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tiles {
    size_px: [u32; 2],
    columns: u32,
    covers: Vec<Cover>,
}

impl Tiles {
    /// A texture that hides all that is behind it.
    pub fn opaque([width, height]: [u32; 2]) -> Self {
        let [columns, rows] = [width, height].map(|side| side.div_ceil(TILE_PX));
        Self {
            size_px: [width, height],
            columns,
            covers: vec![Cover::Opaque; (columns * rows) as usize],
        }
    }

    /// The tiles of a texture that is drawn from `pixels`, perhaps with fewer of them, whose last
    /// byte is their opacity. From one of their rows to the next it is `stride` bytes. `reach` is
    /// how many pixels around a tile show in it when it is filtered.
    pub fn of(
        pixels: &[u8],
        stride: usize,
        [raw_width, raw_height]: [u32; 2],
        size_px: [u32; 2],
        reach: u32,
    ) -> Self {
        let raw_range = |from: u32, length: u32, side: u32, raw_side: u32| {
            let (from, to) = (
                from.saturating_sub(reach),
                (from + length + reach).min(side),
            );
            if side == raw_side {
                return from as usize..to as usize;
            }
            let scale = raw_side as f32 / side as f32;
            let (from, to) = ((from as f32 * scale).floor(), (to as f32 * scale).ceil());
            (from as usize).saturating_sub(1)..(to as usize + 1).min(raw_side as usize)
        };
        let mut tiles = Self::opaque(size_px);
        for index in 0..tiles.covers.len() {
            let [left, top, width, height] = tiles.area(index);
            let rows = raw_range(top, height, size_px[1], raw_height);
            let columns = raw_range(left, width, size_px[0], raw_width);
            let lines = pixels
                .chunks_exact(stride)
                .skip(rows.start)
                .take(rows.len());
            let parts = lines.filter_map(|line| line.get(columns.start * 4..columns.end * 4));
            tiles.covers[index] = cover_of(parts);
        }
        tiles
    }

    fn area(&self, index: usize) -> Area {
        let (column, row) = (index as u32 % self.columns, index as u32 / self.columns);
        let (left, top) = (column * TILE_PX, row * TILE_PX);
        let [width, height] = self.size_px;
        [
            left,
            top,
            TILE_PX.min(width - left),
            TILE_PX.min(height - top),
        ]
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.covers.len()
    }

    /// How much of the tile with this number is covered.
    pub fn cover(&self, index: usize) -> Cover {
        self.covers[index]
    }

    /// The tiles with this cover, joined where they make up larger areas.
    pub fn areas(&self, cover: Cover) -> Vec<Area> {
        self.areas_where(|index| self.covers[index] == cover)
    }

    /// The tiles whose numbers are wanted, joined where they make up larger areas.
    pub fn areas_where(&self, wanted: impl Fn(usize) -> bool) -> Vec<Area> {
        let mut areas: Vec<Area> = Vec::new();
        for row in 0..self.covers.len() / self.columns.max(1) as usize {
            let mut run: Option<Area> = None;
            let mut runs = Vec::new();
            for column in 0..self.columns as usize {
                let index = row * self.columns as usize + column;
                if wanted(index) {
                    let tile = self.area(index);
                    run.get_or_insert([tile[0], tile[1], 0, tile[3]])[2] += tile[2];
                } else {
                    runs.extend(run.take());
                }
            }
            runs.extend(run);
            for run in runs {
                let above = areas.iter_mut().find(|area| {
                    area[0] == run[0] && area[2] == run[2] && area[1] + area[3] == run[1]
                });
                match above {
                    Some(above) => above[3] += run[3],
                    None => areas.push(run),
                }
            }
        }
        areas
    }

    /// The tiles that any of these areas touches, joined where they make up larger areas. They have
    /// nothing in common, whatever the areas have.
    pub fn touched_by(&self, areas: &[Area]) -> Vec<Area> {
        self.areas_where(|index| {
            let tile = self.area(index);
            areas.iter().any(|area| overlap(*area, tile).is_some())
        })
    }

    /// Whether everything between these corners lies on the texture and is opaque.
    fn hides(&self, min: Vec2, max: Vec2) -> bool {
        let size = vec2(self.size_px[0] as f32, self.size_px[1] as f32);
        if min.cmplt(Vec2::ZERO).any() || max.cmpgt(size).any() {
            return false;
        }
        let tile = |at: f32| (at / TILE_PX as f32) as usize;
        // A corner on the edge between two tiles belongs to the one inside.
        let last = (max - 0.01).max(min);
        (tile(min.y)..=tile(last.y)).all(|row| {
            let row = row * self.columns as usize;
            (tile(min.x)..=tile(last.x))
                .all(|column| self.covers.get(row + column) == Some(&Cover::Opaque))
        })
    }

    /// The tiles without those that are never seen: `places` says where in a picture of
    /// `picture_px` the texture lies at moments of a shot, as a scale (xy) and an offset (zw) to
    /// pixels, and what lies before it at the same moments. `slack_px` is how far things may move
    /// between two moments.
    pub fn without_hidden(&self, places: &[Placed<'_>], picture_px: Vec2, slack_px: f32) -> Self {
        let mut seen = self.clone();
        for (index, cover) in seen.covers.iter_mut().enumerate() {
            let [left, top, width, height] = self.area(index).map(|px| px as f32);
            let hidden = |placed: &Placed<'_>| {
                let corner = |at: Vec2| {
                    at * vec2(placed.place.x, placed.place.y) + vec2(placed.place.z, placed.place.w)
                };
                let min = corner(vec2(left, top)) - slack_px;
                let max = corner(vec2(left + width, top + height)) + slack_px;
                let (min, max) = (min.max(Vec2::ZERO), max.min(picture_px));
                if min.cmpge(max).any() {
                    return true;
                }
                placed.before.iter().any(|(tiles, place)| {
                    let onto = |at: Vec2| (at - vec2(place.z, place.w)) / vec2(place.x, place.y);
                    tiles.hides(onto(min), onto(max))
                })
            };
            if places.iter().all(hidden) {
                *cover = Cover::Empty;
            }
        }
        seen
    }
}

/// Where a texture and those before it lie in a picture at one moment, as a scale (xy) and an
/// offset (zw) from their pixels to those of the picture.
pub(crate) struct Placed<'a> {
    pub place: Vec4,
    pub before: Vec<(&'a Tiles, Vec4)>,
}

fn cover_of<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Cover {
    let (mut any, mut all) = (false, true);
    for line in lines {
        for pixel in line.chunks_exact(4) {
            // Light that is only added has a colour and covers nothing.
            any |= pixel != [0; 4];
            all &= pixel[3] == 255;
        }
        if any && !all {
            return Cover::Partial;
        }
    }
    if !any {
        Cover::Empty
    } else if all {
        Cover::Opaque
    } else {
        Cover::Partial
    }
}

/// What two areas have in common, if anything.
pub(crate) fn overlap(a: Area, b: Area) -> Option<Area> {
    let (left, top) = (a[0].max(b[0]), a[1].max(b[1]));
    let right = (a[0] + a[2]).min(b[0] + b[2]);
    let bottom = (a[1] + a[3]).min(b[1] + b[3]);
    (left < right && top < bottom).then(|| [left, top, right - left, bottom - top])
}

/// The tiles of lavapipe in a picture of `size` that an area touches.
pub(crate) fn in_whole_tiles([left, top, width, height]: Area, size: [u32; 2]) -> Area {
    let up = |end: u32, side: u32| end.next_multiple_of(DRAWN_TILE_PX).min(side);
    let [right, bottom] = [up(left + width, size[0]), up(top + height, size[1])];
    let [left, top] = [left, top].map(|start| start - start % DRAWN_TILE_PX);
    [left, top, right - left, bottom - top]
}

/// Areas that have nothing in common: those that overlap are replaced by what encloses them.
pub(crate) fn joined(areas: impl Iterator<Item = Area>) -> Vec<Area> {
    let mut joined: Vec<Area> = Vec::new();
    for mut area in areas {
        while let Some(at) = joined
            .iter()
            .position(|other| overlap(*other, area).is_some())
        {
            let other = joined.swap_remove(at);
            let (left, top) = (area[0].min(other[0]), area[1].min(other[1]));
            let right = (area[0] + area[2]).max(other[0] + other[2]);
            let bottom = (area[1] + area[3]).max(other[1] + other[3]);
            area = [left, top, right - left, bottom - top];
        }
        joined.push(area);
    }
    joined
}

#[cfg(test)]
mod tests {
    use glam::vec4;

    use super::*;

    #[test]
    fn areas_grow_to_whole_tiles_within_the_picture() {
        let size = [320, 180];
        assert_eq!(in_whole_tiles([70, 10, 3, 60], size), [64, 0, 64, 128]);
        assert_eq!(in_whole_tiles([0, 130, 320, 50], size), [0, 128, 320, 52]);
        assert_eq!(in_whole_tiles([64, 64, 64, 64], size), [64, 64, 64, 64]);
    }

    #[test]
    fn tiles_are_told_apart_by_what_covers_them() {
        let (width, height) = (200u32, 130u32);
        let mut rgba = vec![0u8; (width * height * 4) as usize];
        let tiles = |rgba: &[u8]| {
            Tiles::of(
                rgba,
                width as usize * 4,
                [width, height],
                [width, height],
                0,
            )
        };
        assert!(tiles(&rgba).areas(Cover::Partial).is_empty());
        // One pixel in the seventh tile of the fifth row, all of the last tiles of the last row.
        rgba[((70 * width + 100) * 4 + 3) as usize] = 1;
        for x in 128..200 {
            for y in 128..130 {
                rgba[((y * width + x) * 4 + 3) as usize] = 255;
            }
        }
        assert_eq!(tiles(&rgba).areas(Cover::Partial), [[96, 64, 16, 16]]);
        assert_eq!(tiles(&rgba).areas(Cover::Opaque), [[128, 128, 72, 2]]);
        // What filtering reaches counts: above the opaque tiles there is nothing.
        let filtered = Tiles::of(
            &rgba,
            width as usize * 4,
            [width, height],
            [width, height],
            1,
        );
        assert_eq!(filtered.areas(Cover::Opaque), [] as [Area; 0]);
    }

    #[test]
    fn an_opaque_texture_is_one_area() {
        let tiles = Tiles::opaque([1920, 1080]);
        assert_eq!(tiles.areas(Cover::Opaque), [[0, 0, 1920, 1080]]);
    }

    #[test]
    fn tiles_behind_opaque_ones_or_outside_of_the_picture_are_not_drawn() {
        let picture = vec2(256.0, 128.0);
        let back = Tiles::opaque([320, 128]);
        let front = Tiles::opaque([128, 64]);
        // The front lies 64 pixels in and 64 down, and moves left by 60 pixels.
        let moment = |x: f32| Placed {
            place: vec4(1.0, 1.0, 0.0, 0.0),
            before: vec![(&front, vec4(1.0, 1.0, x, 64.0))],
        };
        let still = back.without_hidden(&[moment(64.0)], picture, 0.0);
        assert_eq!(
            still.areas(Cover::Opaque),
            [[0, 0, 256, 64], [0, 64, 64, 64], [192, 64, 64, 64]]
        );
        let moving = back.without_hidden(&[moment(64.0), moment(4.0)], picture, 0.0);
        assert_eq!(
            moving.areas(Cover::Opaque),
            [[0, 0, 256, 64], [0, 64, 64, 64], [128, 64, 128, 64]]
        );
        let doubtful = back.without_hidden(&[moment(64.0)], picture, 2.0);
        assert_eq!(
            doubtful.areas(Cover::Opaque),
            [[0, 0, 272, 80], [0, 80, 80, 48], [176, 80, 96, 48]]
        );
    }

    #[test]
    fn areas_that_overlap_are_joined_and_others_are_not() {
        let areas = [
            [0, 0, 10, 10],
            [20, 0, 10, 10],
            [8, 8, 14, 4],
            [0, 50, 5, 5],
        ];
        let mut joined = joined(areas.into_iter());
        joined.sort_unstable();
        assert_eq!(joined, [[0, 0, 30, 12], [0, 50, 5, 5]]);
    }
}
