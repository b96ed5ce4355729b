// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekOperators
public import DeepSeekStatic
public import DeepSeekTensor

/// Layers as functions. Images have their channels last.
extension tf.layers {
  /// A fully connected layer.
  @available(*, deprecated, message: "use ds.layers.Dense(units, activation:)(x)")
  public static func dense(
    _ x: DeepSeekTensor.Tensor, _ units: Int, activation: Keras.Activation = .linear, useBias: Bool = true,
    name: String? = nil
  ) -> DeepSeekTensor.Tensor {
    Keras.Layers.Dense(units, activation: activation, useBias: useBias, name: name)(x)
  }

  /// Zeros at random while training.
  @available(*, deprecated, message: "use ds.layers.Dropout(rate)(x, training:)")
  public static func dropout(_ x: DeepSeekTensor.Tensor, rate: Double = 0.5, training: Bool = false)
    -> DeepSeekTensor.Tensor
  {
    Keras.Layers.Dropout(rate)(x, training: training)
  }

  /// All axes but the batch joined into one.
  @available(*, deprecated, message: "use ds.layers.Flatten()(x)")
  public static func flatten(_ x: DeepSeekTensor.Tensor) -> DeepSeekTensor.Tensor {
    Keras.Layers.Flatten()(x)
  }

  /// Each channel, the last axis, normalized over all others.
  @available(*, deprecated, message: "use ds.layers.BatchNormalization()(x, training:)")
  public static func batchNormalization(_ x: DeepSeekTensor.Tensor, training: Bool = false) -> DeepSeekTensor.Tensor {
    let layer = Keras.Layers.BatchNormalization()
    return x.rank == 4 ? ChannelsLast.apply(x) { layer($0, training: training) } : layer(x, training: training)
  }

  /// Each channel, the last axis, normalized over all others.
  @available(*, deprecated, message: "use ds.layers.BatchNormalization()(x, training:)")
  public static func batch_normalization(_ x: DeepSeekTensor.Tensor, training: Bool = false) -> DeepSeekTensor.Tensor {
    let layer = Keras.Layers.BatchNormalization()
    return x.rank == 4 ? ChannelsLast.apply(x) { layer($0, training: training) } : layer(x, training: training)
  }

  /// A convolution.
  @available(*, deprecated, message: "use ds.layers.Conv2D(filters, kernel)(x), channels first")
  public static func conv2d(
    _ x: DeepSeekTensor.Tensor, _ filters: Int, _ kernelSize: PerAxis, strides: PerAxis = 1, padding: String = "valid",
    activation: Keras.Activation = .linear, name: String? = nil
  ) -> DeepSeekTensor.Tensor {
    let layer = Keras.Layers.Conv2D(
      filters, kernelSize, strides: strides, padding: paddingNamed(padding), activation: activation, name: name)
    return ChannelsLast.apply(x) { layer($0) }
  }

  /// The largest under each window.
  @available(*, deprecated, message: "use ds.layers.MaxPooling2D(size, strides:)(x), channels first")
  public static func maxPooling2d(
    _ x: DeepSeekTensor.Tensor, _ poolSize: PerAxis, _ strides: PerAxis, padding: String = "valid"
  ) -> DeepSeekTensor.Tensor {
    let layer = Keras.Layers.MaxPooling2D(poolSize, strides: strides, padding: paddingNamed(padding))
    return ChannelsLast.apply(x) { layer($0) }
  }

  /// The largest under each window.
  @available(*, deprecated, message: "use ds.layers.MaxPooling2D(size, strides:)(x), channels first")
  public static func max_pooling2d(
    _ x: DeepSeekTensor.Tensor, _ poolSize: PerAxis, _ strides: PerAxis, padding: String = "valid"
  ) -> DeepSeekTensor.Tensor {
    let layer = Keras.Layers.MaxPooling2D(poolSize, strides: strides, padding: paddingNamed(padding))
    return ChannelsLast.apply(x) { layer($0) }
  }
}

/// Losses as functions: the mean over all elements.
extension tf.losses {
  /// The mean of squared differences.
  @available(*, deprecated, message: "use predictions.meanSquaredError(labels)")
  public static func meanSquaredError(_ labels: DeepSeekTensor.Tensor, _ predictions: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    predictions.meanSquaredError(labels)
  }

  /// The mean of squared differences.
  @available(*, deprecated, message: "use predictions.meanSquaredError(labels)")
  public static func mean_squared_error(_ labels: DeepSeekTensor.Tensor, _ predictions: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    predictions.meanSquaredError(labels)
  }

  /// The mean of absolute differences.
  @available(*, deprecated, message: "use predictions.meanAbsoluteError(labels)")
  public static func absoluteDifference(_ labels: DeepSeekTensor.Tensor, _ predictions: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    predictions.meanAbsoluteError(labels)
  }

  /// The mean of absolute differences.
  @available(*, deprecated, message: "use predictions.meanAbsoluteError(labels)")
  public static func absolute_difference(_ labels: DeepSeekTensor.Tensor, _ predictions: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    predictions.meanAbsoluteError(labels)
  }

  /// Half the squared difference up to delta, then a line.
  @available(*, deprecated, message: "use predictions.huberLoss(labels)")
  public static func huberLoss(_ labels: DeepSeekTensor.Tensor, _ predictions: DeepSeekTensor.Tensor, delta: Double = 1)
    -> DeepSeekTensor.Tensor
  {
    predictions.huberLoss(labels, delta: delta)
  }

  /// Half the squared difference up to delta, then a line.
  @available(*, deprecated, message: "use predictions.huberLoss(labels)")
  public static func huber_loss(
    _ labels: DeepSeekTensor.Tensor, _ predictions: DeepSeekTensor.Tensor, delta: Double = 1
  ) -> DeepSeekTensor.Tensor {
    predictions.huberLoss(labels, delta: delta)
  }

  /// Cross-entropy of logits and probabilities.
  @available(*, deprecated, message: "use logits.crossEntropy(probabilities: labels)")
  public static func softmaxCrossEntropy(_ labels: DeepSeekTensor.Tensor, _ logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.crossEntropy(probabilities: labels)
  }

  /// Cross-entropy of logits and probabilities.
  @available(*, deprecated, message: "use logits.crossEntropy(probabilities: labels)")
  public static func softmax_cross_entropy(_ labels: DeepSeekTensor.Tensor, _ logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.crossEntropy(probabilities: labels)
  }

  /// Cross-entropy of logits and class numbers.
  @available(*, deprecated, message: "use logits.crossEntropy(labels)")
  public static func sparseSoftmaxCrossEntropy(_ labels: DeepSeekTensor.Tensor, _ logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.crossEntropy(labels)
  }

  /// Cross-entropy of logits and class numbers.
  @available(*, deprecated, message: "use logits.crossEntropy(labels)")
  public static func sparse_softmax_cross_entropy(_ labels: DeepSeekTensor.Tensor, _ logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.crossEntropy(labels)
  }

  /// Cross-entropy of logits and targets between 0 and 1.
  @available(*, deprecated, message: "use logits.binaryCrossEntropyWithLogits(labels)")
  public static func sigmoidCrossEntropy(_ labels: DeepSeekTensor.Tensor, _ logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.binaryCrossEntropyWithLogits(labels)
  }

  /// Cross-entropy of logits and targets between 0 and 1.
  @available(*, deprecated, message: "use logits.binaryCrossEntropyWithLogits(labels)")
  public static func sigmoid_cross_entropy(_ labels: DeepSeekTensor.Tensor, _ logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.binaryCrossEntropyWithLogits(labels)
  }
}
