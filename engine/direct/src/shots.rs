//! The shots of a scene: what the camera shows of each beat, when it cuts, and what everybody
//! on the set does meanwhile.
//!
//! A scene opens wide on its place. Talk begins with both in the picture and goes on in singles,
//! each on its side; narration shows its subject doing; a feeling at its peak is seen close.

use std::collections::BTreeMap;

use fabula_story::{
    Act, Actor, CameraMove, Caption, Cue, CueKind, Emotion, Facing, Framing, Gait, Mark, Mood,
    Pose, Role, Scene, Shot, Speech,
};

use crate::actions::{self, Deed, Subject};
use crate::beats::Beat;
use crate::framing::{self, Picture};
use crate::marks::{self, Marked};
use crate::phones::{mouth, round_ms};
use crate::script::{Voice, Word};
use crate::staging::{self, MOST_FIGURES, OFF_STAGE, Presence, Size, Stage};
use crate::syntax::Syntax;

/// Picture before the first word after a cut.
const LEAD_S: f64 = 0.2;
/// The same when the speaker is still on the way in.
const LATE_LEAD_S: f64 = 0.9;
/// Picture after the last word before a cut.
const TAIL_S: f64 = 0.25;
/// How long a place is seen before anybody speaks, the end of the transition included.
const ESTABLISH_S: f64 = 1.9;
/// The same at the head of the film.
const FIRST_ESTABLISH_S: f64 = 2.3;
/// How long the whole place is seen once more when all is told.
const CODA_S: f64 = 2.0;
/// Who is first spoken of later than this comes in, though they were here in the last scene.
const CARRIED_S: f64 = 14.0;
/// From this share of the taller one's height on, two are of a size.
const OF_A_SIZE: f32 = 0.72;
/// From this share on, one can be looked at past the other's shoulder.
const OF_LIKE_SIZE: f32 = 0.55;
/// After so many nearer pictures the place is seen again.
const LOST_AFTER: usize = 7;
/// How long a listener's face is shown without words.
const REACTION_S: f64 = 1.3;
/// The shortest shot.
const SHORTEST_S: f64 = 1.2;
/// A shot that has gone on for so long takes no further beat.
const LONG_S: f64 = 7.2;
/// The longest beat that the opening of a scene carries.
const OPENING_BEAT_S: f64 = 5.2;
/// A feeling so strong is seen close.
const PEAK: f32 = 0.78;
/// How fast people walk and run, in frame heights a second.
const WALK_SPEED: f64 = 0.55;
const RUN_SPEED: f64 = 0.9;
/// The same flying and swimming.
const FLIGHT_SPEED: f64 = 0.75;
const SWIM_SPEED: f64 = 0.4;
/// How far two stand apart who embrace, who give and take, and who fight, as a share of the sum of
/// their heights.
const EMBRACE: f32 = 0.2;
const ARMS_LENGTH: f32 = 0.29;
/// Time to sit down or get up before something else is done.
const RISE_S: f64 = 1.0;
/// Nobody sits or lies down later in a shot.
const LATEST_S: f64 = 7.4;
/// What speaks without a body.
const UNSEEN: [&str; 10] = [
    "mountain", "sea", "ocean", "river", "sky", "echo", "voice", "night", "forest", "valley",
];
/// What speaks, but does not walk, beside trees and flowers.
const ROOTED: [&str; 3] = ["mushroom", "stone", "snowman"];
/// The way that companions come together at the head of a scene.
const MARCH: f32 = 1.9;
/// Where a walk within the stage begins, from the place where it ends.
const STROLL: f32 = 0.5;
/// No stroll begins farther out.
const STROLL_EDGE: f32 = 0.85;

/// A shot and how much it asks for a camera move; 0 for not at all.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub shot: Shot,
    pub wish: u8,
    /// The move that it asks for.
    pub camera: CameraMove,
}

/// What stays the same from scene to scene.
pub(crate) struct Director<'a> {
    pub roles: &'a [Role],
    /// All mentions as start, end and position in the cast, in order.
    pub mentions: Vec<(usize, usize, usize)>,
    pub syntax: Syntax<'a>,
    /// Who stood on the set when the last scene ended.
    pub carried: Vec<usize>,
    pub marked: Marked,
    pub mood: Mood,
}

/// A scene as the director gets it.
pub(crate) struct Task<'a> {
    pub id: &'a str,
    pub scene: &'a Scene,
    pub beats: &'a [Beat<'a>],
    /// Lengths of the transitions at both ends.
    pub transition_in_s: f64,
    pub transition_out_s: f64,
    /// The film begins with it.
    pub is_first: bool,
    /// The film ends with it.
    pub is_last: bool,
    /// Varies what is a matter of taste.
    pub seed: u32,
}

/// A shot in the making.
#[derive(Clone, Debug)]
struct Draft {
    framing: Framing,
    focus: Vec<usize>,
    beats: Vec<usize>,
    /// Who comes in, and whether they are seen to walk.
    entering: Vec<(usize, bool)>,
    /// How those go who come in.
    gait: Gait,
    opens: bool,
    /// All is told; the place is seen for the last time.
    closes: bool,
    lead_s: f64,
    length_s: f64,
}

impl Draft {
    fn new(framing: Framing, focus: Vec<usize>) -> Self {
        Self {
            framing,
            focus,
            beats: Vec::new(),
            entering: Vec::new(),
            gait: Gait::Walk,
            opens: false,
            closes: false,
            lead_s: LEAD_S,
            length_s: LEAD_S,
        }
    }
}

impl Draft {
    /// Those whose faces are seen.
    fn faces(&self) -> &[usize] {
        match self.framing {
            Framing::OverShoulder => &self.focus[..self.focus.len().min(1)],
            _ => &self.focus,
        }
    }
}

impl Task<'_> {
    fn establish_s(&self) -> f64 {
        let clear_s = if self.is_first {
            FIRST_ESTABLISH_S
        } else {
            ESTABLISH_S
        };
        clear_s.max(self.transition_in_s + 0.35)
    }
}

