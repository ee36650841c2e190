//! Which mentions mean the same: each is compared with those before it, and the best of them, or
//! none, is its antecedent. Chains of antecedents are who or what is meant.
//!
//! The twin of `models/training/coreference.py`. Shapes: `n` mentions, `h` the width of a state.

use std::ops::Range;
use std::sync::Mutex;

use ahash::AHashSet;
use burn::tensor::activation::relu;
use burn::tensor::{Int, Tensor, TensorData};

use crate::encoder::Linear;
use crate::kernels::Kernels;
use crate::story::{Lanes, values};
use crate::weights::{Weights, WeightsError};

/// With how many mentions before it one is compared.
pub const REACH: usize = 100;
/// Depths of the encoder whose states are averaged.
const DEPTHS: [usize; 3] = [6, 5, 3];
const SPAN: usize = 128;
const PAIR: usize = 128;
const INNER: usize = 48;
const WIDTHS: usize = 10;
const DISTANCES: usize = 10;
/// Of a mention, so many words are looked at, and its last.
const LONGEST: usize = 12;
/// Mentions whose antecedents are looked for in one product.
const BLOCK: usize = 32;

const PRONOUNS: [&str; 8] = [
    "he him his himself",
    "she her hers herself",
    "it its itself",
    "they them their theirs themselves",
    "i me my mine myself",
    "we us our ours ourselves",
    "you your yours yourself yourselves thou thee thy thine",
    "who whom whose which that",
];
const MALE: &str = "mr. mr sir lord king prince duke count father brother son uncle grandfather husband man \
    boy gentleman fellow lad nephew widower captain master baron monk priest";
const FEMALE: &str = "mrs. mrs miss ms. lady madam madame queen princess duchess countess mother sister \
    daughter aunt grandmother wife woman girl maid niece widow mistress nun baroness mamma";
/// Words behind which no head of a noun phrase stands.
const BEHIND_HEAD: &str = "of who which that in with at on from , to";
/// Words that tell nothing of whom a noun phrase means.
const EMPTY: &str = "the a an of his her my your their this that and in";
/// What a pair of mentions may have in common, see [`flags`].
const FLAGS: usize = 16;

const PROPER: usize = 0;
const PRONOUN: usize = 2;

fn is_in(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

/// Which of the words of a noun phrase, in lower case, is its head: the last before what describes
/// it further.
fn head<'a>(words: impl Iterator<Item = &'a str>) -> usize {
    words
        .skip(1)
        .take_while(|word| !is_in(BEHIND_HEAD, word))
        .count()
}

/// A mention as the head sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its words in the text.
    pub words: Range<usize>,
    kind: usize,
    form: usize,
    /// The number of its sentence.
    pub sentence: usize,
    quotation: Option<usize>,
    text: String,
    head: String,
    content: AHashSet<String>,
    pronoun: usize,
    gender: usize,
}

impl Known {
    /// A mention at `words`, as they are `written`, of a class given as type (of six) and form
    /// (name, noun or pronoun). `quotation` is the number of the one that it stands in.
    pub fn new(
        words: Range<usize>,
        written: &[&str],
        (kind, form): (usize, usize),
        sentence: usize,
        quotation: Option<usize>,
    ) -> Self {
        let lower: Vec<String> = written.iter().map(|word| word.to_lowercase()).collect();
        let text = lower.join(" ");
        let is_pronoun = form == PRONOUN;
        let pronoun = PRONOUNS
            .iter()
            .position(|words| is_pronoun && is_in(words, &text))
            .map_or(0, |at| at + 1);
        let any = |list: &str| lower.iter().any(|word| is_in(list, word));
        let gender = match (any(MALE), any(FEMALE)) {
            _ if is_pronoun => Some(pronoun).filter(|it| *it <= 3).unwrap_or(0),
            (true, false) => 1,
            (false, true) => 2,
            _ => 0,
        };
        let content = lower
            .iter()
            .filter(|word| word.chars().all(char::is_alphabetic) && !is_in(EMPTY, word))
            .cloned()
            .collect();
        Self {
            words,
            kind,
            form,
            sentence,
            quotation,
            head: lower
                .get(head(lower.iter().map(String::as_str)))
                .cloned()
                .unwrap_or_default(),
            text,
            content,
            pronoun,
            gender,
        }
    }

