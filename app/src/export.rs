//! The way from a film to its file: one thread draws, others encode, and one writes.
//!
//! The film is made in segments that stand alone, each with an encoder of its own. A run that is
//! broken off leaves those that it finished, and the next one goes on from there: what it makes is
//! the same film to the last byte. In the same way the film goes on where hardware that encodes
//! fails: the segment that it left unfinished is drawn again for the next kind of encoder.
//!
//! Where a GPU draws and the processor encodes, several segments grow at once, in *lanes*: see
//! `lanes.rs`. How many there are changes no byte of the film.

use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fabula_encode::{
    Again, EncodeError, Encoder, EncoderChoice, Encoders, FilmSettings, I420, Mp4Error, Mp4Writer,
    Packet, PictureLayout, PictureOnGpu, Segment, VideoSettings, finished_film,
};
use fabula_live::LiveError;
use fabula_render::{Film, RenderError, SharedPictures};

use crate::cameras::Recordings;
use crate::chapters::chapters;
use crate::lanes::{Emptied, Filled, Turns, lane_count};
use crate::segments::segments;

/// Encoded frames that wait to be written.
const PACKETS_IN_FLIGHT: usize = 32;
/// Pictures that have a place on the GPU: four are being encoded, four wait for that, and two are
/// being drawn.
const PICTURES_ON_GPU: usize = 10;

/// What a film is exported as.
#[derive(Clone, Copy, Debug)]
pub struct ExportPlan<'a> {
    /// Where the film appears when it is whole.
    pub path: &'a Path,
    /// Size, frame rate and bits.
    pub video: VideoSettings,
    /// What encodes.
    pub encoder: EncoderChoice,
    /// The title that players show.
    pub title: &'a str,
    /// Whether a film of the same name is replaced.
    pub overwrite: bool,
    /// Whether what an earlier run has finished is taken over: from its unfinished film, or from
    /// the film of the same name. Otherwise an unfinished film is discarded.
    pub resume: bool,
    /// Whether the cameras of live backdrops are received. Whoever takes storyboards from
    /// strangers refuses that: it is their address that is connected to from here.
    pub cameras: bool,
    /// How many films this process makes at once, this one among them: they share the processor.
    pub films_at_once: usize,
    /// Whether pictures are encoded where they lie on the GPU, where that can be. Otherwise, and where
    /// it cannot, they are copied.
    pub zero_copy: bool,
}

/// A finished film.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Number of frames.
    pub frame_count: u64,
    /// How many of them were taken over from an earlier run.
    pub kept_frames: u64,
    /// Name of the encoder; `nvenc, then openh264` if one took over from the other.
    pub encoder: String,
    /// Why no better encoder was taken, and what failed on the way, a sentence each.
    pub fallbacks: Vec<String>,
    /// How many segments were encoded at once.
    pub lanes: usize,
    /// Time in which the drawing thread drew and converted.
    pub drawing: Duration,
    /// Time in which the encoding threads encoded, all together.
    pub encoding: Duration,
    /// Time in which the writing thread wrote the file.
    pub writing: Duration,
}

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A frame could not be drawn.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A frame could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] Mp4Error),
    /// A camera shows nothing.
    #[error(transparent)]
    Camera(#[from] LiveError),
    /// The caller broke it off.
    #[error("the film was broken off")]
    BrokenOff,
}

