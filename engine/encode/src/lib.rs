//! H.264 encoders behind one trait, and the MP4 file they fill.
//!
//! Pictures come in as [`I420`], an [`Encoder`] turns them into [`Packet`]s, and [`Mp4Writer`]
//! streams those into a film that appears under its name only when it is whole. Both keep flat
//! memory: a packet is written as soon as it exists, and only the sample table grows, by four
//! bytes a frame. A film may be cut into [`Segment`]s that stand alone; those that are finished
//! outlast a run that is broken off, and the next one takes them over.
//!
//! ```
//! use fabula_encode::{
//!     EncoderChoice, FilmSettings, I420, Mp4Writer, Quality, VideoSettings, open,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("film.mp4");
//! let settings = VideoSettings::new(320, 240, 24, Quality::Standard);
//! let mut encoder = open(EncoderChoice::Auto, &settings)?.encoder;
//! let mut film = Mp4Writer::create(&path, &FilmSettings::new(24))?;
//! let (luma, chroma) = (vec![16; 320 * 240], vec![128; 160 * 120]);
//! for index in 0..24 {
//!     let picture = I420::new(320, 240, &luma, &chroma, &chroma)?;
//!     if let Some(packet) = encoder.encode(picture, index)? {
//!         film.write(&packet)?;
//!     }
//! }
//! for packet in encoder.finish()? {
//!     film.write(&packet)?;
//! }
//! assert_eq!(film.finish()?.frame_count, 24);
//! # Ok(())
//! # }
//! ```

mod encoder;
mod film;
mod i420;
mod moov;
mod mux;
mod nvenc;
mod openh264;
mod openh264_build;
mod segment;
mod settings;
#[cfg(any(target_os = "linux", windows))]
mod vulkan;
#[cfg(not(any(target_os = "linux", windows)))]
#[path = "vulkan_absent.rs"]
mod vulkan;
mod work;

pub use encoder::{
    Again, CUDA_LIBRARY_VARIABLE, Drivers, EncodeError, Encoder, EncoderChoice, EncoderReport,
    Encoders, NVENC_LIBRARY_VARIABLE, Opened, Packet, PictureOnGpu, VULKAN_LIBRARY_VARIABLE,
    encoders, open,
};
pub use film::{
    FilmSettings, FilmSummary, Mp4Error, Mp4Writer, discard_begun, finished_film, is_begun,
};
pub use i420::I420;
pub use moov::Chapter;
pub use nvenc_sys::{Libraries, PictureLayout, SharedMemory};
pub use segment::{Segment, SegmentId};
pub use settings::{Quality, VideoSettings};
