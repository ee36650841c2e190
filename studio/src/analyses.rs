//! What was understood of stories, kept while a person looks at it and corrects it.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use fabula_story::{Story, Storyboard};
use serde_json::Value;
use thiserror::Error;

use crate::corrections::Corrections;
use crate::id::Id;
use crate::records::{Records, StoryRecord};
use crate::{lock, now_s};

/// Analyses that are kept in memory too, because someone looks at them.
const AT_HAND: usize = 16;
/// The most analyses that are kept; the oldest makes room.
const MOST_ANALYSES: usize = 1000;
/// The longest film that a storyboard edited by hand may ask for.
const LONGEST_FILM_S: f64 = 3.0 * 3600.0;
/// The most that it may hold: more than is planned for any story that is taken.
const MOST_ROLES: usize = 200;
const MOST_SCENES: usize = 1000;
const MOST_SHOTS: usize = 4000;
const MOST_ACTORS: usize = 40;

/// A story as it was understood, and its storyboard.
#[derive(Debug)]
pub struct Analysis {
    pub id: Id,
    pub kept: StoryRecord,
    /// The film as it would be made now.
    pub board: Arc<Storyboard>,
}

/// Why there is no such analysis, or not with this change.
#[derive(Debug, Error)]
pub enum AnalysisError {
    #[error("there is no such analysis; it may have been deleted, or a day is over")]
    Unknown,
    #[error("{0}")]
    Unfit(String),
    #[error(transparent)]
    Disk(#[from] io::Error),
}

/// All analyses.
#[derive(Debug)]
pub struct Analyses {
    records: Arc<Records>,
    at_hand: Mutex<VecDeque<Arc<Analysis>>>,
    /// Held while one is changed, so that no change is lost, and none comes back.
    changing: Mutex<()>,
}

impl Analyses {
    pub fn new(records: Arc<Records>) -> Self {
        Self {
            records,
            at_hand: Mutex::default(),
            changing: Mutex::default(),
        }
    }

    /// Keeps a story that was just read.
    pub fn add(&self, mut story: Story) -> Result<Arc<Analysis>, AnalysisError> {
        // Words one by one are for linguists; a film needs none.
        story.tokens.clear();
        let id = Id::random().map_err(io::Error::other)?;
        let kept = StoryRecord {
            revision: 1,
            created_s: now_s(),
            story,
            edited: None,
        };
        let _changing = lock(&self.changing);
        let surplus = self.records.add_story(id, &kept, MOST_ANALYSES)?;
        self.forget(&surplus);
        Ok(self.remember(Analysis::new(id, kept)))
    }

    pub fn get(&self, id: Id) -> Result<Arc<Analysis>, AnalysisError> {
        if let Some(analysis) = self.recall(id) {
            return Ok(analysis);
        }
        let _changing = lock(&self.changing);
        self.find(id)
    }

    /// Corrects the story; the storyboard is planned anew.
    pub fn correct(
        &self,
        id: Id,
        corrections: &Corrections,
    ) -> Result<Arc<Analysis>, AnalysisError> {
        self.change(id, |analysis| {
            let story = corrections.apply(&analysis.kept.story)?;
            Ok((story, None))
        })
    }

    /// Changes the storyboard as JSON Merge Patch (RFC 7396) says.
    pub fn edit(&self, id: Id, patch: &Value) -> Result<Arc<Analysis>, AnalysisError> {
        self.change(id, |analysis| {
            let mut board = serde_json::to_value(&*analysis.board).map_err(|e| e.to_string())?;
            merge(&mut board, patch);
            let mut board =
                Storyboard::from_json(&board.to_string()).map_err(|error| error.to_string())?;
            check_extent(&board)?;
            fabula_direct::fill_mouths(&mut board);
            Ok((analysis.kept.story.clone(), Some(board)))
        })
    }

    pub fn remove(&self, id: Id) -> Result<(), AnalysisError> {
        let _changing = lock(&self.changing);
        let was_there = self.records.remove_story(id)?;
        self.forget(&[id]);
        was_there.then_some(()).ok_or(AnalysisError::Unknown)
    }

    /// Removes what was created before `created_s`.
    pub fn expire(&self, created_s: u64) -> io::Result<()> {
        let _changing = lock(&self.changing);
        self.forget(&self.records.expire_stories(created_s)?);
        Ok(())
    }

