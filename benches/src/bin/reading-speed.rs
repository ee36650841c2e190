//! `reading-speed BOOK`: how fast the network reads, and how fast `PyTorch` and onnxruntime run
//! an encoder of the same measures on the same cores.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;
use fabula_benches::{evaluate, memory};
use fabula_devices::{DeviceChoice, StoryReader};
use fabula_networks::heads::Register;
use fabula_networks::story::{Analysis, Passage};
use fabula_nlp::document::{self, Document};
use fabula_nlp::reading::Reader;
use serde::Deserialize;

/// Pieces of the windows that are compared with the peers, the two at their ends included.
const LENGTHS: [usize; 4] = [32, 64, 128, 256];
/// Pieces of a batch of several windows.
const BATCH: usize = 2048;
/// Each run takes about this long.
const RUN: Duration = Duration::from_millis(1500);
/// Texts of the figure for short texts, about 15 words each.
const SHORT_TEXTS: usize = 400;

/// Measures how fast the network of this build reads.
#[derive(Parser)]
#[command(name = "reading-speed")]
struct Arguments {
    /// A long text to read whole.
    book: PathBuf,
    /// Where the network runs: auto, cuda, wgpu or cpu.
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceChoice,
    /// A figure is the best of so many runs; the others were disturbed by something.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,
    /// A Python that has torch, and onnxruntime with onnx and onnxscript, to compare with.
    #[arg(long, value_name = "PYTHON")]
    peers: Option<PathBuf>,
}

/// What a peer's script prints for each shape.
#[derive(Deserialize)]
struct Peer {
    runtime: String,
    length: usize,
    windows: usize,
    pieces_per_s: f64,
}

