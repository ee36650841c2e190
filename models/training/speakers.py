"""Fits the weights by which speakers and addressees are chosen (nlp/src/reading/choice.rs).

    python speakers.py --tales TUNING EVERYDAY EVERYDAY NEWER --litbank DATA/litbank --originals DATA/books \
        --evaluate target/release/evaluate --rules --out nlp/src/reading/words/voices.tsv

`evaluate clues TEXT...` says what is seen of each line; here the gold is added. `--rules` reads the novels without the
network, which is faster and makes hardly a difference.

A conditional random field over the lines of a text, whose states are who spoke last and who before
that: the clues of a candidate add up, and so do those of the turn for whoever has the role. Then
addressees: a softmax over candidates and nobody, given the speakers. Cross-validated by text.
"""

import argparse
import json
import pathlib
import random
import subprocess
import tempfile
from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np

from cast import with_short_forms

ROLES = ["last", "other", "new"]
# Where weights begin: nobody calls themselves, and a pronoun suits whom it means.
PRIOR = {("the line", "calls"): -5.0, ("tag pronoun", "clashes"): -2.0}
BEFORE = {"the", "a", "an", "his", "her", "their", "my", "our", "your", "its", "this", "that"}


def plain(name):
    words = name.lower().split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in BEFORE else words)


def clues_of(evaluate, paths, rules):
    command = [evaluate, "clues", *map(str, paths)] + (["--rules"] if rules else ["--device", "cpu"])
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line)["clues"] for line in lines]


def overlap(a, b):
    return min(a[1], b[1]) - max(a[0], b[0])


# ---- gold of tales


def gold_of_tale(clues, gold):
    """For each line, the figures that may speak and be spoken to, -1 for nobody, None if unknown."""
    raw = clues["text"].encode()
    names = {c["id"]: ({plain(n) for n in c["names"]}, False) for c in gold["characters"]}
    names = {id: names for id, (names, _) in with_short_forms(names).items()}
    shared = []
    for figure in clues["figures"]:
        named = [raw[a:b].decode() for a, b in figure["named"]]
        if figure["narrator"]:
            named += ["I"] * 20
        for id, wanted in names.items():
            count = sum(plain(" ".join(n.split())) in wanted for n in named)
            if count:
                shared.append((count, figure["figure"], id))
    shared.sort(key=lambda it: (-it[0], it[1], it[2]))
    figure_of, taken = {}, set()
    for _, figure, id in shared:
        if figure not in taken and id not in figure_of:
            figure_of[id] = figure
            taken.add(figure)
    # All figures that are somebody, where the reading knows one person as several.
    same, of = defaultdict(set), {}
    for _, figure, id in shared:
        if of.setdefault(figure, id) == id:
            same[id].add(figure)
    at, stretches = 0, []
    for quote in gold["quotes"]:
        wanted = quote["text"].encode()
        start = raw.find(wanted, at)
        if start < 0:
            stretches.append(None)
            continue
        at = start + len(wanted)
        stretches.append((start, at))
    speakers, addressees = [], []
    report = Counter()
    for line in clues["lines"]:
        span = (line["start"], line["end"])
        best = max(
            (i for i, s in enumerate(stretches) if s and overlap(s, span) > 0),
            key=lambda i: overlap(stretches[i], span),
            default=None,
        )
        if best is None:
            speakers.append(None)
            addressees.append(None)
            report["no gold line"] += 1
            continue
        quote = gold["quotes"][best]
        speakers.append(same.get(quote["speaker"]))
        addressees.append({-1} if quote["addressee"] is None else same.get(quote["addressee"]))
    for quote, stretch in zip(gold["quotes"], stretches):
        if quote["speaker"] is None:
            continue
        report["lines"] += 1
        lines = [l for l in clues["lines"] if stretch and overlap(stretch, (l["start"], l["end"])) > 0]
        if not lines:
            report["not found"] += 1
            continue
        line = max(lines, key=lambda l: overlap(stretch, (l["start"], l["end"])))
        if (line["start"], line["end"]) != stretch:
            report["cut otherwise"] += 1
        figure = figure_of.get(quote["speaker"])
        if figure is None:
            report["no figure"] += 1
        elif line["certain"] is not None or line.get("told"):
            report["told"] += 1
            report["told right"] += line["speaker"] == figure
        elif figure not in [c["figure"] for c in line["candidates"]]:
            report["not near"] += 1
        else:
            report["choice"] += 1
            report["choice right"] += line["speaker"] == figure
        report["right"] += figure is not None and line["speaker"] == figure
        if quote["addressee"] is not None:
            report["addressees"] += 1
            hears = figure_of.get(quote["addressee"])
            report["addressees without figure"] += hears is None
            report["addressees right"] += hears is not None and line["addressee"] == hears
    return speakers, addressees, report


