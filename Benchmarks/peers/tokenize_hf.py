"""The side of Hugging Face's tokenizers of the tokenize benchmark: the same file, the same texts.

Prints one JSON object: {"engine", "results": [{"metric", "value", "unit", "samples"}]}.
"""
import argparse
import json
import os
import statistics

import tokenizers

from measuring import timed

TEXT_SIZE = 1 << 20


def row(metric, unit, samples):
    return dict(metric=metric, value=statistics.median(samples), unit=unit, samples=samples)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--input", required=True)
    parser.add_argument("--seconds", type=float, default=3)
    arguments = parser.parse_args()
    path = os.path.join(arguments.model, "tokenizer.json")
    loads = timed(lambda: tokenizers.Tokenizer.from_file(path), arguments.seconds)
    tokenizer = tokenizers.Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(arguments.input, encoding="utf-8") as file:
        lines = file.read().split("\n")
    if lines and not lines[-1]:
        lines.pop()
    size = sum(len(line.encode()) for line in lines)
    texts = lines * ((TEXT_SIZE + size - 1) // size)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    alone = timed(lambda: tokenizer.encode_batch(texts), arguments.seconds)
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    together = timed(lambda: tokenizer.encode_batch(texts), arguments.seconds)
    print(json.dumps({"engine": "tokenizers " + tokenizers.__version__, "results": [
        row("load_time", "ms", [s * 1e3 for s in loads]),
        row("tokenizing_throughput_per_thread", "MB/s", [megabytes / s for s in alone]),
        row("tokenizing_throughput", "MB/s", [megabytes / s for s in together]),
    ]}))


if __name__ == "__main__":
    main()
