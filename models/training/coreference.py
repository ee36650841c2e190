"""Trains the head for coreference on the states of a trained network, which stays as it is.

    python coreference.py --trained trained --data DATA

The twin of `nlp/networks/src/coreference.rs`. Each mention is compared with up to `REACH` mentions before it; the best
of them, or none, is its antecedent. Chains of antecedents are who or what is meant.
"""

import argparse
import math
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import data
import tokens
from batch import collator
from data import FORMS, MENTIONS, TYPES, Window
from network import HIDDEN, fastest

REACH = 100
# Depths of the encoder whose states are averaged.
DEPTHS = (6, 5, 3)
SPAN, PAIR, INNER = 128, 128, 48
WIDTHS, DISTANCES = 10, 10
LONGEST = 12
WINDOW_WORDS, WINDOW_PIECES = 180, 480

PRONOUNS = ("", "he", "she", "it", "they", "i", "we", "you", "who")
PRONOUN_OF = {
    word: i
    for i, words in enumerate((
        "", "he him his himself", "she her hers herself", "it its itself", "they them their theirs themselves",
        "i me my mine myself", "we us our ours ourselves", "you your yours yourself yourselves thou thee thy thine",
        "who whom whose which that",
    ))
    for word in words.split()
}
GENDERS = ("unknown", "male", "female", "neutral")
MALE = frozenset(
    "mr. mr sir lord king prince duke count father brother son uncle grandfather husband man boy gentleman fellow lad "
    "nephew widower captain master baron monk priest".split()
)
FEMALE = frozenset(
    "mrs. mrs miss ms. lady madam madame queen princess duchess countess mother sister daughter aunt grandmother wife "
    "woman girl maid niece widow mistress nun baroness mamma".split()
)
# Words behind which no head of a noun phrase stands, and words that tell nothing of whom it means.
BEHIND_HEAD = frozenset("of who which that in with at on from , to".split())
EMPTY = frozenset("the a an of his her my your their this that and in".split())
FLAGS = (
    "same text", "same head", "shares a word", "all words in antecedent", "all words of antecedent", "same pronoun",
    "other gender", "same gender", "same type", "inside", "same quotation", "one quoted", "other quotation",
    "next quotation", "same sentence", "other names",
)


@dataclass
class Mention:
    """A noun phrase or pronoun: words `first..=last` of the text, and what is known of them."""

    first: int
    last: int
    kind: int
    form: int
    sentence: int
    quotation: int  # -1 outside of quotations
    text: str
    head: str
    content: frozenset
    pronoun: int
    gender: int


def describe(words, first, last, label, sentence, quotation):
    """A mention of the text's `words` with a class of `MENTIONS`."""
    kind, form = MENTIONS[label].split("_")
    lower = [w.lower() for w in words[first : last + 1]]
    end = next((i for i, w in enumerate(lower) if i and w in BEHIND_HEAD), len(lower))
    text = " ".join(lower)
    pronoun = PRONOUN_OF.get(text, 0) if form == "PRON" else 0
    is_male, is_female = not MALE.isdisjoint(lower), not FEMALE.isdisjoint(lower)
    if form == "PRON":
        gender = pronoun if pronoun <= 3 else 0
    else:
        gender = 0 if is_male == is_female else 1 if is_male else 2
    content = frozenset(w for w in lower if w.isalpha() and w not in EMPTY)
    return Mention(
        first, last, TYPES.index(kind), FORMS.index(form), sentence, quotation, text, lower[end - 1], content,
        pronoun, gender,
    )


def flags(one, before):
    """What a pair of mentions has in common, in the order of `FLAGS`."""
    nouns = one.form != 2 and before.form != 2
    quoted = (one.quotation >= 0, before.quotation >= 0)
    known = one.gender > 0 and before.gender > 0
    return (
        nouns and one.text == before.text,
        nouns and one.head == before.head,
        nouns and not one.content.isdisjoint(before.content),
        nouns and bool(one.content) and one.content <= before.content,
        nouns and bool(before.content) and before.content <= one.content,
        one.form == 2 and before.form == 2 and one.pronoun == before.pronoun,
        known and one.gender != before.gender,
        known and one.gender == before.gender,
        one.kind == before.kind,
        before.first <= one.first and one.last <= before.last,
        quoted == (True, True) and one.quotation == before.quotation,
        quoted[0] != quoted[1],
        quoted == (True, True) and one.quotation != before.quotation,
        quoted == (True, True) and abs(one.quotation - before.quotation) == 1,
        one.sentence == before.sentence,
        one.form == 0 and before.form == 0 and one.content.isdisjoint(before.content),
    )


