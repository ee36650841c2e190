//! Tales whose cast, speakers, places and times a reader wrote down, against how the product reads
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use fabula_nlp::document;
use fabula_nlp::reading::Reader;
use fabula_story::{Age, DayTime, EntityKind, Gender, Story, Weather};
use serde::Deserialize;

use super::EvaluateError;
use super::files;
use super::report::{Report, Table, Value};
use super::tally::Tally;

const EXPECTED: &str = "a folder of tales, each a NAME.txt and a NAME.json";

/// What a reader wrote down of a tale.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gold {
    characters: Vec<GoldCharacter>,
    quotes: Vec<GoldQuote>,
    scenes: Vec<GoldScene>,
}

/// Somebody in the tale.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoldCharacter {
    id: String,
    /// Every noun phrase of the text that means them.
    names: Vec<String>,
    gender: Gender,
    age: Age,
    being: String,
    /// Mentioned in passing: may get a part or not.
    #[serde(default)]
    minor: bool,
    /// Several who act as one.
    #[serde(default)]
    #[expect(dead_code, reason = "tells readers of the file; scored like any other")]
    group: bool,
}

/// A stretch of speech, as it stands in the text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoldQuote {
    text: String,
    speaker: Option<String>,
    addressee: Option<String>,
}

/// A scene from its first words to those of the next. Several values: any of them is right.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoldScene {
    begins: String,
    place: Vec<String>,
    time: Vec<DayTime>,
    weather: Vec<Weather>,
    indoor: bool,
    present: Vec<String>,
}

/// The place that a reader wrote down for a kind of place that the gold does not tell apart.
fn broad(place: &str) -> &str {
    match place {
        "river" => "water",
        "ship" => "sea",
        "school" => "indoor",
        place => place,
    }
}

/// A tale as the product read it, and its gold reading with places in the same text.
pub struct Tale {
    name: String,
    story: Story,
    gold: Gold,
    quotes: Vec<Range<usize>>,
    scenes: Vec<Range<usize>>,
}

/// Reads the tales of a folder and what people wrote down of them.
///
/// # Errors
/// Names the file that cannot be used.
pub fn read(folder: &Path, reader: &Reader) -> Result<Vec<Tale>, EvaluateError> {
    let unreadable = |source| EvaluateError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|it| it == "json") {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    let tales = paths
        .iter()
        .map(|path| {
            let wrong = |problem: String| EvaluateError::Tale {
                path: path.clone(),
                problem,
            };
            let gold: Gold = serde_json::from_str(&files::read(path, EXPECTED)?)
                .map_err(|error| wrong(error.to_string()))?;
            let document = document::read(&path.with_extension("txt"))
                .map_err(|error| wrong(error.to_string()))?;
            let story = reader
                .read(&document)
                .map_err(|error| wrong(error.to_string()))?;
            Tale::new(files::name(&path.with_extension("")), story, gold).map_err(wrong)
        })
        .collect::<Result<Vec<_>, _>>()?;
    if tales.is_empty() {
        return Err(EvaluateError::Empty {
            path: folder.to_owned(),
            expected: EXPECTED,
        });
    }
    Ok(tales)
}

