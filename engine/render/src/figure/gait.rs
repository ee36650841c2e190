//! How a body gets from place to place, and from standing to sitting and lying.

use std::f32::consts::{PI, TAU};

use fabula_story::{Actor, CueKind, Gait, Pose};
use glam::{Vec2, vec2};

use super::face::{envelope, smooth};
use super::rig::Rig;

/// How far a step carries, walking and running, as a multiple of the length of a leg.
const STEP: f32 = 0.62;
const RUNNING_STEP: f32 = 1.3;
/// The share of a running step before and after the moment when its foot is under the body.
const CONTACT: f32 = 0.27;
/// How high one flies, as a multiple of the length of a leg.
const FLIGHT: f32 = 0.7;
/// Nobody flies higher, in frame heights.
const HIGHEST: f32 = 0.42;
/// From here on a place is off the stage, where nobody takes off or lands.
const OFF_STAGE: f32 = 1.05;

/// Where a way has led, and what the legs do on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Travel {
    pub x: f32,
    pub gait: Gait,
    /// 0 at rest, 1 fully under way.
    pub strength: f32,
    /// How far the near leg is ahead of the far one, -1 to 1.
    pub swing: f32,
    /// How far each ankle is ahead of its place at rest and over the ground, in canvas units.
    pub feet: [Vec2; 2],
    /// Turn of each foot, in degrees.
    pub pitch: [f32; 2],
    /// How far the hips are lifted by a running step, in canvas units.
    pub bounce: f32,
    /// Height over the ground, in frame heights.
    pub lift: f32,
    /// How far it has gone in all, in canvas units: so far wheels have rolled.
    pub gone: f32,
}

impl Travel {
    /// How much of a way is made in a gait.
    pub fn by(&self, gait: Gait) -> f32 {
        if self.gait == gait {
            self.strength
        } else {
            0.0
        }
    }
}

/// Distance covered at a part of the time: eased start and stop, even between.
fn stride(t: f32, duration_s: f32) -> f32 {
    let ease = (0.4 / duration_s).clamp(0.05, 0.45);
    let speed = 1.0 / (1.0 - ease);
    let t = t.clamp(0.0, 1.0);
    if t < ease {
        speed * t * t / (2.0 * ease)
    } else if t > 1.0 - ease {
        1.0 - speed * (1.0 - t) * (1.0 - t) / (2.0 * ease)
    } else {
        speed * (t - ease / 2.0)
    }
}

/// The way of an actor up to a time of the shot.
pub(super) fn travel(actor: &Actor, rig: &Rig, at_s: f64) -> Travel {
    let mut now = Travel {
        x: actor.x,
        ..Travel::default()
    };
    let mut cues = actor.cues.iter().peekable();
    while let Some(cue) = cues.next() {
        let CueKind::Walk {
            to_x,
            duration_s,
            gait,
        } = cue.kind
        else {
            continue;
        };
        if at_s < cue.at_s {
            break;
        }
        // A way that is cut short by the next one ends where that begins.
        let next_s = cues
            .clone()
            .find(|next| matches!(next.kind, CueKind::Walk { .. }))
            .map_or(f64::INFINITY, |next| next.at_s);
        let until_s = at_s.min(next_s);
        let t = ((until_s - cue.at_s) / duration_s) as f32;
        let from_x = now.x;
        let progress = stride(t, duration_s as f32);
        let total = (to_x - from_x).abs() / rig.scale();
        now = Travel {
            x: from_x + (to_x - from_x) * progress,
            gait,
            gone: now.gone + total * progress,
            ..Travel::default()
        };
        let leg = rig.leg_length();
        if t < 1.0 && until_s == at_s && total > 1.0 && leg > 0.0 {
            now.strength = envelope(at_s, cue.at_s, duration_s, 0.3, 0.3);
            let done = total * progress;
            match gait {
                Gait::Walk | Gait::Run if rig.wheels.is_some() => {}
                Gait::Walk => now = steps(now, total, done, leg),
                Gait::Run => now = running_steps(now, total, done, leg),
                Gait::Fly => now = flight(now, t, duration_s as f32, [from_x, to_x], rig),
                Gait::Swim => {
                    let seen = [from_x, to_x].map(|x| x.abs() < OFF_STAGE);
                    now.strength = open_envelope(t, duration_s as f32, 0.6, seen);
                }
            }
        }
    }
    now
}

