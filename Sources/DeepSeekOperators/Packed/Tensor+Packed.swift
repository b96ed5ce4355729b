public import DeepSeekTensor

/// Sequences of any lengths that lie one behind another: rows `offsets[s]..<offsets[s + 1]` are sequence `s`.
extension Tensor {
  /// The places `0..<count` of an axis, `int64[count]`, where `count` may be a symbol of the graph that `offsets` are in.
  private static func places(_ count: Dimension, _ offsets: Tensor) -> Tensor {
    let one = offsets.sliced(0, 0..<1).cast(to: .int64) * 0 + 1
    return one.broadcast(to: Shape([count])).cumulativeSum(axis: 0) - 1
  }

  /// The number of each row's sequence, `int64[rows]`.
  static func segments(_ rows: Dimension, offsets: Tensor) -> Tensor {
    let ends = offsets.sliced(0, start: 1, count: offsets.dimension(0) - 1).cast(to: .int64)
    return places(rows, offsets).expanded(1).greaterOrEqual(to: ends).cast(to: .int64).sum(axis: 1)
  }

  /// Whether a row belongs to a sequence, `bool[sequences, rows]`, for this tensor of `rows` rows and `int32[sequences + 1]`
  /// offsets.
  ///
  /// A sum over each sequence is a product with it, whose cost is small beside that of a model's layers.
  public func membership(offsets: Tensor) -> Tensor {
    let count = offsets.dimension(0) - 1
    let borders = offsets.cast(to: .int64)
    let places = Tensor.places(dimension(0), offsets).expanded(0)
    return places.greaterOrEqual(to: borders.sliced(0, count: count).expanded(1))
      .logicalAnd(places.less(than: borders.sliced(0, start: 1, count: count).expanded(1)))
  }

  /// The first row of each sequence, `[sequences, …]`, of this tensor `[rows, …]`. No sequence may be empty.
  public func firstRows(offsets: Tensor) -> Tensor {
    indexSelect(axis: 0, offsets.sliced(0, count: offsets.dimension(0) - 1).cast(to: .int64))
  }
}
