//! What an encoder is, which ones there are, and how one is chosen.

use std::env;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use nvenc_sys::{
    Device, Libraries, NvencError, PictureLayout, SharedMemory, SharedPictures, probe_with,
};
use thiserror::Error;

use crate::nvenc::{self, Nvenc};
use crate::openh264::{self, OpenH264};
use crate::vulkan::{self, Vulkan, VulkanError};
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

    /// The same with a picture that lies on the GPU, for encoders of which [`Encoders::share`] said
    /// that they take them.
    fn encode_on_gpu(
        &mut self,
        picture: PictureOnGpu,
        index: u64,
    ) -> Result<Option<Packet>, EncodeError> {
        drop(picture);
        Err(EncodeError::OnlyCopies {
            encoder: self.name().to_owned(),
            index,
        })
    }

    /// Gives up what the encoder still holds back.
    fn finish(&mut self) -> Result<Vec<Packet>, EncodeError>;
}

/// A picture in one of the places that an encoder was given.
pub struct PictureOnGpu {
    /// Which of them.
    pub place: usize,
    /// Dropped when the picture is encoded: from then on another may be drawn there.
    pub hold: Box<dyn Send>,
}

/// How far an encoder has come, and what is due.
pub(crate) struct Progress {
    size_px: (u32, u32),
    /// The index of the first frame and the number of frames so far.
    frames: Option<(u64, u64)>,
}

impl Progress {
    pub fn new(settings: &VideoSettings) -> Self {
        Self {
            size_px: (settings.width, settings.height),
            frames: None,
        }
    }

    /// How many frames came before this one, if it has the film's size and is the one that is due.
    pub fn check(&self, frame: &I420<'_>, index: u64) -> Result<u64, EncodeError> {
        frame.check()?;
        let found = (frame.width, frame.height);
        if found != self.size_px {
            return Err(EncodeError::FrameSize {
                index,
                expected: self.size_px,
                found,
            });
        }
        self.check_order(index)
    }

    /// How many frames came before this one, if it is the one that is due.
    pub fn check_order(&self, index: u64) -> Result<u64, EncodeError> {
        let (first, done) = self.frames.unwrap_or((index, 0));
        let expected = first + done;
        if index == expected {
            Ok(done)
        } else {
            Err(EncodeError::FrameOrder {
                expected,
                found: index,
            })
        }
    }

    /// Counts the frame that was checked.
    pub fn advance(&mut self, index: u64) {
        let (first, done) = self.frames.unwrap_or((index, 0));
        self.frames = Some((first, done + 1));
    }

    /// The index that is due next.
    pub fn next(&self) -> u64 {
        self.frames.map_or(0, |(first, done)| first + done)
    }

    /// The index of the first frame.
    pub fn first(&self) -> u64 {
        self.frames.map_or(0, |(first, _)| first)
    }
}

/// Which encoder is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EncoderChoice {
    /// The best one that works here.
    #[default]
    Auto,
    /// NVIDIA's encoder.
    Nvenc,
    /// A GPU's encoder, by Vulkan Video.
    Vulkan,
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
    /// A picture that lies on the GPU was given to an encoder that is given copies.
    #[error("{encoder} takes copies alone, and frame {index} is none")]
    OnlyCopies {
        /// The encoder's name.
        encoder: String,
        /// Which picture.
        index: u64,
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
    /// The hardware that encodes failed; another encoder may not.
    #[error("{encoder} failed at frame {index}: {message}; choose the encoder openh264")]
    Hardware {
        /// The encoder's name.
        encoder: &'static str,
        /// Which picture.
        index: u64,
        /// What its driver said.
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
    let mut encoders = Encoders::choose(choice, settings)?;
    Ok(Opened {
        encoder: encoders.open_at(0)?,
        reasons: encoders.reasons,
    })
}

/// Environment variable that names another CUDA driver library than the system's.
pub const CUDA_LIBRARY_VARIABLE: &str = "FABULA_CUDA_LIBRARY";
/// Environment variable that names another encode library of NVIDIA's than the system's.
pub const NVENC_LIBRARY_VARIABLE: &str = "FABULA_NVENC_LIBRARY";
/// Environment variable that names another Vulkan loader than the system's for encoding.
pub const VULKAN_LIBRARY_VARIABLE: &str = "FABULA_VULKAN_LIBRARY";

/// The libraries through which hardware encodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drivers {
    /// NVIDIA's.
    pub nvidia: Libraries,
    /// Vulkan's loader; the system's if it is none.
    pub vulkan: Option<OsString>,
}

