//! The words that choose the parts of characters, as `build.rs` found them beside the drawings in
//! `assets/characters`.

use fabula_story::Color;

/// An animal or another being that is no human.
#[derive(Debug)]
pub(crate) struct Being {
    pub name: &'static str,
    /// What it is called.
    pub words: &'static [&'static str],
    /// Beings without a drawing of their own that it stands in for.
    pub plays: &'static [&'static str],
    /// The being that it is a kind of, and which of those are drawn like this: `women`, `men` or
    /// `children`.
    pub of: &'static str,
    pub who: &'static [&'static str],
    /// Height beside a grown human.
    pub height: f32,
    /// Width beside its height; 0 for what is no wider than a human.
    pub width: f32,
    pub flies: bool,
    /// It has no fur: feathers, scales and tin come in any colour.
    pub bright: bool,
    /// No clothes fit it.
    pub bare: bool,
    pub second: Second,
    /// Its coats: the colour of each, and the second one for belly, muzzle and tail tip.
    pub coats: &'static [Coat],
    /// Coats that a word of the story means for this being alone.
    pub told: &'static [(&'static str, Coat)],
    /// Coats of those that it plays.
    pub kinds: &'static [(&'static str, Coat)],
}

/// The two colours of an animal.
pub(crate) type Coat = (Color, Color);

/// What the second colour of a coat is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Second {
    /// Paler than the coat.
    Belly,
    /// What the story calls its colour; the face below is darker.
    Wool,
}

/// A hair style, an outfit or something worn with it.
#[derive(Debug)]
pub(crate) struct Part {
    pub name: &'static str,
    /// What it is called.
    pub words: &'static [&'static str],
    /// Who wears it unasked: words for persons, or a group such as `old women`.
    pub worn_by: &'static [&'static str],
    /// Where on the body it sits; there is room for one thing at each place.
    pub place: &'static str,
    /// What animals wear instead.
    pub instead: &'static str,
    pub fits_animals: bool,
    /// It has a colour of its own, not that of the outfit.
    pub on_top: bool,
    /// Hair that a hat goes over.
    pub under_hats: bool,
}

include!(concat!(env!("OUT_DIR"), "/parts.rs"));

/// Beings that have drawings: `human` before all others, which come by name.
pub fn beings() -> impl Iterator<Item = &'static str> {
    std::iter::once("human").chain(BEINGS.iter().map(|being| being.name))
}

/// Hair styles of humans, by name.
pub fn hair_styles() -> impl Iterator<Item = &'static str> {
    HAIR_STYLES.iter().map(|part| part.name)
}

/// What humans wear, by name, `none` before all others.
pub fn outfits() -> impl Iterator<Item = &'static str> {
    std::iter::once("none").chain(OUTFITS.iter().map(|part| part.name))
}

/// What humans or animals wear on top of it, by name.
pub fn accessories(of_humans: bool) -> impl Iterator<Item = &'static str> {
    let parts = ACCESSORIES.iter();
    let parts = parts.filter(move |part| of_humans || part.fits_animals);
    parts.map(|part| part.name)
}

/// What a being of this name is drawn as.
pub(crate) fn being(name: &str) -> Option<&'static Being> {
    BEINGS.iter().find(|being| being.name == name)
}

/// The being that a word means, or that plays it.
pub(crate) fn called(word: &str) -> Option<&'static Being> {
    let singular = word.strip_suffix('s').unwrap_or(word);
    let says = |list: &[&str]| list.contains(&word) || list.contains(&singular);
    let own = BEINGS
        .iter()
        .find(|being| being.name == word || being.name == singular || says(being.words));
    own.or_else(|| BEINGS.iter().find(|being| says(being.plays)))
}

/// The part whose word a text says last; of words that end together, the longest.
pub(crate) fn named_in<'a>(
    parts: impl IntoIterator<Item = &'a Part>,
    words: impl Fn(&'a Part) -> &'static [&'static str],
    text: &str,
) -> Option<&'a Part> {
    let said = |part: &'a Part| {
        let ends = words(part).iter().filter_map(|word| {
            let end = last_end(text, word)?;
            Some((end, word.len()))
        });
        Some((ends.max()?, part))
    };
    let parts = parts.into_iter().filter_map(said);
    parts.max_by_key(|(end, _)| *end).map(|(_, part)| part)
}

/// Where the last whole word or phrase of this kind ends.
fn last_end(text: &str, phrase: &str) -> Option<usize> {
    let found = text.rmatch_indices(phrase).find(|(start, found)| {
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !inside(text[..*start].chars().next_back())
            && !inside(text[start + found.len()..].chars().next())
    });
    found.map(|(start, found)| start + found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_said_last_chooses_and_a_longer_one_before_a_shorter() {
        let style = |text: &str| named_in(HAIR_STYLES, |part| part.words, text).map(|it| it.name);
        assert_eq!(style("long wavy"), Some("wavy"));
        assert_eq!(style("wild red braids"), Some("braids"));
        assert_eq!(style("longing"), None);
    }

    #[test]
    fn a_being_with_a_drawing_of_its_own_is_not_played_by_another() {
        for being in BEINGS {
            for word in being.words {
                assert_eq!(called(word).unwrap().name, being.name, "{word}");
            }
        }
    }

    #[test]
    fn everybody_has_something_to_wear_and_a_way_to_do_the_hair() {
        for parts in [HAIR_STYLES, OUTFITS] {
            for group in ["women", "men", "anyone"] {
                let worn = parts.iter().filter(|part| part.worn_by.contains(&group));
                assert!(worn.count() >= 3, "{group}");
            }
        }
    }
}
