//! Showing pictures in a window.
//!
//! A [`Screen`] is the surface of a window and outlives the GPU; a [`Presenter`] belongs to one GPU
//! and puts the picture that a film has drawn, and a [`Sheet`] over it, on that surface.

use std::time::{Duration, Instant};

use crate::RenderError;
use crate::art::own_shader;
use crate::film::Film;
use crate::gpu::{Gpu, GpuChoice, adapters, instance};
use crate::lettering::Lettering;
use crate::pipeline::Program;
use crate::sheet::Sheet;

/// Around the picture.
const DARK: wgpu::Color = wgpu::Color {
    r: 0.02,
    g: 0.018,
    b: 0.03,
    a: 1.0,
};

/// Where wgpu finds the window.
type Target = wgpu::SurfaceTarget<'static>;

/// The surface of a window.
pub struct Screen {
    instance: wgpu::Instance,
    surface: Option<wgpu::Surface<'static>>,
    target: Box<dyn Fn() -> Target + Send + Sync>,
}

impl Screen {
    /// The surface of `window`, such as an `Arc` of winit's. On macOS this works on the main
    /// thread only.
    ///
    /// # Errors
    /// If nothing on this machine draws into windows.
    pub fn new<W>(window: W) -> Result<Self, RenderError>
    where
        W: Into<Target> + Clone + Send + Sync + 'static,
    {
        let mut screen = Self {
            instance: instance(),
            surface: None,
            target: Box::new(move || window.clone().into()),
        };
        screen.renew()?;
        Ok(screen)
    }

    /// Gets the surface anew after it was lost, together with everything of its instance.
    ///
    /// # Errors
    /// If the window has gone.
    pub fn renew(&mut self) -> Result<(), RenderError> {
        // A window has one surface at a time.
        self.surface = None;
        self.instance = instance();
        let surface = self.instance.create_surface((self.target)());
        self.surface = Some(surface.map_err(|error| RenderError::Window(error.to_string()))?);
        Ok(())
    }

    /// Opens the best device that fits `choice` and draws into this window.
    ///
    /// # Errors
    /// If there is none, or its driver refuses.
    pub fn open_gpu(&self, choice: &GpuChoice) -> Result<Gpu, RenderError> {
        let mut adapters = adapters(&self.instance);
        if let Some(surface) = &self.surface {
            adapters.retain(|adapter| adapter.is_surface_supported(surface));
        }
        Gpu::open_one_of(&adapters, choice)
    }

    /// How many buffers, textures, pipelines and other things the devices opened for this window
    /// have now.
    pub fn gpu_objects(&self) -> usize {
        let Some(report) = self.instance.generate_report() else {
            return 0;
        };
        let hub = report.hub_report();
        let kinds = [
            &hub.pipeline_layouts,
            &hub.shader_modules,
            &hub.bind_group_layouts,
            &hub.bind_groups,
            &hub.command_encoders,
            &hub.command_buffers,
            &hub.render_bundles,
            &hub.render_pipelines,
            &hub.compute_pipelines,
            &hub.query_sets,
            &hub.buffers,
            &hub.textures,
            &hub.texture_views,
            &hub.samplers,
        ];
        kinds.iter().map(|kind| kind.num_allocated).sum()
    }

    fn surface(&self) -> Result<&wgpu::Surface<'static>, RenderError> {
        self.surface
            .as_ref()
            .ok_or_else(|| RenderError::Window("the window has gone".to_owned()))
    }
}

/// Where in a window a picture is shown, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says it")]
pub struct Area {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// What a window draws by itself over a picture that is about to be shown.
#[derive(Debug)]
pub struct Canvas<'a> {
    /// What draws.
    pub device: &'a wgpu::Device,
    /// What it draws goes here.
    pub queue: &'a wgpu::Queue,
    /// Format of the texture behind `view`; its values are sRGB-encoded, and blended so.
    pub format: wgpu::TextureFormat,
    /// The window's picture, which is to be loaded and not cleared.
    pub view: &'a wgpu::TextureView,
    /// Submitted with the picture.
    pub encoder: &'a mut wgpu::CommandEncoder,
}

