//! scratch
use openh264::encoder::*;
use openh264::formats::YUVSource;
use openh264::{OpenH264API, Timestamp};
const W: usize = 1920;
const H: usize = 1080;
struct P { y: Vec<u8>, u: Vec<u8>, v: Vec<u8> }
impl YUVSource for P {
    fn dimensions(&self) -> (usize, usize) { (W, H) }
    fn strides(&self) -> (usize, usize, usize) { (W, W / 2, W / 2) }
    fn y(&self) -> &[u8] { &self.y }
    fn u(&self) -> &[u8] { &self.u }
    fn v(&self) -> &[u8] { &self.v }
}
fn hash(x: u32, y: u32) -> f32 {
    let mut h = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
    h ^= h >> 15; h = h.wrapping_mul(0x2C1B_3C6D); h ^= h >> 12; h = h.wrapping_mul(0x297A_2D39); h ^= h >> 15;
    (h & 0xffff) as f32 / 65536.0
}
fn scene(p: &mut P, bright: f32, pan: f32, t: f32, dither: bool) {
    for y in 0..H { for x in 0..W {
        let fy = y as f32 / H as f32; let fx = (x as f32 + pan) / W as f32;
        let mut l = 22.0 + 40.0 * fy + 6.0 * (fx * 2.1).sin() + bright;
        let hill = 0.72 + 0.08 * (fx * 9.0).sin() + 0.02 * (fx * 41.0).sin();
        if fy > hill { l = 30.0 + bright * 0.5 + 12.0 * ((fx * 300.0).sin() * (fy * 220.0).sin()); }
        let r = if dither { hash(x as u32, y as u32) } else { 0.5 };
        p.y[y * W + x] = (l + r).clamp(16.0, 235.0) as u8;
    }}
    for y in 0..H / 2 { for x in 0..W / 2 {
        let fy = y as f32 / H as f32 * 2.0;
        let r = if dither { hash(x as u32 + 7777, y as u32) } else { 0.5 };
        p.u[y * W / 2 + x] = (150.0 - 14.0 * fy + r) as u8;
        p.v[y * W / 2 + x] = (120.0 + 16.0 * fy + r) as u8;
    }}
    // figure
    let cx = 500.0 + t * 3.0; let cy = 640.0 + 8.0 * (t * 0.5).sin();
    for y in 380..900usize { for x in (cx as usize - 180)..(cx as usize + 180) {
        let dx = (x as f32 - cx) / 170.0; let dy = (y as f32 - cy) / 250.0; let d = dx * dx + dy * dy;
        if d < 1.0 {
            p.y[y * W + x] = (150.0 + 40.0 * dx - 20.0 * dy + if (dy * 20.0 + (t*0.3).sin()).sin() > 0.7 { -50.0 } else { 0.0 }) as u8;
            p.u[y / 2 * W / 2 + x / 2] = 110; p.v[y / 2 * W / 2 + x / 2] = 160;
        }
    }}
}
fn frame(i: usize, p: &mut P, q: &mut P, dither: bool) {
    let t = i as f32;
    match i {
        0..48 => scene(p, 0.0, 0.0, t, dither),
        48..96 => scene(p, 0.0, (t - 48.0) * 0.8, t, dither),
        96..120 => {
            scene(p, 0.0, 48.0 * 0.8, t, dither); scene(q, 110.0, 0.0, t, dither);
            let a = (t - 96.0) / 24.0;
            for (x, y) in p.y.iter_mut().zip(&q.y) { *x = (f32::from(*x) * (1.0 - a) + f32::from(*y) * a + 0.5) as u8; }
        }
        _ => scene(p, 110.0, 0.0, t, dither),
    }
}
fn main() {
    let arg = |n: &str, d: &str| std::env::var(n).unwrap_or(d.into());
    let n: usize = arg("N", "168").parse().unwrap();
    let dither = arg("DITHER", "1") == "1";
    let cfg = EncoderConfig::new()
        .bitrate(BitRate::from_bps(arg("BR", "5000000").parse().unwrap()))
        .skip_frames(false)
        .max_frame_rate(FrameRate::from_hz(24.0))
        .intra_frame_period(IntraFramePeriod::from_num_frames(48))
        .profile(Profile::Baseline)
        .usage_type(match arg("USAGE", "cam").as_str() { "cam" => UsageType::CameraVideoRealTime, "camn" => UsageType::CameraVideoNonRealTime, "scr" => UsageType::ScreenContentRealTime, _ => UsageType::ScreenContentNonRealTime })
        .rate_control_mode(match arg("RC", "q").as_str() { "q" => RateControlMode::Quality, "b" => RateControlMode::Bitrate, "buf" => RateControlMode::Bufferbased, "ts" => RateControlMode::Timestamp, _ => RateControlMode::Off })
        .complexity(match arg("CX", "m").as_str() { "l" => Complexity::Low, "m" => Complexity::Medium, _ => Complexity::High })
        .adaptive_quantization(arg("AQ", "1") == "1")
        .background_detection(arg("BG", "1") == "1")
        .scene_change_detect(arg("SC", "1") == "1")
        .qp(QpRange::new(arg("QMIN", "0").parse().unwrap(), arg("QMAX", "51").parse().unwrap()))
        .vui(VuiConfig::bt709());
    let mut enc = Encoder::with_api_config(OpenH264API::from_source(), cfg).unwrap();
    let mut p = P { y: vec![16; W * H], u: vec![128; W * H / 4], v: vec![128; W * H / 4] };
    let mut q = P { y: vec![16; W * H], u: vec![128; W * H / 4], v: vec![128; W * H / 4] };
    let mut dec = openh264::decoder::Decoder::new().unwrap();
    let cpu = || std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse::<u64>().unwrap();
    let mut used = [0u64; 4]; let mut bytes = [0usize; 4]; let mut cnt = [0usize; 4];
    let mut se = [[0f64; 2]; 4]; let mut worst = [99f64; 4];
    let mut all = Vec::new(); let mut keys = vec![]; let mut skipped = 0;
    let (mut raw, mut rawsrc) = (vec![], vec![]);
    for i in 0..n {
        let path = format!("/tmp/frames{}/{i}", u8::from(dither));
        if let Ok(b) = std::fs::read(&path) { p.y.copy_from_slice(&b[..W * H]); p.u.copy_from_slice(&b[W * H..W * H * 5 / 4]); p.v.copy_from_slice(&b[W * H * 5 / 4..]); }
        else { frame(i, &mut p, &mut q, dither); std::fs::write(&path, [&p.y[..], &p.u, &p.v].concat()).unwrap(); }
        let s = match i { 0..48 => 0, 48..96 => 1, 96..120 => 2, _ => 3 };
        let t0 = cpu();
        let b = enc.encode_at(&p, Timestamp::from_millis((i as u64) * 1000 / 24)).unwrap();
        let ty = b.frame_type();
        let data = b.to_vec();
        used[s] += cpu() - t0; cnt[s] += 1; bytes[s] += data.len();
        if ty == FrameType::Skip || data.is_empty() { skipped += 1; continue; }
        if ty == FrameType::IDR { keys.push(i); }
        all.extend_from_slice(&data);
        let d = dec.decode(&data).unwrap().unwrap();
        let (st, _, _) = d.strides();
        let mut e = [0f64; 2];
        for y in 0..H { let r = &d.y()[y * st..y * st + W]; let o = &p.y[y * W..(y + 1) * W];
            let sum: u64 = r.iter().zip(o).map(|(a, b)| { let v = i64::from(*a) - i64::from(*b); (v * v) as u64 }).sum();
            e[0] += sum as f64; if y < 380 { e[1] += sum as f64; } }
        se[s][0] += e[0]; se[s][1] += e[1];
        worst[s] = worst[s].min(10.0 * (65025.0 / (e[0] / (W * H) as f64)).log10());
        if i == arg("DUMP", "40").parse::<usize>().unwrap() { for y in 0..H { raw.extend_from_slice(&d.y()[y * st..y * st + W]); } rawsrc = p.y.clone(); }
    }
    let psnr = |e: f64, px: usize| 10.0 * (65025.0 / (e / px as f64).max(1e-9)).log10();
    print!("{:60} ", arg("LABEL", ""));
    for s in 0..4 { if cnt[s] > 0 {
        print!("| {:5.1}fps {:6.0}k {:5.2}/{:5.2} w{:5.2} ", 1e9 * cnt[s] as f64 / used[s] as f64, bytes[s] as f64 * 8.0 * 24.0 / cnt[s] as f64 / 1000.0, psnr(se[s][0], W * H * cnt[s]), psnr(se[s][1], W * 380 * cnt[s]), worst[s]);
    }}
    println!("keys {keys:?} skip {skipped} total {}k fps {:.0}", all.len() / 1000, 1e9 * n as f64 / used.iter().sum::<u64>() as f64);
    if let Ok(f) = std::env::var("OUT") { std::fs::write(&f, &all).unwrap(); std::fs::write(format!("{f}.y"), &raw).unwrap(); std::fs::write(format!("{f}.src.y"), &rawsrc).unwrap(); }
}
