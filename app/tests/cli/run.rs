//! Running the command and looking at what it leaves behind.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// A story of three sentences, so a film of a few seconds.
pub const SHORT_STORY: &str = "The Red Lantern\n\nMia the fox walked into the dark forest. \
    \"Who is there?\" she whispered. An old owl laughed happily in the morning light.\n";

/// The documented storyboard that the story crate keeps: six seconds of film.
pub const SAMPLE_BOARD: &str = include_str!("../../../engine/story/tests/samples/storyboard.json");

/// The same with a first shot of five minutes: nothing makes a film of that at once.
pub fn long_board() -> String {
    SAMPLE_BOARD.replacen("\"duration_s\": 2.5", "\"duration_s\": 300.0", 1)
}

/// What a run of the command left.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// The last line on standard error.
    pub fn last_line(&self) -> &str {
        self.stderr.lines().last().unwrap_or_default()
    }

    #[track_caller]
    pub fn assert_success(&self) {
        assert_eq!(self.code, Some(0), "{self:?}");
    }

    /// This exit code, and one sentence on standard error that contains each of `parts`.
    #[track_caller]
    pub fn assert_failure(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        assert!(self.stderr.starts_with("fabula: "), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is missing: {self:?}");
        }
    }
}

pub fn command<S: AsRef<OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fabula"));
    command.args(args).stdin(Stdio::null());
    // Without it a layer of Mesa's Vulkan writes a complaint of its own to standard error.
    command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
    // No folder can be there: each test reads its story afresh.
    command.env("FABULA_CACHE_DIR", "/dev/null/none");
    command
}

pub fn fabula<S: AsRef<OsStr>>(args: &[S]) -> Outcome {
    outcome_of(command(args))
}

/// Runs a command that was prepared.
pub fn outcome_of(mut command: Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs with `input` on standard input.
pub fn fabula_reading(input: &[u8], args: &[&str]) -> Outcome {
    let mut command = command(args);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may stop reading before the end; then it says why.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder of a test's own.
#[derive(Debug)]
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A path as an argument.
    pub fn arg(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Writes a file and gives its path as an argument.
    pub fn with(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.arg(name)
    }

    /// Names of everything in it, hidden files too.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// Whether this machine can draw; if not, says that the test is skipped.
pub fn can_draw(test: &str) -> bool {
    static CAN_DRAW: OnceLock<bool> = OnceLock::new();
    let can_draw = *CAN_DRAW.get_or_init(|| {
        let doctor = fabula(&["doctor", "--json"]);
        doctor.assert_success();
        let report: Value = serde_json::from_str(&doctor.stdout).unwrap();
        report["gpus"]
            .as_array()
            .is_some_and(|gpus| !gpus.is_empty())
    });
    if !can_draw {
        eprintln!("{test}: skipped, because `fabula doctor` shows no Vulkan device");
    }
    can_draw
}

/// What another program prints; the program has to be there and to succeed without a complaint.
pub fn tool(program: &str, args: &[&str], file: &Path) -> Vec<u8> {
    let output = Command::new(program)
        .args(args.iter().map(|arg| {
            if *arg == "FILE" {
                file.as_os_str()
            } else {
                arg.as_ref()
            }
        }))
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; `make setup-test` installs it"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaint.is_empty(),
        "{program}: {complaint}"
    );
    output.stdout
}
