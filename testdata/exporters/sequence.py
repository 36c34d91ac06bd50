"""Recurrent networks and transformers, written by hand as research code does."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from case import Case
from torch_export import exports as of

TOKENS = ({0: "batch", 1: "length"},)
VOCABULARY, WIDTH = 40, 32


def tokens(i: int) -> tuple:
    return (torch.randint(0, VOCABULARY, (2 + i, 7 + 3 * i)),)


class Tagger(nn.Module):
    """Embedding, recurrent layers, a class for each token."""

    def __init__(self, cell, **options):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, 16)
        self.rnn = cell(16, 12, batch_first=True, **options)
        self.head = nn.Linear(24 if options.get("bidirectional") else options.get("proj_size") or 12, 5)

    def forward(self, x):
        return self.head(self.rnn(self.embed(x))[0])


class Stateful(nn.Module):
    """An LSTM whose state goes in and out, as speech models stream."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 12, 2)

    def forward(self, x, h, c):
        y, (h, c) = self.rnn(x, (h, c))
        return y, h, c


class Cells(nn.Module):
    """Cells in a Python loop, which tracing unrolls."""

    def __init__(self):
        super().__init__()
        self.lstm, self.gru, self.rnn = nn.LSTMCell(6, 8), nn.GRUCell(8, 8), nn.RNNCell(8, 4)

    def forward(self, x):
        h = c = g = torch.zeros(x.shape[0], 8)
        r = torch.zeros(x.shape[0], 4)
        for t in range(3):
            h, c = self.lstm(x[:, t], (h, c))
            g = self.gru(h, g)
            r = self.rnn(g, r)
        return r, g, c


class Encoder(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, 4, 64, batch_first=True, **options)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, 3)

    def forward(self, x):
        return self.head(self.encoder(self.embed(x)).mean(1))


class Translator(nn.Module):
    """Encoder and decoder with a causal mask."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH)
        self.transformer = nn.Transformer(WIDTH, 4, 1, 1, 64, batch_first=True)

    def forward(self, source, target):
        n = target.shape[1]
        mask = torch.full((n, n), float("-inf")).triu(1)
        return self.transformer(self.embed(source), self.embed(target), tgt_mask=mask)


class Weighted(nn.Module):
    """nn.MultiheadAttention with its weights as a second output."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, 4, batch_first=True)

    def forward(self, x, memory):
        return self.attention(x, memory, memory, average_attn_weights=False)


def attention(q, k, v):
    causal = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    mask = torch.arange(q.shape[2])[:, None] >= torch.arange(k.shape[2])
    return F.scaled_dot_product_attention(q, k, v), causal, F.scaled_dot_product_attention(q, k, v, attn_mask=mask), F.scaled_dot_product_attention(q, k, v, attn_mask=(~mask).float() * -2, scale=0.3)


class SDPA(nn.Module):
    def forward(self, q, k, v):
        return attention(q, k, v)


