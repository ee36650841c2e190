//! Letter-to-sound rules for words that no dictionary has, mostly names.
//!
//! The rules are in the notation of the Naval Research Laboratory's rule set (Elovitz and
//! others, 1976): `left[letters]right=sounds`, the first that fits at a place wins.
//! In a context, `#` is one or more vowels, `:` any number of consonants, `^` one consonant,
//! `.` a voiced consonant, `+` one of E I Y, `%` a suffix (ER, E, ES, ED, ING, ELY), `&` a
//! sibilant, `@` a consonant after which U is long, and `_` the edge of the word.

use crate::sound::Sound;

const RULES: &[&str] = &[
    // A
    "_[A]_=AH",
    "_[ARE]_=AA R",
    "_[AR]O=AH R",
    "[AR]#=EH R",
    "^[AS]#=EY S",
    "[A]WA=AH",
    "[AW]=AO",
    "_:[ANY]=EH N IY",
    "[A]^+#=EY",
    "#:[ALLY]=AH L IY",
    "_[AL]#=AH L",
    "[AGAIN]=AH G EH N",
    "#:[AG]E=IH JH",
    "[A]^+:#=AE",
    "_:[A]^+_=EY",
    "[A]^%=EY",
    "_[ARR]=AH R",
    "[ARR]=AE R",
    "_:[AR]_=AA R",
    "[AR]_=ER",
    "[AR]=AA R",
    "[AIR]=EH R",
    "[AI]=EY",
    "[AY]=EY",
    "[AU]=AO",
    "#:[AL]_=AH L",
    "#:[ALS]_=AH L Z",
    "[ALK]=AO K",
    "[AL]^=AO L",
    "_:[ABLE]=EY B AH L",
    "[ABLE]=AH B AH L",
    "[ANG]+=EY N JH",
    "[A]_=AH",
    "[AH]=AA",
    "[AA]=AA",
    "[AE]=IY",
    "[A]=AE",
    // B
    "_[BE]^#=B IH",
    "[BEING]=B IY IH NG",
    "_[BUIL]=B IH L",
    "[BB]=B",
    "M[B]_=",
    "[B]=B",
    // C
    "_[CH]^=K",
    "^E[CH]=K",
    "[CH]=CH",
    "_S[CI]#=S AY",
    "[CI]A=SH",
    "[CI]O=SH",
    "[CI]EN=SH",
    "[CC]+=K S",
    "[CC]=K",
    "[CK]=K",
    "[C]+=S",
    "[COM]%=K AH M",
    "[C]=K",
    // D
    "#:[DED]_=D IH D",
    ".E[D]_=D",
    "#:^E[D]_=T",
    "_[DE]^#=D IH",
    "_[DO]_=D UW",
    "_[DOES]=D AH Z",
    "_[DOING]=D UW IH NG",
    "[DGE]=JH",
    "[DG]=JH",
    "[DD]=D",
    "[D]=D",
    // E
    "#:[E]_=",
    ":^[E]_=",
    "_:[E]_=IY",
    "#[ED]_=D",
    "#:[E]D_=",
    "[EV]ER=EH V",
    "[E]^%=IY",
    "[ERI]#=IY R IY",
    "[ERI]=EH R IH",
    "#:[ER]#=ER",
    "[ERR]=EH R",
    "[ER]#=EH R",
    "[ER]=ER",
    "_[EVEN]=IY V EH N",
    "#:[E]W=",
    "@[EW]=UW",
    "[EW]=Y UW",
    "[E]O=IY",
    "#:&[ES]_=IH Z",
    "#:[E]S_=",
    "#:[ELY]_=L IY",
    "#:[EMENT]=M EH N T",
    "[EFUL]=F UH L",
    "[EE]=IY",
    "[EARN]=ER N",
    "_[EAR]^=ER",
    "[EAD]=EH D",
    "#:[EA]_=IY AH",
    "[EA]SU=EH",
    "[EAU]=OW",
    "[EA]=IY",
    "[EIGH]=EY",
    "[EI]=IY",
    "_[EYE]=AY",
    "[EY]=IY",
    "[EU]=Y UW",
    "[E]=EH",
    // F
    "[FUL]=F UH L",
    "[FF]=F",
    "[F]=F",
    // G
    "[GIV]=G IH V",
    "_[G]I^=G",
    "[GE]T=G EH",
    "SU[GGES]=G JH EH S",
    "[GG]=G",
    "_B#[G]=G",
    "[G]+=JH",
    "[GREAT]=G R EY T",
    "#[GH]=",
    "_[GN]=N",
    "[GN]_=N",
    "[G]=G",
    // H
    "_[HAV]=HH AE V",
    "_[HERE]=HH IY R",
    "_[HOUR]=AW ER",
    "[HOW]=HH AW",
    "[H]#=HH",
    "[H]=",
    // I
    "_[IN]=IH N",
    "_[I]_=AY",
    "[IER]=IY ER",
    "#:R[IED]=IY D",
    "[IED]_=AY D",
    "[IEN]=IY EH N",
    "[IE]T=AY EH",
    "_:[I]%=AY",
    "[I]%=IY",
    "[IE]=IY",
    "[I]^+:#=IH",
    "[IR]#=AY R",
    "[IZ]%=AY Z",
    "[IS]%=AY Z",
    "[I]D%=AY",
    "+^[I]^+=IH",
    "[I]T%=AY",
    "#:^[I]^+=IH",
    "[I]^+=AY",
    "[IR]=ER",
    "[IGH]=AY",
    "[ILD]=AY L D",
    "[IGN]_=AY N",
    "[IGN]^=AY N",
    "[IGN]%=AY N",
    "[IQUE]=IY K",
    "[I]_=IY",
    "[I]=IH",
    // J
    "[J]=JH",
    // K
    "_[K]N=",
    "[KK]=K",
    "[KH]=K",
    "[K]=K",
    // L
    "[LO]C#=L OW",
    "L[L]=",
    "#:^[L]%=AH L",
    "[LEAD]=L IY D",
    "[L]=L",
    // M
    "[MOV]=M UW V",
    "[MM]=M",
    "_[MC]=M AH K",
    "[M]=M",
    // N
    "E[NG]+=N JH",
    "[NG]R=NG G",
    "[NG]#=NG G",
    "[NGL]%=NG G AH L",
    "[NG]=NG",
    "[NK]=NG K",
    "_[NOW]_=N AW",
    "[NN]=N",
    "[N]=N",
    // O
    "[OF]_=AH V",
    "[OROUGH]=ER OW",
    "#:[OR]_=ER",
    "#:[ORS]_=ER Z",
    "[OR]=AO R",
    "_[ONE]=W AH N",
    "[OW]_=OW",
    "[OW]=AW",
    "_[OVER]=OW V ER",
    "[OV]=AH V",
    "[O]^%=OW",
    "[O]^EN=OW",
    "[O]^I#=OW",
    "[OL]D=OW L",
    "[OUGHT]=AO T",
    "[OUGH]=AH F",
    "_[OU]=AW",
    "H[OU]S#=AW",
    "[OUS]=AH S",
    "[OUR]=AO R",
    "[OULD]=UH D",
    "^[OU]^L=AH",
    "[OUP]=UW P",
    "[OU]=AW",
    "[OY]=OY",
    "[OING]=OW IH NG",
    "[OI]=OY",
    "[OOR]=AO R",
    "[OOK]=UH K",
    "[OOD]=UH D",
    "[OO]=UW",
    "[O]E=OW",
    "[O]_=OW",
    "[OA]=OW",
    "_[ONLY]=OW N L IY",
    "_[ONCE]=W AH N S",
    "[ON'T]=OW N T",
    "C[O]N=AA",
    "[O]NG=AO",
    "_:^[O]N=AH",
    "I[ON]=AH N",
    "#:[ON]_=AH N",
    "#^[ON]=AH N",
    "[O]ST_=OW",
    "[OF]^=AO F",
    "[OTHER]=AH DH ER",
    "[OSS]_=AO S",
    "#:^[OM]=AH M",
    "[OH]=OW",
    "[O]=AA",
    // P
    "[PH]=F",
    "[PEOP]=P IY P",
    "[POW]=P AW",
    "[PUT]_=P UH T",
    "[PP]=P",
    "_[PN]=N",
    "_[PS]=S",
    "[P]=P",
    // Q
    "[QUAR]=K W AO R",
    "[QU]=K W",
    "[Q]=K",
    // R
    "_[RE]^#=R IY",
    "[RR]=R",
    "[RH]=R",
    "[R]=R",
    // S
    "[SH]=SH",
    "#[SION]=ZH AH N",
    "[SOME]=S AH M",
    "#[SUR]#=ZH ER",
    "[SUR]#=SH ER",
    "#[SU]#=ZH UW",
    "#[SSU]#=SH UW",
    "#[SED]_=Z D",
    "#[S]#=Z",
    "[SAID]=S EH D",
    "^[SION]=SH AH N",
    "[S]S=",
    ".[S]_=Z",
    "#:.E[S]_=Z",
    "#:^##[S]_=Z",
    "#:^#[S]_=S",
    "U[S]_=S",
    "_:#[S]_=Z",
    "_[SCH]=S K",
    "[S]C+=",
    "#[SM]=Z M",
    "#[SN]'=Z AH N",
    "[S]=S",
    // T
    "_[THE]_=DH AH",
    "[TO]_=T UW",
    "[THAT]=DH AE T",
    "_[THIS]_=DH IH S",
    "_[THEY]=DH EY",
    "_[THERE]=DH EH R",
    "[THER]=DH ER",
    "[THEIR]=DH EH R",
    "_[THAN]_=DH AE N",
    "_[THEM]_=DH EH M",
    "_[THESE]_=DH IY Z",
    "_[THEN]=DH EH N",
    "[THROUGH]=TH R UW",
    "[THOSE]=DH OW Z",
    "[THOUGH]_=DH OW",
    "_[THUS]=DH AH S",
    "[TH]=TH",
    "#:[TED]_=T IH D",
    "S[TI]#N=CH",
    "[TI]O=SH",
    "[TI]A=SH",
    "[TIEN]=SH AH N",
    "[TUR]#=CH ER",
    "[TU]A=CH UW",
    "_[TWO]=T UW",
    "[TCH]=CH",
    "[TT]=T",
    "[T]=T",
    // U
    "_[UN]I=Y UW N",
    "_[UN]=AH N",
    "_[UPON]=AH P AO N",
    "@[UR]#=UH R",
    "[UR]#=Y UH R",
    "[UR]=ER",
    "[U]^_=AH",
    "[U]^^=AH",
    "[UY]=AY",
    "_G[U]#=",
    "G[U]%=",
    "G[U]#=W",
    "#N[U]=Y UW",
    "@[U]=UW",
    "[U]=UH",
    // V
    "[VIEW]=V Y UW",
    "[V]=V",
    // W
    "_[WERE]=W ER",
    "[WA]S=W AA",
    "[WA]T=W AA",
    "[WHERE]=W EH R",
    "[WHAT]=W AA T",
    "[WHOL]=HH OW L",
    "[WHO]=HH UW",
    "[WH]=W",
    "[WAR]=W AO R",
    "[WOR]^=W ER",
    "[WR]=R",
    "[WOM]A=W UH M",
    "[WOM]E=W IH M",
    "[W]_=",
    "[W]^=",
    "[W]=W",
    // X
    "_[X]=Z",
    "[X]=K S",
    // Y
    "[YOUNG]=Y AH NG",
    "_[YOU]=Y UW",
    "_[YES]=Y EH S",
    "_[Y]#=Y",
    "#:^[Y]_=IY",
    "#:^[Y]I=IY",
    "_:[Y]_=AY",
    "_:[Y]#=AY",
    "_:[Y]^+:#=IH",
    "_:[Y]^#=AY",
    "[Y]=IH",
    // Z
    "[ZZ]=Z",
    "[Z]=Z",
];

