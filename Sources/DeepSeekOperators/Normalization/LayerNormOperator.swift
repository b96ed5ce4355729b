import CDeepSeekKernels
public import DeepSeekTensor

/// Each row of the last axis brought to mean 0 and variance 1, then scaled and shifted (Ba, Kiros and Hinton,
/// arXiv:1607.06450).
///
/// Outputs: the result, and each row's mean and inverse standard deviation, which the gradient reads.
public struct LayerNormOperator: Operator {
  /// Added to the variance.
  public let epsilon: Double

  /// With this added to the variance.
  public init(epsilon: Double) { self.epsilon = epsilon }

  /// `layer_norm`.
  public var name: String { "layer_norm" }
  /// Memory bound; computed again for the gradients of what reads it.
  public var traits: OperatorTraits { [.memoryBound, .fullPrecision, .recomputable] }

  /// Inputs: x `[…, n]`, weight `[n]` and bias `[n]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    let x = inputs[0]
    try expectFloating(x)
    guard x.shape.rank >= 1 else { throw mismatch("a scalar has no last axis") }
    for (other, what) in zip(inputs.dropFirst(), ["weight", "bias"]) {
      guard other == TensorSpec(x.dtype, Shape([x.shape.dimension(-1)])) else {
        throw mismatch("\(what) \(other) for input \(x); the length of the last axis and the same type are expected")
      }
    }
    let rows = TensorSpec(x.dtype == .float64 ? .float64 : .float32, x.shape.removing(-1))
    return [TensorSpec(x.dtype, x.shape), rows, rows]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var (weight, bias) = (inputs[1].kernelView, inputs[2].kernelView)
    var (mean, deviation) = (outputs[1].kernelView, outputs[2].kernelView)
    let status = withViews(inputs[0], outputs[0]) {
      ds_layer_norm($0, nil, &weight, &bias, epsilon, nil, $1, &mean, &deviation)
    }
    try withExtendedLifetime((inputs, outputs)) { try check(status, self, inputs) }
  }

  /// The input, the weight, and the rows' statistics; the bias for those who want the output again.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    Residuals(inputs: .all, outputs: [1, 2])
  }

  /// All three in one pass.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    apply(
      LayerNormGradientOperator(epsilon: epsilon),
      [
        context.input(0), context.input(1), context.output(1).detached(), context.output(2).detached(),
        context.gradient,
      ])
  }

  /// Mean and variance by reductions.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let x = inputs[0]
    let mean = x.mean(axis: -1, keepAxes: true)
    let centered = x - mean
    let deviation = (centered.square().mean(axis: -1, keepAxes: true) + epsilon).rsqrt()
    return [centered * deviation * inputs[1] + inputs[2], mean.squeezed(-1), deviation.squeezed(-1)]
  }
}

/// The gradient of ``LayerNormOperator`` with respect to input, weight and bias.
public struct LayerNormGradientOperator: Operator {
  /// What was added to the variance.
  public let epsilon: Double

  /// With this added to the variance.
  public init(epsilon: Double) { self.epsilon = epsilon }

  /// `layer_norm_gradient`.
  public var name: String { "layer_norm_gradient" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x, weight, mean, inverse standard deviation and upstream gradient. Outputs: the three gradients.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 5...5)
    guard inputs[0] == inputs[4] else { throw mismatch("input \(inputs[0]) and gradient \(inputs[4]) differ") }
    return [inputs[0], inputs[1], inputs[1]]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var (weight, mean, deviation) = (inputs[1].kernelView, inputs[2].kernelView, inputs[3].kernelView)
    var (dweight, dbias) = (outputs[1].kernelView, outputs[2].kernelView)
    let status = withViews(inputs[0], inputs[4], outputs[0]) { x, dy, dx in
      ds_layer_norm_backward(x, &mean, &deviation, &weight, dy, dx, &dweight, &dbias)
    }
    try withExtendedLifetime((inputs, outputs)) { try check(status, self, inputs) }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// Written out from the input alone, so that it can be differentiated; the saved statistics follow from the input.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (x, weight, g) = (inputs[0], inputs[1], inputs[4])
    let centered = x - x.mean(axis: -1, keepAxes: true)
    let deviation = (centered.square().mean(axis: -1, keepAxes: true) + epsilon).rsqrt()
    let normalized = centered * deviation
    let scaled = g * weight
    let dx =
      (scaled - scaled.mean(axis: -1, keepAxes: true)
        - normalized * (scaled * normalized).mean(axis: -1, keepAxes: true)) * deviation
    return [dx, (g * normalized).sum(to: weight.shape), g.sum(to: weight.shape)]
  }
}

extension Tensor {
  /// Each row of the last axis brought to mean 0 and variance 1, then times `weight` and plus `bias`, both `[n]` (Ba,
  /// Kiros and Hinton, arXiv:1607.06450).
  public func layerNorm(
    weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let row = Shape([dimension(-1)])
    let inputs = [self, weight ?? stretched(1, to: row), bias ?? stretched(0, to: row)]
    return apply(LayerNormOperator(epsilon: epsilon), inputs, file: file, line: line)[0]
  }
}
