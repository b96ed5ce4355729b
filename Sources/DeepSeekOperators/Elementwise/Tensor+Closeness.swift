public import DeepSeekTensor

extension Tensor {
  /// Whether |a - b| ≤ `absolute` + `relative` |b|, element by element after broadcasting: `bool`. Infinities are close to
  /// themselves; NaN is close to nothing, with `equalNaN` to NaN.
  public func isClose(
    to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let (a, b) = (floatingForComparison, other.floatingForComparison)
    let distance = a.subtracting(b, file: file, line: line).abs()
    let near = distance.lessOrEqual(to: b.abs() * relative + absolute).logicalAnd(distance.isFinite())
    let close = near.logicalOr(a.equal(to: b))
    return equalNaN ? close.logicalOr(a.isNaN().logicalAnd(b.isNaN())) : close
  }

  /// Whether all elements are close to the other tensor's; see ``isClose(to:relative:absolute:equalNaN:file:line:)``.
  public func allClose(
    to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false,
    file: StaticString = #file, line: UInt = #line
  ) -> Bool {
    isClose(to: other, relative: relative, absolute: absolute, equalNaN: equalNaN, file: file, line: line)
      .all().item(as: Bool.self)
  }

  /// Halves and integers in a type that holds their differences.
  private var floatingForComparison: Tensor {
    switch dtype {
    case .float32, .float64: self
    case .float16, .bfloat16: cast(to: .float32)
    default: cast(to: .float64)
    }
  }

  /// The elements, with other numbers in place of NaN and of the infinities, by default 0 and the largest and smallest
  /// number of the type. No gradient passes where a number was replaced.
  public func nanToNum(
    nan: Double = 0, positiveInfinity: Double? = nil, negativeInfinity: Double? = nil,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    guard dtype.isFloatingPoint else { return self }
    let largest = largestFiniteNumber
    func replacing(_ places: Tensor, _ number: Double, in tensor: Tensor) -> Tensor {
      Tensor.select(places, Tensor.full([], number, dtype: dtype), tensor, file: file, line: line)
    }
    let numbers = replacing(isNaN(), nan, in: self)
    let below = replacing(equal(to: .infinity), positiveInfinity ?? largest, in: numbers)
    return replacing(equal(to: -.infinity), negativeInfinity ?? -largest, in: below)
  }

  private var largestFiniteNumber: Double {
    switch dtype {
    case .float64: .greatestFiniteMagnitude
    case .float16: 65504
    case .bfloat16: 0x1.fep127
    default: Double(Float.greatestFiniteMagnitude)
    }
  }

  /// From these elements to another tensor's, the part `weight` of the way: self + weight (other - self).
  public func lerp(_ other: Tensor, _ weight: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    self + other.subtracting(self, file: file, line: line) * weight
  }

  /// From these elements to another tensor's, a part of the way for each; all three broadcast.
  public func lerp(_ other: Tensor, _ weight: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    self + other.subtracting(self, file: file, line: line).multiplied(by: weight, file: file, line: line)
  }
}
