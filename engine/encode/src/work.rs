//! The folder in which a film grows, so that a run that is broken off loses nothing finished.
//!
//! For `film.mp4` it is `.film.mp4.part` beside it, and holds
//!
//! - `manifest.jsonl`: a line about the film, then one for each finished segment, in order;
//! - `film.mp4`: the film so far: the segments of the manifest, after room for the index. What
//!   follows the last of them is unfinished;
//! - `ID.segment`: finished segments that are wanted further on in the film, each after a line
//!   like those of the manifest. They were there before, or were finished before their turn.
//!
//! A finished film carries its manifest along in a box at its end. Nothing of this is taken on
//! trust: bytes are a segment only if their SHA-256 says so.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::segment::{self, Finished, Segment, SegmentId};

const MANIFEST: &str = "manifest.jsonl";
const MEDIA: &str = "film.mp4";
const SEGMENT_EXTENSION: &str = "segment";
/// The largest manifest that is read: days of film.
const MANIFEST_BYTES_MAX: u64 = 256 << 20;
/// The largest line of a manifest that is read.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// The kind of the box in which a film carries its manifest, drawn once at random.
const TRAILER_KIND: [u8; 16] = [
    0x5d, 0x3b, 0xb1, 0x0a, 0x8f, 0x52, 0x4e, 0x6c, 0x9c, 0x1d, 0x66, 0x61, 0x62, 0x75, 0x6c, 0x61,
];
const TRAILER_HEADER_LEN: u64 = 24;

/// The first line of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    format: String,
    /// Where in the film the first segment begins.
    data_start: u64,
}

impl Head {
    const FORMAT: &'static str = "fabula.segments/1";

    fn new(data_start: u64) -> Self {
        Self {
            format: Self::FORMAT.to_owned(),
            data_start,
        }
    }
}

/// The segments of a film file, in order, with the place of each.
#[derive(Debug, Default)]
struct Manifest {
    data_start: u64,
    /// Each with its offset in the film and the end of its line in the manifest.
    segments: Vec<(Finished, u64, u64)>,
}

impl Manifest {
    /// What can be understood of it: a line that was cut off ends it.
    fn read(source: impl Read) -> io::Result<Self> {
        let mut source = BufReader::new(source.take(MANIFEST_BYTES_MAX));
        let mut manifest = Self::default();
        let Some((head, mut at)) = next_line::<Head>(&mut source)? else {
            return Ok(manifest);
        };
        if head.format != Head::FORMAT {
            return Ok(manifest);
        }
        manifest.data_start = head.data_start;
        let mut offset = head.data_start;
        while let Some((finished, len)) = next_line::<Finished>(&mut source)? {
            at += len;
            let end = offset.saturating_add(finished.len());
            manifest.segments.push((finished, offset, at));
            offset = end;
        }
        Ok(manifest)
    }
}

/// The next line and its length; `None` at the end, or where something else stands.
fn next_line<T: serde::de::DeserializeOwned>(
    source: &mut impl BufRead,
) -> io::Result<Option<(T, u64)>> {
    let mut line = Vec::new();
    source.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    let value = line.strip_suffix(b"\n").map(serde_json::from_slice);
    Ok(value
        .and_then(Result::ok)
        .map(|value| (value, line.len() as u64)))
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// The folder of one film. Dropped, it stays if there is something finished in it.
#[derive(Debug)]
pub struct Work {
    folder: PathBuf,
    /// Locked as long as this run writes; `None` once the folder is to go.
    manifest: Option<File>,
    holds_segments: bool,
}

/// What an earlier run has left for this one.
#[derive(Debug, Default)]
pub struct Stock {
    /// The segments that the film begins with, in their place.
    pub in_place: Vec<Finished>,
    /// Further ones, by what they show.
    pieces: HashMap<SegmentId, Piece>,
    /// The older film that some of them stand in.
    film: Option<File>,
}

#[derive(Debug)]
struct Piece {
    finished: Finished,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// In a file of its own, after a line of this length.
    File(PathBuf, u64),
    /// In the older film, at this offset.
    Film(u64),
}

impl Stock {
    pub fn has(&self, segment: &Segment) -> bool {
        self.pieces.contains_key(&segment.id)
    }

    /// Removes the file of a segment that the film has now.
    pub fn drop_file(&mut self, segment: &Segment) {
        if let Some(Piece { place, .. }) = self.pieces.remove(&segment.id)
            && let Place::File(path, _) = place
        {
            // What cannot be removed goes with the folder.
            drop(fs::remove_file(path));
        }
    }

    /// A segment and its bytes.
    pub fn open(&mut self, segment: &Segment) -> io::Result<(&Finished, File)> {
        let missing = || io::Error::other("a finished segment is not there any more");
        let Piece { finished, place } = self.pieces.get(&segment.id).ok_or_else(missing)?;
        let (mut file, offset) = match (place, &self.film) {
            (Place::File(path, offset), _) => (File::open(path)?, *offset),
            (Place::Film(offset), film) => {
                let film = film.as_ref().ok_or_else(missing)?;
                (film.try_clone()?, *offset)
            }
        };
        file.seek(SeekFrom::Start(offset))?;
        Ok((finished, file))
    }
}

/// The folder in which the film at `path` grows.
pub fn folder_of(path: &Path) -> Option<PathBuf> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name()?);
    name.push(".part");
    Some(path.with_file_name(name))
}

