//! The networks compute in Burn what they computed where they were trained, in `PyTorch`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use burn_flex::{Flex, FlexDevice};
use burn_wgpu::{Wgpu, WgpuDevice};
use fabula_networks::encoder::Shape;
use fabula_networks::kernels::Kernels;
use fabula_networks::story::{Logits, Passage, StoryNetwork};
use fabula_networks::weights::Weights;
use serde::Deserialize;

/// What `PyTorch` gave for a window; of each array about a hundred values, evenly spaced.
#[derive(Deserialize)]
struct Case {
    words: Vec<String>,
    pieces: Vec<u32>,
    state: Vec<f32>,
    story: Vec<f32>,
    forum: Vec<f32>,
    tags: Vec<f32>,
    lemmas: Vec<f32>,
    ends: Vec<f32>,
    arcs: Vec<f32>,
    parents: Vec<usize>,
    relations: Vec<f32>,
    mentions: Vec<f32>,
}

const TINY: Shape = Shape {
    hidden: 48,
    layers: 2,
    heads: 4,
    intermediate: 96,
    epsilon: 1e-12,
};

fn cases(json: &str) -> Vec<Case> {
    serde_json::from_str(json).unwrap()
}

/// The same choice of values that the parity file was made with.
fn some(values: &[f32]) -> Vec<f32> {
    values
        .iter()
        .copied()
        .step_by((values.len() / 97).max(1))
        .collect()
}