def bucket(distance):
    """0 to 4 as they are, then 5..8, 9..16 and so on."""
    return distance if distance < 5 else min(4 + math.ceil(math.log2(distance / 4)), DISTANCES - 1)


class Text:
    """Mentions of a text as the head reads them."""

    def __init__(self, mentions, gold=None):
        self.mentions, self.gold = mentions, gold
        n = len(mentions)
        width = max((m.last - m.first + 1 for m in mentions), default=1)
        self.words = torch.zeros((n, min(width, LONGEST)), dtype=torch.long)
        self.real = torch.zeros_like(self.words, dtype=torch.bool)
        for i, m in enumerate(mentions):
            count = min(m.last - m.first + 1, LONGEST)
            self.words[i, :count] = torch.arange(m.first, m.first + count)
            self.real[i, :count] = True
        column = lambda of: torch.tensor([of(m) for m in mentions], dtype=torch.long)
        self.first, self.last = column(lambda m: m.first), column(lambda m: m.last)
        self.kind, self.form, self.pronoun = column(lambda m: m.kind), column(lambda m: m.form), column(lambda m: m.pronoun)
        self.gender, self.quoted = column(lambda m: m.gender), column(lambda m: m.quotation >= 0)
        self.width = column(lambda m: min(m.last - m.first, WIDTHS - 1))
        shared, allowed, same, apart, sentences = [], [], [], [], []
        for i, one in enumerate(mentions):
            near = range(i - 1, max(i - 1 - REACH, -1), -1)
            rest = REACH - len(near)
            shared.append([flags(one, mentions[j]) for j in near] + [(False,) * len(FLAGS)] * rest)
            allowed.append([True] * len(near) + [False] * rest)
            same.append([gold is not None and gold[i] == gold[j] for j in near] + [False] * rest)
            apart.append([bucket(i - j) for j in near] + [0] * rest)
            sentences.append([bucket(one.sentence - mentions[j].sentence) for j in near] + [0] * rest)
        self.flags = torch.tensor(shared, dtype=torch.float).view(n, REACH, len(FLAGS))
        self.allowed, self.same = (torch.tensor(x, dtype=torch.bool).view(n, REACH) for x in (allowed, same))
        self.apart, self.sentences = (torch.tensor(x, dtype=torch.long).view(n, REACH) for x in (apart, sentences))

    def to(self, device):
        for name, value in vars(self).items():
            if isinstance(value, torch.Tensor):
                setattr(self, name, value.to(device))
        return self


