"""Fits the weights by which figures are joined and by which they get a part (`nlp/src/reading/likeness.rs`, `cast.rs`).

    evaluate tales --clues TALES 2> network.jsonl
    evaluate tales --clues --rules TALES 2> rules.jsonl
    python cast.py TALES network.jsonl

The clues of every pair of figures and of every figure, as the product finds them, against the gold readings of the
tales in one folder. What units make of two figures (`links.py`) is one of the clues: where a network reads, the tales have to be some
that they were not trained on. Fit and write down the weights of pairs first, then those of pairs when speakers are known: joining
changes what the figures are. Logistic regression with a penalty of 1 or 2 a weight but none for the bias; precision and recall come
from tenths of the tales that were left out.
"""

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

BEFORE = frozenset("the a an his her their my our your its this that".split())
# What a figure's bias is moved by: the cast is best where precision and recall are alike.
TOLERANCE = -0.1


def plain(name):
    words = name.lower().replace("’", "'").replace(" .", ".").replace(" '", "'").split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in BEFORE else words)


AFTER = frozenset("in with of from at on by who whose as for to called named".split())


def short_form(name):
    """A plain name without what describes it, as in `benches/src/evaluate/tales.rs`."""
    words = name.split()
    end = next((i for i, word in enumerate(words) if i and word in AFTER), len(words))
    return plain(" ".join(words[words[0] in ("all", "half", "both") : end]).rstrip(","))


def with_short_forms(gold):
    uses = Counter(form for names, _ in gold.values() for form in names | {short_form(n) for n in names})
    return {
        id: (names | {form for form in map(short_form, names) if uses[form] == 1}, minor)
        for id, (names, minor) in gold.items()
    }


def whom(figure, gold):
    """The gold character whose names a figure's mentions are; none, or `?` if two fit alike."""
    fits = Counter(
        id for mention in figure.split("|") for id, (names, _) in gold.items() if plain(mention) in names
    ).most_common(2)
    if not fits:
        return None
    return "?" if len(fits) > 1 and fits[0][1] == fits[1][1] else fits[0][0]


def events(log):
    for line in Path(log).read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            yield json.loads(line)["fields"]


def read(folder, log):
    """Rows of `(tale, label, clues)` for pairs, before speakers are known and then, and for figures."""
    pairs, spoken, figures = [], [], []
    tales = iter(sorted(Path(folder).glob("*.json")))
    for event in events(log):
        if event["message"] == "a text":
            path = next(tales)
            characters = json.loads(path.read_text(encoding="utf-8"))["characters"]
            gold = {c["id"]: ({plain(n) for n in c["names"]}, c.get("minor", False)) for c in characters}
            gold = with_short_forms(gold)
        elif event["message"] == "two figures":
            one, other = whom(event["one"], gold), whom(event["other"], gold)
            if "?" not in (one, other) and (one or other):
                rows = spoken if event["speakers"] else pairs
                rows.append((path.stem, one == other, json.loads(event["clues"])))
        elif event["message"] == "a figure" and not event["narrator"]:
            one = whom(event["one"], gold)
            if one != "?" and not (one and gold[one][1]):
                figures.append((path.stem, one, json.loads(event["clues"])))
    # Of figures that are one character only the weightiest gets its part.
    best = defaultdict(lambda: -1.0)
    weight = lambda clues: clues[1] + 0.5 * clues[3] + clues[5]
    for tale, one, clues in figures:
        best[tale, one] = max(best[tale, one], weight(clues))
    return pairs, spoken, [(t, one is not None and weight(clues) == best[t, one], clues) for t, one, clues in figures]


def fit(clues, labels, penalty=1.0):
    """Weights of a logistic regression, by Newton's method; the first clue is always 1."""
    weights = np.zeros(clues.shape[1])
    penalties = np.full(clues.shape[1], penalty)
    penalties[0] = 0.01
    for _ in range(25):
        shares = 1 / (1 + np.exp(-clues @ weights))
        curve = (clues * (shares * (1 - shares) + 1e-6)[:, None]).T @ clues + np.diag(penalties)
        weights -= np.linalg.solve(curve, clues.T @ (shares - labels) + penalties * weights)
    return weights


def report(what, rows, tolerance=0.0, penalty=1.0):
    tales = sorted({tale for tale, *_ in rows})
    part = np.array([tales.index(tale) % 10 for tale, *_ in rows])
    labels = np.array([label for _, label, _ in rows], float)
    clues = np.array([clues for *_, clues in rows], float)
    scores = np.zeros(len(rows))
    for i in range(10):
        scores[part == i] = clues[part == i] @ fit(clues[part != i], labels[part != i], penalty)
    found = scores > -tolerance
    right = (found & (labels > 0)).sum()
    print(f"{what}: {len(rows)}, precision {right / max(found.sum(), 1):.3f}, recall {right / labels.sum():.3f}")
    weights = fit(clues, labels, penalty)
    weights[0] += tolerance
    print("   ", ", ".join(f"{weight:.3f}" for weight in weights))


if __name__ == "__main__":
    pairs, spoken, figures = read(*sys.argv[1:3])
    report("pairs of figures", pairs)
    if spoken:
        report("pairs of figures when speakers are known", spoken, penalty=2.0)
    report("figures", figures, TOLERANCE)
