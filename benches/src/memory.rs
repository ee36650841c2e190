//! How much memory a benchmark took.

/// The most memory that this process has taken, in MB, where the system tells.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kb: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kb / 1024)
}

/// The most memory that this process has taken, in words.
pub fn peak() -> String {
    peak_mb().map_or("peak memory unknown".to_owned(), |mb| {
        format!("peak memory {mb} MB")
    })
}
