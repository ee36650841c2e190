//! Draws posed figures on the CPU, with the arithmetic of `fragment` in `shaders/figure.wgsl`.
//!
//! Figures are thousands of small triangles, and a software GPU spends most of its time on starting
//! each of them. Here a triangle is rows of pixels, of which several are shaded at once, and the cores
//! share the bands of the picture.

#![expect(
    clippy::inline_always,
    reason = "vector instructions reach only what is compiled into the dispatched function"
)]

use std::ops::Range;

use glam::{Vec2, Vec4, vec2, vec4};
use pulp::{Simd, WithSimd};

use super::light::Lit;
use super::posing::Posed;
use crate::tiles::{Area, TILE_PX, Tiles};

/// The most pixels that are shaded at once.
const LANES: usize = 16;
/// Rows of a triangle that have no more pixels are shaded together.
const NARROW: usize = 4;
/// What each pixel of a row is, counted from the first.
const NUMBERS: [f32; LANES] = [
    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0,
];
/// From here on floats are whole numbers, whose last bits are those of an integer.
const WHOLE: f32 = 8_388_608.0;
/// Those bits.
const WHOLE_BITS: u32 = 0x7f_ffff;
/// Steps of a pixel on which corners lie, as on GPUs.
const SUBPIXELS: f32 = 256.0;
/// Rows of a band: the fewer, the more of it stays near the processor, and the more triangles lie in two.
const BAND_ROWS: usize = 128;

/// Triangles, three indices into the corners each.
pub(super) type Triangles = Vec<[u32; 3]>;

/// What triangles are drawn into: a picture, in bands that may be drawn at the same time.
#[derive(Debug)]
pub(super) struct Raster {
    size_px: [usize; 2],
    /// What each column and each row adds to how much the corners of the picture darken.
    outward: [Vec<f32>; 2],
}

/// All figures of a picture.
pub(super) struct Figures<'a> {
    pub posed: &'a [Posed],
    pub lit: &'a [Lit],
    /// Corners of the picture darken them by up to so much.
    pub vignette: f32,
}

/// Some rows of figures alone, on a transparent ground, with premultiplied opacity.
#[derive(Debug)]
pub(super) struct Band {
    top: usize,
    /// Pixels from one row to the next: some more than it has, so that there is one for every lane.
    stride: usize,
    /// From the lowest byte: blue, green, red, opacity.
    pixels: Vec<u32>,
    tiles: Tiles,
    /// The tiles that have been drawn into.
    touched: Vec<bool>,
}

/// Triangles that are drawn into a band, with the widest vector instructions of this processor.
struct Drawing<'a> {
    band: &'a mut Band,
    raster: &'a Raster,
    places: &'a [Vec2],
    triangles: &'a [[u32; 3]],
    figures: &'a Figures<'a>,
}

/// A corner of a triangle.
#[derive(Clone, Copy)]
struct Corner {
    /// In pixels from the left upper corner of the picture.
    at: Vec2,
    /// Place in the gradient (xy), coverage (z), light (w).
    surface: Vec4,
}

/// The edges of a triangle: one all the way down, and two that meet at a height.
struct Sides {
    long: Edge,
    upper: Edge,
    lower: Edge,
    bend: f32,
}

/// An edge that goes down from a corner.
struct Edge {
    from: Vec2,
    /// Pixels to the right for each one down.
    slope: f32,
}

/// What the pixels of a triangle are shaded by.
struct Shading<'a> {
    lit: &'a Lit,
    /// Place in the gradient (xy), coverage (z), light (w): at a corner, and what they change by from a
    /// pixel to the next one on the right, and below.
    start: Vec4,
    step: Vec4,
    down: Vec4,
    vignette: f32,
}

/// Pixels of narrow rows of a triangle.
struct Few {
    count: usize,
    /// Where they are in the band.
    at: [u32; LANES],
    /// How far right of and below the corner they are.
    right: [f32; LANES],
    below: [f32; LANES],
    /// How far out they are towards the corners of the picture.
    outward: [f32; LANES],
}

impl Raster {
    /// A picture of this size.
    pub fn new([width, height]: [u32; 2]) -> Self {
        let [columns, rows] = [width, height].map(|side| side as usize);
        // The smooth step of `vignette` in `shaders/shared/grade.wgsl`, up to where it is bent.
        let outward = |count: usize, side: usize, scale: f32, start: f32| {
            let at = |index: usize| ((index as f32 + 0.5) / side as f32 - 0.5) * scale;
            let out = |index: usize| (at(index) * at(index) * 1.25 - start) / 0.5;
            (0..count).map(out).collect()
        };
        Self {
            size_px: [columns, rows],
            outward: [
                outward(columns + LANES, columns, 1.05, 0.12),
                outward(rows, rows, 0.95, 0.0),
            ],
        }
    }

