//! Which figures are one: the boy and Tavi, the niece and Moira, "grandmother" and the old woman.
//!
//! Every pair that nothing forbids is scored by clues of grammar, distance and the network's
//! chains; the best pairs are joined first, and each is looked at again as it has become. When
//! speakers have been chosen, what they say and hear tells more of all pairs ([`Talk`]), and whoever
//! is only called by a first name can be found.

use std::collections::{BTreeMap, BTreeSet};

use fabula_story::{Age, Gender};

use super::figures::{Figure, Figures, clashes, is_general};
use super::lexicon::Lexicon;
use super::links::{self, Bond};
use super::mentions::{Ground, Mention};
use super::talk::{self, Part, Talk};
use super::voices::{self, Voices};

/// How many sentences apart two figures may be named and still be compared.
const REACH: usize = 40;
/// With how many others each figure is compared.
const RIVALS: usize = 24;

/// The letters of the shortest name that can be short for another.
const SHORT_FORM: usize = 3;

/// How many mentions back those are looked for whom a noun may mean.
const SALIENT: usize = 40;

/// What is known of a figure for comparing it.
#[derive(Clone, Debug, Default)]
struct Side {
    /// Its mentions, in order.
    mentions: Vec<usize>,
    /// Sentences of narration that name it.
    sentences: BTreeSet<usize>,
    /// Chains of the network that it is in, with how often.
    chains: BTreeMap<usize, usize>,
    first: usize,
    last: usize,
    /// Mentions outside of quotations.
    told: usize,
    vocative: usize,
    /// Quotations that it is called out to in, and those with a tag that it is the speaker of.
    called: BTreeSet<usize>,
    tagged: BTreeSet<usize>,
    /// Those of its chains that other figures are in too.
    shared: BTreeSet<usize>,
    /// Figures that it is compared with.
    near: BTreeSet<usize>,
    /// It has a title in front of its name.
    titled: bool,
    /// What it says, where speakers are known.
    part: Part,
    /// Pronouns of its chains in narration: she and he.
    pronouns: [usize; 2],
    /// Figures that it stands beside: "Ann and Tom", "Tom's mother", "Ann pushed Tom".
    beside: BTreeSet<usize>,
    /// Quotations that speak of it as of somebody else.
    spoken_of: BTreeSet<usize>,
    /// The gender that pronouns after its mentions show.
    voted: Gender,
}

/// How many clues there are before speakers are known, and in all.
const CLUES: usize = 43;
const ALL_CLUES: usize = CLUES + 2 + talk::CLUES;

/// Weights of the clues by `models/training/cast.py`, with a network's chains and without. Without them,
/// of whom pronouns and trees tell nothing for sure, the later clues weigh nothing.
const WEIGHTS: [[f32; CLUES]; 2] = [
    [
        -0.527, 0.149, 0.005, -0.360, 0.354, 0.235, -0.631, 0.768, 0.213, 0.097, -0.044, 0.010,
        -0.379, -0.059, -0.107, -0.328, 0.290, -0.042, -0.044, -0.071, 0.010, 0.067, -0.101, 0.004,
        0.118, -0.117, 0.740, -1.071, -0.121, 0.115, 0.357, 0.080, 0.161, 0.111, -1.404, 1.069,
        1.207, -0.875, -0.273, -0.396, 0.305, -0.170, 0.910,
    ],
    [
        -0.845, 0.000, 0.000, 0.054, -0.062, 0.674, -0.584, 1.180, 0.522, -0.348, -0.205, -0.065,
        -0.838, 0.074, -0.010, -0.816, 0.404, -0.128, -0.329, -0.305, -0.267, 0.338, -0.569,
        -0.213, 0.054, 0.000, 0.848, -1.212, 0.157, 0.249, 0.698, 0.190, 0.119, -0.091, -0.748,
        1.020, 1.246, -1.203, -0.324, -0.656, 0.561, -0.009, 0.000,
    ],
];

/// The same with what speakers tell.
const WEIGHTS_OF_SPEAKERS: [f32; ALL_CLUES] = [
    -0.462, -0.093, -0.067, -0.228, 0.226, 0.097, -0.447, 0.557, 0.210, 0.031, 0.016, 0.025,
    -0.287, 0.020, -0.095, -0.270, 0.363, -0.063, 0.058, -0.099, -0.068, 0.132, -0.128, 0.081,
    -0.006, 0.215, 0.385, -0.263, -0.206, 0.121, 0.380, 0.020, 0.061, 0.019, -0.917, 0.503, -0.042,
    -0.674, -0.253, -0.334, -0.014, -0.284, 0.868, -0.205, 0.731, -0.817, 0.554, 0.631, 0.913,
    0.403, -0.483,
];

/// The log odds from which two figures are joined where no network reads: a wrong join costs two
/// characters.
const SURE_BY_RULE: f32 = 0.4;

/// The same in a tale: who is two there has half of the lines, which is as bad.
const SURE_IN_TALES: f32 = -0.5;

/// The same in a longer text.
const SURE_IN_BOOKS: f32 = 1.0;

