//! Sheets of a cast that people look at after changing art, light or acting.

use std::path::PathBuf;

use fabula_story::{
    Act, Actor, Age, CameraMove, Color, Cue, CueKind, Emotion, Facing, Framing, Gait, Look, Mood,
    MouthCue, MouthShape, Pose, Role, Shot, Speech,
};
use glam::{Vec2, vec2};

use super::portrait::{Studio, View};
use crate::camera::Camera;
use crate::gpu::{Gpu, GpuChoice};
use crate::picture::FrameSize;
use crate::set::Light;

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
            height: 1.0,
        },
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

fn shot(actors: Vec<Actor>) -> Shot {
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

fn actor(role: &str, x: f32, cues: Vec<Cue>) -> Actor {
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

/// A picture of cells, in rows, over a plain ground.
struct Sheet {
    name: String,
    cell: [usize; 2],
    columns: usize,
    cells: Vec<Vec<u8>>,
}

impl Sheet {
    fn new(name: &str, cell: [usize; 2], columns: usize) -> Self {
        Self {
            name: name.to_owned(),
            cell,
            columns,
            cells: Vec::new(),
        }
    }

    fn size(&self) -> FrameSize {
        FrameSize::new(self.cell[0] as u32, self.cell[1] as u32).unwrap()
    }

    fn save(&self) {
        const GROUND: [u8; 3] = [88, 88, 116];
        let rows = self.cells.len().div_ceil(self.columns);
        let [width, height] = [self.cell[0] * self.columns, self.cell[1] * rows];
        let mut sheet = vec![255_u8; width * height * 4];
        for (index, cell) in self.cells.iter().enumerate() {
            let left = index % self.columns * self.cell[0];
            let top = index / self.columns * self.cell[1];
            for (at, pixel) in cell.chunks(4).enumerate() {
                let (x, y) = (left + at % self.cell[0], top + at / self.cell[0]);
                let alpha = u32::from(pixel[3]);
                for channel in 0..3 {
                    let (over, under) = (u32::from(pixel[channel]), u32::from(GROUND[channel]));
                    sheet[(y * width + x) * 4 + channel] =
                        ((over * alpha + under * (255 - alpha)) / 255) as u8;
                }
            }
        }
        let folder = PathBuf::from(std::env::var_os("FABULA_SHEETS").unwrap());
        let file = std::fs::File::create(folder.join(&self.name).with_extension("png")).unwrap();
        let mut encoder = png::Encoder::new(file, width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&sheet)
            .unwrap();
    }
}

fn feel(emotion: Emotion) -> Cue {
    Cue {
        at_s: 0.0,
        kind: CueKind::Feel {
            emotion,
            intensity: 1.0,
        },
    }
}

#[test]
#[ignore = "writes pictures for people to look at into the folder FABULA_SHEETS"]
fn sheet_of_a_cast_in_three_lights() {
    let (gpu, cast) = (Gpu::open(&GpuChoice::Auto).unwrap(), cast());
    let mut studio = Studio::new(&gpu, &cast).unwrap();
    let mut sheet = Sheet::new("cast", [1600, 500], 1);
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
        sheet
            .cells
            .push(studio.draw(&shot(actors.collect()), 0.5, &view).unwrap());
    }
    sheet.save();
}

#[test]
#[ignore = "writes pictures for people to look at into the folder FABULA_SHEETS"]
fn sheets_of_feelings_and_mouths() {
    let (gpu, cast) = (Gpu::open(&GpuChoice::Auto).unwrap(), cast());
    let mut studio = Studio::new(&gpu, &cast).unwrap();
    for role in &cast {
        let mut sheet = Sheet::new(&format!("face-{}", role.id), [300, 320], 8);
        let eyes = studio.figures.bounds(&role.id).eyes;
        let camera = Camera {
            center: vec2(0.0, eyes - 0.01),
            zoom: 3.6,
        };
        let view = View {
            camera,
            size: sheet.size(),
            light: light("day"),
            ground: false,
        };
        for emotion in Emotion::ALL {
            let shot = close(vec![actor(&role.id, 0.0, vec![feel(emotion)])]);
            sheet.cells.push(studio.draw(&shot, 0.4, &view).unwrap());
        }
        for shape in MouthShape::ALL {
            let audience = Cue {
                at_s: 0.0,
                kind: CueKind::Look { role: None },
            };
            let mut shot = close(vec![actor(&role.id, 0.0, vec![audience])]);
            shot.speech.push(Speech {
                role: Some(role.id.clone()),
                text: String::new(),
                start_s: 0.0,
                duration_s: 4.0,
                mouth: vec![MouthCue { at_s: 0.0, shape }],
            });
            sheet.cells.push(studio.draw(&shot, 0.4, &view).unwrap());
        }
        sheet.save();
    }
}

#[test]
#[ignore = "writes pictures for people to look at into the folder FABULA_SHEETS"]
fn sheets_of_acts_walks_and_seats() {
    let (gpu, cast) = (Gpu::open(&GpuChoice::Auto).unwrap(), cast());
    let mut studio = Studio::new(&gpu, &cast).unwrap();
    for role in &cast {
        let mut sheet = Sheet::new(&format!("acts-{}", role.id), [300, 360], 8);
        let size = sheet.size();
        let mut draw = |shot: &Shot, at_s: f64, x: f32| {
            let view = by_day(vec2(x, 0.22), 1.5, size);
            sheet.cells.push(studio.draw(shot, at_s, &view).unwrap());
        };
        for act in Act::ALL {
            let cue = Cue {
                at_s: 0.0,
                kind: CueKind::Act {
                    act,
                    duration_s: 2.0,
                    to: None,
                },
            };
            draw(&shot(vec![actor(&role.id, 0.0, vec![cue])]), 0.96, 0.0);
        }
        let seated = Actor {
            pose: Pose::Sit,
            ..actor(&role.id, 0.0, vec![])
        };
        draw(&shot(vec![seated]), 1.0, 0.0);
        for step in 0..5 {
            let cue = Cue {
                at_s: 0.0,
                kind: CueKind::Walk {
                    to_x: 0.5,
                    duration_s: 3.0,
                    gait: Gait::Walk,
                },
            };
            let shot = shot(vec![actor(&role.id, -0.5, vec![cue])]);
            let at_s = 1.2 + 0.12 * f64::from(step);
            draw(&shot, at_s, -0.5 + at_s as f32 / 3.0);
        }
        sheet.save();
    }
}

fn cue(kind: CueKind) -> Vec<Cue> {
    vec![Cue { at_s: 0.3, kind }]
}

/// What bodies do, each as its name, the pose before, the cues, and the first and last time shown.
fn actions() -> Vec<(&'static str, Pose, Vec<Cue>, [f64; 2])> {
    let act = |act: Act, duration_s: f64| {
        cue(CueKind::Act {
            act,
            duration_s,
            to: None,
        })
    };
    let go = |gait: Gait, duration_s: f64| {
        cue(CueKind::Walk {
            to_x: 0.5,
            duration_s,
            gait,
        })
    };
    let pose = |pose: Pose| cue(CueKind::Pose { pose });
    vec![
        ("lie", Pose::Stand, pose(Pose::Lie), [0.3, 2.2]),
        ("wake", Pose::Lie, pose(Pose::Stand), [0.3, 2.1]),
        ("sit", Pose::Stand, pose(Pose::Sit), [0.3, 1.4]),
        ("walk", Pose::Stand, go(Gait::Walk, 2.4), [1.0, 1.7]),
        ("run", Pose::Stand, go(Gait::Run, 1.3), [0.7, 1.2]),
        ("eat", Pose::Stand, act(Act::Eat, 3.0), [0.4, 2.2]),
        ("drink", Pose::Stand, act(Act::Drink, 2.8), [0.5, 2.9]),
        ("give", Pose::Stand, act(Act::Give, 2.2), [0.4, 2.4]),
        ("hug", Pose::Stand, act(Act::Hug, 2.6), [0.4, 2.7]),
        ("fall", Pose::Stand, act(Act::Fall, 2.8), [0.35, 3.0]),
        ("fight", Pose::Stand, act(Act::Fight, 2.6), [0.4, 2.0]),
        ("fly", Pose::Stand, act(Act::Fly, 3.0), [0.4, 3.2]),
        ("fly away", Pose::Stand, go(Gait::Fly, 2.4), [0.4, 2.6]),
        ("swim", Pose::Stand, go(Gait::Swim, 3.0), [0.5, 2.6]),
        ("bow", Pose::Stand, act(Act::Bow, 2.0), [0.3, 2.3]),
        ("jump", Pose::Stand, act(Act::Jump, 1.0), [0.35, 1.25]),
    ]
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

#[test]
#[ignore = "writes pictures for people to look at into the folder FABULA_SHEETS"]
fn sheets_of_actions_in_time() {
    let (gpu, cast) = (Gpu::open(&GpuChoice::Auto).unwrap(), cast());
    let mut studio = Studio::new(&gpu, &cast).unwrap();
    for role in &cast {
        let mut sheet = Sheet::new(&format!("actions-{}", role.id), [200, 200], 8);
        let crown = studio.figures.bounds(&role.id).crown;
        for (_, pose, cues, [from_s, to_s]) in actions() {
            let shot = shot(vec![Actor {
                pose,
                ..actor(&role.id, -0.01, cues)
            }]);
            for frame in 0..8 {
                let at_s = from_s + (to_s - from_s) * f64::from(frame) / 7.0;
                let zoom = 0.72 / crown;
                let x = way(&shot.actors[0], at_s);
                let view = by_day(vec2(x, 0.38 / zoom), zoom, sheet.size());
                sheet.cells.push(studio.draw(&shot, at_s, &view).unwrap());
            }
        }
        sheet.save();
    }
}

/// Two who do something to each other, in eight moments.
#[test]
#[ignore = "writes pictures for people to look at into the folder FABULA_SHEETS"]
fn sheet_of_pairs() {
    let (gpu, cast) = (Gpu::open(&GpuChoice::Auto).unwrap(), cast());
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
                sheet.cells.push(studio.draw(&shot, at_s, &view).unwrap());
            }
        }
    }
    sheet.save();
}

