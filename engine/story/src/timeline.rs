use crate::{BoardScene, Card, Mood, Shot, Storyboard, TransitionKind};

/// How long a new mood takes to colour the picture.
const MOOD_EASE_S: f64 = 0.8;
/// In how many steps it does: on twos at 24 frames a second, as hand-drawn light changes.
const MOOD_STEPS: f64 = 10.0;

/// When each part of a storyboard is on screen.
///
/// The opening card, the scenes and the closing card follow one another; a transition lays the
/// beginning of one over the end of the one before, so it shortens the film by its length.
#[derive(Clone, Debug)]
pub struct Timeline<'a> {
    board: &'a Storyboard,
    segments: Vec<Placed<'a>>,
    duration_s: f64,
}

#[derive(Clone, Debug)]
struct Placed<'a> {
    start_s: f64,
    end_s: f64,
    transition: TransitionKind,
    /// Length of the transition at the start.
    overlap_s: f64,
    body: Body<'a>,
}

#[derive(Clone, Debug)]
enum Body<'a> {
    Card(&'a Card),
    /// A scene and when each of its shots begins, from the start of the scene.
    Scene(&'a BoardScene, Vec<f64>),
}

/// What is on screen at one time.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The only picture, or the one that goes.
    pub view: View<'a>,
    /// The picture that comes, during a transition.
    pub incoming: Option<Incoming<'a>>,
}

/// The second picture of a transition.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The picture.
    pub view: View<'a>,
    /// How it takes over.
    pub kind: TransitionKind,
    /// From 0, only the old picture, to 1, only the new one; linear in time.
    pub progress: f32,
}

/// One picture: a part of the storyboard at a time within it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Position of the segment: 0 the opening card, 1 the first scene, and so on.
    pub index: usize,
    /// The card or the shot.
    pub segment: Segment<'a>,
    /// Seconds since the segment (card or scene) began.
    pub segment_s: f64,
}

/// A card, or a shot of a scene.
#[derive(Clone, Copy, Debug)]
pub enum Segment<'a> {
    /// A card.
    Card(&'a Card),
    /// A shot.
    Shot {
        /// The scene it belongs to.
        scene: &'a BoardScene,
        /// The shot.
        shot: &'a Shot,
        /// Its position in the scene.
        number: usize,
        /// Seconds since the shot began.
        shot_s: f64,
        /// The mood that the picture comes from; the shot's own once it has been reached.
        mood_from: Mood,
        /// How far the shot's own mood has been reached, 0 to 1, eased.
        mood_progress: f32,
    },
}

impl<'a> Timeline<'a> {
    /// Lays out a storyboard that has passed [`Storyboard::check`].
    pub fn new(board: &'a Storyboard) -> Self {
        let mut segments: Vec<Placed<'a>> = Vec::with_capacity(board.scenes.len() + 2);
        let mut place = |transition: crate::Transition, duration_s: f64, body| {
            let before_s = segments.last().map_or(0.0, |last| last.end_s);
            let overlap_s = match transition.kind {
                TransitionKind::Cut => 0.0,
                _ if segments.is_empty() => 0.0,
                _ => transition.duration_s,
            };
            let start_s = before_s - overlap_s;
            let end_s = start_s + duration_s;
            segments.push(Placed {
                start_s,
                end_s,
                transition: transition.kind,
                overlap_s,
                body,
            });
        };
        place(
            board.opening.transition,
            board.opening.duration_s,
            Body::Card(&board.opening),
        );
        for scene in &board.scenes {
            let mut starts = Vec::with_capacity(scene.shots.len());
            let mut scene_s = 0.0;
            for shot in &scene.shots {
                starts.push(scene_s);
                scene_s += shot.duration_s;
            }
            place(scene.transition, scene_s, Body::Scene(scene, starts));
        }
        place(
            board.closing.transition,
            board.closing.duration_s,
            Body::Card(&board.closing),
        );
        let duration_s = segments.last().map_or(0.0, |last| last.end_s);
        Self {
            board,
            segments,
            duration_s,
        }
    }

