//! Noun phrases that name someone: proper names and common nouns for beings.

use std::collections::HashMap;
use std::ops::Range;

use fabula_story::{Age, EntityKind, Gender};

use super::grammar::Grammar;
use super::lexicon::{Being, Lexicon};
use super::links::{Bond, Links};
use super::people::People;
use super::quotes::Quotation;
use super::text::{ParagraphKind, Shape, Text};

/// A noun phrase that names someone, or a name of something.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    /// First and last word.
    pub first: usize,
    pub last: usize,
    pub kind: EntityKind,
    /// The words of the name, in lower case, without titles.
    pub names: Vec<String>,
    /// The name as written, with its title.
    pub name: String,
    /// Gender that a title or a given name shows.
    pub name_gender: Gender,
    /// Title, in lower case.
    pub title: Option<String>,
    /// What the head noun says.
    pub being: Option<Being>,
    pub adjectives: Vec<String>,
    pub determiner: Option<String>,
    /// Index of the quotation around it.
    pub quoted: Option<usize>,
    /// The grammatical subject of a verb.
    pub subject: bool,
    /// Subject of a verb of doing.
    pub acts: bool,
    /// Called out to in a quotation.
    pub vocative: bool,
    /// Evidence that the name is that of a person (positive) or of a place or thing.
    pub personal: f32,
    /// What there is to compare with others, where units read.
    pub bond: Option<Bond>,
}

/// So many sentences before one have to tell of nobody, where a thing shall be meant by she or he.
const ALONE: usize = 3;

/// The layers that finding mentions builds on.
pub(super) struct Ground<'a, 't> {
    pub text: &'a Text<'t>,
    pub quotations: &'a [Quotation],
    pub sentences: &'a [Range<usize>],
    /// Trees of the sentences, where a network reads.
    pub grammar: &'a Grammar,
    /// Whom the network finds, likewise.
    pub people: &'a People,
    /// Quotation of each word.
    pub quoted: Vec<Option<usize>>,
    /// Sentence of each word.
    pub sentence: Vec<usize>,
    /// Whether a word has a capital only because it begins something.
    initial: Vec<bool>,
    counts: HashMap<&'a str, Counts>,
    /// Nouns that speak in this text although no list calls them beings.
    speakers: HashMap<String, Being>,
    /// What units that read the whole text make of its words, if there are any.
    pub links: Option<Links<'a>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// With a capital inside a sentence.
    inside: u32,
    /// With a capital at the beginning of one.
    initial: u32,
    lower: u32,
    /// Of those, outside of quotations.
    told: u32,
    /// At the beginning of a sentence and followed by a verb.
    acting: u32,
    /// Inside one, and followed by a verb or after one of speech.
    acting_inside: u32,
}

impl<'a, 't> Ground<'a, 't> {
    /// Gathers what the whole text says of its words.
    pub fn new(
        text: &'a Text<'t>,
        quotations: &'a [Quotation],
        sentences: &'a [Range<usize>],
        grammar: &'a Grammar,
        people: &'a People,
    ) -> Self {
        let count = text.words.len();
        let mut quoted = vec![None; count];
        for (number, quotation) in quotations.iter().enumerate() {
            for slot in quoted
                .iter_mut()
                .take(quotation.last + 1)
                .skip(quotation.first)
            {
                *slot = Some(number);
            }
        }
        let mut sentence = vec![0; count];
        let mut initial = vec![false; count];
        for (number, range) in sentences.iter().enumerate() {
            for slot in sentence.iter_mut().take(range.end).skip(range.start) {
                *slot = number;
            }
            if let Some(word) = range.clone().find(|index| !text.mark(*index)) {
                initial[word] = true;
            }
        }
        for (index, slot) in initial.iter_mut().enumerate().skip(1) {
            let opens = matches!(
                text.lower(index - 1),
                "\"" | "“" | "‘" | "«" | "„" | ":" | "(" | "—" | "--" | "."
            );
            *slot |=
                opens && !(text.lower(index - 1) == "." && is_title(text, index.wrapping_sub(2)));
            // The word right inside a single opening mark.
            *slot |= text.lower(index - 1) == "'" && text.glued(index);
        }
        let mut ground = Self {
            text,
            quotations,
            sentences,
            grammar,
            people,
            quoted,
            sentence,
            initial,
            counts: HashMap::new(),
            speakers: HashMap::new(),
            links: None,
        };
        ground.count();
        ground.discover_speakers();
        ground.discover_people();
        ground.discover_things();
        ground
    }

