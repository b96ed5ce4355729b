extension LegacyName {
  /// TensorFlow 1's `tf.nn` and `tf.layers`.
  static let tensorFlowNetworks: [LegacyName] = activations + networks + layers

  private static let activations: [LegacyName] =
    [
      ("relu", "relu"), ("elu", "elu"), ("selu", "selu"), ("sigmoid", "sigmoid"), ("tanh", "tanh"),
      ("softplus", "softplus"), ("softsign", "softsign"),
    ].map { LegacyName("tf.nn.\($0)", "Tensor.\($1)", line: "1.x", .exact, .method([:])) } + [
      LegacyName("tf.nn.relu6", "Tensor.clamp", line: "1.x", .adapted, .byHand, note: "x.clamp(0, 6)"),
      LegacyName(
        "tf.nn.leaky_relu", "Tensor.leakyRelu", line: "1.x", .adapted, .method(["alpha": "slope"]),
        note: "TensorFlow's slope is 0.2 when none is given, ours 0.01."),
      LegacyName("tf.nn.softmax", "Tensor.softmax", line: "1.x", .exact, .method(["dim": "axis"])),
      LegacyName("tf.nn.log_softmax", "Tensor.logSoftmax", line: "1.x", .exact, .method(["dim": "axis"])),
    ]

  private static let networks: [LegacyName] = [
    LegacyName(
      "tf.nn.dropout", "Tensor.dropout", line: "1.x", .adapted, .byHand,
      note: "The share that is dropped, not the share that is kept; inside graph.building."),
    LegacyName("tf.nn.bias_add", "Tensor.+", line: "1.x", .exact, .byHand, note: "x + bias"),
    LegacyName("tf.nn.l2_loss", "Tensor.sumSquares", line: "1.x", .adapted, .byHand, note: "x.sumSquares() / 2"),
    LegacyName(
      "tf.nn.l2_normalize", "Tensor.norm", line: "1.x", .adapted, .byHand,
      note: "x / x.norm(axes: [1], keepAxes: true), kept away from zero."),
    LegacyName(
      "tf.nn.moments", "Tensor.variance", line: "1.x", .adapted, .byHand,
      note: "x.mean(axes: axes) and x.variance(axes: axes, correction: 0)."),
    LegacyName(
      "tf.nn.softmax_cross_entropy_with_logits", "Tensor.crossEntropy(probabilities:)", line: "1.x", .adapted, .byHand,
      note: "logits.crossEntropy(probabilities: labels, reduction: .none)."),
    LegacyName(
      "tf.nn.softmax_cross_entropy_with_logits_v2", "Tensor.crossEntropy(probabilities:)", line: "1.x", .adapted,
      .byHand,
      note: "logits.crossEntropy(probabilities: labels, reduction: .none)."),
    LegacyName(
      "tf.nn.sparse_softmax_cross_entropy_with_logits", "Tensor.crossEntropy", line: "1.x", .adapted, .byHand,
      note: "logits.crossEntropy(labels, reduction: .none)."),
    LegacyName(
      "tf.nn.sigmoid_cross_entropy_with_logits", "Tensor.binaryCrossEntropyWithLogits", line: "1.x", .adapted, .byHand,
      note: "logits.binaryCrossEntropyWithLogits(labels, reduction: .none)."),
    LegacyName("tf.nn.embedding_lookup", "Tensor.embedding", line: "1.x", .exact, .rename),
    LegacyName(
      "tf.nn.conv2d", "Tensor.convolution", line: "1.x", .adapted, .byHand, note: channelsLast),
    LegacyName("tf.nn.max_pool", "Tensor.maxPool", line: "1.x", .adapted, .byHand, note: channelsLast),
    LegacyName("tf.nn.avg_pool", "Tensor.averagePool", line: "1.x", .adapted, .byHand, note: channelsLast),
    LegacyName(
      "tf.nn.in_top_k", "Tensor.topK", line: "1.x", .adapted, .byHand, note: "Or the metric Keras.Metric.topAccuracy."),
  ]

  private static let layers: [LegacyName] = [
    LegacyName(
      "tf.layers.dense", "ds.layers.Dense", line: "1.x", .adapted, .byHand,
      note: "ds.layers.Dense(units, activation: .relu)(x)."),
    LegacyName(
      "tf.layers.dropout", "ds.layers.Dropout", line: "1.x", .adapted, .byHand,
      note: "ds.layers.Dropout(rate)(x, training: true)."),
    LegacyName(
      "tf.layers.flatten", "ds.layers.Flatten", line: "1.x", .exact, .byHand, note: "ds.layers.Flatten()(x)."),
    LegacyName(
      "tf.layers.batch_normalization", "ds.layers.BatchNormalization", line: "1.x", .adapted, .byHand,
      note: "ds.layers.BatchNormalization()(x, training: true). " + channelsLast),
    LegacyName(
      "tf.layers.conv2d", "ds.layers.Conv2D", line: "1.x", .adapted, .byHand,
      note: "ds.layers.Conv2D(filters, kernel)(x). " + channelsLast),
    LegacyName(
      "tf.layers.max_pooling2d", "ds.layers.MaxPooling2D", line: "1.x", .adapted, .byHand,
      note: "ds.layers.MaxPooling2D(size, strides: strides)(x). " + channelsLast),
  ]

  private static let channelsLast =
    "The old name takes channels last, as TensorFlow has them, and turns the axes; today's takes them first."
}
