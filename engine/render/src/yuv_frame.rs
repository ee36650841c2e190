//! BGRA to planar YUV 4:2:0: on a GPU by a compute shader, on a software one by SIMD code, where
//! the compute pass would cost ten times as much. Each is the other's test.

use bytemuck::{Pod, Zeroable};
use yuv::{
    BufferStoreMut, YuvConversionMode, YuvPlanarImageMut, YuvRange, YuvStandardMatrix,
    bgra_to_yuv420,
};

use crate::RenderError;
use crate::art::own_shader;
use crate::gpu::Gpu;
use crate::picture::FrameSize;
use crate::shared::PictureOnGpu;

/// A frame for an encoder: planar YUV 4:2:0 (I420), BT.709, limited range.
#[derive(Debug)]
pub struct YuvFrame<'a> {
    /// Number of the frame in the film.
    pub index: u64,
    /// Size of the Y plane; U and V have half of both sides.
    pub size: FrameSize,
    /// `width * height` bytes of Y, then `width / 2 * height / 2` of U and as many of V. Another
    /// buffer may be left in its place. Nothing of the frame is here if it lies on the GPU.
    pub planes: &'a mut Vec<u8>,
    /// Where the frame lies on the GPU, if it was left there.
    pub on_gpu: Option<PictureOnGpu>,
}

/// How pixels become YUV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum YuvPath {
    /// A compute shader on the GPU; 1.5 bytes a pixel are read back.
    Compute,
    /// SIMD code on the CPU; 4 bytes a pixel are read back.
    Simd,
}

impl YuvPath {
    pub fn best_for(gpu: &Gpu) -> Self {
        if gpu.is_software() {
            Self::Simd
        } else {
            Self::Compute
        }
    }
}

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Sizes {
    size: [u32; 2],
    y_stride_words: u32,
    interleaved: u32,
}

/// Turns a texture into bytes in a buffer that can be read back.
pub(crate) struct Converter {
    size: FrameSize,
    kind: Kind,
}

enum Kind {
    Simd,
    Compute {
        pass: YuvPass,
        group: wgpu::BindGroup,
        planes: wgpu::Buffer,
    },
}

/// How chroma lies behind luma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chroma {
    /// A plane of U and one of V: I420.
    Planar,
    /// Pairs of U and V: NV12.
    Interleaved,
}

/// The compute pass that turns a picture into YUV.
pub(crate) struct YuvPass {
    pipeline: wgpu::ComputePipeline,
    sizes: wgpu::Buffer,
    /// Bytes from one row of luma to the next.
    stride: u32,
    height: u32,
}

/// Bytes between the beginnings of two rows of pixels in a buffer.
fn pixel_stride(width: u32) -> u32 {
    (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT)
}

impl Converter {
    pub fn new(
        gpu: &Gpu,
        path: YuvPath,
        size: FrameSize,
        source: &wgpu::TextureView,
    ) -> Result<Self, RenderError> {
        let kind = match path {
            YuvPath::Simd => Kind::Simd,
            YuvPath::Compute => compute(gpu, size, source)?,
        };
        Ok(Self { size, kind })
    }

    /// Bytes that a staging buffer needs.
    pub fn staging_bytes(&self) -> u64 {
        match &self.kind {
            Kind::Simd => {
                u64::from(pixel_stride(self.size.width())) * u64::from(self.size.height())
            }
            Kind::Compute { planes, .. } => planes.size(),
        }
    }

