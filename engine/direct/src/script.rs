//! The story as a script: for each scene its lines, told or spoken, in order. Nothing of the
//! text is lost but the tags that only say who speaks.

use std::ops::Range;

use fabula_story::{Emotion, Story};

use crate::captions;

/// One voice without a break.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub voice: Voice,
    pub words: Vec<Word>,
    pub emotion: Emotion,
    /// Between 0 and 1.
    pub intensity: f32,
    /// A new paragraph begins with it.
    pub opens_paragraph: bool,
    /// The verb of a tag that was left out, such as `whispered`.
    pub manner: Option<String>,
}

/// Who tells a line; characters by their position in the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    Narrator,
    Speaker {
        who: Option<usize>,
        to: Option<usize>,
    },
}

/// A word, typeset, and where it stands in the story's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub text: String,
    pub at: usize,
}

/// A stretch of the text with one voice.
struct Piece {
    span: Range<usize>,
    quote: Option<usize>,
}

/// The lines of each scene; one list of lines if the story has no scenes.
pub(crate) fn lines(story: &Story) -> Vec<Vec<Line>> {
    let pieces = pieces(story);
    let mut scenes: Vec<Vec<Line>> = vec![Vec::new(); story.scenes.len().max(1)];
    let mut told_until = 0;
    let mut manners: Vec<Option<String>> = vec![None; story.quotes.len()];
    let mut stopped = vec![false; story.quotes.len()];
    let tags: Vec<bool> = (0..pieces.len())
        .map(|index| match tag_of(story, &pieces, index) {
            Some(Tag {
                quote,
                verb,
                ends_sentence,
            }) => {
                manners[quote].get_or_insert(verb);
                stopped[quote] |= ends_sentence;
                true
            }
            None => false,
        })
        .collect();
    for (piece, is_tag) in pieces.iter().zip(tags) {
        let span = &piece.span;
        let opens_paragraph = told_until == 0 || story.text[told_until..span.start].contains('\n');
        let mut words = words(&story.text, span.clone(), piece.quote.is_some());
        if piece.quote.is_some_and(|index| stopped[index]) {
            stop(&mut words);
        }
        told_until = span.end;
        if words.is_empty() || is_tag {
            continue;
        }
        let scene = story
            .scenes
            .partition_point(|scene| scene.start <= span.start);
        let (emotion, intensity) = feeling(story, piece);
        let voice = piece.quote.map_or(Voice::Narrator, |index| {
            let place = |id: &Option<String>| {
                let id = id.as_deref()?;
                story
                    .characters
                    .iter()
                    .position(|character| character.id == id)
            };
            let quote = &story.quotes[index];
            Voice::Speaker {
                who: place(&quote.speaker),
                to: place(&quote.addressee),
            }
        });
        let manner = piece.quote.and_then(|index| manners[index].clone());
        if let Some(lines) = scenes.get_mut(scene.saturating_sub(1)) {
            lines.push(Line {
                voice,
                words,
                emotion,
                intensity,
                opens_paragraph,
                manner,
            });
        }
    }
    scenes
}

/// The whole text, divided at quotes, sentences, scenes and paragraphs; a title that stands at
/// its head is left to the card.
fn pieces(story: &Story) -> Vec<Piece> {
    let mut cuts: Vec<usize> = story
        .sentences
        .iter()
        .flat_map(|sentence| [sentence.start, sentence.end])
        .chain(story.scenes.iter().map(|scene| scene.start))
        .chain(story.text.match_indices("\n\n").map(|(at, _)| at))
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces = Vec::new();
    let narrate = |span: Range<usize>, pieces: &mut Vec<Piece>| {
        let mut start = span.start;
        let first = cuts.partition_point(|cut| *cut <= span.start);
        for cut in cuts[first..]
            .iter()
            .copied()
            .take_while(|cut| *cut < span.end)
        {
            pieces.push(Piece {
                span: start..cut,
                quote: None,
            });
            start = cut;
        }
        pieces.push(Piece {
            span: start..span.end,
            quote: None,
        });
    };
    let mut start = heading_length(story);
    for (index, quote) in story.quotes.iter().enumerate() {
        if quote.start < start {
            continue;
        }
        if start < quote.start {
            narrate(start..quote.start, &mut pieces);
        }
        pieces.push(Piece {
            span: quote.start..quote.end,
            quote: Some(index),
        });
        start = quote.end;
    }
    if start < story.text.len() {
        narrate(start..story.text.len(), &mut pieces);
    }
    pieces.retain(|piece| story.text[piece.span.clone()].contains(is_told));
    pieces
}

