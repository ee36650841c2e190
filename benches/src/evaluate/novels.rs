//! Who is who and who speaks in the beginnings of `LitBank`'s works, read by the product as they
//! were printed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use fabula_nlp::document::{self, Document};
use fabula_nlp::reading::Reader;
use fabula_story::Story;

use super::EvaluateError;
use super::clusters::{Clusters, Coreference, Ratio, b_cubed};
use super::files::{self, Source};
use super::litbank;
use super::report::{Report, Table, Value};

const FOLDER: &str = "the folder of LitBank, with coref/ and quotations/";
const ANNOTATION: &str = "an annotation of LitBank, its columns apart by tabs";
const ORIGINAL: &str = "a folder with the works as they were printed, NAME.txt";
/// How far the next word of a work may be from the last one, in bytes of its document.
const GAP: usize = 400;
/// The type of mentions that can be characters.
const PERSON: &str = "PER";

/// A mention or a quotation, in bytes of the document.
pub(super) type Stretch = (usize, usize);

/// The beginning of a work as a document, and what people marked in it.
pub struct Novel {
    name: String,
    document: Document,
    /// Mentions of people, by whom they mean.
    people: BTreeMap<String, BTreeSet<Stretch>>,
    /// Quotations, by who speaks.
    speakers: BTreeMap<String, BTreeSet<Stretch>>,
}

/// Reads the works that the file `ids` of `folder` names, or all there are; `originals` holds them
/// as they were printed.
///
/// # Errors
/// Names the file and line that is not as it should be.
pub fn read(
    folder: &Path,
    originals: &Path,
    ids: Option<&Path>,
) -> Result<Vec<Novel>, EvaluateError> {
    let names = litbank::names(folder, ids)?;
    let novels = names
        .into_iter()
        .map(|name| {
            let path = |part: &str, end: &str| folder.join(part).join(format!("{name}.{end}"));
            let words = files::read(&path("coref", "txt"), FOLDER)?;
            let original = originals.join(format!("{name}.txt"));
            let print = files::read(&original, ORIGINAL)?;
            let (document, places) = beginning(&original, &print, &words)?;
            let (mentions, quotations) = (path("coref", "ann"), path("quotations", "ann"));
            let people = grouped(&mentions, "MENTION", "COREF", &places, |columns| {
                columns.get(7) == Some(&PERSON)
            })?;
            let speakers = grouped(&quotations, "QUOTE", "ATTRIB", &places, |_| true)?;
            Ok(Novel {
                name,
                document,
                people,
                speakers,
            })
        })
        .collect::<Result<Vec<_>, EvaluateError>>()?;
    let source = Source {
        path: folder,
        expected: FOLDER,
    };
    source.some(novels)
}

/// Where each word of each sentence stands in a text; none if it was not found.
pub(super) type Places = Vec<Vec<Option<Range<usize>>>>;

/// The document of a work's beginning, as far as its `words` go, and the places of these.
fn beginning(path: &Path, print: &str, words: &str) -> Result<(Document, Places), EvaluateError> {
    let as_printed = places(print, words);
    let end = as_printed
        .iter()
        .flatten()
        .flatten()
        .next_back()
        .map_or(0, |range| range.end);
    let wrong = |problem: String| EvaluateError::Tale {
        path: path.to_owned(),
        problem,
    };
    let name = files::name(path);
    let document = document::read_bytes(print.get(..end).unwrap_or_default().as_bytes(), &name)
        .map_err(|error| wrong(error.to_string()))?;
    let places = places(&document.text, words);
    let all = places.iter().flatten().count();
    let found = places.iter().flatten().flatten().count();
    // Page furniture and the like may be gone; more than that is another text.
    if found * 5 < all * 4 {
        return Err(wrong(format!(
            "only {found} of the {all} words of LitBank are found in it"
        )));
    }
    Ok((document, places))
}

/// Words stand one behind the other; where the text leaves some out, it goes on with the next two
/// that follow each other.
fn places(text: &str, words: &str) -> Places {
    let goes_on = |at: usize, word: &str| -> Option<Range<usize>> {
        let rest = text.get(at..)?;
        let start = at + rest.len() - rest.trim_start().len();
        text.get(start..)?
            .starts_with(word)
            .then(|| start..start + word.len())
    };
    let all: Vec<&str> = words.split_whitespace().collect();
    let mut at = 0;
    let mut number = 0;
    words
        .lines()
        .map(|line| {
            line.split_whitespace()
                .map(|word| {
                    let next = all.get(number + 1).copied().unwrap_or_default();
                    number += 1;
                    let ahead = || {
                        (at + 1..text.len().min(at + GAP))
                            .filter_map(|from| goes_on(from, word))
                            .find(|found| goes_on(found.end, next).is_some())
                    };
                    let found = goes_on(at, word).or_else(ahead)?;
                    at = found.end;
                    Some(found)
                })
                .collect()
        })
        .collect()
}

