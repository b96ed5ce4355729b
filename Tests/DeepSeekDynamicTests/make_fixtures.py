#!/usr/bin/env python3
"""Writes Fixtures/*.json: what PyTorch makes of the same weights, inputs and gradients.

LAMB, LARS, Lion and Adafactor, which PyTorch lacks in the papers' form, are those of paper_optimizers.py.
Needs torch and numpy. Run it from this folder.
"""

import json
import sys

import numpy as np
import torch

sys.path.insert(0, "../OperatorSamples")
from paper_optimizers import adafactor, lamb, lars, lion

torch.manual_seed(20240501)
torch.set_default_dtype(torch.float64)


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().double().flatten().tolist()}


# Optimizers: a matrix and a vector, eight steps with the gradients given.
STEPS = 8
start = [torch.randn(3, 5), torch.randn(4)]
slopes = [[torch.randn(3, 5), torch.randn(4)] for _ in range(STEPS)]


def torch_run(make):
    weights = [w.clone().requires_grad_() for w in start]
    optimizer = make(weights)
    path = []
    for step in slopes:
        for weight, slope in zip(weights, step):
            weight.grad = slope.clone()
        optimizer.step()
        path.append([numbers(w) for w in weights])
    return path


def paper_run(rule):
    weights = [w.numpy().copy() for w in start]
    states = [{} for _ in weights]
    path = []
    for t, step in enumerate(slopes, 1):
        for i, slope in enumerate(step):
            weights[i] = rule(weights[i], slope.numpy(), states[i], t)
        path.append([numbers(torch.from_numpy(np.ascontiguousarray(w))) for w in weights])
    return path


optim = torch.optim
runs = {
    "sgd": torch_run(lambda p: optim.SGD(p, lr=0.05)),
    "sgd_momentum": torch_run(lambda p: optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.1, weight_decay=0.02)),
    "sgd_nesterov": torch_run(lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True)),
    "adam": torch_run(lambda p: optim.Adam(p, lr=0.01, weight_decay=0.1)),
    "adam_amsgrad": torch_run(lambda p: optim.Adam(p, lr=0.01, betas=(0.8, 0.95), amsgrad=True)),
    "adamw": torch_run(lambda p: optim.AdamW(p, lr=0.01, weight_decay=0.1)),
    "rmsprop": torch_run(lambda p: optim.RMSprop(p, lr=0.01)),
    "rmsprop_centered": torch_run(
        lambda p: optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.7, centered=True, weight_decay=0.01)
    ),
    "rmsprop_momentum": torch_run(lambda p: optim.RMSprop(p, lr=0.01, momentum=0.7)),
    "adagrad": torch_run(
        lambda p: optim.Adagrad(p, lr=0.1, lr_decay=0.05, weight_decay=0.01, initial_accumulator_value=0.2)
    ),
    "adadelta": torch_run(lambda p: optim.Adadelta(p, lr=0.5, rho=0.8, weight_decay=0.01)),
    "adamax": torch_run(lambda p: optim.Adamax(p, lr=0.01, weight_decay=0.01)),
    "nadam": torch_run(lambda p: optim.NAdam(p, lr=0.01, weight_decay=0.01)),
    "radam": torch_run(lambda p: optim.RAdam(p, lr=0.01, betas=(0.9, 0.99), weight_decay=0.01)),
    "lion": paper_run(lion),
    "lamb": paper_run(lamb),
    "lars": paper_run(lars),
    "adafactor": paper_run(adafactor),
    "adafactor_rate": paper_run(lambda w, g, s, t: adafactor(w, g, s, t, lr=0.05, wd=0.1, b1=0.9)),
}
with open("Fixtures/optimizers.json", "w") as out:
    json.dump(
        {"start": [numbers(w) for w in start], "gradients": [[numbers(g) for g in s] for s in slopes], "runs": runs}, out
    )

# Layers: weights, inputs, output, and the gradients of (output * cotangent).sum().
nn = torch.nn


