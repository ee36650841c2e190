//! Mentions of people, places and vehicles, nested ones included, against `LitBank`.

use std::collections::{BTreeMap, BTreeSet};

use fabula_devices::StoryReader;
use fabula_networks::story::Analysis;

use super::EvaluateError;
use super::litbank::Work;
use super::report::{Report, Table, Value};
use super::sentences::RunningText;
use super::tally::Tally;

/// The types of mentions.
pub const TYPES: [&str; 6] = ["PER", "FAC", "GPE", "LOC", "VEH", "ORG"];
/// Names, common nouns and pronouns.
pub const FORMS: [&str; 3] = ["PROP", "NOM", "PRON"];
const PRONOUN: &str = "PRON";

/// A stretch of bytes that names something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// One of [`TYPES`].
    pub kind: String,
    /// One of [`FORMS`].
    pub form: String,
}

/// Measures works, read as running text whose sentences are known.
///
/// # Errors
/// If the network has other classes than are measured.
pub fn measure(network: &dyn StoryReader, works: &[Work]) -> Result<Report, EvaluateError> {
    let classes = classes(&network.labels().mentions)?;
    let mut scores = Scores::default();
    for work in works {
        let analysis = network.analyze(&RunningText::of_work(work).passage(true));
        scores.add(&found(&analysis, &classes), &work.mentions);
    }
    Ok(scores.report(works.len()))
}

/// Type and form of each of the network's classes; none for the first, which is no mention.
fn classes(names: &[String]) -> Result<Vec<Option<(String, String)>>, EvaluateError> {
    let parts = |name: &String| {
        let (kind, form) = name.split_once('_')?;
        (TYPES.contains(&kind) && FORMS.contains(&form)).then(|| (kind.to_owned(), form.to_owned()))
    };
    let classes: Vec<_> = names.iter().map(parts).collect();
    if classes.iter().skip(1).any(Option::is_none) {
        return Err(EvaluateError::Classes {
            what: "mentions",
            found: names.join(", "),
            wanted: format!("pairs of {} and {}", TYPES.join(", "), FORMS.join(", ")),
        });
    }
    Ok(classes)
}

fn found(analysis: &Analysis, classes: &[Option<(String, String)>]) -> BTreeSet<Mention> {
    let mention = |mention: &fabula_networks::story::Mention| {
        let tokens = analysis.tokens.get(mention.tokens.clone())?;
        let (kind, form) = classes.get(mention.class)?.clone()?;
        Some(Mention {
            start: tokens.first()?.range.start,
            end: tokens.last()?.range.end,
            kind,
            form,
        })
    };
    analysis.mentions.iter().filter_map(mention).collect()
}

#[derive(Default)]
struct Scores {
    /// By place and type, pronouns apart.
    typed: Tally,
    /// By place, type and form, pronouns apart.
    formed: Tally,
    /// By place and type, pronouns included.
    all: Tally,
    types: BTreeMap<&'static str, Tally>,
    forms: BTreeMap<&'static str, Tally>,
}

impl Scores {
    fn add(&mut self, found: &BTreeSet<Mention>, gold: &BTreeSet<Mention>) {
        let places = |mentions: &BTreeSet<Mention>, keep: &dyn Fn(&Mention) -> bool| {
            let kept = mentions.iter().filter(|mention| keep(mention));
            kept.map(|m| (m.start, m.end, m.kind.clone()))
                .collect::<BTreeSet<_>>()
        };
        let of =
            |keep: &dyn Fn(&Mention) -> bool| Tally::of(&places(found, keep), &places(gold, keep));
        let is_noun = |mention: &Mention| mention.form != PRONOUN;
        self.typed += of(&is_noun);
        self.all += of(&|_| true);
        let nouns = |mentions: &BTreeSet<Mention>| -> BTreeSet<Mention> {
            mentions
                .iter()
                .filter(|mention| is_noun(mention))
                .cloned()
                .collect()
        };
        self.formed += Tally::of(&nouns(found), &nouns(gold));
        for kind in TYPES {
            *self.types.entry(kind).or_default() +=
                of(&|mention| is_noun(mention) && mention.kind == kind);
        }
        for form in FORMS {
            *self.forms.entry(form).or_default() += of(&|mention| mention.form == form);
        }
    }

