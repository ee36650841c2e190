//! Pictures that stand behind the actors and are not drawn here: whoever draws a film hands them
//! over, from files, from cameras or from anywhere else.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use fabula_story::StreamUrl;
use glam::{Vec2, Vec4, vec2, vec4};
use sha2::{Digest, Sha256};

use crate::RenderError;
use crate::camera::{Camera, Rect};
use crate::gpu::Gpu;
use crate::picture::Picture;
use crate::set::SetLayouts;

/// Where the pictures of textured backdrops come from.
///
/// They are asked for when they are drawn, so that a film with many of them needs no more memory
/// than one with two.
pub trait BackdropSource: Send + Sync {
    /// The picture of this name, as [`Backdrop::file`](fabula_story::Backdrop::file) has it.
    /// The same `Arc` says that it is still the same picture.
    ///
    /// # Errors
    /// If there is none: [`RenderError::Backdrop`].
    fn picture(&self, file: &str) -> Result<Arc<BackdropPicture>, RenderError>;

    /// A digest of the picture's content. Pictures with the same digest are the same; nothing
    /// means that there is none.
    fn digest(&self, file: &str) -> Option<[u8; 32]>;
}

/// Pictures in memory, by name.
impl BackdropSource for BTreeMap<String, Arc<BackdropPicture>> {
    fn picture(&self, file: &str) -> Result<Arc<BackdropPicture>, RenderError> {
        self.get(file).cloned().ok_or_else(|| missing(file))
    }

    fn digest(&self, file: &str) -> Option<[u8; 32]> {
        self.get(file).map(|picture| picture.digest())
    }
}

/// The error for a picture that nobody handed over.
pub(crate) fn missing(file: &str) -> RenderError {
    RenderError::Backdrop {
        file: file.to_owned(),
        cause: "nobody handed it over; render the storyboard from the folder that it lies in, or \
                give the scene another backdrop"
            .to_owned(),
    }
}

/// Where the pictures of live backdrops come from.
pub trait CameraSource: Send {
    /// The picture that stands behind the actors when the film is drawn at `film_s`, in seconds
    /// from its start. The same `Arc` says that it is still the same picture.
    ///
    /// # Errors
    /// If there is none: [`RenderError::Camera`].
    fn picture(
        &mut self,
        camera: &StreamUrl,
        film_s: f64,
    ) -> Result<Arc<BackdropPicture>, RenderError>;
}

/// The error for a camera that nobody receives.
pub(crate) fn unreceived() -> RenderError {
    RenderError::Camera(
        "a scene shows a camera, and cameras are not received here; make the film with `fabula \
         render`, or give the scene another backdrop"
            .to_owned(),
    )
}

/// A picture made ready to stand behind actors, opaque and in every size down to a pixel.
#[derive(Debug)]
pub struct BackdropPicture {
    /// Each half as large as the one before, RGBA.
    levels: Vec<Picture>,
    /// Mean brightness, 0 to 1.
    brightness: f32,
}

impl BackdropPicture {
    /// Longer sides are of no use to the largest film.
    const LONGEST_SIDE_PX: u32 = 4096;
    /// What shows through transparent parts: the colour of paper.
    const PAPER: [u8; 3] = [240, 233, 220];

    /// Makes a picture ready.
    ///
    /// # Errors
    /// If it has no pixels, or not as many as it says.
    pub fn new(picture: Picture) -> Result<Self, RenderError> {
        let Picture { width, height, .. } = picture;
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 || picture.rgba.len() as u64 != pixels * 4 {
            return Err(RenderError::Backdrop {
                file: format!("of {width}x{height} pixels"),
                cause: format!("it has {} bytes of them", picture.rgba.len()),
            });
        }
        let mut picture = picture;
        for pixel in picture.rgba.chunks_exact_mut(4) {
            let alpha = u32::from(pixel[3]);
            for (channel, paper) in pixel.iter_mut().zip(Self::PAPER) {
                let mixed = u32::from(*channel) * alpha + u32::from(paper) * (255 - alpha);
                *channel = ((mixed + 127) / 255) as u8;
            }
            pixel[3] = 255;
        }
        while picture.width.max(picture.height) > Self::LONGEST_SIDE_PX {
            picture = halved(&picture);
        }
        let mut levels = vec![picture];
        while let Some(last) = levels.last()
            && last.width.max(last.height) > 1
        {
            levels.push(halved(last));
        }
        let mean = levels
            .last()
            .and_then(|mean| mean.rgba.first_chunk())
            .map_or([0.0; 3], |[r, g, b]| [*r, *g, *b].map(f32::from));
        Ok(Self {
            brightness: luminance(mean),
            levels,
        })
    }

