//! From sounds to the nine mouth shapes that Rhubarb names, with their times.
//!
//! A mouth prepares what comes: lips close before a P is heard and round before an OO. So the
//! shapes are laid out along the sounds first, then closures and rounded vowels take time from
//! what stands before them, and last every shape is made long enough to be seen.

use fabula_story::{MouthCue, MouthShape};

use crate::timing::TimedSound;

/// No shape lasts shorter, or a film at 24 frames a second would miss it.
const SHORTEST_S: f64 = 0.07;
/// Shorter silences keep the shape before them.
const SHORTEST_REST_S: f64 = 0.12;
/// How long before its sound a closure begins.
const CLOSING_S: std::ops::RangeInclusive<f64> = 0.04..=0.12;
/// How long before a rounded vowel the lips may be round.
const ROUNDING_BEFORE_S: f64 = 0.2;
/// How long after a rounded vowel the lips stay round.
const ROUNDING_AFTER_S: f64 = 0.06;
/// An L that lasts this long shows the tongue.
const LONG_L_S: f64 = 0.055;
/// Where a diphthong changes.
const DIPHTHONG_TURN: f64 = 0.6;

/// What a stretch gives way to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Consonant,
    Vowel,
    Rest,
    /// Must be seen.
    Closure,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    start_s: f64,
    end_s: f64,
    shape: MouthShape,
    rank: Rank,
    /// The latest beginning that still comes before the sound.
    due_s: f64,
}

impl Stretch {
    fn length_s(&self) -> f64 {
        self.end_s - self.start_s
    }
}

/// The shapes that a mouth takes for these sounds, ending at rest.
pub(crate) fn shapes(sounds: &[TimedSound]) -> Vec<MouthCue> {
    let mut stretches = lay_out(sounds);
    round_lips(&mut stretches);
    join_equal(&mut stretches);
    close_early(sounds, &mut stretches);
    let stretches = lengthen(stretches);
    let mut cues: Vec<MouthCue> = stretches
        .iter()
        .map(|stretch| MouthCue {
            at_s: stretch.start_s,
            shape: stretch.shape,
        })
        .collect();
    if let Some(last) = stretches.last() {
        cues.push(MouthCue {
            at_s: last.end_s,
            shape: MouthShape::X,
        });
    }
    cues
}

/// The shape of a sound and, of a diphthong, the shape that it turns to.
fn shape_of(timed: &TimedSound) -> (MouthShape, Option<MouthShape>) {
    use MouthShape::{A, B, C, D, E, F, G, H};
    match timed.sound.symbol() {
        "P" | "B" | "M" => (A, None),
        "F" | "V" => (G, None),
        "AA" => (D, None),
        "EH" | "AE" | "AH" => (C, None),
        "AO" | "ER" | "R" => (E, None),
        "UW" | "UH" | "OW" | "W" => (F, None),
        "AY" => (D, Some(B)),
        "EY" => (C, Some(B)),
        "OY" => (E, Some(B)),
        "AW" => (D, Some(F)),
        "L" if timed.end_s - timed.start_s >= LONG_L_S => (H, None),
        _ => (B, None),
    }
}

fn is_round(shape: MouthShape) -> bool {
    matches!(shape, MouthShape::E | MouthShape::F)
}

fn lay_out(sounds: &[TimedSound]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::with_capacity(sounds.len() * 2);
    for (index, timed) in sounds.iter().enumerate() {
        let before_s = stretches.last().map_or(0.0, |last| last.end_s);
        let silence_s = timed.start_s - before_s;
        if silence_s >= SHORTEST_REST_S {
            stretches.push(Stretch {
                start_s: before_s,
                end_s: timed.start_s,
                shape: MouthShape::X,
                rank: Rank::Rest,
                due_s: before_s,
            });
        } else if let Some(last) = stretches.last_mut() {
            last.end_s = timed.start_s;
        }
        let (mut shape, turn) = shape_of(timed);
        let sound = timed.sound;
        if sound.symbol() == "HH" {
            // A breath has no shape of its own: the mouth is already set for what follows.
            shape = sounds.get(index + 1).map_or(shape, |next| shape_of(next).0);
        }
        let rank = if sound.meets_lips() || sound.touches_teeth() {
            Rank::Closure
        } else if sound.is_vowel() || sound.symbol() == "W" {
            Rank::Vowel
        } else {
            Rank::Consonant
        };
        let (start_s, end_s) = (timed.start_s, timed.end_s);
        let turn_s = turn.map_or(end_s, |_| start_s + DIPHTHONG_TURN * (end_s - start_s));
        stretches.push(Stretch {
            start_s,
            end_s: turn_s,
            shape,
            rank,
            due_s: start_s,
        });
        if let Some(shape) = turn {
            stretches.push(Stretch {
                start_s: turn_s,
                end_s,
                shape,
                rank,
                due_s: turn_s,
            });
        }
    }
    stretches
}

