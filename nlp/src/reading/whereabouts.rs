//! Where each sentence happens and when, by what the network senses in it, what its words tell, and
//! what stands around it.
//!
//! Two gated recurrent units read the sentences of a text from both ends. What they make of a sentence
//! scores every value of it, and how likely it is that the value changes there. A linear chain then
//! gives each value its probability for each sentence, all others considered, by the forward-backward
//! algorithm. All of it takes time linear in the text. `models/training/places.py` trains it.

use std::iter;

use fabula_networks::weights::{Weights, WeightsError};

use super::layers::{Dense, Recurrent};

/// A trained head for place, time, and being under a roof.
pub(super) struct Head {
    /// What a sense alone tells of each of the three.
    seen: [Dense; 3],
    input: Dense,
    forward: Recurrent,
    backward: Recurrent,
    output: Dense,
    change: Dense,
    /// What a sense alone counts for each of the three.
    skip: Vec<f32>,
    /// What a vote of words for a place counts, and what entering it does.
    votes: Vec<f32>,
    /// Of each of the three, the logarithm of how often a value is met.
    priors: [Vec<f32>; 3],
}

/// The three: the name of each in the weights, and the number of its values. Places are without the
/// finer ones, times without the unknown; then there is out or in.
const TASKS: [(&str, usize); 3] = [("place", 16), ("time", 4), ("indoor", 2)];
/// Where in the evidence of words places that are entered begin.
const ENTERED: usize = 19;
/// More evidence of words for one value counts no more.
const MOST_VOTES: f32 = 4.0;

/// What there is to know of a sentence.
pub(super) struct Sentence<'a> {
    /// What the network senses in it; empty if there is nothing.
    pub sense: &'a [f32],
    /// The evidence of its words.
    pub words: &'a [f32],
    pub bytes: usize,
}

/// The logarithms of the probabilities of all values, a row a sentence.
pub(super) struct Found {
    pub places: Vec<Vec<f32>>,
    pub times: Vec<Vec<f32>>,
    pub indoors: Vec<Vec<f32>>,
}

impl Head {
    /// Reads the trained arrays, if there are any.
    pub fn load(weights: &Weights) -> Result<Option<Self>, WeightsError> {
        if !weights.has("whereabouts.input.weight") {
            return Ok(None);
        }
        let dense = |name: &str| Dense::load(weights, &format!("whereabouts.{name}"));
        let [places, times, indoors] = TASKS;
        let seen = |(task, _): (&str, usize)| dense(&format!("seen.{task}"));
        let prior = |(task, values): (&str, usize)| {
            let prior = weights.vector(&format!("whereabouts.start.{task}"), values);
            Ok::<_, WeightsError>(log_shares(&prior?))
        };
        Ok(Some(Self {
            seen: [seen(places)?, seen(times)?, seen(indoors)?],
            input: dense("input")?,
            forward: Recurrent::load(weights, "whereabouts.forward")?,
            backward: Recurrent::load(weights, "whereabouts.backward")?,
            output: dense("output")?,
            change: dense("change")?,
            skip: weights.vector("whereabouts.skip", TASKS.len())?,
            votes: weights.vector("whereabouts.votes", 2)?,
            priors: [prior(places)?, prior(times)?, prior(indoors)?],
        }))
    }

    /// The probabilities of where and when the sentences of a text happen.
    pub fn find(&self, sentences: &[Sentence]) -> Found {
        let seen: Vec<[Vec<f32>; 3]> = sentences.iter().map(|it| self.seen(it)).collect();
        let inputs: Vec<Vec<f32>> = (0..)
            .zip(sentences)
            .zip(&seen)
            .map(|((number, sentence), seen)| self.input(number == 0, sentence, seen))
            .collect();
        let ahead = self.forward.states(inputs.iter());
        let mut behind = self.backward.states(inputs.iter().rev());
        behind.reverse();
        let mut scores = TASKS.map(|_| Vec::with_capacity(sentences.len()));
        let mut changes = TASKS.map(|_| Vec::with_capacity(sentences.len()));
        let states = ahead.iter().zip(&behind).zip(&inputs);
        for ((sentence, seen), ((ahead, behind), input)) in sentences.iter().zip(&seen).zip(states)
        {
            let state = [ahead.as_slice(), behind, input].concat();
            let output = self.output.forward(&state);
            let change = self.change.forward(&state);
            let mut rest = output.as_slice();
            for (task, (_, values)) in TASKS.iter().enumerate() {
                let (own, others) = rest.split_at((*values).min(rest.len()));
                rest = others;
                let skip = self.skip[task];
                let own = own.iter().zip(&seen[task]);
                scores[task].push(own.map(|(own, seen)| own + skip * seen).collect::<Vec<_>>());
                changes[task].push(change.get(task).copied().unwrap_or_default());
            }
            if let Some(places) = scores[0].last_mut() {
                self.add_votes(places, sentence.words);
            }
        }
        let [places, times, indoors] =
            [0, 1, 2].map(|task| posteriors(&scores[task], &changes[task], &self.priors[task]));
        Found {
            places,
            times,
            indoors,
        }
    }

