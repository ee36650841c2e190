//! The CUDA driver's part. Device memory is memory of the process.

#![allow(non_snake_case)] // The driver's own names.

use std::ffi::{c_char, c_int, c_uint, c_void};

use nvenc_sys::abi::{CUDA_ERROR_NO_DEVICE, CUDA_SUCCESS, CuContext, CuDevicePointer, CuResult};

use crate::scenario::Scenario;
use crate::state::{CURRENT, state};

const INVALID_VALUE: CuResult = 1;
const NOT_INITIALIZED: CuResult = 3;
const INVALID_CONTEXT: CuResult = 201;
const UNKNOWN: CuResult = 999;

/// What rows of device memory begin at.
const PITCH_ALIGNMENT: usize = 512;

#[unsafe(no_mangle)]
extern "system" fn cuInit(flags: c_uint) -> CuResult {
    let mut state = state();
    match state.scenario {
        Scenario::NoDevice => return CUDA_ERROR_NO_DEVICE,
        Scenario::CudaBroken => return UNKNOWN,
        _ => {}
    }
    state.expect(flags == 0, "cuInit: flags are given");
    state.initialized = true;
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuGetErrorName(error: CuResult, name: *mut *const c_char) -> CuResult {
    let text = match error {
        CUDA_ERROR_NO_DEVICE => c"CUDA_ERROR_NO_DEVICE",
        INVALID_VALUE => c"CUDA_ERROR_INVALID_VALUE",
        NOT_INITIALIZED => c"CUDA_ERROR_NOT_INITIALIZED",
        INVALID_CONTEXT => c"CUDA_ERROR_INVALID_CONTEXT",
        UNKNOWN => c"CUDA_ERROR_UNKNOWN",
        _ => return INVALID_VALUE,
    };
    // SAFETY: the driver's interface asks for a live pointer.
    unsafe { *name = text.as_ptr() };
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuDriverGetVersion(version: *mut c_int) -> CuResult {
    // SAFETY: the driver's interface asks for a live pointer.
    unsafe { *version = 12040 };
    CUDA_SUCCESS
}

/// Whether `cuInit` came before; a fault if not.
fn is_initialized(function: &str) -> bool {
    let mut state = state();
    let initialized = state.initialized;
    state.expect(initialized, &format!("{function} before cuInit"))
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuDeviceGetCount(count: *mut c_int) -> CuResult {
    if !is_initialized("cuDeviceGetCount") {
        return NOT_INITIALIZED;
    }
    let two = state().scenario == Scenario::SecondDevice;
    // SAFETY: the driver's interface asks for a live pointer.
    unsafe { *count = if two { 2 } else { 1 } };
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuDeviceGet(device: *mut c_int, ordinal: c_int) -> CuResult {
    if !is_initialized("cuDeviceGet") {
        return NOT_INITIALIZED;
    }
    // SAFETY: the driver's interface asks for a live pointer.
    unsafe { *device = ordinal };
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuDeviceGetName(
    name: *mut c_char,
    len: c_int,
    device: c_int,
) -> CuResult {
    let text = format!("Double {device}\0");
    if !state().expect(
        len as usize >= text.len(),
        "cuDeviceGetName: the buffer is too short",
    ) {
        return INVALID_VALUE;
    }
    // SAFETY: the driver's interface asks for a buffer of the stated length, which is enough.
    unsafe { name.copy_from_nonoverlapping(text.as_ptr().cast(), text.len()) };
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuCtxCreate_v2(
    context: *mut CuContext,
    _flags: c_uint,
    device: c_int,
) -> CuResult {
    if !is_initialized("cuCtxCreate") {
        return NOT_INITIALIZED;
    }
    let mut state = state();
    if state.lost {
        return UNKNOWN;
    }
    let handle = state.handle();
    state.contexts.insert(handle, device);
    CURRENT.with_borrow_mut(|stack| stack.push(handle));
    // SAFETY: the driver's interface asks for a live pointer.
    unsafe { *context = std::ptr::without_provenance_mut(handle) };
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
extern "system" fn cuCtxDestroy_v2(context: CuContext) -> CuResult {
    let mut state = state();
    let handle = context.addr();
    let known = state.contexts.remove(&handle).is_some();
    if !state.expect(known, "cuCtxDestroy: there is no such context") {
        return INVALID_CONTEXT;
    }
    let in_use = state.sessions.values().any(|one| one.context == handle);
    state.expect(!in_use, "a context was destroyed before its session");
    if state.contexts.is_empty() {
        let freed = state.memory.is_empty();
        state.expect(freed, "memory outlives its context");
    }
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
extern "system" fn cuCtxPushCurrent_v2(context: CuContext) -> CuResult {
    let mut state = state();
    let known = state.contexts.contains_key(&context.addr());
    if !state.expect(known, "cuCtxPushCurrent: there is no such context") {
        return INVALID_CONTEXT;
    }
    CURRENT.with_borrow_mut(|stack| stack.push(context.addr()));
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuCtxPopCurrent_v2(context: *mut CuContext) -> CuResult {
    let popped = CURRENT.with_borrow_mut(Vec::pop);
    if !state().expect(popped.is_some(), "cuCtxPopCurrent: none is current") {
        return INVALID_CONTEXT;
    }
    if !context.is_null() {
        let handle = popped.unwrap_or_default();
        // SAFETY: the driver's interface asks for a live pointer or null.
        unsafe { *context = std::ptr::without_provenance_mut(handle) };
    }
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuMemAllocPitch_v2(
    memory: *mut CuDevicePointer,
    pitch: *mut usize,
    width_bytes: usize,
    height: usize,
    element_size_bytes: c_uint,
) -> CuResult {
    let mut state = state();
    let current = state.current().is_some();
    if !state.expect(current, "cuMemAllocPitch without a context") {
        return INVALID_CONTEXT;
    }
    state.expect(
        matches!(element_size_bytes, 4 | 8 | 16),
        "cuMemAllocPitch: elements of this size are not read",
    );
    if state.lost {
        return UNKNOWN;
    }
    let row = width_bytes.next_multiple_of(PITCH_ALIGNMENT);
    let handle = state.handle();
    state.memory.insert(handle, vec![0; row * height]);
    // SAFETY: the driver's interface asks for live pointers.
    unsafe { (*memory, *pitch) = (handle, row) };
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
extern "system" fn cuMemFree_v2(memory: CuDevicePointer) -> CuResult {
    let mut state = state();
    let current = state.current().is_some();
    state.expect(current, "cuMemFree without a context");
    let in_use = state
        .sessions
        .values()
        .flat_map(|one| one.registered.values())
        .any(|one| one.memory == memory);
    state.expect(!in_use, "memory was freed while it is registered");
    let known = state.memory.remove(&memory).is_some();
    if !state.expect(known, "cuMemFree: there is no such memory") {
        return INVALID_VALUE;
    }
    if state.lost { UNKNOWN } else { CUDA_SUCCESS }
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuMemcpyHtoD_v2(
    to: CuDevicePointer,
    from: *const c_void,
    len: usize,
) -> CuResult {
    let mut state = state();
    let current = state.current().is_some();
    if !state.expect(current, "cuMemcpyHtoD without a context") {
        return INVALID_CONTEXT;
    }
    if state.lost {
        return UNKNOWN;
    }
    let mapped = state.sessions.values().any(|one| {
        one.mapped
            .values()
            .any(|registration| one.registered[registration].memory == to)
    });
    state.expect(!mapped, "memory was written while it is mapped");
    // SAFETY: the driver's interface asks for that many readable bytes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), len) };
    let room = state.memory.get_mut(&to).and_then(|one| one.get_mut(..len));
    let Some(room) = room else {
        state.fault("cuMemcpyHtoD: beyond the end of the memory");
        return INVALID_VALUE;
    };
    room.copy_from_slice(bytes);
    CUDA_SUCCESS
}
