//! Memory that this process has taken, and memory that was freed, given back to the system.

/// Gives back what was freed and is kept for the next allocation. After the networks have read a
/// story that is some 60 MB, of which drawing, with its other sizes, could use little.
///
/// Only GNU's C library keeps that much; elsewhere nothing is done.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "the library offers it as a C function only")]
        // SAFETY: it takes no pointers, and locks what it changes.
        unsafe {
            libc::malloc_trim(0);
        }
    }
}

/// The most memory that this process has taken, in MB, where the system tells.
pub fn peak_mb() -> Option<u64> {
    status_mb("VmHWM:")
}

/// The memory that this process takes now, in MB, where the system tells.
pub fn taken_mb() -> Option<u64> {
    status_mb("VmRSS:")
}

fn status_mb(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kb: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kb / 1024)
}