fn main() -> ExitCode {
    fabula::memory::give_large_buffers_back();
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("reading-speed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let book = document::read(&arguments.book)?;
    let began = Instant::now();
    let opened = evaluate::open(arguments.device)?;
    let network = opened.network.as_ref();
    println!("On {}", opened.device.reason);
    println!("loading      {:>8.3} s", began.elapsed().as_secs_f64());

    let texts = short_texts(&book, SHORT_TEXTS);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let feelings = rate(arguments.runs, texts.len(), || {
        network.feelings(&texts, Register::Story);
    });
    println!("short texts  {feelings:>8.0} texts/s, feelings alone");

    let rows: Vec<(usize, usize, f64)> = shapes()
        .map(|(length, windows)| {
            let rate = encoder_rate(network, arguments.runs, length, windows);
            (length, windows, rate)
        })
        .collect();
    if opened.device.choice != DeviceChoice::Cpu {
        let processor = evaluate::open(DeviceChoice::Cpu)?;
        print_agreement(network, processor.network.as_ref(), &book);
    }
    drop(opened);

    let reader = Reader::open(arguments.device)?;
    for share in [4, 1] {
        let part = beginning(&book, share);
        let began = Instant::now();
        let story = reader.read(&part)?;
        let took = began.elapsed();
        println!(
            "analysis     {:>8.0} tokens/s: {} tokens in {:.1} s, {}",
            story.tokens.len() as f64 / took.as_secs_f64(),
            story.tokens.len(),
            took.as_secs_f64(),
            memory::peak(),
        );
    }

    let peers = match &arguments.peers {
        Some(python) => peers(python)?,
        None => BTreeMap::new(),
    };
    println!("\nfeelings of windows, in pieces a second");
    print!("{:>8} {:>8} {:>8}", "windows", "pieces", "fabula");
    for name in peers.keys() {
        print!(" {name:>16}");
    }
    println!();
    for (length, windows, ours) in rows {
        print!("{windows:>8} {length:>8} {ours:>8.0}");
        for of in peers.values() {
            match of.get(&(length, windows)) {
                Some(theirs) => print!(" {theirs:>8.0} {:>6.2}x", ours / theirs),
                None => print!(" {:>16}", "not run"),
            }
        }
        println!();
    }
    Ok(())
}

/// Windows of each length: one alone, and a batch.
fn shapes() -> impl Iterator<Item = (usize, usize)> {
    LENGTHS
        .into_iter()
        .flat_map(|length| [(length, 1), (length, BATCH / length)])
}

/// Pieces a second for so many windows of so many pieces at a time, as many batches side by side
/// as the network has lanes for.
fn encoder_rate(network: &dyn StoryReader, runs: u8, length: usize, windows: usize) -> f64 {
    // One alone is one text asked for at a time; batches are asked for several at a time.
    let texts = if windows == 1 { 1 } else { windows * 4 };
    let text = "the ".repeat(length - 2);
    let texts = vec![text.as_str(); texts];
    rate(runs, length * texts.len(), || {
        network.feelings(&texts, Register::Story);
    })
}

/// Prints how far a device's feelings are from those of the processor, for texts of every length,
/// and how much of a passage both read alike.
fn print_agreement(network: &dyn StoryReader, processor: &dyn StoryReader, book: &Document) {
    let words: Vec<&str> = book.text.split_whitespace().collect();
    let lengths = LENGTHS.into_iter().flat_map(|length| {
        let words = words.chunks(length / 2).take(BATCH / length);
        words.map(|words| words.join(" "))
    });
    let texts: Vec<String> = lengths.collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let apart = network
        .feelings(&texts, Register::Story)
        .iter()
        .zip(processor.feelings(&texts, Register::Story))
        .flat_map(|(a, b)| {
            a.iter()
                .zip(b)
                .map(|(a, b)| (a - b).abs())
                .collect::<Vec<_>>()
        })
        .fold(0.0, f32::max);
    println!(
        "agreement    feelings of {} texts are at most {apart:.6} from those on the processor",
        texts.len()
    );
    let part = beginning(book, 16);
    let passage = Passage {
        text: &part.text,
        paragraphs: std::iter::once(0..part.text.len()).collect(),
        chains: true,
        ..Passage::default()
    };
    let (a, b) = (network.analyze(&passage), processor.analyze(&passage));
    let tokens = a.tokens.iter().zip(&b.tokens);
    let mentions = |analysis: &Analysis| -> HashSet<_> {
        let mentions = analysis.mentions.iter();
        mentions
            .map(|it| (it.tokens.clone(), it.class, it.chain))
            .collect()
    };
    println!(
        "             {} of {} words have the same tag, lemma and place in their tree, {} of {} mentions \
         the same class and chain",
        tokens.filter(|(a, b)| a == b).count(),
        b.tokens.len(),
        mentions(&a).intersection(&mentions(&b)).count(),
        b.mentions.len(),
    );
}

/// How many of `count` things a second `work` does, at its best.
fn rate(runs: u8, count: usize, work: impl Fn()) -> f64 {
    work();
    let run = || {
        let began = Instant::now();
        let mut times = 0;
        while began.elapsed() < RUN {
            work();
            times += 1;
        }
        (count * times) as f64 / began.elapsed().as_secs_f64()
    };
    (0..runs).map(|_| run()).fold(0.0, f64::max)
}

/// The first of `shares` equal parts of a text, cut at a blank line.
fn beginning(book: &Document, shares: usize) -> Document {
    let mut end = book.text.len() / shares;
    while !book.text.is_char_boundary(end) {
        end -= 1;
    }
    let end = match book.text[..end].rfind("\n\n") {
        Some(cut) if shares > 1 => cut,
        _ => end,
    };
    Document {
        title: book.title.clone(),
        text: book.text[..end].to_owned(),
    }
}

/// Texts of about 15 words from a book.
fn short_texts(book: &Document, most: usize) -> Vec<String> {
    let words: Vec<&str> = book.text.split_whitespace().collect();
    words.chunks(15).take(most).map(|it| it.join(" ")).collect()
}

/// Pieces a second of each runtime, by length and number of windows.
type Rates = BTreeMap<(usize, usize), f64>;

fn peers(python: &PathBuf) -> Result<BTreeMap<String, Rates>, Box<dyn Error>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/encoder_speed.py");
    let mut peers: BTreeMap<String, Rates> = BTreeMap::new();
    let mut command = Command::new(python);
    command.arg(script);
    for (length, windows) in shapes() {
        command.arg(format!("{windows}x{length}"));
    }
    let output = command
        .output()
        .map_err(|error| format!("{} cannot be run: {error}", python.display()))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        let why = why.lines().last().unwrap_or("no reason given");
        return Err(format!("{script} failed: {why}").into());
    }
    for line in String::from_utf8(output.stdout)?.lines() {
        let Ok(peer) = serde_json::from_str::<Peer>(line) else {
            continue;
        };
        peers
            .entry(peer.runtime)
            .or_default()
            .insert((peer.length, peer.windows), peer.pieces_per_s);
    }
    Ok(peers)
}
