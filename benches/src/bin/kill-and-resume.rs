//! `kill-and-resume FABULA STORY [KILLS] [SEED]`: makes a film twice with the `fabula` binary, once
//! undisturbed and once while it is killed at random moments and taken up again each time, and
//! checks that the two films are the same to the last byte.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a film is killed unless it is said.
const KILLS: u32 = 20;
/// Without it the moments would be others each time, and a failure could not be looked into.
const SEED: u64 = 7;
/// Small and quick, as what matters happens between the frames; more after the story's name.
const PICTURE: [&str; 4] = ["--size", "standard", "--quality", "draft"];

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let number = |at: usize| args.get(at).and_then(|text| text.to_str()?.parse().ok());
    let [fabula, story, ..] = args.as_slice() else {
        eprintln!("kill-and-resume: give the fabula binary and a story");
        return ExitCode::from(2);
    };
    let kills = number(2).map_or(KILLS, |kills| kills as u32);
    match measure(fabula, Path::new(story), kills, number(3).unwrap_or(SEED)) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("kill-and-resume: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(
    fabula: &OsStr,
    story: &Path,
    kills: u32,
    mut seed: u64,
) -> Result<String, Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("kill-and-resume-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let render = |film: &Path, resume: bool| {
        let mut command = Command::new(fabula);
        command.arg("render").arg(story).arg("-o").arg(film);
        command.args(PICTURE).args(resume.then_some("--resume"));
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    };
    let [undisturbed, killed] = ["undisturbed.mp4", "killed.mp4"].map(|name| folder.join(name));
    let started = Instant::now();
    if !render(&undisturbed, false).status()?.success() {
        return Err("the undisturbed film was not made".into());
    }
    let whole = started.elapsed();

    // A run gets far enough to finish something most of the time, and not always.
    let longest_s = whole.as_secs_f64() * 2.0 / f64::from(kills.max(1));
    let mut work = Duration::ZERO;
    let mut done = 0;
    while done < kills {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let share = (seed >> 33) as f64 / f64::from(1_u32 << 31);
        let began = Instant::now();
        let mut child = render(&killed, true).spawn()?;
        thread::sleep(Duration::from_secs_f64(longest_s.max(1.0) * share));
        // SIGKILL on Unix: it cannot tidy up.
        let finished = child.try_wait()?.is_some();
        child.kill()?;
        child.wait()?;
        work += began.elapsed();
        done += 1;
        if finished {
            break;
        }
    }
    let began = Instant::now();
    if !render(&killed, true).status()?.success() {
        return Err("the last run did not finish the film".into());
    }
    work += began.elapsed();
    let same = std::fs::read(&undisturbed)? == std::fs::read(&killed)?;
    let left = std::fs::read_dir(&folder)?.count();
    std::fs::remove_dir_all(&folder)?;
    if !same {
        return Err(format!("after {done} kills it is another film").into());
    }
    if left != 2 {
        return Err("something is left beside the film".into());
    }
    Ok(format!(
        "{}: killed {done} times, the same film to the last byte; {:.1} s undisturbed, {:.1} s in \
         {} runs",
        story.display(),
        whole.as_secs_f64(),
        work.as_secs_f64(),
        done + 1
    ))
}
