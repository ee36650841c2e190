//! The rows of stories that were read.

use std::io;

use fabula_story::{Story, Storyboard};
use rusqlite::{OptionalExtension as _, named_params};

use super::{Json, Records};
use crate::id::Id;

/// A story as it is kept.
#[derive(Clone, Debug)]
pub struct StoryRecord {
    /// Grows with each change.
    pub revision: u32,
    /// Seconds since 1970.
    pub created_s: u64,
    /// With all corrections.
    pub story: Story,
    /// The storyboard, if it was changed by hand after the last correction.
    pub edited: Option<Storyboard>,
}

impl Records {
    /// Keeps a story. The oldest beyond `most` make room; gives their ids.
    pub fn add_story(&self, id: Id, story: &StoryRecord, most: usize) -> io::Result<Vec<Id>> {
        let surplus: Vec<Id> = self.write(|transaction| {
            transaction.execute(
                "INSERT INTO analyses (id, revision, created_s, story, edited)
                 VALUES (:id, :revision, :created_s, :story, :edited)",
                named_params! {
                    ":id": id,
                    ":revision": story.revision,
                    ":created_s": story.created_s,
                    ":story": Json(&story.story),
                    ":edited": story.edited.as_ref().map(Json),
                },
            )?;
            let mut surplus = transaction.prepare(
                "DELETE FROM analyses WHERE number IN
                 (SELECT number FROM analyses ORDER BY number DESC LIMIT -1 OFFSET ?1)
                 RETURNING id",
            )?;
            surplus
                .query_map([most as u64], |row| row.get(0))?
                .collect()
        })?;
        if !surplus.is_empty() {
            self.erase_deleted();
        }
        Ok(surplus)
    }

    /// A story, if it is there.
    pub fn story(&self, id: Id) -> io::Result<Option<StoryRecord>> {
        self.read(|connection| {
            let sql = "SELECT revision, created_s, story, edited FROM analyses WHERE id = ?1";
            let record = connection.query_row(sql, [id], |row| {
                Ok(StoryRecord {
                    revision: row.get("revision")?,
                    created_s: row.get("created_s")?,
                    story: row.get::<_, Json<_>>("story")?.0,
                    edited: row.get::<_, Option<Json<_>>>("edited")?.map(|Json(it)| it),
                })
            });
            record.optional()
        })
    }

    /// Keeps a changed story in the place of what it was.
    pub fn change_story(&self, id: Id, story: &StoryRecord) -> io::Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE analyses SET revision = :revision, story = :story, edited = :edited
                 WHERE id = :id",
                named_params! {
                    ":id": id,
                    ":revision": story.revision,
                    ":story": Json(&story.story),
                    ":edited": story.edited.as_ref().map(Json),
                },
            )
        })?;
        Ok(())
    }

    /// Deletes a story, and says whether it was there.
    pub fn remove_story(&self, id: Id) -> io::Result<bool> {
        let sql = "DELETE FROM analyses WHERE id = ?1";
        let count = self.delete(|transaction| transaction.execute(sql, [id]))?;
        Ok(count > 0)
    }

    /// Deletes stories that came before `created_s`, and gives their ids.
    pub fn expire_stories(&self, created_s: u64) -> io::Result<Vec<Id>> {
        self.delete(|transaction| {
            let mut old =
                transaction.prepare("DELETE FROM analyses WHERE created_s < ?1 RETURNING id")?;
            old.query_map([created_s], |row| row.get(0))?.collect()
        })
    }
}
