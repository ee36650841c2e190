//! What an encoder is, which ones there are, and how one is chosen.

use std::sync::OnceLock;

use nvenc_sys::{Probe, ProbeError};
use thiserror::Error;

use crate::openh264::OpenH264;
use crate::{I420, VideoSettings, openh264_build};

/// One encoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// H.264 NAL units with Annex B start codes; a key frame carries its parameter sets.
    pub data: Vec<u8>,
    /// Which picture this is.
    pub index: u64,
    /// Whether decoding can start here.
    pub key: bool,
}

/// Turns pictures into packets, in order.
pub trait Encoder: Send {
    /// The encoder's name, as a person would type it.
    fn name(&self) -> &str;

    /// Encodes the next picture. The first may have any index, each further one follows on the
    /// one before. `None` means that the encoder holds the picture back for now.
    fn encode(&mut self, frame: I420<'_>, index: u64) -> Result<Option<Packet>, EncodeError>;

    /// Gives up what the encoder still holds back.
    fn finish(&mut self) -> Result<Vec<Packet>, EncodeError>;
}

/// Which encoder is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EncoderChoice {
    /// The best one that works here.
    #[default]
    Auto,
    /// NVIDIA's encoder.
    Nvenc,
    /// Cisco's openh264, on the CPU.
    OpenH264,
}

/// Why encoding is not possible.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// Chroma has half the size of luma, which an odd size does not give.
    #[error("{width}x{height} is not a size for a film: choose an even width and height")]
    OddSize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// H.264 encoders do not take this size.
    #[error(
        "{width}x{height} cannot be encoded as H.264: choose at least 16x16 and at most \
         3840x2160 or 2160x3840"
    )]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The frame rate is out of range.
    #[error("{fps} frames per second cannot be encoded: choose 1 to 60")]
    FrameRate {
        /// Frames per second.
        fps: u32,
    },
    /// The bit rate is out of range.
    #[error("a bit rate of {bitrate_bps} bit/s cannot be encoded: choose 10000 to 240000000")]
    BitRate {
        /// Bits per second.
        bitrate_bps: u32,
    },
    /// A plane does not have the length that the picture's size asks for.
    #[error("plane {plane} of a {width}x{height} picture has {found} bytes, not {expected}")]
    PlaneLength {
        /// `y`, `u` or `v`.
        plane: &'static str,
        /// Width of the picture in pixels.
        width: u32,
        /// Height of the picture in pixels.
        height: u32,
        /// Bytes that the plane should have.
        expected: usize,
        /// Bytes that it has.
        found: usize,
    },
    /// A picture has another size than the encoder was opened for.
    #[error("frame {index} is {}x{}, the film is {}x{}", found.0, found.1, expected.0, expected.1)]
    FrameSize {
        /// Which picture.
        index: u64,
        /// Width and height of the film.
        expected: (u32, u32),
        /// Width and height of the picture.
        found: (u32, u32),
    },
    /// A picture does not follow on the one before.
    #[error("frame {found} was given to the encoder where frame {expected} is due")]
    FrameOrder {
        /// The index that is due.
        expected: u64,
        /// The index that came.
        found: u64,
    },
    /// The encoder that was asked for cannot be used.
    #[error("{encoder} cannot be used: {reason}")]
    Unavailable {
        /// The encoder's name.
        encoder: &'static str,
        /// What stands in its way, and the remedy.
        reason: String,
    },
    /// The encoder itself failed.
    #[error("{encoder} failed at frame {index}: {message}")]
    Codec {
        /// The encoder's name.
        encoder: &'static str,
        /// Which picture.
        index: u64,
        /// What the encoder said.
        message: String,
    },
}

/// An opened encoder, and why no better one was taken.
pub struct Opened {
    /// The encoder, ready for its first picture.
    pub encoder: Box<dyn Encoder>,
    /// One sentence for each thing that would have been better.
    pub reasons: Vec<String>,
}

