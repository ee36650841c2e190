//! Encoding H.264: pictures in, packets out.
//!
//! A few slots, each of device memory for a picture and a buffer for its packet, go round: while
//! the GPU encodes the pictures of some, the next is copied into another. So a packet comes out a
//! few pictures after its picture went in. Where the pictures are drawn on the same GPU, the slots
//! may be those that they were drawn into, and nothing is copied.

use std::collections::VecDeque;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use crate::abi::{
    self, Config, CreateBitstreamBuffer, InitializeParams, LockBitstream, MapInputResource,
    PicParams, PresetConfig, Qp, RegisterResource, Versioned,
};
use crate::device::{Device, Handle};
use crate::error::NvencError;
use crate::shared::SharedPictures;

/// Pictures that are on their way at most.
const SLOTS: usize = 4;
/// Bytes that the driver reads at once, which the pitch of device memory has to suit.
const ELEMENT_SIZE_BYTES: u32 = 16;

/// NVENC's presets, from the fastest to the most careful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they have no meaning beyond their order")]
pub enum Preset {
    P1,
    P2,
    P3,
    P4,
    P5,
    P6,
    P7,
}

/// What a session is to encode, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSettings {
    /// Width in pixels; even.
    pub width: u32,
    /// Height in pixels; even.
    pub height: u32,
    /// Pictures per second.
    pub fps: u32,
    /// How much care each picture gets.
    pub preset: Preset,
    /// Mean bit rate, in bits per second.
    pub bitrate_bps: u32,
    /// The largest bit rate over a second.
    pub max_bitrate_bps: u32,
    /// The smallest quantiser, 0 to 51: no more bits are spent than it takes.
    pub qp_min: u32,
    /// The largest quantiser, 0 to 51: no picture gets worse, even at the cost of bits.
    pub qp_max: u32,
    /// Pictures from one IDR picture to the next.
    pub gop_length: u32,
    /// Id of the sequence and picture parameter set, 0 to 31, so that streams of two encoders can
    /// stand in one film.
    pub parameter_set_id: u32,
}

/// An encoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedPicture {
    /// H.264 NAL units with Annex B start codes; an IDR picture carries its parameter sets.
    pub data: Vec<u8>,
    /// Which picture of the session it is, counted from 0.
    pub number: u64,
    /// Whether it is an IDR picture, where decoding can start.
    pub idr: bool,
}

/// A session that encodes BT.709 pictures in limited range as H.264 high profile: closed groups of
/// pictures without B-frames. It can be moved between threads.
pub struct Session {
    // Dropped last, after `drop` has released what lives on it.
    handle: Handle,
    settings: SessionSettings,
    /// The memory of all slots, if it is not the session's own.
    shared: Option<Arc<SharedPictures>>,
    /// Bytes from one row of a picture on the device to the next.
    pitch: usize,
    /// A picture as it goes to the device.
    staging: Vec<u8>,
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// Slots whose pictures were given to the encoder, in order.
    pending: VecDeque<usize>,
    /// How many of them, from the front, can be waited for.
    ready: usize,
    next_number: u64,
    initialized: bool,
    flushed: bool,
}

struct Slot {
    memory: abi::CuDevicePointer,
    /// Null until registered, created or mapped.
    registered: *mut c_void,
    bitstream: *mut c_void,
    mapped: *mut c_void,
    number: u64,
}

// SAFETY: addresses on the device and handles of a session are valid on every thread to which the
// session's context is current; the session that owns the slots is used by one at a time.
unsafe impl Send for Slot {}

impl Session {
    /// Opens a session on a device, for pictures in the computer's memory.
    pub fn open(device: &Device, settings: &SessionSettings) -> Result<Self, NvencError> {
        let mut session = Self::begin(device, settings, None)?;
        let context = &device.context;
        let _current = context.enter()?;
        for _ in 0..SLOTS {
            let (memory, pitch) = session.allocate()?;
            session.add_slot(memory, pitch)?;
        }
        session.free = (0..SLOTS).rev().collect();
        let rows = settings.height as usize * 3 / 2;
        session.staging.resize(session.pitch * rows, 0);
        Ok(session)
    }

    /// Opens a session on the device of `pictures`, which lie there already.
    pub fn open_shared(
        device: &Device,
        settings: &SessionSettings,
        pictures: &Arc<SharedPictures>,
    ) -> Result<Self, NvencError> {
        let mut session = Self::begin(device, settings, Some(pictures))?;
        let context = &device.context;
        let _current = context.enter()?;
        for memory in pictures.addresses() {
            session.add_slot(memory, pictures.pitch())?;
        }
        Ok(session)
    }

