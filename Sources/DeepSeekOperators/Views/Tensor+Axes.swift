public import DeepSeekTensor

extension Tensor {
  /// One axis in another place, the others in their order: a view.
  public func movedAxis(
    _ source: Int, to destination: Int, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    var order = Array(0..<rank)
    order.insert(order.remove(at: shape.index(of: source)), at: shape.index(of: destination))
    return transposed(order, file: file, line: line)
  }

  /// The entries of an axis, each without it, as views: the inverse of ``stack(_:axis:file:line:)``.
  public func unstacked(axis: Int = 0, file: StaticString = #file, line: UInt = #line) -> [Tensor] {
    (0..<shape[axis]).map { selected(axis, $0, file: file, line: line) }
  }

  /// The coordinates of a grid: for each of the vectors its elements along an axis of its own, stretched over the other
  /// axes, as `torch.meshgrid(…, indexing="ij")`.
  public static func meshGrid(_ vectors: [Tensor], file: StaticString = #file, line: UInt = #line) -> [Tensor] {
    let whole = Shape(vectors.map { $0.dimension(0) })
    return vectors.enumerated().map { axis, vector in
      if vector.rank != 1 { fatalError("mesh_grid: \(vector.shape); vectors are expected", file: file, line: line) }
      var lengths = Array(repeating: Dimension(1), count: vectors.count)
      lengths[axis] = vector.dimension(0)
      return vector.reshaped(Shape(lengths)).broadcast(to: whole, file: file, line: line)
    }
  }

  /// Each element less the one before it along an axis, which is shorter by one.
  public func difference(axis: Int = -1, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let count = shape[axis]
    if count == 0 { return self }
    return sliced(axis, 1..<count, file: file, line: line) - sliced(axis, 0..<count - 1, file: file, line: line)
  }
}
