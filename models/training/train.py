"""Trains the shared encoder and its heads. See README.md for the command and its cost."""

import argparse
import hashlib
import json
import math
import random
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch.utils.data import DataLoader

import coreference
import data
import evaluate
import lemma
import tokens
import vocabulary
import weak
from batch import UNKNOWN, collator
from network import FEELINGS, LAYERS, Network, fastest

HERE = Path(__file__).parent
# How often each set is read. Distant supervision and subtitles only prepare: they are read
# in the first half of the run.
EPOCHS = {
    "forum": 2, "story": 7, "whole": 10, "litbank": 4, "works": 8, "treebank": 10, "weak": 1, "subtitles": 1,
}
PREPARING = ("weak", "subtitles")
# What the antecedents of mentions weigh beside the other losses.
COREFERENCE = 2.0
# Shares of the run after which the network is measured and saved.
CHECKS = (1 / 3, 2 / 3)


@dataclass
class Step:
    """What is learned at once: windows of one set."""

    set: str
    windows: list
    # Of a whole work, whose mentions mean each other: which one.
    work: int | None = None


def loss_of(network, batch):
    """The loss of a batch, whatever its windows know, and the states it comes from."""
    states = network.encoder(batch.pieces, batch.casings, batch.lengths)
    loss = 0.0
    if batch.register:
        logits = network.feelings(states[-1].float(), batch.shares, batch.register).float()
        if batch.register == "story":
            labels = batch.labels / batch.labels.sum(-1, keepdim=True).clamp(min=1.0)
            each = F.cross_entropy(logits.flatten(0, 1), labels.flatten(0, 1), label_smoothing=0.05, reduction="none")
        else:
            each = 6.0 * F.binary_cross_entropy_with_logits(logits, batch.labels, reduction="none").mean(-1).flatten()
        loss = loss + mean_of(each, batch.labelled.flatten())
    if batch.ends is not None:
        words = network.syntax(states, batch.first)
        logits = network.syntax.ends(words)[..., 0].float()
        each = F.binary_cross_entropy_with_logits(logits, batch.ends, reduction="none")
        loss = loss + 2.0 * mean_of(each, batch.real)
    if batch.syntax is not None:
        tag, rule, parent, relation = batch.syntax.unbind(-1)
        cross = lambda logits, target: F.cross_entropy(logits.flatten(0, -2).float(), target.flatten(), ignore_index=UNKNOWN)
        arcs = network.syntax.arcs(words).float().masked_fill(~batch.parents_allowed, -1e9)
        loss = loss + cross(network.syntax.tags(words), tag) + cross(network.syntax.lemmas(words), rule)
        loss = loss + cross(arcs, parent) + cross(network.syntax.labels(words, parent.clamp(min=0)), relation)
    if batch.mentions is not None:
        scores = network.mentions(states, batch.first).float()
        target = batch.mentions.flatten().long()
        total = F.cross_entropy(scores.flatten(0, 2), target, ignore_index=UNKNOWN, reduction="sum")
        loss = loss + 4.0 * total / batch.real.sum()
    return loss, states


def mean_of(each, some):
    return (each * some).sum() / some.sum()


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


def schedule(sets, epochs, rng):
    """All steps of the run: preparing sets early, the others spread evenly. `sets` make the steps of an epoch."""
    timed = []
    for name, make in sets.items():
        steps = []
        whole, part = int(epochs[name]), epochs[name] % 1
        for epoch in range(whole + (part > 0)):
            made = make()
            steps += made[: int(len(made) * part)] if epoch == whole else made
        reach = 0.5 if name in PREPARING else 1.0
        for i, step in enumerate(steps):
            timed.append(((i + rng.random()) / max(1, len(steps)) * reach, step))
    timed.sort(key=lambda item: item[0])
    return [step for _, step in timed]


def optimizer(named, rate, decay):
    """Lower rates for lower layers, higher ones for the new heads."""
    groups, base = {}, rate
    for name, parameter in named:
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


def has_bf16_products(device):
    """Whether the device multiplies BF16; without, autocast only slows a processor down tenfold."""
    return device.type == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def share_done(step, steps):
    """How much of the run is over."""
    return step / steps


