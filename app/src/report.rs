//! What was understood of a story as a web page for people to check: the text with its characters
//! in colour, who speaks, what each sentence feels, and its scenes.
//!
//! The page stands alone. Its text is the story's, letter by letter: names of speakers are drawn
//! by the style sheet.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use fabula_story::{
    Age, Character, DayTime, Emotion, EntityKind, Gender, Quote, Scene, Story, Weather,
};

const STYLE: &str = include_str!("report.css");
/// Hues of neighbours in the cast lie apart by the golden angle, in degrees.
const GOLDEN_ANGLE: f64 = 137.508;
const FIRST_HUE: f64 = 24.0;

/// The page of a story.
pub fn page(story: &Story) -> String {
    let mut html = String::with_capacity(story.text.len() * 4);
    // Writing to a string cannot fail.
    let _ = write_page(&mut html, story);
    html
}

fn write_page(html: &mut String, story: &Story) -> fmt::Result {
    let title = Escaped(&story.title);
    write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n<main>\n<h1>{title}</h1>\n"
    )?;
    writeln!(
        html,
        "<div class=\"facts\">{} words · {} sentences · {} lines of speech · {} scenes</div>",
        story.text.split_whitespace().count(),
        story.sentences.len(),
        story.quotes.len(),
        story.scenes.len()
    )?;
    let people = People::of(story);
    write_cast(html, story, &people)?;
    html.push_str("<h2>Feelings</h2>\n<ul class=\"legend\">\n");
    for emotion in Emotion::ALL.iter().filter(|it| **it != Emotion::Neutral) {
        writeln!(html, "<li class=\"f {emotion}\">{emotion}</li>")?;
    }
    html.push_str("<li>neutral</li>\n</ul>\n<h2>Text</h2>\n");
    let mut text = Marked::new(story, &people);
    let mut at = 0;
    for (number, scene) in (1..).zip(&story.scenes) {
        // What stands before the first scene or between two belongs to none.
        text.write(html, at..scene.start)?;
        write!(html, "<section class=\"scene\">\n<header>")?;
        write_scene(html, number, scene, &people)?;
        html.push_str("</header>\n");
        text.write(html, scene.start..scene.end)?;
        html.push_str("</section>\n");
        at = scene.end;
    }
    text.write(html, at..story.text.len())?;
    html.push_str("</main>\n</html>\n");
    Ok(())
}

/// The characters by their ids, with the hue of each.
struct People<'a>(BTreeMap<&'a str, (&'a Character, u32)>);

impl<'a> People<'a> {
    fn of(story: &'a Story) -> Self {
        let hue = |rank: usize| (FIRST_HUE + GOLDEN_ANGLE * rank as f64).rem_euclid(360.0) as u32;
        let people = story.characters.iter().enumerate();
        Self(
            people
                .map(|(rank, character)| (character.id.as_str(), (character, hue(rank))))
                .collect(),
        )
    }

    fn name(&self, id: &str) -> Option<&'a str> {
        self.0.get(id).map(|(character, _)| character.name.as_str())
    }

    fn hue(&self, id: &str) -> Option<u32> {
        self.0.get(id).map(|(_, hue)| *hue)
    }
}

fn write_cast(html: &mut String, story: &Story, people: &People) -> fmt::Result {
    if story.characters.is_empty() {
        return Ok(());
    }
    html.push_str("<h2>Cast</h2>\n<ul class=\"cast\">\n");
    for character in &story.characters {
        let facts = facts(character);
        let lines = |quote: &&Quote| quote.speaker.as_deref() == Some(&character.id);
        let also = if character.aliases.is_empty() {
            String::new()
        } else {
            format!(" · also {}", character.aliases.join(", "))
        };
        writeln!(
            html,
            "<li style=\"--hue:{}\"><strong>{}</strong><div class=\"who\">{}{} · {} mentions, {} lines</div></li>",
            people.hue(&character.id).unwrap_or_default(),
            Escaped(&character.name),
            Escaped(&facts.join(", ")),
            Escaped(&also),
            character.mentions.len(),
            story.quotes.iter().filter(lines).count()
        )?;
    }
    html.push_str("</ul>\n");
    Ok(())
}

/// What is known of a character, in words.
pub fn facts(character: &Character) -> Vec<String> {
    let mut facts = vec![character.being.clone()];
    if character.age != Age::Unknown {
        facts.push(name_of(&character.age));
    }
    if matches!(character.gender, Gender::Female | Gender::Male) {
        facts.push(name_of(&character.gender));
    }
    let traits = character.traits.iter();
    facts.extend(traits.map(|(key, value)| format!("{key}: {value}")));
    facts
}

