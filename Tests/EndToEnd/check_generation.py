"""Runs `ds generate` (sys.argv[1]) on SmolLM2's file (sys.argv[2]) and compares what it writes with smollm2.json: ids exactly,
logits to 2e-3. All prompts run together, so that padding is tested too."""

import json
import os
import subprocess
import sys

ds, model = sys.argv[1:]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "smollm2.json")) as file:
    expected = json.load(file)
command = [ds, "generate", "--model", model, "--max-new-tokens", "64", "--min-new-tokens", "64", "--json", "-"]
found = json.loads(subprocess.run(command + [case["prompt"] for case in expected], check=True, stdout=subprocess.PIPE).stdout)
assert len(found) == len(expected), (len(found), len(expected))
worst = 0
for row, wanted in zip(found, expected):
    assert row["prompt_ids"] == wanted["prompt_ids"], (wanted["prompt"], row["prompt_ids"], wanted["prompt_ids"])
    assert row["ids"] == wanted["ids"], (wanted["prompt"], row["ids"], wanted["ids"])
    assert row["finish_reason"] == "length", row
    worst = max([worst] + [abs(a - b) for a, b in zip(row["logits"], wanted["logits"])])
assert worst < 2e-3, worst
print(f"{len(found)} prompts, 64 tokens each: ids equal, largest difference of logits {worst:.2g}")
