//! How long frames take, for the examples that say so.

use std::error::Error;
use std::fs;
use std::ops::{ControlFlow, Range};
use std::time::Instant;

use fabula_render::Film;

/// Frames a second of what is timed.
pub const FPS: u32 = 24;
/// What Linux counts processor time in.
const TICKS_PER_S: f64 = 100.0;

/// Milliseconds that frames took, and milliseconds of all processors.
pub fn timed(
    film: &mut Film<'_>,
    frames: Range<u64>,
) -> Result<(f64, Option<f64>), Box<dyn Error>> {
    let (began, before) = (Instant::now(), processor_s());
    film.export(FPS, frames, |_| ControlFlow::Continue(()))?;
    let wall_ms = 1000.0 * began.elapsed().as_secs_f64();
    let processor_ms = before
        .zip(processor_s())
        .map(|(before, after)| 1000.0 * (after - before));
    Ok((wall_ms, processor_ms))
}

/// Seconds that all threads have run.
fn processor_s() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in brackets and may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = |field: usize| fields.split(' ').nth(field)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_S)
}
