import CDeepSeekKernels
public import DeepSeekTensor

/// The gradients of ``AttentionOperator`` with respect to queries, keys and values.
///
/// Inputs: those of the attention, its two outputs, and the upstream gradient.
public struct AttentionGradientOperator: Operator {
  /// The attention.
  public let attention: AttentionOperator

  /// Of this attention.
  public init(_ attention: AttentionOperator) { self.attention = attention }

  /// `attention_gradient`.
  public var name: String { "attention_gradient" }
  /// A product.
  public var traits: OperatorTraits { attention.traits }

  /// The queries', keys' and values' types and shapes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    let own = try attention.infer(Array(inputs.dropLast(3)))
    guard inputs.count >= 6, inputs[inputs.count - 1].shape == own[0].shape else {
      throw mismatch("the upstream gradient does not have the output's shape \(own[0].shape)")
    }
    return [inputs[0], inputs[1], inputs[2]]
  }

  /// Calls the C kernel in `float32`; `float64` computes the decomposition.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].dtype == .float64 { return evaluateDecomposition(inputs, into: outputs) }
    let wide = inputs.map { $0.dtype.isFloatingPoint ? $0.converted(to: .float32) : $0 }
    let targets = outputs.map { $0.dtype == .float32 ? $0 : Tensor(uninitialized: .float32, $0.shape) }
    let count = wide.count
    let result = wide[count - 3].swappedHeads
    let upstream = AttentionArguments.withDenseRows(wide[count - 1]).swappedHeads
    let logSum = wide[count - 2].pointer.assumingMemoryBound(to: Float.self)
    var (out, dout) = (result.kernelView, upstream.kernelView)
    var (dq, dk, dv) = (targets[0].kernelView, targets[1].kernelView, targets[2].kernelView)
    let status = AttentionArguments(wide, attention).withViews { q, k, v, options in
      ds_attention_backward(q, k, v, options, &out, logSum, &dout, &dq, &dk, &dv)
    }
    try withExtendedLifetime((wide, targets, result, upstream)) { try check(status, self, inputs) }
    for (target, output) in zip(targets, outputs) where target.dtype != output.dtype {
      target.copyElements(to: output)
    }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// The gradient of the attention's own decomposition.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let own = Array(inputs.dropLast(3))
    let leaves = own.enumerated().map { index, input in
      index < 3 && !input.tracksGradient ? input.requiringGradient() : input
    }
    let result = withGradient { attention.decomposition(leaves)![0] }
    var options = BackwardOptions()
    options.createGraph = isGradientEnabled
    let found = gradients(
      of: [result], withRespectTo: Array(leaves[0..<3]), gradients: [inputs[inputs.count - 1]], options: options)
    return zip(found, own).map { $0 ?? Tensor.zeros(like: $1) }
  }
}

extension Tensor {
  /// A view of `[batch, sequence, heads, width]` as `[batch, heads, sequence, width]`.
  var swappedHeads: Tensor { viewed(layout.permuted([0, 2, 1, 3])) }
}
