//! Where each sentence happens and when, by what the network senses in it and what its words tell.
//!
//! A text is a chain of sentences that are somewhere. Each sentence scores every value by its sense
//! and its words; another value than the sentence before has costs, so that a scene keeps its place
//! until there is evidence of another. The best chain is found in time linear in the text.
//! `models/training/places.py` trains it.

use fabula_networks::weights::{Weights, WeightsError};

/// A trained head for place, time, and being under a roof.
pub(super) struct Head {
    pub place: Chain,
    pub time: Chain,
    pub indoor: Chain,
}

/// The numbers of values: places without the finer ones, times but unknown, out or in.
const COUNTS: [usize; 3] = [16, 4, 2];
/// What a change of value may be due to.
const CHANGES: usize = 5;
/// More evidence of words for one value counts no more.
const MOST_VOTES: f32 = 4.0;

impl Head {
    /// Reads the trained arrays, if there are any.
    pub fn load(weights: &Weights) -> Result<Option<Self>, WeightsError> {
        if !weights.has("place.seen.weight") {
            return Ok(None);
        }
        let chain = |name, count| Chain::load(weights, name, count);
        Ok(Some(Self {
            place: chain("place", COUNTS[0])?,
            time: chain("time", COUNTS[1])?,
            indoor: chain("indoor", COUNTS[2])?,
        }))
    }
}

/// What a sentence tells of one of the three.
pub(super) struct Link<'a> {
    /// What the network senses in it; empty if there is nothing.
    pub sense: &'a [f32],
    /// Whether all is said aloud.
    pub spoken: bool,
    /// The evidence of words for each value.
    pub votes: Vec<f32>,
    /// What somebody enters, if a value is entered.
    pub entered: Option<usize>,
    /// Which of the causes of a change there are; the first is always there.
    pub changes: [bool; CHANGES],
}

/// Scores of one kind of value.
pub(super) struct Chain {
    seen: Dense,
    /// What a vote of words counts, and what being entered does.
    votes: [f32; 2],
    /// What a sense counts where all is said aloud.
    aloud: f32,
    /// The score of each value before anything is read.
    prior: Vec<f32>,
    /// What each cause adds to the score of a change.
    changes: [f32; CHANGES],
}

/// A layer, its weights in a row an output.
struct Dense {
    inputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    fn load(weights: &Weights, name: &str) -> Result<Self, WeightsError> {
        let matrix = weights.matrix(&format!("{name}.weight"))?;
        Ok(Self {
            inputs: matrix.shape[1],
            bias: weights.vector(&format!("{name}.bias"), matrix.shape[0])?,
            weights: matrix.values,
        })
    }

    fn forward(&self, input: &[f32]) -> Vec<f32> {
        self.weights
            .chunks_exact(self.inputs.max(1))
            .zip(&self.bias)
            .map(|(row, bias)| row.iter().zip(input).map(|(a, b)| a * b).sum::<f32>() + bias)
            .collect()
    }
}

impl Chain {
    fn load(weights: &Weights, name: &str, count: usize) -> Result<Self, WeightsError> {
        let vector = |part: &str, length| weights.vector(&format!("{name}.{part}"), length);
        let votes = vector("votes", 2)?;
        let changes = vector("change", CHANGES)?;
        Ok(Self {
            seen: Dense::load(weights, &format!("{name}.seen"))?,
            votes: [votes[0], votes[1]],
            aloud: vector("aloud", 1)?[0],
            prior: log_shares(&vector("start", count)?),
            changes: std::array::from_fn(|cause| changes[cause]),
        })
    }

    /// The value that is likeliest where all of these sentences have the same one; `kept` has a lead.
    ///
    /// What somebody enters does not count: where they go need not be where they are.
    pub fn shared(&self, links: &[Link], kept: usize, lead: f32) -> usize {
        let mut totals = self.prior.clone();
        if let Some(total) = totals.get_mut(kept) {
            *total += lead;
        }
        for link in links {
            for (total, score) in totals.iter_mut().zip(self.scores_inside(link)) {
                *total += score;
            }
        }
        highest(&totals)
    }

    /// What a sentence scores for each value.
    fn scores(&self, link: &Link) -> Vec<f32> {
        let mut scores = self.scores_inside(link);
        if let Some(score) = link.entered.and_then(|value| scores.get_mut(value)) {
            *score += self.votes[1];
        }
        scores
    }

    /// The same without what somebody enters.
    fn scores_inside(&self, link: &Link) -> Vec<f32> {
        let mut scores = vec![0.0; self.prior.len()];
        if link.sense.len() == self.seen.inputs {
            let share = if link.spoken { self.aloud } else { 1.0 };
            for (score, seen) in scores.iter_mut().zip(self.seen.forward(link.sense)) {
                *score += seen * share;
            }
        }
        for (score, votes) in scores.iter_mut().zip(&link.votes) {
            *score += self.votes[0] * votes.clamp(-MOST_VOTES, MOST_VOTES);
        }
        scores
    }

