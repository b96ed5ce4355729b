import DeepSeekTensor

/// A subscript taken apart: what slices cut, which axes tensors index, and where the results' axes go.
struct IndexPlan {
  /// What single indices and slices cut out of the axes; a single index leaves length 1.
  private(set) var extents: [SliceOperator.Extent] = []
  /// What becomes of each axis of the cut tensor, with new axes among them.
  private(set) var places: [Place] = []
  private let file: StaticString
  private let line: UInt

  enum Place {
    /// The axis stays.
    case kept
    /// The axis, of length 1, disappears.
    case dropped
    /// A new axis of length 1.
    case inserted
    /// The axis is indexed by a tensor.
    case indexed(Tensor)
  }

  /// Whether a tensor indexes an axis.
  var isAdvanced: Bool {
    places.contains { if case .indexed = $0 { true } else { false } }
  }

  init(_ indices: [TensorIndex], of tensor: Tensor, file: StaticString, line: UInt) {
    self.file = file
    self.line = line
    let shape = tensor.shape
    var used = 0
    var ellipses = 0
    for index in indices {
      switch index {
      case .index, .slice: used += 1
      case .tensor(let mask) where mask.dtype == .bool: used += mask.rank
      case .tensor: used += 1
      case .wholeAxes: ellipses += 1
      case .insertedAxis: break
      }
    }
    if ellipses > 1 { fatalError("subscript: more than one ellipsis", file: file, line: line) }
    if used > shape.rank { fatalError("subscript: \(used) indices for \(shape)", file: file, line: line) }
    var axis = 0
    for index in indices + (ellipses == 0 ? [.wholeAxes] : []) {
      append(index, &axis, shape, spare: shape.rank - used)
    }
    // Beside tensors, a single index is one more tensor: it takes part in their broadcast, as in NumPy.
    if isAdvanced { joinSingleIndices() }
  }

  private mutating func append(_ index: TensorIndex, _ axis: inout Int, _ shape: Shape, spare: Int) {
    switch index {
    case .wholeAxes:
      places += Array(repeating: .kept, count: spare)
      axis += spare
    case .insertedAxis: places.append(.inserted)
    case .index(let position):
      let length = shape[axis]
      let start = position < 0 ? position + length : position
      if start < 0 || start >= length {
        fatalError("subscript: index \(position) is outside axis \(axis) of \(shape)", file: file, line: line)
      }
      extents.append(SliceOperator.Extent(axis: axis, start: Dimension(start), count: 1))
      places.append(.dropped)
      axis += 1
    case .slice(let start, let stop, let step):
      if step == 0 { fatalError("subscript: a step of 0", file: file, line: line) }
      if start != nil || stop != nil || step != 1 {
        extents.append(TensorIndex.extent(axis: axis, length: shape[axis], start, stop, step))
      }
      places.append(.kept)
      axis += 1
    case .tensor(let mask) where mask.dtype == .bool:
      expectMaskFits(mask, shape, axis)
      let rows = mask.nonzero(file: file, line: line)
      for column in 0..<mask.rank { places.append(.indexed(rows.selected(1, column))) }
      axis += mask.rank
    case .tensor(let positions):
      if !positions.dtype.isInteger {
        fatalError(
          "subscript: an index tensor is \(positions.spec); an integer type or bool is expected", file: file, line: line
        )
      }
      places.append(.indexed(positions))
      axis += 1
    }
  }

  private func expectMaskFits(_ mask: Tensor, _ shape: Shape, _ axis: Int) {
    for offset in 0..<mask.rank where mask.shape[offset] != shape[axis + offset] {
      fatalError(
        "subscript: a mask \(mask.shape) at axis \(axis) of \(shape); the lengths must be equal", file: file, line: line
      )
    }
    if mask.rank == 0 { fatalError("subscript: a mask without axes; use `Tensor.select`", file: file, line: line) }
  }

  private mutating func joinSingleIndices() {
    let zero = Tensor([], [Int64(0)])
    places = places.map { if case .dropped = $0 { .indexed(zero) } else { $0 } }
  }

  /// The tensor with slices cut and single indices taken; axes that tensors index are still whole.
  func cut(_ tensor: Tensor) -> Tensor {
    extents.isEmpty ? tensor : apply(SliceOperator(extents), tensor, file: file, line: line)
  }

  /// The cut tensor with axes dropped and inserted: the result of a subscript without tensors.
  func arranged(_ tensor: Tensor) -> Tensor {
    var lengths: [Dimension] = []
    var axis = 0
    for place in places {
      switch place {
      case .inserted: lengths.append(1)
      case .dropped: axis += 1
      case .kept, .indexed:
        lengths.append(tensor.dimension(axis))
        axis += 1
      }
    }
    return tensor.reshaped(Shape(lengths), file: file, line: line)
  }

  /// The elements that the tensors name: their broadcast axes stand where the first of them stood when they are neighbours,
  /// else in front, as in NumPy.
  func gathered(_ cut: Tensor) -> Tensor {
    let source = arranged(cut)
    var tensors: [Tensor] = []
    var indexedAxes: [Int] = []
    for (axis, place) in places.enumerated() {
      guard case .indexed(let tensor) = place else { continue }
      tensors.append(tensor.cast(to: .int64))
      indexedAxes.append(axis)
    }
    let keptAxes = (0..<source.rank).filter { !indexedAxes.contains($0) }
    let areNeighbours = indexedAxes.last! - indexedAxes[0] == indexedAxes.count - 1
    let result = picked(source.transposed(indexedAxes + keptAxes), tensors)
    let width = result.rank - keptAxes.count
    guard areNeighbours, indexedAxes[0] > 0 else { return result }
    let before = indexedAxes[0]
    let order = Array(width..<width + before) + Array(0..<width) + Array(width + before..<result.rank)
    return result.transposed(order)
  }

  private func picked(_ source: Tensor, _ tensors: [Tensor]) -> Tensor {
    if tensors.count == 1 { return source.take(tensors[0], axis: 0, file: file, line: line) }
    var shape: Shape = []
    do {
      for tensor in tensors { shape = try Shape.broadcast(shape, tensor.shape, in: "subscript") }
    } catch {
      fatalError("\(error)", file: file, line: line)
    }
    let rows = Tensor.stack(tensors.map { $0.broadcast(to: shape) }, axis: -1)
    return source.gatherND(rows, file: file, line: line)
  }
}