impl Drivers {
    /// Those that the environment names, else the system's.
    fn named() -> Self {
        let system = Libraries::default();
        Self {
            nvidia: Libraries {
                cuda: env::var_os(CUDA_LIBRARY_VARIABLE).unwrap_or(system.cuda),
                encode: env::var_os(NVENC_LIBRARY_VARIABLE).unwrap_or(system.encode),
            },
            vulkan: env::var_os(VULKAN_LIBRARY_VARIABLE),
        }
    }
}

/// What encodes, and the device that it does it on.
enum Kind {
    /// With the pictures that lie on the device, if it does not get copies.
    Nvenc(Device, Option<Arc<SharedPictures>>),
    Vulkan(vulkan::Device),
    OpenH264,
}

/// The encoders of a film: one for each stretch of it, all of the same kind until that fails.
pub struct Encoders {
    settings: VideoSettings,
    choice: EncoderChoice,
    kind: Kind,
    /// The first encoder, whose opening decided on the kind.
    first: Option<Box<dyn Encoder>>,
    reasons: Vec<String>,
}

impl Encoders {
    /// Takes the best kind that works here, NVENC before Vulkan Video before openh264, or the one
    /// that is wanted.
    pub fn choose(choice: EncoderChoice, settings: &VideoSettings) -> Result<Self, EncodeError> {
        Self::choose_with(&Drivers::named(), choice, settings)
    }

    /// The same with the drivers' libraries named.
    pub fn choose_with(
        drivers: &Drivers,
        choice: EncoderChoice,
        settings: &VideoSettings,
    ) -> Result<Self, EncodeError> {
        settings.check()?;
        let mut encoders = Self {
            settings: *settings,
            choice,
            kind: Kind::OpenH264,
            first: None,
            reasons: Vec::new(),
        };
        let is_wanted = |kind| choice == EncoderChoice::Auto || choice == kind;
        if is_wanted(EncoderChoice::Nvenc) {
            let opened = open_nvenc(&drivers.nvidia, settings);
            if encoders.take(nvenc::NAME, opened)? {
                return Ok(encoders);
            }
        }
        if is_wanted(EncoderChoice::Vulkan) {
            let opened = open_vulkan(drivers.vulkan.as_deref(), settings);
            if encoders.take(vulkan::NAME, opened)? {
                return Ok(encoders);
            }
        }
        encoders.take_openh264()?;
        Ok(encoders)
    }

    /// Takes what was opened, or takes note of why it was not; an error where no other will do.
    fn take(
        &mut self,
        encoder: &'static str,
        opened: Result<(Kind, Box<dyn Encoder>), String>,
    ) -> Result<bool, EncodeError> {
        match opened {
            Ok((kind, first)) => {
                self.kind = kind;
                self.first = Some(first);
                Ok(true)
            }
            Err(reason) if self.choice == EncoderChoice::Auto => {
                self.reasons.push(format!("{encoder} not used: {reason}"));
                Ok(false)
            }
            Err(reason) => Err(EncodeError::Unavailable {
                encoder,
                reason: format!("{reason}; choose the encoder openh264"),
            }),
        }
    }

