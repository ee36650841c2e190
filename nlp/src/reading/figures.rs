//! Who is who: mentions by name and by noun, gathered into figures.

use std::collections::HashMap;

use fabula_story::{Age, EntityKind, Gender};

use super::lexicon::Lexicon;
use super::mentions::{Ground, Mention};

/// Someone, or something with a name, as all mentions together show it.
#[derive(Clone, Debug, Default)]
pub(super) struct Figure {
    /// Word sets of each form of the name, in lower case.
    pub names: Vec<Vec<String>>,
    pub title_gender: Gender,
    /// The head nouns, most telling first.
    pub heads: Vec<String>,
    pub being: Option<String>,
    pub gender: Gender,
    pub age: Age,
    pub kin: Option<&'static str>,
    /// It is told by a title, as in "Papa Bear".
    has_kin_title: bool,
    /// The figure whose relative this is, when it has a name.
    owner: Option<usize>,
    /// Adjectives that tell this figure from others of the same noun.
    pub marks: Vec<String>,
    pub plural: bool,
    /// Evidence for a person against a place or thing.
    pub personal: f32,
    pub acts: usize,
    pub quotes: usize,
    mentions: usize,
    /// How many of them stand outside of quotations.
    pub told: usize,
    /// The common nouns that name it.
    nouns: Vec<String>,
    pub is_narrator: bool,
    /// The last sentence that names this figure.
    last_sentence: usize,
}

impl Figure {
    /// Whether it is called mother, grandfather or the like.
    pub fn is_parent(&self) -> bool {
        self.kin
            .is_some_and(|kin| Lexicon::get().is("parents", kin))
    }

    /// Who tells the story in the first person.
    pub fn narrator() -> Self {
        Self {
            is_narrator: true,
            being: Some("human".to_owned()),
            personal: 5.0,
            acts: 2,
            ..Self::default()
        }
    }
}

/// The figures of a text and which mention names which.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    all: Vec<Figure>,
    parent: Vec<usize>,
    by_name: HashMap<String, Vec<usize>>,
    by_noun: HashMap<String, Vec<usize>>,
    /// Figure of each mention.
    of_mention: Vec<usize>,
}

/// The relation that a title tells of a being that is called by its kind: "Papa Bear".
fn title_kin(mention: &Mention) -> Option<&'static str> {
    let being = mention.being.as_ref()?;
    let kin = Lexicon::get().kin.get(mention.title.as_deref()?)?;
    mention.names.contains(&being.lemma).then_some(kin)
}

/// Nouns that can stand for anyone of their age and gender.
const GENERAL: [&str; 15] = [
    "girl",
    "boy",
    "child",
    "kid",
    "man",
    "woman",
    "lady",
    "lad",
    "lass",
    "gentleman",
    "fellow",
    "youngster",
    "infant",
    "lassie",
    "chap",
];

/// Whether a noun can stand for anyone of their age and gender.
pub(super) fn is_general(noun: &str) -> bool {
    GENERAL.contains(&noun)
}

/// Whether a noun names somebody without saying what they are.
pub(super) fn is_vague(noun: &str) -> bool {
    matches!(noun, "creature" | "beast" | "animal" | "monster" | "thing")
}

impl Figures {
    /// Gathers mentions into figures.
    pub fn gather(ground: &Ground, mentions: &[Mention]) -> Self {
        let mut figures = Self::default();
        for (index, mention) in mentions.iter().enumerate() {
            let figure = figures.place(ground, mentions, index);
            figures.of_mention.push(figure);
            figures.note(figure, mention, ground.sentence[mention.last]);
            figures.link(ground, mentions, index);
        }
        figures
    }

    /// The figure that a figure has become part of.
    pub fn find(&self, figure: usize) -> usize {
        let mut at = figure;
        while let Some(parent) = self.parent.get(at).copied()
            && parent != at
        {
            at = parent;
        }
        at
    }

    /// The figure of a mention.
    pub fn of_mention(&self, mention: usize) -> usize {
        self.of_mention
            .get(mention)
            .map_or(0, |figure| self.find(*figure))
    }

    /// The figure with this number.
    pub fn get(&self, figure: usize) -> &Figure {
        &self.all[self.find(figure)]
    }

