"""Trains the units that tell which mentions are one and who says a line (`nlp/src/reading/links.rs`).

    python links.py --tales TUNING EVERYDAY NEWER --litbank DATA/litbank --originals DATA/books \
        --evaluate target/release/evaluate --cache links.pt --held HELD --out .. --weights nlp/src/reading/words/voices.tsv

`evaluate clues TEXT...` says what words, mentions and lines a text has, and what is seen of each line. The encoder, as it
is shipped, gives the states of the words; one layer, two gated recurrent units over the whole text, and layers that compare
pairs are trained on them: of mentions, where figures that are one in the gold reading shall be told from those that are not,
and of a line with everybody's traces near it, where who speaks shall be likeliest in the conditional random field of
`speakers.py`, whose weights of clues are trained along. `--left` leaves so many of a hundred tales out, for weighing what
the units say of figures beside other clues (`cast.py`).
"""

import argparse
import copy
import hashlib
import json
import math
import random
import tempfile
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

import tokens
from cast import with_short_forms
from export import quantized
from network import HIDDEN
from places import shipped_encoder
from speakers import (
    PRIOR, ROLES, Index, clues_of, given_out, gold_of_novel, gold_of_tale, marked, places, plain, shares_of, steps_of, tell,
)

DEPTHS = (3, 4, 5, 6)
WINDOW, FULL = 256, 176
# As in `links.rs`.
EDGES = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144)
BACK, FORTH, TRACES, AROUND, QUOTE, PAIRS = 300, 150, 64, 12, 24, 12
FORMS = {"Name": 0, "Noun": 1, "Pronoun": 2}
WORD, STATE, LINE, MENTION, PAIR, LAST = 128, 96, 96, 96, 48, 32
# The rows and columns of what is looked up.
TABLES = {
    "quoted": (2, WORD), "starts": (2, WORD),
    "heard_distance": (2 * len(EDGES) + 3, PAIR), "heard_paragraphs": (11, PAIR), "heard_sentences": (9, PAIR),
    "heard_form": (6, PAIR), "heard_quoted": (3, PAIR),
    "determiner": (9, MENTION), "gender": (4, MENTION), "form": (6, MENTION),
    "link_distance": (2 * len(EDGES) + 2, PAIR), "link_sentences": (9, PAIR), "link_quotations": (6, PAIR),
    "determiners": (81, PAIR), "genders": (16, PAIR), "forms": (36, PAIR),
}
EPOCHS, BATCH, RATE, CLUE_RATE, PENALTY = 8, 16, 2e-3, 0.02, 3.0
# What a pair of figures counts beside a line, and a novel beside a tale; so many of the novels are read in an epoch.
PAIR_SHARE, NOVEL_SHARE, NOVELS = 0.3, 0.2, 0.5
# Longer texts are trained on in parts.
PART = 448
# So many words are written down for the test of the units.
PARITY = 90


# ---- texts


def distance(d):
    """The number of a range of distances in words, of which those back come behind those ahead."""
    return bisect_left(EDGES, abs(d)) + (0 if d >= 0 else len(EDGES) + 1)


def clamped(d, most):
    return max(-most, min(most, d)) + most


