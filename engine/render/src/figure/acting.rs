//! What an actor does at a time: where it stands, how it holds itself, where it looks.
//!
//! Everything is a function of the time alone. What follows something else, such as a head that
//! turns after the eyes or a tail that swings after the body, looks the same function up a moment
//! earlier.

use std::f32::consts::{PI, TAU};

use fabula_story::{Act, Actor, CueKind, Emotion, Facing, MouthShape, Pose, Shot};
use glam::{Vec2, vec2};

use super::face::{Feelings, blinking, express, feelings, mouth, random, smooth};
use super::rig::{Blend, Joint, Performance, Rig};
use super::wardrobe::hash;

/// Time in which a face changes its feeling, and in which the body follows.
const FACE_EASE_S: f64 = 0.4;
const BODY_EASE_S: f64 = 0.6;
/// Time in which a body turns round.
const TURN_S: f64 = 0.22;
/// How far a step carries, as a multiple of the length of a leg.
const STEP: f32 = 0.62;

/// What an actor knows while acting.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub rig: &'a Rig,
    pub actor: &'a Actor,
    pub shot: &'a Shot,
    /// Seconds of the scene before the shot began, for what does not care for cuts.
    pub before_shot_s: f64,
    /// Height of a role's eyes when it stands.
    pub eye_height: &'a dyn Fn(&str) -> f32,
}

/// The performance of an actor at a time of the shot.
pub(crate) fn perform(scene: &Scene<'_>, at_s: f64) -> Performance {
    let mut performance = body(scene, at_s);
    follow_through(scene, &mut performance, at_s);
    stand(scene, &mut performance, at_s);
    let feelings = feelings(&scene.actor.cues, at_s, FACE_EASE_S);
    let mut mouth = mouth(scene.shot, &scene.actor.role, at_s);
    let seed = hash(&scene.actor.role);
    let mut felt = feelings;
    let laugh = act_strength(scene, Act::Laugh, at_s).max(act_strength(scene, Act::Cheer, at_s));
    let cry = act_strength(scene, Act::Cry, at_s);
    for (emotion, strength) in [(Emotion::Joy, laugh), (Emotion::Sadness, cry)] {
        let felt = &mut felt[emotion as usize];
        *felt = felt.max(strength);
    }
    let laugh = act_strength(scene, Act::Laugh, at_s) * (1.0 - mouth.speaking);
    if laugh > 0.0 {
        // A laugh opens and half closes the mouth a few times a second.
        let open = laugh * (0.55 + 0.45 * (at_s as f32 * TAU * 4.2).sin());
        mouth.shapes = mouth.shapes.map(|weight| weight * (1.0 - open));
        mouth.shapes[MouthShape::D as usize] += open;
    }
    express(
        &mut performance,
        &felt,
        mouth,
        blinking(seed, at_s + scene.before_shot_s),
    );
    performance
}

impl Performance {
    fn turn_joint(&mut self, joint: Joint, degrees: f32) {
        self.joint(joint).rotation += degrees.to_radians();
    }

    fn turn_arms(&mut self, arms: [f32; 4], strength: f32) {
        let joints = [
            Joint::UpperArmNear,
            Joint::ForearmNear,
            Joint::UpperArmFar,
            Joint::ForearmFar,
        ];
        for (joint, degrees) in joints.into_iter().zip(arms) {
            self.turn_joint(joint, degrees * strength);
        }
    }

    fn lift_shoulders(&mut self, units: f32) {
        self.joint(Joint::UpperArmNear).offset.y -= units;
        self.joint(Joint::UpperArmFar).offset.y -= units;
    }
}

/// How a feeling holds the body at full strength; degrees, positive leans forward or swings back.
struct Bearing {
    head: f32,
    neck: f32,
    torso: f32,
    /// How far the shoulders are lifted, in canvas units.
    shoulders: f32,
    /// Upper arm and forearm near, upper arm and forearm far.
    arms: [f32; 4],
}

const fn bearing(emotion: Emotion) -> Bearing {
    let [head, neck, torso, shoulders] = match emotion {
        Emotion::Joy => [-5.0, -1.0, -2.0, 3.0],
        Emotion::Sadness => [11.0, 4.0, 4.0, -6.0],
        Emotion::Anger => [6.0, 3.0, 4.0, 5.0],
        Emotion::Fear => [-4.0, -3.0, -5.0, 9.0],
        Emotion::Surprise => [-7.0, -2.0, -4.0, 6.0],
        Emotion::Disgust => [-7.0, -2.0, -5.0, 2.0],
        Emotion::Neutral => [0.0; 4],
    };
    let arms = match emotion {
        Emotion::Joy => [8.0, -22.0, -10.0, -22.0],
        Emotion::Sadness => [3.0, -4.0, 2.0, -4.0],
        Emotion::Anger => [16.0, -42.0, 4.0, -46.0],
        Emotion::Fear => [-14.0, -88.0, -8.0, -96.0],
        Emotion::Surprise => [20.0, -34.0, -24.0, -38.0],
        Emotion::Disgust => [4.0, -12.0, -16.0, -74.0],
        Emotion::Neutral => [0.0; 4],
    };
    Bearing {
        head,
        neck,
        torso,
        shoulders,
        arms,
    }
}

