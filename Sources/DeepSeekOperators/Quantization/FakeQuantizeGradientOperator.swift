import CDeepSeekKernels
public import DeepSeekTensor

/// What each element of a ``FakeQuantizeOperator``'s input adds to one of its gradients.
///
/// Inputs: those of the operator, and the upstream gradient.
public struct FakeQuantizeGradientOperator: Operator {
  /// Which gradient.
  public enum Part: String, Sendable, Hashable, Codable, CaseIterable {
    /// Of the numbers: straight through.
    case input
    /// Of the scale, to be summed over what it serves.
    case scale
    /// Of the zero point, to be summed over what it serves.
    case zeroPoint = "zero_point"

    var kernel: ds_fake_quantize_part {
      switch self {
      case .input: DS_FAKE_QUANTIZE_INPUT
      case .scale: DS_FAKE_QUANTIZE_SCALE
      case .zeroPoint: DS_FAKE_QUANTIZE_ZERO
      }
    }
  }

  /// The operator.
  public let operation: FakeQuantizeOperator
  /// Which gradient.
  public let part: Part

  /// Of one input of this operator.
  public init(_ operation: FakeQuantizeOperator, _ part: Part) {
    self.operation = operation
    self.part = part
  }

  /// `fake_quantize_gradient`.
  public var name: String { "fake_quantize_gradient" }
  /// Elementwise.
  public var traits: OperatorTraits { operation.traits }

  /// The numbers' type and shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 4...4)
    let output = try operation.infer(Array(inputs.dropLast()))[0]
    guard inputs[3] == output else { throw mismatch("an upstream gradient \(inputs[3]) of \(output)") }
    return [output]
  }

  /// One pass of the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = operation.pass(part.kernel, Array(inputs.dropLast()), above: inputs[3], into: outputs[0])
    try check(status, self, inputs)
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// By comparisons and choices.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (x, scale, zeroPoint, above) = (inputs[0], inputs[1], inputs[2], inputs[3])
    let (lowest, highest) = (Double(operation.minimum), Double(operation.maximum))
    let ratio = x / scale
    let rounded = ratio.round() + zeroPoint
    let isOutside = rounded.less(than: lowest).logicalOr(rounded.greater(than: highest))
    let zero = Tensor.zeros(like: x)
    switch part {
    case .input: return [Tensor.select(isOutside, zero, above)]
    case .scale:
      let slope = Tensor.select(isOutside, rounded.clamp(lowest, highest) - zeroPoint, rounded - zeroPoint - ratio)
      return [above * slope]
    case .zeroPoint: return [Tensor.select(isOutside, -(above * scale), zero)]
    }
  }
}
