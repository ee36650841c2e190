//! A film on a device: pictures at any time, and all frames in turn.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::ops::{ControlFlow, Range};
use std::rc::Rc;
use std::sync::Arc;

use fabula_story::{
    Actor, Backdrop, BoardScene, CameraMove, Card, DayTime, Emotion, Framing, Mood, Role, Segment,
    Setting, Shot, Storyboard, StreamUrl, Timeline, Transition, TransitionKind, View, Weather,
};

use crate::backdrop::{BackdropPicture, BackdropSource, CameraSource, missing, unreceived};
use crate::camera::{CameraPath, over_shoulder, shoulder_camera};
use crate::effects::{Effect, EffectPipeline, EffectView, scene_effects};
use crate::figure::{FigureStage, played_in};
use crate::frame::{FrameUniform, Grade, mood_color};
use crate::gpu::{Gpu, GpuDescription};
use crate::identity::Identity;
use crate::layer::{Blend, LayerPipelines, Overlay, Target, Uniform, pass};
use crate::marks::Marks;
use crate::pace::{Pace, Paced, finish};
use crate::page_turn::PageTurn;
use crate::picture::{FrameSize, Picture};
use crate::recording::{Recording, Stroke};
use crate::set::{CompiledSet, PlaceUniform, SetLayouts, drawn_time, set_name, uniform_layout};
use crate::shoulder::Shoulder;
use crate::staging::{Moods, Staging, StagingContext, StagingDraw, StagingPlan};
use crate::text::Words;
use crate::yuv_frame::{YuvFrame, read_rgba};
use crate::{Art, RenderError};

mod ahead;
mod frames;

use ahead::Ahead;
pub use frames::Frames;

/// Shots whose plates are kept: two meet in a transition.
const SHOTS_KEPT: usize = 2;
/// The film opens from the dark and closes into it in this time.
const DARK_S: f64 = 0.6;

/// What of a storyboard is drawn.
#[derive(Clone, Copy, Debug)]
pub struct FilmOptions {
    /// Captions are part of the picture.
    pub captions: bool,
}

impl Default for FilmOptions {
    fn default() -> Self {
        Self { captions: true }
    }
}

/// A storyboard made ready to be drawn at one size.
pub struct Film<'a> {
    gpu: &'a Gpu,
    timeline: Timeline<'a>,
    size: FrameSize,
    options: FilmOptions,
    kit: FilmKit,
    /// The scenes behind the two cards.
    card_scenes: [BoardScene; 2],
    /// The shots drawn last.
    shots: Shots,
    /// From how many places of the film frames are drawn by turns.
    lanes: usize,
    /// What comes next.
    ahead: Ahead<'a>,
    picture: Target,
    /// What comes in during a transition, or closes over the picture.
    incoming: Option<Incoming>,
    backdrops: Option<Arc<dyn BackdropSource>>,
    cameras: Option<Box<dyn CameraSource>>,
    /// The time that is being drawn.
    drawn_s: f64,
}

/// A second picture, and what lays it over the first.
struct Incoming {
    target: Target,
    overlay: Overlay,
}

/// Which of the two pictures is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Onto {
    Picture,
    Incoming,
}

/// What is compiled and loaded for a film, and of use to the next one on the same device: most of
/// what opening a film takes.
pub struct FilmKit {
    /// What all of it was made of.
    art: Art,
    frame: Uniform,
    pipelines: Rc<Pipelines>,
    cast: Vec<Role>,
    figures: FigureStage,
    marks: Marks,
    words: Words,
    /// The sets used last, the newest last, one for each lane: lavapipe needs some 3 MB for each
    /// plate, 40 to 100 for a set.
    sets: VecDeque<(SetKey, Rc<CompiledSet>)>,
}

impl FilmKit {
    fn new(gpu: &Gpu, board: &Storyboard, size: FrameSize) -> Result<Self, RenderError> {
        let frame_layout = uniform_layout(gpu, "frame");
        Ok(Self {
            art: gpu.art().clone(),
            frame: Uniform::new(gpu, &frame_layout, &FrameUniform::plain(size), "frame"),
            pipelines: Rc::new(Pipelines {
                layouts: SetLayouts::new(gpu, &frame_layout),
                layers: LayerPipelines::new(gpu, &frame_layout)?,
                effects: EffectPipeline::new(gpu, &frame_layout)?,
            }),
            cast: board.cast.clone(),
            figures: FigureStage::new(gpu, &board.cast, &frame_layout)?,
            marks: Marks::new(gpu, &frame_layout)?,
            words: Words::new(gpu, size)?,
            sets: VecDeque::new(),
        })
    }
}

