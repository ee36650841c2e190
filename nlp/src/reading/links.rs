//! Which mentions are one, and who says a line, as two gated recurrent units find it that read a whole
//! text from both ends.
//!
//! The network's states of the words go in; what comes out of the units for a mention, a line of speech
//! or a sign of somebody is compared in pairs: a mention with one before it, a line with everybody's
//! traces near it. These scores are clues beside those that can be named: for figures that may be one
//! ([`super::likeness`]), and for who speaks ([`super::choice`]). All of it takes time linear in the text.
//! `models/training/links.py` trains it.

use std::collections::BTreeMap;

use fabula_networks::weights::{Weights, WeightsError};
use fabula_story::Gender;
use serde::Serialize;

use super::layers::{Dense, Recurrent, Table};
use super::mentions::{Ground, Mention};
use super::people::Form;
use super::speakers::{Line, Trace};

/// How many words before and behind a line traces are looked for, and how many of them, the nearest, are
/// compared with it.
const BACK: usize = 300;
const FORTH: usize = 150;
const TRACES: usize = 64;
/// So many words of the paragraph before and behind a line are looked at, and so many of its own.
const AROUND: usize = 12;
const QUOTE: usize = 24;
/// Of two figures so many pairs of mentions are compared, the nearest.
const PAIRS: usize = 12;
/// The last words of ranges of distances.
const DISTANCES: [usize; 11] = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144];
/// What two figures are said to be of which the units have read nothing: rather two than one.
pub(super) const UNREAD: f32 = -1.5;
/// The units read texts of at most so many words, for each of which they keep about 3 KB.
pub(super) const LONGEST: usize = 40_000;

/// The trained layers.
pub(super) struct Head {
    quoted: Table,
    starts: Table,
    forward: Recurrent,
    backward: Recurrent,
    hearing: Hearing,
    linking: Linking,
}

/// What compares lines with traces.
struct Hearing {
    looks: Dense,
    query: Dense,
    trace: Dense,
    of_query: Dense,
    of_trace: Dense,
    of_product: Dense,
    distance: Table,
    paragraphs: Table,
    sentences: Table,
    form: Table,
    quoted: Table,
    inner: Dense,
    score: Dense,
    unseen: f32,
    turn_inner: Dense,
    turn: Dense,
}

/// What compares mentions.
struct Linking {
    mention: Dense,
    determiner: Table,
    gender: Table,
    form: Table,
    later: Dense,
    sooner: Dense,
    product: Dense,
    distance: Table,
    sentences: Table,
    quotations: Table,
    determiners: Table,
    genders: Table,
    forms: Table,
    inner: Dense,
    score: Dense,
}

impl Head {
    /// Reads the trained arrays, if there are any.
    pub fn load(weights: &Weights) -> Result<Option<Self>, WeightsError> {
        if !weights.has("links.forward.input.weight") {
            return Ok(None);
        }
        let dense = |name: &str| Dense::load(weights, &format!("links.{name}"));
        let table = |name: &str| Table::load(weights, &format!("links.{name}"));
        let unit = |name: &str| Recurrent::load(weights, &format!("links.{name}"));
        Ok(Some(Self {
            quoted: table("quoted")?,
            starts: table("starts")?,
            forward: unit("forward")?,
            backward: unit("backward")?,
            hearing: Hearing {
                looks: dense("looks")?,
                query: dense("query")?,
                trace: dense("trace")?,
                of_query: dense("heard_query")?,
                of_trace: dense("heard_trace")?,
                of_product: dense("heard_product")?,
                distance: table("heard_distance")?,
                paragraphs: table("heard_paragraphs")?,
                sentences: table("heard_sentences")?,
                form: table("heard_form")?,
                quoted: table("heard_quoted")?,
                inner: dense("heard_inner")?,
                score: dense("heard_score")?,
                unseen: weights.vector("links.unseen", 1)?[0],
                turn_inner: dense("turn_inner")?,
                turn: dense("turn")?,
            },
            linking: Linking {
                mention: dense("mention")?,
                determiner: table("determiner")?,
                gender: table("gender")?,
                form: table("form")?,
                later: dense("later")?,
                sooner: dense("sooner")?,
                product: dense("product")?,
                distance: table("link_distance")?,
                sentences: table("link_sentences")?,
                quotations: table("link_quotations")?,
                determiners: table("determiners")?,
                genders: table("genders")?,
                forms: table("forms")?,
                inner: dense("link_inner")?,
                score: dense("link_score")?,
            },
        }))
    }

