//! The first layer: words, marks and paragraphs of a text, with their byte offsets.

use std::ops::Range;

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Lower,
    Capital,
    /// Two or more letters, all of them capitals.
    Upper,
    Number,
    Mark,
}

/// A word or a mark.
#[derive(Clone, Debug)]
pub(super) struct Word<'t> {
    pub start: usize,
    pub end: usize,
    pub text: &'t str,
    /// In lower case, with straight apostrophes.
    pub lower: String,
    pub shape: Shape,
    pub paragraph: usize,
}

/// What a paragraph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParagraphKind {
    Body,
    /// A title or chapter heading.
    Heading,
    /// Marks alone: a scene ends.
    Break,
}

/// A range of words between blank lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paragraph {
    pub first: usize,
    pub end: usize,
    pub kind: ParagraphKind,
}

/// A text cut into words and paragraphs.
#[derive(Clone, Debug)]
pub(super) struct Text<'t> {
    pub words: Vec<Word<'t>>,
    pub paragraphs: Vec<Paragraph>,
}

impl<'t> Text<'t> {
    /// Cuts a text.
    pub fn new(source: &'t str) -> Self {
        let words = words(source);
        let mut paragraphs: Vec<Paragraph> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            match paragraphs.last_mut() {
                Some(last) if paragraph_of(&words, last.first) == word.paragraph => {
                    last.end = index + 1;
                }
                _ => paragraphs.push(Paragraph {
                    first: index,
                    end: index + 1,
                    kind: ParagraphKind::Body,
                }),
            }
        }
        let alone = paragraphs.len() == 1;
        for paragraph in &mut paragraphs {
            paragraph.kind = kind(
                words.get(paragraph.first..paragraph.end).unwrap_or(&[]),
                alone,
            );
        }
        let mut words = words;
        for (number, paragraph) in paragraphs.iter().enumerate() {
            for word in words.iter_mut().take(paragraph.end).skip(paragraph.first) {
                word.paragraph = number;
            }
        }
        Self { words, paragraphs }
    }

    /// The word in lower case, or nothing outside of the text.
    pub fn lower(&self, index: usize) -> &str {
        self.words.get(index).map_or("", |word| word.lower.as_str())
    }

    /// The word `count` places before `index`.
    pub fn before(&self, index: usize, count: usize) -> &str {
        index.checked_sub(count).map_or("", |at| self.lower(at))
    }

    /// How the word is written; outside of the text, a mark.
    pub fn shape(&self, index: usize) -> Shape {
        self.words.get(index).map_or(Shape::Mark, |word| word.shape)
    }

    /// Whether this is a mark, or lies outside of the text.
    pub fn mark(&self, index: usize) -> bool {
        self.shape(index) == Shape::Mark
    }

    /// Whether nothing lies between this word and the one before.
    pub fn glued(&self, index: usize) -> bool {
        let before = index.checked_sub(1).and_then(|at| self.words.get(at));
        match (before, self.words.get(index)) {
            (Some(before), Some(word)) => before.end == word.start,
            _ => false,
        }
    }

    /// Ranges of words as ranges of bytes.
    pub fn spans(&self, ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
        ranges
            .map(|range| {
                let start = self.words.get(range.start).map_or(0, |word| word.start);
                let last = range.end.checked_sub(1).and_then(|at| self.words.get(at));
                start..last.map_or(start, |word| word.end)
            })
            .collect()
    }

    /// The paragraph of a word.
    pub fn paragraph(&self, index: usize) -> Option<&Paragraph> {
        self.paragraphs.get(self.words.get(index)?.paragraph)
    }
}

fn paragraph_of(words: &[Word], index: usize) -> usize {
    words.get(index).map_or(0, |word| word.paragraph)
}

fn kind(words: &[Word], alone: bool) -> ParagraphKind {
    if words.iter().all(|word| word.shape == Shape::Mark) {
        return ParagraphKind::Break;
    }
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return ParagraphKind::Body;
    };
    let chapter = words.len() <= 14
        && ["chapter", "part", "book"].contains(&first.lower.as_str())
        && first.shape != Shape::Lower
        && words.get(1).is_some_and(|word| {
            word.shape == Shape::Number || word.lower.chars().all(|letter| "ivxlc".contains(letter))
        });
    let spoken = matches!(
        first.text,
        "-" | "--" | "—" | "–" | "―" | "\"" | "“" | "'" | "‘" | "«"
    );
    let untitled = words.len() <= 10 && last.shape != Shape::Mark && !spoken;
    if !alone && (chapter || untitled) {
        ParagraphKind::Heading
    } else {
        ParagraphKind::Body
    }
}

