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
    use fabula_story::{Actor, Age, Build, CameraMove, Framing, Member, Storyboard};

    use super::super::stage::FigureStage;
    use super::super::wardrobe::tests::role;
    use super::*;
    use crate::camera::{CameraPath, intended};
    use crate::gpu::{Gpu, GpuChoice};
    use crate::set::uniform_layout;

    /// Where a director puts one, two, three and four, and somebody beside a group.
    const STAGES: [(&[f32], bool); 5] = [
        (&[-0.12], false),
        (&[-0.36, 0.36], false),
        (&[0.02, -0.52, 0.54], false),
        (&[-0.22, 0.2, -0.62, 0.6], false),
        (&[-0.58, 0.3], true),
    ];

    /// Somebody of each age, a stout one and an animal among them; or one of them and a group.
    fn cast(with_group: bool) -> Vec<Role> {
        let mut cast = vec![
            role("human", Age::Adult),
            role("human", Age::Child),
            role("fox", Age::Adult),
            role("human", Age::Elder),
        ];
        cast[3].look.build = Build::Stout;
        if with_group {
            let look = cast[1].look.clone();
            let member = |x: f32, back: f32| Member {
                look: look.clone(),
                x,
                back,
            };
            cast[1].members = [
                (-0.28, 0.0),
                (-0.14, 0.04),
                (0.0, 0.06),
                (0.14, 0.04),
                (0.28, 0.0),
            ]
            .map(|(x, back)| member(x, back))
            .into();
        }
        cast
    }

    /// A scene on this stage in every framing of each one, of the first two and of all, with a camera
    /// that stands, comes nearer or moves aside.
    fn scene(stage: &[f32], cast: &[Role]) -> BoardScene {
        let board = include_str!("../../../story/tests/samples/storyboard.json");
        let mut scene = Storyboard::from_json(board).unwrap().scenes.remove(0);
        let mut shot = scene.shots.remove(0);
        let actor = shot.actors.remove(0);
        let actors = cast.iter().zip(stage).map(|(role, x)| Actor {
            role: role.id.clone(),
            x: *x,
            cues: Vec::new(),
            ..actor.clone()
        });
        shot.actors = actors.collect();
        let roles: Vec<_> = shot.actors.iter().map(|it| it.role.clone()).collect();
        let alone = roles.iter().map(|role| vec![role.clone()]);
        let mut views = vec![(Framing::Wide, Vec::new())];
        for framing in [Framing::Full, Framing::Medium, Framing::Close] {
            views.extend(alone.clone().map(|focus| (framing, focus)));
        }
        for framing in [Framing::Full, Framing::Medium] {
            views.extend(roles.get(..2).map(|two| (framing, two.to_vec())));
        }
        let moves = [
            CameraMove::Hold,
            CameraMove::PushIn,
            CameraMove::PanLeft,
            CameraMove::PanRight,
        ];
        let shots = views.into_iter().flat_map(|(framing, focus)| {
            let shot = shot.clone();
            moves.map(|camera| Shot {
                framing,
                focus: focus.clone(),
                camera,
                ..shot.clone()
            })
        });
        scene.shots = shots.collect();
        scene
    }

    /// From head to foot and from hand to hand where a shot shows whole figures, else at least the head.
    #[test]
    fn nobody_whom_a_shot_is_about_is_cut_by_the_edge_of_any_picture() {
        const SAFE: f32 = 0.05;
        const GROUND_Y: f32 = 0.1;
        let gpu = match Gpu::open(&GpuChoice::Auto) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        let (mut cut, mut shots) = (Vec::new(), 0);
        for (stage, with_group) in STAGES {
            let cast = cast(with_group);
            let scene = scene(stage, &cast);
            let layout = uniform_layout(&gpu, "test");
            let figures = FigureStage::new(&gpu, &cast, &layout).unwrap();
            for (width, height) in [(16.0, 9.0), (9.0, 16.0), (1.0, 1.0), (4.0, 5.0)] {
                let aspect: f32 = width / height;
                for number in 0..scene.shots.len() {
                    let shot = played_in(&scene, number, &cast, aspect);
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
                                    "{stage:?} in {width}:{height}, {:?} {:?} of {:?} at {x}: {seen:?}",
                                    shot.framing, shot.camera, shot.focus
                                ));
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
