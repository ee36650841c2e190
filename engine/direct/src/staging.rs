//! Who stands where: each character of a scene has a place of its own and keeps its side.

use fabula_story::{Age, Emotion, Facing, Look, Pose, Role};

use crate::crowds;
use crate::parts;

/// As many figures as a picture holds.
pub(crate) const MOST_FIGURES: usize = 4;
/// Where somebody stands who is about to come in or has just gone, in frame heights.
pub(crate) const OFF_STAGE: f32 = 1.15;
/// The least distance between two figures.
pub(crate) const APART: f32 = 0.3;
/// As many of the figures that a picture holds does a group take the room of.
const GROUP_FIGURES: usize = 2;
/// The farthest from the middle that the outermost of a group stands.
const EDGE: f32 = 0.74;
/// Somebody who is not this tall stands nearer to the middle.
const SMALL: f32 = 0.32;
/// How much nearer, as a share of the place.
const DRAWN_IN: f32 = 0.86;

/// How much of a picture a role takes, in frame heights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size {
    /// From head to foot.
    pub height: f32,
    /// How far a group, or a wide being, reaches to each side beyond a single human.
    pub spread: f32,
    /// There are several of it.
    pub is_group: bool,
}

impl Size {
    pub(crate) fn of(role: &Role) -> Self {
        Self {
            height: stature(&role.look),
            spread: crowds::spread(role) + breadth(&role.look),
            is_group: !role.members.is_empty(),
        }
    }

    /// As many figures as it takes the room of.
    fn figures(self) -> usize {
        if self.is_group { GROUP_FIGURES } else { 1 }
    }
}

/// Someone on the set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Presence {
    /// Position in the cast.
    pub who: usize,
    /// The place, in frame heights from the middle.
    pub x: f32,
    pub size: Size,
    pub pose: Pose,
    pub emotion: Emotion,
    pub intensity: f32,
    /// The beat in which the character last did or said something.
    pub active: usize,
}

/// The set during a scene.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stage {
    /// Who takes part in the scene, from the inner place outwards.
    roster: Vec<(usize, Size)>,
    /// Who is on the set.
    pub on: Vec<Presence>,
}

impl Stage {
    /// A set for these members, most important first.
    ///
    /// The small stand in the middle, where nobody hides them, and groups at the sides.
    pub(crate) fn new(mut roster: Vec<(usize, Size)>) -> Self {
        if roster.len() > 2 {
            let tall = |size: Size| (size.height / 0.16).round();
            roster.sort_by(|(_, one), (_, other)| {
                let groups = one.is_group.cmp(&other.is_group);
                groups.then(tall(*one).total_cmp(&tall(*other)))
            });
        }
        Self {
            roster,
            on: Vec::new(),
        }
    }

    pub(crate) fn takes_part(&self, who: usize) -> bool {
        self.roster.iter().any(|(member, _)| *member == who)
    }

    pub(crate) fn get(&self, who: usize) -> Option<&Presence> {
        self.on.iter().find(|presence| presence.who == who)
    }

    pub(crate) fn get_mut(&mut self, who: usize) -> Option<&mut Presence> {
        self.on.iter_mut().find(|presence| presence.who == who)
    }

    /// Whether the picture has room for one more.
    pub(crate) fn has_room_for(&self, who: usize) -> bool {
        let own = self.roster.iter().find(|(member, _)| *member == who);
        let own = own.map_or(1, |(_, size)| size.figures());
        let on: usize = self.on.iter().map(|other| other.size.figures()).sum();
        on + own <= MOST_FIGURES
    }

    /// Puts somebody in their place; if the set is full, the one who was quiet longest makes
    /// room, but none of `kept`.
    pub(crate) fn enter(&mut self, who: usize, beat: usize, kept: &[usize]) {
        let own = self.roster.iter().position(|(member, _)| *member == who);
        let Some(own) = own.filter(|_| self.get(who).is_none()) else {
            return;
        };
        while !self.has_room_for(who) {
            let quiet = self
                .on
                .iter()
                .filter(|presence| !kept.contains(&presence.who))
                .min_by_key(|presence| presence.active)
                .map(|presence| presence.who);
            let Some(quiet) = quiet else { return };
            self.leave(quiet);
        }
        let size = self.roster[own].1;
        let drawn_in = |place: f32| {
            let place = if size.height < SMALL {
                place * DRAWN_IN
            } else {
                place
            };
            let edge = EDGE - size.spread;
            place.clamp(-edge, edge)
        };
        let is_free = |x: &f32| self.on.iter().all(|other| other.room(*x, size) >= 0.0);
        let (wanted, others) = self.places(own);
        let mut free = std::iter::once(wanted).chain(others).map(drawn_in);
        let Some(x) = free.find(is_free).or_else(|| {
            // The places beside groups and wide beings are few, whether one is there or not.
            let with_wide = self.roster.iter().any(|(_, size)| size.spread > 0.0);
            with_wide.then(|| self.roomiest(size, drawn_in(wanted)))
        }) else {
            return;
        };
        let neutral = Emotion::Neutral;
        self.on.push(Presence {
            who,
            x,
            size,
            pose: Pose::Stand,
            emotion: neutral,
            intensity: 0.0,
            active: beat,
        });
    }

