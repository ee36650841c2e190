//! Markdown: the words without the marks.
//!
//! The first heading before any text is the title; later headings are scene breaks, as are
//! rules. Code blocks, tables, pictures, comments and link targets are left out; every item of
//! a list is a paragraph.

use super::{Draft, SCENE_BREAK, plain, play};

/// How far the end of a link or tag is looked for, in bytes.
const MAX_MARKUP_BYTES: usize = 500;

/// Takes the title and the paragraphs out of Markdown with normal characters.
pub fn read(text: &str) -> Draft {
    let (front_title, body) = split_front_matter(text);
    let body = without_comments(body);
    let mut draft = Draft::default();
    let mut open = String::new();
    let mut fence: Option<&str> = None;
    let is_play = play::is_play(body.lines().map(inline));
    for line in body.lines() {
        let content = line.trim().trim_start_matches(['>', ' ']);
        if let Some(mark) = fence {
            if content.starts_with(mark) {
                fence = None;
            }
            continue;
        }
        if let Some(mark) = ["```", "~~~"]
            .into_iter()
            .find(|mark| content.starts_with(mark))
        {
            close(&mut draft, &mut open);
            fence = Some(mark);
        } else if content.is_empty() || content.starts_with('|') || is_definition(content) {
            close(&mut draft, &mut open);
        } else if let Some(heading) = heading(content) {
            close(&mut draft, &mut open);
            push_heading(&mut draft, heading);
        } else if is_underline(content) && !open.is_empty() && plain::is_title(&open) {
            let heading = std::mem::take(&mut open);
            push_heading(&mut draft, &heading);
        } else if plain::is_scene_break(content) {
            close(&mut draft, &mut open);
            draft.paragraphs.push(SCENE_BREAK.to_owned());
        } else {
            let item = list_item(content);
            if item.is_some() || is_play && play::begins(&inline(content)) {
                close(&mut draft, &mut open);
            }
            let words = item.unwrap_or(content).trim_end_matches('\\');
            if open.is_empty() {
                open.push_str(words);
            } else {
                plain::join_line(&mut open, words);
            }
        }
    }
    close(&mut draft, &mut open);
    if draft.title.is_none() {
        draft.title = front_title;
    }
    if draft.title.is_none()
        && draft.paragraphs.len() > 1
        && draft
            .paragraphs
            .first()
            .is_some_and(|first| plain::is_title(first) && !(is_play && play::begins(first)))
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

fn close(draft: &mut Draft, open: &mut String) {
    let words = inline(open);
    open.clear();
    if !words.trim().is_empty() {
        draft.paragraphs.push(words);
    }
}

fn push_heading(draft: &mut Draft, heading: &str) {
    if draft.title.is_none() && draft.paragraphs.is_empty() {
        draft.title = Some(inline(heading));
    } else {
        draft.paragraphs.push(SCENE_BREAK.to_owned());
    }
}

fn heading(line: &str) -> Option<&str> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let is_heading = (1..=6).contains(&level) && words.starts_with(' ');
    let words = words.trim().trim_end_matches('#').trim_end();
    (is_heading && !words.is_empty()).then_some(words)
}

fn is_underline(line: &str) -> bool {
    line.len() >= 2 && (line.chars().all(|c| c == '=') || line.chars().all(|c| c == '-'))
}

fn is_definition(line: &str) -> bool {
    line.starts_with('[')
        && line
            .split_once("]:")
            .is_some_and(|(name, _)| !name.contains(' '))
}

fn list_item(line: &str) -> Option<&str> {
    if let Some(item) = ["- ", "* ", "+ "]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
    {
        return Some(item);
    }
    let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - after.len();
    if !(1..=3).contains(&digits) {
        return None;
    }
    after
        .strip_prefix(". ")
        .or_else(|| after.strip_prefix(") "))
}

/// The title of a `---` block at the very beginning, and what follows it.
fn split_front_matter(text: &str) -> (Option<String>, &str) {
    for mark in ["---\n", "+++\n"] {
        let Some(inner) = text.strip_prefix(mark) else {
            continue;
        };
        let fence = format!("\n{}", mark.trim_end());
        let Some(end) = inner.find(&fence) else {
            continue;
        };
        let (block, rest) = inner.split_at(end);
        if !block
            .lines()
            .all(|line| line.is_empty() || line.contains([':', '=', '-', '#']))
        {
            continue;
        }
        let title = block.lines().find_map(|line| {
            let value = line
                .strip_prefix("title")?
                .trim_start()
                .strip_prefix([':', '='])?;
            Some(value.trim().trim_matches(['"', '\'']).to_owned())
        });
        return (title, rest.get(fence.len()..).unwrap_or_default());
    }
    (None, text)
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<!--") {
        let (before, comment) = rest.split_at(start);
        out.push_str(before);
        match comment.find("-->") {
            Some(end) => rest = comment.get(end + 3..).unwrap_or_default(),
            None => return out,
        }
    }
    out.push_str(rest);
    out
}

