//! NVENC's part: sessions, and all that is opened and given back in them.

#![allow(non_snake_case)] // The library's own names.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use nvenc_sys::abi::{
    self, CapsParam, Config, CreateBitstreamBuffer, FunctionList, Guid, InitializeParams,
    LockBitstream, MapInputResource, OpenSessionParams, PicParams, PresetConfig, RegisterResource,
    Status, Versioned,
};

use crate::h264::Codec;
use crate::scenario::Scenario;
use crate::state::{Bitstream, Packet, Registered, Session, State, log, state};

/// What the double's device encodes: 145x49, as some devices do, to 4096x4096.
const CAPABILITIES: [(u32, c_int); 4] = [
    (abi::CAPS_WIDTH_MIN, 145),
    (abi::CAPS_HEIGHT_MIN, 49),
    (abi::CAPS_WIDTH_MAX, 4096),
    (abi::CAPS_HEIGHT_MAX, 4096),
];

#[unsafe(no_mangle)]
unsafe extern "system" fn NvEncodeAPIGetMaxSupportedVersion(version: *mut u32) -> Status {
    let packed = match state().scenario {
        Scenario::TooOld => 9 << 4 | 1,
        _ => 12 << 4 | 2,
    };
    // SAFETY: the interface asks for a live pointer.
    unsafe { *version = packed };
    abi::SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn NvEncodeAPICreateInstance(list: *mut FunctionList) -> Status {
    // SAFETY: the interface asks for a live list.
    let list = unsafe { &mut *list };
    if !state().expect(
        list.version == FunctionList::VERSION,
        "NvEncodeAPICreateInstance: version",
    ) {
        return abi::ERR_INVALID_VERSION;
    }
    list.open_encode_session_ex = Some(open_encode_session_ex);
    list.get_encode_guid_count = Some(get_encode_guid_count);
    list.get_encode_guids = Some(get_encode_guids);
    list.get_encode_caps = Some(get_encode_caps);
    list.get_encode_preset_config_ex = Some(get_encode_preset_config_ex);
    list.initialize_encoder = Some(initialize_encoder);
    list.create_bitstream_buffer = Some(create_bitstream_buffer);
    list.destroy_bitstream_buffer = Some(destroy_bitstream_buffer);
    list.register_resource = Some(register_resource);
    list.unregister_resource = Some(unregister_resource);
    list.map_input_resource = Some(map_input_resource);
    list.unmap_input_resource = Some(unmap_input_resource);
    list.encode_picture = Some(encode_picture);
    list.lock_bitstream = Some(lock_bitstream);
    list.unlock_bitstream = Some(unlock_bitstream);
    list.destroy_encoder = Some(destroy_encoder);
    list.get_last_error_string = Some(get_last_error_string);
    abi::SUCCESS
}

unsafe extern "system" fn open_encode_session_ex(
    params: *mut OpenSessionParams,
    encoder: *mut *mut c_void,
) -> Status {
    let mut state = state();
    // SAFETY: the interface asks for live pointers.
    let params = unsafe { &*params };
    let right = state.expect(
        params.version == OpenSessionParams::VERSION && params.api_version == abi::API_VERSION,
        "NvEncOpenEncodeSessionEx: version",
    ) && state.expect(
        params.device_type == abi::DEVICE_TYPE_CUDA,
        "NvEncOpenEncodeSessionEx: not a CUDA device",
    );
    if !right {
        return abi::ERR_INVALID_VERSION;
    }
    let context = params.device.addr();
    let current = state.current() == Some(context);
    state.expect(
        current,
        "NvEncOpenEncodeSessionEx: the context is not current",
    );
    let Some(&device) = state.contexts.get(&context) else {
        state.fault("NvEncOpenEncodeSessionEx: there is no such context");
        return abi::ERR_INVALID_ENCODERDEVICE;
    };
    let answer = match state.scenario {
        _ if state.lost => return abi::ERR_DEVICE_NOT_EXIST,
        Scenario::Unsupported => return abi::ERR_UNSUPPORTED_DEVICE,
        Scenario::SecondDevice if device == 0 => return abi::ERR_UNSUPPORTED_DEVICE,
        Scenario::SessionLimit => abi::ERR_OUT_OF_MEMORY,
        Scenario::SessionKey => abi::ERR_INCOMPATIBLE_CLIENT_KEY,
        Scenario::Sessions(number) if state.sessions_given >= number => abi::ERR_OUT_OF_MEMORY,
        _ => abi::SUCCESS,
    };
    // As the header warns: a refused session may leave a handle that must be destroyed.
    let handle = state.handle();
    let session = Session {
        context,
        refused: answer != abi::SUCCESS,
        ..Session::default()
    };
    state.sessions_given += u64::from(!session.refused);
    state.sessions.insert(handle, session);
    // SAFETY: the interface asks for a live pointer.
    unsafe { *encoder = ptr::without_provenance_mut(handle) };
    answer
}

impl State {
    /// The session of a call; a fault if there is none, it was refused, or its context is not
    /// current.
    fn session(&mut self, function: &str, encoder: *mut c_void) -> Option<&mut Session> {
        let handle = encoder.addr();
        let current = self.current();
        let known = self
            .sessions
            .get(&handle)
            .map(|one| (one.refused, Some(one.context) == current));
        let what = match known {
            None => "there is no such session",
            Some((true, _)) => "the session was refused",
            Some((_, false)) => "the session's context is not current",
            Some(_) => return self.sessions.get_mut(&handle),
        };
        self.fault(&format!("{function}: {what}"));
        None
    }

    /// The same for calls that need an initialised session on a device that is there.
    fn working(&mut self, function: &str, encoder: *mut c_void) -> Result<&mut Session, Status> {
        let lost = self.lost;
        let session = self
            .session(function, encoder)
            .ok_or(abi::ERR_INVALID_PTR)?;
        if lost {
            return Err(session.failed(abi::ERR_DEVICE_NOT_EXIST, c"the device is gone"));
        }
        if session.codec.is_none() {
            self.fault(&format!("{function}: the session is not initialised"));
            return Err(abi::ERR_INVALID_CALL);
        }
        self.sessions
            .get_mut(&encoder.addr())
            .ok_or(abi::ERR_INVALID_PTR)
    }

    /// Takes something back in a session; fails where the device is lost, as a driver does.
    fn release(
        &mut self,
        function: &str,
        encoder: *mut c_void,
        take: impl FnOnce(&mut Session) -> Result<(), &'static str>,
    ) -> Status {
        let lost = self.lost;
        let Some(session) = self.session(function, encoder) else {
            return abi::ERR_INVALID_PTR;
        };
        match take(session) {
            Ok(()) if lost => abi::ERR_DEVICE_NOT_EXIST,
            Ok(()) => abi::SUCCESS,
            Err(what) => {
                self.fault(&format!("{function}: {what}"));
                abi::ERR_INVALID_PARAM
            }
        }
    }
}

impl Session {
    fn failed(&mut self, status: Status, why: &CStr) -> Status {
        why.clone_into(&mut self.last_error);
        status
    }
}

unsafe extern "system" fn get_last_error_string(encoder: *mut c_void) -> *const c_char {
    // Refused sessions have one too.
    match state().sessions.get(&encoder.addr()) {
        Some(session) => session.last_error.as_ptr(),
        None => ptr::null(),
    }
}

unsafe extern "system" fn get_encode_guid_count(encoder: *mut c_void, count: *mut u32) -> Status {
    if state()
        .session("NvEncGetEncodeGUIDCount", encoder)
        .is_none()
    {
        return abi::ERR_INVALID_PTR;
    }
    // SAFETY: the interface asks for a live pointer.
    unsafe { *count = 2 };
    abi::SUCCESS
}

unsafe extern "system" fn get_encode_guids(
    encoder: *mut c_void,
    guids: *mut Guid,
    capacity: u32,
    count: *mut u32,
) -> Status {
    let mut state = state();
    if state.session("NvEncGetEncodeGUIDs", encoder).is_none() {
        return abi::ERR_INVALID_PTR;
    }
    if !state.expect(capacity >= 2, "NvEncGetEncodeGUIDs: too little room") {
        return abi::ERR_INVALID_PARAM;
    }
    let only_hevc = state.scenario == Scenario::OnlyHevc;
    // SAFETY: the interface asks for room for `capacity` GUIDs, and a live pointer.
    unsafe {
        *guids = abi::CODEC_HEVC;
        *guids.add(1) = abi::CODEC_H264;
        *count = if only_hevc { 1 } else { 2 };
    }
    abi::SUCCESS
}

unsafe extern "system" fn get_encode_caps(
    encoder: *mut c_void,
    codec: Guid,
    query: *mut CapsParam,
    value: *mut c_int,
) -> Status {
    let mut state = state();
    if state.session("NvEncGetEncodeCaps", encoder).is_none() {
        return abi::ERR_INVALID_PTR;
    }
    // SAFETY: the interface asks for live pointers.
    let query = unsafe { &*query };
    state.expect(
        query.version == CapsParam::VERSION,
        "NvEncGetEncodeCaps: version",
    );
    state.expect(codec == abi::CODEC_H264, "NvEncGetEncodeCaps: codec");
    let found = CAPABILITIES
        .iter()
        .find(|(caps, _)| *caps == query.caps_to_query);
    let Some((_, found)) = found else {
        state.fault("NvEncGetEncodeCaps: the double has no such capability");
        return abi::ERR_INVALID_PARAM;
    };
    // SAFETY: the interface asks for a live pointer.
    unsafe { *value = *found };
    abi::SUCCESS
}

unsafe extern "system" fn get_encode_preset_config_ex(
    encoder: *mut c_void,
    codec: Guid,
    preset: Guid,
    tuning: u32,
    config: *mut PresetConfig,
) -> Status {
    let function = "NvEncGetEncodePresetConfigEx";
    let mut state = state();
    if state.session(function, encoder).is_none() {
        return abi::ERR_INVALID_PTR;
    }
    // SAFETY: the interface asks for a live structure.
    let PresetConfig {
        version, config, ..
    } = unsafe { &mut *config };
    state.expect(
        *version == PresetConfig::VERSION && config.version == Config::VERSION,
        "NvEncGetEncodePresetConfigEx: version",
    );
    state.expect(
        codec == abi::CODEC_H264 && abi::PRESETS.contains(&preset),
        "NvEncGetEncodePresetConfigEx: codec or preset",
    );
    state.expect(
        tuning == abi::TUNING_HIGH_QUALITY,
        "NvEncGetEncodePresetConfigEx: tuning",
    );
    // What a film must not be encoded with: B-frames, held back pictures, groups of pictures
    // that do not end, access unit delimiters and no parameter sets.
    config.gop_length = u32::MAX;
    config.frame_interval_p = 4;
    config.rc.flags = abi::RC_ENABLE_LOOKAHEAD;
    config.h264.flags = abi::H264_OUTPUT_AUD | abi::H264_DISABLE_SPS_PPS;
    config.h264.idr_period = u32::MAX;
    config.h264.use_b_frames_as_ref = 2;
    abi::SUCCESS
}

/// What a configuration lacks of what a film needs.
fn lacks(config: &Config) -> Option<&'static str> {
    let (rc, h264) = (&config.rc, &config.h264);
    let vui = &h264.vui;
    let colours = [
        vui.colour_primaries,
        vui.transfer_characteristics,
        vui.colour_matrix,
    ];
    let checks = [
        (config.version == Config::VERSION, "its version"),
        (
            config.profile_guid == abi::PROFILE_H264_HIGH,
            "the high profile",
        ),
        (config.frame_interval_p == 1, "pictures in order"),
        (
            config.gop_length == h264.idr_period && (1..=600).contains(&config.gop_length),
            "closed groups of pictures that end",
        ),
        (
            h264.flags & abi::H264_REPEAT_SPS_PPS != 0
                && h264.flags & abi::H264_DISABLE_SPS_PPS == 0,
            "parameter sets in each key frame",
        ),
        (
            h264.flags & abi::H264_OUTPUT_AUD == 0,
            "a stream without access unit delimiters",
        ),
        (
            rc.flags & abi::RC_ENABLE_LOOKAHEAD == 0,
            "an encoder that holds nothing back",
        ),
        (
            rc.rate_control_mode == abi::RATE_CONTROL_VBR
                && 0 < rc.average_bit_rate
                && rc.average_bit_rate <= rc.max_bit_rate,
            "bit rates",
        ),
        (
            rc.flags & abi::RC_ENABLE_MIN_QP != 0
                && rc.flags & abi::RC_ENABLE_MAX_QP != 0
                && rc.min_qp.inter_p < rc.max_qp.inter_p
                && rc.max_qp.inter_p <= 51,
            "bounds of the quantiser",
        ),
        (
            h264.sps_id == h264.pps_id && (1..32).contains(&h264.sps_id),
            "an id of parameter sets that is not openh264's",
        ),
        (
            h264.chroma_format_idc == abi::CHROMA_FORMAT_420,
            "the format of chroma",
        ),
        (
            vui.video_signal_type_present == 1
                && vui.video_full_range == 0
                && vui.colour_description_present == 1
                && colours == [abi::COLOUR_BT709; 3],
            "BT.709 in limited range",
        ),
    ];
    checks
        .iter()
        .find(|(right, _)| !right)
        .map(|(_, what)| *what)
}

