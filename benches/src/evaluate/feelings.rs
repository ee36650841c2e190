//! Feelings: forum posts of `GoEmotions`, fiction of `EmoLit`, and story sentences of our own.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;

use fabula_devices::StoryReader;
use fabula_networks::heads::{FEELINGS, Register};
use fabula_networks::story::Passage;
use fabula_networks::tokens;
use fabula_nlp::document::Document;
use fabula_nlp::reading::Reader;
use fabula_story::Emotion;

use super::EvaluateError;
use super::files::{self, Source, quoted};
use super::report::{Report, Table, Value};
use super::tally::{Tally, macro_f1, share};

/// The feelings in the order of the network's outputs.
pub const NAMES: [&str; FEELINGS] = [
    "anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral",
];
const NEUTRAL: usize = FEELINGS - 1;

/// Which feelings a text has.
pub type Marks = [bool; FEELINGS];

/// A text and the feelings that people found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// The text.
    pub text: String,
    /// Its feelings, at least one.
    pub gold: Marks,
}

/// A sentence of a story that shows one feeling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorySentence {
    /// Its feeling, as an index into [`NAMES`].
    pub gold: usize,
    /// Narration or speech.
    pub kind: String,
    /// Whether the feeling is named, shown, misleading or plain.
    pub manner: String,
    /// The sentence.
    pub text: String,
}

/// The emotions of `GoEmotions` in the groups that its authors publish, after Ekman.
const EKMAN: [&str; FEELINGS] = [
    "anger annoyance disapproval",
    "disgust",
    "fear nervousness",
    "joy amusement approval excitement gratitude love optimism relief pride admiration desire caring",
    "sadness disappointment embarrassment grief remorse",
    "surprise realization confusion curiosity",
    "neutral",
];

/// The emotions of `EmoLit` that belong to one of the feelings; the others are not counted.
const EMOLIT: [&str; FEELINGS] = [
    "anger annoyance disapproval frustration envy",
    "disgust",
    "fear nervousness",
    "joy amusement admiration excitement gratitude love optimism relief pride caring",
    "sadness disappointment grief despair guilt pain embarrassment",
    "surprise",
    "indifference calmness",
];

