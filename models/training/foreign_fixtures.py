"""Writes tiny random models as `transformers` keeps them, with the logits that it computes.

    pip install torch transformers
    python foreign_fixtures.py --out ../../nlp/networks/tests/data/foreign

One folder an architecture and task, in every form in which such models are handed round: weights
as safetensors (32 and 16 bits) or as pytorch_model.bin, tokenizers as tokenizer.json or as the
older vocabulary files. `expected.json` in each holds texts, their pieces and the logits.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    DistilBertForTokenClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
    RobertaForTokenClassification,
)

PIECES = 40
SAMPLE = (
    "The fox ran home through the dark wood. Mia met Old Owl at the Grey Mill, and they laughed! "
    '"I am afraid," said the princess to her brother. The ship Dolly left London in the morning. '
    "Nobody answered; the house was silent, and the giant wept like a child until the stars came out."
)
TEXTS = [
    "The fox ran home.",
    " Mia met Old Owl at the Grey Mill,  and\tthey laughed!",
    "“Où est Zoë?” asked Renée — naïve, 12 €.",
    "",
    "I",
    SAMPLE,
    "日本 fox 😀 didn't\u00a0say so … ",
]

EMOTIONS = ["anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"]
SIX = ["sadness", "joy", "love", "anger", "fear", "surprise"]
GO_EMOTIONS = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire disappointment "
    "disapproval disgust embarrassment excitement fear gratitude grief joy love nervousness optimism "
    "pride realization relief remorse sadness surprise neutral"
).split()
CONLL = ["O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
ONTONOTES = ["O"] + [
    f"{mark}-{kind}" for kind in ("PERSON", "GPE", "FAC", "DATE", "WORK_OF_ART") for mark in "BI"
]


def word_pieces(lower):
    """A WordPiece tokenizer as BERT's, and its vocabulary in order."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lower)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=150, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([SAMPLE], trainer)
    start, end = (tokenizer.token_to_id(piece) for piece in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", end), ("[CLS]", start))
    return tokenizer


def byte_pairs():
    """A byte-level BPE tokenizer as RoBERTa's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([SAMPLE], trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", tokenizer.token_to_id("</s>")),
        ("<s>", tokenizer.token_to_id("<s>")),
        trim_offsets=False,
        add_prefix_space=False,
    )
    return tokenizer


def randomize(model):
    """Values so large that every part of the network shows in the logits."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            norm = "LayerNorm.weight" in name or "layer_norm.weight" in name
            value.copy_(torch.randn(value.shape) * 0.25 + (1.0 if norm else 0.0))


def write_vocabulary(folder, tokenizer, lower):
    by_id = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece, _ in by_id))
    settings = {"do_lower_case": lower, "tokenizer_class": "BertTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def write_merges(folder, tokenizer):
    model = json.loads(tokenizer.to_str())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False))
    merges = (pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"])
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{pair}\n" for pair in merges))


def write(folder, model, tokenizer, weights="safetensors", pieces="tokenizer.json", lower=True):
    folder.mkdir(parents=True, exist_ok=True)
    randomize(model)
    model.eval()
    if weights == "f16":
        with torch.no_grad():
            for value in model.parameters():
                value.copy_(value.half().float())
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    if weights == "bin":
        torch.save(state, folder / "pytorch_model.bin")
        torch.save(state, folder / "older.bin", _use_new_zipfile_serialization=False)
    else:
        kept = {n: v.half() if weights == "f16" else v for n, v in state.items() if v.is_floating_point()}
        save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.architectures = [type(model).__name__]
    (folder / "config.json").write_text(model.config.to_json_string())
    if pieces == "tokenizer.json":
        # As many of them come: shortened and padded by the tokenizer itself.
        tokenizer.enable_truncation(16)
        tokenizer.enable_padding(length=20)
        (folder / "tokenizer.json").write_text(tokenizer.to_str())
    elif pieces == "vocab.txt":
        write_vocabulary(folder, tokenizer, lower)
    else:
        write_merges(folder, tokenizer)
    tokenizer.no_padding()
    tokenizer.enable_truncation(PIECES)
    cases = []
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0]
        cases.append({"text": text, "pieces": ids, "logits": [round(x, 6) for x in logits.flatten().tolist()]})
    (folder / "expected.json").write_text(json.dumps(cases, ensure_ascii=False))
    tokenizer.no_truncation()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", type=Path, required=True)
    out = arguments.parse_args().out
    torch.manual_seed(7)
    torch.set_num_threads(1)

    def labels(names):
        return {
            "id2label": dict(enumerate(names)),
            "label2id": {name: index for index, name in enumerate(names)},
        }

    def sizes(tokenizer, rows=PIECES):
        return {
            "vocab_size": tokenizer.get_vocab_size(),
            "hidden_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 24,
            "max_position_embeddings": rows,
        }

    def distil(tokenizer):
        rows = {"vocab_size": tokenizer.get_vocab_size(), "max_position_embeddings": PIECES}
        return rows | {"dim": 16, "n_layers": 2, "n_heads": 4, "hidden_dim": 24}

    lower, cased, bpe = word_pieces(True), word_pieces(False), byte_pairs()
    bert = BertConfig(**sizes(lower), **labels(EMOTIONS))
    write(out / "bert-emotion", BertForSequenceClassification(bert), lower)
    bert = BertConfig(**sizes(cased), **labels(CONLL), hidden_act="gelu_new")
    write(out / "bert-entities", BertForTokenClassification(bert), cased, pieces="vocab.txt", lower=False)
    roberta = sizes(bpe, PIECES + 2) | {"layer_norm_eps": 1e-5, "pad_token_id": 1, "type_vocab_size": 1}
    several = {"problem_type": "multi_label_classification"}
    config = RobertaConfig(**roberta, **labels(GO_EMOTIONS), **several)
    write(out / "roberta-emotion", RobertaForSequenceClassification(config), bpe, pieces="merges.txt")
    config = RobertaConfig(**roberta, **labels(CONLL))
    write(out / "roberta-entities", RobertaForTokenClassification(config), bpe, weights="bin")
    config = DistilBertConfig(**distil(lower), **labels(SIX))
    write(out / "distilbert-emotion", DistilBertForSequenceClassification(config), lower,
          weights="f16", pieces="vocab.txt")
    config = DistilBertConfig(**distil(cased), **labels(ONTONOTES), activation="relu")
    write(out / "distilbert-entities", DistilBertForTokenClassification(config), cased)


if __name__ == "__main__":
    main()
