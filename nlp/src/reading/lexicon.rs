//! The word lists under `words/`, indexed for look-up.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use fabula_story::{Age, DayTime, Emotion, Gender, PLACES, Weather};

/// What a noun says of whom it names.
#[expect(
    clippy::struct_field_names,
    reason = "named as in the story's characters"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Being {
    /// The singular that the noun is filed under.
    pub lemma: String,
    /// `human`, a species or `creature`.
    pub being: String,
    pub gender: Gender,
    pub age: Age,
    pub plural: bool,
}

/// A word or the beginning of one.
#[derive(Clone, Copy, Debug)]
enum Pattern {
    Exact(&'static str),
    Stem(&'static str),
}

impl Pattern {
    fn new(entry: &'static str) -> Self {
        entry
            .strip_suffix('*')
            .map_or(Self::Exact(entry), Self::Stem)
    }

    fn matches(self, word: &str) -> bool {
        match self {
            Self::Exact(exact) => word == exact,
            Self::Stem(stem) => word.starts_with(stem),
        }
    }
}

#[derive(Debug)]
struct Phrase<T> {
    rest: Vec<Pattern>,
    value: T,
}

/// Words, stems and phrases, each with a value.
#[derive(Debug)]
pub(super) struct PatternTable<T> {
    words: HashMap<&'static str, Vec<T>>,
    stems: HashMap<&'static str, Vec<T>>,
    phrases: HashMap<&'static str, Vec<Phrase<T>>>,
    phrase_stems: HashMap<&'static str, Vec<Phrase<T>>>,
}

impl<T: Copy> PatternTable<T> {
    fn new() -> Self {
        Self {
            words: HashMap::new(),
            stems: HashMap::new(),
            phrases: HashMap::new(),
            phrase_stems: HashMap::new(),
        }
    }

    fn insert(&mut self, entry: &'static str, value: T) {
        let mut parts = entry.split('_').map(Pattern::new);
        let Some(first) = parts.next() else { return };
        let rest: Vec<Pattern> = parts.collect();
        match (first, rest.is_empty()) {
            (Pattern::Exact(word), true) => self.words.entry(word).or_default().push(value),
            (Pattern::Stem(word), true) => self.stems.entry(word).or_default().push(value),
            (Pattern::Exact(word), false) => {
                self.phrases
                    .entry(word)
                    .or_default()
                    .push(Phrase { rest, value });
            }
            (Pattern::Stem(word), false) => {
                self.phrase_stems
                    .entry(word)
                    .or_default()
                    .push(Phrase { rest, value });
            }
        }
    }

    /// The values of a single word: as written, else of its longest stem.
    pub fn word(&self, word: &str) -> &[T] {
        if let Some(values) = self.words.get(word) {
            return values;
        }
        prefixes(word)
            .find_map(|stem| self.stems.get(stem))
            .map_or(&[], Vec::as_slice)
    }

    /// The longest phrase that begins with the first of `words`: its length and values.
    pub fn phrase<'w>(&self, words: impl Fn(usize) -> &'w str) -> Option<(usize, Vec<T>)> {
        let first = words(0);
        let exact = self.phrases.get(first).into_iter().flatten();
        let stems = prefixes(first)
            .filter_map(|stem| self.phrase_stems.get(stem))
            .flatten();
        let mut best: Option<(usize, Vec<T>)> = None;
        for phrase in exact.chain(stems) {
            let fits = phrase
                .rest
                .iter()
                .enumerate()
                .all(|(index, part)| part.matches(words(index + 1)));
            if !fits {
                continue;
            }
            let length = phrase.rest.len() + 1;
            match &mut best {
                Some((longest, values)) if *longest == length => values.push(phrase.value),
                Some((longest, _)) if *longest > length => {}
                _ => best = Some((length, vec![phrase.value])),
            }
        }
        best
    }
}

/// The beginnings of a word that are long enough for a stem, longest first.
fn prefixes(word: &str) -> impl Iterator<Item = &str> {
    (3..=word.len()).rev().filter_map(|end| word.get(..end))
}

/// A vote for a place, a time or a weather.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sign {
    Time(DayTime, f32),
    Weather(Weather, f32),
    /// A phrase that looks like one of the others and means nothing.
    Void,
    /// A jump in time.
    Jump,
}

