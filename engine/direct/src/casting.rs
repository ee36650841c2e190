//! Who plays: each character's look, from the story's words first and from the name second, so
//! that it is the same in every film, and no two of a cast look alike.

use fabula_story::{Age, Character, Color, Gender, Look, Role, Story};

use crate::hash::{hash, salted};

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
const HAIRS: [Color; 5] = [
    BROWN_HAIR,
    BLACK_HAIR,
    BLOND_HAIR,
    RED_HAIR,
    Color::rgb(92, 58, 40),
];
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
const FEMALE_HAIR: [&str; 7] = ["long", "bob", "braids", "wavy", "ponytail", "fringe", "bun"];
const MALE_HAIR: [&str; 5] = ["short", "curly", "spiky", "wavy", "fringe"];
const ANY_HAIR: [&str; 6] = ["short", "bob", "curly", "wavy", "spiky", "fringe"];
const FEMALE_OUTFITS: [&str; 3] = ["dress", "tunic", "coat"];
const MALE_OUTFITS: [&str; 3] = ["tunic", "shirt", "coat"];
const ANY_OUTFITS: [&str; 4] = ["tunic", "coat", "shirt", "cloak"];
/// Two looks nearer than this are told apart by their shape alone.
const ALIKE: f32 = 60.0;
/// Captions stand on a dark band: no name is darker than this, of 255.
const CAPTION_LUMA: f32 = 165.0;