    /// Where corners are, in pixels from the left upper corner of the picture.
    pub fn places(&self, posed: &[Posed]) -> Vec<Vec2> {
        let half = vec2(self.size_px[0] as f32, self.size_px[1] as f32) / 2.0;
        let place = |vertex: &Posed| {
            let [x, y, ..] = vertex.place;
            let at = vec2(x, -y) * half + half;
            (at * SUBPIXELS).round() / SUBPIXELS
        };
        posed.iter().map(place).collect()
    }

    /// The triangles that lie in each band from the top down, in their order.
    pub fn in_bands(&self, places: &[Vec2], triangles: &[[u32; 3]]) -> Vec<Triangles> {
        let rows = self.size_px[1];
        let mut bands = vec![Triangles::new(); rows.div_ceil(BAND_ROWS)];
        for triangle in triangles {
            let heights = triangle.map(|corner| places[corner as usize].y);
            let top = heights.into_iter().fold(f32::INFINITY, f32::min);
            let bottom = heights.into_iter().fold(f32::NEG_INFINITY, f32::max);
            let rows = nearest(top, rows as f32)..nearest(bottom, rows as f32);
            if !rows.is_empty() {
                for band in &mut bands[rows.start / BAND_ROWS..=(rows.end - 1) / BAND_ROWS] {
                    band.push(*triangle);
                }
            }
        }
        bands
    }

    /// An empty band.
    pub fn band(&self) -> Band {
        let [columns, _] = self.size_px;
        let stride = columns + LANES;
        let tiles = Tiles::opaque([columns as u32, BAND_ROWS as u32]);
        Band {
            top: 0,
            stride,
            pixels: vec![0; stride * BAND_ROWS],
            touched: vec![false; tiles.count()],
            tiles,
        }
    }
}

impl Band {
    /// Draws triangles, whose corners are at `places`, into the band with this number.
    pub fn draw(
        &mut self,
        number: usize,
        raster: &Raster,
        places: &[Vec2],
        triangles: &[[u32; 3]],
        figures: &Figures<'_>,
    ) {
        self.clear();
        self.top = number * BAND_ROWS;
        pulp::Arch::new().dispatch(Drawing {
            band: self,
            raster,
            places,
            triangles,
            figures,
        });
    }

    /// Bytes from one row to the next.
    pub fn stride_bytes(&self) -> u32 {
        (self.stride * size_of::<u32>()) as u32
    }

