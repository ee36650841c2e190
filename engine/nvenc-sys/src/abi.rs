//! The part of the binary interface that probing needs, after `nvEncodeAPI.h` 11.1 (MIT, in
//! Debian's `libffmpeg-nvenc-dev`). The 11.1 layouts are accepted by every later driver.

use std::ffi::{c_char, c_int, c_uint, c_void};

/// Interface version of the layouts below.
pub const API_MAJOR: u32 = 11;
pub const API_MINOR: u32 = 1;
pub const API_VERSION: u32 = API_MAJOR | (API_MINOR << 24);

/// `NVENCAPI_STRUCT_VERSION` of the header.
const fn struct_version(revision: u32) -> u32 {
    API_VERSION | (revision << 16) | (0x7 << 28)
}

pub const FUNCTION_LIST_VERSION: u32 = struct_version(2);
pub const OPEN_SESSION_VERSION: u32 = struct_version(1);

/// `NV_ENC_DEVICE_TYPE_CUDA`.
pub const DEVICE_TYPE_CUDA: u32 = 1;

/// `NVENCSTATUS`.
pub type Status = c_uint;
pub const SUCCESS: Status = 0;
pub const ERR_NO_ENCODE_DEVICE: Status = 1;
pub const ERR_UNSUPPORTED_DEVICE: Status = 2;
pub const ERR_OUT_OF_MEMORY: Status = 10;
pub const ERR_INVALID_VERSION: Status = 15;
pub const ERR_INCOMPATIBLE_CLIENT_KEY: Status = 21;

/// `CUresult`, and its value for a driver that finds no GPU.
pub type CuResult = c_int;
pub const CUDA_SUCCESS: CuResult = 0;
pub const CUDA_ERROR_NO_DEVICE: CuResult = 100;

pub type CuDevice = c_int;
pub type CuContext = *mut c_void;

pub type CuInit = unsafe extern "system" fn(flags: c_uint) -> CuResult;
pub type CuDriverGetVersion = unsafe extern "system" fn(version: *mut c_int) -> CuResult;
pub type CuDeviceGetCount = unsafe extern "system" fn(count: *mut c_int) -> CuResult;
pub type CuDeviceGet = unsafe extern "system" fn(device: *mut CuDevice, ordinal: c_int) -> CuResult;
pub type CuDeviceGetName =
    unsafe extern "system" fn(name: *mut c_char, len: c_int, device: CuDevice) -> CuResult;
pub type CuCtxCreate =
    unsafe extern "system" fn(context: *mut CuContext, flags: c_uint, device: CuDevice) -> CuResult;
pub type CuCtxDestroy = unsafe extern "system" fn(context: CuContext) -> CuResult;

pub type GetMaxSupportedVersion = unsafe extern "system" fn(version: *mut u32) -> Status;
pub type CreateInstance = unsafe extern "system" fn(list: *mut FunctionList) -> Status;
pub type OpenEncodeSessionEx =
    unsafe extern "system" fn(params: *mut OpenSessionParams, encoder: *mut *mut c_void) -> Status;
pub type GetEncodeGuidCount =
    unsafe extern "system" fn(encoder: *mut c_void, count: *mut u32) -> Status;
pub type GetEncodeGuids = unsafe extern "system" fn(
    encoder: *mut c_void,
    guids: *mut Guid,
    capacity: u32,
    count: *mut u32,
) -> Status;
pub type DestroyEncoder = unsafe extern "system" fn(encoder: *mut c_void) -> Status;

/// `GUID`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guid {
    pub data1: u32,
    pub data2: u16,
    pub data3: u16,
    pub data4: [u8; 8],
}

/// `NV_ENC_CODEC_H264_GUID`.
pub const CODEC_H264: Guid = Guid {
    data1: 0x6bc8_2762,
    data2: 0x4e63,
    data3: 0x4ca4,
    data4: [0xaa, 0x85, 0x1e, 0x50, 0xf3, 0x21, 0xf6, 0xbf],
};

