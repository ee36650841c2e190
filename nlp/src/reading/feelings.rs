//! What sentences and lines of speech feel, by words that name or show a feeling: all there is
//! without a network, and evidence that a network's scores lean on.

use std::ops::Range;

use fabula_story::{Emotion, Scores};

use super::lexicon::Lexicon;
use super::text::{Shape, Text};

/// Evidence for each feeling, in the order of [`Emotion::ALL`].
pub(super) type Evidence = [f32; 7];

/// What speaks for no feeling before any word is read.
const CALM: f32 = 1.0;
/// How much of the feeling of a neighbour a sentence shares.
const FROM_BEFORE: f32 = 0.12;
const FROM_AFTER: f32 = 0.06;
/// How sharply evidence decides.
const SHARPNESS: f32 = 1.3;
/// How many logits a unit of evidence adds to a network's: of nine values up to 1.3, one of the two
/// with the least cross-entropy on the stories and passages of ours that training held back, the
/// smaller.
const LEANING: f32 = 0.78;

/// The evidence in a stretch of words.
pub(super) fn evidence(text: &Text, words: Range<usize>) -> Evidence {
    let lexicon = Lexicon::get();
    let mut total = [0.0; 7];
    let mut index = words.start;
    while index < words.end {
        if text.mark(index) {
            index += 1;
            continue;
        }
        let end = words.end;
        let at = |step: usize| {
            if index + step < end {
                text.lower(index + step)
            } else {
                ""
            }
        };
        let phrase = lexicon.emotions.phrase(at);
        let (length, values) = match &phrase {
            Some((length, values)) => (*length, values.as_slice()),
            None => (1, lexicon.emotions.word(text.lower(index))),
        };
        let tag = length == 1
            && matches!(text.lower(index), "cried" | "cries" | "cry")
            && words
                .clone()
                .any(|at| matches!(text.lower(at), "\"" | "”" | "’" | "'" | "»"));
        if !values.is_empty() && !tag && !is_name_like(text, index, words.start) {
            let (strength, negated) = context(text, words.start, index);
            let loud = if text.shape(index) == Shape::Upper {
                1.2
            } else {
                1.0
            };
            for (emotion, weight) in values {
                let Some(emotion) = emotion else { continue };
                let weight = weight * strength * loud;
                if !negated {
                    total[*emotion as usize] += weight;
                } else if *emotion == Emotion::Joy && weight > 1.0 {
                    total[Emotion::Sadness as usize] += weight * 0.5;
                } else if matches!(emotion, Emotion::Fear | Emotion::Sadness) {
                    total[Emotion::Joy as usize] += weight * 0.2;
                }
            }
        }
        index += length;
    }
    let marks = |mark: &str| {
        words
            .clone()
            .filter(|index| text.lower(*index) == mark)
            .count()
    };
    let (exclamations, questions) = (marks("!"), marks("?"));
    if exclamations > 0 {
        let lift = 1.0 + 0.12 * exclamations.min(3) as f32;
        for value in &mut total {
            *value *= lift;
        }
        total[Emotion::Surprise as usize] += 0.2;
    }
    if exclamations > 0 && questions > 0 {
        total[Emotion::Surprise as usize] += 0.5;
    }
    total
}

/// A word with a capital inside a sentence is a name rather than a feeling.
fn is_name_like(text: &Text, index: usize, first: usize) -> bool {
    text.shape(index) == Shape::Capital
        && index > first
        && !text.mark(index - 1)
        && Lexicon::get().given_names.contains_key(text.lower(index))
}

/// How strongly the words before make a feeling word count, and whether they deny it.
fn context(text: &Text, first: usize, index: usize) -> (f32, bool) {
    let lexicon = Lexicon::get();
    let mut strength = 1.0;
    let mut negated = false;
    for back in 1..=4 {
        let Some(at) = index.checked_sub(back).filter(|at| *at >= first) else {
            break;
        };
        let word = text.lower(at);
        if text.mark(at) && !matches!(word, "\"" | "“" | "‘" | "'") {
            break;
        }
        if back <= 2 && lexicon.is("intensifiers", word) {
            strength *= 1.3;
        } else if back <= 2 && lexicon.is("weakeners", word) {
            strength *= 0.7;
        }
        let denies = lexicon.is("negators", word) || word.ends_with("n't");
        if denies && !(word == "no" && back > 2) && !(word == "never" && text.lower(at + 1) == "so")
        {
            // "not only glad", "could not help smiling", "nothing but joy"
            negated = !(at + 1..index)
                .any(|between| matches!(text.lower(between), "only" | "stop" | "help" | "but"));
        }
    }
    (strength, negated)
}