/// The same when speakers are known.
const SURE_OF_SPEAKERS: f32 = -0.8;

/// A text with more words is longer than any that the weights were fitted to, and has more of whom a noun
/// may mean.
pub(super) const TALE: usize = 1_500;

/// How much likelier than the next best one a figure must be.
const MARGIN: f32 = 0.3;

/// For each figure how like another one it is that is named more often.
pub(super) type Likeness = BTreeMap<usize, f32>;

/// Joins figures that the clues say are one, as far as they are known before speakers are.
pub(super) fn join(ground: &Ground, mentions: &[Mention], figures: &mut Figures) -> Likeness {
    join_titled(ground, mentions, figures);
    let is_known = ground.people.is_known();
    let weights = &WEIGHTS[usize::from(!is_known)];
    let sure = match ground.text.words.len() {
        _ if !is_known => SURE_BY_RULE,
        0..=TALE => SURE_IN_TALES,
        _ => SURE_IN_BOOKS,
    };
    join_by(ground, mentions, figures, None, weights, sure)
}

/// Whether a text is short enough for more figures to be joined by what its speakers tell.
pub(super) fn hears_speakers(ground: &Ground) -> bool {
    ground.people.is_known() && ground.text.words.len() <= TALE
}

/// Joins more of the figures of a tale by what a first choice of speakers tells.
pub(super) fn join_speakers(
    ground: &Ground,
    mentions: &[Mention],
    figures: &mut Figures,
    (drafted, voices): (&Figures, &Voices),
) -> Likeness {
    let talk = Talk::new(ground, drafted, voices);
    let (weights, sure) = (&WEIGHTS_OF_SPEAKERS, SURE_OF_SPEAKERS);
    join_by(ground, mentions, figures, Some(&talk), weights, sure)
}

fn join_by(
    ground: &Ground,
    mentions: &[Mention],
    figures: &mut Figures,
    talk: Option<&Talk>,
    weights: &[f32],
    sure: f32,
) -> Likeness {
    let mut sides = sides(ground, mentions, figures, talk);
    let mut queue = Vec::new();
    let near = pairs(&sides);
    for (one, other) in &near {
        for (it, neighbour) in [(one, other), (other, one)] {
            if let Some(side) = sides.get_mut(it) {
                side.near.insert(*neighbour);
            }
        }
    }
    for (one, other) in near {
        let (one, other) = ranked(figures, &sides, one, other);
        if let Some(clues) = compare(ground, mentions, figures, &sides, talk, one, other) {
            // The clues as `models/training/cast.py` reads them.
            tracing::trace!(
                one = %written(ground, mentions, &sides[&one].mentions),
                other = %written(ground, mentions, &sides[&other].mentions),
                speakers = talk.is_some(),
                clues = ?clues,
                "two figures"
            );
            queue.push((score(&clues, weights), one, other));
        }
    }
    queue.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    // Of each epithet the two best, in the order of the queue.
    let mut best: BTreeMap<usize, Vec<(f32, usize)>> = BTreeMap::new();
    for (score, one, other) in &queue {
        let best = best.entry(*one).or_default();
        if best.len() < 2 {
            best.push((*score, *other));
        }
    }
    for (before, one, other) in &queue {
        if *before <= sure {
            break;
        }
        let rival = best.get(one).into_iter().flatten();
        let rival = rival.filter(|(_, it)| it != other).map(|it| it.0).next();
        if rival.is_some_and(|it| it + MARGIN > *before) {
            continue;
        }
        let (one, other) = (figures.find(*one), figures.find(*other));
        let Some(clues) = compare(ground, mentions, figures, &sides, talk, one, other) else {
            continue;
        };
        if score(&clues, weights) <= sure || !figures.join_alias(one, other) {
            continue;
        }
        let (keep, gone) = (one.min(other), one.max(other));
        if let Some(gone) = sides.remove(&gone)
            && let Some(side) = sides.get_mut(&keep)
        {
            side.take(gone);
        }
    }
    let mut likeness = Likeness::new();
    for (score, one, other) in queue {
        let (one, other) = (figures.find(one), figures.find(other));
        let count = |it: usize| sides.get(&it).map_or(0, |side| side.mentions.len());
        if one != other && (count(other), one) > (count(one), other) {
            let best = likeness.entry(one).or_insert(score);
            *best = best.max(score);
        }
    }
    likeness
}

/// Joins whoever is called by a title alone with the only one who has that title: "the captain" and
/// Captain Oyelaran.
fn join_titled(ground: &Ground, mentions: &[Mention], figures: &mut Figures) {
    let sides = sides(ground, mentions, figures, None);
    let mut of_title: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (index, mention) in mentions.iter().enumerate() {
        let noun = mention.title.as_deref().and_then(title_noun);
        if let Some(noun) = noun {
            of_title
                .entry(noun)
                .or_default()
                .insert(figures.of_mention(index));
        }
    }
    for (one, side) in &sides {
        let figure = figures.get(*one);
        let mut nouns = figure.heads.iter().filter(|it| !is_general(it));
        let (Some(noun), None) = (nouns.next(), nouns.next()) else {
            continue;
        };
        let first = side.mentions.first().and_then(|it| mentions.get(*it));
        let new = first.is_none_or(|it| matches!(it.determiner.as_deref(), Some("a" | "an")));
        let mut titled = of_title.get(noun.as_str()).into_iter().flatten();
        if let (Some(other), None) = (titled.next(), titled.next())
            && one != other
            && !new
            && is_epithet(figure)
            && can_be_one(figure, figures.get(*other))
            && let Some(whole) = sides.get(other)
            && !is_apart(ground, figures, (*one, side), (*other, whole))
        {
            figures.join_alias(*one, *other);
        }
    }
}

