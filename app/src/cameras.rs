//! What cameras show behind the actors: now, or at the film's clock.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fabula_live::{CameraUrl, LiveError, LiveView, Picture, Problem, Recording, State};
use fabula_render::{BackdropPicture, CameraSource, Film, RenderError};
use fabula_story::{Storyboard, StreamUrl};

/// How long is waited for the first picture of a camera.
const FIRST_PICTURE: Duration = Duration::from_secs(15);
/// A camera that shows nothing yet: dusk.
const NOTHING_YET: [u8; 4] = [58, 62, 84, 255];

/// Looks whether the cameras that a storyboard names can be connected to by their addresses.
///
/// # Errors
/// If an address cannot be used; it is not repeated.
pub fn check_cameras(board: &Storyboard) -> Result<(), RenderError> {
    let mut cameras = board
        .scenes
        .iter()
        .filter_map(|scene| scene.backdrop.camera());
    cameras.try_for_each(|url| address(url).map(drop))
}

/// Cameras that are looked at: each shows its newest picture, whatever the time of the film.
///
/// Clones look at the same cameras.
#[derive(Clone, Debug, Default)]
pub struct Views {
    cameras: Arc<Mutex<Vec<Viewed>>>,
    /// Whether the first picture of a camera is waited for.
    waiting: bool,
}

#[derive(Debug)]
struct Viewed {
    url: StreamUrl,
    view: LiveView,
    shown: Option<Ready>,
    /// What was last said about it.
    told: Option<Problem>,
}

/// A picture that was made ready to be drawn.
#[derive(Debug)]
struct Ready {
    number: u64,
    picture: Arc<BackdropPicture>,
}

impl Views {
    /// Cameras whose first picture is waited for.
    pub fn waiting() -> Self {
        Self {
            waiting: true,
            ..Self::default()
        }
    }

    /// Shows the cameras of a film behind its actors, and closes all others.
    pub fn stand_behind(&self, film: &mut Film<'_>) -> Result<(), RenderError> {
        self.show(&film.cameras())?;
        film.set_cameras(Box::new(self.clone()));
        Ok(())
    }

    /// Shows them in another picture of a film that they stand behind. None is opened for it.
    pub fn stand_by(&self, film: &mut Film<'_>) {
        film.set_cameras(Box::new(self.clone()));
    }

    /// Counts the pictures that came: where it is another number, there is something new to see.
    pub fn count(&self) -> u64 {
        let newest = |viewed: &Viewed| viewed.view.newest().map_or(0, |it| it.number() + 1);
        self.lock().iter().map(newest).sum()
    }

