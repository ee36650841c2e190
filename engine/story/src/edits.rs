//! Edits that keep a story whole: what follows from a change is changed with it, whoever asks for
//! the change and however the thing is named.

use crate::{Character, Scene, Story};

/// Places that are under a roof unless it is said otherwise.
const UNDER_A_ROOF: [&str; 2] = ["indoor", "school"];

impl Story {
    /// Gives a line to another speaker, or to nobody who is known. Whoever speaks is there, and
    /// does not speak to itself. There has to be a line of this number; an id that is nobody's
    /// makes the story one that does not pass [`Story::check`].
    pub fn set_speaker(&mut self, quote: usize, speaker: Option<&str>) {
        let Some(quote) = self.quotes.get_mut(quote) else {
            return;
        };
        quote.speaker = speaker.map(str::to_owned);
        let Some(speaker) = speaker else {
            return;
        };
        if quote.addressee.as_deref() == Some(speaker) {
            quote.addressee = None;
        }
        let around = self
            .scenes
            .iter_mut()
            .find(|scene| (scene.start..scene.end).contains(&quote.start));
        if let Some(scene) = around
            && !scene.present.iter().any(|id| id == speaker)
        {
            scene.present.push(speaker.to_owned());
        }
    }
}

impl Scene {
    /// Moves the scene to another place, and in or out of doors with it.
    pub fn set_place(&mut self, place: &str) {
        if self.place != place {
            place.clone_into(&mut self.place);
            self.indoor = UNDER_A_ROOF.contains(&place);
        }
    }
}

impl Character {
    /// Says what the text does not of the looks, or says wrongly; an empty value takes it away.
    pub fn set_trait(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            self.traits.remove(key);
        } else {
            self.traits.insert(key.to_owned(), value.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story() -> Story {
        Story::from_json(include_str!("../tests/samples/story.json")).unwrap()
    }

    #[test]
    fn whoever_gets_a_line_is_there_and_does_not_speak_to_itself() {
        let mut story = story();
        let id = story.characters[0].id.clone();
        story.quotes[0].addressee = Some(id.clone());
        for scene in &mut story.scenes {
            scene.present.clear();
        }
        story.set_speaker(0, Some(&id));
        assert_eq!(story.quotes[0].speaker, Some(id.clone()));
        assert_eq!(story.quotes[0].addressee, None);
        let at = story.quotes[0].start;
        let there = story
            .scenes
            .iter()
            .find(|it| (it.start..it.end).contains(&at));
        assert_eq!(there.unwrap().present, [id]);
        story.check().unwrap();
        story.set_speaker(0, None);
        assert_eq!(story.quotes[0].speaker, None);
        story.set_speaker(99, None);
    }

    #[test]
    fn a_scene_that_moves_goes_in_or_out_of_doors() {
        let mut scene = story().scenes[0].clone();
        for (place, indoor) in [("school", true), ("forest", false), ("indoor", true)] {
            scene.set_place(place);
            assert_eq!((scene.place.as_str(), scene.indoor), (place, indoor));
        }
        // A hall of a castle stays one.
        scene.set_place("castle");
        scene.indoor = true;
        scene.set_place("castle");
        assert!(scene.indoor);
    }

    #[test]
    fn an_empty_trait_is_none() {
        let mut character = story().characters[0].clone();
        character.set_trait("hair", "red");
        assert_eq!(character.traits["hair"], "red");
        character.set_trait("hair", "");
        assert!(!character.traits.contains_key("hair"));
    }
}
