//! Choosing and opening the device that draws.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Art, RenderError};

/// Memory that small textures and buffers share comes in blocks of this many bytes, the fewest that
/// wgpu takes.
const SHARED_BLOCK: u64 = 4 << 20;

/// No buffer has more bytes: the triangles of some 300 figures, which take twice that of memory.
const LARGEST_BUFFER: u64 = 1 << 29;

/// Which device draws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GpuChoice {
    /// The fastest: discrete, then integrated, then virtual, then software.
    #[default]
    Auto,
    /// Software Vulkan.
    Cpu,
    /// The first whose name contains this, upper and lower case alike.
    Name(String),
}

/// What kind of device draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each name says it")]
pub enum GpuKind {
    Discrete,
    Integrated,
    Virtual,
    Other,
    Cpu,
}

impl fmt::Display for GpuKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discrete => "discrete GPU",
            Self::Integrated => "integrated GPU",
            Self::Virtual => "virtual GPU",
            Self::Other => "other device",
            Self::Cpu => "software",
        })
    }
}

/// A device that could draw, or the one that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuDescription {
    /// Name from the driver.
    pub name: String,
    /// Hardware or software.
    pub kind: GpuKind,
    /// Graphics interface, such as `Vulkan`.
    pub backend: String,
    /// Driver and its version.
    pub driver: String,
}

impl fmt::Display for GpuDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.name, self.kind, self.backend)
    }
}

impl GpuDescription {
    fn of(adapter: &wgpu::Adapter) -> Self {
        let info = adapter.get_info();
        Self {
            name: info.name,
            kind: match info.device_type {
                wgpu::DeviceType::DiscreteGpu => GpuKind::Discrete,
                wgpu::DeviceType::IntegratedGpu => GpuKind::Integrated,
                wgpu::DeviceType::VirtualGpu => GpuKind::Virtual,
                wgpu::DeviceType::Other => GpuKind::Other,
                wgpu::DeviceType::Cpu => GpuKind::Cpu,
            },
            backend: format!("{:?}", info.backend),
            driver: format!("{} {}", info.driver, info.driver_info)
                .trim()
                .to_owned(),
        }
    }
}

/// What is asked of an adapter that can do so much.
fn limits(adapter: &wgpu::Limits) -> wgpu::Limits {
    let usual = wgpu::Limits::default();
    // Windows and casts may be larger than what is guaranteed everywhere.
    wgpu::Limits {
        max_buffer_size: adapter
            .max_buffer_size
            .clamp(usual.max_buffer_size, LARGEST_BUFFER),
        max_storage_buffer_binding_size: adapter
            .max_storage_buffer_binding_size
            .clamp(usual.max_storage_buffer_binding_size, LARGEST_BUFFER),
        ..usual.using_resolution(adapter.clone())
    }
}

/// An open device and its queue.
#[derive(Debug)]
pub struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) adapter: wgpu::Adapter,
    description: GpuDescription,
    lost: Arc<AtomicBool>,
    art: Art,
}

impl Gpu {
    /// All devices of this machine, best first.
    pub fn available() -> Vec<GpuDescription> {
        adapters(&instance())
            .iter()
            .map(GpuDescription::of)
            .collect()
    }

    /// Opens the device that fits `choice` best.
    ///
    /// # Errors
    /// If there is none, or its driver refuses.
    pub fn open(choice: &GpuChoice) -> Result<Self, RenderError> {
        Self::open_one_of(&adapters(&instance()), choice)
    }

