import DeepSeekOperators
public import DeepSeekTensor

/// Axes joined into one: `[batch, channels, height, width]` to `[batch, channels * height * width]` by default.
public final class Flatten: Layer {
  /// The first axis to join.
  public let firstAxis: Int
  /// The last axis to join; negative counts from the end.
  public let lastAxis: Int

  /// Joins `firstAxis` to `lastAxis`.
  public init(firstAxis: Int = 1, lastAxis: Int = -1) {
    self.firstAxis = firstAxis
    self.lastAxis = lastAxis
  }

  /// The same elements with the axes joined.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.flattened(input.shape.index(of: firstAxis)...input.shape.index(of: lastAxis))
  }
}

/// One axis split into several: the inverse of ``Flatten``.
public final class Unflatten: Layer {
  /// The axis to split.
  public let axis: Int
  /// The lengths it is split into, which multiply to its own.
  public let lengths: [Int]

  /// Splits `axis` into `lengths`.
  public init(axis: Int = 1, _ lengths: [Int]) {
    self.axis = axis
    self.lengths = lengths
  }

  /// The same elements with the axis split.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    var dimensions = input.shape.dimensions
    let position = input.shape.index(of: axis)
    dimensions.replaceSubrange(position...position, with: lengths.map { Dimension($0) })
    return input.reshaped(dimensions)
  }
}
