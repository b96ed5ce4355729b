#!/usr/bin/env python3
"""Writes Fixtures/decoder_NAME.onnx: tiny decoders with random weights as PyTorch exports them, attention written out; and
what ONNX Runtime gives for them.

  python make_decoder_onnx.py     needs torch, transformers, onnx, onnxruntime and safetensors; run from this folder
"""

import warnings

import numpy as np
import onnx
import onnxruntime as ort
import torch
from safetensors.numpy import save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

warnings.filterwarnings("ignore")
torch.manual_seed(11)


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits


def gpt2(attention):
    return GPT2LMHeadModel(GPT2Config(
        vocab_size=48, n_embd=16, n_layer=1, n_head=4, n_positions=32, initializer_range=0.3, bos_token_id=1,
        eos_token_id=2, attn_implementation=attention))


def llama(attention):
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=48, hidden_size=16, intermediate_size=20, num_hidden_layers=1, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=32, initializer_range=0.3, attn_implementation=attention))


MODELS = {
    # The mask is added, by the lowest number.
    "gpt2": gpt2("eager"),
    # The mask is added, by -inf, and rows without any key are turned to zeros; heads are shared.
    "llama": llama("sdpa"),
}

for name, model in MODELS.items():
    ids = torch.randint(3, 48, (2, 7))
    feeds = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    feeds["attention_mask"][1, 5:] = 0
    axes = {key: {0: "batch", 1: "sequence"} for key in feeds}
    path = f"Fixtures/decoder_{name}.onnx"
    torch.onnx.export(
        Logits(model.eval()), tuple(feeds.values()), path, input_names=list(feeds), output_names=["logits"],
        dynamic_axes=axes, dynamo=False, opset_version=17)
    exported = onnx.load(path)
    for node in exported.graph.node:
        # Where in the sources each node comes from is most of the file.
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
        node.ClearField("name")
    onnx.save(exported, path)
    arrays = {key: value.numpy() for key, value in feeds.items()}
    logits = ort.InferenceSession(path).run(None, arrays)[0]
    assert np.isfinite(logits).all()
    entries = {"in/" + key: value for key, value in arrays.items()}
    save_file({**entries, "out/logits": np.ascontiguousarray(logits)}, f"Fixtures/decoder_{name}.safetensors")
