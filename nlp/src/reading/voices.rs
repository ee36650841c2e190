//! Whom pronouns mean and who speaks, worked out together from paragraph to paragraph.

use std::collections::BTreeMap;

use fabula_story::Gender;

use super::choice;
use super::figures::{Figure, Figures};
use super::lexicon::Lexicon;
use super::likeness::hears_speakers;
use super::mentions::{Ground, Mention};
use super::speakers::{self, Stage};
use super::tags::stands_before_verbs;
use super::text::{ParagraphKind, Shape};

/// A pronoun and whom it means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pronoun {
    pub word: usize,
    pub figure: usize,
}

/// Who speaks in a quotation, and to whom.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Voice {
    pub speaker: Option<usize>,
    pub addressee: Option<usize>,
    /// The verb of the tag.
    pub verb: Option<usize>,
}

/// What this layer finds.
#[expect(
    clippy::struct_field_names,
    reason = "a voice is what the layer finds for a quotation"
)]
#[derive(Debug, Default)]
pub(super) struct Voices {
    pub pronouns: Vec<Pronoun>,
    /// One for each quotation.
    pub voices: Vec<Voice>,
    /// What the voices were chosen by.
    pub lines: Vec<speakers::Line>,
    /// Where everybody was seen when they were.
    pub traces: Vec<speakers::Trace>,
}

impl Voices {
    /// Gives lines of those without a part to those who have one, where no tag tells whose they are.
    /// Tells whether there were any.
    pub fn pass_on(&mut self, figures: &mut Figures, has_part: impl Fn(usize) -> bool) -> bool {
        let lost: Vec<bool> = self
            .voices
            .iter()
            .zip(&self.lines)
            .map(|(voice, line)| {
                let open = !line.told && line.certain.is_none() && line.noun.is_none();
                open && voice.speaker.is_some_and(|it| !has_part(it))
            })
            .collect();
        if !lost.contains(&true) {
            return false;
        }
        let lines: Vec<speakers::Line> = self
            .lines
            .iter()
            .zip(&self.voices)
            .zip(&lost)
            .map(|((line, voice), lost)| {
                let mut line = line.clone();
                for candidate in &mut line.candidates {
                    candidate.figure = figures.find(candidate.figure);
                }
                line.candidates.retain(|it| has_part(it.figure));
                if !lost {
                    line.certain = voice.speaker;
                    line.follows = false;
                    line.told = true;
                }
                line
            })
            .collect();
        let chosen = choice::speakers(&lines);
        let addressees = choice::addressees(&lines, &chosen);
        let found = chosen.into_iter().zip(addressees);
        for ((voice, (speaker, addressee)), _) in self
            .voices
            .iter_mut()
            .zip(found)
            .zip(lost)
            .filter(|(_, lost)| *lost)
        {
            for (figure, more) in [(voice.speaker, false), (speaker, true)] {
                if let Some(figure) = figure {
                    let quotes = &mut figures.get_mut(figure).quotes;
                    *quotes = if more {
                        *quotes + 1
                    } else {
                        quotes.saturating_sub(1)
                    };
                }
            }
            voice.speaker = speaker;
            voice.addressee = addressee;
        }
        true
    }
}

/// How many sentences back a pronoun may reach.
const REACH: usize = 6;

#[derive(Clone, Copy, Debug)]
struct Recent {
    figure: usize,
    sentence: usize,
    word: usize,
    weight: f32,
}

struct Resolver<'a, 't> {
    ground: &'a Ground<'a, 't>,
    mentions: &'a [Mention],
    figures: &'a mut Figures,
    /// Mention that begins or ends at a word.
    by_first: BTreeMap<usize, usize>,
    by_last: BTreeMap<usize, usize>,
    recent: Vec<Recent>,
    narrator: Option<usize>,
    pronouns: Vec<Pronoun>,
    /// The pairs named last, "Ann and Tom", and the groups, which are no pair: newest last.
    pairs: Vec<(usize, Option<[usize; 2]>)>,
    /// Figure of each resolved pronoun in narration.
    meant: BTreeMap<usize, usize>,
    voices: Vec<Voice>,
    /// Paragraph and speaker of the last turns, newest last.
    turns: Vec<(usize, Option<usize>, Option<usize>)>,
    lines: Vec<speakers::Line>,
    traces: Vec<speakers::Trace>,
}

/// Resolves pronouns and speakers.
pub(super) fn resolve(ground: &Ground, mentions: &[Mention], figures: &mut Figures) -> Voices {
    let narrator = find_narrator(ground, figures);
    for (figure, gender) in vote_genders(ground, mentions, figures) {
        figures.get_mut(figure).gender = gender;
    }
    let mut resolver = Resolver {
        ground,
        mentions,
        figures,
        by_first: BTreeMap::new(),
        by_last: BTreeMap::new(),
        recent: Vec::new(),
        narrator,
        pronouns: Vec::new(),
        pairs: Vec::new(),
        meant: BTreeMap::new(),
        voices: vec![Voice::default(); ground.quotations.len()],
        turns: Vec::new(),
        lines: Vec::new(),
        traces: Vec::new(),
    };
    for (index, mention) in mentions.iter().enumerate() {
        resolver.by_first.insert(mention.first, index);
        resolver.by_last.insert(mention.last, index);
    }
    let mut quotation = 0;
    for (number, paragraph) in ground.text.paragraphs.iter().enumerate() {
        if paragraph.kind != ParagraphKind::Body {
            resolver.turns.clear();
            continue;
        }
        let first = quotation;
        while ground
            .quotations
            .get(quotation)
            .is_some_and(|it| it.first < paragraph.end)
        {
            quotation += 1;
        }
        resolver.narration(paragraph.first, paragraph.end);
        resolver.speakers(number, paragraph.first, paragraph.end, first, quotation);
    }
    resolver.families();
    resolver.close_gaps();
    resolver.choose();
    resolver.name_narrator();
    resolver.introductions();
    resolver.genders_of_calls();
    resolver.genders_of_chains();
    resolver.inside_quotations();
    let Resolver {
        mut pronouns,
        voices,
        lines,
        traces,
        ..
    } = resolver;
    pronouns.sort_by_key(|pronoun| pronoun.word);
    Voices {
        pronouns,
        voices,
        lines,
        traces,
    }
}

