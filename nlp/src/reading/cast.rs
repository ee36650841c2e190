//! Which figures become characters, and what a character is called.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use fabula_story::{Character, EntityKind, Gender};

use super::figures::{Figure, Figures, is_general, is_vague};
use super::lexicon::Lexicon;
use super::likeness::{Likeness, TALE};
use super::looks::Traits;
use super::mentions::{Ground, Mention, stands_for_a_noun};
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
    likeness: &Likeness,
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
    let mut chosen: Vec<(f32, usize)> = traces
        .iter()
        .filter(|(figure, traces)| {
            let like = likeness.get(*figure).copied();
            let figure = figures.get(**figure);
            let clues = clues(ground, figure, traces, like);
            // The clues as `models/training/cast.py` reads them.
            tracing::trace!(
                one = %ground.written(traces.named.iter().copied()),
                narrator = figure.is_narrator,
                clues = ?clues,
                "a figure"
            );
            has_part(ground, figure, traces, &clues)
        })
        .map(|(figure, traces)| {
            let it = figures.get(*figure);
            let weight = traces.named.len() as f32
                + 0.5 * traces.meant.len() as f32
                + 3.0 * it.quotes as f32;
            (weight, *figure)
        })
        .collect();
    let sums: Vec<usize> = chosen
        .iter()
        .map(|(_, figure)| *figure)
        .filter(|figure| {
            let number = traits.get(figure).and_then(|it| it.get("number"));
            let number = number.and_then(|it| it.parse().ok());
            is_sum(figures, *figure, number, &chosen)
        })
        .collect();
    chosen.retain(|(_, figure)| !sums.contains(figure));
    if chosen.is_empty() {
        chosen.extend(only_actor(&traces).map(|figure| (1.0, figure)));
    }
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

/// Whether a group is nobody but as many others of its kind: the three bears, if there are three.
fn is_sum(figures: &Figures, group: usize, number: Option<usize>, chosen: &[(f32, usize)]) -> bool {
    let group = figures.get(group);
    let is_one = |(_, figure): &&(f32, usize)| {
        let it = figures.get(*figure);
        !it.plural && it.being.is_some() && it.being == group.being
    };
    let is_told_apart = group.being.as_deref() != Some("human");
    group.plural
        && group.quotes == 0
        && is_told_apart
        && number.is_some_and(|number| number == chosen.iter().filter(is_one).count())
}

/// Whom a story is about in which nobody stands out: who does something, and is mentioned most.
fn only_actor(traces: &BTreeMap<usize, Traces>) -> Option<usize> {
    let acts = |it: &Mention| it.quoted.is_none() && it.subject && it.being.is_some();
    traces
        .iter()
        .filter(|(_, traces)| traces.named.iter().any(|it| acts(it)))
        .max_by_key(|(figure, traces)| {
            let mentioned = traces.named.len() + traces.meant.len();
            (mentioned, std::cmp::Reverse(**figure))
        })
        .map(|(figure, _)| *figure)
}

/// How many clues there are for who gets a part.
const CLUES: usize = 27;

/// Weights of the clues by `models/training/cast.py`, with a network's people and without.
const WEIGHTS: [[f32; CLUES]; 2] = [
    [
        -3.741, 2.442, 0.547, 0.370, 0.250, 1.589, -0.340, -0.055, 1.073, -0.024, 0.290, -0.328,
        -0.940, 0.867, 0.330, 0.325, -0.851, -0.367, 0.622, 0.153, 0.015, 0.272, -0.686, 0.290,
        -0.250, 0.830, -1.765,
    ],
    [
        -3.084, 2.285, 0.505, 0.353, 0.177, 1.758, -0.520, 0.164, 1.016, -0.420, 0.139, -0.094,
        -0.772, 0.762, 0.353, 0.000, 0.000, -0.266, 0.339, -0.163, -0.078, 0.082, -0.626, 0.049,
        -0.198, 0.734, -1.749,
    ],
];

/// Texts with fewer words are shorter than any of those that the weights were fitted to.
const SHORT: usize = 150;

/// A tale of middling length.
const MIDDLING: usize = 500;

/// By how much less sure one may be of a figure that speaks: without a part its lines are nobody's.
const SPEAKS: f32 = 0.25;

/// Whether a figure speaks, acts or is named often enough to be shown.
fn has_part(ground: &Ground, figure: &Figure, traces: &Traces, clues: &[f32; CLUES]) -> bool {
    let words = ground.text.words.len();
    let told = traces.named.iter().any(|it| it.quoted.is_none());
    if figure.is_narrator || figure.quotes > 1 || figure.quotes > 0 && told {
        return true;
    }
    // In a long book whoever passes by once gets no part.
    let floor = 1 + words / 4_000;
    if words < SHORT {
        return figure.quotes > 0 || told && acts_for_sure(figure, traces);
    }
    if figure.quotes == 0 && (!told || traces.named.len() + traces.meant.len() < floor) {
        return false;
    }
    let weights = &WEIGHTS[usize::from(!ground.people.is_known())];
    let score: f32 = clues
        .iter()
        .zip(weights)
        .map(|(it, weight)| it * weight)
        .sum();
    score > if figure.quotes > 0 { -SPEAKS } else { 0.0 }
}

