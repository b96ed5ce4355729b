"""Records what ONNX Runtime gives for models, for ONNXRealModelTests to compare with.

  python record_onnx.py FOLDER MODEL.onnx …       needs numpy, onnx, onnxruntime and safetensors; run by hand
  DEEPSEEK_ONNX_MODELS=FOLDER swift test --filter ONNXRealModelTests

Open lengths get small numbers; inputs are random, those named like token ids and masks integers that make sense.
"""

import os
import shutil
import sys

import numpy as np
import onnxruntime as ort
from safetensors.numpy import save_file

KNOWN = {"batch": 1, "sequence": 12, "sequence_length": 4}
TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int64)": np.int64}


def feed(port, random, path):
    silero = "silero" in path
    lengths = []
    for axis, length in enumerate(port.shape):
        if isinstance(length, int):
            lengths.append(length)
        elif silero and port.name == "input":
            lengths.append(576 if axis == 1 else 4 if "sequence" in path else 1)
        else:
            lengths.append(KNOWN.get(length, 1))
    kind = TYPES[port.type]
    if port.name == "sr":
        return np.array(16000, np.int64)
    if kind == np.int64:
        return np.ones(lengths, kind) if "mask" in port.name else random.integers(0, 2 if "type" in port.name else 900, lengths)
    return (random.standard_normal(lengths) * 0.3).astype(kind)


folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
for path in sys.argv[2:]:
    name = os.path.basename(path)[: -len(".onnx")]
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(7)
    feeds = {port.name: feed(port, random, path) for port in session.get_inputs()}
    results = session.run(None, feeds)
    tensors = {"in/" + key: np.ascontiguousarray(value) for key, value in feeds.items()}
    for port, value in zip(session.get_outputs(), results):
        tensors["out/" + port.name] = np.ascontiguousarray(value)
    save_file(tensors, f"{folder}/{name}.safetensors")
    shutil.copy(path, f"{folder}/{name}.onnx")
    print(name, {key: value.shape for key, value in feeds.items()}, [value.shape for value in results])
