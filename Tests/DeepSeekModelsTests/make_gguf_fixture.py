#!/usr/bin/env python3
"""Writes Fixtures/decoders/tiny.gguf: the fixture `llama` with a small byte-level vocabulary, in llama.cpp's format, which has
the elements of queries and keys that turn together next to each other.

Needs gguf, numpy and safetensors. Run it from this folder after make_decoder_fixtures.py.
"""

import gguf
from safetensors.numpy import load_file

HEADS, KEY_HEADS, LAYERS, WIDTH = 4, 2, 2, 16
NAMES = {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
         "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
         "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}

weights = load_file("Fixtures/decoders/llama/model.safetensors")
writer = gguf.GGUFWriter("Fixtures/decoders/tiny.gguf", "llama")
writer.add_context_length(32)
writer.add_embedding_length(WIDTH)
writer.add_block_count(LAYERS)
writer.add_feed_forward_length(20)
writer.add_head_count(HEADS)
writer.add_head_count_kv(KEY_HEADS)
writer.add_layer_norm_rms_eps(1e-6)
writer.add_rope_dimension_count(WIDTH // HEADS)
writer.add_rope_freq_base(10000.0)
merges = ["t h", "th e", "Ġ the", "Ġ c", "c a", "Ġc a", "Ġca t"]
tokens = ["<unk>", "<s>", "</s>"] + [chr(code) for code in range(ord("a"), ord("z") + 1)] + ["Ġ"] + list("01234567")
tokens += [merge.replace(" ", "") for merge in merges]
tokens += [f"<extra_{number}>" for number in range(48 - len(tokens))]
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("smollm")
writer.add_token_list(tokens)
writer.add_token_types([3] * 3 + [1] * 42 + [3] * (len(tokens) - 45))
writer.add_token_merges(merges)
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_add_bos_token(False)


def interleaved(tensor, heads):
    rows = tensor.shape[0]
    return tensor.reshape(heads, 2, rows // heads // 2, *tensor.shape[1:]).swapaxes(1, 2).reshape(tensor.shape)


for key, tensor in weights.items():
    if key == "model.embed_tokens.weight":
        name = "token_embd.weight"
    elif key == "model.norm.weight":
        name = "output_norm.weight"
    elif key == "lm_head.weight":
        name = "output.weight"
    else:
        layer, part = key.removeprefix("model.layers.").removesuffix(".weight").split(".", 1)
        name = f"blk.{layer}.{NAMES[part]}.weight"
        if part in ("self_attn.q_proj", "self_attn.k_proj"):
            tensor = interleaved(tensor, HEADS if "q_proj" in part else KEY_HEADS)
    writer.add_tensor(name, tensor.copy())
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
