public import DeepSeekTensor

extension Tensor {
  /// The tensor laid side by side `counts` times along each axis, as NumPy's `tile`: with fewer counts than axes the last
  /// axes are meant, with more, axes of length 1 are put in front.
  public func tiled(_ counts: [Int], file: StaticString = #file, line: UInt = #line) -> Tensor {
    if let wrong = counts.first(where: { $0 < 0 }) {
      fatalError("tile: count \(wrong) is negative", file: file, line: line)
    }
    let wide = Swift.max(rank, counts.count)
    let lengths = Array(repeating: Dimension(1), count: wide - rank) + shape.dimensions
    let repeats = (Array(repeating: 1, count: wide - counts.count) + counts).map { Dimension($0) }
    var result = reshaped(Shape(lengths), file: file, line: line)
    // One axis at a time, so that a tensor of full rank needs no more than one axis beside its own.
    for axis in 0..<wide where repeats[axis] != 1 {
      result = result.repeatedBlock(axis, repeats[axis], file: file, line: line)
    }
    return result
  }

  private func repeatedBlock(_ axis: Int, _ count: Dimension, file: StaticString, line: UInt) -> Tensor {
    let (outer, inner) = (shape.product(0..<axis), shape.product(axis..<rank))
    let blocks = reshaped([outer, 1, inner], file: file, line: line).broadcast(to: Shape([outer, count, inner]))
    return blocks.reshaped(shape.replacing(axis, with: count * dimension(axis)), file: file, line: line)
  }

  /// Each entry of an axis `count` times in a row, as NumPy's `repeat`; of the flattened tensor when no axis is given.
  public func repeated(
    _ count: Int, axis: Int? = nil, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    guard let axis else { return flattened().repeated(count, axis: 0, file: file, line: line) }
    if count < 0 { fatalError("repeat: count \(count) is negative", file: file, line: line) }
    let position = shape.index(of: axis)
    let (outer, inner) = (shape.product(0..<position + 1), shape.product(position + 1..<rank))
    let entries = reshaped([outer, 1, inner], file: file, line: line)
      .broadcast(to: Shape([outer, Dimension(count), inner]))
    return entries.reshaped(
      shape.replacing(position, with: dimension(position) * Dimension(count)), file: file, line: line)
  }

  /// The order along one axis reversed, as a view.
  public func flipped(_ axis: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    flipped([axis], file: file, line: line)
  }
}
