//! How near the camera is after a cut: a clear step from the picture before, or another subject.
//!
//! Two pictures of nearly the same size and content in a row look like a mistake. The numbers
//! here follow what the renderer shows of each framing.

use fabula_story::Framing;

use crate::staging::Stage;

/// A cut on the same subject changes the size of the picture at least by this factor.
const CLEAR_STEP: f32 = 1.4;
/// The aspect that films are staged for.
const ASPECT: f32 = 16.0 / 9.0;

/// A framing and the characters it frames, from left to right.
pub(crate) type Picture = (Framing, Vec<usize>);

/// Those of a picture whose faces are seen: past a shoulder, the first.
pub(crate) fn faces(picture: &Picture) -> &[usize] {
    match picture {
        (Framing::OverShoulder, who) => &who[..who.len().min(1)],
        (_, who) => who,
    }
}

/// What a picture shows of the stage, in frame heights.
#[derive(Clone, Copy, Debug)]
struct Extent {
    center_x: f32,
    height: f32,
}

fn extent(picture: &Picture, stage: &Stage) -> Option<Extent> {
    let (framing, focus) = (&picture.0, faces(picture));
    let wide = Extent {
        center_x: 0.0,
        height: 1.0,
    };
    if *framing == Framing::Wide {
        return Some(wide);
    }
    let framed = focus.iter().filter_map(|who| stage.get(*who));
    let mut span: Option<(f32, f32)> = None;
    let mut top: f32 = 0.0;
    for presence in framed {
        let ends = [-1.0, 1.0].map(|side| presence.x + side * presence.size.spread);
        let (left, right) = span.unwrap_or((ends[0], ends[1]));
        span = Some((left.min(ends[0]), right.max(ends[1])));
        top = top.max(presence.size.height);
    }
    let (left, right) = span?;
    let (margin, height) = match framing {
        Framing::Wide | Framing::Full => (0.42, top / 0.68),
        Framing::Medium => (0.30, top * 0.95),
        Framing::Close => (0.24, top * 0.66),
        Framing::OverShoulder => (0.24, top * 0.78),
    };
    let height = height.max((right - left + 2.0 * margin) / ASPECT);
    Some(Extent {
        center_x: f32::midpoint(left, right),
        height: height.clamp(0.29, 1.0),
    })
}

/// How clearly a cut changes the picture; 1 is not at all.
fn step(before: &Picture, after: &Picture, stage: &Stage) -> f32 {
    let whole = before.0 == Framing::Wide || after.0 == Framing::Wide;
    let shared = faces(after).iter().any(|who| faces(before).contains(who));
    let (Some(one), Some(other)) = (extent(before, stage), extent(after, stage)) else {
        return CLEAR_STEP;
    };
    let size = (one.height / other.height).max(other.height / one.height);
    if whole {
        return size;
    }
    if !shared {
        return size.max(2.0);
    }
    let width = one.height.max(other.height) * ASPECT;
    let shift = (one.center_x - other.center_x).abs() / width;
    size.max(1.0 + shift)
}

/// Whether the edge of a picture cuts through somebody who is not meant to be in it.
fn crops(picture: &Picture, stage: &Stage) -> bool {
    if picture.0 == Framing::Wide {
        return false;
    }
    let Some(extent) = extent(picture, stage) else {
        return false;
    };
    let half_width = extent.height * ASPECT / 2.0;
    stage.on.iter().any(|presence| {
        let away = (presence.x - extent.center_x).abs() - half_width;
        let body = 0.25 * presence.size.height + presence.size.spread;
        !picture.1.contains(&presence.who) && away.abs() < body
    })
}

