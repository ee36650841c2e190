//! What a batch is to make: a film for each story that files, folders, patterns and lists name.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use fabula_render::FrameSize;
use serde::Deserialize;

use crate::cli::{self, BatchArgs, CaptionsArg, FilmArgs, QualityArg};
use crate::failure::Failure;

/// Kinds of files that a folder is searched for.
const STORY_KINDS: [&str; 4] = ["txt", "md", "pdf", "docx"];
/// The largest list that is read.
const LIST_BYTES_MAX: u64 = 16 << 20;

/// A film that is to be made.
#[derive(Clone, Debug)]
pub struct Item {
    pub story: PathBuf,
    /// Name of the film in the folder for all films.
    pub film: String,
    pub title: Option<String>,
    pub size: FrameSize,
    pub args: FilmArgs,
}

/// A list of films, as TOML or JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    films: Vec<Entry>,
}

/// One film of a list; what it does not say is as on the command line.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    story: PathBuf,
    output: Option<String>,
    title: Option<String>,
    size: Option<String>,
    fps: Option<u32>,
    quality: Option<String>,
    bitrate: Option<String>,
    captions: Option<String>,
}

/// The films of a batch, in the order of its inputs, each with a name of its own.
pub fn items(args: &BatchArgs) -> Result<Vec<Item>, Failure> {
    let mut entries = Vec::new();
    for input in &args.inputs {
        entries.extend(entries_of(input)?);
    }
    let mut seen = HashSet::new();
    entries.retain(|entry| {
        // Who lists a story in a list may want several films of it; elsewhere it was named twice.
        let path = entry.story.canonicalize();
        let path = path.unwrap_or_else(|_| entry.story.clone());
        !matches!(
            entry,
            Entry {
                output: None,
                title: None,
                ..
            }
        ) || seen.insert(path)
    });
    let mut names = Names::default();
    for entry in &entries {
        if let Some(output) = &entry.output {
            names
                .reserve(output)
                .map_err(|problem| wrong(entry, &problem))?;
        }
    }
    entries
        .into_iter()
        .map(|entry| item(entry, args, &mut names))
        .collect()
}

fn item(entry: Entry, args: &BatchArgs, names: &mut Names) -> Result<Item, Failure> {
    let mut film = args.film.clone();
    let mut size = args.size;
    let failed = |problem: String| wrong(&entry, &problem);
    if let Some(text) = &entry.size {
        size = cli::parse_size(text).map_err(|error| failed(format!("size: {error}")))?;
    }
    if let Some(fps) = entry.fps {
        film.fps =
            cli::parse_fps(&fps.to_string()).map_err(|error| failed(format!("fps: {error}")))?;
    }
    if let Some(text) = &entry.quality {
        film.quality = QualityArg::from_str(text, false)
            .map_err(|_| failed("quality: write draft, standard, high or maximum".into()))?;
    }
    if let Some(text) = &entry.bitrate {
        let bitrate = cli::parse_bitrate(text);
        film.bitrate = Some(bitrate.map_err(|error| failed(format!("bitrate: {error}")))?);
    }
    if let Some(text) = &entry.captions {
        film.captions = CaptionsArg::from_str(text, false)
            .map_err(|_| failed("captions: write burned, sidecar, both or none".into()))?;
    }
    let name = match &entry.output {
        Some(output) => film_name(output),
        None => names.next(&entry.story),
    };
    Ok(Item {
        film: name,
        title: entry.title,
        size,
        args: film,
        story: entry.story,
    })
}

fn wrong(entry: &Entry, problem: &str) -> Failure {
    Failure::usage(format!("the film of {}: {problem}", entry.story.display()))
}

/// The films that one input names.
fn entries_of(input: &Path) -> Result<Vec<Entry>, Failure> {
    let entry = |story: PathBuf| Entry {
        story,
        ..Entry::default()
    };
    if input.as_os_str() == "-" {
        return Err(Failure::usage(
            "a batch reads files, not standard input; name a file",
        ));
    }
    if input.is_dir() {
        let stories = stories_in(input)?;
        if stories.is_empty() {
            return Err(Failure::input(format!(
                "{} holds no story: no .txt, .md, .pdf or .docx file and no storyboard",
                input.display()
            )));
        }
        return Ok(stories.into_iter().map(entry).collect());
    }
    if input.is_file() {
        return match list(input)? {
            Some(entries) => Ok(entries),
            None => Ok(vec![entry(input.to_owned())]),
        };
    }
    let pattern = input.to_string_lossy();
    if !pattern.contains(['*', '?', '[']) {
        // That it is missing is told when its turn comes; the others do not suffer for it.
        return Ok(vec![entry(input.to_owned())]);
    }
    let paths = glob::glob(&pattern)
        .map_err(|error| Failure::usage(format!("{pattern} is no pattern: {error}")))?;
    let mut stories: Vec<PathBuf> = paths
        .filter_map(Result::ok)
        .filter(|path| path.is_file() && !is_corrections(path))
        .collect();
    stories.sort();
    if stories.is_empty() {
        return Err(Failure::input(format!("no file fits {pattern}")));
    }
    Ok(stories.into_iter().map(entry).collect())
}

