"""Makes the encoder at home in fiction: it learns to guess hidden words of the novels. See README.md for the command.

What guesses the words is thrown away; train.py goes on from the encoder.
"""

import argparse
import json
import random
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

import data
import tokens
import vocabulary
from network import HIDDEN, Encoder, fastest
from train import has_bf16_products, on_cpu, rate, share_done

LENGTH = 256
# Of all words, how many are guessed; of these, how many are shown as [MASK] and how many as another word.
GUESSED, HIDDEN_WORDS, OTHER_WORDS = 0.2, 0.8, 0.1
# Pieces of each book left out on which guesses are measured.
MEASURED = 40 * (LENGTH - 2)


def texts(folder):
    """Books, forum texts and the treebank's sentences; and the books whose first pages are LitBank's dev part."""
    left_out = set((folder / "litbank/dev.ids").read_text().split())
    learned, held = [], []
    for path in sorted((folder / "books").glob("*.txt")):
        (held if path.stem in left_out else learned).append(path.read_text(encoding="utf-8", errors="replace"))
    forum = (folder / "goemotions/train.tsv").read_text(encoding="utf-8").splitlines()
    learned.append("\n".join(line.split("\t")[0] for line in forum))
    treebank = data.conllu(folder / "ud-ewt/en_ewt-ud-train.conllu")
    learned.append("\n".join(sentence.text for document in treebank for sentence in document))
    return learned, held


def encoded(text, pieces):
    """The text's pieces, their casings, and which of them begin a word."""
    ids, casings, begins = [], [], []
    for a, b in tokens.words(text):
        of = pieces.of(text[a:b])
        ids += of
        casings += [tokens.casing(text[a:b])] * len(of)
        begins += [True] + [False] * (len(of) - 1)
    return np.array(ids, np.int32), np.array(casings, np.int8), np.array(begins, bool)


class Guesses(nn.Module):
    """Scores of all pieces for hidden ones, by the encoder's own embeddings."""

    def __init__(self, pieces):
        super().__init__()
        self.hidden = nn.Linear(HIDDEN, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.bias = nn.Parameter(torch.zeros(pieces))

    def forward(self, state, embeddings):
        return F.linear(self.norm(F.gelu(self.hidden(state))), embeddings, self.bias)


class Corpus:
    """Running text, cut into full windows anew for every epoch."""

    def __init__(self, parts, pieces, device):
        self.ids, self.casings, self.begins = (torch.from_numpy(np.concatenate(x)).to(device) for x in zip(*parts))
        self.start, self.end = pieces.start, pieces.end

    def windows(self, offset):
        return (len(self.ids) - offset) // (LENGTH - 2)

    def batch(self, offset, numbers):
        """Pieces, casings and word beginnings `[b, LENGTH]` of the windows with these numbers."""
        at = offset + numbers[:, None] * (LENGTH - 2) + torch.arange(LENGTH - 2, device=numbers.device)
        ids = F.pad(self.ids[at].long(), (1, 1), value=self.end)
        ids[:, 0] = self.start
        return ids, F.pad(self.casings[at].long(), (1, 1)), F.pad(self.begins[at], (1, 1))


def hide(ids, begins, mask, pieces):
    """The pieces as they are shown, and which of them are guessed: those of whole words."""
    word = begins.cumsum(1)
    of_word = lambda: torch.rand((len(ids), LENGTH), device=ids.device).gather(1, word)
    guessed = of_word() < GUESSED
    guessed[:, 0] = guessed[:, -1] = False
    how = of_word()
    shown = torch.where(guessed & (how < HIDDEN_WORDS), mask, ids)
    other = torch.randint_like(ids, pieces)
    return torch.where(guessed & (how > 1 - OTHER_WORDS), other, shown), guessed


def loss_of(encoder, guesses, batch, mask):
    ids, casings, begins = batch
    shown, guessed = hide(ids, begins, mask, encoder.pieces.num_embeddings)
    states = encoder(shown, casings, None)[-1]
    scores = guesses(states[guessed], encoder.pieces.weight).float()
    return F.cross_entropy(scores, ids[guessed])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path, help="folder of the data sets")
    begin = parser.add_mutually_exclusive_group(required=True)
    begin.add_argument("--minilm", type=Path, help="folder of all-MiniLM-L6-v2")
    begin.add_argument("--trained", type=Path, help="folder of an earlier run of train.py")
    parser.add_argument("--out", required=True, type=Path, help="where the encoder is put")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--batch", type=int, default=128, help="windows a step")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    began = time.time()
    say = lambda text: print(f"{(time.time() - began) / 60:6.1f} min  {text}", flush=True)

    if options.trained:
        pieces = tokens.Pieces(json.loads((options.trained / "labels.json").read_text())["vocabulary"])
    else:
        kept, pieces = vocabulary.of(options.minilm, options.data)
    learned, held = texts(options.data)
    with ProcessPoolExecutor() as workers:
        encode = lambda of: list(workers.map(partial(encoded, pieces=pieces), of))
        learned, held = encode(learned), encode(held)
    device = fastest()
    corpus = Corpus(learned, pieces, device)
    left_out = Corpus([[row[:MEASURED] for row in part] for part in held], pieces, device)
    say(f"{len(corpus.ids)} pieces of {int(corpus.begins.sum())} words")

    encoder, guesses = Encoder(len(pieces.vocabulary)), Guesses(len(pieces.vocabulary))
    if options.trained:
        state = torch.load(options.trained / "network.pt", weights_only=True)
        encoder.load_state_dict({n.removeprefix("encoder."): v for n, v in state.items() if n.startswith("encoder.")})
    else:
        encoder.load_minilm(load_file(options.minilm / "model.safetensors"), kept)
    encoder.to(device)
    guesses.to(device)
    parameters = [*encoder.parameters(), *guesses.parameters()]
    steer = torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.01},
            {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
        ],
        lr=options.rate, betas=(0.9, 0.98), fused=True,
    )
    products = lambda: torch.autocast(device.type, torch.bfloat16, enabled=has_bf16_products(device))
    mask = pieces.ids["[MASK]"]

    @torch.no_grad()
    def measure():
        """The loss a hidden piece in the books that are left out."""
        encoder.eval()
        with torch.random.fork_rng([device] if device.type == "cuda" else []), products():
            torch.manual_seed(1)
            parts = torch.arange(left_out.windows(0), device=device).split(options.batch)
            losses = [loss_of(encoder, guesses, left_out.batch(0, part), mask).item() for part in parts]
        return sum(losses) / len(losses)

    steps = [
        (offset, numbers)
        for offset in (rng.randrange(LENGTH - 2) for _ in range(options.epochs))
        for numbers in torch.randperm(corpus.windows(offset)).split(options.batch)
    ]
    say(f"{len(steps)} steps")
    for number, (offset, numbers) in enumerate(steps):
        done = share_done(number, len(steps))
        if done >= 1.0:
            break
        encoder.train()
        for group in steer.param_groups:
            group["lr"] = options.rate * rate(done)
        with products():
            loss = loss_of(encoder, guesses, corpus.batch(offset, numbers.to(device)), mask)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        steer.step()
        steer.zero_grad(set_to_none=True)
        if number % 200 == 0:
            say(f"step {number}: loss {loss.item():.3f}, in books left out {measure():.3f}")
    say(f"in books left out {measure():.3f}")
    options.out.mkdir(parents=True, exist_ok=True)
    torch.save(on_cpu(encoder), options.out / "encoder.pt")
    (options.out / "labels.json").write_text(json.dumps({"vocabulary": pieces.vocabulary}))


if __name__ == "__main__":
    main()