# ---- gold of LitBank


def places(text, words):
    """Bytes of each word of each sentence; as `evaluate novels` finds them."""
    every = [w for line in words for w in line]

    def goes_on(at, word):
        while at < len(text) and text[at].isspace():
            at += 1
        return (at, at + len(word)) if text.startswith(word, at) else None

    at, number, found = 0, 0, []
    for line in words:
        row = []
        for word in line:
            following = every[number + 1] if number + 1 < len(every) else ""
            number += 1
            span = goes_on(at, word)
            if span is None:
                for start in range(at + 1, min(len(text), at + 400)):
                    there = goes_on(start, word)
                    if there and goes_on(there[1], following):
                        span = there
                        break
            if span:
                at = span[1]
            row.append(span)
        found.append(row)
    return found


def marked(path, mark, link, found):
    stretches, groups = {}, {}
    for row in path.read_text().splitlines():
        columns = row.split("\t")
        if columns[0] == mark:
            if mark == "MENTION" and columns[7] != "PER":
                continue
            a, b, c, d = map(int, columns[2:6])
            first, last = found[a][b], found[c][d]
            if first and last:
                stretches[columns[1]] = (first[0], last[1])
        elif columns[0] == link:
            groups[columns[1]] = columns[2]
    return [(span, groups.get(id, id)) for id, span in stretches.items()]


def gold_of_novel(clues, folder, name):
    text = clues["text"]
    offsets = np.cumsum([0] + [len(c.encode()) for c in text])
    words = [line.split() for line in (folder / "coref" / f"{name}.txt").read_text().splitlines()]
    found = [
        [span and (int(offsets[span[0]]), int(offsets[span[1]])) for span in row]
        for row in places(text, words)
    ]
    people = dict(marked(folder / "coref" / f"{name}.ann", "MENTION", "COREF", found))
    by_end = {}
    for span, entity in people.items():
        by_end.setdefault(span[1], entity)
    votes = defaultdict(Counter)
    for figure in clues["figures"]:
        for a, b in figure["named"]:
            entity = people.get((a, b)) or by_end.get(b)
            if entity:
                votes[entity][figure["figure"]] += 3
        for a, b in figure["meant"]:
            if (a, b) in people:
                votes[people[a, b]][figure["figure"]] += 1
    pairs = sorted(
        ((count, figure, entity) for entity, it in votes.items() for figure, count in it.items()),
        key=lambda it: (-it[0], it[1], it[2]),
    )
    same, of = defaultdict(set), {}
    for _, figure, entity in pairs:
        if of.setdefault(figure, entity) == entity:
            same[entity].add(figure)
    quotes = marked(folder / "quotations" / f"{name}.ann", "QUOTE", "ATTRIB", found)
    speakers = []
    for line in clues["lines"]:
        span = (line["start"], line["end"])
        best = max((q for q in quotes if overlap(q[0], span) > 0), key=lambda q: overlap(q[0], span), default=None)
        speakers.append(None if best is None else same.get(best[1]))
    return speakers, [None] * len(speakers)


# ---- the model


class Index:
    def __init__(self):
        self.of = {}

    def __getitem__(self, clue):
        return self.of.setdefault(tuple(clue), len(self.of))


def after(history, speaker):
    """Who spoke last and who before, once a line is given to somebody."""
    last, other = history
    return history if speaker is None or speaker == last else (speaker, last)


def role(history, figure):
    return "last" if figure == history[0] else "other" if figure == history[1] else "new"


