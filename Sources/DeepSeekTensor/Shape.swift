/// The lengths of a tensor's axes, outermost first.
///
/// A collection of `Int`: `shape[0]`, `shape[-1]` counted from the end, `shape == [2, 3]`. Reading a length that is a
/// symbol (while a graph is being built) traps; code that must work there reads ``dimensions`` instead.
/// At most ``maximumRank`` axes.
public struct Shape: Sendable, Hashable {
  /// The most axes a tensor can have.
  public static let maximumRank = InlineWords.capacity

  /// The number of axes; 0 for a scalar.
  public let rank: Int
  var words: InlineWords

  /// A shape of known lengths; traps when there are more than ``maximumRank`` or one is negative.
  public init(_ lengths: some Collection<Int>) {
    self.init(rank: lengths.count)
    var axis = 0
    for length in lengths {
      if length < 0 { fatalError("Shape: length \(length) of axis \(axis) is negative in \(Array(lengths))") }
      words[axis] = length
      axis += 1
    }
  }

  /// A shape whose lengths may be symbols; traps when there are more than ``maximumRank``.
  public init(_ dimensions: some Collection<Dimension>) {
    self.init(rank: dimensions.count)
    var axis = 0
    for dimension in dimensions {
      words[axis] = dimension.word
      axis += 1
    }
  }

  /// A shape whose rank has not been checked yet, from a file or a request.
  public init(checking lengths: [Int]) throws {
    guard lengths.count <= Shape.maximumRank else {
      throw OperatorError("Shape", "\(lengths.count) axes; at most \(Shape.maximumRank) are supported")
    }
    var total = 1
    for length in lengths {
      let (product, overflow) = total.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { throw OperatorError("Shape", "\(lengths) is not a possible shape") }
      total = product
    }
    self.init(lengths)
  }

  init(rank: Int) {
    if rank > Shape.maximumRank {
      fatalError("Shape: \(rank) axes; at most \(Shape.maximumRank) are supported")
    }
    self.rank = rank
    words = InlineWords()
  }

  /// Whether every length is a number.
  public var isKnown: Bool {
    for axis in 0..<rank where words[axis] < 0 { return false }
    return true
  }

  /// The product of all lengths: 1 for a scalar. Traps on a symbol.
  public var elementCount: Int {
    var total = 1
    for axis in 0..<rank { total *= self[axis] }
    return total
  }

  /// The lengths, each a number or a symbol.
  public var dimensions: [Dimension] {
    (0..<rank).map { Dimension(word: words[$0]) }
  }

  /// The length of an axis, a number or a symbol; a negative axis counts from the end.
  public func dimension(_ axis: Int) -> Dimension {
    Dimension(word: words[index(of: axis)])
  }

  /// The product of the lengths of some axes.
  public func product(_ axes: Range<Int>) -> Dimension {
    axes.reduce(1) { $0 * dimension($1) }
  }

  /// The shape with its symbols replaced by their values.
  public func resolved(_ bindings: [Dimension: Int]) -> Shape {
    isKnown ? self : Shape(dimensions.map { $0.resolved(bindings) })
  }

  /// `axis`, counted from the start; traps when there is no such axis.
  public func index(of axis: Int) -> Int {
    let index = axis < 0 ? axis + rank : axis
    if index < 0 || index >= rank { fatalError("Shape: axis \(axis) is outside \(self), which has rank \(rank)") }
    return index
  }

  /// `axis`, counted from the start.
  public func checkedIndex(of axis: Int, in operation: String) throws -> Int {
    let index = axis < 0 ? axis + rank : axis
    guard index >= 0 && index < rank else {
      throw OperatorError(operation, "axis \(axis) is outside shape \(self)")
    }
    return index
  }

  /// The shape with one length replaced.
  public func replacing(_ axis: Int, with dimension: Dimension) -> Shape {
    var result = self
    result.words[index(of: axis)] = dimension.word
    return result
  }

  /// The shape without one axis.
  public func removing(_ axis: Int) -> Shape {
    let removed = index(of: axis)
    var result = Shape(rank: rank - 1)
    for source in 0..<rank where source != removed {
      result.words[source < removed ? source : source - 1] = words[source]
    }
    return result
  }

  /// Two shapes are equal when their lengths are, symbols included.
  public static func == (left: Shape, right: Shape) -> Bool {
    left.rank == right.rank && left.words.equals(right.words, count: left.rank)
  }

  /// Hashes the lengths.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    for axis in 0..<rank { hasher.combine(words[axis]) }
  }
}

extension Shape: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { 0 }
  /// The rank.
  public var endIndex: Int { rank }

  /// The length of an axis; a negative axis counts from the end. Traps on a symbol and on a missing axis.
  public subscript(axis: Int) -> Int {
    @inline(__always) get {
      let word = words[axis >= 0 && axis < rank ? axis : index(of: axis)]
      if word < 0 { return Dimension(word: word).value }
      return word
    }
  }
}

extension Shape: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// A shape of known lengths.
  public init(arrayLiteral lengths: Int...) {
    self.init(lengths)
  }

  /// The lengths in brackets: `[2, 3]`, `[batch, 128]`.
  public var description: String {
    "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
  }
}

extension Shape {
  /// The shape that both broadcast to, by NumPy's rules: aligned at the last axis, a length of 1 stretches.
  public static func broadcast(_ a: Shape, _ b: Shape, in operation: String) throws -> Shape {
    if a == b { return a }
    var result = Shape(rank: Swift.max(a.rank, b.rank))
    for position in 1...result.rank {
      let left = position <= a.rank ? a.words[a.rank - position] : 1
      let right = position <= b.rank ? b.words[b.rank - position] : 1
      let length: Int
      if left == right || right == 1 {
        length = left
      } else if left == 1 {
        length = right
      } else if left < 0 && right > 1 {
        length = right  // a symbol against a number: it must turn out to be that number
      } else if right < 0 && left > 1 {
        length = left
      } else {
        throw OperatorError(
          operation,
          "shapes \(a) and \(b) do not broadcast: axis -\(position) is \(Dimension(word: left)) and "
            + "\(Dimension(word: right)), which must be equal or 1")
      }
      result.words[result.rank - position] = length
    }
    return result
  }
}
