"""Lemmas as rules: `cut suffix`, so that a class of the network names what to do to a word.

A rule is `case|cut|suffix` (keep or lower the case, drop `cut` letters, add `suffix`) or
`=lemma` for words whose lemma shares nothing with them. The twin of `nlp/networks/src/lemma.rs`.
"""

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


def lexicon(words, rules):
    """For each `(word, tag)` of the `(word, tag, lemma)` triples, the rule that most often makes its lemma."""
    known = set(rules)
    counts = {}
    for word, tag, lemma in words:
        name = rule(word, lemma)
        if name in known:
            counts.setdefault((word, tag), Counter())[name] += 1
    return {seen: found.most_common(1)[0][0] for seen, found in counts.items()}
