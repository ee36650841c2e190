//! Films that are broken off and taken up again.

// A helper of a test may fail the test.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

use fabula_encode::{
    Chapter, EncoderChoice, FilmSettings, I420, Mp4Error, Mp4Writer, Packet, Quality, Segment,
    SegmentId, VideoSettings, discard_begun, finished_film, is_begun, open,
};

const SIDE: u32 = 64;
const FPS: u32 = 24;
/// Lengths of the segments in frames.
const LENS: [u64; 4] = [5, 7, 4, 6];

/// A film in a folder of its own.
struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn film(&self) -> PathBuf {
        self.folder.path().join("film.mp4")
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join(".film.mp4.part")
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.folder.path())
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

    fn start(&self, colors: [u8; 4]) -> Result<Mp4Writer, Mp4Error> {
        Mp4Writer::create(&self.film(), &settings(colors, true))
    }

    /// Makes what is missing, but at most so many frames, and says how many those were. The film
    /// is finished if it is complete.
    fn work_on(&self, colors: [u8; 4], at_most: usize) -> usize {
        let mut film = self.start(colors).expect("the film starts");
        let missing: Vec<u64> = film.missing().iter().cloned().flatten().collect();
        for index in missing.iter().take(at_most) {
            film.write(&packet(colors, *index)).expect("is written");
        }
        if missing.len() <= at_most {
            film.finish().expect("the film finishes");
        }
        missing.len().min(at_most)
    }
}

fn chapter(frame: u64, title: &str) -> Chapter {
    Chapter {
        frame,
        title: title.into(),
    }
}

fn settings(colors: [u8; 4], resume: bool) -> FilmSettings {
    let segment = |(color, frame_count): (u8, u64)| Segment {
        id: SegmentId([color; 32]),
        frame_count,
    };
    FilmSettings {
        title: Some("Night and day".into()),
        chapters: vec![chapter(0, "Night"), chapter(LENS[0], "Day")],
        overwrite: true,
        segments: colors.into_iter().zip(LENS).map(segment).collect(),
        resume,
        ..FilmSettings::new(FPS)
    }
}

/// A frame of the film, encoded with all frames of its segment before it.
fn packet(colors: [u8; 4], index: u64) -> Packet {
    let mut start = 0;
    let (color, first) = colors
        .into_iter()
        .zip(LENS)
        .find_map(|(color, len)| {
            let first = start;
            start += len;
            (index < start).then_some((color, first))
        })
        .expect("a segment has this frame");
    packet_of(color, first, index)
}

fn packet_of(color: u8, first: u64, index: u64) -> Packet {
    let video = VideoSettings::new(SIDE, SIDE, FPS, Quality::Standard);
    let mut encoder = open(EncoderChoice::OpenH264, &video)
        .expect("opens")
        .encoder;
    let mut last = None;
    for frame in first..=index {
        let planes: Vec<u8> = (0..I420::packed_len(SIDE, SIDE) as u64)
            .map(|place| color.wrapping_add((place * (frame - first + 1) % 61) as u8))
            .collect();
        let picture = I420::from_packed(SIDE, SIDE, &planes).expect("fits");
        last = encoder.encode(picture, frame).expect("encodes");
    }
    last.expect("a packet")
}

fn undisturbed(colors: [u8; 4]) -> Vec<u8> {
    let shop = Shop::new();
    assert_eq!(shop.work_on(colors, usize::MAX), 22);
    assert_eq!(shop.names(), ["film.mp4"]);
    fs::read(shop.film()).expect("the film")
}

fn assert_same(path: &Path, expected: &[u8]) {
    let found = fs::read(path).expect("the film");
    assert!(
        found == expected,
        "{} differs from the undisturbed film",
        path.display()
    );
}

const COLORS: [u8; 4] = [40, 90, 140, 190];

#[test]
fn a_film_that_is_broken_off_anywhere_is_taken_up_to_the_same_bytes() {
    let expected = undisturbed(COLORS);
    for broken_off_at in [1, 4, 5, 6, 11, 12, 20, 21] {
        let shop = Shop::new();
        shop.work_on(COLORS, broken_off_at);
        let kept: u64 = [0, 5, 12, 16]
            .into_iter()
            .filter(|end| *end <= broken_off_at as u64)
            .max()
            .expect("0 at least");
        assert_eq!(is_begun(&shop.film()), kept > 0, "{broken_off_at}");
        assert_eq!(shop.names().is_empty(), kept == 0, "{broken_off_at}");
        let rest = shop.work_on(COLORS, usize::MAX);
        assert_eq!(rest as u64, 22 - kept, "{broken_off_at}");
        assert_same(&shop.film(), &expected);
        assert_eq!(shop.names(), ["film.mp4"]);
    }
}