/// Draws all frames of a film into an MP4 file. `on_frame` learns how many frames there are, at
/// first with those that were taken over, and may break off. Then, and after an error, the
/// finished segments stay for a run with `resume`, until
/// [`discard_begun`](fabula_encode::discard_begun). Where hardware that encodes fails, `on_frame`
/// learns that there are fewer frames again.
pub fn export(
    film: &mut Film<'_>,
    plan: &ExportPlan<'_>,
    on_frame: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Exported, ExportError> {
    export_with(lane_count, film, plan, on_frame)
}

/// The same with so many lanes as `lanes` says.
fn export_with(
    lanes: impl Fn(&Film<'_>, &Encoders, &ExportPlan<'_>) -> usize,
    film: &mut Film<'_>,
    plan: &ExportPlan<'_>,
    mut on_frame: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Exported, ExportError> {
    let fps = plan.video.fps;
    let frame_count = film.frame_count(fps);
    let mut encoders = Encoders::choose(plan.encoder, &plan.video)?;
    let mut shared = plan
        .zero_copy
        .then(|| shared_pictures(film, &mut encoders))
        .flatten();
    let planned = segments(film, &plan.video, plan.encoder, &encoders.identity());
    let mut settings = FilmSettings {
        fps,
        title: Some(plan.title.to_owned()),
        chapters: chapters(film.board(), fps),
        expected_frames: frame_count,
        overwrite: plan.overwrite,
        segments: planned,
        resume: plan.resume,
    };
    let mut exported = Exported {
        frame_count,
        kept_frames: frame_count,
        encoder: encoders.name().to_owned(),
        fallbacks: encoders.reasons().to_vec(),
        lanes: 0,
        drawing: Duration::ZERO,
        encoding: Duration::ZERO,
        writing: Duration::ZERO,
    };
    if plan.resume && finished_film(plan.path, &settings).is_some() {
        fabula_encode::discard_begun(plan.path)?;
        // Nothing is left to be broken off.
        let _ = on_frame(frame_count);
        return Ok(exported);
    }
    let clock = film_cameras(film, plan, || on_frame(0).is_continue())?;
    let mut first_missing = None;
    loop {
        let writer = Mp4Writer::create(plan.path, &settings)?;
        let missing = writer.missing().to_vec();
        let to_draw: u64 = missing.iter().map(|range| range.end - range.start).sum();
        let kept_frames = frame_count - to_draw;
        if first_missing.is_none() {
            first_missing = missing.first().map(|range| range.start);
            exported.kept_frames = kept_frames;
        }
        let ends = Segment::ends(&settings.segments);
        let to_draw = segments_in(&ends, &missing);
        let lanes = lanes(film, &encoders, plan).clamp(1, to_draw.len().max(1));
        exported.lanes = exported.lanes.max(lanes);
        let run = Run {
            plan,
            lanes,
            segments: to_draw,
            kept_frames,
            frames_left: frame_count - kept_frames,
            ends: &ends,
            clock,
            shared: shared.as_ref(),
        };
        let failed = run.make(film, writer, &mut encoders, &mut exported, &mut on_frame)?;
        let Some(failed) = failed else {
            return Ok(exported);
        };

        let before = encoders.name();
        let again = encoders.step_down(failed.error)?;
        shared = None;
        let new = segments(film, &plan.video, plan.encoder, &encoders.identity());
        let start = match again {
            // What is finished stays as it is, and the next kind of encoder makes the rest.
            Again::Segment => {
                let start = segment_start(&settings.segments, failed.frame);
                replan(&mut settings.segments, new, &missing, start);
                start
            }
            Again::Film => {
                settings.segments = new;
                first_missing = Some(0);
                exported.kept_frames = 0;
                0
            }
        };
        settings.resume = true;
        exported.encoder = if first_missing == Some(start) {
            encoders.name().to_owned()
        } else {
            format!("{before}, then {}", encoders.name())
        };
        exported.fallbacks = encoders.reasons().to_vec();
    }
}

/// Places for pictures on the GPU that the encoders take them from; none where they take copies.
fn shared_pictures(film: &Film<'_>, encoders: &mut Encoders) -> Option<SharedPictures> {
    let mut places = None;
    let are_shared = encoders.share(film.gpu().uuid(), || {
        let made = SharedPictures::new(film, PICTURES_ON_GPU);
        let (pictures, memories) = made.map_err(|error| error.to_string())?;
        let layout = PictureLayout {
            pitch: pictures.pitch(),
            height: film.size().height(),
        };
        places = Some(pictures);
        let memories = memories
            .into_iter()
            .map(|memory| fabula_encode::SharedMemory {
                #[cfg(unix)]
                fd: memory.fd,
                len: memory.len,
            });
        Ok((layout, memories.collect()))
    });
    places.filter(|_| are_shared)
}

/// The hardware that encodes failed at this frame.
struct Failed {
    frame: u64,
    error: EncodeError,
}

/// One try to make all frames that are missing.
struct Run<'a> {
    plan: &'a ExportPlan<'a>,
    lanes: usize,
    /// The segments that are missing.
    segments: Vec<Range<u64>>,
    kept_frames: u64,
    frames_left: u64,
    /// The frame at which each segment of the film ends.
    ends: &'a [u64],
    /// When the film's clock is at 0 for its cameras, if it has any.
    clock: Option<Instant>,
    /// Where pictures stay on the GPU, unless they are copied.
    shared: Option<&'a SharedPictures>,
}

impl Run<'_> {
    /// Gives what failed, if the film can go on with another encoder.
    fn make(
        self,
        film: &mut Film<'_>,
        writer: Mp4Writer,
        encoders: &mut Encoders,
        times: &mut Exported,
        on_frame: &mut impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Option<Failed>, ExportError> {
        let encoders = &Mutex::new(encoders);
        let in_software = film.is_drawn_in_software();
        thread::scope(|scope| {
            let (encoded, to_write) = mpsc::sync_channel(PACKETS_IN_FLIGHT);
            let frames_left = self.frames_left;
            let writing = scope.spawn(move || {
                if in_software {
                    give_way();
                }
                write(writer, &to_write, frames_left)
            });
            let (emptied, to_fill) = mpsc::channel();
            let mut to_encode = Vec::with_capacity(self.lanes);
            let mut encoding = Vec::with_capacity(self.lanes);
            for number in 0..self.lanes {
                let (filled, frames) = mpsc::channel();
                to_encode.push(filled);
                let lane = Lane {
                    number,
                    video: self.plan.video,
                    ends: self.ends,
                    encoders,
                    emptied: emptied.clone(),
                    encoded: encoded.clone(),
                    encoding: Duration::ZERO,
                };
                encoding.push(scope.spawn(move || {
                    if in_software {
                        give_way();
                    }
                    lane.encode_frames(&frames)
                }));
            }
            // They belong to the lanes, and end with them.
            drop((emptied, encoded));

            let turns = Turns::new(self.segments.clone(), to_encode, to_fill);
            let mut tally = Tally {
                wanted: on_frame(self.kept_frames),
                elsewhere: Duration::ZERO,
            };
            let began = Instant::now();
            let drawn = self.draw(film, turns, &mut tally, on_frame);
            times.drawing += began.elapsed().saturating_sub(tally.elsewhere);
            let mut failure: Option<(u64, ExportError)> = None;
            for lane in encoding {
                let (time, failed) = joined(lane);
                times.encoding += time;
                let failures = failure.into_iter().chain(failed);
                failure = failures.min_by_key(|(frame, _)| *frame);
            }
            let (is_whole, time) = joined(writing)?;
            times.writing += time;
            match failure {
                // Broken off after the last frame, it is whole all the same.
                None if is_whole => Ok(None),
                Some((frame, ExportError::Encode(error @ EncodeError::Hardware { .. })))
                    if tally.wanted.is_continue() =>
                {
                    Ok(Some(Failed { frame, error }))
                }
                None | Some((_, ExportError::Encode(EncodeError::Hardware { .. }))) => Err(drawn
                    .err()
                    .map_or(ExportError::BrokenOff, ExportError::Render)),
                Some((_, error)) => Err(error),
            }
        })
    }

    /// Draws what is missing, until all is drawn, the caller breaks it off or a lane ends early.
    fn draw(
        &self,
        film: &mut Film<'_>,
        mut turns: Turns,
        tally: &mut Tally,
        on_frame: &mut impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), RenderError> {
        let fps = self.plan.video.fps;
        let mut filmed = self.segments.clone();
        filmed.retain(|segment| self.clock.is_some() && film.films_camera(fps, segment.clone()));
        let mut frames = match self.shared {
            Some(pictures) => film.frames_on_gpu(fps, self.lanes, pictures)?,
            None => film.frames(fps, self.lanes)?,
        };
        let mut done = self.kept_frames;
        while tally.wanted.is_continue() {
            let next = turns.next();
            if next.is_none() || frames.are_full() {
                let Some((lane, mut frame)) = frames.receive()? else {
                    break;
                };
                let left = Instant::now();
                let taken = turns.hand_over(lane, &mut frame);
                if taken.is_continue() {
                    done += 1;
                    tally.wanted = on_frame(done);
                }
                tally.elsewhere += left.elapsed();
                if taken.is_break() || tally.wanted.is_break() {
                    break;
                }
            }
            let Some((lane, index)) = next else {
                continue;
            };
            if let Some(clock) = self.clock
                && filmed.iter().any(|segment| segment.start == index)
            {
                let left = Instant::now();
                let begin = Duration::from_secs_f64(index as f64 / f64::from(fps));
                tally.wanted = wait_until(clock + begin, || on_frame(done));
                tally.elsewhere += left.elapsed();
            }
            if tally.wanted.is_continue() {
                frames.draw(lane, index)?;
            }
        }
        Ok(())
    }
}

/// What came of drawing.
struct Tally {
    /// What the caller said last.
    wanted: ControlFlow<()>,
    /// Time in which the drawing thread did something else: waited for other threads, the caller
    /// or a camera.
    elsewhere: Duration,
}

/// What a thread gave; its panic goes on here, as if there were one thread.
fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Lets other threads of this process go first from now on.
///
/// A software GPU draws on all cores, and by turns on one: encoding then fills the gaps instead of
/// holding drawing up, which takes 8 % less time on two cores. Only Linux knows priorities of
/// single threads under POSIX's name; elsewhere nothing is done.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        /// Of 19 steps down; at the last, encoding falls behind where others need the machine too.
        const STEPS_DOWN: i32 = 10;
        // Refused or not, the film is the same.
        let _ = rustix::process::setpriority_process(None, STEPS_DOWN);
    }
}

