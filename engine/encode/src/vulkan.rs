//! Encoders of AMD's, Intel's and NVIDIA's GPUs, through Vulkan Video.
//!
//! Key frames and pictures that look back on earlier ones, none out of order. What is asked for is
//! what NVENC is asked for, as far as Vulkan has words for it; it has none for the bounds of the
//! quantiser. No GPU that encodes in this way was at hand: neither speed nor quality are known.

use std::ffi::OsStr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use gpu_video::parameters::{
    ColorRange, ColorSpace, EncoderParametersH264, RateControl, VideoParameters,
    VulkanDeviceDescriptor,
};
use gpu_video::{
    BytesEncoderH264, InputFrame, RawFrameData, VulkanDevice, VulkanEncoderError, VulkanInitError,
    VulkanInstance,
};
use thiserror::Error;

use crate::encoder::Progress;
use crate::settings::KEY_INTERVAL_S;
use crate::{EncodeError, Encoder, I420, Packet, Quality, VideoSettings};

/// As a person types it.
pub const NAME: &str = "vulkan";

/// How much of the mean bit rate a second of film may take.
const PEAK_FACTOR: u64 = 2;

/// Why Vulkan Video cannot be used.
#[derive(Debug, Error)]
pub enum VulkanError {
    /// Neither a loader nor a driver.
    #[error("Vulkan cannot be loaded ({0}); install the driver of the GPU")]
    Loading(VulkanInitError),
    /// No GPU that encodes H.264.
    #[error(
        "no GPU here encodes H.264 by Vulkan Video; that takes an AMD, Intel or NVIDIA GPU with a video encoder and a \
         driver that offers VK_KHR_video_encode_h264"
    )]
    NoEncoder,
    /// A GPU that encodes, and no device on it.
    #[error("{gpu} encodes H.264, but gives no device ({source}); update its driver")]
    Device {
        /// The GPU's name.
        gpu: String,
        /// What the driver said.
        source: VulkanInitError,
    },
    /// The settings are none of the device's.
    #[error("{gpu} does not encode {width}x{height} ({source})")]
    Settings {
        /// The GPU's name.
        gpu: String,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// What the device does not do.
        source: VulkanEncoderError,
    },
}

/// A GPU that encodes H.264.
pub struct Device {
    opened: Arc<VulkanDevice>,
    gpu: String,
    driver: String,
    /// How many ways it has to spend time on quality.
    quality_levels: u32,
}

impl Device {
    /// The first that this machine has, by this Vulkan loader or the system's.
    pub fn open(library: Option<&OsStr>) -> Result<Self, VulkanError> {
        let instance = library.map_or_else(VulkanInstance::new, VulkanInstance::new_from);
        let instance = instance.map_err(VulkanError::Loading)?;
        let mut adapters = instance.iter_adapters().map_err(VulkanError::Loading)?;
        let (adapter, quality_levels) = adapters
            .find_map(|adapter| {
                let h264 = adapter.info().encode_capabilities.h264?;
                let profiles = [h264.high_profile, h264.main_profile, h264.baseline_profile];
                let best = profiles.into_iter().flatten().next()?;
                adapter
                    .supports_encoding()
                    .then_some((adapter, best.quality_levels))
            })
            .ok_or(VulkanError::NoEncoder)?;
        let info = adapter.info();
        let gpu = info.name.clone();
        let driver = format!("{} {}", info.driver_name, info.driver_info);
        let opened = adapter
            .create_device(&VulkanDeviceDescriptor::default())
            .map_err(|source| VulkanError::Device {
                gpu: gpu.clone(),
                source,
            })?;
        Ok(Self {
            opened,
            gpu,
            driver: driver.trim_end().to_owned(),
            quality_levels,
        })
    }

    /// The GPU and its driver.
    pub fn description(&self) -> String {
        format!("{} ({})", self.gpu, self.driver)
    }
}

/// An opened encoder.
pub struct Vulkan {
    codec: BytesEncoderH264,
    /// The picture that is encoded, in NV12.
    picture: InputFrame<RawFrameData>,
    progress: Progress,
}

impl Vulkan {
    pub fn open(device: &Device, settings: &VideoSettings) -> Result<Self, VulkanError> {
        let refused = |source| VulkanError::Settings {
            gpu: device.gpu.clone(),
            width: settings.width,
            height: settings.height,
            source,
        };
        let mut codec = Err(VulkanEncoderError::VulkanEncoderUnsupported);
        for rate_control in rate_controls(settings) {
            codec = parameters(device, settings, rate_control)
                .and_then(|parameters| device.opened.create_bytes_encoder_h264(parameters));
            // Another one may be known.
            let is_unknown = matches!(
                codec,
                Err(VulkanEncoderError::ParametersError {
                    field: "rate_control",
                    ..
                })
            );
            if !is_unknown {
                break;
            }
        }
        Ok(Self {
            codec: codec.map_err(refused)?,
            picture: InputFrame {
                data: RawFrameData {
                    frame: Vec::new(),
                    width: settings.width,
                    height: settings.height,
                },
                pts: None,
            },
            progress: Progress::new(settings),
        })
    }
}

