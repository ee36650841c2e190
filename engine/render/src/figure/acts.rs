//! The acts: what a body does once, each with its anticipation, its accent and its way back.

use std::f32::consts::TAU;

use fabula_story::Act;
use glam::{Vec2, vec2};

use super::face::{envelope, smooth};
use super::rig::{Blend, Joint, Performance, Rig};

/// What hips and legs are to do, in lengths of a leg and degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Legs {
    /// How far the body sits: 1 on the ground, knees up.
    pub sit: f32,
    /// How far it lies on its back.
    pub lie: f32,
    /// How far it leans forward as a whole, about the hips.
    pub lean: f32,
    /// How far the hips move forward and sink.
    pub hips: Vec2,
    /// How far the feet stand from their places at rest.
    pub feet: [Vec2; 2],
    /// How much the legs hang free of the ground, and how: thigh and shin, near and far.
    pub free: f32,
    pub kick: [f32; 4],
}

/// One act at one moment.
pub(super) struct Moment<'a> {
    pub rig: &'a Rig,
    pub act: Act,
    pub start_s: f64,
    pub duration_s: f64,
    pub at_s: f64,
    /// How much higher the eyes of the other are to whom it is done, in canvas units.
    pub other_eyes: f32,
}

impl Performance {
    pub(super) fn turn_joint(&mut self, joint: Joint, degrees: f32) {
        self.joint(joint).rotation += degrees.to_radians();
    }

    pub(super) fn turn_arms(&mut self, arms: [f32; 4], strength: f32) {
        for (joint, degrees) in ARMS.into_iter().zip(arms) {
            self.turn_joint(joint, degrees * strength);
        }
    }

    pub(super) fn lift_shoulders(&mut self, units: f32) {
        self.joint(Joint::UpperArmNear).offset.y -= units;
        self.joint(Joint::UpperArmFar).offset.y -= units;
    }

    /// Takes some of what arms and trunk do away, for an act that needs all of them.
    pub(super) fn calm_arms(&mut self, part: f32) {
        for joint in ARMS.into_iter().chain([Joint::HandNear, Joint::HandFar]) {
            self.joint(joint).rotation *= 1.0 - part;
        }
    }

    pub(super) fn calm(&mut self, part: f32) {
        self.calm_arms(part);
        for joint in [
            Joint::Torso,
            Joint::Neck,
            Joint::Head,
            Joint::Tail,
            Joint::TailTip,
        ] {
            self.joint(joint).rotation *= 1.0 - part;
        }
    }
}

const ARMS: [Joint; 4] = [
    Joint::UpperArmNear,
    Joint::ForearmNear,
    Joint::UpperArmFar,
    Joint::ForearmFar,
];

/// 1 at the middle of a bump from `start` to `end`, 0 outside of it.
fn bump(t: f32, start: f32, end: f32) -> f32 {
    let middle = f32::midpoint(start, end);
    smooth((t - start) / (middle - start)) * smooth((end - t) / (end - middle))
}

/// When a gift changes hands, as a share of the act.
pub(super) const HANDED_OVER: f32 = 0.58;

/// Grows at once, and is gone at `end`.
fn bump_until(since: f32, end: f32) -> f32 {
    smooth(since / 0.25) * smooth((end - since) / 0.08)
}

