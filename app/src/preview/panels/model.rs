//! What the panels show, as it is in the file.

use fabula_story::{
    Age, DayTime, Emotion, Gender, Role, Story, Storyboard, TransitionKind, Weather,
};

use super::super::edits::{CharacterEdit, Edit, LineEdit, SceneEdit, emotion_of};
use super::super::stage::{Loaded, Reading};

/// Where the film comes from, which decides what can be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// A story: looks are told in words, and the director decides the rest.
    #[default]
    Story,
    /// A storyboard: everything is said.
    Board,
    /// Standard input, which nobody can write to.
    Input,
}

/// Everything in the panels.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub title: String,
    pub origin: Origin,
    pub duration_s: f64,
    pub cast: Vec<Member>,
    pub scenes: Vec<SceneEntry>,
    pub lines: Vec<Line>,
}

/// Someone of the cast.
#[derive(Clone, Debug)]
pub struct Member {
    pub role: Role,
    /// What the story tells, if there is one.
    pub told: Option<Told>,
}

/// What a story tells of someone.
#[derive(Clone, Debug)]
pub struct Told {
    pub name: String,
    pub being: String,
    pub gender: Gender,
    pub age: Age,
    pub traits: std::collections::BTreeMap<String, String>,
}

/// A scene.
#[derive(Clone, Debug)]
pub struct SceneEntry {
    pub start_s: f64,
    pub end_s: f64,
    pub place: String,
    pub time: DayTime,
    pub weather: Weather,
    pub indoor: bool,
    /// What it feels as a whole; only a story says it.
    pub emotion: Option<Emotion>,
    pub transition: TransitionKind,
    /// Whether a person has said so; otherwise the director decides in a story.
    pub transition_is_told: bool,
}

/// Something that is said aloud.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it is said; a line that no film has is said never.
    pub spoken_s: Option<(f64, f64)>,
    pub words: String,
    /// Id of who says it.
    pub speaker: Option<String>,
    pub emotion: Emotion,
}

impl Model {
    pub fn of(film: &Loaded, reading: Option<&Reading>, is_input: bool) -> Self {
        let board = &film.board;
        let story = reading.map(|reading| &reading.corrected);
        let spoken = spoken(film);
        Self {
            title: board.title.clone(),
            origin: match story {
                _ if is_input => Origin::Input,
                Some(_) => Origin::Story,
                None => Origin::Board,
            },
            duration_s: film.reel.duration_s,
            cast: board.cast.iter().map(|role| member(role, story)).collect(),
            scenes: scenes(film, story),
            lines: match story {
                Some(story) => quotes(story, &spoken),
                None => board_lines(board, &spoken),
            },
        }
    }

    /// Changes what is shown until the file has been read again.
    pub fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Character(id, edit) => {
                let member = self.cast.iter_mut().find(|it| it.role.id == *id);
                if let Some(member) = member {
                    member.apply(edit);
                }
            }
            Edit::Scene(index, edit) => {
                if let Some(scene) = self.scenes.get_mut(*index) {
                    match edit.clone() {
                        SceneEdit::Place(place) => scene.place = place,
                        SceneEdit::Time(time) => scene.time = time,
                        SceneEdit::Weather(weather) => scene.weather = weather,
                        SceneEdit::Indoor(indoor) => scene.indoor = indoor,
                        SceneEdit::Emotion(emotion) => scene.emotion = Some(emotion),
                        SceneEdit::Transition(kind) => {
                            scene.transition = kind.unwrap_or(scene.transition);
                            scene.transition_is_told = kind.is_some();
                        }
                    }
                }
            }
            Edit::Line(index, edit) => {
                if let Some(line) = self.lines.get_mut(*index) {
                    match edit.clone() {
                        LineEdit::Speaker(id) => line.speaker = id,
                        LineEdit::Emotion(emotion) => line.emotion = emotion,
                    }
                }
            }
        }
    }

    /// Position of the scene at a time.
    pub fn scene_at(&self, time_s: f64) -> Option<usize> {
        self.scenes
            .iter()
            .position(|it| (it.start_s..it.end_s).contains(&time_s))
    }

    /// Position of the line that is said at a time.
    pub fn line_at(&self, time_s: f64) -> Option<usize> {
        self.lines.iter().position(|it| {
            it.spoken_s
                .is_some_and(|(start_s, end_s)| (start_s..end_s).contains(&time_s))
        })
    }
}

impl Member {
    /// The name as the panels show it.
    pub fn name(&self) -> &str {
        &self.role.name
    }

