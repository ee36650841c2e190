//! Draws a set to a PNG straight from its shader and manifest on disk, so that an artist sees
//! a change without building anything, and prints what each plate cost. Run it in the root of the
//! repository.
//!
//! `set_sheet forest --hour dusk --weather rain=0.8,wind=0.5 --out forest.png`, or
//! `set_sheet forest --sheet --out sheet.png` for four hours by four weathers.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

type Failure = Box<dyn Error>;

const HOURS: [&str; 4] = ["dawn", "day", "dusk", "night"];
const WEATHERS: [&str; 4] = ["", "rain=1", "snow=1", "fog=1"];
const PLACE_BYTES: u64 = 36 * 4;

const VERTEX: &str = "
struct Corner { @builtin(position) position: vec4f, @location(0) ndc: vec2f }
@vertex fn corner(@builtin(vertex_index) i: u32) -> Corner {
    let ndc = vec2f(f32((i << 1u) & 2u), f32(i & 2u)) * 2.0 - 1.0;
    return Corner(vec4f(ndc, 0.0, 1.0), ndc);
}
";

const STACK: &str = "
@group(0) @binding(0) var plate: texture_2d<f32>;
@group(0) @binding(1) var plate_sampler: sampler;
@group(0) @binding(2) var<uniform> blur: vec4f;
@fragment fn stack(corner: Corner) -> @location(0) vec4f {
    let uv = vec2f(corner.ndc.x, -corner.ndc.y) * 0.5 + 0.5;
    var sum = vec4f(0.0);
    let taps = select(1, 48, blur.y > 0.0);
    for (var i = 0; i < taps; i++) {
        let turn = f32(i) * 2.39996;
        let reach = sqrt(f32(i) / 48.0);
        sum += textureSampleLevel(plate, plate_sampler, uv + blur.xy * reach * vec2f(cos(turn), sin(turn)), 0.0);
    }
    return sum / f32(taps);
}
";

struct Request {
    set: String,
    hour: usize,
    weather: [f32; 4],
    seed: f32,
    time_s: f32,
    size: [u32; 2],
    center: [f32; 2],
    zoom: f32,
    mood: [f32; 4],
    only: Option<String>,
    out: String,
    sheet: bool,
}

fn request() -> Result<Request, Failure> {
    let mut arguments = std::env::args().skip(1);
    let set = arguments.next().ok_or("usage: set_sheet NAME [--hour dusk] [--weather rain=1,wind=0.5] [--seed 0.3] [--time 2] [--size 1920x1080] [--center 0,0.5] [--zoom 1] [--mood r,g,b,a] [--plate NAME] [--sheet] [--out PATH]")?;
    let mut wanted = Request {
        out: format!("{set}.png"),
        set,
        hour: 2,
        weather: [0.0; 4],
        seed: 0.37,
        time_s: 0.0,
        size: [1920, 1080],
        center: [0.0, 0.5],
        zoom: 1.0,
        mood: [0.94, 0.97, 1.0, 0.3],
        only: None,
        sheet: false,
    };
    while let Some(option) = arguments.next() {
        if option == "--sheet" {
            wanted.sheet = true;
            continue;
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--hour" => {
                wanted.hour = HOURS
                    .iter()
                    .position(|hour| *hour == value)
                    .ok_or("--hour is dawn, day, dusk or night")?;
            }
            "--weather" => wanted.weather = weather(&value)?,
            "--seed" => wanted.seed = value.parse()?,
            "--time" => wanted.time_s = value.parse()?,
            "--zoom" => wanted.zoom = value.parse()?,
            "--size" => wanted.size = numbers::<u32, 2>(&value, 'x')?,
            "--center" => wanted.center = numbers::<f32, 2>(&value, ',')?,
            "--mood" => wanted.mood = numbers::<f32, 4>(&value, ',')?,
            "--plate" => wanted.only = Some(value),
            "--out" => wanted.out = value,
            _ => return Err(format!("unknown option {option}").into()),
        }
    }
    Ok(wanted)
}

fn numbers<T: std::str::FromStr, const N: usize>(
    text: &str,
    separator: char,
) -> Result<[T; N], Failure>
where
    T::Err: Error + 'static,
{
    let values = text
        .split(separator)
        .map(str::parse)
        .collect::<Result<Vec<T>, _>>()?;
    values
        .try_into()
        .map_err(|_| format!("{text} is not {N} numbers").into())
}