/// `NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS`.
#[repr(C)]
pub struct OpenSessionParams {
    pub version: u32,
    pub device_type: u32,
    pub device: *mut c_void,
    reserved: *mut c_void,
    pub api_version: u32,
    reserved1: [u32; 253],
    reserved2: [*mut c_void; 64],
}

impl OpenSessionParams {
    /// Asks for a session on a CUDA context.
    pub fn on_cuda(context: CuContext) -> Self {
        Self {
            version: OPEN_SESSION_VERSION,
            device_type: DEVICE_TYPE_CUDA,
            device: context,
            reserved: std::ptr::null_mut(),
            api_version: API_VERSION,
            reserved1: [0; 253],
            reserved2: [std::ptr::null_mut(); 64],
        }
    }
}

/// `NV_ENCODE_API_FUNCTION_LIST`; entries that probing does not call are left as pointers.
#[repr(C)]
pub struct FunctionList {
    pub version: u32,
    reserved: u32,
    open_encode_session: *mut c_void,
    pub get_encode_guid_count: Option<GetEncodeGuidCount>,
    profile_guids: [*mut c_void; 2],
    pub get_encode_guids: Option<GetEncodeGuids>,
    input_formats_to_unmap_input: [*mut c_void; 22],
    pub destroy_encoder: Option<DestroyEncoder>,
    invalidate_ref_frames: *mut c_void,
    pub open_encode_session_ex: Option<OpenEncodeSessionEx>,
    register_resource_to_reserved2: [*mut c_void; 288],
}

impl FunctionList {
    /// An empty list that states the version it wants to be filled for.
    pub fn request() -> Self {
        Self {
            version: FUNCTION_LIST_VERSION,
            reserved: 0,
            open_encode_session: std::ptr::null_mut(),
            get_encode_guid_count: None,
            profile_guids: [std::ptr::null_mut(); 2],
            get_encode_guids: None,
            input_formats_to_unmap_input: [std::ptr::null_mut(); 22],
            destroy_encoder: None,
            invalidate_ref_frames: std::ptr::null_mut(),
            open_encode_session_ex: None,
            register_resource_to_reserved2: [std::ptr::null_mut(); 288],
        }
    }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    // The figures were printed by a C program that includes nvEncodeAPI.h 11.1.

    #[test]
    fn sizes_are_those_of_the_reference_header() {
        assert_eq!(size_of::<Guid>(), 16);
        assert_eq!(size_of::<OpenSessionParams>(), 1552);
        assert_eq!(size_of::<FunctionList>(), 2552);
    }

    #[test]
    fn session_parameters_lie_where_the_reference_header_puts_them() {
        assert_eq!(offset_of!(OpenSessionParams, version), 0);
        assert_eq!(offset_of!(OpenSessionParams, device_type), 4);
        assert_eq!(offset_of!(OpenSessionParams, device), 8);
        assert_eq!(offset_of!(OpenSessionParams, reserved), 16);
        assert_eq!(offset_of!(OpenSessionParams, api_version), 24);
        assert_eq!(offset_of!(OpenSessionParams, reserved1), 28);
        assert_eq!(offset_of!(OpenSessionParams, reserved2), 1040);
    }

    #[test]
    fn functions_lie_where_the_reference_header_puts_them() {
        assert_eq!(offset_of!(FunctionList, open_encode_session), 8);
        assert_eq!(offset_of!(FunctionList, get_encode_guid_count), 16);
        assert_eq!(offset_of!(FunctionList, get_encode_guids), 40);
        assert_eq!(offset_of!(FunctionList, destroy_encoder), 224);
        assert_eq!(offset_of!(FunctionList, open_encode_session_ex), 240);
    }

    #[test]
    fn versions_are_packed_as_the_reference_header_packs_them() {
        assert_eq!(API_VERSION, 0x0100_000b);
        assert_eq!(OPEN_SESSION_VERSION, 0x7101_000b);
        assert_eq!(FUNCTION_LIST_VERSION, 0x7102_000b);
    }
}
