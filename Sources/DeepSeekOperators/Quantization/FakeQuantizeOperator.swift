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

  /// By way of the decomposition.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    evaluateDecomposition(inputs, into: outputs)
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }

  /// Straight through within the range; learned step sizes for scale and zero point.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    let (x, scale, zeroPoint) = (context.input(0), context.input(1), context.input(2))
    let ratio = x / scale
    let rounded = ratio.round() + zeroPoint
    let isBelow = rounded.less(than: Double(minimum))
    let isAbove = rounded.greater(than: Double(maximum))
    let isOutside = isBelow.logicalOr(isAbove)
    let zero = Tensor.zeros(like: x)
    var result: [Tensor?] = [nil, nil, nil]
    if context.wants(0) { result[0] = Tensor.select(isOutside, zero, g) }
    if context.wants(1) {
      let slope = Tensor.select(
        isOutside, rounded.clamp(Double(minimum), Double(maximum)) - zeroPoint, rounded - zeroPoint - ratio)
      result[1] = (g * slope).sum(to: scale.shape) * scaleGradientFactor
    }
    if context.wants(2) { result[2] = Tensor.select(isOutside, -(g * scale), zero).sum(to: zeroPoint.shape) }
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