/// The noun by which somebody with a title is called without a name.
fn title_noun(title: &str) -> Option<&str> {
    match title {
        "mr" | "mrs" | "miss" | "ms" | "sir" | "lady" | "old" => None,
        "dr" => Some("doctor"),
        title => Some(title),
    }
}

/// What mentions say, for people to read.
fn written(ground: &Ground, mentions: &[Mention], of: &[usize]) -> String {
    let mentions = of.iter().filter_map(|at| mentions.get(*at));
    ground.written(mentions)
}

impl Side {
    fn take(&mut self, other: Self) {
        self.mentions.extend(other.mentions);
        self.mentions.sort_unstable();
        self.sentences.extend(other.sentences);
        for (chain, count) in other.chains {
            *self.chains.entry(chain).or_default() += count;
        }
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.told += other.told;
        self.vocative += other.vocative;
        self.called.extend(other.called);
        self.tagged.extend(other.tagged);
        self.beside.extend(other.beside);
        self.shared.extend(other.shared);
        self.spoken_of.extend(other.spoken_of);
        if self.voted == Gender::Unknown {
            self.voted = other.voted;
        }
        self.near.extend(other.near);
        self.titled |= other.titled;
        self.part.take(other.part);
        for (own, more) in self.pronouns.iter_mut().zip(other.pronouns) {
            *own += more;
        }
    }
}

fn score(clues: &[f32], weights: &[f32]) -> f32 {
    clues
        .iter()
        .zip(weights)
        .map(|(clue, weight)| clue * weight)
        .sum()
}

fn sides(
    ground: &Ground,
    mentions: &[Mention],
    figures: &Figures,
    talk: Option<&Talk>,
) -> BTreeMap<usize, Side> {
    let mut sides: BTreeMap<usize, Side> = BTreeMap::new();
    for (index, mention) in mentions.iter().enumerate() {
        let figure = figures.of_mention(index);
        let sentence = ground.sentence[mention.last];
        let side = sides.entry(figure).or_insert_with(|| Side {
            first: sentence,
            ..Side::default()
        });
        side.mentions.push(index);
        side.last = sentence;
        side.titled |= mention.title.is_some() && !mention.names.is_empty();
        if let Some(person) = ground.people.at(mention.last) {
            *side.chains.entry(person.chain).or_default() += 1;
        }
        if mention.vocative {
            side.vocative += 1;
            side.called.extend(mention.quoted);
        } else if !voices::introduces(ground, mention) {
            side.spoken_of.extend(mention.quoted);
        }
        if mention.quoted.is_none() {
            side.told += 1;
            side.sentences.insert(sentence);
            side.tagged.extend(tagged(ground, mention));
            side.tagged.extend(goes_on_to_say(ground, mentions, index));
        }
        let Some(before) = index.checked_sub(1) else {
            continue;
        };
        let previous = &mentions[before];
        let owner = previous.first == mention.first;
        let paired = previous.last + 2 == mention.first
            && matches!(ground.text.before(mention.first, 1), "and" | "or");
        if owner || paired {
            let other = figures.of_mention(before);
            sides.entry(figure).or_default().beside.insert(other);
            sides.entry(other).or_default().beside.insert(figure);
        }
    }
    let parts = talk.map(|talk| talk.parts(mentions, figures));
    for (figure, part) in parts.into_iter().flatten() {
        if let Some(side) = sides.get_mut(&figure) {
            side.part = part;
        }
    }
    let told_apart = of_one_verb(ground, mentions, figures);
    for (one, other) in told_apart
        .into_iter()
        .chain(relatives(ground, mentions, figures))
    {
        for (it, neighbour) in [(one, other), (other, one)] {
            if let Some(side) = sides.get_mut(&it) {
                side.beside.insert(neighbour);
            }
        }
    }
    for (figure, gender) in voices::vote_genders(ground, mentions, figures) {
        if let Some(side) = sides.get_mut(&figures.find(figure)) {
            side.voted = gender;
        }
    }
    let mut of_chain: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (figure, side) in &sides {
        for chain in side.chains.keys() {
            of_chain.entry(*chain).or_default().push(*figure);
        }
    }
    for (chain, all) in of_chain.iter().filter(|(_, all)| all.len() > 1) {
        for figure in all {
            if let Some(side) = sides.get_mut(figure) {
                side.shared.insert(*chain);
            }
        }
    }
    for pronoun in ground.people.pronouns() {
        let word = pronoun.head;
        let Some(gender) = gender_of(ground.text.lower(word)) else {
            continue;
        };
        if ground.quoted.get(word).copied().flatten().is_some() {
            continue;
        }
        for figure in of_chain.get(&pronoun.chain).into_iter().flatten() {
            if let Some(side) = sides.get_mut(figure) {
                side.pronouns[gender] += 1;
            }
        }
    }
    sides
}

