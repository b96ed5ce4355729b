"""Opens with peft the adapters that a test saved, and compares logits.

Run: python read_back.py BASE SAVED; SAVED has a folder for each adapter, with our logits in `logits.json`. Exits with a
message when anything differs.
"""

import json
import os
import sys
import warnings

base, saved = sys.argv[1:]
try:
    import torch
    from peft import PeftModel
    from transformers import BertForSequenceClassification, GPT2LMHeadModel
except ImportError as error:
    print(f"no peft: {error}")
    sys.exit(0)

os.environ["HF_HUB_OFFLINE"] = "1"
batch = json.load(open(os.path.join(base, "..", "expected.json")))
decoder = os.path.join(base, "..", "..", "decoders", "gpt2")
texts = json.load(open(os.path.join(base, "..", "gpt2", "expected.json")))["ids"]
for name in sorted(os.listdir(saved)):
    folder = os.path.join(saved, name)
    if json.load(open(os.path.join(folder, "adapter_config.json")))["task_type"] == "CAUSAL_LM":
        bare, inputs = GPT2LMHeadModel.from_pretrained(decoder), {"input_ids": torch.tensor(texts)}
    else:
        bare = BertForSequenceClassification.from_pretrained(base)
        inputs = {"input_ids": torch.tensor(batch["ids"]), "attention_mask": torch.tensor(batch["mask"])}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(bare, folder).eval()
    for warning in caught:
        if "missing adapter keys" in str(warning.message) or "unexpected keys" in str(warning.message).lower():
            sys.exit(f"{name}: {warning.message}")
    wanted = torch.tensor(json.load(open(os.path.join(folder, "logits.json"))))

    def compare(model, what):
        with torch.no_grad():
            found = model(**inputs).logits.flatten()
        if not torch.allclose(found, wanted, rtol=0, atol=1e-5):
            sys.exit(f"{name}, {what}: logits differ by {(found - wanted).abs().max()}")

    compare(model, "as it is")
    compare(model.merge_and_unload(), "merged")
    print(name)
