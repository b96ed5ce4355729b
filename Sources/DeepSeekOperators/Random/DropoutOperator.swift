import CDeepSeekKernels
public import DeepSeekTensor

/// Each element zero with a probability, else divided by one minus it (Srivastava et al., JMLR 15, 2014).
///
/// Which elements are dropped follows from the key alone, so the mask is never stored.
public struct DropoutOperator: Operator {
  /// The probability that an element is dropped, from 0 to 1.
  public let probability: Double

  /// With this probability of being dropped.
  public init(_ probability: Double) { self.probability = probability }

  /// `dropout`.
  public var name: String { "dropout" }
  /// Random.
  public var traits: OperatorTraits { [.elementwise, .random, .memoryBound] }

  /// Inputs: x and a random key.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    try expectFloating(inputs[0])
    try expectKey(inputs[1])
    guard (0...1).contains(probability) else { throw mismatch("probability \(probability) is not between 0 and 1") }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let key = inputs[1].randomKey
    try check(withViews(inputs[0], outputs[0]) { ds_dropout($0, key, probability, $1) }, self, inputs)
  }

  /// The key.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The same elements of the gradient dropped.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [apply(self, context.gradient, context.input(1)), nil]
  }
}

extension Operator {
  /// Checks that an input is a random key.
  func expectKey(_ spec: TensorSpec) throws {
    guard spec == TensorSpec(.int64, [2]) else { throw mismatch("the random key is \(spec); int64[2] is expected") }
  }
}

extension Tensor {
  /// The random key that an `int64[2]` tensor holds.
  var randomKey: ds_random_key {
    let words = contiguous().array(of: Int64.self)
    return ds_random_key(seed: UInt64(bitPattern: words[0]), stream: UInt64(bitPattern: words[1]))
  }

  /// Each element zero with a probability, else divided by one minus it. The key says which; without one, the next of the
  /// current ``RandomGenerator``.
  public func dropout(
    _ probability: Double, key: Tensor? = nil, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if probability == 0 { return self }
    let key = key ?? RandomGenerator.current.nextKey()
    return apply(DropoutOperator(probability), self, key, file: file, line: line)
  }
}