/// Pairs of figures of which one does something and the other has part in it: "Ann pushed Tom".
fn of_one_verb(
    ground: &Ground,
    mentions: &[Mention],
    figures: &Figures,
) -> BTreeSet<(usize, usize)> {
    let grammar = ground.grammar;
    let mut of_verb: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let told = mentions.iter().enumerate();
    for (index, mention) in told.filter(|(_, it)| it.quoted.is_none()) {
        let head = grammar.head(mention.first, mention.last);
        let has_part = matches!(grammar.relation(head), "nsubj" | "obj" | "iobj" | "obl")
            && ground.text.before(mention.first, 1) != "as";
        let verb = grammar.parent(head).filter(|_| has_part);
        if let Some(verb) = verb.filter(|it| grammar.tag(*it) == "VERB") {
            let figure = figures.of_mention(index);
            of_verb.entry(verb).or_default().push(figure);
        }
    }
    let mut pairs = BTreeSet::new();
    for (verb, parts) in of_verb {
        if matches!(ground.text.lower(verb), "became" | "called" | "named") {
            continue;
        }
        for (at, one) in parts.iter().enumerate() {
            pairs.extend(parts[at + 1..].iter().map(|other| (*one, *other)));
        }
    }
    pairs.retain(|(one, other)| one != other);
    pairs
}

/// Pairs of figures of which one is the other's relative: "Hansel and Gretel heard their father".
fn relatives(ground: &Ground, mentions: &[Mention], figures: &Figures) -> BTreeSet<(usize, usize)> {
    let mut of_chain: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (index, mention) in mentions.iter().enumerate() {
        if let Some(person) = ground.people.at(mention.last) {
            let figures_of = of_chain.entry(person.chain).or_default();
            figures_of.insert(figures.of_mention(index));
        }
    }
    let kin = &Lexicon::get().kin;
    let mut pairs = BTreeSet::new();
    for (index, mention) in mentions.iter().enumerate() {
        let relative = mention
            .being
            .as_ref()
            .is_some_and(|it| kin.contains_key(it.lemma.as_str()));
        let determiner = mention.determiner.as_deref().unwrap_or("");
        if mention.quoted.is_some() || !relative || !matches!(determiner, "his" | "her" | "their") {
            continue;
        }
        let sentence = ground.sentence[mention.last];
        let near = (0..index)
            .rev()
            .take_while(|at| ground.sentence[mentions[*at].last] == sentence)
            .filter(|at| determiner == "their" && mentions[*at].quoted.is_none())
            .map(|at| figures.of_mention(at));
        let owner = ground.people.at(mention.first).map(|it| it.chain);
        let owner = owner.and_then(|it| of_chain.get(&it));
        let this = figures.of_mention(index);
        let owners = near.chain(owner.into_iter().flatten().copied());
        pairs.extend(owners.filter(|it| *it != this).map(|it| (this, it)));
    }
    pairs
}

/// Which of she and he a pronoun is.
fn gender_of(word: &str) -> Option<usize> {
    match word {
        "she" | "her" | "hers" | "herself" => Some(0),
        "he" | "him" | "his" | "himself" => Some(1),
        _ => None,
    }
}

/// The quotation that a mention is the speaker of by its tag.
fn tagged(ground: &Ground, mention: &Mention) -> Option<usize> {
    let lexicon = Lexicon::get();
    let text = ground.text;
    let quoted = |word: usize| ground.quoted.get(word).copied().flatten();
    let before = mention.first.checked_sub(2).and_then(quoted);
    // "Stay," said the miller; "Stay," the miller said.
    if lexicon.speech.contains_key(text.before(mention.first, 1)) && before.is_some() {
        return before;
    }
    let spoken = (mention.last + 1..mention.last + 3)
        .any(|word| lexicon.speech.contains_key(text.lower(word)));
    let close = mention.first.checked_sub(1).and_then(quoted);
    if spoken && close.is_some() {
        return close;
    }
    // The miller said, "Stay."
    (mention.last + 1..mention.last + 6)
        .find_map(quoted)
        .filter(|_| spoken)
}

/// The quotation that a mention is the speaker of by the pronoun of its tag: 'A zookeeper came
/// running. "Pablo!" he yelled.'
fn goes_on_to_say(ground: &Ground, mentions: &[Mention], index: usize) -> Option<usize> {
    let lexicon = Lexicon::get();
    let text = ground.text;
    let mention = mentions.get(index).filter(|it| it.subject)?;
    let number = ground
        .quotations
        .partition_point(|it| it.first <= mention.last);
    let quotation = ground.quotations.get(number)?;
    let between = mentions[index + 1..].iter();
    let mut between = between.take_while(|it| it.first < quotation.first);
    let near = ground.sentence[quotation.first] - ground.sentence[mention.last] <= 1;
    let [one, other] = [1, 2].map(|step| text.lower(quotation.last + step));
    let speaks = |pronoun: &str, verb: &str| {
        matches!(pronoun, "he" | "she") && lexicon.speech.contains_key(verb)
    };
    let told = speaks(one, other) || speaks(other, one);
    (near && told && between.next().is_none()).then_some(number)
}

