"""Trains the shared encoder and its heads. See README.md for the command and its cost."""

import argparse
import hashlib
import json
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

import data
import evaluate
import lemma
import tokens
import vocabulary
import weak
from network import FEELINGS, LAYERS, Network

HERE = Path(__file__).parent
# How often each set is read. Distant supervision and subtitles only prepare: they are read
# in the first half of the run.
EPOCHS = {"forum": 2, "story": 7, "whole": 10, "litbank": 7, "treebank": 10, "weak": 1, "subtitles": 1}
PREPARING = ("weak", "subtitles")


@dataclass
class Batch:
    pieces: torch.Tensor  # [b, t]
    casings: torch.Tensor  # [b, t]
    lengths: torch.Tensor  # [b]
    first: torch.Tensor  # [b, w] first piece of every word
    words: torch.Tensor  # [b] words a window
    shares: torch.Tensor  # [b, s, t] means over the pieces of the labelled spans
    labels: torch.Tensor  # [b, s, 7]
    labelled: torch.Tensor  # [b, s]
    parents_allowed: torch.Tensor  # [b, w, w + 1] the root and the words of the same sentence
    windows: list


def collator(pieces):
    def collate(windows):
        rows = []
        for window in windows:
            ids, casings, first, end = [pieces.start], [0], [], []
            for word in window.words:
                of = pieces.of(word)
                first.append(len(ids))
                ids += of
                casings += [tokens.casing(word)] * len(of)
                end.append(len(ids))
            rows.append((ids + [pieces.end], casings + [0], first, end))
        b = len(rows)
        t = max(len(r[0]) for r in rows)
        w = max(len(r[2]) for r in rows)
        s = max(1, max(len(window.feelings) for window in windows))
        batch = Batch(
            torch.full((b, t), pieces.pad), torch.zeros((b, t), dtype=torch.long),
            torch.tensor([len(r[0]) for r in rows]), torch.zeros((b, w), dtype=torch.long),
            torch.tensor([len(r[2]) for r in rows]), torch.zeros((b, s, t)),
            torch.zeros((b, s, len(FEELINGS))), torch.zeros((b, s), dtype=torch.bool),
            torch.zeros((b, w, w + 1), dtype=torch.bool), windows,
        )
        for i, (window, (ids, casings, first, end)) in enumerate(zip(windows, rows)):
            batch.pieces[i, : len(ids)] = torch.tensor(ids)
            batch.casings[i, : len(ids)] = torch.tensor(casings)
            batch.first[i, : len(first)] = torch.tensor(first)
            for k, (a, z, label) in enumerate(window.feelings):
                batch.shares[i, k, first[a] : end[z - 1]] = 1.0 / (end[z - 1] - first[a])
                batch.labels[i, k] = torch.tensor(label)
                batch.labelled[i, k] = True
            batch.parents_allowed[i, :, 0] = True
            for a, z in window.sentences:
                batch.parents_allowed[i, a:z, a + 1 : z + 1] = True
        return batch

    return collate


def loss_of(network, batch):
    """The loss of a batch, whatever its windows know."""
    one = batch.windows[0]
    states = network.encoder(batch.pieces, batch.casings, batch.lengths)
    loss = 0.0
    if one.register:
        logits = network.feelings(states[-1].float(), batch.shares, one.register)[batch.labelled]
        labels = batch.labels[batch.labelled]
        if one.register == "story":
            labels = labels / labels.sum(-1, keepdim=True)
            loss = loss + F.cross_entropy(logits, labels, label_smoothing=0.05)
        else:
            loss = loss + 6.0 * F.binary_cross_entropy_with_logits(logits, labels)
    valid = torch.arange(batch.first.shape[1])[None, :] < batch.words[:, None]
    if one.ends_known:
        words = network.syntax(states, batch.first)
        ends = torch.zeros(valid.shape)
        for i, window in enumerate(batch.windows):
            ends[i, [z - 1 for _, z in window.sentences]] = 1.0
        logits = network.syntax.ends(words)[..., 0].float()
        loss = loss + 2.0 * F.binary_cross_entropy_with_logits(logits[valid], ends[valid])
    if one.syntax is not None:
        gold = torch.full((*valid.shape, 4), -100)
        for i, window in enumerate(batch.windows):
            gold[i, : len(window.syntax)] = torch.tensor(window.syntax)
        tag, rule, parent, relation = gold.unbind(-1)
        cross = lambda logits, target: F.cross_entropy(logits.flatten(0, -2).float(), target.flatten(), ignore_index=-100)
        arcs = network.syntax.arcs(words).float().masked_fill(~batch.parents_allowed, -1e9)
        loss = loss + cross(network.syntax.tags(words), tag) + cross(network.syntax.lemmas(words), rule)
        loss = loss + cross(arcs, parent) + cross(network.syntax.labels(words, parent.clamp(min=0)), relation)
    if one.mentions is not None:
        scores = network.mentions(states, batch.first).float()
        gold = torch.zeros(scores.shape[:3], dtype=torch.long)
        for i, window in enumerate(batch.windows):
            for a, z, label in window.mentions:
                gold[i, a, z] = label
        spans = (valid[:, :, None] & valid[:, None, :]).triu()
        total = F.cross_entropy(scores[spans], gold[spans], reduction="sum")
        loss = loss + 4.0 * total / valid.sum()
    return loss


