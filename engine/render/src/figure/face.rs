//! What a face does: feelings, mouth shapes and blinking, as functions of time.

use fabula_story::{Cue, CueKind, Emotion, MouthShape, Shot};

use super::rig::{Blend, Joint, Performance};

/// Smooth from 0 to 1.
pub(super) fn smooth(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// From 0 to 1 with a little anticipation before and overshoot after.
fn lively(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    smooth(t) - 0.1 * (std::f32::consts::TAU * t).sin()
}

/// From 0 to 1 and back: rises in `attack_s`, falls in `release_s` before the end.
pub(super) fn envelope(
    at_s: f64,
    start_s: f64,
    duration_s: f64,
    attack_s: f64,
    release_s: f64,
) -> f32 {
    let since = (at_s - start_s) as f32;
    let left = (start_s + duration_s - at_s) as f32;
    let attack = attack_s.min(duration_s / 2.0) as f32;
    let release = release_s.min(duration_s / 2.0) as f32;
    smooth(since / attack) * smooth(left / release)
}

/// A number between 0 and 1 for a pair of numbers.
pub(super) fn random(seed: u32, index: i64) -> f32 {
    let mut v = (index as u32).wrapping_mul(0x9e37_79b9) ^ seed.wrapping_mul(0x85eb_ca6b);
    v = (v ^ v >> 16).wrapping_mul(0x7feb_352d);
    v = (v ^ v >> 15).wrapping_mul(0x846c_a68b);
    ((v ^ v >> 16) >> 8) as f32 / 16_777_216.0
}

/// How strong each feeling is, in the order of [`Emotion::ALL`].
pub(super) type Feelings = [f32; 7];

/// Feelings at a time, each eased in over `ease_s`; what is felt at the start is felt at once.
pub(super) fn feelings(cues: &[Cue], at_s: f64, ease_s: f64) -> Feelings {
    let mut now = [0.0; 7];
    for cue in cues {
        let CueKind::Feel { emotion, intensity } = cue.kind else {
            continue;
        };
        if cue.at_s > at_s {
            break;
        }
        let progress = if cue.at_s <= 0.0 {
            1.0
        } else {
            lively(((at_s - cue.at_s) / ease_s) as f32)
        };
        for (index, value) in now.iter_mut().enumerate() {
            let goal = if index == emotion as usize {
                intensity
            } else {
                0.0
            };
            *value += (goal - *value) * progress;
        }
    }
    now
}

/// How a feeling shows at full strength.
struct Expression {
    /// Brows, lids, cheeks and nose.
    features: &'static [(Blend, f32)],
    /// The corners of the mouth.
    corners: &'static [(Blend, f32)],
    /// Shape of a mouth that does not speak.
    mouth: &'static [(Blend, f32)],
    jaw: f32,
}

const fn expression(emotion: Emotion) -> Expression {
    use Blend::{
        Angry, Blink, Blush, C, D, E, Frown, Grimace, Grin, Happy, Sad, Smile, Squint, Up, Wide,
        Worried, Wrinkle,
    };
    match emotion {
        Emotion::Joy => Expression {
            features: &[(Happy, 0.75), (Up, 0.45), (Blush, 0.8)],
            corners: &[(Smile, 0.45), (Grin, 0.65)],
            mouth: &[],
            jaw: 0.12,
        },
        Emotion::Sadness => Expression {
            features: &[(Sad, 1.0), (Blink, 0.28), (Blush, 0.15)],
            corners: &[(Frown, 1.0)],
            mouth: &[],
            jaw: 0.0,
        },
        Emotion::Anger => Expression {
            features: &[(Angry, 1.0), (Squint, 0.55), (Wrinkle, 0.45), (Blush, 0.35)],
            corners: &[(Grimace, 0.75), (Frown, 0.4)],
            mouth: &[],
            jaw: 0.1,
        },
        Emotion::Fear => Expression {
            features: &[(Worried, 1.0), (Wide, 0.85)],
            corners: &[(Grimace, 0.35), (Frown, 0.25)],
            mouth: &[(C, 0.45)],
            jaw: 0.3,
        },
        Emotion::Surprise => Expression {
            features: &[(Up, 1.0), (Wide, 1.0)],
            corners: &[],
            mouth: &[(E, 0.6), (D, 0.25)],
            jaw: 0.65,
        },
        Emotion::Disgust => Expression {
            features: &[
                (Angry, 0.5),
                (Worried, 0.25),
                (Squint, 0.6),
                (Wrinkle, 1.0),
                (Blink, 0.12),
            ],
            corners: &[(Frown, 0.75), (Grimace, 0.3)],
            mouth: &[],
            jaw: 0.0,
        },
        Emotion::Neutral => Expression {
            features: &[],
            corners: &[],
            mouth: &[],
            jaw: 0.0,
        },
    }
}

/// A mouth at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mouth {
    /// In the order of [`MouthShape::ALL`]; they sum to 1.
    pub shapes: [f32; 9],
    /// 1 while speaking, 0 at rest.
    pub speaking: f32,
}

