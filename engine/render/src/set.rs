//! Sets: their manifests, and the plates of a shot, drawn once and kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use fabula_story::{Backdrop, BoardScene, Color, DayTime, Setting, Weather};
use glam::{Vec2, Vec4, vec4};
use serde::Deserialize;

use crate::RenderError;
use crate::art::{Art, Source};
use crate::backdrop::{BackdropPicture, BackdropTexture, covered_by_picture};
use crate::camera::Rect;
use crate::gpu::Gpu;
use crate::pipeline::{OVER, Program};

/// The format that everything is drawn in: sRGB-encoded values, blended as they are.
pub(crate) const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8Unorm;

/// A set as its manifest under `assets/sets` describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetManifest {
    /// Where the feet of actors stand, in frame heights over the lower edge of a wide shot.
    pub ground_y: f32,
    /// It has a roof: no weather falls on the actors.
    #[serde(default)]
    pub indoors: bool,
    #[serde(rename = "plate")]
    pub plates: Vec<PlateManifest>,
    #[serde(rename = "light")]
    lights: BTreeMap<String, Light>,
    #[serde(default, rename = "effect")]
    pub effects: Vec<EffectManifest>,
}

/// One plane of a set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlateManifest {
    pub name: String,
    /// 0 moves as the sky, 1 as the actors; more lies before them.
    pub depth: f32,
    /// The band it covers, in frame heights.
    pub y: [f32; 2],
    /// Left and right edge of what it covers, in frame heights; everything when left out.
    #[serde(default = "everywhere")]
    pub x: [f32; 2],
    /// The weathers it is drawn in; all when left out.
    #[serde(default)]
    when: Vec<Weather>,
    /// Drawn anew in every frame.
    #[serde(default)]
    pub live: bool,
    /// Frame heights a second that it moves to the right.
    #[serde(default)]
    pub drift: f32,
    /// Softness in frame heights.
    #[serde(default)]
    pub blur: f32,
}

fn everywhere() -> [f32; 2] {
    [-100.0, 100.0]
}

impl PlateManifest {
    pub fn is_drawn_in(&self, weather: Weather) -> bool {
        self.when.is_empty() || self.when.contains(&weather)
    }
}

/// Small things that move on a set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EffectManifest {
    pub kind: EffectKind,
    pub count: u32,
    /// Left, lower, right and upper edge in frame heights.
    pub area: [f32; 4],
    /// As of a plate: glints lie as far away as the water they lie on.
    #[serde(default = "stage_depth")]
    pub depth: f32,
    /// The times of day it is seen at; all when left out.
    #[serde(default)]
    times: Vec<DayTime>,
    /// The colour, where the kind leaves a choice.
    #[serde(default = "warm_white", deserialize_with = "color")]
    pub color: Color,
}

fn stage_depth() -> f32 {
    1.0
}

fn warm_white() -> Color {
    Color::rgb(255, 226, 150)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EffectKind {
    Dust,
    Fireflies,
    Embers,
    Leaves,
    Stars,
    Snow,
    Rain,
    Glints,
    Steam,
    Shimmer,
}

impl EffectManifest {
    pub fn is_seen_at(&self, time: DayTime) -> bool {
        self.times.is_empty() || self.times.contains(&time)
    }

    pub fn weather(kind: EffectKind, count: u32) -> Self {
        let area = [-1.3, -0.1, 1.3, 1.1];
        let depth = stage_depth();
        let color = Color::rgb(232, 240, 255);
        Self {
            kind,
            count,
            area,
            depth,
            times: Vec::new(),
            color,
        }
    }
}

/// The one light that everything on a set obeys.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Light {
    /// Where it stands on the set, in frame heights.
    pub position: [f32; 2],
    /// Colour of lit sides.
    #[serde(deserialize_with = "color")]
    pub key: Color,
    /// Colour that shadows lean to.
    #[serde(deserialize_with = "color")]
    pub shade: Color,
    /// Strength of the lit edge of actors.
    pub rim: f32,
    /// Overall light on the actors.
    pub ambient: f32,
    /// Colour of distance.
    #[serde(deserialize_with = "color")]
    pub fog: Color,
}

