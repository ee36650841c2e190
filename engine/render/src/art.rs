//! The art that is drawn with: shaders, characters and sets. They travel in the program
//! (`embedded`); files of somebody's own take the place of those of the same name, and are looked
//! at as a whole before anything is drawn with them.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::RenderError;
use crate::embedded;
use crate::figure::check_drawings;
use crate::set::{SetManifest, TEXTURED, set_source};

/// Where art lies in a folder, and how its files end.
const FOLDERS: [&str; 3] = ["shaders", "assets/characters", "assets/sets"];
const EXTENSIONS: [&str; 3] = ["wgsl", "svg", "toml"];
/// The largest file that is read, several times the size of any that fabula has.
const LARGEST_FILE_BYTES: u64 = 1024 * 1024;
/// More files are not looked at, nor folders further down.
const MOST_FILES: usize = 4096;
const MOST_FOLDERS_DOWN: usize = 4;

/// Shaders that draw pictures, by the files that they are put together from.
const MODULES: [&[&str]; 5] = [
    &["shared/frame", "shared/grade", "layer"],
    &["shared/frame", "shared/grade", "marks"],
    &["shared/frame", "shared/grade", "effects"],
    &["shared/frame", "shared/grade", "figure"],
    &["panel"],
];

/// Shaders, characters and sets: those of the program, or some of somebody's own in their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Art {
    own: Arc<Own>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Own {
    folder: PathBuf,
    /// By their names from the folder, such as `shaders/figure.wgsl`; only those that differ.
    files: BTreeMap<String, String>,
}

impl Art {
    /// The program's art with the files of `folder` in the place of those of the same name, such
    /// as `shaders/sets/forest.wgsl` or `assets/characters/human/hair-bob.svg`.
    ///
    /// # Errors
    /// If the folder has no art, or one of its files cannot be drawn with; the error names it and,
    /// for a shader, the line.
    pub fn open(folder: &Path) -> Result<Self, RenderError> {
        let mut files = BTreeMap::new();
        for path in Self::paths(folder)? {
            let name = path.strip_prefix(folder).unwrap_or(&path);
            let name = name.to_string_lossy().replace('\\', "/");
            let text = read(&path).map_err(|cause| refused(&path, cause))?;
            if embedded::file(&name) != Some(&*text) {
                files.insert(name, text);
            }
        }
        let art = Self {
            own: Arc::new(Own {
                folder: folder.to_owned(),
                files,
            }),
        };
        art.check().map_err(|error| art.placed(error))?;
        Ok(art)
    }

