//! The window on Wayland: under Weston without a screen, which puts it somewhere on its output.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{CONTROLS, TOLERANCE, frame};
use crate::display::{Capture, wait_for};
use crate::pictures::read_png;
use crate::run::{Folder, SAMPLE_BOARD, can_draw, command};

const SOCKET: &str = "wayland-of-a-test";
const SIZE: &str = "480x270";

/// A compositor of a test's own.
struct Weston {
    server: Child,
    /// Its socket, and the pictures that are taken of its output.
    folder: Folder,
}

impl Drop for Weston {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Weston {
    /// One that runs, or nothing where it is missing; then it is said that the test is skipped.
    fn open(test: &str) -> Option<Self> {
        let folder = Folder::new();
        // Nobody else may get at the socket.
        fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o700)).unwrap();
        let config = folder.with("weston.ini", "[shell]\npanel-position=none\n");
        let server = Command::new("weston")
            .args(["--backend=headless-backend.so", "--use-pixman"])
            .args(["--width=800", "--height=500", "--idle-time=0"])
            // Whoever wants may take pictures.
            .arg("--debug")
            .args([format!("--socket={SOCKET}"), format!("--config={config}")])
            .env("XDG_RUNTIME_DIR", folder.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let server = match server {
            Ok(server) => server,
            Err(error) => {
                eprintln!("{test}: skipped, because there is no weston ({error})");
                return None;
            }
        };
        let socket = folder.path(SOCKET);
        let weston = Self { server, folder };
        wait_for("the socket of Weston", || socket.exists().then_some(()));
        Some(weston)
    }

    /// A program that opens its windows here.
    fn client(&self, mut command: Command) -> Command {
        command
            .current_dir(self.folder.path(""))
            .env("XDG_RUNTIME_DIR", self.folder.path(""))
            .env("WAYLAND_DISPLAY", SOCKET)
            .env_remove("WAYLAND_SOCKET")
            .env_remove("DISPLAY");
        command
    }

    /// What its output shows, if there is any yet.
    fn capture(&self) -> Option<Capture> {
        let mut photographer = self.client(Command::new("weston-screenshooter"));
        photographer.stdout(Stdio::null()).stderr(Stdio::null());
        photographer.status().unwrap();
        let is_picture = |path: &Path| path.extension().is_some_and(|it| it == "png");
        let files = fs::read_dir(self.folder.path("")).unwrap();
        let mut files = files.map(|file| file.unwrap().path());
        let picture = files.find(|path| is_picture(path))?;
        let capture = Capture::of(read_png(&picture));
        fs::remove_file(picture).unwrap();
        Some(capture)
    }
}

/// Whether a picture is somewhere in another.
fn is_in(picture: &Capture, around: &Capture) -> bool {
    let rows = |capture: &Capture| -> Vec<_> {
        let rows = capture.pixels().chunks(capture.width);
        rows.map(<[_]>::to_vec).collect()
    };
    let (inner, outer) = (rows(picture), rows(around));
    let is_like = |a: &[u8; 3], b: &[u8; 3]| {
        let mut channels = a.iter().zip(b);
        channels.all(|(a, b)| a.abs_diff(*b) <= TOLERANCE)
    };
    let is_at = |left: usize, top: usize| {
        inner.iter().zip(&outer[top..]).all(|(inner, outer)| {
            let mut pixels = inner.iter().zip(&outer[left..]);
            pixels.all(|(a, b)| is_like(a, b))
        })
    };
    let (across, down) = (
        around.width.checked_sub(picture.width),
        around.height.checked_sub(picture.height),
    );
    across.zip(down).is_some_and(|(across, down)| {
        (0..=down).any(|top| (0..=across).any(|left| is_at(left, top)))
    })
}

#[test]
fn a_window_on_wayland_shows_the_frame_of_the_film() {
    let test = "a_window_on_wayland_shows_the_frame_of_the_film";
    let Some(weston) = can_draw(test).then(|| Weston::open(test)).flatten() else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let expected = frame(&folder, &board, "2.5", SIZE).inside(CONTROLS);
    let args = ["preview", &board, "--paused", "--at", "2.5", "--size", SIZE];
    let mut window = weston.client(command(&args)).spawn().unwrap();
    wait_for("the frame of the film", || {
        weston.capture().filter(|seen| is_in(&expected, seen))
    });
    assert!(window.try_wait().unwrap().is_none(), "it stays open");
    window.kill().unwrap();
    window.wait().unwrap();
}

#[test]
fn a_film_plays_on_wayland() {
    let test = "a_film_plays_on_wayland";
    let Some(weston) = can_draw(test).then(|| Weston::open(test)).flatten() else {
        return;
    };
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    let played = weston.client(command(&["preview", &board, "--check", "1.5"]));
    let output = { played }.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["frames"].as_u64() >= Some(1), "{report}");
}
