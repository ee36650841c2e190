//! A film from pictures to a file, checked by readers that share no code with the writer.

// A helper of a test may fail the test.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fabula_encode::{
    Chapter, EncoderChoice, FilmSettings, FilmSummary, I420, Mp4Error, Mp4Writer, Packet, Quality,
    VideoSettings, open,
};
use openh264::decoder::Decoder;
use openh264::formats::YUVSource;

const WIDTH: u32 = 320;
const HEIGHT: u32 = 184;
const FPS: u32 = 24;
const FRAME_COUNT: u64 = 48;

/// A box that moves over a dark gradient.
fn picture(index: u64) -> Vec<u8> {
    let (width, height) = (WIDTH as usize, HEIGHT as usize);
    let mut planes = vec![0; I420::packed_len(WIDTH, HEIGHT)];
    let (luma, chroma) = planes.split_at_mut(width * height);
    let left = 20 + 4 * index as usize;
    for (y, row) in luma.chunks_mut(width).enumerate() {
        for (x, value) in row.iter_mut().enumerate() {
            let inside = (left..left + 48).contains(&x) && (60..124).contains(&y);
            *value = if inside {
                180
            } else {
                (20 + (x + 2 * y) / 10) as u8
            };
        }
    }
    for (row, values) in chroma.chunks_mut(width / 2).enumerate() {
        values.fill(if row < height / 2 { 140 } else { 120 });
    }
    planes
}

fn encode(settings: &VideoSettings, frame_count: u64) -> Vec<Packet> {
    let mut encoder = open(EncoderChoice::OpenH264, settings)
        .expect("openh264 opens")
        .encoder;
    let mut packets = Vec::new();
    for index in 0..frame_count {
        let planes = picture(index);
        let frame = I420::from_packed(WIDTH, HEIGHT, &planes).expect("the planes fit");
        packets.extend(encoder.encode(frame, index).expect("the frame encodes"));
    }
    packets.extend(encoder.finish().expect("the encoder finishes"));
    packets
}

fn standard() -> VideoSettings {
    VideoSettings::new(WIDTH, HEIGHT, FPS, Quality::Standard)
}

fn write_film(path: &Path, settings: &FilmSettings, packets: &[Packet]) -> FilmSummary {
    let mut film = Mp4Writer::create(path, settings).expect("the film starts");
    for packet in packets {
        film.write(packet).expect("the packet is written");
    }
    film.finish().expect("the film finishes")
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// Kind and length of each box at the top level of a file.
fn top_level_boxes(bytes: &[u8]) -> Vec<(String, u64)> {
    let mut boxes = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let short = u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let kind = String::from_utf8_lossy(&bytes[at + 4..at + 8]).into_owned();
        let len = match short {
            1 => u64::from_be_bytes(bytes[at + 8..at + 16].try_into().expect("eight bytes")),
            short => u64::from(short),
        };
        boxes.push((kind, len));
        at += usize::try_from(len).expect("a length");
    }
    assert_eq!(at, bytes.len(), "the boxes fill the file");
    boxes
}

fn kinds(bytes: &[u8]) -> Vec<String> {
    top_level_boxes(bytes)
        .into_iter()
        .map(|(kind, _)| kind)
        .collect()
}

fn psnr_db(left: &[u8], right: &[u8]) -> f64 {
    let squares: f64 = left
        .iter()
        .zip(right)
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    10.0 * (255.0 * 255.0 * left.len() as f64 / squares.max(1.0)).log10()
}

/// The luma plane without the decoder's row padding.
fn luma(picture: &impl YUVSource) -> Vec<u8> {
    let ((width, height), (stride, ..)) = (picture.dimensions(), picture.strides());
    picture
        .y()
        .chunks(stride)
        .take(height)
        .flat_map(|row| row[..width].to_vec())
        .collect()
}