    /// The state of each word, of which `senses` are what the network holds of them.
    fn states(&self, words: &[Word], senses: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let inputs: Vec<Vec<f32>> = words
            .iter()
            .enumerate()
            .zip(senses)
            .map(|((index, word), sense)| {
                let before = index.checked_sub(1).map(|at| words[at].paragraph);
                let starts = before != Some(word.paragraph);
                let mut input = sense.clone();
                self.quoted
                    .add(usize::from(word.quotation.is_some()), &mut input);
                self.starts.add(usize::from(starts), &mut input);
                input.into_iter().map(f32::tanh).collect()
            })
            .collect();
        let ahead = self.forward.states(inputs.iter());
        let mut behind = self.backward.states(inputs.iter().rev());
        behind.reverse();
        let states = inputs.into_iter().zip(ahead).zip(behind);
        states
            .map(|((input, ahead), behind)| [input, ahead, behind].concat())
            .collect()
    }
}

/// A mention as it is compared with others.
#[derive(Clone, Debug)]
pub(super) struct Bond {
    seen: Seen,
    vector: Vec<f32>,
    /// What it adds to a pair as the later and as the sooner of two.
    later: Vec<f32>,
    sooner: Vec<f32>,
}

/// What the units have read of a text.
pub(super) struct Links<'a> {
    head: &'a Head,
    words: Vec<Word>,
    states: Vec<Vec<f32>>,
    /// First and last word of each quotation.
    quotations: Vec<(usize, usize)>,
}

impl<'a> Links<'a> {
    /// Lets the units read a text, of whose words the network has `senses`.
    pub fn read(head: &'a Head, ground: &Ground, senses: &[Vec<f32>]) -> Self {
        let words = words(ground);
        let quotations = ground.quotations.iter();
        Self {
            states: head.states(&words, senses),
            quotations: quotations.map(|it| (it.first, it.last)).collect(),
            head,
            words,
        }
    }

    fn state(&self, word: usize) -> &[f32] {
        self.states.get(word).map_or(&[], Vec::as_slice)
    }

    /// What there is to compare of a mention.
    pub fn bond(&self, mention: &Mention) -> Bond {
        self.bond_of(Seen::new(mention))
    }

    fn bond_of(&self, seen: Seen) -> Bond {
        let head = &self.head.linking;
        let both = [self.state(seen.first), self.state(seen.last)].concat();
        let mut vector = head.mention.forward(&both);
        head.determiner.add(seen.determiner, &mut vector);
        head.gender.add(seen.gender, &mut vector);
        head.form.add(seen.form, &mut vector);
        for value in &mut vector {
            *value = value.tanh();
        }
        Bond {
            later: head.later.forward(&vector),
            sooner: head.sooner.forward(&vector),
            seen,
            vector,
        }
    }

    /// The log odds of two figures being one, of whose mentions these are the bonds, in order.
    pub fn score(&self, one: &[&Bond], other: &[&Bond]) -> f32 {
        let (few, many) = if one.len() <= other.len() {
            (one, other)
        } else {
            (other, one)
        };
        let mut pairs: Vec<(usize, &Bond, &Bond)> = Vec::new();
        for bond in few {
            let word = bond.seen.last;
            let at = many.partition_point(|it| it.seen.last < word);
            let near = many[at.saturating_sub(PAIRS)..].iter().take(2 * PAIRS);
            pairs.extend(near.map(|it| {
                let (sooner, later) = if it.seen.last < word {
                    (*it, *bond)
                } else {
                    (*bond, *it)
                };
                (word.abs_diff(it.seen.last), later, sooner)
            }));
        }
        pairs.sort_by_key(|(distance, later, sooner)| {
            (*distance, later.seen.last, sooner.seen.last)
        });
        pairs.truncate(PAIRS);
        let scores: Vec<f32> = pairs
            .iter()
            .map(|(_, later, sooner)| self.link(later, sooner))
            .collect();
        if scores.is_empty() {
            return UNREAD;
        }
        log_sum(scores.iter().copied()) - (scores.len() as f32).ln()
    }

