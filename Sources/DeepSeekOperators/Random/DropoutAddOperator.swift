import CDeepSeekKernels
public import DeepSeekTensor

/// `residual + dropout(x)` in one pass over memory.
public struct DropoutAddOperator: Operator {
  /// The probability that an element of x is dropped, from 0 to 1.
  public let probability: Double

  /// With this probability of being dropped.
  public init(_ probability: Double) { self.probability = probability }

  /// `dropout_add`.
  public var name: String { "dropout_add" }
  /// Random.
  public var traits: OperatorTraits { [.elementwise, .random, .memoryBound] }

  /// Inputs: x, residual and a random key.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    try expectFloating(inputs[0])
    guard inputs[0] == inputs[1] else { throw mismatch("input \(inputs[0]) and residual \(inputs[1]) differ") }
    try expectKey(inputs[2])
    guard (0...1).contains(probability) else { throw mismatch("probability \(probability) is not between 0 and 1") }
    return [inputs[0].withoutValue]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let key = inputs[2].randomKey
    let status = withViews(inputs[0], inputs[1], outputs[0]) { ds_dropout_add($0, key, probability, $1, $2) }
    try check(status, self, inputs)
  }

  /// The key.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [2]) }

  /// The same elements of the gradient dropped for x; all of it for the residual.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    let dropped = context.wants(0) ? apply(DropoutOperator(probability), g, context.input(2)) : nil
    return [dropped, context.wants(1) ? g : nil, nil]
  }

  /// A dropout and a sum.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [inputs[1] + apply(DropoutOperator(probability), inputs[0], inputs[2])]
  }
}

extension Tensor {
  /// `residual` plus this with elements dropped, in one pass over memory. The key says which; without one, the next of the
  /// current ``RandomGenerator``.
  public func dropoutAdd(
    _ probability: Double, residual: Tensor, key: Tensor? = nil, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if probability == 0 { return adding(residual, file: file, line: line) }
    let key = key ?? RandomGenerator.current.nextKey()
    return apply(DropoutAddOperator(probability), self, residual, key, file: file, line: line)
  }
}
