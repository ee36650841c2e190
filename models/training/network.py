"""The shared encoder and the heads on its states. Shapes: b windows, t pieces, w words."""

import torch
import torch.nn.functional as F
from torch import nn

from tokens import CASINGS

HIDDEN, LAYERS, ATTENTION_HEADS, INTERMEDIATE, POSITIONS = 384, 6, 12, 1536, 512
FEELINGS = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
# What a feelings output was trained on. Only the first two are shipped.
REGISTERS = ("story", "forum", "subtitles")
ARC, RELATION, SPAN, WIDTHS = 192, 96, 128, 16


def fastest():
    """The device to train on."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Layer(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.attended = nn.Linear(HIDDEN, HIDDEN)
        self.attention_norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.up = nn.Linear(HIDDEN, INTERMEDIATE)
        self.down = nn.Linear(INTERMEDIATE, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.dropout = dropout

    def forward(self, x, mask):
        b, t, _ = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, ATTENTION_HEADS, -1).permute(2, 0, 3, 1, 4)
        drop = self.dropout if self.training else 0.0
        if x.is_cuda:
            y = F.scaled_dot_product_attention(q, k, v, mask)
        else:
            # Written out: the fused kernel's backward pass takes three times as long on a CPU.
            scores = q @ k.transpose(2, 3) * (HIDDEN // ATTENTION_HEADS) ** -0.5
            scores = scores if mask is None else scores + mask
            y = scores.softmax(-1).to(v.dtype) @ v
        y = self.attended(y.transpose(1, 2).reshape(b, t, HIDDEN))
        x = self.attention_norm(x + y)
        y = self.down(F.gelu(self.up(x)))
        return self.norm(x + F.dropout(y, drop))


class Encoder(nn.Module):
    """BERT (post-norm) with a casing feature added to its embeddings."""

    def __init__(self, pieces, dropout=0.1):
        super().__init__()
        self.pieces = nn.Embedding(pieces, HIDDEN)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.casings = nn.Embedding(CASINGS, HIDDEN)
        self.embedding_norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.dropout = dropout

    def forward(self, pieces, casings, lengths):
        """`[b, t]` ids and casings, `[b]` lengths -> states of every depth, `LAYERS + 1` times `[b, t, HIDDEN]`.

        Without lengths all windows are full.
        """
        t = pieces.shape[1]
        x = self.pieces(pieces) + self.casings(casings) + self.positions.weight[:t]
        x = F.dropout(self.embedding_norm(x), self.dropout if self.training else 0.0)
        mask = None if lengths is None else self.mask(x, lengths)
        states = [x]
        for layer in self.layers:
            x = layer(x, mask)
            states.append(x)
        return states

    @staticmethod
    def mask(x, lengths):
        real = torch.arange(x.shape[1], device=x.device)[None, :] < lengths[:, None]
        device = x.device.type
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype
        return torch.where(real, 0.0, -1e4)[:, None, None, :].to(dtype)

    def load_minilm(self, tensors, kept):
        """Starts from all-MiniLM-L6-v2; `kept` are the ids of the pieces that stay."""
        with torch.no_grad():
            self.pieces.weight.copy_(tensors["embeddings.word_embeddings.weight"][kept])
            types = tensors["embeddings.token_type_embeddings.weight"][0]
            self.positions.weight.copy_(tensors["embeddings.position_embeddings.weight"] + types)
            self.casings.weight.zero_()
            copy(self.embedding_norm, tensors, "embeddings.LayerNorm")
            for i, layer in enumerate(self.layers):
                at = f"encoder.layer.{i}."
                for part in ("weight", "bias"):
                    qkv = [tensors[f"{at}attention.self.{n}.{part}"] for n in ("query", "key", "value")]
                    getattr(layer.qkv, part).copy_(torch.cat(qkv))
                copy(layer.attended, tensors, at + "attention.output.dense")
                copy(layer.attention_norm, tensors, at + "attention.output.LayerNorm")
                copy(layer.up, tensors, at + "intermediate.dense")
                copy(layer.down, tensors, at + "output.dense")
                copy(layer.norm, tensors, at + "output.LayerNorm")


class Mix(nn.Module):
    """A learned average over the depths of the encoder."""

    def __init__(self):
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(LAYERS + 1))
        with torch.no_grad():
            self.weights[-2:] = 1.0

    def forward(self, states):
        shares = self.weights.softmax(0)
        return sum(share * state for share, state in zip(shares, states))


class Feelings(nn.Module):
    """Feelings of spans: the mean state of a span's pieces, one hidden layer, one output a register."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(HIDDEN, HIDDEN)
        self.outputs = nn.ModuleDict({r: nn.Linear(HIDDEN, len(FEELINGS)) for r in REGISTERS})

    def forward(self, state, share, register):
        """`[b, t, HIDDEN]` states and `[b, s, t]` shares (rows sum to 1) -> `[b, s, FEELINGS]` logits."""
        pooled = share @ state
        pooled = F.dropout(pooled, 0.1, self.training)
        hidden = torch.tanh(self.hidden(pooled))
        return self.outputs[register](F.dropout(hidden, 0.1, self.training))


