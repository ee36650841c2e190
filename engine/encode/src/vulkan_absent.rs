//! In the place of Vulkan Video where it does not exist.

use std::convert::Infallible;
use std::ffi::OsStr;

use thiserror::Error;

use crate::{EncodeError, Encoder, I420, Packet, VideoSettings};

/// As a person types it.
pub const NAME: &str = "vulkan";

/// Why Vulkan Video cannot be used.
#[derive(Debug, Error)]
pub enum VulkanError {
    /// The system.
    #[error("Vulkan Video exists on Linux and Windows alone")]
    System,
}

/// A GPU that encodes H.264.
pub struct Device(Infallible);

impl Device {
    pub fn open(_: Option<&OsStr>) -> Result<Self, VulkanError> {
        Err(VulkanError::System)
    }

    /// The GPU and its driver.
    pub fn description(&self) -> String {
        match self.0 {}
    }
}

/// An opened encoder.
pub struct Vulkan(Infallible);

impl Vulkan {
    pub fn open(device: &Device, _: &VideoSettings) -> Result<Self, VulkanError> {
        match device.0 {}
    }
}

/// What the device said of a frame.
pub fn failure(_: u64, message: String) -> EncodeError {
    EncodeError::Unavailable {
        encoder: NAME,
        reason: message,
    }
}

impl Encoder for Vulkan {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&mut self, _: I420<'_>, _: u64) -> Result<Option<Packet>, EncodeError> {
        match self.0 {}
    }

    fn finish(&mut self) -> Result<Vec<Packet>, EncodeError> {
        match self.0 {}
    }
}
