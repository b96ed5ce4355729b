/// A set of small indices, such as some of an operator's inputs; indices 0 to 63, and all beyond as one.
public struct IndexSet64: Sendable, Hashable, ExpressibleByArrayLiteral {
  private var bits: UInt64 = 0

  /// The empty set.
  public init() {}

  /// The set of these indices.
  public init(arrayLiteral indices: Int...) {
    for index in indices { insert(index) }
  }

  /// Every index.
  public static let all: IndexSet64 = {
    var set = IndexSet64()
    set.bits = .max
    return set
  }()

  /// Adds an index.
  public mutating func insert(_ index: Int) { bits |= 1 << UInt64(Swift.min(index, 63)) }

  /// Whether `index` is in the set.
  @inline(__always)
  public func contains(_ index: Int) -> Bool { bits & (1 << UInt64(Swift.min(index, 63))) != 0 }

  /// Whether it has no index.
  public var isEmpty: Bool { bits == 0 }

  /// The indices in either set.
  public func union(_ other: IndexSet64) -> IndexSet64 {
    var result = self
    result.bits |= other.bits
    return result
  }
}
