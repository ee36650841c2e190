//! Mentions of people, places and vehicles as entities.

use fabula_story::{Entity, EntityKind, EntityLabel, PLACES};

use super::figures::Figures;
use super::lexicon::Lexicon;
use super::mentions::{Ground, Mention};
use super::text::{ParagraphKind, Shape};
use super::voices::Pronoun;

/// All entities, in order of their start.
pub(super) fn entities(
    ground: &Ground,
    mentions: &[Mention],
    figures: &Figures,
    pronouns: &[Pronoun],
) -> Vec<Entity> {
    let text = ground.text;
    let lexicon = Lexicon::get();
    let mut found = Vec::new();
    let mut covered = vec![false; text.words.len()];
    let mut add = |first: usize, last: usize, label, kind| {
        if let (Some(one), Some(other)) = (text.words.get(first), text.words.get(last)) {
            found.push(Entity {
                start: one.start,
                end: other.end,
                label,
                kind,
            });
        }
    };
    for (index, mention) in mentions.iter().enumerate() {
        let figure = figures.get(figures.of_mention(index));
        let tail = mention.names.last().map_or("", String::as_str);
        let label = if figure.personal > 0.0 {
            Some(EntityLabel::Per)
        } else if lexicon.is("gazetteer", tail) {
            Some(EntityLabel::Gpe)
        } else if lexicon.is("place suffixes", tail) {
            Some(place_label(tail))
        } else {
            None
        };
        for slot in covered
            .iter_mut()
            .take(mention.last + 1)
            .skip(mention.first)
        {
            *slot = true;
        }
        if let Some(label) = label {
            add(mention.first, mention.last, label, mention.kind);
        }
    }
    for pronoun in pronouns {
        add(
            pronoun.word,
            pronoun.word,
            EntityLabel::Per,
            EntityKind::Pronoun,
        );
    }
    for paragraph in text
        .paragraphs
        .iter()
        .filter(|it| it.kind == ParagraphKind::Body)
    {
        let range = covered
            .iter()
            .enumerate()
            .take(paragraph.end)
            .skip(paragraph.first);
        for (index, covered) in range {
            let word = text.lower(index);
            if *covered || text.shape(index) != Shape::Lower {
                continue;
            }
            let label = if lexicon.is("vehicles", word) {
                EntityLabel::Veh
            } else if lexicon
                .places
                .word(word)
                .iter()
                .any(|(_, weight)| *weight >= 2.9)
            {
                place_label(word)
            } else {
                continue;
            };
            // From the determiner on: "the dark forest".
            let first = (1..=4)
                .filter_map(|back| index.checked_sub(back))
                .take_while(|at| *at >= paragraph.first && !text.mark(*at))
                .take_while(|at| !lexicon.is("prepositions", text.lower(*at)))
                .find(|at| lexicon.is("determiners", text.lower(*at)));
            if let Some(first) = first {
                add(first, index, label, EntityKind::Common);
            }
        }
    }
    found.sort_by_key(|entity| (entity.start, std::cmp::Reverse(entity.end)));
    // "they" means two, but is one entity.
    found.dedup_by_key(|entity| (entity.start, entity.end));
    found
}

/// The type of a place by its word: buildings and roads, towns, or nature.
fn place_label(word: &str) -> EntityLabel {
    let place = Lexicon::get()
        .places
        .word(word)
        .first()
        .and_then(|(place, _)| PLACES.get(*place));
    match place.copied() {
        Some("village" | "city") => EntityLabel::Gpe,
        Some("indoor" | "castle" | "road" | "garden") => EntityLabel::Fac,
        _ => EntityLabel::Loc,
    }
}