/// The numbers of all frames as they come where so many segments grow at once.
fn by_turns(lanes: usize) -> Vec<u64> {
    let mut start = 0;
    let segments = LENS.map(|len| {
        start += len;
        start - len..start
    });
    let mut waiting = segments.into_iter();
    let mut growing: Vec<_> = waiting.by_ref().take(lanes).collect();
    let mut order = Vec::new();
    while !growing.is_empty() {
        for segment in &mut growing {
            order.extend(segment.next());
            if segment.is_empty() {
                *segment = waiting.next().unwrap_or_default();
            }
        }
        growing.retain(|segment| !segment.is_empty());
    }
    order
}

#[test]
fn segments_that_grow_at_once_make_the_same_film_wherever_it_is_broken_off() {
    let expected = undisturbed(COLORS);
    for (lanes, broken_off_at) in [(2, 22), (2, 9), (3, 12), (3, 13), (4, 15), (4, 19)] {
        let shop = Shop::new();
        let mut film = shop.start(COLORS).expect("starts");
        for index in by_turns(lanes).into_iter().take(broken_off_at) {
            film.write(&packet(COLORS, index)).expect("is written");
        }
        drop(film);
        let rest = shop.work_on(COLORS, usize::MAX);
        assert!(rest < 22, "{lanes} lanes kept nothing at {broken_off_at}");
        assert_same(&shop.film(), &expected);
        assert_eq!(shop.names(), ["film.mp4"]);
    }
}

#[test]
fn the_same_segment_twice_may_grow_twice_at_once() {
    let shop = Shop::new();
    let settings = FilmSettings {
        segments: [40, 90, 90]
            .map(|color| Segment {
                id: SegmentId([color; 32]),
                frame_count: 3,
            })
            .to_vec(),
        ..settings(COLORS, true)
    };
    let make = |order: [u64; 9]| {
        let mut film = Mp4Writer::create(&shop.film(), &settings).expect("starts");
        assert_eq!(film.missing(), std::slice::from_ref(&(0..9)));
        for index in order {
            let color = [40, 90, 90][index as usize / 3];
            let packet = packet_of(color, index / 3 * 3, index);
            film.write(&packet).expect("is written");
        }
        film.finish().expect("finishes");
        let bytes = fs::read(shop.film()).expect("the film");
        fs::remove_file(shop.film()).expect("is removed");
        bytes
    };
    let expected = make([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    // Both are there before the first; the later before the earlier; one while the other grows.
    for order in [
        [3, 6, 4, 7, 5, 8, 0, 1, 2],
        [6, 7, 8, 0, 1, 2, 3, 4, 5],
        [6, 3, 4, 5, 7, 0, 1, 2, 8],
    ] {
        assert!(make(order) == expected, "{order:?}");
    }
}

#[test]
fn what_was_finished_early_leaves_its_file_when_its_turn_has_come() {
    let shop = Shop::new();
    let mut film = shop.start(COLORS).expect("starts");
    let pieces = || {
        let entries = fs::read_dir(shop.work()).expect("is there");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths
            .filter(|path| path.extension().is_some_and(|kind| kind == "segment"))
            .count()
    };
    for index in (5..16).chain(0..4) {
        film.write(&packet(COLORS, index)).expect("is written");
    }
    assert_eq!(pieces(), 2);
    film.write(&packet(COLORS, 4)).expect("is written");
    assert_eq!(pieces(), 0);
    drop(film);
    assert_eq!(shop.work_on(COLORS, usize::MAX), 6);
    assert_same(&shop.film(), &undisturbed(COLORS));
}

#[test]
fn frames_of_a_later_segment_come_in_order_and_begin_with_a_key_frame() {
    let shop = Shop::new();
    let mut film = shop.start(COLORS).expect("starts");
    let no_key = Packet {
        index: 5,
        ..packet(COLORS, 4)
    };
    for (wrong, problem) in [
        (packet(COLORS, 6), "frame 5 is due"),
        (no_key, "must start with a key frame"),
    ] {
        let error = film.write(&wrong).expect_err("is refused");
        assert!(error.to_string().contains(problem), "{error}");
    }
    for index in 5..12 {
        film.write(&packet(COLORS, index)).expect("is written");
    }
    let error = film.write(&packet(COLORS, 5)).expect_err("is refused");
    assert!(error.to_string().contains("is finished"), "{error}");
}

#[test]
fn without_resume_what_was_finished_is_discarded() {
    let shop = Shop::new();
    shop.work_on(COLORS, 15);
    let film = Mp4Writer::create(&shop.film(), &settings(COLORS, false)).expect("starts");
    let missing: Vec<u64> = film.missing().iter().cloned().flatten().collect();
    assert_eq!(missing.len(), 22);
    drop(film);
    assert!(shop.names().is_empty());
}

#[test]
fn a_damaged_segment_is_made_again_and_the_others_are_kept() {
    let expected = undisturbed(COLORS);
    let mdat = expected.windows(4).position(|four| four == b"mdat");
    let data_start = mdat.expect("media data") + 12;
    for place in [0, 1, 2] {
        let shop = Shop::new();
        shop.work_on(COLORS, 21);
        let media = shop.work().join("film.mp4");
        let mut bytes = fs::read(&media).expect("the unfinished film");
        let lens: Vec<usize> = fs::read_to_string(shop.work().join("manifest.jsonl"))
            .expect("the manifest")
            .lines()
            .skip(1)
            .map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
                let frames = line["frames"].as_array().expect("frames");
                frames
                    .iter()
                    .map(|len| len.as_u64().expect("a length") as usize)
                    .sum()
            })
            .collect();
        assert_eq!(lens.len(), 3);
        let damaged = data_start + lens[..place].iter().sum::<usize>() + lens[place] / 2;
        bytes[damaged] ^= 1;
        fs::write(&media, bytes).expect("is written");

        // Broken off once more, after the damaged segment was found.
        shop.work_on(COLORS, 0);
        let missing = shop.start(COLORS).expect("starts").missing().to_vec();
        let starts = [0..5, 5..12, 12..16];
        let last = 16..22;
        assert!(
            missing
                .iter()
                .cloned()
                .flatten()
                .eq(starts[place].clone().chain(last))
        );
        shop.work_on(COLORS, usize::MAX);
        assert_same(&shop.film(), &expected);
        assert_eq!(shop.names(), ["film.mp4"]);
    }
}

