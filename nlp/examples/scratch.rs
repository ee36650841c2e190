//! Scratch.
#![allow(clippy::all, clippy::pedantic)]
use fabula_nlp::{document::Document, reading::Reader};
use std::io::BufRead;
fn main() {
    let r = Reader::rules();
    let mode = std::env::args().nth(1).unwrap();
    if mode == "lines" {
        for l in std::io::stdin().lock().lines() {
            let l = l.unwrap();
            match r.read(&Document {
                title: None,
                text: l.clone(),
            }) {
                Ok(s) => {
                    let mut t = [0f32; 7];
                    for x in &s.sentences {
                        for (a, b) in t.iter_mut().zip(x.scores.to_array()) {
                            *a += b / s.sentences.len() as f32;
                        }
                    }
                    println!("{}", fabula_story::Scores::from_array(t).strongest().name());
                }
                Err(_) => println!("neutral"),
            }
        }
        return;
    }
    for p in std::env::args().skip(2) {
        let d = fabula_nlp::document::read(std::path::Path::new(&p)).unwrap();
        let s = r.read(&d).unwrap();
        println!("== {p}");
        if mode == "scenes" {
            for c in &s.scenes {
                println!(
                    "  {} {:?} {:?} in={} {:?} | {} ... {}",
                    c.place,
                    c.time,
                    c.weather,
                    c.indoor,
                    c.emotion,
                    s.text[c.start..c.end]
                        .chars()
                        .take(60)
                        .collect::<String>()
                        .replace('\n', " "),
                    s.text[c.start..c.end]
                        .chars()
                        .rev()
                        .take(50)
                        .collect::<Vec<_>>()
                        .into_iter()
                        .rev()
                        .collect::<String>()
                        .replace('\n', " ")
                );
            }
        } else {
            for q in &s.quotes {
                let t = &s.text[q.start..q.end];
                if !t.starts_with(['"', '“', '\'', '‘', '«', '”']) {
                    println!(
                        "  {:?}: {t} || {}",
                        q.speaker,
                        s.text[q.end..]
                            .chars()
                            .take(50)
                            .collect::<String>()
                            .replace('\n', " ")
                    );
                }
            }
        }
    }
}