/// The Annex B stream that the samples of a film hold, read back by `re_mp4`.
fn samples(path: &Path) -> (re_mp4::Mp4, Vec<Vec<u8>>) {
    let bytes = fs::read(path).expect("the film can be read");
    let mp4 = re_mp4::Mp4::read_bytes(&bytes).expect("the film is an MP4 file");
    let track = mp4.tracks().values().next().expect("a track");
    let re_mp4::StsdBoxContent::Avc1(avc1) = &track.trak(&mp4).mdia.minf.stbl.stsd.contents else {
        panic!("the track is not H.264");
    };
    let mut head = Vec::new();
    for unit in avc1
        .avcc
        .sequence_parameter_sets
        .iter()
        .chain(&avc1.avcc.picture_parameter_sets)
    {
        head.extend_from_slice(&[0, 0, 0, 1]);
        head.extend_from_slice(&unit.bytes);
    }
    let mut units = Vec::new();
    for (number, sample) in track.samples.iter().enumerate() {
        let start = usize::try_from(sample.offset).expect("an offset");
        let mut rest = &bytes[start..start + usize::try_from(sample.size).expect("a size")];
        let mut stream = if number == 0 {
            head.clone()
        } else {
            Vec::new()
        };
        while let Some((len, tail)) = rest.split_first_chunk::<4>() {
            let (unit, tail) = tail.split_at(u32::from_be_bytes(*len) as usize);
            stream.extend_from_slice(&[0, 0, 0, 1]);
            stream.extend_from_slice(unit);
            rest = tail;
        }
        units.push(stream);
    }
    (mp4, units)
}

#[test]
fn a_film_read_back_shows_the_pictures_that_went_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let settings = FilmSettings {
        expected_frames: FRAME_COUNT,
        ..FilmSettings::new(FPS)
    };
    let summary = write_film(&path, &settings, &encode(&standard(), FRAME_COUNT));
    assert_eq!(summary.frame_count, FRAME_COUNT);
    assert_eq!(
        summary.size_bytes,
        fs::metadata(&path).expect("the film").len()
    );
    assert_eq!(names(folder.path()), ["film.mp4"]);

    let (mp4, units) = samples(&path);
    let track = mp4.tracks().values().next().expect("a track");
    assert_eq!(
        (u32::from(track.width), u32::from(track.height)),
        (WIDTH, HEIGHT)
    );
    assert_eq!(units.len() as u64, FRAME_COUNT);
    // Exactly two seconds, and the clock is a whole multiple of the frame rate.
    assert_eq!(track.duration, 2 * track.timescale);
    assert_eq!(track.timescale % u64::from(FPS), 0);
    assert!(track.samples[0].is_sync);

    let mut decoder = Decoder::new().expect("a decoder");
    for (index, stream) in units.iter().enumerate() {
        let decoded = decoder
            .decode(stream)
            .expect("the sample decodes")
            .expect("a picture a sample");
        let expected = picture(index as u64);
        let found = luma(&decoded);
        let psnr = psnr_db(&expected[..found.len()], &found);
        assert!(psnr > 35.0, "frame {index}: {psnr:.1} dB");
    }
}

#[test]
fn the_index_stands_before_the_media_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let packets = encode(&standard(), FRAME_COUNT);
    // Room enough, and none: the index must then push the media data back.
    for (expected_frames, expected_kinds) in [
        (FRAME_COUNT, &["ftyp", "moov", "free", "mdat"][..]),
        (0, &["ftyp", "moov", "free", "mdat"]),
    ] {
        let path = folder.path().join(format!("film{expected_frames}.mp4"));
        let settings = FilmSettings {
            expected_frames,
            ..FilmSettings::new(FPS)
        };
        write_film(&path, &settings, &packets);
        assert_eq!(kinds(&fs::read(&path).expect("the film")), expected_kinds);
    }
}

#[test]
fn an_index_larger_than_expected_still_comes_first_and_finds_every_frame() {
    let folder = tempfile::tempdir().expect("a folder");
    let (large, small) = (
        folder.path().join("large.mp4"),
        folder.path().join("small.mp4"),
    );
    // Five minutes out of two seconds, again and again.
    let packets = encode(&standard(), FRAME_COUNT);
    let frames: Vec<Packet> = (0..300 * u64::from(FPS))
        .map(|index| Packet {
            index,
            ..packets[(index % FRAME_COUNT) as usize].clone()
        })
        .collect();
    let guessed = FilmSettings {
        expected_frames: frames.len() as u64,
        ..FilmSettings::new(FPS)
    };
    write_film(&large, &guessed, &frames);
    write_film(&small, &FilmSettings::new(FPS), &frames);

    assert_eq!(
        kinds(&fs::read(&large).expect("the film")),
        ["ftyp", "moov", "free", "mdat"]
    );
    assert_eq!(
        kinds(&fs::read(&small).expect("the film")),
        ["ftyp", "moov", "mdat"]
    );
    let (mp4, moved) = samples(&small);
    let track = mp4.tracks().values().next().expect("a track");
    assert_eq!(track.duration, 300 * track.timescale);
    assert_eq!(moved.len(), frames.len());
    assert!(
        moved == samples(&large).1,
        "the same samples wherever they lie"
    );
}

