"""Writes the trained network as 8-bit integers for the product, calibrated, with its parity file.

`story.safetensors`: each matrix as int8 with one scale a row, everything else as it is; the
vocabulary, the lexicon of lemmas and the labels in the header. The file of `--parity`: logits of the float network on a few
windows, computed from the very weights that are written.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import coreference
import data
import evaluate
import lemma
import tokens
from batch import collator
from network import FEELINGS, Network
from train import load_story

HERE = Path(__file__).parent


def quantized(weight):
    """Rows as int8 and their scales: 127 is the largest value of a row."""
    scale = weight.abs().amax(1).clamp(min=1e-12) / 127.0
    return (weight / scale[:, None]).round().clamp(-127, 127).to(torch.int8), scale


def shipped(state):
    """The arrays of the file. Outputs that only helped to train are left out."""
    arrays = {}
    for name, value in state.items():
        if "outputs.subtitles" in name:
            continue
        if value.dim() == 2 and value.shape[0] > 8 and "widths" not in name:
            arrays[name], arrays[name + ".scale"] = quantized(value)
        else:
            arrays[name] = value.clone()
    return arrays


def restored(arrays, state):
    """The network's state as the product computes with it."""
    result = dict(state)
    for name, value in arrays.items():
        if name.endswith(".scale"):
            continue
        scale = arrays.get(name + ".scale")
        result[name] = value.float() * scale[:, None] if scale is not None else value
    return result


def trained(folder):
    """What a run of train.py left: its labels, its weights, and its network with those as they are shipped."""
    labels = json.loads((folder / "labels.json").read_text())
    counts = (len(labels[name]) for name in ("vocabulary", "tags", "lemmas", "relations", "mentions"))
    network = Network(*counts)
    state = torch.load(folder / "network.pt", weights_only=True)
    network.load_state_dict(restored(shipped(state), state))
    network.eval()
    return labels, state, network


def calibrate(logits, labels, weights, prior=0.02):
    """A temperature and a bias for each feeling that make the scores as right as they are sure.

    `[n, 7]` logits and labels, the labels of a row sharing 1 between them; `[n]` weights.
    """
    bias = torch.zeros(len(FEELINGS), requires_grad=True)
    log_temperature = torch.zeros(1, requires_grad=True)
    steer = torch.optim.LBFGS([bias, log_temperature], max_iter=200)

    def closure():
        steer.zero_grad()
        scaled = (logits + bias) / log_temperature.exp()
        each = torch.nn.functional.cross_entropy(scaled, labels, reduction="none")
        loss = (each * weights).sum() / weights.sum() + prior * bias.square().sum()
        loss.backward()
        return loss

    steer.step(closure)
    return bias.detach(), log_temperature.exp().item()


def error_of(shares, labels, bins=10):
    """Expected calibration error of the strongest feeling."""
    sure, best = shares.max(-1)
    right = (labels.gather(1, best[:, None])[:, 0] > 0).float()
    total = 0.0
    for i in range(bins):
        inside = (sure > i / bins) & (sure <= (i + 1) / bins)
        if inside.any():
            total += inside.float().mean().item() * abs(right[inside].mean().item() - sure[inside].mean().item())
    return total


def calibration(network, collate, held, emolit, pieces):
    """Bias and temperature from passages of ours that were held back and from EmoLit, which count
    the same, and the calibration errors without and with them."""
    rows, labels, weights = [], [], []
    for windows in (held, emolit):
        found = evaluate.feelings(network, collate, windows, pieces, "story")
        spans = [(row, label) for w, of in zip(windows, found) for (_, _, label), row in zip(w.feelings, of)]
        rows += [row for row, _ in spans]
        labels += [torch.tensor(label) / sum(label) for _, label in spans]
        weights += [1.0 / len(spans)] * len(spans)
    rows, labels, weights = torch.stack(rows), torch.stack(labels), torch.tensor(weights)
    bias, temperature = calibrate(rows, labels, weights)
    shares = (rows.softmax(-1), ((rows + bias) / temperature).softmax(-1))
    return bias, temperature, [error_of(of, labels) for of in shares]