impl Moment<'_> {
    /// How much of it is going on.
    fn strength(&self, attack_s: f64, release_s: f64) -> f32 {
        envelope(
            self.at_s,
            self.start_s,
            self.duration_s,
            attack_s,
            release_s,
        )
    }

    pub fn perform(&self, p: &mut Performance, legs: &mut Legs) {
        let (start_s, duration_s, at_s) = (self.start_s, self.duration_s, self.at_s);
        if at_s <= start_s || at_s >= start_s + duration_s {
            return;
        }
        let since = (at_s - start_s) as f32;
        let part = since / duration_s as f32;
        let strength = self.strength(0.25, 0.35);
        let cycles = |per_second: f32| (TAU * per_second * since).sin();
        match self.act {
            Act::Nod => {
                let nods = (duration_s as f32 * 1.8).round().max(1.0);
                let nod = strength * (1.0 - (TAU * nods * part).cos());
                p.turn_joint(Joint::Head, 6.0 * nod);
                p.turn_joint(Joint::Neck, 1.5 * nod);
            }
            Act::ShakeHead => {
                let shakes = (duration_s as f32 * 1.7).round().max(1.0);
                let shake = (TAU * shakes * part).sin() * strength;
                p.joint(Joint::Face).offset.x += 9.0 * shake - 2.0 * strength;
                p.joint(Joint::Gaze).offset.x -= 2.5 * shake;
                p.turn_joint(Joint::Head, 2.0 * shake + 2.0 * strength);
            }
            Act::Wave => {
                p.turn_arms([0.0, 0.0, -90.0, -42.0 - 24.0 * cycles(2.4)], strength);
                let late = (TAU * 2.4 * since - 0.9).sin();
                p.turn_joint(Joint::HandFar, -14.0 * strength * late);
                p.turn_joint(Joint::Head, -3.0 * strength);
                p.turn_joint(Joint::Torso, -2.0 * strength);
            }
            Act::Point => {
                p.turn_arms([4.0, 0.0, -78.0, -2.0], strength);
                p.turn_joint(Joint::Torso, 4.0 * strength);
            }
            Act::Jump => jump(p, part, duration_s as f32, self.rig),
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
            Act::Bow => self.bow(p, legs),
            Act::Eat => self.eat(p, legs, since),
            Act::Drink => self.drink(p, since),
            Act::Give => self.give(p, legs, since),
            Act::Hug => self.hug(p, legs, since),
            Act::Fight => self.fight(p, legs, since),
            Act::Fall => fall(p, legs, since, part),
            Act::Fly => self.fly(p, legs, since, part),
            Act::Swim => swim(p, legs, self.strength(0.5, 0.5), since, 0.0),
        }
    }

    fn bow(&self, p: &mut Performance, legs: &mut Legs) {
        let drawn_up = envelope(self.at_s, self.start_s, 0.45, 0.2, 0.25);
        let bent = envelope(
            self.at_s,
            self.start_s + 0.15,
            self.duration_s - 0.15,
            0.5,
            0.55,
        );
        p.turn_joint(Joint::Torso, 46.0 * bent - 5.0 * drawn_up);
        p.turn_joint(Joint::Neck, 5.0 * bent);
        p.turn_joint(Joint::Head, 12.0 * bent - 4.0 * drawn_up);
        p.calm_arms(bent);
        if self.rig.winged {
            p.turn_arms([52.0, 10.0, -30.0, -10.0], bent);
        } else {
            // One hand before the belly, the other swept back.
            p.turn_arms([-30.0, -92.0, 24.0, -6.0], bent);
        }
        legs.hips.x -= 0.11 * bent;
        legs.hips.y += 0.02 * bent;
        *p.weight(Blend::Blink) += 0.4 * bent;
    }

    /// Hand to mouth again and again; who has wings pecks.
    fn eat(&self, p: &mut Performance, legs: &mut Legs, since: f32) {
        let strength = self.strength(0.3, 0.4);
        let bite = biting(since);
        if self.rig.winged {
            let peck = 0.72 + 0.28 * (TAU * 1.6 * since).sin();
            p.calm(0.8 * strength);
            p.turn_joint(Joint::Torso, 52.0 * peck * strength);
            p.turn_joint(Joint::Neck, 18.0 * peck * strength);
            p.turn_joint(Joint::Head, 28.0 * peck * strength);
            legs.hips += vec2(-0.1, 0.1) * peck * strength;
            p.turn_arms([26.0, 4.0, 10.0, 4.0], strength);
            return;
        }
        let mouth = self.rig.mouth(p);
        let low = self.rig.shoulder(p, false) + vec2(62.0, 76.0);
        let place = low.lerp(mouth + vec2(-12.0, 44.0), bite);
        self.rig.place_hand(p, false, place, strength);
        p.turn_joint(Joint::HandNear, (-16.0 + 30.0 * bite) * strength);
        p.turn_arms([0.0, 0.0, -4.0, -18.0], strength);
        // Each bite leaves less of it.
        let left = 1.0 - 0.22 * ((since - 0.4) / BITE_S).ceil().clamp(0.0, 3.0);
        *p.weight(Blend::Item) = 1.15 * self.strength(0.2, 0.3) * left;
        p.turn_joint(Joint::Head, (5.0 * bite - 1.0) * strength);
        p.turn_joint(Joint::Torso, 2.5 * bite * strength);
    }

    /// Both hands hold a cup to the mouth and tip it.
    fn drink(&self, p: &mut Performance, since: f32) {
        let strength = self.strength(0.4, 0.45);
        if self.rig.winged {
            // A beak dips and is lifted, so that the water runs down.
            let dip = (TAU * 0.55 * since).cos();
            p.calm(0.8 * strength);
            p.turn_joint(Joint::Torso, (14.0 + 24.0 * dip) * strength);
            p.turn_joint(Joint::Head, (4.0 + 26.0 * dip) * strength);
            p.turn_arms([20.0, 4.0, 8.0, 4.0], strength);
            return;
        }
        let tip = self.strength(1.0, 0.7);
        *p.weight(Blend::Cup) = self.strength(0.2, 0.3);
        let gulp = (TAU * 1.5 * since).sin();
        p.turn_joint(Joint::Head, (-13.0 * tip + 1.2 * gulp) * strength);
        p.turn_joint(Joint::Torso, -3.0 * tip);
        let mouth = self.rig.mouth(p);
        self.rig
            .place_hand(p, false, mouth + vec2(-8.0, 50.0), strength);
        self.rig
            .place_hand(p, true, mouth + vec2(22.0, 52.0), strength);
        p.turn_joint(Joint::HandNear, 14.0 * strength);
        p.turn_joint(Joint::HandFar, -10.0 * strength);
        *p.weight(Blend::Blink) += 0.5 * tip;
    }

    /// Both hands hold something out.
    fn give(&self, p: &mut Performance, legs: &mut Legs, since: f32) {
        let strength = self.strength(0.55, 0.5);
        // Drawn to the chest first, then held out.
        let out = envelope(
            self.at_s,
            self.start_s + 0.2,
            self.duration_s - 0.2,
            0.55,
            0.5,
        );
        let height = (-0.35 * self.other_eyes).clamp(-60.0, 110.0);
        let handed_over_s = self.duration_s as f32 * HANDED_OVER;
        *p.weight(Blend::Item) = 1.3 * bump_until(since, handed_over_s);
        p.turn_joint(
            Joint::Torso,
            (9.0 + 0.05 * height.max(0.0)) * out - 3.0 * (strength - out),
        );
        p.turn_joint(Joint::Head, 4.0 * out);
        legs.hips.x += 0.03 * out;
        legs.hips.y += 0.0007 * height.max(0.0) * out;
        hold_out(self.rig, p, [strength, out], height);
    }

    /// Takes the other in the arms, and sways.
    fn hug(&self, p: &mut Performance, legs: &mut Legs, since: f32) {
        let open = envelope(self.at_s, self.start_s, 0.75, 0.35, 0.4);
        let strength = envelope(
            self.at_s,
            self.start_s + 0.2,
            self.duration_s - 0.2,
            0.5,
            0.5,
        );
        let sway = (TAU * 0.55 * since).sin();
        let down = (-self.other_eyes).clamp(0.0, 260.0) / 260.0;
        p.calm_arms(strength.max(open));
        p.turn_joint(
            Joint::Torso,
            (6.0 + 18.0 * down + 2.0 * sway) * strength - 4.0 * open * (1.0 - strength),
        );
        p.turn_joint(Joint::Head, (3.0 - 4.0 * down + 2.0 * sway) * strength);
        legs.hips += vec2(0.05 - 0.05 * down, 0.16 * down) * strength;
        if self.rig.winged {
            p.turn_arms([-58.0, -16.0, -74.0, -14.0], strength);
            p.turn_arms([40.0, 0.0, -60.0, 0.0], open * (1.0 - strength));
        } else {
            let height = (-0.45 * self.other_eyes).clamp(-70.0, 60.0);
            let near = self.rig.shoulder(p, false) + vec2(142.0, 14.0 + height);
            let far = self.rig.shoulder(p, true) + vec2(112.0, -10.0 + height);
            self.rig.place_hand(p, false, near, strength);
            self.rig.place_hand(p, true, far, strength);
            p.turn_arms([40.0, -30.0, -88.0, -14.0], open * (1.0 - strength));
            p.turn_joint(Joint::HandNear, 12.0 * strength);
            p.turn_joint(Joint::HandFar, 16.0 * strength);
        }
        *p.weight(Blend::Blink) += 0.75 * strength;
    }

    /// Fists up, on springy knees; now one strikes out, now the other.
    fn fight(&self, p: &mut Performance, legs: &mut Legs, since: f32) {
        const STRIKES_S: f32 = 1.5;
        let strength = self.strength(0.3, 0.35);
        let number = (since * STRIKES_S).floor();
        let t = since * STRIKES_S - number;
        let wind = bump(t, 0.0, 0.36);
        let strike = bump(t, 0.28, 0.82);
        let spring = (TAU * STRIKES_S * since).cos();
        p.calm_arms(strength);
        p.turn_arms([-26.0, -104.0, -48.0, -98.0], strength);
        let arms = if number as i64 % 2 == 0 {
            [
                34.0 * wind - 62.0 * strike,
                -12.0 * wind + 96.0 * strike,
                0.0,
                0.0,
            ]
        } else {
            [
                6.0 * strike,
                0.0,
                26.0 * wind - 44.0 * strike,
                -14.0 * wind + 90.0 * strike,
            ]
        };
        p.turn_arms(arms, strength);
        p.turn_joint(Joint::Torso, (7.0 - 8.0 * wind + 9.0 * strike) * strength);
        p.turn_joint(Joint::Head, (4.0 - 5.0 * strike) * strength);
        legs.hips.x += (-0.06 * wind + 0.1 * strike) * strength;
        legs.hips.y += (0.1 + 0.025 * spring) * strength;
        legs.feet[0] += vec2(-0.24, 0.0) * strength;
        legs.feet[1] += vec2(0.2, 0.0) * strength;
    }

    /// Crouches, takes off on beating arms or wings, hangs in the air and lands.
    fn fly(&self, p: &mut Performance, legs: &mut Legs, since: f32, part: f32) {
        let duration_s = self.duration_s as f32;
        let ease = (0.55 / duration_s).min(0.3);
        let aloft = smooth((part - 0.4 * ease) / ease) * smooth((0.96 - part) / ease);
        let crouch = bump(part, 0.0, 0.8 * ease) + 0.8 * bump(part, 1.0 - 0.7 * ease, 1.0);
        let leg = self.rig.leg_length() * self.rig.scale();
        p.lift += (0.55 + 0.06 * (TAU * 0.7 * since).sin()) * leg * aloft;
        legs.hips.y += 0.16 * crouch;
        p.turn_joint(Joint::Torso, 7.0 * crouch);
        fly(p, legs, self.rig, [aloft, 14.0], since);
    }
}

