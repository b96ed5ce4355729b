public import DeepSeekTensor

extension Tensor {
  /// Both tensors as the type that holds both, by NumPy's rules; traps when there is none.
  static func promoted(
    _ a: Tensor, _ b: Tensor, _ operation: String, file: StaticString = #file, line: UInt = #line
  ) -> (Tensor, Tensor) {
    if a.dtype == b.dtype { return (a, b) }
    guard let common = DType.promote(a.dtype, b.dtype) else {
      fatalError("\(operation): \(a.dtype) and \(b.dtype) have no common type; cast one", file: file, line: line)
    }
    return (a.cast(to: common), b.cast(to: common))
  }

  func binary(
    _ function: BinaryOperator.Function, _ other: Tensor, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    var (a, b) = Tensor.promoted(self, other, function.rawValue, file: file, line: line)
    if function.accepts == .floats && !a.dtype.isFloatingPoint {
      (a, b) = (a.cast(to: .float64), b.cast(to: .float64))
    }
    return apply(BinaryOperator(function), a, b, file: file, line: line)
  }

  /// With a Swift number, which has no width of its own: floats keep their type.
  func binary(
    _ function: BinaryOperator.Function, _ scalar: Double, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    binary(function, scalarTensor(scalar), file: file, line: line)
  }

  /// A number as a tensor of the type that it takes beside this one.
  func scalarTensor(_ scalar: Double) -> Tensor {
    let isWhole = scalar.rounded() == scalar && Swift.abs(scalar) < 0x1p53
    let type = isWhole && !dtype.isFloatingPoint ? dtype.promotedWithIntegerScalar : dtype.promotedWithFloatingScalar
    return Tensor([], [scalar]).converted(to: type)
  }

  /// The sum, after broadcasting; reports shapes that do not fit at the caller's line.
  public func adding(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.add, other, file: file, line: line)
  }

  /// The sum, after broadcasting; reports shapes that do not fit at the caller's line.
  public func adding(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.add, other, file: file, line: line)
  }

  /// The difference, after broadcasting; reports shapes that do not fit at the caller's line.
  public func subtracting(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.subtract, other, file: file, line: line)
  }

  /// The difference, after broadcasting; reports shapes that do not fit at the caller's line.
  public func subtracting(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.subtract, other, file: file, line: line)
  }

  /// The product element by element, after broadcasting; reports shapes that do not fit at the caller's line.
  public func multiplied(by other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.multiply, other, file: file, line: line)
  }

  /// The product element by element, after broadcasting; reports shapes that do not fit at the caller's line.
  public func multiplied(by other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.multiply, other, file: file, line: line)
  }

  /// The quotient element by element, after broadcasting; integers become `float64` first.
  public func divided(by other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.divide, other, file: file, line: line)
  }

  /// The quotient element by element, after broadcasting; integers become `float64` first.
  public func divided(by other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.divide, other, file: file, line: line)
  }

  /// Each element to the power of the other's.
  public func power(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.power, other, file: file, line: line)
  }

  /// Each element to the power of the other's.
  public func power(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.power, other, file: file, line: line)
  }

  /// The larger of each pair of elements; NaN when either is.
  public func maximum(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.maximum, other, file: file, line: line)
  }

  /// The larger of each pair of elements; NaN when either is.
  public func maximum(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.maximum, other, file: file, line: line)
  }

  /// The smaller of each pair of elements; NaN when either is.
  public func minimum(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.minimum, other, file: file, line: line)
  }

  /// The smaller of each pair of elements; NaN when either is.
  public func minimum(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.minimum, other, file: file, line: line)
  }

  /// The quotient rounded towards minus infinity.
  public func floorDivide(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.floorDivide, other, file: file, line: line)
  }

  /// The quotient rounded towards minus infinity.
  public func floorDivide(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.floorDivide, other, file: file, line: line)
  }

  /// The remainder with the divisor's sign, as Python's `%`.
  public func remainder(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.remainder, other, file: file, line: line)
  }

  /// The remainder with the divisor's sign, as Python's `%`.
  public func remainder(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.remainder, other, file: file, line: line)
  }

  /// The remainder with the dividend's sign, as C's `fmod`.
  public func fmod(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.fmod, other, file: file, line: line)
  }

  /// The remainder with the dividend's sign, as C's `fmod`.
  public func fmod(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.fmod, other, file: file, line: line)
  }

  /// The angle, in radians, of the point whose ordinate is this and whose abscissa is the other.
  public func atan2(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.atan2, other, file: file, line: line)
  }

  /// The angle, in radians, of the point whose ordinate is this and whose abscissa is the other.
  public func atan2(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.atan2, other, file: file, line: line)
  }

  /// Whether each pair of elements is equal.
  public func equal(to other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.equal, other, file: file, line: line)
  }

  /// Whether each pair of elements is equal.
  public func equal(to other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.equal, other, file: file, line: line)
  }

  /// Whether each pair of elements differs.
  public func notEqual(to other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.notEqual, other, file: file, line: line)
  }

  /// Whether each pair of elements differs.
  public func notEqual(to other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.notEqual, other, file: file, line: line)
  }

  /// Whether each element is less than the other's.
  public func less(than other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.less, other, file: file, line: line)
  }

  /// Whether each element is less than the other's.
  public func less(than other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.less, other, file: file, line: line)
  }

  /// Whether each element is less than the other's or equal.
  public func lessOrEqual(to other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.lessEqual, other, file: file, line: line)
  }

  /// Whether each element is less than the other's or equal.
  public func lessOrEqual(to other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.lessEqual, other, file: file, line: line)
  }

  /// Whether each element is greater than the other's.
  public func greater(than other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.greater, other, file: file, line: line)
  }

  /// Whether each element is greater than the other's.
  public func greater(than other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.greater, other, file: file, line: line)
  }

  /// Whether each element is greater than the other's or equal.
  public func greaterOrEqual(to other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.greaterEqual, other, file: file, line: line)
  }

  /// Whether each element is greater than the other's or equal.
  public func greaterOrEqual(to other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.greaterEqual, other, file: file, line: line)
  }

  /// Whether both elements are non-zero.
  public func logicalAnd(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.logicalAnd, other, file: file, line: line)
  }

  /// Whether both elements are non-zero.
  public func logicalAnd(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.logicalAnd, other, file: file, line: line)
  }

  /// Whether either element is non-zero.
  public func logicalOr(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.logicalOr, other, file: file, line: line)
  }

  /// Whether either element is non-zero.
  public func logicalOr(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.logicalOr, other, file: file, line: line)
  }

  /// Whether just one element is non-zero.
  public func logicalXor(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.logicalXor, other, file: file, line: line)
  }

  /// Whether just one element is non-zero.
  public func logicalXor(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.logicalXor, other, file: file, line: line)
  }

  /// The bits set in both elements.
  public func bitwiseAnd(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.bitwiseAnd, other, file: file, line: line)
  }

  /// The bits set in both elements.
  public func bitwiseAnd(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.bitwiseAnd, other, file: file, line: line)
  }

  /// The bits set in either element.
  public func bitwiseOr(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.bitwiseOr, other, file: file, line: line)
  }

  /// The bits set in either element.
  public func bitwiseOr(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.bitwiseOr, other, file: file, line: line)
  }

  /// The bits set in just one element.
  public func bitwiseXor(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.bitwiseXor, other, file: file, line: line)
  }

  /// The bits set in just one element.
  public func bitwiseXor(_ other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.bitwiseXor, other, file: file, line: line)
  }

  /// Each element's bits moved up by the other's number.
  public func shiftedLeft(by other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.shiftLeft, other, file: file, line: line)
  }

  /// Each element's bits moved up by the other's number.
  public func shiftedLeft(by other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.shiftLeft, other, file: file, line: line)
  }

  /// Each element's bits moved down by the other's number; the sign stays.
  public func shiftedRight(by other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.shiftRight, other, file: file, line: line)
  }

  /// Each element's bits moved down by the other's number; the sign stays.
  public func shiftedRight(by other: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    binary(.shiftRight, other, file: file, line: line)
  }
}

