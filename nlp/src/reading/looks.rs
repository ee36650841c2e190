//! What the text says of how someone looks, and of how many years someone has.

use std::collections::BTreeMap;

use fabula_story::Age;

use super::figures::Figures;
use super::lexicon::Lexicon;
use super::mentions::{Ground, Mention};
use super::voices::Pronoun;

/// The traits of each figure.
pub(super) type Traits = BTreeMap<usize, BTreeMap<String, String>>;

/// Collects traits from noun phrases and from sentences that say what someone has or wears.
pub(super) fn find(
    ground: &Ground,
    mentions: &[Mention],
    figures: &mut Figures,
    pronouns: &[Pronoun],
) -> Traits {
    let lexicon = Lexicon::get();
    let mut traits = Traits::new();
    for (index, mention) in mentions.iter().enumerate() {
        let figure = figures.of_mention(index);
        let animal = figures
            .get(figure)
            .being
            .as_deref()
            .is_some_and(|it| it != "human");
        for adjective in &mention.adjectives {
            if animal && is_color(adjective) {
                set(&mut traits, figure, "color", adjective);
            } else if lexicon.is("sizes", adjective) {
                set(&mut traits, figure, "size", adjective);
            } else if lexicon.is("builds", adjective) {
                set(&mut traits, figure, "build", adjective);
            } else if let Some((color, part)) = adjective.split_once('-')
                && part == "haired"
            {
                set(&mut traits, figure, "hair", color);
            } else if matches!(adjective.as_str(), "bearded") {
                wear(&mut traits, figure, "beard");
            }
        }
        if figures.get(figure).plural
            && let Some(number) = (mention.first..=mention.last).find_map(|at| number(ground, at))
        {
            set(&mut traits, figure, "number", &number);
        }
        if let Some(being) = &mention.being
            && being.lemma == "giant"
        {
            set(&mut traits, figure, "size", "huge");
        }
    }
    for index in 0..mentions.len() {
        let figure = figures.of_mention(index);
        if figures.get(figure).plural {
            set(&mut traits, figure, "number", "several");
        }
    }
    worn(ground, mentions, figures, pronouns, &mut traits);
    traits
}

/// How many a word says, in digits.
fn number(ground: &Ground, index: usize) -> Option<String> {
    let word = ground.text.lower(index);
    let counted = match word {
        "both" | "pair" | "couple" | "parents" | "grandparents" | "twins" => Some(2),
        "dozen" => Some(12),
        _ => NUMBERS
            .iter()
            .position(|number| *number == word)
            .map(|at| at + 1),
    };
    let counted = counted.or_else(|| word.parse().ok());
    counted
        .filter(|many| *many > 1)
        .map(|many| many.to_string())
}

fn is_color(word: &str) -> bool {
    Lexicon::get().is("colors", word)
}

fn set(traits: &mut Traits, figure: usize, key: &str, value: &str) {
    traits
        .entry(figure)
        .or_default()
        .entry(key.to_owned())
        .or_insert_with(|| value.to_owned());
}

fn wear(traits: &mut Traits, figure: usize, what: &str) {
    let worn = traits
        .entry(figure)
        .or_default()
        .entry("wears".to_owned())
        .or_default();
    // "A straw hat" says more than "the hat".
    let says = |more: &str, less: &str| more == less || more.ends_with(&format!(" {less}"));
    let mut all: Vec<&str> = worn.split(", ").filter(|it| !it.is_empty()).collect();
    if all.iter().any(|it| says(it, what)) {
        return;
    }
    all.retain(|it| !says(what, it));
    all.push(what);
    *worn = all.join(", ");
}

