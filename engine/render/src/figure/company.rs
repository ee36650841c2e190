//! Who is on the stage together, as each of them sees the others: worked out once for all, so that a
//! crowd costs its number and not the square of it.

use std::collections::BTreeMap;

use fabula_story::{Act, Actor, CueKind, MouthShape, Shot};

use super::crowd::group_of;
use super::gait::travel;
use super::rig::Rig;

/// The actors of a shot, and what they do that concerns others.
pub(crate) struct Company<'a> {
    pub shot: &'a Shot,
    by_role: BTreeMap<&'a str, usize>,
    /// Those who stay in their place, from left to right.
    staying: Vec<usize>,
    /// Those who go somewhere.
    going: Vec<usize>,
    gifts: BTreeMap<&'a str, Vec<Gift<'a>>>,
    /// The phrases of those who speak, by their places among the actors.
    phrases: BTreeMap<usize, Vec<Phrase>>,
}

/// Something that is given to somebody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gift<'a> {
    /// The role of who gives it.
    pub from: &'a str,
    pub at_s: f64,
    pub duration_s: f64,
}

/// A stretch of speech between pauses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase {
    pub start_s: f64,
    pub end_s: f64,
}

impl<'a> Company<'a> {
    pub fn of(shot: &'a Shot) -> Self {
        let actors = &shot.actors;
        let by_role: BTreeMap<&str, usize> = (0..actors.len())
            .rev()
            .map(|index| (actors[index].role.as_str(), index))
            .collect();
        let goes = |index: &usize| {
            let mut cues = actors[*index].cues.iter();
            cues.any(|cue| matches!(cue.kind, CueKind::Walk { .. }))
        };
        let (going, mut staying): (Vec<_>, Vec<_>) = (0..actors.len()).partition(goes);
        staying.sort_by(|a, b| actors[*a].x.total_cmp(&actors[*b].x));
        let mut gifts: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for actor in actors {
            for cue in &actor.cues {
                if let CueKind::Act {
                    act: Act::Give,
                    duration_s,
                    to: Some(to),
                } = &cue.kind
                    && actor.role != *to
                {
                    gifts.entry(to).or_default().push(Gift {
                        from: &actor.role,
                        at_s: cue.at_s,
                        duration_s: *duration_s,
                    });
                }
            }
        }
        let mut phrases = BTreeMap::new();
        for speech in &shot.speech {
            let speaker = speech.role.as_deref().and_then(|role| by_role.get(role));
            if let Some(speaker) = speaker {
                phrases
                    .entry(*speaker)
                    .or_insert_with(|| phrases_of(shot, &actors[*speaker].role));
            }
        }
        Self {
            shot,
            by_role,
            staying,
            going,
            gifts,
            phrases,
        }
    }

    /// The actor of a role.
    pub fn actor(&self, role: &str) -> Option<&'a Actor> {
        self.by_role
            .get(role)
            .map(|index| &self.shot.actors[*index])
    }

    /// What others give to a role.
    pub fn gifts_to(&self, role: &str) -> &[Gift<'a>] {
        self.gifts.get(role).map_or(&[], Vec::as_slice)
    }

    /// The phrases of a role.
    pub fn phrases(&self, role: &str) -> &[Phrase] {
        let speaker = self.by_role.get(role);
        let phrases = speaker.and_then(|speaker| self.phrases.get(speaker));
        phrases.map_or(&[], Vec::as_slice)
    }

    /// The phrases of everybody but a role.
    pub fn phrases_of_others(&self, role: &str) -> impl Iterator<Item = &Phrase> {
        let own = self.by_role.get(role).copied();
        self.phrases
            .iter()
            .filter(move |(speaker, _)| Some(**speaker) != own)
            .flat_map(|(_, phrases)| phrases)
    }

    /// Who of others than an actor's own group is nearest before it, and where, if it stands at
    /// `own_x` and looks to the side of `facing`.
    pub fn nearest_ahead(
        &self,
        actor: &Actor,
        (own_x, facing): (f32, f32),
        rig: &Rig,
        at_s: f64,
    ) -> Option<(&'a str, f32)> {
        let actors = &self.shot.actors;
        let is_other = |index: &usize| group_of(&actors[*index].role) != group_of(&actor.role);
        let to_the_right = facing > 0.0;
        let behind = |index: &usize| {
            let x = actors[*index].x;
            x < own_x || (to_the_right && x == own_x)
        };
        let (left, right) = self
            .staying
            .split_at(self.staying.partition_point(|index| behind(index)));
        let staying = if to_the_right {
            right.iter().copied().find(|index| is_other(index))
        } else {
            left.iter().rev().copied().find(|index| is_other(index))
        };
        let staying = staying.map(|index| (index, actors[index].x));
        let going = self.going.iter().copied().filter(is_other);
        let going = going.map(|index| (index, travel(&actors[index], rig, at_s).x));
        going
            .filter(|(_, x)| (x - own_x) * facing > 0.0)
            .chain(staying)
            .min_by(|a, b| (a.1 - own_x).abs().total_cmp(&(b.1 - own_x).abs()))
            .map(|(index, x)| (actors[index].role.as_str(), x))
    }
}