    fn width(&self) -> usize {
        (self.words.len().max(1) - 1).min(WIDTHS - 1)
    }
}

/// What a mention has in common with one before it.
fn flags(one: &Known, before: &Known) -> [bool; FLAGS] {
    let nouns = one.form != PRONOUN && before.form != PRONOUN;
    let genders = one.gender > 0 && before.gender > 0;
    let (here, there) = (one.quotation, before.quotation);
    let both = here.zip(there);
    let disjoint = one.content.is_disjoint(&before.content);
    [
        nouns && one.text == before.text,
        nouns && one.head == before.head,
        nouns && !disjoint,
        nouns && !one.content.is_empty() && one.content.is_subset(&before.content),
        nouns && !before.content.is_empty() && before.content.is_subset(&one.content),
        one.form == PRONOUN && before.form == PRONOUN && one.pronoun == before.pronoun,
        genders && one.gender != before.gender,
        genders && one.gender == before.gender,
        one.kind == before.kind,
        before.words.start <= one.words.start && one.words.end <= before.words.end,
        both.is_some_and(|(here, there)| here == there),
        here.is_some() != there.is_some(),
        both.is_some_and(|(here, there)| here != there),
        both.is_some_and(|(here, there)| here.abs_diff(there) == 1),
        one.sentence == before.sentence,
        one.form == PROPER && before.form == PROPER && disjoint,
    ]
}

/// Distances up to 4 as they are, then 5 to 8, 9 to 16 and so on.
fn bucket(distance: usize) -> usize {
    if distance < 5 {
        return distance;
    }
    let doublings = (distance - 1).ilog2() as usize - 1;
    (4 + doublings).min(DISTANCES - 1)
}

/// The head.
pub struct Coreference<B: Kernels> {
    mix: [f32; DEPTHS.len()],
    attention: Vec<f32>,
    span: Linear<B>,
    /// What is added to a mention's vector: by type, form, pronoun, gender, whether it is quoted,
    /// and width; rows of [`SPAN`].
    known: [Vec<f32>; 6],
    one: Linear<B>,
    before: Linear<B>,
    product: Linear<B>,
    /// What is added to a pair: by flag, distance in mentions, in sentences, and the pronouns of
    /// both; rows of [`PAIR`].
    flags: Vec<f32>,
    apart: Vec<f32>,
    sentences: Vec<f32>,
    pronouns: Vec<f32>,
    inner: Linear<B>,
    score: Linear<B>,
    new: Linear<B>,
}