/// The sounds of a word, guessed from its letters, with the main stress set.
pub(crate) fn sound_out(word: &str) -> Vec<Sound> {
    let mut letters = vec![b'_'];
    letters.extend(word.bytes().map(|byte| byte.to_ascii_uppercase()));
    letters.push(b'_');
    let mut sounds = Vec::new();
    let mut at = 1;
    while at + 1 < letters.len() {
        let fitting = rules_for(letters[at])
            .iter()
            .find_map(|rule| apply(rule, &letters, at));
        let (length, spoken) = fitting.unwrap_or((1, ""));
        sounds.extend(Sound::parse_all(spoken));
        at += length;
    }
    set_stress(&mut sounds, word);
    sounds
}

/// The rules whose letters begin with this one; they stand together in the table.
fn rules_for(letter: u8) -> &'static [&'static str] {
    let first = |rule: &str| {
        rule.split_once('[')
            .map_or(0, |(_, rest)| rest.as_bytes()[0])
    };
    let start = RULES
        .iter()
        .position(|rule| first(rule) == letter)
        .unwrap_or(RULES.len());
    let count = RULES[start..]
        .iter()
        .take_while(|rule| first(rule) == letter)
        .count();
    &RULES[start..start + count]
}

/// How many letters the rule takes at this place and what they sound like, if it fits.
fn apply(rule: &'static str, letters: &[u8], at: usize) -> Option<(usize, &'static str)> {
    let (left, rest) = rule.split_once('[')?;
    let (taken, rest) = rest.split_once(']')?;
    let (right, sounds) = rest.split_once('=')?;
    let end = at + taken.len();
    let fits = letters[at..].starts_with(taken.as_bytes())
        && fits_right(right.as_bytes(), &letters[end..])
        && fits_left(left.as_bytes(), &letters[..at]);
    fits.then_some((taken.len(), sounds))
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U' | b'Y')
}