/// Beings as the parts of the art name them, each with those that it plays.
const SPECIES: &[(&str, &[&str])] = &[
    ("fox", &["fox", "vixen", "reynard"]),
    ("wolf", &["wolf", "coyote", "jackal", "hyena"]),
    (
        "bear",
        &[
            "bear", "cub", "panda", "badger", "beaver", "otter", "raccoon", "elephant", "hippo",
            "monkey", "ape", "gorilla",
        ],
    ),
    ("rabbit", &["rabbit", "hare", "bunny", "kangaroo"]),
    (
        "mouse",
        &[
            "mouse", "rat", "hamster", "hedgehog", "mole", "vole", "shrew",
        ],
    ),
    ("squirrel", &["squirrel", "chipmunk", "marmot", "dormouse"]),
    ("cat", &["cat", "kitten", "kitty", "lynx", "panther"]),
    ("lion", &["lion", "lioness", "tiger", "cheetah", "leopard"]),
    ("owl", &["owl", "owlet"]),
    (
        "frog",
        &["frog", "toad", "tadpole", "newt", "turtle", "tortoise"],
    ),
    (
        "dragon",
        &[
            "dragon",
            "dinosaur",
            "lizard",
            "snake",
            "serpent",
            "crocodile",
        ],
    ),
    (
        "duck",
        &[
            "duck", "duckling", "drake", "goose", "gosling", "swan", "chick",
        ],
    ),
    (
        "bird",
        &[
            "bird",
            "crow",
            "raven",
            "sparrow",
            "robin",
            "eagle",
            "hawk",
            "hen",
            "chicken",
            "rooster",
            "cock",
            "dove",
            "pigeon",
            "magpie",
            "nightingale",
            "swallow",
            "parrot",
            "stork",
            "peacock",
            "lark",
            "wren",
            "jay",
        ],
    ),
    ("dog", &["dog", "puppy", "hound"]),
    (
        "goat",
        &[
            "goat", "deer", "stag", "doe", "fawn", "reindeer", "antelope",
        ],
    ),
    ("pig", &["pig", "piglet", "hog", "boar", "sow"]),
    ("sheep", &["sheep", "lamb", "ram", "ewe"]),
    (
        "horse",
        &[
            "horse", "pony", "donkey", "mule", "mare", "foal", "unicorn", "zebra", "cow", "calf",
            "ox", "bull", "camel", "moose",
        ],
    ),
    ("robot", &["robot", "android", "automaton"]),
    (
        "human",
        &[
            "human", "person", "man", "woman", "boy", "girl", "child", "witch", "wizard", "giant",
            "king", "queen", "prince", "princess", "fairy", "elf", "dwarf", "mermaid", "angel",
            "knight",
        ],
    ),
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
/// The rust orange of what everybody calls a red fox.
const RED_FOX: (Color, Color) = (Color::rgb(217, 105, 43), Color::rgb(251, 234, 214));
/// Beings without fur: feathers, scales and tin come in any colour.
const BRIGHT: [&str; 6] = ["bird", "duck", "dragon", "frog", "robot", "creature"];
/// What the art has for animals to wear.
const ANIMAL_OUTFITS: [&str; 4] = ["coat", "dress", "cloak", "shirt"];
const ANIMAL_ACCESSORIES: [&str; 5] = ["glasses", "scarf", "hood", "hat", "crown"];
/// The gold of crowns.
const GOLD: Color = Color::rgb(230, 180, 70);

/// The roles of all characters, in their order.
pub(crate) fn cast(story: &Story) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::with_capacity(story.characters.len());
    for character in &story.characters {
        // Among very many, each one need only differ from those that appear near it.
        let others = &roles[roles.len().saturating_sub(24)..];
        let look = distinct_look(character, others);
        let color = caption_color(&look, others);
        roles.push(Role {
            id: character.id.clone(),
            name: display_name(character),
            color,
            look,
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
fn distinct_look(character: &Character, others: &[Role]) -> Look {
    let mut best: Option<(f32, Look)> = None;
    for attempt in 0..24 {
        let look = look(character, attempt);
        let nearest = others
            .iter()
            .map(|role| distance(&look, &role.look))
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

fn look(character: &Character, attempt: u64) -> Look {
    let name = hash(&character.name.to_lowercase());
    let words = Words::of(character);
    let being = being(character, &words);
    let age = age(character, &words);
    let mut look = Look {
        being: being.to_owned(),
        age,
        skin: SKINS[0],
        hair: BROWN_HAIR,
        eyes: eyes(&words, name),
        hair_style: "short".to_owned(),
        outfit: "none".to_owned(),
        outfit_color: CLOTHES[0],
        accent_color: CLOTHES[2],
        accessories: accessories(&words),
        height: height(&words, name, attempt),
    };
    dress(&mut look, character, &words, name, attempt);
    if being == "human" {
        head(&mut look, character, &words, name, attempt);
    } else {
        coat(&mut look, character, &words, attempt);
        look.accessories
            .retain(|worn| ANIMAL_ACCESSORIES.contains(&worn.as_str()));
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
        let singular = word.strip_suffix('s').unwrap_or(word);
        SPECIES
            .iter()
            .find(|(_, kinds)| kinds.contains(&word) || kinds.contains(&singular))
    };
    if let Some((being, _)) = named.split_whitespace().rev().find_map(of) {
        return being;
    }
    if named.is_empty() || named == "unknown" {
        let spoken = words.all.split(|c: char| !c.is_alphanumeric()).find_map(of);
        return spoken.map_or("human", |(being, _)| being);
    }
    "creature"
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

fn eyes(words: &Words, name: u64) -> Color {
    for (word, color) in ["brown", "green", "blue", "grey"].iter().zip(EYES) {
        if contains_word(&words.eyes, word) {
            return color;
        }
    }
    pick(&EYES, name, 1, 0).unwrap_or(EYES[0])
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

fn accessories(words: &Words) -> Vec<String> {
    let worn: [(&str, &[&str]); 7] = [
        (
            "glasses",
            &["glasses", "spectacles", "eyeglasses", "monocle"],
        ),
        ("beard", &["beard", "bearded"]),
        ("moustache", &["moustache", "mustache", "moustached"]),
        (
            "crown",
            &[
                "crown", "king", "queen", "prince", "princess", "tiara", "majesty",
            ],
        ),
        ("hood", &["hood", "hooded", "riding"]),
        (
            "hat",
            &["hat", "cap", "bonnet", "witch", "wizard", "helmet"],
        ),
        ("scarf", &["scarf", "shawl", "muffler", "kerchief"]),
    ];
    let mut accessories: Vec<String> = Vec::new();
    for (part, signs) in worn {
        let on_head = ["crown", "hood", "hat"];
        let taken = on_head.contains(&part)
            && accessories
                .iter()
                .any(|worn| on_head.contains(&worn.as_str()));
        if !taken && words.say_any(signs) {
            accessories.push(part.to_owned());
        }
    }
    accessories
}

fn dress(look: &mut Look, character: &Character, words: &Words, name: u64, attempt: u64) {
    let parts: [(&str, &[&str]); 6] = [
        (
            "dress",
            &["dress", "gown", "nightgown", "skirt", "frock", "apron"],
        ),
        (
            "robe",
            &[
                "robe", "robes", "wizard", "king", "queen", "monk", "priest", "witch",
            ],
        ),
        ("cloak", &["cloak", "cape", "hood", "mantle"]),
        ("coat", &["coat", "jacket", "uniform", "suit"]),
        (
            "shirt",
            &[
                "shirt",
                "trousers",
                "waistcoat",
                "vest",
                "pyjamas",
                "pajamas",
                "overalls",
            ],
        ),
        ("tunic", &["tunic", "armour", "armor", "knight"]),
    ];
    let named = parts.iter().find(|(_, signs)| {
        let said = |sign: &&str| contains_word(&words.clothes, sign) || words.say(sign);
        signs.iter().any(said)
    });
    let is_animal = look.being != "human";
    let choice: &[&str] = match character.gender {
        Gender::Female => &FEMALE_OUTFITS,
        Gender::Male => &MALE_OUTFITS,
        _ => &ANY_OUTFITS,
    };
    look.outfit = match named {
        Some((outfit, signs))
            if !is_animal || signs.iter().any(|sign| contains_word(&words.clothes, sign)) =>
        {
            let fits = !is_animal || ANIMAL_OUTFITS.contains(outfit);
            let nearest = if *outfit == "robe" { "cloak" } else { "shirt" };
            (if fits { outfit } else { nearest }).to_owned()
        }
        _ if is_animal => "none".to_owned(),
        _ => pick(choice, name, 3, attempt / 3)
            .unwrap_or("tunic")
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
    let crown = look
        .accessories
        .iter()
        .any(|a| a == "crown")
        .then_some(GOLD);
    let accent = cloth.accent.or(crown).or_else(|| {
        (0..CLOTHES.len() as u64)
            .filter_map(|step| pick(&CLOTHES, name, 5, step))
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
        const ON_TOP: [&str; 11] = [
            "scarf", "shawl", "muffler", "kerchief", "hat", "cap", "bonnet", "helmet", "crown",
            "glasses", "tiara",
        ];
        let mut cloth = Self {
            outfit: None,
            accent: None,
        };
        for piece in clothes.split([',', ';']) {
            let mut pending = None;
            for part in piece.split(|c: char| !c.is_alphanumeric()) {
                if let Some(color) = named_color(part) {
                    pending = pending.or(Some(color));
                } else if ON_TOP.contains(&part) {
                    cloth.accent = cloth.accent.or(pending.take());
                } else if !part.is_empty() && !followed_by(piece, part, &ON_TOP) {
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

/// Whether the word after `part` is one of these: "a blue woollen scarf".
fn followed_by(text: &str, part: &str, list: &[&str]) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .skip_while(|word| *word != part)
        .nth(1)
        .is_some_and(|word| list.contains(&word))
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
        None => pick(&HAIRS, name, 7, attempt * 2).unwrap_or(BROWN_HAIR),
    };
    let styles: [(&str, &[&str]); 10] = [
        ("bald", &["bald", "hairless"]),
        (
            "braids",
            &["braid", "braids", "plait", "plaits", "pigtails"],
        ),
        ("ponytail", &["ponytail"]),
        ("bun", &["bun", "knot"]),
        ("curly", &["curly", "curls", "curled", "ringlets"]),
        ("wavy", &["wavy", "waves"]),
        ("fringe", &["fringe", "bangs"]),
        ("long", &["long", "flowing"]),
        ("spiky", &["spiky", "wild", "tousled", "messy", "untidy"]),
        ("short", &["short", "cropped"]),
    ];
    let choice: &[&str] = match character.gender {
        Gender::Female => &FEMALE_HAIR,
        Gender::Male => &MALE_HAIR,
        _ => &ANY_HAIR,
    };
    let said =
        |sign: &&str| contains_word(&words.hair, sign) || (*sign == "bald" && words.say(sign));
    let style = styles
        .iter()
        .find(|(_, signs)| signs.iter().any(said))
        .map(|(style, _)| *style);
    let usual = match (look.age, character.gender) {
        (Age::Elder, Gender::Female) => Some("bun"),
        (Age::Elder, Gender::Male) if salted(name, 9).is_multiple_of(3) => Some("bald"),
        (Age::Elder, Gender::Male) => Some("short"),
        _ => pick(choice, name, 8, attempt),
    };
    style
        .or(usual)
        .unwrap_or("short")
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

/// Usual coats, the second colour of each for belly, muzzle and tail tip.
fn coats(being: &str) -> &'static [(Color, Color)] {
    const FOX: [(Color, Color); 3] = [
        RED_FOX,
        (Color::rgb(188, 88, 46), Color::rgb(246, 226, 200)),
        (Color::rgb(206, 146, 88), Color::rgb(250, 240, 224)),
    ];
    const WOLF: [(Color, Color); 3] = [
        (Color::rgb(112, 118, 132), Color::rgb(206, 206, 210)),
        (Color::rgb(78, 78, 92), Color::rgb(162, 162, 170)),
        (Color::rgb(150, 138, 124), Color::rgb(224, 214, 200)),
    ];
    const BEAR: [(Color, Color); 3] = [
        (Color::rgb(124, 82, 52), Color::rgb(196, 152, 108)),
        (Color::rgb(74, 56, 50), Color::rgb(164, 124, 92)),
        (Color::rgb(186, 142, 92), Color::rgb(234, 206, 164)),
    ];
    const RABBIT: [(Color, Color); 4] = [
        (Color::rgb(192, 166, 138), Color::rgb(250, 242, 230)),
        (Color::rgb(150, 146, 152), Color::rgb(226, 222, 222)),
        (Color::rgb(158, 118, 84), Color::rgb(236, 214, 188)),
        (Color::rgb(236, 230, 222), Color::rgb(250, 232, 224)),
    ];
    const MOUSE: [(Color, Color); 3] = [
        (Color::rgb(158, 150, 152), Color::rgb(232, 222, 218)),
        (Color::rgb(164, 126, 94), Color::rgb(238, 216, 190)),
        (Color::rgb(206, 190, 172), Color::rgb(250, 244, 236)),
    ];
    const CAT: [(Color, Color); 4] = [
        (Color::rgb(222, 148, 72), Color::rgb(250, 230, 200)),
        (Color::rgb(62, 58, 68), Color::rgb(226, 222, 222)),
        (Color::rgb(142, 144, 154), Color::rgb(236, 234, 234)),
        (Color::rgb(236, 226, 210), Color::rgb(176, 130, 96)),
    ];
    const DOG: [(Color, Color); 4] = [
        (Color::rgb(176, 122, 72), Color::rgb(244, 224, 196)),
        (Color::rgb(108, 76, 56), Color::rgb(206, 166, 124)),
        (Color::rgb(224, 202, 166), Color::rgb(250, 242, 228)),
        (Color::rgb(84, 80, 88), Color::rgb(232, 228, 226)),
    ];
    const BIRD: [(Color, Color); 4] = [
        (Color::rgb(84, 128, 176), Color::rgb(240, 214, 164)),
        (Color::rgb(178, 96, 74), Color::rgb(246, 224, 196)),
        (Color::rgb(212, 176, 84), Color::rgb(250, 238, 204)),
        (Color::rgb(96, 146, 110), Color::rgb(232, 232, 196)),
    ];
    const OWL: [(Color, Color); 3] = [
        (Color::rgb(142, 106, 76), Color::rgb(232, 208, 172)),
        (Color::rgb(112, 108, 118), Color::rgb(220, 214, 206)),
        (Color::rgb(226, 218, 204), Color::rgb(180, 160, 138)),
    ];
    const LION: [(Color, Color); 2] = [
        (Color::rgb(222, 168, 88), Color::rgb(156, 88, 44)),
        (Color::rgb(202, 140, 74), Color::rgb(110, 62, 40)),
    ];
    const FROG: [(Color, Color); 3] = [
        (Color::rgb(98, 160, 76), Color::rgb(226, 232, 168)),
        (Color::rgb(128, 138, 76), Color::rgb(226, 216, 164)),
        (Color::rgb(62, 142, 116), Color::rgb(204, 230, 186)),
    ];
    const GOAT: [(Color, Color); 3] = [
        (Color::rgb(207, 196, 180), Color::rgb(246, 240, 228)),
        (Color::rgb(150, 116, 86), Color::rgb(236, 218, 194)),
        (Color::rgb(120, 118, 122), Color::rgb(222, 218, 212)),
    ];
    const PIG: [(Color, Color); 3] = [
        (Color::rgb(238, 176, 164), Color::rgb(248, 216, 204)),
        (Color::rgb(226, 152, 146), Color::rgb(246, 206, 196)),
        (Color::rgb(196, 150, 128), Color::rgb(238, 212, 194)),
    ];
    const SHEEP: [(Color, Color); 3] = [
        (Color::rgb(106, 90, 88), Color::rgb(244, 238, 228)),
        (Color::rgb(214, 190, 172), Color::rgb(248, 242, 232)),
        (Color::rgb(84, 74, 76), Color::rgb(214, 202, 188)),
    ];
    const HORSE: [(Color, Color); 3] = [
        (Color::rgb(154, 98, 56), Color::rgb(232, 212, 184)),
        (Color::rgb(110, 72, 50), Color::rgb(216, 190, 158)),
        (Color::rgb(198, 170, 138), Color::rgb(244, 232, 214)),
    ];
    const SQUIRREL: [(Color, Color); 3] = [
        (Color::rgb(181, 98, 58), Color::rgb(246, 228, 204)),
        (Color::rgb(134, 92, 68), Color::rgb(236, 214, 188)),
        (Color::rgb(138, 134, 138), Color::rgb(230, 226, 222)),
    ];
    const DUCK: [(Color, Color); 3] = [
        (Color::rgb(242, 208, 96), Color::rgb(253, 242, 200)),
        (Color::rgb(168, 128, 88), Color::rgb(236, 216, 186)),
        (Color::rgb(238, 232, 220), Color::rgb(252, 246, 236)),
    ];
    const DRAGON: [(Color, Color); 3] = [
        (Color::rgb(95, 154, 106), Color::rgb(240, 224, 160)),
        (Color::rgb(150, 92, 130), Color::rgb(240, 210, 186)),
        (Color::rgb(82, 128, 164), Color::rgb(222, 230, 196)),
    ];
    const ROBOT: [(Color, Color); 3] = [
        (Color::rgb(159, 180, 194), Color::rgb(230, 236, 239)),
        (Color::rgb(198, 168, 120), Color::rgb(244, 232, 208)),
        (Color::rgb(140, 172, 158), Color::rgb(226, 238, 230)),
    ];
    const CREATURE: [(Color, Color); 4] = [
        (Color::rgb(96, 136, 118), Color::rgb(206, 216, 160)),
        (Color::rgb(126, 98, 152), Color::rgb(216, 190, 212)),
        (Color::rgb(82, 116, 164), Color::rgb(190, 214, 226)),
        (Color::rgb(176, 92, 88), Color::rgb(240, 204, 168)),
    ];
    match being {
        "fox" => &FOX,
        "wolf" => &WOLF,
        "bear" => &BEAR,
        "rabbit" => &RABBIT,
        "mouse" => &MOUSE,
        "goat" => &GOAT,
        "pig" => &PIG,
        "sheep" => &SHEEP,
        "horse" => &HORSE,
        "squirrel" => &SQUIRREL,
        "duck" => &DUCK,
        "dragon" => &DRAGON,
        "robot" => &ROBOT,
        "cat" => &CAT,
        "dog" => &DOG,
        "bird" => &BIRD,
        "owl" => &OWL,
        "lion" => &LION,
        "frog" => &FROG,
        _ => &CREATURE,
    }
}

fn coat(look: &mut Look, character: &Character, words: &Words, attempt: u64) {
    let usual = coats(&look.being);
    let (skin, hair) = usual[attempt as usize % usual.len()];
    (look.skin, look.hair) = (skin, hair);
    let told = told_coat(&words.color, &look.being)
        .or_else(|| told_coat(&words.all_but_clothes(character), &look.being))
        .or_else(|| inborn_coat(&character.being.to_lowercase()));
    if let Some((coat, second)) = told {
        // Two crows still differ a little, and each more at every attempt.
        let lift = (attempt as f32 * 0.08).min(0.64);
        look.skin = mix(coat, second, lift);
        look.hair = mix(second, Color::rgb(250, 244, 234), 0.5 * lift);
        if look.being == "sheep" {
            // The wool has the colour that is told, the face below it a darker one.
            (look.skin, look.hair) = (mix(coat, Color::rgb(72, 60, 62), 0.75), look.skin);
        }
    }
}

/// The coat that these words tell, in the tones that the species has in nature.
fn told_coat(text: &str, being: &str) -> Option<(Color, Color)> {
    let fox = ["red", "orange", "russet", "ginger"];
    text.split(|c: char| !c.is_alphanumeric()).find_map(|word| {
        let fur = FURS.iter().find(|(name, _, _)| *name == word);
        let cloth = named_color(word);
        if being == "fox" && fox.contains(&word) {
            return Some(RED_FOX);
        }
        if being == "pig" && word == "pink" {
            return coats(being).first().copied();
        }
        let is_grey = ["black", "white", "grey", "gray", "silver", "brown"].contains(&word);
        if let (true, false, Some(color)) = (BRIGHT.contains(&being), is_grey, cloth) {
            return Some((color, mix(color, Color::rgb(250, 242, 214), 0.7)));
        }
        match (fur, cloth) {
            // A mane is darker than the coat, where other animals grow paler.
            (Some((_, coat, _)), _) if being == "lion" => {
                Some((*coat, mix(*coat, Color::rgb(84, 44, 26), 0.6)))
            }
            (Some((_, coat, second)), _) => Some((*coat, *second)),
            (None, Some(color)) => Some((color, mix(color, Color::rgb(250, 244, 234), 0.65))),
            (None, None) => None,
        }
    })
}

/// The coat of a species that another one plays.
fn inborn_coat(being: &str) -> Option<(Color, Color)> {
    const INBORN: [(&str, Color, Color); 24] = [
        ("crow", Color::rgb(52, 52, 68), Color::rgb(112, 112, 132)),
        ("raven", Color::rgb(46, 46, 62), Color::rgb(104, 104, 126)),
        ("parrot", Color::rgb(70, 152, 92), Color::rgb(240, 214, 110)),
        ("swan", Color::rgb(240, 238, 232), Color::rgb(252, 250, 246)),
        (
            "goose",
            Color::rgb(232, 228, 218),
            Color::rgb(250, 246, 238),
        ),
        ("dove", Color::rgb(232, 230, 232), Color::rgb(250, 248, 248)),
        ("hen", Color::rgb(190, 112, 66), Color::rgb(244, 218, 180)),
        (
            "rooster",
            Color::rgb(176, 84, 52),
            Color::rgb(240, 204, 140),
        ),
        ("robin", Color::rgb(126, 96, 76), Color::rgb(214, 110, 66)),
        (
            "elephant",
            Color::rgb(146, 150, 162),
            Color::rgb(206, 204, 208),
        ),
        ("badger", Color::rgb(92, 92, 100), Color::rgb(226, 224, 222)),
        ("panda", Color::rgb(64, 62, 68), Color::rgb(242, 240, 236)),
        (
            "hedgehog",
            Color::rgb(130, 104, 84),
            Color::rgb(234, 210, 180),
        ),
        ("mole", Color::rgb(86, 80, 88), Color::rgb(226, 186, 176)),
        (
            "donkey",
            Color::rgb(142, 134, 132),
            Color::rgb(230, 224, 218),
        ),
        ("cow", Color::rgb(150, 104, 72), Color::rgb(246, 236, 222)),
        (
            "unicorn",
            Color::rgb(240, 236, 238),
            Color::rgb(238, 206, 222),
        ),
        ("lamb", Color::rgb(248, 244, 236), Color::rgb(252, 248, 242)),
        ("tiger", Color::rgb(226, 136, 56), Color::rgb(112, 62, 40)),
        ("panther", Color::rgb(48, 44, 58), Color::rgb(110, 104, 118)),
        ("deer", Color::rgb(172, 118, 76), Color::rgb(244, 226, 200)),
        ("fawn", Color::rgb(188, 132, 88), Color::rgb(248, 232, 208)),
        ("snake", Color::rgb(122, 148, 78), Color::rgb(232, 226, 164)),
        ("boar", Color::rgb(112, 86, 74), Color::rgb(196, 166, 144)),
    ];
    INBORN
        .iter()
        .find(|(kind, _, _)| contains_word(being, kind))
        .map(|(_, coat, second)| (*coat, *second))
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
        assert_eq!(crow.being, "bird");
        assert!(luma(crow.skin) < 80.0);
    }

    #[test]
    fn colour_words_mean_natural_coats() {
        let skin = |name: &str, being: &str, color: &str| {
            roles(vec![with_traits(name, being, &[("color", color)])])[0]
                .look
                .skin
        };
        assert_eq!(skin("Ember", "fox", "red"), RED_FOX.0);
        assert_eq!(skin("Ember", "fox", ""), RED_FOX.0);
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
            ("deer", "goat"),
            ("cow", "horse"),
            ("goose", "duck"),
            ("witch", "human"),
            ("dragon", "dragon"),
            ("robot", "robot"),
            ("ghost", "creature"),
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