/// All word lists.
#[derive(Debug)]
pub(super) struct Lexicon {
    pub beings: HashMap<String, Being>,
    pub kin: HashMap<&'static str, &'static str>,
    pub given_names: HashMap<&'static str, Gender>,
    pub speech: HashMap<&'static str, Option<Emotion>>,
    pub actions: HashSet<&'static str>,
    pub titles: HashMap<&'static str, Gender>,
    pub emotions: PatternTable<(Option<Emotion>, f32)>,
    /// Index into [`PLACES`] and weight.
    pub places: PatternTable<(usize, f32)>,
    /// What is found at places, or done there.
    pub shown_places: PatternTable<(usize, f32)>,
    pub signs: PatternTable<Sign>,
    sets: HashMap<&'static str, HashSet<&'static str>>,
}

impl Lexicon {
    /// The lists, built when first asked for.
    pub fn get() -> &'static Self {
        static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::build);
        &LEXICON
    }

    /// Whether the plain list `set` holds `word`.
    pub fn is(&self, set: &str, word: &str) -> bool {
        self.sets.get(set).is_some_and(|words| words.contains(word))
    }

    /// What a noun names, if it names a being; of a compound with hyphens, its last part counts.
    pub fn being(&self, noun: &str) -> Option<&Being> {
        self.beings.get(noun).or_else(|| {
            let (_, last) = noun.rsplit_once('-')?;
            self.beings.get(last)
        })
    }

    /// Whether a word can be the verb of a subject right before it.
    pub fn verbish(&self, word: &str) -> bool {
        self.speech.contains_key(word)
            || self.actions.contains(word)
            || self.is("auxiliaries", word)
            || (word.len() > 4 && word.ends_with("ed"))
    }

    /// Whether a word is known to be something else than a name.
    pub fn common(&self, word: &str) -> bool {
        self.is("function", word)
            || self.is("pronouns", word)
            || self.beings.contains_key(word)
            || self.verbish(word)
            || !self.places.word(word).is_empty()
            || !self.signs.word(word).is_empty()
            || !self.emotions.word(word).is_empty()
            || [
                "colors",
                "sizes",
                "builds",
                "clothes",
                "wears",
                "vehicles",
                "title adjectives",
            ]
            .iter()
            .any(|set| self.is(set, word))
            || ["ly", "ing", "ness", "ment", "tion", "less", "ful", "ous"]
                .iter()
                .any(|ending| word.ends_with(ending))
    }

    fn build() -> Self {
        let mut sets: HashMap<&'static str, HashSet<&'static str>> = HashMap::new();
        let mut titles = HashMap::new();
        for source in [
            include_str!("words/grammar.txt"),
            include_str!("words/looks.txt"),
            include_str!("words/places.txt"),
        ] {
            for (section, words) in sections(source) {
                if let Some(gender) = section.strip_prefix("titles ") {
                    titles.extend(words.iter().map(|word| (*word, gender_from_name(gender))));
                }
                sets.entry(section).or_default().extend(words);
            }
        }
        let mut kin = HashMap::new();
        for line in lines(include_str!("words/kin.txt")) {
            let mut words = line.split_whitespace();
            if let Some(first) = words.next() {
                kin.insert(first, first);
                kin.extend(words.map(|word| (word, first)));
            }
        }
        let mut given_names = HashMap::new();
        for (section, words) in sections(include_str!("words/names.txt")) {
            given_names.extend(
                words
                    .into_iter()
                    .map(|word| (word, gender_from_name(section))),
            );
        }
        let mut speech = HashMap::new();
        let mut actions = HashSet::new();
        for (section, words) in sections(include_str!("words/verbs.txt")) {
            if section == "action" {
                actions.extend(words);
                continue;
            }
            let feeling = section.strip_prefix("speech ").and_then(emotion_from_name);
            for word in words {
                let entry = speech.entry(word).or_insert(feeling);
                *entry = entry.or(feeling);
            }
        }
        let mut emotions = PatternTable::new();
        for (section, words) in sections(include_str!("words/emotions.txt")) {
            let (name, weight) = section.split_once(' ').unwrap_or((section, "0"));
            let emotion = emotion_from_name(name);
            let Ok(weight) = weight.parse::<f32>() else {
                sets.entry(section).or_default().extend(words);
                continue;
            };
            if emotion.is_none() && weight == 0.0 && name != "none" {
                sets.entry(section).or_default().extend(words);
                continue;
            }
            for word in words {
                emotions.insert(word, (emotion, weight));
            }
        }
        let [mut places, mut shown_places] = [PatternTable::new(), PatternTable::new()];
        for (section, words) in sections(include_str!("words/places.txt")) {
            let shown = section.strip_prefix("shown ");
            let Some((name, weight)) = shown.unwrap_or(section).split_once(' ') else {
                continue;
            };
            let (Some(place), Ok(weight)) = (
                PLACES.iter().position(|place| *place == name),
                weight.parse::<f32>(),
            ) else {
                continue;
            };
            for word in words {
                let table = if shown.is_some() {
                    &mut shown_places
                } else {
                    &mut places
                };
                table.insert(word, (place, weight));
            }
        }
        let mut signs = PatternTable::new();
        for (section, words) in sections(include_str!("words/times.txt")) {
            let (name, weight) = section.rsplit_once(' ').unwrap_or((section, ""));
            let weight = weight.parse().unwrap_or(1.0);
            let sign = match name {
                "night" => Sign::Time(DayTime::Night, weight),
                "dawn" => Sign::Time(DayTime::Dawn, weight),
                "dusk" => Sign::Time(DayTime::Dusk, weight),
                "day" => Sign::Time(DayTime::Day, weight),
                "rain" => Sign::Weather(Weather::Rain, weight),
                "storm" => Sign::Weather(Weather::Storm, weight),
                "snow" => Sign::Weather(Weather::Snow, weight),
                "fog" => Sign::Weather(Weather::Fog, weight),
                "wind" => Sign::Weather(Weather::Wind, weight),
                "jumps" => Sign::Jump,
                _ => Sign::Void,
            };
            for word in words {
                signs.insert(word, sign);
            }
        }
        Self {
            beings: beings(),
            kin,
            given_names,
            speech,
            actions,
            titles,
            emotions,
            places,
            shown_places,
            signs,
            sets,
        }
    }
}