def load_story(folder, regression):
    """Our own passages without any sentence of the regression set; a twelfth is held back."""
    plain = lambda s: "".join(c for c in s.lower() if c.isalnum())
    banned = {plain(s) for _, _, _, s in regression}
    seen, train, held = set(), [], []
    for path in sorted(Path(folder).glob("*.tsv")):
        for passage in data.passages(path):
            kept = []
            for label, sentence in passage:
                key = plain(sentence)
                if key not in banned and key not in seen and key:
                    seen.add(key)
                    kept.append((label, sentence))
            if kept:
                digest = hashlib.sha256(kept[0][1].encode()).digest()[0]
                (held if digest % 12 == 0 else train).append(kept)
    return train, held


def schedule(sets, epochs, size, pieces, rng):
    """All batches of the run: preparing sets early, the others spread evenly."""
    timed = []
    for name, make in sets.items():
        batches = []
        whole, part = int(epochs[name]), epochs[name] % 1
        for epoch in range(whole + (part > 0)):
            made = data.batches(make(), size, rng, pieces)
            batches += made[: int(len(made) * part)] if epoch == whole else made
        reach = 0.5 if name in PREPARING else 1.0
        for i, batch in enumerate(batches):
            timed.append(((i + rng.random()) / max(1, len(batches)) * reach, name, batch))
    timed.sort(key=lambda item: item[0])
    return [(name, batch) for _, name, batch in timed]


def optimizer(network, rate, decay):
    """Lower rates for lower layers, higher ones for the new heads."""
    groups, base = {}, rate
    for name, parameter in network.named_parameters():
        if name.startswith("encoder.layers."):
            scale = decay ** (LAYERS - 1 - int(name.split(".")[2]))
        elif name.startswith("encoder.casings"):
            scale = 5.0
        elif name.startswith("encoder."):
            scale = decay**LAYERS
        elif "mix" in name:
            scale = 50.0
        else:
            scale = 8.0
        plain = parameter.dim() < 2 or "mix" in name
        groups.setdefault((scale, plain), []).append(parameter)
    return torch.optim.AdamW(
        [{"params": p, "lr": base * s, "top": base * s, "weight_decay": 0.0 if plain else 0.01} for (s, plain), p in groups.items()],
        betas=(0.9, 0.98), fused=True,
    )