    fn link(&self, later: &Bond, sooner: &Bond) -> f32 {
        let head = &self.head.linking;
        let product: Vec<f32> = times(&later.vector, &sooner.vector);
        let mut sum = head.product.forward(&product);
        add(&later.later, &mut sum);
        add(&sooner.sooner, &mut sum);
        let (one, other) = (&later.seen, &sooner.seen);
        let sentence = |it: &Seen| self.words.get(it.last).map_or(0, |word| word.sentence);
        let quotation = |it: &Seen| self.words.get(it.last).and_then(|word| word.quotation);
        head.distance.add(distance(one.last, other.last), &mut sum);
        head.sentences
            .add(clamped(sentence(one), sentence(other), 4), &mut sum);
        let quotations = match (quotation(one), quotation(other)) {
            (None, None) => 0,
            (None, Some(_)) => 1,
            (Some(_), None) => 2,
            (Some(one), Some(other)) => 3 + one.abs_diff(other).min(2),
        };
        head.quotations.add(quotations, &mut sum);
        head.determiners
            .add(one.determiner * DETERMINERS + other.determiner, &mut sum);
        head.genders
            .add(one.gender * GENDERS + other.gender, &mut sum);
        head.forms.add(one.form * FORMS + other.form, &mut sum);
        single(&head.score, &rectified(head.inner.forward(&rectified(sum))))
    }

    /// Tells of each line what the units make of everybody near, and of whose turn it is.
    pub fn hear(&self, lines: &mut [Line], traces: &[Trace]) {
        let head = &self.head.hearing;
        let mut known: BTreeMap<usize, [Vec<f32>; 2]> = BTreeMap::new();
        let mut before: Option<Vec<f32>> = None;
        for (line, (first, last)) in lines.iter_mut().zip(&self.quotations) {
            let query = self.query(*first, *last);
            let width = query.len();
            let of_query = head.of_query.forward(&query);
            let mut heard: BTreeMap<usize, Vec<f32>> = BTreeMap::new();
            for trace in near(line, traces, *first, *last) {
                let [vector, of_trace] = known.entry(trace.word).or_insert_with(|| {
                    let vector = tanh(head.trace.forward(self.state(trace.word)));
                    let of_trace = head.of_trace.forward(&vector);
                    [vector, of_trace]
                });
                let mut sum = head.of_product.forward(&times(&query, vector));
                add(&of_query, &mut sum);
                add(of_trace, &mut sum);
                self.add_place(trace, *first, *last, &mut sum);
                let score = single(&head.score, &rectified(head.inner.forward(&rectified(sum))));
                heard.entry(trace.figure).or_default().push(score);
            }
            for candidate in &mut line.candidates {
                let scores = heard.get(&candidate.figure).into_iter().flatten();
                candidate.heard = log_sum(std::iter::once(head.unseen).chain(scores.copied()));
            }
            let both = [query.clone(), before.unwrap_or_else(|| vec![0.0; width])].concat();
            let turns = head
                .turn
                .forward(&rectified(head.turn_inner.forward(&both)));
            line.heard = turns.try_into().ok();
            before = Some(query);
        }
    }

