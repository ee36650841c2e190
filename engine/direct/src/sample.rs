//! Small stories for the tests of this crate.

use fabula_story::{
    Age, Character, DayTime, Emotion, EntityKind, Gender, Mention, Quote, Scene, Scores, Sentence,
    Story, Weather,
};

/// A story with a fox, a crow and an old woman, read in the simplest way; a blank line with
/// `***` begins another scene.
pub(crate) fn story(text: &str) -> Story {
    let mut characters = Vec::new();
    for (id, name, being) in [
        ("c1", "fox", "fox"),
        ("c2", "crow", "crow"),
        ("c3", "woman", "human"),
    ] {
        let mentions: Vec<Mention> = text
            .match_indices(name)
            .map(|(start, _)| Mention {
                start,
                end: start + name.len(),
                kind: EntityKind::Common,
            })
            .collect();
        if !mentions.is_empty() {
            characters.push(character(id, name, being, mentions));
        }
    }
    let mut quotes = Vec::new();
    let marks: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    for pair in marks.chunks_exact(2) {
        let after = &text[pair[1]..];
        let paragraph = after.split('\n').next().unwrap_or_default();
        let speaker = characters
            .iter()
            .filter_map(|c: &Character| Some((paragraph.find(c.name.as_str())?, c.id.clone())))
            .min()
            .map(|(_, id)| id)
            .or(characters.first().map(|c| c.id.clone()));
        quotes.push(Quote {
            start: pair[0],
            end: pair[1] + 1,
            speaker,
            addressee: None,
            emotion: feeling(&text[pair[0]..pair[1]]),
        });
    }
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let quoted = quotes
            .iter()
            .any(|quote| (quote.start..quote.end).contains(&at));
        if (matches!(c, '.' | '!' | '?') && !quoted) || at + 1 == text.len() {
            let end = at + c.len_utf8();
            let skipped = text[start..end].len() - text[start..end].trim_start().len();
            let emotion = feeling(&text[start..end]);
            let mut scores = [0.02; 7];
            scores[emotion as usize] = 0.88;
            if start + skipped < end {
                let scores = Scores::from_array(scores);
                sentences.push(Sentence {
                    start: start + skipped,
                    end,
                    emotion,
                    scores,
                });
            }
            start = end;
        }
    }
    let mut starts = vec![0];
    starts.extend(text.match_indices("***").map(|(at, _)| at));
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let places = ["forest", "village", "castle"];
    let scenes = starts
        .iter()
        .zip(ends)
        .enumerate()
        .map(|(index, (start, end))| Scene {
            start: *start,
            end,
            place: places[index % places.len()].into(),
            time: DayTime::Day,
            weather: Weather::Clear,
            indoor: false,
            emotion: Emotion::Neutral,
            present: characters
                .iter()
                .filter(|c| c.mentions.iter().any(|m| (*start..end).contains(&m.start)))
                .map(|c| c.id.clone())
                .collect(),
            transition: None,
        });
    let scenes = scenes.filter(|scene| scene.start < scene.end).collect();
    let story = Story {
        format: Story::FORMAT.into(),
        title: "A Test".into(),
        text: text.into(),
        sentences,
        entities: Vec::new(),
        characters,
        quotes,
        scenes,
        tokens: Vec::new(),
    };
    story.check().unwrap();
    story
}

fn feeling(text: &str) -> Emotion {
    let text = text.to_lowercase();
    let words = [
        (Emotion::Joy, "happy"),
        (Emotion::Sadness, "sad"),
        (Emotion::Anger, "angry"),
        (Emotion::Fear, "afraid"),
        (Emotion::Surprise, "suddenly"),
    ];
    words
        .iter()
        .find(|(_, word)| text.contains(word))
        .map_or(Emotion::Neutral, |found| found.0)
}

/// A character of whom nothing else is known.
pub(crate) fn character(id: &str, name: &str, being: &str, mentions: Vec<Mention>) -> Character {
    Character {
        id: id.into(),
        name: name.into(),
        aliases: Vec::new(),
        being: being.into(),
        gender: Gender::Unknown,
        age: Age::Unknown,
        traits: std::collections::BTreeMap::new(),
        mentions,
    }
}

/// A whole little film: three scenes, talk, feeling, coming and going.
pub(crate) const TALE: &str = "Once upon a time a fox lived alone in a deep green forest. \
Every evening he sat by the river and listened to the water until the stars came out.\n\n\
Suddenly a crow flew down. \"Good evening,\" said the crow. \"Have you seen my sister? \
I have been looking for her since the storm, and I am afraid that she is lost.\"\n\n\
\"I am sad to hear it,\" said the fox, and shook his head. \"I have seen nobody today, but \
two can look better than one.\"\n\n\
\"You would help me?\" asked the crow.\n\n\"Yes! Let us go,\" cried the fox.\n\n\
*** The next morning they walked through the village. An old woman opened her window and \
waved. \"Happy morning to you both!\" called the woman. The fox trembled. \
\"Have you seen a small black bird?\" asked the crow.\n\n\
\"She is in the castle,\" said the woman, \"and she sings all night.\" The crow jumped and \
laughed.\n\n*** That night the castle was dark. The crow wept, because the window was empty. \
The fox sat down beside her and said nothing at all. Then, far away, somebody began to sing.";
