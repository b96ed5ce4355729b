"""PyTorch's side of `ds benchmark --task ops`: the same kernels on the same shapes, in the same units."""
import argparse
import json
import statistics

import torch
import torch.nn.functional as F

from measuring import timed


ATTENTION = (8, 12, 128, 64)


def backward(forward, *inputs):
    """The backward walk alone; the forward pass is made once."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    output = forward(*leaves)
    upstream = torch.ones_like(output)
    return lambda: torch.autograd.grad(output, leaves, upstream, retain_graph=True)


def training_cases():
    """(bytes, flops, body) of what needs gradients, by name."""
    x = torch.randn(4096, 768)
    weight, bias = torch.ones(768), torch.zeros(768)
    size = x.numel() * 4
    parameter = torch.nn.Parameter(x + 2)
    parameter.grad = x
    optimizer = torch.optim.AdamW([parameter], lr=1e-4)
    q, k, v = torch.randn(3, *ATTENTION)
    flops = 10 * 8 * 12 * 128 * 128 * 64
    attention = F.scaled_dot_product_attention
    return {
        "adamw": (7 * size, 0, optimizer.step),
        "gelu_backward": (3 * size, 0, backward(F.gelu, x)),
        "layer_norm_backward": (3 * size, 0, backward(lambda x, w, b: F.layer_norm(x, (768,), w, b), x, weight, bias)),
        "attention_backward": (0, flops, backward(attention, q, k, v)),
        "attention_backward_dropout": (0, flops, backward(lambda *all: attention(*all, dropout_p=0.1), q, k, v)),
    }


def other_cases():
    """(bytes, flops, body) of fused steps, searches, images and sequences, by name."""
    x = torch.randn(4096, 768)
    residual = x + 1
    weight, bias = torch.ones(768), torch.zeros(768)
    size = x.numel() * 4
    table, indices = torch.randn(30522, 768), torch.randint(0, 30522, (4096,))

    def add_layer_norm():
        total = x + residual
        return F.layer_norm(total, (768,), weight, bias), total

    maps, large = torch.randn(8, 64, 56, 56), torch.randn(8, 64, 112, 112)
    filters = torch.randn(64, 64, 3, 3)
    map_size = maps.numel() * 4
    scale, shift = torch.ones(64), torch.zeros(64)
    lstm, sequence = torch.nn.LSTM(256, 256), torch.randn(64, 32, 256)
    return {
        "add_layer_norm": (4 * size, 0, add_layer_norm),
        "dropout_add": (3 * size, 0, lambda: residual + F.dropout(x, 0.1)),
        "embedding": (2 * size, 0, lambda: F.embedding(indices, table)),
        "cumulative_sum": (2 * size, 0, lambda: x.cumsum(1)),
        "sort": (4 * size, 0, lambda: x.sort(dim=1, stable=True)),
        "top_10": (size, 0, lambda: x.topk(10, 1)),
        "convolution_3x3_8x64x56x56": (0, 2 * maps.numel() * 64 * 9, lambda: F.conv2d(maps, filters, padding=1)),
        "max_pool_3x3_8x64x112x112": (5 * map_size, 0, lambda: F.max_pool2d(large, 3, 2, 1)),
        "average_pool_2x2_8x64x112x112": (5 * map_size, 0, lambda: F.avg_pool2d(large, 2)),
        "batch_norm_8x64x56x56": (2 * map_size, 0, lambda: F.batch_norm(maps, None, None, scale, shift, training=True)),
        "lstm_64x32x256": (0, 2 * 64 * 32 * 512 * 1024, lambda: lstm(sequence)),
    }


def result(name, count, flops, body, seconds):
    rate = statistics.median((flops or count) / t / 1e9 for t in timed(body, seconds))
    metric, unit = ("gflops", "GFLOP/s") if flops else ("bandwidth", "GB/s")
    return dict(task=f"ops/{name}", metric=metric, unit=unit, value=rate)


def low_precision_cases():
    """(bytes, flops, body) of products in bfloat16, of 8-bit weights by an input that is quantized as it comes (to 7 bits, whatever
    the processor), and of one row."""
    cases = {}
    for m, k, n in ((1024, 768, 768), (1024, 768, 3072), (1024, 3072, 768), (128, 768, 3072)):
        x, layer = torch.rand(m, k) * 2 - 1, torch.nn.Linear(k, n, bias=False)
        # Bound now: each name's body must keep its own operands.
        cases[f"linear_bfloat16_{m}x{k}x{n}"] = (
            0, 2 * m * k * n, lambda a=x.bfloat16(), b=layer.weight.detach().bfloat16(): F.linear(a, b))
        quantized = torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(layer), {torch.nn.Linear}, torch.qint8)
        cases[f"linear_w8a7_{m}x{k}x{n}"] = (0, 2 * m * k * n, lambda a=x, layer=quantized: layer(a))
    x, weight = torch.rand(1, 4096), torch.rand(4096, 4096)
    for dtype, name in ((torch.float32, "float32"), (torch.bfloat16, "bfloat16")):
        a, b = x.to(dtype), weight.to(dtype)
        cases[f"row_{name}_4096x4096"] = (b.numel() * b.element_size(), 0, lambda a=a, b=b: F.linear(a, b))
    return cases


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
            results.append(result(name, count, 0, body, arguments.seconds))
        for m, k, n in ((1024, 768, 768), (1024, 768, 3072), (1024, 3072, 768), (128, 768, 3072), (32, 768, 3072)):
            a, b = torch.rand(m, k), torch.rand(n, k)
            results.append(result(f"linear_{m}x{k}x{n}", 0, 2 * m * k * n, lambda: F.linear(a, b), arguments.seconds))
        q = torch.randn(*ATTENTION)
        body = lambda: F.scaled_dot_product_attention(q, q, q)
        results.append(result("attention_8x12x128x64", 0, 4 * 8 * 12 * 128 * 128 * 64, body, arguments.seconds))
    for name, case in training_cases().items():
        results.append(result(name, *case, arguments.seconds))
    with torch.inference_mode():
        for name, case in (other_cases() | low_precision_cases()).items():
            results.append(result(name, *case, arguments.seconds))
    print(json.dumps({"engine": "PyTorch " + torch.__version__.split("+")[0], "results": results}))


if __name__ == "__main__":
    main()