fn weather(text: &str) -> Result<[f32; 4], Failure> {
    let mut weather = [0.0; 4];
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (kind, strength) = part.split_once('=').unwrap_or((part, "1"));
        let index = ["rain", "snow", "fog", "wind"]
            .iter()
            .position(|known| *known == kind);
        *index
            .and_then(|index| weather.get_mut(index))
            .ok_or("--weather is rain, snow, fog or wind")? = strength.parse()?;
    }
    Ok(weather)
}

struct Plate {
    name: String,
    band: [f32; 2],
    blur: f32,
    live: bool,
}

fn number(value: Option<&toml::Value>, missing: f32) -> f32 {
    value
        .and_then(|value| {
            value
                .as_float()
                .or_else(|| value.as_integer().map(|n| n as f64))
        })
        .map_or(missing, |n| n as f32)
}

fn plates(manifest: &toml::Table) -> Result<Vec<Plate>, Failure> {
    let listed = manifest
        .get("plate")
        .and_then(toml::Value::as_array)
        .ok_or("the manifest has no [[plate]]")?;
    let plates = listed.iter().map(|plate| {
        let band = plate.get("y").and_then(toml::Value::as_array);
        let name = plate
            .get("name")
            .and_then(toml::Value::as_str)
            .ok_or("a plate has no name")?;
        Ok(Plate {
            name: name.to_owned(),
            band: [
                number(band.and_then(|band| band.first()), -0.4),
                number(band.and_then(|band| band.get(1)), 1.8),
            ],
            blur: number(plate.get("blur"), 0.0),
            live: plate
                .get("live")
                .and_then(toml::Value::as_bool)
                .unwrap_or(false),
        })
    });
    plates.collect()
}

fn color(light: &toml::Table, name: &str) -> Result<[f32; 3], Failure> {
    let text = light
        .get(name)
        .and_then(toml::Value::as_str)
        .ok_or_else(|| format!("the light has no {name}"))?;
    let value = u32::from_str_radix(text.trim_start_matches('#'), 16)?;
    Ok([16, 8, 0].map(|shift| ((value >> shift) & 255) as f32 / 255.0))
}

struct View {
    center: [f32; 2],
    half: [f32; 2],
    px: f32,
}

fn place(
    wanted: &Request,
    manifest: &toml::Table,
    view: &View,
    live: bool,
) -> Result<[f32; 36], Failure> {
    let hour = HOURS.get(wanted.hour).copied().unwrap_or("day");
    let light = manifest
        .get("light")
        .and_then(|light| light.get(hour))
        .and_then(toml::Value::as_table)
        .ok_or_else(|| format!("the manifest has no [light.{hour}]"))?;
    let position = light.get("position").and_then(toml::Value::as_array);
    let mut place = [0.0; 36];
    let mut at = 0;
    let mut put = |values: &[f32]| {
        for value in values {
            if let Some(slot) = place.get_mut(at) {
                *slot = *value;
            }
            at += 1;
        }
    };
    put(&view.center);
    put(&view.half);
    put(&[
        number(position.and_then(|p| p.first()), 0.0),
        number(position.and_then(|p| p.get(1)), 1.0),
    ]);
    put(&[view.px, if live { wanted.time_s } else { 0.0 }]);
    let mut hours = [0.0; 4];
    if let Some(weight) = hours.get_mut(wanted.hour) {
        *weight = 1.0;
    }
    put(&hours);
    put(&wanted.weather);
    put(&color(light, "key")?);
    put(&[number(light.get("rim"), 0.5)]);
    put(&color(light, "shade")?);
    put(&[number(light.get("ambient"), 1.0)]);
    put(&color(light, "fog")?);
    put(&[0.0]);
    put(&wanted.mood);
    put(&[wanted.seed, 0.0, 0.0, 0.0]);
    Ok(place)
}

struct Studio {
    device: wgpu::Device,
    queue: wgpu::Queue,
    sampler: wgpu::Sampler,
}

struct Picture {
    size: [u32; 2],
    rgba: Vec<u8>,
}