/// Sum of slow waves, -1 to 1, different for each seed.
fn drift(seed: u32, at_s: f64, period_s: f64) -> f32 {
    let wave = |index: i64, factor: f64| {
        let phase = f64::from(random(seed, index));
        ((at_s / period_s * factor + phase) * std::f64::consts::TAU).sin() as f32
    };
    0.6 * wave(101, 1.0) + 0.4 * wave(102, 1.63)
}

/// From 0 to 1 and back: rises in `attack_s`, falls in `release_s` before the end.
fn envelope(at_s: f64, start_s: f64, duration_s: f64, attack_s: f64, release_s: f64) -> f32 {
    let since = (at_s - start_s) as f32;
    let left = (start_s + duration_s - at_s) as f32;
    let attack = attack_s.min(duration_s / 2.0) as f32;
    let release = release_s.min(duration_s / 2.0) as f32;
    smooth(since / attack) * smooth(left / release)
}

/// How much of an act is going on, 0 to 1.
fn act_strength(scene: &Scene<'_>, wanted: Act, at_s: f64) -> f32 {
    scene
        .actor
        .cues
        .iter()
        .filter_map(|cue| match cue.kind {
            CueKind::Act { act, duration_s } if act == wanted => {
                Some(envelope(at_s, cue.at_s, duration_s, 0.3, 0.4))
            }
            _ => None,
        })
        .fold(0.0, f32::max)
}

/// Everything above the legs.
fn body(scene: &Scene<'_>, at_s: f64) -> Performance {
    let (actor, rig) = (scene.actor, scene.rig);
    let seed = hash(&actor.role);
    let scene_s = at_s + scene.before_shot_s;
    let mut p = Performance {
        turn: turn(actor, at_s),
        ..Performance::default()
    };
    let walk = walk(actor, rig, at_s);
    p.x = walk.x;

    // Breathing and small shifts of weight.
    let breath =
        ((scene_s / (3.4 + 0.8 * f64::from(random(seed, 7)))) * std::f64::consts::TAU).sin() as f32;
    p.joint(Joint::Torso).scale += vec2(0.004, 0.009) * breath;
    p.lift_shoulders(1.1 * breath);
    p.turn_joint(Joint::Head, -0.5 * breath);
    let still = 1.0 - walk.strength;
    let sway = drift(seed, scene_s, 5.3) * still;
    p.joint(Joint::Hips).offset += vec2(2.6 * sway, 1.5);
    p.turn_joint(
        Joint::Torso,
        -0.9 * sway + 0.5 * drift(seed ^ 1, scene_s, 3.7),
    );
    p.turn_joint(Joint::Head, 1.3 * drift(seed ^ 2, scene_s, 4.1));
    let arm_sway = drift(seed ^ 3, scene_s, 4.6);
    p.turn_arms(
        [
            3.0 + 1.6 * arm_sway,
            -7.0 - 2.0 * arm_sway,
            -3.0 - 1.4 * arm_sway,
            -8.0,
        ],
        1.0,
    );

    let felt = feelings(&actor.cues, at_s, BODY_EASE_S);
    hold(&mut p, &felt, seed, scene_s, walk.strength);
    look(scene, &mut p, at_s);
    speak(scene, &mut p, at_s);
    listen(scene, &mut p, at_s);
    for cue in &actor.cues {
        if let CueKind::Act { act, duration_s } = cue.kind {
            do_act(&mut p, act, cue.at_s, duration_s, at_s, rig);
        }
    }
    if walk.strength > 0.0 {
        let swing = walk.swing * walk.strength;
        p.turn_arms(
            [
                24.0 * swing,
                -14.0 - 8.0 * swing,
                -24.0 * swing,
                -14.0 + 8.0 * swing,
            ],
            walk.strength,
        );
        p.turn_joint(Joint::Torso, 3.5 * walk.strength);
        p.turn_joint(Joint::Head, -2.0 * walk.strength + 1.2 * swing.abs());
        p.turn_joint(Joint::Skirt, 3.0 * swing);
    }
    p
}

