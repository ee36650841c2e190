//! `encoder-quality STORY`: encodes a stretch from the middle of a story's film in full HD at each
//! level of quality, and has ffmpeg measure how far the decoded pictures are from those that were
//! drawn.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use fabula_encode::{EncoderChoice, FilmSettings, I420, Mp4Writer, Quality, VideoSettings, open};
use fabula_nlp::document;
use fabula_nlp::reading::{DeviceChoice, Reader};
use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice};

const FPS: u32 = 24;
/// Length of the stretch: 750 MB of pictures.
const STRETCH_S: u64 = 10;
const SIZE: FrameSize = FrameSize::FULL_HD;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let (Some(story), None) = (args.next(), args.next()) else {
        eprintln!(
            "encoder-quality: give one story, such as assets/stories/the-fox-and-the-lantern.txt"
        );
        return ExitCode::from(2);
    };
    match measure(Path::new(&story)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("encoder-quality: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(story: &Path) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("encoder-quality-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let measured = measure_in(&folder, story);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure_in(folder: &Path, story: &Path) -> Result<(), Box<dyn Error>> {
    let pictures = folder.join("pictures.yuv");
    let frame_count = draw(story, &pictures)?;
    let length_s = frame_count as f64 / f64::from(FPS);
    println!(
        "{}: {frame_count} frames of {}x{} from its middle\n",
        story.display(),
        SIZE.width(),
        SIZE.height()
    );
    println!("quality   encoder   kB/s of film  PSNR mean  worst frame  SSIM    frames/s");
    for quality in [
        Quality::Draft,
        Quality::Standard,
        Quality::High,
        Quality::Maximum,
    ] {
        let film = folder.join(format!("{quality:?}.mp4"));
        let encoded = encode(&pictures, quality, &film)?;
        let Fidelity {
            psnr_db,
            psnr_min_db,
            ssim,
        } = compare(&film, &pictures)?;
        println!(
            "{:<9} {:<9} {:>12.0}  {psnr_db:>6.1} dB  {psnr_min_db:>8.1} dB  {ssim:.4}  {:>8.1}",
            format!("{quality:?}").to_lowercase(),
            encoded.encoder,
            encoded.size_bytes as f64 / 1000.0 / length_s,
            frame_count as f64 / encoded.took_s,
        );
    }
    Ok(())
}

/// Draws the stretch into a file of raw pictures; gives how many.
fn draw(story: &Path, pictures: &Path) -> Result<u64, Box<dyn Error>> {
    let story = Reader::open(DeviceChoice::Auto)?.read(&document::read(story)?)?;
    let board = fabula_direct::direct(&story, &fabula_direct::Options { title: None });
    let gpu = Gpu::open(&GpuChoice::Auto)?;
    let mut film = Film::new(&gpu, &board, SIZE, FilmOptions { captions: true })?;
    let frame_count = film.frame_count(FPS);
    let len = (STRETCH_S * u64::from(FPS)).min(frame_count);
    let start = (frame_count - len) / 2;
    let mut out = BufWriter::new(File::create(pictures)?);
    let mut written = Ok(());
    let drawn = film.export(FPS, start..start + len, |frame| {
        written = out.write_all(frame.planes);
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    written?;
    drawn?;
    out.flush()?;
    Ok(len)
}

struct Encoded {
    encoder: String,
    size_bytes: u64,
    took_s: f64,
}

fn encode(pictures: &Path, quality: Quality, film: &Path) -> Result<Encoded, Box<dyn Error>> {
    let (width, height) = (SIZE.width(), SIZE.height());
    let settings = VideoSettings::new(width, height, FPS, quality);
    let mut encoder = open(EncoderChoice::Auto, &settings)?.encoder;
    let mut writer = Mp4Writer::create(film, &FilmSettings::new(FPS))?;
    let mut source = BufReader::new(File::open(pictures)?);
    let mut planes = vec![0; I420::packed_len(width, height)];
    let mut took_s = 0.0;
    let frame_count = source.get_ref().metadata()?.len() / planes.len() as u64;
    for index in 0..frame_count {
        source.read_exact(&mut planes)?;
        let began = Instant::now();
        let packet = encoder.encode(I420::from_packed(width, height, &planes)?, index)?;
        took_s += began.elapsed().as_secs_f64();
        if let Some(packet) = packet {
            writer.write(&packet)?;
        }
    }
    for packet in encoder.finish()? {
        writer.write(&packet)?;
    }
    Ok(Encoded {
        encoder: encoder.name().to_owned(),
        size_bytes: writer.finish()?.size_bytes,
        took_s,
    })
}

/// How near decoded pictures are to those that were drawn.
struct Fidelity {
    /// Over all planes and frames.
    psnr_db: f64,
    psnr_min_db: f64,
    ssim: f64,
}

fn compare(film: &Path, pictures: &Path) -> Result<Fidelity, Box<dyn Error>> {
    let size = format!("{}x{}", SIZE.width(), SIZE.height());
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(film)
        .args(["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", &size])
        .args(["-r", &FPS.to_string(), "-i"])
        .arg(pictures)
        .args(["-lavfi", "[0][1]psnr;[0][1]ssim", "-f", "null", "-"])
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("ffmpeg cannot be run ({error}); install ffmpeg"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    let number = |name: &str| {
        let words = report.split_whitespace();
        let value = words.filter_map(|word| word.strip_prefix(name)).next_back();
        value
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| format!("ffmpeg says nothing of {name}:\n{report}"))
    };
    Ok(Fidelity {
        psnr_db: number("average:")?,
        psnr_min_db: number("min:")?,
        ssim: number("All:")?,
    })
}
