"""Reads what our tests wrote, and writes what they read, with Python's safetensors and NumPy.

Run: python peers.py FOLDER.  Expects FOLDER/ours.* and leaves FOLDER/theirs.*; exits with a message when values differ.
"""

import json
import os
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

folder = sys.argv[1]


def path(name):
    return os.path.join(folder, name)


expected = json.load(open(path("expected.json")))


def check(name, array, source):
    want = expected[name]
    got = {"dtype": str(array.dtype), "shape": list(array.shape), "bytes": array.tobytes().hex()}
    if got != want:
        sys.exit(f"{source}, {name}: {got} is not {want}")


numpy_names = [name for name in expected if expected[name]["dtype"] not in ("bfloat16", "float8_e4m3fn", "float8_e5m2")]
for archive in ("ours_stored.npz", "ours_deflated.npz", "ours_64.npz"):
    with np.load(path(archive), allow_pickle=False) as loaded:
        if sorted(loaded.files) != sorted(numpy_names):
            sys.exit(f"{archive} has {loaded.files}")
        for name in numpy_names:
            check(name, loaded[name], archive)
for name in numpy_names:
    array = np.load(path(f"ours_{name}.npy"), allow_pickle=False)
    check(name, array, "npy")
    np.save(path(f"theirs_{name}.npy"), array)
    if open(path(f"theirs_{name}.npy"), "rb").read() != open(path(f"ours_{name}.npy"), "rb").read():
        sys.exit(f"{name}: numpy.save writes other bytes")

with safe_open(path("ours.safetensors"), framework="np") as opened:
    if opened.metadata() != {"format": "pt"}:
        sys.exit(f"metadata {opened.metadata()}")
numpy_file = load_file(path("ours_numpy.safetensors"))
for name in numpy_names:
    check(name, numpy_file[name], "safetensors.numpy")

index = json.load(open(path("sharded/model.safetensors.index.json")))
for name, file in index["weight_map"].items():
    check(name, load_file(path("sharded/" + file))[name], file)

try:
    import torch
    from safetensors.torch import load_file as load_torch, save_file as save_torch
except ImportError:
    print("no torch")
    sys.exit(0)

tensors = load_torch(path("ours.safetensors"))
for name, want in expected.items():
    tensor = tensors[name]
    raw = tensor.contiguous().reshape(-1).view(torch.uint8) if tensor.numel() else torch.zeros(0, dtype=torch.uint8)
    got = {
        "dtype": str(tensor.dtype).removeprefix("torch."),
        "shape": list(tensor.shape),
        "bytes": bytes(raw.tolist()).hex(),
    }
    if got != want:
        sys.exit(f"safetensors.torch, {name}: {got} is not {want}")
save_torch(tensors, path("theirs.safetensors"), metadata={"format": "pt"})
print("torch")
