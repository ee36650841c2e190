"""Figures on the development data, to follow a training run.

The figures of the model card come from `evaluate` in `benches`, which runs the shipped weights in Burn.
"""

import torch

import tokens
from data import MENTIONS, Window, passage_window
from lemma import apply
from network import FEELINGS


def in_batches(windows, pieces, size=4096):
    """Batches of windows of like length, with their indexes."""
    length = lambda w: sum(len(pieces.of(x)) for x in w.words) + 2
    order = sorted(range(len(windows)), key=lambda i: length(windows[i]))
    batch, longest = [], 0
    for i in order:
        longest = length(windows[i])
        if batch and longest * (len(batch) + 1) > size:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def macro_f1(predicted, gold, n=len(FEELINGS)):
    """Multi-label macro-F1 and the F1 of each label."""
    scores = []
    for i in range(n):
        tp = sum(1 for p, g in zip(predicted, gold) if i in p and i in g)
        fp = sum(1 for p, g in zip(predicted, gold) if i in p and i not in g)
        fn = sum(1 for p, g in zip(predicted, gold) if i not in p and i in g)
        scores.append(2 * tp / max(1, 2 * tp + fp + fn))
    return sum(scores) / n, scores


@torch.no_grad()
def feelings(network, collate, windows, pieces, register):
    """Logits of every labelled span, window by window."""
    network.eval()
    found = [None] * len(windows)
    for indexes in in_batches(windows, pieces):
        batch = collate([windows[i] for i in indexes])
        states = network.encoder(batch.pieces, batch.casings, batch.lengths)
        logits = network.feelings(states[-1], batch.shares, register).cpu()
        for row, i in enumerate(indexes):
            found[i] = logits[row, : len(windows[i].feelings)]
    return found


def forum(network, collate, windows, pieces, thresholds=(0.4,) * len(FEELINGS)):
    logits = feelings(network, collate, windows, pieces, "forum")
    predicted, gold = [], []
    for window, row in zip(windows, logits):
        scores = row[0].sigmoid()
        labels = {i for i in range(len(FEELINGS)) if scores[i] > thresholds[i]} or {int(scores.argmax())}
        predicted.append(labels)
        gold.append({i for i, v in enumerate(window.feelings[0][2]) if v})
    return macro_f1(predicted, gold)


def thresholds(network, collate, windows, pieces):
    """For each feeling of a forum text, the probability above which its F1 is best.

    The F1 is averaged over neighbouring thresholds: a peak of its own is chance.
    """
    logits = feelings(network, collate, windows, pieces, "forum")
    scores = torch.stack([row[0].sigmoid() for row in logits])
    gold = torch.tensor([window.feelings[0][2] for window in windows]) > 0.5
    steps = torch.arange(0.1, 0.9, 0.02)
    best = []
    for i in range(len(FEELINGS)):
        found = scores[:, i, None] > steps
        truth = gold[:, i, None]
        f1 = 2 * (found & truth).sum(0) / (found.sum(0) + truth.sum()).clamp(min=1)
        smooth = torch.nn.functional.avg_pool1d(f1[None], 7, 1, 3, count_include_pad=False)[0]
        best.append(round(steps[smooth.argmax()].item(), 2))
    return best


def story(network, collate, windows, pieces, bias=0.0):
    """Accuracy a feeling, overall accuracy and macro-F1 of spans; any label of a span is right."""
    logits = feelings(network, collate, windows, pieces, "story")
    predicted, gold = [], []
    for window, rows in zip(windows, logits):
        for (_, _, label), row in zip(window.feelings, rows):
            predicted.append({int((row + bias).argmax())})
            gold.append({i for i, v in enumerate(label) if v})
    right = [bool(p & g) for p, g in zip(predicted, gold)]
    each = {}
    for i, name in enumerate(FEELINGS):
        hits = [r for r, g in zip(right, gold) if i in g]
        each[name] = sum(hits) / max(1, len(hits))
    return sum(right) / len(right), macro_f1(predicted, gold)[0], each


