//! Films through NVENC, proved against a double of its driver that checks every call and encodes
//! on the CPU; and what is done where NVENC cannot be used, or fails in the middle.

// Helpers of a test may fail the test.
#![allow(clippy::expect_used)]

use std::path::Path;
use std::process::Command;

use fabula_encode::{
    Drivers, EncodeError, EncoderChoice, Encoders, FilmSettings, I420, Libraries, Mp4Writer,
    Packet, Quality, VideoSettings,
};
use nvenc_double::{Double, Scenario};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 184;
const FPS: u32 = 24;

fn settings() -> VideoSettings {
    VideoSettings::new(WIDTH, HEIGHT, FPS, Quality::Standard)
}

/// A bright column that moves over grey.
fn picture(index: u64) -> Vec<u8> {
    let mut planes = vec![128; I420::packed_len(WIDTH, HEIGHT)];
    let luma = &mut planes[..(WIDTH * HEIGHT) as usize];
    let left = 4 * index as usize % 280;
    for row in luma.chunks_mut(WIDTH as usize) {
        row.fill(60);
        row[left..left + 32].fill(200);
    }
    planes
}

/// Encodes a stretch of the film with an encoder of its own.
fn encode(
    encoders: &mut Encoders,
    frames: std::ops::Range<u64>,
) -> Result<Vec<Packet>, EncodeError> {
    let mut encoder = encoders.open_at(frames.start)?;
    let mut packets = Vec::new();
    for index in frames {
        let planes = picture(index);
        let frame = I420::from_packed(WIDTH, HEIGHT, &planes)?;
        packets.extend(encoder.encode(frame, index)?);
    }
    packets.extend(encoder.finish()?);
    Ok(packets)
}

/// The double in the place of NVIDIA's driver, and nothing of Vulkan.
fn drivers(double: &Double) -> Drivers {
    without_vulkan(double.libraries())
}

fn without_vulkan(nvidia: Libraries) -> Drivers {
    Drivers {
        nvidia,
        vulkan: Some("libno-vulkan.so.1".into()),
    }
}

fn choose(double: &Double, choice: EncoderChoice) -> Result<Encoders, EncodeError> {
    Encoders::choose_with(&drivers(double), choice, &settings())
}

fn write_film(path: &Path, packets: &[Packet]) {
    let mut film = Mp4Writer::create(path, &FilmSettings::new(FPS)).expect("the film starts");
    for packet in packets {
        film.write(packet).expect("the packet is written");
    }
    film.finish().expect("the film finishes");
}

#[track_caller]
fn assert_clean(double: &Double) {
    assert_eq!(double.faults(), "");
    assert_eq!(double.left_open(), 0);
}

/// Types of pictures as ffprobe decodes them, in the order in which they are shown; `None`
/// without ffprobe.
fn picture_types(film: &Path) -> Option<Vec<String>> {
    let probed = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-show_frames"])
        .args(["-show_entries", "frame=pict_type", "-of", "csv=p=0"])
        .arg(film)
        .output();
    let Ok(output) = probed else {
        eprintln!("skipped: there is no ffprobe to ask");
        return None;
    };
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let text = String::from_utf8_lossy(&output.stdout);
    let types = text.split_whitespace();
    Some(
        types
            .map(|kind| kind.trim_matches(',').to_owned())
            .collect(),
    )
}

