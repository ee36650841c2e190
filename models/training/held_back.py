"""Prints the whole stories that training held back as a table for `evaluate feelings --running-text`.

    python held_back.py > held-back.tsv
"""

from pathlib import Path

import evaluate
from data import FEELINGS
from train import load_story

HERE = Path(__file__).parent


def main():
    given = evaluate.regression(HERE.parent / "evaluation/feelings.tsv")
    _, held = load_story(HERE / "narrative/stories", given)
    print("labels\tsentence")
    print("\n\n".join("\n".join(f"{FEELINGS[label]}\t{sentence}" for label, sentence in story) for story in held))


if __name__ == "__main__":
    main()
