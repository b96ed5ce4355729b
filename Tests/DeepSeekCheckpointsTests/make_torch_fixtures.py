"""Writes the PyTorch files that the tests read beside those of the fixtures.  Run: python make_torch_fixtures.py Fixtures"""

import argparse
import collections
import json
import os
import pathlib
import sys
import warnings
import zipfile

import numpy as np
import torch

warnings.filterwarnings("ignore")
out = pathlib.Path(sys.argv[1])
values = torch.arange(6.0).reshape(2, 3)

# One file for each protocol of the pickle, in the format that pickles everything.
for protocol in (1, 3, 4, 5):
    value = {"w": values, "n": 300, "big": -(2**80), "s": "é" * 300, "b": b"\0\xff", "f": -0.5, "t": (True, None), "neg": -70000}
    torch.save(value, out / f"protocol{protocol}.pt", pickle_protocol=protocol, _use_new_zipfile_serialization=False)

# What training programs put into checkpoints, and tensors that are listed and not read.
more = {
    "args": argparse.Namespace(lr=0.5, name="run"),
    "loss": np.float64(0.25),
    "step": np.int64(7),
    "half": np.float16(1.5),
    "array": np.asfortranarray(np.arange(6, dtype=">i4").reshape(2, 3)),
    "counts": collections.defaultdict(int, {"a": 1}),
    "path": pathlib.PurePosixPath("a/b"),
    "history": list(range(100)),
    "u16": torch.tensor([1, 65535], dtype=torch.uint16),
    "u32": torch.tensor([1, 2**32 - 1], dtype=torch.uint32),
    "u64": torch.tensor([1, 2**63], dtype=torch.uint64),
    "c128": torch.zeros(2, dtype=torch.complex128),
    "quantized": torch.quantize_per_tensor(values, 0.1, 0, torch.qint8),
    "sparse": values.to_sparse(),
    "conj": torch.tensor([1 + 2j]).conj(),
    "meta": torch.empty(2, 3, device="meta"),
    "nested": [{"w": values}, {"w": values[1]}],
    3: values[0],
}
torch.save(more, out / "more.pt")

# The same archive with its elements in the other order of bytes, and compressed.
torch.save({"w": values, "i": torch.tensor([1, -2], dtype=torch.int16), "t": values.t(), "c": torch.tensor([1 + 2j])}, out / "plain.pt")
with zipfile.ZipFile(out / "plain.pt") as source:
    big = zipfile.ZipFile(out / "big_endian.pt", "w", zipfile.ZIP_STORED)
    small = zipfile.ZipFile(out / "compressed.pt", "w", zipfile.ZIP_DEFLATED)
    for name in source.namelist():
        data = source.read(name)
        small.writestr(name, data)
        if name.endswith("byteorder"):
            data = b"big"
        elif "/data/" in name:
            # Storages by their sizes: six floats, two integers of 16 bits, one complex number.
            data = np.frombuffer(data, "<i2" if len(data) == 4 else "<f4").byteswap().tobytes()
        big.writestr(name, data)
    big.close()
    small.close()

# A model in two files and their index.
folder = out / "sharded"
folder.mkdir(exist_ok=True)
shards = {"pytorch_model-00001-of-00002.bin": {"a.weight": values}, "pytorch_model-00002-of-00002.bin": {"b.weight": values + 6, "extra": values}}
for name, tensors in shards.items():
    torch.save(tensors, folder / name)
index = {"metadata": {"total_size": 48}, "weight_map": {"a.weight": "pytorch_model-00001-of-00002.bin", "b.weight": "pytorch_model-00002-of-00002.bin"}}
(folder / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=2) + "\n")


# TorchScript with constants and nested modules.
class Inner(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(values.clone())
        self.register_buffer("mask", torch.tensor([True, False]))
        self.sizes = [1, 2]

    def forward(self, x):
        return x @ self.weight + torch.tensor(self.sizes).sum()


class Outer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList([Inner(), Inner()])
        self.tied = self.layers[0].weight

    def forward(self, x):
        return self.layers[0](x)


torch.jit.save(torch.jit.script(Outer()), str(out / "nested_script.pt"))
torch.jit.save(torch.jit.trace(lambda x: x + torch.tensor([5.0, 6.0]), torch.zeros(2)), str(out / "constants_script.pt"))
