//! Finds out whether there are trained weights to build in.

use std::hash::{DefaultHasher, Hasher};

const STORY: &str = "story.safetensors";
/// What reads the states of that very network.
const FURTHER: [(&str, &str); 2] = [
    ("settings.safetensors", "shipped_settings"),
    ("links.safetensors", "shipped_links"),
];

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shipped_weights, shipped_settings, shipped_links)");
    println!("cargo::rerun-if-changed={STORY}");
    for (file, _) in FURTHER {
        println!("cargo::rerun-if-changed={file}");
    }
    let Ok(story) = std::fs::read(STORY) else {
        return;
    };
    let mut digest = DefaultHasher::new();
    digest.write(&story);
    println!("cargo::rustc-cfg=shipped_weights");
    for (file, cfg) in FURTHER {
        if let Ok(weights) = std::fs::read(file) {
            digest.write(&weights);
            println!("cargo::rustc-cfg={cfg}");
        }
    }
    println!(
        "cargo::rustc-env=FABULA_STORY_WEIGHTS_DIGEST={:016x}",
        digest.finish()
    );
}