def rate(done, warm=0.06):
    """The share of the highest rate: up in a straight line, down along a cosine."""
    down = 0.5 * (1 + math.cos(math.pi * max(0.0, done - warm) / (1 - warm)))
    return max(0.01, min(1.0, done / warm) * down)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path, help="folder of the data sets")
    parser.add_argument("--trained", type=Path, help="folder of an earlier run to go on from")
    parser.add_argument("--adapted", type=Path, help="folder of a run of mlm.py: the encoder to start from")
    parser.add_argument("--minilm", type=Path, help="folder of all-MiniLM-L6-v2, where there is no other encoder")
    parser.add_argument("--out", required=True, type=Path, help="where the trained network is put")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--decay", type=float, default=0.9)
    parser.add_argument("--batch", type=int, default=1024, help="pieces a step")
    parser.add_argument("--scale", type=float, default=1.0, help="shortens or lengthens the run")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    if not (options.trained or options.adapted or options.minilm):
        parser.error("one of --trained, --adapted and --minilm says what to start from")
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    rng = random.Random(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.time()
    say = lambda text: print(f"{(time.time() - began) / 60:6.1f} min  {text}", flush=True)

    if options.trained or options.adapted:
        labels = json.loads(((options.trained or options.adapted) / "labels.json").read_text())
        pieces = tokens.Pieces(labels["vocabulary"])
    else:
        kept, pieces = vocabulary.of(options.minilm, options.data)
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
    works, works_dev = ([*coreference.works(options.data / "litbank", f"{part}.ids")] for part in ("train", "dev"))
    texts = [coreference.labelled(work) for work in works]
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

    def excerpts_of_works():
        low, high = rng.choice(((60, 140), (120, 200), (150, 260)))
        return data.litbank_windows(litbank, rng, low, high)

    def whole_works():
        for i in rng.sample(range(len(works)), len(works)):
            yield Step("works", coreference.windows(works[i], pieces, rng.randint(100, coreference.WINDOW_WORDS)), i)

    sets = {
        "forum": lambda: forum, "story": story, "whole": whole_stories, "litbank": excerpts_of_works,
        "treebank": treebank, "weak": lambda: distant, "subtitles": lambda: subtitles,
    }
    in_batches = lambda name: [Step(name, b) for b in data.batches(sets[name](), options.batch, rng, pieces)]
    makers = {name: partial(in_batches, name) for name in sets} | {"works": lambda: list(whole_works())}
    epochs = {name: count * options.scale for name, count in EPOCHS.items()}
    steps = schedule(makers, epochs, rng)
    say(f"{len(steps)} steps")

    device = fastest()
    network = Network(len(pieces.vocabulary), len(tags), len(lemmas), len(relations), len(data.MENTIONS))
    head = coreference.Coreference()
    if options.trained:
        network.load_state_dict(torch.load(options.trained / "network.pt", weights_only=True))
        head.load_state_dict(torch.load(options.trained / "coreference.pt", weights_only=True))
    if options.adapted:
        network.encoder.load_state_dict(torch.load(options.adapted / "encoder.pt", weights_only=True))
    elif not options.trained:
        network.encoder.load_minilm(load_file(options.minilm / "model.safetensors"), kept)
    network.to(device)
    head.to(device)
    named = [*network.named_parameters(), *((f"coreference.{n}", p) for n, p in head.named_parameters())]
    steer = optimizer(named, options.rate, options.decay)
    collate = collator(pieces, device)
    texts = [text.to(device) for text in texts]

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
            "coreference": coreference.figures(network, head, collate, pieces, works_dev),
        }
        for name, figure in figures.items():
            say(f"  {name}: {figure}")

    def save():
        torch.save(on_cpu(network), options.out / "network.pt")
        torch.save(on_cpu(head), options.out / "coreference.pt")
        labels = {
            "vocabulary": pieces.vocabulary, "tags": tags, "lemmas": lemmas, "relations": relations,
            "mentions": list(data.MENTIONS), "feelings": list(FEELINGS),
        }
        (options.out / "labels.json").write_text(json.dumps(labels))

    loader = DataLoader(
        steps, batch_size=None, collate_fn=partial(collated, collate=collator(pieces)),
        num_workers=8 if device.type == "cuda" else 0,
    )
    checks = [int(share * len(steps)) for share in CHECKS]
    running, seen = {}, 0
    for number, (name, work, batch) in enumerate(loader):
        done = share_done(number, len(steps))
        if done >= 1.0:
            break
        network.train()
        head.train()
        seen += int(batch.lengths.sum())
        batch = batch.to(device)
        for group in steer.param_groups:
            group["lr"] = group["top"] * rate(done)
        with torch.autocast(device.type, torch.bfloat16, enabled=has_bf16_products(device)):
            loss, states = loss_of(network, batch)
        if work is not None:
            loss = loss + COREFERENCE * head.loss(texts[work], coreference.states_of(states, batch))
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in named], 5.0)
        steer.step()
        steer.zero_grad(set_to_none=True)
        running[name] = 0.97 * running.get(name, loss.detach()) + 0.03 * loss.detach()
        if number % 100 == 0:
            losses = ", ".join(f"{n} {v.item():.3f}" for n, v in sorted(running.items()))
            say(f"step {number}, {seen / (time.time() - began):.0f} pieces/s: {losses}")
        if number + 1 in checks:
            save()
            report()
    save()
    report()


def collated(step, collate):
    return step.set, step.work, collate(step.windows)


def on_cpu(module):
    return {name: value.cpu() for name, value in module.state_dict().items()}


if __name__ == "__main__":
    main()
