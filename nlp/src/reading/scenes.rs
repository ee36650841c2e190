//! Where and when it happens: the text cut into scenes, each with place, time and weather.

use std::ops::Range;

use fabula_story::{DayTime, EntityKind, PLACES, Weather};

use super::lexicon::{Lexicon, Sign};
use super::mentions::{Ground, Mention};
use super::quotes::Quotation;
use super::text::{ParagraphKind, Text};
use super::whereabouts::{Found, Head, Sentence, steady};

/// A stretch of sentences in one place and time.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub sentences: Range<usize>,
    /// Index into [`PLACES`].
    pub place: usize,
    pub time: DayTime,
    pub weather: Weather,
    pub indoor: bool,
}

/// What one sentence says of its setting.
#[derive(Clone, Debug, Default)]
struct Clues {
    places: [f32; PLACES.len()],
    /// For and against each of [`FINER`].
    finer: [f32; FINER.len()],
    /// The place that someone enters or stands in, if one is named.
    moves_to: Option<usize>,
    /// Someone goes there, rather than being there.
    moving: bool,
    /// The weather passes.
    cleared: bool,
    times: [f32; 4],
    weathers: [f32; 5],
    indoors: f32,
    /// Begins with a jump in time.
    jump: bool,
    /// Stands after a scene break or a heading.
    after_break: bool,
    /// Begins a paragraph.
    opens_paragraph: bool,
    /// Nearly all is said aloud.
    spoken: bool,
}

const SKY: usize = 1;
const NIGHT: usize = 2;
const INDOOR: usize = 3;
const WATER: usize = 4;
const FIELD: usize = 5;
const CASTLE: usize = 8;
const CAVE: usize = 12;
const SEA: usize = 13;
const RIVER: usize = 16;
const SHIP: usize = 17;
const SCHOOL: usize = 18;

/// A kind of place that is told from others of its kind only when the place is found.
struct Finer {
    place: usize,
    within: usize,
    /// The word lists for and against it.
    words: [&'static str; 2],
}

const FINER: [Finer; 3] = [
    Finer {
        place: RIVER,
        within: WATER,
        words: ["river", "still water"],
    },
    Finer {
        place: SHIP,
        within: SEA,
        words: ["ship", "shore"],
    },
    Finer {
        place: SCHOOL,
        within: INDOOR,
        words: ["school", "no school"],
    },
];
/// Votes that make a place the finer one.
const FINER_VOTES: f32 = 2.0;
/// What the time or weather that someone speaks of counts: it need not be now.
const SPOKEN: f32 = 0.1;
/// Votes that a new place needs to end a scene.
const NEW_PLACE: f32 = 3.0;
/// How much likelier another place or roof must be, in logarithms, to be left for within a paragraph;
/// half as much where one opens.
const PATIENCE: f32 = 2.0;
/// How many times as much another time must be: it hardly changes while people speak.
const TIMES_PATIENCE: f32 = 4.0;
/// A scene that has fewer sentences joins its neighbour.
const SHORTEST: usize = 2;

/// A stretch of fewer words tells nothing of where it happens: "said Tom".
const TELLING: usize = 4;

/// The stretches of each sentence that tell where it happens, as ranges of words: what is narrated, or
/// all of it if everything is said aloud.
pub(super) fn telling(
    text: &Text,
    quotations: &[Quotation],
    sentences: &[Range<usize>],
) -> Vec<Vec<Range<usize>>> {
    let mut quoted = vec![false; text.words.len()];
    for quotation in quotations {
        quoted[quotation.first..=quotation.last].fill(true);
    }
    let heading = |sentence: &Range<usize>| {
        let paragraph = text.paragraph(sentence.start);
        paragraph.is_some_and(|it| it.kind == ParagraphKind::Heading)
    };
    sentences
        .iter()
        .map(|sentence| {
            let mut stretches: Vec<Range<usize>> = Vec::new();
            for index in sentence.clone() {
                match stretches.last_mut() {
                    _ if heading(sentence) || quoted[index] => {}
                    Some(last) if last.end == index => last.end += 1,
                    _ => stretches.push(index..index + 1),
                }
            }
            stretches.retain(|words| words.clone().filter(|it| !text.mark(*it)).count() >= TELLING);
            if stretches.is_empty() && !heading(sentence) {
                stretches.push(sentence.clone());
            }
            stretches
        })
        .collect()
}

/// What the words of each sentence tell, as the numbers that a trained head reads.
pub(super) fn evidence(ground: &Ground, mentions: &[Mention]) -> Vec<Vec<f32>> {
    let clues = clues(ground, &named(ground, mentions));
    clues.iter().map(Clues::numbers).collect()
}

impl Clues {
    fn numbers(&self) -> Vec<f32> {
        let flag = |is: bool| f32::from(u8::from(is));
        let entered = (0..PLACES.len()).map(|place| flag(self.moves_to == Some(place)));
        let flags = [
            self.moving,
            self.cleared,
            self.jump,
            self.after_break,
            self.opens_paragraph,
            self.spoken,
        ];
        let places = self.places.iter().copied().chain(entered);
        places
            .chain(self.times)
            .chain(self.weathers)
            .chain([self.indoors])
            .chain(flags.map(flag))
            .collect()
    }
}

/// Which words are names.
fn named(ground: &Ground, mentions: &[Mention]) -> Vec<bool> {
    let mut named = vec![false; ground.text.words.len()];
    for mention in mentions
        .iter()
        .filter(|mention| mention.kind == EntityKind::Proper)
    {
        for slot in named.iter_mut().take(mention.last + 1).skip(mention.first) {
            *slot = true;
        }
    }
    named
}

/// Cuts the text into settings; there is one unless there is no sentence.
///
/// A trained head tells them, if there is one, else words alone.
pub(super) fn find(
    ground: &Ground,
    mentions: &[Mention],
    seen: Option<(&Head, &[Vec<f32>])>,
) -> Vec<Setting> {
    let clues = clues(ground, &named(ground, mentions));
    let settings = match seen {
        Some((head, senses)) => by_head(ground, &clues, head, senses),
        None => by_words(&clues),
    };
    let mut settings = join_same(settings, &clues);
    refine(&mut settings, &clues);
    settings
}

/// The settings that words tell.
fn by_words(clues: &[Clues]) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    for sentences in merge_short(clues, cut(clues)) {
        let setting = describe(clues, sentences, &settings);
        settings.push(setting);
    }
    // What comes before any clue happens where the story first says it does.
    if let Some(first) = settings.first_mut()
        && first.place == usize::MAX
    {
        let total = sum(clues, 0..clues.len());
        first.place = best(&total.places).map_or(FIELD, |(place, _)| place);
    }
    let mut last = FIELD;
    for setting in &mut settings {
        if setting.place == usize::MAX {
            setting.place = last;
        }
        last = setting.place;
        setting.indoor |= matches!(setting.place, INDOOR | CAVE);
    }
    settings
}