    /// The logarithm of how likely a sense alone makes each value; nothing where nothing is sensed.
    fn seen(&self, sentence: &Sentence) -> [Vec<f32>; 3] {
        [0, 1, 2].map(|task| {
            if sentence.sense.is_empty() {
                vec![0.0; TASKS[task].1]
            } else {
                log_shares(&self.seen[task].forward(sentence.sense))
            }
        })
    }

    /// What the recurrent units read of a sentence.
    fn input(&self, is_first: bool, sentence: &Sentence, seen: &[Vec<f32>; 3]) -> Vec<f32> {
        let words = sentence.words.iter();
        let mut all: Vec<f32> = words.map(|it| it.clamp(-MOST_VOTES, MOST_VOTES)).collect();
        all.extend(seen.iter().flatten());
        let length = self.seen[0].inputs;
        all.extend(sentence.sense.iter().chain(iter::repeat(&0.0)).take(length));
        all.push(f32::from(u8::from(!sentence.sense.is_empty())));
        all.push((1.0 + sentence.bytes as f32).ln() / 5.0);
        all.push(f32::from(u8::from(is_first)));
        self.input
            .forward(&all)
            .into_iter()
            .map(f32::tanh)
            .collect()
    }

    fn add_votes(&self, places: &mut [f32], words: &[f32]) {
        let votes = words.iter().zip(words.iter().skip(ENTERED));
        for (place, (here, entered)) in places.iter_mut().zip(votes) {
            *place += self.votes[0] * here.clamp(-MOST_VOTES, MOST_VOTES) + self.votes[1] * entered;
        }
    }
}

/// The logarithms of the probabilities of the values of a linear chain, of which each link scores
/// every value, and being another value than the one before: then it is met as often as `prior` says.
fn posteriors(scores: &[Vec<f32>], changes: &[f32], prior: &[f32]) -> Vec<Vec<f32>> {
    // The link that is entered, from what is known of its neighbour.
    let enter = |known: &[f32], change: f32| -> Vec<f32> {
        let any = log_sum(known) + change;
        let pairs = known.iter().zip(prior);
        pairs
            .map(|(stays, prior)| log_add(*stays, any + prior))
            .collect()
    };
    let add = |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| a + b).collect() };
    let mut ahead: Vec<Vec<f32>> = Vec::with_capacity(scores.len());
    for (score, change) in scores.iter().zip(changes) {
        let known = match ahead.last() {
            Some(before) => enter(before, *change),
            None => prior.to_vec(),
        };
        ahead.push(log_shares(&add(&known, score)));
    }
    let mut behind = vec![0.0; prior.len()];
    for number in (0..scores.len()).rev() {
        ahead[number] = log_shares(&add(&ahead[number], &behind));
        let next = add(&behind, &scores[number]);
        let any = log_sum(&add(&next, prior)) + changes[number];
        behind = log_shares(
            &next
                .iter()
                .map(|stays| log_add(*stays, any))
                .collect::<Vec<_>>(),
        );
    }
    ahead
}

