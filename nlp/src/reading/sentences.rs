//! Sentences as ranges of words.

use std::ops::Range;

use super::lexicon::Lexicon;
use super::quotes::{self, Quotation};
use super::text::{ParagraphKind, Shape, Text};

/// Cuts a text into sentences; a quotation and its tag stay together.
pub(super) fn find(text: &Text, quotations: &[Quotation]) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut quotations = quotations.iter().peekable();
    for paragraph in &text.paragraphs {
        if paragraph.kind == ParagraphKind::Break {
            continue;
        }
        let mut first = paragraph.first;
        let mut index = paragraph.first;
        while index < paragraph.end {
            if !is_terminal(text.lower(index)) {
                index += 1;
                continue;
            }
            let mut last = index;
            let mut quoted_end = false;
            while last + 1 < paragraph.end {
                let next = text.lower(last + 1);
                if is_terminal(next) || (is_closer(next) && text.glued(last + 1)) {
                    while quotations
                        .next_if(|quotation| quotation.last < last + 1)
                        .is_some()
                    {}
                    quoted_end |= quotations
                        .peek()
                        .is_some_and(|quotation| quotation.last == last + 1);
                    last += 1;
                } else {
                    break;
                }
            }
            // Dash dialogue has no closing mark.
            while quotations
                .next_if(|quotation| quotation.last < last)
                .is_some()
            {}
            quoted_end |= quotations
                .peek()
                .is_some_and(|quotation| quotation.last == last);
            if ends(text, index, last + 1, paragraph.end, quoted_end) {
                sentences.push(first..last + 1);
                first = last + 1;
            }
            index = last + 1;
        }
        if first < paragraph.end {
            sentences.push(first..paragraph.end);
        }
    }
    merge_marks(text, sentences)
}

fn is_terminal(mark: &str) -> bool {
    matches!(mark, "." | "!" | "?" | "…" | "?!" | "。" | "！" | "？") || mark.starts_with("..")
}

fn is_closer(mark: &str) -> bool {
    matches!(mark, "\"" | "”" | "’" | "'" | "»" | ")" | "]" | "*")
}

/// Whether the terminal mark at `mark` ends a sentence, when the next one would begin at `next`.
fn ends(text: &Text, mark: usize, next: usize, end: usize, quoted_end: bool) -> bool {
    if next >= end {
        return true;
    }
    let lexicon = Lexicon::get();
    let before = text.before(mark, 1);
    if text.lower(mark) == "." && text.glued(mark) && next == mark + 1 {
        let initial = before.chars().count() == 1
            && mark
                .checked_sub(1)
                .is_some_and(|at| text.shape(at) == Shape::Capital)
            && before != "i";
        let title = lexicon.is("abbreviations", before) && before != "no";
        let inner = text.glued(next) && !text.mark(next);
        if inner || ((initial || title) && !text.mark(next)) {
            return false;
        }
    }
    let mut word = next;
    let mut opening = false;
    while word < end && text.mark(word) {
        opening |= matches!(text.lower(word), "\"" | "“" | "‘" | "«" | "'" | "(");
        word += 1;
    }
    if word >= end {
        return false;
    }
    if text.shape(word) == Shape::Lower && !opening {
        return false;
    }
    let tagged = quoted_end && text.lower(mark) != "." && !opening && quotes::is_tag(text, word);
    !tagged
}

/// Joins stretches without any word to the sentence before.
fn merge_marks(text: &Text, sentences: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(sentences.len());
    for sentence in sentences {
        let wordless = sentence.clone().all(|index| text.mark(index));
        match merged.last_mut() {
            Some(last) if wordless => last.end = sentence.end,
            _ => merged.push(sentence),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(source: &str) -> Vec<&str> {
        let text = Text::new(source);
        let quotations = quotes::find(&text);
        find(&text, &quotations)
            .into_iter()
            .map(|range| &source[text.words[range.start].start..text.words[range.end - 1].end])
            .collect()
    }

    #[test]
    fn abbreviations_initials_and_decimals_do_not_end_a_sentence() {
        for sentence in [
            "Mr. and Mrs. Bell met Dr. Stone at St. Mary's.",
            "J. R. Brown paid 3.50 for it.",
            "He waited... and waited… and slept.",
        ] {
            assert_eq!(cut(sentence), [sentence]);
        }
    }

    #[test]
    fn a_quotation_stays_with_its_tag() {
        for sentence in [
            "\"Run!\" he said.",
            "\"Where?\" Mira whispered.",
            "\"Why?\" asked the fox.",
            "“Never!” Mr. Bell shouted.",
            "“Oh!” the old fox cried.",
        ] {
            assert_eq!(cut(sentence), [sentence]);
        }
    }

    #[test]
    fn sentences_end_inside_and_after_quotations() {
        assert_eq!(
            cut("\"Run! He is coming!\" she said. \"Now.\" The door opened."),
            [
                "\"Run!",
                "He is coming!\" she said.",
                "\"Now.\"",
                "The door opened."
            ]
        );
        assert_eq!(cut("\"Stop!\" Tom ran off."), ["\"Stop!\"", "Tom ran off."]);
    }

    #[test]
    fn headings_are_sentences_and_scene_breaks_are_not() {
        assert_eq!(
            cut("The Fox\n\nHe slept.\n\n* * *\n\nHe woke."),
            ["The Fox", "He slept.", "He woke."]
        );
    }
}