    /// Records the work on the device, from `texture` to `staging`.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        texture: &wgpu::Texture,
        staging: &wgpu::Buffer,
    ) {
        match &self.kind {
            Kind::Simd => {
                copy_pixels(
                    encoder,
                    texture,
                    staging,
                    [self.size.width(), self.size.height()],
                );
            }
            Kind::Compute {
                pass,
                group,
                planes,
            } => {
                pass.record(encoder, group);
                encoder.copy_buffer_to_buffer(planes, 0, staging, 0, planes.size());
            }
        }
    }

    /// Does what is left to do on the CPU: from the mapped bytes of a staging buffer to `frame`.
    pub fn finish(&self, mapped: &[u8], frame: &mut YuvPlanes) -> Result<(), RenderError> {
        match &self.kind {
            Kind::Simd => bgra_to_planes(mapped, pixel_stride(self.size.width()), frame),
            Kind::Compute { pass, .. } => {
                let (stride, height) = (pass.stride as usize, self.size.height() as usize);
                let (y, rest) = mapped.split_at(stride * height);
                let (u, v) = rest.split_at(stride * height / 4);
                let width = self.size.width() as usize;
                let [to_y, to_u, to_v] = frame.each();
                unpad(y, stride, to_y, width);
                unpad(u, stride / 2, to_u, width / 2);
                unpad(v, stride / 2, to_v, width / 2);
                Ok(())
            }
        }
    }
}

/// Records the copy of a texture's pixels to a buffer with rows of [`pixel_stride`] bytes.
fn copy_pixels(
    encoder: &mut wgpu::CommandEncoder,
    texture: &wgpu::Texture,
    staging: &wgpu::Buffer,
    [width, height]: [u32; 2],
) {
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: staging,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(pixel_stride(width)),
                rows_per_image: None,
            },
        },
        wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
    );
}

/// The three planes of a frame, one after the other and without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YuvPlanes {
    size: FrameSize,
    bytes: Vec<u8>,
}

impl YuvPlanes {
    pub fn new(size: FrameSize) -> Self {
        Self {
            size,
            bytes: Vec::new(),
        }
    }

    pub fn frame(&mut self, index: u64) -> YuvFrame<'_> {
        YuvFrame {
            index,
            size: self.size,
            planes: &mut self.bytes,
            on_gpu: None,
        }
    }

    /// Y, U and V.
    fn each(&mut self) -> [&mut [u8]; 3] {
        let pixels = self.size.width() as usize * self.size.height() as usize;
        self.bytes.resize(pixels + pixels / 2, 0);
        let (y, rest) = self.bytes.split_at_mut(pixels);
        let (u, v) = rest.split_at_mut(pixels / 4);
        [y, u, v]
    }
}

fn bgra_to_planes(bgra: &[u8], stride: u32, planes: &mut YuvPlanes) -> Result<(), RenderError> {
    let (width, height) = (planes.size.width(), planes.size.height());
    let [y, u, v] = planes.each();
    let mut image = YuvPlanarImageMut {
        y_plane: BufferStoreMut::Borrowed(y),
        y_stride: width,
        u_plane: BufferStoreMut::Borrowed(u),
        u_stride: width / 2,
        v_plane: BufferStoreMut::Borrowed(v),
        v_stride: width / 2,
        width,
        height,
    };
    bgra_to_yuv420(
        &mut image,
        bgra,
        stride,
        YuvRange::Limited,
        YuvStandardMatrix::Bt709,
        YuvConversionMode::Balanced,
    )
    .map_err(|error| RenderError::Lost(error.to_string()))
}

fn unpad(source: &[u8], stride: usize, target: &mut [u8], width: usize) {
    for (from, to) in source
        .chunks_exact(stride)
        .zip(target.chunks_exact_mut(width))
    {
        to.copy_from_slice(&from[..width]);
    }
}

fn compute(gpu: &Gpu, size: FrameSize, source: &wgpu::TextureView) -> Result<Kind, RenderError> {
    // Whole words in rows of U and V.
    let stride = size.width().next_multiple_of(8);
    let pass = YuvPass::new(gpu, size, stride, Chroma::Planar)?;
    let planes = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("yuv planes"),
        size: pass.bytes().next_multiple_of(4),
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    Ok(Kind::Compute {
        group: pass.group(gpu, source, &planes),
        pass,
        planes,
    })
}