/// Bearing of what is felt.
fn hold(p: &mut Performance, felt: &Feelings, seed: u32, scene_s: f64, walking: f32) {
    for emotion in Emotion::ALL {
        let strength = felt[emotion as usize];
        if strength == 0.0 {
            continue;
        }
        let bearing = bearing(emotion);
        p.turn_joint(Joint::Head, bearing.head * strength);
        p.turn_joint(Joint::Neck, bearing.neck * strength);
        p.turn_joint(Joint::Torso, bearing.torso * strength);
        p.lift_shoulders(bearing.shoulders * strength);
        p.turn_arms(bearing.arms, strength * (1.0 - 0.7 * walking));
    }
    let time = scene_s as f32;
    let fear = felt[Emotion::Fear as usize].max(0.0);
    let shiver = (time * TAU * 9.0).sin() + 0.6 * (time * TAU * 13.7).sin();
    p.turn_joint(Joint::Torso, 0.18 * fear * shiver);
    p.turn_joint(Joint::Head, 0.22 * fear * shiver);
    let anger = felt[Emotion::Anger as usize].max(0.0);
    p.turn_joint(Joint::Head, 0.5 * anger * drift(seed ^ 4, scene_s, 0.9));
    let joy = felt[Emotion::Joy as usize].max(0.0);
    p.joint(Joint::Hips).offset.y -= 1.6 * joy * (time * TAU * 0.8).sin();
    // Ears and tails say what they feel.
    let sadness = felt[Emotion::Sadness as usize].max(0.0);
    let surprise = felt[Emotion::Surprise as usize].max(0.0);
    let back = 22.0 * fear + 15.0 * sadness + 18.0 * anger - 5.0 * surprise - 3.0 * joy;
    let twitch = smooth(drift(seed ^ 5, scene_s, 2.3) * 6.0 - 4.2) * (time * TAU * 5.0).sin();
    p.turn_joint(Joint::EarNear, -back + 5.0 * twitch);
    p.turn_joint(Joint::EarFar, -0.7 * back);
    let idle = 7.0 * (time * TAU * (0.3 + 0.1 * random(seed, 9))).sin();
    let wag = 13.0 * joy * (time * TAU * 2.1).sin();
    let droop = 24.0 * sadness + 30.0 * fear - 12.0 * joy - 10.0 * surprise - 8.0 * anger;
    p.turn_joint(Joint::Tail, idle + wag - droop);
    let idle_tip = 9.0 * (time * TAU * (0.3 + 0.1 * random(seed, 9)) - 0.9).sin();
    p.turn_joint(
        Joint::TailTip,
        idle_tip + 15.0 * joy * (time * TAU * 2.1 - 1.0).sin() - 0.5 * droop,
    );
}

/// What swings after the body has moved.
fn follow_through(scene: &Scene<'_>, p: &mut Performance, at_s: f64) {
    let delayed = |by_s: f64| body(scene, (at_s - by_s).max(0.0));
    let carried = |p: &Performance, joints: &[Joint]| -> f32 {
        joints
            .iter()
            .map(|joint| p.joints[*joint as usize].rotation)
            .sum()
    };
    let head = [Joint::Torso, Joint::Neck, Joint::Head];
    let earlier = delayed(0.1);
    let lag = carried(&earlier, &head) - carried(p, &head);
    let fall = (earlier.lift - p.lift) / scene.rig.scale() * 0.0015;
    let speed = (p.x - earlier.x) * p.turn / scene.rig.scale() * 0.0012;
    p.joint(Joint::Hair).rotation += (0.25 * lag - 0.3 * speed).clamp(-0.05, 0.05);
    for (joint, far) in [(Joint::EarNear, 1.0), (Joint::EarFar, 0.8)] {
        p.joint(joint).rotation += far * (0.8 * lag - 1.4 * speed + fall).clamp(-0.5, 0.5);
    }
    let torso = [Joint::Torso];
    let before = delayed(0.16);
    let swing = carried(&before, &torso) - carried(p, &torso);
    p.joint(Joint::Tail).rotation += (0.9 * swing + 2.0 * speed).clamp(-0.5, 0.5);
    p.joint(Joint::TailTip).rotation += (1.4 * swing + 2.6 * speed).clamp(-0.6, 0.6);
    p.joint(Joint::Skirt).rotation += (-0.8 * speed).clamp(-0.08, 0.08);
}

/// Eyes first, then the head.
fn look(scene: &Scene<'_>, p: &mut Performance, at_s: f64) {
    let mean = |from_s: f64, to_s: f64| {
        const SAMPLES: usize = 8;
        let step = (to_s - from_s) / SAMPLES as f64;
        let sum: Gaze = (0..SAMPLES)
            .map(|i| gaze_goal(scene, at_s - from_s - step * (i as f64 + 0.5)))
            .fold(Gaze::default(), |sum, goal| Gaze {
                ahead: sum.ahead + goal.ahead,
                down: sum.down + goal.down,
                front: sum.front + goal.front,
            });
        let part = 1.0 / SAMPLES as f32;
        Gaze {
            ahead: sum.ahead * part,
            down: sum.down * part,
            front: sum.front * part,
        }
    };
    let seed = hash(&scene.actor.role);
    let scene_s = at_s + scene.before_shot_s;
    // Small jumps of the eyes about every second.
    let jump = |salt: u32| {
        let beat = scene_s / 1.3 + f64::from(random(seed ^ salt, 11));
        let number = beat.floor() as i64;
        let (from, to) = (random(seed ^ salt, number), random(seed ^ salt, number + 1));
        from + (to - from) * smooth(((beat.fract() - 0.93) / 0.07) as f32) - 0.5
    };
    let eyes = mean(0.0, 0.09);
    let head = mean(0.1, 0.42);
    let dart = vec2(1.5 * jump(21), 1.0 * jump(22));
    let goal = vec2(4.2 * eyes.ahead - 1.6 * eyes.front, 4.0 * eyes.down) + dart;
    let goal = if goal.length() > 6.0 {
        goal.normalize() * 6.0
    } else {
        goal
    };
    p.joint(Joint::Gaze).offset += goal;
    p.joint(Joint::Face).offset += vec2(
        3.0 * head.ahead.max(0.0) + 9.0 * head.ahead.min(0.0) - 6.0 * head.front,
        3.5 * head.down,
    );
    p.turn_joint(Joint::Head, 7.0 * head.down - 3.0 * head.ahead.min(0.0));
}

