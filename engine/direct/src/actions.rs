//! What bodies do, found in the words: "the fox shook his head" moves the fox's head.

use fabula_story::{Act, Gait};

use crate::script::Word;
use crate::syntax::Syntax;

/// Something that a verb shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Act(Act),
    /// Goes about the stage, or off it.
    Go {
        gait: Gait,
        away: bool,
    },
    Sit,
    /// Lies down to sleep, or sleeps.
    Lie,
    /// Lies down, or lies with open eyes.
    LieAwake,
    Rise,
    /// Has slept, and gets up.
    Wake,
    /// Turns the eyes to somebody.
    Look,
}

impl Deed {
    pub(crate) fn changes_pose(self) -> bool {
        matches!(
            self,
            Self::Sit | Self::Lie | Self::LieAwake | Self::Rise | Self::Wake
        )
    }
}

/// A deed and the byte of the story's text where its verb stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub at: usize,
    pub deed: Deed,
    pub subject: Subject,
    /// Where the word stands for the one to whom it is done.
    pub to: Option<usize>,
}

/// Who does it, as far as the words before the verb tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Whoever is named by the word at this byte of the story's text.
    Word(usize),
    /// He or she.
    One,
    /// They, or we.
    Several,
    /// The one of whom the sentence tells anyway: "… and laughed".
    Same,
}

const ACTS: &[(Act, &[&str])] = &[
    (Act::Nod, &["nodded", "nods", "nodding"]),
    (
        Act::Bow,
        &[
            "bowed",
            "bows",
            "bowing",
            "curtsied",
            "curtsies",
            "curtseyed",
        ],
    ),
    (
        Act::Eat,
        &[
            "ate", "eats", "eating", "munched", "munches", "munching", "nibbled", "nibbles",
            "nibbling", "gobbled", "gobbles", "devoured", "devours", "dined", "feasted",
        ],
    ),
    (
        Act::Drink,
        &[
            "drank", "drinks", "drinking", "sipped", "sips", "sipping", "slurped",
        ],
    ),
    (
        Act::Give,
        &[
            "gave", "gives", "giving", "handed", "handing", "offered", "offers", "offering",
        ],
    ),
    (
        Act::Hug,
        &[
            "hugged",
            "hugs",
            "hugging",
            "embraced",
            "embraces",
            "embracing",
            "cuddled",
        ],
    ),
    (
        Act::Fight,
        &[
            "fought",
            "fights",
            "fighting",
            "wrestled",
            "wrestles",
            "wrestling",
            "battled",
            "attacked",
            "attacks",
        ],
    ),
    (
        Act::Fall,
        &[
            "fell", "falls", "falling", "stumbled", "stumbles", "tripped", "trips", "tumbled",
            "tumbles", "toppled",
        ],
    ),
    (
        Act::Wave,
        &["waved", "waves", "waving", "beckoned", "beckons", "greeted"],
    ),
    (Act::Point, &["pointed", "points", "pointing"]),
    (
        Act::Jump,
        &[
            "jumped", "jumps", "jumping", "leaped", "leapt", "leaps", "hopped", "hops", "sprang",
            "bounced", "skipped", "danced", "dances", "dancing", "pounced", "startled",
        ],
    ),
    (Act::Shrug, &["shrugged", "shrugs", "shrugging"]),
    (
        Act::Laugh,
        &[
            "laughed", "laughs", "laughing", "giggled", "giggles", "chuckled", "chuckles",
            "grinned",
        ],
    ),
    (
        Act::Cry,
        &[
            "wept", "weeps", "weeping", "sobbed", "sobs", "sobbing", "crying", "mourned",
        ],
    ),
    (
        Act::Tremble,
        &[
            "trembled",
            "trembles",
            "trembling",
            "shivered",
            "shivers",
            "shivering",
            "shuddered",
            "quaked",
            "quivered",
            "cowered",
            "shook",
        ],
    ),
    (
        Act::Cheer,
        &[
            "cheered",
            "cheers",
            "cheering",
            "clapped",
            "claps",
            "rejoiced",
            "celebrated",
            "applauded",
        ],
    ),
];
const WALKS: &[&str] = &[
    "walked",
    "walks",
    "walking",
    "went",
    "goes",
    "came",
    "comes",
    "crept",
    "stepped",
    "wandered",
    "strolled",
    "trotted",
    "marched",
    "returned",
    "climbed",
    "followed",
    "approached",
    "entered",
    "crossed",
    "tiptoed",
    "limped",
    "padded",
    "slipped",
    "strode",
    "travelled",
    "traveled",
    "journeyed",
    "set",
    "crawled",
    "rode",
    "hobbled",
    "shuffled",
    "arrived",
];
const RUNS: &[&str] = &[
    "ran",
    "runs",
    "running",
    "rushed",
    "hurried",
    "raced",
    "dashed",
    "fled",
    "bounded",
    "darted",
    "chased",
    "galloped",
    "scampered",
    "scurried",
    "bolted",
    "charged",
];
const FLIES: &[&str] = &[
    "flew",
    "flies",
    "flying",
    "fluttered",
    "flutters",
    "soared",
    "soars",
];
const SWIMS: &[&str] = &["swam", "swims", "swimming", "paddled"];
const LOOKS: &[&str] = &[
    "looked", "looks", "looking", "gazed", "gazes", "gazing", "stared", "stares", "staring",
    "glanced", "glances", "peered",
];
const AWAY: &[&str] = &["away", "off", "out", "outside"];
const SITS: &[&str] = &[
    "sat", "sits", "sitting", "seated", "knelt", "kneels", "crouched", "rested", "perched",
];
const SLEEPS: &[&str] = &[
    "slept",
    "sleeps",
    "sleeping",
    "dozed",
    "dozes",
    "dozing",
    "napped",
    "snored",
    "snores",
    "snoring",
    "slumbered",
];
/// "She lay on the grass", but "she lay the table".
const LIES: &[&str] = &["lay", "lies", "lying"];
const LYING: &[&str] = &[
    "down", "on", "in", "under", "upon", "there", "still", "asleep", "awake", "beside", "by",
    "back", "at", "near", "next", "among", "quite", "and", "with", "curled", "flat", "all",
];
/// How one lies whose eyes are shut.
const SLEEPING: &[&str] = &[
    "asleep",
    "sleeping",
    "sleep",
    "dead",
    "unconscious",
    "dreaming",
    "snoring",
    "closed",
    "shut",
];
/// What nobody does asleep.
const AWAKE: &[&str] = &[
    "awake",
    "listened",
    "listening",
    "heard",
    "wondered",
    "wondering",
    "stared",
    "watched",
    "trembled",
    "whispered",
];
const RISES: &[&str] = &["stood", "rose", "rises", "stands"];
/// One wakes, or wakes somebody.
const WAKES: &[&str] = &["awoke", "awakes", "woke", "wakes", "waking", "awakened"];
const DENIALS: &[&str] = &[
    "not", "never", "nobody", "nothing", "no", "hardly", "neither",
];

