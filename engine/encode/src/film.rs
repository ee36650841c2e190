//! The film as a file: in a folder of its own while it grows, under its name when it is whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::Packet;
use crate::moov::{Chapter, Labels};
use crate::mux::{self, Mux, MuxError, Muxed};
use crate::segment::{Segment, SegmentId};
use crate::work::{self, Stock, Work};

/// What a film file is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilmSettings {
    /// Frames per second.
    pub fps: u32,
    /// The title that players show.
    pub title: Option<String>,
    /// Places in the film that players list, in order, the first at frame 0; those after the 255th
    /// are left out.
    pub chapters: Vec<Chapter>,
    /// How many frames the film will have, if that is known without `segments`; a good guess
    /// saves moving the data at the end.
    pub expected_frames: u64,
    /// Whether a film of the same name is replaced.
    pub overwrite: bool,
    /// The segments that the film consists of, in order. Without them it is made in one go: what
    /// was written is lost if it is not finished.
    pub segments: Vec<Segment>,
    /// Whether finished segments are taken over: those that an earlier run has left, and those of
    /// the film that is replaced. Otherwise what an earlier run has left is discarded.
    pub resume: bool,
}

impl FilmSettings {
    /// A film without a title that replaces no other.
    pub fn new(fps: u32) -> Self {
        Self {
            fps,
            title: None,
            chapters: Vec::new(),
            expected_frames: 0,
            overwrite: false,
            segments: Vec::new(),
            resume: false,
        }
    }

    fn labels(&self) -> Labels {
        Labels {
            title: self.title.clone(),
            chapters: self.chapters.clone(),
        }
    }

    fn expected_frames(&self) -> u64 {
        if self.segments.is_empty() {
            self.expected_frames
        } else {
            self.segments
                .iter()
                .map(|segment| segment.frame_count)
                .sum()
        }
    }
}

/// What a finished film turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilmSummary {
    /// Where it is.
    pub path: PathBuf,
    /// How many frames it has.
    pub frame_count: u64,
    /// How many bytes it has.
    pub size_bytes: u64,
}

/// Why a film could not be written.
#[derive(Debug, Error)]
pub enum Mp4Error {
    /// There is a film of that name.
    #[error("{} exists already: choose another name, or ask for it to be replaced", .path.display())]
    Exists {
        /// The film's path.
        path: PathBuf,
    },
    /// The path names something that no film can replace.
    #[error("{} is not the name of a file: choose another name", .path.display())]
    NotAFile {
        /// The film's path.
        path: PathBuf,
    },
    /// Another run is writing the same film.
    #[error(
        "{} is being written by another run: wait for it, or choose another name",
        .path.display()
    )]
    InUse {
        /// The film's path.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{} cannot be {action}: {source}; {}", .path.display(), remedy(.source))]
    Io {
        /// The film's path.
        path: PathBuf,
        /// What was being done to it: `created`, `written`, `finished`.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A film needs at least one frame.
    #[error("{} was not written: the film has no frames", .path.display())]
    NoFrames {
        /// The film's path.
        path: PathBuf,
    },
    /// A packet does not belong into this film.
    #[error("{}: frame {index} cannot be added: {problem}", .path.display())]
    Stream {
        /// The film's path.
        path: PathBuf,
        /// Which frame.
        index: u64,
        /// What is wrong with it.
        problem: String,
    },
}

impl Mp4Error {
    /// Whether the file system stands in the way, not the film itself.
    pub fn is_io(&self) -> bool {
        matches!(
            self,
            Self::Io { .. } | Self::InUse { .. } | Self::NotAFile { .. }
        )
    }
}

/// What a person can do about a file system's answer.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space, or choose another disk"
        }
        ErrorKind::FileTooLarge => "choose a disk whose file system takes larger files",
        ErrorKind::PermissionDenied => "choose a folder that you may write to",
        ErrorKind::ReadOnlyFilesystem => "choose a folder on a disk that can be written",
        ErrorKind::NotFound => "create the folder first",
        ErrorKind::AlreadyExists => "remove it, or choose another name",
        ErrorKind::NotADirectory => "choose another folder",
        _ => "check the disk, then try again",
    }
}

