//! How busy the machine is: processor, memory, disk and GPU, once a minute.
//!
//! Each figure goes into the log under `system.performance` and into the metrics. A warning comes
//! when a figure goes over its threshold, and not again before it has been below: a processor that
//! draws a long film is busy for a long time, and that is no news. What a system does not tell is
//! left out; on Linux, processor and memory are told by `/proc` and the control group.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tracing::{info, warn};

/// What the driver of an NVIDIA GPU comes with.
const NVIDIA: &str = "nvidia-smi";
/// How long the GPU's driver may take to answer.
const GPU_TIME: Duration = Duration::from_secs(5);

/// Shares of what there is, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Of all cores, since the last look.
    pub cpu: Option<f64>,
    /// Of the machine's memory, or of what this process may have.
    pub memory: Option<f64>,
    /// Of the disk that the data folder is on.
    pub disk: Option<f64>,
    /// Of the busiest GPU.
    pub gpu: Option<f64>,
}

/// A figure, from what share on it is worth a warning, and what to do then.
struct Figure {
    name: &'static str,
    threshold: f64,
    remedy: &'static str,
    of: fn(&Load) -> Option<f64>,
}

const FIGURES: [Figure; 4] = [
    Figure {
        name: "cpu",
        threshold: 0.8,
        remedy: "films take longer; nothing is lost",
        of: |load| load.cpu,
    },
    Figure {
        name: "memory",
        threshold: 0.85,
        remedy: "end what else runs here, or give the studio more",
        of: |load| load.memory,
    },
    Figure {
        name: "disk",
        threshold: 0.9,
        remedy: "delete films, keep them for a shorter time, or make room",
        of: |load| load.disk,
    },
    Figure {
        name: "gpu",
        threshold: 0.9,
        remedy: "films take longer; nothing is lost",
        of: |load| load.gpu,
    },
];

/// Looks at the machine again and again.
#[derive(Debug)]
pub struct Sampler {
    data: PathBuf,
    before: Option<CpuTimes>,
    /// Which figures were over their threshold at the last look.
    over: [bool; FIGURES.len()],
    /// Whether the program that tells of NVIDIA's GPUs may be there.
    has_nvidia: bool,
}

/// Time that all cores together have spent, in the system's ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CpuTimes {
    busy: u64,
    all: u64,
}

impl Sampler {
    /// One that looks at the disk on which `data` is.
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            before: None,
            over: [false; FIGURES.len()],
            has_nvidia: true,
        }
    }

    /// Looks at everything, and tells the log.
    pub fn sample(&mut self) -> Load {
        let now = cpu_times();
        let load = Load {
            cpu: self.before.zip(now).and_then(|(then, now)| now.since(then)),
            memory: memory_in_use(),
            disk: disk_in_use(&self.data),
            gpu: self.gpu_in_use(),
        };
        self.before = now;
        let percent = |share: Option<f64>| share.map(|share| (share * 100.0).round() as u64);
        info!(
            target: "system.performance",
            cpu_percent = percent(load.cpu),
            memory_percent = percent(load.memory),
            disk_percent = percent(load.disk),
            gpu_percent = percent(load.gpu),
            "how busy this machine is"
        );
        for figure in self.newly_over(&load) {
            warn!(
                target: "system.performance",
                figure = figure.name,
                percent = percent((figure.of)(&load)),
                threshold_percent = (figure.threshold * 100.0) as u64,
                remedy = figure.remedy,
                "this machine is busy or full"
            );
        }
        load
    }

    fn newly_over(&mut self, load: &Load) -> Vec<&'static Figure> {
        let mut newly = Vec::new();
        for (figure, was_over) in FIGURES.iter().zip(&mut self.over) {
            let is_over = (figure.of)(load).is_some_and(|share| share > figure.threshold);
            if is_over && !*was_over {
                newly.push(figure);
            }
            *was_over = is_over;
        }
        newly
    }

    fn gpu_in_use(&mut self) -> Option<f64> {
        let amd = (0..8).filter_map(|card| {
            let path = format!("/sys/class/drm/card{card}/device/gpu_busy_percent");
            percent(&fs::read_to_string(path).ok()?)
        });
        amd.chain(self.nvidia_in_use()).reduce(f64::max)
    }

    fn nvidia_in_use(&mut self) -> Option<f64> {
        if !self.has_nvidia {
            return None;
        }
        let answer = answer_of(Command::new(NVIDIA).args([
            "--query-gpu=utilization.gpu",
            "--format=csv,noheader,nounits",
        ]));
        // Where there is none, it is not looked for again.
        self.has_nvidia = answer.is_some();
        answer?.lines().filter_map(percent).reduce(f64::max)
    }
}

fn cpu_times() -> Option<CpuTimes> {
    CpuTimes::parse(&fs::read_to_string("/proc/stat").ok()?)
}