/// Whether these words tell of somebody who does not sleep: "he could not sleep and listened".
pub(crate) fn tells_of_waking_hours(words: &[Word]) -> bool {
    let words: Vec<String> = words.iter().map(|word| bare(&word.text)).collect();
    let sleepless = |index: usize| {
        let before = &words[index.saturating_sub(3)..index];
        before
            .iter()
            .any(|word| DENIALS.contains(&word.as_str()) || word.ends_with("n't"))
    };
    (0..words.len()).any(|index| match words[index].as_str() {
        "sleep" | "asleep" => sleepless(index),
        word => AWAKE.contains(&word),
    })
}

/// The deeds that these words tell, in their order. Where the story was read with its syntax, that
/// tells what happens and who does it; else the words around the verb do. `is_named` says whether a
/// character is meant by the word at a byte of the story's text.
pub(crate) fn deeds(
    words: &[Word],
    syntax: &Syntax<'_>,
    is_named: impl Fn(usize) -> bool,
) -> Vec<Done> {
    let bare: Vec<String> = words.iter().map(|word| bare(&word.text)).collect();
    let mut found = Vec::new();
    for index in 0..bare.len() {
        let at = words[index].at;
        let token = syntax.word_in(at..at + words[index].text.len());
        let verb = told_form(&bare, index, token.is_some());
        let Some(deed) = deed(&bare, index, verb) else {
            continue;
        };
        let subject = match token {
            Some(token) => doer(syntax, token, deed, &is_named),
            None => subject_nearby(words, &bare, index),
        };
        // The deeds of things are left out: tears run, and doors fly open.
        let subject = subject.filter(|subject| match subject {
            Subject::Word(at) => is_named(*at),
            _ => true,
        });
        let Some(mut subject) = subject else {
            continue;
        };
        let mut to = match token.and_then(|token| syntax.sufferer(token)) {
            Some(suffers) => Some(syntax.token(suffers).start).filter(|at| is_named(*at)),
            None => other_nearby(words, &bare, index, &is_named),
        };
        match deed {
            Deed::Look if to.is_none() => continue,
            // Who is woken gets up.
            Deed::Wake => {
                if let Some(woken) = to.take() {
                    subject = Subject::Word(woken);
                }
            }
            Deed::Act(Act::Give | Act::Hug | Act::Fight) | Deed::Look => {}
            _ => to = None,
        }
        found.push(Done {
            at,
            deed,
            subject,
            to,
        });
    }
    found
}