/// What `doctor` says of an encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncoderReport {
    /// The encoder's name.
    pub name: &'static str,
    /// Whether films can be encoded with it here.
    pub usable: bool,
    /// What was found, or what stands in its way.
    pub reason: String,
}

/// Opens the encoder that is wanted.
pub fn open(choice: EncoderChoice, settings: &VideoSettings) -> Result<Opened, EncodeError> {
    settings.check()?;
    let mut reasons = Vec::new();
    match choice {
        EncoderChoice::Nvenc => {
            return Err(EncodeError::Unavailable {
                encoder: "nvenc",
                reason: format!("{}; choose the encoder openh264", nvenc_reason()),
            });
        }
        EncoderChoice::Auto => reasons.push(format!("nvenc not used: {}", nvenc_reason())),
        EncoderChoice::OpenH264 => {}
    }
    if !openh264_build::has_assembler() {
        reasons.push(format!("openh264 is slow here: {NO_ASSEMBLER}"));
    }
    Ok(Opened {
        encoder: Box::new(OpenH264::open(settings)?),
        reasons,
    })
}

/// All encoders, the best first, with what was found about each on this machine.
pub fn encoders() -> Vec<EncoderReport> {
    let version = openh264_build::version();
    let assembler = if openh264_build::has_assembler() {
        "with its assembler routines"
    } else {
        NO_ASSEMBLER
    };
    vec![
        EncoderReport {
            name: "nvenc",
            usable: false,
            reason: nvenc_reason(),
        },
        EncoderReport {
            name: "openh264",
            usable: true,
            reason: format!("version {version}, {assembler}"),
        },
    ]
}

const NO_ASSEMBLER: &str = "built without its assembler routines, two to three times slower; \
     install nasm, then `cargo clean -p openh264-sys2` and build again";

/// Why NVENC is not used: what the driver lacks, or that this program does not drive it.
fn nvenc_reason() -> String {
    static PROBE: OnceLock<Result<Probe, ProbeError>> = OnceLock::new();
    match PROBE.get_or_init(nvenc_sys::probe) {
        Ok(found) => format!(
            "{} encodes H.264 (NVENC {}), but this version of fabula does not encode on it",
            found.device, found.api_version
        ),
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Quality;

    const SETTINGS: VideoSettings = VideoSettings {
        width: 64,
        height: 64,
        fps: 24,
        bitrate_bps: 100_000,
        quality: Quality::Standard,
    };

    #[test]
    fn automatic_choice_takes_openh264_and_says_why_not_nvenc() {
        let opened = open(EncoderChoice::Auto, &SETTINGS).unwrap();
        assert_eq!(opened.encoder.name(), "openh264");
        assert!(
            opened
                .reasons
                .iter()
                .any(|reason| reason.starts_with("nvenc not used: "))
        );
    }

    #[test]
    fn asking_for_nvenc_fails_with_its_reason_and_the_remedy() {
        let Err(error) = open(EncoderChoice::Nvenc, &SETTINGS) else {
            panic!("there is no NVENC encoder in this version");
        };
        let message = error.to_string();
        assert!(message.starts_with("nvenc cannot be used: "), "{message}");
        assert!(
            message.ends_with("choose the encoder openh264"),
            "{message}"
        );
    }

    #[test]
    fn impossible_settings_open_no_encoder() {
        let odd = VideoSettings {
            width: 63,
            ..SETTINGS
        };
        assert!(matches!(
            open(EncoderChoice::OpenH264, &odd),
            Err(EncodeError::OddSize {
                width: 63,
                height: 64
            })
        ));
    }

    #[test]
    fn the_report_names_every_encoder_with_what_was_found() {
        let reports = encoders();
        let names: Vec<_> = reports.iter().map(|report| report.name).collect();
        assert_eq!(names, ["nvenc", "openh264"]);
        assert!(reports.iter().all(|report| !report.reason.is_empty()));
        assert!(reports.iter().any(|report| report.usable));
    }
}
