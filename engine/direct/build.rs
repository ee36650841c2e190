//! Makes tables of the words that choose the parts of characters, so that adding art and saying
//! when it is drawn takes files alone: `assets/characters/README.md` describes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What stands beside the drawing of an animal's head.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Being {
    words: Vec<String>,
    #[serde(default)]
    plays: Vec<String>,
    /// The renderer's.
    #[serde(rename = "body")]
    _body: String,
    height: f32,
    #[serde(default)]
    width: f32,
    /// The renderer's.
    #[serde(default, rename = "beats")]
    _beats: f32,
    #[serde(default)]
    of: String,
    #[serde(default)]
    who: Vec<String>,
    #[serde(default)]
    flies: bool,
    #[serde(default)]
    bright: bool,
    #[serde(default)]
    bare: bool,
    #[serde(default)]
    second: Second,
    coats: Vec<[String; 2]>,
    #[serde(default)]
    told: BTreeMap<String, [String; 2]>,
    #[serde(default)]
    kinds: BTreeMap<String, [String; 2]>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Second {
    #[default]
    Belly,
    Wool,
}

/// What stands beside the drawing of a hair style, an outfit or something worn with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    worn_by: Vec<String>,
    #[serde(default)]
    place: String,
    #[serde(default)]
    instead: String,
    #[serde(default = "yes")]
    under_hats: bool,
}

const fn yes() -> bool {
    true
}

fn main() -> Result<(), String> {
    let here = env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
    let characters = Path::new(&here).join("../../assets/characters");
    let [human, animal] = ["human", "animal"].map(|family| characters.join(family));
    for folder in [&human, &animal] {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let mut tables = String::new();
    beings(&animal, &mut tables)?;
    let animals_wear: BTreeSet<String> = names(&animal, "outfit", "svg")?
        .into_iter()
        .chain(names(&animal, "accessory", "svg")?)
        .collect();
    for (table, slot) in [
        ("HAIR_STYLES", "hair"),
        ("OUTFITS", "outfit"),
        ("ACCESSORIES", "accessory"),
    ] {
        worn(&human, slot, table, &animals_wear, &mut tables)?;
    }
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(Path::new(&out).join("parts.rs"), tables).map_err(|error| error.to_string())
}

fn beings(folder: &Path, tables: &mut String) -> Result<(), String> {
    let mut claimed: BTreeMap<String, String> = BTreeMap::new();
    tables.push_str("pub(crate) static BEINGS: &[Being] = &[\n");
    for name in names(folder, "head", "svg")? {
        let path = folder.join(format!("head-{name}.toml"));
        let being: Being = read(&path)?;
        for word in being.words.iter().chain([&name]) {
            if let Some(other) = claimed.insert(word.clone(), name.clone())
                && other != name
            {
                return Err(format!(
                    "{}: `{word}` is a word of `{other}` too; leave it to one of them",
                    path.display()
                ));
            }
        }
        if being.coats.is_empty() {
            return Err(format!("{}: give it at least one coat", path.display()));
        }
        let coats = being.coats.iter().map(|coat| pair(&path, coat));
        let coats: Vec<String> = coats.collect::<Result<_, _>>()?;
        let _ = writeln!(
            tables,
            "Being {{ name: {name:?}, words: &{:?}, plays: &{:?}, of: {:?}, who: &{:?}, \
             height: {:?}, width: {:?}, flies: {}, bright: {}, bare: {}, second: Second::{:?}, coats: &[{}], told: &[{}], \
             kinds: &[{}] }},",
            being.words,
            being.plays,
            being.of,
            being.who,
            being.height,
            being.width,
            being.flies,
            being.bright,
            being.bare,
            being.second,
            coats.join(", "),
            named_pairs(&path, &being.told)?,
            named_pairs(&path, &being.kinds)?,
        );
    }
    tables.push_str("];\n");
    Ok(())
}

fn worn(
    folder: &Path,
    slot: &str,
    table: &str,
    animals_wear: &BTreeSet<String>,
    tables: &mut String,
) -> Result<(), String> {
    let _ = writeln!(tables, "pub(crate) static {table}: &[Part] = &[");
    for name in names(folder, slot, "svg")? {
        let path = folder.join(format!("{slot}-{name}.toml"));
        // Without words, a part is drawn where a storyboard names it.
        if !path.exists() {
            continue;
        }
        let part: Part = read(&path)?;
        let drawing = fs::read_to_string(path.with_extension("svg")).unwrap_or_default();
        let _ = writeln!(
            tables,
            "Part {{ name: {name:?}, words: &{:?}, worn_by: &{:?}, place: {:?}, instead: {:?}, \
             fits_animals: {}, on_top: {}, under_hats: {} }},",
            part.words,
            part.worn_by,
            part.place,
            part.instead,
            animals_wear.contains(&name),
            !drawing.contains("~outfit"),
            part.under_hats,
        );
    }
    tables.push_str("];\n");
    Ok(())
}

/// Names of the parts of a slot, sorted.
fn names(folder: &Path, slot: &str, extension: &str) -> Result<BTreeSet<String>, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let name = |path: PathBuf| {
        let name = path.file_name()?.to_str()?;
        let name = name.strip_prefix(slot)?.strip_prefix('-')?;
        let name = name.strip_suffix(extension)?.strip_suffix('.')?;
        Some(name.to_owned())
    };
    Ok(entries
        .filter_map(|entry| name(entry.ok()?.path()))
        .collect())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(path).map_err(|error| {
        format!(
            "{}: {error}; it says by which words the drawing beside it is chosen",
            path.display()
        )
    })?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn named_pairs(path: &Path, pairs: &BTreeMap<String, [String; 2]>) -> Result<String, String> {
    let pairs = pairs
        .iter()
        .map(|(name, coat)| Ok(format!("({name:?}, {})", pair(path, coat)?)));
    Ok(pairs.collect::<Result<Vec<_>, String>>()?.join(", "))
}

/// Two colours as Rust has them.
fn pair(path: &Path, [coat, second]: &[String; 2]) -> Result<String, String> {
    let color = |text: &str| {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let value = value.ok_or_else(|| {
            format!(
                "{}: `{text}` is no colour; write it as #rrggbb",
                path.display()
            )
        })?;
        let [_, r, g, b] = value.to_be_bytes();
        Ok::<_, String>(format!("Color::rgb({r}, {g}, {b})"))
    };
    Ok(format!("({}, {})", color(coat)?, color(second)?))
}
