//! The best dependency tree for a sentence's arc scores (Chu-Liu and Edmonds).

/// How many words are tried as the only root.
const ROOTS_TRIED: usize = 8;

/// For `n` words and their scores, row by row `n + 1` long (column 0 is the root, column `k`
/// word `k - 1`), the parent of each word in the tree with exactly one root and the highest sum.
/// Parents are columns.
///
/// One pass in which any number of words may hang on the root decides in most sentences; else
/// each word is tried as the only root, best first, up to a bound.
pub fn best(scores: &[f32], n: usize) -> Vec<usize> {
    if n == 0 || scores.len() != n * (n + 1) {
        return Vec::new();
    }
    let score = |child: usize, parent: usize| f64::from(scores[child * (n + 1) + parent]);
    let free = arborescence(n, &score);
    if free.iter().filter(|parent| **parent == 0).count() == 1 {
        return free;
    }
    let mut roots: Vec<usize> = (0..n).collect();
    roots.sort_by(|a, b| score(*b, 0).total_cmp(&score(*a, 0)));
    let mut chosen: Option<(f64, Vec<usize>)> = None;
    for root in roots.into_iter().take(ROOTS_TRIED) {
        let single = |child: usize, parent: usize| {
            if parent == 0 && child != root {
                -1e12
            } else {
                score(child, parent)
            }
        };
        let tree = arborescence(n, &single);
        let total = tree
            .iter()
            .enumerate()
            .map(|(child, parent)| single(child, *parent))
            .sum();
        if chosen.as_ref().is_none_or(|(best, _)| total > *best) {
            chosen = Some((total, tree));
        }
    }
    chosen.map(|(_, tree)| tree).unwrap_or(free)
}

/// The maximum spanning arborescence from node 0 over `n` more nodes; parents of nodes 1 to `n`.
fn arborescence(n: usize, score: &dyn Fn(usize, usize) -> f64) -> Vec<usize> {
    // `weight[v][u]`: the best arc from group u to group v, and the arc that it really is.
    let nodes = n + 1;
    let mut weight = vec![vec![(f64::NEG_INFINITY, (0_usize, 0_usize)); nodes]; nodes];
    for (child, arcs) in weight.iter_mut().enumerate().skip(1) {
        for (parent, arc) in arcs.iter_mut().enumerate() {
            if parent != child {
                *arc = (score(child - 1, parent), (child, parent));
            }
        }
    }
    let alive = vec![true; nodes];
    // No arc yet; a parent of 0 is the root.
    let mut parents = vec![usize::MAX; nodes];
    contract(&mut weight, &alive, &mut parents);
    parents.split_off(1)
}

type Arcs = Vec<Vec<(f64, (usize, usize))>>;

/// Fills `parents` (of original nodes) with the best arborescence over the living groups.
fn contract(weight: &mut Arcs, alive: &[bool], parents: &mut [usize]) {
    let nodes = alive.len();
    let mut best = vec![usize::MAX; nodes];
    for v in 1..nodes {
        if !alive[v] {
            continue;
        }
        for u in 0..nodes {
            if alive[u]
                && u != v
                && (best[v] == usize::MAX || weight[v][u].0 > weight[v][best[v]].0)
            {
                best[v] = u;
            }
        }
    }
    let Some(cycle) = cycle_of(&best, alive) else {
        for v in 1..nodes {
            if alive[v] && best[v] != usize::MAX {
                let (_, (child, parent)) = weight[v][best[v]];
                parents[child] = parent;
            }
        }
        return;
    };
    // The cycle becomes one group, which keeps the number of its first node.
    let group = cycle[0];
    let inside = |v: usize| cycle.contains(&v);
    let kept: Vec<(usize, (usize, usize))> =
        cycle.iter().map(|v| (*v, weight[*v][best[*v]].1)).collect();
    let mut next_alive = alive.to_vec();
    for v in cycle.iter().skip(1) {
        next_alive[*v] = false;
    }
    let mut next = weight.clone();
    // Which node of the cycle an arc into it enters.
    let mut enters = vec![group; nodes];
    for u in 0..nodes {
        if !alive[u] || inside(u) {
            continue;
        }
        let (mut into, mut out) = ((f64::NEG_INFINITY, (0, 0)), (f64::NEG_INFINITY, (0, 0)));
        for v in &cycle {
            let gain = weight[*v][u].0 - weight[*v][best[*v]].0;
            if gain > into.0 {
                into = (gain, weight[*v][u].1);
                enters[u] = *v;
            }
            if u > 0 && weight[u][*v].0 > out.0 {
                out = weight[u][*v];
            }
        }
        next[group][u] = into;
        next[u][group] = out;
    }
    contract(&mut next, &next_alive, parents);
    // The group got one arc from outside: the node that it enters gives up its arc of the cycle.
    let entered = (0..nodes)
        .filter(|u| alive[*u] && !inside(*u))
        .find(|u| {
            let (_, (child, parent)) = next[group][*u];
            child != 0 && parents[child] == parent
        })
        .map_or(group, |u| enters[u]);
    for (v, (child, parent)) in kept {
        if v != entered {
            parents[child] = parent;
        }
    }
}