    /// The value of each sentence on the best chain.
    pub fn best(&self, links: &[Link]) -> Vec<usize> {
        let mut totals = self.prior.clone();
        // For each sentence and value, the value of the sentence before.
        let mut before: Vec<Vec<usize>> = Vec::with_capacity(links.len());
        for (number, link) in links.iter().enumerate() {
            let mut from: Vec<usize> = (0..totals.len()).collect();
            if number > 0 {
                let top = highest(&totals);
                let causes = link.changes.iter().zip(self.changes);
                let cost: f32 = causes.filter(|(is, _)| **is).map(|(_, cost)| cost).sum();
                let moved = totals.get(top).copied().unwrap_or_default() + cost;
                for ((total, from), prior) in totals.iter_mut().zip(&mut from).zip(&self.prior) {
                    if moved + prior > *total {
                        *total = moved + prior;
                        *from = top;
                    }
                }
            }
            for (total, score) in totals.iter_mut().zip(self.scores(link)) {
                *total += score;
            }
            before.push(from);
        }
        let mut value = highest(&totals);
        let mut path = Vec::with_capacity(links.len());
        for from in before.iter().rev() {
            path.push(value);
            value = from.get(value).copied().unwrap_or_default();
        }
        path.reverse();
        path
    }
}

/// The index of the highest value, the first of equals.
fn highest(values: &[f32]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

fn log_shares(values: &[f32]) -> Vec<f32> {
    let top = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = values.iter().map(|value| (value - top).exp()).sum();
    values.iter().map(|value| value - top - sum.ln()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain of two values; a sense of one number speaks for the second.
    fn chain() -> Chain {
        let arrays = [
            ("seen.weight", vec![2, 1], vec![-2.0, 2.0]),
            ("seen.bias", vec![2], vec![0.0, 0.0]),
            ("votes", vec![2], vec![0.5, 1.0]),
            ("aloud", vec![1], vec![0.1]),
            ("start", vec![2], vec![0.0, 0.0]),
            ("change", vec![5], vec![-4.0, 1.0, 1.0, 2.0, 3.0]),
        ];
        let arrays = arrays.map(|(name, shape, values)| (format!("place.{name}"), shape, values));
        Chain::load(&Weights::from_arrays("test", arrays), "place", 2).unwrap()
    }

    fn link(sense: &[f32]) -> Link<'_> {
        Link {
            sense,
            spoken: false,
            votes: vec![0.0; 2],
            entered: None,
            changes: [true, false, false, false, false],
        }
    }

    #[test]
    fn a_place_is_kept_until_there_is_evidence_enough_of_another() {
        let [first, second, nothing] = [[-1.0], [1.0], [0.0]];
        let chain = chain();
        let path = |senses: &[&[f32]]| {
            let links: Vec<Link> = senses.iter().map(|sense| link(sense)).collect();
            chain.best(&links)
        };
        assert_eq!(path(&[&first, &first, &nothing]), [0, 0, 0]);
        assert_eq!(path(&[&first, &first, &second, &first]), [0, 0, 0, 0]);
        assert_eq!(path(&[&first, &first, &second, &second]), [0, 0, 1, 1]);
        assert_eq!(path(&[]), [0_usize; 0]);
    }

    #[test]
    fn a_change_costs_less_where_somebody_goes_and_what_is_said_aloud_counts_less() {
        let [here, there] = [[-0.5], [0.5]];
        let chain = chain();
        let links = |goes: bool, spoken: bool| {
            let mut links: Vec<Link> = [&here, &here, &there, &there].map(|it| link(it)).into();
            links[2].changes[4] = goes;
            links[2].spoken = spoken;
            links[3].spoken = spoken;
            links
        };
        assert_eq!(chain.best(&links(false, false)), [0, 0, 0, 0]);
        assert_eq!(chain.best(&links(true, false)), [0, 0, 1, 1]);
        assert_eq!(chain.best(&links(true, true)), [0, 0, 0, 0]);
    }

    #[test]
    fn sentences_of_one_scene_are_judged_together_whatever_is_entered_in_them() {
        let chain = chain();
        let [first, second] = [[-1.0], [0.6]];
        let mut links: Vec<Link> = [&first, &second].map(|it| link(it)).into();
        assert_eq!(chain.shared(&links, 0, 0.0), 0);
        assert_eq!(chain.shared(&links, 1, 1.0), 0);
        assert_eq!(chain.shared(&links, 1, 2.0), 1);
        links[1].entered = Some(1);
        assert_eq!(chain.shared(&links, 1, 1.0), 0);
        links.push(link(&second));
        assert_eq!(chain.shared(&links, 0, 0.0), 1);
    }

    #[test]
    fn words_alone_tell_a_place_where_nothing_is_sensed() {
        let mut links = vec![link(&[]), link(&[])];
        links[1].votes[1] = 3.0;
        links[1].entered = Some(1);
        assert_eq!(chain().best(&links), [1, 1]);
    }
}