    fn change(
        &self,
        id: Id,
        change: impl FnOnce(&Analysis) -> Result<(Story, Option<Storyboard>), String>,
    ) -> Result<Arc<Analysis>, AnalysisError> {
        let _changing = lock(&self.changing);
        let analysis = self.find(id)?;
        let (story, edited) = change(&analysis).map_err(AnalysisError::Unfit)?;
        let kept = StoryRecord {
            revision: analysis.kept.revision + 1,
            created_s: analysis.kept.created_s,
            story,
            edited,
        };
        self.records.change_story(id, &kept)?;
        Ok(self.remember(Analysis::new(id, kept)))
    }

    /// An analysis, in memory or in the records. Nobody may delete it meanwhile.
    fn find(&self, id: Id) -> Result<Arc<Analysis>, AnalysisError> {
        if let Some(analysis) = self.recall(id) {
            return Ok(analysis);
        }
        let kept = self.records.story(id)?.ok_or(AnalysisError::Unknown)?;
        let holds = kept.story.check().and_then(|()| {
            let edited = kept.edited.as_ref();
            edited.map_or(Ok(()), Storyboard::check)
        });
        // What contradicts what is said in words of the story, and those stay out of logs.
        holds.map_err(|_| io::Error::other("the record contradicts itself"))?;
        Ok(self.remember(Analysis::new(id, kept)))
    }

    fn recall(&self, id: Id) -> Option<Arc<Analysis>> {
        self.at_hand().iter().find(|it| it.id == id).cloned()
    }

    fn remember(&self, analysis: Analysis) -> Arc<Analysis> {
        let analysis = Arc::new(analysis);
        let mut at_hand = self.at_hand();
        at_hand.retain(|it| it.id != analysis.id);
        at_hand.push_back(Arc::clone(&analysis));
        if at_hand.len() > AT_HAND {
            at_hand.pop_front();
        }
        analysis
    }

    fn forget(&self, ids: &[Id]) {
        self.at_hand().retain(|it| !ids.contains(&it.id));
    }

    fn at_hand(&self) -> MutexGuard<'_, VecDeque<Arc<Analysis>>> {
        lock(&self.at_hand)
    }
}

impl Analysis {
    fn new(id: Id, kept: StoryRecord) -> Self {
        let board = match &kept.edited {
            Some(board) => board.clone(),
            None => fabula_direct::direct(&kept.story, &fabula_direct::Options::default()),
        };
        Self {
            id,
            kept,
            board: Arc::new(board),
        }
    }
}

/// Whether a storyboard asks for no more than one person may have of a machine.
fn check_extent(board: &Storyboard) -> Result<(), String> {
    let within = |path: &str, what: &str, count: usize, most: usize| {
        if count <= most {
            return Ok(());
        }
        Err(format!(
            "{path}: there are {count} {what}; leave at most {most}"
        ))
    };
    within("cast", "roles", board.cast.len(), MOST_ROLES)?;
    within("scenes", "scenes", board.scenes.len(), MOST_SCENES)?;
    let shots = board.scenes.iter().map(|scene| scene.shots.len()).sum();
    within("scenes", "shots", shots, MOST_SHOTS)?;
    for (index, scene) in board.scenes.iter().enumerate() {
        for (number, shot) in scene.shots.iter().enumerate() {
            let path = format!("scenes[{index}].shots[{number}].actors");
            within(&path, "actors", shot.actors.len(), MOST_ACTORS)?;
        }
    }
    let length_s = fabula_story::Timeline::new(board).duration_s();
    if length_s > LONGEST_FILM_S {
        return Err(format!(
            "the film would run for {length_s:.0} s; the longest is {LONGEST_FILM_S:.0} s"
        ));
    }
    Ok(())
}

