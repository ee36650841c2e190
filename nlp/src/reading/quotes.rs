//! What is said aloud: quotation marks of every kind, and paragraphs that begin with a dash.

use super::lexicon::Lexicon;
use super::text::{ParagraphKind, Shape, Text};

/// A stretch of speech as word indexes, its marks included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quotation {
    pub first: usize,
    /// The last word or mark.
    pub last: usize,
    /// The same speech as the quotation before: its paragraph ended without a closing mark.
    pub continues: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Single,
    Double,
}

/// Finds the quotations of a text, in order.
pub(super) fn find(text: &Text) -> Vec<Quotation> {
    let style = style(text);
    let dashes = text
        .paragraphs
        .iter()
        .filter(|paragraph| {
            paragraph.kind == ParagraphKind::Body && is_dash(text.lower(paragraph.first))
        })
        .count();
    let mut quotations = Vec::new();
    let mut open = false;
    for paragraph in &text.paragraphs {
        if paragraph.kind != ParagraphKind::Body {
            continue;
        }
        let (first, end) = (paragraph.first, paragraph.end);
        if is_dash(text.lower(first)) && text.shape(first + 1) != Shape::Mark {
            let marked = (first..end).any(|index| opens(text, index, first, style));
            if !marked && (dashes > 1 || text.shape(first + 1) == Shape::Capital) {
                dash_dialogue(text, first, end, &mut quotations);
                open = false;
                continue;
            }
        }
        let mut index = first;
        let mut continues = open;
        open = false;
        while index < end {
            if !opens(text, index, first, style) {
                if index == first {
                    continues = false;
                }
                index += 1;
                continue;
            }
            let (last, closed) = close(text, index, end);
            let quotation = Quotation {
                first: index,
                last,
                continues,
            };
            if !closed {
                open = true;
            }
            if is_speech(text, quotation, first) || continues || !closed {
                quotations.push(quotation);
            }
            continues = false;
            index = last + 1;
        }
    }
    unmarked(text, &mut quotations);
    quotations.retain(|quotation| {
        (quotation.first..=quotation.last).any(|index| text.shape(index) != Shape::Mark)
    });
    quotations
}

fn is_dash(mark: &str) -> bool {
    matches!(mark, "-" | "--" | "---" | "—" | "–" | "―")
}

/// Single marks are quotation marks only in a text that opens more of them than double ones.
fn style(text: &Text) -> Style {
    let mut doubles = 0;
    let mut singles = 0;
    for index in 0..text.words.len() {
        match text.lower(index) {
            "\"" | "“" | "”" | "«" | "„" => doubles += 1,
            "‘" if !text.mark(index + 1) || text.lower(index + 1) == "'" => singles += 2,
            "'" if !text.mark(index + 1)
                && text.glued(index + 1)
                && !text.glued(index)
                && !is_elision(text.lower(index + 1)) =>
            {
                singles += 2;
            }
            _ => {}
        }
    }
    if singles > doubles {
        Style::Single
    } else {
        Style::Double
    }
}

fn is_elision(word: &str) -> bool {
    matches!(
        word,
        "tis"
            | "twas"
            | "twere"
            | "twill"
            | "em"
            | "cause"
            | "un"
            | "bout"
            | "til"
            | "till"
            | "round"
            | "ere"
            | "neath"
            | "gainst"
            | "cos"
            | "cept"
            | "s"
            | "im"
            | "er"
            | "pon"
    ) || word.starts_with(|letter: char| letter.is_ascii_digit())
}

/// Whether a mark at `index` opens a quotation.
fn opens(text: &Text, index: usize, paragraph: usize, style: Style) -> bool {
    let free = index == paragraph || !text.glued(index) || text.mark(index - 1);
    match text.lower(index) {
        "“" | "«" | "„" => true,
        "\"" => text.glued(index + 1) && free,
        "‘" => style == Style::Single && text.glued(index + 1),
        "'" => {
            style == Style::Single
                && text.glued(index + 1)
                && free
                && (!is_elision(text.lower(index + 1)) || index == paragraph)
        }
        _ => false,
    }
}