/// The form of a verb under which its deed is known: "eat" is told as "ate" is. Without a tree only
/// what is begun is surely a verb.
fn told_form(bare: &[String], index: usize, is_read: bool) -> &str {
    const BEGINS: &[&str] = &["began", "begins", "started", "starts"];
    let word = bare[index].as_str();
    let begun = index > 1 && bare[index - 1] == "to" && BEGINS.contains(&bare[index - 2].as_str());
    let past = || BASES.iter().find(|(base, _)| *base == word);
    match (is_read || begun).then(past).flatten() {
        Some((_, past)) => past,
        None => word,
    }
}

/// The plain forms of the most frequent deeds, with the past.
const BASES: &[(&str, &str)] = &[
    ("bow", "bowed"),
    ("cheer", "cheered"),
    ("cry", "wept"),
    ("dance", "danced"),
    ("drink", "drank"),
    ("eat", "ate"),
    ("fall", "fell"),
    ("fight", "fought"),
    ("fly", "flew"),
    ("give", "gave"),
    ("hug", "hugged"),
    ("jump", "jumped"),
    ("laugh", "laughed"),
    ("nibble", "nibbled"),
    ("nod", "nodded"),
    ("run", "ran"),
    ("shiver", "shivered"),
    ("sit", "sat"),
    ("sleep", "slept"),
    ("sob", "sobbed"),
    ("swim", "swam"),
    ("tremble", "trembled"),
    ("wake", "woke"),
    ("walk", "walked"),
    ("wave", "waved"),
    ("weep", "wept"),
];

/// The character named behind a verb, before its clause ends: "hugged the fox", "gave it to the
/// fox"; one behind "to" comes first.
fn other_nearby(
    words: &[Word],
    bare: &[String],
    verb: usize,
    is_named: &impl Fn(usize) -> bool,
) -> Option<usize> {
    const REACH: usize = 9;
    let mut found = None;
    let mut to = false;
    for index in verb + 1..words.len().min(verb + 1 + REACH) {
        let ends = words[index - 1]
            .text
            .ends_with([',', ';', ':', '—', '.', '!', '?', '”']);
        let word = bare[index].as_str();
        if ends || ["and", "but", "because", "while", "when", "who", "until"].contains(&word) {
            break;
        }
        let reflexive = word.ends_with("self") || word.ends_with("selves");
        if !reflexive && !BETWEEN_TO.contains(&word) && is_named(words[index].at) {
            if to {
                return Some(words[index].at);
            }
            found = found.or(Some(words[index].at));
        }
        to = word == "to" || to && BETWEEN_TO.contains(&word);
    }
    found
}

/// Words that belong to the name behind them.
const BETWEEN_TO: &[&str] = &[
    "the", "a", "an", "his", "her", "its", "their", "my", "your", "our", "little", "old", "big",
    "small", "poor", "good", "young", "dear",
];

/// Who does what the verb tells, if it happens and somebody does it.
fn doer(
    syntax: &Syntax<'_>,
    verb: usize,
    deed: Deed,
    is_named: &impl Fn(usize) -> bool,
) -> Option<Subject> {
    if !syntax.happens(verb) {
        return None;
    }
    let Some(doer) = syntax.doer(verb) else {
        // Nobody is seen to go who is followed by someone unknown.
        let goes = matches!(deed, Deed::Go { .. });
        return (!goes || !syntax.is_passive(verb)).then_some(Subject::Same);
    };
    let word = syntax.token(doer);
    let lower = word.text.to_lowercase();
    Some(match lower.as_str() {
        "they" | "we" | "everyone" | "everybody" | "both" | "all" => Subject::Several,
        _ if COMPANIONS.contains(&lower.as_str()) || syntax.is_counted(doer) => Subject::Several,
        _ if is_named(word.start) => Subject::Word(syntax.token(syntax.last_joined(doer)).start),
        "he" | "she" | "i" => Subject::One,
        "it" => Subject::Same,
        _ => Subject::Word(word.start),
    })
}

