//! What goes wrong, as the person at the terminal sees it: one sentence and an exit code.

use std::any::Any;
use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

/// Why a command stopped; the numbers are the exit codes that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Cause {
    /// The command line asks for something that cannot be done.
    Usage = 2,
    /// The story or storyboard cannot be used.
    Input = 3,
    /// There is nothing to draw or to encode with.
    Device = 4,
    /// A file could not be written.
    Output = 5,
    /// A defect of fabula itself.
    Internal = 6,
    /// Ctrl-C or a request to end.
    Interrupted = 130,
}

impl Cause {
    /// All of them, the gravest last.
    pub const ALL: [Self; 6] = [
        Self::Usage,
        Self::Input,
        Self::Device,
        Self::Output,
        Self::Internal,
        Self::Interrupted,
    ];
}

/// A cause and the sentence that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub cause: Cause,
    pub message: String,
}

impl Failure {
    pub fn usage(message: impl Display) -> Self {
        Self::new(Cause::Usage, message)
    }

    pub fn input(message: impl Display) -> Self {
        Self::new(Cause::Input, message)
    }

    pub fn device(message: impl Display) -> Self {
        Self::new(Cause::Device, message)
    }

    pub fn internal(message: impl Display) -> Self {
        Self::new(Cause::Internal, message)
    }

    pub fn interrupted() -> Self {
        Self::new(Cause::Interrupted, "interrupted; nothing was written")
    }

    /// Interrupted a second time, before what was being written could be put in order.
    pub fn interrupted_at_once() -> Self {
        let message = "interrupted at once; what was being written stays unfinished";
        Self::new(Cause::Interrupted, message)
    }

    /// Interrupted where finished segments are kept.
    pub fn interrupted_with_segments() -> Self {
        let message =
            "interrupted; what is finished is kept, and the same command with --resume goes on";
        Self::new(Cause::Interrupted, message)
    }

    /// The same failure, with what can be done about it after all.
    pub fn and(self, remedy: &str) -> Self {
        Self::new(self.cause, format!("{}; {remedy}", self.message))
    }

    /// A failed write to `path`.
    pub fn output(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let remedy = match error.kind() {
            ErrorKind::NotFound => "create its folder first",
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "choose a place where you may write"
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                "make room or choose another disk"
            }
            _ => "choose another place",
        };
        Self::write(format!(
            "{} cannot be written: {error}; {remedy}",
            path.display()
        ))
    }

    /// A failed write that explains itself.
    pub fn write(message: impl Display) -> Self {
        Self::new(Cause::Output, message)
    }

    /// The failure that a caught panic stands for.
    pub fn of_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        Self::internal(format!(
            "fabula has a defect and had to stop ({text}); please report it with the story and \
             the output of the same command with -vv"
        ))
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.cause as u8)
    }

    fn new(cause: Cause, message: impl Display) -> Self {
        // One line, whatever a file name or a driver's message contains.
        let message = message.to_string();
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let message = message.chars().filter(|c| !c.is_control()).collect();
        Self { cause, message }
    }
}

impl From<fabula_render::RenderError> for Failure {
    fn from(error: fabula_render::RenderError) -> Self {
        use fabula_render::RenderError;
        match error {
            RenderError::NoGpu { .. }
            | RenderError::Device { .. }
            | RenderError::Lost(_)
            | RenderError::Unshared(_)
            | RenderError::Window(_) => Self::device(error),
            RenderError::Size { .. } => Self::usage(error),
            RenderError::Cast { .. }
            | RenderError::Backdrop { .. }
            | RenderError::Camera(_)
            | RenderError::OwnArt { .. } => Self::input(error),
            RenderError::Art { .. } => Self::internal(error),
        }
    }
}
