extension LegacyName {
  /// Keras 1's and 2's layers, beyond those that are still called the same.
  static let kerasLayers: [LegacyName] =
    unchanged.map { LegacyName("ds.layers.\($0)", "ds.layers.\($0)", line: "1.x", .exact, .rename, hasAlias: false) }
    + turned.map {
      LegacyName(
        "ds.layers.\($0)", "ds.layers.\($0)", line: "1.x", .different, .rename, note: channelsFirst, hasAlias: false)
    } + [
      LegacyName(
        "ds.layers.Dense", "ds.layers.Dense", line: "1.x", .adapted,
        .relabel([
          "units": "", "output_dim": "", "bias": "useBias", "use_bias": "useBias", "init": "kernelInitializer",
          "kernel_initializer": "kernelInitializer", "bias_initializer": "biasInitializer",
        ]), note: "input_dim and input_shape go to the model: ds.Sequential([…], inputShape: [64]), or are left out."),
      LegacyName(
        "ds.layers.Embedding", "ds.layers.Embedding", line: "1.x", .exact,
        .relabel(["input_dim": "", "output_dim": "", "embeddings_initializer": "initializer"])),
      LegacyName(
        "ds.layers.Conv1D", "ds.layers.Conv1D", line: "1.x", .different, convolutionLabels, note: channelsFirst),
      LegacyName(
        "ds.layers.Conv2D", "ds.layers.Conv2D", line: "1.x", .different, convolutionLabels, note: channelsFirst),
      LegacyName(
        "ds.layers.Convolution1D", "ds.layers.Conv1D", line: "1.x", .different, .byHand,
        note: "nb_filter and filter_length become the first two arguments. " + channelsFirst),
      LegacyName(
        "ds.layers.Convolution2D", "ds.layers.Conv2D", line: "1.x", .different, .byHand,
        note: "nb_filter, nb_row and nb_col become filters and [rows, columns]. " + channelsFirst),
      LegacyName(
        "ds.layers.MaxPooling2D", "ds.layers.MaxPooling2D", line: "1.x", .different, poolingLabels,
        note: channelsFirst),
      LegacyName(
        "ds.layers.AveragePooling2D", "ds.layers.AveragePooling2D", line: "1.x", .different, poolingLabels,
        note: channelsFirst),
      LegacyName(
        "ds.layers.MaxPool1D", "ds.layers.MaxPooling1D", line: "1.x", .different, .rename, note: channelsFirst),
      LegacyName(
        "ds.layers.MaxPool2D", "ds.layers.MaxPooling2D", line: "1.x", .different, .rename, note: channelsFirst),
      LegacyName(
        "ds.layers.AvgPool1D", "ds.layers.AveragePooling1D", line: "1.x", .different, .rename, note: channelsFirst),
      LegacyName(
        "ds.layers.AvgPool2D", "ds.layers.AveragePooling2D", line: "1.x", .different, .rename, note: channelsFirst),
      LegacyName(
        "ds.layers.GlobalAvgPool1D", "ds.layers.GlobalAveragePooling1D", line: "1.x", .different, .rename,
        note: channelsFirst),
      LegacyName(
        "ds.layers.GlobalAvgPool2D", "ds.layers.GlobalAveragePooling2D", line: "1.x", .different, .rename,
        note: channelsFirst),
      LegacyName(
        "ds.layers.GlobalMaxPool1D", "ds.layers.GlobalMaxPooling1D", line: "1.x", .different, .rename,
        note: channelsFirst),
      LegacyName(
        "ds.layers.GlobalMaxPool2D", "ds.layers.GlobalMaxPooling2D", line: "1.x", .different, .rename,
        note: channelsFirst),
      LegacyName(
        "ds.layers.LSTM", "ds.layers.LSTM", line: "1.x", .different, recurrentLabels,
        note: "The gates' activation is the sigmoid, as since Keras 2.3, not the hard sigmoid."),
      LegacyName(
        "ds.layers.GRU", "ds.layers.GRU", line: "1.x", .different, recurrentLabels,
        note: "The reset gate comes after the product, Keras's reset_after, and gates have the sigmoid."),
      LegacyName("ds.layers.CuDNNLSTM", "ds.layers.LSTM", line: "1.x", .exact, recurrentLabels),
      LegacyName("ds.layers.CuDNNGRU", "ds.layers.GRU", line: "1.x", .exact, recurrentLabels),
      LegacyName("ds.layers.Input", "ds.Input", line: "1.x", .adapted, .relabel(["shape": ""])),
      LegacyName(
        "ds.layers.merge", "ds.layers.Concatenate", line: "1.x", .adapted, .byHand,
        note: "A layer for each mode: Add, Multiply, Average, Maximum, Dot, Concatenate."),
      LegacyName("ds.layers.add", "ds.layers.Add", line: "1.x", .adapted, .byHand, note: "ds.layers.Add()([a, b])."),
      LegacyName(
        "ds.layers.concatenate", "ds.layers.Concatenate", line: "1.x", .adapted, .byHand,
        note: "ds.layers.Concatenate()([a, b])."),
    ]

  private static let unchanged = [
    "Activation", "Add", "Average", "Concatenate", "Dropout", "Flatten", "GaussianNoise", "Lambda",
    "LayerNormalization", "Maximum", "Minimum", "Multiply", "Permute", "RepeatVector", "Reshape", "Subtract",
  ]

  private static let turned = [
    "AveragePooling1D", "BatchNormalization", "GlobalAveragePooling1D", "GlobalAveragePooling2D",
    "GlobalMaxPooling1D", "GlobalMaxPooling2D", "MaxPooling1D", "SpatialDropout2D", "UpSampling2D", "ZeroPadding2D",
  ]

  private static let channelsFirst = "Channels stand before the spatial axes: [batch, channels, height, width]."

  private static let convolutionLabels = Rewrite.relabel([
    "filters": "", "kernel_size": "", "dilation_rate": "dilation", "use_bias": "useBias",
    "kernel_initializer": "kernelInitializer", "bias_initializer": "biasInitializer",
  ])

  private static let poolingLabels = Rewrite.relabel(["pool_size": "", "border_mode": "padding"])

  private static let recurrentLabels = Rewrite.relabel([
    "units": "", "output_dim": "", "return_sequences": "returnSequences",
  ])
}