def with_one(x):
    return torch.cat([x, torch.ones_like(x[..., :1])], -1)


class Syntax(nn.Module):
    """Tags, lemma rules, sentence ends, and the arcs of a dependency tree."""

    def __init__(self, tags, lemmas, relations):
        super().__init__()
        self.mix = Mix()
        self.tags = nn.Linear(HIDDEN, tags)
        self.lemmas = nn.Linear(HIDDEN, lemmas)
        self.ends = nn.Linear(HIDDEN, 1)
        self.arc_child = nn.Linear(HIDDEN, ARC)
        self.arc_parent = nn.Linear(HIDDEN, ARC)
        self.arc = nn.Linear(ARC + 1, ARC, bias=False)
        self.relation_child = nn.Linear(HIDDEN, RELATION)
        self.relation_parent = nn.Linear(HIDDEN, RELATION)
        self.relation = nn.Linear(RELATION + 1, relations * (RELATION + 1), bias=False)
        self.root = nn.Parameter(torch.zeros(HIDDEN))
        self.relations = relations
        for product in (self.arc, self.relation):
            nn.init.normal_(product.weight, std=0.01)

    def forward(self, states, first):
        """`first` `[b, w]`: each word's first piece. Returns the words' states `[b, w, HIDDEN]`."""
        mixed = self.mix(states)
        return mixed.gather(1, first[..., None].expand(-1, -1, HIDDEN))

    def arcs(self, words):
        """Scores `[b, w, w + 1]` of every word's parent; column 0 is the root."""
        parents = torch.cat([self.root.expand(words.shape[0], 1, -1), words], 1)
        drop = lambda x: F.dropout(x, 0.25, self.training)
        child = drop(F.gelu(self.arc_child(words)))
        parent = drop(F.gelu(self.arc_parent(parents)))
        return self.arc(with_one(child)) @ parent.transpose(1, 2)

    def labels(self, words, parent_index):
        """Scores `[b, w, relations]` of the arc from each word to its parent (0 is the root)."""
        parents = torch.cat([self.root.expand(words.shape[0], 1, -1), words], 1)
        parents = parents.gather(1, parent_index[..., None].expand(-1, -1, HIDDEN))
        drop = lambda x: F.dropout(x, 0.25, self.training)
        child = with_one(drop(F.gelu(self.relation_child(words))))
        parent = with_one(drop(F.gelu(self.relation_parent(parents))))
        product = self.relation(child).view(*child.shape[:2], self.relations, RELATION + 1)
        return torch.einsum("bwrd,bwd->bwr", product, parent)


class Mentions(nn.Module):
    """Nested mentions: a score a class for every span of words, class 0 is none."""

    def __init__(self, classes):
        super().__init__()
        self.mix = Mix()
        self.start = nn.Linear(HIDDEN, SPAN)
        self.end = nn.Linear(HIDDEN, SPAN)
        self.product = nn.Linear(SPAN + 1, classes * (SPAN + 1), bias=False)
        self.widths = nn.Embedding(WIDTHS, classes)
        self.classes = classes
        nn.init.normal_(self.product.weight, std=0.01)
        nn.init.zeros_(self.widths.weight)
        # Nearly every span is no mention: starting there keeps the first steps small.
        with torch.no_grad():
            self.widths.weight[:, 0] = 8.0

    def forward(self, states, first):
        """Scores `[b, w, w, classes]`, start by end; only `start <= end` means something."""
        mixed = self.mix(states)
        words = mixed.gather(1, first[..., None].expand(-1, -1, HIDDEN))
        drop = lambda x: F.dropout(x, 0.2, self.training)
        start = with_one(drop(F.gelu(self.start(words))))
        end = with_one(drop(F.gelu(self.end(words))))
        b, w, _ = start.shape
        left = self.product(start).view(b, w * self.classes, SPAN + 1)
        scores = (left @ end.transpose(1, 2)).view(b, w, self.classes, w).permute(0, 1, 3, 2)
        at = torch.arange(w, device=first.device)
        width = width_bucket((at[None, :] - at[:, None]).clamp(min=0))
        return scores + self.widths(width)


def width_bucket(width):
    """Words beyond the first: 0 to 7 alone, then in doubling ranges, up to WIDTHS - 1."""
    coarse = 8 + ((width.clamp(min=8).float() / 8).log2() * 2).long()
    return torch.where(width < 8, width, coarse).clamp(max=WIDTHS - 1)


class Network(nn.Module):
    def __init__(self, pieces, tags, lemmas, relations, mentions):
        super().__init__()
        self.encoder = Encoder(pieces)
        self.feelings = Feelings()
        self.syntax = Syntax(tags, lemmas, relations)
        self.mentions = Mentions(mentions)


def copy(module, tensors, name):
    module.weight.copy_(tensors[name + ".weight"])
    module.bias.copy_(tensors[name + ".bias"])
