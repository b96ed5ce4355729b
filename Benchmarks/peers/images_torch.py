"""PyTorch's side of `ds train images`: the same network and recipe on the same IDX files.

images_torch.py FOLDER [--epochs 5] [--lr 1e-3] [--batch 64] [--seed 42]
Prints one JSON object: {"epochs": [{"epoch", "loss", "accuracy", "seconds", "examples_per_second"}]}.
"""
import argparse
import glob
import gzip
import json
import os
import struct
import time

import torch


def idx(folder, name):
    path = glob.glob(os.path.join(folder, name + "*"))[0]
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        data = file.read()
    lengths = struct.unpack(f">{data[3]}I", data[4:4 + 4 * data[3]])
    return torch.frombuffer(bytearray(data[4 + 4 * data[3]:]), dtype=torch.uint8).reshape(lengths)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = torch.nn.ModuleList(
            [torch.nn.Conv2d(1, 32, 3, padding=1), torch.nn.Conv2d(32, 64, 3, padding=1)])
        self.hidden = torch.nn.Linear(64 * 7 * 7, 128)
        self.classifier = torch.nn.Linear(128, 10)
        self.dropout = torch.nn.Dropout(0.25)

    def forward(self, x):
        for block in self.blocks:
            x = torch.nn.functional.max_pool2d(torch.relu(block(x)), 2)
        return self.classifier(self.dropout(torch.relu(self.hidden(self.dropout(x.flatten(1))))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--max-steps", type=int)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    images, labels = idx(arguments.folder, "train-images"), idx(arguments.folder, "train-labels").long()
    test_images, test_labels = idx(arguments.folder, "t10k-images"), idx(arguments.folder, "t10k-labels").long()
    mean, deviation = (images.float() / 255).mean(), (images.float() / 255).std(correction=0)

    def scaled(batch):
        return (batch[:, None].float() / 255 - mean) / deviation

    model = Network()
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}], lr=arguments.lr)
    steps = (len(images) + arguments.batch - 1) // arguments.batch
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / (steps * arguments.epochs)))
    epochs, made = [], 0
    for epoch in range(arguments.epochs):
        model.train()
        order = torch.randperm(len(images))
        begin, total, count = time.perf_counter(), 0.0, 0
        for start in range(0, len(order), arguments.batch):
            if arguments.max_steps is not None and made == arguments.max_steps:
                break
            picked = order[start:start + arguments.batch]
            loss = torch.nn.functional.cross_entropy(model(scaled(images[picked])), labels[picked])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(picked)
            count += len(picked)
            made += 1
        if count == 0:
            break
        seconds = time.perf_counter() - begin
        model.eval()
        with torch.inference_mode():
            right = sum((model(scaled(test_images[i:i + 500])).argmax(-1) == test_labels[i:i + 500]).sum().item()
                        for i in range(0, len(test_images), 500))
        epochs.append(dict(epoch=epoch + 1, loss=total / count, accuracy=right / len(test_images), seconds=seconds,
                           examples_per_second=count / seconds))
    print(json.dumps({"epochs": epochs}))


if __name__ == "__main__":
    main()
