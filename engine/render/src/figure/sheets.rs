//! Sheets of a cast that people look at after changing art, light or acting.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fabula_story::{
    Act, Actor, Age, Build, CameraMove, Color, Cue, CueKind, Emotion, Facing, Framing, Gait, Look,
    Mood, MouthCue, MouthShape, Pose, Role, Shot, Speech, Story,
};
use glam::{Vec2, vec2};

use super::character_sheet::sounds;
use super::crowd::played;
use super::portrait::{Studio, View, posed_s};
use crate::camera::Camera;
use crate::gpu::{Gpu, GpuChoice};
use crate::layer::{Target, pass};
use crate::lettering::Lettering;
use crate::picture::FrameSize;
use crate::set::{FORMAT, Light};
use crate::sheet::SheetLabel;
use crate::yuv_frame::read_rgba;

fn role(id: &str, being: &str, age: Age, colors: [&str; 5], worn: [&str; 3]) -> Role {
    let color = |hex: &str| hex.parse::<Color>().unwrap();
    let [skin, hair, eyes, outfit, accent] = colors.map(color);
    let [hair_style, outfit_name, accessory] = worn;
    Role {
        id: id.to_owned(),
        name: id.to_owned(),
        color: accent,
        look: Look {
            being: being.to_owned(),
            age,
            skin,
            hair,
            eyes,
            hair_style: hair_style.to_owned(),
            outfit: outfit_name.to_owned(),
            outfit_color: outfit,
            accent_color: accent,
            accessories: vec![accessory.to_owned()],
            build: Build::Ordinary,
            height: 1.0,
        },
        members: Vec::new(),
    }
}

fn cast() -> Vec<Role> {
    vec![
        role(
            "girl",
            "human",
            Age::Child,
            ["#f0b8a0", "#6b3a1e", "#3f6b2e", "#b83248", "#f0d080"],
            ["long", "dress", "hood"],
        ),
        role(
            "boy",
            "human",
            Age::Child,
            ["#c68642", "#1c1410", "#8b4513", "#e0a52a", "#5a4632"],
            ["short", "coat", "cap"],
        ),
        role(
            "woman",
            "human",
            Age::Adult,
            ["#ffdcb1", "#b05a2a", "#3f6fa0", "#3f8f86", "#f2b84b"],
            ["long", "dress", "scarf"],
        ),
        role(
            "man",
            "human",
            Age::Adult,
            ["#a1665e", "#201512", "#4a3020", "#4a5a8a", "#c0a060"],
            ["short", "tunic", "beard"],
        ),
        role(
            "granny",
            "human",
            Age::Elder,
            ["#f0b8a0", "#d8d8d8", "#6a7a8a", "#4a6a9a", "#c89050"],
            ["bun", "dress", "glasses"],
        ),
        role(
            "bear",
            "bear",
            Age::Adult,
            ["#7a5236", "#d8b48a", "#3a2414", "#4a6a3a", "#d0a050"],
            ["none", "none", "scarf"],
        ),
        role(
            "owl",
            "owl",
            Age::Adult,
            ["#8a6a4a", "#e8d8b8", "#d09020", "#4a6a3a", "#d0a050"],
            ["none", "none", "none"],
        ),
        role(
            "frog",
            "frog",
            Age::Adult,
            ["#5f9a45", "#d8e0a0", "#c09030", "#4a6a3a", "#d0a050"],
            ["none", "none", "crown"],
        ),
        role(
            "rabbit",
            "rabbit",
            Age::Child,
            ["#c8b8a8", "#f8f0e8", "#5a3d1e", "#4a6a3a", "#d0a050"],
            ["none", "none", "none"],
        ),
        role(
            "fox",
            "fox",
            Age::Adult,
            ["#e07b2e", "#fbe8cf", "#5a3d1e", "#4a6a3a", "#d0a050"],
            ["none", "none", "none"],
        ),
        role(
            "robot",
            "robot",
            Age::Adult,
            ["#8a9ab0", "#d8e0e8", "#40c0e0", "#4a6a3a", "#e0a050"],
            ["none", "none", "none"],
        ),
        role(
            "king",
            "human",
            Age::Elder,
            ["#f0b8a0", "#e8e4dc", "#6a7a8a", "#7a2a5a", "#f0c84a"],
            ["wavy", "robe", "crown"],
        ),
    ]
}

fn light(name: &str) -> Light {
    let text = match name {
        "dusk" => {
            "position = [0.5, 0.45]\nkey = \"#ffd9a0\"\nshade = \"#5a4a80\"\nrim = 0.85\nambient = 0.95\nfog = \"#b08090\""
        }
        "lamp" => {
            "position = [0.0, 0.5]\nkey = \"#ffce80\"\nshade = \"#3a4468\"\nrim = 0.9\nambient = 0.85\nfog = \"#203040\""
        }
        _ => {
            "position = [-0.7, 1.3]\nkey = \"#fff4d6\"\nshade = \"#7a86b0\"\nrim = 0.5\nambient = 1.0\nfog = \"#d8e4f0\""
        }
    };
    toml::from_str(text).unwrap()
}

pub(super) fn shot(actors: Vec<Actor>) -> Shot {
    Shot {
        id: "s".to_owned(),
        duration_s: 8.0,
        framing: Framing::Full,
        focus: Vec::new(),
        camera: CameraMove::Hold,
        mood: Mood {
            emotion: Emotion::Neutral,
            intensity: 0.0,
        },
        actors,
        speech: Vec::new(),
        captions: Vec::new(),
    }
}

