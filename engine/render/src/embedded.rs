//! Shaders, characters and sets as text, compiled into the binary by `build.rs`.

/// Path from the project's root and content, sorted by path.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The content of a file such as `shaders/figure.wgsl`.
pub(crate) fn file(path: &str) -> Option<&'static str> {
    let files = all();
    let index = files.binary_search_by_key(&path, |(name, _)| name).ok()?;
    files.get(index).map(|(_, content)| *content)
}

/// All files whose path begins with `folder`, sorted by path.
pub(crate) fn files_in(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    all()
        .iter()
        .copied()
        .filter(move |(name, _)| name.starts_with(folder))
}

#[cfg(not(test))]
const fn all() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// While sheets are drawn for people to look at, the files are those on disk: who changes art sees
/// it without building anything.
#[cfg(test)]
fn all() -> &'static [(&'static str, &'static str)] {
    static NOW: std::sync::LazyLock<Vec<(&str, &str)>> = std::sync::LazyLock::new(|| {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut folders: Vec<_> = FILES
            .iter()
            .filter_map(|(name, _)| std::path::Path::new(name).parent())
            .collect();
        folders.dedup();
        let entries = folders.into_iter().flat_map(|folder| {
            let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten();
            entries.filter_map(move |entry| {
                let path = entry.ok()?.path();
                let text = std::fs::read_to_string(&path).ok()?;
                let name = folder.join(path.file_name()?);
                Some([name.to_string_lossy().into_owned(), text])
            })
        });
        let mut files: Vec<(&str, &str)> = entries
            .map(|file| file.map(|text| &*Box::leak(text.into_boxed_str())).into())
            .collect();
        files.sort_unstable();
        files
    });
    match std::env::var_os("FABULA_SHEETS") {
        Some(_) => &NOW,
        None => FILES,
    }
}