/// The subject that the words around a verb suggest; none if they deny the verb.
fn subject_nearby(words: &[Word], bare: &[String], verb: usize) -> Option<Subject> {
    let denied = bare[verb.saturating_sub(3)..verb]
        .iter()
        .any(|word| DENIALS.contains(&word.as_str()) || word.ends_with("n’t"));
    (!denied).then(|| subject(words, bare, verb))
}

/// Words that stand between a subject and its verb.
const BETWEEN: &[&str] = &[
    "had",
    "has",
    "was",
    "were",
    "is",
    "are",
    "then",
    "also",
    "just",
    "only",
    "still",
    "all",
    "always",
    "often",
    "soon",
    "once",
    "again",
    "began",
    "started",
    "to",
    "would",
    "could",
    "did",
    "himself",
    "herself",
    "itself",
    "themselves",
    "now",
    "at",
    "last",
    "even",
    "never",
    "fast",
    "sound",
    "already",
];

/// Words for several who are known already.
const COMPANIONS: &[&str] = &[
    "friends",
    "children",
    "brothers",
    "sisters",
    "animals",
    "others",
    "companions",
    "travellers",
    "both",
];

fn subject(words: &[Word], bare: &[String], verb: usize) -> Subject {
    for index in (0..verb).rev() {
        let word = bare[index].as_str();
        let clause_ends = words[index]
            .text
            .ends_with([',', ';', ':', '—', '.', '!', '?', '”']);
        return match word {
            _ if clause_ends => Subject::Same,
            "and" | "but" | "or" | "who" | "that" | "it" | "" => Subject::Same,
            "he" | "she" => Subject::One,
            "they" | "we" | "everyone" | "everybody" => Subject::Several,
            _ if BETWEEN.contains(&word) || word.ends_with("ly") => continue,
            _ if COMPANIONS.contains(&word) => Subject::Several,
            _ if index > 0
                && ["both", "two", "three", "all"].contains(&bare[index - 1].as_str()) =>
            {
                Subject::Several
            }
            // "A girl in a red coat ran": the coat does not run.
            _ if bare[index.saturating_sub(3)..index]
                .iter()
                .any(|word| ["in", "with", "named", "called"].contains(&word.as_str())) =>
            {
                Subject::Same
            }
            _ => Subject::Word(words[index].at),
        };
    }
    Subject::Same
}

