"""Computes the operator table's reference values with PyTorch.

    DEEPSEEK_SAMPLE_REQUESTS=DIR swift test --filter SampleRequests
    python make_references.py DIR References/operators.safetensors

The first command writes every row's inputs and its Python expression; the second evaluates the expressions in float64
and stores outputs, gradients and second derivatives. Needs torch and safetensors.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file, save_file

import paper_optimizers


def step(optimizer, inputs, states, **options):
    """The weight and the states after one step of a torch.optim class that is in the midst of a training."""
    weight, gradient, rate, scale, number = inputs
    moved = weight.clone().requires_grad_()
    run = optimizer([moved], lr=float(rate), **options)
    moved.grad = gradient * scale
    run.state[moved] = {"step": torch.tensor(float(number) - 1), **{k: v.clone() for k, v in states.items()}}
    run.step()
    return [moved.detach()] + [run.state[moved][name] for name in states]


def paper_step(rule, inputs, states, **options):
    """The same for a rule of paper_optimizers.py."""
    weight, gradient, rate, scale, number = inputs
    memory = {k: v.numpy() for k, v in states.items()}
    moved = rule(weight.numpy(), (gradient * scale).numpy(), memory, float(number), lr=float(rate), **options)
    return [torch.from_numpy(moved)] + [torch.from_numpy(np.asarray(memory[name])) for name in states]


def weights(shape, phase):
    """As OperatorSample.weights: numbers that differ from element to element."""
    count = int(np.prod(shape, dtype=np.int64))
    return torch.from_numpy(((np.arange(count) * 7 + phase) % 13 - 6) / 8).reshape(shape)


def weighted_sum(tensors, phase):
    total = None
    for tensor in tensors:
        if tensor is not None and tensor.is_floating_point() and tensor.requires_grad:
            term = (tensor * weights(tuple(tensor.shape), phase).to(tensor.dtype)).sum()
            total = term if total is None else total + term
    return total


def gradients_of(total, inputs, create_graph):
    if total is None:
        return [torch.zeros_like(x) for x in inputs]
    found = torch.autograd.grad(total, inputs, create_graph=create_graph, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(found, inputs)]


def evaluate(row, inputs, results):
    names = "abcdefgh"
    tensors = [torch.from_numpy(inputs[f"{row['name']}|{i}"].copy()) for i in range(row["inputs"])]
    leaves = [tensors[i] for i in row["differentiable"]]
    for leaf in leaves:
        leaf.requires_grad_(row["derivatives"] > 0)
    scope = {"torch": torch, "F": F, "np": np, "optim": torch.optim, "step": step, "paper_step": paper_step}
    scope.update({name: getattr(paper_optimizers, name) for name in ("adafactor", "lamb", "lars", "lion")})
    scope.update(zip(names, tensors))
    outputs = eval(row["torch"], scope)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]

    def keep(kind, tensors):
        for index, tensor in enumerate(tensors):
            results[f"{row['name']}|{kind}{index}"] = np.array(tensor.detach().numpy(force=True), order="C")

    keep("out", outputs)
    if row["derivatives"] == 0 or not leaves:
        return
    first = gradients_of(weighted_sum(outputs, 3), leaves, create_graph=row["derivatives"] > 1)
    keep("grad", first)
    if row["derivatives"] > 1:
        keep("second", gradients_of(weighted_sum(first, 5), leaves, create_graph=False))


def main(folder, target):
    torch.set_num_threads(1)
    torch.backends.cuda.enable_flash_sdp(False)
    inputs = load_file(folder + "/inputs.safetensors")
    rows = json.load(open(folder + "/rows.json"))
    results, digests, failures = {}, {}, []
    for row in rows:
        try:
            with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
                evaluate(row, inputs, results)
        except Exception as error:  # report every row that PyTorch refuses, then fail
            failures.append(f"{row['name']}: {error}")
        digests[row["name"]] = row["digest"]
    if failures:
        sys.exit("\n".join(failures))
    save_file(results, target, metadata=digests)
    print(f"{len(rows)} rows, {len(results)} tensors")


if __name__ == "__main__":
    main(*sys.argv[1:])
