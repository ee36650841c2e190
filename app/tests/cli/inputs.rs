use fabula_story::{Story, Storyboard, Timeline};

use crate::run::{Folder, SAMPLE_BOARD, SHORT_STORY, command, fabula, fabula_reading};

#[test]
fn damaged_and_foreign_inputs_end_with_code_3_and_one_sentence() {
    let noise: Vec<u8> = (0..20_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let folder = Folder::new();
    let deep = "[".repeat(200_000);
    for (name, content) in [
        ("empty.txt", b"" as &[u8]),
        ("blank.md", b" \n\t\n  \n"),
        ("noise.txt", &noise),
        (
            "control.txt",
            b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10",
        ),
        (
            "picture.txt",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0",
        ),
        (
            "truncated.pdf",
            b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendo",
        ),
        ("noise.pdf", &noise),
        ("truncated.docx", b"PK\x03\x04\x14\0\0\0\x08\0\0\0!\0"),
        ("noise.docx", &noise),
        ("empty.json", b""),
        ("list.json", b"[1, 2, 3]"),
        ("deep.json", deep.as_bytes()),
        (
            "latin.json",
            b"{\"format\": \"fabula.storyboard/1\", \"title\": \"\xe4\"}",
        ),
        ("bare.json", b"{\"format\": \"fabula.storyboard/1\"}"),
        ("older.json", b"{\"format\": \"fabula.storyboard/0\"}"),
    ] {
        let path = folder.with(name, content);
        let board = folder.arg("out.json");
        fabula(&["storyboard", &path, "-o", &board]).assert_failure(3, &[name]);
        assert!(!folder.names().contains(&"out.json".to_owned()), "{name}");
    }
}

#[test]
fn a_missing_file_or_a_folder_is_bad_input() {
    let folder = Folder::new();
    for name in ["gone.txt", "gone.pdf", "gone.json", ""] {
        let path = folder.arg(name);
        fabula(&["analyze", &path, "--json"]).assert_failure(3, &[&path]);
    }
}

#[test]
fn a_wrong_storyboard_is_refused_with_the_path_inside_it() {
    let folder = Folder::new();
    for (old, new, path) in [
        (
            "\"framing\": \"full\"",
            "\"framing\": \"huge\"",
            "scenes[0].shots[0].framing",
        ),
        (
            "\"role\": \"c1\"",
            "\"role\": \"c9\"",
            "scenes[0].shots[0].actors[0].role",
        ),
        (
            "\"duration_s\": 2.5",
            "\"duration_s\": -2.5",
            "scenes[0].shots[0].duration_s",
        ),
    ] {
        let board = folder.with("board.json", SAMPLE_BOARD.replacen(old, new, 1));
        let film = folder.arg("film.mp4");
        fabula(&["render", &board, "-o", &film]).assert_failure(3, &["board.json", path]);
    }
}

#[test]
fn a_story_is_read_from_standard_input() {
    let outcome = fabula_reading(SHORT_STORY.as_bytes(), &["analyze", "-", "--json"]);
    outcome.assert_success();
    let story = Story::from_json(&outcome.stdout).unwrap();
    assert!(story.text.contains("Who is there?"), "{}", story.text);
    fabula_reading(b"", &["analyze", "-"]).assert_failure(3, &["standard input"]);
}

#[test]
fn a_text_that_is_not_english_is_read_with_a_warning_that_says_so() {
    let german =
        "Es war einmal ein kleines Mädchen, das lebte in einem Wald. Ich habe Angst, sagte es.";
    let outcome = fabula_reading(german.as_bytes(), &["analyze", "-", "--json"]);
    outcome.assert_success();
    let warning = "standard input does not look like English";
    assert!(outcome.stderr.contains(warning), "{}", outcome.stderr);
    let english = fabula_reading(SHORT_STORY.as_bytes(), &["analyze", "-", "--json"]);
    assert!(!english.stderr.contains("English"), "{}", english.stderr);
}

#[test]
fn a_storyboard_is_taken_back_as_it_was_written() {
    let folder = Folder::new();
    let story = folder.with("a.txt", SHORT_STORY);
    let first = folder.arg("first.json");
    let second = folder.arg("second.json");
    fabula(&["storyboard", &story, "-o", &first]).assert_success();
    fabula(&["storyboard", &first, "-o", &second]).assert_success();
    let text = std::fs::read_to_string(&first).unwrap();
    assert_eq!(text, std::fs::read_to_string(&second).unwrap());

    let piped = fabula_reading(text.as_bytes(), &["storyboard", "-", "-o", "-"]);
    piped.assert_success();
    assert_eq!(piped.stdout, text);
    assert!(Timeline::new(&Storyboard::from_json(&text).unwrap()).duration_s() > 3.0);
}

#[test]
fn corrections_beside_a_story_or_named_put_right_what_was_understood() {
    let folder = Folder::new();
    let story = folder.with("a.txt", SHORT_STORY);
    let read = |more: &[&str]| {
        let outcome = fabula(&[&["analyze", story.as_str(), "--json"], more].concat());
        outcome.assert_success();
        (Story::from_json(&outcome.stdout).unwrap(), outcome.stderr)
    };
    let named = |story: &Story, name: &str| story.characters.iter().any(|it| it.name == name);
    assert!(named(&read(&[]).0, "Mia"));

    folder.with(
        "cast.toml",
        "[[character]]\nname = \"Mia\"\nrename = \"Mina\"\ntraits = { wears = \"scarf\" }\n\
         [[character]]\nname = \"Nobody\"\nage = \"elder\"\n\
         [[line]]\nwords = \"who is there\"\nemotion = \"anger\"\n\
         [[scene]]\nwords = \"dark forest\"\nplace = \"cave\"\n",
    );
    let (corrected, log) = read(&[]);
    assert!(named(&corrected, "Mina") && !named(&corrected, "Mia"));
    assert_eq!(corrected.characters[0].traits["wears"], "scarf");
    assert_eq!(corrected.quotes[0].emotion, fabula_story::Emotion::Anger);
    assert_eq!(corrected.scenes[0].place, "cave");
    assert!(log.contains("cast.toml") && log.contains("Nobody"), "{log}");

    folder.with(
        "a.cast.toml",
        "[[character]]\nname = \"Mia\"\nrename = \"Mo\"\n",
    );
    assert!(named(&read(&[]).0, "Mo"));
    let other = folder.with("b.toml", "title = \"Another\"\n");
    let (titled, _) = read(&["--cast", &other]);
    assert!(titled.title == "Another" && named(&titled, "Mia"));

    let wrong = folder.with("c.toml", "[[scene]]\nwords = \"a\"\ntime = \"noon\"\n");
    fabula(&["analyze", &story, "--cast", &wrong]).assert_failure(3, &["c.toml", "line 3", "dusk"]);
    let gone = folder.arg("gone.toml");
    fabula(&["analyze", &story, "--cast", &gone]).assert_failure(3, &["gone.toml"]);
}

#[test]
fn a_title_replaces_that_of_story_and_storyboard() {
    let folder = Folder::new();
    for input in [
        folder.with("a.txt", SHORT_STORY),
        folder.with("a.json", SAMPLE_BOARD),
    ] {
        let outcome = fabula(&["storyboard", &input, "-o", "-", "--title", "Another Name"]);
        outcome.assert_success();
        let board = Storyboard::from_json(&outcome.stdout).unwrap();
        assert_eq!(board.title, "Another Name");
        assert_eq!(board.opening.title, "Another Name");
    }
}

#[test]
fn a_storyboard_has_nothing_to_analyze() {
    let folder = Folder::new();
    let board = folder.with("board.json", SAMPLE_BOARD);
    fabula(&["analyze", &board]).assert_failure(3, &["board.json", "storyboard"]);
}

#[test]
fn a_page_shows_what_was_understood_and_is_refused_before_reading_where_it_cannot_be() {
    let folder = Folder::new();
    let story = folder.with("story.txt", SHORT_STORY);
    let page = folder.arg("page.html");
    let outcome = fabula(&["analyze", &story, "--html", &page]);
    outcome.assert_success();
    assert!(outcome.stdout.contains("Cast"), "{}", outcome.stdout);
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));

    let nowhere = folder.arg("none/page.html");
    fabula(&["analyze", &story, "--html", &nowhere]).assert_failure(5, &["none"]);
}

