//! NVIDIA's video encoder (NVENC), loaded at run time: a program that uses this crate starts
//! on machines without an NVIDIA driver and learns there, as an ordinary error, what is missing.
//!
//! [`Device::open`] loads the CUDA driver and the encode library, negotiates the interface version
//! and opens an H.264 session. Only an opened session proves that a device encodes: the A100, H100
//! and H200 load the library and have no encoder. [`Session`] encodes.
//!
//! ```
//! match nvenc_sys::probe() {
//!     Ok(found) => println!("{} encodes H.264", found.device),
//!     Err(reason) => println!("NVENC is not used: {reason}"),
//! }
//! ```

// Calling a driver through function pointers of its own is what this crate is for; each block
// says why it is sound.
#![allow(unsafe_code)]

#[expect(
    missing_docs,
    reason = "the names are those of the header, which documents them"
)]
pub mod abi;
mod device;
mod error;
mod library;
mod session;
mod shared;

pub use device::{Device, Probe, probe, probe_with};
pub use error::{Answer, ApiVersion, NvencError};
pub use library::Libraries;
pub use session::{EncodedPicture, Preset, Session, SessionSettings};
pub use shared::{PictureLayout, SharedMemory, SharedPictures};