fn beings() -> HashMap<String, Being> {
    let mut beings: HashMap<String, Being> = HashMap::new();
    let mut plurals = Vec::new();
    for (section, words) in sections(include_str!("words/beings.txt")) {
        let fields: Vec<&str> = section.split(' ').collect();
        let [being, gender, age, rest @ ..] = fields.as_slice() else {
            continue;
        };
        for word in words {
            let entry = Being {
                lemma: word.to_owned(),
                being: if *being == "=" { word } else { being }.to_owned(),
                gender: gender_from_name(gender),
                age: match *age {
                    "child" => Age::Child,
                    "adult" => Age::Adult,
                    "elder" => Age::Elder,
                    _ => Age::Unknown,
                },
                plural: !rest.is_empty(),
            };
            if !entry.plural {
                plurals.push((
                    plural(word),
                    Being {
                        plural: true,
                        ..entry.clone()
                    },
                ));
            }
            beings.entry(word.to_owned()).or_insert(entry);
        }
    }
    for (word, entry) in plurals {
        beings.entry(word).or_insert(entry);
    }
    beings
}

fn plural(word: &str) -> String {
    if let Some(stem) = word.strip_suffix('y')
        && !stem.ends_with(['a', 'e', 'o', 'u'])
    {
        return format!("{stem}ies");
    }
    if let Some(stem) = word.strip_suffix("man") {
        return format!("{stem}men");
    }
    if ["s", "x", "ch", "sh"]
        .iter()
        .any(|ending| word.ends_with(ending))
    {
        return format!("{word}es");
    }
    format!("{word}s")
}

fn gender_from_name(name: &str) -> Gender {
    match name {
        "female" => Gender::Female,
        "male" => Gender::Male,
        _ => Gender::Unknown,
    }
}

fn emotion_from_name(name: &str) -> Option<Emotion> {
    Emotion::ALL
        .into_iter()
        .find(|emotion| emotion.name() == name)
}

fn lines(source: &'static str) -> impl Iterator<Item = &'static str> {
    source
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The words below each heading in square brackets.
fn sections(source: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines(source) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            sections.push((name, Vec::new()));
        } else if let Some((_, words)) = sections.last_mut() {
            words.extend(line.split_whitespace());
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_know_their_plural_and_their_compounds() {
        let lexicon = Lexicon::get();
        assert!(
            lexicon
                .being("foxes")
                .is_some_and(|being| being.plural && being.being == "fox")
        );
        assert_eq!(lexicon.being("bell-ringer"), None);
        assert!(
            lexicon
                .being("fox-cub")
                .is_some_and(|being| being.being == "bear")
        );
        assert!(lexicon.being("ladies").is_some_and(|being| being.plural));
    }

    #[test]
    fn the_longest_phrase_wins_and_stems_match_the_beginning_of_a_word() {
        let lexicon = Lexicon::get();
        let words = ["burst", "into", "tears", "again"];
        let found = lexicon
            .emotions
            .phrase(|index| words.get(index).copied().unwrap_or(""));
        assert_eq!(found.map(|(length, _)| length), Some(3));
        assert!(!lexicon.emotions.word("joyfully").is_empty());
        assert!(lexicon.emotions.word("table").is_empty());
    }
}