    /// Makes the opaque picture of a camera ready, for one frame of a film: it is quick, and for
    /// films that are not much smaller than the picture.
    ///
    /// # Errors
    /// If it has no pixels, not as many as it says, or is larger than the largest film.
    pub fn of_camera(picture: Picture) -> Result<Self, RenderError> {
        /// A mean needs no more pixels than one in so many.
        const SAMPLED: usize = 61;
        let Picture { width, height, .. } = picture;
        let pixels = u64::from(width) * u64::from(height);
        let fits = width.max(height) <= Self::LONGEST_SIDE_PX;
        if pixels == 0 || picture.rgba.len() as u64 != pixels * 4 || !fits {
            return Err(RenderError::Camera(format!(
                "a camera's picture of {width}x{height} pixels cannot stand behind the actors; \
                 choose another stream in its settings"
            )));
        }
        let (mut sum, mut count) = ([0u64; 3], 0);
        for pixel in picture.rgba.chunks_exact(4).step_by(SAMPLED) {
            for (sum, channel) in sum.iter_mut().zip(pixel) {
                *sum += u64::from(*channel);
            }
            count += 1;
        }
        Ok(Self {
            brightness: luminance(sum.map(|sum| sum as f32 / count as f32)),
            levels: vec![picture],
        })
    }

    /// A digest of all pixels.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        if let Some(picture) = self.levels.first() {
            digest.update(picture.width.to_le_bytes());
            digest.update(&picture.rgba);
        }
        digest.finalize().into()
    }
}

/// Brightness of a colour with channels up to 255, 0 to 1.
fn luminance([r, g, b]: [f32; 3]) -> f32 {
    (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255.0
}

/// The same picture with half as many columns and rows, rounded down as mip levels are; each pixel
/// is the mean of those that it stands for.
fn halved(picture: &Picture) -> Picture {
    let (width, height) = ((picture.width / 2).max(1), (picture.height / 2).max(1));
    // Of an odd number of pixels, neighbours share one.
    let covered =
        |at: u32, of: u32, halves: u32| at * of / halves..((at + 1) * of).div_ceil(halves);
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height {
        let rows = covered(y, picture.height, height);
        for x in 0..width {
            let columns = covered(x, picture.width, width);
            let mut sum = [0u32; 4];
            for row in rows.clone() {
                let first = (row * picture.width + columns.start) as usize * 4;
                let pixels = &picture.rgba[first..first + columns.len() * 4];
                for (at, channel) in pixels.iter().enumerate() {
                    sum[at % 4] += u32::from(*channel);
                }
            }
            let count = (rows.len() * columns.len()) as u32;
            rgba.extend(sum.map(|sum| ((sum + count / 2) / count) as u8));
        }
    }
    Picture {
        width,
        height,
        rgba,
    }
}

/// `Backdrop` of `shaders/sets/backdrop/textured.wgsl`.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct BackdropUniform {
    uv_from_set: Vec4,
    params: Vec4,
}

/// A picture on a device, laid out behind the stage.
#[derive(Debug)]
pub(crate) struct BackdropTexture {
    picture: RefCell<Arc<BackdropPicture>>,
    texture: wgpu::Texture,
    uniform: wgpu::Buffer,
    /// What of its plate it covers.
    pub area: Rect,
    pub group: wgpu::BindGroup,
}

impl BackdropTexture {
    /// Puts a picture on the device, to cover `area` of its plate.
    pub fn new(
        gpu: &Gpu,
        layouts: &SetLayouts,
        picture: &Arc<BackdropPicture>,
        area: Rect,
    ) -> Self {
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("backdrop"),
            size: sides(&picture.levels[0]),
            mip_level_count: picture.levels.len() as u32,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("backdrop"),
            size: size_of::<BackdropUniform>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        // Beyond its edges a picture goes on as in a mirror.
        let sampler = gpu.device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("backdrop"),
            address_mode_u: wgpu::AddressMode::MirrorRepeat,
            address_mode_v: wgpu::AddressMode::MirrorRepeat,
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            mipmap_filter: wgpu::MipmapFilterMode::Linear,
            ..wgpu::SamplerDescriptor::default()
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("backdrop"),
            layout: &layouts.backdrop,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: buffer.as_entire_binding(),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(&view),
                },
                wgpu::BindGroupEntry {
                    binding: 2,
                    resource: wgpu::BindingResource::Sampler(&sampler),
                },
            ],
        });
        let backdrop = Self {
            picture: RefCell::new(Arc::clone(picture)),
            texture,
            uniform: buffer,
            area,
            group,
        };
        backdrop.upload(gpu, picture);
        backdrop
    }

    /// Whether it shows this very picture.
    pub fn shows(&self, picture: &Arc<BackdropPicture>) -> bool {
        Arc::ptr_eq(&self.picture.borrow(), picture)
    }

    /// Whether another picture can take the place of the one that it shows.
    pub fn has_room_for(&self, picture: &BackdropPicture) -> bool {
        let shown = self.picture.borrow();
        let sizes = |picture: &BackdropPicture| {
            let first = &picture.levels[0];
            (first.width, first.height, picture.levels.len())
        };
        sizes(&shown) == sizes(picture)
    }

    /// Shows another picture, for which it [has room](Self::has_room_for), from the next drawing
    /// on.
    pub fn show(&self, gpu: &Gpu, picture: &Arc<BackdropPicture>) {
        if !self.shows(picture) {
            self.upload(gpu, picture);
            *self.picture.borrow_mut() = Arc::clone(picture);
        }
    }

    fn upload(&self, gpu: &Gpu, picture: &BackdropPicture) {
        for (mip_level, level) in (0..).zip(&picture.levels) {
            gpu.queue.write_texture(
                wgpu::TexelCopyTextureInfo {
                    mip_level,
                    ..self.texture.as_image_copy()
                },
                &level.rgba,
                wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(level.width * 4),
                    rows_per_image: None,
                },
                sides(level),
            );
        }
        let size = vec2(
            picture.levels[0].width as f32,
            picture.levels[0].height as f32,
        );
        let uniform = BackdropUniform {
            uv_from_set: uv_from_set(size, self.area),
            params: vec4(picture.brightness, 0.0, 0.0, 0.0),
        };
        gpu.queue
            .write_buffer(&self.uniform, 0, bytemuck::bytes_of(&uniform));
    }
}

