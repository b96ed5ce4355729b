"""Writes Fixtures: how PyTorch's autocast on the CPU treats operators, and a training curve under it; what scikit-learn and
SciPy say of made predictions of each GLUE task, by the metrics of Hugging Face's `evaluate`; the factors of transformers'
learning rate schedulers.

Made with torch 2.13, one thread, scikit-learn, SciPy and transformers 5.24. Run: python3 make_fixtures.py [glue | courses]
"""

import json
import pathlib
import random
import sys
from types import SimpleNamespace

import torch
from safetensors.torch import save_file
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent / "Fixtures"
torch.set_num_threads(1)


def types():
    """The element type of each operator's output, given float32 and bfloat16 inputs, inside autocast(bfloat16)."""
    result = {}
    for given in (torch.float32, torch.bfloat16):
        x = torch.randn(4, 8).to(given)
        q = torch.randn(2, 2, 4, 8).to(given)
        image = torch.randn(1, 3, 8, 8).to(given)
        full = torch.randn(4, 8)
        weight = torch.randn(8, 8)
        targets = torch.tensor([0, 1, 2, 3])
        with torch.autocast("cpu", torch.bfloat16):
            outputs = {
                "matmul": x @ weight,
                "linear": F.linear(x, weight, torch.randn(8)),
                "conv2d": F.conv2d(image, torch.randn(4, 3, 3, 3)),
                "attention": F.scaled_dot_product_attention(q, q, q),
                "relu": F.relu(x),
                "gelu": F.gelu(x),
                "tanh": torch.tanh(x),
                "add": x + x,
                "add_mixed": x + full,
                "concatenate": torch.cat([x, x]),
                "concatenate_mixed": torch.cat([x, full]),
                "transpose": x.t(),
                "max": x.max(),
                "cross_entropy": F.cross_entropy(x, targets),
                "mse_loss": F.mse_loss(x, full),
            }
        for name, output in outputs.items():
            result[f"{name}/{str(given).split('.')[1]}"] = str(output.dtype).split(".")[1]
    return result


def curve():
    """Losses of a small classifier trained with AdamW, in float32 and under autocast, from the same weights and batches."""
    torch.manual_seed(7)
    weights = {
        "first.weight": torch.randn(64, 32) * 0.2, "first.bias": torch.zeros(64),
        "norm.weight": torch.ones(64), "norm.bias": torch.zeros(64),
        "second.weight": torch.randn(10, 64) * 0.2, "second.bias": torch.zeros(10),
    }
    inputs = torch.randn(40, 16, 32)
    truth = torch.randn(32, 10)
    targets = (inputs @ truth).argmax(-1)
    save_file({**weights, "inputs": inputs, "targets": targets}, HERE / "autocast.safetensors")
    losses = {}
    for precision in ("float32", "bfloat16"):
        p = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
        optimizer = torch.optim.AdamW(p.values(), lr=1e-2, weight_decay=0.01)
        losses[precision] = []
        for x, y in zip(inputs, targets):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                h = F.gelu(F.linear(x, p["first.weight"], p["first.bias"]))
                h = F.layer_norm(h, (64,), p["norm.weight"], p["norm.bias"], 1e-5)
                loss = F.cross_entropy(F.linear(h, p["second.weight"], p["second.bias"]), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses[precision].append(loss.item())
    return losses


def glue():
    """Predictions and labels of each task, and its metric: some right, all wrong, one class alone."""
    from scipy.stats import pearsonr, spearmanr
    from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

    random.seed(3)
    classes = {"cola": 2, "sst2": 2, "mrpc": 2, "qqp": 2, "stsb": 0, "mnli": 3, "mnli_matched": 3, "mnli_mismatched": 3,
               "qnli": 2, "rte": 2, "wnli": 2, "ax": 3}
    cases = []
    for task, count in classes.items():
        for kind in ("some", "wrong", "one"):
            if task == "stsb":
                labels = [round(random.uniform(0, 5) * 5) / 5 for _ in range(40)]
                predictions = {"some": [x + random.gauss(0, 1) for x in labels], "wrong": [5 - x for x in labels],
                               "one": [round(x) for x in labels]}[kind]
                scores = {"pearson": pearsonr(predictions, labels)[0], "spearmanr": spearmanr(predictions, labels)[0]}
            else:
                labels = [random.randrange(count) for _ in range(40)]
                predictions = {"some": [x if random.random() < 0.7 else random.randrange(count) for x in labels],
                               "wrong": [(x + 1) % count for x in labels], "one": [0] * 40}[kind]
                if task in ("cola", "ax"):
                    scores = {"matthews_correlation": matthews_corrcoef(labels, predictions)}
                else:
                    scores = {"accuracy": accuracy_score(labels, predictions)}
                    if task in ("mrpc", "qqp"):
                        scores["f1"] = f1_score(labels, predictions)
            cases.append({"task": task, "predictions": predictions, "labels": labels,
                          "scores": {name: float(value) for name, value in scores.items()}})
    return cases


def courses(total=40):
    """What transformers' schedulers multiply the learning rate by, by the steps of the warm-up; shares of steps as steps."""
    from transformers import TrainingArguments, get_scheduler

    settings = {
        "constant_with_warmup": {}, "linear": {}, "cosine": {}, "inverse_sqrt": {},
        "cosine_with_restarts": {"num_cycles": 3}, "polynomial": {"power": 2, "lr_end": 0.1},
        "cosine_with_min_lr": {"min_lr_rate": 0.2}, "warmup_stable_decay": {"num_decay_steps": 8},
    }
    warmups = {}
    for warmup in (0, 7):
        warmups[str(warmup)] = {}
        for name, more in settings.items():
            optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
            schedule = get_scheduler(name, optimizer, warmup, total, scheduler_specific_kwargs=more)
            factors = []
            for _ in range(total + 1):
                factors.append(schedule.get_last_lr()[0])
                optimizer.step()
                schedule.step()
            warmups[str(warmup)][name] = factors
    shares = [(0.1, 14), (0.1, 15), (0.1, 30), (0.06, 100), (0.06, 101), (0.3, 10), (0.0, 9), (0.5, 1)]
    ratios = [[share, count, TrainingArguments.get_warmup_steps(SimpleNamespace(warmup_steps=share), count)]
              for share, count in shares]
    return {"total": total, "warmups": warmups, "ratios": ratios}


HERE.mkdir(exist_ok=True)
if sys.argv[1:] in ([], ["courses"]):
    (HERE / "courses.json").write_text(json.dumps(courses()) + "\n")
if sys.argv[1:] == ["courses"]:
    sys.exit()
(HERE / "glue_scores.json").write_text(json.dumps(glue()) + "\n")
if sys.argv[1:] == ["glue"]:
    sys.exit()
(HERE / "autocast.json").write_text(json.dumps({"types": types(), "losses": curve()}, indent=1) + "\n")
