"""Reads the data sets into windows of words with their labels."""

import random
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import tokens
from network import FEELINGS

EKMAN = {
    "anger": "anger annoyance disapproval",
    "disgust": "disgust",
    "fear": "fear nervousness",
    "joy": "joy amusement approval excitement gratitude love optimism relief pride admiration desire caring",
    "sadness": "sadness disappointment embarrassment grief remorse",
    "surprise": "surprise realization confusion curiosity",
    "neutral": "neutral",
}
FEELING_OF = {name: i for i, f in enumerate(FEELINGS) for name in EKMAN[f].split()}
TYPES = ("PER", "FAC", "GPE", "LOC", "VEH", "ORG")
FORMS = ("PROP", "NOM", "PRON")
MENTIONS = ("none",) + tuple(f"{t}_{f}" for t in TYPES for f in FORMS)


@dataclass
class Window:
    """Words that the encoder reads together, and what is known of them."""

    words: list
    # (first word, end word, multi-hot or one-hot feelings of length 7)
    feelings: list = field(default_factory=list)
    register: str = ""
    # Per word, or None: tag, lemma rule, parent (0 is the root, else word index + 1), relation
    syntax: list | None = None
    sentences: list = field(default_factory=list)  # (first word, end word); ends are trained on
    ends_known: bool = False
    mentions: list | None = None  # (first word, last word, class)


def split(text):
    return [text[a:b] for a, b in tokens.words(text)]


def one_hot(indexes):
    return [1.0 if i in indexes else 0.0 for i in range(len(FEELINGS))]


def goemotions(path):
    names = (Path(path).parent / "labels.txt").read_text().split()
    for line in open(path, encoding="utf-8"):
        text, ids, _ = line.rstrip("\n").split("\t")
        words = split(text)
        if words:
            labels = {FEELING_OF[names[int(i)]] for i in ids.split(",")}
            yield Window(words, [(0, len(words), one_hot(labels))], "forum")


def forum(path):
    """Forum texts to train on, and a twentieth of them held back to choose thresholds with."""
    texts = list(goemotions(path))
    return [t for i, t in enumerate(texts) if i % 20], texts[::20]


def xed(folder):
    """Film subtitles. Anticipation and trust have no place among the seven and are left out."""
    names = {"1": "anger", "3": "disgust", "4": "fear", "5": "joy", "6": "sadness", "7": "surprise"}
    for line in open(Path(folder) / "en-annotated.tsv", encoding="utf-8"):
        text, ids = line.rstrip("\n").rsplit("\t", 1)
        labels = {FEELINGS.index(names[i.strip()]) for i in ids.split(",") if i.strip() in names}
        words = split(text)
        if labels and words:
            yield Window(words, [(0, len(words), one_hot(labels))], "subtitles")
    for line in open(Path(folder) / "neu_en.txt", encoding="utf-8"):
        words = split(line.rstrip("\n").split("\t", 1)[1])
        if words:
            yield Window(words, [(0, len(words), one_hot({FEELINGS.index("neutral")}))], "subtitles")


def passages(path):
    """Labelled story sentences: passages of `(label, sentence)`, apart by blank lines."""
    passage = []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("#"):
            continue
        if not line:
            if passage:
                yield passage
            passage = []
            continue
        label, sentence = line.split("\t")
        passage.append((FEELINGS.index(label), sentence))
    if passage:
        yield passage


QUOTED = re.compile(r'"[^"]*"')


def passage_window(passage, rng=None):
    """A passage as one window. With `rng`, a sentence is sometimes narrowed to its quoted words."""
    window = Window([], register="story")
    for label, sentence in passage:
        start = len(window.words)
        spans = tokens.words(sentence)
        first, last = 0, len(spans)
        if rng:
            quotes = list(QUOTED.finditer(sentence))
            if quotes and rng.random() < 0.5:
                inside = [
                    i for i, (a, b) in enumerate(spans)
                    if any(q.start() <= a and b <= q.end() for q in quotes)
                ]
                if len(inside) > 2:
                    first, last = inside[0], inside[-1] + 1
        window.words += [sentence[a:b] for a, b in spans]
        window.feelings.append((start + first, start + last, one_hot({label})))
        window.sentences.append((start, len(window.words)))
    return window


def excerpts(passage, words):
    """Neighbouring sentences of a passage in parts of about `words` words at most, as the product reads a story."""
    part, length = [], 0
    for label, sentence in passage:
        part.append((label, sentence))
        length += len(tokens.words(sentence))
        if length >= words:
            yield part
            part, length = [], 0
    if part:
        yield part


def running_text(path):
    """Whole stories, sentence by sentence, each with the feelings that a reader may find in it."""
    passage = []
    for line in open(path, encoding="utf-8").read().splitlines()[1:] + [""]:
        if line:
            labels, sentence = line.split("\t")
            passage.append(([FEELINGS.index(label) for label in labels.split(",")], sentence))
        elif passage:
            yield from story_windows(passage)
            passage = []


def story_windows(passage, most=200):
    """A story in windows of about `most` words, as the product reads it."""
    window = Window([], register="story")
    for labels, sentence in passage:
        start = len(window.words)
        window.words += split(sentence)
        window.feelings.append((start, len(window.words), one_hot(labels)))
        if len(window.words) >= most:
            yield window
            window = Window([], register="story")
    if window.words:
        yield window


EMOLIT = {
    "anger": "anger annoyance disapproval frustration envy",
    "disgust": "disgust",
    "fear": "fear nervousness",
    "joy": "joy amusement admiration excitement gratitude love optimism relief pride caring",
    "sadness": "sadness disappointment grief despair guilt pain embarrassment",
    "surprise": "surprise",
    "neutral": "indifference calmness",
}


