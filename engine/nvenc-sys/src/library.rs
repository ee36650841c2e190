//! Finding the driver's two libraries and the functions in them.

use std::error::Error;
use std::ffi::{CStr, OsString};
use std::mem::ManuallyDrop;

use libloading::Library;

use crate::abi::{self, CuResult, FunctionList, Versioned};
use crate::error::{ApiVersion, NvencError, bare};

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
    unsafe fn function<F: Copy>(&self, name: &'static str) -> Result<F, NvencError> {
        // SAFETY: the caller vouches for the type; the library is never unloaded, so the copied
        // pointer stays valid.
        unsafe { self.library.get::<F>(name) }
            .map(|symbol| *symbol)
            .map_err(|_| NvencError::MissingFunction {
                library: self.name.clone(),
                function: name,
            })
    }
}

/// The functions of the CUDA driver that encoding needs.
pub struct Cuda {
    pub init: abi::CuInit,
    pub get_error_name: abi::CuGetErrorName,
    pub driver_get_version: abi::CuDriverGetVersion,
    pub device_get_count: abi::CuDeviceGetCount,
    pub device_get: abi::CuDeviceGet,
    pub device_get_name: abi::CuDeviceGetName,
    pub ctx_create: abi::CuCtxCreate,
    pub ctx_destroy: abi::CuCtxDestroy,
    pub ctx_push_current: abi::CuCtxPushCurrent,
    pub ctx_pop_current: abi::CuCtxPopCurrent,
    pub mem_alloc_pitch: abi::CuMemAllocPitch,
    pub mem_free: abi::CuMemFree,
    pub memcpy_htod: abi::CuMemcpyHtoD,
    pub device_get_uuid: abi::CuDeviceGetUuid,
    pub import_external_memory: abi::CuImportExternalMemory,
    pub external_memory_get_mapped_buffer: abi::CuExternalMemoryGetMappedBuffer,
    pub destroy_external_memory: abi::CuDestroyExternalMemory,
}

impl Cuda {
    pub fn load(libraries: &Libraries) -> Result<Self, NvencError> {
        let loaded = Loaded::open(&libraries.cuda).map_err(|cause| NvencError::NoDriver {
            library: libraries.cuda.to_string_lossy().into_owned(),
            cause,
        })?;
        // SAFETY: names and types are those of the CUDA driver interface; `_v2` are the names
        // under which the driver exports the current forms.
        unsafe {
            Ok(Self {
                init: loaded.function("cuInit")?,
                get_error_name: loaded.function("cuGetErrorName")?,
                driver_get_version: loaded.function("cuDriverGetVersion")?,
                device_get_count: loaded.function("cuDeviceGetCount")?,
                device_get: loaded.function("cuDeviceGet")?,
                device_get_name: loaded.function("cuDeviceGetName")?,
                ctx_create: loaded.function("cuCtxCreate_v2")?,
                ctx_destroy: loaded.function("cuCtxDestroy_v2")?,
                ctx_push_current: loaded.function("cuCtxPushCurrent_v2")?,
                ctx_pop_current: loaded.function("cuCtxPopCurrent_v2")?,
                mem_alloc_pitch: loaded.function("cuMemAllocPitch_v2")?,
                mem_free: loaded.function("cuMemFree_v2")?,
                memcpy_htod: loaded.function("cuMemcpyHtoD_v2")?,
                device_get_uuid: loaded.function("cuDeviceGetUuid")?,
                import_external_memory: loaded.function("cuImportExternalMemory")?,
                external_memory_get_mapped_buffer: loaded
                    .function("cuExternalMemoryGetMappedBuffer")?,
                destroy_external_memory: loaded.function("cuDestroyExternalMemory")?,
            })
        }
    }

    /// Says which call failed, in the driver's own word for the error.
    pub fn check(&self, function: &'static str, code: CuResult) -> Result<(), NvencError> {
        match code {
            abi::CUDA_SUCCESS => Ok(()),
            abi::CUDA_ERROR_NO_DEVICE => Err(NvencError::NoDevice),
            _ => Err(NvencError::Cuda {
                function,
                answer: self.error_name(code).unwrap_or_else(|| code.to_string()),
            }),
        }
    }