fn write_scene(html: &mut String, number: usize, scene: &Scene, people: &People) -> fmt::Result {
    write!(
        html,
        "<b>Scene {number}</b><span>{}</span>",
        Escaped(&scene.place)
    )?;
    if scene.indoor && scene.place != "indoor" {
        html.push_str("<span>indoors</span>");
    }
    if scene.time != DayTime::Unknown {
        write!(html, "<span>{}</span>", name_of(&scene.time))?;
    }
    if scene.weather != Weather::Clear {
        write!(html, "<span>{}</span>", name_of(&scene.weather))?;
    }
    write!(html, "<span>{}</span>", scene.emotion)?;
    for id in &scene.present {
        if let (Some(name), Some(hue)) = (people.name(id), people.hue(id)) {
            let name = Escaped(name);
            write!(
                html,
                "<span class=\"m\" style=\"--hue:{hue}\">{name}</span>"
            )?;
        }
    }
    Ok(())
}

/// A value's name in `fabula.story/1`.
fn name_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// The text, cut wherever something begins or ends, so that marks may cross each other.
struct Marked<'a> {
    story: &'a Story,
    people: &'a People<'a>,
    /// All places where something begins or ends, in order.
    cuts: Vec<usize>,
    /// Mentions of characters by where they begin: the end, by what, and whose.
    mentions: Vec<(usize, usize, EntityKind, &'a str)>,
    sentence: usize,
    quote: usize,
    mention: usize,
    open: Vec<(usize, usize, EntityKind, &'a str)>,
}

impl<'a> Marked<'a> {
    fn new(story: &'a Story, people: &'a People<'a>) -> Self {
        let mut mentions: Vec<_> = story
            .characters
            .iter()
            .flat_map(|character| {
                let mentions = character.mentions.iter();
                mentions.map(|it| (it.start, it.end, it.kind, character.id.as_str()))
            })
            .collect();
        mentions.sort_by_key(|(start, end, _, _)| (*start, *end));
        let mut cuts: Vec<usize> = story
            .sentences
            .iter()
            .flat_map(|it| [it.start, it.end])
            .chain(story.quotes.iter().flat_map(|it| [it.start, it.end]))
            .chain(story.scenes.iter().flat_map(|it| [it.start, it.end]))
            .chain(
                mentions
                    .iter()
                    .flat_map(|(start, end, _, _)| [*start, *end]),
            )
            .chain(story.text.match_indices("\n\n").map(|(at, _)| at))
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        Self {
            story,
            people,
            cuts,
            mentions,
            sentence: 0,
            quote: 0,
            mention: 0,
            open: Vec::new(),
        }
    }

    /// Writes a stretch of the text as paragraphs; stretches come in order.
    fn write(&mut self, html: &mut String, stretch: std::ops::Range<usize>) -> fmt::Result {
        if self.story.text[stretch.clone()].trim().is_empty() {
            return Ok(());
        }
        html.push_str("<p>");
        let first = self.cuts.partition_point(|cut| *cut <= stretch.start);
        let end = self.cuts.partition_point(|cut| *cut < stretch.end);
        let mut at = stretch.start;
        for number in first..end {
            let cut = self.cuts[number];
            self.write_piece(html, at, cut)?;
            at = cut;
        }
        self.write_piece(html, at, stretch.end)?;
        html.push_str("</p>\n");
        Ok(())
    }

    /// Writes a piece within which nothing begins or ends.
    fn write_piece(&mut self, html: &mut String, start: usize, end: usize) -> fmt::Result {
        let story = self.story;
        let Some(mut text) = story.text.get(start..end).filter(|text| !text.is_empty()) else {
            return Ok(());
        };
        if let Some(rest) = text.strip_prefix("\n\n") {
            html.push_str("</p>\n<p>");
            text = rest;
        }
        while story
            .sentences
            .get(self.sentence)
            .is_some_and(|it| it.end <= start)
        {
            self.sentence += 1;
        }
        while story
            .quotes
            .get(self.quote)
            .is_some_and(|it| it.end <= start)
        {
            self.quote += 1;
        }
        self.open.retain(|(_, end, _, _)| *end > start);
        while let Some(mention) = self.mentions.get(self.mention).filter(|it| it.0 <= start) {
            self.open.extend(Some(*mention).filter(|it| it.1 > start));
            self.mention += 1;
        }
        let sentence = story
            .sentences
            .get(self.sentence)
            .filter(|it| it.start <= start);
        let quote = story.quotes.get(self.quote).filter(|it| it.start <= start);
        let mention = self
            .open
            .iter()
            .min_by_key(|(start, end, _, _)| end - start);

        let mut marks = 0;
        if let Some(sentence) = sentence {
            let felt = sentence.emotion != Emotion::Neutral;
            let class = if felt { "f " } else { "" };
            let scores = sentence.scores.to_array();
            let share = scores.into_iter().fold(0.0, f32::max);
            write!(
                html,
                "<i class=\"{class}{0}\" title=\"{0}, {share:.2}\">",
                sentence.emotion
            )?;
            marks += 1;
        }
        if let Some(quote) = quote {
            self.write_quote(html, quote, quote.start == start)?;
            marks += 1;
        }
        if let Some((_, _, kind, id)) = mention {
            let hue = self.people.hue(id).unwrap_or_default();
            let name = Escaped(self.people.name(id).unwrap_or_default());
            let pronoun = if *kind == EntityKind::Pronoun {
                " pronoun"
            } else {
                ""
            };
            write!(
                html,
                "<i class=\"m{pronoun}\" style=\"--hue:{hue}\" title=\"{name}\">"
            )?;
            marks += 1;
        }
        write!(html, "{}", Escaped(text))?;
        for _ in 0..marks {
            html.push_str("</i>");
        }
        Ok(())
    }

    fn write_quote(&self, html: &mut String, quote: &Quote, is_begin: bool) -> fmt::Result {
        if !is_begin {
            html.push_str("<i class=\"q\">");
            return Ok(());
        }
        let name = |id: &Option<String>| id.as_deref().and_then(|id| self.people.name(id));
        let hue = quote.speaker.as_deref().and_then(|id| self.people.hue(id));
        let by = name(&quote.speaker).unwrap_or("?");
        let to = name(&quote.addressee).map_or(String::new(), |name| format!(" → {name}"));
        let by = format!("{by}{to} · {}", quote.emotion);
        let unknown = if hue.is_some() { "" } else { " unknown" };
        write!(
            html,
            "<i class=\"q{unknown}\" style=\"--hue:{}\" data-by=\"{}\">",
            hue.unwrap_or_default(),
            Escaped(&by)
        )
    }
}

/// Text as it is written between tags and in attributes.
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Story {
        let json = include_str!("../../engine/story/tests/samples/story.json");
        Story::from_json(json).unwrap()
    }

    /// What a reader sees of a stretch of the page.
    fn shown(html: &str) -> String {
        let mut text = String::new();
        let mut rest = html;
        while let Some(start) = rest.find('<') {
            text.push_str(&rest[..start]);
            let tag = &rest[start..];
            let end = tag.find('>').unwrap();
            if tag.starts_with("</p>") {
                text.push_str("\n\n");
            }
            rest = &tag[end + 1..];
        }
        text.push_str(rest);
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        text.replace("&quot;", "\"").replace("&amp;", "&")
    }

    #[test]
    fn the_text_of_the_page_is_the_text_of_the_story() {
        let mut story = sample();
        story.title = "<Fox> & \"Owl\"".to_owned();
        let html = page(&story);
        assert!(html.contains("<h1>&lt;Fox&gt; &amp; &quot;Owl&quot;</h1>"));
        let text = html.split("<h2>Text</h2>").nth(1).unwrap();
        let scene = text.split("</header>").nth(1).unwrap();
        assert_eq!(shown(scene).trim(), story.text);
    }

    #[test]
    fn speakers_feelings_and_characters_stand_where_they_belong() {
        let html = page(&sample());
        let quote = html.find("&quot;Who is there?&quot;").unwrap();
        let before = &html[..quote];
        let mark = &before[before.rfind("data-by=").unwrap()..];
        assert!(mark.starts_with("data-by=\"Old Owl"), "{mark}");
        assert!(before.rfind("class=\"f fear\"").is_some());
        assert!(html.contains("<b>Scene 1</b><span>forest</span><span>dusk</span>"));
        assert!(html.contains("title=\"Vix\""));
    }

    #[test]
    fn marks_that_cross_each_other_still_nest_on_the_page() {
        let mut story = sample();
        // A quotation that ends in the middle of the next sentence, and a mention that holds another.
        story.quotes[0].end = 95;
        let (start, end) = (story.text.find("Old Owl").unwrap(), 84);
        story.characters[0].mentions.push(fabula_story::Mention {
            start,
            end,
            kind: EntityKind::Common,
        });
        let html = page(&story);
        let scene = html.split("</header>").nth(1).unwrap();
        assert_eq!(shown(scene).trim(), story.text);
        assert_eq!(
            scene.matches("<i ").count(),
            scene.matches("</i>").count(),
            "{scene}"
        );
    }

    #[test]
    fn text_outside_of_scenes_is_shown_too() {
        let mut story = sample();
        story.scenes[0].start = 44;
        story.scenes[0].end = 85;
        let html = page(&story);
        let text = html.split("<h2>Text</h2>").nth(1).unwrap();
        assert!(shown(text).contains("at dusk."), "{}", shown(text));
        assert!(shown(text).contains("They laughed together."));
    }
}