/// Scores that sum to one.
pub(super) fn scores(evidence: &Evidence) -> Scores {
    let mut values = *evidence;
    values[Emotion::Neutral as usize] += CALM;
    let top = values.iter().copied().fold(0.0, f32::max);
    let mut scores = values.map(|value| ((value - top) * SHARPNESS).exp());
    let sum: f32 = scores.iter().sum();
    for score in &mut scores {
        *score /= sum;
    }
    Scores::from_array(scores)
}

/// A network's scores, leaning towards the feelings that the words are evidence of. Words that
/// tell nothing leave them as they are: a network sees feelings that no word names.
pub(super) fn lean(scores: &Scores, evidence: &Evidence) -> Scores {
    let mut values = scores.to_array();
    for (value, evidence) in values.iter_mut().zip(evidence) {
        *value *= (evidence * LEANING).exp();
    }
    let sum: f32 = values.iter().sum();
    if sum > 0.0 {
        for value in &mut values {
            *value /= sum;
        }
    }
    Scores::from_array(values)
}

/// The evidence in all sentences; neighbours in the same paragraph lend a little of theirs.
pub(super) fn of_sentences(text: &Text, sentences: &[Range<usize>]) -> Vec<Evidence> {
    let own: Vec<Evidence> = sentences
        .iter()
        .map(|sentence| evidence(text, sentence.clone()))
        .collect();
    let paragraph = |index: usize| {
        sentences
            .get(index)
            .and_then(|range| text.words.get(range.start))
            .map(|word| word.paragraph)
    };
    own.iter()
        .enumerate()
        .map(|(index, evidence)| {
            let mut mixed = *evidence;
            let neighbours = [
                (index.checked_sub(1), FROM_BEFORE),
                (index.checked_add(1), FROM_AFTER),
            ];
            for (neighbour, share) in neighbours {
                let Some(neighbour) = neighbour.filter(|it| paragraph(*it) == paragraph(index))
                else {
                    continue;
                };
                if let Some(other) = own.get(neighbour) {
                    for (value, lent) in mixed.iter_mut().zip(other) {
                        *value += lent * share;
                    }
                }
            }
            mixed
        })
        .collect()
}

/// The evidence in a line of speech: its own words, then the verb and manner of its tag.
pub(super) fn of_speech(
    text: &Text,
    quotation: Range<usize>,
    verb: Option<usize>,
    sentence: Option<&Range<usize>>,
) -> Evidence {
    let mut total = evidence(text, quotation.clone());
    let Some(verb) = verb else {
        return total;
    };
    if let Some(Some(emotion)) = Lexicon::get().speech.get(text.lower(verb)) {
        total[*emotion as usize] += 1.3;
    }
    let end = sentence
        .map_or(verb + 8, |range| range.end.max(verb + 1))
        .min(verb + 10);
    let tail = if verb < quotation.start {
        verb + 1..quotation.start
    } else {
        verb + 1..end
    };
    for (value, added) in total.iter_mut().zip(evidence(text, tail)) {
        *value += added * 0.8;
    }
    total
}

