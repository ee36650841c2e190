//! What a first choice of speakers tells of who is one: who speaks in turn with whom, and who
//! answers when somebody is called.

use std::collections::{BTreeMap, BTreeSet};

use fabula_story::Gender;

use super::figures::Figures;
use super::mentions::{Ground, Mention};
use super::voices::Voices;

/// How many clues there are.
pub(super) const CLUES: usize = 6;

/// How often somebody answers for another at most, as a clue.
const ANSWERS: usize = 3;

/// Who speaks, as first understood.
pub(super) struct Talk<'a> {
    /// The figures as they were when the speakers were chosen.
    figures: &'a Figures,
    /// The speaker of each quotation.
    speakers: Vec<Option<usize>>,
    /// The last quotation of the turn before each, and the first of the turn after.
    before: Vec<Option<usize>>,
    after: Vec<Option<usize>>,
}

/// What one figure says and hears.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    /// Quotations that it speaks.
    lines: BTreeSet<usize>,
    /// Quotations that call it.
    called: BTreeSet<usize>,
    /// Its gender once the pronouns of tags are understood.
    gender: Gender,
}

impl Part {
    /// Adds what is known of a figure that is the same.
    pub fn take(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.called.extend(other.called);
        if self.gender == Gender::Unknown {
            self.gender = other.gender;
        }
    }
}

impl<'a> Talk<'a> {
    /// What the voices tell that were chosen with these figures.
    pub fn new(ground: &Ground, figures: &'a Figures, voices: &Voices) -> Self {
        let paragraph = |at: usize| ground.text.words.get(at).map_or(0, |word| word.paragraph);
        let quotations = ground.quotations.iter();
        let paragraphs: Vec<usize> = quotations.map(|it| paragraph(it.first)).collect();
        let mut before = vec![None; paragraphs.len()];
        let mut after = before.clone();
        // All quotations of a paragraph have the neighbours of the paragraph.
        for at in 1..paragraphs.len() {
            before[at] = match paragraphs[at] - paragraphs[at - 1] {
                0 => before[at - 1],
                1 | 2 => Some(at - 1),
                _ => None,
            };
        }
        for at in (1..paragraphs.len()).rev() {
            after[at - 1] = match paragraphs[at] - paragraphs[at - 1] {
                0 => after[at],
                1 | 2 => Some(at),
                _ => None,
            };
        }
        Self {
            figures,
            speakers: voices.voices.iter().map(|voice| voice.speaker).collect(),
            before,
            after,
        }
    }

    /// What each figure says and hears, by the figures as they are by now.
    pub fn parts(&self, mentions: &[Mention], now: &Figures) -> BTreeMap<usize, Part> {
        let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
        for (index, mention) in mentions.iter().enumerate() {
            let figure = now.of_mention(index);
            let part = parts.entry(figure).or_insert_with(|| Part {
                gender: self.figures.get(figure).gender,
                ..Part::default()
            });
            if mention.vocative {
                part.called.extend(mention.quoted);
            }
        }
        for (line, speaker) in self.speakers.iter().enumerate() {
            if let Some(speaker) = speaker {
                let part = parts.entry(now.find(*speaker)).or_default();
                part.lines.insert(line);
            }
        }
        parts
    }

    /// The clues for two figures being one.
    pub fn clues(&self, a: &Part, b: &Part) -> [f32; CLUES] {
        let flag = |is: bool| f32::from(u8::from(is));
        let turns = self.turns(a, b) + self.turns(b, a);
        let known = a.gender != Gender::Unknown && b.gender != Gender::Unknown;
        [
            (1.0 + turns as f32).ln(),
            flag(!a.lines.is_empty() && !b.lines.is_empty()),
            self.answers(a, b).min(ANSWERS) as f32,
            self.answers(b, a).min(ANSWERS) as f32,
            flag(known && a.gender == b.gender),
            flag(known && a.gender != b.gender),
        ]
    }

    /// How often `b` speaks in the turn right after one of `a`.
    fn turns(&self, a: &Part, b: &Part) -> usize {
        let next = a.lines.iter().filter_map(|line| self.after[*line]);
        next.filter(|line| b.lines.contains(line)).count()
    }

    /// How often `b` speaks before or after a line of somebody else that calls `a`.
    fn answers(&self, a: &Part, b: &Part) -> usize {
        let calls = a.called.iter().filter(|line| !b.lines.contains(line));
        let around = calls.flat_map(|line| [self.before[*line], self.after[*line]]);
        let around = around.flatten();
        around.filter(|line| b.lines.contains(line)).count()
    }
}