/// A growing film: in a folder of its own beside its name, until [`Mp4Writer::finish`] gives it
/// that name. Dropped before that, it leaves its finished segments to be taken up again, and
/// nothing if there are none.
pub struct Mp4Writer {
    // Closed before the folder goes, as Windows needs it.
    mux: Mux<File>,
    stock: Stock,
    work: Work,
    path: PathBuf,
    overwrite: bool,
    segments: Vec<Segment>,
    /// The frame at which each of them ends.
    ends: Vec<u64>,
    /// How many of them the film has.
    done: usize,
    /// The frames that no earlier run has left.
    missing: Vec<Range<u64>>,
    /// Segments whose turn has not come, by their number.
    early: BTreeMap<usize, Early>,
}

/// What came of a segment before its turn.
enum Early {
    Begun(Vec<Packet>),
    /// It is in stock.
    Whole,
}

impl Mp4Writer {
    /// Starts a film that will appear at `path`, or goes on with it.
    pub fn create(path: &Path, settings: &FilmSettings) -> Result<Self, Mp4Error> {
        let path = target(path, settings.overwrite)?;
        let failed = |source| Mp4Error::Io {
            path: path.clone(),
            action: "created",
            source,
        };
        let folder =
            work::folder_of(&path).ok_or_else(|| Mp4Error::NotAFile { path: path.clone() })?;
        let Some(mut work) = Work::open(folder).map_err(failed)? else {
            return Err(Mp4Error::InUse { path });
        };
        let mut media = work.media().map_err(failed)?;
        let mux_failed = |error| mux_error(&path, "created", error);
        let mut mux = Mux::new(
            media.try_clone().map_err(failed)?,
            settings.fps,
            settings.labels(),
            settings.expected_frames(),
        )
        .map_err(mux_failed)?;
        let segments = settings.segments.clone();
        let stock = if settings.resume {
            work.restore(&mut media, mux.data_start(), &segments, &path)
        } else {
            work.clear(&media, mux.data_start())
                .map(|()| Stock::default())
        }
        .map_err(failed)?;
        for finished in &stock.in_place {
            mux.place(finished).map_err(mux_failed)?;
        }
        let mut writer = Self {
            done: stock.in_place.len(),
            missing: missing(&segments, &stock),
            mux,
            stock,
            work,
            path,
            overwrite: settings.overwrite,
            ends: Segment::ends(&segments),
            segments,
            early: BTreeMap::new(),
        };
        writer.begin_segment()?;
        Ok(writer)
    }

    /// The frames that are still to be written, in order; what lies between them is there.
    pub fn missing(&self) -> &[Range<u64>] {
        &self.missing
    }

    /// Adds a frame that is missing; frames count from 0, and the first and each that begins a
    /// segment is a key frame. Those of a segment come in order, and several segments may grow at
    /// once: what comes before its turn is kept until then, in memory while its segment grows.
    pub fn write(&mut self, packet: &Packet) -> Result<(), Mp4Error> {
        let number = self.ends.partition_point(|end| *end <= packet.index);
        if number > self.done && number < self.segments.len() {
            self.keep(number, packet)
        } else {
            self.append(packet)
        }
    }

    /// Appends the frame that is due.
    fn append(&mut self, packet: &Packet) -> Result<(), Mp4Error> {
        let begins = self.done > 0 && self.mux.frame_count() == self.start_of(self.done);
        if begins && !packet.key {
            return Err(self.refusal(packet, NO_KEY.into()));
        }
        self.mux
            .write(packet)
            .map_err(|error| self.mux_error("written", error))?;
        match self.segments.get(self.done) {
            Some(segment) if self.mux.frame_count() == self.ends[self.done] => {
                let id = segment.id;
                self.end_segment(id)?;
                self.begin_segment()
            }
            _ => Ok(()),
        }
    }

