#!/usr/bin/env python3
"""Writes Fixtures/transformer.json: what PyTorch's nn.Transformer and its parts make of the same weights and inputs.

Needs torch. Run it from this folder.
"""

import json

import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(77)
torch.set_default_dtype(torch.float64)
WIDTH, HEADS, INNER, VOCABULARY, LENGTH = 8, 2, 10, 9, 6
NARROW = 4


def numbers(tensor):
    values = [round(x, 12) for x in tensor.detach().double().flatten().tolist()]
    return {"shape": list(tensor.shape), "values": values}


def randomized(module):
    """Normalizations and biases start as nothing, which hides mistakes."""
    with torch.no_grad():
        for p in module.parameters():
            p.add_(torch.randn_like(p) * 0.3)
    return module


def causal(n):
    return torch.triu(torch.ones(n, n, dtype=torch.bool), 1)


def encoder(width, layers, norm_first, activation="relu"):
    layer = nn.TransformerEncoderLayer(width, HEADS, INNER, dropout=0, batch_first=True, norm_first=norm_first,
                                       activation=activation)
    return nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(width), enable_nested_tensor=False)


class Single(nn.Module):
    """One stack, under the name that it has beside another."""

    def __init__(self, name, norm_first):
        super().__init__()
        self.name = name
        self.add_module(name, encoder(NARROW, 2, norm_first))

    def forward(self, x, padded):
        stack = getattr(self, self.name)
        return stack(x, mask=causal(x.shape[1]) if self.name == "decoder" else None, src_key_padding_mask=padded)


# Vectors: every structure, norm first or last, padded or not.
source = torch.randn(2, 5, NARROW)
target = torch.randn(2, 4, NARROW)
source_counts = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
target_counts = torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1]])
cases = []
for structure in ["encoder", "decoder", "encoderDecoder"]:
    for norm_first in [False, True]:
        if structure == "encoderDecoder":
            model = nn.Transformer(NARROW, HEADS, 1, 1, INNER, dropout=0, batch_first=True, norm_first=norm_first)
        else:
            model = Single(structure, norm_first)
        model = randomized(model).eval()
        for is_padded in [False, True]:
            model.zero_grad()
            x, y = source.clone().requires_grad_(), target.clone().requires_grad_()
            hidden, later = (source_counts == 0, target_counts == 0) if is_padded else (None, None)
            if structure == "encoderDecoder":
                output = model(x, y, tgt_mask=causal(4), src_key_padding_mask=hidden, tgt_key_padding_mask=later,
                               memory_key_padding_mask=hidden)
                inputs = [x, y]
            else:
                output = model(x, hidden)
                inputs = [x]
            cotangent = torch.randn_like(output)
            (output * cotangent).sum().backward()
            cases.append({
                "structure": structure, "normalizesFirst": norm_first, "isPadded": is_padded,
                "state": {k: numbers(v) for k, v in model.state_dict().items()} if not is_padded else None,
                "output": numbers(output), "cotangent": numbers(cotangent),
                "inputGradients": [numbers(t.grad) for t in inputs],
                "gradients": {k: numbers(p.grad) for k, p in model.named_parameters()},
            })


class Language(nn.Module):
    """A small language model: tokens, positions, one stack with a causal mask, logits, loss."""

    def __init__(self, positions, is_tied, scales):
        super().__init__()
        self.kind, self.scales = positions, scales
        self.embedding = nn.Module()
        self.embedding.tokens = nn.Embedding(VOCABULARY, WIDTH)
        if positions == "learned":
            self.embedding.positions = nn.Embedding(LENGTH, WIDTH)
        self.decoder = encoder(WIDTH, 1, True, "gelu")
        if not is_tied:
            self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)

    def embedded(self, ids):
        n = ids.shape[1]
        x = self.embedding.tokens(ids) * (WIDTH ** 0.5 if self.scales else 1)
        if self.kind == "learned":
            x = x + self.embedding.positions.weight[:n]
        if self.kind == "sinusoidal":
            angle = torch.arange(n)[:, None] * 10000.0 ** (-torch.arange(0, WIDTH, 2) / WIDTH)
            x = x + torch.stack([angle.sin(), angle.cos()], -1).reshape(n, WIDTH)
        return x

    def forward(self, ids):
        if self.kind == "rotary":
            states = self.rotary(self.embedded(ids))
        else:
            states = self.decoder(self.embedded(ids), mask=causal(ids.shape[1]))
        head = self.head.weight if hasattr(self, "head") else self.embedding.tokens.weight
        return functional.linear(states, head)

    def rotary(self, x):
        (batch, n, _), half = x.shape, WIDTH // HEADS // 2
        angle = torch.arange(n)[:, None] * 10000.0 ** (-torch.arange(half) / half)
        (cos, sin) = (angle.cos(), angle.sin())

        def turned(t):
            a, b = t[..., :half], t[..., half:]
            return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)

        layer = self.decoder.layers[0]
        attention = layer.self_attn
        parts = functional.linear(layer.norm1(x), attention.in_proj_weight, attention.in_proj_bias)
        q, k, v = [t.reshape(batch, n, HEADS, -1).transpose(1, 2) for t in parts.chunk(3, -1)]
        mixed = functional.scaled_dot_product_attention(turned(q), turned(k), v, is_causal=True)
        x = x + attention.out_proj(mixed.transpose(1, 2).reshape(batch, n, WIDTH))
        x = x + layer.linear2(functional.gelu(layer.linear1(layer.norm2(x))))
        return self.decoder.norm(x)


ids = torch.randint(1, VOCABULARY, (2, LENGTH))
ids[1, 4:] = 0
languages = []
for positions, is_tied, scales in [("none", True, False), ("learned", True, False), ("sinusoidal", False, True),
                                   ("rotary", True, True)]:
    model = randomized(Language(positions, is_tied, scales))
    logits = model(ids[:, :-1])
    loss = functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), ignore_index=0)
    loss.backward()
    languages.append({
        "positions": positions, "isTied": is_tied, "scales": scales,
        "state": {k: numbers(v) for k, v in model.state_dict().items()}, "logits": numbers(logits), "loss": loss.item(),
        "gradients": {k: numbers(p.grad) for k, p in model.named_parameters()},
    })

with open("Fixtures/transformer.json", "w") as out:
    json.dump({"source": numbers(source), "target": numbers(target), "sourceMask": source_counts.tolist(),
               "targetMask": target_counts.tolist(), "cases": cases, "ids": ids.tolist(), "languages": languages}, out)
