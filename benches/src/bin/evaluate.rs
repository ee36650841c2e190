//! `evaluate TASK`: how right the shipped network is, and the whole reading, on texts that people
//! labelled.
//!
//! Most data sets do not belong to this repository; `models/training/README.md` names them.

#![expect(
    clippy::doc_markdown,
    reason = "the comments of arguments are their help"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args, Parser, Subcommand};
use fabula_benches::evaluate::report::Report;
use fabula_benches::evaluate::sentences::RunningText;
use fabula_benches::evaluate::syntax::Context;
use fabula_benches::evaluate::{self, EvaluateError, conllu, feelings, litbank, novels, tales};
use fabula_devices::{Candidate, DeviceChoice, StoryReader};
use fabula_nlp::document;
use fabula_nlp::reading::{OpenError, Reader};
use serde_json::json;

/// Measures how right the network is that this build carries.
#[derive(Parser)]
#[command(name = "evaluate")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
    /// Where the network runs: auto, cuda, wgpu or cpu.
    #[arg(long, global = true, value_name = "DEVICE", default_value_t)]
    device: DeviceChoice,
    /// Print JSON, shares between 0 and 1.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Task {
    #[command(flatten)]
    Network(NetworkTask),
    /// Which mentions are one person, and who speaks, in the beginnings of novels.
    Novels {
        #[command(flatten)]
        works: Works,
        /// A folder with LitBank's works as they were printed, NAME.txt.
        #[arg(long, value_name = "DIR")]
        originals: PathBuf,
        #[command(flatten)]
        reading: Reading,
    },
    /// Who is in a tale, who speaks, where and when it happens.
    Tales {
        /// Tales with their gold readings, such as models/evaluation/tales/tuning.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[command(flatten)]
        reading: Reading,
        /// Print what the choice of characters goes by to standard error, a JSON object a line.
        #[arg(long)]
        clues: bool,
    },
    /// What the choice of speakers goes by, a line of JSON for each text; models/training/speakers.py
    /// fits its weights to it.
    Clues {
        /// Texts in any format that fabula reads.
        #[arg(value_name = "FILE", required = true)]
        texts: Vec<PathBuf>,
        #[command(flatten)]
        reading: Reading,
    },
}

#[derive(Args)]
struct Reading {
    /// Read by rules alone, as a build without weights does.
    #[arg(long)]
    rules: bool,
}

impl Reading {
    fn open(&self, device: DeviceChoice) -> Result<Reader, OpenError> {
        if self.rules {
            Ok(Reader::rules())
        } else {
            Reader::open(device)
        }
    }
}

/// What only the network is asked.
#[derive(Subcommand)]
enum NetworkTask {
    /// Feelings of texts that stand alone.
    Feelings(FeelingSets),
    /// People, places and vehicles that are spoken of.
    Mentions(Works),
    /// Which mentions mean the same.
    Coreference(Works),
    /// Parts of speech, lemmas and dependencies.
    Syntax {
        /// A treebank of Universal Dependencies.
        #[arg(long, value_name = "FILE")]
        conllu: PathBuf,
        /// Read whole documents, as a story is read, and not each sentence by itself.
        #[arg(long)]
        documents: bool,
    },
    /// Where sentences end in running text.
    Sentences(Texts),
}

#[derive(Args)]
#[command(group(ArgGroup::new("sets").required(true).multiple(true)))]
struct FeelingSets {
    /// A split of GoEmotions, with labels.txt beside it.
    #[arg(long, value_name = "FILE", group = "sets")]
    goemotions: Option<PathBuf>,
    /// A table of EmoLit.
    #[arg(long, value_name = "FILE", group = "sets")]
    emolit: Option<PathBuf>,
    /// Story sentences, such as models/evaluation/feelings.tsv.
    #[arg(long, value_name = "FILE", group = "sets")]
    stories: Option<PathBuf>,
    /// Whole stories, such as models/evaluation/stories.tsv.
    #[arg(long, value_name = "FILE", group = "sets")]
    running_text: Option<PathBuf>,
    /// How probable each feeling of a forum post must be, instead of the network's own
    /// threshold for it.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    threshold: Option<f32>,
}

#[derive(Args)]
struct Works {
    /// The folder of LitBank.
    #[arg(long, value_name = "DIR")]
    litbank: PathBuf,
    /// A file in that folder with the names of works, such as dev.ids; else all are read.
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
}

#[derive(Args)]
#[command(group(ArgGroup::new("texts").required(true).multiple(true)))]
struct Texts {
    /// A treebank of Universal Dependencies.
    #[arg(long, value_name = "FILE", group = "texts")]
    conllu: Option<PathBuf>,
    /// The folder of LitBank.
    #[arg(long, value_name = "DIR", group = "texts")]
    litbank: Option<PathBuf>,
    /// A file in that folder with the names of works, such as dev.ids; else all are read.
    #[arg(long, value_name = "FILE", requires = "litbank")]
    ids: Option<PathBuf>,
}