fn is_consonant(letter: u8) -> bool {
    letter.is_ascii_uppercase() && !is_vowel(letter)
}

fn fits_one(sign: u8, letter: u8) -> bool {
    match sign {
        b'^' => is_consonant(letter),
        b'.' => matches!(
            letter,
            b'B' | b'D' | b'G' | b'J' | b'L' | b'M' | b'N' | b'R' | b'V' | b'W' | b'Z'
        ),
        b'+' => matches!(letter, b'E' | b'I' | b'Y'),
        b'&' => matches!(letter, b'S' | b'C' | b'G' | b'Z' | b'X' | b'J' | b'H'),
        b'@' => matches!(
            letter,
            b'T' | b'S' | b'R' | b'D' | b'L' | b'Z' | b'N' | b'J' | b'H'
        ),
        _ => sign == letter,
    }
}

fn fits_right(pattern: &[u8], text: &[u8]) -> bool {
    let Some((&sign, pattern)) = pattern.split_first() else {
        return true;
    };
    let count = |test: fn(u8) -> bool| text.iter().take_while(|letter| test(**letter)).count();
    match sign {
        b'#' => (1..=count(is_vowel))
            .rev()
            .any(|taken| fits_right(pattern, &text[taken..])),
        b':' => (0..=count(is_consonant))
            .rev()
            .any(|taken| fits_right(pattern, &text[taken..])),
        b'%' => ["ELY", "ING", "ER", "ES", "ED", "E"].iter().any(|suffix| {
            text.strip_prefix(suffix.as_bytes())
                .is_some_and(|rest| fits_right(pattern, rest))
        }),
        _ => text
            .split_first()
            .is_some_and(|(&letter, rest)| fits_one(sign, letter) && fits_right(pattern, rest)),
    }
}

