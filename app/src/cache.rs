//! Readings that are kept: an unchanged text is not read again for a day.
//!
//! An entry is a file `<key>.json`, where the key is the SHA-256 of everything that decides what
//! is read: the version and sources of fabula, what reads, and the document's title and text. It holds the
//! document `fabula.story/1` and a digest over it, so that an entry that was cut short, damaged,
//! edited or renamed is recognised and read afresh.
//!
//! Entries are in `fabula/stories` in the user's cache directory (`~/.cache` on Linux), or in the
//! folder that the environment variable `FABULA_CACHE_DIR` names. What the cache creates, only the
//! user may read. A folder that everyone may write to is not used, because anyone could put a
//! false reading there.
//!
//! Several processes may use one folder: entries appear under their name only when complete, and
//! what another process has removed is simply read again. Nothing here can fail a command: what
//! cannot be kept or taken up again costs time, and `-vv` says why.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use fabula_nlp::document::Document;
use fabula_story::{DocumentError, Story};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use thiserror::Error;
use tracing::debug;

/// The environment variable that names another folder.
const FOLDER_VARIABLE: &str = "FABULA_CACHE_DIR";
/// How long an entry is used.
const LIFETIME: Duration = Duration::from_hours(24);
/// How far ahead of the clock an entry may be dated: clocks of two machines that share a home
/// differ a little. Further ahead, its age is unknown.
const CLOCK_DIFFERENCE: Duration = Duration::from_mins(1);
/// What all entries together may take.
const LIMIT_BYTES: u64 = 500_000_000;
/// One entry takes at most this part of the limit, and no more than that is read from a file.
const LARGEST_PART: u64 = 4;

/// What stands in an entry before the digest, between it and the story, and after that.
const HEAD: &str = "{\"sha256\":\"";
const MIDDLE: &str = "\",\"story\":";
const TAIL: &str = "}\n";
/// Digits of a SHA-256.
const DIGEST_DIGITS: usize = 64;
const ENVELOPE_BYTES: usize = HEAD.len() + DIGEST_DIGITS + MIDDLE.len() + TAIL.len();

/// Why an entry is not used.
#[derive(Debug, Error)]
enum Unusable {
    #[error("it is out of date")]
    OutOfDate,
    #[error("it is no file")]
    NoFile,
    #[error("it is damaged")]
    Damaged,
    #[error("it is no story: {0}")]
    NoStory(#[from] DocumentError),
    #[error("it is the reading of another text")]
    OtherText,
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// A folder of readings; without a folder nothing is kept.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: Option<PathBuf>,
    limit_bytes: u64,
}

impl Cache {
    /// The user's cache. Nothing is created before there is something to keep.
    pub fn open() -> Self {
        if let Some(folder) = place(std::env::var_os(FOLDER_VARIABLE), dirs::cache_dir()) {
            return Self::at(folder);
        }
        debug!("readings are not kept: this user has no cache directory; set {FOLDER_VARIABLE}");
        Self {
            folder: None,
            limit_bytes: LIMIT_BYTES,
        }
    }