impl Tale {
    fn new(name: String, story: Story, gold: Gold) -> Result<Self, String> {
        let text = &story.text;
        let mut at = 0;
        let mut place = |wanted: &str| -> Result<Range<usize>, String> {
            let rest = text.get(at..).unwrap_or_default();
            let start = rest
                .find(wanted)
                .ok_or_else(|| format!("the tale does not go on with {}", files::quoted(wanted)))?;
            let range = at + start..at + start + wanted.len();
            at = range.end;
            Ok(range)
        };
        let quotes = gold
            .quotes
            .iter()
            .map(|quote| place(&quote.text))
            .collect::<Result<Vec<_>, _>>()?;
        let starts = gold
            .scenes
            .iter()
            .map(|scene| {
                text.find(&scene.begins)
                    .ok_or_else(|| format!("no scene begins {}", files::quoted(&scene.begins)))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let scenes = starts
            .iter()
            .copied()
            .zip(ends)
            .map(|(a, b)| a..b)
            .collect();
        let known: BTreeSet<&str> = gold.characters.iter().map(|it| it.id.as_str()).collect();
        let named = gold
            .quotes
            .iter()
            .flat_map(|quote| [&quote.speaker, &quote.addressee])
            .flatten()
            .chain(gold.scenes.iter().flat_map(|scene| &scene.present));
        for id in named {
            if !known.contains(id.as_str()) {
                return Err(format!("no character has the id {}", files::quoted(id)));
            }
        }
        Ok(Self {
            name,
            story,
            gold,
            quotes,
            scenes,
        })
    }

    /// For each character that the product found, the one of the gold reading that it is.
    ///
    /// The pair that shares most mentions comes first; nobody is two.
    fn pairs(&self) -> BTreeMap<&str, &GoldCharacter> {
        let names: Vec<BTreeSet<String>> = self
            .gold
            .characters
            .iter()
            .map(|character| character.names.iter().map(|name| plain(name)).collect())
            .collect();
        let names = with_short_forms(names);
        let mut shared = Vec::new();
        for (rank, character) in self.story.characters.iter().enumerate() {
            for (number, names) in names.iter().enumerate() {
                let by_name = character
                    .mentions
                    .iter()
                    .filter(|mention| mention.kind != EntityKind::Pronoun || names.contains("i"))
                    .filter_map(|mention| self.story.text.get(mention.start..mention.end))
                    .filter(|mention| names.contains(&plain(mention)))
                    .count();
                let called = usize::from(names.contains(&plain(&character.name)));
                if by_name + called > 0 {
                    shared.push((by_name + called, rank, number));
                }
            }
        }
        shared.sort_unstable_by_key(|(count, rank, number)| {
            (std::cmp::Reverse(*count), *rank, *number)
        });
        let mut pairs = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for (_, rank, number) in shared {
            let id = self.story.characters[rank].id.as_str();
            if !pairs.contains_key(id) && taken.insert(number) {
                pairs.insert(id, &self.gold.characters[number]);
            }
        }
        pairs
    }

    /// What the product's scenes say of a stretch: the value that covers most of it.
    fn most<T: Ord + Clone>(
        &self,
        stretch: &Range<usize>,
        of: impl Fn(&fabula_story::Scene) -> T,
    ) -> Option<T> {
        let mut covered: BTreeMap<T, usize> = BTreeMap::new();
        for scene in &self.story.scenes {
            let bytes = scene
                .end
                .min(stretch.end)
                .saturating_sub(scene.start.max(stretch.start));
            if bytes > 0 {
                *covered.entry(of(scene)).or_default() += bytes;
            }
        }
        covered
            .into_iter()
            .max_by_key(|(_, bytes)| *bytes)
            .map(|(value, _)| value)
    }
}

/// A name without its article or possessive, in lower case.
fn plain(name: &str) -> String {
    const BEFORE: [&str; 12] = [
        "the", "a", "an", "his", "her", "their", "my", "our", "your", "its", "this", "that",
    ];
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    match words.split_first() {
        Some((first, rest)) if !rest.is_empty() && BEFORE.contains(first) => rest.join(" "),
        _ => words.join(" "),
    }
}

/// The names of each character together with what they are without a description: of "a boy in a
/// red cap" and "all the parents" the boy and the parents, if these can mean nobody else.
fn with_short_forms(mut names: Vec<BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let short: Vec<BTreeSet<String>> = names
        .iter()
        .map(|names| names.iter().filter_map(|name| short_form(name)).collect())
        .collect();
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for names in names.iter().zip(&short).map(|(a, b)| a | b) {
        for name in names {
            *uses.entry(name).or_default() += 1;
        }
    }
    for (names, short) in names.iter_mut().zip(short) {
        names.extend(short.into_iter().filter(|name| uses.get(name) == Some(&1)));
    }
    names
}

/// A name in lower case without what describes it, if something does.
fn short_form(name: &str) -> Option<String> {
    const AFTER: [&str; 14] = [
        "in", "with", "of", "from", "at", "on", "by", "who", "whose", "as", "for", "to", "called",
        "named",
    ];
    let words: Vec<&str> = name.split(' ').collect();
    let end = words.iter().skip(1).position(|word| AFTER.contains(word));
    let end = end.map_or(words.len(), |at| at + 1);
    let start = usize::from(matches!(words.first(), Some(&("all" | "half" | "both"))));
    let short = words.get(start..end).filter(|it| !it.is_empty())?.join(" ");
    let short = plain(short.trim_end_matches(','));
    (short != name).then_some(short)
}

/// How many of how many are right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Right {
    right: usize,
    all: usize,
}

impl Right {
    fn count(&mut self, is_right: bool) {
        self.right += usize::from(is_right);
        self.all += 1;
    }