class Text:
    """A text, its gold, and all that is looked up of it."""

    def __init__(self, name, clues, voices, whom, is_tale):
        self.name, self.is_tale, self.voices = name, is_tale, voices
        self.text, self.lines, self.words = clues["text"], clues["lines"], clues["words"]
        self.mentions, self.traces = clues["mentions"], clues["traces"]
        self.whom = whom(self)
        for line in self.lines:
            line["certain"] = tell(line)

    def written(self, mention):
        words = self.words
        raw = self.text.encode()[words[mention["first"]]["start"] : words[mention["last"]]["end"]]
        return " ".join(raw.decode().split())

    def index(self, index):
        """Everything as tensors, of which clues are numbered by `index`."""
        paragraph = [word["paragraph"] for word in self.words]
        quotation = [-1 if word["quotation"] is None else word["quotation"] for word in self.words]
        self.quoted = torch.tensor([int(q >= 0) for q in quotation])
        self.starts = torch.tensor([int(i == 0 or p != paragraph[i - 1]) for i, p in enumerate(paragraph)])
        spans = [[0, 0] for _ in self.lines]
        for i, q in enumerate(quotation):
            if q >= 0:
                spans[q] = [spans[q][0] if i and quotation[i - 1] == q else i, i]
        self.index_lines(index, spans, paragraph)
        self.index_traces(spans, paragraph, quotation)
        self.steps = steps_of(self.lines, self.voices)
        self.index_mentions()
        return self

    def index_lines(self, index, spans, paragraph):
        edges, around = [], [[], [], []]
        for first, last in spans:
            before = [w for w in range(max(0, first - AROUND), first) if paragraph[w] == paragraph[first]]
            behind = [w for w in range(last + 1, min(len(paragraph), last + 1 + AROUND)) if paragraph[w] == paragraph[last]]
            edges.append((before[-1] if before else -1, first, last, behind[0] if behind else -1))
            quote = list(range(first, last + 1))[:QUOTE]
            for rows, found, most in zip(around, (before, behind, quote), (AROUND, AROUND, QUOTE)):
                rows.append(found + [-1] * (most - len(found)))
        self.edges = torch.tensor(edges, dtype=torch.long).view(-1, 4)
        self.around = [torch.tensor(rows, dtype=torch.long).view(-1, most) for rows, most in zip(around, (AROUND, AROUND, QUOTE))]
        self.offsets = np.cumsum([0] + [len(line["candidates"]) for line in self.lines])
        clues, turns = [], []
        for i, line in enumerate(self.lines):
            for k, candidate in enumerate(line["candidates"]):
                clues += [(self.offsets[i] + k, index[clue]) for clue in candidate["speaks"]]
            for part, name in enumerate(ROLES):
                turns += [(len(ROLES) * i + part, index[name, turn]) for turn in line["turn"]]
        self.clues, self.turns = (torch.tensor(np.array(it).reshape(-1, 2), dtype=torch.long) for it in (clues, turns))

    def index_traces(self, spans, paragraph, quotation):
        at = [trace["word"] for trace in self.traces]
        rows = []
        for i, ((first, last), line) in enumerate(zip(spans, self.lines)):
            slot = {c["figure"]: self.offsets[i] + k for k, c in enumerate(line["candidates"])}
            near = range(bisect_left(at, first - BACK), bisect_left(at, last + FORTH))
            far = lambda k: max(0, first - at[k], at[k] - last)
            for k in sorted((k for k in near if self.traces[k]["figure"] in slot), key=far)[:TRACES]:
                trace, word = self.traces[k], at[k]
                edge = first if word < first else last
                inside = first <= word <= last
                rows.append((
                    i, word, slot[trace["figure"]], 2 * len(EDGES) + 2 if inside else distance(word - edge),
                    clamped(paragraph[word] - paragraph[edge], 5),
                    clamped(self.words[word]["sentence"] - self.words[edge]["sentence"], 4),
                    2 * FORMS[trace["form"]] + int(trace["subject"]), 0 if quotation[word] < 0 else 1 if inside else 2,
                ))
        names = ("line", "word", "slot", "distance", "paragraphs", "sentences", "form", "quoted")
        self.heard = dict(zip(names, torch.tensor(rows, dtype=torch.long).view(-1, len(names)).T))

    def index_mentions(self):
        names = ("first", "last", "determiner", "gender", "form")
        rows = [[mention[name] for name in names] for mention in self.mentions]
        self.seen = dict(zip(names, torch.tensor(rows, dtype=torch.long).view(-1, len(names)).T))
        figures = defaultdict(list)
        for k, mention in enumerate(self.mentions):
            figures[mention["figure"]].append(k)
        who = {figure: Counter(self.whom[k] for k in ks if self.whom[k] is not None).most_common(1) for figure, ks in figures.items()}
        who = {figure: found[0][0] for figure, found in who.items() if found}
        last = [mention["last"] for mention in self.mentions]
        rows, same, self.pairs = [], [], []
        for a in sorted(who):
            for b in sorted(who):
                if b >= a:
                    break
                near = sorted((abs(last[x] - last[y]), max(x, y), min(x, y)) for x in figures[a] for y in figures[b])
                # In a novel figures that are far apart are not compared.
                if not self.is_tale and near[0][0] >= 400:
                    continue
                rows += [self.pair(i, j, len(same)) for _, i, j in near[:PAIRS]]
                self.pairs.append((a, b))
                same.append(float(who[a] == who[b]))
        names = ("later", "sooner", "slot", "distance", "sentences", "quotations")
        self.linked = dict(zip(names, torch.tensor(rows, dtype=torch.long).view(-1, len(names)).T))
        self.same = torch.tensor(same)

    def pair(self, i, j, slot):
        later, sooner = (self.words[self.mentions[k]["last"]] for k in (i, j))
        one, other = later["quotation"], sooner["quotation"]
        if one is None:
            quotations = 0 if other is None else 1
        else:
            quotations = 2 if other is None else 3 + min(2, abs(one - other))
        apart = self.mentions[i]["last"] - self.mentions[j]["last"]
        return i, j, slot, distance(apart), clamped(later["sentence"] - sooner["sentence"], 4), quotations


