public import DeepSeekTensor

/// What stands at one place of a subscript: `x[0, 1..<3, .ellipsis, .newAxis, mask]`.
///
/// Integers, Swift's ranges (ends counted from the back when negative), tensors of indices, `bool` masks, and the values
/// below. Slices are cut to the axis as NumPy's are; a single index outside the axis traps.
public enum TensorIndex: Sendable {
  /// One index, whose axis disappears.
  case index(Int)
  /// Every `step`-th index from `start` up to, without it, `stop`; `nil` for the end that the step runs from or to.
  case slice(start: Int?, stop: Int?, step: Int)
  /// As many whole axes as are left over.
  case wholeAxes
  /// A new axis of length 1.
  case insertedAxis
  /// Indices, or a mask over as many axes as it has.
  case tensor(Tensor)
}

/// A type whose values may stand in a tensor's subscript.
public protocol TensorIndexing {
  /// The value as an index.
  var tensorIndex: TensorIndex { get }
}

extension TensorIndex: TensorIndexing {
  /// Itself.
  public var tensorIndex: TensorIndex { self }
}

extension TensorIndexing where Self == TensorIndex {
  /// As many whole axes as are left over; NumPy's `...`.
  public static var ellipsis: TensorIndex { .wholeAxes }
  /// A new axis of length 1; NumPy's `newaxis`.
  public static var newAxis: TensorIndex { .insertedAxis }
  /// A whole axis; NumPy's `:`.
  public static var all: TensorIndex { .slice(start: nil, stop: nil, step: 1) }
  /// Every `step`-th index from `start` up to, without it, `stop`; NumPy's `start:stop:step`. Negative ends count from the
  /// back, a negative step runs backwards.
  public static func range(_ start: Int? = nil, _ stop: Int? = nil, by step: Int = 1) -> TensorIndex {
    .slice(start: start, stop: stop, step: step)
  }
}

extension Int: TensorIndexing {
  /// One index.
  public var tensorIndex: TensorIndex { .index(self) }
}

extension Range: TensorIndexing where Bound == Int {
  /// The indices of the range.
  public var tensorIndex: TensorIndex { .slice(start: lowerBound, stop: upperBound, step: 1) }
}

extension ClosedRange: TensorIndexing where Bound == Int {
  /// The indices of the range.
  public var tensorIndex: TensorIndex { .slice(start: lowerBound, stop: TensorIndex.behind(upperBound), step: 1) }
}

extension PartialRangeFrom: TensorIndexing where Bound == Int {
  /// From an index to the end.
  public var tensorIndex: TensorIndex { .slice(start: lowerBound, stop: nil, step: 1) }
}

extension PartialRangeUpTo: TensorIndexing where Bound == Int {
  /// From the start to, without it, an index.
  public var tensorIndex: TensorIndex { .slice(start: nil, stop: upperBound, step: 1) }
}

extension PartialRangeThrough: TensorIndexing where Bound == Int {
  /// From the start through an index.
  public var tensorIndex: TensorIndex { .slice(start: nil, stop: TensorIndex.behind(upperBound), step: 1) }
}

extension Tensor: TensorIndexing {
  /// Indices, or a mask.
  public var tensorIndex: TensorIndex { .tensor(self) }
}

extension Array: TensorIndexing where Element == Int {
  /// A list of indices.
  public var tensorIndex: TensorIndex { .tensor(Tensor([count], self)) }
}

extension TensorIndex {
  /// The index behind one that may count from the back: there is none behind the last.
  static func behind(_ last: Int) -> Int? { last == -1 ? nil : last + 1 }

  /// The extent of a slice in an axis, its ends cut to the axis as NumPy and Python cut them.
  static func extent(axis: Int, length: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> SliceOperator.Extent {
    let (lowest, highest) = step > 0 ? (0, length) : (-1, length - 1)
    func place(_ end: Int?, or otherwise: Int) -> Int {
      guard let end else { return otherwise }
      return Swift.min(Swift.max(end < 0 ? end + length : end, lowest), highest)
    }
    let first = place(start, or: step > 0 ? 0 : length - 1)
    let last = place(stop, or: step > 0 ? length : -1)
    let distance = step > 0 ? last - first : first - last
    let count = distance <= 0 ? 0 : (distance - 1) / Swift.abs(step) + 1
    return SliceOperator.Extent(
      axis: axis, start: Dimension(count == 0 ? 0 : first), count: Dimension(count), step: step)
  }
}
