// swift-format-ignore-file: AlwaysUseLowerCamelCase
import DeepSeekOperators
import DeepSeekStatic
public import DeepSeekTensor

/// Parts of networks. Images have their channels last, `[batch, height, width, channels]`, as TensorFlow has them.
extension tf.nn {
  /// Zeros at random, and widens the others; `keepProb` is the share that is kept, which may be fed.
  @available(*, deprecated, message: "use x.dropout(share), the share that is dropped")
  public static func dropout(_ x: some GraphOperand, _ keepProb: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (x, kept) = tensors(x, keepProb)
    let noise = StaticGraph.current.building { DeepSeekTensor.Tensor.randomUniform(x.shape, dtype: x.dtype) }
    return x / kept * (noise + kept).floor()
  }

  /// `x + bias`.
  @available(*, deprecated, message: "write x + bias")
  public static func biasAdd(_ x: some GraphOperand, _ bias: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand + bias.tensorOperand
  }

  /// `x + bias`.
  @available(*, deprecated, message: "write x + bias")
  public static func bias_add(_ x: some GraphOperand, _ bias: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand + bias.tensorOperand
  }

  /// Half the sum of squares.
  @available(*, deprecated, message: "use x.sumSquares() / 2")
  public static func l2Loss(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.sumSquares() / 2
  }

  /// Half the sum of squares.
  @available(*, deprecated, message: "use x.sumSquares() / 2")
  public static func l2_loss(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.sumSquares() / 2
  }

  /// Vectors along an axis brought to length 1.
  @available(*, deprecated, message: "use x / x.norm(axes:keepAxes:)")
  public static func l2Normalize(_ x: some GraphOperand, _ axis: Int, epsilon: Double = 1e-12) -> DeepSeekTensor.Tensor
  {
    let x = x.tensorOperand
    return x * x.sumSquares(axis: axis, keepAxes: true).maximum(epsilon).rsqrt()
  }

  /// Vectors along an axis brought to length 1.
  @available(*, deprecated, message: "use x / x.norm(axes:keepAxes:)")
  public static func l2_normalize(_ x: some GraphOperand, _ axis: Int, epsilon: Double = 1e-12) -> DeepSeekTensor.Tensor
  {
    let x = x.tensorOperand
    return x * x.sumSquares(axis: axis, keepAxes: true).maximum(epsilon).rsqrt()
  }

  /// Mean and variance over axes.
  @available(*, deprecated, message: "use x.mean(axes:) and x.variance(axes:correction:)")
  public static func moments(_ x: some GraphOperand, _ axes: [Int]) -> (
    mean: DeepSeekTensor.Tensor, variance: DeepSeekTensor.Tensor
  ) {
    let x = x.tensorOperand
    return (x.mean(axes: axes), x.variance(axes: axes, correction: 0))
  }

  /// A loss for each example, of probabilities `[batch, classes]`.
  @available(*, deprecated, message: "use logits.crossEntropy(probabilities: labels, reduction: .none)")
  public static func softmaxCrossEntropyWithLogits(labels: DeepSeekTensor.Tensor, logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.crossEntropy(probabilities: labels, reduction: .none)
  }

  /// A loss for each example, of probabilities `[batch, classes]`.
  @available(*, deprecated, message: "use logits.crossEntropy(probabilities: labels, reduction: .none)")
  public static func softmax_cross_entropy_with_logits(labels: DeepSeekTensor.Tensor, logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.crossEntropy(probabilities: labels, reduction: .none)
  }

  /// A loss for each example, of probabilities `[batch, classes]`.
  @available(*, deprecated, message: "use logits.crossEntropy(probabilities: labels, reduction: .none)")
  public static func softmaxCrossEntropyWithLogitsV2(labels: DeepSeekTensor.Tensor, logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.crossEntropy(probabilities: labels, reduction: .none)
  }

  /// A loss for each example, of probabilities `[batch, classes]`.
  @available(*, deprecated, message: "use logits.crossEntropy(probabilities: labels, reduction: .none)")
  public static func softmax_cross_entropy_with_logits_v2(labels: DeepSeekTensor.Tensor, logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.crossEntropy(probabilities: labels, reduction: .none)
  }

  /// A loss for each example, of class numbers `[batch]`.
  @available(*, deprecated, message: "use logits.crossEntropy(labels, reduction: .none)")
  public static func sparseSoftmaxCrossEntropyWithLogits(labels: DeepSeekTensor.Tensor, logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.crossEntropy(labels, reduction: .none)
  }

  /// A loss for each example, of class numbers `[batch]`.
  @available(*, deprecated, message: "use logits.crossEntropy(labels, reduction: .none)")
  public static func sparse_softmax_cross_entropy_with_logits(
    labels: DeepSeekTensor.Tensor, logits: DeepSeekTensor.Tensor
  ) -> DeepSeekTensor.Tensor {
    logits.crossEntropy(labels, reduction: .none)
  }

  /// A loss for each element.
  @available(*, deprecated, message: "use logits.binaryCrossEntropyWithLogits(labels, reduction: .none)")
  public static func sigmoidCrossEntropyWithLogits(labels: DeepSeekTensor.Tensor, logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.binaryCrossEntropyWithLogits(labels, reduction: .none)
  }