/// A first person who tells the story gets a figure.
fn find_narrator(ground: &Ground, figures: &mut Figures) -> Option<usize> {
    let mut count = 0;
    let mut words = 0;
    for index in 0..ground.text.words.len() {
        if ground.quoted[index].is_none() && !ground.text.mark(index) {
            words += 1;
            count += usize::from(is_first_person(ground.text.lower(index)));
        }
    }
    if count < 2 || count * 80 < words {
        return None;
    }
    Some(figures.add(Figure::narrator()))
}

/// Whether words such as "my name is" stand before a name.
pub(super) fn introduces(ground: &Ground, mention: &Mention) -> bool {
    let text = ground.text;
    let [one, two, three] = [1, 2, 3].map(|back| text.before(mention.first, back));
    (matches!(one, "is" | "was") && two == "name" && three == "my")
        || (one == "am" && two == "i")
        || one == "i'm"
        || (one == "me" && two == "call")
}

/// Words for speakers that the text leaves open.
fn is_nobody_known(word: &str) -> bool {
    matches!(
        word,
        "somebody"
            | "someone"
            | "everybody"
            | "everyone"
            | "they"
            | "we"
            | "both"
            | "people"
            | "all"
    )
}

fn is_first_person(word: &str) -> bool {
    matches!(
        word,
        "i" | "me" | "my" | "myself" | "mine" | "i'm" | "i'd" | "i've" | "i'll"
    )
}

fn pronoun_gender(word: &str) -> Option<Gender> {
    match word {
        "he" | "him" | "his" | "himself" | "he'd" | "he's" | "he'll" => Some(Gender::Male),
        "she" | "her" | "hers" | "herself" | "she'd" | "she's" | "she'll" => Some(Gender::Female),
        "it" | "its" | "itself" => Some(Gender::Neutral),
        _ => None,
    }
}

/// The genders that the pronouns after them show of figures.
pub(super) fn vote_genders(
    ground: &Ground,
    mentions: &[Mention],
    figures: &Figures,
) -> BTreeMap<usize, Gender> {
    let mut votes: BTreeMap<usize, [f32; 3]> = BTreeMap::new();
    let mut by_last: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, mention) in mentions.iter().enumerate() {
        if mention.quoted.is_none() {
            by_last.insert(mention.last, index);
        }
    }
    // The figures named last, newest last, with sentence and whether as a subject.
    let mut named: Vec<(usize, usize, bool)> = Vec::new();
    for index in 0..ground.text.words.len() {
        if ground.quoted[index].is_some() {
            continue;
        }
        let sentence = ground.sentence[index];
        if let Some(mention) = by_last.get(&index) {
            let figure = figures.of_mention(*mention);
            if !figures.get(figure).plural {
                named.push((figure, sentence, mentions[*mention].subject));
                if named.len() > 6 {
                    named.remove(0);
                }
            }
            continue;
        }
        let Some(gender) = pronoun_gender(ground.text.lower(index)) else {
            continue;
        };
        let lower = ground.text.lower(index);
        let possible: Vec<&(usize, usize, bool)> = named
            .iter()
            .filter(|(figure, at, _)| {
                let known = figures.get(*figure).gender;
                sentence - at <= 2 && (known == Gender::Unknown || known == gender)
            })
            .collect();
        if gender == Gender::Neutral && (lower == "it" || possible.len() != 1) {
            continue;
        }
        let known = named
            .iter()
            .rev()
            .find(|(other, at, _)| sentence - at <= 3 && figures.get(*other).gender == gender)
            .map(|(other, ..)| *other);
        let Some(last_sentence) = possible.iter().map(|(_, at, _)| *at).max() else {
            continue;
        };
        let close: Vec<_> = possible
            .iter()
            .filter(|(_, at, _)| *at == last_sentence)
            .collect();
        let chosen = close
            .iter()
            .rev()
            .find(|(_, _, subject)| *subject)
            .or_else(|| close.last());
        if let Some((figure, _, subject)) = chosen
            && figures.get(*figure).gender == Gender::Unknown
        {
            let mut distinct: Vec<usize> = close.iter().map(|(figure, ..)| *figure).collect();
            distinct.dedup();
            // Someone whose gender is known to fit is the likelier one.
            let rival = known.is_some();
            let sure = match (distinct.len(), rival) {
                (_, true) => 0.2,
                (1, _) => 1.0,
                _ => 0.5,
            };
            let vote = votes.entry(*figure).or_default();
            vote[gender as usize % 3] += if *subject { sure } else { sure * 0.6 };
        }
        // A pronoun keeps the one it means in mind.
        if let Some(known) = known {
            named.push((known, sentence, lower == "she" || lower == "he"));
            if named.len() > 6 {
                named.remove(0);
            }
        }
    }
    let mut genders = BTreeMap::new();
    for (figure, [female, male, neutral]) in votes {
        if female.max(male).max(neutral) < 0.5 {
            continue;
        }
        let being = figures.get(figure).being.as_deref();
        if female > male * 1.5 && female >= neutral {
            genders.insert(figure, Gender::Female);
        } else if male > female * 1.5 && male >= neutral {
            genders.insert(figure, Gender::Male);
        } else if neutral > female + male && being.is_some_and(|being| being != "human") {
            genders.insert(figure, Gender::Neutral);
        }
    }
    genders
}