/// Stretches of `mark` rows by the name that `link` rows give them, or by their own.
pub(super) fn grouped(
    path: &Path,
    mark: &str,
    link: &str,
    places: &Places,
    keep: impl Fn(&[&str]) -> bool,
) -> Result<BTreeMap<String, BTreeSet<Stretch>>, EvaluateError> {
    let source = Source {
        path,
        expected: ANNOTATION,
    };
    let text = files::read(path, ANNOTATION)?;
    let mut stretches: BTreeMap<&str, Stretch> = BTreeMap::new();
    for (line, row) in files::lines(&text) {
        let columns: Vec<&str> = row.split('\t').collect();
        if columns[0] != mark || !keep(&columns) {
            continue;
        }
        let [_, id, a, b, c, d, ..] = columns.as_slice() else {
            return Err(source.wrong(line, format!("columns: {} instead of 7", columns.len())));
        };
        let number = |text| source.number(line, text);
        let word = |sentence: usize, word: usize| -> Result<_, EvaluateError> {
            let places = places.get(sentence).and_then(|words| words.get(word));
            places.ok_or_else(|| {
                source.wrong(
                    line,
                    format!("there is no word {word} in sentence {sentence}"),
                )
            })
        };
        let first = word(number(a)?, number(b)?)?;
        let last = word(number(c)?, number(d)?)?;
        if let (Some(first), Some(last)) = (first, last) {
            stretches.insert(id, (first.start, last.end));
        }
    }
    let mut groups: BTreeMap<String, BTreeSet<Stretch>> = BTreeMap::new();
    for (_, row) in files::lines(&text) {
        if let [kind, id, name, ..] = row.split('\t').collect::<Vec<_>>()[..]
            && kind == link
            && let Some(stretch) = stretches.remove(id)
        {
            groups.entry(name.to_owned()).or_default().insert(stretch);
        }
    }
    // What nothing is said of is alone.
    for (id, stretch) in stretches {
        groups.insert(id.to_owned(), BTreeSet::from([stretch]));
    }
    Ok(groups)
}

/// Measures works.
///
/// # Errors
/// If a work cannot be read.
pub fn measure(reader: &Reader, novels: &[Novel]) -> Result<Report, EvaluateError> {
    let mut people = Coreference::default();
    let mut speakers = Ratio::default();
    let (mut quotations, mut found) = (0, 0);
    let mut rows = Vec::new();
    for novel in novels {
        let story = reader
            .read(&novel.document)
            .map_err(|source| EvaluateError::Reading {
                name: novel.name.clone(),
                source,
            })?;
        let gold: Clusters<Stretch> = novel.people.values().cloned().collect();
        let of_people = Coreference::of(&mentions_of(&story), &gold);
        let (by_found, by_gold) = speeches(&story, &novel.speakers);
        let of_speakers = b_cubed(&by_found, &by_gold);
        rows.push(vec![
            Value::Text(novel.name.clone()),
            Value::Share(of_people.average()),
            Value::Share(of_speakers.f1()),
            Value::Count(by_gold.iter().map(BTreeSet::len).sum()),
        ]);
        people += of_people;
        speakers += of_speakers;
        quotations += by_gold.iter().map(BTreeSet::len).sum::<usize>();
        found += by_found.iter().map(BTreeSet::len).sum::<usize>();
    }
    Ok(Report {
        title: "People and speakers in LitBank, as the product reads them".to_owned(),
        figures: vec![
            (
                "average F1 of people, own mentions",
                Value::Share(people.average()),
            ),
            ("B3 of speakers", Value::Share(speakers.f1())),
            ("quotations", Value::Count(quotations)),
            ("quotations found", Value::Count(found)),
            ("works", Value::Count(novels.len())),
        ],
        tables: vec![
            Table::of_ratios([
                ("MUC, people", people.muc),
                ("B3, people", people.b_cubed),
                ("CEAFe, people", people.ceaf),
                ("B3, speakers", speakers),
            ]),
            Table {
                name: "works",
                columns: vec!["work", "people", "speakers", "quotations"],
                rows,
            },
        ],
    })
}

