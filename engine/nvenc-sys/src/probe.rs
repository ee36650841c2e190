//! Asking the driver, step by step, whether a device encodes H.264 here.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt;

use thiserror::Error;

use crate::abi::{self, CuContext, CuResult, FunctionList, Guid, OpenSessionParams, Status};
use crate::library::{Cuda, Encode, Libraries};

/// A version of the NVENC interface; the driver states the highest one it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion {
    /// The SDK generation.
    pub major: u32,
    /// The release within the generation.
    pub minor: u32,
}

impl ApiVersion {
    /// The version whose layouts this crate speaks.
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

/// What a successful probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The device's name as the driver states it.
    pub device: String,
    /// The CUDA version that the driver supports, as (major, minor).
    pub cuda_version: (u32, u32),
    /// The highest interface version that the driver speaks.
    pub api_version: ApiVersion,
    /// How many codecs the device encodes; H.264 is one of them.
    pub codec_count: u32,
}

/// Why NVENC cannot encode H.264 here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProbeError {
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
        /// The function that it should export.
        function: &'static str,
    },
    /// The driver works and finds no GPU.
    #[error("the NVIDIA driver finds no GPU")]
    NoDevice,
    /// A call to the CUDA driver failed.
    #[error("the CUDA driver failed: {function} answered {code}")]
    Cuda {
        /// The function that was called.
        function: &'static str,
        /// Its `CUresult`.
        code: i32,
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
    /// A call to the encode library failed.
    #[error("NVENC failed on {device}: {function} answered {status}")]
    Nvenc {
        /// The device's name.
        device: String,
        /// The function that was called.
        function: &'static str,
        /// Its `NVENCSTATUS`.
        status: u32,
    },
}

/// Opens and closes an H.264 session on the first device that gives one, with the system's driver.
pub fn probe() -> Result<Probe, ProbeError> {
    probe_with(&Libraries::default())
}

/// The same with the libraries named.
pub fn probe_with(libraries: &Libraries) -> Result<Probe, ProbeError> {
    let cuda = Cuda::load(libraries)?;
    // SAFETY: cuInit takes no pointers, and may be called any number of times.
    match unsafe { (cuda.init)(0) } {
        abi::CUDA_SUCCESS => {}
        abi::CUDA_ERROR_NO_DEVICE => return Err(ProbeError::NoDevice),
        code => {
            return Err(ProbeError::Cuda {
                function: "cuInit",
                code,
            });
        }
    }
    let cuda_version = cuda_version(&cuda)?;
    let device_count = device_count(&cuda)?;
    let encode = Encode::load(libraries)?;
    let api_version = negotiate(&encode)?;

    let mut first_error = None;
    for ordinal in 0..device_count {
        match probe_device(&cuda, &encode, ordinal) {
            Ok((device, codec_count)) => {
                return Ok(Probe {
                    device,
                    cuda_version,
                    api_version,
                    codec_count,
                });
            }
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    Err(first_error.unwrap_or(ProbeError::NoDevice))
}

fn cuda_ok(function: &'static str, code: CuResult) -> Result<(), ProbeError> {
    if code == abi::CUDA_SUCCESS {
        Ok(())
    } else {
        Err(ProbeError::Cuda { function, code })
    }
}

fn cuda_version(cuda: &Cuda) -> Result<(u32, u32), ProbeError> {
    let mut version: c_int = 0;
    // SAFETY: the pointer is to a live integer of the type that the function writes.
    cuda_ok("cuDriverGetVersion", unsafe {
        (cuda.driver_get_version)(&raw mut version)
    })?;
    let version = u32::try_from(version).unwrap_or(0);
    Ok((version / 1000, version % 1000 / 10))
}

fn device_count(cuda: &Cuda) -> Result<c_int, ProbeError> {
    let mut count: c_int = 0;
    // SAFETY: the pointer is to a live integer; cuInit has succeeded.
    cuda_ok("cuDeviceGetCount", unsafe {
        (cuda.device_get_count)(&raw mut count)
    })?;
    Ok(count)
}

fn negotiate(encode: &Encode) -> Result<ApiVersion, ProbeError> {
    let mut packed: u32 = 0;
    // SAFETY: the pointer is to a live integer of the type that the function writes.
    let status = unsafe { (encode.get_max_supported_version)(&raw mut packed) };
    if status != abi::SUCCESS {
        return Err(ProbeError::Nvenc {
            device: "the driver".into(),
            function: "NvEncodeAPIGetMaxSupportedVersion",
            status,
        });
    }
    let found = ApiVersion {
        major: packed >> 4,
        minor: packed & 0xf,
    };
    if found < ApiVersion::NEEDED {
        Err(ProbeError::TooOld { found })
    } else {
        Ok(found)
    }
}

fn probe_device(cuda: &Cuda, encode: &Encode, ordinal: c_int) -> Result<(String, u32), ProbeError> {
    let mut device: abi::CuDevice = 0;
    // SAFETY: the pointer is live and the ordinal is below the count that the driver stated.
    cuda_ok("cuDeviceGet", unsafe {
        (cuda.device_get)(&raw mut device, ordinal)
    })?;
    let name = device_name(cuda, device)?;
    let context = Context::create(cuda, device)?;

    let mut functions = Box::new(FunctionList::request());
    // SAFETY: the list is live, states its version, and has the layout of that version.
    let status = unsafe { (encode.create_instance)(&raw mut *functions) };
    nvenc_ok("NvEncodeAPICreateInstance", &name, status)?;

    let session = Session::open(&functions, &context, &name)?;
    let codecs = session.codecs(&functions, &name)?;
    if !codecs.contains(&abi::CODEC_H264) {
        return Err(ProbeError::NoH264 { device: name });
    }
    let codec_count = u32::try_from(codecs.len()).unwrap_or(u32::MAX);
    drop(session);
    drop(context);
    Ok((name, codec_count))
}

fn device_name(cuda: &Cuda, device: abi::CuDevice) -> Result<String, ProbeError> {
    const CAPACITY: c_int = 256;
    let mut name: [c_char; CAPACITY as usize] = [0; CAPACITY as usize];
    // SAFETY: the stated length leaves the last byte of the buffer untouched, so that the text
    // ends with a zero whatever the driver writes.
    let code = unsafe { (cuda.device_get_name)(name.as_mut_ptr(), CAPACITY - 1, device) };
    cuda_ok("cuDeviceGetName", code)?;
    // SAFETY: the buffer is live and its last byte is zero.
    let text = unsafe { CStr::from_ptr(name.as_ptr()) };
    Ok(text.to_string_lossy().into_owned())
}

fn nvenc_ok(function: &'static str, device: &str, status: Status) -> Result<(), ProbeError> {
    let device = || device.to_owned();
    match status {
        abi::SUCCESS => Ok(()),
        abi::ERR_NO_ENCODE_DEVICE | abi::ERR_UNSUPPORTED_DEVICE => {
            Err(ProbeError::UnsupportedDevice { device: device() })
        }
        abi::ERR_OUT_OF_MEMORY | abi::ERR_INCOMPATIBLE_CLIENT_KEY => {
            Err(ProbeError::NoSession { device: device() })
        }
        status => Err(ProbeError::Nvenc {
            device: device(),
            function,
            status,
        }),
    }
}

/// A CUDA context, destroyed when dropped.
struct Context<'a> {
    cuda: &'a Cuda,
    handle: CuContext,
}

impl<'a> Context<'a> {
    fn create(cuda: &'a Cuda, device: abi::CuDevice) -> Result<Self, ProbeError> {
        let mut handle: CuContext = std::ptr::null_mut();
        // SAFETY: the pointer is live and the device came from cuDeviceGet.
        let code = unsafe { (cuda.ctx_create)(&raw mut handle, 0, device) };
        cuda_ok("cuCtxCreate", code)?;
        Ok(Self { cuda, handle })
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle came from cuCtxCreate and is destroyed once; destroying the current
        // context also makes the one before it current again.
        unsafe { (self.cuda.ctx_destroy)(self.handle) };
    }
}

/// An encode session, destroyed when dropped, before the context that it lives on.
struct Session<'a> {
    handle: *mut c_void,
    destroy: abi::DestroyEncoder,
    _context: &'a Context<'a>,
}

