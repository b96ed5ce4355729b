"""Writes BERT-base with random weights as ONNX, for ONNX Runtime and OpenVINO: export_bert.py FILE."""
import sys

import torch
from transformers import BertConfig, BertModel


class States(torch.nn.Module):
    """The encoder's hidden states alone, so that the graph has one output."""

    def __init__(self):
        super().__init__()
        self.bert = BertModel(BertConfig(), add_pooling_layer=False).eval()

    def forward(self, ids):
        return self.bert(ids).last_hidden_state


def main():
    torch.manual_seed(0)
    ids = torch.randint(0, 30522, (8, 128))
    torch.onnx.export(States(), (ids,), sys.argv[1], input_names=["ids"], output_names=["states"],
                      dynamic_shapes={"ids": {0: torch.export.Dim("batch", min=1, max=64)}}, dynamo=True)


if __name__ == "__main__":
    main()