def has_bf16_products():
    """Whether the processor multiplies BF16; without, autocast only slows it down tenfold."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path, help="folder of the data sets")
    begin = parser.add_mutually_exclusive_group(required=True)
    begin.add_argument("--minilm", type=Path, help="folder of all-MiniLM-L6-v2")
    begin.add_argument("--trained", type=Path, help="folder of an earlier run to go on from")
    parser.add_argument("--out", required=True, type=Path, help="where the trained network is put")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--decay", type=float, default=0.9)
    parser.add_argument("--batch", type=int, default=1024, help="pieces a step")
    parser.add_argument("--scale", type=float, default=1.0, help="shortens or lengthens the run")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    rng = random.Random(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.time()
    say = lambda text: print(f"{(time.time() - began) / 60:6.1f} min  {text}", flush=True)

    if options.trained:
        pieces = tokens.Pieces(json.loads((options.trained / "labels.json").read_text())["vocabulary"])
    else:
        full = (options.minilm / "vocab.txt").read_text(encoding="utf-8").splitlines()
        kept = vocabulary.choose(full, vocabulary.texts(options.data))
        pieces = tokens.Pieces([full[i] for i in kept])
    say(f"{len(pieces.vocabulary)} word pieces")

    ewt = data.conllu(options.data / "ud-ewt/en_ewt-ud-train.conllu")
    ewt_dev = data.conllu(options.data / "ud-ewt/en_ewt-ud-dev.conllu")
    every = [s for d in ewt for s in d]
    tags = sorted({t for s in every for t in s.tags})
    relations = sorted({r for s in every for r in s.relations})
    lemmas = lemma.rules([p for s in every for p in zip(s.words, s.lemmas)])
    maps = [{name: i for i, name in enumerate(names)} for names in (tags, lemmas, relations)]
    say(f"{len(tags)} tags, {len(lemmas)} lemma rules, {len(relations)} relations")

    litbank = list(data.litbank_works(options.data / "litbank", "train.ids"))
    litbank_dev = list(data.litbank_works(options.data / "litbank", "dev.ids"))
    regression = evaluate.regression(HERE.parent / "evaluation/feelings.tsv")
    own, own_dev = load_story(HERE / "narrative", regression)
    whole, whole_dev = load_story(HERE / "narrative/stories", regression)
    for name, train, held in (("short passages", own, own_dev), ("whole stories", whole, whole_dev)):
        say(f"{sum(map(len, train))} sentences of our own in {name}, {sum(map(len, held))} held back")
    forum, _ = data.forum(options.data / "goemotions/train.tsv")
    forum_dev = list(data.goemotions(options.data / "goemotions/dev.tsv"))
    subtitles = list(data.xed(options.data / "xed"))
    distant = list(weak.windows(options.data / "books", rng, 1000, 1000, 2000))
    say(f"{len(forum)} forum texts, {len(subtitles)} subtitles, {len(distant)} sentences by distant supervision")

    def story():
        for passage in own:
            # Passages are read whole, in halves, or sentence by sentence.
            step = rng.choice((len(passage), len(passage), 2, 1))
            for i in range(0, len(passage), step):
                yield data.passage_window(passage[i : i + step], rng)

    def whole_stories():
        for passage in whole:
            yield from (data.passage_window(p, rng) for p in data.excerpts(passage, rng.choice((200, 120, 60, 1))))

    def treebank():
        low, high = rng.choice(((1, 1), (1, 60), (40, 120), (80, 160)))
        return data.treebank_windows(ewt, maps, rng, low, high)

    def works():
        low, high = rng.choice(((60, 140), (120, 200), (150, 260)))
        return data.litbank_windows(litbank, rng, low, high)

    sets = {
        "forum": lambda: forum, "story": story, "whole": whole_stories, "litbank": works, "treebank": treebank,
        "weak": lambda: distant, "subtitles": lambda: subtitles,
    }
    epochs = {name: count * options.scale for name, count in EPOCHS.items()}
    steps = schedule(sets, epochs, options.batch, pieces, rng)
    say(f"{len(steps)} steps")

    network = Network(len(pieces.vocabulary), len(tags), len(lemmas), len(relations), len(data.MENTIONS))
    if options.trained:
        network.load_state_dict(torch.load(options.trained / "network.pt", weights_only=True))
    else:
        network.load_minilm(load_file(options.minilm / "model.safetensors"), kept)
    steer = optimizer(network, options.rate, options.decay)
    collate = collator(pieces)

    dev_mentions = list(data.litbank_windows(litbank_dev, random.Random(1), 150, 200))
    own_windows = [data.passage_window(p) for p in own_dev]
    whole_windows = [data.passage_window(e) for p in whole_dev for e in data.excerpts(p, 200)]
    regression_windows = evaluate.regression_windows(HERE.parent / "evaluation/feelings.tsv")
    emolit = list(data.emolit(options.data / "emolit/gold-half.tsv"))

    def report():
        figures = {
            "forum": evaluate.forum(network, collate, forum_dev, pieces),
            "held back": evaluate.story(network, collate, own_windows, pieces),
            "held back, whole": evaluate.story(network, collate, whole_windows, pieces),
            "regression": evaluate.story(network, collate, regression_windows, pieces),
            "emolit": evaluate.story(network, collate, emolit, pieces),
            "treebank": evaluate.treebank(network, collate, ewt_dev, (tags, lemmas, relations), pieces),
            "mentions": evaluate.mentions(network, collate, dev_mentions, pieces),
        }
        for name, figure in figures.items():
            say(f"  {name}: {figure}")
        return figures

    def save(figures):
        torch.save(network.state_dict(), options.out / "network.pt")
        labels = {
            "vocabulary": pieces.vocabulary, "tags": tags, "lemmas": lemmas, "relations": relations,
            "mentions": list(data.MENTIONS), "feelings": list(FEELINGS), "figures": figures,
        }
        (options.out / "labels.json").write_text(json.dumps(labels))

    warm = max(1, int(0.06 * len(steps)))
    running, seen = {}, 0
    for step, (name, windows) in enumerate(steps):
        network.train()
        share = min(1.0, (step + 1) / warm) * 0.5 * (1 + math.cos(math.pi * max(0, step - warm) / (len(steps) - warm)))
        for group in steer.param_groups:
            group["lr"] = group["top"] * max(share, 0.01)
        batch = collate(windows)
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bf16_products()):
            loss = loss_of(network, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        steer.step()
        steer.zero_grad(set_to_none=True)
        seen += int(batch.lengths.sum())
        now = loss.item()
        running[name] = 0.97 * running.get(name, now) + 0.03 * now
        if step % 100 == 0:
            losses = ", ".join(f"{n} {v:.3f}" for n, v in sorted(running.items()))
            say(f"step {step}, {seen / (time.time() - began):.0f} pieces/s: {losses}")
        if step + 1 in (len(steps) // 3, 2 * len(steps) // 3):
            save(report())
    save(report())


if __name__ == "__main__":
    main()