/// The sentences of a scene without the last one if somebody goes somewhere in it, because they are
/// there only when the scene is over.
fn staying(clues: &[Clues], sentences: &Range<usize>) -> Range<usize> {
    let last = sentences.clone().next_back();
    let leaves = last
        .and_then(|last| clues.get(last))
        .is_some_and(|it| it.moving && it.moves_to.is_some());
    if leaves && sentences.len() > SHORTEST {
        sentences.start..sentences.end - 1
    } else {
        sentences.clone()
    }
}

/// The settings that a trained head tells, with the weather that words tell.
fn by_head(ground: &Ground, clues: &[Clues], head: &Head, senses: &[Vec<f32>]) -> Vec<Setting> {
    let words: Vec<Vec<f32>> = clues.iter().map(Clues::numbers).collect();
    let spans = ground.text.spans(ground.sentences.iter().cloned());
    let sentences: Vec<Sentence> = words
        .iter()
        .zip(&spans)
        .enumerate()
        .map(|(number, (words, span))| Sentence {
            sense: senses.get(number).map_or(&[], Vec::as_slice),
            words,
            bytes: span.len(),
        })
        .collect();
    let found = head.find(&sentences);
    let paths = Paths::of(&found, clues);
    let mut settings: Vec<Setting> = Vec::new();
    for sentences in end_where_they_are(clues, merge_short(clues, paths.cut(clues))) {
        let most = |path: &[usize]| most(path, &sentences, &spans);
        let (place, total) = (most(&paths.places), sum(clues, sentences.clone()));
        let parted = parted(clues, sentences.start);
        let weather = weather(&total, place, settings.last(), parted);
        // "In the morning": what a jump in time names is the time.
        let jump = clues.get(sentences.start).filter(|clue| clue.jump);
        let told = jump
            .and_then(|clue| best(&clue.times))
            .map(|(slot, _)| slot);
        settings.push(Setting {
            place,
            time: TIMES[told.unwrap_or_else(|| most(&paths.times))],
            weather,
            indoor: matches!(place, INDOOR | CAVE) || most(&paths.indoors) == 1,
            sentences,
        });
    }
    settings
}

/// Joins the last scene to the one before, if little more happens in it than that somebody gets there.
fn end_where_they_are(clues: &[Clues], mut pieces: Vec<Range<usize>>) -> Vec<Range<usize>> {
    if let [.., before, last] = pieces.as_mut_slice() {
        let gets_there = clues
            .get(last.clone())
            .and_then(<[Clues]>::last)
            .is_some_and(|clue| clue.moves_to.is_some());
        if gets_there && last.len() <= SHORTEST && !parted(clues, last.start) {
            before.end = last.end;
            pieces.pop();
        }
    }
    pieces
}