    /// Opens the best of `adapters`, which come best first, that fits `choice`.
    pub(crate) fn open_one_of(
        adapters: &[wgpu::Adapter],
        choice: &GpuChoice,
    ) -> Result<Self, RenderError> {
        let fits = |adapter: &&wgpu::Adapter| {
            let description = GpuDescription::of(adapter);
            match choice {
                GpuChoice::Auto => true,
                GpuChoice::Cpu => description.kind == GpuKind::Cpu,
                GpuChoice::Name(part) => description
                    .name
                    .to_lowercase()
                    .contains(&part.to_lowercase()),
            }
        };
        let Some(adapter) = adapters.iter().find(fits) else {
            let names: Vec<_> = adapters
                .iter()
                .map(|adapter| GpuDescription::of(adapter).to_string())
                .collect();
            return Err(RenderError::NoGpu {
                wanted: match choice {
                    GpuChoice::Auto => "that can draw".to_owned(),
                    GpuChoice::Cpu => "of the software kind".to_owned(),
                    GpuChoice::Name(part) => format!("named `{part}`"),
                },
                found: if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                },
            });
        };
        let description = GpuDescription::of(adapter);
        let request = adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("fabula"),
            // A few large textures come and go, and leave gaps in blocks in which there is room for
            // several of them. One that is larger than a block has memory of its own.
            memory_hints: wgpu::MemoryHints::Manual {
                suballocated_device_memory_block_size: SHARED_BLOCK..SHARED_BLOCK,
            },
            required_limits: limits(&adapter.limits()),
            ..wgpu::DeviceDescriptor::default()
        });
        let (device, queue) = pollster::block_on(request).map_err(|error| RenderError::Device {
            name: description.name.clone(),
            cause: error.to_string(),
        })?;
        let lost = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&lost);
        device.set_device_lost_callback(move |reason, message| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                tracing::warn!("the GPU was lost: {message}");
            }
            told.store(true, Ordering::Release);
        });
        let is_lost = Arc::clone(&lost);
        device.on_uncaptured_error(Arc::new(move |error| {
            // What is made on a lost device is not valid; anything else is a defect.
            assert!(is_lost.load(Ordering::Acquire), "{error}");
        }));
        tracing::info!(gpu = %description, driver = description.driver, "drawing");
        Ok(Self {
            device,
            queue,
            adapter: adapter.clone(),
            description,
            lost,
            art: Art::default(),
        })
    }

    /// The same device, to draw with other art.
    #[must_use]
    pub fn with_art(&self, art: Art) -> Self {
        Self {
            device: self.device.clone(),
            queue: self.queue.clone(),
            adapter: self.adapter.clone(),
            description: self.description.clone(),
            lost: Arc::clone(&self.lost),
            art,
        }
    }

    /// What it draws with.
    pub(crate) fn art(&self) -> &Art {
        &self.art
    }

    /// Draws, or makes ready to draw, with art that may be somebody's own: what the device says
    /// about that is an error, not a defect.
    pub(crate) fn drawing<T>(
        &self,
        draw: impl FnOnce() -> Result<T, RenderError>,
    ) -> Result<T, RenderError> {
        if self.art.is_built_in() {
            return draw();
        }
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let outcome = draw();
        let invalid = pollster::block_on(validation.pop());
        let failed = pollster::block_on(internal.pop());
        match invalid.or(failed) {
            Some(error) if self.is_lost() => Err(RenderError::Lost(error.to_string())),
            Some(error) => Err(self.art.misfit(&error)),
            None => outcome.map_err(|error| self.art.placed(error)),
        }
    }

    /// Whether the device has stopped working and has to be opened anew.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Makes the device stop working, as a driver that crashes does, to see what becomes of it.
    pub fn lose(&self) {
        // wgpu tells of it no sooner than somebody waits for the device.
        self.lost.store(true, Ordering::Release);
        self.device.destroy();
    }

    /// The open device.
    pub fn description(&self) -> &GpuDescription {
        &self.description
    }

    /// Waits until the device has done all up to a submission; what it no longer needs is then free.
    pub(crate) fn wait_for(&self, submission: wgpu::SubmissionIndex) -> Result<(), RenderError> {
        let wait = wgpu::PollType::Wait {
            submission_index: Some(submission),
            timeout: None,
        };
        let waited = self.device.poll(wait);
        waited
            .map(drop)
            .map_err(|error| RenderError::Lost(error.to_string()))
    }

    /// Frees what was dropped before something large is made.
    pub(crate) fn free_dropped(&self) -> Result<(), RenderError> {
        self.wait_for(self.queue.submit([]))?;
        // lavapipe destroys pipelines with the submission after.
        self.wait_for(self.queue.submit([]))?;
        if self.is_software() {
            return_freed_memory();
        }
        Ok(())
    }

    /// Whether pixels are drawn by the CPU, so that work on them is cheaper outside the device.
    pub(crate) fn is_software(&self) -> bool {
        self.description.kind == GpuKind::Cpu
    }
}

/// Gives what was freed back to the system: the C library keeps much of it, and what a driver compiles
/// next hardly fits into the gaps.
#[cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "the C library has no other way to ask for it")
)]
fn return_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it may be called at any time, by any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// The graphics interfaces through which the project draws.
pub(crate) fn instance() -> wgpu::Instance {
    wgpu::Instance::new(wgpu::InstanceDescriptor {
        // Never through OpenGL: its software rasteriser is slower and lacks compute shaders.
        backends: wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12,
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    })
}

/// The adapters of an instance, best kind first, in the drivers' own order else.
pub(crate) fn adapters(instance: &wgpu::Instance) -> Vec<wgpu::Adapter> {
    let mut adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    adapters.sort_by_key(|adapter| GpuDescription::of(adapter).kind);
    adapters
}

#[cfg(test)]
mod tests {
    use fabula_story::Storyboard;

    use super::*;
    use crate::{Film, FilmOptions, FrameSize};

    #[test]
    fn a_device_that_was_lost_is_known_and_drawing_on_it_does_no_harm() {
        let gpu = match Gpu::open(&GpuChoice::Cpu) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        let board = include_str!("../../story/tests/samples/storyboard.json");
        let board = Storyboard::from_json(board).unwrap();
        let size = FrameSize::new(64, 36).unwrap();
        let mut film = Film::new(&gpu, &board, size, FilmOptions::default()).unwrap();
        film.draw(1.5).unwrap();
        assert!(!gpu.is_lost());
        gpu.lose();
        assert!(gpu.is_lost());
        let _ = film.draw(3.0);
    }
}
