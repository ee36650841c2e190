//! Routes of analyses: a story comes in, is looked at, corrected, and seen in pictures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{RawQuery, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fabula_story::{Emotion, Story, Timeline};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::bodies::{self, Sent};
use super::problem::Problem;
use super::{Params, Service, attachment, away, from_json, id, json_answer, parameter};
use crate::analyses::Analysis;
use crate::corrections::Corrections;

/// The shortest and the longest story, in characters.
pub const STORY_CHARS: std::ops::RangeInclusive<usize> = 10..=10_000;
/// Side of a portrait.
const PORTRAIT_PX: u32 = 320;
/// How long a request waits for its turn to be read or drawn.
const PATIENCE: Duration = Duration::from_secs(20);
/// Characters of a scene's beginning that are shown.
const EXCERPT_CHARS: usize = 160;
/// Characters of the words before a line of speech that are shown.
const LEAD_IN_CHARS: usize = 90;

pub async fn create(
    State(service): State<Arc<Service>>,
    request: Request,
) -> Result<Response, Problem> {
    let busy = |_| Problem::busy("other stories are being read; try again in a moment");
    // A slow client takes nobody's turn to be read.
    let receiving = timeout(PATIENCE, service.receivings.acquire())
        .await
        .map_err(busy)?;
    let limits = service.config.limits;
    let sent = bodies::story(request, &limits).await?;
    let permit = timeout(PATIENCE, Arc::clone(&service.readings).acquire_owned())
        .await
        .map_err(busy)?;
    drop(receiving);
    if let Some(clamd) = &service.config.clamd {
        clamd.check(&sent.document, limits.scan).await?;
    }
    // A reading that nobody waits for any more goes on to its end: it stays one of those under way.
    let reading = away(&service, move |service| {
        let _under_way = permit;
        read(service, &sent)
    });
    let story = timeout(limits.reading, reading)
        .await
        .map_err(|_| Problem::busy("the story takes too long to read; shorten it"))???;
    let analysis = away(&service, move |service| service.analyses.add(story)).await??;
    let place = format!("/api/analyses/{}", analysis.id);
    let mut response = json_answer(StatusCode::CREATED, &view(&service, &analysis));
    if let Ok(place) = HeaderValue::try_from(place) {
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(response)
}

fn read(service: &Service, sent: &Sent) -> Result<Story, Problem> {
    let began = Instant::now();
    let mut manuscript = service.workshop.open(&sent.document, &sent.name)?;
    let chars = manuscript.text.chars().count();
    if !STORY_CHARS.contains(&chars) {
        return Err(Problem::unfit(format!(
            "the story has {chars} characters; write between {} and {}",
            STORY_CHARS.start(),
            STORY_CHARS.end()
        )));
    }
    if let Some(title) = sent.title.as_deref().map(str::trim)
        && !title.is_empty()
    {
        manuscript.title = Some(crate::corrections::title(title).map_err(Problem::unfit)?);
    }
    let story = service.workshop.read(&manuscript)?;
    let took = began.elapsed();
    service.metrics.reading(took);
    tracing::info!(
        target: "nlp.processing",
        chars,
        took_ms = took.as_millis() as u64,
        "a story was read"
    );
    Ok(story)
}

pub async fn show(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
) -> Result<Response, Problem> {
    let analysis = find(&service, &text).await?;
    Ok(json_answer(StatusCode::OK, &view(&service, &analysis)))
}

pub async fn correct(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
    request: Request,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let body = bodies::json(request, &service.config.limits).await?;
    let corrections: Corrections = from_json(&body)?;
    let corrected = away(&service, move |service| {
        service.analyses.correct(id, &corrections)
    });
    Ok(json_answer(
        StatusCode::OK,
        &view(&service, &*corrected.await??),
    ))
}

pub async fn remove(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    away(&service, move |service| service.analyses.remove(id)).await??;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn story(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
) -> Result<Response, Problem> {
    let analysis = find(&service, &text).await?;
    Ok(json_answer(StatusCode::OK, &analysis.kept.story))
}

pub async fn storyboard(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let analysis = find(&service, &text).await?;
    let mut response = json_answer(StatusCode::OK, &*analysis.board);
    if parameter(query.as_deref(), "download")?.is_some() {
        let name = attachment(&analysis.board.title, "json");
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

pub async fn edit(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
    request: Request,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let body = bodies::json(request, &service.config.limits).await?;
    let patch: Value = from_json(&body)?;
    let edited = away(&service, move |service| service.analyses.edit(id, &patch));
    Ok(json_answer(StatusCode::OK, &*edited.await??.board))
}

pub async fn portrait(
    State(service): State<Arc<Service>>,
    Params((text, role)): Params<(String, String)>,
) -> Result<Response, Problem> {
    let analysis = find(&service, &text).await?;
    draw(&service, move |service| {
        let role = analysis
            .board
            .role(&role)
            .ok_or_else(|| Problem::not_found("nobody in this story has that id"))?;
        Ok(service.workshop.portrait(role, PORTRAIT_PX)?)
    })
    .await
}

pub async fn picture(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let at_s = match parameter(query.as_deref(), "at")? {
        None => 0.0,
        Some(text) => text
            .parse()
            .ok()
            .filter(|at_s: &f64| at_s.is_finite() && *at_s >= 0.0)
            .ok_or_else(|| Problem::malformed("`at` is a time in seconds, such as 12.5"))?,
    };
    let analysis = find(&service, &text).await?;
    draw(&service, move |service| {
        Ok(service.workshop.still(&analysis.board, 16.0 / 9.0, at_s)?)
    })
    .await
}

/// Draws a picture when it is its turn.
pub async fn draw(
    service: &Arc<Service>,
    work: impl FnOnce(&Service) -> Result<Vec<u8>, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let permit = timeout(PATIENCE, service.drawings.acquire());
    let _permit = permit
        .await
        .map_err(|_| Problem::busy("other pictures are being drawn; try again in a moment"))?;
    let png = away(service, work).await??;
    let headers = [
        (CONTENT_TYPE, "image/png"),
        // The page names the revision in the address, so what is kept is never out of date.
        (CACHE_CONTROL, "private, max-age=3600"),
    ];
    Ok((headers, png).into_response())
}

async fn find(service: &Arc<Service>, text: &str) -> Result<Arc<Analysis>, Problem> {
    let id = id(text)?;
    Ok(away(service, move |service| service.analyses.get(id)).await??)
}

/// What a person is shown of an analysis.
fn view(service: &Service, analysis: &Analysis) -> Value {
    let story = &analysis.kept.story;
    let board = &*analysis.board;
    let timeline = Timeline::new(board);
    let cast: Vec<_> = story
        .characters
        .iter()
        .map(|character| {
            let role = board.role(&character.id);
            let said_by = |speaker: &Option<String>| speaker.as_deref() == Some(&*character.id);
            json!({
                "id": character.id,
                "name": character.name,
                "aliases": character.aliases,
                "being": character.being,
                "gender": character.gender,
                "age": character.age,
                "traits": character.traits,
                "color": role.map(|role| role.color),
                "lines": story.quotes.iter().filter(|quote| said_by(&quote.speaker)).count(),
                "on_stage": role.is_some(),
            })
        })
        .collect();
    let lines: Vec<_> = story
        .quotes
        .iter()
        .enumerate()
        .map(|(index, quote)| {
            let scene = story
                .scenes
                .iter()
                .position(|scene| scene.start <= quote.start && quote.start < scene.end);
            json!({
                "index": index,
                "text": story.text.get(quote.start..quote.end),
                "before": lead_in(story, quote.start),
                "speaker": quote.speaker,
                "emotion": quote.emotion,
                "scene": scene,
            })
        })
        .collect();
    let scenes: Vec<_> = story
        .scenes
        .iter()
        .enumerate()
        .map(|(index, scene)| {
            json!({
                "index": index,
                "place": scene.place,
                "time": scene.time,
                "weather": scene.weather,
                "indoor": scene.indoor,
                "emotion": scene.emotion,
                "present": scene.present,
                "excerpt": excerpt(story, scene.start, scene.end),
                "picture_at_s": picture_at_s(&timeline, index),
            })
        })
        .collect();
    json!({
        "id": analysis.id,
        "revision": analysis.kept.revision,
        "title": story.title,
        "characters": story.text.chars().count(),
        "words": story.text.split_whitespace().count(),
        "film_length_s": (timeline.duration_s() * 10.0).round() / 10.0,
        "edited": analysis.kept.edited.is_some(),
        "created_s": analysis.kept.created_s,
        "expires_s": analysis.kept.created_s + service.config.limits.lifetime.as_secs(),
        "cast": cast,
        "lines": lines,
        "scenes": scenes,
        "emotions": Emotion::ALL,
        "places": fabula_story::PLACES,
    })
}

/// A time within a scene that shows it well: its first shot, after the transition.
fn picture_at_s(timeline: &Timeline<'_>, index: usize) -> f64 {
    let start_s = timeline.segment_start_s(index + 1).unwrap_or_default();
    let Some(scene) = timeline.board().scenes.get(index) else {
        return start_s;
    };
    let first_s = scene.shots.first().map_or(0.0, |shot| shot.duration_s);
    let after_transition_s = scene.transition.duration_s + 0.2;
    let at_s = after_transition_s.max(first_s * 0.7).min(first_s - 0.05);
    ((start_s + at_s.max(0.0)) * 100.0).round() / 100.0
}

/// The beginning of a stretch of the story.
fn excerpt(story: &Story, start: usize, end: usize) -> String {
    let text = story.text.get(start..end).unwrap_or_default();
    let words: Vec<_> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(EXCERPT_CHARS) {
        None => text,
        Some((at, _)) => {
            let cut = text[..at].rfind(' ').unwrap_or(at);
            format!("{}…", &text[..cut])
        }
    }
}

/// The last words before a place in the story, within its paragraph.
fn lead_in(story: &Story, start: usize) -> String {
    let text = story.text.get(..start).unwrap_or_default();
    let text = text.rsplit("\n\n").next().unwrap_or_default().trim();
    match text.char_indices().rev().nth(LEAD_IN_CHARS) {
        None => text.to_owned(),
        Some((at, _)) => {
            let from = text[at..].find(' ').map_or(at, |space| at + space + 1);
            format!("…{}", &text[from..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(text: &str) -> Story {
        let sample = include_str!("../../../engine/story/tests/samples/story.json");
        let mut story = Story::from_json(sample).unwrap();
        text.clone_into(&mut story.text);
        story
    }

    #[test]
    fn what_is_cut_short_is_cut_between_words() {
        let long = story(&"Überall wächst Gras. ".repeat(40));
        let text = excerpt(&long, 0, long.text.len());
        assert!(text.ends_with('…') && text.chars().count() <= EXCERPT_CHARS + 1);
        let lead = lead_in(&long, long.text.len());
        assert!(
            lead.starts_with('…') && lead.chars().count() <= LEAD_IN_CHARS + 1,
            "{lead}"
        );
        let short = story("Old.\n\nThe owl said, \"Who?\"");
        assert_eq!(lead_in(&short, 20), "The owl said,");
        assert_eq!(excerpt(&short, 0, 4), "Old.");
        assert_eq!(excerpt(&short, 3, 400), "");
    }
}