/// The stories and storyboards of a folder, by name.
fn stories_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable =
        |error| Failure::input(format!("{} cannot be read: {error}", folder.display()));
    let mut stories = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && is_story(&path) {
            stories.push(path);
        }
    }
    stories.sort();
    Ok(stories)
}

/// Whether a pattern met the corrections of a story, which are no film.
fn is_corrections(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == "cast.toml" || name.ends_with(".cast.toml")
}

fn is_story(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = path.file_stem().unwrap_or_default();
    let kind = path.extension().unwrap_or_default().to_ascii_lowercase();
    if name.starts_with('.') || stem.eq_ignore_ascii_case("readme") {
        return false;
    }
    let is_board = || {
        use std::io::Read;
        let mut head = Vec::new();
        let file = fs::File::open(path).map(|file| file.take(4096));
        file.and_then(|mut file| file.read_to_end(&mut head))
            .is_ok()
            && String::from_utf8_lossy(&head).contains("\"fabula.storyboard/")
    };
    STORY_KINDS.iter().any(|known| kind == *known) || (kind == "json" && is_board())
}

/// The films of a list; `None` if the file is something else, such as a story or a storyboard.
fn list(path: &Path) -> Result<Option<Vec<Entry>>, Failure> {
    let kind = path.extension().unwrap_or_default().to_ascii_lowercase();
    let len = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if (kind != "toml" && kind != "json") || (kind == "json" && len > LIST_BYTES_MAX) {
        return Ok(None);
    }
    let refused = |problem: &str| {
        Failure::input(format!("{} is no list of films: {problem}", path.display()))
    };
    if len > LIST_BYTES_MAX {
        let problem = format!("it is longer than {} MB", LIST_BYTES_MAX >> 20);
        return Err(refused(&problem));
    }
    let text = fs::read_to_string(path).map_err(|error| refused(&error.to_string()))?;
    let List { mut films } = if kind == "toml" {
        toml::from_str(&text).map_err(|error| refused(&error.to_string()))?
    } else {
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(value) if value.get("films").is_some() => {
                serde_json::from_value(value).map_err(|error| refused(&error.to_string()))?
            }
            _ => return Ok(None),
        }
    };
    if films.is_empty() {
        return Err(refused(
            "it names none; add `[[films]]` with `story = \"…\"`",
        ));
    }
    // What a list names lies beside it.
    let folder = path.parent().unwrap_or(Path::new(""));
    for film in &mut films {
        film.story = folder.join(&film.story);
    }
    Ok(Some(films))
}

/// Names that are taken, without their endings and in small letters: captions stand beside a film
/// under its name, and some disks do not tell small letters from large ones.
#[derive(Debug, Default)]
struct Names(HashSet<String>);

impl Names {
    /// Takes a name that was asked for.
    fn reserve(&mut self, output: &str) -> Result<(), String> {
        let is_name = Path::new(output)
            .file_name()
            .is_some_and(|name| name == output);
        if !is_name {
            return Err(format!("`{output}` is not the name of a file"));
        }
        if self.take(&film_name(output)) {
            Ok(())
        } else {
            Err(format!("another film is called `{output}` too"))
        }
    }

    /// The name of a story's film, with a number if there is one of that name already.
    fn next(&mut self, story: &Path) -> String {
        let stem = story.file_stem().unwrap_or_default().to_string_lossy();
        let stem = if stem.is_empty() { "film".into() } else { stem };
        let numbered = (2..).map(|number: u64| format!("{stem}-{number}.mp4"));
        std::iter::once(format!("{stem}.mp4"))
            .chain(numbered)
            .find(|name| self.take(name))
            .unwrap_or_default()
    }

    fn take(&mut self, film: &str) -> bool {
        let stem = Path::new(film).file_stem().unwrap_or_default();
        self.0.insert(stem.to_string_lossy().to_lowercase())
    }
}