/// Whether an earlier run has left finished segments of the film at `path`.
pub fn is_begun(path: &Path) -> bool {
    let folder = match path.canonicalize() {
        Ok(path) => folder_of(&path),
        Err(_) => folder_of(path),
    };
    folder.is_some_and(|folder| {
        let manifest = File::open(folder.join(MANIFEST)).and_then(Manifest::read);
        manifest.is_ok_and(|manifest| !manifest.segments.is_empty()) || has_pieces(&folder)
    })
}

fn has_pieces(folder: &Path) -> bool {
    pieces_in(folder).is_ok_and(|mut pieces| pieces.next().is_some())
}

/// The files of single segments in a folder.
fn pieces_in(folder: &Path) -> io::Result<impl Iterator<Item = PathBuf>> {
    Ok(fs::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| kind == SEGMENT_EXTENSION)
        }))
}

impl Work {
    /// Opens the folder, makes it if need be, and claims it; `None` if another run has it.
    pub fn open(folder: PathBuf) -> io::Result<Option<Self>> {
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if !fs::symlink_metadata(&folder)?.is_dir() {
                    let cause = format!("{} is no folder", folder.display());
                    return Err(io::Error::new(error.kind(), cause));
                }
            }
            made => made?,
        }
        let manifest = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(folder.join(MANIFEST))?;
        // File systems without locks are trusted to have one writer.
        if let Err(TryLockError::WouldBlock) = manifest.try_lock() {
            return Ok(None);
        }
        Ok(Some(Self {
            folder,
            manifest: Some(manifest),
            holds_segments: false,
        }))
    }

    /// The growing film, as an earlier run has left it.
    pub fn media(&self) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.media_path())
    }

    pub fn media_path(&self) -> PathBuf {
        self.folder.join(MEDIA)
    }

    fn manifest(&self) -> io::Result<&File> {
        self.manifest
            .as_ref()
            .ok_or_else(|| io::Error::other("the film is finished"))
    }

    /// Begins anew: what an earlier run has left is discarded.
    pub fn clear(&mut self, media: &File, data_start: u64) -> io::Result<()> {
        for piece in pieces_in(&self.folder)? {
            fs::remove_file(piece)?;
        }
        self.begin_manifest(data_start)?;
        media.set_len(0)
    }

    /// Goes on: finds what of `segments` is finished, in the folder and in the film at `film`,
    /// and drops the rest.
    pub fn restore(
        &mut self,
        media: &mut File,
        data_start: u64,
        segments: &[Segment],
        film: &Path,
    ) -> io::Result<Stock> {
        let mut manifest = self.manifest()?;
        manifest.seek(SeekFrom::Start(0))?;
        let Manifest {
            data_start: found_start,
            segments: mut found,
        } = Manifest::read(manifest)?;
        // Should this fail, what is there stays for the next run.
        self.holds_segments = !found.is_empty() || has_pieces(&self.folder);
        let wanted: HashMap<_, _> = segments.iter().map(|one| (one.id, one)).collect();
        let is_wanted = |finished: &Finished| wanted_in(&wanted, finished).is_some();

        // Segments that lie where they belong, up to the first that does not.
        let mut in_place = Vec::new();
        let mut manifest_end = None;
        if found_start == data_start {
            media.seek(SeekFrom::Start(data_start))?;
            for (segment, (finished, _, line_end)) in segments.iter().zip(&found) {
                if !finished.is(segment) || !finished.is_next_in(media)? {
                    break;
                }
                in_place.push(finished.clone());
                manifest_end = Some(*line_end);
            }
        }
        let mut stock = Stock::default();
        for path in pieces_in(&self.folder)? {
            match read_piece(&path)? {
                Some((finished, offset)) if is_wanted(&finished) => {
                    stock.add(&wanted, finished, Place::File(path, offset));
                }
                _ => fs::remove_file(path)?,
            }
        }
        // Those that lie elsewhere are saved before the film goes on over them.
        for (finished, offset, _) in found.drain(in_place.len().min(found.len())..) {
            if !is_wanted(&finished) || stock.holds(&finished) {
                continue;
            }
            if finished.is_at(offset, media)? {
                media.seek(SeekFrom::Start(offset))?;
                let (path, offset) = self.save_piece(&finished, media)?;
                stock.add(&wanted, finished, Place::File(path, offset));
            }
        }
        if let Ok(mut film) = File::open(film)
            && let Some(trailer) = read_trailer(&mut film)?
        {
            for (finished, offset, _) in trailer.segments {
                if !is_wanted(&finished) || stock.holds(&finished) {
                    continue;
                }
                if finished.is_at(offset, &mut film)? {
                    stock.add(&wanted, finished, Place::Film(offset));
                }
            }
            stock.film = Some(film);
        }
        match manifest_end {
            Some(end) => self.manifest()?.set_len(end)?,
            None => self.begin_manifest(data_start)?,
        }
        self.holds_segments = !in_place.is_empty() || has_pieces(&self.folder);
        let len: u64 = in_place.iter().map(Finished::len).sum();
        media.set_len(data_start + len)?;
        stock.in_place = in_place;
        Ok(stock)
    }

    fn begin_manifest(&self, data_start: u64) -> io::Result<()> {
        let mut manifest = self.manifest()?;
        manifest.set_len(0)?;
        manifest.write_all(&line(&Head::new(data_start))?)
    }

    /// Copies a segment into a file of its own.
    fn save_piece(
        &mut self,
        finished: &Finished,
        source: &mut impl Read,
    ) -> io::Result<(PathBuf, u64)> {
        let id = finished.id().ok_or(io::ErrorKind::InvalidData)?;
        let path = self.folder.join(id.hex()).with_extension(SEGMENT_EXTENSION);
        let head = line(finished)?;
        let mut file = File::create(&path)?;
        file.write_all(&head)?;
        segment::copy(source, finished.len(), |block| file.write_all(block))?;
        file.sync_data()?;
        self.holds_segments = true;
        Ok((path, head.len() as u64))
    }

    /// Keeps a segment that was finished before its turn.
    pub fn put_by(
        &mut self,
        stock: &mut Stock,
        segment: &Segment,
        finished: Finished,
        mut bytes: &[u8],
    ) -> io::Result<()> {
        let (path, offset) = self.save_piece(&finished, &mut bytes)?;
        let place = Place::File(path, offset);
        stock.pieces.insert(segment.id, Piece { finished, place });
        Ok(())
    }

    /// Notes that the film has one more finished segment, whose bytes are on the disk already.
    pub fn note(&mut self, finished: &Finished) -> io::Result<()> {
        // An open file can be written to long after its folder was removed.
        if !self.folder.join(MANIFEST).is_file() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "its folder was removed while it was being made",
            ));
        }
        self.manifest()?.write_all(&line(finished)?)?;
        self.holds_segments = true;
        Ok(())
    }

    /// Waits until what was noted is on the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.manifest()?.sync_data()
    }

    /// What a film whose data begin at `data_start` carries at its end.
    pub fn trailer(&self, data_start: u64) -> io::Result<Vec<u8>> {
        let mut manifest = self.manifest()?;
        manifest.seek(SeekFrom::Start(0))?;
        let mut old_head = BufReader::new(manifest);
        old_head.read_until(b'\n', &mut Vec::new())?;
        let mut content = line(&Head::new(data_start))?;
        old_head
            .take(MANIFEST_BYTES_MAX)
            .read_to_end(&mut content)?;
        Ok(trailer(&content))
    }

    /// The film has its name: nothing of the folder is needed any more.
    pub fn discard(mut self) {
        self.remove();
    }

    fn remove(&mut self) {
        // Nobody is left to be told; what others have put there stays, and the folder with it.
        self.manifest = None;
        let pieces = pieces_in(&self.folder).into_iter().flatten();
        for path in pieces.chain([self.media_path(), self.folder.join(MANIFEST)]) {
            drop(fs::remove_file(path));
        }
        drop(fs::remove_dir(&self.folder));
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if !self.holds_segments && self.manifest.is_some() {
            self.remove();
        }
    }
}