impl<B: Kernels> Coreference<B> {
    /// Loads the head for states of width `hidden`, if the file has it.
    ///
    /// # Errors
    /// If arrays are missing or do not fit.
    pub fn load(
        weights: &Weights,
        hidden: usize,
        device: &B::Device,
    ) -> Result<Option<Self>, WeightsError> {
        if !weights.has("coreference.span.weight") {
            return Ok(None);
        }
        let linear = |name: &str, inputs, outputs| {
            Linear::load(
                weights,
                &format!("coreference.{name}"),
                inputs,
                outputs,
                device,
            )
        };
        let table = |name: &str, rows, width| {
            let name = format!("coreference.{name}.weight");
            // Turned back: a table has a row for each input.
            let turned = weights.linear(&name, width, rows)?;
            Ok::<_, WeightsError>(turned.transposed().values)
        };
        let logits = weights.vector("coreference.mix", DEPTHS.len())?;
        let powers: [f32; DEPTHS.len()] = std::array::from_fn(|i| logits[i].exp());
        let sum: f32 = powers.iter().sum();
        let attention = weights.linear("coreference.attention.weight", hidden, 1)?;
        Ok(Some(Self {
            mix: powers.map(|power| power / sum),
            attention: attention.values,
            span: linear("span", DEPTHS.len() * hidden, SPAN)?,
            known: [
                table("known.kind", 6, SPAN)?,
                table("known.form", 3, SPAN)?,
                table("known.pronoun", PRONOUNS.len() + 1, SPAN)?,
                table("known.gender", 4, SPAN)?,
                table("known.quoted", 2, SPAN)?,
                table("known.width", WIDTHS, SPAN)?,
            ],
            one: linear("one", SPAN, PAIR)?,
            before: linear("before", SPAN, PAIR)?,
            product: linear("product", SPAN, PAIR)?,
            flags: weights
                .linear("coreference.flags.weight", FLAGS, PAIR)?
                .values,
            apart: table("apart", DISTANCES, PAIR)?,
            sentences: table("sentences", DISTANCES, PAIR)?,
            pronouns: table("pronouns", (PRONOUNS.len() + 1).pow(2), PAIR)?,
            inner: linear("inner", PAIR, INNER)?,
            score: linear("score", INNER, 1)?,
            new: linear("new", SPAN, 1)?,
        }))
    }

    /// The vectors of mentions, `[n, SPAN]`, from the states of a batch at every depth, `[b * t, h]`.
    /// `rows` gives for each mention the rows of its words' first pieces.
    pub fn vectors(
        &self,
        states: &[Tensor<B, 2>],
        mentions: &[Known],
        rows: &[Vec<u32>],
    ) -> Vec<f32> {
        if mentions.is_empty() {
            return Vec::new();
        }
        let device = states[0].device();
        // The first words of each mention, then its last.
        let looked_at: Vec<usize> = rows.iter().map(|rows| rows.len().min(LONGEST)).collect();
        let wanted: Vec<i32> = rows
            .iter()
            .zip(&looked_at)
            .flat_map(|(rows, count)| rows[..*count].iter().chain(rows.last()))
            .map(|row| row.cast_signed())
            .collect();
        let count = wanted.len();
        let wanted = Tensor::<B, 1, Int>::from_data(TensorData::new(wanted, [count]), &device);
        let mixed = DEPTHS
            .iter()
            .zip(self.mix)
            .map(|(depth, share)| states[*depth].clone().select(0, wanted.clone()) * share)
            .reduce(|sum, part| sum + part);
        let states = mixed.map(values).unwrap_or_default();
        let hidden = self.attention.len();
        let mut seen = Vec::with_capacity(mentions.len() * DEPTHS.len() * hidden);
        let mut states = states.chunks_exact(hidden);
        for count in looked_at {
            let words: Vec<&[f32]> = states.by_ref().take(count).collect();
            let first = words.first().copied().unwrap_or_default();
            let last = states.next().unwrap_or_default();
            seen.extend_from_slice(first);
            seen.extend_from_slice(last);
            seen.extend(self.attended(&words));
        }
        let shape = [mentions.len(), DEPTHS.len() * hidden];
        let seen = Tensor::<B, 2>::from_data(TensorData::new(seen, shape), &device);
        let mut vectors = values(self.span.forward(seen));
        for (vector, mention) in vectors.chunks_exact_mut(SPAN).zip(mentions) {
            let known = [
                mention.kind,
                mention.form,
                mention.pronoun,
                mention.gender,
                usize::from(mention.quotation.is_some()),
                mention.width(),
            ];
            for (table, row) in self.known.iter().zip(known) {
                add(vector, &table[row * SPAN..][..SPAN]);
            }
            for value in vector {
                *value = value.tanh();
            }
        }
        vectors
    }

