//! Plain text: paragraphs from blank lines, indents and lines that end early.
//!
//! Lines that were wrapped to a width are joined again. A line break inside a block of lines is
//! kept as the end of a paragraph when the next line is indented, when the line ends a sentence
//! and the next one opens a quote, or when it ends a sentence although the next word would
//! have fitted. Lines of verse that end no sentence are therefore joined like wrapped prose.

use super::{Draft, SCENE_BREAK, play};

/// Titles are no longer than this.
const MAX_TITLE_CHARS: usize = 80;
/// A text whose lines are longer was not wrapped to a width.
const MAX_WRAP_CHARS: usize = 110;
/// A text whose lines are all shorter was broken by hand.
const MIN_WRAP_CHARS: usize = 50;

/// Takes the title and the paragraphs out of a text with normal characters.
pub fn read(text: &str) -> Draft {
    let all: Vec<&str> = text.lines().map(str::trim_end).collect();
    let is_play = play::is_play(&all);
    let (title, body) = take_title(&all, is_play);
    let width = body
        .iter()
        .map(|line| line.trim().chars().count())
        .max()
        .unwrap_or(0);
    let mut paragraphs: Vec<String> = Vec::new();
    for block in body.split(|line| line.trim().is_empty()) {
        push_block(&mut paragraphs, block, width, is_play);
    }
    Draft { title, paragraphs }
}

fn push_block(paragraphs: &mut Vec<String>, block: &[&str], width: usize, is_play: bool) {
    let outer = block.iter().map(|line| indent(line)).min().unwrap_or(0);
    let mut previous: Option<&str> = None;
    for &line in block {
        let content = line.trim();
        if is_scene_break(content) || is_chapter_heading(content) {
            paragraphs.push(SCENE_BREAK.to_owned());
            previous = None;
            continue;
        }
        let starts_paragraph = match previous {
            // A blank line between two halves of a sentence is a page's end, not a paragraph's.
            None => !paragraphs
                .last()
                .is_some_and(|last| is_continued(last, content)),
            Some(_) if is_play && play::begins(content) => true,
            Some(previous) if is_play && play::goes_on(previous) => false,
            Some(previous) => indent(line) >= outer + 2 || ends_paragraph(previous, content, width),
        };
        match paragraphs.last_mut() {
            Some(paragraph) if !starts_paragraph => join_line(paragraph, content),
            _ => paragraphs.push(content.to_owned()),
        }
        previous = Some(content);
    }
}

fn indent(line: &str) -> usize {
    line.chars()
        .take_while(|c| c.is_whitespace())
        .map(|c| if c == '\t' { 4 } else { 1 })
        .sum()
}

fn ends_paragraph(line: &str, next: &str, width: usize) -> bool {
    if !ends_sentence(line) {
        return width > MAX_WRAP_CHARS && !next.starts_with(char::is_lowercase);
    }
    let first_word = next
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    let fits = line.chars().count() + 1 + first_word <= width;
    !(MIN_WRAP_CHARS..=MAX_WRAP_CHARS).contains(&width) || fits || next.starts_with(['"', '“', '‘'])
}

fn is_continued(paragraph: &str, next: &str) -> bool {
    paragraph != SCENE_BREAK && !ends_sentence(paragraph) && next.starts_with(char::is_lowercase)
}

/// Appends a wrapped line to a paragraph; words broken at a dash are joined without a space.
pub fn join_line(paragraph: &mut String, line: &str) {
    let after_hyphen = paragraph.ends_with('-')
        && !paragraph.ends_with("--")
        && paragraph
            .trim_end_matches('-')
            .ends_with(char::is_alphanumeric)
        && line.starts_with(char::is_alphanumeric);
    if !after_hyphen && !paragraph.ends_with('—') && !line.starts_with('—') {
        paragraph.push(' ');
    }
    paragraph.push_str(line);
}