    fn share(self) -> Value {
        if self.all == 0 {
            return Value::Text("-".to_owned());
        }
        Value::Share(self.right as f64 / self.all as f64)
    }
}

#[derive(Clone, Debug, Default)]
struct Scores {
    cast: Tally,
    gender: Right,
    age: Right,
    being: Right,
    speaker: Right,
    addressee: Right,
    place: Right,
    time: Right,
    weather: Right,
    indoor: Right,
    present: Tally,
    /// What is wrong: of what, what was found, what it is.
    misses: Vec<(&'static str, String, String, String)>,
}

impl Scores {
    fn add(&mut self, tale: &Tale) {
        let pairs = tale.pairs();
        self.add_cast(tale, &pairs);
        self.add_speakers(tale, &pairs);
        self.add_scenes(tale, &pairs);
    }

    fn add_cast(&mut self, tale: &Tale, pairs: &BTreeMap<&str, &GoldCharacter>) {
        for character in &tale.story.characters {
            match pairs.get(character.id.as_str()) {
                Some(gold) if gold.minor => {}
                Some(gold) => {
                    self.cast.count(true, true);
                    let told = [
                        (
                            "gender",
                            &mut self.gender,
                            gold.gender != Gender::Unknown,
                            word(&character.gender),
                            word(&gold.gender),
                        ),
                        (
                            "age",
                            &mut self.age,
                            gold.age != Age::Unknown,
                            word(&character.age),
                            word(&gold.age),
                        ),
                        (
                            "being",
                            &mut self.being,
                            true,
                            character.being.clone(),
                            gold.being.clone(),
                        ),
                    ];
                    for (what, right, is_told, found, wanted) in told {
                        if is_told {
                            right.count(found == wanted);
                            if found != wanted {
                                let of = format!("{} of {}", what, gold.id);
                                self.misses.push((what, of, found, wanted));
                            }
                        }
                    }
                }
                None => {
                    self.cast.count(true, false);
                    let name = character.name.clone();
                    self.misses
                        .push(("cast", name, "a part".into(), "none".into()));
                }
            }
        }
        let found: BTreeSet<&str> = pairs.values().map(|gold| gold.id.as_str()).collect();
        for gold in &tale.gold.characters {
            if !gold.minor && !found.contains(gold.id.as_str()) {
                self.cast.count(false, true);
                self.misses
                    .push(("cast", gold.id.clone(), "none".into(), "a part".into()));
            }
        }
    }