impl Resolver<'_, '_> {
    /// Pronouns of a paragraph, outside of quotations.
    fn narration(&mut self, first: usize, end: usize) {
        for index in first..end {
            let sentence = self.ground.sentence[index];
            if let Some(mention) = self.by_last.get(&index).copied() {
                let figure = self.figures.of_mention(mention);
                let mention = &self.mentions[mention];
                let weight = match (mention.quoted.is_some(), mention.subject) {
                    (true, _) => 0.25,
                    (false, true) => 1.0,
                    (false, false) => 0.6,
                };
                if !self.figures.get(figure).plural {
                    self.remember(figure, sentence, index, weight);
                }
                self.note_pair(index, figure, sentence);
            }
            if self.ground.quoted[index].is_some() {
                continue;
            }
            let lower = self.ground.text.lower(index);
            if let Some(narrator) = self.narrator
                && is_first_person(lower)
            {
                self.meant.insert(index, narrator);
                self.pronouns.push(Pronoun {
                    word: index,
                    figure: narrator,
                });
                continue;
            }
            if matches!(lower, "they" | "them" | "their" | "themselves") {
                let lexicon = Lexicon::get();
                let verb = self.ground.text.lower(index + 1);
                let acts =
                    lower == "they" && lexicon.verbish(verb) && !lexicon.is("auxiliaries", verb);
                let pair = self.pair(sentence);
                if pair.is_some() {
                    self.pairs.push((sentence, pair));
                }
                for figure in pair.into_iter().flatten() {
                    self.figures.get_mut(figure).acts += usize::from(acts);
                    self.pronouns.push(Pronoun {
                        word: index,
                        figure,
                    });
                }
                continue;
            }
            let Some(gender) = pronoun_gender(lower) else {
                continue;
            };
            if let Some(figure) = self.antecedent(index, gender) {
                self.meant.insert(index, figure);
                self.pronouns.push(Pronoun {
                    word: index,
                    figure,
                });
                let subject = matches!(lower, "he" | "she" | "it");
                let verb = self.ground.text.lower(index + 1);
                let lexicon = Lexicon::get();
                if subject && lexicon.verbish(verb) && !lexicon.is("auxiliaries", verb) {
                    self.figures.get_mut(figure).acts += 1;
                }
                self.remember(figure, sentence, index, if subject { 1.0 } else { 0.5 });
                if self.figures.get(figure).gender == Gender::Unknown && gender != Gender::Neutral {
                    self.figures.get_mut(figure).gender = gender;
                }
            }
        }
    }

    /// Notes that the mention that ends at `index` makes a pair with the one before, or is a group.
    fn note_pair(&mut self, index: usize, figure: usize, sentence: usize) {
        if self.ground.quoted[index].is_some() {
            return;
        }
        if self.figures.get(figure).plural {
            self.pairs.push((sentence, None));
            return;
        }
        let first = self
            .by_last
            .get(&index)
            .map_or(index, |mention| self.mentions[*mention].first);
        let other = first
            .checked_sub(2)
            .filter(|_| self.ground.text.before(first, 1) == "and")
            .and_then(|at| self.ending_at(at))
            .filter(|other| *other != figure && !self.figures.get(*other).plural);
        if let Some(other) = other {
            // "Ann, Tom and Kim" are three.
            let listed = first.checked_sub(2).is_some_and(|at| {
                let begin = self
                    .by_last
                    .get(&at)
                    .map_or(at, |mention| self.mentions[*mention].first);
                self.ground.text.before(begin, 1) == ","
                    && begin
                        .checked_sub(2)
                        .is_some_and(|before| self.ending_at(before).is_some())
            });
            // "Ann and Tom ran": both did.
            let acts = self
                .by_last
                .get(&index)
                .is_some_and(|mention| self.mentions[*mention].acts);
            self.figures.get_mut(other).acts += usize::from(acts);
            let pair = (!listed).then_some([other, figure]);
            self.pairs.push((sentence, pair));
        }
    }

    /// The two that "they" means: a pair named of late, else the only two of the last sentences.
    fn pair(&self, sentence: usize) -> Option<[usize; 2]> {
        let near = |at: usize| sentence.saturating_sub(at) <= 3;
        if let Some((at, pair)) = self.pairs.last()
            && near(*at)
        {
            return pair.map(|pair| pair.map(|figure| self.figures.find(figure)));
        }
        let mut found: Vec<usize> = Vec::new();
        let close = self
            .recent
            .iter()
            .filter(|recent| sentence.saturating_sub(recent.sentence) <= 1 && recent.weight >= 0.5);
        for recent in close {
            let figure = self.figures.find(recent.figure);
            if !found.contains(&figure) {
                found.push(figure);
            }
        }
        found
            .try_into()
            .ok()
            .filter(|pair: &[usize; 2]| pair.iter().all(|it| self.figures.get(*it).personal > 0.0))
    }

    fn remember(&mut self, figure: usize, sentence: usize, word: usize, weight: f32) {
        self.recent
            .retain(|recent| sentence.saturating_sub(recent.sentence) <= REACH);
        if self.recent.len() > 24 {
            self.recent.remove(0);
        }
        self.recent.push(Recent {
            figure,
            sentence,
            word,
            weight,
        });
    }

