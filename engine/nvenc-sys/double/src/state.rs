//! What the double knows: what was opened, what was given back, and what was done wrong.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use crate::h264::Codec;
use crate::scenario::{LOG_VARIABLE, SCENARIO_VARIABLE, Scenario};

/// All that a copy of the library knows. Handles are numbers that are used once.
#[derive(Default)]
pub struct State {
    pub scenario: Scenario,
    pub initialized: bool,
    pub lost: bool,
    /// Each context with its device.
    pub contexts: HashMap<usize, i32>,
    pub memory: HashMap<usize, Memory>,
    /// Memory of another interface that was imported.
    pub imported: HashMap<usize, Imported>,
    pub sessions: HashMap<usize, Session>,
    pub sessions_given: u64,
    pub pictures: u64,
    handles: usize,
    faults: String,
}

/// An encode session.
#[derive(Default)]
pub struct Session {
    pub context: usize,
    /// It was not given, but has to be destroyed.
    pub refused: bool,
    pub codec: Option<Codec>,
    pub registered: HashMap<usize, Registered>,
    /// Each mapping with its registration.
    pub mapped: HashMap<usize, usize>,
    pub bitstreams: HashMap<usize, Bitstream>,
    /// Bitstreams whose packets wait for the next picture.
    pub held: Vec<usize>,
    pub next_time_stamp: u64,
    pub ended: bool,
    pub last_error: CString,
}

/// Device memory.
pub enum Memory {
    Own(Vec<u8>),
    /// So many bytes of this import.
    Of(usize, usize),
}

/// Memory of another interface: the file behind its descriptor.
pub struct Imported {
    pub file: File,
    /// Where in the file it begins.
    pub begin: u64,
    pub len: u64,
}

/// A registered picture.
#[derive(Clone, Copy)]
pub struct Registered {
    pub memory: usize,
    pub width: usize,
    pub height: usize,
    pub pitch: usize,
}

/// A buffer for a packet.
#[derive(Default)]
pub struct Bitstream {
    pub packet: Option<Packet>,
    pub locked: bool,
}

/// An encoded picture, and the mapping it was made from.
pub struct Packet {
    pub data: Vec<u8>,
    pub time_stamp: u64,
    pub idr: bool,
    pub mapping: usize,
}

/// Fills a buffer with what lies in a file from there on.
pub fn read_at(file: &File, bytes: &mut [u8], begin: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_exact_at(file, bytes, begin);
    #[cfg(not(unix))]
    return Err(io::ErrorKind::Unsupported.into());
}

thread_local! {
    /// The contexts of this thread, the current one last.
    pub static CURRENT: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

static STATE: LazyLock<Mutex<State>> = LazyLock::new(|| {
    let scenario = std::env::var(SCENARIO_VARIABLE).unwrap_or_default();
    let mut state = State::default();
    match Scenario::named(&scenario) {
        Some(scenario) => state.scenario = scenario,
        None if scenario.is_empty() => {}
        None => state.fault(&format!("there is no scenario {scenario}")),
    }
    Mutex::new(state)
});

/// The state, for the length of a call.
pub fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// A handle that was never given before.
    pub fn handle(&mut self) -> usize {
        self.handles += 1;
        // Far from what anything else may take for an address or a number.
        0x00d0_0b1e_0000 + self.handles * 256
    }

    /// Notes what was done wrong.
    pub fn fault(&mut self, what: &str) {
        let _ = writeln!(self.faults, "{what}");
        log(&format!("fault: {what}"));
    }

    /// Notes what is wrong, if it is.
    pub fn expect(&mut self, right: bool, what: &str) -> bool {
        if !right {
            self.fault(what);
        }
        right
    }

    /// The context that is current to this thread, if it lives.
    pub fn current(&self) -> Option<usize> {
        let current = CURRENT.with_borrow(|stack| stack.last().copied());
        current.filter(|context| self.contexts.contains_key(context))
    }

    /// How many bytes a piece of memory has.
    pub fn memory_len(&self, memory: usize) -> usize {
        match self.memory.get(&memory) {
            None => 0,
            Some(Memory::Own(bytes)) => bytes.len(),
            Some(Memory::Of(_, len)) => *len,
        }
    }

    /// The bytes of a piece of memory as they are now.
    pub fn read(&self, memory: usize) -> Option<Cow<'_, [u8]>> {
        match self.memory.get(&memory)? {
            Memory::Own(bytes) => Some(Cow::Borrowed(bytes)),
            Memory::Of(import, len) => {
                let import = self.imported.get(import)?;
                let mut bytes = vec![0; *len];
                read_at(&import.file, &mut bytes, import.begin).ok()?;
                Some(Cow::Owned(bytes))
            }
        }
    }

    fn left_open(&self) -> usize {
        let in_sessions: usize = self
            .sessions
            .values()
            .map(|one| 1 + one.registered.len() + one.mapped.len() + one.bitstreams.len())
            .sum();
        self.contexts.len() + self.memory.len() + self.imported.len() + in_sessions
    }
}

/// Appends to the file that the environment names.
pub fn log(line: &str) {
    let Some(path) = std::env::var_os(LOG_VARIABLE) else {
        return;
    };
    // Without its log a test that reads it fails.
    if let Ok(mut file) = OpenOptions::new().append(true).create(true).open(path) {
        let _ = writeln!(file, "{line}");
    }
}

/// Answers from now on as the scenario of this name says; gives 1 if there is one.
///
/// # Safety
/// `name` must point to a text that ends with zero.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn nvenc_double_play(name: *const c_char) -> u32 {
    // SAFETY: as the caller vouches.
    let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
    match Scenario::named(&name) {
        Some(scenario) => {
            state().scenario = scenario;
            1
        }
        None => 0,
    }
}

/// What was done wrong, a line each; the text is never freed.
#[unsafe(no_mangle)]
pub extern "system" fn nvenc_double_faults() -> *const c_char {
    CString::new(state().faults.clone())
        .unwrap_or_default()
        .into_raw()
}

/// How many contexts, sessions, buffers and pieces of memory were not given back.
#[unsafe(no_mangle)]
pub extern "system" fn nvenc_double_left_open() -> u64 {
    state().left_open() as u64
}

/// How many sessions were given.
#[unsafe(no_mangle)]
pub extern "system" fn nvenc_double_sessions() -> u64 {
    state().sessions_given
}

/// How many pictures were given to be encoded.
#[unsafe(no_mangle)]
pub extern "system" fn nvenc_double_pictures() -> u64 {
    state().pictures
}
