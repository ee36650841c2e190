//! What a test holds in its hands: a copy of the library, and its findings.

use std::ffi::{CStr, CString, c_char};
use std::path::{Path, PathBuf};

use libloading::Library;
use nvenc_sys::Libraries;
use tempfile::TempDir;

use crate::Scenario;

/// A copy of the library with a state of its own.
pub struct Double {
    path: PathBuf,
    library: Library,
    // Removed last.
    _folder: TempDir,
}

impl Double {
    /// A fresh copy that answers as the scenario says.
    ///
    /// # Panics
    /// If it cannot be copied and loaded: no test can go on then.
    #[expect(clippy::expect_used, reason = "a test that cannot go on should stop")]
    pub fn new(scenario: Scenario) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(library_name());
        let original = Self::library();
        std::fs::copy(&original, &path)
            .unwrap_or_else(|error| panic!("{} cannot be copied: {error}", original.display()));
        // SAFETY: the library has no initialisers.
        let library = unsafe { Library::new(&path) }.expect("the double loads");
        let double = Self {
            path,
            library,
            _folder: folder,
        };
        let name = CString::new(scenario.name()).expect("a name without zeros");
        // SAFETY: the name and type are those of `state::nvenc_double_play`.
        let taken = unsafe {
            double
                .library
                .get::<unsafe extern "system" fn(*const c_char) -> u32>("nvenc_double_play")
                .expect("the double is of this version")(name.as_ptr())
        };
        assert_eq!(taken, 1, "the double knows no scenario {name:?}");
        double
    }

    /// Where the library is that a whole program can load: beside the test's executable, or in
    /// the folder above.
    ///
    /// # Panics
    /// If the executable's own place is not known.
    #[expect(clippy::expect_used, reason = "a test that cannot go on should stop")]
    pub fn library() -> PathBuf {
        let executable = std::env::current_exe().expect("the path of this test");
        let folder = executable.parent().expect("the folder of this test");
        let name = library_name();
        [folder, folder.parent().unwrap_or(folder)]
            .map(|folder| folder.join(&name))
            .into_iter()
            .find(|path| path.is_file())
            .unwrap_or_else(|| panic!("cargo has built no {name} in {}", folder.display()))
    }

    /// This copy in the place of both of the driver's libraries.
    pub fn libraries(&self) -> Libraries {
        Libraries {
            cuda: self.path.clone().into(),
            encode: self.path.clone().into(),
        }
    }

    /// This copy's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was done wrong, a line each.
    pub fn faults(&self) -> String {
        // SAFETY: `state::nvenc_double_faults` gives a text that ends with zero and is never
        // freed.
        unsafe { CStr::from_ptr(self.answer("nvenc_double_faults")) }
            .to_string_lossy()
            .into_owned()
    }

    /// How many contexts, sessions, buffers and pieces of memory were not given back.
    pub fn left_open(&self) -> u64 {
        self.answer("nvenc_double_left_open")
    }

    /// How many sessions were given.
    pub fn sessions(&self) -> u64 {
        self.answer("nvenc_double_sessions")
    }

    /// How many pictures were given to be encoded.
    pub fn pictures(&self) -> u64 {
        self.answer("nvenc_double_pictures")
    }

    #[expect(clippy::expect_used, reason = "a test that cannot go on should stop")]
    fn answer<T>(&self, name: &str) -> T {
        // SAFETY: the functions of `state` that are asked for take nothing and give what the
        // callers of this function say.
        unsafe {
            let answer = self
                .library
                .get::<unsafe extern "system" fn() -> T>(name)
                .expect("the double is of this version");
            answer()
        }
    }
}

fn library_name() -> String {
    format!(
        "{}nvenc_double{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    )
}