/// Pairs of figures that are named close to one another, each once.
fn pairs(sides: &BTreeMap<usize, Side>) -> BTreeSet<(usize, usize)> {
    let mut order: Vec<(usize, usize)> = sides.iter().map(|(it, side)| (side.first, *it)).collect();
    order.sort_unstable();
    let mut found = BTreeSet::new();
    let mut open: Vec<usize> = Vec::new();
    for (first, this) in order {
        open.retain(|other| sides[other].last + REACH >= first);
        for other in open.iter().rev().take(RIVALS) {
            found.insert((this.min(*other), this.max(*other)));
        }
        open.push(this);
    }
    found
}

/// Whether a figure is called by what it is, and not by a name of its own.
fn is_epithet(figure: &Figure) -> bool {
    let lexicon = Lexicon::get();
    figure.names.iter().flatten().all(|name| {
        lexicon.kin.contains_key(name.as_str())
            || lexicon.beings.contains_key(name.as_str())
            || lexicon.titles.contains_key(name.as_str())
    })
}

/// Whether a figure is only called by a first name, and another has a title: Luc and Mr Dufresne.
fn is_first_name((a, side): (&Figure, &Side), (b, whole): (&Figure, &Side)) -> bool {
    let lexicon = Lexicon::get();
    let single = a.names.iter().all(|it| it.len() == 1);
    let known = |names: &[String]| {
        let mut names = names.iter();
        names.any(|it| lexicon.given_names.contains_key(it.as_str()))
    };
    single
        && !a.names.is_empty()
        && side.told == 0
        && !side.titled
        && whole.titled
        && !b.names.iter().any(|it| known(it))
}

/// Whether a name is short for another: Tal and Talia.
fn is_short_form(a: &Figure, b: &Figure) -> bool {
    let ([short], [long, ..]) = (a.names.as_slice(), b.names.as_slice()) else {
        return false;
    };
    let ([short], [long, ..]) = (short.as_slice(), long.as_slice()) else {
        return false;
    };
    short.chars().count() >= SHORT_FORM && long != short && long.starts_with(short.as_str())
}

/// Two figures, the epithet first: of two, the one without name, then the one that is only called,
/// then the later one.
fn ranked(
    figures: &Figures,
    sides: &BTreeMap<usize, Side>,
    one: usize,
    other: usize,
) -> (usize, usize) {
    let rank = |it: usize| {
        let figure = figures.get(it);
        let told = sides.get(&it).is_some_and(|side| side.told > 0);
        (!figure.names.is_empty(), !is_epithet(figure), told)
    };
    match rank(one).cmp(&rank(other)) {
        std::cmp::Ordering::Less => (one, other),
        std::cmp::Ordering::Greater => (other, one),
        std::cmp::Ordering::Equal => (one.max(other), one.min(other)),
    }
}