impl YuvPass {
    /// `stride` is the bytes from one row of luma to the next, a multiple of 8.
    pub fn new(
        gpu: &Gpu,
        size: FrameSize,
        stride: u32,
        chroma: Chroma,
    ) -> Result<Self, RenderError> {
        let device = &gpu.device;
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("yuv"),
            source: wgpu::ShaderSource::Wgsl(own_shader("yuv")?.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("yuv"),
            layout: None,
            module: &module,
            entry_point: Some("convert"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let sizes = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("yuv sizes"),
            size: size_of::<Sizes>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let value = Sizes {
            size: [size.width(), size.height()],
            y_stride_words: stride / 4,
            interleaved: u32::from(chroma == Chroma::Interleaved),
        };
        gpu.queue
            .write_buffer(&sizes, 0, bytemuck::bytes_of(&value));
        Ok(Self {
            pipeline,
            sizes,
            stride,
            height: size.height(),
        })
    }

    /// Bytes of a picture.
    pub fn bytes(&self) -> u64 {
        u64::from(self.stride) * u64::from(self.height) * 3 / 2
    }

    /// From `source` to `planes`.
    pub fn group(
        &self,
        gpu: &Gpu,
        source: &wgpu::TextureView,
        planes: &wgpu::Buffer,
    ) -> wgpu::BindGroup {
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("yuv"),
            layout: &self.pipeline.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: self.sizes.as_entire_binding(),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(source),
                },
                wgpu::BindGroupEntry {
                    binding: 2,
                    resource: planes.as_entire_binding(),
                },
            ],
        })
    }

    pub fn record(&self, encoder: &mut wgpu::CommandEncoder, group: &wgpu::BindGroup) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some("yuv"),
            timestamp_writes: None,
        });
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, group, &[]);
        pass.dispatch_workgroups(
            (self.stride / 8).div_ceil(8),
            (self.height / 2).div_ceil(8),
            1,
        );
    }
}

/// Reads the pixels of a texture as RGBA, and waits for them.
pub(crate) fn read_rgba(
    gpu: &Gpu,
    texture: &wgpu::Texture,
    [width, height]: [u32; 2],
) -> Result<Vec<u8>, RenderError> {
    let row = width as usize * 4;
    let mut pixels = vec![0; row * height as usize];
    read_pixels(gpu, texture, [width, height], |mapped, stride| {
        unpad(mapped, stride, &mut pixels, row);
    })?;
    for [b, _, r, _] in pixels.as_chunks_mut().0 {
        std::mem::swap(b, r);
    }
    Ok(pixels)
}

/// Waits for the pixels of a texture and hands them over as they lie: BGRA, and the bytes from one
/// row to the next.
pub(crate) fn read_pixels<T>(
    gpu: &Gpu,
    texture: &wgpu::Texture,
    [width, height]: [u32; 2],
    read: impl FnOnce(&[u8], usize) -> T,
) -> Result<T, RenderError> {
    let stride = pixel_stride(width) as usize;
    let staging = staging_buffer(gpu, (stride * height as usize) as u64);
    let mut encoder = gpu
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor {
            label: Some("read"),
        });
    copy_pixels(&mut encoder, texture, &staging, [width, height]);
    let submission = gpu.queue.submit([encoder.finish()]);
    let pending = PendingMap::begin(&staging);
    pending.wait(gpu, submission)?;
    Ok(read(&staging.slice(..).get_mapped_range(), stride))
}

pub(crate) fn staging_buffer(gpu: &Gpu, size: u64) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("staging"),
        size,
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// A buffer on its way to being mapped.
pub(crate) struct PendingMap {
    result: std::sync::mpsc::Receiver<Result<(), wgpu::BufferAsyncError>>,
}

