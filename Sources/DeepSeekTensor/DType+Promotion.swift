extension DType {
  /// The type that holds both operands' values, by NumPy's rules.
  ///
  /// `bool` gives way to everything; integers of mixed sign widen (`int8` with `uint8` is `int16`); an integer with a
  /// float gives a float with enough mantissa for the integer (`int16` with `float16` is `float32`, `int32` with
  /// `float32` is `float64`). `bfloat16` stands where `float16` does, and the two together give `float32`.
  /// Storage-only types promote only with themselves: `nil` otherwise.
  public static func promote(_ a: DType, _ b: DType) -> DType? {
    if a == b { return a }
    guard a.isArithmetic, b.isArithmetic else { return nil }
    if a == .bool { return b }
    if b == .bool { return a }
    switch (a.isFloatingPoint, b.isFloatingPoint) {
    case (true, true):
      if a == .float64 || b == .float64 { return .float64 }
      return .float32
    case (true, false): return widened(float: a, integer: b)
    case (false, true): return widened(float: b, integer: a)
    case (false, false):
      if a == .uint8 || b == .uint8 {
        let other = a == .uint8 ? b : a
        return other == .int8 ? .int16 : other
      }
      return a.byteCount > b.byteCount ? a : b
    }
  }

  private static func widened(float: DType, integer: DType) -> DType {
    switch integer.byteCount {
    case 1: float
    case 2: float == .float64 ? .float64 : .float32
    default: .float64
    }
  }

  /// The type of `self` combined with a Swift floating-point literal, which has no width of its own: floats keep
  /// theirs, integers and `bool` become `float64`.
  public var promotedWithFloatingScalar: DType { isFloatingPoint ? self : .float64 }

  /// The type of `self` combined with a Swift integer literal: `bool` becomes `int64`, all else keeps its type.
  public var promotedWithIntegerScalar: DType { self == .bool ? .int64 : self }
}
