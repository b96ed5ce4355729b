import DeepSeekTensor

/// An element of a shape being computed in a graph: a number, which may be negative, or a length known when the graph runs.
///
/// Results that cannot be expressed are `nil`.
enum Length: Hashable, Sendable {
  case number(Int)
  case symbol(Dimension)

  init(_ dimension: Dimension) {
    if let known = dimension.known { self = .number(known) } else { self = .symbol(dimension) }
  }

  /// The number; `nil` for a symbol.
  var number: Int? {
    if case .number(let number) = self { return number }
    return nil
  }

  /// As the length of an axis; `nil` for a negative number.
  var dimension: Dimension? {
    switch self {
    case .number(let number): number >= 0 ? Dimension(number) : nil
    case .symbol(let dimension): dimension
    }
  }

  static func + (left: Length, right: Length) -> Length? {
    switch (left, right) {
    case (.number(let a), .number(let b)): checked(a.addingReportingOverflow(b))
    case (.symbol(let a), .number(let b)) where b < 0: b == .min ? nil : Length(a - Dimension(-b)).bounded
    case (.number(let a), .symbol(let b)) where a < 0: a == .min ? nil : Length(b - Dimension(-a)).bounded
    default: combined(left, right, +)
    }
  }

  static func - (left: Length, right: Length) -> Length? {
    switch (left, right) {
    case (.number(let a), .number(let b)): checked(a.subtractingReportingOverflow(b))
    case (.symbol(let a), .number(let b)) where b < 0: b == .min ? nil : Length(a + Dimension(-b)).bounded
    default: combined(left, right, -)
    }
  }

  static func * (left: Length, right: Length) -> Length? {
    if case (.number(let a), .number(let b)) = (left, right) { return checked(a.multipliedReportingOverflow(by: b)) }
    return combined(left, right, *)
  }

  /// Rounded down.
  static func / (left: Length, right: Length) -> Length? {
    if case .number(let b) = right {
      guard b > 0 else { return nil }
      if case .number(let a) = left {
        // Towards minus infinity, as the frameworks' floor division has it.
        return .number(a >= 0 ? a / b : -((-(a + 1)) / b) - 1)
      }
    }
    return combined(left, right, /)
  }

  /// Whether it is another; `nil` where that is known only when the graph runs. No length is negative.
  func equals(_ other: Length) -> Bool? {
    if self == other { return true }
    switch (self, other) {
    case (.number, .number): return false
    case (.symbol, .number(let number)), (.number(let number), .symbol): return number < 0 ? false : nil
    case (.symbol, .symbol): return nil
    }
  }

  private static func combined(
    _ left: Length, _ right: Length, _ operation: (Dimension, Dimension) -> Dimension
  ) -> Length? {
    guard let a = left.dimension, let b = right.dimension else { return nil }
    return Length(operation(a, b)).bounded
  }

  /// Itself, unless its expression is longer than any honest graph's: a short chain of sums of a length with itself is
  /// exponentially long.
  private var bounded: Length? {
    guard case .symbol(let dimension) = self else { return self }
    return dimension.complexity <= GraphAssembler.largestComplexity ? self : nil
  }

  private static func checked(_ result: (partialValue: Int, overflow: Bool)) -> Length? {
    result.overflow ? nil : .number(result.partialValue)
  }
}

extension Length: CustomStringConvertible {
  var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .symbol(let dimension): "\(dimension)"
    }
  }
}

extension Length {
  /// Numbers as a scalar or a vector of integers; `nil` when one of them is no number, or none of the type.
  static func constant(_ lengths: [Length], _ spec: TensorSpec) -> Tensor? {
    let numbers = lengths.compactMap(\.number)
    guard numbers.count == lengths.count, spec.dtype == .int64 || numbers.allSatisfy({ Int32(exactly: $0) != nil })
    else { return nil }
    return spec.shape.rank == 0 ? Tensor.full([], numbers[0], dtype: spec.dtype) : Tensor(numbers, dtype: spec.dtype)
  }
}
