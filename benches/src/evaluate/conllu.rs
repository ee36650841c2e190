//! Treebanks in the CoNLL-U format of Universal Dependencies.

use std::ops::Range;
use std::path::Path;

use super::EvaluateError;
use super::files::{self, Source, quoted};

const EXPECTED: &str = "a treebank in CoNLL-U with `# text = ` before each sentence";

/// The sentences of a document, in order.
pub type Document = Vec<Sentence>;

/// A sentence with its words; it has at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    /// As it is written.
    pub text: String,
    /// Its words.
    pub words: Vec<Word>,
    /// Whether a paragraph begins with it.
    pub opens_paragraph: bool,
    /// Whether the next sentence follows without a space.
    pub is_glued: bool,
}

/// A word of a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Where it stands in the sentence, in bytes.
    pub range: Range<usize>,
    /// Its dictionary form.
    pub lemma: String,
    /// Its universal part of speech.
    pub tag: String,
    /// The number of the word that it depends on, from 1; 0 for the root.
    pub parent: usize,
    /// How it depends on it, without the subtype.
    pub relation: String,
}

impl Sentence {
    /// From the first word to the last, in bytes.
    pub fn range(&self) -> Range<usize> {
        let start = self.words.first().map_or(0, |word| word.range.start);
        let end = self.words.last().map_or(0, |word| word.range.end);
        start..end
    }
}

/// Reads a treebank.
///
/// # Errors
/// Names the line that is not as it should be.
pub fn read(path: &Path) -> Result<Vec<Document>, EvaluateError> {
    parse(
        Source {
            path,
            expected: EXPECTED,
        },
        &files::read(path, EXPECTED)?,
    )
}

fn parse(source: Source, text: &str) -> Result<Vec<Document>, EvaluateError> {
    let mut documents: Vec<Document> = Vec::new();
    let mut open: Option<Open> = None;
    let mut opens_paragraph = true;
    let close = |open: &mut Option<Open>, documents: &mut Vec<Document>| {
        let Some(Open { sentence, line, .. }) =
            open.take().filter(|open| !open.sentence.words.is_empty())
        else {
            return Ok(());
        };
        if let Some(word) = sentence
            .words
            .iter()
            .find(|word| word.parent > sentence.words.len())
        {
            let (parent, all) = (word.parent, sentence.words.len());
            return Err(source.wrong(line, format!("a word depends on word {parent} of {all}")));
        }
        if documents.is_empty() {
            documents.push(Vec::new());
        }
        if let Some(document) = documents.last_mut() {
            document.push(sentence);
        }
        Ok(())
    };
    for (line, row) in (1..).zip(text.lines()) {
        if row.trim().is_empty() {
            close(&mut open, &mut documents)?;
        } else if row.starts_with("# newdoc") {
            documents.push(Vec::new());
            opens_paragraph = true;
        } else if row.starts_with("# newpar") {
            opens_paragraph = true;
        } else if let Some(text) = row.strip_prefix("# text = ") {
            close(&mut open, &mut documents)?;
            open = Some(Open::new(text, line, opens_paragraph));
            opens_paragraph = false;
        } else if !row.starts_with('#') {
            let Some(open) = &mut open else {
                return Err(source.wrong(line, "a word before any `# text = `"));
            };
            open.word(source, line, row)?;
        }
    }
    close(&mut open, &mut documents)?;
    documents.retain(|document| !document.is_empty());
    source.some(documents)
}

/// A sentence whose words are being read.
struct Open {
    sentence: Sentence,
    line: usize,
    /// Where its next word is looked for.
    at: usize,
    /// Words written as one, such as `don't`: the number of the last, and where they end.
    compound: Option<(usize, usize)>,
}

impl Open {
    fn new(text: &str, line: usize, opens_paragraph: bool) -> Self {
        Self {
            sentence: Sentence {
                text: text.to_owned(),
                opens_paragraph,
                ..Sentence::default()
            },
            line,
            at: 0,
            compound: None,
        }
    }

    fn word(&mut self, source: Source, line: usize, row: &str) -> Result<(), EvaluateError> {
        let [id, form, lemma, tag, _, _, parent, relation, _, notes] = source.columns(line, row)?;
        if id.contains('.') {
            return Ok(());
        }
        if let Some((_, last)) = id.split_once('-') {
            let last = source.number(line, last)?;
            let written = self.find(source, line, form)?;
            self.at = written.start;
            self.compound = Some((last, written.end));
            self.sentence.is_glued = notes.contains("SpaceAfter=No");
            return Ok(());
        }
        let number = source.number(line, id)?;
        let expected = self.sentence.words.len() + 1;
        if number != expected {
            return Err(source.wrong(line, format!("word {number} where {expected} should be")));
        }
        let range = match self.compound {
            Some((last, end)) if number <= last => {
                let part = if number == last {
                    end
                } else {
                    self.after(form.chars().count()).min(end)
                };
                self.at..part
            }
            _ => {
                self.sentence.is_glued = notes.contains("SpaceAfter=No");
                self.find(source, line, form)?
            }
        };
        self.at = range.end;
        self.sentence.words.push(Word {
            range,
            lemma: lemma.to_owned(),
            tag: tag.to_owned(),
            parent: source.number(line, parent)?,
            relation: without_subtype(relation).to_owned(),
        });
        Ok(())
    }