fn words(source: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word> = Vec::with_capacity(source.len() / 5);
    let mut paragraph = 0;
    let mut newlines = 0;
    let mut chars = source.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        if first.is_whitespace() || first == '_' || first.is_control() || first == '\u{feff}' {
            newlines += usize::from(first == '\n');
            continue;
        }
        if newlines >= 2 && !words.is_empty() {
            paragraph += 1;
        }
        newlines = 0;
        let mut end = start + first.len_utf8();
        let is_word = first.is_alphanumeric();
        while let Some(&(at, next)) = chars.peek() {
            let joins = if is_word {
                let inner = matches!(next, '\'' | '’' | '-' | '‑')
                    || (matches!(next, '.' | ',')
                        && source[..at]
                            .chars()
                            .next_back()
                            .is_some_and(|c| c.is_ascii_digit()));
                let after = source[at + next.len_utf8()..].chars().next();
                next.is_alphanumeric()
                    || (next.is_alphabetic())
                    || (inner
                        && after.is_some_and(|c| match next {
                            '.' | ',' => c.is_ascii_digit(),
                            _ => c.is_alphanumeric(),
                        }))
                    || is_combining(next)
            } else {
                (next == first && matches!(first, '.' | '-')) || is_combining(next)
            };
            if !joins {
                break;
            }
            end = at + next.len_utf8();
            chars.next();
        }
        push(&mut words, source, start, end, is_word, paragraph);
    }
    words
}

fn is_combining(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter) || letter == '\u{200d}' || letter == '\u{fe0f}'
}

/// Adds a word; a possessive ending becomes a word of its own.
fn push<'t>(
    words: &mut Vec<Word<'t>>,
    source: &'t str,
    start: usize,
    end: usize,
    is_word: bool,
    paragraph: usize,
) {
    let text = &source[start..end];
    let ending = ["'s", "’s", "'S", "’S"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending))
        .filter(|stem| is_word && !CONTRACTED.contains(&stem.to_lowercase().as_str()));
    let cut = ending.map_or(end, |stem| start + stem.len());
    for (start, end) in [(start, cut), (cut, end)] {
        if start == end {
            continue;
        }
        let text = &source[start..end];
        let shape = if is_word { shape(text) } else { Shape::Mark };
        let lower = text.to_lowercase().replace('’', "'");
        words.push(Word {
            start,
            end,
            text,
            lower,
            shape,
            paragraph,
        });
    }
}

/// Words after which an apostrophe and an s stand for "is".
const CONTRACTED: [&str; 10] = [
    "it", "he", "she", "that", "what", "who", "there", "here", "let", "how",
];

fn shape(text: &str) -> Shape {
    let Some(first) = text.chars().next() else {
        return Shape::Mark;
    };
    if first.is_numeric() {
        return Shape::Number;
    }
    if !first.is_uppercase() {
        return Shape::Lower;
    }
    let mut letters = text.chars().filter(|letter| letter.is_alphabetic());
    let many = text
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .nth(1)
        .is_some();
    if many && letters.all(char::is_uppercase) {
        Shape::Upper
    } else {
        Shape::Capital
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(source: &str) -> Vec<&str> {
        Text::new(source)
            .words
            .iter()
            .map(|word| word.text)
            .collect()
    }

    #[test]
    fn words_keep_apostrophes_and_decimals_and_lose_possessive_endings() {
        assert_eq!(
            cut("Tom's dog didn't eat 3.5 well-baked pies--yet..."),
            [
                "Tom",
                "'s",
                "dog",
                "didn't",
                "eat",
                "3.5",
                "well-baked",
                "pies",
                "--",
                "yet",
                "..."
            ]
        );
    }

    #[test]
    fn paragraphs_are_told_apart_from_headings_and_scene_breaks() {
        let text = Text::new("The Long Road\n\nHe went home.\nIt rained.\n\n* * *\n\nHe slept.");
        let kinds: Vec<ParagraphKind> = text
            .paragraphs
            .iter()
            .map(|paragraph| paragraph.kind)
            .collect();
        assert_eq!(
            kinds,
            [
                ParagraphKind::Heading,
                ParagraphKind::Body,
                ParagraphKind::Break,
                ParagraphKind::Body
            ]
        );
    }
}
