"""Chooses the word pieces that stay: those that English stories and our training data use."""

import re
from collections import Counter
from pathlib import Path

import tokens

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def choose(full, texts, least=5):
    """The ids of `full` (a BERT vocabulary) to keep, in order: special pieces, letters and signs
    of Latin script, and whatever occurs at least `least` times in `texts`."""
    pieces = tokens.Pieces(full)
    counts = Counter()
    for text in texts:
        counts.update(re.findall(r"\w+|[^\w\s]", text))
    used = Counter()
    for word, count in counts.items():
        for piece in pieces.of(word):
            used[piece] += count
    kept = [pieces.ids[s] for s in SPECIAL]
    for i, piece in enumerate(full):
        letter = piece.removeprefix("##")
        basic = len(letter) == 1 and ord(letter) < 0x250
        if piece not in SPECIAL and (basic or used[i] >= least) and not piece.startswith("[unused"):
            kept.append(i)
    return kept


def texts(data):
    data = Path(data)
    for path in sorted((data / "books").glob("*.txt")):
        yield path.read_text(encoding="utf-8", errors="replace")
    for path in ("goemotions/train.tsv", "xed/en-annotated.tsv", "ud-ewt/en_ewt-ud-train.conllu"):
        text = (data / path).read_text(encoding="utf-8")
        if path.endswith("conllu"):
            text = "\n".join(l for l in text.splitlines() if l.startswith("# text"))
        yield text


def of(minilm, data):
    """The ids of all-MiniLM-L6-v2's vocabulary that are kept for the data, and their pieces."""
    full = (Path(minilm) / "vocab.txt").read_text(encoding="utf-8").splitlines()
    kept = choose(full, texts(data))
    return kept, tokens.Pieces([full[i] for i in kept])
