//! Collects shaders and art into the binary, so that adding a file is all it takes to add art.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders of the project whose text files travel inside the binary.
const EMBEDDED: [&str; 3] = ["shaders", "assets/characters", "assets/sets"];
const EXTENSIONS: [&str; 3] = ["wgsl", "svg", "toml"];

fn main() -> io::Result<()> {
    // As it is when this runs: a checkout elsewhere may share the build folder.
    let here = env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?;
    let root = Path::new(&here).join("../..").canonicalize()?;
    let mut files = Vec::new();
    for folder in EMBEDDED {
        collect(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        let _ = writeln!(
            table,
            "    ({name:?}, include_str!({:?})),",
            file.to_string_lossy()
        );
    }
    table.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("embedded.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|e| EXTENSIONS.iter().any(|known| e == *known))
        {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
