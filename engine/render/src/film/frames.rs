//! The frames of a film for its encoders: drawn, and read back a little later.

use std::collections::VecDeque;

use super::{Film, Shots, encoder};
use crate::RenderError;
use crate::yuv_frame::{Converter, PendingMap, YuvFrame, YuvPath, YuvPlanes, staging_buffer};

/// Frames that are drawn ahead of the one being read back.
const FRAMES_AHEAD: usize = 2;

/// Draws frames, and reads each back after the next ones were drawn, so that the device does not
/// wait; memory does not grow with their number.
///
/// They may come by turns from several places of the film, its *lanes*. Each lane has the shots
/// ready that it shows, and all of them share whatever else is compiled and loaded.
pub struct Frames<'f, 'a> {
    film: &'f mut Film<'a>,
    fps: u32,
    converter: Converter,
    /// Buffers that no frame lies in.
    free: Vec<wgpu::Buffer>,
    drawn: VecDeque<Drawn>,
    planes: YuvPlanes,
    /// The shots of the lanes after the first, which has the film's own.
    shots: Vec<Shots>,
}

/// A frame on its way from the device.
struct Drawn {
    lane: usize,
    index: u64,
    staging: wgpu::Buffer,
    map: PendingMap,
    submission: wgpu::SubmissionIndex,
}

impl<'a> Film<'a> {
    /// Frames at so many a second, for so many lanes, one at least.
    ///
    /// # Errors
    /// If the device refuses.
    pub fn frames(&mut self, fps: u32, lanes: usize) -> Result<Frames<'_, 'a>, RenderError> {
        self.lanes = lanes.max(1);
        self.kit.words.keep_for(self.lanes);
        let gpu = self.gpu;
        let path = YuvPath::best_for(gpu);
        let converter = Converter::new(gpu, path, self.size, &self.picture.view)?;
        let staging = |_| staging_buffer(gpu, converter.staging_bytes());
        Ok(Frames {
            fps,
            free: (0..FRAMES_AHEAD).map(staging).collect(),
            drawn: VecDeque::with_capacity(FRAMES_AHEAD),
            planes: YuvPlanes::new(self.size),
            shots: (1..self.lanes).map(|_| Shots::new()).collect(),
            converter,
            film: self,
        })
    }
}

impl Frames<'_, '_> {
    /// Whether a frame has to be received before another is drawn.
    pub fn are_full(&self) -> bool {
        self.free.is_empty()
    }

    /// Draws the frame with this number for a lane.
    ///
    /// # Errors
    /// If art is broken or the device refuses.
    pub fn draw(&mut self, lane: usize, index: u64) -> Result<(), RenderError> {
        let gpu = self.film.gpu;
        let staging = self.free.pop();
        let staging =
            staging.unwrap_or_else(|| staging_buffer(gpu, self.converter.staging_bytes()));
        self.draw_picture(lane, index as f64 / f64::from(self.fps))?;
        let mut encoder = encoder(gpu, "read back");
        let picture = &self.film.picture.texture;
        self.converter.record(&mut encoder, picture, &staging);
        let submission = gpu.queue.submit([encoder.finish()]);
        self.drawn.push_back(Drawn {
            lane,
            index,
            map: PendingMap::begin(&staging),
            staging,
            submission,
        });
        Ok(())
    }

    fn draw_picture(&mut self, lane: usize, time_s: f64) -> Result<(), RenderError> {
        let Some(shots) = lane.checked_sub(1).and_then(|at| self.shots.get_mut(at)) else {
            return self.film.draw(time_s);
        };
        std::mem::swap(&mut self.film.shots, shots);
        let drawn = self.film.draw(time_s);
        std::mem::swap(&mut self.film.shots, shots);
        drawn
    }

    /// The frame that was drawn first of those that were not received yet, and its lane.
    ///
    /// # Errors
    /// If the device refuses.
    pub fn receive(&mut self) -> Result<Option<(usize, YuvFrame<'_>)>, RenderError> {
        let Some(drawn) = self.drawn.pop_front() else {
            return Ok(None);
        };
        drawn.map.wait(self.film.gpu, drawn.submission)?;
        let mapped = drawn.staging.slice(..).get_mapped_range();
        self.converter.finish(&mapped, &mut self.planes)?;
        drop(mapped);
        drawn.staging.unmap();
        self.free.push(drawn.staging);
        Ok(Some((drawn.lane, self.planes.frame(drawn.index))))
    }
}
