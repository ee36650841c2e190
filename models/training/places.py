"""Trains the head that tells place, time of day and being under a roof from what each sentence tells.

    python places.py --evidence EVIDENCE                                   # how many scenes of tales left out are right
    python places.py --evidence EVIDENCE --out ../settings.safetensors     # trains on all and writes the head

EVIDENCE is what the example `setting_evidence` of `nlp` writes for `places/sentences.tsv` and for the tales. A text is a
chain of sentences that are somewhere; each sentence scores every value, and a change of value costs. The scores of
states are learned from the sentences; what a state, a vote of words and a change count from the tales, so that the values
that readers wrote down are the most probable ones (a conditional random field for each of the three).
"""

import argparse
import copy
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from export import quantized

PLACES = "forest sky night indoor water field village city castle mountain desert snow cave sea garden road".split()
ALL_PLACES = PLACES + ["river", "ship", "school"]
TIMES = ["dawn", "day", "dusk", "night"]
# Columns of the evidence of words.
N = len(ALL_PLACES)
MOVES, TIME, FLAGS = N, 2 * N, 2 * N + 10
MOVING, _, JUMP, BREAK, OPENS, SPOKEN = range(FLAGS, FLAGS + 6)
# Chosen by leaving tales out.
WIDTH, PARTS = 2 * 384, 96
HIDDEN, DECAY, NOTHING, STEPS, CHAIN_STEPS = 48, 0.3, 0.5, 200, 50
TASKS = {"place": PLACES, "time": TIMES, "indoor": ["out", "in"]}


class Text:
    def __init__(self, line):
        self.file, self.row, self.source = Path(line["file"]), line["row"], line["text"].encode()
        sentences = line["sentences"]
        self.ranges = [(s["range"]["start"], s["range"]["end"]) for s in sentences]
        self.words = torch.tensor([s["words"] for s in sentences])
        # Headings have no state.
        self.told = torch.tensor([float(bool(s["state"])) for s in sentences])
        self.states = torch.zeros(len(sentences), WIDTH)
        for row, s in zip(self.states, sentences):
            if s["state"]:
                row[:] = torch.tensor(s["state"])
        self.label()

    def label(self):
        """What people wrote down: for each of the three, what each sentence may be, nothing if it tells nothing."""
        if self.file.suffix == ".tsv":
            columns = self.file.read_text().splitlines()[self.row].split("\t")[:3]
            place, time = ([] if c == "-" else c.split("/") for c in columns[:2])
            roofed = {"in" if p == "indoor" else "out" for p in place if p not in ("castle", "cave", "sky")}
            values = {"place": place, "time": time, "indoor": sorted(roofed)}
            self.gold = {task: [values[task]] * len(self.ranges) for task in TASKS}
            self.scenes = None
            return
        scenes = json.loads(self.file.with_suffix(".json").read_text())["scenes"]
        starts = [self.source.find(s["begins"].encode()) for s in scenes]
        for s in scenes:
            # "Unknown" is what a reader writes who finds no hint; by day is never wrong then.
            s["time"] = [v for v in s["time"] if v != "unknown"] or ["day"]
            s["indoor"] = ["in" if s["indoor"] else "out"]
        self.scenes = list(zip(zip(starts, starts[1:] + [len(self.source)]), scenes))
        of = [max((i for i, a in enumerate(starts) if a <= x), default=0) for x, _ in self.ranges]
        self.gold = {task: [scenes[i][task] for i in of] for task in TASKS}