fn close(actors: Vec<Actor>) -> Shot {
    Shot {
        framing: Framing::Close,
        ..shot(actors)
    }
}

pub(super) fn actor(role: &str, x: f32, cues: Vec<Cue>) -> Actor {
    let facing = if x > 0.01 {
        Facing::Left
    } else {
        Facing::Right
    };
    Actor {
        role: role.to_owned(),
        x,
        facing,
        pose: Pose::Stand,
        cues,
    }
}

/// A picture of cells with words under them, in rows.
struct Sheet {
    name: &'static str,
    cell: [usize; 2],
    columns: usize,
    cells: Vec<(Vec<u8>, String)>,
}

/// Room for the words under a cell.
const LABEL_PX: usize = 20;

impl Sheet {
    const fn new(name: &'static str, cell: [usize; 2], columns: usize) -> Self {
        Self {
            name,
            cell,
            columns,
            cells: Vec::new(),
        }
    }

    fn size(&self) -> FrameSize {
        FrameSize::new(self.cell[0] as u32, self.cell[1] as u32).unwrap()
    }

    fn add(&mut self, cell: Vec<u8>, label: &str) {
        self.cells.push((cell, label.to_owned()));
    }

    /// Size of the whole sheet, and height of a row with its words.
    fn extent(&self) -> ([usize; 2], usize) {
        let labelled = self.cells.iter().any(|(_, label)| !label.is_empty());
        let row = self.cell[1] + if labelled { LABEL_PX } else { 0 };
        let rows = self.cells.len().div_ceil(self.columns);
        ([self.cell[0] * self.columns, row * rows], row)
    }

    /// The words, where they belong.
    fn words(&self, gpu: &Gpu) -> Vec<u8> {
        let ([width, height], row) = self.extent();
        let size_px = [width as u32, height as u32];
        let labels = self.cells.iter().enumerate().map(|(index, (_, label))| {
            let column = index % self.columns;
            SheetLabel {
                text: label.clone(),
                at_px: [
                    (column as f32 + 0.5) * self.cell[0] as f32,
                    ((index / self.columns + 1) * row) as f32 - LABEL_PX as f32 / 2.0,
                ],
                anchor: [0.5, 0.5],
                font_px: 14.0,
                width_px: self.cell[0] as f32 * 4.0,
                color: Color::rgb(246, 240, 228),
                opacity: 1.0,
                ground: None,
            }
        });
        let words = crate::sheet::Sheet {
            shapes: Vec::new(),
            labels: labels.collect(),
        };
        let target = Target::new(gpu, size_px, "words");
        let mut lettering = Lettering::new(gpu, FORMAT).unwrap();
        lettering.resize(gpu, size_px);
        words.prepare(gpu, &mut lettering, size_px).unwrap();
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None });
        let mut over = pass(&mut encoder, &target.view, true, "words");
        lettering.draw(&mut over).unwrap();
        drop(over);
        gpu.queue.submit([encoder.finish()]);
        read_rgba(gpu, &target.texture, size_px).unwrap()
    }

    fn draw(&self, gpu: &Gpu) -> (Vec<u8>, [usize; 2]) {
        const GROUND: [[f32; 3]; 2] = [[74.0, 80.0, 116.0], [128.0, 118.0, 144.0]];
        let ([width, height], row) = self.extent();
        let mut sheet = Vec::with_capacity(width * height * 4);
        for y in 0..height {
            let t = (y % row) as f32 / row as f32;
            let ground = [0, 1, 2].map(|c| (GROUND[0][c] * (1.0 - t) + GROUND[1][c] * t) as u8);
            for _ in 0..width {
                sheet.extend([ground[0], ground[1], ground[2], 255]);
            }
        }
        for (index, (cell, _)) in self.cells.iter().enumerate() {
            let left = index % self.columns * self.cell[0];
            let top = index / self.columns * row;
            for (at, over) in cell.chunks_exact(4).enumerate() {
                let (x, y) = (left + at % self.cell[0], top + at / self.cell[0]);
                let alpha = u32::from(over[3]);
                for (under, over) in sheet[(y * width + x) * 4..][..3].iter_mut().zip(over) {
                    let mixed = u32::from(*over) * alpha + u32::from(*under) * (255 - alpha);
                    *under = (mixed / 255) as u8;
                }
            }
        }
        for (under, over) in sheet
            .chunks_exact_mut(4)
            .zip(self.words(gpu).chunks_exact(4))
        {
            let left = 255 - u32::from(over[3]);
            for (under, over) in under[..3].iter_mut().zip(over) {
                *under = (u32::from(*over) + u32::from(*under) * left / 255).min(255) as u8;
            }
        }
        (sheet, [width, height])
    }

    /// Writes it into the folder `FABULA_SHEETS`.
    fn save(&self, gpu: &Gpu) {
        let folder = PathBuf::from(std::env::var_os("FABULA_SHEETS").unwrap());
        let (sheet, extent) = self.draw(gpu);
        write_png(
            &folder.join(self.name).with_extension("png"),
            &sheet,
            extent,
        );
    }
}

fn write_png(path: &Path, rgba: &[u8], [width, height]: [usize; 2]) {
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(rgba).unwrap();
}

