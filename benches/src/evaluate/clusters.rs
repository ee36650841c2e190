//! How alike two partitions of mentions are: MUC, B³ and `CEAFe`, the three measures whose mean the
//! CoNLL-2012 shared task made the score of coreference.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use super::report::{Table, Value};

/// Mentions of one and the same, for each who or what is mentioned.
pub type Clusters<T> = Vec<BTreeSet<T>>;

/// Sums behind a precision and a recall.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ratio {
    right_of_found: f64,
    found: f64,
    right_of_gold: f64,
    gold: f64,
}

impl Ratio {
    /// How much of what was found is right; 0 if nothing was.
    pub fn precision(self) -> f64 {
        if self.found == 0.0 {
            return 0.0;
        }
        self.right_of_found / self.found
    }

    /// How much of what there is was found; 0 if there is nothing.
    pub fn recall(self) -> f64 {
        if self.gold == 0.0 {
            return 0.0;
        }
        self.right_of_gold / self.gold
    }

    /// The harmonic mean of both.
    pub fn f1(self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall == 0.0 {
            return 0.0;
        }
        2.0 * precision * recall / (precision + recall)
    }
}

impl Table {
    /// Precision, recall and F1 of each measure.
    pub fn of_ratios(ratios: impl IntoIterator<Item = (&'static str, Ratio)>) -> Self {
        let row = |(name, ratio): (&str, Ratio)| {
            vec![
                Value::Text(name.to_owned()),
                Value::Share(ratio.precision()),
                Value::Share(ratio.recall()),
                Value::Share(ratio.f1()),
            ]
        };
        Self {
            name: "measures",
            columns: vec!["measure", "precision", "recall", "F1"],
            rows: ratios.into_iter().map(row).collect(),
        }
    }
}

impl AddAssign for Ratio {
    fn add_assign(&mut self, other: Self) {
        self.right_of_found += other.right_of_found;
        self.found += other.found;
        self.right_of_gold += other.right_of_gold;
        self.gold += other.gold;
    }
}

/// The three measures, summed over texts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coreference {
    /// Links (Vilain et al. 1995).
    pub muc: Ratio,
    /// Mentions (Bagga and Baldwin 1998).
    pub b_cubed: Ratio,
    /// Clusters, aligned at best (Luo 2005).
    pub ceaf: Ratio,
}

impl Coreference {
    /// Compares the clusters of one text with the gold ones.
    pub fn of<T: Ord>(found: &Clusters<T>, gold: &Clusters<T>) -> Self {
        Self {
            muc: muc(found, gold),
            b_cubed: b_cubed(found, gold),
            ceaf: ceaf(found, gold),
        }
    }

    /// The mean of the three F1.
    pub fn average(self) -> f64 {
        (self.muc.f1() + self.b_cubed.f1() + self.ceaf.f1()) / 3.0
    }
}

impl AddAssign for Coreference {
    fn add_assign(&mut self, other: Self) {
        self.muc += other.muc;
        self.b_cubed += other.b_cubed;
        self.ceaf += other.ceaf;
    }
}

fn muc<T: Ord>(found: &Clusters<T>, gold: &Clusters<T>) -> Ratio {
    // Links that hold when the clusters of one side are cut by those of the other.
    let links = |clusters: &Clusters<T>, by: &Clusters<T>| {
        let of = numbers(by);
        let (mut kept, mut all) = (0, 0);
        for cluster in clusters.iter().filter(|cluster| !cluster.is_empty()) {
            let parts: BTreeSet<usize> = cluster
                .iter()
                .filter_map(|mention| of.get(mention).copied())
                .collect();
            let alone = cluster.iter().filter(|it| !of.contains_key(it)).count();
            kept += cluster.len() - parts.len() - alone;
            all += cluster.len() - 1;
        }
        (f64::from(kept as u32), f64::from(all as u32))
    };
    let (right_of_found, all_found) = links(found, gold);
    let (right_of_gold, all_gold) = links(gold, found);
    Ratio {
        right_of_found,
        found: all_found,
        right_of_gold,
        gold: all_gold,
    }
}

/// B³ alone, which also scores who speaks: quotations of one speaker are a cluster.
pub fn b_cubed<T: Ord>(found: &Clusters<T>, gold: &Clusters<T>) -> Ratio {
    let shares = |clusters: &Clusters<T>, by: &Clusters<T>| {
        overlaps(clusters, by)
            .iter()
            .map(|((one, _), both)| (both * both) as f64 / clusters[*one].len() as f64)
            .sum()
    };
    let size = |clusters: &Clusters<T>| clusters.iter().map(BTreeSet::len).sum::<usize>() as f64;
    Ratio {
        right_of_found: shares(found, gold),
        found: size(found),
        right_of_gold: shares(gold, found),
        gold: size(gold),
    }
}

fn ceaf<T: Ord>(found: &Clusters<T>, gold: &Clusters<T>) -> Ratio {
    let overlaps = overlaps(found, gold);
    let mut likeness = vec![vec![0.0; gold.len()]; found.len()];
    for ((one, other), both) in overlaps {
        likeness[one][other] = 2.0 * both as f64 / (found[one].len() + gold[other].len()) as f64;
    }
    let best = best_assignment(&likeness);
    Ratio {
        right_of_found: best,
        found: found.len() as f64,
        right_of_gold: best,
        gold: gold.len() as f64,
    }
}

/// The cluster of each mention.
fn numbers<T: Ord>(clusters: &Clusters<T>) -> BTreeMap<&T, usize> {
    clusters
        .iter()
        .enumerate()
        .flat_map(|(number, cluster)| cluster.iter().map(move |mention| (mention, number)))
        .collect()
}

