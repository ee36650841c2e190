use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::{Range, RangeInclusive};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{self, DocumentError, check_range};
use crate::{Color, DayTime, Emotion, Look, StreamUrl, Weather};

/// What a film shows and when: the document `fabula.storyboard/1`, made to be edited by hand.
///
/// Distances on the stage are in *frame heights* of a wide shot: `x` is 0 in the middle of the
/// picture and positive to the right. Times ending in `_s` are seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Storyboard {
    /// Always [`Storyboard::FORMAT`].
    pub format: String,
    /// The title, as the file's metadata names it.
    pub title: String,
    /// Who acts, and how each one looks.
    pub cast: Vec<Role>,
    /// The title card.
    pub opening: Card,
    /// The scenes in order.
    pub scenes: Vec<BoardScene>,
    /// The end card.
    pub closing: Card,
    /// Captions light up each word while it is heard.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub highlight_words: bool,
}

/// Someone who acts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Unique in the storyboard, such as `c1`.
    pub id: String,
    /// The name that captions show.
    pub name: String,
    /// Colour of the name in captions.
    pub color: Color,
    /// How the character looks.
    pub look: Look,
    /// The others where the role is a group, such as "the seven dwarfs". Of what a group says one
    /// of them says a line, and all of them one that ends in an exclamation mark.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
}

/// One more figure of a group: it does what the others do, a moment earlier or later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// How it looks.
    pub look: Look,
    /// Where it stands beside the first of the group, in frame heights to the right.
    pub x: f32,
    /// How far it stands behind the first, in frame heights up the picture.
    pub back: f32,
}

impl Role {
    /// The most figures that a group may have beside the first.
    pub const MOST_MEMBERS: usize = 11;
    /// The longest name that stands before a caption, in characters.
    const CAPTION_NAME: usize = 40;

    /// The name as it stands before a caption: cut where it would fill more than a line.
    pub fn caption_name(&self) -> Cow<'_, str> {
        let name = self.name.trim();
        if name.chars().count() <= Self::CAPTION_NAME {
            return Cow::Borrowed(name);
        }
        let kept: String = name.chars().take(Self::CAPTION_NAME - 1).collect();
        Cow::Owned(format!("{}…", kept.trim_end()))
    }
}

/// A card with words: the title or the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The large line.
    pub title: String,
    /// The small line below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Time on screen, the transitions at both ends included.
    pub duration_s: f64,
    /// How the card appears; the opening card has nothing before it and appears from black.
    pub transition: Transition,
}

/// A stretch of film in one place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardScene {
    /// Unique in the storyboard, such as `s1`.
    pub id: String,
    /// Where and when it happens.
    pub setting: Setting,
    /// What stands behind the actors.
    pub backdrop: Backdrop,
    /// Varies the set: where its trees, clouds and stars stand.
    pub seed: u32,
    /// How the scene appears.
    pub transition: Transition,
    /// The shots in order; there is at least one.
    pub shots: Vec<Shot>,
}

/// Where and when a scene happens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// One of [`PLACES`](crate::PLACES), or another word for which the nearest set is taken.
    pub place: String,
    /// Time of day; `unknown` is drawn as day.
    pub time: DayTime,
    /// Weather.
    pub weather: Weather,
    /// Under a roof.
    pub indoor: bool,
}

/// What stands behind the actors.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Backdrop {
    /// The set of the scene's place.
    SceneBased,
    /// A soft gradient in the colours of the scene's feeling.
    Gradient,
    /// One colour.
    SolidColor {
        /// The colour.
        color: Color,
    },
    /// A picture of one's own. It fills the film's picture and takes on the time of day and the
    /// mood of the scene.
    Textured {
        /// A PNG or JPEG file in the folder of the storyboard or below it, as a path from there
        /// with `/` between its parts, such as `pictures/harbour.jpg`.
        file: String,
    },
    /// What a camera shows while the film is made. It fills the film's picture like a picture of
    /// one's own.
    Live {
        /// The address of its stream of H.264, such as `rtsp://camera.local/stream1` or
        /// `rtsp://USER:PASSWORD@camera.local/stream1`.
        url: StreamUrl,
    },
}

