import DeepSeekTensor

/// Where the windows of a pooling are.
public enum PoolPlaces: Sendable, Hashable, Codable {
  /// A sliding window. With `ceiling`, a last window that is not whole counts as long as it begins inside the input or its
  /// low padding.
  case windows(Window, ceiling: Bool)
  /// Windows that split each axis of n elements evenly into m: place i covers ⌊i n / m⌋ up to, excluded, ⌈(i + 1) n / m⌉.
  case adaptive([Int])

  /// The shape of the result for an input `[batch, channels, spatial…]`.
  func outputShape(_ shape: Shape, in operation: String) throws -> Shape {
    var lengths = Array(shape.dimensions.prefix(2))
    switch self {
    case .windows(let window, let ceiling):
      try window.validate(rank: shape.rank, in: operation)
      if window.isMostlyPadding {
        throw OperatorError(
          operation, "padding \(window.before) and \(window.after) is more than half of the window \(window.kernel)")
      }
      for axis in 0..<window.spatial {
        lengths.append(try window.places(axis, shape.dimension(axis + 2), ceiling: ceiling, in: operation))
      }
    case .adaptive(let size):
      guard (1...3).contains(size.count), shape.rank == size.count + 2, size.allSatisfy({ $0 >= 1 }) else {
        throw OperatorError(
          operation,
          "sizes \(size) for input \(shape); [batch, channels, spatial…] and a size of at least 1 for each "
            + "spatial axis are expected")
      }
      for axis in size.indices where shape.dimension(axis + 2) == 0 {
        throw OperatorError(operation, "spatial axis \(axis) of \(shape) has no elements")
      }
      lengths += size.map { Dimension($0) }
    }
    return Shape(lengths)
  }
}