/// What shots are drawn with, whatever they show.
struct Pipelines {
    layouts: SetLayouts,
    layers: LayerPipelines,
    effects: EffectPipeline,
}

impl Pipelines {
    fn context<'p>(&'p self, gpu: &'p Gpu) -> StagingContext<'p> {
        StagingContext {
            gpu,
            layouts: &self.layouts,
            layers: &self.layers,
            effects: &self.effects,
        }
    }
}

/// Name of a set, and the picture or the camera that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SetKey {
    name: String,
    file: Option<String>,
    camera: Option<StreamUrl>,
}

/// Position of a segment and of a shot in it.
type ShotKey = (usize, usize);

/// Shots that are ready, the newest last.
type Shots = VecDeque<(ShotKey, ReadyShot)>;

struct ReadyShot {
    /// As it is played, by all members of its groups.
    shot: Shot,
    staging: Staging,
    /// Those before the actors.
    effects: Vec<Effect>,
    /// Past which the others are seen.
    shoulder: Option<Shoulder>,
}

impl<'a> Film<'a> {
    /// Loads the art and compiles the shaders that `board` needs at once; sets follow when they
    /// are first seen.
    ///
    /// # Errors
    /// If art is broken or the device refuses.
    pub fn new(
        gpu: &'a Gpu,
        board: &'a Storyboard,
        size: FrameSize,
        options: FilmOptions,
    ) -> Result<Self, RenderError> {
        let kit = gpu.drawing(|| FilmKit::new(gpu, board, size))?;
        Ok(Self::assemble(gpu, kit, board, size, options))
    }

    /// The same with the kit of another film on this device, which is quicker.
    ///
    /// # Errors
    /// If art is broken or the device refuses.
    pub fn with_kit(
        gpu: &'a Gpu,
        mut kit: FilmKit,
        board: &'a Storyboard,
        size: FrameSize,
        options: FilmOptions,
    ) -> Result<Self, RenderError> {
        if kit.art != *gpu.art() {
            return Self::new(gpu, board, size, options);
        }
        kit.words.resize(size);
        // Another film may have other pictures of the same name.
        kit.sets
            .retain(|(key, _)| key.file.is_none() && key.camera.is_none());
        if kit.cast != board.cast {
            let frame_layout = uniform_layout(gpu, "frame");
            kit.figures = gpu.drawing(|| FigureStage::new(gpu, &board.cast, &frame_layout))?;
            kit.cast.clone_from(&board.cast);
        }
        Ok(Self::assemble(gpu, kit, board, size, options))
    }

    /// What the next film can use again.
    pub fn into_kit(self) -> FilmKit {
        self.kit
    }

    fn assemble(
        gpu: &'a Gpu,
        kit: FilmKit,
        board: &'a Storyboard,
        size: FrameSize,
        options: FilmOptions,
    ) -> Self {
        let size_px = [size.width(), size.height()];
        Self {
            gpu,
            timeline: Timeline::new(board),
            size,
            options,
            kit,
            card_scenes: [
                card_scene(board.scenes.first()),
                card_scene(board.scenes.last()),
            ],
            shots: Shots::new(),
            lanes: 1,
            ahead: Ahead::default(),
            picture: Target::new(gpu, size_px, "picture"),
            incoming: None,
            backdrops: None,
            cameras: None,
            drawn_s: 0.0,
        }
    }

    /// Says where the pictures of textured backdrops come from. A film that has none needs no
    /// source.
    pub fn set_backdrops(&mut self, source: Arc<dyn BackdropSource>) {
        self.backdrops = Some(source);
        self.kit.sets.retain(|(key, _)| key.file.is_none());
        self.shots.clear();
        self.ahead = Ahead::default();
    }

