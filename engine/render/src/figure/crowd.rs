//! Groups: a role with members is played by several figures.
//!
//! A storyboard names a group as one. Here each member becomes a role and, in a shot, an actor of its
//! own, who stands beside the first and does the same a moment later; and each line of the group gets
//! its speakers. The camera, the acting and the light know single figures alone.

use fabula_story::{Act, Actor, Cue, CueKind, Role, Shot, Speech};

use super::face::random;
use super::wardrobe::hash;

/// Stands between the id of a role and the number of a member; no id that somebody writes has it.
const MEMBER: char = '\u{1f}';
/// How much later than the first a member does something, at least and at most.
const DELAY_S: [f64; 2] = [0.06, 0.42];
/// From here on a place is off the stage: the whole group waits there.
const OFF_STAGE: f32 = 1.1;

/// A figure that plays in a film.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    pub role: Role,
    /// How far behind the actors' line it stands, in frame heights.
    pub back: f32,
    pub in_group: bool,
}

/// All who play the roles of a cast.
pub(crate) fn players(cast: &[Role]) -> Vec<Player> {
    let mut players = Vec::with_capacity(cast.len());
    for role in cast {
        let first = Role {
            members: Vec::new(),
            ..role.clone()
        };
        for (number, member) in (2..).zip(&role.members) {
            players.push(Player {
                role: Role {
                    id: member_id(&role.id, number),
                    // Faces go by names.
                    name: format!("{} {number}", role.name),
                    look: member.look.clone(),
                    ..first.clone()
                },
                back: member.back,
                in_group: true,
            });
        }
        players.push(Player {
            role: first,
            back: 0.0,
            in_group: !role.members.is_empty(),
        });
    }
    players
}

pub(super) fn member_id(role: &str, number: usize) -> String {
    format!("{role}{MEMBER}{number}")
}

/// The role that a player's id belongs to.
pub(crate) fn group_of(id: &str) -> &str {
    id.split(MEMBER).next().unwrap_or(id)
}

/// The shot with an actor for each player. Those who stand behind come first, as they are drawn.
pub(super) fn played(shot: &Shot, cast: &[Role]) -> Shot {
    let mut played = shot.clone();
    let is_group = |id: &str| {
        cast.iter()
            .find(|role| role.id == id && !role.members.is_empty())
    };
    played.actors = Vec::with_capacity(shot.actors.len());
    for actor in &shot.actors {
        if let Some(role) = is_group(&actor.role) {
            let mut behind: Vec<usize> = (0..role.members.len()).collect();
            behind.sort_by(|a, b| role.members[*b].back.total_cmp(&role.members[*a].back));
            let member = |at: usize| member_actor(actor, role, at);
            played.actors.extend(behind.into_iter().map(member));
        }
        played.actors.push(actor.clone());
    }
    for role in shot.focus.iter().filter_map(|id| is_group(id)) {
        played.focus.extend(ids(role).skip(1));
    }
    let speakers = |speech: &Speech| {
        let group = speech.role.as_deref().and_then(is_group);
        let speakers = group.map_or_else(
            || vec![speech.role.clone()],
            |group| speakers(group, speech).map(Some).collect(),
        );
        let spoken = speakers.into_iter().map(|role| Speech {
            role,
            ..speech.clone()
        });
        spoken.collect::<Vec<_>>()
    };
    played.speech = shot.speech.iter().flat_map(speakers).collect();
    played
}

/// The ids of all players of a role.
fn ids(role: &Role) -> impl Iterator<Item = String> + '_ {
    let others = (2..).zip(&role.members);
    std::iter::once(role.id.clone()).chain(others.map(|(number, _)| member_id(&role.id, number)))
}

/// Who of a group says a line: all of them what is called out, another one each of the others.
fn speakers<'a>(group: &'a Role, speech: &Speech) -> impl Iterator<Item = String> + use<'a> {
    let quotes = ['"', '\'', '”', '’', '»', ' '];
    let chorus = speech.text.trim_end_matches(quotes).ends_with('!');
    let one = hash(&speech.text) as usize % (group.members.len() + 1);
    let (skipped, taken) = if chorus { (0, usize::MAX) } else { (one, 1) };
    ids(group).skip(skipped).take(taken)
}