fn fits_left(pattern: &[u8], text: &[u8]) -> bool {
    let Some((&sign, pattern)) = pattern.split_last() else {
        return true;
    };
    let count = |test: fn(u8) -> bool| {
        text.iter()
            .rev()
            .take_while(|letter| test(**letter))
            .count()
    };
    let before = |taken: usize| &text[..text.len() - taken];
    match sign {
        b'#' => (1..=count(is_vowel))
            .rev()
            .any(|taken| fits_left(pattern, before(taken))),
        b':' => (0..=count(is_consonant))
            .rev()
            .any(|taken| fits_left(pattern, before(taken))),
        _ => text
            .split_last()
            .is_some_and(|(&letter, rest)| fits_one(sign, letter) && fits_left(pattern, rest)),
    }
}

/// English names are mostly stressed on the first vowel; some endings draw the stress to the
/// vowel before them.
fn set_stress(sounds: &mut [Sound], word: &str) {
    let vowels: Vec<usize> = (0..sounds.len())
        .filter(|at| sounds[*at].is_vowel())
        .collect();
    let drawing = [
        "tion", "sion", "ic", "ical", "ity", "ina", "ella", "etta", "ona", "ora",
    ];
    let lower = word.to_ascii_lowercase();
    let from_end = if drawing.iter().any(|ending| lower.ends_with(ending)) {
        2
    } else {
        vowels.len()
    };
    let stressed = vowels.len().saturating_sub(from_end);
    for (number, at) in vowels.iter().enumerate() {
        sounds[*at] = sounds[*at].with_stress(u8::from(number == stressed));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelled(word: &str) -> String {
        sound_out(word)
            .iter()
            .map(|sound| sound.symbol())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn every_rule_is_well_formed_and_names_known_sounds() {
        for rule in RULES {
            let (_, rest) = rule.split_once('[').unwrap();
            let (taken, rest) = rest.split_once(']').unwrap();
            let (_, sounds) = rest.split_once('=').unwrap();
            assert!(!taken.is_empty(), "{rule}");
            for sound in sounds.split_ascii_whitespace() {
                assert!(Sound::parse(sound).is_some(), "{rule}: {sound}");
            }
        }
    }

    #[test]
    fn the_rules_of_a_letter_stand_together() {
        for letter in b'A'..=b'Z' {
            let first = |rule: &&&str| rule.split_once('[').unwrap().1.as_bytes()[0] == letter;
            assert_eq!(rules_for(letter).len(), RULES.iter().filter(first).count());
        }
    }

    #[test]
    fn invented_names_sound_as_a_reader_would_say_them() {
        assert_eq!(spelled("brindlewick"), "B R IH N D AH L W IH K");
        assert_eq!(spelled("thorn"), "TH AO R N");
        assert_eq!(spelled("zib"), "Z IH B");
        assert_eq!(spelled("phlox"), "F L AA K S");
        assert_eq!(spelled("moonby"), "M UW N B IY");
    }

    #[test]
    fn a_word_has_one_main_stress() {
        for word in ["brindlewick", "mirabona", "tock", "aurelio"] {
            let main = sound_out(word)
                .iter()
                .filter(|sound| sound.stress() == Some(1))
                .count();
            assert_eq!(main, 1, "{word}");
        }
    }

    proptest! {
        #[test]
        fn any_letters_can_be_sounded_out(word in "[a-z']{0,40}") {
            sound_out(&word);
        }
    }
}