/// From 0 to 1 and back, but for ends that are not seen.
fn open_envelope(t: f32, duration_s: f32, ease_s: f32, seen: [bool; 2]) -> f32 {
    let ease = (ease_s / duration_s).min(0.5);
    let rise = if seen[0] { smooth(t / ease) } else { 1.0 };
    let fall = if seen[1] {
        smooth((1.0 - t) / ease)
    } else {
        1.0
    };
    rise * fall
}

/// Takes off, keeps its height and lands; off the stage it is in the air already.
fn flight(mut way: Travel, t: f32, duration_s: f32, ends: [f32; 2], rig: &Rig) -> Travel {
    let seen = ends.map(|x| x.abs() < OFF_STAGE);
    way.strength = open_envelope(t, duration_s, 0.5, seen);
    // Who leaves goes on climbing, and who comes has been higher.
    let climb = if seen[1] { 0.0 } else { t } + if seen[0] { 0.0 } else { 1.0 - t };
    let height = FLIGHT * (1.0 + 3.0 * climb) * rig.leg_length() * rig.scale();
    way.lift = height.min(HIGHEST) * open_envelope(t, duration_s, 0.7, seen);
    way
}

/// The feet after a part of a walk: one stands while the other swings past it.
fn steps(mut walk: Travel, total: f32, done: f32, leg: f32) -> Travel {
    let swings = (total / (STEP * leg)).ceil().max(1.0);
    let step = total / swings;
    // The first and last swing carry the body half a step, the others a whole one.
    let swing = ((done / step + 0.5).floor()).clamp(0.0, swings);
    let from = ((swing - 0.5) * step).max(0.0);
    let to = ((swing + 0.5) * step).min(total);
    let part = ((done - from) / (to - from).max(1e-3)).clamp(0.0, 1.0);
    let planted = |number: f32| (number * step).clamp(0.0, total);
    let moving =
        planted(swing - 1.0) + (planted(swing + 1.0) - planted(swing - 1.0)) * smooth(part);
    let near_swings = swing as i64 % 2 == 0;
    let standing_foot = vec2(planted(swing) - done, 0.0);
    let height = 0.13 * leg * (step / (STEP * leg)).min(1.0);
    let swinging_foot = vec2(moving - done, -height * (PI * part).sin().powi(2));
    let toe = 26.0 * (PI * (part * 1.6).min(1.0)).sin()
        - 12.0 * (PI * ((part - 0.5) * 2.0).clamp(0.0, 1.0)).sin();
    let (near, far) = if near_swings {
        (swinging_foot, standing_foot)
    } else {
        (standing_foot, swinging_foot)
    };
    walk.feet = [near, far];
    walk.pitch = if near_swings { [toe, 0.0] } else { [0.0, toe] };
    walk.swing = ((near.x - far.x) / step.max(0.5 * STEP * leg)).clamp(-1.0, 1.0);
    walk
}