def emolit(path):
    """EmoLit sentences whose labels fall into one of our feelings; no label at all is neutral."""
    lines = open(path, encoding="utf-8").read().splitlines()
    names = lines[0].split("\t")[2:]
    of = {n: i for i, f in enumerate(FEELINGS) for n in EMOLIT[f].split()}
    for line in lines[1:]:
        _, text, *flags = line.split("\t")
        named = [n for n, flag in zip(names, flags) if flag == "1"]
        labels = {of[n] for n in named if n in of}
        if not named:
            labels = {FEELINGS.index("neutral")}
        if labels:
            words = split(text)
            yield Window(words, [(0, len(words), one_hot(labels))], "story")


@dataclass
class Sentence:
    text: str
    words: list
    spans: list
    tags: list
    lemmas: list
    parents: list
    relations: list
    opens_paragraph: bool = False


def conllu(path):
    """Documents as lists of sentences."""
    documents, sentence, text, opens, compound = [], None, "", False, None
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("# newdoc"):
            documents.append([])
        elif line.startswith("# newpar"):
            opens = True
        elif line.startswith("# text = "):
            text = line[9:]
            sentence = Sentence(text, [], [], [], [], [], [], opens)
            opens, at, compound = False, 0, None
        elif not line:
            if sentence and sentence.words:
                documents[-1].append(sentence)
            sentence = None
        elif line[0] != "#":
            column = line.split("\t")
            if "." in column[0]:
                continue
            if "-" in column[0]:
                last = int(column[0].split("-")[1])
                start = text.index(column[1], at)
                compound = (last, start, start + len(column[1]))
                at, cursor = compound[2], start
                continue
            number = int(column[0])
            if compound and number <= compound[0]:
                end = compound[2] if number == compound[0] else min(cursor + len(column[1]), compound[2])
                sentence.spans.append((cursor, end))
                cursor = end
            else:
                start = text.index(column[1], at)
                at = start + len(column[1])
                sentence.spans.append((start, at))
            sentence.words.append(column[1])
            sentence.lemmas.append(column[2])
            sentence.tags.append(column[3])
            sentence.parents.append(int(column[6]))
            sentence.relations.append(column[7].split(":")[0])
    return documents


def treebank_windows(documents, maps, rng, low, high):
    """Neighbouring sentences of a document in windows of about `low` to `high` words."""
    tag_of, lemma_of, relation_of = maps
    from lemma import rule

    for document in documents:
        window, target = None, 0
        for sentence in document:
            if window is None:
                window, target = Window([], syntax=[], ends_known=True), rng.randint(low, high)
            start = len(window.words)
            window.words += sentence.words
            window.sentences.append((start, len(window.words)))
            for word, tag, lemma, parent, relation in zip(
                sentence.words, sentence.tags, sentence.lemmas, sentence.parents, sentence.relations
            ):
                window.syntax.append((
                    tag_of[tag],
                    lemma_of.get(rule(word, lemma), -100),
                    parent + start if parent else 0,
                    relation_of[relation],
                ))
            if len(window.words) >= target:
                yield from clipped(window)
                window = None
        if window:
            yield from clipped(window)


def clipped(window, most=300):
    if len(window.words) <= most:
        yield window


def litbank_works(folder, ids):
    """Works as `(sentences, mentions)`: word lists, and `(sentence, first, last, class)`.

    Words are split further as our own tokenizer splits them.
    """
    folder = Path(folder)
    for name in (folder / ids).read_text().split():
        lines = (folder / "coref" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        sentences, starts = [], []
        for line in lines:
            words, begin = [], []
            for word in line.split():
                begin.append(len(words))
                words += split(word) or [word]
            begin.append(len(words))
            sentences.append(words)
            starts.append(begin)
        mentions = []
        for line in (folder / "coref" / f"{name}.ann").read_text(encoding="utf-8").splitlines():
            column = line.split("\t")
            if column[0] != "MENTION":
                continue
            s, a, s2, b = (int(c) for c in column[2:6])
            if s == s2:
                label = MENTIONS.index(f"{column[7]}_{column[8]}")
                mentions.append((s, starts[s][a], starts[s][b + 1] - 1, label))
        yield sentences, mentions


def litbank_windows(works, rng, low, high):
    for sentences, mentions in works:
        of = defaultdict(list)
        for s, a, b, label in mentions:
            of[s].append((a, b, label))
        window, target = None, 0
        for s, words in enumerate(sentences):
            if window is None:
                window, target = Window([], mentions=[], ends_known=True), rng.randint(low, high)
            start = len(window.words)
            words = words[:280]
            window.words += words
            window.sentences.append((start, len(window.words)))
            window.mentions += [(start + a, start + b, c) for a, b, c in of[s] if b < len(words)]
            if len(window.words) >= target:
                yield from clipped(window, 420)
                window = None
        if window:
            yield from clipped(window, 420)


def batches(windows, size, rng, pieces):
    """Windows of like length together, about `size` pieces a batch, in random order."""
    measured = [(sum(len(pieces.of(w)) for w in window.words) + 2, window) for window in windows]
    measured = [(n + rng.random() * 0.1 * n, n, window) for n, window in measured if 2 < n <= 512]
    measured.sort(key=lambda m: m[0])
    made, batch, longest = [], [], 0
    for _, n, window in measured:
        longest = max(longest, n)
        if batch and longest * (len(batch) + 1) > size:
            made.append(batch)
            batch, longest = [], n
        batch.append(window)
    if batch:
        made.append(batch)
    rng.shuffle(made)
    return made


def seeded(seed):
    return random.Random(seed)