unsafe extern "system" fn initialize_encoder(
    encoder: *mut c_void,
    params: *mut InitializeParams,
) -> Status {
    let mut state = state();
    let lost = state.lost;
    if state.session("NvEncInitializeEncoder", encoder).is_none() {
        return abi::ERR_INVALID_PTR;
    }
    if lost {
        return abi::ERR_DEVICE_NOT_EXIST;
    }
    // SAFETY: the interface asks for live parameters that point to a live configuration.
    let (params, config) = unsafe {
        let params = &*params;
        (params, params.encode_config.as_ref())
    };
    let right = params.version == InitializeParams::VERSION
        && params.encode_guid == abi::CODEC_H264
        && abi::PRESETS.contains(&params.preset_guid)
        && params.tuning_info == abi::TUNING_HIGH_QUALITY
        && params.enable_ptd == 1
        && params.enable_encode_async == 0
        && params.frame_rate_den == 1
        && (params.dar_width, params.dar_height) == (params.encode_width, params.encode_height);
    state.expect(right, "NvEncInitializeEncoder: parameters");
    let Some(config) = config else {
        state.fault("NvEncInitializeEncoder: there is no configuration");
        return abi::ERR_INVALID_PTR;
    };
    if let Some(what) = lacks(config) {
        state.fault(&format!("NvEncInitializeEncoder: the film lacks {what}"));
    }
    let codec = Codec::open(params, config);
    let opened = codec.is_some();
    let Some(session) = state.session("NvEncInitializeEncoder", encoder) else {
        return abi::ERR_INVALID_PTR;
    };
    let again = session.codec.is_some();
    session.codec = codec;
    state.expect(!again, "NvEncInitializeEncoder: for the second time");
    if opened {
        abi::SUCCESS
    } else {
        abi::ERR_INVALID_PARAM
    }
}

