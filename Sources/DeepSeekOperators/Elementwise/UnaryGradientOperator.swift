import CDeepSeekKernels
public import DeepSeekTensor

/// The gradient of an activation in one pass: the upstream gradient times the derivative at the input (or, where that is
/// simpler, at the output).
public struct UnaryGradientOperator: Operator {
  /// The activation.
  public let function: UnaryOperator.Function
  /// The activation's parameters.
  public let parameters: SIMD2<Double>

  /// For an activation with a fused kernel; `nil` for other functions.
  public init?(_ function: UnaryOperator.Function, _ parameters: SIMD2<Double>) {
    guard UnaryGradientOperator.functions.contains(function) else { return nil }
    self.function = function
    self.parameters = parameters
  }

  private static let functions: Set<UnaryOperator.Function> = [
    .sigmoid, .tanh, .relu, .gelu, .geluTanh, .silu, .logSigmoid, .softplus, .elu, .leakyRelu, .hardSigmoid, .hardSwish,
    .hardTanh, .mish,
  ]

  /// The activation's name and `_gradient`.
  public var name: String { function.rawValue + "_gradient" }
  /// Elementwise.
  public var traits: OperatorTraits { [.elementwise, .memoryBound] }

  /// Whether the first input is the activation's output rather than its input.
  public var readsOutput: Bool {
    switch function {
    case .sigmoid, .tanh, .relu: true
    default: false
    }
  }

  /// Inputs: what the derivative reads, and the upstream gradient; both of one type and shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    guard inputs[0] == inputs[1] else { throw mismatch("inputs \(inputs[0]) and \(inputs[1]) differ") }
    return [TensorSpec(inputs[1].dtype, inputs[1].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = Swift.withUnsafeBytes(of: parameters) { parameters in
      withViews(inputs[0], inputs[1], outputs[0]) { x, dy, out in
        ds_unary_backward(function.kernel, x, dy, parameters.baseAddress!.assumingMemoryBound(to: Double.self), out)
      }
    }
    try check(status, self, inputs)
  }

  /// Both inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0, 1]) }

  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// The derivative written out.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (x, g) = (inputs[0], inputs[1])
    return [g * derivative(x)]
  }

  private func derivative(_ x: Tensor) -> Tensor {
    let (first, second) = (parameters[0], parameters[1])
    func indicator(_ condition: Tensor) -> Tensor { condition.cast(to: x.dtype) }
    switch function {
    case .sigmoid: return x * (1 - x)
    case .tanh: return 1 - x.square()
    case .relu: return indicator(x.greater(than: 0))
    case .gelu:
      let cdf = ((x * Constants.sqrtHalf).erf() + 1) * 0.5
      return cdf + x * (x.square() * -0.5).exp() * Constants.inverseSqrtTwoPi
    case .geluTanh:
      let inner = (x + x * x.square() * Constants.geluTanhCubic) * Constants.geluTanhScale
      let t = inner.tanh()
      let slope = (x.square() * (3 * Constants.geluTanhCubic) + 1) * Constants.geluTanhScale
      return (t + 1) * 0.5 + x * (1 - t.square()) * slope * 0.5
    case .silu:
      let s = x.sigmoid()
      return s * (x * (1 - s) + 1)
    case .logSigmoid: return (-x).sigmoid()
    case .softplus:
      return Tensor.select((x * first).greater(than: second), Tensor.ones(like: x), (x * first).sigmoid())
    case .elu: return Tensor.select(x.greater(than: 0), Tensor.ones(like: x), x.exp() * first)
    case .leakyRelu: return Tensor.select(x.greater(than: 0), Tensor.ones(like: x), Tensor.ones(like: x) * first)
    case .hardSigmoid: return indicator(x.greater(than: -3).logicalAnd(x.less(than: 3))) * (1.0 / 6)
    case .hardSwish:
      return Tensor.select(
        x.lessOrEqual(to: -3), Tensor.zeros(like: x),
        Tensor.select(x.greaterOrEqual(to: 3), Tensor.ones(like: x), x * (1.0 / 3) + 0.5))
    case .hardTanh: return indicator(x.greater(than: first).logicalAnd(x.less(than: second)))
    case .mish:
      let t = x.softplus().tanh()
      return t + x * (1 - t.square()) * x.sigmoid()
    default: fatalError("\(name): no derivative")
    }
  }
}
