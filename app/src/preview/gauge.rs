//! How fast pictures are drawn and shown, and what memory that takes.

use std::collections::VecDeque;
use std::time::Duration;

/// Frames that are looked at.
const FRAMES: usize = 120;

/// The last frames that had to be drawn.
#[derive(Clone, Debug, Default)]
pub struct Gauge {
    /// When each was on screen, and what it cost in milliseconds; the newest last.
    frames: VecDeque<(Duration, f32)>,
}

impl Gauge {
    /// Takes note of a frame that is on screen `now`.
    pub fn note(&mut self, cost: Duration, now: Duration) {
        if self.frames.len() == FRAMES {
            self.frames.pop_front();
        }
        self.frames.push_back((now, cost.as_secs_f32() * 1e3));
    }

    /// What each of the last frames cost, in milliseconds, the newest last.
    pub fn costs_ms(&self) -> impl ExactSizeIterator<Item = f32> + '_ {
        self.frames.iter().map(|(_, cost_ms)| *cost_ms)
    }

    /// What frames cost: half of them less and half more, and the slowest, in milliseconds.
    pub fn typical_and_worst_ms(&self) -> Option<(f32, f32)> {
        let mut costs: Vec<f32> = self.costs_ms().collect();
        costs.sort_unstable_by(f32::total_cmp);
        Some((*costs.get(costs.len() / 2)?, *costs.last()?))
    }

    /// Frames shown in the second before `now`.
    pub fn fps(&self, now: Duration) -> u32 {
        let second = Duration::from_secs(1);
        let within = |at: &Duration| now.saturating_sub(*at) < second;
        let shown = self.frames.iter().rev().take_while(|(at, _)| within(at));
        shown.count() as u32
    }
}

/// What playing takes at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Main memory of the process, where the system tells it.
    pub memory_bytes: Option<u64>,
    /// Buffers, textures and other things that the GPU has for the window.
    pub gpu_objects: usize,
}

/// Main memory that the process takes, in bytes, where the system tells it.
pub fn memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_frames_and_the_last_second_count() {
        let mut gauge = Gauge::default();
        assert_eq!(gauge.typical_and_worst_ms(), None);
        assert_eq!(gauge.fps(Duration::ZERO), 0);
        for frame in 0..200u32 {
            let cost = if frame == 190 { 90 } else { 10 };
            let now = Duration::from_millis(u64::from(frame) * 40);
            gauge.note(Duration::from_millis(cost), now);
        }
        let now = Duration::from_millis(199 * 40);
        assert_eq!(gauge.costs_ms().len(), FRAMES);
        assert_eq!(gauge.fps(now), 25);
        assert_eq!(gauge.fps(now + Duration::from_secs(5)), 0);
        let (typical, worst) = gauge.typical_and_worst_ms().unwrap();
        assert!((typical - 10.0).abs() < 0.1 && (worst - 90.0).abs() < 0.1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_memory_of_this_process_is_known() {
        assert!(memory_bytes().is_some_and(|bytes| bytes > 1 << 20));
    }
}