extension Tensor {
  /// The sum, after broadcasting and promotion.
  public static func + (left: Tensor, right: Tensor) -> Tensor { left.binary(.add, right) }

  /// The sum; the number takes the tensor's type.
  public static func + (left: Double, right: Tensor) -> Tensor { right.scalarTensor(left).binary(.add, right) }

  /// The sum; the number takes the tensor's type.
  public static func + (left: Tensor, right: Double) -> Tensor { left.addingScalar(right) }

  /// The difference, after broadcasting and promotion.
  public static func - (left: Tensor, right: Tensor) -> Tensor { left.binary(.subtract, right) }

  /// The difference; the number takes the tensor's type.
  public static func - (left: Double, right: Tensor) -> Tensor { right.scalarTensor(left).binary(.subtract, right) }

  /// The difference; the number takes the tensor's type.
  public static func - (left: Tensor, right: Double) -> Tensor { left.addingScalar(-right) }

  /// The product element by element, after broadcasting and promotion.
  public static func * (left: Tensor, right: Tensor) -> Tensor { left.binary(.multiply, right) }

  /// The product element by element; the number takes the tensor's type.
  public static func * (left: Double, right: Tensor) -> Tensor { right.scalarTensor(left).binary(.multiply, right) }

  /// The product element by element; the number takes the tensor's type.
  public static func * (left: Tensor, right: Double) -> Tensor { left.multipliedByScalar(right) }

  /// The quotient element by element; integers become `float64` first, after broadcasting and promotion.
  public static func / (left: Tensor, right: Tensor) -> Tensor { left.binary(.divide, right) }

  /// The quotient element by element; integers become `float64` first; the number takes the tensor's type.
  public static func / (left: Double, right: Tensor) -> Tensor { right.scalarTensor(left).binary(.divide, right) }

  /// The quotient element by element; integers become `float64` first; the number takes the tensor's type.
  public static func / (left: Tensor, right: Double) -> Tensor { left.binary(.divide, right) }

  /// The negative of each element.
  public static prefix func - (tensor: Tensor) -> Tensor { apply(UnaryOperator(.negate), tensor) }

  private func addingScalar(_ scalar: Double) -> Tensor {
    dtype.isFloatingPoint ? apply(UnaryOperator(.addScalar, scalar), self) : binary(.add, scalar)
  }

  private func multipliedByScalar(_ scalar: Double) -> Tensor {
    dtype.isFloatingPoint ? apply(UnaryOperator(.multiplyScalar, scalar), self) : binary(.multiply, scalar)
  }
}
