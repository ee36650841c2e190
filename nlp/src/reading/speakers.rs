//! What speaks for each of those nearby as the speaker of a line, and as the one spoken to.
//!
//! For each line of speech there are candidates, and for each of these the clues that a reader would
//! name: the subject of its tag, who acts beside it, whom it calls, who is spoken of of late. How
//! much a clue weighs is learnt (`choice`); whose turn it is depends on the lines before, so that
//! the clues of turns are told by line and count for whoever has the role.

use std::collections::{BTreeMap, BTreeSet};

use fabula_story::Gender;
use serde::Serialize;

use super::figures::Figures;
use super::mentions::{Ground, Mention};
use super::people::Form;
use super::tags::{Subject, Tag, Who};
use super::text::ParagraphKind;
use super::voices::Voice;

/// Something seen, and how.
pub(super) type Clue = (&'static str, &'static str);

/// How many words before a line its candidates may be named.
const REACH: usize = 300;
/// How many signs of someone before a line are looked at.
const TRACES: usize = 48;
/// How many words behind a line its candidates may be named.
const AHEAD: usize = 150;
/// Candidates of one line.
const CANDIDATES: usize = 14;
/// Of which this many are those named last.
const NEAREST: usize = 9;
/// Who has most traces in a text may speak anywhere in it.
const MAIN: usize = 4;
/// So many words of a tag tell whose voice it is, and so many after them who comes into sight.
const TAG: usize = 7;
const SIGHT: usize = 25;
/// Someone with so many traces is meant by their noun.
const KNOWN: usize = 5;

/// A line of speech and who may speak it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Line {
    pub paragraph: usize,
    /// A tag tells who speaks by name, or says that it is left open.
    pub told: bool,
    /// Who a tag tells by name.
    pub certain: Option<usize>,
    /// Who a tag tells by a noun that may mean someone else.
    pub noun: Option<usize>,
    /// The pronoun of its tag.
    pub pronoun: Option<usize>,
    /// The line before goes on.
    pub follows: bool,
    /// What is said of whoever spoke the line before, and of the one before whom.
    pub turn: Vec<&'static str>,
    pub candidates: Vec<Candidate>,
    /// What speaks for nobody as the one spoken to.
    pub nobody: Vec<Clue>,
    /// What units that read the whole text make of the three parts in its turns, where there are any.
    #[serde(skip)]
    pub heard: Option<[f32; 3]>,
}

/// Someone who may speak a line or be spoken to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Candidate {
    pub figure: usize,
    /// Clues for speaking.
    pub speaks: Vec<Clue>,
    /// Clues for being spoken to.
    pub hears: Vec<Clue>,
    /// What the units make of them as the speaker.
    #[serde(skip)]
    pub heard: f32,
}

/// A sign that someone is there: a mention, or a pronoun whose meaning is known.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Trace {
    /// The last word.
    pub word: usize,
    pub figure: usize,
    pub subject: bool,
    pub form: Form,
    /// The quotation around it.
    pub quoted: Option<usize>,
}

/// What the rules have found so far.
pub(super) struct Stage<'a, 't> {
    pub ground: &'a Ground<'a, 't>,
    pub mentions: &'a [Mention],
    pub figures: &'a Figures,
    /// Mention that begins or ends at a word.
    pub by_first: &'a BTreeMap<usize, usize>,
    pub by_last: &'a BTreeMap<usize, usize>,
    /// Figure of each resolved pronoun in narration.
    pub meant: &'a BTreeMap<usize, usize>,
    pub narrator: Option<usize>,
    /// Speakers and addressees as the rules would have them.
    pub ruled: &'a [Voice],
}

/// The place of a quotation: words of its paragraph's narration before and after it.
#[derive(Clone, Copy, Debug)]
struct Seat {
    paragraph: usize,
    begin: usize,
    end: usize,
    /// Where the narration right before it begins.
    before: usize,
    /// Where the narration right after it ends.
    after: usize,
    /// It is the first, the last of its paragraph.
    opens: bool,
    closes: bool,
}