/// The last word of the quotation opened at `open`, and whether a mark closes it.
fn close(text: &Text, open: usize, end: usize) -> (usize, bool) {
    let mark = text.lower(open);
    let single = matches!(mark, "'" | "‘");
    let mut apostrophe = None;
    for index in open + 1..end {
        let lower = text.lower(index);
        let closes = match mark {
            "«" => lower == "»",
            "„" => matches!(lower, "“" | "”" | "\""),
            "“" => matches!(lower, "”" | "\""),
            "\"" => matches!(lower, "\"" | "”"),
            _ => matches!(lower, "'" | "’"),
        };
        if closes && !single {
            let opening = lower == "\"" && text.glued(index + 1) && !text.glued(index);
            return if opening && !text.mark(index + 1) && mark == "\"" {
                (index - 1, true)
            } else {
                (index, true)
            };
        }
        // "‘’Tis late" begins with an elision.
        if closes && single && index > open + 1 {
            let after_mark = text.mark(index - 1);
            if lower == "'" && !text.glued(index) && text.glued(index + 1) {
                // Opens something: an elision, or the next quotation after a forgotten mark.
                if is_elision(text.lower(index + 1)) {
                    continue;
                }
                return apostrophe.map_or((index - 1, true), |at| (at, true));
            }
            if text.glued(index + 1) && !text.mark(index + 1) && !after_mark {
                continue;
            }
            if after_mark || text.mark(index + 1) {
                return (index, true);
            }
            apostrophe.get_or_insert(index);
        } else if !single && mark == "“" && lower == "“" {
            return (index - 1, true);
        } else if single
            && lower == "‘"
            && let Some(at) = apostrophe
        {
            return (at, true);
        }
    }
    match apostrophe {
        Some(at) => (at, true),
        None => (end - 1, false),
    }
}

/// Tells speech from titles and from words held at arm's length.
fn is_speech(text: &Text, quotation: Quotation, paragraph: usize) -> bool {
    let lexicon = Lexicon::get();
    let inner = text.before(quotation.last, 1);
    let ends = matches!(
        inner.chars().next(),
        Some(',' | '.' | '!' | '?' | '…' | '-' | '—' | '–' | ';' | ':' | '’' | '”' | '\'' | ')')
    );
    let before = text.before(quotation.first, 1);
    ends || quotation.first == paragraph
        || matches!(before, ":" | ",") && text.shape(quotation.first + 1) != Shape::Lower
        || lexicon.speech.contains_key(before)
        || (1..=3).any(|step| {
            lexicon
                .speech
                .contains_key(text.lower(quotation.last + step))
        }) && !text.mark(quotation.last + 1)
}

/// Speech in a paragraph that begins with a dash: all but the tags.
fn dash_dialogue(text: &Text, first: usize, end: usize, quotations: &mut Vec<Quotation>) {
    let mut begin = Some(first);
    let mut tag = false;
    for index in first + 1..end {
        let lower = text.lower(index);
        match begin {
            Some(start) => {
                let pause = is_dash(lower)
                    || matches!(lower, "," | "." | "!" | "?" | "…" | ";" | ":" | "...");
                let next = if is_dash(text.lower(index + 1)) {
                    index + 2
                } else {
                    index + 1
                };
                if pause && next < end && is_tag(text, next) {
                    let last = if is_dash(lower) { index - 1 } else { index };
                    if last > start {
                        quotations.push(Quotation {
                            first: start,
                            last,
                            continues: false,
                        });
                    }
                    begin = None;
                    tag = true;
                }
            }
            None if is_dash(lower) && tag && index > first && !is_tag(text, index + 1) => {
                begin = Some(index);
            }
            None if tag && lower == "," && index + 1 < end && !is_dash(text.lower(index + 1)) => {
                // "said the wolf, and bring your cake": speech goes on, unless the tag does.
                if !text.lower(index + 1).ends_with("ing") && !text.lower(index + 1).ends_with("ed")
                {
                    begin = Some(index + 1);
                }
                tag = false;
            }
            None => {
                if matches!(lower, "." | "!" | "?") {
                    tag = true;
                }
            }
        }
    }
    if let Some(start) = begin
        && end - 1 > start
    {
        quotations.push(Quotation {
            first: start,
            last: end - 1,
            continues: false,
        });
    }
}

/// Verbs that, turned round before their subject, only ever tag speech.
const INVERTED: [&str; 27] = [
    "said",
    "says",
    "asked",
    "asks",
    "replied",
    "replies",
    "answered",
    "answers",
    "whispered",
    "murmured",
    "shouted",
    "exclaimed",
    "cried",
    "muttered",
    "growled",
    "added",
    "declared",
    "inquired",
    "enquired",
    "yelled",
    "bellowed",
    "sobbed",
    "screamed",
    "snapped",
    "hissed",
    "begged",
    "laughed",
];