fn deed(words: &[String], index: usize, verb: &str) -> Option<Deed> {
    let next: Vec<&str> = words
        .iter()
        .skip(index + 1)
        .take(3)
        .map(String::as_str)
        .collect();
    let further: Vec<&str> = words
        .iter()
        .skip(index + 1)
        .take(6)
        .map(String::as_str)
        .collect();
    let has = |any: &[&str]| further.iter().any(|word| any.contains(word));
    // "Out of the house" brings somebody on as often as it takes them off.
    let out_of = next.windows(2).any(|two| two == ["out", "of"]);
    let away = !out_of && next.iter().any(|word| AWAY.contains(word));
    match verb {
        "hopped" | "hops" | "skipped" | "danced" | "leaped" | "leapt" | "swept" if away => {
            return Some(Deed::Go {
                gait: Gait::Run,
                away: true,
            });
        }
        // One slips into a room, or on a wet plank.
        "slipped"
            if !away
                && !["into", "in", "through", "past", "along"]
                    .iter()
                    .any(|way| next.contains(way)) =>
        {
            return None;
        }
        "shook" | "shakes" if next.contains(&"head") || next.contains(&"heads") => {
            return Some(Deed::Act(Act::ShakeHead));
        }
        // One shakes a hand or a tree as well: only a bare shaking is the body's own.
        "shook" if !next.is_empty() && !next.contains(&"with") && !next.contains(&"like") => {
            return None;
        }
        // "Cried the fox" is said aloud; "she cried and cried" is weeping.
        "cried" => {
            let weeps = next.first().is_none_or(|word| {
                [
                    "and", "for", "because", "bitterly", "until", "all", "himself", "herself",
                ]
                .contains(word)
            });
            return weeps.then_some(Deed::Act(Act::Cry));
        }
        "set" if !next.contains(&"off") && !next.contains(&"out") => return None,
        "set" => {
            return Some(Deed::Go {
                gait: Gait::Walk,
                away: false,
            });
        }
        "left" => {
            let determined = [
                "the", "his", "her", "its", "their", "my", "to", "on", "was", "were",
            ];
            let verbal = index > 0 && !determined.contains(&words[index - 1].as_str());
            let leaves = next.first().is_none_or(|word| {
                [
                    "the", "his", "her", "him", "them", "home", "and", "without", "for",
                ]
                .contains(word)
            });
            return (verbal && leaves).then_some(Deed::Go {
                gait: Gait::Walk,
                away: true,
            });
        }
        "went" | "goes" if next.first() == Some(&"to") && has(&["bed", "sleep"]) => {
            return Some(Deed::Lie);
        }
        "had" | "has" if has(&["breakfast", "lunch", "dinner", "supper"]) => {
            return Some(Deed::Act(Act::Eat));
        }
        "asleep"
            if index > 0
                && [
                    "was", "were", "is", "are", "still", "fast", "sound", "already",
                ]
                .contains(&words[index - 1].as_str()) =>
        {
            return Some(Deed::Lie);
        }
        "curled" if next.first() == Some(&"up") => return Some(Deed::Lie),
        "threw" | "flung" | "put" | "wrapped" if has(&["arms"]) && has(&["around", "round"]) => {
            return Some(Deed::Act(Act::Hug));
        }
        "bowed" | "bows" if has(&["head", "heads"]) => return Some(Deed::Act(Act::Nod)),
        "fell" | "falls" | "falling" => return fall(&further),
        "gave" | "gives" | "giving" | "offered" | "offers" | "offering" | "handed" | "handing" => {
            return gift(&further);
        }
        "fought" | "fights" | "fighting" if has(NO_FIGHT) => return None,
        "departed" | "disappeared" | "vanished" => {
            return Some(Deed::Go {
                gait: Gait::Run,
                away: true,
            });
        }
        "got" if next.first() == Some(&"up") => return Some(Deed::Rise),
        _ => {}
    }
    if let Some((act, _)) = ACTS.iter().find(|(_, verbs)| verbs.contains(&verb)) {
        return Some(Deed::Act(*act));
    }
    let go = |gait, away| Some(Deed::Go { gait, away });
    if RUNS.contains(&verb) {
        return go(Gait::Run, away || verb == "fled");
    }
    if FLIES.contains(&verb) {
        return if has(NO_FLIGHT) {
            None
        } else {
            go(Gait::Fly, away)
        };
    }
    if SWIMS.contains(&verb) {
        return if next.first() == Some(&"before") {
            None
        } else {
            go(Gait::Swim, away)
        };
    }
    if WALKS.contains(&verb) {
        return go(Gait::Walk, away);
    }
    if LIES.contains(&verb) {
        let sleeps = next.iter().any(|word| SLEEPING.contains(word));
        let rests = sleeps || next.first().is_none_or(|word| LYING.contains(word));
        let lie = if sleeps { Deed::Lie } else { Deed::LieAwake };
        return rests.then_some(lie);
    }
    let rest = [
        (SITS, Deed::Sit),
        (SLEEPS, Deed::Lie),
        (RISES, Deed::Rise),
        (WAKES, Deed::Wake),
        (LOOKS, Deed::Look),
    ];
    let known = rest.into_iter().find(|(verbs, _)| verbs.contains(&verb));
    known.map(|(_, deed)| deed)
}

/// Rages and doors fly, too.
const NO_FLIGHT: &[&str] = &[
    "rage", "fury", "temper", "passion", "panic", "open", "shut", "apart",
];
/// What one fights without moving.
const NO_FIGHT: &[&str] = &[
    "tears", "sleep", "breath", "urge", "cold", "wind", "current", "waves", "hunger", "fear",
    "illness", "sadness",
];