    fn apply(&mut self, edit: &CharacterEdit) {
        let look = &mut self.role.look;
        match edit.clone() {
            CharacterEdit::Name(name) => {
                if let Some(told) = &mut self.told {
                    told.name.clone_from(&name);
                }
                self.role.name = name;
            }
            CharacterEdit::Being(being) => match &mut self.told {
                Some(told) => told.being = being,
                None => look.being = being,
            },
            CharacterEdit::Age(age) => match &mut self.told {
                Some(told) => told.age = age,
                None => look.age = age,
            },
            CharacterEdit::Gender(gender) => {
                if let Some(told) = &mut self.told {
                    told.gender = gender;
                }
            }
            CharacterEdit::Trait(key, words) => {
                if let Some(told) = &mut self.told {
                    told.traits.insert(key, words);
                }
            }
            CharacterEdit::Color(field, color) => match field {
                "skin" => look.skin = color,
                "hair" => look.hair = color,
                "eyes" => look.eyes = color,
                "outfit_color" => look.outfit_color = color,
                _ => look.accent_color = color,
            },
            CharacterEdit::Part(field, part) => match field {
                "hair_style" => look.hair_style = part,
                _ => look.outfit = part,
            },
            CharacterEdit::Accessories(worn) => look.accessories = worn,
            CharacterEdit::Build(build) => look.build = build,
            CharacterEdit::Height(height) => look.height = height,
        }
    }
}

fn member(role: &Role, story: Option<&Story>) -> Member {
    let character = story.and_then(|story| story.character(&role.id));
    Member {
        role: role.clone(),
        told: character.map(|it| Told {
            name: it.name.clone(),
            being: it.being.clone(),
            gender: it.gender,
            age: it.age,
            traits: it.traits.clone(),
        }),
    }
}

fn scenes(film: &Loaded, story: Option<&Story>) -> Vec<SceneEntry> {
    let scenes = film.board.scenes.iter().enumerate();
    let places = scenes.map(|(index, scene)| {
        // The opening card comes before the first one.
        let part = film.reel.parts.get(index + 1);
        let told = story.and_then(|story| story.scenes.get(index));
        SceneEntry {
            start_s: part.map_or(0.0, |part| part.start_s),
            end_s: part.map_or(0.0, |part| part.end_s),
            place: scene.setting.place.clone(),
            time: scene.setting.time,
            weather: scene.setting.weather,
            indoor: scene.setting.indoor,
            emotion: told.map(|scene| scene.emotion),
            transition: scene.transition.kind,
            transition_is_told: story.is_none() || told.is_some_and(|it| it.transition.is_some()),
        }
    });
    places.collect()
}

/// Beginning, end and words of each speech of a film, in order.
fn spoken(film: &Loaded) -> Vec<(f64, f64, &str)> {
    let mut spoken = Vec::new();
    for (index, scene) in film.board.scenes.iter().enumerate() {
        let part = film.reel.parts.get(index + 1);
        let mut shot_s = part.map_or(0.0, |part| part.start_s);
        for shot in &scene.shots {
            for speech in &shot.speech {
                let start_s = shot_s + speech.start_s;
                spoken.push((start_s, start_s + speech.duration_s, speech.text.as_str()));
            }
            shot_s += shot.duration_s;
        }
    }
    spoken
}

fn board_lines(board: &Storyboard, spoken: &[(f64, f64, &str)]) -> Vec<Line> {
    let shots = board.scenes.iter().flat_map(|scene| &scene.shots);
    let speeches = shots.flat_map(|shot| (0..shot.speech.len()).map(move |at| (shot, at)));
    let lines = speeches.zip(spoken);
    lines
        .map(|((shot, at), (start_s, end_s, words))| Line {
            spoken_s: Some((*start_s, *end_s)),
            words: one_line(words),
            speaker: shot.speech[at].role.clone(),
            emotion: emotion_of(shot, at),
        })
        .collect()
}

/// The quotes of a story, each with the time of the speeches that its words are said in.
fn quotes(story: &Story, spoken: &[(f64, f64, &str)]) -> Vec<Line> {
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let spoken: Vec<_> = spoken
        .iter()
        .map(|(start_s, end_s, words)| (*start_s, *end_s, letters(words)))
        .collect();
    let mut next = 0;
    let lines = story.quotes.iter().map(|quote| {
        let words = story.text.get(quote.start..quote.end).unwrap_or_default();
        let said = letters(words);
        // Speeches come in the order of the story, and a long quote is several of them.
        let is_of_it = |at: usize| {
            spoken
                .get(at)
                .is_some_and(|(.., part)| !part.is_empty() && said.contains(part.as_str()))
        };
        let first = (next..spoken.len()).find(|at| is_of_it(*at));
        let spoken_s = first.map(|first| {
            let mut after = first + 1;
            let mut length = spoken[first].2.len();
            while is_of_it(after) && length + spoken[after].2.len() <= said.len() {
                length += spoken[after].2.len();
                after += 1;
            }
            next = after;
            (spoken[first].0, spoken[after - 1].1)
        });
        Line {
            spoken_s,
            words: one_line(words.trim_matches(['"', '“', '”', '„', '«', '»'])),
            speaker: quote.speaker.clone(),
            emotion: quote.emotion,
        }
    });
    lines.collect()
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