class Block(nn.Module):
    """A layer of GPT-2: before each part a layer normalization."""

    def __init__(self, fused: bool):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(approximate="tanh"), nn.Linear(4 * WIDTH, WIDTH))
        self.fused = fused

    def forward(self, x, past):
        n, length, _ = x.shape
        q, k, v = (t.view(n, length, 4, WIDTH // 4).transpose(1, 2) for t in self.qkv(self.norm1(x)).chunk(3, -1))
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        x = x + self.proj(self.attend(q, k, v).transpose(1, 2).reshape(n, length, WIDTH))
        return x + self.mlp(self.norm2(x)), (k, v)

    def attend(self, q, k, v):
        at = torch.arange(k.shape[2])
        mask = at[k.shape[2] - q.shape[2] :, None] >= at
        if self.fused:
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        scores = (q @ k.transpose(-1, -2)) / math.sqrt(q.shape[-1])
        return scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(-1) @ v


class GPT(nn.Module):
    """A decoder of two layers with tied embeddings. With a cache, past keys and values come in and the longer ones go out."""

    def __init__(self, cached: bool, fused: bool):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(64, WIDTH)
        self.blocks = nn.ModuleList([Block(fused) for _ in range(2)])
        self.norm = nn.LayerNorm(WIDTH)
        self.cached = cached

    def forward(self, x, *past):
        start = past[0].shape[2] if past else 0
        y = self.wte(x) + self.wpe(torch.arange(start, start + x.shape[1]))
        present = []
        for i, block in enumerate(self.blocks):
            y, kv = block(y, past[2 * i : 2 * i + 2] if past else None)
            present += kv
        logits = F.linear(self.norm(y), self.wte.weight)
        return (logits, *present) if self.cached else logits


class Cached(nn.Module):
    def __init__(self, fused: bool):
        super().__init__()
        self.model = GPT(True, fused)

    def forward(self, x, k0, v0, k1, v1):
        return self.model(x, k0, v0, k1, v1)


def step(i: int) -> tuple:
    past = tuple(torch.randn(1 + i, 4, 5 + i, WIDTH // 4) for _ in range(4))
    return (torch.randint(0, VOCABULARY, (1 + i, 2)), *past)


class RMSNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


class LlamaLayer(nn.Module):
    """Rotary embedding, grouped queries, SwiGLU."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = RMSNorm(), RMSNorm()
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, w, bias=False) for w in (WIDTH, WIDTH // 2, WIDTH // 2, WIDTH))
        self.gate, self.up, self.down = nn.Linear(WIDTH, 48, bias=False), nn.Linear(WIDTH, 48, bias=False), nn.Linear(48, WIDTH, bias=False)

    def forward(self, x, cos, sin):
        n, length, _ = x.shape
        y = self.norm1(x)
        q, k, v = (p(y).view(n, length, -1, 8).transpose(1, 2) for p in (self.q, self.k, self.v))
        q, k = (t * cos + torch.cat([-t[..., 4:], t[..., :4]], -1) * sin for t in (q, k))
        k, v = k.repeat_interleave(2, 1), v.repeat_interleave(2, 1)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(y.transpose(1, 2).reshape(n, length, WIDTH))
        y = self.norm2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH)
        self.layers = nn.ModuleList([LlamaLayer() for _ in range(2)])
        self.norm, self.head = RMSNorm(), nn.Linear(WIDTH, VOCABULARY, bias=False)
        self.register_buffer("frequencies", 10000.0 ** -(torch.arange(0, 8, 2) / 8), persistent=False)

    def forward(self, x):
        angles = torch.outer(torch.arange(x.shape[1]).float(), self.frequencies)
        angles = torch.cat([angles, angles], -1)
        y = self.embed(x)
        for layer in self.layers:
            y = layer(y, angles.cos(), angles.sin())
        return self.head(self.norm(y))


class Experts(nn.Module):
    """A mixture of experts: each token goes to the two that a gate prefers."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(WIDTH, 4)
        self.w1, self.w2 = nn.Parameter(torch.randn(4, WIDTH, 16) * 0.2), nn.Parameter(torch.randn(4, 16, WIDTH) * 0.2)

    def forward(self, x):
        weights, chosen = self.gate(x).softmax(-1).topk(2, -1)
        hidden = torch.einsum("bld,bledh->bleh", x, self.w1[chosen]).relu()
        return (torch.einsum("bleh,blehd->bled", hidden, self.w2[chosen]) * weights[..., None]).sum(2)


class TCN(nn.Module):
    """Causal dilated convolutions, as WaveNet has."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv1d(8, 16, 2, dilation=2**i) for i in range(3)])
        self.mix = nn.ModuleList([nn.Conv1d(8, 8, 1) for _ in range(3)])

    def forward(self, x):
        for i, (conv, mix) in enumerate(zip(self.convs, self.mix)):
            a, b = conv(F.pad(x, (2**i, 0))).chunk(2, 1)
            x = x + mix(a.tanh() * b.sigmoid())
        return x


def noise(*shapes):
    return lambda i: tuple(torch.randn(*[d + i if d in (2, 7) else d for d in s]) for s in shapes)


LENGTHS = {0: "batch", 1: "length"}
CASES = [
    Case("lstm_tagger", lambda: Tagger(nn.LSTM, num_layers=2, bidirectional=True).eval(), tokens, TOKENS, ("ts9", "ts11", "ts17", "dynamo", "dynamo-static", "dynamo23")),
    Case("gru_tagger", lambda: Tagger(nn.GRU, bidirectional=True).eval(), tokens, TOKENS, ("ts11", "ts17", "dynamo")),
    Case("rnn_tagger", lambda: Tagger(nn.RNN, nonlinearity="relu").eval(), tokens, TOKENS),
    Case("lstm_projected", lambda: Tagger(nn.LSTM, proj_size=6).eval(), tokens, TOKENS),
    Case("lstm_state", lambda: Stateful().eval(), lambda i: (torch.randn(7 + i, 2, 8), torch.randn(2, 2, 12), torch.randn(2, 2, 12)), ({0: "length"}, None, None)),
    Case("cells", lambda: Cells().eval(), noise((2, 3, 6)), ({0: "batch"},)),
    Case("encoder", lambda: Encoder().eval(), tokens, TOKENS, ("ts14", "ts17", "dynamo", "dynamo-static", "dynamo23", "dynamo-raw")),
    Case("encoder_prenorm", lambda: Encoder(norm_first=True, activation="gelu").eval(), tokens, TOKENS),
    Case("translator", lambda: Translator().eval(), lambda i: (*tokens(i), torch.randint(0, VOCABULARY, (2 + i, 4 + i))), (LENGTHS, {0: "batch", 1: "target"})),
    Case("multihead", lambda: Weighted().eval(), noise((2, 7, WIDTH), (2, 5, WIDTH)), ({0: "batch", 1: "length"}, {0: "batch"}), ("ts14", "ts17", "dynamo", "dynamo-static", "dynamo23")),
    Case("attention", lambda: SDPA().eval(), noise((2, 4, 7, 8), (2, 4, 9, 8), (2, 4, 9, 8)), ({0: "batch", 2: "length"}, {0: "batch"}, {0: "batch"}), ("ts14", "ts17", "dynamo", "dynamo-static", "dynamo23", "dynamo-raw")),
    Case("gpt", lambda: GPT(False, True).eval(), tokens, None, ("ts17", "dynamo", "dynamo23")),
    Case("gpt_manual", lambda: GPT(False, False).eval(), tokens, None),
    Case("gpt_cache", lambda: Cached(True).eval(), step, ({0: "batch"}, *[{0: "batch", 2: "past"}] * 4), ("ts17", "dynamo", "dynamo23")),
    Case("gpt_cache_manual", lambda: Cached(False).eval(), step, ({0: "batch"}, *[{0: "batch", 2: "past"}] * 4)),
    Case("llama", lambda: Llama().eval(), tokens, TOKENS, ("ts17", "dynamo", "dynamo-static", "dynamo23")),
    Case("experts", lambda: Experts().eval(), noise((2, 7, WIDTH)), (LENGTHS,), ("ts12", "ts17", "dynamo")),
    Case("tcn", lambda: TCN().eval(), noise((2, 8, 17)), ({0: "batch"},)),
]


def exports(_):
    return of(CASES)