/// Merges `patch` into `target` after RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::folder::DataFolder;

    fn story() -> Story {
        let sample = include_str!("../../engine/story/tests/samples/story.json");
        Story::from_json(sample).unwrap()
    }

    fn analyses(place: &tempfile::TempDir) -> Analyses {
        let folder = Arc::new(DataFolder::open(place.path()).unwrap());
        Analyses::new(Arc::new(Records::open(folder).unwrap()))
    }

    #[test]
    fn merging_follows_the_standard() {
        for (target, patch, expected) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b","b":1}), json!({"a":null}), json!({"b":1})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!(["a"]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (
                json!({}),
                json!({"a":{"b":{"c":null}}}),
                json!({"a":{"b":{}}}),
            ),
        ] {
            let mut target = target;
            merge(&mut target, &patch);
            assert_eq!(target, expected);
        }
    }

    #[test]
    fn changes_outlive_the_studio() {
        let place = tempfile::tempdir().unwrap();
        let first = analyses(&place);
        let id = first.add(story()).unwrap().id;
        let corrections = serde_json::from_value(json!({"title": "Another"})).unwrap();
        assert_eq!(first.correct(id, &corrections).unwrap().kept.revision, 2);
        let edited = first
            .edit(id, &json!({"closing": {"title": "Fin"}}))
            .unwrap();
        assert_eq!(edited.board.closing.title, "Fin");
        drop((first, edited));
        let second = analyses(&place);
        let analysis = second.get(id).unwrap();
        assert_eq!(analysis.kept.revision, 3);
        assert_eq!(analysis.board.title, "Another");
        assert_eq!(analysis.board.closing.title, "Fin");
        // A correction plans the film anew.
        let corrected = second.correct(id, &corrections).unwrap();
        assert_ne!(corrected.board.closing.title, "Fin");
    }

    #[test]
    fn a_storyboard_that_contradicts_itself_is_refused_and_changes_nothing() {
        let place = tempfile::tempdir().unwrap();
        let analyses = analyses(&place);
        let id = analyses.add(story()).unwrap().id;
        for patch in [
            json!({"opening": {"duration_s": -1}}),
            json!({"scenes": [{}]}),
            json!({"format": null}),
            json!("text"),
        ] {
            let outcome = analyses.edit(id, &patch);
            assert!(matches!(outcome, Err(AnalysisError::Unfit(_))), "{patch}");
        }
        assert_eq!(analyses.get(id).unwrap().kept.revision, 1);
    }

    #[test]
    fn a_storyboard_that_asks_for_too_much_is_refused_with_its_place() {
        let place = tempfile::tempdir().unwrap();
        let analyses = analyses(&place);
        let analysis = analyses.add(story()).unwrap();
        let board = serde_json::to_value(&*analysis.board).unwrap();
        let many = |one: &Value, count: usize| -> Value {
            let numbered = (0..count).map(|number| {
                let mut one = one.clone();
                one["id"] = format!("n{number}").into();
                one
            });
            numbered.collect()
        };
        let mut scene = board["scenes"][0].clone();
        let mut shot = scene["shots"][0].clone();
        scene["transition"] = json!({"kind": "cut", "duration_s": 0.0});
        let mut crowded = scene.clone();
        shot["duration_s"] = 1.0.into();
        for key in ["focus", "speech", "captions"] {
            shot[key] = json!([]);
        }
        let mut long = scene.clone();
        long["shots"] = many(&shot, MOST_SHOTS + 1);
        let extras = many(&board["cast"][0], MOST_ACTORS + 1);
        let actors = extras.as_array().unwrap().iter().map(|role| {
            json!({"role": role["id"], "x": 0.0, "facing": "left", "pose": "stand", "cues": []})
        });
        shot["actors"] = actors.collect();
        shot["duration_s"] = 4.0.into();
        crowded["shots"] = json!([shot]);
        for (patch, sentence) in [
            (
                json!({"cast": many(&board["cast"][0], MOST_ROLES + 1), "scenes": []}),
                "cast: there are 201 roles; leave at most 200",
            ),
            (json!({"scenes": [long]}), "4001 shots; leave at most 4000"),
            (
                json!({"cast": extras, "scenes": [crowded]}),
                "scenes[0].shots[0].actors: there are 41 actors",
            ),
        ] {
            let error = analyses.edit(analysis.id, &patch).unwrap_err().to_string();
            assert!(error.contains(sentence), "{error}");
        }
    }

    #[test]
    fn what_is_out_of_date_goes() {
        let place = tempfile::tempdir().unwrap();
        let analyses = analyses(&place);
        let id = analyses.add(story()).unwrap().id;
        analyses.expire(now_s() - 10).unwrap();
        analyses.get(id).unwrap();
        analyses.expire(now_s() + 10).unwrap();
        assert!(matches!(analyses.get(id), Err(AnalysisError::Unknown)));
    }
}