fn color<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Color, D::Error> {
    Color::deserialize(deserializer)
}

impl SetManifest {
    pub fn read(art: &Art, name: &str) -> Result<Self, RenderError> {
        let path = format!("assets/sets/{name}.toml");
        let text = art
            .file(&path)
            .ok_or_else(|| RenderError::art(&path, "missing"))?;
        let set: Self = toml::from_str(text).map_err(|error| RenderError::art(&path, error))?;
        if !set.lights.contains_key("day") {
            return Err(RenderError::art(&path, "needs a table [light.day]"));
        }
        Ok(set)
    }

    /// The depth of the plate that shows a picture: the farthest.
    pub fn picture_depth(&self) -> f32 {
        self.plates.first().map_or(0.0, |plate| plate.depth)
    }

    /// The light at a time of day, in a weather.
    pub fn light(&self, time: DayTime, weather: Weather) -> Light {
        let name = match time {
            DayTime::Dawn => "dawn",
            DayTime::Day | DayTime::Unknown => "day",
            DayTime::Dusk => "dusk",
            DayTime::Night => "night",
        };
        let mut light = self
            .lights
            .get(name)
            .unwrap_or(&self.lights["day"])
            .to_owned();
        // Clouds take the edge off the light.
        let veil = match weather {
            Weather::Clear | Weather::Wind => 0.0,
            Weather::Fog | Weather::Snow => 0.35,
            Weather::Rain => 0.5,
            Weather::Storm => 0.65,
        };
        light.rim *= 1.0 - 0.6 * veil;
        light.ambient *= 1.0 - 0.18 * veil;
        light
    }
}

/// The set of pictures that are handed over.
pub(crate) const TEXTURED: &str = "backdrop/textured";

/// The name of the set for a scene: the place's own, that of its rooms where the scene plays inside,
/// or the nearest one that exists.
pub(crate) fn set_name(art: &Art, scene: &BoardScene) -> Result<String, RenderError> {
    #[derive(Deserialize)]
    struct Other {
        nearest: BTreeMap<String, String>,
        inside: BTreeMap<String, String>,
    }
    const PATH: &str = "assets/sets/nearest/places.toml";
    match scene.backdrop {
        Backdrop::SceneBased => {}
        Backdrop::Gradient | Backdrop::SolidColor { .. } => return Ok("gradient".to_owned()),
        Backdrop::Textured { .. } | Backdrop::Live { .. } => return Ok(TEXTURED.to_owned()),
    }
    // What lies in folders is not a place.
    let exists =
        |name: &str| !name.contains('/') && art.file(&format!("assets/sets/{name}.toml")).is_some();
    let Setting { place, indoor, .. } = &scene.setting;
    let text = art
        .file(PATH)
        .ok_or_else(|| RenderError::art(PATH, "missing"))?;
    let other: Other = toml::from_str(text).map_err(|error| RenderError::art(PATH, error))?;
    if let Some(room) = other.inside.get(place).filter(|_| *indoor) {
        return Ok(room.clone());
    }
    if exists(place) {
        return Ok(place.clone());
    }
    let fallback = if *indoor { "indoor" } else { "gradient" };
    let name = other.nearest.get(place).map_or(fallback, String::as_str);
    // The place is a word of the story, and those stay out of logs.
    tracing::info!(set = name, "a place has no set, and the nearest is drawn");
    Ok(name.to_owned())
}

/// The time of day that a scene is drawn at.
pub(crate) fn drawn_time(setting: &Setting) -> DayTime {
    match setting.time {
        DayTime::Unknown if setting.place == "night" => DayTime::Night,
        DayTime::Unknown => DayTime::Day,
        time => time,
    }
}

