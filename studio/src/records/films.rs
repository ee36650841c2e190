//! The rows of films and of the storyboards that they are made of.

use std::io;

use fabula_story::Storyboard;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, named_params};
use serde::Serialize;

use super::{Json, Records};
use crate::FilmOptions;
use crate::id::Id;

/// Where a film is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// Is being made.
    Rendering,
    /// Can be seen.
    Done,
    /// Could not be made.
    Failed,
    /// Was called off.
    Cancelled,
}

impl State {
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Rendering,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Whether nothing more happens to the film.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Rendering => "rendering",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        let state = Self::ALL.into_iter().find(|state| state.name() == name);
        state.ok_or(FromSqlError::InvalidType)
    }
}

/// A film as it is kept, without its storyboard.
#[derive(Clone, Debug)]
pub struct FilmRecord {
    /// Who may see it in a list.
    pub session: Option<Id>,
    /// Whose film it is.
    pub analysis: Id,
    pub title: String,
    pub options: FilmOptions,
    pub state: State,
    /// Where it stands in the queue: films are made in this order.
    pub turn: u64,
    pub attempts: u32,
    /// Seconds since 1970.
    pub created_s: u64,
    pub finished_s: Option<u64>,
    pub length_s: Option<f64>,
    pub size_bytes: Option<u64>,
    pub gpu: Option<String>,
    pub encoder: Option<String>,
    /// Why it failed, in a sentence.
    pub error: Option<String>,
}

impl FilmRecord {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            session: row.get("session")?,
            analysis: row.get("analysis")?,
            title: row.get("title")?,
            options: row.get::<_, Json<_>>("options")?.0,
            state: row.get("state")?,
            turn: row.get("turn")?,
            attempts: row.get("attempts")?,
            created_s: row.get("created_s")?,
            finished_s: row.get("finished_s")?,
            length_s: row.get("length_s")?,
            size_bytes: row.get("size_bytes")?,
            gpu: row.get("gpu")?,
            encoder: row.get("encoder")?,
            error: row.get("error")?,
        })
    }
}

impl Records {
    /// All films in the order of their turns.
    pub fn films(&self) -> io::Result<Vec<(Id, FilmRecord)>> {
        self.read(|connection| {
            let mut films = connection.prepare("SELECT * FROM films ORDER BY turn")?;
            let films =
                films.query_map([], |row| Ok((row.get("id")?, FilmRecord::from_row(row)?)))?;
            films.collect()
        })
    }

    /// Keeps a new film.
    pub fn add_film(&self, id: Id, film: &FilmRecord, board: &Storyboard) -> io::Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO films
                 (turn, id, session, analysis, title, options, state, attempts, created_s)
                 VALUES
                 (:turn, :id, :session, :analysis, :title, :options, :state, :attempts, :created_s)",
                named_params! {
                    ":turn": film.turn,
                    ":id": id,
                    ":session": film.session,
                    ":analysis": film.analysis,
                    ":title": film.title,
                    ":options": Json(film.options),
                    ":state": film.state,
                    ":attempts": film.attempts,
                    ":created_s": film.created_s,
                },
            )?;
            let sql = "INSERT INTO boards (film, board) VALUES (?1, ?2)";
            transaction.execute(sql, (id, Json(board)))
        })?;
        Ok(())
    }

    /// Keeps what became of a film.
    pub fn change_film(&self, id: Id, film: &FilmRecord) -> io::Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE films SET state = :state, attempts = :attempts, finished_s = :finished_s,
                 length_s = :length_s, size_bytes = :size_bytes, gpu = :gpu, encoder = :encoder,
                 error = :error
                 WHERE id = :id",
                named_params! {
                    ":id": id,
                    ":state": film.state,
                    ":attempts": film.attempts,
                    ":finished_s": film.finished_s,
                    ":length_s": film.length_s,
                    ":size_bytes": film.size_bytes,
                    ":gpu": film.gpu,
                    ":encoder": film.encoder,
                    ":error": film.error,
                },
            )
        })?;
        Ok(())
    }

    /// The storyboard of a film.
    pub fn board(&self, id: Id) -> io::Result<Storyboard> {
        let sql = "SELECT board FROM boards WHERE film = ?1";
        let Json(board) = self.read(|connection| {
            connection.query_row(sql, [id], |row| row.get::<_, Json<Storyboard>>(0))
        })?;
        // What contradicts what is said in words of the story, and those stay out of logs.
        board
            .check()
            .map_err(|_| io::Error::other("the storyboard contradicts itself"))?;
        Ok(board)
    }

    /// Deletes films, whose files are gone already.
    pub fn remove_films(&self, ids: &[Id]) -> io::Result<()> {
        self.delete(|transaction| {
            let mut film = transaction.prepare("DELETE FROM films WHERE id = ?1")?;
            ids.iter().try_for_each(|id| film.execute([id]).map(drop))
        })
    }
}
