//! The part of two binary interfaces that encoding needs: the CUDA driver, and NVENC after
//! `nvEncodeAPI.h` 11.1 (MIT, in Debian's `libffmpeg-nvenc-dev`), whose names stand beside each
//! type. Every later driver accepts the 11.1 layouts, because each structure states its version.

use std::ffi::{c_char, c_int, c_uint, c_void};

#[cfg(all(test, target_pointer_width = "64"))]
mod layout;

/// Interface version of the layouts below.
pub const API_MAJOR: u32 = 11;
pub const API_MINOR: u32 = 1;
pub const API_VERSION: u32 = API_MAJOR | (API_MINOR << 24);

/// `NVENCAPI_STRUCT_VERSION` of the header.
const fn struct_version(revision: u32) -> u32 {
    API_VERSION | (revision << 16) | (0x7 << 28)
}

/// The mark of structures that the interface extends in place.
const EXTENDED: u32 = 1 << 31;

/// A structure that may be all zeros.
///
/// # Safety
/// Zero must be a valid value of each of its fields.
pub unsafe trait Zeroed: Sized {
    /// All zeros, which the interface asks for wherever nothing else is said.
    fn zeroed() -> Box<Self> {
        // SAFETY: what implements this trait vouches for the all-zero value.
        Box::new(unsafe { std::mem::zeroed() })
    }
}

/// A structure that states its version.
pub trait Versioned: Zeroed {
    const VERSION: u32;
    fn version(&mut self) -> &mut u32;

    /// All zeros but for the version.
    fn request() -> Box<Self> {
        let mut request = Self::zeroed();
        *request.version() = Self::VERSION;
        request
    }
}

macro_rules! versioned {
    ($($kind:ty: $version:expr;)*) => {$(
        // SAFETY: integers, arrays of integers, nullable pointers and structures of those.
        unsafe impl Zeroed for $kind {}
        impl Versioned for $kind {
            const VERSION: u32 = $version;
            fn version(&mut self) -> &mut u32 {
                &mut self.version
            }
        }
    )*};
}

versioned! {
    OpenSessionParams: struct_version(1);
    FunctionList: struct_version(2);
    CapsParam: struct_version(1);
    PresetConfig: struct_version(4) | EXTENDED;
    Config: struct_version(7) | EXTENDED;
    InitializeParams: struct_version(5) | EXTENDED;
    CreateBitstreamBuffer: struct_version(1);
    RegisterResource: struct_version(3);
    MapInputResource: struct_version(4);
    PicParams: struct_version(4) | EXTENDED;
    LockBitstream: struct_version(1);
}

/// `NV_ENC_DEVICE_TYPE_CUDA`.
pub const DEVICE_TYPE_CUDA: u32 = 1;
/// `NV_ENC_INPUT_RESOURCE_TYPE_CUDADEVICEPTR`.
pub const RESOURCE_TYPE_CUDA_DEVICE_POINTER: u32 = 1;
/// `NV_ENC_INPUT_IMAGE`.
pub const BUFFER_USAGE_INPUT_IMAGE: u32 = 0;
/// `NV_ENC_BUFFER_FORMAT_NV12`: luma, then blue and red chroma by turns at half the size.
pub const BUFFER_FORMAT_NV12: u32 = 1;
/// `NV_ENC_TUNING_INFO_HIGH_QUALITY`.
pub const TUNING_HIGH_QUALITY: u32 = 1;
/// `NV_ENC_PARAMS_RC_VBR`.
pub const RATE_CONTROL_VBR: u32 = 1;
/// `NV_ENC_PIC_STRUCT_FRAME`, and `NV_ENC_PARAMS_FRAME_FIELD_MODE_FRAME`.
pub const PICTURE_STRUCT_FRAME: u32 = 1;
pub const FRAME_FIELD_MODE_FRAME: u32 = 1;
/// `NV_ENC_PIC_TYPE`.
pub const PICTURE_TYPE_P: u32 = 0;
pub const PICTURE_TYPE_IDR: u32 = 3;
/// `NV_ENC_PIC_FLAGS`.
pub const PICTURE_FLAG_FORCE_IDR: u32 = 2;
pub const PICTURE_FLAG_OUTPUT_SPS_PPS: u32 = 4;
pub const PICTURE_FLAG_EOS: u32 = 8;
/// `NV_ENC_CAPS`.
pub const CAPS_WIDTH_MAX: u32 = 16;
pub const CAPS_HEIGHT_MAX: u32 = 17;
pub const CAPS_WIDTH_MIN: u32 = 45;
pub const CAPS_HEIGHT_MIN: u32 = 46;