/// The uniform of `shaders/shared/place.wgsl`.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct PlaceUniform {
    center: Vec2,
    half_size: Vec2,
    light_position: Vec2,
    px: f32,
    time_s: f32,
    hours: Vec4,
    weather: Vec4,
    key: Vec4,
    shade: Vec4,
    fog: Vec4,
    mood: Vec4,
    seed: Vec4,
}

pub(crate) fn rgb(color: Color, w: f32) -> Vec4 {
    let [r, g, b] = color.to_f32();
    vec4(r, g, b, w)
}

impl PlaceUniform {
    /// A place without a view; see [`looking_at`](Self::looking_at).
    pub fn new(scene: &BoardScene, light: &Light, mood: Vec4) -> Self {
        let hours = match drawn_time(&scene.setting) {
            DayTime::Dawn => Vec4::X,
            DayTime::Day | DayTime::Unknown => Vec4::Y,
            DayTime::Dusk => Vec4::Z,
            DayTime::Night => Vec4::W,
        };
        let weather = match scene.setting.weather {
            Weather::Clear => Vec4::ZERO,
            Weather::Rain => Vec4::X,
            Weather::Snow => Vec4::Y,
            Weather::Fog => Vec4::Z,
            Weather::Wind => Vec4::W,
            Weather::Storm => vec4(1.0, 0.0, 0.0, 1.0),
        };
        let mood = match scene.backdrop {
            Backdrop::SolidColor { color } => rgb(color, 1.0),
            Backdrop::SceneBased
            | Backdrop::Gradient
            | Backdrop::Textured { .. }
            | Backdrop::Live { .. } => mood,
        };
        Self {
            center: Vec2::ZERO,
            half_size: Vec2::ONE,
            light_position: Vec2::from(light.position),
            px: 1.0,
            time_s: 0.0,
            hours,
            weather,
            key: rgb(light.key, light.rim),
            shade: rgb(light.shade, light.ambient),
            fog: rgb(light.fog, 0.0),
            mood,
            seed: vec4((scene.seed % 65_536) as f32 / 65_536.0, 0.0, 0.0, 0.0),
        }
    }

    pub fn looking_at(self, view: Rect, px: f32, time_s: f32) -> Self {
        Self {
            center: view.center(),
            half_size: view.size() / 2.0,
            px,
            time_s,
            ..self
        }
    }
}

/// The plates of one set, compiled.
#[derive(Debug)]
pub(crate) struct CompiledSet {
    pub manifest: Rc<SetManifest>,
    /// In the manifest's order.
    pub plates: Vec<CompiledPlate>,
    /// What it shows that is not drawn.
    pub backdrop: Option<Rc<BackdropTexture>>,
    /// That is another picture in every frame.
    pub films_camera: bool,
}

/// One plate of a set, which may outlive it.
#[derive(Clone, Debug)]
pub(crate) struct CompiledPlate {
    pipeline: wgpu::RenderPipeline,
    /// What it shows that is not drawn.
    backdrop: Option<wgpu::BindGroup>,
}

/// Layouts that all sets share.
#[derive(Clone, Debug)]
pub(crate) struct SetLayouts {
    pub place: wgpu::BindGroupLayout,
    pub frame: wgpu::BindGroupLayout,
    /// A picture that is handed over, and how it lies.
    pub backdrop: wgpu::BindGroupLayout,
}

impl SetLayouts {
    pub fn new(gpu: &Gpu, frame: &wgpu::BindGroupLayout) -> Self {
        Self {
            place: uniform_layout(gpu, "place"),
            frame: frame.clone(),
            backdrop: picture_layout(gpu, "backdrop"),
        }
    }
}

/// A bind group layout with a uniform buffer, a texture and a sampler.
pub(crate) fn picture_layout(gpu: &Gpu, label: &str) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
        ty,
        count: None,
    };
    gpu.device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(label),
            entries: &[
                entry(
                    0,
                    wgpu::BindingType::Buffer {
                        ty: wgpu::BufferBindingType::Uniform,
                        has_dynamic_offset: false,
                        min_binding_size: None,
                    },
                ),
                entry(
                    1,
                    wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: true },
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                ),
                entry(
                    2,
                    wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
                ),
            ],
        })
}