/// Puts the pictures of films on a screen.
pub struct Presenter<'a> {
    gpu: &'a Gpu,
    screen: &'a Screen,
    config: wgpu::SurfaceConfiguration,
    /// The surface does not fit its window any more.
    stale: bool,
    layout: wgpu::BindGroupLayout,
    pipeline: wgpu::RenderPipeline,
    smooth: wgpu::Sampler,
    sharp: wgpu::Sampler,
    lettering: Lettering,
}

impl<'a> Presenter<'a> {
    /// Makes ready to show on `screen` what `gpu` draws.
    ///
    /// # Errors
    /// If the surface takes no colours as films have them.
    pub fn new(gpu: &'a Gpu, screen: &'a Screen) -> Result<Self, RenderError> {
        let offered = screen.surface()?.get_capabilities(&gpu.adapter);
        // Films are blended in sRGB-encoded values: a format that encodes would do it twice.
        let format = [
            wgpu::TextureFormat::Bgra8Unorm,
            wgpu::TextureFormat::Rgba8Unorm,
        ]
        .into_iter()
        .find(|format| offered.formats.contains(format))
        .ok_or_else(|| {
            RenderError::Window(format!(
                "it shows no pictures of 8 bits a colour, but {:?}",
                offered.formats
            ))
        })?;
        let wanted = |mode: &wgpu::PresentMode| *mode == wgpu::PresentMode::Mailbox;
        let opaque = wgpu::CompositeAlphaMode::Opaque;
        let config = wgpu::SurfaceConfiguration {
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            format,
            width: 0,
            height: 0,
            // A new picture takes the place of one that still waits for the display.
            present_mode: offered
                .present_modes
                .iter()
                .copied()
                .find(wanted)
                .unwrap_or(wgpu::PresentMode::Fifo),
            desired_maximum_frame_latency: 1,
            alpha_mode: if offered.alpha_modes.contains(&opaque) {
                opaque
            } else {
                wgpu::CompositeAlphaMode::Auto
            },
            view_formats: Vec::new(),
        };
        let layout = picture_layout(&gpu.device);
        let program = Program::new(gpu, "screen", own_shader("screen")?, &[&layout]);
        let strip = wgpu::PrimitiveTopology::TriangleStrip;
        let sampler = |label, filter| {
            gpu.device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some(label),
                mag_filter: filter,
                min_filter: filter,
                ..wgpu::SamplerDescriptor::default()
            })
        };
        Ok(Self {
            pipeline: program.pipeline_into(format, "vs_screen", &[], strip, "fs_screen", None),
            smooth: sampler("smooth", wgpu::FilterMode::Linear),
            sharp: sampler("sharp", wgpu::FilterMode::Nearest),
            lettering: Lettering::new(gpu, format)?,
            gpu,
            screen,
            config,
            stale: true,
            layout,
        })
    }

    /// Shows the last picture of `film` in an area of a window of `size_px` pixels, `sheet` over it,
    /// and over it all what `over` draws; comes back when the device has drawn it. Gives back how
    /// long that took, or nothing where nothing could be shown: a window may be hidden or have no
    /// size.
    ///
    /// # Errors
    /// If the device or the surface is lost.
    pub fn show(
        &mut self,
        size_px: [u32; 2],
        film: Option<(&Film<'_>, Area)>,
        sheet: &Sheet,
        over: impl FnOnce(Canvas<'_>),
    ) -> Result<Option<Duration>, RenderError> {
        let Some(frame) = self.next_texture(size_px)? else {
            return Ok(None);
        };
        // The display may have made it wait until here.
        let began = Instant::now();
        let view = frame
            .texture
            .create_view(&wgpu::TextureViewDescriptor::default());
        sheet.prepare(self.gpu, &mut self.lettering, size_px)?;
        let label = Some("screen");
        let mut encoder = self
            .gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor { label });
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label,
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(DARK),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..wgpu::RenderPassDescriptor::default()
        });
        if let Some((film, area)) = film {
            self.draw_picture(&mut pass, film, area, size_px);
        }
        self.lettering.draw(&mut pass)?;
        drop(pass);
        over(Canvas {
            device: &self.gpu.device,
            queue: &self.gpu.queue,
            format: self.config.format,
            view: &view,
            encoder: &mut encoder,
        });
        let submission = self.gpu.queue.submit([encoder.finish()]);
        frame.present();
        // One picture is under way at a time: what is late is left out, never queued.
        let drawn = self.gpu.device.poll(wgpu::PollType::Wait {
            submission_index: Some(submission),
            timeout: None,
        });
        match drawn {
            Ok(_) if !self.gpu.is_lost() => Ok(Some(began.elapsed())),
            Ok(_) => Err(RenderError::Lost("it was lost".to_owned())),
            Err(error) => Err(RenderError::Lost(error.to_string())),
        }
    }

    fn draw_picture(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        film: &Film<'_>,
        area: Area,
        [width, height]: [u32; 2],
    ) {
        let right = area.left + area.width;
        let lower = area.top + area.height;
        if area.width == 0 || area.height == 0 || right > width || lower > height {
            return;
        }
        let size = film.size();
        let same = (size.width(), size.height()) == (area.width, area.height);
        let group = self
            .gpu
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("screen"),
                layout: &self.layout,
                entries: &[
                    wgpu::BindGroupEntry {
                        binding: 0,
                        resource: wgpu::BindingResource::TextureView(film.picture()),
                    },
                    wgpu::BindGroupEntry {
                        binding: 1,
                        resource: wgpu::BindingResource::Sampler(if same {
                            &self.sharp
                        } else {
                            &self.smooth
                        }),
                    },
                ],
            });
        let [left, top, wide, high] =
            [area.left, area.top, area.width, area.height].map(|length| length as f32);
        pass.set_viewport(left, top, wide, high, 0.0, 1.0);
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.draw(0..4, 0..1);
        pass.set_viewport(0.0, 0.0, width as f32, height as f32, 0.0, 1.0);
    }

    /// The texture that the window shows next, if it can show one.
    fn next_texture(
        &mut self,
        [width, height]: [u32; 2],
    ) -> Result<Option<wgpu::SurfaceTexture>, RenderError> {
        let longest = self.gpu.device.limits().max_texture_dimension_2d;
        if width == 0 || height == 0 || width.max(height) > longest {
            return Ok(None);
        }
        let surface = self.screen.surface()?;
        // The second try is for a surface that was found outdated.
        for _ in 0..2 {
            if self.stale || (self.config.width, self.config.height) != (width, height) {
                (self.config.width, self.config.height) = (width, height);
                self.configure(surface)?;
                self.lettering.resize(self.gpu, [width, height]);
                self.stale = false;
            }
            match surface.get_current_texture() {
                wgpu::CurrentSurfaceTexture::Success(texture) => return Ok(Some(texture)),
                wgpu::CurrentSurfaceTexture::Suboptimal(texture) => {
                    self.stale = true;
                    return Ok(Some(texture));
                }
                wgpu::CurrentSurfaceTexture::Timeout | wgpu::CurrentSurfaceTexture::Occluded => {
                    return Ok(None);
                }
                wgpu::CurrentSurfaceTexture::Outdated => self.stale = true,
                wgpu::CurrentSurfaceTexture::Lost | wgpu::CurrentSurfaceTexture::Validation => {
                    return Err(RenderError::Lost(
                        "the window's surface was lost".to_owned(),
                    ));
                }
            }
        }
        Ok(None)
    }

    /// Fits the surface to its window. Where it refuses, it has to be got anew like one that is lost.
    fn configure(&self, surface: &wgpu::Surface<'_>) -> Result<(), RenderError> {
        let device = &self.gpu.device;
        let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
        surface.configure(device, &self.config);
        match pollster::block_on(validation.pop()) {
            Some(error) => Err(RenderError::Lost(format!(
                "the window's surface was refused: {error}"
            ))),
            // A device that is lost refuses without a word.
            None if self.gpu.is_lost() => Err(RenderError::Lost("it was lost".to_owned())),
            None => Ok(()),
        }
    }
}

fn picture_layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty,
        count: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("screen"),
        entries: &[
            entry(
                0,
                wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: true },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
            ),
            entry(
                1,
                wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
            ),
        ],
    })
}