/// The first of these pictures that makes a clear cut and does not stay on one person for a
/// third time, best one whose edge cuts through nobody; else the one that changes most.
pub(crate) fn choose(wanted: &[Picture], shown: &[Picture], stage: &Stage) -> Picture {
    let Some(last) = shown.last() else {
        return wanted
            .first()
            .cloned()
            .unwrap_or((Framing::Wide, Vec::new()));
    };
    let before = shown.iter().rev().nth(1);
    let lingers = |picture: &Picture| {
        faces(picture).len() == 1
            && faces(last) == faces(picture)
            && before.is_some_and(|before| faces(before) == faces(picture))
    };
    let is_clear = |picture: &&Picture| step(last, picture, stage) >= CLEAR_STEP;
    let fresh = wanted.iter().filter(|picture| !lingers(picture));
    fresh
        .clone()
        .filter(|picture| !crops(picture, stage))
        .find(is_clear)
        .or_else(|| fresh.clone().find(is_clear))
        .or_else(|| wanted.iter().find(is_clear))
        .or_else(|| {
            wanted
                .iter()
                .max_by(|one, other| step(last, one, stage).total_cmp(&step(last, other, stage)))
        })
        .cloned()
        .unwrap_or((Framing::Wide, Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::Size;

    const SINGLE: Size = Size {
        height: 0.46,
        spread: 0.0,
        is_group: false,
    };

    fn pair() -> Stage {
        let mut stage = Stage::new(vec![(0, SINGLE), (1, SINGLE)]);
        stage.enter(0, 0, &[]);
        stage.enter(1, 0, &[]);
        stage
    }

    #[test]
    fn a_group_in_full_is_no_clear_step_from_the_whole_place() {
        let wide = (Framing::Wide, Vec::new());
        let full = (Framing::Full, vec![0, 1]);
        let single = (Framing::Medium, vec![0]);
        assert_eq!(choose(&[full, single.clone()], &[wide], &pair()), single);
    }

    #[test]
    fn another_person_is_always_a_clear_cut() {
        let one = (Framing::Medium, vec![0]);
        let other = (Framing::Medium, vec![1]);
        assert_eq!(choose(std::slice::from_ref(&other), &[one], &pair()), other);
    }

    #[test]
    fn nobody_is_seen_alone_three_times_in_a_row() {
        let shown = [(Framing::Full, vec![0]), (Framing::Close, vec![0])];
        let two = (Framing::Medium, vec![0, 1]);
        let wanted = [(Framing::Full, vec![0]), two.clone()];
        assert_eq!(choose(&wanted, &shown, &pair()), two);
    }

    #[test]
    fn a_look_past_a_shoulder_is_a_picture_of_who_is_seen() {
        let past = (Framing::OverShoulder, vec![1, 0]);
        let medium = (Framing::Medium, vec![1]);
        let wanted = [medium.clone(), (Framing::Medium, vec![0])];
        // From one's shoulder to the same face is hardly a cut; to the other face it is one.
        assert_eq!(
            choose(&wanted, std::slice::from_ref(&past), &pair()),
            wanted[1]
        );
        let one = (Framing::Medium, vec![0]);
        assert_eq!(choose(&[past.clone(), medium], &[one], &pair()), past);
    }

    #[test]
    fn nobody_is_cut_in_half_by_the_edge_of_the_picture() {
        let mut stage = Stage::new(vec![(0, SINGLE), (1, SINGLE), (2, SINGLE)]);
        for who in 0..3 {
            stage.enter(who, 0, &[]);
        }
        let full = (Framing::Full, vec![1]);
        let medium = (Framing::Medium, vec![1]);
        assert!(crops(&full, &stage) && !crops(&medium, &stage));
        let wide = (Framing::Wide, Vec::new());
        assert_eq!(choose(&[full, medium.clone()], &[wide], &stage), medium);
    }

    #[test]
    fn the_same_picture_is_not_shown_twice_if_anything_else_is_wanted() {
        let close = (Framing::Close, vec![0]);
        let full = (Framing::Full, vec![0]);
        assert_eq!(
            choose(&[close.clone(), full.clone()], &[close], &pair()),
            full
        );
    }
}
