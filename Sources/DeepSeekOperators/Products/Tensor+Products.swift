public import DeepSeekTensor

extension Tensor {
  /// Every element of this list times every element of another: `[m]` and `[n]` give `[m, n]`. Tensors of more axes are
  /// flattened first, as in NumPy.
  public func outer(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    flattened().expanded(1).multiplied(by: other.flattened().expanded(0), file: file, line: line)
  }

  /// The sum of products over the last axis of both: `[…, n]` and `[other…, n]` give `[…, other…]`, as NumPy's `inner`.
  public func inner(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if rank == 0 || other.rank == 0 { return multiplied(by: other, file: file, line: line) }
    return tensorDot(other, axes: ([-1], [-1]), file: file, line: line)
  }

  /// The sum of products over the last `count` axes of this and the first `count` of another.
  public func tensorDot(
    _ other: Tensor, axes count: Int = 2, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if count < 0 || count > rank || count > other.rank {
      fatalError("tensordot: \(count) axes of \(shape) and \(other.shape)", file: file, line: line)
    }
    return tensorDot(other, axes: (Array(rank - count..<rank), Array(0..<count)), file: file, line: line)
  }

  /// The sum of products over some axes of this and as many of another; the axes left of this come first in the result.
  public func tensorDot(
    _ other: Tensor, axes: ([Int], [Int]), file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let (mine, theirs) = (axes.0.map { shape.index(of: $0) }, axes.1.map { other.shape.index(of: $0) })
    let lengths = mine.map { dimension($0) }
    if lengths != theirs.map({ other.dimension($0) }) || Set(mine).count != mine.count {
      fatalError("tensordot: axes \(axes) of \(shape) and \(other.shape) do not match", file: file, line: line)
    }
    let rows = (0..<rank).filter { !mine.contains($0) }
    let columns = (0..<other.rank).filter { !theirs.contains($0) }
    let (rowLengths, columnLengths) = (rows.map { dimension($0) }, columns.map { other.dimension($0) })
    let inner = lengths.reduce(Dimension(1), *)
    let left = transposed(rows + mine).reshaped([rowLengths.reduce(Dimension(1), *), inner])
    let right = other.transposed(theirs + columns).reshaped([inner, columnLengths.reduce(Dimension(1), *)])
    return left.matmul(right, file: file, line: line).reshaped(Shape(rowLengths + columnLengths))
  }
}