    /// A session without slots.
    fn begin(
        device: &Device,
        settings: &SessionSettings,
        shared: Option<&Arc<SharedPictures>>,
    ) -> Result<Self, NvencError> {
        let mut session = Self {
            handle: Handle::open(&device.context)?,
            settings: *settings,
            shared: shared.cloned(),
            pitch: 0,
            staging: Vec::new(),
            slots: Vec::new(),
            free: Vec::new(),
            pending: VecDeque::new(),
            ready: 0,
            next_number: 0,
            initialized: false,
            flushed: false,
        };
        // What fails from here on is released when the session is dropped.
        let context = &device.context;
        let _current = context.enter()?;
        session.check_size()?;
        session.initialize()?;
        Ok(session)
    }

    fn check_size(&self) -> Result<(), NvencError> {
        let smallest = (
            self.handle.capability(abi::CAPS_WIDTH_MIN)?,
            self.handle.capability(abi::CAPS_HEIGHT_MIN)?,
        );
        let largest = (
            self.handle.capability(abi::CAPS_WIDTH_MAX)?,
            self.handle.capability(abi::CAPS_HEIGHT_MAX)?,
        );
        let found = (self.settings.width, self.settings.height);
        if (smallest.0..=largest.0).contains(&found.0)
            && (smallest.1..=largest.1).contains(&found.1)
        {
            return Ok(());
        }
        Err(NvencError::Size {
            device: self.device(),
            found,
            smallest,
            largest,
        })
    }

    fn initialize(&mut self) -> Result<(), NvencError> {
        let settings = self.settings;
        let preset = abi::PRESETS[settings.preset as usize];
        let mut of_preset = PresetConfig::request();
        of_preset.config.version = Config::VERSION;
        let get = self.handle.functions().get_encode_preset_config_ex;
        // SAFETY: the session is open; the structure and the one inside it state their versions
        // and have their layouts.
        let status = unsafe {
            get(
                self.handle.raw,
                abi::CODEC_H264,
                preset,
                abi::TUNING_HIGH_QUALITY,
                &raw mut *of_preset,
            )
        };
        self.handle.check("NvEncGetEncodePresetConfigEx", status)?;
        configure(&mut of_preset.config, &settings);

        let mut params = InitializeParams::request();
        params.encode_guid = abi::CODEC_H264;
        params.preset_guid = preset;
        params.tuning_info = abi::TUNING_HIGH_QUALITY;
        (params.encode_width, params.encode_height) = (settings.width, settings.height);
        (params.dar_width, params.dar_height) = (settings.width, settings.height);
        (params.max_encode_width, params.max_encode_height) = (settings.width, settings.height);
        (params.frame_rate_num, params.frame_rate_den) = (settings.fps, 1);
        // The encoder decides on picture types, and calls wait for it.
        params.enable_ptd = 1;
        params.encode_config = &raw mut of_preset.config;
        let initialize = self.handle.functions().initialize_encoder;
        // SAFETY: the session is open; the parameters and the configuration that they point to
        // state their versions, have their layouts and outlive the call.
        let status = unsafe { initialize(self.handle.raw, &raw mut *params) };
        let answer = self.handle.answer(status);
        // Some drivers count sessions only here.
        NvencError::of_opening(
            &self.handle.context.device,
            "NvEncInitializeEncoder",
            answer,
        )?;
        self.initialized = true;
        Ok(())
    }

    /// Memory for a picture, and the bytes from one of its rows to the next.
    fn allocate(&self) -> Result<(abi::CuDevicePointer, usize), NvencError> {
        let cuda = &self.handle.context.driver.cuda;
        let (mut memory, mut pitch) = (0, 0);
        // SAFETY: both pointers are live, and the context is current.
        let code = unsafe {
            (cuda.mem_alloc_pitch)(
                &raw mut memory,
                &raw mut pitch,
                self.settings.width as usize,
                self.settings.height as usize * 3 / 2,
                ELEMENT_SIZE_BYTES,
            )
        };
        cuda.check("cuMemAllocPitch", code)?;
        Ok((memory, pitch))
    }