fn heading_length(story: &Story) -> usize {
    let start = story.text.len() - story.text.trim_start().len();
    let first_line = story.text[start..].lines().next().unwrap_or_default();
    let same = |c: char| !c.is_alphanumeric();
    let end = start + first_line.len();
    let is_title = first_line.trim_matches(same).to_lowercase()
        == story.title.trim_matches(same).to_lowercase()
        && story.text[end..].contains(is_told)
        && story
            .quotes
            .iter()
            .all(|quote| quote.end <= start || quote.start >= end);
    if is_title { end } else { 0 }
}

/// Letters, digits and pictures are told; ornaments between scenes are not.
fn is_told(c: char) -> bool {
    c.is_alphanumeric() || c >= '\u{1f000}'
}

fn feeling(story: &Story, piece: &Piece) -> (Emotion, f32) {
    let next = story
        .sentences
        .partition_point(|sentence| sentence.start <= piece.span.start);
    let sentence = next.checked_sub(1).map(|index| story.sentences[index]);
    let quoted = piece.quote.map(|index| story.quotes[index].emotion);
    let emotion = quoted
        .or(sentence.map(|sentence| sentence.emotion))
        .unwrap_or_default();
    if emotion == Emotion::Neutral {
        return (emotion, 0.0);
    }
    let score = sentence.map_or(0.0, |sentence| sentence.scores.get(emotion));
    // A quote may feel otherwise than the sentence around it, and scores may be left out.
    let least = if quoted.is_some() { 0.45 } else { 0.3 };
    (emotion, score.clamp(least, 1.0))
}

/// The words of a piece, typeset: curly quotes, real dashes, nothing longer than a line.
fn words(text: &str, span: Range<usize>, quoted: bool) -> Vec<Word> {
    const MARKS: [char; 12] = [
        '"', '“', '”', '„', '‟', '«', '»', '\'', '‘', '’', '「', '」',
    ];
    let mut inner = span.clone();
    if quoted {
        let said = &text[span.clone()];
        let opened = said.trim_start_matches(|c: char| MARKS.contains(&c) || c.is_whitespace());
        inner.start = span.end - opened.len();
        let closed = opened.trim_end_matches(|c: char| MARKS.contains(&c) || c.is_whitespace());
        inner.end = inner.start + closed.len();
    }
    let mut words = Vec::new();
    let base = text.as_ptr() as usize;
    for written in text[inner].split_whitespace() {
        let at = written.as_ptr() as usize - base;
        let set = typeset(written);
        for part in captions::fitting_parts(&set) {
            words.push(Word {
                text: part.to_owned(),
                at,
            });
        }
    }
    // A dash or a stop that stands alone belongs to the word before it.
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        match joined.last_mut() {
            Some(last)
                if !word.text.contains(is_told)
                    && last.text.chars().count() + word.text.chars().count()
                        < captions::LONGEST_LINE - 1 =>
            {
                if word.text.starts_with(['—', '–']) {
                    last.text.push(' ');
                }
                last.text.push_str(&word.text);
            }
            None if !quoted
                && !word.text.contains(is_told)
                && !word.text.starts_with(is_opening) => {}
            _ => joined.push(word),
        }
    }
    if quoted {
        quote(&mut joined);
    }
    joined
}