unsafe extern "system" fn create_bitstream_buffer(
    encoder: *mut c_void,
    params: *mut CreateBitstreamBuffer,
) -> Status {
    let mut state = state();
    // SAFETY: the interface asks for live parameters.
    let params = unsafe { &mut *params };
    state.expect(
        params.version == CreateBitstreamBuffer::VERSION,
        "NvEncCreateBitstreamBuffer: version",
    );
    let handle = state.handle();
    match state.working("NvEncCreateBitstreamBuffer", encoder) {
        Ok(session) => {
            session.bitstreams.insert(handle, Bitstream::default());
            params.bitstream_buffer = ptr::without_provenance_mut(handle);
            abi::SUCCESS
        }
        Err(status) => status,
    }
}

unsafe extern "system" fn destroy_bitstream_buffer(
    encoder: *mut c_void,
    buffer: *mut c_void,
) -> Status {
    state().release(
        "NvEncDestroyBitstreamBuffer",
        encoder,
        |session| match session.bitstreams.remove(&buffer.addr()) {
            None => Err("there is no such buffer"),
            Some(Bitstream { locked: true, .. }) => Err("the buffer is locked"),
            Some(_) => Ok(()),
        },
    )
}

unsafe extern "system" fn register_resource(
    encoder: *mut c_void,
    params: *mut RegisterResource,
) -> Status {
    let mut state = state();
    // SAFETY: the interface asks for live parameters.
    let params = unsafe { &mut *params };
    let right = params.version == RegisterResource::VERSION
        && params.resource_type == abi::RESOURCE_TYPE_CUDA_DEVICE_POINTER
        && params.buffer_format == abi::BUFFER_FORMAT_NV12
        && params.buffer_usage == abi::BUFFER_USAGE_INPUT_IMAGE;
    state.expect(right, "NvEncRegisterResource: parameters");
    let picture = Registered {
        memory: params.resource_to_register.addr(),
        width: params.width as usize,
        height: params.height as usize,
        pitch: params.pitch as usize,
    };
    let len = state.memory_len(picture.memory);
    let fits = picture.width <= picture.pitch && picture.pitch * picture.height * 3 / 2 <= len;
    state.expect(
        fits,
        "NvEncRegisterResource: the picture is larger than its memory",
    );
    let handle = state.handle();
    match state.working("NvEncRegisterResource", encoder) {
        Ok(session) => {
            session.registered.insert(handle, picture);
            params.registered_resource = ptr::without_provenance_mut(handle);
            abi::SUCCESS
        }
        Err(status) => status,
    }
}