impl Studio {
    fn open() -> Result<Self, Failure> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::VULKAN;
        let instance = wgpu::Instance::new(descriptor);
        let adapter =
            pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))?;
        let (device, queue) =
            pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
                required_limits: adapter.limits(),
                ..Default::default()
            }))?;
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        Ok(Self {
            device,
            queue,
            sampler,
        })
    }

    fn pipeline(&self, code: &str, entry: &str) -> Result<wgpu::RenderPipeline, Failure> {
        let scope = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let module = self
            .device
            .create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(entry),
                source: wgpu::ShaderSource::Wgsl(code.into()),
            });
        let pipeline = self
            .device
            .create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(entry),
                layout: None,
                vertex: wgpu::VertexState {
                    module: &module,
                    entry_point: Some("corner"),
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                    buffers: &[],
                },
                primitive: wgpu::PrimitiveState::default(),
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module: &module,
                    entry_point: Some(entry),
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                    targets: &[Some(wgpu::ColorTargetState {
                        format: wgpu::TextureFormat::Rgba16Float,
                        blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                        write_mask: wgpu::ColorWrites::ALL,
                    })],
                }),
                multiview_mask: None,
                cache: None,
            });
        match pollster::block_on(scope.pop()) {
            Some(error) => Err(error.to_string().into()),
            None => Ok(pipeline),
        }
    }

    fn texture(&self, size: [u32; 2]) -> wgpu::Texture {
        self.device.create_texture(&wgpu::TextureDescriptor {
            label: None,
            size: wgpu::Extent3d {
                width: size[0],
                height: size[1],
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba16Float,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        })
    }

    fn uniform(&self, values: &[f32]) -> wgpu::Buffer {
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: PLACE_BYTES,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue
            .write_buffer(&buffer, 0, bytemuck::cast_slice(values));
        buffer
    }

    fn draw(
        &self,
        pipeline: &wgpu::RenderPipeline,
        entries: &[wgpu::BindGroupEntry<'_>],
        target: &wgpu::TextureView,
        clear: bool,
        rows: Option<[u32; 3]>,
    ) -> Result<(), Failure> {
        let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries,
        });
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: None,
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: target,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: if clear {
                            wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT)
                        } else {
                            wgpu::LoadOp::Load
                        },
                        store: wgpu::StoreOp::Store,
                    },
                })],
                depth_stencil_attachment: None,
                timestamp_writes: None,
                occlusion_query_set: None,
                multiview_mask: None,
            });
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &bind_group, &[]);
            if let Some([width, top, height]) = rows {
                pass.set_scissor_rect(0, top, width, height);
            }
            pass.draw(0..3, 0..1);
        }
        self.queue.submit([encoder.finish()]);
        self.device.poll(wgpu::PollType::wait_indefinitely())?;
        Ok(())
    }

    fn read(&self, texture: &wgpu::Texture, size: [u32; 2]) -> Result<Picture, Failure> {
        let stride = (size[0] * 8).div_ceil(256) * 256;
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: u64::from(stride * size[1]),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(stride),
                    rows_per_image: None,
                },
            },
            wgpu::Extent3d {
                width: size[0],
                height: size[1],
                depth_or_array_layers: 1,
            },
        );
        self.queue.submit([encoder.finish()]);
        buffer.map_async(wgpu::MapMode::Read, .., |_| {});
        self.device.poll(wgpu::PollType::wait_indefinitely())?;
        let bytes = buffer.get_mapped_range(..);
        let mut rgba = Vec::with_capacity((size[0] * size[1] * 4) as usize);
        for (y, row) in bytes.chunks_exact(stride as usize).enumerate() {
            for (x, texel) in row.chunks_exact(8).take(size[0] as usize).enumerate() {
                // Interleaved gradient noise, so that soft gradients do not band.
                let wave = 0.067_110_56 * x as f32 + 0.005_837_15 * y as f32;
                let dither = (52.982_918 * wave.fract()).fract();
                for channel in texel.chunks_exact(2).take(3) {
                    let value = half(u16::from_le_bytes([channel[0], channel[1]]));
                    rgba.push((value * 255.0 + dither).clamp(0.0, 255.0) as u8);
                }
                rgba.push(255);
            }
        }
        Ok(Picture { size, rgba })
    }
}