    /// The files of `folder` that [`Art::open`] reads.
    ///
    /// # Errors
    /// If it has none of the folders that art lies in, or far too many files.
    pub fn paths(folder: &Path) -> Result<Vec<PathBuf>, RenderError> {
        let mut paths = Vec::new();
        let mut waiting: Vec<(PathBuf, usize)> = FOLDERS
            .iter()
            .map(|name| (folder.join(name), 0))
            .filter(|(path, _)| path.is_dir())
            .collect();
        if waiting.is_empty() {
            let cause = "it has no art: neither shaders nor assets/characters nor assets/sets";
            return Err(refused(folder, cause));
        }
        while let Some((path, down)) = waiting.pop() {
            let entries = path.read_dir().map_err(|cause| refused(&path, cause))?;
            for entry in entries {
                let path = entry.map_err(|cause| refused(&path, cause))?.path();
                let extension = path.extension().and_then(|it| it.to_str());
                if path.is_dir() {
                    if down < MOST_FOLDERS_DOWN {
                        waiting.push((path, down + 1));
                    }
                } else if extension.is_some_and(|it| EXTENSIONS.contains(&it)) && path.is_file() {
                    paths.push(path);
                }
            }
            if paths.len() > MOST_FILES {
                let cause = format!("it has more than {MOST_FILES} files of art");
                return Err(refused(folder, cause));
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// Whether all of it is the program's.
    pub(crate) fn is_built_in(&self) -> bool {
        self.own.files.is_empty()
    }

    /// Those files that are not the program's, sorted by path.
    pub(crate) fn own(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.own.files.iter();
        files.map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The content of a file such as `assets/sets/forest.toml`.
    pub(crate) fn file(&self, path: &str) -> Option<&str> {
        let own = self.own.files.get(path);
        own.map(String::as_str).or_else(|| embedded::file(path))
    }

    /// All files whose path begins with `folder`.
    pub(crate) fn files_in(&self, folder: &str) -> BTreeMap<&str, &str> {
        let mut files: BTreeMap<&str, &str> = BTreeMap::new();
        for (path, text) in embedded::files_in(folder) {
            files.insert(path, text);
        }
        files.extend(self.own().filter(|(path, _)| path.starts_with(folder)));
        files
    }

    /// The WGSL of a module such as `figure`, with all that it is put together from.
    pub(crate) fn shader(&self, module: &str) -> Result<Source, RenderError> {
        let parts = MODULES.iter().find(|parts| parts.ends_with(&[module]));
        let mut source = Source::default();
        for part in parts.copied().unwrap_or_default() {
            source.add(self, part)?;
        }
        Ok(source)
    }

    /// The names of all sets, also of those that are no places.
    fn sets(&self) -> Vec<String> {
        let files = self.files_in("assets/sets/");
        let places = files.keys().filter_map(|path| {
            let name = path.strip_prefix("assets/sets/")?.strip_suffix(".toml")?;
            (!name.contains('/')).then(|| name.to_owned())
        });
        places.chain([TEXTURED.to_owned()]).collect()
    }

    /// Looks at everything that is not the program's.
    fn check(&self) -> Result<(), RenderError> {
        if self.is_built_in() {
            return Ok(());
        }
        for parts in MODULES {
            let source = self.shader(parts.last().unwrap_or(&""))?;
            if source.has_own(self) {
                source.check()?;
            }
        }
        for set in self.sets() {
            let manifest = SetManifest::read(self, &set)?;
            let source = set_source(self, &set, &manifest)?;
            let file = format!("assets/sets/{set}.toml");
            if source.has_own(self) || self.own.files.contains_key(&file) {
                source.check()?;
            }
        }
        check_drawings(self)
    }

    /// An error about a file of somebody's own, with the place where that lies.
    pub(crate) fn placed(&self, error: RenderError) -> RenderError {
        match error {
            RenderError::Art { file, cause } if !self.is_built_in() => {
                refused(&self.own.folder.join(file), cause)
            }
            error => error,
        }
    }

    /// What the device says about shaders that are valid, but do not fit to what is drawn.
    pub(crate) fn misfit(&self, error: &wgpu::Error) -> RenderError {
        let said = match error.source() {
            Some(source) => causes(source),
            None => error.to_string(),
        };
        let label = said
            .split_once("label = '")
            .and_then(|(_, rest)| rest.split_once('\''));
        let file = label.and_then(|(label, _)| self.file_with(label));
        let file = file.map_or(self.own.folder.clone(), |file| self.own.folder.join(file));
        refused(
            &file,
            format!("it does not fit to what is drawn with it: {said}"),
        )
    }

    /// The own shader that has an entry point, or the plate behind it.
    fn file_with(&self, entry: &str) -> Option<&str> {
        let plate = entry.replacen("fs_", "plate_", 1);
        let names = [entry, &plate].map(|name| format!("fn {name}("));
        let mut own = self.own();
        let has = |text: &str| names.iter().any(|name| text.contains(name.as_str()));
        own.find(|(_, text)| has(text)).map(|(file, _)| file)
    }
}

/// The text of a shader of the program itself, which no art takes the place of: those that put
/// pictures into windows and films.
pub(crate) fn own_shader(name: &str) -> Result<&'static str, RenderError> {
    let path = format!("shaders/{name}.wgsl");
    embedded::file(&path).ok_or_else(|| RenderError::art(&path, "missing"))
}

fn read(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let read = file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Err("it is larger than 1 MiB".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())
}

fn refused(path: &Path, cause: impl std::fmt::Display) -> RenderError {
    RenderError::OwnArt {
        file: path.display().to_string(),
        cause: cause.to_string(),
    }
}

/// An error and what is behind it.
fn causes(error: &dyn Error) -> String {
    let mut causes = vec![error.to_string().trim().to_owned()];
    let mut inner = error.source();
    while let Some(cause) = inner {
        causes.push(cause.to_string().trim().to_owned());
        inner = cause.source();
    }
    causes.join(": ")
}

/// WGSL, and which files it was put together from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub text: String,
    /// Files and where each begins, in order.
    parts: Vec<(String, usize)>,
}

impl Source {
    /// Adds a file such as `shared/frame`.
    pub fn add(&mut self, art: &Art, name: &str) -> Result<(), RenderError> {
        let file = format!("shaders/{name}.wgsl");
        let text = art.file(&file);
        let text = text.ok_or_else(|| RenderError::art(&file, "missing"))?;
        self.parts.push((file, self.text.len()));
        self.text.push_str(text);
        Ok(())
    }

    fn has_own(&self, art: &Art) -> bool {
        let mut files = self.parts.iter();
        files.any(|(file, _)| art.own.files.contains_key(file))
    }

    /// Whether it is valid, before anything is made of it.
    pub fn check(&self) -> Result<(), RenderError> {
        let module = naga::front::wgsl::parse_str(&self.text).map_err(|error| {
            self.refused(error.location(&self.text), error.message().to_owned())
        })?;
        let flags = naga::valid::ValidationFlags::all();
        let capabilities = naga::valid::Capabilities::default();
        let checked = naga::valid::Validator::new(flags, capabilities).validate(&module);
        let Err(error) = checked else {
            return Ok(());
        };
        Err(self.refused(error.location(&self.text), causes(error.as_inner())))
    }

    fn refused(&self, at: Option<naga::SourceLocation>, cause: String) -> RenderError {
        let offset = at.map_or(0, |at| at.offset as usize);
        // Of an error in what is in no file, the file before is the cause.
        let mut parts = self.parts.iter().rev();
        let Some((file, start)) = parts.find(|(_, start)| *start <= offset) else {
            return RenderError::art("shaders", cause);
        };
        let before = self.text.get(*start..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        RenderError::art(format!("{file}, line {line}"), cause)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::gpu::{Gpu, GpuChoice};
    use crate::{Film, FilmOptions, FrameSize};

    /// A folder with a file of art.
    fn folder(name: &str, text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, name, text);
        folder
    }

    fn write(folder: &tempfile::TempDir, name: &str, text: &str) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A file of the program, changed.
    fn changed(name: &str, from: &str, to: &str) -> String {
        let text = embedded::file(name).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        text.replacen(from, to, 1)
    }

    #[track_caller]
    fn refusal(folder: &tempfile::TempDir) -> String {
        Art::open(folder.path()).unwrap_err().to_string()
    }

    #[test]
    fn every_shader_of_the_program_is_valid() {
        let art = Art::default();
        for parts in MODULES {
            let source = art.shader(parts.last().unwrap()).unwrap();
            source.check().unwrap();
        }
        for set in art.sets() {
            let manifest = SetManifest::read(&art, &set).unwrap();
            let source = set_source(&art, &set, &manifest).unwrap();
            source.check().unwrap();
        }
        for name in ["screen", "yuv"] {
            let mut source = Source::default();
            source.add(&art, name).unwrap();
            source.check().unwrap();
        }
        let all = embedded::files_in("shaders/");
        let all = all.filter(|(path, _)| path.matches('/').count() == 1);
        assert_eq!(all.count(), MODULES.len() + 2, "a shader is not validated");
    }

    #[test]
    fn files_that_are_like_those_of_the_program_change_nothing() {
        let name = "shaders/sets/forest.wgsl";
        let folder = folder(name, embedded::file(name).unwrap());
        let art = Art::open(folder.path()).unwrap();
        assert!(art.is_built_in());
        write(&folder, name, &changed(name, "\n", "\n\n"));
        let other = Art::open(folder.path()).unwrap();
        assert!(!other.is_built_in() && other != art);
        assert_eq!(other, Art::open(folder.path()).unwrap());
    }

    #[test]
    fn a_folder_without_art_is_no_art() {
        let folder = folder("notes.txt", "");
        assert!(refusal(&folder).contains("no art"));
    }

    #[test]
    fn a_broken_shader_is_told_with_its_file_its_line_and_the_cause() {
        let name = "shaders/sets/forest.wgsl";
        let lines = embedded::file(name).unwrap().lines().count();
        for (broken, cause) in [
            ("fn broken( {", "expected"),
            (
                "fn broken() -> f32 { return nothing; }",
                "no definition in scope for identifier: `nothing`",
            ),
            ("fn broken() -> f32 { }", "return"),
        ] {
            let text = format!("{}{broken}\n", embedded::file(name).unwrap());
            let said = refusal(&folder(name, &text));
            let place = format!("forest.wgsl, line {}: ", lines + 1);
            assert!(said.contains(&place) && said.contains(cause), "{said}");
        }
    }

    #[test]
    fn a_set_and_a_drawing_that_cannot_be_used_are_told_before_anything_is_drawn() {
        for (name, text, cause) in [
            (
                "assets/sets/forest.toml",
                "ground_y = ",
                "assets/sets/forest.toml",
            ),
            (
                "assets/sets/moon.toml",
                "ground_y = 0.2\nplate = []\n[light]\n",
                "light.day",
            ),
            (
                "assets/characters/human/hair-bob.svg",
                "<svg",
                "not a readable SVG",
            ),
            (
                "assets/characters/animal/head-fox.toml",
                "[",
                "head-fox.toml",
            ),
            ("shaders/figure.wgsl", "\0\0", "figure.wgsl"),
        ] {
            let said = refusal(&folder(name, text));
            assert!(said.contains(name) && said.contains(cause), "{said}");
        }
        let large = "/".repeat(LARGEST_FILE_BYTES as usize + 1);
        assert!(refusal(&folder("shaders/layer.wgsl", &large)).contains("1 MiB"));
    }

    #[test]
    fn a_shader_that_does_not_fit_is_an_error_and_no_panic() {
        let gpu = match Gpu::open(&GpuChoice::Cpu) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        let board = include_str!("../../story/tests/samples/storyboard.json");
        let board = fabula_story::Storyboard::from_json(board).unwrap();
        let size = FrameSize::new(64, 36).unwrap();
        let draw = |gpu: &Gpu| {
            let mut film = Film::new(gpu, &board, size, FilmOptions::default())?;
            film.still(3.0)
        };
        let expected = draw(&gpu).unwrap();
        for (name, from, to) in [
            // An entry point that is missing, a binding that nothing is bound to.
            ("shaders/marks.wgsl", "fn fs_mark(", "fn fs_other("),
            (
                "shaders/effects.wgsl",
                "@fragment\nfn fs_effect(in: Varying) -> @location(0) vec4f {",
                "@group(3) @binding(7) var<uniform> none: vec4f;\n\
                 @fragment\nfn fs_effect(in: Varying) -> @location(0) vec4f {\n\
                 if none.x > 9.0 { return none; }",
            ),
            // One that is larger than what is bound.
            (
                "shaders/shared/frame.wgsl",
                "struct Frame {",
                "struct Frame {\n    more: array<vec4f, 900>,",
            ),
        ] {
            let folder = folder(name, &changed(name, from, to));
            let art = Art::open(folder.path()).unwrap();
            let said = draw(&gpu.with_art(art)).unwrap_err();
            assert!(matches!(said, RenderError::OwnArt { .. }), "{name}: {said}");
        }
        assert!(
            draw(&gpu).unwrap().rgba == expected.rgba,
            "the device is unharmed"
        );
    }

    #[test]
    fn a_film_in_other_art_uses_nothing_of_the_kit_of_the_one_before() {
        let gpu = match Gpu::open(&GpuChoice::Cpu) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        let board = include_str!("../../story/tests/samples/storyboard.json");
        let board = fabula_story::Storyboard::from_json(board).unwrap();
        let (size, options) = (FrameSize::new(64, 36).unwrap(), FilmOptions::default());
        let name = "shaders/shared/grade.wgsl";
        let folder = folder(name, &changed(name, "\n", "\n// Another.\n"));
        let other = gpu.with_art(Art::open(folder.path()).unwrap());
        let range = 0..2;
        let before = Film::new(&gpu, &board, size, options).unwrap();
        let identity = before.identity(24, range.clone());
        let mut after = Film::with_kit(&other, before.into_kit(), &board, size, options).unwrap();
        assert_ne!(after.identity(24, range), identity);
        after.still(3.0).unwrap();
    }
}