#[test]
fn every_sample_story_is_understood_and_staged() {
    let stories = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/stories");
    for entry in std::fs::read_dir(stories).unwrap() {
        let path = entry.unwrap().path();
        let path = path.to_str().unwrap();
        if path.ends_with("README.md") {
            continue;
        }
        let outcome = fabula(&["storyboard", path, "-o", "-"]);
        outcome.assert_success();
        let board = Storyboard::from_json(&outcome.stdout).unwrap();
        assert!(!board.cast.is_empty() && !board.scenes.is_empty(), "{path}");

        let summary = fabula(&["analyze", path]);
        summary.assert_success();
        assert!(summary.stdout.contains("Cast"), "{}", summary.stdout);
    }
}

#[test]
fn a_model_of_someone_elses_reads_in_place_of_fabulas_own() {
    let models = |name: &str| {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../nlp/networks/tests/data/foreign"
        );
        format!("{folder}/{name}")
    };
    let folder = Folder::new();
    let story = folder.with("story.txt", SHORT_STORY);
    let cache = folder.arg("cache");
    let read = |options: &[&str]| {
        let args = [&["analyze", &story, "--json", "--device", "cpu"], options].concat();
        let output = command(&args)
            .env("FABULA_CACHE_DIR", &cache)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        Story::from_json(&String::from_utf8(output.stdout).unwrap()).unwrap()
    };
    let own = read(&[]);
    let (emotion, entities) = (models("bert-emotion"), models("roberta-entities"));
    let felt = read(&["--emotion-model", &emotion]);
    assert_ne!(felt.sentences, own.sentences);
    assert_eq!(felt.entities, own.entities);
    let named = read(&["--ner-model", &entities]);
    assert_eq!(named.sentences, own.sentences);
    assert_ne!(named.entities, own.entities);
    let both = read(&["--emotion-model", &emotion, "--ner-model", &entities]);
    assert_eq!(both.sentences, felt.sentences);
    assert_eq!(both.entities, named.entities);
    assert_eq!(read(&[]), own, "what is kept is told apart by its models");

    let empty = folder.arg("");
    for option in ["--emotion-model", "--ner-model"] {
        fabula(&["analyze", &story, option, &empty]).assert_failure(3, &["lacks config.json"]);
    }
    fabula(&["analyze", &story, "--ner-model", &emotion])
        .assert_failure(3, &["config.json", "BertForSequenceClassification"]);
}
