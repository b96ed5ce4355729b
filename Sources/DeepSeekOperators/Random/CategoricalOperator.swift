import CDeepSeekKernels
public import DeepSeekTensor

/// An index drawn for each row of logits `[…, classes]` with probabilities softmax(logits): `int64[…]`.
public struct CategoricalOperator: Operator {
  /// The operator; it has no attributes.
  public init() {}

  /// `random_categorical`.
  public var name: String { "random_categorical" }
  /// Random.
  public var traits: OperatorTraits { [.random, .nonDifferentiable, .memoryBound] }

  /// Inputs: logits and a random key.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    try expectFloating(inputs[0], "logits")
    try expectKey(inputs[1])
    guard inputs[0].shape.rank >= 1 else { throw mismatch("logits \(inputs[0]); […, classes] is expected") }
    return [TensorSpec(.int64, inputs[0].shape.removing(-1))]
  }

  /// Calls the C kernel; a row from which nothing can be drawn is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let key = inputs[1].randomKey
    let status = withViews(inputs[0], outputs[0]) { ds_random_categorical($0, key, $1) }
    if status == DS_INDEX_OUT_OF_RANGE {
      throw mismatch("a row of logits \(inputs[0].spec) has a NaN, +infinity or no finite logit")
    }
    try check(status, self, inputs)
  }
}

extension Tensor {
  /// An index drawn for each row of these logits `[…, classes]`, with probabilities softmax(logits): `int64[…]`. The key says
  /// which; without one, the next of the current ``RandomGenerator``.
  public func randomCategorical(
    key: Tensor? = nil, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    apply(CategoricalOperator(), self, key ?? RandomGenerator.current.nextKey(), file: file, line: line)
  }

  /// `count` indices for each row of these weights `[…, classes]`, which need not add up to 1: `int64[…, count]`.
  ///
  /// Without replacement no index comes twice in a row (by the largest of logits with Gumbel noise: Vieira, "Gumbel-max trick
  /// and weighted reservoir sampling", 2014), and at least `count` weights must be above zero.
  public func multinomial(
    _ count: Int, replacement: Bool = false, key: Tensor? = nil, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let logits = log(file: file, line: line)
    let key = key ?? RandomGenerator.current.nextKey()
    if replacement {
      var lengths = shape.dimensions
      lengths.insert(Dimension(count), at: lengths.count - 1)
      return logits.expanded(-2).broadcast(to: Shape(lengths)).randomCategorical(key: key, file: file, line: line)
    }
    let noise = Tensor.randomUniform(shape, key: key).cast(to: logits.dtype)
    // Uniform numbers include zero, whose double logarithm would be infinite.
    let gumbel = -(-(noise.clamp(1e-38, 1)).log()).log()
    return (logits + gumbel).topK(count, file: file, line: line).indices
  }
}
