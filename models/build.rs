//! Finds out whether there are trained weights to build in.

use std::hash::{DefaultHasher, Hasher};

const STORY: &str = "story.safetensors";
const SETTINGS: &str = "settings.safetensors";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shipped_weights, shipped_settings)");
    println!("cargo::rerun-if-changed={STORY}");
    println!("cargo::rerun-if-changed={SETTINGS}");
    let Ok(story) = std::fs::read(STORY) else {
        return;
    };
    let mut digest = DefaultHasher::new();
    digest.write(&story);
    println!("cargo::rustc-cfg=shipped_weights");
    // It reads the states of that very network.
    if let Ok(settings) = std::fs::read(SETTINGS) {
        digest.write(&settings);
        println!("cargo::rustc-cfg=shipped_settings");
    }
    println!(
        "cargo::rustc-env=FABULA_STORY_WEIGHTS_DIGEST={:016x}",
        digest.finish()
    );
}