fn feel(emotion: Emotion, intensity: f32) -> Cue {
    Cue {
        at_s: 0.0,
        kind: CueKind::Feel { emotion, intensity },
    }
}

/// Looks at whoever looks at the picture.
const fn audience() -> Cue {
    Cue {
        at_s: 0.0,
        kind: CueKind::Look { role: None },
    }
}

fn open() -> Gpu {
    Gpu::open(&GpuChoice::Auto).unwrap()
}

/// Name, being, gender, age, and what is told of the looks.
type Told<'a> = (&'a str, &'a str, &'a str, &'a str, &'a [(&'a str, &'a str)]);

/// The cast of a story of which nothing is known but who is in it.
fn cast_of(characters: &[Told<'_>]) -> Vec<Role> {
    let characters = characters.iter().enumerate();
    let characters = characters.map(|(index, (name, being, gender, age, traits))| {
        let traits: BTreeMap<_, _> = traits.iter().copied().collect();
        serde_json::json!({
            "id": format!("c{index}"), "name": name, "aliases": [], "being": being,
            "gender": gender, "age": age, "traits": traits, "mentions": [],
        })
    });
    let story = serde_json::json!({
        "format": Story::FORMAT, "title": "", "text": ".", "sentences": [], "entities": [],
        "characters": characters.collect::<Vec<_>>(), "quotes": [], "scenes": [],
    });
    let story: Story = serde_json::from_value(story).unwrap();
    fabula_direct::direct(&story, &fabula_direct::Options::default()).cast
}

/// Forty people as stories tell of them.
fn people() -> Vec<Role> {
    const NO: &[(&str, &str)] = &[];
    cast_of(&[
        (
            "Mina",
            "human",
            "female",
            "child",
            &[("clothes", "red hood")],
        ),
        ("Tom", "human", "male", "child", NO),
        ("Amara", "human", "female", "child", &[("color", "dark")]),
        (
            "Leo",
            "human",
            "male",
            "child",
            &[("hair", "red"), ("clothes", "green coat")],
        ),
        (
            "Yuki",
            "human",
            "female",
            "child",
            &[("hair", "black fringe")],
        ),
        ("Pip", "human", "unknown", "child", NO),
        (
            "Greta",
            "human",
            "female",
            "child",
            &[("hair", "golden pigtails")],
        ),
        ("Kofi", "human", "male", "child", &[("color", "dark")]),
        ("the mother", "human", "female", "adult", NO),
        ("the father", "human", "male", "adult", NO),
        ("the old king", "human", "male", "elder", NO),
        ("the queen", "human", "female", "adult", NO),
        ("the prince", "human", "male", "adult", NO),
        (
            "the princess",
            "human",
            "female",
            "adult",
            &[("hair", "long golden")],
        ),
        ("the wicked witch", "human", "female", "elder", NO),
        ("the wizard", "human", "male", "elder", NO),
        (
            "Grandmother",
            "human",
            "female",
            "elder",
            &[("wears", "glasses")],
        ),
        ("Grandfather", "human", "male", "elder", NO),
        ("the knight", "human", "male", "adult", NO),
        (
            "the farmer",
            "human",
            "male",
            "adult",
            &[("wears", "straw hat")],
        ),
        (
            "the teacher",
            "human",
            "female",
            "adult",
            &[("wears", "glasses")],
        ),
        (
            "the sailor",
            "human",
            "male",
            "adult",
            &[("wears", "beard")],
        ),
        ("the baker", "human", "female", "adult", NO),
        ("the miller", "human", "male", "adult", NO),
        (
            "the fairy",
            "human",
            "female",
            "adult",
            &[("wears", "scarf")],
        ),
        ("the astronaut", "human", "male", "adult", NO),
        ("Lin", "human", "female", "adult", NO),
        (
            "the superhero",
            "human",
            "male",
            "adult",
            &[("hair", "curly")],
        ),
        ("Old Martha", "human", "female", "elder", NO),
        ("Old Jakob", "human", "male", "elder", &[("hair", "bald")]),
        (
            "the captain",
            "human",
            "male",
            "adult",
            &[("clothes", "blue coat"), ("wears", "hat")],
        ),
        (
            "the shepherd",
            "human",
            "unknown",
            "adult",
            &[("clothes", "brown cloak")],
        ),
        (
            "Freya",
            "human",
            "female",
            "adult",
            &[("hair", "red braids")],
        ),
        ("the firefighter", "human", "male", "adult", NO),
        (
            "Nora",
            "human",
            "female",
            "child",
            &[("clothes", "yellow pyjamas"), ("wears", "glasses")],
        ),
        ("Bruno", "human", "male", "child", &[("wears", "cap")]),
        (
            "the giant",
            "human",
            "male",
            "adult",
            &[("size", "huge"), ("wears", "beard")],
        ),
        (
            "the beggar",
            "human",
            "male",
            "elder",
            &[("clothes", "grey cloak")],
        ),
        (
            "the mermaid",
            "human",
            "female",
            "adult",
            &[("color", "dark"), ("hair", "curly")],
        ),
        (
            "the policeman",
            "human",
            "male",
            "adult",
            &[("wears", "moustache")],
        ),
    ])
}

/// One of each being that has a drawing, in the first of its coats.
fn beings() -> Vec<Role> {
    let heads = crate::embedded::files_in("assets/characters/animal/head-");
    let names = heads.filter_map(|(path, _)| {
        let name = path.strip_prefix("assets/characters/animal/head-")?;
        name.strip_suffix(".svg")
    });
    let names: Vec<_> = names.collect();
    let none: &[(&str, &str)] = &[];
    let characters: Vec<_> = names
        .iter()
        .map(|name| (*name, *name, "unknown", "adult", none))
        .collect();
    cast_of(&characters)
}

/// A view in which a figure fills its cell from head to foot.
fn whole_figure(height: f32, size: FrameSize) -> View {
    let zoom = 0.84 / height;
    by_day(vec2(0.0, 0.43 / zoom), zoom, size)
}

fn sheet_of_people(gpu: &Gpu, cell: [usize; 2]) -> Sheet {
    let cast = people();
    let mut studio = Studio::new(gpu, &cast).unwrap();
    let mut sheet = Sheet::new("people", cell, 10);
    for role in &cast {
        let tall = studio.figures.bounds(&role.id).crown.max(0.47);
        let view = whole_figure(1.14 * tall, sheet.size());
        let shot = shot(vec![actor(&role.id, 0.0, vec![audience()])]);
        let cell = studio.draw(&shot, posed_s(&shot), &view).unwrap();
        sheet.add(cell, &role.name);
    }
    sheet
}

fn sheet_of_beings(gpu: &Gpu, cell: [usize; 2]) -> Sheet {
    let cast = beings();
    let mut studio = Studio::new(gpu, &cast).unwrap();
    let mut sheet = Sheet::new("beings", cell, 10);
    for role in &cast {
        let shot = shot(vec![actor(&role.id, 0.0, vec![audience()])]);
        let statures = studio.figures.statures(&shot).into_iter();
        let tall = statures.map(|stature| stature.height).fold(0.1, f32::max);
        // Small ones are shown larger, but not as large as big ones.
        let view = whole_figure(1.06 * tall.powf(0.7) * 0.5_f32.powf(0.3), sheet.size());
        let cell = studio.draw(&shot, posed_s(&shot), &view).unwrap();
        sheet.add(cell, &role.name);
    }
    sheet
}

/// Everything that is worn on top of clothes, each on somebody else.
fn sheet_of_things_worn(gpu: &Gpu, cell: [usize; 2]) -> Sheet {
    let people = people();
    let folder = "assets/characters/human/accessory-";
    let names = crate::embedded::files_in(folder)
        .filter_map(|(path, _)| path.strip_prefix(folder)?.strip_suffix(".svg"))
        .filter(|name| *name != "wrinkles");
    let cast: Vec<Role> = (people.into_iter().filter(|role| role.look.height < 1.2))
        .zip(names)
        .map(|(mut role, name)| {
            role.look.accessories = vec![name.to_owned()];
            name.clone_into(&mut role.name);
            role
        })
        .collect();
    let mut studio = Studio::new(gpu, &cast).unwrap();
    let mut sheet = Sheet::new("worn", cell, 12);
    for role in &cast {
        let tall = studio.figures.bounds(&role.id).crown;
        let view = by_day(vec2(0.0, 0.72 * tall), 0.74 / tall, sheet.size());
        let shot = shot(vec![actor(&role.id, 0.0, vec![audience()])]);
        let cell = studio.draw(&shot, posed_s(&shot), &view).unwrap();
        sheet.add(cell, &role.name.replace('-', " "));
    }
    sheet
}

/// Groups as stories tell of them, in what they do.
fn sheet_of_groups(gpu: &Gpu, cell: [usize; 2]) -> Sheet {
    let told = |number| [("number", number)];
    let (seven, three, several) = (told("7"), told("3"), told("several"));
    let cast = cast_of(&[
        ("the dwarfs", "human", "unknown", "adult", &seven),
        ("the children", "human", "unknown", "child", &several),
        ("the villagers", "human", "unknown", "adult", &several),
        ("the soldiers", "human", "unknown", "adult", &three),
        ("the sheep", "sheep", "unknown", "adult", &several),
        ("the wolves", "wolf", "unknown", "adult", &three),
        ("the mice", "mouse", "unknown", "adult", &seven),
        ("the ducklings", "duck", "unknown", "child", &several),
    ]);
    let mut studio = Studio::new(gpu, &cast).unwrap();
    let mut sheet = Sheet::new("groups", cell, 4);
    let acts = [Some(Act::Laugh), Some(Act::Wave), None, Some(Act::Cheer)];
    for (role, act) in cast.iter().zip(acts.into_iter().cycle()) {
        let done = act.map(|act| CueKind::Act {
            act,
            duration_s: 2.0,
            to: None,
        });
        let mut cues = vec![audience()];
        cues.extend(done.into_iter().flat_map(cue));
        let shot = played(&shot(vec![actor(&role.id, 0.0, cues)]), &cast);
        let statures = studio.figures.statures(&shot).into_iter();
        let tall = statures.map(|stature| stature.height).fold(0.1, f32::max);
        let view = whole_figure(1.3 * tall.powf(0.7) * 0.5_f32.powf(0.3), sheet.size());
        sheet.add(
            studio.draw(&shot, posed_s(&shot).max(1.0), &view).unwrap(),
            &role.name,
        );
    }
    sheet
}

/// A view of head and shoulders; a smaller part of a head fills more of the cell.
fn close_up(studio: &Studio<'_>, role: &str, share: f32, size: FrameSize) -> View {
    let bounds = studio.figures.bounds(role);
    let head = bounds.crown - bounds.chin;
    View {
        camera: Camera {
            center: vec2(0.0, bounds.eyes - 0.12 * head),
            zoom: share / head,
        },
        size,
        light: light("day"),
        ground: false,
    }
}

/// Each feeling, weak, middling and strong.
fn sheet_of_feelings(gpu: &Gpu, cell: [usize; 2], who: &[&str]) -> Sheet {
    let mut studio = Studio::new(gpu, &cast()).unwrap();
    let mut sheet = Sheet::new("feelings", cell, 7);
    for who in who {
        for intensity in [0.35, 0.65, 1.0] {
            for emotion in Emotion::ALL {
                let cues = vec![audience(), feel(emotion, intensity)];
                let shot = close(vec![actor(who, 0.0, cues)]);
                let view = close_up(&studio, who, 0.46, sheet.size());
                let cell = studio.draw(&shot, posed_s(&shot), &view).unwrap();
                let label = format!("{emotion:?} {intensity}").to_lowercase();
                sheet.add(cell, &label);
            }
        }
    }
    sheet
}

fn sheet_of_mouths(gpu: &Gpu, cell: [usize; 2], who: &[&str]) -> Sheet {
    let mut studio = Studio::new(gpu, &cast()).unwrap();
    let mut sheet = Sheet::new("mouths", cell, 9);
    for who in who {
        for shape in MouthShape::ALL {
            let mut shot = close(vec![actor(who, 0.0, vec![audience()])]);
            shot.speech.push(Speech {
                role: Some((*who).to_owned()),
                text: String::new(),
                start_s: 0.0,
                duration_s: 4.0,
                mouth: vec![MouthCue { at_s: 0.0, shape }],
            });
            let view = close_up(&studio, who, 0.72, sheet.size());
            let cell = studio.draw(&shot, posed_s(&shot), &view).unwrap();
            sheet.add(cell, sounds(shape));
        }
    }
    sheet
}

/// People and animals of each build, standing and in what they do.
fn sheet_of_builds(gpu: &Gpu, cell: [usize; 2]) -> Sheet {
    let who = [
        "woman", "man", "granny", "boy", "king", "girl", "bear", "fox", "owl", "frog",
    ];
    let known = cast();
    let all = who.iter().flat_map(|who| {
        let role = known.iter().find(|role| role.id == *who).unwrap();
        Build::ALL.map(|build| in_build(role, build))
    });
    let all: Vec<Role> = all.collect();
    let mut studio = Studio::new(gpu, &all).unwrap();
    let mut sheet = Sheet::new("builds", cell, 2 * Build::ALL.len());
    for role in &all {
        let tall = studio.figures.bounds(&role.id).crown;
        let view = whole_figure(1.2 * tall.powf(0.7) * 0.5_f32.powf(0.3), sheet.size());
        let shot = shot(vec![actor(&role.id, 0.0, vec![audience()])]);
        let cell = studio.draw(&shot, posed_s(&shot), &view).unwrap();
        sheet.add(cell, role.look.build.name());
    }
    let run = cue(CueKind::Walk {
        to_x: 0.5,
        duration_s: 1.3,
        gait: Gait::Run,
    });
    let wave = cue(CueKind::Act {
        act: Act::Wave,
        duration_s: 2.0,
        to: None,
    });
    let done = [
        ("sits", Pose::Sit, Vec::new()),
        ("lies", Pose::Lie, Vec::new()),
        ("runs", Pose::Stand, run),
        ("waves", Pose::Stand, wave),
    ];
    for (who, build) in [
        ("woman", Build::Slim),
        ("woman", Build::Stout),
        ("king", Build::Stout),
        ("man", Build::Broad),
    ] {
        let role = all
            .iter()
            .find(|it| it.id == format!("{who} {}", build.name()));
        let role = role.unwrap();
        for (name, pose, cues) in &done {
            let shot = shot(vec![Actor {
                pose: *pose,
                ..actor(&role.id, 0.0, cues.clone())
            }]);
            let at_s = 0.9;
            let x = way(&shot.actors[0], at_s);
            let zoom = 0.62 / studio.figures.bounds(&role.id).crown;
            let view = by_day(vec2(x, 0.4 / zoom), zoom, sheet.size());
            let label = format!("{} {name}", build.name());
            sheet.add(studio.draw(&shot, at_s, &view).unwrap(), &label);
        }
    }
    sheet
}

/// A role of another build, with an id of its own.
fn in_build(role: &Role, build: Build) -> Role {
    Role {
        id: format!("{} {}", role.id, build.name()),
        look: Look {
            build,
            ..role.look.clone()
        },
        ..role.clone()
    }
}

fn cue(kind: CueKind) -> Vec<Cue> {
    vec![Cue { at_s: 0.3, kind }]
}

/// Opens its eyes and is afraid.
fn lying_awake() -> Vec<Cue> {
    let pose = CueKind::Pose {
        pose: Pose::LieAwake,
    };
    let mut cues = cue(pose);
    cues.push(Cue {
        at_s: 1.2,
        kind: feel(Emotion::Fear, 0.8).kind,
    });
    cues
}

/// What a body does, by whom, from what pose, and the first and last time shown.
struct Action {
    name: String,
    who: &'static str,
    pose: Pose,
    cues: Vec<Cue>,
    shown_s: [f64; 2],
}

/// Everything that bodies do.
fn actions() -> Vec<Action> {
    let action = |name: &str, who, pose, cues, shown_s| Action {
        name: name.to_owned(),
        who,
        pose,
        cues,
        shown_s,
    };
    let go = |gait: Gait, duration_s: f64| {
        cue(CueKind::Walk {
            to_x: 0.5,
            duration_s,
            gait,
        })
    };
    let pose = |pose: Pose| cue(CueKind::Pose { pose });
    let mut actions = vec![
        action(
            "walk",
            "woman",
            Pose::Stand,
            go(Gait::Walk, 2.4),
            [1.0, 1.7],
        ),
        action("run", "boy", Pose::Stand, go(Gait::Run, 1.3), [0.7, 1.2]),
        action(
            "fly there",
            "owl",
            Pose::Stand,
            go(Gait::Fly, 2.4),
            [0.4, 2.6],
        ),
        action(
            "swim there",
            "frog",
            Pose::Stand,
            go(Gait::Swim, 3.0),
            [0.5, 2.6],
        ),
        action("sit", "bear", Pose::Stand, pose(Pose::Sit), [0.3, 1.4]),
        action("lie", "girl", Pose::Stand, pose(Pose::Lie), [0.3, 2.2]),
        action("lie awake", "boy", Pose::Lie, lying_awake(), [0.2, 3.0]),
        action("wake", "fox", Pose::Lie, pose(Pose::Stand), [0.3, 2.1]),
    ];
    for act in Act::ALL {
        let (who, duration_s) = match act {
            Act::Nod | Act::Shrug => ("woman", 1.2),
            Act::ShakeHead | Act::Tremble => ("rabbit", 1.6),
            Act::Wave | Act::Cheer => ("girl", 2.0),
            Act::Point | Act::Fight => ("fox", 1.8),
            Act::Jump => ("frog", 1.0),
            Act::Laugh | Act::Hug => ("bear", 2.2),
            Act::Cry | Act::Fall => ("boy", 2.6),
            Act::Bow => ("king", 2.0),
            Act::Eat | Act::Swim => ("man", 3.0),
            Act::Drink | Act::Give => ("granny", 2.6),
            Act::Fly => ("owl", 3.0),
        };
        let name = format!("{act:?}");
        let name = if act == Act::ShakeHead {
            "shake head".to_owned()
        } else {
            name.to_lowercase()
        };
        let cues = cue(CueKind::Act {
            act,
            duration_s,
            to: None,
        });
        let shown_s = [0.35, 0.3 + 0.96 * duration_s];
        actions.push(action(&name, who, Pose::Stand, cues, shown_s));
    }
    actions
}

/// Figures on the ground by day.
fn by_day(center: Vec2, zoom: f32, size: FrameSize) -> View {
    View {
        camera: Camera { center, zoom },
        size,
        light: light("day"),
        ground: true,
    }
}

/// About where an actor is who makes a way.
fn way(actor: &Actor, at_s: f64) -> f32 {
    let mut ways = actor.cues.iter().filter_map(|cue| match cue.kind {
        CueKind::Walk {
            to_x, duration_s, ..
        } => {
            let t = ((at_s - cue.at_s) / duration_s).clamp(0.0, 1.0) as f32;
            Some(actor.x + (to_x - actor.x) * t)
        }
        _ => None,
    });
    ways.next().unwrap_or(actor.x)
}

/// Each action in eight moments; two actions a row.
fn sheet_of_actions(gpu: &Gpu, cell: [usize; 2]) -> Sheet {
    const MOMENTS: u32 = 8;
    let mut studio = Studio::new(gpu, &cast()).unwrap();
    let mut sheet = Sheet::new("actions", cell, 2 * MOMENTS as usize);
    for action in actions() {
        let shot = shot(vec![Actor {
            pose: action.pose,
            ..actor(action.who, -0.01, action.cues)
        }]);
        let zoom = 0.62 / studio.figures.bounds(action.who).crown;
        for moment in 0..MOMENTS {
            let [from_s, to_s] = action.shown_s;
            let at_s = from_s + (to_s - from_s) * f64::from(moment) / f64::from(MOMENTS - 1);
            let x = way(&shot.actors[0], at_s);
            let view = by_day(vec2(x, 0.37 / zoom), zoom, sheet.size());
            let label = if moment == 0 {
                action.name.as_str()
            } else {
                ""
            };
            sheet.add(studio.draw(&shot, at_s, &view).unwrap(), label);
        }
    }
    sheet
}

/// The sheets of `docs/characters.md`: `make sheets` draws them all.
#[test]
#[ignore = "writes pictures for people to look at into the folder FABULA_SHEETS"]
fn sheets_for_the_documents() {
    let gpu = open();
    sheet_of_people(&gpu, [150, 210]).save(&gpu);
    sheet_of_beings(&gpu, [150, 200]).save(&gpu);
    sheet_of_things_worn(&gpu, [120, 150]).save(&gpu);
    sheet_of_groups(&gpu, [320, 210]).save(&gpu);
    sheet_of_builds(&gpu, [150, 180]).save(&gpu);
    sheet_of_feelings(&gpu, [200, 190], &["woman", "boy", "fox"]).save(&gpu);
    sheet_of_mouths(&gpu, [160, 160], &["girl", "man", "granny", "fox", "owl"]).save(&gpu);
    sheet_of_actions(&gpu, [108, 112]).save(&gpu);
}

/// Two who do something to each other, in eight moments.
#[test]
#[ignore = "writes pictures for people to look at into the folder FABULA_SHEETS"]
fn sheet_of_pairs() {
    let (gpu, cast) = (open(), cast());
    let mut studio = Studio::new(&gpu, &cast).unwrap();
    let mut sheet = Sheet::new("pairs", [200, 200], 8);
    for [one, other] in [
        ["woman", "man"],
        ["granny", "girl"],
        ["boy", "girl"],
        ["fox", "rabbit"],
        ["bear", "frog"],
        ["owl", "fox"],
    ] {
        for (act, share) in [(Act::Hug, 0.2), (Act::Give, 0.29), (Act::Fight, 0.29)] {
            let crowns = [one, other].map(|who| studio.figures.bounds(who).crown);
            let apart = share * (crowns[0] + crowns[1]);
            let done = |to: &str| {
                cue(CueKind::Act {
                    act,
                    duration_s: 2.4,
                    to: Some(to.to_owned()),
                })
            };
            let answer = if act == Act::Give { vec![] } else { done(one) };
            let shot = shot(vec![
                Actor {
                    facing: Facing::Right,
                    ..actor(one, -apart / 2.0, done(other))
                },
                Actor {
                    facing: Facing::Left,
                    ..actor(other, apart / 2.0, answer)
                },
            ]);
            let zoom = 0.72 / crowns[0].max(crowns[1]);
            for moment in 0..8 {
                let view = by_day(vec2(0.0, 0.38 / zoom), zoom, sheet.size());
                let at_s = 0.4 + 0.3 * f64::from(moment);
                sheet.add(studio.draw(&shot, at_s, &view).unwrap(), "");
            }
        }
    }
    sheet.save(&gpu);
}

#[test]
#[ignore = "writes pictures for people to look at into the folder FABULA_SHEETS"]
fn sheet_of_a_cast_in_three_lights() {
    let (gpu, cast) = (open(), cast());
    let mut studio = Studio::new(&gpu, &cast).unwrap();
    let mut sheet = Sheet::new("lights", [1600, 500], 1);
    for name in ["day", "dusk", "lamp"] {
        let actors = cast.iter().enumerate();
        let actors = actors.map(|(i, role)| actor(&role.id, -0.85 + 0.155 * i as f32, vec![]));
        let camera = Camera {
            center: vec2(0.0, 0.25),
            zoom: 1.7,
        };
        let view = View {
            camera,
            size: sheet.size(),
            light: light(name),
            ground: true,
        };
        let cell = studio.draw(&shot(actors.collect()), 0.5, &view).unwrap();
        sheet.add(cell, name);
    }
    sheet.save(&gpu);
}

/// Small sheets of everything that figures are and do, as they were when somebody last looked at
/// them: `FABULA_UPDATE=1` draws them anew. Software drivers round differently, and then edges move
/// by a fraction of a pixel: hence the limits, which are those of `tests/golden.rs`.
#[test]
fn figures_look_as_they_did() {
    const MEAN_LIMIT: f64 = 0.8;
    const STRONG: u8 = 24;
    const STRONG_SHARE_LIMIT: f64 = 0.006;
    let Ok(gpu) = Gpu::open(&GpuChoice::Cpu) else {
        return;
    };
    let sheets = [
        sheet_of_people(&gpu, [44, 64]),
        sheet_of_beings(&gpu, [48, 60]),
        sheet_of_things_worn(&gpu, [40, 50]),
        sheet_of_groups(&gpu, [96, 64]),
        sheet_of_builds(&gpu, [40, 48]),
        sheet_of_feelings(&gpu, [52, 48], &["boy", "fox"]),
        sheet_of_mouths(&gpu, [44, 44], &["girl", "man", "owl"]),
        sheet_of_actions(&gpu, [32, 34]),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for mut sheet in sheets {
        for (_, label) in &mut sheet.cells {
            label.clear();
        }
        let (now, [width, height]) = sheet.draw(&gpu);
        let file = root.join(format!("tests/golden/figures-{}.png", sheet.name));
        if std::env::var_os("FABULA_UPDATE").is_some() {
            write_png(&file, &now, [width, height]);
            continue;
        }
        let decoder =
            png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&file).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut before = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut before).unwrap();
        assert_eq!(before.len(), now.len(), "{}: its size changed", sheet.name);
        let differences: Vec<u8> = now
            .iter()
            .zip(&before)
            .map(|(a, b)| a.abs_diff(*b))
            .collect();
        let count = differences.len() as f64;
        let mean = differences.iter().map(|d| f64::from(*d)).sum::<f64>() / count;
        let strong = differences.iter().filter(|d| **d > STRONG).count() as f64 / count;
        if mean > MEAN_LIMIT || strong > STRONG_SHARE_LIMIT {
            let seen = root.join(format!("../../target/golden/figures-{}.png", sheet.name));
            std::fs::create_dir_all(seen.parent().unwrap()).unwrap();
            write_png(&seen, &now, [width, height]);
            panic!(
                "{}: differs by {mean:.2} on average, strongly in {:.2} % of all values; see {}",
                sheet.name,
                100.0 * strong,
                seen.display()
            );
        }
    }
}

