import CDeepSeekKernels
public import DeepSeekTensor

/// Elements of one tensor where a condition holds, of another elsewhere; all three broadcast.
public struct WhereOperator: Operator {
  /// The operator; it has no attributes.
  public init() {}

  /// `where`.
  public var name: String { "where" }
  /// Elementwise.
  public var traits: OperatorTraits { [.elementwise, .memoryBound] }

  /// Inputs: condition (`bool`), and two of one type.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    guard inputs[0].dtype == .bool else { throw mismatch("the condition is \(inputs[0].dtype); bool is expected") }
    guard inputs[1].dtype == inputs[2].dtype else {
      throw mismatch("element types \(inputs[1].dtype) and \(inputs[2].dtype) differ")
    }
    let values = try Shape.broadcast(inputs[1].shape, inputs[2].shape, in: name)
    return [TensorSpec(inputs[1].dtype, try Shape.broadcast(inputs[0].shape, values, in: name))]
  }

  /// Calls the C kernel on the broadcast views.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let out = outputs[0]
    var condition = inputs[0].broadcastView(out.shape).kernelView
    let status = withViews(inputs[1].broadcastView(out.shape), inputs[2].broadcastView(out.shape), out) {
      ds_where(&condition, $0, $1, $2)
    }
    try withExtendedLifetime(inputs) { try check(status, self, inputs) }
  }

  /// The condition.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0]) }

  /// The upstream gradient where the side was taken, zero elsewhere.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (condition, g) = (context.input(0), context.gradient)
    let zero = Tensor.zeros([], dtype: g.dtype)
    func side(_ index: Int, _ value: () -> Tensor) -> Tensor? {
      context.wants(index) ? value().sum(to: context.inputSpec(index).shape) : nil
    }
    return [
      nil,
      side(1) { Tensor.select(condition, g, zero) },
      side(2) { Tensor.select(condition, zero, g) },
    ]
  }
}

extension Tensor {
  /// Elements of `a` where `condition` holds, of `b` elsewhere; all three broadcast, `a` and `b` promote.
  public static func select(
    _ condition: Tensor, _ a: Tensor, _ b: Tensor, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let (first, second) = promoted(a, b, "where", file: file, line: line)
    return apply(WhereOperator(), condition, first, second, file: file, line: line)
  }

  /// Elements of `a` where `condition` holds, a number elsewhere, which takes the tensor's type.
  public static func select(
    _ condition: Tensor, _ a: Tensor, _ b: Double, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    select(condition, a, a.scalarTensor(b), file: file, line: line)
  }

  /// A number where `condition` holds, which takes the tensor's type, elements of `b` elsewhere.
  public static func select(
    _ condition: Tensor, _ a: Double, _ b: Tensor, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    select(condition, b.scalarTensor(a), b, file: file, line: line)
  }
}