/// Bits of `RcParams::flags`.
pub const RC_ENABLE_MIN_QP: u32 = 1;
pub const RC_ENABLE_MAX_QP: u32 = 1 << 1;
pub const RC_ENABLE_AQ: u32 = 1 << 3;
pub const RC_ENABLE_LOOKAHEAD: u32 = 1 << 5;
/// Bits of `ConfigH264::flags`.
pub const H264_OUTPUT_AUD: u32 = 1 << 6;
pub const H264_DISABLE_SPS_PPS: u32 = 1 << 7;
pub const H264_REPEAT_SPS_PPS: u32 = 1 << 12;

/// Video format "unspecified" of H.264, table E-2, and BT.709 in tables E-3 to E-5.
pub const VIDEO_FORMAT_UNSPECIFIED: u32 = 5;
pub const COLOUR_BT709: u32 = 1;
/// `chroma_format_idc` of chroma at half the width and height.
pub const CHROMA_FORMAT_420: u32 = 1;

/// `NVENCSTATUS`.
pub type Status = c_uint;
pub const SUCCESS: Status = 0;
pub const ERR_NO_ENCODE_DEVICE: Status = 1;
pub const ERR_UNSUPPORTED_DEVICE: Status = 2;
pub const ERR_INVALID_ENCODERDEVICE: Status = 3;
pub const ERR_DEVICE_NOT_EXIST: Status = 5;
pub const ERR_INVALID_PTR: Status = 6;
pub const ERR_INVALID_PARAM: Status = 8;
pub const ERR_INVALID_CALL: Status = 9;
pub const ERR_OUT_OF_MEMORY: Status = 10;
pub const ERR_INVALID_VERSION: Status = 15;
pub const ERR_NEED_MORE_INPUT: Status = 17;
pub const ERR_GENERIC: Status = 20;
pub const ERR_INCOMPATIBLE_CLIENT_KEY: Status = 21;
pub const ERR_RESOURCE_NOT_REGISTERED: Status = 24;
pub const ERR_RESOURCE_NOT_MAPPED: Status = 25;

/// The header's names of the states, without the common `NV_ENC_`.
pub const STATUS_NAMES: [&str; 26] = [
    "SUCCESS",
    "ERR_NO_ENCODE_DEVICE",
    "ERR_UNSUPPORTED_DEVICE",
    "ERR_INVALID_ENCODERDEVICE",
    "ERR_INVALID_DEVICE",
    "ERR_DEVICE_NOT_EXIST",
    "ERR_INVALID_PTR",
    "ERR_INVALID_EVENT",
    "ERR_INVALID_PARAM",
    "ERR_INVALID_CALL",
    "ERR_OUT_OF_MEMORY",
    "ERR_ENCODER_NOT_INITIALIZED",
    "ERR_UNSUPPORTED_PARAM",
    "ERR_LOCK_BUSY",
    "ERR_NOT_ENOUGH_BUFFER",
    "ERR_INVALID_VERSION",
    "ERR_MAP_FAILED",
    "ERR_NEED_MORE_INPUT",
    "ERR_ENCODER_BUSY",
    "ERR_EVENT_NOT_REGISTERD",
    "ERR_GENERIC",
    "ERR_INCOMPATIBLE_CLIENT_KEY",
    "ERR_UNIMPLEMENTED",
    "ERR_RESOURCE_REGISTER_FAILED",
    "ERR_RESOURCE_NOT_REGISTERED",
    "ERR_RESOURCE_NOT_MAPPED",
];

/// `CUresult`, and its value for a driver that finds no GPU.
pub type CuResult = c_int;
pub const CUDA_SUCCESS: CuResult = 0;
pub const CUDA_ERROR_NO_DEVICE: CuResult = 100;

pub type CuDevice = c_int;
pub type CuContext = *mut c_void;
/// `CUdeviceptr`, an address on the device.
pub type CuDevicePointer = usize;

/// `CUexternalMemory`.
pub type CuExternalMemory = *mut c_void;
/// `CUuuid`.
pub type CuUuid = [u8; 16];