impl Backdrop {
    /// The picture file that it needs.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Textured { file } => Some(file),
            Self::SceneBased | Self::Gradient | Self::SolidColor { .. } | Self::Live { .. } => None,
        }
    }

    /// The camera that it shows.
    pub fn camera(&self) -> Option<&StreamUrl> {
        match self {
            Self::Live { url } => Some(url),
            Self::SceneBased | Self::Gradient | Self::SolidColor { .. } | Self::Textured { .. } => {
                None
            }
        }
    }
}

/// How a segment of the film takes the place of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Its kind.
    pub kind: TransitionKind,
    /// How long both segments are on screen; 0 for a cut.
    pub duration_s: f64,
}

/// Kinds of transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    /// At once.
    Cut,
    /// One picture melts into the other: time passes.
    Dissolve,
    /// Through black: night and grief.
    Fade,
    /// A soft edge moves across: a journey.
    Wipe,
    /// A circle closes and opens: beginning and end.
    Iris,
    /// The new picture pushes the old one out to the left: through a door.
    Push,
    /// The old picture is a page of a book and is turned: another chapter.
    PageTurn,
}

/// What the camera sees between two cuts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shot {
    /// Unique in the storyboard, such as `s1.2`.
    pub id: String,
    /// Length.
    pub duration_s: f64,
    /// How near the camera is.
    pub framing: Framing,
    /// Ids of the roles that the camera frames; empty for the whole stage.
    #[serde(default)]
    pub focus: Vec<String>,
    /// How the camera moves during the shot.
    pub camera: CameraMove,
    /// What light and colours feel; eased in over 0.8 s.
    pub mood: Mood,
    /// Who is on the set, on screen or not.
    pub actors: Vec<Actor>,
    /// Who speaks when, with what mouths.
    #[serde(default)]
    pub speech: Vec<Speech>,
    /// What is written below the picture.
    #[serde(default)]
    pub captions: Vec<Caption>,
}

/// How near the camera is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// The whole place.
    Wide,
    /// Everyone in focus from head to foot.
    Full,
    /// Everyone in focus from the knees up.
    Medium,
    /// Head and shoulders.
    Close,
    /// The first in focus, seen past the dark shoulder of the second. Both are on the set, neither
    /// lies there, and neither is a group; else it is `close`.
    OverShoulder,
}

/// A slow move of the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum CameraMove {
    Hold,
    PushIn,
    PullOut,
    PanLeft,
    PanRight,
}

/// A feeling and how strong it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mood {
    /// The feeling.
    pub emotion: Emotion,
    /// Between 0 and 1.
    pub intensity: f32,
}

/// Someone on the set during a shot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Id of the role.
    pub role: String,
    /// Where the feet stand at the start of the shot, in frame heights from the middle.
    pub x: f32,
    /// Where the character looks to.
    pub facing: Facing,
    /// How the body is held at the start of the shot.
    pub pose: Pose,
    /// What happens to the actor during the shot, in order of time.
    pub cues: Vec<Cue>,
}

/// Which way a body is turned, seen from the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Facing {
    Left,
    Right,
}

/// How a body is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Pose {
    Stand,
    Sit,
    /// Flat on the ground with shut eyes: asleep or resting.
    Lie,
    /// Flat on the ground with open eyes.
    LieAwake,
}

impl Pose {
    /// Whether the body is flat on the ground.
    pub fn lies(self) -> bool {
        matches!(self, Self::Lie | Self::LieAwake)
    }
}

/// Something an actor does from a moment on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cue {
    /// When, from the start of the shot.
    pub at_s: f64,
    /// What.
    #[serde(flatten)]
    pub kind: CueKind,
}