/// Speech without marks, where a tag with verb and subject turned round shows it: "Come here, said
/// the wolf, and sit down."
fn unmarked(text: &Text, quotations: &mut Vec<Quotation>) {
    let marked_text = !quotations.is_empty();
    let mut found = Vec::new();
    for paragraph in &text.paragraphs {
        let (first, end) = (paragraph.first, paragraph.end);
        let has_marks = (first..end).any(|index| {
            matches!(
                text.lower(index),
                "\"" | "“" | "”" | "«" | "»" | "„" | "‘" | "'"
            ) || index == first && is_dash(text.lower(index))
        });
        if paragraph.kind != ParagraphKind::Body || has_marks {
            continue;
        }
        let mut sentence = first;
        for index in first..end {
            let stop = matches!(text.lower(index), "." | "!" | "?" | "…" | ":" | ";");
            let pause = matches!(text.lower(index), "," | "!" | "?");
            let tag = (pause && index > sentence)
                .then(|| inverted_tag(text, index + 1, end))
                .flatten();
            let Some(tag) = tag else {
                if stop {
                    sentence = index + 1;
                }
                continue;
            };
            let begins = text.shape(sentence) == Shape::Capital;
            // Where other speech has marks, words without them must address someone.
            if begins
                && (!(marked_text || takes_object(text.lower(index + 1)))
                    || addresses(text, sentence, index + 1))
            {
                found.push(Quotation {
                    first: sentence,
                    last: index,
                    continues: false,
                });
                let last = (tag..end)
                    .find(|at| matches!(text.lower(*at), "." | "!" | "?" | "…"))
                    .unwrap_or(end - 1);
                if text.lower(tag) == "," && resumes(text, tag + 1, last) {
                    found.push(Quotation {
                        first: tag + 1,
                        last,
                        continues: false,
                    });
                }
            }
            sentence = (tag..end)
                .find(|at| matches!(text.lower(*at), "." | "!" | "?" | "…"))
                .map_or(end, |at| at + 1);
        }
    }
    quotations.extend(found);
    quotations.sort_by_key(|quotation| quotation.first);
}

/// Whether a verb of speech may have an object after it instead of its subject.
fn takes_object(verb: &str) -> bool {
    matches!(
        verb,
        "asked"
            | "asks"
            | "answered"
            | "answers"
            | "begged"
            | "added"
            | "declared"
            | "snapped"
            | "screamed"
    )
}

/// The mark that ends the tag "said the wolf" at `at`, if there is one.
fn inverted_tag(text: &Text, at: usize, end: usize) -> Option<usize> {
    let lexicon = Lexicon::get();
    if !INVERTED.contains(&text.lower(at)) || text.shape(at) != Shape::Lower {
        return None;
    }
    let subject = at + 1;
    let word = text.lower(subject);
    let mut next = if matches!(word, "he" | "she" | "they" | "i" | "we") {
        subject + 1
    } else if matches!(word, "mr" | "mrs" | "dr") && text.lower(subject + 1) == "." {
        subject + 3
    } else if lexicon.is("determiners", word) && text.shape(subject) == Shape::Lower {
        let noun = (subject + 1..subject + 5)
            .take_while(|index| !text.mark(*index))
            .find(|index| {
                lexicon.being(text.lower(*index)).is_some()
                    && lexicon.being(text.lower(*index + 1)).is_none()
            })
            .or_else(|| {
                let alone = text.mark(subject + 2) && !takes_object(text.lower(at));
                alone.then_some(subject + 1)
            })?;
        noun + 1
    } else if text.shape(subject) == Shape::Capital && !lexicon.is("function", word) {
        subject + 1
    } else {
        return None;
    };
    while next < end && text.shape(next) == Shape::Capital {
        next += 1;
    }
    let follows = text.lower(next);
    let open = text.mark(next)
        || lexicon.is("prepositions", follows)
        || follows.ends_with("ly")
        || follows.ends_with("ing")
        || matches!(follows, "again" | "and" | "then");
    if !open {
        return None;
    }
    (next..end.min(next + 12)).find(|index| text.mark(*index))
}

/// Whether words call to someone: "you", "I", an exclamation or a question.
fn addresses(text: &Text, first: usize, end: usize) -> bool {
    (first..end).any(|index| {
        matches!(
            text.lower(index),
            "you"
                | "your"
                | "i"
                | "me"
                | "my"
                | "we"
                | "us"
                | "our"
                | "!"
                | "?"
                | "i'm"
                | "i'll"
                | "you're"
                | "don't"
                | "let"
        )
    })
}

/// Whether speech goes on after a tag, rather than the telling of it.
fn resumes(text: &Text, first: usize, last: usize) -> bool {
    if last <= first {
        return false;
    }
    let lexicon = Lexicon::get();
    let joined = matches!(text.lower(first), "and" | "but" | "or" | "so" | "then");
    let verb = text.lower(first + usize::from(joined));
    let order = verb.len() > 1
        && lexicon.actions.contains(verb)
        && lexicon.actions.contains(format!("{verb}s").as_str());
    let told = matches!(
        text.lower(first),
        "who" | "whose" | "which" | "with" | "as" | "while" | "when"
    ) || text.lower(first).ends_with("ing");
    order || (!told && addresses(text, first, last))
}

