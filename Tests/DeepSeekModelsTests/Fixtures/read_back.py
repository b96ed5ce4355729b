"""Opens with transformers what was saved here: every folder of SAVED, whose originals are in FIXTURES.

usage: read_back.py FIXTURES SAVED
"""

import json
import os
import sys

try:
    import torch
    import transformers
    from safetensors.torch import load_file
except ImportError:
    print("no transformers")
    sys.exit(0)

transformers.logging.set_verbosity_error()
AUTO = {"ForSequenceClassification": transformers.AutoModelForSequenceClassification,
        "ForTokenClassification": transformers.AutoModelForTokenClassification,
        "ForQuestionAnswering": transformers.AutoModelForQuestionAnswering,
        "ForMaskedLM": transformers.AutoModelForMaskedLM,
        "ForCausalLM": transformers.AutoModelForCausalLM,
        "LMHeadModel": transformers.AutoModelForCausalLM}
fixtures, saved = sys.argv[1:]


def opened(path):
    """The model of a folder, all of whose keys must fit."""
    architecture = json.load(open(path + "/config.json"))["architectures"][0]
    auto = next((auto for task, auto in AUTO.items() if architecture.endswith(task)), transformers.AutoModel)
    model, report = auto.from_pretrained(path, output_loading_info=True)
    assert type(model).__name__ == architecture, (type(model).__name__, architecture)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not report[kind], f"{path}: {kind}: {report[kind]}"
    return model.eval()


def logits(model, values):
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in values]
    with torch.no_grad():
        output = model(**{name: values[name] for name in names})
    if "start_logits" in output:
        return torch.stack([output.start_logits, output.end_logits], dim=-1)
    return output.logits if "logits" in output else output.last_hidden_state


for name in sorted(os.listdir(saved)):
    path = os.path.join(saved, name)
    model = opened(path)
    original = os.path.join(fixtures, name.removesuffix("@sharded"))
    if os.path.isdir(original):
        values = load_file(original + "/expected_values.safetensors")
        assert torch.equal(logits(model, values), logits(opened(original), values)), name
        before, after = (json.load(open(p + "/config.json")) for p in (original, path))
        for key, value in before.items():
            assert after[key] == value, f"{name}: {key} was {value} and is {after[key]}"
        print(name, "the same")
    else:
        values = load_file(os.path.join(saved, "..", name + ".safetensors"))
        difference = (logits(model, values) - values["logits"]).abs().max().item()
        assert difference < 1e-4, f"{name}: {difference}"
        print(name, "within", difference)
    if os.path.exists(original + "/tokenizer.json"):
        ids = [transformers.AutoTokenizer.from_pretrained(p)("a man is eating food.")["input_ids"] for p in (original, path)]
        assert ids[0] == ids[1] and len(ids[0]) > 5, ids