fn half(bits: u16) -> f32 {
    let exponent = i32::from((bits >> 10) & 31);
    let fraction = f32::from(bits & 1023) / 1024.0;
    let size = if exponent == 0 {
        fraction * 2f32.powi(-14)
    } else {
        (1.0 + fraction) * 2f32.powi(exponent - 15)
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

fn shot(
    studio: &Studio,
    root: &Path,
    wanted: &Request,
    report: &mut String,
) -> Result<Picture, Failure> {
    let shared = root.join("shaders/shared");
    let mut code = fs::read_to_string(shared.join("place.wgsl"))?;
    code.push_str(&fs::read_to_string(shared.join("shapes.wgsl"))?);
    code.push_str(&fs::read_to_string(
        root.join("shaders/sets")
            .join(format!("{}.wgsl", wanted.set)),
    )?);
    code.push_str(VERTEX);
    let manifest: toml::Table = fs::read_to_string(
        root.join("assets/sets")
            .join(format!("{}.toml", wanted.set)),
    )?
    .parse()?;
    let plates = plates(&manifest)?;
    for plate in &plates {
        writeln!(
            code,
            "@fragment fn draw_{0}(corner: Corner) -> @location(0) vec4f {{ return plate_{0}(place.center + place.half_size * corner.ndc); }}",
            plate.name
        )?;
    }
    let size = wanted.size;
    let half_y = 0.5 / wanted.zoom;
    let view = View {
        center: wanted.center,
        half: [half_y * size[0] as f32 / size[1] as f32, half_y],
        px: 2.0 * half_y / size[1] as f32,
    };
    let picture = studio.texture(size);
    let picture_view = picture.create_view(&wgpu::TextureViewDescriptor::default());
    let layer = studio.texture(size);
    let layer_view = layer.create_view(&wgpu::TextureViewDescriptor::default());
    let stack = studio.pipeline(&format!("{VERTEX}{STACK}"), "stack")?;
    let mut clear = true;
    let mut total_ms = 0.0;
    for plate in &plates {
        if wanted.only.as_ref().is_some_and(|only| *only != plate.name) {
            continue;
        }
        let compiling = Instant::now();
        let pipeline = studio.pipeline(&code, &format!("draw_{}", plate.name))?;
        let uniform = studio.uniform(&place(wanted, &manifest, &view, plate.live)?);
        let row = |y: f32| {
            let from_top = (view.center[1] + view.half[1] - y) / view.px;
            from_top.clamp(0.0, size[1] as f32) as u32
        };
        let (top, bottom) = (row(plate.band[1]), row(plate.band[0]));
        if bottom <= top {
            continue;
        }
        let entries = [wgpu::BindGroupEntry {
            binding: 0,
            resource: uniform.as_entire_binding(),
        }];
        let rows = Some([size[0], top, bottom - top]);
        studio.draw(&pipeline, &entries, &layer_view, true, rows)?;
        let compile_ms = compiling.elapsed().as_secs_f64() * 1e3;
        let drawing = Instant::now();
        studio.draw(&pipeline, &entries, &layer_view, true, rows)?;
        let draw_ms = drawing.elapsed().as_secs_f64() * 1e3;
        total_ms += draw_ms;
        writeln!(
            report,
            "{:>10} {draw_ms:7.1} ms (first {compile_ms:.0} ms)",
            plate.name
        )?;
        let blur = studio.uniform(&[
            plate.blur * 0.5 / view.half[0],
            plate.blur * 0.5 / view.half[1],
            0.0,
            0.0,
        ]);
        let entries = [
            wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::TextureView(&layer_view),
            },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: wgpu::BindingResource::Sampler(&studio.sampler),
            },
            wgpu::BindGroupEntry {
                binding: 2,
                resource: blur.as_entire_binding(),
            },
        ];
        studio.draw(&stack, &entries, &picture_view, clear, None)?;
        clear = false;
    }
    writeln!(report, "{:>10} {total_ms:7.1} ms", "total")?;
    studio.read(&picture, size)
}

fn sheet(
    studio: &Studio,
    root: &Path,
    wanted: &mut Request,
    report: &mut String,
) -> Result<Picture, Failure> {
    wanted.size = [480, 270];
    let mut rgba = Vec::new();
    for weather_name in WEATHERS {
        wanted.weather = weather(weather_name)?;
        let mut row = Vec::new();
        for hour in 0..HOURS.len() {
            wanted.hour = hour;
            report.clear();
            row.push(shot(studio, root, wanted, report)?);
        }
        for y in 0..270 {
            for cell in &row {
                rgba.extend(cell.rgba.iter().skip(y * 480 * 4).take(480 * 4));
            }
        }
    }
    Ok(Picture {
        size: [480 * 4, 270 * 4],
        rgba,
    })
}

fn main() -> Result<(), Failure> {
    let root = std::env::current_dir()?;
    let mut wanted = request()?;
    let studio = Studio::open()?;
    let mut report = String::new();
    let picture = if wanted.sheet {
        sheet(&studio, &root, &mut wanted, &mut report)?
    } else {
        shot(&studio, &root, &wanted, &mut report)?
    };
    print!("{report}");
    let file = std::io::BufWriter::new(fs::File::create(&wanted.out)?);
    let mut encoder = png::Encoder::new(file, picture.size[0], picture.size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(&picture.rgba)?;
    Ok(())
}