    /// All rows.
    pub fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.pixels)
    }

    /// Where the bytes of a pixel of the picture begin.
    pub fn offset_bytes(&self, left: u32, top: u32) -> u64 {
        let pixel = (top as usize - self.top) * self.stride + left as usize;
        (pixel * size_of::<u32>()) as u64
    }

    /// What of the picture has been drawn into, as areas that have nothing in common.
    pub fn touched(&self) -> Vec<Area> {
        let mut areas = self.tiles.areas_where(|index| self.touched[index]);
        for area in &mut areas {
            area[1] += self.top as u32;
        }
        areas
    }

    /// Makes all of it transparent again.
    fn clear(&mut self) {
        for [left, top, width, height] in self.touched() {
            let first = top as usize - self.top;
            for row in first..first + height as usize {
                let first = row * self.stride + left as usize;
                self.pixels[first..first + width as usize].fill(0);
            }
        }
        self.touched.fill(false);
    }

    /// Fills the pixels whose middles lie in a triangle. Those on an edge belong to one of the two beside
    /// it.
    #[inline(always)]
    fn fill<S: Simd>(
        &mut self,
        simd: S,
        raster: &Raster,
        mut corners: [Corner; 3],
        lit: &Lit,
        vignette: f32,
        few: &mut Few,
    ) {
        // From the top down.
        if corners[1].at.y < corners[0].at.y {
            corners.swap(0, 1);
        }
        if corners[2].at.y < corners[1].at.y {
            corners.swap(1, 2);
            if corners[1].at.y < corners[0].at.y {
                corners.swap(0, 1);
            }
        }
        let [a, b, c] = corners;
        let (ab, ac) = (b.at - a.at, c.at - a.at);
        let area = ab.perp_dot(ac);
        let [width, height] = raster.size_px.map(|side| side as f32);
        let own = self.top..self.top + BAND_ROWS;
        let rows = nearest(a.at.y, height).max(own.start)..nearest(c.at.y, height).min(own.end);
        if area == 0.0 || rows.is_empty() {
            return;
        }
        let (to_b, to_c) = (b.surface - a.surface, c.surface - a.surface);
        let shading = Shading {
            lit,
            start: a.surface,
            step: (to_b * ac.y - to_c * ab.y) / area,
            down: (to_c * ab.x - to_b * ac.x) / area,
            vignette,
        };
        let sides = Sides {
            long: Edge::new(a.at, c.at),
            upper: Edge::new(a.at, b.at),
            lower: Edge::new(b.at, c.at),
            bend: b.at.y,
        };
        let (mut lefts, mut rights) = ([0; LANES], [0; LANES]);
        let (mut leftmost, mut rightmost) = (usize::MAX, 0);
        for row in rows.clone() {
            let lane = (row - rows.start) % S::F32_LANES;
            if lane == 0 {
                sides.pixels(simd, row, width, &mut lefts, &mut rights);
            }
            let (left, right) = (lefts[lane] as usize, rights[lane] as usize);
            if left >= right {
                continue;
            }
            leftmost = leftmost.min(left);
            rightmost = rightmost.max(right);
            let y = row as f32 + 0.5;
            let from = vec2(left as f32 + 0.5, y) - a.at;
            let first = (row - own.start) * self.stride + left;
            let outward = raster.outward[1][row];
            if right <= left + NARROW {
                for number in 0..right - left {
                    if few.count == S::F32_LANES {
                        shading.shade_few(simd, few, &mut self.pixels);
                    }
                    let outward = outward + raster.outward[0][left + number];
                    few.add(
                        (first + number) as u32,
                        from + vec2(number as f32, 0.0),
                        outward,
                    );
                }
            } else {
                let pixels = &mut self.pixels[first..first - left + self.stride];
                let columns = &raster.outward[0][left..];
                shading.shade_row(simd, from, right - left, columns, outward, pixels);
            }
        }
        shading.shade_few(simd, few, &mut self.pixels);
        if leftmost < rightmost {
            self.touch(
                leftmost..rightmost,
                rows.start - own.start..rows.end - own.start,
            );
        }
    }

    /// Remembers the tiles of a rectangle of its rows.
    #[inline(always)]
    fn touch(&mut self, columns: Range<usize>, rows: Range<usize>) {
        let tile = TILE_PX as usize;
        let tile_columns = (self.stride - LANES).div_ceil(tile);
        for row in rows.start / tile..=(rows.end - 1) / tile {
            let (first, last) = (columns.start / tile, (columns.end - 1) / tile);
            let row = row * tile_columns;
            self.touched[row + first..=row + last].fill(true);
        }
    }
}

impl WithSimd for Drawing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            band,
            raster,
            places,
            triangles,
            figures,
        } = self;
        let mut few = Few::NONE;
        for indices in triangles {
            let [a, b, c] = indices.map(|index| index as usize);
            let corner = |index: usize| {
                let Posed {
                    place: [.., along, across],
                    coverage,
                    light,
                    ..
                } = figures.posed[index];
                Corner {
                    at: places[index],
                    surface: vec4(along, across, coverage, light),
                }
            };
            // All corners of a triangle have the same paint.
            let lit = &figures.lit[figures.posed[a].lit as usize];
            let corners = [corner(a), corner(b), corner(c)];
            band.fill(simd, raster, corners, lit, figures.vignette, &mut few);
        }
    }
}

impl Edge {
    #[inline(always)]
    fn new(from: Vec2, to: Vec2) -> Self {
        let along = to - from;
        // A level edge is in no row.
        let slope = if along.y > 0.0 {
            along.x / along.y
        } else {
            0.0
        };
        Self { from, slope }
    }

    /// Where it is at heights `y`: the same for all triangles that share it.
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, y: S::f32s) -> S::f32s {
        let down = simd.sub_f32s(y, simd.splat_f32s(self.from.y));
        line(simd, down, self.slope, self.from.x)
    }
}