impl Director<'_> {
    /// The shots of a scene; there is at least one.
    pub(crate) fn shots(&mut self, task: &Task<'_>) -> Vec<Planned> {
        let mut stage = self.set(task);
        let mut shots = Vec::new();
        let mut draft = Draft::new(Framing::Wide, Vec::new());
        draft.opens = true;
        draft.lead_s = task.establish_s();
        draft.length_s = draft.lead_s;
        let mut shown: Vec<Picture> = Vec::new();
        let mut talk = 0;
        let mut since_reaction = 4;
        for (index, beat) in task.beats.iter().enumerate() {
            let subjects = self.subjects(beat, &stage);
            let is_on = |who: &usize| {
                stage.get(*who).is_some() || draft.entering.iter().any(|(other, _)| other == who)
            };
            if subjects.iter().all(is_on)
                && joins(
                    &draft,
                    task.beats,
                    index,
                    &subjects,
                    &self.deeds(beat),
                    &stage,
                )
            {
                draft.length_s += beat.shown_s + beat.gap_s;
                draft.beats.push(index);
                continue;
            }
            let peak = draft.beats.last().map(|at| &task.beats[*at]);
            let reaction = peak
                .filter(|_| since_reaction >= 4)
                .and_then(|peak| reaction(peak, beat, &draft, &stage));
            shown.push((draft.framing, draft.focus.clone()));
            shots.push(self.shoot(task, &draft, &mut stage, TAIL_S, shots.len()));
            since_reaction += 1;
            if let Some(listener) = reaction {
                let mut silent = Draft::new(Framing::Close, vec![listener]);
                silent.length_s = REACTION_S - TAIL_S;
                shots.push(self.shoot(task, &silent, &mut stage, TAIL_S, shots.len()));
                shown.push((silent.framing, silent.focus));
                since_reaction = 0;
            }
            let entering: Vec<usize> = subjects
                .iter()
                .copied()
                .filter(|who| stage.get(*who).is_none())
                .collect();
            talk = match beat.line.voice {
                Voice::Narrator if beat.shown_s > 3.0 => 0,
                Voice::Narrator => talk,
                Voice::Speaker { .. } => talk + 1,
            };
            let taste = task.seed as usize % 3 + shots.len();
            let coming = task.beats[index + 1..]
                .iter()
                .take(2)
                .find(|next| peaks(next))
                .map(|next| self.subjects(next, &stage));
            let deeds = self.deeds(beat);
            let cast = Cast {
                subjects: &subjects,
                entering: &entering,
                deeds: &deeds,
            };
            draft = frame(beat, &cast, &stage, talk, taste, &shown);
            for (who, walks) in &mut draft.entering {
                *walks = *walks && !self.is_rooted(*who);
            }
            if let Some(coming) = coming.filter(|_| !peaks(beat) && draft.focus.len() == 1)
                && coming.first() == draft.focus.first()
            {
                // The step to the face is kept for the peak.
                draft = step_back(draft, &stage, &shown);
            }
            draft.length_s += beat.shown_s + beat.gap_s;
            draft.beats.push(index);
        }
        let ends_near = task.is_last && draft.framing != Framing::Wide && !stage.on.is_empty();
        let tail_s = if ends_near {
            TAIL_S + 0.3
        } else if task.is_last {
            task.transition_out_s + 0.7
        } else {
            task.transition_out_s + 0.5
        };
        draft.closes = task.is_last && !ends_near;
        shots.push(self.shoot(task, &draft, &mut stage, tail_s, shots.len()));
        if ends_near {
            let mut coda = Draft::new(Framing::Wide, Vec::new());
            coda.closes = true;
            coda.length_s = CODA_S;
            let tail_s = task.transition_out_s;
            shots.push(self.shoot(task, &coda, &mut stage, tail_s, shots.len()));
        }
        self.carried = stage.on.iter().map(|presence| presence.who).collect();
        shots
    }

    /// The set as the scene opens: who is there from the beginning.
    fn set(&self, task: &Task<'_>) -> Stage {
        let mut roster: Vec<usize> = task
            .scene
            .present
            .iter()
            .filter_map(|id| self.roles.iter().position(|role| role.id == *id))
            .collect();
        for beat in task.beats {
            if let Voice::Speaker { who: Some(who), .. } = beat.line.voice {
                roster.push(who);
            }
        }
        if roster.is_empty() && task.beats.iter().take(2).any(tells_of_known) {
            // "They reached the castle": those of whom it was told before.
            roster.clone_from(&self.carried);
        }
        roster.sort_unstable();
        roster.dedup();
        roster.retain(|who| !self.is_unseen(*who));
        let size = |who: &usize| (*who, Size::of(&self.roles[*who]));
        let mut stage = Stage::new(roster.iter().map(size).collect());
        // The line in which each one is first spoken of, and when that is.
        let mut first_seen: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
        let mut now_s = 0.0;
        for beat in task.beats {
            let seen = self.mentioned(beat.span());
            let speaker = match beat.line.voice {
                Voice::Speaker { who, .. } => who,
                Voice::Narrator => None,
            };
            for who in seen.into_iter().chain(speaker) {
                first_seen.entry(who).or_insert((beat.line_index, now_s));
            }
            now_s += beat.shown_s + beat.gap_s;
        }
        let together = task.beats.iter().take(3).any(tells_of_several);
        for who in roster.iter().copied() {
            // Companions arrive together; others come in when they are first spoken of.
            let is_there = match first_seen.get(&who) {
                None => true,
                Some((line, at_s)) => {
                    let stays = together || *at_s < CARRIED_S;
                    *line == 0 || (stays && self.carried.contains(&who))
                }
            };
            if is_there && stage.has_room_for(who) {
                stage.enter(who, 0, &[]);
            }
        }
        if stage.on.is_empty() && !self.carried.is_empty() {
            for who in roster {
                if self.carried.contains(&who) && stage.has_room_for(who) {
                    stage.enter(who, 0, &[]);
                }
            }
        }
        stage
    }

    /// Whether somebody is part of the place: a mountain speaks, but does not stand on the set.
    fn is_unseen(&self, who: usize) -> bool {
        let name = self.roles[who].name.to_lowercase();
        matches!(&*self.roles[who].look.being, "creature" | "thing")
            && name
                .split_whitespace()
                .any(|word| UNSEEN.contains(&word.trim_matches(|c: char| !c.is_alphanumeric())))
    }

    /// Whether somebody stands where they grew.
    fn is_rooted(&self, who: usize) -> bool {
        let name = self.roles[who].name.to_lowercase();
        let being = &*self.roles[who].look.being;
        let grown = matches!(being, "tree" | "flower");
        grown || being != "human" && ROOTED.iter().any(|word| name.contains(word))
    }

    /// Characters who are mentioned in this stretch of the text, in order.
    fn mentioned(&self, span: std::ops::Range<usize>) -> Vec<usize> {
        let first = self
            .mentions
            .partition_point(|mention| mention.0 < span.start);
        let mut seen = Vec::new();
        for (_, _, who) in self.mentions[first..].iter().take_while(|m| m.0 < span.end) {
            if !seen.contains(who) {
                seen.push(*who);
            }
        }
        seen
    }

    /// What people do in a beat.
    fn deeds(&self, beat: &Beat<'_>) -> Vec<actions::Done> {
        actions::deeds(beat.words, &self.syntax, |at| {
            !self.mentioned_at(at).is_empty()
        })
    }

    /// The characters whose mention holds this byte of the text.
    fn mentioned_at(&self, at: usize) -> Vec<usize> {
        let next = self.mentions.partition_point(|mention| mention.0 <= at);
        let near = self.mentions[..next].iter().rev().take(8);
        let mut named: Vec<usize> = near
            .filter(|mention| at < mention.1)
            .map(|mention| mention.2)
            .collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    /// Whom a beat is about: its speaker, or those of the scene whom it names.
    fn subjects(&self, beat: &Beat<'_>, stage: &Stage) -> Vec<usize> {
        let mut subjects = match beat.line.voice {
            Voice::Speaker { who, .. } => who.into_iter().collect(),
            Voice::Narrator => self.mentioned(beat.span()),
        };
        subjects.retain(|who| stage.takes_part(*who));
        subjects.truncate(MOST_FIGURES);
        subjects
    }

    /// Films a draft: puts everybody on the set in motion and moves the stage on.
    fn shoot(
        &mut self,
        task: &Task<'_>,
        draft: &Draft,
        stage: &mut Stage,
        tail_s: f64,
        number: usize,
    ) -> Planned {
        let beats: Vec<&Beat<'_>> = draft.beats.iter().map(|at| &task.beats[*at]).collect();
        let first_beat = draft.beats.first().copied().unwrap_or(0);
        let kept: Vec<usize> = draft.entering.iter().map(|(who, _)| *who).collect();
        for who in &kept {
            stage.enter(*who, first_beat, &kept);
        }
        let mut film = Film::new(stage, draft);
        let mut speech = Vec::new();
        let mut captions = Vec::new();
        let mut now_s = draft.lead_s;
        for (offset, beat) in beats.iter().enumerate() {
            let subjects = self.subjects(beat, stage);
            let start_s = round_ms(now_s);
            film.play(beat, start_s, &subjects, stage, self);
            for who in &subjects {
                if let Some(presence) = stage.get_mut(*who) {
                    presence.active = first_beat + offset;
                }
            }
            let speaker = match beat.line.voice {
                Voice::Speaker { who, .. } => who,
                Voice::Narrator => None,
            };
            let role = speaker.map(|who| self.roles[who].id.clone());
            let lips = role
                .clone()
                .filter(|_| speaker.is_some_and(|who| stage.get(who).is_some()));
            let spoken_s = round_ms(beat.spoken_s);
            speech.push(Speech {
                role: lips.clone(),
                text: beat.speech.clone(),
                start_s,
                duration_s: spoken_s,
                mouth: match &lips {
                    Some(_) => mouth(beat.timed.clone(), spoken_s),
                    None => Vec::new(),
                },
            });
            captions.push(Caption {
                start_s,
                // Rounded up, so that rounding never makes a caption faster to read.
                duration_s: (beat.shown_s * 1000.0).ceil() / 1000.0,
                role,
                text: beat.caption.clone(),
                word_times_s: beat.word_times_s().into_iter().map(round_ms).collect(),
            });
            now_s += beat.shown_s + beat.gap_s;
        }
        if draft.closes && beats.is_empty() {
            film.gather(stage, self.roles);
        }
        let last_gap_s = beats.last().map_or(0.0, |beat| beat.gap_s);
        let silent_s = if beats.is_empty() {
            draft.length_s
        } else {
            now_s - last_gap_s
        };
        let shortest_s = if draft.opens && beats.is_empty() {
            task.transition_in_s.max(1.0) + ESTABLISH_S
        } else {
            SHORTEST_S
        };
        let duration_s =
            round_ms((silent_s + tail_s).max(film.busy_until_s).max(shortest_s) + 0.002);
        let mood = self.feel(&beats, task.scene.emotion, draft.opens);
        let mut actors = film.finish(stage, duration_s, self.roles);
        let place = task.scene.place.as_str();
        self.marked.mark(&mut actors, place, duration_s);
        let (wish, camera) = wish(draft, &actors, mood, duration_s, task.seed, number);
        let shot = Shot {
            id: format!("{}.{}", task.id, number + 1),
            duration_s,
            framing: draft.framing,
            focus: match draft.framing {
                Framing::Wide => Vec::new(),
                _ => draft
                    .focus
                    .iter()
                    .map(|who| self.roles[*who].id.clone())
                    .collect(),
            },
            camera: CameraMove::Hold,
            mood,
            actors,
            speech,
            captions,
        };
        Planned { shot, wish, camera }
    }

    /// The mood moves on with the strongest feeling of a shot, and never flickers: a weak new
    /// feeling only weakens the old one.
    fn feel(&mut self, beats: &[&Beat<'_>], scene: Emotion, opens: bool) -> Mood {
        if opens {
            let intensity = if scene == Emotion::Neutral { 0.0 } else { 0.4 };
            if scene != self.mood.emotion || self.mood.intensity < intensity {
                self.mood = Mood {
                    emotion: scene,
                    intensity,
                };
            }
        }
        let strongest = beats
            .iter()
            .max_by(|one, other| one.line.intensity.total_cmp(&other.line.intensity));
        let (emotion, intensity) = strongest.map_or((Emotion::Neutral, 0.0), |beat| {
            (beat.line.emotion, beat.line.intensity)
        });
        let old = self.mood;
        let faded = Mood {
            emotion: old.emotion,
            intensity: old.intensity * 0.75,
        };
        let mood = if emotion == Emotion::Neutral {
            faded
        } else if emotion == old.emotion || old.emotion == Emotion::Neutral {
            Mood {
                emotion,
                intensity: f32::midpoint(old.intensity, intensity).max(0.8 * intensity),
            }
        } else if intensity >= 0.4 || old.intensity < 0.3 {
            Mood {
                emotion,
                intensity: 0.8 * intensity,
            }
        } else {
            faded
        };
        // What a scene feels as a whole returns when nothing else is felt.
        let mood = if mood.intensity < 0.25 && scene != Emotion::Neutral {
            Mood {
                emotion: scene,
                intensity: 0.25,
            }
        } else {
            mood
        };
        let rounded = (mood.intensity.clamp(0.0, 1.0) * 100.0).round() / 100.0;
        self.mood = if rounded < 0.1 {
            Mood {
                emotion: Emotion::Neutral,
                intensity: 0.0,
            }
        } else {
            Mood {
                emotion: mood.emotion,
                intensity: rounded,
            }
        };
        self.mood
    }
}

fn says(beat: &Beat<'_>, list: &[&str]) -> bool {
    let said = |word: &Word| list.contains(&actions::bare(&word.text).as_str());
    beat.line.voice == Voice::Narrator && beat.words.iter().any(said)
}

/// Whether a beat is told of several who are known already.
fn tells_of_several(beat: &Beat<'_>) -> bool {
    says(beat, &["they", "them", "together", "both", "we", "friends"])
}

/// Whether a beat is told of somebody who is known already.
fn tells_of_known(beat: &Beat<'_>) -> bool {
    tells_of_several(beat) || says(beat, &["he", "she", "i"])
}

/// Whether a beat goes on in the shot before it.
fn joins(
    draft: &Draft,
    beats: &[Beat<'_>],
    index: usize,
    subjects: &[usize],
    deeds: &[actions::Done],
    stage: &Stage,
) -> bool {
    let beat = &beats[index];
    let total_s = draft.length_s + beat.shown_s;
    let changes_pose = deeds.iter().any(|done| done.deed.changes_pose());
    let narrated = beat.line.voice == Voice::Narrator;
    let Some(before) = draft.beats.last().map(|at| &beats[*at]) else {
        return draft.opens && narrated && beat.shown_s <= OPENING_BEAT_S;
    };
    // Who comes or goes is seen from head to foot.
    let goes = deeds
        .iter()
        .any(|done| matches!(done.deed, Deed::Go { .. }));
    if goes
        && narrated
        && matches!(
            draft.framing,
            Framing::Medium | Framing::Close | Framing::OverShoulder
        )
    {
        return false;
    }
    // Nobody to cut to: the place is held while it is told of.
    if stage.on.is_empty() && subjects.is_empty() && draft.framing == Framing::Wide {
        return total_s <= LONG_S;
    }
    let seen = draft.faces();
    let in_picture = |who: &usize| draft.framing == Framing::Wide || seen.contains(who);
    if changes_pose && narrated && beat.is_first {
        return false;
    }
    if before.line_index == beat.line_index {
        return total_s <= LONG_S;
    }
    let peaks = beat.line.intensity >= PEAK && beat.line.emotion != before.line.emotion;
    if beat.line.opens_paragraph && draft.length_s > 3.0 || peaks {
        return false;
    }
    let same_voice = before.line.voice == beat.line.voice;
    match (before.line.voice, beat.line.voice) {
        (Voice::Narrator, Voice::Narrator) => {
            let most_s = match (draft.opens, draft.framing, subjects) {
                (_, Framing::Wide, []) => LONG_S,
                (true, _, _) => 6.0,
                _ => 6.8,
            };
            total_s <= most_s && !beat.line.opens_paragraph && subjects.iter().all(in_picture)
        }
        (Voice::Speaker { .. }, Voice::Narrator) => {
            total_s <= 6.8 && !beat.line.opens_paragraph && subjects.iter().all(in_picture)
        }
        (Voice::Narrator, Voice::Speaker { .. }) => {
            total_s <= 6.0
                && before.shown_s <= 2.4
                && !draft.opens
                && !beat.line.opens_paragraph
                && draft.framing != Framing::Wide
                && seen == subjects
        }
        (Voice::Speaker { .. }, Voice::Speaker { .. }) if same_voice => total_s <= LONG_S,
        (Voice::Speaker { .. }, Voice::Speaker { .. }) => {
            total_s <= 6.4
                && beat.shown_s <= 2.4
                && seen.len() > 1
                && subjects.iter().all(in_picture)
        }
    }
}

/// Who is seen listening after a line that strikes them.
fn reaction(peak: &Beat<'_>, next: &Beat<'_>, draft: &Draft, stage: &Stage) -> Option<usize> {
    let Voice::Speaker {
        who: Some(speaker),
        to,
    } = peak.line.voice
    else {
        return None;
    };
    let listener = to
        .filter(|to| stage.get(*to).is_some())
        .or_else(|| stage.partner(speaker))?;
    let answers = matches!(next.line.voice, Voice::Speaker { who, .. } if who == Some(listener));
    let strikes = peak.line.intensity >= 0.7 && peak.line.emotion != Emotion::Neutral;
    (strikes && !answers && listener != speaker && draft.focus == [speaker]).then_some(listener)
}

/// Who is in a beat, and what they do there.
struct Cast<'a> {
    subjects: &'a [usize],
    /// Those of them who are not on the set yet.
    entering: &'a [usize],
    deeds: &'a [actions::Done],
}

/// How a beat is framed after a cut.
fn frame(
    beat: &Beat<'_>,
    cast: &Cast<'_>,
    stage: &Stage,
    talk: usize,
    taste: usize,
    shown: &[Picture],
) -> Draft {
    let Cast {
        subjects,
        entering,
        deeds,
    } = *cast;
    let moves = deeds
        .iter()
        .any(|done| matches!(done.deed, Deed::Go { .. }));
    let found = if beat.line.voice == Voice::Narrator {
        !moves
    } else {
        actions::finds(beat.words)
    };
    let mut wanted = if !entering.is_empty() {
        // A new face comes into the whole picture, or is found in its place by a cut.
        let mut wanted = vec![
            (Framing::Wide, Vec::new()),
            (Framing::Full, entering.to_vec()),
            (Framing::Medium, entering.to_vec()),
        ];
        if found {
            wanted.rotate_left(1);
        }
        wanted
    } else if beat.line.voice == Voice::Narrator {
        narrated(beat, deeds, subjects, stage, taste)
    } else {
        spoken(beat, subjects, stage, talk, taste)
    };
    let near = shown
        .iter()
        .rev()
        .take_while(|(framing, focus)| *framing != Framing::Wide && focus.len() < 3)
        .count();
    if near >= LOST_AFTER && !peaks(beat) && beat.line.voice == Voice::Narrator {
        wanted.insert(0, (Framing::Wide, Vec::new()));
    }
    let before = if peaks(beat) {
        // A peak may stay on one person for longer.
        &shown[shown.len().saturating_sub(1)..]
    } else {
        shown
    };
    for picture in &mut wanted {
        // The face of somebody who sits is low: it needs room below for the caption.
        let any = |is: fn(&Presence) -> bool| {
            let mut framed = picture.1.iter();
            framed.any(|who| stage.get(*who).is_some_and(is))
        };
        picture.0 = match picture.0 {
            Framing::Close | Framing::Medium | Framing::OverShoulder
                if any(|it| it.pose.lies()) =>
            {
                Framing::Full
            }
            Framing::Close if any(|it| it.pose == Pose::Sit) => Framing::Medium,
            // No face of a group is seen alone, and nobody looks past many shoulders.
            Framing::Close | Framing::OverShoulder if any(|it| it.size.is_group) => Framing::Medium,
            framing => framing,
        };
    }
    let (framing, focus) = framing::choose(&wanted, before, stage);
    let mut draft = Draft::new(framing, focus);
    let gait = deeds.iter().find_map(|done| match done.deed {
        Deed::Go { gait, .. } => Some(gait),
        _ => None,
    });
    draft.gait = gait.unwrap_or_default();
    draft.entering = entering.iter().map(|who| (*who, !found)).collect();
    let walks_in = draft.entering.iter().any(|(_, walks)| *walks);
    if walks_in && beat.line.voice != Voice::Narrator && beat.shown_s < OPENING_BEAT_S {
        draft.lead_s = LATE_LEAD_S;
        draft.length_s = LATE_LEAD_S;
    }
    draft
}

/// Whether a feeling is so strong here that it is seen close.
fn peaks(beat: &Beat<'_>) -> bool {
    beat.line.intensity >= PEAK && beat.line.emotion != Emotion::Neutral
}

/// The same draft from farther away, so that the next shot can come near.
fn step_back(mut draft: Draft, stage: &Stage, shown: &[Picture]) -> Draft {
    let who = draft.focus.clone();
    let mut wanted = Vec::new();
    if let [one] = who.as_slice()
        && let Some(partner) = stage.nearest(*one)
    {
        wanted.push(group(stage, vec![*one, partner]));
    }
    wanted.push((Framing::Full, who));
    wanted.push((Framing::Wide, Vec::new()));
    (draft.framing, draft.focus) = framing::choose(&wanted, shown, stage);
    draft
}

/// Several in one picture: from the knees up if they are of a size, else from head to foot.
fn group(stage: &Stage, who: Vec<usize>) -> Picture {
    let heights = who.iter().filter_map(|who| stage.get(*who));
    let (low, high) = heights.fold((f32::INFINITY, 0.0_f32), |(low, high), presence| {
        let height = presence.size.height;
        (low.min(height), high.max(height))
    });
    let framing = if low >= OF_A_SIZE * high {
        Framing::Medium
    } else {
        Framing::Full
    };
    (framing, by_place(stage, who))
}

/// The pictures that a told beat asks for, the best first: its subject doing.
fn narrated(
    beat: &Beat<'_>,
    deeds: &[actions::Done],
    subjects: &[usize],
    stage: &Stage,
    taste: usize,
) -> Vec<Picture> {
    use Framing::{Close, Full, Medium, Wide};
    let wide = (Wide, Vec::new());
    let (emotion, intensity) = (beat.line.emotion, beat.line.intensity);
    let feels = intensity >= 0.5 && emotion != Emotion::Neutral;
    let goes = deeds
        .iter()
        .any(|done| matches!(done.deed, Deed::Go { .. }));
    // Deeds of the whole body are seen from head to foot.
    let whole = deeds.iter().any(|done| match done.deed {
        Deed::Act(act) => {
            matches!(
                act,
                Act::Bow | Act::Fall | Act::Fight | Act::Fly | Act::Give | Act::Hug | Act::Swim
            )
        }
        deed => deed.changes_pose(),
    });
    // What is done to somebody is seen with both in the picture.
    let paired = deeds
        .iter()
        .any(|done| matches!(done.deed, Deed::Act(_)) && done.to.is_some());
    let bodily = deeds.iter().any(|done| matches!(done.deed, Deed::Act(_)));
    let together = deeds
        .iter()
        .any(|done| matches!(done.subject, Subject::Several));
    let everyone: Vec<usize> = stage.on.iter().map(|presence| presence.who).collect();
    let active = stage
        .on
        .iter()
        .max_by_key(|presence| (presence.active, std::cmp::Reverse(presence.who)));
    let orders: [Framing; 3] = match subjects {
        _ if goes => [Wide, Full, Medium],
        [_] if whole => [Full, Medium, Wide],
        [_] if peaks(beat) => [Close, Medium, Full],
        [_] if actions::tells_of_a_face(beat.words) => [Close, Medium, Full],
        [_] if bodily => [Full, Medium, Close],
        [_] if feels => [Medium, Close, Full],
        [_] if taste.is_multiple_of(3) => [Full, Close, Medium],
        [_] => [Medium, Full, Close],
        [_, _, ..] if paired => [Medium, Full, Wide],
        [_, _, ..] if whole => [Full, Wide, Medium],
        [_, _, ..] if feels => [Medium, Full, Wide],
        [_, _, ..] if taste.is_multiple_of(2) => [Full, Medium, Wide],
        [_, _, ..] => [Medium, Full, Wide],
        [] => [Wide, Medium, Close],
    };
    let focus = match (subjects, active) {
        ([], Some(active)) => vec![active.who],
        _ => by_place(stage, subjects.to_vec()),
    };
    let mut wanted: Vec<Picture> = orders
        .into_iter()
        .map(|framing| match framing {
            Wide => wide.clone(),
            _ if focus.is_empty() => wide.clone(),
            Medium if focus.len() > 1 => group(stage, focus.clone()),
            _ => (framing, focus.clone()),
        })
        .collect();
    match subjects {
        [] if together && everyone.len() > 1 => {
            wanted.insert(0, group(stage, everyone));
        }
        [] if everyone.len() == 2 => {
            wanted.insert(1, group(stage, everyone));
        }
        [_] => wanted.push(wide),
        [first, rest @ ..] if !paired => {
            wanted.extend(
                [first]
                    .into_iter()
                    .chain(rest)
                    .map(|who| (Medium, vec![*who])),
            );
        }
        _ => {}
    }
    wanted
}

/// The pictures that a line of speech asks for, the best first: the speaker alone or with the
/// partner, nearer as the talk goes on.
fn spoken(
    beat: &Beat<'_>,
    subjects: &[usize],
    stage: &Stage,
    talk: usize,
    taste: usize,
) -> Vec<Picture> {
    use Framing::{Close, Full, Medium, OverShoulder, Wide};
    let [who, ..] = subjects else {
        // A voice from nowhere is seen in the face of whoever hears it.
        let listener = stage
            .on
            .iter()
            .max_by_key(|presence| (presence.active, std::cmp::Reverse(presence.who)));
        let mut wanted = vec![(Wide, Vec::new())];
        if let Some(listener) = listener {
            wanted.insert(0, (Close, vec![listener.who]));
            wanted.push((Full, vec![listener.who]));
        }
        return wanted;
    };
    let one = (Medium, vec![*who]);
    let close = (Close, vec![*who]);
    let peaks = peaks(beat);
    let to = match beat.line.voice {
        Voice::Speaker { to, .. } => to,
        Voice::Narrator => None,
    };
    let partner = to
        .filter(|to| to != who && stage.get(*to).is_some())
        .or_else(|| stage.partner(*who));
    let Some(partner) = partner else {
        let full = (Full, vec![*who]);
        let wide = (Wide, Vec::new());
        return if peaks {
            vec![close, one, full, wide]
        } else {
            vec![one, close, full, wide]
        };
    };
    let two = group(stage, vec![*who, partner]);
    let wide = (Wide, Vec::new());
    let past = (OverShoulder, vec![*who, partner]);
    if peaks {
        vec![close, one, two]
    } else if talk % 6 == 1 {
        vec![two, one, close]
    } else if past_shoulder(stage, *who, partner, talk) {
        vec![past, one, two, close, wide]
    } else if talk >= 4 && (talk + taste).is_multiple_of(2) || beat.line.intensity >= 0.6 {
        vec![close, two, one, wide]
    } else {
        vec![one, two, close, wide]
    }
}

/// Whether a line of talk is seen past the shoulder of who is spoken to: once both have been seen
/// together, for a question and its answer at a time, so that each look has its counterpart. It takes
/// two who stand and of whom neither is much the smaller.
fn past_shoulder(stage: &Stage, who: usize, partner: usize, talk: usize) -> bool {
    let (Some(one), Some(other)) = (stage.get(who), stage.get(partner)) else {
        return false;
    };
    let [one_height, other_height] = [one, other].map(|presence| presence.size.height);
    let (low, high) = (one_height.min(other_height), one_height.max(other_height));
    let stand = one.pose == Pose::Stand && other.pose == Pose::Stand;
    matches!(talk % 6, 2 | 3) && stand && low >= OF_LIKE_SIZE * high
}

/// Whether the name at this byte of the text is the last of several: "the mouse and the cat".
fn joined_before(director: &Director<'_>, words: &[Word], at: usize) -> bool {
    let before: Vec<&Word> = words.iter().take_while(|word| word.at < at).collect();
    let and = before
        .iter()
        .rposition(|word| actions::bare(&word.text) == "and");
    match and {
        Some(index) if index > 0 && before.len() - index <= 3 => {
            !director.mentioned_at(before[index - 1].at).is_empty()
        }
        _ => false,
    }
}

/// From left to right, as they stand.
fn by_place(stage: &Stage, mut who: Vec<usize>) -> Vec<usize> {
    let x = |who: &usize| stage.get(*who).map_or(0.0, |presence| presence.x);
    who.sort_by(|one, other| x(one).total_cmp(&x(other)));
    who
}

/// How much a shot asks for a camera move, and for which.
fn wish(
    draft: &Draft,
    actors: &[Actor],
    mood: Mood,
    duration_s: f64,
    seed: u32,
    number: usize,
) -> (u8, CameraMove) {
    let walks = actors
        .iter()
        .flat_map(|actor| &actor.cues)
        .any(|cue| matches!(cue.kind, CueKind::Walk { .. }));
    if walks || duration_s < 2.4 {
        return (0, CameraMove::Hold);
    }
    let pan = if (seed as usize + number).is_multiple_of(2) {
        CameraMove::PanRight
    } else {
        CameraMove::PanLeft
    };
    match draft.framing {
        Framing::Wide if draft.closes => (4, CameraMove::PullOut),
        Framing::Wide if draft.opens => (2, pan),
        Framing::Close if mood.intensity >= 0.6 && !draft.beats.is_empty() => {
            (3, CameraMove::PushIn)
        }
        Framing::Wide if actors.is_empty() => (1, CameraMove::PushIn),
        Framing::Medium if mood.intensity >= 0.5 && duration_s >= 4.5 => (1, CameraMove::PushIn),
        _ => (0, CameraMove::Hold),
    }
}

/// How long a way takes.
fn way_s(from_x: f32, to_x: f32, gait: Gait) -> f64 {
    let speed = match gait {
        Gait::Walk => WALK_SPEED,
        Gait::Run => RUN_SPEED,
        Gait::Fly => FLIGHT_SPEED,
        Gait::Swim => SWIM_SPEED,
    };
    // To take off and land, and to lie down in the water, takes longer than a step.
    let shortest_s = match gait {
        Gait::Walk | Gait::Run => 0.6,
        Gait::Fly | Gait::Swim => 1.6,
    };
    (f64::from((to_x - from_x).abs()) / speed).max(shortest_s)
}

/// The actors of a shot while it is being filmed.
struct Film {
    actors: Vec<(usize, Actor)>,
    leaving: Vec<usize>,
    looks: BTreeMap<usize, Option<usize>>,
    /// Who came on the set with this shot.
    came: Vec<usize>,
    /// Whose face has been given a feeling in this shot.
    felt: Vec<usize>,
    /// The shot may not end before.
    busy_until_s: f64,
    opens: bool,
}

impl Film {
    fn new(stage: &Stage, draft: &Draft) -> Self {
        let mut film = Self {
            actors: Vec::new(),
            leaving: Vec::new(),
            looks: BTreeMap::new(),
            came: draft.entering.iter().map(|(who, _)| *who).collect(),
            felt: Vec::new(),
            busy_until_s: 0.0,
            opens: draft.opens,
        };
        for who in by_place(
            stage,
            stage.on.iter().map(|presence| presence.who).collect(),
        ) {
            let Some(presence) = stage.get(who) else {
                continue;
            };
            let middle = if presence.x < 0.0 {
                Facing::Right
            } else {
                Facing::Left
            };
            let mut actor = Actor {
                role: String::new(),
                x: presence.x,
                facing: middle,
                pose: presence.pose,
                cues: Vec::new(),
            };
            if presence.intensity >= 0.08 {
                let emotion = presence.emotion;
                let intensity = (presence.intensity * 100.0).round() / 100.0;
                actor.cues.push(Cue {
                    at_s: 0.0,
                    kind: CueKind::Feel { emotion, intensity },
                });
            }
            film.actors.push((who, actor));
        }
        for (who, walks) in &draft.entering {
            if *walks && let Some(presence) = stage.get(*who) {
                film.walk(*who, staging::wing(presence.x), presence.x, 0.1, draft.gait);
            }
        }
        film
    }

    fn cue(&mut self, who: usize, at_s: f64, kind: CueKind) {
        if let Some((_, actor)) = self.actors.iter_mut().find(|(member, _)| *member == who) {
            actor.cues.push(Cue {
                at_s: round_ms(at_s.max(0.0)),
                kind,
            });
        }
    }

    /// Lets somebody go from one place to another, facing the way.
    fn walk(&mut self, who: usize, from_x: f32, to_x: f32, at_s: f64, gait: Gait) {
        let duration_s = round_ms(way_s(from_x, to_x, gait));
        let mut at_s = at_s;
        let mut rises = false;
        if let Some((_, actor)) = self.actors.iter_mut().find(|(member, _)| *member == who) {
            rises = actor.pose != Pose::Stand && (actor.x - from_x).abs() < 0.01;
            actor.x = from_x;
            if !rises {
                actor.pose = Pose::Stand;
            }
            actor.facing = staging::towards(from_x, to_x);
        }
        if rises {
            let rise_s = (at_s - RISE_S).max(0.0);
            at_s = rise_s + RISE_S;
            let pose = Pose::Stand;
            self.cue(who, rise_s, CueKind::Pose { pose });
        }
        let kind = CueKind::Walk {
            to_x,
            duration_s,
            gait,
        };
        self.cue(who, at_s, kind);
        self.busy_until_s = self.busy_until_s.max(at_s + duration_s + 0.2);
    }

    fn is_walking(&self, who: usize) -> bool {
        self.actors.iter().any(|(member, actor)| {
            *member == who
                && actor
                    .cues
                    .iter()
                    .any(|cue| matches!(cue.kind, CueKind::Walk { .. }))
        })
    }

    fn look(&mut self, who: usize, to: Option<usize>, at_s: f64, roles: &[Role]) {
        if self.looks.insert(who, to) == Some(to) {
            return;
        }
        let role = to.map(|to| roles[to].id.clone());
        self.cue(who, at_s, CueKind::Look { role });
    }

    fn feel(&mut self, who: usize, emotion: Emotion, intensity: f32, at_s: f64, stage: &mut Stage) {
        let intensity = (intensity * 100.0).round() / 100.0;
        self.felt.push(who);
        let Some(presence) = stage.get_mut(who) else {
            return;
        };
        if presence.emotion == emotion && (presence.intensity - intensity).abs() < 0.1 {
            return;
        }
        (presence.emotion, presence.intensity) = (emotion, intensity);
        self.cue(who, at_s, CueKind::Feel { emotion, intensity });
    }

    /// What everybody does while a beat is told.
    fn play(
        &mut self,
        beat: &Beat<'_>,
        start_s: f64,
        subjects: &[usize],
        stage: &mut Stage,
        director: &Director<'_>,
    ) {
        let (emotion, intensity) = (beat.line.emotion, beat.line.intensity);
        let roles = director.roles;
        let everyone: Vec<usize> = stage.on.iter().map(|presence| presence.who).collect();
        if let Some(lover) = subjects
            .first()
            .filter(|_| marks::tells_of_love(beat.words))
        {
            let (mark, duration_s) = (Mark::Hearts, 2.7);
            self.cue(*lover, start_s + 0.4, CueKind::Mark { mark, duration_s });
        }
        let mains: Vec<usize> = subjects
            .iter()
            .copied()
            .filter(|who| everyone.contains(who))
            .collect();
        for who in &mains {
            if emotion == Emotion::Neutral {
                let old = stage
                    .get(*who)
                    .map_or((Emotion::Neutral, 0.0), |p| (p.emotion, p.intensity));
                let faded = if old.1 < 0.3 {
                    (Emotion::Neutral, 0.0)
                } else {
                    (old.0, old.1 * 0.6)
                };
                self.feel(*who, faded.0, faded.1, start_s, stage);
            } else {
                self.feel(*who, emotion, intensity, (start_s - 0.1).max(0.0), stage);
            }
        }
        if beat.line.voice == Voice::Narrator && intensity >= 0.5 {
            for who in everyone.iter().filter(|who| !mains.contains(who)) {
                self.feel(*who, emotion, 0.5 * intensity, start_s + 0.3, stage);
            }
        }
        if let (Voice::Speaker { to, .. }, Some(speaker)) =
            (beat.line.voice, mains.first().copied())
        {
            let partner = to
                .filter(|to| *to != speaker && everyone.contains(to))
                .or_else(|| stage.partner(speaker));
            if stage.get(speaker).is_some_and(|p| p.pose.lies()) {
                self.hold(speaker, Pose::Sit, start_s - RISE_S, stage);
            }
            self.look(speaker, partner, start_s, roles);
            self.face(speaker, partner, stage);
            let (mirrored, share) = staging::mirrored(emotion);
            for who in everyone.iter().copied().filter(|who| *who != speaker) {
                self.look(who, Some(speaker), start_s + 0.15, roles);
                self.face(who, Some(speaker), stage);
                if intensity >= 0.45 && share > 0.0 {
                    let near = if Some(who) == partner {
                        share
                    } else {
                        0.6 * share
                    };
                    self.feel(who, mirrored, near * intensity, start_s + 0.3, stage);
                }
            }
            if beat.is_first
                && let Some(act) = actions::gesture(beat.words, beat.line.manner.as_deref())
            {
                self.act(speaker, act, None, start_s + 0.1);
            }
            return;
        }
        match mains.as_slice() {
            [one, other, ..] => {
                self.look(*one, Some(*other), start_s + 0.2, roles);
                self.look(*other, Some(*one), start_s + 0.4, roles);
            }
            [main] => {
                for who in everyone.iter().copied().filter(|who| who != main) {
                    self.look(who, Some(*main), start_s + 0.3, roles);
                    self.face(who, Some(*main), stage);
                }
            }
            [] => {}
        }
        let deeds = director.deeds(beat);
        // "We slept in a hut. … I did not know what to say": who tells that is awake.
        let lies_down = deeds
            .iter()
            .any(|done| matches!(done.deed, Deed::Lie | Deed::LieAwake));
        if !lies_down {
            let told_by = |word: &&Word| actions::bare(&word.text) == "i";
            for word in beat.words.iter().filter(told_by) {
                for who in director.mentioned_at(word.at) {
                    if stage.get(who).is_some_and(|p| p.pose.lies()) {
                        self.hold(who, Pose::Sit, start_s - RISE_S, stage);
                    }
                }
            }
        }
        // Who hears or fears something has open eyes.
        let startled = intensity >= 0.5
            && matches!(emotion, Emotion::Fear | Emotion::Surprise | Emotion::Anger);
        if !lies_down && (startled || actions::tells_of_waking_hours(beat.words)) {
            for who in &mains {
                if stage.get(*who).is_some_and(|p| p.pose == Pose::Lie) {
                    self.hold(*who, Pose::LieAwake, start_s, stage);
                }
            }
        }
        let mut acted: Vec<usize> = Vec::new();
        for done in deeds {
            let at_s = start_s + beat.time_of(done.at);
            let is_journey = self.opens && matches!(done.deed, Deed::Go { .. });
            let last_active = stage.on.iter().max_by_key(|p| p.active).map(|p| p.who);
            let doers = match done.subject {
                // A word that names nobody is a thing: the stars came out, nobody else did.
                Subject::Word(at) => {
                    let named = director.mentioned_at(at);
                    let mut named: Vec<usize> = named
                        .into_iter()
                        .filter(|who| everyone.contains(who))
                        .collect();
                    // "The mouse and the cat sat": all of whom the beat tells before the verb.
                    if named.len() == 1 && joined_before(director, beat.words, at) {
                        named.clone_from(&mains);
                    }
                    named
                }
                Subject::Several if mains.len() < 2 => everyone.clone(),
                Subject::Several => mains.clone(),
                Subject::Same if tells_of_several(beat) && mains.len() != 1 => {
                    if mains.is_empty() {
                        everyone.clone()
                    } else {
                        mains.clone()
                    }
                }
                Subject::Same if mains.is_empty() => Vec::new(),
                Subject::One | Subject::Same => {
                    mains.first().copied().or(last_active).into_iter().collect()
                }
            };
            if is_journey && doers.len() > 1 {
                self.march(stage);
                continue;
            }
            let named = done.to.map(|at| director.mentioned_at(at));
            let named = named.unwrap_or_default();
            for doer in doers.iter().copied() {
                // One act a sentence, so that each is seen.
                if matches!(done.deed, Deed::Act(_)) {
                    if acted.contains(&doer) {
                        continue;
                    }
                    acted.push(doer);
                }
                let other = named.iter().copied().find(|who| *who != doer);
                let each_other = || match (done.deed, doers.as_slice()) {
                    (Deed::Act(Act::Hug | Act::Fight), [one, other]) => {
                        Some(if doer == *one { *other } else { *one })
                    }
                    _ => None,
                };
                let other = other
                    .filter(|who| everyone.contains(who))
                    .or_else(each_other);
                self.perform(doer, done.deed, other, at_s, stage, roles);
            }
        }
    }

    /// Everybody turns to whoever stands next to them.
    fn gather(&mut self, stage: &Stage, roles: &[Role]) {
        for presence in &stage.on {
            if let Some(neighbour) = stage.nearest(presence.who) {
                self.look(presence.who, Some(neighbour), 0.2, roles);
                self.face(presence.who, Some(neighbour), stage);
            }
        }
    }

    /// All come in together from the left, as a story goes.
    fn march(&mut self, stage: &Stage) {
        for presence in &stage.on {
            if !self.is_walking(presence.who) {
                self.walk(
                    presence.who,
                    presence.x - MARCH,
                    presence.x,
                    0.3,
                    Gait::Walk,
                );
            }
        }
    }

    fn perform(
        &mut self,
        who: usize,
        deed: Deed,
        to: Option<usize>,
        at_s: f64,
        stage: &mut Stage,
        roles: &[Role],
    ) {
        let Some(presence) = stage.get(who).copied() else {
            return;
        };
        match deed {
            Deed::Act(act) => self.act_to(who, act, to, at_s, stage, roles),
            Deed::Sit => self.hold(who, Pose::Sit, at_s - 0.3, stage),
            Deed::Lie => self.hold(who, Pose::Lie, at_s - 0.3, stage),
            Deed::LieAwake => self.hold(who, Pose::LieAwake, at_s - 0.3, stage),
            Deed::Rise => self.hold(who, Pose::Stand, at_s - 0.3, stage),
            Deed::Wake => {
                // A scene that begins with waking begins asleep.
                if self.is_found(who) && presence.pose == Pose::Stand {
                    self.hold(who, Pose::Lie, 0.0, stage);
                }
                self.hold(who, Pose::Stand, at_s - 0.3, stage);
            }
            Deed::Look => {
                self.look(who, to, at_s - 0.1, roles);
                self.face(who, to, stage);
            }
            Deed::Go { gait, away } => {
                // Who has no wings runs as fast as if they flew.
                let gait = match gait {
                    Gait::Fly if !staging::is_winged(&roles[who].look) => Gait::Run,
                    gait => gait,
                };
                self.go(who, presence.x, gait, away, at_s, stage);
            }
        }
    }

    /// Lets somebody go about the stage, or off it.
    fn go(&mut self, who: usize, x: f32, gait: Gait, away: bool, at_s: f64, stage: &mut Stage) {
        if self.is_walking(who) {
            return;
        }
        // What is being done is done first, if there is time.
        let free_s = self.acted_until_s(who).min(LATEST_S - 0.4);
        let at_s = at_s.max(free_s);
        if away && !self.opens {
            let away_x = staging::wing(x).signum() * (OFF_STAGE + 0.1);
            self.walk(who, x, away_x, at_s, gait);
            self.leaving.push(who);
            return;
        }
        let side = if x < 0.0 { -1.0 } else { 1.0 };
        let from_x = if self.opens {
            staging::wing(x)
        } else {
            let spread = stage.get(who).map_or(0.0, |own| own.size.spread);
            let edge = STROLL_EDGE - spread;
            (x + side * STROLL).clamp(-edge, edge)
        };
        let begin_s = if self.opens {
            free_s.max(0.5)
        } else {
            (at_s - 0.4).max(free_s).max(0.1)
        };
        if self.opens || stage.is_free(from_x, who) {
            self.walk(who, from_x, x, begin_s, gait);
        } else if let Gait::Fly | Gait::Swim = gait {
            let act = if gait == Gait::Fly {
                Act::Fly
            } else {
                Act::Swim
            };
            self.act(who, act, None, at_s);
        }
        if let Some(presence) = stage.get_mut(who) {
            presence.pose = Pose::Stand;
        }
    }

    /// Lets somebody sit or lie down, or get up. In the first picture of a scene, and of somebody
    /// who is new in it, that has been done already.
    fn hold(&mut self, who: usize, pose: Pose, at_s: f64, stage: &mut Stage) {
        let Some(presence) = stage.get_mut(who) else {
            return;
        };
        if presence.pose == pose {
            return;
        }
        let mut at_s = at_s;
        if let Some(arrives_s) = self.arrival_s(who) {
            at_s = at_s.max(arrives_s);
            if at_s > LATEST_S || self.leaving.contains(&who) {
                return;
            }
        }
        presence.pose = pose;
        if self.is_found(who)
            && pose != Pose::Stand
            && let Some((_, actor)) = self.actors.iter_mut().find(|(member, _)| *member == who)
        {
            actor.pose = pose;
            return;
        }
        self.cue(who, at_s, CueKind::Pose { pose });
        self.busy_until_s = self.busy_until_s.max(at_s + 1.4);
    }

    /// Whether somebody is seen for the first time here, and has not moved yet.
    fn is_found(&self, who: usize) -> bool {
        let still = self.actors.iter().any(|(member, actor)| {
            let moves = |cue: &Cue| matches!(cue.kind, CueKind::Pose { .. } | CueKind::Walk { .. });
            *member == who && !actor.cues.iter().any(moves)
        });
        still && (self.opens || self.came.contains(&who))
    }

    /// When somebody has done what they were doing.
    fn acted_until_s(&self, who: usize) -> f64 {
        let own = self.actors.iter().filter(|(member, _)| *member == who);
        own.flat_map(|(_, actor)| &actor.cues)
            .filter_map(|cue| match cue.kind {
                CueKind::Act { duration_s, .. } => Some(cue.at_s + duration_s),
                _ => None,
            })
            .fold(0.0, f64::max)
    }

    /// When somebody who walks has arrived.
    fn arrival_s(&self, who: usize) -> Option<f64> {
        let (_, actor) = self.actors.iter().find(|(member, _)| *member == who)?;
        let ways = actor.cues.iter().filter_map(|cue| match cue.kind {
            CueKind::Walk { duration_s, .. } => Some(cue.at_s + duration_s),
            _ => None,
        });
        ways.reduce(f64::max)
    }

    /// An act that may be done to somebody: both turn to each other, and come near if they must.
    fn act_to(
        &mut self,
        who: usize,
        act: Act,
        to: Option<usize>,
        at_s: f64,
        stage: &mut Stage,
        roles: &[Role],
    ) {
        let lies = |who: usize| stage.get(who).is_some_and(|p| p.pose.lies());
        let mut at_s = at_s;
        let still = matches!(
            act,
            Act::Nod | Act::ShakeHead | Act::Laugh | Act::Cry | Act::Tremble
        );
        if lies(who) && !still {
            self.hold(who, Pose::Stand, at_s - RISE_S, stage);
            at_s = at_s.max(RISE_S + 0.3);
        }
        let Some(other) = to.filter(|other| *other != who) else {
            self.act(who, act, None, at_s);
            return;
        };
        let share = if act == Act::Hug {
            EMBRACE
        } else {
            ARMS_LENGTH
        };
        at_s = self.approach([who, other], share, at_s, stage);
        self.look(who, Some(other), at_s - 0.4, roles);
        self.look(other, Some(who), at_s - 0.2, roles);
        self.face(who, Some(other), stage);
        self.face(other, Some(who), stage);
        let role = |who: usize| Some(roles[who].id.clone());
        self.act(who, act, role(other), at_s);
        // A hug and a fight are made by two.
        if matches!(act, Act::Hug | Act::Fight) {
            let late_s = if act == Act::Hug { 0.15 } else { 0.33 };
            self.act(other, act, role(who), at_s + late_s);
        }
    }

    /// Brings two together who stand farther apart than a share of their heights, each on its
    /// side of the place between; returns when they may begin.
    fn approach(&mut self, both: [usize; 2], share: f32, at_s: f64, stage: &mut Stage) -> f64 {
        let [Some(one), Some(other)] = both.map(|who| stage.get(who).copied()) else {
            return at_s;
        };
        let busy = both.iter().any(|who| self.is_walking(*who));
        let between = |presence: &Presence| {
            let (low, high) = (one.x.min(other.x), one.x.max(other.x));
            (low + 0.01..high - 0.01).contains(&presence.x)
        };
        let [one_size, other_size] = [one.size, other.size];
        let apart =
            share * (one_size.height + other_size.height) + one_size.spread + other_size.spread;
        if busy || stage.on.iter().any(between) || (one.x - other.x).abs() <= apart + 0.02 {
            return at_s;
        }
        let middle = f32::midpoint(one.x, other.x);
        let mut ready_s = at_s;
        for presence in [one, other] {
            let side = (presence.x - middle).signum();
            let to_x = ((middle + side * apart / 2.0) * 1000.0).round() / 1000.0;
            let takes_s = way_s(presence.x, to_x, Gait::Walk);
            let rises_s = if presence.pose == Pose::Stand {
                0.0
            } else {
                RISE_S
            };
            let begin_s = (at_s - takes_s).max(0.1 + rises_s);
            self.walk(presence.who, presence.x, to_x, begin_s, Gait::Walk);
            if let Some(presence) = stage.get_mut(presence.who) {
                presence.pose = Pose::Stand;
            }
            ready_s = ready_s.max(begin_s + takes_s);
        }
        ready_s
    }

    fn act(&mut self, who: usize, act: Act, to: Option<String>, at_s: f64) {
        let duration_s = match act {
            Act::Nod | Act::Jump => 0.9,
            Act::ShakeHead | Act::Shrug | Act::Point => 1.2,
            Act::Wave | Act::Cheer | Act::Laugh | Act::Bow => 1.6,
            Act::Cry | Act::Tremble | Act::Give => 2.2,
            Act::Hug | Act::Fight | Act::Fly | Act::Swim | Act::Fall => 2.6,
            Act::Eat | Act::Drink => 2.8,
        };
        let busy = self.acted_until_s(who) > at_s;
        if !busy {
            // What begins with a wind-up begins before its word.
            let at_s = match act {
                Act::Fall | Act::Give | Act::Jump => (at_s - 0.25).max(0.0),
                _ => at_s,
            };
            self.cue(
                who,
                at_s,
                CueKind::Act {
                    act,
                    duration_s,
                    to,
                },
            );
            let shown_s = f64::min(duration_s, 1.7).max(1.0);
            self.busy_until_s = self.busy_until_s.max(at_s + shown_s.min(duration_s + 0.1));
        }
    }

    fn face(&mut self, who: usize, to: Option<usize>, stage: &Stage) {
        let (Some(own), Some(other)) = (stage.get(who), to.and_then(|to| stage.get(to))) else {
            return;
        };
        let facing = staging::towards(own.x, other.x);
        // Who lies does not turn round with every word that is said.
        if !own.pose.lies()
            && !self.is_walking(who)
            && let Some((_, actor)) = self.actors.iter_mut().find(|(member, _)| *member == who)
        {
            actor.facing = facing;
        }
    }

    /// The actors with their cues in order; who has gone is off the stage from here on.
    fn finish(self, stage: &mut Stage, duration_s: f64, roles: &[Role]) -> Vec<Actor> {
        let is_held = |actor: &Actor| {
            let held =
                |cue: &Cue| matches!(cue.kind, CueKind::Pose { pose } if pose != Pose::Stand);
            actor.cues.iter().any(held)
        };
        for (who, actor) in &self.actors {
            let who = *who;
            if self.is_walking(who)
                && !is_held(actor)
                && let Some(presence) = stage.get_mut(who)
            {
                presence.pose = Pose::Stand;
            }
        }
        for who in &self.leaving {
            stage.leave(*who);
        }
        for presence in &mut stage.on {
            // A face keeps a feeling while it is part of what happens, and then lets go of it.
            if !self.felt.contains(&presence.who) {
                presence.intensity *= 0.7;
                if presence.intensity < 0.2 {
                    (presence.emotion, presence.intensity) = (Emotion::Neutral, 0.0);
                }
            }
        }
        let mut actors = Vec::with_capacity(self.actors.len());
        for (who, mut actor) in self.actors {
            actor.role.clone_from(&roles[who].id);
            actor.cues.retain(|cue| cue.at_s < duration_s);
            actor
                .cues
                .sort_by(|one, other| one.at_s.total_cmp(&other.at_s));
            actors.push(actor);
        }
        actors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_of_like_size_are_looked_at_past_each_other() {
        let stage = |height: f32| {
            let size = |height| Size {
                height,
                spread: 0.0,
                is_group: false,
            };
            let mut stage = Stage::new(vec![(0, size(0.46)), (1, size(height))]);
            stage.enter(0, 0, &[]);
            stage.enter(1, 0, &[]);
            stage
        };
        assert!(past_shoulder(&stage(0.34), 0, 1, 2) && past_shoulder(&stage(0.34), 1, 0, 3));
        assert!(!past_shoulder(&stage(0.16), 0, 1, 2) && !past_shoulder(&stage(0.16), 1, 0, 3));
        assert!(!past_shoulder(&stage(0.34), 0, 1, 0) && !past_shoulder(&stage(0.34), 0, 7, 2));
    }
}
