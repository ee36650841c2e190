//! What the openh264 library says about itself, and keeping it quiet otherwise.
//!
//! The wrapper has no safe way to set the library's trace output before it starts. Left alone,
//! the library prints warnings to standard error in the middle of progress messages; and its
//! trace is the only place where it tells whether its assembler routines were compiled in.

// Three calls into the library's own interface, each with its reason.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

use ::openh264::OpenH264API;
use ::openh264::encoder::{Encoder, EncoderConfig};
use ::openh264::formats::YUVSlices;
use openh264_sys2::{
    API, ENCODER_OPTION_TRACE_CALLBACK, ENCODER_OPTION_TRACE_CALLBACK_CONTEXT,
    ENCODER_OPTION_TRACE_LEVEL, WELS_LOG_INFO, WELS_LOG_QUIET, WelsTraceCallback,
};

/// The line that only a build with x86 assembler writes while it starts.
const ASSEMBLER_LINE: &str = "WELS CPU features";

/// Keeps the library from writing to standard error; call it before the first picture.
pub fn silence(encoder: &mut Encoder) {
    let mut level = WELS_LOG_QUIET;
    // SAFETY: the option takes a pointer to an integer, which it copies during the call, and may
    // be set before the encoder is initialised.
    unsafe {
        encoder
            .raw_api()
            .set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut level).cast());
    }
}

/// The library's version.
pub fn version() -> String {
    // SAFETY: the function takes nothing and returns a plain structure by value.
    let version = unsafe { OpenH264API::from_source().WelsGetCodecVersion() };
    format!(
        "{}.{}.{}",
        version.uMajor, version.uMinor, version.uRevision
    )
}

/// Whether the library was compiled with the routines that make it fast.
pub fn has_assembler() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    // On x86 they need nasm at build time, which the build script of the library does without
    // in silence. On ARM they come with the C compiler, except Microsoft's.
    if cfg!(any(target_arch = "x86_64", target_arch = "x86")) {
        *FOUND.get_or_init(starts_with_assembler)
    } else {
        cfg!(all(
            any(target_arch = "aarch64", target_arch = "arm"),
            not(windows)
        ))
    }
}

/// Starts a tiny encoder and looks for the line in its trace.
fn starts_with_assembler() -> bool {
    unsafe extern "C" fn note(found: *mut c_void, _level: c_int, line: *const c_char) {
        // SAFETY: the library passes back the context set below and a line that ends with zero;
        // both live for the whole call.
        unsafe {
            if CStr::from_ptr(line)
                .to_string_lossy()
                .contains(ASSEMBLER_LINE)
            {
                *found.cast::<bool>() = true;
            }
        }
    }

    let Ok(mut encoder) =
        Encoder::with_api_config(OpenH264API::from_source(), EncoderConfig::new())
    else {
        return false;
    };
    let mut found = false;
    let mut context: *mut c_void = (&raw mut found).cast();
    let mut callback: WelsTraceCallback = Some(note);
    let mut level = WELS_LOG_INFO;
    // SAFETY: each option takes a pointer to a value of the type that stands here, which it
    // copies during the call. `found` outlives the encoder's use: the encoder is dropped below,
    // in this function.
    unsafe {
        let api = encoder.raw_api();
        api.set_option(
            ENCODER_OPTION_TRACE_CALLBACK_CONTEXT,
            (&raw mut context).cast(),
        );
        api.set_option(ENCODER_OPTION_TRACE_CALLBACK, (&raw mut callback).cast());
        api.set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut level).cast());
    }
    let grey = [128; 16 * 16 * 3 / 2];
    let picture = YUVSlices::new(
        (&grey[..256], &grey[256..320], &grey[320..]),
        (16, 16),
        (16, 8, 8),
    );
    let started = encoder.encode(&picture).is_ok();
    drop(encoder);
    started && found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_states_its_version() {
        assert!(version().starts_with("2."), "{}", version());
    }
}
