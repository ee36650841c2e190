//! Precision, recall and F1.

use std::collections::BTreeSet;
use std::ops::AddAssign;

/// How much was found, how much of it is right, and how much there was to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What was found and is right.
    pub right: usize,
    /// What was found.
    pub found: usize,
    /// What there was to find.
    pub gold: usize,
}

impl Tally {
    /// Compares two sets.
    pub fn of<T: Ord>(found: &BTreeSet<T>, gold: &BTreeSet<T>) -> Self {
        Self {
            right: found.intersection(gold).count(),
            found: found.len(),
            gold: gold.len(),
        }
    }

    /// Counts one thing that may have been found, may be there to find, or both.
    pub fn count(&mut self, found: bool, gold: bool) {
        self.right += usize::from(found && gold);
        self.found += usize::from(found);
        self.gold += usize::from(gold);
    }

    /// The share of what was found that is right; 0 if nothing was found.
    pub fn precision(&self) -> f64 {
        share(self.right, self.found)
    }

    /// The share that was found of what there was to find; 0 if there was nothing.
    pub fn recall(&self) -> f64 {
        share(self.right, self.gold)
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, self.found + self.gold)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.found += other.found;
        self.gold += other.gold;
    }
}

/// `part` of `whole`, 0 to 1; of nothing, 0.
pub fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// The mean F1 of all classes, rare ones counting as much as frequent ones.
pub fn macro_f1(classes: &[Tally]) -> f64 {
    classes.iter().map(Tally::f1).sum::<f64>() / classes.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_is_the_harmonic_mean_of_precision_and_recall() {
        let tally = Tally::of(&BTreeSet::from([1, 2, 3, 4]), &BTreeSet::from([3, 4, 5]));
        assert_eq!((tally.right, tally.found, tally.gold), (2, 4, 3));
        assert_eq!((tally.precision(), tally.recall()), (0.5, 2.0 / 3.0));
        assert!((tally.f1() - 4.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_found_and_nothing_to_find_scores_nothing() {
        let tally = Tally::default();
        assert_eq!(
            (tally.precision(), tally.recall(), tally.f1()),
            (0.0, 0.0, 0.0)
        );
    }

    #[test]
    fn a_class_that_never_occurs_lowers_the_macro_f1() {
        let always_right = Tally {
            right: 5,
            found: 5,
            gold: 5,
        };
        assert_eq!(macro_f1(&[always_right, Tally::default()]), 0.5);
    }
}
