"""PyTorch's side of the startup benchmark: one sentence embedded by a model folder, and out.

embed_torch.py MODEL SENTENCE
"""
import json
import sys

import torch
from transformers import AutoModel, AutoTokenizer

model, sentence = sys.argv[1:3]
tokens = AutoTokenizer.from_pretrained(model)([sentence], return_tensors="pt")
with torch.inference_mode():
    states = AutoModel.from_pretrained(model).eval()(**tokens).last_hidden_state
vector = torch.nn.functional.normalize(states.mean(1))[0]
print(json.dumps({"engine": "PyTorch " + torch.__version__.split("+")[0], "embedding": vector.tolist()}))