/// Rounded vowels take the consonants around them along.
fn round_lips(stretches: &mut [Stretch]) {
    for index in 0..stretches.len() {
        let vowel = stretches[index];
        if vowel.rank != Rank::Vowel || !is_round(vowel.shape) {
            continue;
        }
        let from_s = vowel.start_s - ROUNDING_BEFORE_S;
        for at in (0..index).rev() {
            let before = stretches[at];
            // An R is round already, and before an OO as round as that.
            if before.rank != Rank::Consonant || before.shape == vowel.shape {
                break;
            }
            if before.start_s >= from_s {
                stretches[at].shape = vowel.shape;
                continue;
            }
            stretches[at].end_s = from_s.max(before.start_s);
            stretches[at + 1].start_s = stretches[at].end_s;
            break;
        }
        if let Some(after) = stretches.get(index + 1).copied()
            && after.rank == Rank::Consonant
            && after.shape != MouthShape::H
        {
            let until_s = (vowel.end_s + ROUNDING_AFTER_S).min(after.end_s);
            stretches[index].end_s = until_s;
            stretches[index + 1].start_s = until_s;
        }
    }
}

/// Joins neighbours of one shape, so that a short one is not taken for one that nobody sees.
fn join_equal(stretches: &mut Vec<Stretch>) {
    stretches.dedup_by(|next, last| {
        let joins = next.shape == last.shape
            && next.rank != Rank::Closure
            && last.rank != Rank::Closure
            && (next.start_s - last.end_s).abs() < f64::EPSILON;
        if joins {
            last.end_s = next.end_s;
            last.rank = last.rank.max(next.rank);
        }
        joins
    });
}

/// Closures begin before their sound, by half of the sound before.
fn close_early(sounds: &[TimedSound], stretches: &mut [Stretch]) {
    for index in 1..stretches.len() {
        let closure = stretches[index];
        if closure.rank != Rank::Closure {
            continue;
        }
        let sound = sounds.partition_point(|timed| timed.start_s < closure.start_s);
        let before_s = match sound.checked_sub(1).map(|at| sounds[at]) {
            Some(before) if closure.start_s - before.end_s < SHORTEST_REST_S => {
                before.end_s - before.start_s
            }
            _ => 2.0 * CLOSING_S.end(),
        };
        let lead_s = (before_s / 2.0).clamp(*CLOSING_S.start(), *CLOSING_S.end());
        let mut start_s = (closure.start_s - lead_s).max(0.0);
        for at in (0..index).rev() {
            if stretches[at].rank == Rank::Closure {
                let held_s = stretches[at].start_s + SHORTEST_S;
                start_s = start_s.max(held_s.min(closure.start_s));
                stretches[at].end_s = stretches[at].end_s.min(start_s);
                break;
            }
            stretches[at].end_s = stretches[at].end_s.min(start_s);
            if stretches[at].start_s <= start_s {
                break;
            }
            stretches[at].start_s = start_s;
        }
        stretches[index].start_s = start_s;
        stretches[index].due_s = closure.start_s - CLOSING_S.start();
    }
}

/// Joins equal neighbours and sees to it that every shape lasts long enough.
fn lengthen(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut kept: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for mut next in stretches {
        if let Some(last) = kept.last() {
            next.start_s = last.end_s;
        }
        if next.length_s() <= f64::EPSILON {
            continue;
        }
        settle(&mut kept, &mut next);
        match kept.last_mut() {
            Some(last) if last.shape == next.shape => {
                last.end_s = next.end_s;
                last.rank = last.rank.max(next.rank);
            }
            _ => kept.push(next),
        }
    }
    while let Some(last) = kept.last().copied()
        && last.length_s() < SHORTEST_S
    {
        let before = kept.len().checked_sub(2).map(|at| kept[at]);
        if let Some(before) = before
            && last.rank != Rank::Closure
        {
            kept.pop();
            if let Some(end) = kept.last_mut() {
                end.end_s = last.end_s;
                if before.rank < last.rank {
                    end.shape = last.shape;
                }
            }
            join_last(&mut kept);
        } else if let Some(end) = kept.last_mut() {
            end.end_s = end.start_s + SHORTEST_S;
            break;
        }
    }
    kept
}

