//! Who plays: each character's look, from the story's words first and from the name second, so
//! that it is the same in every film, and no two of a cast look alike.

use fabula_story::{Age, Build, Character, Color, Gender, Look, Role, Story};

use crate::crowds;
use crate::hash::{hash, salted};
use crate::parts::{self, ACCESSORIES, BEINGS, Being, Coat, HAIR_STYLES, OUTFITS, Part, Second};

const SKINS: [Color; 4] = [
    Color::rgb(255, 220, 177),
    Color::rgb(240, 184, 160),
    Color::rgb(198, 134, 66),
    Color::rgb(161, 102, 94),
];
const BROWN_HAIR: Color = Color::rgb(139, 69, 19);
const BLACK_HAIR: Color = Color::rgb(38, 30, 34);
const BLOND_HAIR: Color = Color::rgb(226, 184, 96);
const RED_HAIR: Color = Color::rgb(165, 62, 42);
const GREY_HAIR: Color = Color::rgb(158, 156, 160);
const WHITE_HAIR: Color = Color::rgb(232, 230, 226);
const DARK_BROWN_HAIR: Color = Color::rgb(92, 58, 40);
const HAIRS: [Color; 5] = [
    BROWN_HAIR,
    BLACK_HAIR,
    BLOND_HAIR,
    RED_HAIR,
    DARK_BROWN_HAIR,
];
/// Hair and eyes that go with the darker skins, where the story says nothing else.
const DARK_HAIRS: [Color; 3] = [BLACK_HAIR, DARK_BROWN_HAIR, Color::rgb(62, 42, 34)];
const DARK_EYES: [Color; 2] = [Color::rgb(112, 66, 30), Color::rgb(78, 48, 28)];
const EYES: [Color; 4] = [
    Color::rgb(112, 66, 30),
    Color::rgb(46, 110, 62),
    Color::rgb(58, 104, 168),
    Color::rgb(116, 122, 130),
];
/// Colours of clothes, each far from the next.
const CLOTHES: [Color; 12] = [
    Color::rgb(196, 62, 58),
    Color::rgb(58, 108, 172),
    Color::rgb(226, 162, 52),
    Color::rgb(72, 136, 92),
    Color::rgb(132, 84, 156),
    Color::rgb(214, 112, 72),
    Color::rgb(58, 142, 148),
    Color::rgb(200, 98, 138),
    Color::rgb(108, 122, 62),
    Color::rgb(122, 76, 58),
    Color::rgb(84, 92, 128),
    Color::rgb(206, 196, 168),
];
/// Two looks nearer than this are told apart by their shape alone.
const ALIKE: f32 = 60.0;
/// Captions stand on a dark band: no name is darker than this, of 255.
const CAPTION_LUMA: f32 = 165.0;

/// Words for humans, where nothing else says what somebody is.
const HUMANS: [&str; 30] = [
    "human",
    "person",
    "man",
    "woman",
    "boy",
    "girl",
    "child",
    "witch",
    "wizard",
    "giant",
    "king",
    "queen",
    "prince",
    "princess",
    "fairy",
    "elf",
    "dwarf",
    "mermaid",
    "angel",
    "knight",
    "doll",
    "puppet",
    "marionette",
    "scarecrow",
    "vampire",
    "zombie",
    "genie",
    "djinn",
    "merman",
    "gingerbread",
];

/// Words for colours, with the cloth that they mean.
const COLOR_WORDS: &[(&str, Color)] = &[
    ("golden", Color::rgb(226, 174, 70)),
    ("gold", Color::rgb(226, 174, 70)),
    ("silver", Color::rgb(186, 192, 202)),
    ("scarlet", Color::rgb(196, 40, 44)),
    ("crimson", Color::rgb(172, 34, 52)),
    ("red", Color::rgb(196, 48, 46)),
    ("ginger", Color::rgb(206, 116, 52)),
    ("straw", Color::rgb(222, 190, 120)),
    ("orange", Color::rgb(226, 124, 48)),
    ("yellow", Color::rgb(234, 196, 76)),
    ("green", Color::rgb(72, 138, 84)),
    ("turquoise", Color::rgb(64, 160, 164)),
    ("blue", Color::rgb(60, 106, 176)),
    ("purple", Color::rgb(126, 78, 152)),
    ("violet", Color::rgb(126, 78, 152)),
    ("pink", Color::rgb(222, 138, 164)),
    ("brown", Color::rgb(126, 82, 52)),
    ("grey", Color::rgb(134, 136, 144)),
    ("gray", Color::rgb(134, 136, 144)),
    ("white", Color::rgb(236, 232, 224)),
    ("black", Color::rgb(52, 48, 56)),
];

