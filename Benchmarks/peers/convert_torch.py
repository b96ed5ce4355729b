"""Converts a PyTorch checkpoint to safetensors, synced to the disk: by torch.load and save_file, or by `ds convert` (--ds).

    convert_torch.py FILE --write        makes the checkpoint, 1 GB
    convert_torch.py FILE                PyTorch; the time without its import
    convert_torch.py FILE --ds PATH      ours; the time of the whole process

Anonymous memory (RssAnon) is sampled while a process works. The limit is the time in which dd writes as many bytes to the same
disk, synced.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

LAYERS, WIDTH = 20, 2048


def write(path):
    """Transformer-like layers in float32, and an embedding: 1.0 GB."""
    import torch

    torch.manual_seed(0)
    state = {"embeddings.weight": torch.randn(20_000, WIDTH)}
    for layer in range(LAYERS):
        state[f"layers.{layer}.up.weight"] = torch.randn(4096, WIDTH)
        state[f"layers.{layer}.attention.weight"] = torch.randn(WIDTH // 2, WIDTH)
        state[f"layers.{layer}.norm.weight"] = torch.ones(WIDTH)
    # The head is tied to the embedding.
    state["head.weight"] = state["embeddings.weight"]
    torch.save(state, path)


def work(path, output):
    """PyTorch's part, in a process of its own; prints its version and its time."""
    import torch
    from safetensors.torch import save_file

    begin = time.perf_counter()
    state = torch.load(path)
    # save_file refuses names that share elements.
    del state["head.weight"]
    save_file(state, output)
    descriptor = os.open(output, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    print(json.dumps({"engine": "PyTorch " + torch.__version__, "seconds": time.perf_counter() - begin}), flush=True)


def anonymous(pid):
    """A process's anonymous memory in MB; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return next((int(line.split()[1]) / 1024 for line in file if line.startswith("RssAnon:")), 0)
    except (OSError, ProcessLookupError):
        return 0


def measure(command):
    """A process's standard output, its time and the most anonymous memory that it had."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, anonymous(process.pid))
        time.sleep(0.002)
    seconds = time.perf_counter() - begin
    output = process.stdout.read()
    if process.returncode != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return output, seconds, peak


def disk(folder, byte_count):
    """The time in which dd writes as many bytes."""
    target = os.path.join(folder, "dd")
    block = 8 << 20
    begin = time.perf_counter()
    subprocess.run(["dd", "if=/dev/zero", f"of={target}", f"bs={block}", f"count={-(-byte_count // block)}", "conv=fsync"],
                   check=True, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - begin
    os.remove(target)
    return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--ds")
    parser.add_argument("--work", help="for the process that is measured")
    arguments = parser.parse_args()
    if arguments.write:
        return write(arguments.file)
    if arguments.work:
        return work(arguments.file, arguments.work)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(arguments.file))) as folder:
        output = os.path.join(folder, "out.safetensors")
        os.sync()
        if arguments.ds:
            _, seconds, peak = measure([arguments.ds, "convert", arguments.file, "-o", output])
            engine = "DeepSeek"
        else:
            text, _, peak = measure([sys.executable, os.path.abspath(__file__), arguments.file, "--work", output])
            report = json.loads(text.splitlines()[-1])
            engine, seconds = report["engine"], report["seconds"]
        limit = disk(folder, os.path.getsize(output))
    print(json.dumps({"engine": engine, "results": [
        {"task": "convert", "metric": "conversion_time", "value": seconds, "unit": "s", "limit": limit},
        {"task": "convert", "metric": "anonymous_memory", "value": peak, "unit": "MB"}]}))


if __name__ == "__main__":
    main()
