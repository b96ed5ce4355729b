import CDeepSeekKernels
public import DeepSeekTensor

/// Numbers as they would come back from few bits: `(clamp(round(x / scale) + zeroPoint) - zeroPoint) · scale`, for training
/// that is to bear it.
///
/// The gradient passes straight through rounding (Bengio and others, arXiv:1308.3432), and is zero where a number was cut
/// off; the scale learns too (Esser and others, "Learned step size quantization", arXiv:1902.08153), and so does the zero
/// point (Bhalgat and others, arXiv:2004.09576).
public struct FakeQuantizeOperator: Operator {
  /// The smallest integer.
  public let minimum: Int
  /// The largest integer.
  public let maximum: Int
  /// What the scale's gradient is multiplied by; 1/√(n · maximum) for n numbers a scale keeps its steps in proportion.
  public let scaleGradientFactor: Double

  /// Integers from `minimum` to `maximum`.
  public init(_ minimum: Int, _ maximum: Int, scaleGradientFactor: Double = 1) {
    self.minimum = minimum
    self.maximum = maximum
    self.scaleGradientFactor = scaleGradientFactor
  }

  /// `fake_quantize`.
  public var name: String { "fake_quantize" }
  /// Elementwise.
  public var traits: OperatorTraits { [.elementwise, .memoryBound, .fullPrecision] }

  /// Inputs: x, and scale and zero point, of its type, which broadcast to its shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    let x = inputs[0]
    try expectFloating(x)
    guard minimum < maximum, minimum >= -(1 << 16), maximum <= 1 << 16, scaleGradientFactor.isFinite else {
      throw mismatch("integers from \(minimum) to \(maximum), a factor of \(scaleGradientFactor)")
    }
    for other in inputs.dropFirst() {
      guard other.dtype == x.dtype, try Shape.broadcast(x.shape, other.shape, in: name) == x.shape else {
        throw mismatch("a scale or zero point \(other) for \(x); one of its type that broadcasts to it is expected")
      }
    }
    return [x.withoutValue]
  }

  /// One pass of the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(pass(DS_FAKE_QUANTIZE_VALUE, inputs, above: nil, into: outputs[0]), self, inputs)
  }

  /// One part of the function or its gradient.
  func pass(_ part: ds_fake_quantize_part, _ inputs: [Tensor], above: Tensor?, into out: Tensor) -> ds_status {
    let shape = out.shape
    let tensors = [inputs[0], inputs[1].broadcastView(shape), inputs[2].broadcastView(shape)]
    var (x, scale, zeroPoint) = (tensors[0].kernelView, tensors[1].kernelView, tensors[2].kernelView)
    var upstream = (above ?? inputs[0]).kernelView
    var target = out.kernelView
    return withExtendedLifetime((tensors, above, out)) {
      ds_fake_quantize(part, &x, &scale, &zeroPoint, &upstream, Double(minimum), Double(maximum), &target)
    }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }

  /// Straight through within the range; learned step sizes for scale and zero point.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let inputs = (0..<3).map { context.input($0) } + [context.gradient]
    func part(_ part: FakeQuantizeGradientOperator.Part) -> Tensor {
      apply(FakeQuantizeGradientOperator(self, part), inputs)[0]
    }
    var result: [Tensor?] = [nil, nil, nil]
    if context.wants(0) { result[0] = part(.input) }
    if context.wants(1) { result[1] = part(.scale).sum(to: context.inputSpec(1).shape) * scaleGradientFactor }
    if context.wants(2) { result[2] = part(.zeroPoint).sum(to: context.inputSpec(2).shape) }
    return result
  }

  /// A division, a rounding, a clamp, and the way back.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let integers = ((inputs[0] / inputs[1]).round() + inputs[2]).clamp(Double(minimum), Double(maximum))
    return [(integers - inputs[2]) * inputs[1]]
  }
}

extension Tensor {
  /// The numbers as they would come back from integers of a range; see ``FakeQuantizeOperator``. Scale and zero point
  /// broadcast to this shape.
  public func fakeQuantized(
    scale: Tensor, zeroPoint: Tensor, _ minimum: Int, _ maximum: Int, scaleGradientFactor: Double = 1,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    apply(
      FakeQuantizeOperator(minimum, maximum, scaleGradientFactor: scaleGradientFactor), self, scale, zeroPoint,
      file: file, line: line)
  }
}
