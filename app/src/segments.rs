//! Where a film is cut into segments, and what each of them depends on.

use fabula_encode::{EncoderChoice, Segment, SegmentId, VideoSettings};
use fabula_render::Film;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A segment is cut at the first cut of the picture after this time: a key frame is due there
/// anyway, and what a broken-off run loses stays small.
const SHORTEST_S: f64 = 4.0;
/// Without a cut of the picture it is cut at this time, a whole number of key frame intervals.
const LONGEST_S: f64 = 12.0;

/// What else than the pictures decides the bytes of a segment.
#[derive(Debug, Serialize)]
struct Encoding<'a> {
    version: &'a str,
    sources: &'a str,
    encoder: &'a str,
    choice: &'a str,
    width: u32,
    height: u32,
    fps: u32,
    bitrate_bps: u32,
    quality: &'a str,
}

/// The segments of a film, in order, when the encoder of this identity makes it.
pub fn segments(
    film: &Film<'_>,
    video: &VideoSettings,
    choice: EncoderChoice,
    encoder: &str,
) -> Vec<Segment> {
    let encoding = Encoding {
        version: env!("CARGO_PKG_VERSION"),
        sources: env!("FABULA_SOURCES"),
        encoder,
        choice: &format!("{choice:?}"),
        width: video.width,
        height: video.height,
        fps: video.fps,
        bitrate_bps: video.bitrate_bps,
        quality: &format!("{:?}", video.quality),
    };
    // Plain data: it cannot fail to become JSON.
    let encoding = serde_json::to_vec(&encoding).unwrap_or_default();
    let ends = ends(&film.cuts_s(), film.frame_count(video.fps), video.fps);
    let starts = [0].into_iter().chain(ends.iter().copied());
    starts
        .zip(&ends)
        .map(|(start, &end)| {
            let mut digest = Sha256::new();
            digest.update(&encoding);
            digest.update(film.identity(video.fps, start..end));
            Segment {
                id: SegmentId(digest.finalize().into()),
                frame_count: end - start,
            }
        })
        .collect()
}

/// The frame at which each segment ends.
fn ends(cuts_s: &[f64], frame_count: u64, fps: u32) -> Vec<u64> {
    let frames = |length_s: f64| (length_s * f64::from(fps)).round() as u64;
    let (shortest, longest) = (frames(SHORTEST_S), frames(LONGEST_S));
    // The first frame that shows the new picture; a hair is taken off for what rounding adds.
    let cuts: Vec<u64> = cuts_s
        .iter()
        .map(|cut_s| (cut_s * f64::from(fps) - 1e-6).ceil().max(0.0) as u64)
        .collect();
    let mut ends = Vec::new();
    let mut start = 0;
    // What is left at the end and would be too short belongs to the segment before it.
    while frame_count - start >= 2 * shortest {
        let next = cuts.partition_point(|cut| *cut < start + shortest);
        let cut = cuts.get(next).copied().unwrap_or(u64::MAX);
        let end = cut.min(start + longest);
        if end + shortest > frame_count {
            break;
        }
        ends.push(end);
        start = end;
    }
    ends.push(frame_count);
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_end_where_the_picture_is_cut() {
        let cuts_s = [1.0, 3.9, 5.0, 6.0, 11.5, 30.0];
        assert_eq!(
            ends(&cuts_s, 40 * 24, 24),
            [120, 276, 564, 720, 960],
            "at 5 s, 11.5 s, 12 s later, 30 s, and the end"
        );
        // The frame at the cut is the first of the new picture.
        assert_eq!(ends(&[5.01], 24 * 24, 24), [121, 409, 576]);
    }

    #[test]
    fn no_segment_is_too_short_or_too_long() {
        for fps in [15, 24, 25, 30, 60] {
            for frame_count in (1..3000).step_by(7) {
                let cuts_s: Vec<f64> = (1..40).map(|n| f64::from(n * n % 97) * 0.37).collect();
                let mut cuts_s = cuts_s;
                cuts_s.sort_by(f64::total_cmp);
                let ends = ends(&cuts_s, frame_count, fps);
                assert_eq!(ends.last(), Some(&frame_count));
                let starts = [0].into_iter().chain(ends.iter().copied());
                for (start, end) in starts.zip(&ends) {
                    let length_s = (end - start) as f64 / f64::from(fps);
                    assert!(length_s <= SHORTEST_S + LONGEST_S, "{length_s}");
                    assert!(length_s >= SHORTEST_S || ends.len() == 1, "{length_s}");
                }
            }
        }
    }
}