impl Stock {
    fn holds(&self, finished: &Finished) -> bool {
        finished
            .id()
            .is_some_and(|id| self.pieces.contains_key(&id))
    }

    fn add(&mut self, wanted: &HashMap<SegmentId, &Segment>, finished: Finished, place: Place) {
        if let Some(segment) = wanted_in(wanted, &finished) {
            self.pieces.insert(segment.id, Piece { finished, place });
        }
    }
}

impl Finished {
    /// Whether these are the bytes of a file from `offset` on.
    fn is_at(&self, offset: u64, file: &mut File) -> io::Result<bool> {
        let end = offset.saturating_add(self.len());
        if end > file.metadata()?.len() {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(offset))?;
        self.is_next_in(file)
    }
}

fn wanted_in<'a>(
    wanted: &HashMap<SegmentId, &'a Segment>,
    finished: &Finished,
) -> Option<&'a Segment> {
    let segment = wanted.get(&finished.id()?)?;
    finished.is(segment).then_some(*segment)
}

/// A segment in a file of its own, if it is whole, and where its bytes begin.
fn read_piece(path: &Path) -> io::Result<Option<(Finished, u64)>> {
    let mut file = BufReader::new(File::open(path)?);
    let Some((finished, len)) = next_line::<Finished>(&mut file)? else {
        return Ok(None);
    };
    Ok(finished.is_next_in(&mut file)?.then_some((finished, len)))
}