/// Who falls asleep lies down; who falls silent or in love does not fall at all.
fn fall(next: &[&str]) -> Option<Deed> {
    let has = |any: &[&str]| next.iter().any(|word| any.contains(word));
    if let [
        "down" | "over" | "off" | "flat" | "headlong" | "backwards" | "backward",
        ..,
    ] = next
    {
        return Some(Deed::Act(Act::Fall));
    }
    if next.first() == Some(&"asleep") || has(&["sleep", "slumber"]) {
        return Some(Deed::Lie);
    }
    if has(&["knees"]) {
        return Some(Deed::Sit);
    }
    if has(&[
        "love", "pieces", "silence", "tears", "rage", "thought", "despair",
    ]) {
        return None;
    }
    let falls = match next {
        [] | ["to" | "into" | "in", "the", ..] => true,
        ["into" | "in", "a", what, rest @ ..] => {
            let hollow = [
                "hole", "pit", "ditch", "well", "pond", "puddle", "trap", "river",
            ];
            hollow.contains(what) || rest.first().is_some_and(|what| hollow.contains(what))
        }
        [first, ..] => [
            "from",
            "through",
            "onto",
            "on",
            "out",
            "and",
            "with",
            "overboard",
            "again",
        ]
        .contains(first),
    };
    falls.then_some(Deed::Act(Act::Fall))
}

/// "Gave a nod" is a nod, "gave up" nothing, and "gave an apple" a gift.
fn gift(next: &[&str]) -> Option<Deed> {
    if let ["up" | "in" | "way" | "birth" | "chase" | "back" | "to", ..] = next {
        // "Gave to the fox" and "gave back the key" are gifts, but "offered to help" is a word.
        let given = matches!(next, ["to", "the" | "his" | "her" | "a" | "everyone", ..])
            || matches!(next, ["back", ..]);
        return given.then_some(Deed::Act(Act::Give));
    }
    let meant = [
        (&["hug", "embrace", "cuddle"][..], Some(Act::Hug)),
        (&["nod"], Some(Act::Nod)),
        (&["laugh", "chuckle", "giggle"], Some(Act::Laugh)),
        (&["wave"], Some(Act::Wave)),
        (&["jump", "leap", "hop", "start"], Some(Act::Jump)),
        (&["bow", "curtsy"], Some(Act::Bow)),
        (&["shrug"], Some(Act::Shrug)),
        (&["shiver", "shudder"], Some(Act::Tremble)),
        (&["cheer", "cheers"], Some(Act::Cheer)),
        (&["sob"], Some(Act::Cry)),
        (NO_GIFT, None),
    ];
    let act = meant
        .into_iter()
        .find(|(nouns, _)| next.iter().any(|word| nouns.contains(word)))
        .map_or(Some(Act::Give), |(_, act)| act);
    act.map(Deed::Act)
}

/// What is given without hands.
const NO_GIFT: &[&str] = &[
    "shout",
    "cry",
    "sigh",
    "smile",
    "look",
    "glance",
    "push",
    "pull",
    "kick",
    "kiss",
    "squeeze",
    "squeak",
    "roar",
    "yell",
    "scream",
    "groan",
    "growl",
    "whistle",
    "yawn",
    "wink",
    "thanks",
    "warning",
    "orders",
    "order",
    "promise",
    "word",
    "hope",
    "courage",
    "advice",
    "permission",
    "joy",
    "answer",
    "reply",
    "name",
    "help",
    "strength",
    "chance",
    "thought",
    "lesson",
    "frown",
];

/// The gesture that goes with a line of speech, from its first words and its tag.
pub(crate) fn gesture(line: &[Word], manner: Option<&str>) -> Option<Act> {
    match manner {
        Some("laughed" | "chuckled" | "giggled") => return Some(Act::Laugh),
        Some("sobbed" | "wept") => return Some(Act::Cry),
        Some("stammered" | "gasped") => return Some(Act::Tremble),
        _ => {}
    }
    let words: Vec<String> = line.iter().take(4).map(|word| bare(&word.text)).collect();
    let first = words.first().map(String::as_str)?;
    let second = words.get(1).map_or("", String::as_str);
    match (first, second) {
        ("yes" | "certainly" | "indeed" | "aye", _) | ("of", "course") => Some(Act::Nod),
        ("no" | "never" | "nothing", _) => Some(Act::ShakeHead),
        ("hello" | "goodbye" | "farewell" | "hi" | "welcome", _)
        | ("good", "morning" | "evening" | "day" | "night" | "bye") => Some(Act::Wave),
        ("look" | "see" | "there" | "behold", _) => Some(Act::Point),
        ("ha" | "haha" | "hee", _) => Some(Act::Laugh),
        ("hurrah" | "hooray" | "hurray" | "bravo" | "yay", _) => Some(Act::Cheer),
        ("perhaps" | "maybe", _) | ("who", "knows") => Some(Act::Shrug),
        ("i", "don’t") if words.get(2).is_some_and(|word| word == "know") => Some(Act::Shrug),
        _ => None,
    }
}