/// Lets the cameras of a film be recorded from now on, and gives the moment at which its clock is
/// at 0: when the first of them showed its first picture.
fn film_cameras(
    film: &mut Film<'_>,
    plan: &ExportPlan<'_>,
    mut wanted: impl FnMut() -> bool,
) -> Result<Option<Instant>, ExportError> {
    let cameras = film.cameras();
    if cameras.is_empty() || !plan.cameras {
        return Ok(None);
    }
    let folder = match plan.path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let length = Duration::from_secs_f64(film.duration_s());
    let mut goes_on = true;
    let recordings = Recordings::open(&cameras, folder, length, || {
        goes_on = wanted();
        goes_on
    });
    let recordings = match recordings {
        Err(_) if !goes_on => return Err(ExportError::BrokenOff),
        recordings => recordings?,
    };
    let clock = recordings.clock();
    film.set_cameras(Box::new(recordings));
    Ok(clock)
}

/// Waits while `wanted`: what is taken over from an earlier run takes no time, and the cameras'
/// time passes all the same.
fn wait_until(end: Instant, mut wanted: impl FnMut() -> ControlFlow<()>) -> ControlFlow<()> {
    const HEARTBEAT: Duration = Duration::from_millis(200);
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        wanted()?;
        thread::sleep(left.min(HEARTBEAT));
    }
    ControlFlow::Continue(())
}

