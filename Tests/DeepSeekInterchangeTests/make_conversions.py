"""Makes Fixtures/conversions: small BERT and GPT-2 models under TensorFlow's original names, and what transformers has for them.

    pip install torch transformers safetensors && python make_conversions.py models FOLDER
    pip install tensorflow-cpu==2.21.0 safetensors && python make_conversions.py checkpoints FOLDER

The first makes random models with transformers and keeps their weights and outputs (`bert.safetensors`, `gpt2.safetensors`;
`in/ids` and `out/states` beside the weights; `tied.pt`); the second writes the weights as Google's and OpenAI's code did, with Saver.
"""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np

BERT = dict(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=32,
            max_position_embeddings=12, type_vocab_size=2, hidden_act="gelu", hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.1, initializer_range=0.02)
GPT2 = dict(n_vocab=30, n_ctx=12, n_embd=16, n_head=4, n_layer=2)


def models(folder):
    import torch
    from safetensors.torch import save_file
    from transformers import BertConfig, BertForPreTraining, GPT2Config, GPT2Model

    torch.manual_seed(5)
    ids = torch.tensor([[2, 7, 39, 11, 0, 3], [5, 5, 1, 8, 20, 29]])

    def randomized(model):
        # Fresh normalizations and biases are ones and zeros, which would hide a mistake.
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.1)
        return model.eval()

    bert = randomized(BertForPreTraining(BertConfig(**BERT)))
    state = {key: value for key, value in bert.state_dict().items()
             if "position_ids" not in key and not key.startswith("cls.predictions.decoder")}
    with torch.no_grad():
        states = bert.bert(ids).last_hidden_state
    save_file({**{key: value.clone().contiguous() for key, value in state.items()}, "in/ids": ids, "out/states": states},
              folder / "bert.safetensors")
    tied(folder)
    ids = ids % GPT2["n_vocab"]
    gpt2 = randomized(GPT2Model(GPT2Config(vocab_size=GPT2["n_vocab"], n_positions=GPT2["n_ctx"], n_embd=GPT2["n_embd"],
                                           n_head=GPT2["n_head"], n_layer=GPT2["n_layer"])))
    with torch.no_grad():
        states = gpt2(ids).last_hidden_state
    state = {key: value for key, value in gpt2.state_dict().items() if not key.endswith((".attn.bias", ".masked_bias"))}
    save_file({**{key: value.clone().contiguous() for key, value in state.items()}, "in/ids": ids, "out/states": states},
              folder / "gpt2.safetensors")


def tied(folder):
    """A state dictionary whose head is its embedding, and a strided view beside its base."""
    import torch

    embedding = torch.arange(12, dtype=torch.float32).reshape(4, 3)
    body = torch.arange(6, dtype=torch.bfloat16).reshape(2, 3)
    state = {"embeddings.weight": embedding, "body.weight": body, "head.weight": embedding, "body.transposed": body.t()}
    torch.save(state, folder / "tied.pt")
    np.savez(folder / "tied.npz", **{key: value.float().numpy() for key, value in state.items() if key != "head.weight"})


def bert_name(key):
    """A weight's name in Google's code, and whether it is transposed there."""
    special = {"cls.predictions.bias": "cls/predictions/output_bias",
               "cls.seq_relationship.weight": "cls/seq_relationship/output_weights",
               "cls.seq_relationship.bias": "cls/seq_relationship/output_bias"}
    if key in special:
        return special[key], False
    name = key.replace("encoder.layer.", "encoder/layer_").replace(".", "/")
    stem, last = name.rsplit("/", 1)
    if stem.endswith("LayerNorm"):
        return f"{stem}/{'gamma' if last == 'weight' else 'beta'}", False
    if stem.endswith("_embeddings"):
        return stem, False
    return f"{stem}/{'kernel' if last == 'weight' else 'bias'}", last == "weight"


def gpt2_name(key):
    """A weight's name in OpenAI's code."""
    parts = key.split(".")
    if parts[0] in ("wte", "wpe"):
        return "model/" + parts[0]
    if parts[0] == "h":
        parts = ["h" + parts[1]] + parts[2:]
    is_norm = parts[-2].startswith("ln_")
    parts[-1] = {"weight": "g" if is_norm else "w", "bias": "b"}[parts[-1]]
    return "model/" + "/".join(parts)


def save(folder, file, tensors):
    import tensorflow as tf

    v1 = tf.compat.v1
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    with tf.Graph().as_default(), v1.Session() as session:
        variables = [v1.get_variable(name, initializer=tf.constant(value)) for name, value in tensors.items()]
        session.run(v1.global_variables_initializer())
        v1.train.Saver(variables).save(session, str(folder / file), write_meta_graph=False, write_state=False)


def checkpoints(folder):
    from safetensors.numpy import load_file

    weights = {key: value for key, value in load_file(folder / "bert.safetensors").items() if "/" not in key}
    tensors = {}
    for key, value in weights.items():
        name, transposed = bert_name(key)
        tensors[name] = np.ascontiguousarray(value.T if transposed else value)
    tensors["bert/pooler/dense/kernel/adam_m"] = np.zeros((16, 16), np.float32)
    tensors["bert/pooler/dense/kernel/adam_v"] = np.ones((16, 16), np.float32)
    tensors["global_step"] = np.array(1000, np.int64)
    save(folder, "google_bert/bert_model.ckpt", tensors)
    (folder / "google_bert/bert_config.json").write_text(json.dumps(BERT, indent=2))
    (folder / "google_bert/vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
                                                            + [f"w{i}" for i in range(35)]) + "\n")
    weights = {key: value for key, value in load_file(folder / "gpt2.safetensors").items() if "/" not in key}
    tensors = {}
    for key, value in weights.items():
        name = gpt2_name(key)
        tensors[name] = np.ascontiguousarray(value[None] if name.endswith("/w") else value)
    save(folder, "openai_gpt2/model.ckpt", tensors)
    (folder / "openai_gpt2/hparams.json").write_text(json.dumps(GPT2, indent=2))


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    {"models": models, "checkpoints": checkpoints}[sys.argv[1]](target)