impl Sides {
    /// Between which pixel edges rows from `first` on lie inside, as many as there are lanes.
    #[inline(always)]
    fn pixels<S: Simd>(
        &self,
        simd: S,
        first: usize,
        width: f32,
        lefts: &mut [u32; LANES],
        rights: &mut [u32; LANES],
    ) {
        let ([numbers, ..], [lefts, ..], [rights, ..]) = (
            S::as_simd_f32s(&NUMBERS).0,
            S::as_mut_simd_u32s(lefts).0,
            S::as_mut_simd_u32s(rights).0,
        ) else {
            return;
        };
        let y = simd.add_f32s(*numbers, simd.splat_f32s(first as f32 + 0.5));
        let above = simd.less_than_f32s(y, simd.splat_f32s(self.bend));
        let short = simd.select_f32s(above, self.upper.at(simd, y), self.lower.at(simd, y));
        let long = self.long.at(simd, y);
        *lefts = nearest_in_rows(simd, simd.min_f32s(long, short), width);
        *rights = nearest_in_rows(simd, simd.max_f32s(long, short), width);
    }
}

/// The pixel edge nearest to `edge`, up to `limit`: pixels from there on have their middles behind it.
#[inline(always)]
fn nearest(edge: f32, limit: f32) -> usize {
    (edge.max(0.0).min(limit) + WHOLE).to_bits() as usize & WHOLE_BITS as usize
}

/// The same for several rows.
#[inline(always)]
fn nearest_in_rows<S: Simd>(simd: S, edges: S::f32s, limit: f32) -> S::u32s {
    let edges = simd.max_f32s(edges, simd.splat_f32s(0.0));
    let edges = simd.min_f32s(edges, simd.splat_f32s(limit));
    let float = simd.add_f32s(edges, simd.splat_f32s(WHOLE));
    simd.and_u32s(simd.transmute_u32s_f32s(float), simd.splat_u32s(WHOLE_BITS))
}

impl Few {
    const NONE: Self = Self {
        count: 0,
        at: [0; LANES],
        right: [0.0; LANES],
        below: [0.0; LANES],
        outward: [0.0; LANES],
    };

    #[inline(always)]
    fn add(&mut self, at: u32, from: Vec2, outward: f32) {
        self.at[self.count] = at;
        self.right[self.count] = from.x;
        self.below[self.count] = from.y;
        self.outward[self.count] = outward;
        self.count += 1;
    }
}

