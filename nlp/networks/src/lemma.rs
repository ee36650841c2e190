//! Lemmas as rules that a class of the network names. The twin of `models/training/lemma.py`.

/// What to do to a word to get its lemma.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Drop `cut` letters at the end and put `suffix` there.
    Ending {
        /// Whether the word is written small first.
        lower: bool,
        /// How many letters go.
        cut: usize,
        /// What takes their place.
        suffix: String,
    },
    /// The lemma itself.
    Word(String),
}

impl Rule {
    /// Reads `lower|1|y`, `keep|0|` or `=be`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(word) = text.strip_prefix('=') {
            return Some(Self::Word(word.to_owned()));
        }
        let mut parts = text.split('|');
        let lower = match parts.next()? {
            "lower" => true,
            "keep" => false,
            _ => return None,
        };
        let cut = parts.next()?.parse().ok()?;
        let suffix = parts.next()?.to_owned();
        Some(Self::Ending { lower, cut, suffix })
    }

    /// The lemma of `word`. A rule that does not fit leaves the word in lower case.
    pub fn apply(&self, word: &str) -> String {
        match self {
            Self::Word(lemma) => lemma.clone(),
            Self::Ending { lower, cut, suffix } => {
                let source = if *lower {
                    word.to_lowercase()
                } else {
                    word.to_owned()
                };
                let length = source.chars().count();
                if *cut > 0 && *cut >= length {
                    return source;
                }
                source
                    .chars()
                    .take(length - cut)
                    .chain(suffix.chars())
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn rules_make_lemmas() {
        let made = |rule: &str, word: &str| Rule::parse(rule).map(|rule| rule.apply(word));
        assert_eq!(made("lower|3|y", "Ponies").as_deref(), Some("pony"));
        assert_eq!(made("keep|0|", "Alice").as_deref(), Some("Alice"));
        assert_eq!(made("=be", "was").as_deref(), Some("be"));
        assert_eq!(made("lower|9|y", "Fox").as_deref(), Some("fox"));
        assert_eq!(made("other|0|", "fox"), None);
    }
}
