//! `LitBank`: works of fiction with their sentences and the people, places and vehicles in them.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

use super::EvaluateError;
use super::files::{self, Source, quoted};
use super::mentions::{FORMS, Mention, TYPES};

const FOLDER: &str = "the folder of LitBank, with coref/*.txt and coref/*.ann";
const TEXT: &str = "a text of LitBank, a sentence a line, its words apart by spaces";
const ANNOTATION: &str = "an annotation of LitBank, its columns apart by tabs";

/// The beginning of a work. Ranges are bytes of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The name of its files.
    pub name: String,
    /// Its words with spaces between them.
    pub text: String,
    /// Its sentences, in order.
    pub sentences: Vec<Range<usize>>,
    /// The words of each line of its file.
    pub words: Vec<Vec<Range<usize>>>,
    /// Its mentions within sentences.
    pub mentions: BTreeSet<Mention>,
}

/// Reads the works that the file `ids` names, or all there are. A relative `ids` is looked for
/// in `folder`.
///
/// # Errors
/// Names the file and line that is not as it should be.
pub fn works(folder: &Path, ids: Option<&Path>) -> Result<Vec<Work>, EvaluateError> {
    let coref = folder.join("coref");
    let works = names(folder, ids)?
        .into_iter()
        .map(|name| {
            let text_path = coref.join(format!("{name}.txt"));
            let marks_path = coref.join(format!("{name}.ann"));
            let text = files::read(&text_path, TEXT)?;
            let marks = files::read(&marks_path, ANNOTATION)?;
            let source = Source {
                path: &marks_path,
                expected: ANNOTATION,
            };
            work(name, &text, source, &marks)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let source = Source {
        path: folder,
        expected: FOLDER,
    };
    source.some(works)
}

/// The names of the works that the file `ids` lists, or of all there are.
pub(super) fn names(folder: &Path, ids: Option<&Path>) -> Result<Vec<String>, EvaluateError> {
    match ids {
        Some(ids) => Ok(
            files::read(&folder.join(ids), "a file with the name of a work a line")?
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        ),
        None => all_names(&folder.join("coref")),
    }
}

fn all_names(coref: &Path) -> Result<Vec<String>, EvaluateError> {
    let unreadable = |source| EvaluateError::Unreadable {
        path: coref.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(coref).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.file_name();
        if let Some(name) = file.to_string_lossy().strip_suffix(".txt") {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn work(name: String, lines: &str, source: Source, marks: &str) -> Result<Work, EvaluateError> {
    let mut text = String::with_capacity(lines.len());
    let mut sentences: Vec<Vec<Range<usize>>> = Vec::new();
    for line in lines.lines() {
        let mut words = Vec::new();
        for word in line.split_whitespace() {
            if !text.is_empty() {
                text.push(' ');
            }
            words.push(text.len()..text.len() + word.len());
            text.push_str(word);
        }
        sentences.push(words);
    }
    let mut mentions = BTreeSet::new();
    for (line, row) in files::lines(marks) {
        if !row.starts_with("MENTION\t") {
            continue;
        }
        let [
            _,
            _,
            first_sentence,
            first,
            last_sentence,
            last,
            _,
            kind,
            form,
        ] = source.columns(line, row)?;
        let first_sentence = source.number(line, first_sentence)?;
        if first_sentence != source.number(line, last_sentence)? {
            continue;
        }
        let (first, last) = (source.number(line, first)?, source.number(line, last)?);
        let words = sentences.get(first_sentence).map_or(&[][..], Vec::as_slice);
        let (Some(start), Some(end), true) = (words.get(first), words.get(last), first <= last)
        else {
            let problem = format!(
                "there are no words {first} to {last} in sentence {first_sentence} of the text"
            );
            return Err(source.wrong(line, problem));
        };
        let known = |names: &[&'static str], name: &str| {
            let unknown = || {
                let problem = format!("{} is none of {}", quoted(name), names.join(", "));
                source.wrong(line, problem)
            };
            names
                .iter()
                .find(|known| **known == name)
                .copied()
                .ok_or_else(unknown)
        };
        mentions.insert(Mention {
            start: start.start,
            end: end.end,
            kind: known(&TYPES, kind)?.to_owned(),
            form: known(&FORMS, form)?.to_owned(),
        });
    }
    let words = sentences;
    let sentences = words
        .iter()
        .filter_map(|words| Some(words.first()?.start..words.last()?.end))
        .collect();
    Ok(Work {
        name,
        text,
        sentences,
        words,
        mentions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_SENTENCES: &str = "The old fox slept .\nHe dreamed of Rome .\n";

    fn read(marks: &str) -> Result<Work, EvaluateError> {
        let source = Source {
            path: Path::new("fox.ann"),
            expected: "annotations",
        };
        work("fox".into(), TWO_SENTENCES, source, marks)
    }

    #[test]
    fn a_work_is_running_text_with_its_sentences_and_mentions_in_bytes() -> Result<(), EvaluateError>
    {
        let work = read(
            "MENTION\tT1\t0\t0\t0\t2\tThe old fox\tPER\tNOM\n\
             COREF\tT1\tThe_fox-1\n\
             MENTION\tT2\t1\t3\t1\t3\tRome\tGPE\tPROP\n",
        )?;
        assert_eq!(work.text, "The old fox slept . He dreamed of Rome .");
        let parts: Vec<&str> = work
            .sentences
            .iter()
            .map(|range| &work.text[range.clone()])
            .collect();
        assert_eq!(parts, ["The old fox slept .", "He dreamed of Rome ."]);
        let mentions: Vec<_> = work
            .mentions
            .iter()
            .map(|m| (&work.text[m.start..m.end], m.kind.as_str(), m.form.as_str()))
            .collect();
        assert_eq!(
            mentions,
            [("The old fox", "PER", "NOM"), ("Rome", "GPE", "PROP")]
        );
        Ok(())
    }

    #[test]
    fn a_mention_outside_of_the_text_or_of_no_known_type_is_an_error() {
        let of = |marks: &str| read(marks).unwrap_err().to_string();
        let outside = of("MENTION\tT1\t0\t3\t0\t9\tslept\tPER\tNOM\n");
        assert_eq!(
            outside,
            "fox.ann, line 1: there are no words 3 to 9 in sentence 0 of the text; give annotations"
        );
        assert!(of("MENTION\tT1\t7\t0\t7\t0\tfox\tPER\tNOM\n").contains("sentence 7"));
        assert!(of("MENTION\tT1\t0\t2\t0\t0\tfox\tPER\tNOM\n").contains("no words 2 to 0"));
        assert!(
            of("\nMENTION\tT1\t0\t0\t0\t2\tfox\tFOX\tNOM\n")
                .contains("line 2: \"FOX\" is none of PER")
        );
        assert!(of("MENTION\tT1\t0\t0\n").contains("columns: 4 instead of 9"));
    }

    #[test]
    fn a_folder_without_works_is_named() {
        let error = works(Path::new("no/such/folder"), None)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("no/such/folder/coref cannot be read"));
    }
}