    /// Keeps a frame of a later segment; the last makes it a finished one.
    fn keep(&mut self, number: usize, packet: &Packet) -> Result<(), Mp4Error> {
        let mut packets = match self.early.remove(&number) {
            Some(Early::Begun(packets)) => packets,
            None if self.is_missing(number) => Vec::new(),
            Some(Early::Whole) | None => {
                return Err(self.refusal(packet, "its segment is finished".into()));
            }
        };
        let due = self.start_of(number) + packets.len() as u64;
        if packet.index != due {
            return Err(self.refusal(packet, format!("frame {due} is due")));
        }
        if packets.is_empty() && !packet.key {
            return Err(self.refusal(packet, NO_KEY.into()));
        }
        packets.push(packet.clone());
        let segment = self.segments[number];
        let early = if packets.len() as u64 == segment.frame_count {
            let (finished, bytes) = mux::segment_of(segment.id, &packets)
                .map_err(|error| self.mux_error("written", error))?;
            self.work
                .put_by(&mut self.stock, &segment, finished, &bytes)
                .map_err(|error| self.mux_error("written", error.into()))?;
            Early::Whole
        } else {
            Early::Begun(packets)
        };
        self.early.insert(number, early);
        Ok(())
    }

    fn refusal(&self, packet: &Packet, problem: String) -> Mp4Error {
        Mp4Error::Stream {
            path: self.path.clone(),
            index: packet.index,
            problem,
        }
    }

    /// The frame with which a segment begins.
    fn start_of(&self, number: usize) -> u64 {
        number.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    /// Whether the frames of a segment come by way of [`write`](Self::write).
    fn is_missing(&self, number: usize) -> bool {
        let start = self.start_of(number);
        self.missing.iter().any(|range| range.contains(&start))
    }

    fn end_segment(&mut self, id: SegmentId) -> Result<(), Mp4Error> {
        let finished = self
            .mux
            .end_segment(id)
            .map_err(|error| self.mux_error("written", error))?;
        // First the bytes, then the line that vouches for them.
        self.mux
            .file()
            .sync_data()
            .and_then(|()| self.work.note(&finished))
            .map_err(|error| self.mux_error("written", error.into()))?;
        self.done += 1;
        Ok(())
    }

    /// Takes over what is finished from here on, up to the next segment that is missing, and what
    /// has come of that.
    fn begin_segment(&mut self) -> Result<(), Mp4Error> {
        while let Some(segment) = self.segments.get(self.done).copied() {
            match self.early.remove(&self.done) {
                Some(Early::Begun(packets)) => {
                    return packets.iter().try_for_each(|packet| self.append(packet));
                }
                None if self.is_missing(self.done) => break,
                Some(Early::Whole) | None => {}
            }
            self.take_over(&segment)?;
            self.done += 1;
            // The same may be seen again.
            if !self.segments[self.done..].contains(&segment) {
                self.work
                    .sync()
                    .map_err(|error| self.mux_error("written", error.into()))?;
                self.stock.drop_file(&segment);
            }
        }
        Ok(())
    }

    fn take_over(&mut self, segment: &Segment) -> Result<(), Mp4Error> {
        let failed = |error| mux_error(&self.path, "written", error);
        let (finished, mut source) = self
            .stock
            .open(segment)
            .map_err(|error| failed(error.into()))?;
        self.mux.append(finished, &mut source).map_err(failed)?;
        self.mux
            .file()
            .sync_data()
            .and_then(|()| self.work.note(finished))
            .map_err(|error| failed(error.into()))
    }

    /// Completes the film and gives it its name.
    pub fn finish(self) -> Result<FilmSummary, Mp4Error> {
        if self.done < self.segments.len() {
            return Err(Mp4Error::Stream {
                index: self.mux.frame_count(),
                path: self.path,
                problem: "it is missing, and the film cannot be finished without it".into(),
            });
        }
        let Self {
            mux,
            stock,
            work,
            path,
            overwrite,
            segments,
            ..
        } = self;
        let failed = |source| Mp4Error::Io {
            path: path.clone(),
            action: "finished",
            source,
        };
        let Muxed {
            mut file,
            frame_count,
            data_start,
        } = mux
            .finish()
            .map_err(|error| mux_error(&path, "finished", error))?;
        if !segments.is_empty() {
            let trailer = work.trailer(data_start).map_err(failed)?;
            file.seek(SeekFrom::End(0)).map_err(failed)?;
            file.write_all(&trailer).map_err(failed)?;
        }
        file.sync_all().map_err(failed)?;
        let size_bytes = file.metadata().map_err(failed)?.len();
        drop((file, stock));

        // Something may have taken the name while the film grew.
        target(&path, overwrite)?;
        fs::rename(work.media_path(), &path).map_err(failed)?;
        work.discard();
        Ok(FilmSummary {
            path,
            frame_count,
            size_bytes,
        })
    }

    fn mux_error(&self, action: &'static str, error: MuxError) -> Mp4Error {
        mux_error(&self.path, action, error)
    }
}

const NO_KEY: &str = "a segment must start with a key frame";

/// The frames of the segments that are neither in their place nor in stock.
fn missing(segments: &[Segment], stock: &Stock) -> Vec<Range<u64>> {
    let mut missing: Vec<Range<u64>> = Vec::new();
    let mut start = 0;
    for (number, segment) in segments.iter().enumerate() {
        let end = start + segment.frame_count;
        if number >= stock.in_place.len() && !stock.has(segment) {
            match missing.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => missing.push(start..end),
            }
        }
        start = end;
    }
    missing
}