    /// The mean of states, weighted by how much each is attended to.
    fn attended(&self, words: &[&[f32]]) -> Vec<f32> {
        let logits: Vec<f32> = words
            .iter()
            .map(|word| word.iter().zip(&self.attention).map(|(a, b)| a * b).sum())
            .collect();
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
        let sum: f32 = powers.iter().sum();
        let mut mean = vec![0.0; self.attention.len()];
        for (word, power) in words.iter().zip(powers) {
            for (value, state) in mean.iter_mut().zip(*word) {
                *value += power / sum * state;
            }
        }
        mean
    }

    /// For each mention the scores of being new and of each mention before it as its antecedent,
    /// the nearest first, at most [`REACH`].
    pub(crate) fn scores(
        &self,
        mentions: &[Known],
        vectors: &[f32],
        device: &B::Device,
        lanes: &Lanes,
    ) -> Vec<Vec<f32>> {
        let count = mentions.len();
        if count == 0 {
            return Vec::new();
        }
        let all = TensorData::new(vectors.to_vec(), [count, SPAN]);
        let all = Tensor::<B, 2>::from_data(all, device);
        let one = values(self.one.forward(all.clone()));
        let before = values(self.before.forward(all.clone()));
        let new = values(self.new.forward(all));
        let blocks = count.div_ceil(BLOCK);
        let found: Vec<Mutex<Vec<Vec<f32>>>> = (0..blocks).map(|_| Mutex::default()).collect();
        lanes.for_each(blocks, |block| {
            let range = block * BLOCK..count.min((block + 1) * BLOCK);
            let scores = self.block(range, mentions, vectors, (&one, &before, &new), device);
            if let Ok(mut seat) = found[block].lock() {
                *seat = scores;
            }
        });
        found
            .into_iter()
            .flat_map(|block| block.into_inner().unwrap_or_default())
            .collect()
    }

    fn block(
        &self,
        range: Range<usize>,
        mentions: &[Known],
        vectors: &[f32],
        (ones, befores, new): (&[f32], &[f32], &[f32]),
        device: &B::Device,
    ) -> Vec<Vec<f32>> {
        let pairs = range.len() * REACH;
        let mut products = Vec::with_capacity(pairs * SPAN);
        let mut sums = Vec::with_capacity(pairs * PAIR);
        for here in range.clone() {
            let one = &vectors[here * SPAN..][..SPAN];
            for there in (here.saturating_sub(REACH)..here).rev() {
                let before = &vectors[there * SPAN..][..SPAN];
                products.extend(one.iter().zip(before).map(|(a, b)| a * b));
                let at = sums.len();
                sums.extend_from_slice(&ones[here * PAIR..][..PAIR]);
                let sum = &mut sums[at..];
                add(sum, &befores[there * PAIR..][..PAIR]);
                let (one, before) = (&mentions[here], &mentions[there]);
                let set = flags(one, before).into_iter().enumerate();
                for (flag, _) in set.filter(|(_, is_set)| *is_set) {
                    add(sum, &self.flags[flag * PAIR..][..PAIR]);
                }
                let sentences = one.sentence.saturating_sub(before.sentence);
                let both = one.pronoun * (PRONOUNS.len() + 1) + before.pronoun;
                add(sum, &self.apart[bucket(here - there) * PAIR..][..PAIR]);
                add(sum, &self.sentences[bucket(sentences) * PAIR..][..PAIR]);
                add(sum, &self.pronouns[both * PAIR..][..PAIR]);
            }
        }
        let rows = products.len() / SPAN;
        let scores = if rows == 0 {
            Vec::new()
        } else {
            let tensor = |values, width| {
                Tensor::<B, 2>::from_data(TensorData::new(values, [rows, width]), device)
            };
            let hidden = relu(self.product.forward(tensor(products, SPAN)) + tensor(sums, PAIR));
            values(self.score.forward(relu(self.inner.forward(hidden))))
        };
        let mut at = 0;
        range
            .map(|here| {
                let count = here.min(REACH);
                let of_pairs = &scores[at..at + count];
                at += count;
                std::iter::once(new[here])
                    .chain(of_pairs.iter().copied())
                    .collect()
            })
            .collect()
    }
}