impl<'a> Session<'a> {
    fn open(
        functions: &FunctionList,
        context: &'a Context<'a>,
        device: &str,
    ) -> Result<Self, ProbeError> {
        let (Some(open), Some(destroy)) =
            (functions.open_encode_session_ex, functions.destroy_encoder)
        else {
            return Err(ProbeError::Nvenc {
                device: device.to_owned(),
                function: "NvEncodeAPICreateInstance",
                status: abi::ERR_INVALID_VERSION,
            });
        };
        let mut params = Box::new(OpenSessionParams::on_cuda(context.handle));
        let mut handle = std::ptr::null_mut();
        // SAFETY: both pointers are live; the parameters state their version and have its layout;
        // the context outlives the session by the borrow that the session keeps.
        let status = unsafe { open(&raw mut *params, &raw mut handle) };
        // A refused session that still has a handle must be destroyed too, says the header.
        let session = (!handle.is_null()).then(|| Self {
            handle,
            destroy,
            _context: context,
        });
        nvenc_ok("NvEncOpenEncodeSessionEx", device, status)?;
        session.ok_or_else(|| ProbeError::Nvenc {
            device: device.to_owned(),
            function: "NvEncOpenEncodeSessionEx",
            status,
        })
    }

    fn codecs(&self, functions: &FunctionList, device: &str) -> Result<Vec<Guid>, ProbeError> {
        let (Some(get_count), Some(get_guids)) =
            (functions.get_encode_guid_count, functions.get_encode_guids)
        else {
            return Ok(Vec::new());
        };
        let mut count: u32 = 0;
        // SAFETY: the session is open and the pointer is live.
        let status = unsafe { get_count(self.handle, &raw mut count) };
        nvenc_ok("NvEncGetEncodeGUIDCount", device, status)?;

        let mut guids = vec![Guid::default(); count as usize];
        let mut written: u32 = 0;
        // SAFETY: the session is open, and the buffer holds the stated number of GUIDs.
        let status = unsafe { get_guids(self.handle, guids.as_mut_ptr(), count, &raw mut written) };
        nvenc_ok("NvEncGetEncodeGUIDs", device, status)?;
        guids.truncate(written as usize);
        Ok(guids)
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle came from NvEncOpenEncodeSessionEx and is destroyed once.
        unsafe { (self.destroy)(self.handle) };
    }
}
