//! Which figures become characters, and what a character is called.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use fabula_story::{Character, EntityKind};

use super::figures::{Figure, Figures};
use super::lexicon::Lexicon;
use super::looks::Traits;
use super::mentions::{Ground, Mention};
use super::voices::Voices;

/// The characters, and where they are.
#[derive(Debug)]
pub(super) struct Cast {
    /// Most important first.
    pub characters: Vec<Character>,
    ids: BTreeMap<usize, String>,
    /// Word and figure of each sign that someone is there, by word.
    seen: Vec<(usize, usize)>,
}

impl Cast {
    /// The id of a figure that has become a character.
    pub fn id(&self, figure: usize) -> Option<String> {
        self.ids.get(&figure).cloned()
    }

    /// Ids of those who are there within a range of words, most important first.
    pub fn present(&self, words: Range<usize>) -> Vec<String> {
        let first = self.seen.partition_point(|(word, _)| *word < words.start);
        let there: BTreeSet<usize> = self
            .seen
            .iter()
            .skip(first)
            .take_while(|(word, _)| *word < words.end)
            .map(|(_, figure)| *figure)
            .collect();
        self.characters
            .iter()
            .filter(|character| {
                there
                    .iter()
                    .any(|figure| self.ids.get(figure) == Some(&character.id))
            })
            .map(|character| character.id.clone())
            .collect()
    }
}

/// All places where a figure is named or meant: words, kind, whether inside a quotation.
#[derive(Debug, Default)]
struct Traces<'m> {
    named: Vec<&'m Mention>,
    meant: Vec<usize>,
}

/// Chooses who gets a part.
pub(super) fn choose(
    ground: &Ground,
    mentions: &[Mention],
    figures: &Figures,
    voices: &Voices,
    mut traits: Traits,
) -> Cast {
    let mut traces: BTreeMap<usize, Traces> = BTreeMap::new();
    for (index, mention) in mentions.iter().enumerate() {
        traces
            .entry(figures.of_mention(index))
            .or_default()
            .named
            .push(mention);
    }
    for pronoun in &voices.pronouns {
        traces
            .entry(figures.find(pronoun.figure))
            .or_default()
            .meant
            .push(pronoun.word);
    }
    let length = ground.text.words.len();
    let mut chosen: Vec<(f32, usize)> = traces
        .iter()
        .filter(|(figure, traces)| has_part(figures.get(**figure), traces, length))
        .map(|(figure, traces)| {
            let it = figures.get(*figure);
            let weight = traces.named.len() as f32
                + 0.5 * traces.meant.len() as f32
                + 3.0 * it.quotes as f32;
            (weight, *figure)
        })
        .collect();
    chosen.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut ids = BTreeMap::new();
    let mut characters = Vec::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for (_, figure) in chosen {
        let id = format!("c{}", characters.len() + 1);
        let Some(traces) = traces.get(&figure) else {
            continue;
        };
        let character = describe(
            ground,
            figures.get(figure),
            traces,
            id.clone(),
            traits.remove(&figure).unwrap_or_default(),
            &mut taken,
        );
        ids.insert(figure, id);
        characters.push(character);
    }
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for (index, mention) in mentions.iter().enumerate() {
        if mention.quoted.is_none() {
            seen.push((mention.last, figures.of_mention(index)));
        }
    }
    for pronoun in &voices.pronouns {
        if ground.quoted.get(pronoun.word).copied().flatten().is_none() {
            seen.push((pronoun.word, figures.find(pronoun.figure)));
        }
    }
    for (quotation, voice) in ground.quotations.iter().zip(&voices.voices) {
        seen.extend(voice.speaker.map(|figure| (quotation.first, figure)));
    }
    seen.sort_unstable();
    Cast {
        characters,
        ids,
        seen,
    }
}

