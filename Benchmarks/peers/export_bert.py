"""Writes BERT-base with random weights as ONNX, for ONNX Runtime and OpenVINO: export_bert.py FILE.

export_bert.py FILE MODEL: the encoder in a folder, for any batch and length, with a mask.
"""
import sys

import torch
from transformers import AutoModel, BertConfig, BertModel


class States(torch.nn.Module):
    """The encoder's hidden states alone, so that the graph has one output."""

    def __init__(self):
        super().__init__()
        self.bert = BertModel(BertConfig(), add_pooling_layer=False).eval()

    def forward(self, ids):
        return self.bert(ids).last_hidden_state


class MaskedStates(torch.nn.Module):
    def __init__(self, folder):
        super().__init__()
        self.bert = AutoModel.from_pretrained(folder).eval()

    def forward(self, ids, mask):
        return self.bert(input_ids=ids, attention_mask=mask).last_hidden_state


def export_folder(target, folder):
    ids = torch.randint(1000, 2000, (3, 17))
    free = {0: torch.export.Dim("batch", min=1, max=256), 1: torch.export.Dim("sequence", min=2, max=512)}
    torch.onnx.export(MaskedStates(folder), (ids, torch.ones_like(ids)), target, input_names=["ids", "mask"],
                      output_names=["states"], dynamic_shapes={"ids": free, "mask": free}, dynamo=True)


def main():
    if len(sys.argv) > 2:
        export_folder(*sys.argv[1:])
        return
    torch.manual_seed(0)
    ids = torch.randint(0, 30522, (8, 128))
    torch.onnx.export(States(), (ids,), sys.argv[1], input_names=["ids"], output_names=["states"],
                      dynamic_shapes={"ids": {0: torch.export.Dim("batch", min=1, max=64)}}, dynamo=True)


if __name__ == "__main__":
    main()