    /// The place of a member of the roster, and others where it may stand. Groups have the sides.
    fn places(&self, own: usize) -> (f32, Vec<f32>) {
        let is_group = |at: usize| self.roster[at].1.is_group;
        let crowded = (0..self.roster.len()).any(is_group) && self.roster.len() > 2;
        let kin = (0..self.roster.len()).filter(|at| crowded && is_group(*at) == is_group(own));
        let (places, number) = match (crowded, is_group(own)) {
            (false, _) => (places(self.roster.len()), own),
            (true, false) => (&BESIDE_GROUPS[..], kin.take_while(|at| *at < own).count()),
            (true, true) => (&[EDGE, -EDGE][..], kin.take_while(|at| *at < own).count()),
        };
        // Who has no place of their own takes the first that is free.
        let wanted = places.get(number).or(places.first());
        (wanted.copied().unwrap_or_default(), places.to_vec())
    }

    /// The place with the most room for somebody; of those with enough, the nearest to `wanted`.
    fn roomiest(&self, size: Size, wanted: f32) -> f32 {
        const STEP: f32 = 0.02;
        let edge = EDGE - size.spread;
        let steps = (edge / STEP) as i32;
        let places = (-steps..=steps).map(|step| step as f32 * STEP);
        let room = |x: f32| {
            let others = self.on.iter().map(|other| other.room(x, size));
            others.fold(0.0, f32::min)
        };
        let nearer = |x: f32| -(x - wanted).abs();
        let better = |a: &f32, b: &f32| {
            (room(*a).total_cmp(&room(*b))).then(nearer(*a).total_cmp(&nearer(*b)))
        };
        places.max_by(better).unwrap_or(wanted)
    }

    pub(crate) fn leave(&mut self, who: usize) {
        self.on.retain(|presence| presence.who != who);
    }

    /// The one on the set who stands nearest.
    pub(crate) fn nearest(&self, who: usize) -> Option<usize> {
        let x = self.get(who)?.x;
        self.on
            .iter()
            .filter(|other| other.who != who)
            .min_by(|one, other| (one.x - x).abs().total_cmp(&(other.x - x).abs()))
            .map(|other| other.who)
    }

    /// The one of whom was told last, for a speaker who addresses nobody by name; of several,
    /// the nearest.
    pub(crate) fn partner(&self, who: usize) -> Option<usize> {
        let x = self.get(who)?.x;
        self.on
            .iter()
            .filter(|other| other.who != who)
            .max_by(|one, other| {
                let away = |presence: &Presence| (presence.x - x).abs();
                one.active
                    .cmp(&other.active)
                    .then(away(other).total_cmp(&away(one)))
            })
            .map(|other| other.who)
    }

    /// Whether nobody but `who` stands within reach of this place.
    pub(crate) fn is_free(&self, x: f32, who: usize) -> bool {
        let spread = self.get(who).map_or(0.0, |own| own.size.spread);
        self.on.iter().all(|other| {
            other.who == who || (other.x - x).abs() >= APART + spread + other.size.spread
        })
    }
}

impl Presence {
    /// How much room there is between this one and somebody at `x`, less than 0 where they would
    /// stand in each other's way.
    fn room(&self, x: f32, size: Size) -> f32 {
        /// Two single figures may come so near.
        const NEAREST: f32 = 0.2;
        let spread = self.size.spread + size.spread;
        let least = if self.size.is_group || size.is_group {
            APART
        } else {
            NEAREST
        };
        (self.x - x).abs() - least - spread
    }
}

/// The places of the members of a scene, from the inner ones outwards.
fn places(members: usize) -> &'static [f32] {
    match members {
        0 | 1 => &[-0.12],
        2 => &[-0.36, 0.36],
        3 => &[0.02, -0.52, 0.54],
        _ => &[-0.22, 0.2, -0.62, 0.6],
    }
}

/// The places of single figures where groups are about.
const BESIDE_GROUPS: [f32; 2] = [-0.1, -0.58];

/// How tall somebody is in the picture, in frame heights: a grown human has 0.46.
pub(crate) fn stature(look: &Look) -> f32 {
    let being = parts::being(&look.being).map_or(1.0, |being| being.height);
    let age = match look.age {
        Age::Child if look.being == "human" => 0.66,
        Age::Child => 0.7,
        Age::Elder => 0.95,
        Age::Adult | Age::Unknown => 1.0,
    };
    0.46 * being * age * look.height
}

/// How far somebody reaches to each side beyond a human, in frame heights.
fn breadth(look: &Look) -> f32 {
    /// Width of a human beside the height.
    const USUAL: f32 = 0.4;
    let width = parts::being(&look.being).map_or(0.0, |being| being.width);
    (width - USUAL).max(0.0) / 2.0 * stature(look)
}

