//! Models that others have trained compute in Burn what they compute in `transformers`, and a
//! folder that cannot be used ends in an error that says why.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use burn_flex::{Flex, FlexDevice};
use fabula_networks::foreign::labels::{self, FEELING_NAMES};
use fabula_networks::foreign::model::{EntityModel, FeelingsModel, Logits};
use fabula_networks::foreign::tokenizer::ForeignTokenizer;
use fabula_networks::foreign::{Folder, Task, fingerprint, pickle};
use proptest::prelude::*;
use serde::Deserialize;
use tempfile::TempDir;

/// What `transformers` gave for a text alone.
#[derive(Deserialize)]
struct Case {
    text: String,
    pieces: Vec<u32>,
    logits: Vec<f32>,
}

const FOLDERS: [(&str, Task); 6] = [
    ("bert-emotion", Task::Feelings),
    ("bert-entities", Task::Entities),
    ("roberta-emotion", Task::Feelings),
    ("roberta-entities", Task::Entities),
    ("distilbert-emotion", Task::Feelings),
    ("distilbert-entities", Task::Entities),
];

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/foreign")
        .join(name)
}

fn feelings(folder: &Path) -> FeelingsModel<Flex> {
    let folder = Folder::open(folder, Task::Feelings).unwrap();
    FeelingsModel::load(&folder, &FlexDevice, 1).unwrap()
}

fn entities(folder: &Path) -> EntityModel<Flex> {
    let folder = Folder::open(folder, Task::Entities).unwrap();
    EntityModel::load(&folder, &FlexDevice, 1).unwrap()
}

fn logits(folder: &Path, task: Task, batches: &[&[&str]]) -> Vec<Logits> {
    let batches = batches.iter();
    match task {
        Task::Feelings => {
            let model = feelings(folder);
            batches.flat_map(|texts| model.logits(texts)).collect()
        }
        Task::Entities => {
            let model = entities(folder);
            batches.flat_map(|texts| model.logits(texts)).collect()
        }
    }
}