/// Whether words that name a speaker begin here: "said the wolf", "he said", "Mira cried".
pub(super) fn is_tag(text: &Text, at: usize) -> bool {
    let lexicon = Lexicon::get();
    let lower = text.lower(at);
    let said = |index: usize| lexicon.speech.contains_key(text.lower(index));
    if said(at) && text.shape(at) == Shape::Lower {
        return !text.mark(at + 1) && !lexicon.is("prepositions", text.lower(at + 1));
    }
    if matches!(lower, "he" | "she" | "i" | "it" | "they" | "we") {
        return (text.shape(at) == Shape::Lower || lower == "i")
            && (said(at + 1) || text.lower(at + 1).ends_with("ly") && said(at + 2));
    }
    let named = text.shape(at) == Shape::Capital && !lexicon.is("function", lower);
    let titled = matches!(lower, "mr" | "mrs" | "dr") && text.lower(at + 1) == ".";
    if named || titled || lexicon.is("determiners", lower) && text.shape(at) == Shape::Lower {
        for index in at + 1..at + 6 {
            if said(index) {
                return true;
            }
            if text.mark(index) && !(titled && index == at + 1) {
                return false;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(source: &str) -> Vec<String> {
        let text = Text::new(source);
        find(&text)
            .iter()
            .map(|quotation| {
                source[text.words[quotation.first].start..text.words[quotation.last].end].to_owned()
            })
            .collect()
    }

    #[test]
    fn straight_and_curly_double_marks_are_speech() {
        assert_eq!(spoken("\"Run!\" he said. “Now!”"), ["\"Run!\"", "“Now!”"]);
        assert_eq!(spoken("«Come in,» she said."), ["«Come in,»"]);
    }

    #[test]
    fn single_marks_are_speech_and_apostrophes_are_not() {
        assert_eq!(
            spoken("'Don't touch the boys' hats,' said Ann. 'They're wet.'"),
            ["'Don't touch the boys' hats,'", "'They're wet.'"]
        );
        assert_eq!(spoken("‘’Tis late,’ said he."), ["‘’Tis late,’"]);
        assert_eq!(spoken("The boys' hats were Tom's."), Vec::<String>::new());
    }

    #[test]
    fn a_quotation_within_a_quotation_is_part_of_it() {
        assert_eq!(
            spoken("\"He said 'never' to me,\" she whispered."),
            ["\"He said 'never' to me,\""]
        );
    }

    #[test]
    fn a_paragraph_without_closing_mark_goes_on_in_the_next() {
        let source = "\"It was long ago.\n\n\"There was a king.\" She stopped.";
        let text = Text::new(source);
        let found = find(&text);
        assert_eq!(found.len(), 2);
        assert!(!found[0].continues && found[1].continues);
    }

    #[test]
    fn a_dash_at_the_start_of_a_paragraph_is_speech_up_to_its_tag() {
        assert_eq!(
            spoken("— Come here, said the wolf, and bring your cake.\n\n— Never! cried the girl."),
            ["— Come here,", "and bring your cake.", "— Never!"]
        );
    }

    #[test]
    fn speech_without_marks_is_told_by_a_tag_that_is_turned_round() {
        assert_eq!(
            spoken("The wolf smiled. Come here, said the wolf, and sit down. She stayed."),
            ["Come here,", "and sit down."]
        );
        assert_eq!(
            spoken("Never! cried the little girl. I am going home, said Tom, licking his spoon."),
            ["Never!", "I am going home,"]
        );
        assert_eq!(
            spoken("Are you cold? asked she. No, said Mr. Bell quietly, and he shut the door."),
            ["Are you cold?", "No,"]
        );
    }

    #[test]
    fn narration_with_verbs_of_speech_is_not_speech() {
        for told in [
            "The boy, called Tom, asked for bread, and the baker said that there was none.",
            "He turned, asked the way, and thanked the man.",
            "When he came in, said goodbye and left, nobody cried.",
            "She said nothing, answered nobody and cried all night.",
            "They walked, whispered and laughed, and the old dog followed.",
        ] {
            assert_eq!(spoken(told), Vec::<String>::new(), "{told}");
        }
        let mixed = "\"Go!\" she said.\n\nThe mill, said the people of the valley, was haunted.";
        assert_eq!(spoken(mixed), ["\"Go!\""]);
    }

    #[test]
    fn words_held_at_arms_length_are_not_speech() {
        assert_eq!(
            spoken("The so-called \"castle\" was a shed, and he called it \"home\" for years."),
            Vec::<String>::new()
        );
    }
}
