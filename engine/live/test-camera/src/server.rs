//! One connection: requests, answers, pictures.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use openh264::OpenH264API;
use openh264::encoder::{Encoder, EncoderConfig, FrameRate, IntraFramePeriod};
use openh264::formats::{RgbSliceU8, YUVBuffer};

use crate::rtp::{Packets, endless};
use crate::{Colour, Fault, Manner, Works, digest, lock};

/// RTP counts time for H.264 in these.
const TICKS_A_SECOND: u32 = 90_000;
/// Where the camera's timestamps begin: they wrap around within the first second.
const FIRST_TICK: u32 = u32::MAX - TICKS_A_SECOND / 2;

pub(crate) fn serve(client: &TcpStream, works: &Works) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut to_client = client;
    match works.manner.fault {
        Fault::Mute => return wait_for_end(client),
        Fault::Garbage => {
            to_client.write_all(&[0xa5; 4000])?;
            return wait_for_end(client);
        }
        Fault::EndlessHead => {
            to_client.write_all(b"RTSP/1.0 200 OK\r\n")?;
            loop {
                to_client.write_all(&b"X-More: and more and more\r\n".repeat(40))?;
                thread::sleep(Duration::from_millis(1));
            }
        }
        _ => {}
    }
    let mut from_client = BufReader::new(client);
    loop {
        let Some(request) = read_request(&mut from_client)? else {
            return Ok(());
        };
        lock(&works.requests).push(request.clone());
        let method = request.split(' ').next().unwrap_or_default();
        let cseq = header(&request, "CSeq").unwrap_or("0");
        let head = format!("CSeq: {cseq}\r\n");
        if let Some((name, password, scheme)) = &works.manner.account {
            let shown = header(&request, "Authorization").unwrap_or_default();
            if !digest::accepts(shown, *scheme, method, (name, password)) {
                let challenge = digest::challenge(*scheme);
                write!(
                    to_client,
                    "RTSP/1.0 401 Unauthorized\r\n{head}{challenge}\r\n"
                )?;
                continue;
            }
        }
        match (method, works.manner.fault) {
            ("DESCRIBE", Fault::NotFound) => {
                write!(to_client, "RTSP/1.0 404 Stream Not Found\r\n{head}\r\n")?;
            }
            ("DESCRIBE", Fault::Busy) => {
                write!(to_client, "RTSP/1.0 503 Service Unavailable\r\n{head}\r\n")?;
            }
            ("DESCRIBE", fault) => {
                let sdp = sdp(fault);
                write!(
                    to_client,
                    "RTSP/1.0 200 OK\r\n{head}Content-Type: application/sdp\r\n\
                     Content-Length: {}\r\n\r\n{sdp}",
                    sdp.len()
                )?;
            }
            ("SETUP", _) => write!(
                to_client,
                "RTSP/1.0 200 OK\r\n{head}Session: 12345678;timeout=60\r\n\
                 Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
            )?,
            ("PLAY", fault) => {
                write!(
                    to_client,
                    "RTSP/1.0 200 OK\r\n{head}Session: 12345678\r\n\r\n"
                )?;
                play(to_client, works, fault)?;
                return wait_for_end(client);
            }
            ("OPTIONS", _) => write!(
                to_client,
                "RTSP/1.0 200 OK\r\n{head}Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n"
            )?,
            _ => write!(to_client, "RTSP/1.0 501 Not Implemented\r\n{head}\r\n")?,
        }
    }
}

/// The lines up to the empty one; none when the client has gone.
fn read_request(from_client: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut request = String::new();
    loop {
        let before = request.len();
        if from_client.read_line(&mut request)? == 0 {
            return Ok(None);
        }
        if request[before..].trim().is_empty() {
            return Ok(Some(request));
        }
    }
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    let line = lines.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(line.1.trim())
}

fn sdp(fault: Fault) -> String {
    let media = match fault {
        Fault::SoundOnly => "m=audio 0 RTP/AVP 0\r\n",
        Fault::H265 => "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n",
        _ => {
            "m=audio 0 RTP/AVP 0\r\na=control:sound\r\n\
             m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
             a=fmtp:96 packetization-mode=1\r\na=control:pictures\r\n"
        }
    };
    format!("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=door\r\nt=0 0\r\na=control:*\r\n{media}")
}

/// Reads what the client says until it goes, and answers nothing.
fn wait_for_end(client: &TcpStream) -> io::Result<()> {
    let mut sink = io::sink();
    io::copy(&mut { client }, &mut sink).map(|_| ())
}

/// Sends pictures, each at its time, as long as the client is there.
fn play(mut client: &TcpStream, works: &Works, fault: Fault) -> io::Result<()> {
    let Manner { size, fps, .. } = works.manner;
    let mut packets = Packets::new();
    if fault == Fault::EndlessPicture {
        return endless(&mut packets, &mut client);
    }
    let config = EncoderConfig::new()
        .max_frame_rate(FrameRate::from_hz(fps as f32))
        .intra_frame_period(IntraFramePeriod::from_num_frames(fps))
        .skip_frames(false);
    let encoder = Encoder::with_api_config(OpenH264API::from_source(), config);
    let mut encoder = encoder.map_err(io::Error::other)?;
    let began = Instant::now();
    for index in 0.. {
        if works.off.load(Ordering::Relaxed) || fault == Fault::StallsAfter(index) {
            return Ok(());
        }
        let since = Duration::from_secs(index) / fps;
        if let Some(early) = (began + since).checked_duration_since(Instant::now()) {
            thread::sleep(early);
        }
        let ticks = index * u64::from(TICKS_A_SECOND) / u64::from(fps);
        let timestamp = FIRST_TICK.wrapping_add(ticks as u32);
        let bytes = if fault == Fault::GarbageMedia {
            let mut bytes = Vec::new();
            packets.packet(&mut bytes, &[0x65, 0xde, 0xad, 0xbe, 0xef], timestamp, true);
            bytes
        } else {
            let shown = began.duration_since(works.started) + since;
            let picture = picture(works.colour_at(shown), size);
            let coded = encoder.encode(&picture).map_err(io::Error::other)?;
            packets.picture(&coded.to_vec(), timestamp)
        };
        client.write_all(&bytes)?;
    }
    Ok(())
}

fn picture(colour: Colour, (width, height): (usize, usize)) -> YUVBuffer {
    let pixels = colour.repeat(width * height);
    YUVBuffer::from_rgb8_source(RgbSliceU8::new(&pixels, (width, height)))
}