/// Where the eyes want to look.
#[derive(Clone, Copy, Default)]
struct Gaze {
    /// 1 far ahead, -1 behind.
    ahead: f32,
    /// 1 far down, -1 far up.
    down: f32,
    /// 1 at the audience.
    front: f32,
}

fn gaze_goal(scene: &Scene<'_>, at_s: f64) -> Gaze {
    const AUDIENCE: Gaze = Gaze {
        ahead: 0.0,
        down: 0.0,
        front: 1.0,
    };
    let (actor, shot) = (scene.actor, scene.shot);
    let mut told: Option<Option<&str>> = None;
    for cue in &actor.cues {
        if let CueKind::Look { role } = &cue.kind
            && cue.at_s <= at_s.max(0.0)
        {
            told = Some(role.as_deref());
        }
    }
    let speaker = || {
        let others = shot.speech.iter().filter(|speech| {
            let time_s = at_s - speech.start_s;
            (-0.1..speech.duration_s + 0.4).contains(&time_s)
        });
        others
            .filter_map(|speech| speech.role.as_deref())
            .find(|role| *role != actor.role)
    };
    let target = match told {
        Some(None) => return AUDIENCE,
        Some(Some(role)) => Some(role),
        None => speaker(),
    };
    let own_x = walk(actor, scene.rig, at_s).x;
    let facing = facing(actor, at_s);
    let target = target.and_then(|role| {
        let other = shot
            .actors
            .iter()
            .find(|other| other.role == role && other.role != actor.role)?;
        Some((role, walk(other, scene.rig, at_s).x))
    });
    let nearest = || {
        let ahead = shot.actors.iter().filter(|other| other.role != actor.role);
        let ahead = ahead.map(|other| (other.role.as_str(), walk(other, scene.rig, at_s).x));
        ahead
            .filter(|(_, x)| (x - own_x) * facing > 0.0)
            .min_by(|a, b| (a.1 - own_x).abs().total_cmp(&(b.1 - own_x).abs()))
    };
    let Some((role, x)) = target.or_else(nearest) else {
        return Gaze {
            ahead: 0.25,
            down: 0.0,
            front: 0.2,
        };
    };
    let drop = (scene.eye_height)(&actor.role) - (scene.eye_height)(role);
    let distance = (x - own_x).abs().max(0.2);
    Gaze {
        // Softly from behind to ahead while two walk past each other.
        ahead: ((x - own_x) * facing / 0.08).clamp(-1.0, 1.0),
        down: (1.4 * drop / distance).clamp(-0.7, 0.7),
        front: 0.0,
    }
}

/// A stretch of speech between pauses, and how much a gesture stresses it.
struct Phrase {
    start_s: f64,
    end_s: f64,
}

