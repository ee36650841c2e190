//! What happens to a film, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::Service;
use crate::id::Id;

/// The shortest time between two events.
const INTERVAL: Duration = Duration::from_millis(400);
/// A sign of life when nothing happens, so that nothing between takes the line for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Watch {
    service: Arc<Service>,
    id: Id,
    changes: watch::Receiver<u64>,
    next: Instant,
    ended: bool,
}

/// An event `film` with all of its state now and after each change, until nothing more happens.
/// When the film is deleted, the last event is `gone`.
pub fn stream(
    service: Arc<Service>,
    id: Id,
    mut changes: watch::Receiver<u64>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    changes.mark_changed();
    let watch = Watch {
        service,
        id,
        changes,
        next: Instant::now(),
        ended: false,
    };
    let events = stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

impl Watch {
    async fn next(&mut self) -> Option<Event> {
        if self.ended {
            return None;
        }
        sleep_until(self.next).await;
        // The film is gone when nobody can tell of it any more.
        let is_there = self.changes.changed().await.is_ok();
        self.next = Instant::now() + INTERVAL;
        let service = Arc::clone(&self.service);
        let id = self.id;
        let now = move || (service.films.get(id), service.films.is_closing());
        let (film, is_closing) = tokio::task::spawn_blocking(now).await.ok()?;
        let Some(film) = film.ok().filter(|_| is_there) else {
            self.ended = true;
            return Some(Event::default().event("gone").data("{}"));
        };
        // A studio that closes ends the stream; the page asks again until another one answers.
        self.ended = film.state.is_final() || is_closing;
        let data = serde_json::to_string(&film).ok()?;
        Some(Event::default().event("film").data(data))
    }
}