/// The film at `path`, if it is there and is, byte for byte, what `settings` ask for.
pub fn finished_film(path: &Path, settings: &FilmSettings) -> Option<FilmSummary> {
    let head = |segments: &[_], data_start| {
        mux::head_of(settings.fps, settings.labels(), segments, data_start)
    };
    // A film that cannot be read is made anew, which says what is wrong with its place.
    let is_whole = !settings.segments.is_empty()
        && path.is_file()
        && work::is_whole(path, &settings.segments, head).unwrap_or(false);
    let size_bytes = fs::metadata(path).ok()?.len();
    is_whole.then(|| FilmSummary {
        path: path.to_owned(),
        frame_count: settings.expected_frames(),
        size_bytes,
    })
}

/// Whether a run that was broken off has left finished segments of the film at `path`.
pub fn is_begun(path: &Path) -> bool {
    work::is_begun(path)
}

/// Removes what a run that was broken off has left of the film at `path`, if anything.
pub fn discard_begun(path: &Path) -> Result<(), Mp4Error> {
    let failed = |source| Mp4Error::Io {
        path: path.to_owned(),
        action: "removed",
        source,
    };
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let Some(folder) = work::folder_of(&path).filter(|folder| folder.is_dir()) else {
        return Ok(());
    };
    match Work::open(folder).map_err(failed)? {
        Some(work) => {
            work.discard();
            Ok(())
        }
        None => Err(Mp4Error::InUse { path }),
    }
}

fn mux_error(path: &Path, action: &'static str, error: MuxError) -> Mp4Error {
    let path = path.to_owned();
    match error {
        MuxError::Io(source) => Mp4Error::Io {
            path,
            action,
            source,
        },
        MuxError::Stream { index, problem } => Mp4Error::Stream {
            path,
            index,
            problem,
        },
        MuxError::NoFrames => Mp4Error::NoFrames { path },
    }
}

/// The path to rename to: a link's target, so that a link to a film stays one.
fn target(path: &Path, overwrite: bool) -> Result<PathBuf, Mp4Error> {
    let owned = || path.to_owned();
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(Mp4Error::NotAFile { path: owned() }),
        Ok(_) if !overwrite => Err(Mp4Error::Exists { path: owned() }),
        Ok(_) => path.canonicalize().map_err(|source| Mp4Error::Io {
            path: owned(),
            action: "replaced",
            source,
        }),
        // A missing folder is reported by the attempt to create the file.
        Err(_) => Ok(owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_names_the_film_the_cause_and_the_remedy() {
        let error = mux_error(
            Path::new("out/film.mp4"),
            "written",
            MuxError::Io(ErrorKind::StorageFull.into()),
        );
        assert!(error.is_io());
        assert_eq!(
            error.to_string(),
            "out/film.mp4 cannot be written: no storage space; \
             free some space, or choose another disk"
        );
    }
}