#[test]
fn the_same_pictures_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let film = |name: &str| {
        let path = folder.path().join(name);
        write_film(
            &path,
            &FilmSettings::new(FPS),
            &encode(&standard(), FRAME_COUNT),
        );
        fs::read(path).expect("the film")
    };
    assert!(film("first.mp4") == film("second.mp4"));
}

#[test]
fn key_frames_come_every_two_seconds_and_stand_alone() {
    let packets = encode(&standard(), 3 * FRAME_COUNT);
    let keys: Vec<u64> = packets
        .iter()
        .filter(|packet| packet.key)
        .map(|p| p.index)
        .collect();
    assert_eq!(keys, [0, 48, 96]);
    let mut decoder = Decoder::new().expect("a decoder");
    for packet in &packets[48..96] {
        let decoded = decoder
            .decode(&packet.data)
            .expect("decodes without what came before");
        let found = luma(&decoded.expect("a picture"));
        assert!(psnr_db(&picture(packet.index)[..found.len()], &found) > 35.0);
    }
}

#[test]
fn every_quality_and_shape_makes_a_film() {
    let folder = tempfile::tempdir().expect("a folder");
    for quality in [
        Quality::Draft,
        Quality::Standard,
        Quality::High,
        Quality::Maximum,
    ] {
        for (width, height, fps) in [(16, 16, 15), (90, 160, 60), (130, 130, 25), (242, 98, 30)] {
            let settings = VideoSettings::new(width, height, fps, quality);
            let mut encoder = open(EncoderChoice::OpenH264, &settings)
                .expect("opens")
                .encoder;
            let planes = vec![90; I420::packed_len(width, height)];
            let frame = I420::from_packed(width, height, &planes).expect("the planes fit");
            let path = folder
                .path()
                .join(format!("{quality:?}-{width}x{height}.mp4"));
            let mut film = Mp4Writer::create(&path, &FilmSettings::new(fps)).expect("starts");
            for index in 0..3 {
                let packet = encoder
                    .encode(frame, index)
                    .expect("encodes")
                    .expect("a packet");
                film.write(&packet).expect("is written");
            }
            assert_eq!(film.finish().expect("finishes").frame_count, 3);
            let (mp4, units) = samples(&path);
            let track = mp4.tracks().values().next().expect("a track");
            assert_eq!(
                (u32::from(track.width), u32::from(track.height)),
                (width, height)
            );
            assert_eq!(units.len(), 3);
        }
    }
}

#[test]
fn ffprobe_reads_the_film_as_it_is_meant() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let settings = FilmSettings {
        title: Some("Der Fuchs & die Krähe".into()),
        expected_frames: FRAME_COUNT,
        ..FilmSettings::new(FPS)
    };
    write_film(&path, &settings, &encode(&standard(), FRAME_COUNT));

    let probed = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-count_frames",
            "-show_streams",
            "-show_format",
            "-of",
            "json",
        ])
        .arg(&path)
        .output();
    let Ok(output) = probed else {
        eprintln!("skipped: there is no ffprobe to ask");
        return;
    };
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let stream = &report["streams"][0];
    for (field, expected) in [
        ("codec_name", "h264"),
        ("codec_tag_string", "avc1"),
        ("profile", "Constrained Baseline"),
        ("pix_fmt", "yuv420p"),
        ("color_range", "tv"),
        ("color_space", "bt709"),
        ("color_transfer", "bt709"),
        ("color_primaries", "bt709"),
        ("r_frame_rate", "24/1"),
        ("avg_frame_rate", "24/1"),
        ("duration", "2.000000"),
        ("nb_frames", "48"),
        ("nb_read_frames", "48"),
    ] {
        assert_eq!(stream[field], expected, "{field}");
    }
    assert_eq!(stream["width"], WIDTH);
    assert_eq!(stream["height"], HEIGHT);
    assert_eq!(report["format"]["duration"], "2.000000");
    assert_eq!(report["format"]["tags"]["title"], "Der Fuchs & die Krähe");
}

