"""Trains the head that tells place, time of day and being under a roof from what each sentence tells.

    python places.py --evidence EVIDENCE --lines places/*.tsv                # how many scenes of tales left out are right
    python places.py --evidence EVIDENCE --lines places/*.tsv --out ..       # trains on all and writes the head
    python places.py --measure places/more/*.tsv                             # how much of these the shipped head finds

EVIDENCE is what the example `setting_evidence` of `nlp` writes for tales. First a layer on the encoder's embeddings
learns from lines what they tell (`nlp/networks/src/settings.rs`). Then a text is a chain of sentences that are
somewhere; each sentence scores every value, and a change of value costs: what a sense, a vote of words and a change
count is learned from those tales, so that the values that readers wrote down are the most probable ones (a conditional
random field for each of the three; `nlp/src/reading/whereabouts.rs`).
"""

import argparse
import copy
import json
import math
import random
from collections import Counter
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

import tokens
from export import quantized
from network import HIDDEN, Encoder

PLACES = "forest sky night indoor water field village city castle mountain desert snow cave sea garden road".split()
ALL_PLACES = PLACES + ["river", "ship", "school"]
TIMES = ["dawn", "day", "dusk", "night"]
TASKS = {"place": PLACES, "time": TIMES, "indoor": ["out", "in"]}
# Columns of the evidence of words.
N = len(ALL_PLACES)
MOVES, TIME, FLAGS = N, 2 * N, 2 * N + 10
MOVING, _, JUMP, BREAK, OPENS, SPOKEN = range(FLAGS, FLAGS + 6)
LONGEST, LOOKS, SENSE = 128, 4, 192
# Chosen by leaving lines and tales out.
EPOCHS, BATCH, LAYER_RATE, RATE, NOTHING, CHAIN_STEPS = 8, 32, 1e-4, 1e-3, 0.5, 50
# Lines whose sense is written down for the parity test.
PARITY = 6


def shipped_encoder(file):
    """The encoder with its weights as the product computes with them, and its word pieces."""
    with safe_open(file, "pt") as arrays:
        vocabulary = arrays.metadata()["vocabulary"].split("\n")
        names = [name for name in arrays.keys() if name.startswith("encoder.") and not name.endswith(".scale")]
        state = {}
        for name in names:
            value = arrays.get_tensor(name).float()
            if name + ".scale" in arrays.keys():
                value = value * arrays.get_tensor(name + ".scale")[:, None]
            state[name.removeprefix("encoder.")] = value
    encoder = Encoder(len(vocabulary))
    encoder.load_state_dict(state)
    return encoder.eval(), tokens.Pieces(vocabulary)


def shipped_head(file, encoder, pieces):
    """What stretches tell, with the weights that the product has."""
    with safe_open(file, "pt") as arrays:
        names = [name for name in arrays.keys() if not name.endswith(".scale")]
        state = {name: arrays.get_tensor(name).float() for name in names}
        for name in names:
            if name + ".scale" in arrays.keys():
                state[name] *= arrays.get_tensor(name + ".scale")[:, None]
    head = Settings(encoder, pieces)
    # What a sense counts, beside words, is in the weights of the values.
    seen = {f"seen.{task}.{part}": state[f"{task}.seen.{part}"] for task in TASKS for part in ("weight", "bias")}
    layer = {n.removeprefix("settings."): v for n, v in state.items() if n.startswith("settings.")}
    head.load_state_dict(layer | seen)
    return head.eval()


@torch.no_grad()
def print_right(head, lines, of):
    """How many of the lines that tell something are found to tell it."""
    senses = head.senses([line.row for line in lines])
    for task in TASKS:
        found = head.seen[task](senses).argmax(1)
        told = [(line, int(best)) for line, best in zip(lines, found) if line.gold[task].any()]
        good = sum(bool(line.gold[task][best]) for line, best in told)
        print(f"{task}: {good} of {len(told)} {of} that tell it, {good / len(told):.3f}", flush=True)


