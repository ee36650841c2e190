"""Windows as tensors, with whatever is known of them."""

from dataclasses import dataclass, fields

import torch

import tokens
from network import FEELINGS

# The label of what no loss looks at.
UNKNOWN = -100


@dataclass
class Batch:
    pieces: torch.Tensor  # [b, t]
    casings: torch.Tensor  # [b, t]
    lengths: torch.Tensor  # [b]
    first: torch.Tensor  # [b, w] first piece of every word
    real: torch.Tensor  # [b, w] whether there is such a word
    shares: torch.Tensor  # [b, s, t] means over the pieces of the labelled spans
    labels: torch.Tensor  # [b, s, 7]
    labelled: torch.Tensor  # [b, s]
    parents_allowed: torch.Tensor  # [b, w, w + 1] the root and the words of the same sentence
    register: str
    ends: torch.Tensor | None  # [b, w] 1 at the last word of a sentence
    syntax: torch.Tensor | None  # [b, w, 4] tag, lemma rule, parent, relation
    mentions: torch.Tensor | None  # [b, w, w] classes of spans, start by end

    def to(self, device):
        values = (getattr(self, field.name) for field in fields(self))
        return Batch(*(v.to(device, non_blocking=True) if isinstance(v, torch.Tensor) else v for v in values))


def collator(pieces, device="cpu"):
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
        one = windows[0]
        batch = Batch(
            torch.full((b, t), pieces.pad), torch.zeros((b, t), dtype=torch.long),
            torch.tensor([len(r[0]) for r in rows]), torch.zeros((b, w), dtype=torch.long),
            torch.zeros((b, w), dtype=torch.bool), torch.zeros((b, s, t)),
            torch.zeros((b, s, len(FEELINGS))), torch.zeros((b, s), dtype=torch.bool),
            torch.zeros((b, w, w + 1), dtype=torch.bool), one.register,
            torch.zeros((b, w)) if one.ends_known else None,
            torch.full((b, w, 4), UNKNOWN) if one.syntax is not None else None,
            torch.full((b, w, w), UNKNOWN, dtype=torch.int8) if one.mentions is not None else None,
        )
        for i, (window, (ids, casings, first, end)) in enumerate(zip(windows, rows)):
            n = len(first)
            batch.pieces[i, : len(ids)] = torch.tensor(ids)
            batch.casings[i, : len(ids)] = torch.tensor(casings)
            batch.first[i, :n] = torch.tensor(first)
            batch.real[i, :n] = True
            for k, (a, z, label) in enumerate(window.feelings):
                batch.shares[i, k, first[a] : end[z - 1]] = 1.0 / (end[z - 1] - first[a])
                batch.labels[i, k] = torch.tensor(label)
                batch.labelled[i, k] = True
            batch.parents_allowed[i, :, 0] = True
            for a, z in window.sentences:
                batch.parents_allowed[i, a:z, a + 1 : z + 1] = True
            if batch.ends is not None:
                batch.ends[i, [z - 1 for _, z in window.sentences]] = 1.0
            if batch.syntax is not None:
                batch.syntax[i, :n] = torch.tensor(window.syntax)
            if batch.mentions is not None:
                # Only spans that begin before they end.
                batch.mentions[i, :n, :n] = torch.full((n, n), UNKNOWN, dtype=torch.int8).tril(-1)
                for a, z, label in window.mentions:
                    batch.mentions[i, a, z] = label
        return batch.to(device)

    return collate
