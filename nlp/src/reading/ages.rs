//! How old somebody is of whom no word says it: by whom they call mother, by whose father they are,
//! and by the company that they keep.

use std::collections::BTreeMap;

use fabula_story::{Age, Gender};

use super::figures::{Figure, Figures};
use super::lexicon::Lexicon;
use super::mentions::{Ground, Mention};
use super::voices::Voices;

/// What speaks for someone's being a child, an adult and an elder.
type Evidence = [f32; 3];

/// Evidence from which somebody is a child or an elder, rather than the adult of whom nothing is said.
const ENOUGH: f32 = 1.0;

/// Words for school in a story that plays there.
const SCHOOL: usize = 2;

/// Finds the ages of people that are not known yet.
pub(super) fn find(ground: &Ground, mentions: &[Mention], figures: &mut Figures, voices: &Voices) {
    let mut evidence: BTreeMap<usize, Evidence> = BTreeMap::new();
    let meant: BTreeMap<usize, usize> = voices
        .pronouns
        .iter()
        .map(|it| (it.word, figures.find(it.figure)))
        .collect();
    let mut add = |figure: usize, shown: Evidence| {
        let sums = evidence.entry(figures.find(figure)).or_default();
        for (sum, more) in sums.iter_mut().zip(shown) {
            *sum += more;
        }
    };
    for (index, mention) in mentions.iter().enumerate() {
        let Some(relative) = relative(mention) else {
            continue;
        };
        // "Mum!" cried Tilda.
        let called = mention.determiner.is_none();
        let voice = mention.quoted.and_then(|quote| voices.voices.get(quote));
        if let Some(speaker) = voice.and_then(|it| it.speaker).filter(|_| called) {
            add(speaker, of_owner(relative));
        }
        // "her father", "Tom's wife"
        let owner = if mention.determiner.as_deref() == Some("'s") {
            let before = index.checked_sub(1);
            before
                .filter(|at| mentions[*at].first == mention.first)
                .map(|at| figures.of_mention(at))
        } else {
            meant.get(&mention.first).copied()
        };
        if let Some(owner) = owner {
            add(owner, of_owner(relative));
        }
    }
    for (quotation, voice) in ground.quotations.iter().zip(&voices.voices) {
        let Some(addressee) = voice.addressee else {
            continue;
        };
        for word in quotation.first..=quotation.last {
            let called = ground.text.mark(word + 1)
                && (ground.text.mark(word.wrapping_sub(1))
                    || matches!(ground.text.before(word, 1), "my" | "dear" | "little"));
            let lower = ground.text.lower(word);
            if called && matches!(lower, "child" | "sonny" | "lass" | "kid" | "kiddo" | "lad") {
                add(addressee, [1.5, 0.0, 0.0]);
            }
        }
    }
    let numbers: Vec<usize> = people(mentions, figures, voices);
    let of = |figure: &usize| evidence.get(figure).copied().unwrap_or_default();
    let is = |figure: &usize, age: Age| figures.get(*figure).age == age;
    let grown = |it: &Evidence| it[1] + it[2];
    // Whoever has only a given name, among children, is one of them.
    let children = numbers
        .iter()
        .filter(|it| is(it, Age::Child) || of(it)[0] >= ENOUGH && of(it)[0] > grown(&of(it)))
        .count();
    let named = |it: &usize| is_given_name(figures.get(*it)) || figures.get(*it).is_narrator;
    let adults = numbers
        .iter()
        .filter(|it| {
            named(it) && (is(it, Age::Adult) || is(it, Age::Elder) || grown(&of(it)) > 0.0)
        })
        .count();
    let at_school = ground.text.words.iter();
    let at_school = at_school.filter(|word| Lexicon::get().is("at school", &word.lower));
    // Who tells of "Grandpa" sees with the eyes of his grandchildren.
    let at_home = mentions.iter().enumerate().any(|(index, mention)| {
        mention.quoted.is_none()
            && mention.determiner.is_none()
            && mention.title.is_none()
            && mention.names.len() == 1
            && figures.get(figures.of_mention(index)).is_parent()
    });
    let among_children =
        children > adults || children == adults && (at_home || at_school.count() >= SCHOOL);
    let ages: Vec<(usize, Age)> = numbers
        .into_iter()
        .filter(|it| is(it, Age::Unknown))
        .map(|it| {
            let [child, adult, elder] = of(&it);
            let is_company = named(&it) || figures.get(it).plural;
            let company = f32::from(u8::from(among_children && is_company));
            let age = if child + company >= ENOUGH && child + company > adult + elder {
                Age::Child
            } else if elder >= ENOUGH && elder > adult {
                Age::Elder
            } else {
                Age::Adult
            };
            (it, age)
        })
        .collect();
    for (figure, age) in ages {
        figures.get_mut(figure).age = age;
    }
}