    /// A line as it is compared with traces.
    fn query(&self, first: usize, last: usize) -> Vec<f32> {
        let head = &self.head.hearing;
        let paragraph = |word: usize| self.words.get(word).map(|it| it.paragraph);
        let before = (1..=AROUND)
            .map_while(|step| first.checked_sub(step))
            .take_while(|word| paragraph(*word) == paragraph(first))
            .last()
            .unwrap_or(first)..first;
        let behind = last + 1
            ..(last + 1..=last + AROUND)
                .take_while(|word| paragraph(*word) == paragraph(last))
                .last()
                .map_or(last + 1, |word| word + 1);
        let width = self.state(0).len();
        let nothing = vec![0.0; width];
        let state = |word: Option<usize>| word.map_or(nothing.as_slice(), |it| self.state(it));
        let mut all: Vec<f32> = Vec::with_capacity(7 * width);
        all.extend_from_slice(state(before.clone().next_back()));
        all.extend_from_slice(state(Some(first)));
        all.extend_from_slice(state(Some(last)));
        all.extend_from_slice(state(behind.clone().next()));
        let quote = first..(last + 1).min(first + QUOTE);
        for (look, words) in [before, behind, quote].into_iter().enumerate() {
            let row = head.looks.row(look);
            let weights: Vec<f32> = words
                .clone()
                .map(|word| row.iter().zip(self.state(word)).map(|(a, b)| a * b).sum())
                .collect();
            let most = log_sum(weights.iter().copied());
            let mut mean = nothing.clone();
            for (word, weight) in words.zip(weights) {
                let share = (weight - most).exp();
                for (sum, value) in mean.iter_mut().zip(self.state(word)) {
                    *sum += share * value;
                }
            }
            all.extend(mean);
        }
        rectified(head.query.forward(&all))
    }

    /// Adds where a trace stands beside a line.
    fn add_place(&self, trace: &Trace, first: usize, last: usize, sum: &mut [f32]) {
        let head = &self.head.hearing;
        let word = trace.word;
        let inside = (first..=last).contains(&word);
        let edge = if word < first { first } else { last };
        let (Some(here), Some(there)) = (self.words.get(word), self.words.get(edge)) else {
            return;
        };
        let apart = if inside {
            2 * (DISTANCES.len() + 1)
        } else {
            distance(word, edge)
        };
        head.distance.add(apart, sum);
        head.paragraphs
            .add(clamped(here.paragraph, there.paragraph, 5), sum);
        head.sentences
            .add(clamped(here.sentence, there.sentence, 4), sum);
        let form = match trace.form {
            Form::Name => 0,
            Form::Noun => 1,
            Form::Pronoun => 2,
        };
        head.form.add(2 * form + usize::from(trace.subject), sum);
        let quoted = match here.quotation {
            None => 0,
            Some(_) if inside => 1,
            Some(_) => 2,
        };
        head.quoted.add(quoted, sum);
    }
}

/// The traces of a line's candidates that are nearest to it.
fn near<'t>(line: &Line, traces: &'t [Trace], first: usize, last: usize) -> Vec<&'t Trace> {
    let from = traces.partition_point(|trace| trace.word + BACK < first);
    let end = traces.partition_point(|trace| trace.word < last + FORTH);
    let mut found: Vec<&Trace> = traces[from..end.max(from)]
        .iter()
        .filter(|trace| line.candidates.iter().any(|it| it.figure == trace.figure))
        .collect();
    found.sort_by_key(|trace| {
        first
            .saturating_sub(trace.word)
            .max(trace.word.saturating_sub(last))
    });
    found.truncate(TRACES);
    found
}

/// The number of a range of distances, of which those back come behind those ahead.
fn distance(word: usize, from: usize) -> usize {
    let range = DISTANCES.partition_point(|edge| *edge < word.abs_diff(from));
    range + if word < from { DISTANCES.len() + 1 } else { 0 }
}

/// How much further one count is than another, at most so much, from 0 on.
fn clamped(one: usize, other: usize, most: usize) -> usize {
    if one >= other {
        most + (one - other).min(most)
    } else {
        most - (other - one).min(most)
    }
}

fn add(more: &[f32], sum: &mut [f32]) {
    for (sum, value) in sum.iter_mut().zip(more) {
        *sum += value;
    }
}