fn add(sum: &mut [f32], row: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(row) {
        *sum += value;
    }
}

/// The chain of each mention, numbered from 0 as they begin, from its scores.
pub(crate) fn chains(scores: &[Vec<f32>]) -> Vec<usize> {
    let mut chains: Vec<usize> = Vec::with_capacity(scores.len());
    let mut count = 0;
    for scores in scores {
        let mut best = 0;
        for (index, score) in scores.iter().enumerate() {
            if *score > scores[best] {
                best = index;
            }
        }
        let chain = if best == 0 {
            count += 1;
            count - 1
        } else {
            chains[chains.len() - best]
        };
        chains.push(chain);
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(
        start: usize,
        written: &str,
        class: (usize, usize),
        quotation: Option<usize>,
    ) -> Known {
        let written: Vec<&str> = written.split(' ').collect();
        Known::new(start..start + written.len(), &written, class, 0, quotation)
    }

    #[test]
    fn the_head_of_a_noun_phrase_stands_before_what_follows_it() {
        let head = |written| mention(0, written, (0, 1), None).head;
        assert_eq!(head("the old Woman of the wood"), "woman");
        assert_eq!(head("her mother , who"), "mother");
        assert_eq!(head("Tom"), "tom");
        assert_eq!(head("of"), "of");
    }

    #[test]
    fn gender_comes_from_words_and_pronouns_and_is_left_open_where_they_differ() {
        let gender = |written, form| mention(0, written, (0, form), None).gender;
        assert_eq!(gender("Mr. Fox", 0), 1);
        assert_eq!(gender("the queen", 1), 2);
        assert_eq!(gender("the king 's daughter", 1), 0);
        assert_eq!(gender("herself", 2), 2);
        assert_eq!(gender("they", 2), 0);
    }

    #[test]
    fn pairs_share_words_gender_and_quotations() {
        let set = |one: &Known, before: &Known| -> Vec<usize> {
            let flags = flags(one, before).into_iter().enumerate();
            flags
                .filter(|(_, set)| *set)
                .map(|(index, _)| index)
                .collect()
        };
        let queen = mention(3, "the Queen", (0, 1), None);
        let old = mention(9, "the old queen", (0, 1), Some(0));
        // Head, a word, all words of the antecedent, gender, type, one quoted, sentence.
        assert_eq!(set(&old, &queen), [1, 2, 4, 7, 8, 11, 14]);
        let (he, him) = (
            mention(20, "he", (0, 2), Some(1)),
            mention(22, "him", (0, 2), Some(2)),
        );
        assert_eq!(set(&him, &he), [5, 7, 8, 12, 13, 14]);
        let (ann, tom) = (
            mention(30, "Ann", (0, 0), None),
            mention(32, "Tom", (0, 0), None),
        );
        assert_eq!(set(&tom, &ann), [8, 14, 15]);
        let inside = mention(4, "Queen", (0, 0), None);
        assert!(set(&inside, &queen).contains(&9));
    }

    #[test]
    fn far_distances_are_told_apart_less() {
        let buckets: Vec<usize> = [0, 1, 4, 5, 8, 9, 16, 17, 32, 33, 64, 65, 128, 5000]
            .map(bucket)
            .to_vec();
        assert_eq!(buckets, [0, 1, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 9]);
    }

    #[test]
    fn chains_follow_the_best_antecedents() {
        let scores = [
            vec![1.0],
            vec![1.0, 0.0],
            vec![0.0, 0.5, 2.0],
            vec![0.0, 3.0, 1.0, 1.0],
        ];
        assert_eq!(chains(&scores), [0, 1, 0, 0]);
    }
}