/// A bind group layout with a single uniform buffer.
pub(crate) fn uniform_layout(gpu: &Gpu, label: &str) -> wgpu::BindGroupLayout {
    buffer_layout(gpu, label, wgpu::BufferBindingType::Uniform)
}

/// A bind group layout with a single buffer.
pub(crate) fn buffer_layout(
    gpu: &Gpu,
    label: &str,
    ty: wgpu::BufferBindingType,
) -> wgpu::BindGroupLayout {
    gpu.device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(label),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT | wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            }],
        })
}

/// The WGSL of a set, with an entry point for each of its plates.
pub(crate) fn set_source(
    art: &Art,
    name: &str,
    manifest: &SetManifest,
) -> Result<Source, RenderError> {
    let mut source = Source::default();
    for file in [
        "shared/place",
        "shared/shapes",
        "shared/frame",
        "shared/grade",
    ] {
        source.add(art, file)?;
    }
    // The place comes first here, the frame second.
    source.text = source.text.replace(
        "@group(0) @binding(0) var<uniform> frame",
        "@group(1) @binding(0) var<uniform> frame",
    );
    source.add(art, &format!("sets/{name}"))?;
    source.add(art, "shared/plate_entry")?;
    for plate in &manifest.plates {
        let (name, finish) = (
            &plate.name,
            if plate.live {
                "finish_live"
            } else {
                "finish_kept"
            },
        );
        let _ = write!(
            source.text,
            "@fragment fn fs_{name}(in: PlateVarying) -> @location(0) vec4f {{\n    \
                 place = place_of(in);\n    \
                 return {finish}(plate_{name}(in.p), in);\n}}\n"
        );
    }
    Ok(source)
}

impl CompiledSet {
    /// Compiles the set of this name; [`TEXTURED`] needs a picture and the aspect of the film.
    /// Where it is a camera's, its plates are drawn anew in every frame.
    pub fn new(
        gpu: &Gpu,
        layouts: &SetLayouts,
        name: &str,
        picture: Option<(&Arc<BackdropPicture>, f32)>,
        films_camera: bool,
    ) -> Result<Self, RenderError> {
        let mut manifest = SetManifest::read(gpu.art(), name)?;
        for plate in &mut manifest.plates {
            plate.live |= films_camera;
        }
        let backdrop = picture.map(|(picture, aspect)| {
            let area = covered_by_picture(manifest.picture_depth(), aspect);
            Rc::new(BackdropTexture::new(gpu, layouts, picture, area))
        });
        let mut set = DrawnSet::compile(gpu, layouts, name, manifest, backdrop.is_some())?;
        for plate in &mut set.plates {
            plate.backdrop = backdrop.as_ref().map(|backdrop| backdrop.group.clone());
        }
        Ok(Self {
            backdrop,
            films_camera,
            ..set.into()
        })
    }
}

/// A compiled set that shows nothing but what is drawn; any thread may compile it.
pub(crate) struct DrawnSet {
    manifest: SetManifest,
    plates: Vec<CompiledPlate>,
}

impl DrawnSet {
    /// The set of this name.
    pub fn new(gpu: &Gpu, layouts: &SetLayouts, name: &str) -> Result<Self, RenderError> {
        let manifest = SetManifest::read(gpu.art(), name)?;
        Self::compile(gpu, layouts, name, manifest, false)
    }

    fn compile(
        gpu: &Gpu,
        layouts: &SetLayouts,
        name: &str,
        manifest: SetManifest,
        has_backdrop: bool,
    ) -> Result<Self, RenderError> {
        let source = set_source(gpu.art(), name, &manifest)?;
        let groups = [&layouts.place, &layouts.frame, &layouts.backdrop];
        let groups = &groups[..if has_backdrop { 3 } else { 2 }];
        let program = Program::new(gpu, name, &source.text, groups);
        let strip = wgpu::PrimitiveTopology::TriangleStrip;
        let compiled = |plate: &PlateManifest| {
            let fragment = format!("fs_{}", plate.name);
            CompiledPlate {
                pipeline: program.pipeline("vs_plate", &[], strip, &fragment, OVER),
                backdrop: None,
            }
        };
        Ok(Self {
            plates: manifest.plates.iter().map(compiled).collect(),
            manifest,
        })
    }
}

