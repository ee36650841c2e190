//! Narrow pictures: films are staged for wide ones, so in a narrow one all of a scene stand closer
//! together, and are seen so much larger.

use fabula_story::{BoardScene, CueKind, Role, Shot};

use super::crowd::played;

/// Pictures as broad as this show a scene as it is staged.
const BROAD: f32 = 1.25;
/// Half the width of the ground that a narrow picture shows well, in its aspects.
const SHOWN: f32 = 0.58;
/// Nobody comes nearer to the others than to this share of their distance.
const CLOSEST: f32 = 0.68;
/// Who stands farther out is off the stage, and stays there.
const ON_STAGE: f32 = 1.1;

/// A shot of a scene as it is played in a picture of this aspect, with an actor for each player.
pub(crate) fn played_in(scene: &BoardScene, number: usize, cast: &[Role], aspect: f32) -> Shot {
    let mut shot = played(&scene.shots[number], cast);
    if aspect < BROAD {
        let shots = scene.shots.iter().map(|shot| played(shot, cast));
        let outermost = shots
            .flat_map(|mut shot| places(&mut shot).map(|x| x.abs()).collect::<Vec<_>>())
            .filter(|x| *x < ON_STAGE)
            .fold(0.0, f32::max);
        let share = (SHOWN * aspect / outermost.max(0.01)).clamp(CLOSEST, 1.0);
        for x in places(&mut shot).filter(|x| x.abs() < ON_STAGE) {
            *x *= share;
        }
    }
    shot
}

/// Where the actors of a shot stand and where they walk to.
fn places(shot: &mut Shot) -> impl Iterator<Item = &mut f32> {
    shot.actors.iter_mut().flat_map(|actor| {
        let walks = actor.cues.iter_mut().filter_map(|cue| match &mut cue.kind {
            CueKind::Walk { to_x, .. } => Some(to_x),
            _ => None,
        });
        std::iter::once(&mut actor.x).chain(walks)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fabula_nlp::reading::Reader;
    use fabula_story::Framing;

    use super::super::stage::FigureStage;
    use super::*;
    use crate::camera::{CameraPath, intended};
    use crate::gpu::{Gpu, GpuChoice};
    use crate::set::uniform_layout;

    /// Whoever a shot of a sample story is about is inside of its picture, whatever its shape: from
    /// head to foot and from hand to hand where it shows whole figures, else at least the head.
    #[test]
    fn nobody_whom_a_shot_is_about_is_cut_by_the_edge_of_any_picture() {
        const SAFE: f32 = 0.05;
        const GROUND_Y: f32 = 0.1;
        let Ok(gpu) = Gpu::open(&GpuChoice::Auto) else {
            return;
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/stories");
        let mut stories: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| matches!(path.extension(), Some(it) if it == "txt" || it == "md"))
            .collect();
        stories.retain(|path| path.file_stem() != Some("README".as_ref()));
        stories.sort();
        assert!(stories.len() >= 9);
        let (mut cut, mut shots) = (Vec::new(), 0);
        for path in stories {
            let document = fabula_nlp::document::read(&path).unwrap();
            let story = Reader::rules().read(&document).unwrap();
            let board = fabula_direct::direct(&story, &fabula_direct::Options::default());
            let layout = uniform_layout(&gpu, "test");
            let figures = FigureStage::new(&gpu, &board.cast, &layout).unwrap();
            for (width, height) in [(16.0, 9.0), (9.0, 16.0), (1.0, 1.0), (4.0, 5.0)] {
                let aspect: f32 = width / height;
                for scene in &board.scenes {
                    for number in 0..scene.shots.len() {
                        let shot = played_in(scene, number, &board.cast, aspect);
                        let statures = figures.statures(&shot);
                        let path = CameraPath::of(&shot, &statures, GROUND_Y, aspect);
                        let whole = matches!(shot.framing, Framing::Wide | Framing::Full);
                        shots += 1;
                        for (x, stature) in intended(&shot, &statures) {
                            let share = if whole { 1.0 } else { 0.6 };
                            for camera in [path.start, path.end] {
                                let seen = camera.view(1.0, aspect);
                                let room = if whole { SAFE * seen.size().x } else { 0.0 };
                                let half = share * stature.half_width;
                                if x - half < seen.min.x + room - 1e-3
                                    || x + half > seen.max.x - room + 1e-3
                                    || whole && GROUND_Y + stature.height > seen.max.y
                                {
                                    cut.push(format!(
                                        "{} in {width}:{height}, {:?} at {x}: {seen:?}",
                                        shot.id, shot.framing
                                    ));
                                }
                            }
                        }
                    }
                }
            }
        }
        assert!(shots > 400, "{shots}");
        assert!(cut.is_empty(), "{} of {shots}: {cut:#?}", cut.len());
    }
}