unsafe extern "system" fn unregister_resource(
    encoder: *mut c_void,
    resource: *mut c_void,
) -> Status {
    state().release("NvEncUnregisterResource", encoder, |session| {
        let handle = resource.addr();
        if session.mapped.values().any(|one| *one == handle) {
            return Err("the resource is mapped");
        }
        session
            .registered
            .remove(&handle)
            .map(|_| ())
            .ok_or("there is no such resource")
    })
}

unsafe extern "system" fn map_input_resource(
    encoder: *mut c_void,
    params: *mut MapInputResource,
) -> Status {
    let function = "NvEncMapInputResource";
    let mut state = state();
    // SAFETY: the interface asks for live parameters.
    let params = unsafe { &mut *params };
    state.expect(
        params.version == MapInputResource::VERSION,
        "NvEncMapInputResource: version",
    );
    let handle = state.handle();
    let resource = params.registered_resource.addr();
    let session = match state.working(function, encoder) {
        Ok(session) => session,
        Err(status) => return status,
    };
    let known = session.registered.contains_key(&resource);
    let free = session.mapped.values().all(|one| *one != resource);
    if known && free {
        session.mapped.insert(handle, resource);
        params.mapped_resource = ptr::without_provenance_mut(handle);
        params.mapped_buffer_fmt = abi::BUFFER_FORMAT_NV12;
        abi::SUCCESS
    } else {
        state.fault("NvEncMapInputResource: not registered, or mapped already");
        abi::ERR_RESOURCE_NOT_REGISTERED
    }
}

