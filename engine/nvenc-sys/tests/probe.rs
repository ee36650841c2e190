//! The call sequence of a probe, proved against a double of the driver that checks it.

use nvenc_double::{Double, Scenario};
use nvenc_sys::{ApiVersion, Device, Libraries, NvencError, Probe, probe, probe_with};

/// Probes a double, and checks that the sequence was right and that nothing stayed open.
#[track_caller]
fn probe_double(scenario: Scenario, sessions: u64) -> Result<Probe, NvencError> {
    let double = Double::new(scenario);
    let result = probe_with(&double.libraries());
    assert_eq!(double.faults(), "");
    assert_eq!(double.left_open(), 0);
    assert_eq!(double.sessions(), sessions);
    result
}

fn first() -> String {
    "Double 0".into()
}

#[test]
fn a_device_that_encodes_is_found_and_left_as_it_was() {
    assert_eq!(
        probe_double(Scenario::Encodes, 1),
        Ok(Probe {
            device: first(),
            cuda_version: (12, 4),
            api_version: ApiVersion {
                major: 12,
                minor: 2
            },
            codec_count: 2,
            uuid: std::array::from_fn(|at| if at < 15 { 0xd0 } else { 0 }),
        })
    );
}

#[test]
fn a_driver_without_a_gpu_says_so() {
    assert_eq!(
        probe_double(Scenario::NoDevice, 0),
        Err(NvencError::NoDevice)
    );
}

#[test]
fn an_old_driver_is_refused_before_any_session_is_opened() {
    let found = ApiVersion { major: 9, minor: 1 };
    assert_eq!(
        probe_double(Scenario::TooOld, 0),
        Err(NvencError::TooOld { found })
    );
}

#[test]
fn a_compute_card_without_an_encoder_is_an_ordinary_answer() {
    assert_eq!(
        probe_double(Scenario::Unsupported, 0),
        Err(NvencError::UnsupportedDevice { device: first() })
    );
}

#[test]
fn an_encoder_without_h264_is_not_enough() {
    assert_eq!(
        probe_double(Scenario::OnlyHevc, 1),
        Err(NvencError::NoH264 { device: first() })
    );
}

#[test]
fn a_refused_session_is_destroyed_all_the_same() {
    for scenario in [Scenario::SessionLimit, Scenario::SessionKey] {
        assert_eq!(
            probe_double(scenario, 0),
            Err(NvencError::NoSession { device: first() })
        );
    }
}

#[test]
fn a_failing_cuda_driver_names_the_call_and_the_error() {
    assert_eq!(
        probe_double(Scenario::CudaBroken, 0),
        Err(NvencError::Cuda {
            function: "cuInit",
            answer: "CUDA_ERROR_UNKNOWN".into()
        })
    );
}

#[test]
fn the_second_device_is_tried_when_the_first_cannot_encode() {
    let found = probe_double(Scenario::SecondDevice, 1);
    assert_eq!(found.map(|found| found.device), Ok("Double 1".into()));
}

#[test]
fn an_open_device_keeps_its_context_until_it_is_dropped() {
    let double = Double::new(Scenario::Encodes);
    let device = Device::open(&double.libraries()).unwrap();
    let other = device.clone();
    drop(device);
    assert_eq!(double.left_open(), 1, "the context");
    assert_eq!(other.probe().device, "Double 0");
    drop(other);
    assert_eq!(double.left_open(), 0);
    assert_eq!(double.faults(), "");
}

#[test]
fn a_missing_driver_names_the_library() {
    let libraries = Libraries {
        cuda: "libno-such-driver.so.1".into(),
        ..Libraries::default()
    };
    let error = probe_with(&libraries).unwrap_err();
    assert!(matches!(&error, NvencError::NoDriver { library, .. } if library.contains("no-such")));
    assert!(
        error.to_string().contains("install the NVIDIA driver"),
        "{error}"
    );
}

#[test]
fn a_driver_without_its_encode_library_names_that() {
    let double = Double::new(Scenario::Encodes);
    let libraries = Libraries {
        encode: "libno-such-encoder.so.1".into(),
        ..double.libraries()
    };
    let error = probe_with(&libraries).unwrap_err();
    assert!(matches!(error, NvencError::NoEncodeLibrary { .. }));
    assert!(error.to_string().contains("libno-such-encoder"), "{error}");
    assert_eq!(double.left_open(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_library_that_is_no_driver_names_the_missing_function() {
    let libraries = Libraries {
        cuda: "libm.so.6".into(),
        encode: "libm.so.6".into(),
    };
    assert_eq!(
        probe_with(&libraries),
        Err(NvencError::MissingFunction {
            library: "libm.so.6".into(),
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
