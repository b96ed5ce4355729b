"""PyTorch's side of the nlp benchmark: BERT-base with random weights, forward and training step.

Prints one JSON object: {"engine", "results": [{"metric", "batch", "sequence", "value", "unit", "samples"}]}.
"""
import argparse
import json

import torch
from transformers import BertConfig, BertForSequenceClassification, BertModel

from measuring import peak_memory, row, spread, timed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--sequence", type=int, default=128)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32", help="weights' and states' type")
    parser.add_argument("--part", choices=["inference", "training"], required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    batch, sequence = arguments.batch, arguments.sequence
    configuration = BertConfig()
    ids = torch.randint(0, configuration.vocab_size, (batch, sequence))
    results = []
    if arguments.part == "inference":
        model = BertModel(configuration).eval().to(getattr(torch, arguments.dtype))
        with torch.inference_mode():
            results.append(row("inference_throughput", batch, sequence, timed(lambda: model(ids), arguments.seconds)))
            one = ids[:1]
            times = timed(lambda: model(one), arguments.seconds)
            results.append(row("inference_latency", 1, sequence, times))
            results += spread(1, sequence, times)
    else:
        model = BertForSequenceClassification(configuration).train()
        optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
        labels = torch.randint(0, 2, (batch,))

        def step():
            optimizer.zero_grad(set_to_none=True)
            model(ids, labels=labels).loss.backward()
            optimizer.step()

        results.append(row("training_throughput", batch, sequence, timed(step, arguments.seconds)))
        results.append(peak_memory(batch, sequence))
    print(json.dumps({"engine": "PyTorch " + torch.__version__.split("+")[0], "results": results}))


if __name__ == "__main__":
    main()