    fn error_name(&self, code: CuResult) -> Option<String> {
        let mut name = std::ptr::null();
        // SAFETY: the pointer is live; the driver sets it to a text of its own, or to null.
        let answer = unsafe { (self.get_error_name)(code, &raw mut name) };
        // SAFETY: not null, it points to a text of the driver that ends with zero and stays.
        (answer == abi::CUDA_SUCCESS && !name.is_null()).then(|| {
            unsafe { CStr::from_ptr(name) }
                .to_string_lossy()
                .into_owned()
        })
    }
}

/// The two functions that the encode library exports by name.
pub struct Encode {
    pub get_max_supported_version: abi::GetMaxSupportedVersion,
    pub create_instance: abi::CreateInstance,
    library: String,
}

impl Encode {
    pub fn load(libraries: &Libraries) -> Result<Self, NvencError> {
        let loaded =
            Loaded::open(&libraries.encode).map_err(|cause| NvencError::NoEncodeLibrary {
                library: libraries.encode.to_string_lossy().into_owned(),
                cause,
            })?;
        // SAFETY: names and types are those of nvEncodeAPI.h.
        unsafe {
            Ok(Self {
                get_max_supported_version: loaded.function("NvEncodeAPIGetMaxSupportedVersion")?,
                create_instance: loaded.function("NvEncodeAPICreateInstance")?,
                library: loaded.name,
            })
        }
    }

    /// The highest interface version that the driver speaks, if it speaks this crate's.
    pub fn negotiate(&self) -> Result<ApiVersion, NvencError> {
        let mut packed: u32 = 0;
        // SAFETY: the pointer is to a live integer of the type that the function writes.
        let status = unsafe { (self.get_max_supported_version)(&raw mut packed) };
        let driver = "the driver";
        NvencError::of_opening(driver, "NvEncodeAPIGetMaxSupportedVersion", bare(status))?;
        let found = ApiVersion {
            major: packed >> 4,
            minor: packed & 0xf,
        };
        if found < ApiVersion::NEEDED {
            Err(NvencError::TooOld { found })
        } else {
            Ok(found)
        }
    }

    /// The functions that work on sessions.
    pub fn functions(&self) -> Result<Functions, NvencError> {
        let mut list = FunctionList::request();
        // SAFETY: the list is live, states its version, and has the layout of that version.
        let status = unsafe { (self.create_instance)(&raw mut *list) };
        NvencError::of_opening("the driver", "NvEncodeAPICreateInstance", bare(status))?;
        Functions::of(&list).map_err(|function| NvencError::MissingFunction {
            library: self.library.clone(),
            function,
        })
    }
}

macro_rules! functions {
    ($($field:ident: $kind:ty = $name:literal;)*) => {
        /// The functions of the encode library that work on sessions.
        pub struct Functions {
            $(pub $field: $kind,)*
        }

        impl Functions {
            /// The name of the first function that the library does not have.
            fn of(list: &FunctionList) -> Result<Self, &'static str> {
                Ok(Self { $($field: list.$field.ok_or($name)?,)* })
            }
        }
    };
}

functions! {
    open_encode_session_ex: abi::OpenEncodeSessionEx = "NvEncOpenEncodeSessionEx";
    get_encode_guid_count: abi::GetEncodeGuidCount = "NvEncGetEncodeGUIDCount";
    get_encode_guids: abi::GetEncodeGuids = "NvEncGetEncodeGUIDs";
    get_encode_caps: abi::GetEncodeCaps = "NvEncGetEncodeCaps";
    get_encode_preset_config_ex: abi::GetEncodePresetConfigEx = "NvEncGetEncodePresetConfigEx";
    initialize_encoder: abi::InitializeEncoder = "NvEncInitializeEncoder";
    create_bitstream_buffer: abi::CreateBitstream = "NvEncCreateBitstreamBuffer";
    destroy_bitstream_buffer: abi::Release = "NvEncDestroyBitstreamBuffer";
    register_resource: abi::RegisterResourceFn = "NvEncRegisterResource";
    unregister_resource: abi::Release = "NvEncUnregisterResource";
    map_input_resource: abi::MapInputResourceFn = "NvEncMapInputResource";
    unmap_input_resource: abi::Release = "NvEncUnmapInputResource";
    encode_picture: abi::EncodePicture = "NvEncEncodePicture";
    lock_bitstream: abi::LockBitstreamFn = "NvEncLockBitstream";
    unlock_bitstream: abi::Release = "NvEncUnlockBitstream";
    destroy_encoder: abi::DestroyEncoder = "NvEncDestroyEncoder";
    get_last_error_string: abi::GetLastErrorString = "NvEncGetLastErrorString";
}
