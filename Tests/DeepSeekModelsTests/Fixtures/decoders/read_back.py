"""Opens every decoder in the folder sys.argv[2] with transformers and compares its logits with those of the fixtures in
sys.argv[1]."""

import os
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

fixtures, saved = sys.argv[1:]
for name in sorted(os.listdir(saved)):
    model, report = AutoModelForCausalLM.from_pretrained(f"{saved}/{name}", output_loading_info=True)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not report[kind], (name, kind, report[kind])
    expected = load_file(f"{fixtures}/{'llama' if name == 'gguf' else name}/expected.safetensors")
    with torch.no_grad():
        logits = model.eval()(expected["ids"].long()).logits
    difference = (logits - expected["none.logits"]).abs().max().item()
    assert difference < 1e-5, (name, difference)
print("all read back")
