//! Builds the trained weights in, if they are there.

use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shipped_weights)");
    let Ok(folder) = std::env::var("CARGO_MANIFEST_DIR") else {
        return;
    };
    let path = Path::new(&folder).join("../../models/story.safetensors");
    println!("cargo::rerun-if-changed={}", path.display());
    if let Ok(bytes) = std::fs::read(&path) {
        let mut digest = DefaultHasher::new();
        digest.write(&bytes);
        println!("cargo::rustc-cfg=shipped_weights");
        println!("cargo::rustc-env=FABULA_STORY_WEIGHTS={}", path.display());
        println!(
            "cargo::rustc-env=FABULA_STORY_WEIGHTS_DIGEST={:016x}",
            digest.finish()
        );
    }
}
