//! Memory that was freed, given back to the system.

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