/// Shortest and longest time from one mouth shape to the next.
const TWEEN_S: [f64; 2] = [0.04, 0.08];

/// The mouth of a role: each shape is reached when its cue says, after a short tween.
pub(super) fn mouth(shot: &Shot, role: &str, at_s: f64) -> Mouth {
    let mut before = (f64::NEG_INFINITY, MouthShape::X);
    let mut after: Option<(f64, MouthShape)> = None;
    let mut speaking = 0.0_f32;
    for speech in shot
        .speech
        .iter()
        .filter(|speech| speech.role.as_deref() == Some(role))
    {
        let end_s = speech.start_s + speech.duration_s;
        if !speech.mouth.is_empty() {
            let ramp = |from: f64| smooth((from / 0.15) as f32);
            speaking =
                speaking.max(ramp(at_s - speech.start_s + 0.15).min(ramp(end_s + 0.1 - at_s)));
        }
        let cues = speech
            .mouth
            .iter()
            .map(|cue| (speech.start_s + cue.at_s, cue.shape));
        for cue in cues.chain([(end_s, MouthShape::X)]) {
            if cue.0 <= at_s {
                if cue.0 >= before.0 {
                    before = cue;
                }
            } else if after.is_none_or(|next| cue.0 < next.0) {
                after = Some(cue);
            }
        }
    }
    let mut shapes = [0.0; 9];
    let progress = after.map_or(0.0, |(reached_s, _)| {
        let gap_s = reached_s - before.0;
        let tween_s = (gap_s * 0.6).clamp(TWEEN_S[0], TWEEN_S[1]).min(gap_s);
        smooth((1.0 - (reached_s - at_s) / tween_s) as f32)
    });
    shapes[before.1 as usize] += 1.0 - progress;
    if let Some((_, shape)) = after {
        shapes[shape as usize] += progress;
    }
    Mouth { shapes, speaking }
}

/// The eight blend targets of mouth shapes, with how far each drops the jaw.
const SHAPES: [(Blend, f32); 8] = [
    (Blend::A, 0.0),
    (Blend::B, 0.12),
    (Blend::C, 0.6),
    (Blend::D, 1.0),
    (Blend::E, 0.5),
    (Blend::F, 0.2),
    (Blend::G, 0.1),
    (Blend::H, 0.4),
];

/// How far lids are closed by blinking: 12 to 20 times a minute, at irregular times.
pub(super) fn blinking(seed: u32, scene_s: f64) -> f32 {
    let period_s = 60.0 / (13.0 + 5.0 * f64::from(random(seed, -1)));
    let number = (scene_s / period_s).floor() as i64;
    (number - 1..=number)
        .map(|number| {
            let within = 0.1 + 0.75 * f64::from(random(seed, number));
            let since_s = (scene_s - (number as f64 + within) * period_s) as f32;
            smooth(since_s / 0.07) * (1.0 - smooth((since_s - 0.1) / 0.12))
        })
        .fold(0.0, f32::max)
}

/// How strongly a feeling shows: weak ones a little more than in proportion, or nobody sees them.
fn seen(strength: f32) -> f32 {
    strength.abs().powf(0.75).copysign(strength)
}

/// Puts feelings, mouth and blinking on a face.
pub(super) fn express(
    performance: &mut Performance,
    feelings: &Feelings,
    mouth: Mouth,
    blink: f32,
) {
    let quiet = 1.0 - mouth.speaking;
    let closed = mouth.shapes[MouthShape::A as usize];
    let mut jaw = 0.0;
    let mut idle = [0.0_f32; 8];
    for emotion in Emotion::ALL {
        let strength = seen(feelings[emotion as usize]);
        if strength == 0.0 {
            continue;
        }
        let expression = expression(emotion);
        for (blend, weight) in expression.features {
            *performance.weight(*blend) += strength * weight;
        }
        // A speaking mouth must stay readable, and lips that meet must meet.
        let corners = strength * (0.45 + 0.55 * quiet) * (1.0 - closed);
        for (blend, weight) in expression.corners {
            let own = if *blend == Blend::Smile || *blend == Blend::Frown {
                strength * (0.55 + 0.45 * quiet)
            } else {
                corners
            };
            *performance.weight(*blend) += own * weight;
        }
        for (shape, weight) in expression.mouth {
            idle[*shape as usize - Blend::A as usize] += quiet * strength * weight;
        }
        jaw += quiet * strength * expression.jaw;
    }
    let rest = mouth.shapes[MouthShape::X as usize];
    for (index, (blend, drop)) in SHAPES.into_iter().enumerate() {
        *performance.weight(blend) = mouth.shapes[index] + rest * idle[index].max(0.0);
        jaw += mouth.shapes[index] * drop;
    }
    *performance.weight(Blend::Jaw) = jaw.clamp(0.0, 1.1) * (1.0 - closed);
    let open = 1.0 - blink;
    for blend in [Blend::Happy, Blend::Squint, Blend::Wide] {
        *performance.weight(blend) *= open;
    }
    let lids = performance.weight(Blend::Blink);
    *lids = (*lids * open + blink).clamp(0.0, 1.0);
    // The face moves a little with its features: it lifts with the brows and sinks with them.
    let lift =
        performance.weights[Blend::Up as usize] - 0.6 * performance.weights[Blend::Sad as usize];
    performance.joint(Joint::Face).offset.y -= 1.6 * lift;
}