/// What a cue changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum CueKind {
    /// The face takes this feeling.
    Feel {
        /// The feeling.
        emotion: Emotion,
        /// Between 0 and 1.
        intensity: f32,
    },
    /// The eyes turn to a role, or to the audience when there is none.
    Look {
        /// Id of the role.
        role: Option<String>,
    },
    /// The body does something once.
    Act {
        /// What.
        act: Act,
        /// How long.
        duration_s: f64,
        /// Id of the role that it is done to: to whom something is given, who is hugged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// The body changes how it is held: it sits or lies down, or gets up.
    Pose {
        /// How it is held from then on.
        pose: Pose,
    },
    /// A sign is drawn beside the actor for a while.
    Mark {
        /// Which.
        mark: Mark,
        /// How long.
        duration_s: f64,
    },
    /// The actor goes to another place on the stage, and stands there.
    Walk {
        /// Where the feet arrive, in frame heights from the middle.
        to_x: f32,
        /// How long it takes.
        duration_s: f64,
        /// In which way.
        #[serde(default, skip_serializing_if = "Gait::is_walk")]
        gait: Gait,
    },
}

/// Signs that are drawn beside an actor.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Hearts that rise: love.
    Hearts,
    /// Drops that fly off the brow: fear.
    Sweat,
    /// An exclamation mark over the head: surprise.
    Exclamation,
    /// Drops and rings of water at the feet.
    Splash,
    /// Streaks behind somebody who runs.
    SpeedLines,
}

impl Mark {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Hearts,
        Self::Sweat,
        Self::Exclamation,
        Self::Splash,
        Self::SpeedLines,
    ];
}

/// Ways to get from one place to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Gait {
    #[default]
    Walk,
    Run,
    Fly,
    Swim,
}

impl Gait {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    fn is_walk(&self) -> bool {
        *self == Self::Walk
    }
}

/// Things a body can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Act {
    Nod,
    ShakeHead,
    Wave,
    Point,
    Jump,
    Shrug,
    Laugh,
    Cry,
    Tremble,
    Cheer,
    Bow,
    Eat,
    Drink,
    Give,
    Hug,
    Fight,
    /// Loses the ground, and gets up again.
    Fall,
    /// Rises into the air, and comes down again.
    Fly,
    Swim,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Nod,
        Self::ShakeHead,
        Self::Wave,
        Self::Point,
        Self::Jump,
        Self::Shrug,
        Self::Laugh,
        Self::Cry,
        Self::Tremble,
        Self::Cheer,
        Self::Bow,
        Self::Eat,
        Self::Drink,
        Self::Give,
        Self::Hug,
        Self::Fight,
        Self::Fall,
        Self::Fly,
        Self::Swim,
    ];
}

/// A stretch of speech.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Speech {
    /// Id of the role whose mouth moves, or nothing for a narrator who is not seen.
    pub role: Option<String>,
    /// The words.
    pub text: String,
    /// When it begins, from the start of the shot.
    pub start_s: f64,
    /// How long it takes.
    pub duration_s: f64,
    /// Mouth shapes with their times from the start of the speech, in order. Leave it out to
    /// have it worked out from the words again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mouth: Vec<MouthCue>,
}

/// A mouth shape and when it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MouthCue {
    /// From the start of the speech.
    pub at_s: f64,
    /// The shape.
    pub shape: MouthShape,
}

/// The nine mouth shapes, as Rhubarb names them.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub enum MouthShape {
    /// Closed: P B M.
    A,
    /// Clenched teeth: most consonants, EE.
    B,
    /// Open: EH AE AH.
    C,
    /// Wide open: AA.
    D,
    /// Rounded: AO ER.
    E,
    /// Puckered: UW OW W.
    F,
    /// Teeth on lip: F V.
    G,
    /// Tongue up: long L.
    H,
    /// Rest.
    #[default]
    X,
}

