/// A Swift type that a tensor's elements can be read as and made from.
public protocol TensorElement: Sendable, BitwiseCopyable {
  /// The element type with the same bits.
  static var dtype: DType { get }
}

extension Float: TensorElement {
  /// `float32`.
  public static var dtype: DType { .float32 }
}
extension Double: TensorElement {
  /// `float64`.
  public static var dtype: DType { .float64 }
}
#if !(os(macOS) && arch(x86_64))
  extension Float16: TensorElement {
    /// `float16`.
    public static var dtype: DType { .float16 }
  }
#endif
extension BFloat16: TensorElement {
  /// `bfloat16`.
  public static var dtype: DType { .bfloat16 }
}
extension Int8: TensorElement {
  /// `int8`.
  public static var dtype: DType { .int8 }
}
extension UInt8: TensorElement {
  /// `uint8`.
  public static var dtype: DType { .uint8 }
}
extension Int16: TensorElement {
  /// `int16`.
  public static var dtype: DType { .int16 }
}
extension Int32: TensorElement {
  /// `int32`.
  public static var dtype: DType { .int32 }
}
extension Int64: TensorElement {
  /// `int64`.
  public static var dtype: DType { .int64 }
}
extension Int: TensorElement {
  /// `int64`.
  public static var dtype: DType { .int64 }
}
extension Bool: TensorElement {
  /// `bool`.
  public static var dtype: DType { .bool }
}
extension UInt16: TensorElement {
  /// `uint16`.
  public static var dtype: DType { .uint16 }
}
extension UInt32: TensorElement {
  /// `uint32`.
  public static var dtype: DType { .uint32 }
}
extension UInt64: TensorElement {
  /// `uint64`.
  public static var dtype: DType { .uint64 }
}

/// The upper 16 bits of a `Float`: 8 exponent bits, 7 stored mantissa bits.
public struct BFloat16: Sendable, BitwiseCopyable, Hashable {
  /// The stored bits.
  public var bitPattern: UInt16

  /// The value with these bits.
  public init(bitPattern: UInt16) {
    self.bitPattern = bitPattern
  }

  /// Rounds to nearest, ties to even. NaN stays NaN.
  public init(_ value: Float) {
    let bits = value.bitPattern
    if value.isNaN {
      bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40
    } else {
      bitPattern = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
    }
  }
}

extension Float {
  /// The exact value of a bfloat16.
  public init(_ value: BFloat16) {
    self.init(bitPattern: UInt32(value.bitPattern) << 16)
  }
}
