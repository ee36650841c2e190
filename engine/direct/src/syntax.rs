//! What the trees of the sentences tell of a verb: whether it happens, and who does it.

use std::ops::Range;

use fabula_story::Token;

/// How far a subject is looked for from verb to verb.
const REACH: usize = 6;

/// The words of a story with the dependents of each.
#[derive(Clone, Debug)]
pub(crate) struct Syntax<'a> {
    tokens: &'a [Token],
    /// Dependents of all tokens, those of one in a row.
    dependents: Vec<usize>,
    /// Where the row of each begins; one more for the end.
    rows: Vec<usize>,
}

impl<'a> Syntax<'a> {
    /// Empty if the story was read without a tree.
    pub(crate) fn new(tokens: &'a [Token]) -> Self {
        let head = |token: &Token| usize::try_from(token.head).ok();
        let mut rows = vec![0; tokens.len() + 1];
        for head in tokens.iter().filter_map(head) {
            if let Some(count) = rows.get_mut(head + 1) {
                *count += 1;
            }
        }
        for index in 1..rows.len() {
            rows[index] += rows[index - 1];
        }
        let mut next = rows.clone();
        let mut dependents = vec![0; rows.last().copied().unwrap_or(0)];
        for (index, token) in tokens.iter().enumerate() {
            if let Some(slot) = head(token).and_then(|head| next.get_mut(head)) {
                if let Some(dependent) = dependents.get_mut(*slot) {
                    *dependent = index;
                }
                *slot += 1;
            }
        }
        Self {
            tokens,
            dependents,
            rows,
        }
    }

    /// The first word in this stretch of the text.
    pub(crate) fn word_in(&self, span: Range<usize>) -> Option<usize> {
        let first = self.tokens.partition_point(|it| it.start < span.start);
        let inside = self.tokens[first..]
            .iter()
            .take_while(|it| it.start < span.end);
        let at = inside.take_while(|it| it.upos == "PUNCT").count();
        let index = first + at;
        (self.tokens.get(index)?.start < span.end).then_some(index)
    }