/// Gathers the clues of all lines, in order, from everybody's traces.
pub(super) fn gather(stage: &Stage, traces: &[Trace]) -> Vec<Line> {
    let seats = stage.seats();
    let tags: Vec<Option<Tag>> = seats
        .iter()
        .zip(stage.ground.quotations)
        .map(|(seat, quotation)| {
            stage
                .tag_after(quotation.last, seat.after)
                .or_else(|| stage.tag_before(quotation.first, seat.before))
        })
        .collect();
    let mut told: BTreeMap<usize, usize> = BTreeMap::new();
    for tag in tags.iter().flatten() {
        if let (Some(_), Some(Who::Named(figure))) = (tag.verb, tag.subject) {
            *told.entry(figure).or_default() += 1;
        }
    }
    let mut all: BTreeMap<usize, usize> = BTreeMap::new();
    for trace in traces {
        *all.entry(trace.figure).or_default() += 1;
    }
    let mut main: Vec<usize> = all.keys().copied().collect();
    main.sort_by_key(|figure| std::cmp::Reverse(all.get(figure)));
    main.truncate(MAIN);
    let mut lines: Vec<Line> = Vec::with_capacity(seats.len());
    let mut seen = 0;
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for index in 0..seats.len() {
        let first = stage.ground.quotations[index].first;
        while let Some(trace) = traces.get(seen).filter(|trace| trace.word < first) {
            *counts.entry(trace.figure).or_default() += 1;
            seen += 1;
        }
        let gathering = Gathering {
            stage,
            seats: &seats,
            tags: &tags,
            traces,
            told: &told,
            all: &all,
            main: &main,
            counts: &counts,
            seen,
            index,
        };
        let line = gathering.line(lines.last());
        lines.push(line);
    }
    lines
}

impl Stage<'_, '_> {
    fn seats(&self) -> Vec<Seat> {
        let text = self.ground.text;
        let quotations = self.ground.quotations;
        let paragraph = |at: usize| text.words.get(at).map_or(0, |word| word.paragraph);
        (0..quotations.len())
            .map(|index| {
                let quotation = quotations[index];
                let number = paragraph(quotation.first);
                let (begin, end) = text
                    .paragraphs
                    .get(number)
                    .map_or((0, 0), |it| (it.first, it.end));
                let earlier = index
                    .checked_sub(1)
                    .map(|at| quotations[at])
                    .filter(|it| it.last >= begin);
                let later = quotations.get(index + 1).filter(|it| it.first < end);
                Seat {
                    paragraph: number,
                    begin,
                    end,
                    before: earlier.map_or(begin, |it| it.last + 1),
                    after: later.map_or(end, |it| it.first),
                    opens: earlier.is_none(),
                    closes: later.is_none(),
                }
            })
            .collect()
    }

    /// Everybody's traces, in order.
    pub(super) fn traces(&self) -> Vec<Trace> {
        let mut traces: Vec<Trace> = self
            .mentions
            .iter()
            .enumerate()
            .map(|(index, mention)| Trace {
                word: mention.last,
                figure: self.figures.of_mention(index),
                subject: self.is_subject(mention),
                form: if mention.names.is_empty() {
                    Form::Noun
                } else {
                    Form::Name
                },
                quoted: mention.quoted,
            })
            .collect();
        traces.extend(self.meant.iter().map(|(word, figure)| Trace {
            word: *word,
            figure: self.figures.find(*figure),
            subject: is_nominative(self.ground.text.lower(*word)),
            form: Form::Pronoun,
            quoted: None,
        }));
        traces.sort_by_key(|trace| (trace.word, trace.form));
        traces
    }

    /// Whether a mention is the subject of a verb, by the tree of its sentence if there is one.
    pub(super) fn is_subject(&self, mention: &Mention) -> bool {
        let grammar = self.ground.grammar;
        if mention.quoted.is_some() || !grammar.is_known() {
            return mention.subject;
        }
        grammar
            .verb_of(grammar.head(mention.first, mention.last))
            .is_some()
    }

    /// How a figure is like another, who is told by a noun.
    fn likeness(&self, figure: usize, told: usize) -> &'static str {
        let (it, other) = (self.figures.get(figure), self.figures.get(told));
        let human = |being: &Option<String>| being.as_deref().map(|being| being == "human");
        let (a, b) = (human(&it.being), human(&other.being));
        if it.plural != other.plural || it.is_narrator || (a.is_some() && b.is_some() && a != b) {
            return "clashes";
        }
        match (it.gender, other.gender) {
            (Gender::Unknown, _) | (_, Gender::Unknown) if it.names.is_empty() => "may be",
            (Gender::Unknown, _) | (_, Gender::Unknown) => "may be, named",
            (one, other) if one != other => "clashes",
            _ if it.names.is_empty() => "like",
            _ => "like, named",
        }
    }

    /// How a figure suits a pronoun.
    fn suits(&self, figure: usize, pronoun: &str) -> &'static str {
        let it = self.figures.get(figure);
        let wanted = match pronoun {
            "i" | "me" | "my" => return if it.is_narrator { "fits" } else { "clashes" },
            "they" | "them" | "their" | "we" | "us" => {
                return if it.plural { "fits" } else { "clashes" };
            }
            _ if it.is_narrator || it.plural => return "clashes",
            "he" | "him" | "his" => Gender::Male,
            "she" | "her" => Gender::Female,
            _ => Gender::Neutral,
        };
        let animal = it.being.as_deref().is_some_and(|being| being != "human");
        match (it.gender, wanted) {
            (known, wanted) if known == wanted => "fits",
            (Gender::Unknown, Gender::Neutral) if animal => "may fit",
            (Gender::Unknown, Gender::Neutral) => "clashes",
            (Gender::Unknown, _) if animal => "may fit an animal",
            (Gender::Unknown, _) => "may fit",
            (Gender::Neutral, _) => "hardly fits",
            _ => "clashes",
        }
    }
}

