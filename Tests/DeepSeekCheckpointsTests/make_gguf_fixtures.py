"""Writes the GGUF file that the tests read, and the values that llama.cpp's package gives its blocks.

Run: python make_gguf_fixtures.py Fixtures   (needs gguf 0.19 and numpy)
"""

import os
import sys

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

out = sys.argv[1]
generator = np.random.default_rng(0)
writer = gguf.GGUFWriter(os.path.join(out, "blocks.gguf"), "llama")
writer.add_uint8("test.uint8", 255)
writer.add_int8("test.int8", -128)
writer.add_uint16("test.uint16", 65535)
writer.add_int16("test.int16", -32768)
writer.add_uint32("test.uint32", 2**32 - 1)
writer.add_int32("test.int32", -(2**31))
writer.add_uint64("test.uint64", 2**64 - 1)
writer.add_int64("test.int64", -(2**63))
writer.add_float32("test.float32", 0.1)
writer.add_float64("test.float64", 0.1)
writer.add_bool("test.bool", True)
writer.add_string("test.string", "tiny é")
writer.add_array("test.integers", [1, -2, 3])
writer.add_array("test.floats", [0.5, 1.5])
writer.add_array("test.bools", [True, False])
writer.add_token_list(["<s>", "a", "é"] + [f"t{i}" for i in range(30)])

expected = {}
for type in (Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.Q2_K, Type.Q3_K, Type.Q4_K, Type.Q5_K, Type.Q6_K):
    elements, size = gguf.GGML_QUANT_SIZES[type]
    blocks = generator.integers(0, 256, (2, 2, size), dtype=np.uint8)
    # Halves that are finite: scales and smallest values, by the place that each has in its block.
    places = {"Q2_K": (80, 82), "Q3_K": (108,), "Q6_K": (208,)}.get(type.name, (0, 2))
    if type.name in ("Q4_0", "Q5_0", "Q8_0"):
        places = (0,)
    for place in places:
        halves = generator.standard_normal((2, 2, 1)).astype("<f2")
        # A subnormal one among them.
        halves[0, 0, 0] = np.float16(3e-6)
        blocks[:, :, place : place + 2] = halves.view(np.uint8)
    data = blocks.reshape(2, 2 * size)
    writer.add_tensor(type.name, data, raw_dtype=type)
    expected[type.name] = gguf.quants.dequantize(data, type).astype("<f4")
plain = generator.standard_normal((2, 3, 4)).astype("<f4")
writer.add_tensor("F32", plain)
writer.add_tensor("F16", plain.astype("<f2"))
writer.add_tensor("BF16", (plain.view("<u4") >> 16).astype("<u2").view(np.uint8), raw_dtype=Type.BF16)
writer.add_tensor("I32", np.arange(6, dtype="<i4").reshape(3, 2))
writer.add_tensor("IQ4_NL", generator.integers(0, 256, (1, 18), dtype=np.uint8), raw_dtype=Type.IQ4_NL)
expected["F32"] = plain
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
np.savez(os.path.join(out, "blocks_expected.npz"), **expected)