fn grouped(groups: [&'static str; FEELINGS]) -> HashMap<&'static str, usize> {
    let feelings = groups.iter().enumerate();
    feelings
        .flat_map(|(feeling, names)| names.split(' ').map(move |name| (name, feeling)))
        .collect()
}

fn has_words(text: &str) -> bool {
    !tokens::words(text).is_empty()
}

/// Reads a split of `GoEmotions`, and `labels.txt` beside it.
pub fn goemotions(path: &Path) -> Result<Vec<Labelled>, EvaluateError> {
    const EXPECTED: &str =
        "a split of GoEmotions: a text, the numbers of its emotions and an id, apart by tabs";
    const LABELS: &str = "the labels.txt of GoEmotions, an emotion a line";
    let posts = files::read(path, EXPECTED)?;
    let beside = path.with_file_name("labels.txt");
    let labels = files::read(&beside, LABELS)?;
    let labels = emotions(
        Source {
            path: &beside,
            expected: LABELS,
        },
        &labels,
    )?;
    forum_posts(
        Source {
            path,
            expected: EXPECTED,
        },
        &posts,
        &labels,
    )
}

/// The feeling of each emotion that `labels.txt` lists.
fn emotions(source: Source, labels: &str) -> Result<Vec<usize>, EvaluateError> {
    let feelings = grouped(EKMAN);
    files::lines(labels)
        .map(|(line, name)| {
            let unknown = || source.wrong(line, format!("the emotion {} is unknown", quoted(name)));
            feelings.get(name.trim()).copied().ok_or_else(unknown)
        })
        .collect()
}

fn forum_posts(
    source: Source,
    posts: &str,
    emotions: &[usize],
) -> Result<Vec<Labelled>, EvaluateError> {
    let mut texts = Vec::new();
    for (line, columns) in files::lines(posts) {
        let [text, numbers, _] = source.columns(line, columns)?;
        let mut gold = [false; FEELINGS];
        for number in numbers.split(',') {
            let emotion = source.number(line, number)?;
            let Some(feeling) = emotions.get(emotion) else {
                let count = emotions.len();
                return Err(source.wrong(line, format!("emotion {emotion} of {count}, from 0")));
            };
            gold[*feeling] = true;
        }
        if has_words(text) {
            texts.push(Labelled {
                text: text.to_owned(),
                gold,
            });
        }
    }
    source.some(texts)
}

/// Reads a table of `EmoLit`. Texts whose emotions are all none of ours are left out; a text
/// without any emotion is neutral.
pub fn emolit(path: &Path) -> Result<Vec<Labelled>, EvaluateError> {
    const EXPECTED: &str =
        "a table of EmoLit: a header, then an id, a text and a 0 or 1 an emotion, apart by tabs";
    fiction(
        Source {
            path,
            expected: EXPECTED,
        },
        &files::read(path, EXPECTED)?,
    )
}

fn fiction(source: Source, table: &str) -> Result<Vec<Labelled>, EvaluateError> {
    let feelings = grouped(EMOLIT);
    let mut lines = files::lines(table);
    let names: Vec<&str> = lines
        .next()
        .map_or(vec![], |(_, header)| header.split('\t').collect());
    if names.get(..2) != Some(&["tid", "text"]) {
        return Err(source.wrong(1, "it does not begin with the columns tid and text"));
    }
    let mut texts = Vec::new();
    for (line, row) in lines {
        let columns: Vec<&str> = row.split('\t').collect();
        if columns.len() != names.len() {
            let (found, wanted) = (columns.len(), names.len());
            return Err(source.wrong(line, format!("columns: {found} instead of {wanted}")));
        }
        let mut gold = [false; FEELINGS];
        let mut named = false;
        for (name, flag) in names.iter().zip(&columns).skip(2) {
            match *flag {
                "0" => continue,
                "1" => named = true,
                _ => {
                    let problem = format!("{} is neither 0 nor 1", quoted(flag));
                    return Err(source.wrong(line, problem));
                }
            }
            if let Some(feeling) = feelings.get(name) {
                gold[*feeling] = true;
            }
        }
        if !named {
            gold[NEUTRAL] = true;
        }
        if gold.contains(&true) && has_words(columns[1]) {
            texts.push(Labelled {
                text: columns[1].to_owned(),
                gold,
            });
        }
    }
    source.some(texts)
}

/// Reads story sentences with a feeling each, such as `models/evaluation/feelings.tsv`.
pub fn stories(path: &Path) -> Result<Vec<StorySentence>, EvaluateError> {
    const EXPECTED: &str =
        "a table with the columns label, kind, manner and sentence, named in its first line";
    story_sentences(
        Source {
            path,
            expected: EXPECTED,
        },
        &files::read(path, EXPECTED)?,
    )
}

fn story_sentences(source: Source, table: &str) -> Result<Vec<StorySentence>, EvaluateError> {
    let mut lines = files::lines(table);
    let header = lines.next().map(|(_, header)| header);
    if header != Some("label\tkind\tmanner\tsentence") {
        return Err(source.wrong(1, "it does not name the columns"));
    }
    let mut sentences = Vec::new();
    for (line, row) in lines {
        let [label, kind, manner, text] = source.columns(line, row)?;
        let Some(gold) = NAMES.iter().position(|name| *name == label) else {
            let problem = format!("{} is none of {}", quoted(label), NAMES.join(", "));
            return Err(source.wrong(line, problem));
        };
        if !has_words(text) {
            return Err(source.wrong(line, "the sentence has no words"));
        }
        sentences.push(StorySentence {
            gold,
            kind: kind.to_owned(),
            manner: manner.to_owned(),
            text: text.to_owned(),
        });
    }
    source.some(sentences)
}

/// A story, sentence by sentence, each with the feelings that a reader may find in it.
pub type Story = Vec<Labelled>;

/// Reads whole stories, such as `models/evaluation/stories.tsv`.
pub fn running_text(path: &Path) -> Result<Vec<Story>, EvaluateError> {
    const EXPECTED: &str = "a table with the columns labels and sentence, named in its first line, with a blank line \
         between stories";
    running_stories(
        Source {
            path,
            expected: EXPECTED,
        },
        &files::read(path, EXPECTED)?,
    )
}

fn running_stories(source: Source, table: &str) -> Result<Vec<Story>, EvaluateError> {
    if table.lines().next() != Some("labels\tsentence") {
        return Err(source.wrong(1, "it does not name the columns"));
    }
    let mut stories = vec![Story::new()];
    for (line, row) in (1..).zip(table.lines()).skip(1) {
        if row.trim().is_empty() {
            stories.push(Story::new());
            continue;
        }
        let [labels, text] = source.columns(line, row)?;
        let mut gold = [false; FEELINGS];
        for label in labels.split(',') {
            let Some(feeling) = NAMES.iter().position(|name| *name == label) else {
                let problem = format!("{} is none of {}", quoted(label), NAMES.join(", "));
                return Err(source.wrong(line, problem));
            };
            gold[feeling] = true;
        }
        if let Some(story) = stories.last_mut() {
            let text = text.to_owned();
            story.push(Labelled { text, gold });
        }
    }
    stories.retain(|story| !story.is_empty());
    source.some(stories)
}

/// Measures sentences where they stand in their stories: the strongest feeling is right if it is
/// among those that people found. `reader` is what a film is made by, the network leaning on what
/// words tell; beside it, what the network finds alone, and the rules.
///
/// # Errors
/// If a text cannot be read.
pub fn measure_running_text(
    network: &dyn StoryReader,
    reader: &Reader,
    path: &Path,
    stories: &[Story],
) -> Result<Report, EvaluateError> {
    let rules = Reader::rules();
    let mut read = Found::default();
    let mut rows = Vec::new();
    for story in stories {
        let mut text = String::new();
        let mut sentences = Vec::new();
        for sentence in story {
            let start = text.len();
            text.push_str(&sentence.text);
            sentences.push(start..text.len());
            text.push(' ');
        }
        let analysis = network.analyze(&Passage {
            text: &text,
            paragraphs: std::iter::once(0..text.len()).collect(),
            spans: sentences.clone(),
            sentences: Some(sentences.clone()),
            ..Passage::default()
        });
        let shares = analysis.feelings.iter();
        let found = Found {
            both: read_by(reader, path, &text, &sentences)?,
            network: shares.map(|each| only(strongest(each))).collect(),
            rules: read_by(&rules, path, &text, &sentences)?,
        };
        let gold = gold_of(story);
        let of = |found: &[Marks]| Value::Share(share(hits(found, &gold), gold.len()));
        let begin: String = text.chars().take(32).collect();
        rows.push(vec![
            Value::Text(format!("{begin}…")),
            Value::Count(gold.len()),
            of(&found.both),
            of(&found.network),
            of(&found.rules),
        ]);
        read.both.extend(found.both);
        read.network.extend(found.network);
        read.rules.extend(found.rules);
    }
    let gold = gold_of(&stories.concat());
    let of = |found: &[Marks], felt: bool| {
        let pairs = found
            .iter()
            .zip(&gold)
            .filter(|(_, gold)| gold[NEUTRAL] != felt);
        let (found, gold): (Vec<Marks>, Vec<Marks>) = pairs.unzip();
        Value::Share(share(hits(&found, &gold), gold.len()))
    };
    let accuracy = |found: &[Marks]| Value::Share(share(hits(found, &gold), gold.len()));
    let row = |by: &str, found: &[Marks]| {
        let by = Value::Text(by.to_owned());
        vec![by, accuracy(found), of(found, false), of(found, true)]
    };
    Ok(Report {
        title: format!("Feelings in running text, {}", files::name(path)),
        figures: vec![
            ("accuracy", accuracy(&read.both)),
            ("where a reader may find none", of(&read.both, false)),
            ("where a reader finds one", of(&read.both, true)),
            ("sentences", Value::Count(gold.len())),
        ],
        tables: vec![
            Table {
                name: "network and rules",
                columns: vec!["by", "accuracy", "none", "one"],
                rows: vec![
                    row("both", &read.both),
                    row("network", &read.network),
                    row("rules", &read.rules),
                ],
            },
            Table {
                name: "stories",
                columns: vec!["begins", "sentences", "both", "network", "rules"],
                rows,
            },
            label_table(per_label(&read.both, &gold)),
        ],
    })
}

/// What was found in the same sentences by each way of reading.
#[derive(Default)]
struct Found {
    both: Vec<Marks>,
    network: Vec<Marks>,
    rules: Vec<Marks>,
}

/// The feelings that a reader finds in sentences: those of whichever of its own covers most.
fn read_by(
    reader: &Reader,
    path: &Path,
    text: &str,
    sentences: &[Range<usize>],
) -> Result<Vec<Marks>, EvaluateError> {
    let document = Document {
        title: None,
        text: text.to_owned(),
    };
    let story = reader
        .read(&document)
        .map_err(|source| EvaluateError::Reading {
            name: files::name(path),
            source,
        })?;
    let of = |range: &Range<usize>| {
        let overlap = |it: &&fabula_story::Sentence| {
            it.end
                .min(range.end)
                .saturating_sub(it.start.max(range.start))
        };
        let emotion = story
            .sentences
            .iter()
            .max_by_key(overlap)
            .map_or(Emotion::Neutral, |it| it.emotion);
        let feeling = NAMES.iter().position(|name| *name == emotion.name());
        only(feeling.unwrap_or(NEUTRAL))
    };
    Ok(sentences.iter().map(of).collect())
}

/// Makes sure that the network's outputs are those that are measured.
///
/// # Errors
/// If they have other names.
pub fn check_names(network: &dyn StoryReader) -> Result<(), EvaluateError> {
    let found = &network.labels().feelings;
    if *found == NAMES {
        return Ok(());
    }
    Err(EvaluateError::Classes {
        what: "feelings",
        found: found.join(", "),
        wanted: NAMES.join(", "),
    })
}

/// Used where neither the network nor the caller names a threshold.
const THRESHOLD: f32 = 0.4;

/// Measures forum posts, each with any number of feelings: those above `threshold`, by default
/// the network's own for each feeling, or else the strongest.
pub fn measure_posts(
    network: &dyn StoryReader,
    path: &Path,
    posts: &[Labelled],
    threshold: Option<f32>,
) -> Report {
    let own = <[f32; FEELINGS]>::try_from(network.labels().thresholds.as_slice());
    let thresholds = match (threshold, own) {
        (Some(threshold), _) => [threshold; FEELINGS],
        (None, Ok(own)) => own,
        (None, Err(_)) => [THRESHOLD; FEELINGS],
    };
    let probabilities = network.feelings(&texts_of(posts), Register::Forum);
    let found: Vec<Marks> = probabilities
        .iter()
        .map(|each| above(each, &thresholds))
        .collect();
    let tallies = per_label(&found, &gold_of(posts));
    Report {
        title: format!(
            "Feelings of forum posts, {}, thresholds {thresholds:?}",
            files::name(path)
        ),
        figures: vec![
            ("macro-F1", Value::Share(macro_f1(&tallies))),
            ("texts", Value::Count(posts.len())),
        ],
        tables: vec![label_table(tallies)],
    }
}

/// Measures fiction: the strongest feeling is right if it is among those that people found.
pub fn measure_fiction(network: &dyn StoryReader, path: &Path, texts: &[Labelled]) -> Report {
    let shares = network.feelings(&texts_of(texts), Register::Story);
    let found: Vec<Marks> = shares.iter().map(|each| only(strongest(each))).collect();
    let gold = gold_of(texts);
    let tallies = per_label(&found, &gold);
    Report {
        title: format!("Feelings in fiction, {}", files::name(path)),
        figures: vec![
            (
                "accuracy",
                Value::Share(share(hits(&found, &gold), texts.len())),
            ),
            ("macro-F1", Value::Share(macro_f1(&tallies))),
            ("texts", Value::Count(texts.len())),
        ],
        tables: vec![label_table(tallies)],
    }
}

/// Measures story sentences, each with one feeling, and lists those that were missed.
pub fn measure_stories(
    network: &dyn StoryReader,
    path: &Path,
    sentences: &[StorySentence],
) -> Report {
    let texts: Vec<&str> = sentences
        .iter()
        .map(|sentence| sentence.text.as_str())
        .collect();
    let shares = network.feelings(&texts, Register::Story);
    score_stories(&files::name(path), sentences, &shares)
}

fn score_stories(name: &str, sentences: &[StorySentence], shares: &[[f32; FEELINGS]]) -> Report {
    let found: Vec<usize> = shares.iter().map(strongest).collect();
    let gold: Vec<Marks> = sentences
        .iter()
        .map(|sentence| only(sentence.gold))
        .collect();
    let marks: Vec<Marks> = found.iter().map(|feeling| only(*feeling)).collect();
    let tallies = per_label(&marks, &gold);

    let mut groups: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let mut misses = Vec::new();
    for ((sentence, found), shares) in sentences.iter().zip(&found).zip(shares) {
        let group = groups
            .entry((&sentence.kind, &sentence.manner))
            .or_default();
        group.1 += 1;
        if *found == sentence.gold {
            group.0 += 1;
            continue;
        }
        misses.push(vec![
            Value::Text(NAMES[sentence.gold].to_owned()),
            Value::Share(shares[sentence.gold].into()),
            Value::Text(NAMES[*found].to_owned()),
            Value::Share(shares[*found].into()),
            Value::Text(sentence.text.clone()),
        ]);
    }
    let groups = groups.into_iter().map(|((kind, manner), (right, all))| {
        vec![
            Value::Text(kind.to_owned()),
            Value::Text(manner.to_owned()),
            Value::Share(share(right, all)),
            Value::Count(right),
            Value::Count(all),
        ]
    });
    Report {
        title: format!("Feelings in stories, {name}"),
        figures: vec![
            (
                "accuracy",
                Value::Share(share(hits(&marks, &gold), sentences.len())),
            ),
            ("macro-F1", Value::Share(macro_f1(&tallies))),
            ("sentences", Value::Count(sentences.len())),
        ],
        tables: vec![
            label_table(tallies),
            Table {
                name: "kind and manner",
                columns: vec!["kind", "manner", "accuracy", "right", "sentences"],
                rows: groups.collect(),
            },
            Table {
                name: "misses",
                columns: vec!["label", "share", "found", "its share", "sentence"],
                rows: misses,
            },
        ],
    }
}

fn texts_of(texts: &[Labelled]) -> Vec<&str> {
    texts.iter().map(|each| each.text.as_str()).collect()
}

fn gold_of(texts: &[Labelled]) -> Vec<Marks> {
    texts.iter().map(|each| each.gold).collect()
}

fn label_table(tallies: [Tally; FEELINGS]) -> Table {
    Table::of_tallies("feelings", "feeling", NAMES.into_iter().zip(tallies))
}

/// The feelings more probable than their thresholds, or else the most probable one.
fn above(probabilities: &[f32; FEELINGS], thresholds: &[f32; FEELINGS]) -> Marks {
    let marks = std::array::from_fn(|i| probabilities[i] > thresholds[i]);
    if marks.contains(&true) {
        marks
    } else {
        only(strongest(probabilities))
    }
}

fn only(feeling: usize) -> Marks {
    std::array::from_fn(|i| i == feeling)
}

/// The first of the highest.
fn strongest(scores: &[f32; FEELINGS]) -> usize {
    (1..FEELINGS).fold(0, |best, i| if scores[i] > scores[best] { i } else { best })
}

fn per_label(found: &[Marks], gold: &[Marks]) -> [Tally; FEELINGS] {
    let mut tallies = [Tally::default(); FEELINGS];
    for (found, gold) in found.iter().zip(gold) {
        for (tally, (found, gold)) in tallies.iter_mut().zip(found.iter().zip(gold)) {
            tally.count(*found, *gold);
        }
    }
    tallies
}

/// How many texts share a feeling in both.
fn hits(found: &[Marks], gold: &[Marks]) -> usize {
    let shared = |(found, gold): &(&Marks, &Marks)| found.iter().zip(*gold).any(|(f, g)| *f && *g);
    found.iter().zip(gold).filter(shared).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANGER: usize = 0;
    const FEAR: usize = 2;
    const JOY: usize = 3;

    fn source(expected: &'static str) -> Source<'static> {
        Source {
            path: Path::new("table.tsv"),
            expected,
        }
    }

    fn marks(feelings: &[usize]) -> Marks {
        std::array::from_fn(|i| feelings.contains(&i))
    }

    #[test]
    fn every_feeling_above_its_threshold_is_found() {
        let scores = [0.5, 0.1, 0.41, 0.4, 0.0, 0.0, 0.3];
        assert_eq!(above(&scores, &[0.4; 7]), marks(&[ANGER, FEAR]));
        let thresholds = [0.6, 0.4, 0.4, 0.3, 0.4, 0.4, 0.4];
        assert_eq!(above(&scores, &thresholds), marks(&[FEAR, JOY]));
    }

    #[test]
    fn below_its_threshold_the_strongest_feeling_is_found() {
        assert_eq!(
            above(&[0.1, 0.1, 0.2, 0.3, 0.3, 0.1, 0.1], &[0.4; 7]),
            marks(&[JOY])
        );
    }

    #[test]
    fn each_label_is_counted_apart() {
        let found = [marks(&[JOY, FEAR]), marks(&[JOY]), marks(&[ANGER])];
        let gold = [marks(&[JOY]), marks(&[FEAR]), marks(&[ANGER, JOY])];
        let tallies = per_label(&found, &gold);
        assert_eq!(
            tallies[JOY],
            Tally {
                right: 1,
                found: 2,
                gold: 2
            }
        );
        assert_eq!(
            tallies[FEAR],
            Tally {
                right: 0,
                found: 1,
                gold: 1
            }
        );
        assert_eq!(
            tallies[ANGER],
            Tally {
                right: 1,
                found: 1,
                gold: 1
            }
        );
        assert_eq!(hits(&found, &gold), 2);
        // (0.5 + 0 + 1) of seven labels.
        assert!((macro_f1(&tallies) - 1.5 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn forum_emotions_fall_into_their_groups() -> Result<(), EvaluateError> {
        let emotions = emotions(source("labels"), "admiration\nannoyance\nanger\nneutral\n")?;
        let posts = forum_posts(
            source("posts"),
            "So good!\t0\ta1\nUgh, no.\t1,2\ta2\n...\t3\ta3\n",
            &emotions,
        )?;
        let gold: Vec<Marks> = posts.iter().map(|post| post.gold).collect();
        assert_eq!(gold, [marks(&[JOY]), marks(&[ANGER]), marks(&[NEUTRAL])]);
        Ok(())
    }

    #[test]
    fn a_post_with_an_emotion_beyond_the_list_is_named_by_its_line() {
        let error =
            forum_posts(source("posts"), "Fine.\t0\ta1\nFine.\t7\ta2\n", &[JOY]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "table.tsv, line 2: emotion 7 of 1, from 0; give posts"
        );
    }

    #[test]
    fn missing_columns_unknown_emotions_and_empty_files_are_errors() {
        let of = |posts| {
            forum_posts(source("posts"), posts, &[JOY])
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            of("Fine.\t0\n"),
            "table.tsv, line 1: columns: 2 instead of 3; give posts"
        );
        assert_eq!(
            of("Fine.\tx\ta\n"),
            "table.tsv, line 1: \"x\" is no number; give posts"
        );
        assert_eq!(of("\n"), "table.tsv holds nothing to measure; give posts");
        let unknown = emotions(source("labels"), "joy\nhunger\n")
            .unwrap_err()
            .to_string();
        assert_eq!(
            unknown,
            "table.tsv, line 2: the emotion \"hunger\" is unknown; give labels"
        );
    }

    #[test]
    fn fiction_without_an_emotion_is_neutral_and_with_foreign_ones_left_out()
    -> Result<(), EvaluateError> {
        let table = "tid\ttext\tjoy\tboredom\tpain\n\
            1\tShe laughed.\t1\t1\t0\n\
            2\tHe yawned.\t0\t1\t0\n\
            3\tIt was noon.\t0\t0\t0\n";
        let texts = fiction(source("a table"), table)?;
        let gold: Vec<Marks> = texts.iter().map(|text| text.gold).collect();
        assert_eq!(gold, [marks(&[JOY]), marks(&[NEUTRAL])]);
        Ok(())
    }

    #[test]
    fn fiction_tables_that_are_something_else_are_refused() {
        let of = |table| fiction(source("a table"), table).unwrap_err().to_string();
        assert!(of("").starts_with("table.tsv, line 1: it does not begin"));
        assert!(of("label\tkind\n").starts_with("table.tsv, line 1: it does not begin"));
        assert!(of("tid\ttext\tjoy\n1\tA.\n").contains("line 2: columns: 2 instead of 3"));
        assert!(of("tid\ttext\tjoy\n1\tA.\tyes\n").contains("line 2: \"yes\" is neither 0 nor 1"));
    }

    #[test]
    fn stories_are_scored_by_kind_and_manner_and_misses_listed() -> Result<(), EvaluateError> {
        let table = "label\tkind\tmanner\tsentence\n\
            joy\tnarration\tshown\tShe danced home.\n\
            fear\tnarration\tshown\tHis knees shook.\n\
            fear\tspeech\tnamed\t\"I am afraid,\" he said.\n";
        let sentences = story_sentences(source("a table"), table)?;
        let joyful = [0.0, 0.0, 0.25, 0.75, 0.0, 0.0, 0.0];
        let afraid = [0.0, 0.0, 0.75, 0.25, 0.0, 0.0, 0.0];
        let report = score_stories("table.tsv", &sentences, &[joyful, joyful, afraid]);
        assert_eq!(report.figures[0], ("accuracy", Value::Share(2.0 / 3.0)));
        let json = report.to_json();
        let groups = &json["tables"]["kind and manner"];
        assert_eq!(
            (&groups[0]["kind"], &groups[0]["accuracy"]),
            (&"narration".into(), &0.5.into())
        );
        assert_eq!(
            (&groups[1]["kind"], &groups[1]["accuracy"]),
            (&"speech".into(), &1.0.into())
        );
        let misses = &json["tables"]["misses"];
        assert_eq!(misses.as_array().map(Vec::len), Some(1));
        assert_eq!(misses[0]["sentence"], "His knees shook.");
        assert_eq!(
            (&misses[0]["label"], &misses[0]["share"]),
            (&"fear".into(), &0.25.into())
        );
        Ok(())
    }

    #[test]
    fn stories_are_apart_by_blank_lines_and_a_sentence_may_have_several_feelings()
    -> Result<(), EvaluateError> {
        let table =
            "labels\tsentence\n\nneutral,joy\tThe sun rose.\njoy\tShe laughed.\n\nfear\tA growl.\n";
        let stories = running_stories(source("a table"), table)?;
        assert_eq!(stories.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(stories[0][0].gold, marks(&[NEUTRAL, JOY]));
        let wrong = running_stories(source("a table"), "labels\tsentence\nglee\tHa!\n");
        let error = wrong.unwrap_err().to_string();
        assert!(error.starts_with("table.tsv, line 2: \"glee\" is none of anger"));
        Ok(())
    }

    #[test]
    fn story_sentences_need_their_header_and_a_known_label() {
        let of = |table: &str| {
            story_sentences(source("a table"), table)
                .unwrap_err()
                .to_string()
        };
        assert!(of("joy\tnarration\tshown\tShe danced.\n").contains("line 1: it does not name"));
        let header = "label\tkind\tmanner\tsentence\n";
        let unknown = of(&format!("{header}glee\tnarration\tshown\tShe danced.\n"));
        assert!(unknown.starts_with("table.tsv, line 2: \"glee\" is none of anger, disgust"));
        assert!(of(header).contains("holds nothing to measure"));
    }
}