    /// What the film shows.
    pub fn board(&self) -> &'a Storyboard {
        self.timeline.board()
    }

    /// Says where the pictures of live backdrops come from. A film that has none needs no source.
    pub fn set_cameras(&mut self, source: Box<dyn CameraSource>) {
        self.cameras = Some(source);
    }

    /// The cameras of its live backdrops, each once, in the order in which they are first seen.
    pub fn cameras(&self) -> Vec<StreamUrl> {
        let mut cameras = Vec::new();
        for scene in &self.timeline.board().scenes {
            if let Some(camera) = scene.backdrop.camera()
                && !cameras.contains(camera)
            {
                cameras.push(camera.clone());
            }
        }
        cameras
    }

    /// Whether the pictures are drawn by the processor.
    pub fn is_drawn_in_software(&self) -> bool {
        self.gpu.is_software()
    }

    /// Length of the film.
    pub fn duration_s(&self) -> f64 {
        self.timeline.duration_s()
    }

    /// Number of frames at this many frames a second.
    pub fn frame_count(&self, fps: u32) -> u64 {
        self.timeline.frame_count(fps)
    }

    /// When the picture changes at once, from the start of the film, in order.
    pub fn cuts_s(&self) -> Vec<f64> {
        self.timeline.cuts_s()
    }

    /// Whether any of the frames with the numbers in `range` shows a camera.
    pub fn films_camera(&self, fps: u32, mut range: Range<u64>) -> bool {
        let shows = |view: View<'_>| match view.segment {
            Segment::Card(_) => self.card_scene(view.index).backdrop.camera().is_some(),
            Segment::Shot { scene, .. } => scene.backdrop.camera().is_some(),
        };
        range.any(|index| {
            let moment = self.timeline.moment(index as f64 / f64::from(fps));
            shows(moment.view) || moment.incoming.is_some_and(|incoming| shows(incoming.view))
        })
    }

    /// A digest of all that decides the pictures of the frames with the numbers in `range`:
    /// frames with the same digest are the same pixels, drawn by the same version of fabula. Frames
    /// that show a camera never have the same digest twice.
    pub fn identity(&self, fps: u32, range: Range<u64>) -> [u8; 32] {
        let mut identity = Identity::new(self.timeline.board(), self.gpu.art());
        identity.add(&(self.size.width(), self.size.height(), self.options.captions));
        identity.add(&self.timeline.board().highlight_words);
        let GpuDescription {
            name,
            kind,
            backend,
            driver,
        } = self.gpu.description();
        identity.add(&(name, kind.to_string(), backend, driver));
        for index in range {
            let time_s = index as f64 / f64::from(fps);
            let moment = self.timeline.moment(time_s);
            identity.add(&self.darkness(time_s));
            self.identify(&mut identity, moment.view);
            if let Some(incoming) = moment.incoming {
                identity.add(&(incoming.kind, incoming.progress));
                self.identify(&mut identity, incoming.view);
            }
        }
        identity.finish()
    }

    /// Adds what decides one picture of a moment.
    fn identify(&self, identity: &mut Identity<'a>, view: View<'a>) {
        identity.add(&view.segment_s);
        match view.segment {
            Segment::Card(card) => {
                let behind = self.card_scene(view.index);
                identity.add_card(card, behind);
                identity.add(&self.backdrop_digest(behind));
                identity.add(&unrepeatable(behind));
            }
            Segment::Shot {
                scene,
                shot,
                number,
                shot_s,
                mood_from,
                mood_progress,
            } => {
                identity.add(&(shot_s, mood_from, mood_progress));
                identity.add(&shot_start_s(scene, number));
                identity.add_shot(scene, shot);
                identity.add(&self.backdrop_digest(scene));
                identity.add(&unrepeatable(scene));
            }
        }
    }

    fn backdrop_digest(&self, scene: &BoardScene) -> Option<[u8; 32]> {
        let file = scene.backdrop.file()?;
        self.backdrops.as_ref()?.digest(file)
    }

    /// The picture at a time; times outside the film show its first or last picture.
    pub fn still(&mut self, time_s: f64) -> Result<Picture, RenderError> {
        self.draw(time_s)?;
        let rgba = read_rgba(
            self.gpu,
            &self.picture.texture,
            [self.size.width(), self.size.height()],
        )?;
        Ok(Picture {
            width: self.size.width(),
            height: self.size.height(),
            rgba,
        })
    }

    /// Draws the frames with the numbers in `range` and hands each to `sink`, in order, until it
    /// breaks.
    ///
    /// Drawing runs a few frames ahead of `sink`; memory does not grow with the range.
    pub fn export(
        &mut self,
        fps: u32,
        range: Range<u64>,
        mut sink: impl FnMut(YuvFrame<'_>) -> ControlFlow<()>,
    ) -> Result<(), RenderError> {
        let mut frames = self.frames(fps, 1)?;
        for index in range {
            if frames.are_full()
                && let Some((_, frame)) = frames.receive()?
                && sink(frame).is_break()
            {
                return Ok(());
            }
            frames.draw(0, index)?;
        }
        while let Some((_, frame)) = frames.receive()? {
            if sink(frame).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// What draws it.
    pub fn gpu(&self) -> &Gpu {
        self.gpu
    }

    /// Size of the pictures.
    pub fn size(&self) -> FrameSize {
        self.size
    }

    /// The picture that was drawn last.
    pub(crate) fn picture(&self) -> &wgpu::TextureView {
        &self.picture.view
    }

    /// Draws the picture at a time, for a [`Presenter`](crate::Presenter) to show; times outside
    /// the film give its first or last picture.
    pub fn draw(&mut self, time_s: f64) -> Result<(), RenderError> {
        self.gpu.drawing(|| self.draw_moment(time_s))
    }

    fn draw_moment(&mut self, time_s: f64) -> Result<(), RenderError> {
        self.drawn_s = time_s;
        let moment = self.timeline.moment(time_s);
        let dark = self.darkness(time_s);
        if moment.incoming.is_some() || dark > 0.0 {
            self.incoming.get_or_insert_with(|| {
                Incoming::new(self.gpu, &self.kit.pipelines.layers, self.size)
            });
        } else if self.lanes == 1 {
            self.incoming = None;
        }
        let mut blend = None;
        match moment.incoming {
            None => {
                // The scene before is not seen again.
                self.shots
                    .retain(|((segment, _), _)| *segment == moment.view.index);
                self.draw_view(moment.view, Onto::Picture)?;
            }
            Some(incoming) => {
                let t = incoming.progress;
                let eased = t * t * (3.0 - 2.0 * t);
                let (old, new) = (moment.view, incoming.view);
                match incoming.kind {
                    TransitionKind::Cut => self.draw_view(new, Onto::Picture)?,
                    TransitionKind::Dissolve => {
                        self.draw_view(old, Onto::Picture)?;
                        self.draw_view(new, Onto::Incoming)?;
                        blend = Some(Blend::Over(eased));
                    }
                    TransitionKind::Wipe => {
                        self.draw_view(old, Onto::Picture)?;
                        self.draw_view(new, Onto::Incoming)?;
                        blend = Some(Blend::Wipe(eased));
                    }
                    TransitionKind::Push => {
                        let width_px = self.size.width();
                        let pushed_px = (eased * width_px as f32).round() as u32;
                        let kept_px = width_px - pushed_px;
                        self.draw_view(old, Onto::Incoming)?;
                        self.take_columns(pushed_px, kept_px, 0);
                        self.draw_view(new, Onto::Incoming)?;
                        self.take_columns(0, pushed_px, kept_px);
                    }
                    TransitionKind::PageTurn => {
                        let page = PageTurn::at(t, self.size.aspect());
                        self.draw_view(new, Onto::Picture)?;
                        self.draw_view(old, Onto::Incoming)?;
                        self.take_columns(0, page.columns(self.size.width()).start, 0);
                        blend = Some(Blend::PageTurn(page));
                    }
                    TransitionKind::Fade => {
                        self.draw_view(if t < 0.5 { old } else { new }, Onto::Picture)?;
                        blend = Some(Blend::Dark(1.0 - (2.0 * eased - 1.0).abs()));
                    }
                    TransitionKind::Iris => {
                        self.draw_view(if t < 0.5 { old } else { new }, Onto::Picture)?;
                        blend = Some(Blend::Iris((2.0 * t - 1.0).abs()));
                    }
                }
            }
        }
        let dark = (dark > 0.0).then_some(Blend::Dark(dark * dark));
        let Some(incoming) = &mut self.incoming else {
            return Ok(());
        };
        for blend in blend.into_iter().chain(dark) {
            let mut encoder = encoder(self.gpu, "transition");
            let mut pass = pass(&mut encoder, &self.picture.view, false, "transition");
            if let Blend::PageTurn(page) = blend {
                let columns = page.columns(self.size.width());
                pass.set_scissor_rect(columns.start, 0, columns.len() as u32, self.size.height());
            }
            incoming.overlay.draw(
                self.gpu,
                &self.kit.pipelines.layers,
                &mut pass,
                &self.kit.frame.group,
                blend,
            );
            drop(pass);
            self.gpu.queue.submit([encoder.finish()]);
        }
        Ok(())
    }

    /// Copies columns of the second picture, the first of them `from_px`, to the first picture.
    fn take_columns(&self, from_px: u32, count: u32, to_px: u32) {
        let Some(incoming) = self.incoming.as_ref().filter(|_| count > 0) else {
            return;
        };
        let (to, from) = (&self.picture.texture, &incoming.target.texture);
        let at = |texture, x| wgpu::TexelCopyTextureInfo {
            origin: wgpu::Origin3d { x, y: 0, z: 0 },
            ..wgpu::Texture::as_image_copy(texture)
        };
        let mut encoder = encoder(self.gpu, "columns");
        encoder.copy_texture_to_texture(
            at(from, from_px),
            at(to, to_px),
            wgpu::Extent3d {
                width: count,
                height: self.size.height(),
                depth_or_array_layers: 1,
            },
        );
        self.gpu.queue.submit([encoder.finish()]);
    }

    /// How far the film is closed at its two ends, 0 in between.
    fn darkness(&self, time_s: f64) -> f32 {
        let edge_s = time_s.min(self.timeline.duration_s() - time_s);
        1.0 - (edge_s / DARK_S).clamp(0.0, 1.0) as f32
    }

    /// The scene behind the card that is this segment of the film.
    fn card_scene(&self, index: usize) -> &BoardScene {
        &self.card_scenes[usize::from(index > 0)]
    }

    /// Draws one view of the timeline into a target.
    fn draw_view(&mut self, view: View<'a>, target: Onto) -> Result<(), RenderError> {
        match view.segment {
            Segment::Card(card) => self.draw_card(view, card, target),
            Segment::Shot {
                scene,
                shot,
                number,
                shot_s,
                mood_from,
                mood_progress,
            } => {
                let coloring = Coloring {
                    moods: Moods {
                        from: Grade::of(mood_from),
                        own: Grade::of(shot.mood),
                    },
                    progress: mood_progress,
                };
                let key = (view.index, number);
                let caption = shot.captions.iter().rev().find(|caption| {
                    (caption.start_s..caption.start_s + caption.duration_s).contains(&shot_s)
                });
                let board = self.timeline.board();
                let caption = caption.filter(|_| self.options.captions).map(|caption| {
                    (
                        caption,
                        caption.role.as_deref().and_then(|id| board.role(id)),
                    )
                });
                let highlights = board.highlight_words;
                let FilmKit {
                    words, pipelines, ..
                } = &mut self.kit;
                words.prepare_caption(self.gpu, &pipelines.layers, caption, shot_s, highlights)?;
                let time = ShotTime {
                    shot_s,
                    segment_s: view.segment_s,
                };
                self.draw_shot(key, &Cow::Borrowed(scene), time, coloring, target)
            }
        }
    }

    fn draw_card(&mut self, view: View<'_>, card: &Card, target: Onto) -> Result<(), RenderError> {
        let scene = self.card_scene(view.index).clone();
        self.kit
            .words
            .prepare_card(self.gpu, card, view.segment_s)?;
        let coloring = Coloring {
            moods: card_moods(&scene),
            progress: 1.0,
        };
        let time = ShotTime {
            shot_s: view.segment_s,
            segment_s: view.segment_s,
        };
        self.draw_shot((view.index, 0), &Cow::Owned(scene), time, coloring, target)
    }

    #[expect(
        clippy::ptr_arg,
        reason = "a scene that the film borrows is not copied"
    )]
    fn draw_shot(
        &mut self,
        key: ShotKey,
        scene: &Cow<'a, BoardScene>,
        time: ShotTime,
        coloring: Coloring,
        target: Onto,
    ) -> Result<(), RenderError> {
        let gpu = self.gpu;
        let filmed = self.filmed(scene)?;
        self.make_ready(key, scene, coloring, filmed.as_ref())?;
        let Some(at) = self.shots.iter().position(|(ready, _)| *ready == key) else {
            return Ok(());
        };
        let ready = &mut self.shots[at].1;
        let shot = &ready.shot;
        if let (Some(filmed), Some(shown)) = (&filmed, &ready.staging.backdrop()) {
            shown.show(gpu, filmed);
        }
        let scene_s = time.segment_s as f32;
        let set = ready.staging.manifest();
        let light = set.light(drawn_time(&scene.setting), scene.setting.weather);
        let camera = ready.staging.path().at(time.shot_s);
        let Coloring { moods, progress } = coloring;
        let grade = moods.from.mix(moods.own, progress);
        let uniform = FrameUniform::new(camera, self.size, &light, set.ground_y, grade);
        let shoulder_area = ready.shoulder.as_ref().map(|shoulder| {
            let near = shoulder.frame(&light, set.ground_y, grade);
            self.kit.frame.write(gpu, &near);
            let is_near = |actor: &Actor| actor.role == shoulder.role;
            let figures = &mut self.kit.figures;
            figures.prepare(gpu, shot, time.shot_s, time.segment_s, &near, is_near);
            shoulder.draw_shape(gpu, &self.kit.pipelines.layers, figures, &self.kit.frame)
        });
        self.kit.frame.write(gpu, &uniform);
        let shoulder = ready.shoulder.as_ref();
        let is_seen = |actor: &Actor| shoulder.is_none_or(|near| near.role != actor.role);
        let figures = &mut self.kit.figures;
        figures.prepare(gpu, shot, time.shot_s, time.segment_s, &uniform, is_seen);
        let marks = &mut self.kit.marks;
        marks.prepare(gpu, shot, time.shot_s, figures, set.ground_y);

        let target = match (target, &self.incoming) {
            (Onto::Incoming, Some(incoming)) => &incoming.target,
            (Onto::Picture, _) | (Onto::Incoming, None) => &self.picture,
        };
        let mut recording = Recording::new(gpu, target);
        let pipelines = &self.kit.pipelines;
        let frame = &self.kit.frame.group;
        let mut draw = StagingDraw {
            context: pipelines.context(gpu),
            recording: &mut recording,
            frame,
            mood_progress: progress,
            shot_s: time.shot_s,
            scene_s,
        };
        ready.staging.draw_back(&mut draw);
        let figures = &mut self.kit.figures;
        figures.draw(gpu, &pipelines.layers, draw.recording, frame);
        let pass = draw.recording.pass(Stroke::Other, false);
        let seen = EffectView {
            camera,
            aspect: self.size.aspect(),
            scene_s,
        };
        for effect in &ready.effects {
            effect.prepare(gpu, seen);
            effect.draw(&pipelines.effects, pass, frame);
        }
        self.kit.marks.draw(pass, frame);
        ready.staging.draw_front(&mut draw);
        if let Some((shoulder, area)) = ready.shoulder.as_ref().zip(shoulder_area) {
            shoulder.draw(gpu, &pipelines.layers, &mut recording, frame, area);
        }
        self.kit
            .words
            .draw(&mut recording, &pipelines.layers, frame)?;
        recording.submit();
        Ok(())
    }

    /// What the camera of a scene shows at the time that is being drawn.
    fn filmed(&mut self, scene: &BoardScene) -> Result<Option<Arc<BackdropPicture>>, RenderError> {
        let Some(camera) = scene.backdrop.camera() else {
            return Ok(None);
        };
        let source = self.cameras.as_mut().ok_or_else(unreceived)?;
        source.picture(camera, self.drawn_s).map(Some)
    }

    fn set_key(&self, scene: &BoardScene) -> Result<SetKey, RenderError> {
        Ok(SetKey {
            name: set_name(self.gpu.art(), scene)?,
            file: scene.backdrop.file().map(str::to_owned),
            camera: scene.backdrop.camera().cloned(),
        })
    }

    /// The set of a scene, compiled unless it is one of those used last. `filmed` is what its
    /// camera shows.
    fn compiled_set(
        &mut self,
        scene: &BoardScene,
        filmed: Option<&Arc<BackdropPicture>>,
    ) -> Result<Rc<CompiledSet>, RenderError> {
        let key = self.set_key(scene)?;
        let backdrop = match &key.file {
            Some(file) => {
                let source = self.backdrops.as_ref().ok_or_else(|| missing(file))?;
                Some(source.picture(file)?)
            }
            None => filmed.cloned(),
        };
        let films_camera = filmed.is_some();
        let shows = |set: &CompiledSet| match (&set.backdrop, &backdrop) {
            (Some(shown), Some(wanted)) if films_camera => shown.has_room_for(wanted),
            (Some(shown), Some(wanted)) => shown.shows(wanted),
            (shown, wanted) => shown.is_none() && wanted.is_none(),
        };
        let sets = &mut self.kit.sets;
        let known = sets.iter().position(|(known, _)| *known == key);
        let known = known.and_then(|at| sets.remove(at));
        let known = known.filter(|(_, set)| shows(set));
        while known.is_none() && sets.len() >= self.lanes {
            sets.pop_front();
        }
        let set = if let Some((_, set)) = known {
            set
        } else if let Some(set) = self.ahead.take_set(&key) {
            Rc::new(set?)
        } else {
            // What the other one took is there for this one.
            self.gpu.free_dropped()?;
            let picture = backdrop
                .as_ref()
                .map(|picture| (picture, self.size.aspect()));
            let layouts = &self.kit.pipelines.layouts;
            Rc::new(CompiledSet::new(
                self.gpu,
                layouts,
                &key.name,
                picture,
                films_camera,
            )?)
        };
        self.kit.sets.push_back((key, Rc::clone(&set)));
        Ok(set)
    }

    /// Draws the plates of a shot, unless they are at hand.
    #[expect(
        clippy::ptr_arg,
        reason = "a scene that the film borrows is not copied"
    )]
    fn make_ready(
        &mut self,
        key: ShotKey,
        scene: &Cow<'a, BoardScene>,
        Coloring { moods, progress }: Coloring,
        filmed: Option<&Arc<BackdropPicture>>,
    ) -> Result<(), RenderError> {
        let has_room = |staging: &Staging| {
            filmed.is_none_or(|filmed| {
                let shown = staging.backdrop();
                shown.is_some_and(|shown| shown.has_room_for(filmed))
            })
        };
        let fits =
            |shot: &ReadyShot| shot.staging.can_have(moods, progress) && has_room(&shot.staging);
        if self
            .shots
            .iter()
            .any(|(ready, shot)| *ready == key && fits(shot))
        {
            return Ok(());
        }
        let ahead = self.ahead.take_shot(key)?;
        // Inside a scene there are only cuts: the shot before is not seen again.
        self.shots.retain(|((segment, _), _)| *segment != key.0);
        while self.shots.len() >= SHOTS_KEPT {
            self.shots.pop_front();
        }
        let shot = match ahead.filter(fits) {
            Some(shot) => shot,
            None => finish(self.making(key, scene, moods, filmed, Pace::AtOnce)?)?,
        };
        self.shots.push_back((key, shot));
        Ok(())
    }

    /// The shot that a view shows, and between which moods.
    fn opening(&self, view: View<'a>) -> (ShotKey, Cow<'a, BoardScene>, Moods) {
        match view.segment {
            Segment::Card(_) => {
                let scene = self.card_scene(view.index).clone();
                let moods = card_moods(&scene);
                ((view.index, 0), Cow::Owned(scene), moods)
            }
            Segment::Shot {
                scene,
                shot,
                number,
                mood_from,
                ..
            } => {
                let moods = Moods {
                    from: Grade::of(mood_from),
                    own: Grade::of(shot.mood),
                };
                ((view.index, number), Cow::Borrowed(scene), moods)
            }
        }
    }

    /// Begins to draw the plates of a shot.
    fn making(
        &mut self,
        key: ShotKey,
        scene: &Cow<'a, BoardScene>,
        moods: Moods,
        filmed: Option<&Arc<BackdropPicture>>,
        pace: Pace,
    ) -> Result<Paced<'a, ReadyShot>, RenderError> {
        let aspect = self.size.aspect();
        let shot = played_in(scene, key.1, &self.timeline.board().cast, aspect);
        let set = self.compiled_set(scene, filmed)?;
        let light = set
            .manifest
            .light(drawn_time(&scene.setting), scene.setting.weather);
        let statures = self.kit.figures.statures(&shot);
        let mut path = CameraPath::of(&shot, &statures, set.manifest.ground_y, aspect);
        if let Some(backdrop) = &set.backdrop {
            path = path.within(backdrop.area, set.manifest.picture_depth(), aspect);
        }
        let pipelines = Rc::clone(&self.kit.pipelines);
        let shoulder = over_shoulder(&shot, &statures).and_then(|near| {
            let actor = &shot.actors[near];
            let role = self.timeline.board().role(&actor.role)?;
            let side = if path.middle().center.x < actor.x {
                1.0
            } else {
                -1.0
            };
            let ground_y = set.manifest.ground_y;
            let camera = shoulder_camera(actor, statures[near], ground_y, aspect, side);
            let layers = &pipelines.layers;
            Some(Shoulder::new(self.gpu, layers, self.size, role, camera))
        });
        let place = PlaceUniform::new(scene, &light, mood_color(shot.mood));
        let effect = |manifest| Effect::new(self.gpu, &pipelines.effects, scene, &light, manifest);
        let (behind, before): (Vec<_>, Vec<_>) = scene_effects(scene, &set.manifest)
            .into_iter()
            .partition(|effect| effect.depth < 1.0);
        let behind: Vec<_> = behind.into_iter().map(effect).collect();
        let effects = before.into_iter().map(effect).collect();
        let (gpu, size, scene) = (self.gpu, self.size, scene.clone());
        let frame = self.kit.frame.group.clone();
        Ok(Box::pin(async move {
            let plan = StagingPlan {
                set,
                moods,
                effects: behind,
                size,
                path,
                place,
                scene: &scene,
                shot: &shot,
                shot_start_s: shot_start_s(&scene, key.1) as f32,
            };
            let staging = Staging::new(pipelines.context(gpu), plan, &frame, pace).await?;
            Ok(ReadyShot {
                shot,
                staging,
                effects,
                shoulder,
            })
        }))
    }
}

