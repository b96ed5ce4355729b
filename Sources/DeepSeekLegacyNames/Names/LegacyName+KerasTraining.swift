extension LegacyName {
  /// Keras 1's and 2's optimizers, losses, metrics, callbacks and the rest of what training takes.
  static let kerasTraining: [LegacyName] =
    optimizers + losses + metrics + callbacks + initializers + strings + [
      LegacyName(
        "keras.utils.to_categorical", "Tensor.oneHot", line: "1.x", .exact,
        .method(["num_classes": "", "nb_classes": ""]),
        note: "The number of classes is given."),
      LegacyName("keras.backend.clear_session", "StaticGraph.resetDefault", line: "1.x", .exact, .rename),
    ]

  private static let strings: [LegacyName] = [
    ("activation: \"relu\"", "activation: .relu"), ("loss: \"mse\"", "loss: .meanSquaredError"),
    ("metrics: [\"accuracy\"]", "metrics: [.accuracy]"), ("padding: \"same\"", "padding: .same"),
  ].map { LegacyName($0, $1, line: "1.x", .exact, .byHand, note: "Any of Keras's names.") }

  private static let optimizers: [LegacyName] = [
    LegacyName(
      "keras.optimizers.Adam", "Adam", line: "1.x", .adapted, .relabel(["lr": "learningRate"]),
      note: "beta_1 and beta_2 are betas: (0.9, 0.999). Keras's epsilon is 1e-7, ours 1e-8; .adam() has Keras's."),
    LegacyName(
      "keras.optimizers.SGD", "SGD", line: "1.x", .adapted, .relabel(["lr": "learningRate", "nesterov": "isNesterov"]),
      note: "A decay is a Schedule."),
    LegacyName(
      "keras.optimizers.RMSprop", "RMSprop", line: "1.x", .adapted,
      .relabel(["lr": "learningRate", "rho": "smoothing", "centered": "isCentered"]),
      note: "Keras's smoothing is 0.9 when none is given, ours 0.99."),
    LegacyName(
      "keras.optimizers.Adagrad", "Adagrad", line: "1.x", .adapted,
      .relabel(["lr": "learningRate", "initial_accumulator_value": "initialSum"])),
  ]

  private static let losses: [LegacyName] = [
    ("mean_squared_error", "meanSquaredError"), ("mse", "meanSquaredError"),
    ("mean_absolute_error", "meanAbsoluteError"), ("mae", "meanAbsoluteError"),
    ("categorical_crossentropy", "categoricalCrossentropy"),
    ("sparse_categorical_crossentropy", "sparseCategoricalCrossentropy"),
    ("binary_crossentropy", "binaryCrossentropy"), ("hinge", "hinge"), ("poisson", "poisson"),
    ("kullback_leibler_divergence", "kullbackLeiblerDivergence"), ("huber_loss", "huber"),
  ].map { LegacyName("keras.losses.\($0)", "Keras.Loss.\($1)", line: "1.x", .exact, .rename) }

  private static let metrics: [LegacyName] = [
    ("categorical_accuracy", "accuracy"), ("sparse_categorical_accuracy", "accuracy"),
    ("binary_accuracy", "binaryAccuracy"), ("mean_squared_error", "meanSquaredError"),
    ("mean_absolute_error", "meanAbsoluteError"),
  ].map { LegacyName("keras.metrics.\($0)", "Keras.Metric.\($1)", line: "1.x", .exact, .rename) }

  private static let callbacks: [LegacyName] = [
    LegacyName(
      "keras.callbacks.EarlyStopping", "Keras.EarlyStopping", line: "1.x", .exact,
      .relabel(["monitor": "monitoring", "min_delta": "minimumChange", "restore_best_weights": "restoresBest"])),
    LegacyName(
      "keras.callbacks.ModelCheckpoint", "Keras.ModelCheckpoint", line: "1.x", .different, .byHand,
      note:
        "Keras.ModelCheckpoint(Saver(folder, keeping: 3, every: 100)): a folder of checkpoints, every so many steps."),
    LegacyName(
      "keras.callbacks.TensorBoard", "Keras.TensorBoard", line: "1.x", .adapted, .byHand,
      note: "Keras.TensorBoard(EventFileWriter(folder))."),
    LegacyName(
      "keras.callbacks.LearningRateScheduler", "Keras.LearningRateScheduler", line: "1.x", .different, .byHand,
      note: "A factor of the optimizer's learning rate for each epoch, not the rate itself."),
    LegacyName(
      "keras.callbacks.LambdaCallback", "Keras.LambdaCallback", line: "1.x", .adapted,
      .relabel(["on_epoch_end": "onEpochEnd"]), note: "The function says whether training goes on."),
  ]

  private static let initializers: [LegacyName] =
    [
      ("glorot_uniform", "xavierUniform"), ("he_uniform", "kaimingUniform"), ("zeros", "zeros"), ("ones", "ones"),
      ("orthogonal", "orthogonal"), ("constant", "constant"),
    ].map { LegacyName("keras.initializers.\($0)", "Initializer.\($1)", line: "1.x", .exact, .rename) }
    + [("glorot_normal", "xavierNormal"), ("he_normal", "kaimingNormal")].map {
      LegacyName(
        "keras.initializers.\($0)", "Initializer.\($1)", line: "1.x", .different, .rename,
        note: "Keras cuts the normal distribution off at two deviations.")
    }
}