unsafe extern "system" fn unmap_input_resource(
    encoder: *mut c_void,
    mapping: *mut c_void,
) -> Status {
    state().release("NvEncUnmapInputResource", encoder, |session| {
        let handle = mapping.addr();
        let ended = session.ended;
        let in_use = session.bitstreams.values().any(|one| {
            one.packet
                .as_ref()
                .is_some_and(|packet| packet.mapping == handle)
        });
        if in_use && !ended {
            return Err("its picture is not encoded yet");
        }
        session
            .mapped
            .remove(&handle)
            .map(|_| ())
            .ok_or("there is no such mapping")
    })
}

unsafe extern "system" fn encode_picture(encoder: *mut c_void, params: *mut PicParams) -> Status {
    let function = "NvEncEncodePicture";
    let mut state = state();
    // SAFETY: the interface asks for live parameters.
    let params = unsafe { &*params };
    state.expect(
        params.version == PicParams::VERSION,
        "NvEncEncodePicture: version",
    );
    if let Scenario::DeviceLost(number) = state.scenario
        && params.encode_pic_flags & abi::PICTURE_FLAG_EOS == 0
        && state.pictures >= number
        && !state.lost
    {
        state.lost = true;
        if let Some(session) = state.session(function, encoder) {
            return session.failed(abi::ERR_GENERIC, c"the double has lost its device");
        }
    }
    let ends = params.encode_pic_flags & abi::PICTURE_FLAG_EOS != 0;
    if ends && let Some(session) = state.session(function, encoder) {
        session.ended = true;
        session.held.clear();
    }
    let holds_back = state.scenario == Scenario::HoldsBack;
    let reorders = state.scenario == Scenario::Reorders;
    let session = match state.working(function, encoder) {
        Ok(session) => session,
        Err(status) => return status,
    };
    if ends {
        let bare = params.input_buffer.is_null() && params.output_bitstream.is_null();
        state.expect(bare, "NvEncEncodePicture: buffers at the end of the stream");
        return abi::SUCCESS;
    }
    let mapping = params.input_buffer.addr();
    let buffer = params.output_bitstream.addr();
    let time_stamp = params.input_time_stamp;
    let picture = session
        .mapped
        .get(&mapping)
        .and_then(|resource| session.registered.get(resource))
        .copied();
    let free = session
        .bitstreams
        .get(&buffer)
        .is_some_and(|one| one.packet.is_none() && !one.locked);
    let in_order = time_stamp == session.next_time_stamp;
    let size = session.codec.as_ref().map(|codec| codec.size_px);
    let ended = session.ended;
    session.next_time_stamp += 1;
    state.expect(!ended, "NvEncEncodePicture: a picture after the end");
    state.expect(free, "NvEncEncodePicture: the bitstream buffer is in use");
    state.expect(
        in_order,
        "NvEncEncodePicture: the time stamp is out of order",
    );
    let Some(picture) = picture else {
        state.fault("NvEncEncodePicture: the picture is not mapped");
        return abi::ERR_RESOURCE_NOT_MAPPED;
    };
    let right = size == Some((picture.width, picture.height))
        && (params.input_width as usize, params.input_height as usize)
            == (picture.width, picture.height)
        && params.input_pitch as usize == picture.pitch
        && params.buffer_fmt == abi::BUFFER_FORMAT_NV12
        && params.picture_struct == abi::PICTURE_STRUCT_FRAME;
    state.expect(
        right,
        "NvEncEncodePicture: the picture is another than was registered",
    );

    // Out of its session while the memory is read.
    let codec = state
        .session(function, encoder)
        .and_then(|one| one.codec.take());
    let Some(mut codec) = codec else {
        return abi::ERR_INVALID_CALL;
    };
    let memory = state.read(picture.memory);
    let encoded = memory.and_then(|memory| codec.encode(&memory, picture, time_stamp));
    if let Some(session) = state.session(function, encoder) {
        session.codec = Some(codec);
    }
    let Some((data, idr)) = encoded else {
        state.fault("NvEncEncodePicture: openh264 fails");
        return abi::ERR_GENERIC;
    };
    let forced = params.encode_pic_flags & abi::PICTURE_FLAG_FORCE_IDR == 0 || idr;
    state.expect(
        forced,
        "NvEncEncodePicture: no key frame where one was asked for",
    );
    state.pictures += 1;
    let session = match state.working(function, encoder) {
        Ok(session) => session,
        Err(status) => return status,
    };
    if let Some(bitstream) = session.bitstreams.get_mut(&buffer) {
        bitstream.packet = Some(Packet {
            data,
            time_stamp: if reorders { time_stamp ^ 1 } else { time_stamp },
            idr,
            mapping,
        });
    }
    session.held.push(buffer);
    if holds_back && time_stamp % 2 == 0 {
        return abi::ERR_NEED_MORE_INPUT;
    }
    session.held.clear();
    abi::SUCCESS
}