/// Words for the colours of fur, with the coat that they mean and the second colour that goes
/// with it: no fox is as red as a coat of paint.
const FURS: &[(&str, Color, Color)] = &[
    ("red", Color::rgb(190, 92, 50), Color::rgb(246, 224, 198)),
    ("russet", Color::rgb(176, 88, 50), Color::rgb(244, 220, 192)),
    (
        "ginger",
        Color::rgb(214, 124, 58),
        Color::rgb(250, 230, 202),
    ),
    (
        "orange",
        Color::rgb(218, 128, 58),
        Color::rgb(250, 230, 202),
    ),
    (
        "golden",
        Color::rgb(218, 168, 92),
        Color::rgb(250, 236, 206),
    ),
    ("gold", Color::rgb(218, 168, 92), Color::rgb(250, 236, 206)),
    (
        "yellow",
        Color::rgb(224, 184, 104),
        Color::rgb(250, 238, 210),
    ),
    (
        "sandy",
        Color::rgb(206, 170, 122),
        Color::rgb(248, 234, 210),
    ),
    ("tan", Color::rgb(196, 156, 110), Color::rgb(246, 228, 200)),
    (
        "cream",
        Color::rgb(232, 214, 186),
        Color::rgb(252, 244, 228),
    ),
    (
        "chestnut",
        Color::rgb(144, 82, 50),
        Color::rgb(226, 186, 148),
    ),
    ("brown", Color::rgb(130, 86, 56), Color::rgb(218, 180, 138)),
    (
        "silver",
        Color::rgb(168, 172, 180),
        Color::rgb(236, 236, 238),
    ),
    ("grey", Color::rgb(132, 133, 140), Color::rgb(218, 216, 214)),
    ("gray", Color::rgb(132, 133, 140), Color::rgb(218, 216, 214)),
    (
        "white",
        Color::rgb(236, 231, 222),
        Color::rgb(250, 236, 226),
    ),
    (
        "snowy",
        Color::rgb(236, 231, 222),
        Color::rgb(250, 236, 226),
    ),
    ("black", Color::rgb(58, 54, 61), Color::rgb(140, 134, 138)),
];
/// Words for the builds of bodies.
const BUILDS: [(Build, &[&str]); 3] = [
    (
        Build::Stout,
        &[
            "fat",
            "stout",
            "plump",
            "round",
            "chubby",
            "tubby",
            "portly",
            "pudgy",
            "rotund",
            "corpulent",
            "overweight",
            "roly",
            "heavy",
            "fattened",
        ],
    ),
    (
        Build::Slim,
        &[
            "thin", "slim", "slender", "skinny", "lean", "lanky", "bony", "scrawny", "gaunt",
            "skeletal", "spindly", "wiry", "scraggy", "gangly", "starved",
        ],
    ),
    (
        Build::Broad,
        &[
            "broad",
            "burly",
            "brawny",
            "sturdy",
            "stocky",
            "muscular",
            "hulking",
            "beefy",
            "strapping",
            "strong",
            "mighty",
            "thickset",
        ],
    ),
];
/// From this try on, two that differ in nothing else may differ in their builds.
const BUILDS_VARY_FROM: u64 = 16;
/// The gold of crowns.
const GOLD: Color = Color::rgb(230, 180, 70);
/// The linen of aprons.
const LINEN: Color = Color::rgb(232, 224, 208);

/// The roles of all characters, in their order.
pub(crate) fn cast(story: &Story) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::with_capacity(story.characters.len());
    for character in &story.characters {
        // Among very many, each one need only differ from those that appear near it.
        let others = &roles[roles.len().saturating_sub(24)..];
        let looks: Vec<&Look> = others.iter().map(|role| &role.look).collect();
        let mut look = distinct_look(&crowds::one_of(character, 0), &looks);
        let members = crowds::members(character, &mut look, &looks);
        let color = caption_color(&look, others);
        roles.push(Role {
            id: character.id.clone(),
            name: display_name(character),
            color,
            look,
            members,
        });
    }
    roles
}

/// The name without its article, with capitals: "the old fox" is shown as "Old Fox".
fn display_name(character: &Character) -> String {
    let name = character.name.trim();
    let bare = ["the ", "The ", "a ", "A ", "an ", "An "]
        .iter()
        .find_map(|article| name.strip_prefix(article))
        .unwrap_or(name);
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or(String::new(), |first| {
            first.to_uppercase().chain(chars).collect::<String>()
        })
    };
    let shown = bare
        .split_whitespace()
        .map(capital)
        .collect::<Vec<_>>()
        .join(" ");
    if shown.is_empty() {
        character.id.clone()
    } else {
        shown
    }
}

/// The first of several tries that is not like anyone else; words of the story stay as they are.
pub(crate) fn distinct_look(character: &Character, others: &[&Look]) -> Look {
    let mut best: Option<(f32, Look)> = None;
    for attempt in 0..24 {
        let look = look(character, attempt);
        let nearest = others
            .iter()
            .map(|other| distance(&look, other))
            .fold(f32::INFINITY, f32::min);
        if nearest >= ALIKE {
            return look;
        }
        if best.as_ref().is_none_or(|(most, _)| nearest > *most) {
            best = Some((nearest, look));
        }
    }
    best.map_or_else(|| look(character, 0), |(_, look)| look)
}

/// How different two figures look, roughly in steps of colour.
fn distance(one: &Look, other: &Look) -> f32 {
    if one.being != other.being {
        return 200.0;
    }
    let mut apart = 0.0;
    if one.being == "human" {
        apart += 0.5 * color_distance(one.hair, other.hair);
        apart += 0.25 * color_distance(one.skin, other.skin);
        apart += if one.hair_style == other.hair_style {
            0.0
        } else {
            14.0
        };
        apart += if one.age == other.age { 0.0 } else { 40.0 };
    } else {
        apart += color_distance(one.skin, other.skin);
    }
    if one.outfit != "none" || other.outfit != "none" {
        let cloth = color_distance(one.outfit_color, other.outfit_color);
        apart += if one.outfit == other.outfit {
            0.6 * cloth
        } else {
            0.6 * cloth + 16.0
        };
    }
    if one.accessories != other.accessories {
        apart += 18.0;
    } else if !one.accessories.is_empty() {
        apart += 0.15 * color_distance(one.accent_color, other.accent_color);
    }
    if one.build != other.build {
        apart += 24.0;
    }
    apart + 40.0 * (one.height - other.height).abs()
}

fn color_distance(one: Color, other: Color) -> f32 {
    let square = |a: u8, b: u8| (f32::from(a) - f32::from(b)).powi(2);
    (2.0 * square(one.r, other.r) + 4.0 * square(one.g, other.g) + 3.0 * square(one.b, other.b))
        .sqrt()
        / 2.0
}

/// One of several things by the name, another one at each attempt.
fn pick<T: Copy>(list: &[T], name: u64, salt: u64, attempt: u64) -> Option<T> {
    let first = salted(name, salt) as usize;
    list.get(first.wrapping_add(attempt as usize) % list.len().max(1))
        .copied()
}

