//! Shaders, characters and sets as text, compiled into the binary by `build.rs`.

/// Path from the project's root and content, sorted by path.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The content of a file such as `shaders/figure.wgsl`.
pub(crate) fn file(path: &str) -> Option<&'static str> {
    let index = FILES.binary_search_by_key(&path, |(name, _)| name).ok()?;
    FILES.get(index).map(|(_, content)| *content)
}

/// All files whose path begins with `folder`, sorted by path.
pub(crate) fn files_in(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES
        .iter()
        .copied()
        .filter(move |(name, _)| name.starts_with(folder))
}