def whom_of_tale(gold):
    names = {c["id"]: ({plain(n) for n in c["names"]}, c.get("minor", False)) for c in gold["characters"]}
    names = {id: names for id, (names, _) in with_short_forms(names).items()}

    def whom(text):
        found = []
        for mention in text.mentions:
            said = plain(text.written(mention))
            ids = [id for id, known in names.items() if said in known]
            found.append(ids[0] if len(ids) == 1 else None)
        return found

    return whom


def whom_of_novel(folder, name):
    def whom(text):
        offsets = np.cumsum([0] + [len(c.encode()) for c in text.text])
        words = [line.split() for line in (folder / "coref" / f"{name}.txt").read_text().splitlines()]
        found = [[s and (int(offsets[s[0]]), int(offsets[s[1]])) for s in row] for row in places(text.text, words)]
        by_end = {}
        for span, entity in marked(folder / "coref" / f"{name}.ann", "MENTION", "COREF", found):
            by_end.setdefault(span[1], entity)
        return [by_end.get(text.words[mention["last"]]["end"]) for mention in text.mentions]

    return whom


def windows(words, cuts, paragraph_ends):
    """Ranges of words of at most `WINDOW` pieces, as `nlp/networks/src/story.rs` cuts them."""
    made, start = [], 0
    while start < len(words):
        end, cut, paragraph, count = start, None, None, 2
        while end < len(words) and count + len(words[end][1]) <= WINDOW:
            count += len(words[end][1])
            end += 1
            cut = end if cuts[end - 1] else cut
            paragraph = end if paragraph_ends[end - 1] and count >= FULL else paragraph
        end = max(start + 1, end if end == len(words) else paragraph or cut or end)
        made.append((start, end))
        start = end
    return made