    /// The next place where `form` is written.
    fn find(&self, source: Source, line: usize, form: &str) -> Result<Range<usize>, EvaluateError> {
        let rest = self.sentence.text.get(self.at..).unwrap_or_default();
        let Some(start) = rest.find(form) else {
            let problem = format!("{} is not in the rest of its sentence", quoted(form));
            return Err(source.wrong(line, problem));
        };
        let start = self.at + start;
        Ok(start..start + form.len())
    }

    /// The place so many characters on.
    fn after(&self, count: usize) -> usize {
        let rest = self.sentence.text.get(self.at..).unwrap_or_default();
        let length = rest
            .char_indices()
            .nth(count)
            .map_or(rest.len(), |(at, _)| at);
        self.at + length
    }
}

/// `nsubj` of `nsubj:pass`.
pub fn without_subtype(relation: &str) -> &str {
    relation.split(':').next().unwrap_or(relation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Document>, EvaluateError> {
        let source = Source {
            path: Path::new("dev.conllu"),
            expected: "a treebank",
        };
        parse(source, text)
    }

    fn row(id: &str, form: &str, parent: &str, relation: &str, notes: &str) -> String {
        format!("{id}\t{form}\t{form}\tX\t_\t_\t{parent}\t{relation}\t_\t{notes}\n")
    }

    #[test]
    fn words_written_as_one_share_the_place_of_what_is_written() -> Result<(), EvaluateError> {
        let text = [
            "# newdoc\n# newpar\n# text = Je n’suis pas là.\n",
            &row("1", "Je", "3", "nsubj:pass", "_"),
            &row("2-3", "n’suis", "_", "_", "_"),
            &row("2", "n'", "3", "advmod", "_"),
            &row("3", "suis", "0", "root", "_"),
            &row("3.1", "ghost", "_", "_", "_"),
            &row("4", "pas", "3", "advmod", "_"),
            &row("5", "là", "3", "advmod", "SpaceAfter=No"),
            &row("6", ".", "3", "punct", "SpaceAfter=No"),
        ]
        .concat();
        let documents = read(&text)?;
        let sentence = &documents[0][0];
        let forms: Vec<&str> = sentence
            .words
            .iter()
            .map(|word| &sentence.text[word.range.clone()])
            .collect();
        assert_eq!(forms, ["Je", "n’", "suis", "pas", "là", "."]);
        assert_eq!(sentence.words[0].relation, "nsubj");
        assert!(sentence.is_glued && sentence.opens_paragraph);
        Ok(())
    }

    #[test]
    fn documents_and_paragraphs_begin_where_they_say() -> Result<(), EvaluateError> {
        let one = |text: &str| format!("# text = {text}\n{}\n", row("1", text, "0", "root", "_"));
        let text = format!(
            "# newdoc\n{}{}# newpar\n{}# newdoc\n{}",
            one("A"),
            one("B"),
            one("C"),
            one("D")
        );
        let documents = read(&text)?;
        let opening: Vec<Vec<bool>> = documents
            .iter()
            .map(|document| document.iter().map(|s| s.opens_paragraph).collect())
            .collect();
        assert_eq!(opening, [vec![true, false, true], vec![true]]);
        Ok(())
    }

    #[test]
    fn lines_that_do_not_fit_are_named() {
        let of = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(
            of(&row("1", "A", "0", "root", "_")),
            "dev.conllu, line 1: a word before any `# text = `; give a treebank"
        );
        let sentence = |word: &str| of(&format!("# text = A b\n{word}"));
        assert!(sentence("1\tA\n").contains("line 2: columns: 2 instead of 10"));
        assert!(sentence(&row("2", "A", "0", "root", "_")).contains("word 2 where 1 should be"));
        assert!(sentence(&row("1", "Z", "0", "root", "_")).contains("\"Z\" is not in the rest"));
        assert!(
            sentence(&row("1", "A", "9", "dep", "_"))
                .contains("line 1: a word depends on word 9 of 1")
        );
        assert!(sentence(&row("1", "A", "-", "dep", "_")).contains("\"-\" is no number"));
        assert!(of("# text = A\n").contains("holds nothing to measure"));
    }
}
