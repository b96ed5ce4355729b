extension LegacyName {
  /// TensorFlow 1's optimizers, checkpoints, summaries and losses.
  static let tensorFlowTraining: [LegacyName] = [
    LegacyName(
      "tf.train.GradientDescentOptimizer", "SGD", line: "1.x", .adapted, .byHand, note: optimizer("SGD")),
    LegacyName(
      "tf.train.MomentumOptimizer", "SGD", line: "1.x", .adapted, .byHand, note: optimizer("SGD")),
    LegacyName(
      "tf.train.AdamOptimizer", "Adam", line: "1.x", .adapted, .byHand,
      note: optimizer("Adam")
        + " TensorFlow adds epsilon before it corrects the bias, which differs where gradients are tiny."),
    LegacyName(
      "tf.train.AdagradOptimizer", "Adagrad", line: "1.x", .adapted, .byHand, note: optimizer("Adagrad")),
    LegacyName(
      "tf.train.RMSPropOptimizer", "RMSprop", line: "1.x", .different, .byHand,
      note: optimizer("RMSprop")
        + " Its mean of squares begins at 0, TensorFlow's at 1; epsilon is added outside the root."),
    LegacyName(
      "optimizer.minimize", "optimizer.minimize", line: "1.x", .adapted, .byHand,
      note: "Of an Optimizer, which is made with its parameters. The global step is optimizer.stepCount.",
      hasAlias: false),
    LegacyName(
      "tf.train.Saver", "Saver", line: "1.x", .different, .byHand,
      note: "Saver(folder, keeping: 5): folders of safetensors, not TensorFlow's files."),
    LegacyName(
      "tf.train.latest_checkpoint", "Saver.checkpoints", line: "1.x", .adapted, .byHand,
      note: "Saver(folder).checkpoints().last, or restoreLatest(into:)."),
    LegacyName(
      "tf.summary.scalar", "Summary.scalar", line: "1.x", .exact, .rename),
    LegacyName("tf.summary.histogram", "Summary.histogram", line: "1.x", .exact, .rename),
    LegacyName(
      "tf.summary.merge", "Summary", line: "1.x", .adapted, .byHand,
      note: "An array of summaries: session.run(…, summaries: […], to: writer, step: step)."),
    LegacyName("tf.summary.merge_all", "Summary", line: "1.x", .adapted, .byHand, note: "As tf.summary.merge."),
    LegacyName(
      "tf.summary.FileWriter", "EventFileWriter", line: "1.x", .adapted, .byHand,
      note: "The graph is not written; ds graph draws it."),
    LegacyName(
      "writer.add_summary", "EventFileWriter", line: "1.x", .adapted, .byHand,
      note: "session.run(…, summaries: […], to: writer, step: step) writes what it fetched."),
    LegacyName(
      "tf.losses.mean_squared_error", "Tensor.meanSquaredError", line: "1.x", .adapted, .byHand,
      note: "prediction.meanSquaredError(target)."),
    LegacyName(
      "tf.losses.absolute_difference", "Tensor.meanAbsoluteError", line: "1.x", .adapted, .byHand,
      note: "prediction.meanAbsoluteError(target)."),
    LegacyName(
      "tf.losses.huber_loss", "Tensor.huberLoss", line: "1.x", .adapted, .byHand, note: "prediction.huberLoss(target)."),
    LegacyName(
      "tf.losses.softmax_cross_entropy", "Tensor.crossEntropy(probabilities:)", line: "1.x", .adapted, .byHand,
      note: "logits.crossEntropy(probabilities: labels)."),
    LegacyName(
      "tf.losses.sparse_softmax_cross_entropy", "Tensor.crossEntropy", line: "1.x", .adapted, .byHand,
      note: "logits.crossEntropy(labels)."),
    LegacyName(
      "tf.losses.sigmoid_cross_entropy", "Tensor.binaryCrossEntropyWithLogits", line: "1.x", .adapted, .byHand,
      note: "logits.binaryCrossEntropyWithLogits(labels)."),
  ]

  private static func optimizer(_ rule: String) -> String {
    "Optimizer(model, \(rule)(learningRate: …)).minimize(loss): an optimizer is given its model or parameters."
  }
}