/// A cycle among the chosen parents, if there is one.
fn cycle_of(best: &[usize], alive: &[bool]) -> Option<Vec<usize>> {
    let nodes = best.len();
    let mut seen = vec![0; nodes];
    for start in 1..nodes {
        if !alive[start] || seen[start] != 0 {
            continue;
        }
        let mut v = start;
        while v != 0 && v != usize::MAX && seen[v] == 0 {
            seen[v] = start;
            v = best[v];
        }
        if v != 0 && v != usize::MAX && seen[v] == start {
            let mut cycle = vec![v];
            let mut u = best[v];
            while u != v {
                cycle.push(u);
                u = best[u];
            }
            return Some(cycle);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_tree(parents: &[usize]) -> bool {
        (0..parents.len()).all(|word| {
            let (mut at, mut steps) = (word + 1, 0);
            while at != 0 && steps <= parents.len() {
                at = parents[at - 1];
                steps += 1;
            }
            at == 0
        })
    }

    fn total(scores: &[f32], parents: &[usize]) -> f32 {
        let n = parents.len();
        parents
            .iter()
            .enumerate()
            .map(|(child, parent)| scores[child * (n + 1) + parent])
            .sum()
    }

    /// The best tree with one root, by trying every assignment of parents.
    fn by_force(scores: &[f32], n: usize) -> f32 {
        let mut best = f32::NEG_INFINITY;
        for code in 0..(n + 1).pow(n as u32) {
            let parents: Vec<usize> = (0..n)
                .map(|word| code / (n + 1).pow(word as u32) % (n + 1))
                .collect();
            let one_root = parents.iter().filter(|parent| **parent == 0).count() == 1;
            if one_root && is_tree(&parents) {
                best = best.max(total(scores, &parents));
            }
        }
        best
    }

    proptest! {
        #[test]
        fn the_tree_has_one_root_and_the_highest_sum(
            n in 1_usize..5,
            values in prop::collection::vec(-8.0_f32..8.0, 30),
        ) {
            let scores = &values[..n * (n + 1)];
            let parents = best(scores, n);
            prop_assert!(is_tree(&parents));
            prop_assert_eq!(parents.iter().filter(|parent| **parent == 0).count(), 1);
            prop_assert!((total(scores, &parents) - by_force(scores, n)).abs() < 1e-3);
        }

        #[test]
        fn long_sentences_are_trees_too(values in prop::collection::vec(-8.0_f32..8.0, 40 * 41)) {
            let parents = best(&values, 40);
            prop_assert!(is_tree(&parents));
            prop_assert_eq!(parents.iter().filter(|parent| **parent == 0).count(), 1);
        }
    }

    #[test]
    fn no_words_have_no_tree() {
        assert!(best(&[], 0).is_empty());
    }
}
