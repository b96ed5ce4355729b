#!/usr/bin/env python3
"""Writes Fixtures/adapters: a tiny BERT classifier, adapters of it as peft saves them, and what peft computes with each.

Needs torch, transformers and peft. Run it from this folder.
"""

import json
import os
import shutil
import warnings

import torch
from peft import LoraConfig, get_peft_model
from transformers import BertConfig, BertForSequenceClassification, GPT2LMHeadModel

warnings.filterwarnings("ignore")
torch.manual_seed(23)
ROOT = "Fixtures/adapters"
BASE = ROOT + "/base"
COMMON = dict(task_type="SEQ_CLS", init_lora_weights=False, lora_dropout=0.0)
ADAPTERS = {
    # The usual adapter of a classifier.
    "attention": LoraConfig(r=4, lora_alpha=8, target_modules=["query", "value"], **COMMON),
    # Every linear layer, ranks and alphas of their own, biases of the adapted layers.
    "all_linear": LoraConfig(r=3, lora_alpha=6, target_modules="all-linear", use_rslora=True, bias="lora_only",
                             rank_pattern={"key": 2}, alpha_pattern={"intermediate.dense": 5}, **COMMON),
    # A regular expression, a table, all biases.
    "table": LoraConfig(r=2, lora_alpha=3, target_modules=r".*(word_embeddings|layer\.1\.output\.dense)", bias="all",
                        **COMMON),
}

for name in [*ADAPTERS, "base"]:
    shutil.rmtree(f"{ROOT}/{name}", ignore_errors=True)
os.makedirs(ROOT, exist_ok=True)
base = BertForSequenceClassification(BertConfig(
    vocab_size=32, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
    max_position_embeddings=12, initializer_range=0.3, num_labels=3))
base.save_pretrained(BASE)

ids = torch.randint(3, 32, (3, 7))
ids[1, 5:] = 0
mask = (ids != 0).long()
labels = torch.tensor([2, 0, 1])


def fresh():
    return BertForSequenceClassification.from_pretrained(BASE).eval()


def numbers(tensor):
    return [round(x, 10) for x in tensor.detach().double().flatten().tolist()]


def stored_key(name):
    return name.removeprefix("base_model.model.").replace(".default", "").replace(".modules_to_save", "")


def run(model):
    model = model.double().eval()
    output = model(ids, attention_mask=mask, labels=labels)
    return output.logits, output.loss


expected = {"ids": ids.tolist(), "mask": mask.tolist(), "labels": labels.tolist(),
            "logits": numbers(run(fresh())[0]), "adapters": {}}
for name, config in ADAPTERS.items():
    model = get_peft_model(fresh(), config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(f"{ROOT}/{name}")
    os.remove(f"{ROOT}/{name}/README.md")
    logits, loss = run(model)
    loss.backward()
    gradients = {stored_key(k): numbers(p.grad) for k, p in model.named_parameters() if p.requires_grad}
    expected["adapters"][name] = {"logits": numbers(logits), "loss": loss.item(), "gradients": gradients}

with open(ROOT + "/expected.json", "w") as out:
    json.dump(expected, out)

# GPT-2's products have weights [inputs, outputs].
DECODER = "Fixtures/decoders/gpt2"
torch.manual_seed(29)
ids = torch.randint(0, 32, (2, 6))
config = LoraConfig(r=3, lora_alpha=6, target_modules=["c_attn", "c_proj"], task_type="CAUSAL_LM", fan_in_fan_out=True,
                    init_lora_weights=False, lora_dropout=0.0)
model = get_peft_model(GPT2LMHeadModel.from_pretrained(DECODER), config)
model.save_pretrained(f"{ROOT}/gpt2")
os.remove(f"{ROOT}/gpt2/README.md")
model = model.double().eval()
output = model(ids, labels=ids)
output.loss.backward()
gradients = {stored_key(k): numbers(p.grad) for k, p in model.named_parameters() if p.requires_grad}
with open(ROOT + "/gpt2/expected.json", "w") as out:
    json.dump({"ids": ids.tolist(), "logits": numbers(output.logits), "loss": output.loss.item(), "gradients": gradients},
              out)
