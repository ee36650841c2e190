//! What the benchmarks share: the conversion of a picture, as the renderer does it on the CPU,
//! the scoring of the networks, and the memory that was taken.

pub mod evaluate;
pub mod memory;

use fabula_render::Picture;
use yuv::{
    YuvConversionMode, YuvError, YuvPlanarImageMut, YuvRange, YuvStandardMatrix, rgba_to_yuv420,
};

/// An empty frame of planar YUV 4:2:0, to be filled by [`convert`].
pub fn empty_planes(width: u32, height: u32) -> YuvPlanarImageMut<'static, u8> {
    YuvPlanarImageMut::alloc(width, height, yuv::YuvChromaSubsampling::Yuv420)
}

/// RGBA to I420, BT.709 in limited range: the renderer's own way with software GPUs.
pub fn convert(picture: &Picture, planes: &mut YuvPlanarImageMut<'_, u8>) -> Result<(), YuvError> {
    rgba_to_yuv420(
        planes,
        &picture.rgba,
        picture.width * 4,
        YuvRange::Limited,
        YuvStandardMatrix::Bt709,
        YuvConversionMode::Balanced,
    )
}
