//! The frames of a film for its encoders: drawn, and read back a little later.

use std::collections::VecDeque;

use super::{Film, Shots, encoder};
use crate::RenderError;
use crate::shared::{PictureOnGpu, SharedConverter, SharedPictures};
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
    way: Way<'f>,
    drawn: VecDeque<Drawn>,
    planes: YuvPlanes,
    /// The shots of the lanes after the first, which has the film's own.
    shots: Vec<Shots>,
}

/// What becomes of a picture that was drawn.
enum Way<'f> {
    /// It is read back.
    Back {
        converter: Converter,
        /// Buffers that no frame lies in.
        free: Vec<wgpu::Buffer>,
    },
    /// It stays on the device.
    Shared(SharedConverter<'f>),
}

/// A frame on its way from the device.
struct Drawn {
    lane: usize,
    index: u64,
    lies: Lies,
    submission: wgpu::SubmissionIndex,
}

/// Where a drawn frame lies.
enum Lies {
    Staged(wgpu::Buffer, PendingMap),
    OnGpu(PictureOnGpu),
}

impl<'a> Film<'a> {
    /// Frames at so many a second, for so many lanes, one at least.
    ///
    /// # Errors
    /// If the device refuses.
    pub fn frames(&mut self, fps: u32, lanes: usize) -> Result<Frames<'_, 'a>, RenderError> {
        let gpu = self.gpu;
        let path = YuvPath::best_for(gpu);
        let converter = Converter::new(gpu, path, self.size, &self.picture.view)?;
        let staging = |_| staging_buffer(gpu, converter.staging_bytes());
        let way = Way::Back {
            free: (0..FRAMES_AHEAD).map(staging).collect(),
            converter,
        };
        Ok(self.frames_by(way, fps, lanes))
    }

    /// The same, but they stay on the GPU, in places of `pictures`, which were made for this film.
    /// Drawing waits while there is none that is empty.
    ///
    /// # Errors
    /// If the device refuses.
    pub fn frames_on_gpu<'f>(
        &'f mut self,
        fps: u32,
        lanes: usize,
        pictures: &'f SharedPictures,
    ) -> Result<Frames<'f, 'a>, RenderError> {
        let converter = SharedConverter::new(self.gpu, pictures, &self.picture.view)?;
        Ok(self.frames_by(Way::Shared(converter), fps, lanes))
    }

    fn frames_by<'f>(&'f mut self, way: Way<'f>, fps: u32, lanes: usize) -> Frames<'f, 'a> {
        self.lanes = lanes.max(1);
        self.kit.words.keep_for(self.lanes);
        Frames {
            fps,
            way,
            drawn: VecDeque::with_capacity(FRAMES_AHEAD),
            planes: YuvPlanes::new(self.size),
            shots: (1..self.lanes).map(|_| Shots::new()).collect(),
            film: self,
        }
    }
}

impl Frames<'_, '_> {
    /// Whether a frame has to be received before another is drawn.
    pub fn are_full(&self) -> bool {
        self.drawn.len() >= FRAMES_AHEAD
    }

    /// Draws the frame with this number for a lane.
    ///
    /// # Errors
    /// If art is broken or the device refuses.
    pub fn draw(&mut self, lane: usize, index: u64) -> Result<(), RenderError> {
        let gpu = self.film.gpu;
        self.draw_picture(lane, index as f64 / f64::from(self.fps))?;
        let mut encoder = encoder(gpu, "read back");
        let (lies, submission) = match &mut self.way {
            Way::Back { converter, free } => {
                let staging = free.pop();
                let staging =
                    staging.unwrap_or_else(|| staging_buffer(gpu, converter.staging_bytes()));
                converter.record(&mut encoder, &self.film.picture.texture, &staging);
                let submission = gpu.queue.submit([encoder.finish()]);
                let map = PendingMap::begin(&staging);
                (Lies::Staged(staging, map), submission)
            }
            Way::Shared(converter) => {
                let picture = converter.record(&mut encoder)?;
                let submission = gpu.queue.submit([encoder.finish()]);
                (Lies::OnGpu(picture), submission)
            }
        };
        self.drawn.push_back(Drawn {
            lane,
            index,
            lies,
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
        let gpu = self.film.gpu;
        let on_gpu = match drawn.lies {
            Lies::OnGpu(picture) => {
                gpu.wait_for(drawn.submission)?;
                Some(picture)
            }
            Lies::Staged(staging, map) => {
                map.wait(gpu, drawn.submission)?;
                if let Way::Back { converter, free } = &mut self.way {
                    let mapped = staging.slice(..).get_mapped_range();
                    converter.finish(&mapped, &mut self.planes)?;
                    drop(mapped);
                    staging.unmap();
                    free.push(staging);
                }
                None
            }
        };
        let frame = self.planes.frame(drawn.index);
        Ok(Some((drawn.lane, YuvFrame { on_gpu, ..frame })))
    }
}
