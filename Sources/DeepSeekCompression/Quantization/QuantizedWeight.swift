import DeepSeekOperators
public import DeepSeekTensor

/// A weight as it is stored: whole numbers, two to a byte when they have 4 bits, with their scales.
public struct QuantizedWeight: Sendable {
  /// How it is kept.
  public let format: WeightFormat
  /// `int8[outputs, inputs]`, or `uint8[outputs, inputs / 2]`, the first of two in the low half.
  public let values: Tensor
  /// `float32[outputs]`, or `[outputs, groups]`.
  public let scales: Tensor
  /// Of the shape of ``scales``: `int8` for 8 bits, `uint8` for 4; `nil` without.
  public let zeroPoints: Tensor?

  /// The weight of whole numbers `[outputs, inputs]`, in `float32`, on a grid.
  init(_ codes: Tensor, _ grid: WeightGrid) {
    let format = grid.format
    let shape = grid.scales.shape
    func flat(_ tensor: Tensor) -> Tensor {
      tensor.reshaped(format.groupSize == nil ? [shape[0]] : [shape[0], shape[1]]).contiguous()
    }
    let zeroPoints = format.hasZeroPoints ? flat(grid.zeroPoints) : nil
    if format.bits == 8 {
      self.init(
        format, values: codes.cast(to: .int8), scales: flat(grid.scales), zeroPoints: zeroPoints?.cast(to: .int8))
      return
    }
    let nibbles = format.hasZeroPoints ? codes : codes + QuantizedWeight.nibbleZero
    let pairs = nibbles.reshaped([codes.shape[0], codes.shape[1] / 2, 2])
    self.init(
      format, values: (pairs.selected(2, 0) + pairs.selected(2, 1) * 16).cast(to: .uint8), scales: flat(grid.scales),
      zeroPoints: zeroPoints?.cast(to: .uint8))
  }

  /// The parts as they are stored.
  init(_ format: WeightFormat, values: Tensor, scales: Tensor, zeroPoints: Tensor?) {
    self.format = format
    self.values = values
    self.scales = scales
    self.zeroPoints = zeroPoints
  }

  /// A weight `[outputs, inputs]` rounded to the nearest.
  ///
  /// - Parameters:
  ///   - weight: Of a floating type.
  ///   - format: How it is kept; traps when the weight cannot be.
  ///   - clips: Whether ranges are narrowed where that makes the squared error smaller.
  ///   - perTensor: Whether all scales are alike.
  public init(rounding weight: Tensor, _ format: WeightFormat, clips: Bool = false, perTensor: Bool = false) {
    if let obstacle = format.obstacle(outputs: weight.shape[0], inputs: weight.shape[1]) {
      fatalError("QuantizedWeight: \(weight.shape): \(obstacle)")
    }
    let weight = weight.detached().cast(to: .float32)
    let grid =
      clips
      ? WeightGrid(clipping: weight, format, perTensor: perTensor)
      : WeightGrid(weight, format, perTensor: perTensor)
    self.init(grid.codes(weight), grid)
  }

  /// What a nibble without zero points is more than its number.
  static let nibbleZero = 8.0

  /// The weight that it stands for, `float32[outputs, inputs]`.
  public var dequantized: Tensor { QuantizedWeight.rows(values, scales: scales, zeroPoints: zeroPoints, format) }

  /// Bytes of all parts.
  public var byteCount: Int {
    [values, scales, zeroPoints].compactMap { $0 }.reduce(0) { $0 + $1.elementCount * $1.dtype.byteCount }
  }

  /// What stored rows `[…, inputs]` stand for; scales and zero points are `[…]` or `[…, groups]`.
  static func rows(_ values: Tensor, scales: Tensor, zeroPoints: Tensor?, _ format: WeightFormat) -> Tensor {
    var numbers = values.cast(to: .float32)
    let last = numbers.rank - 1
    if format.bits == 4 {
      let high = (numbers * (1.0 / 16)).floor()
      let pairs = Tensor.stack([numbers - high * 16, high], axis: last + 1)
      numbers = pairs.reshaped(Array(numbers.shape.dimensions.dropLast()) + [numbers.dimension(last) * 2])
    }
    let width = numbers.shape.dimensions[last]
    let leading = Array(numbers.shape.dimensions.dropLast())
    let scales = scales.cast(to: .float32)
    if let size = format.groupSize {
      numbers = numbers.reshaped(leading + [Dimension(width.known! / size), Dimension(size)])
    }
    if let zeroPoints {
      numbers = numbers - zeroPoints.cast(to: .float32).expanded(-1)
    } else if format.bits == 4 {
      numbers = numbers - nibbleZero
    }
    let result = numbers * scales.expanded(-1)
    return format.groupSize == nil ? result : result.reshaped(leading + [width])
  }
}