/// The feeling of a stretch of sentences: their mean, neutral only when little else is felt.
pub(super) fn mean(scores: &[Scores]) -> Emotion {
    let mut total = [0.0_f32; 7];
    for score in scores {
        for (sum, value) in total.iter_mut().zip(score.to_array()) {
            *sum += value / scores.len() as f32;
        }
    }
    // A scene is coloured by its feelings even though most of its sentences have none.
    total[Emotion::Neutral as usize] *= 0.32;
    Scores::from_array(total).strongest()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feel(source: &str) -> Emotion {
        let text = Text::new(source);
        scores(&evidence(&text, 0..text.words.len())).strongest()
    }

    #[test]
    fn a_network_leans_towards_feelings_that_words_name_and_keeps_what_only_it_sees() {
        let lean = |source: &str, scores: [f32; 7]| {
            let text = Text::new(source);
            lean(
                &Scores::from_array(scores),
                &evidence(&text, 0..text.words.len()),
            )
        };
        // In the order of `Emotion::ALL`: joy, sadness, anger, fear, surprise, disgust, neutral.
        let torn = [0.2, 0.35, 0.0, 0.0, 0.05, 0.0, 0.4];
        let named = lean("She laughed and clapped her hands.", torn);
        assert_eq!(named.strongest(), Emotion::Joy);
        assert!((named.to_array().iter().sum::<f32>() - 1.0).abs() < 1e-5);
        let untold = lean("He put the cup on the table.", torn).to_array();
        for (after, before) in untold.into_iter().zip(torn) {
            assert!((after - before).abs() < 1e-6, "{untold:?}");
        }
        let sure = [0.0, 0.99, 0.0, 0.0, 0.0, 0.0, 0.01];
        let against = lean("She laughed and clapped her hands.", sure);
        assert_eq!(against.strongest(), Emotion::Sadness);
    }

    #[test]
    fn a_tag_tells_how_a_line_is_said_that_has_no_feeling_of_its_own() {
        let source = "\"There it is,\" sobbed Clara. \"There it is,\" said Clara.";
        let text = Text::new(source);
        let at = |word: &str| (0..text.words.len()).find(|index| text.lower(*index) == word);
        let said = |quotation, verb| scores(&of_speech(&text, quotation, verb, None)).strongest();
        assert_eq!(said(0..6, at("sobbed")), Emotion::Sadness);
        assert_eq!(said(9..15, at("said")), Emotion::Neutral);
        assert_eq!(said(0..6, None), Emotion::Neutral);
    }

    #[test]
    fn named_and_shown_feelings_are_recognised() {
        for (sentence, emotion) in [
            ("She laughed and clapped her hands.", Emotion::Joy),
            (
                "The letter fell from his hand, and he wept like a child.",
                Emotion::Sadness,
            ),
            ("The giant stamped his foot and roared.", Emotion::Anger),
            ("Her heart pounded as the steps came nearer.", Emotion::Fear),
            ("His jaw dropped.", Emotion::Surprise),
            (
                "The soup stank, and he wrinkled his nose.",
                Emotion::Disgust,
            ),
            ("He put the cup on the table.", Emotion::Neutral),
            ("They walked along the river for an hour.", Emotion::Neutral),
        ] {
            assert_eq!(feel(sentence), emotion, "{sentence}");
        }
    }

    #[test]
    fn a_denied_feeling_is_not_felt() {
        assert_ne!(feel("She was not afraid."), Emotion::Fear);
        assert_eq!(feel("He was not happy."), Emotion::Sadness);
        assert_ne!(feel("I wasn't angry."), Emotion::Anger);
        assert_eq!(feel("He could not stop smiling."), Emotion::Joy);
    }

    #[test]
    fn what_only_looks_like_a_feeling_is_neutral() {
        for sentence in [
            "He shook his head and went on reading.",
            "They shook hands at the gate.",
            "She shut the door, for the street was dark.",
            "In spite of the hour the shop was open.",
            "He was anxious to see the new engine.",
            "He had a black beard and a dark coat.",
            "The terrorist alarm clock rang at six.",
            "An awful lot of people stood on the platform.",
        ] {
            assert_eq!(feel(sentence), Emotion::Neutral, "{sentence}");
        }
    }

    #[test]
    fn anger_and_disgust_are_shown_in_many_ways() {
        for (sentence, emotion) in [
            (
                "He flung the letter down and flew into a rage.",
                Emotion::Anger,
            ),
            ("\"Hold your tongue!\" he thundered.", Emotion::Anger),
            ("\"It is not fair!\" she yelled.", Emotion::Anger),
            ("She turned up her nose at the stew.", Emotion::Disgust),
            ("Slime oozed over his boots.", Emotion::Disgust),
            ("The very sight made her sick.", Emotion::Disgust),
            ("The hair on his neck stood up.", Emotion::Fear),
        ] {
            assert_eq!(feel(sentence), emotion, "{sentence}");
        }
    }

    #[test]
    fn scores_sum_to_one() {
        let scores = scores(&[5.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
        assert!((scores.to_array().iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}
