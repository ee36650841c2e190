//! Encoding, proved against a double of the driver that checks each call and encodes on the CPU.

// Helpers of a test may fail the test.
#![allow(clippy::expect_used)]

use nvenc_double::{Double, Scenario};
use nvenc_sys::{Device, EncodedPicture, NvencError, Preset, Session, SessionSettings};
use openh264::decoder::Decoder;
use openh264::formats::YUVSource;

const SETTINGS: SessionSettings = SessionSettings {
    width: 322,
    height: 182,
    fps: 24,
    preset: Preset::P4,
    bitrate_bps: 2_000_000,
    max_bitrate_bps: 4_000_000,
    qp_min: 12,
    qp_max: 34,
    gop_length: 48,
    parameter_set_id: 1,
};

/// Three planes whose values say where they are, darker from picture to picture.
fn planes(number: u64) -> [Vec<u8>; 3] {
    let (width, height) = (SETTINGS.width as usize, SETTINGS.height as usize);
    let y = (0..width * height)
        .map(|place| (40 + place % width / 4 + place / width / 4) as u8 + number as u8)
        .collect();
    let half = |left: u8, right: u8| {
        (0..width * height / 4)
            .map(|place| {
                if place % (width / 2) < width / 4 {
                    left
                } else {
                    right
                }
            })
            .collect()
    };
    [y, half(100, 150), half(140, 110)]
}

fn encode(session: &mut Session, numbers: std::ops::Range<u64>) -> Vec<EncodedPicture> {
    let mut done = Vec::new();
    for number in numbers {
        let [y, u, v] = planes(number);
        done.extend(session.encode(&y, &u, &v).expect("a picture is taken"));
    }
    done
}

/// The mean difference of a decoded plane, which has padded rows, from what went in.
fn mean_difference(found: &[u8], stride: usize, expected: &[u8], width: usize) -> f64 {
    let rows = found.chunks(stride).map(|row| &row[..width]);
    let sum: u64 = rows
        .zip(expected.chunks(width))
        .flat_map(|(found, expected)| found.iter().zip(expected))
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / expected.len() as f64
}

#[track_caller]
fn assert_clean(double: &Double) {
    assert_eq!(double.faults(), "");
    assert_eq!(double.left_open(), 0);
}

#[test]
fn what_comes_out_is_what_went_in() {
    let double = Double::new(Scenario::Encodes);
    let device = Device::open(&double.libraries()).unwrap();
    let mut session = Session::open(&device, &SETTINGS).unwrap();
    // The session keeps what it needs of the device.
    drop(device);
    let mut pictures = encode(&mut session, 0..60);
    assert!(pictures.len() < 60, "some are on their way");
    pictures.extend(session.finish().unwrap());
    assert_eq!(session.finish().unwrap(), []);
    drop(session);
    assert_clean(&double);

    let numbers: Vec<u64> = pictures.iter().map(|one| one.number).collect();
    assert_eq!(numbers, (0..60).collect::<Vec<_>>());
    let keys = pictures.iter().filter(|one| one.idr).map(|one| one.number);
    assert_eq!(keys.collect::<Vec<_>>(), [0, 48], "one in two seconds");

    let mut decoder = Decoder::new().unwrap();
    let (width, half) = (SETTINGS.width as usize, SETTINGS.width as usize / 2);
    for picture in &pictures {
        let decoded = decoder.decode(&picture.data).unwrap().expect("a picture");
        let [y, u, v] = planes(picture.number);
        let (luma, blue, red) = decoded.strides();
        for (found, stride, expected, width) in [
            (decoded.y(), luma, y, width),
            (decoded.u(), blue, u, half),
            (decoded.v(), red, v, half),
        ] {
            let difference = mean_difference(found, stride, &expected, width);
            assert!(
                difference < 2.0,
                "{difference} in picture {}",
                picture.number
            );
        }
    }
}

#[test]
fn parameter_sets_have_the_id_that_was_asked_for() {
    let double = Double::new(Scenario::Encodes);
    let device = Device::open(&double.libraries()).unwrap();
    for id in [1, 7] {
        let settings = SessionSettings {
            parameter_set_id: id,
            ..SETTINGS
        };
        let mut session = Session::open(&device, &settings).unwrap();
        encode(&mut session, 0..1);
        let stream = &session.finish().unwrap()[0].data;
        let pps = stream
            .windows(5)
            .position(|bytes| bytes[..4] == [0, 0, 0, 1] && bytes[4] & 0x1f == 8)
            .expect("a picture parameter set");
        // `ue(v)`: so many zeros, then the number after 1 in binary.
        let bits = u32::from_be_bytes(stream[pps + 5..pps + 9].try_into().unwrap());
        let zeros = bits.leading_zeros();
        assert_eq!((bits >> (31 - 2 * zeros)) - 1, id);
    }
}