fn times(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter().zip(other).map(|(a, b)| a * b).collect()
}

fn tanh(values: Vec<f32>) -> Vec<f32> {
    values.into_iter().map(f32::tanh).collect()
}

fn rectified(values: Vec<f32>) -> Vec<f32> {
    values.into_iter().map(|it| it.max(0.0)).collect()
}

/// The only output of a layer.
fn single(layer: &Dense, input: &[f32]) -> f32 {
    layer.forward(input).first().copied().unwrap_or_default()
}

/// The logarithm of the sum of the powers.
fn log_sum(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let most = values.clone().fold(f32::NEG_INFINITY, f32::max);
    if most == f32::NEG_INFINITY {
        return most;
    }
    most + values.map(|it| (it - most).exp()).sum::<f32>().ln()
}

/// How many determiners, genders and forms are told apart.
const DETERMINERS: usize = 9;
const GENDERS: usize = 4;
const FORMS: usize = 6;

/// What is known of a mention besides the states of its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Seen {
    /// First and last word.
    pub first: usize,
    pub last: usize,
    /// None, a, the, his, her, their, my, your, another.
    pub determiner: usize,
    /// What the noun or the name shows.
    pub gender: usize,
    /// A noun or a name, told, quoted or called out.
    pub form: usize,
}

impl Seen {
    pub fn new(mention: &Mention) -> Self {
        let determiner = match mention.determiner.as_deref().unwrap_or_default() {
            "a" | "an" | "one" | "some" => 1,
            "the" | "this" | "that" | "these" | "those" => 2,
            "his" => 3,
            "her" => 4,
            "their" | "its" => 5,
            "my" | "our" => 6,
            "your" => 7,
            "another" | "other" => 8,
            _ => 0,
        };
        let gender = match (&mention.being, mention.name_gender) {
            (Some(being), Gender::Unknown) => being.gender,
            (_, gender) => gender,
        };
        let place = match (mention.quoted, mention.vocative) {
            (_, true) => 2,
            (Some(_), false) => 1,
            (None, false) => 0,
        };
        Self {
            first: mention.first,
            last: mention.last,
            determiner,
            gender: match gender {
                Gender::Unknown => 0,
                Gender::Female => 1,
                Gender::Male => 2,
                Gender::Neutral => 3,
            },
            form: 2 * place + usize::from(!mention.names.is_empty()),
        }
    }
}

/// A word as the units read it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Word {
    /// Where it stands, in bytes.
    pub start: usize,
    pub end: usize,
    pub sentence: usize,
    pub paragraph: usize,
    pub quotation: Option<usize>,
}