impl MouthShape {
    /// All nine, A to H and X.
    pub const ALL: [Self; 9] = [
        Self::A,
        Self::B,
        Self::C,
        Self::D,
        Self::E,
        Self::F,
        Self::G,
        Self::H,
        Self::X,
    ];
}

/// Words below the picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Caption {
    /// When it appears, from the start of the shot.
    pub start_s: f64,
    /// How long it stays.
    pub duration_s: f64,
    /// Id of the role that speaks; nothing for narration.
    pub role: Option<String>,
    /// One or two lines, divided by a line break. The name of the role stands before the first; a
    /// line break at the start leaves it that line.
    pub text: String,
    /// When each word of the text begins to be heard, and last when the last one ends, from the
    /// start of the caption. Without them, or where they are not as many, words take their share
    /// of the time by their letters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub word_times_s: Vec<f64>,
}

impl Caption {
    /// The word that is heard at a time from the start of the caption, as its place in the text.
    pub fn word_at(&self, caption_s: f64) -> Option<Range<usize>> {
        let mut end = 0;
        let words: Vec<Range<usize>> = self
            .text
            .split_whitespace()
            .filter_map(|word| {
                let start = end + self.text.get(end..)?.find(word)?;
                end = start + word.len();
                Some(start..end)
            })
            .collect();
        let times_s = if self.word_times_s.len() == words.len() + 1 {
            Cow::Borrowed(&self.word_times_s)
        } else {
            Cow::Owned(self.shares_s(&words))
        };
        let mut heard = times_s.windows(2).zip(words);
        heard
            .find(|(times_s, _)| (times_s[0]..times_s[1]).contains(&caption_s))
            .map(|(_, word)| word)
    }

    /// The time of the caption divided by the letters of its words, each with a gap behind it.
    fn shares_s(&self, words: &[Range<usize>]) -> Vec<f64> {
        let letters = |word: &Range<usize>| self.text[word.clone()].chars().count() + 1;
        let whole: usize = words.iter().map(letters).sum();
        let mut before = 0;
        let mut times_s = vec![0.0];
        for word in words {
            before += letters(word);
            times_s.push(self.duration_s * before as f64 / whole as f64);
        }
        times_s
    }
}

impl Storyboard {
    /// The value of the `format` field.
    pub const FORMAT: &'static str = "fabula.storyboard/1";

    /// Reads and checks a storyboard document.
    ///
    /// # Errors
    /// If the text is not JSON, is not of this format, or contradicts itself; the error names
    /// the path inside the document.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        let board: Self = document::parse(text, Self::FORMAT)?;
        board.check()?;
        Ok(board)
    }

    /// The document as indented JSON.
    pub fn to_json(&self) -> String {
        // Plain structs with string keys: serde_json has no way to fail on them.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The role with this id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.cast.iter().find(|role| role.id == id)
    }

    /// Checks what the types cannot say: known and unique ids, sane times and places.
    pub fn check(&self) -> Result<(), DocumentError> {
        let mut roles = HashSet::new();
        for (index, role) in self.cast.iter().enumerate() {
            let path = format!("cast[{index}]");
            unique(&mut roles, &role.id, &format!("{path}.id"))?;
            check_range(&path, "look.height", f64::from(role.look.height), HEIGHTS)?;
            check_group(&path, &role.members)?;
        }
        check_card("opening", &self.opening)?;
        check_card("closing", &self.closing)?;
        let mut previous_s = self.opening.duration_s;
        let mut ids = HashSet::new();
        for (index, scene) in self.scenes.iter().enumerate() {
            let path = format!("scenes[{index}]");
            unique(&mut ids, &scene.id, &format!("{path}.id"))?;
            if let Some(file) = scene.backdrop.file() {
                check_file(&format!("{path}.backdrop.file"), file)?;
            }
            if scene.shots.is_empty() {
                return Err(DocumentError::at(
                    format!("{path}.shots"),
                    "a scene needs a shot",
                ));
            }
            let mut scene_s = 0.0;
            for (number, shot) in scene.shots.iter().enumerate() {
                let path = format!("{path}.shots[{number}]");
                unique(&mut ids, &shot.id, &format!("{path}.id"))?;
                check_shot(&path, shot, &roles)?;
                scene_s += shot.duration_s;
            }
            check_transition(&path, scene.transition, previous_s, scene_s)?;
            previous_s = scene_s;
        }
        check_transition(
            "closing",
            self.closing.transition,
            previous_s,
            self.closing.duration_s,
        )
    }
}

