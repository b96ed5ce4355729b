"""Compares the losses of a run that was stopped and resumed with those of one that was not.

check_training.py WHOLE.json FIRST.json SECOND.json LEAST_ACCURACY
"""
import json
import sys


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    whole, first, second = (load(path) for path in sys.argv[1:4])
    joined = first["losses"] + second["losses"]
    assert len(whole["losses"]) == whole["steps"] == len(joined), (whole["steps"], len(joined))
    assert whole["losses"] == joined, "the resumed run's losses differ from the whole run's"
    final, resumed = whole["epochs"][-1], second["epochs"][-1]
    assert final["accuracy"] == resumed["accuracy"] and final["f1"] == resumed["f1"], (final, resumed)
    assert final["accuracy"] >= float(sys.argv[4]), f"accuracy {final['accuracy']} after training"
    assert whole["losses"][-1] < whole["losses"][0], "the loss did not fall"
    print(f"{whole['steps']} steps, resumed bit for bit; accuracy {final['accuracy']:.3f}, f1 {final['f1']:.3f}")


if __name__ == "__main__":
    main()