impl Incoming {
    fn new(gpu: &Gpu, layers: &LayerPipelines, size: FrameSize) -> Self {
        let target = Target::new(gpu, [size.width(), size.height()], "incoming");
        let overlay = Overlay::new(gpu, layers, &target.view, size);
        Self { target, overlay }
    }
}

/// How the mood colours a picture.
#[derive(Clone, Copy)]
struct Coloring {
    moods: Moods,
    /// How far the shot's own mood has been reached, 0 to 1.
    progress: f32,
}

#[derive(Clone, Copy)]
struct ShotTime {
    shot_s: f64,
    segment_s: f64,
}

/// Something that is never the same again for a scene with a camera, which shows something else
/// every time.
fn unrepeatable(scene: &BoardScene) -> Option<u64> {
    let camera = scene.backdrop.camera()?;
    Some(RandomState::new().hash_one(camera))
}

/// Seconds since the scene began when a shot of it begins.
fn shot_start_s(scene: &BoardScene, number: usize) -> f64 {
    let before = scene.shots.iter().take(number);
    before.map(|shot| shot.duration_s).sum()
}

/// The moods of a card before a scene.
fn card_moods(scene: &BoardScene) -> Moods {
    let grade = Grade::of(scene.shots[0].mood).dimmed();
    Moods {
        from: grade,
        own: grade,
    }
}

