public import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Angles of positions and their sines and cosines. Apart from `Tensor`, whose methods of these names hide the functions.
private enum Angle {
  static func at(_ position: Int, _ index: Int, _ width: Int, _ base: Double) -> Double {
    Double(position) * pow(base, -2 * Double(index) / Double(width))
  }

  static func cosine(_ angle: Double) -> Double { cos(angle) }
  static func sine(_ angle: Double) -> Double { sin(angle) }
}

extension Tensor {
  /// The cosines and sines of rotary angles for positions `offset ..< offset + count`: `[count, width / 2]` each, with the
  /// angle position · base^(-2i / width) for pair i.
  public static func rotaryTables(
    _ count: Int, width: Int, offset: Int = 0, base: Double = 10_000, dtype: DType = .float32
  ) -> (cosines: Tensor, sines: Tensor) {
    let angles = (0..<count * (width / 2)).map { index -> Double in
      let (position, pair) = index.quotientAndRemainder(dividingBy: width / 2)
      return Angle.at(position + offset, pair, width, base)
    }
    let shape: Shape = [count, width / 2]
    let type: DType = dtype == .float64 ? .float64 : .float32
    return (
      Tensor(shape, angles.map(Angle.cosine)).converted(to: type),
      Tensor(shape, angles.map(Angle.sine)).converted(to: type)
    )
  }

  /// Pairs of elements of the last axis of `[…, sequence, width]` turned by the angles whose cosines and sines are given, as
  /// ``rotaryTables(_:width:offset:base:dtype:)`` makes them (Su et al., arXiv:2104.09864). When the tables are narrower
  /// than half of the width, the elements beyond are left as they are.
  public func rotated(
    cosines: Tensor, sines: Tensor, pairing: RotaryOperator.Pairing = .halves, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    let type = dtype.statistics
    let turnedWidth = cosines.shape[-1] * 2
    let (cosines, sines) = (cosines.cast(to: type), sines.cast(to: type))
    if turnedWidth == shape[-1] { return apply(RotaryOperator(pairing), self, cosines, sines, file: file, line: line) }
    let parts = split([turnedWidth, shape[-1] - turnedWidth], axis: rank - 1, file: file, line: line)
    return Tensor.concatenate(
      [apply(RotaryOperator(pairing), parts[0], cosines, sines, file: file, line: line), parts[1]], axis: rank - 1)
  }

  /// Sinusoidal positions `offset ..< offset + count`: `[count, width]` with the sine of position · base^(-2i / width) at 2i
  /// and its cosine at 2i + 1 (Vaswani et al., arXiv:1706.03762).
  public static func sinusoidalPositions(
    _ count: Int, width: Int, offset: Int = 0, base: Double = 10_000, dtype: DType = .float32
  ) -> Tensor {
    let elements = (0..<count * width).map { index -> Double in
      let (position, element) = index.quotientAndRemainder(dividingBy: width)
      let angle = Angle.at(position + offset, element / 2, width, base)
      return element % 2 == 0 ? Angle.sine(angle) : Angle.cosine(angle)
    }
    return Tensor([count, width], elements).converted(to: dtype)
  }
}