/// The share of the pixels of two figures in which they differ plainly, in shape or colour.
fn difference(one: &[u8], other: &[u8]) -> f32 {
    let (mut covered, mut different) = (0, 0);
    for (a, b) in one.chunks_exact(4).zip(other.chunks_exact(4)) {
        let shown = [a[3] > 127, b[3] > 127];
        if shown == [false, false] {
            continue;
        }
        covered += 1;
        let far = (0..3).map(|c| a[c].abs_diff(b[c])).max().unwrap_or(0) > 40;
        different += u32::from(shown[0] != shown[1] || far);
    }
    different as f32 / covered.max(1) as f32
}

#[test]
fn each_build_is_another_silhouette() {
    const LEAST: f32 = 0.08;
    let Ok(gpu) = Gpu::open(&GpuChoice::Auto) else {
        return;
    };
    let size = FrameSize::new(96, 128).unwrap();
    for who in ["woman", "boy", "king", "bear", "owl"] {
        let known = cast();
        let role = known.iter().find(|role| role.id == who).unwrap();
        let all = Build::ALL.map(|build| in_build(role, build));
        let mut studio = Studio::new(&gpu, &all).unwrap();
        let view = whole_figure(studio.figures.bounds(&all[0].id).crown * 1.2, size);
        let mut draw = |role: &Role| {
            let shot = shot(vec![actor(&role.id, 0.0, vec![audience()])]);
            studio.draw(&shot, 0.5, &view).unwrap()
        };
        let figures = all.each_ref().map(&mut draw);
        for (index, one) in figures.iter().enumerate() {
            for (other, figure) in figures[..index].iter().enumerate() {
                let apart = outline_difference(one, figure);
                let [one, other] = [index, other].map(|at| Build::ALL[at].name());
                assert!(apart >= LEAST, "{who}, {one} and {other}: {apart}");
            }
        }
    }
}