    pub(crate) fn token(&self, index: usize) -> &'a Token {
        &self.tokens[index]
    }

    fn dependents(&self, of: usize) -> impl Iterator<Item = (usize, &'a Token)> {
        let row = self.rows[of]..self.rows[of + 1];
        let row = self.dependents.get(row).unwrap_or_default();
        row.iter().map(|index| (*index, &self.tokens[*index]))
    }

    /// The dependent with this relation.
    fn with(&self, of: usize, relation: &str) -> Option<usize> {
        let mut all = self.dependents(of);
        all.find(|(_, it)| it.deprel == relation)
            .map(|(index, _)| index)
    }

    fn head(&self, of: usize) -> Option<usize> {
        let head = usize::try_from(self.tokens[of].head).ok()?;
        (head < self.tokens.len()).then_some(head)
    }

    /// Whether the word is a verb whose deed is seen to happen: not denied, wished for, possible,
    /// or a condition.
    pub(crate) fn happens(&self, verb: usize) -> bool {
        self.happens_within(verb, REACH)
    }

    fn happens_within(&self, verb: usize, reach: usize) -> bool {
        let token = &self.tokens[verb];
        // Being asleep is done like a verb.
        if token.upos != "VERB" && token.lemma != "asleep" {
            return false;
        }
        let hindered = self.dependents(verb).any(|(_, it)| {
            let lemma = it.lemma.as_str();
            match it.deprel.as_str() {
                "advmod" | "cc" | "det" => DENIALS.contains(&lemma),
                "aux" => MODALS.contains(&lemma),
                "mark" => CONDITIONS.contains(&lemma),
                "nsubj" => NOBODY.contains(&lemma),
                _ => false,
            }
        });
        if hindered {
            return false;
        }
        let Some(head) = self.head(verb).filter(|_| reach > 0) else {
            return true;
        };
        let infinitive = self
            .dependents(verb)
            .any(|(_, it)| it.deprel == "mark" && it.lemma == "to");
        let above = self.tokens[head].lemma.as_str();
        let deed_above = self.tokens[head].upos == "VERB";
        match token.deprel.as_str() {
            "xcomp" | "ccomp" if deed_above => {
                let reported = || self.with(verb, "mark").is_some() || self.subject(verb).is_none();
                let real = if infinitive {
                    REAL_TO.contains(&above)
                } else if SAYINGS.contains(&above) {
                    !reported()
                } else {
                    !ENDS.contains(&above) && !WISHES.contains(&above)
                };
                real && self.happens_within(head, reach - 1)
            }
            // What one does something for is not done yet.
            "advcl" | "acl" if infinitive => false,
            "conj" if deed_above && self.subject(verb).is_none() => {
                self.happens_within(head, reach - 1)
            }
            _ => true,
        }
    }

    /// Whether the verb is done to its subject: "was chased".
    pub(crate) fn is_passive(&self, verb: usize) -> bool {
        let token = &self.tokens[verb];
        !token.text.ends_with("ing")
            && self
                .dependents(verb)
                .any(|(_, it)| it.deprel == "aux" && matches!(it.lemma.as_str(), "be" | "get"))
    }

    /// The word for who does what the verb tells.
    pub(crate) fn doer(&self, verb: usize) -> Option<usize> {
        let mut verb = verb;
        for _ in 0..REACH {
            if self.is_passive(verb) {
                return self.agent(verb);
            }
            if let Some(subject) = self.subject(verb) {
                return Some(self.meant_by(subject, verb));
            }
            let head = self.head(verb)?;
            match self.tokens[verb].deprel.as_str() {
                "acl" => return Some(head),
                "xcomp" | "ccomp" => {
                    let above = self.tokens[head].lemma.as_str();
                    if WITH_OBJECT.contains(&above)
                        && let Some(object) = self.with(head, "obj")
                    {
                        return Some(object);
                    }
                }
                "conj" | "advcl" | "parataxis" => {}
                _ => return None,
            }
            if !matches!(self.tokens[head].upos.as_str(), "VERB" | "AUX" | "ADJ") {
                return None;
            }
            verb = head;
        }
        None
    }

    /// The subject of a verb. A noun before it may be called its conjunct or its clause by mistake,
    /// which stand behind.
    fn subject(&self, verb: usize) -> Option<usize> {
        let mistaken = || {
            let mut before = self.dependents(verb).take_while(|(index, _)| *index < verb);
            let found = before.find(|(_, it)| {
                matches!(it.upos.as_str(), "NOUN" | "PROPN" | "PRON")
                    && matches!(it.deprel.as_str(), "conj" | "ccomp" | "csubj" | "dep")
            });
            found.map(|(index, _)| index)
        };
        self.with(verb, "nsubj").or_else(mistaken)
    }

    /// Whether a word is counted as several: "both goats", "the three friends".
    pub(crate) fn is_counted(&self, word: usize) -> bool {
        self.dependents(word).any(|(_, it)| {
            matches!(it.deprel.as_str(), "det" | "nummod" | "advmod" | "amod")
                && (it.upos == "NUM" || matches!(it.lemma.as_str(), "both" | "all"))
                && it.lemma != "one"
        })
    }

    /// By whom it is done: "chased by the wolf".
    fn agent(&self, verb: usize) -> Option<usize> {
        let mut all = self.dependents(verb);
        all.find(|(index, it)| {
            it.deprel == "obl"
                && self
                    .dependents(*index)
                    .any(|(_, case)| case.deprel == "case" && case.lemma == "by")
        })
        .map(|(index, _)| index)
    }

    /// To whom it is done where that is the subject: Ann, in "Ann was hugged".
    pub(crate) fn sufferer(&self, verb: usize) -> Option<usize> {
        self.subject(verb).filter(|_| self.is_passive(verb))
    }

    /// "The fox who ran": who is the fox.
    fn meant_by(&self, subject: usize, verb: usize) -> usize {
        let relative = matches!(
            self.tokens[subject].lemma.as_str(),
            "who" | "that" | "which"
        );
        let noun = self
            .head(verb)
            .filter(|_| self.tokens[verb].deprel == "acl");
        noun.filter(|_| relative).unwrap_or(subject)
    }

    /// The last of the words that are joined to this one: Tom, in "Ann and Tom".
    pub(crate) fn last_joined(&self, word: usize) -> usize {
        let joined = self.dependents(word).filter(|(_, it)| it.deprel == "conj");
        joined.last().map_or(word, |(index, _)| index)
    }
}

