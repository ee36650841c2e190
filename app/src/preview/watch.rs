//! Whether files have changed on disk and are ready to be read again.
//!
//! Editors write in several steps, and many put a new file in the place of the old one. So
//! they are looked at a few times a second, and read when two looks in a row see the same new state.

use std::path::Path;
use std::time::{Duration, SystemTime};

/// Time between two looks.
pub const LOOK_EVERY: Duration = Duration::from_millis(120);

/// What a look at a file sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// When it was changed and how long it is.
    File(Option<SystemTime>, u64),
    /// Nothing has this name.
    Gone,
}

impl Sight {
    pub fn of(path: &Path) -> Self {
        std::fs::metadata(path).map_or(Self::Gone, |file| {
            Self::File(file.modified().ok(), file.len())
        })
    }
}

/// What follows from a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing is to be done.
    Same,
    /// The files are to be read again.
    Changed,
}

/// What was seen of a file, or of several.
#[derive(Clone, Debug)]
pub struct Watch<S> {
    /// What was read last.
    read: S,
    /// What was seen last.
    seen: S,
}

impl<S: Clone + Eq> Watch<S> {
    /// `sight` is what the files were like before they were read for the first time.
    pub fn new(sight: S) -> Self {
        Self {
            read: sight.clone(),
            seen: sight,
        }
    }

    /// Takes note of more that was read, such as files that another one names.
    pub fn amend(&mut self, amend: impl Fn(&mut S)) {
        amend(&mut self.read);
        amend(&mut self.seen);
    }

    pub fn look(&mut self, sight: S) -> Finding {
        let settled = sight == self.seen;
        self.seen = sight.clone();
        if settled && sight != self.read {
            self.read = sight;
            Finding::Changed
        } else {
            Finding::Same
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(second: u64, len: u64) -> Sight {
        Sight::File(
            Some(SystemTime::UNIX_EPOCH + Duration::from_secs(second)),
            len,
        )
    }

    #[test]
    fn a_file_is_read_once_when_it_has_come_to_rest() {
        let mut watch = Watch::new(file(1, 100));
        assert_eq!(watch.look(file(1, 100)), Finding::Same);
        assert_eq!(watch.look(file(2, 0)), Finding::Same, "just emptied");
        assert_eq!(watch.look(file(2, 50)), Finding::Same, "half written");
        assert_eq!(watch.look(file(2, 101)), Finding::Same);
        assert_eq!(watch.look(file(2, 101)), Finding::Changed);
        assert_eq!(watch.look(file(2, 101)), Finding::Same);
    }

    #[test]
    fn the_moment_without_a_file_while_an_editor_replaces_it_is_no_change() {
        let mut watch = Watch::new(file(1, 100));
        assert_eq!(watch.look(Sight::Gone), Finding::Same);
        assert_eq!(watch.look(file(1, 100)), Finding::Same);
        assert_eq!(watch.look(file(1, 100)), Finding::Same);
    }

    #[test]
    fn files_that_another_one_names_are_not_read_twice_and_watched_from_then_on() {
        let mut watch = Watch::new(vec![file(1, 100)]);
        watch.amend(|sights| sights.push(Sight::Gone));
        let named = vec![file(1, 100), Sight::Gone];
        assert_eq!(watch.look(named.clone()), Finding::Same);
        assert_eq!(watch.look(named), Finding::Same);
        let there = vec![file(1, 100), file(2, 50)];
        assert_eq!(watch.look(there.clone()), Finding::Same);
        assert_eq!(watch.look(there), Finding::Changed);
    }

    #[test]
    fn a_file_that_stays_away_is_noticed_and_so_is_its_return() {
        let mut watch = Watch::new(file(1, 100));
        watch.look(Sight::Gone);
        assert_eq!(watch.look(Sight::Gone), Finding::Changed);
        assert_eq!(watch.look(Sight::Gone), Finding::Same);
        watch.look(file(1, 100));
        assert_eq!(watch.look(file(1, 100)), Finding::Changed);
    }
}
