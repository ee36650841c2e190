//! Memory that this process has taken, and memory that was freed, given back to the system.

/// Buffers of at least this many bytes come from the system one by one, and go back to it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE_BUFFER: libc::c_int = 1 << 20;
/// So many bytes at the end of the heap are kept: what a picture needs is soon needed for the next.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT_AT_END: libc::c_int = 8 << 20;

/// Has pictures and other large buffers given back to the system as soon as they are freed; call it
/// before any of them is made.
///
/// Left alone, GNU's C library takes ever larger buffers from its heap, up to 32 MB, and some 25 MB
/// lie in gaps there while a film is drawn. Elsewhere nothing is done.
pub fn give_large_buffers_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "the library offers it as a C function only")]
        // SAFETY: it takes two numbers, and locks what it changes. An unknown option is refused.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BUFFER);
            libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_AT_END);
        }
    }
}

/// Gives back what reading a story took and drawing does not need: some 60 MB that were freed and
/// kept for the next allocation, and the weights that this program carries, which are read from its
/// file again when they are wanted.
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
        for weights in [
            fabula_models::STORY,
            fabula_models::SETTINGS,
            fabula_models::LINKS,
        ]
        .into_iter()
        .flatten()
        {
            let_go(weights);
        }
    }
}

/// Lets go of the pages that hold nothing but a part of this program's file.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn let_go(constant: &'static [u8]) {
    #[expect(unsafe_code, reason = "the system offers it as a C function only")]
    // SAFETY: the range is inside of a constant, which lies in a private mapping of the program's
    // file that nobody writes to: the pages are read from the file again when they are touched.
    unsafe {
        let page = libc::sysconf(libc::_SC_PAGESIZE).max(1).unsigned_abs() as usize;
        let skipped = constant.as_ptr().align_offset(page);
        let whole = constant.len().saturating_sub(skipped) / page * page;
        if whole > 0 {
            let start = constant.as_ptr().add(skipped);
            libc::madvise(start.cast_mut().cast(), whole, libc::MADV_DONTNEED);
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

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn weights_that_were_let_go_are_the_same_when_they_are_read_again() {
        let Some(weights) = fabula_models::STORY else {
            println!("skipped: this build has no weights");
            return;
        };
        let sum = |bytes: &[u8]| bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        let before = sum(weights);
        let Some(touched_mb) = status_mb("RssFile:") else {
            println!("skipped: this system does not tell how much of a file is in memory");
            return;
        };
        give_back();
        let left_mb = status_mb("RssFile:").unwrap();
        let size_mb = weights.len() as u64 / (1 << 20);
        // Other tests read their own parts of the file meanwhile.
        let given_back_mb = touched_mb.saturating_sub(left_mb);
        assert!(
            given_back_mb > size_mb / 2,
            "{given_back_mb} MB of {size_mb}"
        );
        assert_eq!(sum(weights), before);
    }
}
