"""Lemmas as rules: `cut suffix`, so that a class of the network names what to do to a word.

A rule is `case|cut|suffix` (keep or lower the case, drop `cut` letters, add `suffix`) or
`=lemma` for words whose lemma shares nothing with them. The twin of `nlp/networks/src/lemma.rs`.
"""

import math
from collections import Counter


def rule(word, lemma):
    """The rule that makes `lemma` of `word`."""
    lower = word.lower()
    for case, source in (("lower", lower), ("keep", word)):
        if case == "lower" and lemma != lemma.lower():
            continue
        common = 0
        while common < min(len(source), len(lemma)) and source[common] == lemma[common]:
            common += 1
        if common * 2 >= len(lemma) and common > 0 and len(source) - common <= 5:
            return f"{case}|{len(source) - common}|{lemma[common:]}"
    return "=" + lemma


def apply(name, word):
    """What `rule` makes of `word`; a rule that does not fit leaves it in lower case."""
    if name.startswith("="):
        return name[1:]
    case, cut, suffix = name.split("|")
    source = word.lower() if case == "lower" else word
    cut = int(cut)
    if cut >= len(source) and cut > 0:
        return source
    return source[: len(source) - cut] + suffix


def rules(pairs, least=2):
    """The rules that make at least `least` of the `(word, lemma)` pairs, most frequent first."""
    counts = Counter(rule(word, lemma) for word, lemma in pairs)
    return [name for name, count in counts.most_common() if count >= least]


# How much a rule gains, in logits, if it makes a lemma that the treebank or the vocabulary knows.
KNOWN_LEMMA, KNOWN_WORD = 3.0, 2.0
OPEN_CLASSES = ("ADJ", "ADV", "AUX", "NOUN", "VERB")


class Lexicon:
    """What the treebank tells of words: the rules of each `(word, tag)`, and the lemmas of each tag."""

    def __init__(self, words, rules, vocabulary):
        """`(word, tag, lemma)` triples, the network's rules, and BERT's word pieces."""
        self.rules = rules
        index = {name: i for i, name in enumerate(rules)}
        self.seen, self.lemmas = {}, set()
        self.words = {piece for piece in vocabulary if piece.isalpha()}
        for word, tag, lemma in words:
            made = index.get(rule(word, lemma))
            if made is not None:
                self.seen.setdefault((word, tag), Counter())[made] += 1
                self.lemmas.add((tag, lemma))

    def choose(self, word, tag, scores):
        """The rule for a word with a tag, by the network's logits for all rules."""
        seen = self.seen.get((word, tag))
        if seen:
            return self.rules[max(sorted(seen), key=lambda i: scores[i] + math.log(seen[i]))]
        best = max(scores)
        near = [i for i, score in enumerate(scores) if score > best - KNOWN_LEMMA]
        if tag not in OPEN_CLASSES or not word.isalpha() or len(near) == 1:
            near = [max(near, key=lambda i: scores[i])]
        return self.rules[max(near, key=lambda i: scores[i] + self.bonus(apply(self.rules[i], word), tag))]

    def bonus(self, lemma, tag):
        if (tag, lemma) in self.lemmas:
            return KNOWN_LEMMA
        return KNOWN_WORD if lemma.lower() in self.words else 0.0

    def lines(self, tags):
        """A line for each word, tag and rule: the word, the numbers of both, and how often it was seen."""
        for (word, tag), seen in sorted(self.seen.items()):
            for made, count in sorted(seen.items()):
                yield f"{word}\t{tags.index(tag)}\t{made}\t{count}"