#[test]
fn a_truncated_film_or_manifest_loses_only_what_is_cut_off() {
    let expected = undisturbed(COLORS);
    for name in ["film.mp4", "manifest.jsonl"] {
        for part in [0.0, 0.5, 0.95] {
            let shop = Shop::new();
            shop.work_on(COLORS, 21);
            let path = shop.work().join(name);
            let bytes = fs::read(&path).expect("is there");
            let len = (bytes.len() as f64 * part) as usize;
            fs::write(&path, &bytes[..len]).expect("is written");
            let made = shop.work_on(COLORS, usize::MAX);
            assert!((6..=22).contains(&made), "{name}: {made}");
            assert!(part < 0.9 || made < 22, "{name}: {made}");
            assert_same(&shop.film(), &expected);
        }
    }
}

#[test]
fn a_changed_film_keeps_the_segments_that_did_not_change() {
    let changed = [40, 91, 140, 190];
    let expected = undisturbed(changed);
    let shop = Shop::new();
    // Unfinished: the third segment waits until the second is there again.
    shop.work_on(COLORS, 16);
    assert_eq!(shop.work_on(changed, 3), 3);
    assert_eq!(shop.work_on(changed, usize::MAX), 7 + 6);
    assert_same(&shop.film(), &expected);
    // Finished: the film itself gives what it has in common with the new one.
    let back = undisturbed(COLORS);
    assert_eq!(shop.work_on(COLORS, 2), 2);
    assert_same(&shop.film(), &expected);
    assert_eq!(shop.work_on(COLORS, usize::MAX), 7);
    assert_same(&shop.film(), &back);
    assert_eq!(shop.names(), ["film.mp4"]);
}