class Step(NamedTuple):
    """A line that is given to somebody, and all arcs there from who spoke last and who before to who does then."""

    at: int
    figures: int
    befores: int
    afters: int
    # Of each arc: where it begins, whom it gives the line to, their part in the turns, and where it ends.
    source: np.ndarray
    who: np.ndarray
    part: np.ndarray
    target: np.ndarray
    # No tag tells who speaks.
    is_open: bool
    # Which figures speak by the gold; none where that decides nothing.
    gold: np.ndarray | None


def steps_of(lines, voices):
    steps, states = [], {(None, None): 0}
    for at, line in enumerate(lines):
        certain = line["certain"]
        if certain == "nobody" or (certain is None and (line["follows"] or not line["candidates"])):
            continue
        figures = [c["figure"] for c in line["candidates"]] if certain is None else [certain]
        gold = np.array([figure in (voices[at] or ()) for figure in figures], dtype=float)
        following, arcs = {}, []
        for state, number in states.items():
            for i, figure in enumerate(figures):
                then = following.setdefault(after(state, figure), len(following))
                arcs.append((number, i, ROLES.index(role(state, figure)), then))
        gold = gold if certain is None and gold.any() else None
        steps.append(Step(at, len(figures), len(states), len(following), *np.array(arcs).T, certain is None, gold))
        states = following
    return steps


def shares_of(steps, factors):
    """The logarithm of the sum over all ways, and of each step the share of them that goes along each arc."""
    alphas, alpha, total = [], np.ones(1), 0.0
    for step, factor in zip(steps, factors):
        alphas.append(alpha)
        alpha = np.bincount(step.target, alpha[step.source] * factor, step.afters)
        total += np.log(alpha.sum())
        alpha /= alpha.sum()
    beta, shares = np.ones(len(alpha)), []
    for step, alpha, factor in zip(steps[::-1], alphas[::-1], factors[::-1]):
        flow = factor * beta[step.target]
        share = alpha[step.source] * flow
        shares.append(share / share.sum())
        beta = np.bincount(step.source, flow, step.befores)
        beta /= beta.sum()
    return total, shares[::-1]


class Chain:
    """The lines of a text, with the numbers of the clues of each candidate and of each part in the turns."""

    def __init__(self, text, index):
        self.steps = steps_of(text["lines"], text["speakers"])
        self.clues = []
        for step in self.steps:
            line = text["lines"][step.at]
            clues = [[index[it] for it in c["speaks"]] for c in line["candidates"]] if step.is_open else [[]]
            turns = [[index[name, turn] for turn in line["turn"]] for name in ROLES]
            pairs = [[(i, c) for i, it in enumerate(rows) for c in it] for rows in (clues, turns)]
            self.clues.append([np.array(it, dtype=int).reshape(-1, 2).T for it in pairs])

    def expected(self, weights, gradient, sign, told):
        """Adds how often each clue is met, over all ways or over those that agree with the gold."""
        factors = []
        for step, ((rows, columns), (turn_rows, turn_columns)) in zip(self.steps, self.clues):
            static = np.bincount(rows, weights[columns], step.figures)
            turn = np.bincount(turn_rows, weights[turn_columns], len(ROLES))
            factor = np.exp((static - static.max())[step.who] + turn[step.part])
            factors.append(factor * step.gold[step.who] if told and step.gold is not None else factor)
        _, shares = shares_of(self.steps, factors)
        for step, share, ((rows, columns), (turn_rows, turn_columns)) in zip(self.steps, shares, self.clues):
            np.add.at(gradient, columns, sign * np.bincount(step.who, share, step.figures)[rows])
            np.add.at(gradient, turn_columns, sign * np.bincount(step.part, share, len(ROLES))[turn_rows])