/// How near the mouth an eating hand is: up for a bite, then down while there is chewing.
fn biting(since: f32) -> f32 {
    let t = (since / BITE_S).fract();
    smooth(t / 0.22) * (1.0 - smooth((t - 0.4) / 0.24))
}

/// From one bite to the next.
const BITE_S: f32 = 1.15;

/// How far a mouth is open and how much it chews while eating.
pub(super) fn chewing(since: f32) -> [f32; 2] {
    let t = (since / BITE_S).fract();
    let open = bump(t, 0.08, 0.34);
    let chew = smooth((t - 0.36) / 0.08) * (0.5 - 0.5 * (TAU * 2.6 * since).cos());
    [open, chew]
}

/// Hands that hold something out or take it: at the chest, then forward.
pub(super) fn hold_out(rig: &Rig, p: &mut Performance, strength: [f32; 2], height: f32) {
    let [held, out] = strength;
    if rig.winged {
        p.turn_arms([-40.0, -20.0, -62.0, -14.0], out);
        return;
    }
    let place = |shoulder: Vec2, chest: Vec2, ahead: Vec2| {
        (shoulder + chest).lerp(shoulder + ahead, if held > 0.0 { out / held } else { 0.0 })
    };
    let near = place(
        rig.shoulder(p, false),
        vec2(58.0, 70.0),
        vec2(128.0, 44.0 + height),
    );
    let far = place(
        rig.shoulder(p, true),
        vec2(26.0, 72.0),
        vec2(84.0, 46.0 + height),
    );
    rig.place_hand(p, false, near, held);
    rig.place_hand(p, true, far, held);
    p.turn_joint(Joint::HandNear, -26.0 * held);
    p.turn_joint(Joint::HandFar, -26.0 * held);
}

