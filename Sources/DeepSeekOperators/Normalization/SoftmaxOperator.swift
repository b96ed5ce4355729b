import CDeepSeekKernels
public import DeepSeekTensor

/// exp(x) divided by its sum along an axis, or its logarithm, without overflow.
public struct SoftmaxOperator: Operator {
  /// The axis, counted from the start.
  public let axis: Int
  /// Whether the logarithm is taken.
  public let isLogarithm: Bool

  /// Along `axis`.
  public init(_ axis: Int, isLogarithm: Bool = false) {
    self.axis = axis
    self.isLogarithm = isLogarithm
  }

  /// `softmax` or `log_softmax`.
  public var name: String { isLogarithm ? "log_softmax" : "softmax" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound, .fullPrecision] }

  /// The input's type and shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectFloating(inputs[0])
    _ = try inputs[0].shape.checkedIndex(of: axis, in: name)
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = withViews(inputs[0], outputs[0]) { x, out in
      isLogarithm ? ds_log_softmax(x, Int32(axis), out) : ds_softmax(x, Int32(axis), out)
    }
    try check(status, self, inputs)
  }

  /// The output.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(outputs: [0]) }

  /// In one pass from output and upstream gradient.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [apply(SoftmaxGradientOperator(axis, isLogarithm: isLogarithm), context.output(0), context.gradient)]
  }

  /// Exponentials and their sum, shifted by the largest.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let shifted = inputs[0] - inputs[0].max(axis: axis, keepAxes: true).detached()
    if isLogarithm { return [shifted - shifted.exp().sum(axis: axis, keepAxes: true).log()] }
    let exponentials = shifted.exp()
    return [exponentials / exponentials.sum(axis: axis, keepAxes: true)]
  }
}

/// The gradient of ``SoftmaxOperator`` from its output and the upstream gradient.
public struct SoftmaxGradientOperator: Operator {
  /// The axis, counted from the start.
  public let axis: Int
  /// Whether of the logarithm.
  public let isLogarithm: Bool

  /// Along `axis`.
  public init(_ axis: Int, isLogarithm: Bool) {
    self.axis = axis
    self.isLogarithm = isLogarithm
  }

  /// `softmax_gradient` or `log_softmax_gradient`.
  public var name: String { isLogarithm ? "log_softmax_gradient" : "softmax_gradient" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: output and upstream gradient, of one type and shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    guard inputs[0] == inputs[1] else { throw mismatch("inputs \(inputs[0]) and \(inputs[1]) differ") }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = withViews(inputs[0], inputs[1], outputs[0]) { y, dy, out in
      isLogarithm
        ? ds_log_softmax_backward(y, dy, Int32(axis), out) : ds_softmax_backward(y, dy, Int32(axis), out)
    }
    try check(status, self, inputs)
  }

  /// Both inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0, 1]) }
  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// y (g - Σ g y), or g - exp(y) Σ g.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (y, g) = (inputs[0], inputs[1])
    if isLogarithm { return [g - y.exp() * g.sum(axis: axis, keepAxes: true)] }
    return [y * (g - (g * y).sum(axis: axis, keepAxes: true))]
  }
}

extension Tensor {
  /// exp(x) divided by its sum along an axis, without overflow.
  public func softmax(axis: Int = -1, file: StaticString = #file, line: UInt = #line) -> Tensor {
    apply(SoftmaxOperator(shape.index(of: axis)), self, file: file, line: line)
  }

  /// The logarithm of ``softmax(axis:file:line:)``, without overflow.
  public func logSoftmax(axis: Int = -1, file: StaticString = #file, line: UInt = #line) -> Tensor {
    apply(SoftmaxOperator(shape.index(of: axis), isLogarithm: true), self, file: file, line: line)
  }
}