    /// The figure with this number, to change it.
    pub fn get_mut(&mut self, figure: usize) -> &mut Figure {
        let figure = self.find(figure);
        &mut self.all[figure]
    }

    /// Adds a figure.
    pub fn add(&mut self, figure: Figure) -> usize {
        let number = self.all.len();
        self.parent.push(number);
        for name in figure.names.iter().flatten() {
            self.by_name.entry(name.clone()).or_default().push(number);
        }
        self.all.push(figure);
        number
    }

    fn note(&mut self, number: usize, mention: &Mention, sentence: usize) {
        let figure = &mut self.all[number];
        figure.last_sentence = sentence;
        figure.mentions += 1;
        figure.told += usize::from(mention.quoted.is_none());
        figure.personal += mention.personal;
        figure.acts += usize::from(mention.acts && mention.quoted.is_none());
        if !mention.names.is_empty() && !figure.names.contains(&mention.names) {
            figure.names.push(mention.names.clone());
            for name in &mention.names {
                let numbers = self.by_name.entry(name.clone()).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
        }
        let figure = &mut self.all[number];
        if mention.name_gender != Gender::Unknown {
            if figure.gender == Gender::Unknown {
                figure.gender = mention.name_gender;
            }
            if mention.title.is_some() {
                figure.title_gender = mention.name_gender;
            }
        }
        // Nobody calls a child Mrs. Bell; Miss Bell may be one.
        let grown = mention.title.as_deref().is_some_and(|title| {
            !matches!(
                title,
                "miss" | "master" | "prince" | "princess" | "brother" | "sister" | "cousin"
            )
        });
        if grown && figure.age == Age::Unknown {
            figure.age = Age::Adult;
        }
        if let Some(kin) = title_kin(mention)
            && figure.kin.is_none_or(|it| it == kin)
        {
            figure.kin = Some(kin);
            figure.has_kin_title = true;
        }
        if let Some(being) = &mention.being {
            if figure.gender == Gender::Unknown {
                figure.gender = being.gender;
            }
            if being.age != Age::Unknown
                && (figure.age == Age::Unknown
                    // Young men are called "my son".
                    || (being.age != Age::Adult && figure.age == Age::Adult && !mention.vocative))
            {
                figure.age = being.age;
            }
            let open = match figure.being.as_deref() {
                None => true,
                // Things are called uncle and madam.
                Some(known) => known == "creature" && !mention.vocative,
            };
            if open {
                figure.being = Some(being.being.clone());
            }
            if let Some(kin) = Lexicon::get().kin.get(being.lemma.as_str())
                && figure.kin.is_none()
                && (mention.names.len() < 2)
            {
                figure.kin = Some(kin);
            }
            if mention.names.is_empty() && !figure.nouns.contains(&being.lemma) {
                figure.nouns.push(being.lemma.clone());
            }
            if !figure.heads.contains(&being.lemma) {
                figure.heads.push(being.lemma.clone());
            }
            let numbers = self.by_noun.entry(being.lemma.clone()).or_default();
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
            if let Some(kin) = figure.kin {
                let numbers = self.by_noun.entry(kin.to_owned()).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
        }
        let lexicon = Lexicon::get();
        for adjective in &mention.adjectives {
            if lexicon.is("distinguishing", adjective) && !figure.marks.contains(adjective) {
                figure.marks.push(adjective.clone());
            }
            if lexicon.is("old", adjective) {
                figure.age = Age::Elder;
            } else if matches!(adjective.as_str(), "little" | "young" | "small")
                && figure.age == Age::Unknown
                && figure.being.as_deref() == Some("human")
            {
                figure.age = Age::Child;
            }
        }
    }

    fn new_figure(&mut self, mention: &Mention, owner: Option<usize>) -> usize {
        self.add(Figure {
            plural: mention.being.as_ref().is_some_and(|being| being.plural)
                && mention.names.is_empty(),
            owner,
            ..Figure::default()
        })
    }

    /// The figure that a mention names, a new one if need be.
    fn place(&mut self, ground: &Ground, mentions: &[Mention], index: usize) -> usize {
        let mention = &mentions[index];
        let owner = self.owner(mentions, index);
        let sentence = ground.sentence[mention.last];
        let kin = self.kin_of(mention);
        // "Agatha, who was the oldest ghost"
        let previous = index.checked_sub(1).map(|at| &mentions[at]);
        let described = matches!(ground.text.before(mention.first, 1), "was" | "is")
            && ground.text.before(mention.first, 2) == "who"
            && mention.kind == EntityKind::Common
            && previous.is_some_and(|it| {
                let gap = mention.first.checked_sub(it.last);
                it.quoted == mention.quoted && matches!(gap, Some(3 | 4))
            });
        if described {
            return self.of_mention(index - 1);
        }
        let found = if let Some(kin) = kin {
            let named = mention
                .title
                .is_some()
                .then(|| self.find_by_name(mention))
                .flatten();
            named.or_else(|| self.find_relative(kin, owner, mention))
        } else if mention.names.is_empty() {
            self.find_by_noun(mention, sentence)
        } else {
            self.find_by_name(mention)
        };
        found.unwrap_or_else(|| self.new_figure(mention, owner))
    }

    /// The relation a mention names: "her grandmother", "Gran".
    #[expect(
        clippy::unused_self,
        reason = "reads as one of the look-ups of a figure"
    )]
    fn kin_of(&self, mention: &Mention) -> Option<&'static str> {
        let kin = &Lexicon::get().kin;
        let being = mention.being.as_ref()?;
        if mention.names.is_empty() {
            // "the mother owl"
            let described = mention
                .adjectives
                .last()
                .and_then(|it| kin.get(it.as_str()));
            if let Some(described) = described {
                return Some(*described);
            }
            return kin
                .get(being.lemma.as_str())
                .copied()
                .filter(|_| !being.plural);
        }
        match (mention.names.as_slice(), &mention.title) {
            ([name], None) => kin.get(name.as_str()).copied(),
            (_, Some(title)) => kin.get(title.as_str()).copied(),
            _ => None,
        }
    }

    /// The named figure in "Tom's mother".
    fn owner(&self, mentions: &[Mention], index: usize) -> Option<usize> {
        let mention = &mentions[index];
        if mention.determiner.as_deref() != Some("'s") {
            return None;
        }
        let before = index.checked_sub(1)?;
        (mentions[before].first == mention.first).then(|| self.of_mention(before))
    }

    fn candidates<'s>(&'s self, table: &'s HashMap<String, Vec<usize>>, word: &str) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for number in table.get(word).into_iter().flatten().rev() {
            let number = self.find(*number);
            if !found.contains(&number) {
                found.push(number);
            }
            if found.len() >= 12 {
                break;
            }
        }
        found
    }

    fn find_relative(&self, kin: &str, owner: Option<usize>, mention: &Mention) -> Option<usize> {
        let lexicon = Lexicon::get();
        self.candidates(&self.by_noun, kin)
            .into_iter()
            .find(|number| {
                let figure = &self.all[*number];
                figure.kin == Some(kin)
                    && !figure.plural
                    && (mention.title.is_none()
                        || figure
                            .names
                            .iter()
                            .flatten()
                            .all(|it| lexicon.kin.contains_key(it.as_str())))
                    && match (owner, figure.owner) {
                        (Some(one), Some(other)) => self.find(one) == self.find(other),
                        _ => true,
                    }
            })
    }

    fn find_by_name(&self, mention: &Mention) -> Option<usize> {
        let kin = title_kin(mention);
        let fits = |number: &usize| {
            let figure = &self.all[*number];
            // "Papa Bear" is neither Mama Bear nor Baby Bear.
            let kin_clash = match kin {
                Some(kin) => figure.kin.is_some_and(|it| it != kin),
                None => {
                    figure.has_kin_title
                        && mention.names.len() > 1
                        && !figure.names.contains(&mention.names)
                }
            };
            let title_clash = mention.title.is_some()
                && mention.name_gender != Gender::Unknown
                && figure.gender != Gender::Unknown
                && figure.gender != mention.name_gender;
            let reverse_clash = mention.title.is_none()
                && figure.title_gender != Gender::Unknown
                && mention.name_gender != Gender::Unknown
                && figure.title_gender != mention.name_gender;
            !kin_clash && !title_clash && !reverse_clash && !figure.plural
        };
        let tail = mention.names.last()?;
        let head = mention.names.first()?;
        let mut numbers = self.candidates(&self.by_name, tail);
        for number in self.candidates(&self.by_name, head) {
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers.sort_by_key(|number| {
            let figure = &self.all[*number];
            (
                !figure.names.contains(&mention.names),
                std::cmp::Reverse(figure.last_sentence),
            )
        });
        let subset =
            |small: &[String], large: &[String]| small.iter().all(|name| large.contains(name));
        let by_name = numbers.into_iter().filter(fits).find(|number| {
            let figure = &self.all[*number];
            figure.names.iter().any(|names| {
                *names == mention.names
                    || (names.len() > mention.names.len() && subset(&mention.names, names))
                    || (names.len() < mention.names.len()
                        && subset(names, &mention.names)
                        && figure.names.iter().all(|it| subset(it, &mention.names)))
            })
        });
        if by_name.is_some() {
            return by_name;
        }
        // "Fox" is the fox; "the White Rabbit" the white rabbit of the sentence before.
        let being = mention.being.as_ref()?;
        // "Captain Hale" is the captain of whom the story has told.
        if mention.title.as_ref() == Some(&being.lemma) {
            let captains = self.candidates(&self.by_noun, &being.lemma);
            return captains.into_iter().find(|number| {
                let figure = &self.all[*number];
                figure.names.is_empty() && !figure.plural && figure.kin.is_none()
            });
        }
        if !mention.names.contains(&being.lemma) {
            return None;
        }
        self.candidates(&self.by_noun, &being.lemma)
            .into_iter()
            .filter(fits)
            .find(|number| {
                let figure = &self.all[*number];
                figure.kin.is_none()
                    && (figure.names.is_empty() || mention.names.len() == 1)
                    && figure.names.iter().flatten().all(|name| {
                        Lexicon::get().being(name).is_some() || mention.names.contains(name)
                    })
                    && mention
                        .names
                        .iter()
                        .all(|name| *name == being.lemma || !clashes(&figure.marks, name))
            })
    }

    fn find_by_noun(&self, mention: &Mention, sentence: usize) -> Option<usize> {
        let being = mention.being.as_ref()?;
        let compatible = |number: &usize| {
            let figure = &self.all[*number];
            let counts = figure.plural == being.plural
                || (figure.plural && Lexicon::get().is("invariable", &being.lemma));
            counts
                && !mention
                    .adjectives
                    .iter()
                    .any(|adjective| clashes(&figure.marks, adjective))
        };
        let another = mention.determiner.as_deref() == Some("another");
        let mut same = self.candidates(&self.by_noun, &being.lemma);
        same.sort_by_key(|number| {
            let figure = &self.all[*number];
            (
                !figure.nouns.contains(&being.lemma),
                std::cmp::Reverse(figure.last_sentence),
            )
        });
        if another {
            return None;
        }
        if let Some(found) = same.iter().copied().find(|number| {
            compatible(number)
                // A queen with a name of her own is not every queen.
                && (self.all[*number].names.is_empty()
                    || sentence.saturating_sub(self.all[*number].last_sentence) <= 60)
        }) {
            return Some(found);
        }
        let indefinite = mention
            .determiner
            .as_deref()
            .is_none_or(|word| Lexicon::get().is("indefinite", word));
        if indefinite || being.plural {
            return None;
        }
        // "the girl" may be someone whose name we know.
        let general = GENERAL.contains(&being.lemma.as_str());
        let animal = being.being != "human";
        if !general && !animal {
            return None;
        }
        let near: Vec<usize> = self
            .numbers_near(sentence, 8)
            .into_iter()
            .filter(|number| {
                let figure = &self.all[*number];
                let clash = mention
                    .adjectives
                    .iter()
                    .any(|it| clashes(&figure.marks, it))
                    || being.age == Age::Child && figure.is_parent();
                if clash || figure.names.is_empty() || figure.plural || figure.personal < 1.0 {
                    return false;
                }
                if animal {
                    // The sun is no tractor, though nobody knows what either of them is.
                    let known = being.being != "creature"
                        || is_vague(&being.lemma)
                        || figure.heads.is_empty();
                    return known && figure.being.as_deref() == Some(being.being.as_str());
                }
                figure.being.as_deref().is_none_or(|it| it == "human")
                    && figure.kin.is_none()
                    && (figure.gender == being.gender
                        // Whom someone speaks of need not be there.
                        || (figure.gender == Gender::Unknown && mention.quoted.is_none())
                        || being.gender == Gender::Unknown)
                    && (figure.age == Age::Unknown
                        || figure.age == being.age
                        || (figure.age == Age::Elder && being.age == Age::Adult))
            })
            .collect();
        // Someone whose gender is known to fit comes before someone who might fit.
        let sure: Vec<usize> = near
            .iter()
            .copied()
            .filter(|number| animal || self.all[*number].gender == being.gender)
            .collect();
        match if sure.is_empty() { near } else { sure }.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// Figures that were mentioned in the last sentences.
    fn numbers_near(&self, sentence: usize, reach: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for figure in self.of_mention.iter().rev().take(reach * 4) {
            let number = self.find(*figure);
            if sentence.saturating_sub(self.all[number].last_sentence) <= reach
                && !found.contains(&number)
            {
                found.push(number);
            }
        }
        found
    }

    /// Joins the figures of two mentions that the grammar says are one.
    fn link(&mut self, ground: &Ground, mentions: &[Mention], index: usize) {
        let lexicon = Lexicon::get();
        let mention = &mentions[index];
        let text = ground.text;
        let before = text.before(mention.first, 1);
        let previous = index.checked_sub(1).and_then(|at| mentions.get(at));
        let sentence = ground.sentence[mention.last];
        let this = self.of_mention(index);
        if mention.kind == EntityKind::Proper {
            if matches!(before, "named" | "called") {
                let noun = mention.first.wrapping_sub(2);
                match previous {
                    Some(previous)
                        if previous.last == noun
                            || (previous.last + 3 >= noun
                                && previous.last < noun
                                && matches!(
                                    text.lower(noun),
                                    "was" | "is" | "," | "had" | "been"
                                )) =>
                    {
                        self.join(self.of_mention(index - 1), this);
                    }
                    _ if lexicon.is("auxiliaries", text.lower(noun)) || text.mark(noun) => {}
                    _ if lexicon.is("pronouns", text.lower(noun)) => {}
                    _ => self.get_mut(this).personal -= 1_000.0,
                }
                return;
            }
            let named = matches!(before, "was" | "is") && text.before(mention.first, 2) == "name";
            if named && mention.quoted.is_none() {
                let possessive = text.before(mention.first, 3);
                let gender = match possessive {
                    "her" => Gender::Female,
                    "his" => Gender::Male,
                    _ => Gender::Unknown,
                };
                // "the girl's name was Ines"
                if possessive == "'s"
                    && let Some(previous) = previous
                    && previous.last + 4 == mention.first
                    && previous.kind == EntityKind::Common
                {
                    self.join(self.of_mention(index - 1), this);
                }
                if possessive == "'s" || possessive == "my" {
                    return;
                }
                let near = self.numbers_near(sentence, 3);
                if possessive == "its"
                    && near.iter().find(|it| **it != this).is_none_or(|it| {
                        self.all[*it]
                            .being
                            .as_deref()
                            .is_none_or(|being| being == "human")
                    })
                {
                    self.get_mut(this).personal -= 1_000.0;
                    return;
                }
                let found = near.into_iter().find(|number| {
                    let figure = &self.all[*number];
                    *number != this
                        && !figure.plural
                        && figure.names.is_empty()
                        && (gender == Gender::Unknown
                            || figure.gender == gender
                            || figure.gender == Gender::Unknown)
                });
                if let Some(found) = found {
                    self.join(found, this);
                }
                return;
            }
        }
        if mention.kind == EntityKind::Proper {
            self.introduce(ground, mentions, index);
        }
        let Some(previous) = previous else { return };
        if previous.quoted != mention.quoted || ground.sentence[previous.last] != sentence {
            return;
        }
        let other = self.of_mention(index - 1);
        let gap = mention.first.wrapping_sub(previous.last);
        let one_each =
            (previous.kind == EntityKind::Proper) != (mention.kind == EntityKind::Proper);
        // "the fox Rusk", "her brother Peter"
        if gap == 1 && one_each && mention.kind == EntityKind::Proper {
            if previous.being.as_ref().is_some_and(|being| !being.plural)
                && mention.title.is_none()
                && mention.determiner.is_none()
                && (self.get(other).mentions <= 2 || self.get(this).mentions <= 2)
            {
                self.join(other, this);
            }
            return;
        }
        // "Mira, a girl of ten", "her mother, Mrs. Bell,"
        let after = text.lower(mention.last + 1);
        let closes = after == "."
            || (after == "," && !matches!(text.lower(mention.last + 2), "and" | "or"))
            || matches!(
                after,
                "of" | "with" | "who" | "whose" | "in" | "from" | "at"
            );
        let apposed = match mention.kind {
            EntityKind::Proper => closes && after != "in" && after != "from",
            _ => {
                closes
                    && matches!(
                        mention.determiner.as_deref(),
                        Some("a" | "an" | "the" | "her" | "his" | "my" | "'s")
                    )
            }
        };
        let listed =
            text.before(previous.first, 1) == "," || text.before(previous.first, 1) == "and";
        let described = previous.kind == EntityKind::Common
            && mention.kind == EntityKind::Common
            && matches!(mention.determiner.as_deref(), Some("a" | "an"))
            && matches!(
                previous.determiner.as_deref(),
                Some("the" | "her" | "his" | "my")
            )
            && matches!(after, "named" | "called" | "with" | "in" | "who" | "of");
        if gap == 2 && before == "," && described && mention.quoted.is_none() {
            self.join(other, this);
            return;
        }
        if gap == 2 && before == "," && one_each && apposed && !listed && mention.quoted.is_none() {
            self.join(other, this);
            return;
        }
        // "Rusk was a young fox"
        if gap == 2
            && matches!(before, "was" | "is")
            && previous.kind == EntityKind::Proper
            && mention.kind == EntityKind::Common
            && matches!(
                mention.determiner.as_deref(),
                Some("a" | "an" | "the" | "her" | "his" | "'s" | "my")
            )
        {
            self.join(other, this);
        }
    }

    /// A name that comes first right after someone without name was brought in is theirs:
    /// 'A girl ran out. "Mum!" cried Lucy.' or "The headmaster came. Mr. Okafor was tall."
    fn introduce(&mut self, ground: &Ground, mentions: &[Mention], index: usize) {
        let mention = &mentions[index];
        let this = self.of_mention(index);
        let sentence = ground.sentence[mention.last];
        if self.all[this].mentions != 1 || mention.quoted.is_some() || self.all[this].plural {
            return;
        }
        let text = ground.text;
        let spoken = Lexicon::get()
            .speech
            .contains_key(text.before(mention.first, 1));
        let told = mention.subject && matches!(text.lower(mention.last + 1), "was" | "is" | "had");
        let before: Vec<usize> = (0..index)
            .rev()
            .take_while(|at| sentence - ground.sentence[mentions[*at].last] <= 1)
            .filter(|at| mentions[*at].quoted.is_none() && self.of_mention(*at) != this)
            .collect();
        let [earlier] = before.as_slice() else { return };
        let (earlier, other) = (&mentions[*earlier], self.of_mention(*earlier));
        let figure = &self.all[other];
        let general = earlier
            .being
            .as_ref()
            .is_some_and(|it| GENERAL.contains(&it.lemma.as_str()));
        let definite = earlier.determiner.as_deref() == Some("the");
        let indefinite = matches!(earlier.determiner.as_deref(), Some("a" | "an"));
        let fits = (spoken && general && indefinite) || (told && definite);
        if fits
            && earlier.subject
            && figure.names.is_empty()
            && figure.mentions <= 2
            && figure.being.as_deref() == Some("human")
            && (!general || figure.gender != Gender::Unknown)
        {
            self.join(other, this);
        }
    }

    /// Makes two figures one, unless they cannot be.
    pub fn join(&mut self, one: usize, other: usize) {
        self.unite(one, other, false);
    }

    /// Makes two figures one of which it is known that nothing speaks against it.
    pub fn join_alias(&mut self, one: usize, other: usize) -> bool {
        self.unite(one, other, true)
    }

    fn unite(&mut self, one: usize, other: usize, alias: bool) -> bool {
        let (one, other) = (self.find(one), self.find(other));
        if one == other {
            return false;
        }
        let (keep, gone) = (one.min(other), one.max(other));
        let (a, b) = (&self.all[keep], &self.all[gone]);
        let genders =
            a.gender != Gender::Unknown && b.gender != Gender::Unknown && a.gender != b.gender;
        let named_twice = !a.names.is_empty()
            && !b.names.is_empty()
            && !a
                .names
                .iter()
                .flatten()
                .any(|name| b.names.iter().flatten().any(|it| it == name))
            && a.kin.is_none()
            && b.kin.is_none()
            && !a.is_narrator;
        let beings = a.being.is_some()
            && b.being.is_some()
            && (a.being.as_deref() == Some("human")) != (b.being.as_deref() == Some("human"))
            && (a.names.is_empty() == b.names.is_empty() || a.mentions > 2);
        let odd = !alias && (named_twice || beings);
        if genders || odd || a.plural != b.plural {
            return false;
        }
        let gone_figure = std::mem::take(&mut self.all[gone]);
        let figure = &mut self.all[keep];
        for names in gone_figure.names {
            if !figure.names.contains(&names) {
                figure.names.push(names);
            }
        }
        for head in gone_figure.heads {
            if !figure.heads.contains(&head) {
                figure.heads.push(head);
            }
        }
        for mark in gone_figure.marks {
            if !figure.marks.contains(&mark) {
                figure.marks.push(mark);
            }
        }
        // Whom others call uncle may be a heron.
        let called = alias && figure.told == 0 && gone_figure.told > 0;
        let open = match figure.being.as_deref() {
            None => true,
            Some(known) => known == "creature" && (gone_figure.told > 0 || figure.told == 0),
        };
        if called || open {
            figure.being = gone_figure.being.or(figure.being.take());
        }
        if figure.gender == Gender::Unknown {
            figure.gender = gone_figure.gender;
        }
        if figure.title_gender == Gender::Unknown {
            figure.title_gender = gone_figure.title_gender;
        }
        // "The old man" tells more than "the gardener".
        // Young men are called "my son".
        let tells_age = match gone_figure.age {
            Age::Unknown => false,
            Age::Child => gone_figure.told > 0,
            Age::Adult | Age::Elder => true,
        };
        if figure.age == Age::Unknown || figure.age == Age::Adult && tells_age {
            figure.age = gone_figure.age;
        }
        figure.kin = figure.kin.or(gone_figure.kin);
        figure.owner = figure.owner.or(gone_figure.owner);
        figure.personal += gone_figure.personal;
        figure.acts += gone_figure.acts;
        figure.quotes += gone_figure.quotes;
        figure.mentions += gone_figure.mentions;
        figure.told += gone_figure.told;
        figure.nouns.extend(gone_figure.nouns);
        figure.is_narrator |= gone_figure.is_narrator;
        figure.last_sentence = figure.last_sentence.max(gone_figure.last_sentence);
        self.parent[gone] = keep;
        true
    }
}

/// Whether an adjective tells someone from a figure with these marks: "the young fox" is not
/// "the old fox".
pub(super) fn clashes(marks: &[String], adjective: &str) -> bool {
    const OPPOSED: [&[&str]; 7] = [
        &["old", "young", "little"],
        &["elder", "eldest", "younger", "youngest"],
        &["big", "little"],
        &["first", "second", "third", "fourth"],
        &[
            "black", "white", "grey", "gray", "red", "brown", "golden", "green", "blue",
        ],
        &["good", "wicked", "bad"],
        &["fat", "thin"],
    ];
    if adjective == "other" {
        return true;
    }
    OPPOSED.iter().any(|group| {
        group.contains(&adjective)
            && marks.iter().any(|mark| group.contains(&mark.as_str()))
            && !marks.iter().any(|mark| mark == adjective)
    })
}
