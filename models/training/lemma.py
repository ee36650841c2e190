"""Lemmas as rules: `case|cut|suffix`, so that a class of the network names what to do to a word.

A rule writes the word small, large or as it is (`lower`, `capital`, `upper`, `keep`), drops `cut`
letters and adds `suffix`. `bare` drops the commas of a number, and `=lemma` is for words whose lemma
shares nothing with them. The twin of `nlp/networks/src/lemma.rs`.
"""

import math
from collections import Counter, defaultdict
from pathlib import Path

BARE = "bare|0|"
CASES = {
    "lower": str.lower,
    "keep": str,
    "capital": lambda word: word[:1].upper() + word[1:].lower(),
    "upper": str.upper,
}


def rule(word, lemma):
    """The rule that makes `lemma` of `word`: the first that keeps most of it."""
    if word[:1].isdigit() and "," in word and word.replace(",", "") == lemma:
        return BARE
    best, kept = "=" + lemma, 0
    for case, write in CASES.items():
        source = write(word)
        common = 0
        while common < min(len(source), len(lemma)) and source[common] == lemma[common]:
            common += 1
        if common > kept and common * 2 >= len(lemma) and len(source) - common <= 5:
            best, kept = f"{case}|{len(source) - common}|{lemma[common:]}", common
    return best


def apply(name, word):
    """What `rule` makes of `word`; a rule that does not fit leaves it as its case writes it."""
    if name.startswith("="):
        return name[1:]
    if name == BARE:
        return word.replace(",", "")
    case, cut, suffix = name.split("|")
    source, cut = CASES[case](word), int(cut)
    if cut >= len(source) and cut > 0:
        return source
    return source[: len(source) - cut] + suffix


def rules(pairs, least=2):
    """The rules that make at least `least` of the `(word, lemma)` pairs, most frequent first, and
    those of irregular forms."""
    counts = Counter(rule(word, lemma) for word, lemma in pairs)
    names = [name for name, count in counts.most_common() if count >= least]
    return list(dict.fromkeys(names + [rule(word, lemma) for word, _, lemma in irregular()]))


def irregular():
    """Irregular forms that a treebank of today's web may lack: `(word, tag, lemma)`."""
    for line in (Path(__file__).parent / "irregular.tsv").read_text(encoding="utf-8").splitlines():
        tag, lemma, *forms = line.split()
        for word in forms:
            yield word, tag, lemma


# How far below the best a rule may lie, in logits, and how much it gains if it makes a lemma that the
# treebank or the vocabulary knows.
WIDTH, KNOWN_LEMMA, KNOWN_WORD = 8.0, 3.0, 2.0
OPEN_CLASSES = ("ADJ", "ADV", "AUX", "NOUN", "VERB")
# Letters of the longest ending that is looked at, and how likely a rule is before any word is.
LONGEST_ENDING, FLOOR = 5, 1e-4


def shape(word):
    """How a word is written: small, or large throughout, or neither."""
    return 0 if word == word.lower() else 2 if word == word.upper() and len(word) > 1 else 1


class Lexicon:
    """What the treebank tells of words: the rules of each `(word, tag)`, the lemmas of each tag, and
    which rules go with which endings."""

    def __init__(self, words, rules, vocabulary):
        """`(word, tag, lemma)` triples, the network's rules, and BERT's word pieces."""
        self.rules = rules
        index = {name: i for i, name in enumerate(rules)}
        self.seen, self.lemmas = {}, set()
        self.words = {piece for piece in vocabulary if piece.isalpha()}

        def learn(word, tag, lemma):
            made = index.get(rule(word, lemma))
            if made is not None:
                self.seen.setdefault((word, tag), Counter())[made] += 1
                self.lemmas.add((tag, lemma))

        for word, tag, lemma in words:
            learn(word, tag, lemma)
        known = set(self.seen)
        for word, tag, lemma in irregular():
            if (word, tag) not in known:
                learn(word, tag, lemma)
        self.endings = defaultdict(Counter)
        for (word, tag), seen in self.seen.items():
            made = max(sorted(seen), key=seen.get)
            if not self.rules[made].startswith("="):
                for ending in self.endings_of(word):
                    self.endings[tag, shape(word), ending][made] += 1

    @staticmethod
    def endings_of(word):
        lower = word.lower()
        return [lower[len(lower) - n :] for n in range(min(LONGEST_ENDING, len(lower)) + 1)]

    def choose(self, word, tag, scores):
        """The rule for a word with a tag, by the network's logits for all rules."""
        seen = self.seen.get((word, tag))
        if seen:
            return self.rules[max(sorted(seen), key=lambda i: scores[i] + math.log(seen[i]))]
        best = max(scores)
        near = [i for i, score in enumerate(scores) if score >= best - WIDTH and not self.rules[i].startswith("=")]
        if not near:
            return self.rules[scores.index(best)]
        endings = [self.endings.get((tag, shape(word), ending), {}) for ending in self.endings_of(word)]
        of = lambda i: scores[i] + self.log_share(endings, i) + self.bonus(word, tag, i)
        return self.rules[max(near, key=of)]

    @staticmethod
    def log_share(endings, made):
        """The log of a rule's share among the words with an ending, shorter endings lending theirs."""
        share = FLOOR
        for counts in endings:
            if counts:
                total, kinds = sum(counts.values()), len(counts)
                share = (counts.get(made, 0) + kinds * share) / (total + kinds)
        return math.log(share)

    def bonus(self, word, tag, made):
        if tag not in OPEN_CLASSES or not word.isalpha():
            return 0.0
        lemma = apply(self.rules[made], word)
        if (tag, lemma) in self.lemmas:
            return KNOWN_LEMMA
        return KNOWN_WORD if lemma.lower() in self.words else 0.0

    def lines(self, tags):
        """A line for each word, tag and rule: the word, the numbers of both, and how often it was seen."""
        for (word, tag), seen in sorted(self.seen.items()):
            for made, count in sorted(seen.items()):
                yield f"{word}\t{tags.index(tag)}\t{made}\t{count}"
