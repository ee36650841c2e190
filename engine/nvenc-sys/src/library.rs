//! Finding the driver's two libraries and the functions in them.

use std::error::Error;
use std::ffi::OsString;
use std::mem::ManuallyDrop;

use libloading::Library;

use crate::ProbeError;
use crate::abi;

/// Where the two libraries of the NVIDIA driver are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Libraries {
    /// The CUDA driver; a bare name is searched for by the system's loader.
    pub cuda: OsString,
    /// The encode library; a bare name is searched for by the system's loader.
    pub encode: OsString,
}

impl Default for Libraries {
    /// The names under which the NVIDIA driver installs them.
    fn default() -> Self {
        if cfg!(windows) {
            let encode = if cfg!(target_pointer_width = "64") {
                "nvEncodeAPI64.dll"
            } else {
                "nvEncodeAPI.dll"
            };
            Self {
                cuda: "nvcuda.dll".into(),
                encode: encode.into(),
            }
        } else {
            Self {
                cuda: "libcuda.so.1".into(),
                encode: "libnvidia-encode.so.1".into(),
            }
        }
    }
}

/// A library that stays loaded for the rest of the process: the driver starts threads and exit
/// handlers of its own and does not expect to be unloaded beneath them.
struct Loaded {
    library: ManuallyDrop<Library>,
    name: String,
}

impl Loaded {
    fn open(name: &OsString) -> Result<Self, String> {
        // SAFETY: loading runs the library's initialisers. The names are the driver's own, or
        // the caller's explicit choice of a library with the same interface.
        match unsafe { Library::new(name) } {
            Ok(library) => Ok(Self {
                library: ManuallyDrop::new(library),
                name: name.to_string_lossy().into_owned(),
            }),
            // The loader's own words; the outer error only says that it failed.
            Err(error) => Err(error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string)),
        }
    }

    /// # Safety
    /// `F` must be the type of the function that the library exports as `name`.
    unsafe fn function<F: Copy>(&self, name: &'static str) -> Result<F, ProbeError> {
        // SAFETY: the caller vouches for the type; the library is never unloaded, so the copied
        // pointer stays valid.
        unsafe { self.library.get::<F>(name) }
            .map(|symbol| *symbol)
            .map_err(|_| ProbeError::MissingFunction {
                library: self.name.clone(),
                function: name,
            })
    }
}

/// The functions of the CUDA driver that opening a session needs.
pub struct Cuda {
    pub init: abi::CuInit,
    pub driver_get_version: abi::CuDriverGetVersion,
    pub device_get_count: abi::CuDeviceGetCount,
    pub device_get: abi::CuDeviceGet,
    pub device_get_name: abi::CuDeviceGetName,
    pub ctx_create: abi::CuCtxCreate,
    pub ctx_destroy: abi::CuCtxDestroy,
}

impl Cuda {
    pub fn load(libraries: &Libraries) -> Result<Self, ProbeError> {
        let loaded = Loaded::open(&libraries.cuda).map_err(|cause| ProbeError::NoDriver {
            library: libraries.cuda.to_string_lossy().into_owned(),
            cause,
        })?;
        // SAFETY: names and types are those of the CUDA driver interface; `_v2` are the names
        // under which the driver exports the current forms of context creation.
        unsafe {
            Ok(Self {
                init: loaded.function("cuInit")?,
                driver_get_version: loaded.function("cuDriverGetVersion")?,
                device_get_count: loaded.function("cuDeviceGetCount")?,
                device_get: loaded.function("cuDeviceGet")?,
                device_get_name: loaded.function("cuDeviceGetName")?,
                ctx_create: loaded.function("cuCtxCreate_v2")?,
                ctx_destroy: loaded.function("cuCtxDestroy_v2")?,
            })
        }
    }
}

/// The two functions that the encode library exports by name.
pub struct Encode {
    pub get_max_supported_version: abi::GetMaxSupportedVersion,
    pub create_instance: abi::CreateInstance,
}

impl Encode {
    pub fn load(libraries: &Libraries) -> Result<Self, ProbeError> {
        let loaded =
            Loaded::open(&libraries.encode).map_err(|cause| ProbeError::NoEncodeLibrary {
                library: libraries.encode.to_string_lossy().into_owned(),
                cause,
            })?;
        // SAFETY: names and types are those of nvEncodeAPI.h.
        unsafe {
            Ok(Self {
                get_max_supported_version: loaded.function("NvEncodeAPIGetMaxSupportedVersion")?,
                create_instance: loaded.function("NvEncodeAPICreateInstance")?,
            })
        }
    }
}
