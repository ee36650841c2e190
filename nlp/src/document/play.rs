//! Plays: lines that begin with who speaks them are told as speech.
//!
//! ```text
//! TOM (angrily): Give it back!      Tom said angrily: “Give it back!”
//! BEN: Catch me! (runs away)        Ben said: “Catch me!” Ben runs away.
//! (They run to the river.)          They run to the river.
//! NARRATOR: Night fell.             Night fell.
//! ```

use std::collections::BTreeSet;

use super::SCENE_BREAK;
use super::plain::ends_sentence;

/// The longest name of a part, in characters and in words.
const LONGEST_NAME: usize = 32;
const NAME_WORDS: usize = 4;
/// A text with fewer lines for parts is no play.
const FEWEST_LINES: usize = 3;

/// A line for a part.
#[derive(Debug, PartialEq, Eq)]
struct Part<'a> {
    name: &'a str,
    /// What stands in brackets behind the name.
    manner: Option<&'a str>,
    /// What is said; nothing where it stands in the next line.
    words: &'a str,
}

/// Whether most lines are for parts, and somebody has more than one. Lines that go on with the one
/// before do not count.
pub fn is_play(lines: impl IntoIterator<Item: AsRef<str>>) -> bool {
    let mut names = BTreeSet::new();
    let (mut parts, mut others) = (0, 0);
    let mut is_open = false;
    for line in lines {
        let line = line.as_ref().trim();
        match part(line).filter(|part| !is_remark(part.name)) {
            Some(part) => {
                parts += 1;
                names.insert(part.name.to_lowercase());
            }
            None if is_open || line.is_empty() || line.starts_with(['(', '[']) => {}
            None => others += 1,
        }
        is_open = !line.is_empty() && (!ends_sentence(line) || goes_on(line));
    }
    parts >= FEWEST_LINES && parts >= others && (2..parts).contains(&names.len())
}

/// Whether a line of a play begins something of its own.
pub fn begins(line: &str) -> bool {
    part(line).is_some() || line.starts_with(['(', '['])
}

/// Whether what a part says stands in the next line.
pub fn goes_on(line: &str) -> bool {
    part(line).is_some_and(|part| part.words.is_empty())
}

/// The paragraphs of a play as a story tells them.
pub fn told(paragraphs: Vec<String>) -> Vec<String> {
    let mut told = Vec::with_capacity(paragraphs.len());
    let mut paragraphs = paragraphs.into_iter().peekable();
    while let Some(mut paragraph) = paragraphs.next() {
        if goes_on(&paragraph)
            && let Some(words) = paragraphs.next_if(|next| !begins(next))
        {
            paragraph = format!("{paragraph} {words}");
        }
        if let Some(direction) = bracketed(&paragraph) {
            told.push(sentence(direction));
            continue;
        }
        let Some(part) = part(&paragraph) else {
            told.push(paragraph);
            continue;
        };
        match part.name.to_lowercase().as_str() {
            "characters" | "cast" | "props" => {}
            "narrator" | "storyteller" | "setting" | "place" | "time" => {
                told.push(sentence(part.words));
            }
            name if is_scene(name) => {
                told.push(SCENE_BREAK.to_owned());
                told.push(sentence(part.words));
            }
            _ => told.push(speech(&part)),
        }
    }
    told
}

/// A line such as `TOM (angrily): Give it back!`.
fn part(line: &str) -> Option<Part<'_>> {
    let (before, words) = line.split_once(':')?;
    let (name, manner) = match before.split_once('(') {
        Some((name, manner)) => (name, Some(manner.trim_end().strip_suffix(')')?)),
        None => (before, None),
    };
    let name = name.trim();
    let all: Vec<&str> = name.split_whitespace().collect();
    let is_named = |word: &str| {
        word.starts_with(|c: char| c.is_uppercase() || c.is_numeric())
            && word
                .chars()
                .all(|c| c.is_alphanumeric() || "'’-.".contains(c))
    };
    let joins = |word: &str| matches!(word, "the" | "of" | "and" | "&");
    let fits = name.chars().count() <= LONGEST_NAME
        && all.len() <= NAME_WORDS
        && all.first().is_some_and(|word| is_named(word))
        && all.iter().all(|word| is_named(word) || joins(word));
    // "9:30"
    let is_apart = words.is_empty() || words.starts_with(char::is_whitespace);
    (fits && is_apart && name.contains(char::is_alphabetic)).then(|| Part {
        name,
        manner: manner.map(str::trim).filter(|manner| !manner.is_empty()),
        words: words.trim(),
    })
}

/// Whether a line is no part's, although it looks like one.
fn is_remark(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.as_str();
    matches!(
        name,
        "characters" | "cast" | "props" | "setting" | "place" | "time"
    ) || is_scene(name)
}

fn is_scene(name: &str) -> bool {
    matches!(name.split(' ').next(), Some("scene" | "act"))
}