/// Hair, clothes and things worn: "her golden hair", "a fox in a red scarf".
fn worn(
    ground: &Ground,
    mentions: &[Mention],
    figures: &mut Figures,
    pronouns: &[Pronoun],
    traits: &mut Traits,
) {
    let lexicon = Lexicon::get();
    let text = ground.text;
    let ends: BTreeMap<usize, usize> = mentions
        .iter()
        .enumerate()
        .map(|(index, it)| (it.last, figures.of_mention(index)))
        .collect();
    let meant: BTreeMap<usize, usize> = pronouns
        .iter()
        .map(|pronoun| (pronoun.word, figures.find(pronoun.figure)))
        .collect();
    for sentence in ground.sentences {
        let mut owner = None;
        let mut context: Option<usize> = None;
        for index in sentence.clone() {
            let word = text.lower(index);
            if ground.quoted[index].is_some() {
                continue;
            }
            if let Some(figure) = ends.get(&index).or_else(|| meant.get(&index)) {
                owner = Some(*figure);
                if matches!(word, "her" | "his" | "its" | "my") {
                    context = Some(index);
                }
            }
            if lexicon.is("wearing", word) {
                context = Some(index);
            }
            let Some(figure) = owner else { continue };
            let known = |at: usize| ends.contains_key(&at) || meant.contains_key(&at);
            let subject = index.wrapping_sub(2);
            let is_of_somebody = known(subject) || text.lower(subject) == "who";
            if let Some(age) = age(ground, index, is_of_somebody) {
                figures.get_mut(figure).age = age;
            }
            // "Jack was thin", "he was thin", "a man who was thin".
            let is_subject = known(index.wrapping_sub(1))
                || (text.before(index, 1) == "who" && known(index.wrapping_sub(2)));
            let is_own = context.is_some_and(|at| index - at <= 4);
            if let Some(build) = build(ground, index, is_subject, is_own) {
                set(traits, figure, "build", build);
            }
            let hair = lexicon.is("hair nouns", word);
            let coat = lexicon.is("animal coats", word);
            let clothes = lexicon.is("clothes", word);
            let accessory = lexicon.is("wears", word);
            if !(hair || coat || clothes || accessory) {
                continue;
            }
            let own = ends.contains_key(&index.wrapping_sub(1))
                || text.before(index, 1) == "'s"
                || context.is_some_and(|at| index - at <= 9);
            if !own {
                continue;
            }
            let mut words: Vec<&str> = Vec::new();
            let mut kind = None;
            for back in 1..=4 {
                let before = text.before(index, back);
                if accessory && lexicon.is("worn kinds", before) {
                    kind = kind.or(Some(before));
                } else if is_color(before) || (hair && lexicon.is("hair styles", before)) {
                    words.insert(0, before);
                } else if !matches!(before, "and" | ",")
                    && !lexicon.is("hair styles", before)
                    && !lexicon.is("sizes", before)
                    && !lexicon.is("builds", before)
                    && !matches!(
                        before,
                        "old"
                            | "new"
                            | "woollen"
                            | "woolen"
                            | "warm"
                            | "thick"
                            | "velvet"
                            | "silk"
                            | "knitted"
                            | "fine"
                            | "round"
                            | "big"
                    )
                {
                    break;
                }
            }
            // "her hair was black"
            if words.is_empty() && matches!(text.lower(index + 1), "was" | "were" | "is" | "are") {
                words.extend(
                    (index + 2..index + 5)
                        .map(|at| text.lower(at))
                        .filter(|word| is_color(word) || (hair && lexicon.is("hair styles", word)))
                        .take(1),
                );
            }
            let animal = figures
                .get(figure)
                .being
                .as_deref()
                .is_some_and(|it| it != "human");
            if hair {
                let mut value = words;
                if word != "hair" {
                    value.push(word);
                }
                if !value.is_empty() {
                    set(traits, figure, "hair", &value.join(" "));
                }
            } else if coat && animal && !words.is_empty() {
                set(traits, figure, "color", &words.join(" "));
            } else if accessory {
                let worn = if word == "spectacles" {
                    "glasses"
                } else {
                    word
                };
                match kind {
                    Some(kind) => wear(traits, figure, &format!("{kind} {worn}")),
                    None => wear(traits, figure, worn),
                }
                if matches!(word, "beard" | "moustache" | "mustache") && !words.is_empty() {
                    set(traits, figure, "beard", &words.join(" "));
                }
                let mut value = words;
                value.push(word);
                if clothes && value.len() > 1 {
                    set(traits, figure, "clothes", &value.join(" "));
                }
            } else if clothes {
                let mut value = words;
                value.push(word);
                set(traits, figure, "clothes", &value.join(" "));
            }
        }
    }
}

