import CDeepSeekKernels
import DeepSeekTensor

/// In which form the input of a product with a quantized weight is multiplied.
public enum QuantizedInput: Codable, Hashable, Sendable {
  /// As it is: only the weight is kept in few bits.
  case unquantized
  /// In 8 bits, or 7, with a scale and zero point for each row, found when it runs: the row's smallest and largest elements,
  /// and zero, become 0 … 255, or 0 … 127. A row that holds NaN gives NaN.
  case dynamic(bits: Int)
  /// In 8 bits, or 7, with one scale and zero point for all: x ≈ (q - zeroPoint) · scale. What lies beyond 0 … 255, or 127, is
  /// clamped; NaN counts as zero.
  case fixed(scale: Float, zeroPoint: Int, bits: Int)

  enum CodingKeys: CodingKey { case unquantized, dynamic, fixed }
  enum DynamicCodingKeys: CodingKey { case bits }
  enum FixedCodingKeys: CodingKey { case scale, zeroPoint, bits }

  /// Files without bits have 8.
  public init(from decoder: any Decoder) throws {
    let cases = try decoder.container(keyedBy: CodingKeys.self)
    if cases.contains(.dynamic) {
      let values = try cases.nestedContainer(keyedBy: DynamicCodingKeys.self, forKey: .dynamic)
      self = .dynamic(bits: try values.decodeIfPresent(Int.self, forKey: .bits) ?? 8)
    } else if cases.contains(.fixed) {
      let values = try cases.nestedContainer(keyedBy: FixedCodingKeys.self, forKey: .fixed)
      self = .fixed(
        scale: try values.decode(Float.self, forKey: .scale),
        zeroPoint: try values.decode(Int.self, forKey: .zeroPoint),
        bits: try values.decodeIfPresent(Int.self, forKey: .bits) ?? 8)
    } else if cases.contains(.unquantized) {
      self = .unquantized
    } else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "unquantized, dynamic or fixed is expected"))
    }
  }

  /// In 8 bits, row by row.
  public static var dynamic: QuantizedInput { .dynamic(bits: 8) }
  /// In 8 bits, with one scale and zero point for all.
  public static func fixed(scale: Float, zeroPoint: Int) -> QuantizedInput {
    .fixed(scale: scale, zeroPoint: zeroPoint, bits: 8)
  }

  /// Bits of an element; `nil` where it stays as it is.
  public var bits: Int? {
    switch self {
    case .unquantized: nil
    case .dynamic(let bits), .fixed(_, _, let bits): bits
    }
  }

  /// The largest integer of so many bits.
  public static func largest(bits: Int) -> Int { 1 << bits - 1 }

  /// The float that an element is after it went through few bits, in the element type of `x`.
  ///
  /// The parameters and the integers are found in `float32` whatever the type, so that all types agree on them.
  func roundTrip(_ x: Tensor) -> Tensor {
    guard let bits, x.dimension(-1) != 0 else { return x }
    let largest = Double(QuantizedInput.largest(bits: bits))
    let values = x.cast(to: .float32)
    let (scale, zeroPoint) = parameters(for: values, largest: largest)
    let quotient = Tensor.select(values.isNaN(), Tensor(0.0), values * (1 / scale))
    let steps = quotient.maximum(-zeroPoint).minimum(largest - zeroPoint).round()
    return steps.cast(to: x.dtype) * scale.cast(to: x.dtype)
  }

  /// As the kernel takes it.
  var kernel: ds_quantized_input {
    let bits = Int32(bits ?? 8)
    if case .fixed(let scale, let zeroPoint, _) = self {
      return ds_quantized_input(bits: bits, is_dynamic: false, scale: scale, zero_point: Int32(zeroPoint))
    }
    return ds_quantized_input(bits: bits, is_dynamic: true, scale: 1, zero_point: 0)
  }

  /// Scale and zero point, `[…, 1]` or for all.
  private func parameters(for x: Tensor, largest: Double) -> (scale: Tensor, zeroPoint: Tensor) {
    if case .fixed(let scale, let zeroPoint, _) = self { return (Tensor(Double(scale)), Tensor(Double(zeroPoint))) }
    let lowest = x.min(axis: -1, keepAxes: true).minimum(0)
    let span = (x.max(axis: -1, keepAxes: true).maximum(0) - lowest) / largest
    let scale = Tensor.select(span.equal(to: 0), Tensor(1.0), span)
    return (scale, (-lowest / scale).clamp(0, largest).round())
  }
}
