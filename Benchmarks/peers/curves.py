"""Trains the same models with `ds train` and with PyTorch and says whether they come to the same; see Benchmarks/compare.

curves.py --ds DS --data FOLDER [--part glue|images|lm] [--steps N] [--json FILE]

glue    Rotten Tomatoes in SST-2's layout from all-MiniLM-L6-v2, three seeds: accuracies within one point.
images  Fashion-MNIST, a small convolutional network: 91 % on the test images, the time of an epoch beside PyTorch's.
lm      a small GPT-2 on Shakespeare, from the same weights and batches: losses within 1 % at every 100th step.

FOLDER is what curves_data.py writes. With --steps everything stops after so many steps: to see that it runs.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def run(command):
    print(" ".join(command), file=sys.stderr, flush=True)
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if process.returncode != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return json.loads(process.stdout)


def peer(script, *rest):
    return [sys.executable, os.path.join(HERE, script), *rest]


def limited(steps):
    return [] if steps is None else ["--max-steps", str(steps)]


def last(report, name):
    return report["epochs"][-1][name] if report["epochs"] else float("nan")


def glue(ds, data, scratch, steps):
    model, folder = os.path.join(data, "minilm"), os.path.join(data, "glue")
    tables = [os.path.join(folder, "SST-2", name) for name in ("train.tsv", "dev.tsv")]
    recipe = ["--epochs", "3", "--lr", "2e-5", "--batch", "32"]
    ours, torch = [], []
    for seed in ("1", "2", "3"):
        ours.append(run([ds, "train", "glue", "--task", "sst2", "--data", folder, "--model", model, *recipe, "--seed", seed,
                         *limited(steps), "--output", os.path.join(scratch, "glue" + seed), "--json", "-"]))
        torch.append(run(peer("classify_torch.py", model, *tables, *recipe, "--seed", seed, *limited(steps),
                              "--threads", str(os.cpu_count()))))
        print(f"seed {seed}: accuracy {last(ours[-1], 'accuracy'):.4f}, PyTorch {last(torch[-1], 'accuracy'):.4f}",
              flush=True)
    means = [statistics.mean(last(report, "accuracy") for report in reports) for reports in (ours, torch)]
    print(f"mean: {means[0]:.4f}, PyTorch {means[1]:.4f}, difference {means[0] - means[1]:+.4f}")
    return {"ours": ours, "torch": torch, "holds": abs(means[0] - means[1]) <= 0.01}


def images(ds, data, scratch, steps):
    folder = os.path.join(data, "fashion-mnist")
    recipe = ["--epochs", "5", "--lr", "1e-3", "--batch", "64", *limited(steps)]
    ours = run([ds, "train", "images", "--train", folder, "--eval", folder, *recipe,
                "--output", os.path.join(scratch, "images"), "--json", "-"])
    torch = run(peer("images_torch.py", folder, *recipe))
    for row, other in zip(ours["epochs"], torch["epochs"]):
        print(f"epoch {row['epoch']}: accuracy {row['accuracy']:.4f} in {row['seconds']:.2f} s, "
              f"PyTorch {other['accuracy']:.4f} in {other['seconds']:.2f} s")
    times = [statistics.median([row["seconds"] for row in report["epochs"]] or [float("nan")])
             for report in (ours, torch)]
    print(f"an epoch: {times[0]:.2f} s, PyTorch {times[1]:.2f} s, ratio {times[1] / times[0]:.2f}")
    return {"ours": ours, "torch": torch, "holds": last(ours, "accuracy") >= 0.91, "at_least_as_fast": times[0] <= times[1]}


def lm(ds, data, scratch, steps):
    text = os.path.join(data, "shakespeare", "train.txt")
    model, report = os.path.join(scratch, "gpt"), os.path.join(scratch, "lm.json")
    subprocess.run(peer("lm_torch.py", "make", model, text), check=True)
    recipe = ["--block", "128", "--lr", "1e-3", "--warmup", "0.05"]
    command = [ds, "train", "lm", "--model", model, "--train", text, *recipe, "--batch", "16", "--epochs", "2",
               "--output", os.path.join(scratch, "lm"), "--json", report]
    print(" ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command + limited(steps), check=True, stdout=sys.stderr)
    with open(report, encoding="utf-8") as file:
        ours = json.load(file)
    total = ["--total", str(ours["total_steps"])]
    torch = run(peer("lm_torch.py", "train", model, text, report, *recipe, *total))
    rows, interval = [], 100 if steps is None else 1
    for step in range(interval, len(torch["losses"]) + 1, interval):
        a, b = ours["losses"][step - 1], torch["losses"][step - 1]
        rows.append({"step": step, "ours": a, "torch": b, "difference": a / b - 1})
        print(f"step {step}: {a:.4f}, PyTorch {b:.4f}, {100 * (a / b - 1):+.3f} %")
    print(f"tokens a second: {ours['tokens_per_second']:.0f}, PyTorch {torch['tokens_per_second']:.0f}")
    del ours["order"]
    return {"ours": ours, "torch": torch, "steps": rows, "holds": all(abs(row["difference"]) <= 0.01 for row in rows)}


def main():
    parts = {"glue": glue, "images": images, "lm": lm}
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", choices=["curves"], help="as Benchmarks/compare has it")
    parser.add_argument("--ds", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--part", choices=list(parts), action="append")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        for part in arguments.part or list(parts):
            results[part] = parts[part](arguments.ds, arguments.data, scratch, arguments.steps)
            verdict = "not judged" if arguments.steps else "holds" if results[part]["holds"] else "falls short"
            print(f"{part}: {verdict}", flush=True)
            if arguments.json:
                with open(arguments.json, "w", encoding="utf-8") as file:
                    json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