    /// What mentions say, for people to read.
    pub fn written<'m>(&self, mentions: impl Iterator<Item = &'m Mention>) -> String {
        let all: Vec<String> = mentions
            .map(|it| {
                let words = self.text.words.get(it.first..=it.last).unwrap_or(&[]);
                let words: Vec<&str> = words.iter().map(|word| word.text).collect();
                words.join(" ")
            })
            .collect();
        all.join("|")
    }

    fn count(&mut self) {
        let lexicon = Lexicon::get();
        for (index, word) in self.text.words.iter().enumerate() {
            if self
                .text
                .paragraph(index)
                .is_none_or(|it| it.kind != ParagraphKind::Body)
            {
                continue;
            }
            let counts = self.counts.entry(word.lower.as_str()).or_default();
            match word.shape {
                Shape::Lower => {
                    counts.lower += 1;
                    counts.told += u32::from(self.quoted[index].is_none());
                }
                Shape::Capital if self.initial[index] => {
                    counts.initial += 1;
                    let next = self.text.lower(index + 1);
                    counts.acting += u32::from(lexicon.verbish(next) || next == "'s");
                }
                Shape::Capital => {
                    counts.inside += 1;
                    let says = index
                        .checked_sub(1)
                        .is_some_and(|at| lexicon.speech.contains_key(self.text.lower(at)));
                    let acts = lexicon.verbish(self.text.lower(index + 1));
                    counts.acting_inside += u32::from(says || acts);
                }
                _ => {}
            }
        }
    }

    /// Finds who speaks in tags such as "said the moon" and "the teapot said".
    fn discover_speakers(&mut self) {
        let lexicon = Lexicon::get();
        let text = self.text;
        for quotation in self.quotations {
            let after = quotation.last + 1;
            let mut noun = None;
            if lexicon.speech.contains_key(text.lower(after))
                && matches!(text.lower(after + 1), "the" | "a" | "an")
            {
                noun = (after + 2..after + 6)
                    .take_while(|index| self.is_nounish(*index))
                    .last();
            } else if matches!(text.lower(after), "the" | "a" | "an") {
                noun = (after + 1..after + 5)
                    .take_while(|index| self.is_nounish(*index))
                    .last()
                    .filter(|index| lexicon.speech.contains_key(text.lower(index + 1)));
            }
            if let Some(head) = noun
                && text.shape(head) != Shape::Upper
                && lexicon.being(text.lower(head)).is_none()
                && !lexicon.given_names.contains_key(text.lower(head))
                && !lexicon.is("function", text.lower(head))
                && !lexicon.is("not speakers", text.lower(head))
                && !text.lower(head).ends_with('s')
            {
                let lemma = text.lower(head).to_owned();
                let human = ["er", "or", "man", "woman", "ist", "ian"]
                    .iter()
                    .any(|ending| lemma.len() > 4 && lemma.ends_with(ending))
                    && !lexicon.is("not agents", &lemma);
                let being = if human { "human" } else { "creature" }.to_owned();
                let age = if human { Age::Adult } else { Age::Unknown };
                self.speakers.insert(
                    lemma.clone(),
                    Being {
                        lemma,
                        being,
                        gender: Gender::Unknown,
                        age,
                        plural: false,
                    },
                );
            }
        }
    }

    /// Takes over nouns that the network takes for people and that no list knows: "the usher", and
    /// what stands for a noun: "the youngest".
    fn discover_people(&mut self) {
        let lexicon = Lexicon::get();
        let text = self.text;
        for person in self.people.nouns() {
            let head = person.head;
            let word = text.lower(head);
            let unfit = text.mark(head)
                || text.shape(head) != Shape::Lower
                || lexicon.being(word).is_some()
                || lexicon.is("pronouns", word) && word != "one"
                || lexicon.is("not speakers", word) && !is_ordinal(word)
                || lexicon.is("function", word) && !is_ordinal(word)
                || word.contains('\'');
            if unfit || self.speakers.contains_key(word) {
                continue;
            }
            let noun = self.grammar.tag(head) == "NOUN";
            let human = noun && !lexicon.is("not agents", word);
            let plural = noun && word.ends_with('s') && !word.ends_with("ss");
            self.speakers.insert(
                word.to_owned(),
                Being {
                    lemma: word.to_owned(),
                    being: if human { "human" } else { "creature" }.to_owned(),
                    gender: Gender::Unknown,
                    age: Age::Unknown,
                    plural,
                },
            );
        }
    }

    /// Takes things for somebody that the story tells of as of a person: "The moon was tired. She
    /// yawned." and "an old tractor called Bert", where Bert does something later.
    fn discover_things(&mut self) {
        let mut found = Vec::new();
        for (number, range) in self.sentences.iter().enumerate() {
            found.extend(self.meant_by_pronoun(number));
            found.extend(range.clone().filter(|index| self.is_named_thing(*index)));
        }
        for head in found {
            let lemma = self.text.lower(head).to_owned();
            self.speakers.entry(lemma.clone()).or_insert(Being {
                lemma,
                being: "creature".to_owned(),
                gender: Gender::Unknown,
                age: Age::Unknown,
                plural: false,
            });
        }
    }

    /// The subject of a sentence that the next one calls she or he, where no one else can be meant.
    fn meant_by_pronoun(&self, sentence: usize) -> Option<usize> {
        let range = self.sentences.get(sentence)?.clone();
        let next = self.sentences.get(sentence + 1)?.start;
        let paragraph = |at: usize| self.text.words.get(at).map(|word| word.paragraph);
        let told = |at: usize| self.quoted.get(at).is_some_and(Option::is_none);
        if !matches!(self.text.lower(next), "she" | "he")
            || !told(next)
            || paragraph(next) != paragraph(range.start)
        {
            return None;
        }
        let subject = range.clone().find(|at| {
            self.grammar.relation(*at).starts_with("nsubj")
                && self
                    .grammar
                    .parent(*at)
                    .is_some_and(|it| self.grammar.is_main(it))
        })?;
        let earlier = self
            .sentences
            .get(sentence.saturating_sub(ALONE)..=sentence)?;
        let somebody = earlier.iter().cloned().flatten().any(|at| {
            let word = self.text.lower(at);
            self.is_name(at)
                || self.people.at(at).is_some_and(|it| it.somebody)
                || at != subject && self.being(word).is_some_and(|it| !it.plural)
                || told(at) && matches!(word, "she" | "he" | "her" | "him" | "his" | "i" | "my")
        });
        (!somebody && told(subject) && self.may_live(subject)).then_some(subject)
    }

    /// Whether a word is a thing with a name by which it does something: "a tractor called Bert",
    /// "Bert was an old tractor".
    fn is_named_thing(&self, index: usize) -> bool {
        let text = self.text;
        let lexicon = Lexicon::get();
        let called = matches!(text.lower(index + 1), "called" | "named")
            && lexicon.places.word(text.lower(index)).is_empty();
        let name = if called {
            Some(index + 2)
        } else if lexicon.is("things that live", text.lower(index)) {
            self.named_before(index)
        } else {
            None
        };
        let Some(name) = name.filter(|name| text.shape(*name) == Shape::Capital) else {
            return false;
        };
        if !self.may_live(index) {
            return false;
        }
        let counts = self
            .counts
            .get(text.lower(name))
            .copied()
            .unwrap_or_default();
        let next = self.sentences.get(self.sentence[index] + 1);
        counts.acting + counts.acting_inside > 0
            || next.is_some_and(|it| matches!(self.text.lower(it.start), "she" | "he"))
    }

    /// Whether a word that no list knows as a being is somebody in this text.
    pub fn is_somebody(&self, word: &str) -> bool {
        self.speakers.contains_key(word)
    }

    /// The word before "was an old tractor" or "is a kettle", if this is how it goes on to `noun`.
    fn named_before(&self, noun: usize) -> Option<usize> {
        const ADJECTIVES: usize = 3;
        let article = (noun.saturating_sub(ADJECTIVES + 1)..noun)
            .rev()
            .find(|at| matches!(self.text.lower(*at), "a" | "an" | "the"))?;
        let is = matches!(self.text.before(article, 1), "was" | "is");
        article.checked_sub(2).filter(|at| is && self.is_name(*at))
    }

    /// Whether a word may be a thing that lives in a story.
    fn may_live(&self, index: usize) -> bool {
        let lexicon = Lexicon::get();
        let word = self.text.lower(index);
        self.text.shape(index) == Shape::Lower
            && matches!(self.grammar.tag(index), "" | "NOUN")
            && self.is_nounish(index)
            && self.being(word).is_none()
            && !lexicon.is("not speakers", word)
            && !lexicon.is("function", word)
            && !lexicon.is("never alive", word)
            && (!word.ends_with('s') || word.ends_with("ss"))
    }

    fn is_nounish(&self, index: usize) -> bool {
        let lexicon = Lexicon::get();
        let word = self.text.lower(index);
        !self.text.mark(index)
            && !lexicon.is("prepositions", word)
            && !lexicon.is("conjunctions", word)
            && !lexicon.is("pronouns", word)
            && !lexicon.is("determiners", word)
            && !word.ends_with("ly")
            && !lexicon.speech.contains_key(word)
            && word != "'s"
    }

    /// What a noun names, by the lists or because it speaks in this text.
    fn being(&self, noun: &str) -> Option<&Being> {
        Lexicon::get()
            .being(noun)
            .or_else(|| self.speakers.get(noun))
    }

    /// Whether the capital of a word is that of a name.
    fn is_name(&self, index: usize) -> bool {
        let lexicon = Lexicon::get();
        let text = self.text;
        let word = text.lower(index);
        let written = match text.shape(index) {
            Shape::Capital => true,
            // "I AM BOLT," says Bolt.
            Shape::Upper => {
                let counts = self.counts.get(word).copied().unwrap_or_default();
                counts.inside + counts.acting > 0 && counts.lower == 0
            }
            _ => false,
        };
        if !written
            || lexicon.is("not names", word)
            || lexicon.is("interjections", word)
            || word.contains('\'')
            || word.chars().count() < 2
        {
            return false;
        }
        let counts = self.counts.get(word).copied().unwrap_or_default();
        if self.people.is_name(index) && (!lexicon.is("function", word) || counts.inside > 0) {
            return true;
        }
        let given = lexicon.given_names.contains_key(word);
        let next = text.lower(index + 1);
        let kin = lexicon.kin.contains_key(word);
        if !self.initial[index] {
            return given
                || kin
                || (!lexicon.is("function", word)
                    || lexicon.is("title adjectives", word)
                        && text.shape(index + 1) == Shape::Capital)
                    && (counts.lower <= counts.inside * 3 || self.being(word).is_some());
        }
        if lexicon.is("function", word) {
            return (given && counts.inside > 0 && counts.lower == 0)
                || (lexicon.is("title adjectives", word)
                    && text.shape(index + 1) == Shape::Capital
                    && self.is_name(index + 1));
        }
        // "Baby Bear"
        let leads = text.shape(index + 1) == Shape::Capital
            && !self.initial[index + 1]
            && self.is_name(index + 1);
        let acting = lexicon.verbish(next) || next == "'s" || leads;
        if kin {
            return acting || counts.inside > 0 || text.mark(index + 1);
        }
        if let Some(being) = self.being(word) {
            return !being.plural && (counts.inside > 0 || acting);
        }
        if given {
            return !lexicon.common(word) || counts.inside > 0 || (counts.lower == 0 && acting);
        }
        if counts.inside > 0 && counts.lower <= counts.inside {
            return true;
        }
        if lexicon.common(word) || counts.lower > 0 {
            return false;
        }
        let vocative = self.quoted[index].is_some() && matches!(next, "," | "!");
        (counts.initial >= 2 && counts.acting >= 1)
            || (counts.acting > 0 && lexicon.speech.contains_key(next))
            || (vocative && counts.initial >= 2)
            || (text.shape(index + 1) == Shape::Capital && self.is_name(index + 1))
            || (next == "and"
                && text.shape(index + 2) == Shape::Capital
                && self.is_name(index + 2)
                && counts.acting + counts.initial > 0)
    }

    /// All mentions by name or noun, in order of their last word.
    pub fn mentions(&self) -> Vec<Mention> {
        let lexicon = Lexicon::get();
        let text = self.text;
        let mut mentions: Vec<Mention> = Vec::new();
        for paragraph in &text.paragraphs {
            if paragraph.kind != ParagraphKind::Body {
                continue;
            }
            let mut index = paragraph.first;
            while index < paragraph.end {
                let found = self
                    .proper(index, paragraph.end)
                    .or_else(|| self.common(index, paragraph.end));
                match found {
                    Some(mut mention) => {
                        index = mention.last + 1;
                        // "the king's daughter" begins with the king.
                        if mention.determiner.as_deref() == Some("'s")
                            && let Some(owner) = mentions.last()
                            && owner.last + 1 == mention.first
                        {
                            mention.first = owner.first;
                        }
                        // "The ghost of an old lady" is one.
                        let is_what_it_was = mentions.last().is_some_and(|it| {
                            it.last + 2 == mention.first
                                && text.lower(it.last + 1) == "of"
                                && lexicon.is("of whom", text.lower(it.last))
                        });
                        if !is_what_it_was {
                            mentions.push(mention);
                        }
                    }
                    None => index += 1,
                }
            }
        }
        if let Some(links) = &self.links {
            for mention in &mut mentions {
                mention.bond = Some(links.bond(mention));
            }
        }
        mentions
    }

    /// A name that begins at `index`.
    fn proper(&self, index: usize, end: usize) -> Option<Mention> {
        let lexicon = Lexicon::get();
        let text = self.text;
        let mut at = index;
        let mut title = None;
        let mut gender = Gender::Unknown;
        if text.shape(at) == Shape::Capital
            && let Some(title_gender) = lexicon.titles.get(text.lower(at))
        {
            // "Dr. Voss", but not "Yes, Captain. The door".
            let dotted = text.lower(at + 1) == "." && text.glued(at + 1) && is_title(text, at);
            let next = if dotted { at + 2 } else { at + 1 };
            if next < end
                && text.shape(next) == Shape::Capital
                && (self.is_name(next) || (dotted && !lexicon.is("not names", text.lower(next))))
                && (!self.initial[next] || dotted)
            {
                title = Some(text.lower(at).to_owned());
                gender = *title_gender;
                at = next;
            }
        }
        if title.is_none() && !self.is_name(at) {
            return None;
        }
        let mut names = Vec::new();
        let mut last = at;
        let mut next = at;
        while next < end {
            let fits = next == at
                || (text.shape(next) == Shape::Capital
                    && !self.initial[next]
                    && self.is_name(next)
                    && self.quoted[next] == self.quoted[at]);
            if fits {
                names.push(text.lower(next).to_owned());
                last = next;
                next += 1;
            } else if text.lower(next) == "of"
                && text.shape(next + 1) == Shape::Capital
                && next + 1 < end
                && self.is_name(next + 1)
                && self.being(text.lower(last)).is_some()
            {
                names.push("of".to_owned());
                next += 1;
            } else {
                break;
            }
        }
        // "Mr. Finch" is a bird where the story tells of a finch.
        let is_surname = title
            .as_deref()
            .is_some_and(|it| !lexicon.kin.contains_key(it))
            && names.iter().all(|name| {
                let counts = self.counts.get(name.as_str());
                lexicon.is("surnames", name) && counts.is_none_or(|it| it.told == 0)
            });
        let mut being = names
            .iter()
            .filter(|_| !is_surname)
            .rev()
            .take_while(|name| !lexicon.given_names.contains_key(name.as_str()))
            .find_map(|name| self.being(name))
            .or_else(|| title.as_deref().and_then(|title| lexicon.beings.get(title)))
            .cloned();
        if names.iter().any(|name| name == "of") {
            being = names.first().and_then(|name| self.being(name)).cloned();
        }
        let given = names
            .iter()
            .find_map(|name| lexicon.given_names.get(name.as_str()));
        if let Some(given) = given
            && gender == Gender::Unknown
        {
            gender = *given;
        }
        let start = text.words.get(index)?.start;
        let name = text.words.get(index..=last)?;
        let name = name
            .iter()
            .fold((String::new(), start), |(mut joined, end), word| {
                if word.start > end {
                    joined.push(' ');
                }
                joined.push_str(word.text);
                (joined, word.end)
            });
        let (first, determiner, adjectives) = self.determiner_before(index);
        let mut personal: f32 = 0.0;
        personal += if title.is_some() { 3.0 } else { 0.0 };
        personal += if given.is_some() { 2.0 } else { 0.0 };
        personal += if being.is_some() { 1.5 } else { 0.0 };
        let tail = names.last().map_or("", String::as_str);
        if title.is_none() && lexicon.is("gazetteer", tail) {
            personal -= 3.0;
        }
        if names.len() > 1 && lexicon.is("place suffixes", tail) && being.is_none() {
            personal -= 4.0;
        }
        let article = matches!(determiner.as_deref(), Some("the" | "a" | "an"));
        if article && being.is_none() {
            personal -= 2.0;
        }
        let mut mention = Mention {
            first,
            last,
            kind: EntityKind::Proper,
            names,
            name: name.0,
            name_gender: gender,
            title,
            being,
            adjectives,
            determiner,
            quoted: self.quoted[last],
            subject: false,
            acts: false,
            vocative: false,
            personal,
            bond: None,
        };
        self.fill_in_grammar(&mut mention);
        let before = text.before(mention.first, 1);
        if mention.acts {
            mention.personal += 1.0;
        }
        if mention.vocative {
            mention.personal += 1.0;
        }
        if lexicon.speech.contains_key(text.lower(last + 1))
            || (lexicon.speech.contains_key(before)
                && self.quoted[last].is_none()
                && mention
                    .first
                    .checked_sub(2)
                    .is_some_and(|at| self.quoted[at].is_some()))
        {
            mention.personal += 2.5;
        }
        if matches!(
            before,
            "in" | "at" | "from" | "into" | "near" | "through" | "across"
        ) {
            mention.personal -= 1.0;
        }
        if text.lower(last + 1) == "'s" {
            mention.personal += 0.5;
        }
        Some(mention)
    }

    /// Determiner and adjectives that belong to a name: "the White Rabbit", "poor old Tom".
    fn determiner_before(&self, index: usize) -> (usize, Option<String>, Vec<String>) {
        let lexicon = Lexicon::get();
        let mut adjectives = Vec::new();
        let mut first = index;
        for back in 1..=3 {
            let Some(at) = index.checked_sub(back) else {
                break;
            };
            let word = self.text.lower(at);
            if self.quoted[at] != self.quoted[index] {
                break;
            }
            if lexicon.is("determiners", word) {
                return (at, Some(word.to_owned()), adjectives);
            }
            let describes = ["title adjectives", "sizes", "builds"];
            if !describes.iter().any(|set| lexicon.is(set, word)) {
                break;
            }
            adjectives.push(word.to_owned());
            first = at;
        }
        (first, None, adjectives)
    }

    /// A noun phrase with a common noun that begins with the determiner at `index`.
    fn common(&self, index: usize, end: usize) -> Option<Mention> {
        let lexicon = Lexicon::get();
        let text = self.text;
        let word = text.lower(index);
        let determined =
            lexicon.is("determiners", word) || (word == "'s" && text.shape(index) != Shape::Mark);
        let start = if determined {
            index + 1
        } else if self.begins_vocative(index) || self.begins_many(index) {
            index
        } else {
            return None;
        };
        let mut adjectives = Vec::new();
        let mut collected = false;
        let mut at = start;
        let head = loop {
            if at >= end || at > start + 6 || self.quoted[at] != self.quoted[index] {
                return None;
            }
            let word = text.lower(at);
            if text.mark(at) {
                // "the old, grey wolf", but not "the letter, sire".
                let listed = self.grammar.tag(at.wrapping_sub(1));
                if word != ","
                    || adjectives.is_empty()
                    || !self.is_nounish(at + 1)
                    || matches!(listed, "NOUN" | "PROPN" | "VERB")
                {
                    return None;
                }
                at += 1;
                continue;
            }
            if text.shape(at) == Shape::Capital && !self.initial[at] {
                return None;
            }
            // "a flock of white sheep"
            if lexicon.is("collectives", word) && text.lower(at + 1) == "of" {
                collected = true;
                adjectives.clear();
                at += 2;
                continue;
            }
            if self.being(word).is_some() && text.shape(at) != Shape::Upper {
                let next = text.lower(at + 1);
                if self.being(next).is_some()
                    && text.shape(at + 1) == Shape::Lower
                    && !lexicon.verbish(next)
                {
                    adjectives.push(word.to_owned());
                    at += 1;
                    continue;
                }
                if lexicon.is("things after", next) {
                    return None;
                }
                break at;
            }
            let joins = matches!(word, "very" | "most" | "two" | "three" | "other" | "one")
                || (word == "and" && !adjectives.is_empty());
            if !joins
                && (lexicon.is("prepositions", word)
                    || lexicon.is("conjunctions", word)
                    || lexicon.is("pronouns", word)
                    || lexicon.is("determiners", word)
                    || lexicon.is("auxiliaries", word)
                    || lexicon.actions.contains(word)
                    || lexicon.speech.contains_key(word)
                    || word == "'s"
                    || word.contains('\''))
            {
                return None;
            }
            if word != "and" {
                adjectives.push(word.to_owned());
            }
            at += 1;
        };
        let mut being = self.being(text.lower(head))?.clone();
        if collected {
            being.plural |= lexicon.is("invariable", text.lower(head));
            if !being.plural {
                return None;
            }
        }
        let numbered = matches!(
            word,
            "two" | "three" | "four" | "these" | "those" | "both" | "no"
        );
        if numbered && !being.plural {
            return None;
        }
        let mut mention = Mention {
            first: index,
            last: head,
            kind: EntityKind::Common,
            names: Vec::new(),
            name: String::new(),
            name_gender: Gender::Unknown,
            title: None,
            being: Some(being),
            adjectives,
            determiner: determined.then(|| word.to_owned()),
            quoted: self.quoted[head],
            subject: false,
            acts: false,
            vocative: false,
            personal: 1.0,
            bond: None,
        };
        self.fill_in_grammar(&mut mention);
        if !determined && !self.begins_many(index) {
            mention.vocative = true;
        }
        Some(mention)
    }

    /// Whether a number without article begins at `index`: "hundreds of bats".
    fn begins_many(&self, index: usize) -> bool {
        let many = ["hundreds", "thousands", "dozens", "lots", "loads"];
        many.contains(&self.text.lower(index)) && self.text.lower(index + 1) == "of"
    }

    /// Whether someone is called at `index` by a noun without article: "Come, little fox!"
    fn begins_vocative(&self, index: usize) -> bool {
        let lexicon = Lexicon::get();
        let text = self.text;
        if self.quoted[index].is_none() || text.mark(index) || !text.mark(index.wrapping_sub(1)) {
            return false;
        }
        let head = (index..index + 4)
            .find(|at| !lexicon.is("title adjectives", text.lower(*at)) || text.mark(*at));
        head.is_some_and(|head| {
            self.being(text.lower(head))
                .is_some_and(|being| !being.plural)
                && matches!(text.lower(head + 1), "," | "!" | "." | "?" | "…")
                && text.shape(head) == Shape::Lower
        })
    }

    fn fill_in_grammar(&self, mention: &mut Mention) {
        let lexicon = Lexicon::get();
        let text = self.text;
        let before = text.before(mention.first, 1);
        let mut verb = mention.last + 1;
        while verb < mention.last + 4
            && (text.lower(verb).ends_with("ly")
                || matches!(
                    text.lower(verb),
                    "then"
                        | "now"
                        | "also"
                        | "just"
                        | "never"
                        | "only"
                        | "always"
                        | "still"
                        | "who"
                        | "at"
                        | "once"
                        | "once,"
                        | "again"
                        | "soon"
                        | "even"
                        | "first"
                ) && text.lower(verb) != "at")
        {
            verb += 1;
        }
        let word = text.lower(verb);
        let free = !lexicon.is("prepositions", before)
            || matches!(
                before,
                "as" | "before" | "after" | "until" | "till" | "since" | "than"
            );
        mention.subject = free
            && (lexicon.verbish(word) || is_present_verb(word))
            && text.shape(verb) == Shape::Lower
            && !lexicon.actions.contains(before)
            && mention.determiner.as_deref() != Some("no");
        // "A boy in a blue coat saw it."
        let begins = free && !lexicon.verbish(before);
        if !mention.subject && begins && matches!(word, "in" | "with" | "of" | "from") {
            let later = (verb + 1..verb + 9)
                .take_while(|at| !text.mark(*at))
                .find(|at| {
                    lexicon.verbish(text.lower(*at))
                        && !(text.lower(*at).ends_with("ed")
                            && lexicon.is("determiners", text.before(*at, 1)))
                });
            if let Some(later) = later {
                mention.subject = true;
                verb = later;
            }
        }
        let word = text.lower(verb);
        let auxiliary = lexicon.is("auxiliaries", word);
        let after = text.lower(verb + 1);
        mention.acts = mention.subject
            && (!auxiliary
                || after.ends_with("ing")
                || lexicon.actions.contains(after)
                || lexicon.speech.contains_key(after)
                || after.ends_with("ed"));
        let inside_quote = mention.quoted.is_some();
        let called = matches!(
            text.lower(mention.last + 1),
            "," | "!" | "?" | "." | "…" | "—" | "--"
        );
        let alone = text.mark(mention.first.wrapping_sub(1))
            || lexicon.is("interjections", before)
            || matches!(
                before,
                "dear" | "no" | "yes" | "you" | "thanks" | "sorry" | "please"
            );
        let marked = matches!(
            before,
            "," | "\"" | "“" | "‘" | "'" | "—" | "«" | "." | "!" | "?" | "…" | "--"
        ) || !text.mark(mention.first.wrapping_sub(1));
        let bare = matches!(mention.determiner.as_deref(), None | Some("my" | "you"));
        let called = called && (text.lower(mention.last + 1) != "." || before == ",");
        mention.vocative = inside_quote && called && alone && marked && bare && !mention.subject;
    }
}

/// Whether a word is a verb of the present tense: "runs", "watches".
fn is_present_verb(word: &str) -> bool {
    let lexicon = Lexicon::get();
    word.len() > 3
        && word
            .strip_suffix('s')
            .is_some_and(|stem| lexicon.actions.contains(stem) || lexicon.speech.contains_key(stem))
}

/// Whether a word stands for somebody whom another one tells: "the other", "the youngest".
pub(super) fn stands_for_a_noun(word: &str) -> bool {
    is_ordinal(word) || word.len() > "guest".len() && word.ends_with("est")
}

/// Whether a word can stand for one of several: "the second", "the other".
fn is_ordinal(word: &str) -> bool {
    matches!(
        word,
        "other" | "first" | "second" | "third" | "last" | "one"
    )
}

fn is_title(text: &Text, index: usize) -> bool {
    Lexicon::get().is("abbreviations", text.lower(index))
}
