import CDeepSeekKernels
public import DeepSeekTensor

/// Elementwise operators one after another in one walk over memory: what lies between them stays in the cache.
///
/// No compiler is needed: the walk goes block by block, and each step is the kernel of the operator that it stands for, so
/// the result has the bits that the operators give one by one. Made by `GraphPass.elementwiseFusion`.
///
/// Every input has the floating type of the output, and either its shape, or its last axes (a bias; those of all such inputs
/// are the same), or one element.
public struct ElementwiseChainOperator: Operator {
  /// One operator of the chain.
  public enum Step: Sendable, Hashable, Codable {
    /// A function of one operand.
    case unary(UnaryOperator, Int)
    /// A function of two operands.
    case binary(BinaryOperator, Int, Int)

    /// The operands: first come the chain's inputs, then the results of earlier steps.
    public var operands: [Int] {
      switch self {
      case .unary(_, let operand): [operand]
      case .binary(_, let first, let second): [first, second]
      }
    }

    /// The operator.
    public var operation: any Operator {
      switch self {
      case .unary(let operation, _): operation
      case .binary(let operation, _, _): operation
      }
    }
  }

  /// How many tensors the chain is given.
  public let inputCount: Int
  /// The steps in order; the last one's result is the output.
  public let steps: [Step]

  /// The chain of `steps` over so many inputs.
  public init(inputCount: Int, steps: [Step]) {
    self.inputCount = inputCount
    self.steps = steps
  }

  /// `elementwise_chain`.
  public var name: String { "elementwise_chain" }
  /// Elementwise.
  public var traits: OperatorTraits { [.elementwise, .memoryBound] }

  /// The most steps that one chain may have: each takes a block of memory per thread.
  public static let stepLimit = 64

  /// The type and the shape that all operands broadcast to, which one of the inputs has.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    guard inputCount > 0, inputs.count == inputCount else {
      throw mismatch("\(inputs.count) inputs given, \(inputCount) expected")
    }
    guard !steps.isEmpty, steps.count <= ElementwiseChainOperator.stepLimit else {
      throw mismatch("\(steps.count) steps; 1 to \(ElementwiseChainOperator.stepLimit) are expected")
    }
    try expectFloating(inputs[0])
    var values = inputs
    for (index, step) in steps.enumerated() {
      guard step.operands.allSatisfy({ values.indices.contains($0) }) else {
        throw mismatch("step \(index) reads an operand that comes after it")
      }
      let result = try step.operation.infer(step.operands.map { values[$0] })[0]
      guard result.dtype == inputs[0].dtype else { throw mismatch("step \(index) gives \(result.dtype)") }
      values.append(result)
    }
    let output = values[values.count - 1]
    guard inputs.contains(where: { $0.shape == output.shape }) else {
      throw mismatch("no input has the output's shape, \(output.shape)")
    }
    guard ElementwiseChainOperator.rows(inputs.map(\.shape), of: output.shape) != nil else {
      let shapes = inputs.map(\.shape.description).joined(separator: ", ")
      throw mismatch("inputs \(shapes): each must be \(output.shape), its last axes or one element")
    }
    return [output]
  }

  /// The one shape that rows of the output have among inputs of these shapes, the output's own when all are whole or single
  /// elements; `nil` where a chain cannot walk over them.
  public static func rows(_ inputs: [Shape], of output: Shape) -> Shape? {
    var found: Shape?
    for shape in inputs where shape != output && !(shape.isKnown && shape.elementCount == 1) {
      guard shape.rank < output.rank, shape == Shape(Array(output.dimensions.suffix(shape.rank))),
        found == nil || found == shape
      else { return nil }
      found = shape
    }
    return found ?? output
  }

  /// Block by block, on all threads.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let output = outputs[0]
    if output.elementCount == 0 { return }
    let walk = ChainWalk(self, inputs, output)
    Parallel.forEach(walk.blockCount, grain: 4) { walk.run($0) }
    if let status = walk.failure { try check(status, self, inputs) }
  }

  /// All inputs, to go through the steps again.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }

  /// By the steps' own rules.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// The steps one by one.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    var values = inputs
    for step in steps {
      switch step {
      case .unary(let operation, let operand): values.append(apply(operation, values[operand]))
      case .binary(let operation, let first, let second):
        values.append(apply(operation, [values[first], values[second]])[0])
      }
    }
    return [values[values.count - 1]]
  }
}
