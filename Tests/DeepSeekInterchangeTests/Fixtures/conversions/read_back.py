"""Reads what our conversions wrote with safetensors and NumPy, and with PyTorch and transformers where they are.

Run: python read_back.py FIXTURES FOLDER; exits with a message when anything differs.
"""

import json
import os
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

fixtures, folder = sys.argv[1:]


def path(*names):
    return os.path.join(folder, *names)


def expect(condition, message):
    if not condition:
        sys.exit(message)


def same(found, wanted, what):
    expect(set(found) == set(wanted), f"{what}: {sorted(set(found) ^ set(wanted))} are in one of the two")
    for name, array in wanted.items():
        expect(found[name].dtype == array.dtype and np.array_equal(found[name], array), f"{what}: {name} differs")


expected = {name: {key: value for key, value in load_file(os.path.join(fixtures, name + ".safetensors")).items()
                   if "/" not in key} for name in ("bert", "gpt2")}
for name, tensors in expected.items():
    same(load_file(path(name, "model.safetensors")), tensors, name)
index = json.load(open(path("sharded", "model.safetensors.index.json")))
expect(len(set(index["weight_map"].values())) > 1, "sharded: one file")
parts = {}
for part in set(index["weight_map"].values()):
    parts.update(load_file(path("sharded", part)))
same(parts, expected["bert"], "sharded")

with safe_open(path("saver.safetensors"), "np") as file:
    kernel = file.get_tensor("dense/kernel")
    expect(kernel.shape == (4, 3) and kernel.dtype == np.float32, "saver: dense/kernel")
    expect(np.array_equal(file.get_tensor("part"), np.arange(12, dtype=np.float32).reshape(6, 2)), "saver: part")
    expect("strs" not in file.keys(), "saver: strs")
with np.load(path("objects.npz")) as file:
    expect(file["model/layers/1"].tolist() == [[3, 4]] and file["model/layers/1"].dtype == np.int64, "objects")
    expect(int(file["step"]) == 11, "objects: step")

try:
    import torch
    import transformers
except ImportError as error:
    print(f"no transformers: {error}")
    sys.exit(0)

with safe_open(os.path.join(fixtures, "bert.safetensors"), "pt") as file:
    ids, states = file.get_tensor("in/ids"), file.get_tensor("out/states")
for name in ("bert", "sharded"):
    model, loading = transformers.AutoModel.from_pretrained(path(name), output_loading_info=True)
    expect(not loading["missing_keys"], f"{name}: transformers misses {loading['missing_keys']}")
    with torch.no_grad():
        found = model.eval()(ids).last_hidden_state
    expect(torch.allclose(found, states, atol=1e-5), f"{name}: states differ by {(found - states).abs().max()}")
model, loading = transformers.BertForPreTraining.from_pretrained(path("bert"), output_loading_info=True)
expect(not loading["missing_keys"] and not loading["unexpected_keys"], f"bert: {loading}")
model = transformers.AutoModel.from_pretrained(path("bert_bf16"), dtype="auto")
expect(model.dtype == torch.bfloat16, f"bert_bf16: {model.dtype}")
from safetensors.torch import load_file as load_torch
for key, value in load_torch(path("bert_bf16", "model.safetensors")).items():
    wanted = torch.from_numpy(expected["bert"][key]).to(torch.bfloat16)
    expect(torch.equal(value, wanted), f"bert_bf16: {key} differs from PyTorch's cast")
tokenizer = transformers.BertTokenizer(path("bert", "vocab.txt"))
expect(tokenizer.convert_tokens_to_ids("[SEP]") == 3, "bert: vocab.txt")

with safe_open(os.path.join(fixtures, "gpt2.safetensors"), "pt") as file:
    ids, states = file.get_tensor("in/ids"), file.get_tensor("out/states")
model, loading = transformers.AutoModel.from_pretrained(path("gpt2"), output_loading_info=True)
expect(not loading["missing_keys"] and not loading["unexpected_keys"], f"gpt2: {loading}")
with torch.no_grad():
    found = model.eval()(ids).last_hidden_state
expect(torch.allclose(found, states, atol=1e-5), f"gpt2: states differ by {(found - states).abs().max()}")
print("read back with torch", torch.__version__, "and transformers", transformers.__version__)