/// The likeliest place, time, and being under a roof, of each sentence.
struct Paths {
    places: Vec<usize>,
    times: Vec<usize>,
    indoors: Vec<usize>,
}

impl Paths {
    fn of(found: &Found, clues: &[Clues]) -> Self {
        let cost = |at: usize| {
            let opens = clues.get(at).is_some_and(|clue| clue.opens_paragraph);
            if opens { PATIENCE / 2.0 } else { PATIENCE }
        };
        // A place is as likely as it is to be where it is, under a roof or not.
        let places = found.places.iter().zip(&found.indoors);
        let places: Vec<Vec<f32>> = places
            .map(|(places, indoors)| {
                let (out, inside) = (indoors[0], indoors[1]);
                let likely = places.iter().enumerate().map(|(place, likely)| {
                    likely
                        + match place {
                            INDOOR => inside,
                            SKY | WATER | CASTLE | CAVE | SEA => out.max(inside),
                            _ => out,
                        }
                });
                likely.collect()
            })
            .collect();
        Self {
            places: steady(&places, cost),
            times: steady(&found.times, |at| TIMES_PATIENCE * cost(at)),
            indoors: steady(&found.indoors, cost),
        }
    }

    /// Where scenes begin: where the place or the roof is another, at a time that words name, at
    /// breaks, and at jumps in time.
    fn cut(&self, clues: &[Clues]) -> Vec<Range<usize>> {
        let changes = |path: &[usize], at: usize| path.get(at) != path.get(at - 1);
        let is_named = |clue: &Clues, at: usize| {
            let votes = self.times.get(at).and_then(|time| clue.times.get(*time));
            votes.is_some_and(|votes| *votes > 0.0)
        };
        let mut pieces = Vec::new();
        let mut first = 0;
        for (at, clue) in clues.iter().enumerate().skip(1) {
            if clue.after_break
                || clue.jump
                || changes(&self.places, at)
                || changes(&self.indoors, at)
                || (changes(&self.times, at) && is_named(clue, at))
            {
                pieces.push(first..at);
                first = at;
            }
        }
        if first < clues.len() {
            pieces.push(first..clues.len());
        }
        pieces
    }
}

/// The times of the head, in its order.
const TIMES: [DayTime; 4] = [DayTime::Dawn, DayTime::Day, DayTime::Dusk, DayTime::Night];

/// The value of most of the text of these sentences, the first of equals.
fn most(path: &[usize], sentences: &Range<usize>, spans: &[Range<usize>]) -> usize {
    let mut bytes = [0; PLACES.len()];
    for number in sentences.clone() {
        let length = spans.get(number).map_or(0, Range::len);
        if let Some(sum) = path.get(number).and_then(|value| bytes.get_mut(*value)) {
            *sum += length;
        }
    }
    let top = bytes.iter().copied().max().unwrap_or_default();
    bytes.iter().position(|it| *it == top).unwrap_or_default()
}

/// Tells rivers from other waters, ships from shores and schools from rooms. Where nothing is said,
/// it stays as it was in the scene before.
fn refine(settings: &mut [Setting], clues: &[Clues]) {
    let mut before = None;
    for setting in settings {
        let votes = sum(clues, setting.sentences.clone()).finer;
        let found = FINER.iter().zip(votes).find(|(finer, votes)| {
            let same = before == Some(finer.place) && *votes > -1.0;
            finer.within == setting.place && (*votes >= FINER_VOTES || same)
        });
        if let Some((finer, _)) = found {
            setting.place = finer.place;
        }
        before = Some(setting.place);
    }
}

fn clues(ground: &Ground, named: &[bool]) -> Vec<Clues> {
    let text = ground.text;
    let mut all = vec![Clues::default(); ground.sentences.len()];
    let mut previous = None;
    for (number, range) in ground.sentences.iter().enumerate() {
        let paragraph = text.words.get(range.start).map_or(0, |word| word.paragraph);
        if let Some(clue) = all.get_mut(number) {
            clue.opens_paragraph = previous != Some(paragraph);
            let is = |number: usize, kind| {
                text.paragraphs
                    .get(number)
                    .is_some_and(|it| it.kind == kind)
            };
            let heading = is(paragraph, ParagraphKind::Heading);
            let narrated = range.clone().filter(|it| {
                !text.mark(*it) && ground.quoted.get(*it).is_some_and(Option::is_none)
            });
            clue.spoken = narrated.count() < TELLING;
            clue.after_break = previous.is_some_and(|before: usize| {
                (before..paragraph).any(|it| is(it, ParagraphKind::Break))
                    || (heading && !is(before, ParagraphKind::Heading))
            });
            if !heading {
                read_sentence(ground, named, range.clone(), clue);
                clue.jump |= begins_later(ground, range);
            }
        }
        previous = Some(paragraph);
    }
    all
}

