//! The same with a server of others: that of `GStreamer`, which `make setup-test` installs. Without
//! it, these tests say so and pass.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fabula_live::{LiveError, LiveView, Problem};

const LONG: Duration = Duration::from_mins(1);

/// The server of `GStreamer`, until it is dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(encoder: &str) -> Option<Self> {
        let mut process = Command::new("/usr/bin/python3")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/gstreamer_camera.py"
            ))
            .args(encoder.split(' '))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut port = String::new();
        let read = BufReader::new(process.stdout.take()?).read_line(&mut port);
        if let (Ok(_), Ok(port)) = (read, port.trim().parse()) {
            return Some(Self { process, port });
        }
        let _ = process.wait();
        eprintln!("skipped: without GStreamer's RTSP server or {encoder}; `make setup-test`");
        None
    }

    fn url(&self, account: &str) -> String {
        format!("rtsp://{account}@127.0.0.1:{}/door", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when nobody holds its input.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Looks for a while, and checks that it sees the test pattern and that time goes on.
fn look_at(encoder: &str) {
    let Some(server) = Server::start(encoder) else {
        return;
    };
    let view = LiveView::open(server.url("ann:p%40ss").parse().unwrap()).unwrap();
    let mut newest = view.wait(LONG).unwrap();
    for _ in 0..30 {
        let before = newest.clone();
        while newest.number() == before.number() {
            std::thread::sleep(Duration::from_millis(5));
            newest = view.newest().unwrap();
        }
        assert!(newest.time() > before.time(), "{before:?} {newest:?}");
    }
    assert_eq!((newest.width(), newest.height()), (640, 360));
    let mut rgba = Vec::new();
    newest.write_rgba(&mut rgba);
    // The seven bars of SMPTE's pattern: white, yellow, cyan, green, magenta, red, blue.
    let bars: [[u8; 3]; 7] = [
        [255, 255, 255],
        [255, 255, 0],
        [0, 255, 255],
        [0, 255, 0],
        [255, 0, 255],
        [255, 0, 0],
        [0, 0, 255],
    ];
    for (index, bar) in bars.iter().enumerate() {
        let x = (640 * index + 320) / 7;
        let at = (100 * 640 + x) * 4;
        let difference = bar
            .iter()
            .zip(&rgba[at..])
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(difference <= Some(12), "{bar:?} {:?}", &rgba[at..at + 3]);
    }
}

#[test]
fn a_stream_without_reordered_pictures_is_seen() {
    look_at("x264enc tune=zerolatency key-int-max=25");
}

#[test]
fn a_stream_with_reordered_pictures_is_seen_in_order() {
    look_at("x264enc bframes=2 b-adapt=false key-int-max=25 rc-lookahead=5");
}

#[test]
fn a_wrong_password_is_refused() {
    let Some(server) = Server::start("x264enc tune=zerolatency") else {
        return;
    };
    let view = LiveView::open(server.url("ann:wrong").parse().unwrap()).unwrap();
    match view.wait(LONG) {
        Err(LiveError::Camera { problem, .. }) => assert_eq!(problem, Problem::Refused),
        other => panic!("{other:?}"),
    }
}