fn film_name(output: &str) -> String {
    match Path::new(output).extension() {
        Some(_) => output.to_owned(),
        None => format!("{output}.mp4"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::failure::Cause;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn with(files: &[(&str, &str)]) -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            for (name, content) in files {
                let path = folder.0.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            folder
        }

        fn items(&self, inputs: &[&str]) -> Result<Vec<Item>, Failure> {
            let inputs = inputs.iter().map(|input| self.0.path().join(input));
            let args = ["fabula".into(), "batch".into(), "-o".into(), "out".into()];
            let cli = Cli::try_parse_from(args.into_iter().chain(inputs)).unwrap();
            let Command::Batch(args) = cli.command else {
                panic!("it is a batch");
            };
            items(&args)
        }

        /// Names of stories and of their films.
        fn films(&self, inputs: &[&str]) -> Vec<(String, String)> {
            let items = self.items(inputs).unwrap();
            let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
            items
                .iter()
                .map(|item| (name(&item.story), item.film.clone()))
                .collect()
        }
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(story, film): &(&str, &str)| ((*story).to_owned(), (*film).to_owned());
        expected.iter().map(owned).collect()
    }

    #[test]
    fn a_folder_gives_its_stories_and_storyboards() {
        let folder = Folder::with(&[
            ("b.txt", ""),
            ("a.PDF", ""),
            ("board.json", "{ \"format\": \"fabula.storyboard/1\" }"),
            ("other.json", "{}"),
            ("README.md", ""),
            (".hidden.txt", ""),
            ("film.mp4", ""),
            ("deeper/c.txt", ""),
            ("deeper/c.cast.toml", ""),
            ("deeper/cast.toml", ""),
        ]);
        let expected = [
            ("a.PDF", "a.mp4"),
            ("b.txt", "b.mp4"),
            ("board.json", "board.mp4"),
        ];
        assert_eq!(folder.films(&[""]), pairs(&expected));
        let deeper = folder.films(&["**/c*", "b.txt"]);
        assert_eq!(deeper, pairs(&[("c.txt", "c.mp4"), ("b.txt", "b.mp4")]));
    }

    #[test]
    fn films_never_share_a_name() {
        let folder = Folder::with(&[
            ("one/fox.txt", ""),
            ("two/Fox.txt", ""),
            ("two/fox-2.txt", ""),
            ("two/fox.md", ""),
            (
                "list.toml",
                "[[films]]\nstory = \"one/fox.txt\"\noutput = \"fox-3.mp4\"\n",
            ),
        ]);
        let films = folder.films(&["one", "two", "one/fox.txt", "list.toml"]);
        let expected = [
            ("fox.txt", "fox.mp4"),
            ("Fox.txt", "Fox-2.mp4"),
            ("fox-2.txt", "fox-2-2.mp4"),
            ("fox.md", "fox-4.mp4"),
            ("fox.txt", "fox-3.mp4"),
        ];
        assert_eq!(films, pairs(&expected));
    }

    #[test]
    fn a_list_has_options_for_each_film() {
        let toml = "[[films]]\nstory = \"a.txt\"\ntitle = \"A\"\nsize = \"hd\"\nfps = 60\n\
                    quality = \"high\"\nbitrate = \"2M\"\ncaptions = \"both\"\noutput = \"x\"\n\
                    [[films]]\nstory = \"a.txt\"\n";
        let json = "{\"films\": [{\"story\": \"a.txt\", \"size\": \"64x48\"}]}";
        let folder = Folder::with(&[("list.toml", toml), ("list.json", json), ("a.txt", "")]);
        let items = folder.items(&["list.toml"]).unwrap();
        let [first, second] = items.as_slice() else {
            panic!("{items:?}");
        };
        assert_eq!(
            (first.film.as_str(), second.film.as_str()),
            ("x.mp4", "a.mp4")
        );
        assert_eq!((first.size.width(), second.size.width()), (1280, 1920));
        assert_eq!((first.args.fps, second.args.fps), (60, 24));
        assert_eq!(first.args.bitrate, Some(2_000_000));
        assert_eq!(first.args.quality, QualityArg::High);
        assert_eq!(first.args.captions, CaptionsArg::Both);
        assert_eq!(folder.items(&["list.json"]).unwrap()[0].size.width(), 64);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_before_anything_is_made() {
        let film = |line: &str| format!("[[films]]\nstory = \"a.txt\"\n{line}\n");
        for (line, part) in [
            ("fps = 23", "fps"),
            ("size = \"huge\"", "size"),
            ("quality = \"best\"", "quality"),
            ("bitrate = \"much\"", "bitrate"),
            ("captions = \"yes\"", "captions"),
            ("output = \"../x.mp4\"", "not the name of a file"),
            ("output = \"\"", "not the name of a file"),
            ("colour = \"red\"", "colour"),
            (
                "output = \"x\"\n[[films]]\nstory = \"b.txt\"\noutput = \"X.mp4\"",
                "another film",
            ),
        ] {
            let folder = Folder::with(&[("list.toml", &film(line)), ("a.txt", "")]);
            let failure = folder.items(&["list.toml"]).unwrap_err();
            assert!(failure.message.contains(part), "{failure:?}");
        }
        let folder = Folder::with(&[("empty/x.bin", ""), ("none.toml", "films = []")]);
        for input in ["empty", "*.txt", "none.toml"] {
            assert_eq!(
                folder.items(&[input]).unwrap_err().cause,
                Cause::Input,
                "{input}"
            );
        }
        // A single file that is missing fails alone.
        assert_eq!(folder.items(&["gone.txt"]).unwrap().len(), 1);
    }
}