    /// Registers a picture's memory, which is the session's from here on unless it is shared.
    fn add_slot(&mut self, memory: abi::CuDevicePointer, pitch: usize) -> Result<(), NvencError> {
        let (width, height) = (self.settings.width, self.settings.height);
        let functions = self.handle.functions();
        self.slots.push(Slot {
            memory,
            registered: ptr::null_mut(),
            bitstream: ptr::null_mut(),
            mapped: ptr::null_mut(),
            number: 0,
        });
        let Some(slot) = self.slots.last_mut() else {
            return Ok(());
        };

        let mut register = RegisterResource::request();
        register.resource_type = abi::RESOURCE_TYPE_CUDA_DEVICE_POINTER;
        (register.width, register.height) = (width, height);
        register.pitch = pitch as u32;
        register.resource_to_register = ptr::without_provenance_mut(memory);
        register.buffer_format = abi::BUFFER_FORMAT_NV12;
        register.buffer_usage = abi::BUFFER_USAGE_INPUT_IMAGE;
        // SAFETY: the session is initialised; the parameters state their version and have its
        // layout; the memory holds a picture of the stated size, pitch and format, and is freed
        // only after the resource was unregistered.
        let status = unsafe { (functions.register_resource)(self.handle.raw, &raw mut *register) };
        self.handle.check("NvEncRegisterResource", status)?;
        slot.registered = register.registered_resource;

        let mut create = CreateBitstreamBuffer::request();
        // SAFETY: the session is initialised; the parameters state their version and have its
        // layout.
        let status =
            unsafe { (functions.create_bitstream_buffer)(self.handle.raw, &raw mut *create) };
        self.handle.check("NvEncCreateBitstreamBuffer", status)?;
        slot.bitstream = create.bitstream_buffer;

        // The driver gives every allocation of a shape the same pitch.
        self.pitch = pitch;
        Ok(())
    }

    /// Gives the next picture to the encoder: planes of luma and, at half the width and height,
    /// blue and red chroma, rows tightly packed. What comes out is an earlier picture, if any.
    pub fn encode(
        &mut self,
        y: &[u8],
        u: &[u8],
        v: &[u8],
    ) -> Result<Option<EncodedPicture>, NvencError> {
        if self.shared.is_some() {
            return Err(NvencError::OnlyShared);
        }
        self.stage(y, u, v)?;
        let context = Arc::clone(&self.handle.context);
        let _current = context.enter()?;
        let done = if self.free.is_empty() {
            Some(self.take()?)
        } else {
            None
        };
        let Some(place) = self.free.pop() else {
            return Err(self.starved());
        };
        self.upload(place)?;
        self.submit(place)?;
        Ok(done)
    }

    /// The same with the picture that lies in this place of the shared ones. Nothing may be drawn
    /// there until it came out.
    pub fn encode_shared(&mut self, place: usize) -> Result<Option<EncodedPicture>, NvencError> {
        let context = Arc::clone(&self.handle.context);
        let _current = context.enter()?;
        if self.shared.is_none() || place >= self.slots.len() || self.pending.contains(&place) {
            return Err(NvencError::NotShared { place });
        }
        let done = if self.pending.len() < SLOTS {
            None
        } else {
            Some(self.take()?)
        };
        self.submit(place)?;
        Ok(done)
    }

    /// Ends the stream and gives what is still on its way.
    pub fn finish(&mut self) -> Result<Vec<EncodedPicture>, NvencError> {
        let context = Arc::clone(&self.handle.context);
        let _current = context.enter()?;
        if !self.flushed {
            let status = self.flush();
            self.handle.check("NvEncEncodePicture", status)?;
        }
        self.ready = self.pending.len();
        let mut rest = Vec::with_capacity(self.ready);
        while !self.pending.is_empty() {
            rest.push(self.take()?);
        }
        Ok(rest)
    }

    /// Lays a picture out as the device has it.
    fn stage(&mut self, y: &[u8], u: &[u8], v: &[u8]) -> Result<(), NvencError> {
        let (width, height) = (self.settings.width as usize, self.settings.height as usize);
        let luma_len = width * height;
        for (plane, found, expected) in [
            ("y", y.len(), luma_len),
            ("u", u.len(), luma_len / 4),
            ("v", v.len(), luma_len / 4),
        ] {
            if found != expected {
                return Err(NvencError::PlaneLength {
                    plane,
                    expected,
                    found,
                });
            }
        }
        let (luma, chroma) = self.staging.split_at_mut(self.pitch * height);
        for (to, from) in luma.chunks_mut(self.pitch).zip(y.chunks(width)) {
            to[..width].copy_from_slice(from);
        }
        let rows = u.chunks(width / 2).zip(v.chunks(width / 2));
        for (to, (u, v)) in chroma.chunks_mut(self.pitch).zip(rows) {
            for (pair, (&u, &v)) in to.chunks_exact_mut(2).zip(u.iter().zip(v)) {
                pair.copy_from_slice(&[u, v]);
            }
        }
        Ok(())
    }

