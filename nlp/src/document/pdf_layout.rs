//! From glyphs on pages to paragraphs: lines, running heads, hyphens, indents.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, SCENE_BREAK, plain};

/// A glyph and where it stands on its page, in points; y grows downwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    /// Left end of its baseline.
    pub x: f64,
    /// Baseline.
    pub y: f64,
    /// Font size as it appears.
    pub size: f64,
    /// Width as it appears.
    pub advance: f64,
    /// The characters it stands for.
    pub text: String,
}

/// A page's glyphs in the order in which they were drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Upper edge in the page's own coordinates.
    pub top: f64,
    /// What is written on it.
    pub glyphs: Vec<Glyph>,
}

#[derive(Clone, Debug)]
struct Line {
    text: String,
    left: f64,
    right: f64,
    y: f64,
    size: f64,
    page: usize,
}

/// A gap of this part of the font size is a space; letters are never set so far apart.
const SPACE_EM: f64 = 0.16;
/// Lines above and below the text that may be furniture, on each side.
const FURNITURE_LINES: usize = 2;
/// Longer beginnings of hyphenated words are not looked up.
const MAX_WORD_CHARS: usize = 40;
/// A heading is set larger than the text by this factor.
const HEADING_SCALE: f64 = 1.15;
/// A running head is often set smaller than the text by this factor or more.
const SMALL_PRINT_SCALE: f64 = 0.93;

/// Rebuilds the title and the paragraphs of a typeset text.
pub fn read(pages: &[Page]) -> Draft {
    let mut lines: Vec<Vec<Line>> = pages
        .iter()
        .enumerate()
        .map(|(index, page)| lines_of(index, page))
        .collect();
    remove_furniture(&mut lines);
    let lines: Vec<Line> = lines.into_iter().flatten().collect();
    paragraphs(&lines)
}

fn lines_of(index: usize, page: &Page) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut last: Option<&Glyph> = None;
    for glyph in &page.glyphs {
        let is_same_line = lines.last().is_some_and(|line| {
            (glyph.y - line.y).abs() < 0.5 * glyph.size.max(line.size)
                && glyph.x > line.right - 2.0 * glyph.size
        });
        // The same glyph a hair's breadth further on is a shadow or false bold.
        let is_overprint = last.is_some_and(|last| {
            last.text == glyph.text
                && (last.x - glyph.x).abs() < 0.1 * glyph.size
                && (last.y - glyph.y).abs() < 0.1 * glyph.size
        });
        last = Some(glyph);
        if is_overprint {
            continue;
        }
        let right = glyph.x + glyph.advance;
        match lines.last_mut() {
            Some(line) if is_same_line => {
                if glyph.x > line.right + SPACE_EM * glyph.size && !line.text.ends_with(' ') {
                    line.text.push(' ');
                }
                line.text.push_str(&glyph.text);
                line.right = line.right.max(right);
                line.size = line.size.max(glyph.size);
            }
            _ => lines.push(Line {
                text: glyph.text.clone(),
                left: glyph.x,
                right,
                y: glyph.y,
                size: glyph.size,
                page: index,
            }),
        }
    }
    for line in &mut lines {
        line.text = line.text.trim().to_owned();
    }
    lines.retain(|line| !line.text.is_empty());
    lines
}

/// Removes page numbers, heads and feet that come back on other pages, small print at the very
/// top and the title where it is repeated.
fn remove_furniture(pages: &mut [Vec<Line>]) {
    let body_size = median(pages.iter().flatten().map(|line| line.size));
    let title: String = pages
        .first()
        .into_iter()
        .flatten()
        .take_while(|line| line.size > HEADING_SCALE * body_size)
        .map(|line| letters(&line.text))
        .collect();
    let mut seen: BTreeMap<(String, i64), BTreeSet<usize>> = BTreeMap::new();
    for page in pages.iter() {
        for index in edge_lines(page) {
            if let Some(line) = page.get(index) {
                seen.entry(furniture_key(line))
                    .or_default()
                    .insert(line.page);
            }
        }
    }
    let page_count = pages.len();
    for page in pages.iter_mut() {
        let edges = edge_lines(page);
        let top = page.iter().map(|line| line.y).fold(f64::INFINITY, f64::min);
        let mut index = 0;
        page.retain(|line| {
            let is_edge = edges.contains(&index);
            index += 1;
            let repeats = seen.get(&furniture_key(line)).map_or(0, BTreeSet::len);
            let is_running = repeats >= 3 || (repeats >= 2 && repeats * 4 >= page_count);
            let is_small = line.y <= top && line.size < SMALL_PRINT_SCALE * body_size;
            let is_title = line.size <= HEADING_SCALE * body_size
                && !title.is_empty()
                && letters(&line.text) == title;
            !(is_edge && (is_running || is_small || is_title || is_page_number(&line.text)))
        });
    }
}