/// The clues for two figures being one; none if they cannot be.
fn compare(
    ground: &Ground,
    mentions: &[Mention],
    figures: &Figures,
    sides: &BTreeMap<usize, Side>,
    talk: Option<&Talk>,
    one: usize,
    other: usize,
) -> Option<Vec<f32>> {
    let (one, other) = ranked(figures, sides, one, other);
    let (a, b) = (figures.get(one), figures.get(other));
    let (side, whole) = (sides.get(&one)?, sides.get(&other)?);
    // "The Needles" may be a place.
    let nobody = !b.names.is_empty() && b.personal <= 0.0;
    // Where the story says Dad, Mr. Okafor is somebody else.
    let stranger = a.kin.is_some()
        && a.told > 0
        && !a.names.is_empty()
        && b.title_gender != Gender::Unknown
        && b.kin.is_none();
    let first_name = talk.is_some() && is_first_name((a, side), (b, whole));
    let short_form = talk.is_some() && is_short_form(a, b);
    let epithet = is_epithet(a) || first_name || short_form;
    if one == other || nobody || stranger || !epithet || !can_be_one(a, b) {
        return None;
    }
    if is_apart(ground, figures, (one, side), (other, whole)) {
        return None;
    }
    let first = mentions.get(*side.mentions.first()?)?;
    let told = side
        .mentions
        .iter()
        .filter_map(|at| mentions.get(*at))
        .find(|it| it.quoted.is_none());
    let start = told.unwrap_or(first);
    let sentence = ground.sentence[start.last];
    let determiner = start.determiner.as_deref();
    let named_before = whole.first < sentence;
    // "A stranger led him out" is nobody of whom the story has told.
    let indefinite = matches!(determiner, Some("a" | "an" | "one" | "some"));
    let is_told_of = matches!(
        ground.text.before(start.first, 1),
        "was" | "is" | "were" | "be" | "been" | "as" | "like" | "into" | "became" | "," | "than"
    );
    let seen_before = whole.sentences.first().is_some_and(|it| *it < sentence);
    let speaks = Lexicon::get()
        .speech
        .contains_key(ground.text.before(start.first, 1));
    let acts = start.subject || speaks;
    if indefinite && seen_before && start.quoted.is_none() && acts && !is_told_of {
        return None;
    }
    let nearest = whole
        .mentions
        .iter()
        .filter_map(|at| mentions.get(*at))
        .map(|it| ground.sentence[it.last].abs_diff(sentence))
        .min()?;
    let start_word = start.last;
    let before = salience(mentions, figures, sides, one, start_word);
    let rank = before.iter().position(|it| *it == other);
    let name_word = mentions.get(*whole.mentions.first()?)?.last;
    let introduced = salience(mentions, figures, sides, other, name_word);
    let rank_of_epithet = introduced.iter().position(|it| *it == one);
    let count = |it: usize| it as f32;
    let chained: usize = side
        .chains
        .iter()
        .filter(|(chain, _)| whole.chains.contains_key(*chain))
        .map(|(_, count)| *count)
        .sum();
    let elsewhere: usize = side
        .chains
        .iter()
        .filter(|(chain, _)| !whole.chains.contains_key(*chain) && side.shared.contains(*chain))
        .map(|(_, count)| *count)
        .sum();
    let known: usize = side.chains.values().sum();
    let rivals = side
        .near
        .iter()
        .filter_map(|it| Some((*it, sides.get(it)?)))
        .filter(|(it, rival)| {
            *it != one
                && *it != other
                && rival.told > 0
                && rival.first <= side.last + REACH
                && rival.last + REACH >= side.first
                && can_be_one(a, figures.get(*it))
                && gender(rival, figures.get(*it)) == gender(whole, b)
                && !is_apart(ground, figures, (one, side), (*it, rival))
        })
        .count();
    let together = side.sentences.intersection(&whole.sentences).count();
    let only_called = side.vocative == side.mentions.len();
    let flag = |is: bool| f32::from(u8::from(is));
    let ([she, he], [also_she, also_he]) = (side.pronouns, whole.pronouns);
    let said = |she: usize, he: usize, it: &Figure| match it.gender {
        Gender::Female => Some(true),
        Gender::Male => Some(false),
        _ if she == he => None,
        _ => Some(she > he),
    };
    let voted = |side: &Side, it: &Figure| match gender(side, it) {
        Gender::Female => Some(true),
        Gender::Male => Some(false),
        _ => None,
    };
    let (this, that) = (said(she, he, a), said(also_she, also_he, b));
    let (these, those) = (voted(side, a), voted(whole, b));
    let agree = this.is_some() && this == that;
    let clash = this.is_some() && that.is_some() && this != that;
    let same_gender = a.gender == b.gender && a.gender != Gender::Unknown;
    let open = a.gender == Gender::Unknown || b.gender == Gender::Unknown;
    let same_age = a.age == b.age && a.age != Age::Unknown;
    let other_age = a.age != b.age && a.age != Age::Unknown && b.age != Age::Unknown;
    let animal = |it: &Figure| it.being.as_deref().is_some_and(|it| it != "human");
    let general = a.heads.iter().any(|it| is_general(it));
    let share = |part: usize, of: usize| count(part) / count(of.max(1));
    let mut clues = vec![
        1.0,
        share(chained, known),
        share(elsewhere, known),
        flag(same_gender),
        flag(open),
        flag(same_age),
        flag(other_age),
        flag(animal(a) && animal(b)),
        flag(general),
        flag(a.kin.is_some()),
        flag(b.kin.is_some()),
        flag(only_called),
        flag(side.told == 0 && !only_called),
        flag(matches!(determiner, Some("the" | "this" | "that"))),
        flag(indefinite && !named_before),
        flag(indefinite && named_before),
        flag(Lexicon::get().is("possessives", determiner.unwrap_or(""))),
        count(rivals.min(4)),
        count(together.min(3)),
        (1.0 + count(nearest)).ln(),
        (1.0 + count(whole.told)).ln(),
        flag(!b.names.is_empty() && !is_epithet(b)),
        (1.0 + count(side.told)).ln(),
        flag(whole.told == 0),
        flag(agree),
        flag(clash),
        flag(these.is_some() && these == those),
        flag(these.is_some() && those.is_some() && these != those),
        flag(rank == Some(0)),
        flag(rank == Some(1)),
        flag(!named_before && rank_of_epithet == Some(0)),
        flag(!named_before && !b.names.is_empty()),
        flag(determiner == Some("the") && named_before),
        flag(rivals == 0),
        count(turns(ground, side, whole).min(2)),
        count(answers(ground, side, whole).min(3)),
        count(answers(ground, whole, side).min(3)),
        count(side.spoken_of.intersection(&whole.tagged).count().min(2)),
        count(whole.spoken_of.intersection(&side.tagged).count().min(2)),
        flag(other_trade(a, b)),
        flag(a.kin.is_some() && only_called),
        flag(a.kin.is_some() && !b.names.is_empty() && b.gender == a.gender),
        linked(ground, mentions, side, whole),
    ];
    if let Some(talk) = talk {
        clues.extend([flag(first_name), flag(short_form)]);
        clues.extend(talk.clues(&side.part, &whole.part));
    }
    Some(clues)
}

