//! What an actor does at a time: where it stands, how it holds itself, where it looks.
//!
//! Everything is a function of the time alone. What follows something else, such as a head that
//! turns after the eyes or a tail that swings after the body, looks the same function up a moment
//! earlier.

use std::f32::consts::{PI, TAU};

use fabula_story::{Act, Actor, CueKind, Emotion, Facing, Gait, MouthShape};
use glam::{Vec2, vec2};

use super::acts::{HANDED_OVER, Legs, Moment, chewing, fly, hold_out, swim};
use super::company::{Company, Phrase};
use super::face::{Feelings, Mouth, blinking, envelope, express, feelings, mouth, random, smooth};
use super::gait::{Stance, Travel, stance, travel};
use super::rig::{Blend, Joint, Performance, Rig};
use super::wardrobe::hash;

/// Time in which a face changes its feeling, and in which the body follows.
const FACE_EASE_S: f64 = 0.4;
const BODY_EASE_S: f64 = 0.6;
/// Time in which a body turns round.
const TURN_S: f64 = 0.22;

/// What an actor knows while acting.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub rig: &'a Rig,
    pub actor: &'a Actor,
    pub company: &'a Company<'a>,
    /// Seconds of the scene before the shot began, for what does not care for cuts.
    pub before_shot_s: f64,
    /// Height of a role's eyes when it stands.
    pub eye_height: &'a (dyn Fn(&str) -> f32 + Sync),
}

/// The performance of an actor at a time of the shot.
pub(crate) fn perform(scene: &Scene<'_>, at_s: f64) -> Performance {
    let (mut performance, legs) = body(scene, at_s);
    follow_through(scene, &mut performance, at_s);
    let travel = travel(scene.actor, scene.rig, at_s);
    stand(scene.rig, &mut performance, &legs, &travel);
    let mut felt = feelings(&scene.actor.cues, at_s, FACE_EASE_S);
    let mut mouth = mouth(scene.company.shot, &scene.actor.role, at_s);
    let seed = hash(&scene.actor.role);
    let act = |act: Act| act_strength(scene, act, at_s);
    let laugh = act(Act::Laugh).max(act(Act::Cheer));
    for (emotion, strength) in [
        (Emotion::Joy, laugh.max(0.7 * act(Act::Hug))),
        (Emotion::Sadness, act(Act::Cry)),
        (Emotion::Anger, 0.6 * act(Act::Fight)),
    ] {
        let felt = &mut felt[emotion as usize];
        *felt = felt.max(strength);
    }
    // A laugh opens and half closes the mouth a few times a second.
    let open = act(Act::Laugh) * (0.55 + 0.45 * (at_s as f32 * TAU * 4.2).sin());
    shape(&mut mouth, MouthShape::D, open);
    for (since, strength) in going_on(scene, Act::Eat, at_s) {
        let [open, chew] = chewing(since).map(|weight| weight * strength);
        shape(&mut mouth, MouthShape::C, open);
        shape(&mut mouth, MouthShape::B, 0.9 * chew);
    }
    shape(&mut mouth, MouthShape::F, 0.7 * act(Act::Drink));
    // Nobody speaks with shut eyes.
    let asleep = stance(scene.actor, &travel, at_s).asleep * (1.0 - mouth.speaking);
    for felt in &mut felt {
        *felt *= 1.0 - 0.6 * asleep;
    }
    let blink = blinking(seed, at_s + scene.before_shot_s);
    express(&mut performance, &felt, mouth, blink.max(asleep));
    performance
}