/// How a character looks by its words and its name, a little different at each attempt.
pub(crate) fn look(character: &Character, attempt: u64) -> Look {
    let name = hash(&character.name.to_lowercase());
    let words = Words::of(character);
    let being = being(character, &words);
    let age = age(character, &words);
    let mut look = Look {
        being: being.to_owned(),
        age,
        skin: SKINS[0],
        hair: BROWN_HAIR,
        eyes: eyes(&words, name, SKINS[0]),
        hair_style: "short".to_owned(),
        outfit: "none".to_owned(),
        outfit_color: CLOTHES[0],
        accent_color: CLOTHES[2],
        accessories: accessories(&words),
        build: build(character, &words, name, attempt),
        height: height(&words, name, attempt),
    };
    dress(&mut look, character, &words, name, attempt);
    if being == "human" {
        head(&mut look, character, &words, name, attempt);
    } else {
        coat(&mut look, character, &words, attempt);
        look.accessories.retain(|worn| {
            let part = ACCESSORIES.iter().find(|part| part.name == worn.as_str());
            part.is_some_and(|part| part.fits_animals)
        });
    }
    look
}

/// What the story says of a character, in small letters.
struct Words {
    /// All traits, names and aliases.
    all: String,
    hair: String,
    clothes: String,
    color: String,
    size: String,
    eyes: String,
}

impl Words {
    fn of(character: &Character) -> Self {
        let mut words = Self {
            all: String::new(),
            hair: String::new(),
            clothes: String::new(),
            color: String::new(),
            size: String::new(),
            eyes: String::new(),
        };
        for (key, value) in &character.traits {
            let value = value.to_lowercase();
            let field = match key.as_str() {
                "hair" | "beard" => &mut words.hair,
                "clothes" | "wears" | "wear" | "outfit" | "clothing" => &mut words.clothes,
                "color" | "colour" | "coat" | "fur" | "feathers" | "skin" => &mut words.color,
                "size" | "height" | "build" => &mut words.size,
                "eyes" => &mut words.eyes,
                _ => &mut words.all,
            };
            for part in [", ", value.as_str()] {
                field.push_str(part);
            }
            for part in [" ", key.as_str(), " ", value.as_str()] {
                words.all.push_str(part);
            }
        }
        for name in character.aliases.iter().chain([&character.name]) {
            words.all.push(' ');
            words.all.push_str(&name.to_lowercase());
        }
        words
    }

    fn say(&self, word: &str) -> bool {
        contains_word(&self.all, word)
    }

    fn say_any(&self, list: &[&str]) -> bool {
        list.iter().any(|word| self.say(word))
    }
}

fn contains_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|part| part == word)
}

/// The colour that a text names first.
fn named_color(text: &str) -> Option<Color> {
    text.split(|c: char| !c.is_alphanumeric())
        .find_map(|part| COLOR_WORDS.iter().find(|(word, _)| *word == part))
        .map(|(_, color)| *color)
}

fn being(character: &Character, words: &Words) -> &'static str {
    let named = character.being.trim().to_lowercase();
    let of = |word: &str| {
        let human = HUMANS.contains(&word) || HUMANS.contains(&word.trim_end_matches('s'));
        human
            .then_some("human")
            .or_else(|| parts::called(word).map(|being| being.name))
    };
    if let Some(being) = named.split_whitespace().rev().find_map(of) {
        return kind(being, character, words);
    }
    if named.is_empty() || named == "unknown" {
        let spoken = words.all.split(|c: char| !c.is_alphanumeric()).find_map(of);
        return spoken.unwrap_or("human");
    }
    "thing"
}

/// A kind of this being with a drawing of its own, such as the doe of the deer.
fn kind(being: &'static str, character: &Character, words: &Words) -> &'static str {
    let group = match (age(character, words), character.gender) {
        (Age::Child, _) => "children",
        (_, Gender::Female) => "women",
        (_, Gender::Male) => "men",
        _ => "",
    };
    let is_meant = |kind: &Being| words.say_any(kind.words) || kind.who.contains(&group);
    let mut kinds = BEINGS.iter().filter(|kind| kind.of == being);
    kinds
        .find(|kind| is_meant(kind))
        .map_or(being, |kind| kind.name)
}

fn age(character: &Character, words: &Words) -> Age {
    if character.age != Age::Unknown {
        return character.age;
    }
    if words.say_any(&[
        "old",
        "elder",
        "elderly",
        "ancient",
        "grandmother",
        "grandfather",
        "granny",
        "grandma",
        "grandpa",
        "aged",
    ]) {
        Age::Elder
    } else if words.say_any(&[
        "boy", "girl", "child", "kid", "baby", "kitten", "puppy", "cub", "duckling", "lamb",
        "chick", "young", "fawn", "piglet",
    ]) {
        Age::Child
    } else {
        Age::Adult
    }
}

fn eyes(words: &Words, name: u64, skin: Color) -> Color {
    for (word, color) in ["brown", "green", "blue", "grey"].iter().zip(EYES) {
        if contains_word(&words.eyes, word) {
            return color;
        }
    }
    let natural: &[Color] = if is_dark(skin) { &DARK_EYES } else { &EYES };
    pick(natural, name, 1, 0).unwrap_or(EYES[0])
}

/// Whether hair and eyes are usually dark with this skin.
fn is_dark(skin: Color) -> bool {
    SKINS[2..].contains(&skin)
}

fn height(words: &Words, name: u64, attempt: u64) -> f32 {
    let varied = (salted(name, 2 + attempt) % 11) as f32 / 100.0 - 0.05;
    let size = |list: &[&str]| {
        list.iter()
            .any(|word| contains_word(&words.size, word) || words.say(word))
    };
    let usual = if size(&["giant", "gigantic", "huge", "enormous"]) {
        1.4
    } else if size(&["tall", "big", "large", "great"]) {
        1.15
    } else if size(&["tiny", "wee", "dwarf", "smallest"]) {
        0.7
    } else if size(&["little", "small", "short"]) {
        0.88
    } else {
        1.0
    };
    usual + varied
}

/// The build that words tell, else the ordinary one.
fn build(character: &Character, words: &Words, name: u64, attempt: u64) -> Build {
    let names = character.aliases.iter().chain([&character.name]);
    let told = std::iter::once(words.size.clone()).chain(names.map(|name| name.to_lowercase()));
    let named = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric()).find_map(|word| {
            let known = BUILDS.iter().find(|(_, words)| words.contains(&word));
            known.map(|(build, _)| *build)
        })
    };
    let told = told.into_iter().find_map(|text| named(&text));
    told.unwrap_or_else(|| {
        let varied = attempt.checked_sub(BUILDS_VARY_FROM);
        let other = varied.and_then(|attempt| pick(&Build::ALL, name, 14, attempt));
        other.unwrap_or_default()
    })
}