unsafe extern "system" fn lock_bitstream(
    encoder: *mut c_void,
    params: *mut LockBitstream,
) -> Status {
    let mut state = state();
    // SAFETY: the interface asks for live parameters.
    let params = unsafe { &mut *params };
    state.expect(
        params.version == LockBitstream::VERSION,
        "NvEncLockBitstream: version",
    );
    let session = match state.working("NvEncLockBitstream", encoder) {
        Ok(session) => session,
        Err(status) => return status,
    };
    let buffer = params.output_bitstream.addr();
    let held = session.held.contains(&buffer);
    let found = session.bitstreams.get_mut(&buffer);
    let Some(bitstream) = found.filter(|one| !held && !one.locked && one.packet.is_some()) else {
        state.fault("NvEncLockBitstream: no encoded picture in it, or locked already");
        return abi::ERR_INVALID_PARAM;
    };
    bitstream.locked = true;
    if let Some(packet) = &mut bitstream.packet {
        params.bitstream_buffer_ptr = packet.data.as_mut_ptr().cast();
        params.bitstream_size_in_bytes = packet.data.len() as u32;
        params.output_time_stamp = packet.time_stamp;
        params.picture_type = if packet.idr {
            abi::PICTURE_TYPE_IDR
        } else {
            abi::PICTURE_TYPE_P
        };
    }
    abi::SUCCESS
}