class Chain(nn.Module):
    """Scores of the values of each sentence, and what a change costs."""

    def __init__(self, task):
        super().__init__()
        self.task, self.values = task, TASKS[task]
        count = len(self.values)
        self.inner = nn.Linear(PARTS, HIDDEN)
        self.outer = nn.Linear(HIDDEN, count)
        # What the words tell: what a vote adds, and what a place that is entered adds.
        self.votes = nn.Parameter(torch.tensor([0.5, 0.5]))
        # What a state counts, and what of it where all is said aloud.
        self.scale = nn.Parameter(torch.tensor(0.3))
        self.aloud = nn.Parameter(torch.tensor(0.3))
        self.start = nn.Parameter(torch.zeros(count))
        # A change anywhere; where a paragraph opens; at a jump in time; at a break; where somebody goes.
        self.change = nn.Parameter(torch.tensor([-4.0, 1.0, 1.0, 2.0, 1.0]))

    def told(self, words):
        """What the words tell of each value: votes, and what is entered."""
        if self.task == "place":
            return words[..., : len(PLACES)], words[..., MOVES : MOVES + len(PLACES)]
        if self.task == "time":
            votes = words[..., TIME : TIME + 4]
            return votes, torch.zeros_like(votes)
        votes = F.pad(words[..., PLACES.index("indoor"), None], (1, 0))
        return votes, torch.zeros_like(votes)

    def seen(self, states):
        """What the states alone score."""
        x = F.dropout(states, 0.3, self.training)
        return self.outer(F.dropout(torch.tanh(self.inner(x)), 0.3, self.training))

    def scores(self, words, seen, told):
        spoken = words[..., SPOKEN]
        seen = self.scale * seen * (told * (1 - spoken + spoken * self.aloud))[..., None]
        votes, entered = self.told(words)
        return seen + self.votes[0] * votes.clamp(-4, 4) + self.votes[1] * entered

    def changes(self, words):
        """The score of a change before each sentence."""
        one = torch.ones_like(words[..., OPENS])
        goes = words[..., MOVING] if self.task == "place" else 0 * one
        return torch.stack([one, words[..., OPENS], words[..., JUMP], words[..., BREAK], goes], -1) @ self.change

    def partition(self, scores, changes, mask):
        """The log of the sum over all chains; `scores` `[b, n, values]`, `mask` `[b, n]` where there are sentences."""
        total = scores[:, 0] + self.start.log_softmax(0)
        for i in range(1, scores.shape[1]):
            moved = total.logsumexp(-1, keepdim=True) + changes[:, i, None] + self.start.log_softmax(0)
            step = torch.logaddexp(total, moved) + scores[:, i]
            total = torch.where(mask[:, i, None], step, total)
        return total.logsumexp(-1)

    def best(self, scores, changes):
        """The best chain of one text."""
        prior = self.start.log_softmax(0)
        total, back = scores[0] + prior, []
        for i in range(1, len(scores)):
            moved = total.max() + changes[i] + prior
            back.append(torch.where(moved > total, total.argmax(), torch.arange(len(total))))
            total = torch.maximum(total, moved) + scores[i]
        path = [int(total.argmax())]
        for b in reversed(back):
            path.append(int(b[path[-1]]))
        return path[::-1]


def padded(texts):
    n = max(len(t.words) for t in texts)
    pad = lambda v: F.pad(v, (0, 0, 0, n - len(v)))
    words = torch.stack([pad(t.words) for t in texts])
    states = torch.stack([pad(t.states) for t in texts])
    told = torch.stack([F.pad(t.told, (0, n - len(t.told))) for t in texts])
    mask = torch.stack([torch.arange(n) < len(t.words) for t in texts])
    return words, states, told, mask


def allowed(texts, task, n):
    """Which values each sentence may have; all where nothing is known."""
    values = TASKS[task]
    may = torch.ones(len(texts), n, len(values), dtype=torch.bool)
    for row, t in zip(may, texts):
        for i, labels in enumerate(t.gold[task]):
            known = [values.index(v) for v in labels if v in values]
            if known:
                row[i] = False
                row[i, known] = True
    return may


def learn_head(chain, sentences):
    """Trains what is scored by the state, on the labelled sentences alone: there are too few tales for so many weights."""
    values, task = chain.values, chain.task
    spoken = [t for t in sentences if t.gold[task][0]]
    states = torch.stack([t.states.mean(0) for t in spoken])
    may = torch.stack([torch.tensor([v in t.gold[task][0] for v in values]) for t in spoken])
    # What is rare here need not be rare in tales.
    share = torch.nn.Parameter(torch.zeros(len(values)))
    nothing = torch.stack([t.states.mean(0) for t in sentences if not t.gold[task][0]])
    steer = torch.optim.AdamW([
        {"params": [*chain.inner.parameters(), *chain.outer.parameters()], "weight_decay": DECAY},
        {"params": [share], "weight_decay": 0.0},
    ], lr=1e-2)
    chain.train()
    for step in range(STEPS):
        steer.zero_grad()
        logits = chain.seen(states) + share
        loss = (logits.logsumexp(-1) - logits.masked_fill(~may, -1e4).logsumexp(-1)).mean()
        logits = chain.seen(nothing)
        loss = loss + NOTHING * (logits.logsumexp(-1) - logits.mean(-1) - math.log(len(values))).mean()
        loss.backward()
        steer.step()
    chain.eval()
    with torch.no_grad():
        chain.outer.bias -= chain.outer.bias.mean()


