#!/usr/bin/env python3
"""Writes Fixtures/metrics.json: what scikit-learn and SciPy make of the same predictions. Run it from this folder."""

import json

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

random = np.random.default_rng(7)
classes = []
for count, size, right in [(2, 408, 0.85), (2, 1043, 0.6), (2, 5, 0.5), (3, 300, 0.8), (3, 30, 0.1), (2, 40, 1.0)]:
    labels = random.integers(0, count, size)
    predictions = np.where(random.random(size) < right, labels, random.integers(0, count, size))
    classes.append({
        "count": count, "labels": labels.tolist(), "predictions": predictions.tolist(),
        "accuracy": accuracy_score(labels, predictions),
        "f1": f1_score(labels, predictions, average="binary" if count == 2 else "macro"),
        "matthews": matthews_corrcoef(labels, predictions),
    })
scores = []
for size, noise, digits in [(1500, 0.6, 3), (60, 3.0, 1), (5, 0.1, 2), (200, 0.5, 0)]:
    # Few digits make many equal values.
    labels = np.round(random.random(size) * 5, digits)
    predictions = np.round(labels + noise * random.standard_normal(size), digits + 2 if digits else 0)
    scores.append({
        "labels": labels.tolist(), "predictions": predictions.tolist(),
        "pearson": float(pearsonr(predictions, labels)[0]), "spearman": float(spearmanr(predictions, labels)[0]),
    })
with open("Fixtures/metrics.json", "w") as file:
    json.dump({"classes": classes, "scores": scores}, file)
    file.write("\n")
