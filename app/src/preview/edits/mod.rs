//! What a person changes in the panels, and how it gets into the file: `cast.toml` for a story
//! (`cast_toml`), the storyboard itself for a storyboard (`board_json`). The rest of the file stays
//! as it was, and every change can be undone.

mod board_json;
mod cast_toml;

use std::path::{Path, PathBuf};

use fabula_story::{Age, Build, Color, DayTime, Emotion, Gender, Story, TransitionKind, Weather};

use crate::failure::Failure;
use crate::output;

pub use board_json::emotion_of;

/// No file that is written to is longer.
const LONGEST_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// What the texts that can be gone back to take together.
const MOST_HISTORY_BYTES: usize = 64 * 1024 * 1024;
/// The longest name or description of looks, in characters.
const LONGEST_WORDS: usize = 60;

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Of a character or role, by its id.
    Character(String, CharacterEdit),
    /// Of a scene, by its number from 0.
    Scene(usize, SceneEdit),
    /// Of a line, by its number from 0: in a story that of the quote, in a storyboard that of the
    /// speech, counted through all shots.
    Line(usize, LineEdit),
}

/// A change of a character.
#[derive(Clone, Debug, PartialEq)]
pub enum CharacterEdit {
    Name(String),
    Being(String),
    Age(Age),
    /// Of a story only.
    Gender(Gender),
    /// Looks as a story tells them, such as `hair` and `red`; of a story only.
    Trait(String, String),
    /// Looks as a storyboard has them, by the name of the field; of a storyboard only.
    Color(&'static str, Color),
    /// The same, for `hair_style` and `outfit`.
    Part(&'static str, String),
    /// The same.
    Accessories(Vec<String>),
    /// The same.
    Build(Build),
    /// The same, 0.5 to 1.5.
    Height(f32),
}

/// A change of a scene.
#[derive(Clone, Debug, PartialEq)]
pub enum SceneEdit {
    Place(String),
    Time(DayTime),
    Weather(Weather),
    Indoor(bool),
    /// Of a story only.
    Emotion(Emotion),
    /// How it appears; only in a story that may be left to the director.
    Transition(Option<TransitionKind>),
}

/// A change of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum LineEdit {
    /// Who says it, by id; nobody is a narrator, whom only a storyboard has.
    Speaker(Option<String>),
    /// How it is said.
    Emotion(Emotion),
}

/// Which file is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The corrections of a story, which need not exist yet.
    Cast(PathBuf),
    /// A storyboard.
    Board(PathBuf),
    /// None: the story came from standard input.
    Nowhere,
}

/// A text of the file that was replaced by another one; none where there was no file.
#[derive(Clone, Debug)]
struct Replaced {
    before: Option<String>,
    after: Option<String>,
}

impl Replaced {
    fn len(&self) -> usize {
        [&self.before, &self.after]
            .into_iter()
            .flatten()
            .map(String::len)
            .sum()
    }
}

/// The file that changes go to, and what can be undone.
#[derive(Debug)]
pub struct Desk {
    target: Target,
    done: Vec<Replaced>,
    undone: Vec<Replaced>,
}

impl Desk {
    pub fn new(target: Target) -> Self {
        Self {
            target,
            done: Vec::new(),
            undone: Vec::new(),
        }
    }

    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Writes a change into the file. `read` is the story as it was read, without corrections.
    pub fn edit(&mut self, edit: &Edit, read: Option<&Story>) -> Result<(), Failure> {
        check_words(edit)?;
        let path = self.path()?.to_owned();
        let before = text_of(&path)?;
        let name = path.display();
        let after = match (&self.target, read) {
            (Target::Cast(_), Some(read)) => {
                cast_toml::with(before.as_deref().unwrap_or_default(), read, edit)
            }
            (Target::Board(_), _) => match &before {
                Some(text) => board_json::with(text, edit),
                None => Err("it has gone".to_owned()),
            },
            _ => Err("the story has not been read".to_owned()),
        };
        let after = after.map_err(|cause| {
            Failure::input(format!("{name} was left as it is, because {cause}"))
        })?;
        // A file with nothing in it is no use to anybody.
        let nothing_left = matches!(self.target, Target::Cast(_)) && after.trim().is_empty();
        let step = Replaced {
            before,
            after: (!nothing_left).then_some(after),
        };
        if step.before == step.after {
            return Ok(());
        }
        replace(&path, step.after.as_deref())?;
        self.undone.clear();
        self.done.push(step);
        let mut bytes: usize = self.done.iter().map(Replaced::len).sum();
        while bytes > MOST_HISTORY_BYTES && self.done.len() > 1 {
            bytes -= self.done.remove(0).len();
        }
        Ok(())
    }