class Coreference(nn.Module):
    """Scores of antecedents: one hidden layer on two mentions, their product and what they have in common."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Parameter(torch.tensor([1.0, 0.5, 0.0]))
        self.attention = nn.Linear(HIDDEN, 1)
        self.span = nn.Linear(3 * HIDDEN, SPAN)
        sizes = {"kind": len(TYPES), "form": len(FORMS), "pronoun": len(PRONOUNS), "gender": len(GENDERS), "quoted": 2, "width": WIDTHS}
        self.known = nn.ModuleDict({name: nn.Embedding(size, SPAN) for name, size in sizes.items()})
        self.one = nn.Linear(SPAN, PAIR)
        self.before = nn.Linear(SPAN, PAIR, bias=False)
        self.product = nn.Linear(SPAN, PAIR, bias=False)
        self.flags = nn.Linear(len(FLAGS), PAIR, bias=False)
        self.apart = nn.Embedding(DISTANCES, PAIR)
        self.sentences = nn.Embedding(DISTANCES, PAIR)
        self.pronouns = nn.Embedding(len(PRONOUNS) ** 2, PAIR)
        self.inner = nn.Linear(PAIR, INNER)
        self.score = nn.Linear(INNER, 1)
        self.new = nn.Linear(SPAN, 1)
        for table in (*self.known.values(), self.apart, self.sentences, self.pronouns):
            nn.init.normal_(table.weight, std=0.1)

    def spans(self, text, states):
        """`[n, SPAN]`"""
        states = (states * self.mix.softmax(0)).sum(-1)
        weights = self.attention(states)[text.words][..., 0].masked_fill(~text.real, -1e9).softmax(-1)
        mean = (weights[..., None] * states[text.words]).sum(1)
        x = torch.cat([states[text.first], states[text.last], mean], -1)
        x = self.span(F.dropout(x, 0.3, self.training))
        for name, table in self.known.items():
            x = x + table(getattr(text, name))
        return torch.tanh(x)

    def forward(self, text, states):
        """`[n, 1 + REACH]` scores: of no antecedent, and of each mention before, the nearest first.

        `states` are the words' `[words, HIDDEN, len(DEPTHS)]`.
        """
        spans = F.dropout(self.spans(text, states), 0.3, self.training)
        at = lambda count: torch.arange(count, device=states.device)
        before = (at(len(text.mentions))[:, None] - 1 - at(REACH)[None]).clamp(min=0)
        hidden = self.one(spans)[:, None] + self.before(spans)[before] + self.product(spans[:, None] * spans[before])
        hidden = hidden + self.flags(text.flags) + self.apart(text.apart) + self.sentences(text.sentences)
        hidden = hidden + self.pronouns(text.pronoun[:, None] * len(PRONOUNS) + text.pronoun[before])
        hidden = F.dropout(F.relu(hidden), 0.3, self.training)
        scores = self.score(F.relu(self.inner(hidden)))[..., 0].masked_fill(~text.allowed, -1e9)
        return torch.cat([self.new(spans), scores], -1)

    def loss(self, text, states):
        """The negative log likelihood of all right antecedents together."""
        right = torch.cat([~text.same.any(-1, keepdim=True), text.same], -1)
        return -self(text, states).log_softmax(-1).masked_fill(~right, -1e9).logsumexp(-1).mean()


def clusters(scores):
    """Mentions by whom they mean, from the best antecedent of each."""
    of = []
    for i, best in enumerate(scores.argmax(-1).tolist()):
        of.append(i if best == 0 else of[i - best])
    found = defaultdict(set)
    for i, cluster in enumerate(of):
        found[cluster].add(i)
    return list(found.values())


@dataclass
class Work:
    """The beginning of one of LitBank's works in our words."""

    sentences: list
    mentions: list  # (first, last, class, whom)
    quotations: list  # (first, last)