/// What is worn on top of clothes: what is told first, then what somebody of this kind wears; one
/// thing at each place.
fn accessories(words: &Words) -> Vec<String> {
    let mut places: Vec<&str> = ACCESSORIES.iter().map(|part| part.place).collect();
    places.sort_unstable();
    places.dedup();
    let worn = places.into_iter().filter_map(|place| {
        let here = || ACCESSORIES.iter().filter(|part| part.place == place);
        parts::named_in(here(), |part| part.words, &words.all)
            .or_else(|| parts::named_in(here(), |part| part.worn_by, &words.all))
    });
    worn.map(|part| part.name.to_owned()).collect()
}

/// Whether somebody wears this on top of their clothes, by the story's words or as their kind does.
pub(crate) fn wears(character: &Character, accessory: &str) -> bool {
    let worn = accessories(&Words::of(character));
    worn.iter().any(|name| name == accessory)
}

/// Parts that somebody of this age and gender wears unasked.
fn usual(parts: &'static [Part], age: Age, gender: Gender) -> Vec<&'static Part> {
    let [young, grown, old] = match gender {
        Gender::Female => ["girls", "women", "old women"],
        Gender::Male => ["boys", "men", "old men"],
        _ => ["children", "anyone", "old people"],
    };
    let of = |groups: &[&str]| -> Vec<_> {
        let parts = parts.iter();
        let worn = parts.filter(|part| part.worn_by.iter().any(|by| groups.contains(by)));
        worn.collect()
    };
    match age {
        Age::Child => of(&[young, grown]),
        Age::Elder if !of(&[old]).is_empty() => of(&[old]),
        Age::Adult | Age::Elder | Age::Unknown => of(&[grown]),
    }
}

fn dress(look: &mut Look, character: &Character, words: &Words, name: u64, attempt: u64) {
    let is_animal = look.being != "human";
    let is_bare = parts::being(&look.being).is_some_and(|being| being.bare);
    let told = parts::named_in(OUTFITS, |part| part.words, &words.clothes);
    look.outfit = match told.filter(|_| !is_bare) {
        Some(part) if is_animal && !part.fits_animals => {
            let instead = if part.instead.is_empty() {
                "shirt"
            } else {
                part.instead
            };
            instead.to_owned()
        }
        Some(part) => part.name.to_owned(),
        None if is_animal => "none".to_owned(),
        None => parts::named_in(OUTFITS, |part| part.words, &words.all)
            .or_else(|| parts::named_in(OUTFITS, |part| part.worn_by, &words.all))
            .or_else(|| {
                let choice = usual(OUTFITS, look.age, character.gender);
                pick(&choice, name, 3, attempt / 3)
            })
            .map_or("tunic", |part| part.name)
            .to_owned(),
    };
    let cloth = Cloth::of(&words.clothes);
    let color = cloth
        .outfit
        .or_else(|| {
            (look.accessories.iter().any(|a| a == "hood"))
                .then(|| cloth.accent.or_else(|| named_color(&words.all)))
                .flatten()
        })
        .or_else(|| pick(&CLOTHES, name, 4, attempt * 5));
    look.outfit_color = color.unwrap_or(CLOTHES[0]);
    // Some things have a colour without words.
    let usual = [("crown", GOLD), ("apron", LINEN)];
    let usual = usual
        .iter()
        .find(|(name, _)| look.accessories.iter().any(|worn| worn == name));
    let accent = cloth.accent.or(usual.map(|(_, color)| *color)).or_else(|| {
        (0..CLOTHES.len() as u64)
            .filter_map(|step| pick(&CLOTHES, name, 5, attempt + step))
            .find(|accent| color_distance(*accent, look.outfit_color) > 90.0)
    });
    look.accent_color = accent.unwrap_or(CLOTHES[11]);
}

/// The colours that the story gives to clothes and to what is worn on top of them.
struct Cloth {
    outfit: Option<Color>,
    accent: Option<Color>,
}

impl Cloth {
    /// A colour belongs to the next piece that is named after it: "a red coat, a straw hat".
    fn of(clothes: &str) -> Self {
        let mut cloth = Self {
            outfit: None,
            accent: None,
        };
        for piece in clothes.split([',', ';']) {
            let mut pending = None;
            for part in piece.split(|c: char| !c.is_alphanumeric()) {
                if let Some(color) = named_color(part) {
                    pending = pending.or(Some(color));
                } else if is_on_top(part) {
                    cloth.accent = cloth.accent.or(pending.take());
                } else if !part.is_empty() && !followed_by(piece, part, is_on_top) {
                    if cloth.outfit.is_none() {
                        cloth.outfit = pending;
                    }
                    pending = None;
                }
            }
            cloth.outfit = cloth.outfit.or(pending);
        }
        cloth
    }
}

/// Whether a word names something that is worn on top, in a colour of its own.
fn is_on_top(word: &str) -> bool {
    let named = |phrase: &str| phrase.rsplit(' ').next() == Some(word);
    ACCESSORIES
        .iter()
        .any(|part| part.on_top && part.words.iter().any(|phrase| named(phrase)))
}

/// Whether the word after `part` is such a one: "a blue woollen scarf".
fn followed_by(text: &str, part: &str, wanted: impl Fn(&str) -> bool) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .skip_while(|word| *word != part)
        .nth(1)
        .is_some_and(wanted)
}