/// The segments that are missing, by the frames that are.
fn segments_in(ends: &[u64], missing: &[Range<u64>]) -> Vec<Range<u64>> {
    let starts = [0].into_iter().chain(ends.iter().copied());
    let mut segments: Vec<_> = starts.zip(ends).map(|(start, end)| start..*end).collect();
    segments.retain(|segment| missing.iter().any(|range| range.contains(&segment.start)));
    segments
}

/// The frame at which the segment of a frame begins.
fn segment_start(segments: &[Segment], frame: u64) -> u64 {
    let ends = Segment::ends(segments);
    let number = ends.partition_point(|end| *end <= frame);
    number.checked_sub(1).map_or(0, |before| ends[before])
}

/// Takes over, from the segment at `start` on, the new form of those that were `missing`.
fn replan(segments: &mut [Segment], new: Vec<Segment>, missing: &[Range<u64>], start: u64) {
    let mut at = 0;
    for (segment, new) in segments.iter_mut().zip(new) {
        if at >= start && missing.iter().any(|range| range.contains(&at)) {
            *segment = new;
        }
        at += segment.frame_count;
    }
}

/// Writes what comes, and finishes the film if that was all. Gives whether it was, and the time
/// that it took.
fn write(
    mut writer: Mp4Writer,
    to_write: &Receiver<Packet>,
    mut frames_left: u64,
) -> Result<(bool, Duration), Mp4Error> {
    let mut time = Duration::ZERO;
    for packet in to_write {
        let began = Instant::now();
        writer.write(&packet)?;
        time += began.elapsed();
        frames_left -= 1;
    }
    // Without all frames there is no film.
    if frames_left > 0 {
        return Ok((false, time));
    }
    let began = Instant::now();
    writer.finish()?;
    Ok((true, time + began.elapsed()))
}