impl From<DrawnSet> for CompiledSet {
    fn from(DrawnSet { manifest, plates }: DrawnSet) -> Self {
        Self {
            manifest: Rc::new(manifest),
            plates,
            backdrop: None,
            films_camera: false,
        }
    }
}

impl CompiledPlate {
    pub fn draw(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        place: &wgpu::BindGroup,
        frame: &wgpu::BindGroup,
    ) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, place, &[]);
        pass.set_bind_group(1, frame, &[]);
        if let Some(backdrop) = &self.backdrop {
            pass.set_bind_group(2, backdrop, &[]);
        }
        pass.draw(0..4, 0..1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    fn set_names() -> Vec<&'static str> {
        embedded::files_in("assets/sets/")
            .filter_map(|(path, _)| path.strip_prefix("assets/sets/")?.strip_suffix(".toml"))
            .filter(|name| !name.contains('/'))
            .collect()
    }

    #[test]
    fn every_place_that_scenes_need_has_a_set_that_reaches_beyond_every_picture() {
        let names = set_names();
        for place in ["forest", "sky", "night", "indoor", "water", "gradient"] {
            assert!(names.contains(&place), "{place} is missing");
        }
        for name in names.into_iter().chain([TEXTURED]) {
            let manifest = SetManifest::read(&Art::default(), name).unwrap();
            assert!((0.05..0.4).contains(&manifest.ground_y), "{name}");
            // Pictures of 9:16 show a frame height more, above and below.
            let reach = |edge: usize| manifest.plates.iter().map(move |plate| plate.y[edge]);
            assert!(reach(0).fold(0.0, f32::min) <= -1.5, "{name}");
            assert!(reach(1).fold(0.0, f32::max) >= 3.0, "{name}");
            assert!(
                manifest.plates.is_sorted_by_key(|plate| plate.depth > 1.0),
                "{name}"
            );
        }
    }

    fn scene(place: &str, indoor: bool) -> BoardScene {
        BoardScene {
            id: "s".to_owned(),
            setting: Setting {
                place: place.to_owned(),
                time: DayTime::Unknown,
                weather: Weather::Clear,
                indoor,
            },
            backdrop: Backdrop::SceneBased,
            seed: 0,
            transition: fabula_story::Transition {
                kind: fabula_story::TransitionKind::Cut,
                duration_s: 0.0,
            },
            shots: Vec::new(),
        }
    }

    #[test]
    fn inside_a_castle_or_a_ship_is_a_room_and_a_forest_has_no_inside() {
        for (place, indoor, set) in [
            ("castle", true, "hall"),
            ("castle", false, "castle"),
            ("ship", true, "cabin"),
            ("school", true, "school"),
            ("cave", true, "cave"),
            ("forest", true, "forest"),
            ("an unknown hall", true, "indoor"),
        ] {
            assert_eq!(
                set_name(&Art::default(), &scene(place, indoor)).unwrap(),
                set,
                "{place}"
            );
        }
    }

    #[test]
    fn what_lies_beside_the_sets_is_no_place() {
        for place in [TEXTURED, "nearest/places", "../sets/forest"] {
            assert_eq!(
                set_name(&Art::default(), &scene(place, false)).unwrap(),
                "gradient"
            );
        }
    }

    #[test]
    fn every_known_place_has_a_set() {
        for place in fabula_story::PLACES {
            let name = set_name(&Art::default(), &scene(place, false)).unwrap();
            assert_ne!(name, "gradient", "{place}");
            assert!(
                set_names().contains(&name.as_str()),
                "{place} leads to {name}"
            );
        }
    }
}