#[cfg(test)]
mod tests {
    use fabula_story::{CameraMove, Framing, Mood, MouthCue, Speech};

    use super::*;

    fn speaking(mouth: &[(f64, MouthShape)]) -> Shot {
        Shot {
            id: "s".to_owned(),
            duration_s: 5.0,
            framing: Framing::Close,
            focus: Vec::new(),
            camera: CameraMove::Hold,
            mood: Mood {
                emotion: Emotion::Neutral,
                intensity: 0.0,
            },
            actors: Vec::new(),
            speech: vec![Speech {
                role: Some("c1".to_owned()),
                text: "mama".to_owned(),
                start_s: 1.0,
                duration_s: 1.0,
                mouth: mouth
                    .iter()
                    .map(|&(at_s, shape)| MouthCue { at_s, shape })
                    .collect(),
            }],
            captions: Vec::new(),
        }
    }

    #[test]
    fn shapes_of_a_mouth_sum_to_one_at_every_time() {
        let shot = speaking(&[
            (0.0, MouthShape::A),
            (0.09, MouthShape::D),
            (0.3, MouthShape::A),
            (0.33, MouthShape::C),
            (0.9, MouthShape::X),
        ]);
        for step in 0..300 {
            let mouth = mouth(&shot, "c1", f64::from(step) * 0.01);
            let sum: f32 = mouth.shapes.iter().sum();
            assert!((sum - 1.0).abs() < 1e-5, "{mouth:?}");
            assert!(mouth.shapes.iter().all(|w| (0.0..=1.0).contains(w)));
        }
    }

    #[test]
    fn lips_meet_when_the_cue_says_so_whatever_is_felt() {
        let shot = speaking(&[
            (0.0, MouthShape::C),
            (0.25, MouthShape::A),
            (0.4, MouthShape::D),
        ]);
        for feeling in 0..7 {
            let mut feelings = [0.0; 7];
            feelings[feeling] = 1.0;
            let mut performance = Performance::default();
            express(&mut performance, &feelings, mouth(&shot, "c1", 1.25), 0.0);
            let weight = |blend: Blend| performance.weights[blend as usize];
            assert_eq!(weight(Blend::A), 1.0);
            assert_eq!(
                weight(Blend::C) + weight(Blend::D) + weight(Blend::Jaw),
                0.0
            );
            assert_eq!(weight(Blend::Grin) + weight(Blend::Grimace), 0.0);
        }
    }

    #[test]
    fn a_role_that_is_silent_keeps_its_mouth_at_rest() {
        let shot = speaking(&[(0.0, MouthShape::D)]);
        for role in ["c2", "c3"] {
            assert_eq!(mouth(&shot, role, 1.5).shapes[MouthShape::X as usize], 1.0);
        }
    }

    #[test]
    fn everybody_blinks_12_to_20_times_a_minute_at_times_of_their_own() {
        let mut firsts = Vec::new();
        for seed in 0..40_u32 {
            let closed = |frame: i32| blinking(seed, f64::from(frame) / 50.0) > 0.5;
            let starts: Vec<i32> = (1..15_000)
                .filter(|&f| closed(f) && !closed(f - 1))
                .collect();
            let rate = starts.len() as f32 / 5.0;
            assert!((12.0..=20.0).contains(&rate), "{rate}");
            firsts.push(starts[0]);
        }
        firsts.sort_unstable();
        firsts.dedup();
        assert!(firsts.len() > 25);
    }

    #[test]
    fn a_feeling_overshoots_and_settles() {
        let cues = [Cue {
            at_s: 1.0,
            kind: CueKind::Feel {
                emotion: Emotion::Joy,
                intensity: 0.8,
            },
        }];
        let joy = |at_s: f64| feelings(&cues, at_s, 0.4)[Emotion::Joy as usize];
        let values: Vec<f32> = (0..60).map(|i| joy(0.9 + f64::from(i) * 0.01)).collect();
        assert!(values.iter().any(|v| *v < 0.0) && values.iter().any(|v| *v > 0.8));
        assert_eq!(joy(0.5), 0.0);
        assert!((joy(2.0) - 0.8).abs() < 1e-6);
    }
}