/// What a paragraph says that is in brackets as a whole.
fn bracketed(paragraph: &str) -> Option<&str> {
    let inner = match paragraph.chars().next()? {
        '(' => paragraph.strip_prefix('(')?.strip_suffix(')')?,
        '[' => paragraph.strip_prefix('[')?.strip_suffix(']')?,
        _ => return None,
    };
    (!inner.contains(['(', '[']) && inner.contains(char::is_alphabetic)).then(|| inner.trim())
}

/// What is said, with a tag and with what is done meanwhile.
fn speech(part: &Part) -> String {
    let name = written(part.name);
    let mut told = match part.manner {
        Some(manner) if manner.ends_with("ly") && !manner.contains(' ') => {
            format!("{name} said {}:", manner.to_lowercase())
        }
        Some(manner) => format!("{name} said, {manner}:"),
        None => format!("{name} said:"),
    };
    let mut rest = part.words;
    while !rest.is_empty() {
        let (said, after) = rest.split_once('(').unwrap_or((rest, ""));
        let said = said
            .trim()
            .trim_matches(['"', '“', '”'])
            .replace(['"', '“'], "‘");
        if said.contains(char::is_alphanumeric) {
            told.push_str(" “");
            told.push_str(&said.replace('”', "’"));
            told.push('”');
        }
        let (done, after) = after.split_once(')').unwrap_or((after, ""));
        if done.contains(char::is_alphanumeric) {
            told.push(' ');
            told.push_str(&action(&name, done.trim()));
        }
        rest = after;
    }
    told
}

/// What stands in brackets between what somebody says: `runs away`, `laughing`, `He runs away.`
fn action(name: &str, done: &str) -> String {
    let verb = done.split_whitespace().next().unwrap_or("");
    if !done.starts_with(char::is_lowercase) {
        sentence(done)
    } else if verb.ends_with("ing") {
        sentence(&format!("{name} is {done}"))
    } else if verb.ends_with('s') {
        sentence(&format!("{name} {done}"))
    } else {
        format!("({done})")
    }
}

/// A name that is all in capitals in small letters, but the first of each word.
fn written(name: &str) -> String {
    let shouts = |word: &str| !word.contains(char::is_lowercase);
    let small = |word: &str| -> String {
        let mut letters = word.chars();
        let first = letters.next().into_iter();
        first.chain(letters.flat_map(char::to_lowercase)).collect()
    };
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_noun = words.len() == 2 && words[0].eq_ignore_ascii_case("the");
    let write = |(index, word): (usize, &&str)| match *word {
        "AND" | "OF" => word.to_lowercase(),
        // "The wolf", as he is called elsewhere.
        word if is_noun && index == 1 => word.to_lowercase(),
        word if shouts(word) => small(word),
        word => word.to_owned(),
    };
    let words: Vec<String> = words.iter().enumerate().map(write).collect();
    words.join(" ")
}

/// Words with a capital and a mark at their ends.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let mut told: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    told.push_str(letters.as_str());
    if told.ends_with(char::is_alphanumeric) {
        told.push('.');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Vec<String> {
        told(lines.iter().map(|&line| line.to_owned()).collect())
    }

    #[test]
    fn parts_speak_and_directions_are_told() {
        assert_eq!(
            of(&[
                "Characters: Tom, Ben",
                "Scene 2: the river",
                "NARRATOR: Night fell.",
                "TOM (angrily): Give it back!",
                "MR. FOX: \"Catch me!\" (runs away)",
                "THE WOLF (looking up): I said “no”. (He growls.) Never!",
                "(They swim)",
                "TOM AND BEN:",
                "Help!",
            ]),
            [
                "* * *",
                "The river.",
                "Night fell.",
                "Tom said angrily: “Give it back!”",
                "Mr. Fox said: “Catch me!” Mr. Fox runs away.",
                "The wolf said, looking up: “I said ‘no’.” He growls. “Never!”",
                "They swim.",
                "Tom and Ben said: “Help!”",
            ]
        );
    }

    #[test]
    fn a_play_is_told_from_lists_letters_and_stories() {
        let is = |text: &str| is_play(text.lines());
        assert!(is(
            "TOM: Hello!\nBEN: Hello, Tom.\n(They wave.)\nTOM: Goodbye!"
        ));
        assert!(is(
            "Mum: Where are you?\n\nLi: In the garden.\n\nMum: Come in."
        ));
        for no in [
            "Ingredients: flour\nMethod: stir\nTime: an hour\nEnjoy it.",
            "Tom: Hello!\nBen: Hello!",
            "Dear Tom:\nI am well.\nYours: Ben\nTom: my friend\nIt rains.\nIt pours.",
            "At 9:30 she came.\nAt 10:15 he went.\nAt 11:00 they met.",
            "The fox said: \"Come.\"\nThe crow said: \"No.\"\nThe fox said: \"Why?\"",
        ] {
            assert!(!is(no), "{no}");
        }
    }

    #[test]
    fn nothing_that_is_no_part_is_changed() {
        let prose = ["The fox ran: it was late.", "At 9:30 (or later) she came."];
        assert_eq!(of(&prose), prose);
    }
}
