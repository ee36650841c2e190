//! A GPU that encodes H.264: found step by step, and proved by opening a session on it.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use crate::abi::{self, CapsParam, CuContext, Guid, OpenSessionParams, Versioned};
use crate::error::{Answer, ApiVersion, NvencError};
use crate::library::{Cuda, Encode, Functions, Libraries};

/// What opening a device found.
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
    /// What tells the device from others, in Vulkan's `deviceUUID` too.
    pub uuid: [u8; 16],
}

/// Opens and closes an H.264 session on the first device that gives one, with the system's driver.
pub fn probe() -> Result<Probe, NvencError> {
    probe_with(&Libraries::default())
}

/// The same with the libraries named.
pub fn probe_with(libraries: &Libraries) -> Result<Probe, NvencError> {
    Device::open(libraries).map(|device| device.probe)
}

/// A GPU that encodes H.264, and a CUDA context on it that lives as long as this or a
/// [`Session`](crate::Session) does.
#[derive(Clone)]
pub struct Device {
    pub(crate) context: Arc<Context>,
    probe: Probe,
}

impl Device {
    /// Opens the first device on which the driver gives an H.264 session, which is closed again.
    pub fn open(libraries: &Libraries) -> Result<Self, NvencError> {
        let cuda = Cuda::load(libraries)?;
        // SAFETY: cuInit takes no pointers, and may be called any number of times.
        cuda.check("cuInit", unsafe { (cuda.init)(0) })?;
        let cuda_version = cuda_version(&cuda)?;
        let device_count = device_count(&cuda)?;
        let encode = Encode::load(libraries)?;
        let api_version = encode.negotiate()?;
        let driver = Arc::new(Driver {
            functions: encode.functions()?,
            cuda,
        });

        let mut first_error = None;
        for ordinal in 0..device_count {
            match open_device(&driver, ordinal) {
                Ok((context, codec_count)) => {
                    let probe = Probe {
                        device: context.device.clone(),
                        cuda_version,
                        api_version,
                        codec_count,
                        uuid: device_uuid(&driver.cuda, ordinal)?,
                    };
                    return Ok(Self { context, probe });
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or(NvencError::NoDevice))
    }

    /// What opening it found.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }
}

fn cuda_version(cuda: &Cuda) -> Result<(u32, u32), NvencError> {
    let mut version: c_int = 0;
    // SAFETY: the pointer is to a live integer of the type that the function writes.
    let code = unsafe { (cuda.driver_get_version)(&raw mut version) };
    cuda.check("cuDriverGetVersion", code)?;
    let version = u32::try_from(version).unwrap_or(0);
    Ok((version / 1000, version % 1000 / 10))
}

fn device_count(cuda: &Cuda) -> Result<c_int, NvencError> {
    let mut count: c_int = 0;
    // SAFETY: the pointer is to a live integer; cuInit has succeeded.
    let code = unsafe { (cuda.device_get_count)(&raw mut count) };
    cuda.check("cuDeviceGetCount", code)?;
    Ok(count)
}

fn open_device(driver: &Arc<Driver>, ordinal: c_int) -> Result<(Arc<Context>, u32), NvencError> {
    let cuda = &driver.cuda;
    let mut device: abi::CuDevice = 0;
    // SAFETY: the pointer is live and the ordinal is below the count that the driver stated.
    let code = unsafe { (cuda.device_get)(&raw mut device, ordinal) };
    cuda.check("cuDeviceGet", code)?;
    let name = device_name(cuda, device)?;
    let context = Arc::new(Context::create(driver, device, name)?);

    let codecs = Handle::open(&context)?.codecs()?;
    if !codecs.contains(&abi::CODEC_H264) {
        return Err(NvencError::NoH264 {
            device: context.device.clone(),
        });
    }
    let codec_count = u32::try_from(codecs.len()).unwrap_or(u32::MAX);
    Ok((context, codec_count))
}

fn device_uuid(cuda: &Cuda, ordinal: c_int) -> Result<abi::CuUuid, NvencError> {
    let (mut device, mut uuid) = (0, abi::CuUuid::default());
    // SAFETY: the pointer is live and a device of this ordinal was opened.
    let code = unsafe { (cuda.device_get)(&raw mut device, ordinal) };
    cuda.check("cuDeviceGet", code)?;
    // SAFETY: the pointer is to as many bytes as the function writes.
    let code = unsafe { (cuda.device_get_uuid)(&raw mut uuid, device) };
    cuda.check("cuDeviceGetUuid", code)?;
    Ok(uuid)
}

fn device_name(cuda: &Cuda, device: abi::CuDevice) -> Result<String, NvencError> {
    const CAPACITY: c_int = 256;
    let mut name: [c_char; CAPACITY as usize] = [0; CAPACITY as usize];
    // SAFETY: the stated length leaves the last byte of the buffer untouched, so that the text
    // ends with a zero whatever the driver writes.
    let code = unsafe { (cuda.device_get_name)(name.as_mut_ptr(), CAPACITY - 1, device) };
    cuda.check("cuDeviceGetName", code)?;
    // SAFETY: the buffer is live and its last byte is zero.
    let text = unsafe { CStr::from_ptr(name.as_ptr()) };
    Ok(text.to_string_lossy().into_owned())
}

/// The functions of both libraries, which stay loaded.
pub(crate) struct Driver {
    pub cuda: Cuda,
    pub functions: Functions,
}

/// A CUDA context that is current to no thread until [`Context::enter`]; destroyed when dropped.
pub(crate) struct Context {
    pub driver: Arc<Driver>,
    handle: CuContext,
    /// The device's name, for errors.
    pub device: String,
}

// SAFETY: the CUDA driver may be called from any thread, and a context may be current to any, one
// after the other or at the same time; the handle is no more than its name.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    fn create(
        driver: &Arc<Driver>,
        device: abi::CuDevice,
        name: String,
    ) -> Result<Self, NvencError> {
        let cuda = &driver.cuda;
        let mut handle: CuContext = ptr::null_mut();
        // SAFETY: the pointer is live and the device came from cuDeviceGet.
        let code = unsafe { (cuda.ctx_create)(&raw mut handle, 0, device) };
        cuda.check("cuCtxCreate", code)?;
        let context = Self {
            driver: Arc::clone(driver),
            handle,
            device: name,
        };
        // Creating made it current to this thread.
        drop(Current(&context));
        Ok(context)
    }