/// What the thread of a lane does: it encodes one segment after the other.
struct Lane<'a, 'e> {
    number: usize,
    video: VideoSettings,
    /// The frame at which each segment of the film ends.
    ends: &'a [u64],
    encoders: &'a Mutex<&'e mut Encoders>,
    emptied: Sender<Emptied>,
    encoded: SyncSender<Packet>,
    encoding: Duration,
}

impl<'e> Lane<'_, 'e> {
    /// Encodes what comes. Gives the time that it took, and the frame at which it failed and why.
    fn encode_frames(
        mut self,
        frames: &Receiver<Filled>,
    ) -> (Duration, Option<(u64, ExportError)>) {
        let mut encoder = None;
        let mut failed = None;
        for mut frame in frames {
            match self.encode_frame(&mut encoder, &mut frame) {
                // The drawing thread needs no more buffers after its last frame.
                Ok(ControlFlow::Continue(())) => {
                    drop(self.emptied.send((self.number, Some(frame.planes))));
                }
                Ok(ControlFlow::Break(())) => break,
                Err(error) => {
                    failed = Some((frame.index, error));
                    break;
                }
            }
        }
        drop(self.emptied.send((self.number, None)));
        (self.encoding, failed)
    }

    fn encoders(&self) -> MutexGuard<'_, &'e mut Encoders> {
        // Opening one leaves the others as they are, also after a panic.
        self.encoders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Encodes a frame with the encoder of its segment, which is there but for the first frame.
    /// Breaks where nobody writes any more.
    fn encode_frame(
        &mut self,
        encoder: &mut Option<Box<dyn Encoder>>,
        frame: &mut Filled,
    ) -> Result<ControlFlow<()>, ExportError> {
        let VideoSettings { width, height, .. } = self.video;
        let index = frame.index;
        let began = Instant::now();
        let mut current = match encoder.take() {
            Some(current) => current,
            None => self.encoders().open_at(index)?,
        };
        let done = match frame.on_gpu.take() {
            Some(picture) => {
                let picture = PictureOnGpu {
                    place: picture.place(),
                    hold: Box::new(picture),
                };
                current.encode_on_gpu(picture, index)?
            }
            None => current.encode(I420::from_packed(width, height, &frame.planes)?, index)?,
        };
        let mut packets = Vec::from_iter(done);
        if self.ends.binary_search(&(index + 1)).is_ok() {
            packets.extend(current.finish()?);
        } else {
            *encoder = Some(current);
        }
        self.encoding += began.elapsed();
        for packet in packets {
            if self.encoded.send(packet).is_err() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fabula_encode::{Quality, SegmentId};
    use fabula_render::{FilmOptions, FrameSize, Gpu, GpuChoice};
    use fabula_story::Storyboard;
    use std::fs;
    use std::path::PathBuf;

    /// What the films of these tests are exported as.
    fn plan(path: &Path) -> ExportPlan<'_> {
        ExportPlan {
            path,
            video: VideoSettings::new(160, 90, 10, Quality::Standard),
            encoder: EncoderChoice::OpenH264,
            title: "Lanes",
            overwrite: true,
            resume: true,
            cameras: false,
            films_at_once: 1,
            zero_copy: false,
        }
    }

    /// A film of a few segments, and where it is made.
    struct Shop {
        gpu: Gpu,
        board: Storyboard,
        folder: tempfile::TempDir,
    }

    impl Shop {
        fn open() -> Option<Self> {
            let gpu = match Gpu::open(&GpuChoice::Cpu) {
                Ok(gpu) => gpu,
                Err(error) => {
                    println!("skipped: {error}");
                    return None;
                }
            };
            let board = include_str!("../../engine/story/tests/samples/storyboard.json");
            let mut board = Storyboard::from_json(board).unwrap();
            let scenes = board.scenes.clone();
            for round in 1..6 {
                for mut scene in scenes.iter().cloned() {
                    scene.id = format!("r{round}.{}", scene.id);
                    scene.transition.duration_s = 0.5;
                    for shot in &mut scene.shots {
                        shot.id = format!("r{round}.{}", shot.id);
                        // The last scene is the first once more.
                        shot.duration_s += 0.25 * f64::from(round % 5);
                    }
                    board.scenes.push(scene);
                }
            }
            board.check().unwrap();
            Some(Self {
                gpu,
                board,
                folder: tempfile::tempdir().unwrap(),
            })
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn names(&self) -> Vec<String> {
            let names = fs::read_dir(self.folder.path()).unwrap();
            let mut names: Vec<String> = names
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }

        /// Makes the film of this name with so many lanes.
        fn make(
            &self,
            name: &str,
            lanes: usize,
            on_frame: impl FnMut(u64) -> ControlFlow<()>,
        ) -> Result<Exported, ExportError> {
            let (size, options) = (FrameSize::new(160, 90).unwrap(), FilmOptions::default());
            let mut film = Film::new(&self.gpu, &self.board, size, options).unwrap();
            let path = self.path(name);
            let plan = plan(&path);
            export_with(|_, _, _| lanes, &mut film, &plan, on_frame)
        }

        /// The film that one lane makes.
        fn expected(&self) -> Vec<u8> {
            let made = self.make("one.mp4", 1, |_| ControlFlow::Continue(()));
            assert_eq!(made.unwrap().lanes, 1);
            let path = self.path("one.mp4");
            let film = fs::read(&path).unwrap();
            fs::remove_file(path).unwrap();
            film
        }
    }

    #[test]
    fn a_film_of_several_lanes_has_the_bytes_of_one_that_was_killed_or_not() {
        let Some(shop) = Shop::open() else { return };
        let expected = shop.expected();
        // The folder in which the film grows, as a kill at some moments leaves it.
        let mut told = Vec::new();
        let kills = [(180, 3), (260, 1)];
        let work = shop.path(".film.mp4.part");
        let made = shop.make("film.mp4", 3, |done| {
            told.push(done);
            if kills.iter().any(|(kill, _)| *kill == done) {
                let killed = shop.path(&format!(".killed-{done}.mp4.part"));
                fs::create_dir(&killed).unwrap();
                for entry in fs::read_dir(&work).unwrap() {
                    let entry = entry.unwrap();
                    // One that was finished meanwhile is gone, as it may be at a kill.
                    let _ = fs::copy(entry.path(), killed.join(entry.file_name()));
                }
            }
            ControlFlow::Continue(())
        });
        let made = made.unwrap();
        assert_eq!((made.lanes, made.kept_frames), (3, 0));
        assert!(told.into_iter().eq(0..=made.frame_count));
        assert!(fs::read(shop.path("film.mp4")).unwrap() == expected);
        for (kill, lanes) in kills {
            let name = format!("killed-{kill}.mp4");
            let made = shop.make(&name, lanes, |_| ControlFlow::Continue(()));
            let kept = made.unwrap().kept_frames;
            assert!(kept > 0 || kill < 200, "nothing was kept at {kill}");
            assert!(fs::read(shop.path(&name)).unwrap() == expected, "{name}");
        }
        assert!(!shop.names().iter().any(|name| name.starts_with('.')));
    }

    #[test]
    fn what_lanes_have_finished_is_kept_when_the_film_is_broken_off() {
        let Some(shop) = Shop::open() else { return };
        let expected = shop.expected();
        let broken_off = shop.make("film.mp4", 3, |done| match done {
            0..260 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        });
        assert!(matches!(broken_off, Err(ExportError::BrokenOff)));
        assert_eq!(shop.names(), [".film.mp4.part"]);
        let rest = shop
            .make("film.mp4", 3, |_| ControlFlow::Continue(()))
            .unwrap();
        assert!(rest.kept_frames > 0);
        assert!(fs::read(shop.path("film.mp4")).unwrap() == expected);
        assert_eq!(shop.names(), ["film.mp4"]);
    }

    #[test]
    fn an_error_in_a_lane_or_on_the_disk_ends_the_film_with_that_error() {
        let Some(shop) = Shop::open() else { return };
        let mut done = 0;
        let removed = shop.make("film.mp4", 3, |now| {
            done = now;
            if now == 10 {
                fs::remove_dir_all(shop.path(".film.mp4.part")).unwrap();
            }
            ControlFlow::Continue(())
        });
        let error = removed.unwrap_err();
        assert!(matches!(error, ExportError::File(_)), "{error}");
        assert!(shop.names().is_empty(), "{:?}", shop.names());

        // An encoder that is given frames of another size.
        let size = FrameSize::new(192, 96).unwrap();
        let mut film = Film::new(&shop.gpu, &shop.board, size, FilmOptions::default()).unwrap();
        let path = shop.path("film.mp4");
        let plan = ExportPlan {
            resume: false,
            ..plan(&path)
        };
        let mut last = 0;
        let failed = export_with(
            |_, _, _| 3,
            &mut film,
            &plan,
            |done| {
                last = done;
                ControlFlow::Continue(())
            },
        );
        let error = failed.unwrap_err();
        assert!(matches!(error, ExportError::Encode(_)), "{error}");
        assert!(last < film.frame_count(10), "drawing went on to the end");
        assert!(shop.names().is_empty(), "{:?}", shop.names());
    }

    #[test]
    fn only_what_is_still_missing_is_planned_anew() {
        let segment = |id: u8, frame_count| Segment {
            id: SegmentId([id; 32]),
            frame_count,
        };
        let lens = [100, 120, 96, 150, 110];
        let planned = |id| lens.map(|len| segment(id, len)).to_vec();
        let ids = |segments: &[Segment]| -> Vec<u8> {
            segments.iter().map(|segment| segment.id.0[0]).collect()
        };
        // The fourth was left by an earlier run; the failure is in the third, at its first frame,
        // in its middle and at its last.
        for frame in [220, 260, 315] {
            let mut segments = planned(1);
            let start = segment_start(&segments, frame);
            assert_eq!(start, 220);
            replan(&mut segments, planned(2), &[0..316, 466..576], start);
            assert_eq!(ids(&segments), [1, 1, 2, 1, 2], "at {frame}");
        }
        assert_eq!(segment_start(&planned(1), 0), 0);
        assert_eq!(segment_start(&planned(1), 99), 0);
        assert_eq!(segment_start(&planned(1), 575), 466);
    }
}