/// The feet after a part of a run: between two contacts both are in the air.
fn running_steps(mut run: Travel, total: f32, done: f32, leg: f32) -> Travel {
    let count = (total / (RUNNING_STEP * leg)).ceil().max(1.0);
    let step = total / count;
    let wide = (step / (RUNNING_STEP * leg)).min(1.0);
    let planted = |number: f32| (number * step).clamp(0.0, total);
    let foot = |odd: bool| {
        let odd = if odd { 1.0 } else { 0.0 };
        let touch = |number: f32| ((number - CONTACT) * step).min(total);
        // The last contact of this foot.
        let number = (((done / step + CONTACT) - odd) / 2.0).floor() * 2.0 + odd;
        let release = ((number + CONTACT) * step).max(0.0);
        if done <= release {
            let roll = smooth(((done - number * step) / (CONTACT * step)).clamp(0.0, 1.0));
            let place = vec2(planted(number) - done, -0.09 * leg * roll * wide);
            return (place, 34.0 * roll * wide);
        }
        let end = touch(number + 2.0).max(release + 1e-3);
        let part = ((done - release) / (end - release)).clamp(0.0, 1.0);
        let (from, to) = (planted(number), planted(number + 2.0));
        let kick = (PI * part.powf(0.8)).sin();
        let lifted = 0.09 * (1.0 - smooth(part * 2.0)) + 0.34 * kick;
        let place = vec2(
            from + (to - from) * smooth(part) - done,
            -lifted * leg * wide,
        );
        let pitch = 34.0 * (1.0 - smooth(part * 1.4)) + 34.0 * (PI * (part * 1.5).min(1.0)).sin()
            - 14.0 * (PI * ((part - 0.6) * 2.5).clamp(0.0, 1.0)).sin();
        (place, pitch * wide)
    };
    let (near, far) = (foot(false), foot(true));
    run.feet = [near.0, far.0];
    run.pitch = [near.1, far.1];
    run.swing = ((near.0.x - far.0.x) / (0.9 * leg)).clamp(-1.0, 1.0);
    run.bounce = 0.05 * leg * wide * (1.0 - (TAU * done / step).cos());
    run
}

/// How a body is held: upright, sitting, lying, or between.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Stance {
    /// 0 standing, 1 sitting or lying.
    pub sit: f32,
    /// 0 upright, 1 lying.
    pub lie: f32,
    /// How far the eyes of one who lies are shut, 1 asleep.
    pub asleep: f32,
    /// How much a body that wakes stretches.
    pub stretch: f32,
}

/// From standing over sitting to lying.
fn level(pose: Pose) -> f32 {
    match pose {
        Pose::Stand => 0.0,
        Pose::Sit => 1.0,
        Pose::Lie | Pose::LieAwake => 2.0,
    }
}

/// How far eyes are shut in a pose; who gets up opens them on the way.
fn shut(pose: Pose) -> Option<f32> {
    match pose {
        Pose::Stand | Pose::Sit => None,
        Pose::Lie => Some(1.0),
        Pose::LieAwake => Some(0.0),
    }
}

/// The stance at a time; a way is made upright.
pub(super) fn stance(actor: &Actor, travel: &Travel, at_s: f64) -> Stance {
    /// How long eyes take to open or shut.
    const EYES_S: f64 = 0.5;
    let mut now = level(actor.pose);
    let mut eyes = shut(actor.pose).unwrap_or(1.0);
    let mut stretch = 0.0_f32;
    let mut cues = actor.cues.iter().peekable();
    while let Some(cue) = cues.next() {
        let CueKind::Pose { pose } = cue.kind else {
            continue;
        };
        if at_s < cue.at_s {
            break;
        }
        let next_s = cues
            .clone()
            .find(|next| matches!(next.kind, CueKind::Pose { .. }))
            .map_or(f64::INFINITY, |next| next.at_s);
        let goal = level(pose);
        let takes_s = 0.25 + 0.65 * f64::from((goal - now).abs());
        let t = ((at_s.min(next_s) - cue.at_s) / takes_s) as f32;
        if now > 1.5 && goal < 1.5 {
            stretch = stretch.max(eyes * envelope(at_s, cue.at_s + 0.5, 1.5, 0.5, 0.6));
        }
        if let Some(goal) = shut(pose) {
            let eased = smooth(((at_s.min(next_s) - cue.at_s) / EYES_S) as f32);
            eyes += (goal - eyes) * if now > 1.0 { eased } else { 1.0 };
        }
        now += (goal - now) * smooth(t);
    }
    now *= 1.0 - travel.strength;
    let lie = (now - 1.0).max(0.0);
    Stance {
        sit: now.min(1.0),
        lie,
        asleep: eyes * smooth((lie - 0.35) / 0.5),
        stretch,
    }
}
