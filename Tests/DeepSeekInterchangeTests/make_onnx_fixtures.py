"""Makes the ONNX models of Fixtures, and what ONNX Runtime gives for them.

  python make_onnx_fixtures.py        needs onnx, onnxruntime, numpy and safetensors; run by hand, from this folder
"""

import pathlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh
from safetensors.numpy import save_file

random = np.random.default_rng(5)


def weights(*shape):
    return (random.standard_normal(shape) / 3).astype(np.float32)


def save(name, graph, feeds, opset=17, functions=(), external=False, domains=()):
    imports = [h.make_opsetid("", opset)] + [h.make_opsetid(d, 1) for d in domains]
    model = h.make_model(graph, opset_imports=imports, functions=list(functions), producer_name="fixtures")
    model.ir_version = 8
    path = f"Fixtures/{name}.onnx"
    pathlib.Path(path).with_suffix(".data").unlink(missing_ok=True)
    if external:
        onnx.save_model(
            model, path, save_as_external_data=True, location=f"{name}.data", size_threshold=0, all_tensors_to_one_file=True)
    else:
        onnx.save(model, path)
    results = ort.InferenceSession(path).run(None, feeds)
    entries = {"in/" + key: value for key, value in feeds.items()}
    entries.update({"out/" + o.name: r for o, r in zip(graph.output, results)})
    save_file({k: np.ascontiguousarray(v) for k, v in entries.items()}, f"Fixtures/{name}.safetensors")


def info(name, kind, shape):
    return h.make_tensor_value_info(name, kind, shape)


def attention():
    """Self-attention over an open batch and sequence: shapes computed inside the graph, weights in a file beside it."""
    names = {"wq": weights(8, 8), "wk": weights(8, 8), "wv": weights(8, 8), "gain": weights(8), "shift": weights(8)}
    nodes = [
        h.make_node("Shape", ["x"], ["s"]),
        h.make_node("Gather", ["s", "zero"], ["b"], axis=0),
        h.make_node("Gather", ["s", "one"], ["n"], axis=0),
        h.make_node("Concat", ["b", "n", "heads"], ["split"], axis=0),
        h.make_node("Concat", ["b", "n", "eight"], ["whole"], axis=0),
    ]
    for part in "qkv":
        nodes += [
            h.make_node("MatMul", ["x", "w" + part], [part + "0"]),
            h.make_node("Reshape", [part + "0", "split"], [part + "1"]),
            h.make_node("Transpose", [part + "1"], [part], perm=[0, 2, 3, 1] if part == "k" else [0, 2, 1, 3]),
        ]
    nodes += [
        h.make_node("MatMul", ["q", "k"], ["scores"]),
        h.make_node("Mul", ["scores", "scale"], ["scaled"]),
        h.make_node("Softmax", ["scaled"], ["p"], axis=-1),
        h.make_node("MatMul", ["p", "v"], ["mixed"]),
        h.make_node("Transpose", ["mixed"], ["turned"], perm=[0, 2, 1, 3]),
        h.make_node("Reshape", ["turned", "whole"], ["joined"]),
        h.make_node("Add", ["joined", "x"], ["sum"]),
        h.make_node("LayerNormalization", ["sum", "gain", "shift"], ["y"], axis=-1),
    ]
    numbers = {"zero": [0], "one": [1], "heads": [2, 4], "eight": [8]}
    stored = [nh.from_array(v, k) for k, v in names.items()] + [nh.from_array(np.float32(0.5), "scale")]
    stored += [nh.from_array(np.array(v, np.int64), k) for k, v in numbers.items()]
    graph = h.make_graph(
        nodes, "attention", [info("x", T.FLOAT, ["batch", "sequence", 8])],
        [info("y", T.FLOAT, ["batch", "sequence", 8])], stored)
    save("onnx_attention", graph, {"x": weights(2, 5, 8)}, external=True)


