//! Divides a line of the story into captions: two lines of 42 characters, broken where a reader
//! takes breath.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// The longest line of a caption, in characters.
pub(crate) const LONGEST_LINE: usize = 42;
/// The fastest that a caption may be read, in characters a second.
const READING_SPEED: f64 = 17.0;
/// The shortest time that a caption stays.
const SHORTEST_S: f64 = 1.0;

/// What it costs to begin another caption, on the scale of [`break_cost`].
const CAPTION_COST: f64 = 12.0;
/// What it costs to leave a few words alone in a caption.
const SHORT_COST: f64 = 7.0;
/// What it costs to carry on past the end of a sentence.
const INNER_STOP_COST: f64 = 7.0;

/// What it costs to leave a name alone in the first line, on the scale of [`break_cost`].
const LONELY_NAME_COST: f64 = 30.0;

/// Words that begin a clause or a phrase: a good place for a break stands before them.
const OPENERS: &[&str] = &[
    "and", "but", "or", "nor", "so", "yet", "for", "because", "as", "if", "when", "while", "where",
    "until", "till", "before", "after", "since", "though", "although", "that", "which", "who",
    "whom", "whose", "with", "without", "from", "into", "to", "in", "on", "at", "by", "of",
    "through", "over", "under", "behind", "beside", "between", "across", "toward", "towards",
    "than", "then",
];
/// Words that belong to what follows: no line ends with them.
const LEANERS: &[&str] = &[
    "a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these",
    "those", "of", "to", "in", "on", "at", "by", "with", "from", "for", "and", "or", "but", "as",
    "if", "mr", "mrs", "ms", "dr", "no", "very", "so", "is", "was", "were", "had", "have", "has",
    "i", "he", "she", "we", "they", "it", "not",
];

/// How long these characters, and `lead` before them, must stay on screen to be read.
pub(crate) fn reading_s(text: &str, lead: usize) -> f64 {
    let count = lead + text.chars().count();
    (count as f64 / READING_SPEED).max(SHORTEST_S)
}

/// How many characters stand before the first line of what somebody of this name says: the name,
/// a colon where captions are a file, and a space.
pub(crate) fn lead(name: &str) -> usize {
    name.chars().count() + 2
}

/// A word in parts that each fit in a line; whole graphemes as far as possible.
pub(crate) fn fitting_parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut end, mut length) = (0, 0, 0);
    for grapheme in word.graphemes(true) {
        let count = grapheme.chars().count();
        if length + count > LONGEST_LINE && length > 0 {
            parts.push(&word[start..end]);
            (start, length) = (end, 0);
        }
        for c in grapheme.chars() {
            if length == LONGEST_LINE {
                parts.push(&word[start..end]);
                (start, length) = (end, 0);
            }
            end += c.len_utf8();
            length += 1;
        }
    }
    if end > start {
        parts.push(&word[start..end]);
    }
    parts
}

/// The captions of a line as stretches of its words; each word fits in a line of a caption. The
/// first line of each has `lead` characters before it.
pub(crate) fn divide(words: &[&str], lead: usize) -> Vec<Range<usize>> {
    let lengths: Vec<usize> = words.iter().map(|word| word.chars().count()).collect();
    let mut best = vec![(0.0, 0); words.len() + 1];
    for end in 1..=words.len() {
        best[end].0 = f64::INFINITY;
        let mut length = 0;
        let mut inner_stops = 0.0;
        for start in (0..end).rev() {
            length += lengths[start] + usize::from(start + 1 < end);
            if lead + length > 2 * LONGEST_LINE + 1 && start + 1 < end {
                break;
            }
            if start + 1 < end && ends_sentence(words[start]) {
                inner_stops += 1.0;
            }
            if start + 1 < end && fold(&lengths[start..end], &words[start..end], lead).is_none() {
                continue;
            }
            let mut cost = best[start].0 + CAPTION_COST + inner_stops * INNER_STOP_COST;
            if end < words.len() {
                cost += break_cost(words[end - 1], words[end]);
            }
            if length < 16 && end - start < words.len() {
                cost += SHORT_COST;
            }
            if cost < best[end].0 {
                best[end] = (cost, start);
            }
        }
    }
    let mut captions = Vec::new();
    let mut end = words.len();
    while end > 0 {
        let start = best[end].1;
        captions.push(start..end);
        end = start;
    }
    captions.reverse();
    captions
}

/// The words of a caption in one line or, divided where it reads best, in two, with `lead`
/// characters before the first: an empty one where no word fits behind them.
pub(crate) fn lay_out(words: &[&str], lead: usize) -> String {
    let lengths: Vec<usize> = words.iter().map(|word| word.chars().count()).collect();
    match fold(&lengths, words, lead) {
        Some(0) => format!("\n{}", words.join(" ")),
        Some(at) if at < words.len() => {
            format!("{}\n{}", words[..at].join(" "), words[at..].join(" "))
        }
        _ => words.join(" "),
    }
}

