//! Who stands where: each character of a scene has a place of its own and keeps its side.

use fabula_story::{Emotion, Facing, Pose};

/// As many figures as a picture holds.
pub(crate) const MOST_FIGURES: usize = 4;
/// Where somebody stands who is about to come in or has just gone, in frame heights.
pub(crate) const OFF_STAGE: f32 = 1.35;
/// The least distance between two figures.
pub(crate) const APART: f32 = 0.35;

/// Someone on the set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Presence {
    /// Position in the cast.
    pub who: usize,
    /// The place, in frame heights from the middle.
    pub x: f32,
    pub pose: Pose,
    pub emotion: Emotion,
    pub intensity: f32,
    /// The beat in which the character last did or said something.
    pub active: usize,
}

/// The set during a scene.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stage {
    /// Who takes part in the scene, most important first.
    roster: Vec<usize>,
    /// Who is on the set.
    pub on: Vec<Presence>,
}

impl Stage {
    pub(crate) fn new(roster: Vec<usize>) -> Self {
        Self {
            roster,
            on: Vec::new(),
        }
    }

    pub(crate) fn takes_part(&self, who: usize) -> bool {
        self.roster.contains(&who)
    }

    pub(crate) fn get(&self, who: usize) -> Option<&Presence> {
        self.on.iter().find(|presence| presence.who == who)
    }

    pub(crate) fn get_mut(&mut self, who: usize) -> Option<&mut Presence> {
        self.on.iter_mut().find(|presence| presence.who == who)
    }

    /// Puts somebody in their place; if the set is full, the one who was quiet longest makes
    /// room, but none of `kept`.
    pub(crate) fn enter(&mut self, who: usize, beat: usize, kept: &[usize]) {
        if self.get(who).is_some() || !self.takes_part(who) {
            return;
        }
        if self.on.len() >= MOST_FIGURES {
            let quiet = self
                .on
                .iter()
                .filter(|presence| !kept.contains(&presence.who))
                .min_by_key(|presence| presence.active)
                .map(|presence| presence.who);
            let Some(quiet) = quiet else { return };
            self.leave(quiet);
        }
        let places = places(self.roster.len());
        let is_free = |x: &f32| self.on.iter().all(|other| (other.x - x).abs() > 0.01);
        let own = self.roster.iter().position(|member| *member == who);
        let own = own
            .and_then(|index| places.get(index).copied())
            .filter(is_free);
        let Some(x) = own.or_else(|| places.iter().copied().find(is_free)) else {
            return;
        };
        let neutral = Emotion::Neutral;
        self.on.push(Presence {
            who,
            x,
            pose: Pose::Stand,
            emotion: neutral,
            intensity: 0.0,
            active: beat,
        });
    }

    pub(crate) fn leave(&mut self, who: usize) {
        self.on.retain(|presence| presence.who != who);
    }

    /// The one on the set who stands nearest, for a speaker who addresses nobody by name.
    pub(crate) fn nearest(&self, who: usize) -> Option<usize> {
        let x = self.get(who)?.x;
        self.on
            .iter()
            .filter(|other| other.who != who)
            .min_by(|one, other| (one.x - x).abs().total_cmp(&(other.x - x).abs()))
            .map(|other| other.who)
    }

    /// Whether nobody but `who` stands within reach of this place.
    pub(crate) fn is_free(&self, x: f32, who: usize) -> bool {
        self.on
            .iter()
            .all(|other| other.who == who || (other.x - x).abs() >= APART)
    }
}

/// The places of the members of a scene, most important first.
fn places(members: usize) -> &'static [f32] {
    match members {
        0 | 1 => &[-0.14],
        2 => &[-0.36, 0.36],
        3 => &[-0.46, 0.12, 0.62],
        _ => &[-0.22, 0.24, -0.68, 0.7],
    }
}

/// The way from one place to another.
pub(crate) fn towards(from_x: f32, to_x: f32) -> Facing {
    if to_x >= from_x {
        Facing::Right
    } else {
        Facing::Left
    }
}

/// The side of the stage by which somebody at `x` comes and goes.
pub(crate) fn wing(x: f32) -> f32 {
    if x < 0.0 { -OFF_STAGE } else { OFF_STAGE }
}

/// What a listener feels when somebody speaks with this feeling, and how strongly in proportion.
pub(crate) fn mirrored(emotion: Emotion) -> (Emotion, f32) {
    match emotion {
        Emotion::Anger => (Emotion::Fear, 0.5),
        Emotion::Disgust => (Emotion::Surprise, 0.35),
        Emotion::Neutral => (Emotion::Neutral, 0.0),
        Emotion::Joy | Emotion::Sadness | Emotion::Fear | Emotion::Surprise => (emotion, 0.6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_keep_their_distance() {
        for members in 0..9 {
            let mut places = places(members).to_vec();
            places.sort_by(f32::total_cmp);
            assert!(places.windows(2).all(|two| two[1] - two[0] >= APART));
            assert!(places.iter().all(|x| x.abs() <= 0.75));
        }
    }

    #[test]
    fn a_fifth_figure_takes_the_place_of_the_quietest() {
        let mut stage = Stage::new(vec![0, 1, 2, 3, 4]);
        for who in 0..4 {
            stage.enter(who, who + 1, &[]);
        }
        let freed = stage.get(1).unwrap().x;
        stage.enter(4, 9, &[0]);
        assert_eq!(stage.on.len(), 4);
        assert!(stage.get(1).is_none());
        assert_eq!(stage.get(4).unwrap().x, freed);
    }

    #[test]
    fn who_comes_back_stands_where_they_stood() {
        let mut stage = Stage::new(vec![0, 1]);
        stage.enter(1, 0, &[]);
        let x = stage.get(1).unwrap().x;
        stage.leave(1);
        stage.enter(0, 1, &[]);
        stage.enter(1, 2, &[]);
        assert_eq!(stage.get(1).unwrap().x, x);
    }

    #[test]
    fn strangers_to_the_scene_stay_off_the_set() {
        let mut stage = Stage::new(vec![0]);
        stage.enter(7, 0, &[]);
        assert!(stage.on.is_empty());
    }
}
