//! Counts for Prometheus, in its text format. Labels come from the studio, never from clients.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::Method;

use crate::films::Films;
use crate::load::Load;
use crate::lock;

/// What was asked and how it was answered.
type Key = (&'static str, String, u16);

#[derive(Debug, Default)]
struct Counts {
    requests: BTreeMap<Key, u64>,
    /// Of all requests together.
    request_time: Duration,
    readings: u64,
    reading_time: Duration,
    load: Load,
}

/// What has been counted since the studio began.
#[derive(Debug)]
pub struct Metrics {
    began: Instant,
    counts: Mutex<Counts>,
}

impl Metrics {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            counts: Mutex::default(),
        }
    }

    pub fn request(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let method = match method.as_str() {
            "GET" => "GET",
            "HEAD" => "HEAD",
            "POST" => "POST",
            "PATCH" => "PATCH",
            "DELETE" => "DELETE",
            _ => "other",
        };
        let mut counts = lock(&self.counts);
        *counts
            .requests
            .entry((method, route.to_owned(), status))
            .or_default() += 1;
        counts.request_time += took;
    }

    /// A story was read.
    pub fn reading(&self, took: Duration) {
        let mut counts = lock(&self.counts);
        counts.readings += 1;
        counts.reading_time += took;
    }

    /// The machine was looked at.
    pub fn load(&self, load: Load) {
        lock(&self.counts).load = load;
    }

    /// All of it as text.
    pub fn text(&self, films: &Films) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out, films);
        out
    }

    fn write(&self, out: &mut String, films: &Films) -> std::fmt::Result {
        let (states, frames_per_s) = films.counts();
        let counts = lock(&self.counts);
        head(
            out,
            "fabula_uptime_seconds",
            "gauge",
            "Time since the studio began.",
        )?;
        writeln!(
            out,
            "fabula_uptime_seconds {}",
            self.began.elapsed().as_secs()
        )?;
        head(
            out,
            "fabula_http_requests_total",
            "counter",
            "Answered requests.",
        )?;
        for ((method, route, status), count) in &counts.requests {
            writeln!(
                out,
                "fabula_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            )?;
        }
        let all: u64 = counts.requests.values().sum();
        head(
            out,
            "fabula_http_request_seconds",
            "summary",
            "Time to the head of an answer.",
        )?;
        writeln!(
            out,
            "fabula_http_request_seconds_sum {}",
            counts.request_time.as_secs_f64()
        )?;
        writeln!(out, "fabula_http_request_seconds_count {all}")?;
        head(
            out,
            "fabula_reading_seconds",
            "summary",
            "Time to read a story.",
        )?;
        writeln!(
            out,
            "fabula_reading_seconds_sum {}",
            counts.reading_time.as_secs_f64()
        )?;
        writeln!(out, "fabula_reading_seconds_count {}", counts.readings)?;
        head(
            out,
            "fabula_films",
            "gauge",
            "Films that are kept, by state.",
        )?;
        for (state, count) in states {
            writeln!(out, "fabula_films{{state=\"{}\"}} {count}", state.name())?;
        }
        head(
            out,
            "fabula_frames_per_second",
            "gauge",
            "Speed of the film under way.",
        )?;
        writeln!(out, "fabula_frames_per_second {frames_per_s:.1}")?;
        let Load {
            cpu,
            memory,
            disk,
            gpu,
        } = counts.load;
        for (name, share, help) in [
            (
                "cpu",
                cpu,
                "Share of all cores in use over the last minute.",
            ),
            ("memory", memory, "Share of memory in use."),
            ("disk", disk, "Share of the data folder's disk in use."),
            ("gpu", gpu, "Share of the busiest GPU in use."),
        ] {
            let Some(share) = share else { continue };
            let name = format!("fabula_machine_{name}_ratio");
            head(out, &name, "gauge", help)?;
            writeln!(out, "{name} {share:.3}")?;
        }
        if let Some(bytes) = resident_bytes() {
            head(
                out,
                "process_resident_memory_bytes",
                "gauge",
                "Memory in use.",
            )?;
            writeln!(out, "process_resident_memory_bytes {bytes}")?;
        }
        Ok(())
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

/// Memory of this process, where the system tells.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