    fn add_speakers(&mut self, tale: &Tale, pairs: &BTreeMap<&str, &GoldCharacter>) {
        for (gold, range) in tale.gold.quotes.iter().zip(&tale.quotes) {
            let overlap = |quote: &&fabula_story::Quote| {
                quote
                    .end
                    .min(range.end)
                    .saturating_sub(quote.start.max(range.start))
            };
            let quote = tale
                .story
                .quotes
                .iter()
                .filter(|quote| overlap(quote) > 0)
                .max_by_key(overlap);
            let of = |id: Option<&String>| Some(pairs.get(id?.as_str())?.id.as_str());
            let speaker = quote.and_then(|quote| of(quote.speaker.as_ref()));
            let addressee = quote.and_then(|quote| of(quote.addressee.as_ref()));
            if let Some(wanted) = gold.speaker.as_deref() {
                self.speaker.count(speaker == Some(wanted));
                if speaker != Some(wanted) {
                    let found = match quote {
                        None => "no speech",
                        Some(_) => speaker.unwrap_or("nobody"),
                    };
                    let line = files::quoted(&gold.text);
                    self.misses
                        .push(("speaker", line, found.to_owned(), wanted.to_owned()));
                }
            }
            if let Some(wanted) = gold.addressee.as_deref() {
                self.addressee.count(addressee == Some(wanted));
            }
        }
    }

    fn add_scenes(&mut self, tale: &Tale, pairs: &BTreeMap<&str, &GoldCharacter>) {
        for (gold, range) in tale.gold.scenes.iter().zip(&tale.scenes) {
            let place = tale.most(range, |scene| broad(&scene.place).to_owned());
            let time = tale.most(range, |scene| word(&scene.time));
            let weather = tale.most(range, |scene| word(&scene.weather));
            let indoor = tale.most(range, |scene| word(&scene.indoor));
            let words = |of: Vec<String>| of.join(" or ");
            let told = [
                ("place", &mut self.place, place, gold.place.clone()),
                (
                    "time",
                    &mut self.time,
                    time,
                    gold.time.iter().map(word).collect(),
                ),
                (
                    "weather",
                    &mut self.weather,
                    weather,
                    gold.weather.iter().map(word).collect(),
                ),
                ("indoor", &mut self.indoor, indoor, vec![word(&gold.indoor)]),
            ];
            for (what, right, found, wanted) in told {
                let found = found.unwrap_or_default();
                right.count(wanted.contains(&found));
                if !wanted.contains(&found) {
                    let scene = files::quoted(&gold.begins);
                    self.misses.push((what, scene, found, words(wanted)));
                }
            }
            let present: BTreeSet<&str> = tale
                .story
                .scenes
                .iter()
                .filter(|scene| scene.start < range.end && range.start < scene.end)
                .flat_map(|scene| &scene.present)
                .filter_map(|id| Some(pairs.get(id.as_str())?.id.as_str()))
                .collect();
            let gold: BTreeSet<&str> = gold.present.iter().map(String::as_str).collect();
            self.present += Tally::of(&present, &gold);
        }
    }
}

/// How a value is written in documents.
fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// Measures tales.
pub fn measure(name: &str, tales: &[Tale]) -> Report {
    let mut all = Scores::default();
    let mut rows = Vec::new();
    let mut misses = Vec::new();
    for tale in tales {
        let mut scores = Scores::default();
        scores.add(tale);
        rows.push(vec![
            Value::Text(tale.name.clone()),
            Value::Share(scores.cast.f1()),
            scores.speaker.share(),
            scores.addressee.share(),
            scores.place.share(),
            scores.time.share(),
            scores.gender.share(),
        ]);
        for (what, of, found, wanted) in scores.misses {
            misses.push(
                [&tale.name, what, &of, &found, &wanted]
                    .into_iter()
                    .map(|text| Value::Text(text.to_owned()))
                    .collect(),
            );
        }
        all.add(tale);
    }
    Report {
        title: format!("Tales of {name}, as the product reads them"),
        figures: vec![
            ("F1 of the cast", Value::Share(all.cast.f1())),
            ("speakers right", all.speaker.share()),
            ("addressees right", all.addressee.share()),
            ("places right", all.place.share()),
            ("times right", all.time.share()),
            ("weather right", all.weather.share()),
            ("indoors or out right", all.indoor.share()),
            ("F1 of who is there", Value::Share(all.present.f1())),
            ("gender right, where told", all.gender.share()),
            ("age right, where told", all.age.share()),
            ("being right", all.being.share()),
            ("tales", Value::Count(tales.len())),
        ],
        tables: vec![
            Table {
                name: "tales",
                columns: vec![
                    "tale",
                    "cast F1",
                    "speakers",
                    "addressees",
                    "places",
                    "times",
                    "gender",
                ],
                rows,
            },
            Table {
                name: "misses",
                columns: vec!["tale", "what", "of", "found", "wanted"],
                rows: misses,
            },
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TALE: &str = "Tom met the wolf in the wood.\n\n\"Come here,\" said the wolf.\n\nAt night Tom sat by the fire.";

    fn gold() -> Gold {
        serde_json::from_str(
            r#"{ "characters": [
                {"id": "tom", "names": ["Tom", "the boy"], "gender": "male", "age": "unknown", "being": "human"},
                {"id": "wolf", "names": ["the wolf"], "gender": "unknown", "age": "unknown", "being": "wolf"},
                {"id": "king", "names": ["the king"], "gender": "male", "age": "unknown", "being": "human", "minor": true} ],
              "quotes": [{"text": "\"Come here,\"", "speaker": "wolf", "addressee": "tom"}],
              "scenes": [
                {"begins": "Tom met", "place": ["forest"], "time": ["day", "unknown"], "weather": ["clear"], "indoor": false, "present": ["tom", "wolf"]},
                {"begins": "At night", "place": ["indoor"], "time": ["night"], "weather": ["clear"], "indoor": true, "present": ["tom"]} ] }"#,
        )
        .unwrap()
    }

    fn story(characters: &str, scenes: &str) -> Story {
        let quotes = if characters.contains("c2") {
            r#"[{"start": 31, "end": 43, "speaker": "c2", "addressee": null, "emotion": "neutral"}]"#
        } else {
            "[]"
        };
        let json = format!(
            r#"{{ "format": "fabula.story/1", "title": "T", "text": {}, "sentences": [], "entities": [],
                "characters": {characters}, "quotes": {quotes}, "scenes": {scenes} }}"#,
            serde_json::to_string(TALE).unwrap()
        );
        Story::from_json(&json).unwrap()
    }

