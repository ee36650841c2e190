//! What decides a picture, as one digest.
//!
//! Everything that [`Film`](crate::Film) looks at when it draws goes in, and rather too much than
//! too little: the digest tells which frames of an earlier film can be taken over as they are.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::OnceLock;

use fabula_story::{BoardScene, Card, CueKind, Shot, Storyboard};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Art, embedded};

/// A digest that grows frame by frame.
pub(crate) struct Identity<'a> {
    board: &'a Storyboard,
    digest: Sha256,
    /// The card or shot that went in last: it is the same for many frames.
    last: Option<*const ()>,
}

impl<'a> Identity<'a> {
    pub fn new(board: &'a Storyboard, own: &Art) -> Self {
        let mut digest = Sha256::new();
        digest.update(art());
        for (path, content) in own.own() {
            add_file(&mut digest, path, content);
        }
        Self {
            board,
            digest,
            last: None,
        }
    }

    /// Adds a value with all its digits.
    pub fn add(&mut self, value: &impl Serialize) {
        // Neither hashing nor serializing plain data has a way to fail. A zero byte is in no JSON:
        // the end of one value is never the start of the next.
        let _ = serde_json::to_writer(Sink(&mut self.digest), value);
        self.digest.update([0]);
    }

    /// Adds a card and the scene that it stands before.
    pub fn add_card(&mut self, card: &'a Card, behind: &BoardScene) {
        if self.is_new(card) {
            self.add(card);
            self.add(behind);
        }
    }

    /// Adds a shot, its place, and whoever is in it or named in it.
    pub fn add_shot(&mut self, scene: &'a BoardScene, shot: &'a Shot) {
        if !self.is_new(shot) {
            return;
        }
        let BoardScene {
            id,
            setting,
            backdrop,
            seed,
            transition: _,
            shots: _,
        } = scene;
        self.add(&(id, setting, backdrop, seed));
        self.add(shot);
        let named = named_in(shot);
        let board = self.board;
        for role in &board.cast {
            if named.contains(role.id.as_str()) {
                self.add(role);
            }
        }
    }

    pub fn finish(self) -> [u8; 32] {
        self.digest.finalize().into()
    }

    fn is_new<T>(&mut self, part: &'a T) -> bool {
        let part = std::ptr::from_ref(part).cast();
        let is_new = self.last != Some(part);
        self.last = Some(part);
        is_new
    }
}

/// The roles that a shot names anywhere.
fn named_in(shot: &Shot) -> BTreeSet<&str> {
    let mut named: BTreeSet<&str> = shot.focus.iter().map(String::as_str).collect();
    for actor in &shot.actors {
        named.insert(&actor.role);
        named.extend(actor.cues.iter().filter_map(|cue| match &cue.kind {
            CueKind::Look { role } | CueKind::Act { to: role, .. } => role.as_deref(),
            CueKind::Feel { .. }
            | CueKind::Mark { .. }
            | CueKind::Pose { .. }
            | CueKind::Walk { .. } => None,
        }));
    }
    named.extend(
        shot.speech
            .iter()
            .filter_map(|speech| speech.role.as_deref()),
    );
    named.extend(
        shot.captions
            .iter()
            .filter_map(|caption| caption.role.as_deref()),
    );
    named
}

/// The digest of all shaders, characters and sets of this build.
fn art() -> [u8; 32] {
    static ART: OnceLock<[u8; 32]> = OnceLock::new();
    *ART.get_or_init(|| {
        let mut digest = Sha256::new();
        for (path, content) in embedded::files_in("") {
            add_file(&mut digest, path, content);
        }
        digest.finalize().into()
    })
}

fn add_file(digest: &mut Sha256, path: &str, content: &str) {
    for part in [path, content] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
}

struct Sink<'a>(&'a mut Sha256);

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