/// The share of the pixels of two figures that only one of them covers.
fn outline_difference(one: &[u8], other: &[u8]) -> f32 {
    let shown = |figure: &[u8]| -> Vec<bool> {
        figure.chunks_exact(4).map(|pixel| pixel[3] > 127).collect()
    };
    let (one, other) = (shown(one), shown(other));
    let both = one.iter().zip(&other);
    let covered = both.clone().filter(|(a, b)| **a || **b).count();
    both.filter(|(a, b)| a != b).count() as f32 / covered.max(1) as f32
}

/// Whoever is in a cast, two of them differ in a fifth of what is seen of them at least: that is
/// what a cap and a cloak make, and less than hair and a coat of another colour.
#[test]
fn no_two_of_a_cast_share_silhouette_and_colours() {
    const LEAST: f32 = 0.2;
    let Ok(gpu) = Gpu::open(&GpuChoice::Auto) else {
        return;
    };
    let none: &[(&str, &str)] = &[];
    let alike = |names: &[&'static str], being, gender, age| {
        let characters: Vec<_> = names
            .iter()
            .map(|name| (*name, being, gender, age, none))
            .collect();
        cast_of(&characters)
    };
    let twelve = [
        "Anna", "Ben", "Cora", "Dan", "Eva", "Finn", "Greta", "Hugo", "Ida", "Jan", "Kira", "Luis",
    ];
    let casts = [
        (
            "twelve people",
            alike(&twelve, "human", "unknown", "unknown"),
        ),
        ("twelve women", alike(&twelve, "human", "female", "adult")),
        (
            "seven brothers",
            alike(&twelve[..7], "human", "male", "child"),
        ),
        (
            "five old men",
            alike(&twelve[..5], "human", "male", "elder"),
        ),
        ("six foxes", alike(&twelve[..6], "fox", "unknown", "adult")),
        ("six crows", alike(&twelve[..6], "crow", "unknown", "adult")),
        ("five pigs", alike(&twelve[..5], "pig", "unknown", "adult")),
        (
            "a fairy tale",
            cast_of(&[
                ("the king", "human", "male", "adult", none),
                ("the queen", "human", "female", "adult", none),
                ("the prince", "human", "male", "adult", none),
                ("the princess", "human", "female", "adult", none),
                ("the witch", "human", "female", "elder", none),
                ("the wolf", "wolf", "unknown", "adult", none),
                ("the fox", "fox", "unknown", "adult", none),
                ("the deer", "deer", "unknown", "adult", none),
                ("the goat", "goat", "unknown", "adult", none),
            ]),
        ),
    ];
    let size = FrameSize::new(96, 128).unwrap();
    for (name, cast) in casts {
        let mut studio = Studio::new(&gpu, &cast).unwrap();
        let view = whole_figure(0.62, size);
        let figures: Vec<_> = cast
            .iter()
            .map(|role| {
                let shot = shot(vec![actor(&role.id, 0.0, vec![audience()])]);
                studio.draw(&shot, posed_s(&shot), &view).unwrap()
            })
            .collect();
        for (index, one) in figures.iter().enumerate() {
            for (other, figure) in figures[..index].iter().enumerate() {
                let apart = difference(one, figure);
                let [one, other] = [index, other].map(|at| &cast[at].name);
                assert!(apart >= LEAST, "{name}: {one} and {other}: {apart}");
            }
        }
    }
}