#[test]
fn pictures_that_the_encoder_holds_back_come_out_all_the_same() {
    let double = Double::new(Scenario::HoldsBack);
    let device = Device::open(&double.libraries()).unwrap();
    for count in [1, 4, 5, 13] {
        let mut session = Session::open(&device, &SETTINGS).unwrap();
        let mut pictures = encode(&mut session, 0..count);
        pictures.extend(session.finish().unwrap());
        let numbers: Vec<u64> = pictures.iter().map(|one| one.number).collect();
        assert_eq!(numbers, (0..count).collect::<Vec<_>>());
    }
    drop(device);
    assert_clean(&double);
}

#[test]
fn a_session_moves_between_threads() {
    let double = Double::new(Scenario::Encodes);
    let device = Device::open(&double.libraries()).unwrap();
    let mut session = Session::open(&device, &SETTINGS).unwrap();
    let pictures = std::thread::spawn(move || {
        let mut pictures = encode(&mut session, 0..6);
        pictures.extend(session.finish().expect("it finishes"));
        pictures.len()
    });
    assert_eq!(pictures.join().unwrap(), 6);
    drop(device);
    assert_clean(&double);
}

#[test]
fn a_lost_device_is_an_error_with_the_drivers_words_and_leaves_nothing_behind() {
    let double = Double::new(Scenario::DeviceLost(7));
    let device = Device::open(&double.libraries()).unwrap();
    let mut session = Session::open(&device, &SETTINGS).unwrap();
    encode(&mut session, 0..7);
    let [y, u, v] = planes(7);
    let error = session.encode(&y, &u, &v).unwrap_err();
    assert_eq!(
        error.to_string(),
        "NVENC failed on Double 0: NvEncEncodePicture answered NV_ENC_ERR_GENERIC \
         (the double has lost its device)"
    );
    // Nor does it come back.
    assert!(session.encode(&y, &u, &v).is_err());
    assert!(session.finish().is_err());
    drop(session);
    drop(device);
    assert_clean(&double);
    assert!(Device::open(&double.libraries()).is_err());
}

#[test]
fn a_session_that_is_dropped_in_the_middle_leaves_nothing_behind() {
    let double = Double::new(Scenario::Encodes);
    let device = Device::open(&double.libraries()).unwrap();
    for count in [0, 1, 4, 9] {
        let mut session = Session::open(&device, &SETTINGS).unwrap();
        encode(&mut session, 0..count);
    }
    drop(device);
    assert_clean(&double);
    assert_eq!(double.pictures(), 14);
}

#[test]
fn a_picture_out_of_order_is_refused() {
    let double = Double::new(Scenario::Reorders);
    let device = Device::open(&double.libraries()).unwrap();
    let mut session = Session::open(&device, &SETTINGS).unwrap();
    encode(&mut session, 0..2);
    assert_eq!(
        session.finish(),
        Err(NvencError::Order {
            device: "Double 0".into(),
            expected: 0,
            found: 1
        })
    );
    drop((session, device));
    assert_clean(&double);
}

#[test]
fn a_size_that_the_device_does_not_take_is_refused_with_its_bounds() {
    let double = Double::new(Scenario::Encodes);
    let device = Device::open(&double.libraries()).unwrap();
    let small = SessionSettings {
        width: 64,
        height: 64,
        ..SETTINGS
    };
    let Err(error) = Session::open(&device, &small) else {
        panic!("64x64 is too small");
    };
    assert_eq!(
        error.to_string(),
        "Double 0 encodes 145x49 to 4096x4096, not 64x64"
    );
    drop(device);
    assert_clean(&double);
}

#[test]
fn when_all_sessions_are_taken_the_next_is_refused() {
    // Opening the device takes one, too.
    let double = Double::new(Scenario::Sessions(2));
    let device = Device::open(&double.libraries()).unwrap();
    let first = Session::open(&device, &SETTINGS).unwrap();
    assert_eq!(
        Session::open(&device, &SETTINGS).err(),
        Some(NvencError::NoSession {
            device: "Double 0".into()
        })
    );
    drop((first, device));
    assert_clean(&double);
}

#[test]
fn planes_of_another_size_are_refused_by_name() {
    let double = Double::new(Scenario::Encodes);
    let device = Device::open(&double.libraries()).unwrap();
    let mut session = Session::open(&device, &SETTINGS).unwrap();
    let [y, u, v] = planes(0);
    for (y, u, v, plane) in [
        (&y[1..], &u[..], &v[..], "y"),
        (&y, &u[1..], &v, "u"),
        (&y, &u, &[], "v"),
    ] {
        let error = session.encode(y, u, v).unwrap_err();
        assert!(
            matches!(error, NvencError::PlaneLength { plane: found, .. } if found == plane),
            "{error}"
        );
    }
    drop((session, device));
    assert_clean(&double);
}

/// Pictures where they lie on the device, in files that stand for what software Vulkan gives away.
#[cfg(unix)]
mod shared {
    use std::fs::File;
    use std::io::{Seek, SeekFrom, Write};
    use std::sync::Arc;

    use nvenc_sys::{PictureLayout, SharedMemory, SharedPictures};