/// The mentions of each character.
fn mentions_of(story: &Story) -> Clusters<Stretch> {
    let of = |character: &fabula_story::Character| {
        let mentions = character.mentions.iter();
        mentions.map(|it| (it.start, it.end)).collect()
    };
    story.characters.iter().map(of).collect()
}

/// The quotations that were marked, by who speaks them: in the story's reading and in truth. One
/// whose speaker the story does not know is a cluster of its own; one that it does not know at
/// all is in none.
fn speeches(
    story: &Story,
    speakers: &BTreeMap<String, BTreeSet<Stretch>>,
) -> (Clusters<Stretch>, Clusters<Stretch>) {
    let mut found: BTreeMap<&str, BTreeSet<Stretch>> = BTreeMap::new();
    let mut unknown = Vec::new();
    for marked in speakers.values().flatten() {
        let overlap = |quote: &&fabula_story::Quote| {
            quote
                .end
                .min(marked.1)
                .saturating_sub(quote.start.max(marked.0))
        };
        let quotes = story.quotes.iter().filter(|quote| overlap(quote) > 0);
        match quotes.max_by_key(overlap).map(|quote| &quote.speaker) {
            Some(Some(speaker)) => {
                found.entry(speaker).or_default().insert(*marked);
            }
            Some(None) => unknown.push(BTreeSet::from([*marked])),
            None => {}
        }
    }
    let found = found.into_values().chain(unknown).collect();
    (found, speakers.values().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINT: &str =
        "I\n\n\"Who are\nyou?\" said Tom.\n\n\"I am Ann,\" she said.\n\nMore follows here.";
    const WORDS: &str = "I \" Who are you ? \" said Tom .\n\" I am Ann , \" she said .\n";

    #[test]
    fn words_are_found_as_they_were_printed_and_the_rest_of_the_work_is_left_out()
    -> Result<(), EvaluateError> {
        let (document, places) = beginning(Path::new("work.txt"), PRINT, WORDS)?;
        assert!(document.text.ends_with("she said."), "{:?}", document.text);
        let written: Vec<&str> = places
            .iter()
            .flatten()
            .flatten()
            .map(|range| &document.text[range.clone()])
            .collect();
        // The heading is no part of a document's text.
        let words: Vec<&str> = WORDS.split_whitespace().skip(1).collect();
        assert_eq!(written, words);
        Ok(())
    }

    #[test]
    fn a_word_that_the_document_left_out_does_not_move_the_others() {
        let found = places(
            "The fox and the hen ran.",
            "3 The fox the and the hen ran .",
        );
        let starts: Vec<_> = found[0]
            .iter()
            .map(|it| it.as_ref().map(|it| it.start))
            .collect();
        let at = |start| Some(start);
        assert_eq!(
            starts,
            [
                None,
                at(0),
                at(4),
                None,
                at(8),
                at(12),
                at(16),
                at(20),
                at(23)
            ]
        );
    }

    #[test]
    fn another_text_is_refused() {
        let other = "I saw \"them\" once. Who are we to judge what nobody said?";
        let error = beginning(Path::new("work.txt"), other, WORDS).err();
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            error.ends_with("of the 19 words of LitBank are found in it"),
            "{error}"
        );
    }

    #[test]
    fn a_quotation_without_a_known_speaker_stands_alone_and_one_not_found_nowhere() {
        let quote = |start: usize, speaker: &str| {
            format!(
                r#"{{"start": {start}, "end": {}, "speaker": {speaker}, "addressee": null, "emotion": "neutral"}}"#,
                start + 5
            )
        };
        let json = format!(
            r#"{{"format": "fabula.story/1", "title": "T", "text": "{}", "sentences": [], "entities": [],
              "characters": [{{"id": "c1", "name": "A", "being": "human", "gender": "unknown", "age": "unknown", "mentions": []}}],
              "quotes": [{}, {}, {}], "scenes": []}}"#,
            "x".repeat(90),
            quote(0, "\"c1\""),
            quote(10, "\"c1\""),
            quote(20, "null")
        );
        let story = Story::from_json(&json).unwrap();
        let speakers = BTreeMap::from([
            ("A".to_owned(), BTreeSet::from([(0, 5), (21, 24)])),
            ("B".to_owned(), BTreeSet::from([(11, 14), (50, 60)])),
        ]);
        let (found, gold) = speeches(&story, &speakers);
        assert_eq!(
            found,
            [
                BTreeSet::from([(0, 5), (11, 14)]),
                BTreeSet::from([(21, 24)])
            ]
        );
        assert_eq!(gold.iter().map(BTreeSet::len).sum::<usize>(), 4);
    }
}
