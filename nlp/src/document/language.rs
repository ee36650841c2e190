//! Tells English from other languages by its most common words.

/// Those that its neighbours do not have too, such as "in" and "was".
const COMMON: [&str; 45] = [
    "the", "and", "to", "of", "were", "are", "be", "been", "he", "she", "it", "they", "you", "his",
    "her", "their", "my", "your", "our", "its", "him", "them", "us", "that", "this", "there",
    "with", "for", "but", "not", "up", "out", "what", "when", "who", "from", "has", "have", "said",
    "did", "then", "into", "if", "would", "could",
];
/// From this share of them on a text is taken for English.
const SHARE: f32 = 0.12;
/// Fewer words tell nothing.
const FEWEST: usize = 12;

/// Whether a text may be English.
pub fn may_be_english(text: &str) -> bool {
    let (mut all, mut common) = (0, 0);
    let words = text.split(|c: char| !(c.is_alphabetic() || matches!(c, '\'' | '’')));
    for word in words.filter(|word| !word.is_empty()) {
        all += 1;
        let is_common = COMMON.iter().any(|it| it.eq_ignore_ascii_case(word));
        common += usize::from(is_common);
    }
    let scripts = text.chars().filter(|c| c.is_alphabetic());
    let latin = scripts.clone().filter(|c| *c < '\u{250}').count();
    if latin * 2 < scripts.count() {
        return false;
    }
    all < FEWEST || common as f32 >= SHARE * all as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_told_from_its_neighbours() {
        for english in [
            "The cat slept.",
            "Once there was a little girl named Lily who lived in a yellow house by the sea.",
            "Thomas ran. Maria sang. Nobody saw them, and the dog barked at the moon all night.",
        ] {
            assert!(may_be_english(english), "{english}");
        }
        for other in [
            "Es war einmal ein kleines Mädchen, das lebte in einem Wald. Ich habe Angst, sagte es.",
            "Il était une fois une petite fille qui vivait dans la forêt avec sa mère et un chat.",
            "Había una vez una niña que vivía en el bosque con su madre y no tenía miedo a nada.",
            "Er was eens een meisje dat in een bos woonde, en zij had een hond die in de tuin lag.",
            "Dawno temu w lesie mieszkała dziewczynka, która miała psa i kota, i nie bała się.",
            "Однажды в лесу жила девочка.",
            "從前有一個小女孩住在森林裡。",
        ] {
            assert!(!may_be_english(other), "{other}");
        }
    }
}