/// The indices of the topmost and bottommost lines.
fn edge_lines(page: &[Line]) -> BTreeSet<usize> {
    let mut order: Vec<usize> = (0..page.len()).collect();
    order.sort_by(|&a, &b| {
        let y = |index: usize| page.get(index).map_or(0.0, |line| line.y);
        y(a).total_cmp(&y(b))
    });
    let from_bottom = order.iter().rev().take(FURNITURE_LINES);
    order
        .iter()
        .take(FURNITURE_LINES)
        .chain(from_bottom)
        .copied()
        .collect()
}

fn furniture_key(line: &Line) -> (String, i64) {
    let mut key = String::new();
    for c in line.text.chars() {
        match c {
            '0'..='9' if key.ends_with('#') => {}
            '0'..='9' => key.push('#'),
            c => key.extend(c.to_lowercase()),
        }
    }
    (key, (line.y / 4.0).round() as i64)
}

fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_page_number(text: &str) -> bool {
    let bare: String = text
        .to_lowercase()
        .replace("page", "")
        .replace("of", "")
        .chars()
        .filter(|c| !c.is_whitespace() && !"-–—|/.[]()".contains(*c))
        .collect();
    let is_roman = bare.len() <= 6 && bare.chars().all(|c| "ivxl".contains(c));
    !bare.is_empty() && (bare.chars().all(|c| c.is_ascii_digit()) || is_roman)
}

fn paragraphs(lines: &[Line]) -> Draft {
    let body_size = median(lines.iter().map(|line| line.size));
    let is_large = |line: &Line| line.size > HEADING_SCALE * body_size;
    let leading = median(lines.windows(2).filter_map(|pair| match pair {
        [a, b] if a.page == b.page && b.y > a.y => Some(b.y - a.y),
        _ => None,
    }));
    let margins = margins(lines);
    let words = Vocabulary::of(lines);
    let mut draft = Draft::default();
    let mut title_size = 0.0;
    let mut previous: Option<&Line> = None;
    for line in lines {
        if is_large(line) && line.text.chars().any(char::is_alphabetic) {
            match &mut draft.title {
                None if draft.paragraphs.is_empty() => {
                    draft.title = Some(line.text.clone());
                    title_size = line.size;
                }
                // A title of several lines is set in one size; what differs is a subtitle.
                Some(title) if draft.paragraphs.is_empty() => {
                    if (line.size - title_size).abs() < 0.05 * title_size {
                        title.push(' ');
                        title.push_str(&line.text);
                    }
                }
                _ => draft.paragraphs.push(SCENE_BREAK.to_owned()),
            }
            previous = None;
            continue;
        }
        if plain::is_scene_break(&line.text) {
            draft.paragraphs.push(SCENE_BREAK.to_owned());
            previous = None;
            continue;
        }
        let (left, right) = margins
            .get(&line.page)
            .copied()
            .unwrap_or((line.left, line.right));
        let starts_paragraph = previous.is_none_or(|previous| {
            let is_indented =
                line.left > left + 0.8 * line.size && previous.left < line.left - 0.5 * line.size;
            let is_far = line.page == previous.page && line.y - previous.y > 1.3 * leading;
            let first_word = line
                .text
                .split(' ')
                .next()
                .unwrap_or_default()
                .chars()
                .count() as f64;
            let ended_early =
                previous.right + 0.6 * line.size * (first_word + 1.0) < right.max(previous.right);
            is_indented || is_far || (ended_early && plain::ends_sentence(&previous.text))
        });
        match draft.paragraphs.last_mut() {
            Some(paragraph) if !starts_paragraph => words.join(paragraph, &line.text),
            _ => draft.paragraphs.push(line.text.clone()),
        }
        previous = Some(line);
    }
    if draft.title.is_none()
        && draft.paragraphs.len() > 1
        && draft
            .paragraphs
            .first()
            .is_some_and(|first| plain::is_title(first))
    {
        draft.title = Some(draft.paragraphs.remove(0));
    }
    if draft
        .paragraphs
        .first()
        .is_some_and(|first| plain::is_byline(first))
    {
        draft.paragraphs.remove(0);
    }
    draft
}