    /// Makes it current to this thread until the guard is dropped.
    pub fn enter(&self) -> Result<Current<'_>, NvencError> {
        let cuda = &self.driver.cuda;
        // SAFETY: the context lives as long as the guard borrows it.
        let code = unsafe { (cuda.ctx_push_current)(self.handle) };
        cuda.check("cuCtxPushCurrent", code)?;
        Ok(Current(self))
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the handle came from cuCtxCreate, is destroyed once, and is current to no
        // thread, because no guard borrows it.
        unsafe { (self.driver.cuda.ctx_destroy)(self.handle) };
    }
}

/// A context is current to this thread as long as this lives.
pub(crate) struct Current<'a>(&'a Context);

impl Drop for Current<'_> {
    fn drop(&mut self) {
        let mut popped: CuContext = ptr::null_mut();
        // SAFETY: the pointer is live; guards are dropped in the order that undoes their making,
        // so what is on top of this thread's stack is their context.
        unsafe { (self.0.driver.cuda.ctx_pop_current)(&raw mut popped) };
    }
}

/// An encode session without pictures; destroyed when dropped, before the context it lives on.
pub(crate) struct Handle {
    pub raw: *mut c_void,
    pub context: Arc<Context>,
}

// SAFETY: NVENC ties a session to its device and not to a thread, and it is only called through
// exclusive or single-threaded access to what owns the handle, with the context made current.
unsafe impl Send for Handle {}