/// Where the second line begins: the number of words if one line holds them all, nothing if two
/// lines do not.
fn fold(lengths: &[usize], words: &[&str], lead: usize) -> Option<usize> {
    let whole = lead + lengths.iter().sum::<usize>() + lengths.len().saturating_sub(1);
    if whole <= LONGEST_LINE {
        return Some(words.len());
    }
    let mut first = lead;
    let mut best: Option<(f64, usize)> = None;
    if lead > 0 && whole - lead <= LONGEST_LINE {
        best = Some((LONELY_NAME_COST, 0));
    }
    for at in 1..words.len() {
        first += lengths[at - 1] + usize::from(at > 1);
        if first > LONGEST_LINE {
            break;
        }
        let second = whole - first - 1;
        if second > LONGEST_LINE {
            continue;
        }
        let imbalance = first.abs_diff(second) as f64;
        let cost = imbalance * 0.5 + break_cost(words[at - 1], words[at]);
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, at));
        }
    }
    best.map(|(_, at)| at)
}

/// How badly a break between two words reads.
fn break_cost(before: &str, after: &str) -> f64 {
    let bare = before.trim_end_matches(['”', '’', '"', ')', '»']);
    if bare.ends_with(['.', '!', '?', '…', '。', '！', '？']) {
        return 0.0;
    }
    if bare.ends_with([';', ':', '—', '–']) {
        return 1.0;
    }
    if bare.ends_with([',', '、', '，']) {
        return 2.0;
    }
    if contains(LEANERS, before) {
        return 20.0;
    }
    if contains(OPENERS, after) { 6.0 } else { 11.0 }
}

fn ends_sentence(word: &str) -> bool {
    word.trim_end_matches(['”', '’', '"', ')', '»'])
        .ends_with(['.', '!', '?', '…'])
}

fn contains(list: &[&str], word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    list.iter().any(|entry| entry.eq_ignore_ascii_case(bare))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn captions(text: &str) -> Vec<String> {
        captions_behind(text, 0)
    }

    fn captions_behind(text: &str, lead: usize) -> Vec<String> {
        let words: Vec<&str> = text.split_whitespace().flat_map(fitting_parts).collect();
        divide(&words, lead)
            .into_iter()
            .map(|range| lay_out(&words[range], lead))
            .collect()
    }

    #[test]
    fn a_short_line_is_one_caption_of_one_line() {
        assert_eq!(captions("The fox ran home."), ["The fox ran home."]);
    }

    #[test]
    fn a_long_line_breaks_at_its_clauses() {
        assert_eq!(
            captions(
                "When the sun had gone down behind the hills, the old woman lit her lamp, and \
                 the boy, who had been waiting at the window, began to cry."
            ),
            [
                "When the sun had gone down behind\nthe hills, the old woman lit her lamp,",
                "and the boy, who had been waiting\nat the window, began to cry.",
            ]
        );
    }

    #[test]
    fn no_line_ends_with_an_article() {
        let caption =
            &captions("She carried the basket of apples all the way to the little house")[0];
        let first = caption.lines().next().unwrap();
        assert!(
            !first.ends_with(" the") && !first.ends_with(" to"),
            "{caption}"
        );
    }

    #[test]
    fn a_word_without_end_is_broken() {
        let word = "é".repeat(100);
        assert_eq!(captions(&word).len(), 2);
    }

    #[test]
    fn a_name_before_a_caption_counts_as_part_of_it() {
        let text = "“We will be home before it is dark, I promise.”";
        assert_eq!(
            captions_behind(text, lead("Grandmother Josephine")),
            ["“We will be home\nbefore it is dark, I promise.”"]
        );
        let word = "“Heavens!”";
        assert_eq!(captions_behind(word, 36), [format!("\n{word}")]);
        assert!(reading_s("Good evening to you.", 20) > reading_s("Good evening to you.", 0));
    }

    proptest! {
        #[test]
        fn captions_fit_and_keep_every_word(text in "(\\PC{0,60}|[a-z]{1,12}[,.]?)( [a-z]{1,14}[,.!]?){0,60}", lead in 0..LONGEST_LINE) {
            let captions = captions_behind(&text, lead);
            for caption in &captions {
                prop_assert!(caption.split('\n').count() <= 2, "{caption}");
                for (number, line) in caption.split('\n').enumerate() {
                    let before = if number == 0 { lead } else { 0 };
                    prop_assert!(before + line.chars().count() <= LONGEST_LINE, "{line}");
                }
            }
            let told: String = captions.concat().split_whitespace().collect();
            let written: String = text.split_whitespace().collect();
            prop_assert_eq!(told, written);
        }
    }
}