  /// A loss for each element.
  @available(*, deprecated, message: "use logits.binaryCrossEntropyWithLogits(labels, reduction: .none)")
  public static func sigmoid_cross_entropy_with_logits(labels: DeepSeekTensor.Tensor, logits: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    logits.binaryCrossEntropyWithLogits(labels, reduction: .none)
  }

  /// Rows of a table.
  @available(*, deprecated, renamed: "Tensor.embedding")
  public static func embeddingLookup(_ table: some GraphOperand, _ indices: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    .embedding(table.tensorOperand, indices)
  }

  /// Rows of a table.
  @available(*, deprecated, renamed: "Tensor.embedding")
  public static func embedding_lookup(_ table: some GraphOperand, _ indices: DeepSeekTensor.Tensor)
    -> DeepSeekTensor.Tensor
  {
    .embedding(table.tensorOperand, indices)
  }

  /// A convolution with a filter `[height, width, inputs, outputs]`.
  @available(*, deprecated, message: "use x.convolution(weight, stride:padding:), channels first")
  public static func conv2d(_ x: some GraphOperand, _ filter: some GraphOperand, strides: [Int], padding: String)
    -> DeepSeekTensor.Tensor
  {
    ChannelsLast.apply(x.tensorOperand) {
      $0.convolution(
        filter.tensorOperand.transposed([3, 2, 0, 1]), stride: ChannelsLast.window(strides, "strides"),
        padding: paddingNamed(padding))
    }
  }

  /// The largest under each window.
  @available(*, deprecated, message: "use x.maxPool(kernel:stride:padding:), channels first")
  public static func maxPool(_ x: some GraphOperand, ksize: [Int], strides: [Int], padding: String)
    -> DeepSeekTensor.Tensor
  {
    ChannelsLast.apply(x.tensorOperand) {
      $0.maxPool(
        kernel: ChannelsLast.window(ksize, "ksize"), stride: ChannelsLast.window(strides, "strides"),
        padding: paddingNamed(padding))
    }
  }

  /// The largest under each window.
  @available(*, deprecated, message: "use x.maxPool(kernel:stride:padding:), channels first")
  public static func max_pool(_ x: some GraphOperand, ksize: [Int], strides: [Int], padding: String)
    -> DeepSeekTensor.Tensor
  {
    ChannelsLast.apply(x.tensorOperand) {
      $0.maxPool(
        kernel: ChannelsLast.window(ksize, "ksize"), stride: ChannelsLast.window(strides, "strides"),
        padding: paddingNamed(padding))
    }
  }

  /// The mean under each window.
  @available(*, deprecated, message: "use x.averagePool(kernel:stride:padding:), channels first")
  public static func avgPool(_ x: some GraphOperand, ksize: [Int], strides: [Int], padding: String)
    -> DeepSeekTensor.Tensor
  {
    ChannelsLast.apply(x.tensorOperand) {
      $0.averagePool(
        kernel: ChannelsLast.window(ksize, "ksize"), stride: ChannelsLast.window(strides, "strides"),
        padding: paddingNamed(padding), includesPadding: false)
    }
  }

  /// The mean under each window.
  @available(*, deprecated, message: "use x.averagePool(kernel:stride:padding:), channels first")
  public static func avg_pool(_ x: some GraphOperand, ksize: [Int], strides: [Int], padding: String)
    -> DeepSeekTensor.Tensor
  {
    ChannelsLast.apply(x.tensorOperand) {
      $0.averagePool(
        kernel: ChannelsLast.window(ksize, "ksize"), stride: ChannelsLast.window(strides, "strides"),
        padding: paddingNamed(padding), includesPadding: false)
    }
  }

  /// Whether each target is among the largest predictions.
  @available(*, deprecated, message: "use topK, or Keras.Metric.topAccuracy")
  public static func inTopK(_ predictions: DeepSeekTensor.Tensor, _ targets: DeepSeekTensor.Tensor, _ count: Int)
    -> DeepSeekTensor.Tensor
  {
    let (_, best) = predictions.topK(count, axis: -1)
    return best.equal(to: targets.cast(to: .int64).expanded(-1)).any(axis: -1)
  }

  /// Whether each target is among the largest predictions.
  @available(*, deprecated, message: "use topK, or Keras.Metric.topAccuracy")
  public static func in_top_k(_ predictions: DeepSeekTensor.Tensor, _ targets: DeepSeekTensor.Tensor, _ count: Int)
    -> DeepSeekTensor.Tensor
  {
    let (_, best) = predictions.topK(count, axis: -1)
    return best.equal(to: targets.cast(to: .int64).expanded(-1)).any(axis: -1)
  }
}

/// Images as TensorFlow lays them out, for operators that want their channels first.
enum ChannelsLast {
  /// `[batch, height, width, channels]` through a function of `[batch, channels, height, width]`, and back.
  static func apply(_ x: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
    body(x.transposed([0, 3, 1, 2])).transposed([0, 2, 3, 1])
  }

  /// The middle of `[1, height, width, 1]`. Traps for another form.
  static func window(_ numbers: [Int], _ what: String) -> PerAxis {
    guard numbers.count == 4, numbers[0] == 1, numbers[3] == 1 else {
      fatalError("\(what): \(numbers); [1, height, width, 1] is expected")
    }
    return PerAxis([numbers[1], numbers[2]])
  }
}