    fn report(&self, works: usize) -> Report {
        let figure = |tally: &Tally| Value::Share(tally.f1());
        let typed = TYPES.map(|kind| (kind, self.types.get(kind).copied().unwrap_or_default()));
        let formed = FORMS.map(|form| (form, self.forms.get(form).copied().unwrap_or_default()));
        Report {
            title: "Mentions in LitBank, by place and type".to_owned(),
            figures: vec![
                ("F1, names and common nouns", figure(&self.typed)),
                ("F1, the form right too", figure(&self.formed)),
                ("F1, pronouns included", figure(&self.all)),
                ("works", Value::Count(works)),
            ],
            tables: vec![
                Table::of_tallies(
                    "all types",
                    "measure",
                    [
                        ("names and common nouns", self.typed),
                        ("the form right too", self.formed),
                        ("pronouns included", self.all),
                    ],
                ),
                Table::of_tallies("types, names and common nouns", "type", typed),
                Table::of_tallies("forms, the form right too", "form", formed),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use fabula_networks::story;

    use super::*;

    fn mention(start: usize, end: usize, kind: &str, form: &str) -> Mention {
        Mention {
            start,
            end,
            kind: kind.into(),
            form: form.into(),
        }
    }

    #[test]
    fn pronouns_count_only_where_they_are_asked_for_and_forms_likewise() {
        let gold = BTreeSet::from([
            mention(0, 11, "PER", "NOM"),
            mention(4, 8, "GPE", "PROP"),
            mention(20, 22, "PER", "PRON"),
        ]);
        let found = BTreeSet::from([
            mention(0, 11, "PER", "PROP"),
            mention(4, 8, "LOC", "PROP"),
            mention(20, 22, "PER", "PRON"),
        ]);
        let mut scores = Scores::default();
        scores.add(&found, &gold);
        assert_eq!(
            scores.typed,
            Tally {
                right: 1,
                found: 2,
                gold: 2
            }
        );
        assert_eq!(
            scores.formed,
            Tally {
                right: 0,
                found: 2,
                gold: 2
            }
        );
        assert_eq!(
            scores.all,
            Tally {
                right: 2,
                found: 3,
                gold: 3
            }
        );
        assert_eq!(
            scores.types["PER"],
            Tally {
                right: 1,
                found: 1,
                gold: 1
            }
        );
        assert_eq!(
            scores.types["GPE"],
            Tally {
                right: 0,
                found: 0,
                gold: 1
            }
        );
        assert_eq!(
            scores.types["LOC"],
            Tally {
                right: 0,
                found: 1,
                gold: 0
            }
        );
        assert_eq!(
            scores.forms["PRON"],
            Tally {
                right: 1,
                found: 1,
                gold: 1
            }
        );
    }

    #[test]
    fn nested_mentions_are_scored_each() {
        let gold = BTreeSet::from([mention(0, 11, "PER", "NOM"), mention(0, 4, "PER", "NOM")]);
        let mut scores = Scores::default();
        scores.add(&BTreeSet::from([mention(0, 4, "PER", "NOM")]), &gold);
        assert_eq!(
            scores.typed,
            Tally {
                right: 1,
                found: 1,
                gold: 2
            }
        );
    }

    #[test]
    fn mentions_of_the_network_become_stretches_of_bytes() -> Result<(), EvaluateError> {
        let token = |range| story::Token {
            range,
            tag: 0,
            lemma: String::new(),
            parent: None,
            relation: 0,
        };
        let analysis = Analysis {
            tokens: vec![token(0..3), token(4..7), token(8..13)],
            mentions: vec![story::Mention {
                tokens: 0..2,
                class: 1,
                score: 0.9,
                chain: 0,
            }],
            ..Analysis::default()
        };
        let classes = classes(&["none".into(), "PER_NOM".into()])?;
        assert_eq!(
            found(&analysis, &classes),
            BTreeSet::from([mention(0, 7, "PER", "NOM")])
        );
        Ok(())
    }

    #[test]
    fn a_network_with_other_classes_is_refused() {
        let error = classes(&["none".into(), "B-PER".into()])
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("the network knows the mentions none, B-PER, not pairs of PER"));
    }
}