    /// Copies the staged picture into a free slot.
    fn upload(&self, place: usize) -> Result<(), NvencError> {
        let cuda = &self.handle.context.driver.cuda;
        let slot = &self.slots[place];
        // SAFETY: the slot's memory has as many bytes as the staged picture, and the encoder is
        // done with what was there; the call returns when the bytes were read.
        let code = unsafe {
            (cuda.memcpy_htod)(
                slot.memory,
                self.staging.as_ptr().cast(),
                self.staging.len(),
            )
        };
        cuda.check("cuMemcpyHtoD", code)
    }

    /// Has the picture of a slot encoded.
    fn submit(&mut self, place: usize) -> Result<(), NvencError> {
        let handle = &self.handle;
        let functions = handle.functions();
        let slot = &mut self.slots[place];
        let mut map = MapInputResource::request();
        map.registered_resource = slot.registered;
        // SAFETY: the resource is registered with this session and not mapped.
        let status = unsafe { (functions.map_input_resource)(handle.raw, &raw mut *map) };
        handle.check("NvEncMapInputResource", status)?;
        slot.mapped = map.mapped_resource;
        slot.number = self.next_number;

        let mut picture = PicParams::request();
        (picture.input_width, picture.input_height) = (self.settings.width, self.settings.height);
        picture.input_pitch = self.pitch as u32;
        picture.frame_idx = self.next_number as u32;
        picture.input_time_stamp = self.next_number;
        picture.input_duration = 1;
        picture.input_buffer = slot.mapped;
        picture.output_bitstream = slot.bitstream;
        picture.buffer_fmt = map.mapped_buffer_fmt;
        picture.picture_struct = abi::PICTURE_STRUCT_FRAME;
        if self.next_number == 0 {
            picture.encode_pic_flags =
                abi::PICTURE_FLAG_FORCE_IDR | abi::PICTURE_FLAG_OUTPUT_SPS_PPS;
        }
        // SAFETY: the picture is mapped and its bitstream buffer free, both of this session, and
        // both stay so until the packet was taken.
        let status = unsafe { (functions.encode_picture)(handle.raw, &raw mut *picture) };
        match status {
            abi::SUCCESS => {
                self.pending.push_back(place);
                self.ready = self.pending.len();
            }
            abi::ERR_NEED_MORE_INPUT => self.pending.push_back(place),
            status => return self.handle.check("NvEncEncodePicture", status),
        }
        self.next_number += 1;
        self.flushed = false;
        Ok(())
    }

    /// Waits for the oldest picture on its way, and frees its slot.
    fn take(&mut self) -> Result<EncodedPicture, NvencError> {
        if self.ready == 0 {
            return Err(self.starved());
        }
        let Some(&place) = self.pending.front() else {
            return Err(self.starved());
        };
        let handle = &self.handle;
        let functions = handle.functions();
        let slot = &mut self.slots[place];
        let mut lock = LockBitstream::request();
        lock.output_bitstream = slot.bitstream;
        // SAFETY: a picture was encoded into this buffer of this session, which is not locked.
        let status = unsafe { (functions.lock_bitstream)(handle.raw, &raw mut *lock) };
        handle.check("NvEncLockBitstream", status)?;
        let data = if lock.bitstream_buffer_ptr.is_null() {
            Vec::new()
        } else {
            // SAFETY: locked, the buffer holds the stated number of bytes until it is unlocked.
            let bytes = unsafe {
                std::slice::from_raw_parts(
                    lock.bitstream_buffer_ptr.cast::<u8>(),
                    lock.bitstream_size_in_bytes as usize,
                )
            };
            bytes.to_vec()
        };
        // SAFETY: the buffer was locked above.
        let status = unsafe { (functions.unlock_bitstream)(handle.raw, slot.bitstream) };
        handle.check("NvEncUnlockBitstream", status)?;
        // SAFETY: the resource is mapped, and its picture was encoded.
        let status = unsafe { (functions.unmap_input_resource)(handle.raw, slot.mapped) };
        slot.mapped = ptr::null_mut();
        handle.check("NvEncUnmapInputResource", status)?;
        let (number, found) = (slot.number, lock.output_time_stamp);
        if found != number {
            return Err(NvencError::Order {
                device: self.device(),
                expected: number,
                found,
            });
        }
        self.pending.pop_front();
        self.ready -= 1;
        if self.shared.is_none() {
            self.free.push(place);
        }
        Ok(EncodedPicture {
            data,
            number,
            idr: lock.picture_type == abi::PICTURE_TYPE_IDR,
        })
    }

