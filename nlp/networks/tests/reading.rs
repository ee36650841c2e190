//! What a network reads holds together, whatever the text: shown with a small random one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use burn_flex::{Flex, FlexDevice};
use fabula_networks::encoder::Shape;
use fabula_networks::heads::Register;
use fabula_networks::story::{Analysis, Passage, StoryNetwork};
use fabula_networks::weights::Weights;
use proptest::prelude::*;

static NETWORK: LazyLock<StoryNetwork<Flex>> = LazyLock::new(|| network(1));

fn network(lanes: usize) -> StoryNetwork<Flex> {
    let shape = Shape {
        hidden: 48,
        layers: 2,
        heads: 4,
        intermediate: 96,
        epsilon: 1e-12,
    };
    let weights =
        Weights::read("tiny.safetensors", include_bytes!("data/tiny.safetensors")).unwrap();
    StoryNetwork::load_shaped(&weights, shape, &FlexDevice, lanes).unwrap()
}

fn whole(text: &str) -> Passage<'_> {
    Passage {
        text,
        paragraphs: std::iter::once(0..text.len()).collect(),
        ..Passage::default()
    }
}

fn check(text: &str, analysis: &Analysis) {
    let words = fabula_networks::tokens::words(text);
    let read: Vec<_> = analysis
        .tokens
        .iter()
        .map(|token| token.range.clone())
        .collect();
    assert_eq!(read, words, "every word once, in order");
    let mut next = 0;
    for sentence in &analysis.sentences {
        assert_eq!(sentence.start, next, "sentences follow each other");
        assert!(sentence.end > sentence.start);
        next = sentence.end;
        let roots = sentence
            .clone()
            .filter(|word| analysis.tokens[*word].parent.is_none())
            .count();
        assert_eq!(roots, 1, "a sentence has one root");
        for word in sentence.clone() {
            if let Some(parent) = analysis.tokens[word].parent {
                assert!(sentence.contains(&parent), "arcs stay in their sentence");
            }
        }
    }
    assert_eq!(next, words.len());
    assert_eq!(analysis.sentence_feelings.len(), analysis.sentences.len());
    for shares in analysis.sentence_feelings.iter().chain(&analysis.feelings) {
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-3);
    }
    for mention in &analysis.mentions {
        assert!(mention.tokens.start < mention.tokens.end && mention.tokens.end <= words.len());
        assert!((0.0..=1.0).contains(&mention.score));
    }
}

#[test]
fn a_text_of_many_windows_is_read_whole() {
    let text = "The old fox ran home, and nobody saw it. \"Wait!\" cried the owl.\n".repeat(120);
    let analysis = NETWORK.analyze(&whole(&text));
    check(&text, &analysis);
    assert!(analysis.sentences.len() > 10);
}

#[test]
fn known_sentences_are_kept_and_paragraphs_end_them() {
    let text = "One two. Three\n\nfour five. Six";
    let analysis = NETWORK.analyze(&Passage {
        text,
        paragraphs: vec![0..14, 16..text.len()],
        sentences: Some(vec![0..8, 9..14, 16..26, 27..30]),
        spans: vec![9..14, 27..30],
        ..Passage::default()
    });
    check(text, &analysis);
    let cut: Vec<&str> = analysis
        .sentences
        .iter()
        .map(|sentence| {
            &text[analysis.tokens[sentence.start].range.start
                ..analysis.tokens[sentence.end - 1].range.end]
        })
        .collect();
    assert_eq!(cut, ["One two.", "Three", "four five.", "Six"]);
    assert_eq!(
        analysis.feelings,
        [analysis.sentence_feelings[1], analysis.sentence_feelings[3]]
    );
}

#[test]
fn reading_on_several_lanes_changes_nothing() {
    let text = "A growl rose from the dark behind them, and the lamp went out.\n".repeat(90);
    let together = network(3).analyze(&whole(&text));
    let alone = NETWORK.analyze(&whole(&text));
    assert_eq!(alone, together);
}

#[test]
fn texts_that_stand_alone_get_shares_or_probabilities() {
    let texts = ["The fox.", "", "Why?\u{0} \u{202e}oh", &"long ".repeat(900)];
    for shares in NETWORK.feelings(&texts, Register::Story) {
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-3);
    }
    for shares in NETWORK.feelings(&texts, Register::Forum) {
        assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
    }
}

#[test]
fn weights_that_do_not_fit_are_refused_by_name() {
    let bytes = include_bytes!("data/tiny.safetensors");
    let weights = Weights::read("tiny.safetensors", bytes).unwrap();
    let error = StoryNetwork::<Flex>::load(&weights, &FlexDevice, 1)
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("tiny.safetensors") && error.contains("encoder."),
        "{error}"
    );
    for length in [0, 7, 100, 5000, bytes.len() - 1] {
        let error = Weights::read("cut.safetensors", &bytes[..length])
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("cut.safetensors"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_text_is_read(text in "([a-zA-Z'\"“”.!?,\\n -]|\\PC){0,400}", cut in 0_usize..400) {
        let cut = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        // Paragraphs, sentences and spans that lie anywhere, even where no word is.
        let analysis = NETWORK.analyze(&Passage {
            text: &text,
            paragraphs: std::iter::once(0..text.len()).collect(),
            sentences: Some(vec![0..cut, cut..text.len()]),
            spans: vec![0..cut, cut..text.len(), text.len()..text.len() + 9],
            ..Passage::default()
        });
        prop_assert_eq!(analysis.feelings.len(), 3);
        let free = NETWORK.analyze(&whole(&text));
        check(&text, &free);
    }
}

#[test]
fn weights_without_a_head_for_settings_tell_nothing_of_them() {
    let text = "The old fox ran home, and nobody saw it.";
    let analysis = NETWORK.analyze(&Passage {
        settings: vec![0..text.len(), 3..4],
        links: true,
        ..whole(text)
    });
    assert_eq!(analysis.settings, vec![Vec::<f32>::new(); 2]);
    assert!(analysis.links.is_empty());
}