/// Makes the last stretch long enough before the next one is laid after it.
fn settle(kept: &mut Vec<Stretch>, next: &mut Stretch) {
    while let Some(last) = kept.last().copied()
        && last.shape != next.shape
        && last.length_s() < SHORTEST_S
    {
        let missing_s = SHORTEST_S - last.length_s();
        let before = kept.len().checked_sub(2).map(|at| kept[at]);
        let can_give_s = match next.rank {
            Rank::Closure if last.rank == Rank::Closure => next.length_s() - SHORTEST_S,
            Rank::Closure => (next.due_s - next.start_s).min(next.length_s() - SHORTEST_S),
            _ if last.rank == Rank::Closure => next.length_s(),
            _ => next.length_s() - SHORTEST_S,
        };
        let Some(top) = kept.last_mut() else { return };
        if can_give_s >= missing_s {
            top.end_s += missing_s;
            next.start_s = top.end_s;
            return;
        }
        let still_closes_in_time = next.rank == Rank::Closure
            && next.due_s + CLOSING_S.start() - next.start_s >= missing_s
            && next.length_s() - SHORTEST_S >= missing_s;
        if before.is_none() && still_closes_in_time {
            top.end_s += missing_s;
            next.start_s = top.end_s;
            return;
        }
        if last.rank == Rank::Closure {
            // Two closures so close that both cannot be held: the first one is cut short.
            return;
        }
        if next.rank != Rank::Closure {
            // Two stretches of little weight share their time: the weightier shape is seen.
            if (last.rank, last.length_s()) > (next.rank, next.length_s()) {
                next.shape = last.shape;
                next.rank = last.rank;
            }
            next.start_s = last.start_s;
            next.due_s = last.due_s;
            kept.pop();
            continue;
        }
        kept.pop();
        let (Some(before), Some(top)) = (before, kept.last_mut()) else {
            next.start_s = last.start_s;
            return;
        };
        if before.rank != Rank::Closure && before.length_s() >= 2.0 * SHORTEST_S - last.length_s() {
            top.end_s -= missing_s;
            kept.push(Stretch {
                start_s: last.start_s - missing_s,
                ..last
            });
            return;
        }
        top.end_s = last.end_s;
        if before.rank < last.rank {
            top.shape = last.shape;
            top.rank = last.rank;
        }
        join_last(kept);
    }
}

/// Joins the last two stretches if they have become equal.
fn join_last(kept: &mut Vec<Stretch>) {
    if let [.., before, last] = kept.as_slice()
        && before.shape == last.shape
    {
        let end_s = last.end_s;
        kept.pop();
        if let Some(top) = kept.last_mut() {
            top.end_s = end_s;
        }
    }
}

#[cfg(test)]
mod tests {
    use fabula_story::Emotion;
    use proptest::prelude::*;

    use super::*;
    use crate::pronounce::items;
    use crate::timing::{TimedLine, time};

    fn spoken(text: &str) -> (TimedLine, Vec<MouthCue>) {
        let line = time(&items(text), Emotion::Neutral);
        let cues = shapes(&line.sounds);
        (line, cues)
    }

    fn letters(cues: &[MouthCue]) -> String {
        cues.iter()
            .map(|cue| format!("{:?}", cue.shape))
            .collect::<Vec<_>>()
            .concat()
    }

    fn written(text: &str) -> String {
        letters(&spoken(text).1)
    }

    fn shape_at(cues: &[MouthCue], time_s: f64) -> MouthShape {
        let next = cues.partition_point(|cue| cue.at_s <= time_s + 1e-9);
        next.checked_sub(1)
            .map_or(MouthShape::X, |at| cues[at].shape)
    }

    fn start_of(line: &TimedLine, symbol: &str) -> f64 {
        line.sounds
            .iter()
            .find(|timed| timed.sound.symbol() == symbol)
            .unwrap()
            .start_s
    }