    fn take_openh264(&mut self) -> Result<(), EncodeError> {
        if !openh264_build::has_assembler() {
            self.reasons
                .push(format!("openh264 is slow here: {NO_ASSEMBLER}"));
        }
        self.kind = Kind::OpenH264;
        self.first = Some(Box::new(OpenH264::open(&self.settings)?));
        Ok(())
    }

    /// The name of the kind that encodes now.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Nvenc(..) => nvenc::NAME,
            Kind::Vulkan(_) => vulkan::NAME,
            Kind::OpenH264 => openh264::NAME,
        }
    }

    /// Whether the processor encodes, one encoder on one of its cores.
    pub fn are_software(&self) -> bool {
        matches!(self.kind, Kind::OpenH264)
    }

    /// What else than the settings decides the bytes of a stream: the kind, and the device and
    /// driver of hardware.
    pub fn identity(&self) -> String {
        match &self.kind {
            Kind::Nvenc(device, pictures) => {
                let found = device.probe();
                let (major, minor) = found.cuda_version;
                format!(
                    "{} on {}, NVENC {}, CUDA {major}.{minor}{}",
                    nvenc::NAME,
                    found.device,
                    found.api_version,
                    // The processor may have rounded the colours of copies in another way.
                    if pictures.is_some() { ", shared" } else { "" }
                )
            }
            Kind::Vulkan(device) => format!("{} on {}", vulkan::NAME, device.description()),
            Kind::OpenH264 => openh264::NAME.to_owned(),
        }
    }

    /// Why no better kind is used, a sentence each.
    pub fn reasons(&self) -> &[String] {
        &self.reasons
    }

    /// Lets encoders take pictures where they lie on the GPU that draws, whose `deviceUUID` is given,
    /// instead of copies. `pictures` tells how they lie and gives their places; it is not asked where
    /// another device encodes, or none. Gives whether all further encoders take such pictures alone;
    /// why not is among the reasons.
    pub fn share(
        &mut self,
        gpu: Option<[u8; 16]>,
        pictures: impl FnOnce() -> Result<(PictureLayout, Vec<SharedMemory>), String>,
    ) -> bool {
        let name = self.name();
        let shared = match &mut self.kind {
            Kind::Nvenc(device, shared) if gpu == Some(device.probe().uuid) => pictures()
                .and_then(|(layout, memories)| {
                    SharedPictures::import(device, layout, memories)
                        .map_err(|error| error.to_string())
                })
                .map(|pictures| *shared = Some(Arc::new(pictures))),
            Kind::Nvenc(..) => Err("another GPU draws them than encodes them".to_owned()),
            Kind::Vulkan(_) | Kind::OpenH264 => Err(format!("{name} takes copies alone")),
        };
        match shared {
            Ok(()) => {
                // It was opened for copies.
                self.first = None;
                true
            }
            Err(reason) => {
                self.reasons.push(format!("pictures are copied: {reason}"));
                false
            }
        }
    }

    /// An encoder that knows nothing of what came before; `index` is the frame it will begin
    /// with.
    pub fn open_at(&mut self, index: u64) -> Result<Box<dyn Encoder>, EncodeError> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        Ok(match &self.kind {
            Kind::Nvenc(device, pictures) => {
                let encoder = Nvenc::open(device, pictures.as_ref(), &self.settings);
                Box::new(encoder.map_err(|error| nvenc::failure(index, &error))?)
            }
            Kind::Vulkan(device) => {
                let encoder = Vulkan::open(device, &self.settings);
                Box::new(encoder.map_err(|error| vulkan::failure(index, error.to_string()))?)
            }
            Kind::OpenH264 => Box::new(OpenH264::open(&self.settings)?),
        })
    }

    /// Goes on with openh264 after a failure of the hardware, and tells what has to be encoded
    /// again. Any other failure is given back, and this one too where no other kind was to be used.
    pub fn step_down(&mut self, error: EncodeError) -> Result<Again, EncodeError> {
        let EncodeError::Hardware { index, message, .. } = &error else {
            return Err(error);
        };
        let (again, from_where) = match self.kind {
            _ if self.choice != EncoderChoice::Auto => return Err(error),
            Kind::Nvenc(..) => (Again::Segment, "of its segment"),
            Kind::Vulkan(_) => (Again::Film, "of the film"),
            Kind::OpenH264 => return Err(error),
        };
        let from = self.name();
        let reason = format!(
            "{from} failed at frame {index} ({message}), and {} went on from the start {from_where}",
            openh264::NAME
        );
        self.take_openh264()?;
        self.reasons.push(reason);
        Ok(again)
    }
}

