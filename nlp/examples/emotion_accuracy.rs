//! Measures how well the reading recognises feelings, against texts labelled by people.
//!
//! `cargo run --release -p fabula-nlp --example emotion_accuracy -- --emolit FILE --goemotions FILE`
//!
//! `--emolit` takes a table of `EmoLit`: a header, then an id, a text and a 0 or 1 for each of the
//! emotions that the header names. `--goemotions` takes a split of `GoEmotions`: a text, the numbers
//! of its emotions and an id. Both are separated by tabs; either may be left out. A text that people
//! gave several feelings counts as right with any of them.

use std::collections::BTreeSet;
use std::process::ExitCode;

use fabula_nlp::document::Document;
use fabula_nlp::reading::Reader;
use fabula_story::{Emotion, Scores};

/// The emotions of `GoEmotions` in the order of their numbers.
const GOEMOTIONS: [&str; 28] = [
    "admiration",
    "amusement",
    "anger",
    "annoyance",
    "approval",
    "caring",
    "confusion",
    "curiosity",
    "desire",
    "disappointment",
    "disapproval",
    "disgust",
    "embarrassment",
    "excitement",
    "fear",
    "gratitude",
    "grief",
    "joy",
    "love",
    "nervousness",
    "optimism",
    "pride",
    "realization",
    "relief",
    "remorse",
    "sadness",
    "surprise",
    "neutral",
];

/// The feeling that an emotion of either set belongs to, after the groups that the authors of
/// `GoEmotions` publish; what shows on no face is neutral.
fn group(emotion: &str) -> Emotion {
    match emotion {
        "anger" | "annoyance" | "disapproval" | "frustration" => Emotion::Anger,
        "disgust" => Emotion::Disgust,
        "fear" | "nervousness" => Emotion::Fear,
        "joy" | "amusement" | "approval" | "excitement" | "gratitude" | "love" | "optimism"
        | "relief" | "pride" | "admiration" | "desire" | "caring" => Emotion::Joy,
        "sadness" | "disappointment" | "embarrassment" | "grief" | "remorse" | "despair"
        | "guilt" | "pain" => Emotion::Sadness,
        "surprise" | "realization" | "confusion" | "curiosity" => Emotion::Surprise,
        _ => Emotion::Neutral,
    }
}

/// A text and the feelings that people found in it.
struct Labelled {
    text: String,
    feelings: BTreeSet<usize>,
}

fn labelled(text: &str, emotions: impl Iterator<Item = Emotion>) -> Labelled {
    let mut feelings: BTreeSet<usize> = emotions.map(|emotion| emotion as usize).collect();
    if feelings.len() > 1 {
        feelings.remove(&(Emotion::Neutral as usize));
    }
    if feelings.is_empty() {
        feelings.insert(Emotion::Neutral as usize);
    }
    Labelled {
        text: text.to_owned(),
        feelings,
    }
}

fn read_emolit(table: &str) -> Vec<Labelled> {
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().unwrap_or("").split('\t').skip(2).collect();
    lines
        .filter_map(|line| {
            let mut fields = line.split('\t').skip(1);
            let text = fields.next()?;
            let marked = names.iter().zip(fields).filter(|(_, mark)| *mark == "1");
            Some(labelled(text, marked.map(|(name, _)| group(name))))
        })
        .collect()
}

fn read_goemotions(table: &str) -> Vec<Labelled> {
    table
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (text, numbers) = (fields.next()?, fields.next()?);
            let emotions = numbers
                .split(',')
                .filter_map(|number| GOEMOTIONS.get(number.parse::<usize>().ok()?))
                .map(|name| group(name));
            Some(labelled(text, emotions))
        })
        .collect()
}

/// The feeling of a text: the mean of its sentences.
fn predict(reader: &Reader, text: &str) -> Emotion {
    let document = Document {
        title: None,
        text: text.to_owned(),
    };
    let Ok(story) = reader.read(&document) else {
        return Emotion::Neutral;
    };
    let mut total = [0.0_f32; 7];
    for sentence in &story.sentences {
        for (sum, score) in total.iter_mut().zip(sentence.scores.to_array()) {
            *sum += score;
        }
    }
    Scores::from_array(total).strongest()
}

fn ratio(part: u32, whole: u32) -> f64 {
    f64::from(part) / f64::from(whole.max(1))
}

fn report(name: &str, texts: &[Labelled]) {
    let reader = Reader::rules();
    let mut right = [0_u32; 7];
    let mut found = [0_u32; 7];
    let mut held = [0_u32; 7];
    let mut hits = 0_u32;
    for text in texts {
        let feeling = predict(&reader, &text.text) as usize;
        found[feeling] += 1;
        for held_feeling in &text.feelings {
            held[*held_feeling] += 1;
        }
        if text.feelings.contains(&feeling) {
            right[feeling] += 1;
            hits += 1;
        }
    }
    println!("{name}: {} texts", texts.len());
    println!(
        "{:10} {:>9} {:>7} {:>6} {:>6}",
        "", "precision", "recall", "F1", "texts"
    );
    let mut sum = 0.0;
    for emotion in Emotion::ALL {
        let at = emotion as usize;
        let precision = ratio(right[at], found[at]);
        let recall = ratio(right[at], held[at]);
        let f1 = ratio(2 * right[at], found[at] + held[at]);
        sum += f1;
        println!(
            "{:10} {precision:9.3} {recall:7.3} {f1:6.3} {:6}",
            emotion.name(),
            held[at]
        );
    }
    println!("macro-F1   {:.3}", sum / 7.0);
    let all = u32::try_from(texts.len()).unwrap_or(u32::MAX);
    println!("accuracy   {:.3}\n", ratio(hits, all));
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        eprintln!("usage: emotion_accuracy [--emolit FILE] [--goemotions FILE]");
        return ExitCode::from(2);
    }
    for pair in arguments.chunks(2) {
        let (read, path): (fn(&str) -> Vec<Labelled>, &String) = match pair {
            [option, path] if option == "--emolit" => (read_emolit, path),
            [option, path] if option == "--goemotions" => (read_goemotions, path),
            _ => {
                eprintln!("{pair:?} is not known; give --emolit FILE or --goemotions FILE");
                return ExitCode::from(2);
            }
        };
        match std::fs::read_to_string(path) {
            Ok(table) => report(path, &read(&table)),
            Err(error) => {
                eprintln!("{path} cannot be read ({error}); check the path");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