fn head(look: &mut Look, character: &Character, words: &Words, name: u64, attempt: u64) {
    let dark = ["dark", "brown", "black"]
        .iter()
        .any(|word| contains_word(&words.color, word));
    let pale = ["pale", "white", "fair"]
        .iter()
        .any(|word| contains_word(&words.color, word));
    look.skin = if dark {
        SKINS[3]
    } else if pale {
        SKINS[0]
    } else {
        pick(&SKINS, name, 6, attempt).unwrap_or(SKINS[0])
    };
    look.eyes = eyes(words, name, look.skin);
    let hair_said = |word: &str| {
        contains_word(&words.hair, word)
            || words.all.contains(&format!("{word} hair"))
            || words.all.contains(&format!("{word}-haired"))
    };
    let named: [(&[&str], Color); 6] = [
        (
            &[
                "golden", "gold", "blond", "blonde", "yellow", "fair", "flaxen",
            ],
            BLOND_HAIR,
        ),
        (&["black", "dark", "raven"], BLACK_HAIR),
        (&["red", "ginger", "auburn", "copper"], RED_HAIR),
        (&["grey", "gray", "silver"], GREY_HAIR),
        (&["white", "snowy"], WHITE_HAIR),
        (&["brown", "chestnut"], BROWN_HAIR),
    ];
    let named = named
        .iter()
        .find(|(signs, _)| signs.iter().any(|sign| hair_said(sign)));
    look.hair = match named {
        Some((_, color)) => *color,
        None if words.say("goldilocks") => BLOND_HAIR,
        None if look.age == Age::Elder => {
            pick(&[GREY_HAIR, WHITE_HAIR], name, 7, attempt).unwrap_or(GREY_HAIR)
        }
        None if is_dark(look.skin) => pick(&DARK_HAIRS, name, 7, attempt).unwrap_or(BLACK_HAIR),
        None => pick(&HAIRS, name, 7, attempt * 2).unwrap_or(BROWN_HAIR),
    };
    let told = parts::named_in(HAIR_STYLES, |part| part.words, &words.hair)
        .or_else(|| parts::named_in(HAIR_STYLES, |part| part.worn_by, &words.all));
    let covered = ACCESSORIES
        .iter()
        .any(|part| part.place == "head" && look.accessories.iter().any(|worn| worn == part.name));
    let usual = || {
        let mut choice = usual(HAIR_STYLES, look.age, character.gender);
        choice.retain(|part| part.under_hats || !covered);
        pick(&choice, name, 8, attempt)
    };
    told.or_else(usual)
        .map_or("short", |part| part.name)
        .clone_into(&mut look.hair_style);
    let is_old_man = look.age == Age::Elder && character.gender == Gender::Male;
    if is_old_man
        && !salted(name, 10).is_multiple_of(3)
        && !look.accessories.iter().any(|a| a == "beard")
    {
        look.accessories.push("beard".to_owned());
    }
    if look.age == Age::Elder && look.accessories.is_empty() && salted(name, 11).is_multiple_of(2) {
        look.accessories.push("glasses".to_owned());
    }
    let is_man = look.age == Age::Adult && character.gender == Gender::Male;
    if is_man && look.accessories.is_empty() && salted(name, 13 + attempt).is_multiple_of(4) {
        look.accessories.push("moustache".to_owned());
    }
    if look.age == Age::Elder {
        look.accessories.push("wrinkles".to_owned());
    }
}

/// How somebody would look at another age: hair greys, wrinkles come, and children have no beards.
pub fn at_age(look: &Look, age: Age) -> Look {
    let mut aged = Look {
        age,
        ..look.clone()
    };
    let same = |one: Age| if one == Age::Unknown { Age::Adult } else { one };
    if look.being != "human" || same(age) == same(look.age) {
        return aged;
    }
    aged.accessories.retain(|worn| {
        let part = ACCESSORIES.iter().find(|part| part.name == worn.as_str());
        let on_face = part.is_some_and(|part| matches!(part.place, "chin" | "lip"));
        worn != "wrinkles" && !(age == Age::Child && on_face)
    });
    if age == Age::Elder {
        aged.accessories.push("wrinkles".to_owned());
        aged.hair = mix(look.hair, WHITE_HAIR, 0.8);
    } else if look.age == Age::Elder {
        aged.hair = if is_dark(look.skin) {
            DARK_HAIRS[1]
        } else {
            BROWN_HAIR
        };
        if look.hair_style == "bald" {
            "short".clone_into(&mut aged.hair_style);
        }
    }
    aged
}

fn coat(look: &mut Look, character: &Character, words: &Words, attempt: u64) {
    let Some(being) = parts::being(&look.being) else {
        return;
    };
    let coats = being.coats.len();
    let attempt = attempt as usize;
    (look.skin, look.hair) = being.coats[attempt % coats];
    let named = character.being.to_lowercase();
    let kind = || {
        let mut kinds = being.kinds.iter();
        kinds.find(|(kind, _)| contains_word(&named, kind))
    };
    let told = told_coat(&words.color, being)
        .or_else(|| told_coat(&words.all_but_clothes(character), being))
        .or_else(|| kind().map(|(_, coat)| *coat));
    if let Some((coat, second)) = told {
        // Two crows still differ a little, and each more at every attempt.
        let lift = (attempt as f32 * 0.08).min(0.64);
        look.skin = mix(coat, second, lift);
        look.hair = mix(second, Color::rgb(250, 244, 234), 0.5 * lift);
        if being.second == Second::Wool {
            (look.skin, look.hair) = (mix(coat, Color::rgb(72, 60, 62), 0.75), look.skin);
        }
    }
    let round = if told.is_some() {
        attempt
    } else {
        attempt / coats
    };
    if !being.bare {
        put_on(look, round);
    }
}

