//! Digests of the sources that draw and encode and of those that read, so that the segments and the
//! readings of another build are told apart even if it calls itself the same version.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What decides the bytes of a film besides its storyboard; art is part of a picture's identity.
const SOURCES: [&str; 4] = [
    "engine",
    "app/src/export.rs",
    "app/src/segments.rs",
    "Cargo.lock",
];

/// What decides how a story is read; networks are told apart by their weights.
const READING: [&str; 3] = ["nlp", "engine/story", "models/src"];

fn main() -> io::Result<()> {
    // As it is when this runs: a checkout elsewhere may share the build folder.
    let here = env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?;
    let root = Path::new(&here).join("..");
    let (drawing, reading) = (digest(&root, &SOURCES)?, digest(&root, &READING)?);
    println!("cargo::rustc-env=FABULA_SOURCES={drawing:016x}");
    println!("cargo::rustc-env=FABULA_READING={reading:016x}");
    Ok(())
}

fn digest(root: &Path, sources: &[&str]) -> io::Result<u64> {
    let mut files = Vec::new();
    for source in sources {
        println!("cargo::rerun-if-changed=../{source}");
        collect(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in &files {
        file.strip_prefix(root)
            .map_err(io::Error::other)?
            .hash(&mut hasher);
        fs::read(file)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path
        .extension()
        .is_some_and(|kind| kind == "rs" || kind == "lock" || kind == "txt")
    {
        files.push(path.to_owned());
    }
    Ok(())
}
