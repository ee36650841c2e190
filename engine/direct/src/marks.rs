//! Signs beside actors, chosen by what they feel and do: seldom, so that each is noticed.

use std::collections::BTreeMap;

use fabula_story::{Act, Actor, Cue, CueKind, Emotion, Gait, Mark};

use crate::actions::bare;
use crate::phones::round_ms;
use crate::script::Word;

/// A feeling so strong is marked.
const STRONG: f32 = 0.6;
/// The same mark is seen again after so many shots.
const RARE: usize = 5;
/// A mark that would be seen for less time is left out.
const SHORTEST_S: f64 = 0.7;
/// Places where who falls falls into water.
const WATERS: [&str; 8] = [
    "water", "river", "sea", "lake", "ocean", "pond", "stream", "beach",
];

/// Words of love, and those that deny it.
const LOVE: [&str; 9] = [
    "love",
    "loves",
    "loved",
    "kiss",
    "kissed",
    "kisses",
    "adored",
    "darling",
    "sweetheart",
];
const DENIAL: [&str; 6] = ["not", "never", "nobody", "without", "don't", "didn't"];

/// Whether these words tell of love.
pub(crate) fn tells_of_love(words: &[Word]) -> bool {
    let says = |list: &[&str]| {
        let mut words = words.iter();
        words.any(|word| list.contains(&bare(&word.text).as_str()))
    };
    says(&LOVE) && !says(&DENIAL)
}

/// Which marks were seen how many shots ago.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marked {
    shot: usize,
    last: BTreeMap<Mark, usize>,
}

impl Marked {
    /// Adds to the actors of the next shot, which plays at `place` and is `duration_s` long, the marks
    /// that their cues ask for, and takes away those that they have too many of.
    pub(crate) fn mark(&mut self, actors: &mut [Actor], place: &str, duration_s: f64) {
        self.shot += 1;
        let by_water = WATERS.contains(&place.trim().to_lowercase().as_str());
        for actor in actors {
            let mut wanted: Vec<(f64, Mark, f64)> = actor
                .cues
                .iter()
                .filter_map(|cue| asked(cue, by_water))
                .collect();
            wanted.sort_by(|one, other| one.0.total_cmp(&other.0));
            actor
                .cues
                .retain(|cue| !matches!(cue.kind, CueKind::Mark { .. }));
            // One sign for one body, and for one shot.
            for (at_s, mark, lasts_s) in wanted {
                let lasts_s = lasts_s.min(duration_s - at_s);
                let last = self.last.get(&mark);
                // What water and haste do belongs to the deed and is seen each time.
                let is_deed = matches!(mark, Mark::Splash | Mark::SpeedLines);
                let is_fresh = last
                    .is_none_or(|last| self.shot - last >= RARE || (is_deed && self.shot > *last));
                if lasts_s < SHORTEST_S || !is_fresh {
                    continue;
                }
                self.last.insert(mark, self.shot);
                let kind = CueKind::Mark {
                    mark,
                    duration_s: round_ms(lasts_s),
                };
                actor.cues.push(Cue {
                    at_s: round_ms(at_s),
                    kind,
                });
                break;
            }
            actor
                .cues
                .sort_by(|one, other| one.at_s.total_cmp(&other.at_s));
        }
    }
}

/// When a mark begins that a cue asks for, which one, and how long it lasts.
fn asked(cue: &Cue, by_water: bool) -> Option<(f64, Mark, f64)> {
    let at = |after_s: f64, mark, lasts_s| Some((cue.at_s + after_s, mark, lasts_s));
    match &cue.kind {
        CueKind::Mark { mark, duration_s } => at(0.0, *mark, *duration_s),
        // What is felt from the start of a shot was marked when it began.
        CueKind::Feel { emotion, intensity } if *intensity >= STRONG && cue.at_s > 0.05 => {
            match emotion {
                Emotion::Fear => at(0.15, Mark::Sweat, 2.0),
                Emotion::Surprise => at(0.1, Mark::Exclamation, 1.3),
                _ => None,
            }
        }
        CueKind::Act {
            act: Act::Hug,
            to: Some(_),
            ..
        } => at(0.6, Mark::Hearts, 2.7),
        CueKind::Act { act, .. } if by_water => match act {
            Act::Jump => at(0.75, Mark::Splash, 1.5),
            Act::Fall => at(0.8, Mark::Splash, 1.5),
            Act::Swim => at(0.5, Mark::Splash, 1.5),
            _ => None,
        },
        CueKind::Walk {
            gait, duration_s, ..
        } => match gait {
            Gait::Run => at(0.15, Mark::SpeedLines, duration_s - 0.25),
            Gait::Swim if by_water => at(0.4, Mark::Splash, 1.5),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use fabula_story::{Facing, Pose};

    use super::*;

    fn marks(marked: &mut Marked, kind: CueKind, place: &str) -> Vec<Mark> {
        let mut actors = [Actor {
            role: "c1".to_owned(),
            x: 0.0,
            facing: Facing::Left,
            pose: Pose::Stand,
            cues: vec![Cue { at_s: 0.4, kind }],
        }];
        marked.mark(&mut actors, place, 4.0);
        let [actor] = actors;
        assert!(actor.cues.is_sorted_by_key(|cue| cue.at_s.to_bits()));
        let marks = actor.cues.iter().filter_map(|cue| match cue.kind {
            CueKind::Mark { mark, duration_s } => {
                assert!(cue.at_s + duration_s <= 4.0 + 1e-9);
                Some(mark)
            }
            _ => None,
        });
        marks.collect()
    }

    fn act(act: Act, to: Option<&str>) -> CueKind {
        CueKind::Act {
            act,
            duration_s: 2.0,
            to: to.map(str::to_owned),
        }
    }

    fn feel(emotion: Emotion, intensity: f32) -> CueKind {
        CueKind::Feel { emotion, intensity }
    }

    #[test]
    fn marks_follow_from_what_is_felt_and_done() {
        let run = CueKind::Walk {
            to_x: 0.4,
            duration_s: 1.2,
            gait: Gait::Run,
        };
        for (kind, place, mark) in [
            (feel(Emotion::Fear, 0.8), "forest", Some(Mark::Sweat)),
            (feel(Emotion::Fear, 0.3), "forest", None),
            (
                feel(Emotion::Surprise, 0.7),
                "forest",
                Some(Mark::Exclamation),
            ),
            (feel(Emotion::Joy, 0.9), "forest", None),
            (act(Act::Hug, Some("c2")), "forest", Some(Mark::Hearts)),
            (act(Act::Hug, None), "forest", None),
            (act(Act::Fall, None), "river", Some(Mark::Splash)),
            (act(Act::Fall, None), "forest", None),
            (run, "road", Some(Mark::SpeedLines)),
        ] {
            let told = format!("{kind:?} at {place}");
            let found = marks(&mut Marked::default(), kind, place);
            assert_eq!(found, Vec::from_iter(mark), "{told}");
        }
    }

    #[test]
    fn a_mark_is_not_seen_again_at_once() {
        let mut marked = Marked::default();
        let mut seen = || marks(&mut marked, feel(Emotion::Fear, 0.8), "forest").len();
        let counts: Vec<usize> = (0..11).map(|_| seen()).collect();
        assert_eq!(counts, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    }
}