def works(folder, ids):
    folder = Path(folder)
    for name in (folder / ids).read_text().split():
        sentences, place = [], []
        count = 0
        for line in (folder / "coref" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            words, starts = [], []
            for word in line.split():
                starts.append(count + len(words))
                words += data.split(word) or [word]
            count += len(words)
            place.append(starts + [count])
            sentences.append(words)
        spans, whom, quotations = {}, {}, []
        for row in (folder / "coref" / f"{name}.ann").read_text(encoding="utf-8").splitlines():
            column = row.split("\t")
            if column[0] == "MENTION" and column[2] == column[4]:
                s, a, _, b = map(int, column[2:6])
                spans[column[1]] = (place[s][a], place[s][b + 1] - 1, MENTIONS.index(f"{column[7]}_{column[8]}"))
            elif column[0] == "COREF":
                whom[column[1]] = column[2]
        for row in (folder / "quotations" / f"{name}.ann").read_text(encoding="utf-8").splitlines():
            column = row.split("\t")
            if column[0] == "QUOTE":
                s, a, z, b = map(int, column[2:6])
                quotations.append((place[s][a], place[z][b + 1] - 1))
        mentions = sorted((*span, whom.get(id, id)) for id, span in spans.items())
        yield Work(sentences, mentions, sorted(quotations))


def windows(work, pieces, most=WINDOW_WORDS):
    """The work in windows of at most so many words, sentences whole where they fit, with their mentions."""
    made, window, size, start = [], Window([], mentions=[], ends_known=True), 0, 0

    def close():
        nonlocal window, size, start
        if window.words:
            end = start + len(window.words)
            window.mentions = [(a - start, z - start, label) for a, z, label, _ in work.mentions if start <= a and z < end]
            made.append(window)
            window, size, start = Window([], mentions=[], ends_known=True), 0, end

    for sentence in work.sentences:
        # What of a sentence does not fit into a window begins another.
        for at in range(0, len(sentence), most):
            part = sentence[at : at + most]
            count = sum(len(pieces.of(w)) for w in part)
            if len(window.words) + len(part) > most or size + count > WINDOW_PIECES:
                close()
            window.words += part
            size += count
            if at + most >= len(sentence):
                window.sentences.append((max(0, len(window.words) - len(sentence)), len(window.words)))
    close()
    return made


def states_of(states, batch):
    """The states that the head looks at, of the first piece of every word of a work whose windows a batch holds."""
    at = batch.first[..., None].expand(-1, -1, HIDDEN)
    return torch.stack([states[depth].gather(1, at)[batch.real].float() for depth in DEPTHS], -1)


@torch.no_grad()
def read(network, collate, pieces, work):
    """States of every word, and the mentions that the network finds: `(first, last, class)`."""
    batch = collate(windows(work, pieces))
    every = network.encoder(batch.pieces, batch.casings, batch.lengths)
    best = network.mentions(every, batch.first).argmax(-1).cpu()
    found, start = [], 0
    for classes, n in zip(best, batch.real.sum(1).tolist()):
        classes = classes[:n, :n].triu()
        found += [(start + a, start + b, int(classes[a, b])) for a, b in classes.nonzero().tolist()]
        start += n
    return states_of(every, batch), sorted(found)


def text_of(work, mentions, gold=None):
    words = [w for s in work.sentences for w in s]
    sentence_of = [i for i, s in enumerate(work.sentences) for _ in s]
    quotation_of = [-1] * len(words)
    for i, (first, last) in enumerate(work.quotations):
        quotation_of[first : last + 1] = [i] * (last + 1 - first)
    described = [describe(words, a, b, label, sentence_of[a], quotation_of[a]) for a, b, label in mentions]
    return Text(described, gold)


def labelled(work):
    """The work's text with its own mentions and whom they mean."""
    return text_of(work, [m[:3] for m in work.mentions], [m[3] for m in work.mentions])


def best_assignment(values):
    """The largest sum of values, no two of a row or column (the Hungarian method)."""
    if values and len(values) > len(values[0]):
        values = [list(column) for column in zip(*values)]
    wide = len(values[0]) if values else 0
    rows, columns, row_of = [0.0] * (len(values) + 1), [0.0] * (wide + 1), [0] * (wide + 1)
    for row in range(1, len(values) + 1):
        row_of[0], column = row, 0
        slack, come, seen = [math.inf] * (wide + 1), [0] * (wide + 1), [False] * (wide + 1)
        while row_of[column]:
            seen[column] = True
            here, step, following = row_of[column], math.inf, 0
            for other in range(1, wide + 1):
                if not seen[other]:
                    cost = -values[here - 1][other - 1] - rows[here] - columns[other]
                    if cost < slack[other]:
                        slack[other], come[other] = cost, column
                    if slack[other] < step:
                        step, following = slack[other], other
            for other in range(wide + 1):
                if seen[other]:
                    rows[row_of[other]] += step
                    columns[other] -= step
                else:
                    slack[other] -= step
            column = following
        while column:
            row_of[column] = row_of[come[column]]
            column = come[column]
    return sum(values[row_of[c] - 1][c - 1] for c in range(1, wide + 1) if row_of[c])


def compare(found, gold):
    """Sums of MUC, B3 and CEAFe: for each `(right of found, found, right of gold, gold)`. Clusters are sets of spans."""
    def links(clusters, by):
        of = {m: i for i, c in enumerate(by) for m in c}
        cut = sum(len(c) - len({of.get(m, m) for m in c}) for c in clusters)
        return cut, sum(len(c) - 1 for c in clusters)

    def shares(clusters, by):
        of = {m: i for i, c in enumerate(by) for m in c}
        right = sum(sum(n * n for n in Counter(of[m] for m in c if m in of).values()) / len(c) for c in clusters)
        return right, sum(map(len, clusters))

    of = {m: i for i, c in enumerate(gold) for m in c}
    likeness = [[0.0] * len(gold) for _ in found]
    for i, cluster in enumerate(found):
        for j, both in Counter(of[m] for m in cluster if m in of).items():
            likeness[i][j] = 2 * both / (len(cluster) + len(gold[j]))
    best = best_assignment(likeness)
    return (
        (*links(found, gold), *links(gold, found)), (*shares(found, gold), *shares(gold, found)),
        (best, len(found), best, len(gold)),
    )


@torch.no_grad()
def evaluate(head, texts, works):
    """F1 of MUC, B3 and CEAFe, and their mean. `texts` come with their states."""
    head.eval()
    sums = [[0.0] * 4 for _ in range(3)]
    for (text, states), work in zip(texts, works):
        span = lambda i: (text.mentions[i].first, text.mentions[i].last)
        found = [{span(i) for i in cluster} for cluster in clusters(head(text, states))]
        gold = defaultdict(set)
        for first, last, _, whom in work.mentions:
            gold[whom].add((first, last))
        for total, part in zip(sums, compare(found, list(gold.values()))):
            total[:] = [a + b for a, b in zip(total, part)]
    f1 = []
    for right_of_found, found, right_of_gold, gold in sums:
        precision, recall = right_of_found / max(found, 1), right_of_gold / max(gold, 1)
        f1.append(200 * precision * recall / max(precision + recall, 1e-9))
    return [round(f, 2) for f in (*f1, sum(f1) / 3)]


def figures(network, head, collate, pieces, works):
    """The scores with gold mentions and with those that the network finds."""
    network.eval()
    with_gold, with_own = [], []
    for work in works:
        states, found = read(network, collate, pieces, work)
        with_gold.append((labelled(work).to(states.device), states))
        with_own.append((text_of(work, found).to(states.device), states))
    return {"gold mentions": evaluate(head, with_gold, works), "own mentions": evaluate(head, with_own, works)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trained", required=True, type=Path, help="folder of a run of train.py; coreference.pt is put there")
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    began = time.time()
    say = lambda text: print(f"{(time.time() - began) / 60:6.1f} min  {text}", flush=True)

    from export import trained

    labels, _, network = trained(options.trained)
    pieces = tokens.Pieces(labels["vocabulary"])
    device = fastest()
    network.to(device)
    collate = collator(pieces, device)

    train, dev = ([*works(options.data / "litbank", f"{part}.ids")] for part in ("train", "dev"))
    texts = [(labelled(work).to(device), read(network, collate, pieces, work)[0]) for work in train]
    say(f"{sum(len(text.mentions) for text, _ in texts)} mentions to train on")

    head = Coreference().to(device)
    steer = torch.optim.AdamW(head.parameters(), 1e-3, weight_decay=0.01)
    steps, step = options.epochs * len(texts), 0
    for epoch in range(options.epochs):
        head.train()
        total = 0.0
        for text, states in rng.sample(texts, len(texts)):
            share = min(1.0, (step + 1) / 80) * 0.5 * (1 + math.cos(math.pi * step / steps))
            for group in steer.param_groups:
                group["lr"] = 1e-3 * max(share, 0.01)
            loss = head.loss(text, states)
            steer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), 5.0)
            steer.step()
            total, step = total + loss.item(), step + 1
        say(f"epoch {epoch + 1}, loss {total / len(texts):.3f}")
    for name, figure in figures(network, head, collate, pieces, dev).items():
        say(f"{name}: MUC, B3, CEAFe, mean {figure}")
    torch.save(head.state_dict(), options.trained / "coreference.pt")


if __name__ == "__main__":
    main()
