extension LegacyName {
  /// Keras 1's and 2's models.
  static let kerasModels: [LegacyName] = [
    LegacyName("keras.Sequential", "ds.Sequential", line: "1.x", .exact, .rename),
    LegacyName("keras.Model", "ds.Model", line: "1.x", .exact, .rename),
    LegacyName("keras.Input", "ds.Input", line: "1.x", .exact, .rename),
    LegacyName("keras.layers", "ds.layers", line: "1.x", .exact, .rename),
    LegacyName("keras.models.Sequential", "ds.Sequential", line: "1.x", .exact, .rename),
    LegacyName("keras.models.Model", "ds.Model", line: "1.x", .exact, .rename),
    LegacyName(
      "model.compile", "model.compile", line: "1.x", .adapted, .byHand,
      note: "Optimizer, loss and metrics are values: optimizer: .adam(), loss: .meanSquaredError, metrics: [.accuracy]."
    ),
    LegacyName(
      "model.fit", "model.fit", line: "1.x", .adapted,
      .relabel([
        "nb_epoch": "epochs", "batch_size": "batchSize", "validation_split": "validationSplit",
        "validation_data": "validationData", "initial_epoch": "initialEpoch",
      ]), note: "verbose is a Bool."),
    LegacyName(
      "model.evaluate", "model.evaluate", line: "1.x", .adapted, .relabel(["batch_size": "batchSize"]),
      note: "The loss and metrics come by name."),
    LegacyName(
      "model.predict", "model.predict", line: "1.x", .exact, .relabel(["batch_size": "batchSize"])),
    LegacyName(
      "model.predict_classes", "model.predict", line: "1.x", .adapted, .byHand,
      note: "model.predict(x).argmax(axis: -1); for one output, model.predict(x).greater(than: 0.5)."),
    LegacyName("model.predict_proba", "model.predict", line: "1.x", .exact, .rename),
    LegacyName(
      "model.save_weights", "model.saveWeights(to:)", line: "1.x", .different, .byHand,
      note: "A safetensors file, not HDF5, so give the path the ending .safetensors."),
    LegacyName(
      "model.load_weights", "model.loadWeights(from:)", line: "1.x", .different, .byHand,
      note: "What saveWeights wrote. Keras's own files: ds.loadModel(path) for a model, ds convert for weights."),
    LegacyName(
      "model.save", "Graph.write(to:)", line: "1.x", .different, .byHand,
      note: "model.graph().write(to:) puts the graph and its variables in one file, which a GraphSession runs."),
    LegacyName(
      "keras.models.load_model", "GraphSession", line: "1.x", .different, .byHand,
      note:
        "GraphSession(Graph(contentsOf:)) runs what model.graph().write(to:) wrote. Keras's own files: ds.loadModel(path)."
    ),
  ]
}
