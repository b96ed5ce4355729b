#!/usr/bin/env python3
"""Writes Fixtures/decoders/NAME: tiny decoders with random weights, as transformers saves them, with logits, loss and
gradients that it computes, with and without padding on either side; what it generates greedily and by beams; and
Fixtures/decoders/processors.json, logits before and after its logits processors.

Needs torch, transformers and safetensors. Run it from this folder.
"""

import json
import shutil
import warnings

import torch
from safetensors.torch import save_file
from transformers import (GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM,
                          Qwen2Config, Qwen2ForCausalLM)
from transformers.generation.logits_process import (MinLengthLogitsProcessor, MinNewTokensLengthLogitsProcessor,
                                                    MinPLogitsWarper, NoBadWordsLogitsProcessor,
                                                    NoRepeatNGramLogitsProcessor, RepetitionPenaltyLogitsProcessor,
                                                    SuppressTokensAtBeginLogitsProcessor, SuppressTokensLogitsProcessor,
                                                    TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper)

warnings.filterwarnings("ignore")
torch.manual_seed(7)
SIZES = dict(vocab_size=48, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=32, initializer_range=0.3, bos_token_id=1, eos_token_id=2)


def llama(**more):
    return LlamaForCausalLM(LlamaConfig(**{**SIZES, "pad_token_id": 0, **more}))


MODELS = {
    "gpt2": GPT2LMHeadModel(GPT2Config(
        vocab_size=48, n_embd=16, n_layer=2, n_head=4, n_inner=20, n_positions=32, initializer_range=0.3, bos_token_id=1,
        eos_token_id=2, scale_attn_by_inverse_layer_idx=True, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)),
    "llama": llama(),
    "llama_biases": llama(attention_bias=True, mlp_bias=True, tie_word_embeddings=True, head_dim=6, hidden_act="gelu_new"),
    "llama_linear": llama(rope_parameters={"rope_type": "linear", "factor": 4.0, "rope_theta": 500.0}),
    "llama_dynamic": llama(
        max_position_embeddings=6, rope_parameters={"rope_type": "dynamic", "factor": 3.0, "rope_theta": 1000.0}),
    "llama3": llama(rope_parameters={
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16, "rope_theta": 500.0}),
    "llama_yarn": llama(head_dim=8, rope_parameters={
        "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8, "beta_fast": 2.0, "beta_slow": 0.5,
        "mscale": 0.7, "mscale_all_dim": 0.2, "rope_theta": 50.0}),
    "mistral": MistralForCausalLM(MistralConfig(**SIZES, sliding_window=4, pad_token_id=0)),
    "qwen2": Qwen2ForCausalLM(Qwen2Config(**{
        **SIZES, "num_hidden_layers": 3, "use_sliding_window": True, "sliding_window": 3, "max_window_layers": 1,
        "tie_word_embeddings": True, "pad_token_id": 0})),
}


def sides(ids):
    """The batch as it is, and its second row's first three or last three tokens as padding."""
    for name in ("none", "left", "right"):
        mask = torch.ones_like(ids)
        if name == "left":
            mask[1, :3] = 0
        elif name == "right":
            mask[1, -3:] = 0
        yield name, mask


for name, model in MODELS.items():
    model = model.eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    folder = "Fixtures/decoders/" + name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    ids = torch.randint(3, 48, (2, 9))
    expected = {"ids": ids.int()}
    for side, mask in sides(ids):
        labels = torch.where(mask == 1, ids, -100)
        model.zero_grad()
        out = model(ids, attention_mask=mask, labels=labels)
        out.loss.backward()
        expected[f"{side}.mask"] = mask.int()
        expected[f"{side}.logits"] = out.logits.detach().contiguous()
        expected[f"{side}.loss"] = out.loss.detach().reshape(1)
        if side == "right":
            continue
        seen = set()
        for key, parameter in model.named_parameters():
            if parameter.data_ptr() not in seen:
                seen.add(parameter.data_ptr())
                expected[f"{side}.gradient.{key}"] = parameter.grad.clone()
    mask = torch.ones_like(ids)
    mask[1, :3] = 0
    common = dict(attention_mask=mask, do_sample=False, pad_token_id=0)
    with torch.no_grad():
        greedy = model.generate(ids, max_new_tokens=12, eos_token_id=[2, 5], **common)
        beams = model.generate(ids, max_new_tokens=8, eos_token_id=[2, 5], num_beams=3, **common)
    expected["greedy"] = greedy[:, 9:].int().contiguous()
    expected["beams"] = beams[:, 9:].int().contiguous()
    save_file(expected, folder + "/expected.safetensors")

torch.manual_seed(3)
scores = torch.randn(2, 24) * 2
scores[0, 3] = scores[0, 4]
history = torch.tensor([[1, 4, 9, 1, 4], [0, 2, 7, 0, 2]])
PROCESSORS = {
    "temperature 0.7": TemperatureLogitsWarper(0.7),
    "topK 5": TopKLogitsWarper(5),
    "topK 100": TopKLogitsWarper(100),
    "topP 0.8": TopPLogitsWarper(0.8),
    "topP 0.05": TopPLogitsWarper(0.05),
    "minP 0.1": MinPLogitsWarper(0.1),
    "repetitionPenalty 1.3": RepetitionPenaltyLogitsProcessor(1.3),
    "minimum 3": MinNewTokensLengthLogitsProcessor(3, 3, [2, 5], "cpu"),
    "minimum 2": MinNewTokensLengthLogitsProcessor(3, 2, [2, 5], "cpu"),
    "minimumLength 6": MinLengthLogitsProcessor(6, torch.tensor([2, 5])),
    "minimumLength 5": MinLengthLogitsProcessor(5, torch.tensor([2, 5])),
    "distinct 1": NoRepeatNGramLogitsProcessor(1),
    "distinct 2": NoRepeatNGramLogitsProcessor(2),
    "distinct 3": NoRepeatNGramLogitsProcessor(3),
    "distinct 4": NoRepeatNGramLogitsProcessor(4),
    "forbidden 0": NoBadWordsLogitsProcessor([[5], [3], [4, 6], [2, 8, 9], [0, 2, 11]], torch.tensor([2, 5])),
    "suppressed 0": SuppressTokensLogitsProcessor([3, 17]),
    "first 5": SuppressTokensAtBeginLogitsProcessor([3, 17], 5),
    "first 3": SuppressTokensAtBeginLogitsProcessor([3, 17], 3),
}


def plain(tensor):
    return [[None if value == float("-inf") else value for value in row] for row in tensor.tolist()]


cases = [{"name": name, "scores": plain(processor(history, scores.clone()))} for name, processor in PROCESSORS.items()]
chained = scores.clone()
for processor in (RepetitionPenaltyLogitsProcessor(1.2), TemperatureLogitsWarper(0.8), TopKLogitsWarper(10),
                  TopPLogitsWarper(0.9), MinPLogitsWarper(0.05)):
    chained = processor(history, chained)
cases.append({"name": "chain", "scores": plain(chained)})
with open("Fixtures/decoders/processors.json", "w") as out:
    json.dump({"scores": scores.tolist(), "history": history.tolist(), "cases": cases}, out)