    /// Takes the last change back; says whether there was one.
    pub fn undo(&mut self) -> Result<bool, Failure> {
        let Some(step) = self.done.last().cloned() else {
            return Ok(false);
        };
        self.exchange(step.after.as_deref(), step.before.as_deref())?;
        self.undone.extend(self.done.pop());
        Ok(true)
    }

    /// Makes the last change again that was taken back; says whether there was one.
    pub fn redo(&mut self) -> Result<bool, Failure> {
        let Some(step) = self.undone.last().cloned() else {
            return Ok(false);
        };
        self.exchange(step.before.as_deref(), step.after.as_deref())?;
        self.done.extend(self.undone.pop());
        Ok(true)
    }

    /// Puts one text in the place of another, but never in that of what somebody else has written.
    fn exchange(&mut self, there: Option<&str>, wanted: Option<&str>) -> Result<(), Failure> {
        let path = self.path()?.to_owned();
        if text_of(&path)?.as_deref() != there {
            self.done.clear();
            self.undone.clear();
            return Err(Failure::input(format!(
                "{} was changed elsewhere meanwhile and was left as it is",
                path.display()
            )));
        }
        replace(&path, wanted)
    }

    fn path(&self) -> Result<&Path, Failure> {
        match &self.target {
            Target::Cast(path) | Target::Board(path) => Ok(path),
            Target::Nowhere => Err(Failure::input(
                "a story from standard input cannot be changed; save it in a file and open that",
            )),
        }
    }
}

/// Refuses words that no name or description of looks consists of.
fn check_words(edit: &Edit) -> Result<(), Failure> {
    let (words, is_name) = match edit {
        Edit::Character(
            _,
            CharacterEdit::Name(words)
            | CharacterEdit::Being(words)
            | CharacterEdit::Part(_, words),
        )
        | Edit::Scene(_, SceneEdit::Place(words)) => (words, true),
        Edit::Character(_, CharacterEdit::Trait(_, words)) => (words, false),
        _ => return Ok(()),
    };
    if is_name && words.trim().is_empty() {
        return Err(Failure::input("write at least one letter"));
    }
    if words.chars().count() > LONGEST_WORDS {
        return Err(Failure::input(format!(
            "write at most {LONGEST_WORDS} characters"
        )));
    }
    if words.chars().any(char::is_control) {
        return Err(Failure::input("write it in one line"));
    }
    Ok(())
}

/// What a file says, if there is one.
fn text_of(path: &Path) -> Result<Option<String>, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::input(format!("{} cannot be read: {error}", path.display()))
    };
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
        Ok(file) if file.len() > LONGEST_FILE_BYTES => {
            return Err(unreadable(&format!(
                "it is longer than {} MB",
                LONGEST_FILE_BYTES >> 20
            )));
        }
        Ok(_) => {}
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) => Err(unreadable(&error)),
    }
}

/// Gives a file another text, at once, or takes it away.
fn replace(path: &Path, text: Option<&str>) -> Result<(), Failure> {
    // What a link points to is replaced, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let Some(text) = text else {
        return std::fs::remove_file(&path).map_err(|error| Failure::output(&path, &error));
    };
    let allowed = std::fs::metadata(&path).map(|file| file.permissions());
    output::write(&path, text.as_bytes())?;
    match allowed {
        Ok(allowed) => {
            std::fs::set_permissions(&path, allowed).map_err(|error| Failure::output(&path, &error))
        }
        Err(_) => Ok(()),
    }
}

