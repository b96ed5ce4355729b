"""Compares `ds embed --json` with the reference: check_embeddings.py RESULT.json. Exits 1 when they differ."""
import json
import os
import sys

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
# In float32, summed in another order than PyTorch's.
TOLERANCE = 2e-5


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        results = json.load(file)
    with open(os.path.join(HERE, "lines.txt"), encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")[:-1]
    with open(os.path.join(HERE, "minilm_ids.json"), encoding="utf-8") as file:
        ids = json.load(file)
    expected = numpy.load(os.path.join(HERE, "minilm.npy"))
    assert len(results) == len(lines) == len(expected), (len(results), len(lines), len(expected))
    for index, result in enumerate(results):
        assert set(result) == {"text", "ids", "embedding"}, sorted(result)
        assert result["text"] == lines[index], f"line {index + 1}: {result['text']!r}"
        assert result["ids"] == ids[index], f"line {index + 1}: token ids differ for {lines[index][:80]!r}"
    actual = numpy.array([result["embedding"] for result in results], dtype=numpy.float32)
    difference = numpy.abs(actual - expected).max(axis=1)
    worst = int(difference.argmax())
    assert difference[worst] <= TOLERANCE, f"line {worst + 1}: differs by {difference[worst]:.2e}"
    print(f"{len(lines)} sentences: ids equal, embeddings within {difference[worst]:.2e} of PyTorch's")


if __name__ == "__main__":
    main()