    use super::*;

    const LAYOUT: PictureLayout = PictureLayout {
        pitch: 512,
        height: SETTINGS.height,
    };
    /// Where the memory begins in its file.
    const BEGIN: u64 = 4096;

    fn memory(len: u64) -> (File, SharedMemory) {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&len.to_ne_bytes()).expect("room");
        file.write_all(&BEGIN.to_ne_bytes()).expect("room");
        file.set_len(BEGIN + len).expect("room");
        let fd = file.try_clone().expect("a descriptor").into();
        (file, SharedMemory { fd, len })
    }

    /// Draws a picture: NV12 in rows of the layout's pitch.
    fn draw(file: &mut File, number: u64) {
        let [y, u, v] = planes(number);
        let (width, pitch) = (SETTINGS.width as usize, LAYOUT.pitch as usize);
        let mut bytes = vec![0; LAYOUT.bytes() as usize];
        let (luma, chroma) = bytes.split_at_mut(pitch * SETTINGS.height as usize);
        for (to, from) in luma.chunks_mut(pitch).zip(y.chunks(width)) {
            to[..width].copy_from_slice(from);
        }
        let rows = u.chunks(width / 2).zip(v.chunks(width / 2));
        for (to, (u, v)) in chroma.chunks_mut(pitch).zip(rows) {
            let pairs = u.iter().zip(v).flat_map(|(u, v)| [*u, *v]);
            to.iter_mut().zip(pairs).for_each(|(to, from)| *to = from);
        }
        file.seek(SeekFrom::Start(BEGIN)).expect("the file is open");
        file.write_all(&bytes).expect("room");
    }

    #[test]
    fn pictures_that_lie_on_the_device_give_the_packets_of_copied_ones() {
        let double = Double::new(Scenario::Encodes);
        let device = Device::open(&double.libraries()).unwrap();
        let mut session = Session::open(&device, &SETTINGS).unwrap();
        let mut expected = encode(&mut session, 0..40);
        expected.extend(session.finish().unwrap());
        drop(session);

        let len = LAYOUT.bytes() + 100;
        let (mut files, memories): (Vec<_>, Vec<_>) = (0..7).map(|_| memory(len)).unzip();
        let pictures = SharedPictures::import(&device, LAYOUT, memories).unwrap();
        let pictures = Arc::new(pictures);
        // One after the other, as the segments of a film are, and the last is given up in the middle.
        for last in [40, 40, 3] {
            let mut session = Session::open_shared(&device, &SETTINGS, &pictures).unwrap();
            let mut found = Vec::new();
            for number in 0..last {
                let place = (number * 3 % 7) as usize;
                draw(&mut files[place], number);
                found.extend(session.encode_shared(place).unwrap());
            }
            if last == 40 {
                found.extend(session.finish().unwrap());
                assert!(found == expected);
            }
        }
        drop((device, pictures));
        assert_clean(&double);
    }

    #[test]
    fn memory_that_is_too_small_or_refused_is_an_error_and_left_to_its_owner() {
        let double = Double::new(Scenario::Encodes);
        let device = Device::open(&double.libraries()).unwrap();
        let memories = [LAYOUT.bytes(), LAYOUT.bytes() - 1].map(|len| memory(len).1);
        let refused = SharedPictures::import(&device, LAYOUT, memories.into());
        assert!(matches!(
            refused.err(),
            Some(NvencError::SharedLength { .. })
        ));
        drop(device);
        assert_clean(&double);

        let double = Double::new(Scenario::ImportsNothing);
        let device = Device::open(&double.libraries()).unwrap();
        let refused = SharedPictures::import(&device, LAYOUT, vec![memory(LAYOUT.bytes()).1]);
        let error = refused.err().unwrap().to_string();
        assert!(error.contains("cuImportExternalMemory"), "{error}");
        drop(device);
        assert_clean(&double);
    }

    #[test]
    fn a_place_that_is_none_or_still_being_encoded_is_refused() {
        let double = Double::new(Scenario::Encodes);
        let device = Device::open(&double.libraries()).unwrap();
        let memories = (0..2).map(|_| memory(LAYOUT.bytes()).1).collect();
        let pictures = Arc::new(SharedPictures::import(&device, LAYOUT, memories).unwrap());
        let mut session = Session::open_shared(&device, &SETTINGS, &pictures).unwrap();
        session.encode_shared(1).unwrap();
        for place in [1, 2] {
            let refused = session.encode_shared(place);
            assert_eq!(refused, Err(NvencError::NotShared { place }));
        }
        let mut copying = Session::open(&device, &SETTINGS).unwrap();
        let refused = copying.encode_shared(0);
        assert_eq!(refused, Err(NvencError::NotShared { place: 0 }));
        let [y, u, v] = planes(0);
        assert_eq!(session.encode(&y, &u, &v), Err(NvencError::OnlyShared));
        drop((session, copying, pictures, device));
        assert_clean(&double);
    }
}
