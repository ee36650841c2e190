//! How fast the plates of a shot are drawn: at once, or a little at a time, between the frames of the
//! shot before.
//!
//! Drawing them is an `async` function that waits for nobody: it pauses after each strip of a plate, and
//! whoever polls it does so when there is time for another.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::RenderError;
use crate::gpu::Gpu;
use crate::tiles::Area;

/// Pixels of a strip on a software GPU: the dearest plates take 350 ns a pixel on one core.
const STRIP_PX: u32 = 16_384;

/// Whether plates are drawn in strips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    AtOnce,
    InStrips,
}

impl Pace {
    /// The strips of an area, whole rows of it from top to bottom.
    pub fn strips(self, gpu: &Gpu, area: Area) -> impl Iterator<Item = Area> + use<> {
        let [left, top, width, height] = area;
        let rows = match self {
            Self::InStrips if gpu.is_software() => (STRIP_PX / width.max(1)).max(1),
            Self::InStrips | Self::AtOnce => height.max(1),
        };
        (0..height.div_ceil(rows)).map(move |strip| {
            let from = strip * rows;
            [left, top + from, width, rows.min(height - from)]
        })
    }

    /// Whether there are any pauses.
    pub fn pauses(self) -> bool {
        self == Self::InStrips
    }

    /// Submits what was recorded and pauses when it is done, unless everything is drawn at once: then
    /// recording goes on.
    pub async fn pause(
        self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Result<(), RenderError> {
        if self.pauses() {
            let label = wgpu::CommandEncoderDescriptor::default();
            let next = gpu.device.create_command_encoder(&label);
            let recorded = std::mem::replace(encoder, next);
            gpu.wait_for(gpu.queue.submit([recorded.finish()]))?;
            self.rest().await;
        }
        Ok(())
    }

    /// Pauses, unless everything is drawn at once.
    pub async fn rest(self) {
        let mut rested = !self.pauses();
        poll_fn(|_| {
            if std::mem::replace(&mut rested, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// Work in pauses.
pub(crate) type Paced<'a, T> = Pin<Box<dyn Future<Output = Result<T, RenderError>> + 'a>>;

/// Goes on to the next pause; gives what came of the work once it is done.
pub(crate) fn go_on<T>(work: &mut Paced<'_, T>) -> Option<Result<T, RenderError>> {
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    }
}

/// Goes through all pauses without one.
pub(crate) fn finish<T>(mut work: Paced<'_, T>) -> Result<T, RenderError> {
    loop {
        if let Some(outcome) = go_on(&mut work) {
            return outcome;
        }
    }
}
