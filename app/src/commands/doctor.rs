//! `fabula doctor`: what this machine has, what would be used of it, and why.

use std::fmt::Write;

use fabula_encode::encoders;
use fabula_nlp::reading::{Reader, candidates};
use fabula_render::{Gpu, GpuDescription, GpuKind};
use serde::Serialize;

use crate::cache::Cache;
use crate::cli::DoctorArgs;
use crate::failure::Failure;
use crate::output;

#[derive(Serialize)]
struct Report {
    version: &'static str,
    os: String,
    cpu: Cpu,
    gpus: Vec<GpuEntry>,
    encoders: Vec<EncoderEntry>,
    fonts: Vec<&'static str>,
    reading: Reading,
}

#[derive(Serialize)]
struct Cpu {
    name: String,
    threads: usize,
}

#[derive(Serialize)]
struct GpuEntry {
    name: String,
    kind: String,
    backend: String,
    driver: String,
    used: bool,
    reason: String,
}

#[derive(Serialize)]
struct EncoderEntry {
    name: &'static str,
    available: bool,
    used: bool,
    reason: String,
}

#[derive(Serialize)]
struct Reading {
    method: &'static str,
    reason: String,
    devices: Vec<DeviceEntry>,
}

#[derive(Serialize)]
struct DeviceEntry {
    name: String,
    available: bool,
    used: bool,
    reason: String,
}

pub fn run(args: &DoctorArgs) -> Result<(), Failure> {
    if args.clear_cache {
        let freed = Cache::open().clear().map_err(|error| {
            Failure::write(format!(
                "the stories that were read cannot be forgotten: {error}"
            ))
        })?;
        return output::print(&format!("{freed} bytes of stories forgotten\n"));
    }
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        os: os(),
        cpu: cpu(),
        gpus: gpus(&Gpu::available()),
        encoders: encoder_entries(),
        fonts: vec!["Quicksand Medium", "Quicksand Bold"],
        reading: reading(),
    };
    let text = if args.json {
        serde_json::to_string_pretty(&report).map_err(Failure::internal)? + "\n"
    } else {
        as_text(&report)
    };
    output::print(&text)
}

/// The first of the devices, which come best first, is the one that `--gpu auto` takes.
fn gpus(found: &[GpuDescription]) -> Vec<GpuEntry> {
    let entry = |(index, gpu): (usize, &GpuDescription)| GpuEntry {
        name: gpu.name.clone(),
        kind: gpu.kind.to_string(),
        backend: gpu.backend.clone(),
        driver: gpu.driver.clone(),
        used: index == 0,
        reason: match (index, gpu.kind, found.first()) {
            (0, GpuKind::Cpu, _) => "no hardware GPU with a driver was found".to_owned(),
            (0, kind, _) => format!("the best kind that was found is a {kind}"),
            (_, kind, Some(best)) if kind == best.kind => {
                format!("{} comes first; choose this one with --gpu", best.name)
            }
            (_, kind, _) => format!("a better kind than {kind} was found"),
        },
    };
    found.iter().enumerate().map(entry).collect()
}

/// The first device that works is the one that `--device auto` takes.
fn reading() -> Reading {
    let Some(weights) = Reader::weights() else {
        return Reading {
            method: "rules",
            reason: "this build carries no trained weights; rules and word lists read less well"
                .to_owned(),
            devices: Vec::new(),
        };
    };
    let mut taken = false;
    let devices = candidates()
        .into_iter()
        .map(|candidate| {
            let used = candidate.usable && !taken;
            taken |= used;
            DeviceEntry {
                name: candidate.choice.to_string(),
                available: candidate.usable,
                used,
                reason: candidate.reason,
            }
        })
        .collect();
    Reading {
        method: "networks",
        reason: format!("weights {weights}, built in"),
        devices,
    }
}

/// The first usable encoder is the one that `--encoder auto` takes.
fn encoder_entries() -> Vec<EncoderEntry> {
    let mut taken = false;
    encoders()
        .into_iter()
        .map(|encoder| {
            let used = encoder.usable && !taken;
            taken |= used;
            let available = encoder.usable;
            EncoderEntry {
                name: encoder.name,
                available,
                used,
                reason: encoder.reason,
            }
        })
        .collect()
}

fn os() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    format!("{name}, {}", std::env::consts::ARCH)
}

fn cpu() -> Cpu {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| {
            line.strip_prefix("model name")?
                .trim_start()
                .strip_prefix(':')
        })
        .map_or(std::env::consts::ARCH, str::trim);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    Cpu {
        name: name.to_owned(),
        threads,
    }
}

fn as_text(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "fabula {}", report.version);
    let _ = writeln!(out, "System    {}", report.os);
    let _ = writeln!(
        out,
        "CPU       {}, {} threads",
        report.cpu.name, report.cpu.threads
    );
    for gpu in &report.gpus {
        let _ = writeln!(
            out,
            "GPU     {} {} ({}, {})",
            mark(gpu.used),
            gpu.name,
            gpu.kind,
            gpu.backend
        );
        let _ = writeln!(out, "            driver {}", gpu.driver);
        let _ = writeln!(out, "            {}", gpu.reason);
    }
    if report.gpus.is_empty() {
        let _ = writeln!(
            out,
            "GPU       none: nothing can be drawn; install a Vulkan driver, such as \
             mesa-vulkan-drivers"
        );
    }
    for encoder in &report.encoders {
        let _ = writeln!(
            out,
            "Encoder {} {}: {}",
            mark(encoder.used),
            encoder.name,
            encoder.reason
        );
    }
    let _ = writeln!(out, "Fonts     {}", report.fonts.join(", "));
    let _ = writeln!(
        out,
        "Reading   {}: {}",
        report.reading.method, report.reading.reason
    );
    for device in &report.reading.devices {
        let _ = writeln!(
            out,
            "        {} {}: {}",
            mark(device.used),
            device.name,
            device.reason
        );
    }
    out.push_str("\n* is what would be used.\n");
    out
}

fn mark(used: bool) -> char {
    if used { '*' } else { ' ' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpu(name: &str, kind: GpuKind) -> GpuDescription {
        let (backend, driver) = ("Vulkan".to_owned(), "1.0".to_owned());
        GpuDescription {
            name: name.to_owned(),
            kind,
            backend,
            driver,
        }
    }

    #[test]
    fn each_gpu_has_a_reason_for_being_used_or_not() {
        let found = [
            gpu("Big", GpuKind::Discrete),
            gpu("Big Two", GpuKind::Discrete),
            gpu("llvmpipe", GpuKind::Cpu),
        ];
        let entries = gpus(&found);
        assert_eq!(
            entries.iter().map(|e| e.used).collect::<Vec<_>>(),
            [true, false, false]
        );
        assert!(entries[1].reason.contains("--gpu"), "{}", entries[1].reason);
        assert!(
            entries[2].reason.contains("better kind"),
            "{}",
            entries[2].reason
        );
        assert!(gpus(&found[2..])[0].reason.contains("no hardware GPU"));
    }
}