def fit(examples, width, penalty, epochs, prior):
    """Weights of a conditional random field; examples are (chain, share). Adagrad, the last half averaged."""
    weights, squares, mean, rounds = prior.copy(), np.full(width, 1.0), np.zeros(width), 0
    order = list(range(len(examples)))
    rng = random.Random(1)
    for epoch in range(epochs):
        rng.shuffle(order)
        for at in order:
            chain, share = examples[at]
            if not chain.steps:
                continue
            gradient = np.zeros(width)
            chain.expected(weights, gradient, share, True)
            chain.expected(weights, gradient, -share, False)
            gradient -= penalty / len(examples) * (weights - prior)
            squares += gradient**2
            weights += 0.5 * gradient / np.sqrt(squares)
            if 2 * epoch >= epochs:
                mean += weights
                rounds += 1
    return mean / max(rounds, 1)


def best(text, index, weights):
    """The best way to give out the lines of a text by its clues."""
    def weight(clue):
        at = index.of.get(tuple(clue))
        return weights[at] if at is not None and at < len(weights) else 0.0

    lines = text["lines"]
    scores = [[sum(weight(clue) for clue in c["speaks"]) for c in line["candidates"]] for line in lines]
    turns = [[sum(weight((name, turn)) for turn in line["turn"]) for name in ROLES] for line in lines]
    return given_out(lines, scores, turns)


def given_out(lines, scores, turns):
    """Who speaks each line in the best way to give them out, as in choice.rs: of each line the scores of its candidates
    and of the parts in its turns."""
    ways = {(None, None): (0.0, None)}
    for line, static, parts in zip(lines, scores, turns):
        certain = line["certain"]
        if certain == "nobody" or (certain is None and not line["candidates"]):
            ways = {state: (score, (None, path)) for state, (score, path) in ways.items()}
            continue
        if certain is None and line["follows"] and line is not lines[0]:
            ways = {state: (score, (state[0], path)) for state, (score, path) in ways.items()}
            continue
        following = {}
        options = [(certain, 0.0)] if certain is not None else [(c["figure"], own) for c, own in zip(line["candidates"], static)]
        for state, (score, path) in ways.items():
            for figure, own in options:
                total, then = score + own + parts[ROLES.index(role(state, figure))], after(state, figure)
                if then not in following or following[then][0] < total:
                    following[then] = (total, (figure, path))
        ways = dict(sorted(following.items(), key=lambda it: -it[1][0])[:24])
    _, path = max(ways.values(), key=lambda it: it[0])
    row = []
    while path is not None:
        row.append(path[0])
        path = path[1]
    return row[::-1]


def softmax(examples, width, penalty):
    """Weights under which the right rows are likeliest; examples are (rows of clues, right, share)."""
    rows, groups, golds, shares = [], [], [], []
    for clues, gold, share in examples:
        golds.append(len(rows) + gold)
        shares.append(share)
        groups += [len(golds) - 1] * len(clues)
        rows += clues
    numbers = np.array([r for r, it in enumerate(rows) for _ in it])
    columns = np.array([c for it in rows for c in it])
    groups, golds, shares = np.array(groups), np.array(golds), np.array(shares)

    def loss(weights):
        sums = np.bincount(numbers, weights[columns], len(rows))
        most = np.full(len(golds), -np.inf)
        np.maximum.at(most, groups, sums)
        likely = np.exp(sums - most[groups])
        norm = np.bincount(groups, likely, len(golds))
        slope = shares[groups] * likely / norm[groups]
        slope[golds] -= shares
        gradient = np.bincount(columns, slope[numbers], width) + 2 * penalty * weights
        return penalty * weights @ weights + shares @ (np.log(norm) + most - sums[golds]), gradient

    return descend(loss, np.zeros(width))


def descend(loss, weights, rounds=120, memory=10):
    """The lowest point of a convex function that returns its slope too, by L-BFGS."""
    value, slope = loss(weights)
    past = []
    for _ in range(rounds):
        direction, shares = -slope, []
        for step, change in reversed(past):
            shares.append(step @ direction / (step @ change))
            direction = direction - shares[-1] * change
        if past:
            step, change = past[-1]
            direction = direction * (step @ change) / (change @ change)
        for (step, change), share in zip(past, reversed(shares)):
            direction = direction + step * (share - change @ direction / (step @ change))
        length = 1.0 if past else 1.0 / max(1.0, np.abs(slope).sum())
        while True:
            then, below = loss(weights + length * direction)
            if then <= value + 1e-4 * length * (slope @ direction) or length < 1e-8:
                break
            length /= 2
        step, change = length * direction, below - slope
        weights, value, slope = weights + step, then, below
        if step @ change > 1e-10:
            past = [*past, (step, change)][-memory:]
        if np.abs(slope).max() < 1e-4:
            break
    return weights