/// When all coats are taken, an animal of which nothing is told has to put something on: another
/// combination of things in each round, nothing in the first.
fn put_on(look: &mut Look, round: usize) {
    if look.outfit != "none" || !look.accessories.is_empty() {
        return;
    }
    let of = |parts: &'static [Part], index: usize| {
        let worn = parts
            .iter()
            .filter(|part| part.fits_animals && part.worn_by.contains(&"animals"));
        let worn: Vec<_> = worn.map(|part| part.name).collect();
        let chosen = index % (worn.len() + 1);
        let part = chosen.checked_sub(1).and_then(|at| worn.get(at).copied());
        (part, worn.len() + 1)
    };
    let (accessory, choices) = of(ACCESSORIES, round);
    look.accessories.extend(accessory.map(str::to_owned));
    if let (Some(outfit), _) = of(OUTFITS, round + round / choices) {
        outfit.clone_into(&mut look.outfit);
    }
}

/// The coat that these words tell, in the tones that the species has in nature.
fn told_coat(text: &str, being: &Being) -> Option<Coat> {
    text.split(|c: char| !c.is_alphanumeric()).find_map(|word| {
        let own = being.told.iter().find(|(name, _)| *name == word);
        if let Some((_, coat)) = own {
            return Some(*coat);
        }
        let fur = FURS.iter().find(|(name, _, _)| *name == word);
        let cloth = named_color(word);
        let is_grey = ["black", "white", "grey", "gray", "silver", "brown"].contains(&word);
        if let (true, false, Some(color)) = (being.bright, is_grey, cloth) {
            return Some((color, mix(color, Color::rgb(250, 242, 214), 0.7)));
        }
        match (fur, cloth) {
            (Some((_, coat, second)), _) => Some((*coat, *second)),
            (None, Some(color)) => Some((color, mix(color, Color::rgb(250, 244, 234), 0.65))),
            (None, None) => None,
        }
    })
}

impl Words {
    /// Names, aliases and the traits that are not about clothes or eyes.
    fn all_but_clothes(&self, character: &Character) -> String {
        let mut text = self.color.clone();
        for name in character.aliases.iter().chain([&character.name]) {
            text.push(' ');
            text.push_str(&name.to_lowercase());
        }
        text
    }
}

fn mix(one: Color, other: Color, share: f32) -> Color {
    let channel = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share) as u8;
    Color::rgb(
        channel(one.r, other.r),
        channel(one.g, other.g),
        channel(one.b, other.b),
    )
}

fn luma(color: Color) -> f32 {
    0.299 * f32::from(color.r) + 0.587 * f32::from(color.g) + 0.114 * f32::from(color.b)
}

/// A light tone of what the character wears, or of its coat, that no other role has.
fn caption_color(look: &Look, others: &[Role]) -> Color {
    let own = if look.outfit == "none" {
        look.skin
    } else {
        look.outfit_color
    };
    let candidates = [own, look.accent_color, look.hair]
        .into_iter()
        .chain(CLOTHES);
    let mut best: Option<(f32, Color)> = None;
    for color in candidates.map(lightened) {
        let nearest = others
            .iter()
            .map(|role| color_distance(color, role.color))
            .fold(f32::INFINITY, f32::min);
        if nearest > 60.0 {
            return color;
        }
        if best.is_none_or(|(most, _)| nearest > most) {
            best = Some((nearest, color));
        }
    }
    best.map_or(Color::rgb(255, 236, 200), |(_, color)| color)
}

