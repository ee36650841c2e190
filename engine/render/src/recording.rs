//! The commands that draw one picture.
//!
//! lavapipe draws what is recorded in tiles, and a tile in which there are only [`Stroke::Rows`] in
//! whole rows of bytes: several times as fast as anything else, and rounded a little differently. What
//! ends up in a tile together must therefore not be left to chance, which it is while commands wait to
//! be drawn: strokes of the two kinds are submitted apart from one another.

use crate::gpu::Gpu;
use crate::layer::{Target, pass};

/// What a pass draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stroke {
    /// Nothing but [`LayerPipelines::rows`](crate::layer::LayerPipelines::rows).
    Rows,
    /// Anything else.
    Other,
}

/// What has been recorded and not yet been submitted.
#[derive(Debug)]
pub(crate) struct Recording<'a> {
    gpu: &'a Gpu,
    pub target: &'a Target,
    encoder: wgpu::CommandEncoder,
    open: Option<wgpu::RenderPass<'static>>,
    /// The last that was drawn into the target.
    last: Option<Stroke>,
}

impl<'a> Recording<'a> {
    /// Begins a picture.
    pub fn new(gpu: &'a Gpu, target: &'a Target) -> Self {
        Self {
            gpu,
            target,
            encoder: begin(gpu),
            open: None,
            last: None,
        }
    }

    /// For copies and for passes that draw elsewhere.
    pub fn encoder(&mut self) -> &mut wgpu::CommandEncoder {
        self.open = None;
        &mut self.encoder
    }

    /// The pass that draws strokes of this kind into the target, which is cleared if `clear`.
    pub fn pass(&mut self, stroke: Stroke, clear: bool) -> &mut wgpu::RenderPass<'static> {
        let apart = self.gpu.is_software() && self.last.is_some_and(|last| last != stroke);
        if apart {
            self.open = None;
            let before = std::mem::replace(&mut self.encoder, begin(self.gpu));
            self.gpu.queue.submit([before.finish()]);
        }
        if clear {
            self.open = None;
        }
        self.last = Some(stroke);
        self.open.get_or_insert_with(|| {
            pass(&mut self.encoder, &self.target.view, clear, "picture").forget_lifetime()
        })
    }

    /// Submits what is left.
    pub fn submit(mut self) {
        self.open = None;
        self.gpu.queue.submit([self.encoder.finish()]);
    }
}

fn begin(gpu: &Gpu) -> wgpu::CommandEncoder {
    let label = Some("picture");
    gpu.device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor { label })
}