@torch.no_grad()
def states_of(text, encoder, pieces):
    """`[words, DEPTHS, HIDDEN]`: states of the first piece of each word of the reader."""
    raw, own = text.text.encode(), text.words
    words, cuts, ends, at = [], [], [], 0
    while at < len(own):
        end = at
        while end < len(own) and own[end]["paragraph"] == own[at]["paragraph"]:
            end += 1
        base = own[at]["start"]
        paragraph = raw[base : own[end - 1]["end"]].decode()
        offsets = np.cumsum([0] + [len(c.encode()) for c in paragraph])
        sentences = {own[k]["end"] for k in range(at, end) if k + 1 == len(own) or own[k + 1]["sentence"] != own[k]["sentence"]}
        for a, b in tokens.words(paragraph):
            words.append((base + int(offsets[a]), pieces.of(paragraph[a:b])[: WINDOW // 4], tokens.casing(paragraph[a:b])))
            cuts.append(base + int(offsets[b]) in sentences)
            ends.append(False)
        if words:
            cuts[-1] = ends[-1] = True
        at = end
    found = torch.zeros(len(words), len(DEPTHS), HIDDEN, dtype=torch.float16)
    made = windows(words, cuts, ends)
    for at in range(0, len(made), 16):
        rows = []
        for start, end in made[at : at + 16]:
            ids, casings, first = [pieces.start], [0], []
            for _, of, casing in words[start:end]:
                first.append(len(ids))
                ids += of
                casings += [casing] * len(of)
            rows.append((ids + [pieces.end], casings + [0], first))
        longest = max(len(ids) for ids, _, _ in rows)
        ids = torch.tensor([ids + [pieces.pad] * (longest - len(ids)) for ids, _, _ in rows])
        casings = torch.tensor([c + [0] * (longest - len(c)) for _, c, _ in rows])
        states = encoder(ids, casings, torch.tensor([len(ids) for ids, _, _ in rows]))
        for i, ((start, end), (_, _, first)) in enumerate(zip(made[at : at + 16], rows)):
            found[start:end] = torch.stack([states[depth][i, first] for depth in DEPTHS], 1).half()
    # Of a word that is cut in two the first part tells.
    row, seats = 0, torch.full((len(own),), -1)
    for k, (start, _, _) in enumerate(words):
        while row + 1 < len(own) and own[row]["end"] <= start:
            row += 1
        if own[row]["start"] <= start < own[row]["end"] and seats[row] < 0:
            seats[row] = k
    return torch.where((seats >= 0)[:, None, None], found[seats.clamp(min=0)], 0)


# ---- the model


class Links(nn.Module):
    def __init__(self, clues):
        super().__init__()
        self.clues = nn.Parameter(torch.tensor(clues, dtype=torch.float))
        # Where the weights of clues begin, and are drawn to.
        self.prior = self.clues.detach().clone()
        self.mix = nn.Parameter(torch.zeros(len(DEPTHS)))
        self.word = nn.Linear(HIDDEN, WORD)
        self.units = nn.GRU(WORD, STATE, batch_first=True, bidirectional=True)
        whole = WORD + 2 * STATE
        self.looks = nn.Linear(whole, 3)
        self.query, self.trace = nn.Linear(7 * whole, LINE), nn.Linear(whole, LINE)
        self.heard_query = nn.Linear(LINE, PAIR)
        self.heard_trace, self.heard_product = nn.Linear(LINE, PAIR, bias=False), nn.Linear(LINE, PAIR, bias=False)
        self.heard_inner, self.heard_score = nn.Linear(PAIR, LAST), nn.Linear(LAST, 1)
        self.unseen = nn.Parameter(torch.zeros(1))
        self.turn_inner, self.turn = nn.Linear(2 * LINE, LAST), nn.Linear(LAST, len(ROLES))
        self.mention, self.later = nn.Linear(2 * whole, MENTION), nn.Linear(MENTION, PAIR)
        self.sooner, self.product = nn.Linear(MENTION, PAIR, bias=False), nn.Linear(MENTION, PAIR, bias=False)
        self.link_inner, self.link_score = nn.Linear(PAIR, LAST), nn.Linear(LAST, 1)
        self.tables = nn.ModuleDict({name: nn.Embedding(*shape) for name, shape in TABLES.items()})
        for table in self.tables.values():
            nn.init.normal_(table.weight, std=0.1)
        nn.init.zeros_(self.heard_score.weight)
        nn.init.zeros_(self.turn.weight)

    def drop(self, x, share=0.3):
        return F.dropout(x, share, self.training)

    def states(self, texts):
        """`[words, WORD + 2 * STATE]` of each text."""
        mix = self.mix.softmax(0)
        inputs = []
        for text in texts:
            mixed = self.drop((text.states.float() * mix[None, :, None]).sum(1), 0.2)
            inputs.append(torch.tanh(self.word(mixed) + self.tables["quoted"](text.quoted) + self.tables["starts"](text.starts)))
        parts = [x.split(PART) if self.training and len(x) > 1.5 * PART else (x,) for x in inputs]
        flat = [part for of_text in parts for part in of_text]
        padded = nn.utils.rnn.pad_sequence(flat, batch_first=True)
        lengths = torch.tensor([len(part) for part in flat])
        packed = nn.utils.rnn.pack_padded_sequence(self.drop(padded), lengths, batch_first=True, enforce_sorted=False)
        read, _ = nn.utils.rnn.pad_packed_sequence(self.units(packed)[0], batch_first=True)
        rows = iter(read)
        return [torch.cat([x, torch.cat([next(rows)[: len(part)] for part in of_text])], 1) for x, of_text in zip(inputs, parts)]

    def queries(self, text, states):
        """`[lines, LINE]`"""
        padded = torch.cat([states, torch.zeros(1, states.shape[1])])
        parts = [padded[column] for column in text.edges.T]
        looks = self.looks(padded)
        for look, rows in enumerate(text.around):
            shares = looks[rows][..., look].masked_fill(rows < 0, -1e4).softmax(1) * (rows >= 0)
            parts.append((shares[..., None] * padded[rows]).sum(1))
        return torch.relu(self.query(torch.cat(parts, 1)))

    def hear(self, text, states):
        """What the units make of each candidate, and of each part in the turns of each line."""
        states, tables, heard = self.drop(states), self.tables, text.heard
        query = self.drop(self.queries(text, states))
        trace = torch.tanh(self.trace(states))[heard["word"]]
        pair = self.heard_query(query)[heard["line"]] + self.heard_trace(trace) + self.heard_product(query[heard["line"]] * trace)
        for name in ("distance", "paragraphs", "sentences", "form", "quoted"):
            pair = pair + tables[f"heard_{name}"](heard[name])
        scores = self.heard_score(torch.relu(self.heard_inner(self.drop(torch.relu(pair), 0.15))))[:, 0]
        count = int(text.offsets[-1])
        most = torch.zeros(count).scatter_reduce(0, heard["slot"], scores.detach(), "amax")
        powers = torch.exp(self.unseen - most).index_add(0, heard["slot"], torch.exp(scores - most[heard["slot"]]))
        before = torch.cat([torch.zeros(1, LINE), query[:-1]])
        turns = self.turn(torch.relu(self.turn_inner(torch.cat([query, before], 1))))
        return most + powers.log(), turns

    def scores(self, text, states):
        """The same with what clues weigh."""
        found, turns = self.hear(text, states)
        count = len(ROLES) * len(text.lines)
        clues = torch.zeros(len(found)).index_add(0, text.clues[:, 0], self.clues[text.clues[:, 1]])
        parts = torch.zeros(count).index_add(0, text.turns[:, 0], self.clues[text.turns[:, 1]])
        return found + clues, turns + parts.view(-1, len(ROLES))

    def link(self, text, states):
        """The log odds of each pair of figures being one: the mean of the odds of their nearest mentions."""
        states, tables, seen, linked = self.drop(states), self.tables, text.seen, text.linked
        mention = self.mention(torch.cat([states[seen["first"]], states[seen["last"]]], 1))
        for name in ("determiner", "gender", "form"):
            mention = mention + tables[name](seen[name])
        mention = self.drop(torch.tanh(mention))
        i, j = linked["later"], linked["sooner"]
        pair = self.later(mention)[i] + self.sooner(mention)[j] + self.product(mention[i] * mention[j])
        for name in ("distance", "sentences", "quotations"):
            pair = pair + tables[f"link_{name}"](linked[name])
        for name in ("determiner", "gender", "form"):
            pair = pair + tables[f"{name}s"](seen[name][i] * TABLES[name][0] + seen[name][j])
        scores = self.link_score(torch.relu(self.link_inner(self.drop(torch.relu(pair), 0.15))))[:, 0]
        slots = linked["slot"]
        most = torch.full((len(text.same),), -1e9).scatter_reduce(0, slots, scores.detach(), "amax")
        powers = torch.zeros(len(most)).index_add(0, slots, torch.exp(scores - most[slots]))
        return most + (powers / torch.bincount(slots, minlength=len(most))).log()


def chain(text, static, turns):
    """How unlikely the gold is, with its slope by the scores of candidates and of parts."""
    slope, turn_slope, unlikely = np.zeros_like(static), np.zeros_like(turns), 0.0
    own = [static[text.offsets[it.at] :][: it.figures] if it.is_open else np.zeros(1) for it in text.steps]
    scores = [scores[it.who] + turns[it.at][it.part] for it, scores in zip(text.steps, own)]
    factors = [np.exp(it - it.max()) for it in scores]
    told = [f if it.gold is None else f * it.gold[it.who] + 1e-30 for it, f in zip(text.steps, factors)]
    for factors, sign in ((factors, 1.0), (told, -1.0)):
        total, shares = shares_of(text.steps, factors)
        unlikely += sign * total
        for step, share in zip(text.steps, shares):
            if step.is_open:
                slope[text.offsets[step.at] :][: step.figures] += sign * np.bincount(step.who, share, step.figures)
            turn_slope[step.at] += sign * np.bincount(step.part, share, len(ROLES))
    return unlikely, slope, turn_slope


def learn(net, tales, novels, seed, report):
    torch.manual_seed(seed)
    rng = random.Random(seed)
    others = [p for name, p in net.named_parameters() if name != "clues"]
    groups = [{"params": [net.clues], "lr": CLUE_RATE, "weight_decay": 0.0}, {"params": others, "lr": RATE, "weight_decay": 0.02}]
    steer = torch.optim.AdamW(groups)
    count = len(tales) + int(NOVELS * len(novels))
    steps = EPOCHS * math.ceil(count / BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(steer, [CLUE_RATE, RATE], total_steps=steps + 1, pct_start=0.15)
    for epoch in range(EPOCHS):
        net.train()
        texts = tales + rng.sample(novels, int(NOVELS * len(novels)))
        texts.sort(key=lambda text: len(text.words) // 100 + 2 * rng.random())
        parts = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
        rng.shuffle(parts)
        for part in parts:
            scores, slopes = [], []
            loss = PENALTY / count * len(part) * 0.5 * ((net.clues - net.prior) ** 2).sum()
            for text, states in zip(part, net.states(part)):
                share = 1.0 if text.is_tale else NOVEL_SHARE / NOVELS
                if text.steps and text.offsets[-1]:
                    found = net.scores(text, states)
                    _, *slope = chain(text, *(it.detach().double().numpy() for it in found))
                    scores += found
                    slopes += [torch.tensor(share * it, dtype=torch.float) for it in slope]
                if len(text.same):
                    link = net.link(text, states)
                    loss = loss + PAIR_SHARE * share * F.binary_cross_entropy_with_logits(link, text.same, reduction="sum")
            steer.zero_grad()
            torch.autograd.backward([*scores, loss], [*slopes, None])
            nn.utils.clip_grad_norm_(others, 5.0)
            steer.step()
            rate.step()
        report(epoch + 1)
    return net.eval()


def average_precision(scores, same):
    right = same[np.argsort(-scores)]
    return float((np.cumsum(right) / np.arange(1, len(right) + 1) * right).sum() / max(right.sum(), 1))


@torch.no_grad()
def report_held(net, texts):
    """How many of the lines whose speaker is known are given to them, and how well figures that are one are told."""
    net.eval()
    good = known = 0
    scores, same = [], []
    for at in range(0, len(texts), BATCH):
        part = texts[at : at + BATCH]
        for text, states in zip(part, net.states(part)):
            if text.lines:
                scores_of, turns = (it.tolist() for it in net.scores(text, states))
                own = [scores_of[a:b] for a, b in zip(text.offsets, text.offsets[1:])]
                row = given_out(text.lines, own, turns)
                pairs = [(gold, found) for gold, found in zip(text.voices, row) if gold is not None]
                good, known = good + sum(found in gold for gold, found in pairs), known + len(pairs)
            if len(text.same):
                scores.append(net.link(text, states).numpy())
                same.append(text.same.numpy())
    precision = average_precision(np.concatenate(scores), np.concatenate(same))
    return f"speakers {good / max(known, 1):.3f} of {known}, pairs of figures: average precision {precision:.3f}"


# ---- what the product reads


def arrays_of(net):
    """Matrices of more than eight rows in 8 bits."""
    arrays = {}

    def add(name, weight, bias=None):
        if weight.shape[0] > 8 and name != "word":
            arrays[f"links.{name}.weight"], arrays[f"links.{name}.weight.scale"] = quantized(weight)
        else:
            arrays[f"links.{name}.weight"] = weight
        if bias is not None:
            arrays[f"links.{name}.bias"] = bias

    for name, module in net.named_children():
        if isinstance(module, nn.Linear):
            add(name, module.weight.data, None if module.bias is None else module.bias.data)
    for name, table in net.tables.items():
        add(name, table.weight.data)
    units = net.units.state_dict()
    for name, suffix in (("forward", ""), ("backward", "_reverse")):
        for part, letters in (("input", "ih"), ("state", "hh")):
            add(f"{name}.{part}", *(units[f"{kind}_{letters}_l0{suffix}"] for kind in ("weight", "bias")))
    arrays["links.mix"], arrays["links.unseen"] = net.mix.data, net.unseen.data
    return {name: value.detach().clone().contiguous() for name, value in arrays.items()}


def round_as_written(net):
    """Rounds what the file holds in 8 bits, so that what is written down for tests is what the product computes."""
    for name, parameter in net.named_parameters():
        if parameter.dim() == 2 and parameter.shape[0] > 8 and name != "word.weight":
            weight, scale = quantized(parameter.data)
            parameter.data = weight.float() * scale[:, None]


def write_clues(net, index, file):
    """Puts the weights of clues beside what units make of a line into the file of all weights of clues."""
    task = "speaks, heard"
    rows = [row for row in file.read_text().splitlines(True) if not row.startswith(task + "\t")]
    weights = net.clues.tolist()
    rows += [f"{task}\t{a}\t{b}\t{weights[at]:.2f}\n" for (a, b), at in index.of.items() if abs(weights[at]) >= 0.005]
    file.write_text("".join(sorted(rows)))


def beginning(text, count, index, encoder, pieces):
    """The first words of a text, with what is wholly among them."""
    part = copy.copy(text)
    part.words = copy.deepcopy(text.words[:count])
    part.text = text.text.encode()[: part.words[-1]["end"]].decode()
    part.states = states_of(part, encoder, pieces)
    part.mentions = [mention for mention in text.mentions if mention["last"] < count]
    part.traces = [trace for trace in text.traces if trace["word"] < count]
    part.lines = [line for line in text.lines if line["end"] <= part.words[-1]["end"]]
    part.whom = text.whom[: len(part.mentions)]
    for word in part.words:
        if word["quotation"] is not None and word["quotation"] >= len(part.lines):
            word["quotation"] = None
    return part.index(index)


@torch.no_grad()
def write_parity(net, text, file):
    """What the product has to find in a text, from what the network holds of its words."""
    rounded = lambda rows: [[round(v, 3) for v in row] for row in rows.tolist()]
    mixed = (text.states.float() * net.mix.softmax(0)[None, :, None]).sum(1)
    (states,) = net.states([text])
    found, turns = net.hear(text, states)
    score_of = dict(zip(text.pairs, net.link(text, states).tolist()))
    file.write_text(json.dumps({
        "text": text.text,
        "senses": rounded(net.word(mixed)),
        "words": text.words,
        "mentions": text.mentions,
        "traces": text.traces,
        "lines": [
            {"figures": [c["figure"] for c in line["candidates"]], "heard": found[a:b].tolist(), "turns": row}
            for line, a, b, row in zip(text.lines, text.offsets, text.offsets[1:], turns.tolist())
        ],
        "pairs": [{"figures": pair, "score": score} for pair, score in score_of.items()],
    }) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tales", nargs="+", type=Path, required=True)
    parser.add_argument("--held", nargs="*", default=[], type=Path, help="tales that are only measured")
    parser.add_argument("--litbank", type=Path)
    parser.add_argument("--originals", type=Path)
    parser.add_argument("--evaluate", required=True)
    parser.add_argument("--story", default=Path(__file__).parent.parent / "story.safetensors", type=Path)
    parser.add_argument("--cache", type=Path, help="keeps the states of all words, and what is seen")
    parser.add_argument("--left", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="the folder for links.safetensors")
    parser.add_argument("--weights", type=Path, help="the file of the weights of clues")
    parser.add_argument("--parity", type=Path, help="a file for the test of the units")
    options = parser.parse_args()
    began = time.time()
    say = lambda what: print(f"{(time.time() - began) / 60:6.1f} min  {what}", flush=True)
    if options.cache and options.cache.exists():
        tales, novels, held = torch.load(options.cache, weights_only=False)
    else:
        tales = [text for folder in options.tales for text in texts_of(folder, options.evaluate)]
        held = [texts_of(folder, options.evaluate) for folder in options.held]
        novels = novels_of(options) if options.litbank else []
        encoder, pieces = shipped_encoder(options.story)
        for text in [*tales, *novels, *(text for texts in held for text in texts)]:
            text.states = states_of(text, encoder, pieces)
        if options.cache:
            torch.save((tales, novels, held), options.cache)
    index = Index()
    for text in [*tales, *novels, *(text for texts in held for text in texts)]:
        text.index(index)
    say(f"{len(tales)} tales, {len(novels)} novels, {sum(len(t.same) for t in tales)} pairs, {sum(len(t.lines) for t in tales)} lines")
    left = lambda text: int(hashlib.md5(text.name.encode()).hexdigest(), 16) % 100 < options.left
    clues = np.zeros(len(index.of))
    for clue, weight in PRIOR.items():
        if clue in index.of:
            clues[index.of[clue]] = weight
    net = Links(clues)

    def report(epoch):
        say(f"epoch {epoch}")
        if epoch in (EPOCHS // 2, EPOCHS):
            for texts in [*held, [text for text in tales if left(text)]]:
                if texts:
                    say(f"  {len(texts)} held: {report_held(net, texts)}")

    learn(net, [text for text in tales if not left(text)], novels, options.seed, report)
    round_as_written(net)
    if options.out:
        save_file(arrays_of(net), options.out / "links.safetensors")
        (options.out / "links.safetensors").chmod(0o644)
    if options.weights:
        write_clues(net, index, options.weights)
    if options.parity:
        some = beginning(tales[0], PARITY, index, *shipped_encoder(options.story))
        write_parity(net, some, options.parity)


def texts_of(folder, evaluate):
    paths = sorted(folder.glob("*.txt"))
    found = []
    for path, clues in zip(paths, clues_of(evaluate, paths, False)):
        gold = json.loads(path.with_suffix(".json").read_text())
        found.append(Text(path.stem, clues, gold_of_tale(clues, gold)[0], whom_of_tale(gold), True))
    return found


def novels_of(options):
    names, found = (options.litbank / "train.ids").read_text().split(), []
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name in names:
            words = [line.split() for line in (options.litbank / "coref" / f"{name}.txt").read_text().splitlines()]
            text = (options.originals / f"{name}.txt").read_text(errors="replace")
            ends = [span[1] for row in places(text, words) for span in row if span]
            paths.append(Path(folder) / f"{name}.txt")
            paths[-1].write_text(text[: ends[-1]])
        for name, clues in zip(names, clues_of(options.evaluate, paths, False)):
            voices, _ = gold_of_novel(clues, options.litbank, name)
            found.append(Text(name, clues, voices, whom_of_novel(options.litbank, name), False))
    return found


if __name__ == "__main__":
    main()