fn lightened(color: Color) -> Color {
    let mut light = color;
    while luma(light) < CAPTION_LUMA {
        light = mix(light, Color::rgb(255, 255, 255), 0.12);
    }
    light
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample;

    fn with_traits(name: &str, being: &str, traits: &[(&str, &str)]) -> Character {
        let mut character = sample::character("c1", name, being, Vec::new());
        character.traits = traits
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect();
        character
    }

    fn roles(characters: Vec<Character>) -> Vec<Role> {
        let mut story = sample::story("Nobody.");
        story.characters = characters;
        cast(&story)
    }

    #[test]
    fn words_of_the_story_decide() {
        let girl = with_traits(
            "Mina",
            "human",
            &[("hair", "golden curls"), ("clothes", "a red hood")],
        );
        let look = &roles(vec![girl])[0].look;
        assert_eq!(look.hair, BLOND_HAIR);
        assert_eq!(look.hair_style, "curly");
        assert!(look.accessories.contains(&"hood".to_owned()));
        assert!(look.outfit_color.r > 150 && look.outfit_color.g < 90);
        let king = &roles(vec![with_traits("the old king", "human", &[])])[0];
        assert_eq!(king.look.age, Age::Elder);
        assert!(king.look.accessories.contains(&"crown".to_owned()));
        assert_eq!(king.name, "Old King");
    }

    #[test]
    fn animals_have_the_coat_that_is_told_of_them() {
        let wolf = &roles(vec![with_traits("Gor", "wolf", &[("color", "white")])])[0].look;
        assert!(luma(wolf.skin) > 200.0);
        let crow = &roles(vec![with_traits("Kra", "crow", &[])])[0].look;
        assert_eq!(crow.being, "crow");
        assert!(luma(crow.skin) < 80.0);
    }

    #[test]
    fn colour_words_mean_natural_coats() {
        let skin = |name: &str, being: &str, color: &str| {
            roles(vec![with_traits(name, being, &[("color", color)])])[0]
                .look
                .skin
        };
        let rust = parts::being("fox").unwrap().coats[0].0;
        assert_eq!(skin("Ember", "fox", "red"), rust);
        assert_eq!(skin("Ember", "fox", ""), rust);
        for (being, color) in [("dog", "red"), ("cat", "orange"), ("dog", "golden")] {
            let fur = skin("X", being, color);
            assert!(fur.r > fur.g && fur.g > fur.b && fur.g > 80, "{being}");
        }
        let wolf = skin("Gor", "wolf", "grey");
        assert!(wolf.r.abs_diff(wolf.b) < 14);
        assert!(luma(skin("Tib", "cat", "black")) < 70.0);
        assert_eq!(skin("Pim", "pig", "pink"), skin("Pim", "pig", ""));
        let parrot = skin("Jo", "parrot", "blue");
        assert!(parrot.b > parrot.r);
    }

    #[test]
    fn a_white_sheep_has_white_wool_and_a_dark_face() {
        let sheep = &roles(vec![with_traits("Bel", "sheep", &[("color", "white")])])[0].look;
        assert!(luma(sheep.hair) > 200.0 && luma(sheep.skin) < 140.0);
    }

    #[test]
    fn a_named_scarf_has_its_colour_and_the_coat_keeps_its_own() {
        let clothes = [
            ("clothes", "a red coat and a blue woollen scarf"),
            ("wears", "scarf"),
        ];
        let look = &roles(vec![with_traits("Pip", "rabbit", &clothes)])[0].look;
        assert_eq!(look.outfit, "coat");
        assert!(look.outfit_color.r > 150 && look.accent_color.b > 150);
        let pyjamas = [("clothes", "yellow pyjamas"), ("wears", "glasses")];
        let look = &roles(vec![with_traits("Nora", "human", &pyjamas)])[0].look;
        assert_eq!(Some(look.outfit_color), named_color("yellow"));
        let girl = [("clothes", "yellow scarf")];
        let look = &roles(vec![with_traits("Isa", "human", &girl)])[0].look;
        assert_eq!(Some(look.accent_color), named_color("yellow"));
        assert_ne!(look.outfit_color, look.accent_color);
    }

    #[test]
    fn words_tell_how_stout_somebody_is() {
        let build = |name: &str, being: &str, traits: &[(&str, &str)]| {
            roles(vec![with_traits(name, being, traits)])[0].look.build
        };
        for (words, told) in [
            ("fat", Build::Stout),
            ("tall, thin", Build::Slim),
            ("broad-shouldered", Build::Broad),
            ("burly", Build::Broad),
            ("ordinary", Build::Ordinary),
            ("", Build::Ordinary),
        ] {
            assert_eq!(build("Bo", "human", &[("build", words)]), told, "{words}");
            assert_eq!(build("Bo", "cat", &[("build", words)]), told, "{words}");
        }
        assert_eq!(build("the plump hen", "hen", &[]), Build::Stout);
        // Hair and clothes are no builds.
        let dressed = [("hair", "thin"), ("clothes", "broad belt, round hat")];
        assert_eq!(build("Bo", "human", &dressed), Build::Ordinary);
        // "A big fat cat" is big as well.
        let cat = with_traits("Tom", "cat", &[("size", "big"), ("build", "fat")]);
        let look = &roles(vec![cat])[0].look;
        assert!(look.height > 1.05 && look.build == Build::Stout);
    }

    #[test]
    fn of_whom_nothing_is_told_is_of_an_ordinary_build() {
        let names = ["Anna", "Ben", "Cora", "Dan", "Eva", "Finn", "Greta", "Hugo"];
        for being in ["human", "fox"] {
            let cast = names.map(|name| with_traits(name, being, &[]));
            for role in roles(cast.into()) {
                assert_eq!(role.look.build, Build::Ordinary, "{}", role.name);
            }
        }
    }

    #[test]
    fn somebody_looks_the_same_at_another_age_but_for_hair_and_beard() {
        let told = [("wears", "beard"), ("clothes", "green cloak")];
        let man = &roles(vec![with_traits("Old Jakob", "human", &told)])[0].look;
        let boy = at_age(man, Age::Child);
        assert_eq!((boy.age, boy.outfit_color), (Age::Child, man.outfit_color));
        assert!(boy.accessories.is_empty(), "{boy:?}");
        assert!(luma(boy.hair) < luma(man.hair));
        let old = at_age(&boy, Age::Elder);
        assert!(old.accessories.contains(&"wrinkles".to_owned()) && luma(old.hair) > 140.0);
        assert_eq!(at_age(man, Age::Elder), *man);
    }

    #[test]
    fn old_people_have_wrinkles_and_animals_wear_what_fits_them() {
        let mut woman = with_traits("Old Martha", "human", &[]);
        woman.age = Age::Elder;
        assert!(
            roles(vec![woman])[0]
                .look
                .accessories
                .contains(&"wrinkles".to_owned())
        );
        let goat = with_traits(
            "old Bill",
            "goat",
            &[("wears", "beard, hat"), ("clothes", "robe")],
        );
        let look = &roles(vec![goat])[0].look;
        assert_eq!(look.accessories, ["hat"]);
        assert_eq!(look.outfit, "cloak");
    }

    #[test]
    fn other_species_are_played_by_the_nearest() {
        for (being, played) in [
            ("vixen", "fox"),
            ("hare", "rabbit"),
            ("rat", "mouse"),
            ("puppy", "dog"),
            ("lamb", "sheep"),
            ("stag", "deer"),
            ("fawn", "doe"),
            ("calf", "cow"),
            ("mule", "donkey"),
            ("zebra", "horse"),
            ("rooster", "rooster"),
            ("hippo", "elephant"),
            ("heron", "goose"),
            ("wind", "cloud"),
            ("dolphin", "whale"),
            ("witch", "human"),
            ("dragon", "dragon"),
            ("robot", "robot"),
            ("ghost", "ghost"),
            ("goblin", "creature"),
            ("scarecrow", "human"),
            ("teapot", "kettle"),
            ("old lorry", "bus"),
            ("umbrella", "thing"),
            ("", "human"),
        ] {
            assert_eq!(
                roles(vec![with_traits("X", being, &[])])[0].look.being,
                played,
                "{being}"
            );
        }
    }

    #[test]
    fn no_two_of_a_cast_look_alike() {
        for being in ["human", "fox", "crow", "rabbit"] {
            let cast = roles(
                ["Anna", "Ben", "Cora"]
                    .iter()
                    .map(|name| with_traits(name, being, &[]))
                    .collect(),
            );
            for (index, one) in cast.iter().enumerate() {
                for other in &cast[..index] {
                    assert!(distance(&one.look, &other.look) > 20.0, "{being}");
                    assert!(color_distance(one.color, other.color) > 30.0, "{being}");
                }
            }
        }
    }

    #[test]
    fn eight_people_all_differ() {
        let names = ["Anna", "Ben", "Cora", "Dan", "Eva", "Finn", "Greta", "Hugo"];
        let cast = roles(
            names
                .iter()
                .map(|name| with_traits(name, "human", &[]))
                .collect(),
        );
        for (index, one) in cast.iter().enumerate() {
            for other in &cast[..index] {
                assert!(
                    distance(&one.look, &other.look) >= ALIKE,
                    "{} {}",
                    one.name,
                    other.name
                );
            }
        }
    }

    #[test]
    fn the_same_words_make_the_same_look_in_two_stories() {
        let told = [("hair", "long red"), ("clothes", "green cloak")];
        let mina = || with_traits("Mina", "human", &told);
        let wolf = with_traits("Gor", "wolf", &[("color", "grey")]);
        let king = with_traits("the old king", "human", &[]);
        let first = roles(vec![mina(), wolf]);
        let second = roles(vec![king, mina()]);
        assert_eq!(first[0].look, second[1].look);
        assert_eq!(first[0].name, second[1].name);
    }

    #[test]
    fn kinds_of_a_being_have_drawings_of_their_own() {
        let drawn = |name: &str, being: &str, gender, age| {
            let mut character = with_traits(name, being, &[]);
            (character.gender, character.age) = (gender, age);
            roles(vec![character])[0].look.being.clone()
        };
        let (adult, unknown) = (Age::Adult, Gender::Unknown);
        assert_eq!(drawn("the stag", "deer", Gender::Male, adult), "deer");
        assert_eq!(drawn("the deer", "deer", unknown, adult), "deer");
        assert_eq!(drawn("Bambi", "deer", unknown, Age::Child), "doe");
        assert_eq!(drawn("the doe", "deer", Gender::Female, adult), "doe");
        assert_eq!(
            drawn("the rooster", "chicken", Gender::Male, adult),
            "rooster"
        );
        assert_eq!(drawn("Nala", "lion", Gender::Female, adult), "lioness");
    }

    #[test]
    fn what_somebody_is_says_what_is_worn() {
        let worn = |name: &str, being: &str, traits: &[(&str, &str)]| {
            roles(vec![with_traits(name, being, traits)])[0]
                .look
                .accessories
                .clone()
        };
        assert!(worn("the witch", "human", &[]).contains(&"pointed-hat".to_owned()));
        assert!(worn("the knight", "human", &[]).contains(&"helmet".to_owned()));
        assert!(worn("Lila the fairy", "human", &[]).contains(&"wings".to_owned()));
        // What is told counts more, and a longer name more than a shorter one.
        let hat = worn("the witch", "human", &[("wears", "straw hat")]);
        assert_eq!(hat, ["straw-hat"]);
        assert_eq!(worn("the mole", "mole", &[("wears", "cap")]), ["cap"]);
        let clothed = |name: &str| {
            let look = &roles(vec![with_traits(name, "human", &[])])[0].look;
            look.outfit.clone()
        };
        assert_eq!(clothed("the knight"), "armour");
        assert_eq!(clothed("the little mermaid"), "fish-tail");
    }

    #[test]
    fn what_no_clothes_fit_wears_none() {
        let told = [("color", "red"), ("clothes", "blue coat"), ("wears", "hat")];
        let cast = roles(
            ["Bert", "Gert", "Kurt"]
                .map(|name| with_traits(name, "tractor", &told[..1]))
                .into(),
        );
        assert!(cast.iter().all(|role| role.look.outfit == "none"));
        assert!(cast.iter().all(|role| role.look.accessories.is_empty()));
        let ghost = &roles(vec![with_traits("Wisp", "ghost", &told[1..])])[0].look;
        assert_eq!((&*ghost.outfit, &*ghost.accessories[0]), ("none", "hat"));
    }

    #[test]
    fn hair_and_eyes_go_with_the_skin_where_nothing_else_is_told() {
        for name in ["Anna", "Ben", "Cora", "Dan", "Eva", "Finn"] {
            let dark = with_traits(name, "human", &[("skin", "dark")]);
            let look = &roles(vec![dark])[0].look;
            assert!(luma(look.hair) < 75.0 && luma(look.eyes) < 80.0, "{name}");
        }
        let told = [("skin", "dark"), ("hair", "golden"), ("eyes", "green")];
        let look = &roles(vec![with_traits("Zoe", "human", &told)])[0].look;
        assert_eq!((look.hair, look.eyes), (BLOND_HAIR, EYES[1]));
    }

    #[test]
    fn a_look_does_not_change_from_run_to_run() {
        let mina = || roles(vec![with_traits("Mina", "human", &[])]);
        assert_eq!(mina(), mina());
    }

    proptest! {
        #[test]
        fn anyone_can_be_cast_with_a_readable_name(
            people in prop::collection::vec((".{0,12}", ".{0,8}", ".{0,12}"), 0..12),
        ) {
            let characters: Vec<Character> = people
                .iter()
                .map(|(name, being, hair)| with_traits(name, being, &[("hair", hair), ("size", hair)]))
                .collect();
            for role in roles(characters) {
                prop_assert!(luma(role.color) >= CAPTION_LUMA - 1.0);
                prop_assert!((0.5..=1.5).contains(&role.look.height));
            }
        }
    }
}