/// The log odds of two figures being one as the units see it that read the whole text.
fn linked(ground: &Ground, mentions: &[Mention], side: &Side, whole: &Side) -> f32 {
    let Some(links) = &ground.links else {
        return links::UNREAD;
    };
    let bonds = |side: &Side| -> Vec<&Bond> {
        let mentions = side.mentions.iter().filter_map(|at| mentions.get(*at));
        mentions.filter_map(|it| it.bond.as_ref()).collect()
    };
    links.score(&bonds(side), &bonds(whole))
}

/// The gender that is known of a figure, or that pronouns show.
fn gender(side: &Side, figure: &Figure) -> Gender {
    match figure.gender {
        Gender::Unknown => side.voted,
        known => known,
    }
}

/// Whether two figures are told apart: they stand beside one another, or one calls the other.
fn is_apart(
    ground: &Ground,
    figures: &Figures,
    (one, side): (usize, &Side),
    (other, whole): (usize, &Side),
) -> bool {
    side.beside.iter().any(|it| figures.find(*it) == other)
        || whole.beside.iter().any(|it| figures.find(*it) == one)
        || side.called.intersection(&whole.tagged).next().is_some()
        || whole.called.intersection(&side.tagged).next().is_some()
        || turns(ground, side, whole) > 1
}

/// Figures that could be one with `figure`, by how late they are mentioned before `word`.
fn salience(
    mentions: &[Mention],
    figures: &Figures,
    sides: &BTreeMap<usize, Side>,
    figure: usize,
    word: usize,
) -> Vec<usize> {
    let it = figures.get(figure);
    let mut found: Vec<usize> = Vec::new();
    let end = mentions.partition_point(|mention| mention.last < word);
    for index in (0..end).rev().take(SALIENT) {
        let other = figures.of_mention(index);
        let fits = other != figure
            && mentions[index].quoted.is_none()
            && !found.contains(&other)
            && can_be_one(it, figures.get(other))
            && sides
                .get(&figure)
                .zip(sides.get(&other))
                .is_none_or(|(a, b)| {
                    let (one, other) = (gender(a, it), gender(b, figures.get(other)));
                    one == other || one == Gender::Unknown || other == Gender::Unknown
                });
        if fits {
            found.push(other);
        }
    }
    found
}

/// How often one of two speaks right after the other, each told by their tags.
fn turns(ground: &Ground, side: &Side, whole: &Side) -> usize {
    let after = |one: &Side, other: &Side| {
        let next = one.tagged.iter().filter_map(|it| next_turn(ground, *it));
        next.filter(|it| other.tagged.contains(it)).count()
    };
    after(side, whole) + after(whole, side)
}

/// How often a figure is called and the other speaks right before or after that.
fn answers(ground: &Ground, called: &Side, speaks: &Side) -> usize {
    let before = |it: &&usize| {
        speaks
            .tagged
            .iter()
            .any(|at| next_turn(ground, *at) == Some(**it))
    };
    let after = |it: &&usize| next_turn(ground, **it).is_some_and(|it| speaks.tagged.contains(&it));
    let all = called.called.iter();
    all.clone().filter(before).count() + all.filter(after).count()
}

/// The quotation after another one, if it is in the next paragraph.
fn next_turn(ground: &Ground, quotation: usize) -> Option<usize> {
    let paragraph = |at: usize| {
        let first = ground.quotations.get(at)?.first;
        Some(ground.text.words.get(first)?.paragraph)
    };
    let last = (quotation..quotation + 6)
        .take_while(|at| paragraph(*at) == paragraph(quotation))
        .last()?;
    let distance = paragraph(last + 1)?.checked_sub(paragraph(quotation)?)?;
    matches!(distance, 1 | 2).then_some(last + 1)
}

/// Whether two figures have trades or kinds that are not the same: a miller is no baker.
fn other_trade(a: &Figure, b: &Figure) -> bool {
    let trades = |it: &Figure| -> Vec<String> {
        let heads = it
            .heads
            .iter()
            .filter(|head| !is_general(head) && !Lexicon::get().kin.contains_key(head.as_str()));
        heads.cloned().collect()
    };
    let (one, other) = (trades(a), trades(b));
    !one.is_empty() && !other.is_empty() && !one.iter().any(|it| other.contains(it))
}