/// What a member does while the first of its group does what `first` is told.
fn member_actor(first: &Actor, role: &Role, at: usize) -> Actor {
    let id = member_id(&role.id, at + 2);
    let share = f64::from(random(hash(&id), 31));
    let delay_s = DELAY_S[0] + share * (DELAY_S[1] - DELAY_S[0]);
    // Who waits off the stage with the group waits farther out.
    let width = role.members.iter().map(|it| it.x.abs()).fold(0.0, f32::max);
    let place = |x: f32| {
        let out = if x.abs() > OFF_STAGE {
            width * x.signum()
        } else {
            0.0
        };
        x + role.members[at].x + out
    };
    let cues = first.cues.iter().filter_map(|cue| {
        // How somebody is when the shot begins is so from the first moment on.
        let begins = cue.at_s <= 0.0;
        let mut at_s = cue.at_s + delay_s;
        let mut kind = cue.kind.clone();
        match &mut kind {
            // What is done to one is done by one; a sign stands for all.
            CueKind::Act {
                act: Act::Give | Act::Hug,
                to: Some(_),
                ..
            }
            | CueKind::Mark { .. } => return None,
            CueKind::Walk {
                to_x, duration_s, ..
            } => {
                *to_x = place(*to_x);
                // All arrive together.
                let late_s = delay_s.min(0.5 * *duration_s);
                *duration_s -= late_s;
                at_s = cue.at_s + late_s;
            }
            CueKind::Feel { .. } | CueKind::Look { .. } | CueKind::Pose { .. } if begins => {
                at_s = cue.at_s;
            }
            CueKind::Act { .. }
            | CueKind::Feel { .. }
            | CueKind::Look { .. }
            | CueKind::Pose { .. } => {}
        }
        Some(Cue { at_s, kind })
    });
    Actor {
        role: id,
        x: place(first.x),
        cues: cues.collect(),
        ..first.clone()
    }
}

#[cfg(test)]
mod tests {
    use fabula_story::{Age, Facing, Gait, Member, Pose};

    use super::super::sheets::{actor, shot};
    use super::super::wardrobe::tests::role;
    use super::*;

    fn dwarfs() -> Role {
        let one = role("human", Age::Adult);
        let member = |x: f32, back: f32| Member {
            look: one.look.clone(),
            x,
            back,
        };
        Role {
            id: "c1".to_owned(),
            members: vec![member(-0.2, 0.01), member(0.1, 0.05)],
            ..one
        }
    }

    #[test]
    fn a_group_becomes_an_actor_for_each_member_beside_the_first() {
        let cast = [dwarfs()];
        let played = played(&shot(vec![actor("c1", 0.3, Vec::new())]), &cast);
        // Those behind are drawn first.
        for (actor, x) in played.actors.iter().zip([0.4, 0.1, 0.3]) {
            assert!((actor.x - x).abs() < 1e-6, "{}: {}", actor.role, actor.x);
        }
        assert_eq!(played.actors.len(), 3);
        let known: Vec<String> = players(&cast).into_iter().map(|it| it.role.id).collect();
        assert!(played.actors.iter().all(|it| known.contains(&it.role)));
        assert!(played.actors.iter().all(|it| group_of(&it.role) == "c1"));
    }

    #[test]
    fn who_is_no_group_plays_as_the_storyboard_says() {
        let cast = [role("human", Age::Adult)];
        let shot = shot(vec![actor(&cast[0].id, 0.3, Vec::new())]);
        assert_eq!(played(&shot, &cast), shot);
    }

    #[test]
    fn all_of_a_group_call_out_and_one_of_them_says_the_rest() {
        let cast = [dwarfs()];
        let speakers = |text: &str| {
            let mut shot = shot(vec![actor("c1", 0.0, Vec::new())]);
            shot.speech.push(Speech {
                role: Some("c1".to_owned()),
                text: text.to_owned(),
                start_s: 0.2,
                duration_s: 1.0,
                mouth: Vec::new(),
            });
            played(&shot, &cast).speech.len()
        };
        assert_eq!(speakers("“Heigh-ho!”"), 3);
        assert_eq!(speakers("“Who sat in my chair?”"), 1);
    }

    #[test]
    fn a_group_acts_out_of_step_and_arrives_together() {
        let cues = vec![
            Cue {
                at_s: 0.5,
                kind: CueKind::Walk {
                    to_x: 0.3,
                    duration_s: 2.0,
                    gait: Gait::Walk,
                },
            },
            Cue {
                at_s: 3.0,
                kind: CueKind::Act {
                    act: Act::Laugh,
                    duration_s: 1.5,
                    to: None,
                },
            },
        ];
        let first = Actor {
            facing: Facing::Right,
            pose: Pose::Stand,
            ..actor("c1", -1.15, cues)
        };
        let played = played(&shot(vec![first]), &[dwarfs()]);
        let mut laughs: Vec<f64> = Vec::new();
        for actor in &played.actors {
            // Off the stage, nobody looks in.
            assert!(actor.x <= -1.15, "{}", actor.x);
            let CueKind::Walk { duration_s, .. } = actor.cues[0].kind else {
                panic!("walks first");
            };
            assert!((actor.cues[0].at_s + duration_s - 2.5).abs() < 1e-9);
            assert!(!laughs.contains(&actor.cues[1].at_s));
            laughs.push(actor.cues[1].at_s);
        }
    }
}