/// The figures that are people, one by one.
fn people(mentions: &[Mention], figures: &Figures, voices: &Voices) -> Vec<usize> {
    let named = (0..mentions.len()).map(|at| figures.of_mention(at));
    let meant = voices.pronouns.iter().map(|it| figures.find(it.figure));
    let mut all: Vec<usize> = named.chain(meant).collect();
    all.sort_unstable();
    all.dedup();
    all.retain(|it| {
        let figure = figures.get(*it);
        figure.being.as_deref().is_none_or(|being| being == "human") && figure.personal > 0.0
    });
    all
}

/// What a relative is called: "mother" for "Mum".
fn relative(mention: &Mention) -> Option<&'static str> {
    let noun = mention.being.as_ref().filter(|it| !it.plural)?;
    let kin = &Lexicon::get().kin;
    let name = mention.names.first().filter(|_| mention.names.len() == 1);
    kin.get(name.unwrap_or(&noun.lemma).as_str()).copied()
}

/// What it tells of someone that they have such a relative in the story.
fn of_owner(relative: &str) -> Evidence {
    match relative {
        "mother" | "father" | "stepmother" | "stepfather" | "grandmother" | "grandfather" => {
            [1.0, 0.0, 0.0]
        }
        "aunt" | "uncle" => [0.5, 0.0, 0.0],
        "son" | "daughter" | "niece" | "nephew" => [0.0, 1.5, 0.0],
        "husband" | "wife" => [0.0, 3.0, 0.0],
        "grandson" | "granddaughter" => [0.0, 0.0, 3.0],
        _ => Evidence::default(),
    }
}

/// Whether somebody is called by one name alone, without a title, as children are.
fn is_given_name(figure: &Figure) -> bool {
    let lexicon = Lexicon::get();
    let plain = |names: &Vec<String>| {
        names.iter().all(|name| {
            !lexicon.titles.contains_key(name.as_str()) && !lexicon.kin.contains_key(name.as_str())
        })
    };
    !figure.names.is_empty()
        && figure.title_gender == Gender::Unknown
        && figure.names.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use fabula_story::Age;

    use crate::document;
    use crate::reading::Reader;

    fn ages(text: &str) -> Vec<(String, Age)> {
        let document = document::read_bytes(text.as_bytes(), "story.txt").unwrap();
        let story = Reader::rules().read(&document).unwrap();
        let people = story.characters.into_iter();
        people.map(|it| (it.name, it.age)).collect()
    }

    #[test]
    fn who_calls_for_mother_is_a_child_and_who_has_a_wife_is_grown() {
        let ages = ages(
            "Tilda ran into the kitchen. Tilda was out of breath. \"Mum! The cake is gone!\" cried \
             Tilda.\n\nRolf came after her. Rolf laughed, and his wife laughed too. \"So it is,\" \
             said Rolf.",
        );
        assert!(ages.contains(&("Tilda".to_owned(), Age::Child)), "{ages:?}");
        assert!(ages.contains(&("Rolf".to_owned(), Age::Adult)), "{ages:?}");
    }

    #[test]
    fn animals_stay_as_old_as_the_text_says() {
        let ages = ages("The fox sat by the road. \"Good day,\" said the fox. The fox yawned.");
        assert_eq!(ages, [("Fox".to_owned(), Age::Unknown)]);
    }
}
