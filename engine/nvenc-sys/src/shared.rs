//! Pictures that another interface to the same GPU has drawn, such as Vulkan, where they lie.

use std::sync::Arc;

use crate::abi::{CuDevicePointer, CuExternalMemory};
use crate::device::{Context, Device};
use crate::error::NvencError;

/// How a picture lies in memory: NV12, which is rows of luma and then half as many of interleaved
/// chroma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureLayout {
    /// Bytes from one row to the next; at least the width.
    pub pitch: u32,
    /// Rows of luma; even.
    pub height: u32,
}

impl PictureLayout {
    /// Bytes of a picture.
    pub fn bytes(self) -> u64 {
        u64::from(self.pitch) * u64::from(self.height) * 3 / 2
    }
}

/// Memory of the GPU as the interface that it belongs to gave it away: an allocation of its own.
#[derive(Debug)]
pub struct SharedMemory {
    /// What Vulkan calls an opaque file descriptor.
    #[cfg(unix)]
    pub fd: std::os::fd::OwnedFd,
    /// Bytes that were allocated; the picture begins at the first.
    pub len: u64,
}

/// Pictures on the GPU, each in memory of its own that CUDA sees too. Sessions keep a share.
pub struct SharedPictures {
    pictures: Vec<Imported>,
    layout: PictureLayout,
    context: Arc<Context>,
}

/// Memory as CUDA has it.
struct Imported {
    memory: CuExternalMemory,
    /// 0 until it is mapped.
    address: CuDevicePointer,
}

// SAFETY: addresses on the device and handles of the driver are valid on every thread to which
// their context is current.
unsafe impl Send for Imported {}
// SAFETY: as above; they do not change once the pictures are made.
unsafe impl Sync for Imported {}

impl SharedPictures {
    /// Lets the device see this memory, in whose order the pictures have their places.
    pub fn import(
        device: &Device,
        layout: PictureLayout,
        memories: Vec<SharedMemory>,
    ) -> Result<Self, NvencError> {
        let context = &device.context;
        let _current = context.enter()?;
        let mut shared = Self {
            pictures: Vec::with_capacity(memories.len()),
            layout,
            context: Arc::clone(context),
        };
        // What fails from here on is given back when `shared` is dropped.
        for memory in memories {
            shared.add(memory)?;
        }
        Ok(shared)
    }

    #[cfg(not(unix))]
    fn add(&mut self, _: SharedMemory) -> Result<(), NvencError> {
        Err(NvencError::NoDescriptors)
    }

    #[cfg(unix)]
    fn add(&mut self, memory: SharedMemory) -> Result<(), NvencError> {
        use std::os::fd::{AsRawFd, IntoRawFd};

        use crate::abi::{self, Zeroed};

        let cuda = &self.context.driver.cuda;
        let expected = self.layout.bytes();
        if memory.len < expected {
            return Err(NvencError::SharedLength {
                expected,
                found: memory.len,
            });
        }
        let mut handle = abi::ExternalMemoryHandleDesc::zeroed();
        handle.kind = abi::EXTERNAL_MEMORY_OPAQUE_FD;
        handle.fd = memory.fd.as_raw_fd();
        handle.size = memory.len;
        handle.flags = abi::EXTERNAL_MEMORY_DEDICATED;
        let mut imported = std::ptr::null_mut();
        // SAFETY: the pointer is live; the description has its layout and names an open descriptor;
        // the context is current.
        let code = unsafe { (cuda.import_external_memory)(&raw mut imported, &raw const *handle) };
        cuda.check("cuImportExternalMemory", code)?;
        // It belongs to the driver now, which closes it.
        let _ = memory.fd.into_raw_fd();
        self.pictures.push(Imported {
            memory: imported,
            address: 0,
        });

        let mut buffer = abi::ExternalMemoryBufferDesc::zeroed();
        buffer.size = expected;
        let mut address = 0;
        // SAFETY: the pointer is live; the memory was imported, and holds as many bytes.
        let code = unsafe {
            (cuda.external_memory_get_mapped_buffer)(&raw mut address, imported, &raw const *buffer)
        };
        cuda.check("cuExternalMemoryGetMappedBuffer", code)?;
        if let Some(last) = self.pictures.last_mut() {
            last.address = address;
        }
        Ok(())
    }

    /// How the pictures lie.
    pub fn layout(&self) -> PictureLayout {
        self.layout
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = CuDevicePointer> {
        self.pictures.iter().map(|picture| picture.address)
    }

    pub(crate) fn pitch(&self) -> usize {
        self.layout.pitch as usize
    }
}

impl Drop for SharedPictures {
    fn drop(&mut self) {
        // On a device that is lost all of this fails, and there is nobody to be told.
        let _current = self.context.enter();
        let cuda = &self.context.driver.cuda;
        for picture in self.pictures.drain(..) {
            // SAFETY: both came from the driver and are given back once, the address first; no
            // session uses them any more, since each keeps a share of this.
            unsafe {
                if picture.address != 0 {
                    (cuda.mem_free)(picture.address);
                }
                (cuda.destroy_external_memory)(picture.memory);
            }
        }
    }
}