#[test]
fn ffprobe_finds_the_chapters_where_they_begin() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let long = format!("{}ß", "n".repeat(254));
    let names = ["Der Fuchs", "Wald, Nacht 🦊", &long];
    let chapter = |(frame, name): (u64, &str)| Chapter {
        frame,
        title: name.into(),
    };
    let settings = FilmSettings {
        title: Some("Der Fuchs".into()),
        chapters: [0, 7, 25].into_iter().zip(names).map(chapter).collect(),
        expected_frames: FRAME_COUNT,
        ..FilmSettings::new(FPS)
    };
    write_film(&path, &settings, &encode(&standard(), FRAME_COUNT));

    let probed = Command::new("ffprobe")
        .args(["-v", "error", "-show_chapters", "-show_format"])
        .args(["-of", "json"])
        .arg(&path)
        .output();
    let Ok(output) = probed else {
        eprintln!("skipped: there is no ffprobe to ask");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["format"]["tags"]["title"], "Der Fuchs");
    let found = report["chapters"].as_array().expect("chapters");
    assert_eq!(found.len(), 3);
    for (chapter, (frame, name)) in found.iter().zip([0.0, 7.0, 25.0].into_iter().zip(names)) {
        let start_s: f64 = chapter["start_time"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .expect("a time");
        assert!((start_s - frame / f64::from(FPS)).abs() < 1e-5, "{chapter}");
        assert_eq!(chapter["tags"]["title"], name.trim_end_matches('ß'));
    }
}

#[test]
fn more_chapters_than_the_format_has_room_for_are_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let chapters = (0..300).map(|number| Chapter {
        frame: number / 7,
        title: format!("Scene {number}"),
    });
    let settings = FilmSettings {
        chapters: chapters.collect(),
        ..FilmSettings::new(FPS)
    };
    write_film(&path, &settings, &encode(&standard(), FRAME_COUNT));
    let film = fs::read(&path).expect("the film");
    let holds = |name: &[u8]| film.windows(name.len()).any(|window| window == name);
    assert!(holds(b"Scene 254") && !holds(b"Scene 255"));
}

#[test]
fn a_film_that_is_not_finished_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let mut film = Mp4Writer::create(&path, &FilmSettings::new(FPS)).expect("the film starts");
    film.write(&encode(&standard(), 1)[0])
        .expect("the packet is written");
    assert_eq!(names(folder.path()), [".film.mp4.part"]);
    drop(film);
    assert!(names(folder.path()).is_empty());

    let empty = Mp4Writer::create(&path, &FilmSettings::new(FPS)).expect("the film starts");
    assert!(matches!(empty.finish(), Err(Mp4Error::NoFrames { .. })));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn what_a_broken_run_left_behind_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let work = folder.path().join(".film.mp4.part");
    fs::create_dir(&work).expect("is created");
    for name in ["film.mp4", "manifest.jsonl", "00.segment"] {
        fs::write(work.join(name), vec![7; 100_000]).expect("is written");
    }
    write_film(&path, &FilmSettings::new(FPS), &encode(&standard(), 2));
    assert_eq!(samples(&path).1.len(), 2);
    assert_eq!(names(folder.path()), ["film.mp4"]);
}

#[test]
fn another_film_is_replaced_only_when_asked_and_only_by_a_whole_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    fs::write(&path, "an older film").expect("is written");
    let refused = Mp4Writer::create(&path, &FilmSettings::new(FPS)).err();
    assert!(matches!(&refused, Some(error @ Mp4Error::Exists { .. }) if !error.is_io()));

    let replace = FilmSettings {
        overwrite: true,
        ..FilmSettings::new(FPS)
    };
    drop(Mp4Writer::create(&path, &replace).expect("the film starts"));
    assert_eq!(fs::read(&path).expect("the older film"), b"an older film");
    write_film(&path, &replace, &encode(&standard(), 2));
    assert_eq!(samples(&path).1.len(), 2);
}

#[test]
fn a_film_that_appears_meanwhile_is_not_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let mut film = Mp4Writer::create(&path, &FilmSettings::new(FPS)).expect("the film starts");
    film.write(&encode(&standard(), 1)[0])
        .expect("the packet is written");
    fs::write(&path, "somebody else's").expect("is written");
    assert!(matches!(film.finish(), Err(Mp4Error::Exists { .. })));
    assert_eq!(names(folder.path()), ["film.mp4"]);
    assert_eq!(fs::read(&path).expect("the other film"), b"somebody else's");
}

#[test]
fn two_runs_do_not_write_the_same_film() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.mp4");
    let first = Mp4Writer::create(&path, &FilmSettings::new(FPS)).expect("the film starts");
    let second = Mp4Writer::create(&path, &FilmSettings::new(FPS)).err();
    assert!(matches!(second, Some(Mp4Error::InUse { .. })));
    assert_eq!(
        names(folder.path()),
        [".film.mp4.part"],
        "the second run leaves the first alone"
    );
    drop(first);
}