/// How many mentions each pair of clusters shares, where they share any.
fn overlaps<T: Ord>(one: &Clusters<T>, other: &Clusters<T>) -> BTreeMap<(usize, usize), usize> {
    let of = numbers(other);
    let mut shared = BTreeMap::new();
    for (number, cluster) in one.iter().enumerate() {
        for there in cluster.iter().filter_map(|mention| of.get(mention)) {
            *shared.entry((number, *there)).or_default() += 1;
        }
    }
    shared
}

/// The largest sum of values, no two of a row or a column: the assignment problem, solved by
/// shortest augmenting paths (the Hungarian method with potentials).
fn best_assignment(values: &[Vec<f64>]) -> f64 {
    let wide = values.first().map_or(0, Vec::len);
    if wide < values.len() {
        let turned: Vec<Vec<f64>> = (0..wide)
            .map(|column| values.iter().map(|row| row[column]).collect())
            .collect();
        return best_assignment(&turned);
    }
    // Rows and columns are numbered from 1; column 0 holds the row that looks for a column.
    let mut row_potential = vec![0.0; values.len() + 1];
    let mut column_potential = vec![0.0; wide + 1];
    let mut row_of = vec![0; wide + 1];
    for row in 1..=values.len() {
        row_of[0] = row;
        let mut column = 0;
        let mut slack = vec![f64::INFINITY; wide + 1];
        let mut reached_from = vec![0; wide + 1];
        let mut is_reached = vec![false; wide + 1];
        while row_of[column] != 0 {
            is_reached[column] = true;
            let here = row_of[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for other in (1..=wide).filter(|other| !is_reached[*other]) {
                let cost =
                    -values[here - 1][other - 1] - row_potential[here] - column_potential[other];
                if cost < slack[other] {
                    slack[other] = cost;
                    reached_from[other] = column;
                }
                if slack[other] < step {
                    step = slack[other];
                    next = other;
                }
            }
            for other in 0..=wide {
                if is_reached[other] {
                    row_potential[row_of[other]] += step;
                    column_potential[other] -= step;
                } else {
                    slack[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            let before = reached_from[column];
            row_of[column] = row_of[before];
            column = before;
        }
    }
    (1..=wide)
        .filter(|column| row_of[*column] != 0)
        .map(|column| values[row_of[column] - 1][column - 1])
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clusters(of: &[&str]) -> Clusters<char> {
        of.iter().map(|cluster| cluster.chars().collect()).collect()
    }

    fn is(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    /// Gold {a b c} {d e f g}, found {a b} {c d} {f g h i}, computed by hand after the paper of
    /// Pradhan et al. (2014), whose example this is.
    #[test]
    fn the_measures_are_those_of_a_worked_example() {
        let score = Coreference::of(
            &clusters(&["ab", "cd", "fghi"]),
            &clusters(&["abc", "defg"]),
        );
        // Of gold links, abc is cut into ab|c (1 of 2) and defg into d|e|fg (1 of 3).
        is(score.muc.recall(), 2.0 / 5.0);
        // Of found links, ab holds (1 of 1), cd is cut (0 of 1), fghi becomes fg|h|i (1 of 3).
        is(score.muc.precision(), 2.0 / 5.0);
        is(score.muc.f1(), 0.4);
        // (2²/3 + 1²/3 + 1²/4 + 2²/4) / 7 and (2²/2 + 1²/2 + 1²/2 + 2²/4) / 8.
        is(
            score.b_cubed.recall(),
            (4.0 / 3.0 + 1.0 / 3.0 + 1.0 / 4.0 + 1.0) / 7.0,
        );
        is(score.b_cubed.precision(), (2.0 + 0.5 + 0.5 + 1.0) / 8.0);
        // abc with ab: 2·2/5; defg with fghi: 2·2/8. Nothing better can be had.
        is(score.ceaf.recall(), 1.3 / 2.0);
        is(score.ceaf.precision(), 1.3 / 3.0);
        is(
            score.average(),
            (score.muc.f1() + score.b_cubed.f1() + score.ceaf.f1()) / 3.0,
        );
    }

    #[test]
    fn alike_is_one_and_nothing_is_nought() {
        let some = clusters(&["abc", "d"]);
        let score = Coreference::of(&some, &some);
        is(score.average(), 1.0);
        is(Coreference::of(&clusters(&[]), &some).average(), 0.0);
        is(Coreference::of(&some, &clusters(&[])).average(), 0.0);
    }

    #[test]
    fn a_mention_that_is_not_there_to_find_costs_precision_alone() {
        let score = b_cubed(&clusters(&["ab"]), &clusters(&["a"]));
        is(score.precision(), 0.25);
        is(score.recall(), 1.0);
    }

    #[test]
    fn the_best_assignment_is_that_of_all_permutations() {
        fn exhaustive(values: &[Vec<f64>], row: usize, taken: &mut Vec<usize>) -> f64 {
            if row == values.len() {
                return 0.0;
            }
            let mut best = exhaustive(values, row + 1, taken);
            for column in 0..values[row].len() {
                if !taken.contains(&column) {
                    taken.push(column);
                    best = best.max(values[row][column] + exhaustive(values, row + 1, taken));
                    taken.pop();
                }
            }
            best
        }
        let mut seed = 7_u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(seed >> 24) / 256.0
        };
        for (rows, columns) in [(1, 1), (2, 5), (5, 2), (4, 4), (5, 5), (3, 0), (0, 0)] {
            for _ in 0..20 {
                let values: Vec<Vec<f64>> = (0..rows)
                    .map(|_| (0..columns).map(|_| random()).collect())
                    .collect();
                is(
                    best_assignment(&values),
                    exhaustive(&values, 0, &mut Vec::new()),
                );
            }
        }
    }
}