    /// What there is to say about a camera that shows nothing, or nothing new.
    pub fn trouble(&self) -> Option<String> {
        let trouble = |viewed: &Viewed| match viewed.view.state() {
            State::Connecting => Some(format!(
                "Waiting for the camera at {}",
                viewed.view.camera()
            )),
            State::Lost { problem, .. } => {
                Some(format!("The camera at {} {problem}", viewed.view.camera()))
            }
            State::Playing => None,
        };
        self.lock().iter().find_map(trouble)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Viewed>> {
        // Each change of a camera is whole by itself, also before a panic.
        self.cameras.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, cameras: &[StreamUrl]) -> Result<(), RenderError> {
        let mut viewed = self.lock();
        viewed.retain(|viewed| cameras.contains(&viewed.url));
        for url in cameras {
            if viewed.iter().all(|viewed| viewed.url != *url) {
                viewed.push(Viewed {
                    url: url.clone(),
                    view: LiveView::open(address(url)?).map_err(|error| failed(&error))?,
                    shown: None,
                    told: None,
                });
            }
        }
        Ok(())
    }
}

impl CameraSource for Views {
    fn picture(&mut self, camera: &StreamUrl, _: f64) -> Result<Arc<BackdropPicture>, RenderError> {
        let mut cameras = self.lock();
        let Some(viewed) = cameras.iter_mut().find(|viewed| viewed.url == *camera) else {
            return nothing_yet();
        };
        if self.waiting {
            viewed
                .view
                .wait(FIRST_PICTURE)
                .map_err(|error| failed(&error))?;
        }
        viewed.tell();
        match viewed.view.newest() {
            Some(newest) => ready(&mut viewed.shown, &newest),
            None => nothing_yet(),
        }
    }
}

impl Viewed {
    /// Says once what has become of the camera.
    fn tell(&mut self) {
        match self.view.state() {
            State::Lost { problem, .. } if self.told.as_ref() != Some(&problem) => {
                tracing::warn!("the camera at {} {problem}", self.view.camera());
                self.told = Some(problem);
            }
            State::Playing if self.told.take().is_some() => {
                tracing::warn!("the camera at {} is back", self.view.camera());
            }
            _ => {}
        }
    }
}

/// Cameras that are recorded while a film is made.
pub(crate) struct Recordings {
    cameras: Vec<Recorded>,
}

struct Recorded {
    url: StreamUrl,
    recording: Recording,
    shown: Option<Ready>,
}

impl Recordings {
    /// Begins to record for a film of this length that is written into `folder`, and waits for the
    /// first picture of each camera: its time begins with that.
    pub fn open(
        cameras: &[StreamUrl],
        folder: &Path,
        length: Duration,
        mut wanted: impl FnMut() -> bool,
    ) -> Result<Self, LiveError> {
        let mut recordings = Vec::with_capacity(cameras.len());
        for url in cameras {
            let address = url.with_secrets().parse::<CameraUrl>()?;
            recordings.push(Recorded {
                url: url.clone(),
                recording: Recording::open(address, folder, length)?,
                shown: None,
            });
        }
        for recorded in &mut recordings {
            recorded.recording.wait(FIRST_PICTURE, &mut wanted)?;
        }
        Ok(Self {
            cameras: recordings,
        })
    }

    /// When the film's clock is at 0.
    pub fn clock(&self) -> Option<Instant> {
        self.cameras.first()?.recording.started()
    }
}

impl CameraSource for Recordings {
    fn picture(
        &mut self,
        camera: &StreamUrl,
        film_s: f64,
    ) -> Result<Arc<BackdropPicture>, RenderError> {
        let recorded = self
            .cameras
            .iter_mut()
            .find(|recorded| recorded.url == *camera);
        let recorded =
            recorded.ok_or_else(|| RenderError::Camera("a camera was not recorded".into()))?;
        let time = Duration::from_secs_f64(film_s.max(0.0));
        let picture = recorded
            .recording
            .picture_at(time, || true)
            .map_err(|error| failed(&error))?;
        ready(&mut recorded.shown, &picture)
    }
}

fn address(url: &StreamUrl) -> Result<CameraUrl, RenderError> {
    let address = url.with_secrets().parse::<CameraUrl>();
    address.map_err(|error| RenderError::Camera(error.to_string()))
}

fn failed(error: &LiveError) -> RenderError {
    RenderError::Camera(error.to_string())
}

/// Makes a picture ready, unless it is the one that was shown last.
fn ready(
    shown: &mut Option<Ready>,
    picture: &Picture,
) -> Result<Arc<BackdropPicture>, RenderError> {
    if let Some(ready) = shown
        && ready.number == picture.number()
    {
        return Ok(Arc::clone(&ready.picture));
    }
    let mut rgba = Vec::new();
    picture.write_rgba(&mut rgba);
    let made = Arc::new(BackdropPicture::of_camera(fabula_render::Picture {
        width: picture.width(),
        height: picture.height(),
        rgba,
    })?);
    *shown = Some(Ready {
        number: picture.number(),
        picture: Arc::clone(&made),
    });
    Ok(made)
}

fn nothing_yet() -> Result<Arc<BackdropPicture>, RenderError> {
    let picture = BackdropPicture::of_camera(fabula_render::Picture {
        width: 1,
        height: 1,
        rgba: NOTHING_YET.to_vec(),
    });
    picture.map(Arc::new)
}
