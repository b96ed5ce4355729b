#!/usr/bin/env python3
"""Writes Fixtures/NAME: tiny encoders with random weights, as transformers saves them, and the states that it computes.

Needs torch and transformers. Run it from this folder.
"""

import json
import shutil
import warnings

import torch
from transformers import (BertConfig, BertForMaskedLM, BertModel, CamembertConfig, CamembertModel, DistilBertConfig,
                          DistilBertModel, RobertaConfig, RobertaModel, XLMRobertaConfig, XLMRobertaForMaskedLM)

warnings.filterwarnings("ignore")
torch.manual_seed(11)
SIZES = dict(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
             initializer_range=0.3)
PADDED = dict(SIZES, max_position_embeddings=14, type_vocab_size=1, pad_token_id=1)
MODELS = {
    "bert": BertModel(BertConfig(**SIZES, max_position_embeddings=12)),
    "bert_masked_lm": BertForMaskedLM(BertConfig(**SIZES, max_position_embeddings=12, hidden_act="gelu_new")),
    "roberta": RobertaModel(RobertaConfig(**PADDED)),
    "xlm_roberta": XLMRobertaForMaskedLM(XLMRobertaConfig(**PADDED)),
    "camembert": CamembertModel(CamembertConfig(**PADDED)),
    "distilbert": DistilBertModel(DistilBertConfig(
        vocab_size=40, dim=16, n_layers=2, n_heads=4, hidden_dim=24, max_position_embeddings=12, initializer_range=0.3)),
}

for name, model in MODELS.items():
    model = model.eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    folder = "Fixtures/" + name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    pad = model.config.pad_token_id
    ids = torch.randint(3, 40, (2, 7))
    ids[1, 5:] = pad
    mask = (ids != pad).long()
    encoder = getattr(model, model.base_model_prefix, model)
    with torch.no_grad():
        states = encoder(ids, attention_mask=mask).last_hidden_state
    with open(folder + "/expected.json", "w") as out:
        json.dump({"ids": ids.tolist(), "mask": mask.tolist(), "states": states.flatten().tolist()}, out)
