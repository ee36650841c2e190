//! A film in parts: frames are the same wherever drawing begins, and their identity tells when
//! they are.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::{ControlFlow, Range};

use fabula_render::{Film, FilmOptions, FrameSize, Gpu, GpuChoice};
use fabula_story::{Color, Storyboard};

const SAMPLE: &str = include_str!("../../story/tests/samples/storyboard.json");
const FPS: u32 = 15;

fn device() -> Option<Gpu> {
    match Gpu::open(&GpuChoice::Auto) {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

fn film<'a>(gpu: &'a Gpu, board: &'a Storyboard) -> Film<'a> {
    let size = FrameSize::new(320, 180).unwrap();
    Film::new(gpu, board, size, FilmOptions::default()).unwrap()
}

/// A digest of each frame in the range.
fn frames(film: &mut Film<'_>, range: Range<u64>) -> Vec<u64> {
    let mut digests = Vec::new();
    let drawn = film.export(FPS, range, |frame| {
        let mut hasher = DefaultHasher::new();
        frame.planes.hash(&mut hasher);
        digests.push(hasher.finish());
        ControlFlow::Continue(())
    });
    drawn.unwrap();
    digests
}

#[test]
fn frames_are_the_same_wherever_drawing_begins() {
    let Some(gpu) = device() else { return };
    let board = Storyboard::from_json(SAMPLE).unwrap();
    let count = film(&gpu, &board).frame_count(FPS);
    let whole = frames(&mut film(&gpu, &board), 0..count);
    // One film that goes on in other places, and films that begin there.
    let mut same = film(&gpu, &board);
    let starts: Vec<u64> = (1..count).step_by(7).collect();
    for start in starts.into_iter().rev() {
        let end = (start + 5).min(count);
        let expected = &whole[start as usize..end as usize];
        assert_eq!(frames(&mut same, start..end), expected, "{start}");
        if start % 3 == 0 {
            assert_eq!(
                frames(&mut film(&gpu, &board), start..end),
                expected,
                "{start}"
            );
        }
    }
}

#[test]
fn frames_that_are_drawn_by_turns_for_several_lanes_are_those_of_the_film() {
    const LANES: u64 = 3;
    let Some(gpu) = device() else { return };
    let board = Storyboard::from_json(SAMPLE).unwrap();
    let mut film = film(&gpu, &board);
    let count = film.frame_count(FPS);
    let whole = frames(&mut film, 0..count);
    let mut by_turns = film.frames(FPS, LANES as usize).unwrap();
    let stretch = count.div_ceil(LANES);
    let mut turns = (0..stretch)
        .flat_map(|at| (0..LANES).map(move |lane| (lane, lane * stretch + at)))
        .filter(|(_, index)| *index < count);
    let mut seen = 0;
    loop {
        let next = turns.next();
        if (next.is_none() || by_turns.are_full())
            && let Some((lane, frame)) = by_turns.receive().unwrap()
        {
            let mut hasher = DefaultHasher::new();
            frame.planes.hash(&mut hasher);
            assert_eq!(hasher.finish(), whole[frame.index as usize], "{lane}");
            assert_eq!(frame.index / stretch, lane as u64);
            seen += 1;
        } else if next.is_none() {
            break;
        }
        if let Some((lane, index)) = next {
            by_turns.draw(lane as usize, index).unwrap();
        }
    }
    assert_eq!(seen, count);
}

/// Identities of stretches of half a second.
fn identities(gpu: &Gpu, board: &Storyboard) -> Vec<[u8; 32]> {
    let film = film(gpu, board);
    let stretch = u64::from(FPS / 2);
    (0..film.frame_count(FPS) / stretch)
        .map(|number| film.identity(FPS, number * stretch..(number + 1) * stretch))
        .collect()
}

/// Which stretches a change of the storyboard touches.
fn touched(gpu: &Gpu, change: impl FnOnce(&mut Storyboard)) -> Vec<usize> {
    let board = Storyboard::from_json(SAMPLE).unwrap();
    let mut changed = board.clone();
    change(&mut changed);
    let (before, after) = (identities(gpu, &board), identities(gpu, &changed));
    let pairs = before.iter().zip(&after).enumerate();
    pairs
        .filter(|(_, (old, new))| old != new)
        .map(|(number, _)| number)
        .collect()
}

#[test]
fn the_identity_of_frames_changes_with_what_is_seen_in_them_and_with_nothing_else() {
    let Some(gpu) = device() else { return };
    assert!(touched(&gpu, |_| {}).is_empty());
    // The title card is seen for two seconds, in the last of which the first shot comes in. That
    // lasts until 3.5 s, the second shot until 5 s, and the last scene until 6 s.
    let last = (6.0 * 2.0) as usize;
    let title = touched(&gpu, |board| board.opening.title = "Another".into());
    assert!(
        title.first() == Some(&0) && title.last().is_some_and(|at| *at <= 4),
        "{title:?}"
    );
    let caption = touched(&gpu, |board| {
        board.scenes[0].shots[1].captions[0].text = "They wept.".into();
    });
    assert!(
        caption.first().is_some_and(|at| (6..=7).contains(at)),
        "{caption:?}"
    );
    assert!(caption.last().is_some_and(|at| *at <= 10), "{caption:?}");
    let mood = touched(&gpu, |board| board.scenes[0].shots[0].mood.intensity = 0.1);
    assert!(
        mood.contains(&7),
        "the mood before is eased out of: {mood:?}"
    );
    let fox = touched(&gpu, |board| board.cast[0].look.skin = Color::rgb(1, 2, 3));
    assert!(fox.first().is_some_and(|at| *at >= 1), "{fox:?}");
    assert!(
        fox.last().is_some_and(|at| *at <= 7),
        "she is in the first shot: {fox:?}"
    );
    let owl = touched(&gpu, |board| board.cast[1].look.skin = Color::rgb(1, 2, 3));
    assert!(owl.len() > fox.len() && owl.last() < Some(&last), "{owl:?}");
    // The scene behind the last card is the last one.
    let seed = touched(&gpu, |board| board.scenes[1].seed += 1);
    assert!(seed.last() >= Some(&last), "{seed:?}");
    let longer = touched(&gpu, |board| board.scenes[0].shots[0].duration_s += 0.3);
    assert!(longer.first().is_some_and(|at| *at <= 3) && longer.last() >= Some(&last));
}
