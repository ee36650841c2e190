//! `fabula serve` as a process of its own, and a client with nothing but a socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A story of a few seconds, in which two speak.
pub const STORY: &str = "The Red Lantern\n\nMia the fox walked into the dark forest. \
    \"Who is there?\" she whispered. \"Only me,\" laughed Odo the owl.\n";
/// How long a film of it may take on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(5);

#[derive(Debug)]
pub struct Program {
    child: Child,
    pub address: String,
}

impl Program {
    pub fn command(args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fabula"));
        command.args(args).stdin(Stdio::null());
        // Without it a layer of Mesa's Vulkan writes a complaint of its own to standard error.
        command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
        command.env_remove("FABULA_TOKEN");
        command
    }

    /// Starts a studio on a free port and waits until it says that it is open.
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// The same with options of its own.
    pub fn start_with(data: &Path, options: &[&str]) -> Self {
        Self::start_on("0", data, options)
    }

    /// The same on a port that is known.
    pub fn start_on(port: &str, data: &Path, options: &[&str]) -> Self {
        let data = data.to_str().unwrap();
        let mut child = Self::command(&["serve", "--port", port, "--data", data])
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap())
            .lines()
            .map(Result::unwrap_or_default)
            .inspect(|line| eprintln!("{line}"));
        let mut program = Self {
            child,
            address: String::new(),
        };
        let open = lines.find_map(|line| Some(line.split_once("http://")?.1.to_owned()));
        // None: it ended before it was open.
        let open = open.unwrap();
        let address = open.split(';').next().unwrap();
        address.clone_into(&mut program.address);
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        program
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as a service manager does, and waits until it has.
    #[cfg(unix)]
    pub fn end(&mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        self.child.wait().unwrap()
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let (status, body) = self.exchange("GET", path, None);
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        body
    }

    pub fn status(&self, path: &str) -> u16 {
        self.exchange("GET", path, None).0
    }

    pub fn get(&self, path: &str) -> Value {
        serde_json::from_slice(&self.bytes(path)).unwrap()
    }

    pub fn post(&self, path: &str, json: &Value) -> Value {
        let (status, body) = self.exchange("POST", path, Some(&json.to_string()));
        assert!(
            (200..300).contains(&status),
            "{}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).unwrap()
    }

    pub fn patch(&self, path: &str, json: &Value) {
        let (status, body) = self.exchange("PATCH", path, Some(&json.to_string()));
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
    }

    /// The film when it fits.
    pub fn wait(&self, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let film = self.get(path);
            if fits(&film) {
                return film;
            }
            let ended = film["state"] == "failed" || began.elapsed() > PATIENCE;
            assert!(!ended, "{film}");
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    fn exchange(&self, method: &str, path: &str, body: Option<&str>) -> (u16, Vec<u8>) {
        let body = body.unwrap_or_default().as_bytes();
        self.send(method, path, "application/json", body)
    }

    pub fn delete(&self, path: &str) {
        let (status, _) = self.send("DELETE", path, "application/json", b"");
        assert_eq!(status, 204, "{path}");
    }

    /// Uploads a document; gives the status and the answer.
    pub fn upload(&self, name: &str, document: &[u8]) -> (u16, Vec<u8>) {
        let name: Vec<_> = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let path = format!("/api/analyses?name={}", name.concat());
        self.send("POST", &path, "application/octet-stream", document)
    }

    /// The same as a form.
    pub fn upload_form(&self, name: &str, document: &[u8]) -> (u16, Vec<u8>) {
        let head = format!(
            "--boundary of a form\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"{name}\"\r\n\r\n"
        );
        let form = [head.as_bytes(), document, b"\r\n--boundary of a form--\r\n"].concat();
        let kind = "multipart/form-data; boundary=\"boundary of a form\"";
        self.send("POST", "/api/analyses", kind, &form)
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nX-Fabula: 1\r\nConnection: close\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|part| part == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        assert!(!head.to_lowercase().contains("transfer-encoding"), "{head}");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer[end + 4..].to_vec())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether this machine can draw; if not, says that the test is skipped.
pub fn can_draw(test: &str) -> bool {
    static CAN_DRAW: OnceLock<bool> = OnceLock::new();
    let can_draw = *CAN_DRAW.get_or_init(|| {
        let doctor = Program::command(&["doctor", "--json"]).output().unwrap();
        let report: Value = serde_json::from_slice(&doctor.stdout).unwrap();
        report["gpus"]
            .as_array()
            .is_some_and(|gpus| !gpus.is_empty())
    });
    if !can_draw {
        eprintln!("{test}: skipped, because `fabula doctor` shows no Vulkan device");
    }
    can_draw
}