    #[test]
    fn shapes_follow_the_sounds() {
        assert_eq!(written("see"), "BX");
        assert_eq!(written("father"), "GDEX");
        assert_eq!(written("mama"), "ADACX");
        assert_eq!(written("you"), "FX");
        assert_eq!(written("all"), "EHX");
    }

    #[test]
    fn a_closure_begins_before_its_sound() {
        for text in ["happy", "robot", "summer", "coffee", "over"] {
            let (line, cues) = spoken(text);
            for (before, timed) in line.sounds.iter().zip(&line.sounds[1..]) {
                if !timed.sound.meets_lips() && !timed.sound.touches_teeth() {
                    continue;
                }
                let lead_s = ((before.end_s - before.start_s) / 2.0).clamp(0.04, 0.12);
                let shape = shape_of(timed).0;
                let cue = cues.iter().find(|cue| cue.shape == shape).unwrap();
                let actual_s = timed.start_s - cue.at_s;
                assert!(
                    actual_s > 0.039 && actual_s < lead_s + 1e-6,
                    "{text}: {actual_s}"
                );
            }
        }
    }

    #[test]
    fn lips_round_before_a_rounded_vowel_and_stay_round_after_it() {
        let (line, cues) = spoken("a stew tonight");
        let vowel_s = start_of(&line, "UW");
        assert_eq!(shape_at(&cues, vowel_s - 0.1), MouthShape::F);
        let (line, cues) = spoken("a new tree");
        let consonant_s = start_of(&line, "T");
        assert_eq!(shape_at(&cues, consonant_s + 0.02), MouthShape::F);
    }

    #[test]
    fn rounding_begins_at_most_a_fifth_of_a_second_early() {
        let (line, cues) = spoken("next soon");
        let vowel_s = start_of(&line, "UW");
        let round = cues.iter().find(|cue| cue.shape == MouthShape::F).unwrap();
        assert!(vowel_s - round.at_s <= 0.2 + 1e-9);
    }

    #[test]
    fn a_diphthong_turns_at_three_fifths() {
        let (line, cues) = spoken("eye");
        assert_eq!(cues[1].shape, MouthShape::B);
        assert!((cues[1].at_s - 0.6 * line.duration_s).abs() < 1e-9);
    }

    #[test]
    fn short_silences_hold_the_shape_and_long_ones_rest() {
        let sound = |symbol, start_s, end_s| TimedSound {
            sound: crate::sound::Sound::parse(symbol).unwrap(),
            start_s,
            end_s,
        };
        let around = |silence_s: f64| {
            let second = sound("AA", 0.2 + silence_s, 0.5 + silence_s);
            letters(&shapes(&[sound("IY", 0.0, 0.2), second]))
        };
        assert_eq!(around(0.11), "BDX");
        assert_eq!(around(0.13), "BXDX");
    }

    #[test]
    fn the_mouth_moves_at_least_eight_times_a_second_in_lively_talk() {
        let (line, cues) = spoken("Maybe my father will never come back from over the river bay.");
        assert!(
            cues.len() as f64 / line.duration_s > 7.0,
            "{}",
            cues.len() as f64 / line.duration_s
        );
    }

    fn check_rules(line: &TimedLine, cues: &[MouthCue]) -> Result<(), TestCaseError> {
        for two in cues.windows(2) {
            prop_assert!(two[1].at_s - two[0].at_s > SHORTEST_S - 1e-6, "{cues:?}");
            prop_assert!(two[0].shape != two[1].shape);
        }
        for timed in &line.sounds {
            let needed = shape_of(timed).0;
            if timed.sound.meets_lips() || timed.sound.touches_teeth() {
                let middle_s = f64::midpoint(timed.start_s, timed.end_s);
                let seen = shape_at(cues, timed.start_s) == needed
                    || shape_at(cues, middle_s) == needed
                    || shape_at(cues, timed.end_s - 1e-4) == needed;
                prop_assert!(seen, "{timed:?} {cues:?}");
            }
        }
        Ok(())
    }

    #[test]
    fn lips_meet_on_every_p_b_m_and_touch_teeth_on_every_f_v() {
        for text in [
            "Pop put the pepper by the bubble pump.",
            "Five brave wolves have moved above us.",
            "Comfort me, Bob, from my problem of obvious fame.",
            "We have been home before; improve a map.",
            "Move back, bumblebee!",
        ] {
            let (line, cues) = spoken(text);
            check_rules(&line, &cues).unwrap();
        }
    }