impl Shading<'_> {
    /// Shades `length` pixels of a row, of which `pixels` has some more, the first of them `from` the
    /// corner.
    #[inline(always)]
    fn shade_row<S: Simd>(
        &self,
        simd: S,
        from: Vec2,
        length: usize,
        columns: &[f32],
        row: f32,
        pixels: &mut [u32],
    ) {
        let [numbers, ..] = S::as_simd_f32s(&NUMBERS).0 else {
            return;
        };
        let start = self.start + self.step * from.x + self.down * from.y;
        let chunks = S::as_mut_simd_u32s(pixels).0.iter_mut();
        let columns = S::as_simd_f32s(columns).0;
        let mut first = 0;
        for (pixels, column) in chunks.zip(columns) {
            if first >= length {
                break;
            }
            let number = simd.add_f32s(*numbers, simd.splat_f32s(first as f32));
            let x = line(simd, number, self.step.x, start.x);
            let y = line(simd, number, self.step.y, start.y);
            let coverage = line(simd, number, self.step.z, start.z);
            let light = line(simd, number, self.step.w, start.w);
            let outward = simd.add_f32s(*column, simd.splat_f32s(row));
            let laid = self.laid(simd, [x, y, coverage, light], outward, *pixels);
            // What lies past the end of the row is left as it is.
            let inside = simd.less_than_f32s(number, simd.splat_f32s(length as f32));
            *pixels = simd.select_u32s(inside, laid, *pixels);
            first += S::F32_LANES;
        }
    }

    /// Shades pixels that are scattered, and forgets them.
    #[inline(always)]
    fn shade_few<S: Simd>(&self, simd: S, few: &mut Few, pixels: &mut [u32]) {
        let ([right, ..], [below, ..], [outward, ..]) = (
            S::as_simd_f32s(&few.right).0,
            S::as_simd_f32s(&few.below).0,
            S::as_simd_f32s(&few.outward).0,
        ) else {
            return;
        };
        let x = self.plane(simd, *right, *below, 0);
        let y = self.plane(simd, *right, *below, 1);
        let coverage = self.plane(simd, *right, *below, 2);
        let light = self.plane(simd, *right, *below, 3);
        let mut own = [0; LANES];
        for (own, at) in own.iter_mut().zip(&few.at[..few.count]) {
            *own = pixels[*at as usize];
        }
        if let [own, ..] = S::as_mut_simd_u32s(&mut own).0 {
            *own = self.laid(simd, [x, y, coverage, light], *outward, *own);
        }
        for (own, at) in own.iter().zip(&few.at[..few.count]) {
            pixels[*at as usize] = *own;
        }
        few.count = 0;
    }

    /// One of the numbers of the surface, so far from the corner.
    #[inline(always)]
    fn plane<S: Simd>(&self, simd: S, right: S::f32s, below: S::f32s, axis: usize) -> S::f32s {
        let start = line(simd, below, self.down[axis], self.start[axis]);
        simd.mul_add_e_f32s(right, simd.splat_f32s(self.step[axis]), start)
    }

    /// The pixels `below` with those of this surface over them.
    #[inline(always)]
    fn laid<S: Simd>(
        &self,
        simd: S,
        [x, y, coverage, light]: [S::f32s; 4],
        outward: S::f32s,
        below: S::u32s,
    ) -> S::u32s {
        let Lit {
            shaded,
            warm,
            along,
            both,
        } = self.lit;
        let place = if both.w > 0.5 {
            simd.sqrt_f32s(simd.mul_add_e_f32s(x, x, simd.mul_f32s(y, y)))
        } else {
            x
        };
        let progress = within(simd, simd.add_f32s(place, simd.splat_f32s(warm.w)));
        let light = smooth(simd, light);
        let opacity = line(simd, progress, along.w, shaded.w);
        let alpha = within(simd, simd.mul_f32s(opacity, coverage));
        let bright = line(simd, smooth(simd, outward), -self.vignette, 1.0);
        let over = simd.mul_f32s(alpha, simd.splat_f32s(255.0));
        let shine = simd.mul_f32s(over, bright);
        let kept = simd.sub_f32s(simd.splat_f32s(1.0), alpha);

        let opaque = simd.mul_add_e_f32s(channel(simd, below, 24), kept, over);
        let mut laid = placed(simd, opaque, 24);
        // Red, green and blue.
        for (axis, shift) in [16, 8, 0].into_iter().enumerate() {
            let start = line(simd, light, warm[axis], shaded[axis]);
            let rise = line(simd, light, both[axis], along[axis]);
            let color = simd.mul_add_e_f32s(progress, rise, start);
            let under = simd.mul_f32s(channel(simd, below, shift), kept);
            let mixed = simd.mul_add_e_f32s(color, shine, under);
            laid = simd.or_u32s(laid, placed(simd, mixed, shift));
        }
        laid
    }
}

/// `x * slope + start`.
#[inline(always)]
fn line<S: Simd>(simd: S, x: S::f32s, slope: f32, start: f32) -> S::f32s {
    simd.mul_add_e_f32s(x, simd.splat_f32s(slope), simd.splat_f32s(start))
}

/// What is nearest from 0 to 1.
#[inline(always)]
fn within<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    simd.min_f32s(simd.max_f32s(x, simd.splat_f32s(0.0)), simd.splat_f32s(1.0))
}

/// A smooth step from 0 to 1.
#[inline(always)]
fn smooth<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let t = within(simd, x);
    simd.mul_f32s(simd.mul_f32s(t, t), line(simd, t, -2.0, 3.0))
}

/// The byte of each pixel that is `shift` bits up.
#[inline(always)]
fn channel<S: Simd>(simd: S, pixels: S::u32s, shift: u32) -> S::f32s {
    let shifted = simd.wrapping_dyn_shr_u32s(pixels, simd.splat_u32s(shift));
    let byte = simd.and_u32s(shifted, simd.splat_u32s(255));
    let float = simd.or_u32s(byte, simd.splat_u32s(WHOLE.to_bits()));
    simd.sub_f32s(simd.transmute_f32s_u32s(float), simd.splat_f32s(WHOLE))
}