/// Each text alone and all in one padded batch.
fn check_logits(folder: &Path, task: Task) {
    let json = fs::read_to_string(folder.join("expected.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&json).unwrap();
    let texts: Vec<&str> = cases.iter().map(|case| case.text.as_str()).collect();
    let mut batches: Vec<&[&str]> = texts.iter().map(std::slice::from_ref).collect();
    batches.push(&texts);
    let found = logits(folder, task, &batches);
    assert_eq!(found.len(), 2 * cases.len());
    for (found, case) in found.iter().zip(cases.iter().chain(&cases)) {
        assert_eq!(
            found.pieces,
            case.pieces,
            "{}: {}",
            folder.display(),
            case.text
        );
        assert_eq!(found.values.len(), case.logits.len());
        let difference = found
            .values
            .iter()
            .zip(&case.logits)
            .map(|(ours, theirs)| (ours - theirs).abs())
            .fold(0.0, f32::max);
        assert!(
            difference < 1e-4,
            "{}: {}: they differ by {difference}",
            folder.display(),
            case.text
        );
    }
}

#[test]
fn every_architecture_and_task_agrees_alone_and_in_a_padded_batch() {
    for (name, task) in FOLDERS {
        check_logits(&data(name), task);
    }
}

/// A folder of ours that a test may change.
fn copy(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(data(name)).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    folder
}

#[test]
fn weights_in_the_older_form_of_pytorch_are_the_same() {
    let folder = copy("roberta-entities");
    fs::rename(
        folder.path().join("older.bin"),
        folder.path().join("pytorch_model.bin"),
    )
    .unwrap();
    check_logits(folder.path(), Task::Entities);
}

fn refusal(folder: &Path, task: Task) -> String {
    let folder = match Folder::open(folder, task) {
        Ok(folder) => folder,
        Err(error) => return error.to_string(),
    };
    let error = match task {
        Task::Feelings => FeelingsModel::<Flex>::load(&folder, &FlexDevice, 1).err(),
        Task::Entities => EntityModel::<Flex>::load(&folder, &FlexDevice, 1).err(),
    };
    error.map_or_else(|| "no error".to_owned(), |error| error.to_string())
}

#[test]
fn what_a_folder_lacks_is_named_with_the_remedy() {
    let cases: [(&str, &[&str], &str); 6] = [
        (
            "bert-emotion",
            &["config.json"],
            "lacks config.json; name the folder into which the whole model was fetched",
        ),
        (
            "bert-emotion",
            &["model.safetensors"],
            "lacks model.safetensors or pytorch_model.bin; fetch its weights",
        ),
        (
            "roberta-entities",
            &["pytorch_model.bin"],
            "lacks model.safetensors or pytorch_model.bin; fetch its weights",
        ),
        (
            "bert-emotion",
            &["tokenizer.json"],
            "lacks tokenizer.json, vocab.txt or vocab.json with merges.txt; fetch",
        ),
        (
            "roberta-emotion",
            &["merges.txt"],
            "lacks merges.txt; fetch the file of this name that belongs to vocab.json",
        ),
        (
            "distilbert-emotion",
            &["vocab.txt", "tokenizer_config.json"],
            "lacks tokenizer.json, vocab.txt or vocab.json",
        ),
    ];
    for (name, removed, expected) in cases {
        let folder = copy(name);
        for file in removed {
            fs::remove_file(folder.path().join(file)).unwrap();
        }
        let task = FOLDERS
            .iter()
            .find(|(folder, _)| *folder == name)
            .unwrap()
            .1;
        let text = refusal(folder.path(), task);
        assert!(text.contains(expected), "{text}");
        assert!(
            text.contains(&folder.path().display().to_string()),
            "{text}"
        );
    }
    let text = refusal(&data("no-such-folder"), Task::Feelings);
    assert!(text.contains("no-such-folder is no folder"), "{text}");
    let text = refusal(&data("bert-emotion/config.json"), Task::Feelings);
    assert!(text.contains("it is a file"), "{text}");
}

#[test]
fn a_configuration_that_does_not_fit_is_refused_with_the_key() {
    // Of an emotion model: what is replaced, and what the error says.
    let cases = [
        (
            "\"bert\"",
            "\"gpt2\"",
            "`model_type` is `gpt2`, but bert, roberta and distilbert",
        ),
        ("\"model_type\"", "\"type\"", "lacks `model_type`"),
        (
            "\"hidden_size\": 16",
            "\"hidden_size\": 0",
            "`hidden_size` is 0",
        ),
        (
            "\"hidden_size\": 16",
            "\"hidden_size\": 15",
            "`num_attention_heads` is 2",
        ),
        (
            "\"hidden_size\": 16",
            "\"hidden_size\": 1e99",
            "`hidden_size` is 1e+99",
        ),
        (
            "\"hidden_size\": 16",
            "\"hidden_size\": 32",
            "model.safetensors has the shape",
        ),
        (
            "\"hidden_size\"",
            "\"size\"",
            "lacks `hidden_size`; fetch the configuration",
        ),
        (
            "\"num_hidden_layers\": 2",
            "\"num_hidden_layers\": 3",
            "encoder.layer.2.",
        ),
        ("\"gelu\"", "\"swish\"", "`hidden_act` is `swish`"),
        (
            "\"layer_norm_eps\": 1e-12",
            "\"layer_norm_eps\": []",
            "`layer_norm_eps` is []",
        ),
        (
            "\"id2label\"",
            "\"labels\"",
            "lacks `id2label`; it is not the configuration of a classifier",
        ),
        (
            "\"0\": \"anger\"",
            "\"9\": \"anger\"",
            "names for the labels 0, 1, 2",
        ),
        (
            "\"0\": \"anger\"",
            "\"0\": \"positive\"",
            "`positive` under `id2label`",
        ),
        (
            "\"6\": \"surprise\"",
            "\"6\": \"joy\", \"7\": \"joy\"",
            "classifier.weight",
        ),
        (
            "BertForSequenceClassification",
            "BertForTokenClassification",
            "--emotion-model needs one whose name ends in ForSequenceClassification",
        ),
        (
            "\"is_decoder\": false",
            "\"position_embedding_type\": \"relative_key\"",
            "its positions are relative",
        ),
        ("{", "", "it is no configuration in JSON"),
    ];
    for (old, new, expected) in cases {
        let folder = copy("bert-emotion");
        let path = folder.path().join("config.json");
        let config = fs::read_to_string(&path).unwrap();
        assert!(config.contains(old), "{old}");
        fs::write(&path, config.replacen(old, new, 1)).unwrap();
        let text = refusal(folder.path(), Task::Feelings);
        assert!(text.contains(expected), "{new}: {text}");
    }
    let text = refusal(&data("bert-entities"), Task::Feelings);
    assert!(text.contains("--emotion-model needs"), "{text}");
    let text = refusal(&data("bert-emotion"), Task::Entities);
    assert!(text.contains("--ner-model needs"), "{text}");
}

#[test]
fn labels_without_a_meaning_are_refused() {
    let folder = copy("distilbert-emotion");
    let path = folder.path().join("config.json");
    let mut config: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config["id2label"] = (0..6)
        .map(|id| (id.to_string(), format!("LABEL_{id}").into()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    fs::write(&path, config.to_string()).unwrap();
    let text = refusal(folder.path(), Task::Feelings);
    assert!(text.contains("LABEL_0"), "{text}");
    assert!(text.contains("write it under `id2label`"), "{text}");
}

#[test]
fn files_that_are_cut_short_or_changed_never_end_in_a_panic() {
    for (name, file) in [
        ("bert-emotion", "model.safetensors"),
        ("bert-emotion", "tokenizer.json"),
        ("bert-emotion", "config.json"),
        ("bert-entities", "vocab.txt"),
        ("roberta-emotion", "vocab.json"),
        ("roberta-emotion", "merges.txt"),
    ] {
        let folder = copy(name);
        let task = FOLDERS
            .iter()
            .find(|(folder, _)| *folder == name)
            .unwrap()
            .1;
        let path = folder.path().join(file);
        let whole = fs::read(&path).unwrap();
        for part in 0..12 {
            let at = whole.len() * part / 12;
            fs::write(&path, &whole[..at]).unwrap();
            refusal(folder.path(), task);
            let mut changed = whole.clone();
            changed[at] ^= 0x15;
            fs::write(&path, changed).unwrap();
            refusal(folder.path(), task);
        }
    }
}

#[test]
fn pickles_that_are_cut_short_or_changed_never_end_in_a_panic() {
    for file in ["pytorch_model.bin", "older.bin"] {
        let whole = fs::read(data("roberta-entities").join(file)).unwrap();
        assert!(!pickle::arrays(&whole).unwrap().is_empty());
        for at in (0..whole.len()).step_by(997) {
            assert!(pickle::arrays(&whole[..at]).is_err(), "{file} cut at {at}");
        }
        // The pickle itself, in which every byte has a meaning.
        for at in 0..whole.len().min(6000) {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= change;
                let _ = pickle::arrays(&changed);
            }
        }
    }
}

/// A pickle of a dictionary with one array `w` of four numbers, in the form of an archive.
fn archive(offset: u8, shape: &[u8], strides: &[u8], numbers: &[f32]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let tuple = |numbers: &[u8]| {
        let mut bytes = vec![b'('];
        bytes.extend(numbers.iter().flat_map(|number| [b'K', *number]));
        bytes.push(b't');
        bytes
    };
    let mut pickle =
        b"\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storage\
        ctorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04tQK"
            .to_vec();
    pickle.push(offset);
    pickle.extend(tuple(shape));
    pickle.extend(tuple(strides));
    pickle.extend(b"\x89}tRs.");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("model/data.pkl", stored).unwrap();
    zip.write_all(&pickle).unwrap();
    zip.start_file("model/data/0", stored).unwrap();
    let numbers: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
    zip.write_all(&numbers).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn arrays_are_cut_out_of_their_storage_as_they_lie_in_it() {
    let numbers = [1.0, 2.0, 3.0, 4.0];
    let of = |offset, shape: &[u8], strides: &[u8]| {
        pickle::arrays(&archive(offset, shape, strides, &numbers)).map(|arrays| arrays[0].2.clone())
    };
    assert_eq!(of(0, &[2, 2], &[2, 1]).unwrap(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(of(0, &[2, 2], &[1, 2]).unwrap(), [1.0, 3.0, 2.0, 4.0]);
    assert_eq!(of(2, &[2], &[1]).unwrap(), [3.0, 4.0]);
    assert_eq!(of(1, &[3], &[0]).unwrap(), [2.0, 2.0, 2.0]);
    for (offset, shape, strides) in [
        (1, &[4][..], &[1][..]),
        (0, &[2, 2], &[200, 1]),
        (0, &[255, 255, 255], &[0, 0, 0]),
        (0, &[2, 2], &[1]),
    ] {
        assert!(of(offset, shape, strides).is_err(), "{shape:?} {strides:?}");
    }
}

#[test]
fn a_pickle_that_doubles_itself_stays_small() {
    // A list of two, a list of that list twice, and so on: a billion if it were written out.
    let mut pickle =
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.K\x00.K\x00.".to_vec();
    pickle.extend(b"]q\x00");
    for _ in 0..60 {
        pickle.extend(b"]q\x01(h\x00h\x00eq\x000h\x01q\x00");
    }
    pickle.extend(b".].");
    assert!(pickle::arrays(&pickle).is_err());
}

#[test]
fn labels_of_known_models_have_a_feeling_of_ours() {
    let of = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        labels::feelings("config.json", &names).map(|found| {
            found
                .into_iter()
                .map(|feeling| FEELING_NAMES[feeling])
                .collect::<Vec<_>>()
        })
    };
    let ours = of(&[
        "anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise",
    ]);
    assert_eq!(
        ours.unwrap(),
        [
            "anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"
        ]
    );
    let six = of(&["sadness", "joy", "love", "anger", "fear", "surprise"]);
    assert_eq!(six.unwrap()[2], "joy");
    let synonyms = of(&["Happy", "angry", " sad", "SCARED", "others"]);
    assert_eq!(
        synonyms.unwrap(),
        ["joy", "anger", "sadness", "fear", "neutral"]
    );
    let go = of(&[
        "admiration",
        "amusement",
        "anger",
        "annoyance",
        "approval",
        "caring",
        "confusion",
        "curiosity",
        "desire",
        "disappointment",
        "disapproval",
        "disgust",
        "embarrassment",
        "excitement",
        "fear",
        "gratitude",
        "grief",
        "joy",
        "love",
        "nervousness",
        "optimism",
        "pride",
        "realization",
        "relief",
        "remorse",
        "sadness",
        "surprise",
        "neutral",
    ])
    .unwrap();
    let count = |feeling| go.iter().filter(|found| **found == feeling).count();
    let counts = FEELING_NAMES.map(count);
    assert_eq!(counts, [12, 5, 3, 2, 4, 1, 1]);
    assert!(of(&["joy", "love"]).is_err());
    let error = of(&["POSITIVE", "NEGATIVE"]).unwrap_err().to_string();
    assert!(error.contains("rename its labels"), "{error}");
}

#[test]
fn labels_of_entities_are_read_in_every_common_spelling() {
    let of = |name: &str| {
        let names = ["B-PER".to_owned(), name.to_owned()];
        let tag = labels::tags("config.json", &names).unwrap()[1];
        (tag.begins, tag.class)
    };
    assert_eq!(of("B-PERSON"), (true, Some("PER")));
    assert_eq!(of("I-per"), (false, Some("PER")));
    assert_eq!(of("S_LOC"), (true, Some("LOC")));
    assert_eq!(of("ORG"), (false, Some("ORG")));
    assert_eq!(of("U-GPE"), (true, Some("GPE")));
    assert_eq!(of("E-FAC"), (false, Some("FAC")));
    assert_eq!(of("B-VEHICLE"), (true, Some("VEH")));
    for other in ["O", "B-MISC", "I-WORK_OF_ART", "WORK_OF_ART", "DATE", ""] {
        assert_eq!(of(other).1, None, "{other}");
    }
    let error = labels::tags("config.json", &["O".to_owned(), "B-MISC".to_owned()]);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("B-PER"), "{error}");
}

#[test]
fn pieces_stand_where_their_letters_do() {
    let text = "  Mia met\u{a0}Zoë — 日本, didn't she?\n Yes ";
    for (name, _) in FOLDERS {
        let tokenizer = ForeignTokenizer::read(&data(name)).unwrap().unwrap();
        let pieces = tokenizer.pieces(text);
        let mut words: Vec<(Option<u32>, String)> = Vec::new();
        let mut last_end = 0;
        for (span, word) in pieces.spans.iter().zip(&pieces.words) {
            let piece = &text[span.clone()];
            assert_eq!(piece, piece.trim(), "{name}");
            if span.is_empty() || span.end <= last_end {
                continue;
            }
            // Pieces of one letter share its place.
            let fresh = &text[span.start.max(last_end)..span.end];
            match words.last_mut() {
                Some((last, text)) if last == word => text.push_str(fresh),
                _ => words.push((*word, fresh.to_owned())),
            }
            last_end = span.end;
        }
        let words: Vec<&str> = words.iter().map(|(_, word)| word.as_str()).collect();
        for expected in ["Mia", "Zoë", "Yes"] {
            assert!(words.contains(&expected), "{name}: {words:?}");
        }
    }
}

#[test]
fn a_text_beyond_all_positions_is_read_to_its_end() {
    let text = "Mia met Old Owl at the Grey Mill, and they laughed! ".repeat(20);
    for name in ["bert-entities", "roberta-entities", "distilbert-entities"] {
        let found = entities(&data(name)).entities(&[&text]).remove(0);
        let last = found.last().map_or(0, |entity| entity.range.end);
        assert!(last > text.len() / 2, "{name}: {last} of {}", text.len());
    }
    let shares = feelings(&data("roberta-emotion")).feelings(&[&text]);
    assert!((shares[0].iter().sum::<f32>() - 1.0).abs() < 1e-4);
}

#[test]
fn a_fingerprint_changes_with_the_files() {
    let folder = copy("bert-emotion");
    let before = fingerprint(folder.path());
    assert_eq!(before, fingerprint(folder.path()));
    fs::write(folder.path().join("notes.txt"), "nothing of the model").unwrap();
    assert_eq!(before, fingerprint(folder.path()));
    let path = folder.path().join("config.json");
    fs::write(&path, fs::read_to_string(&path).unwrap() + " ").unwrap();
    assert_ne!(before, fingerprint(folder.path()));
    assert_ne!(
        fingerprint(&data("bert-emotion")),
        fingerprint(&data("bert-entities"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_the_text_shares_sum_to_one_and_entities_lie_in_it(
        texts in prop::collection::vec("\\PC{0,80}|[ \\tA-Za-zé日😀'\"—]{0,80}", 0..4)
    ) {
        thread_local! {
            static MODELS: (FeelingsModel<Flex>, [EntityModel<Flex>; 2]) = (
                feelings(&data("distilbert-emotion")),
                [entities(&data("roberta-entities")), entities(&data("bert-entities"))],
            );
        }
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        MODELS.with(|(feelings, entities)| {
            let shares = feelings.feelings(&borrowed);
            assert_eq!(shares.len(), texts.len());
            for shares in shares {
                assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-4);
            }
            for model in entities {
                let found = model.entities(&borrowed);
                assert_eq!(found.len(), texts.len());
                for (entities, text) in found.iter().zip(&texts) {
                    for entity in entities {
                        let named = text.get(entity.range.clone()).unwrap();
                        assert!(!named.is_empty() && named.trim() == named);
                    }
                }
            }
        });
    }
}
