//! The small pictures that the panels and the timeline show: those that are there, and wishes for
//! those that are not.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use egui::{ColorImage, Context, TextureHandle, TextureId, TextureOptions};
use fabula_render::Art;
use fabula_story::{Look, Role};

use super::super::album::{Sketch, Subject};
use super::super::stage::Loaded;

/// Pictures of the film that are kept.
const MOST_STILLS: usize = 64;
/// Portraits that are kept.
const MOST_PORTRAITS: usize = 128;

/// What is there, the pictures that were looked at last at the end of each list.
#[derive(Default)]
pub struct Pictures {
    wishes: Option<Sender<Subject>>,
    /// The film that `stills` are of.
    film: Option<Arc<Loaded>>,
    stills: Vec<(u64, Option<TextureHandle>)>,
    portraits: Vec<(String, Look, Option<TextureHandle>)>,
}

impl Pictures {
    /// What is wished for goes to `wishes`.
    pub fn new(wishes: Sender<Subject>) -> Self {
        Self {
            wishes: Some(wishes),
            ..Self::default()
        }
    }

    /// Forgets all pictures, as when their textures have gone.
    pub fn clear(&mut self) {
        self.stills.clear();
        self.portraits.clear();
    }

    /// Which film the pictures are of from now on.
    pub fn set_film(&mut self, film: &Arc<Loaded>) {
        if self.film.as_ref().is_none_or(|it| !Arc::ptr_eq(it, film)) {
            if self.art() != film.art {
                self.portraits.clear();
            }
            self.film = Some(Arc::clone(film));
            self.stills.clear();
        }
    }

    /// Takes a picture that has been drawn.
    pub fn take(&mut self, context: &Context, sketch: Sketch) {
        let size = [sketch.picture.width, sketch.picture.height].map(|side| side as usize);
        let image = ColorImage::from_rgba_unmultiplied(size, &sketch.picture.rgba);
        let texture = context.load_texture("picture", image, TextureOptions::LINEAR);
        match sketch.subject {
            Subject::Portrait(role, art) => {
                if art != self.art() {
                    return;
                }
                let of =
                    |(id, look, _): &&mut (String, Look, _)| *id == role.id && *look == role.look;
                if let Some((.., there)) = self.portraits.iter_mut().find(of) {
                    *there = Some(texture);
                }
            }
            Subject::Still { film, at_ms, .. } => {
                let current = self.film.as_ref().is_some_and(|it| Arc::ptr_eq(it, &film));
                let there = self.stills.iter_mut().find(|(at, _)| *at == at_ms);
                if let (true, Some((_, there))) = (current, there) {
                    *there = Some(texture);
                }
            }
        }
    }

    /// The face of a role; until a changed one is drawn, the one before.
    pub fn portrait(&mut self, role: &Role) -> Option<TextureId> {
        let found = self
            .portraits
            .iter()
            .position(|(id, look, _)| *id == role.id && *look == role.look);
        if let Some(found) = found {
            let entry = self.portraits.remove(found);
            self.portraits.push(entry);
        } else {
            self.wish(Subject::Portrait(Box::new(role.clone()), self.art()));
            if self.portraits.len() == MOST_PORTRAITS {
                self.portraits.remove(0);
            }
            self.portraits
                .push((role.id.clone(), role.look.clone(), None));
        }
        let mut faces = self.portraits.iter().rev();
        let face = faces.find_map(|(id, _, face)| face.as_ref().filter(|_| *id == role.id));
        face.map(TextureHandle::id)
    }

    /// What is on screen at a time. Under the mouse, wishes that were not fulfilled are made
    /// again, for they may have been forgotten.
    pub fn still(&mut self, time_s: f64, pointed: bool) -> Option<TextureId> {
        let at_ms = (time_s.max(0.0) * 1e3).round() as u64;
        let found = self.stills.iter().position(|(at, _)| *at == at_ms);
        if let Some(found) = found {
            let entry = self.stills.remove(found);
            let texture = entry.1.as_ref().map(TextureHandle::id);
            self.stills.push(entry);
            return texture;
        }
        let film = Arc::clone(self.film.as_ref()?);
        if pointed {
            // The mouse has gone on from where pictures have not come.
            self.stills.retain(|(_, texture)| texture.is_some());
        }
        self.wish(Subject::Still {
            film,
            at_ms,
            pointed,
        });
        if self.stills.len() == MOST_STILLS {
            self.stills.remove(0);
        }
        self.stills.push((at_ms, None));
        None
    }

    fn art(&self) -> Art {
        let film = self.film.as_ref();
        film.map_or_else(Art::default, |film| film.art.clone())
    }

    fn wish(&self, subject: Subject) {
        if let Some(wishes) = &self.wishes {
            // Without anybody who draws there are no pictures, and no harm is done.
            let _ = wishes.send(subject);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use fabula_render::Picture;
    use fabula_story::Storyboard;

    use super::*;

    fn film() -> Arc<Loaded> {
        let board = include_str!("../../../../engine/story/tests/samples/storyboard.json");
        Loaded::new(Storyboard::from_json(board).unwrap(), Arc::default(), 24)
    }

    fn drawn(subject: Subject) -> Sketch {
        let picture = Picture {
            width: 2,
            height: 1,
            rgba: vec![255; 8],
        };
        Sketch { subject, picture }
    }

    #[test]
    fn each_picture_is_wished_for_once_and_kept_when_it_comes() {
        let (wish, wishes) = mpsc::channel();
        let context = Context::default();
        let mut pictures = Pictures::new(wish);
        let film = film();
        pictures.set_film(&film);
        assert_eq!(pictures.still(1.0, true), None);
        assert_eq!(pictures.still(1.0, true), None);
        let wished: Vec<_> = wishes.try_iter().collect();
        assert_eq!(wished.len(), 1);
        pictures.take(&context, drawn(wished.into_iter().next().unwrap()));
        assert!(pictures.still(1.0, true).is_some());
        pictures.set_film(&self::film());
        assert_eq!(pictures.still(1.0, true), None, "another film");
    }

    #[test]
    fn a_face_stays_until_the_changed_one_comes() {
        let (wish, wishes) = mpsc::channel();
        let context = Context::default();
        let mut pictures = Pictures::new(wish);
        let mut role = film().board.cast[0].clone();
        assert_eq!(pictures.portrait(&role), None);
        pictures.take(&context, drawn(wishes.recv().unwrap()));
        let before = pictures.portrait(&role).unwrap();
        role.look.accessories.clear();
        assert_eq!(pictures.portrait(&role), Some(before));
        pictures.take(&context, drawn(wishes.recv().unwrap()));
        assert_ne!(pictures.portrait(&role), Some(before));
    }

    #[test]
    fn a_long_play_with_the_mouse_fills_no_memory() {
        let mut pictures = Pictures::default();
        pictures.set_film(&film());
        for second in 0..10_000 {
            pictures.still(f64::from(second) / 10.0, second % 2 == 0);
        }
        assert!(pictures.stills.len() <= MOST_STILLS);
    }
}