/// The nearest byte, `shift` bits up in a pixel.
#[inline(always)]
fn placed<S: Simd>(simd: S, value: S::f32s, shift: u32) -> S::u32s {
    let float = simd.transmute_u32s_f32s(simd.add_f32s(value, simd.splat_f32s(WHOLE)));
    let byte = simd.and_u32s(float, simd.splat_u32s(255));
    simd.wrapping_dyn_shl_u32s(byte, simd.splat_u32s(shift))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: [u32; 2] = [90, 300];

    /// The bytes of a picture of triangles with corners in pixels, all of one paint.
    fn drawn(corners: &[[f32; 2]], triangles: &[[u32; 3]], lit: Lit) -> Vec<u32> {
        let [width, height] = SIZE.map(|side| side as usize);
        let posed: Vec<Posed> = corners
            .iter()
            .map(|[x, y]| Posed {
                place: [
                    x / width as f32 * 2.0 - 1.0,
                    1.0 - y / height as f32 * 2.0,
                    0.0,
                    0.0,
                ],
                coverage: 1.0,
                light: 0.0,
                lit: 0,
            })
            .collect();
        let figures = Figures {
            posed: &posed,
            lit: &[lit],
            vignette: 0.0,
        };
        let raster = Raster::new(SIZE);
        let places = raster.places(&posed);
        let mut band = raster.band();
        let mut picture = Vec::new();
        let in_bands = raster.in_bands(&places, triangles);
        for (number, triangles) in in_bands.iter().enumerate() {
            band.draw(number, &raster, &places, triangles, &figures);
            for row in band.pixels.chunks_exact(band.stride) {
                assert!(row[width..].iter().all(|pixel| *pixel == 0));
                picture.extend(&row[..width]);
            }
        }
        picture.truncate(width * height);
        picture
    }

    /// Half of white.
    fn veil() -> Lit {
        Lit {
            shaded: vec4(1.0, 1.0, 1.0, 0.5),
            warm: Vec4::ZERO,
            along: Vec4::ZERO,
            both: Vec4::ZERO,
        }
    }

    #[test]
    fn a_pixel_is_covered_whose_middle_lies_inside() {
        let corners = [[10.0, 20.0], [30.0, 20.0], [30.0, 40.0], [10.0, 40.0]];
        let picture = drawn(&corners, &[[0, 1, 2], [2, 3, 0]], veil());
        for (index, pixel) in picture.iter().enumerate() {
            let (x, y) = (index % 90, index / 90);
            let inside = (10..30).contains(&x) && (20..40).contains(&y);
            assert_eq!(*pixel, if inside { 0x8080_8080 } else { 0 }, "{x} {y}");
        }
    }

    #[test]
    fn paint_runs_along_its_gradient_and_lies_over_what_is_there() {
        let mut band = Raster::new(SIZE).band();
        band.pixels[..LANES].fill(0xff00_00ff);
        let lit = Lit {
            shaded: vec4(0.0, 0.0, 0.0, 1.0),
            warm: Vec4::ZERO,
            along: vec4(1.0, 0.0, 0.0, -1.0),
            both: Vec4::ZERO,
        };
        let shading = Shading {
            lit: &lit,
            start: vec4(0.0, 0.0, 1.0, 0.0),
            step: vec4(0.5, 0.0, 0.0, 0.0),
            down: Vec4::ZERO,
            vignette: 0.0,
        };
        let columns = [0.0; LANES];
        let row = |simd: pulp::Scalar, pixels: &mut [u32]| {
            shading.shade_row(simd, Vec2::ZERO, 3, &columns, 0.0, pixels);
        };
        row(pulp::Scalar::new(), &mut band.pixels);
        // Opaque black, half of red over blue, nothing over blue, and what lies past the end.
        let expected = [0xff00_0000, 0xff40_0080, 0xff00_00ff, 0xff00_00ff];
        assert_eq!(band.pixels[..4], expected);
    }

    proptest! {
        #[test]
        fn triangles_that_share_edges_leave_no_gap_and_draw_nothing_twice(
            middle in (5.0..85.0_f32, 5.0..295.0_f32),
            turn in 0.0..1.0_f32,
            count in 3_u32..40,
        ) {
            // A fan whose rim lies outside of the picture.
            let mut corners = vec![[middle.0, middle.1]];
            corners.extend((0..count).map(|spoke| {
                let angle = (spoke as f32 + turn) / count as f32 * std::f32::consts::TAU;
                [middle.0 + 900.0 * angle.cos(), middle.1 + 900.0 * angle.sin()]
            }));
            let fan: Triangles = (0..count)
                .map(|spoke| [0, spoke + 1, (spoke + 1) % count + 1])
                .collect();
            let picture = drawn(&corners, &fan, veil());
            prop_assert!(picture.iter().all(|pixel| *pixel == 0x8080_8080));
        }

        #[test]
        fn whatever_the_corners_are_nothing_is_drawn_outside(
            corners in proptest::array::uniform3(proptest::array::uniform2(proptest::num::f32::ANY)),
        ) {
            drawn(&corners, &[[0, 1, 2]], veil());
        }
    }
}