#[test]
fn places_that_cannot_hold_a_film_are_refused_with_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("is written");
    fs::write(folder.path().join(".taken.mp4.part"), "").expect("is written");
    let mut places: Vec<(PathBuf, &str)> = vec![
        (
            folder.path().join("missing/film.mp4"),
            "create the folder first",
        ),
        (file.join("film.mp4"), "choose another folder"),
        (
            folder.path().join("taken.mp4"),
            ".taken.mp4.part is no folder; remove it, or choose another name",
        ),
        (folder.path().to_owned(), "choose another name"),
        (PathBuf::from("/"), "choose another name"),
    ];
    if cfg!(target_os = "linux") {
        places.push((PathBuf::from("/dev/null"), "choose another name"));
    }
    for (path, remedy) in places {
        let replace = FilmSettings {
            overwrite: true,
            ..FilmSettings::new(FPS)
        };
        let error = Mp4Writer::create(&path, &replace)
            .err()
            .expect("no film can be there");
        assert!(error.is_io(), "{error}");
        let message = error.to_string();
        assert!(message.contains(&*path.to_string_lossy()), "{message}");
        assert!(message.ends_with(remedy), "{message}");
    }
    assert_eq!(names(folder.path()), [".taken.mp4.part", "file"]);
}

#[cfg(unix)]
#[test]
fn a_folder_without_write_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).expect("is set");
    match Mp4Writer::create(&folder.path().join("film.mp4"), &FilmSettings::new(FPS)) {
        Ok(_) => eprintln!("skipped: this user may write everywhere"),
        Err(error) => {
            assert!(error.is_io());
            assert!(
                error
                    .to_string()
                    .ends_with("choose a folder that you may write to")
            );
        }
    }
}

#[test]
fn packets_that_do_not_belong_into_the_film_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let packets = encode(&standard(), 2);
    let other = {
        let settings = VideoSettings::new(64, 64, FPS, Quality::Standard);
        let planes = vec![90; I420::packed_len(64, 64)];
        let frame = I420::from_packed(64, 64, &planes).expect("the planes fit");
        let mut encoder = open(EncoderChoice::OpenH264, &settings)
            .expect("opens")
            .encoder;
        encoder
            .encode(frame, 1)
            .expect("encodes")
            .expect("a packet")
    };
    let broken = |data: &[u8]| Packet {
        data: data.to_vec(),
        index: 0,
        key: true,
    };
    let cases = [
        (vec![packets[1].clone()], "frame 0 is due"),
        (
            vec![Packet {
                index: 0,
                ..packets[1].clone()
            }],
            "must start with a key frame",
        ),
        (
            vec![packets[0].clone(), packets[0].clone()],
            "frame 1 is due",
        ),
        (vec![packets[0].clone(), other], "the same settings"),
        (vec![broken(&[])], ""),
        (vec![broken(b"no H.264 at all")], ""),
        (vec![broken(&[0, 0, 0, 1])], ""),
        (vec![broken(&[0, 0, 0, 1, 0x65, 1, 2, 3])], ""),
        (
            vec![broken(&[
                0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 1, 0, 0, 1, 0x65, 9,
            ])],
            "",
        ),
    ];
    for (number, (sequence, problem)) in cases.iter().enumerate() {
        let path = folder.path().join(format!("film{number}.mp4"));
        let mut film = Mp4Writer::create(&path, &FilmSettings::new(FPS)).expect("starts");
        let written: Result<(), Mp4Error> =
            sequence.iter().try_for_each(|packet| film.write(packet));
        let error = written.expect_err("a packet is refused");
        assert!(matches!(error, Mp4Error::Stream { .. }), "{error}");
        assert!(error.to_string().contains(problem), "{number}: {error}");
    }
    assert!(Mp4Writer::create(&folder.path().join("f.mp4"), &FilmSettings::new(0)).is_err());
    assert!(names(folder.path()).is_empty());
}

#[test]
fn pictures_of_another_size_or_out_of_order_are_refused() {
    let mut encoder = open(EncoderChoice::OpenH264, &standard())
        .expect("opens")
        .encoder;
    let planes = picture(0);
    let frame = I420::from_packed(WIDTH, HEIGHT, &planes).expect("the planes fit");
    let turned = I420::from_packed(HEIGHT, WIDTH, &planes).expect("the planes fit");
    assert!(
        encoder.encode(frame, 5).is_ok(),
        "a part of a film may start anywhere"
    );
    assert!(encoder.encode(turned, 6).is_err());
    assert!(encoder.encode(frame, 8).is_err());
    assert!(encoder.encode(frame, 5).is_err());
    assert!(encoder.encode(I420 { y: &[], ..frame }, 6).is_err());
    assert!(
        encoder.encode(frame, 6).is_ok(),
        "a refused picture changes nothing"
    );
}