/// The values of the links of a chain that are likeliest, if being another value than the one before
/// costs so much before a link.
pub(super) fn steady(likely: &[Vec<f32>], cost: impl Fn(usize) -> f32) -> Vec<usize> {
    let mut totals: Vec<f32> = likely.first().cloned().unwrap_or_default();
    // For each link but the first and each value, the value of the link before.
    let mut before: Vec<Vec<usize>> = Vec::with_capacity(likely.len());
    for (number, own) in likely.iter().enumerate().skip(1) {
        let top = highest(&totals);
        let moved = totals.get(top).copied().unwrap_or_default() - cost(number);
        let mut from: Vec<usize> = (0..totals.len()).collect();
        for ((total, from), own) in totals.iter_mut().zip(&mut from).zip(own) {
            if moved > *total {
                *total = moved;
                *from = top;
            }
            *total += own;
        }
        before.push(from);
    }
    let mut value = highest(&totals);
    let mut path = vec![value; likely.len().min(1)];
    for from in before.iter().rev() {
        value = from.get(value).copied().unwrap_or_default();
        path.push(value);
    }
    path.reverse();
    path
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

fn log_add(a: f32, b: f32) -> f32 {
    let (high, low) = (a.max(b), a.min(b));
    high + (low - high).exp().ln_1p()
}

fn log_sum(values: &[f32]) -> f32 {
    let top = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    top + values
        .iter()
        .map(|value| (value - top).exp())
        .sum::<f32>()
        .ln()
}

fn log_shares(values: &[f32]) -> Vec<f32> {
    let sum = log_sum(values);
    values.iter().map(|value| value - sum).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// What `models/training/places.py` finds of the beginning of a tale.
    #[derive(Deserialize)]
    struct Parity {
        words: Vec<Vec<f32>>,
        senses: Vec<Vec<f32>>,
        bytes: Vec<usize>,
        found: std::collections::BTreeMap<String, Vec<Vec<f32>>>,
    }

    #[test]
    fn sentences_are_where_the_training_program_finds_them() {
        let Some(weights) = crate::reading::shipped().unwrap() else {
            eprintln!("skipped: this build carries no weights");
            return;
        };
        let head = Head::load(&weights).unwrap().unwrap();
        let parity: Parity =
            serde_json::from_str(include_str!("../../tests/data/whereabouts.json")).unwrap();
        let sentences: Vec<Sentence> = (parity.words.iter().zip(&parity.senses))
            .zip(&parity.bytes)
            .map(|((words, sense), bytes)| Sentence {
                sense,
                words,
                bytes: *bytes,
            })
            .collect();
        let found = head.find(&sentences);
        for (task, rows) in [
            ("place", &found.places),
            ("time", &found.times),
            ("indoor", &found.indoors),
        ] {
            for (own, wanted) in rows
                .iter()
                .flatten()
                .zip(parity.found[task].iter().flatten())
            {
                assert!(
                    (own.exp() - wanted.exp()).abs() < 2e-3,
                    "{task}: {own} {wanted}"
                );
            }
        }
    }

    /// The probabilities that come of trying all paths of a chain of two values.
    fn by_trying(scores: &[Vec<f32>], changes: &[f32], prior: &[f32]) -> Vec<f32> {
        let mut second = vec![0.0_f64; scores.len()];
        let mut all = 0.0_f64;
        for path in 0..1_usize << scores.len() {
            let value = |at: usize| path >> at & 1;
            // Who stays may also have moved to the same value.
            let total: f64 = (0..scores.len())
                .map(|at| {
                    let own = f64::from(scores[at][value(at)]);
                    let moved = f64::from(prior[value(at)]);
                    if at == 0 {
                        return own + moved;
                    }
                    let moved = moved + f64::from(changes[at]);
                    let stays = value(at) == value(at - 1);
                    own + if stays { moved.exp().ln_1p() } else { moved }
                })
                .sum();
            all += total.exp();
            for (at, share) in second.iter_mut().enumerate() {
                *share += if value(at) == 1 { total.exp() } else { 0.0 };
            }
        }
        second.iter().map(|share| (share / all) as f32).collect()
    }

    #[test]
    fn probabilities_are_those_of_all_paths_together() {
        let prior = log_shares(&[0.3, -0.4]);
        let scores: Vec<Vec<f32>> = [[0.0, 1.0], [2.0, -1.0], [0.1, 0.2], [-3.0, 0.5], [0.0, 0.0]]
            .map(|row| row.to_vec())
            .into();
        let changes = [0.0, -2.0, -1.0, 0.5, -4.0];
        let found = posteriors(&scores, &changes, &prior);
        for (row, wanted) in found.iter().zip(by_trying(&scores, &changes, &prior)) {
            assert!((row[1].exp() - wanted).abs() < 1e-5, "{row:?} {wanted}");
        }
        assert!(posteriors(&[], &[], &prior).is_empty());
    }

    #[test]
    fn a_value_is_left_only_for_what_is_likelier_by_the_cost() {
        let row = |second: f32| vec![(1.0 - second).ln(), second.ln()];
        let likely: Vec<Vec<f32>> = [0.1, 0.1, 0.6, 0.2, 0.9, 0.9].map(row).into();
        let path = |cost: f32| steady(&likely, |_| cost);
        assert_eq!(path(0.0), [0, 0, 1, 0, 1, 1]);
        assert_eq!(path(1.5), [0, 0, 0, 0, 1, 1]);
        assert_eq!(path(9.0), [0, 0, 0, 0, 0, 0]);
        assert_eq!(
            steady(&likely, |at| if at == 2 { 0.0 } else { 1.5 }),
            [0, 0, 1, 1, 1, 1]
        );
        assert!(steady(&[], |_| 1.0).is_empty());
        assert_eq!(steady(&likely[4..5], |_| 1.0), [1]);
    }

    #[test]
    fn a_long_text_keeps_its_probabilities() {
        let prior = log_shares(&[0.0, 0.0, 0.0]);
        let scores = vec![vec![3.0, -40.0, 2.0]; 20_000];
        let found = posteriors(&scores, &vec![-6.0; 20_000], &prior);
        for row in found {
            let sum: f32 = row.iter().map(|it| it.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-3 && row[0] > -0.4, "{row:?}");
        }
    }
}