impl PendingMap {
    pub fn begin(buffer: &wgpu::Buffer) -> Self {
        let (sender, result) = std::sync::mpsc::sync_channel(1);
        buffer
            .slice(..)
            .map_async(wgpu::MapMode::Read, move |outcome| {
                // Nobody waits any more when an export was given up.
                let _ = sender.send(outcome);
            });
        Self { result }
    }

    pub fn wait(&self, gpu: &Gpu, submission: wgpu::SubmissionIndex) -> Result<(), RenderError> {
        gpu.wait_for(submission)?;
        self.result
            .recv()
            .map_err(|error| RenderError::Lost(error.to_string()))?
            .map_err(|error| RenderError::Lost(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::GpuChoice;
    use crate::layer::Target;

    /// A picture with gradients, edges and all corners of the colour cube.
    fn test_picture(size: FrameSize) -> Vec<u8> {
        let (width, height) = (size.width(), size.height());
        let mut bgra = Vec::with_capacity((width * height * 4) as usize);
        for y in 0..height {
            for x in 0..width {
                let edge = if (x / 6 + y / 6) % 2 == 0 { 255 } else { 0 };
                bgra.extend([(x * 255 / width) as u8, (y * 255 / height) as u8, edge, 255]);
            }
        }
        bgra
    }

    fn convert(gpu: &Gpu, path: YuvPath, size: FrameSize, bgra: &[u8]) -> YuvPlanes {
        let target = Target::new(gpu, [size.width(), size.height()], "test");
        gpu.queue.write_texture(
            target.texture.as_image_copy(),
            bgra,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(size.width() * 4),
                rows_per_image: None,
            },
            target.texture.size(),
        );
        let converter = Converter::new(gpu, path, size, &target.view).unwrap();
        let staging = staging_buffer(gpu, converter.staging_bytes());
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        converter.record(&mut encoder, &target.texture, &staging);
        let submission = gpu.queue.submit([encoder.finish()]);
        PendingMap::begin(&staging).wait(gpu, submission).unwrap();
        let mut planes = YuvPlanes::new(size);
        converter
            .finish(&staging.slice(..).get_mapped_range(), &mut planes)
            .unwrap();
        planes
    }

    #[test]
    fn the_compute_shader_and_the_simd_code_agree() {
        let gpu = match Gpu::open(&GpuChoice::Auto) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        // Widths that are no multiples of the shader's blocks are the hard ones.
        for (width, height) in [(64, 32), (66, 18), (318, 178), (1080, 64), (16, 16)] {
            let size = FrameSize::new(width, height).unwrap();
            let bgra = test_picture(size);
            let mut a = convert(&gpu, YuvPath::Compute, size, &bgra);
            let mut b = convert(&gpu, YuvPath::Simd, size, &bgra);
            let planes = ["y", "u", "v"].into_iter().zip(a.each()).zip(b.each());
            for ((name, a), b) in planes {
                let worst = a.iter().zip(&*b).map(|(a, b)| a.abs_diff(*b)).max();
                // Fixed point against floating point: both round, at most one step apart each.
                assert!(worst <= Some(2), "{width}x{height} {name}: {worst:?}");
            }
        }
    }

    #[test]
    fn black_white_and_red_have_the_values_of_bt_709() {
        let size = FrameSize::new(16, 16).unwrap();
        let cases = [
            ([0u8, 0, 0], [16u8, 128, 128]),
            ([255, 255, 255], [235, 128, 128]),
            ([255, 0, 0], [63, 102, 240]),
        ];
        for ([r, g, b], expected) in cases {
            let bgra: Vec<u8> = std::iter::repeat_n([b, g, r, 255], 256).flatten().collect();
            let mut planes = YuvPlanes::new(size);
            bgra_to_planes(&bgra, 64, &mut planes).unwrap();
            for (actual, expected) in planes.each().map(|plane| plane[0]).iter().zip(expected) {
                assert!(
                    actual.abs_diff(expected) <= 1,
                    "{r} {g} {b}: {actual} {expected}"
                );
            }
        }
    }
}