impl Handle {
    pub fn open(context: &Arc<Context>) -> Result<Self, NvencError> {
        let _current = context.enter()?;
        let mut params = OpenSessionParams::request();
        params.device_type = abi::DEVICE_TYPE_CUDA;
        params.device = context.handle;
        params.api_version = abi::API_VERSION;
        let mut raw = ptr::null_mut();
        let open = context.driver.functions.open_encode_session_ex;
        // SAFETY: both pointers are live; the parameters state their version and have its layout;
        // the context outlives the session, which keeps a share of it.
        let status = unsafe { open(&raw mut *params, &raw mut raw) };
        // A refused session that still has a handle must be destroyed too, says the header.
        let session = (!raw.is_null()).then(|| Self {
            raw,
            context: Arc::clone(context),
        });
        let function = "NvEncOpenEncodeSessionEx";
        let detail = match &session {
            Some(session) if status != abi::SUCCESS => session.last_error(),
            _ => String::new(),
        };
        NvencError::of_opening(&context.device, function, Answer { status, detail })?;
        session.ok_or_else(|| NvencError::Nvenc {
            device: context.device.clone(),
            function,
            answer: crate::error::bare(abi::ERR_INVALID_PTR),
        })
    }

    pub fn functions(&self) -> &Functions {
        &self.context.driver.functions
    }

    /// What a call answered, with the driver's words if it failed.
    pub fn answer(&self, status: abi::Status) -> Answer {
        let detail = if status == abi::SUCCESS {
            String::new()
        } else {
            self.last_error()
        };
        Answer { status, detail }
    }

    /// Says which call on this session failed, and how.
    pub fn check(&self, function: &'static str, status: abi::Status) -> Result<(), NvencError> {
        if status == abi::SUCCESS {
            return Ok(());
        }
        Err(NvencError::Nvenc {
            device: self.context.device.clone(),
            function,
            answer: self.answer(status),
        })
    }

    fn last_error(&self) -> String {
        // SAFETY: the session is open.
        let text = unsafe { (self.functions().get_last_error_string)(self.raw) };
        if text.is_null() {
            return String::new();
        }
        // SAFETY: not null, it points to a text of the session that ends with zero, and is copied
        // before the next call.
        let text = unsafe { CStr::from_ptr(text) };
        text.to_string_lossy().trim().to_owned()
    }

    fn codecs(&self) -> Result<Vec<Guid>, NvencError> {
        let _current = self.context.enter()?;
        let mut count: u32 = 0;
        // SAFETY: the session is open and the pointer is live.
        let status = unsafe { (self.functions().get_encode_guid_count)(self.raw, &raw mut count) };
        self.check("NvEncGetEncodeGUIDCount", status)?;

        let mut guids = vec![Guid::default(); count as usize];
        let mut written: u32 = 0;
        let get = self.functions().get_encode_guids;
        // SAFETY: the session is open, and the buffer holds the stated number of GUIDs.
        let status = unsafe { get(self.raw, guids.as_mut_ptr(), count, &raw mut written) };
        self.check("NvEncGetEncodeGUIDs", status)?;
        guids.truncate(written as usize);
        Ok(guids)
    }

    /// A capability of the H.264 encoder; the context must be current.
    pub fn capability(&self, caps: u32) -> Result<u32, NvencError> {
        let mut query = CapsParam::request();
        query.caps_to_query = caps;
        let mut value: c_int = 0;
        let get = self.functions().get_encode_caps;
        // SAFETY: the session is open; the query states its version and has its layout; the value
        // is a live integer of the type that the function writes.
        let status = unsafe { get(self.raw, abi::CODEC_H264, &raw mut *query, &raw mut value) };
        self.check("NvEncGetEncodeCaps", status)?;
        Ok(u32::try_from(value).unwrap_or(0))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _current = self.context.enter();
        // SAFETY: the handle came from NvEncOpenEncodeSessionEx and is destroyed once.
        unsafe { (self.functions().destroy_encoder)(self.raw) };
    }
}
