//! The call sequence of a probe, proved against a double of the driver that checks it.

// The double is a shared library, asked for its findings through its exported functions.
#![allow(unsafe_code)]
// A helper of a test may fail the test.
#![allow(clippy::expect_used)]
#![cfg(unix)]

use std::ffi::{CStr, c_char, c_int};
use std::path::Path;
use std::process::Command;

use libloading::Library;
use nvenc_sys::{ApiVersion, Libraries, Probe, ProbeError, probe, probe_with};

/// What the double saw.
struct Findings {
    fault: String,
    left_open: i32,
    sessions_opened: i32,
}

/// Builds the double for a scenario of `double.c` and probes it; `None` without a C compiler.
fn probe_double(scenario: u32) -> Option<(Result<Probe, ProbeError>, Findings)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let library = folder.path().join(format!("double{scenario}.so"));
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let built = Command::new(&compiler)
        .args(["-shared", "-fPIC", "-std=c11", "-Wall", "-Werror"])
        .arg(format!("-DSCENARIO={scenario}"))
        .arg("-o")
        .arg(&library)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/double.c"))
        .output();
    let Ok(output) = built else {
        eprintln!("skipped: there is no C compiler ({compiler}) to build the double with");
        return None;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let libraries = Libraries {
        cuda: library.clone().into(),
        encode: library.clone().into(),
    };
    let result = probe_with(&libraries);
    Some((result, findings(&library)))
}

fn findings(library: &Path) -> Findings {
    // SAFETY: the double is loaded already; names and types are those of double.c.
    unsafe {
        let double = Library::new(library).expect("the double is loaded");
        let fault: unsafe extern "C" fn() -> *const c_char =
            *double.get(b"double_fault").expect("double_fault");
        let left_open: unsafe extern "C" fn() -> c_int =
            *double.get(b"double_left_open").expect("double_left_open");
        let sessions_opened: unsafe extern "C" fn() -> c_int = *double
            .get(b"double_sessions_opened")
            .expect("double_sessions_opened");
        Findings {
            fault: CStr::from_ptr(fault()).to_string_lossy().into_owned(),
            left_open: left_open(),
            sessions_opened: sessions_opened(),
        }
    }
}

/// Checks that the sequence was right and that nothing stayed open, whatever the outcome.
fn assert_clean(findings: &Findings, sessions_opened: i32) {
    assert_eq!(findings.fault, "");
    assert_eq!(findings.left_open, 0);
    assert_eq!(findings.sessions_opened, sessions_opened);
}

#[test]
fn a_device_that_encodes_is_found_and_left_as_it_was() {
    let Some((result, findings)) = probe_double(0) else {
        return;
    };
    assert_clean(&findings, 1);
    assert_eq!(
        result,
        Ok(Probe {
            device: "Double 0".into(),
            cuda_version: (12, 4),
            api_version: ApiVersion {
                major: 12,
                minor: 2
            },
            codec_count: 2,
        })
    );
}

#[test]
fn a_driver_without_a_gpu_says_so() {
    let Some((result, findings)) = probe_double(1) else {
        return;
    };
    assert_clean(&findings, 0);
    assert_eq!(result, Err(ProbeError::NoDevice));
}

#[test]
fn an_old_driver_is_refused_before_any_session_is_opened() {
    let Some((result, findings)) = probe_double(2) else {
        return;
    };
    assert_clean(&findings, 0);
    let found = ApiVersion { major: 9, minor: 1 };
    assert_eq!(result, Err(ProbeError::TooOld { found }));
}

#[test]
fn a_compute_card_without_an_encoder_is_an_ordinary_answer() {
    let Some((result, findings)) = probe_double(3) else {
        return;
    };
    assert_clean(&findings, 0);
    assert_eq!(
        result,
        Err(ProbeError::UnsupportedDevice {
            device: "Double 0".into()
        })
    );
}

#[test]
fn an_encoder_without_h264_is_not_enough() {
    let Some((result, findings)) = probe_double(4) else {
        return;
    };
    assert_clean(&findings, 1);
    assert_eq!(
        result,
        Err(ProbeError::NoH264 {
            device: "Double 0".into()
        })
    );
}

#[test]
fn a_refused_session_is_destroyed_all_the_same() {
    let Some((result, findings)) = probe_double(5) else {
        return;
    };
    assert_clean(&findings, 0);
    assert_eq!(
        result,
        Err(ProbeError::NoSession {
            device: "Double 0".into()
        })
    );
}

#[test]
fn a_failing_cuda_driver_names_the_call_and_the_code() {
    let Some((result, _)) = probe_double(6) else {
        return;
    };
    assert_eq!(
        result,
        Err(ProbeError::Cuda {
            function: "cuInit",
            code: 999
        })
    );
}

#[test]
fn the_second_device_is_tried_when_the_first_cannot_encode() {
    let Some((result, findings)) = probe_double(7) else {
        return;
    };
    assert_clean(&findings, 1);
    assert_eq!(result.map(|found| found.device), Ok("Double 1".into()));
}

#[test]
fn a_missing_driver_names_the_library() {
    let libraries = Libraries {
        cuda: "libno-such-driver.so.1".into(),
        ..Libraries::default()
    };
    let error = probe_with(&libraries).expect_err("there is no such library");
    assert!(matches!(&error, ProbeError::NoDriver { library, .. } if library.contains("no-such")));
    assert!(
        error.to_string().contains("install the NVIDIA driver"),
        "{error}"
    );
}

#[test]
fn a_library_that_is_no_driver_names_the_missing_function() {
    let Some(library) = ["libm.so.6", "libSystem.B.dylib"]
        .into_iter()
        // SAFETY: the C library's mathematics have no initialisers to speak of.
        .find(|name| unsafe { Library::new(*name) }.is_ok())
    else {
        eprintln!("skipped: no system library to stand in");
        return;
    };
    let libraries = Libraries {
        cuda: library.into(),
        encode: library.into(),
    };
    assert_eq!(
        probe_with(&libraries),
        Err(ProbeError::MissingFunction {
            library: library.into(),
            function: "cuInit"
        })
    );
}

#[test]
fn probing_this_machine_gives_a_device_or_a_reason() {
    match probe() {
        Ok(found) => assert!(!found.device.is_empty()),
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
}