/// The sheet of `docs/images/actions.jpg`: each action by one body, in six moments.
#[test]
#[ignore = "writes pictures for people to look at into the folder FABULA_SHEETS"]
fn sheet_of_actions_for_the_documents() {
    const MOMENTS: u32 = 6;
    let (gpu, cast) = (Gpu::open(&GpuChoice::Auto).unwrap(), cast());
    let mut studio = Studio::new(&gpu, &cast).unwrap();
    let mut sheet = Sheet::new("actions", [170, 170], 2 * MOMENTS as usize);
    let by = [
        ("walk", "woman"),
        ("run", "boy"),
        ("sit", "bear"),
        ("jump", "frog"),
        ("lie", "girl"),
        ("wake", "fox"),
        ("eat", "man"),
        ("drink", "granny"),
        ("give", "woman"),
        ("hug", "bear"),
        ("fight", "rabbit"),
        ("fall", "boy"),
        ("fly away", "owl"),
        ("swim", "frog"),
        ("bow", "king"),
        ("run", "robot"),
    ];
    for (wanted, who) in by {
        let mut found = actions().into_iter();
        let found = found.find(|(name, ..)| *name == wanted);
        let (_, pose, cues, [from_s, to_s]) = found.unwrap();
        let shot = shot(vec![Actor {
            pose,
            ..actor(who, -0.01, cues)
        }]);
        let zoom = 0.68 / studio.figures.bounds(who).crown;
        for moment in 0..MOMENTS {
            let part = f64::from(moment) / f64::from(MOMENTS - 1);
            let at_s = from_s + (to_s - from_s) * part;
            let view = by_day(
                vec2(way(&shot.actors[0], at_s), 0.36 / zoom),
                zoom,
                sheet.size(),
            );
            sheet.cells.push(studio.draw(&shot, at_s, &view).unwrap());
        }
    }
    sheet.save();
}