/// Whether a line ends with a sentence's end, closing quotes aside.
pub fn ends_sentence(line: &str) -> bool {
    let bare = line.trim_end_matches(['"', '”', '’', '\'', '»', ')', ']', '*', '_']);
    bare.ends_with(['.', '!', '?', '…', ':', '。', '！', '？'])
        || (bare.len() < line.len() && bare.ends_with([',', '—', '-']))
}

/// Whether a paragraph is nothing but a mark between two scenes.
pub fn is_scene_break(paragraph: &str) -> bool {
    let mut marks = 0;
    for c in paragraph.chars().filter(|c| !c.is_whitespace()) {
        if matches!(c, '⁂' | '❦' | '❧' | '☙' | '✻' | '✽' | '◆' | '§') {
            marks += 3;
        } else if "*-–—_#~=•·+".contains(c) {
            marks += 1;
        } else {
            return false;
        }
    }
    marks >= 3 || matches!(paragraph.trim(), "*" | "#")
}

/// Whether a line is a heading such as `Chapter 4` or `PART TWO: The sea`.
fn is_chapter_heading(line: &str) -> bool {
    const NUMBERS: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    if line.chars().count() > MAX_TITLE_CHARS || line.ends_with(['.', ',', ';', '"', '”']) {
        return false;
    }
    let lower = line.to_lowercase();
    let mut words = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    matches!(words.next(), Some("chapter" | "part" | "book"))
        && words.next().is_some_and(|number| {
            number.chars().all(|c| c.is_ascii_digit())
                || number.chars().all(|c| "ivxlc".contains(c))
                || NUMBERS.contains(&number)
        })
}

/// Splits the title off the first lines, if there is one.
fn take_title<'a>(lines: &'a [&'a str], is_play: bool) -> (Option<String>, &'a [&'a str]) {
    let start = lines
        .iter()
        .position(|line| !line.trim().is_empty())
        .unwrap_or(lines.len());
    let lines = lines.get(start..).unwrap_or_default();
    let Some((first, rest)) = lines.split_first() else {
        return (None, lines);
    };
    let first = first.trim();
    let has_story = rest
        .iter()
        .any(|line| line.chars().any(char::is_alphabetic));
    if !has_story {
        return (None, lines);
    }
    if let Some(label) = first.get(..6)
        && label.eq_ignore_ascii_case("title:")
    {
        let title = first.get(6..).unwrap_or_default().trim();
        return (Some(title.to_owned()), without_byline(rest));
    }
    let bare = first.trim_start_matches('#').trim();
    let next = rest.first().map_or("", |line| line.trim());
    let is_set_apart = next.is_empty() || is_scene_break(next) || is_byline(next);
    if is_set_apart && is_title(bare) && !(is_play && play::begins(bare)) {
        let rest = if is_scene_break(next) {
            rest.get(1..).unwrap_or_default()
        } else {
            rest
        };
        return (Some(bare.to_owned()), without_byline(rest));
    }
    (None, lines)
}

/// Whether a line that stands alone at the beginning may be a title.
pub fn is_title(line: &str) -> bool {
    let unquoted = line.trim_end_matches(['\'', '’', '»', '›', ')']);
    line.chars().count() <= MAX_TITLE_CHARS
        && line.split_whitespace().count() <= 12
        && line.chars().any(char::is_alphabetic)
        && !line.starts_with(['"', '“', '„', '‘', '«', '‹', '-', '–', '—'])
        && !unquoted.ends_with(['.', '!', '?', '…', ',', ';', ':', '"', '”'])
        && !is_scene_break(line)
        && !is_chapter_heading(line)
}

/// Whether a line names the author: `by Jane Doe`.
pub fn is_byline(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("by"))
        && (1..=5).contains(&words.count())
        && !line.ends_with(['.', '!', '?', ','])
}