/// `CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD`.
pub const EXTERNAL_MEMORY_OPAQUE_FD: u32 = 1;
/// `CUDA_EXTERNAL_MEMORY_DEDICATED`.
pub const EXTERNAL_MEMORY_DEDICATED: u32 = 1;

/// `CUDA_EXTERNAL_MEMORY_HANDLE_DESC`, its union as file descriptors have it.
#[repr(C)]
pub struct ExternalMemoryHandleDesc {
    pub kind: u32,
    pub padding: u32,
    pub fd: c_int,
    pub beside_fd: c_int,
    pub name: *const c_void,
    pub size: u64,
    pub flags: u32,
    pub reserved: [u32; 16],
}

/// `CUDA_EXTERNAL_MEMORY_BUFFER_DESC`.
#[repr(C)]
pub struct ExternalMemoryBufferDesc {
    pub offset: u64,
    pub size: u64,
    pub flags: u32,
    pub reserved: [u32; 16],
}

// SAFETY: integers, arrays of integers and a nullable pointer.
unsafe impl Zeroed for ExternalMemoryHandleDesc {}
// SAFETY: integers and an array of integers.
unsafe impl Zeroed for ExternalMemoryBufferDesc {}

pub type CuInit = unsafe extern "system" fn(flags: c_uint) -> CuResult;
pub type CuGetErrorName =
    unsafe extern "system" fn(error: CuResult, name: *mut *const c_char) -> CuResult;
pub type CuDriverGetVersion = unsafe extern "system" fn(version: *mut c_int) -> CuResult;
pub type CuDeviceGetCount = unsafe extern "system" fn(count: *mut c_int) -> CuResult;
pub type CuDeviceGet = unsafe extern "system" fn(device: *mut CuDevice, ordinal: c_int) -> CuResult;
pub type CuDeviceGetName =
    unsafe extern "system" fn(name: *mut c_char, len: c_int, device: CuDevice) -> CuResult;
pub type CuCtxCreate =
    unsafe extern "system" fn(context: *mut CuContext, flags: c_uint, device: CuDevice) -> CuResult;
pub type CuCtxDestroy = unsafe extern "system" fn(context: CuContext) -> CuResult;
pub type CuCtxPushCurrent = unsafe extern "system" fn(context: CuContext) -> CuResult;
pub type CuCtxPopCurrent = unsafe extern "system" fn(context: *mut CuContext) -> CuResult;
pub type CuMemAllocPitch = unsafe extern "system" fn(
    memory: *mut CuDevicePointer,
    pitch: *mut usize,
    width_bytes: usize,
    height: usize,
    element_size_bytes: c_uint,
) -> CuResult;
pub type CuMemFree = unsafe extern "system" fn(memory: CuDevicePointer) -> CuResult;
pub type CuMemcpyHtoD =
    unsafe extern "system" fn(to: CuDevicePointer, from: *const c_void, len: usize) -> CuResult;
pub type CuDeviceGetUuid =
    unsafe extern "system" fn(uuid: *mut CuUuid, device: CuDevice) -> CuResult;
pub type CuImportExternalMemory = unsafe extern "system" fn(
    memory: *mut CuExternalMemory,
    handle: *const ExternalMemoryHandleDesc,
) -> CuResult;
pub type CuExternalMemoryGetMappedBuffer = unsafe extern "system" fn(
    address: *mut CuDevicePointer,
    memory: CuExternalMemory,
    buffer: *const ExternalMemoryBufferDesc,
) -> CuResult;
pub type CuDestroyExternalMemory = unsafe extern "system" fn(memory: CuExternalMemory) -> CuResult;

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
pub type GetEncodeCaps = unsafe extern "system" fn(
    encoder: *mut c_void,
    codec: Guid,
    query: *mut CapsParam,
    value: *mut c_int,
) -> Status;
pub type GetEncodePresetConfigEx = unsafe extern "system" fn(
    encoder: *mut c_void,
    codec: Guid,
    preset: Guid,
    tuning: u32,
    config: *mut PresetConfig,
) -> Status;
pub type InitializeEncoder =
    unsafe extern "system" fn(encoder: *mut c_void, params: *mut InitializeParams) -> Status;
pub type CreateBitstream =
    unsafe extern "system" fn(encoder: *mut c_void, params: *mut CreateBitstreamBuffer) -> Status;
pub type RegisterResourceFn =
    unsafe extern "system" fn(encoder: *mut c_void, params: *mut RegisterResource) -> Status;