/// All words of a text.
pub(super) fn words(ground: &Ground) -> Vec<Word> {
    let words = ground.text.words.iter().enumerate();
    words
        .map(|(index, word)| Word {
            start: word.start,
            end: word.end,
            sentence: ground.sentence[index],
            paragraph: word.paragraph,
            quotation: ground.quoted[index],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::reading::speakers::Candidate;

    fn count(of: &Value, name: &str) -> usize {
        usize::try_from(of[name].as_u64().unwrap()).unwrap()
    }

    fn numbers(of: &Value) -> Vec<f32> {
        serde_json::from_value(of.clone()).unwrap()
    }

    /// What the training program wrote down of the beginning of a tale.
    fn parity() -> Value {
        serde_json::from_str(include_str!("../../tests/data/links.json")).unwrap()
    }

    fn rows<T>(of: &Value, row: impl Fn(&Value) -> T) -> Vec<T> {
        of.as_array().unwrap().iter().map(row).collect()
    }

    /// The text of the file as the units have read it.
    fn links<'a>(head: &'a Head, parity: &Value) -> Links<'a> {
        let words = rows(&parity["words"], |word| Word {
            start: count(word, "start"),
            end: count(word, "end"),
            sentence: count(word, "sentence"),
            paragraph: count(word, "paragraph"),
            quotation: word["quotation"].as_u64().map(|it| it as usize),
        });
        let senses = rows(&parity["senses"], numbers);
        let quotations = (0..parity["lines"].as_array().unwrap().len()).map(|number| {
            let of = |word: &Word| word.quotation == Some(number);
            let first = words.iter().position(of).unwrap();
            (first, words.iter().rposition(of).unwrap())
        });
        Links {
            quotations: quotations.collect(),
            states: head.states(&words, &senses),
            head,
            words,
        }
    }

    #[test]
    fn mentions_and_lines_are_compared_as_the_training_program_compares_them() {
        let Some(weights) = crate::reading::shipped().unwrap() else {
            eprintln!("skipped: this build carries no weights");
            return;
        };
        let head = Head::load(&weights).unwrap().unwrap();
        let parity = parity();
        let links = links(&head, &parity);
        let bonds = rows(&parity["mentions"], |mention| {
            let seen = Seen {
                first: count(mention, "first"),
                last: count(mention, "last"),
                determiner: count(mention, "determiner"),
                gender: count(mention, "gender"),
                form: count(mention, "form"),
            };
            (count(mention, "figure"), links.bond_of(seen))
        });
        let pairs = parity["pairs"].as_array().unwrap();
        assert!(pairs.len() > 2);
        for pair in pairs {
            let of = |figure: &Value| -> Vec<&Bond> {
                let figure = figure.as_u64().unwrap() as usize;
                let own = bonds.iter().filter(|(whose, _)| *whose == figure);
                own.map(|(_, bond)| bond).collect()
            };
            let figures = pair["figures"].as_array().unwrap();
            let found = links.score(&of(&figures[0]), &of(&figures[1]));
            let wanted = pair["score"].as_f64().unwrap() as f32;
            assert!((found - wanted).abs() < 0.02, "{pair}: {found}");
        }
        let traces = rows(&parity["traces"], |trace| Trace {
            word: count(trace, "word"),
            figure: count(trace, "figure"),
            subject: trace["subject"].as_bool().unwrap(),
            form: match trace["form"].as_str().unwrap() {
                "Name" => Form::Name,
                "Noun" => Form::Noun,
                _ => Form::Pronoun,
            },
            quoted: None,
        });
        let told = parity["lines"].as_array().unwrap();
        let mut lines = rows(&parity["lines"], |line| Line {
            candidates: rows(&line["figures"], |figure| Candidate {
                figure: figure.as_u64().unwrap() as usize,
                speaks: Vec::new(),
                hears: Vec::new(),
                heard: 0.0,
            }),
            ..Line::default()
        });
        links.hear(&mut lines, &traces);
        assert!(!lines.is_empty());
        for (line, told) in lines.iter().zip(told) {
            let found = line.candidates.iter().map(|it| it.heard);
            let found = found.chain(line.heard.unwrap());
            let wanted = [numbers(&told["heard"]), numbers(&told["turns"])].concat();
            for (found, wanted) in found.zip(wanted) {
                assert!((found - wanted).abs() < 0.02, "{told}: {found}");
            }
        }
    }

    #[test]
    fn figures_without_mentions_are_not_taken_for_one() {
        let Some(weights) = crate::reading::shipped().unwrap() else {
            eprintln!("skipped: this build carries no weights");
            return;
        };
        let head = Head::load(&weights).unwrap().unwrap();
        let links = links(&head, &parity());
        assert!(links.score(&[], &[]) < 0.0);
        let mut lines = vec![Line::default(); 3];
        links.hear(&mut lines, &[]);
        assert!(lines[0].candidates.is_empty());
    }

    #[test]
    fn distances_back_and_ahead_have_ranges_of_their_own() {
        assert_eq!([distance(7, 7), distance(8, 7), distance(6, 7)], [0, 0, 12]);
        assert_eq!([distance(9, 7), distance(1000, 7)], [1, 11]);
        assert_eq!(distance(0, 1000), 23);
        assert_eq!(
            [clamped(3, 9, 4), clamped(9, 3, 4), clamped(4, 3, 4)],
            [0, 8, 5]
        );
    }
}