const DENIALS: &[&str] = &[
    "not", "n't", "n’t", "never", "hardly", "neither", "nor", "no",
];
const MODALS: &[&str] = &[
    "will", "would", "shall", "should", "may", "might", "must", "can", "could", "'ll", "’ll",
];
const CONDITIONS: &[&str] = &["if", "unless", "whether", "lest"];
const NOBODY: &[&str] = &["nobody", "nothing", "none", "no-one"];
/// "She began to laugh": she laughs.
const REAL_TO: &[&str] = &[
    "begin", "start", "continue", "go", "come", "turn", "hurry", "proceed", "manage", "dare",
    "stop", "pause", "bend", "stoop", "rise", "run", "rush", "jump", "happen", "appear", "help",
    "make", "let", "see", "hear",
];
/// "She stopped laughing": she does not.
const ENDS: &[&str] = &["stop", "cease", "avoid", "quit", "prevent"];
/// "He thought that she ran", "he wished she ran".
const WISHES: &[&str] = &[
    "wish", "want", "hope", "imagine", "dream", "think", "believe", "suppose", "wonder", "pretend",
    "suggest", "like", "love", "hate", "prefer", "mind",
];
/// "He said that she ran" is hearsay; "No, she said, but she ran" is none.
const SAYINGS: &[&str] = &[
    "say", "ask", "tell", "cry", "whisper", "shout", "answer", "reply", "call", "add", "begin",
];
/// "She saw the fox run": the fox runs.
const WITH_OBJECT: &[&str] = &[
    "see", "hear", "watch", "feel", "make", "let", "help", "have", "notice", "find", "leave",
    "set", "send",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Words as `form/lemma/upos/head/relation`, heads from 1 as in a treebank.
    fn tokens(sentence: &str) -> Vec<Token> {
        let mut at = 0;
        sentence
            .split_whitespace()
            .map(|word| {
                let column: Vec<&str> = word.split('/').collect();
                let start = at;
                at += column[0].len() + 1;
                Token {
                    start,
                    end: start + column[0].len(),
                    text: column[0].to_owned(),
                    lemma: column[1].to_owned(),
                    upos: column[2].to_owned(),
                    head: column[3].parse::<i64>().unwrap() - 1,
                    deprel: column[4].to_owned(),
                    sentence: 0,
                }
            })
            .collect()
    }

    /// Who does the verb at this position, if it happens.
    fn told(sentence: &str, verb: usize) -> Option<String> {
        let tokens = tokens(sentence);
        let syntax = Syntax::new(&tokens);
        let doer = syntax.happens(verb).then(|| syntax.doer(verb)).flatten()?;
        Some(tokens[doer].text.clone())
    }

    #[test]
    fn a_subject_is_found_over_other_words_and_verbs() {
        let chase = "The/the/DET/2/det fox/fox/NOUN/6/nsubj with/with/ADP/5/case the/the/DET/5/det \
                     tail/tail/NOUN/2/nmod sat/sit/VERB/0/root and/and/CCONJ/8/cc \
                     laughed/laugh/VERB/6/conj";
        assert_eq!(told(chase, 5).as_deref(), Some("fox"));
        assert_eq!(told(chase, 7).as_deref(), Some("fox"));
        let seen = "Ann/Ann/PROPN/2/nsubj saw/see/VERB/0/root Tom/Tom/PROPN/2/obj \
                    run/run/VERB/2/xcomp";
        assert_eq!(told(seen, 3).as_deref(), Some("Tom"));
        let who = "a/a/DET/2/det boy/boy/NOUN/0/root who/who/PRON/4/nsubj ran/run/VERB/2/acl";
        assert_eq!(told(who, 3).as_deref(), Some("boy"));
        let she = "a/a/DET/2/det boy/boy/NOUN/0/root she/she/PRON/4/nsubj chased/chase/VERB/2/acl";
        assert_eq!(told(she, 3).as_deref(), Some("she"));
    }

    #[test]
    fn a_noun_before_its_verb_is_the_subject_whatever_it_is_called() {
        let tear = "a/a/DET/2/det tear/tear/NOUN/3/conj ran/run/VERB/0/root";
        assert_eq!(told(tear, 2).as_deref(), Some("tear"));
        let both = tokens("both/both/DET/2/det goats/goat/NOUN/3/nsubj lay/lie/VERB/0/root");
        assert!(Syntax::new(&both).is_counted(1));
    }

    #[test]
    fn hearsay_does_not_happen() {
        let hearsay = "He/he/PRON/2/nsubj said/say/VERB/0/root that/that/SCONJ/5/mark \
                       she/she/PRON/5/nsubj ran/run/VERB/2/ccomp";
        assert_eq!(told(hearsay, 4), None);
        let beside = "said/say/VERB/0/root Nora/Nora/PROPN/1/nsubj but/but/CCONJ/5/cc \
                      she/she/PRON/5/nsubj ran/run/VERB/1/ccomp";
        assert_eq!(told(beside, 4).as_deref(), Some("she"));
    }

    #[test]
    fn a_deed_that_is_done_to_somebody_is_its_agents() {
        let chased = "Ann/Ann/PROPN/3/nsubj was/be/AUX/3/aux chased/chase/VERB/0/root \
                      by/by/ADP/6/case a/a/DET/6/det wolf/wolf/NOUN/3/obl";
        assert_eq!(told(chased, 2).as_deref(), Some("wolf"));
        let running = "Ann/Ann/PROPN/3/nsubj was/be/AUX/3/aux running/run/VERB/0/root";
        assert_eq!(told(running, 2).as_deref(), Some("Ann"));
    }

    #[test]
    fn what_is_denied_wished_or_planned_does_not_happen() {
        for (sentence, verb) in [
            (
                "He/he/PRON/4/nsubj did/do/AUX/4/aux n't/not/PART/4/advmod laugh/laugh/VERB/0/root",
                3,
            ),
            (
                "He/he/PRON/3/nsubj would/would/AUX/3/aux run/run/VERB/0/root",
                2,
            ),
            (
                "He/he/PRON/2/nsubj wanted/want/VERB/0/root to/to/PART/4/mark run/run/VERB/2/xcomp",
                3,
            ),
            (
                "He/he/PRON/2/nsubj stopped/stop/VERB/0/root laughing/laugh/VERB/2/xcomp",
                2,
            ),
            ("Nobody/nobody/PRON/2/nsubj laughed/laugh/VERB/0/root", 1),
            (
                "He/he/PRON/3/nsubj would/would/AUX/3/aux run/run/VERB/0/root and/and/CCONJ/5/cc \
                 jump/jump/VERB/3/conj",
                4,
            ),
            (
                "the/the/DET/3/det left/left/ADJ/3/amod hand/hand/NOUN/0/root",
                1,
            ),
        ] {
            let tokens = tokens(sentence);
            assert!(!Syntax::new(&tokens).happens(verb), "{sentence}");
        }
        let began = "He/he/PRON/2/nsubj began/begin/VERB/0/root to/to/PART/4/mark \
                     run/run/VERB/2/xcomp";
        assert_eq!(told(began, 3).as_deref(), Some("He"));
    }

    #[test]
    fn who_is_asleep_sleeps() {
        let asleep = "the/the/DET/2/det fox/fox/NOUN/4/nsubj was/be/AUX/4/cop \
                      asleep/asleep/ADJ/0/root";
        assert_eq!(told(asleep, 3).as_deref(), Some("fox"));
        let awake = "the/the/DET/2/det fox/fox/NOUN/5/nsubj was/be/AUX/5/cop \
                     not/not/PART/5/advmod asleep/asleep/ADJ/0/root";
        assert_eq!(told(awake, 4), None);
    }

    #[test]
    fn who_is_embraced_is_told_in_the_passive() {
        let hugged = "Ann/Ann/PROPN/3/nsubj was/be/AUX/3/aux hugged/hug/VERB/0/root \
                      by/by/ADP/6/case the/the/DET/6/det fox/fox/NOUN/3/obl";
        let tokens = tokens(hugged);
        assert_eq!(Syntax::new(&tokens).sufferer(2), Some(0));
        assert_eq!(told(hugged, 2).as_deref(), Some("fox"));
    }

    #[test]
    fn heads_that_make_no_tree_do_no_harm() {
        let circle = "a/a/VERB/2/conj b/b/VERB/1/conj c/c/VERB/9/xcomp d/d/VERB/4/advcl";
        let tokens = tokens(circle);
        let syntax = Syntax::new(&tokens);
        for verb in 0..tokens.len() {
            syntax.happens(verb);
            assert_eq!(syntax.doer(verb), None);
        }
        assert!(Syntax::new(&[]).word_in(0..9).is_none());
    }

    #[test]
    fn a_word_is_found_behind_its_quotation_mark() {
        let tokens = tokens("\"/\"/PUNCT/2/punct Run/run/VERB/0/root");
        let syntax = Syntax::new(&tokens);
        assert_eq!(syntax.word_in(0..5), Some(1));
        assert_eq!(syntax.word_in(0..1), None);
        assert_eq!(syntax.word_in(9..12), None);
    }
}
