import CDeepSeekKernels
public import DeepSeekTensor

/// Layer normalization of a sum, in one pass over memory: what follows each block of a Transformer.
///
/// Outputs: the normalized rows, the sum, and each row's mean and inverse standard deviation.
public struct AddLayerNormOperator: Operator {
  /// Added to the variance.
  public let epsilon: Double

  /// With this added to the variance.
  public init(epsilon: Double) { self.epsilon = epsilon }

  /// `add_layer_norm`.
  public var name: String { "add_layer_norm" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound, .fullPrecision] }

  /// Inputs: x and residual `[…, n]`, weight and bias `[n]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 4...4)
    guard inputs[0] == inputs[1] else { throw mismatch("input \(inputs[0]) and residual \(inputs[1]) differ") }
    let normalized = try LayerNormOperator(epsilon: epsilon).infer([inputs[0], inputs[2], inputs[3]])
    return [normalized[0], normalized[0], normalized[1], normalized[2]]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var (weight, bias, sum) = (inputs[2].kernelView, inputs[3].kernelView, outputs[1].kernelView)
    var (mean, deviation) = (outputs[2].kernelView, outputs[3].kernelView)
    let status = withViews(inputs[0], inputs[1], outputs[0]) { x, residual, y in
      ds_layer_norm(x, residual, &weight, &bias, epsilon, &sum, y, &mean, &deviation)
    }
    try withExtendedLifetime((inputs, outputs)) { try check(status, self, inputs) }
  }

  /// The sum, the weight, and the rows' statistics; the bias for those who want the normalized rows again.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [2, 3], outputs: [1, 2, 3]) }

  /// The normalized rows from the sum, which is kept.
  public func ingredients(of output: Int) -> Residuals? {
    output == 0 ? Residuals(inputs: [2, 3], outputs: [1]) : nil
  }

  /// The layer norm of the sum.
  public func recomputed(_ output: Int, inputs: [Tensor?], outputs: [Tensor?]) -> Tensor {
    apply(LayerNormOperator(epsilon: epsilon), [outputs[1]!, inputs[2]!, inputs[3]!])[0]
  }

  /// The layer norm's gradient at the sum, which both sides share, with what arrived at the sum itself.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    guard context.hasGradient(0) else {
      let g = context.gradient(1)
      return [g, g, nil, nil]
    }
    let results = apply(
      LayerNormGradientOperator(epsilon: epsilon),
      [
        context.output(1), context.input(2), context.output(2).detached(), context.output(3).detached(),
        context.gradient(0),
      ])
    let g = context.hasGradient(1) ? results[0] + context.gradient(1) : results[0]
    return [context.wants(0) ? g : nil, context.wants(1) ? g : nil, results[1], results[2]]
  }

  /// A sum and a layer norm.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let sum = inputs[0] + inputs[1]
    let normalized = apply(LayerNormOperator(epsilon: epsilon), [sum, inputs[2], inputs[3]])
    return [normalized[0], sum, normalized[1], normalized[2]]
  }
}

extension Tensor {
  /// Layer normalization of the sum of this and `residual`, and that sum, in one pass over memory. Weight and bias are `[n]`,
  /// the length of the last axis.
  public func addLayerNorm(
    residual: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5, file: StaticString = #file,
    line: UInt = #line
  ) -> (normalized: Tensor, sum: Tensor) {
    let row = Shape([dimension(-1)])
    let inputs = [self, residual, weight ?? stretched(1, to: row), bias ?? stretched(0, to: row)]
    let outputs = apply(AddLayerNormOperator(epsilon: epsilon), inputs, file: file, line: line)
    return (outputs[0], outputs[1])
  }
}