/// The phrases that a role speaks; long ones are divided.
fn phrases(shot: &Shot, role: &str) -> Vec<Phrase> {
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

/// Nods and gestures of a speaker: a beat at the start of each phrase.
fn speak(scene: &Scene<'_>, p: &mut Performance, at_s: f64) {
    let seed = hash(&scene.actor.role);
    for (number, phrase) in phrases(scene.shot, &scene.actor.role).iter().enumerate() {
        let Phrase { start_s, end_s } = *phrase;
        if at_s < start_s - 0.5 || at_s > end_s + 0.8 {
            continue;
        }
        let salt = seed ^ (start_s * 100.0) as u32;
        let energy = 0.5 + 0.5 * random(salt, 1);
        let nod = envelope(at_s, start_s - 0.12, 0.5, 0.22, 0.28);
        p.turn_joint(Joint::Head, 4.5 * energy * nod);
        p.turn_joint(Joint::Torso, 1.2 * energy * nod);
        let tilt = envelope(at_s, start_s, end_s - start_s + 0.4, 0.4, 0.5);
        p.turn_joint(Joint::Head, 4.0 * (random(salt, 2) - 0.5) * tilt);
        *p.weight(Blend::Up) += 0.3 * energy * nod;
        // Hands come up for the phrase; a stroke downwards marks its beat.
        let raised = envelope(at_s, start_s - 0.2, end_s - start_s + 0.6, 0.35, 0.45);
        let stroke = envelope(at_s, start_s - 0.02, 0.36, 0.14, 0.22);
        let amount = energy * (raised - 0.22 * stroke);
        match (number as u32 + seed) % 3 {
            0 => p.turn_arms([0.0, 0.0, -24.0, -62.0], amount),
            1 => p.turn_arms([-16.0, -56.0, 0.0, 0.0], amount),
            _ => p.turn_arms([14.0, -48.0, -22.0, -52.0], amount),
        }
        p.turn_joint(Joint::HandFar, -16.0 * stroke);
        p.turn_joint(Joint::HandNear, -16.0 * stroke);
    }
}

/// A listener nods now and then where somebody ends a phrase.
fn listen(scene: &Scene<'_>, p: &mut Performance, at_s: f64) {
    let seed = hash(&scene.actor.role);
    for other in scene
        .shot
        .actors
        .iter()
        .filter(|other| other.role != scene.actor.role)
    {
        for phrase in phrases(scene.shot, &other.role) {
            let salt = seed ^ (phrase.end_s * 100.0) as u32;
            if random(salt, 3) > 0.55 {
                continue;
            }
            let nod = envelope(at_s, phrase.end_s - 0.1, 0.6, 0.25, 0.35);
            p.turn_joint(Joint::Head, (3.0 + 3.0 * random(salt, 4)) * nod);
        }
    }
}

fn do_act(p: &mut Performance, act: Act, start_s: f64, duration_s: f64, at_s: f64, rig: &Rig) {
    if at_s <= start_s || at_s >= start_s + duration_s {
        return;
    }
    let since = (at_s - start_s) as f32;
    let part = since / duration_s as f32;
    let strength = envelope(at_s, start_s, duration_s, 0.25, 0.35);
    let cycles = |per_second: f32| (TAU * per_second * since).sin();
    match act {
        Act::Nod => {
            let nods = (duration_s as f32 * 1.8).round().max(1.0);
            p.turn_joint(
                Joint::Head,
                6.0 * strength * (1.0 - (TAU * nods * part).cos()),
            );
            p.turn_joint(
                Joint::Neck,
                1.5 * strength * (1.0 - (TAU * nods * part).cos()),
            );
        }
        Act::ShakeHead => {
            let shake = (TAU * (duration_s as f32 * 1.7).round().max(1.0) * part).sin() * strength;
            p.joint(Joint::Face).offset.x += 9.0 * shake - 2.0 * strength;
            p.joint(Joint::Gaze).offset.x -= 2.5 * shake;
            p.turn_joint(Joint::Head, 2.0 * shake + 2.0 * strength);
        }
        Act::Wave => {
            p.turn_arms([0.0, 0.0, -90.0, -42.0 - 24.0 * cycles(2.4)], strength);
            p.turn_joint(
                Joint::HandFar,
                -14.0 * strength * (TAU * 2.4 * since - 0.9).sin(),
            );
            p.turn_joint(Joint::Head, -3.0 * strength);
            p.turn_joint(Joint::Torso, -2.0 * strength);
        }
        Act::Point => {
            p.turn_arms([4.0, 0.0, -78.0, -2.0], strength);
            p.turn_joint(Joint::Torso, 4.0 * strength);
        }
        Act::Jump => jump(p, part, duration_s as f32, rig),
        Act::Shrug => {
            p.lift_shoulders(11.0 * strength);
            p.turn_arms([20.0, 62.0, -22.0, -78.0], strength);
            p.turn_joint(Joint::HandNear, 24.0 * strength);
            p.turn_joint(Joint::HandFar, -24.0 * strength);
            p.turn_joint(Joint::Head, -6.0 * strength);
            *p.weight(Blend::Up) += 0.5 * strength;
        }
        Act::Laugh => {
            p.turn_joint(Joint::Head, (-7.0 + 2.5 * cycles(4.2)) * strength);
            p.turn_joint(Joint::Torso, (-3.0 + 1.2 * cycles(4.2)) * strength);
            p.joint(Joint::Torso).scale.y += 0.012 * cycles(4.2) * strength;
            p.lift_shoulders((3.0 + 3.0 * cycles(4.2)) * strength);
            p.turn_arms([-22.0, -66.0, -6.0, -40.0], strength);
        }
        Act::Cry => {
            p.turn_joint(Joint::Head, (13.0 + 2.0 * cycles(2.6)) * strength);
            p.turn_joint(Joint::Torso, (5.0 + 1.2 * cycles(2.6)) * strength);
            p.lift_shoulders((2.0 + 2.5 * cycles(2.6)) * strength);
            p.turn_arms([-98.0, -94.0, -40.0, -116.0], strength);
            *p.weight(Blend::Blink) += 0.55 * strength;
        }
        Act::Tremble => {
            let shiver = cycles(10.0) + 0.5 * cycles(14.3);
            p.turn_joint(Joint::Torso, 0.7 * shiver * strength);
            p.turn_joint(Joint::Head, 0.8 * shiver * strength);
            p.lift_shoulders(6.0 * strength);
            p.turn_arms([-10.0, -60.0, -8.0, -66.0], strength);
        }
        Act::Cheer => {
            let pump = 10.0 * cycles(2.6);
            p.turn_arms([124.0 + pump, 22.0, -126.0 - pump, -20.0], strength);
            p.turn_joint(Joint::Head, -8.0 * strength);
            p.turn_joint(Joint::Torso, -3.0 * strength);
            p.joint(Joint::Hips).offset.y += 6.0 * strength * (1.0 + cycles(2.6));
        }
    }
}

/// Crouch, flight and landing.
fn jump(p: &mut Performance, part: f32, duration_s: f32, rig: &Rig) {
    let crouch = smooth(part / 0.2) * (1.0 - smooth((part - 0.2) / 0.1));
    let landing = smooth((part - 0.7) / 0.08) * (1.0 - smooth((part - 0.78) / 0.22));
    let flight = ((part - 0.25) / 0.48).clamp(0.0, 1.0);
    let arc = 4.0 * flight * (1.0 - flight);
    let height = (0.34 * duration_s).clamp(0.12, 0.4);
    p.lift += arc * height * rig.leg_length() * rig.scale();
    p.joint(Joint::Hips).offset.y += 34.0 * crouch + 30.0 * landing;
    p.joint(Joint::Torso).scale +=
        vec2(-0.02, 0.035) * arc + vec2(0.03, -0.04) * (crouch + landing);
    p.turn_joint(Joint::Torso, 9.0 * (crouch + landing));
    p.turn_joint(Joint::Head, -5.0 * (crouch + landing) - 4.0 * arc);
    p.turn_arms([34.0, -10.0, 30.0, -10.0], crouch);
    p.turn_arms([96.0, 8.0, -100.0, -8.0], arc);
    p.turn_arms([12.0, -20.0, -12.0, -20.0], landing);
}

/// Where a walk has led, and the phase of its steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Walk {
    x: f32,
    /// 0 standing, 1 in full walk.
    strength: f32,
    /// How far the near leg is ahead of the far one, -1 to 1.
    swing: f32,
    /// How far each ankle is ahead of its place at rest and over the ground, in canvas units.
    feet: [Vec2; 2],
    /// Turn of each foot, in degrees.
    pitch: [f32; 2],
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

fn walk(actor: &Actor, rig: &Rig, at_s: f64) -> Walk {
    let mut now = Walk {
        x: actor.x,
        ..Walk::default()
    };
    let mut cues = actor.cues.iter().peekable();
    while let Some(cue) = cues.next() {
        let CueKind::Walk { to_x, duration_s } = cue.kind else {
            continue;
        };
        if at_s < cue.at_s {
            break;
        }
        // A walk that is cut short by the next one ends where that begins.
        let next_s = cues
            .clone()
            .find(|next| matches!(next.kind, CueKind::Walk { .. }))
            .map_or(f64::INFINITY, |next| next.at_s);
        let until_s = at_s.min(next_s);
        let t = ((until_s - cue.at_s) / duration_s) as f32;
        let from_x = now.x;
        let progress = stride(t, duration_s as f32);
        now = Walk {
            x: from_x + (to_x - from_x) * progress,
            ..Walk::default()
        };
        let total = (to_x - from_x).abs() / rig.scale();
        let leg = rig.leg_length();
        if t < 1.0 && until_s == at_s && total > 1.0 && leg > 0.0 {
            now = steps(now, total, total * progress, leg);
            now.strength = envelope(at_s, cue.at_s, duration_s, 0.3, 0.3);
        }
    }
    now
}

/// The feet after a part of a walk: one stands while the other swings past it.
fn steps(mut walk: Walk, total: f32, done: f32, leg: f32) -> Walk {
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

/// Puts hips and feet where the pose and the walk want them.
fn stand(scene: &Scene<'_>, p: &mut Performance, at_s: f64) {
    let (rig, actor) = (scene.rig, scene.actor);
    let leg = rig.leg_length();
    if leg == 0.0 {
        return;
    }
    let walk = walk(actor, rig, at_s);
    let sitting = if actor.pose == Pose::Sit {
        1.0 - walk.strength
    } else {
        0.0
    };
    p.joint(Joint::Hips).offset += vec2(-0.06, 0.46) * leg * sitting;
    *p.weight(Blend::Sit) = sitting;
    p.turn_arms([-14.0, -34.0, -16.0, -30.0], 0.8 * sitting);
    // A skirt lies over the thighs.
    p.turn_joint(Joint::Skirt, -14.0 * sitting);
    p.joint(Joint::Skirt).scale += vec2(0.42, -0.3) * sitting;
    p.joint(Joint::Skirt).offset += vec2(18.0, 0.0) * sitting;
    // The hips sink as far as the foot that is furthest away needs.
    let hips = p.joints[Joint::Hips as usize].offset.x;
    let reach = 0.997 * leg;
    let sink = walk.feet.iter().map(|foot| {
        let along = (foot.x - hips).abs().min(0.9 * leg);
        leg - (reach * reach - along * along).max(0.0).sqrt() + foot.y
    });
    let sink = sink.fold(0.0_f32, f32::max);
    p.joint(Joint::Hips).offset.y += sink * (1.0 - sitting);
    let in_air = (p.lift / rig.scale() / (0.3 * leg)).clamp(0.0, 1.0);
    for far in [false, true] {
        let index = usize::from(far);
        let mut offset = walk.feet[index];
        offset.x += leg * sitting * if far { 0.46 } else { 0.38 };
        offset += vec2(if far { 8.0 } else { -8.0 }, -16.0) * in_air;
        let pitch = walk.pitch[index] + 24.0 * in_air;
        rig.place_foot(p, far, offset, pitch.to_radians());
    }
}

/// Sign of the direction in which a body looks: along its way while it walks.
fn facing(actor: &Actor, at_s: f64) -> f32 {
    let mut facing = match actor.facing {
        Facing::Left => -1.0,
        Facing::Right => 1.0,
    };
    let mut x = actor.x;
    for cue in &actor.cues {
        let CueKind::Walk { to_x, duration_s } = cue.kind else {
            continue;
        };
        let arrived_s = cue.at_s + duration_s + 0.15 + TURN_S;
        if (cue.at_s..arrived_s).contains(&at_s) && (to_x - x).abs() > 0.01 {
            facing = (to_x - x).signum();
        }
        x = to_x;
    }
    facing
}

/// From -1 to 1: a turn is over when the walk begins.
fn turn(actor: &Actor, at_s: f64) -> f32 {
    const SAMPLES: u32 = 24;
    let sum: f32 = (0..SAMPLES)
        .map(|i| facing(actor, at_s + TURN_S * f64::from(i) / f64::from(SAMPLES - 1)))
        .sum();
    // Slow, fast, slow.
    (sum / SAMPLES as f32 * PI / 2.0).sin()
}

#[cfg(test)]
mod tests {
    use fabula_story::{Age, CameraMove, Cue, Framing, Mood, MouthCue, Speech};

    use super::super::rig::tests::{look as some_look, skeleton};
    use super::*;

    fn actor(cues: Vec<Cue>) -> Actor {
        Actor {
            role: "c1".to_owned(),
            x: -0.4,
            facing: Facing::Right,
            pose: Pose::Stand,
            cues,
        }
    }

    fn shot(actors: Vec<Actor>, speech: Vec<Speech>) -> Shot {
        Shot {
            id: "s1.1".to_owned(),
            duration_s: 8.0,
            framing: Framing::Full,
            focus: Vec::new(),
            camera: CameraMove::Hold,
            mood: Mood {
                emotion: Emotion::Neutral,
                intensity: 0.0,
            },
            actors,
            speech,
            captions: Vec::new(),
        }
    }

    fn at(rig: &Rig, shot: &Shot, at_s: f64) -> Performance {
        let scene = Scene {
            rig,
            actor: &shot.actors[0],
            shot,
            before_shot_s: 3.0,
            eye_height: &|_| 0.4,
        };
        perform(&scene, at_s)
    }

    fn walking(to_x: f32, duration_s: f64) -> Shot {
        shot(
            vec![actor(vec![Cue {
                at_s: 1.0,
                kind: CueKind::Walk { to_x, duration_s },
            }])],
            vec![],
        )
    }

    #[test]
    fn walking_feet_do_not_slide() {
        let skeleton = skeleton("human");
        for age in [Age::Child, Age::Adult, Age::Elder] {
            let rig = Rig::new(&skeleton, &some_look("human", age));
            for (to_x, duration_s) in [(0.6, 3.0), (-0.3, 1.0), (-1.2, 2.5)] {
                let shot = walking(to_x, duration_s);
                let start = rig.ankles(&at(&rig, &shot, 1.0));
                for step in 0..400 {
                    let time_s = 1.0 + duration_s * f64::from(step) / 400.0;
                    let [a, b] = [time_s, time_s + duration_s / 400.0]
                        .map(|t| rig.ankles(&at(&rig, &shot, t)));
                    // Whichever foot is lower stands, and a standing foot keeps its place.
                    let slid = (0..2)
                        .filter(|&i| a[i].y < start[i].y + 0.002 && b[i].y < start[i].y + 0.002)
                        .map(|i| (a[i].x - b[i].x).abs())
                        .fold(f32::INFINITY, f32::min);
                    assert!(
                        slid < 0.0012,
                        "{age:?} {to_x} at {time_s}: {slid} {a:?} {b:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_walk_arrives_and_faces_its_way() {
        let rig = Rig::new(&skeleton("human"), &some_look("human", Age::Adult));
        let shot = walking(-1.0, 2.0);
        assert_eq!(at(&rig, &shot, 0.0).x, -0.4);
        assert_eq!(at(&rig, &shot, 0.5).turn, 1.0);
        assert_eq!(at(&rig, &shot, 2.0).turn, -1.0);
        assert!((at(&rig, &shot, 3.1).x + 1.0).abs() < 1e-5);
        assert_eq!(at(&rig, &shot, 5.0).turn, 1.0);
    }

    const FRAME_S: f64 = 1.0 / 240.0;

    #[test]
    fn nothing_jumps_between_frames() {
        let rig = Rig::new(&skeleton("animal"), &some_look("fox", Age::Adult));
        let mut cues = vec![
            Cue {
                at_s: 0.3,
                kind: CueKind::Feel {
                    emotion: Emotion::Fear,
                    intensity: 1.0,
                },
            },
            Cue {
                at_s: 0.5,
                kind: CueKind::Look { role: None },
            },
            Cue {
                at_s: 0.9,
                kind: CueKind::Walk {
                    to_x: 0.3,
                    duration_s: 1.5,
                },
            },
            Cue {
                at_s: 1.2,
                kind: CueKind::Feel {
                    emotion: Emotion::Joy,
                    intensity: 0.7,
                },
            },
        ];
        let acts = [
            Act::Nod,
            Act::ShakeHead,
            Act::Wave,
            Act::Point,
            Act::Jump,
            Act::Shrug,
            Act::Laugh,
            Act::Cry,
            Act::Tremble,
            Act::Cheer,
        ];
        for (index, act) in acts.into_iter().enumerate() {
            let at_s = 2.5 + index as f64 * 0.5;
            cues.push(Cue {
                at_s,
                kind: CueKind::Act {
                    act,
                    duration_s: 1.0,
                },
            });
        }
        let mouth = [
            MouthShape::A,
            MouthShape::D,
            MouthShape::F,
            MouthShape::X,
            MouthShape::C,
        ];
        let mouth = mouth.into_iter().enumerate();
        let speech = Speech {
            role: Some("c1".to_owned()),
            text: String::new(),
            start_s: 0.2,
            duration_s: 1.0,
            mouth: mouth
                .map(|(i, shape)| MouthCue {
                    at_s: i as f64 * 0.15,
                    shape,
                })
                .collect(),
        };
        let shot = shot(vec![actor(cues)], vec![speech]);
        let mut before = at(&rig, &shot, 0.0);
        for frame in 1..(8.0 / FRAME_S) as u32 {
            let time_s = f64::from(frame) * FRAME_S;
            let now = at(&rig, &shot, time_s);
            for joint in Joint::ALL {
                let (a, b) = (before.joints[*joint as usize], now.joints[*joint as usize]);
                let turned = (a.rotation - b.rotation).to_degrees().abs();
                assert!(turned < 9.0, "{joint} turns {turned} degrees at {time_s}");
                assert!(
                    a.offset.distance(b.offset) < 4.0,
                    "{joint} jumps at {time_s}"
                );
            }
            for blend in Blend::ALL {
                let change = (before.weights[*blend as usize] - now.weights[*blend as usize]).abs();
                assert!(change < 0.2, "{blend} changes by {change} at {time_s}");
            }
            assert!((before.x - now.x).abs() < 0.01 && (before.turn - now.turn).abs() < 0.2);
            before = now;
        }
    }

    #[test]
    fn eyes_turn_before_the_head() {
        let rig = Rig::new(&skeleton("human"), &some_look("human", Age::Adult));
        let told = vec![Cue {
            at_s: 1.0,
            kind: CueKind::Look {
                role: Some("c2".to_owned()),
            },
        }];
        let other = Actor {
            role: "c2".to_owned(),
            x: -0.9,
            ..actor(vec![])
        };
        let shot = shot(vec![actor(told), other], vec![]);
        let offset =
            |joint: Joint, at_s: f64| at(&rig, &shot, at_s).joints[joint as usize].offset.x;
        assert!(offset(Joint::Gaze, 1.1) < offset(Joint::Gaze, 1.0) - 3.0);
        assert!((offset(Joint::Face, 1.1) - offset(Joint::Face, 1.0)).abs() < 0.2);
        assert!(offset(Joint::Face, 1.6) < offset(Joint::Face, 1.0) - 4.0);
    }

    #[test]
    fn the_same_time_gives_the_same_performance() {
        let rig = Rig::new(&skeleton("human"), &some_look("human", Age::Elder));
        let shot = walking(0.5, 2.0);
        assert_eq!(at(&rig, &shot, 1.7), at(&rig, &shot, 1.7));
    }
}