/// A quote whose tag was left out ends its sentence itself.
fn stop(words: &mut [Word]) {
    if let Some(last) = words.last_mut()
        && let Some(said) = last.text.strip_suffix(",”")
    {
        last.text = format!("{said}.”");
    }
}

fn is_opening(c: char) -> bool {
    matches!(c, '“' | '‘' | '(' | '«' | '¿' | '¡' | '…')
}

/// Puts quotation marks around the words; a word that fills its line is divided for it.
fn quote(words: &mut Vec<Word>) {
    if let Some(first) = words.first_mut() {
        first.text.insert(0, '“');
    }
    if let Some(last) = words.last_mut() {
        last.text.push('”');
    }
    *words = words
        .iter()
        .flat_map(|word| {
            let parts = captions::fitting_parts(&word.text).into_iter();
            parts
                .map(|part| Word {
                    text: part.to_owned(),
                    at: word.at,
                })
                .collect::<Vec<_>>()
        })
        .collect();
}

fn typeset(word: &str) -> String {
    let word = word
        .replace("---", "—")
        .replace("--", "—")
        .replace("...", "…");
    let mut set = String::with_capacity(word.len());
    let mut before: Option<char> = None;
    for c in word.chars() {
        let inside =
            before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ',' | '!' | '?' | '…'));
        set.push(match c {
            '\'' if inside => '’',
            '\'' => '‘',
            '"' if inside => '”',
            '"' => '“',
            _ => c,
        });
        before = Some(c);
    }
    set
}

/// Verbs of tags.
const SAYING: &[&str] = &[
    "said",
    "says",
    "say",
    "asked",
    "asks",
    "replied",
    "replies",
    "answered",
    "answers",
    "cried",
    "cries",
    "whispered",
    "whispers",
    "shouted",
    "shouts",
    "called",
    "calls",
    "exclaimed",
    "exclaims",
    "murmured",
    "murmurs",
    "muttered",
    "mutters",
    "growled",
    "growls",
    "snapped",
    "hissed",
    "roared",
    "sobbed",
    "sighed",
    "begged",
    "pleaded",
    "continued",
    "added",
    "repeated",
    "yelled",
    "screamed",
    "shrieked",
    "squeaked",
    "croaked",
    "cawed",
    "barked",
    "purred",
    "laughed",
    "chuckled",
    "giggled",
    "wept",
    "gasped",
    "stammered",
    "announced",
    "declared",
    "demanded",
    "inquired",
    "wondered",
    "agreed",
    "admitted",
    "explained",
    "promised",
    "warned",
    "insisted",
    "remarked",
    "observed",
    "thought",
    "grumbled",
    "moaned",
    "groaned",
    "sang",
    "chirped",
    "hooted",
    "bellowed",
    "thundered",
    "boomed",
    "went",
];
/// Words that may stand in a tag beside the verb and the name.
const TAG_WORDS: &[&str] = &[
    "the", "a", "an", "to", "my", "his", "her", "its", "their", "our", "mr", "mrs", "miss", "i",
    "he", "she", "it", "they", "we", "him", "them", "me", "us", "again", "then", "at", "last",
    "once", "more", "old", "little", "young", "big", "great", "poor", "good", "back", "out",
];
/// The longest tag that only says who speaks, in words.
const LONGEST_TAG: usize = 7;

/// A piece that only says who speaks.
struct Tag {
    /// The quote that it belongs to.
    quote: usize,
    verb: String,
    /// The quote before it and the tag are a sentence.
    ends_sentence: bool,
}