def bias_in_text(network, collate, stories, pieces):
    """The bias for running text: as much more for neutral as makes the mean of the accuracies of
    calm and of felt sentences best. Also both accuracies with it.

    What EmoLit's sentences, each alone and most of them felt, ask for makes running text worse. The mean is averaged
    over neighbouring biases: a peak of its own is chance.
    """
    neutral = FEELINGS.index("neutral")
    logits = torch.cat(evaluate.feelings(network, collate, stories, pieces, "story"))
    labels = torch.tensor([label for w in stories for _, _, label in w.feelings])
    calm = labels[:, neutral] > 0
    steps = torch.arange(-1.0, 3.0, 0.1)

    def accuracies(step):
        bias = torch.zeros(len(FEELINGS))
        bias[neutral] = step
        right = labels.gather(1, (logits + bias).argmax(-1, keepdim=True))[:, 0]
        return right[calm].mean().item(), right[~calm].mean().item()

    means = torch.tensor([sum(accuracies(step)) / 2 for step in steps])
    smooth = torch.nn.functional.avg_pool1d(means[None], 7, 1, 3, count_include_pad=False)[0]
    best = steps[smooth.argmax()].item()
    bias = torch.zeros(len(FEELINGS))
    bias[neutral] = best
    return bias, accuracies(best)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trained", required=True, type=Path)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path, help="folder for story.safetensors")
    parser.add_argument("--parity", required=True, type=Path, help="file for the logits to compare with")
    options = parser.parse_args()

    labels, state, network = trained(options.trained)
    pieces = tokens.Pieces(labels["vocabulary"])
    collate = collator(pieces)
    regression_path = HERE.parent / "evaluation/feelings.tsv"
    given = evaluate.regression(regression_path)
    _, held = load_story(HERE / "narrative", given)
    held = [data.passage_window(p) for p in held]
    _, whole = load_story(HERE / "narrative/stories", given)
    whole = [data.passage_window(e) for p in whole for e in data.excerpts(p, 200)]
    treebank = [s for d in data.conllu(options.data / "ud-ewt/en_ewt-ud-train.conllu") for s in d]
    triples = [w for s in treebank for w in zip(s.words, s.tags, s.lemmas)]
    lexicon = lemma.Lexicon(triples, labels["lemmas"], labels["vocabulary"])
    _, forum_held = data.forum(options.data / "goemotions/train.tsv")
    forum_dev = list(data.goemotions(options.data / "goemotions/dev.tsv"))
    emolit = list(data.emolit(options.data / "emolit/gold-half.tsv"))
    regression = evaluate.regression_windows(regression_path)
    stories = list(data.running_text(HERE.parent / "evaluation/stories.tsv"))
    treebank_dev = data.conllu(options.data / "ud-ewt/en_ewt-ud-dev.conllu")
    maps = (labels["tags"], labels["lemmas"], labels["relations"])
    works = data.litbank_works(options.data / "litbank", "dev.ids")
    works = list(data.litbank_windows(works, random.Random(1), 150, 200))
    arrays = shipped(state)
    head = coreference.Coreference()
    of_head = torch.load(options.trained / "coreference.pt", weights_only=True)
    arrays_of_head = shipped(of_head)
    head.load_state_dict(restored(arrays_of_head, of_head))
    head.eval()
    for name, weights in (("32-bit floats", state), ("8-bit integers", restored(arrays, state))):
        network.load_state_dict(weights)
        network.eval()
        print(name)
        bias, temperature, errors = calibration(network, collate, held, emolit, pieces)
        thresholds = evaluate.thresholds(network, collate, forum_held, pieces)
        for windows, set_name in ((held, "held back"), (regression, "regression"), (emolit, "emolit")):
            for by, how in ((0.0, "uncalibrated"), (bias, "calibrated")):
                print(f"  {set_name}, {how}: {evaluate.story(network, collate, windows, pieces, by)}")
        print(f"  calibration error {errors[0]:.3f} -> {errors[1]:.3f}, temperature {temperature:.3f}, bias {bias.tolist()}")
        in_text, accuracies = bias_in_text(network, collate, whole, pieces)
        print(f"  whole stories held back: neutral and felt sentences right {accuracies}, bias {in_text.tolist()}")
        for by, how in ((0.0, "uncalibrated"), (in_text, "calibrated")):
            print(f"  running text, {how}: {evaluate.story(network, collate, stories, pieces, by)}")
        print(f"  forum: {evaluate.forum(network, collate, forum_dev, pieces, thresholds)}, thresholds {thresholds}")
        print(f"  treebank: {evaluate.treebank(network, collate, treebank_dev, maps, pieces, lexicon)}")
        print(f"  mentions: {evaluate.mentions(network, collate, works, pieces)}")

    header = {
        "vocabulary": "\n".join(labels["vocabulary"]),
        "lexicon": "\n".join(lexicon.lines(labels["tags"])),
        "labels": json.dumps({
            "feelings": labels["feelings"], "tags": labels["tags"], "relations": labels["relations"],
            "mentions": labels["mentions"], "lemmas": labels["lemmas"],
            "bias": [round(b, 4) for b in bias.tolist()], "temperature": round(temperature, 4),
            "bias_in_text": [round(b, 4) for b in in_text.tolist()],
            "thresholds": thresholds,
        }),
    }
    arrays.update((f"coreference.{name}", value) for name, value in arrays_of_head.items())
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "story.safetensors"
    save_file({k: v.contiguous() for k, v in arrays.items()}, path, metadata=header)
    path.chmod(0o644)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    cases = {"windows": parity(network, collate), "coreference": parity_of_chains(network, collate, pieces, head)}
    options.parity.write_text(json.dumps(cases, separators=(",", ":")))


