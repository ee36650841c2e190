//! The layouts against figures that a C program printed which includes `nvEncodeAPI.h` 11.1 and
//! `dynlink_cuda.h`.

use std::mem::{offset_of, size_of};

use super::*;

/// Asserts where fields lie.
macro_rules! offsets {
    ($kind:ty: $($field:ident $offset:literal),* $(,)?) => {
        $(assert_eq!(
            offset_of!($kind, $field),
            $offset,
            concat!(stringify!($kind), ".", stringify!($field))
        );)*
    };
}

#[test]
fn sizes_are_those_of_the_reference_header() {
    assert_eq!(size_of::<Guid>(), 16);
    assert_eq!(size_of::<OpenSessionParams>(), 1552);
    assert_eq!(size_of::<FunctionList>(), 2552);
    assert_eq!(size_of::<CapsParam>(), 256);
    assert_eq!(size_of::<Qp>(), 12);
    assert_eq!(size_of::<RcParams>(), 128);
    assert_eq!(size_of::<VuiParameters>(), 112);
    assert_eq!(size_of::<ConfigH264>(), 1792);
    assert_eq!(size_of::<Config>(), 3584);
    assert_eq!(size_of::<InitializeParams>(), 1808);
    assert_eq!(size_of::<PresetConfig>(), 5128);
    assert_eq!(size_of::<CreateBitstreamBuffer>(), 776);
    assert_eq!(size_of::<RegisterResource>(), 1536);
    assert_eq!(size_of::<MapInputResource>(), 1544);
    assert_eq!(size_of::<PicParams>(), 3344);
    assert_eq!(size_of::<LockBitstream>(), 1544);
    assert_eq!(size_of::<ExternalMemoryHandleDesc>(), 104);
    assert_eq!(size_of::<ExternalMemoryBufferDesc>(), 88);
}

#[test]
fn fields_lie_where_the_reference_header_puts_them() {
    offsets!(ExternalMemoryHandleDesc:
        fd 8,
        size 24,
        flags 32,
    );
    offsets!(ExternalMemoryBufferDesc:
        size 8,
        flags 16,
    );
    offsets!(CapsParam:
        caps_to_query 4,
    );
    offsets!(RcParams:
        rate_control_mode 4,
        const_qp 8,
        average_bit_rate 20,
        max_bit_rate 24,
        vbv_buffer_size 28,
        vbv_initial_delay 32,
        min_qp 40,
        max_qp 52,
        initial_rc_qp 64,
        temporal_layer_idx_mask 76,
        target_quality 88,
        lookahead_depth 90,
        qp_map_mode 96,
        multi_pass 100,
        alpha_layer_bitrate_ratio 104,
    );
    offsets!(VuiParameters:
        video_signal_type_present 8,
        colour_matrix 32,
        bitstream_restriction 48,
    );
    offsets!(ConfigH264:
        level 4,
        idr_period 8,
        sps_id 24,
        pps_id 28,
        entropy_coding_mode 44,
        max_num_ref_frames 60,
        slice_mode 64,
        vui 72,
        chroma_format_idc 192,
        use_b_frames_as_ref 200,
        num_ref_l1 208,
    );
    offsets!(Config:
        profile_guid 4,
        gop_length 20,
        frame_interval_p 24,
        frame_field_mode 32,
        rc 40,
        h264 168,
        reserved 1960,
        reserved2 3072,
    );
    offsets!(InitializeParams:
        encode_guid 4,
        preset_guid 20,
        encode_width 36,
        dar_width 44,
        frame_rate_num 52,
        enable_encode_async 60,
        enable_ptd 64,
        priv_data_size 72,
        priv_data 80,
        encode_config 88,
        max_encode_width 96,
        me_hint_counts 104,
        tuning_info 136,
        buffer_format 140,
        reserved2 1296,
    );
    offsets!(PresetConfig:
        config 8,
        reserved1 3592,
    );
    offsets!(CreateBitstreamBuffer:
        bitstream_buffer 16,
    );
    offsets!(RegisterResource:
        resource_type 4,
        width 8,
        pitch 16,
        resource_to_register 24,
        registered_resource 32,
        buffer_format 40,
        buffer_usage 44,
        fence_points 48,
        reserved2 1056,
    );
    offsets!(MapInputResource:
        registered_resource 16,
        mapped_resource 24,
        mapped_buffer_fmt 32,
    );
    offsets!(PicParams:
        input_width 4,
        encode_pic_flags 16,
        frame_idx 20,
        input_time_stamp 24,
        input_buffer 40,
        output_bitstream 48,
        buffer_fmt 64,
        picture_struct 68,
        picture_type 72,
        of_codec 80,
        me_hint_counts 1616,
        me_external_hints 1648,
        reserved1 1656,
        qp_delta_map 1696,
        alpha_buffer 1720,
        reserved3 1728,
        reserved4 2872,
    );
    offsets!(LockBitstream:
        output_bitstream 8,
        frame_idx 24,
        hw_encode_status 28,
        bitstream_size_in_bytes 36,
        output_time_stamp 40,
        bitstream_buffer_ptr 56,
        picture_type 64,
        reserved 92,
        more_statistics 140,
        reserved2 1032,
    );
    offsets!(FunctionList:
        get_encode_guid_count 16,
        get_encode_guids 40,
        get_encode_caps 64,
        initialize_encoder 96,
        create_bitstream_buffer 120,
        destroy_bitstream_buffer 128,
        encode_picture 136,
        lock_bitstream 144,
        unlock_bitstream 152,
        map_input_resource 208,
        unmap_input_resource 216,
        destroy_encoder 224,
        open_encode_session_ex 240,
        register_resource 248,
        unregister_resource 256,
        get_last_error_string 304,
        get_encode_preset_config_ex 320,
        reserved2 336,
    );
    offsets!(OpenSessionParams:
        device_type 4,
        device 8,
        reserved 16,
        api_version 24,
        reserved1 28,
        reserved2 1040,
    );
}

#[test]
fn versions_are_packed_as_the_reference_header_packs_them() {
    assert_eq!(API_VERSION, 0x0100_000b);
    assert_eq!(OpenSessionParams::VERSION, 0x7101_000b);
    assert_eq!(FunctionList::VERSION, 0x7102_000b);
    assert_eq!(CapsParam::VERSION, 0x7101_000b);
    assert_eq!(Config::VERSION, 0xf107_000b);
    assert_eq!(InitializeParams::VERSION, 0xf105_000b);
    assert_eq!(PresetConfig::VERSION, 0xf104_000b);
    assert_eq!(CreateBitstreamBuffer::VERSION, 0x7101_000b);
    assert_eq!(RegisterResource::VERSION, 0x7103_000b);
    assert_eq!(MapInputResource::VERSION, 0x7104_000b);
    assert_eq!(PicParams::VERSION, 0xf104_000b);
    assert_eq!(LockBitstream::VERSION, 0x7101_000b);
}

#[test]
fn a_request_is_empty_but_for_its_version() {
    let request = Config::request();
    assert_eq!(request.version, Config::VERSION);
    assert_eq!(
        (
            request.gop_length,
            request.h264.idr_period,
            request.rc.flags
        ),
        (0, 0, 0)
    );
}
