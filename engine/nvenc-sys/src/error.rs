//! Why NVENC does not encode, in sentences for the person at the machine.

use std::fmt;

use thiserror::Error;

use crate::abi::{self, Status};

/// A version of the NVENC interface; the driver states the highest one it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion {
    /// The SDK generation.
    pub major: u32,
    /// The release within the generation.
    pub minor: u32,
}

impl ApiVersion {
    /// The version whose layouts this crate speaks. Drivers from 470 on speak it, those of the
    /// generations 12 and 13 too.
    pub const NEEDED: Self = Self {
        major: abi::API_MAJOR,
        minor: abi::API_MINOR,
    };
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What a function of the encode library answered that is not success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its `NVENCSTATUS`.
    pub status: u32,
    /// The driver's own words about its last error; may be empty.
    pub detail: String,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match abi::STATUS_NAMES.get(self.status as usize) {
            Some(name) => write!(f, "NV_ENC_{name}")?,
            None => write!(f, "{}", self.status)?,
        }
        if self.detail.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.detail)
        }
    }
}

/// Why NVENC cannot encode, or does not go on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NvencError {
    /// The CUDA driver library does not load.
    #[error("no NVIDIA driver: {library} does not load ({cause}); install the NVIDIA driver")]
    NoDriver {
        /// The library that was looked for.
        library: String,
        /// What the system's loader said.
        cause: String,
    },
    /// The driver is there without its encode library.
    #[error(
        "the NVIDIA driver lacks its encode library: {library} does not load ({cause}); install \
         the driver's encode package, or let the container see its \"video\" capability"
    )]
    NoEncodeLibrary {
        /// The library that was looked for.
        library: String,
        /// What the system's loader said.
        cause: String,
    },
    /// A library loads but is not what its name says.
    #[error("{library} has no function {function}; reinstall the NVIDIA driver")]
    MissingFunction {
        /// The library that was loaded.
        library: String,
        /// The function that it should have.
        function: &'static str,
    },
    /// The driver works and finds no GPU.
    #[error("the NVIDIA driver finds no GPU")]
    NoDevice,
    /// A call to the CUDA driver failed.
    #[error("the CUDA driver failed: {function} answered {answer}")]
    Cuda {
        /// The function that was called.
        function: &'static str,
        /// The driver's name for the error, or its number.
        answer: String,
    },
    /// The driver speaks an interface older than this crate's.
    #[error(
        "the NVIDIA driver is too old: it speaks NVENC {found}, {} is needed; update the driver",
        ApiVersion::NEEDED
    )]
    TooOld {
        /// The highest version that the driver speaks.
        found: ApiVersion,
    },
    /// The GPU has no video encoder (A100, H100, H200 and other compute cards).
    #[error("{device} has no video encoder")]
    UnsupportedDevice {
        /// The device's name.
        device: String,
    },
    /// The GPU encodes video, but not H.264.
    #[error("{device} does not encode H.264")]
    NoH264 {
        /// The device's name.
        device: String,
    },
    /// The driver refuses another session, as `GeForce` drivers do beyond their limit.
    #[error("{device} gives no further encode session; end other programs that encode on it")]
    NoSession {
        /// The device's name.
        device: String,
    },
    /// The encoder does not take pictures of this size.
    #[error(
        "{device} encodes {}x{} to {}x{}, not {}x{}",
        smallest.0, smallest.1, largest.0, largest.1, found.0, found.1
    )]
    Size {
        /// The device's name.
        device: String,
        /// The size that was asked for, in pixels.
        found: (u32, u32),
        /// The smallest width and height.
        smallest: (u32, u32),
        /// The largest width and height.
        largest: (u32, u32),
    },
    /// A plane of a picture is not as long as the session's size asks for.
    #[error("plane {plane} has {found} bytes, not {expected}")]
    PlaneLength {
        /// `y`, `u` or `v`.
        plane: &'static str,
        /// Bytes that it should have.
        expected: usize,
        /// Bytes that it has.
        found: usize,
    },
    /// A picture was to be encoded where it lies, and does not lie there.
    #[error("no picture for the encoder is in place {place} of the GPU's memory")]
    NotShared {
        /// The place.
        place: usize,
    },
    /// A picture was to be copied by a session whose pictures lie on the GPU.
    #[error("this encoder takes pictures that lie on the GPU alone")]
    OnlyShared,
    /// Memory is shared by file descriptors, which this system does not have.
    #[cfg(not(unix))]
    #[error("memory of the GPU is shared on Linux alone")]
    NoDescriptors,
    /// Memory that is shared is too small for its picture.
    #[error("a picture on the GPU has {found} bytes, not {expected}")]
    SharedLength {
        /// Bytes that a picture takes.
        expected: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// Another picture came out than was due.
    #[error("{device} gave picture {found} where {expected} was due")]
    Order {
        /// The device's name.
        device: String,
        /// The number that is due.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The encoder takes pictures and gives none.
    #[error("{device} holds back more pictures than it was asked to")]
    Starved {
        /// The device's name.
        device: String,
    },
    /// A call to the encode library failed.
    #[error("NVENC failed on {device}: {function} answered {answer}")]
    Nvenc {
        /// The device's name.
        device: String,
        /// The function that was called.
        function: &'static str,
        /// What it answered.
        answer: Answer,
    },
}

impl NvencError {
    /// What a call that opens a session answers when the device gives none.
    pub(crate) fn of_opening(
        device: &str,
        function: &'static str,
        answer: Answer,
    ) -> Result<(), Self> {
        let named = || device.to_owned();
        match answer.status {
            abi::SUCCESS => Ok(()),
            abi::ERR_NO_ENCODE_DEVICE | abi::ERR_UNSUPPORTED_DEVICE => {
                Err(Self::UnsupportedDevice { device: named() })
            }
            abi::ERR_OUT_OF_MEMORY | abi::ERR_INCOMPATIBLE_CLIENT_KEY => {
                Err(Self::NoSession { device: named() })
            }
            _ => Err(Self::Nvenc {
                device: named(),
                function,
                answer,
            }),
        }
    }
}

/// An answer that no words of the driver go with.
pub(crate) fn bare(status: Status) -> Answer {
    Answer {
        status,
        detail: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_carry_the_headers_names_and_the_drivers_words() {
        let lost = Answer {
            status: abi::ERR_GENERIC,
            detail: "the device is gone".into(),
        };
        assert_eq!(lost.to_string(), "NV_ENC_ERR_GENERIC (the device is gone)");
        assert_eq!(
            bare(abi::ERR_RESOURCE_NOT_MAPPED).to_string(),
            "NV_ENC_ERR_RESOURCE_NOT_MAPPED"
        );
        assert_eq!(bare(77).to_string(), "77");
    }

    #[test]
    fn a_used_up_session_limit_has_two_answers() {
        for status in [abi::ERR_OUT_OF_MEMORY, abi::ERR_INCOMPATIBLE_CLIENT_KEY] {
            let error = NvencError::of_opening("GPU", "NvEncOpenEncodeSessionEx", bare(status));
            assert!(
                matches!(error, Err(NvencError::NoSession { .. })),
                "{error:?}"
            );
        }
    }
}
