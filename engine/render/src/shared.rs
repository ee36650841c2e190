//! Pictures that stay on the GPU, in memory that an encoder on it sees too: none is copied to the
//! processor and back.
//!
//! The memory is Vulkan's, one allocation a picture, and given away as a file descriptor. What is
//! drawn there is handed over when the device has finished it, and drawn over when whoever it was
//! handed to has dropped it.

use std::sync::mpsc::{Receiver, Sender, channel};

use crate::RenderError;
use crate::film::Film;
use crate::gpu::Gpu;
use crate::picture::FrameSize;
use crate::yuv_frame::{Chroma, YuvPass};

/// What rows of a picture begin at multiples of, as video encoders like it.
const PITCH_ALIGNMENT: u32 = 256;

/// Memory of the GPU, for another interface to the same GPU.
#[derive(Debug)]
pub struct SharedMemory {
    /// What Vulkan calls an opaque file descriptor.
    #[cfg(unix)]
    pub fd: std::os::fd::OwnedFd,
    /// Bytes that were allocated; the picture begins at the first.
    pub len: u64,
}

/// Places for pictures on the GPU: NV12, BT.709, limited range.
pub struct SharedPictures {
    size: FrameSize,
    pitch: u32,
    buffers: Vec<wgpu::Buffer>,
    free: Receiver<usize>,
    emptied: Sender<usize>,
}

/// A picture in one of the places. When it is dropped, another may be drawn there.
#[derive(Debug)]
pub struct PictureOnGpu {
    place: usize,
    emptied: Sender<usize>,
}

impl PictureOnGpu {
    /// Which of the places it lies in.
    pub fn place(&self) -> usize {
        self.place
    }
}

impl Drop for PictureOnGpu {
    fn drop(&mut self) {
        // Nobody draws any more when a film was given up.
        let _ = self.emptied.send(self.place);
    }
}

impl Gpu {
    /// Vulkan's `deviceUUID`, if the device is one that can share its memory.
    pub fn uuid(&self) -> Option<[u8; 16]> {
        uuid(self)
    }
}

impl SharedPictures {
    /// So many places for pictures of a film, and the memory of each.
    ///
    /// # Errors
    /// If the device cannot give its memory away, or has too little of it.
    pub fn new(film: &Film<'_>, places: usize) -> Result<(Self, Vec<SharedMemory>), RenderError> {
        let size = film.size();
        let pitch = size.width().next_multiple_of(PITCH_ALIGNMENT);
        let bytes = u64::from(pitch) * u64::from(size.height()) * 3 / 2;
        let (emptied, free) = channel();
        let mut shared = Self {
            size,
            pitch,
            buffers: Vec::with_capacity(places),
            free,
            emptied,
        };
        let mut memories = Vec::with_capacity(places);
        for place in 0..places {
            let (buffer, memory) = allocate(film.gpu(), bytes)?;
            shared.buffers.push(buffer);
            memories.push(memory);
            let _ = shared.emptied.send(place);
        }
        Ok((shared, memories))
    }

    /// Bytes from the beginning of one row to that of the next.
    pub fn pitch(&self) -> u32 {
        self.pitch
    }

    /// A place that nothing lies in; waits for one.
    fn empty(&self) -> Result<PictureOnGpu, RenderError> {
        let place = self.free.recv();
        Ok(PictureOnGpu {
            place: place.map_err(|error| RenderError::Lost(error.to_string()))?,
            emptied: self.emptied.clone(),
        })
    }
}

/// Turns a texture into pictures in shared places.
pub(crate) struct SharedConverter<'s> {
    pictures: &'s SharedPictures,
    pass: YuvPass,
    groups: Vec<wgpu::BindGroup>,
}

impl<'s> SharedConverter<'s> {
    pub fn new(
        gpu: &Gpu,
        pictures: &'s SharedPictures,
        source: &wgpu::TextureView,
    ) -> Result<Self, RenderError> {
        let pass = YuvPass::new(gpu, pictures.size, pictures.pitch, Chroma::Interleaved)?;
        let buffers = pictures.buffers.iter();
        let groups = buffers.map(|buffer| pass.group(gpu, source, buffer));
        Ok(Self {
            groups: groups.collect(),
            pass,
            pictures,
        })
    }

    /// Records the work on the device, and gives where the picture will lie. Waits for a place.
    pub fn record(&self, encoder: &mut wgpu::CommandEncoder) -> Result<PictureOnGpu, RenderError> {
        let picture = self.pictures.empty()?;
        if let Some(group) = self.groups.get(picture.place) {
            self.pass.record(encoder, group);
        }
        Ok(picture)
    }
}

#[cfg(target_os = "linux")]
use vulkan::{allocate, uuid};

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "Vulkan's own calls, which wgpu does not wrap")]
mod vulkan {
    use std::os::fd::{FromRawFd, OwnedFd};

    use ash::{khr, vk};
    use wgpu::hal::{api, vulkan};

    use super::SharedMemory;
    use crate::RenderError;
    use crate::gpu::Gpu;

    /// As Vulkan reads the handles.
    const HANDLE: vk::ExternalMemoryHandleTypeFlags = vk::ExternalMemoryHandleTypeFlags::OPAQUE_FD;