@torch.no_grad()
def treebank(network, collate, documents, maps, pieces, lexicon=None):
    """UPOS, lemma and LAS as F1 over words by their characters; gold sentences, our own words.

    `lexicon` chooses among the network's lemma rules; without, the network alone does.
    """
    network.eval()
    tags, lemmas, relations = maps
    sentences = [s for d in documents for s in d]
    windows = []
    for s in sentences:
        spans = tokens.words(s.text)
        windows.append(Window([s.text[a:b] for a, b in spans], sentences=[(0, len(spans))]))
    total = {"gold": 0, "ours": 0, "words": 0, "upos": 0, "lemma": 0, "uas": 0, "las": 0}
    for indexes in in_batches(windows, pieces):
        batch = collate([windows[i] for i in indexes])
        states = network.encoder(batch.pieces, batch.casings, batch.lengths)
        words = network.syntax(states, batch.first)
        tag = network.syntax.tags(words).argmax(-1).tolist()
        scores = network.syntax.lemmas(words).cpu()
        arcs = network.syntax.arcs(words)
        arcs = arcs.masked_fill(~batch.parents_allowed, -1e9)
        parent = arcs.argmax(-1)
        relation = network.syntax.labels(words, parent).argmax(-1).tolist()
        parent = parent.tolist()
        for row, i in enumerate(indexes):
            s = sentences[i]
            ours = tokens.words(s.text)
            of = {span: k for k, span in enumerate(s.spans)}
            total["gold"] += len(s.spans)
            total["ours"] += len(ours)
            for k, span in enumerate(ours):
                g = of.get(span)
                if g is None:
                    continue
                total["words"] += 1
                total["upos"] += tags[tag[row][k]] == s.tags[g]
                if lexicon:
                    rule = lexicon.choose(s.words[g], tags[tag[row][k]], scores[row, k].tolist())
                else:
                    rule = lemmas[int(scores[row, k].argmax())]
                total["lemma"] += apply(rule, s.words[g]) == s.lemmas[g]
                p = parent[row][k]
                same = s.parents[g] == 0 if p == 0 else (
                    s.parents[g] > 0 and ours[p - 1] == s.spans[s.parents[g] - 1]
                )
                total["uas"] += same
                total["las"] += same and relations[relation[row][k]] == s.relations[g]
    both = total["gold"] + total["ours"]
    return {name: 200 * total[name] / both for name in ("words", "upos", "lemma", "uas", "las")}


@torch.no_grad()
def mentions(network, collate, windows, pieces):
    """F1 of entity spans by type, proper and common names (pronouns apart), and with the form."""
    network.eval()
    typed, formed, people = [0, 0, 0], [0, 0, 0], [0, 0, 0]
    ends = [0, 0, 0]
    for indexes in in_batches(windows, pieces, 2048):
        batch = collate([windows[i] for i in indexes])
        states = network.encoder(batch.pieces, batch.casings, batch.lengths)
        best = network.mentions(states, batch.first).argmax(-1).cpu()
        end = (network.syntax.ends(network.syntax(states, batch.first))[..., 0] > 0).cpu()
        for row, i in enumerate(indexes):
            window = windows[i]
            n = len(window.words)
            ours = set()
            for a, b in best[row, :n, :n].triu().nonzero().tolist():
                name = MENTIONS[int(best[row, a, b])]
                ours.add((a, b, *name.split("_")))
            gold = {(a, b, *MENTIONS[c].split("_")) for a, b, c in window.mentions}
            plain = lambda found: {m for m in found if m[3] != "PRON"}
            for score, key in ((typed, lambda f: {m[:3] for m in plain(f)}), (formed, plain),
                               (people, lambda f: {m[:3] for m in f})):
                o, g = key(ours), key(gold)
                score[0] += len(o & g)
                score[1] += len(o)
                score[2] += len(g)
            # The last word of a window always ends a sentence, and says nothing.
            o = {k for k in range(n - 1) if end[row, k]}
            g = {b - 1 for _, b in window.sentences} - {n - 1}
            ends[0] += len(o & g)
            ends[1] += len(o)
            ends[2] += len(g)
    f1 = lambda s: 200 * s[0] / max(1, s[1] + s[2])
    return {"typed": f1(typed), "with form": f1(formed), "all": f1(people), "sentence ends": f1(ends)}


def regression(path):
    """The regression set: `(label, kind, manner, sentence)`."""
    lines = open(path, encoding="utf-8").read().splitlines()[1:]
    return [line.split("\t") for line in lines]


def regression_windows(path):
    return [passage_window([(FEELINGS.index(l), s)]) for l, _, _, s in regression(path)]
