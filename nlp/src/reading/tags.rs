//! The words around a line of speech that tell who speaks: its tag, and who acts beside it.

use super::lexicon::Lexicon;
use super::speakers::{Stage, is_nominative};
use super::text::Shape;

/// Who is meant by a subject or an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// By name or noun, with the figure.
    Named(usize),
    /// By the pronoun at this word.
    Pronoun(usize),
    /// The text leaves it open: "somebody said".
    Nobody,
    /// By words that name nobody we know of: "said a deep voice".
    Unknown,
}

/// Words such as "said the wolf to Ann".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// The verb of speech; none where only commas tie a clause to the line.
    pub verb: Option<usize>,
    pub subject: Option<Who>,
    pub object: Option<Who>,
    /// It stands before the line.
    pub before: bool,
}

/// Who is a subject, and how we know.
pub(super) type Subject = (Who, &'static str);

/// Words of a clause after which no subject is looked for.
const CLAUSE: usize = 24;

/// Words for speakers that the text leaves open.
pub(super) fn is_nobody_known(word: &str) -> bool {
    matches!(
        word,
        "somebody" | "someone" | "everybody" | "everyone" | "both" | "people" | "all"
    )
}

fn is_terminal(mark: &str) -> bool {
    matches!(mark, "." | "!" | "?" | "…")
}

fn is_dash(mark: &str) -> bool {
    matches!(mark, "—" | "--" | "–" | "-" | "―")
}

fn is_closer(mark: &str) -> bool {
    matches!(mark, "\"" | "”" | "’" | "'" | "»")
}

impl Stage<'_, '_> {
    /// The last mark of the words of a quotation, if it ends in one.
    fn last_mark(&self, last: usize) -> &str {
        let text = self.ground.text;
        if is_closer(text.lower(last)) {
            text.before(last, 1)
        } else {
            text.lower(last)
        }
    }

    /// Who is named or meant by the words that begin at `at`, and the last of them.
    fn who_begins(&self, at: usize) -> Option<(Who, usize)> {
        let text = self.ground.text;
        let lower = text.lower(at);
        let mention = |mention: usize| {
            let figure = self.figures.of_mention(mention);
            (Who::Named(figure), self.mentions[mention].last)
        };
        if let Some(found) = self.by_first.get(&at) {
            return Some(mention(*found));
        }
        if is_nobody_known(lower) {
            return Some((Who::Nobody, at));
        }
        if is_pronoun(lower) {
            return Some((Who::Pronoun(at), at));
        }
        // "poor shivering Tom"
        let described = |word: usize| {
            text.shape(word) == Shape::Lower
                && !Lexicon::get().is("prepositions", text.lower(word))
                && !is_pronoun(text.lower(word))
                && !Lexicon::get().speech.contains_key(text.lower(word))
        };
        (1..=2)
            .take_while(|step| described(at + step - 1))
            .find_map(|step| self.by_first.get(&(at + step)))
            .map(|found| mention(*found))
    }

    /// The end of the sentence of narration that begins at `first`.
    pub(super) fn sentence_end(&self, first: usize, end: usize) -> usize {
        let text = self.ground.text;
        let mut at = first;
        while at < end {
            let title = text.lower(at) == "."
                && Lexicon::get().is("abbreviations", text.before(at, 1))
                && text.shape(at + 1) == Shape::Capital;
            if is_terminal(text.lower(at)) && !title {
                return at + 1;
            }
            at += 1;
        }
        end
    }

    /// The beginning of the last sentence of the narration `first..end`.
    pub(super) fn last_sentence(&self, first: usize, end: usize) -> usize {
        let mut begin = first;
        loop {
            let stop = self.sentence_end(begin, end);
            if stop >= end || (stop..end).all(|at| self.ground.text.mark(at)) {
                return begin;
            }
            begin = stop;
        }
    }

    /// Who is the subject of the narration `first..end`, and how we know.
    pub(super) fn subject(&self, first: usize, end: usize) -> Option<Subject> {
        self.subjects(first, end).map(|(first, _)| first)
    }

    /// The subjects of the first and of the last main clause of the narration `first..end`: "The owl
    /// gave him the lantern, and Pip hugged it."
    pub(super) fn subjects(&self, first: usize, end: usize) -> Option<(Subject, Subject)> {
        let text = self.ground.text;
        let grammar = self.ground.grammar;
        let end = end.min(first + 60);
        let mut main: Option<(Subject, Subject)> = None;
        let mut side = None;
        let mut owner = None;
        let mut other = None;
        for at in first..end {
            if self.ground.quoted[at].is_some() {
                continue;
            }
            let lower = text.lower(at);
            if let Some(mention) = self.by_last.get(&at).copied() {
                let it = &self.mentions[mention];
                let who = Who::Named(self.figures.of_mention(mention));
                if text.lower(at + 1) == "'s" {
                    owner = owner.or(Some((who, "owner")));
                } else if self.is_subject(it) {
                    let head = grammar.head(it.first, it.last);
                    let acts = !grammar.is_known()
                        || grammar.verb_of(head).is_some_and(|it| grammar.is_main(it));
                    if acts {
                        let found = (who, "subject");
                        main = Some((main.map_or(found, |it| it.0), found));
                    }
                    side = side.or(Some((who, "of a side clause")));
                } else {
                    other = other.or(Some((who, "mentioned")));
                }
            } else if is_nominative(lower) && (lower != "it" || self.meant.contains_key(&at)) {
                let known = grammar.is_known();
                let verb = grammar.verb_of(at);
                if !known || verb.is_some_and(|it| grammar.is_main(it)) {
                    let found = (Who::Pronoun(at), "subject");
                    main = Some((main.map_or(found, |it| it.0), found));
                }
                side = side.or(Some((Who::Pronoun(at), "of a side clause")));
            } else if at == first && matches!(lower, "his" | "her" | "my") {
                owner = owner.or(Some((Who::Pronoun(at), "owner")));
            }
        }
        // "Tom's lip trembled."
        main.or_else(|| owner.or(side).or(other).map(|it| (it, it)))
    }

    /// Tag right after a quotation that ends with `last`.
    pub(super) fn tag_after(&self, last: usize, end: usize) -> Option<Tag> {
        let lexicon = Lexicon::get();
        let text = self.ground.text;
        let mut first = last + 1;
        while first < end
            && (is_dash(text.lower(first))
                || text.lower(first) == ","
                || matches!(text.lower(first), "and" | "then" | "so" | "but"))
        {
            first += 1;
        }
        if first >= end || self.ground.quoted[first].is_some() {
            return None;
        }
        let clause = (first..end.min(first + CLAUSE))
            .find(|at| {
                let abbreviated =
                    text.lower(*at) == "." && lexicon.is("abbreviations", text.before(*at, 1));
                (is_terminal(text.lower(*at)) && !abbreviated)
                    || matches!(text.lower(*at), ";" | ":")
            })
            .unwrap_or(end.min(first + CLAUSE));
        let lower = text.shape(first) == Shape::Lower || text.lower(first) == "i";
        // "said the old fox"
        if lexicon.speech.contains_key(text.lower(first)) && text.shape(first) == Shape::Lower {
            let found = (first + 1..(first + 5).min(clause))
                .take_while(|at| !text.mark(*at))
                .find_map(|at| self.who_begins(at));
            let (subject, last) = found.unzip();
            return Some(Tag {
                verb: Some(first),
                subject: subject.or(Some(Who::Unknown)),
                object: self.object(first, last.unwrap_or(first), clause),
                before: false,
            });
        }
        // "the old fox said"
        let found = (first..(first + 4).min(clause))
            .take_while(|at| !text.mark(*at))
            .find_map(|at| self.who_begins(at));
        let ends = self.last_mark(last);
        let full_stop = ends == "." && text.shape(first) == Shape::Capital;
        if let Some((who, until)) = found
            && (!full_stop || text.lower(first) == "i")
        {
            let verb = (until + 1..clause)
                .take_while(|at| !text.mark(*at) || text.lower(*at) == ",")
                .take(8)
                .find(|at| lexicon.speech.contains_key(text.lower(*at)));
            let near = verb.filter(|verb| {
                (until + 1..*verb).all(|at| {
                    let word = text.lower(at);
                    stands_before_verbs(word) || matches!(word, "himself" | "herself")
                })
            });
            if let Some(verb) = near {
                return Some(Tag {
                    verb: Some(verb),
                    subject: Some(who),
                    object: self.object(verb, verb, clause),
                    before: false,
                });
            }
        }
        // "…," breathed the fox; "…," and she held out her hand.
        let tied = lower && (matches!(ends, "," | ";") || is_dash(ends) || is_terminal(ends));
        if tied {
            let (who, _) = self.subject(first, clause)?;
            return Some(Tag {
                verb: None,
                subject: Some(who),
                object: None,
                before: false,
            });
        }
        None
    }

    /// Tag right before the quotation that begins with `first`: "The fox asked:".
    pub(super) fn tag_before(&self, first: usize, begin: usize) -> Option<Tag> {
        let lexicon = Lexicon::get();
        let text = self.ground.text;
        let pause = first.checked_sub(1).filter(|at| *at >= begin)?;
        if !matches!(text.lower(pause), "," | ":")
            && !is_dash(text.lower(pause))
            && !lexicon.speech.contains_key(text.lower(pause))
        {
            return None;
        }
        let begin = begin.max(first.saturating_sub(40));
        let start = self.last_sentence(begin, pause);
        let colon = text.lower(pause) == ":";
        let verb = (start..=pause)
            .rev()
            .take_while(|at| self.ground.quoted[*at].is_none())
            .find(|at| lexicon.speech.contains_key(text.lower(*at)))
            .filter(|verb| colon || pause - verb <= 12);
        let subject = match verb {
            Some(verb) => self.subject_before(verb, start),
            None => self.subject(start, pause).map(|(who, _)| who),
        };
        if subject.is_none() || (verb.is_none() && !colon) {
            return None;
        }
        Some(Tag {
            verb,
            subject,
            object: verb.and_then(|verb| self.object(verb, verb, pause)),
            before: true,
        })
    }

    /// The subject of the verb at `verb`, not before `start`.
    fn subject_before(&self, verb: usize, start: usize) -> Option<Who> {
        let text = self.ground.text;
        let grammar = self.ground.grammar;
        let mut any = None;
        for at in (start..verb).rev() {
            if let Some(mention) = self.by_last.get(&at).copied() {
                let who = Who::Named(self.figures.of_mention(mention));
                if self.is_subject(&self.mentions[mention]) {
                    return Some(who);
                }
                if text.lower(at + 1) != "'s" {
                    any = Some(who);
                }
            } else if is_nominative(text.lower(at))
                && (!grammar.is_known() || grammar.verb_of(at).is_some())
            {
                return Some(Who::Pronoun(at));
            }
        }
        any
    }

    /// Whom "to the crow" or a noun right after the verb names, behind `from`.
    fn object(&self, verb: usize, from: usize, end: usize) -> Option<Who> {
        let text = self.ground.text;
        let direct = matches!(
            text.lower(verb),
            "asked"
                | "told"
                | "begged"
                | "warned"
                | "asks"
                | "tells"
                | "reminded"
                | "answered"
                | "ordered"
                | "assured"
                | "informed"
                | "urged"
                | "advised"
                | "interrupted"
                | "corrected"
                | "teased"
                | "scolded"
                | "comforted"
                | "soothed"
                | "greeted"
        );
        for at in from + 1..(from + 9).min(end) {
            if text.mark(at) && text.lower(at) != "," || self.ground.quoted[at].is_some() {
                return None;
            }
            let placed = matches!(text.before(at, 1), "to" | "at" | "towards" | "toward");
            if ((direct && at == from + 1) || placed)
                && let Some((who, _)) = self.who_begins(at)
                && !matches!(who, Who::Nobody | Who::Unknown)
            {
                return Some(who);
            }
        }
        None
    }

    /// Whom the words of a quotation call, and whom they name otherwise.
    pub(super) fn called_and_named(&self, quotation: usize) -> (Vec<usize>, Vec<usize>) {
        let it = self.ground.quotations[quotation];
        let (mut called, mut named) = (Vec::new(), Vec::new());
        // "What is your name?" – "Kofi."
        let asked = quotation.checked_sub(1).is_some_and(|at| {
            let before = self.ground.quotations[at];
            (before.first..before.last).any(|word| self.ground.text.lower(word) == "name")
        });
        for (_, mention) in self.by_last.range(it.first..=it.last).take(40) {
            let figure = self.figures.of_mention(*mention);
            if asked && self.mentions[*mention].first <= it.first + 1 {
                continue;
            }
            if self.mentions[*mention].vocative {
                called.push(figure);
            } else {
                named.push(figure);
            }
        }
        (called, named)
    }
}

fn is_pronoun(word: &str) -> bool {
    is_nominative(word) || matches!(word, "him" | "her" | "me" | "them" | "us")
}
/// Whether a word may stand between a subject and its verb.
pub(super) fn stands_before_verbs(word: &str) -> bool {
    const WORDS: [&str; 14] = [
        "then", "had", "has", "could", "would", "at", "last", "only", "just", "also", "always",
        "did", "not", "even",
    ];
    word.ends_with("ly") || WORDS.contains(&word)
}
