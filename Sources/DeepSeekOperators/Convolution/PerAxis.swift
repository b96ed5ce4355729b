/// A number for each spatial axis: one for all, `2`, or one for each, `[2, 1]`.
public struct PerAxis: Sendable, Hashable, Codable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// One number for all axes, or one for each.
  public let numbers: [Int]

  /// One number for all axes, or one for each.
  public init(_ numbers: [Int]) { self.numbers = numbers }
  /// The same number for all axes.
  public init(_ number: Int) { numbers = [number] }
  /// The same number for all axes.
  public init(integerLiteral number: Int) { numbers = [number] }
  /// A number for each axis.
  public init(arrayLiteral numbers: Int...) { self.numbers = numbers }

  /// The numbers for so many axes; traps, naming what they are of, when there are others.
  public func values(_ axes: Int, _ what: String, file: StaticString = #file, line: UInt = #line) -> [Int] {
    if numbers.count == axes { return numbers }
    guard numbers.count == 1 else {
      fatalError(
        "\(what) \(numbers) for \(axes) spatial axes: one number, or one for each, is expected",
        file: file, line: line)
    }
    return Array(repeating: numbers[0], count: axes)
  }
}

/// What a window finds beyond the ends of the spatial axes.
public enum Padding: Sendable, Hashable, Codable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// Nothing: the window stays inside.
  case valid
  /// As much as makes the output's length the input's divided by the stride, rounded up; where that is odd, the high end
  /// gets one more.
  case same
  /// So much at each end of each axis.
  case both(PerAxis)
  /// So much at the low and at the high end of each axis.
  case ends(before: PerAxis, after: PerAxis)

  /// The same at every end.
  public init(integerLiteral number: Int) { self = .both(PerAxis(number)) }
  /// The same at both ends of an axis.
  public init(arrayLiteral numbers: Int...) { self = .both(PerAxis(numbers)) }
}