fn unique<'a>(ids: &mut HashSet<&'a str>, id: &'a str, path: &str) -> Result<(), DocumentError> {
    if !id.is_empty() && ids.insert(id) {
        return Ok(());
    }
    Err(DocumentError::at(
        path,
        format!("`{id}` is empty or used twice"),
    ))
}

/// A picture lies beside the storyboard: whoever is given both can make the film anywhere, and a
/// storyboard from elsewhere reaches no other files.
fn check_file(path: &str, file: &str) -> Result<(), DocumentError> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if file.split('/').all(plain) && !file.contains(['\\', ':', '\0']) {
        return Ok(());
    }
    Err(DocumentError::at(
        path,
        format!(
            "`{file}` is no path from the folder of the storyboard; put the picture there or in a \
             folder below it, and write `picture.png` or `pictures/picture.png`"
        ),
    ))
}

fn known(roles: &HashSet<&str>, id: &str, path: &str) -> Result<(), DocumentError> {
    if roles.contains(id) {
        return Ok(());
    }
    Err(DocumentError::at(
        path,
        format!("no role in the cast has the id `{id}`"),
    ))
}

/// The longest shot, card or speech: an hour.
const LONGEST_S: f64 = 3600.0;
/// How far from the middle an actor may stand, in frame heights.
const STAGE_HALF_WIDTH: f64 = 4.0;

/// Heights of a look, as multiples of what is usual.
const HEIGHTS: RangeInclusive<f64> = 0.5..=1.5;
/// How far from the first of a group another may stand, in frame heights.
const GROUP_HALF_WIDTH: f64 = 1.0;
/// How far behind the first.
const GROUP_DEPTH: f64 = 0.2;

fn check_group(path: &str, members: &[Member]) -> Result<(), DocumentError> {
    if members.len() > Role::MOST_MEMBERS {
        return Err(DocumentError::at(
            format!("{path}.members"),
            format!(
                "{} are too many; a group has at most {} beside its first figure",
                members.len(),
                Role::MOST_MEMBERS
            ),
        ));
    }
    for (number, member) in members.iter().enumerate() {
        let path = format!("{path}.members[{number}]");
        let Member { look, x, back } = member;
        check_range(&path, "look.height", f64::from(look.height), HEIGHTS)?;
        let width = -GROUP_HALF_WIDTH..=GROUP_HALF_WIDTH;
        check_range(&path, "x", f64::from(*x), width)?;
        check_range(&path, "back", f64::from(*back), 0.0..=GROUP_DEPTH)?;
    }
    Ok(())
}

fn check_card(path: &str, card: &Card) -> Result<(), DocumentError> {
    check_range(path, "duration_s", card.duration_s, 0.5..=LONGEST_S)
}

/// Each transition takes at most half of the segments at its two sides, so that two never meet.
fn check_transition(
    path: &str,
    transition: Transition,
    before_s: f64,
    after_s: f64,
) -> Result<(), DocumentError> {
    let longest_s = (before_s.min(after_s) / 2.0).min(5.0);
    check_range(
        path,
        "transition.duration_s",
        transition.duration_s,
        0.0..=longest_s,
    )
}