fn share(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("it must be between 0 and 1".to_owned()),
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("evaluate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    match &arguments.task {
        Task::Novels {
            works,
            originals,
            reading,
        } => {
            let novels = novels::read(&works.litbank, originals, works.ids.as_deref())?;
            let reader = reading.open(arguments.device)?;
            let report = novels::measure(&reader, &novels)?;
            show(arguments, reader.method().device.as_ref(), &[report])
        }
        Task::Tales {
            folder,
            reading,
            clues,
        } => {
            if *clues {
                tracing_subscriber::fmt()
                    .json()
                    .with_env_filter("fabula_nlp::reading=trace")
                    .with_writer(std::io::stderr)
                    .init();
            }
            let reader = reading.open(arguments.device)?;
            let tales = tales::read(folder, &reader)?;
            let report = tales::measure(&folder.display().to_string(), &tales);
            show(arguments, reader.method().device.as_ref(), &[report])
        }
        Task::Clues { texts, reading } => {
            let reader = reading.open(arguments.device)?;
            for path in texts {
                let clues = reader.voice_clues(&document::read(path)?)?;
                println!("{}", json!({ "path": path, "clues": clues }));
            }
            Ok(())
        }
        Task::Network(task) => {
            // Files first: a mistake in them should not wait for a GPU.
            let measure = prepare(task, arguments.device)?;
            let opened = evaluate::open(arguments.device)?;
            let reports = measure(opened.network.as_ref())?;
            show(arguments, Some(&opened.device), &reports)
        }
    }
}

/// Prints what was measured; `device` is where a network ran, if one did.
fn show(
    arguments: &Arguments,
    device: Option<&Candidate>,
    reports: &[Report],
) -> Result<(), Box<dyn Error>> {
    if arguments.json {
        let reports: Vec<_> = reports.iter().map(Report::to_json).collect();
        let device = device.map(|device| device.choice.to_string());
        let all = json!({ "device": device, "reports": reports });
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    match device {
        Some(device) => println!("On {}", device.reason),
        None => println!("By rules"),
    }
    for report in reports {
        print!("\n{report}");
    }
    Ok(())
}

/// What is to be done with the network once it is open.
type Measure<'a> = Box<dyn Fn(&dyn StoryReader) -> Result<Vec<Report>, EvaluateError> + 'a>;

/// Reads the data of a task.
fn prepare(task: &NetworkTask, device: DeviceChoice) -> Result<Measure<'_>, EvaluateError> {
    Ok(match task {
        NetworkTask::Feelings(sets) => {
            let posts = read(sets.goemotions.as_deref(), feelings::goemotions)?;
            let fiction = read(sets.emolit.as_deref(), feelings::emolit)?;
            let stories = read(sets.stories.as_deref(), feelings::stories)?;
            let running = read(sets.running_text.as_deref(), feelings::running_text)?;
            let threshold = sets.threshold;
            Box::new(move |network| {
                feelings::check_names(network)?;
                let posts = posts.as_ref();
                let fiction = fiction.as_ref();
                let stories = stories.as_ref();
                let running = running.as_ref();
                let reports = [
                    posts.map(|(path, posts)| {
                        feelings::measure_posts(network, path, posts, threshold)
                    }),
                    fiction.map(|(path, texts)| feelings::measure_fiction(network, path, texts)),
                    stories.map(|(path, texts)| feelings::measure_stories(network, path, texts)),
                ];
                let running = running
                    .map(|(path, texts)| {
                        let reader = Reader::open(device)?;
                        feelings::measure_running_text(network, &reader, path, texts)
                    })
                    .transpose()?;
                Ok(reports.into_iter().flatten().chain(running).collect())
            })
        }
        NetworkTask::Mentions(given) => {
            let works = litbank::works(&given.litbank, given.ids.as_deref())?;
            Box::new(move |network| Ok(vec![evaluate::mentions::measure(network, &works)?]))
        }
        NetworkTask::Coreference(given) => {
            let works = evaluate::coreference::read(&given.litbank, given.ids.as_deref())?;
            Box::new(move |network| Ok(vec![evaluate::coreference::measure(network, &works)]))
        }
        NetworkTask::Syntax {
            conllu: path,
            documents,
        } => {
            let treebank = conllu::read(path)?;
            let context = if *documents {
                Context::Document
            } else {
                Context::Sentence
            };
            let name = path.display().to_string();
            Box::new(move |network| {
                Ok(vec![evaluate::syntax::measure(
                    network, &name, &treebank, context,
                )])
            })
        }
        NetworkTask::Sentences(given) => {
            let treebank = read(given.conllu.as_deref(), |path| {
                let documents = conllu::read(path)?;
                Ok(documents
                    .iter()
                    .map(|document| RunningText::of_document(document))
                    .collect())
            })?;
            let works = read(given.litbank.as_deref(), |path| {
                let works = litbank::works(path, given.ids.as_deref())?;
                Ok(works.iter().map(RunningText::of_work).collect())
            })?;
            Box::new(move |network| {
                let measure = |(path, texts): &(&Path, Vec<RunningText>)| {
                    evaluate::sentences::measure(network, &path.display().to_string(), texts)
                };
                treebank.iter().chain(&works).map(measure).collect()
            })
        }
    })
}

/// The texts of a file or folder that may have been given, with its path.
fn read<T>(
    path: Option<&Path>,
    reading: impl Fn(&Path) -> Result<Vec<T>, EvaluateError>,
) -> Result<Option<(&Path, Vec<T>)>, EvaluateError> {
    path.map(|path| Ok((path, reading(path)?))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_task_without_data_is_refused() {
        let of = |line: &str| Arguments::try_parse_from(line.split(' ')).is_ok();
        assert!(!of("evaluate feelings"));
        assert!(!of("evaluate feelings --threshold 0.5"));
        assert!(!of("evaluate sentences"));
        assert!(!of("evaluate tales"));
        assert!(of("evaluate tales a --rules --json"));
        assert!(!of("evaluate sentences --conllu a --ids b"));
        assert!(!of("evaluate feelings --stories a --threshold 2"));
        assert!(of(
            "evaluate feelings --stories a --emolit b --json --device cpu"
        ));
        assert!(of("evaluate sentences --litbank a --ids b --conllu c"));
    }
}
