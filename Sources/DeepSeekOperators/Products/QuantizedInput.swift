import CDeepSeekKernels
import DeepSeekTensor

/// In which form the input of a product with a quantized weight is multiplied.
public enum QuantizedInput: Codable, Hashable, Sendable {
  /// As it is: only the weight is kept in few bits.
  case unquantized
  /// In 8 bits, with a scale and zero point for each row, found when it runs: the row's smallest and largest elements, and
  /// zero, become 0 … 255. A row that holds NaN gives NaN.
  case dynamic
  /// In 8 bits, `uint8`, with one scale and zero point for all: x ≈ (q - zeroPoint) · scale. What lies beyond 0 … 255 is
  /// clamped; NaN counts as zero.
  case fixed(scale: Float, zeroPoint: Int)

  /// The largest 8-bit value.
  static let largest = 255.0

  /// The float that an element is after it went through 8 bits, in the element type of `x`.
  ///
  /// The parameters and the 8-bit values are found in `float32` whatever the type, so that all types agree on them.
  func roundTrip(_ x: Tensor) -> Tensor {
    if self == .unquantized || x.dimension(-1) == 0 { return x }
    let values = x.cast(to: .float32)
    let (scale, zeroPoint) = parameters(for: values)
    let quotient = Tensor.select(values.isNaN(), Tensor(0.0), values * (1 / scale))
    let steps = quotient.maximum(-zeroPoint).minimum(QuantizedInput.largest - zeroPoint).round()
    return steps.cast(to: x.dtype) * scale.cast(to: x.dtype)
  }

  /// As the kernel takes it.
  var kernel: ds_quantized_input {
    if case .fixed(let scale, let zeroPoint) = self {
      return ds_quantized_input(is_dynamic: false, scale: scale, zero_point: Int32(zeroPoint))
    }
    return ds_quantized_input(is_dynamic: true, scale: 1, zero_point: 0)
  }

  /// Scale and zero point, `[…, 1]` or for all.
  private func parameters(for x: Tensor) -> (scale: Tensor, zeroPoint: Tensor) {
    if case .fixed(let scale, let zeroPoint) = self { return (Tensor(Double(scale)), Tensor(Double(zeroPoint))) }
    let lowest = x.min(axis: -1, keepAxes: true).minimum(0)
    let span = (x.max(axis: -1, keepAxes: true).maximum(0) - lowest) / QuantizedInput.largest
    let scale = Tensor.select(span.equal(to: 0), Tensor(1.0), span)
    return (scale, (-lowest / scale).clamp(0, QuantizedInput.largest).round())
  }
}