#[test]
fn a_film_through_nvenc_plays_without_b_frames() {
    let double = Double::new(Scenario::Encodes);
    let mut encoders = choose(&double, EncoderChoice::Nvenc).unwrap();
    assert_eq!(encoders.name(), "nvenc");
    assert!(encoders.reasons().is_empty());
    // Three segments, each with a session of its own; the last is shorter than what is on its way.
    let packets: Vec<Packet> = [0..60, 60..100, 100..102]
        .into_iter()
        .flat_map(|frames| encode(&mut encoders, frames).unwrap())
        .collect();
    drop(encoders);
    assert_clean(&double);
    assert_eq!(double.pictures(), 102);

    let indices: Vec<u64> = packets.iter().map(|packet| packet.index).collect();
    assert_eq!(indices, (0..102).collect::<Vec<_>>());
    let keys = packets.iter().filter(|packet| packet.key);
    let keys: Vec<u64> = keys.map(|packet| packet.index).collect();
    assert_eq!(keys, [0, 48, 60, 100]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    write_film(&path, &packets);
    let Some(types) = picture_types(&path) else {
        return;
    };
    assert_eq!(types.len(), 102);
    for (index, kind) in types.iter().enumerate() {
        let key = keys.contains(&(index as u64));
        assert_eq!(kind, if key { "I" } else { "P" }, "frame {index}");
    }
}

#[test]
fn the_same_pictures_give_the_same_bytes() {
    let double = Double::new(Scenario::Encodes);
    let film = || {
        let mut encoders = choose(&double, EncoderChoice::Auto).unwrap();
        let first = encode(&mut encoders, 0..20).unwrap();
        (first, encode(&mut encoders, 20..40).unwrap())
    };
    assert!(film() == film());
}

#[test]
fn where_nvenc_cannot_be_used_openh264_is_and_says_why() {
    for (scenario, reason) in [
        (Scenario::NoDevice, "the NVIDIA driver finds no GPU"),
        (Scenario::CudaBroken, "cuInit answered CUDA_ERROR_UNKNOWN"),
        (
            Scenario::TooOld,
            "too old: it speaks NVENC 9.1, 11.1 is needed; update",
        ),
        (Scenario::Unsupported, "Double 0 has no video encoder"),
        (Scenario::OnlyHevc, "Double 0 does not encode H.264"),
        (
            Scenario::SessionLimit,
            "gives no further encode session; end other programs",
        ),
        (
            Scenario::SessionKey,
            "gives no further encode session; end other programs",
        ),
        // The one that proves the device is not the last that is needed.
        (
            Scenario::Sessions(1),
            "gives no further encode session; end other programs",
        ),
    ] {
        let double = Double::new(scenario);
        let mut encoders = choose(&double, EncoderChoice::Auto).unwrap();
        assert_eq!(encoders.name(), "openh264", "{scenario:?}");
        assert_eq!(encoders.open_at(0).unwrap().name(), "openh264");
        let first = &encoders.reasons()[0];
        assert!(first.starts_with("nvenc not used: "), "{first}");
        assert!(first.contains(reason), "{first}");
        assert_clean(&double);

        let Err(error) = choose(&double, EncoderChoice::Nvenc) else {
            panic!("{scenario:?} gives an encoder");
        };
        let message = error.to_string();
        assert!(message.starts_with("nvenc cannot be used: "), "{message}");
        assert!(message.contains(reason), "{message}");
        assert!(
            message.ends_with("choose the encoder openh264"),
            "{message}"
        );
    }
}

#[test]
fn without_drivers_the_reasons_name_the_libraries() {
    let drivers = without_vulkan(Libraries {
        cuda: "libno-such-driver.so.1".into(),
        encode: "libno-such-encoder.so.1".into(),
    });
    let encoders = Encoders::choose_with(&drivers, EncoderChoice::Auto, &settings()).unwrap();
    assert_eq!(encoders.name(), "openh264");
    let [nvenc, vulkan, ..] = encoders.reasons() else {
        panic!("{:?}", encoders.reasons());
    };
    assert!(nvenc.contains("libno-such-driver"), "{nvenc}");
    assert!(vulkan.contains("libno-vulkan"), "{vulkan}");
}

#[test]
fn a_size_that_nvenc_does_not_take_is_encoded_by_openh264() {
    let double = Double::new(Scenario::Encodes);
    let small = VideoSettings::new(64, 48, FPS, Quality::Standard);
    let encoders = Encoders::choose_with(&drivers(&double), EncoderChoice::Auto, &small).unwrap();
    assert_eq!(encoders.name(), "openh264");
    assert!(
        encoders.reasons()[0].contains("145x49 to 4096x4096, not 64x48"),
        "{:?}",
        encoders.reasons()
    );
    assert_clean(&double);
}

#[test]
fn a_device_that_is_lost_in_the_middle_gives_way_to_openh264() {
    let double = Double::new(Scenario::DeviceLost(70));
    let mut encoders = choose(&double, EncoderChoice::Auto).unwrap();
    let hardware = encoders.identity();
    let mut packets = encode(&mut encoders, 0..60).unwrap();
    let error = encode(&mut encoders, 60..100).unwrap_err();
    assert!(
        matches!(
            error,
            EncodeError::Hardware {
                encoder: "nvenc",
                index: 70,
                ..
            }
        ),
        "{error}"
    );
    encoders.step_down(error).unwrap();
    assert_eq!(encoders.name(), "openh264");
    assert_ne!(encoders.identity(), hardware);
    let reason = &encoders.reasons()[0];
    assert!(reason.starts_with("nvenc failed at frame 70 ("), "{reason}");
    assert!(
        reason.contains("the double has lost its device"),
        "{reason}"
    );
    assert_clean(&double);
    for frames in [60..100, 100..130] {
        packets.extend(encode(&mut encoders, frames).unwrap());
    }

    // Parameter sets of both stand in one film.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    write_film(&path, &packets);
    if let Some(types) = picture_types(&path) {
        assert_eq!(types.len(), 130);
        assert!(types.iter().all(|kind| kind == "I" || kind == "P"));
    }
}

#[test]
fn a_session_that_is_refused_in_the_middle_gives_way_too() {
    let double = Double::new(Scenario::Sessions(2));
    let mut encoders = choose(&double, EncoderChoice::Auto).unwrap();
    encode(&mut encoders, 0..10).unwrap();
    let error = encode(&mut encoders, 10..20).unwrap_err();
    assert!(
        error.to_string().contains("nvenc failed at frame 10: "),
        "{error}"
    );
    encoders.step_down(error).unwrap();
    assert_eq!(encode(&mut encoders, 10..20).unwrap().len(), 10);
    assert_clean(&double);
}

#[test]
fn an_encoder_that_was_asked_for_is_not_replaced() {
    let double = Double::new(Scenario::DeviceLost(5));
    let mut encoders = choose(&double, EncoderChoice::Nvenc).unwrap();
    let error = encode(&mut encoders, 0..10).unwrap_err();
    let told = encoders.step_down(error.clone()).unwrap_err();
    assert_eq!(told, error);
    let message = told.to_string();
    assert!(
        message.ends_with("choose the encoder openh264"),
        "{message}"
    );
}

#[test]
fn a_mistake_of_the_caller_is_no_failure_of_the_hardware() {
    let double = Double::new(Scenario::Encodes);
    let mut encoders = choose(&double, EncoderChoice::Auto).unwrap();
    let mut encoder = encoders.open_at(0).unwrap();
    let planes = picture(0);
    let frame = I420::from_packed(WIDTH, HEIGHT, &planes).unwrap();
    encoder.encode(frame, 3).unwrap();
    let error = encoder.encode(frame, 5).unwrap_err();
    assert!(matches!(
        error,
        EncodeError::FrameOrder {
            expected: 4,
            found: 5
        }
    ));
    assert!(encoders.step_down(error).is_err());
    assert_eq!(encoders.name(), "nvenc");
}

#[test]
fn parameter_sets_that_contradict_each_other_are_refused() {
    let double = Double::new(Scenario::Encodes);
    let mut film = {
        let mut encoders = choose(&double, EncoderChoice::Nvenc).unwrap();
        encode(&mut encoders, 0..2).unwrap()
    };
    // The same id at another size and, so, with other content.
    let other = VideoSettings::new(WIDTH, HEIGHT + 16, FPS, Quality::Standard);
    let mut encoders =
        Encoders::choose_with(&drivers(&double), EncoderChoice::Nvenc, &other).unwrap();
    let mut encoder = encoders.open_at(2).unwrap();
    let planes = vec![90; I420::packed_len(WIDTH, HEIGHT + 16)];
    let frame = I420::from_packed(WIDTH, HEIGHT + 16, &planes).unwrap();
    encoder.encode(frame, 2).unwrap();
    film.extend(encoder.finish().unwrap());

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    let mut writer = Mp4Writer::create(&path, &FilmSettings::new(FPS)).unwrap();
    writer.write(&film[0]).unwrap();
    writer.write(&film[1]).unwrap();
    let error = writer.write(&film[2]).unwrap_err();
    assert!(error.to_string().contains("same settings"), "{error}");
}