    pub fn uuid(gpu: &Gpu) -> Option<[u8; 16]> {
        // SAFETY: nothing of the device is destroyed.
        let device = unsafe { gpu.device.as_hal::<api::Vulkan>() }?;
        let is_shared = device
            .enabled_device_extensions()
            .contains(&khr::external_memory_fd::NAME);
        if !is_shared {
            return None;
        }
        let mut id = vk::PhysicalDeviceIDProperties::default();
        let mut properties = vk::PhysicalDeviceProperties2::default().push_next(&mut id);
        let instance = device.shared_instance().raw_instance();
        // SAFETY: the instance and its device live, and wgpu asks for Vulkan 1.1 for this extension.
        unsafe {
            instance.get_physical_device_properties2(device.raw_physical_device(), &mut properties);
        }
        Some(id.device_uuid)
    }

    /// A buffer in memory of its own that a compute pass writes, and that memory.
    pub fn allocate(gpu: &Gpu, bytes: u64) -> Result<(wgpu::Buffer, SharedMemory), RenderError> {
        // SAFETY: what is made here is destroyed here, or by wgpu with the buffer.
        let device = unsafe { gpu.device.as_hal::<api::Vulkan>() };
        let device = device.ok_or_else(|| refused("it does not draw by Vulkan"))?;
        let failed = |result: vk::Result| refused(&result.to_string());
        let (raw, memory, fd, len) = allocate_raw(&device, bytes).map_err(failed)?;
        // SAFETY: the buffer is bound to this memory from its start, and belongs to nobody else.
        let buffer = unsafe { vulkan::Buffer::from_raw_managed(raw, memory, 0, len) };
        drop(device);
        let described = wgpu::BufferDescriptor {
            label: Some("shared picture"),
            size: bytes,
            usage: wgpu::BufferUsages::STORAGE,
            mapped_at_creation: false,
        };
        // SAFETY: it was made by this device, with this size and use; each picture fills all of it
        // that is read.
        let buffer = unsafe {
            gpu.device
                .create_buffer_from_hal::<api::Vulkan>(buffer, &described)
        };
        Ok((buffer, SharedMemory { fd, len }))
    }

    type Allocated = (vk::Buffer, vk::DeviceMemory, OwnedFd, u64);

    fn allocate_raw(device: &vulkan::Device, bytes: u64) -> Result<Allocated, vk::Result> {
        let raw = device.raw_device();
        let instance = device.shared_instance().raw_instance();
        let files = khr::external_memory_fd::Device::new(instance, raw);
        let mut external = vk::ExternalMemoryBufferCreateInfo::default().handle_types(HANDLE);
        let info = vk::BufferCreateInfo::default()
            .size(bytes)
            .usage(vk::BufferUsageFlags::STORAGE_BUFFER)
            .push_next(&mut external);
        // SAFETY: the device lives, has the extension, and what is made is given back on failure.
        unsafe {
            let buffer = raw.create_buffer(&info, None)?;
            let needs = raw.get_buffer_memory_requirements(buffer);
            let types =
                instance.get_physical_device_memory_properties(device.raw_physical_device());
            let mut dedicated = vk::MemoryDedicatedAllocateInfo::default().buffer(buffer);
            let mut export = vk::ExportMemoryAllocateInfo::default().handle_types(HANDLE);
            let info = vk::MemoryAllocateInfo::default()
                .allocation_size(needs.size)
                .memory_type_index(memory_type(&types, needs.memory_type_bits))
                .push_next(&mut dedicated)
                .push_next(&mut export);
            let memory = raw.allocate_memory(&info, None);
            let memory = memory.inspect_err(|_| raw.destroy_buffer(buffer, None))?;
            let given = raw.bind_buffer_memory(buffer, memory, 0).and_then(|()| {
                let info = vk::MemoryGetFdInfoKHR::default()
                    .memory(memory)
                    .handle_type(HANDLE);
                files.get_memory_fd(&info)
            });
            match given {
                Ok(fd) => Ok((buffer, memory, OwnedFd::from_raw_fd(fd), needs.size)),
                Err(error) => {
                    raw.destroy_buffer(buffer, None);
                    raw.free_memory(memory, None);
                    Err(error)
                }
            }
        }
    }

    /// Memory of the device itself, of the types that will do.
    fn memory_type(types: &vk::PhysicalDeviceMemoryProperties, will_do: u32) -> u32 {
        let local = types.memory_types_as_slice().iter().enumerate();
        let local = local
            .filter(|(number, _)| will_do & (1 << number) != 0)
            .find(|(_, one)| {
                one.property_flags
                    .contains(vk::MemoryPropertyFlags::DEVICE_LOCAL)
            })
            .map(|(number, _)| number as u32);
        local.unwrap_or(will_do.trailing_zeros())
    }

    fn refused(cause: &str) -> RenderError {
        RenderError::Unshared(cause.to_owned())
    }
}

#[cfg(not(target_os = "linux"))]
fn uuid(_: &Gpu) -> Option<[u8; 16]> {
    None
}

#[cfg(not(target_os = "linux"))]
fn allocate(_: &Gpu, _: u64) -> Result<(wgpu::Buffer, SharedMemory), RenderError> {
    Err(RenderError::Unshared(
        "that is known on Linux alone".to_owned(),
    ))
}
