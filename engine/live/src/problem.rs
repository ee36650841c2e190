//! Why a camera shows nothing.

use std::io;

use crate::{CameraUrl, UrlError};

/// Why a camera shows nothing, or nothing new. Each is the end of a sentence about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No connection; with what the system says about it.
    #[error("cannot be reached ({0}); check its address and that it is switched on")]
    Unreachable(String),
    /// It does not answer, or no more.
    #[error("has sent nothing for {0} s; check the network and that it is switched on")]
    Silent(u64),
    /// It closed the connection.
    #[error("has ended the stream; check that it is switched on and not used by too many")]
    Closed,
    /// It wants credentials and there are none.
    #[error("asks for a name and a password; write rtsp://USER:PASSWORD@… as its address")]
    Credentials,
    /// It does not accept those that there are.
    #[error("does not accept the name and the password; put them right in its address")]
    Refused,
    /// It has no such stream.
    #[error("has no stream of that name; put right what follows its host in the address")]
    NotFound,
    /// It answers with another error: the status of its RTSP response.
    #[error("answers with the error {0}; look into its settings")]
    Status(u16),
    /// What it sends is not RTSP, or not as it should be.
    #[error("sends what cannot be understood; check that the address is that of an RTSP stream")]
    Protocol,
    /// It has no stream of H.264; with what it has instead, if that is known.
    #[error("offers {0}; choose H.264 in its settings")]
    Codec(&'static str),
    /// Its pictures have too many pixels.
    #[error(
        "sends pictures of {0}x{1} pixels; choose a stream of at most 3840x2160 in its settings"
    )]
    TooLarge(u32, u32),
    /// Its pictures cannot be decoded.
    #[error(
        "sends pictures that cannot be decoded; choose progressive H.264 in Main or Baseline \
         profile in its settings"
    )]
    Undecodable,
    /// More than a recording holds.
    #[error("sends more than 8 GiB within one film; choose a lower bit rate in its settings")]
    TooMuch,
    /// It is connected, and no picture has come that one can begin with.
    #[error("has shown no whole picture yet; choose a shorter key frame interval in its settings")]
    NoKeyFrame,
}

impl Problem {
    /// Whether it lasts until somebody changes the address or the camera's settings.
    pub fn needs_a_hand(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Silent(_) | Self::Closed | Self::NoKeyFrame => false,
            // A camera that is busy or starts up.
            Self::Status(status) => *status < 500,
            _ => true,
        }
    }

    /// Whether trying again may do harm: cameras lock out who gives a wrong password repeatedly.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Credentials | Self::Refused)
    }
}

/// Why there is no picture of a camera.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The camera's part.
    #[error("the camera at {camera} {problem}")]
    Camera {
        /// Which camera.
        camera: Box<CameraUrl>,
        /// What is wrong.
        problem: Problem,
    },
    /// Its address is none.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// What it shows cannot be kept until it is drawn.
    #[error("what the camera at {camera} shows cannot be recorded: {source}; free some space")]
    Spool {
        /// Which camera.
        camera: Box<CameraUrl>,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread or socket.
    #[error("the camera at {camera} cannot be received: {source}; close other programs")]
    System {
        /// Which camera.
        camera: Box<CameraUrl>,
        /// What the system says.
        source: io::Error,
    },
}
