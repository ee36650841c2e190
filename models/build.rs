//! Finds out whether there are trained weights to build in.

use std::hash::{DefaultHasher, Hasher};

const STORY: &str = "story.safetensors";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shipped_weights)");
    println!("cargo::rerun-if-changed={STORY}");
    if let Ok(bytes) = std::fs::read(STORY) {
        let mut digest = DefaultHasher::new();
        digest.write(&bytes);
        println!("cargo::rustc-cfg=shipped_weights");
        println!(
            "cargo::rustc-env=FABULA_STORY_WEIGHTS_DIGEST={:016x}",
            digest.finish()
        );
    }
}