/// Arms or wings beat, the body hangs between them, and the legs trail.
pub(super) fn fly(
    p: &mut Performance,
    legs: &mut Legs,
    rig: &Rig,
    [aloft, lean]: [f32; 2],
    time: f32,
) {
    if aloft <= 0.0 {
        return;
    }
    let beats_s = if rig.winged { 3.4 } else { 1.9 };
    let beat = |late: f32| (TAU * beats_s * time - late).sin();
    p.calm_arms(aloft);
    let (arm, fore, hand) = (beat(0.0), beat(0.8), beat(1.5));
    if rig.wing_beats().is_some() {
        // Wings on the back do the work: arms trail.
        p.turn_arms(
            [
                30.0 + 6.0 * arm,
                -34.0 + 5.0 * fore,
                12.0 + 6.0 * arm,
                -40.0,
            ],
            aloft,
        );
    } else {
        let reach = if rig.winged { 44.0 } else { 26.0 };
        p.turn_arms(
            [
                82.0 + reach * arm,
                6.0 + 0.5 * reach * fore,
                -86.0 - reach * arm,
                -6.0 - 0.5 * reach * fore,
            ],
            aloft,
        );
        p.turn_joint(Joint::HandNear, 0.5 * reach * hand * aloft);
        p.turn_joint(Joint::HandFar, -0.5 * reach * hand * aloft);
    }
    // The body rises while the wings beat down.
    p.lift += 0.05 * rig.leg_length() * rig.scale() * beat(1.2) * aloft;
    let drag = beat(2.0);
    legs.lean += lean * aloft;
    legs.free = legs.free.max(aloft);
    legs.kick = [
        16.0 + 3.0 * drag,
        26.0 + 5.0 * drag,
        -4.0 - 3.0 * drag,
        44.0 + 5.0 * drag,
    ];
    p.turn_joint(Joint::Neck, -0.35 * lean * aloft);
    p.turn_joint(Joint::Head, -0.45 * lean * aloft);
    p.turn_joint(Joint::Skirt, 8.0 * aloft + 3.0 * drag * aloft);
}