def row(text, pieces):
    """The pieces of a stretch and how they are written, as many words as fit."""
    ids, casings = [pieces.start], [0]
    for start, end in tokens.words(text):
        of = pieces.of(text[start:end])
        if len(ids) + len(of) + 1 > LONGEST:
            break
        ids += of
        casings += [tokens.casing(text[start:end])] * len(of)
    return ids + [pieces.end], casings + [0]


class Line:
    """A stretch of text and the values that a reader would see in it; none where it tells nothing."""

    def __init__(self, columns, pieces):
        place, time = ([] if c == "-" else c.split("/") for c in columns[:2])
        self.text = columns[3]
        self.row = row(self.text, pieces)
        place = [p for p in place if p in PLACES]
        roofed = {"in" if p == "indoor" else "out" for p in place if p not in ("castle", "cave", "sky")}
        gold = {"place": place, "time": time, "indoor": sorted(roofed)}
        self.gold = {task: torch.tensor([v in gold[task] for v in values]) for task, values in TASKS.items()}


class Settings(nn.Module):
    """What stretches tell: a layer on the embeddings, pieces weighed `LOOKS` times, and a score for each value."""

    def __init__(self, encoder, pieces):
        super().__init__()
        # Neither is trained: kept out of the parameters.
        self.fixed = (encoder, pieces)
        self.layer = copy.deepcopy(encoder.layers[0])
        self.layer.dropout = 0.1
        self.attention = nn.Linear(HIDDEN, LOOKS)
        self.sense = nn.Linear(LOOKS * HIDDEN, SENSE)
        self.seen = nn.ModuleDict({task: nn.Linear(SENSE, len(values)) for task, values in TASKS.items()})

    def forward(self, rows):
        """`[b, SENSE]` of rows of pieces and casings."""
        encoder, pieces = self.fixed
        lengths = torch.tensor([len(ids) for ids, _ in rows])
        n = int(lengths.max())
        ids = torch.tensor([r + [pieces.pad] * (n - len(r)) for r, _ in rows])
        casings = torch.tensor([c + [0] * (n - len(c)) for _, c in rows])
        with torch.no_grad():
            x = encoder.embedding_norm(encoder.pieces(ids) + encoder.casings(casings) + encoder.positions.weight[:n])
        x = F.dropout(x, 0.1, self.training)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            x = self.layer(x, encoder.mask(x, lengths))
        x = x.float()
        real = torch.arange(n)[None] < lengths[:, None]
        looks = self.attention(x).masked_fill(~real[..., None], -1e9).softmax(1)
        seen = torch.einsum("bnd,bnl->bld", x, looks).flatten(1)
        return F.dropout(torch.tanh(self.sense(F.dropout(seen, 0.2, self.training))), 0.3, self.training)

    def loss(self, lines):
        """How unlikely the right values are; and how far from even where nothing is told."""
        sense, loss = self([line.row for line in lines]), 0
        for task, outputs in self.seen.items():
            logits = outputs(sense)
            right = torch.stack([line.gold[task] for line in lines])
            told = right.any(1)
            unlikely = logits.logsumexp(-1) - logits.masked_fill(~right, -1e9).logsumexp(-1)
            uneven = logits.logsumexp(-1) - logits.mean(-1) - math.log(right.shape[1])
            loss = loss + torch.where(told, unlikely, NOTHING * uneven).mean()
        return loss

    @torch.no_grad()
    def senses(self, rows):
        self.eval()
        order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
        found = torch.zeros(len(rows), SENSE)
        for at in range(0, len(order), 64):
            found[order[at : at + 64]] = self([rows[i] for i in order[at : at + 64]])
        return found