/// How a document writes a value that it writes as one word.
fn word<T: serde::Serialize>(value: &T) -> Result<String, String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        Ok(other) => Err(format!("{other} is no word")),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOARD: &str = include_str!("../../../../engine/story/tests/samples/storyboard.json");

    fn rename(name: &str) -> Edit {
        Edit::Character("c1".to_owned(), CharacterEdit::Name(name.to_owned()))
    }

    fn board_desk() -> (tempfile::TempDir, PathBuf, Desk) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board.json");
        std::fs::write(&path, BOARD).unwrap();
        let desk = Desk::new(Target::Board(path.clone()));
        (folder, path, desk)
    }

    fn read(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    fn story() -> Story {
        let sample = include_str!("../../../../engine/story/tests/samples/story.json");
        Story::from_json(sample).unwrap()
    }

    #[test]
    fn changes_are_taken_back_and_made_again_one_by_one() {
        let (_folder, path, mut desk) = board_desk();
        assert!(!desk.undo().unwrap());
        desk.edit(&rename("Rena"), None).unwrap();
        let once = read(&path);
        desk.edit(&rename("Tod"), None).unwrap();
        let twice = read(&path);
        assert!(desk.undo().unwrap());
        assert_eq!(read(&path), once);
        assert!(desk.undo().unwrap());
        assert_eq!(read(&path), BOARD);
        assert!(!desk.can_undo() && desk.can_redo());
        assert!(desk.redo().unwrap() && desk.redo().unwrap());
        assert_eq!(read(&path), twice);
        assert!(!desk.redo().unwrap());
        desk.undo().unwrap();
        desk.edit(&rename("Fay"), None).unwrap();
        assert!(!desk.can_redo(), "another way was taken");
    }

    #[test]
    fn what_somebody_else_has_written_is_never_undone() {
        let (_folder, path, mut desk) = board_desk();
        desk.edit(&rename("Rena"), None).unwrap();
        let theirs = BOARD.replace("Vix", "Theirs");
        std::fs::write(&path, &theirs).unwrap();
        let failure = desk.undo().unwrap_err();
        assert!(failure.message.contains("changed elsewhere"), "{failure:?}");
        assert_eq!(read(&path), theirs);
        assert!(!desk.can_undo());
    }

    #[test]
    fn the_first_correction_makes_the_file_and_undoing_it_takes_it_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fox.cast.toml");
        let mut desk = Desk::new(Target::Cast(path.clone()));
        let story = story();
        let id = story.characters[0].id.clone();
        let edit = Edit::Character(
            id,
            CharacterEdit::Trait("hair".to_owned(), "red".to_owned()),
        );
        desk.edit(&edit, Some(&story)).unwrap();
        assert!(read(&path).contains("traits = { hair = \"red\" }"));
        desk.undo().unwrap();
        assert!(!path.exists());
        desk.redo().unwrap();
        assert!(path.exists());
    }

    #[test]
    fn a_change_back_to_what_was_read_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fox.cast.toml");
        let mut desk = Desk::new(Target::Cast(path.clone()));
        let story = story();
        let character = &story.characters[0];
        for being in ["wolf", character.being.as_str()] {
            let edit = CharacterEdit::Being(being.to_owned());
            desk.edit(&Edit::Character(character.id.clone(), edit), Some(&story))
                .unwrap();
        }
        assert!(!path.exists());
    }

    #[test]
    fn words_that_name_nobody_are_refused_before_anything_is_written() {
        let (_folder, path, mut desk) = board_desk();
        for wrong in ["", "  ", "a\nb", &"a".repeat(61)] {
            desk.edit(&rename(wrong), None).unwrap_err();
        }
        assert_eq!(read(&path), BOARD);
        let mut nowhere = Desk::new(Target::Nowhere);
        let failure = nowhere.edit(&rename("Rena"), None).unwrap_err();
        assert!(failure.message.contains("save it in a file"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, path, _) = board_desk();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut desk = Desk::new(Target::Board(link.clone()));
        desk.edit(&rename("Rena"), None).unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert!(read(&path).contains("Rena"));
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}