TEXTS = (
    "The fox ran.",
    "\"Where are you going?\" asked the old woman, and she put down her basket.",
    "Once upon a time there lived, at the edge of a dark wood, a miller's daughter called Elsie, who was afraid of nothing.",
)
CHAINS = (
    "Old Mr. Pike the miller had a daughter called Elsie and a cat that could count.",
    "\"Go to the village, child,\" said her father, \"and ask the Queen of the fair whether she wants my flour.\"",
    "So the girl put on her red shoes, and she took the cat with her.",
    "At the bridge a tall soldier and his brother stopped them.",
    "\"Where are you going?\" the soldier asked Elsie.",
    "\"We are going to the Queen,\" she said, and the old cat hid behind him.",
    "The Queen herself laughed when they told her of it, for she knew Mr. Pike and his mill.",
)


@torch.no_grad()
def parity(network, collate):
    """For windows of every bucket: the words, and values of every head on them."""
    rng = random.Random(3)
    long = [w for text in TEXTS for w in data.split(text)]
    cases = []
    for count in (4, 16, 28, 56, 110, 200):
        words = data.split(TEXTS[0]) if count == 4 else [long[(i + rng.randrange(3)) % len(long)] for i in range(count)]
        window = data.Window(words, [(0, len(words), [1.0] + [0.0] * 6)], "story", sentences=[(0, len(words))])
        batch = collate([window])
        states = network.encoder(batch.pieces, batch.casings, batch.lengths)
        syntax = network.syntax(states, batch.first)
        arcs = network.syntax.arcs(syntax)
        parent = arcs.argmax(-1)
        mentions = network.mentions(states, batch.first)
        some = lambda tensor: [round(v, 6) for v in tensor.flatten()[:: max(1, tensor.numel() // 97)].tolist()]
        cases.append({
            "words": words, "pieces": batch.pieces[0].tolist(), "state": some(states[-1][0]),
            "story": some(network.feelings(states[-1], batch.shares, "story")),
            "forum": some(network.feelings(states[-1], batch.shares, "forum")),
            "tags": some(network.syntax.tags(syntax)), "lemmas": some(network.syntax.lemmas(syntax)),
            "ends": some(network.syntax.ends(syntax)), "arcs": some(arcs), "parents": parent[0].tolist(),
            "relations": some(network.syntax.labels(syntax, parent)), "mentions": some(mentions),
        })
    return cases


@torch.no_grad()
def parity_of_chains(network, collate, pieces, head):
    """A text whose mentions refer to each other: what is given of it, the mentions found, and their scores."""
    text = " ".join(CHAINS)
    spans = tokens.words(text)
    at, sentences, words = 0, [], []
    for sentence in CHAINS:
        sentences.append((at, at + len(sentence)))
        words.append([text[a:b] for a, b in spans if at <= a < at + len(sentence)])
        at += len(sentence) + 1
    marks = [i for i, c in enumerate(text) if c == '"']
    quotations = [(a, b + 1) for a, b in zip(marks[::2], marks[1::2])]
    inside = lambda a, z: [i for i, (x, y) in enumerate(spans) if a <= x and y <= z]
    given = [(inside(a, z)[0], inside(a, z)[-1]) for a, z in quotations]
    work = coreference.Work(words, [], given)
    states, found = coreference.read(network, collate, pieces, work)
    scores = head(coreference.text_of(work, found), states)
    return {
        "text": text, "sentences": sentences, "quotations": quotations, "mentions": [m[:2] for m in found],
        "scores": [[round(v, 5) for v in row[: 1 + min(i, coreference.REACH)].tolist()] for i, row in enumerate(scores)],
    }


if __name__ == "__main__":
    main()
