"""Checks that this folder's tokenizer gives the words of the shared list."""

from pathlib import Path

import tokens

LIST = Path(__file__).parents[2] / "nlp/networks/tests/data/tokens.txt"

for line in LIST.read_text(encoding="utf-8").splitlines():
    if not line.startswith("#"):
        text, expected = line.split("\t")
        found = " ".join(text[a:b] for a, b in tokens.words(text))
        assert found == expected, f"{text!r}: {found!r}, expected {expected!r}"
print("the same words")
