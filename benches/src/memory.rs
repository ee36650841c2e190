//! How much memory a benchmark took.

/// The most memory that this process has taken, in words.
pub fn peak() -> String {
    fabula::memory::peak_mb().map_or("peak memory unknown".to_owned(), |mb| {
        format!("peak memory {mb} MB")
    })
}
