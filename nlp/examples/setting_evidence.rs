//! Writes what the sentences of texts tell of where and when they happen, for training.
//!
//! `cargo run --release -p fabula-nlp --example setting_evidence -- FILE... > EVIDENCE`
//!
//! A file is a text, or a table (`.tsv`) whose last column holds texts. Each text becomes one line of
//! JSON: its file, its row there, the text, and for each sentence its bytes, the evidence of its words
//! and the bytes of what tells where it happens.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use fabula_nlp::document::{self, Document};
use fabula_nlp::reading::{DeviceChoice, Reader};
use serde_json::json;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let reader = Reader::open(DeviceChoice::Cpu)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for name in std::env::args().skip(1) {
        for (row, document) in documents(&name)?.iter().enumerate() {
            let sentences: Vec<_> = reader
                .setting_evidence(document)
                .into_iter()
                .map(|it| json!({"range": it.range, "words": it.words, "telling": it.telling}))
                .collect();
            let text = &document.text;
            let line = json!({"file": name, "row": row, "text": text, "sentences": sentences});
            writeln!(out, "{line}")?;
        }
    }
    out.flush()?;
    Ok(())
}

fn documents(name: &str) -> Result<Vec<Document>, Box<dyn std::error::Error>> {
    let path = Path::new(name);
    if path.extension().is_none_or(|it| it != "tsv") {
        return Ok(vec![document::read(path)?]);
    }
    let table = std::fs::read_to_string(path)?;
    let texts = table.lines().filter_map(|line| line.rsplit('\t').next());
    Ok(texts
        .map(|text| Document {
            title: None,
            text: text.to_owned(),
        })
        .collect())
}
