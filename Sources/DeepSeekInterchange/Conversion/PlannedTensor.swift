import DeepSeekCheckpoints
import DeepSeekTensor

/// A tensor that will be written: what it is made of, and how.
struct PlannedTensor: Sendable, Hashable {
  /// A view of one tensor of the source.
  struct Part: Sendable, Hashable {
    /// Its position among the source's.
    let place: Int
    var steps: [Step] = []
  }

  /// Changes of a view that move no elements, save that a reordered one cannot always be put under another shape.
  enum Step: Sendable, Hashable {
    case shaped([Int])
    case permuted([Int])
    case sliced(axis: Int, start: Int, count: Int)
  }

  var name: String
  /// The file group: `model`, or another of a folder of ours.
  var group: String
  var spec: TensorSpec
  var parts: [Part]
  /// The axis along which the parts are joined.
  var axis = 0

  /// Writes the elements, piece by piece; pages of the source are given back as they are done with.
  func write(
    _ tensor: (Int) throws -> Tensor, to sink: any ByteSink, progress: (Int) -> Void
  ) throws {
    let views = try parts.map { part in try part.steps.reduce(tensor(part.place)) { $1.applied(to: $0) } }
    let emit = { (bytes: UnsafeRawBufferPointer) in
      try sink.write(bytes)
      progress(bytes.count)
      MappedFile.releasePages(bytes)
    }
    if views.count == 1 || axis == 0 {
      for view in views { try view.forEachPiece(as: spec.dtype, emit) }
    } else {
      try interleaved(views, emit)
    }
    for view in views {
      MappedFile.releasePages(UnsafeRawBufferPointer(start: view.storage.pointer, count: view.storage.byteCount))
    }
  }

  /// Joins views along an axis other than the first, a few rows at a time.
  private func interleaved(_ views: [Tensor], _ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    let rows = spec.shape[0]
    guard spec.shape.elementCount > 0 else { return }
    let rowByteCount = spec.shape.elementCount / rows * spec.dtype.byteCount
    let step = max(1, Tensor.pieceByteCount / rowByteCount)
    for start in stride(from: 0, to: rows, by: step) {
      let count = min(step, rows - start)
      let block = Tensor(uninitialized: spec.dtype, spec.shape.replacing(0, with: Dimension(count)))
      var position = 0
      for view in views {
        let length = view.shape[axis]
        let target = block.layout.sliced(axis: axis, start: position, count: length, step: 1)
        let source = view.viewed(view.layout.sliced(axis: 0, start: start, count: count, step: 1))
        source.copyElements(to: block.viewed(target))
        position += length
      }
      try block.withUnsafeBytes(emit)
    }
  }
}

extension PlannedTensor.Step {
  /// The lengths after the step; `nil` when it does not fit them.
  func applied(to lengths: [Int]) -> [Int]? {
    switch self {
    case .shaped(let shape):
      guard let before = try? Shape(checking: lengths), let after = try? Shape(checking: shape) else { return nil }
      return before.elementCount == after.elementCount ? shape : nil
    case .permuted(let axes): return axes.count == lengths.count ? axes.map { lengths[$0] } : nil
    case .sliced(let axis, let start, let count):
      guard lengths.indices.contains(axis), start >= 0, count >= 0, start <= lengths[axis] - count else { return nil }
      var result = lengths
      result[axis] = count
      return result
    }
  }

  /// The view after the step, which must fit.
  func applied(to tensor: Tensor) -> Tensor {
    switch self {
    case .shaped(let lengths):
      let shape = Shape(lengths)
      if let layout = tensor.layout.reshaped(shape) { return tensor.viewed(layout) }
      return tensor.contiguous().viewed(Layout(shape))
    case .permuted(let axes): return tensor.viewed(tensor.layout.permuted(axes))
    case .sliced(let axis, let start, let count):
      return tensor.viewed(tensor.layout.sliced(axis: axis, start: start, count: count, step: 1))
    }
  }
}
