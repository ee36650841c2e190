//! Routes of films: ordered, watched, called off, played, kept and deleted.

use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fabula_story::{Storyboard, Timeline};
use serde::Deserialize;
use serde_json::json;

use super::problem::Problem;
use super::{
    Params, Service, attachment, away, bodies, events, from_json, guard, id, json_answer,
    parameter, video,
};
use crate::FilmOptions;
use crate::films::View;
use crate::id::Id;
use crate::workshop::CaptionFormat;

/// An order for a film.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ordered {
    analysis: Id,
    #[serde(default)]
    options: FilmOptions,
}

pub async fn list(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = guard::session(&headers);
    let films = away(&service, move |service| service.films.list(session)).await?;
    Ok(json_answer(StatusCode::OK, &json!({"films": films})))
}

pub async fn create(
    State(service): State<Arc<Service>>,
    request: Request,
) -> Result<Response, Problem> {
    let session = guard::session(request.headers());
    let body = bodies::json(request, &service.config.limits).await?;
    let order: Ordered = from_json(&body)?;
    let film = away(&service, move |service| {
        let analysis = service.analyses.get(order.analysis)?;
        Ok::<_, Problem>(service.films.add(&analysis, session, order.options)?)
    });
    let film = film.await??;
    let place = format!("/api/films/{}", film.id);
    let mut response = json_answer(StatusCode::ACCEPTED, &film);
    if let Ok(place) = HeaderValue::try_from(place) {
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(response)
}

pub async fn show(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
) -> Result<Response, Problem> {
    Ok(json_answer(StatusCode::OK, &find(&service, &text).await?))
}

pub async fn cancel(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let film = away(&service, move |service| service.films.cancel(id)).await??;
    Ok(json_answer(StatusCode::OK, &film))
}

pub async fn remove(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    away(&service, move |service| service.films.remove(id)).await??;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn events(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let changes = away(&service, move |service| service.films.watch(id)).await??;
    Ok(events::stream(service, id, changes).into_response())
}

/// The picture that the film has come to, or its middle when it is done.
pub async fn picture(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
) -> Result<Response, Problem> {
    let film = find(&service, &text).await?;
    let goes_on = !film.state.is_final();
    let mut response = super::analyses::draw(&service, move |service| {
        let board = service.films.board(film.id)?;
        let length_s = Timeline::new(&board).duration_s();
        let at_s = match film.frames {
            Some(frames) => frames.done as f64 / f64::from(film.options.fps),
            None => length_s * 0.4,
        };
        let aspect = film.width as f32 / film.height as f32;
        Ok(service.workshop.still(&board, aspect, at_s)?)
    })
    .await?;
    if goes_on {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

pub async fn video(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let film = find(&service, &text).await?;
    let is_download = parameter(query.as_deref(), "download")?.is_some();
    let path = away(&service, move |service| service.films.video(film.id)).await??;
    let Some(path) = path else {
        return Err(Problem::not_yet(format!(
            "the film is {}, so there is nothing to play",
            film.state.name()
        )));
    };
    let mut response = video::answer(&path, &film.id.to_string(), &headers).await?;
    if is_download {
        let name = attachment(&film.title, "mp4");
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

pub async fn captions_srt(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    captions(service, &text, query, CaptionFormat::Srt).await
}

pub async fn captions_vtt(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    captions(service, &text, query, CaptionFormat::Vtt).await
}

async fn captions(
    service: Arc<Service>,
    text: &str,
    query: Option<String>,
    format: CaptionFormat,
) -> Result<Response, Problem> {
    let film = find(&service, text).await?;
    let (kind, extension) = match format {
        CaptionFormat::Srt => ("application/x-subrip; charset=utf-8", "srt"),
        CaptionFormat::Vtt => ("text/vtt; charset=utf-8", "vtt"),
    };
    let id = film.id;
    let text = away(&service, move |service| service.films.captions(id, format)).await??;
    let mut response = ([(CONTENT_TYPE, kind)], text).into_response();
    save_as(&mut response, query.as_deref(), &film, extension)?;
    Ok(response)
}

pub async fn storyboard(
    State(service): State<Arc<Service>>,
    Params(text): Params<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let film = find(&service, &text).await?;
    let id = film.id;
    let board: Arc<Storyboard> = away(&service, move |service| service.films.board(id)).await??;
    let kind = [(CONTENT_TYPE, "application/json")];
    let mut response = (kind, board.to_json()).into_response();
    save_as(&mut response, query.as_deref(), &film, "json")?;
    Ok(response)
}

fn save_as(
    response: &mut Response,
    query: Option<&str>,
    film: &View,
    extension: &str,
) -> Result<(), Problem> {
    if parameter(query, "download")?.is_some() {
        let name = attachment(&film.title, extension);
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(())
}

async fn find(service: &Arc<Service>, text: &str) -> Result<View, Problem> {
    let id = id(text)?;
    Ok(away(service, move |service| service.films.get(id)).await??)
}
