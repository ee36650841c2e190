//! Chooses who speaks each line, and to whom, by clues whose weights are learnt.
//!
//! A log-linear scorer: the weights of the clues of a candidate add up. Whose turn it is depends on
//! the choices for the lines before, so that all lines are decided together: of all ways to give
//! them out, the one with the highest sum. The weights are those of a conditional random field,
//! fitted by `models/training/speakers.py`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::speakers::{Candidate, Clue, Line};

/// How many ways to give out the lines so far are kept in mind.
const WAYS: usize = 24;

/// The part of someone in the turns of a dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Spoke the line before.
    Last,
    /// Spoke before the last speaker.
    Other,
    /// Neither.
    New,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Other => "other",
            Self::New => "new",
        }
    }
}

type Table = HashMap<(&'static str, &'static str), f32>;

/// What clues weigh.
struct Weights {
    speaks: Table,
    /// Beside what units make of a line.
    speaks_heard: Table,
    hears: Table,
}

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let mut weights = Weights {
        speaks: Table::new(),
        speaks_heard: Table::new(),
        hears: Table::new(),
    };
    for row in include_str!("words/voices.tsv").lines() {
        let mut columns = row.split('\t');
        let (Some(task), Some(what), Some(how), Some(weight)) = (
            columns.next(),
            columns.next(),
            columns.next(),
            columns.next(),
        ) else {
            continue;
        };
        let table = match task {
            "speaks" => &mut weights.speaks,
            "speaks, heard" => &mut weights.speaks_heard,
            _ => &mut weights.hears,
        };
        table.insert((what, how), weight.parse().unwrap_or(0.0));
    }
    weights
});

fn sum(table: &Table, clues: &[Clue]) -> f32 {
    clues.iter().filter_map(|clue| table.get(clue)).sum()
}

/// One way to give out the lines so far.
#[derive(Clone, Debug)]
struct Way {
    score: f32,
    last: Option<usize>,
    other: Option<usize>,
    /// The step that led here.
    step: Step,
}

/// A line given to someone, after another step.
#[derive(Clone, Copy, Debug)]
struct Step {
    speaker: Option<usize>,
    /// The number of the step before.
    before: Option<usize>,
}

impl Way {
    fn role(&self, figure: usize) -> Role {
        if self.last == Some(figure) {
            Role::Last
        } else if self.other == Some(figure) {
            Role::Other
        } else {
            Role::New
        }
    }
}

/// Who speaks each of the lines.
pub(super) fn speakers(lines: &[Line]) -> Vec<Option<usize>> {
    let mut ways = vec![Way {
        score: 0.0,
        last: None,
        other: None,
        step: Step {
            speaker: None,
            before: None,
        },
    }];
    // The steps of all ways that were kept, those of the last line last.
    let mut steps: Vec<Step> = ways.iter().map(|way| way.step).collect();
    for line in lines {
        let table = match line.heard {
            Some(_) => &WEIGHTS.speaks_heard,
            None => &WEIGHTS.speaks,
        };
        let heard = line.heard.unwrap_or_default();
        let turns: [f32; 3] = [Role::Last, Role::Other, Role::New].map(|role| {
            let turn = line.turn.iter();
            let turn = turn.filter_map(|turn| table.get(&(role.name(), *turn)));
            turn.sum::<f32>() + heard[role as usize]
        });
        let scores: Vec<f32> = line
            .candidates
            .iter()
            .map(|candidate| sum(table, &candidate.speaks) + candidate.heard)
            .collect();
        let mut next: Vec<Way> = Vec::new();
        let first = steps.len() - ways.len();
        for (number, way) in ways.iter().enumerate() {
            let before = Some(first + number);
            let mut go = |speaker: Option<usize>, score: f32| {
                let (last, other) = match speaker {
                    Some(speaker) if way.last == Some(speaker) => (way.last, way.other),
                    Some(speaker) => (Some(speaker), way.last),
                    None => (way.last, way.other),
                };
                let score = way.score + score;
                // Of two ways that go on alike, the better one.
                match next
                    .iter_mut()
                    .find(|it| it.last == last && it.other == other)
                {
                    Some(known) if known.score >= score => {}
                    known => {
                        let way = Way {
                            score,
                            last,
                            other,
                            step: Step { speaker, before },
                        };
                        match known {
                            Some(known) => *known = way,
                            None => next.push(way),
                        }
                    }
                }
            };
            match line.certain {
                Some(figure) => go(Some(figure), turns[way.role(figure) as usize]),
                None if line.follows && way.last.is_some() => go(way.last, 0.0),
                None if line.told || line.candidates.is_empty() => go(None, 0.0),
                None => {
                    for (candidate, score) in line.candidates.iter().zip(&scores) {
                        let turn = turns[way.role(candidate.figure) as usize];
                        go(Some(candidate.figure), score + turn);
                    }
                }
            }
        }
        // The order of equals is that in which they were found.
        next.sort_by(|a, b| b.score.total_cmp(&a.score));
        next.truncate(WAYS);
        ways = next;
        steps.extend(ways.iter().map(|way| way.step));
    }
    let mut chosen = vec![None; lines.len()];
    let mut step = ways.first().map(|way| way.step);
    for slot in chosen.iter_mut().rev() {
        let Some(it) = step else { break };
        *slot = it.speaker;
        step = it.before.and_then(|at| steps.get(at)).copied();
    }
    chosen
}