/// Gives a mouth that does not speak a shape.
fn shape(mouth: &mut Mouth, shape: MouthShape, weight: f32) {
    let weight = weight * (1.0 - mouth.speaking);
    if weight > 0.0 {
        mouth.shapes = mouth.shapes.map(|other| other * (1.0 - weight));
        mouth.shapes[shape as usize] += weight;
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

/// How long an act has been going on and how much of it there is, for each time it is done.
fn going_on(scene: &Scene<'_>, wanted: Act, at_s: f64) -> impl Iterator<Item = (f32, f32)> {
    let cues = scene.actor.cues.iter();
    cues.filter_map(move |cue| match cue.kind {
        CueKind::Act {
            act, duration_s, ..
        } if act == wanted => Some((
            (at_s - cue.at_s) as f32,
            envelope(at_s, cue.at_s, duration_s, 0.3, 0.4),
        )),
        _ => None,
    })
    .filter(|(_, strength)| *strength > 0.0)
}

/// How much of an act is going on, 0 to 1.
fn act_strength(scene: &Scene<'_>, wanted: Act, at_s: f64) -> f32 {
    going_on(scene, wanted, at_s)
        .map(|(_, strength)| strength)
        .fold(0.0, f32::max)
}

/// Everything above the legs, and what the legs are to do.
fn body(scene: &Scene<'_>, at_s: f64) -> (Performance, Legs) {
    let (actor, rig) = (scene.actor, scene.rig);
    let seed = hash(&actor.role);
    let scene_s = at_s + scene.before_shot_s;
    let mut p = Performance {
        turn: turn(actor, at_s),
        ..Performance::default()
    };
    let travel = travel(actor, rig, at_s);
    let stance = stance(actor, &travel, at_s);
    p.x = travel.x;

    // Breathing and small shifts of weight.
    let breath =
        ((scene_s / (3.4 + 0.8 * f64::from(random(seed, 7)))) * std::f64::consts::TAU).sin() as f32;
    p.joint(Joint::Torso).scale += vec2(0.004, 0.009) * breath;
    p.lift_shoulders(1.1 * breath);
    p.turn_joint(Joint::Head, -0.5 * breath);
    let still = (1.0 - travel.strength) * (1.0 - stance.lie);
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
    hold(&mut p, &felt, seed, scene_s, travel.strength);
    look(scene, &mut p, at_s);
    speak(scene, &mut p, at_s);
    listen(scene, &mut p, at_s);
    let mut legs = Legs {
        sit: stance.sit,
        lie: if rig.upright { 0.0 } else { stance.lie },
        hips: vec2(-0.06, 0.0) * stance.sit,
        ..Legs::default()
    };
    rest(&mut p, rig, &stance, scene_s);
    for cue in &actor.cues {
        if let CueKind::Act {
            act,
            duration_s,
            to,
        } = &cue.kind
        {
            let moment = Moment {
                rig,
                act: *act,
                start_s: cue.at_s,
                duration_s: *duration_s,
                at_s,
                other_eyes: to.as_deref().map_or(0.0, |to| higher_eyes(scene, to)),
            };
            moment.perform(&mut p, &mut legs);
        }
    }
    receive(scene, &mut p, at_s);
    under_way(&mut p, &mut legs, rig, &travel, scene_s as f32);
    if let Some(radii) = rig.wheels {
        roll(&mut p, radii, travel.gone);
    }
    if let Some(beats_s) = rig.wing_beats() {
        let joy = felt[Emotion::Joy as usize].max(0.0);
        let aloft = legs.free.max(travel.by(Gait::Fly));
        flutter(&mut p, seed, beats_s, [aloft, joy], scene_s);
    }
    (p, legs)
}

/// Turns wheels as far as the ground has passed under them.
fn roll(p: &mut Performance, radii: [f32; 2], gone: f32) {
    for (joint, radius) in [Joint::WheelRear, Joint::WheelFront].into_iter().zip(radii) {
        p.joint(joint).rotation += (gone / radius) % TAU;
    }
}

/// Wings on a back: they beat aloft, tremble for joy, and open and close while there is nothing to do.
fn flutter(p: &mut Performance, seed: u32, beats_s: f32, [aloft, joy]: [f32; 2], scene_s: f64) {
    let phase = (scene_s * f64::from(beats_s)).fract() as f32;
    let beat = (TAU * phase).sin();
    let idle = (0.5 + 0.5 * drift(seed ^ 6, scene_s, 2.8)) * (1.0 - aloft);
    let tremble = 0.4 * joy * (1.0 - aloft);
    let turn = (17.0 * aloft + 6.0 * tremble) * beat + 5.0 * idle;
    // Seen from before, a wing that goes back is narrow.
    let back = 0.5 + 0.5 * (TAU * phase + 0.9).sin();
    let wide = (0.16 - 0.34 * back) * aloft - 0.12 * back * tremble - 0.1 * idle;
    // While the body leans, its wings stay above it.
    let up = -15.0 * aloft;
    for (joint, side) in [(Joint::WingNear, 1.0), (Joint::WingFar, -1.0)] {
        p.turn_joint(joint, side * turn + up);
        p.joint(joint).scale += vec2(wide, 0.12 * aloft);
    }
}

/// How much higher the eyes of another role are, in canvas units.
fn higher_eyes(scene: &Scene<'_>, role: &str) -> f32 {
    let heights = [role, scene.actor.role.as_str()].map(scene.eye_height);
    (heights[0] - heights[1]) / scene.rig.scale()
}

/// Takes what somebody gives.
fn receive(scene: &Scene<'_>, p: &mut Performance, at_s: f64) {
    for gift in scene.company.gifts_to(&scene.actor.role) {
        let duration_s = gift.duration_s;
        let taken_s = 0.45 * duration_s;
        let strength = envelope(at_s, gift.at_s + taken_s, duration_s - taken_s, 0.4, 0.5);
        if strength > 0.0 {
            let height = (-0.35 * higher_eyes(scene, gift.from)).clamp(-60.0, 60.0);
            hold_out(scene.rig, p, [strength, strength], height);
            p.turn_joint(Joint::Torso, 4.0 * strength);
            p.turn_joint(Joint::Head, 5.0 * strength);
            let since_s = at_s - gift.at_s - f64::from(HANDED_OVER) * duration_s;
            let left_s = gift.at_s + duration_s - at_s;
            *p.weight(Blend::Item) =
                1.3 * smooth((since_s / 0.08) as f32) * smooth((left_s / 0.25) as f32);
        }
    }
}

/// Sitting and lying, above the legs.
fn rest(p: &mut Performance, rig: &Rig, stance: &Stance, scene_s: f64) {
    let Stance {
        sit,
        lie,
        asleep,
        stretch,
    } = *stance;
    // While it goes down the body bends forward, to keep its balance.
    let going = 4.0 * sit * (1.0 - sit);
    p.turn_joint(Joint::Torso, 13.0 * going);
    p.turn_joint(Joint::Head, -5.0 * going);
    p.turn_arms([-14.0, -34.0, -16.0, -30.0], 0.8 * sit * (1.0 - lie));
    if lie > 0.0 {
        let breath = (scene_s / 4.4 * std::f64::consts::TAU).sin() as f32;
        p.calm(lie);
        p.joint(Joint::Face).offset *= 1.0 - lie.max(asleep);
        p.joint(Joint::Gaze).offset *= 1.0 - asleep;
        p.joint(Joint::Torso).scale.x += 0.028 * breath * lie;
        if rig.upright {
            // The head sinks between wings or arms.
            p.turn_arms([5.0, -4.0, -5.0, -4.0], lie);
            p.turn_joint(Joint::Torso, (6.0 + 0.6 * breath) * lie);
            p.turn_joint(Joint::Head, (17.0 + breath) * lie);
            p.joint(Joint::Head).offset += vec2(6.0, 16.0 + 1.5 * breath) * lie;
        } else {
            p.turn_arms([-8.0, -44.0, -4.0, -40.0], lie);
            // Hands lie on the belly, which lifts them.
            for (far, place) in [(false, vec2(214.0, 462.0)), (true, vec2(232.0, 448.0))] {
                let belly = rig.point(p, Joint::Torso, place + vec2(3.0 * breath, 0.0));
                if let Some((belly, _)) = belly {
                    rig.place_hand(p, far, belly, smooth(2.0 * lie - 1.0));
                }
            }
            p.turn_joint(Joint::HandNear, 14.0 * lie);
            p.turn_joint(Joint::Neck, 4.0 * lie);
            p.turn_joint(Joint::Head, (4.0 + 0.7 * breath) * lie);
            // The tail comes round from behind, along the legs.
            p.turn_joint(Joint::Tail, 212.0 * lie);
            p.turn_joint(Joint::TailTip, 12.0 * lie);
        }
    }
    if stretch > 0.0 {
        p.calm_arms(stretch);
        p.turn_arms([136.0, 26.0, -140.0, -30.0], stretch);
        p.turn_joint(Joint::Torso, -7.0 * stretch);
        p.turn_joint(Joint::Head, -8.0 * stretch);
        *p.weight(Blend::Squint) += 0.6 * stretch;
    }
}

/// What arms and trunk do on the way from one place to another.
fn under_way(p: &mut Performance, legs: &mut Legs, rig: &Rig, travel: &Travel, time: f32) {
    let walking = travel.by(Gait::Walk);
    if walking > 0.0 {
        let swing = travel.swing * walking;
        p.turn_arms(
            [
                24.0 * swing,
                -14.0 - 8.0 * swing,
                -24.0 * swing,
                -14.0 + 8.0 * swing,
            ],
            walking,
        );
        p.turn_joint(Joint::Torso, 3.5 * walking);
        p.turn_joint(Joint::Head, -2.0 * walking + 1.2 * swing.abs());
        p.turn_joint(Joint::Skirt, 3.0 * swing);
    }
    let running = travel.by(Gait::Run);
    if running > 0.0 {
        let swing = travel.swing;
        p.calm_arms(running);
        p.turn_arms(
            [
                10.0 + 46.0 * swing,
                -84.0 - 18.0 * swing,
                -6.0 - 46.0 * swing,
                -84.0 + 18.0 * swing,
            ],
            running,
        );
        p.turn_joint(Joint::Torso, 18.0 * running);
        p.turn_joint(Joint::Neck, -4.0 * running);
        p.turn_joint(Joint::Head, (-6.0 + 2.0 * swing.abs()) * running);
        p.turn_joint(Joint::Skirt, (5.0 + 4.0 * swing) * running);
        p.turn_joint(Joint::Tail, 16.0 * running);
        p.joint(Joint::Hips).offset.y -= travel.bounce * running;
        legs.hips.x += 0.05 * running;
    }
    p.lift += travel.lift;
    fly(p, legs, rig, [travel.by(Gait::Fly), 30.0], time);
    swim(p, legs, travel.by(Gait::Swim), time, 6.0);
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
    let delayed = |by_s: f64| body(scene, (at_s - by_s).max(0.0)).0;
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
    let (actor, company) = (scene.actor, scene.company);
    let mut told: Option<Option<&str>> = None;
    for cue in &actor.cues {
        if let CueKind::Look { role } = &cue.kind
            && cue.at_s <= at_s.max(0.0)
        {
            told = Some(role.as_deref());
        }
    }
    let speaker = || {
        let others = company.shot.speech.iter().filter(|speech| {
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
    let own_x = travel(actor, scene.rig, at_s).x;
    let facing = facing(actor, at_s);
    let target = target.and_then(|role| {
        let other = company
            .actor(role)
            .filter(|other| other.role != actor.role)?;
        Some((role, travel(other, scene.rig, at_s).x))
    });
    // Who stands in a group looks at others than those.
    let nearest = || company.nearest_ahead(actor, (own_x, facing), scene.rig, at_s);
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

/// Nods and gestures of a speaker: a beat at the start of each phrase.
fn speak(scene: &Scene<'_>, p: &mut Performance, at_s: f64) {
    let seed = hash(&scene.actor.role);
    for (number, phrase) in scene.company.phrases(&scene.actor.role).iter().enumerate() {
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
    for phrase in scene.company.phrases_of_others(&scene.actor.role) {
        let salt = seed ^ (phrase.end_s * 100.0) as u32;
        if random(salt, 3) > 0.55 {
            continue;
        }
        let nod = envelope(at_s, phrase.end_s - 0.1, 0.6, 0.25, 0.35);
        p.turn_joint(Joint::Head, (3.0 + 3.0 * random(salt, 4)) * nod);
    }
}

/// Puts hips and feet where the pose and the way want them, and what lies down on the ground.
fn stand(rig: &Rig, p: &mut Performance, legs: &Legs, travel: &Travel) {
    let leg = rig.leg_length();
    if leg == 0.0 {
        return;
    }
    let Legs { sit, lie, .. } = *legs;
    p.turn_joint(Joint::Hips, legs.lean - 88.0 * lie);
    p.joint(Joint::Hips).offset += (legs.hips + vec2(0.25, 0.0) * lie) * leg;
    *p.weight(Blend::Sit) = sit;
    // A skirt lies over the thighs.
    let skirt = sit * (1.0 - lie);
    p.turn_joint(Joint::Skirt, -98.0 * skirt);
    p.joint(Joint::Skirt).scale += vec2(-0.36, -0.08) * skirt;
    p.joint(Joint::Skirt).offset += vec2(-4.0, -30.0) * skirt;
    // The hips sink as far as the foot that is furthest away needs.
    let feet = [0, 1].map(|index| travel.feet[index] + legs.feet[index] * leg);
    let hips = p.joints[Joint::Hips as usize].offset.x;
    let reach = 0.997 * leg;
    let sink = feet.iter().map(|foot| {
        let along = (foot.x - hips).abs().min(0.9 * leg);
        leg - (reach * reach - along * along).max(0.0).sqrt() + foot.y
    });
    let sink = sink.fold(0.0_f32, f32::max);
    p.joint(Joint::Hips).offset.y += sink * (1.0 - sit) * (1.0 - legs.free);
    if sit > 0.0 {
        settle(rig, p, legs);
    }
    let in_air = (p.lift / rig.scale() / (0.3 * leg)).clamp(0.0, 1.0) * (1.0 - legs.free);
    for far in [false, true] {
        let index = usize::from(far);
        // Knees up while sitting; one knee stays up a little while lying.
        let ahead = match (rig.winged, far) {
            (true, _) => 0.16,
            (false, true) => 0.62 + 0.46 * lie,
            (false, false) => 0.5 + 0.46 * lie,
        };
        let mut offset = feet[index] + vec2(ahead * leg * sit, -6.0 * lie);
        offset += vec2(if far { 8.0 } else { -8.0 }, -16.0) * in_air;
        let pitch = travel.pitch[index] + 24.0 * in_air - 66.0 * lie;
        rig.place_foot(p, far, offset, pitch.to_radians());
    }
    let hanging = [
        Joint::ThighNear,
        Joint::ShinNear,
        Joint::ThighFar,
        Joint::ShinFar,
    ];
    for (joint, degrees) in hanging.into_iter().zip(legs.kick) {
        let rotation = &mut p.joint(joint).rotation;
        *rotation += (degrees.to_radians() - *rotation) * legs.free;
    }
    for foot in [Joint::FootNear, Joint::FootFar] {
        let rotation = &mut p.joint(foot).rotation;
        *rotation += (0.6 - *rotation) * legs.free;
    }
}

/// Lets a body that sits or lies rest on the ground, and its head with it.
fn settle(rig: &Rig, p: &mut Performance, legs: &Legs) {
    let ground_y = rig.ground_y();
    // Without an outline, hips are about as thick as they are far from the end of the trunk.
    let lowest = rig.lowest(p, &[Joint::Hips, Joint::Torso]);
    let seat = lowest.map_or(0.78 * rig.leg_length(), |lowest| ground_y - lowest);
    p.joint(Joint::Hips).offset.y += seat * legs.sit;
    if let Some(lowest) = rig.lowest(p, &[Joint::Head, Joint::Face])
        && let Some((_, turned)) = rig.point(p, Joint::Neck, Vec2::ZERO)
    {
        let gap = (ground_y - lowest).clamp(-90.0, 40.0) * smooth(2.5 * legs.lie - 1.5);
        p.joint(Joint::Head).offset += Vec2::from_angle(-turned).rotate(vec2(0.0, gap));
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
        let CueKind::Walk {
            to_x, duration_s, ..
        } = cue.kind
        else {
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
    use fabula_story::{Age, CameraMove, Cue, Framing, Mood, MouthCue, Pose, Shot, Speech};

    use super::super::rig::tests::{look as some_look, skeleton};
    use super::super::wardrobe::{Wardrobe, tests::role};
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
            company: &Company::of(shot),
            before_shot_s: 3.0,
            eye_height: &|_| 0.4,
        };
        perform(&scene, at_s)
    }

    fn walking(to_x: f32, duration_s: f64) -> Shot {
        shot(
            vec![actor(vec![Cue {
                at_s: 1.0,
                kind: CueKind::Walk {
                    to_x,
                    duration_s,
                    gait: Gait::Walk,
                },
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

    #[test]
    fn wheels_turn_as_far_as_the_way_is_long_and_the_body_does_not_step() {
        let rig = Rig::new(&skeleton("animal"), &some_look("bus", Age::Adult));
        let radii = rig.wheels.unwrap();
        for to_x in [-0.7, 0.1] {
            let shot = walking(to_x, 2.0);
            for at_s in [0.4, 1.6, 2.1, 4.0] {
                let now = at(&rig, &shot, at_s);
                let gone = (now.x - shot.actors[0].x).abs() / rig.scale();
                for (joint, radius) in [Joint::WheelRear, Joint::WheelFront].into_iter().zip(radii)
                {
                    let turned = now.joints[joint as usize].rotation;
                    let missing = ((gone / radius - turned) / TAU).abs().fract();
                    assert!(!(0.001..0.999).contains(&missing), "{to_x} {at_s} {turned}");
                }
                let hips = now.joints[Joint::Hips as usize].offset.y;
                let still = at(&rig, &shot, 0.0).joints[Joint::Hips as usize].offset.y;
                assert!((hips - still).abs() < 3.0, "{at_s}: {hips} {still}");
            }
        }
    }

    #[test]
    fn wings_on_a_back_beat_in_flight_and_hardly_move_on_the_ground() {
        let art = crate::Art::default();
        let mut wardrobe = Wardrobe::open(&art).unwrap();
        let costume = wardrobe.dress(&role("butterfly", Age::Adult)).unwrap();
        let swept = |gait| {
            let mut shot = walking(0.4, 3.0);
            let CueKind::Walk { gait: own, .. } = &mut shot.actors[0].cues[0].kind else {
                panic!("walks");
            };
            *own = gait;
            let turns = (0..40).map(|frame| {
                let now = at(&costume.rig, &shot, 1.8 + f64::from(frame) / 30.0);
                now.joints[Joint::WingNear as usize].rotation.to_degrees()
            });
            let (low, high) = turns.fold((f32::MAX, f32::MIN), |(low, high), turn| {
                (low.min(turn), high.max(turn))
            });
            high - low
        };
        assert!(swept(Gait::Fly) > 25.0, "{}", swept(Gait::Fly));
        assert!(swept(Gait::Walk) < 8.0, "{}", swept(Gait::Walk));
        let fox = Rig::new(&skeleton("animal"), &some_look("fox", Age::Adult));
        assert_eq!(fox.wing_beats(), None);
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
                    gait: Gait::Walk,
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
        for (index, act) in Act::ALL.into_iter().enumerate() {
            let at_s = 2.5 + index as f64 * 0.5;
            cues.push(Cue {
                at_s,
                kind: CueKind::Act {
                    act,
                    duration_s: 1.0,
                    to: None,
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

    fn cue(at_s: f64, kind: CueKind) -> Cue {
        Cue { at_s, kind }
    }

    fn held(pose: Pose, cues: Vec<Cue>) -> Shot {
        let actor = Actor {
            pose,
            ..actor(cues)
        };
        shot(vec![actor], vec![])
    }

    fn acting(act: Act, duration_s: f64) -> Shot {
        let kind = CueKind::Act {
            act,
            duration_s,
            to: None,
        };
        held(Pose::Stand, vec![cue(1.0, kind)])
    }

    fn going(to_x: f32, duration_s: f64, gait: Gait) -> Shot {
        let kind = CueKind::Walk {
            to_x,
            duration_s,
            gait,
        };
        held(Pose::Stand, vec![cue(1.0, kind)])
    }

    #[test]
    fn who_sits_or_lies_rests_on_the_ground() {
        let art = crate::Art::default();
        let mut wardrobe = Wardrobe::open(&art).unwrap();
        for (being, age) in [
            ("human", Age::Adult),
            ("human", Age::Child),
            ("human", Age::Elder),
            ("fox", Age::Adult),
            ("bear", Age::Adult),
            ("owl", Age::Adult),
            ("frog", Age::Child),
            ("robot", Age::Adult),
        ] {
            let rig = wardrobe.dress(&role(being, age)).unwrap().rig;
            for pose in [Pose::Sit, Pose::Lie] {
                let performance = at(&rig, &held(pose, vec![]), 2.0);
                let over =
                    |joints: &[Joint]| rig.ground_y() - rig.lowest(&performance, joints).unwrap();
                let trunk = over(&[Joint::Hips, Joint::Torso]);
                assert!(trunk.abs() < 3.0, "{being} {age:?} {pose:?} {trunk}");
                if pose == Pose::Lie && !rig.upright {
                    let head = over(&[Joint::Head, Joint::Face]);
                    assert!(head.abs() < 12.0, "{being} {age:?} {head}");
                }
                for ankle in rig.ankles(&performance) {
                    let units = ankle.y / rig.scale();
                    assert!((0.0..60.0).contains(&units), "{being} {age:?} {units}");
                }
                let shut = performance.weights[Blend::Blink as usize];
                assert_eq!(shut == 1.0, pose == Pose::Lie, "{shut}");
            }
        }
    }

    #[test]
    fn who_lies_awake_has_open_eyes_and_who_falls_asleep_shuts_them() {
        let rig = Rig::new(&skeleton("human"), &some_look("human", Age::Child));
        let poses = [(1.0, Pose::LieAwake), (3.0, Pose::Lie)];
        let cues = poses.map(|(at_s, pose)| cue(at_s, CueKind::Pose { pose }));
        let shot = held(Pose::Lie, cues.to_vec());
        // A blink is shorter than this.
        let shut = |at_s: f64| {
            let moments = [0.0, 0.35].map(|later_s| at(&rig, &shot, at_s + later_s));
            moments
                .map(|p| p.weights[Blend::Blink as usize])
                .into_iter()
                .fold(1.0, f32::min)
        };
        assert_eq!(shut(0.5), 1.0);
        assert!(shut(2.0) < 0.1, "{}", shut(2.0));
        assert_eq!(shut(4.0), 1.0);
    }

    #[test]
    fn a_runner_leaves_the_ground_and_never_slides() {
        let rig = Rig::new(&skeleton("human"), &some_look("human", Age::Adult));
        let shot = going(1.2, 1.8, Gait::Run);
        let rest = rig.ankles(&at(&rig, &shot, 0.9))[0].y;
        let mut flights = 0;
        for step in 0..200 {
            let time_s = 1.3 + f64::from(step) * 0.005;
            let [a, b] = [time_s, time_s + 0.005].map(|t| rig.ankles(&at(&rig, &shot, t)));
            let low = (0..2).filter(|&i| a[i].y < rest + 0.001 && b[i].y < rest + 0.001);
            match low.map(|i| (a[i].x - b[i].x).abs()).reduce(f32::min) {
                Some(slid) => assert!(slid < 0.002, "{time_s} {slid}"),
                None => flights += 1,
            }
        }
        assert!(flights > 40, "{flights}");
    }

    #[test]
    fn who_flies_takes_off_and_lands_but_leaves_the_stage_in_the_air() {
        let rig = Rig::new(&skeleton("animal"), &some_look("crow", Age::Adult));
        let about = going(0.6, 2.0, Gait::Fly);
        let lift = |shot: &Shot, at_s: f64| at(&rig, shot, at_s).lift;
        assert_eq!(lift(&about, 1.0), 0.0);
        assert!(lift(&about, 2.0) > 0.05);
        assert!(lift(&about, 3.05).abs() < 1e-6);
        assert!(lift(&going(1.3, 2.0, Gait::Fly), 2.98) > 0.08);
        let act = acting(Act::Fly, 2.0);
        assert!(lift(&act, 2.0) > 0.04 && lift(&act, 3.1) == 0.0);
    }

    #[test]
    fn bodies_move_from_pose_to_pose_without_a_jump() {
        let art = crate::Art::default();
        let mut wardrobe = Wardrobe::open(&art).unwrap();
        let poses = [Pose::Lie, Pose::Stand, Pose::Sit, Pose::Lie];
        let mut cues: Vec<Cue> = (0..)
            .zip(poses)
            .map(|(index, pose)| cue(0.4 + 1.1 * f64::from(index), CueKind::Pose { pose }))
            .collect();
        let fall = CueKind::Act {
            act: Act::Fall,
            duration_s: 2.0,
            to: None,
        };
        cues.push(cue(5.6, fall));
        for (being, age) in [
            ("human", Age::Child),
            ("fox", Age::Adult),
            ("owl", Age::Adult),
        ] {
            let rig = wardrobe.dress(&role(being, age)).unwrap().rig;
            let shot = held(Pose::Stand, cues.clone());
            let mut before = at(&rig, &shot, 0.0);
            for frame in 1..1900 {
                let time_s = f64::from(frame) * FRAME_S;
                let now = at(&rig, &shot, time_s);
                for joint in Joint::ALL {
                    let [a, b] = [&before, &now].map(|p| p.joints[*joint as usize]);
                    let turned = (a.rotation - b.rotation).abs();
                    assert!(
                        turned < 0.25,
                        "{being}: {joint} turns by {turned} at {time_s}"
                    );
                    let moved = a.offset.distance(b.offset);
                    assert!(
                        moved < 12.0,
                        "{being}: {joint} moves by {moved} at {time_s}"
                    );
                }
                before = now;
            }
        }
    }

    #[test]
    fn a_hand_that_eats_comes_to_the_mouth() {
        for age in [Age::Child, Age::Adult, Age::Elder] {
            let rig = Rig::new(&skeleton("human"), &some_look("human", age));
            let shot = acting(Act::Eat, 3.0);
            let nearest = (0..40).map(|step| {
                let performance = at(&rig, &shot, 1.3 + f64::from(step) * 0.03);
                let tips = vec2(152.0, 552.0);
                let (tips, _) = rig.point(&performance, Joint::HandNear, tips).unwrap();
                tips.distance(rig.mouth(&performance))
            });
            let nearest = nearest.fold(f32::INFINITY, f32::min);
            assert!(nearest < 34.0, "{age:?} {nearest}");
        }
    }

    #[test]
    fn a_gift_goes_from_hand_to_hand() {
        let rig = Rig::new(&skeleton("human"), &some_look("human", Age::Adult));
        let give = CueKind::Act {
            act: Act::Give,
            duration_s: 2.0,
            to: Some("c2".to_owned()),
        };
        let giver = actor(vec![cue(1.0, give)]);
        let taker = Actor {
            role: "c2".to_owned(),
            x: -0.1,
            facing: Facing::Left,
            ..actor(vec![])
        };
        let both = [
            shot(vec![giver.clone(), taker.clone()], vec![]),
            shot(vec![taker, giver], vec![]),
        ];
        let held = |at_s: f64| {
            let held = both.each_ref().map(|shot| {
                let performance = at(&rig, shot, at_s);
                performance.weights[Blend::Item as usize] > 0.5
            });
            (held[0], held[1])
        };
        assert_eq!(held(0.9), (false, false));
        assert_eq!(held(1.8), (true, false));
        assert_eq!(held(2.4), (false, true));
        assert_eq!(held(3.1), (false, false));
    }

    #[test]
    fn the_same_time_gives_the_same_performance() {
        let rig = Rig::new(&skeleton("human"), &some_look("human", Age::Elder));
        let shot = walking(0.5, 2.0);
        assert_eq!(at(&rig, &shot, 1.7), at(&rig, &shot, 1.7));
    }
}