/// The build that a word tells of somebody who stands right before it, or whose own it is: "was very
/// thin", "his round belly", "with broad shoulders".
fn build<'a>(ground: &'a Ground, index: usize, is_subject: bool, is_own: bool) -> Option<&'a str> {
    let (lexicon, text) = (Lexicon::get(), ground.text);
    let word = text.lower(index);
    if is_own && lexicon.is("bellies", word) {
        let large = ["round", "fat", "big", "great", "large", "huge"];
        return (1..=2)
            .any(|back| large.contains(&text.before(index, back)))
            .then_some("round");
    }
    if is_own && word == "shoulders" && text.before(index, 1) == "broad" {
        return Some("broad-shouldered");
    }
    let says = ["was", "were", "is", "are", "grew", "looked", "became"];
    if !is_subject || !says.contains(&word) {
        return None;
    }
    let told = (index + 1..index + 6)
        .map(|at| text.lower(at))
        .find(|word| {
            let passed = matches!(
                *word,
                "very"
                    | "so"
                    | "rather"
                    | "quite"
                    | "too"
                    | "always"
                    | "a"
                    | "and"
                    | ","
                    | "old"
                    | "young"
                    | "as"
                    | "small"
                    | "little"
                    | "tall"
                    | "short"
                    | "big"
            );
            !passed
        })?;
    lexicon.is("builds", told).then_some(told)
}

const NUMBERS: [&str; 20] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// The age that a number says: "seven years old", "he was twelve,", "Rohan, who was four and loud";
/// whether somebody is the subject of the verb before it.
fn age(ground: &Ground, index: usize, is_of_somebody: bool) -> Option<Age> {
    let text = ground.text;
    let word = text.lower(index);
    let years = NUMBERS
        .iter()
        .position(|number| *number == word)
        .map(|place| place + 1);
    let tens = word.split_once('-').map_or(word, |(tens, _)| tens);
    let years = years.or_else(|| word.parse().ok()).or(match tens {
        "twenty" => Some(20),
        "thirty" => Some(30),
        "forty" => Some(40),
        "fifty" => Some(50),
        "sixty" => Some(60),
        "seventy" => Some(70),
        "eighty" => Some(80),
        "ninety" => Some(90),
        "hundred" => Some(100),
        _ => None,
    })?;
    // "a girl of ten", "a lady of about eighty"
    let lexicon = Lexicon::get();
    let about = usize::from(matches!(
        text.before(index, 1),
        "about" | "nearly" | "some" | "perhaps"
    ));
    let of = text.before(index, 1 + about) == "of"
        && lexicon
            .being(text.before(index, 2 + about))
            .is_some_and(|it| {
                // A mother of three is no child.
                it.being == "human" && !it.plural && !lexicon.kin.contains_key(it.lemma.as_str())
            });
    let next = text.lower(index + 1);
    let said = (next == "years" && text.lower(index + 2) == "old")
        || (matches!(text.before(index, 1), "was" | "is" | "am" | "turned")
            && (is_of_somebody && word != "one"
                || matches!(text.before(index, 2), "he" | "she" | "i"))
            && (text.mark(index + 1) || matches!(next, "and" | "when" | "now" | "but")))
        || (of
            && (text.mark(index + 1)
                || lexicon.verbish(next)
                || matches!(next, "in" | "with" | "who" | "or")));
    match years {
        _ if !said => None,
        1..=15 => Some(Age::Child),
        16..=59 => Some(Age::Adult),
        60..=130 => Some(Age::Elder),
        _ => None,
    }
}