    /// The storyboard this is the timeline of.
    pub fn board(&self) -> &'a Storyboard {
        self.board
    }

    /// Length of the film.
    pub fn duration_s(&self) -> f64 {
        self.duration_s
    }

    /// Number of frames of the film at this many frames a second.
    pub fn frame_count(&self, fps: u32) -> u64 {
        (self.duration_s * f64::from(fps)).round().max(1.0) as u64
    }

    /// When the segment with this position begins: 0 the opening card, 1 the first scene, …
    pub fn segment_start_s(&self, index: usize) -> Option<f64> {
        self.segments.get(index).map(|segment| segment.start_s)
    }

    /// When the picture changes at once: at the start of each shot, and of each segment that begins
    /// with a cut. In order; the start of the film is none.
    pub fn cuts_s(&self) -> Vec<f64> {
        let mut cuts_s = Vec::new();
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 && segment.overlap_s == 0.0 {
                cuts_s.push(segment.start_s);
            }
            if let Body::Scene(_, starts) = &segment.body {
                cuts_s.extend(
                    starts
                        .iter()
                        .skip(1)
                        .map(|start_s| segment.start_s + start_s),
                );
            }
        }
        cuts_s
    }

    /// The beginning of the shot or the card that comes after the one that is on screen at `time_s`.
    /// During a transition that is after the one that comes in.
    pub fn next(&self, time_s: f64) -> Option<View<'a>> {
        let moment = self.moment(time_s);
        let incoming = moment.incoming.map(|incoming| incoming.view);
        self.after(incoming.unwrap_or(moment.view))
    }

    /// The beginning of the shot or the card that comes after this one.
    pub fn after(&self, view: View<'a>) -> Option<View<'a>> {
        let index = view.index;
        let following = match (&self.segments[index].body, view.segment) {
            (Body::Scene(_, starts), Segment::Shot { number, .. }) => starts.get(number + 1),
            _ => None,
        };
        match following {
            Some(start_s) => Some(self.segments[index].view(index, *start_s)),
            None => Some(self.segments.get(index + 1)?.view(index + 1, 0.0)),
        }
    }

    /// What is on screen at `time_s`; times outside the film show its first or last picture.
    pub fn moment(&self, time_s: f64) -> Moment<'a> {
        let time_s = if time_s.is_finite() {
            time_s.clamp(0.0, self.duration_s)
        } else {
            0.0
        };
        // The last segment that has begun; the opening card begins at 0.
        let index = self
            .segments
            .partition_point(|segment| segment.start_s <= time_s)
            .max(1)
            - 1;
        let current = &self.segments[index];
        let since_s = time_s - current.start_s;
        if index == 0 || since_s >= current.overlap_s {
            return Moment {
                view: current.view(index, since_s),
                incoming: None,
            };
        }
        let before = &self.segments[index - 1];
        Moment {
            view: before.view(index - 1, time_s - before.start_s),
            incoming: Some(Incoming {
                view: current.view(index, since_s),
                kind: current.transition,
                progress: (since_s / current.overlap_s) as f32,
            }),
        }
    }
}

impl<'a> Placed<'a> {
    fn view(&self, index: usize, segment_s: f64) -> View<'a> {
        let segment = match &self.body {
            Body::Card(card) => Segment::Card(card),
            Body::Scene(scene, starts) => {
                let number = starts.partition_point(|start| *start <= segment_s).max(1) - 1;
                let shot = &scene.shots[number];
                let shot_s = segment_s - starts[number];
                let mood_from = scene.shots[number.saturating_sub(1)].mood;
                let steps = (shot_s / MOOD_EASE_S * MOOD_STEPS).floor() + 1.0;
                let progress = (steps / MOOD_STEPS).clamp(0.0, 1.0) as f32;
                let mood_progress = progress * progress * (3.0 - 2.0 * progress);
                Segment::Shot {
                    scene,
                    shot,
                    number,
                    shot_s,
                    mood_from,
                    mood_progress,
                }
            }
        };
        View {
            index,
            segment,
            segment_s,
        }
    }
}