    fn person(id: &str, name: &str, gender: &str, being: &str, at: Range<usize>) -> String {
        format!(
            r#"{{"id": "{id}", "name": "{name}", "being": "{being}", "gender": "{gender}", "age": "unknown",
                "mentions": [{{"start": {}, "end": {}, "kind": "proper"}}]}}"#,
            at.start, at.end
        )
    }

    fn scene(at: Range<usize>, place: &str, time: &str) -> String {
        format!(
            r#"{{"start": {}, "end": {}, "place": "{place}", "time": "{time}", "weather": "clear",
                "indoor": {}, "emotion": "neutral", "present": ["c1"]}}"#,
            at.start,
            at.end,
            place == "indoor"
        )
    }

    fn score(story: Story) -> Scores {
        let mut scores = Scores::default();
        scores.add(&Tale::new("tale".into(), story, gold()).unwrap());
        scores
    }

    #[test]
    fn a_reading_that_is_right_is_right_in_everything() {
        let cast = [
            person("c1", "Tom", "male", "human", 0..3),
            person("c2", "the wolf", "unknown", "wolf", 8..16),
        ];
        let scenes = [
            scene(0..58, "forest", "day"),
            scene(60..TALE.len(), "indoor", "night"),
        ];
        let scores = score(story(
            &format!("[{}]", cast.join(",")),
            &format!("[{}]", scenes.join(",")),
        ));
        assert_eq!(
            scores.cast,
            Tally {
                right: 2,
                found: 2,
                gold: 2
            }
        );
        let one = Right { right: 1, all: 1 };
        assert_eq!((scores.speaker, scores.gender), (one, one));
        let two = Right { right: 2, all: 2 };
        assert_eq!(
            (scores.place, scores.time, scores.being, scores.indoor),
            (two, two, two, two)
        );
        // Nobody is addressed in this reading, and the wolf is missing from the forest.
        assert_eq!(scores.addressee, Right { right: 0, all: 1 });
        assert_eq!(scores.present.right, 2);
        assert!(scores.misses.is_empty(), "{:?}", scores.misses);
    }

    #[test]
    fn somebody_found_twice_not_at_all_or_too_much_costs() {
        // Tom is two, the wolf is missing, and so is the speaker of the line.
        let cast = [
            person("c1", "Tom", "female", "human", 0..3),
            person("c2", "Tom", "male", "human", 69..72),
        ];
        let scores = score(story(
            &format!("[{}]", cast.join(",")),
            &format!("[{}]", scene(0..TALE.len(), "forest", "day")),
        ));
        assert_eq!(
            scores.cast,
            Tally {
                right: 1,
                found: 2,
                gold: 2
            }
        );
        assert_eq!(scores.speaker, Right { right: 0, all: 1 });
        assert_eq!(scores.gender, Right { right: 0, all: 1 });
        assert_eq!(scores.place, Right { right: 1, all: 2 });
        let of: Vec<&str> = scores.misses.iter().map(|miss| miss.0).collect();
        assert!(of.contains(&"cast") && of.contains(&"speaker") && of.contains(&"place"));
    }

    #[test]
    fn somebody_minor_may_have_a_part_or_not() {
        let cast = person("c1", "the king", "male", "human", 4..7);
        let cast = format!(
            "[{cast},{}]",
            person("c2", "nobody", "male", "human", 17..19)
        );
        let scores = score(story(
            &cast,
            &format!("[{}]", scene(0..TALE.len(), "forest", "day")),
        ));
        assert_eq!(
            scores.cast,
            Tally {
                right: 0,
                found: 1,
                gold: 2
            }
        );
    }

    #[test]
    fn names_are_compared_without_article_and_case() {
        assert_eq!(plain("The old  Woman"), "old woman");
        assert_eq!(plain("his father"), "father");
        assert_eq!(plain("I"), "i");
        assert_eq!(plain("her"), "her");
    }

    #[test]
    fn a_description_may_be_left_out_where_nobody_else_can_be_meant() {
        let names = |all: &[&str]| all.iter().map(|name| plain(name)).collect::<BTreeSet<_>>();
        let found = with_short_forms(vec![
            names(&["a boy in a red cap", "Tom"]),
            names(&["all the parents"]),
            names(&["a girl with a kite"]),
            names(&["the girl from number ten"]),
        ]);
        assert!(found[0].contains("boy"));
        assert!(found[1].contains("parents"));
        assert!(!found[2].contains("girl") && !found[3].contains("girl"));
    }

    #[test]
    fn a_gold_reading_that_does_not_fit_its_tale_is_refused() {
        let refusal = |change: fn(&mut Gold)| {
            let mut gold = gold();
            change(&mut gold);
            Tale::new("tale".into(), story("[]", "[]"), gold)
                .err()
                .unwrap()
        };
        assert_eq!(
            refusal(|gold| gold.quotes[0].text = "Go away".into()),
            "the tale does not go on with \"Go away\""
        );
        assert_eq!(
            refusal(|gold| gold.scenes[1].begins = "At noon".into()),
            "no scene begins \"At noon\""
        );
        assert_eq!(
            refusal(|gold| gold.quotes[0].speaker = Some("bear".into())),
            "no character has the id \"bear\""
        );
    }
}