pub type MapInputResourceFn =
    unsafe extern "system" fn(encoder: *mut c_void, params: *mut MapInputResource) -> Status;
pub type EncodePicture =
    unsafe extern "system" fn(encoder: *mut c_void, params: *mut PicParams) -> Status;
pub type LockBitstreamFn =
    unsafe extern "system" fn(encoder: *mut c_void, params: *mut LockBitstream) -> Status;
/// `NvEncDestroyBitstreamBuffer`, `NvEncUnlockBitstream`, `NvEncUnmapInputResource` and
/// `NvEncUnregisterResource`, each with the handle that its counterpart gave.
pub type Release = unsafe extern "system" fn(encoder: *mut c_void, handle: *mut c_void) -> Status;
pub type DestroyEncoder = unsafe extern "system" fn(encoder: *mut c_void) -> Status;
pub type GetLastErrorString = unsafe extern "system" fn(encoder: *mut c_void) -> *const c_char;

/// `GUID`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guid {
    pub data1: u32,
    pub data2: u16,
    pub data3: u16,
    pub data4: [u8; 8],
}

impl Guid {
    /// From the first three groups of digits as they are written, and the rest in one.
    const fn new(data1: u32, data2: u16, data3: u16, data4: u64) -> Self {
        Self {
            data1,
            data2,
            data3,
            data4: data4.to_be_bytes(),
        }
    }
}

/// `NV_ENC_CODEC_H264_GUID`.
pub const CODEC_H264: Guid = Guid::new(0x6bc8_2762, 0x4e63, 0x4ca4, 0xaa85_1e50_f321_f6bf);
/// `NV_ENC_CODEC_HEVC_GUID`.
pub const CODEC_HEVC: Guid = Guid::new(0x790c_dc88, 0x4522, 0x4d7b, 0x9425_bda9_975f_7603);
/// `NV_ENC_H264_PROFILE_HIGH_GUID`.
pub const PROFILE_H264_HIGH: Guid = Guid::new(0xe7cb_c309, 0x4f7a, 0x4b89, 0xaf2a_d537_c92b_e310);
/// `NV_ENC_PRESET_P1_GUID` to `NV_ENC_PRESET_P7_GUID`.
pub const PRESETS: [Guid; 7] = [
    Guid::new(0xfc0a_8d3e, 0x45f8, 0x4cf8, 0x80c7_2988_7159_0ebf),
    Guid::new(0xf581_cfb8, 0x88d6, 0x4381, 0x93f0_df13_f9c2_7dab),
    Guid::new(0x3685_0110, 0x3a07, 0x441f, 0x94d5_3670_631f_91f6),
    Guid::new(0x90a7_b826, 0xdf06, 0x4862, 0xb9d2_cd6d_73a0_8681),
    Guid::new(0x21c6_e6b4, 0x297a, 0x4cba, 0x998f_b6cb_de72_ade3),
    Guid::new(0x8e75_c279, 0x6299, 0x4ab6, 0x8302_0b21_5a33_5cf5),
    Guid::new(0x8484_8c12, 0x6f71, 0x4c13, 0x931b_53e2_83f5_7974),
];

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

/// `NV_ENCODE_API_FUNCTION_LIST`; entries that are not called are left as pointers.
#[repr(C)]
pub struct FunctionList {
    pub version: u32,
    reserved: u32,
    open_encode_session: *mut c_void,
    pub get_encode_guid_count: Option<GetEncodeGuidCount>,
    profile_guids: [*mut c_void; 2],
    pub get_encode_guids: Option<GetEncodeGuids>,
    input_formats: [*mut c_void; 2],
    pub get_encode_caps: Option<GetEncodeCaps>,
    presets: [*mut c_void; 3],
    pub initialize_encoder: Option<InitializeEncoder>,
    input_buffers: [*mut c_void; 2],
    pub create_bitstream_buffer: Option<CreateBitstream>,
    pub destroy_bitstream_buffer: Option<Release>,
    pub encode_picture: Option<EncodePicture>,
    pub lock_bitstream: Option<LockBitstreamFn>,
    pub unlock_bitstream: Option<Release>,
    lock_input_to_async_events: [*mut c_void; 6],
    pub map_input_resource: Option<MapInputResourceFn>,
    pub unmap_input_resource: Option<Release>,
    pub destroy_encoder: Option<DestroyEncoder>,
    invalidate_ref_frames: *mut c_void,
    pub open_encode_session_ex: Option<OpenEncodeSessionEx>,
    pub register_resource: Option<RegisterResourceFn>,
    pub unregister_resource: Option<Release>,
    reconfigure_to_motion_estimation: [*mut c_void; 5],
    pub get_last_error_string: Option<GetLastErrorString>,
    set_io_cuda_streams: *mut c_void,
    pub get_encode_preset_config_ex: Option<GetEncodePresetConfigEx>,
    get_sequence_param_ex: *mut c_void,
    reserved2: [*mut c_void; 277],
}