fn differ(what: &str, ours: &[f32], theirs: &[f32]) -> f32 {
    let ours = some(ours);
    assert_eq!(ours.len(), theirs.len(), "{what}");
    ours.iter()
        .zip(theirs)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

/// Each window alone and all in one padded batch: the largest difference of any value.
fn largest_difference<B: Kernels>(network: &StoryNetwork<B>, cases: &[Case]) -> f32 {
    let windows: Vec<Vec<&str>> = cases
        .iter()
        .map(|case| case.words.iter().map(String::as_str).collect())
        .collect();
    let parents: Vec<&[usize]> = cases.iter().map(|case| case.parents.as_slice()).collect();
    let alone = windows
        .iter()
        .zip(&parents)
        .flat_map(|(window, parents)| network.logits(std::slice::from_ref(window), &[parents]));
    let together = network.logits(&windows, &parents);
    let mut largest = 0.0_f32;
    for (logits, case) in alone.chain(together).zip(cases.iter().chain(cases)) {
        let Logits {
            pieces,
            state,
            story,
            forum,
            tags,
            lemmas,
            ends,
            arcs,
            relations,
            mentions,
        } = logits;
        assert_eq!(pieces, case.pieces, "{:?}", case.words);
        for (what, ours, theirs) in [
            ("state", &state, &case.state),
            ("story", &story, &case.story),
            ("forum", &forum, &case.forum),
            ("tags", &tags, &case.tags),
            ("lemmas", &lemmas, &case.lemmas),
            ("ends", &ends, &case.ends),
            ("arcs", &arcs, &case.arcs),
            ("relations", &relations, &case.relations),
            ("mentions", &mentions, &case.mentions),
        ] {
            let difference = differ(what, ours, theirs);
            assert!(
                difference.is_finite(),
                "{what} of {} words",
                case.words.len()
            );
            largest = largest.max(difference);
        }
    }
    largest
}

fn tiny() -> (Weights, Vec<Case>) {
    let weights =
        Weights::read("tiny.safetensors", include_bytes!("data/tiny.safetensors")).unwrap();
    (weights, cases(include_str!("data/tiny.json")))
}

#[test]
fn a_small_random_network_agrees_on_the_processor() {
    let (weights, cases) = tiny();
    let network = StoryNetwork::<Flex>::load_shaped(&weights, TINY, &FlexDevice, 1).unwrap();
    let difference = largest_difference(&network, &cases);
    assert!(difference < 1e-4, "they differ by {difference}");
}

#[test]
fn a_small_random_network_agrees_on_a_gpu_or_its_software() {
    let instance = wgpu::Instance::default();
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let device = match adapters.iter().map(|it| it.get_info().device_type).next() {
        None => {
            println!("skipped: no Vulkan, Metal or DirectX driver");
            return;
        }
        Some(wgpu::DeviceType::Cpu) => WgpuDevice::Cpu,
        Some(_) => WgpuDevice::DefaultDevice,
    };
    let (weights, cases) = tiny();
    let network = StoryNetwork::<Wgpu>::load_shaped(&weights, TINY, &device, 0).unwrap();
    let difference = largest_difference(&network, &cases);
    assert!(difference < 1e-4, "they differ by {difference}");
}

/// What `PyTorch` gave for the shipped weights.
#[derive(Deserialize)]
struct Shipped {
    windows: Vec<Case>,
    coreference: Chains,
}

/// A text, what is given of it in bytes, and the mentions in it, as words: for each the scores of
/// being new and of those before it as its antecedent.
#[derive(Deserialize)]
struct Chains {
    text: String,
    sentences: Vec<(usize, usize)>,
    quotations: Vec<(usize, usize)>,
    mentions: Vec<(usize, usize)>,
    scores: Vec<Vec<f32>>,
}

/// What `PyTorch` senses in a line with the shipped weights.
#[derive(Deserialize)]
struct Line {
    text: String,
    sense: Vec<f32>,
}

static SHIPPED: LazyLock<Option<(StoryNetwork<Flex>, Shipped)>> = LazyLock::new(|| {
    let weights = Weights::read("story.safetensors", fabula_models::STORY?).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/story.json");
    let json = std::fs::read_to_string(path).unwrap();
    let network = StoryNetwork::load(&weights, &FlexDevice, 1).unwrap();
    Some((network, serde_json::from_str(&json).unwrap()))
});

#[test]
fn the_shipped_network_agrees_on_the_processor() {
    let Some((network, shipped)) = SHIPPED.as_ref() else {
        println!("skipped: this build carries no weights");
        return;
    };
    let difference = largest_difference(network, &shipped.windows);
    assert!(difference < 1e-3, "they differ by {difference}");
}

#[test]
fn the_shipped_network_finds_the_same_mentions_and_antecedents() {
    let Some((network, Shipped { coreference, .. })) = SHIPPED.as_ref() else {
        println!("skipped: this build carries no weights");
        return;
    };
    let ranges = |pairs: &[(usize, usize)]| pairs.iter().map(|(a, b)| *a..*b).collect();
    let text = coreference.text.as_str();
    let (analysis, scores) = network.read(&Passage {
        text,
        paragraphs: std::iter::once(0..text.len()).collect(),
        sentences: Some(ranges(&coreference.sentences)),
        chains: true,
        quotations: ranges(&coreference.quotations),
        ..Passage::default()
    });
    let mentions = analysis.mentions.iter();
    let mentions: Vec<_> = mentions
        .map(|mention| (mention.tokens.start, mention.tokens.end - 1))
        .collect();
    assert_eq!(mentions, coreference.mentions);
    let mut largest = 0.0_f32;
    for (ours, theirs) in scores.iter().zip(&coreference.scores) {
        assert_eq!(ours.len(), theirs.len());
        for (a, b) in ours.iter().zip(theirs) {
            largest = largest.max((a - b).abs());
        }
    }
    assert!(largest < 1e-3, "they differ by {largest}");
}

#[test]
fn the_shipped_network_holds_of_words_what_the_training_program_computed() {
    #[derive(Deserialize)]
    struct Word {
        start: usize,
        paragraph: usize,
        end: usize,
    }
    #[derive(Deserialize)]
    struct Beginning {
        text: String,
        words: Vec<Word>,
        senses: Vec<Vec<f32>>,
    }
    let shipped = fabula_models::STORY.zip(fabula_models::LINKS);
    let Some((story, links)) = shipped else {
        println!("skipped: this build carries no weights");
        return;
    };
    let links = Weights::read("links.safetensors", links).unwrap();
    let weights = Weights::read("story.safetensors", story)
        .unwrap()
        .with(&links);
    let network = StoryNetwork::<Flex>::load(&weights, &FlexDevice, 1).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/links.json");
    let it: Beginning = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let paragraphs = it.words.chunk_by(|a, b| a.paragraph == b.paragraph);
    let analysis = network.analyze(&Passage {
        text: &it.text,
        paragraphs: paragraphs
            .map(|words| words[0].start..words[words.len() - 1].end)
            .collect(),
        links: true,
        ..Passage::default()
    });
    let width = it.senses[0].len();
    assert_eq!(analysis.links.len(), analysis.tokens.len() * width);
    for (word, wanted) in it.words.iter().zip(&it.senses) {
        let token = analysis
            .tokens
            .iter()
            .position(|token| token.range.start == word.start);
        let found = &analysis.links[token.unwrap() * width..][..width];
        for (found, wanted) in found.iter().zip(wanted) {
            // The training program keeps states in 16 bits.
            assert!((found - wanted).abs() < 0.02, "{found} {wanted}");
        }
    }
}

#[test]
fn the_shipped_network_senses_the_same_of_settings_alone_and_among_longer_lines() {
    let shipped = fabula_models::STORY.zip(fabula_models::SETTINGS);
    let Some((story, settings)) = shipped else {
        println!("skipped: this build carries no weights");
        return;
    };
    let settings = Weights::read("settings.safetensors", settings).unwrap();
    let weights = Weights::read("story.safetensors", story)
        .unwrap()
        .with(&settings);
    let network = StoryNetwork::<Flex>::load(&weights, &FlexDevice, 1).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/settings.json");
    let lines: Vec<Line> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut text = String::new();
    let mut stretches = Vec::new();
    for line in &lines {
        stretches.push(text.len()..text.len() + line.text.len());
        text.push_str(&line.text);
        text.push_str("\n\n");
    }
    let sensed = |settings: Vec<std::ops::Range<usize>>| {
        let passage = Passage {
            text: &text,
            paragraphs: stretches.clone(),
            settings,
            ..Passage::default()
        };
        network.analyze(&passage).settings
    };
    let together = sensed(stretches.clone());
    let mut largest = 0.0_f32;
    for (number, (line, stretch)) in lines.iter().zip(&stretches).enumerate() {
        for ours in [&together[number], &sensed(vec![stretch.clone()])[0]] {
            assert_eq!(ours.len(), line.sense.len());
            for (a, b) in ours.iter().zip(&line.sense) {
                largest = largest.max((a - b).abs());
            }
        }
    }
    assert!(largest < 2e-3, "they differ by {largest}");
}
