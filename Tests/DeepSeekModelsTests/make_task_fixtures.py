#!/usr/bin/env python3
"""Writes Fixtures/tasks/FAMILY-TASK: tiny models with heads and random weights, as transformers saves them, and the logits,
the loss and all gradients that it computes.

Needs torch and transformers. Run it from this folder; with names after it, it writes those alone.
"""

import shutil
import sys
import warnings

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import (AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForQuestionAnswering,
                          AutoModelForSequenceClassification, AutoModelForTokenClassification, BertTokenizer)

warnings.filterwarnings("ignore")
torch.manual_seed(23)
VOCABULARY = 24
BERT = dict(vocab_size=VOCABULARY, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
            initializer_range=0.3, max_position_embeddings=10)
ROBERTA = dict(BERT, max_position_embeddings=12, type_vocab_size=1, pad_token_id=1)
FAMILIES = {
    "bert": BERT,
    "roberta": ROBERTA,
    "xlm-roberta": ROBERTA,
    "camembert": ROBERTA,
    "distilbert": dict(vocab_size=VOCABULARY, dim=8, n_layers=2, n_heads=2, hidden_dim=12, initializer_range=0.3,
                       max_position_embeddings=10),
}
NAMES = {"id2label": {0: "negative", 1: "neutral", 2: "positive"},
         "label2id": {"negative": 0, "neutral": 1, "positive": 2}}
LLAMA = dict(vocab_size=VOCABULARY, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
             intermediate_size=12, initializer_range=0.3, max_position_embeddings=10, pad_token_id=0, bos_token_id=1,
             eos_token_id=2)
DECODERS = {
    "gpt2": dict(vocab_size=VOCABULARY, n_embd=8, n_layer=2, n_head=2, n_inner=12, n_positions=10, initializer_range=0.3,
                 pad_token_id=0, bos_token_id=1, eos_token_id=2),
    "llama": LLAMA,
    "mistral": dict(LLAMA, sliding_window=4),
    "qwen2": LLAMA,
}
TASKS = {
    "sequence": (AutoModelForSequenceClassification, NAMES),
    "token": (AutoModelForTokenClassification, dict(num_labels=5)),
    "question": (AutoModelForQuestionAnswering, {}),
    "masked": (AutoModelForMaskedLM, {}),
}
CAUSAL = {
    "bert-causal": ("bert", dict(bos_token_id=1, eos_token_id=2)),
    "roberta-causal": ("roberta", dict(tie_word_embeddings=False)),
}
VARIANTS = {
    "bert-regression": ("bert", "sequence", dict(num_labels=1)),
    "roberta-multilabel": ("roberta", "sequence",
                           dict(num_labels=3, problem_type="multi_label_classification", classifier_dropout=0.3)),
    "bert-untied": ("bert", "masked", dict(tie_word_embeddings=False, hidden_act="gelu_new")),
    "roberta-untied": ("roberta", "masked", dict(tie_word_embeddings=False)),
    "distilbert-untied": ("distilbert", "masked", dict(tie_word_embeddings=False, activation="relu")),
}


def labels_for(name, task, mask):
    """Labels of two sequences, the second padded."""
    if name == "bert-regression":
        return {"labels": torch.tensor([0.25, -1.5])}
    if name == "roberta-multilabel":
        return {"labels": torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])}
    if task == "sequence":
        return {"labels": torch.tensor([2, 0])}
    if task == "question":
        # The second answer's end was cut off.
        return {"start_positions": torch.tensor([1, 3]), "end_positions": torch.tensor([4, 30])}
    if task == "token":
        return {"labels": torch.randint(0, 5, mask.shape).masked_fill(mask == 0, -100)}
    return {"labels": torch.randint(0, VOCABULARY, mask.shape).masked_fill(torch.rand(mask.shape) < 0.5, -100)}


def write(name, family, task, extra):
    auto, base = (TASKS | {"causal": (AutoModelForCausalLM, dict(is_decoder=True))})[task]
    settings = dict((FAMILIES | DECODERS)[family], **{**({} if "num_labels" in extra else base), **extra}, made_for="tests")
    model = auto.from_config(AutoConfig.for_model(family, **settings)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    folder = "Fixtures/tasks/" + name
    if names and name not in names:
        return
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    pad = model.config.pad_token_id
    ids = torch.randint(3, VOCABULARY, (2, 7))
    ids[1, 5:] = pad
    mask = (ids != pad).long()
    inputs = {"input_ids": ids, "attention_mask": mask}
    if family == "bert":
        inputs["token_type_ids"] = torch.tensor([[0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 0, 0]])
    labels = {"labels": ids.masked_fill(mask == 0, -100)} if task == "causal" else labels_for(name, task, mask)
    output = model(**inputs, **labels)
    output.loss.backward()
    if task == "question":
        logits = torch.stack([output.start_logits, output.end_logits], dim=-1)
        labels = {"labels": torch.stack([labels["start_positions"], labels["end_positions"]], dim=-1)}
    else:
        logits = output.logits
    tensors = dict(inputs, logits=logits.detach(), loss=output.loss.detach(), **labels)
    if task == "causal":
        text = ids[:1, :3]
        with torch.no_grad():
            while text.shape[1] < 9:
                text = torch.cat([text, model(text).logits[:, -1:].argmax(-1)], dim=1)
        assert pad not in text[0, 3:], "another seed: padding in a text is no place"
        tensors["greedy"] = text
    # Of a tied weight's names, the one that is saved.
    with safe_open(folder + "/model.safetensors", "pt") as file:
        saved = set(file.keys())
    for key, parameter in model.named_parameters(remove_duplicate=False):
        if parameter.grad is not None and key in saved:
            tensors["gradient." + key] = parameter.grad
    save_file({key: value.contiguous() for key, value in tensors.items()}, folder + "/expected_values.safetensors")


names = sys.argv[1:]
if not names:
    shutil.rmtree("Fixtures/tasks", ignore_errors=True)
for family in FAMILIES:
    for task in TASKS:
        write(f"{family}-{task}", family, task, {})
for name, (family, task, extra) in VARIANTS.items():
    write(name, family, task, extra)
for family in DECODERS:
    for task in ("sequence", "token", "question"):
        write(f"{family}-{task}", family, task, {})
for name, (family, extra) in CAUSAL.items():
    write(name, family, "causal", extra)
if names:
    sys.exit()
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "man", "is", "eat", "##ing", "food", "."]
tokenizer = BertTokenizer(vocab={word: i for i, word in enumerate(words)}, model_max_length=10)
tokenizer.save_pretrained("Fixtures/tasks/bert-sequence")
print("transformers", transformers.__version__)