/// `NV_ENC_CAPS_PARAM`.
#[repr(C)]
pub struct CapsParam {
    pub version: u32,
    pub caps_to_query: u32,
    reserved: [u32; 62],
}

/// `NV_ENC_QP`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Qp {
    pub inter_p: u32,
    pub inter_b: u32,
    pub intra: u32,
}

/// `NV_ENC_RC_PARAMS`.
#[repr(C)]
pub struct RcParams {
    pub version: u32,
    pub rate_control_mode: u32,
    pub const_qp: Qp,
    pub average_bit_rate: u32,
    pub max_bit_rate: u32,
    pub vbv_buffer_size: u32,
    pub vbv_initial_delay: u32,
    pub flags: u32,
    pub min_qp: Qp,
    pub max_qp: Qp,
    pub initial_rc_qp: Qp,
    pub temporal_layer_idx_mask: u32,
    pub temporal_layer_qp: [u8; 8],
    pub target_quality: u8,
    pub target_quality_lsb: u8,
    pub lookahead_depth: u16,
    pub low_delay_key_frame_scale: u8,
    reserved1: [u8; 3],
    pub qp_map_mode: u32,
    pub multi_pass: u32,
    pub alpha_layer_bitrate_ratio: u32,
    pub cb_qp_index_offset: i8,
    pub cr_qp_index_offset: i8,
    reserved2: u16,
    reserved: [u32; 4],
}

/// `NV_ENC_CONFIG_H264_VUI_PARAMETERS`.
#[repr(C)]
pub struct VuiParameters {
    pub overscan_info_present: u32,
    pub overscan_info: u32,
    pub video_signal_type_present: u32,
    pub video_format: u32,
    pub video_full_range: u32,
    pub colour_description_present: u32,
    pub colour_primaries: u32,
    pub transfer_characteristics: u32,
    pub colour_matrix: u32,
    pub chroma_sample_location: u32,
    pub chroma_sample_location_top: u32,
    pub chroma_sample_location_bot: u32,
    pub bitstream_restriction: u32,
    reserved: [u32; 15],
}

/// `NV_ENC_CONFIG_H264`, the largest member of `NV_ENC_CODEC_CONFIG`.
#[repr(C)]
pub struct ConfigH264 {
    pub flags: u32,
    pub level: u32,
    pub idr_period: u32,
    pub separate_colour_plane: u32,
    pub disable_deblocking_filter_idc: u32,
    pub num_temporal_layers: u32,
    pub sps_id: u32,
    pub pps_id: u32,
    pub adaptive_transform_mode: u32,
    pub fmo_mode: u32,
    pub bdirect_mode: u32,
    pub entropy_coding_mode: u32,
    pub stereo_mode: u32,
    pub intra_refresh_period: u32,
    pub intra_refresh_cnt: u32,
    pub max_num_ref_frames: u32,
    pub slice_mode: u32,
    pub slice_mode_data: u32,
    pub vui: VuiParameters,
    pub ltr_num_frames: u32,
    pub ltr_trust_mode: u32,
    pub chroma_format_idc: u32,
    pub max_temporal_layers: u32,
    pub use_b_frames_as_ref: u32,
    pub num_ref_l0: u32,
    pub num_ref_l1: u32,
    reserved1: [u32; 267],
    reserved2: [*mut c_void; 64],
}

/// `NV_ENC_CONFIG`.
#[repr(C)]
pub struct Config {
    pub version: u32,
    pub profile_guid: Guid,
    pub gop_length: u32,
    pub frame_interval_p: i32,
    pub mono_chrome_encoding: u32,
    pub frame_field_mode: u32,
    pub mv_precision: u32,
    pub rc: RcParams,
    pub h264: ConfigH264,
    reserved: [u32; 278],
    reserved2: [*mut c_void; 64],
}