def layer_case(module, *inputs, call=None):
    module = module.double()
    inputs = [x.clone().requires_grad_() if x.is_floating_point() else x for x in inputs]
    before = {k: numbers(v) for k, v in module.state_dict().items()}
    output = call(module, *inputs) if call else module(*inputs)
    cotangent = torch.randn_like(output)
    (output * cotangent).sum().backward()
    return {
        "state": before,
        "after": {k: numbers(v) for k, v in module.state_dict().items()},
        "inputs": [numbers(x) for x in inputs],
        "output": numbers(output),
        "cotangent": numbers(cotangent),
        "inputGradients": [numbers(x.grad) if x.grad is not None else None for x in inputs],
        "gradients": {k: numbers(p.grad) for k, p in module.named_parameters()},
    }


def randomized(module):
    """Normalizations start as the identity, which hides mistakes."""
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(torch.randn_like(p) * 0.5)
    return module


def first(call):
    return lambda module, *inputs: call(module, *inputs)[0]


x3 = torch.randn(2, 5, 8)
memory = torch.randn(2, 4, 8)
cases = {
    "linear": layer_case(nn.Linear(8, 3), x3),
    "bilinear": layer_case(nn.Bilinear(4, 3, 5), torch.randn(6, 4), torch.randn(6, 3)),
    "embedding": layer_case(nn.Embedding(10, 4, padding_idx=2), torch.tensor([[1, 2, 3], [2, 9, 1]])),
    "layer_norm": layer_case(randomized(nn.LayerNorm(8)), x3),
    "layer_norm_2d": layer_case(randomized(nn.LayerNorm([5, 8])), x3),
    "rms_norm": layer_case(randomized(nn.RMSNorm(8, eps=1e-6)), x3),
    "batch_norm_train": layer_case(randomized(nn.BatchNorm2d(3)), torch.randn(4, 3, 2, 5)),
    "batch_norm_1d": layer_case(randomized(nn.BatchNorm1d(3)), torch.randn(6, 3)),
    "group_norm": layer_case(randomized(nn.GroupNorm(2, 6)), torch.randn(3, 6, 4)),
    "instance_norm": layer_case(randomized(nn.InstanceNorm2d(3, affine=True)), torch.randn(2, 3, 4, 5)),
    "attention": layer_case(
        nn.MultiheadAttention(8, 2, batch_first=True), x3, call=first(lambda m, x: m(x, x, x, need_weights=False))
    ),
    "encoder_layer": layer_case(nn.TransformerEncoderLayer(8, 2, 16, dropout=0, batch_first=True), x3),
    "encoder_layer_pre": layer_case(
        nn.TransformerEncoderLayer(8, 2, 16, dropout=0, batch_first=True, norm_first=True, activation="gelu"), x3
    ),
    "decoder_layer": layer_case(nn.TransformerDecoderLayer(8, 2, 16, dropout=0, batch_first=True), x3, memory),
    "lstm": layer_case(nn.LSTM(8, 6, num_layers=2, bidirectional=True, batch_first=True), x3, call=first(lambda m, x: m(x))),
    "gru": layer_case(nn.GRU(8, 6, num_layers=2, bidirectional=True, batch_first=True), x3, call=first(lambda m, x: m(x))),
    "conv2d": layer_case(nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), torch.randn(2, 4, 7, 6)),
    "conv1d": layer_case(nn.Conv1d(4, 6, 3, dilation=2), torch.randn(2, 4, 9)),
    "conv_transpose2d": layer_case(
        nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1), torch.randn(2, 4, 5, 4)
    ),
}
cases["rnn"] = layer_case(
    nn.RNN(8, 6, num_layers=2, nonlinearity="relu", bidirectional=True, batch_first=True), x3, call=first(lambda m, x: m(x))
)
cases["gru_cell"] = layer_case(nn.GRUCell(8, 6), torch.randn(3, 8), torch.randn(3, 6))
cases["lstm_cell"] = layer_case(
    nn.LSTMCell(8, 6), torch.randn(3, 8), torch.randn(3, 6), torch.randn(3, 6),
    call=lambda m, x, h, c: torch.cat(m(x, (h, c)), 1),
)
with open("Fixtures/layers.json", "w") as out:
    json.dump(cases, out)