def learn_lines(encoder, pieces, lines, seed=7):
    torch.manual_seed(seed)
    head, rng = Settings(encoder, pieces), random.Random(seed)
    others = [p for name, p in head.named_parameters() if not name.startswith("layer.")]
    groups = [{"params": head.layer.parameters(), "lr": LAYER_RATE}, {"params": others, "lr": RATE}]
    steer = torch.optim.AdamW(groups, weight_decay=0.05)
    batches = -(-len(lines) // BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(steer, [LAYER_RATE, RATE], total_steps=EPOCHS * batches, pct_start=0.1)
    for _ in range(EPOCHS):
        head.train()
        order = sorted(lines, key=lambda line: (len(line.row[0]) // 8, rng.random()))
        parts = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
        rng.shuffle(parts)
        for part in parts:
            steer.zero_grad()
            head.loss(part).backward()
            nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            steer.step()
            rate.step()
    return head.eval()


class Tale:
    def __init__(self, line, pieces):
        self.file, self.source = Path(line["file"]), line["text"].encode()
        sentences = line["sentences"]
        self.ranges = [(s["range"]["start"], s["range"]["end"]) for s in sentences]
        self.words = torch.tensor([s["words"] for s in sentences])
        # Of each sentence, the stretches that tell, and what of it they are.
        self.telling, self.shares = [], torch.zeros(len(sentences), 0)
        owners, sizes = [], []
        for number, s in enumerate(sentences):
            for stretch in s["telling"]:
                text = self.source[stretch["start"] : stretch["end"]].decode()
                self.telling.append(row(text, pieces))
                owners.append(number)
                sizes.append(len(text.split()))
        self.shares = torch.zeros(len(sentences), len(owners))
        if owners:
            self.shares[owners, range(len(owners))] = torch.tensor(sizes, dtype=torch.float)
            self.shares /= self.shares.sum(1, keepdim=True).clamp(min=1)
        self.told = (self.shares.sum(1) > 0).float()
        scenes = json.loads(self.file.with_suffix(".json").read_text())["scenes"]
        starts = [self.source.find(s["begins"].encode()) for s in scenes]
        for s in scenes:
            # "Unknown" is what a reader writes who finds no hint; by day is never wrong then.
            s["time"] = [v for v in s["time"] if v != "unknown"] or ["day"]
            s["indoor"] = ["in" if s["indoor"] else "out"]
        self.scenes = list(zip(zip(starts, starts[1:] + [len(self.source)]), scenes))
        of = [max((i for i, a in enumerate(starts) if a <= x), default=0) for x, _ in self.ranges]
        self.gold = {task: [scenes[i][task] for i in of] for task in TASKS}

    def look(self, head):
        senses = head.senses(self.telling) if self.telling else torch.zeros(0, SENSE)
        self.sense = self.shares @ senses


class Chain(nn.Module):
    """What a sense, a vote of words, and a change of one of the three count."""

    def __init__(self, task):
        super().__init__()
        self.task, self.values = task, TASKS[task]
        # What the words tell: what a vote adds, and what a place that is entered adds.
        self.votes = nn.Parameter(torch.tensor([0.5, 0.5]))
        # What a sense counts, and what of it where all is said aloud.
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.aloud = nn.Parameter(torch.tensor(0.3))
        self.start = nn.Parameter(torch.zeros(len(self.values)))
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


def learn_chain(task, head, tales, seed=7):
    """Trains what a sense, a vote and a change count, on tales."""
    torch.manual_seed(seed)
    chain = Chain(task)
    n = max(len(t.words) for t in tales)
    pad = lambda rows: torch.stack([F.pad(r, (0, 0) * (r.dim() - 1) + (0, n - len(r))) for r in rows])
    words, told = pad([t.words for t in tales]), pad([t.told for t in tales])
    mask = torch.stack([torch.arange(n) < len(t.words) for t in tales])
    may = torch.ones(len(tales), n, len(chain.values), dtype=torch.bool)
    for rows, t in zip(may, tales):
        for i, labels in enumerate(t.gold[task]):
            known = [chain.values.index(v) for v in labels if v in chain.values]
            if known:
                rows[i] = False
                rows[i, known] = True
    with torch.no_grad():
        seen = head.seen[task](pad([t.sense for t in tales]))
    steer = torch.optim.Adam(chain.parameters(), lr=0.08)
    for _ in range(CHAIN_STEPS):
        steer.zero_grad()
        scores, changes = chain.scores(words, seen, told), chain.changes(words)
        free = chain.partition(scores, changes, mask)
        held = chain.partition(scores.masked_fill(~may, -1e4), changes, mask)
        loss = (free - held).mean() + 0.02 * chain.start.square().sum()
        loss.backward()
        steer.step()
    return chain


@torch.no_grad()
def right(chain, head, tales, show=False):
    """How many scenes have a value that readers accept for most of their bytes, as `evaluate tales` counts."""
    good = total = 0
    for t in tales:
        path = chain.best(chain.scores(t.words, head.seen[chain.task](t.sense), t.told), chain.changes(t.words))
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


def restored(linear):
    """Rounds a layer's weight to what the file holds; the bytes and scales of the file."""
    weight, scale = quantized(linear.weight.detach())
    linear.weight.data = weight.float() * scale[:, None]
    return weight, scale


def arrays_of(head):
    """What the network needs of a head, whose weights are rounded as the file has them."""
    arrays = {}
    for name, module in head.named_modules():
        if isinstance(module, nn.Linear) and not name.startswith("seen") and module.weight.shape[0] > 8:
            arrays[f"settings.{name}.weight"], arrays[f"settings.{name}.weight.scale"] = restored(module)
    for name, value in head.named_parameters():
        if not name.startswith("seen"):
            arrays.setdefault(f"settings.{name}", value.detach().clone())
    return arrays


def chain_arrays(chain, head):
    """What `whereabouts.rs` needs."""
    few = {name: value.detach().clone() for name, value in chain.named_parameters()}
    scale = few.pop("scale")
    few["aloud"] = few["aloud"].reshape(1)
    few["seen.weight"] = head.seen[chain.task].weight.detach() * scale
    few["seen.bias"] = head.seen[chain.task].bias.detach() * scale
    return {f"{chain.task}.{name}": value.contiguous() for name, value in few.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--lines", nargs="+", type=Path)
    parser.add_argument("--measure", nargs="+", type=Path, help="lines on which the shipped head is measured")
    parser.add_argument("--weights", default=Path(__file__).parent.parent / "story.safetensors", type=Path)
    parser.add_argument("--out", type=Path, help="the folder for settings.safetensors")
    parser.add_argument("--parity", type=Path)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    encoder, pieces = shipped_encoder(options.weights)
    if not options.measure and not (options.evidence and options.lines):
        parser.error("give --evidence and --lines, or --measure")
    files = options.measure or options.lines
    rows = [r.split("\t") for file in files for r in file.read_text(encoding="utf-8").splitlines()[1:]]
    lines = [Line(columns, pieces) for columns in rows]
    if options.measure:
        shipped = shipped_head(options.weights.with_name("settings.safetensors"), encoder, pieces)
        print_right(shipped, lines, "lines")
        return
    random.Random(4).shuffle(lines)
    tales = [Tale(json.loads(line), pieces) for line in options.evidence.read_text(encoding="utf-8").splitlines()]
    random.Random(3).shuffle(tales)
    if not options.out:
        held = lines[: len(lines) // 10]
        head = learn_lines(encoder, pieces, lines[len(held) :])
        print_right(head, held, "lines left out")
    head = learn_lines(encoder, pieces, lines)
    arrays = arrays_of(head)
    for t in tales:
        t.look(head)
    folds = 4
    for task in TASKS:
        if options.out:
            chain = learn_chain(task, head, tales)
            arrays |= chain_arrays(chain, head)
            continue
        good, total = Counter(), Counter()
        for fold in range(folds):
            chain = learn_chain(task, head, [t for i, t in enumerate(tales) if i % folds != fold])
            for t in tales[fold::folds]:
                a, b = right(chain, head, [t], options.show)
                good[t.file.parent.name] += a
                total[t.file.parent.name] += b
        for folder in sorted(total):
            share = good[folder] / total[folder]
            print(f"{task}: {good[folder]} of {total[folder]} scenes right in {folder}, {share:.3f}", flush=True)
    if options.out:
        save_file(arrays, options.out / "settings.safetensors")
        (options.out / "settings.safetensors").chmod(0o644)
    if options.parity:
        some = lines[:PARITY]
        senses = head.senses([line.row for line in some])
        written = [{"text": line.text, "sense": [round(v, 4) for v in s.tolist()]} for line, s in zip(some, senses)]
        options.parity.write_text(json.dumps(written, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