fn open_nvenc(
    libraries: &Libraries,
    settings: &VideoSettings,
) -> Result<(Kind, Box<dyn Encoder>), String> {
    let told = |error: NvencError| error.to_string();
    let device = Device::open(libraries).map_err(told)?;
    let first = Nvenc::open(&device, None, settings).map_err(told)?;
    Ok((Kind::Nvenc(device, None), Box::new(first)))
}

fn open_vulkan(
    library: Option<&OsStr>,
    settings: &VideoSettings,
) -> Result<(Kind, Box<dyn Encoder>), String> {
    let told = |error: VulkanError| error.to_string();
    let device = vulkan::Device::open(library).map_err(told)?;
    let first = Vulkan::open(&device, settings).map_err(told)?;
    Ok((Kind::Vulkan(device), Box::new(first)))
}

/// What has to be encoded again when another kind of encoder takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// What was not finished: streams of both kinds can follow on each other.
    Segment,
    /// All of it: parameter sets of both kinds have the same ids, and no film holds both.
    Film,
}

/// All encoders, the best first, with what was found about each on this machine.
pub fn encoders() -> Vec<EncoderReport> {
    let drivers = Drivers::named();
    let version = openh264_build::version();
    let assembler = if openh264_build::has_assembler() {
        "with its assembler routines"
    } else {
        NO_ASSEMBLER
    };
    let (usable, reason) = match probe_with(&drivers.nvidia) {
        Ok(found) => {
            let (major, minor) = found.cuda_version;
            let reason = format!(
                "{} encodes H.264; its driver speaks NVENC {} and CUDA {major}.{minor}",
                found.device, found.api_version
            );
            (true, reason)
        }
        Err(error) => (false, error.to_string()),
    };
    let (has_vulkan, found) = match vulkan::Device::open(drivers.vulkan.as_deref()) {
        Ok(device) => (true, format!("{} encodes H.264", device.description())),
        Err(error) => (false, error.to_string()),
    };
    vec![
        EncoderReport {
            name: nvenc::NAME,
            usable,
            reason,
        },
        EncoderReport {
            name: vulkan::NAME,
            usable: has_vulkan,
            reason: found,
        },
        EncoderReport {
            name: openh264::NAME,
            usable: true,
            reason: format!("version {version}, {assembler}"),
        },
    ]
}

const NO_ASSEMBLER: &str = "built without its assembler routines, two to three times slower; \
     install nasm, then `cargo clean -p openh264-sys2` and build again";

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
    fn vulkan_video_encodes_or_tells_why_it_does_not() {
        match Encoders::choose(EncoderChoice::Vulkan, &SETTINGS) {
            Ok(encoders) => assert_eq!(encoders.name(), "vulkan"),
            Err(error) => {
                let told = error.to_string();
                assert!(told.starts_with("vulkan cannot be used: "), "{told}");
                assert!(told.ends_with("; choose the encoder openh264"), "{told}");
            }
        }
    }

    #[test]
    fn the_report_names_every_encoder_with_what_was_found() {
        let reports = encoders();
        let names: Vec<_> = reports.iter().map(|report| report.name).collect();
        assert_eq!(names, ["nvenc", "vulkan", "openh264"]);
        assert!(reports.iter().all(|report| !report.reason.is_empty()));
        assert!(reports.iter().any(|report| report.usable));
    }
}
