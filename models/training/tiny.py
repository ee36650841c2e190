"""Writes a small random network with its logits, against which every backend is tested."""

import argparse
import json
import string
from pathlib import Path

import torch
from safetensors.torch import save_file

import network

network.HIDDEN, network.LAYERS, network.ATTENTION_HEADS, network.INTERMEDIATE = 48, 2, 4, 96
network.POSITIONS = 1024

import data
import tokens
from batch import collator
from export import TEXTS, parity, restored, shipped
from vocabulary import SPECIAL


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=Path, help="folder for tiny.safetensors and tiny.json")
    options = parser.parse_args()
    torch.manual_seed(5)
    letters = list(string.ascii_lowercase + string.digits + "\"',.?!-")
    # Whole words for half of the words, so that the others are spelled in letters.
    known = sorted({w.lower() for text in TEXTS for w in data.split(text) if w.isalpha()})[::2]
    vocabulary = [*SPECIAL, *letters, *("##" + c for c in letters), *known]
    relations, tags, lemmas = ["root", "nsubj", "punct"], ["NOUN", "VERB", "PUNCT"], ["lower|0|", "=be"]
    made = network.Network(len(vocabulary), len(tags), len(lemmas), len(relations), len(data.MENTIONS))
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.15)
    arrays = shipped(made.state_dict())
    made.load_state_dict(restored(arrays, made.state_dict()))
    made.eval()
    header = {
        "vocabulary": "\n".join(vocabulary),
        "labels": json.dumps({
            "feelings": list(network.FEELINGS), "tags": tags, "relations": relations,
            "mentions": list(data.MENTIONS), "lemmas": lemmas, "bias": [0.0] * 7, "temperature": 1.0,
        }),
    }
    save_file({k: v.contiguous() for k, v in arrays.items()}, options.out / "tiny.safetensors", metadata=header)
    cases = parity(made, collator(tokens.Pieces(vocabulary)))
    (options.out / "tiny.json").write_text(json.dumps(cases, separators=(",", ":")))


if __name__ == "__main__":
    main()