# ---- addressees


def distance(lines, one, other):
    paragraphs = abs(lines[one]["paragraph"] - lines[other]["paragraph"])
    if paragraphs <= 2:
        return ["same paragraph", "next paragraph", "one between"][paragraphs]
    return "next line" if abs(one - other) == 1 else "near" if paragraphs <= 5 else "far"


def hearers(text, index, speakers, chosen=None, weights=None):
    """Rows of (clues of nobody and of each candidate, figures, gold); chooses as it goes if asked."""
    lines, rows, found = text["lines"], [], []
    for i, line in enumerate(lines):
        speaker = speakers[i]
        differs = lambda at: speakers[at] is not None and speakers[at] != speaker
        before = next((at for at in range(i - 1, max(-1, i - 5), -1) if differs(at)), None)
        after = next((at for at in range(i + 1, min(len(lines), i + 5)) if differs(at)), None)
        history = found if weights is not None else chosen
        same = next(
            (at for at in range(i - 1, max(-1, i - 4), -1)
             if speakers[at] == speaker and history[at] not in (None, -1, {-1})),
            None,
        )
        options = [(-1, [index[c] for c in line["nobody"]])]
        for c in line["candidates"]:
            figure = c["figure"]
            if figure == speaker:
                continue
            clues = [index[clue] for clue in c["hears"]]
            if before is not None and speakers[before] == figure:
                clues.append(index["spoke before", distance(lines, i, before)])
            if after is not None and speakers[after] == figure:
                clues.append(index["speaks after", distance(lines, i, after)])
            if same is not None and figure in (history[same] if weights is None else {history[same]}):
                clues.append(index["heard before", distance(lines, i, same)])
            options.append((figure, clues))
        rows.append(options)
        if weights is not None:
            sums = [sum(weights[c] for c in clues if c < len(weights)) for _, clues in options]
            found.append(options[int(np.argmax(sums))][0])
    return rows if weights is None else found


def fit_hearers(texts, index, penalty):
    examples = []
    for text in texts:
        for choices, gold in zip(hearers(text, index, text["voices"], text["hears"]), text["hears"]):
            right = [at for at, (figure, _) in enumerate(choices) if gold and figure in gold]
            if right and len(choices) > 1:
                examples.append(([clues for _, clues in choices], right[0], 1.0))
    return softmax(examples, len(index.of), penalty)


# ---- all of it