def recurrent():
    """A bidirectional LSTM with peepholes, a GRU of each form with lengths, chosen by an input's value."""
    def layer(gates, directions):
        return [weights(directions, gates * 4, 3), weights(directions, gates * 4, 4), weights(directions, gates * 8)]
    lstm, gru = layer(4, 2) + [weights(2, 12)], layer(3, 1)
    stored = [nh.from_array(a, n) for a, n in zip(lstm + gru, ["lw", "lr", "lb", "lp", "gw", "gr", "gb"])]
    stored += [nh.from_array(np.array([5, 3], np.int32), "lengths"), nh.from_array(np.int64(1), "one")]
    then = h.make_graph(
        [h.make_node("GRU", ["x", "gw", "gr", "gb", "lengths"], ["a"], hidden_size=4, linear_before_reset=0)], "then", [],
        [info("a", T.FLOAT, None)])
    other = h.make_graph(
        [h.make_node("GRU", ["x", "gw", "gr", "gb"], ["c"], hidden_size=4, linear_before_reset=1)], "else", [],
        [info("c", T.FLOAT, None)])
    nodes = [
        h.make_node("LSTM", ["x", "lw", "lr", "lb", "", "", "", "lp"], ["y", "h", "c0"], hidden_size=4,
                    direction="bidirectional"),
        h.make_node("Equal", ["kind", "one"], ["is"]),
        h.make_node("If", ["is"], ["z"], then_branch=then, else_branch=other),
    ]
    graph = h.make_graph(
        nodes, "recurrent", [info("x", T.FLOAT, [5, "batch", 3]), info("kind", T.INT64, [])],
        [info("y", T.FLOAT, None), info("h", T.FLOAT, None), info("c0", T.FLOAT, None), info("z", T.FLOAT, None)], stored)
    save("onnx_recurrent", graph, {"x": weights(5, 2, 3), "kind": np.array(1)})


def functions():
    """A function of the model's own with an attribute, a loop whose rounds depend on values, indices of what is not zero."""
    function = h.make_function(
        "own", "Scaled", ["a"], ["r"],
        [h.make_node("Constant", [], ["f"]), h.make_node("Mul", ["a", "f"], ["r"])],
        [h.make_opsetid("", 17)], ["factor"])
    reference = function.node[0].attribute.add()
    reference.name, reference.ref_attr_name, reference.type = "value_float", "factor", onnx.AttributeProto.FLOAT
    body = h.make_graph(
        [
            h.make_node("Add", ["v", "v"], ["next"]),
            h.make_node("ReduceSum", ["next"], ["total"], keepdims=0),
            h.make_node("Less", ["total", "limit"], ["goes"]),
            h.make_node("Identity", ["next"], ["seen"]),
        ], "body", [info("i", T.INT64, []), info("c", T.BOOL, []), info("v", T.FLOAT, [3])],
        [info("goes", T.BOOL, []), info("next", T.FLOAT, [3]), info("seen", T.FLOAT, [3])])
    nodes = [
        h.make_node("Scaled", ["x"], ["s"], domain="own", factor=0.5),
        h.make_node("Loop", ["", "yes", "s"], ["last", "all"], body=body),
        h.make_node("NonZero", ["x"], ["places"]),
    ]
    stored = [nh.from_array(np.array(True), "yes"), nh.from_array(np.float32(100), "limit")]
    graph = h.make_graph(
        nodes, "functions", [info("x", T.FLOAT, [3])],
        [info("last", T.FLOAT, None), info("all", T.FLOAT, None), info("places", T.INT64, None)], stored)
    save("onnx_functions", graph, {"x": np.array([1, 0, 4], np.float32)}, functions=[function], domains=["own"])


def image():
    """Quantized weights, a convolution in groups, pooling with rounding up, a resize and a transposed convolution."""
    stored = [
        nh.from_array(random.integers(-127, 127, (6, 2, 3, 3)).astype(np.int8), "w"),
        nh.from_array((random.random(6) / 100).astype(np.float32), "scale"),
        nh.from_array(np.zeros(6, np.int8), "point"),
        nh.from_array(weights(6), "b"), nh.from_array(weights(6, 2, 3, 3), "up"),
        nh.from_array(np.array([1, 1, 1.5, 2], np.float32), "scales"),
    ]
    nodes = [
        h.make_node("DequantizeLinear", ["w", "scale", "point"], ["weight"], axis=0),
        h.make_node("Conv", ["x", "weight", "b"], ["c"], group=2, auto_pad="SAME_LOWER", strides=[2, 1]),
        h.make_node("MaxPool", ["c"], ["m"], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        h.make_node("Resize", ["m", "", "scales"], ["r"], mode="cubic", coordinate_transformation_mode="align_corners"),
        h.make_node("ConvTranspose", ["r", "up"], ["y"], strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]),
    ]
    graph = h.make_graph(nodes, "image", [info("x", T.FLOAT, [1, 4, 12, 11])], [info("y", T.FLOAT, None)], stored)
    save("onnx_image", graph, {"x": weights(1, 4, 12, 11)})


attention()
recurrent()
functions()
image()