/// The piece as a tag, if it is nothing else.
fn tag_of(story: &Story, pieces: &[Piece], index: usize) -> Option<Tag> {
    let piece = &pieces[index];
    if piece.quote.is_some() {
        return None;
    }
    let text = &story.text[piece.span.clone()];
    let before = index.checked_sub(1).map(|at| &pieces[at]);
    let quote_before = before
        .filter(|before| !story.text[before.span.end..piece.span.start].contains('\n'))
        .and_then(|before| before.quote);
    let leads = text.trim_end().ends_with([',', ':']);
    let quote_after = pieces
        .get(index + 1)
        .and_then(|after| after.quote)
        .filter(|_| leads);
    let quote = quote_before.or(quote_after)?;
    story.quotes[quote].speaker.as_ref()?;
    let words: Vec<String> = text
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '-')))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if words.len() > LONGEST_TAG || words.len() < 2 {
        return None;
    }
    // A full stop inside means that another sentence follows the tag.
    let stop = text
        .trim()
        .trim_end_matches(['.', ',', ':', ';', '!', '?', '—', '-', ' ']);
    if stop.contains(['.', '!', '?', ';']) && !text.contains("Mr") && !text.contains("Dr") {
        return None;
    }
    let is_saying = |word: &String| SAYING.contains(&word.to_lowercase().as_str());
    let verb = words.iter().position(is_saying)?;
    let names = |word: &str| {
        let is_name = |name: &String| {
            name.split_whitespace()
                .any(|part| part.eq_ignore_ascii_case(word))
        };
        story
            .characters
            .iter()
            .any(|character| is_name(&character.name) || character.aliases.iter().any(is_name))
    };
    let only_attributes = words.iter().enumerate().all(|(at, word)| {
        let lower = word.to_lowercase();
        at == verb
            || TAG_WORDS.contains(&lower.as_str())
            || (lower.ends_with("ly") && lower.len() > 4)
            || names(word)
    });
    only_attributes.then(|| Tag {
        quote,
        verb: words[verb].to_lowercase(),
        ends_sentence: quote_before.is_some() && text.trim_end().ends_with(['.', '!', '?']),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn told(story: &Story) -> Vec<String> {
        let texts = |line: &Line| {
            line.words
                .iter()
                .map(|word| word.text.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        lines(story).concat().iter().map(texts).collect()
    }

    #[test]
    fn a_tag_that_only_attributes_is_left_out() {
        let story = sample::story("\"Come in,\" said the fox. \"It is warm.\"\n\nThe crow waited.");
        assert_eq!(
            told(&story),
            ["“Come in.”", "“It is warm.”", "The crow waited."]
        );
    }

    #[test]
    fn a_tag_that_carries_action_is_kept() {
        let story = sample::story("\"Come in,\" said the fox, and opened the door.");
        assert_eq!(
            told(&story),
            ["“Come in,”", "said the fox, and opened the door."]
        );
    }

    #[test]
    fn the_manner_of_a_tag_is_remembered() {
        let story = sample::story("\"Come in,\" whispered the fox.");
        assert_eq!(lines(&story)[0][0].manner.as_deref(), Some("whispered"));
    }

    #[test]
    fn text_outside_sentences_and_scenes_is_told_too() {
        let mut story = sample::story("One. Two. Three.");
        story.sentences.remove(1);
        story.scenes.clear();
        assert_eq!(told(&story).join(" "), "One. Two. Three.");
    }

    #[test]
    fn a_title_at_the_head_of_the_text_is_not_told_twice() {
        let mut story = sample::story("The Fox\n\nA fox ran.");
        story.title = "The Fox".into();
        assert_eq!(told(&story), ["A fox ran."]);
    }

    #[test]
    fn straight_marks_become_curly() {
        let story = sample::story("\"Don't -- wait...\" He didn't.");
        assert_eq!(told(&story), ["“Don’t — wait…”", "He didn’t."]);
    }

    #[test]
    fn ornaments_are_not_told() {
        let story = sample::story("One.\n\n* * *\n\nTwo.");
        assert_eq!(told(&story), ["One.", "Two."]);
    }
}
