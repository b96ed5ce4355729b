"""PyTorch's side of `ds benchmark --task ops`: the same kernels on the same shapes, in the same units."""
import argparse
import json

import torch
import torch.nn.functional as F

from bert_torch import timed
import statistics


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.5)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    x = torch.randn(4096, 768)
    y = x + 1
    weight, bias = torch.ones(768), torch.zeros(768)
    labels = torch.randint(0, 768, (4096,))
    size = x.numel() * 4
    cases = {
        "add": (3 * size, lambda: x + y),
        "exp": (2 * size, lambda: x.exp()),
        "tanh": (2 * size, lambda: x.tanh()),
        "gelu": (2 * size, lambda: F.gelu(x)),
        "sum": (size, lambda: x.sum()),
        "sum_rows": (size, lambda: x.sum(1)),
        "sum_columns": (size, lambda: x.sum(0)),
        "softmax": (2 * size, lambda: x.softmax(1)),
        "layer_norm": (2 * size, lambda: F.layer_norm(x, (768,), weight, bias)),
        "cross_entropy": (size, lambda: F.cross_entropy(x, labels)),
        "dropout": (2 * size, lambda: F.dropout(x, 0.1)),
        "transpose_copy": (2 * size, lambda: x.t().contiguous()),
        "cast_bfloat16": (size + size // 2, lambda: x.bfloat16()),
    }
    results = []
    with torch.inference_mode():
        for name, (count, body) in cases.items():
            rate = statistics.median(count / t / 1e9 for t in timed(body, arguments.seconds))
            results.append(dict(task=f"ops/{name}", metric="bandwidth", unit="GB/s", value=rate))
        for m, k, n in ((1024, 768, 768), (1024, 768, 3072), (1024, 3072, 768), (128, 768, 3072), (32, 768, 3072)):
            a, b = torch.rand(m, k), torch.rand(n, k)
            rate = statistics.median(2 * m * k * n / t / 1e9 for t in timed(lambda: F.linear(a, b), arguments.seconds))
            results.append(dict(task=f"ops/linear_{m}x{k}x{n}", metric="gflops", unit="GFLOP/s", value=rate))
        q = torch.randn(8, 12, 128, 64)
        flops = 4 * 8 * 12 * 128 * 128 * 64
        body = lambda: F.scaled_dot_product_attention(q, q, q)
        rate = statistics.median(flops / t / 1e9 for t in timed(body, arguments.seconds))
        results.append(dict(task="ops/attention_8x12x128x64", metric="gflops", unit="GFLOP/s", value=rate))
    print(json.dumps({"engine": "PyTorch " + torch.__version__.split("+")[0], "results": results}))


if __name__ == "__main__":
    main()