    /// Tells the encoder that no picture follows.
    fn flush(&mut self) -> abi::Status {
        let mut end = PicParams::request();
        end.encode_pic_flags = abi::PICTURE_FLAG_EOS;
        self.flushed = true;
        // SAFETY: the session is initialised; the parameters state their version, have its
        // layout, and name no buffers, as the header asks for at the end.
        unsafe { (self.handle.functions().encode_picture)(self.handle.raw, &raw mut *end) }
    }

    fn device(&self) -> String {
        self.handle.context.device.clone()
    }

    fn starved(&self) -> NvencError {
        NvencError::Starved {
            device: self.device(),
        }
    }
}

/// Changes a preset's configuration to what the settings ask for.
fn configure(config: &mut Config, settings: &SessionSettings) {
    let qp = |value| Qp {
        inter_p: value,
        inter_b: value,
        intra: value,
    };
    config.profile_guid = abi::PROFILE_H264_HIGH;
    config.gop_length = settings.gop_length;
    // Each picture is predicted from those before it.
    config.frame_interval_p = 1;
    config.frame_field_mode = abi::FRAME_FIELD_MODE_FRAME;

    let rc = &mut config.rc;
    rc.rate_control_mode = abi::RATE_CONTROL_VBR;
    rc.average_bit_rate = settings.bitrate_bps;
    rc.max_bit_rate = settings.max_bitrate_bps;
    // A second of the largest bit rate, full at the start.
    rc.vbv_buffer_size = settings.max_bitrate_bps;
    rc.vbv_initial_delay = settings.max_bitrate_bps;
    rc.flags |= abi::RC_ENABLE_MIN_QP | abi::RC_ENABLE_MAX_QP | abi::RC_ENABLE_AQ;
    // It would hold pictures back.
    rc.flags &= !abi::RC_ENABLE_LOOKAHEAD;
    rc.lookahead_depth = 0;
    rc.min_qp = qp(settings.qp_min);
    rc.max_qp = qp(settings.qp_max);

    let h264 = &mut config.h264;
    h264.flags |= abi::H264_REPEAT_SPS_PPS;
    h264.flags &= !(abi::H264_OUTPUT_AUD | abi::H264_DISABLE_SPS_PPS);
    h264.idr_period = settings.gop_length;
    h264.sps_id = settings.parameter_set_id;
    h264.pps_id = settings.parameter_set_id;
    h264.chroma_format_idc = abi::CHROMA_FORMAT_420;
    h264.use_b_frames_as_ref = 0;
    let vui = &mut h264.vui;
    vui.video_signal_type_present = 1;
    vui.video_format = abi::VIDEO_FORMAT_UNSPECIFIED;
    vui.video_full_range = 0;
    vui.colour_description_present = 1;
    vui.colour_primaries = abi::COLOUR_BT709;
    vui.transfer_characteristics = abi::COLOUR_BT709;
    vui.colour_matrix = abi::COLOUR_BT709;
    // Says that no picture is shown out of order, so that players need not wait for it.
    vui.bitstream_restriction = 1;
}

impl Drop for Session {
    fn drop(&mut self) {
        let context = Arc::clone(&self.handle.context);
        // On a device that is lost all of this fails, and there is nobody to be told.
        let _current = context.enter();
        if self.initialized && !self.flushed {
            self.flush();
        }
        let functions = self.handle.functions();
        for slot in self.slots.drain(..).rev() {
            // SAFETY: each handle came from this session and is given back once: the mapping
            // before the registration that it belongs to, and that before its memory. Nothing is
            // encoded any more: the stream was ended above.
            unsafe {
                if !slot.mapped.is_null() {
                    (functions.unmap_input_resource)(self.handle.raw, slot.mapped);
                }
                if !slot.registered.is_null() {
                    (functions.unregister_resource)(self.handle.raw, slot.registered);
                }
                if !slot.bitstream.is_null() {
                    (functions.destroy_bitstream_buffer)(self.handle.raw, slot.bitstream);
                }
                if self.shared.is_none() {
                    (context.driver.cuda.mem_free)(slot.memory);
                }
            }
        }
    }
}