/// A manifest in a box.
fn trailer(content: &[u8]) -> Vec<u8> {
    let len = TRAILER_HEADER_LEN as u32 + content.len() as u32;
    [&len.to_be_bytes()[..], b"uuid", &TRAILER_KIND, content].concat()
}

/// The manifest that a film carries at its end.
fn read_trailer(film: &mut File) -> io::Result<Option<Manifest>> {
    /// A film of ours has five.
    const BOXES_MAX: usize = 8;
    if !film.metadata()?.is_file() {
        return Ok(None);
    }
    let film_len = film.metadata()?.len();
    let mut at = 0_u64;
    for _ in 0..BOXES_MAX {
        if at.saturating_add(TRAILER_HEADER_LEN) > film_len {
            break;
        }
        let mut head = [0; TRAILER_HEADER_LEN as usize];
        film.seek(SeekFrom::Start(at))?;
        film.read_exact(&mut head)?;
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let len = match number(&head[..4]) {
            1 => number(&head[8..16]),
            len => len,
        };
        if &head[4..8] == b"uuid" && head[8..] == TRAILER_KIND {
            let content = film.take(len.saturating_sub(TRAILER_HEADER_LEN));
            return Manifest::read(content).map(Some);
        }
        if len < 8 {
            break;
        }
        at = at.saturating_add(len);
    }
    Ok(None)
}

/// Whether the film at `path` is these segments, all unharmed, after the bytes that `head` makes
/// for a start of the data, and nothing else.
pub fn is_whole(
    path: &Path,
    segments: &[Segment],
    head: impl FnOnce(&[Finished], u64) -> Option<Vec<u8>>,
) -> io::Result<bool> {
    let mut film = File::open(path)?;
    let Some(Manifest {
        data_start,
        segments: found,
    }) = read_trailer(&mut film)?
    else {
        return Ok(false);
    };
    let same = found.len() == segments.len()
        && found
            .iter()
            .zip(segments)
            .all(|((finished, ..), segment)| finished.is(segment));
    if !same || data_start > film.metadata()?.len().min(MANIFEST_BYTES_MAX) {
        return Ok(false);
    }
    let found: Vec<Finished> = found.into_iter().map(|(finished, ..)| finished).collect();
    let Some(head) = head(&found, data_start) else {
        return Ok(false);
    };
    film.seek(SeekFrom::Start(0))?;
    let mut there = vec![0; head.len()];
    film.read_exact(&mut there)?;
    if there != head {
        return Ok(false);
    }
    let mut manifest = line(&Head::new(data_start))?;
    for finished in &found {
        if !finished.is_next_in(&mut film)? {
            return Ok(false);
        }
        manifest.extend(line(finished)?);
    }
    let trailer = trailer(&manifest);
    let mut there = Vec::new();
    film.take(trailer.len() as u64 + 1)
        .read_to_end(&mut there)?;
    Ok(there == trailer)
}