fn encoder(gpu: &Gpu, label: &str) -> wgpu::CommandEncoder {
    gpu.device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some(label) })
}

/// The set of a neighbouring scene without its actors, for a card to stand before.
fn card_scene(neighbour: Option<&BoardScene>) -> BoardScene {
    let mood = neighbour.and_then(|scene| scene.shots.first()).map_or(
        Mood {
            emotion: Emotion::Neutral,
            intensity: 0.0,
        },
        |shot| shot.mood,
    );
    let shot = Shot {
        id: "card".to_owned(),
        // Longer than any card, so that nothing stops moving behind it.
        duration_s: 60.0,
        framing: Framing::Wide,
        focus: Vec::new(),
        camera: CameraMove::Hold,
        mood,
        actors: Vec::new(),
        speech: Vec::new(),
        captions: Vec::new(),
    };
    match neighbour {
        Some(scene) => BoardScene {
            shots: vec![shot],
            ..scene.clone()
        },
        None => BoardScene {
            id: "card".to_owned(),
            setting: Setting {
                place: "night".to_owned(),
                time: DayTime::Dusk,
                weather: Weather::Clear,
                indoor: false,
            },
            backdrop: Backdrop::Gradient,
            seed: 0,
            transition: Transition {
                kind: TransitionKind::Cut,
                duration_s: 0.0,
            },
            shots: vec![shot],
        },
    }
}
