"""Makes the reference embeddings: all-MiniLM-L6-v2 through PyTorch and transformers, in float32 on one thread.

make_references.py MODEL_FOLDER: writes minilm.npy beside this file, a row for each line of lines.txt, which it makes from the
tokenizer tests' sentences. Needs torch, transformers and numpy; the tests need only what is written here.
"""
import json
import os
import sys

import numpy
import torch
from transformers import AutoModel, AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    with open(os.path.join(HERE, "../DeepSeekTokenizersTests/Fixtures/sentences.json"), encoding="utf-8") as file:
        sentences = json.load(file)
    pieces = [piece for sentence in sentences for piece in sentence.replace("\r", "\n").split("\n")]
    lines = [piece for piece in pieces if piece and "\0" not in piece]
    with open(os.path.join(HERE, "lines.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.write("".join(line + "\n" for line in lines))
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
    model = AutoModel.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
    rows, ids = [], []
    with torch.inference_mode():
        for line in lines:
            tokens = tokenizer(line, truncation=True, max_length=256, return_tensors="pt")
            states = model(**tokens).last_hidden_state
            mask = tokens["attention_mask"].unsqueeze(-1).float()
            pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            rows.append(torch.nn.functional.normalize(pooled, dim=1)[0].numpy())
            ids.append(tokens["input_ids"][0].tolist())
    numpy.save(os.path.join(HERE, "minilm.npy"), numpy.stack(rows))
    with open(os.path.join(HERE, "minilm_ids.json"), "w", encoding="utf-8") as file:
        json.dump(ids, file, separators=(",", ":"))
    print(len(lines), "lines; longest", max(map(len, ids)), "tokens")


if __name__ == "__main__":
    main()