/// Whom each of the lines is spoken to.
pub(super) fn addressees(lines: &[Line], speakers: &[Option<usize>]) -> Vec<Option<usize>> {
    let table = &WEIGHTS.hears;
    let mut chosen: Vec<Option<usize>> = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let speaker = speakers[index];
        let before = (0..index)
            .rev()
            .take(4)
            .find(|at| speakers[*at].is_some() && speakers[*at] != speaker);
        let after = (index + 1..lines.len())
            .take(4)
            .find(|at| speakers[*at].is_some() && speakers[*at] != speaker);
        let same = (0..index)
            .rev()
            .take(3)
            .find(|at| speakers[*at] == speaker && chosen[*at].is_some());
        let distance = |at: usize| distance(lines, index, at);
        let score = |candidate: &Candidate| {
            let figure = Some(candidate.figure);
            let mut score = sum(table, &candidate.hears);
            let roles = [
                ("spoke before", before.filter(|at| speakers[*at] == figure)),
                ("speaks after", after.filter(|at| speakers[*at] == figure)),
                ("heard before", same.filter(|at| chosen[*at] == figure)),
            ];
            for (role, at) in roles {
                if let Some(at) = at {
                    score += table.get(&(role, distance(at))).unwrap_or(&0.0);
                }
            }
            score
        };
        let mut best: (f32, Option<usize>) = (sum(table, &line.nobody), None);
        for candidate in &line.candidates {
            if Some(candidate.figure) == speaker {
                continue;
            }
            let score = score(candidate);
            if score > best.0 {
                best = (score, Some(candidate.figure));
            }
        }
        chosen.push(best.1);
    }
    chosen
}

/// How far apart two lines are.
fn distance(lines: &[Line], one: usize, other: usize) -> &'static str {
    let paragraphs = lines[one].paragraph.abs_diff(lines[other].paragraph);
    match (paragraphs, one.abs_diff(other)) {
        (0, _) => "same paragraph",
        (1, _) => "next paragraph",
        (2, _) => "one between",
        (_, 1) => "next line",
        (3..=5, _) => "near",
        _ => "far",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(figure: usize, speaks: &[Clue]) -> Candidate {
        Candidate {
            figure,
            speaks: speaks.to_vec(),
            hears: Vec::new(),
            heard: 0.0,
        }
    }

    fn bare(paragraph: usize) -> Line {
        Line {
            paragraph,
            turn: vec!["next", "next, bare"],
            candidates: vec![candidate(1, &[]), candidate(2, &[])],
            ..Line::default()
        }
    }

    #[test]
    fn untagged_lines_are_spoken_in_turn() {
        let mut lines: Vec<Line> = (0..6).map(bare).collect();
        lines[0].certain = Some(2);
        let found = speakers(&lines);
        assert_eq!(found, [2, 1, 2, 1, 2, 1].map(Some));
    }

    #[test]
    fn a_later_name_decides_the_lines_before_it() {
        let mut lines: Vec<Line> = (0..4).map(bare).collect();
        lines[3].certain = Some(1);
        assert_eq!(speakers(&lines), [2, 1, 2, 1].map(Some));
    }

    #[test]
    fn a_line_that_goes_on_keeps_its_speaker() {
        let mut lines: Vec<Line> = (0..3).map(bare).collect();
        lines[0].certain = Some(2);
        lines[1].follows = true;
        assert_eq!(speakers(&lines), [2, 2, 1].map(Some));
    }

    #[test]
    fn a_line_without_anybody_near_stays_open_and_the_turns_go_on() {
        let mut lines: Vec<Line> = (0..3).map(bare).collect();
        lines[0].certain = Some(1);
        lines[1].candidates.clear();
        assert_eq!(speakers(&lines)[1], None);
        assert_eq!(speakers(&[]), []);
    }

    #[test]
    fn nobody_speaks_to_oneself_and_who_is_called_hears() {
        let mut line = bare(0);
        line.candidates[0].hears.push(("the line", "calls"));
        line.candidates[1].hears.push(("the line", "names"));
        assert_eq!(addressees(&[line.clone()], &[Some(2)]), [Some(1)]);
        assert_ne!(addressees(&[line], &[Some(1)]), [Some(1)]);
    }
}