/// Whether a figure is surely somebody and does something, by rule.
fn acts_for_sure(figure: &Figure, traces: &Traces) -> bool {
    let named = traces.named.len();
    let mean = figure.personal / named.max(1) as f32;
    if figure.plural {
        false
    } else if figure.names.is_empty() || figure.being.is_some() {
        mean > 0.0 && figure.acts > 0
    } else {
        mean > 0.4 && figure.personal >= 1.5 && (figure.acts > 0 || named >= 3)
    }
}

/// How long a text of so many words is: whoever passes by has a part in a short tale, and not in a
/// long one. In a book, longer than any tale, mentions tell who matters.
fn length(words: usize) -> f32 {
    let words = if words > TALE { MIDDLING } else { words };
    (words as f32 / SHORT as f32).ln().max(0.0)
}

/// What speaks for and against a part.
fn clues(ground: &Ground, figure: &Figure, traces: &Traces, like: Option<f32>) -> [f32; CLUES] {
    let flag = |is: bool| f32::from(u8::from(is));
    let many = |count: usize| (1.0 + count as f32).ln();
    let named = traces.named.len();
    let share = |fits: &dyn Fn(&Mention) -> bool| {
        traces.named.iter().filter(|it| fits(it)).count() as f32 / named.max(1) as f32
    };
    let told = traces.named.iter().filter(|it| it.quoted.is_none()).count();
    let seen = |it: &Mention| ground.people.at(it.last);
    let first = traces.named.iter().find(|it| it.quoted.is_none());
    let being = figure.being.as_deref();
    let mean = figure.personal / named.max(1) as f32;
    let indefinite = |it: &Mention| {
        matches!(
            it.determiner.as_deref(),
            None | Some("a" | "an" | "some" | "any" | "no" | "every" | "each")
        ) && it.names.is_empty()
    };
    [
        1.0,
        many(told),
        many(named - told),
        many(traces.meant.len()),
        many(figure.acts),
        many(figure.quotes),
        flag(figure.quotes > 0),
        flag(figure.acts > 0),
        flag(figure.plural),
        flag(!figure.names.is_empty()),
        flag(figure.kin.is_some()),
        flag(being == Some("human")),
        flag(being == Some("creature")),
        flag(being.is_some()),
        mean.clamp(-2.0, 3.0),
        share(&|it| seen(it).is_some_and(|it| it.somebody)),
        share(&|it| seen(it).is_some_and(|it| !it.somebody)),
        share(&indefinite),
        share(&|it| it.subject),
        flag(figure.names.is_empty() && figure.heads.iter().any(|it| is_general(it))),
        flag(
            first.is_some_and(|it| {
                matches!(it.determiner.as_deref(), Some("the" | "this" | "that"))
            }),
        ),
        flag(first.is_some_and(|it| matches!(it.determiner.as_deref(), Some("a" | "an")))),
        flag(first.is_some_and(|it| {
            Lexicon::get().is("possessives", it.determiner.as_deref().unwrap_or(""))
        })),
        flag(like.is_some()),
        like.unwrap_or(-4.0).max(-4.0),
        share(&|it| it.vocative),
        length(ground.text.words.len()),
    ]
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
            // What is told of somebody weighs more than what is said: the monster was a dog.
            entry.0 += 1 + usize::from(mention.quoted.is_none());
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
        being: being_of(figure),
        gender: match figure.gender {
            // "They"
            Gender::Unknown if figure.plural => Gender::Neutral,
            gender => gender,
        },
        age: figure.age,
        traits,
        mentions: spans,
    }
}

/// What somebody is: what is neither human nor of a known species is what it is called, such as
/// `kettle`.
fn being_of(figure: &Figure) -> String {
    let known = figure.being.as_deref().unwrap_or("human");
    let is_called = |head: &&String| !is_general(head) && !stands_for_a_noun(head);
    let called = figure.heads.iter().filter(is_called);
    // A creature that turns out to be an alien is one.
    match called.min_by_key(|head| is_vague(head)) {
        Some(noun) if known == "creature" => noun.clone(),
        _ => known.to_owned(),
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

#[cfg(test)]
mod tests {
    use crate::document;
    use crate::reading::Reader;

    #[test]
    fn who_passes_by_once_gets_no_part() {
        let text = "A postman on a bicycle passed the gate. Ludmila waved. Ludmila was waiting for a \
                    letter, and she was sure that it would come. \"Good morning,\" said Ludmila to the \
                    cat. The cat yawned.";
        let document = document::read_bytes(text.as_bytes(), "story.txt").unwrap();
        let story = Reader::rules().read(&document).unwrap();
        let names: Vec<&str> = story.characters.iter().map(|it| it.name.as_str()).collect();
        assert!(
            names.contains(&"Ludmila") && !names.contains(&"Postman"),
            "{names:?}"
        );
    }
}
