//! What became of a batch: `report.json` for programs and `report.html` for people.

use std::fmt::{self, Write};

use serde::Serialize;

use crate::commands::render::clock;
use crate::report::Escaped;

const STYLE: &str = include_str!("report.css");

/// The document `fabula.batch/1`.
#[derive(Debug, Serialize)]
pub struct Report {
    pub format: &'static str,
    pub version: &'static str,
    pub films: Vec<Entry>,
    /// How many films were made, were there already, failed, and were not come to.
    pub made: usize,
    pub kept: usize,
    pub failed: usize,
    pub waiting: usize,
}

/// What became of one film.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub story: String,
    /// Name of the film, in the folder of the report.
    pub film: String,
    pub state: State,
    /// As the exit code of `fabula render` would be; 0 unless it failed.
    pub exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not come to, or broken off.
    Waiting,
    Made,
    /// It was there, the same to the last byte.
    Kept,
    Failed,
}

/// A film that is there.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    pub title: String,
    pub length_s: f64,
    pub frames: u64,
    pub kept_frames: u64,
    pub size_bytes: u64,
    /// From the reading of its story on.
    pub took_s: f64,
    pub encoder: String,
    /// Why no better encoder was used, and what failed on the way, a sentence each.
    pub fallbacks: Vec<String>,
    /// One of its frames as PNG, in the folder of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

impl Report {
    pub fn new(films: Vec<Entry>) -> Self {
        let count = |state| films.iter().filter(|film| film.state == state).count();
        Self {
            format: "fabula.batch/1",
            version: env!("CARGO_PKG_VERSION"),
            made: count(State::Made),
            kept: count(State::Kept),
            failed: count(State::Failed),
            waiting: count(State::Waiting),
            films,
        }
    }

    /// `3 films made, 1 failed`.
    pub fn summary(&self) -> String {
        let parts = [
            (self.made, "made"),
            (self.kept, "there already"),
            (self.failed, "failed"),
            (self.waiting, "not made yet"),
        ];
        let parts = parts.iter().filter(|(number, _)| *number > 0);
        let parts: Vec<_> = parts
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        let films = if self.films.len() == 1 {
            "film"
        } else {
            "films"
        };
        format!("{} {films}: {}", self.films.len(), parts.join(", "))
    }

    pub fn to_json(&self) -> String {
        // Plain data: it cannot fail to become JSON.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    pub fn to_html(&self) -> String {
        let mut html = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_html(&mut html);
        html
    }

    fn write_html(&self, html: &mut String) -> fmt::Result {
        write!(
            html,
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <title>Films</title>\n<style>\n{STYLE}</style>\n<main>\n<h1>Films</h1>\n\
             <p class=\"facts\">{}</p>\n<ul>\n",
            Escaped(&self.summary())
        )?;
        for film in &self.films {
            film.write_html(html)?;
        }
        html.push_str("</ul>\n</main>\n</html>\n");
        Ok(())
    }
}

impl Entry {
    fn write_html(&self, html: &mut String) -> fmt::Result {
        let state = match self.state {
            State::Waiting => "waiting",
            State::Made => "made",
            State::Kept => "there already",
            State::Failed => "failed",
        };
        let class = state.split(' ').next().unwrap_or_default();
        write!(html, "<li class=\"{class}\">")?;
        let Some(made) = &self.made else {
            let error = self.error.as_deref().unwrap_or("not made yet");
            return writeln!(
                html,
                "<div class=\"picture\">{state}</div><h2>{}</h2><p>{}</p><p class=\"facts\">{}</p></li>",
                Escaped(&self.film),
                Escaped(error),
                Escaped(&self.story)
            );
        };
        let link = Escaped(&url(&self.film)).to_string();
        write!(html, "<a class=\"picture\" href=\"{link}\">")?;
        match &made.picture {
            Some(picture) => write!(
                html,
                "<img src=\"{}\" alt=\"\" loading=\"lazy\">",
                Escaped(&url(picture))
            )?,
            None => html.push_str("no picture"),
        }
        writeln!(
            html,
            "</a><h2><a href=\"{link}\">{}</a></h2><p class=\"facts\">{} · {} · {:.1} MB · {state}{}</p><p class=\"facts\">{}</p></li>",
            Escaped(&made.title),
            Escaped(&self.film),
            clock(made.length_s),
            made.size_bytes as f64 / 1e6,
            match self.state {
                State::Made => format!(" in {}", clock(made.took_s)),
                _ => String::new(),
            },
            Escaped(&self.story)
        )
    }
}

/// A relative address of a file: everything but plain letters is escaped.
fn url(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(state: State) -> Entry {
        Entry {
            story: "tales/<a>.txt".into(),
            film: "a b#1.mp4".into(),
            state,
            exit_code: if state == State::Failed { 3 } else { 0 },
            error: (state == State::Failed).then(|| "it is <empty>".into()),
            made: (state == State::Made).then(|| Made {
                title: "Fox & Crow".into(),
                length_s: 75.0,
                frames: 1800,
                kept_frames: 0,
                size_bytes: 2_500_000,
                took_s: 60.0,
                encoder: "openh264".into(),
                fallbacks: Vec::new(),
                picture: Some("report/a b#1.png".into()),
            }),
        }
    }

    #[test]
    fn the_page_shows_films_and_failures_and_escapes_what_it_was_given() {
        let report = Report::new(vec![
            entry(State::Made),
            entry(State::Failed),
            entry(State::Waiting),
        ]);
        let html = report.to_html();
        for part in [
            "href=\"a%20b%231.mp4\"",
            "src=\"report/a%20b%231.png\"",
            "Fox &amp; Crow",
            "1:15 min · 2.5 MB · made in 1:00 min",
            "it is &lt;empty&gt;",
            "tales/&lt;a&gt;.txt",
            "3 films: 1 made, 1 failed, 1 not made yet",
        ] {
            assert!(html.contains(part), "{part}\n{html}");
        }
    }

    #[test]
    fn the_document_counts_and_leaves_out_what_it_does_not_know() {
        let report = Report::new(vec![entry(State::Made), entry(State::Failed)]);
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(json["format"], "fabula.batch/1");
        assert_eq!((&json["made"], &json["failed"]), (&1.into(), &1.into()));
        assert_eq!(json["films"][0]["state"], "made");
        assert_eq!(json["films"][0]["frames"], 1800);
        assert_eq!(json["films"][1]["exit_code"], 3);
        assert!(json["films"][1].get("frames").is_none());
    }
}
