//! The CUDA driver's part. Device memory is memory of the process, or of a software Vulkan, which
//! gives it away as a file.

#![allow(non_snake_case)] // The driver's own names.

use std::ffi::{c_char, c_int, c_uint, c_void};

use nvenc_sys::abi::{
    CUDA_ERROR_NO_DEVICE, CUDA_SUCCESS, CuContext, CuDevicePointer, CuExternalMemory, CuResult,
    CuUuid, EXTERNAL_MEMORY_DEDICATED, EXTERNAL_MEMORY_OPAQUE_FD, ExternalMemoryBufferDesc,
    ExternalMemoryHandleDesc,
};

use crate::scenario::{Scenario, UUID_VARIABLE};
use crate::state::{CURRENT, Imported, Memory, read_at, state};

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
        let freed = state.memory.is_empty() && state.imported.is_empty();
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
    state
        .memory
        .insert(handle, Memory::Own(vec![0; row * height]));
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
    let room = match state.memory.get_mut(&to) {
        Some(Memory::Own(bytes)) => bytes.get_mut(..len),
        _ => None,
    };
    let Some(room) = room else {
        state.fault("cuMemcpyHtoD: beyond the end of the memory");
        return INVALID_VALUE;
    };
    room.copy_from_slice(bytes);
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuDeviceGetUuid(uuid: *mut CuUuid, device: c_int) -> CuResult {
    if !is_initialized("cuDeviceGetUuid") {
        return NOT_INITIALIZED;
    }
    let mut answer = [0xd0; 16];
    answer[15] = device as u8;
    let named = std::env::var(UUID_VARIABLE).unwrap_or_default();
    for (byte, digits) in answer.iter_mut().zip(named.as_bytes().chunks(2)) {
        let digits = str::from_utf8(digits).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16).unwrap_or_default();
    }
    // SAFETY: the driver's interface asks for a live pointer.
    unsafe { *uuid = answer };
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuImportExternalMemory(
    memory: *mut CuExternalMemory,
    handle: *const ExternalMemoryHandleDesc,
) -> CuResult {
    let mut state = state();
    let current = state.current().is_some();
    if !state.expect(current, "cuImportExternalMemory without a context") {
        return INVALID_CONTEXT;
    }
    // SAFETY: the driver's interface asks for a live description.
    let handle = unsafe { &*handle };
    let right = handle.kind == EXTERNAL_MEMORY_OPAQUE_FD
        && handle.flags == EXTERNAL_MEMORY_DEDICATED
        && handle.reserved == [0; 16];
    state.expect(right, "cuImportExternalMemory: parameters");
    if state.lost || state.scenario == Scenario::ImportsNothing {
        return UNKNOWN;
    }
    let Some(imported) = opened(handle) else {
        state.fault("cuImportExternalMemory: the descriptor is not that of so much memory");
        return INVALID_VALUE;
    };
    let number = state.handle();
    state.imported.insert(number, imported);
    // SAFETY: the driver's interface asks for a live pointer.
    unsafe { *memory = std::ptr::without_provenance_mut(number) };
    CUDA_SUCCESS
}

/// The file behind a descriptor. Mesa's software Vulkan puts before the memory, behind a length, where
/// in the file it begins.
#[cfg(unix)]
fn opened(handle: &ExternalMemoryHandleDesc) -> Option<Imported> {
    use std::mem::ManuallyDrop;
    use std::os::fd::FromRawFd;

    // SAFETY: the driver's interface hands an open descriptor over, unless it is refused.
    let file = ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(handle.fd) });
    let mut begin = [0; 8];
    read_at(&file, &mut begin, 8).ok()?;
    let begin = u64::from_ne_bytes(begin);
    let end = begin.checked_add(handle.size)?;
    let fits = begin >= 16 && end <= file.metadata().ok()?.len();
    fits.then(|| Imported {
        file: ManuallyDrop::into_inner(file),
        begin,
        len: handle.size,
    })
}

#[cfg(not(unix))]
fn opened(_: &ExternalMemoryHandleDesc) -> Option<Imported> {
    None
}

#[unsafe(no_mangle)]
unsafe extern "system" fn cuExternalMemoryGetMappedBuffer(
    address: *mut CuDevicePointer,
    memory: CuExternalMemory,
    buffer: *const ExternalMemoryBufferDesc,
) -> CuResult {
    let mut state = state();
    let current = state.current().is_some();
    if !state.expect(current, "cuExternalMemoryGetMappedBuffer without a context") {
        return INVALID_CONTEXT;
    }
    // SAFETY: the driver's interface asks for a live description.
    let buffer = unsafe { &*buffer };
    let import = memory.addr();
    let len = state.imported.get(&import).map_or(0, |one| one.len);
    let fits = buffer.offset == 0 && buffer.flags == 0 && (1..=len).contains(&buffer.size);
    if !state.expect(fits, "cuExternalMemoryGetMappedBuffer: beyond the memory") {
        return INVALID_VALUE;
    }
    let number = state.handle();
    let bytes = buffer.size as usize;
    state.memory.insert(number, Memory::Of(import, bytes));
    // SAFETY: the driver's interface asks for a live pointer.
    unsafe { *address = number };
    CUDA_SUCCESS
}

#[unsafe(no_mangle)]
extern "system" fn cuDestroyExternalMemory(memory: CuExternalMemory) -> CuResult {
    let mut state = state();
    let import = memory.addr();
    let mapped = state
        .memory
        .values()
        .any(|one| matches!(one, Memory::Of(of, _) if *of == import));
    state.expect(!mapped, "imported memory was given back while it is mapped");
    let known = state.imported.remove(&import).is_some();
    if !state.expect(known, "cuDestroyExternalMemory: there is no such memory") {
        return INVALID_VALUE;
    }
    if state.lost { UNKNOWN } else { CUDA_SUCCESS }
}
