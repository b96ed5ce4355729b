"""Makes Fixtures/ with TensorFlow: frozen graphs, inputs, and what TensorFlow's own kernels give for them.

    pip install tensorflow-cpu==2.21.0 safetensors
    python make_fixtures.py [FOLDER]

Every case is NAME.pb and NAME.safetensors, which holds the tensors fed (`in/x`) and fetched (`out/y`). `operators.json` lists
one small graph for each operator, all in operators.pb under a prefix of their own, with their tensors in
operators.safetensors.
"""

import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np
import tensorflow as tf
from safetensors.numpy import save_file

v1 = tf.compat.v1
folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "Fixtures"
random = np.random.RandomState(7)


def normal(*shape):
    return random.randn(*shape).astype(np.float32)


def write(name, graph, feeds, fetches, text=False):
    """Runs the graph with TensorFlow and writes it with its inputs and outputs."""
    with v1.Session(graph=graph) as session:
        outputs = session.run(fetches, {f"{key}:0": value for key, value in feeds.items()})
    tf.io.write_graph(graph, str(folder), name + (".pbtxt" if text else ".pb"), as_text=text)
    tensors = {"in/" + key: np.array(value, order="C") for key, value in feeds.items()}
    for key, value in zip(fetches, outputs):
        tensors["out/" + key] = np.array(value, order="C")
    save_file(tensors, str(folder / (name + ".safetensors")))