/// Words that are about a face.
const FACE: &[&str] = &[
    "eye",
    "eyes",
    "face",
    "smile",
    "smiled",
    "tear",
    "tears",
    "cheek",
    "cheeks",
    "nose",
    "whiskers",
    "beard",
    "hair",
    "glasses",
    "frowned",
    "blushed",
    "whispered",
    "sighed",
    "blinked",
    "pale",
    "lips",
    "mouth",
    "ears",
    "stared",
    "head",
];

/// Whether these words ask to see a face.
pub(crate) fn tells_of_a_face(words: &[Word]) -> bool {
    words
        .iter()
        .any(|word| FACE.contains(&bare(&word.text).as_str()))
}

/// Words that show somebody who was there already.
const FINDING: &[&str] = &[
    "saw", "sees", "met", "found", "finds", "there", "stood", "sat", "lay", "waited", "waiting",
    "spotted", "noticed", "lived", "lives", "perched", "slept", "watched", "looked", "stared",
    "was", "were", "had",
];

/// Whether these words find somebody in place instead of bringing them in.
pub(crate) fn finds(words: &[Word]) -> bool {
    words
        .iter()
        .any(|word| FINDING.contains(&bare(&word.text).as_str()))
}

/// Small letters, without the marks around.
pub(crate) fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split_whitespace()
            .map(|text| Word {
                text: text.to_owned(),
                at: 0,
            })
            .collect()
    }

    fn done(text: &str) -> Vec<Deed> {
        deeds(&words(text), &Syntax::new(&[]), |_| true)
            .into_iter()
            .map(|done| done.deed)
            .collect()
    }

    #[test]
    fn verbs_move_the_body() {
        assert_eq!(done("The fox jumped."), [Deed::Act(Act::Jump)]);
        assert_eq!(
            done("She shook her head, and wept."),
            [Deed::Act(Act::ShakeHead), Deed::Act(Act::Cry)]
        );
        assert_eq!(done("He shook the tree."), []);
        assert_eq!(
            done("He ran away."),
            [Deed::Go {
                gait: Gait::Run,
                away: true
            }]
        );
        assert_eq!(
            done("They sat down and then got up."),
            [Deed::Sit, Deed::Rise]
        );
    }

    #[test]
    fn who_hops_away_goes_and_who_slips_on_a_plank_stays() {
        let go = |gait, away| Deed::Go { gait, away };
        assert_eq!(done("Then he hopped away."), [go(Gait::Run, true)]);
        assert_eq!(done("She ran out of the house."), [go(Gait::Run, false)]);
        assert_eq!(done("A plank broke, and Snow slipped."), []);
        assert_eq!(done("He slipped into the room."), [go(Gait::Walk, false)]);
    }

    #[test]
    fn who_sleeps_lies_and_who_wakes_rises() {
        for asleep in [
            "The fox slept.",
            "She fell asleep.",
            "He fell into a deep sleep.",
            "They went to bed.",
            "The fox was fast asleep.",
            "The fox began to sleep.",
            "The cat curled up.",
        ] {
            assert_eq!(done(asleep), [Deed::Lie], "{asleep}");
        }
        for awake in ["She lay down on the grass.", "He lay awake in his bed."] {
            assert_eq!(done(awake), [Deed::LieAwake], "{awake}");
        }
        assert!(done("The fox lay sleeping in the hay.").contains(&Deed::Lie));
        assert_eq!(done("The fox woke."), [Deed::Wake]);
        assert_eq!(done("She lay the table."), []);
        assert_eq!(done("The fox was not asleep."), []);
        assert_eq!(done("He liked to eat."), []);
    }

    #[test]
    fn a_fall_is_one_of_the_body() {
        let fall = [Deed::Act(Act::Fall)];
        for falls in [
            "He fell down.",
            "She fell into a deep hole.",
            "He stumbled.",
        ] {
            assert_eq!(done(falls), fall, "{falls}");
        }
        for none in [
            "He fell silent.",
            "She fell in love.",
            "They fell into a habit.",
        ] {
            assert_eq!(done(none), [], "{none}");
        }
    }

    #[test]
    fn what_is_given_is_a_thing() {
        assert_eq!(done("She gave him an apple."), [Deed::Act(Act::Give)]);
        assert_eq!(done("He gave the crow a hug."), [Deed::Act(Act::Hug)]);
        assert_eq!(done("He gave a nod."), [Deed::Act(Act::Nod)]);
        for none in [
            "He gave up.",
            "She gave a shout.",
            "He gave a long sigh.",
            "She offered to help.",
        ] {
            assert_eq!(done(none), [], "{none}");
        }
    }

    #[test]
    fn rages_and_tears_move_nobody() {
        for none in [
            "He flew into a rage.",
            "She fought back her tears.",
            "The page swam before her eyes.",
            "He did not eat.",
        ] {
            assert_eq!(done(none), [], "{none}");
        }
        assert_eq!(done("They fought."), [Deed::Act(Act::Fight)]);
        let fly = Deed::Go {
            gait: Gait::Fly,
            away: true,
        };
        assert_eq!(done("The crow flew away."), [fly]);
        assert_eq!(
            done("He ate and drank."),
            [Deed::Act(Act::Eat), Deed::Act(Act::Drink)]
        );
    }

    #[test]
    fn to_whom_it_is_done_is_named_behind_the_verb() {
        let named = |text: &str| {
            let mut at = 0;
            let words: Vec<Word> = text
                .split_whitespace()
                .map(|word| {
                    at += word.len() + 1;
                    Word {
                        text: word.to_owned(),
                        at: at - word.len() - 1,
                    }
                })
                .collect();
            let animal = |at: usize| {
                ["fox", "crow"]
                    .iter()
                    .any(|name| text[at..].starts_with(name))
            };
            let done = deeds(&words, &Syntax::new(&[]), animal);
            done.first()
                .and_then(|done| done.to)
                .map(|at| text[at..].trim_end_matches('.').to_owned())
        };
        let to = |text: &str| named(text).unwrap_or_default();
        assert_eq!(to("The fox gave an apple to the crow."), "crow");
        assert_eq!(to("The fox hugged the little crow."), "crow");
        assert_eq!(to("The fox looked up at the crow."), "crow");
        assert_eq!(to("The fox hugged him, and the crow."), "");
        assert_eq!(to("The fox looked at the sky."), "");
        assert_eq!(to("The fox jumped over the crow."), "");
    }

    #[test]
    fn what_did_not_happen_is_not_done() {
        assert_eq!(
            done("He did not laugh, he never jumped, she didn’t nod."),
            []
        );
    }

    #[test]
    fn the_subject_of_a_verb_stands_before_it() {
        let subject = |text| deeds(&words(text), &Syntax::new(&[]), |_| true)[0].subject;
        assert_eq!(subject("They had often walked"), Subject::Several);
        assert_eq!(subject("he suddenly jumped"), Subject::One);
        assert_eq!(subject("The fox sighed, and jumped"), Subject::Same);
        assert_eq!(subject("until the stars came out"), Subject::Word(0));
        assert_eq!(subject("The three friends sat down"), Subject::Several);
        assert_eq!(subject("For a moment both goats lay"), Subject::Several);
        assert_eq!(subject("A girl in a red coat ran"), Subject::Same);
    }

    #[test]
    fn a_left_hand_goes_nowhere() {
        assert_eq!(done("He raised his left hand."), []);
        assert_eq!(
            done("He left the house."),
            [Deed::Go {
                gait: Gait::Walk,
                away: true
            }]
        );
    }

    #[test]
    fn speech_brings_its_gesture() {
        assert_eq!(
            gesture(&words("“No, thank you.”"), None),
            Some(Act::ShakeHead)
        );
        assert_eq!(gesture(&words("“Good morning!”"), None), Some(Act::Wave));
        assert_eq!(
            gesture(&words("“Bread and butter.”"), Some("sobbed")),
            Some(Act::Cry)
        );
        assert_eq!(gesture(&words("“Bread and butter.”"), None), None);
    }
}
