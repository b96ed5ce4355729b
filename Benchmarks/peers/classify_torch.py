"""PyTorch's side of `ds train classify`: the same recipe on the same files, for the accuracy to compare.

classify_torch.py MODEL TRAIN EVAL [--epochs 3] [--lr 2e-5] [--batch 32] [--seed 42] [--max-length 128] [--max-steps N]
Prints one JSON object: {"losses", "epochs": [{"epoch", "loss", "accuracy", "f1", "examples_per_second"}]}.
"""
import argparse
import json
import time

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def read(path):
    with open(path, encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split("\t")
        rows = [dict(zip(names, line.rstrip("\n").split("\t"))) for line in file if line.strip()]
    return [row["sentence"] for row in rows], [int(row["label"]) for row in rows]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("train")
    parser.add_argument("eval")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--lr", type=float, default=2e-5)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument("--max-steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    model = AutoModelForSequenceClassification.from_pretrained(arguments.model, num_labels=2)
    texts, labels = read(arguments.train)
    eval_texts, eval_labels = read(arguments.eval)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}], lr=arguments.lr)
    steps = (len(texts) + arguments.batch - 1) // arguments.batch
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / (steps * arguments.epochs)))

    def tokens(batch):
        return tokenizer(batch, padding=True, truncation=True, max_length=arguments.max_length, return_tensors="pt")

    def evaluate():
        model.eval()
        predicted = []
        with torch.inference_mode():
            for start in range(0, len(eval_texts), 64):
                predicted += model(**tokens(eval_texts[start:start + 64])).logits.argmax(-1).tolist()
        hits = sum(p == e == 1 for p, e in zip(predicted, eval_labels))
        right = sum(p == e for p, e in zip(predicted, eval_labels))
        return right / len(eval_labels), 2 * hits / (sum(predicted) + sum(eval_labels))

    losses, epochs = [], []
    limit = arguments.max_steps if arguments.max_steps is not None else steps * arguments.epochs
    for epoch in range(arguments.epochs):
        model.train()
        order = torch.randperm(len(texts)).tolist()
        begin, total = time.perf_counter(), 0.0
        for start in range(0, len(order), arguments.batch):
            if len(losses) == limit:
                break
            picked = order[start:start + arguments.batch]
            loss = model(**tokens([texts[i] for i in picked]), labels=torch.tensor([labels[i] for i in picked])).loss
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            total += loss.item() * len(picked)
        if len(losses) < steps * (epoch + 1):
            break
        seconds = time.perf_counter() - begin
        accuracy, f1 = evaluate()
        epochs.append(dict(epoch=epoch + 1, loss=total / len(texts), accuracy=accuracy, f1=f1,
                           examples_per_second=len(texts) / seconds))
    print(json.dumps({"losses": losses, "epochs": epochs}))


if __name__ == "__main__":
    main()
