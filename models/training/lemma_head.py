"""Trains the head for lemmas anew on the states of a trained network, which stays as it is.

    python lemma_head.py --trained trained --data DATA

For a network that was trained with other rules than those of `lemma.py`, or before `irregular.tsv`
changed. The rows of rules that stay begin where they were.
"""

import argparse
import json
import math
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import data
import evaluate
import lemma
import tokens
from batch import collator
from data import Window
from export import trained
from network import HIDDEN

BATCH = 512


@torch.no_grad()
def states(network, collate, sentences, pieces):
    """The state of every word that our tokenizer also makes one word `[n, HIDDEN]`, and its `(word, lemma)`."""
    windows = []
    for s in sentences:
        spans = tokens.words(s.text)
        windows.append(Window([s.text[a:b] for a, b in spans], sentences=[(0, len(spans))]))
    found, pairs = [], []
    for indexes in evaluate.in_batches(windows, pieces):
        batch = collate([windows[i] for i in indexes])
        words = network.syntax(network.encoder(batch.pieces, batch.casings, batch.lengths), batch.first)
        for row, i in enumerate(indexes):
            gold = {span: k for k, span in enumerate(sentences[i].spans)}
            for k, span in enumerate(tokens.words(sentences[i].text)):
                if span in gold:
                    found.append(words[row, k].clone())
                    pairs.append((sentences[i].words[gold[span]], sentences[i].lemmas[gold[span]]))
    return torch.stack(found), pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trained", required=True, type=Path, help="folder of a run of train.py, which is changed")
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    began = time.time()
    say = lambda text: print(f"{(time.time() - began) / 60:6.1f} min  {text}", flush=True)

    labels, state, network = trained(options.trained)
    pieces = tokens.Pieces(labels["vocabulary"])
    collate = collator(pieces)
    documents = data.conllu(options.data / "ud-ewt/en_ewt-ud-train.conllu")
    every = [s for d in documents for s in d]
    names = lemma.rules([p for s in every for p in zip(s.words, s.lemmas)])
    number = {name: i for i, name in enumerate(names)}
    inputs, pairs = states(network, collate, every, pieces)
    wanted = torch.tensor([number.get(lemma.rule(*pair), -1) for pair in pairs])
    say(f"{len(pairs)} words, {len(names)} rules")

    head = nn.Linear(HIDDEN, len(names))
    before = {name: i for i, name in enumerate(labels["lemmas"])}
    with torch.no_grad():
        head.weight.mul_(0.1)
        for i, name in enumerate(names):
            if name in before:
                head.weight[i] = state["syntax.lemmas.weight"][before[name]]
                head.bias[i] = state["syntax.lemmas.bias"][before[name]]
    steer = torch.optim.AdamW(head.parameters(), 1e-3, weight_decay=0.02)
    known = (wanted >= 0).nonzero().squeeze(1).tolist()
    steps, step = options.epochs * (len(known) // BATCH), 0
    for epoch in range(options.epochs):
        rng.shuffle(known)
        total = 0.0
        for at in range(0, len(known) - BATCH + 1, BATCH):
            for group in steer.param_groups:
                group["lr"] = 1e-3 * max(0.02, 0.5 * (1 + math.cos(math.pi * step / steps)))
            some = known[at : at + BATCH]
            loss = F.cross_entropy(head(inputs[some]), wanted[some])
            steer.zero_grad()
            loss.backward()
            steer.step()
            total, step = total + loss.item(), step + 1
        say(f"epoch {epoch + 1}, loss {total * BATCH / len(known):.4f}")

    state["syntax.lemmas.weight"], state["syntax.lemmas.bias"] = head.weight.detach(), head.bias.detach()
    labels["lemmas"] = names
    torch.save(state, options.trained / "network.pt")
    (options.trained / "labels.json").write_text(json.dumps(labels))


if __name__ == "__main__":
    main()
