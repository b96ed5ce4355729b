public import DeepSeekTensor

extension Tensor {
  /// The cross-entropy of softmax over the last axis and class indices: these logits are `[…, classes]`, the targets `[…]`.
  ///
  /// A target equal to `ignoreIndex` counts nothing; any other that is no class traps. With class weights `[classes]`, which
  /// are constants, the mean is over the weights of the targets, as PyTorch has it.
  public func crossEntropy(
    _ targets: Tensor, weight: Tensor? = nil, labelSmoothing: Double = 0, ignoreIndex: Int = -100,
    reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let classes = dimension(-1)
    let rows = shape.product(0..<rank - 1)
    let operation = CrossEntropyOperator(labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex)
    var inputs = [reshaped([rows, classes]), targets.reshaped([rows])]
    if let weight { inputs.append(weight.cast(to: dtype)) }
    let outputs = apply(operation, inputs, file: file, line: line)
    switch reduction {
    case .none: return outputs[0].reshaped(targets.shape)
    case .sum: return outputs[0].sum()
    case .mean: return outputs[0].sum() / outputs[2].detached().sum()
    }
  }

  /// The cross-entropy of softmax over the last axis and class probabilities, both `[…, classes]`. The mean is over the rows.
  public func crossEntropy(
    probabilities: Tensor, weight: Tensor? = nil, labelSmoothing: Double = 0, reduction: Reduction = .mean,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if probabilities.shape != shape {
      fatalError(
        "cross_entropy: logits \(shape), probabilities \(probabilities.shape); one shape is expected",
        file: file, line: line)
    }
    var target = probabilities.cast(to: dtype)
    if labelSmoothing > 0 { target = target * (1 - labelSmoothing) + labelSmoothing / Double(shape[-1]) }
    if let weight { target = target * weight.cast(to: dtype) }
    return (-(logSoftmax(file: file, line: line) * target).sum(axis: -1)).reduced(reduction)
  }

  /// The negative of these log-probabilities `[…, classes]` at the target classes `[…]`. A target equal to `ignoreIndex`
  /// counts nothing; with class weights `[classes]` the mean is over the weights of the targets.
  public func negativeLogLikelihood(
    _ targets: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let counts = targets.notEqual(to: Double(ignoreIndex))
    let indices = Tensor.select(counts, targets, Tensor.zeros([], dtype: targets.dtype))
    let picked = gather(axis: -1, indices.expanded(-1), file: file, line: line).squeezed(-1)
    var weights = counts.cast(to: dtype)
    if let weight {
      let each = Tensor.embedding(weight.cast(to: dtype).expanded(1), indices, file: file, line: line).squeezed(-1)
      weights = weights * each
    }
    let losses = -(picked * weights)
    return reduction == .mean ? losses.sum() / weights.sum() : losses.reduced(reduction)
  }
}