impl CpuTimes {
    /// From `/proc/stat`.
    fn parse(stat: &str) -> Option<Self> {
        let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let ticks: Vec<u64> = line
            .split_whitespace()
            .map_while(|it| it.parse().ok())
            .collect();
        // User, nice, system, idle, waiting for a disk, interrupts twice, taken by a host; what
        // guests took is part of the first two.
        let [_, _, _, idle, waiting, ..] = ticks[..] else {
            return None;
        };
        let all = ticks.iter().take(8).sum();
        Some(Self {
            busy: all - idle - waiting,
            all,
        })
    }

    fn since(self, then: Self) -> Option<f64> {
        let all = self.all.checked_sub(then.all).filter(|all| *all > 0)?;
        Some(self.busy.saturating_sub(then.busy) as f64 / all as f64)
    }
}

/// What a program prints, if it comes to a good end in time.
fn answer_of(command: &mut Command) -> Option<String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let deadline = Instant::now() + GPU_TIME;
    loop {
        match child.try_wait() {
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(20)),
            Ok(Some(status)) => {
                let output = child.wait_with_output().ok()?;
                return status
                    .success()
                    .then(|| String::from_utf8_lossy(&output.stdout).into_owned());
            }
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

fn percent(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

/// Of the control group where it has a limit, else of the machine.
fn memory_in_use() -> Option<f64> {
    let machine = memory_of_machine(&fs::read_to_string("/proc/meminfo").ok()?);
    let group = |name: &str| -> Option<f64> {
        fs::read_to_string(Path::new("/sys/fs/cgroup").join(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    let in_group = || Some(group("memory.current")? / group("memory.max")?);
    in_group().or(machine)
}

/// From `/proc/meminfo`.
fn memory_of_machine(meminfo: &str) -> Option<f64> {
    let kib = |name: &str| -> Option<f64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches("kB").trim().parse().ok()
    };
    let all = kib("MemTotal:").filter(|all| *all > 0.0)?;
    Some(1.0 - kib("MemAvailable:")? / all)
}

#[cfg(unix)]
fn disk_in_use(data: &Path) -> Option<f64> {
    let disk = rustix::fs::statvfs(data).ok()?;
    // As `df` does: what is kept back for the superuser is nobody's.
    let used = disk.f_blocks.checked_sub(disk.f_bfree)?;
    let usable = used + disk.f_bavail;
    (usable > 0).then(|| used as f64 / usable as f64)
}

#[cfg(not(unix))]
fn disk_in_use(_data: &Path) -> Option<f64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_as_busy_as_it_was_between_two_looks() {
        let then = CpuTimes::parse("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3\n").unwrap();
        let now = CpuTimes::parse("cpu  150 10 130 900 10 0 0 0 20 0\n").unwrap();
        assert_eq!(now.since(then), Some(0.45));
        assert_eq!(now.since(now), None);
        assert_eq!(then.since(now), None);
        for wrong in ["", "cpu  1 2 3", "cpu  a b c d e", "cpu0 1 2 3 4 5 6 7 8"] {
            assert_eq!(CpuTimes::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn memory_that_could_be_had_is_not_in_use() {
        let meminfo = "MemTotal:       8000 kB\nMemFree:         100 kB\nMemAvailable:   2000 kB\n";
        assert_eq!(memory_of_machine(meminfo), Some(0.75));
        assert_eq!(
            memory_of_machine("MemTotal: 0 kB\nMemAvailable: 0 kB\n"),
            None
        );
        assert_eq!(memory_of_machine(""), None);
    }

    #[test]
    fn a_gpu_says_a_percentage_or_nothing() {
        assert_eq!(percent(" 37\n"), Some(0.37));
        for wrong in ["", "[N/A]", "-1", "101", "NaN"] {
            assert_eq!(percent(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_warning_comes_when_a_figure_goes_over_and_not_again() {
        let mut sampler = Sampler::new(std::env::temp_dir());
        let mut warned = |memory: f64, disk: f64| -> Vec<&str> {
            let load = Load {
                memory: Some(memory),
                disk: Some(disk),
                ..Load::default()
            };
            let over = sampler.newly_over(&load);
            over.iter().map(|figure| figure.name).collect()
        };
        assert_eq!(warned(0.85, 0.9), [""; 0]);
        assert_eq!(warned(0.86, 0.91), ["memory", "disk"]);
        assert_eq!(warned(0.99, 0.99), [""; 0]);
        assert_eq!(warned(0.5, 0.99), [""; 0]);
        assert_eq!(warned(0.86, 0.99), ["memory"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_this_machine_tells_are_shares() {
        let load = Sampler::new(std::env::temp_dir()).sample();
        for share in [load.memory, load.disk] {
            assert!((0.0..=1.0).contains(&share.unwrap()), "{load:?}");
        }
    }
}