    /// Whom a pronoun means: someone near, of its gender, rather a subject.
    fn antecedent(&self, index: usize, gender: Gender) -> Option<usize> {
        let text = self.ground.text;
        let sentence = self.ground.sentence[index];
        let lower = text.lower(index);
        let object = matches!(lower, "him" | "it")
            || (lower == "her"
                && (text.mark(index + 1)
                    || Lexicon::get().is("prepositions", text.lower(index + 1))
                    || Lexicon::get().is("function", text.lower(index + 1))));
        let in_tag = self.quotation_beside(index);
        let last_speaker = self.turns.last().and_then(|turn| turn.1);
        let paragraph = text.words.get(index).map_or(0, |word| word.paragraph);
        let turn_before = self
            .turns
            .last()
            .is_some_and(|(number, ..)| *number + 1 == paragraph);
        let mut best: Option<(f32, usize)> = None;
        let mut scores: BTreeMap<usize, f32> = BTreeMap::new();
        for recent in &self.recent {
            let figure = self.figures.get(recent.figure);
            if figure.is_narrator {
                continue;
            }
            let animal = figure
                .being
                .as_deref()
                .is_some_and(|being| being != "human");
            let fit = if gender == Gender::Neutral {
                match (animal, figure.gender) {
                    (true, Gender::Neutral) => 1.0,
                    (true, Gender::Unknown) => 0.6,
                    _ => continue,
                }
            } else if figure.gender == gender {
                1.0
            } else if figure.gender == Gender::Unknown && figure.personal > 0.0 {
                if animal { 0.3 } else { 0.6 }
            } else {
                continue;
            };
            if fit < 0.9 && recent.weight < 0.3 {
                continue;
            }
            let distance = sentence.saturating_sub(recent.sentence) as f32;
            let nearness = 1.0 - 0.0015 * (index - recent.word).min(100) as f32;
            let mut score = recent.weight * fit * nearness * 0.6_f32.powf(distance);
            if object
                && recent.sentence == sentence
                && recent.weight >= 1.0
                && index - recent.word <= 5
            {
                score *= 0.1;
            }
            // Within a dialogue, "she said" is rather the one whose turn it is.
            if in_tag && turn_before && last_speaker == Some(self.figures.find(recent.figure)) {
                score *= 0.35;
            }
            let total = scores.entry(self.figures.find(recent.figure)).or_default();
            *total = total.max(score) + 0.1 * total.min(score);
        }
        for (figure, score) in scores {
            if best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, figure));
            }
        }
        best.filter(|(score, _)| *score > 0.03)
            .map(|(_, figure)| figure)
    }

    /// Whether a quotation ends right before this word.
    fn quotation_beside(&self, index: usize) -> bool {
        (1..=3).any(|back| {
            index
                .checked_sub(back)
                .is_some_and(|at| self.ground.quoted.get(at).copied().flatten().is_some())
        })
    }

    /// The figure named or meant by the words that begin at `index`.
    fn at(&self, index: usize) -> Option<usize> {
        let word = self.ground.text.lower(index);
        if let Some(mention) = self
            .by_first
            .range(index..=index + 1)
            .find(|(first, mention)| {
                **first == index
                    || (self.mentions[**mention].names.is_empty()
                        && self.ground.text.shape(index) == Shape::Lower
                        && !Lexicon::get().is("prepositions", word)
                        && !Lexicon::get().is("pronouns", word))
            })
        {
            return Some(self.figures.of_mention(*mention.1));
        }
        self.meant
            .get(&index)
            .copied()
            .map(|figure| self.figures.find(figure))
    }

    /// The figure named or meant by the words that end at `index`.
    fn ending_at(&self, index: usize) -> Option<usize> {
        if let Some(mention) = self.by_last.get(&index) {
            return Some(self.figures.of_mention(*mention));
        }
        self.meant
            .get(&index)
            .copied()
            .map(|figure| self.figures.find(figure))
    }

    /// Speaker, verb and addressee of a tag right after a quotation.
    fn tag_after(&self, last: usize, end: usize) -> Option<Voice> {
        let lexicon = Lexicon::get();
        let text = self.ground.text;
        let mut first = last + 1;
        while first < end
            && (matches!(text.lower(first), "—" | "--" | "–" | "-" | ",")
                || matches!(text.lower(first), "and" | "then" | "so"))
        {
            first += 1;
        }
        if first >= end || self.ground.quoted[first].is_some() {
            return None;
        }
        // "said the old fox"
        if lexicon.speech.contains_key(text.lower(first)) && text.shape(first) == Shape::Lower {
            for at in first + 1..(first + 5).min(end) {
                if text.mark(at) {
                    break;
                }
                if is_nobody_known(text.lower(at)) {
                    return Some(Voice {
                        verb: Some(first),
                        ..Voice::default()
                    });
                }
                if let Some(figure) = self.at(at) {
                    let from = self
                        .by_first
                        .get(&at)
                        .map_or(at, |it| self.mentions[*it].last);
                    return Some(Voice {
                        speaker: Some(figure),
                        addressee: self.spoken_to(from, end, figure),
                        verb: Some(first),
                    });
                }
            }
            return None;
        }
        // "the old fox said"; a full stop before it makes it a sentence of its own.
        let stop = matches!(text.before(last + 1, 2), ".") && !text.mark(first);
        if stop && text.shape(first) == Shape::Capital && text.lower(first) != "i" {
            return None;
        }
        if is_nobody_known(text.lower(first)) && lexicon.speech.contains_key(text.lower(first + 1))
        {
            return Some(Voice {
                verb: Some(first + 1),
                ..Voice::default()
            });
        }
        let figure_end = (first..(first + 7).min(end)).find(|at| self.ending_at(*at).is_some())?;
        for at in first..figure_end {
            if text.mark(at) && text.lower(at) != "." {
                return None;
            }
        }
        let figure = self.ending_at(figure_end)?;
        for at in figure_end + 1..(figure_end + 5).min(end) {
            let word = text.lower(at);
            if lexicon.speech.contains_key(word) {
                return Some(Voice {
                    speaker: Some(figure),
                    addressee: self.spoken_to(at, end, figure),
                    verb: Some(at),
                });
            }
            if !stands_before_verbs(word) {
                break;
            }
        }
        None
    }

    /// Whom "to the crow" or a second noun after the verb names.
    fn spoken_to(&self, from: usize, end: usize, speaker: usize) -> Option<usize> {
        let text = self.ground.text;
        for at in from + 1..(from + 6).min(end) {
            if text.mark(at) || self.ground.quoted[at].is_some() {
                return None;
            }
            let direct = at == from + 1
                && matches!(
                    text.lower(from),
                    "asked" | "told" | "begged" | "warned" | "asks" | "tells" | "reminded"
                );
            if (direct || text.before(at, 1) == "to")
                && let Some(figure) = self.at(at)
                && figure != speaker
            {
                return Some(figure);
            }
        }
        None
    }

    /// Speaker, verb and addressee of a tag right before a quotation: "The fox asked:".
    fn tag_before(&self, first: usize, begin: usize) -> Option<Voice> {
        let lexicon = Lexicon::get();
        let text = self.ground.text;
        let pause = first.checked_sub(1).filter(|at| *at >= begin)?;
        if !matches!(text.lower(pause), "," | ":" | "—" | "--" | "–")
            && !lexicon.speech.contains_key(text.lower(pause))
        {
            return None;
        }
        let reach = begin.max(first.saturating_sub(40));
        let mut verb = None;
        for at in (reach..=pause).rev() {
            if self.ground.quoted[at].is_some()
                || (matches!(text.lower(at), "." | "!" | "?" | "…" | ";") && at < pause)
            {
                break;
            }
            if lexicon.speech.contains_key(text.lower(at)) {
                verb = Some(at);
                break;
            }
        }
        let colon = text.lower(pause) == ":";
        let anchor = match verb {
            Some(verb) if pause - verb <= 12 || colon => verb,
            _ if colon => pause,
            _ => return None,
        };
        let speaker = self.subject_before(anchor, reach)?;
        let addressee = verb.and_then(|verb| {
            (verb + 1..pause.min(verb + 6)).find_map(|at| {
                let figure = self.at(at)?;
                (figure != speaker).then_some(figure)
            })
        });
        Some(Voice {
            speaker: Some(speaker),
            addressee,
            verb,
        })
    }

    /// The subject of the verb at `verb`, looking back to `reach` within the sentence.
    fn subject_before(&self, verb: usize, reach: usize) -> Option<usize> {
        let text = self.ground.text;
        let mut any = None;
        for at in (reach..verb).rev() {
            if self.ground.quoted[at].is_some() || matches!(text.lower(at), "." | "!" | "?" | "…")
            {
                break;
            }
            if let Some(mention) = self.by_last.get(&at) {
                let found = &self.mentions[*mention];
                let figure = self.figures.of_mention(*mention);
                if found.subject {
                    return Some(figure);
                }
                any = Some(figure);
            } else if let Some(figure) = self.meant.get(&at).copied()
                && matches!(
                    text.lower(at),
                    "he" | "she" | "i" | "it" | "he'd" | "she'd" | "i'd"
                )
            {
                return Some(self.figures.find(figure));
            }
        }
        any
    }

    /// The first subject of the narration between two words.
    fn subject_between(&self, first: usize, end: usize, latest: bool) -> Option<usize> {
        let text = self.ground.text;
        let mut found = None;
        for at in first..end {
            if self.ground.quoted[at].is_some() {
                continue;
            }
            let figure = if let Some(mention) = self.by_last.get(&at) {
                self.mentions[*mention]
                    .subject
                    .then(|| self.figures.of_mention(*mention))
            } else {
                self.meant
                    .get(&at)
                    .copied()
                    .filter(|_| matches!(text.lower(at), "he" | "she" | "i" | "it"))
                    .map(|figure| self.figures.find(figure))
            };
            if figure.is_some_and(|it| !self.figures.get(it).plural) {
                found = figure;
                if !latest {
                    break;
                }
            }
        }
        found
    }

    /// Who speaks in the quotations `from..to` of a paragraph.
    fn speakers(&mut self, number: usize, begin: usize, end: usize, from: usize, to: usize) {
        if from == to {
            return;
        }
        let quotations = self.ground.quotations;
        for index in from..to {
            let quotation = quotations[index];
            let stop = quotations
                .get(index + 1)
                .filter(|_| index + 1 < to)
                .map_or(end, |it| it.first);
            let start = if index > from {
                quotations[index - 1].last + 1
            } else {
                begin
            };
            let tag = self
                .tag_after(quotation.last, stop)
                .or_else(|| self.tag_before(quotation.first, start));
            if let Some(tag) = tag {
                self.voices[index] = tag;
            }
            let called = self.called_in(index);
            if let Some(called) = called
                && self.voices[index].speaker != Some(called)
            {
                self.voices[index].addressee = Some(called);
            }
            if quotation.continues && index > 0 && self.voices[index].speaker.is_none() {
                self.voices[index].speaker = self.voices[index - 1].speaker;
                self.voices[index].addressee = self.voices[index - 1].addressee;
            }
        }
        // Whoever speaks once in a paragraph speaks in the rest of it.
        let mut speaker = (from..to).find_map(|index| self.voices[index].speaker);
        let nobody = (from..to).any(|index| self.voices[index].verb.is_some());
        if speaker.is_none() && nobody {
            return;
        }
        if speaker.is_none() {
            speaker = self.beat(begin, end, from, to);
        }
        if speaker.is_none() {
            speaker = self.turn(number, from, to);
        }
        let mut current = speaker;
        for index in from..to {
            match self.voices[index].speaker {
                Some(one) => current = Some(one),
                None if self.voices[index].verb.is_some() => current = None,
                None => self.voices[index].speaker = current,
            }
        }
        let addressee = (from..to).find_map(|index| self.voices[index].addressee);
        let last = self.turns.last().copied();
        for index in from..to {
            let voice = &mut self.voices[index];
            if voice.addressee.is_none() {
                voice.addressee = addressee;
            }
            if voice.addressee.is_none()
                && let Some((paragraph, Some(other), _)) = last
                && number - paragraph <= 2
                && Some(other) != voice.speaker
            {
                voice.addressee = Some(other);
            }
            if voice.addressee == voice.speaker {
                voice.addressee = None;
            }
        }
        let last_voice = self.voices[to - 1];
        if let Some(speaker) = last_voice.speaker {
            let word = quotations[to - 1].last;
            let sentence = self.ground.sentence[word];
            self.remember(speaker, sentence, word, 0.8);
        }
        self.turns
            .push((number, last_voice.speaker, last_voice.addressee));
        if self.turns.len() > 8 {
            self.turns.remove(0);
        }
    }

    /// Whom the words of a quotation call by name.
    fn called_in(&self, index: usize) -> Option<usize> {
        let quotation = self.ground.quotations[index];
        self.by_last
            .range(quotation.first..=quotation.last)
            .find(|(_, mention)| self.mentions[**mention].vocative)
            .map(|(_, mention)| self.figures.of_mention(*mention))
    }

    /// The one who does something beside the quotations: 'Mira laughed. "Come!"'
    fn beat(&self, begin: usize, end: usize, from: usize, to: usize) -> Option<usize> {
        let quotations = self.ground.quotations;
        let first = quotations[from].first;
        let addressee = (from..to).find_map(|index| self.voices[index].addressee);
        let sentence_before = first
            .checked_sub(1)
            .filter(|at| *at >= begin)
            .map(|at| self.ground.sentence[at]);
        let mut found = sentence_before
            .and_then(|sentence| self.ground.sentences.get(sentence))
            .and_then(|range| self.subject_between(range.start.max(begin), first, false))
            .filter(|figure| Some(*figure) != addressee);
        if found.is_none() && first > begin {
            found = self
                .subject_between(begin, first, true)
                .filter(|figure| Some(*figure) != addressee);
        }
        let after = quotations[to - 1].last + 1;
        found.or_else(|| {
            let from = quotations[from].last + 1;
            // '"It is my birthday!" Tom's lip trembled.'
            let owner = (from..(from + 4).min(end)).find_map(|at| {
                (self.ground.text.lower(at + 1) == "'s")
                    .then(|| self.ending_at(at))
                    .flatten()
            });
            if owner.is_some() && owner != addressee {
                return owner;
            }
            self.subject_between(from, end.max(after), false)
                .filter(|figure| Some(*figure) != addressee)
        })
    }

    /// The one whose turn it is in a dialogue without tags.
    fn turn(&self, number: usize, from: usize, to: usize) -> Option<usize> {
        let called = (from..to).find_map(|index| self.voices[index].addressee);
        let allowed = |figure: &usize| Some(*figure) != called;
        let (last, before) = match self.turns.as_slice() {
            [.., before, last] => (Some(*last), Some(*before)),
            [last] => (Some(*last), None),
            [] => (None, None),
        };
        if let Some((paragraph, speaker, addressee)) = last
            && number - paragraph <= 2
            && speaker.is_some()
        {
            if number - paragraph == 2 {
                // A paragraph of narration between: who acts there answers.
                let between = self.ground.text.paragraphs.get(number - 1)?;
                if let Some(figure) = self
                    .subject_between(between.first, between.end, true)
                    .filter(allowed)
                {
                    return Some(figure);
                }
            }
            if let Some(addressee) = addressee.filter(|it| Some(*it) != speaker).filter(allowed) {
                return Some(addressee);
            }
            if let Some((earlier, Some(other), _)) = before
                && paragraph - earlier <= 3
                && Some(other) != speaker
                && allowed(&other)
            {
                return Some(other);
            }
            let other = self.only_other(&[speaker, called]);
            if other.is_some() {
                return other;
            }
        }
        if number > 0
            && let Some(between) = self.ground.text.paragraphs.get(number - 1)
            && last.is_none_or(|(paragraph, ..)| paragraph + 1 < number)
        {
            // "He put his head in at the door." and then a line of speech.
            let last_sentence = between
                .end
                .checked_sub(1)
                .map(|at| self.ground.sentence[at]);
            let range = last_sentence.and_then(|sentence| self.ground.sentences.get(sentence));
            if let Some(figure) =
                range.and_then(|range| self.subject_between(range.start, range.end, false))
                && allowed(&figure)
            {
                return Some(figure);
            }
        }
        called.and_then(|called| self.only_other(&[Some(called)]))
    }

    /// The one person nearby who is none of these.
    fn only_other(&self, known: &[Option<usize>]) -> Option<usize> {
        let mut others: Vec<usize> = Vec::new();
        for recent in &self.recent {
            let figure = self.figures.find(recent.figure);
            let it = self.figures.get(figure);
            if !known.contains(&Some(figure))
                && it.personal > 0.0
                && !it.plural
                && recent.weight > 0.3
                && !others.contains(&figure)
            {
                others.push(figure);
            }
        }
        if let Some(narrator) = self.narrator
            && !known.contains(&Some(narrator))
            && others.is_empty()
        {
            others.push(narrator);
        }
        match others.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// An owl's mother is an owl.
    fn families(&mut self) {
        for (index, mention) in self.mentions.iter().enumerate() {
            let Some(owner) = self.meant.get(&mention.first).copied() else {
                continue;
            };
            let relative = self.figures.of_mention(index);
            let species = self.figures.get(owner).being.clone();
            let it = self.figures.get(relative);
            if let Some(species) = species.filter(|species| species != "human")
                && it.kin.is_some()
                && it
                    .names
                    .iter()
                    .flatten()
                    .all(|name| Lexicon::get().kin.contains_key(name.as_str()))
                && it.being.as_deref() == Some("human")
            {
                self.figures.get_mut(relative).being = Some(species);
            }
        }
    }

    /// A line whose speaker was not found, between two of someone else, is the addressee's.
    fn close_gaps(&mut self) {
        for index in 1..self.voices.len().saturating_sub(1) {
            if self.voices[index].speaker.is_some() {
                continue;
            }
            let (before, after) = (self.voices[index - 1], self.voices[index + 1]);
            if before.speaker.is_some() && before.speaker == after.speaker {
                self.voices[index].speaker = before
                    .addressee
                    .or(after.addressee)
                    .filter(|it| Some(*it) != before.speaker);
                self.voices[index].addressee = before.speaker;
            }
        }
    }

    /// Weighs what speaks for each of those nearby, the rules' choice among it.
    fn choose(&mut self) {
        let stage = Stage {
            ground: self.ground,
            mentions: self.mentions,
            figures: self.figures,
            by_first: &self.by_first,
            by_last: &self.by_last,
            meant: &self.meant,
            narrator: self.narrator,
            ruled: &self.voices,
        };
        let traces = stage.traces();
        let mut lines = speakers::gather(&stage, &traces);
        // In novels the clues that can be named do better alone.
        let links = self.ground.links.as_ref();
        if let Some(links) = links.filter(|_| hears_speakers(self.ground)) {
            links.hear(&mut lines, &traces);
        }
        let chosen = choice::speakers(&lines);
        let addressees = choice::addressees(&lines, &chosen);
        for (voice, (speaker, addressee)) in self
            .voices
            .iter_mut()
            .zip(chosen.into_iter().zip(addressees))
        {
            voice.speaker = speaker;
            voice.addressee = addressee;
        }
        // "Said the old man", of whom we know by another name.
        for (line, voice) in lines.iter().zip(&self.voices) {
            if let (Some(noun), Some(speaker)) = (line.noun, voice.speaker)
                && noun != speaker
            {
                self.figures.join(speaker, noun);
            }
        }
        self.hear_pronouns(&lines);
        self.lines = lines;
        self.traces = traces;
    }

    /// The pronoun of a tag means who was chosen for the line.
    fn hear_pronouns(&mut self, lines: &[speakers::Line]) {
        let mut heard: BTreeMap<usize, usize> = BTreeMap::new();
        for (line, voice) in lines.iter().zip(&self.voices) {
            let (Some(word), Some(speaker)) = (line.pronoun, voice.speaker) else {
                continue;
            };
            let lower = self.ground.text.lower(word);
            if let Some(gender) = pronoun_gender(lower) {
                let figure = self.figures.get_mut(speaker);
                if figure.is_narrator || figure.plural {
                    continue;
                }
                if figure.gender == Gender::Unknown && gender != Gender::Neutral {
                    figure.gender = gender;
                }
                heard.insert(word, speaker);
            }
        }
        for pronoun in &mut self.pronouns {
            if let Some(speaker) = heard.remove(&pronoun.word) {
                pronoun.figure = speaker;
            }
        }
        let missed = heard.into_iter();
        self.pronouns
            .extend(missed.map(|(word, figure)| Pronoun { word, figure }));
    }

    /// Gives the narrator the name that others call out or that the text says.
    fn name_narrator(&mut self) {
        let Some(narrator) = self.narrator else {
            return;
        };
        let mut narrated: BTreeMap<usize, usize> = BTreeMap::new();
        let mut called: BTreeMap<usize, usize> = BTreeMap::new();
        for (index, mention) in self.mentions.iter().enumerate() {
            let figure = self.figures.of_mention(index);
            if mention.names.is_empty() || figure == narrator {
                continue;
            }
            let introduces = introduces(self.ground, mention);
            match mention.quoted {
                None if introduces => *called.entry(figure).or_default() += 100,
                None => *narrated.entry(figure).or_default() += 1,
                Some(quote) => {
                    let voice = self.voices[quote];
                    let speaker = voice.speaker.map(|it| self.figures.find(it));
                    if introduces && speaker == Some(narrator) {
                        *called.entry(figure).or_default() += 100;
                    } else if mention.vocative && speaker != Some(narrator) {
                        *called.entry(figure).or_default() += 1;
                    }
                }
            }
        }
        let best = called
            .into_iter()
            .filter(|(figure, count)| *count >= 100 || !narrated.contains_key(figure))
            .filter(|(figure, _)| self.figures.get(*figure).kin.is_none())
            .max_by_key(|(figure, count)| (*count, std::cmp::Reverse(*figure)));
        if let Some((figure, _)) = best {
            self.figures.join(narrator, figure);
        }
    }

    /// "I am Mrs. Hale," says the old woman; "She was really Thundergirl."
    fn introductions(&mut self) {
        let meant: BTreeMap<usize, usize> = self
            .pronouns
            .iter()
            .map(|it| (it.word, it.figure))
            .collect();
        let text = self.ground.text;
        for (index, mention) in self.mentions.iter().enumerate() {
            let [adverb, verb] = [1, 2].map(|back| text.before(mention.first, back));
            let reveals = matches!(adverb, "really" | "secretly" | "actually")
                && matches!(verb, "was" | "is")
                && mention.quoted.is_none()
                && !mention.names.is_empty();
            let pronoun = mention.first.checked_sub(3).and_then(|at| meant.get(&at));
            if let Some(figure) = pronoun.filter(|_| reveals) {
                self.figures
                    .join_alias(*figure, self.figures.of_mention(index));
            }
        }
        for (index, mention) in self.mentions.iter().enumerate() {
            let Some(quote) = mention.quoted.filter(|_| !mention.names.is_empty()) else {
                continue;
            };
            let Some(speaker) = self.voices[quote].speaker else {
                continue;
            };
            let named = self.figures.of_mention(index);
            let alone = self.figures.get(speaker).names.is_empty();
            let after = self.ground.text.lower(mention.last + 1);
            let ends = matches!(after, "." | "," | "!" | "\"" | "”" | "’" | "'" | "—" | "--")
                || after == "and";
            let told = introduces(self.ground, mention) || self.answers(quote, mention);
            if alone && ends && told {
                self.figures.join(speaker, named);
            }
        }
    }

    /// Whether a quotation is a name alone, after a question for it.
    fn answers(&self, quote: usize, mention: &Mention) -> bool {
        let text = self.ground.text;
        let quotations = self.ground.quotations;
        let Some(before) = quote.checked_sub(1).and_then(|at| quotations.get(at)) else {
            return false;
        };
        let asked = before.first..=before.last;
        let words = |word: &str| asked.clone().any(|at| text.lower(at) == word);
        let here = quotations[quote];
        let alone = (here.first..=here.last)
            .all(|at| text.mark(at) || (mention.first..=mention.last).contains(&at));
        alone && words("?") && words("name")
    }

    /// Whoever's gender nothing else has told has that of what they are called: "Come, girl!"
    fn genders_of_calls(&mut self) {
        for mention in self.mentions.iter().filter(|it| it.vocative) {
            let gender = match (&mention.being, mention.name_gender) {
                (Some(being), Gender::Unknown) => being.gender,
                (_, gender) => gender,
            };
            let addressee = mention.quoted.and_then(|it| self.voices[it].addressee);
            let Some(addressee) = addressee.filter(|_| gender != Gender::Neutral) else {
                continue;
            };
            let figure = self.figures.get_mut(addressee);
            if figure.gender == Gender::Unknown && !figure.plural {
                figure.gender = gender;
            }
        }
    }

    /// Whoever's gender nothing else has told has that of the pronouns of the network's chains.
    fn genders_of_chains(&mut self) {
        let people = self.ground.people;
        // Of each chain, how often which figure is named in it.
        let mut named: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
        for (index, mention) in self.mentions.iter().enumerate() {
            if let Some(person) = people.at(mention.last) {
                let figures = named.entry(person.chain).or_default();
                *figures.entry(self.figures.of_mention(index)).or_default() += 1;
            }
        }
        let mut votes: BTreeMap<usize, [usize; 2]> = BTreeMap::new();
        for pronoun in people.pronouns() {
            let figures = named.get(&pronoun.chain).into_iter().flatten();
            let most = figures.max_by_key(|(figure, count)| (**count, std::cmp::Reverse(**figure)));
            let slot = match pronoun_gender(self.ground.text.lower(pronoun.head)) {
                Some(Gender::Female) => 0,
                Some(Gender::Male) => 1,
                _ => continue,
            };
            if let Some((figure, _)) = most {
                votes.entry(*figure).or_default()[slot] += 1;
            }
        }
        for (figure, [female, male]) in votes {
            let figure = self.figures.get_mut(figure);
            if figure.gender != Gender::Unknown || figure.plural || figure.is_narrator {
                continue;
            }
            if female > 2 * male {
                figure.gender = Gender::Female;
            } else if male > 2 * female {
                figure.gender = Gender::Male;
            }
        }
    }

    /// "I" in a quotation is who speaks, "you" who is spoken to.
    fn inside_quotations(&mut self) {
        for (index, quotation) in self.ground.quotations.iter().enumerate() {
            let voice = self.voices[index];
            for word in quotation.first..=quotation.last {
                let lower = self.ground.text.lower(word);
                let meant = if is_first_person(lower) {
                    voice.speaker
                } else if matches!(
                    lower,
                    "you" | "your" | "yourself" | "you're" | "you'll" | "you've"
                ) {
                    voice.addressee
                } else {
                    None
                };
                if let Some(figure) = meant {
                    self.pronouns.push(Pronoun { word, figure });
                }
            }
        }
        for voice in &mut self.voices {
            voice.speaker = voice.speaker.map(|figure| self.figures.find(figure));
            voice.addressee = voice.addressee.map(|figure| self.figures.find(figure));
            if let Some(speaker) = voice.speaker {
                self.figures.get_mut(speaker).quotes += 1;
            }
        }
        for pronoun in &mut self.pronouns {
            pronoun.figure = self.figures.find(pronoun.figure);
        }
    }
}