def frozen(model, signature):
    """The graph of a Keras model with its variables as constants, and the names of its outputs."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    function = convert_variables_to_constants_v2(tf.function(model).get_concrete_function(signature))
    return function.graph, [tensor.name for tensor in function.outputs]


def classifier():
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 6], name="x")
        keep = v1.placeholder_with_default(tf.constant(1.0), [], name="keep")
        h = tf.nn.relu(tf.nn.bias_add(tf.matmul(x * keep, normal(6, 5)), normal(5)))
        with tf.control_dependencies([tf.no_op(name="barrier")]):
            logits = tf.matmul(tf.stop_gradient(h), normal(5, 3)) + normal(3)
        tf.nn.softmax(logits, name="probabilities")
        tf.argmax(logits, axis=1, name="classes")
    write("classifier", graph, {"x": normal(4, 6)}, ["probabilities:0", "classes:0"])
    write("classifier_text", graph, {"x": normal(2, 6)}, ["probabilities:0"], text=True)


def keras_cnn():
    tf.keras.utils.set_random_seed(3)
    layers = tf.keras.layers
    inputs = tf.keras.Input((12, 10, 3))
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(inputs)
    x = layers.BatchNormalization()(x)
    shortcut = x
    x = layers.SeparableConv2D(4, 3, padding="same", activation="relu6")(x)
    x = layers.Add()([x, shortcut])
    x = layers.DepthwiseConv2D(3, dilation_rate=2, padding="same")(x)
    x = layers.Concatenate()([x, layers.AveragePooling2D(3, strides=1, padding="same")(x)])
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(2, padding="same")(x)
    x = layers.Conv2DTranspose(3, 3, strides=2, padding="same")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    y = layers.GlobalAveragePooling2D()(x)
    z = layers.Flatten()(layers.Conv2D(2, 5, activation="tanh")(x))
    outputs = layers.Dense(5, activation="softmax")(layers.Concatenate()([y, z]))
    model = tf.keras.Model(inputs, outputs)
    model.layers[2].set_weights([np.abs(normal(4)) + 0.5, normal(4), normal(4), np.abs(normal(4)) + 0.5])
    graph, names = frozen(model, tf.TensorSpec([None, 12, 10, 3], tf.float32, name="image"))
    write("keras_cnn", graph, {"image": normal(3, 12, 10, 3)}, names)


def bert():
    """A BERT of two layers made by hand as TensorFlow 1's own was, ids and mask of any length."""
    width, heads, layers, words, positions = 16, 2, 2, 40, 12
    with tf.Graph().as_default() as graph:
        ids = v1.placeholder(tf.int32, [None, None], name="input_ids")
        mask = v1.placeholder(tf.int32, [None, None], name="input_mask")
        segments = v1.placeholder(tf.int32, [None, None], name="segment_ids")
        batch, length = tf.shape(ids)[0], tf.shape(ids)[1]
        flat = tf.reshape(ids, [-1])
        hidden = tf.reshape(tf.gather(normal(words, width), flat), [batch, length, width])
        kinds = tf.matmul(tf.one_hot(tf.reshape(segments, [-1]), depth=2), normal(2, width))
        hidden += tf.reshape(kinds, [batch, length, width])
        hidden += tf.reshape(tf.slice(normal(positions, width), [0, 0], [length, -1]), [1, length, width])

        def normalized(x):
            mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
            return tf.nn.batch_normalization(x, mean, variance, normal(width), normal(width), 1e-12)

        def dense(x, outputs):
            return tf.nn.bias_add(tf.matmul(x, 0.3 * normal(x.shape[-1], outputs)), normal(outputs))

        def split(x):
            return tf.transpose(tf.reshape(x, [batch, length, heads, width // heads]), [0, 2, 1, 3])

        hidden = normalized(hidden)
        penalty = (1.0 - tf.cast(mask[:, tf.newaxis, tf.newaxis, :], tf.float32)) * -10000.0
        x = tf.reshape(hidden, [-1, width])
        for _ in range(layers):
            query, key, value = [split(dense(x, width)) for _ in range(3)]
            scores = tf.matmul(query, key, transpose_b=True) * (1.0 / np.sqrt(width / heads)) + penalty
            context = tf.transpose(tf.matmul(tf.nn.softmax(scores), value), [0, 2, 1, 3])
            x = normalized(x + dense(tf.reshape(context, [batch * length, width]), width))
            inner = dense(x, 2 * width)
            inner = inner * 0.5 * (1.0 + tf.math.erf(inner / np.sqrt(2.0).astype(np.float32)))
            x = normalized(x + dense(inner, width))
        sequence = tf.reshape(x, [batch, length, width], name="sequence")
        first = tf.squeeze(sequence[:, 0:1, :], axis=1)
        tf.tanh(dense(first, width), name="pooled")
    feeds = {
        "input_ids": random.randint(0, words, (3, 7)).astype(np.int32),
        "input_mask": (random.rand(3, 7) > 0.3).astype(np.int32),
        "segment_ids": random.randint(0, 2, (3, 7)).astype(np.int32),
    }
    feeds["input_mask"][:, 0] = 1
    write("bert", graph, feeds, ["sequence:0", "pooled:0"])


class Cases:
    """Many small graphs in one: inputs and outputs of each under its name."""

    def __init__(self):
        self.graph = tf.Graph()
        self.feeds, self.fetches = {}, []

    def add(self, name, inputs, function):
        with self.graph.as_default(), tf.name_scope(name):
            places = []
            for index, value in enumerate(inputs):
                value = np.asarray(value)
                shape = [None] + list(value.shape[1:]) if value.ndim else []
                place = v1.placeholder(value.dtype, value.shape if name.endswith("_fixed") else shape, name=f"in{index}")
                self.feeds[place.op.name] = value
                places.append(place)
            results = function(*places)
            for index, result in enumerate(results if isinstance(results, (list, tuple)) else [results]):
                self.fetches.append(tf.identity(result, name=f"out{index}").name)


def operators():
    cases = Cases()
    raw = tf.raw_ops
    x, y = normal(3, 4), normal(3, 4)
    positive = np.abs(x) + 0.1
    small = np.clip(x, -0.9, 0.9)
    for name in [
        *["Abs", "Neg", "Sign", "Square", "Exp", "Expm1", "Sin", "Cos", "Tan", "Atan", "Sinh", "Cosh", "Tanh", "Asinh"],
        *["Erf", "Erfc", "Sigmoid", "Floor", "Ceil", "Round", "Rint", "IsNan", "IsInf", "IsFinite"],
    ]:
        cases.add(name, [x * 2], lambda a, name=name: getattr(raw, name)(x=a))
    for name in ["Sqrt", "Rsqrt", "Reciprocal", "Inv", "Log", "Log1p"]:
        cases.add(name, [positive], lambda a, name=name: getattr(raw, name)(x=a))
    for name in ["Asin", "Acos", "Atanh"]:
        cases.add(name, [small], lambda a, name=name: getattr(raw, name)(x=a))
    cases.add("Acosh", [positive + 1], lambda a: raw.Acosh(x=a))
    for name in ["Relu", "Relu6", "Elu", "Selu", "Softplus", "Softsign"]:
        cases.add(name, [x * 4], lambda a, name=name: getattr(raw, name)(features=a))
    cases.add("LeakyRelu", [x], lambda a: raw.LeakyRelu(features=a, alpha=0.3))
    cases.add("Softmax", [x], lambda a: raw.Softmax(logits=a))
    cases.add("LogSoftmax", [x], lambda a: raw.LogSoftmax(logits=a))
    cases.add("L2Loss", [x], lambda a: raw.L2Loss(t=a))
    cases.add("ClipByValue", [x], lambda a: raw.ClipByValue(t=a, clip_value_min=-0.5, clip_value_max=0.7))
    cases.add("Softplus_double", [x.astype(np.float64) * 30], lambda a: raw.Softplus(features=a))
    for name in ["Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "FloorDiv", "FloorMod", "Maximum", "Minimum"]:
        cases.add(name, [x, y], lambda a, b, name=name: getattr(raw, name)(x=a, y=b))
        cases.add(name + "_row", [x, y[0]], lambda a, b, name=name: getattr(raw, name)(x=a, y=b))
    for name in ["SquaredDifference", "Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "Atan2"]:
        arguments = (lambda a, b, name=name: raw.Atan2(y=a, x=b)) if name == "Atan2" else (
            lambda a, b, name=name: getattr(raw, name)(x=a, y=b))
        cases.add(name, [np.round(x), np.round(y)], arguments)
    cases.add("Pow", [positive, y], lambda a, b: raw.Pow(x=a, y=b))
    cases.add("DivNoNan", [x, np.round(y)], lambda a, b: raw.DivNoNan(x=a, y=b))
    cases.add("Xdivy", [np.round(x), positive], lambda a, b: raw.Xdivy(x=a, y=b))
    cases.add("Xlogy", [np.round(x), positive], lambda a, b: raw.Xlogy(x=a, y=b))
    left, right = random.randint(-20, 20, (5, 3)).astype(np.int32), random.randint(1, 6, (5, 3)).astype(np.int32)
    right[1] *= -1
    for name in ["FloorDiv", "FloorMod", "TruncateDiv", "TruncateMod", "Div", "Mod", "AddV2", "Mul", "Maximum"]:
        cases.add(name + "_int", [left, right], lambda a, b, name=name: getattr(raw, name)(x=a, y=b))
    for name in ["BitwiseAnd", "BitwiseOr", "BitwiseXor"]:
        cases.add(name, [left, right], lambda a, b, name=name: getattr(raw, name)(x=a, y=b))
    cases.add("LeftShift", [left, abs(right)], lambda a, b: raw.LeftShift(x=a, y=b))
    cases.add("RightShift", [left, abs(right)], lambda a, b: raw.RightShift(x=a, y=b))
    cases.add("Invert", [left], lambda a: raw.Invert(x=a))
    p, q = x > 0, y > 0
    cases.add("LogicalAnd", [p, q], lambda a, b: raw.LogicalAnd(x=a, y=b))
    cases.add("LogicalOr", [p, q], lambda a, b: raw.LogicalOr(x=a, y=b))
    cases.add("LogicalNot", [p], lambda a: raw.LogicalNot(x=a))
    cases.add("SelectV2", [p, x, y[0]], lambda c, a, b: raw.SelectV2(condition=c, t=a, e=b))
    cases.add("Select", [p[:, 0], x, y], lambda c, a, b: raw.Select(condition=c, x=a, y=b))
    cases.add("AddN", [x, y, x], lambda *a: raw.AddN(inputs=a))
    for to in [tf.float64, tf.int32, tf.int64, tf.bool, tf.uint8]:
        cases.add(f"Cast_{to.name}", [np.abs(x) * 5], lambda a, to=to: tf.cast(a, to))
    for name in ["ZerosLike", "OnesLike", "StopGradient", "Snapshot", "PreventGradient", "Identity"]:
        key = "x" if name in ("ZerosLike", "OnesLike") else "input"
        cases.add(name, [x], lambda a, name=name, key=key: getattr(raw, name)(**{key: a}))
    cases.add("CheckNumerics", [x], lambda a: raw.CheckNumerics(tensor=a, message="m"))
    cases.add("IdentityN", [x, y], lambda a, b: raw.IdentityN(input=[a, b]))
    # Products
    cases.add("MatMul", [x, normal(5, 4)], lambda a, b: raw.MatMul(a=a, b=b, transpose_b=True))
    cases.add("MatMul_left", [x, normal(3, 2)], lambda a, b: raw.MatMul(a=a, b=b, transpose_a=True))
    m, n = normal(2, 3, 4), normal(2, 4, 5)
    for name in ["BatchMatMul", "BatchMatMulV2"]:
        cases.add(name, [m, n], lambda a, b, name=name: getattr(raw, name)(x=a, y=b))
    cases.add("BatchMatMulV2_adjoint", [m, normal(5, 4)], lambda a, b: raw.BatchMatMulV2(x=a, y=b, adj_y=True))
    cases.add("Einsum", [m, normal(4, 2, 3)], lambda a, b: tf.einsum("abc,cde->abde", a, b))
    cases.add("Einsum_attention", [normal(2, 3, 2, 4), normal(2, 5, 2, 4)], lambda a, b: tf.einsum("bqhd,bkhd->bhqk", a, b))
    # Images
    image = normal(2, 9, 8, 4)
    for padding in ["SAME", "VALID"]:
        for stride, dilation in [(1, 1), (2, 1), (1, 2)]:
            name = f"Conv2D_{padding}_{stride}_{dilation}_fixed"
            cases.add(name, [image], lambda a, p=padding, s=stride, d=dilation: tf.nn.conv2d(
                a, normal(3, 2, 4, 5), s, p, dilations=d))
    cases.add("Conv2D_explicit", [image], lambda a: tf.nn.conv2d(
        a, normal(3, 3, 4, 2), 2, [[0, 0], [1, 2], [0, 1], [0, 0]]))
    cases.add("DepthwiseConv2dNative", [image], lambda a: tf.nn.depthwise_conv2d(a, normal(3, 3, 4, 2), [1, 2, 2, 1], "SAME"))
    cases.add("Conv2DBackpropInput", [normal(2, 4, 5, 3)], lambda a: tf.nn.conv2d_transpose(
        a, normal(3, 3, 2, 3), [2, 8, 10, 2], 2, "SAME"))
    cases.add("Conv1D", [normal(2, 9, 4)], lambda a: tf.nn.conv1d(a, normal(3, 4, 5), 2, "SAME"))
    for padding in ["SAME", "VALID"]:
        cases.add(f"MaxPool_{padding}", [image], lambda a, p=padding: tf.nn.max_pool2d(a, 3, 2, p))
        cases.add(f"AvgPool_{padding}", [image], lambda a, p=padding: tf.nn.avg_pool2d(a, 3, 2, p))
    cases.add("BiasAdd", [image], lambda a: tf.nn.bias_add(a, normal(4)))
    cases.add("BiasAdd_channels_first", [image], lambda a: tf.nn.bias_add(a, normal(9), data_format="NCHW"))
    statistics = [normal(4), normal(4), normal(4), np.abs(normal(4)) + 0.2]
    for name in ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]:
        cases.add(name, [image], lambda a, name=name: getattr(raw, name)(
            x=a, scale=statistics[0], offset=statistics[1], mean=statistics[2], variance=statistics[3],
            epsilon=0.01, is_training=False)[0])
    cases.add("image_chain", [image], lambda a: tf.nn.relu(
        tf.pad(tf.concat([tf.nn.conv2d(a, normal(1, 1, 4, 3), 1, "SAME") * normal(3) + normal(3), a], 3),
               [[0, 0], [1, 0], [2, 1], [0, 1]])))
    for aligned, centered in [(False, False), (True, False), (False, True)]:
        suffix = f"{int(aligned)}{int(centered)}"
        for name in ["ResizeBilinear", "ResizeNearestNeighbor"]:
            for size in [[5, 13], [18, 4]]:
                cases.add(f"{name}_{suffix}_{size[0]}", [image], lambda a, name=name, size=size, l=aligned, c=centered:
                          getattr(raw, name)(images=a, size=size, align_corners=l, half_pixel_centers=c))
    cases.add("DepthToSpace", [image], lambda a: raw.DepthToSpace(input=a, block_size=2))
    cases.add("SpaceToDepth", [image[:, :8]], lambda a: raw.SpaceToDepth(input=a, block_size=2))
    cases.add("SpaceToBatchND", [image], lambda a: tf.space_to_batch(a, [3, 2], [[0, 0], [1, 1]]))
    cases.add("BatchToSpaceND", [normal(8, 3, 4, 2)], lambda a: tf.batch_to_space(a, [2, 2], [[1, 0], [0, 2]]))
    # Reductions
    for name in ["Sum", "Prod", "Max", "Min", "Mean"]:
        cases.add(name, [m], lambda a, name=name: getattr(raw, name)(input=a, axis=[1], keep_dims=False))
        cases.add(name + "_keep", [m], lambda a, name=name: getattr(raw, name)(input=a, axis=[-1, 0], keep_dims=True))
    cases.add("Sum_all", [left], lambda a: tf.reduce_sum(a))
    cases.add("Prod_int", [right], lambda a: tf.reduce_prod(a, axis=1))
    cases.add("All", [p], lambda a: tf.reduce_all(a, axis=1))
    cases.add("Any", [p], lambda a: tf.reduce_any(a, axis=0, keepdims=True))
    cases.add("EuclideanNorm", [x], lambda a: raw.EuclideanNorm(input=a, axis=[1]))
    cases.add("ArgMax", [x], lambda a: tf.argmax(a, axis=1))
    cases.add("ArgMin", [x], lambda a: tf.argmin(a, axis=-1, output_type=tf.int32))
    cases.add("Cumsum", [x], lambda a: tf.cumsum(a, axis=1))
    cases.add("Cumsum_reverse_exclusive", [x], lambda a: tf.cumsum(a, axis=1, exclusive=True, reverse=True))
    cases.add("Cumsum_int", [left], lambda a: tf.cumsum(a, axis=1))
    cases.add("Cumprod", [x], lambda a: tf.math.cumprod(a, axis=1, exclusive=True))
    cases.add("TopKV2", [x], lambda a: list(tf.math.top_k(a, k=2)))
    # Shapes
    cases.add("Shape", [m], lambda a: tf.shape(a))
    cases.add("Shape_long", [m], lambda a: tf.shape(a, out_type=tf.int64))
    cases.add("ShapeN", [m, x], lambda a, b: raw.ShapeN(input=[a, b]))
    cases.add("Size", [m], lambda a: raw.Size(input=a))
    cases.add("Rank", [m], lambda a: raw.Rank(input=a))
    cases.add("Reshape", [m], lambda a: tf.reshape(a, [-1, 6]))
    cases.add("Reshape_batch", [m], lambda a: tf.reshape(a, [tf.shape(a)[0], -1]))
    cases.add("Reshape_product", [m], lambda a: tf.reshape(a, [tf.reduce_prod(tf.shape(a)[:2]), 4]))
    cases.add("ExpandDims", [m], lambda a: tf.expand_dims(a, -2))
    cases.add("Squeeze", [normal(3, 1, 4, 1)], lambda a: [tf.squeeze(a, [1]), tf.squeeze(a, [-1, 1])])
    cases.add("Transpose", [m], lambda a: tf.transpose(a, [2, 0, 1]))
    cases.add("Fill", [x], lambda a: tf.fill([tf.shape(a)[0], 2], 7.5))
    cases.add("BroadcastTo", [y[0]], lambda a: tf.broadcast_to(a, [3, 2, 4]))
    cases.add("Tile", [m], lambda a: tf.tile(a, [2, 1, 3]))
    cases.add("Range", [x], lambda a: [tf.range(tf.shape(a)[0]), tf.range(1, 10, 3), tf.range(1.0, 0.0, -0.25)])
    cases.add("ReverseV2", [m], lambda a: tf.reverse(a, [1, -1]))
    # Parts
    cases.add("Slice", [m], lambda a: tf.slice(a, [0, 1, 0], [-1, 2, 3]))
    cases.add("StridedSlice", [m], lambda a: [
        a[:, 1], a[:, ::2, -1], a[..., 1:3], a[:, tf.newaxis, :-1], a[:, ::-1, 3:0:-2], a[1], a[:, -2:], a[0:1, 1:100]])
    cases.add("StridedSlice_open", [m], lambda a: [a[1:], a[-1], a[:-1], a[tf.shape(a)[0] - 1]])
    cases.add("Split", [m], lambda a: tf.split(a, 2, axis=2))
    cases.add("SplitV", [m], lambda a: tf.split(a, [1, -1], axis=1))
    cases.add("Unpack", [m], lambda a: tf.unstack(a, axis=1))
    cases.add("Unpack_shape", [m], lambda a: tf.fill(tf.unstack(tf.shape(a))[:2], 1))
    cases.add("ConcatV2", [m, m], lambda a, b: tf.concat([a, b], -1))
    cases.add("Concat", [m, m], lambda a, b: raw.Concat(concat_dim=1, values=[a, b]))
    cases.add("Pack", [x, y], lambda a, b: tf.stack([a, b], axis=1))
    cases.add("Pad", [m], lambda a: tf.pad(a, [[0, 0], [1, 2], [0, 3]]))
    cases.add("PadV2", [m], lambda a: tf.pad(a, [[0, 0], [1, 2], [0, 3]], constant_values=-1.5))
    cases.add("MirrorPad", [m], lambda a: tf.pad(a, [[0, 0], [1, 2], [0, 3]], mode="REFLECT"))
    cases.add("GatherV2", [m, np.array([[1, 0], [2, 2]], np.int32)], lambda a, b: tf.gather(a, b, axis=1))
    cases.add("GatherV2_rows", [normal(6, 3), np.array([5, 0], np.int64)], lambda a, b: tf.gather(a, b))
    cases.add("GatherNd", [m, np.array([[0, 2], [1, 1]], np.int32)], lambda a, b: tf.gather_nd(a, b))
    cases.add("OneHot", [np.array([0, 2, -1, 7], np.int32)], lambda a: tf.one_hot(a, 3, on_value=2.0, off_value=-1.0))
    cases.add("OneHot_axis", [np.array([[0, 2], [1, 1]], np.int64)], lambda a: tf.one_hot(a, 3, axis=1))
    write("operators", cases.graph, cases.feeds, cases.fetches)


def folded(function, *signature):
    """The graph of a function with its variables as constants, its branches and loops as they are."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    concrete = tf.function(function).get_concrete_function(*signature)
    result = convert_variables_to_constants_v2(concrete, lower_control_flow=False)
    return result.graph, [tensor.name for tensor in result.outputs]


def control_flow():
    inner = tf.function(lambda a, b: (tf.nn.relu(a) + b, a - b), autograph=False)

    def model(x, flag):
        chosen, other = tf.cond(flag, lambda: (x * 2.0, x[:, 0]), lambda: (x - 1.0, x[:, 1]))
        negative = tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.exp(x), lambda: tf.constant(1.0, shape=[4, 3]))
        total, difference = inner(chosen, negative)
        _, power = tf.while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, y * 0.5 + tf.cast(i, tf.float32)), (0, total))
        rows = tf.TensorArray(tf.float32, size=4, element_shape=[3]).unstack(x)
        sums = tf.TensorArray(tf.float32, size=4, element_shape=[3])
        _, _, sums = tf.while_loop(
            lambda i, s, out: i < 4, lambda i, s, out: (i + 1, s + rows.read(i), out.write(i, s + rows.read(i))),
            (0, tf.zeros([3]), sums))
        return power, difference, other, sums.stack()

    graph, fetches = folded(model, tf.TensorSpec([4, 3], tf.float32, "x"), tf.TensorSpec([], tf.bool, "flag"))
    for name, flag in {"control_flow": True, "control_flow_no": False}.items():
        write(name, graph, {"x": normal(4, 3), "flag": np.array(flag)}, fetches)

    # The same kind of branch as TensorFlow 1 has it.
    v1.disable_control_flow_v2()
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 3], name="x")
        flag = v1.placeholder(tf.bool, [], name="flag")
        training = tf.constant(False, name="training")
        y = v1.cond(flag, lambda: x * 2.0, lambda: v1.cond(flag, lambda: x, lambda: tf.nn.relu(x)) - 1.0)
        z = v1.cond(training, lambda: tf.nn.dropout(y, rate=0.5), lambda: y + 1.0)
        w = v1.cond(flag, lambda: tf.constant(3.0), lambda: tf.constant(4.0))
        tf.multiply(z, w, name="y")
    write("branch", graph, {"x": normal(2, 3), "flag": np.array(True)}, ["y:0"])
    write("branch_no", graph, {"x": normal(2, 3), "flag": np.array(False)}, ["y:0"])
    v1.enable_control_flow_v2()


def keras_lstm():
    tf.keras.utils.set_random_seed(5)
    layers = tf.keras.layers
    model = tf.keras.Sequential([
        tf.keras.Input((6, 3), batch_size=2), layers.LSTM(5, return_sequences=True), layers.GRU(4), layers.Dense(2)])
    graph, fetches = folded(model, tf.TensorSpec([2, 6, 3], tf.float32, "x"))
    write("keras_lstm", graph, {"x": normal(2, 6, 3)}, fetches)


def cases():
    def model(x, kind):
        def ways(y):
            return {0: lambda: y * 2.0, 1: lambda: tf.exp(y), 2: lambda: -y}

        return tf.switch_case(kind, ways(x)), tf.switch_case(tf.constant(1), ways(x + 1.0))

    # Freezing would lower Case to nodes that only TensorFlow's runtime knows; there is no variable to freeze.
    concrete = tf.function(model).get_concrete_function(
        tf.TensorSpec([2, 3], tf.float32, "x"), tf.TensorSpec([], tf.int32, "kind"))
    graph, fetches = tf.Graph(), [tensor.name for tensor in concrete.outputs]
    with graph.as_default():
        tf.import_graph_def(concrete.graph.as_graph_def(), name="")
    for kind in (0, 1, 7):
        write(f"cases_{kind}", graph, {"x": normal(2, 3), "kind": np.int32(kind)}, fetches)


class Cell:
    """A gated recurrent unit as TensorFlow 1 had it, whose own need a Keras that is gone."""

    def __init__(self, inputs, units):
        self.output_size = self.state_size = units
        self.gates = v1.get_variable("gates", initializer=0.5 * normal(inputs + units, 2 * units))
        self.candidate = v1.get_variable("candidate", initializer=0.5 * normal(inputs + units, units))

    def zero_state(self, batch, dtype):
        return tf.zeros([batch, self.state_size], dtype)

    def __call__(self, x, state, scope=None):
        reset, update = tf.split(tf.sigmoid(tf.matmul(tf.concat([x, state], 1), self.gates)), 2, axis=1)
        new = update * state + (1 - update) * tf.tanh(tf.matmul(tf.concat([x, reset * state], 1), self.candidate))
        return new, new


def old_freeze(graph, names):
    """A graph with its variables as constants, as TensorFlow 1 froze it."""
    with v1.Session(graph=graph) as session:
        session.run(v1.global_variables_initializer())
        definition = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), names)
    with tf.Graph().as_default() as result:
        tf.import_graph_def(definition, name="")
    return result


def old_loops():
    """Loops of frames: Enter, Merge, Switch, LoopCond, NextIteration, Exit."""
    v1.disable_control_flow_v2()
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 3], name="x")
        bias = v1.get_variable("bias", initializer=normal(3), use_resource=False)
        flag = v1.placeholder(tf.bool, [], name="flag")

        def row(i, y):
            # A loop in the loop, whose bound is the outer's counter, and a branch in it.
            _, inner = v1.while_loop(lambda j, z: j <= i, lambda j, z: (j + 1, z * 0.5 + bias), (0, y))
            step = v1.cond(flag, lambda: inner - y, lambda: v1.cond(i < 2, lambda: tf.constant([[2.0]]) * y, lambda: -inner))
            return i + 1, y + step * tf.cast(i, tf.float32)

        count, y = v1.while_loop(lambda i, y: i < 4, row, (0, x))
        # How often this one runs depends on values.
        turns, halved = v1.while_loop(
            lambda i, z: tf.reduce_sum(tf.abs(z)) > 0.5, lambda i, z: (i + 1, z / 2), (0, y), maximum_iterations=7)
        _, never = v1.while_loop(lambda i, z: i < 0, lambda i, z: (i + 1, z * 0), (0, y))
        squares = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[])
        _, squares = v1.while_loop(
            lambda i, a: i < 5, lambda i, a: (i + 1, a.write(i, tf.cast(i * i, tf.float32))), (0, squares))
        for name, value in {"y": y, "turns": turns, "halved": halved, "never": never, "squares": squares.stack()}.items():
            tf.identity(value, name=name)
    names = ["y", "turns", "halved", "never", "squares"]
    graph = old_freeze(graph, names)
    for name, flag in {"old_loops": True, "old_loops_no": False}.items():
        write(name, graph, {"x": normal(2, 3), "flag": np.array(flag)}, [name + ":0" for name in names])

    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 6, 3], name="x")
        lengths = v1.placeholder(tf.int32, [None], name="lengths")
        with v1.variable_scope("first", use_resource=False):
            hidden, state = v1.nn.dynamic_rnn(Cell(3, 4), x, sequence_length=lengths, dtype=tf.float32)
        with v1.variable_scope("second", use_resource=False):
            other, _ = v1.nn.dynamic_rnn(Cell(4, 3), hidden, dtype=tf.float32)
        with v1.variable_scope("ahead", use_resource=False):
            ahead = Cell(3, 2)
        with v1.variable_scope("back", use_resource=False):
            back = Cell(3, 2)
        both, _ = v1.nn.bidirectional_dynamic_rnn(ahead, back, x, sequence_length=lengths, dtype=tf.float32)
        for name, value in {"hidden": hidden, "state": state, "other": other, "both": tf.concat(both, 2)}.items():
            tf.identity(value, name=name)
    names = ["hidden", "state", "other", "both"]
    graph = old_freeze(graph, names)
    feeds = {"x": normal(3, 6, 3), "lengths": np.array([2, 4, 1], np.int32)}
    write("old_recurrent", graph, feeds, [name + ":0" for name in names])
    v1.enable_control_flow_v2()

    # TensorFlow 2 freezes Keras's models into the same kind of loop.
    tf.keras.utils.set_random_seed(6)
    layers = tf.keras.layers
    model = tf.keras.Sequential([
        tf.keras.Input((5, 3), batch_size=2), layers.LSTM(4, return_sequences=True), layers.GRU(3), layers.Dense(2)])
    graph, fetches = frozen(model, tf.TensorSpec([2, 5, 3], tf.float32, "x"))
    write("keras_lstm_frames", graph, {"x": normal(2, 5, 3)}, fetches)


folder.mkdir(parents=True, exist_ok=True)
classifier()
keras_cnn()
bert()
operators()
control_flow()
keras_lstm()
cases()
old_loops()
