//! The `fabula` command: stories in, films out. It composes the other crates; how any of them
//! works is theirs to know.

mod backdrops;
mod cache;
mod captions;
mod cli;
mod commands;
mod console;
mod failure;
mod interrupt;
mod log_file;
mod output;
mod preview;
mod report;
mod source;
mod workshop;

use std::panic;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cli::{Cli, Command, ConsoleArgs, LogFormat, ProgressKind};
use console::Console;
use failure::Failure;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    without_display_probe();
    fabula::memory::give_large_buffers_back();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage_error(&error),
    };
    let console = Console::open(&cli.console);
    // A panic is a defect: it becomes the one sentence below. Libraries that contain panics of
    // their dependencies stay silent.
    panic::set_hook(Box::new(|info| tracing::debug!("{info}")));
    let outcome = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        interrupt::listen()?;
        run(cli.command, &console)
    }))
    .unwrap_or_else(|panic| Err(Failure::of_panic(panic.as_ref())));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.error(&failure.message);
            failure.exit_code()
        }
    }
}

/// Starts the program anew without Mesa's device selection, where there is no display.
///
/// That Vulkan layer asks the display for its favourite device; without one, Wayland's library
/// writes errors to standard error, among our lines. The layer reads its switch from the
/// environment, and a running program cannot change that safely. Devices are ranked by us anyway.
#[cfg(target_os = "linux")]
fn without_display_probe() {
    use std::os::unix::process::CommandExt as _;
    const SWITCH: &str = "NODEVICE_SELECT";
    let is_set = |name| std::env::var_os(name).is_some();
    if is_set("XDG_RUNTIME_DIR") || is_set(SWITCH) {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        // It returns only if it fails; then the program goes on as it is.
        let _ = std::process::Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(SWITCH, "1")
            .exec();
    }
}

fn run(command: Command, console: &Console) -> Result<(), Failure> {
    // The studio has one in a file too, and begins it when it knows where.
    if !matches!(command, Command::Serve(_)) {
        console.begin_log(None);
    }
    match command {
        Command::Render(args) => commands::render::run(&args, console),
        Command::Batch(args) => commands::batch::run(&args, console),
        Command::Analyze(args) => commands::analyze::run(&args, console),
        Command::Storyboard(args) => commands::storyboard::run(&args, console),
        Command::Frame(args) => commands::pictures::frame(&args, console),
        Command::Preview(args) => preview::run(&args, console),
        Command::Cast(args) => commands::pictures::cast(&args, console),
        Command::Avatar(args) => commands::pictures::avatar(&args, console),
        Command::Serve(args) => commands::serve::run(&args, console),
        Command::Phones(args) => commands::phones::run(&args),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Bench(args) => commands::bench::run(&args, console),
    }
}

/// Prints help, or the error of a command line in one sentence.
fn usage_error(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Help or version was asked for; a closed pipe is no failure.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let what = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing".to_owned(),
        _ => text
            .split("\n\n")
            .filter(|part| !part.starts_with("Usage:") && !part.starts_with("For more"))
            .collect::<Vec<_>>()
            .join("; ")
            .trim_start_matches("error: ")
            .to_owned(),
    };
    let console = Console::open(&ConsoleArgs {
        quiet: false,
        verbose: 0,
        log_format: LogFormat::Text,
        progress: ProgressKind::None,
    });
    let failure = Failure::usage(format!("{what}; `fabula --help` shows how"));
    console.error(&failure.message);
    failure.exit_code()
}