pub(super) fn is_nominative(word: &str) -> bool {
    matches!(word, "he" | "she" | "i" | "it" | "they" | "we")
}

/// One line's clues in the making.
struct Gathering<'a, 'b, 't> {
    stage: &'a Stage<'b, 't>,
    seats: &'a [Seat],
    tags: &'a [Option<Tag>],
    traces: &'a [Trace],
    /// How many lines each figure's name is told with.
    told: &'a BTreeMap<usize, usize>,
    /// Traces of each figure in the whole text.
    all: &'a BTreeMap<usize, usize>,
    /// The figures with most traces.
    main: &'a [usize],
    /// Traces of each figure before the line.
    counts: &'a BTreeMap<usize, usize>,
    /// The number of traces before the line.
    seen: usize,
    index: usize,
}

impl Gathering<'_, '_, '_> {
    /// Whose voice it was, when they come into sight: '"Why?" asked a small voice. There stood Pip.'
    fn is_seen_later(&self) -> Option<usize> {
        let text = self.stage.ground.text;
        let last = self.stage.ground.quotations[self.index].last;
        let tag = last + 1..last + TAG;
        let voice = tag
            .take_while(|at| !text.mark(*at))
            .find(|at| text.lower(*at) == "voice")?;
        (voice + 1..voice + SIGHT).find_map(|word| {
            let mention = *self.stage.by_first.get(&word)?;
            let told = self.stage.mentions[mention].quoted.is_none();
            let appears = matches!(text.before(word, 1), "stood" | "sat" | "was" | "lay")
                && matches!(text.before(word, 2), "there" | "it");
            (told && appears).then(|| self.stage.figures.of_mention(mention))
        })
    }

    /// Whoever is asked for their name and says nothing else: "Pip."
    fn answers_with_name(&self) -> Option<usize> {
        let ground = self.stage.ground;
        let text = ground.text;
        let here = ground.quotations[self.index];
        let question = ground.quotations[self.index.checked_sub(1)?];
        let asks = |word: &str| (question.first..=question.last).any(|at| text.lower(at) == word);
        let first = (here.first..=here.last).find(|at| !text.mark(*at))?;
        let mention = *self.stage.by_first.get(&first)?;
        let last = self.stage.mentions[mention].last;
        let alone = (last + 1..=here.last).all(|at| text.mark(at));
        let named = !self.stage.mentions[mention].names.is_empty();
        (alone && named && asks("name") && asks("?"))
            .then(|| self.stage.figures.of_mention(mention))
            .filter(|figure| self.stage.figures.get(*figure).told > 0)
    }

    fn line(&self, before: Option<&Line>) -> Line {
        let seat = self.seats[self.index];
        let tag = self.tags[self.index];
        let (told, certain) = match tag {
            Some(Tag {
                verb: Some(_),
                subject: Some(Who::Named(figure)),
                ..
            }) if self.is_known(figure) => (true, Some(figure)),
            Some(Tag {
                verb: Some(_),
                subject: Some(Who::Nobody),
                ..
            }) => (true, None),
            _ => (
                false,
                self.answers_with_name().or_else(|| self.is_seen_later()),
            ),
        };
        let mut candidates: Vec<Candidate> = self
            .nearby(before)
            .into_iter()
            .map(|figure| Candidate {
                figure,
                speaks: Vec::new(),
                hears: Vec::new(),
                heard: 0.0,
            })
            .collect();
        self.tag_clues(&mut candidates);
        self.beat_clues(&mut candidates);
        self.words_of_the_line(&mut candidates);
        self.neighbours(&mut candidates);
        self.standing(&mut candidates);
        let kind = self.kind();
        let mut nobody = vec![("nobody", kind)];
        if candidates.len() < 2 {
            nobody.push(("nobody", "no other"));
        }
        if let Some(verb) = tag.and_then(|tag| tag.verb) {
            let silent = matches!(
                self.stage.ground.text.lower(verb),
                "thought" | "wondered" | "read" | "wrote" | "sang" | "prayed" | "counted" | "mused"
            );
            if silent {
                nobody.push(("nobody", "a verb of thought"));
            }
            if (verb + 1..seat.after.min(verb + 5)).any(|at| {
                matches!(
                    self.stage.ground.text.lower(at),
                    "himself" | "herself" | "myself" | "itself" | "aloud"
                )
            }) {
                nobody.push(("nobody", "to oneself"));
            }
        }
        let goes_on = matches!(self.gap(), "same sentence" | "continues");
        Line {
            paragraph: seat.paragraph,
            pronoun: match tag.and_then(|tag| tag.subject) {
                Some(Who::Pronoun(word)) => Some(word),
                _ => None,
            },
            follows: goes_on && !told && tag.is_none_or(|tag| !tag.before),
            told,
            certain,
            noun: match tag {
                Some(Tag {
                    verb: Some(_),
                    subject: Some(Who::Named(figure)),
                    ..
                }) if !told => Some(figure),
                _ => None,
            },
            turn: self.turn(kind),
            candidates,
            nobody,
            heard: None,
        }
    }

    /// Whether a noun means a figure alone: it has a name, is there often, or is the only one of
    /// its kind. "The younger one" and "the bird" may be somebody whom we know otherwise.
    fn is_known(&self, figure: usize) -> bool {
        let it = self.stage.figures.get(figure);
        let general = matches!(
            it.heads.first().map(String::as_str),
            Some("bird" | "beast" | "animal" | "creature" | "monster")
        );
        let kind = it.being.as_deref().is_some_and(|being| being != "human");
        !it.names.is_empty() || (kind && !general) || self.all.get(&figure) >= Some(&KNOWN)
    }

    /// How well known someone is whom a tag tells by a noun.
    fn standing_of(&self, figure: usize) -> &'static str {
        let before = self.counts.get(&figure).copied().unwrap_or(0);
        match (before, self.all.get(&figure).copied().unwrap_or(0)) {
            (_, 0 | 1) => "once",
            (0, _) => "for the first time",
            (_, 2 | 3) => "seldom",
            _ => "often",
        }
    }

    /// What stands beside a line: the strongest of a name, a pronoun or a beat.
    fn kind(&self) -> &'static str {
        let seat = self.seats[self.index];
        match self.tags[self.index] {
            Some(Tag {
                verb: Some(_),
                subject: Some(Who::Named(figure)),
                ..
            }) if self.is_known(figure) => "told",
            Some(Tag {
                verb: Some(_),
                subject: Some(Who::Nobody),
                ..
            }) => "told",
            Some(Tag {
                subject: Some(Who::Named(_) | Who::Unknown),
                verb: Some(_),
                ..
            }) => "told by a noun",
            Some(Tag {
                subject: Some(Who::Pronoun(_)),
                ..
            }) => "pronoun",
            Some(_) => "half told",
            None if self.beat_before().is_some() || self.beat_after().is_some() => "beat",
            None if seat.before < self.stage.ground.quotations[self.index].first
                || self.stage.ground.quotations[self.index].last + 1 < seat.after =>
            {
                "narration"
            }
            None => "bare",
        }
    }

    /// Where the line stands after the line before.
    fn gap(&self) -> &'static str {
        let text = self.stage.ground.text;
        let quotations = self.stage.ground.quotations;
        let Some(before) = self.index.checked_sub(1) else {
            return "first";
        };
        let (one, other) = (self.seats[before], self.seats[self.index]);
        if quotations[self.index].continues {
            return "continues";
        }
        if one.paragraph == other.paragraph {
            let between = quotations[before].last + 1..quotations[self.index].first;
            let words = between.clone().filter(|at| !text.mark(*at)).count();
            let stops = between
                .clone()
                .filter(|at| matches!(text.lower(*at), "." | "!" | "?" | "…"))
                .count();
            return match (words, stops) {
                (0, _) => "at once",
                (_, 0) => "same sentence",
                (_, 1) if self.tags[before].is_some() => "same paragraph",
                _ => "same paragraph, later",
            };
        }
        let broken = text
            .paragraphs
            .get(one.paragraph..other.paragraph)
            .is_some_and(|it| it.iter().any(|it| it.kind != ParagraphKind::Body));
        match other.paragraph - one.paragraph {
            _ if broken => "after a break",
            1 => "next",
            2 => "one between",
            3 => "two between",
            _ => "far",
        }
    }

    /// What is known of the turn: gap, what stands beside the line, whether it answers a question.
    fn turn(&self, kind: &'static str) -> Vec<&'static str> {
        let gap = self.gap();
        let mut turn = vec![gap];
        let bare = matches!(kind, "bare" | "narration");
        turn.push(match (gap, kind) {
            ("next", "bare") => "next, bare",
            ("next", "narration") => "next, narration",
            ("next", "beat") => "next, beat",
            ("next", "pronoun") => "next, pronoun",
            ("next", "half told") => "next, half told",
            ("next", "told by a noun") => "next, told by a noun",
            ("same paragraph" | "same paragraph, later" | "at once", "bare" | "narration") => {
                "same paragraph, bare"
            }
            ("same paragraph" | "same paragraph, later" | "at once", "beat") => {
                "same paragraph, beat"
            }
            ("same paragraph" | "same paragraph, later" | "at once", "pronoun") => {
                "same paragraph, pronoun"
            }
            ("one between" | "two between", "bare" | "narration") => "between, bare",
            ("one between" | "two between", "beat") => "between, beat",
            ("one between" | "two between", "pronoun") => "between, pronoun",
            ("same sentence" | "continues", _) => "goes on",
            (_, "told") => "told",
            (_, "told by a noun") => "told by a noun",
            _ => "far",
        });
        let Some(before) = self.index.checked_sub(1) else {
            return turn;
        };
        if gap == "next" && bare {
            let question = |at: usize| {
                let quotation = self.stage.ground.quotations[at];
                (quotation.last.saturating_sub(1)..=quotation.last)
                    .any(|word| self.stage.ground.text.lower(word) == "?")
            };
            turn.push(match (question(before), question(self.index)) {
                (true, false) => "answer, bare",
                (true, true) => "question after question, bare",
                (false, true) => "question, bare",
                (false, false) => "statement, bare",
            });
        }
        // The paragraph before told more after its speech.
        let one = self.seats[before];
        let last = self.stage.ground.quotations[before].last;
        if gap == "next" {
            let stops = (last + 1..one.end)
                .filter(|at| matches!(self.stage.ground.text.lower(*at), "." | "!" | "?" | "…"))
                .count();
            if stops > 1 {
                turn.push(if bare {
                    "after narration, bare"
                } else {
                    "after narration"
                });
            }
        }
        turn
    }

    /// The figures that may speak: nearest first, those of the line before in a dialogue as well.
    fn nearby(&self, before: Option<&Line>) -> Vec<usize> {
        let seat = self.seats[self.index];
        let quotation = self.stage.ground.quotations[self.index];
        let mut found: Vec<usize> = Vec::new();
        let add = |found: &mut Vec<usize>, figure: usize, most: usize| {
            if !found.contains(&figure) && found.len() < most {
                found.push(figure);
            }
        };
        if let Some(Who::Named(figure)) = self.tags[self.index].and_then(|tag| tag.subject) {
            add(&mut found, figure, CANDIDATES);
        }
        for figure in [
            self.stage.ruled[self.index].speaker,
            self.stage.ruled[self.index].addressee,
        ]
        .into_iter()
        .flatten()
        {
            add(&mut found, self.stage.figures.find(figure), CANDIDATES);
        }
        let in_paragraph = self.traces[self.seen..]
            .iter()
            .take_while(|trace| trace.word < seat.end)
            .take(8);
        for trace in in_paragraph {
            add(&mut found, trace.figure, CANDIDATES);
        }
        let earlier = self.traces[..self.seen]
            .iter()
            .rev()
            .take_while(|trace| quotation.first - trace.word <= REACH)
            .take(TRACES);
        for trace in earlier {
            add(&mut found, trace.figure, NEAREST);
        }
        let main = self.main.iter().copied();
        for figure in main.chain(self.stage.narrator) {
            add(&mut found, figure, CANDIDATES);
        }
        let later = self.traces[self.seen..]
            .iter()
            .take_while(|trace| trace.word < quotation.last + AHEAD)
            .filter(|trace| trace.quoted.is_none())
            .take(6);
        for trace in later {
            add(&mut found, trace.figure, CANDIDATES);
        }
        if let Some(before) = before
            && seat.paragraph - before.paragraph <= 2
        {
            for candidate in before.candidates.iter().take(6) {
                add(&mut found, candidate.figure, CANDIDATES);
            }
        }
        found
    }

    fn tag_clues(&self, candidates: &mut [Candidate]) {
        let Some(tag) = self.tags[self.index] else {
            return;
        };
        let text = self.stage.ground.text;
        let place = match (tag.verb.is_some(), tag.before) {
            (true, false) => "tag",
            (true, true) => "tag before",
            (false, false) => "half tag",
            (false, true) => "half tag before",
        };
        for candidate in &mut *candidates {
            match tag.subject {
                Some(Who::Named(figure)) if figure == candidate.figure => {
                    candidate.speaks.push((place, "named"));
                    candidate.speaks.push(("named", self.standing_of(figure)));
                }
                Some(Who::Named(figure)) => {
                    candidate
                        .speaks
                        .push(("told as", self.stage.likeness(candidate.figure, figure)));
                }
                Some(Who::Pronoun(word)) => {
                    let lower = text.lower(word);
                    let suits = self.stage.suits(candidate.figure, lower);
                    candidate.speaks.push((place, suits));
                    candidate.speaks.push(("tag pronoun", suits));
                    let meant = self.stage.meant.get(&word);
                    if meant.is_some_and(|it| self.stage.figures.find(*it) == candidate.figure) {
                        candidate.speaks.push((place, "meant"));
                    }
                }
                _ => {}
            }
            match tag.object {
                Some(Who::Named(figure)) if figure == candidate.figure => {
                    candidate.hears.push((place, "named"));
                    candidate.speaks.push((place, "object"));
                }
                Some(Who::Pronoun(word)) => {
                    let suits = self.stage.suits(candidate.figure, text.lower(word));
                    candidate.hears.push((place, suits));
                    let meant = self.stage.meant.get(&word);
                    if meant.is_some_and(|it| self.stage.figures.find(*it) == candidate.figure) {
                        candidate.hears.push((place, "meant"));
                    }
                }
                _ => {}
            }
        }
    }

    /// The first sentence after the line within its paragraph, if it is no tag.
    fn after(&self) -> (usize, usize) {
        let seat = self.seats[self.index];
        let text = self.stage.ground.text;
        let mut first = self.stage.ground.quotations[self.index].last + 1;
        if self.tags[self.index].is_some_and(|tag| !tag.before) {
            first = self.stage.sentence_end(first, seat.after);
        }
        while first < seat.after && text.mark(first) {
            first += 1;
        }
        (first, self.stage.sentence_end(first, seat.after))
    }

    /// The sentence of narration right before the line within its paragraph.
    fn before(&self) -> (usize, usize) {
        let seat = self.seats[self.index];
        let end = self.stage.ground.quotations[self.index].first;
        let mut first = seat.before;
        // The rest of a tag is no beat.
        if !seat.opens && self.tags[self.index - 1].is_some_and(|tag| !tag.before) {
            first = self.stage.sentence_end(first, end);
        }
        (self.stage.last_sentence(first, end), end)
    }

    fn beat_before(&self) -> Option<(Subject, Subject)> {
        let (first, end) = self.before();
        self.stage.subjects(first, end)
    }

    fn beat_after(&self) -> Option<Subject> {
        let (first, end) = self.after();
        self.stage.subject(first, end)
    }

    /// Who does something beside the line.
    fn beat_clues(&self, candidates: &mut [Candidate]) {
        let seat = self.seats[self.index];
        let text = self.stage.ground.text;
        let tagged = self.tags[self.index].is_some();
        let quotation = self.stage.ground.quotations[self.index];
        let colon = quotation
            .first
            .checked_sub(1)
            .is_some_and(|at| text.lower(at) == ":");
        let opening = (seat.opens && seat.begin < quotation.first)
            .then(|| {
                let end = self.stage.sentence_end(seat.begin, quotation.first);
                self.stage.subject(seat.begin, end)
            })
            .flatten();
        let (sooner, beat) = self.beat_before().unzip();
        let (sooner_previous, previous) = self.paragraph_before().unzip();
        let later = seat
            .closes
            .then(|| text.paragraphs.get(seat.paragraph + 1))
            .flatten()
            .filter(|it| it.kind == ParagraphKind::Body)
            .and_then(|it| {
                let end = self.stage.sentence_end(it.first, it.end);
                self.stage.subject(it.first, end)
            });
        let places = [
            (
                sooner.filter(|it| Some(*it) != beat),
                if tagged {
                    "beat before, sooner, tagged"
                } else {
                    "beat before, sooner"
                },
            ),
            (
                beat,
                match (tagged, colon) {
                    (true, _) => "beat before, tagged",
                    (false, true) => "beat before a colon",
                    (false, false) => "beat before",
                },
            ),
            (
                self.beat_after(),
                if tagged {
                    "beat after, tagged"
                } else {
                    "beat after"
                },
            ),
            (opening, if tagged { "opening, tagged" } else { "opening" }),
            (
                previous,
                match (tagged, seat.begin == quotation.first) {
                    (true, _) => "paragraph before, tagged",
                    (false, true) => "paragraph before",
                    (false, false) => "paragraph before, beat",
                },
            ),
            (
                sooner_previous.filter(|it| Some(*it) != previous),
                if tagged {
                    "paragraph before, sooner, tagged"
                } else {
                    "paragraph before, sooner"
                },
            ),
            (later, "paragraph after"),
        ];
        for candidate in candidates {
            for (found, place) in places {
                let Some((who, how)) = found else { continue };
                self.beat_clue(candidate, who, how, place);
            }
            let (first, last) = (seat.begin, seat.end);
            let mut acts = None;
            for trace in self.traces_between(first, last) {
                if trace.figure == candidate.figure && trace.quoted.is_none() {
                    acts = Some(acts.unwrap_or(false) || trace.subject);
                }
            }
            match acts {
                Some(true) => {
                    candidate.speaks.push(("in the paragraph", "subject"));
                    candidate.hears.push(("in the paragraph", "subject"));
                }
                Some(false) => {
                    candidate.speaks.push(("in the paragraph", "other"));
                    candidate.hears.push(("in the paragraph", "other"));
                }
                None => {}
            }
        }
    }

    fn beat_clue(
        &self,
        candidate: &mut Candidate,
        who: Who,
        how: &'static str,
        place: &'static str,
    ) {
        match who {
            Who::Named(figure) if figure == candidate.figure => {
                candidate.speaks.push((place, how));
                candidate.hears.push((place, how));
            }
            Who::Pronoun(word) => {
                let lower = self.stage.ground.text.lower(word);
                let suits = self.stage.suits(candidate.figure, lower);
                candidate.speaks.push((place, suits));
                let meant = self.stage.meant.get(&word);
                if meant.is_some_and(|it| self.stage.figures.find(*it) == candidate.figure) {
                    candidate.speaks.push((place, "meant"));
                    candidate.hears.push((place, "meant"));
                }
            }
            _ => {}
        }
    }

    /// The subjects of the last sentence of the paragraph before, if it has no speech.
    fn paragraph_before(&self) -> Option<(Subject, Subject)> {
        let seat = self.seats[self.index];
        if !seat.opens {
            return None;
        }
        let text = self.stage.ground.text;
        let before = text
            .paragraphs
            .get(seat.paragraph.checked_sub(1)?)
            .filter(|it| it.kind == ParagraphKind::Body)?;
        let last = before.end.checked_sub(1)?;
        if self.stage.ground.quoted[last].is_some() {
            return None;
        }
        let first = self.stage.last_sentence(before.first, before.end);
        self.stage.subjects(first, before.end)
    }

    fn traces_between(&self, first: usize, end: usize) -> impl Iterator<Item = &Trace> {
        let from = self.traces.partition_point(|trace| trace.word < first);
        self.traces[from..]
            .iter()
            .take_while(move |trace| trace.word < end)
            .take(TRACES)
    }

    /// Whom the line itself calls or names.
    fn words_of_the_line(&self, candidates: &mut [Candidate]) {
        let stage = self.stage;
        let text = stage.ground.text;
        let quotation = stage.ground.quotations[self.index];
        let (called, named) = stage.called_and_named(self.index);
        let alone = (quotation.first..=quotation.last)
            .filter(|at| !text.mark(*at))
            .count()
            <= 3;
        let mut paragraph_called: BTreeSet<usize> = BTreeSet::new();
        for other in self.same_paragraph() {
            if other != self.index {
                paragraph_called.extend(stage.called_and_named(other).0);
            }
        }
        let plural_call = (quotation.first..=quotation.last).any(|at| {
            matches!(
                text.lower(at),
                "everyone" | "everybody" | "all" | "friends" | "children" | "both" | "boys"
            )
        });
        let introduces = (quotation.first..quotation.last).any(|at| {
            matches!(
                (text.lower(at), text.lower(at + 1)),
                ("i'm", _) | ("i", "am") | ("name", "is") | ("call", "me")
            )
        });
        for candidate in candidates {
            let figure = candidate.figure;
            if called.contains(&figure) {
                candidate.speaks.push(("the line", "calls"));
                candidate.hears.push(("the line", "calls"));
            } else if named.contains(&figure) {
                let how = if introduces { "names, as I" } else { "names" };
                candidate.speaks.push(("the line", how));
                candidate.hears.push(("the line", how));
                if alone {
                    candidate.hears.push(("the line", "is the name"));
                }
            }
            if !called.is_empty() && !called.contains(&figure) {
                candidate.hears.push(("the line", "calls another"));
            }
            if paragraph_called.contains(&figure) {
                candidate.speaks.push(("the paragraph", "calls"));
                candidate.hears.push(("the paragraph", "calls"));
            }
            if plural_call && stage.figures.get(figure).plural {
                candidate.hears.push(("the line", "calls many"));
            }
        }
    }

    /// The quotations of the same paragraph.
    fn same_paragraph(&self) -> std::ops::Range<usize> {
        let paragraph = self.seats[self.index].paragraph;
        let mut first = self.index;
        while first > 0 && self.index - first < 8 && self.seats[first - 1].paragraph == paragraph {
            first -= 1;
        }
        let mut end = self.index + 1;
        while end < self.seats.len()
            && end - self.index < 8
            && self.seats[end].paragraph == paragraph
        {
            end += 1;
        }
        first..end
    }

    /// Whom the lines before and after call, name or are told to.
    fn neighbours(&self, candidates: &mut [Candidate]) {
        let stage = self.stage;
        let gap = self.gap();
        let near = matches!(gap, "next" | "one between");
        if let Some(before) = self.index.checked_sub(1) {
            let (called, named) = stage.called_and_named(before);
            let object = self.tags[before].and_then(|tag| tag.object);
            let place = match (gap, self.kind()) {
                ("next", "bare" | "narration") => "line before, bare",
                _ if near => "line before",
                _ => "line before, far",
            };
            let within = self.seats[before].paragraph == self.seats[self.index].paragraph;
            for candidate in &mut *candidates {
                let figure = candidate.figure;
                if within {
                    continue;
                }
                if called.contains(&figure) {
                    candidate.speaks.push((place, "calls"));
                    candidate.hears.push((place, "calls"));
                } else if named.contains(&figure) {
                    candidate.speaks.push((place, "names"));
                    candidate.hears.push((place, "names"));
                }
                if object == Some(Who::Named(figure)) {
                    candidate.speaks.push((place, "told to"));
                    candidate.hears.push((place, "told to"));
                }
            }
        }
        if self.index + 1 < self.seats.len() {
            let next = self.index + 1;
            let seats = (self.seats[self.index], self.seats[next]);
            if matches!(seats.1.paragraph - seats.0.paragraph, 1..=2) {
                let (called, named) = stage.called_and_named(next);
                for candidate in candidates {
                    if called.contains(&candidate.figure) {
                        candidate.speaks.push(("line after", "calls"));
                        candidate.hears.push(("line after", "calls"));
                    } else if named.contains(&candidate.figure) {
                        candidate.speaks.push(("line after", "names"));
                        candidate.hears.push(("line after", "names"));
                    }
                }
            }
        }
    }

    /// How much a figure is there: of late, so far, and as what.
    fn standing(&self, candidates: &mut [Candidate]) {
        let stage = self.stage;
        let quotation = stage.ground.quotations[self.index];
        let tag = self.kind();
        let told = tag == "told";
        let mut order: Vec<usize> = Vec::new();
        let mut nearest: BTreeMap<usize, usize> = BTreeMap::new();
        let narrated = self.traces[..self.seen]
            .iter()
            .rev()
            .filter(|trace| trace.quoted.is_none())
            .take_while(|trace| quotation.first - trace.word <= 2 * REACH)
            .take(TRACES);
        for trace in narrated {
            if !order.contains(&trace.figure) {
                order.push(trace.figure);
                nearest.insert(trace.figure, trace.word);
            }
        }
        let sentence = |word: usize| stage.ground.sentence.get(word).copied().unwrap_or(0);
        let most = candidates
            .iter()
            .map(|it| self.counts.get(&it.figure).copied().unwrap_or(0))
            .max()
            .unwrap_or(0);
        for candidate in candidates {
            let figure = candidate.figure;
            let it = stage.figures.get(figure);
            let rank = match order.iter().position(|other| *other == figure) {
                Some(0) => "first",
                Some(1) => "second",
                Some(2) => "third",
                Some(_) => "later",
                None => "never",
            };
            let distance = nearest.get(&figure).map_or("never", |word| {
                match sentence(quotation.first).saturating_sub(sentence(*word)) {
                    0 | 1 => "here",
                    2 | 3 => "near",
                    4..=7 => "some way",
                    _ => "far",
                }
            });
            let count = self.counts.get(&figure).copied().unwrap_or(0);
            let share = match count * 4 {
                0 => "none",
                it if it > most * 3 => "most",
                it if it > most => "much",
                _ => "little",
            };
            let voice = match self.told.get(&figure) {
                None => "never told to speak",
                Some(1) => "told once",
                Some(_) => "told often",
            };
            let what = if it.is_narrator {
                "narrator"
            } else if it.plural {
                "many"
            } else if it.personal <= 0.0 {
                "hardly a person"
            } else if !it.names.is_empty() {
                "by name"
            } else if it.kin.is_some() {
                "by kinship"
            } else {
                "by noun"
            };
            candidate.hears.extend([
                ("recency", rank),
                ("distance", distance),
                ("share", share),
                ("voice", voice),
                ("what", what),
            ]);
            let ruled = stage.ruled[self.index];
            let is = |other: Option<usize>| other.map(|it| stage.figures.find(it)) == Some(figure);
            if is(ruled.addressee) {
                candidate.hears.push(("rules", tag));
            }
            if told {
                continue;
            }
            if is(ruled.speaker) {
                candidate.speaks.push(("rules", tag));
            }
            candidate.speaks.extend([
                ("recency", rank),
                ("distance", distance),
                ("share", share),
                ("voice", voice),
                ("what", what),
            ]);
            if it.is_narrator {
                candidate.speaks.push(("narrator", tag));
            }
            if it.plural {
                candidate.speaks.push(("many", tag));
            }
        }
    }
}