/// Flat in the water, paddling.
pub(super) fn swim(p: &mut Performance, legs: &mut Legs, strength: f32, time: f32, tilt: f32) {
    if strength <= 0.0 {
        return;
    }
    let stroke = |late: f32| (TAU * 0.95 * time - late).sin();
    p.calm(strength);
    p.turn_arms(
        [
            -122.0 + 50.0 * stroke(0.0),
            -24.0 - 20.0 * stroke(1.3),
            -122.0 - 50.0 * stroke(0.0),
            -24.0 + 20.0 * stroke(1.3),
        ],
        strength,
    );
    let roll = stroke(0.4);
    let flutter = (TAU * 2.4 * time).sin();
    legs.lean += (70.0 + tilt + 2.0 * roll) * strength;
    legs.hips += vec2(-0.15, 0.6 + 0.04 * (TAU * 0.95 * time).cos()) * strength;
    legs.free = legs.free.max(strength);
    legs.kick = [
        6.0 + 15.0 * flutter,
        12.0 - 10.0 * (TAU * 2.4 * time - 0.9).sin(),
        6.0 - 15.0 * flutter,
        12.0 + 10.0 * (TAU * 2.4 * time - 0.9).sin(),
    ];
    p.turn_joint(Joint::Torso, (-4.0 + 3.0 * roll) * strength);
    p.turn_joint(Joint::Neck, -24.0 * strength);
    p.turn_joint(Joint::Head, (-36.0 - 3.0 * roll) * strength);
    p.turn_joint(Joint::Skirt, 4.0 * flutter * strength);
}

/// Totters, lands on the seat, sits dazed, and gets up.
fn fall(p: &mut Performance, legs: &mut Legs, since: f32, part: f32) {
    let totter = bump(part, 0.0, 0.2);
    let dropped = ((part - 0.1) / 0.13).clamp(0.0, 1.0).powi(2);
    let rise = smooth((part - 0.7) / 0.26);
    let down = dropped * (1.0 - rise);
    let impact = bump(part, 0.22, 0.34);
    let legs_up = bump(part, 0.2, 0.42);
    let whirl = (TAU * 3.0 * since).sin();
    p.calm_arms(totter.max(down));
    p.turn_joint(
        Joint::Torso,
        -12.0 * totter - 20.0 * down - 16.0 * legs_up + 14.0 * bump(part, 0.66, 0.9),
    );
    p.turn_arms(
        [70.0 + 60.0 * whirl, 10.0, -110.0 - 40.0 * whirl, -14.0],
        totter * (1.0 - down),
    );
    // The hands catch the body behind it.
    p.turn_arms([46.0, -8.0, 30.0, -10.0], down);
    p.joint(Joint::Torso).scale += vec2(0.05, -0.07) * impact;
    let daze = (TAU * 0.9 * since).sin() * bump(part, 0.3, 0.76);
    p.turn_joint(Joint::Head, 12.0 * legs_up + 7.0 * daze + 8.0 * impact);
    legs.sit = legs.sit.max(down);
    legs.hips.x -= 0.3 * down;
    legs.feet[0] += vec2(0.0, -0.62 * legs_up);
    legs.feet[1] += vec2(0.16, -0.78) * legs_up;
    *p.weight(Blend::Wide) += 0.9 * (totter.max(legs_up));
    *p.weight(Blend::Up) += 0.8 * totter.max(legs_up);
    *p.weight(Blend::Blink) += 0.8 * impact;
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