/// The words of a paragraph without emphasis, links, pictures, tags and escapes.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let (words, next) = match c {
            '\\' if after.starts_with(|c: char| c.is_ascii_punctuation()) => after.split_at(1),
            '!' if after.starts_with('[') => match link(after) {
                Some((_, next)) => ("", next),
                None => ("!", after),
            },
            '[' if after.starts_with('^') => match near(after, ']') {
                Some((_, next)) => ("", next),
                None => ("[", after),
            },
            '[' => match link(rest) {
                Some((words, next)) => {
                    out.push_str(&words.replace(['*', '`'], ""));
                    ("", next)
                }
                None => ("[", after),
            },
            '<' if after.starts_with(|c: char| c.is_alphabetic() || c == '/') => {
                match near(after, '>') {
                    Some((tag, next)) if tag.starts_with("br") => (" ", next),
                    Some((_, next)) => ("", next),
                    None => ("<", after),
                }
            }
            '&' => entity(after).unwrap_or(("&", after)),
            '*' | '`' => ("", after),
            '~' if after.starts_with('~') => ("", after.get(1..).unwrap_or_default()),
            // Inside a word an underscore is a letter; at its edges it is emphasis.
            '_' if !(out.ends_with(char::is_alphanumeric)
                && after.starts_with(char::is_alphanumeric)) =>
            {
                ("", after)
            }
            _ => rest.split_at(c.len_utf8()),
        };
        out.push_str(words);
        rest = next;
    }
    out
}

/// The words of `[words](target)` or `[words][name]`, and what follows.
fn link(text: &str) -> Option<(&str, &str)> {
    let (words, after) = near(text.strip_prefix('[')?, ']')?;
    if let Some(target) = after.strip_prefix('(') {
        return near(target, ')').map(|(_, next)| (words, next));
    }
    if let Some(name) = after.strip_prefix('[') {
        return near(name, ']').map(|(_, next)| (words, next));
    }
    None
}

fn near(text: &str, end: char) -> Option<(&str, &str)> {
    let window = text
        .char_indices()
        .take_while(|(index, _)| *index < MAX_MARKUP_BYTES);
    let at = window.into_iter().find(|(_, c)| *c == end)?.0;
    Some((text.get(..at)?, text.get(at + end.len_utf8()..)?))
}

fn entity(after: &str) -> Option<(&'static str, &str)> {
    const ENTITIES: [(&str, &str); 14] = [
        ("amp;", "&"),
        ("lt;", "<"),
        ("gt;", ">"),
        ("quot;", "\""),
        ("apos;", "'"),
        ("nbsp;", " "),
        ("mdash;", "—"),
        ("ndash;", "–"),
        ("hellip;", "…"),
        ("ldquo;", "“"),
        ("rdquo;", "”"),
        ("lsquo;", "‘"),
        ("rsquo;", "’"),
        ("#39;", "'"),
    ];
    ENTITIES
        .iter()
        .find_map(|&(name, value)| Some((value, after.strip_prefix(name)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_go_and_the_words_stay() {
        let draft = read(
            "---\ntitle: Other\n---\n# The *Fox*\n\nby Jane Doe\n\nA **red** _fox_ saw \
             [the owl](http://x.y/z).\nIt was snake_case &amp; \\*late\\*.<br>![pic](a.png)\n\n\
             <!-- not\n\nthis -->\n## Night\n\n> “Who?” it said.\n\n```\ncode();\n```\n\n- One.\n- Two.\n\n[x]: http://x\n",
        );
        assert_eq!(draft.title.as_deref(), Some("The Fox"));
        assert_eq!(
            draft.paragraphs,
            [
                "A red fox saw the owl. It was snake_case & *late*. ",
                SCENE_BREAK,
                "“Who?” it said.",
                "One.",
                "Two."
            ]
        );
    }

    #[test]
    fn underlined_headings_and_front_matter_give_titles() {
        assert_eq!(
            read("The Fox\n===\n\nIt slept.").title.as_deref(),
            Some("The Fox")
        );
        assert_eq!(
            read("---\ntitle: \"A Fox\"\n---\nIt slept.")
                .title
                .as_deref(),
            Some("A Fox")
        );
    }

    #[test]
    fn brackets_without_end_take_linear_time() {
        let text = "[".repeat(200_000) + &"<a".repeat(100_000);
        assert!(!read(&text).paragraphs.is_empty());
    }
}