unsafe extern "system" fn unlock_bitstream(encoder: *mut c_void, buffer: *mut c_void) -> Status {
    state().release("NvEncUnlockBitstream", encoder, |session| {
        let bitstream = session.bitstreams.get_mut(&buffer.addr());
        let bitstream = bitstream
            .filter(|one| one.locked)
            .ok_or("the buffer is not locked")?;
        *bitstream = Bitstream::default();
        Ok(())
    })
}

unsafe extern "system" fn destroy_encoder(encoder: *mut c_void) -> Status {
    let mut state = state();
    let current = state.current();
    let Some(session) = state.sessions.remove(&encoder.addr()) else {
        state.fault("NvEncDestroyEncoder: there is no such session");
        return abi::ERR_INVALID_PTR;
    };
    state.expect(
        Some(session.context) == current,
        "NvEncDestroyEncoder: the session's context is not current",
    );
    let ended = session.ended || session.codec.is_none() || state.lost;
    state.expect(ended, "NvEncDestroyEncoder: the stream was not ended");
    for (left, what) in [
        (session.mapped.len(), "mapped resources"),
        (session.registered.len(), "registered resources"),
        (session.bitstreams.len(), "bitstream buffers"),
    ] {
        state.expect(
            left == 0,
            &format!("NvEncDestroyEncoder: {left} {what} left"),
        );
    }
    if !session.refused {
        log(&format!(
            "closed after {} pictures",
            session.next_time_stamp
        ));
    }
    abi::SUCCESS
}