    /// Speech as stories have it: plosives in clusters, lips on teeth, round vowels, long pauses.
    const SENTENCES: [&str; 30] = [
        "Good morning, Mother Bear, may I come in?",
        "Put the lamp by the bed, please, and blow it out.",
        "Five foxes found a very fine feather.",
        "Who would go to the moon with a broom?",
        "Once upon a time, in a forest far away, a wolf lived above the river.",
        "Stop! You must never, ever open that box.",
        "My brother bumped his head; Mama kissed it better.",
        "The owl flew over the roof of the old tower.",
        "Oh no, we have lost the golden spoon!",
        "Believe me, I have never been so brave.",
        "A lamb, a pig, and a bumblebee met by the pump.",
        "Home. We are home at last.",
        "Wait... Did you hear that? Somebody is crying.",
        "The few leaves that were left fell from the elm.",
        "Bob popped the bubble, and Pip began to laugh.",
        "I love you more than all the leaves in the wood.",
        "Give me the rope, and hold on to the boat!",
        "Perhaps, said the mouse, perhaps not.",
        "You were wrong; nobody knew but you.",
        "Come, Vivian, move over and make room for Grandpa.",
        "The robber swam up the stream to the mill.",
        "What a wonderful, warm, woolly coat!",
        "If Philip gives up, we have to think of something.",
        "Snow fell softly; the whole world was white and empty.",
        "Help me, help me, before it is too late!",
        "A new moon rose over the blue roofs of the town.",
        "Emma, Tom and Ben jumped over the puddle.",
        "Every evening he put up his feet and puffed at his pipe.",
        "Move! Move! The bull is coming up the ramp!",
        "And if they have not died, they live happily to this day.",
    ];

    /// Where nothing is heard for more than 350 ms.
    fn rests_between(line: &TimedLine) -> impl Iterator<Item = (f64, f64)> {
        let two = line.sounds.windows(2);
        two.map(|two| (two[0].end_s, two[1].start_s))
            .filter(|(from_s, to_s)| to_s - from_s > 0.35)
    }

    #[test]
    fn thirty_sentences_keep_every_rule_of_the_mouth() {
        let [mut closures, mut rests, mut rounded] = [0; 3];
        for text in SENTENCES {
            for emotion in Emotion::ALL {
                let line = time(&items(text), emotion);
                let cues = shapes(&line.sounds);
                // Shapes last 70 ms; lips are closed on p, b, m and touch teeth on f, v.
                check_rules(&line, &cues).unwrap();
                let meets =
                    |timed: &&TimedSound| timed.sound.meets_lips() || timed.sound.touches_teeth();
                closures += line.sounds.iter().filter(meets).count();
                for (from_s, to_s) in rests_between(&line) {
                    rests += 1;
                    for part in [0.35, 0.5, 0.65] {
                        let seen = shape_at(&cues, from_s + part * (to_s - from_s));
                        assert_eq!(seen, MouthShape::X, "{text}: {from_s} to {to_s}: {cues:?}");
                    }
                }
                for two in line.sounds.windows(2) {
                    let [before, vowel] = two else { continue };
                    let is_free = !before.sound.is_vowel() && !meets(&before);
                    let touches = vowel.start_s - before.end_s < SHORTEST_REST_S;
                    let shape = shape_of(vowel).0;
                    if vowel.sound.is_vowel() && is_round(shape) && is_free && touches {
                        rounded += 1;
                        let early_s = vowel.start_s - 0.4 * (before.end_s - before.start_s);
                        let seen = shape_at(&cues, early_s);
                        assert!(is_round(seen), "{text}: {vowel:?}: {seen:?} {cues:?}");
                    }
                }
            }
        }
        assert!(
            closures > 1200 && rests > 10 && rounded > 300,
            "{closures} {rests} {rounded}"
        );
    }

    proptest! {
        #[test]
        fn closures_are_held_and_shapes_last_in_any_line(
            words in prop::collection::vec("[a-z]{1,8}|bump|have|from|pop|of|me|above|fifth", 1..12),
        ) {
            let (line, cues) = spoken(&words.join(" "));
            check_rules(&line, &cues)?;
        }
    }
}
