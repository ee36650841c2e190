//! Writes stills of a storyboard, or times an export.
use std::ops::ControlFlow;
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&args[1])?;
    let board = fabula_story::Storyboard::from_json(&text)?;
    let gpu = fabula_render::Gpu::open(&fabula_render::GpuChoice::Auto)?;
    println!("{}", gpu.description());
    let size = fabula_render::FrameSize::new(1920, 1080)?;
    let t = std::time::Instant::now();
    let mut film = fabula_render::Film::new(&gpu, &board, size, fabula_render::FilmOptions::default())?;
    println!("film ready {:?} duration {}", t.elapsed(), film.duration_s());
    if args[2] == "bench" {
        let n = film.frame_count(24);
        let t = std::time::Instant::now();
        let mut last = t;
        film.export(24, 0..n, |f| {
            let d = last.elapsed();
            if d.as_millis() > 60 { println!("frame {} took {:?}", f.index, d); }
            last = std::time::Instant::now();
            ControlFlow::Continue(())
        })?;
        println!("{} frames in {:?} = {} fps", n, t.elapsed(), n as f64 / t.elapsed().as_secs_f64());
        return Ok(());
    }
    for (i, at) in args[3..].iter().enumerate() {
        let t = std::time::Instant::now();
        let p = film.still(at.parse()?)?;
        println!("still {at} {:?}", t.elapsed());
        let mut e = png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(format!("{}{}.png", args[2], i))?), p.width, p.height);
        e.set_color(png::ColorType::Rgba);
        e.write_header()?.write_image_data(&p.rgba)?;
    }
    Ok(())
}
