//! Pictures that stay on the GPU, as whoever shares its memory sees them. Software Vulkan gives its
//! memory away as a file, which can be read here.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;

use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice, SharedPictures};
use fabula_story::Storyboard;

const SAMPLE: &str = include_str!("../../story/tests/samples/storyboard.json");
const FPS: u32 = 15;
const PLACES: usize = 5;
// Rows that are no multiple of what they begin at multiples of.
const SIZE: [usize; 2] = [322, 182];

/// The picture in a file, where Mesa says that it begins: Y, U and V, rows without gaps.
fn planes(file: &File, pitch: usize) -> [Vec<u8>; 3] {
    let [width, height] = SIZE;
    let mut begin = [0; 8];
    file.read_exact_at(&mut begin, 8).unwrap();
    let mut bytes = vec![0; pitch * height * 3 / 2];
    file.read_exact_at(&mut bytes, u64::from_ne_bytes(begin))
        .unwrap();
    let rows: Vec<&[u8]> = bytes.chunks(pitch).map(|row| &row[..width]).collect();
    let (luma, chroma) = rows.split_at(height);
    let chroma = chroma.concat();
    let (u, v) = chroma.chunks(2).map(|pair| (pair[0], pair[1])).unzip();
    [luma.concat(), u, v]
}

#[test]
fn a_picture_that_stays_on_the_gpu_is_the_one_that_is_read_back() {
    let gpu = match Gpu::open(&GpuChoice::Cpu) {
        Ok(gpu) => gpu,
        Err(error) => return println!("skipped: {error}"),
    };
    let board = Storyboard::from_json(SAMPLE).unwrap();
    let [width, height] = SIZE;
    let size = FrameSize::new(width as u32, height as u32).unwrap();
    let mut film = Film::new(&gpu, &board, size, FilmOptions::default()).unwrap();
    if gpu.uuid().is_none() {
        return println!("skipped: {} does not share its memory", gpu.description());
    }
    let count = film.frame_count(FPS).min(40);
    let mut expected = Vec::new();
    film.export(FPS, 0..count, |frame| {
        expected.push(frame.planes.clone());
        ControlFlow::Continue(())
    })
    .unwrap();

    let (pictures, memories) = SharedPictures::new(&film, PLACES).unwrap();
    let files: Vec<File> = memories.into_iter().map(|one| one.fd.into()).collect();
    let pitch = pictures.pitch() as usize;
    assert!(pitch >= width && pitch.is_multiple_of(256));
    let mut frames = film.frames_on_gpu(FPS, 1, &pictures).unwrap();
    // As many are kept as leave room for the two that are drawn ahead.
    let mut kept = Vec::new();
    for index in 0..count + 2 {
        if frames.are_full() || index >= count {
            let (_, frame) = frames.receive().unwrap().unwrap();
            assert!(frame.planes.is_empty());
            let picture = frame.on_gpu.unwrap();
            let found = planes(&files[picture.place()], pitch).concat();
            let expected = &expected[frame.index as usize];
            assert_eq!(found.len(), expected.len());
            let steps = found.iter().zip(expected).map(|(a, b)| a.abs_diff(*b));
            // Fixed point against floating point: both round, at most one step apart each.
            assert!(steps.max() <= Some(2), "frame {}", frame.index);
            kept.push(picture);
            if kept.len() > PLACES - 3 {
                kept.remove(0);
            }
        }
        if index < count {
            frames.draw(0, index).unwrap();
        }
    }
    assert!(frames.receive().unwrap().is_none());
}
