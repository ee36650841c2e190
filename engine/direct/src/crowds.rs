//! Groups: "the seven dwarfs" are one character of a story, and several figures of a film.

use fabula_story::{Age, Character, Gender, Look, Member, Role};

use crate::casting::{distinct_look, look, wears};
use crate::hash::hash;
use crate::staging::stature;

/// How many there are where the story does not count them.
const SEVERAL: usize = 5;
/// As many of a larger group are seen.
const MOST: usize = 7;
/// A tall group stands a little farther back: how tall, in frame heights, and how much smaller it is
/// seen.
const TALL: f32 = 0.36;
const FARTHER: f32 = 0.88;
/// Where the others stand beside and behind the first, in heights of the tallest: three before, the
/// rest in the gaps.
const PLACES: [(f32, f32); MOST - 1] = [
    (-0.54, 0.03),
    (0.55, 0.04),
    (0.28, 0.17),
    (-0.28, 0.16),
    (0.83, 0.15),
    (-0.82, 0.17),
];
/// Giants stand as close as figures of this height, in frame heights: the picture is no wider.
const TALLEST: f32 = 0.6;
/// Children have larger heads for their height: they stand so much farther apart.
const CHILDREN_APART: f32 = 1.2;

/// Who stands there where a story tells of animals and not of which.
const ANIMALS: [&str; MOST] = [
    "rabbit", "fox", "hedgehog", "owl", "badger", "squirrel", "mouse",
];

/// How many a character is: 1 who is no group.
fn size(character: &Character) -> usize {
    match character.traits.get("number").map(|it| it.trim()) {
        None | Some("") => 1,
        Some(number) => number.parse().unwrap_or(SEVERAL).clamp(1, MOST),
    }
}

/// One of a group, or the character itself.
pub(crate) fn one_of(character: &Character, number: usize) -> Character {
    let mut one = character.clone();
    if size(character) == 1 {
        return one;
    }
    one.name = singular(&character.name);
    if number > 0 {
        one.name = format!("{} {}", one.name, number + 1);
    }
    // People are women and men by turns; who has a beard is a man.
    let is_mixed = matches!(character.gender, Gender::Unknown | Gender::Neutral);
    if is_mixed && character.being == "human" {
        let turn = hash(&character.name) as usize + number;
        one.gender = if turn.is_multiple_of(2) || wears(&one, "beard") {
            Gender::Male
        } else {
            Gender::Female
        };
    }
    if character.being == "animal" {
        ANIMALS[number % MOST].clone_into(&mut one.being);
    }
    one
}

/// The figures of a group beside the first, whose look this is; `others` look otherwise.
pub(crate) fn members(character: &Character, first: &mut Look, others: &[&Look]) -> Vec<Member> {
    let size = size(character);
    if size == 1 {
        return Vec::new();
    }
    let are_mixed = character.being == "animal";
    if are_mixed {
        *first = look(&one_of(character, 0), 0);
    }
    let farther = if stature(first) > TALL { FARTHER } else { 1.0 };
    let mut looks = vec![first.clone()];
    for number in 1..size {
        let one = one_of(character, number);
        let known: Vec<&Look> = others.iter().copied().chain(&looks).collect();
        let look = if first.being == "human" {
            distinct_look(&one, &known)
        } else {
            // A flock differs in its coats, not in scarves and hats.
            Look {
                outfit: first.outfit.clone(),
                accessories: first.accessories.clone(),
                ..look(&one, if are_mixed { 0 } else { number as u64 })
            }
        };
        looks.push(look);
    }
    for look in &mut looks {
        look.height = ((look.height * farther * 100.0).round() / 100.0).max(0.5);
    }
    *first = looks.remove(0);
    // The tall ones look over the heads of the others.
    looks.sort_by(|one, other| stature(one).total_cmp(&stature(other)));
    let mut unit = looks.iter().map(stature).fold(stature(first), f32::max);
    if first.age == Age::Child {
        unit *= CHILDREN_APART;
    }
    unit = unit.min(TALLEST);
    let place = |share: f32| (share * unit * 1000.0).round() / 1000.0;
    (looks.into_iter().zip(PLACES))
        .map(|(look, (x, back))| Member {
            look,
            x: place(x),
            back: place(back),
        })
        .collect()
}

/// How far to each side a role reaches beyond a single figure, in frame heights.
pub(crate) fn spread(role: &Role) -> f32 {
    let sides = role.members.iter().map(|member| member.x.abs());
    sides.fold(0.0, f32::max)
}