fn sides(picture: &Picture) -> wgpu::Extent3d {
    wgpu::Extent3d {
        width: picture.width,
        height: picture.height,
        depth_or_array_layers: 1,
    }
}

/// What a picture behind actors covers of a plate at `depth`: all that is seen of it when everyone
/// is, in films of this aspect, and a little more for the camera to move.
pub(crate) fn covered_by_picture(depth: f32, aspect: f32) -> Rect {
    /// Half of a stage with four actors on it, in frame heights.
    const HALF_STAGE: f32 = 0.84;
    /// As far as narrow pictures step back.
    const FARTHEST: f32 = 0.6;
    const ROOM: f32 = 1.045;
    let zoom = (aspect / (2.0 * HALF_STAGE)).clamp(FARTHEST, 1.0);
    let camera = Camera {
        center: vec2(0.0, 0.5 / zoom),
        zoom,
    };
    let seen = camera.view(depth, aspect);
    Rect::around(seen.center(), seen.size() / 2.0 * ROOM)
}

/// Scale (xy) and offset (zw) that take a place of the set to a picture of this size, which covers
/// `area` whole and keeps its proportions.
fn uv_from_set(size_px: Vec2, area: Rect) -> Vec4 {
    /// Where it is too high, more of its ground is kept than of its sky.
    const CUT_BELOW: f32 = 0.35;
    let scale = (area.size() / size_px).max_element();
    let size = size_px * scale;
    let spare = size - area.size();
    let left = area.min.x - spare.x / 2.0;
    let top = area.max.y + spare.y * (1.0 - CUT_BELOW);
    let per = size.recip();
    vec4(per.x, -per.y, -left * per.x, top * per.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, height: u32, pixel: [u8; 4]) -> Picture {
        Picture {
            width,
            height,
            rgba: pixel.repeat((width * height) as usize),
        }
    }

    #[test]
    fn a_picture_keeps_its_colour_in_every_size() {
        for (width, height) in [(1, 1), (3, 2), (300, 7), (5000, 3)] {
            let picture = BackdropPicture::new(plain(width, height, [200, 100, 50, 255])).unwrap();
            let last = picture.levels.last().unwrap();
            assert_eq!((last.width, last.height), (1, 1));
            assert_eq!(last.rgba, [200, 100, 50, 255], "{width}x{height}");
            assert!(picture.levels[0].width <= BackdropPicture::LONGEST_SIDE_PX);
        }
    }

    #[test]
    fn what_is_transparent_shows_paper() {
        let picture = BackdropPicture::new(plain(2, 2, [0, 0, 0, 0])).unwrap();
        assert_eq!(picture.levels[0].rgba[..4], [240, 233, 220, 255]);
    }

    #[test]
    fn a_picture_without_its_pixels_is_refused() {
        let mut broken = plain(4, 4, [0; 4]);
        broken.rgba.pop();
        assert!(BackdropPicture::new(broken).is_err());
        assert!(BackdropPicture::new(plain(0, 4, [0; 4])).is_err());
    }

    #[test]
    fn pictures_of_any_shape_cover_the_film_and_keep_their_proportions() {
        let shapes = [vec2(4000.0, 3000.0), vec2(300.0, 900.0), vec2(900.0, 90.0)];
        for aspect in [16.0 / 9.0, 4.0 / 3.0, 1.0, 9.0 / 16.0] {
            let area = covered_by_picture(0.6, aspect);
            for size in shapes {
                let map = uv_from_set(size, area);
                let uv = |p: Vec2| p * vec2(map.x, map.y) + vec2(map.z, map.w);
                let corners = [
                    uv(vec2(area.min.x, area.max.y)),
                    uv(vec2(area.max.x, area.min.y)),
                ];
                for corner in corners {
                    assert!((corner.clamp(Vec2::ZERO, Vec2::ONE) - corner).length() < 1e-5);
                }
                let pixels = vec2(map.x, -map.y) * size;
                assert!(
                    (pixels.x / pixels.y - 1.0).abs() < 1e-5,
                    "{size} is stretched"
                );
            }
        }
    }
}