fn check_shot(path: &str, shot: &Shot, roles: &HashSet<&str>) -> Result<(), DocumentError> {
    check_range(path, "duration_s", shot.duration_s, 0.1..=LONGEST_S)?;
    check_range(
        path,
        "mood.intensity",
        f64::from(shot.mood.intensity),
        0.0..=1.0,
    )?;
    if shot.framing == Framing::OverShoulder
        && (shot.focus.len() != 2 || shot.focus[0] == shot.focus[1])
    {
        return Err(DocumentError::at(
            format!("{path}.focus"),
            "`over_shoulder` needs two roles here: who is seen, and past whose shoulder",
        ));
    }
    for (index, id) in shot.focus.iter().enumerate() {
        known(roles, id, &format!("{path}.focus[{index}]"))?;
    }
    let mut on_set = HashSet::new();
    for (index, actor) in shot.actors.iter().enumerate() {
        let path = format!("{path}.actors[{index}]");
        known(roles, &actor.role, &format!("{path}.role"))?;
        unique(&mut on_set, &actor.role, &format!("{path}.role"))?;
        check_range(
            &path,
            "x",
            f64::from(actor.x),
            -STAGE_HALF_WIDTH..=STAGE_HALF_WIDTH,
        )?;
        let mut last_s = 0.0;
        for (number, cue) in actor.cues.iter().enumerate() {
            let path = format!("{path}.cues[{number}]");
            check_range(&path, "at_s", cue.at_s, last_s..=LONGEST_S)?;
            last_s = cue.at_s;
            match &cue.kind {
                CueKind::Feel { intensity, .. } => {
                    check_range(&path, "intensity", f64::from(*intensity), 0.0..=1.0)?;
                }
                CueKind::Look { role: Some(id) } => known(roles, id, &format!("{path}.role"))?,
                CueKind::Look { role: None } | CueKind::Pose { .. } => {}
                CueKind::Act { duration_s, to, .. } => {
                    check_range(&path, "duration_s", *duration_s, 0.1..=LONGEST_S)?;
                    if let Some(id) = to {
                        known(roles, id, &format!("{path}.to"))?;
                    }
                }
                CueKind::Mark { duration_s, .. } => {
                    check_range(&path, "duration_s", *duration_s, 0.1..=LONGEST_S)?;
                }
                CueKind::Walk {
                    to_x, duration_s, ..
                } => {
                    check_range(&path, "duration_s", *duration_s, 0.1..=LONGEST_S)?;
                    let to_x = f64::from(*to_x);
                    check_range(&path, "to_x", to_x, -STAGE_HALF_WIDTH..=STAGE_HALF_WIDTH)?;
                }
            }
        }
    }
    for (index, speech) in shot.speech.iter().enumerate() {
        let path = format!("{path}.speech[{index}]");
        if let Some(id) = &speech.role {
            known(roles, id, &format!("{path}.role"))?;
        }
        check_range(&path, "start_s", speech.start_s, 0.0..=LONGEST_S)?;
        check_range(&path, "duration_s", speech.duration_s, 0.0..=LONGEST_S)?;
        let mut last_s = 0.0;
        for (number, cue) in speech.mouth.iter().enumerate() {
            check_range(
                &format!("{path}.mouth[{number}]"),
                "at_s",
                cue.at_s,
                last_s..=LONGEST_S,
            )?;
            last_s = cue.at_s;
        }
    }
    for (index, caption) in shot.captions.iter().enumerate() {
        let path = format!("{path}.captions[{index}]");
        if let Some(id) = &caption.role {
            known(roles, id, &format!("{path}.role"))?;
        }
        check_range(&path, "start_s", caption.start_s, 0.0..=LONGEST_S)?;
        check_range(&path, "duration_s", caption.duration_s, 0.0..=LONGEST_S)?;
        let mut last_s = 0.0;
        for (number, time_s) in caption.word_times_s.iter().enumerate() {
            let field = format!("word_times_s[{number}]");
            check_range(&path, &field, *time_s, last_s..=LONGEST_S)?;
            last_s = *time_s;
        }
    }
    Ok(())
}
