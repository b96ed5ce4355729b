public import DeepSeekTensor

extension Tensor {
  /// Adds in place of the variable, whose type and shape may change as those of `left + right` do.
  public static func += (left: inout Tensor, right: Tensor) { left = left + right }
  /// Subtracts in place of the variable.
  public static func -= (left: inout Tensor, right: Tensor) { left = left - right }
  /// Multiplies in place of the variable.
  public static func *= (left: inout Tensor, right: Tensor) { left = left * right }
  /// Divides in place of the variable.
  public static func /= (left: inout Tensor, right: Tensor) { left = left / right }

  /// Adds a number in place of the variable; the number takes the tensor's type.
  public static func += (left: inout Tensor, right: Double) { left = left + right }
  /// Subtracts a number in place of the variable; the number takes the tensor's type.
  public static func -= (left: inout Tensor, right: Double) { left = left - right }
  /// Multiplies by a number in place of the variable; the number takes the tensor's type.
  public static func *= (left: inout Tensor, right: Double) { left = left * right }
  /// Divides by a number in place of the variable; integers become `float64`.
  public static func /= (left: inout Tensor, right: Double) { left = left / right }
}