/// Each page's left and right edge of text: the left one shared by most lines.
fn margins(lines: &[Line]) -> BTreeMap<usize, (f64, f64)> {
    let mut lefts: BTreeMap<usize, BTreeMap<i64, usize>> = BTreeMap::new();
    let mut rights: BTreeMap<usize, f64> = BTreeMap::new();
    for line in lines {
        *lefts
            .entry(line.page)
            .or_default()
            .entry(line.left.round() as i64)
            .or_default() += 1;
        let right = rights.entry(line.page).or_insert(line.right);
        *right = right.max(line.right);
    }
    lefts
        .into_iter()
        .map(|(page, counts)| {
            let total: usize = counts.values().sum();
            // Dialogue has more indented lines than full ones, so a fifth is enough.
            let left = counts
                .iter()
                .find(|(_, count)| **count * 5 >= total)
                .or_else(|| counts.first_key_value())
                .map_or(0, |(left, _)| *left);
            (
                page,
                (left as f64, rights.get(&page).copied().unwrap_or_default()),
            )
        })
        .collect()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The words of a text, by which a hyphen at a line's end is judged.
struct Vocabulary(BTreeSet<String>);

impl Vocabulary {
    fn of(lines: &[Line]) -> Self {
        let words = lines.iter().flat_map(|line| line.text.split_whitespace());
        Self(words.map(|word| bare(word).to_lowercase()).collect())
    }

    /// Appends a line; a word that was hyphenated to fit becomes whole again.
    fn join(&self, paragraph: &mut String, line: &str) {
        const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{ad}'];
        let is_broken_word = paragraph.ends_with(HYPHENS)
            && paragraph
                .trim_end_matches(HYPHENS)
                .ends_with(char::is_alphabetic)
            && line.starts_with(char::is_lowercase);
        if !is_broken_word {
            plain::join_line(paragraph, line);
            return;
        }
        let tail = paragraph.char_indices().rev().take(MAX_WORD_CHARS).last();
        let tail = tail
            .and_then(|(at, _)| paragraph.get(at..))
            .unwrap_or_default();
        let start = tail.rsplit(char::is_whitespace).next().unwrap_or_default();
        let end = line.split(char::is_whitespace).next().unwrap_or_default();
        let with_hyphen = bare(&format!("{start}{end}")).to_lowercase();
        if !self.0.contains(&with_hyphen) {
            paragraph.pop();
        }
        paragraph.push_str(line);
    }
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(lines: &[(f64, f64, &str)]) -> Page {
        let mut glyphs = Vec::new();
        for &(left, y, text) in lines {
            for (index, c) in text.chars().enumerate() {
                glyphs.push(Glyph {
                    x: left + 5.0 * index as f64,
                    y,
                    size: 10.0,
                    advance: 5.0,
                    text: c.to_string(),
                });
            }
        }
        Page { top: 800.0, glyphs }
    }

    #[test]
    fn hyphens_and_indents_and_furniture_are_undone() {
        let first = page(&[
            (50.0, 20.0, "The Fox 1"),
            (50.0, 60.0, "A quick fox ran over the wide mea-"),
            (50.0, 74.0, "dow and met a red-haired owl whose"),
            (50.0, 88.0, "hat was blue."),
            (62.0, 102.0, "“Hello,” said the owl, who was red-"),
            (50.0, 700.0, "– 1 –"),
        ]);
        let second = page(&[
            (50.0, 20.0, "The Fox 2"),
            (50.0, 60.0, "haired as well, as every owl was in"),
            (50.0, 74.0, "those days."),
            (120.0, 88.0, "* * *"),
            (50.0, 102.0, "The end was near, and it was good."),
            (50.0, 700.0, "– 2 –"),
        ]);
        let draft = read(&[first, second]);
        assert_eq!(
            draft.paragraphs,
            [
                "A quick fox ran over the wide meadow and met a red-haired owl whose hat was blue.",
                "“Hello,” said the owl, who was red-haired as well, as every owl was in those days.",
                SCENE_BREAK,
                "The end was near, and it was good.",
            ]
        );
    }

    #[test]
    fn page_numbers_are_told_from_words() {
        for text in ["3", "- 3 -", "Page 3 of 10", "iv", "3/10", "[7]"] {
            assert!(is_page_number(text), "{text}");
        }
        for text in ["He left.", "I", "Chapter 3", "1984 was late"] {
            assert_eq!(is_page_number(text), text == "I", "{text}");
        }
    }
}
