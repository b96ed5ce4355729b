"""PyTorch's side of the nlp benchmark: BERT-base with random weights, forward and training step.

Prints one JSON object: {"engine", "results": [{"metric", "batch", "sequence", "value", "unit", "samples"}]}.
"""
import argparse
import json
import resource
import statistics
import time

import torch
from transformers import BertConfig, BertForSequenceClassification, BertModel


def timed(step, seconds, minimum=3):
    step()
    samples = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(samples) < minimum:
        begin = time.perf_counter()
        step()
        samples.append(time.perf_counter() - begin)
    return samples


def row(metric, batch, sequence, seconds):
    median = statistics.median(seconds)
    if metric == "inference_latency":
        return dict(metric=metric, batch=batch, sequence=sequence, value=median * 1e3, unit="ms",
                    samples=[s * 1e3 for s in seconds])
    return dict(metric=metric, batch=batch, sequence=sequence, value=batch / median, unit="samples/s",
                samples=[batch / s for s in seconds])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--sequence", type=int, default=128)
    parser.add_argument("--part", choices=["inference", "training"], required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    batch, sequence = arguments.batch, arguments.sequence
    configuration = BertConfig()
    ids = torch.randint(0, configuration.vocab_size, (batch, sequence))
    results = []
    if arguments.part == "inference":
        model = BertModel(configuration).eval()
        with torch.inference_mode():
            results.append(row("inference_throughput", batch, sequence, timed(lambda: model(ids), arguments.seconds)))
            one = ids[:1]
            results.append(row("inference_latency", 1, sequence, timed(lambda: model(one), arguments.seconds)))
    else:
        model = BertForSequenceClassification(configuration).train()
        optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
        labels = torch.randint(0, 2, (batch,))

        def step():
            optimizer.zero_grad(set_to_none=True)
            model(ids, labels=labels).loss.backward()
            optimizer.step()

        results.append(row("training_throughput", batch, sequence, timed(step, arguments.seconds)))
        results.append(dict(metric="peak_memory", batch=batch, sequence=sequence, unit="MB", samples=[],
                            value=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    print(json.dumps({"engine": "PyTorch " + torch.__version__.split("+")[0], "results": results}))


if __name__ == "__main__":
    main()
