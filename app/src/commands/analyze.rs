//! `fabula analyze`: what was understood of a story.

use std::fmt::Write;

use fabula_story::{DayTime, Story};

use crate::cli::AnalyzeArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::output;
use crate::report;
use crate::source::Source;

pub fn run(args: &AnalyzeArgs, console: &Console) -> Result<(), Failure> {
    if let Some(page) = &args.html {
        output::check_target(page, true, &args.story.path)?;
    }
    let mut story = Source::read_story(&args.story, console)?;
    if let Some(page) = &args.html {
        output::write(page, report::page(&story).as_bytes())?;
    }
    let text = if args.json {
        if !args.tokens {
            story.tokens.clear();
        }
        story.to_json() + "\n"
    } else {
        summary(&story)
    };
    output::print(&text)
}

fn summary(story: &Story) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", story.title);
    let _ = writeln!(
        out,
        "{}, {}, {}, {}",
        count(story.text.split_whitespace().count(), "word"),
        count(story.sentences.len(), "sentence"),
        count(story.quotes.len(), "line of speech"),
        count(story.scenes.len(), "scene"),
    );
    if !story.characters.is_empty() {
        out.push_str("\nCast\n");
    }
    for character in &story.characters {
        let lines = story
            .quotes
            .iter()
            .filter(|quote| quote.speaker.as_deref() == Some(character.id.as_str()))
            .count();
        let _ = writeln!(
            out,
            "  {:<20} {} ({}, {})",
            character.name,
            report::facts(character).join(", "),
            count(character.mentions.len(), "mention"),
            count(lines, "line of speech"),
        );
    }
    if !story.scenes.is_empty() {
        out.push_str("\nScenes\n");
    }
    for (index, scene) in story.scenes.iter().enumerate() {
        let time = match scene.time {
            DayTime::Dawn => ", dawn",
            DayTime::Day => ", day",
            DayTime::Dusk => ", dusk",
            DayTime::Night => ", night",
            DayTime::Unknown => "",
        };
        let present: Vec<_> = scene
            .present
            .iter()
            .filter_map(|id| story.character(id))
            .map(|character| character.name.as_str())
            .collect();
        let who = if present.is_empty() {
            "nobody".to_owned()
        } else {
            present.join(", ")
        };
        let where_and_when = format!("{}{time}", scene.place);
        let _ = writeln!(
            out,
            "  {:>3}  {where_and_when:<18} {:<9} {who}",
            index + 1,
            scene.emotion.name()
        );
    }
    out
}

fn count(number: usize, what: &str) -> String {
    match (number, what.split_once(' ')) {
        (1, _) => format!("1 {what}"),
        (_, Some((noun, rest))) => format!("{number} {noun}s {rest}"),
        (_, None) => format!("{number} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_cast_and_scenes() {
        let sample = include_str!("../../../engine/story/tests/samples/story.json");
        let text = summary(&Story::from_json(sample).unwrap());
        for expected in [
            "The Fox at Dusk\n",
            "19 words, 3 sentences, 1 line of speech, 1 scene\n",
            "fox, color: red (2 mentions, 0 lines of speech)",
            "forest, dusk",
            "Vix, Old Owl",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }
}