    /// The cache in `folder`, which need not exist yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Some(folder.into()),
            limit_bytes: LIMIT_BYTES,
        }
    }

    /// What `reader` read in this document, if that was less than a day ago.
    ///
    /// `reader` names everything besides the document that decides the result: the rules, or the
    /// network and its weights, and what of the story was left out.
    pub fn get(&self, reader: &str, document: &Document) -> Option<Story> {
        self.get_at(reader, document, SystemTime::now())
    }

    /// Keeps what `reader` read in this document, in place of an older reading, and removes what
    /// is out of date or more than the cache may hold.
    pub fn put(&self, reader: &str, document: &Document, story: &Story) {
        self.put_at(reader, document, story, SystemTime::now());
    }

    /// Removes every entry, and nothing else, and gives the bytes that this freed.
    pub fn clear(&self) -> io::Result<u64> {
        let Some(folder) = &self.folder else {
            return Ok(0);
        };
        let entries = match entries(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut freed_bytes = 0;
        let mut failure = None;
        for entry in entries {
            match fs::remove_file(&entry.path) {
                Ok(()) => freed_bytes += entry.bytes,
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(freed_bytes), Err)
    }

    fn get_at(&self, reader: &str, document: &Document, now: SystemTime) -> Option<Story> {
        let key = key(reader, document);
        let path = self.folder.as_ref()?.join(file_name(&key));
        match self.read(&path, &key, document, now) {
            Ok(story) => Some(story),
            Err(Unusable::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => None,
            Err(why) => {
                debug!(
                    "the story is read afresh, not from {}: {why}",
                    path.display()
                );
                if matches!(why, Unusable::OutOfDate) {
                    remove(&path);
                }
                None
            }
        }
    }

    fn put_at(&self, reader: &str, document: &Document, story: &Story, now: SystemTime) {
        let Some(folder) = &self.folder else {
            return;
        };
        if let Err(error) = self.write(folder, &key(reader, document), story, now) {
            debug!("the reading is not kept in {}: {error}", folder.display());
        }
    }

    fn read(
        &self,
        path: &Path,
        key: &str,
        document: &Document,
        now: SystemTime,
    ) -> Result<Story, Unusable> {
        check_folder(path.parent().unwrap_or(path))?;
        // Asked before it is opened: opening a pipe would wait for its other end.
        let metadata = fs::symlink_metadata(path)?;
        if !metadata.is_file() {
            return Err(Unusable::NoFile);
        }
        if !is_fresh(metadata.modified()?, now) {
            return Err(Unusable::OutOfDate);
        }
        let mut entry = String::new();
        File::open(path)?
            .take(self.largest_entry_bytes())
            .read_to_string(&mut entry)?;
        let json = story_json(&entry, key).ok_or(Unusable::Damaged)?;
        let story = Story::from_json(json)?;
        if story.text != document.text {
            return Err(Unusable::OtherText);
        }
        Ok(story)
    }

    fn write(&self, folder: &Path, key: &str, story: &Story, now: SystemTime) -> io::Result<()> {
        let json = serde_json::to_string(story)?;
        let entry_bytes = (json.len() + ENVELOPE_BYTES) as u64;
        if entry_bytes > self.largest_entry_bytes() {
            return Err(io::Error::other(format!(
                "it is too long with {} MB",
                entry_bytes / 1_000_000
            )));
        }
        create_folder(folder)?;
        check_folder(folder)?;
        let file = write_unnamed(folder, key, &json, now);
        // Whether or not that went well: on a full disk what is out of date has to make room. The
        // unnamed file counts, so of several processes the last one sees what all of them wrote.
        self.prune(folder, now)?;
        file?
            .persist(folder.join(file_name(key)))
            .map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes what is out of date, then the oldest until the rest is within the limit.
    fn prune(&self, folder: &Path, now: SystemTime) -> io::Result<()> {
        let (mut fresh, old): (Vec<_>, Vec<_>) = entries(folder)?
            .into_iter()
            .partition(|entry| is_fresh(entry.written, now));
        for entry in old {
            remove(&entry.path);
        }
        fresh.sort_by_key(|entry| entry.written);
        let mut total_bytes: u64 = fresh.iter().map(|entry| entry.bytes).sum();
        for entry in fresh {
            if total_bytes <= self.limit_bytes {
                break;
            }
            if remove(&entry.path) {
                total_bytes -= entry.bytes;
            }
        }
        Ok(())
    }

    fn largest_entry_bytes(&self) -> u64 {
        self.limit_bytes / LARGEST_PART
    }
}

/// The folder for entries, from the variable and the user's cache directory.
fn place(variable: Option<OsString>, cache_dir: Option<PathBuf>) -> Option<PathBuf> {
    match variable {
        Some(folder) if !folder.is_empty() => Some(folder.into()),
        _ => Some(cache_dir?.join("fabula").join("stories")),
    }
}

/// The name of what `reader` of this version reads in this document.
fn key(reader: &str, document: &Document) -> String {
    let mut hash = Sha256::new();
    hash.update([u8::from(document.title.is_some())]);
    for field in [
        env!("CARGO_PKG_VERSION"),
        env!("FABULA_READING"),
        reader,
        document.title.as_deref().unwrap_or_default(),
        &document.text,
    ] {
        // With its length, so that the end of one field is never the start of the next.
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    format!("{:x}", hash.finalize())
}

/// The digest of an entry, which holds it to its key.
fn digest(key: &str, json: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(json);
    format!("{:x}", hash.finalize())
}

/// The story in an entry, if it is what was written for this key.
fn story_json<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
    let (written, rest) = entry.strip_prefix(HEAD)?.split_at_checked(DIGEST_DIGITS)?;
    let json = rest.strip_prefix(MIDDLE)?.strip_suffix(TAIL)?;
    (written == digest(key, json)).then_some(json)
}

fn is_fresh(written: SystemTime, now: SystemTime) -> bool {
    match now.duration_since(written) {
        Ok(age) => age <= LIFETIME,
        Err(ahead) => ahead.duration() <= CLOCK_DIFFERENCE,
    }
}

fn file_name(key: &str) -> String {
    format!("{key}.json")
}

/// Writes an entry that has no name of its own yet; dropped, it disappears.
fn write_unnamed(
    folder: &Path,
    key: &str,
    json: &str,
    now: SystemTime,
) -> io::Result<NamedTempFile> {
    // Created so that on Unix only the user may read it.
    let mut file = tempfile::Builder::new()
        .prefix(&format!(".{key}."))
        .suffix(".part")
        .tempfile_in(folder)?;
    for part in [HEAD, &digest(key, json), MIDDLE, json, TAIL] {
        file.write_all(part.as_bytes())?;
    }
    file.as_file().set_modified(now)?;
    Ok(file)
}

/// Whether a file of this name was made by [`Cache::put`], finished or not.
fn is_ours(name: &str) -> bool {
    let unfinished = || {
        Some(
            name.strip_prefix('.')?
                .strip_suffix(".part")?
                .split_once('.')?
                .0,
        )
    };
    let key = name.strip_suffix(".json").or_else(unfinished);
    key.is_some_and(|key| {
        key.len() == DIGEST_DIGITS
            && key
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// A file of ours in the folder.
#[derive(Debug)]
struct Entry {
    path: PathBuf,
    written: SystemTime,
    bytes: u64,
}

fn entries(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for there in fs::read_dir(folder)? {
        let there = there?;
        if !there.file_name().to_str().is_some_and(is_ours) {
            continue;
        }
        match there.metadata() {
            Ok(metadata) if metadata.is_file() => entries.push(Entry {
                path: there.path(),
                written: metadata.modified()?,
                bytes: metadata.len(),
            }),
            Ok(_) => {}
            // Another process has removed or renamed it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(entries)
}

/// Removes an entry; whether it is gone.
fn remove(path: &Path) -> bool {
    match fs::remove_file(path) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => {
            debug!("{} cannot be removed: {error}", path.display());
            false
        }
    }
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Refuses a folder to which everyone may add files.
#[cfg(unix)]
fn check_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    const EVERYONE_WRITES: u32 = 0o002;
    if fs::metadata(folder)?.permissions().mode() & EVERYONE_WRITES == 0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("everyone may write to {}", folder.display()),
    ))
}

/// Elsewhere a user's folders are the user's by inheritance.
#[cfg(not(unix))]
fn check_folder(folder: &Path) -> io::Result<()> {
    fs::metadata(folder).map(drop)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fabula_nlp::reading::Reader;
    use fabula_story::{Emotion, Scores, Sentence};
    use tempfile::TempDir;

    use super::*;

    const RULES: &str = "rules";

    fn document(text: &str) -> Document {
        Document {
            title: Some("The Lamp".to_owned()),
            text: text.to_owned(),
        }
    }

    fn lamp() -> Document {
        document("Mia the fox found a lamp. \"It is cold,\" she said sadly.")
    }

    fn read(document: &Document) -> Story {
        Reader::rules().read(document).unwrap()
    }

    /// A cache in a folder that is not there yet.
    fn new_cache() -> (TempDir, Cache, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("fabula/stories");
        (home, Cache::at(&folder), folder)
    }

    /// A cache that holds a reading of [`lamp`], and the path of that entry.
    fn cache_with_lamp() -> (TempDir, Cache, PathBuf) {
        let (home, cache, folder) = new_cache();
        cache.put(RULES, &lamp(), &read(&lamp()));
        let path = folder.join(file_name(&key(RULES, &lamp())));
        assert!(path.is_file());
        (home, cache, path)
    }

    fn names(folder: &Path) -> BTreeSet<String> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_unchanged_text_has_been_read() {
        let (_home, cache, folder) = new_cache();
        assert_eq!(cache.get(RULES, &lamp()), None);
        assert!(!folder.exists(), "asking creates nothing");
        let story = read(&lamp());
        cache.put(RULES, &lamp(), &story);
        assert_eq!(cache.get(RULES, &lamp()), Some(story));
        assert_eq!(names(&folder).len(), 1, "nothing unfinished is left");
    }

    #[test]
    fn another_reader_title_or_text_is_another_entry() {
        let (_home, cache, _) = cache_with_lamp();
        let mut retitled = lamp();
        retitled.title = Some("The Lamps".to_owned());
        let mut untitled = lamp();
        untitled.title = None;
        let mut edited = lamp();
        edited.text.push_str(" And so it ended.");
        for (reader, document) in [
            ("network 3fa9", &lamp()),
            (RULES, &retitled),
            (RULES, &untitled),
            (RULES, &edited),
        ] {
            assert_eq!(cache.get(reader, document), None, "{reader} {document:?}");
        }
        let of = |title: &str, text: &str| {
            let title = Some(title.to_owned());
            let text = text.to_owned();
            key(RULES, &Document { title, text })
        };
        assert_ne!(of("One", "two three"), of("One two", " three"));
        let untitled = Document {
            title: None,
            text: "One".to_owned(),
        };
        assert_ne!(key(RULES, &untitled), of("", "One"));
    }

    #[test]
    fn scores_come_back_bit_for_bit() {
        let count = 4_000;
        let text = "a ".repeat(count);
        // A linear congruential generator (Numerical Recipes) over all floats from 0 to 1.
        let mut state = 1_u32;
        let mut score = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from_bits(state % (1.0_f32.to_bits() + 1))
        };
        let mut story = read(&lamp());
        (story.entities, story.characters) = (Vec::new(), Vec::new());
        (story.quotes, story.scenes) = (Vec::new(), Vec::new());
        story.sentences = (0..count)
            .map(|index| Sentence {
                start: 2 * index,
                end: 2 * index + 1,
                emotion: Emotion::Neutral,
                scores: Scores::from_array([(); 7].map(|()| score())),
            })
            .collect();
        story.text.clone_from(&text);
        story.check().unwrap();
        let (_home, cache, _) = new_cache();
        cache.put(RULES, &document(&text), &story);
        assert_eq!(cache.get(RULES, &document(&text)), Some(story));
    }

    #[test]
    fn an_entry_is_used_for_a_day_and_then_removed() {
        let (_home, cache, path) = cache_with_lamp();
        let written = SystemTime::now();
        cache.put_at(RULES, &lamp(), &read(&lamp()), written);
        let at = |age| cache.get_at(RULES, &lamp(), written + age);
        assert!(at(LIFETIME.saturating_sub(seconds(2))).is_some());
        assert!(at(LIFETIME + seconds(2)).is_none());
        assert!(!path.exists());
    }

    #[test]
    fn an_entry_from_the_future_is_not_used() {
        let (_home, cache, path) = cache_with_lamp();
        let now = SystemTime::now();
        cache.put_at(RULES, &lamp(), &read(&lamp()), now + seconds(3_600));
        assert_eq!(cache.get_at(RULES, &lamp(), now), None);
        assert!(!path.exists());
        // Two machines need not agree to the second.
        cache.put_at(RULES, &lamp(), &read(&lamp()), now + seconds(10));
        assert!(cache.get_at(RULES, &lamp(), now).is_some());
    }

    #[test]
    fn an_entry_that_was_cut_short_or_changed_is_read_afresh_and_replaced() {
        let (_home, cache, path) = cache_with_lamp();
        let story = read(&lamp());
        let whole = fs::read(&path).unwrap();
        let damaged = |damage: &[u8]| {
            fs::write(&path, damage).unwrap();
            cache.get(RULES, &lamp()).is_none()
        };
        for at in 0..whole.len() {
            assert!(damaged(&whole[..at]), "cut at {at}");
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(damaged(&changed), "changed at {at}");
        }
        let edited = String::from_utf8(whole.clone()).unwrap();
        assert!(damaged(edited.replace("Mia", "Eve").as_bytes()));
        assert!(damaged(&[&whole[..], b" "].concat()));
        assert!(damaged(&[0xff; 4_096]));
        cache.put(RULES, &lamp(), &story);
        assert_eq!(cache.get(RULES, &lamp()), Some(story));
    }

    #[test]
    fn an_entry_under_the_name_of_another_is_refused() {
        let (_home, cache, path) = cache_with_lamp();
        let other = path.with_file_name(file_name(&key("network", &lamp())));
        fs::copy(&path, other).unwrap();
        assert_eq!(cache.get("network", &lamp()), None);
    }

    #[test]
    fn a_story_that_does_not_hold_together_or_has_another_text_is_refused() {
        let (_home, cache, _) = cache_with_lamp();
        let document = document("Nobody came.");
        cache.put(RULES, &document, &read(&lamp()));
        assert_eq!(cache.get(RULES, &document), None);
        let mut story = read(&document);
        story.sentences[0].end = 1_000;
        cache.put(RULES, &document, &story);
        assert_eq!(cache.get(RULES, &document), None);
    }

    #[test]
    fn the_oldest_entries_make_room_for_new_ones() {
        let (_home, mut cache, path) = cache_with_lamp();
        let entry_bytes = fs::metadata(&path).unwrap().len();
        cache.limit_bytes = LARGEST_PART * entry_bytes;
        cache.clear().unwrap();
        let now = SystemTime::now();
        let readers = ["1", "2", "3", "4", "5", "6"];
        let is_kept = |reader| cache.get_at(reader, &lamp(), now).is_some();
        for (number, reader) in readers.into_iter().enumerate() {
            // Not in the order of their names or of their writing.
            let age = seconds([50, 60, 10, 40, 30, 20][number]);
            cache.put_at(reader, &lamp(), &read(&lamp()), now - age);
            let total: u64 = entries(path.parent().unwrap())
                .unwrap()
                .iter()
                .map(|entry| entry.bytes)
                .sum();
            assert!(total <= cache.limit_bytes, "{total} bytes");
        }
        assert_eq!(readers.map(is_kept), [false, false, true, true, true, true]);
    }

    #[test]
    fn a_reading_too_long_for_the_cache_leaves_the_others_in_it() {
        let (_home, mut cache, path) = cache_with_lamp();
        let entry_bytes = fs::metadata(&path).unwrap().len();
        cache.limit_bytes = LARGEST_PART * entry_bytes + LARGEST_PART - 1;
        let long = document(&lamp().text.repeat(2));
        cache.put(RULES, &long, &read(&long));
        assert_eq!(cache.get(RULES, &long), None);
        assert!(cache.get(RULES, &lamp()).is_some());
        // Nor is one read that has become too long.
        cache.limit_bytes -= LARGEST_PART;
        assert_eq!(cache.get(RULES, &lamp()), None);
    }

    #[test]
    fn writing_removes_what_is_out_of_date_and_nothing_of_anyone_else() {
        let (_home, cache, path) = cache_with_lamp();
        let folder = path.parent().unwrap();
        let old = SystemTime::now() - LIFETIME - seconds(60);
        let hex = "0123456789abcdef".repeat(4);
        let ours = [format!("{hex}.json"), format!(".{hex}.x1Y2z3.part")];
        let others = [
            "story.json".to_owned(),
            format!("{hex}.txt"),
            format!("{hex}0.json"),
            format!("{}.json", hex.to_uppercase()),
            format!("{hex}.part"),
            ".film.mp4.part".to_owned(),
        ];
        for name in ours.iter().chain(&others) {
            let file = File::create(folder.join(name)).unwrap();
            file.set_modified(old).unwrap();
        }
        cache.put("network", &lamp(), &read(&lamp()));
        let mut expected: BTreeSet<_> = others.into_iter().collect();
        expected.insert(file_name(&key(RULES, &lamp())));
        expected.insert(file_name(&key("network", &lamp())));
        assert_eq!(names(folder), expected);
    }

    #[test]
    fn clearing_frees_every_entry_and_leaves_other_files() {
        let (_home, cache, folder) = new_cache();
        assert_eq!(cache.clear().unwrap(), 0, "there is no folder yet");
        cache.put(RULES, &lamp(), &read(&lamp()));
        cache.put("network", &lamp(), &read(&lamp()));
        let bytes: u64 = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum();
        fs::write(folder.join("notes.txt"), "dear").unwrap();
        assert_eq!(cache.clear().unwrap(), bytes);
        assert_eq!(names(&folder), BTreeSet::from(["notes.txt".to_owned()]));
        assert_eq!(cache.get(RULES, &lamp()), None);
    }

    #[test]
    fn a_folder_that_cannot_be_made_costs_only_the_speed() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        for folder in [file.join("stories"), file] {
            let cache = Cache::at(&folder);
            cache.put(RULES, &lamp(), &read(&lamp()));
            assert_eq!(cache.get(RULES, &lamp()), None, "{}", folder.display());
            assert!(cache.clear().is_err(), "{}", folder.display());
        }
        let cache = Cache {
            folder: None,
            limit_bytes: LIMIT_BYTES,
        };
        cache.put(RULES, &lamp(), &read(&lamp()));
        assert_eq!(cache.get(RULES, &lamp()), None);
        assert_eq!(cache.clear().unwrap(), 0);
    }

    #[test]
    fn a_folder_in_the_place_of_an_entry_costs_only_the_speed() {
        let (_home, cache, path) = cache_with_lamp();
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(cache.get(RULES, &lamp()), None);
        cache.put(RULES, &lamp(), &read(&lamp()));
        assert_eq!(cache.get(RULES, &lamp()), None);
        assert_eq!(names(path.parent().unwrap()).len(), 1);
        assert_eq!(cache.clear().unwrap(), 0);
    }

    #[test]
    fn the_variable_names_the_folder_and_the_home_is_the_default() {
        let home = || Some(PathBuf::from("home"));
        let default = Some(Path::new("home").join("fabula").join("stories"));
        assert_eq!(place(Some("x".into()), home()), Some("x".into()));
        assert_eq!(place(Some("x".into()), None), Some("x".into()));
        assert_eq!(place(Some(OsString::new()), home()), default);
        assert_eq!(place(None, home()), default);
        assert_eq!(place(None, None), None);
    }

    #[test]
    fn many_at_once_see_a_whole_entry_or_none() {
        let (_home, cache, folder) = new_cache();
        let stories = [
            lamp(),
            document("The owl sang. The moon rose over the sea."),
        ]
        .map(|document| (read(&document), document));
        std::thread::scope(|scope| {
            for number in 0..6 {
                let (cache, stories) = (&cache, &stories);
                scope.spawn(move || {
                    for round in 0..60 {
                        let (story, document) = &stories[(number + round) % stories.len()];
                        if number == 0 && round % 10 == 0 {
                            cache.clear().unwrap();
                        }
                        cache.put(RULES, document, story);
                        let found = cache.get(RULES, document);
                        assert!(found.is_none_or(|found| found == *story));
                    }
                });
            }
        });
        for (story, document) in &stories {
            cache.put(RULES, document, story);
            assert_eq!(cache.get(RULES, document).as_ref(), Some(story));
        }
        assert_eq!(names(&folder).len(), stories.len());
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        use super::*;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        }

        #[test]
        fn what_is_kept_is_the_users_alone() {
            let (home, _, path) = cache_with_lamp();
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().unwrap()), 0o700);
            assert_eq!(mode(&home.path().join("fabula")), 0o700);
        }

        #[test]
        fn a_folder_where_everyone_may_write_is_not_used() {
            let (_home, cache, path) = cache_with_lamp();
            let folder = path.parent().unwrap();
            let allow =
                |mode| fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
            allow(0o1777);
            assert_eq!(cache.get(RULES, &lamp()), None);
            cache.put("network", &lamp(), &read(&lamp()));
            assert_eq!(names(folder).len(), 1);
            // One that the user has shared in other ways is the user's choice.
            allow(0o755);
            assert!(cache.get(RULES, &lamp()).is_some());
            assert_eq!(mode(folder), 0o755);
        }

        #[test]
        fn a_link_is_not_followed() {
            let (_home, cache, path) = cache_with_lamp();
            let elsewhere = path.with_file_name("elsewhere");
            fs::rename(&path, &elsewhere).unwrap();
            symlink(&elsewhere, &path).unwrap();
            assert_eq!(cache.get(RULES, &lamp()), None);
            let before = fs::read(&elsewhere).unwrap();
            cache.put(RULES, &lamp(), &read(&lamp()));
            assert!(cache.get(RULES, &lamp()).is_some());
            assert!(!path.is_symlink());
            assert_eq!(fs::read(&elsewhere).unwrap(), before);
        }
    }
}