fn read_sentence(ground: &Ground, named: &[bool], range: Range<usize>, clue: &mut Clues) {
    let lexicon = Lexicon::get();
    let text = ground.text;
    let mut index = range.start;
    while index < range.end {
        if text.mark(index) || named.get(index).copied().unwrap_or_default() {
            index += 1;
            continue;
        }
        let end = range.end;
        let at = |step: usize| {
            if index + step < end {
                text.lower(index + step)
            } else {
                ""
            }
        };
        let quoted = ground.quoted[index].is_some();
        let share = if quoted { 0.2 } else { 1.0 };
        let phrase = lexicon.signs.phrase(at);
        let (length, signs) = match &phrase {
            Some((length, signs)) => (*length, signs.as_slice()),
            None => (1, lexicon.signs.word(text.lower(index))),
        };
        let void = signs.contains(&Sign::Void);
        // The moon tells of night, but not where she is somebody.
        let void_time = void || ground.is_somebody(text.lower(index));
        for sign in signs {
            match sign {
                Sign::Time(time, weight) if !void_time => {
                    let told = if quoted { SPOKEN } else { 1.0 };
                    let factor = told * time_factor(ground, &range, index);
                    clue.times[time_slot(*time)] += weight * factor;
                }
                Sign::Weather(weather, weight) if !void => {
                    let slot = match weather {
                        Weather::Snow => 1,
                        Weather::Fog => 2,
                        Weather::Wind => 3,
                        Weather::Storm => 4,
                        _ => 0,
                    };
                    if quoted {
                        clue.weathers[slot] += weight * spoken_weather(text, index);
                    } else if passes(ground, &range, index) {
                        clue.cleared = true;
                    } else {
                        clue.weathers[slot] += weight * weather_factor(ground, &range, index);
                    }
                }
                Sign::Jump => {
                    let opening = (range.start..index).filter(|it| !text.mark(*it)).count() <= 1;
                    clue.jump |= opening && !quoted;
                    let told = if quoted { SPOKEN } else { 1.5 };
                    // "the next morning" is a morning.
                    for step in 0..length {
                        for sign in lexicon.signs.word(text.lower(index + step)) {
                            if let Sign::Time(time, weight) = sign {
                                clue.times[time_slot(*time)] += weight * told;
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        if !void {
            read_place(ground, &range, index, share, clue);
        }
        index += if phrase.is_some() { length } else { 1 };
    }
}

/// What weather that somebody speaks of counts: "It's snowing!" is said of now.
fn spoken_weather(text: &Text, index: usize) -> f32 {
    let is_now = text.lower(index).ends_with("ing")
        && matches!(text.before(index, 1), "it's" | "is" | "'s" | "still");
    if is_now { 1.0 } else { SPOKEN }
}

/// So many words at the beginning of a sentence may say that it is later or elsewhere.
const OPENING: usize = 8;

/// Whether a sentence of narration begins by saying that time has passed or that all are elsewhere:
/// "By eight o'clock", "A week later", "When they got home".
fn begins_later(ground: &Ground, range: &Range<usize>) -> bool {
    let lexicon = Lexicon::get();
    let text = ground.text;
    let all: Vec<&str> = range
        .clone()
        .skip_while(|at| text.mark(*at))
        .take_while(|at| ground.quoted[*at].is_none() && !text.mark(*at))
        .map(|at| text.lower(at))
        .skip_while(|word| matches!(*word, "and" | "but" | "so" | "then"))
        .take(OPENING)
        .collect();
    let [first, rest @ ..] = all.as_slice() else {
        return false;
    };
    let time = |word: &&str| lexicon.is("times of a day", word) || lexicon.is("long times", word);
    let near = |words: &[&str], reach: usize| words.iter().take(reach).position(time);
    let passes = all.windows(2).any(|pair| {
        pair[1] == "later" && lexicon.is("long times", pair[0])
            || pair[0] == "later" && pair[1] == "that"
    });
    let arrives = || {
        rest.iter()
            .take(5)
            .any(|it| matches!(*it, "got" | "came" | "arrived" | "were" | "was"))
            && rest.contains(&"home")
            || rest.contains(&"woke")
            || rest
                .windows(2)
                .any(|pair| matches!(pair[0], "next" | "following") && time(&pair[1]))
    };
    passes
        || match *first {
            "one" | "that" => near(rest, 3).is_some(),
            "the" | "early" | "late" | "next" => near(rest, 4).is_some_and(|at| {
                *first != "the"
                    || rest.iter().take(at).any(|it| {
                        matches!(
                            *it,
                            "next" | "following" | "same" | "very" | "last" | "first"
                        ) || it.ends_with("th")
                            || matches!(*it, "second" | "third")
                    })
            }),
            "at" | "by" | "on" | "in" | "after" | "before" => {
                near(rest, 5).is_some()
                    || matches!((*first, rest.first()), ("at", Some(&("home" | "school"))))
            }
            "back" => matches!(rest.first(), Some(&("home" | "at" | "in"))),
            "when" | "once" | "as" => arrives(),
            "winter" | "spring" | "summer" | "autumn" => rest.first() == Some(&"came"),
            "meanwhile" | "afterwards" => true,
            _ => false,
        }
}

fn time_slot(time: DayTime) -> usize {
    match time {
        DayTime::Dawn => 0,
        DayTime::Dusk => 2,
        DayTime::Night => 3,
        _ => 1,
    }
}

/// The words before `index` in its clause, nearest first, at most `reach`.
fn clause_before<'g>(
    ground: &'g Ground,
    range: &Range<usize>,
    index: usize,
    reach: usize,
) -> impl Iterator<Item = &'g str> {
    let text = ground.text;
    let first = range.start.max(index.saturating_sub(reach));
    (first..index)
        .rev()
        .take_while(|at| !text.mark(*at))
        .map(|at| text.lower(at))
}

/// What a word for a time counts: less where it is denied, far off or only usual.
fn time_factor(ground: &Ground, range: &Range<usize>, index: usize) -> f32 {
    let text = ground.text;
    let mut factor = figurative(ground, range, index);
    for (back, word) in clause_before(ground, range, index, 5).enumerate() {
        factor *= match word {
            "not" | "never" => 0.0,
            _ if word.ends_with("n't") => 0.0,
            "whenever" | "sometimes" | "often" | "usually" => 0.3,
            "until" | "till" | "since" if back < 3 => 0.3,
            "every" | "each" if back < 2 => 0.7,
            "had" => 0.4,
            _ => 1.0,
        };
    }
    // A dark wood or a dark coat is so by day, too.
    let next = text.lower(index + 1);
    let attribute = !text.mark(index + 1)
        && !["prepositions", "conjunctions", "auxiliaries", "function"]
            .iter()
            .any(|set| Lexicon::get().is(set, next));
    if text.lower(index) == "dark" && attribute {
        factor *= 0.4;
    }
    factor
}

/// What a word for a weather counts: nothing where it is denied, little where it only happens.
fn weather_factor(ground: &Ground, range: &Range<usize>, index: usize) -> f32 {
    let mut factor = figurative(ground, range, index);
    for (back, word) in clause_before(ground, range, index, 7).enumerate() {
        factor *= match word {
            "no" | "not" | "without" | "never" | "neither" | "nor" if back < 4 => 0.0,
            _ if word.ends_with("n't") && back < 4 => 0.0,
            "if" | "whenever" | "sometimes" | "often" | "usually" | "always" | "used" => 0.1,
            "every" | "each" => 0.2,
            _ => 1.0,
        };
    }
    factor
}

/// Whether the weather named at `index` is over: "the fog had lifted", "after the storm".
fn passes(ground: &Ground, range: &Range<usize>, index: usize) -> bool {
    let text = ground.text;
    let before: Vec<&str> = clause_before(ground, range, index, 3).collect();
    // "it had rained", but "the rain had begun"
    if before.iter().take(2).any(|word| *word == "had")
        || before.first() == Some(&"after")
        || (before.get(1) == Some(&"after") && before.first() == Some(&"the"))
        || (before.get(1) == Some(&"of") && before.get(2) == Some(&"end"))
    {
        return true;
    }
    for at in index + 1..(index + 7).min(range.end) {
        let word = text.lower(at);
        let next = text.lower(at + 1);
        if text.mark(at) {
            return false;
        }
        match word {
            "stopped" | "ended" | "passed" | "ceased" | "cleared" | "lifted" | "gone"
            | "vanished" | "thinned" | "melted" | "over" | "faded" | "dissolved" | "dispersed"
            | "subsided" | "abated"
                if word != "over"
                    || matches!(text.lower(at - 1), "was" | "were" | "blown" | "blew" | "is") =>
            {
                return true;
            }
            "let" if next == "up" => return true,
            "was" | "were" | "fell" if matches!(next, "still" | "calm") => return true,
            "grew" | "became" | "turned" | "getting" if next.starts_with("thin") => return true,
            "died" | "went" | "rolled" | "drifted" | "blew" | "blown" | "moved"
                if matches!(next, "down" | "away" | "off" | "back" | "out") =>
            {
                return true;
            }
            "burned" | "burnt" if next == "off" => return true,
            _ => {}
        }
        if matches!(
            word,
            "and" | "but" | "when" | "while" | "as" | "that" | "which"
        ) {
            return false;
        }
    }
    false
}

fn read_place(ground: &Ground, range: &Range<usize>, index: usize, share: f32, clue: &mut Clues) {
    let lexicon = Lexicon::get();
    let text = ground.text;
    let word = text.lower(index);
    let goes_out = word == "outside"
        || (word == "out"
            && matches!(
                text.before(index, 1),
                "went" | "ran" | "stepped" | "walked" | "came" | "crept" | "rushed"
            ));
    let on_roof = matches!(word, "roof" | "rooftop" | "rooftops")
        && clue.weathers.iter().all(|votes| *votes <= 0.0)
        && clause_before(ground, range, index, 3).any(|it| matches!(it, "on" | "onto" | "to"));
    if (goes_out || on_roof) && share >= 1.0 {
        clue.places[INDOOR] -= 3.5;
    }
    if lexicon.is("indoors of castle", word) {
        clue.indoors += share;
    }
    let at = |step: usize| {
        if index + step < range.end {
            text.lower(index + step)
        } else {
            ""
        }
    };
    let tables = [&lexicon.places, &lexicon.shown_places];
    let phrases = tables.iter().filter_map(|table| table.phrase(at));
    let longest = phrases.max_by_key(|(length, _)| *length);
    let values: Vec<(usize, f32)> = match longest {
        Some((_, values)) => values,
        None => tables
            .iter()
            .flat_map(|it| it.word(word))
            .copied()
            .collect(),
    };
    if values.is_empty() {
        return;
    }
    // A verb or the first half of a compound is no place: "to water", "the sea captain".
    let next = text.lower(index + 1);
    if text.before(index, 1) == "to"
        && !lexicon.is("determiners", text.before(index, 1))
        && lexicon.is("determiners", next)
    {
        return;
    }
    if lexicon.being(next).is_some() && !text.mark(index + 1) && !lexicon.verbish(next) {
        return;
    }
    // Who stands at the door of a hut is not in it.
    let threshold = |word: &str| matches!(word, "door" | "doorstep" | "threshold");
    if (threshold(word) && next == "of")
        || (1..=3)
            .any(|step| text.before(index, step) == "of" && threshold(text.before(index, step + 1)))
    {
        return;
    }
    let mut factor = share * figurative(ground, range, index);
    let mut located = appears(ground, range, index);
    let mut moving = false;
    for back in 1..=4 {
        if located {
            break;
        }
        let Some(at) = index.checked_sub(back).filter(|at| *at >= range.start) else {
            break;
        };
        let before = text.lower(at);
        if text.mark(at) || lexicon.is("conjunctions", before) {
            break;
        }
        if lexicon.is("leaving", before) {
            factor *= 0.35;
            located = false;
            moving = false;
            break;
        }
        if lexicon.is("locative", before) {
            located = true;
            moving = lexicon.is("motion", before)
                || (1..=3).any(|step| {
                    let verb = text.before(at, step);
                    matches!(
                        verb,
                        "arrived"
                            | "stood"
                            | "sat"
                            | "lived"
                            | "was"
                            | "were"
                            | "woke"
                            | "came"
                            | "went"
                            | "hurried"
                    )
                });
            break;
        }
    }
    if located {
        factor *= 2.0;
    }
    for (slot, finer) in clue.finer.iter_mut().zip(&FINER) {
        let [yes, no] = finer.words.map(|words| lexicon.is(words, word));
        *slot += factor * (f32::from(u8::from(yes)) - f32::from(u8::from(no)));
    }
    for (place, weight) in values {
        let votes = weight * factor;
        if let Some(slot) = clue.places.get_mut(place) {
            *slot += votes;
        }
        let strong = weight >= 2.9;
        if strong && located && factor >= 1.5 && (moving || clue.moves_to.is_none()) {
            clue.moves_to = Some(place);
            clue.moving |= moving;
        }
    }
}

/// Whether a place comes into sight: "at the end of the path lay a dark cave".
fn appears(ground: &Ground, range: &Range<usize>, index: usize) -> bool {
    let words: Vec<&str> = clause_before(ground, range, index, 5).collect();
    words.windows(2).any(|pair| {
        matches!(pair[0], "a" | "an") && matches!(pair[1], "lay" | "stood" | "rose" | "loomed")
    })
}

/// Less than one where the words before make a thing a picture or a thought.
fn figurative(ground: &Ground, range: &Range<usize>, index: usize) -> f32 {
    let lexicon = Lexicon::get();
    let text = ground.text;
    for back in 1..=5 {
        let Some(at) = index.checked_sub(back).filter(|at| *at >= range.start) else {
            break;
        };
        let word = text.lower(at);
        if matches!(word, "." | ";" | "!" | "?") {
            break;
        }
        if lexicon.is("figurative", word) && !(word == "as" && back > 3) {
            return 0.15;
        }
    }
    1.0
}

/// Where scenes begin by what words tell.
fn cut(clues: &[Clues]) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut first = 0;
    let mut current: Option<usize> = None;
    for (index, clue) in clues.iter().enumerate() {
        let place = best(&clue.places).filter(|(_, votes)| *votes >= NEW_PLACE);
        let changes = match (current, clue.moves_to) {
            (Some(here), Some(there)) => {
                here != there && place.is_some() && (clue.opens_paragraph || clue.moving)
            }
            _ => false,
        };
        let breaks = index > first
            && (clue.after_break || clue.jump || (changes && index >= first + SHORTEST));
        if breaks {
            pieces.push(first..index);
            first = index;
            current = None;
        }
        if let Some(there) = clue.moves_to.filter(|_| changes || current.is_none()) {
            current = Some(there);
        } else if current.is_none() {
            current = place.map(|(place, _)| place);
        }
    }
    if first < clues.len() {
        pieces.push(first..clues.len());
    }
    pieces
}

/// Joins scenes that are too short with the one after, or at the end with the one before.
fn merge_short(clues: &[Clues], pieces: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let short = |range: &Range<usize>| range.len() < SHORTEST;
        match merged.last_mut() {
            Some(last)
                if short(last)
                    && (last.start == 0
                        || !begins_anew(clues, piece.start)
                        || begins_anew(clues, last.start)) =>
            {
                last.end = piece.end;
            }
            Some(last) if short(last) => {
                let end = last.end;
                merged.pop();
                if let Some(before) = merged.last_mut() {
                    before.end = end;
                }
                merged.push(piece);
            }
            Some(last)
                if short(&piece)
                    && piece.end == clues.len()
                    && !begins_anew(clues, piece.start) =>
            {
                last.end = piece.end;
            }
            _ => merged.push(piece),
        }
    }
    merged
}

/// Whether a scene break or a heading stands before a sentence.
fn begins_anew(clues: &[Clues], sentence: usize) -> bool {
    clues.get(sentence).is_some_and(|clue| clue.after_break)
}

fn sum(clues: &[Clues], range: Range<usize>) -> Clues {
    let mut total = Clues::default();
    for clue in clues.get(range).unwrap_or(&[]) {
        add(&mut total.places, &clue.places);
        add(&mut total.finer, &clue.finer);
        add(&mut total.times, &clue.times);
        add(&mut total.weathers, &clue.weathers);
        total.indoors += clue.indoors;
        total.cleared |= clue.cleared;
    }
    total
}

fn add(total: &mut [f32], values: &[f32]) {
    for (sum, value) in total.iter_mut().zip(values) {
        *sum += value;
    }
}

/// The first of the highest values above nothing.
fn best(values: &[f32]) -> Option<(usize, f32)> {
    values
        .iter()
        .copied()
        .enumerate()
        .fold(
            None,
            |best: Option<(usize, f32)>, (index, value)| match best {
                Some((_, highest)) if highest >= value => best,
                _ if value > 0.0 => Some((index, value)),
                _ => best,
            },
        )
}

fn describe(clues: &[Clues], sentences: Range<usize>, earlier: &[Setting]) -> Setting {
    let before = earlier.last();
    let mut total = sum(clues, sentences.clone());
    total.places = sum(clues, staying(clues, &sentences)).places;
    // The place that the first sentences enter counts most.
    let opening = clues.get(sentences.clone()).unwrap_or(&[]).iter().take(3);
    for there in opening.filter_map(|clue| clue.moves_to) {
        if let Some(votes) = total.places.get_mut(there) {
            *votes += 3.0;
        }
    }
    let parted = parted(clues, sentences.start);
    let time = best(&total.times)
        .filter(|(_, votes)| *votes >= 1.0)
        .map(|(slot, _)| TIMES[slot])
        .or_else(|| before.filter(|_| !parted).map(|before| before.time))
        .unwrap_or(DayTime::Unknown);
    let place = best(&total.places)
        .filter(|(_, votes)| *votes >= 2.0)
        .map(|(place, _)| place);
    let place = match (place, before) {
        // A hall right after the castle gate is the castle's.
        (Some(INDOOR), Some(before)) if before.place == CASTLE && total.indoors >= 1.0 => CASTLE,
        (Some(place), _) => place,
        // Who goes out is back where the story was before it went in.
        (None, Some(before)) if before.place == INDOOR && total.places[INDOOR] < -1.0 => earlier
            .iter()
            .rev()
            .map(|setting| setting.place)
            .find(|place| *place != INDOOR && *place != usize::MAX)
            .unwrap_or(FIELD),
        (None, Some(before)) => before.place,
        (None, None) if time == DayTime::Night => NIGHT,
        (None, None) => usize::MAX,
    };
    let weather = weather(&total, place, before, parted);
    let indoor = place == INDOOR || (place == CASTLE && total.indoors >= 1.0);
    Setting {
        sentences,
        place,
        time,
        weather,
        indoor,
    }
}

/// The weather that is told, else the one before where nothing parts them and it may still be seen.
fn weather(total: &Clues, place: usize, before: Option<&Setting>, parted: bool) -> Weather {
    best(&total.weathers)
        .filter(|(_, votes)| *votes >= 1.5)
        .map(|(slot, _)| {
            [
                Weather::Rain,
                Weather::Snow,
                Weather::Fog,
                Weather::Wind,
                Weather::Storm,
            ][slot]
        })
        .or_else(|| {
            before
                .filter(|before| {
                    !parted && !total.cleared && !before.indoor && ![INDOOR, CAVE].contains(&place)
                })
                .map(|before| before.weather)
        })
        .unwrap_or_default()
}

/// Whether a break or a jump in time stands before a sentence.
fn parted(clues: &[Clues], sentence: usize) -> bool {
    clues
        .get(sentence)
        .is_some_and(|clue| clue.after_break || clue.jump)
}

/// Joins neighbours that nothing tells apart and no break or jump divides.
fn join_same(settings: Vec<Setting>, clues: &[Clues]) -> Vec<Setting> {
    let mut joined: Vec<Setting> = Vec::with_capacity(settings.len());
    for setting in settings {
        let parted = parted(clues, setting.sentences.start);
        match joined.last_mut() {
            Some(last)
                if !parted
                    && last.place == setting.place
                    && last.time == setting.time
                    && last.indoor == setting.indoor =>
            {
                last.sentences.end = setting.sentences.end;
            }
            _ => joined.push(setting),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use fabula_story::Scene;

    use super::*;
    use crate::document::Document;
    use crate::reading::{DeviceChoice, Reader};

    fn scenes(reader: &Reader, text: &str) -> Vec<Scene> {
        let text = text.to_owned();
        reader.read(&Document { title: None, text }).unwrap().scenes
    }

    /// `WORDS` of `models/training/places.py`.
    #[test]
    fn words_are_as_many_numbers_as_the_head_was_taught() {
        assert_eq!(Clues::default().numbers().len(), 54);
    }

    #[test]
    fn who_gets_somewhere_at_the_very_end_does_not_end_there() {
        let sentence = |moves_to| Clues {
            moves_to,
            opens_paragraph: true,
            ..Clues::default()
        };
        let mut clues = vec![sentence(None); 6];
        clues[5].moves_to = Some(FIELD);
        let starts = |clues: &[Clues], pieces: &[Range<usize>]| -> Vec<usize> {
            let pieces = end_where_they_are(clues, pieces.to_vec());
            assert_eq!(pieces.last().map(|it| it.end), Some(6));
            pieces.iter().map(|it| it.start).collect()
        };
        assert_eq!(starts(&clues, &[0..4, 4..6]), [0]);
        assert_eq!(starts(&clues, &[0..2, 2..6]), [0, 2]);
        clues[4].jump = true;
        assert_eq!(starts(&clues, &[0..4, 4..6]), [0, 4]);
    }

    #[test]
    fn a_place_is_told_by_what_is_shown_of_it() {
        let trained = Reader::open(DeviceChoice::Cpu).unwrap();
        for reader in [trained, Reader::rules()] {
            let place = |text: &str| scenes(&reader, text)[0].place.clone();
            assert_eq!(place("The boughs closed overhead."), "forest");
            let hearth = &scenes(&reader, "He sat by the hearth.")[0];
            assert_eq!((hearth.place.as_str(), hearth.indoor), ("indoor", true));
            assert_ne!(place("The sky fell silent in the room."), "sky");
            assert_eq!(
                place("The kerb was wet, and a lorry hissed past the pedestrians."),
                "city"
            );
        }
    }

    #[test]
    fn where_somebody_goes_in_the_last_sentence_is_not_where_they_were() {
        let reader = Reader::open(DeviceChoice::Cpu).unwrap();
        let goats = include_str!("../../../assets/stories/two-goats-on-the-bridge.txt");
        assert!(goats.trim_end().ends_with("into the sunny meadow."));
        let found = scenes(&reader, goats);
        let places: Vec<&str> = found.iter().map(|scene| scene.place.as_str()).collect();
        assert_eq!(places, ["river"]);
    }

    #[test]
    fn a_trained_reader_keeps_the_place_until_somebody_leaves_it() {
        let reader = Reader::open(DeviceChoice::Cpu).unwrap();
        let text = "Marit swept the kitchen floor and hung the pan on its hook. Then she sat down. \
                    Nothing moved. \"Well,\" she said.\n\n\
                    The next morning she walked down to the harbour. The ships lay at the quay, and \
                    the gulls cried over the masts. She waited on the pier.";
        let found = scenes(&reader, text);
        let places: Vec<&str> = found.iter().map(|scene| scene.place.as_str()).collect();
        assert_eq!(places.first(), Some(&"indoor"), "{places:?}");
        assert!(
            matches!(places.last(), Some(&("sea" | "ship"))),
            "{places:?}"
        );
        assert_eq!(places.len(), 2, "{places:?}");
        assert_eq!(found, scenes(&reader, text));
    }
}