fn without_byline<'a>(lines: &'a [&'a str]) -> &'a [&'a str] {
    let first = lines.iter().position(|line| !line.trim().is_empty());
    match first {
        Some(index) if lines.get(index).is_some_and(|line| is_byline(line.trim())) => {
            lines.get(index + 1..).unwrap_or_default()
        }
        _ => lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(text: &str) -> Vec<String> {
        read(text).paragraphs
    }

    #[test]
    fn wrapped_lines_become_paragraphs() {
        let text = "Once upon a time there was a fox who lived at the edge of a wood\n\
                    and had a lantern. It was\n\ngreen.\n\nThe end came soon.\n";
        assert_eq!(
            paragraphs(text),
            [
                "Once upon a time there was a fox who lived at the edge of a wood and had a \
                 lantern. It was green.",
                "The end came soon."
            ]
        );
    }

    #[test]
    fn short_lines_and_indents_end_paragraphs() {
        let early = "The quick fox ran over the long and winding hill to find the moon.\n\
                     It was late.\nThe owl, who knew the whole wide forest by heart, only laughed.";
        assert_eq!(paragraphs(early).len(), 2);
        let indented = "   The fox ran over the long and winding hill to find the\nmoon.\n   \
                        The owl laughed and laughed until the sun came up over the\nfield.";
        assert_eq!(paragraphs(indented).len(), 2);
    }

    #[test]
    fn a_line_of_speech_is_a_paragraph() {
        let text = "\"Hello,\" said the fox.\n\"Hello there,\" said the owl.\nThey sat down.";
        assert_eq!(paragraphs(text).len(), 3);
    }

    #[test]
    fn each_part_of_a_play_is_a_paragraph_with_the_lines_that_go_on_with_it() {
        let play = "TOM: Where\nis it\nBEN:\nIn the river\n(They swim\nto it.)\nTOM: Help!";
        let parts = [
            "TOM: Where is it",
            "BEN: In the river",
            "(They swim to it.)",
            "TOM: Help!",
        ];
        assert_eq!(read(play).paragraphs, parts);
        let titled = read(&format!("Down the River\n\n{play}"));
        assert_eq!(titled.title.as_deref(), Some("Down the River"));
        assert_eq!(read("TOM: Hello\n\nBEN: Hi\n\nTOM: Bye").title, None);
    }

    #[test]
    fn one_paragraph_a_line_is_kept() {
        let long = "The fox ran and ran. ".repeat(10);
        assert_eq!(paragraphs(&format!("{long}\n{long}\n{long}")).len(), 3);
    }

    #[test]
    fn scene_breaks_of_all_kinds_are_recognised() {
        for mark in [
            "***",
            "* * *",
            "---",
            "# # #",
            "⁂",
            "~~~",
            "#",
            "=====",
            "Chapter 2",
        ] {
            let text = format!("The fox slept.\n\n{mark}\n\nThe owl woke.");
            assert_eq!(
                paragraphs(&text),
                ["The fox slept.", SCENE_BREAK, "The owl woke."]
            );
        }
    }

    #[test]
    fn titles_are_told_from_first_sentences() {
        for (text, title) in [
            ("The Fox\n\nIt slept.", Some("The Fox")),
            ("# The Fox\n\nIt slept.", Some("The Fox")),
            ("The Fox\n=======\n\nIt slept.", Some("The Fox")),
            ("Title: Who Is It?\nIt slept.", Some("Who Is It?")),
            ("The Fox\nby Jane Doe\n\nIt slept.", Some("The Fox")),
            ("The fox slept.\n\nIt woke.", None),
            ("The fox\nslept.", None),
            ("\"Hello\"\n\nIt slept.", None),
            ("«Hello»\n\nIt slept.", None),
            ("'We passed that oak before.'\n\nIt slept.", None),
            ("– Who is there?\n\nIt slept.", None),
            ("The Foxes' House\n\nIt slept.", Some("The Foxes' House")),
            ("The Fox", None),
        ] {
            let draft = read(text);
            assert_eq!(draft.title.as_deref(), title, "{text}");
            if title.is_some() {
                assert_eq!(draft.paragraphs, ["It slept."]);
            }
        }
    }
}