def learn_chain(chain, tales):
    """Trains what a state, a vote and a change count, on tales."""
    words, states, told, mask = padded(tales)
    may = allowed(tales, chain.task, words.shape[1])
    with torch.no_grad():
        seen = chain.seen(states)
    few = [chain.scale, chain.aloud, chain.votes, chain.start, chain.change]
    steer = torch.optim.Adam(few, lr=0.08)
    for step in range(CHAIN_STEPS):
        steer.zero_grad()
        scores, changes = chain.scores(words, seen, told), chain.changes(words)
        free = chain.partition(scores, changes, mask)
        held = chain.partition(scores.masked_fill(~may, -1e4), changes, mask)
        loss = (free - held).mean() + 0.02 * chain.start.square().sum()
        loss.backward()
        steer.step()


def train(task, tales, sentences, seed=7):
    torch.manual_seed(seed)
    chain = Chain(task)
    learn_head(chain, sentences)
    learn_chain(chain, tales)
    return chain


@torch.no_grad()
def right(chain, tales, show=False):
    """How many scenes have a value that readers accept for most of their bytes, as `evaluate tales` counts."""
    good = total = 0
    for t in tales:
        path = chain.best(chain.scores(t.words, chain.seen(t.states), t.told), chain.changes(t.words))
        for (a, b), gold in t.scenes:
            covered = {}
            for (x, y), value in zip(t.ranges, path):
                share = min(y, b) - max(x, a)
                if share > 0:
                    covered[value] = covered.get(value, 0) + share
            best = chain.values[max(sorted(covered), key=lambda v: covered[v])] if covered else None
            total += 1
            good += best in gold[chain.task]
            if show and best not in gold[chain.task]:
                print(t.file.stem, best, gold[chain.task], t.source[a : a + 70].decode(errors="replace"))
    return good, total


def main_parts(texts):
    """The mean of the states and their main parts, scaled to have the same variance on average."""
    rows = torch.cat([t.states[t.told > 0] for t in texts])
    mean = rows.mean(0)
    _, spread, parts = torch.linalg.svd(rows - mean, full_matrices=False)
    scale = (spread[:PARTS].square().sum() / len(rows) / PARTS).sqrt()
    return mean, parts[:PARTS] / scale


def shipped(chain, mean, parts):
    """The arrays of a chain that takes states as they are."""
    weight = chain.inner.weight.detach() @ parts
    arrays = {name: value.detach().clone() for name, value in chain.named_parameters()}
    arrays["inner.weight"], arrays["inner.weight.scale"] = quantized(weight)
    restored = arrays["inner.weight"].float() * arrays["inner.weight.scale"][:, None]
    arrays["inner.bias"] = chain.inner.bias.detach() - restored @ mean
    arrays["aloud"] = arrays["aloud"].reshape(1)
    scale = arrays.pop("scale")
    arrays["outer.weight"], arrays["outer.bias"] = arrays["outer.weight"] * scale, arrays["outer.bias"] * scale
    return {f"{chain.task}.{name}": value.contiguous() for name, value in arrays.items()}


def left_out(task, tales, sentences, folds=2, show=False):
    """How many scenes of tales that were left out are right."""
    good = total = 0
    torch.manual_seed(7)
    chain = Chain(task)
    learn_head(chain, sentences)
    for fold in range(folds):
        held = [t for i, t in enumerate(tales) if i % folds == fold]
        kept = [t for i, t in enumerate(tales) if i % folds != fold]
        of_fold = copy.deepcopy(chain)
        learn_chain(of_fold, kept)
        a, b = right(of_fold, held, show)
        good, total = good + a, total + b
    return good, total


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evidence", required=True, type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    texts = [Text(json.loads(line)) for line in options.evidence.read_text().splitlines()]
    tales = [t for t in texts if t.scenes]
    sentences = [t for t in texts if not t.scenes and t.row > 0]
    mean, parts = main_parts(texts)
    for t in texts:
        t.states = (t.states - mean) @ parts.T * t.told[:, None]
    arrays = {}
    for task in TASKS:
        if options.out:
            chain = train(task, tales, sentences)
            good, total = right(chain, tales)
            print(f"{task}: {good} of {total} scenes right in the tales it was trained on", flush=True)
            arrays.update(shipped(chain, mean, parts))
            continue
        good, total = left_out(task, tales, sentences, show=options.show)
        print(f"{task}: {good} of {total} scenes right, {good / total:.3f}", flush=True)
    if options.out:
        save_file(arrays, options.out)
        options.out.chmod(0o644)


if __name__ == "__main__":
    main()
