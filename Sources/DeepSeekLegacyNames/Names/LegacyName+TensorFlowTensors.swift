extension LegacyName {
  /// TensorFlow 1's functions that make tensors and give them another form.
  static let tensorFlowTensors: [LegacyName] = [
    LegacyName("tf.float16", "DType.float16", line: "1.x", .exact, .rename),
    LegacyName("tf.bfloat16", "DType.bfloat16", line: "1.x", .exact, .rename),
    LegacyName("tf.float32", "DType.float32", line: "1.x", .exact, .rename),
    LegacyName("tf.float64", "DType.float64", line: "1.x", .exact, .rename),
    LegacyName("tf.int32", "DType.int32", line: "1.x", .exact, .rename),
    LegacyName("tf.int64", "DType.int64", line: "1.x", .exact, .rename),
    LegacyName("tf.bool", "DType.bool", line: "1.x", .exact, .rename),
    LegacyName(
      "tf.constant", "Tensor", line: "1.x", .adapted, .byHand,
      note: "Tensor([[1, 2]], dtype: .float32): any tensor is a constant of the graph that it meets."),
    LegacyName("tf.zeros", "Tensor.zeros", line: "1.x", .exact, .rename),
    LegacyName("tf.ones", "Tensor.ones", line: "1.x", .exact, .rename),
    LegacyName("tf.zeros_like", "Tensor.zeros(like:)", line: "1.x", .exact, .byHand, note: "Tensor.zeros(like: x)."),
    LegacyName("tf.ones_like", "Tensor.ones(like:)", line: "1.x", .exact, .byHand, note: "Tensor.ones(like: x)."),
    LegacyName("tf.fill", "Tensor.full", line: "1.x", .exact, .rename),
    LegacyName(
      "tf.range", "Tensor.range", line: "1.x", .adapted, .byHand,
      note: "Tensor.range(count) for whole numbers from 0, Tensor.arange(start, stop, step) otherwise."),
    LegacyName("tf.linspace", "Tensor.linspace", line: "1.x", .adapted, .byHand, note: "The count has a label."),
    LegacyName("tf.eye", "Tensor.eye", line: "1.x", .exact, .rename),
    LegacyName(
      "tf.random_normal", "Tensor.randomNormal", line: "1.x", .adapted, .relabel(["stddev": "standardDeviation"]),
      note: "Inside graph.building, numbers are drawn anew in each run; outside it they are drawn once."),
    LegacyName(
      "tf.random_uniform", "Tensor.randomUniform", line: "1.x", .adapted, .relabel(["minval": "", "maxval": ""]),
      note: "As tf.random_normal."),
    LegacyName(
      "tf.truncated_normal", "Tensor.randomTruncatedNormal", line: "1.x", .adapted, .byHand,
      note: "Of standard deviation 1: multiply by the one that is wanted."),
    LegacyName("tf.cast", "Tensor.cast", line: "1.x", .adapted, .byHand, note: "x.cast(to: .float32)."),
    LegacyName("tf.to_float", "Tensor.cast", line: "1.x", .adapted, .byHand, note: "x.cast(to: .float32)."),
    LegacyName("tf.to_int32", "Tensor.cast", line: "1.x", .adapted, .byHand, note: "x.cast(to: .int32)."),
    LegacyName("tf.to_int64", "Tensor.cast", line: "1.x", .adapted, .byHand, note: "x.cast(to: .int64)."),
    LegacyName("tf.reshape", "Tensor.reshaped", line: "1.x", .exact, .method([:])),
    LegacyName("tf.transpose", "Tensor.transposed", line: "1.x", .exact, .method(["perm": ""])),
    LegacyName("tf.expand_dims", "Tensor.expanded", line: "1.x", .exact, .method(["axis": "", "dim": ""])),
    LegacyName(
      "tf.squeeze", "Tensor.squeezed", line: "1.x", .exact, .method(["axis": ""]), note: "One axis, or all of length 1."
    ),
    LegacyName(
      "tf.concat", "Tensor.concatenate", line: "1.x", .adapted, .byHand, note: "Tensor.concatenate([a, b], axis: 1)."),
    LegacyName("tf.stack", "Tensor.stack", line: "1.x", .exact, .rename),
    LegacyName("tf.pack", "Tensor.stack", line: "1.x", .exact, .rename),
    LegacyName(
      "tf.unstack", "Tensor.selected", line: "1.x", .adapted, .byHand, note: "x.selected(axis, index) for each index."),
    LegacyName(
      "tf.split", "Tensor.chunked", line: "1.x", .adapted, .byHand,
      note: "x.chunked(count, axis: axis), or x.split(lengths, axis: axis)."),
    LegacyName("tf.tile", "Tensor.tiled", line: "1.x", .exact, .method(["multiples": ""])),
    LegacyName(
      "tf.pad", "Tensor.padded", line: "1.x", .adapted, .byHand, note: "x.padded([(before, after), …])."),
    LegacyName(
      "tf.slice", "Tensor.sliced", line: "1.x", .adapted, .byHand, note: "x.sliced(axis, begin..<end) for each axis."),
    LegacyName(
      "tf.gather", "Tensor.take", line: "1.x", .adapted, .byHand, note: "x.take(indices, axis: axis)."),
    LegacyName("tf.one_hot", "Tensor.oneHot", line: "1.x", .exact, .method(["depth": ""])),
    LegacyName("tf.where", "Tensor.select", line: "1.x", .exact, .rename),
    LegacyName("tf.identity", "Tensor", line: "1.x", .exact, .byHand, note: "The tensor itself."),
    LegacyName("tf.stop_gradient", "Tensor.detached", line: "1.x", .exact, .method([:])),
  ]
}
