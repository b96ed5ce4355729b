"""Writes a small labelled text set, train.tsv and eval.tsv in SST-2's layout: make_reviews.py FOLDER."""
import itertools
import os
import random
import sys

SUBJECTS = ["the film", "this comedy", "the second act", "her performance", "the script", "the camera work", "the music"]
GOOD = ["moved me to tears", "is a joy from start to end", "sparkles with wit", "deserves every prize", "is simply superb"]
BAD = ["bored me to sleep", "is a mess from start to end", "falls flat at once", "deserves no audience", "is simply awful"]
FRAMES = ["{0} {1} .", "i must say that {0} {1} !", "on a rainy evening , {0} {1} .", "critics agree : {0} {1} ."]


def main():
    rows = []
    for frame, subject in itertools.product(FRAMES, SUBJECTS):
        rows += [(frame.format(subject, words), 1) for words in GOOD]
        rows += [(frame.format(subject, words), 0) for words in BAD]
    random.Random(7).shuffle(rows)
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, part in (("eval.tsv", rows[:56]), ("train.tsv", rows[56:])):
        with open(os.path.join(sys.argv[1], name), "w", encoding="utf-8", newline="\n") as file:
            file.write("sentence\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in part))


if __name__ == "__main__":
    main()
