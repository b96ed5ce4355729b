public import DeepSeekTensor

/// Comparisons and logic element by element, with the operators that Swift has for its SIMD vectors: `x .> 0 .& x .< 1`.
extension Tensor {
  /// Whether elements are equal, after broadcasting: `bool`.
  public static func .== (left: Tensor, right: Tensor) -> Tensor { left.equal(to: right) }
  /// Whether elements equal a number: `bool`.
  public static func .== (left: Tensor, right: Double) -> Tensor { left.equal(to: right) }
  /// Whether elements differ, after broadcasting: `bool`.
  public static func .!= (left: Tensor, right: Tensor) -> Tensor { left.notEqual(to: right) }
  /// Whether elements differ from a number: `bool`.
  public static func .!= (left: Tensor, right: Double) -> Tensor { left.notEqual(to: right) }
  /// Whether elements are smaller, after broadcasting: `bool`.
  public static func .< (left: Tensor, right: Tensor) -> Tensor { left.less(than: right) }
  /// Whether elements are smaller than a number: `bool`.
  public static func .< (left: Tensor, right: Double) -> Tensor { left.less(than: right) }
  /// Whether elements are smaller or equal, after broadcasting: `bool`.
  public static func .<= (left: Tensor, right: Tensor) -> Tensor { left.lessOrEqual(to: right) }
  /// Whether elements are smaller than a number or equal it: `bool`.
  public static func .<= (left: Tensor, right: Double) -> Tensor { left.lessOrEqual(to: right) }
  /// Whether elements are larger, after broadcasting: `bool`.
  public static func .> (left: Tensor, right: Tensor) -> Tensor { left.greater(than: right) }
  /// Whether elements are larger than a number: `bool`.
  public static func .> (left: Tensor, right: Double) -> Tensor { left.greater(than: right) }
  /// Whether elements are larger or equal, after broadcasting: `bool`.
  public static func .>= (left: Tensor, right: Tensor) -> Tensor { left.greaterOrEqual(to: right) }
  /// Whether elements are larger than a number or equal it: `bool`.
  public static func .>= (left: Tensor, right: Double) -> Tensor { left.greaterOrEqual(to: right) }

  /// Whether both are non-zero, after broadcasting: `bool`.
  public static func .& (left: Tensor, right: Tensor) -> Tensor { left.logicalAnd(right) }
  /// Whether one of both is non-zero, after broadcasting: `bool`.
  public static func .| (left: Tensor, right: Tensor) -> Tensor { left.logicalOr(right) }
  /// Whether exactly one of both is non-zero, after broadcasting: `bool`.
  public static func .^ (left: Tensor, right: Tensor) -> Tensor { left.logicalXor(right) }
  /// Whether elements are zero: `bool`.
  public static prefix func .! (tensor: Tensor) -> Tensor { tensor.logicalNot() }
}