/// Ways to spend the bits, the best first.
fn rate_controls(settings: &VideoSettings) -> [RateControl; 3] {
    let bitrate = u64::from(settings.bitrate_bps);
    let virtual_buffer_size = Duration::from_secs(1);
    [
        RateControl::VariableBitrate {
            average_bitrate: bitrate,
            max_bitrate: bitrate * PEAK_FACTOR,
            virtual_buffer_size,
        },
        RateControl::ConstantBitrate {
            bitrate,
            virtual_buffer_size,
        },
        RateControl::EncoderDefault,
    ]
}

fn parameters(
    device: &Device,
    settings: &VideoSettings,
    rate_control: RateControl,
) -> Result<EncoderParametersH264, VulkanEncoderError> {
    let mut output = device
        .opened
        .encoder_output_parameters_h264_high_quality(rate_control)?;
    output.idr_period = NonZeroU32::new(settings.fps * KEY_INTERVAL_S);
    output.quality_level = quality_level(settings.quality, device.quality_levels);
    output.inline_stream_params = Some(true);
    output.color_space = Some(ColorSpace::BT709);
    output.color_range = Some(ColorRange::Limited);
    let side = |px| NonZeroU32::new(px).unwrap_or(NonZeroU32::MIN);
    Ok(EncoderParametersH264 {
        input_parameters: VideoParameters {
            width: side(settings.width),
            height: side(settings.height),
            target_framerate: settings.fps.into(),
        },
        output_parameters: output,
    })
}

/// Which of a device's levels a quality is: 0 is the fastest.
fn quality_level(quality: Quality, levels: u32) -> u32 {
    levels.saturating_sub(1) * quality as u32 / Quality::Maximum as u32
}

/// A picture as the device takes it: luma, then chroma in pairs.
fn fill_nv12(frame: &I420<'_>, nv12: &mut Vec<u8>) {
    nv12.clear();
    nv12.extend_from_slice(frame.y);
    nv12.extend(frame.u.iter().zip(frame.v).flat_map(|(u, v)| [*u, *v]));
}

/// What the device said of a frame.
pub fn failure(index: u64, message: String) -> EncodeError {
    EncodeError::Hardware {
        encoder: NAME,
        index,
        message,
    }
}

impl Encoder for Vulkan {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&mut self, frame: I420<'_>, index: u64) -> Result<Option<Packet>, EncodeError> {
        let done = self.progress.check(&frame, index)?;
        fill_nv12(&frame, &mut self.picture.data.frame);
        let encoded = self
            .codec
            .encode(&self.picture, done == 0)
            .map_err(|error| failure(index, error.to_string()))?;
        self.progress.advance(index);
        Ok(Some(Packet {
            data: encoded.data,
            index,
            key: encoded.is_keyframe,
        }))
    }

    fn finish(&mut self) -> Result<Vec<Packet>, EncodeError> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_takes_chroma_in_pairs_behind_luma() {
        let frame = I420::new(4, 2, &[1, 2, 3, 4, 5, 6, 7, 8], &[10, 11], &[20, 21]).unwrap();
        let mut nv12 = vec![99; 3];
        fill_nv12(&frame, &mut nv12);
        assert_eq!(nv12, [1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 11, 21]);
    }

    #[test]
    fn draft_is_a_devices_fastest_level_and_maximum_its_best() {
        let levels = |count| {
            let all = [
                Quality::Draft,
                Quality::Standard,
                Quality::High,
                Quality::Maximum,
            ];
            all.map(|quality| quality_level(quality, count))
        };
        assert_eq!(levels(7), [0, 2, 4, 6]);
        assert_eq!(levels(4), [0, 1, 2, 3]);
        assert_eq!(levels(1), [0; 4]);
        assert_eq!(levels(0), [0; 4]);
    }

    #[test]
    fn a_stream_has_the_bits_that_were_asked_for() {
        let settings = VideoSettings::new(1920, 1080, 24, Quality::Standard);
        let [variable, constant, _] = rate_controls(&settings);
        assert!(matches!(
            variable,
            RateControl::VariableBitrate { average_bitrate, max_bitrate, .. }
                if average_bitrate == u64::from(settings.bitrate_bps) && max_bitrate == 2 * average_bitrate
        ));
        assert!(matches!(
            constant,
            RateControl::ConstantBitrate { bitrate, .. } if bitrate == u64::from(settings.bitrate_bps)
        ));
    }

    #[test]
    fn where_vulkan_is_missing_the_reason_names_the_remedy() {
        let Err(error) = Device::open(Some(OsStr::new("/nonexistent/libvulkan.so"))) else {
            panic!("it was opened");
        };
        let told = error.to_string();
        assert!(told.starts_with("Vulkan cannot be loaded ("), "{told}");
        assert!(told.ends_with("install the driver of the GPU"), "{told}");
    }

    #[test]
    fn where_no_gpu_encodes_the_reason_names_what_it_takes() {
        match Device::open(None) {
            Ok(device) => println!("skipped: {} encodes", device.description()),
            Err(error @ VulkanError::Loading(_)) => println!("skipped: {error}"),
            Err(error) => assert!(
                error.to_string().contains("VK_KHR_video_encode_h264"),
                "{error}"
            ),
        }
    }
}
