"""Trains the head that tells place, time of day and being under a roof of every sentence.

    python places.py --evidence FIT --lines places/*.tsv places/more/*.tsv --held HELD     # fits, measures on HELD
    python places.py --evidence FIT --lines places/*.tsv places/more/*.tsv --out ..        # and writes the head
    python places.py --measure places/*.tsv                                   # how much of these the shipped head finds

FIT and HELD are what the example `setting_evidence` of `nlp` writes for tales. First a layer on the encoder's embeddings
learns from lines what they tell (`nlp/networks/src/settings.rs`). Then two gated recurrent units learn from tales what
a sentence tells among others (`nlp/src/reading/whereabouts.rs`): of each value they give a score, and of a change of
value, for a linear chain; what is trained is the probability that the chain gives to what readers wrote down, for each
sentence, all scenes of a tale counting alike. At the end both learn together.
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
VALUES = sum(map(len, TASKS.values()))
# The evidence of words: votes for each place, places that are entered, times, weathers, rooms of castles, flags.
ENTERED, WORDS, MOST_VOTES = len(ALL_PLACES), 2 * len(ALL_PLACES) + 4 + 5 + 1 + 6, 4.0
LONGEST, LOOKS, SENSE = 128, 4, 192
INPUT, STATE = 96, 64
# Chosen by leaving lines and tales out.
EPOCHS, BATCH, LAYER_RATE, RATE, NOTHING = 8, 32, 1e-4, 1e-3, 0.5
TALE_EPOCHS, TALE_BATCH, TALE_RATE = 20, 16, 2e-3
JOINT_EPOCHS, FURTHER_EPOCHS, JOINT_BATCH, JOINT_LAYER_RATE, JOINT_RATE = 8, 4, 8, 5e-5, 5e-4
# How much of the weights is kept at each step of what is learnt together: the mean of the last steps is the head.
KEPT = 0.98
# Lines and sentences whose answers are written down for the parity tests.
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
    """What stretches tell and what sentences tell among others, with the weights that the product has."""
    with safe_open(file, "pt") as arrays:
        names = [name for name in arrays.keys() if not name.endswith(".scale")]
        state = {name: arrays.get_tensor(name).float() for name in names}
        for name in names:
            if name + ".scale" in arrays.keys():
                state[name] *= arrays.get_tensor(name + ".scale")[:, None]
    head, net = Settings(encoder, pieces), Whereabouts()
    seen = {n.removeprefix("whereabouts."): v for n, v in state.items() if n.startswith("whereabouts.seen.")}
    head.load_state_dict({n.removeprefix("settings."): v for n, v in state.items() if n.startswith("settings.")} | seen)
    names = {name: f"whereabouts.{name}" for name in net.state_dict()}
    for name, suffix in (("forward", ""), ("backward", "_reverse")):
        for part, letters in (("input", "ih"), ("state", "hh")):
            for kind in ("weight", "bias"):
                names[f"units.{kind}_{letters}_l0{suffix}"] = f"whereabouts.{name}.{part}.{kind}"
    net.load_state_dict({name: state[written] for name, written in names.items()})
    return head.eval(), net.eval()


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
        self.telling = []
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
        self.told = (self.shares.sum(1, keepdim=True) > 0).float()
        scenes = json.loads(self.file.with_suffix(".json").read_text())["scenes"]
        starts = [self.source.find(s["begins"].encode()) for s in scenes]
        for s in scenes:
            # "Unknown" is what a reader writes who finds no hint; by day is never wrong then.
            s["time"] = [v for v in s["time"] if v != "unknown"] or ["day"]
            s["indoor"] = ["in" if s["indoor"] else "out"]
        self.scenes = list(zip(zip(starts, starts[1:] + [len(self.source)]), scenes))
        of = [max((i for i, a in enumerate(starts) if a <= x), default=0) for x, _ in self.ranges]
        # Which values are right, of each sentence; all where none of them is known.
        self.right = {task: torch.stack([known(scenes[i][task], values) for i in of]) for task, values in TASKS.items()}
        bytes_of = torch.tensor([float(b - a) for a, b in self.ranges])
        whole = [bytes_of[[j for j, other in enumerate(of) if other == i]].sum() for i in of]
        self.weights = bytes_of / torch.stack(whole)
        self.lengths = (1 + bytes_of).log()[:, None] / 5

    def facts(self, head, found):
        """What there is to know of its sentences, `[n, FACTS]`, of what the head finds in what tells."""
        sense = (self.shares @ found) if self.telling else torch.zeros(len(self.words), SENSE)
        seen = [head.seen[task](sense).log_softmax(-1) * self.told for task in TASKS]
        first = torch.zeros_like(self.told)
        first[0] = 1
        words = self.words.clamp(-MOST_VOTES, MOST_VOTES)
        return torch.cat([words, *seen, sense * self.told, self.told, self.lengths, first], -1)


FACTS = WORDS + VALUES + SENSE + 3


def known(labels, values):
    right = torch.tensor([v in labels for v in values])
    return right if right.any() else torch.ones(len(values), dtype=torch.bool)


class Whereabouts(nn.Module):
    """What sentences tell among others. Shapes: b tales, n sentences."""

    def __init__(self):
        super().__init__()
        self.input = nn.Linear(FACTS, INPUT)
        self.units = nn.GRU(INPUT, STATE, bidirectional=True, batch_first=True)
        self.output = nn.Linear(2 * STATE + INPUT, VALUES)
        self.change = nn.Linear(2 * STATE + INPUT, len(TASKS))
        nn.init.constant_(self.change.bias, -3.0)
        # What a sense alone counts; what a vote of words counts, and what a place that is entered does.
        self.skip = nn.Parameter(torch.full((len(TASKS),), 0.5))
        self.votes = nn.Parameter(torch.tensor([0.4, 0.4]))
        self.start = nn.ParameterDict({task: nn.Parameter(torch.zeros(len(v))) for task, v in TASKS.items()})
        self.dropout = nn.Dropout(0.25)

    def forward(self, facts, lengths):
        """`[b, n, FACTS]` -> of each task the logarithms of the probabilities of its values, `[b, n, values]`."""
        inputs = torch.tanh(self.input(self.dropout(facts)))
        packed = nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
        states = nn.utils.rnn.pad_packed_sequence(self.units(packed)[0], batch_first=True, total_length=facts.shape[1])[0]
        states = self.dropout(torch.cat([states, inputs], -1))
        scores = self.output(states).split([len(v) for v in TASKS.values()], -1)
        changes = self.change(states)
        seen = facts[..., WORDS : WORDS + VALUES].split([len(v) for v in TASKS.values()], -1)
        real = torch.arange(facts.shape[1])[None] < lengths[:, None]
        found = {}
        for i, task in enumerate(TASKS):
            score = scores[i] + self.skip[i] * seen[i]
            if task == "place":
                votes, entered = facts[..., : len(PLACES)], facts[..., ENTERED : ENTERED + len(PLACES)]
                score = score + self.votes[0] * votes + self.votes[1] * entered
            found[task] = posteriors(score, changes[..., i], self.start[task].log_softmax(0), real)
        return found


def posteriors(scores, changes, prior, real):
    """The probability of each value of each link of a chain, by forward and backward sums; logarithms."""
    ahead = [scores[:, 0] + prior]
    for i in range(1, scores.shape[1]):
        any_other = ahead[-1].logsumexp(-1, keepdim=True) + changes[:, i, None] + prior
        step = torch.logaddexp(ahead[-1], any_other) + scores[:, i]
        ahead.append(torch.where(real[:, i, None], step, ahead[-1]))
    behind = [torch.zeros_like(ahead[0])]
    for i in range(scores.shape[1] - 1, 0, -1):
        stays = behind[-1] + scores[:, i]
        any_other = (stays + prior).logsumexp(-1, keepdim=True) + changes[:, i, None]
        behind.append(torch.where(real[:, i, None], torch.logaddexp(stays, any_other), behind[-1]))
    return (torch.stack(ahead, 1) + torch.stack(behind[::-1], 1)).log_softmax(-1)


def padded(rows, n):
    return torch.stack([F.pad(r, (0, 0) * (r.dim() - 1) + (0, n - len(r))) for r in rows])


def unlikely(net, tales, facts):
    """How unlikely the right values are, each scene weighing one."""
    lengths = torch.tensor([len(f) for f in facts])
    n = int(lengths.max())
    found, loss = net(padded(facts, n), lengths), 0
    weights = padded([t.weights for t in tales], n)
    for task, logs in found.items():
        right = padded([t.right[task] for t in tales], n)
        loss = loss - (logs.masked_fill(~right, -1e4).logsumexp(-1) * weights).sum() / len(tales)
    return loss


def batches(tales, size, rng):
    order = sorted(tales, key=lambda t: (len(t.words) // 10, rng.random()))
    parts = [order[at : at + size] for at in range(0, len(order), size)]
    rng.shuffle(parts)
    return parts


def learn_tales(head, tales, seed=1):
    """What sentences tell among others, as the head finds it of each alone."""
    torch.manual_seed(seed)
    net, rng = Whereabouts(), random.Random(seed)
    with torch.no_grad():
        facts = {t: t.facts(head, head.senses(t.telling)) for t in tales}
    steer = torch.optim.AdamW(net.parameters(), lr=TALE_RATE, weight_decay=0.05)
    steps = TALE_EPOCHS * -(-len(tales) // TALE_BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(steer, TALE_RATE, total_steps=steps)
    for _ in range(TALE_EPOCHS):
        for part in batches(tales, TALE_BATCH, rng):
            steer.zero_grad()
            unlikely(net, part, [facts[t] for t in part]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            steer.step()
            rate.step()
    return net.eval()


def learn_together(head, net, lines, tales, epochs, after_epoch, seed=1):
    """Both learn from tales, and the head from lines as well."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    layer = list(head.layer.parameters())
    others = [p for name, p in head.named_parameters() if not name.startswith("layer.")]
    rates = [JOINT_LAYER_RATE, 3 * JOINT_LAYER_RATE, JOINT_RATE]
    groups = [{"params": p, "lr": lr} for p, lr in zip([layer, others, list(net.parameters())], rates)]
    steer = torch.optim.AdamW(groups, weight_decay=0.05)
    steps = epochs * -(-len(tales) // JOINT_BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(steer, rates, total_steps=steps, pct_start=0.1)
    both = nn.ModuleList([head, net])
    mean, at = copy.deepcopy(both.state_dict()), 0
    for _ in range(epochs):
        for part in batches(tales, JOINT_BATCH, rng):
            both.train()
            rows = [r for t in part for r in t.telling]
            order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
            found = torch.cat([head([rows[i] for i in order[a : a + 64]]) for a in range(0, len(order), 64)])
            found = torch.zeros(len(rows), SENSE).index_copy(0, torch.tensor(order), found)
            own = found.split([len(t.telling) for t in part])
            loss = unlikely(net, part, [t.facts(head, f) for t, f in zip(part, own)])
            few = [lines[(at + i) % len(lines)] for i in range(BATCH)]
            at += BATCH
            steer.zero_grad()
            (loss + head.loss(few)).backward()
            nn.utils.clip_grad_norm_([p for g in groups for p in g["params"]], 1.0)
            steer.step()
            rate.step()
            with torch.no_grad():
                for name, value in both.state_dict().items():
                    mean[name].lerp_(value, 1 - KEPT)
        both.eval()
        after_epoch()
    both.load_state_dict(mean)
    both.eval()


@torch.no_grad()
def print_scenes_right(head, net, tales):
    """How many scenes have a value that readers accept for most of their bytes, as `evaluate tales` counts."""
    good, total = Counter(), Counter()
    for t in tales:
        facts = t.facts(head, head.senses(t.telling))
        found = net(facts[None], torch.tensor([len(facts)]))
        for task, values in TASKS.items():
            path = found[task][0].argmax(-1).tolist()
            for (a, b), gold in t.scenes:
                covered = Counter()
                for (x, y), value in zip(t.ranges, path):
                    covered[value] += max(0, min(y, b) - max(x, a))
                best = values[max(sorted(covered), key=lambda v: covered[v])]
                good[task, t.file.parent] += best in gold[task]
                total[task, t.file.parent] += 1
    for folder in sorted({folder for _, folder in total}):
        shares = [f"{task} {good[task, folder] / total[task, folder]:.3f}" for task in TASKS]
        print(f"{folder}: {total['place', folder]} scenes, {', '.join(shares)}", flush=True)


def arrays_of(head, net):
    """What the product reads: matrices of more than eight rows in 8 bits."""
    arrays = {}

    def add(name, weight, bias=None):
        if weight.shape[0] > 8:
            arrays[f"{name}.weight"], arrays[f"{name}.weight.scale"] = quantized(weight)
        else:
            arrays[f"{name}.weight"] = weight
        if bias is not None:
            arrays[f"{name}.bias"] = bias

    for name, module in head.named_modules():
        if isinstance(module, nn.Linear):
            of = f"whereabouts.{name}" if name.startswith("seen") else f"settings.{name}"
            add(of, module.weight.data, module.bias.data)
        elif isinstance(module, nn.LayerNorm):
            arrays[f"settings.{name}.weight"], arrays[f"settings.{name}.bias"] = module.weight.data, module.bias.data
    for name in ("input", "output", "change"):
        layer = getattr(net, name)
        add(f"whereabouts.{name}", layer.weight.data, layer.bias.data)
    units = net.units.state_dict()
    for name, suffix in (("forward", ""), ("backward", "_reverse")):
        for part, letters in (("input", "ih"), ("state", "hh")):
            weight, bias = (units[f"{kind}_{letters}_l0{suffix}"] for kind in ("weight", "bias"))
            add(f"whereabouts.{name}.{part}", weight, bias)
    for task, start in net.start.items():
        arrays[f"whereabouts.start.{task}"] = start.data
    arrays["whereabouts.skip"], arrays["whereabouts.votes"] = net.skip.data, net.votes.data
    return {name: value.detach().clone().contiguous() for name, value in arrays.items()}


def round_as_written(head, net):
    """Rounds what the file holds in 8 bits, so that what is written down for tests is what the product computes."""
    matrices = [m.weight for n, m in head.named_modules() if isinstance(m, nn.Linear)]
    matrices += [net.input.weight, net.output.weight, net.change.weight]
    matrices += [p for n, p in net.units.named_parameters() if n.startswith("weight")]
    for matrix in matrices:
        if matrix.shape[0] > 8:
            weight, scale = quantized(matrix.data)
            matrix.data = weight.float() * scale[:, None]


@torch.no_grad()
def write_parity(head, net, lines, tale, folders):
    """Writes what the product has to find: of lines, and of the beginning of a tale."""
    some = lines[:PARITY]
    written = [
        {"text": line.text, "sense": [round(v, 4) for v in s.tolist()]}
        for line, s in zip(some, head.senses([line.row for line in some]))
    ]
    folders[0].write_text(json.dumps(written, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    rounded = lambda rows: [[round(v, 4) for v in r.tolist()] for r in rows]
    facts = tale.facts(head, head.senses(tale.telling))[:PARITY]
    facts = torch.tensor(rounded(facts))
    found = net(facts[None], torch.tensor([PARITY]))
    sense = facts[:, WORDS + VALUES : WORDS + VALUES + SENSE]
    file = {
        "words": rounded(facts[:, :WORDS]),
        "senses": [s if told else [] for s, told in zip(rounded(sense), facts[:, -3].tolist())],
        "bytes": [b - a for a, b in tale.ranges[:PARITY]],
        "found": {task: rounded(logs[0]) for task, logs in found.items()},
    }
    folders[1].write_text(json.dumps(file) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--held", type=Path, help="evidence of tales that are only measured")
    parser.add_argument("--lines", nargs="+", type=Path)
    parser.add_argument("--measure", nargs="+", type=Path, help="lines on which the shipped head is measured")
    parser.add_argument("--weights", default=Path(__file__).parent.parent / "story.safetensors", type=Path)
    parser.add_argument("--further", action="store_true", help="go on from the shipped head, for a few rounds")
    parser.add_argument("--out", type=Path, help="the folder for settings.safetensors")
    parser.add_argument("--parity", nargs=2, type=Path, help="files for the tests of the head and of what it tells of tales")
    options = parser.parse_args()
    encoder, pieces = shipped_encoder(options.weights)
    if not options.measure and not (options.evidence and options.lines):
        parser.error("give --evidence and --lines, or --measure")
    files = options.measure or options.lines
    rows = [r.split("\t") for file in files for r in file.read_text(encoding="utf-8").splitlines()[1:]]
    lines = [Line(columns, pieces) for columns in rows]
    if options.measure:
        shipped, _ = shipped_head(options.weights.with_name("settings.safetensors"), encoder, pieces)
        print_right(shipped, lines, "lines")
        return
    random.Random(4).shuffle(lines)
    read = lambda file: [Tale(json.loads(line), pieces) for line in file.read_text(encoding="utf-8").splitlines()]
    tales, held = read(options.evidence), read(options.held) if options.held else []
    random.Random(3).shuffle(tales)
    if options.further:
        head, net = shipped_head(options.weights.with_name("settings.safetensors"), encoder, pieces)
    else:
        head = learn_lines(encoder, pieces, lines)
        net = learn_tales(head, tales)
    print_scenes_right(head, net, held)
    epochs = FURTHER_EPOCHS if options.further else JOINT_EPOCHS
    learn_together(head, net, lines, tales, epochs, lambda: print_scenes_right(head, net, held))
    arrays = arrays_of(head, net)
    round_as_written(head, net)
    print_scenes_right(head, net, held)
    if options.out:
        save_file(arrays, options.out / "settings.safetensors")
        (options.out / "settings.safetensors").chmod(0o644)
    if options.parity:
        write_parity(head, net, lines, tales[0], options.parity)


if __name__ == "__main__":
    main()