/// Whether somebody has wings; the others run where they are said to fly.
pub(crate) fn is_winged(look: &Look) -> bool {
    parts::being(&look.being).is_some_and(|being| being.flies)
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

    fn single(height: f32) -> Size {
        Size {
            height,
            spread: 0.0,
            is_group: false,
        }
    }

    #[test]
    fn neighbours_keep_their_distance() {
        for members in 0..9 {
            for height in [0.2, 0.5] {
                let roster = (0..members).map(|who| (who, single(height))).collect();
                let mut stage = Stage::new(roster);
                for who in 0..members.min(MOST_FIGURES) {
                    stage.enter(who, 0, &[]);
                }
                let mut places: Vec<f32> = stage.on.iter().map(|presence| presence.x).collect();
                places.sort_by(f32::total_cmp);
                assert_eq!(places.len(), members.min(MOST_FIGURES));
                assert!(places.windows(2).all(|two| two[1] - two[0] >= APART));
                let most = if members > 3 { 0.62 } else { 0.55 };
                assert!(places.iter().all(|x| x.abs() <= most));
            }
        }
    }

    #[test]
    fn the_small_stand_nearer_to_the_middle() {
        let mut stage = Stage::new(vec![
            (0, single(0.46)),
            (1, single(0.46)),
            (2, single(0.22)),
        ]);
        for who in 0..3 {
            stage.enter(who, 0, &[]);
        }
        let x = |who| stage.get(who).unwrap().x.abs();
        assert!(x(2) < x(0) && x(2) < x(1));
    }

    #[test]
    fn a_fifth_figure_takes_the_place_of_the_quietest() {
        let mut stage = Stage::new((0..5).map(|who| (who, single(0.46))).collect());
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
        let mut stage = Stage::new(vec![(0, single(0.46)), (1, single(0.46))]);
        stage.enter(1, 0, &[]);
        let x = stage.get(1).unwrap().x;
        stage.leave(1);
        stage.enter(0, 1, &[]);
        stage.enter(1, 2, &[]);
        assert_eq!(stage.get(1).unwrap().x, x);
    }

    #[test]
    fn strangers_to_the_scene_stay_off_the_set() {
        let mut stage = Stage::new(vec![(0, single(0.46))]);
        stage.enter(7, 0, &[]);
        assert!(stage.on.is_empty());
    }

    #[test]
    fn there_is_a_place_for_a_third_where_a_group_belongs_to_the_scene_and_is_not_there() {
        let group = Size {
            height: 0.4,
            spread: 0.2,
            is_group: true,
        };
        let mut stage = Stage::new(vec![
            (0, single(0.46)),
            (1, single(0.46)),
            (2, single(0.32)),
            (3, group),
        ]);
        for who in [0, 1, 2] {
            stage.enter(who, 0, &[]);
        }
        assert!([0, 1, 2].iter().all(|who| stage.get(*who).is_some()));
    }

    #[test]
    fn who_is_wide_has_more_room_beside_it() {
        let size = |being: &str| {
            let character = crate::sample::character("c1", being, being, Vec::new());
            let look = crate::casting::look(&character, 0);
            Size {
                spread: breadth(&look),
                ..single(stature(&look))
            }
        };
        let (bus, child) = (size("bus"), single(0.3));
        assert_eq!(size("fox").spread, 0.0);
        assert!(bus.spread > 0.05);
        let mut stage = Stage::new(vec![(0, bus), (1, child), (2, child)]);
        for who in 0..3 {
            stage.enter(who, 0, &[]);
        }
        let bus = stage.get(0).map(|bus| bus.x).unwrap();
        let rest = stage.on.iter().filter(|other| other.who != 0);
        for other in rest {
            assert!((other.x - bus).abs() >= 0.28, "{stage:?}");
        }
    }

    #[test]
    fn a_group_takes_the_room_of_two_and_stands_in_nobodys_way() {
        let group = |height: f32, spread: f32| Size {
            height,
            spread,
            is_group: true,
        };
        for sizes in [
            vec![single(0.46), group(0.4, 0.3)],
            vec![group(0.4, 0.3), group(0.3, 0.22)],
            vec![group(0.3, 0.23), single(0.46), single(0.3)],
            vec![single(0.46), single(0.46), group(0.4, 0.2), single(0.46)],
        ] {
            let mut stage = Stage::new(sizes.iter().copied().enumerate().collect());
            for who in 0..sizes.len() {
                stage.enter(who, who, &[who]);
            }
            let figures: usize = stage.on.iter().map(|one| one.size.figures()).sum();
            assert!((2..=MOST_FIGURES).contains(&figures), "{sizes:?}");
            assert!(stage.get(sizes.len() - 1).is_some(), "{sizes:?}");
            for one in &stage.on {
                assert!(one.x.abs() + one.size.spread <= EDGE + 1e-4, "{stage:?}");
                for other in stage.on.iter().filter(|other| other.who != one.who) {
                    let apart = one.size.spread + other.size.spread + 0.2;
                    assert!((one.x - other.x).abs() >= apart - 1e-4, "{stage:?}");
                }
            }
        }
    }
}