#[test]
fn a_finished_film_is_recognised_by_every_byte() {
    let shop = Shop::new();
    shop.work_on(COLORS, usize::MAX);
    let film = shop.film();
    let whole = settings(COLORS, true);
    assert_eq!(
        finished_film(&film, &whole).map(|found| found.frame_count),
        Some(22)
    );
    let other_title = FilmSettings {
        title: Some("Night and dye".into()),
        ..settings(COLORS, true)
    };
    assert!(finished_film(&film, &other_title).is_none());
    let other_chapters = FilmSettings {
        chapters: vec![chapter(0, "Night"), chapter(LENS[0], "Noon")],
        ..settings(COLORS, true)
    };
    assert!(finished_film(&film, &other_chapters).is_none());
    assert!(finished_film(&film, &settings([40, 90, 140, 1], true)).is_none());
    assert!(finished_film(&shop.folder.path().join("none.mp4"), &whole).is_none());

    let bytes = fs::read(&film).expect("the film");
    for place in (0..bytes.len()).step_by(bytes.len() / 50) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x10;
        fs::write(&film, damaged).expect("is written");
        assert!(finished_film(&film, &whole).is_none(), "{place}");
        fs::write(&film, &bytes[..place]).expect("is written");
        assert!(finished_film(&film, &whole).is_none(), "{place}");
    }
}

#[test]
fn noise_in_the_work_folder_costs_nothing_but_the_work() {
    let expected = undisturbed(COLORS);
    let noise: Vec<u8> = (0..50_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let huge = format!(
        "{{\"format\":\"fabula.segments/1\",\"data_start\":{}}}\n{{\"id\":\"{}\",\"sha256\":\"\",\"frames\":[{}],\"keys\":[0],\"sps\":[],\"pps\":[]}}\n",
        u64::MAX,
        "28".repeat(32),
        [u32::MAX.to_string().as_str(); 5].join(","),
    );
    for content in [&noise[..], b"\n\n\n", b"{}\n", huge.as_bytes()] {
        let shop = Shop::new();
        fs::create_dir(shop.work()).expect("is created");
        for name in ["film.mp4", "manifest.jsonl", "x.segment"] {
            fs::write(shop.work().join(name), content).expect("is written");
        }
        fs::write(shop.film(), content).expect("is written");
        assert_eq!(shop.work_on(COLORS, usize::MAX), 22);
        assert_same(&shop.film(), &expected);
    }
}

#[test]
fn what_others_keep_in_the_work_folder_stays() {
    let shop = Shop::new();
    fs::create_dir(shop.work()).expect("is created");
    fs::write(shop.work().join("notes.txt"), "mine").expect("is written");
    shop.work_on(COLORS, usize::MAX);
    assert_eq!(shop.names(), [".film.mp4.part", "film.mp4"]);
    assert_eq!(fs::read_dir(shop.work()).expect("is there").count(), 1);

    shop.work_on([1, 2, 3, 4], 12);
    assert!(is_begun(&shop.film()));
    discard_begun(&shop.film()).expect("is discarded");
    assert!(!is_begun(&shop.film()));
    assert_eq!(fs::read_dir(shop.work()).expect("is there").count(), 1);
    discard_begun(&shop.folder.path().join("none.mp4")).expect("nothing to do");
}

#[test]
fn a_work_folder_that_vanishes_is_missed_at_the_next_segment() {
    let shop = Shop::new();
    let mut film = shop.start(COLORS).expect("starts");
    fs::remove_dir_all(shop.work()).expect("is removed");
    let error = (0..22)
        .find_map(|index| film.write(&packet(COLORS, index)).err())
        .expect("it is missed");
    assert!(error.is_io());
    assert!(
        error.to_string().contains("its folder was removed"),
        "{error}"
    );
}

#[test]
fn a_film_is_not_finished_before_its_last_frame() {
    let shop = Shop::new();
    shop.work_on(COLORS, 16);
    let film = shop.start(COLORS).expect("starts");
    let error = film.finish().expect_err("six frames are missing");
    assert!(error.to_string().contains("frame 16"), "{error}");
    assert!(is_begun(&shop.film()), "what is finished stays");
}

#[test]
fn a_segment_begins_with_a_key_frame() {
    let shop = Shop::new();
    let mut film = shop.start(COLORS).expect("starts");
    for index in 0..5 {
        film.write(&packet(COLORS, index)).expect("is written");
    }
    let wrong = Packet {
        index: 5,
        ..packet(COLORS, 4)
    };
    let error = film.write(&wrong).expect_err("is refused");
    assert!(
        error.to_string().contains("must start with a key frame"),
        "{error}"
    );
}