/// Whether a figure speaks, acts or is named often enough to be shown.
fn has_part(figure: &Figure, traces: &Traces, length: usize) -> bool {
    if figure.quotes > 0 {
        return true;
    }
    if figure.plural {
        return false;
    }
    if figure.is_narrator {
        return true;
    }
    let named = traces.named.len();
    let mean = figure.personal / named.max(1) as f32;
    // In a long book whoever passes by once gets no part.
    let floor = 1 + length / 4_000;
    if figure.names.is_empty() || figure.being.is_some() {
        let told = traces
            .named
            .iter()
            .filter(|mention| mention.quoted.is_none())
            .count();
        return told > 0 && mean > 0.0 && figure.acts > 0 && named + traces.meant.len() >= floor;
    }
    mean > 0.4
        && figure.personal >= 1.5
        && traces.named.iter().any(|mention| mention.quoted.is_none())
        && (figure.acts > 0 || named >= 3)
        && named >= floor
}

fn describe(
    ground: &Ground,
    figure: &Figure,
    traces: &Traces,
    id: String,
    traits: BTreeMap<String, String>,
    taken: &mut BTreeSet<String>,
) -> Character {
    let text = ground.text;
    let mut names: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut nouns: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for mention in &traces.named {
        if mention.names.is_empty() {
            if mention.being.is_none() {
                continue;
            }
            let mut noun = String::new();
            for adjective in mention.adjectives.iter().rev().take(1) {
                if Lexicon::get().is("distinguishing", adjective)
                    || Lexicon::get().being(adjective).is_some()
                {
                    noun = format!("{adjective} ");
                }
            }
            noun.push_str(text.lower(mention.last));
            let entry = nouns.entry(noun).or_insert((0, mention.first));
            entry.0 += 1;
        } else {
            let entry = names
                .entry(mention.name.as_str())
                .or_insert((0, mention.first));
            entry.0 += 1;
        }
    }
    let ranked = |counts: Vec<(String, (usize, usize))>| {
        let mut counts = counts;
        counts.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.1.1.cmp(&b.1.1)));
        counts
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<String>>()
    };
    let names = ranked(
        names
            .into_iter()
            .map(|(name, it)| (name.to_owned(), it))
            .collect(),
    );
    let nouns = ranked(nouns.into_iter().collect());
    let noun_name = nouns.first().map(|most| {
        let head = most.rsplit(' ').next().unwrap_or(most);
        // An old woman is better known so than as a woman; a grey wolf is the wolf.
        let general = matches!(head, "man" | "woman" | "lady" | "fellow");
        let longer = nouns.iter().find(|noun| noun.contains(' '));
        title_case(longer.filter(|_| general).map_or(head, String::as_str))
    });
    let mut name = names.first().cloned().or(noun_name).unwrap_or_else(|| {
        if figure.is_narrator {
            "Narrator"
        } else {
            "Someone"
        }
        .to_owned()
    });
    if taken.contains(&name) {
        let marked = nouns.iter().find(|noun| !taken.contains(&title_case(noun)));
        name = match marked {
            Some(noun) => title_case(noun),
            None => (2..=taken.len() + 2)
                .map(|number| format!("{name} {number}"))
                .find(|numbered| !taken.contains(numbered))
                .unwrap_or(name),
        };
    }
    taken.insert(name.clone());
    let aliases: Vec<String> = names
        .iter()
        .filter(|other| **other != name)
        .cloned()
        .chain(nouns.iter().map(|noun| {
            let kin = Lexicon::get()
                .kin
                .contains_key(noun.rsplit(' ').next().unwrap_or(noun));
            if kin {
                title_case(noun)
            } else {
                format!("the {noun}")
            }
        }))
        .filter(|alias| *alias != name)
        .take(6)
        .collect();
    let mut spans: Vec<fabula_story::Mention> = traces
        .named
        .iter()
        .map(|mention| (mention.first, mention.last, mention.kind))
        .chain(
            traces
                .meant
                .iter()
                .map(|word| (*word, *word, EntityKind::Pronoun)),
        )
        .filter_map(|(first, last, kind)| {
            Some(fabula_story::Mention {
                start: text.words.get(first)?.start,
                end: text.words.get(last)?.end,
                kind,
            })
        })
        .collect();
    spans.sort_by_key(|span| (span.start, span.end));
    Character {
        id,
        name,
        aliases,
        being: figure.being.clone().unwrap_or_else(|| "human".to_owned()),
        gender: figure.gender,
        age: figure.age,
        traits,
        mentions: spans,
    }
}

fn title_case(words: &str) -> String {
    words
        .split(' ')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().collect::<String>() + letters.as_str()
            })
        })
        .collect::<Vec<_>>()
        .join(" ")
}
