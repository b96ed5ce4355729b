import CDeepSeekKernels
public import DeepSeekTensor

/// Each row of the last axis divided by its root mean square, then scaled (Zhang and Sennrich, arXiv:1910.07467).
///
/// Outputs: the result, and each row's inverse root mean square, which the gradient reads.
public struct RMSNormOperator: Operator {
  /// Added to the mean square.
  public let epsilon: Double

  /// With this added to the mean square.
  public init(epsilon: Double) { self.epsilon = epsilon }

  /// `rms_norm`.
  public var name: String { "rms_norm" }
  /// Memory bound; computed again for the gradients of what reads it.
  public var traits: OperatorTraits { [.memoryBound, .fullPrecision, .recomputable] }

  /// Inputs: x `[…, n]` and weight `[n]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    let x = inputs[0]
    try expectFloating(x)
    guard x.shape.rank >= 1, inputs[1] == TensorSpec(x.dtype, Shape([x.shape.dimension(-1)])) else {
      throw mismatch("weight \(inputs[1]) for input \(x); the length of the last axis and the same type are expected")
    }
    return [
      TensorSpec(x.dtype, x.shape),
      TensorSpec(x.dtype == .float64 ? .float64 : .float32, x.shape.removing(-1)),
    ]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var (weight, scale) = (inputs[1].kernelView, outputs[1].kernelView)
    let status = withViews(inputs[0], outputs[0]) { ds_rms_norm($0, nil, &weight, epsilon, nil, $1, &scale) }
    try withExtendedLifetime((inputs, outputs)) { try check(status, self, inputs) }
  }

  /// The input, the weight, and the rows' scales.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0, 1], outputs: [1]) }

  /// Both in one pass.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    apply(
      RMSNormGradientOperator(epsilon: epsilon),
      [context.input(0), context.input(1), context.output(1).detached(), context.gradient])
  }

  /// The mean square by a reduction.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let scale = (inputs[0].square().mean(axis: -1, keepAxes: true) + epsilon).rsqrt()
    return [inputs[0] * scale * inputs[1], scale.squeezed(-1)]
  }
}

/// The gradient of ``RMSNormOperator`` with respect to input and weight.
public struct RMSNormGradientOperator: Operator {
  /// What was added to the mean square.
  public let epsilon: Double

  /// With this added to the mean square.
  public init(epsilon: Double) { self.epsilon = epsilon }

  /// `rms_norm_gradient`.
  public var name: String { "rms_norm_gradient" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x, weight, scale and upstream gradient. Outputs: the two gradients.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 4...4)
    guard inputs[0] == inputs[3] else { throw mismatch("input \(inputs[0]) and gradient \(inputs[3]) differ") }
    return [inputs[0], inputs[1]]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var (weight, scale, dweight) = (inputs[1].kernelView, inputs[2].kernelView, outputs[1].kernelView)
    let status = withViews(inputs[0], inputs[3], outputs[0]) { x, dy, dx in
      ds_rms_norm_backward(x, &scale, &weight, dy, dx, &dweight)
    }
    try withExtendedLifetime((inputs, outputs)) { try check(status, self, inputs) }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// Written out from the input alone, so that it can be differentiated.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (x, weight, g) = (inputs[0], inputs[1], inputs[3])
    let scale = (x.square().mean(axis: -1, keepAxes: true) + epsilon).rsqrt()
    let normalized = x * scale
    let scaled = g * weight
    let dx = (scaled - normalized * (scaled * normalized).mean(axis: -1, keepAxes: true)) * scale
    return [dx, (g * normalized).sum(to: weight.shape)]
  }
}

extension Tensor {
  /// Each row of the last axis divided by its root mean square, then times `weight`, `[n]` (Zhang and Sennrich,
  /// arXiv:1910.07467).
  public func rmsNorm(
    weight: Tensor? = nil, epsilon: Double = 1e-6, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let scale = weight ?? stretched(1, to: Shape([dimension(-1)]))
    return apply(RMSNormOperator(epsilon: epsilon), [self, scale], file: file, line: line)[0]
  }
}