/// Whether nothing that is known of two figures forbids that they are one.
fn can_be_one(a: &Figure, b: &Figure) -> bool {
    let genders =
        a.gender != b.gender && a.gender != Gender::Unknown && b.gender != Gender::Unknown;
    let known = |it: &Figure| it.being.clone().filter(|it| it != "creature");
    let human = |it: &Figure| known(it).map(|it| it == "human");
    let species = |it: &Figure| known(it).filter(|it| it != "human");
    let beings = match (human(a), human(b)) {
        (Some(one), Some(other)) if one != other => {
            // Animals are called uncle and madam.
            !(a.told == 0 || b.told == 0)
        }
        _ => matches!((species(a), species(b)), (Some(one), Some(other)) if one != other),
    };
    // The sun is no tractor.
    let thing = |it: &Figure| {
        let lives = |head: &&String| Lexicon::get().is("things that live", head);
        it.heads.iter().find(lives).cloned()
    };
    let things = matches!((thing(a), thing(b)), (Some(one), Some(other)) if one != other);
    // "The boy" is not "the man".
    let general = |it: &Figure| it.heads.iter().any(|head| is_general(head));
    let ages = general(a) && general(b) && (a.age == Age::Child) != (b.age == Age::Child);
    // "Mother Duck" is no duckling.
    let ages = ages || a.is_parent() && b.age == Age::Child || b.is_parent() && a.age == Age::Child;
    let marks = a.marks.iter().any(|it| clashes(&b.marks, it))
        || b.marks.iter().any(|it| clashes(&a.marks, it));
    !genders && !beings && !things && !ages && !marks && a.plural == b.plural && !a.plural
}

#[cfg(test)]
mod tests {
    use crate::document;
    use crate::reading::{DeviceChoice, Reader};

    /// Everybody who gets a part, with the names that others have for them.
    fn cast(text: &str) -> Vec<String> {
        let document = document::read_bytes(text.as_bytes(), "story.txt").unwrap();
        let story = Reader::rules().read(&document).unwrap();
        let called = |it: &fabula_story::Character| {
            let names = it.mentions.iter().map(|at| &story.text[at.start..at.end]);
            names.collect::<Vec<_>>().join(", ")
        };
        story.characters.iter().map(called).collect()
    }

    #[test]
    fn a_niece_who_is_named_later_is_one_with_her_name() {
        let cast = cast(
            "Ottoline Fisk walked to the mill with her niece. The niece carried the sack.\n\nHedda \
             was eleven, and she never stopped talking. \"Is it far?\" asked Hedda.",
        );
        assert!(
            cast.iter()
                .any(|it| it.starts_with("her niece, The niece, Hedda")),
            "{cast:?}"
        );
    }

    #[test]
    fn whoever_is_called_madam_is_no_further_character() {
        let cast = cast(
            "A duchess came to the inn at dusk. She was wet to the skin.\n\n\"Good evening, madam,\" \
             said the innkeeper. He brought a towel.\n\n\"Good evening,\" said the duchess.",
        );
        assert_eq!(cast.len(), 2, "{cast:?}");
        assert!(cast[0].starts_with("A duchess"), "{cast:?}");
    }

    #[test]
    fn a_boy_is_no_man() {
        let cast = cast(
            "A boy sat on the wall. He was eating plums. \"Good morning,\" said the boy.\n\nThe man \
             stopped, and he put his basket down. \"Are those mine?\" asked the man.\n\n\"They \
             were,\" said the boy. He ran.",
        );
        assert_eq!(cast.len(), 2, "{cast:?}");
    }

    #[test]
    fn a_short_form_of_a_name_is_the_same_one() {
        let text = "Talia sat at the back of the bus. She looked out at the rain, and Bex looked at \
                    her. \"It's only a year, Tal,\" said Bex.\n\n\"A year is long,\" said Talia.\n\n\
                    \"You could write,\" said Bex. She drew a face on the window.\n\n\"I could,\" said \
                    Talia. She drew another one beside it, and she smiled for the first time that \
                    evening.\n\n\"Promise me, Tal,\" said Bex.\n\n\"I promise,\" said Talia. The bus \
                    went on through the dark, past the shut shops and the school, past the bridge \
                    and the long wall of the brewery, and neither of them said anything more. Bex \
                    got off first. Talia watched her go up the hill until the lamp at the corner \
                    hid her, and then she took out a sheet of paper and a pencil.";
        let document = document::read_bytes(text.as_bytes(), "story.txt").unwrap();
        let reader = Reader::open(DeviceChoice::Cpu).unwrap();
        let story = reader.read(&document).unwrap();
        let names: Vec<&str> = story.characters.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Talia", "Bex"]);
    }

    #[test]
    fn a_title_with_a_name_is_the_one_who_was_called_by_it_before() {
        let cast = cast(
            "The captain stood on the bridge. He had not slept. Captain Hale turned to the mate. \
             \"Land,\" said the captain.",
        );
        assert_eq!(cast, ["The captain, He, Captain Hale, the captain"]);
    }

    #[test]
    fn whoever_is_called_captain_is_the_one_who_has_the_title() {
        let cast = cast(
            "\"Captain, the door is open,\" said the engineer.\n\nCaptain Oyelaran ran down the \
             stairs. \"Which door?\" asked Captain Oyelaran.\n\n\"That one,\" said the engineer.",
        );
        assert_eq!(cast.len(), 2, "{cast:?}");
        assert!(
            cast.iter()
                .any(|it| it.contains("Captain, Captain Oyelaran")),
            "{cast:?}"
        );
    }
}
