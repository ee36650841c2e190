//! scratch
#![allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
use fabula_encode::*;
use openh264::formats::YUVSource;
fn main() {
    for r in encoders() {
        println!("{r:?}");
    }
    let arg = |n: &str, d: &str| std::env::var(n).unwrap_or(d.into());
    let q = match arg("Q", "s").as_str() {
        "d" => Quality::Draft,
        "s" => Quality::Standard,
        "h" => Quality::High,
        _ => Quality::Maximum,
    };
    let set = VideoSettings::new(1920, 1080, 24, q);
    let o = open(EncoderChoice::Auto, &set).unwrap();
    println!("{:?}", o.reasons);
    let mut enc = o.encoder;
    let mut film = Mp4Writer::create(
        std::path::Path::new(&format!("/tmp/q{}.mp4", arg("Q", "s"))),
        &FilmSettings {
            overwrite: true,
            expected_frames: 168,
            ..FilmSettings::new(24)
        },
    )
    .unwrap();
    let cpu = || {
        std::fs::read_to_string("/proc/thread-self/schedstat")
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    let mut dec = openh264::decoder::Decoder::new().unwrap();
    let names = ["still", "pan", "dissolve", "bright"];
    let mut acc = [[0f64; 4]; 4];
    let mut worst = [99f64; 4];
    let mut wtime = 0;
    for i in 0..168u64 {
        let b = std::fs::read(format!("/tmp/frames1/{i}")).unwrap();
        let f = I420::from_packed(1920, 1080, &b).unwrap();
        let s = match i {
            0..48 => 0,
            48..96 => 1,
            96..120 => 2,
            _ => 3,
        };
        let t = cpu();
        let p = enc.encode(f, i).unwrap().unwrap();
        acc[s][0] += (cpu() - t) as f64;
        acc[s][1] += 1.0;
        acc[s][2] += p.data.len() as f64;
        let t = cpu();
        film.write(&p).unwrap();
        wtime += cpu() - t;
        let d = dec.decode(&p.data).unwrap().unwrap();
        let st = d.strides().0;
        let mut e = 0u64;
        for y in 0..1080 {
            for (a, c) in d.y()[y * st..y * st + 1920]
                .iter()
                .zip(&f.y[y * 1920..(y + 1) * 1920])
            {
                let v = i64::from(*a) - i64::from(*c);
                e += (v * v) as u64;
            }
        }
        let m = e as f64 / (1920.0 * 1080.0);
        acc[s][3] += m;
        worst[s] = worst[s].min(10.0 * (65025.0 / m).log10());
    }
    let t = cpu();
    println!("{:?}", film.finish().unwrap());
    println!(
        "mux {:.2} ms/frame, finish {} ms",
        wtime as f64 / 168e6,
        (cpu() - t) / 1_000_000
    );
    for s in 0..4 {
        let a = acc[s];
        println!(
            "{:9} {:6.1} fps {:6.0} kbit/s PSNR {:5.2} worst {:5.2}",
            names[s],
            a[1] * 1e9 / a[0],
            a[2] * 8.0 * 24.0 / a[1] / 1000.0,
            10.0 * (65025.0 * a[1] / a[3]).log10(),
            worst[s]
        );
    }
    let tot: f64 = acc.iter().map(|a| a[0]).sum();
    println!("all {:.0} fps", 168e9 / tot);
}