/// What one of those is called that a name is the plural of.
fn singular(name: &str) -> String {
    let irregular = [
        ("children", "child"),
        ("women", "woman"),
        ("men", "man"),
        ("mice", "mouse"),
        ("geese", "goose"),
        ("wives", "wife"),
        ("wolves", "wolf"),
        ("thieves", "thief"),
        ("elves", "elf"),
        ("dwarves", "dwarf"),
        ("ies", "y"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        ("ss", "ss"),
        ("s", ""),
    ];
    let lower = name.to_lowercase();
    let ending = irregular
        .iter()
        .find_map(|(many, one)| Some((lower.strip_suffix(many)?, one)));
    ending.map_or(lower.clone(), |(stem, one)| format!("{stem}{one}"))
}

#[cfg(test)]
mod tests {
    use fabula_story::Storyboard;

    use super::*;
    use crate::{Options, direct, sample};

    /// The roles of a story with this character and an old woman.
    fn cast(name: &str, being: &str, number: &str) -> Vec<Role> {
        let mut story = sample::story("Nobody.");
        let mut group = sample::character("c1", name, being, Vec::new());
        group.traits.insert("number".into(), number.into());
        story.characters = vec![
            group,
            sample::character("c2", "the old woman", "human", Vec::new()),
        ];
        let board: Storyboard = direct(&story, &Options::default());
        board.check().unwrap();
        board.cast
    }

    #[test]
    fn a_group_is_as_many_figures_as_the_story_counts() {
        for (number, others) in [
            ("7", 6),
            ("2", 1),
            ("several", SEVERAL - 1),
            ("40", MOST - 1),
        ] {
            let cast = cast("the dwarfs", "human", number);
            assert_eq!(cast[0].members.len(), others, "{number}");
            assert!(cast[1].members.is_empty());
        }
        assert!(cast("the dwarf", "human", "1")[0].members.is_empty());
    }

    #[test]
    fn each_of_a_group_of_people_looks_otherwise_and_wears_what_all_of_them_do() {
        let cast = cast("Soldiers", "human", "several");
        let looks: Vec<&Look> = std::iter::once(&cast[0].look)
            .chain(cast[0].members.iter().map(|member| &member.look))
            .collect();
        for (at, look) in looks.iter().enumerate() {
            assert!(look.accessories.contains(&"helmet".to_owned()), "{look:?}");
            assert!(!looks[..at].contains(look), "{look:?}");
        }
    }

    #[test]
    fn a_flock_differs_in_its_coats_and_not_in_what_it_wears() {
        let cast = cast("Sheep", "sheep", "several");
        for member in &cast[0].members {
            assert!(member.look.accessories.is_empty());
        }
    }

    #[test]
    fn animals_are_of_several_kinds() {
        let cast = cast("Animals", "animal", "5");
        let members = cast[0].members.iter().map(|member| &member.look);
        let mut kinds: Vec<&str> = members.map(|look| &*look.being).collect();
        kinds.push(&cast[0].look.being);
        kinds.sort_unstable();
        assert_eq!(kinds, ["badger", "fox", "hedgehog", "owl", "rabbit"]);
        assert!(cast[0].look.accessories.is_empty());
    }

    #[test]
    fn nobody_of_a_group_stands_on_the_feet_of_another() {
        for (name, being) in [
            ("Dwarfs", "human"),
            ("Wolves", "wolf"),
            ("Mice", "mouse"),
            ("Giant Elephants", "elephant"),
        ] {
            let cast = cast(name, being, "7");
            let mut places: Vec<(f32, f32)> = vec![(0.0, 0.0)];
            places.extend(cast[0].members.iter().map(|member| (member.x, member.back)));
            assert!(spread(&cast[0]) <= 0.5, "{name}");
            let least = 0.24 * stature(&cast[0].look).min(TALLEST);
            for (at, one) in places.iter().enumerate() {
                for other in &places[..at] {
                    let apart = (one.0 - other.0).hypot(one.1 - other.1);
                    assert!(apart > least, "{name}: {one:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn one_of_a_group_has_the_singular_of_its_name() {
        for (many, one) in [
            ("The Seven Dwarfs", "the seven dwarf"),
            ("Children", "child"),
            ("Policemen", "policeman"),
            ("Princesses", "princess"),
            ("Fairies", "fairy"),
            ("Wolves", "wolf"),
            ("Sheep", "sheep"),
        ] {
            assert_eq!(singular(many), one);
        }
    }
}