def right(texts, chosen):
    good = all_ = 0
    for text, row in zip(texts, chosen):
        for line, gold, found in zip(text["lines"], text["speakers"], row):
            if gold is not None:
                good += found in gold
                all_ += 1
    return good, all_


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tales", nargs="*", default=[], type=pathlib.Path)
    parser.add_argument("--litbank", type=pathlib.Path)
    parser.add_argument("--originals", type=pathlib.Path)
    parser.add_argument("--evaluate", required=True)
    parser.add_argument("--rules", action="store_true")
    parser.add_argument("--share", type=float, default=0.2, help="what a novel counts beside a tale")
    parser.add_argument("--penalty", type=float, default=3.0)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--cache", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    texts = []
    report = Counter()
    paths = sorted(p for folder in arguments.tales for p in folder.glob("*.txt"))
    for path, clues in zip(paths, clues_of(arguments.evaluate, paths, False)):
        gold = json.loads(path.with_suffix(".json").read_text())
        speakers, hears, counts = gold_of_tale(clues, gold)
        report += counts
        texts.append(dict(name=path.stem, tale=True, lines=clues["lines"], speakers=speakers, hears=hears))
    print("tales, as read with the weights that were built in:", dict(report))
    if arguments.litbank:
        texts += novels(arguments)
    for text in texts:
        for line in text["lines"]:
            line["certain"] = tell(line)
    texts = [text for text in texts if text["lines"]]
    rng = random.Random(0)
    order = list(range(len(texts)))
    rng.shuffle(order)
    fold_of = {at: number % arguments.folds for number, at in enumerate(order)}
    index = Index()
    for text in texts:
        text["chain"] = (Chain(text, index), 1.0 if text["tale"] else arguments.share)

    prior = np.zeros(len(index.of))
    for clue, weight in PRIOR.items():
        if clue in index.of:
            prior[index.of[clue]] = weight

    def speaker_weights(train):
        return fit([text["chain"] for text in train], len(index.of), arguments.penalty, arguments.epochs, prior)

    results = Counter()
    for fold in range(arguments.folds):
        weights = speaker_weights([t for i, t in enumerate(texts) if fold_of[i] != fold])
        for i, text in enumerate(texts):
            if fold_of[i] == fold:
                text["voices"] = best(text, index, weights)
                good, all_ = right([text], [text["voices"]])
                kind = "tales" if text["tale"] else "novels"
                results[kind, "right"] += good
                results[kind, "all"] += all_
    for kind in ("tales", "novels"):
        if results[kind, "all"]:
            share = results[kind, "right"] / results[kind, "all"]
            print(f"speakers of {kind}, held out: {share:.3f} of {results[kind, 'all']} whose figure is known")
    if report:
        print(f"that is {results['tales', 'right'] / report['lines']:.3f} of all lines of tales")
    weights = speaker_weights(texts)

    ears = Index()
    tales = [t for t in texts if t["tale"]]
    for text in tales:
        hearers(text, ears, text["voices"], text["hears"])
    good = 0
    nobody = Counter()
    for fold in range(arguments.folds):
        train = [t for i, t in enumerate(texts) if fold_of[i] != fold and t["tale"]]
        test = [t for i, t in enumerate(texts) if fold_of[i] == fold and t["tale"]]
        fitted = fit_hearers(train, ears, arguments.penalty)
        for text in test:
            found = hearers(text, ears, text["voices"], weights=fitted)
            for one, gold in zip(found, text["hears"]):
                if gold == {-1}:
                    nobody[one == -1] += 1
                elif gold:
                    good += one in gold
    if report:
        print(f"addressees of tales, held out: {good / report['addressees']:.3f}; nobody: {dict(nobody)}")
    if arguments.out:
        fitted = fit_hearers(tales, ears, arguments.penalty)
        # Those beside what units hear are links.py's.
        old = arguments.out.read_text().splitlines(True) if arguments.out.exists() else []
        rows = [row for row in old if row.startswith("speaks, heard\t")]
        for task, table, values in (("speaks", index, weights), ("hears", ears, fitted)):
            for clue, at in table.of.items():
                if at < len(values) and abs(values[at]) >= 0.005:
                    rows.append(f"{task}\t{clue[0]}\t{clue[1]}\t{values[at]:.2f}\n")
        arguments.out.write_text("".join(sorted(rows)))


def tell(line):
    """Certain speakers: a figure, "nobody" where the text leaves it open, else None."""
    if not line["told"]:
        return None
    return "nobody" if line["certain"] is None else line["certain"]


def novels(arguments):
    names = (arguments.litbank / "train.ids").read_text().split()
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name in names:
            words = [l.split() for l in (arguments.litbank / "coref" / f"{name}.txt").read_text().splitlines()]
            text = (arguments.originals / f"{name}.txt").read_text(errors="replace")
            ends = [span[1] for row in places(text, words) for span in row if span]
            path = pathlib.Path(folder) / f"{name}.txt"
            path.write_text(text[: ends[-1]])
            paths.append(path)
        cache = arguments.cache
        if cache and cache.exists():
            clues = json.loads(cache.read_text())
        else:
            clues = clues_of(arguments.evaluate, paths, arguments.rules)
            if cache:
                cache.write_text(json.dumps(clues))
    found = []
    for name, it in zip(names, clues):
        speakers, hears = gold_of_novel(it, arguments.litbank, name)
        found.append(dict(name=name, tale=False, lines=it["lines"], speakers=speakers))
    return found


if __name__ == "__main__":
    main()