/// `NV_ENC_PRESET_CONFIG`.
#[repr(C)]
pub struct PresetConfig {
    pub version: u32,
    pub config: Config,
    reserved1: [u32; 255],
    reserved2: [*mut c_void; 64],
}

/// `NV_ENC_INITIALIZE_PARAMS`.
#[repr(C)]
pub struct InitializeParams {
    pub version: u32,
    pub encode_guid: Guid,
    pub preset_guid: Guid,
    pub encode_width: u32,
    pub encode_height: u32,
    pub dar_width: u32,
    pub dar_height: u32,
    pub frame_rate_num: u32,
    pub frame_rate_den: u32,
    pub enable_encode_async: u32,
    pub enable_ptd: u32,
    pub flags: u32,
    priv_data_size: u32,
    priv_data: *mut c_void,
    pub encode_config: *mut Config,
    pub max_encode_width: u32,
    pub max_encode_height: u32,
    me_hint_counts: [u32; 8],
    pub tuning_info: u32,
    buffer_format: u32,
    reserved: [u32; 287],
    reserved2: [*mut c_void; 64],
}

/// `NV_ENC_CREATE_BITSTREAM_BUFFER`.
#[repr(C)]
pub struct CreateBitstreamBuffer {
    pub version: u32,
    size: u32,
    memory_heap: u32,
    reserved: u32,
    pub bitstream_buffer: *mut c_void,
    bitstream_buffer_ptr: *mut c_void,
    reserved1: [u32; 58],
    reserved2: [*mut c_void; 64],
}

/// `NV_ENC_REGISTER_RESOURCE`.
#[repr(C)]
pub struct RegisterResource {
    pub version: u32,
    pub resource_type: u32,
    pub width: u32,
    pub height: u32,
    pub pitch: u32,
    sub_resource_index: u32,
    pub resource_to_register: *mut c_void,
    pub registered_resource: *mut c_void,
    pub buffer_format: u32,
    pub buffer_usage: u32,
    fence_points: [*mut c_void; 2],
    reserved1: [u32; 247],
    reserved2: [*mut c_void; 60],
}

/// `NV_ENC_MAP_INPUT_RESOURCE`.
#[repr(C)]
pub struct MapInputResource {
    pub version: u32,
    sub_resource_index: u32,
    input_resource: *mut c_void,
    pub registered_resource: *mut c_void,
    pub mapped_resource: *mut c_void,
    pub mapped_buffer_fmt: u32,
    reserved1: [u32; 251],
    reserved2: [*mut c_void; 63],
}

/// `NV_ENC_PIC_PARAMS`; parameters of single codecs are left alone.
#[repr(C)]
pub struct PicParams {
    pub version: u32,
    pub input_width: u32,
    pub input_height: u32,
    pub input_pitch: u32,
    pub encode_pic_flags: u32,
    pub frame_idx: u32,
    pub input_time_stamp: u64,
    pub input_duration: u64,
    pub input_buffer: *mut c_void,
    pub output_bitstream: *mut c_void,
    completion_event: *mut c_void,
    pub buffer_fmt: u32,
    pub picture_struct: u32,
    picture_type: u32,
    of_codec: [u64; 192],
    me_hint_counts: [u32; 8],
    me_external_hints: *mut c_void,
    reserved1: [u32; 6],
    reserved2: [*mut c_void; 2],
    qp_delta_map: *mut i8,
    qp_delta_map_size: u32,
    reserved_bit_fields: u32,
    me_hint_ref_pic_dist: [u16; 2],
    alpha_buffer: *mut c_void,
    reserved3: [u32; 286],
    reserved4: [*mut c_void; 59],
}

/// `NV_ENC_LOCK_BITSTREAM`.
#[repr(C)]
pub struct LockBitstream {
    pub version: u32,
    pub flags: u32,
    pub output_bitstream: *mut c_void,
    slice_offsets: *mut u32,
    pub frame_idx: u32,
    pub hw_encode_status: u32,
    pub num_slices: u32,
    pub bitstream_size_in_bytes: u32,
    pub output_time_stamp: u64,
    pub output_duration: u64,
    pub bitstream_buffer_ptr: *mut c_void,
    pub picture_type: u32,
    pub picture_struct: u32,
    statistics: [u32; 5],
    reserved: [u32; 12],
    more_statistics: [u32; 5],
    reserved1: [u32; 218],
    reserved2: [*mut c_void; 64],
}