/// The phrases that a role speaks; long ones are divided.
fn phrases_of(shot: &Shot, role: &str) -> Vec<Phrase> {
    const LONGEST_S: f64 = 1.7;
    let mut phrases = Vec::new();
    let mut push = |start_s: f64, end_s: f64| {
        let parts = ((end_s - start_s) / LONGEST_S).ceil().clamp(1.0, 64.0);
        let part_s = (end_s - start_s) / parts;
        phrases.extend((0..parts as u32).map(|part| {
            let start_s = start_s + f64::from(part) * part_s;
            Phrase {
                start_s,
                end_s: start_s + part_s,
            }
        }));
    };
    for speech in shot
        .speech
        .iter()
        .filter(|speech| speech.role.as_deref() == Some(role))
    {
        let mut start_s = None;
        for cue in &speech.mouth {
            let cue_s = speech.start_s + cue.at_s;
            if cue.shape == MouthShape::X {
                if let Some(start_s) = start_s.take() {
                    push(start_s, cue_s);
                }
            } else if start_s.is_none() {
                start_s = Some(cue_s);
            }
        }
        let end_s = speech.start_s + speech.duration_s;
        if speech.mouth.is_empty() {
            start_s = Some(speech.start_s);
        }
        if let Some(start_s) = start_s {
            push(start_s, end_s.max(start_s));
        }
    }
    phrases
}

#[cfg(test)]
mod tests {
    use fabula_story::{Age, CameraMove, Cue, Emotion, Facing, Framing, Gait, Mood, Pose};

    use super::super::crowd::member_id;
    use super::super::face::random;
    use super::super::rig::tests::{look, skeleton};
    use super::*;

    /// A crowd in random places, every fifth on its way, some of them in groups.
    fn crowd(count: u32, seed: u32) -> Shot {
        let actors = (0..count).map(|number| {
            let place = |salt| 4.0 * random(seed ^ salt, i64::from(number)) - 2.0;
            let walk = Cue {
                at_s: 0.5,
                kind: CueKind::Walk {
                    to_x: place(1),
                    duration_s: 3.0,
                    gait: Gait::Walk,
                },
            };
            Actor {
                role: member_id(&format!("c{}", number % 7), number as usize),
                // A few stand in one place.
                x: (place(2) * 8.0).round() / 8.0,
                facing: Facing::Right,
                pose: Pose::Stand,
                cues: if number % 5 == 0 {
                    vec![walk]
                } else {
                    Vec::new()
                },
            }
        });
        Shot {
            id: "s1.1".to_owned(),
            duration_s: 8.0,
            framing: Framing::Wide,
            focus: Vec::new(),
            camera: CameraMove::Hold,
            mood: Mood {
                emotion: Emotion::Neutral,
                intensity: 0.0,
            },
            actors: actors.collect(),
            speech: Vec::new(),
            captions: Vec::new(),
        }
    }

    #[test]
    fn the_nearest_of_a_crowd_is_the_one_that_a_search_through_all_finds() {
        let rig = Rig::new(&skeleton("human"), &look("human", Age::Adult));
        for seed in 0..20 {
            let shot = crowd(30, seed);
            let company = Company::of(&shot);
            for (actor, at_s) in shot.actors.iter().zip((0..).map(|n| f64::from(n) * 0.2)) {
                let own_x = travel(actor, &rig, at_s).x;
                for facing in [-1.0, 1.0] {
                    let far = |x: f32| (x - own_x).abs();
                    let wanted = shot
                        .actors
                        .iter()
                        .filter(|other| group_of(&other.role) != group_of(&actor.role))
                        .map(|other| travel(other, &rig, at_s).x)
                        .filter(|x| (x - own_x) * facing > 0.0)
                        .min_by(|a, b| far(*a).total_cmp(&far(*b)));
                    let found = company.nearest_ahead(actor, (own_x, facing), &rig, at_s);
                    assert_eq!(
                        found.map(|(_, x)| x),
                        wanted,
                        "{seed} {} {facing}",
                        actor.role
                    );
                }
            }
        }
    }
}
