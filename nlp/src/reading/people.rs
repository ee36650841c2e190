//! Whom the network finds mentioned, and which mentions it takes for one person.

use std::collections::BTreeMap;

use serde::Serialize;

/// How someone is mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) enum Form {
    Name,
    Noun,
    Pronoun,
}

/// Somebody, or some place or vehicle, that is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// First and last word.
    pub first: usize,
    pub last: usize,
    /// The word that the others describe.
    pub head: usize,
    pub form: Form,
    /// Not a place, a building, a people's organisation or a vehicle.
    pub somebody: bool,
    /// Mentions of one chain mean the same.
    pub chain: usize,
}

/// All of them. Without a network there are none, which says nothing of anybody.
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    /// In the order of their first words, longer ones first.
    all: Vec<Person>,
    by_head: BTreeMap<usize, usize>,
    by_last: BTreeMap<usize, usize>,
}

impl People {
    /// Orders what was found.
    pub fn new(mut all: Vec<Person>) -> Self {
        all.sort_by_key(|it| (it.first, std::cmp::Reverse(it.last)));
        let (mut by_head, mut by_last) = (BTreeMap::new(), BTreeMap::new());
        for (index, person) in all.iter().enumerate() {
            by_head.entry(person.head).or_insert(index);
            // The shortest is that of the name itself.
            by_last.insert(person.last, index);
        }
        Self {
            all,
            by_head,
            by_last,
        }
    }

    /// Whether a network has looked.
    pub fn is_known(&self) -> bool {
        !self.all.is_empty()
    }

    /// The longest mention with this head.
    pub fn at(&self, head: usize) -> Option<&Person> {
        self.all.get(*self.by_head.get(&head)?)
    }

    /// Those that are named by a noun, in order.
    pub fn nouns(&self) -> impl Iterator<Item = &Person> {
        let nouns = self.all.iter().filter(|it| it.form == Form::Noun);
        nouns.filter(|it| it.somebody)
    }

    /// Whether a word is the last of somebody's name.
    pub fn is_name(&self, word: usize) -> bool {
        self.by_last
            .get(&word)
            .and_then(|index| self.all.get(*index))
            .is_some_and(|it| it.somebody && it.form == Form::Name)
    }

    /// Pronouns with their chains, in order.
    pub fn pronouns(&self) -> impl Iterator<Item = &Person> {
        self.all.iter().filter(|it| it.form == Form::Pronoun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_mentions_with_one_head_the_longer_is_asked() {
        let person = |first, last, head, form, chain| Person {
            first,
            last,
            head,
            form,
            somebody: true,
            chain,
        };
        // "The miller of Lowick ... he"
        let people = People::new(vec![
            person(9, 9, 9, Form::Pronoun, 0),
            person(0, 1, 1, Form::Noun, 1),
            person(0, 3, 1, Form::Noun, 0),
        ]);
        assert_eq!(people.at(1).map(|it| it.chain), Some(0));
        assert_eq!(people.at(0), None);
        assert_eq!(people.pronouns().map(|it| it.head).collect::<Vec<_>>(), [9]);
        assert!(people.is_known() && !People::default().is_known());
    }
}
