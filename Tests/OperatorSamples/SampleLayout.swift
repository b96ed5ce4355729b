public import DeepSeekTensor

/// Ways in which the same elements can lie in memory.
public enum SampleLayout: String, Sendable, CaseIterable {
  /// Row-major, without gaps.
  case contiguous
  /// The last axis outermost.
  case transposed
  /// With a gap after each element and before the first.
  case spaced
  /// Every axis running backwards.
  case reversed

  /// The same tensor laid out this way; what lies between the elements is NaN or -1.
  public func arranged(_ tensor: Tensor) -> Tensor {
    let shape = tensor.shape
    let count = tensor.elementCount
    let dense = Layout(shape)
    let layout: Layout
    switch self {
    case .contiguous: return tensor
    case .transposed: layout = Layout(Shape(shape.reversed())).permuted(Array((0..<shape.rank).reversed()))
    case .spaced: layout = Layout(shape, strides: dense.strides.map { $0 * 2 }, offset: 1)
    case .reversed: layout = Layout(shape, strides: dense.strides.map { -$0 }, offset: Swift.max(count - 1, 0))
    }
    let storage = Storage(byteCount: (2 * count + 2) * tensor.dtype.byteCount)
    storage.pointer.initializeMemory(as: UInt8.self, repeating: 0xFF, count: storage.byteCount)
    let result = Tensor(storage: storage, dtype: tensor.dtype, layout: layout)
    tensor.copyElements(to: result)
    return result
  }
}
